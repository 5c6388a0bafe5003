//! What happened to the user: the list, the number that waits, and where each line leads.

use dioxus::prelude::*;
use kith_node::id::PersonaId;
use kith_node::view::{NotificationKind as K, NotificationView, Rule, RuleFor};
use kith_node::{Looked, NotificationsQuery};

use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::menu::{More, MuteQuestion, Muting};
use crate::messages::Chats;
use crate::notice::{Notices, act, spawn_in_app};
use crate::post::{Now, shown_name};
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::{Host, Surface};
use crate::time;

/// Lines at first, and how many more on demand.
const PAGE: usize = 50;
/// Lines that are drawn at all.
const LONGEST: usize = 1_000;
/// The highest number that a badge shows.
const MOST: u64 = 99;

/// What waits for the user. One reader ([`News::load`]) fills it.
#[derive(Clone, Copy)]
pub(crate) struct News {
    chats: Chats,
    /// Lines that nobody read yet, of each own persona.
    unread: Signal<Vec<(PersonaId, u64)>>,
    /// Somebody looks at this page: what is on it is read.
    here: Signal<bool>,
}

impl News {
    pub(crate) fn new(chats: Chats) -> Self {
        Self { chats, unread: Signal::new(Vec::new()), here: Signal::new(true) }
    }

    pub(crate) async fn load(mut self, surface: &Surface) {
        let Ok(unread) = surface.node.unread_notifications().await else { return };
        if *self.unread.peek() != unread {
            self.unread.set(unread);
        }
    }

    /// Without those of personas that are quiet. Reads and subscribes.
    pub(crate) fn unread(self) -> u64 {
        self.unread.read().iter().filter(|(id, _)| !self.chats.is_quiet(*id)).map(|(_, count)| count).sum()
    }

    /// Whether somebody looks at this page. Reads and subscribes.
    pub(crate) fn here(self) -> bool {
        (self.here)()
    }

    /// The page's script tells it.
    pub(crate) fn set_here(mut self, here: bool) {
        if *self.here.peek() != here {
            self.here.set(here);
        }
    }

    /// The name of the page: with the number that waits before it.
    pub(crate) fn title(self) -> String {
        match self.unread() {
            0 => "Kith".to_owned(),
            unread => format!("({}) Kith", few(unread)),
        }
    }

    /// Goes where a line leads, which reads it.
    fn follow(self, line: &NotificationView, node: kith_node::Node, places: Places, notices: Notices) {
        let id = line.id;
        places.go(place(line));
        // A conversation is read as it is seen, but for a request, of which nobody is told.
        if line.kind != K::Message && !line.read {
            act(notices, async move { node.read_notification(id).await });
        }
    }
}

/// Where a line leads.
fn place(line: &NotificationView) -> Route {
    match (line.kind, line.post, line.thread) {
        (_, Some(post), _) => line.comment.map_or(Route::Post(post), |comment| Route::Comment(post, comment)),
        (_, _, Some(thread)) => Route::Chat(thread),
        (K::Invitation, ..) => Route::Messages,
        (K::Device, ..) => Route::Devices,
        (K::Backup, ..) => Route::Settings,
        _ => line.from.first().map_or(Route::People, |from| Route::Person(from.persona)),
    }
}

/// Where a line leads, as the path of an address.
pub fn path_of(line: &NotificationView) -> String {
    place(line).path()
}

/// A number on a badge.
pub(crate) fn few(count: u64) -> String {
    if count > MOST { format!("{MOST}+") } else { count.to_string() }
}

/// Gives the page its name, and hears whether somebody looks at it.
#[component]
pub(crate) fn PageTitle() -> Element {
    let news = use_context::<News>();
    let host = try_use_context::<Host>();
    let title = use_memo(move || news.title());
    use_effect(move || {
        if let Some(host) = host {
            (host.title)(&title.read());
        }
    });
    rsx! {
        input {
            r#type: "hidden",
            "data-here": "true",
            "data-title": "{title}",
            oninput: move |event| news.set_here(event.value() == "true"),
        }
    }
}

