#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
#![allow(unused_qualifications)] // rsx! writes them
//! The server by hand-written requests, and the page's script in a real browser, both over a small app of their own.

#[path = "../../tests/support/browser.rs"]
mod browser;

use std::sync::Mutex;

use dioxus::prelude::*;
use kith_node::clock::ManualClock;
use kith_node::limits::PICTURE_FILE_BYTES;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;
use browser::Browser;

/// A site without a node: it keeps what it was given and serves one blob.
struct Demo {
    staged: Mutex<Vec<Vec<u8>>>,
    told: watch::Sender<Option<WebView>>,
    folder: tempfile::TempDir,
}

impl Demo {
    fn new() -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("blob"), [7; 100_000]).unwrap();
        Arc::new(Self { staged: Mutex::default(), told: watch::Sender::new(None), folder })
    }

    fn link(&self) -> String {
        self.told.borrow().clone().expect("a link was told").login
    }
}

impl Site for Demo {
    fn dom(&self, _: Preferred) -> VirtualDom {
        VirtualDom::new(DemoApp)
    }

    fn css(&self) -> &str {
        ".red { color: rgb(200, 0, 0); }"
    }

    fn head(&self) -> &str {
        "<meta charset=\"utf-8\"><title>Demo</title><style>.inline { color: rgb(0, 0, 200); }</style>"
    }

    fn stage(
        &self,
        _: Option<PersonaId>,
        file: Vec<u8>,
        _: Option<Option<String>>,
    ) -> BoxFuture<'_, kith_node::Result<BlobHash>> {
        Box::pin(async move {
            if file.starts_with(b"broken") {
                return Err(kith_node::Error::BadInput("the picture is broken".to_owned()));
            }
            let hash = BlobHash::from_bytes(*blake3::hash(&file).as_bytes());
            self.staged.lock().unwrap().push(file);
            Ok(hash)
        })
    }

    fn blob(&self, _: Option<PersonaId>, hash: BlobHash) -> BoxFuture<'_, kith_node::Result<Blob>> {
        let mime = match hash.as_bytes()[0] {
            1 => "image/png",
            2 => "text/html",
            _ => return Box::pin(async { Err(kith_node::Error::NotFound { what: "the blob" }) }),
        };
        let file = self.folder.path().join("blob");
        Box::pin(async move { Ok(Blob { mime: mime.to_owned(), size: 100_000, name: None, file, key: None }) })
    }

    fn tell(&self, web: Option<WebView>) {
        self.told.send_replace(web);
    }
}

