//! What members say about posts to circles, as members and outsiders see it.

use super::*;

#[test]
fn members_comment_and_react_and_outsiders_carry_it_unread() {
    let mut world = World::new(20);
    let [alice, bob, carol, dave] = star(&mut world);
    let friends = circle(&mut world, alice, "Friends");
    add(&mut world, alice, friends, bob);
    add(&mut world, alice, friends, dave);
    let id = post(&mut world, alice, &[friends], "where do we meet");
    soon(&mut world, "the post", |world| !texts(world, bob.0).is_empty() && !texts(world, dave.0).is_empty());
    // Dave never heard of Bob.
    let first = world.comment(bob.0, bob.1, id, "under the zeppelin").unwrap();
    let took = soon(&mut world, "the comment", |world| said(world, dave.0, id) == ["under the zeppelin"]);
    println!("took {took} ms");
    let seen = thread(&world, dave.0, id).remove(0);
    assert_eq!((seen.id, seen.author, seen.author_name.as_str()), (first, bob.1, "persona 1"));
    assert_eq!((seen.parent, seen.own, seen.deleted), (id, false, false));
    assert!(world.now_unix_ms() - seen.created_ms < 10_000, "outside stands the day, inside the time");
    let second = world.comment(dave.0, dave.1, first, "which one").unwrap();
    world.react(alice.0, alice.1, first, "🎈").unwrap();
    world.react(dave.0, dave.1, id, "👍").unwrap();
    soon(&mut world, "all of it", |world| {
        [alice, bob, dave].into_iter().all(|(node, _)| {
            let (post, thread) = (of_post(world, node, id), thread(world, node, id));
            (post.comments, post.reactions.get("👍"), thread.len()) == (2, Some(&1), 2)
                && thread[0].reactions.get("🎈") == Some(&1)
        })
    });
    assert_eq!(thread(&world, bob.0, id)[1].parent, first);
    assert_eq!(of_post(&world, dave.0, id).mine, ["👍"]);
    assert_eq!(searched(&world, alice.0, "zeppelin"), 1);
    for entry in [first, second] {
        soon(&mut world, "the entries", |world| world.has(carol.0, entry).unwrap());
    }
    for secret in ["zeppelin", "which one"] {
        assert!(holds(&world, dave.0, secret) && !holds(&world, carol.0, secret), "{secret}");
    }
    // Nor does she learn who they are: she follows Alice alone.
    for name in ["persona 1", "persona 3"] {
        assert!(!holds(&world, carol.0, name), "{name}");
    }
    for refused in [world.comment(carol.0, carol.1, id, "x"), world.react(carol.0, carol.1, first, "👍")] {
        assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
    }
    assert!(matches!(world.edit(alice.0, alice.1, first, "x"), Err(Error::BadInput(_))));
    assert!(matches!(world.delete(alice.0, alice.1, first), Err(Error::BadInput(_))));
}

#[test]
fn comments_on_circle_posts_are_edited_taken_back_and_hidden() {
    let mut world = World::new(21);
    let [alice, bob, dave] = star(&mut world);
    let friends = circle(&mut world, alice, "Friends");
    add(&mut world, alice, friends, bob);
    add(&mut world, alice, friends, dave);
    let id = post(&mut world, alice, &[friends], "a post");
    soon(&mut world, "the post", |world| !texts(world, bob.0).is_empty() && !texts(world, dave.0).is_empty());
    let comment = world.comment(bob.0, bob.1, id, "tomorow").unwrap();
    world.edit(bob.0, bob.1, comment, "tomorrow").unwrap();
    world.edit(bob.0, bob.1, comment, "overmorrow").unwrap();
    world.react(bob.0, bob.1, id, "👍").unwrap();
    world.react(dave.0, dave.1, id, "👍").unwrap();
    soon(&mut world, "the edits", |world| {
        said(world, dave.0, id) == ["overmorrow"] && of_post(world, dave.0, id).reactions.get("👍") == Some(&2)
    });
    let versions = world.ask(dave.0, |handle| async move { handle.versions(comment).await }).unwrap();
    assert_eq!(versions.len(), 3);
    assert_eq!((searched(&world, dave.0, "overmorrow"), searched(&world, dave.0, "tomorow")), (1, 0));
    world.verb(bob.0, |handle| async move { handle.unreact(None, id, "👍").await }).unwrap();
    let gone = world.delete(bob.0, bob.1, comment).unwrap();
    assert_eq!(world.delete(bob.0, bob.1, comment).unwrap(), gone);
    soon(&mut world, "the deletion", |world| {
        of_post(world, dave.0, id).comments == 0 && of_post(world, dave.0, id).reactions.get("👍") == Some(&1)
    });
    for (node, _) in [alice, bob, dave] {
        assert!(thread(&world, node, id)[0].deleted);
        assert_eq!(searched(&world, node, "overmorrow"), 0);
        for text in ["tomorow", "tomorrow", "overmorrow"] {
            assert!(!holds(&world, node, text), "{text}");
        }
    }
    // Its author takes what others say off the post, and shows it again.
    let rude = world.comment(dave.0, dave.1, id, "rude").unwrap();
    soon(&mut world, "the comment", |world| of_post(world, alice.0, id).comments == 1);
    world.verb(alice.0, |handle| async move { handle.hide(None, rude).await }).unwrap();
    soon(&mut world, "the hide", |world| of_post(world, bob.0, id).comments == 0);
    let hidden = world.ask(alice.0, |handle| async move { handle.hidden(Some(id)).await }).unwrap();
    assert_eq!((hidden[0].author, hidden[0].text.as_str()), (dave.1, "rude"));
    world.verb(alice.0, |handle| async move { handle.unhide(None, rude).await }).unwrap();
    soon(&mut world, "it is shown again", |world| of_post(world, bob.0, id).comments == 1);
}

