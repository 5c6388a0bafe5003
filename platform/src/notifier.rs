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
    use std::sync::{Arc, Mutex, PoisonError};

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
        shown: Arc<Mutex<HashMap<String, u32>>>,
    }

    impl Desk {
        fn connect(on_open: &OnOpen) -> zbus::Result<Self> {
            let connection = Connection::session()?;
            let capabilities = connection.call_method(Some(NAME), PATH, Some(NAME), "GetCapabilities", &())?;
            let capabilities: Vec<String> = capabilities.body().deserialize()?;
            let shown = Arc::new(Mutex::new(HashMap::new()));
            let rule = MatchRule::builder().msg_type(Type::Signal).interface(NAME)?.path(PATH)?.build();
            let signals = MessageIterator::for_match_rule(rule, &connection, Some(SIGNALS))?;
            let (on_open, known) = (Arc::clone(on_open), Arc::clone(&shown));
            // Ends with the connection.
            std::thread::spawn(move || listen(signals, &known, &on_open));
            Ok(Self { connection, markup: capabilities.iter().any(|one| one == "body-markup"), shown })
        }

        fn show(&self, key: &str, title: &str, body: &str) -> zbus::Result<()> {
            let body = if self.markup { escape(body) } else { body.to_owned() };
            let replaces = locked(&self.shown).get(key).copied().unwrap_or_default();
            let hints: HashMap<&str, Value<'_>> =
                HashMap::from([("desktop-entry", Value::from("kith")), ("category", Value::from("im.received"))]);
            let said = ("Kith", replaces, "kith", title, body.as_str(), vec![CLICK, "Kith"], hints, -1_i32);
            let reply = self.connection.call_method(Some(NAME), PATH, Some(NAME), "Notify", &said)?;
            let id: u32 = reply.body().deserialize()?;
            let mut shown = locked(&self.shown);
            if shown.len() >= SHOWN {
                shown.clear();
            }
            shown.insert(key.to_owned(), id);
            Ok(())
        }

        fn clear(&self, key: &str) -> zbus::Result<()> {
            let Some(id) = locked(&self.shown).remove(key) else { return Ok(()) };
            self.connection.call_method(Some(NAME), PATH, Some(NAME), "CloseNotification", &(id,)).map(drop)
        }
    }

    fn listen(signals: MessageIterator, shown: &Mutex<HashMap<String, u32>>, on_open: &OnOpen) {
        for message in signals {
            let Ok(message) = message else { continue };
            let header = message.header();
            let body = message.body();
            let key_of = |id: u32| locked(shown).iter().find(|(_, shown)| **shown == id).map(|(key, _)| key.clone());
            match header.member().map(|member| member.as_str()) {
                Some("ActionInvoked") => {
                    let Ok((id, action)) = body.deserialize::<(u32, String)>() else { continue };
                    if let Some(key) = key_of(id).filter(|_| action == CLICK) {
                        on_open(&key);
                    }
                }
                Some("NotificationClosed") => {
                    let Ok((id, _)) = body.deserialize::<(u32, u32)>() else { continue };
                    if let Some(key) = key_of(id) {
                        locked(shown).remove(&key);
                    }
                }
                _ => {}
            }
        }
    }

    fn locked(shown: &Mutex<HashMap<String, u32>>) -> std::sync::MutexGuard<'_, HashMap<String, u32>> {
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
                        locked(&known.shown).clear();
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
