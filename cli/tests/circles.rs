//! Circles with three real nodes on loopback: Alice posts to a circle that Bob is in and Carol is not.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "support/profile.rs"]
mod profile;

use std::time::Duration;

use profile::{PATIENCE, Profile, id, ids, text};
use serde_json::{Value, json};

const FIRST_CONTACT: Duration = Duration::from_secs(20);

fn texts(feed: &Value) -> Vec<&str> {
    let mut texts: Vec<&str> = feed.as_array().unwrap().iter().map(|post| post["text"].as_str().unwrap()).collect();
    texts.sort_unstable();
    texts
}

#[test]
fn a_circle_from_end_to_end() {
    let (mut alice, mut bob, mut carol) = (Profile::init("Alice"), Profile::init("Bob"), Profile::init("Carol"));
    for profile in [&mut alice, &mut bob, &mut carol] {
        profile.run_on_loopback(None);
    }
    for (follower, followed) in [(&bob, &alice), (&carol, &alice), (&alice, &bob), (&alice, &carol)] {
        follower.json(&["follow", &text(&followed.json(&["invite"])["invite"])]);
    }
    let hello = id(&alice.json(&["post", "hello"]));
    for follower in [&bob, &carol] {
        follower.until(&["feed"], FIRST_CONTACT, |feed| ids(feed).contains(&hello));
        let hello = id(&follower.json(&["post", "hello Alice"]));
        alice.until(&["feed"], FIRST_CONTACT, |feed| ids(feed).contains(&hello));
    }

    let made = alice.json(&["circle", "create", "Friends"]);
    assert_eq!(made["name"], "Friends");
    alice.refused_as(&["circle", "create", "friends"], "bad_input", 1);
    let bobs = bob.persona();
    alice.json(&["circle", "add", "Friends", bobs.split_at(10).0]);
    let listed = alice.json(&["circle", "list"]);
    profile::assert_fields(&listed[0], &["name", "kind", "members", "epoch"]);
    let expected = json!([{ "name": "Friends", "kind": "circle", "members": [&bobs], "epoch": 1 }]);
    for field in ["name", "kind", "members", "epoch"] {
        assert_eq!(listed[0][field], expected[0][field]);
    }
    alice.refused_as(&["post", "x", "--circle", "Nobody"], "not_found", 1);
    alice.refused_as(&["circle", "add", "Friends", &alice.persona()], "bad_input", 1);

    let secret = "the zeppelin lands at noon";
    let post = id(&alice.json(&["post", secret, "--circle", "friends"]));
    let (feed, took) = bob.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&post));
    println!("a post to a circle is in the feed of its member after {} ms", took.as_millis());
    let seen = &feed[0];
    assert_eq!((&seen["text"], &seen["sealed"], &seen["circle"]), (&json!(secret), &json!(true), &json!("Friends")));
    let shown = String::from_utf8_lossy(&bob.kith(&["feed"]).stdout.into_bytes()).into_owned();
    assert!(shown.contains("to Friends"), "{shown}");
    let comment = id(&bob.json(&["comment", &post, "at the dirigible mast"]));
    bob.json(&["react", &post, "🎈"]);
    let (page, _) = alice
        .until(&["show", &post], PATIENCE, |page| page["comments"] == 1 && page["reactions"] == json!({ "🎈": 1 }));
    let told = &page["thread"][0];
    assert_eq!((&told["id"], &told["author"]), (&json!(comment), &json!(bobs)));
    assert_eq!((&told["text"], &told["author_name"]), (&json!("at the dirigible mast"), &json!("Bob")));
    let answer = id(&alice.json(&["comment", &comment, "see you"]));
    bob.until(&["show", &post], PATIENCE, |page| page["comments"] == 2);
    bob.json(&["react", &post, "🎈", "--undo"]);
    bob.json(&["edit", &comment, "at the mast"]);
    alice.until(&["show", &post], PATIENCE, |page| page["thread"][0]["text"] == "at the mast");
    alice.json(&["delete", &answer]);
    bob.until(&["feed"], PATIENCE, |feed| feed[0]["comments"] == 1 && feed[0]["reactions"] == json!({}));
    bob.refused_as(&["repost", &post], "bad_input", 1);

    // A later public post shows that Carol's node is up to date.
    let after = id(&alice.json(&["post", "good morning"]));
    let (feed, _) = carol.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&after));
    assert!(!ids(&feed).contains(&post));
    carol.refused_as(&["show", &post], "not_found", 1);
    carol.refused_as(&["comment", &post, "x"], "not_found", 1);
    carol.refused_as(&["react", &comment, "👍"], "not_found", 1);
    assert_eq!(carol.json(&["search", "zeppelin"]), json!([]));

    alice.json(&["edit", &post, "the zeppelin lands at one"]);
    bob.until(&["show", &post], PATIENCE, |page| page["text"] == "the zeppelin lands at one");

    let removed = alice.kith(&["circle", "remove", "Friends", &bobs]);
    assert!(removed.stdout.contains("stays readable to them"), "{removed:?}");
    assert_eq!(alice.json(&["circle", "list"])[0]["epoch"], 2);
    assert_eq!(alice.json(&["circle", "list"])[0]["members"], json!([]));
    alice.json(&["post", "to nobody", "--circle", "Friends"]);
    let last = id(&alice.json(&["post", "good night"]));
    let (feed, _) = bob.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&last));
    // Of one second the order is that of the logs, which are drawn.
    assert_eq!(texts(&feed), ["good morning", "good night", "hello", "hello Alice", "the zeppelin lands at one"]);
    assert!(texts(&alice.json(&["feed"])).contains(&"to nobody"));

    // Another name reaches those who are in it; nothing more can be posted to a circle that is gone.
    alice.json(&["circle", "add", "Friends", &bobs]);
    let again = id(&alice.json(&["post", "for a friend", "--circle", "Friends"]));
    bob.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&again));
    alice.json(&["circle", "rename", "friends", "Old friends"]);
    bob.until(&["show", &again], PATIENCE, |page| page["circle"] == "Old friends");
    alice.json(&["circle", "colour", "Old friends", "blue"]);
    assert_eq!(alice.json(&["circle", "list"])[0]["colour"], "blue");
    assert_eq!(alice.json(&["show", &again])["colour"], "blue");
    alice.refused_as(&["circle", "colour", "Old friends", "pink"], "usage", 2);
    alice.json(&["circle", "delete", "Old friends"]);
    assert_eq!(alice.json(&["circle", "list"]), json!([]));
    alice.refused_as(&["post", "x", "--circle", "Old friends"], "not_found", 1);
    assert_eq!(alice.json(&["show", &again])["circle"], "Old friends");

    alice.json(&["delete", &post]);
    bob.until(&["feed"], PATIENCE, |feed| !ids(feed).contains(&post));
}

