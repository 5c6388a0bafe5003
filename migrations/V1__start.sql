-- The first schema. Ids of content are 32-byte blobs; rows are local and never cross the wire.

-- Personas that this node knows: own, followed, or seen in a header.
CREATE TABLE author (
  row           INTEGER PRIMARY KEY AUTOINCREMENT,
  id            BLOB    NOT NULL UNIQUE,               -- persona id
  root          BLOB,                                  -- root key whose statements count; NULL until its PersonaOpen is known
  root_counter  INTEGER NOT NULL DEFAULT 0,            -- of the RootRotate that named it; 0: the PersonaOpen did
  own           INTEGER NOT NULL DEFAULT 0,            -- 1: this node holds a device key for it
  created_ms    INTEGER NOT NULL DEFAULT 0,            -- own personas: when it was made, for a stable order
  followed      INTEGER NOT NULL DEFAULT 0,            -- 1: own or followed by an own persona: stands in the feed
  carried       INTEGER NOT NULL DEFAULT 0,            -- 1: followed, or in table carry; its logs are synced
  bucket        INTEGER NOT NULL DEFAULT 0,            -- 1: no persona but what all mail stands under, always carried
  synced_ms     INTEGER NOT NULL DEFAULT 0,            -- last time a peer confirmed or completed our copy; 0 = never
  name          TEXT    NOT NULL DEFAULT '',           -- from the newest Profile, else from the invite
  bio           TEXT    NOT NULL DEFAULT '',
  picture       BLOB,                                  -- blob hash of the newest Profile's picture
  picture_thumb BLOB,
  listed        INTEGER NOT NULL DEFAULT 0,            -- 1: its newest Profile says that it wishes to be found
  private       INTEGER NOT NULL DEFAULT 0,            -- 1: known from inside sealed content alone: no peer is told that it is
  profile_row   INTEGER NOT NULL DEFAULT 0,            -- entry that name, bio and picture came from; 0: a name is from an invite, or from inside sealed content
  profile_count INTEGER NOT NULL DEFAULT 0             -- its edit counter
) STRICT;
CREATE INDEX author_carried ON author (row) WHERE carried = 1;
CREATE INDEX author_picture ON author (picture) WHERE picture IS NOT NULL;
CREATE INDEX author_picture_thumb ON author (picture_thumb) WHERE picture_thumb IS NOT NULL;

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
CREATE INDEX device_cert_by_entry ON device_cert (entry_row); -- where an entry goes

