//! Floods of mail and of the files that it names, as a node keeps them that many peers bring something to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use futures_util::FutureExt;

use super::*;
use crate::clock::ManualClock;
use crate::crypto::{Envelope, Slots, Tag};
use crate::entry::{Entry, Header, SealedBody, Unverified, sign};
use crate::gate::{Asked, Origin, Outcome, Told};
use crate::host::{MemoryKeystore, SystemEntropy};
use crate::id::{BlobHash, DeviceKey};
use crate::node::Node;
use crate::storage::QUOTA;
use crate::store::{Durability, Store};

const DAY: u32 = 20_000;
const MIB: u64 = 1024 * 1024;

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a simulated node answers at once")
}

fn node(n: u8) -> NodeId {
    NodeId::from_bytes([n; 32])
}

/// The node under test, which keeps 64 MiB: 8 of mail, and 8 of its files.
struct Bob {
    node: Node,
    store: Store,
}

impl Bob {
    fn new() -> Self {
        let store = Store::in_memory().unwrap();
        let clock = Arc::new(ManualClock::at_ms(u64::from(DAY) * limits::DAY_S * 1_000 + 1_000));
        let keystore = Arc::new(MemoryKeystore::default());
        let node = Node::simulated(false, store.clone(), keystore, clock, Arc::new(SystemEntropy)).unwrap();
        now(node.create_persona("Bob")).unwrap();
        now(node.set_quota(Some(limits::QUOTA_LEAST.cast_unsigned()))).unwrap();
        let bob = Self { node, store };
        assert_eq!(bob.number(&format!("SELECT value + 0 FROM local WHERE key = '{QUOTA}'")), limits::QUOTA_LEAST);
        bob
    }

    fn number(&self, sql: &str) -> i64 {
        let sql = sql.to_owned();
        now(self.store.read(move |db| Ok(db.query_row(&sql, [], |row| row.get(0))?))).unwrap()
    }

    fn take(&self, by: u8, letter: Unverified<Entry>) -> Outcome {
        now(self.node.gate().unwrap().submit(Origin::Peer(u64::from(by), node(by)), vec![letter])).unwrap()
    }

    /// Whether mail is taken in.
    fn takes(&self, by: u8, letter: Unverified<Entry>) -> bool {
        let outcome = self.take(by, letter);
        assert!(outcome.refused.iter().all(|(_, error)| *error == EntryError::MailFull), "{:?}", outcome.refused);
        outcome.refused.is_empty()
    }

    /// How many of these are promised to a client.
    fn promised(&self, client: u8, ids: &[EntryId]) -> usize {
        let asked = Asked::Receipts { client: node(client), open: true, ids: ids.to_vec() };
        let told = now(self.node.gate().unwrap().helper(asked)).unwrap();
        self.whole();
        if let Told::Receipts(receipts) = told { receipts.len() } else { 0 }
    }

