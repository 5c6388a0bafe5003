//! Conversations on several devices of one user: how far a message came is known on all, what came late is unread, and of
//! two who set at once how long messages stay the same one counts everywhere.

use super::circles::Friends;
use super::revoked::with_phone;
use super::*;
use kith_node::view::ThreadView;

fn thread_of(world: &World, node: NodeIndex, id: ThreadId) -> ThreadView {
    let all = world.ask(node, |handle| async move { handle.threads(None, false).await }).unwrap();
    all.into_iter().find(|thread| thread.id == id).unwrap()
}

fn state(world: &World, node: NodeIndex, thread: ThreadId, text: &str) -> Option<MessageState> {
    let all = world.ask(node, move |handle| async move { handle.messages(thread, 100, None).await }).ok()?;
    all.into_iter().find(|message| message.text == text).map(|message| message.state)
}

#[test]
fn how_far_a_message_came_is_known_on_all_own_devices() {
    let mut all = with_phone(51, false);
    let Friends { laptop, phone, bob, .. } = all;
    let thread = dm(&mut all.world, laptop, bob.1, "from the laptop");
    dm(&mut all.world, phone, bob.1, "from the phone");
    for text in ["from the laptop", "from the phone"] {
        soon(&mut all.world, "both know that Bob has it", |world| {
            [laptop, phone].iter().all(|node| state(world, *node, thread, text) == Some(MessageState::Delivered))
        });
    }
    // One is away while it comes.
    for node in [laptop, bob.0, all.carol.0] {
        all.world.disconnect(phone, node);
    }
    dm(&mut all.world, laptop, bob.1, "meanwhile");
    soon(&mut all.world, "Bob has it", |world| {
        state(world, laptop, thread, "meanwhile") == Some(MessageState::Delivered)
    });
    assert_eq!(state(&all.world, phone, thread, "meanwhile"), None);
    all.world.connect(phone, laptop);
    let knows = |world: &World| Ok(state(world, phone, thread, "meanwhile") == Some(MessageState::Delivered));
    let took = all.world.run_until(30 * 60_000, knows).unwrap();
    assert!(took.is_some(), "{:?}", state(&all.world, phone, thread, "meanwhile"));
}

#[test]
fn what_comes_late_is_unread_though_later_ones_were_read() {
    let mut all = with_phone(52, false);
    let Friends { laptop, phone, alice, bob, carol, .. } = all;
    let thread = dm(&mut all.world, bob.0, alice, "first");
    soon(&mut all.world, "it came", |world| texts(world, laptop, thread).contains(&"first".to_owned()));
    for node in [laptop, phone, carol.0] {
        all.world.disconnect(bob.0, node);
    }
    dm(&mut all.world, bob.0, alice, "late");
    all.world.run_for(60_000).unwrap();
    all.world.verb(laptop, |handle| async move { handle.read_thread(thread).await }).unwrap();
    assert_eq!(thread_of(&all.world, laptop, thread).unread, 0);
    all.world.connect(bob.0, laptop);
    soon(&mut all.world, "it came", |world| texts(world, laptop, thread).contains(&"late".to_owned()));
    assert_eq!(thread_of(&all.world, laptop, thread).unread, 1);
    all.world.verb(laptop, |handle| async move { handle.read_thread(thread).await }).unwrap();
    assert_eq!(thread_of(&all.world, laptop, thread).unread, 0);
}

#[test]
fn what_the_device_that_wrote_or_read_never_had_stays_unread_on_the_others() {
    let mut all = with_phone(55, false);
    let Friends { laptop, phone, alice, bob, carol, .. } = all;
    let thread = dm(&mut all.world, bob.0, alice, "first");
    let has = |world: &World, node, text: &str| texts(world, node, thread).contains(&text.to_owned());
    soon(&mut all.world, "both have it", |world| [laptop, phone].iter().all(|node| has(world, *node, "first")));
    // Bob's second message comes to the laptop alone; the phone, which never had it, writes, and looks.
    for node in [laptop, bob.0, carol.0] {
        all.world.disconnect(phone, node);
    }
    dm(&mut all.world, bob.0, alice, "second");
    soon(&mut all.world, "the laptop has it", |world| has(world, laptop, "second"));
    assert_eq!(thread_of(&all.world, laptop, thread).unread, 2);
    dm(&mut all.world, phone, bob.1, "an answer to the first");
    assert_eq!(thread_of(&all.world, phone, thread).unread, 0, "whoever writes has read what is there");
    all.world.run_for(60_000).unwrap();
    all.world.verb(phone, |handle| async move { handle.read_thread(thread).await }).unwrap();
    all.world.disconnect(laptop, bob.0);
    all.world.connect(phone, laptop);
    soon(&mut all.world, "the laptop heard of it", |world| {
        has(world, laptop, "an answer to the first") && thread_of(world, laptop, thread).unread == 1
    });
    all.world.run_for(10 * 60_000).unwrap();
    assert_eq!(thread_of(&all.world, laptop, thread).unread, 1, "the second one was read nowhere");
    soon(&mut all.world, "it came through the laptop", |world| has(world, phone, "second"));
    assert_eq!(thread_of(&all.world, phone, thread).unread, 1);
    // Once it was read on one of them it is on both.
    all.world.verb(laptop, |handle| async move { handle.read_thread(thread).await }).unwrap();
    soon(&mut all.world, "both know", |world| {
        [laptop, phone].iter().all(|node| thread_of(world, *node, thread).unread == 0)
    });
}

