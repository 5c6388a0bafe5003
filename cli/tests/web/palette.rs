//! The command palette, by the keyboard alone; and single keys that are switched off.

use super::*;

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";
const HOME: &str = "\u{e011}";
const END: &str = "\u{e010}";
const TAB: &str = "\u{e004}";
/// Ctrl is held, k pressed, and Ctrl let go.
const PALETTE: &str = "\u{e009}k\u{e000}";
/// The row that the field names as the active one.
const ACTIVE: &str = "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))";
const FIELD: &str = "document.activeElement.dataset.testid === 'palette-input'";

impl Person {
    /// Opens the palette from wherever the keyboard is, and types.
    async fn calls(&self, typed: &str) {
        self.press(PALETTE).await;
        self.browser.until(FIELD).await;
        if !typed.is_empty() {
            self.press(typed).await;
        }
    }

    /// Waits until the active row is this one, and is seen.
    async fn is_at(&self, kind: &str, said: &str) {
        let seen = "((box, list) => box.top >= list.top - 1 && box.bottom <= list.bottom + 1)(
            row.getBoundingClientRect(), row.parentElement.getBoundingClientRect())";
        let row = format!(
            "((row) => row && row.ariaSelected === 'true' && row.dataset.kind === '{kind}'
                && row.textContent.includes('{said}') && {seen})({ACTIVE})"
        );
        self.browser.until(&row).await;
    }

    async fn comes_to(&self, path: &str) {
        self.browser.until(&format!("/^{}$/.test(location.pathname)", path.replace('/', "\\/"))).await;
        self.none("palette-sheet").await;
    }
}

