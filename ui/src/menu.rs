//! The menu of a post or comment and of a person, and the questions behind its entries.

use dioxus::prelude::*;
use kith_node::entry::Commenters;
use kith_node::id::{EntryId, PersonaId, ThreadId};

use crate::choice::OneOf;
use crate::composer::{Draft, Undoing};
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::keyboard::{COMPOSE, Keyboard};
use crate::layer::use_layer;
use crate::mention::Names;
use crate::notice::{Notices, act};
use crate::report::ReportQuestion;
use crate::route::{Places, Route};
use crate::series::SeriesNote;
use crate::strings::{number, t, t_args};
use crate::surface::{Host, Surface};
use crate::time;

/// How long a mute may last: a name for forms, the text's key, hours; 0: no end.
pub(crate) const SPANS: [(&str, &str, u64); 4] = [
    ("for-good", "span-for-good", 0),
    ("day", "span-day", 24),
    ("week", "span-week", 168),
    ("month", "span-month", 720),
];

/// When a mute that begins now ends.
pub(crate) fn until_ms(span: &str) -> Option<u64> {
    let (.., hours) = SPANS.iter().find(|(name, ..)| *name == span)?;
    Some(*hours).filter(|hours| *hours > 0).map(|hours| time::now_ms() + hours * 3_600_000)
}

/// What can be asked before an entry of a menu is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Delete,
    Redraft,
    Mute,
    MuteThread,
    Block,
    Report,
}

/// What can be muted, for a while or for good.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Muting {
    Person {
        persona: PersonaId,
        name: String,
    },
    Thread(EntryId),
    Conversation(ThreadId),
    /// What they repost, not what they write.
    Reposts {
        persona: PersonaId,
        name: String,
    },
}

/// What the menu is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct About {
    pub(crate) id: EntryId,
    pub(crate) author: PersonaId,
    pub(crate) name: String,
    pub(crate) own: bool,
    /// A comment when false.
    pub(crate) post: bool,
    /// To a circle: it stays there.
    pub(crate) sealed: bool,
    pub(crate) bookmarked: bool,
    pub(crate) thread_muted: bool,
    /// Own posts: comments are open to everyone.
    pub(crate) open: bool,
    /// Somebody's comment under an own post.
    pub(crate) can_hide: bool,
    /// A published list: whom it names can't be written anew.
    pub(crate) list: bool,
}

/// The three dots, and the entries of the menu that they open.
#[component]
pub(crate) fn More(
    open: Signal<bool>,
    testid: &'static str,
    /// Where several stand on a screen and each is about somebody.
    #[props(default)]
    label: Option<String>,
    children: Element,
) -> Element {
    use_layer(open);
    let label = label.unwrap_or_else(|| t("post-menu"));
    rsx! {
        div { class: "menu-place",
            button {
                class: "icon-button",
                aria_label: "{label}",
                title: if open() { None } else { Some(label.clone()) },
                aria_haspopup: "menu",
                aria_expanded: open(),
                "data-testid": testid,
                onclick: move |_| open.toggle(),
                Icon { shape: Shape::More }
            }
            if open() {
                div { class: "backdrop", onclick: move |_| open.set(false) }
                div { class: "menu", role: "menu", aria_label: "{label}", {children} }
            }
        }
    }
}

