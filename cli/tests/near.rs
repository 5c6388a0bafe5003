//! People near you, between two running nodes of one machine: found by mDNS, followed by the digits on the other's screen,
//! and gone when it is closed. Where nothing hears multicast, it says so.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "support/multicast.rs"]
mod multicast;
#[path = "support/profile.rs"]
mod profile;

use profile::{PATIENCE, Profile, assert_fields, id, ids, text};
use serde_json::{Value, json};

/// A node that is not `--offline`; without public lookup and anchors it still leaves the machine alone but for this.
fn runs(profile: &mut Profile) {
    let command = profile.command(&["--json", "run", "--listen", "127.0.0.1:0"]);
    profile.start(command);
}

fn closed() -> Value {
    json!({ "open": false, "until_ms": null, "persona": null, "people": [] })
}

#[test]
fn two_who_open_it_see_each_other_follow_and_are_gone_when_they_close_it() {
    let [mut alice, mut bob, mut carol] = ["Alice", "Bob", "Carol"].map(Profile::init);
    // Without a node, or with one that may not be found, there is nothing to open.
    assert_eq!(alice.json(&["near"]), closed());
    alice.refused_as(&["near", "open"], "not_running", 1);
    carol.run_on_loopback(None);
    carol.refused_as(&["near", "open"], "near_offline", 1);
    alice.refused_as(&["near", "follow", "0000"], "not_found", 1);
    if let Err(why) = multicast::is_heard() {
        return println!("skipped: nobody can be found on this machine's network ({why})");
    }
    runs(&mut alice);
    runs(&mut bob);
    let post = id(&alice.json(&["post", "from Alice"]));

    // One alone sees and shows nothing.
    let open = alice.json(&["near", "open"]);
    assert_fields(&open, &["open", "until_ms", "persona", "people"]);
    assert_eq!((&open["open"], text(&open["persona"]), &open["people"]), (&json!(true), alice.persona(), &json!([])));
    let again = alice.json(&["near", "open"]);
    assert_eq!(again["until_ms"], open["until_ms"], "it does not begin anew");
    assert_eq!(bob.json(&["near"]), closed());

    bob.json(&["near", "open"]);
    let there = |name: &'static str| {
        move |near: &Value| near["people"].as_array().unwrap().iter().any(|person| person["name"] == name)
    };
    let (alices, took) = alice.until(&["near"], PATIENCE, there("Bob"));
    println!("found: {} ms", took.as_millis());
    let (bobs, _) = bob.until(&["near"], PATIENCE, there("Alice"));
    let (bob_there, alice_there) = (&alices["people"][0], &bobs["people"][0]);
    assert_fields(bob_there, &["id", "name", "persona", "code", "followed"]);
    assert_eq!(text(&bob_there["persona"]), bob.persona());
    let code = text(&bob_there["code"]);
    assert_eq!((code.as_str(), code.len()), (alice_there["code"].as_str().unwrap(), 4), "both show the same digits");
    assert_ne!(bob_there["id"], bob.json(&["status"])["node"], "the key is of this opening alone");

    // By itself nobody follows; by the digits, as with an invite.
    assert_eq!((alice.json(&["follows"]), bob.json(&["follows"])), (json!([]), json!([])));
    assert_eq!(bob.json(&["near", "follow", &code]), json!({ "persona": alice.persona(), "name": "Alice" }));
    bob.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&post));
    let (bobs, _) = bob.until(&["near"], PATIENCE, |near| near["people"][0]["followed"] == true);
    assert!(bobs["open"] == true && alice.json(&["near"])["people"][0]["followed"] == false);

    // Who closes it is gone from the other's list, and who ends their node too.
    assert_eq!(alice.json(&["near", "close"]), closed());
    bob.until(&["near"], PATIENCE, |near| near["people"] == json!([]));
    bob.refused_as(&["near", "follow", &code], "not_found", 1);
    alice.json(&["near", "open"]);
    let (alices, _) = alice.until(&["near"], PATIENCE, there("Bob"));
    let another = text(&alices["people"][0]["code"]);
    bob.until(&["near"], PATIENCE, |near| near["people"][0]["code"] == another.as_str());
    let (ended, _) = bob.stop();
    assert!(ended.success());
    alice.until(&["near"], PATIENCE, |near| near["people"] == json!([]));
}

#[test]
fn only_one_of_two_separate_personas_is_near_at_a_time() {
    if let Err(why) = multicast::is_heard() {
        return println!("skipped: nobody can be found on this machine's network ({why})");
    }
    let mut alice = Profile::init("Alice");
    runs(&mut alice);
    let night = id(&alice.json(&["persona", "create", "Night", "--separate"]));
    let mine = text(&alice.json(&["near", "open"])["persona"]);
    assert_ne!(mine, night);
    assert_eq!(text(&alice.json(&["near", "open", "--persona", &night])["persona"]), night);
    assert_eq!(text(&alice.json(&["near"])["persona"]), night, "the one that was opened last");
    assert_eq!(alice.json(&["near", "close"]), closed());
    assert_eq!(alice.json(&["near"]), closed());
}
