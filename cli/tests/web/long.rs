//! Long lists: few rows in the page, and what is read stays where it is.
#![allow(clippy::print_stdout, reason = "how long it took, for who looks")]

use std::time::{Duration, Instant};

use super::*;
use crate::many::write_posts;

/// The scroll of the feed, and its list.
const SCROLL: &str = "document.querySelector(\"[data-testid='feed-scroll']\")";
const LIST: &str = "document.querySelector(\"[data-testid='feed']\")";
/// The rows in the page, as a list.
const ROWS: &str = "[...document.querySelectorAll(\"[data-testid='feed'] > [data-row]\")]";
/// Rows in the page at once: those on the screen, of which the highest window here holds fewer than twenty, and sixty.
const MOST: u64 = 80;

/// Texts of several lengths.
fn said(n: usize) -> String {
    format!("post number {n}.{}", " Words that fill a line, and then some of the next one too.".repeat(n % 5))
}

async fn reader_of(count: usize, size: (u32, u32)) -> Person {
    let node = Profile::init("Alice");
    write_posts(&node, count, said);
    Person::returns(node, size).await
}

/// The first row on the screen and how far it begins below the upper edge, as `N at PX` by the number in its text.
const READS: &str = "(() => {
    const edge = document.querySelector(\"[data-testid='feed-scroll']\").getBoundingClientRect().top;
    const row = [...document.querySelectorAll(\"[data-testid='feed'] > [data-row]\")]
        .find((row) => row.getBoundingClientRect().bottom > edge + 1);
    const number = /post number (\\d+)\\./.exec(row?.textContent ?? '')?.[1];
    return `${number} at ${Math.round((row?.getBoundingClientRect().top ?? 0) - edge)}`;
})()";

impl Person {
    async fn reads(&self) -> String {
        text(&self.browser.run(&format!("return {READS}")).await)
    }

    /// Scrolls on by so much at a time, as soon as rows are on the screen, until the end or for some seconds; answers
    /// whether it is the end, the most rows that stood in the page, and how often the screen stayed empty for a frame.
    async fn scrolls(&self, by: i64) -> (bool, u64, u64) {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             const scroll = {SCROLL};
             const until = performance.now() + 15000;
             let [most, empty, still] = [0, 0, 0];
             (function step() {{
                 const rows = {ROWS};
                 most = Math.max(most, rows.length);
                 const edge = scroll.getBoundingClientRect();
                 const seen = rows.some((row) => {{
                     const box = row.getBoundingClientRect();
                     return box.bottom > edge.top && box.top < edge.bottom;
                 }});
                 // Above the list stands the composer.
                 const begins = {LIST}.getBoundingClientRect().top >= edge.top;
                 if (seen || begins) {{
                     const before = scroll.scrollTop;
                     scroll.scrollTop += {by};
                     still = scroll.scrollTop === before ? still + 1 : 0;
                 }} else {{
                     empty += 1;
                 }}
                 const whole = {by} < 0 || document.querySelector('.end');
                 if (still > 20 && whole || performance.now() > until) done([still > 20, most, empty]);
                 else requestAnimationFrame(step);
             }})();"
        );
        let told = self.browser.client.execute_async(&script, Vec::new()).await.unwrap();
        (told[0].as_bool().unwrap(), told[1].as_u64().unwrap(), told[2].as_u64().unwrap())
    }

    /// Scrolls to the end of the list, or to its beginning.
    async fn scrolls_through(&self, by: i64) {
        let start = Instant::now();
        let mut empty = 0;
        loop {
            let (end, most, found_empty) = self.scrolls(by).await;
            assert!(most <= MOST, "{most} rows stand in the page");
            empty += found_empty;
            if end {
                println!("by {by} px: {:?}, {empty} frames without a row", start.elapsed());
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(600), "the end never came: {}", self.reads().await);
        }
    }
}

/// Down and up again, so many pixels at a time: what the page holds afterwards is what it held before.
async fn soak(posts: usize, by: i64, for_at_least: Duration) {
    let alice = reader_of(posts, (1280, 800)).await;
    alice.sees("post", &format!("post number {}.", posts - 1)).await;
    // Once a part of the way, and looked at once, so that everything that is made once is made.
    alice.page_is_sound("desk-long").await;
    alice.scrolls(by).await;
    alice.scrolls_through(-by).await;
    let (nodes, heap) = alice.browser.weight().await;
    let start = Instant::now();
    loop {
        alice.scrolls_through(by).await;
        alice.sees("post", "post number 0.").await;
        alice.page_is_sound("desk-long-end").await;
        alice.scrolls_through(-by).await;
        alice.sees("post", &format!("post number {}.", posts - 1)).await;
        let (nodes_now, heap_now) = alice.browser.weight().await;
        println!("nodes {nodes} -> {nodes_now}, heap {heap} -> {heap_now}, after {:?}", start.elapsed());
        assert!(nodes_now <= nodes + 2_000, "{nodes} nodes became {nodes_now}");
        assert!(heap_now <= heap + heap / 4 + 2_000_000, "{heap} bytes became {heap_now}");
        if start.elapsed() >= for_at_least {
            break;
        }
    }
    alice.browser.close().await;
}

