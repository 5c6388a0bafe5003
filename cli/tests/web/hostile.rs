//! What somebody hostile publishes breaks no layout, runs nothing and leads nowhere but to pages of the web.

use super::*;
use crate::profile::{PATIENCE, id, ids};

/// A scheme that runs or reads something, and markup that would.
const MARKUP: &str = "<script>window.ran = 1</script><img src=x onerror=\"window.ran = 2\"> <svg onload=\"window.ran = 3\"> \
    [good](javascript:window.ran=4) javascript:window.ran=5 JaVaScRiPt://example.org/%0awindow.ran=6 \
    file:///etc/passwd [file](file:///etc/passwd) data:text/html,<script>window.ran=7</script> vbscript:x \
    https://example.org/\"onmouseover=\"window.ran=8 <a href=\"javascript:window.ran=9\">a</a> </p></div></main> \
    {{ran}} *<b>* **</p>** `<script>` #<script> @<script>";
const NAME: &str = "<img src=x onerror=window.ran=10>WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW";

/// What is wider than the place that it stands in, runs, or leads to where no page is.
const WRONG: &str = "const wrong = [];
    for (const box of document.querySelectorAll('.scroll, .post, .comment, .message, .row, .card, .pane-header')) {
        if (box.scrollWidth > box.clientWidth + 1) wrong.push(`too wide: ${box.outerHTML.slice(0, 200)}`);
    }
    for (const link of document.querySelectorAll('#main a[href]')) {
        if (!['http:', 'https:'].includes(link.protocol)) wrong.push(`leads to ${link.href}`);
    }
    for (const node of document.querySelectorAll('#main script, #main iframe, #main object, #main embed, #main base')) {
        wrong.push(node.outerHTML);
    }
    for (const node of document.querySelectorAll('#main *')) {
        for (const { name } of node.attributes) if (name.startsWith('on')) wrong.push(`${name} on ${node.outerHTML}`);
    }
    if (window.ran !== undefined) wrong.push(`a script ran: ${window.ran}`);
    return wrong";

/// A node of somebody who writes what breaks others: its post with a thread as deep as it goes, and all its posts.
fn mallory() -> (Profile, String, usize) {
    let mut mallory = Profile::init(NAME);
    mallory.run(&["--listen", "127.0.0.1:0"]);
    let word = "W".repeat(20_000);
    let turned =
        format!("\u{202e}gnp.exe\u{2066}\u{2067}\u{202b}\u{200b}{}\u{202d}", "\u{200b}\u{2060}W".repeat(2_000));
    let emoji = "\u{1f468}\u{200d}".repeat(3_000);
    let towers = "Z\u{351}".repeat(2_000);
    for said in [MARKUP, word.as_str(), turned.as_str(), emoji.as_str(), towers.as_str()] {
        mallory.json(&["post", said]);
    }
    mallory.json(&["post", "behind a warning", "--cw", &"\u{202e}W".repeat(150)]);
    let post = id(&mallory.json(&["post", "the deep one"]));
    let mut parent = post.clone();
    for depth in 0..64 {
        let said = if depth % 2 == 0 { format!("{depth} {}", "W".repeat(400)) } else { format!("{depth} {MARKUP}") };
        parent = id(&mallory.json(&["comment", &parent, &said]));
    }
    (mallory, post, 7)
}

/// Of what is drawn, nothing runs, nothing is wider than the screen, and the page's rules hold.
async fn breaks_nothing(browser: &Browser, page: &str) {
    browser.until("document.getAnimations().length === 0").await;
    let wrong = browser.run(WRONG).await;
    assert_eq!(wrong, Value::Array(Vec::new()), "{page}: {wrong:#}");
    sound(browser, &format!("hostile-{page}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_hostile_publishes_breaks_nothing_and_runs_nothing() {
    let alice = Person::welcomed("Alice", (390, 844)).await;
    let (mallory, deep, posts) = tokio::task::spawn_blocking(mallory).await.unwrap();
    alice.node.follow(&mallory);
    alice.node.until(&["feed"], PATIENCE, |feed| ids(feed).len() == posts);
    alice.node.until(&["show", &deep], PATIENCE, |post| post["thread"].as_array().is_some_and(|all| all.len() == 64));
    mallory.follow(&alice.node);
    let them = alice.node.persona();
    mallory.json(&["dm", &them, &"W".repeat(10_000)]);
    alice.node.until(&["threads"], PATIENCE, |threads| !ids(threads).is_empty());
    let thread = id(&alice.node.json(&["threads"])[0]);
    let who = mallory.persona();

    let Person { node, browser } = alice;
    browser.close().await;
    for (tag, size) in [("en", (360, 740)), ("en", (1280, 800)), ("ar", (390, 844))] {
        let login = text(&node.json(&["status"])["web"]["login"]);
        let browser = Browser::start_in(size.0, size.1, tag).await;
        browser.client.goto(&login).await.unwrap();
        browser.find("nav-people").await;
        let origin = text(&browser.run("return location.origin").await);
        for (name, path, wanted) in [
            ("feed", "/".to_owned(), "post"),
            ("post", format!("/post/{deep}"), "comment"),
            ("person", format!("/person/{who}"), "post"),
            ("people", "/people".to_owned(), "follow-row"),
            ("chat", format!("/messages/{thread}"), "message"),
            ("verify", format!("/verify/{who}"), "back"),
        ] {
            browser.client.goto(&format!("{origin}{path}")).await.unwrap();
            browser.find(wanted).await;
            let page = format!("{tag}-{}-{name}", size.0);
            breaks_nothing(&browser, &page).await;
            // A thread goes on in pages of its own.
            for deeper in 0..if name == "post" { 5 } else { 0 } {
                let before = text(&browser.run("return location.pathname").await);
                browser.click("thread-on").await;
                browser.until(&format!("location.pathname !== '{before}'")).await;
                browser.find("comment").await;
                breaks_nothing(&browser, &format!("{page}-{deeper}")).await;
            }
        }
        browser.close().await;
    }
    drop(mallory);
}
