//! What a screen or command shows of people near you.

use serde::{Deserialize, Serialize};

use crate::id::{NodeId, PersonaId};

/// Whether it is open, and who else has it open on this network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearView {
    pub open: bool,
    /// When it ends by itself, ms since the epoch.
    pub until_ms: Option<u64>,
    /// As whom one is seen.
    pub persona: Option<PersonaId>,
    /// By name.
    pub people: Vec<NearPerson>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearPerson {
    /// A key that was drawn for this opening, and stands nowhere else.
    pub id: NodeId,
    /// What they call themselves; anybody may call themselves so.
    pub name: Option<String>,
    pub persona: PersonaId,
    /// Four digits that stand on their screen beside the own name, where nobody sits between.
    pub code: String,
    pub followed: bool,
}
