//! The pictures of the documentation: every screen of the web page, from a demo, in the browser that the other tests use.
//! `cargo xtask screenshots` runs this; the suite does not (`test = false` in Cargo.toml), as it is no test of anything.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/browser.rs"]
mod browser;
#[path = "support/profile.rs"]
mod profile;

use std::path::{Path, PathBuf};

use browser::Browser;
use chrono::DateTime;
use color_quant::NeuQuant;
use kith_node::clock::{Clock, SystemClock};
use profile::{Profile, text};
use serde_json::Value;

/// Page sizes: name, width, height, px.
const SIZES: [(&str, u32, u32); 3] = [("phone", 390, 844), ("tablet", 820, 1_100), ("desktop", 1_280, 860)];
/// What the user prefers, what is added to the names of the pictures, and the themes as the page's `data-theme` names
/// them: every theme once, and the other direction of writing in one of them.
const LOOKS: [(&str, &str, &[&str]); 2] = [("en", "", &["light", "dark"]), ("ar", "-rtl", &["light"])];
/// All pictures together, bytes.
const ALL_BYTES: u64 = 12 * 1024 * 1024;
/// Colours of a picture: few enough for a small file, enough for photos in the page.
const COLOURS: usize = 256;

const POLL: &str = "composer-poll-toggle";

/// A screen: its picture's name, its path, what has to stand there, and what is done then.
struct Screen {
    name: &'static str,
    path: String,
    shows: &'static str,
    then: Then,
}

