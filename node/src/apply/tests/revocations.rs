//! Devices that a root took out, and roots that the recovery key replaced: what is kept is a function of the statements
//! and entries that came, and not of their order.

use super::*;
use crate::entry::{LogHead, recovery_hash};
use crate::limits;

/// An author who holds a recovery key.
fn author(seed: u8) -> (Alice, SigningKey) {
    let mut alice = Alice::new(seed);
    let recovery = SigningKey::from_bytes(&[seed + 50; 32]);
    alice.open.recovery_hash = recovery_hash(&public(&recovery));
    alice.persona = alice.open.persona();
    alice.next = Place::first(alice.persona, public(&alice.device), u64::from(seed) + 1);
    (alice, recovery)
}

impl Alice {
    fn revoke(&self, by: &SigningKey, head: Option<&Unverified<Entry>>) -> Unverified<Entry> {
        let head = head.map(|entry| &entry.0.header).map(|header| LogHead {
            log: header.log,
            seq: header.seq,
            id: header.id(),
        });
        let body = DeviceRevokeBody { device: public(&self.device), heads: head.into_iter().collect() };
        sign(by, Header::statement(self.persona, public(by), Kind::DeviceRevoke, NOW_S), body.encode([5; 16]))
    }

    fn certify(&self, by: &SigningKey, device: &SigningKey) -> Unverified<Entry> {
        let cert = DeviceCertBody { device: public(device), caps: 1, purpose: PURPOSE_DEVICE, not_after: 0 };
        sign(by, Header::statement(self.persona, public(by), Kind::DeviceCert, NOW_S), cert.encode([6; 16]))
    }

    fn rotate(&self, recovery: &SigningKey, root: &SigningKey, counter: u64) -> Unverified<Entry> {
        let header = Header::statement(self.persona, public(recovery), Kind::RootRotate, NOW_S);
        sign(recovery, header, RootRotateBody { root: public(root), counter }.encode([7; 16]))
    }

    /// A log of posts "1" to "9".
    fn log(&mut self) -> Vec<Unverified<Entry>> {
        let mut log = vec![self.log_open(Scope::Posts, Vec::new())];
        log.extend((1..10).map(|number| self.post(&number.to_string())));
        log
    }
}

const LOG: &str =
    "SELECT group_concat(next_seq || ' ' || top_seq || ' ' || count || ' ' || fork_seq) FROM log WHERE own = 0";

#[test]
fn up_to_the_head_entries_stay_whatever_came_first() {
    let (mut alice, _) = author(1);
    let statements = alice.statements();
    let log = alice.log();
    let revoke = alice.revoke(&alice.root, Some(&log[4]));
    let orders: [Vec<Unverified<Entry>>; 5] = [
        [statements.clone(), log.clone(), vec![revoke.clone()]].concat(),
        [statements.clone(), vec![revoke.clone()], log.clone()].concat(),
        [statements.clone(), log[..3].to_vec(), vec![revoke.clone()], log[3..].to_vec()].concat(),
        [statements.clone(), log[6..].to_vec(), vec![revoke.clone()], log[..6].to_vec()].concat(),
        [statements, log.iter().rev().cloned().collect(), vec![revoke.clone()]].concat(),
    ];
    for (number, order) in orders.into_iter().enumerate() {
        for one_by_one in [false, true] {
            let bob = Bob::following(&alice);
            match one_by_one {
                true => order.iter().for_each(|entry| drop(bob.take([entry.clone()]))),
                false => drop(bob.take(order.clone())),
            }
            let mut feed = bob.feed();
            feed.sort();
            assert_eq!(feed, ["1", "2", "3", "4"], "order {number}, one by one: {one_by_one}");
            assert_eq!(bob.number::<String>(LOG), "5 4 5 -1", "order {number}, one by one: {one_by_one}");
            // It goes on, and that is refused; what it wrote before comes again, and is known.
            assert_eq!(refusals(&bob.take(log.clone())), vec![EntryError::Revoked; 5]);
            assert_eq!(bob.number::<i64>("SELECT count(*) FROM post"), 4);
        }
    }
}

