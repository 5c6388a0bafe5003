//! What a screen or command shows of a linking.

use serde::{Deserialize, Serialize};

use crate::id::PersonaId;

/// How far back private messages are handed over to a device that is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum History {
    #[serde(rename = "all")]
    All,
    #[default]
    #[serde(rename = "30d")]
    Days30,
    #[serde(rename = "none")]
    None,
}

/// A linking as it stands. All that became known of it stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    /// One higher with each change.
    pub turn: u64,
    /// For the other device to take; of the device that shows it.
    pub code: Option<String>,
    /// What the other device is called, once it has proved that it has the code.
    pub name: Option<String>,
    /// Two digits to be typed on the other device; of the one that took the code.
    pub check: Option<String>,
    /// The two digits that the other device shows are to be typed here now.
    pub ask: bool,
    pub linked: Option<LinkedView>,
    pub history: Option<HistoryView>,
    pub error: Option<LinkFailure>,
    /// Nothing more comes.
    pub over: bool,
}

/// What `link` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedView {
    /// The other device, hexadecimal.
    pub device: String,
    pub name: String,
    pub personas: Vec<PersonaId>,
}

/// Messages that came, or were given, of all that are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HistoryView {
    pub done: u64,
    pub all: u64,
    /// All are there.
    pub whole: bool,
}

/// Why a linking ended, and the next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkFailure {
    pub code: String,
    pub message: String,
    pub hint: String,
}
