//! `cargo xtask bench`: the numbers that the project keeps an eye on.

use std::process::ExitCode;

use anyhow::Result;

use crate::{command, setup};

/// Builds the node's bench optimised and runs it with these arguments.
pub(crate) fn run(rest: &[String]) -> Result<ExitCode> {
    setup::ensure(setup::Goal::Node)?;
    let mut bench = command::cargo();
    // Dependencies are built optimised once for everything; only the node is built anew for the bench.
    bench.args(["run", "--locked", "--config", "profile.dev.package.kith-node.opt-level=3"]);
    bench.args(["-p", "kith-node", "--features", "sim", "--example", "bench", "--"]);
    command::run(bench.args(rest))?;
    Ok(ExitCode::SUCCESS)
}
