//! Of people near you: who is on the same local network and opened it too.

/// How long it stays open, ms: for two people who stand before each other, and for hardly more.
pub const NEAR_MS: u64 = 10 * 60 * 1_000;
/// People who are shown at once: a room full, and few enough to read.
pub const NEAR_PEOPLE: usize = 32;
/// Of them from one address: a machine may hold several nodes, and one that makes people up is not to fill the list.
pub const NEAR_PER_ADDRESS: usize = 4;
/// Announced keys that are remembered while it is open: several times as many as people, bounded for those who announce
/// without end.
pub const NEAR_FOUND: usize = 128;
/// Exchanges in one opening that were not ended at once, of all and from one address: a full room, and some who come again.
/// Who sits between two people draws six digits with each: pairs count, so from one address 8 x 8 of a million, and at most
/// 64 x 64.
pub const NEAR_EXCHANGES: u32 = 64;
pub const NEAR_EXCHANGES_PER_ADDRESS: u32 = 8;
/// Keys that are dialled at once: what is announced costs whoever listens a handshake.
pub const NEAR_DIALS: usize = 8;
/// Connections that came in and have not said anything, and steps that wait for the task of an opening.
pub const NEAR_HANDSHAKES: usize = 8;
pub const NEAR_QUEUE: usize = 64;
/// Tries to reach one announced key, and how long after the first that failed the second comes, ms; twice as long after each.
pub const NEAR_TRIES: u32 = 6;
pub const NEAR_RETRY_MS: u64 = 500;
/// An exchange, ms: three short messages on a local network.
pub const NEAR_EXCHANGE_MS: u64 = 5_000;
/// A connection that says nothing is kept alive so often, and given up after so long, ms: who left the room is not shown
/// for long.
pub const NEAR_ALIVE_MS: u64 = 4_000;
pub const NEAR_IDLE_MS: u64 = 12_000;
/// How long it may take to say so where it ends, ms: a node ends within 5 s.
pub const NEAR_END_MS: u64 = 1_000;
