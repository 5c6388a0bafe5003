//! `cargo xtask`: what a fresh machine needs to run and test Kith, in one command each.
//!
//! Depends on nothing of ours and on no system library, so it builds before anything else can: it is what installs
//! the rest. [`setup`] holds the table of system packages, each with its reason; every other command starts there.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program talks to its terminal")]

mod app;
mod bench;
mod command;
mod display;
mod fuzz;
mod setup;
mod soak;
mod suite;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Exit code of a command that this version does not have yet; 1 is a failure, 2 also wrong usage.
const NOT_YET: u8 = 2;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Set up, run and test Kith.", version)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Set up what the system lacks, build, and open the app. Without a display: start the node with its web page and
    /// print the link.
    Run {
        /// Build optimised: slower to build, faster to use.
        #[arg(long)]
        release: bool,
        /// Folder of the profile to open; the system's data folder otherwise.
        #[arg(long)]
        profile: Option<PathBuf>,
        /// The web page instead of the window, also where there is a display.
        #[arg(long)]
        web: bool,
        /// Passed on to the program.
        #[arg(last = true)]
        rest: Vec<String>,
    },
    /// Set up what the tests need and run all of them: unit, simulation, contract, web page, window, keychain, fuzz.
    Test {
        /// How long each fuzz target runs, in seconds.
        #[arg(long, default_value_t = fuzz::SECONDS)]
        fuzz_seconds: u64,
    },
    /// Measure: cold pull, nothing-new exchange, feed page, open to first page; `start FOLDER`: the window of a full profile.
    Bench {
        /// Passed on to the bench.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Run the simulation with as many seeds as fit, and add them to docs/soak.md.
    Soak {
        /// How long, in minutes.
        #[arg(long, default_value_t = 60)]
        minutes: u64,
        #[arg(long, default_value_t = 200)]
        nodes: u64,
        /// Instead of a network of so many nodes: two phones that sleep and write so many messages.
        #[arg(long)]
        messages: Option<u64>,
        /// Instead: two devices of one user, which make so many edits each without seeing each other.
        #[arg(long, conflicts_with = "messages")]
        edits: Option<u64>,
    },
    /// Run the fuzz targets, or one of them, from the committed corpus.
    Fuzz {
        /// Name of a target; all when left out.
        target: Option<String>,
        /// How long each target runs.
        #[arg(long, default_value_t = fuzz::SECONDS)]
        seconds: u64,
    },
    /// Only the set-up step of the other commands.
    Setup {
        /// What to set up for.
        #[arg(long = "for", value_enum, default_value_t = setup::Goal::Test)]
        goal: setup::Goal,
        /// Say what would be done; change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Take the screenshots of the documentation.
    Screenshots,
    /// Check the Android and iOS builds.
    CheckMobile,
    /// Part of `run`: wait for the node's web page and print its link.
    #[command(hide = true)]
    PrintLink { kith: PathBuf, profile: Option<PathBuf> },
}

fn main() -> ExitCode {
    let done = match Args::parse().task {
        Task::Run { release, profile, web, rest } => app::run(&app::Options { release, profile, web, rest }),
        Task::Test { fuzz_seconds } => suite::run(fuzz_seconds),
        Task::Bench { rest } => bench::run(&rest),
        Task::Soak { minutes, nodes, messages, edits } => {
            let devices = edits.map(soak::Story::Devices).or(messages.map(soak::Story::Messages));
            soak::run(minutes, devices.unwrap_or(soak::Story::Network(nodes)))
        }
        Task::Fuzz { target, seconds } => setup::ensure(setup::Goal::Node)
            .and_then(|()| fuzz::run(target.as_deref(), seconds))
            .map(|_| ExitCode::SUCCESS),
        Task::Setup { goal, dry_run: true } => setup::show(goal).map(|()| ExitCode::SUCCESS),
        Task::Setup { goal, dry_run: false } => setup::ensure(goal).map(|()| ExitCode::SUCCESS),
        Task::Screenshots => Ok(not_yet("screenshots")),
        Task::CheckMobile => Ok(not_yet("check-mobile")),
        Task::PrintLink { kith, profile } => app::print_link(&kith, profile.as_deref()),
    };
    report(done)
}

fn report(done: Result<ExitCode>) -> ExitCode {
    done.unwrap_or_else(|error| {
        eprintln!("\nerror: {error:#}");
        ExitCode::FAILURE
    })
}

fn not_yet(task: &str) -> ExitCode {
    eprintln!("cargo xtask {task} is not available yet.");
    ExitCode::from(NOT_YET)
}
