//! Every bound has a name, a unit and a reason. What exceeds one gets a clear error; nothing stored is lost.

mod anchor;
mod bundle;
mod compartment;
mod link;
mod near;
mod notify;
mod post;
mod private;
mod recovery;
mod web;

pub use self::anchor::*;
pub use self::bundle::*;
pub use self::compartment::*;
pub use self::link::*;
pub use self::near::*;
pub use self::notify::*;
pub use self::post::*;
pub use self::private::*;
pub use self::recovery::*;
pub use self::web::*;

/// Events that a slow surface may fall behind before it is told to reload.
pub const EVENT_QUEUE: usize = 1_024;

// --- entries (DESIGN §4) ---

/// References of one entry.
pub const REFS: usize = 8;
/// Body of an entry, bytes.
pub const BODY_BYTES: usize = 64 * 1024;
/// Body of a `Sealed` entry, bytes: the largest ciphertext, the most slots, and blobs.
pub const SEALED_BODY_BYTES: usize = 100 * 1024;
/// Body of an entry of an unknown kind, bytes: kept verbatim, so it must not be free bulk storage.
pub const UNKNOWN_BODY_BYTES: usize = 4 * 1024;
/// Body of an identity statement, bytes: they travel with every comment, and a revocation names a head a log.
pub const STATEMENT_BODY_BYTES: usize = 4 * 1024;
/// Largest seq of a log: far beyond what a device can write, far below where arithmetic ends.
pub const LARGEST_SEQ: i64 = 1 << 53;
/// Text of a post or comment, characters.
pub const TEXT_CHARS: usize = 20_000;
/// Name of a persona, characters.
pub const NAME_CHARS: usize = 64;
/// Marks above and below one letter of a name that are shown: some scripts need three, more cover the lines around it.
pub const NAME_MARKS: usize = 3;
/// Bio of a persona, characters.
pub const BIO_CHARS: usize = 2_000;
/// Content warning, characters.
pub const CW_CHARS: usize = 300;
/// Hashtag, characters.
pub const TAG_CHARS: usize = 100;
/// Language tag (BCP 47), bytes: the length that RFC 5646 asks everybody to take.
pub const LANG_BYTES: usize = 35;
/// Media type, bytes: the two names of RFC 6838, 127 each, and the slash.
pub const MIME_BYTES: usize = 255;
/// BlurHash of 9 x 9 components, bytes.
pub const BLURHASH_BYTES: usize = 166;
/// Lists and maps inside each other in a body: ours need 3, later fields may need more.
pub const BODY_DEPTH: usize = 16;
/// Largest time, sequence number or edit counter: they stand in signed 64-bit columns.
pub const LARGEST_NUMBER: u64 = i64::MAX as u64;
/// A day, s: the grain of time in sealed entries.
pub const DAY_S: u64 = 86_400;
/// Text of a private message, bytes: with what stands around it, it fits one message.
pub const MESSAGE_TEXT_BYTES: usize = 40 * 1024;
/// Requests that are kept: of too many those go in which nothing was said for longest.
pub const REQUESTS: i64 = 500;
/// Of these, conversations of several that one persona began: its first message cost it work, those after it nothing.
pub const REQUESTS_OF_ONE: i64 = 4;
/// Messages of one request that are kept before it is accepted, and how much they are, bytes: what is over is lost, as one
/// reads the first before one answers.
pub const REQUEST_MESSAGES: i64 = 50;
pub const REQUEST_BYTES: i64 = 256 * 1024;
/// Sessions with people whom nobody here has to do with: those of all requests, and as many that brought none.
pub const STRANGERS_SESSIONS: usize = 1_000;
/// What is said in one thread about messages that are not here, and people who are named in it, those who left among
/// them: any of its members could go on for ever.
pub const CHANGES_AHEAD: i64 = 1_000;
pub const THREAD_NAMES: i64 = 256;
/// Edits, deletions and reactions that are kept of one message, from all who are in the thread.
pub const MESSAGE_CHANGES: usize = 256;
/// How long after a failure messages are sealed again, ms: a full disk does not empty itself at once.
pub const FLUSH_AGAIN_MS: u64 = 5_000;
/// Messages that are sealed in one transaction: each costs some 0.2 ms.
pub const FLUSH_MESSAGES: usize = 48;
/// First messages for which work is done in one go, some 0.1 s each: then what was written meanwhile has its turn.
pub const WORKS_AT_ONCE: usize = 8;
/// How long after a session with a device was begun anew the next one is, ms: somebody whose device shows again and again
/// that the one in use is of no use costs no more than so much work.
pub const SESSION_AGAIN_MS: i64 = 60 * 60 * 1_000;
/// First messages that are tried in one go, and how long it is waited before the next, ms: each costs some 0.1 ms for
/// every key, and nobody who floods the bucket may cost more.
pub const INTRO_TRIES: usize = 16;
pub const INTRO_WAIT_MS: u64 = 500;
/// First messages that are looked at in one go, as most are for others: whether work was done for a key here is told by
/// two hashes, so nobody who did none is waited for.
pub const INTROS_SEEN: usize = 512;
/// Entries with one tag that are tried for it: whoever sees one pass can copy it.
pub const TAG_COPIES: usize = 8;
/// When a message goes again that nobody answered for, ms after the time before; the last one repeats.
pub const AGAIN_MS: [i64; 4] = [10 * 60 * 1_000, 60 * 60 * 1_000, 6 * 60 * 60 * 1_000, 24 * 60 * 60 * 1_000];
/// The same where the user hides when they answer: answers of both sides wait for cover, and mail is seldom lost, as
/// everybody holds it and compares it.
pub const AGAIN_HIDDEN_MS: [i64; 2] = [12 * 60 * 60 * 1_000, 24 * 60 * 60 * 1_000];
/// Cover of who hides when they answer: on average so long between two pieces, ms. Where all of 31 people do so, a phone
/// that is linked with four of them pays a little more than its 4 KiB and six wake-ups a minute (docs/decisions.md).
pub const COVER_MS: i64 = 60 * 60 * 1_000;
/// How long an answer to a message waits, ms (DESIGN §6): at once it would tell an observer who answered whom.
pub const ANSWER_MS: std::ops::Range<i64> = 2_000..10_000;
/// Sessions with one device that are kept: two may be begun at once, and some after old copies.
pub const SESSIONS_PER_DEVICE: usize = 8;
/// Keys for first messages are published anew after so long, s (DESIGN §3).
pub const DEVICE_KEYS_S: i64 = 7 * 86_400;
/// A clock that is set back by up to so much: what is written then still stands behind what was written before, ms.
pub const CLOCK_BACK_MS: i64 = 60_000;
/// How long an outbox tries to deliver, ms.
pub const OUTBOX_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// How long what changed on one own device waits before others are told, ms: what is changed at once goes together, and no
/// rhythm shows (DESIGN §4).
pub const OWN_WAIT_MS: std::ops::Range<i64> = 1_000..10_000;
/// Items in one message to an own device.
pub const RECORDS: usize = 512;
/// Their keys and values, bytes: with what stands around them they fit one message.
pub const RECORDS_BYTES: usize = 36 * 1024;
/// Numbers of sets that are kept, whatever they are: those of later versions too, and none that is made up.
pub const RECORD_SETS: u64 = 128;
/// Key of an item, bytes: two ids and a number are shorter, and so is the longest name of a setting.
pub const RECORD_KEY_BYTES: usize = 256;
/// What stands with an item that own devices tell each other, bytes; a longer draft stays on its device.
pub const RECORD_VALUE_BYTES: usize = 32 * 1024;
/// Devices of a private thread (DESIGN §1): every message is sealed for each of them.
pub const THREAD_DEVICES: usize = 64;
/// How long mail is kept for who sleeps, days (DESIGN §5.3). A backup, which names no files, may be kept longer.
pub const MAIL_DAYS: u64 = 30;
/// Leading bits of a route that a bucket can have (DESIGN §5.3).
pub const BUCKET_BITS: u8 = 16;
/// Messages a day that pass under a bucket at least: fewer are too few to hide among. Below it the bucket is merged with
/// the one beside it.
pub const BUCKET_LEAST: u64 = 64;
/// Messages a day that pass in each half of a bucket before it is split: more than the above, so that what varies from
/// week to week splits and merges nothing.
pub const BUCKET_SPLIT: u64 = 96;
/// Days over which that is measured, whole ones: a week has days that are unlike the others.
pub const BUCKET_DAYS: u64 = 7;
/// How long mail is taken by the length that a route was handed out with, days after such routes were given out last:
/// as long as an outbox tries.
pub const ROUTE_DAYS: u64 = 30;
/// The same for what was handed out in the first days of a node, while it had not seen how much passes.
pub const NEW_ROUTE_DAYS: u64 = 2;
/// How long a mailbox takes the bucket of a client that does not come back, days: mail is not kept longer.
pub const CLIENT_BUCKET_DAYS: u64 = 30;
/// Buckets that a mailbox takes for one client: its own, and some that it takes for others.
pub const CLIENT_BUCKETS: usize = 8;
/// Buckets that are remembered of all clients, the same one of several counted for each: those of all connections that an
/// anchor takes.
pub const CLIENTS_BUCKETS: usize = 8_192;
/// Buckets that one node takes: its own, and those of its mailbox's clients.
pub const TAKEN_BUCKETS: usize = 128;
/// How long mail of other buckets is kept to be passed on, days.
pub const STRAY_DAYS: u64 = 2;
/// Peers that are given mail of a bucket that nobody connected takes: each looks further.
pub const STRAY_PEERS: usize = 2;
/// Such entries that are given to one peer after one of its questions.
pub const STRAYS_AT_ONCE: usize = 32;
/// Such entries that are looked at for one question, some 3 ms; the next one goes on behind them.
pub const STRAYS_SEEN: usize = 16_384;
/// The share of the quota that mail may take, one part in so many: a flood of it must not push out what people follow.
pub const MAIL_PART: i64 = 8;
/// Of that share, what one peer may fill, one part in so many, and the part that is promised to nobody: what clients of
/// a mailbox have receipts for is not evicted, and must leave others some room.
pub const MAIL_SOURCE_PART: i64 = 4;
pub const MAIL_FREE_PART: i64 = 4;
/// Of that share, what is promised to who showed no token, as at an anchor nobody has to: one part in so many of what expires
/// as mail does, and of what lasts longer, which is backups. What is kept for months is few, and neither takes the other's
/// room. Who was let in is left the rest of what is promised at all, an eighth at least.
pub const MAIL_OPEN_PART: i64 = 2;
pub const MAIL_LASTING_PART: i64 = 8;
/// Of what lasts longer, what one such node is promised, bytes: six monthly backups of the largest size, and some more. A
/// quarter of all of it at most.
pub const MAIL_LASTING_BYTES: i64 = 8 * 1024 * 1024;
/// Part of the quota that sealed files of mail take, which nobody here may be able to open: 1 / this. Of that, what comes
/// by one peer, 1 / that: on a desktop it holds the largest file.
pub const MAIL_FILES_PART: i64 = 8;
pub const MAIL_FILES_SOURCE_PART: i64 = 2;
/// Entries of mail of which it is remembered that they gave way: some 5 MB.
pub const MAIL_DROPPED: i64 = 65_536;
/// The longest that messages are kept after they were read where they go at all, s.
pub const KEEP_MESSAGES_S: u64 = 364 * 24 * 60 * 60;
/// How long it is told that a group ended, ms.
pub const ENDED_GROUP_MS: u64 = 30 * 24 * 60 * 60 * 1_000;
/// Digits of an id that are given at least: fewer are a slip, or a word of what was to be written.
pub const ID_DIGITS: usize = 4;
/// How long a message waits for its files to be with carriers, ms, and how fast these are thought to move, bytes a ms: a
/// slow line. Then it goes all the same, and the files are here to be fetched.
pub const PARCEL_WAIT_MS: i64 = 5_000;
pub const PARCEL_BYTES_PER_MS: u64 = 400;
/// How long it waits for one more carrier once there is one, ms: that one may give them to others, unseen from here.
pub const PARCEL_MORE_MS: i64 = 2_000;
/// Carriers that have a message's files before it leaves, where so many peers are connected (DESIGN §5.3).
pub const PARCEL_CARRIERS: usize = 2;
/// Mail that is kept of one peer or client at most, bytes (DESIGN §5.3).
pub const MAIL_SOURCE_BYTES: i64 = 64 * 1024 * 1024;
/// Mailboxes of one profile (DESIGN §5.3): each costs a connection that stays.
pub const MAILBOXES: usize = 5;
/// Nodes that one node keeps mail for by tokens: more than friends and devices of one owner.
pub const MAILBOX_CLIENTS: i64 = 64;
/// Of them, those that one token lets in: one that gets around brings no more.
pub const TOKEN_CLIENTS: i64 = 16;
/// How long a ticket lets new clients in, weeks. Who is in stays in.
pub const TOKEN_WEEKS: u64 = 8;
/// Seconds of a week.
pub const WEEK_S: u64 = 7 * DAY_S;
/// Receipts in one frame: 24 KiB.
pub const RECEIPTS_FRAME: usize = 256;
/// Alt text of a picture, characters.
pub const ALT_CHARS: usize = 2_000;
/// Attachments of one post.
pub const ATTACHMENTS: usize = 16;
/// Mentions and hashtags of one post, each.
pub const TAGS: usize = 64;
/// A reaction, bytes of UTF-8: the longest emoji sequences (families, flags of regions) stay below it.
pub const EMOJI_BYTES: usize = 64;
/// Comments below comments: deeper ones are kept and passed on, but neither shown nor counted.
pub const COMMENT_DEPTH: usize = 64;
/// Comments of one persona under one post.
pub const COMMENTS_PER_PERSONA: usize = 64;
/// Reactions of one persona to one post or comment that are shown.
pub const REACTIONS_PER_PERSONA: usize = 3;
/// Reactions of one persona to one post or comment that are kept, those that were taken back among them: the newest. So
/// one can change one's mind for ever.
pub const REACTIONS_KEPT: usize = 16;
/// Comments, and reactions, in the header of one post: then it is full.
pub const COMMENTS_PER_POST: usize = 10_000;
pub const REACTIONS_PER_POST: usize = 20_000;
/// Bytes of what is said, sealed, about one post to circles: then it is full. As many comments as may be take 20 MB in the
/// smallest size class; nobody who carries the author can tell what is in larger ones.
pub const SEALED_BYTES_PER_POST: i64 = 32 * 1024 * 1024;
/// Comment keys of one policy.
pub const POLICY_KEYS: usize = 16;
/// Entries that wait for the post that they are about, all together; the one that came first goes first. They are what
/// a push carries, so 5 MiB at most.
pub const WAITING_ENTRIES: usize = 1_000;
/// How long they wait, s: by then whoever holds the post has been met again.
pub const WAITING_S: u64 = 7 * DAY_S;
/// How often it is looked for those that waited too long, and for mail by which a bucket is measured, ms.
pub const WAITING_SWEEP_MS: u64 = 60 * 60 * 1_000;
/// Who reposted a post: as many are named with it.
pub const REPOSTERS_SHOWN: usize = 8;
/// Edits of one entry that count.
pub const EDITS: usize = 64;
/// Deletions of one entry by its author: two devices may delete it at once.
pub const DELETIONS: usize = 4;
/// Heads in one revocation of a device: some 56 bytes each, so that they fit a statement. Of a device with more logs there
/// are several revocations.
pub const REVOKED_HEADS: usize = 64;
/// Devices of one persona that count.
pub const DEVICES: usize = 16;
/// Logs of one author that are kept, so that opening logs for ever is not free storage. Open ones need no limit of
/// their own: a device has one of each scope, as it opens another only by naming the heads of the one before, which
/// closes it.
pub const LOGS_PER_AUTHOR: usize = DEVICES * LOGS_PER_DEVICE;
/// Logs of one device that are kept: it opens one a scope, and another after a restore or a fork. Which of them are
/// open is a function of all; above `SETTLED_LOGS` in a scope it is worked out only when another one begins or forks, as
/// it is some 10 ms of work then.
pub const LOGS_PER_DEVICE: usize = 256;
pub const SETTLED_LOGS: usize = 32;
/// Logs of this device that something else began in this run, for each of which this run begins anew: another copy of the
/// profile shows within few, and each of the two would answer the other for ever.
pub const TWIN_LOGS: u64 = 8;
/// Prior heads that a `LogOpen` names.
pub const PRIOR_HEADS: usize = 16;
/// Entries that are kept of the second branch of a fork.
pub const FORK_ENTRIES: usize = 1_000;

