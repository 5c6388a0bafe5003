//! What features make of entries in any order.

use super::*;
use crate::entry::{BlobRef, ProfileBody};
use crate::error::Error;
use crate::id::BlobHash;
use crate::limits;

fn picture(n: u8) -> BlobRef {
    BlobRef {
        hash: BlobHash::from_bytes([n; 32]),
        key: None,
        size: 9,
        mime: "image/jpeg".to_owned(),
        width: 1,
        height: 1,
        blurhash: None,
        alt: None,
        thumb: None,
        name: None,
    }
}

fn comment(by: &mut Alice, root: EntryId, parent: EntryId) -> Unverified<Entry> {
    let body = PostBody { text: "a comment".to_owned(), ..PostBody::default() }.encode([4; 16]);
    by.entry(Kind::Comment, NOW_S, vec![root, parent], body)
}

#[test]
fn comments_that_are_too_deep_are_kept_but_neither_shown_nor_counted_in_any_order() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let mut first: Vec<_> = alice.statements().into_iter().chain(carol.statements()).collect();
    first.push(alice.log_open(Scope::Posts, Vec::new()));
    first.push(alice.post("root"));
    let root = first.last().unwrap().0.id();
    alice.new_log(50);
    carol.new_log(50);
    first.extend([&mut alice, &mut carol].map(|by| by.log_open(Scope::Engagement, Vec::new())));
    // A chain of 70, by turns: one persona has at most 64.
    let mut chain = Vec::new();
    let mut parent = root;
    for n in 0..limits::COMMENT_DEPTH + 6 {
        let by = if n % 2 == 0 { &mut alice } else { &mut carol };
        chain.push(comment(by, root, parent));
        parent = chain.last().unwrap().0.id();
    }
    let ids: Vec<EntryId> = chain.iter().map(|entry| entry.0.id()).collect();
    // One that is shown and one that is too deep are deleted.
    let delete = |by: &mut Alice, target| by.entry(Kind::Delete, NOW_S, vec![target], DeleteBody {}.encode([6; 16]));
    let mut entries = chain;
    entries.extend([delete(&mut alice, ids[2]), delete(&mut carol, ids[67])]);

    let count = entries.len();
    let forward: Vec<usize> = (0..count).collect();
    let backward: Vec<usize> = (0..count).rev().collect();
    let mixed: Vec<usize> = (0..count).map(|n| n * 29 % count).collect();
    for order in [forward, backward, mixed] {
        let bob = Bob::following(&alice);
        now(bob.node.follow(None, &carol.persona.to_string())).unwrap();
        bob.take(first.clone());
        for place in &order {
            let outcome = bob.take([entries[*place].clone()]);
            assert!(outcome.refused.is_empty(), "{outcome:?}");
        }
        let page = now(bob.node.show(root)).unwrap();
        let shown: Vec<EntryId> = page.thread.iter().map(|comment| comment.id).collect();
        assert_eq!(shown, ids[..limits::COMMENT_DEPTH]);
        assert_eq!(page.post.comments as usize, limits::COMMENT_DEPTH - 1);
        assert_eq!(bob.number::<i64>("SELECT count(*) FROM header_entry") as usize, count, "what is passed on");
        // What could not be shown can't be written either.
        assert!(matches!(now(bob.node.comment(None, ids[limits::COMMENT_DEPTH - 1], "x")), Err(Error::BadInput(_))));
        now(bob.node.comment(None, ids[limits::COMMENT_DEPTH - 2], "x")).unwrap();
        assert_eq!(now(bob.node.show(root)).unwrap().post.comments as usize, limits::COMMENT_DEPTH);
    }
}

#[test]
fn a_comment_on_another_post_is_no_parent() {
    let mut alice = Alice::new(1);
    let bob = Bob::following(&alice);
    bob.take(alice.statements());
    let open = alice.log_open(Scope::Posts, Vec::new());
    let (one, other) = (alice.post("one"), alice.post("other"));
    let (root, elsewhere) = (one.0.id(), other.0.id());
    bob.take([open, one, other]);
    alice.new_log(50);
    let open = alice.log_open(Scope::Engagement, Vec::new());
    let there = comment(&mut alice, elsewhere, elsewhere);
    let parent = there.0.id();
    let here = comment(&mut alice, root, parent);
    bob.take([open, here, there]);
    assert_eq!(bob.number::<i64>("SELECT max(depth) FROM comment"), 1);
    assert_eq!(now(bob.node.show(root)).unwrap().thread.len(), 1);
}

