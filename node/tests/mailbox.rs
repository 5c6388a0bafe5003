//! Mailboxes in the seeded simulation (DESIGN §5.3, §6): what was held arrives though its sender is gone, floods stay
//! within their quotas, and nobody is let in who should not be. A failing seed is printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "support/talk.rs"]
mod talk;

use kith_node::gate::MailPass;
use kith_node::id::ThreadId;
use kith_node::limits::{MAIL_FILES_PART, MAIL_FILES_SOURCE_PART, MAIL_PART, MAIL_SOURCE_PART, QUOTA_LEAST};
use kith_node::sim::{NodeIndex, World};
use kith_node::view::{MailboxState, MessageState, Role};
use talk::{Person, dm, messages, soon, texts};

fn person(world: &mut World, role: Role, name: &str) -> Person {
    world.messages = true;
    let node = world.node_as(role).unwrap();
    (node, world.persona(node, name).unwrap())
}

/// Two phones that know each other, and a node between them that is always on.
fn phones(world: &mut World) -> (Person, Person, NodeIndex) {
    let (alice, bob) = (person(world, Role::Phone, "Alice"), person(world, Role::Phone, "Bob"));
    let mailbox = world.node().unwrap();
    world.follow(alice.0, alice.1, bob.1).unwrap();
    world.follow(bob.0, bob.1, alice.1).unwrap();
    world.connect(alice.0, bob.0);
    world.run_for(10_000).unwrap();
    let thread = dm(world, alice, bob.1, "0");
    soon(world, 2_000, "the first message", |world| texts(world, bob.0, thread).len() == 1);
    dm(world, bob, alice.1, "0 too");
    soon(world, 2_000, "the first answer", |world| texts(world, alice.0, thread).len() == 2);
    world.run_for(20_000).unwrap();
    world.disconnect(alice.0, bob.0);
    world.connect(alice.0, mailbox);
    world.connect(bob.0, mailbox);
    (alice, bob, mailbox)
}

fn last(world: &World, node: NodeIndex, thread: ThreadId) -> MessageState {
    messages(world, node, thread).last().unwrap().state
}

fn state(world: &World, node: NodeIndex) -> MailboxState {
    world.ask(node, |handle| async move { handle.mailboxes().await }).unwrap()[0].state
}

#[test]
fn held_means_that_the_sender_may_sleep() {
    let mut world = World::new(1);
    let (alice, bob, mailbox) = phones(&mut world);
    world.set_mailboxes(alice.0, &[mailbox]).unwrap();
    world.set_mailboxes(bob.0, &[mailbox]).unwrap();
    world.run_for(5_000).unwrap();
    assert_eq!((state(&world, alice.0), state(&world, bob.0)), (MailboxState::Keeps, MailboxState::Keeps));
    let (mut held, mut woken) = (Vec::new(), Vec::new());
    let (mut thread, mut expected) = (None, 2);
    for round in 1..=20 {
        let (from, to) = if round % 2 == 0 { (alice, bob) } else { (bob, alice) };
        world.crash(to.0);
        world.run_for(40_000).unwrap();
        thread = Some(dm(&mut world, from, to.1, &format!("{round}")));
        let thread = thread.unwrap();
        held.push(soon(&mut world, 5_000, "held", |world| last(world, from.0, thread) == MessageState::Held));
        // At this very moment it goes.
        world.crash(from.0);
        world.run_for(60_000).unwrap();
        world.restart(to.0).unwrap();
        expected += 1;
        woken.push(soon(&mut world, 5_000, "it comes on wake", |world| texts(world, to.0, thread).len() == expected));
        world.run_for(15_000).unwrap();
        world.restart(from.0).unwrap();
        soon(&mut world, 20_000, "delivered", |world| last(world, from.0, thread) == MessageState::Delivered);
    }
    assert_eq!(texts(&world, alice.0, thread.unwrap()).len(), 22);
    held.sort_unstable();
    woken.sort_unstable();
    println!("held after {held:?} ms; on wake after {woken:?} ms");
    assert!(held[10] <= 500, "held: {held:?}");
    assert!(woken[10] <= 1_000, "on wake: {woken:?}");
}

