//! Groups and follow notices as people use them: made, joined, posted to and left on the pages of three people; who told
//! that they follow.

use super::*;

const PURPLE: &str = "const choice = document.querySelector(\"[data-testid='circle-new-colour']\");
    choice.value = 'purple'; choice.dispatchEvent(new Event('change', { bubbles: true }));";
const SECRET: &str = "Over the ridge at dawn";

impl Person {
    /// Opens the place of circles, and there who is in the only one.
    async fn opens_members(&self) {
        self.goes_to("/circles").await;
        self.browser.click("circle-open").await;
        self.browser.find("circle-members").await;
    }
}

async fn a_group_from_page_to_page(size: (u32, u32), device: &str) {
    let (alice, bob, carol) =
        tokio::join!(Person::welcomed("Alice", size), Person::welcomed("Bob", size), Person::welcomed("Carol", size));
    bob.can_undo_for("off").await;
    for other in [&bob, &carol] {
        alice.follows(other);
        other.follows(&alice);
    }
    alice.goes_to("/circles").await;
    alice.browser.click("kind-group").await;
    alice.sees("circles-told", "talking together").await;
    alice.browser.run(PURPLE).await;
    alice.page_is_sound(&format!("{device}-group-new")).await;
    alice.browser.type_in("circle-name", "Hikers").await;
    alice.browser.click("circle-name-add").await;
    alice.sees("circle", "Hikers").await;
    alice.browser.until("document.querySelector(\"[data-testid='circle'] [data-colour='purple']\")").await;
    alice.sees("circle-member", "Made this group").await;
    alice.browser.type_in("circle-search", "bo").await;
    alice.click_in("circle-other", "Bob", "circle-add").await;
    alice.sees("circle-member", "Invited, has not joined yet").await;
    alice.page_is_sound(&format!("{device}-group-invited")).await;
    alice.in_the_dark(&format!("{device}-group-invited")).await;

    // Bob is asked where requests are, and takes no part before he says so.
    bob.browser.click("nav-messages").await;
    bob.browser.click("tab-requests").await;
    bob.sees("invitation", "Hikers").await;
    bob.sees("invitation-who", "Alice").await;
    bob.page_is_sound(&format!("{device}-invitation")).await;
    bob.in_the_dark(&format!("{device}-invitation")).await;
    bob.node.refused_as(&["post", "early", "--circle", "Hikers"], "not_found", 1);
    bob.browser.click("invitation-accept").await;
    bob.none("invitation").await;
    alice.sees_no("circle-member", "Invited").await;

    // What he posts to it comes to her, and to nobody who is not in it.
    bob.browser.click("nav-home").await;
    bob.browser.type_in("composer-text", SECRET).await;
    bob.chooses_audience(Some("Hikers")).await;
    bob.sees("audience-told", "1 person can read it").await;
    bob.page_is_sound(&format!("{device}-audience-group")).await;
    bob.browser.click("audience-done").await;
    bob.browser.click("composer-send").await;
    bob.sees("sealed", "Hikers").await;
    alice.goes_to("/").await;
    alice.sees("post", SECRET).await;
    alice.page_is_sound(&format!("{device}-feed-group")).await;
    alice.node.json(&["post", "Good morning"]);
    carol.sees("post", "Good morning").await;
    carol.sees_no("post", SECRET).await;
    assert_eq!(carol.node.json(&["search", "ridge"]), serde_json::json!([]));
    assert_eq!(carol.node.json(&["group", "list"]), serde_json::json!([]));

    // Who made it says who else decides, and takes people out: what they keep is said before.
    alice.opens_members().await;
    alice.click_in("circle-member", "Bob", "member-menu").await;
    alice.browser.until("document.activeElement.dataset.testid === 'member-admin'").await;
    let inside = "[...document.querySelectorAll(\"[role='menuitem']\")].every((e) => {
        const box = e.getBoundingClientRect();
        return document.elementFromPoint(box.x + 5, box.y + 5) === e; })";
    alice.browser.until(inside).await;
    alice.page_is_sound(&format!("{device}-group-menu")).await;
    alice.browser.click("member-admin").await;
    alice.sees("member-state", "Admin").await;
    bob.opens_members().await;
    bob.sees("member-state", "Admin").await;
    bob.browser.find("circle-search").await;
    alice.click_in("circle-member", "Bob", "member-menu").await;
    alice.browser.click("circle-remove").await;
    alice.sees("circle", "stays readable to").await;
    alice.page_is_sound(&format!("{device}-group-remove")).await;
    alice.browser.click("circle-remove-confirm").await;
    alice.browser.find("circle-gone").await;
    bob.browser.find("circles-empty").await;
    // He hears who did it wherever he could have said something.
    bob.sees("ended-group", "removed you from").await;
    bob.page_is_sound(&format!("{device}-group-ended")).await;
    bob.in_the_dark(&format!("{device}-group-ended")).await;
    bob.goes_to("/").await;
    bob.sees("post", SECRET).await;
    bob.sees("group-ended", "removed you from").await;
    bob.opens_post(SECRET).await;
    bob.browser.find("thread").await;
    bob.sees("group-ended", "Nobody would read what you write there").await;
    bob.none("comment-text").await;
    bob.page_is_sound(&format!("{device}-post-of-ended-group")).await;

    // She asks again, and he declines.
    alice
        .browser
        .run("document.querySelector(\"[data-testid='circle-gone'] [data-testid='circle-add']\").click()")
        .await;
    alice.sees("circle-member", "Invited, has not joined yet").await;
    bob.browser.click("nav-people").await;
    bob.browser.click("circles-invited").await;
    bob.browser.find("invitation-block").await;
    let labels = "return ['accept', 'decline', 'block'].map((verb) =>
        document.querySelector(`[data-testid='invitation-${verb}']`)
            .getAttribute('aria-label').replace(/[\\u2068\\u2069]/g, ''))";
    let said = ["Accept: Hikers", "Decline: Hikers", "Block Alice, who invites you to Hikers"];
    assert_eq!(bob.browser.run(labels).await, serde_json::json!(said));
    bob.browser.click("invitation-decline").await;
    bob.none("invitation").await;
    alice.browser.find("circle-gone").await;
    alice.browser.click("group-close").await;
    alice.page_is_sound(&format!("{device}-group-close")).await;
    alice.browser.click("circle-delete-confirm").await;
    alice.browser.find("circles-empty").await;
    for person in [alice, bob, carol] {
        person.browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_at_a_desk() {
    a_group_from_page_to_page((1280, 800), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_on_phones() {
    a_group_from_page_to_page((390, 844), "phone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_is_known_to_whom_it_was_told() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    alice.browser.click("nav-people").await;
    alice.browser.find("followers-empty").await;
    alice.browser.until("document.querySelector(\"[data-testid='invite-link']\").value.length > 20").await;
    let invite = alice.browser.run("return document.querySelector(\"[data-testid='invite-link']\").value").await;

    // Telling is chosen where one follows.
    bob.browser.click("nav-people").await;
    bob.browser.type_in("follow-input", &text(&invite)).await;
    bob.browser.click("follow-tell").await;
    bob.page_is_sound("phone-follow-tell").await;
    bob.browser.click("follow-go").await;
    bob.browser.until("document.querySelector(\"[data-testid='profile'] [data-testid='follow-tell']\")?.checked").await;
    bob.none("follows-you").await;
    alice.sees("follower-row", "Bob").await;
    alice.none("follower-mutual").await;
    alice.page_is_sound("desk-followers").await;
    alice.browser.run("document.querySelector(\"[data-testid='follower-row'] .byline-person\").click()").await;
    alice.sees("follows-you", "Follows you").await;
    alice.page_is_sound("desk-person-follows-you").await;

    // Who follows back and says nothing is mutual for nobody but themselves.
    alice.browser.click("follow-toggle").await;
    alice.sees("follows-you", "You follow each other").await;
    alice.browser.find("follower-mutual").await;
    alice
        .browser
        .until("!document.querySelector(\"[data-testid='profile'] [data-testid='follow-tell']\").checked")
        .await;
    bob.none("follows-you").await;
    alice.browser.run("document.querySelector(\"[data-testid='profile'] [data-testid='follow-tell']\").click()").await;
    bob.sees("follows-you", "You follow each other").await;
    bob.page_is_sound("phone-person-mutual").await;
    bob.in_the_dark("phone-person-mutual").await;
    bob.browser.click("nav-people").await;
    bob.sees("follow-row", "mutual").await;
    bob.sees("follower-row", "Alice").await;
    let next = "return document.querySelector(\"[data-testid='follow-tell']\").checked";
    assert_eq!(bob.browser.run(next).await, false, "the next one is asked for anew");
    bob.page_is_sound("phone-followers").await;

    // What was told is taken back; who is dropped does not come again.
    bob.opens_profile("Alice").await;
    bob.browser.run("document.querySelector(\"[data-testid='profile'] [data-testid='follow-tell']\").click()").await;
    alice.none("follower-row").await;
    alice.none("follows-you").await;
    bob.browser.click("nav-people").await;
    bob.browser.click("follower-drop").await;
    bob.page_is_sound("phone-follower-drop").await;
    bob.browser.click("follower-drop-confirm").await;
    bob.browser.find("followers-empty").await;
    assert_eq!(bob.node.json(&["followers"]), serde_json::json!([]));
    alice.browser.close().await;
    bob.browser.close().await;
}
