//! Feeds as people use them: bookmarks, lists, what is muted, and a place that is found again.

use super::*;

/// The first card of the feed that stands below the upper edge, or reaches below it.
const TOP: &str = "[...document.querySelectorAll(\"[data-testid='feed'] [data-testid='post']\")]
    .find((e) => e.getBoundingClientRect().bottom > e.closest('.scroll').getBoundingClientRect().top + 1)?.dataset.post";

impl Person {
    pub(super) fn follows(&self, other: &Person) {
        let invite = text(&other.node.json(&["invite"])["invite"]);
        self.node.json(&["follow", &invite]);
    }

    pub(super) async fn goes_to(&self, path: &str) {
        let origin = text(&self.browser.run("return location.origin").await);
        self.browser.client.goto(&format!("{origin}{path}")).await.unwrap();
        self.browser.until("document.documentElement.dataset.connected").await;
    }

    /// Clicks what stands inside the element with this text.
    pub(super) async fn click_in(&self, testid: &str, said: &str, inner: &str) {
        let found = format!("{}.querySelector(\"[data-testid='{inner}']:not(:disabled)\")", with_text(testid, said));
        self.browser.until(&found).await;
        self.browser.run(&format!("{found}.click()")).await;
    }

    pub(super) async fn sees(&self, testid: &str, said: &str) {
        self.browser.until(&with_text(testid, said)).await;
    }

