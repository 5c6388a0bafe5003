//! Quotas at small sizes: what is counted, what is refused, what goes first, and what never goes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::{Arc, Mutex};

use ed25519_dalek::SigningKey;
use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::apply::EntryGate;
use crate::clock::ManualClock;
use crate::device::PURPOSE_DEVICE;
use crate::entry::{
    BlobRef, DeviceCertBody, EditBody, Header, LogOpenBody, PersonaOpenBody, Place, PostBody, Scope, Unverified, sign,
};
use crate::gate::{Gate, Origin, Outcome};
use crate::host::{MemoryKeystore, SystemEntropy};
use crate::id::{BlobHash, DeviceKey, EntryId, PersonaId};
use crate::node::{FeedQuery, PostDraft};
use crate::store::Store;

const NOW_S: u64 = 1_800_000_000;
const DAY_MS: u64 = 86_400_000;

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a simulated node answers at once")
}

/// The node under test.
struct Bob {
    node: Node,
    store: Store,
    clock: Arc<ManualClock>,
}

impl Bob {
    /// Keeps so many bytes.
    fn keeping(quota: i64) -> Self {
        let (store, clock) = (Store::in_memory().unwrap(), Arc::new(ManualClock::at_ms(NOW_S * 1_000)));
        let keystore = Arc::new(MemoryKeystore::default());
        let on_time: Arc<dyn crate::clock::Clock> = Arc::clone(&clock) as _;
        let node = Node::simulated(false, store.clone(), keystore, on_time, Arc::new(SystemEntropy)).unwrap();
        now(node.create_persona("Bob")).unwrap();
        let bob = Self { node, store, clock };
        bob.sql(&format!("INSERT OR REPLACE INTO local (key, value) VALUES ('{QUOTA}', '{quota}')"));
        bob
    }

    fn sql(&self, sql: &str) {
        let sql = sql.to_owned();
        now(self.store.write(Durability::Normal, move |tx| Ok(tx.execute_batch(&sql)?))).unwrap();
    }

    fn number(&self, sql: &str) -> i64 {
        let sql = sql.to_owned();
        now(self.store.read(move |db| Ok(db.query_row(&sql, [], |row| row.get(0))?))).unwrap()
    }

    fn follow(&self, author: &Author) {
        now(self.node.follow(None, &author.persona.to_string())).unwrap();
    }

    fn carry(&self, author: &Author) {
        let id = author.persona;
        now(self.store.write(Durability::Normal, move |tx| crate::sync::adopt(tx, &[id]))).unwrap();
    }

    fn take_as(&self, origin: Origin, entries: impl IntoIterator<Item = Unverified<Entry>>) -> Outcome {
        now(self.node.gate().unwrap().submit(origin, entries.into_iter().collect())).unwrap()
    }

    fn take(&self, entries: impl IntoIterator<Item = Unverified<Entry>>) -> Outcome {
        self.take_as(Origin::Peer(1, crate::id::NodeId::from_bytes([1; 32])), entries)
    }

    fn used(&self) -> Used {
        now(self.store.read(Used::read)).unwrap()
    }

    /// Entries that are here of an author.
    fn of(&self, author: &Author) -> i64 {
        let id = author.persona;
        let sql = "SELECT count(*) FROM entry JOIN author ON author.row = author_row WHERE author.id = ?1";
        now(self.store.read(move |db| Ok(db.query_row(sql, [id], |row| row.get(0))?))).unwrap()
    }

    fn feed(&self) -> usize {
        now(self.node.feed(FeedQuery { limit: 1_000, ..FeedQuery::default() })).unwrap().len()
    }

    fn own_post(&self) -> EntryId {
        now(self.node.post(PostDraft { text: "mine".to_owned(), ..PostDraft::default() })).unwrap()
    }

    fn evict(&self) -> Evicted {
        let evicted = now(self.node.make_room()).unwrap();
        now(self.store.read(whole)).unwrap();
        evicted
    }
}

/// Who signs what a test wants.
struct Author {
    root: SigningKey,
    device: SigningKey,
    persona: PersonaId,
    open: PersonaOpenBody,
    next: Place,
}

