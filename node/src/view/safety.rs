//! What comparing keys returns.

use serde::{Deserialize, Serialize};

use crate::id::PersonaId;

/// Whether somebody's key was compared with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    #[default]
    Unverified,
    Verified,
    /// It was compared and has changed since.
    Changed,
}

/// How it was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SafetyHow {
    Words,
    Code,
}

/// What two people compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SafetyView {
    pub persona: PersonaId,
    /// The own persona that compares.
    pub own: PersonaId,
    /// Theirs, as this node knows their key.
    pub words: Vec<String>,
    pub own_words: Vec<String>,
    /// What is shown to them, to be scanned or pasted.
    pub code: String,
    pub state: Safety,
    /// Messages to them wait until the change is answered.
    pub waits: bool,
    pub verified_ms: Option<u64>,
    pub how: Option<SafetyHow>,
}
