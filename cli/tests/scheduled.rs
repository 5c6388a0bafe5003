//! Posts for later with the built program: `kith post --at` and `kith scheduled`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/profile.rs"]
mod profile;

use chrono::DateTime;
use kith_node::clock::{Clock, SystemClock};
use profile::{PATIENCE, Profile, assert_fields, assert_id, id, jpeg_with_exif, text};
use serde_json::Value;

fn in_ms(ms: u64) -> (u64, String) {
    let at_ms = SystemClock.unix_ms() + ms;
    (at_ms, DateTime::from_timestamp_millis(at_ms.cast_signed()).unwrap().to_rfc3339())
}

fn said(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|post| text(&post["text"])).collect()
}

#[test]
fn a_post_for_later_goes_out_once_and_is_listed_until_then() {
    let mut alice = Profile::init("Alice");
    let picture = alice.root.path().join("cat.jpg");
    jpeg_with_exif(&picture, "SecretCamera");
    alice.refused_as(&["post", "Fog", "--at", "tomorrow"], "usage", 2);
    alice.refused_as(&["post", "Fog", "--at", "2020-12-24T18:00"], "bad_input", 1);
    alice.refused_as(&["post", "Fog", "--at", &in_ms(400 * 86_400_000).1], "bad_input", 1);
    let (tomorrow_ms, tomorrow) = in_ms(86_400_000);
    alice.refused_as(&["post", "Fog", "--at", &tomorrow, "--circle", "Nobody"], "not_found", 1);
    assert!(alice.json(&["scheduled"]).as_array().unwrap().is_empty());

    // Without a node, and it is there when one runs.
    let file = picture.to_str().unwrap();
    let made = alice.json(&["post", "Fog", "--at", &tomorrow, "--cw", "weather", "--attach", file, "--alt", "a cat"]);
    assert_id(&made["id"]);
    assert_eq!(made["at_ms"], tomorrow_ms);
    assert!(alice.kith(&["scheduled"]).stdout.contains("[weather] Fog (1 file)"));
    alice.run_on_loopback(None);
    let list = alice.json(&["scheduled"]);
    assert_fields(
        &list[0],
        &["id", "at_ms", "persona", "text", "cw", "circles", "attachments", "card", "quote", "poll", "refused"],
    );
    assert_eq!((&list[0]["id"], &list[0]["at_ms"], &list[0]["cw"]), (&made["id"], &made["at_ms"], &"weather".into()));
    assert_eq!((&list[0]["attachments"][0]["alt"], &list[0]["refused"]), (&"a cat".into(), &Value::Null));
    assert!(alice.json(&["feed"]).as_array().unwrap().is_empty());

    // A thread is one of them.
    let thread = ["post", "One", "--then", "Two", "--attach", file, "--alt", "a cat", "--then", "Three"];
    let held = id(&alice.json(&[&thread[..], &["--at", &tomorrow]].concat()));
    let waits = |posts: u64| {
        let list = alice.json(&["scheduled"]);
        list.as_array().unwrap().iter().any(|held| held["posts"] == posts && held["text"] == "One")
    };
    assert!(waits(3) && alice.kith(&["scheduled"]).stdout.contains("One (thread of 3 posts)"));
    let first = id(&alice.json(&["scheduled", "now", &held]));
    let page = alice.json(&["show", &first]);
    assert_eq!((said(&page["more"]), &page["series"]["posts"]), (vec!["Two".into(), "Three".into()], &3.into()));
    assert_eq!(page["more"][0]["attachments"][0]["alt"], "a cat");
    alice.json(&["delete", &first]);
    let sent = alice.json(&[&thread[..], &["--cw", "ships"]].concat());
    assert_eq!((sent["posts"].as_array().unwrap().len(), &sent["posts"][0]), (3, &sent["id"]));
    assert_eq!(alice.json(&["show", &id(&sent)])["more"][1]["cw"], "ships");
    let told = alice.kith(&["feed"]).stdout;
    assert!(told.contains("thread of 3 posts: ") && !told.contains("Three"), "{told}");
    assert!(alice.kith(&["show", &id(&sent)]).stdout.contains("Three"));
    alice.json(&["delete", &id(&sent)]);
    let sent = alice.json(&["post", "Two lines"]);
    assert!(sent.get("posts").is_none());
    alice.json(&["delete", &id(&sent)]);

    // By itself, over a kill on the way, and once.
    alice.json(&["post", "Soon", "--at", &in_ms(2_000).1]);
    alice.kill();
    alice.run_on_loopback(None);
    alice.until(&["feed"], PATIENCE, |feed| said(feed) == ["Soon"]);
    alice.kill();
    alice.run_on_loopback(None);
    assert_eq!(
        (said(&alice.json(&["feed"])), said(&alice.json(&["scheduled"]))),
        (vec!["Soon".into()], vec!["Fog".into()])
    );

    // Now, by the first digits of its id; or not at all.
    let short = &id(&made)[..12];
    let post = id(&alice.json(&["scheduled", "now", short]));
    let feed = alice.json(&["feed"]);
    assert_eq!((said(&feed), id(&feed[0])), (vec!["Fog".into(), "Soon".into()], post));
    assert_eq!(feed[0]["attachments"][0]["alt"], "a cat");
    alice.refused_as(&["scheduled", "now", short], "not_found", 1);
    let rain = id(&alice.json(&["post", "Rain", "--at", &tomorrow]));
    assert_eq!(id(&alice.json(&["scheduled", "delete", &rain])), rain);
    alice.refused_as(&["scheduled", "delete", &rain], "not_found", 1);
    assert!(alice.json(&["scheduled"]).as_array().unwrap().is_empty());
    assert_eq!(said(&alice.json(&["feed"])).len(), 2);
}
