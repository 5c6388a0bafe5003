//! Writing: what is offered at the caret, and what becomes of it.

use super::*;
use crate::profile::large_jpeg_with_exif;

const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";
const DOWN: &str = "\u{e015}";
const ESCAPE: &str = "\u{e00c}";

/// The offer that the field names as the active one.
const ACTIVE: &str = "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))";

impl Person {
    /// Waits until the field with the keyboard offers this first.
    async fn is_offered(&self, first: &str) {
        let offered = format!("{ACTIVE}?.getAttribute('aria-selected') === 'true'");
        self.browser.until(&format!("{offered} && {ACTIVE}.textContent.includes('{first}')")).await;
    }

    /// Waits until the field with the keyboard holds this.
    async fn holds(&self, text: &str) {
        self.browser.until(&format!("document.activeElement.value === {}", Value::from(text))).await;
    }

    async fn takes_the_keyboard(&self, testid: &str) {
        self.browser.find(testid).await;
        self.browser.run(&format!("document.querySelector(\"[data-testid='{testid}']\").focus()")).await;
    }

    /// Each offer can be seen whole and pressed, and the list lies beside the line that is written, not on it.
    async fn list_is_in_sight(&self) {
        self.browser
            .until(
                "(() => {
                    const offers = [...document.querySelectorAll(\"[data-testid='offer']\")];
                    const list = document.querySelector('.offers[data-placed]').getBoundingClientRect();
                    const inside = list.left >= 0 && list.right <= innerWidth && list.top >= 0 && list.bottom <= innerHeight;
                    return inside && offers.length > 0 && offers.every((offer) => {
                        const box = offer.getBoundingClientRect();
                        return [box.top + 3, box.bottom - 3].every((y) =>
                            offer.contains(document.elementFromPoint(box.x + box.width / 2, y)));
                    });
                })()",
            )
            .await;
    }
}

