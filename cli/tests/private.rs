//! Private conversations between real nodes, through the commands: what DESIGN §9 promises of `dm`, `threads`, `thread`
//! and `requests`. Each promise is measured and printed (run with `--nocapture`).

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "support/profile.rs"]
mod profile;

use std::time::Duration;

use profile::{PATIENCE, Profile, assert_fields, assert_id, files, holds, id, ids, text};
use serde_json::Value;

const SECRET: &str = "the key lies under the third flowerpot";

fn last_text(thread: &Value) -> Option<&str> {
    thread.as_array()?.last()?["text"].as_str()
}

#[test]
fn a_conversation_through_a_node_that_cannot_tell() {
    let (mut alice, mut bob, mut carol) = (Profile::init("Alice"), Profile::init("Bob"), Profile::init("Carol"));
    carol.run_on_loopback(None);
    alice.run_on_loopback(None);
    bob.run_on_loopback(None);
    // Alice and Bob reach Carol alone: each knows of the other what Carol carries.
    for (follower, followed) in [(&alice, &carol), (&bob, &carol), (&carol, &alice), (&carol, &bob)] {
        follower.follow(followed);
    }
    let (alices, bobs) = (alice.persona(), bob.persona());
    carol.meet(&alice);
    carol.meet(&bob);
    let post = id(&bob.json(&["post", "here I am"]));
    carol.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&post));
    alice.json(&["follow", &bobs]);
    bob.json(&["follow", &alices]);
    alice.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&post));
    alice.meet(&bob);

    let sent = alice.json(&["dm", &bobs, SECRET]);
    assert_fields(&sent, &["thread", "id", "state"]);
    assert_eq!(sent["state"], "queued");
    assert_id(&sent["thread"]);
    let thread = text(&sent["thread"]);
    let (threads, took) = bob.until(&["threads"], PATIENCE, |threads| !threads.as_array().unwrap().is_empty());
    println!("first message: {} ms", took.as_millis());
    assert_fields(&threads[0], &["id", "with", "persona", "unread", "last_ms", "request"]);
    assert_eq!((&threads[0]["id"], &threads[0]["unread"]), (&sent["thread"], &Value::from(1)));
    assert_eq!(threads[0]["with"][0], alices.as_str());
    let messages = bob.json(&["thread", thread.split_at(10).0]);
    assert_fields(&messages[0], &["id", "from", "text", "created_ms", "state", "attachments"]);
    assert_eq!(messages[0]["text"], SECRET);
    assert_eq!(bob.json(&["threads"])[0]["unread"], 0, "it was read");
    let (_, took) =
        alice.until(&["thread", &thread], Duration::from_secs(40), |thread| thread[0]["state"] == "delivered");
    println!("told as delivered: {} ms", took.as_millis());
    bob.json(&["dm", &alices, "under the fourth, you mean"]);
    let (_, took) =
        alice.until(&["thread", &thread], PATIENCE, |thread| last_text(thread) == Some("under the fourth, you mean"));
    println!("reply: {} ms", took.as_millis());
    assert!(carol.json(&["threads"]).as_array().unwrap().is_empty());
    assert!(carol.json(&["requests"]).as_array().unwrap().is_empty());

    // Whoever is off gets it from the node in between, also when the writer is gone meanwhile.
    bob.stop();
    let before: Vec<String> = (0..5).map(|number| format!("while you were away {number}")).collect();
    for text in &before {
        alice.json(&["dm", &bobs, text]);
    }
    alice.until(&["thread", &thread], PATIENCE, |thread| {
        thread.as_array().unwrap().iter().all(|message| message["own"] == false || message["state"] != "queued")
    });
    alice.kill();
    bob.run_on_loopback(None);
    let (messages, took) = bob.until(&["thread", &thread], PATIENCE, |thread| thread.as_array().unwrap().len() == 7);
    println!("on wake: {} ms", took.as_millis());
    let texts: Vec<&str> = messages.as_array().unwrap().iter().filter_map(|message| message["text"].as_str()).collect();
    assert_eq!(texts[2..], before.iter().map(String::as_str).collect::<Vec<_>>());
    // Nothing of it stands in the clear on any disk.
    for profile in [&alice, &bob, &carol] {
        for file in files(profile.root.path()) {
            let bytes = std::fs::read(&file).unwrap_or_default();
            assert!(!holds(&bytes, SECRET.as_bytes()), "{}", file.display());
        }
    }
}

