//! The questions for a passphrase, on a terminal: a pseudo terminal of `script` (util-linux), which echoes what is typed
//! unless the program turns that off.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/profile.rs"]
mod profile;

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Instant;

use profile::{PATIENCE, Profile};

const GOOD: &str = "a good long passphrase";
const NEW: &str = "A passphrase for this profile's keys";
const AGAIN: &str = "The same again:";
const OLD: &str = "Passphrase of this profile:";

/// A program on a terminal.
struct Terminal {
    program: Child,
    keys: ChildStdin,
    shown: Receiver<Vec<u8>>,
    screen: String,
    /// Up to where the screen was read.
    read: usize,
}

impl Terminal {
    /// Runs a line of shell, which ends the terminal.
    fn run(line: &str, prepare: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new("script");
        prepare(&mut command);
        command.args(["--quiet", "--return", "--flush", "--command", line, "/dev/null"]);
        let mut program = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`script` (Debian: apt install bsdutils) makes the terminal");
        let (mut output, keys) = (program.stdout.take().unwrap(), program.stdin.take().unwrap());
        let (tell, shown) = sync_channel(1_000);
        std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                let _test_over = tell.send(bytes[..count].to_vec());
            }
        });
        Self { program, keys, shown, screen: String::new(), read: 0 }
    }

    /// `kith ARGS`, in the profile's folder, without a keychain to find.
    fn kith(profile: &Profile, args: &str) -> Self {
        let line = format!("exec '{}' --profile '{}' {args}", env!("CARGO_BIN_EXE_kith"), profile.folder().display());
        Self::run(&line, |command| {
            profile.surround(command);
            command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent").env("SHELL", "/bin/sh");
        })
    }

    /// Waits until this is shown, after what was waited for before.
    #[track_caller]
    fn until(&mut self, text: &str) {
        let start = Instant::now();
        loop {
            if let Some(at) = self.screen[self.read..].find(text) {
                self.read += at + text.len();
                return;
            }
            let left = PATIENCE.saturating_sub(start.elapsed());
            match self.shown.recv_timeout(left) {
                Ok(bytes) => self.screen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("{text:?} was not shown: {:?}", self.screen),
            }
        }
    }

    /// Types what must not be seen: once the terminal echoes no more, as a person who has read the question does.
    #[track_caller]
    fn type_secret(&mut self, text: &str) {
        let script = self.program.id();
        let start = Instant::now();
        loop {
            let child = std::fs::read_to_string(format!("/proc/{script}/task/{script}/children")).unwrap();
            if let Ok(terminal) = std::fs::read_link(format!("/proc/{}/fd/0", child.trim())) {
                let asked = Command::new("stty").arg("-F").arg(terminal).arg("-a").output().unwrap();
                if String::from_utf8_lossy(&asked.stdout).split_whitespace().any(|flag| flag == "-echo") {
                    return self.type_line(text);
                }
            }
            assert!(start.elapsed() < PATIENCE, "the terminal goes on echoing: {:?}", self.screen);
        }
    }

    fn type_line(&mut self, text: &str) {
        self.keys.write_all(format!("{text}\n").as_bytes()).unwrap();
    }

    /// Its exit code, and all that was shown.
    fn end(mut self) -> (i32, String) {
        while let Ok(bytes) = self.shown.recv_timeout(PATIENCE) {
            self.screen.push_str(&String::from_utf8_lossy(&bytes));
        }
        drop(self.keys);
        let status = self.program.wait().unwrap();
        (status.code().unwrap(), self.screen)
    }
}

#[test]
fn the_terminal_of_this_test_echoes() {
    let mut terminal = Terminal::run("read line; echo \"<$line>\"", |command| {
        command.env("SHELL", "/bin/sh");
    });
    terminal.type_line("typed");
    terminal.until("<typed>");
    let (_, screen) = terminal.end();
    assert_eq!(screen.matches("typed").count(), 2, "{screen:?}");
}

#[test]
fn a_new_profile_without_a_keychain_asks_twice_and_shows_nothing() {
    let profile = Profile::empty_with_defaults();
    let mut terminal = Terminal::kith(&profile, "init --name Alice");
    terminal.until(NEW);
    terminal.type_secret(GOOD);
    terminal.until(AGAIN);
    terminal.type_secret(GOOD);
    let (code, screen) = terminal.end();
    assert!(code == 0 && screen.contains("Alice"), "{screen}");
    assert!(!screen.contains(GOOD), "{screen}");
    assert!(profile.folder().join("keys.sealed").exists());

    // From then on it asks once.
    let mut terminal = Terminal::kith(&profile, "post hello");
    terminal.until(OLD);
    terminal.type_secret(GOOD);
    let (code, screen) = terminal.end();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains(GOOD) && !screen.contains(AGAIN), "{screen}");
    let mut terminal = Terminal::kith(&profile, "feed");
    terminal.until(OLD);
    terminal.type_secret(GOOD);
    terminal.until("hello");
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn a_wrong_passphrase_is_told_and_harms_nothing() {
    let mut profile = Profile::empty();
    profile.passphrase = Some(GOOD.to_owned());
    profile.json(&["init", "--name", "Alice"]);
    (profile.passphrase, profile.keystore) = (None, None);
    let wrong = "another long passphrase";
    for (answer, told) in [(wrong, "does not open"), ("", "locked")] {
        let mut terminal = Terminal::kith(&profile, "feed");
        terminal.until(OLD);
        terminal.type_secret(answer);
        let (code, screen) = terminal.end();
        assert!(code == 1 && screen.contains(told), "{answer:?}: {screen}");
        assert!(!screen.contains(wrong), "{screen}");
    }
    let mut terminal = Terminal::kith(&profile, "persona list");
    terminal.until(OLD);
    terminal.type_secret(GOOD);
    let (code, screen) = terminal.end();
    assert!(code == 0 && screen.contains("Alice"), "{screen}");
}

#[test]
fn passphrases_that_differ_or_are_empty_make_no_profile() {
    let profile = Profile::empty_with_defaults();
    for (first, again, told) in [(GOOD, Some("another one"), "differ"), ("", None, "empty")] {
        let mut terminal = Terminal::kith(&profile, "init --name Alice");
        terminal.until(NEW);
        terminal.type_secret(first);
        if let Some(again) = again {
            terminal.until(AGAIN);
            terminal.type_secret(again);
        }
        let (code, screen) = terminal.end();
        assert!(code == 1 && screen.contains(told), "{screen}");
        assert!(!screen.contains(GOOD) && !screen.contains("another one"), "{screen}");
        assert!(!profile.folder().join("keys.sealed").exists());
    }
    // Nothing of the attempts is in the way.
    let mut terminal = Terminal::kith(&profile, "init --name Alice");
    terminal.until(NEW);
    terminal.type_secret(GOOD);
    terminal.until(AGAIN);
    terminal.type_secret(GOOD);
    assert_eq!(terminal.end().0, 0);
}
