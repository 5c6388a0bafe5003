//! `kith --help`: the commands under headings, as there are too many for one list.

use std::fmt::Write as _;

use clap::{Command, CommandFactory};

use super::Cli;

/// Each command once, in the order in which it is told.
const GROUPS: &[(&str, &[&str])] = &[
    ("Begin", &["init", "demo", "run", "tui", "status", "doctor"]),
    ("Read", &["feed", "show", "search", "notifications", "bookmark", "bookmarks", "get"]),
    (
        "Write",
        &[
            "post",
            "comment",
            "react",
            "vote",
            "repost",
            "edit",
            "delete",
            "scheduled",
            "share",
            "policy",
            "hide",
            "hidden",
        ],
    ),
    ("Private messages", &["dm", "threads", "thread", "reply", "requests", "timer", "settings"]),
    (
        "People",
        &[
            "invite",
            "qr",
            "follow",
            "unfollow",
            "follows",
            "followers",
            "near",
            "tags",
            "list",
            "suggestions",
            "note",
            "verify",
        ],
    ),
    ("Circles and groups", &["circle", "group"]),
    ("Safety", &["block", "mute", "muted", "report", "deny"]),
    ("Personas and devices", &["persona", "link", "devices", "recovery", "export", "import"]),
    ("Network", &["peers", "anchors", "mailbox", "storage"]),
];

/// The grammar, with help that tells the commands by group.
pub(crate) fn grammar() -> Command {
    let grammar = Cli::command();
    let (head, word) = (*grammar.get_styles().get_header(), *grammar.get_styles().get_literal());
    let mut help = String::from("{about-with-newline}\n{usage-heading} {usage}\n");
    for (title, names) in GROUPS {
        // Writing to a String can't fail.
        let _infallible = write!(help, "\n{head}{title}:{head:#}\n");
        for name in *names {
            let about = grammar.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string);
            let about = about.unwrap_or_default();
            let _infallible = writeln!(help, "  {word}{name}{word:#}{:pad$}{about}", "", pad = WIDTH - name.len());
        }
    }
    let _infallible =
        write!(help, "\n{head}Options:{head:#}\n{{options}}\n\nRun kith help COMMAND for more about one.");
    grammar.help_template(help)
}

/// The longest name, and two spaces.
const WIDTH: usize = 15;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_command_stands_in_one_group() {
        let grammar = Cli::command();
        let known: BTreeSet<&str> = grammar.get_subcommands().map(Command::get_name).collect();
        let told: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        assert_eq!(told.iter().copied().collect::<BTreeSet<_>>(), known, "put a new command into a group");
        assert_eq!(told.len(), known.len(), "a command stands in two groups");
    }

    #[test]
    fn help_tells_every_command_with_what_it_does() {
        let help = grammar().render_help().to_string();
        for command in Cli::command().get_subcommands() {
            let about = command.get_about().unwrap().to_string();
            assert!(!about.contains(['{', '}']) && command.get_name().len() + 2 <= WIDTH, "{about}");
            let line = format!("\n  {:<WIDTH$}{about}\n", command.get_name());
            assert!(help.contains(&line), "{line:?} is not in\n{help}");
        }
        for part in ["\nWrite:\n", "\nNetwork:\n", "\nOptions:\n", "--json", "--profile", "Usage: kith"] {
            assert!(help.contains(part), "{part:?} is not in\n{help}");
        }
        grammar().debug_assert();
    }
}
