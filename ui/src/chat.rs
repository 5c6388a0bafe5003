//! A private conversation: what was said, with the newest at the bottom, and a field to go on.

use std::collections::HashMap;
use std::rc::Rc;

use dioxus::prelude::*;
use kith_node::Node;
use kith_node::id::{MessageId, ThreadId};
use kith_node::limits::FEED_PAGE;
use kith_node::view::{MessageView, ThreadView};

use crate::bubble::{Bubble, Standing, place_of, said};
use crate::choice::OneOf;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::keyboard::Keyboard;
use crate::layer::{Dialog, use_layer};
use crate::menu::{Ask, BlockQuestion, More, MuteQuestion, Muting};
use crate::messages::{Chats, Face, PersonFace, is_notes, title};
use crate::nav::BackButton;
use crate::notice::{Notices, act};
use crate::notifications::News;
use crate::post::{Now, shown_name};
use crate::route::{Places, Route};
use crate::rows::{Ear, Long, Sight, Space};
use crate::say::{Drafts, MessageBox};
use crate::skeleton::{ChatSkeleton, Trouble};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;
use crate::verify::{KeyChanged, SafetyMark};

/// Messages that are read at a time, and at first.
const PAGE: usize = 50;
/// Messages of one conversation that are looked through at once; a search leads further back.
const LONGEST: usize = 3_000;
/// Messages by the same hand within this time stand together, ms.
const TOGETHER_MS: u64 = 5 * 60_000;
/// How long messages may stay after they were read: a name for forms, the text's key, seconds.
const TIMERS: [(&str, &str, u64); 4] = [
    ("off", "timer-off", 0),
    ("hour", "timer-hour", 3_600),
    ("day", "timer-day", 86_400),
    ("week", "timer-week", 604_800),
];

#[component]
pub(crate) fn ChatScreen(id: ReadSignal<ThreadId>) -> Element {
    rsx! {
        for shown in [id()] {
            Chat { key: "{shown}", id: shown }
        }
    }
}

/// A part of the conversation that ends with its newest message.
#[derive(Debug, Clone, PartialEq)]
struct Page {
    messages: Vec<MessageView>,
    /// There is nothing older.
    whole: bool,
}

impl Page {
    async fn read(node: &Node, thread: ThreadId, count: usize) -> kith_node::Result<Self> {
        let first = count.min(FEED_PAGE);
        let mut messages = node.messages(thread, first, None).await?;
        let mut whole = messages.len() < first;
        while !whole && messages.len() < count {
            let Some(oldest) = messages.first().map(|message| message.id) else { break };
            let wanted = (count - messages.len()).min(FEED_PAGE);
            let mut older = node.messages(thread, wanted, Some(oldest)).await?;
            whole = older.len() < wanted;
            older.append(&mut messages);
            messages = older;
        }
        Ok(Self { messages, whole })
    }

    /// What is drawn: the oldest one only tells how the next stands, unless it is the first of all.
    fn shown(&self) -> &[MessageView] {
        self.messages.get(usize::from(!self.whole)..).unwrap_or_default()
    }

    /// What is drawn, the newest first.
    fn newest_first(&self) -> Vec<MessageId> {
        self.shown().iter().rev().map(|message| message.id).collect()
    }

    /// The first of so many that were not read.
    fn first_unread(&self, unread: u64) -> Option<MessageId> {
        let skipped = usize::try_from(unread).unwrap_or(usize::MAX).checked_sub(1)?;
        let mut unread = self.messages.iter().rev().filter(|message| !message.own && !message.deleted);
        unread.nth(skipped).map(|message| message.id)
    }
}

/// What stands above a message, and whether it begins a new hand.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    day: Option<String>,
    head: bool,
}

