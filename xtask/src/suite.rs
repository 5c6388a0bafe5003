//! `cargo xtask test`: all tests, with a heading and the time taken for each part, and one line at the end that says
//! how it went.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::display::Display;
use crate::{command, fuzz, setup};

/// Sets up, then runs every part even where an earlier one failed, save that nothing runs when the build fails.
/// The exit code is 0 only when all of it passed.
pub(crate) fn run(fuzz_seconds: u64) -> Result<ExitCode> {
    let start = Instant::now();
    setup::ensure(setup::Goal::Test)?;
    let mut report = Report::default();

    if report.part("1/3 Build the tests", || command::run(&mut cargo_test(&["--no-run"]))).is_some() {
        let counts = report.part("2/3 Tests: unit, simulation, commands, web page, window, keychain", run_tests);
        report.counts = counts.unwrap_or_default();
        report.fuzzed = report.part("3/3 Fuzz targets", || fuzz::run(None, fuzz_seconds)).unwrap_or_default();
    }

    println!("\n{}", report.summary(&command::spell(start.elapsed())));
    Ok(if report.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Default)]
struct Report {
    failed: Vec<String>,
    counts: Counts,
    fuzzed: usize,
}

impl Report {
    fn part<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        println!("\n== {title}");
        let start = Instant::now();
        let done = work();
        let elapsed = command::spell(start.elapsed());
        match done {
            Ok(value) => {
                println!("== {title}: passed in {elapsed}");
                Some(value)
            }
            Err(error) => {
                println!("== {title}: FAILED after {elapsed}: {error:#}");
                self.failed.push(title.to_owned());
                None
            }
        }
    }

    fn summary(&self, elapsed: &str) -> String {
        if !self.failed.is_empty() {
            return format!("FAILED in {elapsed}: {}", self.failed.join("; "));
        }
        let ignored = match self.counts.ignored {
            0 => String::new(),
            count => format!(" ({count} ignored)"),
        };
        let Counts { passed, .. } = self.counts;
        format!("ALL PASSED in {elapsed}: {passed} tests{ignored}, {} fuzz targets", self.fuzzed)
    }
}

fn cargo_test(args: &[&str]) -> Command {
    let mut cargo = command::cargo();
    cargo.args(["test", "--workspace", "--locked"]).args(args);
    cargo
}

/// All tests of the workspace, away from the person's own desktop: a display, a home for data and a session of their
/// own, so that no test can reach the real profile, keychain or screen.
fn run_tests() -> Result<Counts> {
    let home = Home::make()?;
    let display = if cfg!(target_os = "linux") { Some(Display::start()?) } else { None };
    let mut cargo = cargo_test(&["--no-fail-fast"]);
    for (name, folder) in Home::FOLDERS {
        cargo.env(name, home.path.join(folder));
    }
    if let Some(display) = &display {
        cargo.env("DISPLAY", display.name()).env("GDK_BACKEND", "x11").env_remove("WAYLAND_DISPLAY");
    }
    cargo.env_remove("DBUS_SESSION_BUS_ADDRESS").env("GSETTINGS_BACKEND", "memory");
    let counts = run_counted(&mut cargo)?;
    if counts.passed == 0 {
        bail!("not a single test ran");
    }
    Ok(counts)
}

/// Shows what the tests print, and counts them along the way.
fn run_counted(cargo: &mut Command) -> Result<Counts> {
    let line = command::line(cargo);
    let mut child = cargo.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let mut counts = Counts::default();
    if let Some(out) = child.stdout.take() {
        for text in BufReader::new(out).split(b'\n') {
            let text = text.context("cannot read what the tests print")?;
            let text = String::from_utf8_lossy(&text);
            println!("{text}");
            counts.add(&text);
        }
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{line}`"))?;
    if !status.success() {
        bail!("{} of {} tests failed ({status})", counts.failed, counts.failed + counts.passed);
    }
    Ok(counts)
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Counts {
    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`; others say nothing.
    fn add(&mut self, line: &str) {
        let Some((_, rest)) = line.split_once("test result: ") else { return };
        let mut before = "";
        for word in rest.split([' ', ';', ',']) {
            let number = before.parse::<u64>().unwrap_or(0);
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
            before = word;
        }
    }
}

/// A short-lived home for what the tests write: data, settings, and sockets, whose paths must be short.
struct Home {
    path: PathBuf,
}

impl Home {
    const FOLDERS: [(&str, &str); 5] = [
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_RUNTIME_DIR", "run"),
    ];

    fn make() -> Result<Self> {
        let home = Self { path: std::env::temp_dir().join(format!("kith-test-{}", std::process::id())) };
        for (_, folder) in Self::FOLDERS {
            make_private(&home.path.join(folder))?;
        }
        Ok(home)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // What stays behind is a few files in the system's temporary folder.
        fs::remove_dir_all(&self.path).ok();
    }
}

fn make_private(dir: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).with_context(|| format!("cannot make {}", dir.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let mut counts = Counts::default();
        counts.add("running 3 tests");
        counts.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        counts.add("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        assert_eq!(counts, Counts { passed: 7, failed: 2, ignored: 1 });
    }

    #[test]
    fn a_failed_part_shows_in_the_last_line() {
        let mut report = Report::default();
        assert_eq!(report.part("good", || Ok(1)), Some(1));
        assert!(report.summary("1 s").starts_with("ALL PASSED"));
        assert_eq!(report.part("bad", || -> Result<()> { bail!("no") }), None);
        assert_eq!(report.summary("1 s"), "FAILED in 1 s: bad");
    }
}