#[test]
fn what_is_said_about_a_post_goes_with_it_everywhere() {
    let mut world = World::new(22);
    let [alice, bob, carol] = star(&mut world);
    let friends = circle(&mut world, alice, "Friends");
    add(&mut world, alice, friends, bob);
    let id = post(&mut world, alice, &[friends], "a post");
    soon(&mut world, "the post", |world| !texts(world, bob.0).is_empty());
    let comment = world.comment(bob.0, bob.1, id, "the zeppelin").unwrap();
    soon(&mut world, "the entry", |world| world.has(carol.0, comment).unwrap());
    world.delete(alice.0, alice.1, id).unwrap();
    soon(&mut world, "it is gone", |world| {
        [alice, bob, carol].into_iter().all(|(node, _)| !world.has(node, comment).unwrap())
    });
    assert!(!holds(&world, bob.0, "the zeppelin"));
    assert!(matches!(world.comment(bob.0, bob.1, id, "late"), Err(Error::NotFound { .. })));
    // It does not come back with the next comparison.
    world.disconnect(carol.0, alice.0);
    world.connect(carol.0, alice.0);
    world.run_for(20_000).unwrap();
    assert!(!world.has(carol.0, comment).unwrap());
}

#[test]
fn comments_have_the_latest_key_and_open_when_it_comes() {
    let mut world = World::new(23);
    let [alice, bob, carol, dave] = star(&mut world);
    let friends = circle(&mut world, alice, "Friends");
    for member in [bob, carol, dave] {
        add(&mut world, alice, friends, member);
    }
    let id = post(&mut world, alice, &[friends], "all of us");
    soon(&mut world, "the post", |world| {
        [bob, carol, dave].into_iter().all(|(node, _)| texts(world, node) == ["all of us"])
    });
    world.disconnect(dave.0, alice.0);
    world.run_for(1_000).unwrap();
    remove(&mut world, alice, friends, carol);
    world.run_for(5_000).unwrap();
    let comment = world.comment(bob.0, bob.1, id, "she is not here").unwrap();
    soon(&mut world, "the comment", |world| said(world, alice.0, id) == ["she is not here"]);
    soon(&mut world, "the entry", |world| world.has(carol.0, comment).unwrap());
    world.connect(dave.0, alice.0);
    soon(&mut world, "key and comment", |world| said(world, dave.0, id) == ["she is not here"]);
    world.run_for(5_000).unwrap();
    assert!(said(&world, carol.0, id).is_empty() && !holds(&world, carol.0, "she is not here"));
    // She can read the post, and so she can still say something about it.
    world.comment(carol.0, carol.1, id, "still here").unwrap();
    soon(&mut world, "her comment", |world| said(world, alice.0, id).contains(&"still here".to_owned()));
    // Its author closes it.
    let nobody = kith_node::entry::Commenters::Nobody;
    world.verb(alice.0, |handle| async move { handle.set_policy(None, id, nobody).await }).unwrap();
    soon(&mut world, "no comments", |world| of_post(world, bob.0, id).comments == 0);
}

#[test]
fn comments_that_were_missed_are_compared_as_others_are() {
    let mut world = World::new(24);
    let [alice, bob, carol] = star(&mut world);
    let friends = circle(&mut world, alice, "Friends");
    add(&mut world, alice, friends, bob);
    let id = post(&mut world, alice, &[friends], "a post");
    soon(&mut world, "the post", |world| !texts(world, bob.0).is_empty() && world.has(carol.0, id).unwrap());
    world.disconnect(carol.0, alice.0);
    world.disconnect(bob.0, alice.0);
    world.run_for(1_000).unwrap();
    let written: Vec<EntryId> =
        (0..20).map(|number| world.comment(alice.0, alice.1, id, &format!("number {number}")).unwrap()).collect();
    // From somebody who is in no circle of hers.
    world.connect(carol.0, alice.0);
    soon(&mut world, "the entries", |world| written.iter().all(|entry| world.has(carol.0, *entry).unwrap()));
    world.disconnect(carol.0, alice.0);
    world.connect(bob.0, carol.0);
    let took = world.run_until(30_000, |world| Ok(said(world, bob.0, id).len() == 20)).unwrap();
    assert!(took.is_some(), "{:?}", said(&world, bob.0, id));
}
