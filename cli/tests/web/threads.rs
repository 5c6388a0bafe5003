//! A thread: written, kept, taken back and sent as one, and read one post after the other.

use super::*;

/// What the fields behind the first hold, joined.
const PARTS: &str =
    "[...document.querySelectorAll(\"[data-testid='part-text']\")].map((field) => field.value).join('|')";
const KEPT: &str = "document.querySelector('.composer').dataset.kept === 'true'";

impl Person {
    /// Opens the fields of one more post, which take the keyboard, and writes it.
    async fn adds(&self, text: &str, fields: usize) {
        self.browser.click("composer-add-post").await;
        let there = format!("document.querySelectorAll(\"[data-testid='part-text']\").length === {fields}");
        let last = "[...document.querySelectorAll(\"[data-testid='part-text']\")].at(-1)";
        self.browser.until(&format!("{there} && document.activeElement === {last}")).await;
        self.press(text).await;
        self.browser.until(&format!("{last}.value === '{text}'")).await;
    }

    async fn holds_the_thread(&self) {
        self.browser.until("document.getElementById('compose')?.value === 'Fog over the harbour'").await;
        self.browser.until(&format!("{PARTS} === 'Two masts|Gone by noon'")).await;
        self.browser.until("document.querySelector(\"[data-testid='part-cw']\")?.value === 'ships'").await;
        self.browser.until("document.querySelector(\"[data-testid='part-alt']\")?.value === 'Two masts, grey'").await;
    }

    fn thread(&self) -> Value {
        let feed = self.node.json(&["feed"]);
        self.node.json(&["show", &text(&feed[0]["id"])])
    }
}

async fn a_thread_goes_out_as_one(size: (u32, u32), device: &str) {
    let alice = Person::welcomed("Alice", size).await;
    alice.can_undo_for("10").await;
    alice.browser.type_in("composer-text", "Fog over the harbour").await;
    alice.adds("Two masts", 1).await;
    let picture = alice.node.root.path().join("harbour.jpg");
    jpeg_with_exif(&picture, "SecretCamera 51.5N");
    alice.browser.type_in("part-attach", picture.to_str().unwrap()).await;
    alice.browser.type_in("part-alt", "Two masts, grey").await;
    alice.browser.click("part-cw-toggle").await;
    alice.browser.type_in("part-cw", "ships").await;
    alice.adds("Gone by noon", 2).await;
    // One that was not needed goes again, and asks where something stands in it.
    alice.adds("Never mind", 3).await;
    let last = "[...document.querySelectorAll(\"[data-testid='part-remove']\")].at(-1)";
    alice.browser.run(&format!("{last}.click()")).await;
    alice.browser.click("part-remove-confirm").await;
    alice.holds_the_thread().await;
    assert_eq!(alice.count("composer-alt").await, 0, "the picture is that of the second post");
    let send = "document.querySelector(\"[data-testid='composer-send']\").textContent.replace(/[\\u2068\\u2069]/g, '')";
    alice.browser.until(&format!("{send} === 'Post all (3)'")).await;
    alice.browser.until("document.getAnimations().length === 0").await;
    alice.page_is_sound(&format!("{device}-thread-composer")).await;

    // All of it is there after a kill.
    alice.browser.until(KEPT).await;
    let Person { mut node, browser } = alice;
    node.kill();
    browser.close().await;
    let alice = Person::returns(node, size).await;
    alice.holds_the_thread().await;

    // Taken back, it is whole; nothing of it was signed.
    alice.browser.click("composer-send").await;
    alice.browser.click("audience-public").await;
    alice.browser.click("audience-done").await;
    alice.sees("being-sent", "Gone by noon").await;
    alice.browser.until(&format!("{PARTS} === ''")).await;
    assert_eq!(alice.node.json(&["feed"]).as_array().unwrap().len(), 0);
    alice.browser.click("undo-post").await;
    alice.holds_the_thread().await;
    alice.can_undo_for("off").await;
    alice.browser.click("composer-send").await;
    alice.sees("series-link", "posts").await;
    alice.browser.until(&format!("{PARTS} === '' && document.getElementById('compose').value === ''")).await;

    // One in the feed, and all on its page: one after the other.
    assert_eq!((alice.count("post").await, alice.node.json(&["feed"]).as_array().unwrap().len()), (1, 1));
    let page = alice.thread();
    let second = &page["more"][0];
    assert_eq!((&page["series"]["posts"], &second["cw"]), (&3.into(), &"ships".into()));
    assert_eq!(second["attachments"][0]["alt"], "Two masts, grey");
    alice.page_is_sound(&format!("{device}-thread-feed")).await;
    alice.browser.click("series-link").await;
    alice.browser.until("location.pathname.startsWith('/post/')").await;
    let (two, three) = (with_text("post", "ships"), with_text("post", "Gone by noon"));
    alice.browser.until(&format!("{two} && {three}")).await;
    let below = format!(
        "((a, b) => a.x === b.x && a.bottom <= b.y)({two}.getBoundingClientRect(), {three}.getBoundingClientRect())"
    );
    alice.browser.until(&below).await;
    alice.browser.until("document.getAnimations().length === 0").await;
    alice.page_is_sound(&format!("{device}-thread-page")).await;

    // Each has a page of its own, from which the whole is found again.
    alice.opens_post("Gone by noon").await;
    let third = text(&page["more"][1]["id"]);
    alice.browser.until(&format!("location.pathname === '/post/{third}'")).await;
    alice.browser.until(&format!("{} && !{two}?.checkVisibility()", with_text("series-link", "posts"))).await;
    alice.browser.run("[...document.querySelectorAll(\"[data-testid='series-link']\")].at(-1).click()").await;
    alice.browser.until(&format!("location.pathname === '/post/{}'", text(&page["id"]))).await;

    // With the first all of them go, and the question says so.
    alice.browser.until(&with_text("post", "Fog over the harbour")).await;
    let menu = format!("{}.querySelector(\"[data-testid='post-menu']\")", with_text("post", "Fog over the harbour"));
    alice.browser.click("nav-home").await;
    alice.browser.until("location.pathname === '/'").await;
    alice.browser.run(&format!("{menu}.click()")).await;
    alice.browser.click("post-delete").await;
    alice.sees("series-note", "all of them").await;
    alice.browser.click("delete-confirm").await;
    alice.node.until(&["feed"], profile::PATIENCE, |feed| feed.as_array().unwrap().is_empty());
    assert_eq!(alice.node.json(&["show", &third])["deleted"], true);
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_goes_out_as_one_at_a_desk() {
    a_thread_goes_out_as_one((1280, 900), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_goes_out_as_one_on_a_phone() {
    a_thread_goes_out_as_one((390, 844), "phone").await;
}
