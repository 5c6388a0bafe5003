//! A mailbox keeps messages while both who wrote them and who shall read them sleep.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "support/profile.rs"]
mod profile;

use std::time::Duration;

use profile::{Profile, id, ids, text};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_message_is_held_while_both_sleep() {
    let (mut mailbox, mut alice, mut bob) = (Profile::init("M"), Profile::init("Alice"), Profile::init("Bob"));
    let status = mailbox.run_on_loopback(None);
    let (ticket, node) = (text(&status["ticket"]), text(&status["node"]));
    alice.run_on_loopback(None);
    bob.run_on_loopback(None);
    let (for_alice, for_bob) = (alice.persona(), bob.persona());
    alice.json(&["follow", &text(&bob.json(&["invite"])["invite"])]);
    bob.json(&["follow", &text(&alice.json(&["invite"])["invite"])]);
    for person in [&alice, &bob] {
        assert_eq!(person.json(&["mailbox"]), Value::Array(Vec::new()));
        assert_eq!(person.json(&["mailbox", "add", &ticket])["node"], node.as_str());
        let (list, _) = person.until(&["mailbox"], LIMIT, |list| list[0]["state"] == "keeps");
        assert_eq!((list[0]["node"].as_str(), list[0]["connected"].as_bool()), (Some(node.as_str()), Some(true)));
        let shown = person.kith(&["mailbox"]);
        assert!(shown.stdout.contains("keeps your messages"), "{shown:?}");
    }
    let thread = text(&alice.json(&["dm", &for_bob, "are you there"])["thread"]);
    bob.until(&["threads"], LIMIT, |threads| threads[0]["persona"] == for_bob.as_str());
    alice.until(&["thread", &thread], LIMIT, |messages| messages[0]["state"] == "delivered");

    bob.stop();
    alice.json(&["dm", &for_bob, "good night"]);
    let (_, took) = alice.until(&["thread", &thread], LIMIT, |messages| messages[1]["state"] == "held");
    println!("held: {} ms", took.as_millis());
    let shown = alice.kith(&["thread", &thread]);
    assert!(shown.stdout.contains("held"), "{shown:?}");
    alice.stop();
    bob.run_on_loopback(None);
    let (messages, took) = bob.until(&["thread", &thread], LIMIT, |messages| messages.as_array().unwrap().len() == 2);
    println!("there after it woke: {} ms", took.as_millis());
    assert_eq!((messages[1]["text"].as_str(), messages[1]["from"].as_str()), (Some("good night"), Some(&*for_alice)));
}

#[test]
fn the_list_is_kept_and_bad_tickets_are_told() {
    let (mut mailbox, mut alice) = (Profile::init("M"), Profile::init("Alice"));
    let status = mailbox.run_on_loopback(None);
    let (ticket, node) = (text(&status["ticket"]), text(&status["node"]));
    alice.refused_as(&["mailbox", "add", "nonsense"], "bad_input", 1);
    alice.refused_as(&["mailbox", "add", ticket.get(..ticket.len() - 2).unwrap()], "bad_input", 1);
    alice.refused_as(&["mailbox", "add"], "usage", 2);
    alice.refused_as(&["mailbox", "remove", &"0".repeat(64)], "not_found", 1);
    mailbox.refused_as(&["mailbox", "add", &ticket], "bad_input", 1);
    let shown = alice.kith(&["mailbox"]);
    assert!(shown.stdout.contains("You use no mailbox"), "{shown:?}");
    // Set before the node runs. The same ticket is an anchor's address, and says nothing of the token there.
    alice.json(&["mailbox", "add", &ticket]);
    assert_eq!(alice.json(&["mailbox"])[0]["state"], "unknown");
    alice.refused_as(&["invite"], "not_running", 1);
    alice.run_on_loopback(None);
    alice.until(&["mailbox"], LIMIT, |list| list[0]["state"] == "keeps");
    let own = text(&alice.json(&["status"])["node"]);
    assert_eq!(mailbox.json(&["mailbox", "clients"])[0]["node"], own.as_str());
    let shown = mailbox.kith(&["mailbox", "clients"]);
    assert!(shown.stdout.contains("kept"), "{shown:?}");
    mailbox.refused_as(&["mailbox", "clients", "--dismiss", &node], "not_found", 1);
    assert_eq!(mailbox.json(&["mailbox", "clients", "--dismiss", own.get(..12).unwrap()]), Value::Array(Vec::new()));
    alice.stop();
    alice.run_on_loopback(None);
    alice.until(&["mailbox"], LIMIT, |list| list[0]["state"] == "closed");
    alice.json(&["mailbox", "remove", node.get(..12).unwrap()]);
    assert_eq!(alice.json(&["mailbox"]), Value::Array(Vec::new()));
    alice.json(&["anchors", "add", &ticket]);
    assert_eq!(alice.json(&["anchors"])[0]["node"], node.as_str());
}

#[test]
fn an_invite_leads_to_the_mailbox_and_not_to_the_own_node() {
    let (mut mailbox, mut alice, mut bob) = (Profile::init("M"), Profile::init("Alice"), Profile::init("Bob"));
    let ticket = text(&mailbox.run_on_loopback(None)["ticket"]);
    alice.run_on_loopback(None);
    alice.json(&["mailbox", "add", &ticket]);
    alice.until(&["mailbox"], LIMIT, |list| list[0]["state"] == "keeps");
    let post = id(&alice.json(&["post", "kept elsewhere too"]));
    let own = text(&alice.json(&["status"])["node"]);
    let invite = text(&alice.json(&["invite"])["invite"]);
    bob.run_on_loopback(None);
    bob.json(&["follow", &invite]);
    bob.until(&["feed"], LIMIT, |feed| ids(feed) == [post.clone()]);
    let peers = bob.json(&["peers"]);
    assert!(!peers.to_string().contains(&own), "the invite led to the author's own node: {peers}");
}

#[test]
fn an_anchor_holds_messages_without_a_token() {
    let (mut anchor, mut alice) = (Profile::init("X"), Profile::init("Alice"));
    let status = anchor.run(&["--listen", "127.0.0.1:0", "--role", "anchor"]);
    let ticket = text(&status["ticket"]);
    alice.run_on_loopback(None);
    alice.json(&["mailbox", "add", &ticket]);
    alice.until(&["mailbox"], LIMIT, |list| list[0]["state"] == "keeps");
}
