//! What the user does not want to see: words to add and take back, people, threads, and whom they blocked.

use std::future::Future;
use std::pin::Pin;

use dioxus::prelude::*;
use kith_node::limits::MUTED_WORD_CHARS;
use kith_node::view::{MutedConversation, MutedPerson, MutedThread, MutedView, MutedWord};

use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::line::{AddLine, adding};
use crate::menu::{SPANS, until_ms};
use crate::nav::BackButton;
use crate::notice::{Notices, act};
use crate::post::{Now, shown_name};
use crate::report::Reports;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

#[component]
pub(crate) fn MutedScreen() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let muted = use_resource(move || {
        let node = surface.node.clone();
        // A change here makes every screen read again.
        let _again = ((pulse.settings)(), (pulse.profiles)());
        async move { node.muted().await.map_err(|error| Failure::of(&error)) }
    });
    let muted = muted.read();
    rsx! {
        header { class: "pane-header",
            BackButton {}
            h1 { {t("muted-title")} }
        }
        div { class: "scroll",
            div { class: "column",
                p { class: "muted", {t("muted-told")} }
                AddWord {}
                match muted.as_ref() {
                    None => rsx! {},
                    Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                    Some(Ok(view)) if *view == MutedView::default() => rsx! {
                        p { class: "quiet-line", "data-testid": "muted-empty", {t("muted-empty")} }
                    },
                    Some(Ok(view)) => rsx! { Everything { view: view.clone() } },
                }
                Reports {}
            }
        }
    }
}

#[component]
fn AddWord() -> Element {
    let surface = use_context::<Surface>();
    let mut everywhere = use_signal(|| false);
    let mut span = use_signal(|| "for-good".to_owned());
    let add = move |word: String| {
        let (node, everywhere, until) = (surface.node.clone(), *everywhere.peek(), until_ms(&span.peek()));
        adding(async move { node.mute_word(&word, everywhere, until).await })
    };
    rsx! {
        section { class: "card", aria_label: t("mute-word-title"),
            h2 { {t("mute-word-title")} }
            AddLine {
                label: t("mute-word-placeholder"),
                yes: t("mute-yes"),
                testid: "mute-word",
                go: "mute-word-add",
                limit: MUTED_WORD_CHARS,
                on_add: add,
                select {
                    class: "field field-select",
                    aria_label: t("span-label"),
                    "data-testid": "mute-span",
                    onchange: move |event| span.set(event.value()),
                    for (value , text , _) in SPANS {
                        option { key: "{value}", value, {t(text)} }
                    }
                }
            }
            label { class: "switch-row",
                input {
                    r#type: "checkbox",
                    "data-testid": "mute-everywhere",
                    onchange: move |event| everywhere.set(event.checked()),
                }
                span { {t("mute-word-everywhere")} }
            }
            p { class: "hint", {t("mute-word-hint")} }
        }
    }
}

#[component]
fn Everything(view: MutedView) -> Element {
    rsx! {
        if !view.words.is_empty() {
            section { aria_label: t("muted-words"),
                h2 { class: "section-title", {t("muted-words")} }
                ul { class: "rows",
                    for word in view.words {
                        WordRow { key: "{word.text}", word: word.clone() }
                    }
                }
            }
        }
        if !view.people.is_empty() {
            section { aria_label: t("muted-people"),
                h2 { class: "section-title", {t("muted-people")} }
                ul { class: "rows",
                    for person in view.people {
                        PersonRow { key: "{person.persona}", person: person.clone(), out: Out::Muted }
                    }
                }
            }
        }
        if !view.threads.is_empty() {
            section { aria_label: t("muted-threads"),
                h2 { class: "section-title", {t("muted-threads")} }
                ul { class: "rows",
                    for thread in view.threads {
                        ThreadRow { key: "{thread.post}", thread: thread.clone() }
                    }
                }
            }
        }
        if !view.conversations.is_empty() {
            section { aria_label: t("muted-conversations"),
                h2 { class: "section-title", {t("muted-conversations")} }
                ul { class: "rows",
                    for conversation in view.conversations {
                        ConversationRow { key: "{conversation.thread}", conversation: conversation.clone() }
                    }
                }
            }
        }
        if !view.reposts.is_empty() {
            section { aria_label: t("muted-reposts"),
                h2 { class: "section-title", {t("muted-reposts")} }
                ul { class: "rows",
                    for person in view.reposts {
                        PersonRow { key: "{person.persona}", person: person.clone(), out: Out::Reposts }
                    }
                }
            }
        }
        if !view.blocked.is_empty() {
            section { aria_label: t("muted-blocked"),
                h2 { class: "section-title", {t("muted-blocked")} }
                ul { class: "rows",
                    for person in view.blocked {
                        PersonRow { key: "{person.persona}", person: person.clone(), out: Out::Blocked }
                    }
                }
            }
        }
    }
}

/// Takes back what was kept out.
#[component]
fn TakeBack(
    /// Names what.
    label: String,
    text: String,
    on_take: Callback<(), Taking>,
) -> Element {
    let notices = use_context::<Notices>();
    rsx! {
        button {
            class: "button button-quiet",
            "data-testid": "unmute",
            aria_label: "{label}",
            onclick: move |_| act(notices, on_take.call(())),
            "{text}"
        }
    }
}

fn unmute_of(what: &str) -> String {
    t_args("unmute-of", &[("what", what.into())])
}

