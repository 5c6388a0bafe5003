//! One message of a conversation, and what can be done with it.

use dioxus::prelude::*;
use kith_node::id::{MessageId, ThreadId};
use kith_node::limits::EMOJI_BYTES;
use kith_node::view::{MessageState, MessageView};
use kith_node::with_names;

use crate::attached::{self, Files};
use crate::emoji::EmojiSheet;
use crate::icon::{Icon, Shape};
use crate::keyboard::typing;
use crate::layer::use_layer;
use crate::markup::{Markup, text_as_plain};
use crate::menu::{Ask, More};
use crate::messages::PersonFace;
use crate::notice::{Notices, act};
use crate::post::{CHOICE, shown_name};
use crate::route::{Places, Route};
use crate::say::Drafts;
use crate::strings::{number, t, t_args};
use crate::surface::{Host, Surface};
use crate::time;

/// The id of a message's element, to which the focus can move.
pub(crate) fn place_of(id: MessageId) -> String {
    format!("message-{id}")
}

/// What a message says, in words.
pub(crate) fn said(message: &MessageView) -> String {
    match message {
        message if message.deleted => t("message-deleted"),
        message if message.text.is_empty() && !message.attachments.is_empty() => {
            attached::told(message.attachments.len())
        }
        message => text_as_plain(&message.text, &message.mentions),
    }
}

/// How a message stands in its conversation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub(crate) thread: ThreadId,
    /// The first of several by the same hand.
    pub(crate) head: bool,
    /// Others are named and shown: there are several.
    pub(crate) named: bool,
    /// Nothing is to be done with it: a request, or a group that was left.
    pub(crate) still: bool,
    /// Its files are not loaded yet.
    pub(crate) request: bool,
    /// How far it came is shown, and said in words.
    pub(crate) state: bool,
    pub(crate) state_words: bool,
    /// `13:45`
    pub(crate) clock: String,
}

#[component]
pub(crate) fn Bubble(
    message: ReadSignal<MessageView>,
    standing: ReadSignal<Standing>,
    /// What it replies to: whose, and what that says.
    quoted: Option<(String, String)>,
    on_jump: EventHandler<MessageId>,
) -> Element {
    let places = use_context::<Places>();
    let view = message.read();
    let at = standing.read();
    let (id, from) = (view.id, view.from);
    let name = if view.own { t("message-you") } else { shown_name(&view.from_name) };
    rsx! {
        article {
            class: "message",
            id: place_of(id),
            tabindex: "-1",
            "data-own": view.own,
            "data-head": at.head,
            "data-testid": "message",
            aria_label: t_args("message-by", &[("name", name.as_str().into()), ("time", at.clock.as_str().into())]),
            if at.named && !view.own {
                if at.head {
                    PersonFace { person: from, name: name.clone() }
                } else {
                    span { class: "avatar avatar-none", "aria-hidden": "true" }
                }
            }
            div { class: "message-body",
                div { class: "message-line",
                    div { class: "bubble", "data-testid": "bubble",
                        if at.named && at.head && !view.own {
                            button { class: "bubble-name", onclick: move |_| places.go(Route::Person(from)), bdi { dir: "auto", "{name}" } }
                        }
                        if let (Some(to), Some((whose, said))) = (view.reply_to, quoted.filter(|_| !view.deleted)) {
                            button {
                                class: "quote",
                                title: t("message-to-quoted"),
                                "data-testid": "message-quote",
                                onclick: move |_| on_jump.call(to),
                                bdi { class: "name", dir: "auto", "{whose}" }
                                bdi { class: "row-line", dir: "auto", "{said}" }
                            }
                        }
                        if view.deleted {
                            p { class: "message-gone", "data-testid": "message-deleted", {t("message-deleted")} }
                        } else {
                            Files { attachments: view.attachments.clone(), closed: at.request, owner: id.to_string() }
                            if !view.text.is_empty() || view.attachments.is_empty() {
                                div { "data-testid": "message-text", Markup { text: view.text.clone(), mentions: view.mentions.clone() } }
                            }
                        }
                        p { class: "message-meta",
                            if view.edited && !view.deleted {
                                span { "data-testid": "message-edited", {t("post-edited")} }
                            }
                            if let Some(ms) = view.expires_ms {
                                span { title: t_args("message-goes", &[("when", time::absolute(ms).into())]),
                                    Icon { shape: Shape::Clock }
                                    span { class: "visually-hidden", {t_args("message-goes", &[("when", time::absolute(ms).into())])} }
                                }
                            }
                            time { datetime: time::iso(view.created_ms), title: time::absolute(view.created_ms), "{at.clock}" }
                            if at.state && !view.deleted {
                                State { state: view.state, words: at.state_words }
                            }
                        }
                    }
                    if !at.still && !view.deleted {
                        Tools { message, thread: at.thread }
                    }
                }
                if !view.reactions.is_empty() && !view.deleted {
                    Chips { message, thread: at.thread, still: at.still }
                }
            }
        }
    }
}

