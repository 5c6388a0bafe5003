//! What is private, in the real window: a conversation that begins at a profile, a post to a circle, a request that is
//! accepted, each with nodes beside it that see or do not see it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/desk.rs"]
mod desk;

use desk::{Profile, click, keys, screenshot, until_done, xdotool};
use serde_json::Value;

/// Digits: where no field takes them they are no keys either.
const MESSAGE: &str = "2026 1122";
const SECRET: &str = "4711 0815";

fn texts(feed: &Value) -> Vec<&str> {
    feed.as_array().into_iter().flatten().filter_map(|post| post["text"].as_str()).collect()
}

#[test]
fn what_is_private_reaches_those_it_is_meant_for_and_nobody_else() {
    assert!(std::env::var_os("DISPLAY").is_some(), "no display: run cargo xtask test, which starts Xvfb");
    let alice = Profile::window("Alice");
    let (bob, carol) = (Profile::node("Bob"), Profile::node("Carol"));
    alice.follows(&bob);
    bob.follows(&alice);
    carol.follows(&alice);
    alice.json(&["circle", "create", "Family"]);
    let bobs = bob.json(&["persona", "list"])[0]["id"].as_str().unwrap().to_owned();
    alice.json(&["circle", "add", "Family", &bobs]);

    // From his profile, which a search finds, to the first message.
    let said = || alice.json(&["threads"])[0]["last_text"] == MESSAGE;
    until_done("a conversation from a profile", &alice, said, || {
        keys(&["Tab", "slash", "ctrl+a"]);
        xdotool(&["type", "--delay", "20", "Bob"]);
        alice.settle();
        keys(&["Tab", "Return"]);
        alice.settle();
        keys(&["m"]);
        alice.settle();
        xdotool(&["type", "--delay", "20", MESSAGE]);
        keys(&["Return"]);
    });
    let thread = alice.json(&["threads"])[0]["id"].as_str().unwrap().to_owned();
    bob.until(&["threads"], |threads| threads[0]["last_text"] == MESSAGE);
    // It leaves, and his device says that it has it.
    alice.until(&["thread", &thread], |messages| messages[0]["state"] == "delivered");

    // To a circle: the field, back to who reads it, the sheet, its second line, and out.
    let posted = || texts(&alice.json(&["feed"])).contains(&SECRET);
    until_done("a post to a circle", &alice, posted, || {
        keys(&["Escape", "Tab", "g", "h", "n"]);
        alice.settle();
        keys(&["ctrl+a"]);
        xdotool(&["type", "--delay", "20", SECRET]);
        keys(&["shift+Tab", "Return"]);
        alice.settle();
        keys(&["Tab", "Return", "ctrl+Return"]);
    });
    let feed = alice.json(&["feed"]);
    assert_eq!((&feed[0]["sealed"], &feed[0]["circle"]), (&true.into(), &"Family".into()));
    bob.until(&["feed"], |feed| texts(feed).contains(&SECRET));
    alice.json(&["post", "good morning"]);
    let (feed, _) = carol.until(&["feed"], |feed| texts(feed).contains(&"good morning"));
    assert!(!texts(&feed).contains(&SECRET), "an outsider's feed does not have it");

    // A stranger asks, and is let in.
    let alices = alice.json(&["persona", "list"])[0]["id"].as_str().unwrap().to_owned();
    carol.json(&["dm", &alices, "May I ask you something?"]);
    alice.until(&["requests"], |requests| requests.as_array().is_some_and(|all| all.len() == 1));
    let accepted = || alice.json(&["requests"]).as_array().is_some_and(Vec::is_empty);
    until_done("a request that is accepted", &alice, accepted, || {
        keys(&["Escape", "Tab", "g", "m"]);
        alice.settle();
        // The second of two, then the only one in it.
        click(260, 82);
        alice.settle();
        click(250, 200);
        alice.settle();
        click(620, 705);
    });
    let waits = carol.json(&["threads"])[0]["id"].as_str().unwrap().to_owned();
    carol.until(&["thread", &waits], |messages| messages[0]["state"] == "delivered");
    screenshot(alice.root.path());
}