// --- blobs and pictures ---

/// One blob, bytes.
pub const BLOB_BYTES: u64 = 512 * 1024 * 1024;
/// Side of a picture, pixels.
pub const PICTURE_SIDE_PX: u32 = 16_384;
/// A shared picture when it is decoded, bytes: `PICTURE_SHARED_PX` a side with alpha.
pub const PICTURE_DECODED_BYTES: u64 = 64 * 1024 * 1024;
/// A picture of the user's own when it is decoded to be made smaller, bytes: 89 megapixels. Phones take 48, and one such
/// picture is worked on at a time.
pub const PICTURE_SOURCE_BYTES: u64 = 256 * 1024 * 1024;
/// A picture file before it is decoded, bytes.
pub const PICTURE_FILE_BYTES: usize = 64 * 1024 * 1024;
/// Keys that are tried for one sealed file: whoever names a file can name a wrong one.
pub const FILE_OPENERS: usize = 16;
/// A file that is attached to a message as it is, bytes: a minute of video; and what a desktop takes in for others within
/// an hour holds it (`TAKEN_PER_HOUR_DESKTOP`).
pub const ATTACHED_FILE_BYTES: usize = PICTURE_FILE_BYTES;
/// Name of an attached file, bytes: what file systems take.
pub const FILE_NAME_BYTES: usize = 255;
/// The smallest size class of a sealed file, bytes: what is smaller tells nothing of its size.
pub const SEALED_FILE_LEAST: u64 = 4 * 1024;
/// Longest side of a shared picture, pixels: larger ones are scaled down.
pub const PICTURE_SHARED_PX: u32 = 4_096;
/// Longest side of a thumbnail, pixels.
pub const THUMB_PX: u32 = 640;

