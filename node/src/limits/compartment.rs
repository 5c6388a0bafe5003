//! Of personas that are kept separate.

/// Of one profile: each has a database, an endpoint and some threads of its own.
pub const COMPARTMENTS: usize = 16;
/// Of a new passphrase, characters: a longer one is a slip, such as a pasted page.
pub const PASSPHRASE_CHARS: usize = 1_000;
/// How long deletions of a persona that left this device are offered to peers, ms: most who have what they delete are online
/// once a week, and the others hear of them from those.
pub const FAREWELL_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
/// Authors about whose posts they may be, that are carried so long; the others' go to who is connected, or asks.
pub const FAREWELL_AUTHORS: usize = 100;
/// Deletions in one transaction: some ms, after which other writers have their turn.
pub const DELETED_AT_ONCE: usize = 200;
/// How often it is looked whether they were heard, ms: a query of few rows, for which nobody waits.
pub const FAREWELL_LOOK_MS: u64 = 60 * 1_000;
/// How long after the one before, the node's own first, the network of the next one starts, ms: at least, and up to how
/// much more by a lot. Network keys that always appear together would tell that they belong together.
pub const COMPARTMENT_START_LEAST_MS: u64 = 60 * 1_000;
pub const COMPARTMENT_START_MS: u64 = 4 * 60 * 1_000;