#[test]
fn after_an_unfollow_only_what_others_name_stays_wanted() {
    let (mut alice, mut carol) = (Alice::new(1), Alice::new(2));
    let bob = Bob::following(&alice);
    now(bob.node.follow(None, &carol.persona.to_string())).unwrap();
    let post = |by: &mut Alice, pictures: &[u8]| {
        let attachments = pictures.iter().copied().map(picture).collect();
        let body = PostBody { text: "look".to_owned(), attachments, ..PostBody::default() }.encode([4; 16]);
        bob.take(by.statements());
        bob.take([by.log_open(Scope::Posts, Vec::new()), by.entry(Kind::Post, NOW_S, Vec::new(), body)]);
    };
    post(&mut alice, &[1, 2]);
    post(&mut carol, &[2, 3]);
    let wanted = || bob.number::<String>("SELECT group_concat(hex(substr(hash, 1, 1))) FROM blob WHERE wanted = 1");
    assert_eq!(wanted(), "01,02,03");
    now(bob.node.unfollow(None, alice.persona)).unwrap();
    assert_eq!(wanted(), "02,03");
    now(bob.node.follow(None, &alice.persona.to_string())).unwrap();
    assert_eq!(wanted(), "01,02,03");
}

#[test]
fn what_a_stranger_says_of_a_picture_does_not_stand_in_its_way() {
    for stranger_first in [true, false] {
        let (mut alice, mut mallory) = (Alice::new(1), Alice::new(2));
        let bob = Bob::following(&alice);
        let mut first: Vec<_> = alice.statements().into_iter().chain(mallory.statements()).collect();
        first.extend([alice.log_open(Scope::Posts, Vec::new()), alice.post("talk")]);
        let root = first.last().unwrap().0.id();
        mallory.new_log(50);
        first.push(mallory.log_open(Scope::Engagement, Vec::new()));
        bob.take(first);
        let naming = |size, mime: &str| {
            let attachments = vec![BlobRef { size, mime: mime.to_owned(), ..picture(1) }];
            PostBody { text: "look".to_owned(), attachments, ..PostBody::default() }.encode([4; 16])
        };
        let wrong = mallory.entry(Kind::Comment, NOW_S, vec![root, root], naming(1, "text/plain"));
        let right = alice.entry(Kind::Post, NOW_S, Vec::new(), naming(900, "image/jpeg"));
        let mut both = vec![wrong, right];
        if !stranger_first {
            both.reverse();
        }
        both.into_iter().for_each(|entry| assert!(bob.take([entry]).refused.is_empty()));
        assert_eq!(bob.number::<String>("SELECT size || ' ' || mime FROM blob"), "900 image/jpeg");
    }
}

#[test]
fn a_superseded_profile_lets_its_picture_go() {
    let mut alice = Alice::new(1);
    let statements = alice.statements();
    let open = alice.log_open(Scope::Posts, Vec::new());
    let profiles = [(1, 1), (2, 2), (3, 2)].map(|(counter, n)| {
        let body = ProfileBody {
            name: "Alice".to_owned(),
            bio: String::new(),
            picture: Some(picture(n)),
            counter,
            listed: false,
        };
        alice.entry(Kind::Profile, NOW_S, Vec::new(), body.encode([7; 16]))
    });
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let bob = Bob::following(&alice);
        bob.take(statements.clone());
        bob.take([open.clone()]);
        for place in order {
            assert!(bob.take([profiles[place].clone()]).refused.is_empty());
        }
        let named = "SELECT group_concat(hex(substr(hash, 1, 1))) FROM blob_ref";
        assert_eq!(bob.number::<String>(named), "02", "{order:?}");
        let wanted = "SELECT group_concat(hex(substr(hash, 1, 1))) FROM blob WHERE wanted = 1";
        assert_eq!(bob.number::<String>(wanted), "02", "{order:?}");
    }
}

#[test]
fn an_empty_profile_names_the_next_step() {
    let bob = Bob::new();
    let refused = now(bob.node.post(PostDraft { text: "hello".to_owned(), ..PostDraft::default() })).unwrap_err();
    assert_eq!(refused.code(), "no_persona");
    assert!(refused.hint().contains("kith init --name NAME"), "{}", refused.hint());
}
