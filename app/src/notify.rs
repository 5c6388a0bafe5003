//! What the desktop shows of what happened, beside the window: what nobody saw there a moment later, under a key of its line,
//! so that a conversation has one place; gone once it was read, here or on another device.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use dioxus::prelude::*;
use kith_node::event::Event;
use kith_node::host::{Notice, Notifier};
use kith_node::id::NotificationId;
use kith_node::view::{NotificationKind, NotificationView};
use kith_node::{Node, NotificationsQuery};
use kith_platform::{OsNotifier, Pressed};
use kith_ui::{OS_NOTICES, OS_TEXTS, t, told};
use tokio::sync::mpsc;

use crate::{host, tray};

/// What is read as it comes, because it is on the screen, is read by then.
const SEEN_BY: Duration = Duration::from_millis(700);
/// Lines that are looked at: more than a desktop shows.
const LINES: usize = 100;
/// Shown one by one; of more at once only how many.
const AT_ONCE: usize = 4;
/// What was pressed and waits for the window.
const PRESSES: usize = 16;
/// Under which the number of many stands.
const MANY: &str = "many";

/// What of a line was told: it is told again where there is more of it.
type Told = (u64, u64);

/// What stands to be done with the desktop.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Show { key: String, title: String, body: String },
    Clear(String),
}

/// Which lines were told of, and which are on the desktop.
#[derive(Debug, Default)]
struct Ledger {
    /// `None` before the first look: what was there before the window is no news.
    told: Option<HashMap<NotificationId, Told>>,
}

impl Ledger {
    /// What to do as these are unread now. `silent`: nothing is shown; `texts`: with names and texts.
    fn steps(&mut self, unread: &[NotificationView], silent: bool, texts: bool) -> Vec<Step> {
        let now: HashMap<NotificationId, Told> =
            unread.iter().map(|line| (line.id, (line.count.max(line.people), line.created_ms))).collect();
        let Some(before) = self.told.replace(now.clone()) else { return Vec::new() };
        let mut steps: Vec<Step> =
            before.keys().filter(|id| !now.contains_key(id)).map(|id| Step::Clear(id.to_string())).collect();
        steps.sort_by_key(|step| format!("{step:?}"));
        if now.is_empty() && !before.is_empty() {
            steps.push(Step::Clear(MANY.to_owned()));
        }
        let grew = |line: &&NotificationView| {
            let (count, at_ms) = now.get(&line.id).copied().unwrap_or_default();
            before.get(&line.id).is_none_or(|(known, known_ms)| count > *known || at_ms > *known_ms)
        };
        let new: Vec<&NotificationView> = unread.iter().filter(grew).collect();
        if silent {
            return steps;
        }
        if new.len() > AT_ONCE {
            let title = kith_ui::t_args("notify-many", &[("count", new.len().into())]);
            steps.push(Step::Show { key: MANY.to_owned(), title, body: String::new() });
            return steps;
        }
        for line in new.into_iter().rev() {
            let (title, body) =
                if texts { (told(line), line.text.clone()) } else { (t("notify-hidden"), String::new()) };
            steps.push(Step::Show { key: line.id.to_string(), title, body });
        }
        steps
    }
}

/// Runs beside the screens: shows, clears, and leads to what was clicked.
pub(crate) fn use_notifier(node: Node) {
    let (pressed, presses) = use_hook(|| {
        let (pressed, presses) = mpsc::channel::<(String, Pressed)>(PRESSES);
        (pressed, Arc::new(tokio::sync::Mutex::new(presses)))
    });
    use_future({
        let node = node.clone();
        move || {
            let notifier: Arc<dyn Notifier> = Arc::new(OsNotifier::new({
                let pressed = pressed.clone();
                move |key: &str, what| {
                    // Where so many wait, one more leads nowhere new.
                    let _full = pressed.try_send((key.to_owned(), what));
                }
            }));
            watch(node.clone(), notifier)
        }
    });
    use_future(move || {
        let (node, presses) = (node.clone(), Arc::clone(&presses));
        async move {
            let mut presses = presses.lock().await;
            while let Some((key, what)) = presses.recv().await {
                match what {
                    Pressed::Open => open(&node, &key).await,
                    Pressed::Read => read(&node, &key).await,
                }
            }
        }
    });
}