async fn the_palette_leads_everywhere(size: (u32, u32), device: &str) {
    let mut bob = Profile::init("Bob");
    bob.run(&["--listen", "127.0.0.1:0"]);
    let alice = Person::welcomed("Alice", size).await;
    alice.node.follow(&bob);
    alice.node.json(&["dm", &bob.persona(), "Hello Bob"]);
    alice.node.json(&["persona", "create", "Night"]);

    // From the middle of a text, and back into it.
    alice.browser.run("document.getElementById('compose').focus()").await;
    alice.press("half a thought").await;
    alice.calls("").await;
    // People and conversations are read meanwhile.
    alice.browser.until(&with_text("palette-row", "Bob")).await;
    alice.browser.until("document.getAnimations().length === 0").await;
    alice.page_is_sound(&format!("{device}-palette")).await;
    alice.press(ESCAPE).await;
    alice.none("palette-sheet").await;
    alice.browser.until(&format!("{AT} === 'compose' && document.activeElement.value === 'half a thought'")).await;
    assert_eq!(alice.browser.run("return location.pathname").await, "/");
    // The same key closes it.
    alice.calls("").await;
    alice.press(PALETTE).await;
    alice.none("palette-sheet").await;
    alice.browser.until(&format!("{AT} === 'compose'")).await;

    // Arrows go round, and Home and End to its ends.
    alice.calls("").await;
    alice.is_at("key", "").await;
    let first = format!("{ACTIVE} === document.querySelector(\"[data-testid='palette-row']\")");
    let last = format!("{ACTIVE} === [...document.querySelectorAll(\"[data-testid='palette-row']\")].at(-1)");
    for (key, there) in [(UP, &last), (DOWN, &first), (END, &last), (HOME, &first)] {
        alice.press(key).await;
        alice.browser.until(there).await;
    }
    alice.press("zzzz").await;
    alice.none("palette-row").await;
    alice.browser.until(&with_text("palette-count", "Nothing here")).await;
    alice.page_is_sound(&format!("{device}-palette-none")).await;
    // Enter means nothing then, and what is typed is looked for anew.
    alice.press(ENTER).await;
    alice.press("\u{e003}\u{e003}\u{e003}\u{e003}devi").await;
    alice.is_at("place", "Devices").await;
    alice.press(ENTER).await;
    alice.comes_to("/devices").await;

    // To a person and to the conversation with them, wherever the keyboard was left.
    alice.calls("bOB").await;
    alice.is_at("person", "Bob").await;
    alice.press(ENTER).await;
    alice.comes_to("/person/[0-9a-f]{64}").await;
    alice.calls("bob").await;
    alice.is_at("person", "Bob").await;
    alice.press(DOWN).await;
    alice.is_at("chat", "Bob").await;
    alice.press(ENTER).await;
    alice.comes_to("/messages/[0-9a-f]{64}").await;

    // What a key does, too: here the sheet, which names the palette's own.
    alice.calls("show all keys").await;
    alice.is_at("key", "Show all keys").await;
    alice.press(ENTER).await;
    alice.browser.until(&with_text("key-sheet", "Open the command palette")).await;
    alice.none("palette-sheet").await;
    // It rests while something else is open.
    alice.press(PALETTE).await;
    alice.press(ESCAPE).await;
    alice.none("key-sheet").await;
    alice.none("palette-sheet").await;

    // Another persona writes from now on.
    alice.calls("night").await;
    alice.is_at("persona", "Night").await;
    alice.press(ENTER).await;
    alice.none("palette-sheet").await;
    let writes =
        |list: &Value| list.as_array().unwrap().iter().any(|it| it["name"] == "Night" && it["default"] == true);
    alice.node.until(&["persona", "list"], browser::PATIENCE, writes);
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_palette_leads_everywhere_at_a_desk() {
    the_palette_leads_everywhere((1280, 800), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_palette_leads_everywhere_on_a_phone() {
    the_palette_leads_everywhere((360, 740), "phone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn single_keys_do_nothing_once_they_are_switched_off() {
    let alice = Person::welcomed("Alice", (1280, 800)).await;
    alice.calls("settings").await;
    alice.is_at("key", "Go to the settings").await;
    alice.press(ENTER).await;
    alice.comes_to("/settings").await;
    // By Tab alone it is reached, and the space bar turns it.
    alice.browser.find("settings-single-keys").await;
    let there = "return document.activeElement.dataset.testid === 'settings-single-keys'";
    for _ in 0..200 {
        if alice.browser.run(there).await == true {
            break;
        }
        alice.press(TAB).await;
    }
    assert_eq!(alice.browser.run(there).await, true, "Tab leads to the switch");
    alice.press(" ").await;
    alice.browser.until("!document.activeElement.checked").await;

    for reloaded in [false, true] {
        if reloaded {
            alice.browser.client.refresh().await.unwrap();
            alice.browser.until("document.documentElement.dataset.connected").await;
            alice
                .browser
                .until("document.querySelector(\"[data-testid='settings-single-keys']\")?.checked === false")
                .await;
        }
        alice.browser.run("document.activeElement.blur()").await;
        for keys in ["gh", "n", "/", "."] {
            alice.press(keys).await;
        }
        // Keys are heard one after the other: these were, when this one was. It tells that they are off.
        alice.press("?").await;
        alice.browser.until(&with_text("keys-state", "switched off")).await;
        assert_eq!(alice.browser.run("return location.pathname").await, "/settings");
        // Four that are held, and the six of conversations, which are no letters.
        assert_eq!(alice.browser.run("return document.querySelectorAll('.keys dt').length").await, 4 + 6);
        alice.browser.until("document.getAnimations().length === 0").await;
        alice.page_is_sound("desk-keys-off").await;
        alice.press(ESCAPE).await;
        alice.none("key-sheet").await;
        assert_eq!(alice.browser.run("return location.pathname").await, "/settings", "Escape closed the sheet only");
    }

    // Keys that are held with Ctrl go on.
    alice.calls("go home").await;
    alice.is_at("key", "Go home").await;
    alice.press(ENTER).await;
    alice.comes_to("/").await;
    alice.browser.close().await;
}
