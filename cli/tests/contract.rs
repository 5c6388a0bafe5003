//! The contract of the `kith` command (DESIGN §9), with the built program: JSON shapes, errors, exit codes, locks.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/profile.rs"]
mod profile;

use std::process::Stdio;
use std::time::{Duration, Instant};

use kith_node::clock::{Clock, SystemClock};
use kith_node::lock::{Holder, ProfileLock};
use profile::{PATIENCE, Profile, assert_fields, assert_id, done, error, id, ids, jpeg_with_exif, text, wait};
use serde_json::{Value, json};

/// Some 64 digits that name nothing.
const NOWHERE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn wrong_usage_is_told_and_touches_nothing() {
    let profile = Profile::empty();
    for args in [
        &[][..],
        &["nonsense"],
        &["post"],
        &["post", "a", "b"],
        &["post", "a", "--unknown"],
        &["post", "a", "--alt", "of nothing"],
        &["post", "a", "--attach", "f", "--alt", "one", "--alt", "two"],
        &["feed", "--limit", "0"],
        &["feed", "--limit", "1001"],
        &["feed", "--limit", "many"],
        &["init"],
        &["run", "--offline", "--lan"],
        &["run", "--role", "king"],
        &["run", "--listen", "here"],
        &["persona"],
        &["persona", "edit"],
        &["react", "00"],
    ] {
        profile.refused_as(args, "usage", 2);
        let done = profile.kith(args);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{args:?}");
        assert!(!done.stderr.is_empty());
    }
    // The flag may stand behind the command too.
    let after = profile.kith(&["feed", "--limit", "0", "--json"]);
    assert_eq!(error(&after.stderr)["code"], "usage");
    assert!(!profile.folder().exists());
}

#[test]
fn help_and_version_are_answers() {
    let profile = Profile::empty();
    for args in [&["--help"][..], &["--version"], &["help"], &["post", "--help"], &["persona", "edit", "--help"]] {
        let done = profile.kith(args);
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{args:?}");
        assert!(!done.stdout.is_empty());
    }
}

