//! `kith tui` on a terminal: a pseudo terminal of `script` (util-linux), and a terminal in memory (vt100) that shows what a
//! person would see.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/profile.rs"]
mod profile;

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use profile::{PATIENCE, Profile, text};
use rustix::process::{Pid, Signal, kill_process};
use vt100::Parser;

const ROWS: NonZeroU16 = NonZeroU16::new(24).unwrap();
/// Nothing is drawn for so long: what was asked for is there.
const QUIET: Duration = Duration::from_secs(2);
const COLUMNS: NonZeroU16 = NonZeroU16::new(80).unwrap();

/// The program on a terminal of 80 columns and 24 lines.
struct Terminal {
    program: Child,
    keys: ChildStdin,
    shown: Receiver<Vec<u8>>,
    screen: Parser,
    /// What came before the screens.
    first: String,
}

impl Drop for Terminal {
    /// A test that fails leaves nothing behind: without its terminal the program ends.
    fn drop(&mut self) {
        let _ended_already = self.program.kill();
        let _ended = self.program.wait();
    }
}

impl Terminal {
    fn kith(profile: &Profile, args: &str) -> Self {
        // The shell tells its number first, which is the program's after `exec`; what is behind shows how it was left.
        let kith = format!("exec '{}' --profile '{}' {args}", env!("CARGO_BIN_EXE_kith"), profile.folder().display());
        let line = format!(
            "stty rows {ROWS} cols {COLUMNS}; (echo pid $BASHPID; {kith}); echo ended $?; stty -a | grep -o -e '-\\?icanon' -e ' -\\?echo '"
        );
        let mut command = Command::new("script");
        profile.surround(&mut command);
        command
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .env("SHELL", "/bin/bash")
            .env("TERM", "xterm-256color")
            .args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"]);
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
        Self { program, keys, shown, screen: Parser::new(ROWS, COLUMNS, 0), first: String::new() }
    }

