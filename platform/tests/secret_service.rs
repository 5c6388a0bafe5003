//! The keychain against a real Secret Service: gnome-keyring on a D-Bus session and in a home of the test's own.
//!
//! Each test runs itself once more inside `dbus-run-session`; `SCENE` tells the inner run where its home is.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use kith_node::host::{Keystore, KeystoreError, KeystoreKind};
use kith_platform::OsKeychain;

const SCENE: &str = "KITH_TEST_SCENE";
/// Long: a loaded machine starts a daemon slowly. Nothing waits for it to pass.
const DEADLINE_S: &str = "60";
/// A bus that starts no service by itself: the machine's own keyring and its prompts stay out.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// Runs `scene` in a session of its own. `test` is the calling test's name.
fn in_session(test: &str, scene: impl FnOnce(&Path)) {
    if let Some(home) = std::env::var_os(SCENE) {
        return scene(&PathBuf::from(home));
    }
    for (program, package) in [
        ("dbus-run-session", "dbus-daemon"),
        ("gnome-keyring-daemon", "gnome-keyring"),
        ("gdbus", "libglib2.0-bin"),
        ("timeout", "coreutils"),
    ] {
        let found = std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()));
        assert!(
            found,
            "`{program}` is missing. This test needs a real Secret Service; on Debian and Ubuntu install: \
             apt-get install dbus-daemon gnome-keyring libglib2.0-bin (here: {package})"
        );
    }
    let home = tempfile::Builder::new().prefix("kith-keys").tempdir().unwrap();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let bus = home.path().join("bus.conf");
    std::fs::write(&bus, BUS).unwrap();
    let output = Command::new("timeout")
        .args([DEADLINE_S, "dbus-run-session", "--config-file"])
        .arg(&bus)
        .arg("--")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("GNOME_KEYRING_CONTROL")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env("XDG_CACHE_HOME", home.path().join("cache"))
        .env(SCENE, home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (told, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "inside the session: {}\n{told}\n{said}", output.status);
    assert!(told.contains("1 passed"), "the inner run ran nothing:\n{told}\n{said}");
}

/// A gnome-keyring that ends with this value.
struct Keyring(Child);

