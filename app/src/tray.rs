//! The icon in the tray, and with it what closing the window does: where there is an icon, the window hides and Kith goes
//! on; else, or where that was not wanted, the program ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use dioxus::desktop::{WindowCloseBehaviour, window};
use dioxus::prelude::*;
use kith_node::Node;
use kith_platform::{Tray, TrayError, TrayEvent, TrayTexts};
use kith_ui::{IN_TRAY, t};
use tokio::sync::{mpsc, watch};

/// As wide and high as trays show it at most, pixels.
const SIDE: u32 = 64;
/// Clicks that wait for the window.
const EVENTS: usize = 16;

/// The desktop shows the icon.
static THERE: AtomicBool = AtomicBool::new(false);
/// A window that is closed is to go on there.
static WANTED: AtomicBool = AtomicBool::new(true);
/// The window's title, with how much is unread.
static TITLE: LazyLock<watch::Sender<String>> = LazyLock::new(|| watch::Sender::new(String::new()));

/// Whether the desktop shows the icon.
pub(crate) fn there() -> bool {
    THERE.load(Ordering::Relaxed)
}

/// Whether a window that is closed goes on in the tray.
pub(crate) fn want(on: bool) {
    WANTED.store(on, Ordering::Relaxed);
    close_as_wanted();
}

/// What the icon tells beside its name.
pub(crate) fn tell(title: &str) {
    TITLE.send_replace(title.to_owned());
}

fn close_as_wanted() {
    let hides = there() && WANTED.load(Ordering::Relaxed);
    window().set_close_behavior(if hides {
        WindowCloseBehaviour::WindowHides
    } else {
        WindowCloseBehaviour::WindowCloses
    });
}

/// Brings the window to the front, wherever it was.
pub(crate) fn show() {
    let window = window();
    window.set_visible(true);
    window.set_minimized(false);
    window.set_focus();
}

/// For whoever could reach it by the icon alone.
fn show_if_hidden() {
    if !window().is_visible() {
        show();
    }
}

/// Runs beside the screens.
pub(crate) fn use_tray(node: Node) {
    use_future(move || {
        let node = node.clone();
        async move {
            WANTED.store(node.remembered(IN_TRAY).await.ok().flatten().as_deref() != Some("off"), Ordering::Relaxed);
            let (tell, mut told) = mpsc::channel(EVENTS);
            THERE.store(true, Ordering::Relaxed);
            let tray = match put(tell).await {
                Ok(tray) => Arc::new(tray),
                Err(error) => {
                    tracing::debug!(%error, "closing the window ends the program");
                    THERE.store(false, Ordering::Relaxed);
                    show_if_hidden();
                    return;
                }
            };
            close_as_wanted();
            let mut title = TITLE.subscribe();
            loop {
                tokio::select! {
                    event = told.recv() => match event {
                        Some(event) => heed(event),
                        None => return,
                    },
                    changed = title.changed() => {
                        if changed.is_err() {
                            return;
                        }
                        let (tray, title) = (Arc::clone(&tray), title.borrow_and_update().clone());
                        // A desktop may take its time.
                        let _told = tokio::task::spawn_blocking(move || tray.tell(&title)).await;
                    }
                }
            }
        }
    });
}

async fn put(tell: mpsc::Sender<TrayEvent>) -> Result<Tray, TrayError> {
    let texts = TrayTexts { name: "Kith".to_owned(), show: t("tray-show"), quit: t("tray-quit") };
    let put = move || {
        let icon = image::load_from_memory(crate::ICON).map_err(|error| TrayError::None(error.to_string()))?;
        let icon = icon.thumbnail_exact(SIDE, SIDE).to_rgba8();
        Tray::put(texts, SIDE, icon.as_raw(), move |event| {
            // Where so many wait, one more leads nowhere new.
            let _full = tell.try_send(event);
        })
    };
    tokio::task::spawn_blocking(put).await.unwrap_or_else(|error| Err(TrayError::None(error.to_string())))
}

fn heed(event: TrayEvent) {
    match event {
        TrayEvent::Show => show(),
        TrayEvent::Quit => {
            let window = window();
            window.set_close_behavior(WindowCloseBehaviour::WindowCloses);
            window.close();
        }
        TrayEvent::Gone | TrayEvent::Back => {
            THERE.store(event == TrayEvent::Back, Ordering::Relaxed);
            close_as_wanted();
            if event == TrayEvent::Gone {
                show_if_hidden();
            }
        }
    }
}
