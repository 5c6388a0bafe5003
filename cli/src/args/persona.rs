//! `kith persona`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::{As, Switch};

#[derive(Debug, Subcommand)]
pub(crate) enum Persona {
    /// Your personas, oldest first
    List,
    /// Make another persona, with keys of its own
    Create {
        name: String,
        /// Apart from your others: with a database, network key and connections of its own, and never the default. Only now:
        /// one that has spoken beside the others is tied to them for good
        #[arg(long)]
        separate: bool,
    },
    /// Choose the persona that writes when none is named
    Default { id: String },
    /// Change name, bio or picture, or whether others may find it by name
    Edit {
        /// [default: the default persona]
        #[arg(value_name = "ID", conflicts_with = "persona")]
        id: Option<String>,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        bio: Option<String>,
        #[arg(long, value_name = "FILE")]
        picture: Option<PathBuf>,
        /// Take the picture away
        #[arg(long, conflicts_with = "picture")]
        no_picture: bool,
        /// Whether nodes that carry it answer searches for its name
        #[arg(long, value_enum, value_name = "on|off")]
        listed: Option<Switch>,
        #[command(flatten)]
        by: As,
    },
    /// Put a separate persona behind a passphrase: it is in no list then, and nobody can reset it. The passphrase is asked for
    /// on a terminal; else it is a line of a pipe, or KITH_PASSPHRASE
    Hide { id: String },
    /// Show the personas that are hidden behind a passphrase, until they are hidden again or the node ends
    Unhide,
    /// Delete a persona on this device: its keys, private messages, follows, circles and drafts
    Delete {
        #[arg(value_name = "ID", conflicts_with = "persona")]
        id: Option<String>,
        /// What is to become of its public posts, comments and reactions: delete sends a deletion of each, keep leaves them
        #[arg(long, value_enum)]
        content: Option<Content>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        by: As,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Content {
    Keep,
    Delete,
}

impl From<Content> for kith_node::Content {
    fn from(content: Content) -> Self {
        match content {
            Content::Keep => Self::Keep,
            Content::Delete => Self::Delete,
        }
    }
}
