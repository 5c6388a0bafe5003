//! Personas that are kept separate: each has a node of its own, its *compartment*, in a folder inside the profile. The two
//! share no database, key, connection or log, so that nothing that one holds is ever answered by the other.
//!
//! The node of the profile knows its compartments; they know nothing of it. What is hidden or gone is not among them.

use std::sync::Arc;

use super::{Node, unpoisoned};
use crate::error::{Error, Result};
use crate::id::PersonaId;

/// A compartment that is open.
#[derive(Debug, Clone)]
pub(crate) struct Compartment {
    /// Its folder below `apart/` of the profile: random, and no part of anything that leaves this device.
    pub(crate) folder: String,
    pub(crate) node: Node,
    /// Its keys rest in a file behind a passphrase: it is open until the node ends or it is hidden again.
    pub(crate) sealed: bool,
    /// Its persona was deleted then, ms: it stays until others have heard so, and is shown nowhere.
    pub(crate) left_ms: Option<u64>,
}

impl Node {
    /// Whether this is the node of a compartment: its personas are kept separate from those of the profile.
    pub fn is_compartment(&self) -> bool {
        self.0.compartment
    }

    /// The nodes of personas that are kept separate, the oldest first. Of a hidden persona: only while it is shown.
    pub fn compartments(&self) -> Vec<Self> {
        self.open_compartments().into_iter().map(|open| open.node).collect()
    }

    /// The node that holds this own persona, where that is kept separate. Its network may not run yet: see [`Self::wake`].
    pub fn compartment(&self, persona: PersonaId) -> Option<Self> {
        self.compartment_of(persona).map(|open| open.node)
    }

    /// Whether the two are one node.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn compartment_of(&self, persona: PersonaId) -> Option<Compartment> {
        self.open_compartments().into_iter().find(|open| open.node.0.keyring().get(persona).is_some())
    }

    /// Those that surfaces see: none whose persona left, or did not come yet.
    pub(crate) fn open_compartments(&self) -> Vec<Compartment> {
        let all = unpoisoned(&self.0.compartments).clone();
        all.into_iter().filter(|open| open.left_ms.is_none() && open.node.0.keyring().count() > 0).collect()
    }

    /// All that run, or will.
    pub(crate) fn all_compartments(&self) -> Vec<Self> {
        unpoisoned(&self.0.compartments).iter().map(|open| open.node.clone()).collect()
    }

    /// Whether another node of the profile has this own persona, as far as that was told.
    pub(crate) fn is_elsewhere(&self, persona: PersonaId) -> bool {
        unpoisoned(&self.0.link.elsewhere).contains(&persona) || self.compartment_of(persona).is_some()
    }

    /// Whether what holds these personas, a bundle or a backup, may be taken in by this node: two nodes of one profile that
    /// have one persona would tie it to both. Of hidden ones nothing is known.
    ///
    /// # Errors
    /// `BadInput` where another node of the profile has one of them, or where this is the compartment of another one.
    pub(crate) fn may_take(&self, personas: impl IntoIterator<Item = PersonaId>) -> Result<()> {
        for persona in personas {
            if self.is_elsewhere(persona) {
                let told = "this holds a separate persona of yours, which is not put beside the others: import it with \
                            --persona ID, or take it into a profile of its own";
                return Err(Error::BadInput(told.to_owned()));
            }
            if self.is_compartment() && self.0.keyring().get(persona).is_none() {
                let told = "this holds another persona, which is not put beside a separate one: leave --persona out";
                return Err(Error::BadInput(told.to_owned()));
            }
        }
        Ok(())
    }
}