impl Keyring {
    /// Starts it, and waits until it owns its name on the bus. `password`: unlocks the login keyring, which is made
    /// with it the first time; `None` starts it locked.
    fn start(home: &Path, password: Option<&str>) -> Self {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets", "--control-directory"]).arg(home.join("control"));
        command.args(password.map(|_| "--unlock")).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(password.unwrap_or_default().as_bytes()).unwrap();
        drop(stdin);
        let keyring = Self(child);
        let wait = ["wait", "--session", "--timeout", DEADLINE_S, "org.freedesktop.secrets"];
        assert!(Command::new("gdbus").args(wait).status().unwrap().success(), "gnome-keyring did not come up");
        keyring
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn all_bytes() -> Vec<u8> {
    (0..=255).cycle().take(2_048).collect()
}

#[test]
fn secrets_survive_a_restart_of_the_service() {
    in_session("secrets_survive_a_restart_of_the_service", |home| {
        let keyring = Keyring::start(home, Some("correct"));
        let keys = OsKeychain::new();
        assert_eq!(keys.kind(), KeystoreKind::Os);
        assert_eq!(keys.get("profile/db"), Ok(None));
        assert_eq!(keys.delete("profile/db"), Ok(()));
        keys.set("profile/db", &all_bytes()).unwrap();
        keys.set("profile/network", b"first").unwrap();
        keys.set("profile/network", b"second").unwrap();
        keys.set("profile/empty", b"").unwrap();
        assert_eq!(keys.get("profile/db").unwrap().unwrap().as_slice(), all_bytes());
        assert!(matches!(keys.set("profile/long", &[0; 2_049]), Err(KeystoreError::Io(_))));
        drop(keyring);

        let keyring = Keyring::start(home, Some("correct"));
        // The old handle connects anew, a new one as a matter of course.
        for keys in [keys, OsKeychain::new()] {
            assert_eq!(keys.get("profile/db").unwrap().unwrap().as_slice(), all_bytes());
            assert_eq!(keys.get("profile/network").unwrap().unwrap().as_slice(), b"second");
            assert_eq!(keys.get("profile/empty").unwrap().unwrap().as_slice(), b"");
            assert_eq!(keys.get("profile/other"), Ok(None));
        }
        let keys = OsKeychain::new();
        keys.delete("profile/db").unwrap();
        assert_eq!(keys.get("profile/db"), Ok(None));
        drop(keyring);

        let _keyring = Keyring::start(home, Some("correct"));
        assert_eq!(keys.get("profile/db"), Ok(None));
        assert_eq!(keys.get("profile/network").unwrap().unwrap().as_slice(), b"second");
    });
}

#[test]
fn the_service_keeps_secrets_sealed() {
    in_session("the_service_keeps_secrets_sealed", |home| {
        let _keyring = Keyring::start(home, Some("correct"));
        let needle = b"a secret that stands out";
        OsKeychain::new().set("db", needle).unwrap();
        let files = std::fs::read_dir(home.join("data/keyrings")).unwrap();
        let mut searched = 0;
        for file in files {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let encoded = data_encoding::BASE64.encode(needle).into_bytes();
            for needle in [needle.as_slice(), &encoded] {
                assert!(!bytes.windows(needle.len()).any(|window| window == needle));
            }
            searched += usize::from(bytes.starts_with(b"GnomeKeyring"));
        }
        assert!(searched > 0, "no keyring file was found");
    });
}

#[test]
fn a_locked_keychain_says_so_and_opens_later() {
    in_session("a_locked_keychain_says_so_and_opens_later", |home| {
        let keyring = Keyring::start(home, Some("correct"));
        let keys = OsKeychain::new();
        keys.set("db", b"secret").unwrap();
        drop(keyring);
        let keyring = Keyring::start(home, None);
        assert_eq!(keys.get("db"), Err(KeystoreError::Locked));
        assert_eq!(keys.set("db", b"other"), Err(KeystoreError::Locked));
        assert_eq!(keys.set("new", b"other"), Err(KeystoreError::Locked));
        assert_eq!(keys.delete("db"), Err(KeystoreError::Locked));
        drop(keyring);
        let _keyring = Keyring::start(home, Some("correct"));
        assert_eq!(keys.get("db").unwrap().unwrap().as_slice(), b"secret");
    });
}

#[test]
fn without_a_service_or_a_bus_it_is_unavailable_until_one_comes() {
    in_session("without_a_service_or_a_bus_it_is_unavailable_until_one_comes", |home| {
        let keys = OsKeychain::new();
        for _ in 0..2 {
            assert!(matches!(keys.get("db"), Err(KeystoreError::Unavailable(_))), "{:?}", keys.get("db"));
            assert!(matches!(keys.set("db", b"x"), Err(KeystoreError::Unavailable(_))));
        }
        let keyring = Keyring::start(home, Some("correct"));
        keys.set("db", b"x").unwrap();
        drop(keyring);
        assert!(matches!(keys.get("db"), Err(KeystoreError::Unavailable(_))), "{:?}", keys.get("db"));
    });
}

#[test]
fn it_may_be_called_from_threads_and_inside_a_runtime() {
    in_session("it_may_be_called_from_threads_and_inside_a_runtime", |home| {
        let _keyring = Keyring::start(home, Some("correct"));
        let keys = Arc::new(OsKeychain::new());
        std::thread::scope(|scope| {
            for thread in 0..4_u8 {
                let keys = &keys;
                scope.spawn(move || (0..4).for_each(|n| keys.set(&format!("{thread}/{n}"), &[thread, n]).unwrap()));
            }
        });
        for thread in 0..4_u8 {
            for n in 0..4_u8 {
                assert_eq!(keys.get(&format!("{thread}/{n}")).unwrap().unwrap().as_slice(), [thread, n]);
            }
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let kept = runtime.block_on(async { keys.get("1/2") });
        assert_eq!(kept.unwrap().unwrap().as_slice(), [1, 2]);
    });
}
