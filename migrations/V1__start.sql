-- The first schema. Ids of content are 32-byte blobs; rows are local and never cross the wire.

-- Personas that this node knows: own, followed, or seen in a header.
CREATE TABLE author (
  row           INTEGER PRIMARY KEY AUTOINCREMENT,
  id            BLOB    NOT NULL UNIQUE,               -- persona id
  root          BLOB,                                  -- root key; NULL until its PersonaOpen is known
  own           INTEGER NOT NULL DEFAULT 0,            -- 1: this node holds a device key for it
  created_ms    INTEGER NOT NULL DEFAULT 0,            -- own personas: when it was made, for a stable order
  followed      INTEGER NOT NULL DEFAULT 0,            -- 1: own or followed by an own persona: stands in the feed
  carried       INTEGER NOT NULL DEFAULT 0,            -- 1: followed, or in table carry; its logs are synced
  synced_ms     INTEGER NOT NULL DEFAULT 0,            -- last time a peer confirmed or completed our copy; 0 = never
  name          TEXT    NOT NULL DEFAULT '',           -- from the newest Profile, else from the invite
  bio           TEXT    NOT NULL DEFAULT '',
  picture       BLOB,                                  -- blob hash of the newest Profile's picture
  picture_thumb BLOB,
  profile_row   INTEGER NOT NULL DEFAULT 0,            -- entry that name, bio and picture came from
  profile_count INTEGER NOT NULL DEFAULT 0             -- its edit counter
) STRICT;

-- Devices that an author's root certified.
CREATE TABLE device_cert (
  row        INTEGER PRIMARY KEY AUTOINCREMENT,
  author_row INTEGER NOT NULL REFERENCES author(row),
  device     BLOB    NOT NULL,                         -- device key
  caps       INTEGER NOT NULL DEFAULT 0,
  purpose    INTEGER NOT NULL DEFAULT 0,               -- 0 device, 1 bridge, 2 service, 3 mls-leaf
  not_after  INTEGER NOT NULL DEFAULT 0,               -- s; 0 = no end
  entry_row  INTEGER NOT NULL REFERENCES entry(row),
  UNIQUE (author_row, device, entry_row)
) STRICT;
CREATE INDEX device_cert_by_device ON device_cert (device, author_row);

-- One row a log: the maintained heads table.
CREATE TABLE log (
  row        INTEGER PRIMARY KEY AUTOINCREMENT,
  author_row INTEGER NOT NULL REFERENCES author(row),
  device     BLOB    NOT NULL,
  log        INTEGER NOT NULL,                         -- random u64, its bits as i64
  ref        INTEGER NOT NULL,                         -- LogRef, its bits as i64
  scope      INTEGER NOT NULL DEFAULT -1,              -- 0 posts, 1 engagement, 2 sealed, 3 hive; -1 until LogOpen is known
  next_seq   INTEGER NOT NULL DEFAULT 0,               -- entries 0..next_seq are all stored
  top_seq    INTEGER NOT NULL DEFAULT -1,              -- highest stored seq
  top_id     BLOB,                                     -- its id
  count      INTEGER NOT NULL DEFAULT 0,               -- stored entries; = next_seq where there is no gap
  own        INTEGER NOT NULL DEFAULT 0,               -- 1: written by this device
  hold_from  INTEGER NOT NULL DEFAULT 9223372036854775807, -- own log: entries from here on have not left yet (invariant 13)
  closed     INTEGER NOT NULL DEFAULT 0,               -- 1: a later log of the device and scope is open, or it may not be extended
  fork_seq   INTEGER NOT NULL DEFAULT -1,              -- lowest seq with two ids; -1 = no fork
  UNIQUE (author_row, ref)
) STRICT;

