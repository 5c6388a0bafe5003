//! Circles against what peers can send, against copies of oneself, and for devices that come later.

use super::*;
use crate::author::row as author_row;
use crate::circle;
use crate::crypto::{Envelope, EpochKey, Purpose, Slots};
use crate::entry::{DeviceKeysBody, Enclosed, Grant, Member, SealedBody};
use crate::gate::{Granted, Notes};
use crate::id::CircleId;
use crate::limits::{self, DAY_S};
use crate::store::Durability;

pub(super) const CIRCLE: CircleId = CircleId::from_bytes([0xc1; 32]);
pub(super) const DAY: u64 = NOW_S - NOW_S % DAY_S;

pub(super) fn key() -> EpochKey {
    EpochKey::from_bytes([0x4e; 32])
}

/// Takes a grant in, as if a session had brought it; answers how many entries it opened.
pub(super) fn grant(store: &Store, to: PersonaId, from: PersonaId, grant: &Grant) -> usize {
    let grant = grant.clone();
    now(store.write(Durability::Normal, move |tx| {
        let (own_row, from_row) = (author_row(tx, to)?, author_row(tx, from)?);
        let mut notes = Notes::default();
        let now_ms = i64::try_from(NOW_S * 1_000).unwrap();
        let mut desk = circle::Desk { tx, entropy: &SystemEntropy, now_ms, at_once: false, notes: &mut notes };
        let opened = || -> crate::error::Result<usize> {
            Ok(tx.query_row("SELECT count(*) FROM opened", [], |row| row.get(0))?)
        };
        circle::take(&mut desk, &Granted { own_row, from_row, from, grant })?;
        let before = opened()?;
        while let Some(step) = circle::next(tx)? {
            let circle::Step::Posts(key, rows) = step else { continue };
            rows.into_iter().try_for_each(|row| circle::open_with(tx, row, &key).map(drop))?;
        }
        Ok(opened()? - before)
    }))
    .unwrap()
}

pub(super) fn friends(name: &str) -> Grant {
    let (name, epoch) = (name.to_owned(), [0xe1; 16]);
    Grant { circle: CIRCLE, kind: 0, name, counter: 1, epoch, key: key(), members: Vec::new(), owner: None }
}

/// A node whose persona follows Alice and was given the key of her circle.
pub(super) fn member(alice: &mut Alice) -> Bob {
    let bob = Bob::following(alice);
    let persona = now(bob.node.personas()).unwrap()[0].id;
    bob.take(alice.statements());
    bob.take([alice.entry(
        Kind::LogOpen,
        DAY,
        Vec::new(),
        LogOpenBody { scope: Scope::Sealed, prior_heads: Vec::new() }.encode([3; 16]),
    )]);
    grant(&bob.store, persona, alice.persona, &friends("Friends"));
    bob
}

pub(super) type Change = fn(&mut Header, &mut SealedBody, &mut [u8; 16]);

impl Alice {
    /// A post to her circle at her next place, changed after it was sealed and signed by her then.
    pub(super) fn sealed(&mut self, text: &str, change: Change) -> Unverified<Entry> {
        let mut header = Header::log_entry(self.next, Kind::Sealed, DAY, Vec::new());
        let body = PostBody { text: text.to_owned(), ..PostBody::default() }.encode([4; 16]).into();
        let content = Enclosed { time: NOW_S, body, comment: None }.encode();
        let mut salt = [5; 16];
        let outside = header.outside(Purpose::Post, 0, u16::MAX);
        let slot = (key().tag(&outside, &salt), key().slot_key(&outside, &salt));
        let envelope = Envelope::seal(&content, &[slot], &outside, &SystemEntropy).unwrap();
        let expires_day = u16::MAX;
        let mut body =
            SealedBody { route: 0, proof: None, expires_day, envelope, blobs: Vec::new(), work: 0, comment_key: None };
        change(&mut header, &mut body, &mut salt);
        let entry = sign(&self.device, header, body.encode(salt));
        self.next = Place::after(&entry.0.header);
        entry
    }
}

