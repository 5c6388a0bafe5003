//! Cards of links: asked for by whoever writes, from a server of this test, and shown to who reads without another question.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use super::*;

/// A server with one page and its picture; it remembers what it was asked.
pub(super) struct Site {
    pub(super) addr: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub(super) fn open(picture: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let mut reader = BufReader::new(socket.unwrap());
                let mut lines = String::new();
                while reader.read_line(&mut lines).is_ok_and(|read| read > 2) {}
                let path = lines.split(' ').nth(1).unwrap_or_default().to_owned();
                log.lock().unwrap().push(path.clone());
                let page = "<title>plain</title><meta property=og:title content='Fog &lt;b&gt;over&lt;/b&gt; the harbour'>
                    <meta property=og:description content='Two masts, grey water'><meta property=og:image content=/fog.jpg>";
                let (head, body) = match path.as_str() {
                    "/page" => ("200 OK\r\nContent-Type: text/html", page.as_bytes().to_vec()),
                    "/fog.jpg" => ("200 OK\r\nContent-Type: image/jpeg", picture.clone()),
                    "/inside" => ("302 Found\r\nLocation: http://127.0.0.1:9/", Vec::new()),
                    _ => ("404 Not Found", Vec::new()),
                };
                let length = body.len();
                let answer = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
                let mut socket = reader.into_inner();
                let _gone = socket.write_all(answer.as_bytes()).and_then(|()| socket.write_all(&body));
            }
        });
        Self { addr, asked }
    }

    pub(super) fn link(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Person {
    /// Whose node may ask this server on this machine.
    async fn beside(site: &Site, name: &str, size: (u32, u32)) -> Self {
        let mut node = Profile::init(name);
        let before = format!("export KITH_TEST_WEB={}", site.addr);
        let status = node.run_in_shell(&before, &["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
        let browser = Browser::start(size.0, size.1).await;
        browser.client.goto(&text(&status["web"]["login"])).await.unwrap();
        browser.find("composer-text").await;
        Self { node, browser }
    }
}

#[cfg(debug_assertions)] // a build for users has no way to name the server of a test
#[tokio::test(flavor = "multi_thread")]
async fn a_link_gets_a_card_that_its_readers_need_not_ask_for() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("fog.jpg");
    jpeg_with_exif(&picture, "SecretCamera 51.5N");
    let site = Site::open(std::fs::read(&picture).unwrap());
    let (alice, bob) = tokio::join!(Person::beside(&site, "Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    alice.can_undo_for("off").await;
    bob.follows(&alice);

    // Nothing is asked before the button is pressed, and what leads inside is refused.
    alice.browser.type_in("composer-text", &format!("Look at {}", site.link("/inside"))).await;
    alice.sees("card-add", &site.addr.to_string()).await;
    assert_eq!(site.asked(), Vec::<String>::new());
    alice.browser.click("card-add").await;
    alice.sees("card-failed", "private network").await;
    assert_eq!(site.asked(), ["/inside"]);
    alice.page_is_sound("desk-card-refused").await;
    let empty = "const field = document.getElementById('compose'); field.value = '';
        field.dispatchEvent(new Event('input', { bubbles: true }))";
    alice.browser.run(empty).await;
    alice.none("card-add").await;

    alice.browser.type_in("composer-text", &format!("Look at {} ", site.link("/page"))).await;
    alice.browser.click("card-add").await;
    alice.sees("composer-card", "Fog <b>over</b> the harbour").await;
    alice.browser.until("document.querySelector(\"[data-testid='composer-card'] img\")?.naturalWidth > 0").await;
    assert_eq!(alice.count("composer-remove-picture").await, 0, "its picture is none of the post's");
    alice.page_is_sound("desk-card-composer").await;
    // Taken out, it is asked for again by hand alone; it comes back with the draft.
    alice.browser.click("card-remove").await;
    alice.none("composer-card").await;
    alice.browser.click("card-add").await;
    alice.sees("composer-card", "Two masts").await;
    alice.browser.until("document.querySelector('.composer').dataset.kept === 'true'").await;
    alice.browser.client.refresh().await.unwrap();
    alice.sees("composer-card", "Two masts").await;
    let asked = site.asked();
    alice.chooses_audience(None).await;
    alice.browser.click("audience-done").await;
    alice.browser.click("composer-send").await;
    alice.sees("link-card", "Two masts").await;
    alice.none("composer-card").await;
    alice.page_is_sound("desk-card").await;

    let bobs_card = "document.querySelector(\"[data-testid='link-card']\")";
    bob.sees("link-card", "Fog <b>over</b> the harbour").await;
    bob.browser.until(&format!("{bobs_card}.querySelector('img')?.naturalWidth > 0")).await;
    let leads =
        bob.browser.run(&format!("return [{bobs_card}.href, {bobs_card}.rel, {bobs_card}.target].join()")).await;
    assert_eq!(leads, format!("{},noopener noreferrer nofollow,_blank", site.link("/page")).as_str());
    bob.page_is_sound("phone-card").await;
    assert_eq!(site.asked(), asked, "nobody asked again");

    // In a terminal.
    let post = &bob.node.json(&["feed"])[0];
    assert_eq!((&post["card"]["host"], &post["attachments"]), (&site.addr.to_string().into(), &serde_json::json!([])));
    assert_eq!(post["card"]["picture"]["mime"], "image/jpeg");
    let quoted = text(&post["id"]);
    let id = text(&alice.node.json(&["post", "Again", "--card", &site.link("/page"), "--quote", &quoted])["id"]);
    let shown = alice.node.json(&["show", &id]);
    assert_eq!(shown["card"]["description"], "Two masts, grey water");
    assert_eq!((&shown["quote"]["id"], &shown["quote"]["attachments"]), (&post["id"], &serde_json::json!(0)));
    assert!(alice.node.kith(&["show", &id]).stdout.contains("Two masts"), "it is told to people");
    alice.node.refused_as(&["post", "Inside", "--card", &site.link("/inside")], "preview_refused", 1);
    bob.node.refused_as(&["post", "Not mine", "--card", &site.link("/page")], "preview_refused", 1);

    // By itself only where that was chosen.
    alice.browser.click("nav-settings").await;
    alice.browser.click("writing.previews").await;
    alice.browser.click("nav-home").await;
    // And beside a quote: both stand there, and come back with the draft.
    alice.quotes("Again").await;
    alice.sees("composer-quote", "Again").await;
    alice.browser.type_in("composer-text", &format!("Once more {} ", site.link("/page"))).await;
    alice.sees("composer-card", "Two masts").await;
    alice.browser.until("document.querySelector('.composer').dataset.kept === 'true'").await;
    alice.browser.client.refresh().await.unwrap();
    alice.sees("composer-card", "Two masts").await;
    alice.sees("composer-quote", "Again").await;
    alice.page_is_sound("desk-card-quote").await;
    alice.browser.close().await;
    bob.browser.close().await;
}
