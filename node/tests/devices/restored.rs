//! Every device is lost: what comes back of a user from the recovery phrase and an anchor, and what the lost device is
//! worth from then on.

use std::collections::BTreeMap;

use super::circles::{Friends, friends};
use super::*;
use kith_node::Others;
use kith_node::crypto::Phrase;
use kith_node::id::CircleId;
use kith_node::view::{Missing, RecoveryState, Role};

/// Alice's laptop, which is lost, and the anchor that she had.
struct Lost {
    all: Friends,
    anchor: NodeIndex,
    phrase: Phrase,
    /// In which Bob is.
    own: CircleId,
    /// What her lists were.
    lists: BTreeMap<&'static str, Vec<String>>,
    /// A post of Bob's, and what she said about it.
    bobs: EntryId,
    copy: kith_node::sim::Copy,
}

fn protected(world: &World, node: NodeIndex) -> bool {
    let stands = world.ask(node, |handle| async move { handle.recovery().await }).unwrap();
    stands.iter().all(|view| view.state == RecoveryState::Protected)
}

/// `backed_up`: a backup of hers is with the anchor.
fn lost(seed: u64, backed_up: bool) -> Lost {
    let mut all = friends(seed);
    let Friends { laptop, alice, bob, carol, .. } = all;
    let anchor = all.world.node_as(Role::Anchor).unwrap();
    for node in [laptop, bob.0, carol.0] {
        all.world.connect(node, anchor);
    }
    all.world.set_anchors(laptop, &[anchor]).unwrap();
    // Somebody else's are in the same bucket.
    all.world.set_anchors(carol.0, &[anchor]).unwrap();
    let work = all.world.persona(laptop, "Work").unwrap();
    all.world.follow(laptop, work, carol.1).unwrap();
    let list = all.world.verb(laptop, |handle| async move { handle.create_list("Close").await }).unwrap();
    all.world.verb(laptop, |handle| async move { handle.add_to_list(list, bob.1).await }).unwrap();
    all.world.verb(laptop, |handle| async move { handle.mute_word("football", true, None).await }).unwrap();
    all.world.verb(laptop, |handle| async move { handle.follow_tag("gardening").await }).unwrap();
    let own = all.circle(laptop, "Friends");
    all.add(laptop, own, bob.1);
    all.posts(laptop, own, "before, to Friends", &[bob.0]);
    all.world.post(laptop, alice, "before, to everybody").unwrap();
    soon(&mut all.world, "Bob and Carol read it", |world| {
        [bob.0, carol.0].iter().all(|node| reads(world, *node, "before, to everybody"))
    });
    let bobs = all.world.post(bob.0, bob.1, "by Bob").unwrap();
    soon(&mut all.world, "Alice reads Bob", |world| reads(world, laptop, "by Bob"));
    all.world.comment(laptop, alice, bobs, "well said").unwrap();
    soon(&mut all.world, "Bob has the comment", |world| !world.comments(bob.0, bobs).unwrap().is_empty());
    let phrase = all.world.phrase(laptop).unwrap();
    let words = phrase.words().collect::<Vec<_>>().join(" ");
    for persona in [alice, work] {
        let words = words.clone();
        all.world.verb(laptop, |handle| async move { handle.check_phrase(Some(persona), &words).await }).unwrap();
    }
    if backed_up {
        for node in [laptop, carol.0] {
            let left = all.world.verb(node, |handle| async move { handle.back_up().await }).unwrap();
            assert!(left > 0);
        }
        soon(&mut all.world, "the anchor holds the backup", |world| protected(world, laptop));
    }
    all.world.run_for(30_000).unwrap();
    let lists = lists(&all.world, laptop);
    let copy = all.world.copy(laptop).unwrap();
    all.world.crash(laptop);
    Lost { all, anchor, phrase, own, lists, bobs, copy }
}

/// What a user sees of the lists.
fn lists(world: &World, node: NodeIndex) -> BTreeMap<&'static str, Vec<String>> {
    let follows = world.ask(node, |handle| async move { handle.follows(None).await }).unwrap();
    let muted = world.ask(node, |handle| async move { handle.muted().await }).unwrap();
    let tags = world.ask(node, |handle| async move { handle.followed_tags().await }).unwrap();
    let kept = world.ask(node, |handle| async move { handle.lists().await }).unwrap();
    let circles = world.ask(node, |handle| async move { handle.circles(None).await }).unwrap();
    let bookmarks = world.ask(node, |handle| async move { handle.bookmarks(100, None).await }).unwrap();
    let mut lists = BTreeMap::from([
        ("follows", follows.iter().map(|follow| format!("{} {}", follow.by, follow.persona)).collect()),
        ("muted", muted.people.iter().map(|person| person.persona.to_string()).collect()),
        ("blocked", muted.blocked.iter().map(|person| person.persona.to_string()).collect()),
        ("words", muted.words.iter().map(|word| word.text.clone()).collect()),
        ("tags", tags),
        ("lists", kept.iter().map(|list| format!("{} {:?}", list.name, list.members)).collect()),
        ("bookmarks", bookmarks.iter().map(|bookmark| format!("{bookmark:?}")).collect()),
        ("circles", circles.iter().map(circle_line).collect()),
    ]);
    // Rows are numbered as they came.
    lists.values_mut().for_each(|list: &mut Vec<String>| list.sort());
    lists
}

