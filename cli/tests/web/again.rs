//! What can be looked at again, and how much: versions, what was hidden, reposts; and who and what is found or shared.

use super::*;

/// Longer than a line of the sheet.
const LONG: &str =
    "Frog over the harbour: a longer post, so that its lines are broken, and on it goes for another line";

impl Person {
    /// In the menu of the element with this text.
    pub(super) async fn chooses(&self, testid: &str, said: &str, entry: &str) {
        let menu = format!("{}.querySelector(\"[data-testid='post-menu']\")", with_text(testid, said));
        self.browser.until(&menu).await;
        self.browser.run(&format!("{menu}.click()")).await;
        self.browser.click(entry).await;
    }

    async fn at_rest(&self, name: &str) {
        self.browser.until("document.getAnimations().length === 0").await;
        self.page_is_sound(name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_edited_and_hidden_is_looked_at_again() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (390, 844)), Person::welcomed("Bob", (1280, 800)));
    let post = text(&alice.node.json(&["post", LONG])["id"]);
    let invite = text(&alice.node.json(&["invite"])["invite"]);
    bob.node.json(&["follow", &invite]);
    bob.sees_post_text("Frog over the harbour").await;
    bob.node.json(&["comment", &post, "There is no frog"]);
    alice.opens_post("Frog over the harbour").await;
    alice.browser.until(&with_text("comment", "There is no frog")).await;

    // The author hides a comment, sees that something is hidden, and shows it again.
    alice.none("hidden-count").await;
    alice.chooses("comment", "There is no frog", "menu-hide").await;
    alice.browser.find("hidden-count").await;
    alice.none("comment").await;
    alice.none("hidden-row").await;
    alice.browser.click("hidden-show").await;
    alice.browser.until(&with_text("hidden-row", "There is no frog")).await;
    alice.at_rest("phone-hidden").await;
    alice.browser.click("unhide").await;
    alice.none("hidden-count").await;
    alice.browser.until(&with_text("comment", "There is no frog")).await;

