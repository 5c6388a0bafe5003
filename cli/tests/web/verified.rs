//! Keys that two people compare, each in a browser of their own, and messages that are found again.

use super::*;

impl Person {
    async fn six_words(&self, testid: &str) -> Vec<String> {
        let script =
            format!("return [...document.querySelectorAll(\"[data-testid='{testid}'] li\")].map((e) => e.textContent)");
        let words = self.browser.run(&script).await;
        words.as_array().unwrap().iter().map(text).collect()
    }

    async fn opens_verify(&self, name: &str) {
        self.browser.click("nav-people").await;
        self.sees("follow-row", name).await;
        self.clicks("follow-row", name).await;
        self.browser.click("person-verify").await;
        self.browser.until("location.pathname.startsWith('/verify/')").await;
        self.browser.until("document.querySelectorAll(\"[data-testid='own-words'] li\").length === 6").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_compare_keys_and_the_result_lasts() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    alice.follows(&bob);
    bob.follows(&alice);
    alice.opens_verify("Bob").await;
    bob.opens_verify("Alice").await;
    assert_eq!(alice.six_words("their-words").await, bob.six_words("own-words").await);
    assert_eq!(alice.six_words("own-words").await, bob.six_words("their-words").await);
    alice.page_is_sound("desk-verify").await;
    bob.page_is_sound("phone-verify").await;
    bob.browser.run("document.querySelector('.kith').dataset.theme = 'dark'").await;
    bob.page_is_sound("phone-verify-dark").await;

    // A code that fits the wrong pair, here the own one, is refused.
    let code = "return document.querySelector(\"[data-testid='verify-copy']\").dataset.copy";
    let (hers, his) = (text(&alice.browser.run(code).await), text(&bob.browser.run(code).await));
    alice.browser.type_in("verify-paste", &hers).await;
    alice.browser.click("verify-paste-go").await;
    alice.browser.find("verify-paste-error").await;
    alice.none("verified").await;
    alice.browser.client.refresh().await.unwrap();
    alice.browser.until("document.documentElement.dataset.connected").await;
    alice.browser.type_in("verify-paste", &his).await;
    alice.browser.click("verify-paste-go").await;
    alice.sees("verified", "Compared by code").await;
    alice.page_is_sound("desk-verified").await;
    bob.browser.click("verify-differ").await;
    bob.browser.find("verify-differ-told").await;
    bob.browser.click("verify-same").await;
    bob.sees("verified", "Compared by words").await;
    bob.page_is_sound("phone-verified-dark").await;

    // It is told where they write to each other, also after a reload.
    alice.node.json(&["dm", &text(&bob.node.json(&["persona", "list"])[0]["id"]), "The zeppelin lands at noon"]);
    bob.browser.click("nav-messages").await;
    bob.sees("thread-row", "Verified").await;
    bob.page_is_sound("phone-threads-verified-dark").await;
    alice.goes_to("/messages").await;
    alice.sees("thread-row", "Verified").await;
    alice.browser.click("thread-row").await;
    alice.sees("chat-who", "Verified").await;
    alice.page_is_sound("desk-chat-verified").await;

    // And is taken back only by who compared.
    alice.browser.click("chat-menu").await;
    alice.browser.click("chat-verify").await;
    alice.browser.click("verify-undo").await;
    alice.browser.find("verify-same").await;
    alice.browser.click("back").await;
    alice.sees_no("chat-who", "Verified").await;
    let hers = text(&alice.node.json(&["persona", "list"])[0]["id"]);
    assert_eq!(bob.node.json(&["verify", &hers])["state"], "verified");
    for person in [alice, bob] {
        person.browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_found_and_shown_where_it_stands() {
    let alice = Person::welcomed("Alice", (1280, 800)).await;
    let me = text(&alice.node.json(&["persona", "list"])[0]["id"]);
    alice.node.json(&["dm", &me, "The zeppelin lands at noon"]);
    for number in 0..120 {
        alice.node.json(&["dm", &me, &format!("note {number}")]);
    }
    alice.browser.click("nav-search").await;
    alice.browser.type_in("search-input", "zeppelin").await;
    alice.sees("search-message", "The zeppelin lands").await;
    alice.page_is_sound("desk-search-messages").await;
    alice.clicks("search-message", "The zeppelin").await;
    // It is brought to the screen with what stands around it, however far back it is.
    alice.sees("message", "The zeppelin lands").await;
    alice.sees("message", "note 0").await;
    alice.browser.until(&format!("document.activeElement === {}", with_text("message", "The zeppelin"))).await;
    alice.page_is_sound("desk-search-message-shown").await;

    // What was taken back is found no more.
    let thread = text(&alice.node.json(&["threads"])[0]["id"]);
    let all = alice.node.json(&["search", "zeppelin", "--messages"]);
    assert_eq!((&all[0]["text"], &all[0]["thread"]), (&"The zeppelin lands at noon".into(), &thread.into()));
    assert_eq!(alice.node.json(&["search", "zeppelin"]), serde_json::json!([]));
    alice.click_in("message", "The zeppelin", "message-menu").await;
    alice.browser.click("message-delete").await;
    alice.browser.click("message-delete-confirm").await;
    alice.sees_no("message-text", "The zeppelin").await;
    assert_eq!(alice.node.json(&["search", "zeppelin", "--messages"]), serde_json::json!([]));
    alice.browser.close().await;
}
