//! `cargo xtask soak`: the simulation with as many seeds as fit, added up in a ledger.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::{command, setup};

const LEDGER: &str = "docs/soak.md";

/// Which story is told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Story {
    /// A network of so many nodes.
    Network(u64),
    /// Phones that sleep, and so many messages.
    Messages(u64),
    /// Two devices of one user, and so many edits on each.
    Devices(u64),
}

impl Story {
    /// The option that says so, and how many.
    fn told(self) -> (&'static str, u64) {
        match self {
            Self::Network(nodes) => ("--nodes", nodes),
            Self::Messages(messages) => ("--messages", messages),
            Self::Devices(edits) => ("--edits", edits),
        }
    }

    /// The heading of its part of the ledger.
    fn heading(self) -> &'static str {
        match self {
            Self::Network(_) => "# The soak ledger\n",
            Self::Messages(_) => "\n## Messages\n",
            Self::Devices(_) => "\n## Devices\n",
        }
    }
}

/// Runs seeds for so many minutes, from the one after the last in the ledger on, and adds a row to it. Ends with an error
/// at a seed that fails; that seed stays out of the ledger until it does not.
pub(crate) fn run(minutes: u64, story: Story) -> Result<ExitCode> {
    setup::ensure(setup::Goal::Node)?;
    let path = command::root().join(LEDGER);
    let ledger = fs::read_to_string(&path).with_context(|| format!("cannot read {LEDGER}"))?;
    let (before, part, behind) = part_of(&ledger, story.heading()).context("the ledger has no such part")?;
    let (option, many) = story.told();
    let first = next_seed(part, many);
    let mut cargo = command::cargo();
    cargo.args(["run", "--locked", "--config", "profile.dev.package.kith-node.opt-level=3"]);
    cargo.args(["-p", "kith-node", "--features", "sim", "--example", "soak", "--"]);
    for (name, value) in [("--minutes", minutes), (option, many), ("--from", first)] {
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
        let figure = match story {
            Story::Messages(each) => each * seeds,
            Story::Network(_) | Story::Devices(_) => longest,
        };
        let ledger = format!("{before}{part}| {many} | {first} | {last} | {seeds} | {figure} |\n{behind}");
        fs::write(&path, ledger).with_context(|| format!("cannot write {LEDGER}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The ledger up to a part, that part, and what is behind it.
fn part_of<'a>(ledger: &'a str, heading: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let (before, rest) = ledger.split_at_checked(ledger.find(heading)?)?;
    let end = rest.get(1..)?.find("\n## ").map_or(rest.len(), |at| at + 1);
    let (part, behind) = rest.split_at_checked(end)?;
    Some((before, part, behind))
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
        let more = format!("# Title\n\n{ledger}\n## Other\n\n| 7 |\n\n## Third\n| 8 |\n");
        assert_eq!(
            part_of(&more, "# Title\n"),
            Some(("", format!("# Title\n\n{ledger}").as_str(), "\n## Other\n\n| 7 |\n\n## Third\n| 8 |\n"))
        );
        let (before, part, behind) = part_of(&more, "\n## Third\n").unwrap();
        assert_eq!((part, behind), ("\n## Third\n| 8 |\n", ""));
        assert_eq!([before, part, behind].concat(), more);
        assert_eq!(part_of(&more, "\n## Fourth\n"), None);
        assert_eq!(number("{\"nodes\":5,\"longest_ms\":120}", "longest_ms"), Some(120));
    }
}