#[test]
fn a_circle_post_with_any_field_changed_stays_closed() {
    let changes: [(&str, Change); 9] = [
        ("log", |header, _, _| header.log += 1),
        ("seq", |header, _, _| header.seq += 1),
        ("day", |header, _, _| header.time -= DAY_S),
        ("an edit of something", |header, _, _| header.refs = vec![EntryId::from_bytes([9; 32])]),
        ("expiry", |_, body, _| body.expires_day -= 1),
        ("ciphertext", |_, body, _| body.envelope.ciphertext[700] ^= 1),
        ("tags", |_, body, _| slots(body, 0)),
        ("keys in the slots", |_, body, _| slots(body, 20)),
        ("salt", |_, _, salt| salt[0] ^= 1),
    ];
    let mut alice = Alice::new(1);
    let bob = member(&mut alice);
    bob.take([alice.sealed("as it was", |_, _, _| ())]);
    assert_eq!(bob.feed(), ["as it was"]);
    for (what, change) in changes {
        let mut alice = Alice::new(1);
        let bob = member(&mut alice);
        let entry = alice.sealed("changed", change);
        let id = entry.0.id();
        let outcome = bob.take([entry]);
        assert_eq!(bob.feed(), [""; 0], "{what}");
        assert_eq!(bob.number::<i64>("SELECT count(*) FROM opened"), 0, "{what}");
        let shown = now(bob.node.show(id));
        assert!(shown.is_err(), "{what}: {shown:?} {outcome:?}");
    }
    // By anybody else than its author nothing can be changed at all.
    let mut alice = Alice::new(1);
    let bob = member(&mut alice);
    let entry = alice.sealed("one", |_, _, _| ());
    for at in 0..entry.0.body.as_ref().unwrap().len() {
        let mut changed = entry.clone();
        changed.0.body.as_mut().unwrap()[at] ^= 1 << (at % 8);
        assert_eq!(bob.take([changed]).refused.len(), 1, "byte {at}");
    }
}

fn slots(body: &mut SealedBody, at: usize) {
    let Slots::Session(slots) = &mut body.envelope.slots else { panic!("session slots") };
    slots.iter_mut().for_each(|slot| slot[at] ^= 1);
}

#[test]
fn another_author_s_key_and_another_key_open_nothing() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    let persona = now(bob.node.personas()).unwrap()[0].id;
    let carol = PersonaId::from_bytes([7; 32]);
    // The right key, but it is Carol who gave it: what Alice writes is not hers to open.
    grant(&bob.store, persona, carol, &friends("Carol's"));
    grant(&bob.store, persona, alice.persona, &Grant { key: EpochKey::from_bytes([1; 32]), ..friends("Friends") });
    bob.take(alice.statements());
    let open = LogOpenBody { scope: Scope::Sealed, prior_heads: Vec::new() }.encode([3; 16]);
    bob.take([alice.entry(Kind::LogOpen, DAY, Vec::new(), open)]);
    bob.take([alice.sealed("hush", |_, _, _| ())]);
    assert_eq!(bob.feed(), [""; 0]);
    // Of a circle in which members post too: that comes later.
    assert_eq!(grant(&bob.store, persona, alice.persona, &Grant { kind: 1, epoch: [2; 16], ..friends("Group") }), 0);
    assert_eq!(grant(&bob.store, persona, alice.persona, &Grant { epoch: [3; 16], ..friends("Friends") }), 1);
}

