//! Groups: every member posts, admins let people in and take them out, and who is out reads nothing new.

use kith_node::view::{CircleKind, CircleView, Membership};

use super::*;

fn group(world: &mut World, (node, _): Person, name: &'static str) -> CircleId {
    world.verb(node, |handle| async move { handle.create_group(None, name).await }).unwrap()
}

fn join(world: &mut World, (node, _): Person, group: CircleId) {
    world.verb(node, |handle| async move { handle.join_group(None, group).await }).unwrap();
}

fn groups(world: &World, (node, _): Person) -> Vec<CircleView> {
    world.ask(node, |handle| async move { handle.circles(None).await }).unwrap()
}

fn members(world: &World, who: Person) -> Vec<PersonaId> {
    let mut members = groups(world, who).into_iter().next().map(|group| group.members).unwrap_or_default();
    members.sort();
    members
}

fn all(people: &[Person]) -> Vec<PersonaId> {
    let mut all: Vec<PersonaId> = people.iter().map(|(_, persona)| *persona).collect();
    all.sort();
    all
}

fn invited(world: &World, who: Person) -> bool {
    groups(world, who).first().is_some_and(|group| group.invited)
}

/// A group that the first of them made and all the others joined.
fn together(world: &mut World, people: &[Person]) -> CircleId {
    let id = group(world, people[0], "Hikers");
    for member in &people[1..] {
        add(world, people[0], id, *member);
    }
    for member in &people[1..] {
        soon(world, "the invitation", |world| invited(world, *member));
        join(world, *member, id);
    }
    soon(world, "all know of all", |world| people.iter().all(|person| members(world, *person) == all(people)));
    id
}

fn reads(world: &World, (node, _): Person, text: &str) -> bool {
    texts(world, node).iter().any(|seen| seen == text)
}

#[test]
fn what_a_member_posts_reaches_every_member_and_nobody_else() {
    let mut world = World::new(40);
    let [alice, bob, carol, dave] = star(&mut world);
    let id = group(&mut world, alice, "Hikers");
    post(&mut world, alice, &[id], "before anybody");
    add(&mut world, alice, id, bob);
    add(&mut world, alice, id, carol);
    soon(&mut world, "the invitations", |world| invited(world, bob) && invited(world, carol));
    // Until one joins, one takes no part.
    post(&mut world, alice, &[id], "welcome");
    world.run_for(5_000).unwrap();
    assert!(!reads(&world, bob, "welcome"));
    let early = PostDraft { text: "early".to_owned(), circles: vec![id], ..PostDraft::default() };
    let refused = world.verb(bob.0, |handle| async move { handle.post(early).await });
    assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
    join(&mut world, bob, id);
    join(&mut world, carol, id);
    soon(&mut world, "what was posted", |world| reads(world, bob, "welcome") && reads(world, carol, "welcome"));
    let seen = groups(&world, bob).remove(0);
    assert_eq!(
        (seen.name.as_str(), seen.kind, seen.owner, seen.invited),
        ("Hikers", CircleKind::Group, alice.1, false)
    );
    assert_eq!(members(&world, bob), all(&[alice, bob, carol]));
    // Bob and Carol never heard of each other but by this.
    let by_bob = post(&mut world, bob, &[id], "over the zugspitze");
    let took = soon(&mut world, "the post", |world| {
        reads(world, alice, "over the zugspitze") && reads(world, carol, "over the zugspitze")
    });
    println!("took {took} ms");
    let seen = feed(&world, carol.0).into_iter().find(|post| post.id == by_bob).unwrap();
    assert_eq!((seen.author, seen.author_name.as_str()), (bob.1, "persona 1"));
    assert_eq!((seen.sealed, seen.circle.as_deref()), (true, Some("Hikers")));
    world.comment(carol.0, carol.1, by_bob, "in snow").unwrap();
    soon(&mut world, "the comment", |world| {
        [alice, bob].iter().all(|(node, _)| {
            let page = world.ask(*node, |handle| async move { handle.show(by_bob).await });
            page.is_ok_and(|page| page.thread.len() == 1 && page.thread[0].text == "in snow")
        })
    });
    world.edit(bob.0, bob.1, by_bob, "around the zugspitze").unwrap();
    soon(&mut world, "the edit", |world| reads(world, carol, "around the zugspitze"));
    world.run_for(5_000).unwrap();
    for secret in ["zugspitze", "in snow", "Hikers", "welcome"] {
        assert!(!holds(&world, dave.0, secret), "{secret}");
    }
    for (node, _) in [bob, carol] {
        assert!(!holds(&world, node, "before anybody"));
    }
}

