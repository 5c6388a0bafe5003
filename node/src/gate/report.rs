//! What a user tells an anchor of theirs.

use serde::{Deserialize, Serialize};

use crate::id::EntryId;

/// Why something is reported. Numbers cross the wire and rest in `report`; one that is not known reads as the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Other,
    Spam,
    /// Insults, threats, somebody's private things.
    Abuse,
    /// What may be against the law, or puts somebody in danger.
    Danger,
}

impl Reason {
    pub const ALL: [Self; 4] = [Self::Spam, Self::Abuse, Self::Danger, Self::Other];

    pub fn number(self) -> u8 {
        match self {
            Self::Other => 0,
            Self::Spam => 1,
            Self::Abuse => 2,
            Self::Danger => 3,
        }
    }

    pub fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Spam,
            2 => Self::Abuse,
            3 => Self::Danger,
            _ => Self::Other,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// A post, comment or persona: the bytes tell no difference.
    pub about: EntryId,
    pub reason: Reason,
    /// At most [`crate::limits::REPORT_CHARS`].
    pub text: String,
}
