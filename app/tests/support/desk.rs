//! The real window under Xvfb and nodes beside it, for the tests that drive it with `xdotool`: the webview takes no
//! WebDriver.
#![allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A window or node answers within this, whatever else the machine does.
pub const PATIENCE: Duration = Duration::from_secs(30);
pub struct Profile {
    pub root: tempfile::TempDir,
    program: Option<Child>,
}

impl Profile {
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("kith").tempdir().unwrap();
        std::fs::create_dir(root.path().join("run")).unwrap();
        Self { root, program: None }
    }

    fn command(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.arg("--profile").arg(self.root.path().join("profile")).args(args);
        command
            .env("KITH_KEYSTORE", "file")
            .env("KITH_PASSPHRASE", "correct horse battery staple 4711")
            .env("XDG_RUNTIME_DIR", self.root.path().join("run"))
            .env("HOME", self.root.path())
            .stdin(Stdio::null());
        command
    }

    pub fn start(&mut self, program: &Path, args: &[&str]) {
        let quiet = self.command(program, args).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.program = Some(quiet.unwrap());
    }

    /// The window's program once more on this profile, to its end.
    pub fn again(&self, args: &[&str]) -> Output {
        self.command(Path::new(env!("CARGO_BIN_EXE_kith-app")), args).output().unwrap()
    }

    /// Whether the program that was started has ended by itself; waits for it.
    pub fn ends(&mut self) -> bool {
        let start = Instant::now();
        let Some(program) = self.program.as_mut() else { return true };
        loop {
            if program.try_wait().unwrap().is_some() {
                return true;
            }
            if start.elapsed() > PATIENCE {
                return false;
            }
            std::thread::yield_now();
        }
    }

    pub fn json(&self, args: &[&str]) -> Value {
        let output = self.try_json(args);
        assert!(output.status.success(), "kith {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn try_json(&self, args: &[&str]) -> Output {
        self.command(&kith(), &[&["--json"], args].concat()).output().unwrap()
    }

    pub fn has_persona(&self) -> bool {
        let output = self.try_json(&["persona", "list"]);
        let personas: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        output.status.success() && personas.as_array().is_some_and(|personas| !personas.is_empty())
    }

    /// Asks until the answer is as wanted; how long that took.
    pub fn until(&self, args: &[&str], wanted: impl Fn(&Value) -> bool) -> (Value, Duration) {
        let start = Instant::now();
        loop {
            let output = self.try_json(args);
            let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
            if output.status.success() && wanted(&answer) {
                return (answer, start.elapsed());
            }
            if start.elapsed() > PATIENCE {
                let [status, peers, follows] =
                    [["status"], ["peers"], ["follows"]].map(|args| self.try_json(&args).stdout).map(String::from_utf8);
                panic!("kith {args:?} still answers {answer}; {status:?} {peers:?} {follows:?}");
            }
        }
    }
}

impl Profile {
    /// A window with a new profile, past its welcome.
    pub fn window(name: &str) -> Self {
        let mut profile = Self::new();
        profile.start(Path::new(env!("CARGO_BIN_EXE_kith-app")), &["--offline", "--listen", "127.0.0.1:0"]);
        xdotool(&["search", "--sync", "--onlyvisible", "--name", "^Kith$"]);
        // A name, and in. Keys typed before the page is there are lost, so they are typed until it took them.
        let start = Instant::now();
        while !profile.has_persona() {
            assert!(start.elapsed() < PATIENCE, "the welcome page took no name");
            xdotool(&["key", "ctrl+a"]);
            xdotool(&["type", "--delay", "20", name]);
            xdotool(&["key", "Return"]);
        }
        profile
    }

    /// A node without a window that runs.
    pub fn node(name: &str) -> Self {
        let mut profile = Self::new();
        profile.json(&["init", "--name", name]);
        profile.start(&kith(), &["run", "--offline", "--listen", "127.0.0.1:0"]);
        profile.until(&["status"], |status| status["running"] == true);
        profile
    }

    /// Gives the page time to draw what was asked for: until so many pictures of it are the same. A caret that blinks
    /// ends it too, after twice as many.
    pub fn settle(&self) {
        const SAME: usize = 6;
        let (mut last, mut same) = (screenshot(self.root.path()), 0);
        for _ in 0..2 * SAME {
            let now = screenshot(self.root.path());
            same = if now == last { same + 1 } else { 0 };
            if same == SAME {
                return;
            }
            last = now;
        }
    }

    pub fn invite(&self) -> String {
        self.json(&["invite"])["invite"].as_str().unwrap().to_owned()
    }

    /// Follows somebody, and waits until they are here.
    pub fn follows(&self, other: &Self) {
        self.json(&["follow", &other.invite()]);
        let theirs = other.json(&["persona", "list"])[0]["id"].clone();
        self.until(&["follows"], |follows| {
            let mut all = follows.as_array().into_iter().flatten();
            all.any(|follow| follow["persona"] == theirs && follow["synced_ms"].is_number())
        });
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        if let Some(mut program) = self.program.take() {
            let _gone = program.kill();
            let _gone = program.wait();
        }
    }
}

/// Set inside a session bus of a test's own.
const INSIDE: &str = "KITH_TEST_BUS";

/// Runs the test of this name in a session bus of its own: `true` there, `false` outside once it passed inside.
pub fn in_session(test: &str) -> bool {
    assert!(std::env::var_os("DISPLAY").is_some(), "no display: run cargo xtask test, which starts Xvfb");
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let inner = Command::new("dbus-run-session")
        .arg("--")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .stdin(Stdio::null())
        .output()
        .expect("dbus-run-session is missing: cargo xtask test installs it");
    let (told, said) = (String::from_utf8_lossy(&inner.stdout), String::from_utf8_lossy(&inner.stderr));
    assert!(inner.status.success() && told.contains("1 passed"), "inside the session:\n{told}\n{said}");
    false
}

/// `kith` stands beside `kith-app`: the command that tests the workspace builds both.
pub fn kith() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_kith-app")).with_file_name("kith");
    assert!(path.exists(), "build `kith` first: cargo build -p kith (cargo xtask test does)");
    path
}

pub fn xdotool(args: &[&str]) -> String {
    let output = Command::new("xdotool").args(args).output().expect("xdotool is missing: cargo xtask test installs it");
    assert!(output.status.success(), "xdotool {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub fn keys(names: &[&str]) {
    for name in names {
        xdotool(&["key", name]);
    }
}

pub fn click(x: u32, y: u32) {
    xdotool(&["mousemove", &x.to_string(), &y.to_string(), "click", "1"]);
}

/// Does it until it is done: keys and clicks that come before the page stands go nowhere.
pub fn until_done(what: &str, window: &Profile, done: impl Fn() -> bool, act: impl Fn()) {
    let start = Instant::now();
    loop {
        act();
        if (0..10).any(|_| done()) {
            return;
        }
        if start.elapsed() > PATIENCE {
            panic!("the window did not do it: {what}; it shows {:?}", screenshot(window.root.path()).dimensions());
        }
    }
}

/// What the screen shows.
pub fn screenshot(folder: &Path) -> image::RgbImage {
    let file = folder.join("screen.png");
    let taken = Command::new("import").args(["-window", "root"]).arg(&file).status();
    assert!(taken.expect("imagemagick is missing: cargo xtask test installs it").success());
    if let Some(keep) = std::env::var_os("KITH_SCREENSHOTS") {
        std::fs::copy(&file, Path::new(&keep).join("window.png")).unwrap();
    }
    image::open(&file).unwrap().to_rgb8()
}