#[test]
fn an_admin_takes_somebody_out_and_lets_somebody_in() {
    let mut world = World::new(41);
    let [alice, bob, carol, dave] = star(&mut world);
    let id = together(&mut world, &[alice, bob, carol]);
    post(&mut world, carol, &[id], "all three");
    soon(&mut world, "the post", |world| reads(world, alice, "all three") && reads(world, bob, "all three"));
    // Nobody else decides who is in it.
    let (carols, daves) = (carol.1, dave.1);
    for refused in [
        world.verb(bob.0, |handle| async move { handle.remove_from_circle(None, id, carols).await }),
        world.verb(bob.0, |handle| async move { handle.add_to_circle(None, id, daves).await }),
    ] {
        assert!(matches!(refused, Err(Error::BadInput(_))), "{refused:?}");
    }
    let (bobs, alices) = (bob.1, alice.1);
    world.verb(alice.0, |handle| async move { handle.set_group_admin(id, bobs, true).await }).unwrap();
    soon(&mut world, "the admin", |world| {
        groups(world, bob)[0].admins == [bob.1] && groups(world, carol)[0].admins == [bob.1]
    });
    let owner = world.verb(bob.0, |handle| async move { handle.remove_from_circle(None, id, alices).await });
    assert!(owner.is_err(), "{owner:?}");
    remove(&mut world, bob, id, carol);
    soon(&mut world, "she is out", |world| {
        groups(world, carol).is_empty() && members(world, alice) == all(&[alice, bob])
    });
    for (author, text) in [(alice, "by the owner"), (bob, "by the admin")] {
        post(&mut world, author, &[id], text);
        soon(&mut world, "the post", |world| reads(world, alice, text) && reads(world, bob, text));
    }
    world.run_for(5_000).unwrap();
    assert!(reads(&world, carol, "all three"), "what was there stays");
    assert!(!holds(&world, carol.0, "by the owner") && !holds(&world, carol.0, "by the admin"));
    // Bob met Dave nowhere but in what Alice wrote about.
    world.follow(bob.0, bob.1, dave.1).unwrap();
    world.run_for(5_000).unwrap();
    add(&mut world, bob, id, dave);
    soon(&mut world, "the invitation", |world| invited(world, dave));
    join(&mut world, dave, id);
    post(&mut world, dave, &[id], "hello all");
    soon(&mut world, "his post", |world| reads(world, alice, "hello all") && reads(world, bob, "hello all"));
    post(&mut world, bob, &[id], "hello Dave");
    soon(&mut world, "the answer", |world| reads(world, dave, "hello Dave"));
    assert!(!holds(&world, dave.0, "by the owner") && !holds(&world, dave.0, "all three"));
}

#[test]
fn who_leaves_is_told_of_and_reads_nothing_new() {
    let mut world = World::new(42);
    let [alice, bob, carol] = star(&mut world);
    let id = together(&mut world, &[alice, bob, carol]);
    post(&mut world, bob, &[id], "all three");
    soon(&mut world, "the post", |world| reads(world, carol, "all three"));
    let refused = world.verb(alice.0, |handle| async move { handle.leave_group(None, id).await });
    assert!(matches!(refused, Err(Error::BadInput(_))), "{refused:?}");
    world.verb(carol.0, |handle| async move { handle.leave_group(None, id).await }).unwrap();
    assert!(groups(&world, carol).is_empty());
    soon(&mut world, "they know", |world| {
        members(world, alice) == all(&[alice, bob]) && members(world, bob) == all(&[alice, bob])
    });
    // The owner's next key is with Bob.
    soon(&mut world, "the key", |world| groups(world, bob)[0].epoch == groups(world, alice)[0].epoch);
    post(&mut world, bob, &[id], "without Carol");
    post(&mut world, alice, &[id], "without her");
    soon(&mut world, "the posts", |world| reads(world, alice, "without Carol") && reads(world, bob, "without her"));
    world.run_for(10_000).unwrap();
    assert!(!holds(&world, carol.0, "without Carol") && !holds(&world, carol.0, "without her"));
    let again = PostDraft { text: "again".to_owned(), circles: vec![id], ..PostDraft::default() };
    assert!(world.verb(carol.0, |handle| async move { handle.post(again).await }).is_err());
    // Whoever is let in again is asked again.
    add(&mut world, alice, id, carol);
    soon(&mut world, "the invitation", |world| invited(world, carol));
    join(&mut world, carol, id);
    post(&mut world, alice, &[id], "back");
    soon(&mut world, "the post", |world| reads(world, carol, "back"));
    assert!(!holds(&world, carol.0, "without Carol") && !holds(&world, carol.0, "without her"));
}

