//! Own devices.

use serde::Serialize;

use crate::id::{DeviceId, PersonaId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceView {
    pub id: DeviceId,
    /// Empty until it told. Of several that are called alike, the later ones have a number behind it.
    pub name: String,
    /// The one that answers.
    pub this: bool,
    /// It holds a root: it links and revokes others.
    pub main: bool,
    pub linked_ms: u64,
    /// It counts for none of them.
    pub revoked: bool,
    /// Own personas that it shares with this one.
    pub personas: Vec<PersonaId>,
    /// Those of them for which it counts no longer.
    pub out: Vec<PersonaId>,
    /// It was not linked with this one, and nobody looked at it here yet.
    pub new: bool,
    /// This one, where another copy of its profile is in use at the same time: one of the two can't write.
    pub copied: bool,
}

/// How far the newest keys of own circles and groups came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RenewalView {
    /// Devices of others that are given one, counted once for each circle.
    pub devices: u64,
    /// Those that have not answered for it yet.
    pub waiting: u64,
}
