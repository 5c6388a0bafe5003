//! Of bundles (DESIGN §3).

/// Threads that look at the chunks of a sealed stream: a phone has two cores to spare.
pub const STREAM_READERS: usize = 2;
/// Chunks of it that are opened before they are asked for: 64 KiB each.
pub const STREAM_AHEAD: usize = 8;
/// One part of a bundle but a file, bytes: a page of entries, and the largest entry on top.
pub const BUNDLE_PART_BYTES: usize = 2 * 1024 * 1024;
/// Columns of one row in it: more than any table has.
pub const BUNDLE_COLUMNS: usize = 32;
/// Rows that are taken in with one transaction: some ms, after which other writers have their turn.
pub const BUNDLE_ROWS: usize = 1_000;
/// Personas in a bundle: more than a person has.
pub const BUNDLE_PERSONAS: usize = 1_000;
/// Files whose arrival is noted with one transaction, and their bytes.
pub const BUNDLE_FILES: usize = 64;
pub const BUNDLE_FILES_BYTES: u64 = 64 * 1024 * 1024;
/// Page cache of the writer while a bundle is taken in, KiB: a phone imports too.
pub const BUNDLE_CACHE_KIB: u32 = 16 * 1024;
/// How often the disk is asked to take what was written of a bundle, ms: some tens of MiB on a usual disk.
pub const BUNDLE_SYNC_MS: u64 = 200;
/// How long a command waits for a running node to write or read a bundle, to restore, or to delete a persona, ms: a disk of
/// a terabyte.
pub const CONTROL_LONG_MS: u64 = 24 * 60 * 60 * 1_000;
