//! A profile in a temporary folder, and the built `kith` working on it.

#![allow(dead_code, unreachable_pub)] // each test file uses its part of this
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A node under test answers and ends within this, whatever else the machine does.
pub const PATIENCE: Duration = Duration::from_secs(30);
pub const PASSPHRASE: &str = "correct horse battery staple 4711";

pub struct Profile {
    pub root: TempDir,
    pub passphrase: Option<String>,
    /// `KITH_KEYSTORE`; unset where it is `None`.
    pub keystore: Option<&'static str>,
    /// A network namespace of Linux that its node runs in.
    pub namespace: Option<String>,
    node: Option<Child>,
}

/// What one command did.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl Profile {
    /// A folder without a profile.
    pub fn empty() -> Self {
        let root = tempfile::Builder::new().prefix("kith").tempdir().unwrap();
        std::fs::create_dir(root.path().join("run")).unwrap();
        let passphrase = Some(PASSPHRASE.to_owned());
        Self { root, passphrase, keystore: Some("file"), namespace: None, node: None }
    }

    /// A folder without a profile, whose keys will be where they are by default.
    pub fn empty_with_defaults() -> Self {
        let mut profile = Self::empty();
        (profile.passphrase, profile.keystore) = (None, None);
        profile
    }

    pub fn init(name: &str) -> Self {
        let profile = Self::empty();
        profile.json(&["init", "--name", name]);
        profile
    }

    pub fn folder(&self) -> PathBuf {
        self.root.path().join("profile")
    }

    /// `kith --profile FOLDER ARGS`, not started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = match &self.namespace {
            Some(namespace) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", namespace, env!("CARGO_BIN_EXE_kith")]);
                command
            }
            None => Command::new(env!("CARGO_BIN_EXE_kith")),
        };
        command.arg("--profile").arg(self.folder()).args(args);
        self.surround(&mut command);
        command
    }

    pub fn surround(&self, command: &mut Command) {
        command.current_dir(self.root.path()).stdin(Stdio::null()).env("XDG_RUNTIME_DIR", self.root.path());
        for name in ["KITH_PROFILE", "RUST_LOG", "KITH_KEYSTORE", "KITH_PASSPHRASE"] {
            command.env_remove(name);
        }
        if let Some(keystore) = self.keystore {
            command.env("KITH_KEYSTORE", keystore);
        }
        if let Some(passphrase) = &self.passphrase {
            command.env("KITH_PASSPHRASE", passphrase);
        }
    }

    pub fn kith(&self, args: &[&str]) -> Done {
        done(self.command(args))
    }

    /// The value that a command printed; it has to succeed, in one line.
    pub fn json(&self, args: &[&str]) -> Value {
        let done = self.kith(&[&["--json"], args].concat());
        assert_eq!(done.code, 0, "{args:?}: {done:?}");
        one_line(&done.stdout)
    }

    /// A persona of this profile.
    pub fn persona(&self) -> String {
        text(&self.json(&["persona", "list"])[0]["id"])
    }

    pub fn follow(&self, followed: &Self) {
        let invite = text(&followed.json(&["invite"])["invite"]);
        self.json(&["follow", &invite]);
    }

    /// A post of this one is in the other's feed: they are connected, and know each other's devices.
    pub fn meet(&self, other: &Self) {
        let post = id(&self.json(&["post", "hello"]));
        other.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&post));
    }

    /// The error of a command, and its exit code.
    pub fn refused(&self, args: &[&str]) -> (i32, Value) {
        let done = self.kith(&[&["--json"], args].concat());
        assert_ne!(done.code, 0, "{args:?} was not refused: {done:?}");
        assert_eq!(done.stdout, "", "{args:?}");
        (done.code, error(&done.stderr))
    }

    #[track_caller]
    pub fn refused_as(&self, args: &[&str], code: &str, exit: i32) {
        let (found, error) = self.refused(args);
        assert_eq!((error["code"].as_str(), found), (Some(code), exit), "{args:?}: {error}");
    }

    /// Starts `kith run --offline` with more arguments; returns the status that it printed when ready.
    pub fn run(&mut self, args: &[&str]) -> Value {
        let command = self.command(&[&["--json", "run", "--offline"], args].concat());
        self.start(command)
    }

    /// Starts a node that listens on a free port of loopback, or the one that it had.
    pub fn run_on_loopback(&mut self, listen: Option<&str>) -> Value {
        self.run(&["--listen", listen.unwrap_or("127.0.0.1:0")])
    }

    /// Starts a `kith --json run …` in a shell, after `before` (for `ulimit`).
    pub fn run_in_shell(&mut self, before: &str, args: &[&str]) -> Value {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{before} && exec \"$@\""), "sh", env!("CARGO_BIN_EXE_kith"), "--profile"]);
        command.arg(self.folder()).args(["--json", "run", "--offline"]).args(args);
        self.surround(&mut command);
        self.start(command)
    }

    pub fn start(&mut self, mut command: Command) -> Value {
        assert!(self.node.is_none(), "the test started two nodes on one profile");
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let mut node = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut stdout = BufReader::new(node.stdout.take().unwrap());
        self.node = Some(node);
        let (tell, told) = mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let mut line = String::new();
            let _read = stdout.read_line(&mut line);
            let _nobody = tell.send(line);
            // Kept open for as long as the node writes.
            let _end = std::io::copy(&mut stdout, &mut std::io::sink());
        });
        let line = told.recv_timeout(PATIENCE).expect("the node printed nothing");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {line:?} {}", self.logged()))
    }

    /// What the node logged.
    pub fn log(&self) -> PathBuf {
        self.root.path().join("log")
    }

    pub fn logged(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    pub fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(self.node.as_ref().expect("no node runs"))
    }

    /// SIGKILL (fine when it is dead already), and its end.
    pub fn kill(&mut self) {
        let mut node = self.node.take().expect("no node runs");
        node.kill().unwrap();
        node.wait().unwrap();
    }

    /// SIGTERM; returns how it ended and how long that took.
    pub fn stop(&mut self) -> (ExitStatus, Duration) {
        let node = self.node.take().expect("no node runs");
        let pid = rustix::process::Pid::from_child(&node);
        let start = Instant::now();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = wait(node, PATIENCE).expect("SIGTERM did not end the node");
        (status, start.elapsed())
    }

    /// Runs a reading command again and again until `enough` says so; returns the value and the time that it took.
    #[track_caller]
    pub fn until(&self, args: &[&str], limit: Duration, enough: impl Fn(&Value) -> bool) -> (Value, Duration) {
        let start = Instant::now();
        loop {
            let value = self.json(args);
            let took = start.elapsed();
            if enough(&value) {
                return (value, took);
            }
            assert!(took < limit, "{args:?} after {took:?}: {value}\n{}", self.logged());
        }
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        if let Some(mut node) = self.node.take() {
            let _gone = node.kill();
            let _gone = node.wait();
        }
    }
}