/// Marks what is told of a place as read, as long as it is on the screen and somebody looks.
pub(crate) fn use_look(looked: impl Fn() -> Option<Looked> + Copy + 'static) {
    let surface = use_context::<Surface>();
    let (news, pulse) = (use_context::<News>(), use_context::<Pulse>());
    use_effect(move || {
        let (_again, here) = ((pulse.notified)(), news.here());
        let Some(looked) = looked().filter(|_| here) else { return };
        let node = surface.node.clone();
        spawn_in_app(async move {
            if let Err(error) = node.look_at(looked).await {
                tracing::warn!(%error, "what was looked at could not be marked as read");
            }
        });
    });
}

#[component]
pub(crate) fn NotificationsScreen() -> Element {
    let surface = use_context::<Surface>();
    let (pulse, notices) = (use_context::<Pulse>(), use_context::<Notices>());
    let mut chats = use_context::<Chats>();
    let now = use_context::<Now>();
    let mut mentions = use_signal(|| false);
    let mut limit = use_signal(|| PAGE);
    let node = surface.node.clone();
    let lines = use_resource(move || {
        let node = node.clone();
        let _again = ((pulse.notified)(), (pulse.threads)(), (pulse.profiles)(), (pulse.settings)());
        let query = NotificationsQuery { limit: limit(), mentions: mentions(), ..NotificationsQuery::default() };
        async move { node.notifications(query).await.map_err(|error| Failure::of(&error)) }
    });
    let node = surface.node.clone();
    let some_off = use_resource(move || {
        let node = node.clone();
        let _again = (pulse.settings)();
        async move { node.notice_rules().await.is_ok_and(|rules| !rules.off.is_empty()) }
    });
    let some_off = some_off().unwrap_or_default();
    let read_all = move |_| {
        let node = surface.node.clone();
        act(notices, async move { node.read_notifications(None).await });
    };
    let lines = lines.read();
    let any_unread = matches!(lines.as_ref(), Some(Ok(lines)) if lines.iter().any(|line| !line.read));
    let words_alone = !matches!(lines.as_ref(), Some(Ok(lines)) if !lines.is_empty());
    rsx! {
        input {
            r#type: "hidden",
            "data-zone": "true",
            oninput: move |event| {
                if let Ok(zone) = event.value().parse() {
                    chats.zone.set(zone);
                }
            },
        }
        header { class: "pane-header",
            h1 { class: "grow", {t("notifications-title")} }
            button {
                class: "button button-quiet",
                disabled: !any_unread,
                "data-testid": "notifications-read-all",
                onclick: read_all,
                {t("notifications-read-all")}
            }
        }
        div { class: "tabs", role: "group", aria_label: t("notifications-filter"),
            button {
                class: "tab",
                aria_pressed: !mentions(),
                "data-testid": "notifications-all",
                onclick: move |_| mentions.set(false),
                {t("notifications-all")}
            }
            button {
                class: "tab",
                aria_pressed: mentions(),
                "data-testid": "notifications-mentions",
                onclick: move |_| mentions.set(true),
                {t("notifications-mentions")}
            }
        }
        // Words alone scroll by keys too, in a narrow window with large text.
        div { class: "scroll", tabindex: words_alone.then_some("0"),
            div { class: "column",
                match lines.as_ref() {
                    None => rsx! { p { class: "quiet-line", role: "status", {t("loading")} } },
                    Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                    Some(Ok(lines)) if lines.is_empty() => rsx! {
                        div { class: "empty", "data-testid": "notifications-empty",
                            Icon { shape: Shape::Bell }
                            if mentions() {
                                p { {t("notifications-empty-mentions")} }
                            } else {
                                p { {t("notifications-empty")} }
                                p { class: "hint", {t("notifications-empty-hint")} }
                            }
                        }
                    },
                    Some(Ok(lines)) => rsx! {
                        for (day , lines) in days(lines, (now.0)(), (chats.zone)()) {
                            section { key: "{day}", aria_label: "{day}",
                                h2 { class: "section-title", "data-testid": "notifications-day", "{day}" }
                                ul { class: "rows",
                                    for line in lines {
                                        Line { key: "{line.persona}{line.id}", line }
                                    }
                                }
                            }
                        }
                        if lines.len() >= limit() && limit() < LONGEST {
                            button { class: "button button-quiet wide", onclick: move |_| limit += PAGE, {t("notifications-more")} }
                        }
                    },
                }
                if some_off && !mentions() {
                    p { class: "hint", "data-testid": "notifications-some-off", {t("notifications-some-off")} }
                }
            }
        }
    }
}

