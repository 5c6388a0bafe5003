//! Starting with the user's session: a file that desktops read (the XDG autostart specification). Elsewhere not yet.

use std::io;
use std::path::{Path, PathBuf};

/// Its name in the folder.
const FILE: &str = "kith.desktop";

/// Whether this program starts with the session.
pub fn starts_at_login() -> bool {
    folder().is_some_and(|folder| folder.join(FILE).is_file())
}

/// Has this program start with the session, in the tray, or no longer.
///
/// # Errors
/// `Unsupported` where no folder for that is known; else what the file system said.
pub fn set_starts_at_login(on: bool) -> io::Result<()> {
    let folder = folder().ok_or(io::ErrorKind::Unsupported)?;
    if on { write(&folder, &std::env::current_exe()?) } else { remove(&folder) }
}

#[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
fn folder() -> Option<PathBuf> {
    // A path that is not absolute counts as none, says the specification.
    let named = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = named("XDG_CONFIG_HOME").or_else(|| Some(named("HOME")?.join(".config")));
    Some(config?.join("autostart"))
}

#[cfg(not(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android")))))]
fn folder() -> Option<PathBuf> {
    None
}

fn write(folder: &Path, program: &Path) -> io::Result<()> {
    let program = program.to_str().filter(|path| !path.contains(['\n', '\r'])).ok_or(io::ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(folder)?;
    let exec = quoted(program);
    std::fs::write(
        folder.join(FILE),
        format!("[Desktop Entry]\nType=Application\nName=Kith\nIcon=kith\nExec={exec} --tray\nTerminal=false\n"),
    )
}

fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_file(folder.join(FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// An argument of `Exec`: quoted, and what means something in quotes is escaped; then once more, as in any text of such a
/// file, and `%` begins a field code.
fn quoted(argument: &str) -> String {
    let mut out = String::from("\"");
    for c in argument.chars() {
        match c {
            '\\' => out.push_str("\\\\\\\\"),
            '"' | '`' | '$' => {
                out.push_str("\\\\");
                out.push(c);
            }
            '%' => out.push_str("%%"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_written_and_removed_again() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("config/autostart");
        remove(&folder).unwrap();
        write(&folder, Path::new("/opt/my apps/kith-app")).unwrap();
        let text = std::fs::read_to_string(folder.join(FILE)).unwrap();
        assert!(
            text.contains("\nExec=\"/opt/my apps/kith-app\" --tray\n") && text.starts_with("[Desktop Entry]\n"),
            "{text}"
        );
        write(&folder, Path::new("/opt/kith-app")).unwrap();
        remove(&folder).unwrap();
        assert!(!folder.join(FILE).exists());
        remove(&folder).unwrap();
        assert!(write(&folder, Path::new("/opt/a\nExec=evil")).is_err());
    }

    #[test]
    fn what_means_something_in_such_a_file_is_escaped() {
        assert_eq!(quoted("/a/50% $HOME\"`"), "\"/a/50%% \\\\$HOME\\\\\"\\\\`\"");
        assert_eq!(quoted("a\\b"), "\"a\\\\\\\\b\"");
    }
}
