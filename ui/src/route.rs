//! Places. Each has a path, so that a place can be linked, gone back to and restored.

use dioxus::prelude::*;
use kith_node::id::{EntryId, PersonaId, ThreadId};

/// Places that can be gone back to.
const HISTORY: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Route {
    #[default]
    Home,
    Post(EntryId),
    /// A comment under a post: first the post, then the comment.
    Comment(EntryId, EntryId),
    Person(PersonaId),
    /// Comparing keys with somebody.
    Verify(PersonaId),
    People,
    Search,
    Settings,
    Messages,
    /// A private conversation.
    Chat(ThreadId),
    /// A message to somebody who is to be chosen.
    Write,
    /// Lists of people and followed hashtags.
    Lists,
    /// Own circles and who is in them.
    Circles,
    /// What is muted and blocked.
    Muted,
    /// Own devices.
    Devices,
    /// Linking another device.
    Link,
}

impl Route {
    pub(crate) fn path(self) -> String {
        match self {
            Self::Home => "/".to_owned(),
            Self::Post(id) => format!("/post/{id}"),
            Self::Comment(post, id) => format!("/post/{post}/{id}"),
            Self::Person(id) => format!("/person/{id}"),
            Self::Verify(id) => format!("/verify/{id}"),
            Self::People => "/people".to_owned(),
            Self::Search => "/search".to_owned(),
            Self::Settings => "/settings".to_owned(),
            Self::Messages => "/messages".to_owned(),
            Self::Chat(id) => format!("/messages/{id}"),
            Self::Write => "/messages/new".to_owned(),
            Self::Lists => "/lists".to_owned(),
            Self::Circles => "/circles".to_owned(),
            Self::Muted => "/muted".to_owned(),
            Self::Devices => "/devices".to_owned(),
            Self::Link => "/link".to_owned(),
        }
    }

    pub(crate) fn parse(path: &str) -> Option<Self> {
        let mut parts = path.trim_matches('/').split('/');
        let route = match (parts.next(), parts.next()) {
            (Some(""), None) => Self::Home,
            (Some("people"), None) => Self::People,
            (Some("search"), None) => Self::Search,
            (Some("settings"), None) => Self::Settings,
            (Some("messages"), None) => Self::Messages,
            (Some("messages"), Some("new")) => Self::Write,
            (Some("messages"), Some(id)) => Self::Chat(id.parse().ok()?),
            (Some("lists"), None) => Self::Lists,
            (Some("circles"), None) => Self::Circles,
            (Some("muted"), None) => Self::Muted,
            (Some("devices"), None) => Self::Devices,
            (Some("link"), None) => Self::Link,
            (Some("post"), Some(id)) => match parts.next() {
                Some(comment) => Self::Comment(id.parse().ok()?, comment.parse().ok()?),
                None => Self::Post(id.parse().ok()?),
            },
            (Some("person"), Some(id)) => Self::Person(id.parse().ok()?),
            (Some("verify"), Some(id)) => Self::Verify(id.parse().ok()?),
            _ => return None,
        };
        parts.next().is_none().then_some(route)
    }

    /// Whether it stands in the list's place on a wide screen (else beside the list).
    fn is_list(self) -> bool {
        matches!(self, Self::Home | Self::People | Self::Search | Self::Settings | Self::Messages)
    }
}

/// Where the user is, and where they came from.
#[derive(Clone, Copy)]
pub(crate) struct Places {
    stack: Signal<Vec<Route>>,
}

impl Places {
    /// Home, or a place to which one can come from home.
    pub(crate) fn start(at: Route) -> Self {
        let mut stack = vec![Route::Home];
        step(&mut stack, at);
        Self { stack: Signal::new(stack) }
    }

    pub(crate) fn current(self) -> Route {
        self.stack.read().last().copied().unwrap_or_default()
    }

    /// The list that stays beside a detail: of a conversation the others, else the last list that was visited.
    pub(crate) fn list(self) -> Route {
        if matches!(self.current(), Route::Chat(_) | Route::Write) {
            return Route::Messages;
        }
        self.stack.read().iter().rev().copied().find(|route| route.is_list()).unwrap_or_default()
    }