/// How each message stands, in their order.
fn rows(messages: &[MessageView], line: Option<MessageId>, now_ms: u64, zone: i64) -> Vec<(&MessageView, Row)> {
    let before = std::iter::once(None).chain(messages.iter().map(Some));
    let pairs = before.zip(messages);
    pairs
        .map(|(before, message)| {
            let new_day = before.is_none_or(|before| {
                time::day_number(before.created_ms, zone) != time::day_number(message.created_ms, zone)
            });
            let together = before.is_some_and(|before| {
                before.from == message.from && message.created_ms.saturating_sub(before.created_ms) <= TOGETHER_MS
            });
            let day = new_day.then(|| time::day(now_ms, message.created_ms, zone));
            (message, Row { head: day.is_some() || !together || line == Some(message.id), day })
        })
        .collect()
}

#[component]
fn Chat(id: ThreadId) -> Element {
    let surface = use_context::<Surface>();
    let (pulse, keyboard, now) = (use_context::<Pulse>(), use_context::<Keyboard>(), use_context::<Now>());
    let mut chats = use_context::<Chats>();
    let drafts = use_context::<Drafts>();
    let news = use_context::<News>();
    let notices = use_context::<Notices>();
    let view = use_memo(move || chats.get(id));
    let mut count = use_signal(|| PAGE);
    // Where reading begins, worked out once; and whether it was brought to the screen.
    let mut line = use_signal(|| None::<Option<MessageId>>);
    // The newest message, while the end is on the screen.
    let mut seen = use_signal(|| None::<MessageId>);
    // What others wrote while the end was not.
    let mut missed = use_signal(|| 0_usize);
    let mut told = use_signal(String::new);
    let mut sought = use_signal(|| None::<MessageId>);
    let mut newest = use_signal(|| None::<MessageId>);
    let mut bottom = use_signal(|| None::<Rc<MountedData>>);
    // An own message was written: its end is shown as soon as it is there.
    let mut follow = use_signal(|| false);
    let to_end = move || {
        if let Some(bottom) = bottom.peek().clone() {
            spawn(async move {
                let _where_it_can = bottom.scroll_to(ScrollBehavior::Instant).await;
            });
        }
    };
    // Reading was brought to where it begins.
    let mut begun = use_hook(|| CopyValue::new(false));
    // The newest first: it is read from its end.
    let rows_in_page = use_hook(Long::<MessageId>::new);
    let node = surface.node.clone();
    let mut pages = use_resource(move || {
        let node = node.clone();
        let (wanted, _again) = (count(), ((pulse.threads)(), (pulse.profiles)(), (pulse.settings)()));
        async move {
            let unread = chats.get_now(id).map_or(0, |view| view.unread);
            let begun = line.peek().is_some();
            let least = usize::try_from(unread).unwrap_or_default().saturating_add(PAGE).min(LONGEST);
            let wanted = if begun { wanted } else { wanted.max(least) };
            let page = Page::read(&node, id, wanted).await.map_err(|error| Failure::of(&error))?;
            if !begun {
                let first = page.first_unread(unread);
                line.set(Some(first));
                if let Some(first) = first {
                    rows_in_page.reach(&page.newest_first(), first);
                }
                if wanted > *count.peek() {
                    count.set(wanted);
                }
            }
            let last = page.messages.last();
            let known = *newest.peek();
            if let Some(last) = last.filter(|last| known != Some(last.id)) {
                newest.set(Some(last.id));
                if known.is_some() && last.own {
                    follow.set(true);
                } else if known.is_some() {
                    let came = page.messages.iter().rev().take_while(|message| Some(message.id) != known);
                    if seen.peek().is_none() {
                        missed += came.filter(|message| !message.own).count();
                    }
                    let name = shown_name(&last.from_name);
                    told.set(t_args("message-said", &[("name", name.into()), ("text", said(last).into())]));
                }
            }
            let wish = *sought.peek();
            if let Some(wish) = wish {
                if page.shown().iter().any(|message| message.id == wish) {
                    sought.set(None);
                    rows_in_page.reach(&page.newest_first(), wish);
                    keyboard.focus_on(&place_of(wish));
                } else if page.whole || wanted >= LONGEST {
                    sought.set(None);
                    notices.tell(t("message-quoted-gone"));
                } else {
                    count.set((wanted * 2).min(LONGEST));
                }
            }
            Ok::<Page, Failure>(page)
        }
    });
    // What is on the screen has been read; of a request nobody is told.
    let node = surface.node.clone();
    use_effect(move || {
        let unread = view.read().as_ref().is_some_and(|view| view.unread > 0 && !view.request);
        if unread && news.here() && seen.read().is_some() && *seen.read() == *newest.read() {
            let node = node.clone();
            act(notices, async move { node.read_thread(id).await });
        }
    });
    let jump = use_callback(move |to: MessageId| {
        let here = matches!(&*pages.peek(), Some(Ok(page)) if rows_in_page.reach(&page.newest_first(), to));
        if here {
            keyboard.focus_on(&place_of(to));
        } else {
            sought.set(Some(to));
            let wanted = *count.peek();
            count.set((wanted * 2).min(LONGEST));
        }
    });
    // A search leads to one of them.
    use_effect(move || {
        if let Some(wish) = chats.sought(id) {
            jump.call(wish);
        }
    });
    let mut go_to_end = move || {
        missed.set(0);
        to_end();
    };
    let page = pages.read();
    let shown = view.read();
    let messages: &[MessageView] = page.as_ref().and_then(|page| page.as_ref().ok()).map_or(&[], |page| &page.messages);
    let by_id: HashMap<MessageId, &MessageView> = messages.iter().map(|message| (message.id, message)).collect();
    let quote = |id: MessageId| match by_id.get(&id) {
        Some(of) => {
            let whose = if of.own { t("message-you") } else { shown_name(&of.from_name) };
            (whose, said(of))
        }
        None => (t("message-earlier"), t("message-earlier-show")),
    };
    let unread_line = line().flatten();
    let stand = rows(messages, unread_line, (now.0)(), (chats.zone)());
    let keys = page.as_ref().and_then(|page| page.as_ref().ok()).map(Page::newest_first).unwrap_or_default();
    let drawn = rows_in_page.drawn(&keys);
    // Counted from the beginning, with the one that only tells how the next stands.
    let (from, to) = (messages.len() - drawn.range.end, messages.len() - drawn.range.start);
    let begins = drawn.range.end == keys.len();
    let last_own = messages.iter().rev().find(|message| message.own && !message.deleted);
    let request = shown.as_ref().is_none_or(|view| view.request);
    let still = shown.as_ref().is_none_or(|view| view.request || view.left);
    let named = shown.as_ref().is_some_and(|view| view.group);
    let states = shown.as_ref().is_some_and(|view| !is_notes(view));
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
        header { class: "pane-header chat-head",
            BackButton {}
            if let Some(view) = shown.as_ref() {
                ChatHead { thread: view.clone() }
            } else {
                h1 { {t("messages-title")} }
            }
        }
        div { class: "visually-hidden", role: "status", aria_live: "polite", "{told}" }
        div { class: "scroll chat-scroll", tabindex: "-1", "data-testid": "chat",
            div { class: "column chat-log", role: "log", aria_live: "off", aria_label: t("messages-log"),
                match page.as_ref() {
                    None => rsx! { ChatSkeleton {} },
                    Some(Err(failure)) => rsx! { Trouble { failure: failure.clone(), on_again: move |()| pages.restart() } },
                    Some(Ok(page)) => rsx! {
                        // What stands at the beginning comes with the first message.
                        if begins {
                            if page.whole {
                                p { class: "hint chat-begin", {t("messages-begin")} }
                            } else if page.messages.len() < LONGEST {
                                for held in [page.messages.len()] {
                                    div {
                                        key: "{held}",
                                        class: "sentinel",
                                        "aria-hidden": "true",
                                        onvisible: move |event| {
                                            if event.is_intersecting().unwrap_or(false) && *count.peek() <= held {
                                                count.set((held + PAGE).min(LONGEST));
                                            }
                                        },
                                    }
                                }
                            } else {
                                p { class: "hint chat-begin", {t_args("messages-longest", &[("limit", LONGEST.into())])} }
                            }
                        }
                        div { class: "long chat-long", role: "none", "data-rows": "true", "data-at": rows_in_page.asked(), "data-testid": "chat-rows",
                            Ear {
                                on_sight: move |told: String| {
                                    if let (Some(sight), Some(Ok(page))) = (Sight::parse(&told), &*pages.peek()) {
                                        rows_in_page.hear_from_end(&page.newest_first(), sight);
                                    }
                                },
                            }
                            Space { px: drawn.below }
                            for (message , row) in stand.into_iter().take(to).skip(from) {
                                div { key: "{message.id}", class: "chat-place", role: "none", "data-row": "{message.id}",
                                    if let Some(day) = row.day.as_ref() {
                                        p { class: "day-line", role: "separator", "data-testid": "day", span { "{day}" } }
                                    }
                                    if unread_line == Some(message.id) {
                                        p {
                                            class: "unread-line",
                                            role: "separator",
                                            "data-testid": "unread-line",
                                            onmounted: move |event| {
                                                // Once: it comes and goes with its row.
                                                if !std::mem::replace(&mut *begun.write(), true) {
                                                    spawn(async move {
                                                        let _where_it_can = event.scroll_to(ScrollBehavior::Instant).await;
                                                    });
                                                }
                                            },
                                            span { {t("messages-unread-line")} }
                                        }
                                    }
                                    Bubble {
                                        message: message.clone(),
                                        standing: Standing {
                                            thread: id,
                                            head: row.head,
                                            named,
                                            still,
                                            request,
                                            state: message.own && states,
                                            state_words: last_own.is_some_and(|last| last.id == message.id),
                                            clock: time::clock(message.created_ms, (chats.zone)()),
                                        },
                                        quoted: message.reply_to.map(quote),
                                        on_jump: move |to| jump.call(to),
                                    }
                                }
                            }
                            Space { px: drawn.above }
                        }
                        for last in [page.messages.last().map(|message| message.id)] {
                            div {
                                key: "{last:?}",
                                class: "sentinel",
                                "aria-hidden": "true",
                                onmounted: move |event| {
                                    bottom.set(Some(event.data()));
                                    if *follow.peek() {
                                        follow.set(false);
                                        to_end();
                                    }
                                },
                                onvisible: move |event| {
                                    if event.is_intersecting().unwrap_or(true) {
                                        seen.set(last);
                                        missed.set(0);
                                    } else if *seen.peek() == last {
                                        seen.set(None);
                                    }
                                },
                            }
                        }
                    },
                }
            }
        }
        div { class: "chat-over",
            if seen.read().is_none() && messages.len() > 5 {
                button { class: "button button-quiet chat-end", "data-testid": "chat-end", onclick: move |_| go_to_end(),
                    Icon { shape: Shape::Down }
                    if missed() > 0 { {t_args("messages-new-below", &[("count", missed().into())])} } else { {t("messages-to-end")} }
                }
            }
        }
        div { class: "chat-foot",
            match shown.as_ref() {
                Some(view) if view.request => rsx! { RequestBox { thread: view.clone() } },
                Some(view) if !view.changed.is_empty() && !view.left => rsx! { Changed { thread: view.clone() } },
                Some(view) if view.left => rsx! { p { class: "quiet-line", "data-testid": "chat-left", {t("leave-left")} } },
                Some(view) if view.group && view.with.is_empty() => rsx! { p { class: "quiet-line", {t("messages-alone-told")} } },
                Some(view) => rsx! {
                    if view.waiting {
                        p { class: "flags",
                            span { class: "flag", "data-testid": "chat-waiting", title: t("messages-waiting-told"),
                                Icon { shape: Shape::Waiting }
                                {t("messages-waiting")}
                            }
                        }
                    }
                    MessageBox {
                        thread: Some(id),
                        label: if is_notes(view) { t("say-note") } else { t("say-placeholder") },
                        about: drafts.get(Some(id)).reply.map(quote),
                        last_own: last_own.map(|message| (message.id, message.text.clone())),
                        replies: messages.iter().filter(|message| !message.deleted).map(|message| message.id).collect::<Vec<_>>(),
                    }
                },
                None => rsx! {},
            }
        }
    }
}

