//! A post before it is sent: kept over the end of its node, and taken back.

use super::*;
use crate::profile::{files, large_jpeg_with_exif};

/// Descriptions of the pictures, in their order.
const ALTS: &str =
    "[...document.querySelectorAll(\"[data-testid='composer-alt']\")].map((field) => field.value).join()";

impl Person {
    /// Chooses how long a post can be taken back: `off`, `5` or `10` seconds.
    pub(super) async fn can_undo_for(&self, span: &str) {
        self.browser.click("nav-settings").await;
        self.browser.click(&format!("undo-{span}")).await;
        self.browser.until(&format!("document.querySelector(\"[data-testid='undo-{span}']\").checked")).await;
        self.browser.click("nav-home").await;
        self.browser.until("location.pathname === '/'").await;
    }

    async fn begins(&self, text: &str) {
        self.browser.click("composer-cw-toggle").await;
        self.browser.type_in("composer-cw", "ships").await;
        for (count, width) in [(1, 120), (2, 240)] {
            let picture = self.node.root.path().join(format!("{width}.jpg"));
            large_jpeg_with_exif(&picture, "SecretCamera", width, 90);
            self.browser.type_in("composer-attach", picture.to_str().unwrap()).await;
            let all = "document.querySelectorAll(\"[data-testid='composer-alt']\").length";
            self.browser.until(&format!("{all} === {count}")).await;
            if count == 1 {
                self.browser.type_in("composer-alt", "The first").await;
            }
        }
        self.browser.click("order-later").await;
        self.browser.until(&format!("{ALTS} === ',The first'")).await;
        self.browser.type_in("composer-alt", "The second").await;
        self.types_and_keeps(text).await;
    }

    /// Types it behind all that was done before, and waits until all is kept.
    async fn types_and_keeps(&self, text: &str) {
        self.browser.type_in("composer-text", text).await;
        let count = format!("document.querySelector('.composer .count')?.textContent.startsWith('{} /')", text.len());
        self.browser.until(&format!("{count} && document.querySelector('.composer').dataset.kept === 'true'")).await;
    }

    async fn field_holds(&self, text: &str) {
        self.browser.until(&format!("document.getElementById('compose')?.value === {}", Value::from(text))).await;
    }

    async fn has_begun(&self, text: &str) {
        self.field_holds(text).await;
        self.browser.until("document.querySelector(\"[data-testid='composer-cw']\")?.value === 'ships'").await;
        self.browser.until(&format!("{ALTS} === 'The second,The first'")).await;
        let drawn =
            "[...document.querySelectorAll('.composer .attached img')].map((img) => img.naturalWidth > 0).join()";
        self.browser.until(&format!("{drawn} === 'true,true'")).await;
    }

    /// SIGKILL, and a new start with another browser.
    async fn after_a_kill(self, size: (u32, u32), between: impl FnOnce(&Profile)) -> Self {
        let Self { mut node, browser } = self;
        node.kill();
        browser.close().await;
        between(&node);
        Self::returns(node, size).await
    }

    fn entries(&self) -> u64 {
        self.node.json(&["status"])["entries"].as_u64().unwrap()
    }

    fn said(&self) -> Vec<String> {
        self.node.json(&["feed"]).as_array().unwrap().iter().map(|post| text(&post["text"])).collect()
    }
}

