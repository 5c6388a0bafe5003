//! Lists that people publish, and the people whom they suggest.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_published_list_suggests_whom_to_follow() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    let carol = text(&alice.node.json(&["persona", "create", "Carol"])["id"]);
    alice.node.json(&["list", "create", "Sailors"]);
    alice.node.json(&["list", "add", "Sailors", &carol]);

    // It is published from its card, and its post says whom it names.
    alice.goes_to("/lists").await;
    alice.browser.click("list-publish").await;
    alice.browser.until("document.querySelector(\"[data-testid='list-publish-text']\").value === 'Sailors'").await;
    alice.browser.type_in("list-publish-text", " of the harbour").await;
    alice.page_is_sound("desk-publish").await;
    alice.browser.click("list-publish-go").await;
    alice.browser.until("location.pathname.startsWith('/post/')").await;
    alice.sees("published-row", "Carol").await;
    alice.browser.find("published-followed").await;
    alice.page_is_sound("desk-published").await;

    // Published anew, it replaces what stood; and it says so before.
    let first = text(&alice.node.json(&["list"])[0]["published"]);
    alice.goes_to("/lists").await;
    alice.browser.click("list-publish").await;
    alice.sees("list-replaces", "is deleted").await;
    alice.browser.type_in("list-publish-text", " of the harbour").await;
    alice.page_is_sound("desk-publish-again").await;
    alice.browser.click("list-publish-go").await;
    alice.browser.until("location.pathname.startsWith('/post/')").await;
    alice.sees("published-row", "Carol").await;
    assert_eq!(alice.node.json(&["show", &first])["deleted"], true);

    bob.follows(&alice);
    bob.sees("post", "Sailors of the harbour").await;
    bob.sees("published", "A list of 1 person").await;
    bob.page_is_sound("phone-published").await;
    let suggested = &bob.node.json(&["suggestions"])[0];
    assert_eq!((text(&suggested["persona"]), text(&suggested["name"])), (carol.clone(), "Carol".to_owned()));
    assert_eq!(text(&suggested["list"]["text"]), "Sailors of the harbour");

    // Whom one follows is suggested no more.
    bob.goes_to("/people").await;
    bob.sees("suggested-row", "Sailors of the harbour").await;
    bob.page_is_sound("phone-suggested").await;
    bob.browser.click("suggested-follow").await;
    bob.none("suggested").await;
    bob.browser.find("follow-row").await;
    assert_eq!(bob.node.json(&["suggestions"]), Value::Array(Vec::new()));
    let follows = bob.node.json(&["follows"]);
    assert!(follows.as_array().unwrap().iter().any(|follow| follow["persona"] == carol), "{follows}");

    // Nor is who was passed over; on the list's post they can be followed all the same.
    bob.node.json(&["unfollow", &carol]);
    bob.browser.click("suggested-drop").await;
    bob.none("suggested").await;
    bob.goes_to("/").await;
    bob.browser.click("published").await;
    bob.click_in("published-row", "Carol", "suggested-follow").await;
    bob.browser.find("published-followed").await;

    // Withdrawn, its post goes everywhere; the list stays.
    alice.goes_to("/lists").await;
    alice.browser.click("list-withdraw").await;
    alice.browser.find("list-withdraw-confirm").await;
    alice.page_is_sound("desk-withdraw").await;
    alice.browser.click("list-withdraw-confirm").await;
    alice.none("list-withdraw").await;
    alice.sees("list", "Sailors").await;
    assert_eq!(alice.node.json(&["list"])[0]["published"], Value::Null);
    bob.node.until(&["feed"], profile::PATIENCE, |feed| feed.as_array().is_some_and(Vec::is_empty));
    alice.browser.close().await;
    bob.browser.close().await;
}
