//! People near you, between two running nodes of one machine: found by mDNS, followed by the digits on the other's screen,
//! and gone when it is closed. Where nothing hears multicast, it says so.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "support/multicast.rs"]
mod multicast;
#[path = "support/profile.rs"]
mod profile;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use multicast::PasserBy;
use profile::{PATIENCE, Profile, assert_fields, holds, id, ids, text};
use serde_json::{Value, json};

/// All of these tests are near each other, and who hears of too many exchanges from one address takes part in no more.
fn alone() -> MutexGuard<'static, ()> {
    static ROOM: Mutex<()> = Mutex::new(());
    ROOM.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A node that is not `--offline`; without public lookup and anchors it still leaves the machine alone but for this.
fn runs(profile: &mut Profile) {
    let command = profile.command(&["--json", "run", "--listen", "127.0.0.1:0"]);
    profile.start(command);
}

/// This persona, where it is near. Others of this machine's network may be too.
fn seen<'a>(near: &'a Value, persona: &str) -> Option<&'a Value> {
    near["people"].as_array().unwrap().iter().find(|person| person["persona"] == persona)
}

/// Once it is near, what is seen of it.
#[track_caller]
fn sees(who: &Profile, persona: &str) -> Value {
    let (near, took) = who.until(&["near"], PATIENCE, |near| seen(near, persona).is_some());
    println!("found: {} ms", took.as_millis());
    seen(&near, persona).unwrap().clone()
}

#[track_caller]
fn sees_no_more(who: &Profile, persona: &str) {
    who.until(&["near"], PATIENCE, |near| seen(near, persona).is_none());
}

fn closed() -> Value {
    json!({ "open": false, "until_ms": null, "persona": null, "people": [] })
}

#[test]
fn two_who_open_it_see_each_other_follow_and_are_gone_when_they_close_it() {
    let _alone = alone();
    let [mut alice, mut bob, mut carol] = ["Alice", "Bob", "Carol"].map(Profile::init);
    // Without a node, or with one that may not be found, there is nothing to open.
    assert_eq!(alice.json(&["near"]), closed());
    alice.refused_as(&["near", "open"], "not_running", 1);
    carol.run_on_loopback(None);
    carol.refused_as(&["near", "open"], "near_offline", 1);
    alice.refused_as(&["near", "follow", "000000"], "not_found", 1);
    if let Err(why) = multicast::is_heard() {
        return println!("skipped: nobody can be found on this machine's network ({why})");
    }
    runs(&mut alice);
    runs(&mut bob);
    let post = id(&alice.json(&["post", "from Alice"]));

    // One alone is shown to nobody, and sees nobody who did not open it.
    let (alices, bobs) = (alice.persona(), bob.persona());
    let open = alice.json(&["near", "open"]);
    assert_fields(&open, &["open", "until_ms", "persona", "people"]);
    assert_eq!((&open["open"], text(&open["persona"])), (&json!(true), alices.clone()));
    let again = alice.json(&["near", "open"]);
    assert_eq!(again["until_ms"], open["until_ms"], "it does not begin anew");
    assert_eq!(bob.json(&["near"]), closed());

    bob.json(&["near", "open"]);
    let (bob_there, alice_there) = (sees(&alice, &bobs), sees(&bob, &alices));
    assert_fields(&bob_there, &["id", "name", "persona", "code", "followed"]);
    assert_eq!((&bob_there["name"], &alice_there["name"]), (&json!("Bob"), &json!("Alice")));
    let code = text(&bob_there["code"]);
    assert_eq!((code.as_str(), code.len()), (alice_there["code"].as_str().unwrap(), 6), "both show the same digits");
    assert_ne!(bob_there["id"], bob.json(&["status"])["node"], "the key is of this opening alone");

    // By itself nobody follows; by the digits, as with an invite.
    assert_eq!((alice.json(&["follows"]), bob.json(&["follows"])), (json!([]), json!([])));
    assert_eq!(bob.json(&["near", "follow", &code]), json!({ "persona": alices, "name": "Alice" }));
    bob.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&post));
    assert_eq!(sees(&bob, &alices)["followed"], true);
    assert_eq!(sees(&alice, &bobs)["followed"], false, "each for themselves");

    // Who closes it is gone from the other's list, and who ends their node too.
    assert_eq!(alice.json(&["near", "close"]), closed());
    sees_no_more(&bob, &alices);
    bob.refused_as(&["near", "follow", &text(&alice_there["id"])], "not_found", 1);
    alice.json(&["near", "open"]);
    assert_eq!(sees(&alice, &bobs)["code"], sees(&bob, &alices)["code"]);
    let (ended, took) = bob.stop();
    assert!(ended.success() && took < Duration::from_secs(5), "{took:?}");
    sees_no_more(&alice, &bobs);
}

#[test]
fn only_one_of_two_separate_personas_is_near_at_a_time() {
    let _alone = alone();
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

fn base32(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}

fn bytes(hex: &str) -> Vec<u8> {
    HEXLOWER.decode(hex.as_bytes()).unwrap()
}

#[test]
fn who_passes_by_hears_a_key_of_this_opening_and_nothing_once_it_is_closed() {
    let _alone = alone();
    if let Err(why) = multicast::is_heard() {
        return println!("skipped: nobody can be found on this machine's network ({why})");
    }
    let [mut alice, mut bob] = ["Alice", "Bob"].map(Profile::init);
    runs(&mut alice);
    runs(&mut bob);
    let service = b"_kithnear1";
    let (node, persona) = (bytes(&text(&alice.json(&["status"])["node"])), bytes(&alice.persona()));
    let invite = text(&alice.json(&["invite"])["invite"]);
    let invite = invite.strip_prefix("kith:invite/").unwrap();

    let passer_by = PasserBy::new().unwrap();
    bob.json(&["near", "open"]);
    let mut keys = Vec::new();
    for _ in 0..2 {
        alice.json(&["near", "open"]);
        let key = base32(&bytes(&text(&sees(&bob, &alice.persona())["id"])));
        let said = passer_by
            .hears(service, |heard| heard.iter().any(|packet| holds(packet, key.as_bytes())))
            .expect("her key is announced");
        for packet in said {
            for secret in [&b"Alice"[..], &node, &persona, base32(&node).as_bytes(), base32(&persona).as_bytes()] {
                assert!(!holds(&packet, secret), "{}", packet.escape_ascii());
            }
            assert!(!holds(&packet, &invite.as_bytes()[..40]), "{}", packet.escape_ascii());
        }
        // Bob goes on looking, and she does not answer any more.
        alice.json(&["near", "close"]);
        sees_no_more(&bob, &alice.persona());
        passer_by.looks_up().unwrap();
        let later = passer_by.hears(service, |heard| heard.len() == 6).unwrap();
        assert!(later.len() == 6 && later.iter().all(|packet| !holds(packet, key.as_bytes())), "still announced");
        keys.push(key);
    }
    assert_ne!(keys[0], keys[1], "each opening has its own");
}
