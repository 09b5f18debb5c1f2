//! `semtest uninstall`: tells how this installation is removed, and removes nothing itself.

use std::path::Path;

use crate::exit::Exit;
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;

/// Where our container image has the binary.
const IN_IMAGE: &str = "/usr/local/bin/semtest";

/// Prints the command that fits the way in which the running binary was installed.
pub(super) fn uninstall(place: &Place, ui: &Ui) -> Result<Exit, CommandError> {
    let binary = std::env::current_exe()?;
    let container = ["/.dockerenv", "/run/.containerenv"]
        .iter()
        .any(|marker| Path::new(marker).exists());
    let cargo_bin = place
        .env
        .get("CARGO_HOME")
        .map(|home| Path::new(home).join("bin"))
        .or_else(|| Some(Path::new(place.env.get("HOME")?).join(".cargo/bin")));
    ui.item(&format!("This semtest is {}", binary.display()));
    ui.item(&format!(
        "Remove it with: {}",
        how(&binary, cargo_bin.as_deref(), container)
    ));
    ui.item("It keeps nothing outside your projects; there, remove semtest.config.* and semtest-results/");
    Ok(Exit::Passed)
}

fn how(binary: &Path, cargo_bin: Option<&Path>, container: bool) -> String {
    let inside = |part: &str| binary.components().any(|name| name.as_os_str() == part);
    let shown = binary.display();
    if cargo_bin.is_some_and(|bin| binary.starts_with(bin)) {
        "cargo uninstall semtest".into()
    } else if inside("Cellar") {
        "brew uninstall semtest".into()
    } else if inside("node_modules") {
        "npm uninstall @westopp/semtest (add -g for a global installation)".into()
    } else if container && binary == Path::new(IN_IMAGE) {
        "docker rmi <the image that this container runs>".into()
    } else {
        format!("rm '{shown}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_fits_the_installation() {
        let how = |binary: &str, container| {
            how(
                Path::new(binary),
                Some(Path::new("/home/u/.cargo/bin")),
                container,
            )
        };
        assert_eq!(
            how("/home/u/.cargo/bin/semtest", false),
            "cargo uninstall semtest"
        );
        assert_eq!(
            how("/opt/Cellar/semtest/1/bin/semtest", false),
            "brew uninstall semtest"
        );
        assert_eq!(
            how("/usr/local/bin/semtest", false),
            "rm '/usr/local/bin/semtest'"
        );
        assert!(how("/usr/local/bin/semtest", true).starts_with("docker rmi"));
        assert_eq!(how("/opt/semtest", true), "rm '/opt/semtest'");
    }
}
