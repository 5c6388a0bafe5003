//! A code that one page shows, in a picture, given to the field of another.

use super::*;

/// The value of a field.
fn value(testid: &str) -> String {
    format!("document.querySelector(\"[data-testid='{testid}']\").value")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_comes_out_of_a_picture_and_waits_for_its_user() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    bob.browser.click("nav-people").await;
    bob.browser.until(&format!("{}.length > 20", value("invite-link"))).await;
    bob.browser.click("invite-code").await;
    bob.browser.until("document.querySelector('.qr path')").await;
    let shown = bob.browser.client.find(fantoccini::Locator::Css(".qr")).await.unwrap().screenshot().await.unwrap();
    let invite = text(&bob.browser.run(&format!("return {}", value("invite-link"))).await);
    let (code, lamps) = (alice.node.root.path().join("code.png"), alice.node.root.path().join("lamps.jpg"));
    std::fs::write(&code, &shown).unwrap();
    jpeg_with_exif(&lamps, "SecretCamera 51.5N");

    // A picture without one says so, and what is typed then takes that away.
    alice.browser.click("nav-people").await;
    alice.browser.type_in("follow-input-picture", lamps.to_str().unwrap()).await;
    alice.sees("follow-input-picture-error", "No QR code").await;
    alice.page_is_sound("desk-scan-none").await;
    alice.browser.type_in("follow-input", "kith").await;
    alice.none("follow-input-picture-error").await;

    // Its text stands in the field, and nobody is followed before the button is pressed.
    alice.browser.type_in("follow-input-picture", code.to_str().unwrap()).await;
    alice.browser.until(&format!("{} === '{invite}'", value("follow-input"))).await;
    alice.page_is_sound("desk-scan").await;
    assert_eq!(alice.node.json(&["follows"]), serde_json::json!([]));
    alice.browser.click("follow-go").await;
    alice.browser.until("location.pathname.startsWith('/person/')").await;
    assert_eq!(alice.node.json(&["follows"])[0]["persona"], bob.node.json(&["persona", "list"])[0]["id"]);

    // Pasted, and in a terminal.
    alice.goes_to("/link").await;
    alice.browser.find("link-code-field").await;
    let paste = format!(
        "const bytes = Uint8Array.from(atob('{}'), (c) => c.charCodeAt(0)); const data = new DataTransfer();
         data.items.add(new File([bytes], 'code.png', {{ type: 'image/png' }}));
         document.querySelector(\"[data-testid='link-code-field']\").dispatchEvent(
             new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }}))",
        data_encoding::BASE64.encode(&shown)
    );
    alice.browser.run(&paste).await;
    alice.browser.until(&format!("{} === '{invite}'", value("link-code-field"))).await;
    bob.page_is_sound("phone-invite-code").await;
    assert_eq!(alice.node.json(&["qr", "code.png"])["text"], invite.as_str());
    alice.node.refused_as(&["qr", "lamps.jpg"], "no_code", 1);

    // Where a finger points, a camera is offered beside it.
    let camera = "return getComputedStyle(document.querySelector('.scan-camera')).display";
    assert_eq!(alice.browser.run(camera).await, "none");
    let touch = serde_json::json!({ "enabled": true, "maxTouchPoints": 1 });
    bob.browser.ask("Emulation.setTouchEmulationEnabled", touch).await;
    bob.browser.until("getComputedStyle(document.querySelector('.scan-camera')).display !== 'none'").await;
    assert_eq!(
        bob.browser.run("return document.querySelector('.scan-camera input').getAttribute('capture')").await,
        "environment"
    );
    bob.page_is_sound("phone-scan").await;
    alice.browser.close().await;
    bob.browser.close().await;
}
