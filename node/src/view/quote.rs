//! What a post quotes, as it stands below it.

use serde::Serialize;

use crate::id::{BlobHash, EntryId, PersonaId};

/// How a quoted post is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum QuoteState {
    Here,
    /// It has not come yet.
    Missing,
    Deleted,
    /// By somebody whom the user blocked: nothing of it is told.
    Blocked,
    /// The user muted who wrote it, its thread or a word in it: nothing is told but who wrote it.
    Muted,
}

/// A post that another one quotes: its beginning, and nothing of what it quotes itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuoteView {
    pub id: EntryId,
    pub state: QuoteState,
    /// Of one that has not come: who wrote it, as the post says that quotes it.
    pub author: Option<PersonaId>,
    /// Empty until a profile came.
    pub author_name: String,
    pub author_picture: Option<BlobHash>,
    /// 0 of one that is not here.
    pub created_ms: u64,
    /// Its beginning, with the names of those whom it names.
    pub text: String,
    pub cw: Option<String>,
    /// How many pictures it has.
    pub attachments: u64,
    /// Its author is an own persona.
    pub own: bool,
}

impl QuoteView {
    /// One of which nothing is known.
    pub fn empty(id: EntryId) -> Self {
        Self {
            id,
            state: QuoteState::Missing,
            author: None,
            author_name: String::new(),
            author_picture: None,
            created_ms: 0,
            text: String::new(),
            cw: None,
            attachments: 0,
            own: false,
        }
    }
}