#[component]
pub(crate) fn EntryMenu(about: ReadSignal<About>, on_edit: EventHandler<()>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let mut open = use_signal(|| false);
    let (deleting, blocking, reporting) = (use_signal(|| false), use_signal(|| false), use_signal(|| false));
    let (muting, muting_thread) = (use_signal(|| false), use_signal(|| false));
    let redrafting = use_signal(|| false);
    let mut ask = move |question: Question| {
        open.set(false);
        let mut asking = match question {
            Question::Delete => deleting,
            Question::Redraft => redrafting,
            Question::Mute => muting,
            Question::MuteThread => muting_thread,
            Question::Block => blocking,
            Question::Report => reporting,
        };
        asking.set(true);
    };
    let About { id, author, name, own, post, sealed, bookmarked, thread_muted, open: for_all, can_hide, list } =
        about();
    let node = surface.node.clone();
    let bookmark = move |_| {
        open.set(false);
        let node = node.clone();
        act(notices, async move { if bookmarked { node.unbookmark(id).await } else { node.bookmark(id).await } });
    };
    let (draft, undoing) = (use_context::<Draft>(), Undoing::here());
    let quote = move |_| {
        open.set(false);
        draft.begin_quote(id, undoing.clone());
    };
    let node = surface.node.clone();
    let mute_thread = move |_| {
        if !thread_muted {
            return ask(Question::MuteThread);
        }
        open.set(false);
        let node = node.clone();
        act(notices, async move {
            node.unmute_thread(id).await?;
            notices.tell(t("unmuted"));
            Ok(())
        });
    };
    let node = surface.node.clone();
    let let_comment = move |_| {
        open.set(false);
        let node = node.clone();
        let who = if for_all { Commenters::Nobody } else { Commenters::Everyone };
        act(notices, async move {
            node.set_policy(None, id, who).await?;
            notices.tell(if for_all { t("comments-closed-done") } else { t("comments-opened-done") });
            Ok(())
        });
    };
    let node = surface.node.clone();
    let hide = move |_| {
        open.set(false);
        let node = node.clone();
        act(notices, async move {
            node.hide(None, id).await?;
            notices.tell(t("comment-hidden-done"));
            Ok(())
        });
    };
    rsx! {
        More { open, testid: "post-menu",
            button {
                role: "menuitem",
                "data-autofocus": "true",
                "data-testid": "menu-bookmark",
                onmounted: crate::app::focus,
                onclick: bookmark,
                Icon { shape: Shape::Bookmark }
                if bookmarked { {t("bookmark-remove")} } else { {t("bookmark-add")} }
            }
            if post && !sealed {
                button { role: "menuitem", "data-testid": "menu-quote", onclick: quote,
                    Icon { shape: Shape::Quote }
                    {t("quote")}
                }
                CopyLink { id, open }
            }
            if own && post {
                button { role: "menuitem", "data-testid": "menu-comments", onclick: let_comment,
                    Icon { shape: Shape::Comment }
                    if for_all { {t("comments-close")} } else { {t("comments-open")} }
                }
            }
            if can_hide {
                button { role: "menuitem", "data-testid": "menu-hide", onclick: hide,
                    Icon { shape: Shape::Close }
                    {t("comment-hide")}
                }
            }
            if own {
                button {
                    role: "menuitem",
                    "data-testid": "post-edit",
                    onclick: move |_| {
                        open.set(false);
                        on_edit.call(());
                    },
                    Icon { shape: Shape::Edit }
                    {t("post-edit")}
                }
                if post && !list {
                    button { role: "menuitem", "data-testid": "post-redraft", onclick: move |_| ask(Question::Redraft),
                        Icon { shape: Shape::Repost }
                        {t("post-redraft")}
                    }
                }
                button {
                    role: "menuitem",
                    class: "danger",
                    "data-testid": "post-delete",
                    onclick: move |_| ask(Question::Delete),
                    Icon { shape: Shape::Trash }
                    {t("post-delete")}
                }
            } else {
                if post {
                    button { role: "menuitem", "data-testid": "menu-mute-thread", onclick: mute_thread,
                        Icon { shape: Shape::Mute }
                        if thread_muted { {t("mute-thread-undo")} } else { {t("mute-thread")} }
                    }
                }
                button { role: "menuitem", "data-testid": "menu-mute", onclick: move |_| ask(Question::Mute),
                    Icon { shape: Shape::Mute }
                    bdi { dir: "auto", {t_args("mute-person", &[("name", name.as_str().into())])} }
                }
                button { role: "menuitem", class: "danger", "data-testid": "menu-block", onclick: move |_| ask(Question::Block),
                    Icon { shape: Shape::Block }
                    bdi { dir: "auto", {t_args("block-person", &[("name", name.as_str().into())])} }
                }
                if !sealed {
                    button { role: "menuitem", class: "danger", "data-testid": "menu-report", onclick: move |_| ask(Question::Report),
                        Icon { shape: Shape::Warning }
                        {t("report")}
                    }
                }
            }
        }
        DeleteQuestion { id, post, asking: deleting }
        RedraftQuestion { id, asking: redrafting }
        MuteQuestion { what: Muting::Person { persona: author, name: name.clone() }, asking: muting }
        MuteQuestion { what: Muting::Thread(id), asking: muting_thread }
        BlockQuestion { person: author, name, asking: blocking }
        ReportQuestion { about: id, asking: reporting, blocking }
    }
}