/// In leaps; with `KITH_SCROLL_SECONDS` (3600: an hour) again and again, and every row is drawn on the way.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_posts_stand_in_a_page_that_grows_no_heavier() {
    let seconds = std::env::var("KITH_SCROLL_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    match seconds {
        Some(seconds) => soak(10_000, 2_500, Duration::from_secs(seconds)).await,
        None => soak(10_000, 20_000, Duration::ZERO).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_stays_where_it_is() {
    let mut alice = reader_of(400, (390, 844)).await;
    alice.sees("post", "post number 399.").await;
    // Far enough for rows above to be gone from the page.
    for _ in 0..12 {
        alice.browser.run(&format!("{SCROLL}.scrollTop += 1500")).await;
        alice.browser.until(&format!("/^\\d+ at/.test({READS})")).await;
    }
    let kept = format!(
        "{SCROLL}.dataset.place === {ROWS}.find((row) => row.getBoundingClientRect().bottom > {SCROLL}.getBoundingClientRect().top + 1).dataset.row"
    );
    alice.browser.until(&kept).await;
    let place = alice.reads().await;
    let stays = format!("{READS} === '{place}'");
    alice.browser.until(&stays).await;
    let first = text(&alice.browser.run(&format!("return {ROWS}[0].dataset.row")).await);
    let newest = text(&alice.node.json(&["feed"])[0]["id"]);
    assert_ne!(first, newest, "rows above are not in the page");

    // What comes waits above; what goes from above, in the page or beyond it, moves nothing.
    alice.node.json(&["post", "a late one"]);
    alice.browser.find("new-posts").await;
    assert_eq!(alice.reads().await, place);
    alice.node.json(&["delete", &first]);
    alice.browser.until(&format!("!document.querySelector(`[data-row='{first}']`)")).await;
    assert_eq!(alice.reads().await, place);
    alice.node.json(&["delete", &newest]);
    // A row above grows.
    let above = format!("{ROWS}[3].dataset.row");
    let above = text(&alice.browser.run(&format!("return {above}")).await);
    alice.node.json(&["edit", &above, &"It became long. ".repeat(60)]);
    alice
        .browser
        .until(&format!("document.querySelector(`[data-row='{above}']`)?.textContent.includes('It became long')"))
        .await;
    alice.browser.until(&stays).await;
    alice.page_is_sound("phone-long").await;

    // A post is opened and left.
    alice.browser.run(&format!("{ROWS}.find((row) => row.getBoundingClientRect().top > 100).querySelector(\"[data-testid='post-open']\").click()")).await;
    alice.browser.find("thread").await;
    alice.browser.click("back").await;
    alice.browser.until("location.pathname === '/'").await;
    assert_eq!(alice.reads().await, place);

    // The page is loaded anew, and the node is started anew.
    alice.browser.until(&kept).await;
    alice.browser.client.refresh().await.unwrap();
    alice.browser.until("document.documentElement.dataset.connected").await;
    alice.browser.until(&stays).await;
    alice.node.stop();
    let status = alice.node.run(&["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
    alice.browser.client.goto(&text(&status["web"]["login"])).await.unwrap();
    alice.browser.until(&stays).await;
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_profile_is_found_again_where_it_was_left() {
    let alice = reader_of(600, (1280, 800)).await;
    let me = alice.node.persona();
    alice.goes_to(&format!("/person/{me}")).await;
    let list = "document.querySelector(\"[data-testid='person-posts']\")";
    let reads =
        READS.replace("[data-testid='feed-scroll']", ".pane-detail .scroll").replace("'feed'", "'person-posts'");
    alice.browser.until(&format!("{list}?.querySelector('[data-row]')")).await;
    for _ in 0..15 {
        alice.browser.run(&format!("{list}.closest('.scroll').scrollTop += 1800")).await;
        alice.browser.until(&format!("/^\\d+ at/.test({reads})")).await;
    }
    let rows = alice.browser.run(&format!("return {list}.querySelectorAll(':scope > [data-row]').length")).await;
    assert!(rows.as_u64().unwrap() <= MOST, "{rows} rows");
    alice.page_is_sound("desk-long-profile").await;
    let place = text(&alice.browser.run(&format!("return {reads}")).await);
    assert!(!place.starts_with("599"), "{place}");
    alice
        .browser
        .run(&format!(
            "[...{list}.querySelectorAll(':scope > [data-row]')].find((row) => row.getBoundingClientRect().top > 100)
                 .querySelector(\"[data-testid='post-open']\").click()"
        ))
        .await;
    alice.browser.find("thread").await;
    alice.browser.click("back").await;
    alice.browser.until(&format!("{reads} === '{place}'")).await;
    alice.browser.close().await;
}

/// What has the keyboard: the number in the text of its post, and its place in the list.
const FOCUSED: &str = "/post number (\\d+)\\./.exec(document.activeElement.textContent)?.[1]";
const PLACE: &str = "document.activeElement.getAttribute('aria-posinset')";

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_walks_on_where_the_page_ends() {
    let alice = reader_of(150, (1280, 800)).await;
    alice.sees("post", "post number 149.").await;
    alice.browser.run("document.activeElement.blur()").await;
    for step in 0..100 {
        alice.press("j").await;
        alice.browser.until(&format!("{FOCUSED} === '{}'", 149 - step)).await;
    }
    let place = alice.browser.run(&format!("return {PLACE}")).await;
    assert_eq!(place, "100");
    let rows = alice.browser.run(&format!("return {ROWS}.length")).await.as_u64().unwrap();
    assert!(rows <= MOST, "{rows} rows");
    let seen = "((box) => box.top >= 0 && box.top < innerHeight)(document.activeElement.getBoundingClientRect())";
    alice.browser.until(seen).await;
    for step in 0..99 {
        alice.press("k").await;
        alice.browser.until(&format!("{FOCUSED} === '{}'", 51 + step)).await;
    }
    alice.browser.until(seen).await;
    // How long the list is, is told once it is known.
    alice.scrolls_through(2_000).await;
    alice
        .browser
        .until(&format!("{ROWS}.at(-1).querySelector('article').getAttribute('aria-setsize') === '150'"))
        .await;
    // From far away the keys go on from what is on the screen.
    alice.press("j").await;
    alice.browser.until(&format!("Number({FOCUSED}) < 10")).await;
    alice.browser.close().await;
}
