//! Two personas of one profile: what one reads with `--persona` is what it was given.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/profile.rs"]
mod profile;

use profile::{Profile, done, id, ids};
use serde_json::json;

#[test]
fn search_show_and_feed_leave_out_what_another_persona_was_given() {
    let alice = Profile::init("Alice");
    let (first, work) = (alice.persona(), id(&alice.json(&["persona", "create", "Work"])));
    alice.json(&["circle", "create", "Friends"]);
    let sealed = id(&alice.json(&["post", "the zeppelin lands at noon", "--circle", "Friends"]));
    alice.json(&["comment", &sealed, "at the dirigible mast"]);
    let public = id(&alice.json(&["post", "a zeppelin is an airship"]));
    alice.json(&["dm", &first, "ask about the zeppelin"]);

    let found = |by: &[&str]| {
        let mut found = ids(&alice.json(&[&["search", "zeppelin"], by].concat()));
        found.sort();
        found
    };
    let mut both = [sealed.clone(), public.clone()];
    both.sort();
    assert_eq!(found(&[]), both);
    assert_eq!(found(&["--persona", &first]), both);
    assert_eq!(found(&["--persona", &work]), std::slice::from_ref(&public));
    assert_eq!(
        ids(&alice.json(&["search", "dirigible", "--persona", &first])),
        std::slice::from_ref(&sealed),
        "by its comment"
    );
    assert_eq!(alice.json(&["search", "dirigible", "--persona", &work]), json!([]));

    let shown = alice.json(&["show", &sealed, "--persona", first.split_at(8).0]);
    assert_eq!((&shown["circle"], &shown["comments"]), (&json!("Friends"), &json!(1)));
    assert_eq!(shown["thread"][0]["text"], "at the dirigible mast");
    alice.refused_as(&["show", &sealed, "--persona", &work], "not_found", 1);
    assert_eq!(alice.json(&["show", &public, "--persona", &work])["text"], "a zeppelin is an airship");
    alice.refused_as(&["show", &public, "--persona", "ffffffffffff"], "not_found", 1);

    alice.json(&["follow", &first, "--persona", &work]);
    assert!(ids(&alice.json(&["feed", "--persona", &first])).contains(&sealed));
    assert_eq!(ids(&alice.json(&["feed", "--persona", &work])), [public]);

    let messages = |by: &[&str]| {
        let args = [&["search", "zeppelin", "--messages"], by].concat();
        alice.json(&args).as_array().unwrap().len()
    };
    assert_eq!((messages(&[]), messages(&["--persona", &first]), messages(&["--persona", &work])), (1, 1, 0));
}

#[test]
fn another_persona_is_made_listed_and_chosen() {
    let alice = Profile::init("Alice");
    let first = alice.persona();
    let made = alice.json(&["persona", "create", "Work"]);
    let work = id(&made);
    assert_eq!((&made["name"], &made["default"]), (&json!("Work"), &json!(false)));
    assert_eq!(ids(&alice.json(&["persona", "list"])), [first.clone(), work.clone()]);
    alice.json(&["persona", "default", work.split_at(8).0]);
    let by_work = id(&alice.json(&["post", "from work"]));
    let by_first = id(&alice.json(&["post", "from home", "--persona", &first]));
    let feed = alice.json(&["feed"]);
    let author = |post: &str| {
        let post = feed.as_array().unwrap().iter().find(|shown| shown["id"] == post).unwrap();
        post["author"].as_str().unwrap().to_owned()
    };
    assert_eq!((author(&by_work), author(&by_first)), (work, first));
    alice.refused_as(&["persona", "create", "  "], "bad_input", 1);
}

#[test]
fn the_words_of_a_persona_are_shown_and_typed_back() {
    let alice = Profile::init("Alice");
    let state = || alice.json(&["recovery"])[0]["state"].clone();
    assert_eq!(state(), "needs_attention");
    let shown = alice.json(&["recovery", "phrase"]);
    assert_eq!(shown["persona"], alice.persona());
    let words = shown["phrase"].as_str().unwrap();
    assert_eq!(words.split(' ').count(), 24);
    let (others, last) = words.rsplit_once(' ').unwrap();
    let check = |typed: &str| {
        let file = alice.root.path().join("typed");
        std::fs::write(&file, typed).unwrap();
        let mut command = alice.command(&["--json", "recovery", "phrase", "--check"]);
        command.stdin(std::fs::File::open(file).unwrap());
        done(command)
    };
    for wrong in [others.to_owned(), format!("{others} {others}"), format!("{others} zzz"), format!("{last} {others}")]
    {
        let done = check(&wrong);
        assert_eq!(done.code, 1, "{done:?}");
        assert!(done.stderr.contains("bad_input"), "{done:?}");
    }
    assert_eq!(state(), "needs_attention");
    let done = check(&words.to_uppercase());
    assert_eq!(done.code, 0, "{done:?}");
    // What is left is that nobody keeps a backup.
    assert_eq!((state(), &alice.json(&["recovery"])[0]["need"]), (json!("needs_attention"), &json!("anchor")));
}
