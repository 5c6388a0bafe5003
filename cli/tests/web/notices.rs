//! What happened to somebody: a number at the place, a line, where that leads, and that it is read in every browser.

use super::*;

const NUMBER: &str = "document.querySelector(\"[data-testid='nav-notified']\")?.textContent";

impl Person {
    /// Another browser at the same node.
    async fn another_browser(self, size: (u32, u32)) -> (Self, Browser) {
        let login = text(&self.node.json(&["status"])["web"]["login"]);
        let browser = Browser::start(size.0, size.1).await;
        browser.client.goto(&login).await.unwrap();
        browser.find("composer-text").await;
        (self, browser)
    }
}

async fn waits(browser: &Browser, number: u64) {
    if number == 0 {
        browser.until("!document.querySelector(\"[data-testid='nav-notified']\")").await;
        browser.until("document.title === 'Kith'").await;
    } else {
        browser.until(&format!("{NUMBER} === '{number}'")).await;
        browser.until(&format!("document.title === '({number}) Kith'")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_leads_to_what_happened_and_is_read_in_every_browser() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (1280, 800)));
    bob.follows(&alice);
    let post = text(&alice.node.json(&["post", "Fog over the harbour"])["id"]);
    bob.sees("post", "Fog over the harbour").await;
    let (alice, second) = alice.another_browser((390, 844)).await;

    alice.browser.click("nav-notifications").await;
    alice.browser.find("notifications-empty").await;
    alice.none("notifications-some-off").await;
    alice.page_is_sound("desk-notifications-empty").await;
    alice.browser.click("nav-home").await;
    let comment = text(&bob.node.json(&["comment", &post, "Which harbour is it?"])["id"]);
    waits(&alice.browser, 1).await;
    second.until("document.querySelector(\"[data-testid='home-notified']\")?.textContent === '1'").await;
    second.until("document.title === '(1) Kith'").await;

    // By keyboard to the list, and with a click to the comment, which has the focus.
    alice.browser.run("document.activeElement.blur()").await;
    alice.press("gn").await;
    alice.browser.until("location.pathname === '/notifications'").await;
    alice.sees("notification", "commented on your post").await;
    alice.sees("notification", "Which harbour is it?").await;
    alice.sees("notifications-day", "Today").await;
    alice.page_is_sound("desk-notifications").await;
    alice.click_in("notification", "Which harbour is it?", "notification-open").await;
    alice.browser.until(&format!("location.pathname === '/post/{post}/{comment}'")).await;
    alice.browser.until(&format!("document.activeElement.id === 'comment-{comment}'")).await;
    waits(&alice.browser, 0).await;
    second.until("!document.querySelector(\"[data-testid='home-notified']\")").await;
    second.until("document.title === 'Kith'").await;
    alice.browser.click("nav-notifications").await;
    alice.browser.until(&format!("{}?.dataset.read === 'true'", with_text("notification", "Which harbour"))).await;

    // What comes while the post is open is seen there, and waits for nobody.
    alice.browser.click("nav-home").await;
    bob.node.json(&["react", &post, "🎉"]);
    bob.node.json(&["comment", &post, "The old one?"]);
    waits(&alice.browser, 2).await;
    alice.browser.click("nav-notifications").await;
    alice.sees("notification", "reacted with").await;
    // Only what speaks to her.
    alice.browser.click("notifications-mentions").await;
    alice.browser.find("notifications-empty").await;
    alice.browser.click("notifications-all").await;
    alice.sees("notification", "The old one?").await;
    alice.browser.click("notifications-read-all").await;
    waits(&alice.browser, 0).await;
    second.until("document.title === 'Kith'").await;
    let all = alice.node.json(&["notifications", "list"]);
    assert_eq!(all.as_array().unwrap().len(), 3, "{all}");
    assert!(all.as_array().unwrap().iter().all(|line| line["read"] == true), "{all}");

    // Less of Bob from now on; the settings list it and take it back.
    alice.click_in("notification", "The old one?", "notification-menu").await;
    alice.browser.click("notification-nothing").await;
    alice.browser.find("notifications-empty").await;
    alice.browser.click("nav-settings").await;
    alice.sees("told-exceptions", "Bob").await;
    alice.browser.run("document.querySelector(\"[data-testid='told-card']\").scrollIntoView()").await;
    alice.page_is_sound("desk-told").await;
    alice.browser.click("told-all-again").await;
    alice.browser.until("!document.querySelector(\"[data-testid='told-exceptions']\")").await;
    // Quiet hours, and a kind that is not told of.
    alice.browser.click("told-quiet").await;
    alice.browser.find("told-quiet-from").await;
    alice.browser.click("told-reactions").await;
    alice.browser.until("!document.querySelector(\"[data-testid='told-reactions']\").checked").await;
    alice.browser.click("nav-notifications").await;
    alice.sees("notification", "The old one?").await;
    alice.sees_no("notification", "reacted with").await;
    alice.sees("notifications-some-off", "switched off").await;
    let rules = alice.node.json(&["notifications", "rules"]);
    assert_eq!((&rules["off"], &rules["quiet"]["from"]), (&serde_json::json!(["reaction"]), &serde_json::json!(1320)));

    // A phone has it in the head of its first screen.
    second.click("home-notifications").await;
    second.until("location.pathname === '/notifications'").await;
    let phone = Person { node: alice.node, browser: second };
    phone.sees("notification", "The old one?").await;
    phone.page_is_sound("phone-notifications").await;
    alice.browser.close().await;
    phone.browser.close().await;
    bob.browser.close().await;
}
