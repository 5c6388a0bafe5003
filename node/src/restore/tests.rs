#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use ed25519_dalek::SigningKey;
use futures_util::FutureExt;

use super::*;
use crate::crypto::recovery_key;
use crate::device;
use crate::entry::{DeviceCertBody, Entry, Header, Kind, RootRotateBody, Unverified, sign};
use crate::id::DeviceKey;
use crate::limits;
use crate::node::PostDraft;

fn now<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    work.now_or_never().unwrap()
}

/// All that others have of a node: mail, and what its personas say in the open.
fn carried(from: &Node, to: &Node) {
    let read = from.inner().store.read(|db| {
        let mut statement = db.prepare("SELECT entry_row FROM mail")?;
        let rows: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        rows.into_iter().map(|row| Ok(mail::read(db, row)?.0)).collect::<Result<Vec<Entry>>>()
    });
    let mail: Vec<Unverified<Entry>> = now(read).unwrap().into_iter().map(Unverified).collect();
    now(to.gate().unwrap().submit(Origin::Own, mail)).unwrap();
}

fn keys_of(node: &Node, persona: PersonaId) -> [u8; 32] {
    node.inner().keyring().get(persona).unwrap().device.verifying_key().to_bytes()
}

fn keys(node: &Node, persona: PersonaId) -> [u8; 32] {
    node.inner().keyring().get(persona).unwrap().device.to_bytes()
}

#[test]
fn all_personas_of_the_words_come_back_with_what_they_had_and_fresh_keys() {
    let (alice, new) = (Node::alone().unwrap(), Node::alone().unwrap());
    let first = now(alice.create_persona("Alice")).unwrap();
    let work = now(alice.create_persona("Work")).unwrap();
    now(alice.follow(Some(work), &PersonaId::from_bytes([5; 32]).to_string())).unwrap();
    let list = now(alice.create_list("Close")).unwrap();
    now(alice.add_to_list(list, PersonaId::from_bytes([5; 32]))).unwrap();
    now(alice.create_circle(Some(first), "Friends")).unwrap();
    now(alice.post(PostDraft { text: "before".to_owned(), ..PostDraft::default() })).unwrap();
    now(alice.back_up()).unwrap();
    carried(&alice, &new);
    let phrase = alice.phrase().unwrap();
    assert_eq!(now(new.seek(&phrase, &[])).unwrap().len(), 2, "both are looked for");
    let back = now(new.take_back(&phrase, &[], &Others::OutBut(Vec::new()))).unwrap();
    let names: Vec<&str> = back.personas.iter().map(|persona| persona.name.as_str()).collect();
    assert_eq!(names, ["Alice", "Work"]);
    assert_eq!((back.follows, back.lists, back.circles, back.devices_out), (1, 1, 1, 1));
    assert_eq!(back.backup_ms, Some(1_800_000_000_000));
    assert!(back.missing.contains(&Missing::Messages) && !back.missing.contains(&Missing::Backup));
    for persona in [first, work] {
        assert_ne!(keys(&alice, persona), keys(&new, persona), "no key is used by two (invariant 13)");
        let counts = |node: &Node| {
            let key = DeviceKey::from_bytes(keys_of(node, persona));
            let read = new.inner().store.read(move |db| device::counts(db, persona, key));
            now(read).unwrap()
        };
        assert!(counts(&new) && !counts(&alice), "the lost device is out");
    }
    let lost = now(alice.devices()).unwrap()[0].id;
    let listed: Vec<_> = now(new.devices()).unwrap().into_iter().map(|view| (view.id == lost, view.revoked)).collect();
    assert_eq!(listed, [(false, false), (true, true)], "it is known which one is out");
    // The words are known, and make the next persona too.
    let stands = now(new.recovery()).unwrap();
    assert!(stands.iter().all(|view| view.need != Some(crate::view::RecoveryNeed::Words)));
    assert_eq!(new.phrase().unwrap(), phrase);
    // Once more changes nothing.
    let device = keys(&new, first);
    let again = now(new.take_back(&phrase, &[], &Others::Stay)).unwrap();
    assert_eq!((again.personas.len(), again.devices_out, keys(&new, first)), (2, 0, device));
}

