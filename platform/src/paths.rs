//! Where things lie on this system.

use std::ffi::OsString;
use std::path::PathBuf;

/// Characters of a device's name that are kept.
const DEVICE_NAME_CHARS: usize = 64;

/// The folder of the profile where the user names none: `$XDG_DATA_HOME/kith`, `~/Library/Application Support/Kith`,
/// `%LOCALAPPDATA%\Kith`. `None` where the user has no home.
pub fn default_profile_dir() -> Option<PathBuf> {
    profile_dir_of(|name| std::env::var_os(name), std::env::home_dir())
}

/// What the user calls this device: its host name. Shown to own devices only.
pub fn device_name() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = kernel.or_else(|| std::env::var("COMPUTERNAME").ok()).or_else(|| std::env::var("HOSTNAME").ok());
    presentable(&name.unwrap_or_default())
}

fn profile_dir_of(variable: impl Fn(&str) -> Option<OsString>, home: Option<PathBuf>) -> Option<PathBuf> {
    // XDG: a relative path is invalid and counts as absent.
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = home.filter(|path| path.is_absolute());
    if cfg!(windows) {
        folder("LOCALAPPDATA").map(|data| data.join("Kith"))
    } else if cfg!(target_vendor = "apple") {
        home.map(|home| home.join("Library/Application Support/Kith"))
    } else {
        folder("XDG_DATA_HOME").or_else(|| home.map(|home| home.join(".local/share"))).map(|data| data.join("kith"))
    }
}

fn presentable(name: &str) -> String {
    let name = name.chars().filter(|char| !char.is_control()).take(DEVICE_NAME_CHARS).collect::<String>();
    match name.trim() {
        "" => "This device".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_profile_lies_where_xdg_says() {
        let home = || Some(PathBuf::from("/home/alice"));
        let with = |value: &'static str| move |name: &str| (name == "XDG_DATA_HOME").then(|| OsString::from(value));
        assert_eq!(profile_dir_of(with("/data"), home()), Some("/data/kith".into()));
        assert_eq!(profile_dir_of(with("data"), home()), Some("/home/alice/.local/share/kith".into()));
        assert_eq!(profile_dir_of(|_| None, home()), Some("/home/alice/.local/share/kith".into()));
        assert_eq!(profile_dir_of(|_| None, None), None);
    }

    #[test]
    fn a_device_has_a_name_that_can_be_shown() {
        assert_eq!(presentable("desk\n"), "desk");
        assert_eq!(presentable(" \n"), "This device");
        assert_eq!(presentable(&"ä".repeat(100)).chars().count(), 64);
        assert!(!device_name().is_empty());
    }
}