-- Entries as signed. Left out: what rebuilds exactly (author, device, log from the log row; prev from the
-- predecessor; body_len and body_hash from the body).
CREATE TABLE entry (
  row        INTEGER PRIMARY KEY AUTOINCREMENT,
  id         BLOB    NOT NULL UNIQUE,
  author_row INTEGER NOT NULL REFERENCES author(row),
  log_row    INTEGER NOT NULL DEFAULT 0,               -- 0: a statement
  seq        INTEGER NOT NULL DEFAULT 0,
  branch     INTEGER NOT NULL DEFAULT 0,               -- 1: second branch of a fork
  kind       INTEGER NOT NULL,
  time       INTEGER NOT NULL,                         -- s, as claimed
  refs       BLOB    NOT NULL DEFAULT x'',             -- n x 32 bytes
  signature  BLOB    NOT NULL,
  body       BLOB,                                     -- NULL: deleted, evicted or not fetched yet
  device     BLOB,                                     -- statements: root or recovery key
  prev       BLOB,                                     -- where the predecessor is not stored under (log_row, seq - 1), or branch = 1
  body_len   INTEGER,                                  -- where body is NULL
  body_hash  BLOB,                                     -- where body is NULL
  rank       INTEGER NOT NULL DEFAULT 0                -- s: min(claimed, first seen), never below the nearest stored predecessor
) STRICT;
CREATE INDEX entry_by_place ON entry (log_row, seq);
CREATE INDEX statement_by_author ON entry (author_row) WHERE log_row = 0;

-- Read model: posts. Text stays in the entry's body.
CREATE TABLE post (
  entry_row     INTEGER PRIMARY KEY,
  author_row    INTEGER NOT NULL,
  rank          INTEGER NOT NULL,
  log_row       INTEGER NOT NULL,
  seq           INTEGER NOT NULL,
  in_feed       INTEGER NOT NULL DEFAULT 0,            -- 1: its author is own or followed, and it is not deleted
  deleted       INTEGER NOT NULL DEFAULT 0,
  edit_row      INTEGER NOT NULL DEFAULT 0,            -- entry of the newest edit
  comments      INTEGER NOT NULL DEFAULT 0,            -- visible comments: not deleted, and not too deep
  active_s      INTEGER NOT NULL DEFAULT 0             -- last activity in its header
) STRICT;
CREATE INDEX post_feed ON post (rank DESC, log_row DESC, seq DESC) WHERE in_feed = 1;
CREATE INDEX post_by_author ON post (author_row, rank DESC, log_row DESC, seq DESC);

