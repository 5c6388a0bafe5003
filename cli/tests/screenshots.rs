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
use color_quant::NeuQuant;
use profile::{Profile, text};
use serde_json::Value;

/// Page sizes: name, width, height, px.
const SIZES: [(&str, u32, u32); 3] = [("phone", 390, 844), ("tablet", 820, 1_100), ("desktop", 1_280, 860)];
/// As the page's `data-theme` names them.
const THEMES: [&str; 2] = ["light", "dark"];
/// All pictures together, bytes.
const ALL_BYTES: u64 = 8 * 1024 * 1024;
/// Colours of a picture: few enough for a small file, enough for photos in the page.
const COLOURS: usize = 256;

/// A screen: its picture's name, its path, and what has to stand there.
struct Screen {
    name: &'static str,
    path: String,
    shows: &'static str,
}

fn screen(name: &'static str, path: impl Into<String>, shows: &'static str) -> Screen {
    Screen { name, path: path.into(), shows }
}

#[tokio::test]
async fn every_screen_is_taken() {
    let folder = PathBuf::from(std::env::var_os("KITH_SCREENSHOTS").expect("KITH_SCREENSHOTS names the folder"));
    let mut demo = Profile::empty();
    demo.json(&["demo"]);
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
    let screens = [
        screen("feed", "/", "[data-testid='post'] img"),
        screen("post", format!("/post/{}", text(&launch["id"])), "[data-testid='comment']"),
        screen("person", format!("/person/{persona}"), ".pane-detail [data-testid='post']"),
        screen("verify", format!("/verify/{persona}"), "[data-testid='verify-words']"),
        screen("people", "/people", "[data-testid='follow-input']"),
        screen("search", "/search", "[data-testid='search-input']"),
        screen("messages", "/messages", "[data-testid='thread-row']"),
        screen("conversation", format!("/messages/{}", text(&trip.unwrap()["id"])), "[data-testid='message']"),
        screen("write", "/messages/new", ".pane-detail input"),
        screen("lists", "/lists", "[data-testid='list']"),
        screen("circles", "/circles", "[data-testid='circle']"),
        screen("devices", "/devices", ".pane-detail h1, .pane-detail h2"),
        screen("settings", "/settings", "[data-testid='settings-devices']"),
    ];
    let status = demo.run(&["--web", "127.0.0.1:0"]);
    for (size, width, height) in SIZES {
        let browser = Browser::start(width, height).await;
        let login = text(&demo.json(&["status"])["web"]["login"]);
        browser.client.goto(&login).await.unwrap();
        browser.find("composer-text").await;
        let origin = text(&browser.run("return location.origin").await);
        for screen in &screens {
            browser.client.goto(&format!("{origin}{}", screen.path)).await.unwrap();
            browser.until(&format!("document.querySelector('.kith')?.dataset.path === '{}'", screen.path)).await;
            browser.until(&format!("document.querySelector(\"{}\")", screen.shows)).await;
            // The feed beside it has come too.
            let beside = "document.querySelector(\".pane-list[data-shown='true'] [data-testid='composer-text']\")";
            browser.until(&format!("!{beside} || document.querySelector(\"[data-testid='post']\")")).await;
            if screen.name == "search" {
                browser.type_in("search-input", "harbour").await;
                browser
                    .until("document.querySelector(\".pane-list [data-testid='post'], [data-testid='found']\")")
                    .await;
            }
            settle(&browser).await;
            for theme in THEMES {
                browser.run(&format!("document.querySelector('.kith').dataset.theme = '{theme}'")).await;
                frame(&browser).await;
                let file = folder.join(format!("{}-{size}-{theme}.png", screen.name));
                take(&browser, &file).await;
            }
        }
        browser.close().await;
    }
    drop(status);
    welcome(&folder).await;
    let all: u64 = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    println!("{} KiB of pictures", all / 1024);
    assert!(all < ALL_BYTES, "{all} bytes of pictures: fewer, or smaller ones");
}

/// What somebody sees first of all.
async fn welcome(folder: &Path) {
    let mut node = Profile::empty();
    let status = node.run(&["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
    let login = text(&status["web"]["login"]);
    let (_, width, height) = SIZES[0];
    let browser = Browser::start(width, height).await;
    browser.client.goto(&login).await.unwrap();
    browser.find("welcome").await;
    settle(&browser).await;
    for theme in THEMES {
        browser.run(&format!("document.querySelector('.kith').dataset.theme = '{theme}'")).await;
        frame(&browser).await;
        take(&browser, &folder.join(format!("welcome-phone-{theme}.png"))).await;
    }
    browser.close().await;
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