    /// Those of these that nobody was promised.
    fn unpromised<'a>(&self, ids: impl Iterator<Item = &'a EntryId>) -> Vec<EntryId> {
        let sql = |id: &EntryId| format!("SELECT promised FROM mail JOIN entry ON row = entry_row WHERE id = x'{id}'");
        ids.copied().filter(|id| self.has(*id) && self.number(&sql(id)) == 0).collect()
    }

    /// Lets a client in, as a token does.
    fn lets_in(&self, client: u8) {
        let sql = "INSERT INTO mailbox_client (node, week, since_ms) VALUES (?1, 1, 1)";
        now(self.store.write(Durability::Full, move |tx| Ok(tx.execute(sql, [node(client)])?))).unwrap();
    }

    fn has(&self, id: EntryId) -> bool {
        self.number(&format!("SELECT count(*) FROM mail JOIN entry ON row = entry_row WHERE id = x'{id}'")) == 1
    }

    /// Whether files of this entry are taken in.
    fn takes_files(&self, id: EntryId) -> bool {
        self.number(&format!("SELECT files > 0 FROM mail JOIN entry ON row = entry_row WHERE id = x'{id}'")) == 1
    }

    fn brings_files(&self, by: u8, sizes: &[u64]) -> EntryId {
        let letter = letter(0, sizes);
        let id = letter.0.id();
        assert!(self.takes(by, letter));
        self.whole();
        id
    }

    /// What is counted is what is there, and within the share.
    fn whole(&self) {
        let count = |sql| assert_eq!(self.number(sql), 0, "{sql}");
        count("SELECT (SELECT files FROM mail_sum) - coalesce(sum(files), 0) FROM mail");
        count("SELECT (SELECT promised FROM mail_sum) - coalesce(sum(bytes), 0) FROM mail WHERE promised = 1");
        count("SELECT (SELECT coalesce(sum(bytes), 0) FROM mail_promised) - (SELECT promised FROM mail_sum)");
        count("SELECT (SELECT coalesce(sum(lasting), 0) FROM mail_promised) - (SELECT lasting FROM mail_sum)");
        count(
            "SELECT (SELECT lasting FROM mail_sum) - coalesce(sum(bytes), 0) FROM mail WHERE promised = 1 AND lot = 2",
        );
        count("SELECT (SELECT open FROM mail_sum) - coalesce(sum(bytes), 0) FROM mail WHERE promised = 1 AND lot = 1");
        count(
            "SELECT count(*) FROM (SELECT coalesce(source, x'') AS node, sum(files) AS f, sum((source IS NOT NULL) * bytes) AS b
                FROM mail GROUP BY 1 HAVING f > 0 OR b > 0) AS m FULL JOIN mail_source AS s ON s.node = m.node
             WHERE m.f IS NOT s.files OR m.b IS NOT s.bytes",
        );
        count(
            "SELECT count(*) FROM blob_ref JOIN mail USING (entry_row) WHERE files = 0 AND hash IN (SELECT hash FROM blob WHERE wanted = 1)",
        );
        let share = limits::QUOTA_LEAST / limits::MAIL_PART;
        assert!(self.number("SELECT bytes FROM usage_class WHERE class = 1") <= share);
        let room = limits::QUOTA_LEAST / limits::MAIL_FILES_PART;
        assert!(self.number("SELECT files FROM mail_sum") <= room);
    }
}

/// Mail for nobody of one of the four size classes, which names files of these sizes.
fn letter(class: usize, files: &[u64]) -> Unverified<Entry> {
    lasting(class, files, 30)
}

/// The same that expires after so many days.
fn lasting(class: usize, files: &[u64], days: u16) -> Unverified<Entry> {
    let mut seed = [0; 32];
    crate::host::Entropy::fill(&SystemEntropy, &mut seed).unwrap();
    let key = SigningKey::from_bytes(&seed);
    let header = Header::one_time(DeviceKey::from(&key.verifying_key()), DAY, Vec::new());
    let tag: Tag = seed[..16].try_into().unwrap();
    let slot: [u8; 64] = [&tag[..], &[7; 48]].concat().try_into().unwrap();
    let blobs = files.iter().enumerate().map(|(n, size)| SealedBlob {
        hash: BlobHash::from_bytes(*blake3::hash(&[&seed[..], &n.to_le_bytes()].concat()).as_bytes()),
        padded_size: sealed_size(*size),
    });
    let ciphertext = vec![1; [1_024, 4_096, 16_384, 65_536][class]];
    let body = SealedBody {
        route: 1,
        proof: None,
        expires_day: u16::try_from(DAY).unwrap() + days,
        envelope: Envelope { slots: Slots::Session(vec![slot; 8]), ciphertext },
        blobs: blobs.collect(),
        work: 0,
        comment_key: None,
    };
    sign(&key, header, body.encode([5; 16]))
}

#[test]
fn who_claims_room_for_files_pushes_out_none_of_who_claimed_as_little() {
    let bob = Bob::new();
    let honest = [bob.brings_files(1, &[MIB]), bob.brings_files(2, &[2 * MIB, 40_000])];
    // One claims all there is, more than there is, and more than its part in small steps.
    let none = [bob.brings_files(3, &[7 * MIB]), bob.brings_files(3, &[60 * MIB; 32])];
    assert!(none.into_iter().all(|id| !bob.takes_files(id)));
    let mut claimed = 0;
    let greedy: Vec<EntryId> = (0..6).map(|_| bob.brings_files(3, &[MIB - 100_000])).collect();
    claimed += greedy.iter().filter(|id| bob.takes_files(**id)).count();
    assert!((3..=4).contains(&claimed), "{claimed}: half of the room at most");
    // A second of that kind finds no more than what is left.
    let second: Vec<EntryId> = (0..6).map(|_| bob.brings_files(4, &[MIB - 100_000])).collect();
    assert!(second.iter().filter(|id| bob.takes_files(**id)).count() <= 2);
    assert!(honest.iter().all(|id| bob.takes_files(*id)), "what came in honestly stays");
    // Who brings little still finds room: those who claimed the most give way, the newest first.
    let little = bob.brings_files(5, &[MIB]);
    assert!(bob.takes_files(little) && bob.takes_files(greedy[0]) && !greedy.iter().all(|id| bob.takes_files(*id)));
    let again: Vec<EntryId> = (6..20).map(|by| bob.brings_files(by, &[600_000])).collect();
    assert!(again.iter().filter(|id| bob.takes_files(**id)).count() >= 3);
    assert!(bob.takes_files(honest[0]) && bob.takes_files(little), "they brought less than twice as much");
}