impl Author {
    fn new(seed: u32) -> Self {
        let bytes = |what: u8| *blake3::hash(&[&seed.to_le_bytes()[..], &[what]].concat()).as_bytes();
        let (root, device) = (SigningKey::from_bytes(&bytes(1)), SigningKey::from_bytes(&bytes(2)));
        let open = PersonaOpenBody { root: public(&root), nonce: [7; 16], recovery_hash: bytes(3) };
        let persona = open.persona();
        let next = Place::first(persona, public(&device), 1);
        Self { root, device, persona, open, next }
    }

    fn introduced(&mut self, scope: Scope) -> Vec<Unverified<Entry>> {
        let header = |kind| Header::statement(self.persona, public(&self.root), kind, NOW_S);
        let cert = DeviceCertBody { device: public(&self.device), caps: 1, purpose: PURPOSE_DEVICE, not_after: 0 };
        let open = sign(&self.root, header(Kind::PersonaOpen), self.open.encode([1; 16]));
        let cert = sign(&self.root, header(Kind::DeviceCert), cert.encode([2; 16]));
        vec![open, cert, self.log(scope)]
    }

    /// Opens another log.
    fn log(&mut self, scope: Scope) -> Unverified<Entry> {
        let number = u64::from(scope.number()) + 10;
        self.next = Place::first(self.persona, public(&self.device), number);
        let body = LogOpenBody { scope, prior_heads: Vec::new() }.encode([3; 16]);
        self.entry(Kind::LogOpen, Vec::new(), body)
    }

    fn entry(&mut self, kind: Kind, refs: Vec<EntryId>, body: Vec<u8>) -> Unverified<Entry> {
        let entry = sign(&self.device, Header::log_entry(self.next, kind, NOW_S, refs), body);
        self.next = Place::after(&entry.0.header);
        entry
    }

    fn post(&mut self, chars: usize) -> Unverified<Entry> {
        let body = PostBody { text: "x".repeat(chars), ..PostBody::default() }.encode([4; 16]);
        self.entry(Kind::Post, Vec::new(), body)
    }

    fn posts(&mut self, count: usize) -> Vec<Unverified<Entry>> {
        let mut posts = self.introduced(Scope::Posts);
        posts.extend((0..count).map(|_| self.post(700)));
        posts
    }

    fn comment(&mut self, on: EntryId, chars: usize) -> Unverified<Entry> {
        let body = PostBody { text: "y".repeat(chars), ..PostBody::default() }.encode([4; 16]);
        self.entry(Kind::Comment, vec![on, on], body)
    }
}

fn public(key: &SigningKey) -> DeviceKey {
    DeviceKey::from(&key.verifying_key())
}

fn refusals(outcome: &Outcome) -> Vec<EntryError> {
    outcome.refused.iter().map(|(_, error)| error.clone()).collect()
}