/// The personas of the phrase on a new node, which knows nobody but the anchor.
fn restored(lost: &mut Lost, personas: &'static [usize]) -> (NodeIndex, kith_node::view::RestoredView) {
    let (world, phrase) = (&mut lost.all.world, lost.phrase.clone());
    let named: Vec<PersonaId> = personas.iter().map(|_| lost.all.alice).collect();
    let new = world.node().unwrap();
    world.connect(new, lost.anchor);
    // First the mail comes, then what is public of those whom the backup names.
    for _ in 0..2 {
        let (phrase, named) = (phrase.clone(), named.clone());
        world.verb(new, |handle| async move { handle.seek(&phrase, &named).await }).unwrap();
        world.run_for(20_000).unwrap();
    }
    let back = world
        .verb(new, |handle| async move { handle.take_back(&phrase, &named, &Others::OutBut(Vec::new())).await })
        .unwrap();
    (new, back)
}

#[test]
fn from_the_phrase_and_an_anchor_all_comes_back_and_the_lost_device_is_out() {
    let mut lost = lost(41, true);
    let (new, back) = restored(&mut lost, &[]);
    let Lost { mut all, anchor, own, lists: before, bobs, copy, .. } = lost;
    let Friends { laptop, alice, bob, carol, .. } = all;
    assert_eq!(back.personas.iter().map(|persona| persona.name.as_str()).collect::<Vec<_>>(), ["Alice", "Work"]);
    assert!(back.entries > 0 && back.devices_out == 1, "{back:?}");
    assert_eq!(back.missing, [Missing::Messages]);
    assert_eq!(lists(&all.world, new), before, "follows, lists, circles, mutes and hashtags");
    soon(&mut all.world, "her own posts come", |world| {
        reads(world, new, "before, to everybody") && reads(world, new, "before, to Friends")
    });

    // Who has the lost device goes on with it, under changed software, and meets Bob as before.
    let thief = all.world.thief(laptop, &copy).unwrap();
    all.world.ignore_revocations(thief).unwrap();
    for (one, two) in [(new, bob.0), (new, carol.0), (thief, bob.0), (thief, anchor)] {
        all.world.connect(one, two);
    }
    all.world.post(new, alice, "I am back").unwrap();
    soon(&mut all.world, "followers accept what she writes now", |world| {
        [bob.0, carol.0].iter().all(|node| reads(world, *node, "I am back"))
    });
    let later = all.world.post(thief, alice, "by the thief").unwrap();
    all.posts(new, own, "after, to Friends", &[bob.0]);
    let theirs = all.circle(bob.0, "Bob's");
    all.add(bob.0, theirs, alice);
    all.posts(bob.0, theirs, "after, to Bob's", &[new]);
    dm(&mut all.world, bob.0, alice, "after, to Alice");
    all.world.run_for(60_000).unwrap();
    for node in [new, anchor, bob.0, carol.0] {
        assert!(!all.world.has(node, later).unwrap(), "{node}");
        assert!(!all.world.forked(node).unwrap(), "nobody was contradicted (invariant 13)");
    }
    // What it wrote before it was lost stays, posts and comments; what is sealed from now on it can't read.
    for node in [bob.0, carol.0] {
        assert!(reads(&all.world, node, "before, to everybody") && !reads(&all.world, node, "by the thief"));
    }
    assert_eq!(all.world.comments(bob.0, bobs).unwrap(), [Some("well said".to_owned())]);
    for text in ["after, to Friends", "after, to Bob's"] {
        assert!(!reads(&all.world, thief, text), "{text}");
    }
    // And the next backup is hers again.
    all.world.set_anchors(new, &[anchor]).unwrap();
    all.world.verb(new, |handle| async move { handle.back_up().await }).unwrap();
    soon(&mut all.world, "the anchor holds it", |world| protected(world, new));
}

#[test]
fn where_there_is_no_backup_the_phrase_and_the_id_are_enough_to_be_oneself() {
    let mut lost = lost(42, false);
    let (new, back) = restored(&mut lost, &[0]);
    let Lost { mut all, .. } = lost;
    let Friends { alice, bob, .. } = all;
    assert_eq!(back.personas.iter().map(|persona| persona.id).collect::<Vec<_>>(), [alice]);
    assert!(back.entries > 0 && back.missing.contains(&Missing::Backup), "{back:?}");
    all.world.connect(new, bob.0);
    all.world.post(new, alice, "I am back").unwrap();
    soon(&mut all.world, "followers accept it", |world| reads(world, bob.0, "I am back"));
    assert!(reads(&all.world, bob.0, "before, to everybody") && reads(&all.world, new, "before, to everybody"));
}
