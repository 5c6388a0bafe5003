//! What the desktop shows of notifications: `org.freedesktop.Notifications` on the session bus. Elsewhere nothing answers.

use std::fmt;
use std::sync::Arc;

/// Called with the key of what the user clicked, on a thread of its own.
type OnOpen = Arc<dyn Fn(&str) + Send + Sync>;

/// The desktop's own notifications. Connects with the first use, and anew where the connection was lost.
pub struct OsNotifier {
    #[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
    desk: std::sync::Mutex<Option<desk::Desk>>,
    on_open: OnOpen,
}

impl fmt::Debug for OsNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OsNotifier")
    }
}

impl OsNotifier {
    /// `on_open` hears the key of what the user clicked.
    pub fn new(on_open: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self {
            #[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
            desk: std::sync::Mutex::new(None),
            on_open: Arc::new(on_open),
        }
    }
}

#[cfg(not(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android")))))]
mod elsewhere {
    use kith_node::host::{Notifier, NotifierError};

    use super::OsNotifier;

    impl Notifier for OsNotifier {
        fn show(&self, _key: &str, _title: &str, _body: &str) -> Result<(), NotifierError> {
            let _nothing_is_clicked = &self.on_open;
            Err(NotifierError::Unavailable("not on this system yet".to_owned()))
        }

        fn clear(&self, _key: &str) -> Result<(), NotifierError> {
            Ok(())
        }
    }
}

#[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
mod desk {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

    use kith_node::host::{Notifier, NotifierError};
    use zbus::MatchRule;
    use zbus::blocking::{Connection, MessageIterator};
    use zbus::message::Type;
    use zbus::zvariant::Value;

    use super::{OnOpen, OsNotifier};

    const NAME: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    /// What the spec calls the click on the notification itself.
    const CLICK: &str = "default";
    /// Signals that wait: a click, and what was closed.
    const SIGNALS: usize = 64;
    /// How many stand in the desktop's list at once: beyond it what was shown first is forgotten here, and stays there.
    const SHOWN: usize = 256;

    /// One connection, and what stands on the desktop.
    pub(super) struct Desk {
        connection: Connection,
        /// Its texts are a kind of HTML: what others wrote is escaped.
        markup: bool,
        shown: Arc<Mutex<Shown>>,
        on_open: OnOpen,
    }

    /// What stands on the desktop.
    #[derive(Default)]
    struct Shown {
        /// The desktop's number of each key.
        ids: HashMap<String, u32>,
        /// What was clicked since the last one was handed over, under a number that is not known: a click may be heard
        /// before the answer that names it.
        early: Option<u32>,
    }

    impl Shown {
        fn key_of(&self, id: u32) -> Option<String> {
            self.ids.iter().find(|(_, shown)| **shown == id).map(|(key, _)| key.clone())
        }
    }

    impl Desk {
        fn connect(on_open: &OnOpen) -> zbus::Result<Self> {
            let connection = Connection::session()?;
            let capabilities = connection.call_method(Some(NAME), PATH, Some(NAME), "GetCapabilities", &())?;
            let capabilities: Vec<String> = capabilities.body().deserialize()?;
            let shown = Arc::new(Mutex::new(Shown::default()));
            let rule = MatchRule::builder().msg_type(Type::Signal).interface(NAME)?.path(PATH)?.build();
            let signals = MessageIterator::for_match_rule(rule, &connection, Some(SIGNALS))?;
            let (heard, known) = (Arc::clone(on_open), Arc::clone(&shown));
            // Ends with the connection.
            std::thread::spawn(move || listen(signals, &known, &heard));
            let markup = capabilities.iter().any(|one| one == "body-markup");
            Ok(Self { connection, markup, shown, on_open: Arc::clone(on_open) })
        }

        fn show(&self, key: &str, title: &str, body: &str) -> zbus::Result<()> {
            let body = if self.markup { escape(body) } else { body.to_owned() };
            let replaces = {
                let mut shown = locked(&self.shown);
                shown.early = None;
                shown.ids.get(key).copied().unwrap_or_default()
            };
            let hints: HashMap<&str, Value<'_>> =
                HashMap::from([("desktop-entry", Value::from("kith")), ("category", Value::from("im.received"))]);
            let said = ("Kith", replaces, "kith", title, body.as_str(), vec![CLICK, "Kith"], hints, -1_i32);
            let reply = self.connection.call_method(Some(NAME), PATH, Some(NAME), "Notify", &said)?;
            let id: u32 = reply.body().deserialize()?;
            let clicked = {
                let mut shown = locked(&self.shown);
                if shown.ids.len() >= SHOWN {
                    shown.ids.clear();
                }
                shown.ids.insert(key.to_owned(), id);
                shown.early.take() == Some(id)
            };
            if clicked {
                (self.on_open)(key);
            }
            Ok(())
        }

        fn clear(&self, key: &str) -> zbus::Result<()> {
            let Some(id) = locked(&self.shown).ids.remove(key) else { return Ok(()) };
            self.connection.call_method(Some(NAME), PATH, Some(NAME), "CloseNotification", &(id,)).map(drop)
        }
    }

    fn listen(signals: MessageIterator, shown: &Mutex<Shown>, on_open: &OnOpen) {
        for message in signals {
            let Ok(message) = message else { continue };
            let header = message.header();
            let body = message.body();
            match header.member().map(|member| member.as_str()) {
                Some("ActionInvoked") => {
                    let Ok((id, action)) = body.deserialize::<(u32, String)>() else { continue };
                    if action != CLICK {
                        continue;
                    }
                    let key = {
                        let mut shown = locked(shown);
                        let key = shown.key_of(id);
                        if key.is_none() {
                            shown.early = Some(id);
                        }
                        key
                    };
                    if let Some(key) = key {
                        on_open(&key);
                    }
                }
                Some("NotificationClosed") => {
                    let Ok((id, _)) = body.deserialize::<(u32, u32)>() else { continue };
                    let mut shown = locked(shown);
                    if let Some(key) = shown.key_of(id) {
                        shown.ids.remove(&key);
                    }
                }
                _ => {}
            }
        }
    }

    fn locked(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
        shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As text in the markup of the specification.
    pub(super) fn escape(text: &str) -> String {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    }

    fn told(error: &zbus::Error) -> NotifierError {
        NotifierError::Unavailable(error.to_string())
    }

    impl OsNotifier {
        /// Does it over the connection that is there, or else over a new one.
        fn with(&self, work: impl Fn(&Desk) -> zbus::Result<()>) -> Result<(), NotifierError> {
            let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = desk.as_ref() {
                match work(known) {
                    Ok(()) => return Ok(()),
                    Err(error) => {
                        // Whoever listened to the old one hears of nothing that the new one shows.
                        locked(&known.shown).ids.clear();
                        tracing::debug!(%error, "the desktop's notifications are asked for again");
                    }
                }
            }
            let new = Desk::connect(&self.on_open).map_err(|error| told(&error))?;
            let done = work(&new).map_err(|error| told(&error));
            *desk = Some(new);
            done
        }
    }

    impl Notifier for OsNotifier {
        fn show(&self, key: &str, title: &str, body: &str) -> Result<(), NotifierError> {
            self.with(|desk| desk.show(key, title, body))
        }

        fn clear(&self, key: &str) -> Result<(), NotifierError> {
            // What was never shown needs no connection.
            let none = self.desk.lock().unwrap_or_else(PoisonError::into_inner).is_none();
            if none { Ok(()) } else { self.with(|desk| desk.clear(key)) }
        }
    }
}
