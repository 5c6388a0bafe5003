//! Who is named inside of messages, and several personas of one node in one conversation: others learn nothing by it.

use super::*;

#[test]
fn a_name_in_a_message_finds_nobody() {
    let mut world = World::new(70);
    let [alice, bob, carol, dave] = people(&mut world);
    follow_each_other(&mut world, alice, bob);
    world.connect(alice.0, bob.0);
    world.run_for(5_000).unwrap();
    // Nobody but Alice knows this name, and now Bob, by a message. Dave knows it as one knows names.
    let name = PersonaId::from_bytes([0x5e; 32]);
    world.follow(alice.0, alice.1, name).unwrap();
    let draft = MessageDraft { text: "all of you".to_owned(), reply_to: None, attachments: Vec::new() };
    let to = vec![bob.1, name];
    let group = world.verb(alice.0, |handle| async move { handle.dm(None, to, draft).await }).unwrap().thread;
    soon(&mut world, 5_000, "the message", |world| texts(world, bob.0, group) == ["all of you"]);
    assert!(threads(&world, bob.0, false)[0].with.contains(&name));
    world.unfollow(alice.0, alice.1, name).unwrap();
    world.follow(dave.0, dave.1, name).unwrap();
    world.unfollow(dave.0, dave.1, name).unwrap();
    // Whoever asks finds Dave, and not Bob.
    world.connect(carol.0, bob.0);
    world.connect(carol.0, dave.0);
    world.follow(carol.0, carol.1, name).unwrap();
    soon(&mut world, 60_000, "who knows it in the open", |world| world.leases(dave.0, name).unwrap());
    world.run_for(60_000).unwrap();
    assert!(!world.carries(bob.0, name).unwrap(), "his node told that it knows the name");
}

#[test]
fn a_request_is_accepted_for_one_persona() {
    let mut world = World::new(71);
    let [alice, bob] = people(&mut world);
    let second = world.persona(bob.0, "second").unwrap();
    for persona in [bob.1, second] {
        world.follow(alice.0, alice.1, persona).unwrap();
    }
    world.connect(alice.0, bob.0);
    world.run_for(10_000).unwrap();
    let draft = MessageDraft { text: "both of you".to_owned(), reply_to: None, attachments: Vec::new() };
    let to = vec![bob.1, second];
    let group = world.verb(alice.0, |handle| async move { handle.dm(None, to, draft).await }).unwrap().thread;
    soon(&mut world, 10_000, "both are asked", |world| threads(world, bob.0, true).len() == 2);
    world.verb(bob.0, |handle| async move { handle.accept_request(Some(second), group).await }).unwrap();
    let asked = threads(&world, bob.0, true);
    assert_eq!(asked.iter().map(|thread| thread.persona).collect::<Vec<_>>(), [bob.1], "the other is still asked");
    let again = world.verb(bob.0, |handle| async move { handle.accept_request(Some(second), group).await });
    assert!(again.is_err(), "{again:?}");
    world.run_for(30_000).unwrap();
    let state = |world: &World| messages(world, alice.0, group)[0].state;
    assert!(state(&world) < MessageState::Delivered, "one of the two has not answered");
    world.verb(bob.0, |handle| async move { handle.accept_request(None, group).await }).unwrap();
    soon(&mut world, 10_000, "the other's answer", |world| state(world) == MessageState::Delivered);
    // Each leaves for itself.
    world.verb(bob.0, |handle| async move { handle.leave_thread(Some(second), group).await }).unwrap();
    let left = |world: &World| -> Vec<(PersonaId, bool)> {
        threads(world, bob.0, false).into_iter().map(|thread| (thread.persona, thread.left)).collect()
    };
    assert!(left(&world).contains(&(second, true)) && left(&world).contains(&(bob.1, false)));
    let view = |world: &World| threads(world, alice.0, false).into_iter().find(|thread| thread.id == group).unwrap();
    soon(&mut world, 10_000, "she hears of one", |world| view(world).with == [bob.1]);
}
