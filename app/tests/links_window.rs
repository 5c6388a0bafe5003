//! Links that are opened elsewhere, with the real window under Xvfb: a second start hands its link over and ends; the window
//! goes where it leads, and does nothing by itself.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/desk.rs"]
mod desk;

use std::time::Instant;

use desk::{PATIENCE, Profile, keys, screenshot, xdotool};

/// Waits until the screen is another than before, and stands still.
fn changes(window: &Profile, what: &str, act: impl FnOnce()) {
    window.settle();
    let before = screenshot(window.root.path());
    act();
    let start = Instant::now();
    loop {
        let after = screenshot(window.root.path());
        if before.pixels().zip(after.pixels()).filter(|(before, after)| before != after).count() > 2_000 {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "nothing was seen: {what}");
    }
    window.settle();
}

#[test]
fn a_second_start_hands_its_link_over_and_nothing_happens_by_itself() {
    assert!(std::env::var_os("DISPLAY").is_some(), "no display: run cargo xtask test, which starts Xvfb");
    let alice = Profile::window("Alice");
    let bob = Profile::node("Bob");
    let again = |link: &str| {
        let ended = alice.again(&["--offline", "--", link]);
        assert!(ended.status.success(), "{link}: {}", String::from_utf8_lossy(&ended.stderr));
    };

    // A post: its page is shown.
    let post = alice.json(&["post", "A place that a link leads to"])["id"].as_str().unwrap().to_owned();
    changes(&alice, "the page of the post", || again(&format!("kith:post/{post}")));
    changes(&alice, "home", || keys(&["Escape", "Escape", "g", "h"]));

    // An invite: shown, and nobody is followed before the button is pressed.
    let invite = bob.invite();
    changes(&alice, "the invite", || again(&invite));
    assert_eq!(alice.json(&["follows"]).as_array().unwrap().len(), 0);
    changes(&alice, "the invite is left", || keys(&["Escape"]));
    assert_eq!(alice.json(&["follows"]).as_array().unwrap().len(), 0);
    changes(&alice, "the invite, again", || again(&invite));
    // The other button has the keyboard.
    keys(&["shift+Tab", "Return"]);
    let (_, _) = alice.until(&["follows"], |follows| follows.as_array().is_some_and(|all| all.len() == 1));

    // A conversation: it is read once it is looked at.
    let persona = alice.json(&["persona", "list"])[0]["id"].as_str().unwrap().to_owned();
    bob.follows(&alice);
    bob.json(&["dm", &persona, "See you at eight"]);
    let (threads, _) = alice.until(&["threads"], |threads| threads[0]["unread"] == 1);
    let thread = threads[0]["id"].as_str().unwrap().to_owned();
    again(&format!("kith:conversation/{thread}"));
    alice.until(&["threads"], |threads| threads[0]["unread"] == 0);

    // What leads nowhere is told, and does nothing.
    for hostile in ["kith:format/disk", "javascript:alert(1)", "kith:link/aaaa", "--offline"] {
        again(hostile);
    }
    changes(&alice, "an error", || again("https://anchor.example/elsewhere"));
    assert_eq!(alice.json(&["follows"]).as_array().unwrap().len(), 1);
    assert_eq!(alice.json(&["devices"]).as_array().unwrap().len(), 1);
    // Still one window.
    assert_eq!(xdotool(&["search", "--onlyvisible", "--name", "^Kith$"]).lines().count(), 1);
}