#[test]
fn status_of_what_does_not_run_needs_nothing() {
    let mut profile = Profile::empty();
    profile.passphrase = None;
    let stopped = json!({ "profile": false, "running": false, "node": null, "role": "desktop", "ticket": null, "listen": [],
        "peers": 0, "personas": 0, "entries": 0, "web": null, "relay": null, "out_of": [] });
    assert_eq!(profile.json(&["status"]), stopped);
    let told = profile.kith(&["status"]);
    assert!(told.code == 0 && told.stdout.contains("no profile in") && told.stdout.contains("init --name"), "{told:?}");
    assert!(!profile.folder().exists());
    // Nor does it wait for a lock.
    std::fs::create_dir(profile.folder()).unwrap();
    let _lock = ProfileLock::acquire(&profile.folder(), Holder::Node, 0).unwrap();
    let start = Instant::now();
    assert_eq!(profile.json(&["status"]), stopped);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn without_a_profile_commands_name_the_next_step() {
    let profile = Profile::empty();
    for args in [&["feed"][..], &["post", "x"], &["follows"], &["peers"], &["run", "--offline"], &["show", "00"]] {
        profile.refused_as(args, "no_profile", 1);
    }
    assert!(profile.refused(&["feed"]).1["hint"].as_str().unwrap().contains("kith init"));
    assert!(!profile.folder().exists());
}

#[test]
fn without_a_passphrase_the_keystore_is_locked() {
    let mut profile = Profile::empty();
    profile.passphrase = None;
    profile.refused_as(&["init", "--name", "Alice"], "keystore_locked", 1);
    profile.passphrase = Some("one that is long enough".into());
    profile.json(&["init", "--name", "Alice"]);
    profile.passphrase = None;
    for args in [&["feed"][..], &["post", "x"], &["run", "--offline"]] {
        profile.refused_as(args, "keystore_locked", 1);
    }
    let status = profile.json(&["status"]);
    assert_eq!((&status["running"], &status["profile"]), (&json!(false), &json!(true)));
    profile.passphrase = Some("another one that is long".into());
    profile.refused_as(&["feed"], "wrong_passphrase", 1);
    // Nothing was harmed by that.
    profile.passphrase = Some("one that is long enough".into());
    assert_eq!(profile.json(&["persona", "list"])[0]["name"], "Alice");
}

#[test]
fn a_profile_is_made_once() {
    let profile = Profile::empty();
    profile.refused_as(&["init", "--name", "  "], "bad_input", 1);
    profile.refused_as(&["init", "--name", &"x".repeat(65)], "bad_input", 1);
    assert!(!profile.folder().exists());
    let made = profile.json(&["init", "--name", "Alice"]);
    assert_id(&made["persona"]);
    assert_id(&made["node"]);
    assert_ne!(made["persona"], made["node"]);
    profile.refused_as(&["init", "--name", "Bob"], "profile_exists", 1);
    let personas = profile.json(&["persona", "list"]);
    assert_eq!(personas.as_array().unwrap().len(), 1);
    assert_eq!(personas[0]["id"], made["persona"]);
    assert_eq!((&personas[0]["name"], &personas[0]["default"]), (&json!("Alice"), &json!(true)));
}

#[test]
fn every_command_works_without_a_running_node() {
    let profile = Profile::init("Alice");
    let persona = text(&profile.json(&["persona", "list"])[0]["id"]);
    assert_eq!(profile.json(&["feed"]), json!([]));
    assert_eq!(profile.json(&["follows"]), json!([]));

    let first = id(&profile.json(&["post", "the first"]));
    jpeg_with_exif(&profile.root.path().join("a picture.jpg"), "SecretCamera");
    let posted = profile.json(&[
        "post",
        "with a picture, -- \"quotes\" and\ntwo lines",
        "--cw",
        "holidays",
        "--attach",
        "a picture.jpg",
        "--alt",
        "colours",
        "--persona",
        &persona,
    ]);
    assert_id(&posted["id"]);
    let second = id(&posted);

    let feed = profile.json(&["feed"]);
    assert_eq!(ids(&feed), [second.as_str(), first.as_str()]);
    let post = &feed[0];
    let fields = "id author author_name created_ms text cw attachments reactions comments edited sealed circle via";
    assert_fields(post, &fields.split(' ').collect::<Vec<_>>());
    assert_eq!(post["author"], persona.as_str());
    assert_eq!((&post["author_name"], &post["cw"]), (&json!("Alice"), &json!("holidays")));
    assert_eq!(post["text"], "with a picture, -- \"quotes\" and\ntwo lines");
    assert_eq!((&post["sealed"], &post["circle"], &post["comments"]), (&json!(false), &Value::Null, &json!(0)));
    let picture = &post["attachments"][0];
    assert_fields(picture, &["hash", "mime", "size", "width", "height", "alt", "path"]);
    assert_eq!((&picture["width"], &picture["height"]), (&json!(300), &json!(400)), "turned upright");
    assert_eq!(picture["alt"], "colours");
    let bytes = std::fs::read(text(&picture["path"])).unwrap();
    assert_eq!(bytes.len() as u64, picture["size"]);
    assert!(!profile::holds(&bytes, b"SecretCamera"));

    assert_eq!(ids(&profile.json(&["feed", "--limit", "1"])), [second.as_str()]);
    assert_eq!(ids(&profile.json(&["feed", "--before", &second])), [first.as_str()]);
    assert_eq!(ids(&profile.json(&["feed", "--before", &first])), [] as [String; 0]);
    assert_eq!(profile.json(&["feed", "--persona", &persona]).as_array().unwrap().len(), 2);

    let got = profile.json(&["get", &text(&picture["hash"]), "copy.jpg"]);
    assert_eq!(std::fs::read(profile.root.path().join("copy.jpg")).unwrap(), bytes);
    assert_eq!(text(&got["path"]), profile.root.path().join("copy.jpg").to_str().unwrap());
    assert_eq!(profile.json(&["get", &text(&picture["hash"])])["path"], picture["path"]);

    let comment = id(&profile.json(&["comment", &first, "a comment"]));
    let answer = id(&profile.json(&["comment", &comment, "an answer"]));
    assert_id(&profile.json(&["react", &first, "👍"])["id"]);
    assert_id(&profile.json(&["react", &first, "🎉"])["id"]);
    assert_id(&profile.json(&["react", &first, "🎉", "--undo"])["id"]);
    assert_id(&profile.json(&["edit", &first, "the first, edited"])["id"]);
    let page = profile.json(&["show", &first]);
    assert_eq!(page["text"], "the first, edited");
    assert_eq!(page["edited"], true);
    assert_eq!(page["reactions"], json!({ "👍": 1 }));
    assert_eq!(page["comments"], 2);
    assert_eq!(ids(&page["thread"]), [comment.as_str(), answer.as_str()]);
    for (place, parent) in [(0, &first), (1, &comment)] {
        let comment = &page["thread"][place];
        assert_fields(comment, &["id", "author", "author_name", "parent", "text", "created_ms", "deleted"]);
        assert_eq!(comment["parent"], parent.as_str());
    }
    assert_id(&profile.json(&["policy", &first, "nobody"])["id"]);
    let page = profile.json(&["show", &first]);
    assert_eq!((&page["commenters"], &page["comments"]), (&json!("nobody"), &json!(2)), "own comments stay");
    assert_id(&profile.json(&["policy", &first, "everyone"])["id"]);
    let repost = profile.json(&["repost", &first]);
    assert_eq!(profile.json(&["repost", &first]), repost, "reposted already");
    let page = profile.json(&["show", &first]);
    assert_eq!((&page["reposts"], &page["reposted"]), (&json!(1), &json!(true)));
    assert_id(&profile.json(&["repost", &first, "--undo"])["id"]);
    profile.refused_as(&["hide", &comment], "bad_input", 1);
    assert_id(&profile.json(&["delete", &answer])["id"]);
    let page = profile.json(&["show", &first]);
    let deleted = page["thread"].as_array().unwrap().iter().find(|entry| entry["id"] == answer.as_str());
    assert!(deleted.is_none_or(|entry| entry["deleted"] == true && entry["text"] == ""), "{page}");
    let deleted = profile.json(&["delete", &second]);
    assert_eq!(profile.json(&["delete", &second]), deleted, "deleted already");
    let feed = profile.json(&["feed"]);
    assert!(!feed.to_string().contains("two lines"), "{feed}");

    profile.json(&["persona", "edit", "--name", "Alice B.", "--bio", "hello", "--picture", "a picture.jpg"]);
    assert_eq!(profile.json(&["persona", "list"])[0]["name"], "Alice B.");
    assert_eq!(profile.json(&["feed"])[0]["author_name"], "Alice B.");

    for check in profile.json(&["doctor"]).as_array().unwrap() {
        assert_fields(check, &["name", "ok", "text"]);
    }
    profile.refused_as(&["peers"], "not_running", 1);
    profile.refused_as(&["invite"], "not_running", 1);
}

#[test]
fn what_is_kept_and_kept_out_is_told_as_the_contract_says() {
    let profile = Profile::init("Alice");
    let me = text(&profile.json(&["persona", "list"])[0]["id"]);
    let post = id(&profile.json(&["post", "Fog over the #harbour"]));
    assert_eq!(profile.json(&["bookmark", &post[..8]]), json!({ "id": post }));
    let kept = profile.json(&["bookmarks"]);
    assert_fields(&kept[0], &["id", "root", "added_ms", "post", "comment"]);
    assert_eq!((&kept[0]["id"], &kept[0]["post"]["bookmarked"]), (&json!(post), &json!(true)));
    profile.json(&["bookmark", &post, "--undo"]);
    assert_eq!(profile.json(&["bookmarks"]), json!([]));

    assert_eq!(profile.json(&["list", "create", "Sailors"])["name"], "Sailors");
    assert_eq!(profile.json(&["feed", "--list", "sailors"]), json!([]));
    profile.json(&["list", "add", "Sailors", &me]);
    assert_eq!(ids(&profile.json(&["feed", "--list", "Sailors"])), [post.as_str()]);
    assert_eq!(profile.json(&["list"])[0]["members"], 1);
    assert_eq!(profile.json(&["list", "show", "Sailors"])[0]["persona"], json!(me));
    assert_eq!(profile.json(&["list"])[0]["published"], Value::Null);
    profile.refused_as(&["list", "withdraw", "Sailors"], "not_found", 1);
    let first = id(&profile.json(&["list", "publish", "Sailors"]));
    let second = id(&profile.json(&["list", "publish", "Sailors", "--text", "Who sails"]));
    assert_eq!(profile.json(&["list"])[0]["published"], json!(second));
    assert_eq!(profile.json(&["show", &first])["deleted"], true);
    assert_eq!(profile.json(&["list", "withdraw", "Sailors"]), json!({ "id": second }));
    assert_eq!(profile.json(&["show", &second])["deleted"], true);
    profile.json(&["list", "remove", "Sailors", &me]);
    profile.json(&["list", "delete", "Sailors"]);
    profile.refused_as(&["feed", "--list", "Sailors"], "not_found", 1);
    assert_eq!(profile.json(&["follow", "#Harbour"]), json!({ "tag": "harbour" }));
    assert_eq!(profile.json(&["tags"]), json!(["harbour"]));
    assert!(profile.kith(&["follows"]).stdout.contains("#harbour"));
    assert_eq!(profile.json(&["unfollow", "#Harbour"]), json!({ "tag": "harbour" }));
    profile.json(&["follow", "#gulls"]);
    assert!(profile.kith(&["feed", "--tag", "gulls"]).stdout.contains("You follow it"));
    profile.json(&["unfollow", "#gulls"]);
    assert!(profile.kith(&["feed", "--tag", "gulls"]).stdout.contains("follow '#gulls'"));
    let named = profile.kith(&["mute", "Alice"]).stderr;
    assert!(named.contains("follows") && named.contains("id"), "{named}");

    for verb in ["block", "mute"] {
        assert_eq!(profile.json(&[verb, NOWHERE]), json!({ "persona": NOWHERE }));
        profile.refused_as(&[verb, &me], "bad_input", 1);
    }
    profile.json(&["mute", "--word", "Football", "--everywhere", "--hours", "24"]);
    profile.json(&["mute", "--thread", &post]);
    let muted = profile.json(&["muted"]);
    assert_eq!((&muted["blocked"][0]["persona"], &muted["people"][0]["persona"]), (&json!(NOWHERE), &json!(NOWHERE)));
    assert_eq!((&muted["words"][0]["text"], &muted["words"][0]["everywhere"]), (&json!("Football"), &json!(true)));
    assert_eq!(muted["threads"][0]["post"], json!(post));
    assert_eq!(ids(&profile.json(&["feed"])), [post.as_str()], "own posts are always shown");
    let shown = profile.kith(&["muted"]).stdout;
    assert!(shown.contains("Football") && shown.contains("24 hours left"), "{shown}");
    for undo in
        [&["block", NOWHERE][..], &["mute", NOWHERE], &["mute", "--word", "football"], &["mute", "--thread", &post]]
    {
        profile.json(&[undo, &["--undo"]].concat());
    }
    assert_eq!(
        profile.json(&["muted"]),
        json!({ "people": [], "words": [], "threads": [], "conversations": [], "reposts": [], "blocked": [] })
    );
    for wrong in [&["mute"][..], &["mute", "--reposts"], &["mute", &me, "--word", "x"], &["mute", "--everywhere"]] {
        profile.refused_as(wrong, "usage", 2);
    }
    let told = profile.kith(&["mute"]).stderr;
    assert!(told.contains("--word TEXT") && told.contains("help mute"), "{told}");
    profile.json(&["mute", NOWHERE, "--reposts", "--hours", "2"]);
    assert_eq!(profile.json(&["muted"])["reposts"][0]["persona"], json!(NOWHERE));
    profile.json(&["mute", NOWHERE, "--reposts", "--undo"]);
    assert_eq!(profile.json(&["muted"])["reposts"], json!([]));

    let thread = text(&profile.json(&["dm", &me, "buy bread"])["thread"]);
    for more in [&["--hours", "8"][..], &[], &["--undo"]] {
        let muted = profile.json(&[&["mute", "--conversation", &thread[..10]][..], more].concat());
        assert_eq!(muted, json!({ "conversation": thread }));
        let quiet = !more.contains(&"--undo");
        assert_eq!(profile.json(&["threads"])[0]["muted"], json!(quiet));
        assert_eq!(profile.kith(&["threads"]).stdout.contains("  muted"), quiet);
    }
    profile.refused_as(&["mute", "--conversation", "0123"], "not_found", 1);
    profile.refused_as(&["mute", "--conversation", &thread, "--thread", &post], "usage", 2);

    profile.json(&["list", "create", "Sailors"]);
    assert_eq!(profile.json(&["list", "rename", "Sailors", "Crew"])["name"], "Crew");
    assert_eq!(profile.json(&["feed", "--list", "crew"]), json!([]));
    let nothing = profile.kith(&["feed", "--tag", "nothing"]).stdout;
    assert!(nothing.contains("No post with #nothing"), "{nothing}");
}

#[test]
fn what_was_edited_hidden_and_deleted_is_told_as_the_contract_says() {
    let profile = Profile::init("Alice");
    let post = id(&profile.json(&["post", "frist"]));
    assert_eq!(profile.json(&["show", &post])["edits"], json!([]));
    profile.json(&["edit", &post, "first"]);
    let page = profile.json(&["show", &post]);
    assert_fields(&page["edits"][0], &["text", "cw", "edited_ms"]);
    let texts: Vec<_> = page["edits"].as_array().unwrap().iter().map(|edit| text(&edit["text"])).collect();
    assert_eq!(texts, ["frist", "first"]);
    let shown = profile.kith(&["show", &post]).stdout;
    assert!(shown.contains("It said before:") && shown.contains("frist"), "{shown}");
    assert_eq!((&page["reposted_by"], &page["blocked"]), (&json!([]), &json!(false)));
    profile.json(&["repost", &post]);
    assert_eq!(profile.json(&["show", &post])["reposted_by"][0]["name"], "Alice");
    assert!(profile.kith(&["feed"]).stdout.contains("reposted by Alice"));
    assert_eq!(profile.json(&["hidden"]), json!([]));
    assert_eq!(profile.json(&["hidden", &post]), json!([]));
    assert!(profile.kith(&["hidden"]).stdout.contains("You hid nothing."));
    profile.refused_as(&["hide", &post], "bad_input", 1);
    profile.refused_as(&["hide", &post, "--undo"], "not_found", 1);
    profile.refused_as(&["react", &post, "👍👍"], "bad_input", 1);
    profile.refused_as(&["share", &post], "bad_input", 1);
    profile.json(&["delete", &post]);
    profile.refused_as(&["bookmark", &post], "not_found", 1);
    profile.refused_as(&["share", &post], "not_found", 1);
}

#[test]
fn personas_and_storage_are_set_by_command() {
    let profile = Profile::init("Alice");
    let me = text(&profile.json(&["persona", "list"])[0]["id"]);
    assert_eq!(profile.json(&["persona", "default", &me[..8]]), json!({ "id": me }));
    profile.refused_as(&["persona", "default", NOWHERE], "not_found", 1);
    for listed in ["on", "off"] {
        assert_id(&profile.json(&["persona", "edit", "--listed", listed])["id"]);
    }
    profile.refused_as(&["persona", "edit", "--listed", "maybe"], "usage", 2);

    let usual = profile.json(&["storage"]);
    assert_fields(&usual, &["quota", "used", "own", "followed", "carried", "strangers", "left", "files", "metered"]);
    assert_eq!(profile.json(&["storage", "--quota", "700"])["quota"], 700 * 1024 * 1024);
    assert!(profile.kith(&["storage"]).stdout.contains("of 700 MiB."));
    profile.refused_as(&["storage", "--quota", "1"], "bad_input", 1);
    profile.refused_as(&["storage", "--quota", "1", "--default"], "usage", 2);
    assert_eq!(profile.json(&["storage", "--default"])["quota"], usual["quota"]);
}

#[test]
fn refusals_have_their_code() {
    let profile = Profile::init("Alice");
    profile.refused_as(&["show", NOWHERE], "not_found", 1);
    profile.refused_as(&["get", NOWHERE], "not_found", 1);
    profile.refused_as(&["comment", NOWHERE, "x"], "not_found", 1);
    profile.refused_as(&["follow", "not an invite"], "bad_input", 1);
    profile.refused_as(&["post", "x", "--attach", "missing.jpg"], "bad_input", 1);
    profile.refused_as(&["post", "x", "--attach", "."], "bad_input", 1);
    profile.refused_as(&["post", "x", "--persona", NOWHERE], "not_found", 1);
    profile.refused_as(&["post", "x", "--persona", "XYZ"], "bad_input", 1);
    profile.refused_as(&["feed", "--persona", NOWHERE], "not_found", 1);
    profile.refused_as(&["post", &"x".repeat(20_001)], "bad_input", 1);
    assert_eq!(profile.json(&["feed"]), json!([]));
    profile.json(&["post", &"é".repeat(20_000)]);

    // Broken pictures: cut off, none at all, and a small file that would be a gigabyte in memory.
    let file = |name: &str| profile.root.path().join(name);
    jpeg_with_exif(&file("whole.jpg"), "x");
    let whole = std::fs::read(file("whole.jpg")).unwrap();
    std::fs::write(file("cut.jpg"), &whole[..300]).unwrap();
    std::fs::write(file("none.jpg"), "this is no picture").unwrap();
    std::fs::write(file("empty.jpg"), "").unwrap();
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bomb.extend(60_000_u32.to_be_bytes());
    bomb.extend(60_000_u32.to_be_bytes());
    bomb.extend([8, 2, 0, 0, 0]);
    bomb.extend([0; 4]);
    std::fs::write(file("bomb.png"), bomb).unwrap();
    for name in ["cut.jpg", "none.jpg", "empty.jpg", "bomb.png"] {
        profile.refused_as(&["post", "x", "--attach", name], "picture", 1);
    }
    assert_eq!(profile.json(&["feed"]).as_array().unwrap().len(), 1);
}

#[test]
fn ids_may_be_shortened_while_they_are_unique() {
    let profile = Profile::init("Alice");
    // Of 17 ids two begin with the same digit.
    let posts: Vec<String> = (0..17).map(|number| id(&profile.json(&["post", &format!("post {number}")]))).collect();
    let shared = posts.iter().find(|one| posts.iter().any(|other| other != *one && other[..1] == one[..1])).unwrap();
    profile.refused_as(&["show", &shared[..1]], "ambiguous", 1);
    for post in &posts[..3] {
        assert_eq!(id(&profile.json(&["show", &post[..16]])), *post);
        profile.json(&["react", &post[..16], "👍"]);
    }
    let persona = text(&profile.json(&["persona", "list"])[0]["id"]);
    assert_eq!(profile.json(&["feed", "--persona", &persona[..6], "--limit", "3"]).as_array().unwrap().len(), 3);
    let wrong = if posts[0].starts_with('0') { "1" } else { "0" };
    profile.refused_as(&["show", &wrong.repeat(20)], "not_found", 1);
    profile.refused_as(&["show", "not-hex"], "bad_input", 1);
}

#[test]
fn a_running_node_answers_and_refuses_a_second() {
    let mut profile = Profile::init("Alice");
    let status = profile.run_on_loopback(None);
    let fields = ["running", "node", "role", "ticket", "listen", "peers", "personas", "entries", "web"];
    assert_fields(&status, &fields);
    assert_eq!((&status["running"], &status["role"], &status["web"]), (&json!(true), &json!("desktop"), &Value::Null));
    assert_id(&status["node"]);
    assert!(status["ticket"].is_string());
    assert!(text(&status["listen"][0]).starts_with("127.0.0.1:"), "{status}");

    let start = Instant::now();
    profile.refused_as(&["run", "--offline"], "profile_in_use", 1);
    assert!(start.elapsed() < Duration::from_secs(5), "a running node refuses at once");

    // Commands reach it: without a passphrase, with files of their own directory.
    let passphrase = profile.passphrase.take();
    std::fs::create_dir(profile.root.path().join("elsewhere")).unwrap();
    jpeg_with_exif(&profile.root.path().join("elsewhere/p.jpg"), "x");
    let mut post = profile.command(&["--json", "post", "hello", "--attach", "p.jpg"]);
    let posted = done({
        post.current_dir(profile.root.path().join("elsewhere"));
        post
    });
    assert_eq!(posted.code, 0, "{posted:?}");
    let feed = profile.json(&["feed"]);
    assert_eq!(feed[0]["text"], "hello");
    assert_eq!(profile.json(&["peers"]), json!([]));
    let invite = profile.json(&["invite"]);
    assert_eq!(invite["persona"], profile.json(&["persona", "list"])[0]["id"]);
    assert!(text(&invite["invite"]).len() > 64);
    profile.refused_as(&["show", NOWHERE], "not_found", 1);
    profile.refused_as(&["init", "--name", "Alice"], "profile_exists", 1);
    let now = profile.json(&["status"]);
    assert_eq!((&now["running"], &now["node"], &now["personas"]), (&json!(true), &status["node"], &json!(1)));
    for check in profile.json(&["doctor"]).as_array().unwrap() {
        assert_fields(check, &["name", "ok", "text"]);
    }

    let (ended, took) = profile.stop();
    assert!(ended.success(), "{ended:?} {}", profile.logged());
    assert!(took < Duration::from_secs(5), "SIGTERM took {took:?}");
    assert_eq!(profile.json(&["status"])["running"], false);
    profile.passphrase = passphrase;
    assert_eq!(profile.json(&["feed"])[0]["text"], "hello");
}

#[test]
fn commands_and_run_wait_for_another_commands_lock() {
    let mut profile = Profile::init("Alice");
    for args in [&["--json", "feed"][..], &["--json", "post", "x"], &["--json", "run", "--offline"]] {
        let lock = ProfileLock::acquire(&profile.folder(), Holder::Command, 5_000).unwrap();
        if args.contains(&"run") {
            let command = profile.command(args);
            // Freed while the node waits; before that it prints nothing and does not end.
            let freer = std::thread::spawn(move || {
                let (_never, told) = std::sync::mpsc::sync_channel::<()>(1);
                let _deadline = told.recv_timeout(Duration::from_millis(700));
                drop(lock);
                Instant::now()
            });
            assert_eq!(profile.start(command)["running"], true);
            assert!(Instant::now() > freer.join().unwrap());
            continue;
        }
        let mut command = profile.command(args);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let waiter = std::thread::spawn(move || tell.send(wait(child, PATIENCE)));
        assert!(told.recv_timeout(Duration::from_millis(700)).is_err(), "{args:?} did not wait");
        drop(lock);
        assert!(told.recv_timeout(PATIENCE).unwrap().unwrap().success(), "{args:?}");
        waiter.join().unwrap().unwrap();
    }
}

#[test]
fn waiting_for_a_command_ends_after_ten_seconds() {
    let profile = Profile::init("Alice");
    let _lock = ProfileLock::acquire(&profile.folder(), Holder::Command, 5_000).unwrap();
    let start = Instant::now();
    profile.refused_as(&["feed"], "profile_in_use", 1);
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(10) && took < PATIENCE, "{took:?}");
}

