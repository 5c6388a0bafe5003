//! People near you.

use clap::{Args, Subcommand};

use super::As;

#[derive(Debug, Args)]
pub(crate) struct NearArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<Near>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Near {
    /// Be seen by everybody on this network who opens it too, for 10 minutes, and see them
    Open {
        #[command(flatten)]
        by: As,
    },
    /// Follow one of them
    Follow {
        /// The six digits beside your name on their screen, or their id
        #[arg(value_name = "DIGITS|ID")]
        who: String,
    },
    /// Close it before the 10 minutes are over
    Close,
}
