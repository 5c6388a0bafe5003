//! What noting something about somebody returns.

use serde::Serialize;

use crate::id::PersonaId;

/// What an own persona noted about somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteView {
    /// Whom it is about.
    pub persona: PersonaId,
    /// The own persona whose note it is.
    pub by: PersonaId,
    pub by_name: String,
    /// `None`: nothing was noted.
    pub note: Option<String>,
}
