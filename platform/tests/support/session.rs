//! A real Secret Service for tests: gnome-keyring on a D-Bus session and in a home of the test's own.
//!
//! Each test runs itself once more inside `dbus-run-session`; `SCENE` tells the inner run where its home is.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const SCENE: &str = "KITH_TEST_SCENE";
/// Long: a loaded machine starts a daemon slowly. Nothing waits for it to pass.
const DEADLINE_S: &str = "120";
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
pub fn in_session(test: &str, scene: impl FnOnce(&Path)) {
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
pub struct Keyring(Child);

impl Keyring {
    /// Starts it, and waits until it owns its name on the bus. `password`: unlocks the login keyring, which is made
    /// with it the first time; `None` starts it locked.
    pub fn start(home: &Path, password: Option<&str>) -> Self {
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
