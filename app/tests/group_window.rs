//! A group in the real window: it is made and written to there, and what its members say comes back.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/desk.rs"]
mod desk;

use desk::{Profile, click, keys, screenshot, until_done, xdotool};

/// Digits: where no field takes them they are no keys either.
const NAME: &str = "2026";
const POST: &str = "0815 4711";

#[test]
fn a_group_is_made_and_written_to_in_the_window() {
    assert!(std::env::var_os("DISPLAY").is_some(), "no display: run cargo xtask test, which starts Xvfb");
    let alice = Profile::window("Alice");
    let bob = Profile::node("Bob");
    alice.follows(&bob);
    bob.follows(&alice);

    // From the field of a post to who shall read it, and from there, as there is nothing yet, to the place of groups.
    let made = || alice.json(&["group", "list"])[0]["kind"] == "group";
    until_done("a group that is made", &alice, made, || {
        // What an earlier try made instead.
        for circle in alice.json(&["circle", "list"]).as_array().unwrap() {
            alice.json(&["circle", "delete", circle["name"].as_str().unwrap()]);
        }
        keys(&["Escape", "Tab", "g", "h", "n", "shift+Tab", "Return"]);
        alice.settle();
        keys(&["Tab", "Return"]);
        alice.settle();
        // The second of two kinds; the name stands below.
        click(905, 162);
        keys(&["Tab"]);
        xdotool(&["type", "--delay", "20", NAME]);
        keys(&["Return"]);
    });
    let name = alice.json(&["group", "list"])[0]["name"].as_str().unwrap().to_owned();
    let bobs = bob.json(&["persona", "list"])[0]["id"].as_str().unwrap().to_owned();
    alice.json(&["group", "add", &name, &bobs]);
    bob.until(&["group", "list"], |all| all[0]["invited"] == true);
    bob.json(&["group", "join", &name]);

    let is_posted = |feed: &serde_json::Value| feed[0]["text"] == POST && feed[0]["circle"] == name.as_str();
    let posted = || is_posted(&alice.json(&["feed"]));
    until_done("a post to the group", &alice, posted, || {
        keys(&["Escape", "Tab", "g", "h", "n", "ctrl+a"]);
        xdotool(&["type", "--delay", "20", POST]);
        keys(&["shift+Tab", "Return"]);
        alice.settle();
        keys(&["Tab", "Return", "ctrl+Return"]);
    });
    let (feed, _) = bob.until(&["feed"], is_posted);
    assert_eq!((&feed[0]["circle"], &feed[0]["group"]), (&name.as_str().into(), &true.into()));
    let post = feed[0]["id"].as_str().unwrap();
    bob.json(&["comment", post, "It came"]);
    alice.until(&["show", post], |page| page["thread"][0]["text"] == "It came");
    bob.json(&["post", "From me to all", "--circle", &name]);
    alice.until(&["feed"], |feed| feed[0]["text"] == "From me to all");
    screenshot(alice.root.path());
}