#[test]
fn sealed_edits_that_come_before_their_post_count_once_it_is_open() {
    let mut alice = Alice::new(1);
    let bob = member(&mut alice);
    let keyless = Bob::following(&alice);
    keyless.take(alice.statements());
    let post = alice.sealed("first", |_, _, _| ());
    let header = Header::log_entry(alice.next, Kind::Sealed, DAY, vec![post.0.id()]);
    let body = EditBody { post: PostBody { text: "second".to_owned(), ..PostBody::default() }, counter: 1 };
    let outside = header.outside(Purpose::Post, 0, u16::MAX);
    let slot = (key().tag(&outside, &[6; 16]), key().slot_key(&outside, &[6; 16]));
    let content = Enclosed { time: NOW_S, body: body.encode([4; 16]).into(), comment: None }.encode();
    let envelope = Envelope::seal(&content, &[slot], &outside, &SystemEntropy).unwrap();
    let expires_day = u16::MAX;
    let body =
        SealedBody { route: 0, proof: None, expires_day, envelope, blobs: Vec::new(), work: 0, comment_key: None };
    let edit = sign(&alice.device, header, body.encode([6; 16]));
    for node in [&bob, &keyless] {
        node.take([edit.clone()]);
        assert_eq!(node.number::<i64>("SELECT count(*) FROM opened"), 0, "an edit is for who can read the post");
        node.take([post.clone()]);
    }
    assert_eq!(bob.feed(), ["second"]);
    assert_eq!(keyless.feed(), [""; 0]);
    let persona = now(keyless.node.personas()).unwrap()[0].id;
    assert_eq!(grant(&keyless.store, persona, alice.persona, &friends("Friends")), 2);
}

#[test]
fn devices_that_come_later_are_given_the_key_and_those_of_a_removed_member_are_not() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    let circle = now(bob.node.create_circle(None, "Friends")).unwrap();
    now(bob.node.add_to_circle(None, circle, alice.persona)).unwrap();
    let waiting = || bob.number::<i64>("SELECT count(*) FROM outbox WHERE device IS NOT NULL");
    assert_eq!(waiting(), 0, "no device of hers is known");
    let keys = |counter| {
        DeviceKeysBody { intro: [1; 32], identity: [2; 32], fallback: [3; 32], route: 7, counter }.encode([8; 16])
    };
    bob.take([alice.log_open(Scope::Posts, Vec::new())]);
    bob.take([alice.entry(Kind::DeviceKeys, NOW_S, Vec::new(), keys(1))]);
    assert_eq!(waiting(), 1);
    bob.take([alice.entry(Kind::DeviceKeys, NOW_S, Vec::new(), keys(2))]);
    assert_eq!(waiting(), 1, "it has the key");
    let second = |seed: u8| {
        let mut later = Alice { device: SigningKey::from_bytes(&[seed; 32]), ..Alice::new(1) };
        later.next = Place::first(later.persona, public(&later.device), 77);
        bob.take(later.statements());
        bob.take([later.log_open(Scope::Posts, Vec::new())]);
        bob.take([later.entry(Kind::DeviceKeys, NOW_S, Vec::new(), keys(1))]);
    };
    second(0x61);
    assert_eq!(waiting(), 2);
    // A key of the next epoch goes to both; the first one was not sent yet, and goes all the same.
    now(bob.node.post(PostDraft { text: "x".to_owned(), circles: vec![circle], ..PostDraft::default() })).unwrap();
    let carol = now(bob.store.write(Durability::Normal, |tx| author_row(tx, PersonaId::from_bytes([7; 32])))).unwrap();
    assert!(carol > 0);
    now(bob.node.add_to_circle(None, circle, PersonaId::from_bytes([7; 32]))).unwrap();
    assert_eq!(waiting(), 4);
    now(bob.node.remove_from_circle(None, circle, alice.persona)).unwrap();
    assert_eq!(waiting(), 0, "what had not left is taken back");
    second(0x62);
    assert_eq!(waiting(), 0);
    assert!(now(bob.node.remove_from_circle(None, circle, alice.persona)).is_err());
}

/// What one copy tells the other of its circle: the latest key, and all that it knows of the members.
fn told(store: &Store) -> Grant {
    now(store.read(|db| {
        let mut statement = db.prepare(
            "SELECT author.id, present, counter FROM circle_member JOIN author ON author.row = author_row ORDER BY author.id",
        )?;
        let members = statement
            .query_map([], |row| Ok(Member { persona: row.get(0)?, present: row.get(1)?, admin: false, counter: row.get(2)? }))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let sql = "SELECT circle.id, name, epoch.counter, epoch.id, key FROM epoch JOIN circle ON circle.row = circle_row
                   ORDER BY counter DESC, epoch.id LIMIT 1";
        Ok(db.query_row(sql, [], |row| {
            let key = EpochKey::from_bytes(row.get(4)?);
            let (circle, name, counter, epoch) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok(Grant { circle, kind: 0, name, counter, epoch, key, members, owner: None })
        })?)
    }))
    .unwrap()
}