// --- frames and sync ---

/// One frame on a sync stream, bytes: a page of entries and its header fit.
pub const FRAME_BYTES: usize = 2 * 1024 * 1024;
/// Entries in one page of a pull.
pub const PAGE_ENTRIES: usize = 2_000;
/// Bytes of entries in one page of a pull.
pub const PAGE_BYTES: usize = 1024 * 1024;
/// Newest entries of an author that come first on a cold follow.
pub const NEWEST_ENTRIES: usize = 50;
/// Pages that a client may ask for ahead.
pub const PULL_CREDIT: u8 = 2;
/// Inline bodies in a push, bytes each (DESIGN 5.1.2).
pub const PUSH_BODY_BYTES: usize = 4 * 1024;
/// The same of a sealed entry, bytes: the two smaller sizes of mail with their slots, so that most of it comes at once.
pub const PUSH_SEALED_BYTES: usize = 5 * 1024;
/// Authors that one peer may subscribe to: 64 KiB of 8-byte hashes.
pub const SUBSCRIPTIONS_PER_PEER: usize = 8_192;
/// Peers whose agreed author set is remembered.
pub const REMEMBERED_PEERS: usize = 1_000;
/// Frames that may wait to be sent to one connection before the connection is closed as stalled.
pub const SEND_QUEUE: usize = 256;
/// Bytes that may wait to be sent to one connection before it is closed as stalled.
pub const SEND_QUEUE_BYTES: usize = 8 * 1024 * 1024;
/// Time that a request may take, ms.
pub const REQUEST_DEADLINE_MS: u64 = 10_000;
/// Frames in the engine's inbox.
pub const ENGINE_QUEUE: usize = 4_096;
/// Connections at once: phone 16, desktop 64, anchor 1,024 (few stay long).
pub const CONNECTIONS: usize = 64;
/// Bidirectional streams that a peer may hold open at once.
pub const STREAMS_PER_PEER: u32 = 16;
/// QUIC receive window of one connection, bytes.
pub const CONNECTION_WINDOW_BYTES: u32 = 8 * 1024 * 1024;
/// QUIC receive window of one stream, bytes. The transport counts packets that wait to be read and ends the whole
/// connection above 1,024 of them (quinn issue 2809, in noq 1.4 too): with packets of 1,200 bytes this is 920.
pub const STREAM_WINDOW_BYTES: u32 = 1024 * 1024;
/// Idle connections close after this, ms.
pub const IDLE_MS: u64 = 30_000;
/// First wait before a failed dial is tried again, ms; doubles, with jitter.
pub const BACKOFF_FIRST_MS: u64 = 500;
/// Longest wait before a failed dial is tried again, ms.
pub const BACKOFF_LONGEST_MS: u64 = 60_000;
/// Known peers in the address book.
pub const ADDRESS_BOOK: usize = 1_000;

