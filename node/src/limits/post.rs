//! What posts hold beside words and files.

/// Of a quoted post so much of its text stands in the card, characters: enough to know it again, and a page with many
/// quotes stays small.
pub const QUOTE_CHARS: usize = 280;