/// What is done on a screen once it stands.
#[derive(Clone, Copy)]
enum Then {
    Nothing,
    /// Types into a field, by its `data-testid`, and waits for what matches the selector.
    Type(&'static str, &'static str, &'static str),
    /// Clicks what matches the first selector, and waits for what matches the second.
    Click(&'static str, &'static str),
    /// Writes this with a poll, and takes it back once the pictures are taken: it would come back as a draft.
    Write(&'static str),
    /// Presses a key (`ctrl`: with Ctrl), and waits for what matches the selector.
    Press {
        key: &'static str,
        ctrl: bool,
        shows: &'static str,
    },
}

fn screen(name: &'static str, path: impl Into<String>, shows: &'static str) -> Screen {
    Screen { name, path: path.into(), shows, then: Then::Nothing }
}

impl Screen {
    fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }
}

#[tokio::test]
async fn every_screen_is_taken() {
    let folder = PathBuf::from(std::env::var_os("KITH_SCREENSHOTS").expect("KITH_SCREENSHOTS names the folder"));
    let mut demo = Profile::empty();
    demo.json(&["demo"]);
    let screens = screens(&demo);
    let status = demo.run(&["--web", "127.0.0.1:0"]);
    everywhere(&demo, &folder, &screens).await;
    // What is written and what waits is above the feed wherever that is shown: so they come after all others.
    demo.json(&["mute", "--word", "football", "--hours", "24"]);
    let week = DateTime::from_timestamp_millis((SystemClock.unix_ms() + 7 * 86_400_000).cast_signed()).unwrap();
    let later = "Seedlings to give away, in front of the net loft from nine on. #garden";
    demo.json(&["post", later, "--at", &week.to_rfc3339()]);
    let words = "Which bread for Saturday? The rye answers back less. #harbour";
    let last = [
        screen("muted", "/muted", "[data-testid='muted-word']"),
        screen("later", "/", "[data-testid='scheduled-post']"),
        screen("compose", "/", "[data-testid='composer-text']").then(Then::Write(words)),
    ];
    everywhere(&demo, &folder, &last).await;
    drop(status);
    welcome(&folder).await;
    let all: u64 = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    println!("{} KiB of pictures", all / 1024);
    assert!(all < ALL_BYTES, "{all} bytes of pictures: fewer, or smaller ones");
}

/// The screens of the demo that stand by themselves.
fn screens(demo: &Profile) -> Vec<Screen> {
    let feed = demo.json(&["feed", "--limit", "1000"]);
    let find = |text: &str| {
        let post =
            feed.as_array().unwrap().iter().find(|post| post["text"].as_str().is_some_and(|said| said.contains(text)));
        post.unwrap_or_else(|| panic!("no post says {text}")).clone()
    };
    let (launch, weeds) = (find("She floats!"), find("toadflax"));
    let threads = demo.json(&["threads"]);
    let trip = threads.as_array().unwrap().iter().find(|thread| thread["with"].as_array().unwrap().len() > 1);
    let persona = text(&weeds["author"]);
    let launch = format!("/post/{}", text(&launch["id"]));
    vec![
        screen("feed", "/", "[data-testid='post'] img"),
        screen("post", &launch, "[data-testid='comment']"),
        screen("viewer", &launch, ".pane-detail [data-testid='picture-open']")
            .then(Then::Click(".pane-detail [data-testid='picture-open']", "[data-testid='viewer-picture']")),
        screen("person", format!("/person/{persona}"), ".pane-detail [data-testid='post']"),
        screen("verify", format!("/verify/{persona}"), "[data-testid='verify-words']"),
        screen("people", "/people", "[data-testid='follow-input']"),
        screen("search", "/search", "[data-testid='search-input']").then(Then::Type(
            "search-input",
            "harbour",
            ".pane-list [data-testid='post'], [data-testid='found']",
        )),
        screen("notifications", "/notifications", "[data-testid='notification']"),
        screen("messages", "/messages", "[data-testid='thread-row']"),
        screen("conversation", format!("/messages/{}", text(&trip.unwrap()["id"])), "[data-testid='message']"),
        screen("write", "/messages/new", ".pane-detail input"),
        screen("lists", "/lists", "[data-testid='list']"),
        screen("circles", "/circles", "[data-testid='circle']"),
        screen("devices", "/devices", ".pane-detail h1, .pane-detail h2"),
        screen("link", "/link", "[data-testid='link-offer']"),
        screen("settings", "/settings", "[data-testid='settings-devices']"),
        screen("palette", "/", "[data-testid='post'] img").then(Then::Press {
            key: "k",
            ctrl: true,
            shows: "[data-testid='palette-row']",
        }),
        screen("keys", "/", "[data-testid='post'] img").then(Then::Press {
            key: "?",
            ctrl: false,
            shows: "[data-testid='key-sheet']",
        }),
    ]
}

/// Takes these screens in every width, theme and direction.
async fn everywhere(demo: &Profile, folder: &Path, screens: &[Screen]) {
    for (size, width, height) in SIZES {
        for (languages, end, themes) in LOOKS {
            let browser = Browser::start_in(width, height, languages).await;
            let login = text(&demo.json(&["status"])["web"]["login"]);
            browser.client.goto(&login).await.unwrap();
            browser.find("composer-text").await;
            let origin = text(&browser.run("return location.origin").await);
            for screen in screens {
                stand(&browser, &origin, screen).await;
                for theme in themes {
                    browser.run(&format!("document.querySelector('.kith').dataset.theme = '{theme}'")).await;
                    frame(&browser).await;
                    take(&browser, &folder.join(format!("{}-{size}-{theme}{end}.png", screen.name))).await;
                }
                if let Then::Write(_) = screen.then {
                    unwrite(&browser).await;
                }
            }
            browser.close().await;
        }
    }
}

/// Takes back what was written.
async fn unwrite(browser: &Browser) {
    browser.click(POLL).await;
    let (select, remove) = ("\u{e009}a\u{e000}", "\u{e003}");
    browser.type_in("composer-text", &format!("{select}{remove}")).await;
    browser.until("!document.querySelector(\"[data-testid='composer-poll-option']\")").await;
    browser.until("document.querySelector(\"[data-testid='composer-text']\").value === ''").await;
}

/// Opens a screen, does what is to be done there, and waits until nothing moves.
async fn stand(browser: &Browser, origin: &str, screen: &Screen) {
    let come = async |selector: &str| browser.until(&format!("document.querySelector(\"{selector}\")")).await;
    browser.client.goto(&format!("{origin}{}", screen.path)).await.unwrap();
    browser.until(&format!("document.querySelector('.kith')?.dataset.path === '{}'", screen.path)).await;
    come(screen.shows).await;
    // The feed beside it has come too.
    let beside = "document.querySelector(\".pane-list[data-shown='true'] [data-testid='composer-text']\")";
    browser.until(&format!("!{beside} || document.querySelector(\"[data-testid='post']\")")).await;
    match screen.then {
        Then::Nothing => {}
        Then::Type(testid, words, shows) => {
            browser.type_in(testid, words).await;
            come(shows).await;
        }
        Then::Click(clicked, shows) => {
            browser.run(&format!("document.querySelector(\"{clicked}\").click()")).await;
            come(shows).await;
        }
        Then::Write(words) => {
            browser.click(POLL).await;
            come("[data-testid='composer-poll-option']").await;
            browser.type_in("composer-text", words).await;
        }
        Then::Press { key, ctrl, shows } => {
            let press = format!(
                "document.querySelector('.kith').dispatchEvent(new KeyboardEvent('keydown', \
                 {{ key: '{key}', ctrlKey: {ctrl}, bubbles: true, cancelable: true }}))"
            );
            browser.run(&press).await;
            come(shows).await;
        }
    }
    settle(browser).await;
}

/// What somebody sees first of all.
async fn welcome(folder: &Path) {
    let mut node = Profile::empty();
    let status = node.run(&["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
    for (size, width, height) in SIZES {
        for (languages, end, themes) in LOOKS {
            let login = text(&node.json(&["status"])["web"]["login"]);
            let browser = Browser::start_in(width, height, languages).await;
            browser.client.goto(&login).await.unwrap();
            browser.find("welcome").await;
            for name in ["welcome", "restore"] {
                if name == "restore" {
                    browser.click("welcome-restore").await;
                    browser.until("!document.querySelector(\"[data-testid='welcome-go']\")").await;
                }
                settle(&browser).await;
                for theme in themes {
                    browser.run(&format!("document.querySelector('.kith').dataset.theme = '{theme}'")).await;
                    frame(&browser).await;
                    take(&browser, &folder.join(format!("{name}-{size}-{theme}{end}.png"))).await;
                }
            }
            browser.close().await;
        }
    }
}

/// Every picture that is in view has come, and nothing moves.
async fn settle(browser: &Browser) {
    let seen = "[...document.images].filter((image) => { const box = image.getBoundingClientRect(); \
        return box.width > 0 && box.top < innerHeight && box.bottom > 0; })";
    browser.until(&format!("{seen}.every((image) => image.complete && image.naturalWidth > 0)")).await;
    browser.run("document.activeElement?.blur()").await;
    browser.until("document.getAnimations().every((one) => one.playState !== 'running')").await;
    frame(browser).await;
}

/// What was changed is drawn.
async fn frame(browser: &Browser) {
    let script = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";
    assert_eq!(browser.client.execute_async(script, Vec::new()).await.unwrap(), Value::Bool(true));
    browser.until("document.getAnimations().every((one) => one.playState !== 'running')").await;
}

/// As a PNG with a palette: a third of the bytes.
async fn take(browser: &Browser, file: &Path) {
    let taken = browser.client.screenshot().await.expect("a screenshot");
    let picture = image::load_from_memory(&taken).unwrap().to_rgba8();
    let colours = NeuQuant::new(10, COLOURS, &picture);
    let pixels: Vec<u8> = picture.pixels().map(|pixel| u8::try_from(colours.index_of(&pixel.0)).unwrap()).collect();
    let mut encoder = png::Encoder::new(std::fs::File::create(file).unwrap(), picture.width(), picture.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(colours.color_map_rgb());
    encoder.set_compression(png::Compression::High);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    assert!(picture.pixels().any(|pixel| pixel != picture.get_pixel(0, 0)), "{} is blank", file.display());
}
