//! Of sealed backups (DESIGN §3 "Recovery").

/// How long a monthly backup is kept for its user, days: a device that nobody switched on for some months may be lost
/// all the same.
pub const BACKUP_DAYS: u64 = 180;
/// How many ids are drawn for a new root where somebody used up its counters, so that the higher id decides: some seconds.
/// Of an id that nobody chose every second one is above it.
pub const ROOT_TRIES: u32 = 1 << 22;
/// How often one is renewed that is kept so long, ms. Those that follow a change are kept as any mail.
pub const BACKUP_RENEW_MS: u64 = 30 * 24 * 60 * 60 * 1_000;
/// How long after a backup one more follows where something changed, ms: of those since the last monthly one the first,
/// the second and so on; the last stands for all further ones. So a new user's lists are soon safe, and nobody leaves
/// more than some a month.
pub const BACKUP_CHANGED_MS: [u64; 4] =
    [60 * 60 * 1_000, 24 * 60 * 60 * 1_000, 3 * 24 * 60 * 60 * 1_000, 7 * 24 * 60 * 60 * 1_000];
/// When one that no mailbox acknowledged is left again, ms: most mailboxes that were off are back by then, and others carry
/// each one.
pub const BACKUP_AGAIN_MS: u64 = 24 * 60 * 60 * 1_000;
/// How old the last one that was acknowledged may be until its user is told, ms: two renewals.
pub const BACKUP_OLD_MS: u64 = 2 * BACKUP_RENEW_MS;
/// How often it is looked whether one is due, ms, and how often what would be in it is read for that.
pub const BACKUP_LOOK_MS: u64 = 10_000;
pub const BACKUP_READ_MS: u64 = 60 * 60 * 1_000;
/// Entries of one backup: 1 MiB, some thousands of people who are followed. What is beyond is left out, and said.
pub const BACKUP_PIECES: usize = 16;
/// A setting, draft or name in it, bytes; longer ones are left out.
pub const BACKUP_VALUE_BYTES: usize = 4 * 1024;
/// How long a restore waits for the nodes that it asks to be reached, ms: a relay and the way past two routers take some
/// seconds.
pub const RESTORE_REACH_MS: u64 = 15_000;
/// How long it waits for those that were reached to bring something since they did last, ms: a page that is lost on a bad
/// line comes again within it.
pub const RESTORE_QUIET_MS: u64 = 20_000;
/// For mail that only passes through a node, which comes after its answer, ms.
pub const RESTORE_STRAY_MS: u64 = 3_000;
/// How often it looks whether they have, ms: a query of one row, and less than anybody notices.
pub const RESTORE_LOOK_MS: u64 = 100;
/// All of it, ms: 200 MB on a line of 1 Mbit/s. What is missing then comes with the sync that follows.
pub const RESTORE_MS: u64 = 30 * 60 * 1_000;
/// How many bits wider than its own bucket that of a backup is asked for, where mail is taken by parts: who left it may
/// have measured otherwise.
pub const RESTORE_WIDER_BITS: u8 = 3;
