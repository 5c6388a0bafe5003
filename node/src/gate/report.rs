//! What a user tells an anchor of theirs.

use crate::id::EntryId;
use crate::view::Reason;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// A post, comment or persona: the bytes tell no difference.
    pub about: EntryId,
    pub reason: Reason,
    /// At most [`crate::limits::REPORT_CHARS`].
    pub text: String,
}