/// In their order, those of each day together.
fn days(lines: &[NotificationView], now_ms: u64, zone: i64) -> Vec<(String, Vec<NotificationView>)> {
    let mut days: Vec<(String, Vec<NotificationView>)> = Vec::new();
    for line in lines {
        let day = time::day(now_ms, line.created_ms, zone);
        match days.last_mut() {
            Some((last, lines)) if *last == day => lines.push(line.clone()),
            _ => days.push((day, vec![line.clone()])),
        }
    }
    days
}

#[component]
fn Line(line: ReadSignal<NotificationView>) -> Element {
    let surface = use_context::<Surface>();
    let (news, places, notices) = (use_context::<News>(), use_context::<Places>(), use_context::<Notices>());
    let now = use_context::<Now>();
    let view = line.read();
    let said = told(&view);
    let age = time::relative((now.0)(), view.created_ms);
    let first = view.from.first().cloned();
    rsx! {
        li { class: if view.read { "row notification" } else { "row notification notification-new" },
            "data-testid": "notification",
            "data-kind": view.kind.name(),
            "data-read": view.read,
            button {
                class: "notification-to grow",
                "data-testid": "notification-open",
                onclick: move |_| news.follow(&line.peek(), surface.node.clone(), places, notices),
                span { class: "notification-face",
                    if let Some(from) = first {
                        Avatar { person: from.persona, name: shown_name(&from.name), picture: from.picture }
                    }
                    span { class: "notification-sign", Icon { shape: sign(view.kind) } }
                }
                span { class: "row-text",
                    span { class: "notification-told", dir: "auto",
                        if !view.read {
                            span { class: "visually-hidden", {t("notifications-new")} }
                        }
                        "{said}"
                    }
                    if !view.text.is_empty() {
                        bdi { class: "notification-text", dir: "auto", "{view.text}" }
                    }
                    if !view.about.is_empty() && view.post.is_some() {
                        bdi { class: "notification-about muted", dir: "auto", "{view.about}" }
                    }
                }
                time { class: "muted notification-when", datetime: time::iso(view.created_ms), aria_label: time::absolute(view.created_ms), "{age}" }
            }
            LineMenu { line }
        }
    }
}

/// What else can be done about a line: hear no more of its like.
#[component]
fn LineMenu(line: ReadSignal<NotificationView>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let mut open = use_signal(|| false);
    let mut muting = use_signal(|| false);
    let view = line.read();
    let what = match (view.post, view.thread) {
        (Some(post), _) => Some((Muting::Thread(post), t("mute-thread"))),
        (_, Some(thread)) => Some((Muting::Conversation(thread), t("notifications-mute-conversation"))),
        _ => None,
    };
    let from = view.from.first().filter(|_| view.people == 1).cloned();
    let (id, unread) = (view.id, !view.read);
    if what.is_none() && from.is_none() && !unread {
        return rsx! {};
    }
    let rule = move |persona, rule| {
        open.set(false);
        let node = surface.node.clone();
        act(notices, async move {
            node.set_notice_rule(RuleFor::Person(persona), rule).await?;
            notices.tell(t("notifications-rule-set"));
            Ok(())
        });
    };
    let surface = use_context::<Surface>();
    rsx! {
        More { open, testid: "notification-menu", label: t("notifications-menu"),
            if unread {
                button {
                    role: "menuitem",
                    "data-autofocus": "true",
                    onmounted: crate::app::focus,
                    "data-testid": "notification-read",
                    onclick: move |_| {
                        open.set(false);
                        let node = surface.node.clone();
                        act(notices, async move { node.read_notification(id).await });
                    },
                    Icon { shape: Shape::Check }
                    {t("notifications-read")}
                }
            }
            if let Some((_, label)) = what.as_ref() {
                button {
                    role: "menuitem",
                    "data-testid": "notification-mute",
                    onclick: move |_| {
                        open.set(false);
                        muting.set(true);
                    },
                    Icon { shape: Shape::Mute }
                    "{label}"
                }
            }
            if let Some(from) = from {
                button {
                    role: "menuitem",
                    "data-testid": "notification-mentions-only",
                    onclick: {
                        let mut rule = rule.clone();
                        move |_| rule(from.persona, Rule::Mentions)
                    },
                    Icon { shape: Shape::Bell }
                    bdi { dir: "auto", {t_args("notifications-mentions-of", &[("name", shown_name(&from.name).into())])} }
                }
                button {
                    role: "menuitem",
                    "data-testid": "notification-nothing",
                    onclick: {
                        let mut rule = rule.clone();
                        move |_| rule(from.persona, Rule::None)
                    },
                    Icon { shape: Shape::Mute }
                    bdi { dir: "auto", {t_args("notifications-nothing-of", &[("name", shown_name(&from.name).into())])} }
                }
            }
        }
        if let Some((what, _)) = what {
            MuteQuestion { what, asking: muting }
        }
    }
}

