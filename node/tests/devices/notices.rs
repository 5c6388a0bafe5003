//! What one device of the user read, the others know; and what all of it leaves on a device that is linked later.

use super::circles::Friends;
use super::revoked::with_phone;
use super::*;
use kith_node::view::{NotificationKind, NotificationView};
use kith_node::{Looked, NotificationsQuery};

fn told(world: &World, node: NodeIndex) -> Vec<NotificationView> {
    let all = NotificationsQuery { limit: 100, ..NotificationsQuery::default() };
    world.ask(node, |handle| async move { handle.notifications(all).await }).unwrap()
}

fn unread(world: &World, node: NodeIndex) -> u64 {
    let counts = world.ask(node, |handle| async move { handle.unread_notifications().await }).unwrap();
    counts.iter().map(|(_, count)| count).sum()
}

fn of(all: &[NotificationView], kind: NotificationKind) -> usize {
    all.iter().filter(|line| line.kind == kind).count()
}

#[test]
fn what_is_read_on_one_device_is_read_on_the_other_and_what_only_that_one_has_is_not() {
    let mut all = with_phone(61, false);
    let Friends { laptop, phone, alice, bob, carol, .. } = all;
    let post = post(&mut all.world, laptop, &[], "hello from the laptop");
    all.world.run_for(10_000).unwrap();
    for node in [laptop, phone] {
        all.world.verb(node, |handle| async move { handle.read_notifications(None).await }).unwrap();
    }
    all.world.run_for(30_000).unwrap();
    all.world.comment(bob.0, bob.1, post, "first").unwrap();
    soon(&mut all.world, "both have it", |world| [laptop, phone].iter().all(|node| unread(world, *node) == 1));
    all.world.verb(phone, |handle| async move { handle.look_at(Looked::Post(post)).await }).unwrap();
    soon(&mut all.world, "the laptop knows", |world| unread(world, laptop) == 0);
    // A second one comes to the laptop alone, while the phone, which never had it, is looked at.
    for node in [laptop, bob.0, carol.0] {
        all.world.disconnect(phone, node);
    }
    all.world.comment(bob.0, bob.1, post, "second").unwrap();
    soon(&mut all.world, "the laptop has it", |world| unread(world, laptop) == 1);
    all.world.verb(phone, |handle| async move { handle.read_notifications(None).await }).unwrap();
    all.world.connect(phone, laptop);
    soon(&mut all.world, "the phone has it", |world| unread(world, phone) == 1);
    all.world.run_for(60_000).unwrap();
    assert_eq!((unread(&all.world, laptop), unread(&all.world, phone)), (1, 1));
    // Messages are read as conversations are.
    let thread = dm(&mut all.world, bob.0, alice, "a message");
    soon(&mut all.world, "both have it", |world| [laptop, phone].iter().all(|node| unread(world, *node) == 2));
    let lines = told(&all.world, laptop);
    let line = lines.iter().find(|line| line.thread == Some(thread)).unwrap();
    assert_eq!((line.kind, line.text.as_str(), line.count), (NotificationKind::Message, "a message", 1));
    all.world.verb(laptop, |handle| async move { handle.read_thread(thread).await }).unwrap();
    soon(&mut all.world, "the phone knows", |world| unread(world, phone) == 1);
    // All as read, conversations too.
    dm(&mut all.world, bob.0, alice, "another");
    soon(&mut all.world, "both have it", |world| [laptop, phone].iter().all(|node| unread(world, *node) == 2));
    all.world.verb(phone, |handle| async move { handle.read_notifications(None).await }).unwrap();
    soon(&mut all.world, "all is read", |world| [laptop, phone].iter().all(|node| unread(world, *node) == 0));
}

#[test]
fn a_follower_who_tells_an_invitation_and_a_circle_are_told_once() {
    let mut world = World::new(62);
    world.messages = true;
    let (one, two) = (world.node().unwrap(), world.node().unwrap());
    let alice = world.persona(one, "Alice").unwrap();
    let bob = world.persona(two, "Bob").unwrap();
    world.follow(one, alice, bob).unwrap();
    world.follow(two, bob, alice).unwrap();
    world.connect(one, two);
    world.run_for(30_000).unwrap();
    world.verb(two, |node| async move { node.tell_follow(None, alice, true).await }).unwrap();
    soon(&mut world, "a follower", |world| of(&told(world, one), NotificationKind::Follower) == 1);
    world.verb(two, |node| async move { node.tell_follow(None, alice, false).await }).unwrap();
    soon(&mut world, "taken back", |world| of(&told(world, one), NotificationKind::Follower) == 0);
    let group = world.verb(two, |node| async move { node.create_group(None, "Hikers").await }).unwrap();
    world.verb(two, |node| async move { node.add_to_circle(None, group, alice).await }).unwrap();
    soon(&mut world, "an invitation", |world| of(&told(world, one), NotificationKind::Invitation) == 1);
    let circle = world.verb(two, |node| async move { node.create_circle(None, "Family").await }).unwrap();
    world.verb(two, |node| async move { node.add_to_circle(None, circle, alice).await }).unwrap();
    soon(&mut world, "a circle", |world| of(&told(world, one), NotificationKind::Circle) == 1);
    let lines = told(&world, one);
    assert!(lines.iter().any(|line| line.circle == Some(group) && line.about == "Hikers"));
    assert!(lines.iter().any(|line| line.circle == Some(circle) && line.about == "Family"));
    assert_eq!(unread(&world, one), 2);
    world.verb(one, |node| async move { node.look_at(Looked::Circle(group)).await }).unwrap();
    assert_eq!(unread(&world, one), 1);
    // What stands in a sealed post, and comments on it.
    let sealed = world
        .verb(two, |node| async move {
            let draft = PostDraft { text: "supper".to_owned(), circles: vec![circle], ..PostDraft::default() };
            node.post(draft).await
        })
        .unwrap();
    soon(&mut world, "the post", |world| reads(world, one, "supper"));
    world.comment(one, alice, sealed, "I come").unwrap();
    soon(&mut world, "a comment", |world| of(&told(world, two), NotificationKind::Comment) == 1);
    let line = told(&world, two).into_iter().find(|line| line.kind == NotificationKind::Comment).unwrap();
    assert_eq!((line.text.as_str(), line.about.as_str(), line.post), ("I come", "supper", Some(sealed)));
    assert_eq!(line.from[0].persona, alice);
}