pub fn done(mut command: Command) -> Done {
    let start = Instant::now();
    let output = command.output().unwrap();
    Done {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        took: start.elapsed(),
    }
}

/// `None` when it did not end in time; it goes on then.
pub fn wait(mut child: Child, limit: Duration) -> Option<ExitStatus> {
    let (tell, told) = mpsc::sync_channel(1);
    std::thread::spawn(move || tell.send(child.wait()));
    told.recv_timeout(limit).ok().map(Result::unwrap)
}

#[track_caller]
pub fn one_line(stdout: &str) -> Value {
    assert!(stdout.ends_with('\n') && stdout.lines().count() == 1, "not one line: {stdout:?}");
    serde_json::from_str(stdout).unwrap()
}

/// The error on stderr: its last line (the log is above it), with exactly the agreed fields.
#[track_caller]
pub fn error(stderr: &str) -> Value {
    let line = stderr.lines().last().unwrap_or_default();
    let value: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no error as JSON: {stderr:?}"));
    for field in ["code", "message", "hint"] {
        assert!(value["error"][field].is_string(), "{field} is missing: {value}");
    }
    assert!(!value["error"]["message"].as_str().unwrap().is_empty());
    value["error"].clone()
}

pub fn id(value: &Value) -> String {
    text(&value["id"])
}

#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

#[track_caller]
pub fn assert_id(value: &Value) {
    let id = text(value);
    assert!(id.len() == 64 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{id}");
}

#[track_caller]
pub fn assert_fields(value: &Value, fields: &[&str]) {
    for field in fields {
        assert!(value.get(field).is_some(), "{field} is missing: {value}");
    }
}

pub fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(id).collect()
}

/// A JPEG of 400×300 whose metadata holds `secret` and says that it has to be turned by 90°.
pub fn jpeg_with_exif(path: &Path, secret: &str) {
    large_jpeg_with_exif(path, secret, 400, 300);
}

/// As [`jpeg_with_exif`], of any size.
pub fn large_jpeg_with_exif(path: &Path, secret: &str, width: u32, height: u32) {
    let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, (x ^ y) as u8]));
    let mut plain = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut plain, image::ImageFormat::Jpeg).unwrap();
    let plain = plain.into_inner();
    let mut make = secret.as_bytes().to_vec();
    make.push(0);
    // TIFF, little-endian, one directory of two tags: Make (text, behind it) and Orientation (6).
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend([0x0f, 0x01, 2, 0]);
    tiff.extend(u32::try_from(make.len()).unwrap().to_le_bytes());
    tiff.extend(38_u32.to_le_bytes());
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(make);
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend(tiff);
    let mut bytes = plain[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(u16::try_from(segment.len() + 2).unwrap().to_be_bytes());
    bytes.extend(segment);
    bytes.extend(&plain[2..]);
    std::fs::write(path, bytes).unwrap();
}

/// All plain files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        // A running node may have put it away since.
        let Ok(entry) = entry else { continue };
        let Ok(kind) = entry.file_type() else { continue };
        match kind {
            kind if kind.is_dir() => found.extend(files(&entry.path())),
            kind if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
    found
}

pub fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
