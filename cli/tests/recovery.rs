//! `recovery restore` with the built program: every device is lost, and the 24 words and an anchor bring a person back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice
)]

#[path = "support/profile.rs"]
mod profile;

use std::net::UdpSocket;
use std::time::Duration;

use profile::{Done, Profile, done, error, id, ids, one_line, text};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);

/// `recovery restore` with words that come in a pipe.
fn restore(profile: &Profile, words: &str, args: &[&str]) -> Done {
    let file = profile.root.path().join("typed");
    std::fs::write(&file, format!("{words}\n")).unwrap();
    let args = [&["--json", "recovery", "restore", "--offline"], args].concat();
    let mut command = profile.command(&args);
    command.stdin(std::fs::File::open(file).unwrap());
    done(command)
}

#[track_caller]
fn refused(profile: &Profile, words: &str, args: &[&str], code: &str) -> Value {
    let done = restore(profile, words, args);
    assert_eq!((done.code, done.stdout.as_str()), (1, ""), "{done:?}");
    let error = error(&done.stderr);
    assert_eq!(error["code"], code, "{done:?}");
    error
}

/// The words of a person, who typed them back.
fn written_down(profile: &Profile) -> String {
    let words = text(&profile.json(&["recovery", "phrase"])["phrase"]);
    let file = profile.root.path().join("typed");
    std::fs::write(&file, &words).unwrap();
    let mut check = profile.command(&["--json", "recovery", "phrase", "--check"]);
    check.stdin(std::fs::File::open(file).unwrap());
    assert_eq!(done(check).code, 0);
    words
}

fn run_anchor(anchor: &mut Profile) -> String {
    text(&anchor.run(&["--listen", "127.0.0.1:0", "--role", "anchor"])["ticket"])
}

#[test]
fn the_words_and_an_anchor_bring_back_who_lost_every_device() {
    let (mut anchor, mut alice, mut bob) = (Profile::init("X"), Profile::init("Alice"), Profile::init("Bob"));
    let ticket = run_anchor(&mut anchor);
    let persona = alice.persona();
    for one in [&mut alice, &mut bob] {
        one.json(&["anchors", "add", &ticket]);
        one.run_on_loopback(None);
    }
    let words = written_down(&alice);
    alice.follow(&bob);
    bob.follow(&alice);
    alice.json(&["circle", "create", "Friends"]);
    alice.json(&["circle", "add", "Friends", &bob.persona()]);
    alice.json(&["list", "create", "Close"]);
    alice.json(&["mute", "--word", "football"]);
    alice.json(&["persona", "create", "Work"]);
    let before = id(&alice.json(&["post", "before"]));
    bob.until(&["feed"], LIMIT, |feed| ids(feed).contains(&before));
    let (stands, took) =
        alice.until(&["recovery"], LIMIT, |all| all[1]["backup_ms"].is_u64() && all[0]["state"] == "protected");
    println!("protected after {} ms", took.as_millis());
    assert_eq!((&stands[0]["need"], &stands[1]["need"]), (&Value::Null, &json!("words")));
    let lost = text(&alice.json(&["devices"])[0]["id"]);
    alice.kill();
    std::fs::remove_dir_all(alice.folder()).unwrap();

    let mut new = Profile::empty();
    let (others, _) = words.rsplit_once(' ').unwrap();
    refused(&new, &format!("{others} zoo zoo"), &["--anchor", &ticket], "bad_input");
    refused(&new, others, &["--anchor", &ticket], "bad_input");
    assert!(!new.folder().exists(), "nobody was asked, and nothing made, for words that are none");
    let back = restore(&new, &words.to_uppercase(), &["--anchor", &ticket]);
    assert_eq!(back.code, 0, "{back:?}");
    println!("restored in {} ms", back.took.as_millis());
    let value = one_line(&back.stdout);
    let names: Vec<String> = value["personas"].as_array().unwrap().iter().map(|one| text(&one["name"])).collect();
    assert_eq!((names, &value["personas"][0]["id"]), (vec!["Alice".into(), "Work".into()], &json!(persona)), "{value}");
    assert_eq!((&value["follows"], &value["circles"], &value["lists"]), (&json!(1), &json!(1), &json!(1)), "{value}");
    assert!(value["backup_ms"].is_u64() && value["entries"].as_u64().unwrap() > 0);
    assert_eq!((&value["devices_out"], &value["devices_stay"]), (&json!(0), &json!(1)), "{value}");
    assert_eq!(value["missing"], json!(["messages"]));
    assert!(back.took < LIMIT, "{back:?}");

    // What she wrote is hers again, and her followers take what she writes now.
    new.run_on_loopback(None);
    new.until(&["feed"], LIMIT, |feed| ids(feed).contains(&before));
    let after = id(&new.json(&["post", "I am back"]));
    bob.until(&["feed"], LIMIT, |feed| ids(feed).contains(&after) && ids(feed).contains(&before));
    let circles = new.json(&["circle", "list"]);
    assert_eq!((&circles[0]["name"], &circles[0]["members"]), (&json!("Friends"), &json!([bob.persona()])));
    let devices = new.json(&["devices"]);
    let counts = |devices: &Value| {
        devices.as_array().unwrap().iter().filter(|one| one["this"] == false && one["revoked"] == false).count()
    };
    assert_eq!(counts(&devices), 1, "{devices}");
    assert!(devices.as_array().unwrap().iter().all(|one| one["name"] != ""), "each has its name: {devices}");
    // Her posts are back, so nothing goes with the device that wrote them.
    new.json(&["devices", "revoke", &lost]);
    assert_eq!(counts(&new.json(&["devices"])), 0);
    new.until(&["feed"], LIMIT, |feed| ids(feed).contains(&before));
    let after = id(&new.json(&["post", "to friends", "--circle", "Friends"]));
    bob.until(&["feed"], LIMIT, |feed| ids(feed).contains(&after));
    new.until(&["recovery"], LIMIT, |all| {
        all.as_array().unwrap().iter().all(|one| one["state"] == "protected" && one["backup_ms"].is_u64())
    });
    // A person is told what is next, and so is who repeats it while a node runs.
    let file = new.root.path().join("typed");
    let mut again = new.command(&["recovery", "restore"]);
    again.stdin(std::fs::File::open(file).unwrap());
    let again = done(again);
    assert!(again.code == 0 && again.stdout.contains("You are Alice, Work again"), "{again:?}");
    assert!(again.stdout.contains("kith run"), "{again:?}");
}