/// Who is in it, and what can be done with the whole.
#[component]
fn ChatHead(thread: ReadSignal<ThreadView>) -> Element {
    let surface = use_context::<Surface>();
    let (places, notices) = (use_context::<Places>(), use_context::<Notices>());
    let (mut open, mut timer, mut members) = (use_signal(|| false), use_signal(|| false), use_signal(|| false));
    let (mut leaving, mut blocking, mut muting) = (use_signal(|| false), use_signal(|| false), use_signal(|| false));
    let view = thread.read();
    let (id, persona, name, notes) = (view.id, view.persona, title(&view), is_notes(&view));
    let person = view.with.first().copied().filter(|_| !view.group);
    let below = match () {
        () if view.keep_s > 0 => {
            Some(t_args("timer-on", &[("time", time::left(0, view.keep_s.saturating_mul(1_000)).into())]))
        }
        () if view.group => Some(members_of(&view)),
        () => None,
    };
    rsx! {
        button {
            class: "chat-who grow",
            disabled: notes,
            title: if view.group { t("messages-show-members") } else { t("person-title") },
            "data-testid": "chat-who",
            onclick: move |_| match person {
                Some(person) => places.go(Route::Person(person)),
                None => members.set(true),
            },
            Face { thread: view.clone() }
            span { class: "row-text",
                h1 { class: "name", bdi { dir: "auto", "{name}" } }
                SafetyMark { state: view.safety }
                if let Some(below) = below {
                    span { class: "muted row-line", "data-testid": "chat-below", "{below}" }
                }
            }
        }
        if !view.request && !view.left {
            More { open, testid: "chat-menu",
                button {
                    role: "menuitem",
                    "data-autofocus": "true",
                    "data-testid": "chat-timer",
                    onmounted: crate::app::focus,
                    onclick: move |_| {
                        open.set(false);
                        timer.set(true);
                    },
                    Icon { shape: Shape::Clock }
                    {t("timer-title")}
                }
                button {
                    role: "menuitem",
                    "data-testid": "chat-mute",
                    onclick: {
                        let (node, quiet) = (surface.node.clone(), view.muted);
                        move |_| {
                            open.set(false);
                            if quiet {
                                let node = node.clone();
                                act(notices, async move { node.unmute_conversation(id).await });
                            } else {
                                muting.set(true);
                            }
                        }
                    },
                    Icon { shape: Shape::Mute }
                    if view.muted { {t("quiet-undo")} } else { {t("quiet-title")} }
                }
                if view.group {
                    button {
                        role: "menuitem",
                        "data-testid": "chat-members",
                        onclick: move |_| {
                            open.set(false);
                            members.set(true);
                        },
                        Icon { shape: Shape::People }
                        {t("messages-show-members")}
                    }
                    button {
                        role: "menuitem",
                        class: "danger",
                        "data-testid": "chat-leave",
                        onclick: move |_| {
                            open.set(false);
                            leaving.set(true);
                        },
                        Icon { shape: Shape::Leave }
                        {t("leave")}
                    }
                }
                if let Some(person) = person {
                    button {
                        role: "menuitem",
                        "data-testid": "chat-verify",
                        onclick: move |_| {
                            open.set(false);
                            places.go(Route::Verify(person));
                        },
                        Icon { shape: Shape::Shield }
                        {t("verify-title")}
                    }
                    button {
                        role: "menuitem",
                        class: "danger",
                        "data-testid": "chat-block",
                        onclick: move |_| {
                            open.set(false);
                            blocking.set(true);
                        },
                        Icon { shape: Shape::Block }
                        bdi { dir: "auto", {t_args("block-person", &[("name", name.as_str().into())])} }
                    }
                }
            }
        }
        MuteQuestion { what: Muting::Conversation(id), asking: muting }
        TimerSheet { open: timer, thread: id, keep_s: view.keep_s }
        Members { open: members, thread }
        if let Some(person) = person {
            BlockQuestion { person, name: name.clone(), asking: blocking }
        }
        Ask {
            asking: leaving,
            title: t("leave-title"),
            does: t("leave-does"),
            yes: t("leave-yes"),
            testid: "leave-confirm",
            on_yes: move |()| {
                let node = surface.node.clone();
                act(notices, async move {
                    node.leave_thread(Some(persona), id).await?;
                    notices.tell(t("leave-done"));
                    Ok(())
                });
            },
        }
    }
}

