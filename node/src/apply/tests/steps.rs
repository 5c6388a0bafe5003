//! What takes long is done in steps: keys that came are tried a few entries a transaction, and work for first messages is done
//! between two. What a process that ends breaks off goes on.

use super::circles::{DAY, friends, key};
use super::groups::{Joined, OWNER, item};
use super::*;
use crate::apply::EntryGate;
use crate::author::row as author_row;
use crate::circle;
use crate::crypto::is_worked;
use crate::entry::{DeviceKeysBody, Grant, SealedBody};
use crate::gate::{Gate, Granted, Notes};
use crate::limits::{DAY_S, TRIED_AT_ONCE};
use crate::store::Durability;
use crate::thread::MessageDraft;
use crate::view::Role;

/// The gate of a node, once more.
fn gate(bob: &Bob) -> EntryGate {
    let inner = bob.node.inner();
    EntryGate {
        store: bob.store.clone(),
        clock: Arc::clone(&inner.clock),
        entropy: Arc::clone(&inner.entropy),
        keyring: Arc::clone(&inner.keyring),
        events: inner.events.clone(),
        commits: inner.commits.clone(),
        compared: Arc::default(),
        twin: Arc::clone(&inner.twin),
        trying: Arc::default(),
        role: Role::Desktop,
        delivery: true.into(),
        runtime: None,
    }
}

fn opened(bob: &Bob) -> usize {
    bob.number("SELECT count(*) FROM opened")
}

#[test]
fn a_key_that_came_is_tried_in_steps_and_goes_on_after_a_crash() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    let persona = now(bob.node.personas()).unwrap()[0].id;
    bob.take(alice.statements());
    let open = LogOpenBody { scope: Scope::Sealed, prior_heads: Vec::new() }.encode([3; 16]);
    bob.take([alice.entry(Kind::LogOpen, DAY, Vec::new(), open)]);
    let posts = 3 * TRIED_AT_ONCE + 5;
    let sealed: Vec<_> = (0..posts).map(|n| alice.sealed(&format!("{n}"), |_, _, _| ())).collect();
    bob.take(sealed);
    let from = alice.persona;
    now(bob.store.write(Durability::Normal, move |tx| {
        let (own_row, from_row) = (author_row(tx, persona)?, author_row(tx, from)?);
        let (mut notes, now_ms) = (Notes::default(), i64::try_from(NOW_S * 1_000).unwrap());
        let mut desk = circle::Desk { tx, entropy: &SystemEntropy, now_ms, at_once: false, notes: &mut notes };
        let grant = friends("Friends");
        circle::take(&mut desk, &Granted { own_row, from_row, from, grant })
    }))
    .unwrap();
    assert_eq!(opened(&bob), 0, "not in the transaction that took it in");
    let step =
        || now(gate(&bob).transact_and_tell(Durability::Normal, Origin::Own, |batch| batch.try_key())).unwrap().1;
    assert!(step());
    assert_eq!(opened(&bob), TRIED_AT_ONCE);
    assert_eq!(bob.feed()[0], (posts - 1).to_string(), "the newest come first");
    assert!(step());
    assert!((2 * TRIED_AT_ONCE - 1..=2 * TRIED_AT_ONCE).contains(&opened(&bob)));
    // The process ends here; whatever is written next goes on with it.
    now(bob.node.post(PostDraft { text: "mine".to_owned(), ..PostDraft::default() })).unwrap();
    assert_eq!(opened(&bob), posts);
    assert_eq!(bob.number::<i64>("SELECT count(*) FROM trial"), 0);
}

#[test]
fn what_somebody_wrote_before_they_were_known_to_be_in_a_group_opens_then() {
    let node = Joined::new();
    let mut alice = Alice::new(1);
    let member = alice.persona;
    // The group's key is here; that she is in it is not known yet.
    node.grant(OWNER, Grant { key: key(), ..node.of_owner(2) });
    now(node.bob.node.follow(None, &member.to_string())).unwrap();
    node.bob.take(alice.statements());
    let open = LogOpenBody { scope: Scope::Sealed, prior_heads: Vec::new() }.encode([3; 16]);
    node.bob.take([alice.entry(Kind::LogOpen, DAY, Vec::new(), open)]);
    node.bob.take([alice.sealed("early", |_, _, _| ())]);
    assert_eq!(node.bob.feed(), [""; 0]);
    node.say(OWNER, vec![item(member, true, false, 1)]);
    now(node.bob.node.gate().unwrap().flush(0)).unwrap();
    assert_eq!(node.bob.feed(), ["early"]);
}

#[test]
fn work_for_a_first_message_is_done_between_transactions_and_goes_on_after_a_crash() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    bob.take([alice.log_open(Scope::Posts, Vec::new())]);
    // The base point: a key of nobody that can be sealed to.
    let point = std::array::from_fn(|at| if at == 0 { 9 } else { 0 });
    let keys = DeviceKeysBody { intro: point, identity: point, fallback: point, route: 7, counter: 1 };
    bob.take([alice.entry(Kind::DeviceKeys, NOW_S, Vec::new(), keys.encode([8; 16]))]);
    now(bob.node.dm(None, vec![alice.persona], MessageDraft { text: "hello".to_owned(), ..MessageDraft::default() }))
        .unwrap();
    let gate = gate(&bob);
    now(gate.release()).unwrap();
    let seal = |batch: &mut crate::apply::Batch<'_>| {
        batch.publish_keys()?;
        batch.flush(Vec::new(), 1)
    };
    now(gate.transact_and_tell(Durability::Full, Origin::Own, seal)).unwrap();
    let mail = || bob.number::<i64>("SELECT count(*) FROM mail");
    let sealed = || bob.number::<i64>("SELECT count(*) FROM first_message");
    assert_eq!((mail(), sealed()), (0, 1), "sealed, and no work was done");
    assert_eq!(bob.number::<i64>("SELECT number FROM outbox"), 1);
    // The process ends here.
    now(gate.flush(1)).unwrap();
    assert_eq!((mail(), sealed()), (1, 0));
    let (body, time, id): (Vec<u8>, i64, Vec<u8>) = now(bob.store.read(|db| {
        let sql = "SELECT body, time, id FROM entry JOIN mail ON entry_row = entry.row";
        Ok(db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
    }))
    .unwrap();
    let body = SealedBody::decode(&body).unwrap();
    assert!(is_worked(&point, time.cast_unsigned() / DAY_S, &body.envelope.ciphertext, body.work));
    assert_eq!(bob.number::<Vec<u8>>("SELECT entry FROM outbox"), id, "its message is known as this entry");
    // Nothing is sealed twice.
    now(gate.flush(1)).unwrap();
    assert_eq!((mail(), sealed()), (1, 0));
}
