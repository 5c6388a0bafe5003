//! What recovery returns.

use serde::Serialize;

use crate::id::PersonaId;

/// How safe a persona is from the loss of all devices that hold its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryState {
    /// Its words are written down: they were typed back.
    Protected,
    /// Its words are on this device alone, as far as is known.
    NeedsAttention,
    /// Its words are not on this device.
    Off,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecoveryView {
    pub persona: PersonaId,
    pub name: String,
    pub state: RecoveryState,
}
