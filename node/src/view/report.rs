//! Reports to anchors, as surfaces show them.

use serde::{Deserialize, Serialize};

use crate::id::{EntryId, NodeId, PersonaId};

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

/// Something that this node's user reported to an anchor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportView {
    pub number: u64,
    pub anchor: NodeId,
    /// A post, comment or persona.
    pub about: EntryId,
    pub reason: Reason,
    pub text: String,
    pub made_ms: u64,
    pub state: ReportState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportState {
    /// The anchor was not reached yet.
    Waiting,
    /// The anchor has it.
    Taken,
    /// It did not take it, or is no anchor of this node's any more.
    Refused,
}

/// Something that was reported to this anchor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportCameView {
    pub number: u64,
    /// The node that told it; nothing says whose it is.
    pub by: NodeId,
    /// A post, comment or persona.
    pub about: EntryId,
    pub reason: Reason,
    pub text: String,
    pub came_ms: u64,
    /// Who wrote it, where it is here.
    pub author: Option<PersonaId>,
    pub author_name: String,
    /// Whether it, or its author, is on the deny list.
    pub denied: bool,
}