async fn a_draft_comes_back_whole_after_a_kill(size: (u32, u32), device: &str) {
    let alice = Person::welcomed("Alice", size).await;
    alice.node.json(&["circle", "create", "Family"]);
    alice.chooses_audience(Some("Family")).await;
    alice.browser.click("audience-done").await;
    alice.begins("Two masts").await;
    let alice = alice.after_a_kill(size, |_| {}).await;
    alice.has_begun("Two masts").await;
    alice.sees("audience", "Family").await;
    alice.none("draft-lost").await;
    alice.page_is_sound(&format!("{device}-draft-back")).await;
    assert!(alice.said().is_empty());

    // What is gone is told, and the rest is there. What was taken out does not come back.
    let media = |node: &Profile| files(&node.folder().join("media"));
    alice.browser.click("composer-remove-picture").await;
    alice.browser.until(&format!("{ALTS} === 'The first'")).await;
    alice.browser.until("document.querySelector('.composer').dataset.kept === 'true'").await;
    let alice =
        alice.after_a_kill(size, |node| media(node).iter().for_each(|file| std::fs::remove_file(file).unwrap())).await;
    alice.field_holds("Two masts").await;
    alice.browser.until("document.querySelector(\"[data-testid='composer-cw']\")?.value === 'ships'").await;
    alice.sees("draft-lost", "A file of this draft").await;
    assert_eq!(alice.count("composer-alt").await, 0);
    alice.page_is_sound(&format!("{device}-draft-lost")).await;
    alice.browser.click("draft-lost-close").await;
    alice.none("draft-lost").await;

    // Sent, it is no draft any more.
    alice.can_undo_for("off").await;
    alice.browser.click("composer-send").await;
    alice.sees_post_text("ships").await;
    assert_eq!(alice.said(), ["Two masts"]);
    let alice = alice.after_a_kill(size, |node| assert!(media(node).is_empty())).await;
    alice.sees_post_text("ships").await;
    alice.field_holds("").await;
    assert_eq!(alice.said(), ["Two masts"]);
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_comes_back_whole_after_a_kill_at_a_desk() {
    a_draft_comes_back_whole_after_a_kill((1280, 900), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_comes_back_whole_after_a_kill_on_a_phone() {
    a_draft_comes_back_whole_after_a_kill((390, 844), "phone").await;
}

async fn a_post_is_taken_back_or_goes_once(size: (u32, u32), device: &str) {
    let alice = Person::welcomed("Alice", size).await;
    alice.can_undo_for("10").await;
    alice.begins("Two masts").await;
    let before = alice.entries();

    // By the button: all is back, the field has the keyboard, and nothing was signed.
    alice.browser.click("composer-send").await;
    alice.browser.click("audience-public").await;
    alice.browser.click("audience-done").await;
    alice.sees("being-sent", "Two masts").await;
    assert_eq!((alice.said().len(), alice.entries()), (0, before), "it waits");
    alice.browser.click("undo-post").await;
    alice.has_begun("Two masts").await;
    alice.none("being-sent").await;
    alice.browser.until("document.activeElement.id === 'compose'").await;
    assert_eq!((alice.said().len(), alice.entries()), (0, before));

    // By its key, from another place, with what was begun meanwhile.
    alice.browser.click("composer-send").await;
    alice.sees("being-sent", "Two masts").await;
    alice.field_holds("").await;
    alice.browser.type_in("composer-text", "And a sail").await;
    alice.browser.click("nav-people").await;
    alice.browser.run("document.activeElement.blur()").await;
    alice.press("z").await;
    alice.has_begun("Two masts\n\nAnd a sail").await;
    alice.browser.until("location.pathname === '/' && document.activeElement.id === 'compose'").await;
    assert_eq!((alice.said().len(), alice.entries()), (0, before));

    // A kill within the time loses nothing, and posts nothing.
    alice.browser.click("composer-send").await;
    alice.sees("being-sent", "Two masts").await;
    let alice = alice.after_a_kill(size, |_| {}).await;
    alice.has_begun("Two masts\n\nAnd a sail").await;
    assert_eq!((alice.said().len(), alice.entries()), (0, before));

    // Without a word it goes, once, also when the page is closed meanwhile.
    alice.browser.click("composer-send").await;
    alice.sees("being-sent", "Two masts").await;
    alice.page_is_sound(&format!("{device}-being-sent")).await;
    alice.browser.client.refresh().await.unwrap();
    alice.sees_post_text("ships").await;
    alice.none("being-sent").await;
    alice.field_holds("").await;
    assert_eq!(alice.said(), ["Two masts\n\nAnd a sail"]);
    let alice = alice.after_a_kill(size, |_| {}).await;
    alice.field_holds("").await;
    assert_eq!(alice.said(), ["Two masts\n\nAnd a sail"]);
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_taken_back_or_goes_once_at_a_desk() {
    a_post_is_taken_back_or_goes_once((1280, 900), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_taken_back_or_goes_once_on_a_phone() {
    a_post_is_taken_back_or_goes_once((390, 844), "phone").await;
}

/// Chooses a time as a person does, by the clocks of the page: so many hours from now.
const CHOOSES: &str = "((field, hours) => {
    const at = new Date(Math.floor(Date.now() / 60000) * 60000 + hours * 3600000);
    field.value = new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
    field.dispatchEvent(new Event('input', { bubbles: true }));
})";

impl Person {
    async fn chooses_time(&self, hours: i64) {
        self.browser.find("composer-at").await;
        self.browser.run(&format!("{CHOOSES}(document.querySelector(\"[data-testid='composer-at']\"), {hours})")).await;
    }

    fn scheduled(&self) -> Vec<String> {
        let list = self.node.json(&["scheduled"]);
        list.as_array().unwrap().iter().map(|post| text(&post["text"])).collect()
    }
}

async fn a_post_for_later_waits_in_a_list(size: (u32, u32), device: &str) {
    let alice = Person::welcomed("Alice", size).await;
    alice.can_undo_for("off").await;
    alice.begins("Two masts").await;
    alice.browser.click("composer-schedule").await;
    // The past is refused, in words.
    alice.chooses_time(-1).await;
    alice.sees("composer-untimely", "This time is over").await;
    alice.chooses_time(24).await;
    alice.none("composer-untimely").await;
    alice.sees("composer-send", "Schedule").await;
    alice.page_is_sound(&format!("{device}-schedule")).await;
    alice.browser.click("composer-send").await;
    alice.browser.click("audience-public").await;
    alice.browser.click("audience-done").await;
    alice.sees("scheduled-post", "Two masts").await;
    alice.field_holds("").await;
    assert_eq!((alice.said().len(), alice.scheduled()), (0, vec!["Two masts".to_owned()]));
    // By the clocks of the page.
    let shown = "document.querySelector(\"[data-testid='scheduled-when']\")";
    let clock = format!(
        "((d) => String(d.getHours()).padStart(2, '0') + ':' + String(d.getMinutes()).padStart(2, '0'))(new Date({shown}.getAttribute('datetime')))"
    );
    alice.browser.until(&format!("{shown} && {shown}.textContent.endsWith({clock})")).await;
    alice.page_is_sound(&format!("{device}-scheduled")).await;

    // Over a kill it is in the list, and comes back into the fields whole, with its time.
    let alice = alice.after_a_kill(size, |_| {}).await;
    alice.sees("scheduled-post", "Two masts").await;
    alice.field_holds("").await;
    alice.browser.click("scheduled-edit").await;
    alice.has_begun("Two masts").await;
    alice.browser.until("new Date(document.querySelector(\"[data-testid='composer-at']\")?.value) > new Date()").await;
    alice.none("scheduled-post").await;
    assert!(alice.scheduled().is_empty());
    alice.browser.click("composer-send").await;
    alice.sees("scheduled-post", "Two masts").await;

    // It is posted now, once.
    alice.browser.click("scheduled-now").await;
    alice.sees_post_text("ships").await;
    alice.none("scheduled-post").await;
    assert_eq!((alice.said(), alice.scheduled().len()), (vec!["Two masts".to_owned()], 0));

    // No time in the field is not now.
    alice.browser.click("composer-schedule").await;
    alice.browser.type_in("composer-text", "Never").await;
    alice.browser.click("composer-send").await;
    alice.sees("composer-untimely", "Choose a day").await;
    assert_eq!((alice.said(), alice.scheduled().len()), (vec!["Two masts".to_owned()], 0));
    // Or deleted.
    alice.chooses_time(1).await;
    alice.sees("composer-send", "Schedule").await;
    alice.browser.click("composer-send").await;
    alice.sees("scheduled-post", "Never").await;
    alice.browser.click("scheduled-delete").await;
    alice.browser.click("scheduled-delete-confirm").await;
    alice.none("scheduled").await;
    assert_eq!((alice.said(), alice.scheduled().len()), (vec!["Two masts".to_owned()], 0));
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_for_later_waits_in_a_list_at_a_desk() {
    a_post_for_later_waits_in_a_list((1280, 900), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_for_later_waits_in_a_list_on_a_phone() {
    a_post_for_later_waits_in_a_list((390, 844), "phone").await;
}