#[test]
fn where_no_mailbox_is_met_a_message_is_sent_and_not_held() {
    let mut world = World::new(2);
    let (alice, bob, carrier) = phones(&mut world);
    world.run_for(5_000).unwrap();
    world.crash(bob.0);
    let thread = dm(&mut world, alice, bob.1, "1");
    soon(&mut world, 5_000, "sent", |world| last(world, alice.0, thread) == MessageState::Sent);
    world.run_for(10_000).unwrap();
    assert_eq!(last(&world, alice.0, thread), MessageState::Sent, "{carrier} carries it, and promised nothing");
    world.crash(alice.0);
    world.restart(bob.0).unwrap();
    soon(&mut world, 5_000, "carried all the same", |world| texts(world, bob.0, thread).len() == 3);
}

#[test]
fn who_shows_no_good_token_is_told_why_and_gets_no_receipt() {
    let mut world = World::new(3);
    let (alice, bob, mailbox) = phones(&mut world);
    world.run_for(5_000).unwrap();
    let (node, pass) = world.pass(mailbox).unwrap();
    let wrong = MailPass { token: [1; 16], ..pass };
    let older = MailPass { week: pass.week - 20, ..pass };
    for (shown, told) in [
        (None, MailboxState::Closed),
        (Some(wrong), MailboxState::WrongToken),
        // The week is part of what the token is made of.
        (Some(older), MailboxState::WrongToken),
    ] {
        world.set_passes(alice.0, vec![(node, shown)]).unwrap();
        world.run_for(1_000).unwrap();
        assert_eq!(state(&world, alice.0), told, "{shown:?}");
    }
    world.crash(bob.0);
    let thread = dm(&mut world, alice, bob.1, "1");
    world.run_for(5_000).unwrap();
    assert_eq!(last(&world, alice.0, thread), MessageState::Sent);
    world.set_passes(alice.0, vec![(node, Some(pass))]).unwrap();
    world.run_for(1_000).unwrap();
    assert_eq!(state(&world, alice.0), MailboxState::Keeps);
    dm(&mut world, alice, bob.1, "2");
    soon(&mut world, 5_000, "held", |world| last(world, alice.0, thread) == MessageState::Held);
}

#[test]
fn an_anchor_holds_mail_without_a_token_and_a_phone_holds_none() {
    let mut world = World::new(4);
    let (alice, bob, _) = phones(&mut world);
    let anchor = world.node_as(Role::Anchor).unwrap();
    world.connect(alice.0, anchor);
    world.set_anchors(alice.0, &[anchor]).unwrap();
    let node = world.pass(bob.0).unwrap();
    world.set_passes(alice.0, vec![(node.0, Some(node.1))]).unwrap();
    world.connect(alice.0, bob.0);
    world.run_for(10_000).unwrap();
    assert_eq!(state(&world, alice.0), MailboxState::Closed, "a phone sleeps itself");
    world.crash(bob.0);
    let thread = dm(&mut world, alice, bob.1, "1");
    soon(&mut world, 5_000, "held", |world| last(world, alice.0, thread) == MessageState::Held);
}

#[test]
fn a_phone_with_less_room_than_its_mailbox_still_gets_its_mail() {
    let mut world = World::new(6);
    let (alice, bob, mailbox) = phones(&mut world);
    let quota = Some(QUOTA_LEAST.cast_unsigned());
    world.verb(bob.0, |handle| async move { handle.set_quota(quota).await }).unwrap();
    world.set_mailboxes(alice.0, &[mailbox]).unwrap();
    world.set_mailboxes(bob.0, &[mailbox]).unwrap();
    let flooder = world.node().unwrap();
    world.connect(flooder, mailbox);
    world.run_for(5_000).unwrap();
    world.crash(bob.0);
    world.flood(flooder, 200, 64 * 1024).unwrap();
    let thread = dm(&mut world, alice, bob.1, "1");
    soon(&mut world, 10_000, "held", |world| last(world, alice.0, thread) == MessageState::Held);
    world.flood(flooder, 50, 64 * 1024).unwrap();
    world.run_for(30_000).unwrap();
    world.crash(alice.0);
    let share = (QUOTA_LEAST / MAIL_PART).cast_unsigned();
    assert!(world.mail_bytes(mailbox).unwrap().0 > share, "more than fits on the phone");
    world.restart(bob.0).unwrap();
    soon(&mut world, 60_000, "asleep", |world| texts(world, bob.0, thread).len() == 3);
    world.restart(alice.0).unwrap();
    world.run_for(60_000).unwrap();
    dm(&mut world, alice, bob.1, "2");
    soon(&mut world, 10_000, "awake", |world| texts(world, bob.0, thread).len() == 4);
    assert!(world.mail_bytes(bob.0).unwrap().0 <= share);
}

