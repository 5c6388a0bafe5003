//! Private conversations as a list, those that are requests apart, and what all their screens share.

use dioxus::prelude::*;
use kith_node::id::{MessageId, PersonaId, ThreadId};
use kith_node::view::ThreadView;

use crate::attached;
use crate::avatar::Avatar;
use crate::circles::Circles;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::invitations::Invitations;
use crate::markup::text_as_plain;
use crate::me::Me;
use crate::post::{Now, shown_name};
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::switch::Unread;
use crate::time;
use crate::verify::SafetyMark;

/// All conversations, the newest first. One reader ([`Chats::load`]) fills it.
#[derive(Clone, Copy)]
pub(crate) struct Chats {
    /// `None` until the store was read.
    threads: Signal<Option<Vec<ThreadView>>>,
    requests: Signal<Vec<ThreadView>>,
    failed: Signal<Option<Failure>>,
    /// Requests are shown instead of the others.
    asked: Signal<bool>,
    /// Only what this own persona is in; `None`: all.
    only: Signal<Option<PersonaId>>,
    /// Own personas for whom nothing is counted among all on this device.
    quiet: Signal<Vec<PersonaId>>,
    /// Who writes a new message; `None`: who follows those to whom it goes.
    pub(crate) by: Signal<Option<PersonaId>>,
    /// To whom a new message goes.
    pub(crate) to: Signal<Vec<(PersonaId, String)>>,
    /// How far clocks here are ahead of UTC, minutes.
    pub(crate) zone: Signal<i64>,
    /// A message that its conversation is to show when it is opened.
    seek: Signal<Option<(ThreadId, MessageId)>>,
}

impl Chats {
    pub(crate) fn new() -> Self {
        Self {
            threads: Signal::new(None),
            requests: Signal::new(Vec::new()),
            failed: Signal::new(None),
            asked: Signal::new(false),
            only: Signal::new(None),
            quiet: Signal::new(Vec::new()),
            by: Signal::new(None),
            to: Signal::new(Vec::new()),
            zone: Signal::new(0),
            seek: Signal::new(None),
        }
    }

    pub(crate) async fn load(mut self, surface: &Surface) {
        let node = &surface.node;
        let mut quiet = Vec::new();
        for persona in node.personas().await.unwrap_or_default() {
            if node.remembered(&quiet_key(persona.id)).await.ok().flatten().as_deref() == Some("on") {
                quiet.push(persona.id);
            }
        }
        if *self.quiet.peek() != quiet {
            self.quiet.set(quiet);
        }
        let read =
            async { Ok::<_, kith_node::Error>((node.threads(None, false).await?, node.threads(None, true).await?)) };
        match read.await {
            Ok((threads, requests)) => {
                self.failed.set(None);
                if self.threads.peek().as_ref() != Some(&threads) {
                    self.threads.set(Some(threads));
                }
                if *self.requests.peek() != requests {
                    self.requests.set(requests);
                }
            }
            Err(error) => self.failed.set(Some(Failure::of(&error))),
        }
    }

    /// Messages that nobody read yet, without those of requests, of muted conversations and to personas that are quiet.
    pub(crate) fn unread(self) -> u64 {
        self.counted(|thread| !self.is_quiet(thread.persona))
    }

    /// Those to one own persona.
    pub(crate) fn unread_of(self, persona: PersonaId) -> u64 {
        self.counted(|thread| thread.persona == persona)
    }

    fn counted(self, counts: impl Fn(&ThreadView) -> bool) -> u64 {
        let threads = self.threads.read();
        threads.iter().flatten().filter(|thread| !thread.muted && counts(thread)).map(|thread| thread.unread).sum()
    }

    /// Whether nothing to it is counted among all on this device. Reads and subscribes.
    pub(crate) fn is_quiet(self, persona: PersonaId) -> bool {
        self.quiet.read().contains(&persona)
    }

    pub(crate) async fn set_quiet(self, surface: &Surface, persona: PersonaId, quiet: bool) -> kith_node::Result<()> {
        surface.node.remember(&quiet_key(persona), if quiet { "on" } else { "off" }).await?;
        self.load(surface).await;
        Ok(())
    }

    /// Those that are to be seen. Reads and subscribes.
    fn shown(self, threads: &[ThreadView]) -> Vec<ThreadView> {
        let only = *self.only.read();
        threads.iter().filter(|thread| only.is_none_or(|only| thread.persona == only)).cloned().collect()
    }

    /// All, the newest first. Reads and subscribes.
    pub(crate) fn all(self) -> Vec<ThreadView> {
        self.threads.read().clone().unwrap_or_default()
    }

    /// Reads and subscribes.
    pub(crate) fn get(self, id: ThreadId) -> Option<ThreadView> {
        let found = self.threads.read().iter().flatten().find(|thread| thread.id == id).cloned();
        found.or_else(|| self.requests.read().iter().find(|thread| thread.id == id).cloned())
    }