/// Authors in one `Want`: what it asks for fits one frame with all logs.
pub const WANT_AUTHORS: usize = 1_024;
/// Logs named in one `Want`.
pub const FRAME_LOGS: usize = 16_384;
/// Ranges named in one `Want`.
pub const FRAME_RANGES: usize = 32_768;
/// Ranges told of one log: what lies behind more gaps comes twice.
pub const LOG_RANGES: usize = 64;
/// Identity statements of one author that are synced.
pub const STATEMENTS: usize = 256;
/// Header entries of a span up to which their ids are told; of more, fingerprints of parts.
pub const HEADER_LEAF_IDS: usize = 256;
/// Parts that a span is split into.
pub const HEADER_SPLIT: usize = 16;
/// Ranges in one `Headers` frame, and short ids in all of them: 512 KiB.
pub const HEADER_RANGES_FRAME: usize = 4_096;
pub const HEADER_IDS_FRAME: usize = 65_536;
/// Missing entries of a log up to which they come from the start: above, its newest come first.
pub const SMALL_LOG_ENTRIES: i64 = 200;
/// First page of a pull, KiB: a slow link delivers it well before the deadline; grows to `PAGE_BYTES`.
pub const FIRST_PAGE_KIB: u16 = 64;
/// Requests that one peer may hold open.
pub const REQUESTS_PER_PEER: usize = 4;
/// Pages that a peer may ask for ahead.
pub const CREDIT_PER_REQUEST: u8 = 8;
/// Entries of one commit that are pushed; more are told as stale, and pulled.
pub const PUSH_ENTRIES: usize = 64;
/// Pushes to one peer that it has not taken yet; then authors are marked and told once.
pub const PUSH_WINDOW: u32 = 64;
/// Frames of one peer, a second, and how many may come at once: a push storm of an honest peer stays below.
pub const FRAMES_PER_SECOND: u64 = 1_000;
pub const FRAMES_BURST: u64 = 4_000;
/// How long a peer that seems to hold less of an author is waited for to ask first, ms: what it asks for shows what it
/// holds, and mostly that it need not be asked. Some round trips.
pub const YIELD_MS: u64 = 1_500;
/// A pull without progress for so long no longer keeps other peers from being asked for the same authors, ms.
pub const PULL_STALL_MS: u64 = 1_000;
/// Every peer is asked again after this and up to a tenth more, ms: a safety net under pushes.
pub const REASK_MS: u64 = 300_000;
/// One remembered author set, bytes.
pub const PEER_SET_BYTES: usize = 64 * 1024;

