//! What reads of circles return.

use serde::{Deserialize, Serialize};

use crate::id::{BlobHash, CircleId, PersonaId};

/// Who posts in a circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CircleKind {
    /// Its owner.
    Circle,
    /// Every member.
    Group,
}

/// What an audience is marked with, besides its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    Orange,
    Green,
    Teal,
    Blue,
    Purple,
    Yellow,
}

impl Colour {
    pub const ALL: [Self; 6] = [Self::Orange, Self::Green, Self::Teal, Self::Blue, Self::Purple, Self::Yellow];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Orange => "orange",
            Self::Green => "green",
            Self::Teal => "teal",
            Self::Blue => "blue",
            Self::Purple => "purple",
            Self::Yellow => "yellow",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|colour| colour.name() == name)
    }

    /// In the order of [`Self::ALL`].
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// They come round again.
    pub fn of_number(number: usize) -> Self {
        Self::ALL.into_iter().cycle().nth(number % Self::ALL.len()).unwrap_or(Self::Orange)
    }

    /// The chosen one; where none was chosen, one that follows from the id.
    pub(crate) fn of(circle: CircleId, chosen: Option<u8>) -> Self {
        let by_id = circle.as_bytes().first().copied().unwrap_or_default();
        Self::of_number(usize::from(chosen.unwrap_or(by_id)))
    }
}

/// A circle of an own persona, or a group that it is in or was invited to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CircleView {
    pub id: CircleId,
    /// The own persona.
    pub persona: PersonaId,
    pub name: String,
    pub kind: CircleKind,
    pub colour: Colour,
    /// Of a group, who made it too.
    pub members: Vec<PersonaId>,
    /// Their names, in the same order; empty where none is known.
    pub names: Vec<String>,
    /// Counts changes of its key.
    pub epoch: u64,
    /// Who made it.
    pub owner: PersonaId,
    /// Of a group: who else lets people in and takes them out.
    pub admins: Vec<PersonaId>,
    /// A group that the persona has not joined yet.
    pub invited: bool,
}

/// Why nothing can be said in a group any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupEnd {
    /// The own persona left it, or never joined.
    Left,
    /// Somebody took the own persona out.
    Removed,
    /// Who made it ended it.
    Closed,
}

/// A group that an own persona was in and is in no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndedGroup {
    pub id: CircleId,
    /// The own persona.
    pub persona: PersonaId,
    pub name: String,
    pub colour: Colour,
    pub how: GroupEnd,
    /// Who did it: the own persona where it left, or closed its own.
    pub by: PersonaId,
    /// Empty where none is known.
    pub by_name: String,
    /// When this node heard of it; `None` where it left.
    pub ended_ms: Option<u64>,
}

impl EndedGroup {
    /// What happened, as a sentence.
    pub fn told(&self) -> String {
        let (name, who) = (&self.name, if self.by_name.is_empty() { "an admin" } else { &self.by_name });
        match self.how {
            GroupEnd::Closed if self.by == self.persona => format!("you closed {name}"),
            GroupEnd::Left => format!("you are no longer in {name}"),
            GroupEnd::Closed => format!("{who} closed {name}"),
            GroupEnd::Removed => format!("{who} removed you from {name}"),
        }
    }
}

/// What somebody decides in a circle or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CircleRole {
    /// Who made the group.
    Owner,
    Admin,
    Member,
}

/// How far somebody is in a circle or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Membership {
    /// Of a group of somebody else: as far as is known here.
    In,
    /// To an own group, and has not said that they joined.
    Invited,
    /// No device of theirs is known that could be given the key.
    Waiting,
    /// Of a group: left, or was taken out.
    Out,
}

/// Somebody in a circle or group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberView {
    pub persona: PersonaId,
    /// Empty until a profile came.
    pub name: String,
    pub picture: Option<BlobHash>,
    /// A persona of one's own.
    pub own: bool,
    /// Own personas count as followed.
    pub followed: bool,
    pub role: CircleRole,
    pub state: Membership,
}
