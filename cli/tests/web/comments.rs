//! Threads: deep ones, folded ones, what is new in them, and links that lead to one comment.

use super::*;
use crate::profile::{PATIENCE, id};

/// What has the keyboard, by the comment that it is.
const HERE: &str = "document.activeElement.dataset.comment";

#[tokio::test(flavor = "multi_thread")]
async fn a_deep_thread_is_read_to_its_end_on_a_phone() {
    let mut alice = Profile::init("Alice");
    alice.run(&["--listen", "127.0.0.1:0"]);
    let post = id(&alice.json(&["post", "Ask me anything"]));
    let mut levels = vec![post.clone()];
    for level in 1..=64 {
        let said = format!("level {level}, and a few words more so that the line breaks somewhere on a narrow screen");
        levels.push(id(&alice.json(&["comment", &levels[level - 1], &said])));
    }
    alice.stop();
    let alice = Person::returns(alice, (390, 844)).await;
    alice.opens_post("Ask me anything").await;
    alice.sees("comment", "level 12,").await;
    alice.sees_no("comment", "level 13,").await;
    // All of it can be read: the narrowest is more than half as wide as the screen.
    let narrow = "return Math.min(...[...document.querySelectorAll(\"[data-testid='comment-body']\")].map((e) => e.clientWidth)) / innerWidth";
    let narrow = alice.browser.run(narrow).await.as_f64().unwrap();
    assert!(narrow > 0.5, "{narrow} of the screen");
    alice.page_is_sound("phone-deep").await;
    for next in [13, 24, 35, 46, 57] {
        alice.browser.click("thread-on").await;
        alice.browser.until(&format!("{HERE} === '{}'", levels[next])).await;
        alice.sees("comment", &format!("level {next},")).await;
    }
    alice.sees("comment", "level 64,").await;
    alice.page_is_sound("phone-deeper").await;
    alice.browser.click("thread-whole").await;
    alice.sees("comment", "level 1,").await;

    // A link to one of them opens where it stands.
    alice.goes_to(&format!("/post/{post}/{}", levels[40])).await;
    alice.browser.until(&format!("{HERE} === '{}'", levels[40])).await;
    alice.browser.until("document.activeElement.dataset.here === 'true'").await;
    alice
        .browser
        .until("((box) => box.top >= 0 && box.bottom <= innerHeight)(document.activeElement.getBoundingClientRect())")
        .await;
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn branches_stay_folded_and_what_is_new_is_marked() {
    let mut bob = Profile::init("Bob");
    bob.run(&["--listen", "127.0.0.1:0"]);
    let alice = Person::welcomed("Alice", (1280, 800)).await;
    bob.follow(&alice.node);
    alice.node.json(&["follow", &text(&bob.json(&["invite"])["invite"])]);
    let post = id(&alice.node.json(&["post", "Which harbour?"]));
    bob.until(&["feed"], PATIENCE, |feed| {
        feed.as_array().is_some_and(|posts| posts.iter().any(|found| found["id"] == post.as_str()))
    });
    let first = id(&bob.json(&["comment", &post, "The old one"]));
    let second = id(&bob.json(&["comment", &first, "Behind the mill"]));
    let last = id(&bob.json(&["comment", &second, "Where the boats are"]));
    alice.opens_post("Which harbour?").await;
    alice.sees("comment", "Where the boats are").await;
    alice.none("comment-new").await;

    // A folded branch says how much it holds, and stays folded when one comes back.
    alice.click_in("comment", "The old one", "comment-fold").await;
    alice.sees_no("comment", "Behind the mill").await;
    alice.sees_no("comment", "Where the boats are").await;
    alice
        .browser
        .until(&format!(
            "{}.querySelector(\"[data-testid='comment-fold']\").textContent.includes('2')",
            with_text("comment", "The old one")
        ))
        .await;
    alice.browser.click("back").await;
    alice.none("comment").await;

    // What came meanwhile is marked, whatever was there before is not.
    bob.json(&["comment", &post, "And one more thing"]);
    alice
        .browser
        .until(&format!(
            "{}.querySelector(\"[data-testid='post-open']\").textContent.includes('4')",
            with_text("post", "Which harbour?")
        ))
        .await;
    alice.opens_post("Which harbour?").await;
    alice.sees("comment-new", "New").await;
    alice.sees("thread-new", "new").await;
    assert_eq!(alice.count("comment-new").await, 1);
    alice.browser.until(&format!("{}.dataset.new === 'true'", with_text("comment", "And one more thing"))).await;
    alice.sees_no("comment", "Behind the mill").await;
    alice.page_is_sound("desk-folded").await;

    // A link into the folded branch unfolds it; it works from a bookmark too.
    alice.node.json(&["bookmark", &last]);
    alice.browser.click("nav-home").await;
    alice.clicks("tab", "Bookmarks").await;
    alice.browser.click("kept-open").await;
    alice.browser.until(&format!("location.pathname === '/post/{post}/{last}'")).await;
    alice.browser.until(&format!("{HERE} === '{last}'")).await;
    alice.page_is_sound("desk-linked-comment").await;
    alice.browser.close().await;
}
