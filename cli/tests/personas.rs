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

#[test]
fn a_separate_persona_is_used_by_name_with_every_command() {
    let alice = Profile::init("Alice");
    let first = alice.persona();
    let made = alice.json(&["persona", "create", "Sal", "--separate"]);
    let sal = id(&made);
    assert_eq!((&made["separate"], &made["hidden"], &made["default"]), (&json!(true), &json!(false), &json!(false)));
    let listed = alice.json(&["persona", "list"]);
    assert_eq!(ids(&listed), [first.clone(), sal.clone()]);
    assert_eq!((&listed[0]["separate"], &listed[0]["default"]), (&json!(false), &json!(true)));
    assert_eq!(alice.json(&["recovery"]).as_array().unwrap().len(), 2);
    alice.refused_as(&["persona", "default", &sal], "bad_input", 1);
    alice.refused_as(&["persona", "hide", &first], "bad_input", 1);
    let own = ["--persona", sal.split_at(8).0];
    let by_sal = |args: &[&str]| alice.json(&[args, &own].concat());

    let post = id(&by_sal(&["post", "apart #kites"]));
    let other = id(&alice.json(&["post", "together"]));
    assert_eq!((ids(&alice.json(&["feed"])), ids(&by_sal(&["feed"]))), (vec![other.clone()], vec![post.clone()]));
    assert_eq!(alice.json(&["show", &post])["author"], sal.as_str(), "it alone knows the post");
    alice.refused_as(&["show", &other, "--persona", &sal], "not_found", 1);
    assert_eq!(ids(&by_sal(&["search", "apart"])), std::slice::from_ref(&post));
    assert_eq!(alice.json(&["search", "apart"]), json!([]));
    by_sal(&["circle", "create", "Kites"]);
    assert_eq!(
        (alice.json(&["circle", "list"]), by_sal(&["circle", "list"])[0]["name"].clone()),
        (json!([]), json!("Kites"))
    );
    by_sal(&["dm", &sal, "a note"]);
    assert_eq!(alice.json(&["threads"]), json!([]));
    let thread = by_sal(&["threads"])[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(by_sal(&["thread", &thread]).as_array().unwrap().len(), 1);

    // Nothing is said by it unless it is named.
    for args in [&["react", &post, "👍"][..], &["comment", &post, "hi"], &["repost", &post], &["delete", &post]] {
        alice.refused_as(args, "bad_input", 1);
    }
    alice.refused_as(&["requests", "accept", &thread], "bad_input", 1);
    // Nor is anybody told that a message was read.
    alice.refused_as(&["thread", &thread], "bad_input", 1);
    by_sal(&["react", &post, "👍"]);
    assert_eq!(alice.json(&["show", &post])["reactions"], json!({ "👍": 1 }));

    // What takes no persona itself is then of its own.
    alice.json(&["bookmark", &post]);
    assert_eq!((alice.json(&["bookmarks"]), ids(&by_sal(&["bookmarks"]))), (json!([]), vec![post.clone()]));
    by_sal(&["list", "create", "Flyers"]);
    assert_eq!((alice.json(&["list"]), by_sal(&["list"])[0]["name"].clone()), (json!([]), json!("Flyers")));
    by_sal(&["mute", "--word", "rain"]);
    assert_eq!(
        (alice.json(&["muted"])["words"].clone(), by_sal(&["muted"])["words"][0]["text"].clone()),
        (json!([]), json!("rain"))
    );
    by_sal(&["follow", "#kites"]);
    assert_eq!(alice.json(&["tags"]), json!([]));
    assert_ne!(ids(&alice.json(&["devices"])), ids(&by_sal(&["devices"])));
    for args in [&["anchors"][..], &["mailbox"], &["storage"], &["settings"], &["doctor"], &["requests"], &["follows"]]
    {
        by_sal(args);
    }
    assert_ne!(alice.json(&["recovery", "phrase"])["phrase"], by_sal(&["recovery", "phrase"])["phrase"]);
    for args in [&["persona", "list"][..], &["persona", "create", "More"], &["init", "--name", "X"]] {
        alice.refused_as(&[args, &own].concat(), "bad_input", 1);
    }
    alice.refused_as(&["link", "offer", "--offline", "--persona", &first, "--persona", &sal], "bad_input", 1);

    // A file of its own, for its own node.
    let file = alice.root.path().join("sal.kith").display().to_string();
    assert_eq!(by_sal(&["export", &file])["who"][0]["id"], sal.as_str());
    alice.refused_as(&["import", &file], "bad_input", 1);
    assert_eq!(by_sal(&["import", &file])["taken"]["personas"], 0);
    assert_eq!(ids(&by_sal(&["feed"])), [post]);
}

#[test]
fn a_hidden_persona_is_shown_by_its_passphrase_while_a_node_runs() {
    let mut alice = Profile::init("Alice");
    let sal = id(&alice.json(&["persona", "create", "Sal", "--separate"]));
    let post = id(&alice.json(&["post", "apart", "--persona", &sal]));
    let typed = |alice: &Profile, args: &[&str], line: &str| {
        let file = alice.root.path().join("typed");
        std::fs::write(&file, format!("{line}\n")).unwrap();
        let mut command = alice.command(&[&["--json"], args].concat());
        command.stdin(std::fs::File::open(file).unwrap());
        done(command)
    };
    let hidden = typed(&alice, &["persona", "hide", &sal], "horse");
    assert_eq!((hidden.code, hidden.stdout.contains(&sal)), (0, true), "{hidden:?}");
    assert_eq!(alice.json(&["persona", "list"]).as_array().unwrap().len(), 1);
    alice.refused_as(&["feed", "--persona", &sal], "not_found", 1);
    let unhide = |alice: &Profile, line: &str| typed(alice, &["persona", "unhide"], line);
    assert!(unhide(&alice, "horse").stderr.contains("not_running"), "it would end with the command");
    alice.run(&[]);
    assert_eq!(alice.json(&["status"])["personas"], 1);
    let wrong = unhide(&alice, "mule");
    assert!(wrong.code == 1 && wrong.stderr.contains("wrong_passphrase"), "{wrong:?}");
    let shown = unhide(&alice, "horse");
    assert_eq!(shown.code, 0, "{shown:?}");
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((ids(&shown), &shown[0]["hidden"]), (vec![sal.clone()], &json!(true)));
    assert_eq!(ids(&alice.json(&["feed", "--persona", &sal])), [post]);
    assert_eq!(alice.json(&["status"])["personas"], 2);
    assert_ne!(alice.json(&["status"])["node"], alice.json(&["status", "--persona", &sal])["node"]);
    // Back behind the passphrase that it has: none is asked for.
    alice.json(&["persona", "hide", &sal]);
    assert_eq!(alice.json(&["status"])["personas"], 1);
    alice.stop();
}

#[test]
fn a_persona_is_deleted_where_its_user_says_what_becomes_of_what_it_said() {
    let alice = Profile::init("Alice");
    let first = alice.persona();
    alice.refused_as(&["persona", "delete", &first, "--content", "keep", "--yes"], "bad_input", 1);
    let work = id(&alice.json(&["persona", "create", "Work"]));
    let post = id(&alice.json(&["post", "said at work", "--persona", &work]));
    alice.refused_as(&["persona", "delete", &work], "usage", 2);
    alice.refused_as(&["persona", "delete", &work, "--content", "keep"], "usage", 2);
    alice.refused_as(&["persona", "delete", "--content", "keep", "--yes"], "usage", 2);
    alice.refused_as(&["persona", "delete", "ffffffffff", "--content", "keep", "--yes"], "not_found", 1);
    assert_eq!(id(&alice.json(&["persona", "delete", work.split_at(8).0, "--content", "keep", "--yes"])), work);
    assert_eq!(ids(&alice.json(&["persona", "list"])), std::slice::from_ref(&first));
    assert_eq!(
        (alice.json(&["show", &post])["text"].clone(), alice.json(&["feed"])),
        (json!("said at work"), json!([]))
    );
    alice.refused_as(&["delete", &post], "bad_input", 1);
    alice.refused_as(&["post", "again", "--persona", &work], "not_found", 1);

    let more = id(&alice.json(&["persona", "create", "More"]));
    let post = id(&alice.json(&["post", "said once", "--persona", &more]));
    alice.json(&["persona", "delete", "--persona", &more, "--content", "delete", "--yes"]);
    assert!(!alice.kith(&["show", &post]).stdout.contains("said once"));
    let sal = id(&alice.json(&["persona", "create", "Sal", "--separate"]));
    alice.json(&["persona", "delete", &sal, "--content", "keep", "--yes"]);
    assert_eq!(ids(&alice.json(&["persona", "list"])), [first]);
    assert_eq!(std::fs::read_dir(alice.folder().join("apart")).unwrap().count(), 0);
}
