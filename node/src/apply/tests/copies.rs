//! Old copies of a profile, and what has not left yet (invariant 13).

use super::*;
use crate::error::Error;

fn post(node: &Node, text: &str) -> EntryId {
    now(node.post(PostDraft { text: text.to_owned(), ..PostDraft::default() })).unwrap()
}

/// One device, two copies of its profile on one clock: the newer one published what the older one does not know. And
/// that post of which both know.
fn two_copies() -> (Bob, Bob, EntryId) {
    let newer = Bob::new();
    now(newer.node.create_persona("Bob")).unwrap();
    now(newer.node.gate().unwrap().release()).unwrap();
    let known = post(&newer.node, "before the copy");
    let store = newer.store.copy().unwrap();
    post(&newer.node, "published after the copy");
    let node = simulated(&store, &newer.keystore, &newer.clock);
    let old = Bob { node, store, keystore: newer.keystore.clone(), clock: newer.clock.clone() };
    (newer, old, known)
}

/// Everything that one copy wrote comes to the other.
fn bring(from: &Bob, to: &Bob) {
    let entries = now(from.store.read(crate::apply::place::own_entries)).unwrap();
    let outcome = to.take(entries.into_iter().map(|(_, entry)| Unverified(entry)));
    assert!(outcome.refused.is_empty(), "{outcome:?}");
}

#[test]
fn an_old_copy_signs_what_never_left_into_a_fresh_log() {
    let (newer, old, _) = two_copies();
    let printed = post(&old.node, "written by the copy");
    let commented = now(old.node.comment(None, printed, "on it")).unwrap();
    bring(&newer, &old);
    let feed = old.feed();
    for text in ["before the copy", "published after the copy", "written by the copy"] {
        assert_eq!(feed.iter().filter(|shown| *shown == text).count(), 1, "{feed:?}");
    }
    assert_eq!(old.number::<i64>("SELECT max(fork_seq) FROM log"), -1, "it contradicted itself");
    // The ids that were printed still lead there.
    let page = now(old.node.show(printed)).unwrap();
    assert_eq!((page.post.text.as_str(), page.thread[0].text.as_str()), ("written by the copy", "on it"));
    assert!(now(old.node.edit(None, commented, "edited")).is_ok());
    // What is written from now on stands in the fresh log, and is taken by the newer copy without a fork.
    post(&old.node, "goes on");
    now(old.node.gate().unwrap().release()).unwrap();
    bring(&old, &newer);
    assert_eq!(newer.number::<i64>("SELECT max(fork_seq) FROM log"), -1);
    assert!(newer.feed().contains(&"goes on".to_owned()));
}

#[test]
fn an_entry_that_is_signed_again_keeps_the_time_that_it_claimed_first() {
    let (newer, old, _) = two_copies();
    let printed = post(&old.node, "written early");
    old.clock.set_ms((NOW_S + 3_600) * 1_000);
    bring(&newer, &old);
    let page = now(old.node.show(printed)).unwrap();
    assert_ne!(page.post.id, printed);
    assert_eq!(page.post.created_ms, NOW_S * 1_000);
    let ranks = "SELECT max(rank) FROM entry JOIN log ON log.row = log_row WHERE log.own = 1 AND log.closed = 0";
    assert_eq!(old.number::<i64>(ranks), NOW_S as i64, "it moved up in the feed");
}

#[test]
fn a_comment_that_is_signed_again_counts_once() {
    let (newer, old, known) = two_copies();
    now(old.node.comment(None, known, "on what both know")).unwrap();
    bring(&newer, &old);
    let page = now(old.node.show(known)).unwrap();
    assert_eq!((page.post.comments, page.thread.len()), (1, 1));
}

#[test]
fn an_id_that_was_printed_before_may_be_shortened_too() {
    let (newer, old, _) = two_copies();
    let printed = post(&old.node, "written by the copy");
    bring(&newer, &old);
    let stored = now(old.node.show(printed)).unwrap().post.id;
    for digits in [20, 63] {
        assert_eq!(now(old.node.resolve_entry(&printed.to_string()[..digits])).unwrap(), stored);
        assert_eq!(now(old.node.resolve_entry(&stored.to_string()[..digits])).unwrap(), stored);
    }
    // An id that begins as its own old one does names one entry all the same.
    let (low, high) = (EntryId::from_bytes([0xab; 32]), stored);
    now(old.store.write(crate::store::Durability::Full, move |tx| {
        let mut near = high.to_bytes();
        near[31] ^= 1;
        tx.execute("INSERT INTO alias (old_id, new_id) VALUES (?1, ?2)", [EntryId::from_bytes(near), high])?;
        tx.execute("INSERT INTO alias (old_id, new_id) VALUES (?1, ?1)", [low])?;
        Ok(())
    }))
    .unwrap();
    assert_eq!(now(old.node.resolve_entry(&stored.to_string()[..20])).unwrap(), stored);
    assert!(matches!(now(old.node.resolve_entry(&low.to_string()[..20])), Err(Error::NotFound { .. })));
}

#[test]
fn a_device_has_one_open_log_of_a_scope() {
    let (newer, old, known) = two_copies();
    post(&old.node, "written by the copy");
    now(old.node.comment(None, known, "a log of another scope")).unwrap();
    bring(&newer, &old);
    post(&old.node, "goes on");
    let most = "SELECT max(logs) FROM (SELECT count(*) AS logs FROM log WHERE own = 1 AND closed = 0
                GROUP BY author_row, device, scope)";
    assert_eq!(old.number::<i64>(most), 1);
    assert!(old.number::<i64>("SELECT count(*) FROM log WHERE closed = 1") > 0);
}

#[test]
fn held_entries_are_told_when_they_may_leave() {
    let bob = Bob::new();
    now(bob.node.create_persona("Bob")).unwrap();
    let post = now(bob.node.post(PostDraft { text: "waits".to_owned(), ..PostDraft::default() })).unwrap();
    assert!(now(bob.node.show(post)).unwrap().post.waiting);
    let released = now(bob.node.gate().unwrap().release()).unwrap();
    assert!(released.applied.iter().any(|applied| applied.id == post && !applied.held));
    assert!(!now(bob.node.show(post)).unwrap().post.waiting);
    assert_eq!(now(bob.node.gate().unwrap().release()).unwrap(), Outcome::default());
    let next = now(bob.node.post(PostDraft { text: "goes at once".to_owned(), ..PostDraft::default() })).unwrap();
    assert!(!now(bob.node.show(next)).unwrap().post.waiting);
}
