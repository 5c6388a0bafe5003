//! What is kept off share pages, and what is reported to an anchor.

use clap::{Args, ValueEnum};
use kith_node::control::Request;
use kith_node::view::Reason;

#[derive(Debug, Args)]
pub(crate) struct DenyArgs {
    /// A post, comment, persona or file
    id: Option<String>,
    /// Take it off the list again
    #[arg(long, requires = "id")]
    undo: bool,
}

impl DenyArgs {
    pub(crate) fn request(self) -> Request {
        Request::Deny { id: self.id, undo: self.undo }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// A public post or comment, or a persona; without one: what was reported
    id: Option<String>,
    /// Why
    #[arg(long, value_enum, requires = "id", default_value_t = Why::Other)]
    reason: Why,
    /// What whoever runs the anchor should know
    #[arg(long, requires = "id", default_value = "", hide_default_value = true)]
    text: String,
    /// The anchor that it goes to, by the first digits of its node, where there are several
    #[arg(long, requires = "id", value_name = "NODE")]
    to: Option<String>,
    /// On an anchor: that report, by its number, was dealt with
    #[arg(long, value_name = "NUMBER", conflicts_with = "id")]
    settle: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Why {
    Spam,
    /// Insults, threats, somebody's private things
    Abuse,
    /// What may be against the law, or puts somebody in danger
    Danger,
    Other,
}

impl ReportArgs {
    pub(crate) fn request(self) -> Request {
        let reason = match self.reason {
            Why::Spam => Reason::Spam,
            Why::Abuse => Reason::Abuse,
            Why::Danger => Reason::Danger,
            Why::Other => Reason::Other,
        };
        match (self.id, self.settle) {
            (Some(about), _) => Request::Report { about, reason, text: self.text, to: self.to },
            (None, Some(number)) => Request::SettleReport { number },
            (None, None) => Request::Reports,
        }
    }
}
