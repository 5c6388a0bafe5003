//! The desktop's notifications over a real D-Bus daemon, with a server of the test's own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/session.rs"]
#[allow(dead_code)]
mod session;

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use kith_node::host::{Notice, Notifier, NotifierError};
use kith_platform::{OsNotifier, Pressed};
use session::in_session;
use zbus::blocking::{Connection, connection::Builder};
use zbus::zvariant::OwnedValue;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// Generous: other tests use the same machine.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Shown { id: u32, replaces: u32, title: String, body: String },
    Closed(u32),
}

/// What a desktop's server would do, but that it shows nothing.
struct Server {
    heard: SyncSender<Heard>,
    markup: bool,
    last: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    fn get_capabilities(&self) -> Vec<String> {
        let all = ["actions", "body", "body-markup"].map(str::to_owned);
        all.into_iter().filter(|one| self.markup || one != "body-markup").collect()
    }

    #[allow(clippy::too_many_arguments)]
    fn notify(
        &mut self,
        app_name: String,
        replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        // What stands there under a name of its own is read by a button.
        let read: &[&str] = if summary == "a" { &[] } else { &["read", "Mark as read"] };
        assert_eq!((app_name.as_str(), actions), ("Kith", [&["default", "Kith"], read].concat()));
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

fn serve(markup: bool) -> (Connection, Receiver<Heard>) {
    let (heard, hears) = sync_channel(64);
    let server = Server { heard, markup, last: 6 };
    let connection = Builder::session().unwrap().serve_at(PATH, server).unwrap().name(NAME).unwrap().build().unwrap();
    (connection, hears)
}

fn notice<'a>(key: &'a str, title: &'a str, body: &'a str) -> Notice<'a> {
    Notice { key, title, body, read: (title != "a").then_some("Mark as read") }
}

fn shown(id: u32, replaces: u32, title: &str, body: &str) -> Heard {
    Heard::Shown { id, replaces, title: title.to_owned(), body: body.to_owned() }
}

#[test]
fn what_is_shown_is_replaced_cleared_and_clicked() {
    in_session("what_is_shown_is_replaced_cleared_and_clicked", |_| {
        let (desktop, hears) = serve(true);
        let (open, opened) = sync_channel(8);
        let notifier = OsNotifier::new(move |key, what| open.send((key.to_owned(), what)).unwrap());
        // Nothing was shown: nothing is cleared.
        notifier.clear("chat").unwrap();
        notifier.show(notice("chat", "1 new message of Bob", "see <b>you</b> & me")).unwrap();
        assert_eq!(
            hears.recv_timeout(PATIENCE).unwrap(),
            shown(7, 0, "1 new message of Bob", "see &lt;b&gt;you&lt;/b&gt; &amp; me")
        );
        notifier.show(notice("post", "Carol commented on your post", "hello")).unwrap();
        assert_eq!(hears.recv_timeout(PATIENCE).unwrap(), shown(8, 0, "Carol commented on your post", "hello"));
        // One conversation has one place.
        notifier.show(notice("chat", "2 new messages of Bob", "at eight")).unwrap();
        assert_eq!(hears.recv_timeout(PATIENCE).unwrap(), shown(7, 7, "2 new messages of Bob", "at eight"));
        // A click on another button is none on the notification.
        for (id, action) in [(7_u32, "other"), (99, "default"), (8, "default")] {
            desktop.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(id, action)).unwrap();
        }
        assert_eq!(opened.recv_timeout(PATIENCE).unwrap(), ("post".to_owned(), Pressed::Open));
        desktop.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(7_u32, "read")).unwrap();
        assert_eq!(opened.recv_timeout(PATIENCE).unwrap(), ("chat".to_owned(), Pressed::Read));
        // It was read elsewhere.
        notifier.clear("chat").unwrap();
        assert_eq!(hears.recv_timeout(PATIENCE).unwrap(), Heard::Closed(7));
        notifier.clear("chat").unwrap();
        // The user closed it: what comes next is a new one.
        desktop.emit_signal(None::<&str>, PATH, NAME, "NotificationClosed", &(8_u32, 2_u32)).unwrap();
        desktop.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(8_u32, "default")).unwrap();
        notifier.show(notice("new", "a", "")).unwrap();
        assert_eq!(hears.recv_timeout(PATIENCE).unwrap(), shown(9, 0, "a", ""));
        desktop.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(9_u32, "default")).unwrap();
        assert_eq!(
            opened.recv_timeout(PATIENCE).unwrap(),
            ("new".to_owned(), Pressed::Open),
            "the closed one was not clicked"
        );
    });
}

#[test]
fn a_desktop_that_knows_no_markup_gets_the_text_and_one_that_starts_again_is_found() {
    in_session("a_desktop_that_knows_no_markup_gets_the_text_and_one_that_starts_again_is_found", |_| {
        let notifier = OsNotifier::new(|_, _| {});
        assert!(matches!(notifier.show(notice("a", "nobody there", "")), Err(NotifierError::Unavailable(_))));
        let (desktop, hears) = serve(false);
        notifier.show(notice("a", "a", "1 < 2 & 3")).unwrap();
        assert_eq!(hears.recv_timeout(PATIENCE).unwrap(), shown(7, 0, "a", "1 < 2 & 3"));
        drop((desktop, hears));
        let (_desktop, hears) = serve(false);
        notifier.show(notice("b", "b", "")).unwrap();
        let heard = hears.recv_timeout(PATIENCE).unwrap();
        assert!(matches!(heard, Heard::Shown { title, .. } if title == "b"));
    });
}
