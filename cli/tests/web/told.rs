//! What the page says is true: of the connection, of what is only here, and of what went wrong.

use super::*;

/// The words of an element, without the marks around values; none where it is not there.
fn words(testid: &str) -> String {
    format!(
        "(document.querySelector(\"[data-testid='{testid}']\")?.textContent ?? '').replace(/[\\u2068\\u2069]/g, '')"
    )
}

impl Person {
    async fn says(&self, testid: &str, said: &str) {
        self.browser.until(&format!("{}.includes(\"{said}\")", words(testid))).await;
    }

    /// Drops a file with this name, type and content onto the element; whether somebody took it.
    async fn drops(&self, onto: &str, name: &str, mime: &str, make: &str) -> bool {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             const drop = (content) => {{
                 const data = new DataTransfer();
                 data.items.add(new File([content], '{name}', {{ type: '{mime}' }}));
                 const tell = (type) => document.querySelector(\"{onto}\").dispatchEvent(
                     new DragEvent(type, {{ dataTransfer: data, bubbles: true, cancelable: true }}));
                 tell('dragover');
                 const marked = Boolean(document.querySelector('[data-dragging]'));
                 done([marked, !tell('drop'), Boolean(document.querySelector('[data-dragging]'))]);
             }};
             {make}"
        );
        let told = self.browser.client.execute_async(&script, Vec::new()).await.unwrap();
        assert_eq!(told[0], true, "the place is marked while something hovers above it");
        assert_eq!(told[2], false, "and no more when it was dropped");
        told[1] == true
    }
}

const PICTURE: &str = "const picture = document.createElement('canvas'); picture.width = picture.height = 48;
    picture.toBlob(drop);";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_to_be_up_to_date_while_nobody_is_there() {
    let (mut alice, mut bob) =
        tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    alice.node.json(&["post", "Fog over the harbour"]);
    bob.says("network", "0 online").await;
    bob.browser.click("network").await;
    bob.says("network-state", "No other device is connected").await;
    bob.press("\u{e00c}").await;
    bob.none("network-sheet").await;

    let invite = text(&alice.node.json(&["invite"])["invite"]);
    bob.node.json(&["follow", &invite]);
    bob.sees_post_text("Fog over the harbour").await;
    bob.says("network", "1 online").await;
    bob.browser.click("network").await;
    bob.says("network-state", "directly to 1 device").await;
    bob.browser
        .until(&format!("!{0}.includes('Nothing has come') && {0}.includes('Up to date')", words("network-news")))
        .await;

    // The other device goes: the open sheet follows, and claims no more than was.
    alice.node.stop();
    bob.says("network-state", "No other device is connected").await;
    bob.says("network-news", "Up to date as of").await;
    bob.says("network-news", "comes when somebody is connected").await;
    bob.browser.until("document.getAnimations().length === 0").await;
    bob.page_is_sound("phone-alone").await;
    bob.press("\u{e00c}").await;
    bob.says("network", "0 online").await;
    bob.browser.click("nav-people").await;
    bob.says("follow-row", "Up to date as of").await;

    // What is written now is here only, and says so.
    bob.node.json(&["post", "Alone with the fog"]);
    bob.browser.click("nav-home").await;
    bob.says("held-by", "No other copy known").await;
    bob.browser.click("network").await;
    bob.says("network-mine", "1 of your latest posts may be only on this device").await;
    bob.press("\u{e00c}").await;

    // Without its own node the page knows nothing of connections any more, and says so.
    let shown = "getComputedStyle(document.querySelector(\"[data-testid='network-lost']\")).display !== 'none'";
    assert_eq!(bob.browser.run(&format!("return {shown}")).await, false);
    bob.node.stop();
    bob.browser.until(shown).await;
    bob.page_is_sound("phone-node-gone").await;
    alice.browser.close().await;
    bob.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_wrong_is_told_and_goes_with_its_cause() {
    let alice = Person::welcomed("Alice", (390, 844)).await;
    alice.node.json(&["post", "The first line"]);

    // Who edits goes on at the end.
    alice.sees_post_text("The first line").await;
    alice.browser.click("post-menu").await;
    alice.browser.click("post-edit").await;
    alice.browser.until("document.activeElement.dataset.testid === 'edit-text'").await;
    alice.press(" goes on").await;
    alice.browser.click("edit-save").await;
    alice.sees_post_text("The first line goes on").await;

    // What is no picture is refused; the reason goes away by hand, with another choice, and with a picture taken out.
    assert!(alice.drops("#compose", "notes.txt", "text/plain", "drop('no picture')").await);
    alice.browser.find("composer-error").await;
    alice.page_is_sound("phone-no-picture").await;
    alice.browser.click("composer-error-close").await;
    alice.none("composer-error").await;
    assert!(alice.drops("#compose", "notes.txt", "text/plain", "drop('no picture')").await);
    alice.browser.find("composer-error").await;

    // Dropped where no place for pictures is near, a picture goes to the one that is on the screen.
    assert!(alice.drops("nav", "fog.png", "image/png", PICTURE).await);
    alice.browser.find("composer-alt").await;
    alice.none("composer-error").await;
    alice.browser.until("document.querySelector('.attached-picture img').naturalWidth === 48").await;
    assert!(alice.drops("#compose", "notes.txt", "text/plain", "drop('no picture')").await);
    alice.browser.find("composer-error").await;
    alice.browser.click("composer-remove-picture").await;
    alice.none("composer-error").await;
    alice.none("composer-alt").await;

    // A part of an id is no id; the field keeps it, and a line below says what it takes.
    alice.browser.click("nav-people").await;
    alice.browser.type_in("follow-input", "3f2a").await;
    alice.browser.click("follow-go").await;
    alice.says("follow-input-error", "neither an invite link nor the id of a profile").await;
    assert_eq!(
        alice.browser.run("return document.querySelector(\"[data-testid='follow-input']\").value").await,
        "3f2a"
    );
    alice.browser.type_in("follow-input", &"ab".repeat(30)).await;
    alice.none("follow-input-error").await;
    alice.browser.click("follow-go").await;
    alice.browser.until("location.pathname.startsWith('/person/')").await;
    alice.browser.close().await;
}
