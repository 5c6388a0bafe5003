//! Somebody tells their anchor of a post, at a desk and on a phone; who has none is told so.

use super::profile::PATIENCE;
use super::*;

async fn a_post_is_reported(size: (u32, u32), device: &str) {
    let mut anchor = Profile::init("Anchor");
    let ticket = text(&anchor.run(&["--listen", "127.0.0.1:0", "--role", "anchor"])["ticket"]);
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", size), Person::welcomed("Bob", size));
    bob.follows(&alice);
    let post = text(&alice.node.json(&["post", "Cheap watches"])["id"]);
    bob.sees_post_text("Cheap watches").await;

    // Nobody is there to be told: it says so, and what else there is.
    bob.chooses("post", "Cheap watches", "menu-report").await;
    bob.browser.find("report-nobody").await;
    bob.page_is_sound(&format!("{device}-report-nobody")).await;
    bob.browser.click("report-nobody").await;
    bob.browser.find("block-confirm").await;
    bob.browser.click("block-confirm-no").await;
    bob.none("block-confirm").await;

    bob.node.json(&["anchors", "add", &ticket]);
    bob.chooses("post", "Cheap watches", "menu-report").await;
    bob.browser.click("report-reason-danger").await;
    bob.browser.type_in("report-text", "They do not even tick").await;
    bob.page_is_sound(&format!("{device}-report")).await;
    bob.browser.click("report-confirm").await;
    bob.none("report-confirm").await;
    bob.browser.until(&with_text("notice", "Reported")).await;
    let came = |told: &Value| told["came"][0]["about"] == post.as_str();
    let (told, _) = anchor.until(&["report"], PATIENCE, came);
    assert_eq!(told["came"][0]["reason"], "danger", "{told}");
    assert_eq!(told["came"][0]["text"], "They do not even tick", "{told}");
    // A person can be reported too, and whoever wrote it hears nothing of either.
    bob.browser
        .run(&format!("{}.querySelector(\"[data-testid='author']\").click()", with_text("post", "Cheap watches")))
        .await;
    bob.browser.click("person-report").await;
    bob.browser.click("report-confirm").await;
    anchor.until(&["report"], PATIENCE, |told| told["came"].as_array().is_some_and(|came| came.len() == 2));
    // What became of each is listed, and a refusal is told: who is no anchor takes none.
    let mut carol = Profile::init("Carol");
    let other = text(&carol.run(&["--listen", "127.0.0.1:0"])["ticket"]);
    bob.node.json(&["anchors", "add", &other]);
    let anchors = bob.node.json(&["anchors"]);
    let sent = text(&bob.node.json(&["report"])["sent"][0]["anchor"]);
    let other = anchors.as_array().unwrap().iter().find(|known| known["node"] != sent.as_str()).unwrap();
    bob.node.json(&["report", &post, "--reason", "other", "--to", &text(&other["node"])]);
    bob.browser.until(&with_text("notice", "did not take a report")).await;
    bob.goes_to("/muted").await;
    for (state, count) in [("taken", 2), ("refused", 1)] {
        let rows = format!("document.querySelectorAll(\"[data-testid='report-row'][data-state='{state}']\").length");
        bob.browser.until(&format!("{rows} === {count}")).await;
    }
    bob.page_is_sound(&format!("{device}-reports")).await;
    // It is told once, also where the page is opened anew; and what it is about can be looked at.
    bob.browser.client.refresh().await.unwrap();
    bob.browser.until("document.querySelectorAll(\"[data-testid='report-row']\").length === 3").await;
    bob.none("notice").await;
    bob.browser.run("document.querySelector(\"[data-state='refused'] [data-testid='report-look']\").click()").await;
    bob.browser.until(&format!("location.pathname === '/post/{post}'")).await;
    let heard = alice.node.json(&["notifications"]);
    assert!(!heard.to_string().contains("report"), "{heard}");
    alice.browser.close().await;
    bob.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_reported_at_a_desk() {
    a_post_is_reported((1280, 800), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_reported_on_a_phone() {
    a_post_is_reported((390, 844), "phone").await;
}