/// Copies the link with which anybody sees the post in a browser. A web page copies only what is known when the button
/// is pressed, so it is asked for before.
#[component]
fn CopyLink(id: EntryId, open: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let host = try_use_context::<Host>();
    let link = use_resource(move || {
        let node = surface.node.clone();
        async move { node.share_link(id).await.map_err(|error| Failure::of(&error)) }
    });
    let known = link.read();
    rsx! {
        button {
            role: "menuitem",
            disabled: known.is_none(),
            "data-copy": known.as_ref().and_then(|link| link.as_ref().ok()).cloned(),
            "data-testid": "menu-share",
            onclick: move |_| {
                open.set(false);
                match &*link.peek() {
                    Some(Ok(link)) => {
                        if let Some(host) = host {
                            (host.copy)(link);
                        }
                        notices.tell(t("share-copied"));
                    }
                    Some(Err(failure)) => notices.fail(failure),
                    None => {}
                }
            },
            Icon { shape: Shape::Copy }
            {t("share-copy")}
        }
    }
}

/// Keeps a post, or no longer.
#[component]
pub(crate) fn BookmarkButton(id: EntryId, on: bool) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let label = if on { t("bookmark-remove") } else { t("bookmark-add") };
    rsx! {
        button {
            class: "chip chip-quiet",
            aria_pressed: on,
            aria_label: t("bookmark-add"),
            title: label,
            "data-testid": "bookmark",
            onclick: move |_| {
                let node = surface.node.clone();
                act(notices, async move { if on { node.unbookmark(id).await } else { node.bookmark(id).await } });
            },
            Icon { shape: if on { Shape::BookmarkFilled } else { Shape::Bookmark } }
        }
    }
}

/// Carries a post further, or no longer.
#[component]
pub(crate) fn RepostButton(id: EntryId, on: bool, count: u64) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    rsx! {
        button {
            class: "chip chip-quiet",
            aria_pressed: on,
            aria_label: t_args("repost-count", &[("count", count.into())]),
            title: if on { t("repost-undo") } else { t("repost") },
            "data-testid": "repost",
            onclick: move |_| {
                let node = surface.node.clone();
                act(notices, async move { if on { node.unrepost(None, id).await } else { node.repost(None, id).await } });
            },
            Icon { shape: Shape::Repost }
            if count > 0 {
                span { class: "number", {number(count)} }
            }
        }
    }
}

/// A question above everything, with its two buttons.
#[component]
pub(crate) fn Ask(
    asking: Signal<bool>,
    title: String,
    does: String,
    yes: String,
    testid: &'static str,
    #[props(default = true)] danger: bool,
    /// Another word for no than to cancel, and what it leads to.
    #[props(default)]
    no: Option<String>,
    #[props(default)] on_no: Option<EventHandler<()>>,
    on_yes: EventHandler<()>,
    children: Element,
) -> Element {
    use_layer(asking);
    if !asking() {
        return rsx! {};
    }
    rsx! {
        div { class: "veil", onclick: move |_| asking.set(false) }
        div {
            class: "dialog",
            role: "alertdialog",
            aria_modal: "true",
            aria_labelledby: "ask-{testid}",
            aria_describedby: "told-{testid}",
            h2 { id: "ask-{testid}", "{title}" }
            div { id: "told-{testid}",
                p { "{does}" }
            }
            {children}
            div { class: "dialog-buttons",
                button {
                    class: "button button-quiet",
                    "data-autofocus": "true",
                    "data-testid": "{testid}-no",
                    onmounted: crate::app::focus,
                    onclick: move |_| {
                        asking.set(false);
                        if let Some(no) = on_no {
                            no.call(());
                        }
                    },
                    {no.unwrap_or_else(|| t("cancel"))}
                }
                button {
                    class: if danger { "button button-danger" } else { "button button-primary" },
                    "data-testid": testid,
                    onclick: move |_| {
                        asking.set(false);
                        on_yes.call(());
                    },
                    "{yes}"
                }
            }
        }
    }
}

