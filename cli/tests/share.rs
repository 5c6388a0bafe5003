//! Share pages of an anchor, over real HTTP with the built program: what everybody may see, and what nobody gets there.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/profile.rs"]
mod profile;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use profile::{PATIENCE, Profile, id, jpeg_with_exif, text};

const NOWHERE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

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
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// A request without a cookie, under a host name that the node has never heard of.
fn ask(web: &str, method: &str, path: &str, more: &str) -> Reply {
    let mut socket = TcpStream::connect(web).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: posts.example.org\r\nConnection: close\r\n{more}\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let reply = Reply { status: head[9..12].parse().unwrap(), head, body: answer[end + 4..].to_vec() };
    assert_eq!(reply.header("set-cookie"), "", "{path}");
    assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
    reply
}

fn get(web: &str, path: &str) -> Reply {
    ask(web, "GET", path, "")
}

fn anchor(profile: &mut Profile) -> String {
    let status = profile.run(&["--role", "anchor", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
    text(&status["web"]["addr"])
}

#[test]
fn a_shared_post_is_shown_with_picture_and_thread_to_everybody() {
    let mut alice = Profile::init("Alice <b>");
    let me = id(&alice.json(&["persona", "list"])[0]);
    let photo = alice.root.path().join("photo.jpg");
    jpeg_with_exif(&photo, "SecretCamera");
    let words = "*Fog* over the harbour #weather\n\nhttps://example.org/?a=1&b=2";
    let post = id(&alice.json(&["post", words, "--attach", photo.to_str().unwrap(), "--alt", "\"Grey\" <water>"]));
    let comment = id(&alice.json(&["comment", &post, "a first comment"]));
    alice.json(&["comment", &comment, "an answer <script>alert(2)</script>"]);
    alice.json(&["react", &post, "👍"]);
    let web = anchor(&mut alice);

    let path = format!("/p/{post}?by={me}");
    let page = get(&web, &path);
    let html = page.text();
    assert_eq!(page.status, 200, "{html}");
    for part in [
        "<em>Fog</em> over the harbour",
        "<bdi class=\"tag\">#weather</bdi>",
        "<a href=\"https://example.org/?a=1&amp;b=2\" rel=\"noopener noreferrer nofollow ugc\"",
        "a first comment",
        "an answer &lt;script&gt;alert(2)&lt;/script&gt;",
        "comment depth-1",
        "👍 1",
        "Alice &lt;b&gt;",
        "alt=\"&quot;Grey&quot; &lt;water&gt;\"",
        "<meta property=\"og:title\" content=\"Alice &lt;b&gt; on Kith\">",
        "<meta property=\"og:description\" content=\"Fog over the harbour #weather https://example.org/?a=1&amp;b=2\">",
        "<code>kith:invite/",
    ] {
        assert!(html.contains(part), "{part} is missing: {html}");
    }
    assert!(!html.contains("<script") && !html.contains("<b>"), "{html}");
    let policy = page.header("content-security-policy");
    for part in ["sandbox;", "default-src 'none'", "img-src 'self'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("script-src") && !policy.contains("allow-"), "{policy}");
    assert_eq!(page.header("cache-control"), "public, max-age=60");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");

    // Who has it already gets nothing again; a new comment is another page.
    let tag = page.header("etag").to_owned();
    let same = ask(&web, "GET", &path, &format!("If-None-Match: W/\"x\", {tag}\r\n"));
    assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, tag.as_str()));
    alice.json(&["comment", &post, "a third one"]);
    assert_eq!(ask(&web, "GET", &path, &format!("If-None-Match: {tag}\r\n")).status, 200);
    let head = ask(&web, "HEAD", &path, "");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(ask(&web, "POST", &path, "Content-Length: 0\r\n").status, 405);
    assert_eq!(get(&web, &format!("/p/{post}")).status, 200, "the author need not be named");

    // Whoever has Kith goes on there.
    let opens = html.split("href=\"kith:").nth(1).unwrap().split('"').next().unwrap();
    assert!(opens.starts_with(&format!("post/{post}?by=")), "{opens}");

    let source = html.split("<img src=\"").nth(1).unwrap().split('"').next().unwrap();
    let picture = get(&web, source);
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/jpeg"));
    assert!(picture.body.starts_with(&[0xff, 0xd8]) && !profile::holds(&picture.body, b"SecretCamera"));
    assert_eq!(picture.header("cross-origin-resource-policy"), "cross-origin", "a sandbox has no origin");
    assert!(picture.header("content-security-policy").contains("sandbox"));
    assert_eq!(ask(&web, "HEAD", source, "").status, 200);
    // Only what the post names: not the same file by another post, nor one that is not named.
    let other = id(&alice.json(&["post", "without a picture"]));
    assert_eq!(get(&web, &source.replace(&post, &other)).status, 404);
    for odd in [format!("{path}&by=x&by=y"), "/p/%ff".to_owned(), format!("/p/%ff/media/{NOWHERE}")] {
        let page = get(&web, &odd);
        let told = String::from_utf8_lossy(&page.body);
        assert!(page.status == 400 && told.contains("not a link to a post"), "{odd}: {told}");
    }
    assert_eq!(get(&web, "/login?token=a&token=b").status, 421, "one logs in under the own name alone");
    assert_eq!(get(&web, &format!("/p/{post}/media/{NOWHERE}")).status, 404);
    for bad in [format!("/p/{post}/media/xyz"), "/p/xyz/media/xyz".into(), format!("/p/{post}/media/..%2f..%2fkith.db")]
    {
        assert_eq!(get(&web, &bad).status, 400, "{bad}");
    }
    alice.stop();
}

#[test]
fn polls_quotes_threads_and_lists_are_shown_whole() {
    let mut alice = Profile::init("Alice");
    let me = id(&alice.json(&["persona", "list"])[0]);
    let quoted = id(&alice.json(&["post", "the first word", "--cw", "An <old> matter"]));
    let around = id(&alice.json(&["post", "the last word", "--quote", &quoted]));
    let poll = id(&alice.json(&[
        "post",
        "Tea or <b>coffee?",
        "--poll",
        "Tea",
        "--poll",
        "<i>Coffee\" x=\"",
        "--poll-ends",
        "3d",
    ]));
    let hidden = id(&alice.json(&["post", "Who?", "--poll", "The butler", "--poll", "Nobody", "--cw", "The ending"]));
    alice.json(&["vote", &poll, "2"]);
    let thread = alice.json(&["post", "one of three", "--then", "two of three", "--then", "three of three"]);
    let parts: Vec<String> = thread["posts"].as_array().unwrap().iter().map(text).collect();
    let carol = id(&alice.json(&["persona", "create", "Carol <i>"]));
    alice.json(&["list", "create", "Sailors"]);
    alice.json(&["list", "add", "Sailors", &carol]);
    let list = id(&alice.json(&["list", "publish", "Sailors"]));
    let web = anchor(&mut alice);
    let page = |id: &str| get(&web, &format!("/p/{id}?by={me}")).text();

    let asked = page(&poll);
    for part in [
        "<bdi dir=\"auto\">Tea</bdi> <span class=\"when\">0 % · 0 votes</span>",
        "<bdi dir=\"auto\">&lt;i&gt;Coffee&quot; x=&quot;</bdi> <span class=\"when\">100 % · 1 vote</span>",
        "One person voted · Open until",
        "To vote, open this post in Kith.",
    ] {
        assert!(asked.contains(part), "{part} is missing: {asked}");
    }
    assert!(!asked.contains("<input") && !asked.contains("<form") && !asked.contains("2\u{fe0f}\u{20e3}"), "{asked}");
    // A vote more is another page.
    alice.json(&["vote", &poll, "1"]);
    assert!(page(&poll).contains("<bdi dir=\"auto\">Tea</bdi> <span class=\"when\">100 % · 1 vote</span>"));
    let folded = page(&hidden);
    let inside = folded.split("<details>").nth(1).unwrap().split("</details>").next().unwrap();
    assert!(inside.contains("The butler") && folded.matches("The butler").count() == 2, "text and label: {folded}");

    let card = page(&around);
    let link = format!("<a href=\"/p/{quoted}?by={me}\"><bdi dir=\"auto\">Alice</bdi></a>");
    assert!(card.contains(&link) && card.contains("An &lt;old&gt; matter</summary>"), "{card}");
    assert!(card.contains("<p class=\"told\" dir=\"auto\">the first word</p></details></blockquote>"), "{card}");
    alice.json(&["deny", &quoted]);
    let denied = page(&around);
    assert!(denied.contains("a post that is not shown here") && !denied.contains("first word"), "{denied}");
    assert!(!denied.contains(&quoted) && denied.contains("the last word"), "{denied}");
    alice.json(&["deny", &quoted, "--undo"]);
    alice.json(&["delete", &quoted]);
    assert!(page(&around).contains("The quoted post was deleted."));

    let whole = page(&parts[0]);
    assert!(whole.contains("Thread · 3 posts"), "{whole}");
    let places: Vec<_> = ["one of three", "two of three", "three of three"]
        .iter()
        .map(|said| whole.rfind(&format!("<p dir=\"auto\">{said}</p>")).expect("a part of the thread"))
        .collect();
    assert!(places.is_sorted(), "{whole}");
    assert!(whole.contains(&format!("<a href=\"/p/{}?by={me}\">Post 3 of the thread</a>", parts[2])), "{whole}");
    let alone = page(&parts[1]);
    assert!(alone.contains(&format!("href=\"/p/{}?by={me}\">Read the whole thread", parts[0])), "{alone}");
    assert!(!alone.contains("three of three"), "{alone}");
    alice.json(&["deny", &parts[1]]);
    let rest = page(&parts[0]);
    assert!(!rest.contains("two of three") && rest.contains("three of three"), "{rest}");
    assert!(rest.contains("Post 3 of the thread") && !rest.contains("Post 2 of the thread"), "{rest}");
    alice.json(&["deny", &parts[0]]);
    assert!(!page(&parts[2]).contains(&parts[0]), "no way to what is not shown");

    let people = page(&list);
    assert!(
        people.contains("A list of 1 person") && people.contains("<bdi dir=\"auto\">Carol &lt;i&gt;</bdi>"),
        "{people}"
    );
    alice.json(&["deny", &carol]);
    assert!(!page(&list).contains("Carol"));
    alice.stop();
}

#[test]
fn what_is_not_shared_is_told_honestly() {
    let mut alice = Profile::init("Alice");
    let me = id(&alice.json(&["persona", "list"])[0]);
    let kept = id(&alice.json(&["post", "kept words"]));
    let taken_back = id(&alice.json(&["post", "regretted words"]));
    let warned = id(&alice.json(&["post", "the butler did it", "--cw", "Ending <of> the book"]));
    let comment = id(&alice.json(&["comment", &kept, "spiteful words"]));
    let web = anchor(&mut alice);
    let page = |id: &str| get(&web, &format!("/p/{id}?by={me}"));

    let absent = page(NOWHERE);
    assert_eq!(absent.status, 404);
    let opens = format!("href=\"kith:post/{NOWHERE}?by={me}\"");
    assert!(absent.text().contains(&opens), "{}", absent.text());
    assert!(absent.text().contains("not found here") && absent.text().contains("install Kith"), "{}", absent.text());
    assert_eq!(absent.header("cache-control"), "no-store");
    assert_eq!(get(&web, &format!("/p/{kept}?by={NOWHERE}")).status, 404, "somebody else is said to be its author");
    assert_eq!(page(&comment).status, 404, "a comment has no page of its own");
    assert_eq!(page(&me).status, 404);
    for bad in ["/p/xyz", "/p/%3Cscript%3E", "/p/0123", &format!("/p/{kept}?by=xyz"), &format!("/p/{kept}0")] {
        let reply = get(&web, bad);
        assert_eq!(reply.status, 400, "{bad}");
        assert!(!reply.text().contains("<script>"));
    }

    let hidden = page(&warned).text();
    let description = "<meta property=\"og:description\" content=\"Ending &lt;of&gt; the book\">";
    assert!(hidden.contains(description) && hidden.contains("<details>"), "{hidden}");
    assert_eq!(hidden.matches("the butler did it").count(), 1, "only behind the warning");

    assert_eq!(page(&taken_back).status, 200);
    alice.json(&["delete", &taken_back]);
    let gone = page(&taken_back);
    assert_eq!(gone.status, 410);
    assert!(!gone.text().contains("regretted"));
    alice.json(&["edit", &kept, "other words"]);
    let edited = page(&kept).text();
    assert!(edited.contains("other words") && !edited.contains("kept words") && edited.contains("edited"), "{edited}");

    // The deny list: a comment, a post, an author; with the beginning of an id too.
    assert_eq!(id(&alice.json(&["deny", &comment[..16]])), comment);
    assert!(!page(&kept).text().contains("spiteful"));
    alice.json(&["deny", &kept]);
    let denied = page(&kept);
    assert_eq!(denied.status, 403);
    assert!(!denied.text().contains("other words"));
    assert_eq!(page(&warned).status, 200);
    let listed = alice.json(&["deny"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    alice.json(&["deny", &kept, "--undo"]);
    assert_eq!(page(&kept).status, 200);
    alice.json(&["deny", &me]);
    assert_eq!(page(&kept).status, 403);
    assert_eq!(get(&web, &format!("/p/{kept}")).status, 403);
    alice.refused_as(&["deny", &kept, "--undo"], "not_found", 1);
    // The own page stays behind its login, and known hosts.
    assert_eq!(get(&web, "/").status, 421);
    alice.stop();
}

#[test]
fn only_anchors_share() {
    let mut alice = Profile::init("Alice");
    let post = id(&alice.json(&["post", "at home"]));
    let status = alice.run(&["--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"]);
    let web = text(&status["web"]["addr"]);
    let reply = get(&web, &format!("/p/{post}"));
    assert_ne!(reply.status, 200);
    assert!(!reply.text().contains("at home"));
    alice.stop();
}

#[test]
fn a_strangers_post_that_is_carried_is_shared() {
    let mut alice = Profile::init("Alice");
    let mut relay = Profile::init("Anchor");
    alice.run_on_loopback(None);
    let web = anchor(&mut relay);
    let invite = text(&alice.json(&["invite"])["invite"]);
    let post = id(&alice.json(&["post", "words that travel #journey"]));
    relay.json(&["follow", &invite]);
    relay.until(&["search", "travel #journey"], PATIENCE, |found| {
        found.as_array().unwrap().iter().any(|found| found["id"] == post.as_str())
    });
    let page = get(&web, &format!("/p/{post}"));
    assert_eq!(page.status, 200);
    assert!(page.text().contains("words that travel"));
    // A reader who has Kith can follow, by way of the anchor.
    let reader = Profile::init("Reader");
    let link =
        page.text().split("<code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default().to_owned();
    assert!(link.starts_with("kith:invite/"), "{link}");
    assert_eq!(reader.json(&["follow", &link])["name"], "Alice");
    // The author is gone: the page stays.
    alice.kill();
    assert_eq!(get(&web, &format!("/p/{post}")).status, 200);
    relay.stop();
}

#[test]
fn search_prints_what_feed_prints() {
    let alice = Profile::init("Alice Example");
    let first = id(&alice.json(&["post", "Fog over the harbour #weather"]));
    let second = id(&alice.json(&["post", "harbour harbour harbour, sun #Weather"]));
    let found = alice.json(&["search", "harbour"]);
    assert_eq!(profile::ids(&found), [second.as_str(), first.as_str()], "newest first");
    assert_eq!(found, alice.json(&["feed"]));
    assert_eq!(profile::ids(&alice.json(&["search", "#weather", "--limit", "1"])), [second.as_str()]);
    assert_eq!(profile::ids(&alice.json(&["search", "from:alice fog"])), [first.as_str()]);
    assert_eq!(alice.json(&["search", "nothing of the kind"]), serde_json::json!([]));
    for odd in ["\"", "AND", "NEAR(", "a*b^c:d", "{x}", "-", "text:x", "'; DROP TABLE post; --", "#", "from:"] {
        assert!(alice.json(&["search", odd]).is_array(), "{odd}");
    }
    alice.refused_as(&["search", "  "], "bad_input", 1);
    alice.refused_as(&["search", "x", "--limit", "0"], "usage", 2);
    let shown = alice.kith(&["search", "alice"]);
    assert!(shown.stdout.contains("Alice Example  (you)"), "{shown:?}");
    assert!(alice.kith(&["search", "weather"]).stdout.contains("#weather  2 posts"));
    alice.json(&["delete", &second]);
    assert_eq!(profile::ids(&alice.json(&["search", "harbour"])), [first.as_str()]);
}
