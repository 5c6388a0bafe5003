//! The real window under Xvfb beside a `kith` node: a person types a post, the other install shows it; the other one
//! answers, and the window shows that without a touch. `xdotool` drives it, as the webview takes no WebDriver.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A window or node answers within this, whatever else the machine does.
const PATIENCE: Duration = Duration::from_secs(30);
/// Promised for a post and for a comment, and asserted three times as long: CI machines are shared.
const PROMISED: Duration = Duration::from_secs(1);

struct Profile {
    root: tempfile::TempDir,
    program: Option<Child>,
}

impl Profile {
    fn new() -> Self {
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

    fn start(&mut self, program: &Path, args: &[&str]) {
        let quiet = self.command(program, args).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.program = Some(quiet.unwrap());
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.try_json(args);
        assert!(output.status.success(), "kith {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn try_json(&self, args: &[&str]) -> Output {
        self.command(&kith(), &[&["--json"], args].concat()).output().unwrap()
    }

    fn has_persona(&self) -> bool {
        let output = self.try_json(&["persona", "list"]);
        let personas: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        output.status.success() && personas.as_array().is_some_and(|personas| !personas.is_empty())
    }

    /// Asks until the answer is as wanted; how long that took.
    fn until(&self, args: &[&str], wanted: impl Fn(&Value) -> bool) -> (Value, Duration) {
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

impl Drop for Profile {
    fn drop(&mut self) {
        if let Some(mut program) = self.program.take() {
            let _gone = program.kill();
            let _gone = program.wait();
        }
    }
}

/// `kith` stands beside `kith-app`: the command that tests the workspace builds both.
fn kith() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_kith-app")).with_file_name("kith");
    assert!(path.exists(), "build `kith` first: cargo build -p kith (cargo xtask test does)");
    path
}

fn xdotool(args: &[&str]) -> String {
    let output = Command::new("xdotool").args(args).output().expect("xdotool is missing: cargo xtask test installs it");
    assert!(output.status.success(), "xdotool {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// What the screen shows.
fn screenshot(folder: &Path) -> image::RgbImage {
    let file = folder.join("screen.png");
    let taken = Command::new("import").args(["-window", "root"]).arg(&file).status();
    assert!(taken.expect("imagemagick is missing: cargo xtask test installs it").success());
    if let Some(keep) = std::env::var_os("KITH_SCREENSHOTS") {
        std::fs::copy(&file, Path::new(&keep).join("window.png")).unwrap();
    }
    image::open(&file).unwrap().to_rgb8()
}

/// Pixels that differ between two screens, of those inside the window.
fn changed(before: &image::RgbImage, after: &image::RgbImage) -> usize {
    before.pixels().zip(after.pixels()).filter(|(before, after)| before != after).count()
}

#[test]
fn a_post_typed_in_the_window_reaches_another_node_and_the_answer_comes_back() {
    assert!(std::env::var_os("DISPLAY").is_some(), "no display: run cargo xtask test, which starts Xvfb");
    let (mut alice, mut bob) = (Profile::new(), Profile::new());
    alice.start(Path::new(env!("CARGO_BIN_EXE_kith-app")), &["--offline", "--listen", "127.0.0.1:0"]);
    xdotool(&["search", "--sync", "--onlyvisible", "--name", "^Kith$"]);

    // Welcome: a name, and in. Keys typed before the page is there are lost, so they are typed until it took them.
    let start = Instant::now();
    while !alice.has_persona() {
        assert!(start.elapsed() < PATIENCE, "the welcome page took no name");
        xdotool(&["key", "ctrl+a"]);
        xdotool(&["type", "--delay", "20", "Alice"]);
        xdotool(&["key", "Return"]);
    }
    bob.json(&["init", "--name", "Bob"]);
    bob.start(&kith(), &["run", "--offline", "--listen", "127.0.0.1:0"]);
    let invite = alice.json(&["invite"])["invite"].as_str().unwrap().to_owned();
    bob.until(&["status"], |status| status["running"] == true);
    bob.json(&["follow", &invite]);
    // Whatever of the name the page took in time: what counts is that her copy came.
    bob.until(&["follows"], |follows| follows[0]["synced_ms"].is_number());
    bob.until(&["peers"], |peers| peers.as_array().is_some_and(|peers| !peers.is_empty()));
    let his = bob.json(&["invite"])["invite"].as_str().unwrap().to_owned();
    alice.json(&["follow", &his]);

    // A post from the window to the other node.
    // Until the home page stands, clicks and keys go nowhere: they are repeated until the window's own node has the post.
    let text = "Typed in a real window";
    let start = Instant::now();
    let posted = |profile: &Profile| profile.json(&["feed"])[0]["text"] == text;
    while !(0..20).any(|_| posted(&alice)) {
        assert!(
            start.elapsed() < PATIENCE,
            "the composer took no post: {:?}",
            screenshot(alice.root.path()).dimensions()
        );
        // The key that leads to the composer from wherever the focus is.
        xdotool(&["key", "Escape"]);
        xdotool(&["key", "n"]);
        xdotool(&["key", "ctrl+a"]);
        xdotool(&["type", "--delay", "10", text]);
        xdotool(&["key", "ctrl+Return"]);
        // The first post asks who can read it; the choice begins with everybody.
        xdotool(&["key", "Return"]);
        xdotool(&["key", "ctrl+Return"]);
    }
    let (feed, took) = bob.until(&["feed"], |feed| feed[0]["text"] == text);
    println!("window to node: {} ms", took.as_millis());
    assert!(took < PROMISED * 3, "{took:?}");

    // And back: first the comment in the window's node, then a post on its screen.
    let post = feed[0]["id"].as_str().unwrap();
    bob.json(&["comment", post, "Seen from the terminal"]);
    let (_, took) = alice.until(&["show", post], |page| page["thread"][0]["text"] == "Seen from the terminal");
    println!("node to window's node: {} ms", took.as_millis());
    assert!(took < PROMISED * 3, "{took:?}");
    let before = screenshot(alice.root.path());
    bob.json(&["post", "And this one comes from the other side, to be seen without a touch."]);
    alice.until(&["feed"], |feed| feed.as_array().is_some_and(|posts| posts.len() >= 2));
    let start = Instant::now();
    let shown = loop {
        let after = screenshot(alice.root.path());
        // A post is more than a caret that blinks.
        if changed(&before, &after) > 2_000 {
            break after;
        }
        assert!(start.elapsed() < PATIENCE, "the window did not show what came");
    };
    let colours: std::collections::BTreeSet<_> = shown.pixels().map(|pixel| pixel.0).collect();
    assert!(colours.len() > 100, "the window is blank: {} colours", colours.len());
}