    /// As [`Self::get`], without subscribing.
    pub(crate) fn get_now(self, id: ThreadId) -> Option<ThreadView> {
        let found = self.threads.peek().iter().flatten().find(|thread| thread.id == id).cloned();
        found.or_else(|| self.requests.peek().iter().find(|thread| thread.id == id).cloned())
    }

    /// Goes to the conversation above or below the one that is open, as the list shows them; from the list alone to its first.
    /// `false`: no conversation is looked at.
    pub(crate) fn step(self, places: Places, below: bool) -> bool {
        let open = match places.current() {
            Route::Chat(open) => Some(open),
            Route::Messages => None,
            _ => return false,
        };
        let ids = |threads: &[ThreadView]| threads.iter().map(|thread| thread.id).collect::<Vec<_>>();
        let requests = ids(&self.requests.peek());
        let is_request = open.map_or_else(|| *self.asked.peek(), |open| requests.contains(&open));
        let list = if is_request {
            requests
        } else {
            let (threads, only) = (self.threads.peek(), *self.only.peek());
            let shown = threads.iter().flatten().filter(|thread| only.is_none_or(|only| thread.persona == only));
            shown.map(|thread| thread.id).collect()
        };
        match (open, beside(&list, open, below)) {
            (None, Some(first)) => places.go(Route::Chat(first)),
            // The way back leads to the list, however many were looked at.
            (Some(_), Some(next)) => places.replace(Route::Chat(next)),
            (_, None) => {}
        }
        true
    }

    /// Goes to a message where it stands.
    pub(crate) fn show(mut self, places: Places, thread: ThreadId, message: MessageId) {
        self.seek.set(Some((thread, message)));
        places.go(Route::Chat(thread));
    }

    /// The message that a conversation is to show, once. Reads and subscribes.
    pub(crate) fn sought(mut self, thread: ThreadId) -> Option<MessageId> {
        let (_, message) = (*self.seek.read()).filter(|(of, _)| *of == thread)?;
        self.seek.set(None);
        Some(message)
    }

    /// Goes to the conversation with somebody, or to where the first message is written; with nobody, to where it is
    /// chosen to whom.
    pub(crate) fn write(mut self, places: Places, person: Option<(PersonaId, String)>) {
        let with = |thread: &&ThreadView| !thread.group && person.as_ref().is_some_and(|(id, _)| thread.with == [*id]);
        let known = self.threads.peek().iter().flatten().find(with).map(|thread| thread.id);
        let known = known.or_else(|| self.requests.peek().iter().find(with).map(|thread| thread.id));
        match known {
            Some(id) => places.go(Route::Chat(id)),
            None => {
                self.to.set(person.into_iter().collect());
                self.by.set(None);
                places.go(Route::Write);
            }
        }
    }

    /// Goes to the notes to oneself, or to where the first is written.
    pub(crate) fn write_notes(mut self, places: Places, me: PersonaId) {
        let own = |thread: &&ThreadView| is_notes(thread) && thread.persona == me;
        let known = self.threads.peek().iter().flatten().find(own).map(|thread| thread.id);
        match known {
            Some(id) => places.go(Route::Chat(id)),
            None => {
                self.by.set(None);
                self.to.set(vec![(me, t("messages-notes"))]);
                places.go(Route::Write);
            }
        }
    }
}

fn quiet_key(persona: PersonaId) -> String {
    format!("quiet.{persona}")
}

/// Of one persona with itself.
pub(crate) fn is_notes(thread: &ThreadView) -> bool {
    !thread.group && thread.with.is_empty()
}

