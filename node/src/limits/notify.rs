//! Bounds of what the user is told of.

use super::DAY_S;

/// Notifications that are kept of each own persona: months of a lively one. Beyond it the oldest read ones go first.
pub const NOTIFICATIONS: i64 = 2_000;
/// What is older when it comes, s, is no news: it stands in the list as read. Somebody who was away for weeks is told all.
pub const NEWS_S: i64 = 30 * DAY_S as i64;
/// People that one line names; of the others their number.
pub const NOTIFIED_PEOPLE: usize = 3;
/// Characters of a text that stand in a notification.
pub const NOTIFIED_CHARS: usize = 200;
/// Unread messages of a conversation that are read for a mention.
pub const MENTIONS_SOUGHT: i64 = 64;
/// How old a persona is before it is told that nobody holds its words or its backup, ms: first there is something to lose.
pub const REMIND_BACKUP_MS: u64 = 3 * DAY_S * 1_000;
/// How often it is looked whether a backup needs its user, ms.
pub const REMIND_LOOK_MS: u64 = 6 * 60 * 60 * 1_000;
