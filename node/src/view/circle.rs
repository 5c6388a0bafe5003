//! What reads of circles return.

use serde::Serialize;

use crate::id::{CircleId, PersonaId};

/// Who posts in a circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CircleKind {
    /// Its owner.
    Circle,
    /// Every member.
    Group,
}

/// A circle of an own persona.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CircleView {
    pub id: CircleId,
    /// Whose it is.
    pub persona: PersonaId,
    pub name: String,
    pub kind: CircleKind,
    pub members: Vec<PersonaId>,
    /// Counts changes of its key.
    pub epoch: u64,
}