// --- store ---

/// Jobs that wait for the writer.
pub const WRITE_QUEUE: usize = 256;
/// A store that was asked nothing for so long, and up to twice that, gives back its page caches, ms.
pub const STORE_REST_MS: u64 = 15_000;
/// Read connections.
pub const READERS: usize = 4;
/// Posts on one feed page.
pub const FEED_PAGE: usize = 1_000;

// --- secrets at rest ---

/// One secret in a keystore, bytes: below what the smallest keychain (Windows: 2,560 bytes) holds.
pub const SECRET_BYTES: usize = 2_048;
/// A keystore in a file, bytes: a few secrets per persona; more means that the file is not ours.
pub const KEYSTORE_FILE_BYTES: usize = 4 * 1024 * 1024;
/// Memory that opening a sealed file may cost, KiB: four times what we write; a hostile file can ask for no more.
pub const ARGON2_MEMORY_KIB: u32 = 256 * 1024;
/// Argon2 passes that opening a sealed file may cost.
pub const ARGON2_PASSES: u32 = 12;
/// Argon2 lanes that opening a sealed file may ask for.
pub const ARGON2_LANES: u32 = 4;

// --- identity ---

/// A recovery phrase as it is typed, characters: 24 words of up to 8, and spaces to spare.
pub const PHRASE_CHARS: usize = 400;
/// Times that one entry may have been signed again by old copies of a profile before its first id is forgotten.
pub const ALIAS_STEPS: usize = 16;
/// Files that wait to be named by a post or profile: of a whole thread, and of what else is being written.
pub const STAGED_PICTURES: usize = (SERIES_POSTS + 3) * ATTACHMENTS;
/// How long a post can be taken back before it is signed, s: by default, …
pub const UNDO_S: u64 = 5;
/// … and for those who want longer. After more than that one believes it out.
pub const UNDO_MOST_S: u64 = 10;
/// Posts that wait for a time that was chosen: one a day for a quarter.
pub const SCHEDULED_POSTS: usize = 100;
/// The furthest time that a post waits for, ms: a year, the longest of them.
pub const SCHEDULE_MOST_MS: u64 = 366 * DAY_S * 1_000;
/// When a post whose time has come is looked at again that could not be noted as signed or refused, ms.
pub const SCHEDULE_RETRY_MS: u64 = 60 * 1_000;
/// Files that a draft keeps over a restart: those of a post that was taken back, and of one that was begun since.
pub const DRAFT_FILES: usize = 2 * ATTACHMENTS;
/// Commits that the network may fall behind before it compares heads anew.
pub const COMMIT_QUEUE: usize = 1_024;
/// Invite link, characters.
pub const INVITE_CHARS: usize = 4_096;
/// Nodes that one invite names.
pub const INVITE_NODES: usize = 8;
/// A thumbnail whose size is not told, bytes.
pub const THUMB_BYTES: u64 = 1024 * 1024;

// --- profiles ---

/// People who are named as being near somebody.
pub const NEAR: usize = 50;
/// Of each person that is followed, so many of their newest reposts and comments are looked at for that.
pub const NEAR_SEEN: usize = 300;

// --- settings ---

pub const SETTING_KEY_BYTES: usize = 128;
/// Drafts are kept as settings: a post of the longest text fits.
pub const SETTING_VALUE_BYTES: usize = 256 * 1024;
// --- control socket and lock ---

/// One request on the control socket, bytes of JSON: the longest arguments that a system passes to a command, escaped.
pub const CONTROL_REQUEST_BYTES: usize = 2 * 1024 * 1024;
/// One answer on the control socket, bytes of JSON: a feed of 1,000 posts of 20,000 characters fits.
pub const CONTROL_REPLY_BYTES: u64 = 512 * 1024 * 1024;
/// Control connections at once; one more takes the place of the one that has sent no request for longest, or waits where
/// all are being answered.
pub const CONTROL_CONNECTIONS: usize = 32;
/// A control connection that sends no whole request for this long is closed, ms.
pub const CONTROL_IDLE_MS: u64 = 10_000;
/// A question whether something changed is answered after this long at the latest, ms: well below the patience of who asks.
pub const CHANGED_WAIT_MS: u64 = 30_000;
/// Longest time that a command waits for an answer, ms: 16 pictures on a slow machine fit.
pub const CONTROL_REPLY_MS: u64 = 120_000;
/// How long commands and `run` wait for another command's lock, and commands for a starting node's socket, ms.
pub const LOCK_WAIT_MS: u64 = 10_000;
/// How often a lock that is waited for is tried, ms: file locks tell no event.
pub const LOCK_POLL_MS: u64 = 20;
// --- network ---

