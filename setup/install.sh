#!/usr/bin/env bash
# Installs the semtest binary of a release and puts it on the PATH of the job's next steps. Its inputs
# are the variables that action.yml sets. Nothing is installed unless the checksum is right.
# Runs in the bash 3.2 of macOS, too.
set -euo pipefail
export LC_ALL=C

repository=westopp/semtest

# Out of the environment: only the GitHub CLI gets it.
token=${GH_TOKEN:-}
unset GH_TOKEN

# Never with a value in it: the runner would read a command in there.
fail() {
  printf '::error title=semtest setup::%s\n' "$1"
  exit 1
}

version=${SEMTEST_VERSION:-}
[[ $version =~ ^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$ ]] ||
  fail 'The input "version" must be three numbers, such as 0.1.0.'

# Without TLS only to this very machine, where the tests have their server.
server=${SEMTEST_SERVER:-https://github.com}
server=${server%/}
if [[ $server =~ ^https://[A-Za-z0-9.-]+(:[0-9]+)?$ ]]; then
  protocol='=https'
elif [[ $server =~ ^http://127\.0\.0\.1:[0-9]+$ ]]; then
  protocol='=http'
else
  fail 'The input "server" must be an address such as https://github.com.'
fi

case "${RUNNER_OS:-}/${RUNNER_ARCH:-}" in
  Linux/X64) target=x86_64-unknown-linux-musl ;;
  Linux/ARM64) target=aarch64-unknown-linux-musl ;;
  macOS/X64) target=x86_64-apple-darwin ;;
  macOS/ARM64) target=aarch64-apple-darwin ;;
  Windows/*) fail 'There is no semtest for Windows. Use a runner with Linux or macOS.' ;;
  *) fail 'There is no semtest for this platform. There is one for Linux and macOS, on X64 and ARM64.' ;;
esac

if [ -z "${RUNNER_TEMP:-}" ] || [ -z "${GITHUB_PATH:-}" ]; then
  fail 'This script is for a step of GitHub Actions: RUNNER_TEMP and GITHUB_PATH must be set.'
fi

for program in awk curl tar; do
  command -v "$program" > /dev/null || fail "This runner has no $program, which the installation needs."
done
if command -v sha256sum > /dev/null; then
  digest=(sha256sum)
elif command -v shasum > /dev/null; then
  digest=(shasum -a 256)
else
  fail 'This runner has neither sha256sum nor shasum, so the binary could not be checked.'
fi

directory=${SEMTEST_DIRECTORY:-$RUNNER_TEMP/semtest-setup}
# A line break would be one more entry of PATH, a colon another.
case $directory in
  *[[:cntrl:]]* | *:*) fail 'The input "directory" must not contain line breaks or colons.' ;;
esac

work=$(mktemp -d "$RUNNER_TEMP/semtest.XXXXXX")
trap 'rm -rf "$work"' EXIT

asset=semtest-$target.tar.gz
release=$server/$repository/releases/download/v$version

download() {
  curl --fail --silent --show-error --location --proto "$protocol" --proto-redir "$protocol" \
    --connect-timeout 20 --max-time 300 --max-filesize 200000000 --retry 3 \
    --output "$work/$1" "$release/$1" ||
    fail "$1 of release $version could not be downloaded. Is there such a release, and is the server reachable?"
}

download SHA256SUMS
download "$asset"

expected=$(awk -v name="$asset" '$2 == name || $2 == "*" name { print $1 }' "$work/SHA256SUMS")
[[ $expected =~ ^[0-9a-f]{64}$ ]] ||
  fail "SHA256SUMS of release $version has no checksum of $asset."
actual=$("${digest[@]}" < "$work/$asset" | cut -d ' ' -f 1)
[ "$actual" = "$expected" ] ||
  fail "$asset is not what SHA256SUMS of release $version says. Nothing was installed."

# Checksums tell that the file is whole; the attestation tells that the release workflow of this
# repository built it. A mirror has none.
# The help is read to its end: a program that writes into a closed pipe ends, which would look like one that
# can't.
help=$(gh attestation verify --help 2>&1) || help=
if [ "$server" != https://github.com ]; then
  printf 'Not asked who built it: the releases are not those of github.com.\n'
elif [ -z "$token" ] || [ "${GITHUB_SERVER_URL:-}" != https://github.com ]; then
  printf 'Not asked who built it: there is no token for github.com.\n'
elif [[ $help != *--source-ref* ]]; then
  printf 'Not asked who built it: there is no GitHub CLI that can.\n'
else
  GH_TOKEN=$token gh attestation verify "$work/$asset" --repo "$repository" \
    --signer-workflow "$repository/.github/workflows/release.yml" --source-ref "refs/tags/v$version" ||
    fail "$asset was not built by the release workflow of $repository. Nothing was installed."
fi

tar -xzf "$work/$asset" -C "$work" semtest || fail "$asset holds no semtest."
found=$("$work/semtest" --version) || fail "The semtest of release $version does not run here."
[ "$found" = "semtest $version" ] || fail "The semtest of release $version says that it is another version."

mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
# Not written over: a program that runs can't be written to, and half of one must never be found.
cp "$work/semtest" "$directory/semtest.new"
chmod 755 "$directory/semtest.new"
mv -f "$directory/semtest.new" "$directory/semtest"

printf '%s\n' "$directory" >> "$GITHUB_PATH"
printf 'path=%s\n' "$directory/semtest" >> "${GITHUB_OUTPUT:-/dev/null}"
printf 'semtest %s is installed.\n' "$version"