#[test]
fn a_flood_stays_within_its_quota_and_honest_mail_gets_through() {
    for role in [Role::Desktop, Role::Anchor] {
        let mut world = World::new(5);
        let (alice, bob, mailbox) = phones(&mut world);
        let other = world.node_as(role).unwrap();
        world.connect(mailbox, other);
        world.connect(alice.0, other);
        for node in [mailbox, other, alice.0, bob.0] {
            let quota = Some(QUOTA_LEAST.cast_unsigned());
            world.verb(node, |handle| async move { handle.set_quota(quota).await }).unwrap();
        }
        world.set_mailboxes(alice.0, &[mailbox]).unwrap();
        world.set_mailboxes(bob.0, &[mailbox]).unwrap();
        let flooders: Vec<NodeIndex> = (0..5).map(|_| world.node().unwrap()).collect();
        for flooder in &flooders {
            world.connect(*flooder, mailbox);
            world.connect(*flooder, other);
        }
        world.run_for(5_000).unwrap();
        world.crash(bob.0);
        // Each writes 3 MiB, of the 2 that one may bring; together they write more than there is room for.
        for flooder in &flooders {
            world.flood(*flooder, 48, 64 * 1024).unwrap();
            // And claims 7 MiB for files, of the 4 that one may.
            world.claim(*flooder, 7, 1024 * 1024).unwrap();
        }
        let share = (QUOTA_LEAST / MAIL_PART).cast_unsigned();
        let thread = dm(&mut world, alice, bob.1, "1");
        soon(&mut world, 10_000, "held though it is full", |world| last(world, alice.0, thread) == MessageState::Held);
        for round in 2..=20 {
            dm(&mut world, alice, bob.1, &round.to_string());
            world.run_for(30_000).unwrap();
        }
        for node in [mailbox, other, alice.0] {
            let (all, most) = world.mail_bytes(node).unwrap();
            println!("{role:?}, node {node}: {all} bytes of mail, {most} by one, of {share}");
            // What is written here is not refused; the next that comes makes room.
            let own = if node == alice.0 { 20 * 2_400 } else { 0 };
            assert!(all <= share + own, "node {node} keeps {all} of {share}");
            let limit = if node == alice.0 { share } else { share / MAIL_SOURCE_PART.cast_unsigned() };
            assert!(most <= limit, "node {node} keeps {most} of one peer");
            let (files, most) = world.mail_files(node).unwrap();
            let room = (QUOTA_LEAST / MAIL_FILES_PART).cast_unsigned();
            println!("{role:?}, node {node}: {files} bytes of files, {most} by one, of {room}");
            assert!(files <= room, "node {node} takes {files} of {room}");
            let limit = if node == alice.0 { room } else { room / MAIL_FILES_SOURCE_PART.cast_unsigned() };
            assert!(most <= limit, "node {node} takes {most} of one peer");
        }
        assert!(world.mail_bytes(mailbox).unwrap().0 > share / 2, "there was a flood");
        assert_eq!(last(&world, alice.0, thread), MessageState::Held);
        world.crash(alice.0);
        world.restart(bob.0).unwrap();
        soon(&mut world, 60_000, "all that is honest", |world| texts(world, bob.0, thread).len() == 22);
    }
}