/// Addresses that are kept of one node, and that its ticket may hold.
pub const TICKET_ADDRS: usize = 8;
/// Peers that came in by themselves which are dialled at a start: the ones met last.
pub const STRANGERS_DIALLED: usize = 64;
/// Bytes of frames of one connection that may be under way to the engine or at work behind it: two frames, so that
/// one can be read while the other is applied.
pub const INBOX_BYTES: usize = 2 * FRAME_BYTES + 8;
/// Time for a QUIC handshake and the opening of the sync stream, ms.
pub const HANDSHAKE_MS: u64 = 5_000;
/// Time that one frame, once begun, may take to come or go, ms: a slow phone moves 2 MiB in it.
pub const FRAME_MS: u64 = 60_000;
/// Handshakes under way from which on an address has to prove itself first (QUIC Retry).
pub const PENDING_RETRY: usize = 100;
/// Handshakes under way at most.
pub const PENDING: usize = 512;
/// Two connections that were set up within this time may have been dialled by both sides at once, ms.
pub const CROSSED_MS: u64 = 3_000;
/// How long a connection stays open beside the one that takes its place, ms: until then the other side knows both.
pub const LINGER_MS: u64 = 1_000;
/// Dials under way at once.
pub const DIALS: usize = 64;
/// Wait before a peer that let an idle connection go is dialled again, ms.
pub const REST_MS: u64 = 15 * 60 * 1_000;
/// Blobs that are fetched at once.
pub const FETCHES: usize = 4;
/// Time after which a fetch that brought less than `FETCH_TURN_BYTES` in it gives its place to another, ms, on both
/// sides. What came stays, and the next peer is asked, or the same one again.
pub const FETCH_TURN_MS: u64 = 60_000;
/// See `FETCH_TURN_MS`: 17 KiB/s.
pub const FETCH_TURN_BYTES: u64 = 1024 * 1024;
/// How long a peer that gave a blob too slowly is asked after all others, ms.
pub const SLOW_PEER_MS: u64 = 5 * 60 * 1_000;
/// Peers whose bad answers about blobs are remembered.
pub const BLAMED_PEERS: usize = 1_024;
/// Blobs that are served at once, all peers together.
pub const SERVES: usize = 32;
/// Blobs that are served at once to one peer: what a peer fetches at once.
pub const SERVES_PER_PEER: usize = 4;
/// First wait before a blob that nobody gave is asked for again, ms; doubles up to an hour.
pub const FETCH_RETRY_FIRST_MS: u64 = 2_000;
pub const FETCH_RETRY_LONGEST_MS: u64 = 60 * 60 * 1_000;
/// Unused trees of blobs are dropped this often, ms.
pub const BLOB_SWEEP_MS: u64 = 10 * 60 * 1_000;
// --- sync against hostile peers ---

/// A pull that brought nothing new for so long ends with its connection, ms: what an honest peer sends twice is less.
pub const PULL_FRUITLESS_MS: u64 = 60_000;
/// Ranges told of all logs of one author, half of what a `Want` holds: the highest beyond come twice.
pub const AUTHOR_RANGES: usize = 16_384;
/// Questions to one peer, a minute, and how many at once; twice as many are taken from one.
pub const ASKS_PER_MINUTE: u64 = 60;
pub const ASKS_BURST: u64 = 60;
/// Wait of a question that would be one too many, ms.
pub const ASK_WAIT_MS: u64 = 1_000;
// --- carrying (DESIGN §5, "Carrying and storage") ---

/// Peers at which one author is subscribed.
pub const SUBSCRIBED_PEERS: usize = 3;
/// How long an author is carried for a peer that asked, ms; each question renews it.
pub const LEASE_MS: u64 = 60 * 60 * 1_000;
/// Authors carried for peers at once: by a desktop, by an anchor; a phone carries none.
pub const LEASES_DESKTOP: usize = 200;
pub const LEASES_ANCHOR: usize = 5_000;
/// Authors carried for this node's own user, who looked at them, or saw them reposted or quoted (half of them at most): by
/// a phone, by others. The one whose time ends first gives way.
pub const VISITS_PHONE: usize = 16;
pub const VISITS: usize = 200;
/// How long an author is carried after somebody who is followed reposted or quoted a post, ms, by the time of that; after
/// the user looked at the author or at what stands there, each look renews it.
pub const REPOSTED_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
pub const VISIT_MS: u64 = 60 * 60 * 1_000;
/// Leases between who follows an author and who carries it.
pub const LEASE_DEPTH: u8 = 4;
/// Authors known by name alone among which a peer's hashes are looked up, the newest first: some 50 ms of work.
pub const KNOWN_AUTHORS: usize = 65_536;
/// Authors in one `Carry`.
pub const CARRY_AUTHORS: usize = 64;
/// Wait before the next anchor is asked for an author that nobody else carries, ms.
pub const CARRY_WAIT_MS: u64 = 5_000;
/// Nodes that take in what nobody asked for yet, one after the other, and peers that each passes it on to.
pub const SPREAD_HOPS: u8 = 4;
pub const SPREAD_PEERS: usize = 8;
/// Posts in one `Dropped`.
pub const DROPPED_POSTS: usize = 1_024;
/// Peers from which on own entries leave by a stem; stem peers at a time, and how long they stay, ms.
pub const STEM_LEAST_PEERS: usize = 4;
pub const STEM_PEERS: usize = 2;
pub const STEM_STAY_MS: u64 = 10 * 60 * 1_000;
/// Longest and shortest wait before an entry that left by a stem is spread from here too, ms.
pub const STEM_WAIT_MS: std::ops::Range<u64> = 100..400;
/// The same for own mail that need not be fast.
pub const STEM_PATIENT_MS: std::ops::Range<u64> = 1_000..3_000;
/// Entries that left by a stem and wait; more are spread at once.
pub const STEM_WAITING: usize = 256;
/// Holders that are remembered of one post.
pub const FILE_HOLDERS: usize = 5;
/// Authors that are kept as spare copies at once.
pub const REPLICAS: usize = 1_000;
/// Copies of an author, this node's among them, below which peers are offered one.
pub const COPIES: usize = 3;
/// Longest wait between looks for authors with too few copies, ms; drawn between half of it and all.
pub const REPAIR_MS: u64 = 8 * 60 * 1_000;
/// Authors that are offered to one peer at once: a few more come with the next look.
pub const OFFERED_AUTHORS: usize = 32;
/// Authors in one `Known`.
pub const KNOWN_FRAME: usize = 1_024;
/// How long after it was not pushed a peer is told that something is there, ms: by then it has come from others.
pub const NEWS_MS: u64 = 1_000;
/// Entries stored last that are remembered, so that news of them is not fetched again.
pub const RECENT_ENTRIES: usize = 4_096;
// --- search and share pages ---