#[test]
fn messages_are_answered_changed_and_taken_back_by_their_ids() {
    let alice = Profile::init("Alice");
    let me = alice.persona();
    let note = alice.json(&["dm", &me, "teh news"]);
    let (thread, first) = (text(&note["thread"]), id(&note));
    let short = first.split_at(8).0;
    let read = || alice.json(&["thread", &thread]);
    assert_eq!(id(&alice.json(&["edit", short, "the news"])), first);
    assert_eq!((&read()[0]["text"], &read()[0]["edited"]), (&Value::from("the news"), &Value::from(true)));
    alice.json(&["react", &first, "👍"]);
    assert_eq!((&read()[0]["own_reaction"], &read()[0]["reactions"]["👍"]), (&Value::from("👍"), &Value::from(1)));
    alice.refused_as(&["react", &first, "🎈", "--undo"], "not_found", 1);
    alice.json(&["react", &first, "👍", "--undo"]);
    assert_eq!(read()[0]["own_reaction"], Value::Null);
    let answer = alice.json(&["reply", short, "noted"]);
    assert_fields(&answer, &["thread", "id", "state"]);
    assert_eq!((&answer["thread"], &read()[1]["reply_to"]), (&note["thread"], &Value::from(first.as_str())));
    let shown = alice.kith(&["thread", &thread]).stdout;
    assert!(shown.contains("> Alice: the news"), "{shown}");
    let post = id(&alice.json(&["post", "for everybody"]));
    alice.json(&["edit", &post, "for all"]);
    assert_eq!(alice.json(&["show", &post])["text"], "for all");
    alice.json(&["delete", &first]);
    assert_eq!((&read()[0]["deleted"], &read()[0]["text"]), (&Value::from(true), &Value::from("")));

    // Fewer digits than name anything are a slip.
    for words in
        [&["thread", thread.split_at(3).0][..], &["dm", me.split_at(3).0, "hello"], &["edit", first.split_at(3).0, "x"]]
    {
        alice.refused_as(words, "bad_input", 1);
    }
    alice.refused_as(&["edit", &"0".repeat(64), "x"], "not_found", 1);

    let timer = |words: &[&str]| alice.json(&[&["timer", &thread], words].concat())["keep_s"].clone();
    assert_eq!([timer(&[]), timer(&["1d"]), timer(&[]), timer(&["off"])], [0, 86_400, 86_400, 0]);
    alice.refused_as(&["timer", &thread, "soon"], "usage", 2);
    let settings = alice.json(&["settings"]);
    assert_eq!(settings.as_array().unwrap().len(), 2);
    assert!(settings.as_array().unwrap().iter().all(|setting| setting["value"] == "off"), "{settings}");
    alice.json(&["settings", "read-receipts", "on"]);
    assert_eq!(alice.json(&["settings", "read-receipts"])[0]["value"], "on");
    assert_eq!(alice.json(&["settings", "hide-answers"])[0]["value"], "off");
    alice.refused_as(&["settings", "colour", "on"], "usage", 2);

    assert_eq!(alice.json(&["search", "noted", "--messages"]).as_array().unwrap().len(), 1);
    for (query, found) in
        [("from:Alice noted", 1), ("from:Alice", 1), ("#noted", 1), ("\"noted\"", 1), ("from:Bob noted", 0)]
    {
        let all = alice.json(&["search", query, "--messages"]);
        assert_eq!(all.as_array().unwrap().len(), found, "{query}: {all}");
    }
    alice.json(&["mute", "--conversation", &thread]);
    assert_eq!(alice.json(&["muted"])["conversations"][0]["thread"], note["thread"]);
    assert!(alice.kith(&["muted"]).stdout.contains("conversation"));

    // What is no picture, and for everybody, is told as it is.
    std::fs::write(alice.root.path().join("notes.txt"), "words").unwrap();
    let (_, told) = alice.refused(&["post", "look", "--attach", "notes.txt"]);
    assert!(told["message"].as_str().unwrap().contains("not a picture"), "{told}");
    alice.json(&["dm", &me, "look", "--attach", "notes.txt"]);
}

#[test]
fn who_is_not_followed_asks_first() {
    let (mut alice, mut bob) = (Profile::init("Alice"), Profile::init("Bob"));
    bob.run_on_loopback(None);
    alice.run_on_loopback(None);
    alice.follow(&bob);
    bob.meet(&alice);
    let bobs = bob.persona();
    alice.refused_as(&["dm", &bobs, " "], "bad_input", 1);
    let thread = text(&alice.json(&["dm", &bobs, "may I ask"])["thread"]);
    let (requests, _) = bob.until(&["requests"], PATIENCE, |requests| !requests.as_array().unwrap().is_empty());
    assert_eq!((&requests[0]["id"], &requests[0]["request"]), (&Value::from(thread.as_str()), &Value::from(true)));
    assert!(bob.json(&["threads"]).as_array().unwrap().is_empty());
    bob.json(&["requests", "accept", thread.split_at(8).0]);
    assert_eq!(bob.json(&["threads"])[0]["id"], thread.as_str());
    alice.until(&["thread", &thread], PATIENCE, |thread| thread[0]["state"] == "delivered");
    let note = alice.json(&["dm", &alice.persona(), "buy bread"]);
    assert_eq!(alice.json(&["thread", &text(&note["thread"])])[0]["state"], "delivered", "notes are where they belong");
    // Whoever writes to somebody who asks has accepted it, and is told so.
    let mut carol = Profile::init("Carol");
    carol.run_on_loopback(None);
    carol.follow(&bob);
    bob.meet(&carol);
    carol.json(&["dm", &bobs, "and I"]);
    bob.until(&["requests"], PATIENCE, |requests| !requests.as_array().unwrap().is_empty());
    assert_eq!(bob.json(&["dm", &carol.persona(), "you may"])["accepted"], true);
    assert_eq!(bob.json(&["dm", &carol.persona(), "any time"])["accepted"], false);
    // A block ends it without a word.
    bob.json(&["block", &alice.persona()]);
    alice.json(&["dm", &bobs, "are you there"]);
    assert!(!ids(&bob.json(&["threads"])).contains(&thread));
    bob.refused_as(&["dm", &alice.persona(), "no"], "bad_input", 1);
}
