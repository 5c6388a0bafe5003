//! Of private content (DESIGN §4 "Sealed", §6).

use super::{ATTACHMENTS, BLOB_BYTES};

/// Session slots of a sealed entry, least and most, powers of two: the count tells only a class of sizes, and 512 of
/// them are 32 KiB.
pub const LEAST_SLOTS: usize = 8;
pub const SLOTS: usize = 512;
/// Intro slots of a sealed entry: each costs who may be meant one key agreement for each of its keys, some 0.1 ms.
pub const INTRO_SLOTS: usize = 16;
/// Blobs that a sealed entry names in the open: two for each of its attachments, with their thumbnails.
pub const SEALED_BLOBS: usize = 2 * ATTACHMENTS;
/// A sealed blob, bytes: the largest blob, padded by at most 12 %.
pub const SEALED_BLOB_BYTES: u64 = BLOB_BYTES + BLOB_BYTES / 8;
/// Zero bits that the proof of work of a first message begins with: 65,536 tries, some milliseconds; and minutes of a
/// core for 10,000 recipients.
pub const WORK_BITS: u32 = 16;
/// Content of one message to one device, bytes: with what Olm and an intro add, it fits the largest ciphertext.
pub const MESSAGE_BYTES: usize = 48 * 1024;
/// First messages of which it is remembered that they were opened: as many of people whom somebody here has to do with, and
/// as many of others, at work of some milliseconds each. Some 4 MB.
pub const FIRST_OPENED: i64 = 16_384;
/// Tags that are expected after the highest that came, of each generation: what may be lost or overtaken at once.
pub const TAGS_EXPECTED: u32 = 64;
/// The same while messages are looked for again after a long absence: as many as Olm can skip.
pub const TAGS_RESYNC: u32 = 2_000;
/// Generations of a peer's route secret that are kept: the one in use, the one before, and one announced.
pub const ROUTE_GENERATIONS: usize = 3;
/// Messages to one device that may be on their way without an acknowledgement, and Olm messages without an answer:
/// Olm skips 2,000, so more could not be read after the first of them were lost.
pub const SESSION_UNANSWERED: u64 = 2_000;
/// Lost messages that one message asks for again.
pub const ASKED_AGAIN: usize = 64;
/// Bytes of the statements in a first message: an opening, a certificate, keys and a profile, at most 4 KiB each.
pub const INTRO_STATEMENT_BYTES: usize = 12 * 1024;
/// Entries among them.
pub const INTRO_STATEMENTS: usize = 8;
/// Circles of one persona: more than a menu can hold.
pub const CIRCLES: usize = 100;
/// Members of one circle: each change of them is a message to each of their devices.
pub const CIRCLE_MEMBERS: usize = 5_000;
/// Members of a group, its owner aside, which one grant names all; some 50 bytes each.
pub const GRANT_MEMBERS: usize = 256;
/// Admins of a group: each gives a new key to all when somebody leaves.
pub const GROUP_ADMINS: usize = 8;
/// The highest counter of a member of a circle, and of an epoch, that is taken from others: no one of them can use up
/// the numbers.
pub const MEMBER_COUNTER: i64 = 1 << 40;
/// How far others may count above what was said by whose word goes before theirs: of who is in a group above its owner, of
/// who is in a conversation above that person; and of a key of a group, and of how long messages stay, above what is
/// known. An honest one is one above; whose word goes before says one more than this above.
pub const COUNTER_STEP: i64 = 1_000;
/// How long a key of a circle is sealed with, ms; how much longer by a lot, so that no two devices renew it at once; and how
/// much longer an admin of a group waits for its owner: with the week in which it is looked at once, 30 days.
pub const EPOCH_MS: i64 = 20 * 24 * 60 * 60 * 1_000;
pub const EPOCH_LOT_MS: i64 = 24 * 60 * 60 * 1_000;
pub const EPOCH_GRACE_MS: i64 = 2 * 24 * 60 * 60 * 1_000;
/// Personas who told that they follow one own persona: each notice costs its sender work.
pub const FOLLOWERS: usize = 100_000;
/// Circles to which one post goes.
pub const POST_CIRCLES: usize = 32;
/// Circles that are kept of people whom nobody here follows or writes to, invitations to their groups among them: of all
/// of them, the oldest go first; of one of them.
pub const STRANGERS_CIRCLES: i64 = 64;
pub const STRANGER_CIRCLES: i64 = 4;
/// Who is said to be, or to have been, in a group: as many rows as a few years of changes leave; before it is joined, as
/// many as one grant names.
pub const MEMBERS_KNOWN: i64 = 1_024;
/// Epochs that are kept of one author's circles: each is tried on each of its sealed posts.
pub const EPOCHS_PER_AUTHOR: usize = 32;
/// Sealed posts of a log, the newest ones, that a key is tried on when it comes, and opened ones below which it is tried on
/// what is said: years of one a day.
pub const SEALED_TRIED: usize = 2_000;
/// Of these, how many in one transaction, some 5 ms: what else is written has its turn between.
pub const TRIED_AT_ONCE: usize = 64;
/// Messages that a read mark names: more than one has come to a device that is online and not yet to another one. With the
/// digits that name them 2 KiB, as each mark is kept and told.
pub const READ_NAMED: usize = 64;
/// The highest counter of a read mark that is taken from others: a time, ms since the epoch, far beyond any clock.
pub const READ_COUNTER: i64 = 1 << 48;