/// A search, characters: longer than anybody types.
pub const SEARCH_CHARS: usize = 300;
/// Words, phrases, tags and names in one search; what stands behind them is left out.
pub const SEARCH_TERMS: usize = 16;
/// Matches that are ranked: where there are more, those that came last. A page of a search reaches no further.
pub const SEARCH_MATCHES: usize = 1_000;
/// People and hashtags in one answer.
pub const SEARCH_PEOPLE: usize = 20;
pub const SEARCH_TAGS: usize = 20;
/// Authors that one `from:` can mean.
pub const SEARCH_FROM: usize = 32;
/// Posts of one author among those that answer another node.
pub const SEARCH_PER_AUTHOR: usize = 3;
/// Entries that are indexed in one transaction: some 50 ms of the writer.
pub const INDEX_BATCH: usize = 500;
/// Batches that a search waits for before it answers from what is indexed: some 2 s on a slow machine.
pub const INDEX_BATCHES_AWAITED: usize = 20;
/// Time without a commit before what came is indexed, ms: a long pull has the writer for itself.
pub const INDEX_QUIET_MS: u64 = 1_000;
/// Longest time that commits without a pause put indexing off, ms.
pub const INDEX_LATEST_MS: u64 = 30_000;
/// Ids on the deny list: what a person can have looked at, many times over.
pub const DENIED: usize = 100_000;
/// Comments on one share page.
pub const SHARED_COMMENTS: usize = 200;
/// Requests for share pages and their pictures that are answered at once.
pub const SHARED_REQUESTS: usize = 32;
/// Of the files among them, those that one address gets at once: what a browser opens to one host, and two more.
pub const SHARED_FILES_PER_ADDRESS: usize = 8;
// --- storage (DESIGN §5, "Carrying and storage") ---

/// What a node keeps before something has to go, bytes: entries by [`ENTRY_ROW_BYTES`] and files of pictures. A setting
/// changes it.
pub const QUOTA_PHONE: i64 = 500 * 1024 * 1024;
pub const QUOTA_DESKTOP: i64 = 2 * 1024 * 1024 * 1024;
/// An anchor keeps copies for others: a small rented disk has it free.
pub const QUOTA_ANCHOR: i64 = 20 * 1024 * 1024 * 1024;
/// The smallest quota that can be set, bytes: what a few hundred people write in a year.
pub const QUOTA_LEAST: i64 = 64 * 1024 * 1024;
/// What an entry takes besides its body and refs, bytes: its rows, their indices and its words in the search index.
/// Stands in triggers of the schema too.
pub const ENTRY_ROW_BYTES: i64 = 300;
/// Part of the quota that people take whom nobody here carries: 1 / this.
pub const STRANGERS_PART: i64 = 20;
/// Bytes that one of them may add on one day.
pub const STRANGER_DAY_BYTES: i64 = 1024 * 1024;
/// Part of the quota that one author takes who is carried and not followed: 1 / this.
pub const CARRIED_PART: i64 = 16;
/// Part of the quota that members of joined groups take together, of those who are not followed: 1 / this. They are not
/// evicted.
pub const GROUPED_PART: i64 = 4;
/// Parts of 16 of the quota: what is left when room was made, and up to where new authors are carried for others. The
/// second is lower, so that what was evicted does not come back at once.
pub const QUOTA_LEFT_16THS: i64 = 15;
pub const QUOTA_ADOPT_16THS: i64 = 14;
/// Parts of 16 of the strangers' share from where on the oldest of them go, and what is left then.
pub const STRANGERS_FULL_16THS: i64 = 14;
pub const STRANGERS_LEFT_16THS: i64 = 12;
/// Entries that are evicted in one transaction: some 100 ms of the writer.
pub const EVICT_ENTRIES: i64 = 2_000;
/// Authors, or files, that are looked up at once to be evicted.
pub const EVICT_AT_ONCE: i64 = 256;
/// How long an author that was evicted for lack of room is not carried again for others, ms.
pub const EVICTED_PAUSE_MS: u64 = 6 * 60 * 60 * 1_000;
/// How often room is looked after without a commit, ms.
pub const ROOM_CHECK_MS: u64 = 10 * 60 * 1_000;
/// Pictures of followed people up to this age are fetched before anybody asks, and go last, s.
pub const PREFETCH_AGE_S: i64 = 90 * 24 * 60 * 60;
/// Files larger than this come only when somebody asks for them, bytes.
pub const PREFETCH_BLOB_BYTES: u64 = 16 * 1024 * 1024;
/// How exactly it is remembered when a file was last looked at, ms: each look would be a write.
pub const USED_GRAIN_MS: u64 = 24 * 60 * 60 * 1_000;
/// A peer counts as holding a post this long after it was last seen with it, ms.
pub const HOLDER_SEEN_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
/// Free pages of the database from which on they are given back, and how many at once.
pub const FREE_PAGES: i64 = 4_096;
pub const FREE_PAGES_AT_ONCE: i64 = 1_024;
// --- looking for posts at peers (DESIGN §5.4) ---