#[test]
fn a_linked_device_knows_while_what_is_its_own_is_still_on_its_way() {
    let mut world = World::new(56);
    let (laptop, phone) = (world.node().unwrap(), world.node().unwrap());
    let alice = world.persona(laptop, "Alice").unwrap();
    let post = world.post(laptop, alice, "from before").unwrap();
    // What is her own may leave the laptop once somebody was met.
    let other = world.node().unwrap();
    world.connect(laptop, other);
    world.run_for(5_000).unwrap();
    let fetching = |world: &World| {
        [laptop, phone].map(|node| world.ask(node, |it| async move { it.is_fetching().await }).unwrap())
    };
    assert_eq!(fetching(&world), [false, false]);
    world.link(laptop, phone, alice, false).unwrap();
    assert_eq!(fetching(&world), [false, true]);
    world.connect(laptop, phone);
    soon(&mut world, "all is there", |world| fetching(world) == [false, false] && world.has(phone, post).unwrap());
}

#[test]
fn of_two_who_set_at_once_how_long_messages_stay_the_same_one_counts_everywhere() {
    let mut all = with_phone(53, false);
    let Friends { laptop, phone, alice, bob, carol, .. } = all;
    let thread = dm(&mut all.world, bob.0, alice, "first");
    let nodes = [laptop, phone, bob.0];
    soon(&mut all.world, "it came", |world| {
        nodes.iter().all(|node| texts(world, *node, thread).contains(&"first".to_owned()))
    });
    for (one, two) in [(laptop, phone), (laptop, bob.0), (phone, bob.0), (carol.0, phone), (carol.0, laptop)] {
        all.world.disconnect(one, two);
    }
    for (node, keep_s) in [(laptop, 7_200), (phone, 3_600), (bob.0, 0)] {
        all.world.verb(node, move |handle| async move { handle.keep_messages(thread, keep_s).await }).unwrap();
    }
    for (one, two) in [(laptop, phone), (laptop, bob.0), (phone, bob.0)] {
        all.world.connect(one, two);
    }
    soon(&mut all.world, "all agree", |world| nodes.iter().all(|node| thread_of(world, *node, thread).keep_s == 3_600));
}

#[test]
fn nothing_is_said_of_a_message_that_was_deleted_and_a_reaction_is_an_emoji() {
    let mut all = with_phone(54, false);
    let Friends { laptop, bob, .. } = all;
    let thread = dm(&mut all.world, laptop, bob.1, "gone soon");
    let said = all.world.ask(laptop, move |handle| async move { handle.messages(thread, 1, None).await }).unwrap();
    let id = said[0].id;
    let refused = |result: kith_node::Result<()>| {
        assert!(matches!(result, Err(kith_node::Error::BadInput(_))), "{result:?}");
    };
    for no_emoji in ["yes", "<b>", "👍👍"] {
        refused(
            all.world.verb(laptop, move |handle| async move { handle.react_to_message(thread, id, no_emoji).await }),
        );
    }
    all.world.verb(laptop, move |handle| async move { handle.react_to_message(thread, id, "👍").await }).unwrap();
    all.world.verb(laptop, move |handle| async move { handle.delete_message(thread, id).await }).unwrap();
    refused(all.world.verb(laptop, move |handle| async move { handle.react_to_message(thread, id, "🎉").await }));
    refused(all.world.verb(laptop, move |handle| async move { handle.edit_message(thread, id, "back").await }));
}
