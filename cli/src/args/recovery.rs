//! What the recovery phrase is for.

use clap::{Args, Subcommand};

use super::As;

#[derive(Debug, Subcommand)]
pub(crate) enum Recovery {
    /// Show the words of a persona: write them down, on paper
    Phrase {
        /// Type them back instead (a line, or a pipe), to be sure of what you wrote down
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        by: As,
    },
    /// Be yourself again on this device, after all others were lost: from the 24 words (a line, or a pipe) and any anchor.
    /// Makes the profile where there is none. The words make a new root for each persona: the one on a lost device is worth
    /// nothing then. Messages stay lost. A separate persona comes back as an ordinary one: restore it into a profile of its
    /// own (--profile DIR) to keep it apart. With a device that you still have, link that instead
    Restore(RestoreArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// A node that is asked, and an anchor from then on; may be given again. Those that this profile has are asked too
    #[arg(long, value_name = "TICKET")]
    pub(crate) anchor: Vec<String>,
    /// A persona that no backup names, by its whole id: what is public of it is enough; may be given again
    #[arg(long, value_name = "ID")]
    pub(crate) persona: Vec<String>,
    /// Take all your other devices out at once: where somebody has one of them. What they wrote that neither the backup
    /// nor these nodes know of is gone, for everybody. Without this they stay until `kith devices revoke ID`
    #[arg(long)]
    pub(crate) revoke: bool,
    /// With --revoke: a device that stays one of yours, as `kith devices` lists it there; may be given again
    #[arg(long, value_name = "ID", requires = "revoke")]
    pub(crate) keep: Vec<String>,
    /// No relay and no lookup: direct addresses alone
    #[arg(long)]
    pub(crate) offline: bool,
}