/// A question to peers, bytes.
pub const FIND_BYTES: usize = 256;
/// How long a command waits for peers' answers, ms: two hops and back over slow links. A surface shows them as they come.
pub const FIND_WAIT_MS: u64 = 2_000;
/// Pause after an answer from which on it waits no longer, ms.
pub const FIND_SETTLE_MS: u64 = 400;
/// Nodes that pass a question on, one after the other, and peers that each passes it on to.
pub const FIND_HOPS: u8 = 2;
pub const FIND_PEERS: usize = 8;
/// Questions of one peer a minute, and at once: somebody who types sends one a pause.
pub const FINDS_PER_MINUTE: u64 = 30;
pub const FINDS_BURST: u64 = 10;
/// Posts in one answer.
pub const FOUND_POSTS: usize = 20;
/// People in one answer, who wish to be found by their name.
pub const FOUND_PEOPLE: usize = 5;
/// How often peers are asked for posts with a followed hashtag, ms: each answer may bring 20 posts again.
pub const TAG_ASK_MS: u64 = 3_600_000;
/// The same for a phone, and where moving bytes costs, ms.
pub const TAG_ASK_SPARING_MS: u64 = 6 * 3_600_000;
/// From one such question to the next, ms: they are spread, so that few of them are heard together; at most 60 an hour
/// leave, however many hashtags are followed.
pub const TAG_ASK_PAUSE_MS: u64 = 60_000;
/// Answers that are passed back for one question: each of so many peers' peers may give one.
pub const FOUND_ANSWERS: usize = FIND_PEERS * (FIND_PEERS + 1);
/// Questions that are remembered, so that answers find their way and none is asked twice.
pub const FINDS_REMEMBERED: usize = 1_024;

// --- what a user keeps, groups and mutes ---

/// Longest time that a mute is set for, hours: ten years. Without a number it has no end.
pub const MUTE_HOURS: u64 = 87_600;
/// A note about somebody, characters: a page; with four bytes each it fits into a record.
pub const NOTE_CHARS: usize = 2_000;
/// Items of one set that are in: years of bookmarks.
pub const ITEMS_PER_SET: usize = 50_000;
/// Lists: more than a row of tabs or a menu can hold.
pub const LISTS: usize = 100;
/// People of a list that is published: their ids and names take less than half of a body, names of four-byte signs more.
pub const PUBLISHED_PEOPLE: usize = 200;
/// People of a published list that stand in a feed; all of them where it is opened.
pub const PUBLISHED_SHOWN: usize = 5;
/// Newest published lists that people are suggested from, of one author and in all.
pub const LISTS_OF_ONE: usize = 3;
pub const SUGGESTING_LISTS: usize = 200;
/// People in one list: its feed looks at each of them.
pub const LIST_MEMBERS: usize = 1_000;
/// A muted word or phrase, characters.
pub const MUTED_WORD_CHARS: usize = 100;
/// Pages that are read to fill one page of a feed when much of what is read is muted.
pub const MUTED_PAGES: usize = 20;
// --- what one peer may ask of this node ---

/// Authors that one anchor may make known, as long as it is remembered (`ALLOWANCE_MS`): names are kept for
/// all peers, so that none may fill the table.
pub const KNOWN_PER_PEER: usize = 8_192;
/// Authors that are taken in for one peer, leased, offered or as an anchor: none may take all places. They count for as
/// long as it is remembered (`ALLOWANCE_MS`), over all its connections.
pub const CARRIED_PER_PEER: usize = 256;
/// Notices of one peer a minute, and at once: an honest one sends `News` once a second at most, others seldom.
pub const NOTICES_PER_MINUTE: u64 = 120;
pub const NOTICES_BURST: u64 = 240;
/// How long after its last connection it is remembered what a peer asked for, ms: as long as a lease.
pub const ALLOWANCE_MS: u64 = LEASE_MS;
/// Peers that left of which that is remembered: four times the connections of an anchor.
pub const ALLOWANCES: usize = 4_096;
/// What a frame counts at least in `INBOX_BYTES`, bytes: small ones cost work too, so at most 1,024 are at work.
pub const FRAME_LEAST_BYTES: usize = 4 * 1024;
/// Authors in a question from where on it counts as two, and so on: 8,192 count as nine.
pub const ASK_AUTHORS: u64 = 1_024;
/// Posts of which one peer says that it holds them no longer and that are noted, a minute, and at once: each is a write.
pub const DROPS_PER_MINUTE: u64 = 10_000;
pub const DROPS_BURST: u64 = 20_000;
/// How long header entries of an author's posts are not compared after some found no room, ms: they would come again
/// with each comparison. What is pushed meanwhile is taken where there is room.
pub const CROWDED_MS: u64 = 60 * 60 * 1_000;
/// Blobs that nobody gave and whose next try is remembered, some 2 MB.
pub const FETCH_WAITS: usize = 16_384;
/// How many of those may be of one author; with one more all wait that this author names.
pub const FETCH_WAITS_AUTHOR: usize = FETCH_WAITS / 16;
/// Bytes of blobs that have come in part, which no quota counts: one that is as large as may be.
pub const PARTIAL_BYTES: u64 = BLOB_BYTES;
/// Places among `FETCHES` that pictures of authors take who are carried for others.
pub const SPARE_FETCHES: usize = FETCHES / 2;
