//! Every bound has a name, a unit and a reason. What exceeds one gets a clear error; nothing stored is lost.

/// Events that a slow surface may fall behind before it is told to reload.
pub const EVENT_QUEUE: usize = 1_024;

// --- entries (DESIGN §4) ---

/// References of one entry.
pub const REFS: usize = 8;
/// Body of an entry, bytes.
pub const BODY_BYTES: usize = 64 * 1024;
/// Body of a `Sealed` entry, bytes: an inner body of 48 KiB padded to its bucket, plus slots.
pub const SEALED_BODY_BYTES: usize = 96 * 1024;
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
/// Reactions of one persona to one post.
pub const REACTIONS_PER_PERSONA: usize = 3;
/// Edits of one entry.
pub const EDITS: usize = 64;
/// Deletions of one entry by its author: two devices may delete it at once.
pub const DELETIONS: usize = 4;
/// Steps from an entry of a header up to its post: deletion, reaction, comment.
pub const HEADER_STEPS: usize = 4;
/// Devices of one persona that count.
pub const DEVICES: usize = 16;
/// Logs of one author that are kept, so that opening logs for ever is not free storage. Open ones need no limit of
/// their own: a device has one of each scope, as it opens another only by naming the heads of the one before, which
/// closes it.
pub const LOGS_PER_AUTHOR: usize = 4_096;
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
/// A pull without progress for so long no longer keeps other peers from being asked for the same authors, ms.
pub const PULL_STALL_MS: u64 = 1_000;
/// Every peer is asked again after this and up to a tenth more, ms: a safety net under pushes.
pub const REASK_MS: u64 = 300_000;
/// One remembered author set, bytes.
pub const PEER_SET_BYTES: usize = 64 * 1024;

// --- store ---

/// Jobs that wait for the writer.
pub const WRITE_QUEUE: usize = 256;
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

/// Times that one entry may have been signed again by old copies of a profile before its first id is forgotten.
pub const ALIAS_STEPS: usize = 16;
/// Pictures that wait to be named by a post or profile.
pub const STAGED_PICTURES: usize = 256;
/// Commits that the network may fall behind before it compares heads anew.
pub const COMMIT_QUEUE: usize = 1_024;
/// Invite link, characters.
pub const INVITE_CHARS: usize = 4_096;
/// Nodes that one invite names.
pub const INVITE_NODES: usize = 8;
/// A thumbnail whose size is not told, bytes.
pub const THUMB_BYTES: u64 = 1024 * 1024;

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
/// Time after which a fetch that brought less than `FETCH_TURN_BYTES` in it gives its place to another, ms. What came
/// stays, and the next peer is asked, or the same one again.
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
