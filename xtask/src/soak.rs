//! `cargo xtask soak`: the simulation with as many seeds as fit, added up in a ledger.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::{command, setup};

const LEDGER: &str = "docs/soak.md";

/// Where the ledger of messages begins, behind that of the network.
const MESSAGES: &str = "\n## Messages\n";

/// Runs seeds for so many minutes, from the one after the last in the ledger on, and adds a row to it: of so many nodes,
/// or of phones that sleep and so many messages. Ends with an error at a seed that fails; that seed stays out of the
/// ledger until it does not.
pub(crate) fn run(minutes: u64, nodes: u64, messages: Option<u64>) -> Result<ExitCode> {
    setup::ensure(setup::Goal::Node)?;
    let path = command::root().join(LEDGER);
    let ledger = fs::read_to_string(&path).with_context(|| format!("cannot read {LEDGER}"))?;
    let (network, talk) = ledger.split_once(MESSAGES).context("the ledger has no part for messages")?;
    let first = messages.map_or_else(|| next_seed(network, nodes), |messages| next_seed(talk, messages));
    let mut cargo = command::cargo();
    cargo.args(["run", "--locked", "--config", "profile.dev.package.kith-node.opt-level=3"]);
    cargo.args(["-p", "kith-node", "--features", "sim", "--example", "soak", "--"]);
    let messages_wanted = messages.unwrap_or(0);
    for (name, value) in
        [("--minutes", minutes), ("--nodes", nodes), ("--from", first), ("--messages", messages_wanted)]
    {
        cargo.args([name, &value.to_string()]);
    }
    let mut child = cargo.stdout(Stdio::piped()).spawn().context("cannot start the soak")?;
    let mut last = String::new();
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        last = line.context("cannot read what the soak prints")?;
        println!("{last}");
    }
    if !child.wait().context("cannot wait for the soak")?.success() {
        bail!("a seed failed: nothing was added to {LEDGER}");
    }
    let figure = |name: &str| number(&last, name).with_context(|| format!("the soak told no {name}"));
    let (seeds, longest) = (figure("seeds")?, figure("longest_ms")?);
    if seeds > 0 {
        let last = first + seeds - 1;
        let ledger = match messages {
            Some(each) => format!("{ledger}| {each} | {first} | {last} | {seeds} | {} |\n", each * seeds),
            None => format!("{network}| {nodes} | {first} | {last} | {seeds} | {longest} |\n{MESSAGES}{talk}"),
        };
        fs::write(&path, ledger).with_context(|| format!("cannot write {LEDGER}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The seed after the last one of so many nodes.
fn next_seed(ledger: &str, nodes: u64) -> u64 {
    let last = ledger.lines().filter_map(|line| {
        let mut cells = line.split('|').skip(1).map(|cell| cell.trim().parse::<u64>().ok());
        (cells.next()?? == nodes).then(|| cells.nth(1).flatten()).flatten()
    });
    last.max().map_or(1, |seed| seed + 1)
}

/// A number of one line of flat JSON.
fn number(json: &str, name: &str) -> Option<u64> {
    let (_, rest) = json.split_once(&format!("\"{name}\":"))?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_go_on_where_the_ledger_ends() {
        let ledger = "| nodes | first | last |\n|---|---|---|\n| 50 | 1 | 40 | 40 | 9 |\n| 200 | 1 | 7 | 7 | 9 |\n";
        assert_eq!(next_seed(ledger, 50), 41);
        assert_eq!(next_seed(ledger, 200), 8);
        assert_eq!(next_seed(ledger, 10), 1);
        assert_eq!(number("{\"nodes\":5,\"longest_ms\":120}", "longest_ms"), Some(120));
    }
}