#[test]
fn a_revoked_device_writes_nothing_beside_what_stands_and_begins_no_log() {
    let (mut alice, _) = author(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    let open = alice.log_open(Scope::Posts, Vec::new());
    let fork = alice.next;
    let first: Vec<_> = (0..3).map(|number| alice.post(&number.to_string())).collect();
    bob.take([open].into_iter().chain(first.clone()));
    bob.take([alice.revoke(&alice.root, first.last())]);
    alice.next = fork;
    let beside: Vec<_> = (0..3).map(|number| alice.post(&format!("beside {number}"))).collect();
    alice.new_log(99);
    let other = alice.log();
    let refused = refusals(&bob.take(beside.into_iter().chain(other)));
    assert_eq!(refused.len(), 13);
    assert!(refused.iter().all(|error| *error == EntryError::Revoked), "{refused:?}");
    assert_eq!(bob.feed(), ["2", "1", "0"]);
    assert_eq!(bob.number::<String>(LOG), "4 3 4 -1");
    // Nor is it certified again by who revoked it, and nobody else revokes it.
    bob.take([alice.certify(&alice.root, &alice.device.clone())]);
    assert_eq!(refusals(&bob.take([alice.post("again")])), [EntryError::Revoked]);
    let (mut carol, _) = author(3);
    bob.take(carol.statements());
    let stranger = carol.revoke(&alice.root, None);
    assert_eq!(refusals(&bob.take([stranger])), [EntryError::Uncertified]);
    now(bob.node.follow(None, &carol.persona.to_string())).unwrap();
    assert!(refusals(&bob.take(carol.log())).is_empty());
}

#[test]
fn of_two_revocations_the_higher_head_stands() {
    let (mut alice, _) = author(1);
    let (statements, log) = (alice.statements(), alice.log());
    let [low, high] = [3, 6].map(|at: usize| alice.revoke(&alice.root, Some(&log[at])));
    for order in [[low.clone(), high.clone()], [high, low]] {
        let bob = Bob::following(&alice);
        bob.take(statements.iter().chain(&log).cloned());
        bob.take(order);
        // What the lower one took away comes again with the next sync.
        bob.take(log.clone());
        assert_eq!(bob.number::<String>(LOG), "7 6 7 -1");
    }
}

#[test]
fn only_what_the_newest_root_says_counts_whatever_came_first() {
    let (mut alice, recovery) = author(1);
    let [root, later, kept, thief] = [60, 61, 62, 63].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let mut entries = alice.statements();
    let log = alice.log();
    entries.extend(log.clone());
    // Who stole the root certified another device, which wrote.
    entries.push(alice.certify(&alice.root, &thief));
    let own = std::mem::replace(&mut alice.device, thief);
    alice.new_log(7);
    let theirs = alice.log();
    entries.extend(theirs.clone());
    alice.device = own;
    let mut new = vec![
        alice.rotate(&recovery, &root, 1),
        alice.rotate(&recovery, &later, 2),
        alice.certify(&later, &kept),
        alice.revoke(&later, Some(&log[6])),
    ];
    let orders = [
        [entries.clone(), new.clone()].concat(),
        [alice.statements(), new.clone(), entries.clone()].concat(),
        [entries.clone(), new.split_off(1), new].concat(),
    ];
    for (number, order) in orders.into_iter().enumerate() {
        for one_by_one in [false, true] {
            let bob = Bob::following(&alice);
            match one_by_one {
                true => order.iter().for_each(|entry| drop(bob.take([entry.clone()]))),
                false => drop(bob.take(order.clone())),
            }
            // Where a root came alone, all of it went; what counts comes again.
            bob.take(entries.clone());
            let mut feed = bob.feed();
            feed.sort();
            assert_eq!(feed, ["1", "2", "3", "4", "5", "6"], "order {number}, one by one: {one_by_one}");
            assert_eq!(bob.number::<String>(LOG), "7 6 7 -1", "order {number}");
            let kinds = "SELECT group_concat(kind) FROM (SELECT kind FROM entry JOIN author ON author.row = author_row
                         WHERE log_row = 0 AND own = 0 ORDER BY kind)";
            assert_eq!(bob.number::<String>(kinds), "2,3,4,5", "order {number}");
            let stale = [alice.certify(&root, &alice.device), alice.certify(&alice.root, &alice.device)];
            assert_eq!(refusals(&bob.take(stale)), vec![EntryError::Superseded; 2]);
            assert_eq!(refusals(&bob.take([alice.rotate(&recovery, &root, 1)])), [EntryError::Superseded]);
            assert!(refusals(&bob.take(theirs.clone())).contains(&EntryError::Uncertified));
        }
    }
}

#[test]
fn who_stole_a_root_keeps_no_other_one_out() {
    let (mut alice, recovery) = author(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    let flood = (0..=255_u8).flat_map(|low| {
        [0, 1].map(|high| SigningKey::from_bytes(&[[low; 16], [high; 16]].concat().try_into().unwrap()))
    });
    let flood: Vec<_> = flood.map(|device| alice.certify(&alice.root, &device)).collect();
    assert!(refusals(&bob.take(flood)).contains(&EntryError::Full("statements")));
    let forged = alice.rotate(&alice.root, &alice.root, 9);
    assert_eq!(refusals(&bob.take([forged])), [EntryError::Uncertified], "the root can't name another one");
    let root = SigningKey::from_bytes(&[60; 32]);
    let rotate = [alice.rotate(&recovery, &root, limits::LARGEST_NUMBER), alice.certify(&root, &alice.device)];
    assert!(refusals(&bob.take(rotate)).is_empty());
    assert!(refusals(&bob.take(alice.log())).is_empty());
    assert_eq!(bob.feed().len(), 9);
}