    // Whoever has an edited post can read what it said.
    alice.node.json(&["edit", &post, "Fog over the harbour"]);
    bob.sees_post_text("Fog over the harbour").await;
    bob.opens_post("Fog over the harbour").await;
    bob.browser.click("edited").await;
    bob.browser.find("versions-sheet").await;
    bob.browser
        .until(
            "[...document.querySelectorAll(\"[data-testid='version']\")].map((e) => e.querySelector('.markup').textContent)
             .join().startsWith('Fog over the harbour,Frog over the harbour: a')",
        )
        .await;
    // The sheet breaks its lines, whatever it stands in.
    let wide = "return [...document.querySelectorAll('.dialog')].some((e) => e.scrollWidth > e.clientWidth)";
    assert_eq!(bob.browser.run(wide).await, false);
    bob.at_rest("desk-versions").await;
    bob.press("\u{e00c}").await;
    bob.none("versions-sheet").await;
    assert_ne!(bob.browser.run("return location.pathname").await, "/", "Escape closed the sheet only");
    alice.browser.close().await;
    bob.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_shared_and_its_author_found() {
    let (mut carol, alice) = (Profile::init("Carol"), Person::welcomed("Alice", (390, 844)).await);
    let carols = carol.run(&["--listen", "127.0.0.1:0", "--role", "anchor"]);
    let ticket = text(&carols["ticket"]);
    let post = text(&alice.node.json(&["post", "Fog over the harbour"])["id"]);

    // Without a page that shows it there is no link, and that is told.
    alice.sees_post_text("Fog over the harbour").await;
    alice.chooses("post", "Fog over the harbour", "menu-share").await;
    alice.browser.until(&with_text("notice", "anchor")).await;
    alice.node.json(&["anchors", "add", &ticket]);
    alice.browser.click("nav-settings").await;
    alice.browser.click("anchor-web-tell").await;
    alice.browser.type_in("anchor-web-input", "no address").await;
    alice.browser.click("anchor-web-save").await;
    alice.browser.find("anchor-web-input-error").await;
    alice.browser.run("document.querySelector(\"[data-testid='anchor-web-input']\").select()").await;
    alice.browser.type_in("anchor-web-input", "https://anchor.example").await;
    alice.browser.run("document.querySelector(\"[data-testid='anchors']\").scrollIntoView()").await;
    alice.at_rest("phone-anchor-web").await;
    alice.browser.click("anchor-web-save").await;
    alice.browser.until(&with_text("anchor-web", "https://anchor.example")).await;
    alice.browser.click("nav-home").await;
    let menu = format!("{}.querySelector(\"[data-testid='post-menu']\")", with_text("post", "Fog over the harbour"));
    alice.browser.run(&format!("{menu}.click()")).await;
    let link = format!("https://anchor.example/p/{post}");
    alice
        .browser
        .until(&format!("document.querySelector(\"[data-testid='menu-share']\").dataset.copy?.startsWith('{link}')"))
        .await;
    alice.at_rest("phone-share").await;
    alice.browser.click("menu-share").await;
    alice.browser.until(&with_text("notice", "copied")).await;

    // Whoever wishes to be found says so in the profile.
    const LISTED: &str = "document.querySelector(\"[data-testid='profile-listed']\").checked";
    alice.browser.click("nav-profile").await;
    alice.browser.click("profile-edit").await;
    alice.browser.until("document.querySelectorAll(\"[data-testid='profile-picture']\").length === 1").await;
    alice.browser.until("document.querySelectorAll('.profile .avatar').length === 1").await;
    alice.browser.until(&format!("!{LISTED}")).await;
    alice.browser.click("profile-listed").await;
    alice.at_rest("phone-listed").await;
    alice.browser.click("profile-save").await;
    alice.none("profile-save").await;
    alice.browser.client.refresh().await.unwrap();
    alice.browser.click("profile-edit").await;
    alice.browser.until(LISTED).await;

    // What connected devices find comes along, and that they are asked is said.
    alice.browser.click("nav-search").await;
    alice.browser.type_in("search-input", "harbour").await;
    alice.sees_post_text("Fog over the harbour").await;
    alice.browser.find("search-asked").await;
    alice.at_rest("phone-search").await;
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_carries_further_is_kept_out() {
    let (mut carol, alice) = (Profile::init("Carol"), Person::welcomed("Alice", (1280, 800)).await);
    carol.run(&["--listen", "127.0.0.1:0"]);
    let rain = text(&carol.json(&["post", "Rain, says Carol"])["id"]);
    alice.node.json(&["follow", &text(&carol.json(&["invite"])["invite"])]);
    alice.sees_post_text("Rain, says Carol").await;
    alice.node.json(&["repost", &rain]);
    let bob = Person::welcomed("Bob", (390, 844)).await;
    bob.node.json(&["follow", &text(&alice.node.json(&["invite"])["invite"])]);
    bob.browser.until(&with_text("reposted-by", "Alice")).await;
    alice.node.json(&["post", "Fog, says Alice"]);
    bob.sees_post_text("Fog, says Alice").await;

    let alices = text(&alice.node.json(&["persona", "list"])[0]["id"]);
    bob.browser
        .run(&format!("{}.querySelector(\"[data-testid='author']\").click()", with_text("post", "Fog, says")))
        .await;
    bob.browser.until(&format!("location.pathname === '/person/{alices}'")).await;
    bob.browser.click("person-reposts").await;
    bob.browser.find("span-day").await;
    bob.at_rest("phone-reposts").await;
    bob.browser.click("reposts-confirm").await;
    bob.browser.until("document.querySelector(\"[data-testid='person-reposts'][aria-pressed='true']\")").await;
    bob.at_rest("phone-person").await;
    bob.browser.click("nav-home").await;
    bob.sees_post_text("Fog, says Alice").await;
    bob.none("reposted-by").await;

    // And comes back from the page of what is kept out.
    bob.browser.click("nav-profile").await;
    bob.browser.click("profile-settings").await;
    bob.browser.click("settings-muted").await;
    bob.browser.until(&with_text("muted-person", "Alice")).await;
    bob.at_rest("phone-muted-reposts").await;
    bob.browser.click("unmute").await;
    bob.browser.find("muted-empty").await;
    bob.browser.click("nav-home").await;
    bob.browser.until(&with_text("reposted-by", "Alice")).await;

    alice.browser.close().await;
    bob.browser.close().await;
}
