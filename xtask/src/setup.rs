//! The set-up step: which system packages a fresh machine lacks, and how to get them.
//!
//! Debian and Ubuntu are asked through `dpkg-query` and served through `apt-get`, after the command was shown. Other
//! systems are looked at (programs on `PATH`, `pkg-config`, headers); what is missing is printed, nothing is touched.

use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::command;

/// What a machine is set up for. Each goal holds those before it, except that tests need no file dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Goal {
    /// Build `kith`: node, terminal program and web page. Needs no window library.
    Node,
    /// Build and open the app in a window.
    Window,
    /// Build everything and run all tests.
    Test,
}

/// Makes sure that the system has what `goal` needs. Shows each change first; asks on a terminal, goes on by itself
/// in CI and where nobody can be asked.
pub(crate) fn ensure(goal: Goal) -> Result<()> {
    let system = System::detect();
    let missing = system.missing(goal);
    if missing.is_empty() {
        return Ok(());
    }
    explain(&system, &missing);
    let System::Apt { .. } = system else {
        bail!("install what is listed above with your system's package manager, then run this command again");
    };
    let packages = system.packages(&missing);
    let commands = apt(&packages, is_root());
    confirm()?;
    for words in &commands {
        let Some((program, args)) = words.split_first() else { continue };
        command::run(Command::new(program).args(args).env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    let left = system.missing(goal);
    if !left.is_empty() {
        bail!("still missing after the installation: {}", system.packages(&left).join(" "));
    }
    Ok(())
}

/// Says what [`ensure`] would do and changes nothing.
pub(crate) fn show(goal: Goal) -> Result<()> {
    let system = System::detect();
    let missing = system.missing(goal);
    if missing.is_empty() {
        println!("Nothing is missing.");
    } else {
        explain(&system, &missing);
    }
    Ok(())
}

/// One thing that must be there.
struct Need {
    /// Its package on Debian.
    debian: &'static str,
    /// Its package on Ubuntu where that differs.
    ubuntu: Option<&'static str>,
    part: Part,
    /// How to see it on a system without dpkg.
    probe: Probe,
    /// Only Linux needs a package for it; elsewhere it belongs to the system.
    linux_only: bool,
    why: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Node,
    Window,
    Desktop,
    Test,
}

#[derive(Debug, Clone, Copy)]
enum Probe {
    /// A program on `PATH`.
    Program(&'static str),
    /// A library that `pkg-config` knows.
    Library(&'static str),
    /// A header in one of the usual folders.
    Header(&'static str),
    /// Nothing to look at: only asked from dpkg.
    Unseen,
}

const fn need(debian: &'static str, part: Part, probe: Probe, why: &'static str) -> Need {
    Need { debian, ubuntu: None, part, probe, linux_only: true, why }
}

const fn everywhere(debian: &'static str, part: Part, probe: Probe, why: &'static str) -> Need {
    Need { debian, ubuntu: None, part, probe, linux_only: false, why }
}

/// Everything that is needed from the system. Absent on purpose: libssl-dev (OpenSSL is built along with SQLCipher),
/// libdbus-1-dev (the keychain is spoken to in Rust), libayatana-appindicator3-dev (looked for only by a tray icon).
const NEEDS: &[Need] = &[
    everywhere("build-essential", Part::Node, Probe::Program("cc"), "C compiler for SQLCipher, OpenSSL, ring; linker"),
    everywhere("make", Part::Node, Probe::Program("make"), "builds the OpenSSL inside SQLCipher"),
    everywhere("perl", Part::Node, Probe::Program("perl"), "configures the OpenSSL inside SQLCipher"),
    need("pkg-config", Part::Window, Probe::Program("pkg-config"), "finds GTK and WebKit for the window"),
    need("libgtk-3-dev", Part::Window, Probe::Library("gtk+-3.0"), "the window"),
    need("libwebkit2gtk-4.1-dev", Part::Window, Probe::Library("webkit2gtk-4.1"), "draws the app inside the window"),
    need("libxdo-dev", Part::Window, Probe::Header("xdo.h"), "linked by the menu library"),
    need("libgl1-mesa-dri", Part::Window, Probe::Unseen, "drawing without a graphics card: virtual machines, Xvfb"),
    need("fonts-dejavu-core", Part::Window, Probe::Unseen, "a font where the system has none"),
    need("fonts-noto-color-emoji", Part::Window, Probe::Unseen, "reactions are emoji"),
    need("zenity", Part::Desktop, Probe::Program("zenity"), "file dialog where the desktop has no portal"),
    need("gstreamer1.0-plugins-good", Part::Desktop, Probe::Unseen, "cameras in the window, for QR codes"),
    need("xvfb", Part::Test, Probe::Program("Xvfb"), "display for the window tests"),
    need("xdotool", Part::Test, Probe::Program("xdotool"), "types and clicks in the window tests"),
    need("x11-utils", Part::Test, Probe::Program("xwininfo"), "finds the window"),
    need("imagemagick", Part::Test, Probe::Program("import"), "screenshots of the window"),
    Need {
        debian: "chromium",
        ubuntu: Some("chromium-browser"),
        part: Part::Test,
        probe: Probe::Program("chromium"),
        linux_only: true,
        why: "opens the web page in its tests",
    },
    Need {
        debian: "chromium-driver",
        ubuntu: Some("chromium-chromedriver"),
        part: Part::Test,
        probe: Probe::Program("chromedriver"),
        linux_only: true,
        why: "drives Chromium in the web page tests",
    },
    need("dbus", Part::Test, Probe::Program("dbus-run-session"), "a session bus of its own for the keychain test"),
    need("gnome-keyring", Part::Test, Probe::Program("gnome-keyring-daemon"), "a real keychain to test against"),
];

impl Need {
    fn is_for(&self, goal: Goal) -> bool {
        match self.part {
            Part::Node => true,
            Part::Window => goal != Goal::Node,
            Part::Desktop => goal == Goal::Window,
            Part::Test => goal == Goal::Test,
        }
    }

    fn is_seen(&self) -> bool {
        match self.probe {
            Probe::Program(name) => command::find(name).is_some(),
            Probe::Library(name) => Command::new("pkg-config")
                .args(["--exists", name])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success()),
            Probe::Header(name) => ["/usr/include", "/usr/local/include", "/opt/homebrew/include"]
                .iter()
                .any(|dir| Path::new(dir).join(name).is_file()),
            Probe::Unseen => true,
        }
    }
}

enum System {
    /// Debian, Ubuntu or a relative.
    Apt {
        ubuntu: bool,
    },
    OtherLinux,
    /// macOS, Windows.
    Other,
}

impl System {
    fn detect() -> Self {
        if !cfg!(target_os = "linux") {
            return Self::Other;
        }
        let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        let tools = ["apt-get", "dpkg-query"].iter().all(|program| command::find(program).is_some());
        match family(&release) {
            Some(ubuntu) if tools => Self::Apt { ubuntu },
            _ => Self::OtherLinux,
        }
    }

    fn missing(&self, goal: Goal) -> Vec<&'static Need> {
        let wanted = NEEDS.iter().filter(|need| need.is_for(goal));
        match self {
            Self::Apt { .. } => {
                let wanted: Vec<_> = wanted.collect();
                let installed = installed(&self.packages(&wanted));
                wanted.into_iter().filter(|need| !installed.contains(self.package(need))).collect()
            }
            Self::OtherLinux => wanted.filter(|need| !need.is_seen()).collect(),
            Self::Other => wanted.filter(|need| !need.linux_only && !need.is_seen()).collect(),
        }
    }

    fn package(&self, need: &Need) -> &'static str {
        match self {
            Self::Apt { ubuntu: true } => need.ubuntu.unwrap_or(need.debian),
            _ => need.debian,
        }
    }

    fn packages(&self, needs: &[&'static Need]) -> Vec<&'static str> {
        needs.iter().map(|need| self.package(need)).collect()
    }
}

fn explain(system: &System, missing: &[&'static Need]) {
    println!("Kith needs from this system:");
    for need in missing {
        let what = match (system, need.probe) {
            (System::Apt { .. }, _) | (_, Probe::Unseen) => system.package(need).to_owned(),
            (_, Probe::Program(name)) => format!("program {name}"),
            (_, Probe::Library(name)) => format!("library {name}"),
            (_, Probe::Header(name)) => format!("header {name}"),
        };
        println!("  {what:<26} {}", need.why);
    }
    if let System::Apt { .. } = system {
        println!("This installs it:");
        for words in apt(&system.packages(missing), is_root()) {
            println!("  {}", words.join(" "));
        }
    } else {
        println!("On Debian these packages hold it; yours are named alike: {}", system.packages(missing).join(" "));
    }
}

/// `Some(is it Ubuntu)` for the Debian family, from the text of os-release.
fn family(release: &str) -> Option<bool> {
    let names: BTreeSet<&str> = release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches(['"', '\'']).split_whitespace())
        .collect();
    if names.contains("ubuntu") {
        Some(true)
    } else if names.contains("debian") {
        Some(false)
    } else {
        None
    }
}

/// Those of the packages that dpkg calls installed.
fn installed(packages: &[&'static str]) -> BTreeSet<String> {
    // It exits 1 as soon as one name is unknown; what it prints about the others holds all the same.
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\\n"])
        .args(packages)
        .stderr(Stdio::null())
        .output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    parse_installed(&text)
}

fn parse_installed(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, status)| *status == "installed")
        .map(|(package, _)| package.to_owned())
        .collect()
}

/// The commands that install these packages, word by word.
fn apt(packages: &[&'static str], root: bool) -> Vec<Vec<&'static str>> {
    let sudo: &[&str] = if root { &[] } else { &["sudo"] };
    let update = [sudo, &["apt-get", "update"]].concat();
    // Another apt-get, a fresh machine's own updates say, holds the lock for some minutes: wait for it.
    let options = ["apt-get", "install", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=600"];
    vec![update, [sudo, &options, packages].concat()]
}

fn confirm() -> Result<()> {
    let in_ci = std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0");
    let input = std::io::stdin();
    if !in_ci && input.is_terminal() {
        print!("Install it now? [y/N] ");
        std::io::stdout().flush().context("cannot write to the terminal")?;
        let mut answer = String::new();
        input.lock().read_line(&mut answer).context("cannot read the answer")?;
        if !["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
            bail!("nothing was installed; run the commands above yourself, then this one again");
        }
        return Ok(());
    }
    let may = is_root()
        || Command::new("sudo")
            .args(["-n", "true"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
    if !may {
        bail!("not root, and sudo asks for a password: run the commands above yourself, then this one again");
    }
    Ok(())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_debian_family_is_told_from_others() {
        assert_eq!(family("NAME=\"Debian GNU/Linux\"\nID=debian\n"), Some(false));
        assert_eq!(family("ID=ubuntu\nID_LIKE=debian\n"), Some(true));
        assert_eq!(family("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), Some(true));
        assert_eq!(family("ID=fedora\nVERSION_ID=43\n"), None);
        assert_eq!(family(""), None);
    }

    #[test]
    fn only_installed_packages_count() {
        let found = parse_installed("perl installed\nxvfb config-files\nmake not-installed\nzenity installed\n");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["perl", "zenity"]);
    }

    #[test]
    fn the_node_needs_no_window_library() {
        let names: Vec<_> = NEEDS.iter().filter(|need| need.is_for(Goal::Node)).map(|need| need.debian).collect();
        assert_eq!(names, ["build-essential", "make", "perl"]);
        let test: Vec<_> = NEEDS.iter().filter(|need| need.is_for(Goal::Test)).map(|need| need.debian).collect();
        assert!(test.contains(&"libwebkit2gtk-4.1-dev") && test.contains(&"xvfb") && !test.contains(&"zenity"));
    }

    #[test]
    fn a_user_gets_sudo_and_root_does_not() {
        let words = apt(&["perl"], false);
        assert!(words.iter().all(|words| words.first() == Some(&"sudo")));
        let words = apt(&["perl"], true);
        assert!(words.iter().all(|words| words.first() == Some(&"apt-get")));
        assert!(words.iter().any(|words| words.last() == Some(&"perl")));
    }
}