    pub(super) async fn sees_no(&self, testid: &str, said: &str) {
        self.browser.until(&format!("!{}", with_text(testid, said))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_and_what_is_kept_out() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    for said in ["Fog over the #harbour", "Football tonight!", "Rain again"] {
        alice.node.json(&["post", said]);
    }
    bob.follows(&alice);
    bob.sees("post", "Fog over the").await;
    bob.sees("post", "Football tonight").await;

    // A bookmark is kept over a reload.
    bob.click_in("post", "Fog over the", "bookmark").await;
    bob.browser
        .until(&format!(
            "{}.querySelector(\"[data-testid='bookmark'][aria-pressed='true']\")",
            with_text("post", "Fog over the")
        ))
        .await;
    bob.page_is_sound("phone-tabs").await;
    bob.browser.client.refresh().await.unwrap();
    bob.browser.until("document.documentElement.dataset.connected").await;
    bob.sees("tab", "Bookmarks").await;
    bob.clicks("tab", "Bookmarks").await;
    bob.browser.find("bookmarks").await;
    bob.sees("post", "Fog over the").await;
    bob.sees_no("post", "Rain again").await;
    assert_eq!(bob.node.json(&["bookmarks"])[0]["post"]["text"], "Fog over the #harbour");

    // A muted word takes its posts out of the feed, and gives them back.
    bob.goes_to("/muted").await;
    bob.browser.find("muted-empty").await;
    bob.browser.type_in("mute-word", "football").await;
    bob.browser.click("mute-word-add").await;
    bob.sees("muted-word", "football").await;
    bob.page_is_sound("phone-muted").await;
    bob.goes_to("/").await;
    bob.sees("post", "Rain again").await;
    bob.sees_no("post", "Football tonight").await;

    // A thread is muted from the post's menu, which the keyboard walks through.
    bob.click_in("post", "Rain again", "post-menu").await;
    bob.browser.until("document.activeElement.dataset.testid === 'menu-bookmark'").await;
    bob.page_is_sound("phone-menu").await;
    bob.browser.until("!document.querySelector(\"[data-testid='menu-share']\").disabled").await;
    bob.press("\u{e015}").await;
    bob.browser.until("document.activeElement.dataset.testid === 'menu-quote'").await;
    bob.press("\u{e015}").await;
    bob.browser.until("document.activeElement.dataset.testid === 'menu-share'").await;
    bob.press("\u{e015}").await;
    bob.browser.until("document.activeElement.dataset.testid === 'menu-mute-thread'").await;
    bob.press("\u{e007}").await;
    bob.browser.click("span-week").await;
    bob.browser.until("document.getAnimations().length === 0").await;
    bob.page_is_sound("phone-mute-thread").await;
    bob.browser.click("mute-thread-confirm").await;
    bob.sees_no("post", "Rain again").await;
    bob.goes_to("/muted").await;
    bob.sees("muted-thread", "left").await;
    bob.click_in("muted-thread", "Rain again", "unmute").await;
    bob.click_in("muted-word", "football", "unmute").await;
    bob.browser.find("muted-empty").await;
    bob.goes_to("/").await;
    bob.sees("post", "Rain again").await;
    bob.sees("post", "Football tonight").await;

    // A list has a feed of its own.
    bob.goes_to("/lists").await;
    bob.browser.find("lists-empty").await;
    bob.browser.type_in("list-name", "Sailors").await;
    bob.browser.click("list-name-add").await;
    bob.click_in("list", "Sailors", "list-member").await;
    bob.sees("list", "1 person").await;
    bob.browser.type_in("tag-name", "#Harbour").await;
    bob.browser.click("tag-name-add").await;
    bob.browser.find("tag-unfollow").await;
    bob.page_is_sound("phone-lists").await;
    bob.click_in("list", "Sailors", "list-read").await;
    bob.browser.until("location.pathname === '/'").await;
    bob.browser.until(&format!("{}?.getAttribute('aria-current') === 'page'", with_text("tab", "Sailors"))).await;
    bob.sees("post", "Rain again").await;
    bob.clicks("tab", "#harbour").await;
    bob.sees_no("post", "Rain again").await;
    bob.sees("post", "Fog over the").await;
    bob.page_is_sound("phone-tag").await;

    // Who is blocked is gone, and comes back.
    let persona = text(&alice.node.json(&["persona", "list"])[0]["id"]);
    bob.goes_to(&format!("/person/{persona}")).await;
    bob.sees("post", "Rain again").await;
    bob.browser.click("person-block").await;
    bob.browser.until("document.querySelector('.dialog') && document.getAnimations().length === 0").await;
    bob.page_is_sound("phone-block").await;
    bob.browser.click("block-confirm").await;
    bob.browser.find("person-blocked").await;
    bob.sees_no("post", "Rain again").await;
    assert_eq!(bob.node.json(&["feed"]).as_array().unwrap().len(), 0);
    bob.browser.click("person-block").await;
    bob.sees("post", "Rain again").await;

    // What is reposted says by whom.
    bob.click_in("post", "Fog over the", "repost").await;
    bob.browser
        .until(&format!("{}?.textContent.includes('Bob')", "document.querySelector(\"[data-testid='reposted-by']\")"))
        .await;

    // One quiet place tells how this device is connected.
    bob.browser.click("network").await;
    bob.browser.find("network-sheet").await;
    bob.sees("network-state", "directly to 1 device").await;
    bob.browser.until("document.getAnimations().length === 0").await;
    bob.page_is_sound("phone-network").await;
    bob.press("\u{e00c}").await;
    bob.none("network-sheet").await;
    alice.browser.close().await;
    bob.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_finds_their_place_again() {
    let mut alice = Person::welcomed("Alice", (1280, 800)).await;
    let ids: Vec<String> =
        (0..40).map(|n| text(&alice.node.json(&["post", &format!("post number {n}")])["id"])).collect();
    alice.sees("post", "post number 39").await;
    // What was never on the screen counts as new later.
    let seen = format!("document.querySelector(\"[data-testid='feed-scroll']\").dataset.seen === '{}'", ids[39]);
    alice.browser.until(&seen).await;
    // Among those that stand in the page while its top is looked at.
    let reads = &ids[25];
    let card = format!("document.getElementById('card-{reads}')");
    let scrolls = format!(
        "((card, scroll) => scroll.scrollTop += card.getBoundingClientRect().top - scroll.getBoundingClientRect().top)
         ({card}, {card}.closest('.scroll'))"
    );
    alice.browser.until(&format!("({scrolls}, {TOP} === '{reads}')")).await;
    let kept = format!("document.querySelector(\"[data-testid='feed-scroll']\").dataset.place === '{reads}'");
    alice.browser.until(&kept).await;

    // What comes waits above, and nothing moves.
    alice.node.json(&["post", "a late one"]);
    alice.browser.find("new-posts").await;
    alice.browser.until(&format!("{TOP} === '{reads}'")).await;
    alice.sees_no("post", "a late one").await;

    alice.browser.client.refresh().await.unwrap();
    alice.browser.until("document.documentElement.dataset.connected").await;
    alice.browser.until(&format!("{TOP} === '{reads}'")).await;
    alice.page_is_sound("desk-place").await;
    alice.browser.find("new-posts").await;
    alice.sees_no("post", "a late one").await;

    // Also when the node itself was started anew, and the browser signed in anew.
    alice.node.stop();
    let status = alice.node.run(&["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
    alice.browser.client.goto(&text(&status["web"]["login"])).await.unwrap();
    alice.browser.until(&format!("{TOP} === '{reads}'")).await;
    alice.browser.find("new-posts").await;
    alice.sees_no("post", "a late one").await;
    alice.node.json(&["post", "another late one"]);
    alice.browser.until("document.querySelector(\"[data-testid='new-posts']\").textContent.includes('2')").await;
    alice.browser.until(&format!("{TOP} === '{reads}'")).await;

    // The pill leads up, and a line says where reading stopped.
    alice.browser.click("new-posts").await;
    alice.sees("post", "a late one").await;
    let line = format!(
        "document.querySelector(\"[data-testid='unread-line']\")?.parentElement.querySelector(\"[data-post]\").dataset.post === '{}'",
        ids[39]
    );
    alice.browser.until(&line).await;
    alice.page_is_sound("desk-unread").await;
    alice.browser.close().await;
}
