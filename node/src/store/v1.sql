-- What stood in a profile of version 1, as its program wrote it: the least of each kind that a later one has to keep.
INSERT INTO author (row, id, own, followed, carried, name, created_ms) VALUES
  (11, x'0101010101010101010101010101010101010101010101010101010101010101', 1, 1, 1, 'Alice', 1700000000000),
  (12, x'0202020202020202020202020202020202020202020202020202020202020202', 0, 1, 1, 'Bob', 0);
INSERT INTO log (row, author_row, device, log, ref, scope, next_seq, top_seq, count, own) VALUES
  (21, 11, x'0303030303030303030303030303030303030303030303030303030303030303', 7, 8, 0, 2, 1, 2, 1);
INSERT INTO entry (row, id, author_row, log_row, seq, kind, time, signature, body, rank) VALUES
  (31, x'0404040404040404040404040404040404040404040404040404040404040404', 11, 21, 0, 1, 1700000000, zeroblob(64), x'a0', 1700000000),
  (32, x'0505050505050505050505050505050505050505050505050505050505050505', 11, 21, 1, 9, 1700000001, zeroblob(64), x'a1', 1700000001);
INSERT INTO post (entry_row, author_row, rank, log_row, seq, in_feed) VALUES (32, 11, 1700000001, 21, 1, 1);
INSERT INTO item (set_no, key, present, counter, value) VALUES
  (1, x'0505050505050505050505050505050505050505050505050505050505050505', 1, 1, ''),
  (2, x'06', 1, 3, 'Friends'), (6, x'666f6f', 0, 2, '');
INSERT INTO local (key, value) VALUES ('net.port', '4711'), ('run', '3');
INSERT INTO thread (row, id, author_row, kind, last_ms) VALUES
  (41, x'0707070707070707070707070707070707070707070707070707070707070707', 11, 0, 1700000002000);
INSERT INTO thread_member (thread_row, author_row) VALUES (41, 11), (41, 12);
INSERT INTO message (row, thread_row, id, from_row, sent_ms, order_ms, body) VALUES
  (51, 41, x'0808080808080808080808080808080808080808080808080808080808080808', 12, 1700000002000, 1700000002000, x'a2');
INSERT INTO circle (row, author_row, own_row, id, kind, name) VALUES
  (61, 11, 11, x'0909090909090909090909090909090909090909090909090909090909090909', 0, 'Friends');
INSERT INTO epoch (circle_row, id, counter, key) VALUES (61, zeroblob(16), 1, zeroblob(32));