#[test]
fn two_who_take_people_out_at_once_agree_on_a_key_that_neither_has() {
    let mut world = World::new(43);
    let [alice, bob, carol, dave] = star(&mut world);
    let id = together(&mut world, &[alice, bob, carol, dave]);
    let bobs = bob.1;
    world.verb(alice.0, |handle| async move { handle.set_group_admin(id, bobs, true).await }).unwrap();
    soon(&mut world, "the admin", |world| {
        [bob, carol, dave].iter().all(|person| groups(world, *person)[0].admins == [bob.1])
    });
    world.disconnect(bob.0, alice.0);
    world.run_for(1_000).unwrap();
    remove(&mut world, alice, id, carol);
    remove(&mut world, bob, id, dave);
    world.run_for(5_000).unwrap();
    world.connect(bob.0, alice.0);
    soon(&mut world, "both know of both", |world| {
        members(world, alice) == all(&[alice, bob]) && members(world, bob) == all(&[alice, bob])
    });
    soon(&mut world, "one key", |world| groups(world, alice)[0].epoch == groups(world, bob)[0].epoch);
    world.run_for(5_000).unwrap();
    for (author, text) in [(alice, "by the owner"), (bob, "by the admin")] {
        post(&mut world, author, &[id], text);
        soon(&mut world, "the post", |world| reads(world, alice, text) && reads(world, bob, text));
    }
    world.run_for(10_000).unwrap();
    for (node, _) in [carol, dave] {
        assert!(!holds(&world, node, "by the owner") && !holds(&world, node, "by the admin"));
    }
}

fn state(world: &World, (node, _): Person, group: CircleId, whom: Person) -> Option<Membership> {
    let members = world.ask(node, |handle| async move { handle.circle_members(None, group).await }).unwrap();
    members.into_iter().find(|member| member.persona == whom.1).map(|member| member.state)
}

#[test]
fn who_made_a_group_hears_who_joined_it() {
    let mut world = World::new(44);
    let [alice, bob, carol] = star(&mut world);
    let id = group(&mut world, alice, "Hikers");
    add(&mut world, alice, id, bob);
    add(&mut world, alice, id, carol);
    soon(&mut world, "the invitations", |world| invited(world, bob) && invited(world, carol));
    for person in [bob, carol] {
        assert_eq!(state(&world, alice, id, person), Some(Membership::Invited));
    }
    assert_eq!(state(&world, bob, id, alice), Some(Membership::In), "who made it is in it");
    join(&mut world, bob, id);
    soon(&mut world, "word of it", |world| state(world, alice, id, bob) == Some(Membership::In));
    assert_eq!(state(&world, alice, id, carol), Some(Membership::Invited));
    // To be made an admin is no answer, and takes none back.
    for person in [bob.1, carol.1] {
        world.verb(alice.0, |handle| async move { handle.set_group_admin(id, person, true).await }).unwrap();
    }
    soon(&mut world, "the admins", |world| groups(world, carol)[0].admins.len() == 2);
    assert_eq!(state(&world, alice, id, bob), Some(Membership::In));
    assert_eq!(state(&world, alice, id, carol), Some(Membership::Invited));
    // Who is out and invited again is asked again.
    remove(&mut world, alice, id, bob);
    assert_eq!(state(&world, alice, id, bob), Some(Membership::Out));
    soon(&mut world, "he is out", |world| groups(world, bob).is_empty());
    add(&mut world, alice, id, bob);
    assert_eq!(state(&world, alice, id, bob), Some(Membership::Invited));
}

#[test]
fn a_group_that_is_closed_ends_for_everybody_in_it() {
    let mut world = World::new(45);
    let [alice, bob, carol] = star(&mut world);
    let id = together(&mut world, &[alice, bob, carol]);
    post(&mut world, bob, &[id], "all three");
    soon(&mut world, "the post", |world| reads(world, alice, "all three") && reads(world, carol, "all three"));
    let refused = world.verb(bob.0, |handle| async move { handle.close_group(id).await });
    assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
    world.verb(alice.0, |handle| async move { handle.close_group(id).await }).unwrap();
    assert!(groups(&world, alice).is_empty());
    soon(&mut world, "they know", |world| groups(world, bob).is_empty() && groups(world, carol).is_empty());
    for (node, _) in [alice, bob, carol] {
        let more = PostDraft { text: "more".to_owned(), circles: vec![id], ..PostDraft::default() };
        assert!(world.verb(node, |handle| async move { handle.post(more).await }).is_err());
    }
    assert!(reads(&world, carol, "all three") && reads(&world, alice, "all three"), "what was there stays");
    let bobs = bob.1;
    assert!(world.verb(alice.0, |handle| async move { handle.add_to_circle(None, id, bobs).await }).is_err());
}
