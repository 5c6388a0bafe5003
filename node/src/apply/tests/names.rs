//! Names that sealed content told: nothing that peers can see depends on them.

use super::*;
use crate::author;
use crate::entry::{BlobRef, DeviceKeysBody, ProfileBody, Verified, verify_batch};
use crate::id::BlobHash;
use crate::store::Durability;
use crate::{met, sync, thread};

fn checked(entries: Vec<Unverified<Entry>>) -> Vec<Verified<Entry>> {
    verify_batch(entries).into_iter().map(Result::unwrap).collect()
}

/// All that a first message of hers brings: with a picture.
fn introduction(alice: &mut Alice, counter: u64) -> Vec<Unverified<Entry>> {
    let mut entries = alice.statements();
    let keys = DeviceKeysBody { intro: [1; 32], identity: [2; 32], fallback: [3; 32], route: 7, counter };
    entries.push(alice.log_open(Scope::Posts, Vec::new()));
    entries.push(alice.entry(Kind::DeviceKeys, NOW_S, Vec::new(), keys.encode([8; 16])));
    let picture = BlobRef {
        hash: BlobHash::from_bytes([5; 32]),
        key: None,
        size: 1_000,
        mime: "image/png".to_owned(),
        width: 1,
        height: 1,
        blurhash: None,
        alt: None,
        thumb: None,
        name: None,
    };
    let profile = ProfileBody {
        name: "Alice".to_owned(),
        picture: Some(picture),
        counter,
        listed: true,
        ..ProfileBody::default()
    };
    entries.push(alice.entry(Kind::Profile, NOW_S, Vec::new(), profile.encode([9; 16])));
    entries
}

fn meet(bob: &Bob, alice: &Alice, statements: Vec<Unverified<Entry>>) -> Option<met::Met> {
    let (persona, device, statements) = (alice.persona, public(&alice.device), checked(statements));
    now(bob.store.write(Durability::Normal, move |tx| met::meet(tx, persona, device, &statements))).unwrap()
}

fn is_private(bob: &Bob, persona: PersonaId) -> bool {
    now(bob
        .store
        .read(move |db| Ok(db.query_row("SELECT private FROM author WHERE id = ?1", [persona], |row| row.get(0))?)))
    .unwrap()
}

#[test]
fn what_a_first_message_introduces_is_no_entry_and_shows_nowhere() {
    let mut alice = Alice::new(1);
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let tables = ["entry", "log", "device_cert", "device_keys", "blob", "blob_ref"];
    let rows = || {
        let counts = tables.map(|table| format!("(SELECT count(*) FROM {table})")).join(" + ");
        now(bob.store.read(move |db| Ok(db.query_row(&format!("SELECT {counts}"), [], |row| row.get::<_, i64>(0))?)))
            .unwrap()
    };
    let before = rows();
    let said = introduction(&mut alice, 1);
    let first = meet(&bob, &alice, said.clone()).unwrap();
    assert!(first.keys && first.renamed);
    let again = meet(&bob, &alice, said.clone()).unwrap();
    assert!(!again.keys && !again.renamed, "it is known");
    assert_eq!(rows(), before, "nothing of it is an entry, and its picture is not asked for");
    assert!(is_private(&bob, alice.persona));
    let profile = now(bob.node.profile(alice.persona)).unwrap();
    assert_eq!((profile.name.as_str(), profile.picture), ("Alice", None), "people see who wrote");
    assert!(now(bob.node.safety(None, alice.persona)).is_ok(), "keys can be compared");
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM reachable"), 1, "she can be written to");
    // A look at her asks nobody for her.
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM carry"), 0);

    // Whoever tries with something of hers whether her certificate is known learns what they learn anywhere.
    let reaction = ReactionBody { emoji: "👍".to_owned() }.encode([4; 16]);
    let reaction = alice.entry(Kind::Reaction, NOW_S, vec![EntryId::from_bytes([3; 32])], reaction);
    assert_eq!(refusals(&bob.take([reaction])), [EntryError::Uncertified]);
    assert!(is_private(&bob, alice.persona), "a question is no answer");

    // In the open she comes as if nothing were known of her, and is known to others from then on.
    let taken = bob.take(said);
    assert_eq!((taken.applied.len(), taken.refused.len()), (5, 0));
    assert!(!is_private(&bob, alice.persona));
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM blob_ref"), 1);
}