#[test]
fn a_group_from_end_to_end() {
    let (mut alice, mut bob, mut carol) = (Profile::init("Alice"), Profile::init("Bob"), Profile::init("Carol"));
    for profile in [&mut alice, &mut bob, &mut carol] {
        profile.run_on_loopback(None);
    }
    for follower in [&bob, &carol] {
        follower.json(&["follow", &text(&alice.json(&["invite"])["invite"]), "--tell"]);
    }
    // Who told that they follow is known.
    let (told, _) = alice.until(&["followers"], FIRST_CONTACT, |all| all.as_array().unwrap().len() == 2);
    let (bobs, carols) = (bob.persona(), carol.persona());
    assert!(told.as_array().unwrap().iter().all(|follower| follower["mutual"] == false));
    alice.json(&["followers", "drop", &carols]);
    assert_eq!(alice.json(&["followers"])[0]["persona"], json!(bobs));

    alice.json(&["group", "create", "Hikers", &bobs, &carols]);
    let listed = alice.json(&["group", "list"]);
    profile::assert_fields(&listed[0], &["name", "kind", "members", "epoch", "owner", "admins", "invited"]);
    assert_eq!((&listed[0]["kind"], &listed[0]["invited"]), (&json!("group"), &json!(false)));
    assert_eq!(listed[0]["members"].as_array().unwrap().len(), 3);
    for member in [&bob, &carol] {
        member.until(&["circle", "list"], PATIENCE, |all| {
            all[0]["invited"] == true && all[0]["members"].as_array().unwrap().len() == 3
        });
        member.refused_as(&["post", "early", "--circle", "Hikers"], "not_found", 1);
        member.json(&["group", "join", "Hikers"]);
    }
    let post = id(&bob.json(&["post", "over the zugspitze", "--circle", "hikers"]));
    for reader in [&alice, &carol] {
        let (feed, took) = reader.until(&["feed"], FIRST_CONTACT, |feed| ids(feed).contains(&post));
        println!("a post to a group is in the feed of a member after {} ms", took.as_millis());
        assert_eq!((&feed[0]["circle"], &feed[0]["author_name"]), (&json!("Hikers"), &json!("Bob")));
    }
    let comment = id(&carol.json(&["comment", &post, "in snow"]));
    bob.until(&["show", &post], PATIENCE, |page| page["thread"][0]["id"] == json!(comment));

    bob.refused_as(&["group", "remove", "Hikers", &carols], "bad_input", 1);
    alice.json(&["group", "admin", "Hikers", &bobs]);
    bob.until(&["group", "list"], PATIENCE, |all| all[0]["admins"] == json!([&bobs]));
    bob.json(&["group", "remove", "Hikers", &carols]);
    carol.until(&["group", "list"], PATIENCE, |all| all == &json!([]));
    // She is told by whom, and why nobody would read what she says there.
    for words in [
        &["comment", &post, "still here"][..],
        &["edit", &comment, "in deep snow"],
        &["react", &post, "👍"],
        &["post", "x", "--circle", "Hikers"],
    ] {
        carol.refused_as(words, "group_ended", 1);
    }
    let ended = carol.json(&["show", &post])["ended"].clone();
    assert_eq!(
        (&ended["how"], &ended["by_name"], &ended["name"]),
        (&json!("removed"), &json!("Bob"), &json!("Hikers"))
    );
    for words in [&["group", "list"][..], &["show", &post]] {
        let told = carol.kith(words).stdout;
        assert!(told.contains("Bob removed you from Hikers"), "{told}");
    }
    assert_eq!(carol.json(&["show", &post])["comments"], 1);
    carol.refused_as(&["group", "join", "Nobodys"], "not_found", 1);
    let (_, _) = alice.until(&["group", "list"], PATIENCE, |all| all[0]["members"].as_array().unwrap().len() == 2);
    let last = id(&alice.json(&["post", "without a rope", "--circle", "Hikers"]));
    bob.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&last));
    let after = id(&alice.json(&["post", "good night"]));
    let (feed, _) = carol.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&after));
    assert!(ids(&feed).contains(&post) && !ids(&feed).contains(&last));
    let left = bob.kith(&["group", "leave", "Hikers"]);
    assert!(left.stdout.contains("You left Hikers"), "{left:?}");
    bob.refused_as(&["comment", &last, "one more word"], "group_ended", 1);
    assert_eq!(bob.json(&["show", &last])["ended"]["how"], "left");
    alice.until(&["group", "list"], PATIENCE, |all| all[0]["members"].as_array().unwrap().len() == 1);
    alice.refused_as(&["group", "leave", "Hikers"], "bad_input", 1);
    let closed = alice.kith(&["group", "close", "Hikers"]);
    assert!(closed.stdout.contains("stays readable to those"), "{closed:?}");
    assert_eq!(alice.json(&["group", "list"]), json!([]));
    alice.refused_as(&["post", "x", "--circle", "Hikers"], "group_ended", 1);

    // Who was in it when it was closed hears that, and by whom.
    alice.json(&["group", "create", "Choir", &bobs]);
    bob.until(&["circle", "list"], PATIENCE, |all| all[0]["invited"] == true);
    bob.json(&["group", "join", "Choir"]);
    let listed = bob.kith(&["group", "list"]).stdout;
    assert!(listed.contains("Alice") && listed.contains("Bob"), "{listed}");
    let song = id(&bob.json(&["post", "la la la", "--circle", "Choir"]));
    alice.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&song));
    alice.json(&["group", "close", "Choir"]);
    let (page, _) = bob.until(&["show", &song], PATIENCE, |page| page["ended"] != Value::Null);
    assert_eq!((&page["ended"]["how"], &page["ended"]["by_name"]), (&json!("closed"), &json!("Alice")));
    for member in [&alice, &bob] {
        member.refused_as(&["comment", &song, "once more"], "group_ended", 1);
        assert_eq!(member.json(&["show", &song])["comments"], 0);
    }
    // A post that was deleted stands where it stood, not at the midnight that its entry says outside.
    let written = bob.json(&["show", &song])["created_ms"].clone();
    bob.json(&["delete", &song]);
    assert_eq!(bob.json(&["show", &song])["created_ms"], written);
}