/// How long messages stay.
#[component]
fn TimerSheet(open: Signal<bool>, thread: ThreadId, keep_s: u64) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    use_layer(open);
    if !open() {
        return rsx! {};
    }
    rsx! {
        Dialog { open, name: "timer", title: t("timer-title"),
            OneOf {
                label: t("timer-label"),
                name: "timer",
                testid: "timer",
                options: TIMERS.map(|(value, text, seconds)| (seconds, value, text)).to_vec(),
                chosen: keep_s,
                on_choose: move |seconds| {
                    let node = surface.node.clone();
                    act(notices, async move { node.keep_messages(thread, seconds).await });
                },
            }
            p { class: "hint", {t("timer-told")} }
        }
    }
}

/// How many are in a group.
fn members_of(thread: &ThreadView) -> String {
    let count = thread.with.len() + usize::from(!thread.left);
    t_args("messages-members", &[("count", count.into())])
}

/// Who is in a group.
#[component]
fn Members(open: Signal<bool>, thread: ReadSignal<ThreadView>) -> Element {
    let places = use_context::<Places>();
    use_layer(open);
    if !open() {
        return rsx! {};
    }
    let view = thread.read();
    rsx! {
        Dialog { open, name: "members", title: members_of(&view),
            ul { class: "rows", "data-testid": "members",
                for (person , name) in view.with.iter().copied().zip(view.names.iter().map(|name| shown_name(name))) {
                    li { key: "{person}",
                        button {
                            class: "row",
                            onclick: move |_| {
                                open.set(false);
                                places.go(Route::Person(person));
                            },
                            PersonFace { person, name: name.clone() }
                            bdi { class: "name", dir: "auto", "{name}" }
                        }
                    }
                }
                if !view.left {
                    li { class: "row",
                        PersonFace { person: view.persona, name: t("message-you") }
                        span { class: "name", {t("message-you")} }
                    }
                }
            }
        }
    }
}