/// One of each thing that the script has to carry.
#[component]
#[allow(non_snake_case)]
fn DemoApp() -> Element {
    let mut count = use_signal(|| 0);
    let mut text = use_signal(String::new);
    let mut sent = use_signal(Vec::<String>::new);
    let mut keys = use_signal(String::new);
    let mut places = use_signal(|| vec!["/".to_owned()]);
    let place = places.read().last().cloned().unwrap_or_default();
    let mut uploads = use_signal(Vec::<String>::new);
    let mut file_events = use_signal(|| 0);
    rsx! {
        div {
            "data-path": "{place}",
            "data-depth": places.read().len() - 1,
            "data-focus": if count() > 1 { format!("{count} wanted") } else { String::new() },
            input {
                r#type: "hidden",
                "data-navigate": "true",
                oninput: move |e| match e.value().split_once("#-") {
                    Some((_, back)) => {
                        let left = places.len() - back.parse::<usize>().unwrap();
                        places.write().truncate(left);
                    }
                    None => places.push(e.value()),
                },
            }
            button { "data-testid": "back", onclick: move |_| { places.pop(); }, "back" }
            button { "data-testid": "on", onclick: move |_| places.push(format!("/step/{}", places.len())), "on" }
            button { id: "wanted", "data-testid": "wanted", "wanted" }
            p { "data-testid": "place", "{place}" }
            a { "data-testid": "link", href: "/post/abc", "in the app" }
            button { "data-testid": "plus", onclick: move |_| count += 1, "+" }
            span { "data-testid": "count", "{count}" }
            p { "data-testid": "styled", style: "color: rgb(0, 100, 0); --n: {count}", "static and dynamic style" }
            p { "data-testid": "classed", class: "red", "x" }
            p { "data-testid": "inlined", class: "inline", "x" }
            form {
                onsubmit: move |_| {
                    sent.push(text());
                    text.set(String::new());
                },
                input { "data-testid": "text", name: "text", value: "{text}", oninput: move |e| text.set(e.value()) }
                button { "data-testid": "send", r#type: "submit", "send" }
            }
            p { "data-testid": "echo", "{text}" }
            textarea { "data-testid": "draft", onkeydown: move |e| keys.set(e.key().to_string()) }
            span { "data-testid": "key", "{keys}" }
            ul {
                for (n, line) in sent().into_iter().enumerate() {
                    li { key: "{n}", "data-testid": "sent", "{line}" }
                }
            }
            label { "data-drop": "true",
                textarea { "data-testid": "caption" }
                input {
                    r#type: "file",
                    "data-testid": "file",
                    "data-upload": "true",
                    onchange: move |_| file_events += 1,
                }
                input { r#type: "hidden", "data-uploaded": "true", oninput: move |e| uploads.push(e.value()) }
            }
            span { "data-testid": "file-events", "{file_events}" }
            for (n, line) in uploads().into_iter().enumerate() {
                p { key: "{n}", "data-testid": "uploaded", "{line}" }
            }
            if count() > 0 {
                input { "data-testid": "focused", onmounted: move |e| async move { let _asked = e.set_focus(true).await; } }
            }
        }
    }
}

struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One request on a connection of its own.
async fn ask(addr: SocketAddr, request: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut socket = TcpStream::connect(addr).await.unwrap();
    let mut head = format!("{request} HTTP/1.1\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    // A server that refuses early does not read the rest.
    let _refused_early = socket.write_all(body).await;
    let mut answer = Vec::new();
    let _reset_after_answer = socket.read_to_end(&mut answer).await;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head[9..12].parse().unwrap();
    Reply { status, head, body: answer[end + 4..].to_vec() }
}

struct Served {
    web: Web,
    demo: Arc<Demo>,
    clock: Arc<ManualClock>,
    host: String,
    origin: String,
}

async fn served() -> Served {
    served_at("127.0.0.1:0".parse().unwrap()).await
}

async fn served_at(addr: SocketAddr) -> Served {
    let (demo, clock) = (Demo::new(), Arc::new(ManualClock::at_ms(1_800_000_000_000)));
    let web = serve_site(demo.clone(), addr, clock.clone()).await.unwrap();
    let host = web.addr().to_string();
    Served { origin: format!("http://{host}"), host, web, demo, clock }
}

impl Served {
    async fn get(&self, path: &str, cookie: &str) -> Reply {
        ask(self.web.addr(), &format!("GET {path}"), &[("Host", &self.host), ("Cookie", cookie)], b"").await
    }

    /// The cookie of a browser that was just signed in.
    async fn sign_in(&self) -> String {
        let link = self.web.login_link().unwrap();
        let reply = self.get(link.strip_prefix(&self.origin).unwrap(), "").await;
        assert_eq!(reply.status, 200);
        reply.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    async fn upload(&self, cookie: &str, mime: &str, length: usize, body: &[u8]) -> Reply {
        let length = length.to_string();
        let headers = [
            ("Host", self.host.as_str()),
            ("Origin", self.origin.as_str()),
            ("Cookie", cookie),
            ("Content-Type", mime),
            ("Content-Length", &length),
        ];
        ask(self.web.addr(), "POST /upload", &headers, body).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_link_works_once_and_the_node_is_told_the_next() {
    let served = served().await;
    let link = served.demo.link();
    let path = link.strip_prefix(&served.origin).expect("an absolute link");
    let unsigned = served.get("/", "").await;
    assert_eq!(unsigned.status, 401);
    assert!(unsigned.text().contains("kith status"));
    assert_eq!(served.get("/ws", "").await.status, 403, "a socket without an origin");
    assert_eq!(served.get("/media/00", "").await.status, 401);

    let head = ask(served.web.addr(), &format!("HEAD {path}"), &[("Host", &served.host)], b"").await;
    assert_eq!(head.status, 405, "looking at a link does not use it up");
    let first = served.get(path, "").await;
    assert_eq!(first.status, 200);
    let set = first.header("set-cookie");
    assert!(set.contains("; HttpOnly") && set.contains("; SameSite=Strict") && set.contains("; Path=/"), "{set}");
    assert_eq!(served.get(path, "").await.status, 401);
    let cookie = set.split(';').next().unwrap();
    let again = served.get(path, cookie).await;
    assert_eq!(again.status, 200, "a used link leads on where the browser is signed in");
    assert!(again.text().contains("url=/") && !again.text().contains("signed-out"));
    assert_eq!(served.get("/", cookie).await.status, 200);
    assert_eq!(served.get("/post/any", cookie).await.status, 200);
    assert_ne!(served.demo.link(), link);

    let late = served.web.login_link().unwrap();
    served.clock.set_ms(1_800_000_000_000 + access::LOGIN_MS);
    assert_eq!(served.get(late.strip_prefix(&served.origin).unwrap(), "").await.status, 401);
    assert_eq!(served.get("/", cookie).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_carry_a_policy_without_unsafe_words_and_a_fresh_nonce() {
    let served = served().await;
    let cookie = served.sign_in().await;
    let page = served.get("/", &cookie).await;
    let policy = page.header("content-security-policy").to_owned();
    assert!(!policy.contains("unsafe"), "{policy}");
    for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
        assert!(policy.contains(directive), "{policy}");
    }
    let nonce = policy.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    assert!(page.text().contains(&format!("nonce=\"{nonce}\" src=\"/page.js\"")));
    assert!(!page.text().contains("{nonce}"));
    assert!(!served.get("/", &cookie).await.header("content-security-policy").contains(&nonce));
    assert_eq!(page.header("cache-control"), "no-store");
    for path in ["/", "/page.js", "/style.css", "/login", "/nothing", "/media/00"] {
        let reply = served.get(path, &cookie).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert!(reply.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_hosts_and_origins_are_refused() {
    let served = served().await;
    let cookie = served.sign_in().await;
    let addr = served.web.addr();
    let rebound = format!("evil.example:{}", addr.port());
    let from = async |host: &str| ask(addr, "GET /", &[("Host", host), ("Cookie", &cookie)], b"").await.status;
    assert_eq!(from(&rebound).await, 421);
    assert_eq!(from(&served.host).await, 200);
    assert_eq!(from(&format!("localhost:{}", addr.port())).await, 200);

    let upgrade = |origin| {
        [
            ("Host", served.host.as_str()),
            ("Cookie", cookie.as_str()),
            ("Origin", origin),
            ("Content-Type", "image/png"),
            ("Content-Length", "1"),
        ]
    };
    assert_eq!(ask(addr, "POST /upload", &upgrade("http://evil.example"), b"x").await.status, 403);
    assert_eq!(ask(addr, "POST /upload", &upgrade("null"), b"x").await.status, 403);
    assert_eq!(ask(addr, "GET /ws", &upgrade("http://evil.example"), b"x").await.status, 403);
    assert_eq!(ask(addr, "POST /upload", &upgrade(&served.origin), b"x").await.status, 200);
    assert_eq!(ask(addr, "POST /", &upgrade(&served.origin), b"x").await.status, 405);
    assert_eq!(served.upload("", "image/png", 1, b"x").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_pictures_within_the_limit() {
    let served = served().await;
    let cookie = served.sign_in().await;
    let picture = vec![5; 300_000];
    let reply = served.upload(&cookie, "image/png", picture.len(), &picture).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text(), format!("{{\"hash\":\"{}\"}}", blake3::hash(&picture)));
    assert_eq!(*served.demo.staged.lock().unwrap(), vec![picture]);

    assert_eq!(served.upload(&cookie, "text/html", 3, b"abc").await.status, 415);
    let broken = served.upload(&cookie, "image/png", 6, b"broken").await;
    assert_eq!((broken.status, broken.text().contains("The picture is broken")), (422, true));
    assert_eq!(served.upload(&cookie, "image/png", PICTURE_FILE_BYTES + 1, b"").await.status, 413);

    // Without a length the bytes themselves are counted.
    let headers = [
        ("Host", served.host.as_str()),
        ("Origin", served.origin.as_str()),
        ("Cookie", cookie.as_str()),
        ("Content-Type", "image/png"),
        ("Transfer-Encoding", "chunked"),
    ];
    let size = PICTURE_FILE_BYTES + 1;
    let mut chunked = format!("{size:x}\r\n").into_bytes();
    chunked.resize(chunked.len() + size, 5);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let reply = ask(served.web.addr(), "POST /upload", &headers, &chunked).await;
    assert_eq!(reply.status, 413);
    assert_eq!(served.demo.staged.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn media_is_shown_by_hash_as_a_picture_or_not_at_all() {
    let served = served().await;
    let cookie = served.sign_in().await;
    let named = |first: u8| format!("/media/{}", BlobHash::from_bytes([first; 32]));
    let picture = served.get(&named(1), &cookie).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
    assert_eq!(picture.body, vec![7; 100_000]);
    assert!(picture.header("cache-control").contains("immutable"));
    assert!(picture.header("content-security-policy").starts_with("sandbox; default-src 'none'"));
    assert_eq!(picture.header("x-content-type-options"), "nosniff");

    let html = served.get(&named(2), &cookie).await;
    assert_eq!(html.header("content-type"), "application/octet-stream");
    assert_eq!(html.header("content-disposition"), "attachment");
    let missing = served.get(&named(3), &cookie).await;
    assert_eq!((missing.status, missing.header("cache-control")), (404, "no-store"));
    assert_eq!(served.get("/media/..%2f..%2fetc%2fpasswd", &cookie).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn media_is_served_in_parts() {
    let served = served().await;
    let cookie = served.sign_in().await;
    let hash = BlobHash::from_bytes([1; 32]);
    let asked = async |method: &str, more: &[(&str, &str)]| {
        let headers = [&[("Host", served.host.as_str()), ("Cookie", cookie.as_str())], more].concat();
        ask(served.web.addr(), &format!("{method} /media/{hash}"), &headers, b"").await
    };
    // The blob counts its bytes, so that a part shows from where it is.
    let bytes: Vec<u8> = (0..100_000_u32).map(|at| at.to_le_bytes()[at as usize % 2]).collect();
    std::fs::write(served.demo.folder.path().join("blob"), &bytes).unwrap();

    let whole = asked("GET", &[]).await;
    assert_eq!((whole.status, whole.header("accept-ranges"), whole.header("content-range")), (200, "bytes", ""));
    for (range, from, to) in [("bytes=0-1", 0, 2), ("bytes=70000-", 70_000, 100_000), ("bytes=-300", 99_700, 100_000)] {
        let part = asked("GET", &[("Range", range)]).await;
        assert_eq!((part.status, part.header("content-type")), (206, "image/png"), "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {from}-{}/100000", to - 1));
        assert_eq!(part.header("content-length"), (to - from).to_string());
        assert!(part.body == bytes[from..to], "{range}");
    }
    let outside = asked("GET", &[("Range", "bytes=100000-")]).await;
    assert_eq!((outside.status, outside.header("content-range")), (416, "bytes */100000"));
    assert!(outside.body.is_empty());
    for whole in [[("Range", "bytes=0-1,5-6")].as_slice(), &[("Range", "bytes=0-1"), ("If-Range", "\"x\"")]] {
        let reply = asked("GET", whole).await;
        assert_eq!((reply.status, reply.body.len()), (200, 100_000), "{whole:?}");
    }
}

/// Opens a socket by hand, sends one text, returns the code with which it is closed.
async fn close_code(served: &Served, cookie: &str, text: &str) -> u16 {
    let mut socket = TcpStream::connect(served.web.addr()).await.unwrap();
    let (host, origin) = (&served.host, &served.origin);
    let head = format!(
        "GET /ws HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nCookie: {cookie}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        seen.push(socket.read_u8().await.unwrap());
    }
    assert!(seen.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&seen));
    // Text, final; masked with zeros.
    let mut frame = vec![0x81, 0x80 | 127];
    frame.extend_from_slice(&(text.len() as u64).to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    let _closed_early = socket.write_all(&frame).await;
    loop {
        let kind = socket.read_u8().await.unwrap() & 0x0f;
        let length = match socket.read_u8().await.unwrap() {
            126 => u64::from(socket.read_u16().await.unwrap()),
            127 => socket.read_u64().await.unwrap(),
            short => u64::from(short),
        };
        let mut body = vec![0; usize::try_from(length).unwrap()];
        socket.read_exact(&mut body).await.unwrap();
        if kind == 8 {
            return u16::from_be_bytes([body[0], body[1]]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_sends_files_as_events_is_closed() {
    let served = served().await;
    let cookie = served.sign_in().await;
    let event = r#"{"method":"user_event","params":{"name":"change","element":1,"bubbles":true,"data":
        {"value":"","values":[{"key":"a","file":{"path":"/etc/passwd","size":1,"last_modified":0}}]}}}"#;
    assert_eq!(close_code(&served, &cookie, event).await, 1008);
    assert_eq!(close_code(&served, &cookie, "not an event").await, 1008);
    let (web, demo) = (served.web, served.demo);
    web.shutdown().await;
    assert_eq!(*demo.told.borrow(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_carries_edits_events_uploads_and_places() {
    let served = served().await;
    let browser = Browser::start(1280, 800).await;
    browser.client.goto(&served.demo.link()).await.unwrap();
    browser.until("document.documentElement.dataset.connected").await;

    // Styles of all kinds pass the policy, also on nodes cloned from a template.
    let colour = "getComputedStyle(document.querySelector(\"[data-testid='{}']\")).color";
    for (element, rgb) in [("styled", "rgb(0, 100, 0)"), ("classed", "rgb(200, 0, 0)"), ("inlined", "rgb(0, 0, 200)")] {
        browser.until(&format!("{} === '{rgb}'", colour.replace("{}", element))).await;
    }

    // Clicks, and Dioxus' own request for the focus, without eval.
    browser.click("plus").await;
    browser.until("document.querySelector(\"[data-testid='count']\").textContent === '1'").await;
    browser.until("document.activeElement.dataset.testid === 'focused'").await;

    // Fast typing into a controlled field loses nothing; sending empties it.
    let line = "The quick brown fox jumps over the lazy dog, twice: the quick brown fox.";
    browser.type_in("text", line).await;
    browser.until(&format!("document.querySelector(\"[data-testid='echo']\").textContent === '{line}'")).await;
    browser.until(&format!("document.querySelector(\"[data-testid='text']\").value === '{line}'")).await;
    browser.click("send").await;
    browser.until(&format!("document.querySelector(\"[data-testid='sent']\").textContent === '{line}'")).await;
    browser.until("document.querySelector(\"[data-testid='text']\").value === ''").await;
    browser.type_in("draft", "k").await;
    browser.until("document.querySelector(\"[data-testid='key']\").textContent === 'k'").await;

    // A file goes to /upload, its answer into the hidden input, and no event about it to the app.
    let picture = served.demo.folder.path().join("blob");
    browser.run("document.querySelector(\"[data-testid='file']\").accept = ''").await;
    let named = served.demo.folder.path().join("a.png");
    std::fs::copy(&picture, &named).unwrap();
    browser.type_in("file", named.to_str().unwrap()).await;
    let hash = blake3::hash(&[7; 100_000]);
    let answer = format!("{{\"hash\":\"{hash}\"}}");
    let told = "[...document.querySelectorAll(\"[data-testid='uploaded']\")].map((e) => e.textContent).join()";
    browser.until(&format!("{told} === '{{\"started\":1}},{answer}'")).await;
    assert_eq!(browser.text("file-events").await, "0");
    let text = served.demo.folder.path().join("a.txt");
    std::fs::write(&text, "no picture").unwrap();
    browser.type_in("file", text.to_str().unwrap()).await;
    browser.until("document.body.textContent.includes('This is not a picture')").await;

    // Places: a link inside the app, back, and an address that is opened directly.
    browser.click("link").await;
    browser.until("document.querySelector(\"[data-testid='place']\").textContent === '/post/abc'").await;
    browser.until("location.pathname === '/post/abc'").await;
    assert_eq!(browser.text("count").await, "1", "the page was not loaded again");
    browser.client.back().await.unwrap();
    browser.until("document.querySelector(\"[data-testid='place']\").textContent === '/'").await;
    browser.client.goto(&format!("{}/post/direct", served.origin)).await.unwrap();
    browser.until("document.querySelector(\"[data-testid='place']\").textContent === '/post/direct'").await;
    browser.until("location.pathname === '/post/direct'").await;

    // The policy was never violated, and forbids what it says.
    let evaluated = browser
        .client
        .execute_async(
            "const done = arguments[0]; addEventListener('securitypolicyviolation', (e) => done(e.effectiveDirective));
             const script = document.createElement('script'); script.textContent = 'window.ran = true';
             document.body.append(script);",
            Vec::new(),
        )
        .await
        .unwrap();
    assert!(evaluated.as_str().unwrap().starts_with("script-src"), "{evaluated}");
    assert_eq!(browser.run("return window.ran === undefined").await, serde_json::Value::Bool(true));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_are_pasted_or_dropped_are_uploaded() {
    let served = served().await;
    let browser = Browser::start(1280, 800).await;
    browser.client.goto(&served.demo.link()).await.unwrap();
    browser.until("document.documentElement.dataset.connected").await;
    let told = "[...document.querySelectorAll(\"[data-testid='uploaded']\")].map((e) => e.textContent).join()";
    let event = async |kind: &str, target: &str, brings: &str| {
        let data = if kind == "paste" { "clipboardData" } else { "dataTransfer" };
        let class = if kind == "paste" { "ClipboardEvent" } else { "DragEvent" };
        let script = format!(
            "const data = new DataTransfer(); {brings}
             const event = new {class}('{kind}', {{ {data}: data, bubbles: true, cancelable: true }});
             {target}.dispatchEvent(event); return event.defaultPrevented;"
        );
        browser.run(&script).await == serde_json::Value::Bool(true)
    };
    let named = |name: &str| format!("document.querySelector(\"[data-testid='{name}']\")");
    let picture = |bytes: &str| format!("data.items.add(new File(['{bytes}'], 'a.png', {{ type: 'image/png' }}));");
    let hash = |bytes: &[u8]| format!("{{\"hash\":\"{}\"}}", blake3::hash(bytes));

    // Into the field of the place, and where no field has the keyboard.
    assert!(event("paste", &named("caption"), &picture("one")).await);
    browser.until(&format!("{told} === '{{\"started\":1}},{}'", hash(b"one"))).await;
    assert!(event("paste", "document.body", &picture("two")).await);
    browser.until(&format!("{told}.endsWith('{}')", hash(b"two"))).await;
    // Another field, and a text with its picture, are pasted as ever.
    assert!(!event("paste", &named("draft"), &picture("three")).await);
    let both = format!("{} data.setData('text/plain', 'words');", picture("four"));
    assert!(!event("paste", &named("caption"), &both).await);
    assert!(!event("paste", &named("caption"), "data.setData('text/plain', 'words');").await);

    // Several at once, dropped anywhere; one that is no picture says so.
    let several = format!("{} data.items.add(new File(['x'], 'a.txt', {{ type: 'text/plain' }}));", picture("five"));
    assert!(event("dragover", &named("plus"), &several).await);
    browser.until(&format!("{}.closest('[data-drop]').dataset.dragging", named("caption"))).await;
    assert!(event("drop", &named("plus"), &several).await);
    browser.until(&format!("{told}.includes('{{\"started\":2}},{},{{\"error\"')", hash(b"five"))).await;
    assert_eq!(browser.run("return document.querySelector('[data-dragging]')").await, serde_json::Value::Null);
    assert!(!event("drop", &named("plus"), "data.setData('text/plain', 'words');").await, "text is not taken");
    let staged = served.demo.staged.lock().unwrap().clone();
    assert_eq!(staged, [b"one".to_vec(), b"two".to_vec(), b"five".to_vec()]);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_place_is_one_step_of_the_browsers_history() {
    let served = served().await;
    let browser = Browser::start(1280, 800).await;
    browser.client.goto(&served.demo.link()).await.unwrap();
    browser.until("document.documentElement.dataset.connected").await;
    let at = async |path: &str| {
        browser.until(&format!("document.querySelector(\"[data-testid='place']\").textContent === '{path}'")).await;
        browser.until(&format!("location.pathname === '{path}'")).await;
    };
    let length = async || browser.run("return history.length").await.as_u64().unwrap();
    let start = length().await;
    for step in 1..=3 {
        browser.click("on").await;
        at(&format!("/step/{step}")).await;
        assert_eq!(length().await, start + step, "one step each");
    }
    // Going back in the app goes back in the browser: nothing is added, and forward leads on.
    browser.click("back").await;
    at("/step/2").await;
    assert_eq!(length().await, start + 3);
    browser.client.forward().await.unwrap();
    at("/step/3").await;
    // And the other way round: the app's own way back is as long as before.
    browser.client.back().await.unwrap();
    at("/step/2").await;
    browser.run("history.go(-2)").await;
    at("/").await;
    browser.click("on").await;
    at("/step/1").await;
    assert_eq!(length().await, start + 1);

    // After a reload the app has no way back of its own; the browser has.
    browser.client.refresh().await.unwrap();
    browser.until("document.documentElement.dataset.connected").await;
    at("/step/1").await;
    browser.client.back().await.unwrap();
    at("/").await;

    // The focus goes where the app asks, and a key that is pressed with the focus nowhere is not lost.
    browser.click("plus").await;
    browser.click("plus").await;
    browser.until("document.activeElement.id === 'wanted'").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_survives_drops_and_restarts_with_its_text() {
    let served = served().await;
    let browser = Browser::start(390, 844).await;
    browser.client.goto(&served.demo.link()).await.unwrap();
    browser.until("document.documentElement.dataset.connected").await;
    assert_eq!(browser.run("return innerWidth").await, serde_json::json!(390));
    browser.click("link").await;
    browser.until("location.pathname === '/post/abc'").await;
    browser.click("plus").await;
    browser.until("document.querySelector(\"[data-testid='count']\").textContent === '1'").await;
    browser.run("window.sameLoad = true").await;
    browser.type_in("draft", "not sent yet").await;

    // A drop: a new virtual DOM, the same place, the same text, the focus where it was.
    served.web.hang_up();
    browser.until("document.querySelector(\"[data-testid='count']\").textContent === '0'").await;
    browser.until("document.querySelector(\"[data-testid='draft']\").value === 'not sent yet'").await;
    browser.until("document.activeElement.dataset.testid === 'draft'").await;
    browser.until("document.querySelector(\"[data-testid='place']\").textContent === '/post/abc'").await;
    browser.until("document.getElementById('kith-link').hidden").await;

    // A restart at the same address: sessions are gone, which the page says; a new link in another tab brings it back.
    let addr = served.web.addr();
    served.web.shutdown().await;
    browser.until("document.getElementById('kith-link').textContent.startsWith('Connecting')").await;
    let again = served_at(addr).await;
    browser.until("document.getElementById('kith-link').textContent.includes('signed out')").await;
    let first = browser.client.window().await.unwrap();
    let second = browser.client.new_window(true).await.unwrap();
    browser.client.switch_to_window(second.handle).await.unwrap();
    browser.client.goto(&again.demo.link()).await.unwrap();
    browser.until("document.documentElement.dataset.connected").await;
    browser.client.close_window().await.unwrap();
    browser.client.switch_to_window(first).await.unwrap();
    browser.until("document.documentElement.dataset.connected").await;
    browser.until("document.getElementById('kith-link').hidden").await;
    browser.until("document.querySelector(\"[data-testid='draft']\").value === 'not sent yet'").await;
    assert_eq!(browser.run("return window.sameLoad").await, serde_json::Value::Bool(true));
    browser.click("plus").await;
    browser.until("document.querySelector(\"[data-testid='count']\").textContent === '1'").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_browsers_have_windows_of_their_own() {
    let served = served().await;
    let (alice, bob) = tokio::join!(Browser::start(1280, 800), Browser::start(390, 844));
    for browser in [&alice, &bob] {
        browser.client.goto(&served.demo.link()).await.unwrap();
        browser.until("document.documentElement.dataset.connected").await;
    }
    alice.click("plus").await;
    alice.until("document.querySelector(\"[data-testid='count']\").textContent === '1'").await;
    bob.click("plus").await;
    bob.until("document.querySelector(\"[data-testid='count']\").textContent === '1'").await;
    assert_eq!(alice.text("count").await, "1");
    alice.close().await;
    bob.close().await;
}
