//! `kith demo`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/profile.rs"]
mod profile;

use profile::{Profile, assert_fields, assert_id, text};

#[test]
fn a_demo_fills_an_empty_profile_and_says_what_it_put_there() {
    let mut profile = Profile::empty();
    let told = profile.json(&["demo"]);
    assert_id(&told["persona"]);
    for field in
        ["personas", "posts", "comments", "reactions", "circles", "conversations", "requests", "lists", "bookmarks"]
    {
        assert!(told[field].as_u64().is_some_and(|count| count > 0), "{field}: {told}");
    }
    let feed = profile.json(&["feed", "--limit", "1000"]);
    let feed = feed.as_array().unwrap();
    assert_eq!(feed.len() as u64, told["posts"].as_u64().unwrap());
    assert_fields(&feed[0], &["id", "author", "author_name", "text", "reactions", "comments", "sealed"]);
    for picture in
        feed.iter().filter(|post| post["sealed"] == false).flat_map(|post| post["attachments"].as_array().unwrap())
    {
        assert!(std::path::Path::new(picture["path"].as_str().unwrap()).is_file(), "{picture}");
    }
    let threads = profile.json(&["threads"]);
    assert!(threads.as_array().unwrap().iter().any(|thread| thread["unread"].as_u64() > Some(0)), "{threads}");
    assert_eq!(profile.json(&["requests"]).as_array().unwrap().len(), 2);
    profile.refused_as(&["demo"], "has_content", 1);
    profile.refused_as(&["export", "all.kith"], "demo_profile", 1);
    // Whatever `run` is told: on this machine alone.
    let status = profile.run(&["--listen", "0.0.0.0:0"]);
    assert_eq!(status["demo"], true);
    assert!(status["listen"].as_array().unwrap().iter().all(|addr| text(addr).starts_with("127.0.0.1:")), "{status}");
    profile.refused_as(&["invite"], "demo_profile", 1);
    profile.refused_as(&["demo"], "profile_in_use", 1);
}

#[test]
fn a_profile_that_is_used_is_refused() {
    let profile = Profile::init("Alice");
    profile.json(&["post", "mine"]);
    profile.refused_as(&["demo"], "has_content", 1);
    assert_eq!(profile.json(&["feed"]).as_array().unwrap().len(), 1);
}
