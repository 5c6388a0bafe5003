//! An anchor helps those who chose it: it carries what they wrote while they sleep, and relays where no direct path is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "support/profile.rs"]
mod profile;

use std::time::Duration;

use profile::{Profile, id, ids, jpeg_with_exif, text};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(60);

fn run_anchor(profile: &mut Profile) -> (String, String) {
    let status = profile.run(&["--listen", "127.0.0.1:0", "--role", "anchor"]);
    assert_eq!(status["role"], "anchor", "{status}");
    (text(&status["ticket"]), text(&status["node"]))
}

#[test]
fn who_never_met_an_author_gets_all_from_the_anchor() {
    let (mut anchor, mut alice) = (Profile::init("X"), Profile::init("Alice"));
    let (mut bob, mut carol) = (Profile::init("Bob"), Profile::init("Carol"));
    let (ticket, node) = run_anchor(&mut anchor);
    let persona = text(&alice.json(&["persona", "list"])[0]["id"]);

    // Set before the node runs, as well as while it does.
    assert_eq!(alice.json(&["anchors", "add", &ticket])["node"], node.as_str());
    alice.run_on_loopback(None);
    let (anchors, _) = alice.until(&["anchors"], LIMIT, |anchors| anchors[0]["connected"] == true);
    assert_eq!((anchors[0]["node"].as_str(), anchors[0]["path"].as_str()), (Some(node.as_str()), Some("direct")));
    let invite = text(&alice.json(&["invite"])["invite"]);
    let own = text(&alice.json(&["status"])["node"]);

    let picture = alice.root.path().join("cat.jpg");
    jpeg_with_exif(&picture, "camera");
    let post = id(&alice.json(&["post", "a picture", "--attach", picture.to_str().unwrap(), "--alt", "a cat"]));

    bob.run_on_loopback(None);
    bob.json(&["follow", &invite]);
    let whole = |feed: &Value| feed.as_array().unwrap().iter().any(|post| post["attachments"][0]["path"].is_string());
    bob.until(&["feed"], LIMIT, whole);
    let peers = bob.json(&["peers"]);
    assert!(!peers.to_string().contains(&own), "the invite led to the author's own node: {peers}");
    let comment = id(&bob.json(&["comment", &post, "what a cat"]));
    let (page, _) = alice.until(&["show", &post], LIMIT, |page| page["comments"] == 1);
    assert_eq!(page["thread"][0]["id"], comment.as_str());
    alice.kill();
    bob.stop();

    // She knows nothing but an id, and the anchor.
    carol.run_on_loopback(None);
    carol.json(&["anchors", "add", &ticket]);
    carol.json(&["follow", &persona]);
    let (feed, took) = carol.until(&["feed"], LIMIT, |feed| whole(feed) && feed[0]["comments"] == 1);
    println!("followed by id; post, picture and comment came: {} ms", took.as_millis());
    assert_eq!((ids(&feed), feed[0]["author"].as_str()), (vec![post.clone()], Some(persona.as_str())));
    let page = carol.json(&["show", &post]);
    assert_eq!(
        (page["thread"][0]["id"].as_str(), page["thread"][0]["text"].as_str()),
        (Some(&*comment), Some("what a cat"))
    );
    assert_eq!(page["thread"][0]["author_name"], "Bob");
    let (here, there) = (text(&feed[0]["attachments"][0]["path"]), carol.root.path().join("copy.jpg"));
    carol.json(&["get", &text(&feed[0]["attachments"][0]["hash"]), there.to_str().unwrap()]);
    assert_eq!(std::fs::read(here).unwrap(), std::fs::read(there).unwrap());

    // Comments find their way while the author sleeps, and wait for her.
    let later = id(&carol.json(&["comment", &post, "from far away"]));
    anchor.until(&["show", &post], LIMIT, |page| page["comments"] == 2);
    // What should not be shown is told to the anchor, which keeps it off, and to nobody else.
    let told = carol.json(&["report", &post, "--reason", "spam", "--text", "no cat"]);
    assert_eq!(told["anchor"], node.as_str(), "{told}");
    let taken = |told: &Value| told["sent"][0]["state"] == "taken";
    carol.until(&["report"], LIMIT, taken);
    let report = &anchor.json(&["report"])["came"][0];
    assert_eq!((&report["about"], &report["author_name"]), (&Value::from(post.clone()), &Value::from("Alice")));
    assert_eq!(
        (&report["reason"], &report["text"], &report["denied"]),
        (&"spam".into(), &"no cat".into(), &false.into())
    );
    assert_eq!(bob.json(&["report"])["came"], Value::Array(Vec::new()));
    anchor.json(&["deny", &post]);
    assert_eq!(anchor.json(&["report"])["came"][0]["denied"], true);
    anchor.json(&["report", "--settle", &report["number"].to_string()]);
    anchor.refused_as(&["report", "--settle", "1"], "not_found", 1);
    anchor.json(&["deny", &post, "--undo"]);
    carol.refused_as(&["report", &post, "--reason", "nonsense"], "usage", 2);
    carol.refused_as(&["report", &"0".repeat(64)], "not_found", 1);

    carol.stop();
    alice.run_on_loopback(None);
    let (page, _) = alice.until(&["show", &post], LIMIT, |page| page["comments"] == 2);
    assert!(page["thread"].as_array().unwrap().iter().any(|comment| comment["id"] == later.as_str()), "{page}");
}

