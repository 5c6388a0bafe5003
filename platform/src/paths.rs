//! Where things lie on this system.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// Characters of a device's name that are kept.
const DEVICE_NAME_CHARS: usize = 64;
/// A socket's path, bytes: macOS takes 103, Linux 107.
#[cfg(unix)]
const SOCKET_PATH_BYTES: usize = 100;

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

/// Where the control socket of `profile` (its folder) lies: a path under 100 bytes, however long the profile's is, and
/// the same for each way to write that. On Windows the name of a pipe.
///
/// Depends on `XDG_RUNTIME_DIR`, so two processes of one user agree only where both have it or none has.
/// Makes nothing: see [`make_socket_folder`].
pub fn socket_path(profile: &Path) -> PathBuf {
    let profile = std::fs::canonicalize(profile).or_else(|_| std::path::absolute(profile));
    let name = socket_name(&profile.unwrap_or_default());
    #[cfg(unix)]
    {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        socket_path_of(runtime.as_deref(), rustix::process::geteuid().as_raw(), &name)
    }
    #[cfg(not(unix))]
    PathBuf::from(format!(r"\\.\pipe\kith-{name}"))
}

/// Makes the folder that a socket lies in, for this user alone, and refuses one that somebody else has made or may
/// look into: whoever owns the folder could stand in for the node.
pub fn make_socket_folder(socket: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = socket.parent() {
        use std::os::unix::fs::{DirBuilderExt, MetadataExt};
        match std::fs::DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        // Not what a link points to: the link itself could be changed later.
        let found = std::fs::symlink_metadata(folder)?;
        let private = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o077 == 0;
        if !private {
            let why = format!("{} is not a folder of this user alone", folder.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
    }
    #[cfg(not(unix))]
    let _ = socket;
    Ok(())
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

/// 20 hex digits: enough that no two profiles of a user meet.
fn socket_name(profile: &Path) -> String {
    let hash = blake3::derive_key("kith 2026 control socket v1", profile.as_os_str().as_encoded_bytes());
    data_encoding::HEXLOWER.encode(hash.first_chunk::<10>().map_or(&[], <[u8; 10]>::as_slice))
}

#[cfg(unix)]
fn socket_path_of(runtime: Option<&Path>, uid: u32, name: &str) -> PathBuf {
    let short = |path: &PathBuf| path.as_os_str().len() < SOCKET_PATH_BYTES;
    let in_runtime = runtime.filter(|path| path.is_absolute()).map(|path| path.join(format!("kith/{name}.sock")));
    in_runtime.filter(short).unwrap_or_else(|| PathBuf::from(format!("/tmp/kith-{uid}/{name}.sock")))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_socket_path_is_short_and_of_one_profile() {
        let long = Path::new("/").join("x".repeat(200));
        let runtime = Path::new("/run/user/1000");
        let name = socket_name(&long);
        assert_eq!(socket_path_of(Some(runtime), 1000, &name), runtime.join(format!("kith/{name}.sock")));
        for odd in [None, Some(long.as_path()), Some(Path::new("relative")), Some(Path::new(""))] {
            let path = socket_path_of(odd, u32::MAX, &name);
            assert!(path.starts_with("/tmp/kith-4294967295") && path.as_os_str().len() < 100, "{path:?}");
        }
        assert_ne!(socket_name(&long), socket_name(&long.join("y")));
    }

    #[test]
    fn each_way_to_write_a_profile_gives_one_socket() {
        let folder = tempfile::tempdir().unwrap();
        let profile = folder.path().join("profile");
        std::fs::create_dir(&profile).unwrap();
        std::os::unix::fs::symlink(&profile, folder.path().join("link")).unwrap();
        let path = socket_path(&profile);
        assert_eq!(socket_path(&profile.join("../profile/.")), path);
        assert_eq!(socket_path(&folder.path().join("link")), path);
        assert_ne!(socket_path(&folder.path().join("other")), path);
    }

    #[test]
    fn a_socket_folder_belongs_to_its_user_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("kith-1");
        let socket = folder.join("a.sock");
        make_socket_folder(&socket).unwrap();
        make_socket_folder(&socket).unwrap();
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);

        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o750)).unwrap();
        assert_eq!(make_socket_folder(&socket).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        let link = root.path().join("link");
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert_eq!(make_socket_folder(&link.join("a.sock")).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        let file = root.path().join("file");
        std::fs::write(&file, b"").unwrap();
        assert_eq!(make_socket_folder(&file.join("a.sock")).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }

    #[cfg(not(target_vendor = "apple"))]
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
