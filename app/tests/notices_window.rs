//! What the desktop is shown of notifications, by the real window over a real D-Bus daemon, and what a click does.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/desk.rs"]
mod desk;

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use desk::{PATIENCE, Profile, in_session};
use zbus::blocking::{Connection, connection::Builder};
use zbus::zvariant::OwnedValue;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

#[derive(Debug)]
enum Heard {
    Shown { id: u32, replaces: u32, title: String, body: String },
    Closed(u32),
}

struct Server {
    heard: SyncSender<Heard>,
    last: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    fn get_capabilities(&self) -> Vec<String> {
        vec!["actions".to_owned(), "body".to_owned()]
    }

    #[allow(clippy::too_many_arguments)]
    fn notify(
        &mut self,
        _app_name: String,
        replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let id = if replaces_id > 0 {
            replaces_id
        } else {
            self.last += 1;
            self.last
        };
        self.heard.send(Heard::Shown { id, replaces: replaces_id, title: summary, body }).unwrap();
        id
    }

    fn close_notification(&mut self, id: u32) {
        self.heard.send(Heard::Closed(id)).unwrap();
    }
}

fn serve() -> (Connection, Receiver<Heard>) {
    let (heard, hears) = sync_channel(64);
    let server = Server { heard, last: 0 };
    let connection = Builder::session().unwrap().serve_at(PATH, server).unwrap().name(NAME).unwrap().build().unwrap();
    (connection, hears)
}

#[test]
fn the_desktop_shows_what_happened_and_a_click_leads_there() {
    if !in_session("the_desktop_shows_what_happened_and_a_click_leads_there") {
        return;
    }
    let (desktop, hears) = serve();
    let alice = Profile::window("Alice");
    let bob = Profile::node("Bob");
    bob.follows(&alice);
    let post = alice.json(&["post", "Fog over the harbour"])["id"].as_str().unwrap().to_owned();
    bob.until(&["feed"], |feed| feed[0]["id"] == post.as_str());
    bob.json(&["comment", &post, "Which harbour <is> it?"]);
    let Heard::Shown { id, replaces, title, body } = hears.recv_timeout(PATIENCE).unwrap() else { panic!() };
    assert!(replaces == 0 && title.contains("Bob") && title.contains("commented"), "{title}");
    assert_eq!(body, "Which harbour <is> it?", "a desktop without markup gets the text");
    // The click goes there and reads it, and what was read is taken away.
    desktop.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(id, "default")).unwrap();
    alice.until(&["notifications", "--unread"], |lines| lines.as_array().is_some_and(Vec::is_empty));
    let Heard::Closed(closed) = hears.recv_timeout(PATIENCE).unwrap() else { panic!() };
    assert_eq!(closed, id);
    // What is read elsewhere goes too.
    let other = alice.json(&["post", "Rain again"])["id"].as_str().unwrap().to_owned();
    bob.until(&["feed"], |feed| feed[0]["id"] == other.as_str());
    bob.json(&["react", &other, "🎉"]);
    let Heard::Shown { id, title, .. } = hears.recv_timeout(PATIENCE).unwrap() else { panic!() };
    assert!(title.contains("🎉"), "{title}");
    // By its button it is read without the window.
    desktop.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(id, "read")).unwrap();
    alice.until(&["notifications", "--unread"], |lines| lines.as_array().is_some_and(Vec::is_empty));
    let Heard::Closed(closed) = hears.recv_timeout(PATIENCE).unwrap() else { panic!() };
    assert_eq!(closed, id);
    bob.json(&["comment", &other, "Again?"]);
    let Heard::Shown { id, .. } = hears.recv_timeout(PATIENCE).unwrap() else { panic!() };
    alice.json(&["notifications", "read", "--all"]);
    let Heard::Closed(closed) = hears.recv_timeout(PATIENCE).unwrap() else { panic!() };
    assert_eq!(closed, id);
    drop(desktop);
}
