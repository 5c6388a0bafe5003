//! Two newcomers with a browser each, at a desk and on a phone: from the welcome to each other's posts, each over the
//! web page of a node of their own, both on loopback and `--offline`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/browser.rs"]
mod browser;
#[path = "support/profile.rs"]
mod profile;

use std::path::PathBuf;

use browser::Browser;
use profile::{Profile, jpeg_with_exif, text};
use serde_json::Value;

/// A node without a persona, its page in a browser.
struct Person {
    node: Profile,
    browser: Browser,
}

impl Person {
    async fn welcomed(name: &str, (width, height): (u32, u32)) -> Self {
        let mut node = Profile::empty();
        let status = node.run(&["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
        let login = text(&status["web"]["login"]);
        let browser = Browser::start(width, height).await;
        browser.client.goto(&login).await.unwrap();
        browser.type_in("welcome-name", name).await;
        browser.click("welcome-go").await;
        browser.find("composer-text").await;
        assert_ne!(text(&node.json(&["status"])["web"]["login"]), login, "a link works once");
        Self { node, browser }
    }

    /// Waits for a post with this text, its picture drawn.
    async fn sees_post(&self, said: &str) {
        let post = with_text("post", said);
        let drawn = "post?.querySelector('img[src^=\"/media/\"]')?.naturalWidth > 0";
        // Pictures below the edge are not loaded yet.
        self.browser.until(&format!("((post) => (post?.scrollIntoView(), {drawn}))({post})")).await;
    }

    async fn opens_post(&self, said: &str) {
        self.browser
            .run(&format!("{}.querySelector(\"[data-testid='post-open']\").click()", with_text("post", said)))
            .await;
        self.browser.find("thread").await;
        self.browser.until("location.pathname.startsWith('/post/')").await;
    }

    /// What a page must keep to at any size: nothing wider than the screen, nothing that its policy had to stop.
    async fn page_is_sound(&self, name: &str) {
        let wide = self.browser.run("return document.documentElement.scrollWidth > innerWidth").await;
        assert_eq!(wide, Value::Bool(false), "{name}: wider than the screen");
        let console = self.browser.console().await;
        assert!(!console.contains("Content Security Policy"), "{name}: {console}");
        if let Some(folder) = std::env::var_os("KITH_SCREENSHOTS") {
            self.browser.screenshot(&PathBuf::from(folder).join(format!("web-{name}.png"))).await;
        }
    }
}

/// A script that finds the element with this id that holds this text.
fn with_text(testid: &str, said: &str) -> String {
    format!(
        "[...document.querySelectorAll(\"[data-testid='{testid}']\")].find((e) => e.textContent.includes('{said}'))"
    )
}

async fn two_newcomers_meet(size: (u32, u32), device: &str) {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", size), Person::welcomed("Bob", size));

    let picture = alice.node.root.path().join("harbour.jpg");
    jpeg_with_exif(&picture, "SecretCamera 51.5N");
    alice.browser.type_in("composer-text", "Fog over the harbour").await;
    alice.browser.type_in("composer-attach", picture.to_str().unwrap()).await;
    alice.browser.type_in("composer-alt", "Grey water, two masts").await;
    alice.browser.click("composer-send").await;
    alice.sees_post("Fog over the harbour").await;
    alice.page_is_sound(&format!("{device}-feed")).await;

    alice.browser.click("nav-people").await;
    alice.browser.until("document.querySelector(\"[data-testid='invite-link']\").value.length > 20").await;
    let invite = alice.browser.run("return document.querySelector(\"[data-testid='invite-link']\").value").await;
    alice.page_is_sound(&format!("{device}-people")).await;

    bob.browser.click("nav-people").await;
    bob.browser.type_in("follow-input", &text(&invite)).await;
    bob.browser.click("follow-go").await;
    bob.browser.click("nav-home").await;
    bob.sees_post("Fog over the harbour").await;
    bob.opens_post("Fog over the harbour").await;
    bob.browser.type_in("comment-text", "Which harbour is it?").await;
    bob.browser.click("comment-send").await;
    bob.browser.until(&with_text("comment", "Which harbour is it?")).await;
    bob.page_is_sound(&format!("{device}-post")).await;

    alice.browser.click("nav-home").await;
    alice.opens_post("Fog over the harbour").await;
    alice
        .browser
        .until(&format!("{}?.textContent.includes('Bob')", with_text("comment", "Which harbour is it?")))
        .await;
    alice.page_is_sound(&format!("{device}-comment")).await;

    // What the pages wrote is what the commands read.
    let feed = bob.node.json(&["feed"]);
    assert_eq!(feed[0]["text"], "Fog over the harbour");
    assert_eq!(feed[0]["attachments"][0]["alt"], "Grey water, two masts");
    alice.browser.close().await;
    bob.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_newcomers_meet_at_a_desk() {
    two_newcomers_meet((1280, 800), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_newcomers_meet_on_phones() {
    two_newcomers_meet((390, 844), "phone").await;
}
