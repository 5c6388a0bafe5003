//! A poll, and how it stands.

use serde::Serialize;

/// Of those who can read the post each has one vote, and all see whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PollView {
    pub options: Vec<PollOption>,
    pub ends_ms: u64,
    /// By this device's clock.
    pub ended: bool,
    /// Personas whose vote counts.
    pub voters: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PollOption {
    pub text: String,
    pub votes: u64,
    /// An own persona voted so.
    pub mine: bool,
}