-- Read model: the header of a post. Rows may come before their post.
CREATE TABLE comment (
  entry_row  INTEGER PRIMARY KEY,
  root       BLOB    NOT NULL,                         -- post id
  parent     BLOB    NOT NULL,                         -- post or comment id
  author_row INTEGER NOT NULL,
  rank       INTEGER NOT NULL,
  depth      INTEGER NOT NULL DEFAULT 1,               -- 1: below the post; one more than its parent's where that is here
  deleted    INTEGER NOT NULL DEFAULT 0,
  edit_row   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX comment_by_root ON comment (root, rank);
CREATE INDEX comment_by_parent ON comment (parent);
CREATE INDEX comment_by_author ON comment (root, author_row);

CREATE TABLE reaction (
  entry_row  INTEGER PRIMARY KEY,
  target     BLOB    NOT NULL,                         -- post or comment id
  author_row INTEGER NOT NULL,
  emoji      TEXT    NOT NULL
) STRICT;
CREATE INDEX reaction_by_target ON reaction (target, author_row);

-- The header of a post as one mergeable set: comments, reactions, edits and deletions that name it.
-- `about` is the post's id: for a reaction to a comment too.
CREATE TABLE header_entry (
  about      BLOB    NOT NULL,
  entry_row  INTEGER NOT NULL,
  PRIMARY KEY (about, entry_row)
) STRICT, WITHOUT ROWID;

-- Edits whose target is not here yet, and all others: the newest wins.
CREATE TABLE edit (
  entry_row  INTEGER PRIMARY KEY,
  target     BLOB    NOT NULL,
  author_row INTEGER NOT NULL,
  counter    INTEGER NOT NULL
) STRICT;
CREATE INDEX edit_by_target ON edit (target);

-- Deletions, by target and the author who may delete it. Kept for targets that have not come yet.
CREATE TABLE tombstone (
  target     BLOB    NOT NULL,
  author_row INTEGER NOT NULL,
  entry_row  INTEGER NOT NULL,
  PRIMARY KEY (target, author_row, entry_row)
) STRICT, WITHOUT ROWID;

-- What is known of blobs, and who names them. A blob goes with its last reference.
CREATE TABLE blob (
  hash       BLOB    PRIMARY KEY,
  size       INTEGER NOT NULL,
  mime       TEXT    NOT NULL DEFAULT '',
  stored     INTEGER NOT NULL DEFAULT 0,               -- 1: complete on this device
  wanted     INTEGER NOT NULL DEFAULT 0                -- 1: to be fetched
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_wanted ON blob (wanted) WHERE wanted = 1 AND stored = 0;
CREATE TABLE blob_ref (
  hash       BLOB    NOT NULL,
  entry_row  INTEGER NOT NULL,
  thumb      INTEGER NOT NULL DEFAULT 0,               -- 1: named as a thumbnail
  PRIMARY KEY (hash, entry_row)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_ref_by_entry ON blob_ref (entry_row);

-- Follows per own persona: a mergeable set. At equal counters adds win.
CREATE TABLE follow (
  by_row     INTEGER NOT NULL REFERENCES author(row),  -- own persona
  author_row INTEGER NOT NULL REFERENCES author(row),
  present    INTEGER NOT NULL DEFAULT 1,
  counter    INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (by_row, author_row)
) STRICT, WITHOUT ROWID;

-- Settings: merged item by item; the higher counter wins.
CREATE TABLE setting (
  key        TEXT    PRIMARY KEY,
  value      TEXT    NOT NULL,
  counter    INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

-- What concerns this device alone, and is never merged with own devices.
CREATE TABLE local (
  key        TEXT    PRIMARY KEY,
  value      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- An id that was printed before its entry was signed again stays a local alias.
CREATE TABLE alias (
  old_id     BLOB    PRIMARY KEY,
  new_id     BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

-- The address book. Network keys only: nothing here says which personas live on a node.
CREATE TABLE peer (
  node       BLOB    PRIMARY KEY,
  addrs      TEXT    NOT NULL DEFAULT '[]',            -- JSON list of addresses as net writes them
  dial       INTEGER NOT NULL DEFAULT 1,               -- dialled at start: 1 named by an invite or ticket, 2 came in by itself (goes first when full); 0 not
  seen_ms    INTEGER NOT NULL DEFAULT 0,
  failures   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- The author set that a peer and this node agreed on, so that it need not be sent again.
CREATE TABLE peer_set (
  node       BLOB    NOT NULL,
  theirs     INTEGER NOT NULL,                         -- 1: what the peer asks for; 0: what we ask it for
  set_id     BLOB    NOT NULL,
  authors    BLOB    NOT NULL,                         -- ids in the order of the set
  used_ms    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (node, theirs)
) STRICT, WITHOUT ROWID;

-- Authors that are carried though no own persona follows them.
CREATE TABLE carry (
  author_row INTEGER PRIMARY KEY REFERENCES author(row),
  replica    INTEGER NOT NULL DEFAULT 0,               -- 1: a spare copy, until there is no room
  lease_ms   INTEGER NOT NULL DEFAULT 0,               -- carried for a peer until then; 0: for none
  depth      INTEGER NOT NULL DEFAULT 0                -- leases between this node and who follows the author
) STRICT;

-- Who else holds a post: at most 5, the one seen longest ago goes first. Never leaves this node.
CREATE TABLE file_holder (
  file       BLOB    NOT NULL,                         -- post id
  node       BLOB    NOT NULL,
  seen_ms    INTEGER NOT NULL,                         -- last interaction about it
  direction  INTEGER NOT NULL,                         -- 1 it gave it to us, 2 it took it from us, 3 both
  PRIMARY KEY (file, node)
) STRICT, WITHOUT ROWID;