#[test]
fn own_files_are_given_whatever_there_is_room_for_and_count() {
    let bob = Bob::new();
    let own = letter(0, &[12 * MIB]);
    let id = own.0.id();
    assert_eq!(now(bob.node.gate().unwrap().submit(Origin::Own, vec![own])).unwrap().refused, []);
    assert!(bob.takes_files(id));
    assert_eq!(bob.number("SELECT files FROM mail_source WHERE node = x''"), sealed_size(12 * MIB).cast_signed());
    // Where others need the room, it goes as what somebody else brought would go.
    let little = letter(0, &[MIB]);
    let other = little.0.id();
    assert!(bob.takes(1, little) && bob.takes_files(other) && !bob.takes_files(id));
    bob.whole();
}

/// Entries of 64 KiB, with what stands around them.
const LARGE: i64 = 67_000;

#[test]
fn many_who_bring_the_same_keep_nobody_out() {
    let bob = Bob::new();
    let share = limits::QUOTA_LEAST / limits::MAIL_PART;
    let each = usize::try_from(share / 8 / LARGE).unwrap();
    let mut flood = Vec::new();
    for _ in 0..each {
        for by in 1..=8 {
            let letter = letter(3, &[]);
            flood.push(letter.0.id());
            assert!(bob.takes(by, letter));
        }
    }
    // What is left of the share takes some more; then it is full, and nobody has more than another.
    while bob.number("SELECT bytes FROM usage_class WHERE class = 1") + LARGE <= share {
        assert!(bob.takes(9, letter(3, &[])));
    }
    bob.whole();
    let honest = letter(3, &[]);
    let id = honest.0.id();
    assert!(bob.takes(1, honest) && bob.has(id), "by one of them");
    assert!(!bob.has(flood[0]), "what came first by the same peer gave way");
    let newcomer = letter(3, &[]);
    let new = newcomer.0.id();
    assert!(bob.takes(200, newcomer) && bob.has(new), "and by somebody new");
    // What one peer brings anew never takes what another brought that has no more.
    let before = flood.iter().filter(|id| bob.has(**id)).count();
    for _ in 0..10 {
        assert!(bob.takes(1, letter(3, &[])));
    }
    let kept = flood.iter().enumerate().filter(|(n, _)| n % 8 != 0);
    assert!(kept.clone().filter(|(_, id)| bob.has(**id)).count() + 1 >= kept.count(), "of {before}");
    bob.whole();
}

#[test]
fn what_gave_way_does_not_come_again_while_it_is_full() {
    let bob = Bob::new();
    let share = limits::QUOTA_LEAST / limits::MAIL_PART;
    let first = letter(3, &[]);
    assert!(bob.takes(1, first.clone()));
    for n in 0_u8.. {
        if bob.number("SELECT bytes FROM usage_class WHERE class = 1") + LARGE > share {
            break;
        }
        assert!(bob.takes(1 + n % 8, letter(3, &[])));
    }
    while bob.has(first.0.id()) {
        assert!(bob.takes(1, letter(3, &[])));
    }
    assert!(!bob.takes(1, first.clone()), "it would push out what came after it");
    let sweep = |tx: &Transaction<'_>| {
        tx.execute("UPDATE mail SET expires_day = 0 WHERE source <> (SELECT min(source) FROM mail)", [])?;
        crate::apply::sweep(tx, i64::from(DAY) * 86_400).map(drop)
    };
    now(bob.store.write(Durability::Normal, sweep)).unwrap();
    assert!(bob.takes(1, first), "there is room again");
    bob.whole();
}

