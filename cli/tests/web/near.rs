//! Two who stand beside each other open it on their pages, compare the digits, and one follows the other.

use super::*;
use crate::multicast;

/// At a page of a node that can be found on this machine's network.
async fn findable(name: &str, size: (u32, u32)) -> Person {
    let mut node = Profile::init(name);
    let command = node.command(&["--json", "run", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
    let status = node.start(command);
    let browser = Browser::start(size.0, size.1).await;
    browser.client.goto(&text(&status["web"]["login"])).await.unwrap();
    browser.find("feed").await;
    Person { node, browser }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_near_each_other_find_and_follow_each_other() {
    if let Err(why) = multicast::is_heard() {
        return println!("skipped: nobody can be found on this machine's network ({why})");
    }
    // Others on this machine's network may be near too.
    let [alices, bobs] = ["Alice", "Bob"].map(|name| format!("{name} {}", std::process::id()));
    let (alice, bob) = tokio::join!(findable(&alices, (1280, 800)), findable(&bobs, (390, 844)));
    for (person, name) in [(&alice, "desk-near"), (&bob, "phone-near")] {
        person.browser.click("nav-people").await;
        person.browser.find("near-open").await;
        assert_eq!(person.count("near-person").await, 0);
        person.page_is_sound(name).await;
        person.browser.click("near-open").await;
        person.browser.find("near-state").await;
    }
    alice.sees("near-state", &alices).await;
    alice.sees("near-person", &bobs).await;
    bob.sees("near-person", &alices).await;
    let code = |other: &str| {
        format!("return {}.querySelector(\"[data-testid='near-code']\").textContent", with_text("near-person", other))
    };
    let shown = text(&alice.browser.run(&code(&bobs)).await);
    assert_eq!(shown.len(), 6);
    assert_eq!(shown, text(&bob.browser.run(&code(&alices)).await), "what both compare");
    alice.browser.run("document.querySelector(\"[data-testid='near']\").scrollIntoView()").await;
    alice.page_is_sound("desk-near-there").await;
    bob.browser.run("document.querySelector(\"[data-testid='near']\").scrollIntoView()").await;
    bob.page_is_sound("phone-near-there").await;

    // A tap asks first, and no is no.
    let tap = format!("{}.querySelector(\"[data-testid='near-follow']\").click()", with_text("near-person", &alices));
    bob.browser.run(&tap).await;
    bob.browser.find("near-follow-confirm").await;
    bob.page_is_sound("phone-near-ask").await;
    bob.browser.click("near-follow-confirm-no").await;
    bob.none("near-follow-confirm").await;
    assert_eq!(bob.node.json(&["follows"]), serde_json::json!([]));
    bob.browser.run(&tap).await;
    bob.browser.click("near-follow-confirm").await;
    bob.browser.find("near-followed").await;
    bob.sees("follow-row", &alices).await;
    assert_eq!(bob.node.json(&["follows"])[0]["persona"], alice.node.persona().as_str());
    assert_eq!(alice.node.json(&["follows"]), serde_json::json!([]), "each for themselves");

    bob.browser.click("near-close").await;
    bob.browser.find("near-open").await;
    alice.sees_no("near-person", &bobs).await;
    alice.browser.close().await;
    bob.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_offline_says_why_nobody_is_near() {
    let alice = Person::welcomed("Alice", (390, 844)).await;
    alice.browser.click("nav-people").await;
    alice.browser.click("near-open").await;
    alice.sees("near-failed", "invite link").await;
    alice.page_is_sound("phone-near-offline").await;
    alice.browser.close().await;
}
