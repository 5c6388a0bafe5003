//! A post about another one: from the menu and by the key, at a desk and on a phone.

use super::*;

const LONG: &str =
    "Grey over the harbour, says Alice, and she goes on for a while, so that it takes some lines of a card";

impl Person {
    pub(super) async fn quotes(&self, said: &str) {
        let menu = format!("{}.querySelector(\"[data-testid='post-menu']\")", with_text("post", said));
        self.browser.until(&menu).await;
        self.browser.run(&format!("{menu}.click()")).await;
        self.browser.click("menu-quote").await;
        self.browser.until(&format!("{AT} === 'compose'")).await;
    }

    async fn rests(&self, name: &str) {
        self.browser.until("document.getAnimations().length === 0").await;
        self.page_is_sound(name).await;
    }
}

/// The card inside of the post that says this.
fn card(said: &str, quoted: &str) -> String {
    format!("{}?.querySelector(\"[data-testid='quote']\")?.textContent.includes('{quoted}')", with_text("post", said))
}

async fn somebody_is_quoted(size: (u32, u32), device: &str) {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", size), Person::welcomed("Bob", size));
    alice.follows(&bob);
    bob.follows(&alice);
    alice.can_undo_for("off").await;
    bob.can_undo_for("off").await;
    let post = text(&alice.node.json(&["post", LONG])["id"]);
    bob.sees_post_text("Grey over the harbour").await;

    // The card stands in the composer, goes and comes again, and is kept with the words.
    bob.quotes("Grey over the harbour").await;
    bob.browser.until(&with_text("composer-quote", "Grey over the harbour")).await;
    bob.browser.click("composer-quote-remove").await;
    bob.none("composer-quote").await;
    bob.browser.run("document.activeElement.blur()").await;
    bob.press("j").await;
    bob.press("q").await;
    bob.browser.until(&with_text("composer-quote", "Grey over the harbour")).await;
    bob.browser.until(&format!("{AT} === 'compose'")).await;
    bob.press("She is right").await;
    bob.browser.until("document.querySelector('.composer').dataset.kept === 'true'").await;
    bob.browser.client.refresh().await.unwrap();
    bob.browser.until(&with_text("composer-quote", "Grey over the harbour")).await;
    bob.rests(&format!("{device}-quote-composer")).await;
    bob.browser.click("composer-send").await;
    bob.browser.click("audience-public").await;
    bob.browser.click("audience-done").await;
    bob.browser.until(&card("She is right", "Grey over the harbour")).await;
    bob.none("composer-quote").await;

    // Whoever is quoted sees both, is told, and the card leads to the post.
    alice.browser.until(&card("She is right", "Alice")).await;
    alice.rests(&format!("{device}-quote")).await;
    let open = format!("{}.querySelector(\"[data-testid='quote-open']\")", with_text("post", "She is right"));
    alice.browser.run(&format!("{open}.click()")).await;
    alice.browser.until(&format!("location.pathname === '/post/{post}'")).await;
    alice.browser.client.back().await.unwrap();
    assert_eq!(alice.node.json(&["feed"])[0]["quote"]["id"], post.as_str());
    alice.node.json(&["edit", &post, "Blue over the harbour"]);
    bob.browser.until(&card("She is right", "Blue over the harbour")).await;
    let (told, _) = alice.node.until(&["notifications"], profile::PATIENCE, |all| all[0]["kind"] == "quote");
    assert_eq!(told[0]["from"][0]["name"], "Bob");

    // What was said to a circle is not offered, and what is gone says so.
    alice.node.json(&["circle", "create", "Family"]);
    alice.node.json(&["post", "For the family", "--circle", "Family"]);
    alice.browser.click("nav-home").await;
    let menu = format!("{}.querySelector(\"[data-testid='post-menu']\")", with_text("post", "For the family"));
    alice.browser.until(&menu).await;
    alice.browser.run(&format!("{menu}.click()")).await;
    alice.browser.find("post-edit").await;
    assert_eq!(alice.count("menu-quote").await, 0);
    alice.node.json(&["delete", &post]);
    bob.browser.until(&format!("{}?.textContent.includes('deleted')", with_text("quote-gone", ""))).await;
    bob.rests(&format!("{device}-quote-gone")).await;
    alice.browser.close().await;
    bob.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_quoted_at_a_desk() {
    somebody_is_quoted((1280, 800), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_quoted_on_phones() {
    somebody_is_quoted((390, 844), "phone").await;
}
