//! An npm for tests: a shell script that refuses every argument and every variable that it does not
//! expect, and lays the files that npm would lay.

use semtest::evaluate::{Tool, tools};

use crate::sandbox::{Sandbox, fake_agent};

/// The npm of a sandbox, with a Node that runs only scripts of packages.
pub(super) struct FakeNpm<'sandbox>(&'sandbox Sandbox);

/// What npm sees in a sandbox where nothing else is set that it may see.
const VARIABLES: &str = "HOME PATH TMPDIR";

pub(super) fn package_of(tool: &str) -> &'static str {
    let mut rows = tools().iter();
    rows.find(|row| row.key == tool)
        .unwrap()
        .package
        .unwrap()
        .name
}

impl<'sandbox> FakeNpm<'sandbox> {
    pub(super) fn lay(sandbox: &'sandbox Sandbox) -> Self {
        sandbox.install_script("npm", &script("", VARIABLES));
        let node = "#!/bin/sh\n[ $# -eq 1 ] && case $1 in\n\
            $PWD/install.cjs | $PWD/postinstall.mjs) : > \"$PWD/set-up-by-${1##*/}\" ;;\n\
            *) echo \"node has no business with $*\" >&2; exit 1 ;;\nesac\n";
        sandbox.install_script("node", node);
        Self(sandbox)
    }

    /// It sees these, too.
    pub(super) fn sees(self, variables: &str) -> Self {
        self.0.install_script("npm", &script("", variables));
        self
    }

    /// What it calls the newest version.
    pub(super) fn newest(self, version: &str) -> Self {
        let view = format!(
            "if [ \"$1\" = view ]; then\n  [ \"$*\" = 'view --no-update-notifier --loglevel=error -- \
             @qwen-code/qwen-code@latest version' ] || refuse \"arguments $*\"\n  echo '{version}'\n  \
             exit\nfi\n"
        );
        self.0.install_script("npm", &script(&view, VARIABLES));
        self
    }

    /// It has written most when it ends.
    pub(super) fn breaks_off(self) -> Self {
        let script =
            script("", VARIABLES).replace("# end\n", "echo 'npm error disk is full' >&2; exit 1\n");
        self.0.install_script("npm", &script);
        self
    }
}

fn script(before: &str, variables: &str) -> String {
    let row = |tool: &Tool| {
        let package = tool.package?.name;
        Some(format!("  {package}) program={} ;;\n", tool.binary))
    };
    let programs: String = tools().iter().filter_map(row).collect();
    let agent = fake_agent();
    let agent = agent.display();
    format!(
        r#"#!/bin/sh
set -eu
refuse() {{ echo "npm error code EFAKE" >&2; echo "npm error unexpected $*" >&2; exit 1; }}
names=$(tr '\0' '\n' < /proc/$$/environ | cut -d= -f1 | sort | tr '\n' ' ')
[ "$names" = "{variables} " ] || refuse "environment $names"
[ -z "$(ls -A "$HOME")" ] || refuse "HOME with $(ls -A "$HOME")"
{before}[ $# -eq 11 ] || refuse "arguments $*"
[ "$1 $3 $4 $5 $6 $7 $8 $9" = "install --save-exact --ignore-scripts --no-audit --no-fund --no-update-notifier --no-progress --loglevel=error" ] || refuse "arguments $*"
shift 9
[ "$1" = -- ] || refuse "arguments $*"
tree=$PWD
[ -z "$(ls -A)" ] || refuse "files"
name=${{2%@*}}
version=${{2##*@}}
case $name in
{programs}  *) refuse "package $2" ;;
esac
package=$tree/node_modules/$name
mkdir -p "$package" "$tree/node_modules/.bin"
printf '{{"name": "%s", "version": "%s"}}' "$name" "$version" > "$package/package.json"
# end
cat > "$package/program" <<END
#!/bin/sh
case $name in
  @anthropic-ai/*) ls "\$(dirname "\$(realpath "\$0")")" | grep -q set-up-by || {{ echo 'no native program here' >&2; exit 1; }} ;;
esac
if [ "\$1" = --version ]; then echo $version; exit; fi
# A judge that would change the next one's program.
echo 'echo tampered' >> "\$0" 2> /dev/null
rm -rf "$package" "$tree/node_modules/.bin" 2> /dev/null
case $name in
  @anthropic-ai/*) exec {agent} claude ;;
  *) exec {agent} answer ;;
esac
END
chmod 755 "$package/program"
ln -s "../$name/program" "$tree/node_modules/.bin/$program"
"#
    )
    .replace("[ $# -eq 11 ]", "[ \"$2\" = \"--prefix=$PWD\" ] || refuse \"prefix $2\"\n[ $# -eq 11 ]")
}