/// What a conversation is called.
pub(crate) fn title(thread: &ThreadView) -> String {
    if is_notes(thread) {
        return t("messages-notes");
    }
    if let Some(title) = thread.title.as_ref().filter(|title| !title.trim().is_empty()) {
        return title.clone();
    }
    if thread.names.is_empty() {
        return t("messages-alone");
    }
    if let [name] = thread.names.as_slice() {
        return shown_name(name);
    }
    let name = |name: &String| if name.trim().is_empty() { t("messages-somebody") } else { name.clone() };
    thread.names.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// What stands beside one in a list; where none is chosen, the first.
fn beside<T: Copy + PartialEq>(list: &[T], open: Option<T>, below: bool) -> Option<T> {
    let Some(open) = open else { return list.first().copied() };
    let at = list.iter().position(|one| *one == open)?;
    let next = if below { at.checked_add(1) } else { at.checked_sub(1) };
    list.get(next?).copied()
}

#[component]
pub(crate) fn MessagesScreen() -> Element {
    let mut chats = use_context::<Chats>();
    let places = use_context::<Places>();
    let requests = chats.requests.read();
    let invited = use_context::<Circles>().invited().len();
    let waiting = requests.len() + invited;
    let asked = (chats.asked)() && waiting > 0;
    rsx! {
        header { class: "pane-header",
            h1 { class: "grow", {t("messages-title")} }
            button {
                class: "icon-button",
                aria_label: t("messages-new"),
                title: t("messages-new"),
                "data-testid": "message-new",
                onclick: move |_| chats.write(places, None),
                Icon { shape: Shape::Edit }
            }
        }
        if waiting > 0 {
            nav { class: "tabs", aria_label: t("messages-tabs"),
                button {
                    class: "tab",
                    aria_current: if asked { None } else { Some("page") },
                    "data-testid": "tab-messages",
                    onclick: move |_| chats.asked.set(false),
                    {t("messages-title")}
                }
                button {
                    class: "tab",
                    aria_current: if asked { Some("page") } else { None },
                    "data-testid": "tab-requests",
                    onclick: move |_| chats.asked.set(true),
                    {t_args("messages-requests", &[("count", waiting.into())])}
                }
            }
        }
        PersonaFilter {}
        div { class: "scroll",
            div { class: "column",
                if let Some(failure) = chats.failed.read().as_ref() {
                    p { class: "failure", role: "alert", "{failure}" }
                }
                if asked {
                    Invitations {}
                    if !requests.is_empty() {
                        p { class: "hint", {t("messages-requests-told")} }
                        Rows { threads: chats.shown(&requests) }
                    }
                } else if let Some(threads) = chats.threads.read().as_ref() {
                    if threads.is_empty() {
                        Empty {}
                    } else {
                        Rows { threads: chats.shown(threads) }
                    }
                }
            }
        }
    }
}

/// With several personas: all, or what is to one of them.
#[component]
fn PersonaFilter() -> Element {
    let mut chats = use_context::<Chats>();
    let me = use_context::<Me>();
    if !me.several() {
        return rsx! {};
    }
    let only = (chats.only)();
    rsx! {
        div { class: "tabs", role: "group", aria_label: t("messages-personas"), "data-testid": "messages-personas",
            button { class: "tab", aria_pressed: only.is_none(), "data-testid": "messages-of", onclick: move |_| chats.only.set(None), {t("messages-of-all")} }
            for persona in me.personas() {
                button {
                    key: "{persona.id}",
                    class: "tab",
                    aria_pressed: only == Some(persona.id),
                    "data-testid": "messages-of",
                    onclick: move |_| chats.only.set(Some(persona.id)),
                    span { class: "swatch", "data-colour": persona.colour.name(), "aria-hidden": "true" }
                    bdi { dir: "auto", {shown_name(&persona.name)} }
                    Unread { count: chats.unread_of(persona.id) }
                }
            }
        }
    }
}

/// What one can do first.
#[component]
fn Empty() -> Element {
    let (chats, places, me) = (use_context::<Chats>(), use_context::<Places>(), use_context::<Me>());
    rsx! {
        section { class: "empty", "data-testid": "empty-messages",
            h2 { {t("messages-empty")} }
            p { class: "muted", {t("messages-empty-more")} }
            ul { class: "cards",
                li {
                    button { class: "card card-button", "data-testid": "empty-write", onclick: move |_| chats.write(places, None),
                        strong { {t("messages-new")} }
                        span { {t("messages-new-more")} }
                    }
                }
                li {
                    button {
                        class: "card card-button",
                        "data-testid": "empty-notes",
                        onclick: move |_| {
                            if let Some(me) = me.id() {
                                chats.write_notes(places, me);
                            }
                        },
                        strong { {t("messages-notes")} }
                        span { {t("messages-notes-more")} }
                    }
                }
                li {
                    button { class: "card card-button", onclick: move |_| places.go(Route::People),
                        strong { {t("empty-invite")} }
                        span { {t("empty-invite-more")} }
                    }
                }
            }
        }
    }
}

#[component]
fn Rows(threads: ReadSignal<Vec<ThreadView>>) -> Element {
    rsx! {
        ul { class: "rows", aria_label: t("messages-title"), "data-testid": "threads",
            for thread in threads.read().iter() {
                ThreadRow { key: "{thread.id}{thread.persona}", thread: thread.clone() }
            }
        }
    }
}

#[component]
fn ThreadRow(thread: ReadSignal<ThreadView>) -> Element {
    let places = use_context::<Places>();
    let now = use_context::<Now>();
    let me = use_context::<Me>();
    let view = thread.read();
    let (id, name) = (view.id, title(&view));
    let to = me.persona(view.persona).filter(|_| me.several());
    let last = match view.last_text.as_deref() {
        None => t("messages-nothing-yet"),
        Some("") if view.last_files > 0 => attached::told(view.last_files),
        Some("") => t("message-deleted"),
        Some(text) => text_as_plain(text, &[]),
    };
    rsx! {
        li {
            button {
                class: "row thread-row",
                aria_current: if places.current() == Route::Chat(id) { Some("page") } else { None },
                "data-unread": if view.unread > 0 { "true" } else { "false" },
                "data-testid": "thread-row",
                onclick: move |_| places.go(Route::Chat(id)),
                Face { thread: view.clone() }
                span { class: "row-text grow",
                    span { class: "name-row",
                        bdi { class: "name", dir: "auto", "{name}" }
                        SafetyMark { state: view.safety }
                        if view.muted {
                            span { class: "safety-mark", title: t("quiet"), "data-testid": "thread-muted-mark",
                                Icon { shape: Shape::Mute }
                                span { class: "visually-hidden", {t("quiet")} }
                            }
                        }
                    }
                    if let Some(to) = to {
                        span { class: "muted row-line post-via", "data-testid": "thread-persona",
                            span { class: "swatch", "data-colour": to.colour.name(), "aria-hidden": "true" }
                            {t_args("personas-as", &[("name", shown_name(&to.name).into())])}
                        }
                    }
                    bdi { class: "muted row-line", dir: "auto", "data-testid": "thread-last", "{last}" }
                }
                span { class: "row-end",
                    if let Some(ms) = view.last_ms {
                        time { class: "muted", datetime: time::iso(ms), title: time::absolute(ms), {time::relative((now.0)(), ms)} }
                    }
                    if view.unread > 0 {
                        span { class: "badge number", "data-testid": "thread-unread",
                            span { "aria-hidden": "true", if view.unread > 99 { "99+" } else { "{view.unread}" } }
                            span { class: "visually-hidden", {t_args("messages-unread", &[("count", view.unread.into())])} }
                        }
                    }
                }
            }
        }
    }
}

/// The picture of a conversation: of the other one, or a sign for several.
#[component]
pub(crate) fn Face(thread: ReadSignal<ThreadView>) -> Element {
    let view = thread.read();
    match (view.with.as_slice(), view.names.as_slice()) {
        ([person], [name]) if !view.group => rsx! { PersonFace { person: *person, name: shown_name(name) } },
        _ if is_notes(&view) => rsx! {
            span { class: "avatar avatar-sign", "aria-hidden": "true", Icon { shape: Shape::Bookmark } }
        },
        _ => rsx! {
            span { class: "avatar avatar-sign", "aria-hidden": "true", Icon { shape: Shape::People } }
        },
    }
}

/// Somebody's picture, by their id alone.
#[component]
pub(crate) fn PersonFace(person: ReadSignal<PersonaId>, name: String) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let picture = use_resource(move || {
        let node = surface.node.clone();
        let (person, _again) = (person(), (pulse.profiles)());
        async move { node.profile(person).await.ok().and_then(|view| view.picture_thumb.or(view.picture)) }
    });
    rsx! {
        Avatar { person: person(), name, picture: picture().flatten() }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    #[test]
    fn one_step_and_none_past_an_end() {
        let list = [1, 2, 3];
        assert_eq!((beside(&list, Some(1), true), beside(&list, Some(3), false)), (Some(2), Some(2)));
        assert_eq!((beside(&list, Some(3), true), beside(&list, Some(1), false)), (None, None));
        assert_eq!((beside(&list, None, true), beside(&list, Some(9), true)), (Some(1), None));
        assert_eq!(beside(&[] as &[u8], None, false), None);
    }

    pub(crate) fn thread(names: &[&str]) -> ThreadView {
        ThreadView {
            id: ThreadId::from_bytes([1; 32]),
            with: names.iter().map(|_| PersonaId::from_bytes([2; 32])).collect(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            persona: PersonaId::from_bytes([3; 32]),
            title: None,
            group: names.len() > 1,
            unread: 0,
            last_ms: None,
            last_text: None,
            last_files: 0,
            request: false,
            left: false,
            waiting: false,
            keep_s: 0,
            muted: false,
            safety: kith_node::view::Safety::Unverified,
            changed: Vec::new(),
        }
    }

    #[test]
    fn a_conversation_is_called_by_its_title_else_by_its_people() {
        assert_eq!(title(&thread(&["Bob"])), "Bob");
        assert_eq!(title(&thread(&["Bob", ""])), format!("Bob, {}", t("messages-somebody")));
        assert_eq!(title(&ThreadView { title: Some("Friday".into()), ..thread(&["Bob", "Carol"]) }), "Friday");
        assert_eq!(title(&thread(&[])), t("messages-notes"));
        assert_eq!(title(&ThreadView { group: true, ..thread(&[]) }), t("messages-alone"));
    }
}
