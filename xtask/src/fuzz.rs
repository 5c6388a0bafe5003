//! The fuzz targets: libFuzzer on the stable compiler, from the committed corpus.
//!
//! `fuzz/` is a workspace of its own with one program a target and seeds in `corpus/TARGET/`; its compiler wrapper adds
//! coverage counters to our own crates. What a run finds goes to the target folder, never into the tree: a new seed is
//! committed by hand.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::command;

/// How long each target runs in the test command.
pub(crate) const SECONDS: u64 = 30;

/// One input may not take longer: every parser has limits that keep it far below. Seconds.
const INPUT_SECONDS: u64 = 10;
/// Memory that a target may use before that counts as a finding. MiB.
const MEMORY_MIB: u64 = 2048;
/// Longest input, bytes: above the largest body and frame that are taken, so that the limits are met too.
const INPUT_BYTES: u64 = 110_000;
/// Lines of a failed run that are shown.
const SHOWN_LINES: usize = 60;

/// Builds and runs one target or all. Gives how many ran.
pub(crate) fn run(only: Option<&str>, seconds: u64) -> Result<usize> {
    let all = targets()?;
    let chosen: Vec<_> = all.iter().filter(|name| only.is_none_or(|only| only == *name)).collect();
    if chosen.is_empty() {
        bail!("no fuzz target named {}; there are: {}", only.unwrap_or("anything"), all.join(", "));
    }
    build()?;
    for target in &chosen {
        run_target(target, seconds)?;
    }
    Ok(chosen.len())
}

fn targets() -> Result<Vec<String>> {
    let path = command::root().join("fuzz/Cargo.toml");
    let manifest = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(programs(&manifest))
}

/// Names of the `[[bin]]` tables of a manifest.
fn programs(manifest: &str) -> Vec<String> {
    let mut table = "";
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            table = line;
        } else if table == "[[bin]]"
            && let Some(name) = line.strip_prefix("name = ")
        {
            names.push(name.trim_matches('"').to_owned());
        }
    }
    names
}

fn build() -> Result<()> {
    let mut cargo = command::cargo();
    cargo.args(["build", "--locked", "--manifest-path", "fuzz/Cargo.toml"]);
    cargo.env("CARGO_TARGET_DIR", command::target_dir().join("fuzz"));
    cargo.env("RUSTC_WRAPPER", command::root().join("fuzz/sancov.sh"));
    command::run(&mut cargo)
}

fn run_target(target: &str, seconds: u64) -> Result<()> {
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
    let mut fuzzer = std::process::Command::new(base.join("debug").join(target));
    fuzzer
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={INPUT_BYTES}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_programs_of_the_manifest() {
        let manifest = "[package]\nname = \"kith-fuzz\"\n[[bin]]\nname = \"entry\"\npath = \"e.rs\"\n# [[bin]]\n# name = \"no\"\n\
                        [[bin]]\nname = \"frame\"\n[lib]\nname = \"x\"\n";
        assert_eq!(programs(manifest), ["entry", "frame"]);
    }
}
