//! The real window under Xvfb beside a `kith` node: a person types a post, the other install shows it; the other one
//! answers, and the window shows that without a touch. `xdotool` drives it, as the webview takes no WebDriver.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/desk.rs"]
mod desk;

use std::time::{Duration, Instant};

use desk::{PATIENCE, Profile, screenshot, xdotool};
use kith_node::limits::UNDO_S;

/// Promised for a post and for a comment, and asserted three times as long: CI machines are shared.
const PROMISED: Duration = Duration::from_secs(1);

/// Pixels that differ between two screens, of those inside the window.
fn changed(before: &image::RgbImage, after: &image::RgbImage) -> usize {
    before.pixels().zip(after.pixels()).filter(|(before, after)| before != after).count()
}

#[test]
fn a_post_typed_in_the_window_reaches_another_node_and_the_answer_comes_back() {
    assert!(std::env::var_os("DISPLAY").is_some(), "no display: run cargo xtask test, which starts Xvfb");
    let alice = Profile::window("Alice");
    let bob = Profile::node("Bob");
    // Whatever of the name the page took in time: what counts is that her copy came.
    bob.follows(&alice);
    bob.until(&["peers"], |peers| peers.as_array().is_some_and(|peers| !peers.is_empty()));
    alice.json(&["follow", &bob.invite()]);

    // A post from the window to the other node.
    // Until the home page stands, clicks and keys go nowhere: they are repeated until the window's own node has the post.
    let text = "Typed in a real window";
    let start = Instant::now();
    let posted = |profile: &Profile| profile.json(&["feed"])[0]["text"] == text;
    alice.settle();
    // A post waits for a while, in which it could be taken back.
    let waited = |start: Instant| start.elapsed() > Duration::from_secs(UNDO_S + 3);
    let sent = |profile: &Profile| {
        let start = Instant::now();
        loop {
            if posted(profile) {
                return true;
            }
            if waited(start) {
                return false;
            }
        }
    };
    while !sent(&alice) {
        assert!(
            start.elapsed() < PATIENCE,
            "the composer took no post: {:?}",
            screenshot(alice.root.path()).dimensions()
        );
        // The key that leads to the composer from wherever the focus is.
        xdotool(&["key", "Escape"]);
        xdotool(&["key", "n"]);
        xdotool(&["key", "ctrl+a"]);
        xdotool(&["type", "--delay", "10", text]);
        xdotool(&["key", "ctrl+Return"]);
        // The first post asks who can read it; the choice begins with everybody.
        alice.settle();
        xdotool(&["key", "Return"]);
        xdotool(&["key", "ctrl+Return"]);
    }
    let (feed, took) = bob.until(&["feed"], |feed| feed[0]["text"] == text);
    println!("window to node: {} ms", took.as_millis());
    assert!(took < PROMISED * 3, "{took:?}");

    // And back: first the comment in the window's node, then a post on its screen.
    let post = feed[0]["id"].as_str().unwrap();
    bob.json(&["comment", post, "Seen from the terminal"]);
    let (_, took) = alice.until(&["show", post], |page| page["thread"][0]["text"] == "Seen from the terminal");
    println!("node to window's node: {} ms", took.as_millis());
    assert!(took < PROMISED * 3, "{took:?}");
    let before = screenshot(alice.root.path());
    bob.json(&["post", "And this one comes from the other side, to be seen without a touch."]);
    alice.until(&["feed"], |feed| feed.as_array().is_some_and(|posts| posts.len() >= 2));
    let start = Instant::now();
    let shown = loop {
        let after = screenshot(alice.root.path());
        // A post is more than a caret that blinks.
        if changed(&before, &after) > 2_000 {
            break after;
        }
        assert!(start.elapsed() < PATIENCE, "the window did not show what came");
    };
    let colours: std::collections::BTreeSet<_> = shown.pixels().map(|pixel| pixel.0).collect();
    assert!(colours.len() > 100, "the window is blank: {} colours", colours.len());
}