    /// What stands beside the list, if anything.
    pub(crate) fn detail(self) -> Option<Route> {
        Some(self.current()).filter(|route| !route.is_list())
    }

    pub(crate) fn can_go_back(self) -> bool {
        self.stack.read().len() > 1
    }

    /// How many places one can go back.
    pub(crate) fn depth(self) -> usize {
        self.stack.read().len().saturating_sub(1)
    }

    /// Where the browser went, as `/path`, or `/path#-N` for N steps back. Unknown paths change nothing.
    pub(crate) fn arrive(mut self, path: &str) {
        arrive(&mut self.stack.write(), path);
    }

    pub(crate) fn go(mut self, route: Route) {
        let mut stack = self.stack.write();
        step(&mut stack, route);
    }

    /// Goes to a place that takes the shown one's: there is no way back to that.
    pub(crate) fn replace(mut self, route: Route) {
        let mut stack = self.stack.write();
        stack.pop();
        step(&mut stack, route);
    }

    pub(crate) fn back(mut self) {
        if self.stack.peek().len() > 1 {
            self.stack.write().pop();
        }
    }
}

fn arrive(stack: &mut Vec<Route>, path: &str) {
    let (path, back) = match path.split_once("#-") {
        Some((path, back)) => (path, back.parse().unwrap_or(0)),
        None => (path, 0),
    };
    let Some(route) = Route::parse(path) else { return };
    let Some(left) = stack.len().checked_sub(back).filter(|left| *left > 0) else { return step(stack, route) };
    // Back to a place that the app knows as another, after a reload, is a step of its own.
    if back > 0 && stack.get(left - 1) == Some(&route) {
        stack.truncate(left);
    } else {
        step(stack, route);
    }
}

/// Adds a place, unless it is the one that is shown.
fn step(stack: &mut Vec<Route>, route: Route) {
    if stack.last() == Some(&route) {
        return;
    }
    stack.push(route);
    if stack.len() > HISTORY {
        stack.remove(0);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn paths_round_trip() {
        let (post, person) = (EntryId::from_bytes([7; 32]), PersonaId::from_bytes([9; 32]));
        let plain =
            [Route::Home, Route::People, Route::Search, Route::Settings, Route::Lists, Route::Muted, Route::Link];
        let private = [Route::Messages, Route::Write, Route::Circles, Route::Chat(ThreadId::from_bytes([5; 32]))];
        for route in plain
            .into_iter()
            .chain(private)
            .chain([Route::Post(post), Route::Person(person), Route::Verify(person)])
            .chain([Route::Comment(post, EntryId::from_bytes([8; 32]))])
        {
            assert_eq!(Route::parse(&route.path()), Some(route));
        }
        for bad in [
            "/nowhere",
            "/post",
            "/post/xyz",
            "/post/xyz/abc",
            "/people/x",
            "/messages/x",
            "javascript:alert(1)",
            "/post/../settings",
        ] {
            assert_eq!(Route::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_browsers_steps_back_are_the_apps() {
        let mut stack = vec![Route::Home, Route::People, Route::Settings, Route::People];
        arrive(&mut stack, "/settings#-1");
        assert_eq!(stack, [Route::Home, Route::People, Route::Settings]);
        arrive(&mut stack, "/#-2");
        assert_eq!(stack, [Route::Home]);
        arrive(&mut stack, "/people");
        arrive(&mut stack, "/settings#-1");
        arrive(&mut stack, "/people#-99");
        assert_eq!(stack, [Route::Home, Route::People, Route::Settings, Route::People], "not known: a step further");
        arrive(&mut stack, "/nowhere#-1");
        assert_eq!(stack.len(), 4);
    }

    #[test]
    fn history_is_bounded_and_skips_repeats() {
        let mut stack = vec![Route::Home];
        step(&mut stack, Route::Home);
        assert_eq!(stack.len(), 1);
        for _ in 0..HISTORY {
            step(&mut stack, Route::People);
            step(&mut stack, Route::Settings);
        }
        assert_eq!(stack.len(), HISTORY);
    }
}
