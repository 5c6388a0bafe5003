//! Profiles: what somebody wrote, in parts.

use super::*;
use crate::profile::id;

async fn a_profile_has_parts(size: (u32, u32), name: &str) {
    let alice = Person::welcomed("Alice", size).await;
    let me = alice.node.persona();
    alice.goes_to(&format!("/person/{me}")).await;
    alice.browser.find("no-posts").await;
    alice.browser.click("part-comments").await;
    alice.browser.find("no-comments").await;
    alice.browser.click("part-pictures").await;
    alice.browser.find("no-pictures").await;
    alice.page_is_sound(&format!("{name}-profile-empty")).await;

    alice.posts_pictures("Two of the harbour", &["Grey water", "A mast"]);
    alice.posts_pictures("And the mill", &["The mill at noon"]);
    let post = id(&alice.node.json(&["post", "Only words"]));
    let comment = id(&alice.node.json(&["comment", &post, "And a few more"]));
    alice
        .browser
        .until("document.querySelectorAll(\"[data-testid='gallery'] [data-testid='picture']\").length === 3")
        .await;
    alice
        .browser
        .until("[...document.querySelectorAll(\"[data-testid='gallery'] img\")].every((e) => e.naturalWidth > 0)")
        .await;
    // The count is true by now.
    alice.browser.until("document.querySelector(\"[data-testid='profile']\").textContent.replace(/[\\u2068\\u2069]/g, '').includes('3 posts')").await;
    alice.page_is_sound(&format!("{name}-gallery")).await;
    alice.browser.run("document.querySelector(\"[data-testid='gallery'] [data-testid='picture-open']\").click()").await;
    alice.browser.find("viewer").await;
    alice.press("\u{e00c}").await;
    alice.none("viewer").await;
    alice.browser.until(&format!("{AT}.startsWith('picture-gallery-')")).await;

    alice.browser.click("part-comments").await;
    alice.sees("person-comment", "And a few more").await;
    alice.sees_no("person-comment", "Only words").await;
    alice.page_is_sound(&format!("{name}-said")).await;
    alice.click_in("person-comment", "And a few more", "kept-open").await;
    alice.browser.until(&format!("location.pathname === '/post/{post}/{comment}'")).await;
    alice.browser.until(&format!("document.activeElement.dataset.comment === '{comment}'")).await;
    // One comes back to the same part.
    alice.browser.click("back").await;
    alice.sees("person-comment", "And a few more").await;
    alice.browser.click("part-posts").await;
    alice.browser.until(&format!(
        "{}?.closest(\"[data-testid='person-posts']\")", 
        "[...document.querySelectorAll(\".pane-detail [data-testid='post']\")].find((e) => e.textContent.includes('And the mill'))"
    ))
    .await;
    alice.page_is_sound(&format!("{name}-profile-posts")).await;
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_has_parts_on_a_phone() {
    a_profile_has_parts((390, 844), "phone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_has_parts_at_a_desk() {
    a_profile_has_parts((1280, 800), "desk").await;
}