/// What is counted is what is there, and nothing refers to what is gone.
fn whole(db: &Connection) -> Result<()> {
    let count = |sql: &str| -> Result<i64> { Ok(db.query_row(sql, [], |row| row.get(0))?) };
    let cost = format!("{} + length(refs) + coalesce(length(body), 0)", limits::ENTRY_ROW_BYTES);
    let wrong = count(&format!(
        "SELECT count(*) FROM author LEFT JOIN usage ON usage.author_row = author.row
         LEFT JOIN (SELECT author_row, count(*) AS n, sum({cost}) AS sum FROM entry GROUP BY author_row) AS e
            ON e.author_row = author.row
         WHERE usage.entries IS NOT coalesce(n, 0) OR usage.bytes IS NOT coalesce(sum, 0)"
    ))?;
    assert_eq!(wrong, 0, "authors whose bytes are miscounted");
    assert_eq!(count("SELECT count(*) FROM usage WHERE author_row NOT IN (SELECT row FROM author)")?, 0);
    let classes = "SELECT count(*) FROM usage_class AS c LEFT JOIN
            (SELECT class, sum(entries) AS n, sum(bytes) AS sum FROM usage GROUP BY class) AS u ON u.class = c.class
         WHERE c.class < 6 AND (c.count <> coalesce(n, 0) OR c.bytes <> coalesce(sum, 0))";
    assert_eq!(count(classes)?, 0, "classes that are miscounted");
    let moved = "SELECT count(*) FROM usage JOIN author ON author.row = author_row
         WHERE class <> CASE WHEN own THEN 0 WHEN bucket THEN 1 WHEN followed THEN 2 WHEN carried THEN 3 WHEN class = 5 THEN 5 ELSE 4 END";
    assert_eq!(count(moved)?, 0, "authors in a wrong class");
    let blobs =
        "SELECT bytes - (SELECT coalesce(sum(size), 0) FROM blob WHERE stored = 1) FROM usage_class WHERE class = 6";
    assert_eq!(count(blobs)?, 0, "files that are miscounted");
    // Every table that names entries by row, also those that come later.
    let mut statement = db.prepare(
        "SELECT m.name, c.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
         WHERE m.type = 'table' AND c.name IN ('entry_row', 'author_row', 'edit_row', 'profile_row')",
    )?;
    let columns: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (table, column) in columns {
        let of = if column == "author_row" { "author" } else { "entry" };
        let lost = count(&format!(
            "SELECT count(*) FROM {table} WHERE {column} <> 0 AND {column} NOT IN (SELECT row FROM {of})"
        ))?;
        assert_eq!(lost, 0, "{table}.{column} names what is gone");
    }
    let heads =
        "SELECT count(*) FROM log WHERE count <> (SELECT count(*) FROM entry WHERE log_row = log.row AND branch = 0)
            OR top_seq <> (SELECT coalesce(max(seq), -1) FROM entry WHERE log_row = log.row AND branch = 0)
            OR top_id IS NOT (SELECT id FROM entry WHERE log_row = log.row AND branch = 0 ORDER BY seq DESC LIMIT 1)
            OR next_seq > top_seq + 1";
    assert_eq!(count(heads)?, 0, "logs whose heads are wrong");
    let sums =
        "SELECT count(*) FROM (SELECT of_row, count(*) AS n FROM header_entry WHERE of_row > 0 GROUP BY of_row) AS h
            FULL JOIN header_sum AS s ON s.author_row = h.of_row WHERE h.n IS NOT s.count";
    assert_eq!(count(sums)?, 0, "headers that are miscounted");
    Ok(())
}

