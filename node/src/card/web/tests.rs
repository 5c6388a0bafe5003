use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

const PAGE: Wish = Wish { accept: "text/html", most_bytes: 1_000, cut: true };

struct Server {
    addr: SocketAddr,
    told: tokio::sync::mpsc::Receiver<String>,
    _guard: crate::task::TaskGuard,
}

impl Server {
    fn web(&self) -> Web {
        Web { test: Some(self.addr), wait: Duration::from_secs(5) }
    }

    fn url(&self, path: &str) -> Url {
        format!("http://{}{path}", self.addr).parse().unwrap()
    }

    /// How often it was asked since.
    fn asked(&mut self) -> usize {
        std::iter::from_fn(|| self.told.try_recv().ok()).count()
    }
}

/// A server of this test: answers each path with what `answer` says, and tells what it was asked.
async fn serve(answer: fn(&str, SocketAddr) -> Vec<u8>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (tell, told) = tokio::sync::mpsc::channel(100);
    let guard = crate::task::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") && socket.read_buf(&mut asked).await.unwrap_or(0) > 0 {}
            let asked = String::from_utf8_lossy(&asked).into_owned();
            let path = asked.split(' ').nth(1).unwrap_or_default().to_owned();
            let _kept = tell.try_send(asked);
            let _sent = socket.write_all(&answer(&path, addr)).await;
            if path == "/slow" {
                // The rest never comes.
                std::future::pending::<()>().await;
            }
        }
    });
    Server { addr, told, _guard: guard }
}

fn ok(kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nSet-Cookie: a=b\r\n\r\n{body}")
        .into()
}

fn to(place: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n").into()
}

fn pages(path: &str, addr: SocketAddr) -> Vec<u8> {
    let other = addr.port() ^ 1;
    match path {
        "/page" => ok("text/html; charset=latin1", "<title>Fog</title>"),
        "/moved" => to("/again?x=1#part"),
        "/again?x=1" => to(&format!("http://{addr}/page")),
        "/round" => to("/round"),
        "/inside" => to(&format!("http://127.0.0.1:{other}/page")),
        "/router" => to("http://192.168.0.1/admin"),
        "/cloud" => to("http://169.254.169.254/latest/meta-data"),
        "/six" => to("http://[::ffff:127.0.0.1]/"),
        "/file" => to("file:///etc/passwd"),
        "/user" => to(&format!("http://a:b@{addr}/page")),
        "/refresh" => ok("text/html", "<meta http-equiv=refresh content='0; url=/page'>"),
        "/large" => ok("text/html", &"x".repeat(100_000)),
        "/slow" => b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n<title>".to_vec(),
        "/broken" => b"SSH-2.0-server\r\n".to_vec(),
        _ => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
    }
}

#[tokio::test]
async fn a_page_is_fetched_and_told_nothing() {
    let mut server = serve(pages).await;
    let page = server.web().fetch(&server.url("/moved"), PAGE).await.unwrap();
    assert_eq!(
        (page.bytes.as_slice(), page.content_type.as_str()),
        (&b"<title>Fog</title>"[..], "text/html; charset=latin1")
    );
    assert_eq!(page.url, server.url("/page"));
    for _ in 0..3 {
        let asked = server.told.recv().await.unwrap().to_ascii_lowercase();
        for line in asked.lines().skip(1).filter(|line| !line.is_empty()) {
            let known = ["accept: text/html", "user-agent: kith (link preview)", "host: 127.0.0.1"];
            assert!(known.iter().any(|known| line.starts_with(known)), "{asked}");
        }
    }
    // What a page asks of a browser is not done.
    server.web().fetch(&server.url("/refresh"), PAGE).await.unwrap();
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn nothing_of_this_machine_or_network_is_asked_at_any_hop() {
    let mut server = serve(pages).await;
    let closed = Web { test: None, ..server.web() };
    for place in [server.url("/page"), "http://localhost:9/".parse().unwrap(), "http://0x7f000001/".parse().unwrap()] {
        assert_eq!(closed.fetch(&place, PAGE).await.unwrap_err(), CardError::Private, "{place}");
    }
    assert_eq!(server.asked(), 0, "it was not even connected to");
    for path in ["/inside", "/router", "/cloud", "/six"] {
        assert_eq!(server.web().fetch(&server.url(path), PAGE).await.unwrap_err(), CardError::Private, "{path}");
    }
    for path in ["/file", "/user"] {
        assert_eq!(server.web().fetch(&server.url(path), PAGE).await.unwrap_err(), CardError::NoLink, "{path}");
    }
    assert_eq!(server.asked(), 6);
    assert_eq!(server.web().fetch(&server.url("/round"), PAGE).await.unwrap_err(), CardError::Redirects);
    assert_eq!(server.asked(), 1 + limits::CARD_REDIRECTS);
}

#[tokio::test]
async fn what_is_too_large_too_slow_or_no_page_ends() {
    let server = serve(pages).await;
    assert_eq!(server.web().fetch(&server.url("/large"), PAGE).await.unwrap().bytes.len(), 1_000);
    let whole = Wish { cut: false, ..PAGE };
    assert_eq!(server.web().fetch(&server.url("/large"), whole).await.unwrap_err(), CardError::TooLarge);
    assert_eq!(server.web().fetch(&server.url("/none"), PAGE).await.unwrap_err(), CardError::Answered(404));
    assert_eq!(server.web().fetch(&server.url("/broken"), PAGE).await.unwrap_err(), CardError::Unreachable);
    let hasty = Web { wait: Duration::from_millis(300), ..server.web() };
    let start = Instant::now();
    assert_eq!(hasty.fetch(&server.url("/slow"), PAGE).await.unwrap_err(), CardError::Slow);
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn only_the_open_internet_is_open() {
    for open in
        ["93.184.216.34", "1.1.1.1", "172.32.0.1", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "2002:5db8:d822::1"]
    {
        assert!(is_open(open.parse().unwrap()), "{open}");
    }
    for closed in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.8.8.8",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "192.0.0.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.251",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "fe80::1",
        "fd00::1",
        "fc00::1",
        "ff02::fb",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2002:c0a8:101::1",
        "2001::1",
        "2001:db8::1",
        "100::1",
        "5f00::1",
    ] {
        assert!(!is_open(closed.parse().unwrap()), "{closed}");
    }
}

#[test]
fn only_links_of_the_web_are_taken() {
    for url in ["https://example.org/a?b#c", "http://example.org:8080"] {
        assert!(allowed(url.parse().unwrap()).is_ok(), "{url}");
    }
    for url in
        ["ftp://example.org", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "https://a@example.org"]
    {
        assert_eq!(allowed(url.parse().unwrap()).unwrap_err(), CardError::NoLink, "{url}");
    }
}