#[test]
fn devices_of_before_stay_until_they_are_taken_out() {
    let (alice, new) = (Node::alone().unwrap(), Node::alone().unwrap());
    let persona = now(alice.create_persona("Alice")).unwrap();
    now(alice.back_up()).unwrap();
    carried(&alice, &new);
    let phrase = alice.phrase().unwrap();
    now(new.seek(&phrase, &[])).unwrap();
    let back = now(new.take_back(&phrase, &[], &Others::Stay)).unwrap();
    assert_eq!((back.devices_out, back.devices_stay), (0, 1));
    let key = DeviceKey::from_bytes(keys_of(&alice, persona));
    assert!(now(new.inner().store.read(move |db| device::counts(db, persona, key))).unwrap());
}

#[test]
fn a_device_that_is_named_stays() {
    let (alice, phone, new) = (Node::alone().unwrap(), Node::alone().unwrap(), Node::alone().unwrap());
    let persona = now(alice.create_persona("Alice")).unwrap();
    let device = phone.draw_device().unwrap();
    let key = DeviceKey::from_bytes(device.verifying_key().to_bytes());
    let share = now(alice.certify_device(persona, key, false)).unwrap();
    now(phone.adopt_persona(device, share, "")).unwrap();
    // As the phone tells its other devices.
    let phones = now(phone.devices()).unwrap()[0].id;
    let told = format!("{phones}");
    let item = [*persona.as_bytes(), *key.as_bytes()].concat();
    let put = alice
        .inner()
        .store
        .write(Durability::Normal, move |tx| crate::item::put(tx, crate::item::Set::DeviceKey, &item, &told).map(drop));
    now(put).unwrap();
    now(alice.back_up()).unwrap();
    carried(&alice, &new);
    let phrase = alice.phrase().unwrap();
    now(new.seek(&phrase, &[])).unwrap();
    for wrong in ["", "zz", "0123456789abcdef0123456789abcdef"] {
        let refused = now(new.take_back(&phrase, &[], &Others::OutBut(vec![wrong.to_owned()])));
        assert!(matches!(refused, Err(Error::NotFound { .. })), "{wrong}");
    }
    assert!(now(new.personas()).unwrap().is_empty(), "nothing was done");
    let digits = phones.to_string().get(..12).unwrap().to_owned();
    let back = now(new.take_back(&phrase, &[], &Others::OutBut(vec![digits]))).unwrap();
    assert_eq!(back.devices_out, 1, "the first one");
    let read = new.inner().store.read(move |db| device::counts(db, persona, key));
    assert!(now(read).unwrap());
}

#[test]
fn without_a_backup_the_words_and_what_is_public_are_enough() {
    let (alice, bob, new) = (Node::alone().unwrap(), Node::alone().unwrap(), Node::alone().unwrap());
    let persona = now(alice.create_persona("Alice")).unwrap();
    let phrase = alice.phrase().unwrap();
    let none = |result: Result<RestoredView>| matches!(result, Err(Error::NoBackup(_)));
    assert!(none(now(new.take_back(&phrase, &[], &Others::Stay))));
    now(new.seek(&phrase, &[persona])).unwrap();
    let refused = now(new.take_back(&phrase, &[persona], &Others::Stay));
    assert!(matches!(refused, Err(Error::NotFound { .. })), "nothing of her is here");
    let read = alice.inner().store.read(move |db| crate::bundle::written_statements(db, persona));
    let statements = crate::bundle::statements(&now(read).unwrap()).unwrap();
    now(new.gate().unwrap().submit(Origin::Bundle, statements)).unwrap();
    now(bob.create_persona("Bob")).unwrap();
    let wrong = now(new.take_back(&bob.phrase().unwrap(), &[persona], &Others::Stay));
    assert!(matches!(wrong, Err(Error::BadInput(_))), "other words");
    assert!(now(new.personas()).unwrap().is_empty());
    let back = now(new.take_back(&phrase, &[persona], &Others::Stay)).unwrap();
    assert_eq!((back.personas[0].id, back.backup_ms), (persona, None));
    assert_eq!((back.devices_out, back.devices_stay), (0, 1), "what it wrote is not known here, and stays elsewhere");
    let key = DeviceKey::from_bytes(keys_of(&alice, persona));
    assert!(now(new.inner().store.read(move |db| device::counts(db, persona, key))).unwrap());
    assert_eq!(back.missing, [Missing::Backup, Missing::Posts, Missing::Messages]);
}

/// The root that counts at a node.
fn root_at(node: &Node, persona: PersonaId) -> DeviceKey {
    let sql = "SELECT root FROM author WHERE id = ?1";
    now(node.inner().store.read(move |db| Ok(db.query_row(sql, [persona], |row| row.get(0))?))).unwrap()
}

