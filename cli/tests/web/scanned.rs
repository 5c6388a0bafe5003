//! A code that one page shows, in a picture, given to the field of another.

use super::*;

/// The value of a field.
fn value(testid: &str) -> String {
    format!("document.querySelector(\"[data-testid='{testid}']\").value")
}

impl Person {
    /// A picture of the code of their invite, which stays on the screen, and its text.
    async fn shows_an_invite(&self) -> (Vec<u8>, String) {
        self.browser.click("nav-people").await;
        self.browser.until(&format!("{}.length > 20", value("invite-link"))).await;
        self.browser.click("invite-code").await;
        self.browser.until("document.querySelector('.qr path')").await;
        let code = self.browser.client.find(fantoccini::Locator::Css(".qr")).await.unwrap();
        let invite = text(&self.browser.run(&format!("return {}", value("invite-link"))).await);
        (code.screenshot().await.unwrap(), invite)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_comes_out_of_a_picture_and_waits_for_its_user() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    let (shown, invite) = bob.shows_an_invite().await;
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
    // The page's own camera takes its place where the browser has one: here it has none.
    assert_eq!(alice.browser.run("return document.documentElement.hasAttribute('data-camera')").await, false);
    alice.browser.close().await;
    bob.browser.close().await;
}

/// Of a film, a second.
const FRAMES: usize = 10;
/// So many of its frames show a wall before the picture comes.
const WALL: usize = 12;

/// A film (YUV4MPEG2, 640 x 480) in which somebody holds a picture before the camera.
fn film(picture: &[u8]) -> Vec<u8> {
    let (width, height) = (640, 480);
    let held =
        image::load_from_memory(picture).unwrap().resize(440, 440, image::imageops::FilterType::Triangle).to_luma8();
    let wall = image::GrayImage::from_pixel(width, height, image::Luma([150]));
    let mut shown = wall.clone();
    image::imageops::overlay(&mut shown, &held, 90, 20);
    let mut film = format!("YUV4MPEG2 W{width} H{height} F{FRAMES}:1 Ip A0:0 C420jpeg\n").into_bytes();
    for frame in 0..3 * WALL {
        film.extend(b"FRAME\n");
        film.extend(if frame < WALL { wall.as_raw() } else { shown.as_raw() });
        // No colour.
        film.resize(film.len() + (width * height / 2) as usize, 128);
    }
    film
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_is_held_before_a_camera_and_waits_for_its_user() {
    let bob = Person::welcomed("Bob", (390, 844)).await;
    let (shown, invite) = bob.shows_an_invite().await;
    let room = bob.node.root.path().join("room.y4m");
    std::fs::write(&room, film(&shown)).unwrap();

    let browser = Browser::start_filming(1280, 800, &room).await;
    let alice = Person::named("Alice", Person::arrived_in(browser).await).await;
    alice.browser.click("nav-people").await;
    alice.browser.until("getComputedStyle(document.querySelector('.scan-live')).display !== 'none'").await;
    let camera = "return getComputedStyle(document.querySelector('.scan-camera')).display";
    assert_eq!(alice.browser.run(camera).await, "none");

    // Escape lets the camera go, and the keyboard goes back to the button.
    let keep = "const film = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices); window.films = [];
        navigator.mediaDevices.getUserMedia = async (asked) => {
            window.asked = asked; const got = await film(asked); window.films.push(got); return got; }";
    alice.browser.run(keep).await;
    let live = |nth: usize| format!("window.films[{nth}]?.getTracks()[0].readyState");
    alice.browser.run("document.querySelector(\"[data-testid='follow-input-live']\").focus()").await;
    alice.browser.click("follow-input-live").await;
    alice.browser.until(&format!("{} === 'live'", live(0))).await;
    assert_eq!(alice.browser.run("return 'audio' in window.asked").await, false, "nobody listens");
    alice.page_is_sound("desk-camera").await;
    alice.press("\u{e00c}").await;
    alice.browser.until(&format!("{} === 'ended'", live(0))).await;
    alice.none("camera-sheet").await;
    alice.browser.until("document.activeElement?.dataset.testid === 'follow-input-live'").await;
    assert_eq!(alice.browser.run(&format!("return {}", value("follow-input"))).await, "");

    // Where nobody looks nothing is filmed.
    alice.browser.click("follow-input-live").await;
    alice.browser.until(&format!("{} === 'live'", live(1))).await;
    let away = "Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
        document.dispatchEvent(new Event('visibilitychange')); delete document.hidden";
    alice.browser.run(away).await;
    alice.browser.until(&format!("{} === 'ended'", live(1))).await;
    alice.none("camera-sheet").await;
    alice.none("follow-input-picture-error").await;

    // A camera that somebody else has, or that is not allowed, says what can be done instead.
    let taken = "window.given = navigator.mediaDevices.getUserMedia;
        navigator.mediaDevices.getUserMedia = async () => { throw new Error('taken') }";
    alice.browser.run(taken).await;
    alice.browser.click("follow-input-live").await;
    alice.sees("follow-input-picture-error", "Allow it for this page").await;
    alice.none("camera-sheet").await;
    alice.browser.run("navigator.mediaDevices.getUserMedia = window.given").await;

    // The wall is looked at until the code is held before it; then its text stands in the field, and nothing is done.
    alice.browser.click("follow-input-live").await;
    alice.browser.until(&format!("{} === '{invite}'", value("follow-input"))).await;
    alice.none("camera-sheet").await;
    alice.none("follow-input-picture-error").await;
    alice.browser.until(&format!("{} === 'ended'", live(2))).await;
    assert_eq!(alice.node.json(&["follows"]), serde_json::json!([]));
    alice.browser.click("follow-go").await;
    alice.browser.until("location.pathname.startsWith('/person/')").await;
    assert_eq!(alice.node.json(&["follows"])[0]["persona"], bob.node.json(&["persona", "list"])[0]["id"]);
    alice.browser.close().await;
    bob.browser.close().await;
}