-- Devices that the root took out, and up to where their entries stay: the highest head of each log that any statement names.
CREATE TABLE device_revoke (
  author_row INTEGER NOT NULL REFERENCES author(row),
  device     BLOB    NOT NULL,
  entry_row  INTEGER NOT NULL REFERENCES entry(row),
  PRIMARY KEY (author_row, device, entry_row)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_revoke_by_entry ON device_revoke (entry_row); -- where an entry goes
CREATE TABLE revoked_head (
  author_row INTEGER NOT NULL REFERENCES author(row),
  device     BLOB    NOT NULL,
  log        INTEGER NOT NULL,                         -- its bits as i64
  seq        INTEGER NOT NULL,
  id         BLOB    NOT NULL,
  PRIMARY KEY (author_row, device, log)
) STRICT, WITHOUT ROWID;

-- Devices of personas as sealed content introduced them. Nothing of it is served, and nothing in the open is judged by it:
-- what comes in the open stands in the tables above and below, as if this were not known.
CREATE TABLE met (
  author_row INTEGER NOT NULL REFERENCES author(row),
  device     BLOB    NOT NULL,
  root       BLOB    NOT NULL,                         -- that certified it
  root_counter INTEGER NOT NULL DEFAULT 0,             -- of the RootRotate that named it
  keys       BLOB,                                     -- body of its newest DeviceKeys; NULL: none came
  counter    INTEGER NOT NULL DEFAULT 0,               -- of these
  PRIMARY KEY (author_row, device)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX log_own ON log (row) WHERE own = 1;
CREATE INDEX log_by_scope ON log (author_row, device, scope);

-- Entries as signed. Left out: what rebuilds exactly (author, device, log from the log row; prev from the
-- predecessor; body_len and body_hash from the body).
CREATE TABLE entry (
  row        INTEGER PRIMARY KEY AUTOINCREMENT,
  id         BLOB    NOT NULL,                         -- looked up as `prefix = substr(?, 1, 8) AND id = ?`
  prefix     BLOB    AS (substr(id, 1, 8)) VIRTUAL,    -- its index is 28 bytes an entry smaller than one of whole ids
  author_row INTEGER NOT NULL,                         -- its log refers to the author as well: no check and no index
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
CREATE INDEX entry_by_id ON entry (prefix);
CREATE INDEX entry_by_place ON entry (log_row, seq);
CREATE INDEX statement_by_author ON entry (author_row) WHERE log_row = 0;

-- Read model: posts. Text stays in the entry's body.
CREATE TABLE post (
  entry_row     INTEGER PRIMARY KEY,
  author_row    INTEGER NOT NULL,
  rank          INTEGER NOT NULL,
  log_row       INTEGER NOT NULL,
  seq           INTEGER NOT NULL,
  in_feed       INTEGER NOT NULL DEFAULT 0,            -- 1: its author is own or followed, it is not deleted, and no later post of a thread
  deleted       INTEGER NOT NULL DEFAULT 0,
  edit_row      INTEGER NOT NULL DEFAULT 0,            -- entry of the newest edit
  comments      INTEGER NOT NULL DEFAULT 0,            -- comments that are shown
  all_comments  INTEGER NOT NULL DEFAULT 0,            -- comments in its header, shown or not
  all_reactions INTEGER NOT NULL DEFAULT 0,            -- reactions in its header, those to its comments too
  sealed_bytes  INTEGER NOT NULL DEFAULT 0,            -- of sealed entries in its header
  full          INTEGER NOT NULL DEFAULT 0,            -- 1: one of these three reached its limit; for ever
  closed        INTEGER NOT NULL DEFAULT 0,            -- 1: sealed, and nothing here opens it: it is shown nowhere
  series        BLOB,                                  -- the thread of its author that it is a post of, 16 bytes; NULL: none
  place         INTEGER NOT NULL DEFAULT 0             -- in that: 0 the first, which alone stands in feeds
) STRICT;
-- Rising, and read backwards: what is newer goes to the end, where it leaves full pages behind.
CREATE INDEX post_feed ON post (rank, log_row, seq) WHERE in_feed = 1;
CREATE INDEX post_by_author ON post (author_row, rank, log_row, seq);
CREATE INDEX post_by_series ON post (author_row, series, place, rank, seq)
  WHERE series IS NOT NULL AND deleted = 0 AND closed = 0;

-- Read model: the header of a post. Rows may come before their post.
CREATE TABLE comment (
  entry_row  INTEGER PRIMARY KEY,
  root       BLOB    NOT NULL,                         -- post id
  parent     BLOB    NOT NULL,                         -- post or comment id
  author_row INTEGER NOT NULL,
  rank       INTEGER NOT NULL,
  depth      INTEGER NOT NULL DEFAULT 1,               -- 1: below the post; one more than its parent's where that is here
  deleted    INTEGER NOT NULL DEFAULT 0,
  hidden     INTEGER NOT NULL DEFAULT 0,               -- 1: by the post's author
  refused    INTEGER NOT NULL DEFAULT 0,               -- 1: by the post's policy
  proof_key  BLOB,                                     -- comment key of its proof, which is good
  edit_row   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX comment_by_root ON comment (root, rank);
CREATE INDEX comment_shown ON comment (root, depth) WHERE deleted = 0 AND hidden = 0 AND refused = 0;
CREATE INDEX comment_by_parent ON comment (parent);
CREATE INDEX comment_by_author ON comment (root, author_row);
CREATE INDEX comment_said ON comment (author_row, rank); -- what somebody said, wherever

CREATE TABLE reaction (
  entry_row  INTEGER PRIMARY KEY,
  target     BLOB    NOT NULL,                         -- post or comment id
  author_row INTEGER NOT NULL,
  emoji      TEXT    NOT NULL DEFAULT '',              -- empty: deleted, or its body has not come
  deleted    INTEGER NOT NULL DEFAULT 0,
  hidden     INTEGER NOT NULL DEFAULT 0,               -- 1: by the post's author
  shown      INTEGER NOT NULL DEFAULT 0                -- 1: among those of its author that count
) STRICT;
CREATE INDEX reaction_by_target ON reaction (target, author_row);

-- The header of a post as one mergeable set: comments, reactions, edits, deletions, hides and policies about it.
-- In the order in which nodes compare it, all posts of an author together.
CREATE TABLE header_entry (
  of_row     INTEGER NOT NULL,                         -- the post's author; 0: the post is not here; minus the author: it is full, and not compared
  time       INTEGER NOT NULL,                         -- s, as claimed
  id         BLOB    NOT NULL,
  entry_row  INTEGER NOT NULL,
  about      BLOB    NOT NULL,                         -- the post's id, for a reaction to a comment too; while that is not known, what leads there
  PRIMARY KEY (of_row, time, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX header_entry_by_about ON header_entry (about);
CREATE INDEX header_entry_by_entry ON header_entry (entry_row);

-- What all header entries of an author's posts add up to, of those that are compared (node/src/sync/sum.rs).
CREATE TABLE header_sum (
  author_row INTEGER PRIMARY KEY REFERENCES author(row),
  count      INTEGER NOT NULL,
  sum        BLOB    NOT NULL                          -- 1,024 numbers of 16 bits
) STRICT;

-- Entries of headers whose post is not here: they wait for it, for a while.
CREATE TABLE waiting (
  entry_row  INTEGER PRIMARY KEY,
  since_s    INTEGER NOT NULL                          -- when it came
) STRICT;
CREATE INDEX waiting_by_age ON waiting (since_s);

-- What authors hid under their posts: one row an entry that is hidden.
CREATE TABLE hide (
  target     BLOB    NOT NULL,                         -- comment or reaction
  entry_row  INTEGER NOT NULL,
  post       BLOB    NOT NULL,
  author_row INTEGER NOT NULL,
  PRIMARY KEY (target, entry_row)
) STRICT, WITHOUT ROWID;
CREATE INDEX hide_by_entry ON hide (entry_row);
CREATE INDEX hide_by_post ON hide (post);

-- Who may comment: the newest by (counter, id) counts.
CREATE TABLE policy (
  entry_row  INTEGER PRIMARY KEY,
  author_row INTEGER NOT NULL,
  post       BLOB    NOT NULL,                         -- the one post that it is about; empty: all without one of their own
  mode       INTEGER NOT NULL,                         -- 0 everyone, 1 nobody, 2 keys
  keys       BLOB    NOT NULL DEFAULT x'',             -- n x 32 bytes
  counter    INTEGER NOT NULL
) STRICT;
CREATE INDEX policy_by_post ON policy (author_row, post);

-- Reposts; the row of a deleted one is gone.
CREATE TABLE repost (
  entry_row  INTEGER PRIMARY KEY,
  target     BLOB    NOT NULL,                         -- post id
  of         BLOB    NOT NULL,                         -- persona id of the post's author, as the repost says
  author_row INTEGER NOT NULL,
  rank       INTEGER NOT NULL,
  log_row    INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  in_feed    INTEGER NOT NULL DEFAULT 0                -- 1: its author is own or followed
) STRICT;
CREATE INDEX repost_feed ON repost (rank, log_row, seq) WHERE in_feed = 1;
CREATE INDEX repost_by_target ON repost (target, rank, log_row, seq);
CREATE INDEX repost_by_author ON repost (author_row, rank, log_row, seq);

-- What posts quote, as they say; of those whose body is here, in the open or opened.
CREATE TABLE quote (
  entry_row  INTEGER PRIMARY KEY,                      -- the post that quotes
  target     BLOB    NOT NULL                          -- post id
) STRICT;
CREATE INDEX quote_by_target ON quote (target);
CREATE TRIGGER quote_post_gone AFTER DELETE ON post BEGIN
  DELETE FROM quote WHERE entry_row = old.entry_row;
END;
CREATE TRIGGER quote_body_gone AFTER UPDATE OF body ON entry
WHEN old.kind IN (9, 17) AND old.body IS NOT NULL AND new.body IS NULL BEGIN
  DELETE FROM quote WHERE entry_row = old.row;
END;

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
  stored     INTEGER NOT NULL DEFAULT 0,               -- 1: complete on this device; 2: its files are being removed
  wanted     INTEGER NOT NULL DEFAULT 0,               -- 1: to be fetched while there is room; 2: somebody asked for it
  used_ms    INTEGER NOT NULL DEFAULT 0,               -- last asked for, to the day
  hidden     INTEGER NOT NULL DEFAULT 0                -- 1: a private message alone keeps it: for peers it is not here, until it came for them too
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_wanted ON blob (wanted) WHERE wanted > 0 AND (stored = 0 OR hidden = 1);
CREATE INDEX blob_missing ON blob (wanted) WHERE wanted = 0 AND (stored = 0 OR hidden = 1);
CREATE INDEX blob_stored ON blob (hash) WHERE stored = 1;
CREATE TABLE blob_ref (
  hash       BLOB    NOT NULL,
  entry_row  INTEGER NOT NULL,                         -- minus the row of a private message: it stays with that, and is served for no entry
  thumb      INTEGER NOT NULL DEFAULT 0,               -- 1: named as a thumbnail
  size       INTEGER NOT NULL DEFAULT 0,               -- as the entry says, bytes; of a thumbnail a bound; of a sealed one, of its ciphertext
  mime       TEXT    NOT NULL DEFAULT '',              -- as the entry says
  key        BLOB,                                     -- of a sealed one that was opened here
  inner_mime TEXT    NOT NULL DEFAULT '',              -- of that, what it is: '' a thumbnail
  name       TEXT    NOT NULL DEFAULT '',              -- and what the file was called
  PRIMARY KEY (hash, entry_row)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_ref_by_entry ON blob_ref (entry_row);
-- Who keeps a file of a message gives it to peers no longer than who merely carries it.
CREATE TRIGGER blob_ref_gone AFTER DELETE ON blob_ref WHEN old.entry_row > 0 BEGIN
  UPDATE blob SET hidden = 1, wanted = 0 WHERE hash = old.hash AND stored = 1 AND hidden = 0
    AND EXISTS (SELECT 1 FROM blob_ref WHERE hash = old.hash AND entry_row < 0)
    AND NOT EXISTS (SELECT 1 FROM blob_ref AS r LEFT JOIN mail ON mail.entry_row = r.entry_row
                    WHERE r.hash = old.hash AND r.entry_row > 0 AND mail.files IS NOT 0);
END;

-- Follows per own persona, as their items are (node/src/item.rs): for queries.
CREATE TABLE follow (
  by_row     INTEGER NOT NULL REFERENCES author(row),  -- own persona
  author_row INTEGER NOT NULL REFERENCES author(row),
  present    INTEGER NOT NULL DEFAULT 1,
  tell         INTEGER NOT NULL DEFAULT 0,             -- 1: they shall hear of it
  told         INTEGER NOT NULL DEFAULT 0,             -- what they were told last, by this device or another own one
  since_s      INTEGER NOT NULL DEFAULT 0,             -- when this device heard of it: what is older is no news
  PRIMARY KEY (by_row, author_row)
) STRICT, WITHOUT ROWID;
CREATE INDEX follow_by_author ON follow (author_row, present);

-- Who told that they follow an own persona.
CREATE TABLE follower (
  own_row    INTEGER NOT NULL REFERENCES author(row),
  author_row INTEGER NOT NULL REFERENCES author(row),
  present    INTEGER NOT NULL,                         -- 0: they took it back
  counter    INTEGER NOT NULL,                         -- the higher wins
  dropped    INTEGER NOT NULL DEFAULT 0,               -- 1: not shown, whatever they tell
  came_ms    INTEGER NOT NULL,
  PRIMARY KEY (own_row, author_row)
) STRICT, WITHOUT ROWID;
CREATE INDEX follower_by_author ON follower (author_row); -- whether an author may go

-- What concerns this device alone, and is never merged with own devices.
CREATE TABLE local (
  key        TEXT    PRIMARY KEY,
  value      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Posts that were sent off and wait for their time, on this device alone; nothing of them is signed.
CREATE TABLE held_post (
  id         BLOB    PRIMARY KEY,                      -- random
  salt       BLOB    NOT NULL,                         -- of the body that is signed: tells whether it was
  since_s    INTEGER NOT NULL,                         -- own posts from before are not it: a day before it was sent off
  due_ms     INTEGER NOT NULL,                         -- when it is signed
  scheduled  INTEGER NOT NULL,                         -- 1: for a chosen time; 0: for a moment, and a draft again after a crash
  persona    BLOB,                                     -- who writes it, where that was chosen
  text       TEXT    NOT NULL,
  rest       TEXT    NOT NULL,                         -- what else it has, as JSON: see draft.rs
  code       TEXT    NOT NULL DEFAULT '',              -- why it could not be signed at its time; empty: it waits
  told       TEXT    NOT NULL DEFAULT ''               -- the same, as a text
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
  dial       INTEGER NOT NULL DEFAULT 1,               -- dialled at start: 1 named by an invite or ticket, 2 came in by itself, 3 a peer told of it (goes first when full); 0 not
  seen_ms    INTEGER NOT NULL DEFAULT 0,
  failures   INTEGER NOT NULL DEFAULT 0,
  via        BLOB                                      -- dial 3: the node that told of it
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
  own_ms     INTEGER NOT NULL DEFAULT 0,               -- carried for who reads here until then; 0: for nobody
  named      INTEGER NOT NULL DEFAULT 0,               -- whether only as others reposted or quoted it: no user looked at it
  grouped    INTEGER NOT NULL DEFAULT 0,               -- 1: a member of a group that an own persona is in
  depth      INTEGER NOT NULL DEFAULT 0                -- leases between this node and who follows the author
) STRICT;
CREATE INDEX carry_grouped ON carry (author_row) WHERE grouped = 1;

-- Who else holds a post: at most 5, the one seen longest ago goes first. Never leaves this node.
CREATE TABLE file_holder (
  file       BLOB    NOT NULL,                         -- post id
  node       BLOB    NOT NULL,
  seen_ms    INTEGER NOT NULL,                         -- last interaction about it
  direction  INTEGER NOT NULL,                         -- 1 it gave it to us, 2 it took it from us, 3 both
  PRIMARY KEY (file, node)
) STRICT, WITHOUT ROWID;

-- --- Search ---
-- Words of posts and comments, by the row of their entry: what is shown of them, so the newest edit. Filled after the
-- commit that brings them, in batches; emptied by triggers, in the transaction that takes a text away, whoever writes it.

CREATE VIRTUAL TABLE search_text USING fts5 (
  text,                                                -- text, content warning and descriptions of pictures
  marks,                                               -- who wrote it, as a word: 'a' and the author's row
  tokenize = 'unicode61 remove_diacritics 2'
);
-- What is deleted leaves no trace in the index.
INSERT INTO search_text (search_text, rank) VALUES ('secure-delete', 1);

CREATE VIRTUAL TABLE search_person USING fts5 (name, bio, tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO search_person (search_person, rank) VALUES ('secure-delete', 1);

-- Hashtags of posts that stand here.
CREATE TABLE post_tag (
  tag        TEXT    NOT NULL,                         -- lower case, without its sign
  rank       INTEGER NOT NULL,                         -- of the post
  entry_row  INTEGER NOT NULL,
  PRIMARY KEY (tag, rank, entry_row)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_tag_by_entry ON post_tag (entry_row);

-- People of lists that were published, in the list's order.
CREATE TABLE listed (
  entry_row  INTEGER NOT NULL,                         -- of the post
  place      INTEGER NOT NULL,
  persona    BLOB    NOT NULL,
  name       TEXT    NOT NULL,                         -- as the list's author knows them
  PRIMARY KEY (entry_row, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX listed_first ON listed (entry_row) WHERE place = 0;
CREATE TRIGGER listed_body_gone AFTER UPDATE OF body ON entry
WHEN old.kind = 9 AND old.body IS NOT NULL AND new.body IS NULL BEGIN
  DELETE FROM listed WHERE entry_row = old.row;
END;
CREATE TRIGGER listed_entry_gone AFTER DELETE ON entry WHEN old.kind = 9 BEGIN
  DELETE FROM listed WHERE entry_row = old.row;
END;

-- What is to be indexed again, besides entries beyond the row up to which all are indexed (local: search.indexed).
CREATE TABLE search_todo (
  what       INTEGER NOT NULL,                         -- 0 an entry, 1 an author, 2 a private message
  row        INTEGER NOT NULL,
  PRIMARY KEY (what, row)
) STRICT, WITHOUT ROWID;

-- 9 post, 10 comment, 13 edit, 17 sealed: either.
CREATE TRIGGER search_body_gone AFTER UPDATE OF body ON entry
WHEN old.body IS NOT NULL AND new.body IS NULL AND old.kind IN (9, 10, 13, 17) BEGIN
  DELETE FROM search_text WHERE rowid = old.row;
  DELETE FROM post_tag WHERE entry_row = old.row;
  DELETE FROM search_text WHERE old.kind IN (13, 17) AND rowid =
    (SELECT target.row FROM edit
     JOIN entry AS target ON target.prefix = substr(edit.target, 1, 8) AND target.id = edit.target
     WHERE edit.entry_row = old.row);
  INSERT OR IGNORE INTO search_todo (what, row)
    SELECT 0, target.row FROM edit
    JOIN entry AS target ON target.prefix = substr(edit.target, 1, 8) AND target.id = edit.target
    WHERE old.kind IN (13, 17) AND edit.entry_row = old.row;
END;
CREATE TRIGGER search_body_came AFTER UPDATE OF body ON entry
WHEN old.body IS NULL AND new.body IS NOT NULL AND old.kind IN (9, 10, 13, 17) BEGIN
  INSERT OR IGNORE INTO search_todo (what, row) VALUES (0, old.row);
END;
CREATE TRIGGER search_entry_gone AFTER DELETE ON entry WHEN old.kind IN (9, 10, 13, 17) BEGIN
  DELETE FROM search_text WHERE rowid = old.row;
  DELETE FROM post_tag WHERE entry_row = old.row;
  DELETE FROM search_todo WHERE what = 0 AND row = old.row;
END;
CREATE TRIGGER search_edit_gone AFTER DELETE ON edit BEGIN
  DELETE FROM search_text WHERE rowid =
    (SELECT row FROM entry WHERE prefix = substr(old.target, 1, 8) AND id = old.target);
  INSERT OR IGNORE INTO search_todo (what, row)
    SELECT 0, row FROM entry WHERE prefix = substr(old.target, 1, 8) AND id = old.target;
END;
CREATE TRIGGER search_author_came AFTER INSERT ON author WHEN new.name <> '' OR new.bio <> '' BEGIN
  INSERT OR IGNORE INTO search_todo (what, row) VALUES (1, new.row);
END;
CREATE TRIGGER search_author_changed AFTER UPDATE OF name, bio ON author
WHEN old.name <> new.name OR old.bio <> new.bio BEGIN
  DELETE FROM search_person WHERE rowid = old.row;
  INSERT OR IGNORE INTO search_todo (what, row) VALUES (1, old.row);
END;
CREATE TRIGGER search_author_gone AFTER DELETE ON author BEGIN
  DELETE FROM search_person WHERE rowid = old.row;
  DELETE FROM search_todo WHERE what = 1 AND row = old.row;
END;

-- What this node shows nobody on its share pages: ids of posts, comments, authors, and hashes of files.
CREATE TABLE deny (
  id         BLOB    PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- What this node's user told an anchor of. Stays on this device.
CREATE TABLE report (
  number     INTEGER PRIMARY KEY AUTOINCREMENT,        -- names it towards the anchor
  anchor     BLOB    NOT NULL,
  about      BLOB    NOT NULL,                         -- a post, comment or author
  reason     INTEGER NOT NULL,
  text       TEXT    NOT NULL,
  made_ms    INTEGER NOT NULL,
  state      INTEGER NOT NULL DEFAULT 0                -- 0 it waits, 1 the anchor has it, 2 it did not take it
) STRICT;

-- On an anchor: what nodes told it of. One row for each thing that one node reports.
CREATE TABLE report_came (
  number     INTEGER PRIMARY KEY AUTOINCREMENT,
  node       BLOB    NOT NULL,
  about      BLOB    NOT NULL,
  reason     INTEGER NOT NULL,
  text       TEXT    NOT NULL,
  came_ms    INTEGER NOT NULL,
  UNIQUE (node, about)
) STRICT;

-- --- Anchors and mailboxes ---
-- Nodes that the user chose to help this one: mergeable sets. At equal counters removal wins: an anchor learns which
-- personas live here, so one that was removed on any device must not come back by a draw.
CREATE TABLE service (
  kind       INTEGER NOT NULL,                         -- 0 anchor, 1 mailbox
  node       BLOB    NOT NULL,
  addrs      TEXT    NOT NULL DEFAULT '[]',            -- JSON list of addresses, as in table peer
  web        TEXT    NOT NULL DEFAULT '',              -- of an anchor: where its share pages are, as the user told; '' = not known
  pass       BLOB,                                     -- of a mailbox: the token of its owner; NULL: none
  answer     INTEGER NOT NULL DEFAULT -1,              -- of a mailbox, its last: 0 keeps mail, above: why not (node/src/gate/keep.rs), -1 none yet
  present    INTEGER NOT NULL DEFAULT 1,
  counter    INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (kind, node)
) STRICT, WITHOUT ROWID;

-- --- Sealed backups ---
-- The last one of each recovery phrase that is on this device. What this device alone knows: it is in no bundle.
CREATE TABLE backup (
  name       BLOB    PRIMARY KEY,                      -- of the phrase, derived from it: it says nothing of it
  core       BLOB    NOT NULL,                         -- hash of which personas there were, and their roots
  digest     BLOB    NOT NULL,                         -- hash of what was in it
  made_ms    INTEGER NOT NULL,
  who        BLOB    NOT NULL,                         -- ids of the personas in it, one after the other
  monthly_ms INTEGER NOT NULL,                         -- when the last one was made that is kept for months
  since      INTEGER NOT NULL,                         -- how many were made since
  held_ms    INTEGER NOT NULL,                         -- made_ms of the last one of which a mailbox holds all, 0 = none
  held       BLOB    NOT NULL,                         -- who, of that one
  left_out   INTEGER NOT NULL,                         -- rows for which there was no room
  read_ms    INTEGER NOT NULL                          -- when it was last looked whether another one is due
) STRICT, WITHOUT ROWID;
-- Its entries, until a mailbox said that it holds them.
CREATE TABLE backup_entry (
  entry      BLOB    PRIMARY KEY,
  name       BLOB    NOT NULL REFERENCES backup(name) ON DELETE CASCADE,
  held       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX backup_entry_by_name ON backup_entry (name);

-- --- Storage ---
-- What the entries of each author take, and how that sums up. Kept by triggers, so that it is exact whoever writes.
CREATE TABLE usage (
  author_row INTEGER PRIMARY KEY,
  class      INTEGER NOT NULL,                         -- 0 own, 1 mail, 2 followed, 3 carried, 4 stranger, 5 carried no longer
  entries    INTEGER NOT NULL DEFAULT 0,
  bytes      INTEGER NOT NULL DEFAULT 0,               -- of each entry: its body, its refs, and a fixed share for its rows
  newest_row INTEGER NOT NULL DEFAULT 0,               -- entry that was stored last
  standing   INTEGER NOT NULL DEFAULT 0,               -- 1: wrote in a header; 2: in one of an own post
  day        INTEGER NOT NULL DEFAULT 0,               -- of a stranger: days since 1970 of what day_bytes counts
  day_bytes  INTEGER NOT NULL DEFAULT 0,               -- taken in on that day
  paused_ms  INTEGER NOT NULL DEFAULT 0                -- evicted for lack of room: not taken in again before; 0: not so
) STRICT;
CREATE INDEX usage_to_evict ON usage (standing, newest_row) WHERE class >= 4;
CREATE INDEX usage_paused ON usage (paused_ms) WHERE paused_ms > 0;

CREATE TABLE usage_class (
  class      INTEGER PRIMARY KEY,                      -- as in usage; 6: stored blobs
  count      INTEGER NOT NULL DEFAULT 0,
  bytes      INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO usage_class (class) VALUES (0), (1), (2), (3), (4), (5), (6);

CREATE TRIGGER usage_author_came AFTER INSERT ON author BEGIN
  INSERT INTO usage (author_row, class)
    VALUES (new.row, CASE WHEN new.own THEN 0 WHEN new.bucket THEN 1 WHEN new.followed THEN 2 WHEN new.carried THEN 3 ELSE 4 END);
END;
CREATE TRIGGER usage_author_changed AFTER UPDATE OF own, followed, carried ON author
WHEN (old.own, old.followed, old.carried) <> (new.own, new.followed, new.carried) BEGIN
  UPDATE usage SET class = CASE WHEN new.own THEN 0 WHEN new.bucket THEN 1 WHEN new.followed THEN 2 WHEN new.carried THEN 3
    WHEN entries = 0 THEN 4 ELSE 5 END WHERE author_row = new.row;
END;
CREATE TRIGGER usage_author_gone AFTER DELETE ON author BEGIN
  DELETE FROM usage WHERE author_row = old.row;
END;

-- With something in the open of theirs, a name is known as it is to others.
CREATE TRIGGER author_told AFTER INSERT ON entry
WHEN (SELECT private FROM author WHERE row = new.author_row) = 1 BEGIN
  UPDATE author SET private = 0 WHERE row = new.author_row;
END;
-- 300: limits::ENTRY_ROW_BYTES.
CREATE TRIGGER usage_entry_came AFTER INSERT ON entry BEGIN
  UPDATE usage SET entries = entries + 1, newest_row = new.row,
    bytes = bytes + 300 + length(new.refs) + coalesce(length(new.body), 0) WHERE author_row = new.author_row;
END;
CREATE TRIGGER usage_entry_changed AFTER UPDATE OF body ON entry BEGIN
  UPDATE usage SET bytes = bytes + coalesce(length(new.body), 0) - coalesce(length(old.body), 0)
    WHERE author_row = new.author_row;
END;
CREATE TRIGGER usage_entry_gone AFTER DELETE ON entry BEGIN
  UPDATE usage SET entries = entries - 1,
    bytes = bytes - 300 - length(old.refs) - coalesce(length(old.body), 0) WHERE author_row = old.author_row;
END;
CREATE TRIGGER usage_grew AFTER UPDATE OF entries, bytes ON usage WHEN old.class = new.class BEGIN
  UPDATE usage_class SET count = count + new.entries - old.entries, bytes = bytes + new.bytes - old.bytes
    WHERE class = new.class;
END;
CREATE TRIGGER usage_moved AFTER UPDATE OF class ON usage WHEN old.class <> new.class BEGIN
  UPDATE usage_class SET count = count - old.entries, bytes = bytes - old.bytes WHERE class = old.class;
  UPDATE usage_class SET count = count + new.entries, bytes = bytes + new.bytes WHERE class = new.class;
END;
CREATE TRIGGER usage_gone AFTER DELETE ON usage BEGIN
  UPDATE usage_class SET count = count - old.entries, bytes = bytes - old.bytes WHERE class = old.class;
END;
CREATE TRIGGER usage_header AFTER INSERT ON header_entry BEGIN
  UPDATE usage SET standing = max(standing, 1 + EXISTS
    (SELECT 1 FROM author WHERE row = abs(new.of_row) AND own = 1))
  WHERE author_row = (SELECT author_row FROM entry WHERE row = new.entry_row);
END;

CREATE TRIGGER usage_blob_came AFTER INSERT ON blob WHEN new.stored = 1 BEGIN
  UPDATE usage_class SET count = count + 1, bytes = bytes + new.size WHERE class = 6;
END;
CREATE TRIGGER usage_blob_changed AFTER UPDATE OF stored, size ON blob WHEN old.stored = 1 OR new.stored = 1 BEGIN
  UPDATE usage_class SET count = count + (new.stored = 1) - (old.stored = 1),
    bytes = bytes + (new.stored = 1) * new.size - (old.stored = 1) * old.size WHERE class = 6;
END;
CREATE TRIGGER usage_blob_gone AFTER DELETE ON blob WHEN old.stored = 1 BEGIN
  UPDATE usage_class SET count = count - 1, bytes = bytes - old.size WHERE class = 6;
END;

-- --- What the user keeps, groups and does not want to see ---
-- Mergeable sets, item by item (node/src/item.rs): follows, settings and drafts, bookmarks, lists and whom they hold,
-- followed hashtags, mutes, blocks, how far conversations were read.
CREATE TABLE item (
  set_no     INTEGER NOT NULL,                         -- which set; numbers stand in item.rs
  key        BLOB    NOT NULL,                         -- what it is about: an id, a tag, a word
  present    INTEGER NOT NULL DEFAULT 1,               -- 0: taken out again
  counter    INTEGER NOT NULL DEFAULT 1,               -- the higher wins
  value      TEXT    NOT NULL DEFAULT '',              -- what the set's feature keeps with it; '' once it is taken out
  PRIMARY KEY (set_no, key)
) STRICT, WITHOUT ROWID;

-- Other devices of own personas, as far as they can be written to.
CREATE TABLE own_device (
  row        INTEGER PRIMARY KEY AUTOINCREMENT,
  author_row INTEGER NOT NULL REFERENCES author(row),  -- own persona
  device     BLOB    NOT NULL,
  hears_all  INTEGER NOT NULL DEFAULT 1,               -- 1: by this persona of its own it hears what is of no persona
  due_ms     INTEGER NOT NULL DEFAULT 0,               -- when it is told of what changed; 0: nothing waits
  UNIQUE (author_row, device)
) STRICT;

-- Items that changed, of which an own device was not told yet.
CREATE TABLE record_due (
  device_row INTEGER NOT NULL REFERENCES own_device(row) ON DELETE CASCADE,
  set_no     INTEGER NOT NULL,
  key        BLOB    NOT NULL,
  PRIMARY KEY (device_row, set_no, key)
) STRICT, WITHOUT ROWID;

-- Private messages of before a device was linked, as long as they can be fetched.
CREATE TABLE history (
  id         BLOB    PRIMARY KEY,                      -- drawn at the linking
  secret     BLOB    NOT NULL,                         -- who asks for them knows it
  gives      INTEGER NOT NULL,                         -- 1: this device has them; 0: it fetches them
  peers      BLOB    NOT NULL,                         -- 32 bytes of a persona, 32 of the other device's key for it, each
  since_ms   INTEGER NOT NULL,
  ticket     BLOB    NOT NULL,                         -- where who gives is reached
  after      INTEGER NOT NULL DEFAULT 0,               -- what stands there up to this row has come
  turns      INTEGER NOT NULL DEFAULT 0,               -- how often all there was has come
  next_ms    INTEGER NOT NULL,                         -- when it is fetched
  until_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Peers whose copy of an own persona equalled ours: they hold all its posts of that time. Never leaves this node.
CREATE TABLE author_holder (
  author_row INTEGER NOT NULL REFERENCES author(row),
  node       BLOB    NOT NULL,
  seen_ms    INTEGER NOT NULL,
  PRIMARY KEY (author_row, node)
) STRICT, WITHOUT ROWID;

-- --- Mail ---
-- Sealed entries that travel by their route, whoever they are for: those of a bucket that is taken here are kept until they
-- expire or give way, others for two days.
CREATE TABLE mail (
  entry_row   INTEGER PRIMARY KEY,
  expires_day INTEGER NOT NULL,                        -- days since 1970
  untried     INTEGER NOT NULL DEFAULT 0,              -- 1: a first message that nobody here tried to open yet
  files       INTEGER NOT NULL DEFAULT 0,              -- bytes of sealed files that it names and that are taken in
  source      BLOB,                                    -- network key of who brought it first; NULL: written here
  bytes       INTEGER NOT NULL DEFAULT 0,              -- what it takes, as usage counts it
  promised    INTEGER NOT NULL DEFAULT 0,              -- 1: a client has a receipt: it stays until it expires
  promised_to BLOB,                                    -- its network key: of several, the one that had it first
  lot         INTEGER NOT NULL DEFAULT 0,              -- promised to who showed no token: 1, for longer than mail: 2
  route       INTEGER NOT NULL DEFAULT 0,              -- first 16 bits of its route: the bucket that it travels under
  stray       INTEGER NOT NULL DEFAULT 0               -- 1: of no bucket that is taken here: it is to be passed on
) STRICT;
CREATE INDEX mail_by_route ON mail (route);
CREATE INDEX mail_stray ON mail (route) WHERE stray = 1;
CREATE INDEX mail_stray_by_row ON mail (entry_row, route) WHERE stray = 1;
CREATE INDEX mail_files ON mail (source, entry_row) WHERE files > 0;
CREATE INDEX mail_by_expiry ON mail (expires_day);
CREATE INDEX mail_by_source ON mail (source, entry_row) WHERE source IS NOT NULL AND promised = 0;
CREATE INDEX mail_untried ON mail (entry_row) WHERE untried = 1;

-- Tags of their slots, true ones and random ones alike: a session looks up those that it expects.
CREATE TABLE mail_tag (
  tag         BLOB    NOT NULL,
  entry_row   INTEGER NOT NULL,
  PRIMARY KEY (tag, entry_row)
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_tag_by_entry ON mail_tag (entry_row);

-- What is kept of whom, kept by triggers. Never leaves this node.
CREATE TABLE mail_source (
  node        BLOB    PRIMARY KEY,                     -- x'': this one; of its own mail only files count
  bytes       INTEGER NOT NULL DEFAULT 0,
  files       INTEGER NOT NULL DEFAULT 0               -- bytes of files that its mail names and that are taken in
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_source_by_bytes ON mail_source (bytes);
CREATE INDEX mail_source_by_files ON mail_source (files) WHERE files > 0;

-- What all of it sums up to, bytes. One row.
CREATE TABLE mail_sum (
  promised    INTEGER NOT NULL DEFAULT 0,
  open        INTEGER NOT NULL DEFAULT 0,              -- of lot 1
  lasting     INTEGER NOT NULL DEFAULT 0,              -- of lot 2
  files       INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO mail_sum DEFAULT VALUES;

-- Bytes of what was promised to whom.
CREATE TABLE mail_promised (
  node        BLOB    PRIMARY KEY,
  bytes       INTEGER NOT NULL,
  lasting     INTEGER NOT NULL                         -- of these, of lot 2
) STRICT, WITHOUT ROWID;

CREATE TRIGGER mail_came AFTER INSERT ON mail WHEN new.source IS NOT NULL BEGIN
  INSERT INTO mail_source (node, bytes) VALUES (new.source, new.bytes)
    ON CONFLICT (node) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER mail_files_changed AFTER UPDATE OF files ON mail WHEN old.files <> new.files BEGIN
  UPDATE mail_sum SET files = files + new.files - old.files;
  INSERT INTO mail_source (node, files) VALUES (coalesce(new.source, x''), new.files - old.files)
    ON CONFLICT (node) DO UPDATE SET files = files + excluded.files;
  DELETE FROM mail_source WHERE node = coalesce(new.source, x'') AND bytes <= 0 AND files <= 0;
  UPDATE blob SET hidden = 1, wanted = 0 WHERE new.files = 0 AND stored = 1 AND hidden = 0
    AND hash IN (SELECT hash FROM blob_ref WHERE entry_row = new.entry_row)
    AND NOT EXISTS (SELECT 1 FROM blob_ref AS r LEFT JOIN mail ON mail.entry_row = r.entry_row
                    WHERE r.hash = blob.hash AND r.entry_row > 0 AND mail.files IS NOT 0);
END;
CREATE TRIGGER mail_gone AFTER DELETE ON mail BEGIN
  UPDATE mail_source SET bytes = bytes - (old.source IS NOT NULL) * old.bytes, files = files - old.files
    WHERE node = coalesce(old.source, x'');
  DELETE FROM mail_source WHERE node = coalesce(old.source, x'') AND bytes <= 0 AND files <= 0;
  UPDATE mail_sum SET files = files - old.files, promised = promised - old.promised * old.bytes,
      open = open - (old.lot = 1) * old.bytes, lasting = lasting - (old.lot = 2) * old.bytes
    WHERE old.files <> 0 OR old.promised <> 0;
  UPDATE mail_promised SET bytes = bytes - old.bytes, lasting = lasting - (old.lot = 2) * old.bytes
    WHERE old.promised = 1 AND node = old.promised_to;
  DELETE FROM mail_promised WHERE old.promised = 1 AND node = old.promised_to AND bytes <= 0;
END;
CREATE TRIGGER mail_promise AFTER UPDATE OF promised ON mail WHEN old.promised = 0 AND new.promised = 1 BEGIN
  UPDATE mail_sum SET promised = promised + new.bytes, open = open + (new.lot = 1) * new.bytes,
      lasting = lasting + (new.lot = 2) * new.bytes;
  INSERT INTO mail_promised (node, bytes, lasting) VALUES (new.promised_to, new.bytes, (new.lot = 2) * new.bytes)
    ON CONFLICT (node) DO UPDATE SET bytes = bytes + excluded.bytes, lasting = lasting + excluded.lasting;
END;

-- Mail that gave way to newer where nobody had more than another: as long as it is full, it is not taken in again.
CREATE TABLE mail_dropped (
  row         INTEGER PRIMARY KEY AUTOINCREMENT,
  id          BLOB    NOT NULL UNIQUE
) STRICT;

-- Nodes that this one keeps mail for, as they showed a token of it.
CREATE TABLE mailbox_client (
  node        BLOB    PRIMARY KEY,
  week        INTEGER NOT NULL,                        -- of the token that let it in
  since_ms    INTEGER NOT NULL,
  dismissed   INTEGER NOT NULL DEFAULT 0               -- 1: the owner sent it away: no token lets it in again
) STRICT, WITHOUT ROWID;

-- What ids of mail add up to, by the first 8 bits of its route, as header_sum has it for all.
CREATE TABLE mail_route_sum (
  route       INTEGER PRIMARY KEY,
  count       INTEGER NOT NULL,
  sum         BLOB    NOT NULL
) STRICT;

-- This node's bucket for life, and how much of it is looked at. One row at most; without it everything is taken.
CREATE TABLE bucket (
  one         INTEGER PRIMARY KEY CHECK (one = 0),
  route       INTEGER NOT NULL,                        -- 16 random bits
  bits        INTEGER NOT NULL DEFAULT 0,              -- so many of them are in routes that are handed out
  room        INTEGER NOT NULL DEFAULT 0,              -- with fewer, what passes would not fit here
  taken       INTEGER NOT NULL DEFAULT 0,              -- mail is taken whose route begins with so many
  first_day   INTEGER NOT NULL,                        -- days since 1970
  seen_day    INTEGER NOT NULL DEFAULT 0,              -- when it was measured last
  changed_s   INTEGER NOT NULL DEFAULT 0               -- when `bits` changed last
) STRICT;

-- Lengths with which routes were handed out before, and until when mail is taken by them.
CREATE TABLE bucket_handed (
  bits        INTEGER PRIMARY KEY,
  until_day   INTEGER NOT NULL
) STRICT;

-- Buckets of this mailbox's clients, as each named them last.
CREATE TABLE bucket_client (
  node        BLOB    NOT NULL,                        -- network key of the client
  bits        INTEGER NOT NULL,
  route       INTEGER NOT NULL,
  until_day   INTEGER NOT NULL,
  PRIMARY KEY (node, bits, route)
) STRICT, WITHOUT ROWID;
CREATE INDEX bucket_client_by_bucket ON bucket_client (bits, route);

-- All mail, whatever its bucket, is filed under the name of the widest (node/src/bucket.rs).
INSERT INTO author (id, carried, bucket) VALUES (x'45a74ae8cd6923bb283b3fd5bccac0dc7dc99a0804f2ad4f17fcb60f29000000', 1, 1);

-- --- Private threads ---
-- What opens first contacts and begins sessions, of each own persona on this device. Never exported.
CREATE TABLE account (
  author_row   INTEGER PRIMARY KEY REFERENCES author(row),
  state        BLOB    NOT NULL,
  published_s  INTEGER NOT NULL DEFAULT 0              -- when its keys were published last
) STRICT;

-- What devices published of themselves, so that they can be written to: the newest of each.
CREATE TABLE device_keys (
  author_row   INTEGER NOT NULL REFERENCES author(row),
  device       BLOB    NOT NULL,
  entry_row    INTEGER NOT NULL,
  counter      INTEGER NOT NULL,
  PRIMARY KEY (author_row, device)
) STRICT, WITHOUT ROWID;

-- Devices that can be written to, whether they were told of in the open or inside sealed content.
CREATE VIEW reachable (author_row, device) AS
  SELECT device_keys.author_row, device_keys.device FROM device_keys JOIN device_cert USING (author_row, device)
    WHERE NOT EXISTS (SELECT 1 FROM device_revoke AS gone
                      WHERE gone.author_row = device_keys.author_row AND gone.device = device_keys.device)
  UNION SELECT met.author_row, met.device FROM met JOIN author ON author.row = met.author_row
    WHERE keys IS NOT NULL AND met.root_counter >= author.root_counter
      AND NOT EXISTS (SELECT 1 FROM device_revoke AS gone
                      WHERE gone.author_row = met.author_row AND gone.device = met.device);

-- Sessions of own personas with single devices, and the tags that they expect next.
CREATE TABLE session (
  row          INTEGER PRIMARY KEY AUTOINCREMENT,
  author_row   INTEGER NOT NULL REFERENCES author(row),-- own persona
  peer_row     INTEGER NOT NULL REFERENCES author(row),
  device       BLOB    NOT NULL,
  id           BLOB    NOT NULL,                       -- of two, the lower one is written to
  state        BLOB    NOT NULL,
  UNIQUE (author_row, device, id)
) STRICT;
CREATE TABLE session_tag (
  tag          BLOB    PRIMARY KEY,
  session_row  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_peer ON session (peer_row); -- whether an author may go
CREATE INDEX session_tag_by_session ON session_tag (session_row);

-- Devices with which sessions were begun, from here or from there. Of each own persona for itself: a counter that one of
-- them was shown must not be told to who knows another.
CREATE TABLE session_begun (
  author_row   INTEGER NOT NULL REFERENCES author(row),-- own persona
  peer_row     INTEGER NOT NULL REFERENCES author(row) ON DELETE CASCADE,
  device       BLOB    NOT NULL,
  again_ms     INTEGER,                                -- when one was begun anew from here last; 0: only the first was
  sessions     INTEGER NOT NULL,                       -- highest counter of one
  PRIMARY KEY (author_row, peer_row, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_begun_by_peer ON session_begun (peer_row); -- whether an author may go

-- First messages that were opened here, until their entries are taken in nowhere any more: none begins a session twice.
CREATE TABLE first_opened (
  row          INTEGER PRIMARY KEY AUTOINCREMENT,
  id           BLOB    NOT NULL UNIQUE,                -- of the entry
  expires_day  INTEGER NOT NULL,                       -- of the entry, days since 1970
  own_row      INTEGER NOT NULL,                       -- own persona to whom it was
  peer         BLOB    NOT NULL,                       -- who wrote it: they may be accepted later
  stranger     INTEGER NOT NULL                        -- 1: of whom nobody here had to do with: they push out their like
) STRICT;
CREATE INDEX first_opened_by_day ON first_opened (expires_day);
CREATE INDEX first_opened_by_stranger ON first_opened (stranger, row);

-- First messages that are sealed, and for which no work was done yet.
CREATE TABLE first_message (
  row          INTEGER PRIMARY KEY AUTOINCREMENT,
  outbox_row   INTEGER NOT NULL,                       -- of which message, in which session, under which number
  session_row  INTEGER NOT NULL,
  number       INTEGER NOT NULL,
  automatic    INTEGER NOT NULL,                       -- 1: nobody chose its moment
  day          INTEGER NOT NULL,                       -- of its header, days since 1970
  intro        BLOB    NOT NULL,                       -- key for which the work is
  key          BLOB    NOT NULL,                       -- signs the entry, and nothing else
  body         BLOB    NOT NULL                        -- of the entry, but for the work
) STRICT;
CREATE INDEX first_message_by_session ON first_message (session_row);

CREATE TABLE thread (
  row          INTEGER PRIMARY KEY AUTOINCREMENT,
  id           BLOB    NOT NULL,
  author_row   INTEGER NOT NULL REFERENCES author(row),-- own persona
  kind         INTEGER NOT NULL,                       -- 0 of two, 1 group, 2 notes to self
  title        TEXT    NOT NULL DEFAULT '',
  request      INTEGER NOT NULL DEFAULT 0,             -- 1: from somebody who is not followed; 2: declined
  last_ms      INTEGER NOT NULL DEFAULT 0,
  read_ms      INTEGER NOT NULL DEFAULT 0,             -- read up to here
  looked_ms    INTEGER NOT NULL DEFAULT 0,             -- the same, on this device
  keep_s       INTEGER NOT NULL DEFAULT 0,             -- messages go so long after they were read; 0: they stay
  keep_counter INTEGER NOT NULL DEFAULT 0,
  UNIQUE (author_row, id)
) STRICT;
CREATE INDEX thread_by_last ON thread (last_ms DESC);
CREATE INDEX thread_requests ON thread (last_ms DESC, row DESC) WHERE request <> 0;

-- A mergeable set; at equal counters leaving wins. Of a thread of two: the other one.
CREATE TABLE thread_member (
  thread_row   INTEGER NOT NULL REFERENCES thread(row),
  author_row   INTEGER NOT NULL REFERENCES author(row),
  present      INTEGER NOT NULL DEFAULT 1,
  counter      INTEGER NOT NULL DEFAULT 0,
  owned        INTEGER NOT NULL DEFAULT 0,             -- the highest that they said of themselves
  read_ms      INTEGER NOT NULL DEFAULT 0,             -- what they say they read up to
  PRIMARY KEY (thread_row, author_row)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_member_by_author ON thread_member (author_row);

CREATE TABLE message (
  row          INTEGER PRIMARY KEY AUTOINCREMENT,
  thread_row   INTEGER NOT NULL REFERENCES thread(row),
  id           BLOB    NOT NULL,
  from_row     INTEGER NOT NULL REFERENCES author(row),
  sent_ms      INTEGER NOT NULL,                       -- as its sender says
  order_ms     INTEGER NOT NULL,                       -- where it stands: min(sent, came), before what its writer sent later
  body         BLOB    NOT NULL,                       -- MessageBody; empty once it is deleted or has expired
  expires_ms   INTEGER NOT NULL DEFAULT 0,             -- 0: not yet, or never
  copied       INTEGER NOT NULL DEFAULT 0,             -- 1: another own device wrote it, and delivers it
  late         INTEGER NOT NULL DEFAULT 0,             -- 1: its place was read before it came, and nobody looked since
  UNIQUE (thread_row, id)
) STRICT;
CREATE INDEX message_by_order ON message (thread_row, order_ms DESC, sent_ms DESC, row DESC);
CREATE INDEX message_ahead ON message (thread_row, from_row, sent_ms) WHERE order_ms < sent_ms; -- of writers whose clock is ahead
CREATE INDEX message_late ON message (thread_row) WHERE late = 1;
CREATE INDEX message_by_from ON message (from_row); -- whether an author may go
CREATE INDEX message_by_expiry ON message (expires_ms) WHERE expires_ms > 0;

-- What is said about messages may come before them. Each is by who wrote it; of one kind the highest counter stands.
CREATE TABLE message_change (
  thread_row   INTEGER NOT NULL,
  of           BLOB    NOT NULL,                       -- message id
  from_row     INTEGER NOT NULL,
  kind         INTEGER NOT NULL,                       -- as in MessageBody: 2 edit, 3 deletion, 4 reaction
  counter      INTEGER NOT NULL,
  body         BLOB    NOT NULL,
  PRIMARY KEY (thread_row, of, from_row, kind)
) STRICT, WITHOUT ROWID;

-- What is to be delivered, a row a device. It stays until that device has said that it has it.
CREATE TABLE outbox (
  row          INTEGER PRIMARY KEY AUTOINCREMENT,
  author_row   INTEGER NOT NULL REFERENCES author(row),-- own persona
  peer_row     INTEGER NOT NULL REFERENCES author(row),
  device       BLOB,                                   -- NULL: no device of theirs is known yet
  message_row  INTEGER,                                -- whose state it tells; NULL: nobody's
  body         BLOB    NOT NULL,                       -- MessageBody; empty: only to answer
  due_ms       INTEGER NOT NULL,                       -- not before
  automatic    INTEGER NOT NULL DEFAULT 0,             -- 1: nobody chose this moment: answers, and what goes again; 2: so, and it goes once
  until_ms     INTEGER NOT NULL,                       -- given up then
  tries        INTEGER NOT NULL DEFAULT 0,
  session_row  INTEGER NOT NULL DEFAULT 0,             -- sealed last in this session, under this number, as this entry
  number       INTEGER NOT NULL DEFAULT 0,
  entry        BLOB,
  held         INTEGER NOT NULL DEFAULT 0              -- 1: a mailbox gave a receipt
) STRICT;
CREATE INDEX outbox_due ON outbox (due_ms, row);
CREATE INDEX outbox_by_session ON outbox (session_row, number);
CREATE INDEX outbox_by_message ON outbox (message_row) WHERE message_row IS NOT NULL;
CREATE INDEX outbox_by_entry ON outbox (entry) WHERE entry IS NOT NULL;
CREATE INDEX outbox_by_peer ON outbox (peer_row, device);

-- Own messages whose files are on their way to carriers, in front of them.
CREATE TABLE parcel (
  message_row  INTEGER PRIMARY KEY,
  entry        BLOB,                                   -- the entry that names the files; NULL: not sealed yet
  until_ms     INTEGER NOT NULL                        -- the message goes then, whoever took them
) STRICT;
-- What waits for them in the outbox: these messages, and what was written after them to the same device.
CREATE VIEW behind_parcel AS
  SELECT later.row FROM parcel
  CROSS JOIN outbox AS first ON first.message_row = parcel.message_row AND first.number = 0
  CROSS JOIN outbox AS later ON later.peer_row = first.peer_row AND later.device = first.device
    AND later.author_row = first.author_row AND later.row >= first.row
  WHERE later.number = 0 AND later.message_row IS NOT NULL;

-- When the next piece of cover goes, where the user hides when they answer.
CREATE TABLE cover (
  row          INTEGER PRIMARY KEY CHECK (row = 1),
  at_ms        INTEGER NOT NULL
) STRICT;

-- How many devices have a message.
CREATE TABLE delivered (
  message_row  INTEGER NOT NULL,
  author_row   INTEGER NOT NULL,
  PRIMARY KEY (message_row, author_row)
) STRICT, WITHOUT ROWID;

-- Words of private messages, by their row: in a table of their own, so that nothing that answers others reaches them.
-- Filled as search_text is (search_todo.what 2); emptied here, in the transaction that takes a message or a text away.
CREATE VIRTUAL TABLE search_message USING fts5 (
  text,                                                -- what is shown: of an edited one the newest text
  marks,                                               -- who wrote it, as in search_text
  tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO search_message (search_message, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER search_message_came AFTER INSERT ON message WHEN new.body <> x'' BEGIN
  INSERT OR IGNORE INTO search_todo (what, row) VALUES (2, new.row);
END;
CREATE TRIGGER search_message_erased AFTER UPDATE OF body ON message WHEN new.body = x'' BEGIN
  DELETE FROM search_message WHERE rowid = new.row;
END;
CREATE TRIGGER search_message_gone AFTER DELETE ON message BEGIN
  DELETE FROM search_message WHERE rowid = old.row;
  DELETE FROM search_todo WHERE what = 2 AND row = old.row;
END;
CREATE TRIGGER search_message_edited AFTER INSERT ON message_change WHEN new.kind = 2 BEGIN
  DELETE FROM search_message WHERE rowid =
    (SELECT row FROM message WHERE thread_row = new.thread_row AND id = new.of AND from_row = new.from_row);
  INSERT OR IGNORE INTO search_todo (what, row)
    SELECT 2, row FROM message WHERE thread_row = new.thread_row AND id = new.of AND from_row = new.from_row;
END;
CREATE TRIGGER search_message_edited_again AFTER UPDATE OF body ON message_change WHEN new.kind = 2 BEGIN
  DELETE FROM search_message WHERE rowid =
    (SELECT row FROM message WHERE thread_row = new.thread_row AND id = new.of AND from_row = new.from_row);
  INSERT OR IGNORE INTO search_todo (what, row)
    SELECT 2, row FROM message WHERE thread_row = new.thread_row AND id = new.of AND from_row = new.from_row;
END;

-- --- Circles ---
-- Circles as an own persona knows them: its own, and those of others whose key it was given. Two personas of this node
-- in one circle have a row each, and each its own members and keys: what one hears or does changes nothing for the other.
CREATE TABLE circle (
  row          INTEGER PRIMARY KEY AUTOINCREMENT,
  author_row   INTEGER NOT NULL REFERENCES author(row),-- whose circle it is
  own_row      INTEGER NOT NULL REFERENCES author(row),-- the own persona
  id           BLOB    NOT NULL,
  kind         INTEGER NOT NULL DEFAULT 0,             -- 0: its owner posts; 1 group: every member does
  name         TEXT    NOT NULL,
  state        INTEGER NOT NULL DEFAULT 1,             -- of somebody's group: 0 invited to it, 1 in it, 2 no longer in it
  colour       INTEGER,                                -- as the user chose it; NULL: one that follows from the id
  gone         INTEGER NOT NULL DEFAULT 0,             -- own ones that were deleted: their posts are still called so
  ended        INTEGER NOT NULL DEFAULT 0,             -- how a group ended for the own persona: 1 taken out of it, 2 closed
  ended_by     INTEGER REFERENCES author(row),         -- who did that
  ended_ms     INTEGER NOT NULL DEFAULT 0,             -- when that came
  UNIQUE (own_row, author_row, id)
) STRICT;
CREATE INDEX circle_by_author ON circle (author_row);

-- A mergeable set; at equal counters removal wins. Of others' circles: of groups alone.
CREATE TABLE circle_member (
  circle_row   INTEGER NOT NULL REFERENCES circle(row),
  author_row   INTEGER NOT NULL REFERENCES author(row),
  present      INTEGER NOT NULL DEFAULT 1,
  admin        INTEGER NOT NULL DEFAULT 0,             -- of groups: 1 lets people in and takes them out
  joined       INTEGER NOT NULL DEFAULT 0,             -- of own groups: 1 they said that they joined
  counter      INTEGER NOT NULL DEFAULT 1,
  owned        INTEGER NOT NULL DEFAULT 0,             -- of others' groups: the highest that its owner said
  PRIMARY KEY (circle_row, author_row)
) STRICT, WITHOUT ROWID;
CREATE INDEX circle_member_by_author ON circle_member (author_row);

-- What was said of members of others' groups that counts as soon as their owner has said as much.
CREATE TABLE circle_claim (
  circle_row   INTEGER NOT NULL REFERENCES circle(row) ON DELETE CASCADE,
  from_row     INTEGER NOT NULL REFERENCES author(row) ON DELETE CASCADE,
  persona      BLOB    NOT NULL,                       -- of whom
  present      INTEGER NOT NULL,
  counter      INTEGER NOT NULL,
  PRIMARY KEY (circle_row, from_row, persona)
) STRICT, WITHOUT ROWID;
CREATE INDEX circle_claim_by_from ON circle_claim (from_row); -- whether an author may go

-- Keys of circles. They leave this device to who is in one, and in bundles.
CREATE TABLE epoch (
  row          INTEGER PRIMARY KEY AUTOINCREMENT,
  circle_row   INTEGER NOT NULL REFERENCES circle(row),
  id           BLOB    NOT NULL,
  counter      INTEGER NOT NULL,
  key          BLOB    NOT NULL,
  used         INTEGER NOT NULL DEFAULT 0,             -- 1: something was sealed with it
  begun_ms     INTEGER NOT NULL DEFAULT 0,             -- when it began, or came here, and a lot: its time counts from then
  UNIQUE (circle_row, id)
) STRICT;

-- Keys that came and are still to be tried on what is closed here.
CREATE TABLE trial (
  row          INTEGER PRIMARY KEY AUTOINCREMENT,
  epoch_row    INTEGER NOT NULL REFERENCES epoch(row) ON DELETE CASCADE,
  log_row      INTEGER NOT NULL,                       -- on entries of which log; 0: on what is said about posts that its circle opened
  below        INTEGER NOT NULL DEFAULT 9223372036854775807, -- behind which seq, or row of a post, all was tried
  left         INTEGER NOT NULL,                       -- how many are still to be tried
  UNIQUE (epoch_row, log_row)
) STRICT;
CREATE INDEX trial_order ON trial (log_row = 0, row);

-- Who was given which key, a row a device; of others' groups, who is said to have been.
CREATE TABLE epoch_grant (
  epoch_row    INTEGER NOT NULL REFERENCES epoch(row) ON DELETE CASCADE,
  author_row   INTEGER NOT NULL REFERENCES author(row),
  device       BLOB    NOT NULL,                       -- empty: none was known then
  PRIMARY KEY (epoch_row, author_row, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX epoch_grant_by_author ON epoch_grant (author_row);

-- What sealed entries of logs say, and those about posts to circles, of those that were opened here, and the circles that
-- opened them.
CREATE TABLE opened (
  entry_row    INTEGER PRIMARY KEY,
  time         INTEGER NOT NULL,                       -- s, as claimed inside
  body         BLOB    NOT NULL,                       -- as of an entry of its kind in the open
  comment_key  BLOB                                    -- of a post: the secret half of its comment key
) STRICT;
CREATE TRIGGER quote_opened_gone AFTER DELETE ON opened BEGIN
  DELETE FROM quote WHERE entry_row = old.entry_row;
END;
CREATE TABLE opened_by (
  entry_row    INTEGER NOT NULL,
  circle_row   INTEGER NOT NULL,
  PRIMARY KEY (entry_row, circle_row)
) STRICT, WITHOUT ROWID;

CREATE INDEX opened_by_circle ON opened_by (circle_row, entry_row);

-- What one-time entries about posts to circles are, of those that were opened here. Their text stands in opened.
CREATE TABLE sealed_comment (
  entry_row    INTEGER PRIMARY KEY,
  post         BLOB    NOT NULL,
  author_row   INTEGER NOT NULL REFERENCES author(row),-- who wrote it
  kind         INTEGER NOT NULL,                       -- 10 comment, 11 reaction, 13 edit, 14 deletion
  target       BLOB    NOT NULL,
  stands       INTEGER NOT NULL DEFAULT 0              -- 0: what it names is not here, or there is no room for it
) STRICT;
CREATE INDEX sealed_comment_by_author ON sealed_comment (author_row); -- whether an author may go
CREATE INDEX sealed_comment_by_target ON sealed_comment (target);
CREATE INDEX sealed_comment_by_post ON sealed_comment (post);

CREATE TRIGGER search_opened_gone AFTER DELETE ON opened BEGIN
  DELETE FROM search_text WHERE rowid = old.entry_row;
END;
CREATE TRIGGER opened_body_gone AFTER UPDATE OF body ON entry WHEN old.kind = 17 AND new.body IS NULL BEGIN
  DELETE FROM opened WHERE entry_row = old.row;
  DELETE FROM opened_by WHERE entry_row = old.row;
END;
CREATE TRIGGER opened_entry_gone AFTER DELETE ON entry WHEN old.kind = 17 BEGIN
  DELETE FROM sealed_comment WHERE entry_row = old.row;
  DELETE FROM opened WHERE entry_row = old.row;
  DELETE FROM opened_by WHERE entry_row = old.row;
END;

-- Which own personas can read a sealed entry that was opened here: who wrote it, and those in whose circles it opened.
CREATE VIEW reader (entry_row, persona) AS
  SELECT opened_by.entry_row, own.id FROM opened_by JOIN circle ON circle.row = opened_by.circle_row
    JOIN author AS own ON own.row = circle.own_row
  UNION ALL SELECT s.entry_row, own.id FROM sealed_comment AS s JOIN author AS own ON own.row = s.author_row AND own.own = 1
  UNION ALL SELECT entry.row, own.id FROM entry JOIN author AS own ON own.row = entry.author_row AND own.own = 1
    WHERE entry.kind = 17 AND entry.log_row > 0;

-- What an entry says, by its row: of a sealed one what was opened of it, else NULL.
CREATE VIEW said AS
  SELECT row, CASE kind WHEN 17 THEN (SELECT opened.body FROM opened WHERE opened.entry_row = entry.row) ELSE body END
    AS body FROM entry;

-- --- Notifications ---
-- What happened to own personas. Derived: each row is a function of other tables, by a name that is the same whenever and
-- however often its cause comes. What went, was hidden or is muted is left out when it is read (node/src/notify.rs).
CREATE TABLE notification (
  row          INTEGER PRIMARY KEY AUTOINCREMENT,
  own_row      INTEGER NOT NULL,                       -- the own persona whom it concerns
  name         BLOB    NOT NULL,                       -- hash of that persona and what happened
  grouped      BLOB    NOT NULL,                       -- name of all that stand in one line with it; its own where none do
  kind         INTEGER NOT NULL,                       -- numbers stand in notify.rs
  from_row     INTEGER NOT NULL,                       -- who did it; the own persona where nobody else did
  entry_row    INTEGER NOT NULL DEFAULT 0,             -- of a comment, post, repost or edit
  target       BLOB    NOT NULL,                       -- to what: post, comment, persona, thread, circle or device
  place        BLOB    NOT NULL,                       -- where it leads, which clears it
  time_ms      INTEGER NOT NULL,
  read         INTEGER NOT NULL DEFAULT 0,             -- of messages and devices always 1: their own tables tell
  UNIQUE (own_row, name)
) STRICT;
CREATE INDEX notification_order ON notification (own_row, read DESC, time_ms, row);
CREATE INDEX notification_by_place ON notification (place);
CREATE INDEX notification_by_entry ON notification (entry_row) WHERE entry_row > 0;
CREATE INDEX notification_by_from ON notification (from_row);

CREATE TRIGGER notification_entry_gone AFTER DELETE ON entry BEGIN
  DELETE FROM notification WHERE entry_row = old.row AND entry_row > 0;
END;
CREATE TRIGGER notification_author_gone AFTER DELETE ON author BEGIN
  DELETE FROM notification WHERE from_row = old.row;
END;
