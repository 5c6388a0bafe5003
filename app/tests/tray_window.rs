//! Closing the real window, over a real D-Bus daemon: into the tray where the desktop has one, and to the end where not.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/desk.rs"]
mod desk;

use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Instant;

use desk::{PATIENCE, Profile, in_session, xdotool};
use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask};
use zbus::blocking::{Connection, connection::Builder};
use zbus::zvariant::{OwnedValue, Value};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const ITEM_PATH: &str = "/StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";
const MENU_PATH: &str = "/MenuBar";

/// A desktop's list of icons.
struct Watcher {
    registered: SyncSender<String>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String) {
        self.registered.send(service).unwrap();
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }
}

/// How many windows of the program are on the screen.
fn on_screen() -> usize {
    let output = std::process::Command::new("xdotool").args(["search", "--onlyvisible", "--name", "Kith$"]).output();
    String::from_utf8(output.unwrap().stdout).unwrap().lines().count()
}

fn until_on_screen(wanted: usize) {
    let start = Instant::now();
    while on_screen() != wanted {
        assert!(start.elapsed() < PATIENCE, "{} windows, not {wanted}", on_screen());
    }
}

/// As the cross in its frame does: asks the window to close.
fn close() {
    let window = xdotool(&["search", "--onlyvisible", "--name", "Kith$"]).parse().unwrap();
    let (display, _) = x11rb::connect(None).unwrap();
    let atom = |name: &str| display.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
    let asked = [atom("WM_DELETE_WINDOW"), x11rb::CURRENT_TIME, 0, 0, 0];
    let event = ClientMessageEvent::new(32, window, atom("WM_PROTOCOLS"), asked);
    display.send_event(false, window, EventMask::NO_EVENT, event).unwrap();
    // An answer, so that it was heard before the connection goes.
    display.get_input_focus().unwrap().reply().unwrap();
}

/// The number of the menu's line with this label.
fn line(desktop: &Connection, item: &str, label: &str) -> i32 {
    let asked = (0_i32, -1_i32, Vec::<&str>::new());
    let layout = desktop.call_method(Some(item), MENU_PATH, Some(MENU), "GetLayout", &asked).unwrap();
    type Node = (i32, std::collections::HashMap<String, OwnedValue>, Vec<OwnedValue>);
    let (_, (_, _, lines)): (u32, Node) = layout.body().deserialize().unwrap();
    let mut lines = lines.into_iter().map(|line| Node::try_from(line).unwrap());
    lines.find(|(_, line, _)| line["label"] == OwnedValue::try_from(Value::from(label)).unwrap()).unwrap().0
}

#[test]
fn a_closed_window_is_found_in_the_tray_and_nowhere_else() {
    if !in_session("a_closed_window_is_found_in_the_tray_and_nowhere_else") {
        return;
    }
    let (registered, icons) = sync_channel(8);
    let serve = |registered| {
        let watcher = Watcher { registered };
        Builder::session().unwrap().serve_at(WATCHER_PATH, watcher).unwrap().name(WATCHER).unwrap().build().unwrap()
    };
    let desktop = serve(registered.clone());
    let mut alice = Profile::window("Alice");
    let item = icons.recv_timeout(PATIENCE).unwrap();

    // Closed, it goes on: its node answers, and a click on the icon brings it back.
    close();
    until_on_screen(0);
    assert_eq!(alice.json(&["status"])["running"], true);
    desktop.call_method(Some(item.as_str()), ITEM_PATH, Some(ITEM), "Activate", &(0_i32, 0_i32)).unwrap();
    until_on_screen(1);
    // So does the menu, and a second start.
    let click = |label: &str| {
        let event = (line(&desktop, &item, label), "clicked", Value::from(0_i32), 0_u32);
        desktop.call_method(Some(item.as_str()), MENU_PATH, Some(MENU), "Event", &event).unwrap();
    };
    close();
    until_on_screen(0);
    click("Show Kith");
    until_on_screen(1);
    close();
    until_on_screen(0);
    assert!(alice.again(&["--offline"]).status.success());
    until_on_screen(1);

    // The tray goes while the window is in it: the window is back, and closing it is the end.
    close();
    until_on_screen(0);
    desktop.release_name(WATCHER).unwrap();
    until_on_screen(1);
    close();
    assert!(alice.ends(), "no tray, and no end");
    drop(desktop);

    // The menu's end is one, with a tray.
    let desktop = serve(registered);
    let mut bob = Profile::window("Bob");
    let item = icons.recv_timeout(PATIENCE).unwrap();
    let quit = (line(&desktop, &item, "Quit Kith"), "clicked", Value::from(0_i32), 0_u32);
    desktop.call_method(Some(item.as_str()), MENU_PATH, Some(MENU), "Event", &quit).unwrap();
    assert!(bob.ends(), "the menu ended nothing");
}
