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

/// A circle of an own persona, or a group that it is in or was invited to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CircleView {
    pub id: CircleId,
    /// The own persona.
    pub persona: PersonaId,
    pub name: String,
    pub kind: CircleKind,
    /// Of a group, who made it too.
    pub members: Vec<PersonaId>,
    /// Counts changes of its key.
    pub epoch: u64,
    /// Who made it.
    pub owner: PersonaId,
    /// Of a group: who else lets people in and takes them out.
    pub admins: Vec<PersonaId>,
    /// A group that the persona has not joined yet.
    pub invited: bool,
}
