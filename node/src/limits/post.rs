//! What posts hold beside words and files.

/// Of a quoted post so much of its text stands in the card, characters: enough to know it again, and a page with many
/// quotes stays small.
pub const QUOTE_CHARS: usize = 280;

/// First digits of an id that stand for whom a command's text names: so many are no word.
pub const MENTION_DIGITS: usize = 8;
/// Writers of one thread who can be mentioned by their name in it.
pub const NAMED_WRITERS: usize = 1_000;

/// Options of a poll: each has a keycap of its own, by which it is voted for, and one reads them at a glance.
pub const POLL_OPTIONS: usize = 8;
/// With less there is nothing to choose.
pub const POLL_OPTIONS_LEAST: usize = 2;
/// An option of a poll, characters: a line or two.
pub const POLL_OPTION_CHARS: usize = 100;
/// How long a poll lasts at least, s: votes take a while to come.
pub const POLL_LEAST_S: u64 = 300;
/// How long a poll lasts at most, s: a month, after which few look at it.
pub const POLL_MOST_S: u64 = 30 * 86_400;

/// Posts of a thread that is sent as one: what is longer is a text for another place. One transaction signs them all.
pub const SERIES_POSTS: usize = 25;
/// Further posts that a draft keeps: those of a thread that was taken back, and of one that was begun since.
pub const DRAFT_POSTS: usize = 2 * SERIES_POSTS;

/// Voters who are named for each option of a poll; the count tells all.
pub const VOTERS_SHOWN: usize = 200;