/// How far an own message came: a sign, and the words for it.
#[component]
fn State(state: MessageState, words: bool) -> Element {
    let (shape, key, told, name) = match state {
        MessageState::Queued => (Shape::Clock, "state-queued", "state-queued-told", "queued"),
        MessageState::Sent => (Shape::Check, "state-sent", "state-sent-told", "sent"),
        MessageState::Held => (Shape::Held, "state-held", "state-held-told", "held"),
        MessageState::Delivered => (Shape::Checks, "state-delivered", "state-delivered-told", "delivered"),
        MessageState::Read => (Shape::Checks, "state-read", "state-read-told", "read"),
    };
    rsx! {
        span { class: "message-state", "data-state": name, title: t(told), "data-testid": "message-state",
            Icon { shape }
            span { class: if words { "" } else { "visually-hidden" }, {t(key)} }
        }
    }
}

/// Counts that can be pressed.
#[component]
fn Chips(message: ReadSignal<MessageView>, thread: ThreadId, still: bool) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let view = message.read();
    let id = view.id;
    rsx! {
        div { class: "reactions", role: "group", aria_label: t("post-reactions"),
            for (emoji , count) in view.reactions.iter() {
                button {
                    key: "{emoji}",
                    class: "chip message-chip",
                    disabled: still,
                    aria_pressed: view.own_reaction.as_ref() == Some(emoji),
                    aria_label: t_args("post-reaction", &[("emoji", emoji.as_str().into()), ("count", (*count).into())]),
                    "data-testid": "message-reaction",
                    onclick: {
                        let (node, emoji) = (surface.node.clone(), emoji.clone());
                        let own = view.own_reaction.as_ref() == Some(&emoji);
                        move |_| {
                            let (node, emoji) = (node.clone(), if own { String::new() } else { emoji.clone() });
                            act(notices, async move { node.react_to_message(thread, id, &emoji).await });
                        }
                    },
                    span { class: "emoji", "{emoji}" }
                    if *count > 1 {
                        span { class: "number", {number(*count)} }
                    }
                }
            }
        }
    }
}

/// React, and the menu: reply, copy, edit, take back.
#[component]
fn Tools(message: ReadSignal<MessageView>, thread: ThreadId) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let drafts = use_context::<Drafts>();
    let host = try_use_context::<Host>();
    let (mut choosing, mut open, mut deleting) = (use_signal(|| false), use_signal(|| false), use_signal(|| false));
    let mut picking = use_signal(|| false);
    use_layer(choosing);
    let (id, own) = (message.read().id, message.read().own);
    let text = message.read().text.clone();
    let edited = text.clone();
    let text = with_names(&text, &message.read().mentions);
    let copied = text.clone();
    let node = surface.node.clone();
    let react = use_callback(move |emoji: String| {
        choosing.set(false);
        let node = node.clone();
        let emoji = if message.peek().own_reaction.as_ref() == Some(&emoji) { String::new() } else { emoji };
        act(notices, async move { node.react_to_message(thread, id, &emoji).await });
    });
    rsx! {
        div { class: "message-tools", "data-open": choosing() || open(),
            div { class: "menu-place",
                button {
                    class: "icon-button",
                    aria_label: t("post-react"),
                    title: if choosing() { None } else { Some(t("post-react")) },
                    aria_expanded: choosing(),
                    "data-testid": "message-react",
                    onclick: move |_| choosing.toggle(),
                    Icon { shape: Shape::Smile }
                }
                if choosing() {
                    div { class: "backdrop", onclick: move |_| choosing.set(false) }
                    Choice {
                        own: message.read().own_reaction.clone(),
                        on_choose: react,
                        on_more: move |()| {
                            choosing.set(false);
                            picking.set(true);
                        },
                    }
                }
            }
            More { open, testid: "message-menu",
                button {
                    role: "menuitem",
                    "data-autofocus": "true",
                    "data-testid": "message-reply",
                    onmounted: crate::app::focus,
                    onclick: move |_| {
                        open.set(false);
                        drafts.reply(thread, id);
                    },
                    Icon { shape: Shape::Reply }
                    {t("message-reply")}
                }
                button {
                    role: "menuitem",
                    "data-copy": "{text}",
                    "data-testid": "message-copy",
                    onclick: move |_| {
                        open.set(false);
                        if let Some(host) = host {
                            (host.copy)(&copied);
                        }
                        notices.tell(t("message-copied"));
                    },
                    Icon { shape: Shape::Copy }
                    {t("message-copy")}
                }
                if own {
                    button {
                        role: "menuitem",
                        "data-testid": "message-edit",
                        onclick: move |_| {
                            open.set(false);
                            drafts.edit(thread, id, edited.clone());
                        },
                        Icon { shape: Shape::Edit }
                        {t("post-edit")}
                    }
                    button {
                        role: "menuitem",
                        class: "danger",
                        "data-testid": "message-delete",
                        onclick: move |_| {
                            open.set(false);
                            deleting.set(true);
                        },
                        Icon { shape: Shape::Trash }
                        {t("message-delete")}
                    }
                }
            }
        }
        EmojiSheet { open: picking, on_choose: react }
        if own {
            Ask {
                asking: deleting,
                title: t("message-delete-title"),
                does: t("message-delete-does"),
                yes: t("message-delete-yes"),
                testid: "message-delete-confirm",
                on_yes: move |()| {
                    let node = surface.node.clone();
                    act(notices, async move { node.delete_message(thread, id).await });
                },
                p { class: "muted", {t("message-delete-leaves")} }
            }
        }
    }
}