fn sign(kind: K) -> Shape {
    match kind {
        K::Comment | K::Answer => Shape::Comment,
        K::Mention | K::Quote => Shape::Reply,
        K::Reaction => Shape::Smile,
        K::Repost => Shape::Repost,
        K::Follower => Shape::Person,
        K::Message | K::Request => Shape::Message,
        K::Invitation => Shape::People,
        K::Circle => Shape::Circle,
        K::Device => Shape::Shield,
        K::Edit => Shape::Edit,
        K::Backup => Shape::Warning,
    }
}

/// A line in words: who did what, without what was said.
pub fn told(line: &NotificationView) -> String {
    let name = line.from.first().map_or_else(|| t("person-unnamed"), |from| shown_name(&from.name));
    let others = line.people.saturating_sub(1);
    let who = [("name", name.as_str().into()), ("others", others.into())];
    match line.kind {
        K::Comment => t_args("told-comment", &who),
        K::Answer => t_args("told-answer", &who),
        K::Mention => t_args("told-mention", &who),
        K::Quote => t_args("told-quote", &who),
        K::Reaction if line.comment.is_some() => {
            let [name, others] = who;
            t_args("told-reaction-comment", &[name, others, ("emoji", line.emoji.join(" ").into())])
        }
        K::Reaction if !line.votes.is_empty() => {
            let [name, others] = who;
            let options: Vec<&str> = line.votes.iter().map(|vote| vote.option.as_str()).collect();
            let is_vote = |emoji: &String| line.votes.iter().any(|vote| vote.emoji == *emoji);
            let rest: Vec<&str> = line.emoji.iter().filter(|emoji| !is_vote(emoji)).map(String::as_str).collect();
            let options = ("option", options.join(" · ").into());
            match rest.is_empty() {
                true => t_args("told-vote", &[name, others, options]),
                false => t_args("told-vote-reaction", &[name, others, options, ("emoji", rest.join(" ").into())]),
            }
        }
        K::Reaction => {
            let [name, others] = who;
            t_args("told-reaction", &[name, others, ("emoji", line.emoji.join(" ").into())])
        }
        K::Repost => t_args("told-repost", &who),
        K::Follower => t_args("told-follower", &who),
        K::Message => {
            let [name, _] = who;
            t_args("told-message", &[name, ("count", line.count.into())])
        }
        K::Request => t_args("told-request", &who),
        K::Invitation => {
            let [name, _] = who;
            t_args("told-invitation", &[name, ("group", line.about.as_str().into())])
        }
        K::Circle => {
            let [name, _] = who;
            t_args("told-circle", &[name, ("circle", line.about.as_str().into())])
        }
        K::Device => t_args("told-device", &[("device", line.about.as_str().into())]),
        K::Edit => t_args("told-edit", &who),
        K::Backup => t("told-backup"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_has_room_for_two_digits() {
        assert_eq!((few(7), few(99), few(100), few(4_000)), ("7".into(), "99".into(), "99+".into(), "99+".into()));
    }
}
