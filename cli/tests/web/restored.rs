//! Every device is lost: at the first screen of a new one the 24 words and an anchor bring a person back.

use super::*;
use crate::browser::PATIENCE;

#[tokio::test(flavor = "multi_thread")]
async fn the_words_and_an_anchor_bring_a_person_back_at_the_first_screen() {
    let (mut anchor, mut alice) = (Profile::init("X"), Profile::init("Alice"));
    let ticket = text(&anchor.run(&["--listen", "127.0.0.1:0", "--role", "anchor"])["ticket"]);
    alice.json(&["anchors", "add", &ticket]);
    // Before it runs, which is when the first backup is made.
    alice.json(&["circle", "create", "Friends"]);
    alice.run_on_loopback(None);
    let (persona, words) = (alice.persona(), text(&alice.json(&["recovery", "phrase"])["phrase"]));
    alice.until(&["recovery"], PATIENCE, |all| all[0]["backup_ms"].is_u64());
    alice.kill();

    let new = Person::arrived((390, 844)).await;
    new.browser.click("welcome-restore").await;
    new.browser.find("restore-words").await;
    new.page_is_sound("phone-restore").await;
    // Words that are none are said at once.
    let (others, last) = words.rsplit_once(' ').unwrap();
    new.browser.type_in("restore-words", others).await;
    new.browser.type_in("restore-tickets", &format!("\n{ticket}\n")).await;
    new.browser.click("restore-go").await;
    new.sees("restore-failed", "24").await;
    new.page_is_sound("phone-restore-failed").await;
    new.browser.type_in("restore-words", &format!(" {last}")).await;
    new.browser.click("restore-go").await;
    new.sees("restore-looks", "Looking for your backup").await;
    new.page_is_sound("phone-restore-looks").await;
    new.sees("restore-came", "Alice").await;
    new.sees("restore-circles", "1 circle").await;
    new.sees("restore-stay", "One device").await;
    new.sees("restore-missing", "Private messages").await;
    new.page_is_sound("phone-restored").await;
    assert_eq!(new.count("restore-words").await, 0, "the words stand on no screen any more");
    new.browser.click("restore-home").await;
    new.browser.find("composer-text").await;
    assert_eq!(new.node.persona(), persona);
    assert_eq!(new.node.json(&["circle", "list"])[0]["name"], "Friends");
    // The only persona can't be deleted, and the window does not offer it.
    new.browser.click("nav-profile").await;
    new.browser.click("profile-settings").await;
    new.browser.click("persona-edit").await;
    new.browser.find("profile-name-input").await;
    assert_eq!(new.count("persona-delete").await, 0);
    new.browser.close().await;
}