#[component]
fn DeleteQuestion(id: EntryId, post: bool, asking: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    rsx! {
        Ask {
            asking,
            title: if post { t("delete-title") } else { t("delete-comment-title") },
            does: t("delete-does"),
            yes: t("delete-yes"),
            testid: "delete-confirm",
            on_yes: move |()| {
                let node = surface.node.clone();
                act(notices, async move { node.delete(None, id).await });
            },
            SeriesNote { id, of_first: "series-delete", of_later: None }
            p { class: "muted", {t("delete-leaves")} }
        }
    }
}

/// Asks, puts the post into the field where posts are written, and only then deletes it.
#[component]
fn RedraftQuestion(id: EntryId, asking: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let (notices, draft) = (use_context::<Notices>(), use_context::<Draft>());
    let (names, places, keyboard) = (use_context::<Names>(), use_context::<Places>(), use_context::<Keyboard>());
    rsx! {
        Ask {
            asking,
            title: t("redraft-title"),
            does: t("redraft-does"),
            yes: t("redraft-yes"),
            testid: "redraft-confirm",
            on_yes: move |()| {
                let surface = surface.clone();
                act(notices, async move {
                    let old = surface.node.redraft(id).await?;
                    draft.take_up(&surface, names, old).await?;
                    surface.node.delete(None, id).await?;
                    places.go(Route::Home);
                    keyboard.focus_on(COMPOSE);
                    notices.tell(t("redraft-done"));
                    Ok(())
                });
            },
            SeriesNote { id, of_first: "series-redraft", of_later: Some("series-redraft-alone") }
            p { class: "muted", {t("delete-leaves")} }
            if asking() && draft.is_begun() {
                p { class: "warning", "data-testid": "redraft-replaces",
                    Icon { shape: Shape::Warning }
                    span { {t("redraft-replaces")} }
                }
            }
        }
    }
}

/// Asks for how long, and mutes.
#[component]
pub(crate) fn MuteQuestion(what: ReadSignal<Muting>, asking: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let mut span = use_signal(|| "for-good");
    let (title, does, testid) = match &*what.read() {
        Muting::Person { name, .. } => {
            (t_args("mute-title", &[("name", name.as_str().into())]), t("mute-does"), "mute-confirm")
        }
        Muting::Reposts { name, .. } => {
            let title = t_args("reposts-title", &[("name", name.as_str().into())]);
            (title, t("reposts-does"), "reposts-confirm")
        }
        Muting::Conversation(_) => (t("quiet-title"), t("quiet-does"), "quiet-confirm"),
        Muting::Thread(_) => (t("mute-thread-title"), t("mute-thread-does"), "mute-thread-confirm"),
    };
    let mute = move |()| {
        let (node, what, until) = (surface.node.clone(), what.peek().clone(), until_ms(&span.peek()));
        act(notices, async move {
            match what {
                Muting::Person { persona, .. } => {
                    node.mute(persona, until).await?;
                    notices.tell(t("muted-person"));
                }
                Muting::Reposts { persona, .. } => {
                    node.mute_reposts(persona, until).await?;
                    notices.tell(t("reposts-hidden"));
                }
                Muting::Conversation(thread) => {
                    node.mute_conversation(thread, until).await?;
                    notices.tell(t("quiet-done"));
                }
                Muting::Thread(post) => {
                    node.mute_thread(post, until).await?;
                    notices.tell(t("muted-thread"));
                }
            }
            Ok(())
        });
    };
    let hides = matches!(&*what.read(), Muting::Reposts { .. });
    let yes = if hides { t("reposts-hide") } else { t("mute-yes") };
    rsx! {
        Ask { asking, title, does, yes, testid, danger: false, on_yes: mute,
            OneOf {
                label: t("span-label"),
                name: "span",
                testid: "span",
                options: SPANS.map(|(value, text, _)| (value, value, text)).to_vec(),
                chosen: span(),
                on_choose: move |value| span.set(value),
            }
        }
    }
}

#[component]
pub(crate) fn BlockQuestion(person: PersonaId, name: String, asking: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    rsx! {
        Ask {
            asking,
            title: t_args("block-title", &[("name", name.as_str().into())]),
            does: t("block-does"),
            yes: t("block-yes"),
            testid: "block-confirm",
            on_yes: move |()| {
                let node = surface.node.clone();
                act(notices, async move {
                    node.block(person).await?;
                    notices.tell(t("blocked-person"));
                    Ok(())
                });
            },
        }
    }
}
