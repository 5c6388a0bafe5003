//! Two newcomers with a browser each, at a desk and on a phone: from the welcome to each other's posts, each over the
//! web page of a node of their own, both on loopback and `--offline`.

#![cfg(unix)]
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "web/accessible.rs"]
mod accessible;
#[path = "web/again.rs"]
mod again;
#[path = "web/apart.rs"]
mod apart;
#[path = "support/browser.rs"]
mod browser;
#[path = "web/cards.rs"]
mod cards;
#[path = "web/circles.rs"]
mod circles;
#[path = "web/comments.rs"]
mod comments;
#[path = "web/drafts.rs"]
mod drafts;
#[path = "web/feeds.rs"]
mod feeds;
#[path = "web/files.rs"]
mod files;
#[path = "web/groups.rs"]
mod groups;
#[path = "web/hostile.rs"]
mod hostile;
#[path = "web/languages.rs"]
mod languages;
#[path = "web/linked.rs"]
mod linked;
#[path = "web/long.rs"]
mod long;
#[path = "support/many.rs"]
mod many;
#[path = "web/menus.rs"]
mod menus;
#[path = "web/messages.rs"]
mod messages;
#[path = "support/multicast.rs"]
mod multicast;
#[path = "web/near.rs"]
mod near;
#[path = "web/notes.rs"]
mod notes;
#[path = "web/notices.rs"]
mod notices;
#[path = "web/palette.rs"]
mod palette;
#[path = "web/personas.rs"]
mod personas;
#[path = "web/polls.rs"]
mod polls;
#[path = "support/profile.rs"]
mod profile;
#[path = "web/profiles.rs"]
mod profiles;
#[path = "web/published.rs"]
mod published;
#[path = "web/quotes.rs"]
mod quotes;
#[path = "web/reports.rs"]
mod reports;
#[path = "web/restored.rs"]
mod restored;
#[path = "web/scanned.rs"]
mod scanned;
#[path = "web/shared.rs"]
mod shared;
#[path = "web/threads.rs"]
mod threads;
#[path = "web/told.rs"]
mod told;
#[path = "web/verified.rs"]
mod verified;
#[path = "web/viewer.rs"]
mod viewer;
#[path = "web/writing.rs"]
mod writing;

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
    /// At the first screen.
    async fn arrived((width, height): (u32, u32)) -> Self {
        Self::arrived_in(Browser::start(width, height).await).await
    }

    async fn arrived_in(browser: Browser) -> Self {
        let mut node = Profile::empty();
        let status = node.run(&["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
        let login = text(&status["web"]["login"]);
        browser.client.goto(&login).await.unwrap();
        browser.find("welcome").await;
        assert_ne!(text(&node.json(&["status"])["web"]["login"]), login, "a link works once");
        Self { node, browser }
    }

    async fn welcomed(name: &str, size: (u32, u32)) -> Self {
        Self::named(name, Self::arrived(size).await).await
    }

    async fn named(name: &str, person: Self) -> Self {
        person.browser.type_in("welcome-name", name).await;
        person.browser.click("welcome-go").await;
        person.browser.find("composer-text").await;
        person
    }

    /// In a browser of their own, at the page of a profile that is there already.
    async fn returns(mut node: Profile, size: (u32, u32)) -> Self {
        let status = node.run(&["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
        let browser = Browser::start(size.0, size.1).await;
        browser.client.goto(&text(&status["web"]["login"])).await.unwrap();
        browser.find("feed").await;
        Self { node, browser }
    }

    /// Waits for a post with this text, its picture drawn.
    async fn sees_post(&self, said: &str) {
        let post = with_text("post", said);
        let drawn = "post?.querySelector('img[src^=\"/media/\"]')?.naturalWidth > 0";
        // Pictures below the edge are not loaded yet.
        self.browser.until(&format!("((post) => (post?.scrollIntoView(), {drawn}))({post})")).await;
    }

    async fn sees_post_text(&self, said: &str) {
        self.browser.until(&with_text("post", said)).await;
    }

    /// Clicks what says this, once it is there.
    async fn clicks(&self, testid: &str, said: &str) {
        let what = with_text(testid, said);
        self.browser.until(&what).await;
        self.browser.run(&format!("{what}.click()")).await;
    }

    async fn opens_post(&self, said: &str) {
        let what = format!("{}?.querySelector(\"[data-testid='post-open']\")", with_text("post", said));
        self.browser.until(&what).await;
        self.browser.run(&format!("{what}.click()")).await;
        self.browser.find("thread").await;
        self.browser.until("location.pathname.startsWith('/post/')").await;
    }

    async fn page_is_sound(&self, name: &str) {
        sound(&self.browser, name).await;
    }
}

/// What a page must keep to at any size: nothing wider than the screen, nothing that its policy had to stop, nothing that
/// keeps people out.
async fn sound(browser: &Browser, name: &str) {
    let wide = browser.run("return document.documentElement.scrollWidth > innerWidth").await;
    assert_eq!(wide, Value::Bool(false), "{name}: wider than the screen");
    let squeezed = "const nav = document.querySelector('.nav'); return nav ? nav.scrollWidth > nav.clientWidth : false";
    assert_eq!(browser.run(squeezed).await, Value::Bool(false), "{name}: the places are squeezed");
    let console = browser.console().await;
    assert!(console.starts_with("HTTP/1.1 200"), "{name}: the console was not read: {console:?}");
    assert!(!console.contains("Content Security Policy"), "{name}: {console}");
    accessible::accessible(browser, name).await;
    if let Some(folder) = std::env::var_os("KITH_SCREENSHOTS") {
        browser.screenshot(&PathBuf::from(folder).join(format!("web-{name}.png"))).await;
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
    alice.can_undo_for("off").await;

    let picture = alice.node.root.path().join("harbour.jpg");
    jpeg_with_exif(&picture, "SecretCamera 51.5N");
    alice.browser.type_in("composer-text", "Fog over the harbour").await;
    alice.browser.type_in("composer-attach", picture.to_str().unwrap()).await;
    alice.browser.type_in("composer-alt", "Grey water, two masts").await;
    alice.browser.click("composer-send").await;
    // The first post asks who can read it.
    alice.browser.click("audience-public").await;
    alice.browser.click("audience-done").await;
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

/// What has the keyboard, by its id.
const AT: &str = "document.activeElement.id";

impl Person {
    async fn press(&self, keys: &str) {
        self.browser.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    async fn count(&self, testid: &str) -> u64 {
        let script = format!("return document.querySelectorAll(\"[data-testid='{testid}']\").length");
        self.browser.run(&script).await.as_u64().unwrap()
    }

    async fn none(&self, testid: &str) {
        self.browser.until(&format!("!document.querySelector(\"[data-testid='{testid}']\")")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_leads_everywhere_and_back() {
    let alice = Person::welcomed("Alice", (1280, 800)).await;
    for text in ["first words", "second words", "third words"] {
        alice.node.json(&["post", text]);
    }
    alice.browser.until(&with_text("post", "third words")).await;
    alice.browser.run("document.activeElement.blur()").await;

    // From card to card, also with the focus nowhere at first.
    alice.press("j").await;
    alice.browser.until(&format!("{AT} === 'card-' + {}.dataset.post", with_text("post", "third words"))).await;
    alice.press("j").await;
    alice.browser.until(&format!("{AT} === 'card-' + {}.dataset.post", with_text("post", "second words"))).await;
    alice.press("l").await;
    alice.browser.until(&with_text("reaction", "1")).await;
    alice.press("o").await;
    alice.browser.until("location.pathname.startsWith('/post/')").await;
    alice.browser.find("thread").await;

    // Escape closes what is open, then goes back; the sheet lists the keys.
    alice.press("?").await;
    alice.browser.find("key-sheet").await;
    alice.page_is_sound("desk-keys").await;
    alice.press("\u{e00c}").await;
    alice.none("key-sheet").await;
    alice.press("\u{e00c}").await;
    alice.browser.until("location.pathname === '/'").await;

    // Letters typed into a field are text.
    alice.press("r").await;
    alice.browser.until(&format!("{AT} === 'answer'")).await;
    alice.press("jog").await;
    alice.browser.until("document.activeElement.value === 'jog'").await;
    alice.press("\u{e00c}").await;
    alice.browser.until("location.pathname === '/'").await;
    alice.press("n").await;
    alice.browser.until(&format!("{AT} === 'compose'")).await;
    assert_eq!(alice.browser.run("return document.activeElement.value").await, "", "the key is not text");

    // At home there is nowhere to go back to: Escape leaves the field, and keys count again.
    alice.press("\u{e00c}").await;
    alice.browser.until("document.activeElement.id === 'kith-screen'").await;
    alice.press("n").await;
    alice.browser.until(&format!("{AT} === 'compose'")).await;

    // A draft comes back, also when the page went away at once.
    let mut thought = String::new();
    for more in ["half", " a", " thought", " and", " then", " some"] {
        alice.press(more).await;
        thought.push_str(more);
        alice.browser.client.refresh().await.unwrap();
        alice.browser.until(&format!("document.getElementById('compose')?.value === '{thought}'")).await;
        alice.browser.until("document.documentElement.dataset.connected").await;
        alice
            .browser
            .run("const at = document.getElementById('compose'); at.focus(); at.setSelectionRange(99, 99)")
            .await;
    }

    // Single keys can be switched off.
    alice.browser.until("document.documentElement.dataset.connected").await;
    alice.browser.run("document.activeElement.blur()").await;
    alice.press("gs").await;
    alice.browser.until("location.pathname === '/settings'").await;
    // What had the keyboard is covered now, and keys count all the same.
    alice.press("gp").await;
    alice.browser.until("location.pathname === '/people'").await;
    alice.press("gs").await;
    alice.browser.click("settings-single-keys").await;
    alice.browser.run("document.activeElement.blur()").await;
    alice.press("gh").await;
    alice.browser.click("settings-show-keys").await;
    alice.browser.find("key-sheet").await;
    assert_eq!(alice.browser.run("return location.pathname").await, "/settings");
    assert_eq!(alice.browser.run("return document.querySelectorAll('.keys:not([data-testid]) dt').length").await, 4);
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_opened_lies_above_the_page_and_closes_again() {
    let alice = Person::welcomed("Alice", (390, 844)).await;
    alice.node.json(&["post", "words to click"]);
    alice.node.json(&["post", "words above"]);
    alice.browser.until(&with_text("post", "words above")).await;
    let card = with_text("post", "words to click");
    let height = format!("return {card}.getBoundingClientRect().height");
    let before = alice.browser.run(&height).await;
    alice.browser.run(&format!("{card}.querySelector(\"[data-testid='react']\").click()")).await;
    alice.browser.find("react-with").await;
    assert_eq!(alice.browser.run(&height).await, before, "the choice pushes nothing");
    let inside = "[...document.querySelectorAll(\"[data-testid='react-with']\")].every((e) => {
        const box = e.getBoundingClientRect();
        return box.left >= 0 && box.right <= innerWidth && document.elementFromPoint(box.x + 5, box.y + 5) === e; })";
    alice.browser.until(inside).await;
    alice.page_is_sound("phone-choice").await;
    alice.browser.client.active_element().await.unwrap().send_keys("\u{e00c}").await.unwrap();
    alice.none("react-with").await;
    assert_eq!(alice.browser.run("return location.pathname").await, "/", "Escape closed the choice only");
    // A click elsewhere closes the menu and does nothing else.
    alice.browser.run(&format!("{card}.querySelector(\"[data-testid='post-menu']\").click()")).await;
    alice.browser.find("post-edit").await;
    alice.browser.run("document.elementFromPoint(20, 20).click()").await;
    alice.none("post-edit").await;

    // A click on the text opens the post; a step back of the browser closes it.
    alice.browser.run(&format!("{card}.querySelector(\"[data-testid='post-text']\").scrollIntoView()")).await;
    let words = fantoccini::Locator::XPath("//*[@data-testid='post-text'][contains(., 'words to click')]");
    alice.browser.client.find(words).await.unwrap().click().await.unwrap();
    alice.browser.until("location.pathname.startsWith('/post/')").await;
    let steps = alice.browser.run("return history.length").await;
    alice.browser.click("back").await;
    alice.browser.until("location.pathname === '/'").await;
    assert_eq!(alice.browser.run("return history.length").await, steps);

    // A pasted picture is attached and shown.
    let pasted = "const picture = document.createElement('canvas'); picture.width = picture.height = 40;
        const done = arguments[arguments.length - 1];
        picture.toBlob((blob) => { const data = new DataTransfer();
            data.items.add(new File([blob], 'pasted.png', { type: 'image/png' }));
            const field = document.getElementById('compose');
            done(!field.dispatchEvent(new ClipboardEvent('paste',
                { clipboardData: data, bubbles: true, cancelable: true }))); });";
    let taken = alice.browser.client.execute_async(pasted, Vec::new()).await.unwrap();
    assert_eq!(taken, true);
    alice.browser.find("composer-alt").await;
    alice.browser.until("document.querySelector('.attached-picture img').naturalWidth === 40").await;
    assert_eq!(alice.count("composer-alt").await, 1);
    alice.page_is_sound("phone-attached").await;
    alice.browser.close().await;
}

/// Every screen keeps within every width; with `KITH_SCREENSHOTS` each is kept as a picture.
#[tokio::test(flavor = "multi_thread")]
async fn every_screen_fits_every_width() {
    let alice = Person::welcomed("Alice", (1280, 800)).await;
    let picture = alice.node.root.path().join("harbour.jpg");
    jpeg_with_exif(&picture, "SecretCamera 51.5N");
    let file = picture.to_str().unwrap();
    let long = "A longer post, so that lines are broken: https://example.org/a/very/long/address/that/has/no/place/to/break \
                and on it goes for another line or two, as posts do. #harbour";
    let post = text(&alice.node.json(&["post", long])["id"]);
    alice.node.json(&["post", "Fog", "--attach", file, "--alt", "Grey water, two masts"]);
    alice.node.json(&["post", "The end of the book is sad", "--cw", "spoilers"]);
    let comment = text(&alice.node.json(&["comment", &post, "Which harbour is it?"])["id"]);
    alice.node.json(&["comment", &comment, "The old one, behind the mill."]);
    alice.node.json(&["react", &post, "🎉"]);
    alice.node.json(&["circle", "create", "Family"]);
    alice.node.json(&["post", "Supper at eight", "--circle", "Family"]);
    let Person { node, browser } = alice;
    browser.close().await;
    let me = text(&node.json(&["persona", "list"])[0]["id"]);
    let mut alice = node;
    for (width, height) in [(360, 740), (390, 844), (700, 900), (1280, 800), (1600, 1000)] {
        let login = text(&alice.json(&["status"])["web"]["login"]);
        let person = Person { node: alice, browser: Browser::start(width, height).await };
        person.browser.client.goto(&login).await.unwrap();
        person.sees_post("Fog").await;
        let origin = text(&person.browser.run("return location.origin").await);
        let places = [
            ("feed", "/".to_owned(), "feed"),
            ("post", format!("/post/{post}"), "comment"),
            ("people", "/people".to_owned(), "invite-link"),
            ("notifications", "/notifications".to_owned(), "notifications-empty"),
            ("settings", "/settings".to_owned(), "settings-role"),
            ("circles", "/circles".to_owned(), "circle-change"),
            ("lists", "/lists".to_owned(), "tags-at-home"),
            ("muted", "/muted".to_owned(), "muted-empty"),
            ("search", "/search".to_owned(), "search-input"),
            ("person", format!("/person/{me}"), "profile-edit"),
        ];
        for (name, path, wanted) in places {
            person.browser.client.goto(&format!("{origin}{path}")).await.unwrap();
            person.browser.find(wanted).await;
            person.browser.until("document.getAnimations().length === 0").await;
            person.page_is_sound(&format!("{width}-{name}")).await;
            // The title and what stands below it have one edge.
            let off = "const pane = [...document.querySelectorAll('.pane')].find((pane) => pane.checkVisibility({
                    visibilityProperty: true }) && pane.querySelector('h1') && pane.querySelector('.column'));
                const [title, column] = [pane.querySelector('.pane-header > *'), pane.querySelector('.column')];
                const padding = parseFloat(getComputedStyle(column).paddingLeft);
                const shift = title.classList.contains('back') ? 8 : 0;
                return Math.abs(title.getBoundingClientRect().x + shift - column.getBoundingClientRect().x - padding)";
            let off = person.browser.run(off).await.as_f64().unwrap();
            assert!(off < 1.0, "{width} {name}: the title is off by {off} px");
            // And so it is with the largest text, in the dark; the names of the main places stay whole.
            let largest = "const kith = document.querySelector('.kith');
                [kith.dataset.size, kith.dataset.theme] = ['200', 'black'];
                return [...document.querySelectorAll('.nav-item, .network-short')].every((e) => e.scrollWidth <= e.clientWidth)";
            assert_eq!(person.browser.run(largest).await, true, "{width} {name}: a place's name is cut");
            person.page_is_sound(&format!("{width}-{name}-largest")).await;
        }
        let Person { node, browser } = person;
        browser.close().await;
        alice = node;
    }
}
