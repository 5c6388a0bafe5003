//! Pages that an anchor shows to everybody, in a browser that has no node: all that a post holds, drawn without a script and
//! without a question to anybody else; hostile texts in every place.

use super::*;
use crate::cards::Site;
use crate::profile::id;

const BAD: &str = "<img src=x onerror=\"window.ran=1\">\u{202e}";

/// The same page without the rules that a browser gets with it: whatever in it could run would.
async fn unguarded(browser: &Browser, name: &str) {
    let html = browser.client.source().await.unwrap();
    let coded: String = html.bytes().map(|byte| format!("%{byte:02X}")).collect();
    browser.client.goto(&format!("data:text/html;charset=utf-8,{coded}")).await.unwrap();
    let wrong = "const wrong = [...document.querySelectorAll('script, iframe, form, input')].map((e) => e.outerHTML);
        for (const e of document.querySelectorAll('*')) {
            for (const { name } of e.attributes) if (name.startsWith('on')) wrong.push(e.outerHTML);
        }
        for (const link of document.querySelectorAll('a[href]')) {
            const { protocol, href } = link;
            // One link is the page's own: to the post in the reader's Kith.
            if (link.closest('p.open') && /^kith:post\\/[0-9a-f]{64}\\?by=[0-9a-f]{64}$/.test(href)) continue;
            if (!['http:', 'https:', 'data:', ''].includes(protocol) && !href.startsWith('/')) wrong.push(href);
        }
        if (document.querySelectorAll('a[href^=\"kith:\"]').length !== 1) wrong.push('other links to Kith');
        for (const { src } of document.querySelectorAll('img')) {
            if (/^(https?:)?\\/\\//.test(src)) wrong.push(src);
        }
        if (window.ran !== undefined) wrong.push('a script ran');
        return wrong";
    let wrong = browser.run(wrong).await;
    assert_eq!(wrong, Value::Array(Vec::new()), "{name}: {wrong:#}");
    sound(browser, name).await;
}

#[cfg(debug_assertions)] // a build for users has no way to name the server of a test
#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_post_holds_is_shown_to_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("fog.jpg");
    jpeg_with_exif(&picture, "SecretCamera 51.5N");
    let site = Site::open(std::fs::read(&picture).unwrap());
    let mut alice = Profile::init("Alice <svg onload=\"window.ran=2\">");
    let before = format!("export KITH_TEST_WEB={}", site.addr);
    let args = ["--role", "anchor", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"];
    let status = alice.run_in_shell(&before, &args);
    let web = text(&status["web"]["addr"]);

    let long = "W".repeat(70);
    let linked = id(&alice.json(&["post", &format!("{BAD} fog"), "--card", &site.link("/page")]));
    let poll = ["post", BAD, "--poll", BAD, "--poll", &long, "--quote", &linked];
    let poll = id(&alice.json(&poll));
    alice.json(&["vote", &poll, "1"]);
    let warned = id(&alice.json(&["post", BAD, "--quote", &poll, "--cw", BAD]));
    let around = id(&alice.json(&["post", "around it", "--quote", &warned]));
    let words = "W".repeat(5_000);
    let thread = id(&alice.json(&["post", BAD, "--then", &words, "--then", "the end"]));
    let mallory = id(&alice.json(&["persona", "create", "<img src=x onerror=window.ran=3>"]));
    alice.json(&["list", "create", "Crew"]);
    alice.json(&["list", "add", "Crew", &mallory]);
    let list = id(&alice.json(&["list", "publish", "Crew", "--text", BAD]));
    let asked = site.asked();

    for size in [(360, 740), (1280, 800)] {
        let browser = Browser::start(size.0, size.1).await;
        for (name, post, holds) in [
            ("card", &linked, "shared-card"),
            ("poll", &poll, "shared-poll"),
            ("warned", &warned, "shared-quote"),
            ("quote", &around, "shared-quote"),
            ("thread", &thread, "shared-part"),
            ("people", &list, "shared-people"),
        ] {
            browser.client.goto(&format!("http://{web}/p/{post}")).await.unwrap();
            browser.find(holds).await;
            let console = browser.console().await;
            assert!(!console.contains("Content Security Policy"), "{name}: {console}");
            if let Some(folder) = std::env::var_os("KITH_SCREENSHOTS") {
                browser.screenshot(&PathBuf::from(folder).join(format!("shared-{}-{name}.png", size.0))).await;
            }
            unguarded(&browser, &format!("shared-{}-{name}-unguarded", size.0)).await;
        }
        browser.close().await;
    }
    assert_eq!(site.asked(), asked, "nobody was asked for what is shown");
    alice.stop();
}
