//! Follow notices: nobody hears that somebody follows unless that is chosen.

use super::*;

/// Two people of whom the second follows the first, who knows nothing of it.
fn pair(world: &mut World) -> [Person; 2] {
    world.messages = true;
    let people: [Person; 2] = std::array::from_fn(|number| {
        let node = world.node().unwrap();
        (node, world.persona(node, &format!("persona {number}")).unwrap())
    });
    let [alice, bob] = people;
    world.follow(bob.0, bob.1, alice.1).unwrap();
    world.connect(bob.0, alice.0);
    world.run_for(10_000).unwrap();
    people
}

fn tell(world: &mut World, (node, _): Person, (_, whom): Person, yes: bool) {
    world.verb(node, |handle| async move { handle.tell_follow(None, whom, yes).await }).unwrap();
}

/// Followers, each with whether it is mutual.
fn followers(world: &World, (node, _): Person) -> Vec<(PersonaId, bool)> {
    let all = world.ask(node, |handle| async move { handle.followers(None).await }).unwrap();
    all.into_iter().map(|follower| (follower.persona, follower.mutual)).collect()
}

fn mutual(world: &World, (node, _): Person) -> bool {
    world.ask(node, |handle| async move { handle.follows(None).await }).unwrap()[0].mutual
}

#[test]
fn a_follow_is_told_by_choice_alone_and_taken_back() {
    let mut world = World::new(60);
    let [alice, bob] = pair(&mut world);
    world.run_for(60_000).unwrap();
    assert!(followers(&world, alice).is_empty(), "nothing was chosen");
    tell(&mut world, bob, alice, true);
    soon(&mut world, "the notice", |world| followers(world, alice) == [(bob.1, false)]);
    let profile = world.ask(alice.0, |handle| async move { handle.profile(bob.1).await }).unwrap();
    assert_eq!((profile.name.as_str(), profile.follows), ("persona 1", vec![alice.1]));
    // It is no conversation, and no request of one.
    for requests in [false, true] {
        assert!(world.ask(alice.0, |handle| async move { handle.threads(None, requests).await }).unwrap().is_empty());
    }
    world.follow(alice.0, alice.1, bob.1).unwrap();
    assert_eq!(followers(&world, alice), [(bob.1, true)]);
    assert!(mutual(&world, alice) && !mutual(&world, bob), "she told nothing");
    tell(&mut world, alice, bob, true);
    soon(&mut world, "hers", |world| mutual(world, bob) && followers(world, bob) == [(alice.1, true)]);
    tell(&mut world, bob, alice, false);
    soon(&mut world, "it is taken back", |world| followers(world, alice).is_empty());
    tell(&mut world, bob, alice, true);
    soon(&mut world, "and told again", |world| followers(world, alice) == [(bob.1, true)]);
    let whom = alice.1;
    world.verb(bob.0, |handle| async move { handle.unfollow(None, whom).await }).unwrap();
    soon(&mut world, "with the follow it goes", |world| followers(world, alice).is_empty());
    let refused = world.verb(bob.0, |handle| async move { handle.tell_follow(None, whom, true).await });
    assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
    // Who follows again chooses again.
    world.follow(bob.0, bob.1, alice.1).unwrap();
    world.run_for(10_000).unwrap();
    assert!(followers(&world, alice).is_empty());
    let told = |world: &World| world.ask(bob.0, |handle| async move { handle.profile(whom).await }).unwrap().told;
    assert!(told(&world).is_empty());
    tell(&mut world, bob, alice, true);
    assert_eq!(told(&world), [bob.1]);
}

#[test]
fn a_notice_that_was_dropped_does_not_come_back() {
    let mut world = World::new(61);
    let [alice, bob] = pair(&mut world);
    tell(&mut world, bob, alice, true);
    soon(&mut world, "the notice", |world| followers(world, alice) == [(bob.1, false)]);
    let who = bob.1;
    world.verb(alice.0, |handle| async move { handle.drop_follower(None, who).await }).unwrap();
    assert!(followers(&world, alice).is_empty());
    for yes in [false, true] {
        tell(&mut world, bob, alice, yes);
        world.run_for(10_000).unwrap();
        assert!(followers(&world, alice).is_empty());
    }
    let profile = world.ask(alice.0, |handle| async move { handle.profile(who).await }).unwrap();
    assert!(profile.follows.is_empty());
}
