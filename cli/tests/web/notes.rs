//! Notes about people: one is added, edited and taken away on the page of whom it is about.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_note_about_somebody_is_added_edited_and_taken_away_in_place() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (390, 844)), Person::welcomed("Bob", (1280, 800)));
    alice.follows(&bob);
    let bobs = bob.node.persona();
    alice.goes_to(&format!("/person/{bobs}")).await;
    alice.browser.click("person-note-edit").await;
    // The field has the keyboard, and an arrow or a letter in it is text.
    alice.browser.until("document.activeElement.dataset.testid === 'person-note-input'").await;
    alice.browser.type_in("person-note-input", "Met at the harbour <b>j</b>").await;
    alice.page_is_sound("phone-note-form").await;
    alice.browser.click("person-note-save").await;
    alice.sees("person-note", "Met at the harbour <b>j</b>").await;
    alice.browser.until("document.activeElement.dataset.testid === 'person-note-edit'").await;
    alice.page_is_sound("phone-note").await;
    let noted = |note: &str| serde_json::json!({ "persona": bobs, "by": alice.node.persona(), "by_name": "Alice", "note": note });
    assert_eq!(alice.node.json(&["note", &bobs]), noted("Met at the harbour <b>j</b>"));
    // What is noted elsewhere is seen here.
    alice.node.json(&["note", &bobs, "Knows all the herons"]);
    alice.sees("person-note", "Knows all the herons").await;
    // Nobody else has it: neither whom it is about, nor the page of Alice for others.
    assert_eq!(bob.node.json(&["note", &alice.node.persona()])["note"], Value::Null);
    assert_eq!(bob.node.json(&["search", "herons"]), serde_json::json!([]));
    alice.browser.click("person-note-edit").await;
    // All of it is marked, and deleted.
    alice.browser.type_in("person-note-input", "\u{e009}a\u{e009}\u{e003}").await;
    alice.browser.until("document.querySelector(\"[data-testid='person-note-input']\").value === ''").await;
    alice.browser.click("person-note-save").await;
    alice.none("person-note").await;
    assert_eq!(alice.node.json(&["note", &bobs])["note"], Value::Null);
    alice.browser.close().await;
    bob.browser.close().await;
}
