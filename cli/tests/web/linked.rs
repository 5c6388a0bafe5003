//! A persona on two devices, each with a browser: linked at the first screen of the second one, and used on both.

use std::process::Stdio;

use super::*;
use crate::browser::PATIENCE;
use crate::profile::{id, ids};

impl Person {
    /// Gives all personas to a device at its first screen, by their pages.
    async fn links(&self, other: &Self, main: bool) {
        self.browser.click("nav-settings").await;
        self.browser.click("settings-link").await;
        if main {
            self.browser.click("link-main").await;
        }
        self.browser.click("link-offer").await;
        let code = self.browser.text("link-code").await;
        other.browser.click("welcome-link").await;
        other.browser.type_in("link-code-field", &code).await;
        other.browser.click("link-take").await;
        let digits = other.browser.text("link-digits").await;
        self.browser.type_in("link-digits-field", &digits).await;
        self.browser.click("link-digits-go").await;
        self.browser.find("link-linked").await;
        self.browser.click("link-done").await;
        other.browser.find("composer-text").await;
    }

    async fn opens_devices(&self) {
        let here = self.browser.client.current_url().await.unwrap();
        self.browser.client.goto(here.join("/devices").unwrap().as_str()).await.unwrap();
        self.browser.find("device").await;
    }

    /// What this device is called where others are called alike.
    fn called(&self) -> String {
        let devices = self.node.json(&["devices"]);
        let this = devices.as_array().unwrap().iter().find(|device| device["this"] == true).unwrap();
        format!("Linux {}", text(&this["id"]).chars().take(4).collect::<String>())
    }

    /// Clicks in the row of a device.
    async fn clicks_at(&self, device: &str, testid: &str) {
        let button = format!("{}?.querySelector(\"[data-testid='{testid}']\")", with_text("device", device));
        self.browser.until(&button).await;
        self.browser.run(&format!("{button}.click()")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_device_takes_a_code_and_goes_on_where_the_first_one_is() {
    let mut bob = Profile::init("Bob");
    bob.run_on_loopback(None);
    let (alice, phone) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::arrived((390, 844)));
    alice.node.follow(&bob);
    bob.follow(&alice.node);
    bob.meet(&alice.node);
    alice.node.meet(&bob);

    alice.browser.click("nav-settings").await;
    alice.browser.click("settings-link").await;
    alice.browser.click("link-history-all").await;
    alice.page_is_sound("desk-link").await;
    alice.browser.click("link-offer").await;
    alice.browser.find("link-code").await;
    // Another code that is shown takes its place, and this one says so.
    let mut other = alice.node.command(&["link", "offer"]);
    let mut other = other.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    alice.sees("link-failed", "Another code was shown").await;
    alice.page_is_sound("desk-link-replaced").await;
    other.kill().unwrap();
    other.wait().unwrap();
    alice.browser.click("link-again").await;
    alice.browser.click("link-history-all").await;
    alice.browser.click("link-offer").await;
    let code = alice.browser.text("link-code").await;
    alice.page_is_sound("desk-link-code").await;
    phone.browser.click("welcome-link").await;
    phone.browser.find("link-code-field").await;
    phone.page_is_sound("phone-link").await;
    // What is no code is said at its field.
    phone.browser.type_in("link-code-field", "kith:link/abc").await;
    phone.browser.click("link-take").await;
    phone.browser.find("link-code-field-error").await;
    phone.browser.find("link-code-field").await.clear().await.unwrap();
    phone.browser.type_in("link-code-field", &code).await;
    phone.browser.click("link-take").await;
    let digits = phone.browser.text("link-digits").await;
    phone.page_is_sound("phone-link-digits").await;
    alice.browser.find("link-digits-field").await;
    alice.page_is_sound("desk-link-digits").await;
    alice.browser.type_in("link-digits-field", &digits).await;
    alice.browser.click("link-digits-go").await;
    alice.browser.find("link-linked").await;
    alice.page_is_sound("desk-linked").await;
    alice.browser.click("link-done").await;
    phone.browser.find("composer-text").await;
    assert_eq!(phone.node.persona(), alice.node.persona());

    // A draft that is begun on the one is on the other.
    alice.browser.click("nav-home").await;
    alice.browser.type_in("composer-text", "half a thought").await;
    let field = "document.querySelector(\"[data-testid='composer-text']\").value";
    phone.browser.until(&format!("{field} === 'half a thought'")).await;
    // Also one that goes on there, while nothing is written here.
    phone.browser.type_in("composer-text", ", whole").await;
    alice.browser.until(&format!("{field} === 'half a thought, whole'")).await;
    // What is read on the one is read on the other. Bob knows the phone by what it wrote.
    let here = id(&phone.node.json(&["post", "here"]));
    bob.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&here));
    bob.json(&["dm", &alice.node.persona(), "Hello Alice"]);
    let unread = "document.querySelector(\"[data-testid='nav-unread']\")?.textContent === '1'";
    alice.browser.until(unread).await;
    phone.browser.until(unread).await;
    phone.browser.click("nav-messages").await;
    phone.sees("thread-row", "Hello Alice").await;
    alice.browser.click("nav-messages").await;
    alice.sees("thread-row", "Hello Alice").await;
    alice.clicks("thread-row", "Hello Alice").await;
    alice.none("nav-unread").await;
    phone.none("nav-unread").await;

