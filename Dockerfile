# The image of semtest: `docker build .` compiles it, `--build-arg BINARY=prebuilt` takes what
# `.ci/static` has laid into dist/. (Podman 4 wants to be told `--build-arg BINARY=built`, too.)
# Base images are pinned by digest (docs/releasing.md tells how they are raised); others, such as mirrors of one's
# own, can be given as build arguments.
#
# No LLM CLI is inside: some licences forbid it. For an image of one's own with some:
#
#     docker build --build-arg AGENTS="claude-code codex" --tag our-semtest .

ARG BASE=debian:bookworm-slim@sha256:88200866dfff7ea7f5cbcb6ec7c8a701889efe6fe859fe64d6990e4b07ea4171
ARG NODE=node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
ARG RUST=rust:1.95.0-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082
ARG BINARY=built

FROM ${RUST} AS built
WORKDIR /source
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY .ci/static .ci/
COPY benches benches
COPY src src
RUN .ci/static && mv dist/semtest-* /semtest

FROM scratch AS prebuilt
ARG TARGETARCH
COPY dist/semtest-${TARGETARCH} /semtest

FROM ${BINARY} AS binary

FROM ${NODE} AS node

FROM ${BASE}
LABEL org.opencontainers.image.title="semtest" \
  org.opencontainers.image.description="Judges statements in plain language about your code with an LLM coding CLI" \
  org.opencontainers.image.source="https://github.com/westopp/semtest" \
  org.opencontainers.image.licenses="MIT"

# procps: Jenkins asks `docker top` and `ps` whether a container lives. Away again with what serves git to
# others, and with Perl's headers and tables for Asian encodings: a tenth of the image. No program needs its
# setuid bit, and an agent must not have one to try.
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends bash ca-certificates git procps \
  && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /usr/share/doc/* /usr/share/man/* \
  && cd /usr/lib/git-core && ln -sf ../../bin/git git \
  && rm -f git-daemon git-http-backend git-http-push git-imap-send git-shell scalar /usr/bin/git-shell /usr/bin/scalar \
  && cd /usr/lib/*-linux-gnu/perl/5* && rm -rf CORE auto/Encode/CN auto/Encode/JP auto/Encode/KR auto/Encode/TW \
  && find / -xdev -type f -perm /6000 -exec chmod a-s {} +

# Most LLM CLIs are Node programs, which npm installs.
COPY --from=node /usr/local/bin/node /usr/local/bin/
COPY --from=node /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
  && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx

COPY --from=binary /semtest /usr/local/bin/semtest

# `semtest/bin` comes last, so that a job's own programs win. The variable tells semtest that the checkout
# may well be another user's, for git.
ENV LANG=C.UTF-8 \
  SEMTEST_CONTAINER=1 \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/semtest/bin

# Names of CLIs, with versions if not the tested ones: `claude-code@2.1.328 codex`.
ARG AGENTS=""
RUN if [ -n "$AGENTS" ]; then \
    semtest install $AGENTS --directory /opt/semtest && chmod -R a+rX /opt/semtest; \
  fi

# No USER: GitHub needs root in a container action, and semtest gives it up by itself. Any other works.
ENTRYPOINT ["semtest", "entrypoint"]
CMD ["--help"]