#[test]
fn who_has_the_words_too_and_used_up_the_counters_has_not_the_last_word() {
    let (alice, bob, carol) = (Node::alone().unwrap(), Node::alone().unwrap(), Node::alone().unwrap());
    let persona = now(alice.create_persona("Alice")).unwrap();
    let phrase = alice.phrase().unwrap();
    let read = alice.inner().store.read(move |db| {
        let row = db.query_row("SELECT row FROM author WHERE id = ?1", [persona], |row| row.get(0))?;
        Ok((device::opening(db, row)?, crate::bundle::written_statements(db, persona)?))
    });
    let (open, written) = now(read).unwrap();
    let recovery = recovery_key(&phrase, &open.nonce);
    let key = |seed: u8| SigningKey::from_bytes(&[seed; 32]);
    let public = |key: &SigningKey| DeviceKey::from(&key.verifying_key());
    let thief = key(7);
    let stated = |by: &SigningKey, kind| Header::statement(persona, public(by), kind, 1_800_000_000);
    // Of many ids the highest.
    let rotate = RootRotateBody { root: public(&thief), counter: limits::LARGEST_NUMBER };
    let salts = 0..64_u8;
    let theirs = salts.map(|salt| sign(&recovery, stated(&recovery, Kind::RootRotate), rotate.encode([salt; 16])));
    let theirs = theirs.max_by_key(|entry| entry.0.id()).unwrap();
    let cert = DeviceCertBody { device: public(&key(8)), caps: 1, purpose: 0, not_after: 0 };
    let theirs = vec![theirs, sign(&thief, stated(&thief, Kind::DeviceCert), cert.encode([1; 16]))];
    let take = |node: &Node, entries: &[Unverified<Entry>]| {
        drop(now(node.gate().unwrap().submit(Origin::Bundle, entries.to_vec())).unwrap());
    };
    let before = crate::bundle::statements(&written).unwrap();
    take(&carol, &before);
    take(&bob, &before);
    take(&bob, &theirs);
    take(&alice, &theirs);
    assert!([&alice, &bob].iter().all(|node| root_at(node, persona) == public(&thief)));

    let own = SigningKey::from_bytes(&keys(&alice, persona));
    let new = now(alice.new_root(persona, &phrase, &own, Recalled::default(), Some(&[]))).unwrap();
    take(&carol, &new.statements);
    take(&carol, &theirs);
    take(&bob, &new.statements);
    take(&alice, &new.statements);
    for node in [&alice, &bob, &carol] {
        assert_eq!(root_at(node, persona), public(&new.root));
        let device = public(&own);
        assert!(now(node.inner().store.read(move |db| device::counts(db, persona, device))).unwrap());
    }
    // As often as it takes.
    let again = now(alice.new_root(persona, &phrase, &own, Recalled::default(), Some(&[]))).unwrap();
    take(&bob, &again.statements);
    assert_eq!(root_at(&bob, persona), public(&again.root));
}

#[test]
fn anchors_stay_where_a_persona_came_back_before_it_failed() {
    let node = Node::alone().unwrap();
    let anchor = NodeId::from_bytes(SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes());
    let ticket = crate::net::Ticket::new(anchor, "192.0.2.1:1".parse().ok()).to_string();
    now(node.add_anchor(&ticket)).unwrap();
    let anchors = || now(node.inner().store.read(|db| service::tickets(db, Service::Anchor))).unwrap().len();
    let before = now(node.inner().store.read(own_ids)).unwrap();
    now(node.create_persona("Alice")).unwrap();
    now(node.unless_back(before, vec![anchor])).unwrap();
    assert_eq!(anchors(), 1);
    let before = now(node.inner().store.read(own_ids)).unwrap();
    now(node.unless_back(before, vec![anchor])).unwrap();
    assert_eq!(anchors(), 0);
}

#[test]
fn who_was_asked_is_told() {
    let node = |number| NodeId::from_bytes([number; 32]);
    let nodes = BTreeSet::from([node(1), node(2)]);
    assert_eq!(asked_whom(&nodes, &[node(1), node(2)]), "; asked: 01010101, 02020202");
    assert_eq!(asked_whom(&nodes, &[node(2)]), "; asked: 02020202; without an answer: 01010101");
    assert_eq!(asked_whom(&nodes, &[]), "; no answer came from 01010101, 02020202");
}