/// Those whose key changed after it was compared, one after the other.
#[component]
fn Changed(thread: ReadSignal<ThreadView>) -> Element {
    let view = thread.read();
    let Some(person) = view.changed.first().copied() else { return rsx! {} };
    let named = view.with.iter().zip(&view.names).find(|(with, _)| **with == person);
    let name = shown_name(named.map(|(_, name)| name.as_str()).unwrap_or_default());
    rsx! {
        KeyChanged { key: "{person}", person, name }
    }
}

/// A request: who it is, what accepting means, and the three answers.
#[component]
fn RequestBox(thread: ReadSignal<ThreadView>) -> Element {
    let surface = use_context::<Surface>();
    let (places, notices) = (use_context::<Places>(), use_context::<Notices>());
    let mut blocking = use_signal(|| false);
    let view = thread.read();
    let (id, persona, name) = (view.id, view.persona, title(&view));
    let person = view.with.first().copied().filter(|_| !view.group);
    let node = surface.node.clone();
    let accept = move |_| {
        let node = node.clone();
        act(notices, async move { node.accept_request(Some(persona), id).await });
    };
    let node = surface.node.clone();
    let decline = move |_| {
        let node = node.clone();
        act(notices, async move {
            node.decline_request(Some(persona), id).await?;
            if places.current() == Route::Chat(id) {
                places.replace(Route::Messages);
            }
            notices.tell(t("request-declined"));
            Ok(())
        });
    };
    rsx! {
        section { class: "card request", aria_label: t("request-label"), "data-testid": "request",
            p { bdi { dir: "auto", {t_args("request-who", &[("name", name.as_str().into())])} } }
            p { class: "muted", {t("request-told")} }
            div { class: "form-row",
                button { class: "button button-primary", "data-testid": "request-accept", onclick: accept, {t("request-accept")} }
                button { class: "button button-quiet", "data-testid": "request-decline", onclick: decline, {t("request-decline")} }
                if person.is_some() {
                    button { class: "button button-quiet", "data-testid": "request-block", onclick: move |_| blocking.set(true),
                        Icon { shape: Shape::Block }
                        {t("block-yes")}
                    }
                }
            }
        }
        if let Some(person) = person {
            BlockQuestion { person, name, asking: blocking }
        }
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use std::collections::BTreeMap;

    use kith_node::id::PersonaId;
    use kith_node::view::MessageState;

    use super::*;

    const MINUTE: u64 = 60_000;

    fn message(number: u8, from: u8, created_ms: u64) -> MessageView {
        MessageView {
            id: MessageId::from_bytes([number; 32]),
            from: PersonaId::from_bytes([from; 32]),
            from_name: String::new(),
            own: from == 0,
            text: "text".into(),
            mentions: vec![],
            created_ms,
            state: MessageState::Delivered,
            attachments: vec![],
            reply_to: None,
            edited: false,
            deleted: false,
            reactions: BTreeMap::new(),
            own_reaction: None,
            expires_ms: None,
        }
    }

    #[test]
    fn messages_by_the_same_hand_stand_together_within_a_day() {
        let day = 1_440 * MINUTE;
        let noon = 20_000 * day + 720 * MINUTE;
        let said = [
            message(1, 1, noon),
            message(2, 1, noon + MINUTE),
            message(3, 0, noon + 2 * MINUTE),
            message(4, 0, noon + 30 * MINUTE),
            message(5, 0, noon + 719 * MINUTE),
            message(6, 0, noon + 721 * MINUTE),
        ];
        let stand: Vec<_> = rows(&said, None, noon + day, 0).into_iter().map(|(_, row)| row).collect();
        let heads: Vec<_> = stand.iter().map(|row| row.head).collect();
        assert_eq!(heads, [true, false, true, true, true, true]);
        let days: Vec<_> = stand.iter().filter_map(|row| row.day.clone()).collect();
        assert_eq!(days, [t("time-yesterday"), t("time-today")]);
        let elsewhere = rows(&said, Some(said[1].id), noon + day, 120);
        let elsewhere: Vec<_> = elsewhere.into_iter().map(|(_, row)| row).collect();
        assert!(elsewhere[1].head, "what is new begins anew");
        assert_eq!(elsewhere.iter().filter(|row| row.day.is_some()).count(), 2, "midnight is two hours earlier there");
        assert!(elsewhere[4].day.is_some() && elsewhere[5].day.is_none());
    }

    #[test]
    fn reading_begins_at_the_first_of_what_others_wrote_last() {
        let messages = vec![message(1, 1, 0), message(2, 0, 1), message(3, 1, 2), message(4, 1, 3)];
        let page = Page { messages, whole: true };
        assert_eq!(page.first_unread(0), None);
        assert_eq!(page.first_unread(2), Some(MessageId::from_bytes([3; 32])));
        assert_eq!(page.first_unread(3), Some(MessageId::from_bytes([1; 32])));
        assert_eq!(page.first_unread(9), None);
        assert_eq!((page.shown().len(), Page { whole: false, ..page }.shown().len()), (4, 3));
    }
}