#[test]
fn the_list_of_anchors_is_kept_and_wrong_words_are_told() {
    let (mut anchor, mut alice) = (Profile::init("X"), Profile::init("Alice"));
    let (ticket, node) = run_anchor(&mut anchor);
    assert_eq!(alice.json(&["anchors"]), Value::Array(Vec::new()));
    alice.refused_as(&["invite"], "not_running", 1);
    alice.json(&["anchors", "add", &ticket]);
    // An invite needs no running node where an anchor is set.
    let invite = text(&alice.json(&["invite"])["invite"]);
    alice.refused_as(&["invite", "--with-node"], "not_running", 1);
    // Where its web page is has to be told.
    let post = id(&alice.json(&["post", "for everybody"]));
    alice.refused_as(&["share", &post], "bad_input", 1);
    alice.refused_as(&["anchors", "add", &ticket, "--web", "here"], "bad_input", 1);
    alice.json(&["anchors", "add", &ticket, "--web", "https://kith.example/"]);
    assert_eq!(alice.json(&["anchors"])[0]["web"], "https://kith.example");
    let persona = text(&alice.json(&["persona", "list"])[0]["id"]);
    let link = text(&alice.json(&["share", &post])["link"]);
    assert_eq!(link, format!("https://kith.example/p/{post}?by={persona}"));
    assert_eq!(alice.kith(&["share", &post]).stdout.trim_end(), link);
    alice.refused_as(&["anchors", "add", "nonsense"], "bad_input", 1);
    alice.refused_as(&["anchors", "add"], "usage", 2);
    anchor.refused_as(&["anchors", "add", &ticket], "bad_input", 1);
    alice.refused_as(&["anchors", "remove", &"0".repeat(64)], "not_found", 1);

    alice.run_on_loopback(None);
    alice.until(&["anchors"], LIMIT, |anchors| anchors[0]["connected"] == true);
    let both = text(&alice.json(&["invite", "--with-node"])["invite"]);
    assert!(both.len() > invite.len() && text(&alice.json(&["invite"])["invite"]) == invite);
    let checks = alice.json(&["doctor"]);
    let check = |name: &str| {
        let all = checks.as_array().unwrap();
        all.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}: {checks}")).clone()
    };
    for name in ["network", "relay", "anchors", "budget", "clock"] {
        assert_eq!(check(name)["ok"], true, "{checks}");
    }
    assert_eq!(check("anchors")["text"], "1 of 1 reached");
    assert!(text(&check("network")["text"]).contains("connected to 1 (1 direct, 0 over a relay)"), "{checks}");
    // An anchor that restarts is reached again, and the list outlives this node's own restarts.
    let addr = text(&anchor.json(&["status"])["listen"][0]);
    anchor.stop();
    alice.until(&["anchors"], LIMIT, |anchors| anchors[0]["connected"] == false);
    let doctor = alice.kith(&["doctor"]);
    assert!(doctor.code == 1 && doctor.stdout.contains("BAD anchors: none of 1 is reached"), "{doctor:?}");
    alice.stop();
    alice.run_on_loopback(None);
    anchor.run(&["--listen", &addr, "--role", "anchor"]);
    alice.until(&["anchors"], LIMIT, |anchors| anchors[0]["connected"] == true);

    assert_eq!(alice.json(&["anchors", "remove", node.get(..12).unwrap()])["node"], node.as_str());
    assert_eq!(alice.json(&["anchors"]), Value::Array(Vec::new()));
    let shown = alice.kith(&["anchors"]);
    assert!(shown.stdout.contains("You use no anchor"), "{shown:?}");
}

#[test]
fn peers_tell_of_anchors_and_of_nobody_who_only_came_in() {
    let (mut anchor, mut alice) = (Profile::init("X"), Profile::init("Alice"));
    let (mut bob, mut carol) = (Profile::init("Bob"), Profile::init("Carol"));
    let (ticket, anchor_node) = run_anchor(&mut anchor);
    alice.run_on_loopback(None);
    let invite = text(&alice.json(&["invite"])["invite"]);
    alice.json(&["anchors", "add", &ticket]);
    alice.until(&["anchors"], LIMIT, |anchors| anchors[0]["connected"] == true);
    carol.run_on_loopback(None);
    carol.json(&["follow", &invite]);
    let carol_node = text(&carol.json(&["status"])["node"]);
    let has = |peers: &Value, node: &str| peers.as_array().unwrap().iter().any(|peer| peer["node"] == node);
    alice.until(&["peers"], LIMIT, |peers| has(peers, &carol_node));

    bob.run_on_loopback(None);
    bob.json(&["follow", &invite]);
    let (peers, took) = bob.until(&["peers"], LIMIT, |peers| has(peers, &anchor_node));
    println!("told of the anchor, and there: {} ms", took.as_millis());
    assert!(!has(&peers, &carol_node), "{peers}");
    // Told of is not chosen: nobody becomes an anchor of his by that.
    assert_eq!(bob.json(&["anchors"]), Value::Array(Vec::new()));
}