#[test]
fn a_killed_node_is_not_running_and_starts_again() {
    let mut profile = Profile::init("Alice");
    let before = profile.run_on_loopback(None);
    let post = id(&profile.json(&["post", "acknowledged"]));
    profile.kill();
    assert_eq!(profile.json(&["status"])["running"], false);
    assert_eq!(ids(&profile.json(&["feed"])), [post.as_str()]);
    let after = profile.run_on_loopback(Some(&text(&before["listen"][0])));
    assert_eq!(after["node"], before["node"]);
    assert_eq!(after["listen"], before["listen"]);
    assert_eq!(ids(&profile.json(&["feed"])), [post]);
    assert_eq!(profile.json(&["status"])["running"], true);
}

#[test]
fn people_get_text() {
    let profile = Profile::empty();
    let made = profile.kith(&["init", "--name", "Alice"]);
    assert_eq!(made.code, 0, "{made:?}");
    assert!(made.stdout.contains("Alice") && made.stdout.contains(" run"), "{made:?}");
    let posted = profile.kith(&["post", "hello\u{1b}[2J"]);
    assert!(posted.stdout.contains("No node runs"), "{posted:?}");
    let feed = profile.kith(&["feed"]).stdout;
    assert!(feed.contains("Alice · just now") && feed.contains("hello"), "{feed}");
    assert!(feed.chars().all(|c| c == '\n' || !c.is_control()), "{feed:?}");
    let whole = id(&profile.json(&["feed"])[0]);
    assert!(!feed.contains(&whole) && feed.contains(&whole[..10]), "{feed}");
    let refused = profile.kith(&["show", NOWHERE]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    assert!(refused.stderr.contains("was not found"), "{refused:?}");
    let status = profile.kith(&["status"]);
    assert!(status.stdout.contains("No node runs"), "{status:?}");
    assert!(!feed.contains("Older ones"), "{feed}");
    assert!(profile.kith(&["feed", "--limit", "1"]).stdout.contains("Older ones"));
    let folder = profile.folder().display().to_string();
    for none in ["nonsense", ""] {
        let refused = profile.kith(&["follow", none]);
        assert!(refused.stderr.contains("this is not an invite link or a persona id"), "{refused:?}");
    }
    assert!(profile.kith(&["post", "hello", "world"]).stderr.contains("quotes"));
    let stopped = profile.kith(&["invite"]);
    assert!(stopped.stderr.contains(&format!("kith --profile {folder} run")), "{stopped:?}");
    let doctor = profile.kith(&["doctor"]);
    assert!(doctor.code == 0 && doctor.stdout.contains("network: not running"), "{doctor:?}");
    assert!(!doctor.stdout.contains("BAD"), "{doctor:?}");
    let deleted = id(&profile.json(&["post", "short-lived"]));
    assert!(profile.kith(&["show", &deleted]).stdout.contains("Comment with"));
    profile.json(&["delete", &deleted]);
    assert!(!profile.kith(&["show", &deleted]).stdout.contains("Comment with"));
}

#[test]
fn an_invite_goes_into_a_pipe_and_following_twice_is_told() {
    let (mut alice, bob) = (Profile::init("Alice"), Profile::init("Bob"));
    alice.run_on_loopback(None);
    let link = alice.kith(&["invite"]);
    assert_eq!((link.code, link.stderr.as_str()), (0, ""));
    assert_eq!(link.stdout.trim_end(), text(&alice.json(&["invite"])["invite"]));
    assert!(bob.kith(&["follow", &link.stdout]).stdout.contains("You follow Alice."));
    assert!(bob.kith(&["follow", &link.stdout]).stdout.contains("already"));
}

#[test]
fn an_empty_profile_that_runs_takes_its_first_name_from_a_command() {
    let mut profile = Profile::empty();
    profile.run(&["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
    let refused = profile.kith(&["post", "hello"]);
    assert!(refused.code == 1 && refused.stderr.contains("init --name"), "{refused:?}");
    profile.refused_as(&["post", "hello"], "no_persona", 1);
    assert_id(&profile.json(&["init", "--name", "Alice"])["persona"]);
    assert_id(&profile.json(&["post", "hello"])["id"]);
}

#[test]
fn devices_are_listed_and_renamed_and_one_cannot_take_itself_out() {
    let profile = Profile::init("Alice");
    let listed = profile.json(&["devices"]);
    let [device] = listed.as_array().unwrap().as_slice() else { panic!("one device: {listed}") };
    assert_fields(device, &["id", "name", "this", "main", "linked_ms", "revoked"]);
    assert_id(&device["id"]);
    assert_eq!((&device["this"], &device["main"], &device["revoked"]), (&json!(true), &json!(true), &json!(false)));
    let id = text(&device["id"]);
    profile.json(&["devices", "rename", &id[..8], "Alice's laptop"]);
    assert_eq!(profile.json(&["devices"])[0]["name"], "Alice's laptop");
    profile.refused_as(&["devices", "revoke", &id], "bad_input", 1);
    profile.refused_as(&["devices", "revoke", NOWHERE], "not_found", 1);
    // Without words nothing is done with the phrase.
    profile.refused_as(&["devices", "revoke", &id, "--phrase"], "usage", 2);
}

#[test]
fn a_note_about_somebody_is_set_read_and_taken_away() {
    let alice = Profile::init("Alice");
    let work = id(&alice.json(&["persona", "create", "Work"]));
    let bob = "b".repeat(64);
    let by = alice.persona();
    let noted = |by: &str, name: &str, note: Value| json!({ "persona": bob, "by": by, "by_name": name, "note": note });
    assert_eq!(alice.json(&["note", &bob]), noted(&by, "Alice", Value::Null));
    assert!(alice.kith(&["note", &bob]).stdout.contains("Nothing is noted"));
    assert_eq!(alice.json(&["note", &bob, "Two\nlines"]), noted(&by, "Alice", json!("Two\nlines")));
    assert_eq!(alice.kith(&["note", &bob]).stdout, "Two\nlines\n");
    // Another persona has its own.
    assert_eq!(alice.json(&["note", &bob, "--persona", &work]), noted(&work, "Work", Value::Null));
    alice.json(&["note", &bob, "of Work", "--persona", &work]);
    assert_eq!(alice.json(&["note", &bob, ""]), noted(&by, "Alice", Value::Null));
    assert_eq!(alice.json(&["note", &bob, "--persona", &work])["note"], "of Work");
    alice.refused_as(&["note", &bob, &"x".repeat(2_001)], "bad_input", 1);
    alice.refused_as(&["note", &by, "me"], "bad_input", 1);
    alice.refused_as(&["note", "Bob", "a name"], "bad_input", 1);
    alice.refused_as(&["note"], "usage", 2);
}

/// One that is kept apart is never named by a note of the others, nor the other way round.
#[test]
fn a_note_stays_in_the_compartment_of_the_persona_that_wrote_it() {
    let alice = Profile::init("Alice");
    let (sal, bob) = (id(&alice.json(&["persona", "create", "Sal", "--separate"])), "b".repeat(64));
    alice.json(&["note", &bob, "by Sal", "--persona", &sal]);
    assert_eq!(alice.json(&["note", &bob])["note"], Value::Null);
    alice.json(&["note", &bob, "by Alice"]);
    assert_eq!(alice.json(&["note", &bob, "--persona", &sal])["note"], "by Sal");
    assert_eq!(alice.json(&["note", &bob])["note"], "by Alice");
}

#[test]
fn a_vote_is_given_by_number_or_words_and_taken_back() {
    let alice = Profile::init("Alice");
    let poll = ["--poll", "Tea", "--poll", "Coffee", "--poll", "Cocoa"];
    let post = id(&alice.json(&[&["post", "Which?"], &poll[..]].concat()));
    let votes = || {
        let poll = alice.json(&["show", &post])["poll"].clone();
        let of = |option: &Value| option["votes"].as_u64().unwrap();
        (poll["options"].as_array().unwrap().iter().map(of).collect::<Vec<_>>(), poll["voters"].as_u64().unwrap())
    };
    assert_id(&alice.json(&["vote", &post, "tea"])["id"]);
    assert_eq!(votes(), (vec![1, 0, 0], 1));
    alice.json(&["vote", &post, "cof"]);
    assert_eq!(votes(), (vec![0, 1, 0], 1));
    let told = alice.kith(&["show", &post]).stdout;
    assert!(told.contains("2. Coffee · 1 vote (100 %) · your vote"), "{told}");
    assert!(told.contains("1 person voted; open until 2") && told.contains("--undo"), "{told}");
    for (words, why) in [("co", "more than one"), ("water", "no option")] {
        let (_, error) = alice.refused(&["vote", &post, words]);
        let message = error["message"].as_str().unwrap();
        assert!(error["code"] == "bad_input" && message.contains(why), "{error}");
        assert!(message.ends_with("1. Tea, 2. Coffee, 3. Cocoa"), "{message}");
    }
    assert_id(&alice.json(&["vote", &post, "--undo"])["id"]);
    assert_eq!(votes(), (vec![0, 0, 0], 0));
    alice.refused_as(&["vote", &post, "--undo"], "not_found", 1);
    alice.refused_as(&["vote", &post], "usage", 2);
    alice.refused_as(&["vote", &post, "1", "--undo"], "usage", 2);
    alice.json(&["vote", &post, "3"]);
    assert_eq!(votes(), (vec![0, 0, 1], 1));
}

#[test]
fn a_name_in_a_text_mentions_the_one_who_is_known_by_it() {
    let alice = Profile::init("Alice");
    let follows = |name: &str| {
        let mut other = Profile::init(name);
        other.run_on_loopback(None);
        alice.follow(&other);
        other.persona()
    };
    let (bob, other_bob, carol) = (follows("Bob"), follows("Bob"), follows("Carol Q"));
    let posted = alice.json(&["post", "Hi @carol q and @Bob, @\"Carol Q\" `@Carol Q`"]);
    let unclear = &posted["unclear"];
    assert_eq!((unclear.as_array().unwrap().len(), &unclear[0]["mention"]), (1, &json!("@Bob")));
    let several: Vec<&str> =
        unclear[0]["personas"].as_array().unwrap().iter().map(|one| one["persona"].as_str().unwrap()).collect();
    assert!(several.len() == 2 && several.contains(&bob.as_str()) && several.contains(&other_bob.as_str()), "{posted}");
    let post = id(&posted);
    let shown = alice.json(&["show", &post]);
    assert_eq!(shown["text"], format!("Hi @{carol} and @Bob, @{carol} `@Carol Q`"));
    assert_eq!(shown["mentions"], json!([{ "persona": carol, "name": "Carol Q" }]));
    let told = alice.kith(&["show", &post]).stdout;
    assert!(told.contains("Hi @Carol Q and @Bob, @Carol Q"), "{told}");

    // What several have stays, and is said; digits of an id say who is meant.
    let told = alice.kith(&["comment", &post, "@Bob?"]);
    assert!(told.stderr.contains("@Bob stayed as written") && told.stderr.contains(&bob[..10]), "{told:?}");
    let told = alice.kith(&["comment", &post, "@Carol and @Nobody"]);
    assert!(told.stderr.contains(&format!("write: @{} (Carol Q)", &carol[..10])), "{told:?}");
    assert!(told.stderr.contains("@Nobody stayed as written: nobody"), "{told:?}");
    let sent = alice.json(&["dm", &bob, &format!("for @CAROL Q, not @{}", &other_bob[..10])]);
    assert_eq!(sent.get("unclear"), None);
    let thread = text(&sent["thread"]);
    assert_eq!(alice.json(&["thread", &thread])[0]["text"], format!("for @{carol}, not @{other_bob}"));
    assert!(alice.kith(&["thread", &thread]).stdout.contains("for @Carol Q, not @Bob"));

    let tomorrow = SystemClock.unix_ms() + 86_400_000;
    let tomorrow = chrono::DateTime::from_timestamp_millis(tomorrow.cast_signed()).unwrap().to_rfc3339();
    alice.json(&["post", "later, @Carol Q", "--at", &tomorrow]);
    assert!(alice.kith(&["scheduled"]).stdout.contains("later, @Carol Q"));
    // Who writes tells of no other persona of theirs.
    alice.json(&["persona", "create", "Dora"]);
    let own = id(&alice.json(&["post", "@Dora"]));
    assert_eq!(alice.json(&["show", &own])["text"], "@Dora");
}

#[test]
fn an_invite_is_shown_as_a_code_too_and_never_in_json() {
    let mut alice = Profile::init("Alice");
    alice.run_on_loopback(None);
    let plain = alice.kith(&["invite"]).stdout;
    let shown = alice.kith(&["invite", "--qr"]).stdout;
    let (link, code) = shown.split_once('\n').unwrap();
    assert!(link.starts_with("kith:invite/") && plain.trim().starts_with("kith:invite/"), "{shown}");
    let rows: Vec<&str> = code.trim_start_matches('\n').lines().collect();
    let wide = rows[0].chars().count();
    assert!(rows.len() > 10 && rows.len() == wide.div_ceil(2), "{shown}");
    assert!(rows.iter().all(|row| row.chars().all(|c| "█▀▄ ".contains(c)) && row.chars().count() == wide), "{shown}");
    assert!(!shown.contains('\u{1b}'), "colours are for terminals");
    assert_fields(&alice.json(&["invite", "--qr"]), &["invite", "persona"]);
}

#[test]
fn what_does_not_fit_says_what_would() {
    let alice = Profile::init("Alice");
    let says = |args: &[&str], code: &str, message: &str, hint: &str| {
        let (exit, error) = alice.refused(args);
        assert_eq!((exit, &error["code"]), (1, &json!(code)), "{args:?}: {error}");
        let told = |field: &str, part: &str| error[field].as_str().unwrap().contains(part);
        assert!(told("message", message) && told("hint", hint), "{args:?}: {error}");
    };
    let file = |name: &str| alice.root.path().join(name);
    jpeg_with_exif(&file("lamps.jpg"), "SecretCamera");
    std::fs::write(file("notes.txt"), "not a picture").unwrap();
    says(&["qr", "lamps.jpg"], "no_code", "lamps.jpg shows no QR code", "the whole code");
    says(&["qr", "notes.txt"], "picture", "notes.txt is not a picture", "screenshot or photo");
    says(&["qr", "none.png"], "io", "none.png can't be read", "");
    says(&["list", "publish", "Climbers"], "not_found", "the list was not found", "kith list create");
    let help = alice.kith(&["--help"]).stdout;
    assert!(help.contains("\nPrivate messages:\n  dm ") && help.contains("\nOptions:\n"), "{help}");
}