#[test]
fn who_finds_nothing_is_told_whom_it_asked_and_what_helps() {
    let (mut anchor, alice) = (Profile::init("X"), Profile::init("Alice"));
    let ticket = run_anchor(&mut anchor);
    let words = text(&alice.json(&["recovery", "phrase"])["phrase"]);
    let new = Profile::empty();
    refused(&new, &words, &[], "bad_input");
    refused(&new, &words, &["--anchor", "nonsense"], "bad_input");
    let error = refused(&new, &words, &["--anchor", &ticket], "no_backup");
    let node = text(&anchor.json(&["status"])["node"]);
    assert!(text(&error["message"]).contains(&format!("asked: {}", &node[..8])), "{error}");
    assert!(text(&error["hint"]).contains("--persona"), "{error}");
    // Somebody who is there, and says nothing.
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let known: kith_node::net::Ticket = ticket.parse().unwrap();
    let never =
        kith_node::net::Ticket::new(known.node, silent.local_addr().unwrap().to_string().parse().ok()).to_string();
    let other = Profile::empty();
    let error = refused(&other, &words, &["--anchor", &never], "no_backup");
    assert!(text(&error["message"]).contains("no answer came from"), "{error}");
}

#[test]
fn the_words_and_the_id_of_a_persona_are_enough_where_an_anchor_carries_it() {
    let (mut anchor, mut alice, mut bob) = (Profile::init("X"), Profile::init("Alice"), Profile::init("Bob"));
    let ticket = run_anchor(&mut anchor);
    let (persona, words) = (alice.persona(), text(&alice.json(&["recovery", "phrase"])["phrase"]));
    bob.json(&["anchors", "add", &ticket]);
    bob.run_on_loopback(None);
    alice.run_on_loopback(None);
    // She has no anchor, and so no backup; Bob follows her.
    bob.follow(&alice);
    let before = id(&alice.json(&["post", "before"]));
    bob.until(&["feed"], LIMIT, |feed| ids(feed).contains(&before));
    assert_eq!(alice.json(&["recovery"])[0]["state"], "needs_attention");
    alice.kill();
    std::fs::remove_dir_all(alice.folder()).unwrap();

    let mut new = Profile::empty();
    let bobs = text(&bob.json(&["status"])["ticket"]);
    refused(&new, &words, &["--anchor", &bobs, "--persona", &persona[..8]], "bad_input");
    let back = restore(&new, &words, &["--anchor", &bobs, "--persona", &persona]);
    assert_eq!(back.code, 0, "{back:?}");
    let value = one_line(&back.stdout);
    assert_eq!((&value["personas"][0]["id"], &value["backup_ms"]), (&json!(persona), &Value::Null), "{value}");
    assert_eq!(value["missing"], json!(["backup", "messages"]), "{value}");
    new.run_on_loopback(None);
    let after = id(&new.json(&["post", "I am back"]));
    bob.until(&["feed"], LIMIT, |feed| ids(feed).contains(&after) && ids(feed).contains(&before));
}