async fn people_and_tags_are_offered(size: (u32, u32), device: &str) {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", size), Person::welcomed("Bob Miller", size));
    alice.follows(&bob);
    alice.node.json(&["post", "Grey as ever #foghorn"]);
    alice.sees_post_text("Grey as ever").await;
    let bob_id = text(&bob.node.json(&["persona", "list"])[0]["id"]);

    // The field keeps the keyboard, and says what is active. 🦊 is two of the browser's characters and four bytes.
    alice.takes_the_keyboard("composer-text").await;
    alice.press("Ask 🦊 @mil").await;
    alice.is_offered("Bob Miller").await;
    alice.list_is_in_sight().await;
    alice.page_is_sound(&format!("{device}-offers")).await;
    alice.press(ENTER).await;
    alice.holds("Ask 🦊 @Bob Miller ").await;
    alice.none("offers").await;

    // Closed, it stays closed for this word, and what is pressed then goes into the field.
    alice.press("#fo").await;
    alice.is_offered("#foghorn").await;
    alice.press(ESCAPE).await;
    alice.none("offers").await;
    alice.press("gh").await;
    alice.holds("Ask 🦊 @Bob Miller #fogh").await;
    alice.press(ENTER).await;
    alice.press("#f").await;
    alice.is_offered("#foghorn").await;
    alice.press(DOWN).await;
    alice.is_offered("#foghorn").await;
    alice.press(TAB).await;
    alice.holds("Ask 🦊 @Bob Miller #fogh\n#foghorn ").await;

    // The draft knows whom it means after a restart too.
    alice.browser.client.refresh().await.unwrap();
    alice.browser.until("document.getElementById('compose')?.value.includes('@Bob Miller #fogh')").await;
    alice.browser.until("document.documentElement.dataset.connected").await;
    alice.browser.click("composer-send").await;
    alice.browser.click("audience-public").await;
    alice.browser.click("audience-done").await;
    // By name too while it waits.
    alice.sees("being-sent", "@Bob Miller").await;
    alice.sees("post", "@Bob Miller").await;
    let post = &alice.node.json(&["feed"])[0];
    assert_eq!(text(&post["text"]), format!("Ask 🦊 @{bob_id} #fogh\n#foghorn"));
    assert_eq!(post["mentions"], serde_json::json!([{ "persona": bob_id, "name": "Bob Miller" }]));
    let told = alice.node.kith(&["feed"]).stdout;
    assert!(told.contains("Ask 🦊 @Bob Miller #fogh") && !told.contains(&format!("@{bob_id}")), "{told}");

    // An edit shows the name; a click takes, and the field keeps the keyboard.
    alice.click_in("post", "Ask", "post-menu").await;
    alice.browser.click("post-edit").await;
    alice.takes_the_keyboard("edit-text").await;
    alice.holds("Ask 🦊 @Bob Miller #fogh\n#foghorn").await;
    alice.press(" @b").await;
    alice.is_offered("Bob Miller").await;
    alice.list_is_in_sight().await;
    alice.browser.find("offer").await.click().await.unwrap();
    alice.holds("Ask 🦊 @Bob Miller #fogh\n#foghorn @Bob Miller ").await;
    alice.browser.click("edit-save").await;
    alice.none("edit-text").await;

    // A mention leads to the person.
    alice.browser.until("document.querySelectorAll(\"[data-testid='mention']\").length === 2").await;
    alice.browser.click("mention").await;
    alice.browser.until(&format!("location.pathname === '/person/{bob_id}'")).await;
    alice.browser.close().await;
    bob.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_tags_are_offered_at_a_desk() {
    people_and_tags_are_offered((1280, 800), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_tags_are_offered_on_a_phone() {
    people_and_tags_are_offered((390, 844), "phone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_and_messages_offer_who_is_in_them_and_an_input_method_is_left_alone() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    alice.follows(&bob);
    bob.follows(&alice);
    alice.node.json(&["post", "Fog over the harbour"]);
    bob.sees_post_text("Fog over the harbour").await;
    bob.opens_post("Fog over the harbour").await;
    bob.takes_the_keyboard("comment-text").await;
    bob.press("As @").await;
    bob.is_offered("Alice").await;
    bob.list_is_in_sight().await;
    bob.page_is_sound("phone-offers-answer").await;
    bob.press(ENTER).await;
    bob.holds("As @Alice ").await;
    bob.press("says").await;
    bob.browser.click("comment-send").await;
    bob.sees("mention", "@Alice").await;
    alice.opens_post("Fog over the harbour").await;
    alice.sees("mention", "@Alice").await;

    // In a conversation the key that takes an offer sends nothing.
    alice.opens_profile("Bob").await;
    alice.browser.click("person-message").await;
    alice.takes_the_keyboard("say-text").await;
    alice.press("Hello @").await;
    alice.is_offered("Bob").await;
    alice.list_is_in_sight().await;
    alice.page_is_sound("desk-offers-message").await;
    alice.press(ENTER).await;
    alice.holds("Hello @Bob ").await;
    assert_eq!(alice.browser.run("return location.pathname").await, "/messages/new");
    alice.press(ENTER).await;
    alice.sees("message", "Hello @Bob").await;
    bob.browser.click("nav-messages").await;
    bob.sees("thread-row", "Hello @Bob").await;

    // While an input method composes, nothing is offered and no key is taken; what it leaves counts.
    alice.takes_the_keyboard("say-text").await;
    let composed = "const field = document.activeElement, told = field.parentElement.querySelector('[data-caret]');
        const before = told.value;
        field.value = '@B'; field.setSelectionRange(2, 2);
        field.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true }));
        return told.value === before";
    assert_eq!(alice.browser.run(composed).await, true);
    let left = "document.activeElement.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }))";
    alice.browser.run(left).await;
    alice.is_offered("Bob").await;
    let kept =
        "const key = new KeyboardEvent('keydown', { key: 'Tab', isComposing: true, bubbles: true, cancelable: true });
        document.activeElement.dispatchEvent(key); return !key.defaultPrevented";
    assert_eq!(alice.browser.run(kept).await, true);
    alice.press(ESCAPE).await;
    alice.none("offers").await;
    alice.browser.close().await;
    bob.browser.close().await;
}

impl Person {
    /// Attaches a picture of this size; the last field for words about one is its own.
    async fn attaches(&self, name: &str, width: u32, count: u64) {
        let picture = self.node.root.path().join(name);
        large_jpeg_with_exif(&picture, "SecretCamera", width, 90);
        self.browser.type_in("composer-attach", picture.to_str().unwrap()).await;
        let all = "document.querySelectorAll(\"[data-testid='composer-alt']\").length";
        self.browser.until(&format!("{all} === {count}")).await;
    }
}

async fn pictures_are_described_ordered_and_taken_up_again(size: (u32, u32), device: &str) {
    let alice = Person::welcomed("Alice", size).await;
    alice.can_undo_for("off").await;
    alice.browser.type_in("composer-text", "Two masts").await;
    alice.browser.click("composer-cw-toggle").await;
    alice.browser.type_in("composer-cw", "ships").await;
    alice.attaches("first.jpg", 120, 1).await;
    alice.browser.type_in("composer-alt", "The first").await;
    alice.attaches("second.jpg", 240, 2).await;

    // The keyboard stays where the picture went.
    alice.browser.click("order-later").await;
    let order = "[...document.querySelectorAll(\"[data-testid='composer-alt']\")].map((field) => field.value).join()";
    alice.browser.until(&format!("{order} === ',The first'")).await;
    alice.browser.until("document.activeElement.dataset.testid === 'order-earlier'").await;
    alice.page_is_sound(&format!("{device}-order")).await;

    // Asked once, and led to the field that is empty; the question can be passed over.
    alice.browser.click("composer-send").await;
    alice.browser.click("audience-public").await;
    alice.browser.click("audience-done").await;
    alice.browser.find("nudge-anyway").await;
    alice.browser.until("document.getAnimations().length === 0").await;
    alice.page_is_sound(&format!("{device}-nudge")).await;
    alice.browser.click("nudge-anyway-no").await;
    alice.none("nudge-anyway").await;
    alice.browser.until("document.activeElement.dataset.testid === 'composer-alt'").await;
    alice.holds("").await;
    alice.browser.click("composer-send").await;
    alice.browser.click("nudge-anyway").await;
    alice.sees_post_text("ships").await;
    let post = alice.node.json(&["feed"])[0].clone();
    let shown = |post: &Value| -> Vec<(u64, Value)> {
        let all = post["attachments"].as_array().unwrap();
        // The camera was held upright: what was wide is high.
        all.iter().map(|it| (it["height"].as_u64().unwrap(), it["alt"].clone())).collect()
    };
    assert_eq!(shown(&post), [(240, Value::Null), (120, "The first".into())]);

    // Written anew: nothing is lost of it, and it goes only after the answer.
    alice.browser.type_in("composer-text", "begun").await;
    alice.click_in("post", "ships", "post-menu").await;
    alice.browser.click("post-redraft").await;
    alice.browser.find("redraft-replaces").await;
    alice.browser.until("document.getAnimations().length === 0").await;
    alice.page_is_sound(&format!("{device}-redraft")).await;
    alice.press(ESCAPE).await;
    alice.none("redraft-confirm").await;
    assert_eq!(alice.node.json(&["feed"])[0]["deleted"], false);
    alice.click_in("post", "ships", "post-menu").await;
    alice.browser.click("post-redraft").await;
    alice.browser.click("redraft-confirm").await;
    alice
        .browser
        .until("document.activeElement.id === 'compose' && document.activeElement.value === 'Two masts'")
        .await;
    alice.browser.until("document.querySelector(\"[data-testid='composer-cw']\")?.value === 'ships'").await;
    alice.browser.until(&format!("{order} === ',The first'")).await;
    alice.sees_no("post", "ships").await;
    alice.press(" and a sail").await;
    alice.holds("Two masts and a sail").await;

    // The settings hold the switch.
    alice.browser.click("nav-settings").await;
    alice.browser.click("writing.alt_nudge").await;
    alice.browser.until("document.querySelector(\"[data-testid='writing.alt_nudge']\").checked === false").await;
    alice.browser.click("nav-home").await;
    alice.browser.click("composer-send").await;
    alice.sees_post_text("ships").await;
    let again = alice.node.json(&["feed"])[0].clone();
    assert_eq!((text(&again["text"]), shown(&again)), ("Two masts and a sail".to_owned(), shown(&post)));
    assert_ne!(again["id"], post["id"]);
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_described_ordered_and_taken_up_again_at_a_desk() {
    pictures_are_described_ordered_and_taken_up_again((1280, 900), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_described_ordered_and_taken_up_again_on_a_phone() {
    pictures_are_described_ordered_and_taken_up_again((390, 844), "phone").await;
}

async fn emoji_are_chosen_by_name_and_by_keys(size: (u32, u32), device: &str) {
    let alice = Person::welcomed("Alice", size).await;
    alice.takes_the_keyboard("composer-text").await;
    alice.press("Fog 🦊 here").await;
    alice.holds("Fog 🦊 here").await;
    // Where the caret was, as the browser counts: behind the fox.
    alice.browser.run("document.activeElement.setSelectionRange(6, 6)").await;
    alice.browser.click("composer-emoji").await;
    alice.browser.until("document.activeElement.dataset.testid === 'emoji-search'").await;
    alice.browser.until("document.getAnimations().length === 0").await;
    alice.page_is_sound(&format!("{device}-emoji")).await;
    alice.press("bear").await;
    alice.browser.until("document.querySelectorAll(\"[data-testid='emoji']\").length === 1").await;
    alice.press(ENTER).await;
    alice.none("emoji-sheet").await;
    alice.browser.until("document.activeElement.id === 'compose'").await;
    alice.holds("Fog 🦊🐻 here").await;

    // The last one comes first; arrows lead through the grid and back, and Escape leaves all as it was.
    alice.browser.click("composer-emoji").await;
    alice.browser.until("document.querySelector(\"[data-testid='emoji']\")?.textContent === '🐻'").await;
    let at = |emoji: &str| format!("document.activeElement.textContent === '{emoji}'");
    for (key, emoji) in
        [(DOWN, "🐻"), (DOWN, "😀"), ("\u{e014}", "😄"), (DOWN, "🥰"), ("\u{e012}", "😊"), ("\u{e013}", "😀")]
    {
        alice.press(key).await;
        alice.browser.until(&at(emoji)).await;
    }
    alice.press(ESCAPE).await;
    alice.none("emoji-sheet").await;
    alice.holds_in("compose", "Fog 🦊🐻 here").await;

    // As one writes, by name.
    alice.takes_the_keyboard("composer-text").await;
    alice.press(" :bal").await;
    alice.is_offered("balloon").await;
    alice.list_is_in_sight().await;
    alice.press(ENTER).await;
    alice.browser.until("document.activeElement.value.includes('🎈 ')").await;

    // As a reaction.
    let post = text(&alice.node.json(&["post", "Grey as ever"])["id"]);
    alice.sees_post_text("Grey as ever").await;
    alice.click_in("post", "Grey as ever", "react").await;
    alice.browser.click("react-more").await;
    alice.browser.find("emoji-search").await;
    alice.browser.type_in("emoji-search", "turtle").await;
    alice.browser.until("document.querySelectorAll(\"[data-testid='emoji']\").length === 1").await;
    alice.browser.click("emoji").await;
    alice.sees("reaction", "🐢").await;
    assert_eq!(alice.node.json(&["show", &post])["reactions"], serde_json::json!({ "🐢": 1 }));
    alice.browser.close().await;
}

impl Person {
    async fn holds_in(&self, id: &str, text: &str) {
        self.browser.until(&format!("document.getElementById('{id}').value === {}", Value::from(text))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn emoji_are_chosen_by_name_and_by_keys_at_a_desk() {
    emoji_are_chosen_by_name_and_by_keys((1280, 800), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn emoji_are_chosen_by_name_and_by_keys_on_a_phone() {
    emoji_are_chosen_by_name_and_by_keys((390, 844), "phone").await;
}
