//! A persona on two devices, each with a browser: linked at the first screen of the second one, and used on both.

use super::*;
use crate::browser::PATIENCE;
use crate::profile::{id, ids};

impl Person {
    async fn value(&self, testid: &str) -> String {
        let script = format!("return document.querySelector(\"[data-testid='{testid}']\")?.value ?? ''");
        text(&self.browser.run(&script).await)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_device_takes_a_code_and_goes_on_where_the_first_one_is() {
    let mut bob = Profile::init("Bob");
    bob.run_on_loopback(None);
    let (alice, phone) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::arrived((390, 844)));
    alice.node.follow(&bob);
    bob.follow(&alice.node);
    bob.meet(&alice.node);
    alice.node.meet(&bob);

    alice.browser.click("nav-settings").await;
    alice.browser.click("settings-link").await;
    alice.browser.click("link-history-all").await;
    alice.page_is_sound("desk-link").await;
    alice.browser.click("link-offer").await;
    let code = alice.browser.text("link-code").await;
    alice.page_is_sound("desk-link-code").await;
    phone.browser.click("welcome-link").await;
    phone.browser.find("link-code-field").await;
    phone.page_is_sound("phone-link").await;
    // What is no code is said at its field.
    phone.browser.type_in("link-code-field", "kith:link/abc").await;
    phone.browser.click("link-take").await;
    phone.browser.find("link-code-field-error").await;
    phone.browser.find("link-code-field").await.clear().await.unwrap();
    phone.browser.type_in("link-code-field", &code).await;
    phone.browser.click("link-take").await;
    let digits = phone.browser.text("link-digits").await;
    phone.page_is_sound("phone-link-digits").await;
    alice.browser.find("link-digits-field").await;
    alice.page_is_sound("desk-link-digits").await;
    alice.browser.type_in("link-digits-field", &digits).await;
    alice.browser.click("link-digits-go").await;
    alice.browser.find("link-linked").await;
    alice.page_is_sound("desk-linked").await;
    alice.browser.click("link-done").await;
    phone.browser.find("composer-text").await;
    assert_eq!(phone.node.persona(), alice.node.persona());

    // A draft that is begun on the one is on the other.
    alice.browser.click("nav-home").await;
    alice.browser.type_in("composer-text", "half a thought").await;
    let start = std::time::Instant::now();
    while phone.value("composer-text").await != "half a thought" {
        assert!(start.elapsed() < PATIENCE, "no draft came");
        phone.browser.client.refresh().await.unwrap();
        phone.browser.until("document.documentElement.dataset.connected").await;
        phone.browser.find("composer-text").await;
    }
    // What is read on the one is read on the other. Bob knows the phone by what it wrote.
    let here = id(&phone.node.json(&["post", "here"]));
    bob.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&here));
    bob.json(&["dm", &alice.node.persona(), "Hello Alice"]);
    let unread = "document.querySelector(\"[data-testid='nav-unread']\")?.textContent === '1'";
    alice.browser.until(unread).await;
    phone.browser.until(unread).await;
    phone.browser.click("nav-messages").await;
    phone.sees("thread-row", "Hello Alice").await;
    alice.browser.click("nav-messages").await;
    alice.sees("thread-row", "Hello Alice").await;
    alice.browser.run(&format!("{}.click()", with_text("thread-row", "Hello Alice"))).await;
    alice.none("nav-unread").await;
    phone.none("nav-unread").await;

    // A code that was used says so, and what to do.
    let here = phone.browser.client.current_url().await.unwrap();
    phone.browser.client.goto(here.join("/link").unwrap().as_str()).await.unwrap();
    phone.browser.type_in("link-code-field", &code).await;
    phone.browser.click("link-take").await;
    phone.sees("link-failed", "no longer good").await;
    phone.page_is_sound("phone-link-failed").await;
    phone.browser.click("link-again").await;
    phone.browser.find("link-code-field").await;
    alice.browser.close().await;
    phone.browser.close().await;
}