#[test]
fn what_is_looked_for_often_is_found_by_an_index() {
    let bob = Bob::keeping(1_000_000);
    for (sql, index) in [
        ("SELECT id FROM author WHERE picture = x'00' OR picture_thumb = x'00' LIMIT 1", "author_picture_thumb"),
        ("SELECT a.id FROM author AS a LEFT JOIN carry AS c ON c.author_row = a.row WHERE a.carried = 1", "author_carried"),
        (
            "SELECT b.hash, max(e.rank) FROM blob b JOIN blob_ref r ON r.hash = b.hash JOIN entry e ON e.row = r.entry_row
             WHERE b.stored = 1 GROUP BY b.hash",
            "blob_stored",
        ),
        (
            "SELECT entry_row FROM post WHERE in_feed = 1 AND (rank, log_row, seq) < (1, 2, 3)
             ORDER BY rank DESC, log_row DESC, seq DESC LIMIT 50",
            "post_feed",
        ),
        (
            "SELECT entry_row FROM post WHERE author_row = 1 AND in_feed = 1 AND (rank, log_row, seq) < (1, 2, 3)
             ORDER BY rank DESC, log_row DESC, seq DESC LIMIT 1",
            "post_by_author",
        ),
    ] {
        let plan = now(bob.store.read(move |db| {
            let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let lines = statement.query_map([], |row| row.get::<_, String>(3))?.collect::<Result<Vec<_>, _>>()?;
            Ok(lines.join("; "))
        }))
        .unwrap();
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
    // Who may go is known by its logs: nothing walks over all entries, whose rows name authors too.
    let walks = "SELECT count(*) FROM pragma_foreign_key_list('entry')";
    assert_eq!(bob.number(walks), 0);
}

#[test]
fn strangers_have_a_share_and_a_day_and_what_is_stored_stays() {
    let bob = Bob::keeping(64 * 1024 * 1024);
    let mut alice = Author::new(1);
    bob.follow(&alice);
    bob.take(alice.posts(200));
    let posts = bob.number("SELECT count(*) FROM post");
    let ids: Vec<EntryId> = {
        let posts = now(bob.node.feed(FeedQuery { limit: 200, ..FeedQuery::default() })).unwrap();
        posts.into_iter().map(|post| post.id).collect()
    };
    let mut mallory = Author::new(2);
    bob.take(mallory.introduced(Scope::Engagement));
    let mut refused = None;
    for (n, id) in ids.iter().enumerate() {
        let taken = bob.take([mallory.comment(*id, 15_000)]);
        if !taken.refused.is_empty() {
            refused.get_or_insert((n, refusals(&taken)));
        }
    }
    let (n, why) = refused.expect("a day has an end");
    assert!((60..75).contains(&n), "{n}");
    assert_eq!(why, [EntryError::Full("what one stranger may add in a day")]);
    assert!(bob.used().of(STRANGER) <= limits::STRANGER_DAY_BYTES);
    bob.clock.set_ms(NOW_S * 1_000 + DAY_MS);
    assert_eq!(refusals(&bob.take([mallory.comment(ids[100], 15_000)])), []);

    // Many of them fill their share; it is never exceeded, and nobody else's is touched.
    let share = 64 * 1024 * 1024 / limits::STRANGERS_PART;
    let mut full = 0;
    for seed in 10..16 {
        let mut sybil = Author::new(seed);
        bob.take(sybil.introduced(Scope::Engagement));
        for id in ids.iter().take(64) {
            full += bob.take([sybil.comment(*id, 15_000)]).refused.len();
            assert!(bob.used().of(STRANGER) <= share);
        }
    }
    assert!(full > 0);
    assert_eq!(bob.number("SELECT count(*) FROM post"), posts);
    // Then the oldest make room for new ones.
    let evicted = bob.evict();
    assert!(evicted.entries > 0 && !evicted.still_over, "{evicted:?}");
    assert_eq!(bob.of(&mallory), 0, "whoever came first");
    assert_eq!(bob.feed(), 200);
    let mut late = Author::new(99);
    assert_eq!(refusals(&bob.take(late.introduced(Scope::Engagement))), []);
    assert_eq!(refusals(&bob.take([late.comment(ids[0], 10)])), []);
    // What went does not come again with the next comparison, but later.
    let body = PostBody { text: "old".to_owned(), ..PostBody::default() }.encode([4; 16]);
    let header = Header::log_entry(late.next, Kind::Comment, NOW_S - 100, vec![ids[1], ids[1]]);
    let old = || sign(&late.device, header.clone(), body.clone());
    assert!(matches!(refusals(&bob.take([old()]))[..], [EntryError::NoRoom(Some(_))]));
    bob.clock.set_ms(NOW_S * 1_000 + DAY_MS + limits::EVICTED_PAUSE_MS);
    bob.evict();
    assert_eq!(refusals(&bob.take([old()])), []);
    now(bob.store.read(whole)).unwrap();
}

#[test]
fn endless_authors_and_entries_find_an_end() {
    let quota = 4 * 1024 * 1024;
    let bob = Bob::keeping(quota);
    let own = bob.own_post();
    let mut refused = 0;
    for seed in 0..400 {
        let mut author = Author::new(1_000 + seed);
        refused += bob.take_as(Origin::Offer(1), author.posts(40)).refused.len();
        assert!(bob.used().total() <= quota + quota / limits::STRANGERS_PART, "author {seed}");
        bob.evict();
    }
    assert!(refused > 0);
    assert!(now(bob.node.show(own)).is_ok());
    let carried = bob.number("SELECT count(*) FROM carry");
    assert!(carried < 200, "{carried} authors");
    // Unknown kinds are no way round: in a carried log they count as a stranger's.
    let room = Bob::keeping(64 * 1024 * 1024);
    let mut author = Author::new(1);
    room.carry(&author);
    room.take(author.introduced(Scope::Posts));
    let bulk = |author: &mut Author| author.entry(Kind::Unknown(999), Vec::new(), vec![7; 4_000]);
    let taken: Vec<Unverified<Entry>> = (0..400).map(|_| bulk(&mut author)).collect();
    let taken = room.take(taken);
    assert!((200..260).contains(&taken.applied.len()), "{}", taken.applied.len());
    assert!(refusals(&taken).contains(&EntryError::Full("what one stranger may add in a day")));
    let mut friend = Author::new(2);
    room.follow(&friend);
    room.take(friend.introduced(Scope::Posts));
    assert_eq!(refusals(&room.take((0..400).map(|_| bulk(&mut friend)).collect::<Vec<_>>())), []);
}

#[test]
fn one_carried_author_takes_no_more_than_a_part() {
    let quota = 8 * 1024 * 1024;
    let bob = Bob::keeping(quota);
    let mut author = Author::new(1);
    bob.carry(&author);
    let taken = bob.take(author.posts(1_000));
    assert!(refusals(&taken).contains(&EntryError::Full("storage of one carried author")));
    assert!(bob.used().of(CARRIED) <= quota / limits::CARRIED_PART);
    // Following is a wish: then all of it comes.
    bob.follow(&author);
    let last = author.post(10);
    assert_eq!(refusals(&bob.take([last])), []);
}

#[test]
fn what_goes_goes_from_the_end_and_what_is_own_or_followed_stays() {
    let bob = Bob::keeping(64 * 1024 * 1024);
    let (mut alice, mut spare, mut leased, mut once) = (Author::new(1), Author::new(2), Author::new(3), Author::new(4));
    let own = bob.own_post();
    bob.follow(&alice);
    bob.take(alice.posts(50));
    let hers = now(bob.node.feed(FeedQuery { limit: 1, ..FeedQuery::default() })).unwrap()[0].id;
    bob.follow(&once);
    bob.take(once.posts(50));
    now(bob.node.unfollow(None, once.persona)).unwrap();
    let lease = leased.persona;
    bob.carry(&spare);
    bob.take(spare.posts(50));
    bob.sql(&format!("INSERT INTO author (id) VALUES (x'{lease}')"));
    now(bob.store.write(Durability::Normal, move |tx| crate::sync::lease(tx, &vec![(lease, 1)].into(), NOW_S * 1_000)))
        .unwrap();
    bob.take(leased.posts(50));
    let (mut silent, mut stranger, mut guest) = (Author::new(5), Author::new(6), Author::new(7));
    for who in [&mut silent, &mut stranger, &mut guest] {
        bob.take(who.introduced(Scope::Engagement));
    }
    bob.take([stranger.comment(hers, 700), guest.comment(own, 700)]);
    assert_eq!(bob.used().0.map(|bytes| bytes > 0), [true, false, true, true, true, true, false]);
    let (all, own_bytes, followed) = (bob.used().total(), bob.used().of(OWN), bob.used().of(FOLLOWED));
    assert_eq!(bob.evict(), Evicted::default(), "there is room");

    // Each step leaves just too little room.
    let here = |who: [&Author; 6]| who.map(|who| bob.of(who) > 0);
    let all_six = || here([&silent, &once, &stranger, &spare, &leased, &guest]);
    assert_eq!(all_six(), [true; 6]);
    let mut seen = vec![all_six()];
    let mut quota = all;
    while quota > own_bytes + followed + 100 {
        quota -= 2_000;
        bob.sql(&format!("UPDATE local SET value = '{quota}' WHERE key = '{QUOTA}'"));
        // Strangers' share is not what is tried here.
        let aim = Aim { total: Some(quota), strangers: None };
        now(bob.node.evict(aim)).unwrap();
        now(bob.store.read(whole)).unwrap();
        if seen.last() != Some(&all_six()) {
            seen.push(all_six());
        }
    }
    let gone: Vec<Vec<usize>> =
        seen.windows(2).map(|pair| (0..6).filter(|at| pair[0][*at] && !pair[1][*at]).collect()).collect();
    // Who was carried once and the silent stranger go by age, then who wrote to somebody, the spare copy, the leased one.
    assert_eq!(gone.concat(), [1, 0, 2, 3, 4], "never who wrote to Bob: {gone:?}");
    assert!(now(bob.node.evict(Aim { total: Some(10), strangers: None })).unwrap().still_over);
    assert_eq!(bob.feed(), 51);
    assert_eq!(now(bob.node.show(own)).unwrap().post.comments, 1);
    assert_eq!((bob.used().of(OWN), bob.used().of(FOLLOWED)), (own_bytes, followed));

    // They don't come back at once, whoever offers them.
    bob.sql(&format!("UPDATE local SET value = '{}' WHERE key = '{QUOTA}'", 64 * 1024 * 1024));
    bob.evict();
    bob.carry(&spare);
    now(bob.store.write(Durability::Normal, move |tx| crate::sync::lease(tx, &vec![(lease, 1)].into(), NOW_S * 1_000)))
        .unwrap();
    assert_eq!(bob.number("SELECT count(*) FROM carry"), 0);
    bob.clock.set_ms(NOW_S * 1_000 + limits::EVICTED_PAUSE_MS);
    bob.evict();
    bob.carry(&spare);
    assert_eq!(bob.number("SELECT count(*) FROM carry"), 1);
    let mut spare = Author::new(2);
    assert_eq!(refusals(&bob.take(spare.posts(50))), []);
    assert_eq!(bob.of(&spare), 53);
}

#[test]
fn without_room_no_author_is_taken_in() {
    let bob = Bob::keeping(64 * 1024 * 1024);
    let mut alice = Author::new(1);
    bob.follow(&alice);
    bob.take(alice.posts(100));
    let used = bob.used().total();
    for (quota, told) in [(used * 16 / 14, "little"), (used, "none"), (used * 2, "")] {
        bob.sql(&format!("UPDATE local SET value = '{quota}' WHERE key = '{QUOTA}'"));
        bob.evict();
        let room = now(bob.store.read(|db| setting::local(db, ROOM))).unwrap().unwrap_or_default();
        assert_eq!(room, told);
        bob.carry(&Author::new(2));
        assert_eq!(bob.number("SELECT count(*) FROM carry"), i64::from(told.is_empty()));
    }
    assert!(now(bob.node.set_quota(Some(1))).is_err());
    now(bob.node.set_quota(Some(100 * 1024 * 1024))).unwrap();
    assert_eq!(now(bob.node.storage()).unwrap().quota, 100 * 1024 * 1024);
    now(bob.node.set_quota(None)).unwrap();
    assert_eq!(now(bob.node.storage()).unwrap().quota, limits::QUOTA_DESKTOP.cast_unsigned());
}

#[test]
fn old_pictures_go_before_new_ones_and_thumbnails_last() {
    let bob = Bob::keeping(64 * 1024 * 1024);
    let (mut alice, mut spare) = (Author::new(1), Author::new(2));
    bob.follow(&alice);
    bob.carry(&spare);
    bob.take(alice.introduced(Scope::Posts));
    bob.take(spare.introduced(Scope::Posts));
    let old_s = NOW_S - limits::PREFETCH_AGE_S.cast_unsigned() - 10;
    let picture = |n: u8| BlobRef {
        hash: BlobHash::from_bytes([n; 32]),
        key: None,
        size: 100_000,
        mime: "image/jpeg".to_owned(),
        width: 1,
        height: 1,
        blurhash: None,
        alt: None,
        thumb: Some(BlobHash::from_bytes([n + 100; 32])),
        name: None,
    };
    for (n, time) in [(1, old_s), (2, NOW_S - 20), (3, NOW_S - 10)] {
        let body = PostBody { attachments: vec![picture(n)], ..PostBody::default() }.encode([4; 16]);
        let entry = sign(&alice.device, Header::log_entry(alice.next, Kind::Post, time, Vec::new()), body);
        // The log began later than that.
        bob.sql(&format!("UPDATE entry SET rank = {time} WHERE kind = 1"));
        alice.next = Place::after(&entry.0.header);
        assert_eq!(refusals(&bob.take([entry])), []);
    }
    let body = PostBody { attachments: vec![picture(4)], ..PostBody::default() }.encode([4; 16]);
    bob.take([spare.entry(Kind::Post, Vec::new(), body)]);
    let wanted = bob.number("SELECT count(*) FROM blob WHERE wanted = 1");
    assert_eq!(wanted, 4, "new ones of followed people, with their thumbnails");
    bob.sql("UPDATE blob SET stored = 1, size = 100000, wanted = 0");
    bob.sql(&format!("UPDATE blob SET used_ms = {} WHERE hash = x'{}'", NOW_S * 1_000, BlobHash::from_bytes([2; 32])));
    let order = [104, 4, 1, 101, 3, 2, 102, 103];
    let mut gone = Vec::new();
    while gone.len() < order.len() {
        let aim = Aim { total: Some(bob.used().total() - 1), strangers: None };
        let chosen = now(bob.store.read(move |db| evict::files(db, aim, NOW_S.cast_signed()))).unwrap();
        let [(hash, _)] = &chosen[..] else { panic!("{chosen:?} after {gone:?}") };
        let hash = *hash;
        gone.push(hash.as_bytes()[0]);
        assert!(now(bob.store.write(Durability::Normal, move |tx| evict::begin_file(tx, hash))).unwrap());
        now(bob.store.write(Durability::Normal, move |tx| evict::end_file(tx, hash))).unwrap();
        now(bob.store.read(whole)).unwrap();
    }
    gone[..2].sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(gone, order);
    assert_eq!(bob.number("SELECT count(*) FROM blob WHERE wanted > 0"), 0, "not fetched again unasked");
}

/// One thing that happens to a store.
#[derive(Debug, Clone)]
enum Happens {
    OwnPost,
    OwnDelete,
    Posts(u32, usize),
    Comment(u32),
    Edit(u32),
    Follow(u32),
    Unfollow(u32),
    Carry(u32),
    Evict(i64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let who = 1..6_u32;
    prop_oneof![
        Just(Happens::OwnPost),
        Just(Happens::OwnDelete),
        (who.clone(), 1..30_usize).prop_map(|(who, count)| Happens::Posts(who, count)),
        who.clone().prop_map(Happens::Comment),
        who.clone().prop_map(Happens::Edit),
        who.clone().prop_map(Happens::Follow),
        who.clone().prop_map(Happens::Unfollow),
        who.prop_map(Happens::Carry),
        (1..100_i64).prop_map(Happens::Evict),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn what_is_counted_is_what_is_there(all in proptest::collection::vec(happens(), 1..40)) {
        let bob = Bob::keeping(16 * 1024 * 1024);
        let mut authors: Vec<Author> = (0..6).map(Author::new).collect();
        let mut own = vec![bob.own_post()];
        for one in all {
            let followed = bob.number("SELECT sum(entries) FROM usage WHERE class IN (0, 2)");
            match one {
                Happens::OwnPost => own.push(bob.own_post()),
                Happens::OwnDelete => {
                    if let Some(post) = own.pop() {
                        now(bob.node.delete(None, post)).unwrap();
                    }
                }
                Happens::Posts(who, count) => {
                    let author = &mut authors[who as usize];
                    *author = Author::new(who);
                    bob.take(author.posts(count));
                }
                Happens::Comment(who) => {
                    if let Some(on) = own.last() {
                        let author = &mut authors[who as usize];
                        bob.take(author.introduced(Scope::Engagement));
                        let comment = author.comment(*on, 50);
                        bob.take([comment]);
                    }
                }
                Happens::Edit(who) => {
                    let author = &mut authors[who as usize];
                    *author = Author::new(who);
                    bob.take(author.posts(1));
                    let post = author.post(20);
                    let target = post.0.id();
                    let body = EditBody { post: PostBody { text: "new".to_owned(), ..PostBody::default() }, counter: 1 };
                    bob.take([post, author.entry(Kind::Edit, vec![target], body.encode([5; 16]))]);
                }
                Happens::Follow(who) => bob.follow(&authors[who as usize]),
                Happens::Unfollow(who) => {
                    let _not_followed = now(bob.node.unfollow(None, authors[who as usize].persona));
                }
                Happens::Carry(who) => bob.carry(&authors[who as usize]),
                Happens::Evict(percent) => {
                    let aim = Aim { total: Some(bob.used().total() * percent / 100), strangers: Some(2_000) };
                    now(bob.node.evict(aim)).unwrap();
                    prop_assert_eq!(followed, bob.number("SELECT sum(entries) FROM usage WHERE class IN (0, 2)"));
                }
            }
            now(bob.store.read(whole)).unwrap();
        }
    }
}

// --- a process that is killed ---

const CHILD: &str = "KITH_TEST_EVICTS";
const KEY: [u8; 32] = [7; 32];

fn on_disk(path: &Path) -> (Store, EntryGate) {
    let store = Store::open(path, &KEY).unwrap();
    let gate = EntryGate {
        store: store.clone(),
        clock: Arc::new(ManualClock::at_ms(NOW_S * 1_000)),
        entropy: Arc::new(SystemEntropy),
        keyring: Arc::new(Mutex::default()),
        events: crate::event::Events::default(),
        commits: broadcast::Sender::new(8),
        compared: Arc::default(),
        twin: Arc::new(crate::gate::Twin::since(NOW_S)),
        trying: Arc::default(),
        role: Role::Desktop,
        delivery: false.into(),
        runtime: None,
    };
    (store, gate)
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// As the child of the test below: evicts all it may, and says so line by line.
fn evict_aloud(path: &Path) {
    let (store, _) = on_disk(path);
    let aim = Aim { total: Some(1), strangers: None };
    loop {
        let step = wait(store.write(Durability::Normal, move |tx| evict::entries(tx, aim, NOW_S * 1_000))).unwrap();
        println!("evicted {}", step.entries);
        if step.entries == 0 {
            return;
        }
    }
}

#[test]
fn a_kill_in_the_middle_leaves_a_store_that_is_whole() {
    if let Some(path) = std::env::var_os(CHILD) {
        return evict_aloud(Path::new(&path));
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    let (store, gate) = on_disk(&path);
    let (mut followed, mut carried) = (Author::new(1), Author::new(2));
    let ids = [followed.persona, carried.persona];
    let setting_up = store.write(Durability::Normal, move |tx| {
        crate::sync::adopt(tx, &ids)?;
        let followed = ids.first();
        tx.execute("DELETE FROM carry WHERE author_row = (SELECT row FROM author WHERE id = ?1)", [followed])?;
        tx.execute("UPDATE author SET followed = 1 WHERE id = ?1", [followed])?;
        Ok(())
    });
    wait(setting_up).unwrap();
    wait(gate.submit(Origin::Peer(1, crate::id::NodeId::from_bytes([1; 32])), followed.posts(100))).unwrap();
    wait(gate.submit(Origin::Peer(1, crate::id::NodeId::from_bytes([1; 32])), carried.posts(10_000))).unwrap();
    store.close();
    let name = "storage::tests::a_kill_in_the_middle_leaves_a_store_that_is_whole";
    for lines in [1, 2] {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(CHILD, &path)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let told = out.lines().map_while(Result::ok).filter(|line| line.contains("evicted ")).take(lines).count();
        assert_eq!(told, lines);
        child.kill().unwrap();
        child.wait().unwrap();
        let (store, _) = on_disk(&path);
        let (left, followed) = wait(store.read(|db| {
            whole(db)?;
            let verdict: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
            assert_eq!(verdict, "ok");
            let of = |followed: bool| {
                let sql = "SELECT sum(entries) FROM usage JOIN author ON author.row = author_row
                           WHERE bucket = 0 AND followed = ?1";
                db.query_row(sql, [followed], |row| row.get(0))
            };
            Ok((of(false)?, of(true)?))
        }))
        .unwrap();
        let (left, followed): (i64, i64) = (left, followed);
        assert!((1..10_003).contains(&left), "{left}");
        assert_eq!(followed, 103);
        store.close();
    }
    evict_aloud(&path);
    let (store, _) = on_disk(&path);
    let (entries, pages, free): (i64, i64, i64) = wait(store.write(Durability::Normal, |tx| {
        whole(tx)?;
        while evict::free_pages(tx)? {}
        let number = |sql: &str| tx.query_row(sql, [], |row| row.get(0));
        Ok((number("SELECT count(*) FROM entry")?, number("PRAGMA page_count")?, number("PRAGMA freelist_count")?))
    }))
    .unwrap();
    assert_eq!(entries, 103);
    assert!(free < limits::FREE_PAGES && pages < limits::FREE_PAGES + 200, "{pages} pages, {free} free");
    store.close();
}
