//! The whole tree over a real node, drawn to text. With `KITH_SCREENS=DIR` each page is also written there, to be
//! looked at in a browser.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;
use std::time::Duration;

use dioxus::dioxus_core::NoOpMutations;
use dioxus::prelude::*;
use kith_node::host::MemoryKeystore;
use kith_node::lock::Holder;
use kith_node::view::Role;
use kith_node::{Config, MessageDraft, NetworkMode, Node, PostDraft};
use kith_ui::{App, CSS, HEAD, Place, Surface, Uploads};

const DEADLINE: Duration = Duration::from_secs(20);

struct Home {
    node: Node,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

/// A node without network, in a folder of its own.
fn home() -> Home {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        profile: folder.path().join("profile"),
        create: true,
        holder: Holder::Node,
        role: Role::Desktop,
        listen: None,
        network: NetworkMode::Offline,
        lock_wait_ms: 1_000,
    };
    let node = Node::open(config, Arc::new(MemoryKeystore::default())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Home { node, runtime, _folder: folder }
}

/// Nothing of the node is left running where the process ends.
impl Drop for Home {
    fn drop(&mut self) {
        self.runtime.block_on(self.node.shutdown());
    }
}

impl Home {
    /// Draws the place until all that is wanted is there and nothing stands in for what is still read: parts of it come from
    /// the store one by one.
    fn draw<const N: usize>(&self, name: &str, place: &str, wanted: [&str; N]) -> String {
        let mut dom = VirtualDom::new(App)
            .with_root_context(Surface {
                node: self.node.clone(),
                media_base: "/media".into(),
                uploads: Uploads::Page,
                keystore_note: None,
            })
            .with_root_context(Place(place.to_owned()));
        dom.rebuild_in_place();
        let html = self.runtime.block_on(async {
            let started = std::time::Instant::now();
            loop {
                let html = dioxus_ssr::render(&dom);
                if wanted.iter().all(|part| html.contains(part)) && !html.contains("data-skeleton") {
                    return html;
                }
                let left = DEADLINE.saturating_sub(started.elapsed());
                let worked = tokio::time::timeout(left, dom.wait_for_work()).await;
                assert!(worked.is_ok(), "{wanted:?} did not come; the page is {html}");
                dom.render_immediate(&mut NoOpMutations);
            }
        });
        if let Ok(folder) = std::env::var("KITH_SCREENS") {
            let page = format!("<!DOCTYPE html><html lang=en><head>{HEAD}<style>{CSS}</style></head><body>{html}");
            std::fs::write(std::path::Path::new(&folder).join(format!("{name}.html")), page).unwrap();
        }
        html
    }
}

#[test]
fn a_newcomer_is_asked_for_a_name_and_nothing_else() {
    let home = home();
    let html = home.draw("welcome", "/", ["welcome-name"]);
    let fields = html.matches("<input").count() - html.matches("<input type=\"hidden\"").count();
    assert_eq!(fields, 1, "the name, beside hidden fields of the host: {html}");
    for word in ["server", "password", "phrase", "relay"] {
        assert!(!html.to_lowercase().contains(word), "{word} has no place on the welcome screen");
    }
}

#[test]
fn every_place_is_drawn_from_the_local_store() {
    let home = home();
    let (node, runtime) = (&home.node, &home.runtime);
    let me = runtime.block_on(node.create_persona("Alice Example")).unwrap();
    let hostile = "*Hello* from <script>alert(1)</script> https://example.org and a #tag";
    let first = runtime.block_on(node.post(PostDraft { text: hostile.into(), ..PostDraft::default() })).unwrap();
    let warned = PostDraft { text: "the end of the book".into(), cw: Some("spoilers".into()), ..PostDraft::default() };
    runtime.block_on(node.post(warned)).unwrap();
    let comment = runtime.block_on(node.comment(None, first, "A first comment")).unwrap();
    runtime.block_on(node.comment(None, comment, "An answer to it")).unwrap();
    runtime.block_on(node.react(None, first, "👍")).unwrap();

    let feed = home.draw("feed", "/", ["data-testid=\"post\"", "<em>Hello</em>", "spoilers", "data-testid=\"tag\""]);
    assert!(!feed.contains("<script") && !feed.contains("the end of the book"), "a warned text waits: {feed}");
    assert!(feed.contains("role=\"feed\"") && feed.contains("<nav"));

    // The answer is indented.
    home.draw("post", &format!("/post/{first}"), ["An answer to it", "data-depth=\"1\"", "👍"]);

    home.draw("person", &format!("/person/{me}"), ["profile-edit", "Alice Example"]);
    home.draw("people", "/people", ["follow-input", "circles-open", "follow-tell", "followers-empty"]);
    home.draw("circles-empty", "/circles", ["circles-empty", "circle-name"]);
    let family = runtime.block_on(node.create_circle(None, "Family <b>")).unwrap();
    home.draw("circles", "/circles", ["Family &#60;b&#62;", "circle-delete", "data-colour=\"orange\""]);
    let to_family = PostDraft { text: "supper at eight".into(), circles: vec![family], ..PostDraft::default() };
    let sealed = runtime.block_on(node.post(to_family)).unwrap();
    let sealed = home.draw("sealed", &format!("/post/{sealed}"), ["data-testid=\"sealed-told\"", "supper at eight"]);
    let count = |part: &str| sealed.matches(part).count();
    let (cards, closed) = (count("<article"), count("data-sealed=true") + count("data-sealed=\"true\""));
    assert_eq!(count("data-testid=\"repost\""), cards - closed, "a post to a circle is not passed on: {sealed}");
    assert!(closed > 0);
    runtime.block_on(node.create_group(None, "Hikers")).unwrap();
    home.draw("groups", "/circles", ["Hikers", "group-close", "Made this group", "kind-group"]);
    let search = home.draw("search", "/search", ["search-input", "from:somebody"]);
    assert!(!search.contains("search-nothing"), "{search}");
    home.draw("settings", "/settings", ["settings-role"]);

    let empty = home.draw("messages-empty", "/messages", ["empty-messages"]);
    assert!(empty.contains("empty-write") && empty.contains("empty-notes"), "it says what to do next: {empty}");
    let said = |text: &str, reply_to| MessageDraft { text: text.to_owned(), reply_to, attachments: Vec::new() };
    let note = runtime.block_on(node.dm(None, vec![me], said(hostile, None))).unwrap();
    runtime.block_on(node.send(None, note.thread, said("An answer to it", Some(note.id)))).unwrap();
    runtime.block_on(node.react_to_message(note.thread, note.id, "👍")).unwrap();
    runtime.block_on(node.keep_messages(note.thread, 3_600)).unwrap();
    let messages = home.draw("messages", "/messages", ["thread-row", "An answer to it", "Note to self"]);
    assert!(!messages.contains("nav-unread"), "own notes are read");
    let parts = [
        "data-testid=\"say-text\"",
        "<em>Hello</em>",
        "data-testid=\"message-quote\"",
        "👍",
        "thread-row",
        "role=\"log\"",
        "Today",
        "Disappearing after",
    ];
    let chat = home.draw("chat", &format!("/messages/{}", note.thread), parts);
    assert!(!chat.contains("<script"), "{chat}");
    assert!(!chat.contains("message-state"), "notes go to nobody");
    home.draw("write", "/messages/new", ["write-notes"]);

    let others = ["Bob", "Carol"].map(|name| runtime.block_on(node.create_persona(name)).unwrap());
    let group = runtime.block_on(node.dm(Some(me), others.to_vec(), said("Friday at eight?", None))).unwrap();
    home.draw("group", &format!("/messages/{}", group.thread), ["message-state", "members"]);
}
