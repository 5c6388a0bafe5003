//! The fuzz targets: libFuzzer on the stable compiler, from the committed corpus.
//!
//! `fuzz/` is a workspace of its own with one program per file of `fuzz_targets/` and seeds in `corpus/TARGET/`. It is
//! built apart because everything in it carries coverage counters. What a run finds goes to the target folder, never
//! into the tree: a new seed is committed by hand.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::command;

/// How long each target runs in the test command.
pub(crate) const SECONDS: u64 = 30;

/// What cargo-fuzz passes too, less the address sanitizer, which needs a nightly compiler; the code is safe Rust.
/// Overflow and debug assertions stay on: a failed one is a finding.
const FLAGS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
    "-Coverflow-checks",
    "-Ccodegen-units=1",
];
/// One input may not take longer: every parser has limits that keep it far below. Seconds.
const INPUT_SECONDS: u64 = 10;
/// Memory that a target may use before that counts as a finding. MiB.
const MEMORY_MIB: u64 = 2048;
/// Lines of a failed run that are shown.
const SHOWN_LINES: usize = 60;

/// Builds and runs one target or all. Gives how many ran.
pub(crate) fn run(only: Option<&str>, seconds: u64) -> Result<usize> {
    let all = targets()?;
    let chosen: Vec<_> = all.iter().filter(|name| only.is_none_or(|only| only == *name)).collect();
    if chosen.is_empty() {
        bail!("no fuzz target named {}; there are: {}", only.unwrap_or("anything"), all.join(", "));
    }
    let host = host()?;
    build(&host)?;
    for target in &chosen {
        run_target(&host, target, seconds)?;
    }
    Ok(chosen.len())
}

fn targets() -> Result<Vec<String>> {
    let dir = command::root().join("fuzz/fuzz_targets");
    let files = fs::read_dir(&dir).with_context(|| format!("cannot read the fuzz targets in {}", dir.display()))?;
    let mut names = Vec::new();
    for file in files {
        let path = file?.path();
        if path.extension().is_some_and(|ext| ext == "rs") {
            names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

fn build(host: &str) -> Result<()> {
    let mut cargo = command::cargo();
    // A named target keeps the counters out of build scripts and macros, which would not link with them.
    cargo.args(["build", "--release", "--locked", "--bins", "--manifest-path", "fuzz/Cargo.toml", "--target", host]);
    cargo.env("CARGO_TARGET_DIR", command::target_dir().join("fuzz"));
    cargo.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    command::run(&mut cargo)
}

fn run_target(host: &str, target: &str, seconds: u64) -> Result<()> {
    let base = command::target_dir().join("fuzz");
    let seeds = command::root().join("fuzz/corpus").join(target);
    let count = fs::read_dir(&seeds).map(Iterator::count).unwrap_or(0);
    if count == 0 {
        bail!("fuzz target {target} has no committed seeds in fuzz/corpus/{target}");
    }
    let found = base.join("corpus").join(target);
    let findings = base.join("findings").join(target);
    for dir in [&found, &findings] {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    }
    println!("Fuzzing {target} for {seconds} s from {count} seeds");
    let mut fuzzer = std::process::Command::new(base.join(host).join("release").join(target));
    fuzzer
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={INPUT_SECONDS}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .arg("-print_final_stats=1")
        .args([&found, &seeds])
        .stdin(Stdio::null());
    let output = fuzzer.output().with_context(|| format!("cannot start fuzz target {target}"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    keep_log(&base.join(format!("{target}.log")), &log)?;
    if !output.status.success() {
        let lines: Vec<_> = log.lines().collect();
        let shown = lines.iter().skip(lines.len().saturating_sub(SHOWN_LINES));
        shown.for_each(|line| eprintln!("{line}"));
        bail!("fuzz target {target} failed ({}); the input lies in {}", output.status, findings.display());
    }
    if !log.contains("inline 8-bit counters") {
        bail!("fuzz target {target} was built without coverage counters: it only tried the seeds");
    }
    let runs = log.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    println!("  {} inputs tried, no finding", runs.map_or("?", str::trim));
    Ok(())
}

fn keep_log(path: &Path, log: &str) -> Result<()> {
    fs::write(path, log).with_context(|| format!("cannot write {}", path.display()))
}

/// The compiler's own target.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = std::process::Command::new(rustc).arg("-vV").output().context("cannot start rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc -vV names no host")
}