/// The small choice, and a field for any other sign.
#[component]
fn Choice(own: Option<String>, on_choose: Callback<String>, on_more: EventHandler<()>) -> Element {
    let mut other = use_signal(String::new);
    let mut wrong = use_signal(|| false);
    let choose = use_callback(move |()| {
        let typed = other.peek().trim().to_owned();
        if is_emoji(&typed) { on_choose.call(typed) } else { wrong.set(!typed.is_empty()) }
    });
    rsx! {
        div { class: "emoji-choice message-choice", role: "group", aria_label: t("post-react"),
            for (at , emoji) in CHOICE.into_iter().enumerate() {
                button {
                    key: "{emoji}",
                    class: "emoji-button",
                    aria_pressed: own.as_deref() == Some(emoji),
                    aria_label: t_args("post-react-with", &[("emoji", emoji.into())]),
                    "data-autofocus": if at == 0 { Some("true") } else { None },
                    "data-testid": "message-react-with",
                    onmounted: move |event| {
                        if at == 0 {
                            crate::app::focus(event);
                        }
                    },
                    onclick: move |_| on_choose.call(emoji.to_owned()),
                    "{emoji}"
                }
            }
            button {
                class: "emoji-button",
                aria_label: t("emoji-more"),
                title: t("emoji-more"),
                aria_haspopup: "dialog",
                "data-testid": "message-react-more",
                onclick: move |_| on_more.call(()),
                Icon { shape: Shape::Add }
            }
            div { class: "choice-other",
                input {
                    class: "field grow",
                    r#type: "text",
                    placeholder: t("message-react-other"),
                    aria_label: t("message-react-other"),
                    aria_invalid: wrong(),
                    autocomplete: "off",
                    "data-testid": "message-react-other",
                    oninput: move |event| {
                        wrong.set(false);
                        other.set(event.value());
                    },
                    onkeydown: move |event| {
                        typing(&event);
                        if event.key() == Key::Enter && !event.is_composing() {
                            choose.call(());
                        }
                    },
                }
                button { class: "icon-button", aria_label: t("post-react"), onclick: move |_| choose.call(()), Icon { shape: Shape::Check } }
            }
            if wrong() {
                p { class: "hint choice-wrong", role: "alert", {t("message-react-wrong")} }
            }
        }
    }
}

/// Whether it is one sign rather than words: no letters, no blanks; digits only as keycaps.
fn is_emoji(text: &str) -> bool {
    let keycap = text.ends_with('\u{20e3}');
    let sign = |c: char| !c.is_whitespace() && !c.is_control() && !c.is_alphabetic() && (keycap || !c.is_numeric());
    !text.is_empty() && text.len() <= EMOJI_BYTES && !text.is_ascii() && text.chars().all(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_told_from_words() {
        for emoji in CHOICE.into_iter().chain(["👩‍👩‍👧", "🏳️‍🌈", "🇨🇦", "1️⃣", "✔️", "👍🏽"])
        {
            assert!(is_emoji(emoji), "{emoji}");
        }
        for word in ["", "ok", "+1", ":-)", "ja 👍", "é", "漢", "1", "👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍"]
        {
            assert!(!is_emoji(word), "{word}");
        }
    }
}