/// The key that a copy seals with: that of its next post.
fn sealed_with(bob: &Bob, circle: CircleId) -> Vec<u8> {
    now(bob.store.write(Durability::Normal, |tx| Ok(tx.execute("UPDATE epoch SET used = 0", [])?))).unwrap();
    now(bob.node.post(PostDraft { text: "x".to_owned(), circles: vec![circle], ..PostDraft::default() })).unwrap();
    bob.number("SELECT key FROM epoch WHERE used = 1")
}

#[test]
fn two_copies_that_changed_a_circle_agree_and_seal_with_a_key_that_nobody_has_who_is_out() {
    let bob = Bob::new();
    let persona = now(bob.node.create_persona("Bob")).unwrap();
    let circle = now(bob.node.create_circle(None, "Friends")).unwrap();
    let [carol, dave, erin, fred] = [1, 2, 3, 4].map(|seed| PersonaId::from_bytes([seed; 32]));
    now(bob.store.write(Durability::Normal, move |tx| {
        [carol, dave, erin, fred].into_iter().try_for_each(|persona| author_row(tx, persona).map(drop))
    }))
    .unwrap();
    for persona in [carol, dave, erin] {
        now(bob.node.add_to_circle(None, circle, persona)).unwrap();
    }
    let store = bob.store.copy().unwrap();
    let (keystore, clock) = (Arc::clone(&bob.keystore), Arc::clone(&bob.clock));
    let other = Bob { node: simulated(&store, &keystore, &clock), store, keystore, clock };
    // One takes Carol out; the other takes Dave out, adds Fred, and takes Erin out and in again.
    now(bob.node.remove_from_circle(None, circle, carol)).unwrap();
    now(other.node.remove_from_circle(None, circle, dave)).unwrap();
    now(other.node.add_to_circle(None, circle, fred)).unwrap();
    now(other.node.remove_from_circle(None, circle, erin)).unwrap();
    now(other.node.add_to_circle(None, circle, erin)).unwrap();
    for _ in 0..3 {
        let (one, two) = (told(&bob.store), told(&other.store));
        grant(&bob.store, persona, persona, &two);
        grant(&other.store, persona, persona, &one);
    }
    for copy in [&bob, &other] {
        let mut members = now(copy.node.circles(None)).unwrap().remove(0).members;
        members.sort();
        assert_eq!(members, [erin, fred]);
    }
    let (one, two) = (sealed_with(&bob, circle), sealed_with(&other, circle));
    assert_eq!(one, two, "both seal with one key");
    for copy in [&bob, &other] {
        let given = "SELECT count(*) FROM epoch_grant JOIN epoch ON epoch.row = epoch_row AND used = 1
                     JOIN circle_member AS m ON m.author_row = epoch_grant.author_row WHERE m.present = 0";
        assert_eq!(copy.number::<i64>(given), 0, "somebody who is out has it");
    }
    // Opposite changes of one member at equal counters: who was taken out stays out.
    now(bob.node.remove_from_circle(None, circle, fred)).unwrap();
    let (one, two) = (told(&bob.store), told(&other.store));
    let back = |grant: Grant| {
        let members = grant.members.iter().map(|member| match member.persona == fred {
            true => Member { present: true, counter: 2 * (limits::COUNTER_STEP.cast_unsigned() + 1), ..*member },
            false => *member,
        });
        Grant { members: members.collect(), ..grant }
    };
    grant(&bob.store, persona, persona, &back(two));
    assert_eq!(now(bob.node.circles(None)).unwrap()[0].members, [erin]);
    grant(&other.store, persona, persona, &one);
    assert_eq!(now(other.node.circles(None)).unwrap()[0].members, [erin]);
}
