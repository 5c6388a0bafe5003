//! A persona that is kept separate: screens of its own with a clear sign, hidden behind a passphrase, shown again, deleted.

use super::*;

impl Person {
    /// At the settings, where it makes one that is kept separate.
    async fn makes_separate(&self, name: &str) {
        self.browser.click("nav-settings").await;
        self.browser.type_in("persona-name", name).await;
        self.browser.click("persona-separate").await;
        self.browser.click("persona-name-add").await;
        self.sees("persona-apart", name).await;
    }

    async fn posts_to_all(&self, said: &str) {
        self.browser.type_in("composer-text", said).await;
        self.chooses_audience(None).await;
        self.browser.click("audience-done").await;
        self.browser.click("composer-send").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_separate_persona_has_screens_of_its_own_and_a_clear_sign() {
    let alice = Person::welcomed("Alice", (1280, 800)).await;
    alice.can_undo_for("off").await;
    alice.node.json(&["post", "By Alice"]);
    alice.sees_post_text("By Alice").await;
    alice.makes_separate("Night").await;
    alice.page_is_sound("desk-apart").await;
    assert_eq!(alice.count("persona-chip").await, 0, "it writes nothing among the others");

    alice.browser.click("apart-go").await;
    alice.sees("apart-bar", "Night").await;
    alice.browser.find("composer-text").await;
    assert_eq!(alice.count("post").await, 0, "nothing of the others is seen");
    let picture = alice.node.root.path().join("lamps.jpg");
    jpeg_with_exif(&picture, "SecretCamera 51.5N");
    alice.browser.type_in("composer-attach", picture.to_str().unwrap()).await;
    alice.browser.type_in("composer-alt", "Lamps in the rain").await;
    alice.posts_to_all("By Night").await;
    alice.sees_post("By Night").await;
    alice.page_is_sound("desk-apart-inside").await;
    let list = alice.node.json(&["persona", "list"]);
    let night = list.as_array().unwrap().iter().find(|persona| persona["name"] == "Night").unwrap();
    let feed = alice.node.json(&["feed", "--persona", &text(&night["id"])]);
    assert_eq!((&feed[0]["text"], &feed[0]["author"]), (&Value::from("By Night"), &night["id"]));

    // After a reload those of the profile are there again, and the switch leads both ways.
    alice.browser.client.refresh().await.unwrap();
    alice.sees_post_text("By Alice").await;
    alice.none("apart-bar").await;
    assert!(!text(&alice.browser.run("return document.body.textContent").await).contains("By Night"));
    alice.browser.click("persona-switch").await;
    alice.page_is_sound("desk-apart-switch").await;
    alice.browser.until(&with_text("switch-persona", "Night")).await;
    alice.clicks("switch-persona", "Night").await;
    alice.sees("apart-bar", "Night").await;
    alice.sees_post("By Night").await;
    alice.browser.click("apart-leave").await;
    alice.none("apart-bar").await;
    alice.sees_post_text("By Alice").await;
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_separate_persona_is_hidden_shown_and_deleted() {
    let alice = Person::welcomed("Alice", (390, 844)).await;
    alice.browser.click("nav-profile").await;
    alice.browser.click("profile-settings").await;
    alice.browser.type_in("persona-name", "Night").await;
    alice.browser.click("persona-separate").await;
    alice.browser.click("persona-name-add").await;
    alice.sees("persona-apart", "Night").await;
    alice.page_is_sound("phone-apart").await;

    // From its own screens, which end with that.
    alice.browser.click("apart-go").await;
    alice.sees("apart-bar", "Night").await;
    alice.page_is_sound("phone-apart-inside").await;
    alice.browser.click("nav-profile").await;
    alice.browser.click("profile-settings").await;
    alice.browser.click("persona-edit").await;
    alice.browser.click("persona-hide").await;
    alice.browser.type_in("hide-passphrase", "lamp oil and matches").await;
    alice.browser.type_in("hide-again", "lamp oil").await;
    alice.browser.find("hide-differs").await;
    alice.page_is_sound("phone-apart-hide").await;
    alice.browser.type_in("hide-again", " and matches").await;
    alice.browser.click("hide-go").await;
    alice.none("apart-bar").await;
    alice.none("persona-switch").await;
    assert!(!alice.node.json(&["persona", "list"]).to_string().contains("Night"));

    alice.browser.click("nav-profile").await;
    alice.browser.click("profile-settings").await;
    alice.browser.find("unhide").await;
    assert_eq!(alice.count("persona-apart").await, 0);
    alice.browser.type_in("unhide", "wrong").await;
    alice.browser.click("unhide-go").await;
    alice.browser.find("unhide-error").await;
    alice.browser.find("unhide").await.clear().await.unwrap();
    alice.browser.type_in("unhide", "lamp oil and matches").await;
    alice.browser.click("unhide-go").await;
    alice.sees("persona-apart", "Night").await;
    alice.sees("persona-apart", "until you hide it again").await;

    // Deleted only by its name, and after the choice of what becomes of what it said.
    alice.browser.click("persona-delete").await;
    alice.browser.type_in("delete-name", "Nigh").await;
    alice.browser.click("delete-content-delete").await;
    let can = "!document.querySelector(\"[data-testid='delete-go']\").disabled";
    assert_eq!(alice.browser.run(&format!("return {can}")).await, false);
    alice.page_is_sound("phone-apart-delete").await;
    alice.browser.type_in("delete-name", "t").await;
    alice.browser.until(can).await;
    alice.browser.click("delete-go").await;
    alice.none("persona-apart").await;
    assert!(!alice.node.json(&["persona", "list"]).to_string().contains("Night"));
    alice.browser.close().await;
}