#[test]
fn one_client_never_uses_up_what_may_be_promised() {
    let bob = Bob::new();
    let share = limits::QUOTA_LEAST / limits::MAIL_PART;
    let mut all = Vec::new();
    for n in 0..60_u8 {
        let letter = letter(3, &[]);
        all.push(letter.0.id());
        assert!(bob.takes(n, letter));
    }
    let promised = |client: u8, ids: &[EntryId]| bob.promised(client, ids);
    // It brings back what others brought.
    let most = usize::try_from(share / limits::MAIL_SOURCE_PART / LARGE).unwrap();
    assert!((1..=most + 1).contains(&promised(100, &all)));
    let again = promised(100, &all);
    assert!(again <= most + 1, "told again, and not charged: {again}");
    let other = promised(101, &all[40..50]);
    assert_eq!(other, 10, "others are still promised");
    // Nobody is promised more than all together may be.
    let total: i64 = (102..120).map(|client| i64::try_from(promised(client, &all)).unwrap()).max().unwrap();
    assert!(total * LARGE <= share, "{total}");
    assert!(bob.number("SELECT promised FROM mail_sum") <= share - share / limits::MAIL_FREE_PART);
    assert!(bob.number("SELECT max(bytes) FROM mail_promised") <= share / limits::MAIL_SOURCE_PART, "each its part");
    assert!(bob.number("SELECT count(*) FROM mail_promised") >= 3);
}

#[test]
fn what_strangers_have_kept_for_months_has_a_small_share_of_its_own() {
    let bob = Bob::new();
    let share = limits::QUOTA_LEAST / limits::MAIL_PART;
    let room = share / limits::MAIL_LASTING_PART;
    let bring = |count: u8, days: u16| {
        let taken = (0..count).map(|by| {
            let letter = lasting(3, &[], days);
            let id = letter.0.id();
            assert!(bob.takes(by, letter));
            id
        });
        taken.collect::<Vec<EntryId>>()
    };
    // One asks for months for all that it brings.
    let backups = bring(24, 180);
    let most = usize::try_from(room / limits::MAIL_SOURCE_PART / LARGE).unwrap();
    assert!((1..=most + 1).contains(&bob.promised(100, &backups)), "to each little");
    // Very many do.
    let all: usize = (101..120).map(|client| bob.promised(client, &backups)).sum();
    assert!(all > 0);
    let lasting = bob.number("SELECT lasting FROM mail_sum");
    assert!(lasting > room / 2 && lasting <= room, "{lasting} of {room}");
    assert_eq!(bob.number("SELECT promised FROM mail_sum"), lasting, "and of nothing else");
    // Messages are promised all the same, up to their part, and so is what comes from who was let in.
    let letters = bring(70, 30);
    let all: usize = (120..140).map(|client| bob.promised(client, &letters)).sum();
    assert!(all > 0);
    let open = bob.number("SELECT open FROM mail_sum");
    assert!(open > share / limits::MAIL_OPEN_PART - 2 * LARGE && open <= share / limits::MAIL_OPEN_PART, "{open}");
    let left: Vec<EntryId> = bob.unpromised(backups.iter().chain(&letters));
    assert!(left.len() >= 12);
    assert_eq!(bob.promised(200, &left), 0, "nothing is left for who shows no token");
    bob.lets_in(200);
    assert_eq!(bob.promised(200, &left[..3]), 3, "of either kind");
    // What stays longest is there when messages have gone.
    let sweep = |tx: &Transaction<'_>| crate::apply::sweep(tx, i64::from(DAY + 40) * 86_400).map(drop);
    now(bob.store.write(Durability::Normal, sweep)).unwrap();
    bob.whole();
    assert!(bob.number("SELECT lasting FROM mail_sum") == lasting && bob.number("SELECT open FROM mail_sum") == 0);
}

#[test]
fn a_message_of_whose_clock_is_a_day_ahead_is_none_that_lasts() {
    let now_s = i64::from(DAY) * 86_400;
    let day = u16::try_from(DAY).unwrap();
    assert!(!mail::lasts(day + 31, now_s) && mail::lasts(day + 32, now_s) && mail::lasts(day + 180, now_s));
}
