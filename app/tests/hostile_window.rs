//! What somebody hostile publishes, in the real window: nothing of it runs, and nothing is fetched that it names.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/desk.rs"]
mod desk;

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use desk::{PATIENCE, Profile, xdotool};

/// Counts who connects.
fn listen() -> (SocketAddr, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (tell, hear) = sync_channel(64);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _gone = stream.unwrap().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            if tell.send(()).is_err() {
                return;
            }
        }
    });
    (at, hear)
}

/// Ways to have a page run or load something, each of which would connect there.
fn corpus(at: SocketAddr) -> Vec<String> {
    let url = format!("http://{at}/x");
    let fetch = format!("fetch('{url}')");
    vec![
        format!("<img src={url}>"),
        format!("<img src=x onerror=\"{fetch}\">"),
        format!("<svg onload=\"{fetch}\"><animate onbegin=\"{fetch}\" attributeName=x dur=1s>"),
        format!("<script>{fetch}</script><script src={url}></script>"),
        format!("</textarea></title></style><script>{fetch}</script>"),
        format!("<iframe src={url}></iframe><object data={url}></object><embed src={url}>"),
        format!("<link rel=stylesheet href={url}><style>@import '{url}'; * {{ background: url({url}) }}</style>"),
        format!("<meta http-equiv=refresh content=\"0;url={url}\"><base href={url}>"),
        format!("<video autoplay src={url}></video><audio autoplay src={url}></audio>"),
        format!("<details open ontoggle=\"{fetch}\"><input autofocus onfocus=\"{fetch}\">"),
        format!("<div style=\"background: url({url})\" onpointerenter=\"{fetch}\">over</div>"),
        format!("![picture]({url}) [link](javascript:{fetch}) [file](file:///etc/passwd) [data](data:text/html,{url})"),
        format!("\"><img src={url}> ' onmouseover='{fetch} `{fetch}` ${{{fetch}}} {{{{{fetch}}}}}"),
        format!("&lt;img src={url}&gt; &#60;script&#62;{fetch}&#60;/script&#62;"),
    ]
}

#[test]
fn nothing_of_what_somebody_hostile_publishes_runs_or_is_fetched() {
    assert!(std::env::var_os("DISPLAY").is_some(), "no display: run cargo xtask test, which starts Xvfb");
    let (at, heard) = listen();
    TcpStream::connect(at).unwrap();
    heard.recv_timeout(PATIENCE).expect("who connects is heard");

    let alice = Profile::window("Alice");
    let mallory = Profile::node("Mallory");
    alice.follows(&mallory);
    mallory.follows(&alice);
    let said = corpus(at);
    let mut posts = Vec::new();
    for text in &said {
        posts.push(mallory.json(&["post", text])["id"].as_str().unwrap().to_owned());
    }
    let first = posts[0].clone();
    for text in &said {
        mallory.json(&["comment", &first, text]);
    }
    mallory.json(&["post", "behind a warning", "--cw", &said[1]]);
    mallory.json(&["persona", "edit", "--name", "<img src=x onerror=alert(1)>", "--bio", &said[1]]);
    let own = alice.json(&["post", "An evening walk"])["id"].as_str().unwrap().to_owned();
    mallory.until(&["feed"], |feed| {
        feed.as_array().is_some_and(|posts| posts.iter().any(|post| post["id"] == own.as_str()))
    });
    for text in &said {
        mallory.json(&["comment", &own, text]);
    }
    let me = alice.json(&["persona", "list"])[0]["id"].as_str().unwrap().to_owned();
    for text in &said {
        mallory.json(&["dm", &me, text]);
    }
    let all = said.len();
    alice.until(&["feed"], |feed| feed.as_array().is_some_and(|posts| posts.len() >= all + 2));
    alice.until(&["show", &first], |post| post["thread"].as_array().is_some_and(|thread| thread.len() == all));
    alice.until(&["show", &own], |post| post["thread"].as_array().is_some_and(|thread| thread.len() == all));
    let (threads, _) = alice.until(&["threads"], |threads| threads[0]["unread"] == all);
    let thread = threads[0]["id"].as_str().unwrap().to_owned();

    // Every place where it is shown, with the pointer over it.
    let them = mallory.json(&["persona", "list"])[0]["id"].as_str().unwrap().to_owned();
    let mut places =
        vec![format!("kith:conversation/{thread}"), format!("kith:person/{them}"), format!("kith:post/{own}")];
    places.extend(posts.iter().map(|post| format!("kith:post/{post}")));
    for place in places {
        let shown = alice.again(&["--offline", "--", &place]);
        assert!(shown.status.success(), "{place}");
        alice.settle();
        for y in [200, 350, 500, 650] {
            xdotool(&["mousemove", "800", &y.to_string()]);
        }
    }
    alice.until(&["threads"], |threads| threads[0]["unread"] == 0);
    assert!(heard.recv_timeout(Duration::from_secs(1)).is_err(), "something of it was fetched or run");
}
