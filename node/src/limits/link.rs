//! Of linking devices (DESIGN §3).

/// How long a code may be used, ms.
pub const LINK_MS: u64 = 5 * 60 * 1_000;
/// A step of a linking that waits for nobody's hands, ms: some keys are made and stored.
pub const LINK_STEP_MS: u64 = 20_000;
/// From when a stream is open until its first frame is here, ms: whoever opens it has that ready. And how long somebody who
/// ended a linking is waited for to have ended it.
pub const LINK_KNOCK_MS: u64 = 5_000;
pub const LINK_END_MS: u64 = 3_000;
/// A command that did not look at its linking for so long is gone, ms: it asks again every `LINK_POLL_MS`.
pub const LINK_LEFT_MS: u64 = 10_000;
/// From one try to reach the other device to the next, ms, and for how long they go on.
pub const LINK_RETRY_MS: u64 = 1_000;
pub const LINK_REACH_MS: u64 = 30_000;
/// Streams of other devices that wait to be read, and that are read at once: more than one user's devices ever open, and
/// little memory in frames. Of those that say nothing the oldest makes way.
pub const MEETINGS: usize = 8;
/// A frame of a linking, bytes: several messages of the largest kind.
pub const LINK_FRAME_BYTES: usize = 256 * 1024;
/// Personas in one linking: far more than anybody has, and their statements are shared one by one.
pub const LINK_PERSONAS: usize = 64;
/// Bytes of messages from which on a page of history is full, and messages in it.
pub const HISTORY_PAGE_BYTES: usize = 128 * 1024;
pub const HISTORY_PAGE_MESSAGES: usize = 256;
/// How often it is looked whether history is to be fetched, and how long after a try that was cut, ms.
pub const HISTORY_LOOK_MS: u64 = 60_000;
/// How long it can be fetched, ms: as long as an outbox tries, for a device that is linked and then sleeps.
pub const HISTORY_MS: u64 = 30 * 24 * 60 * 60 * 1_000;
/// One poll of a command that watches a linking, ms: well below `CONTROL_REPLY_MS`.
pub const LINK_POLL_MS: u64 = 2_000;
