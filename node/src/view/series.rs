//! A post's place in a thread of its author.

use serde::Serialize;

use crate::id::EntryId;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeriesView {
    /// By which all of it is read; `None` while it is not here.
    pub first: Option<EntryId>,
    /// From 0, the first; of what was deleted since the place stays empty.
    pub place: u8,
    /// How many are here.
    pub posts: u64,
}
