//! What the desktop shows of notifications: `org.freedesktop.Notifications` on the session bus. Elsewhere nothing answers.

use std::fmt;
use std::sync::Arc;

/// What the user did with something that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// They clicked on it.
    Open,
    /// They pressed the button by which it is read.
    Read,
}

/// Called with the key of what the user pressed, on a thread of its own.
type OnPress = Arc<dyn Fn(&str, Pressed) + Send + Sync>;

/// The desktop's own notifications. Connects with the first use, and anew where the connection was lost.
pub struct OsNotifier {
    #[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
    desk: std::sync::Mutex<Option<desk::Desk>>,
    on_press: OnPress,
}

impl fmt::Debug for OsNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OsNotifier")
    }
}

impl OsNotifier {
    /// `on_press` hears the key of what the user pressed, and what they did.
    pub fn new(on_press: impl Fn(&str, Pressed) + Send + Sync + 'static) -> Self {
        Self {
            #[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
            desk: std::sync::Mutex::new(None),
            on_press: Arc::new(on_press),
        }
    }
}

#[cfg(not(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android")))))]
mod elsewhere {
    use kith_node::host::{Notice, Notifier, NotifierError};

    use super::OsNotifier;

    impl Notifier for OsNotifier {
        fn show(&self, _notice: Notice<'_>) -> Result<(), NotifierError> {
            let _nothing_is_pressed = &self.on_press;
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

    use kith_node::host::{Notice, Notifier, NotifierError};
    use zbus::MatchRule;
    use zbus::blocking::{Connection, MessageIterator};
    use zbus::message::Type;
    use zbus::zvariant::Value;

    use super::{OnPress, OsNotifier, Pressed};

    const NAME: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    /// What the spec calls the click on the notification itself.
    const CLICK: &str = "default";
    /// The button by which something is read.
    const READ: &str = "read";
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
        on_press: OnPress,
    }

    /// What stands on the desktop.
    #[derive(Default)]
    struct Shown {
        /// The desktop's number of each key.
        ids: HashMap<String, u32>,
        /// What was pressed since the last one was handed over, under a number that is not known: a click may be heard
        /// before the answer that names it.
        early: Option<(u32, Pressed)>,
    }

    impl Shown {
        fn key_of(&self, id: u32) -> Option<String> {
            self.ids.iter().find(|(_, shown)| **shown == id).map(|(key, _)| key.clone())
        }
    }

    impl Desk {
        fn connect(on_press: &OnPress) -> zbus::Result<Self> {
            let connection = Connection::session()?;
            let capabilities = connection.call_method(Some(NAME), PATH, Some(NAME), "GetCapabilities", &())?;
            let capabilities: Vec<String> = capabilities.body().deserialize()?;
            let shown = Arc::new(Mutex::new(Shown::default()));
            let rule = MatchRule::builder().msg_type(Type::Signal).interface(NAME)?.path(PATH)?.build();
            let signals = MessageIterator::for_match_rule(rule, &connection, Some(SIGNALS))?;
            let (heard, known) = (Arc::clone(on_press), Arc::clone(&shown));
            // Ends with the connection.
            std::thread::spawn(move || listen(signals, &known, &heard));
            let markup = capabilities.iter().any(|one| one == "body-markup");
            Ok(Self { connection, markup, shown, on_press: Arc::clone(on_press) })
        }

        fn show(&self, Notice { key, title, body, read }: Notice<'_>) -> zbus::Result<()> {
            let body = if self.markup { escape(body) } else { body.to_owned() };
            let replaces = {
                let mut shown = locked(&self.shown);
                shown.early = None;
                shown.ids.get(key).copied().unwrap_or_default()
            };
            let hints: HashMap<&str, Value<'_>> =
                HashMap::from([("desktop-entry", Value::from("kith")), ("category", Value::from("im.received"))]);
            let mut actions = vec![CLICK, "Kith"];
            actions.extend(read.into_iter().flat_map(|label| [READ, label]));
            let said = ("Kith", replaces, "kith", title, body.as_str(), actions, hints, -1_i32);
            let reply = self.connection.call_method(Some(NAME), PATH, Some(NAME), "Notify", &said)?;
            let id: u32 = reply.body().deserialize()?;
            let pressed = {
                let mut shown = locked(&self.shown);
                if shown.ids.len() >= SHOWN {
                    shown.ids.clear();
                }
                shown.ids.insert(key.to_owned(), id);
                shown.early.take().filter(|(early, _)| *early == id)
            };
            if let Some((_, pressed)) = pressed {
                (self.on_press)(key, pressed);
            }
            Ok(())
        }

        fn clear(&self, key: &str) -> zbus::Result<()> {
            let Some(id) = locked(&self.shown).ids.remove(key) else { return Ok(()) };
            self.connection.call_method(Some(NAME), PATH, Some(NAME), "CloseNotification", &(id,)).map(drop)
        }
    }

    fn listen(signals: MessageIterator, shown: &Mutex<Shown>, on_press: &OnPress) {
        for message in signals {
            let Ok(message) = message else { continue };
            let header = message.header();
            let body = message.body();
            match header.member().map(|member| member.as_str()) {
                Some("ActionInvoked") => {
                    let Ok((id, action)) = body.deserialize::<(u32, String)>() else { continue };
                    let pressed = match action.as_str() {
                        CLICK => Pressed::Open,
                        READ => Pressed::Read,
                        _ => continue,
                    };
                    let key = {
                        let mut shown = locked(shown);
                        let key = shown.key_of(id);
                        if key.is_none() {
                            shown.early = Some((id, pressed));
                        }
                        key
                    };
                    if let Some(key) = key {
                        on_press(&key, pressed);
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
            let new = Desk::connect(&self.on_press).map_err(|error| told(&error))?;
            let done = work(&new).map_err(|error| told(&error));
            *desk = Some(new);
            done
        }
    }

    impl Notifier for OsNotifier {
        fn show(&self, notice: Notice<'_>) -> Result<(), NotifierError> {
            self.with(|desk| desk.show(notice))
        }

        fn clear(&self, key: &str) -> Result<(), NotifierError> {
            // What was never shown needs no connection.
            let none = self.desk.lock().unwrap_or_else(PoisonError::into_inner).is_none();
            if none { Ok(()) } else { self.with(|desk| desk.clear(key)) }
        }
    }
}