#[test]
fn newer_keys_are_written_to_wherever_they_came_from() {
    let mut alice = Alice::new(1);
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let mut old = Alice::new(1);
    bob.take(introduction(&mut old, 2));
    let first = introduction(&mut alice, 1);
    assert!(meet(&bob, &alice, first).unwrap().keys, "the first of these");
    let counted = "SELECT max(counter) FROM (SELECT counter FROM device_keys UNION ALL SELECT counter FROM met)";
    assert_eq!(bob.number::<i64>(counted), 2);
    let mut newer = Alice::new(1);
    assert!(meet(&bob, &alice, introduction(&mut newer, 3)).unwrap().keys);
    let mut older = Alice::new(1);
    assert!(!meet(&bob, &alice, introduction(&mut older, 2)).unwrap().keys, "an older first message comes late");
    assert_eq!(bob.number::<i64>("SELECT counter FROM met"), 3);
}

#[test]
fn a_name_becomes_public_by_what_is_public_and_goes_back_when_that_goes() {
    let bob = Bob::new();
    let own = now(bob.node.create_persona("Bob")).unwrap();
    let of = |number: u8| PersonaId::from_bytes([number; 32]);
    now(bob.store.write(Durability::Normal, move |tx| {
        for number in 1..=5 {
            author::private_row(tx, of(number))?;
        }
        Ok(())
    }))
    .unwrap();
    assert!((1..=5).all(|number| is_private(&bob, of(number))));
    now(bob.node.follow(None, &of(1).to_string())).unwrap();
    now(bob.store.write(Durability::Normal, move |tx| {
        sync::adopt(tx, &[of(2)])?;
        sync::learn(tx, &[of(3)])?;
        author::row(tx, of(4)).map(drop)
    }))
    .unwrap();
    assert_eq!([1, 2, 3, 4, 5].map(|number| is_private(&bob, of(number))), [false, false, false, false, true]);
    // Somebody whom a conversation names, and of whom nothing in the open is kept any more.
    now(bob.node.dm(Some(own), vec![of(3)], thread::MessageDraft { text: "hello".to_owned(), ..Default::default() }))
        .unwrap();
    now(bob.store.write(Durability::Normal, move |tx| {
        for number in [3, 4] {
            let row = author::private_row(tx, of(number))?;
            sync::unlearn(tx, row)?;
        }
        Ok(())
    }))
    .unwrap();
    assert!(is_private(&bob, of(3)));
    let known = now(bob.store.read(move |db| {
        Ok(db.query_row("SELECT count(*) FROM author WHERE id = ?1", [of(4)], |row| row.get::<_, i64>(0))?)
    }));
    assert_eq!(known.unwrap(), 0, "nothing names this one");
    // A look at somebody who is known from sealed content alone asks no peer.
    now(bob.node.visit(of(5))).unwrap();
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM carry WHERE own_ms > 0"), 0);
    now(bob.node.visit(of(2))).unwrap();
}

#[test]
fn a_name_of_somebody_else_is_shown_as_one_plain_line() {
    let mut mallory = Alice::new(1);
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let called = |name: &str, counter| ProfileBody { name: name.to_owned(), counter, ..ProfileBody::default() };
    let mut said = mallory.statements();
    said.push(mallory.log_open(Scope::Posts, Vec::new()));
    let turned = called("Al\u{202e}i\u{200b}ce\u{2069}\n\u{3164} Liddell", 1);
    said.push(mallory.entry(Kind::Profile, NOW_S, Vec::new(), turned.encode([9; 16])));
    assert!(meet(&bob, &mallory, said.clone()).is_some());
    let named_first = now(bob.node.profile(mallory.persona)).unwrap().name;
    assert_eq!(named_first, "Alice Liddell", "as a first message tells it");
    bob.take(said);
    let blank = called("\u{3164}\u{200b}", 2);
    let blank = mallory.entry(Kind::Profile, NOW_S, Vec::new(), blank.encode([9; 16]));
    assert_eq!(now(bob.node.profile(mallory.persona)).unwrap().name, "Alice Liddell", "as a profile tells it");
    bob.take([blank]);
    assert_eq!(now(bob.node.profile(mallory.persona)).unwrap().name, "", "a name that can't be seen is none");

    // Nor does anybody give themselves another one.
    let edit = |name: &str| crate::node::ProfileEdit { name: Some(name.to_owned()), ..Default::default() };
    now(bob.node.edit_profile(None, edit("B\u{202e}o\u{200b}b"))).unwrap();
    assert_eq!(now(bob.node.personas()).unwrap()[0].name, "Bob");
    assert!(matches!(
        now(bob.node.edit_profile(None, edit("\u{3164}\u{200b}"))),
        Err(crate::error::Error::BadInput(_))
    ));
}
