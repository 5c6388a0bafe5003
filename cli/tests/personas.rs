//! Two personas of one profile: what one reads with `--persona` is what it was given.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/profile.rs"]
mod profile;

use kith_node::lock::Holder;
use kith_node::view::Role;
use kith_node::{Config, NetworkMode, Node};
use kith_platform::keystore::{Choice, Passphrase, open_keystore};
use profile::{PASSPHRASE, Profile, id, ids};
use serde_json::json;

/// Makes another persona in a profile that nothing has open.
fn persona(profile: &Profile, name: &'static str) -> String {
    let keystore = open_keystore(&profile.folder(), Choice::File(Some(Passphrase::from(PASSPHRASE.to_owned()))));
    let config = Config {
        profile: profile.folder(),
        create: false,
        holder: Holder::Command,
        role: Role::Desktop,
        listen: None,
        network: NetworkMode::Offline,
        lock_wait_ms: 10_000,
    };
    let node = Node::open(config, keystore).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let persona = runtime.block_on(node.create_persona(name)).unwrap();
    runtime.block_on(node.shutdown());
    persona.to_string()
}

#[test]
fn search_show_and_feed_leave_out_what_another_persona_was_given() {
    let alice = Profile::init("Alice");
    let (first, work) = (alice.persona(), persona(&alice, "Work"));
    alice.json(&["circle", "create", "Friends"]);
    let sealed = id(&alice.json(&["post", "the zeppelin lands at noon", "--circle", "Friends"]));
    alice.json(&["comment", &sealed, "at the dirigible mast"]);
    let public = id(&alice.json(&["post", "a zeppelin is an airship"]));
    alice.json(&["dm", &first, "ask about the zeppelin"]);

    let found = |by: &[&str]| {
        let mut found = ids(&alice.json(&[&["search", "zeppelin"], by].concat()));
        found.sort();
        found
    };
    let mut both = [sealed.clone(), public.clone()];
    both.sort();
    assert_eq!(found(&[]), both);
    assert_eq!(found(&["--persona", &first]), both);
    assert_eq!(found(&["--persona", &work]), std::slice::from_ref(&public));
    assert_eq!(
        ids(&alice.json(&["search", "dirigible", "--persona", &first])),
        std::slice::from_ref(&sealed),
        "by its comment"
    );
    assert_eq!(alice.json(&["search", "dirigible", "--persona", &work]), json!([]));

    let shown = alice.json(&["show", &sealed, "--persona", first.split_at(8).0]);
    assert_eq!((&shown["circle"], &shown["comments"]), (&json!("Friends"), &json!(1)));
    assert_eq!(shown["thread"][0]["text"], "at the dirigible mast");
    alice.refused_as(&["show", &sealed, "--persona", &work], "not_found", 1);
    assert_eq!(alice.json(&["show", &public, "--persona", &work])["text"], "a zeppelin is an airship");
    alice.refused_as(&["show", &public, "--persona", "ffffffffffff"], "not_found", 1);

    alice.json(&["follow", &first, "--persona", &work]);
    assert!(ids(&alice.json(&["feed", "--persona", &first])).contains(&sealed));
    assert_eq!(ids(&alice.json(&["feed", "--persona", &work])), [public]);

    let messages = |by: &[&str]| {
        let args = [&["search", "zeppelin", "--messages"], by].concat();
        alice.json(&args).as_array().unwrap().len()
    };
    assert_eq!((messages(&[]), messages(&["--persona", &first]), messages(&["--persona", &work])), (1, 1, 0));
}
