//! Who reads a post: circles as people use them, each in a browser of their own. An outsider's feed has nothing of it.

use super::*;

impl Person {
    /// Chooses in the composer who reads the next post: all, or the circle of this name.
    pub(super) async fn chooses_audience(&self, circle: Option<&str>) {
        self.browser.click("audience").await;
        match circle {
            None => self.browser.click("audience-public").await,
            Some(name) => self.clicks("audience-circle", name).await,
        }
    }

    pub(super) async fn in_the_dark(&self, name: &str) {
        self.browser.run("document.querySelector('.kith').dataset.theme = 'dark'").await;
        self.page_is_sound(&format!("{name}-dark")).await;
        self.browser.run("document.querySelector('.kith').dataset.theme = 'light'").await;
    }
}

const SECRET: &str = "The zeppelin lands at noon";

#[tokio::test(flavor = "multi_thread")]
async fn a_post_to_a_circle_reaches_its_members_and_no_outsider() {
    let (alice, bob, carol) = tokio::join!(
        Person::welcomed("Alice", (1280, 800)),
        Person::welcomed("Bob", (390, 844)),
        Person::welcomed("Carol", (390, 844)),
    );
    alice.can_undo_for("off").await;
    for other in [&bob, &carol] {
        alice.follows(other);
        other.follows(&alice);
    }

    // Nothing is public that nobody chose to be: the first post asks.
    alice.browser.type_in("composer-text", "Hello everybody").await;
    alice.browser.click("composer-send").await;
    alice.browser.find("audience-sheet").await;
    alice.browser.until("document.querySelector(\"[data-testid='audience-done']\").disabled").await;
    alice.page_is_sound("desk-audience-first").await;
    assert_eq!(alice.count("post").await, 0);
    alice.browser.click("audience-public").await;
    alice.browser.click("audience-done").await;
    alice.sees_post_text("Hello everybody").await;
    alice.sees("audience", "Public").await;

    // A circle is made where it is missed, and somebody let in.
    alice.browser.click("audience").await;
    alice.browser.click("audience-circles").await;
    alice.browser.find("circles-empty").await;
    alice.browser.type_in("circle-name", "Family").await;
    alice.browser.click("circle-name-add").await;
    alice.sees("circle", "Family").await;
    alice.browser.type_in("circle-search", "bo").await;
    alice.sees_no("circle-other", "Carol").await;
    alice.click_in("circle-other", "Bob", "circle-add").await;
    alice.sees("circle-member", "Bob").await;
    alice.sees("circle-count", "1 person").await;
    alice.page_is_sound("desk-circles").await;
    alice.in_the_dark("desk-circles").await;

    // The choice is told where it is made and where it is sent, and the post stands apart.
    alice.browser.click("nav-home").await;
    alice.browser.type_in("composer-text", SECRET).await;
    alice.chooses_audience(Some("Family")).await;
    alice.sees("audience-told", "1 person can read it").await;
    alice.page_is_sound("desk-audience").await;
    alice.browser.click("audience-done").await;
    alice.sees("composer-send", "Family").await;
    alice.page_is_sound("desk-composer-circle").await;
    alice.browser.click("composer-send").await;
    alice.click_in("post", SECRET, "post-menu").await;
    alice.browser.find("post-delete").await;
    alice.browser.find("menu-comments").await;
    alice.none("menu-share").await;
    alice.press("\u{e00c}").await;
    alice.page_is_sound("desk-feed-circle").await;
    bob.sees("sealed", "Family").await;
    let inside = format!("{}?.querySelector(\"[data-testid='repost']\")", with_text("post", SECRET));
    assert!(bob.browser.run(&format!("return {inside}")).await.is_null(), "it can't be reposted");
    bob.page_is_sound("phone-feed-circle").await;
    bob.in_the_dark("phone-feed-circle").await;
    bob.opens_post(SECRET).await;
    bob.sees("sealed-told", "Sealed for a circle").await;
    bob.page_is_sound("phone-post-circle").await;

    // The next goes where the last one went; a wider one says what that means.
    alice.browser.client.refresh().await.unwrap();
    alice.sees("audience", "Family").await;
    alice.browser.type_in("composer-text", "Good morning").await;
    alice.chooses_audience(None).await;
    alice.sees("audience-wider", "Wider than before").await;
    alice.page_is_sound("desk-audience-wider").await;
    alice.browser.click("audience-done").await;
    alice.sees("composer-send", "Post publicly").await;
    alice.browser.click("composer-send").await;
    carol.sees("post", "Good morning").await;
    carol.sees_no("post", SECRET).await;
    assert_eq!(carol.node.json(&["search", "zeppelin"]), serde_json::json!([]));

    // Who is taken out keeps what they have: that is said before.
    alice.chooses_audience(Some("Family")).await;
    alice.browser.click("audience-circles").await;
    alice.browser.click("circle-open").await;
    alice.click_in("circle-member", "Bob", "circle-remove").await;
    alice.sees("circle", "stays readable to").await;
    alice.page_is_sound("desk-circle-remove").await;
    alice.browser.click("circle-remove-confirm").await;
    alice.none("circle-member").await;
    alice.browser.click("circle-change").await;
    alice.browser.type_in("circle-rename", "Kin").await;
    alice.browser.click("circle-rename-go").await;
    alice.sees("circle", "Kin").await;
    alice.browser.click("colour-purple").await;
    alice.browser.until("document.querySelector(\"[data-testid='circle'] [data-colour='purple']\")").await;
    alice.page_is_sound("desk-circle-change").await;
    let listed = alice.node.json(&["circle", "list"]);
    assert_eq!((&listed[0]["name"], &listed[0]["colour"]), (&"Kin".into(), &"purple".into()));

    // A choice whose circle is gone is asked for again, and nothing leaves.
    alice.browser.click("circle-delete").await;
    alice.browser.click("circle-delete-confirm").await;
    alice.browser.find("circles-empty").await;
    alice.browser.click("nav-home").await;
    alice.sees("audience", "Choose who can read it").await;
    alice.browser.type_in("composer-text", "For my family").await;
    alice.browser.click("composer-send").await;
    alice.browser.find("audience-sheet").await;
    let feed = alice.node.json(&["feed"]);
    assert!(feed.as_array().unwrap().iter().all(|post| post["text"] != "For my family"), "{feed}");
    for person in [alice, bob, carol] {
        person.browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn circles_are_at_hand_on_a_phone() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (390, 844)), Person::welcomed("Bob", (1280, 800)));
    alice.can_undo_for("off").await;
    alice.follows(&bob);
    for name in ["Family", "A choir with quite a long name that goes on", "Work"] {
        alice.node.json(&["circle", "create", name]);
    }
    // From somebody's page, too.
    alice.browser.click("nav-people").await;
    alice.browser.find("circles-open").await;
    alice.page_is_sound("phone-people-circles").await;
    alice.sees("follow-row", "Bob").await;
    alice.clicks("follow-row", "Bob").await;
    alice.browser.until("document.querySelectorAll(\"[data-testid='person-circle']\").length === 3").await;
    alice.browser.click("person-circle").await;
    alice.browser.until("document.querySelector(\"[data-testid='person-circle']\").checked").await;
    alice.page_is_sound("phone-person-circles").await;
    let members = |circles: &Value| -> usize {
        circles.as_array().unwrap().iter().map(|circle| circle["members"].as_array().unwrap().len()).sum()
    };
    assert_eq!(members(&alice.node.json(&["circle", "list"])), 1);

    alice.browser.click("nav-home").await;
    alice.browser.type_in("composer-text", "To two of them").await;
    alice.chooses_audience(Some("choir")).await;
    alice.clicks("audience-circle", "Family").await;
    alice
        .browser
        .until("document.querySelectorAll(\"[data-testid='audience-circle'][aria-pressed='true']\").length === 2")
        .await;
    alice.page_is_sound("phone-audience").await;
    alice.in_the_dark("phone-audience").await;
    alice.browser.click("audience-done").await;
    alice.page_is_sound("phone-composer-circle").await;
    alice.browser.click("composer-send").await;
    alice.sees("sealed", "A choir").await;
    alice.page_is_sound("phone-feed-own-circle").await;
    alice.goes_to("/circles").await;
    alice.browser.find("circle-change").await;
    alice.page_is_sound("phone-circles").await;
    alice.in_the_dark("phone-circles").await;
    for person in [alice, bob] {
        person.browser.close().await;
    }
}
