//! Pictures and files in a private conversation, each side in a browser of its own.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_and_a_file_go_from_one_page_to_the_other() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    alice.follows(&bob);
    bob.follows(&alice);
    let photo = alice.node.root.path().join("photo.jpg");
    jpeg_with_exif(&photo, "canary of the camera");
    std::fs::write(alice.node.root.path().join("plan.txt"), "turn left at the harbour").unwrap();
    let bobs = text(&bob.node.json(&["persona", "list"])[0]["id"]);
    let thread = text(&alice.node.json(&["dm", &bobs, "look at this"])["thread"]);
    alice.browser.click("nav-messages").await;
    alice.browser.click("thread-row").await;

    // Chosen, they are prepared and shown above the field, where one can be left out again.
    alice.browser.find("say-text").await;
    alice.browser.type_in("say-attach", photo.to_str().unwrap()).await;
    alice.browser.until("document.querySelector(\"[data-testid='say-file'] img\")?.naturalWidth > 0").await;
    alice.browser.type_in("say-alt", "A grey harbour").await;
    let plan = alice.node.root.path().join("plan.txt");
    alice.browser.type_in("say-attach", plan.to_str().unwrap()).await;
    alice.sees("say-file", "plan.txt").await;
    alice.page_is_sound("desk-chat-files").await;
    alice.browser.type_in("say-attach", plan.to_str().unwrap()).await;
    alice.browser.until("document.querySelectorAll(\"[data-testid='say-file']\").length === 3").await;
    alice.browser.run("[...document.querySelectorAll(\"[data-testid='say-remove-file']\")].at(-1).click()").await;
    alice.browser.until("document.querySelectorAll(\"[data-testid='say-file']\").length === 2").await;
    // Without a word.
    alice.browser.click("say-send").await;
    alice.browser.until("!document.querySelector(\"[data-testid='say-file']\")").await;
    let loaded = "document.querySelector(\"[data-testid='message'] .picture img\")?.naturalWidth > 0";
    alice.browser.until(loaded).await;

    // At the other's they appear by themselves; the picture opens whole, and the file can be kept.
    bob.browser.click("nav-messages").await;
    bob.sees("thread-last", "pictures or files").await;
    bob.browser.click("thread-row").await;
    bob.browser.until(loaded).await;
    bob.browser
        .until("document.querySelector(\"[data-testid='message'] .picture img\").alt === 'A grey harbour'")
        .await;
    bob.sees("file-name", "plan.txt").await;
    bob.page_is_sound("phone-chat-files").await;
    bob.browser.click("picture-open").await;
    bob.browser.until("document.querySelector(\"[data-testid='viewer-picture']\")?.naturalWidth > 0").await;
    bob.page_is_sound("phone-viewer").await;
    bob.press("\u{e00c}").await;
    bob.none("viewer").await;
    bob.browser.until("document.querySelector(\"a[data-testid='file-save']\")?.download === 'plan.txt'").await;
    let fetched = "(async () => { const answer = await fetch(document.querySelector(\"[data-testid='file-save']\").href); \
        window.kept = [answer.headers.get('cache-control'), answer.headers.get('content-disposition'), await answer.text()].join('|'); })()";
    bob.browser.run(fetched).await;
    bob.browser.until("window.kept === 'no-store|attachment|turn left at the harbour'").await;
    alice.browser.until("document.querySelector(\"[data-state='delivered'], [data-state='read']\")").await;

    // Taken back, it is gone on both sides.
    let said = alice.node.json(&["thread", &thread]);
    let hash = text(&said[1]["attachments"][0]["hash"]);
    alice.browser.run("[...document.querySelectorAll(\"[data-testid='message-menu']\")].at(-1).click()").await;
    alice.browser.click("message-delete").await;
    alice.browser.click("message-delete-confirm").await;
    bob.browser.until("!document.querySelector(\"[data-testid='message'] .picture\")").await;
    for person in [&alice, &bob] {
        person.node.refused_as(&["get", &hash, "gone.jpg"], "not_found", 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_file_goes_with_a_post_to_a_circle_and_none_to_everybody() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    alice.can_undo_for("off").await;
    alice.follows(&bob);
    bob.follows(&alice);
    let bobs = text(&bob.node.json(&["persona", "list"])[0]["id"]);
    alice.node.json(&["group", "create", "Sailors", &bobs]);
    bob.node.until(&["group", "list"], profile::PATIENCE, |all| all[0]["invited"] == true);
    bob.node.json(&["group", "join", "Sailors"]);
    let plan = alice.node.root.path().join("plan.txt");
    std::fs::write(&plan, "turn left at the harbour").unwrap();

    alice.goes_to("/").await;
    alice.chooses_audience(Some("Sailors")).await;
    alice.browser.click("audience-done").await;
    alice.browser.type_in("composer-text", "how to get there").await;
    alice.browser.type_in("composer-attach", plan.to_str().unwrap()).await;
    alice.sees("file-name", "plan.txt").await;
    alice.none("alt-nudge").await;
    alice.page_is_sound("desk-composer-file").await;
    // It is not for everybody, and stays when the choice goes back.
    alice.chooses_audience(None).await;
    alice.browser.click("audience-done").await;
    alice.sees("composer-files-public", "Only pictures").await;
    alice.browser.until("document.querySelector(\"[data-testid='composer-send']\").disabled").await;
    alice.page_is_sound("desk-composer-file-public").await;
    alice.chooses_audience(Some("Sailors")).await;
    alice.browser.click("audience-done").await;
    alice.none("composer-files-public").await;
    alice.browser.click("composer-send").await;
    alice.sees("sealed", "Sailors").await;

    bob.sees("post", "how to get there").await;
    bob.sees("file-name", "plan.txt").await;
    // It wears the sign of groups, as the group itself does.
    let path = |place: &str| format!("return document.querySelector(\"{place} .icon path\").getAttribute('d')");
    let on_post = bob.browser.run(&path("[data-testid='sealed']")).await;
    bob.goes_to("/circles").await;
    bob.sees("circle", "Sailors").await;
    assert_eq!(bob.browser.run(&path("[data-testid='circle'] .audience-sign")).await, on_post);
    bob.sees("circle-count", "1 person").await;
    alice.browser.close().await;
    bob.browser.close().await;
}