    fn contents(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits until the screen is so.
    #[track_caller]
    fn until(&mut self, what: &str, done: impl Fn(&str) -> bool) {
        let start = Instant::now();
        while !done(&self.contents()) {
            let left = PATIENCE.saturating_sub(start.elapsed());
            match self.shown.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => panic!("not seen: {what}; the screen:\n{}", self.contents()),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        if self.first.len() < 200 {
            self.first.push_str(&String::from_utf8_lossy(bytes));
        }
        self.screen.process(bytes);
    }

    #[track_caller]
    fn sees(&mut self, text: &str) {
        self.until(text, |screen| screen.contains(text));
    }

    /// Waits until nothing more is drawn: the answers to what a screen asks for at its start come one by one.
    #[track_caller]
    fn settles(&mut self) {
        let start = Instant::now();
        while let Ok(bytes) = self.shown.recv_timeout(QUIET) {
            self.take(&bytes);
            assert!(start.elapsed() < PATIENCE, "it goes on drawing:\n{}", self.contents());
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// The program's number, told before it takes the screen over.
    fn pid(&self) -> Pid {
        let number = self.first.split_once("pid ").and_then(|(_, rest)| rest.split_once('\r'));
        Pid::from_raw(number.expect("the shell tells it first").0.parse().unwrap()).unwrap()
    }

    /// After its end: what was on the screen before is there again, lines are edited and echoed, the cursor is seen.
    #[track_caller]
    fn gives_back(mut self, code: i32) {
        self.sees(&format!("ended {code}"));
        self.until("the terminal as it was", |screen| screen.contains("icanon") && screen.contains(" echo"));
        let contents = self.contents();
        assert!(!contents.contains("-icanon") && !contents.contains("-echo"), "{contents}");
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        assert!(contents.contains("pid "), "{contents}");
        let start = Instant::now();
        while self.program.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < PATIENCE, "the terminal ends with the program");
        }
    }
}

/// Without a node: the screens are it. Open, read, write, see it, quit.
#[test]
fn somebody_reads_the_feed_writes_a_post_and_quits() {
    let profile = Profile::init("Alice");
    profile.json(&["post", "written before"]);
    let mut terminal = Terminal::kith(&profile, "tui --offline");
    terminal.sees("written before");
    terminal.sees("Alice · 0 peers");
    // It is a node: other commands reach it.
    assert_eq!(profile.json(&["status"])["running"], true);
    terminal.press("n");
    terminal.sees("To everyone");
    terminal.press("hello from a terminal");
    terminal.sees("hello from a terminal");
    terminal.press("\x13");
    terminal.sees("Posted.");
    terminal.until("the post in the feed", |screen| {
        screen.contains("hello from a terminal") && !screen.contains("To everyone")
    });
    terminal.press("\r");
    terminal.sees("held by 0 others");
    terminal.press("q");
    terminal.gives_back(0);
    let feed = profile.json(&["feed"]);
    assert_eq!(text(&feed[0]["text"]), "hello from a terminal");
}

/// What another program does is seen without a key, and the node goes on afterwards.
#[test]
fn the_screens_of_a_running_node_follow_what_happens() {
    let mut profile = Profile::init("Alice");
    profile.run_on_loopback(None);
    let mut terminal = Terminal::kith(&profile, "tui");
    terminal.sees("Nothing here yet");
    profile.json(&["post", "from elsewhere"]);
    terminal.sees("from elsewhere");
    terminal.press("\x03");
    terminal.gives_back(0);
    assert_eq!(profile.json(&["status"])["running"], true);
}

/// By the same requests as the commands'.
#[test]
fn a_vote_a_post_for_later_and_a_search_reach_the_node() {
    let profile = Profile::init("Alice");
    profile.json(&["post", "how do we get there", "--poll", "ferry", "--poll", "bus"]);
    let day = chrono::Utc::now() + chrono::TimeDelta::days(30);
    profile.json(&["post", "the fog is over", "--at", &day.to_rfc3339()]);
    let mut terminal = Terminal::kith(&profile, "tui --offline");
    terminal.sees("how do we get there");
    terminal.press("p");
    terminal.sees("Vote for");
    terminal.press("j\r");
    terminal.sees("2. 1* (100 %) bus");
    terminal.press("vjj\r");
    terminal.sees("the fog is over");
    terminal.press("s");
    terminal.sees("now?");
    terminal.press("y");
    terminal.sees("Nothing waits for its time");
    terminal.press("/fog\r");
    terminal.sees("Search: fog");
    terminal.sees("the fog is over");
    terminal.press("q");
    terminal.gives_back(0);
    let feed = profile.json(&["feed"]);
    let posts: Vec<String> = feed.as_array().unwrap().iter().map(|post| text(&post["text"])).collect();
    assert_eq!(posts, ["the fog is over", "how do we get there"]);
    assert_eq!(feed[1]["poll"]["options"][1]["mine"], true);
}

#[test]
fn sigterm_gives_the_terminal_back() {
    let profile = Profile::init("Alice");
    let mut terminal = Terminal::kith(&profile, "tui --offline");
    terminal.sees("Nothing here yet");
    let pid = terminal.pid();
    kill_process(pid, Signal::TERM).unwrap();
    terminal.gives_back(0);
}

#[test]
fn a_terminal_is_needed() {
    let profile = Profile::init("Alice");
    profile.refused_as(&["tui"], "usage", 2);
}

/// Nothing happens, nothing is done: less than a hundredth of one core, with a connection that waits for news.
#[test]
fn an_idle_screen_takes_no_time() {
    let mut profile = Profile::init("Alice");
    profile.run_on_loopback(None);
    let mut terminal = Terminal::kith(&profile, "tui");
    terminal.sees("Nothing here yet");
    terminal.sees("0 peers");
    terminal.settles();
    let pid = terminal.pid();
    let used = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap();
        let fields: Vec<&str> = stat[stat.rfind(')').unwrap() + 2..].split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    let (before, start) = (used(), Instant::now());
    let seen = terminal.shown.recv_timeout(Duration::from_secs(10));
    assert!(seen.is_err(), "nothing is drawn: {:?}", seen.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    let ticks = used() - before;
    println!("{ticks} ticks of 10 ms within {:?}", start.elapsed());
    assert!(ticks <= 10, "{ticks} ticks of 10 ms within {:?}", start.elapsed());
    terminal.press("q");
    terminal.gives_back(0);
}

/// Quitting keeps what is being written, and the next screens have it. The window reads the same draft.
#[test]
fn what_is_being_written_outlives_the_screens() {
    let profile = Profile::init("Alice");
    profile.json(&["post", "written before"]);
    let mut terminal = Terminal::kith(&profile, "tui --offline");
    terminal.sees("written before");
    terminal.press("n");
    terminal.sees("To everyone");
    terminal.press("half a thought");
    terminal.press("\x03");
    terminal.gives_back(0);
    let mut terminal = Terminal::kith(&profile, "tui --offline");
    terminal.sees("written before");
    terminal.settles();
    terminal.press("n");
    terminal.sees("half a thought");
    terminal.press(", whole now\x13");
    terminal.sees("Posted.");
    terminal.until("the post in the feed", |screen| screen.contains("whole now") && !screen.contains("To everyone"));
    terminal.settles();
    terminal.press("n");
    terminal.sees("To everyone");
    terminal.press("\x03");
    terminal.gives_back(0);
    assert_eq!(text(&profile.json(&["feed"])[0]["text"]), "half a thought, whole now");
}