    // A code that was used says so, and what to do.
    let here = phone.browser.client.current_url().await.unwrap();
    phone.browser.client.goto(here.join("/link").unwrap().as_str()).await.unwrap();
    phone.browser.type_in("link-code-field", &code).await;
    phone.browser.click("link-take").await;
    phone.sees("link-failed", "no longer good").await;
    phone.page_is_sound("phone-link-failed").await;
    phone.browser.click("link-again").await;
    phone.browser.find("link-code-field").await;
    alice.browser.close().await;
    phone.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_is_told_of_and_one_that_is_revoked_is_told_so() {
    let mut bob = Profile::init("Bob");
    bob.run_on_loopback(None);
    let (alice, phone, tablet) =
        tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::arrived((390, 844)), Person::arrived((700, 900)));
    alice.node.follow(&bob);
    bob.follow(&alice.node);
    bob.meet(&alice.node);
    alice.node.meet(&bob);
    alice.node.json(&["circle", "create", "Friends"]);
    alice.node.json(&["circle", "add", "Friends", &bob.persona()]);
    let sealed = id(&alice.node.json(&["post", "to Friends", "--circle", "Friends"]));
    bob.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&sealed));
    alice.links(&phone, false).await;
    assert_eq!(phone.count("device-new").await, 0, "who was linked with each other knows it");
    // Asked before the tablet comes: who lists devices has seen them.
    let [first, second] = [&alice, &phone].map(Person::called);
    alice.links(&tablet, false).await;
    let third = tablet.called();
    assert!(first != second && second != third && third != first, "{first}, {second}, {third}");

    // The phone alone is told, until somebody says that it is theirs. No two are called alike.
    phone.sees("device-new", &third).await;
    phone.page_is_sound("phone-device-new").await;
    assert_eq!(alice.count("device-new").await, 0);
    phone.browser.click("device-new-look").await;
    for name in [&first, &second, &third] {
        phone.sees("device-called", name).await;
    }
    phone.page_is_sound("phone-devices").await;
    assert_eq!(phone.count("device-revoke").await, 0, "it is no main device");

    // Called otherwise in its place, on all of them.
    alice.opens_devices().await;
    alice.clicks_at(&second, "device-rename").await;
    alice.browser.until(&format!("document.activeElement.value === '{second}'")).await;
    alice.press("\u{e009}a\u{e009}Old phone\u{e007}").await;
    for person in [&alice, &phone] {
        person.sees("device-called", "Old phone").await;
        // Its name does not go over to another one.
        person.sees("device-called", &third).await;
        person.sees_no("device-called", &second).await;
    }

    // Revoked: the question says what it does; the keys of the circle go anew to Bob.
    alice.clicks_at("Old phone", "device-revoke").await;
    alice.browser.find("device-revoke-confirm").await;
    alice.page_is_sound("desk-revoke").await;
    alice.browser.click("device-revoke-confirm").await;
    alice.sees("device-facts", "revoked").await;
    alice.browser.until("(({ all, done }) => all > 0 && all === done)(document.querySelector(\"[data-testid='devices-renewing']\")?.dataset ?? {})").await;
    alice.page_is_sound("desk-devices").await;
    phone.browser.click("back").await;
    phone.sees("device-out", "was revoked").await;
    phone.page_is_sound("phone-device-out").await;
    // What it writes now nobody takes; what it wrote before stays.
    phone.node.kith(&["post", "by the old phone"]);
    let later = id(&tablet.node.json(&["post", "by the tablet"]));
    bob.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&later));
    assert!(!bob.json(&["feed"]).to_string().contains("by the old phone"));
    for person in [alice, phone, tablet] {
        person.browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_main_device_is_taken_out_with_the_words() {
    let (alice, thief, tablet) =
        tokio::join!(Person::welcomed("Alice", (390, 844)), Person::arrived((1280, 800)), Person::arrived((700, 900)));
    let words = text(&alice.node.json(&["recovery", "phrase"])["phrase"]);
    alice.links(&thief, true).await;
    alice.links(&tablet, false).await;
    alice.opens_devices().await;
    let [first, second, third] = [&alice, &thief, &tablet].map(Person::called);
    for name in [&second, &third] {
        alice.sees("device-called", name).await;
    }
    alice.clicks_at(&second, "device-by-words").await;
    alice.browser.find("device-words-form").await;
    alice.page_is_sound("phone-devices-words").await;
    assert_eq!(alice.count("device-keep").await, 1);
    alice.browser.click("device-keep").await;
    // Other words do nothing.
    let (_, last) = words.rsplit_once(' ').unwrap();
    alice.browser.type_in("device-words", last).await;
    alice.browser.click("device-words-go").await;
    alice.browser.find("device-words-error").await;
    alice.browser.find("device-words").await.clear().await.unwrap();
    alice.browser.type_in("device-words", &words).await;
    alice.browser.click("device-words-go").await;
    alice.sees("device-facts", "revoked").await;
    let state = |device: &Value| (text(&device["name"]), device["main"] == true, device["revoked"] == true);
    let mut states: Vec<_> = alice.node.json(&["devices"]).as_array().unwrap().iter().map(state).collect();
    states.sort();
    let mut expected = [(first, true, false), (second, false, true), (third, false, false)];
    expected.sort();
    assert_eq!(states, expected);
    thief.sees("device-out", "was revoked").await;
    tablet.none("device-out").await;
    for person in [alice, thief, tablet] {
        person.browser.close().await;
    }
}
