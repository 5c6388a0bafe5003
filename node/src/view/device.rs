//! Own devices.

use serde::Serialize;

use crate::id::{DeviceId, PersonaId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceView {
    pub id: DeviceId,
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
    /// Those of them that it was taken out of.
    pub out_of: Vec<PersonaId>,
    /// It was not linked with this one, and nobody looked at it here yet.
    pub new: bool,
}