/// Until when; nothing where there is no end.
#[component]
fn Until(until_ms: Option<u64>) -> Element {
    let now = use_context::<Now>();
    let Some(until_ms) = until_ms else { return rsx! {} };
    rsx! {
        span { class: "muted", title: time::absolute(until_ms),
            {t_args("muted-left", &[("left", time::left((now.0)(), until_ms).into())])}
        }
    }
}

#[component]
fn WordRow(word: ReadSignal<MutedWord>) -> Element {
    let surface = use_context::<Surface>();
    let view = word.read();
    rsx! {
        li { class: "row", "data-testid": "muted-word",
            span { class: "row-text grow",
                bdi { class: "name", dir: "auto", "{view.text}" }
                if view.everywhere {
                    span { class: "muted", {t("muted-everywhere")} }
                } else {
                    span { class: "muted", {t("muted-in-feeds")} }
                }
                Until { until_ms: view.until_ms }
            }
            TakeBack {
                label: unmute_of(&view.text),
                text: t("unmute"),
                on_take: move |()| {
                    let (node, text) = (surface.node.clone(), word.peek().text.clone());
                    taking(async move { node.unmute_word(&text).await })
                },
            }
        }
    }
}

/// A verb of the node that takes something back.
type Taking = Pin<Box<dyn Future<Output = kith_node::Result<()>>>>;

fn taking<T>(verb: impl Future<Output = kith_node::Result<T>> + 'static) -> Taking {
    Box::pin(async move { verb.await.map(drop) })
}

/// How much of a person is kept out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Out {
    Muted,
    Reposts,
    Blocked,
}

#[component]
fn PersonRow(person: ReadSignal<MutedPerson>, out: Out) -> Element {
    let surface = use_context::<Surface>();
    let places = use_context::<Places>();
    let view = person.read();
    let (id, name) = (view.persona, shown_name(&view.name));
    rsx! {
        li { class: "row", "data-testid": "muted-person",
            button { class: "byline-person grow", onclick: move |_| places.go(Route::Person(id)),
                Avatar { person: id, name: name.clone(), picture: view.picture }
                span { class: "row-text",
                    bdi { class: "name", dir: "auto", "{name}" }
                    Until { until_ms: view.until_ms }
                }
            }
            TakeBack {
                label: match out {
                    Out::Blocked => t_args("unblock-of", &[("what", name.as_str().into())]),
                    Out::Muted => unmute_of(&name),
                    Out::Reposts => t_args("reposts-show-of", &[("name", name.as_str().into())]),
                },
                text: match out {
                    Out::Blocked => t("unblock"),
                    Out::Muted => t("unmute"),
                    Out::Reposts => t("reposts-show"),
                },
                on_take: move |()| {
                    let node = surface.node.clone();
                    taking(async move {
                        match out {
                            Out::Blocked => node.unblock(id).await,
                            Out::Muted => node.unmute(id).await,
                            Out::Reposts => node.unmute_reposts(id).await,
                        }
                    })
                },
            }
        }
    }
}

#[component]
fn ThreadRow(thread: ReadSignal<MutedThread>) -> Element {
    let surface = use_context::<Surface>();
    let places = use_context::<Places>();
    let post = thread.read().post;
    let node = surface.node.clone();
    let said = use_resource(move || {
        let node = node.clone();
        async move { node.show(thread.peek().post).await.ok().map(|page| page.post) }
    });
    let said = said.read();
    let said = said.as_ref().and_then(Option::as_ref);
    let name = shown_name(said.map(|post| post.author_name.as_str()).unwrap_or_default());
    let begin: String = said.map(|post| post.text.chars().take(80).collect()).unwrap_or_default();
    rsx! {
        li { class: "row", "data-testid": "muted-thread",
            button { class: "byline-person grow", onclick: move |_| places.go(Route::Post(post)),
                span { class: "row-text",
                    bdi { class: "name", dir: "auto", "{name}" }
                    bdi { class: "muted", dir: "auto", "{begin}" }
                    Until { until_ms: thread.read().until_ms }
                }
            }
            TakeBack {
                label: unmute_of(&begin),
                text: t("unmute"),
                on_take: move |()| {
                    let node = surface.node.clone();
                    taking(async move { node.unmute_thread(post).await })
                },
            }
        }
    }
}

#[component]
fn ConversationRow(conversation: ReadSignal<MutedConversation>) -> Element {
    let surface = use_context::<Surface>();
    let places = use_context::<Places>();
    let view = conversation.read();
    let thread = view.thread;
    let names = || view.names.iter().map(|name| shown_name(name)).collect::<Vec<_>>().join(", ");
    let name = match &view.title {
        Some(title) => title.clone(),
        None if view.names.is_empty() => t("messages-notes"),
        None => names(),
    };
    rsx! {
        li { class: "row", "data-testid": "muted-conversation",
            button { class: "byline-person grow", onclick: move |_| places.go(Route::Chat(thread)),
                span { class: "row-text",
                    bdi { class: "name", dir: "auto", "{name}" }
                    Until { until_ms: view.until_ms }
                }
            }
            TakeBack {
                label: unmute_of(&name),
                text: t("unmute"),
                on_take: move |()| {
                    let node = surface.node.clone();
                    taking(async move { node.unmute_conversation(thread).await })
                },
            }
        }
    }
}
