//! The story of `sim::converge`, or with `--messages` that of `sim::sleepers`, or with `--edits` that of `sim::devices`, with
//! one seed after the other, for a while: `cargo xtask soak`. Prints one line a seed and at last one of JSON; ends with 1 at the first seed that fails, which it
//! prints with what stands between the nodes or what is missing.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use kith_node::sim::{converge, devices, sleepers};

fn number(name: &str, otherwise: u64) -> u64 {
    let args: Vec<String> = std::env::args().collect();
    let at = args.iter().position(|arg| arg == name);
    at.and_then(|at| args.get(at + 1)).and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn main() -> ExitCode {
    let (minutes, nodes, first) = (number("--minutes", 60), number("--nodes", 200), number("--from", 1));
    let (faults_ms, messages, edits) = (number("--faults-ms", 60_000), number("--messages", 0), number("--edits", 0));
    let end = Instant::now() + Duration::from_secs(minutes * 60);
    let (mut seed, mut longest_ms) = (first, 0);
    while Instant::now() < end {
        let start = Instant::now();
        let told = match (messages, edits) {
            (0, 0) => converge(seed, usize::try_from(nodes).unwrap_or(usize::MAX), faults_ms),
            (0, _) => devices(seed, edits),
            _ => sleepers(seed, messages).map(|told| told.map(|()| 0)),
        };
        match told {
            Ok(Ok(took_ms)) => {
                println!("seed {seed}: agreed after {took_ms} virtual ms; took {:.1} s", start.elapsed().as_secs_f64());
                longest_ms = longest_ms.max(took_ms);
            }
            Ok(Err(story)) => {
                println!("{story}");
                return ExitCode::FAILURE;
            }
            Err(error) => {
                println!("seed {seed}: {error}");
                return ExitCode::FAILURE;
            }
        }
        seed += 1;
    }
    println!(
        "{{\"nodes\":{nodes},\"first_seed\":{first},\"seeds\":{},\"longest_ms\":{longest_ms}}}",
        seed.saturating_sub(first)
    );
    ExitCode::SUCCESS
}