async fn watch(node: Node, notifier: Arc<dyn Notifier>) {
    let mut events = node.events();
    let mut ledger = Ledger::default();
    let mut first = true;
    loop {
        if !first {
            let Some(event) = events.next().await else { return };
            let of_it = matches!(
                event,
                Event::NotificationsChanged
                    | Event::ThreadChanged(_)
                    | Event::PostChanged(_)
                    | Event::DevicesChanged
                    | Event::SettingsChanged
                    | Event::Reload
            );
            if !of_it {
                continue;
            }
            tokio::time::sleep(SEEN_BY).await;
        }
        first = false;
        let query = NotificationsQuery { limit: LINES, unread: true, ..NotificationsQuery::default() };
        let Ok(unread) = node.notifications(query).await else { continue };
        let chosen = |key| {
            let node = node.clone();
            async move { node.remembered(key).await.ok().flatten().as_deref() != Some("off") }
        };
        let silent = !chosen(OS_NOTICES).await || node.is_quiet_now().await.unwrap_or_default();
        let steps = ledger.steps(&unread, silent, chosen(OS_TEXTS).await);
        if steps.is_empty() {
            continue;
        }
        let (notifier, label) = (Arc::clone(&notifier), t("notifications-read"));
        // A desktop may take its time.
        let done = tokio::task::spawn_blocking(move || {
            for step in steps {
                let done = match &step {
                    Step::Show { key, title, body } => {
                        // A number of many leads to the list, which says what they are.
                        let read = (key != MANY).then_some(label.as_str());
                        notifier.show(Notice { key, title, body, read })
                    }
                    Step::Clear(key) => notifier.clear(key),
                };
                if let Err(error) = done {
                    tracing::debug!(%error, "the desktop showed nothing");
                    return;
                }
            }
        });
        let _ended = done.await;
    }
}

/// Reads it where it stands: the window stays as it is.
async fn read(node: &Node, key: &str) {
    let done = match key.parse::<NotificationId>() {
        Ok(id) => node.read_notification(id).await,
        Err(_) => return,
    };
    if let Err(error) = done {
        tracing::warn!(%error, "what was pressed could not be marked as read");
    }
}

/// Raises the window and goes where the line leads, which reads it.
async fn open(node: &Node, key: &str) {
    tray::show();
    let query = NotificationsQuery { limit: LINES, ..NotificationsQuery::default() };
    let lines = node.notifications(query).await.unwrap_or_default();
    let line = lines.into_iter().find(|line| line.id.to_string() == key);
    host::go(&line.as_ref().map_or_else(|| "/notifications".to_owned(), kith_ui::path_of));
    // A conversation is read as its end is seen.
    if let Some(line) = line.filter(|line| !line.read && line.kind != NotificationKind::Message)
        && let Err(error) = node.read_notification(line.id).await
    {
        tracing::warn!(%error, "what was clicked could not be marked as read");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use kith_node::id::PersonaId;
    use kith_node::view::NotificationFrom;

    use super::*;

    fn line(id: u8, count: u64) -> NotificationView {
        let from = NotificationFrom { persona: PersonaId::from_bytes([9; 32]), name: "Bob".to_owned(), picture: None };
        NotificationView {
            id: NotificationId::from_bytes([id; 32]),
            kind: NotificationKind::Comment,
            persona: PersonaId::from_bytes([1; 32]),
            from: vec![from],
            people: 1,
            count,
            post: None,
            comment: None,
            thread: None,
            circle: None,
            device: None,
            text: "the text".to_owned(),
            about: String::new(),
            emoji: Vec::new(),
            votes: Vec::new(),
            created_ms: 5,
            read: false,
        }
    }

    fn key(id: u8) -> String {
        NotificationId::from_bytes([id; 32]).to_string()
    }

    #[test]
    fn what_was_there_before_is_no_news_and_what_is_read_goes() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.steps(&[line(1, 1)], false, true), []);
        let steps = ledger.steps(&[line(2, 1), line(1, 1)], false, true);
        let [Step::Show { key: shown, title, body }] = steps.as_slice() else { return assert_eq!(steps, []) };
        assert!(*shown == key(2) && title.contains("Bob") && body == "the text");
        assert_eq!(ledger.steps(&[line(2, 1), line(1, 1)], false, true), [], "told once");
        assert_eq!(ledger.steps(&[line(2, 2), line(1, 1)], false, true).len(), 1, "one more of it");
        assert_eq!(ledger.steps(&[line(1, 1)], false, true), [Step::Clear(key(2))]);
        assert_eq!(ledger.steps(&[], false, true), [Step::Clear(key(1)), Step::Clear(MANY.to_owned())]);
    }

    #[test]
    fn in_quiet_hours_nothing_is_shown_then_or_later_and_texts_can_be_hidden() {
        let mut ledger = Ledger::default();
        ledger.steps(&[], false, true);
        assert_eq!(ledger.steps(&[line(1, 1)], true, true), []);
        assert_eq!(ledger.steps(&[line(1, 1)], false, true), [], "it waits in the window");
        let steps = ledger.steps(&[line(1, 1), line(2, 1)], false, false);
        let [Step::Show { title, body, .. }] = steps.as_slice() else { return assert_eq!(steps, []) };
        assert!(!title.contains("Bob") && body.is_empty());
    }

    #[test]
    fn many_at_once_are_one() {
        let mut ledger = Ledger::default();
        ledger.steps(&[], false, true);
        let many: Vec<_> = (1..=9).map(|id| line(id, 1)).collect();
        let steps = ledger.steps(&many, false, true);
        let [Step::Show { key, title, .. }] = steps.as_slice() else { return assert_eq!(steps, []) };
        assert!(key == MANY && title.contains('9'));
    }
}
