//! A post as a card, and the parts that comments share: reactions, the byline, the box to edit.

use std::collections::BTreeMap;

use dioxus::html::geometry::ClientPoint;
use dioxus::prelude::*;
use kith_node::id::{BlobHash, EntryId, PersonaId};
use kith_node::limits::{REACTIONS_PER_PERSONA, TEXT_CHARS};
use kith_node::view::{Colour, PostView, Reposter};

use crate::attached::PostFiles;
use crate::audience::SealedLine;
use crate::avatar::Avatar;
use crate::card::LinkCard;
use crate::complete::{self, Offers, use_completion};
use crate::composer::sends;
use crate::emoji::EmojiSheet;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::keyboard::{Keyboard, card, typing};
use crate::layer::use_layer;
use crate::markup::Markup;
use crate::mention::Names;
pub(crate) use crate::menu::BookmarkButton;
use crate::menu::{About, EntryMenu, RepostButton};
use crate::notice::{Notices, act};
use crate::personas::Via;
use crate::poll::PollCard;
use crate::posts::Posts;
use crate::published::PublishedList;
use crate::quote::QuoteCard;
use crate::route::{Places, Route};
use crate::skeleton::PostSkeleton;
use crate::strings::{number, t, t_args};
use crate::surface::Surface;
use crate::time;
use crate::version::Edited;
use crate::writer::react;

/// What the key for it gives.
pub(crate) const LIKE: &str = "❤️";
/// The small choice.
pub(crate) const CHOICE: [&str; 8] = [LIKE, "👍", "😂", "🎉", "😮", "😢", "🙏", "🔥"];

/// A pointer that moved less between press and release clicked, CSS pixels.
const STILL: f64 = 4.0;

/// Ticks twice a minute, so that ages stay true.
#[derive(Clone, Copy)]
pub(crate) struct Now(pub(crate) Signal<u64>);

/// A post of the store, by id. `place` and `of` are its place in a list; 0 when there is none or it is not known.
#[component]
pub(crate) fn PostCard(
    id: ReadSignal<EntryId>,
    #[props(default)] full: bool,
    #[props(default)] place: usize,
    #[props(default)] of: usize,
) -> Element {
    let posts = use_context::<Posts>();
    let held = use_hook(|| {
        posts.hold(*id.peek());
        *id.peek()
    });
    use_drop(move || posts.release(held));
    // Drawn again only when this post changed.
    let post = use_memo(move || posts.get(id()));
    let post = post.read();
    let Some(post) = post.as_ref() else { return rsx! { PostSkeleton {} } };
    rsx! {
        PostArticle { post: post.clone(), full, place, of }
    }
}

#[component]
pub(crate) fn PostArticle(post: ReadSignal<PostView>, full: bool, place: usize, of: usize) -> Element {
    let places = use_context::<Places>();
    let keyboard = use_context::<Keyboard>();
    let mut revealed = use_signal(|| false);
    let mut editing = use_signal(|| false);
    let mut pressed = use_signal(ClientPoint::default);
    // The key turns the text over once for each press.
    let mut turned = use_signal(|| keyboard.reveals(post.peek().id));
    use_effect(move || {
        let wish = keyboard.reveals(post.read().id);
        if wish.is_some() && *turned.peek() != wish {
            turned.set(wish);
            revealed.toggle();
        }
    });
    let view = post.read();
    let id = view.id;
    if view.deleted {
        return rsx! {
            article { class: "post post-gone", "data-testid": "post", "data-post": "{id}",
                p { {t("post-deleted")} }
            }
        };
    }
    if view.blocked {
        return rsx! {
            article { class: "post post-gone", "data-testid": "post-blocked", "data-post": "{id}",
                p { {t("post-blocked")} }
            }
        };
    }
    let hidden = view.cw.is_some() && !revealed();
    rsx! {
        article {
            class: if full { "post post-full" } else { "post" },
            id: if full { None } else { Some(card(id)) },
            tabindex: if full { None } else { Some("-1") },
            onfocusin: move |_| keyboard.is_at(id),
            aria_labelledby: "by-{id}",
            "aria-posinset": if place > 0 { Some(place.to_string()) } else { None },
            "aria-setsize": if place > 0 { Some(if of > 0 { of.to_string() } else { "-1".to_owned() }) } else { None },
            "data-sealed": view.sealed,
            "data-colour": view.colour.map(Colour::name),
            "data-testid": "post",
            "data-post": "{id}",
            if !view.reposted_by.is_empty() {
                RepostedBy { by: view.reposted_by.clone() }
            }
            div { class: "post-head",
                Byline {
                    id,
                    author: view.author,
                    name: view.author_name.clone(),
                    picture: view.author_picture,
                    created_ms: view.created_ms,
                    opens: !full,
                    edited: view.edited,
                }
                EntryMenu {
                    about: About {
                        id,
                        author: view.author,
                        name: shown_name(&view.author_name),
                        own: view.own,
                        post: true,
                        sealed: view.sealed,
                        bookmarked: view.bookmarked,
                        thread_muted: view.thread_muted,
                        open: view.commenters == "everyone",
                        can_hide: false,
                        list: view.people_count > 0,
                    },
                    on_edit: move |()| editing.set(true),
                }
            }
            SealedLine { post: view.clone(), full }
            if let Some(persona) = view.via {
                Via { persona }
            }
            Flags { post: view.clone() }
            if let Some(warning) = view.cw.as_ref() {
                div { class: "warning",
                    Icon { shape: Shape::Warning }
                    bdi { dir: "auto", "{warning}" }
                    button {
                        class: "button button-quiet",
                        aria_expanded: revealed(),
                        "data-testid": "cw-reveal",
                        onclick: move |_| revealed.toggle(),
                        if hidden { {t("post-show")} } else { {t("post-hide")} }
                    }
                }
            }
            if editing() {
                EditBox { id, text: view.text.clone(), on_close: move |()| editing.set(false) }
            } else if !hidden {
                // The keyboard's way is the time above; selecting text opens nothing.
                div {
                    class: if full { "post-text" } else { "post-text post-text-cut" },
                    "data-testid": "post-text",
                    onmousedown: move |event| pressed.set(event.client_coordinates()),
                    onclick: move |event| {
                        let moved = event.client_coordinates() - *pressed.peek();
                        if !full && moved.x.abs() < STILL && moved.y.abs() < STILL {
                            places.go(Route::Post(id));
                        }
                    },
                    Markup { text: view.text.clone(), mentions: view.mentions.clone() }
                }
                PostFiles { attachments: view.attachments.clone(), full, post: id }
                if let Some(card) = view.card.clone() {
                    LinkCard { card }
                }
                if view.people_count > 0 {
                    PublishedList { post: id, people: view.people.clone(), count: view.people_count, full }
                }
            }
            if let Some(poll) = view.poll.as_ref().filter(|_| !hidden) {
                PollCard { id, poll: poll.clone() }
            }
            if let Some(quote) = view.quote.as_ref().filter(|_| !hidden) {
                QuoteCard { quote: quote.clone(), by: Some(id) }
            }
            div { class: "post-foot",
                Reactions { id, reactions: view.reactions.clone(), mine: view.mine.clone() }
                if !full {
                    button {
                        class: "chip chip-quiet",
                        aria_label: t_args("post-comments", &[("count", view.comments.into())]),
                        title: t("post-open"),
                        "data-opens": "true",
                        "data-testid": "post-open",
                        onclick: move |_| places.go(Route::Post(id)),
                        Icon { shape: Shape::Comment }
                        span { class: "number", {number(view.comments)} }
                    }
                }
                if !view.sealed {
                    RepostButton { id, on: view.reposted, count: view.reposts }
                }
                BookmarkButton { id, on: view.bookmarked }
            }
        }
    }
}

/// Who wrote it and when.
#[component]
pub(crate) fn Byline(
    id: EntryId,
    author: PersonaId,
    name: ReadSignal<String>,
    picture: Option<BlobHash>,
    created_ms: u64,
    #[props(default)] opens: bool,
    #[props(default)] edited: bool,
) -> Element {
    let places = use_context::<Places>();
    let now = use_context::<Now>();
    let shown = shown_name(&name.read());
    let age = time::relative((now.0)(), created_ms);
    let absolute = time::absolute(created_ms);
    rsx! {
        div { class: "byline",
            button {
                class: "byline-person",
                id: "by-{id}",
                "data-testid": "author",
                onclick: move |_| places.go(Route::Person(author)),
                Avatar { person: author, name: shown.clone(), picture }
                bdi { class: "name", dir: "auto", "{shown}" }
            }
            span { class: "byline-when",
                if opens {
                    button { class: "when", title: "{absolute}", onclick: move |_| places.go(Route::Post(id)),
                        time { datetime: time::iso(created_ms), aria_label: "{absolute}", "{age}" }
                    }
                } else {
                    time { class: "when", datetime: time::iso(created_ms), title: "{absolute}", "{age}" }
                }
                if edited {
                    Edited { id }
                }
            }
        }
    }
}

/// A name that came empty, because the profile is still on its way.
pub(crate) fn shown_name(name: &str) -> String {
    if name.trim().is_empty() { t("person-unnamed") } else { name.to_owned() }
}

/// Who carried it further, the first by name.
#[component]
fn RepostedBy(by: ReadSignal<Vec<Reposter>>) -> Element {
    let places = use_context::<Places>();
    let by = by.read();
    let Some(first) = by.first() else { return rsx! {} };
    let (person, name, others) = (first.persona, shown_name(&first.name), by.len() - 1);
    rsx! {
        button { class: "reposted-by", "data-testid": "reposted-by", onclick: move |_| places.go(Route::Person(person)),
            Icon { shape: Shape::Repost }
            bdi { dir: "auto", {t_args("reposted-by", &[("name", name.as_str().into()), ("others", others.into())])} }
        }
    }
}

#[component]
fn Flags(post: ReadSignal<PostView>) -> Element {
    let post = post.read();
    if !post.waiting
        && !post.clock_off
        && !post.forked
        && !post.thread_muted
        && post.commenters == "everyone"
        && post.held_by.is_none()
    {
        return rsx! {};
    }
    rsx! {
        p { class: "flags",
            if post.waiting {
                span { class: "flag", "data-testid": "waiting", title: t("post-waiting-title"),
                    Icon { shape: Shape::Waiting }
                    {t("post-waiting")}
                }
            }
            if let Some(held) = post.held_by.filter(|_| !post.waiting) {
                span { class: "flag", "data-testid": "held-by", title: t("post-held-title"),
                    {t_args("post-held", &[("count", held.into())])}
                }
            }
            if post.commenters != "everyone" {
                span { class: "flag", "data-testid": "comments-closed",
                    Icon { shape: Shape::Comment }
                    if post.commenters == "nobody" { {t("comments-closed")} } else { {t("comments-some")} }
                }
            }
            if post.thread_muted {
                span { class: "flag", "data-testid": "thread-muted",
                    Icon { shape: Shape::Mute }
                    {t("post-thread-muted")}
                }
            }
            if post.clock_off {
                span { class: "flag", title: t("post-clock-title"),
                    Icon { shape: Shape::Clock }
                    {t("post-clock")}
                }
            }
            if post.forked {
                span { class: "flag flag-warn", title: t("post-forked-title"),
                    Icon { shape: Shape::Warning }
                    {t("post-forked")}
                }
            }
        }
    }
}

/// Counts that can be pressed, and a small choice.
#[component]
pub(crate) fn Reactions(
    id: EntryId,
    reactions: ReadSignal<BTreeMap<String, u64>>,
    mine: ReadSignal<Vec<String>>,
) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let mut open = use_signal(|| false);
    let mut picking = use_signal(|| false);
    use_layer(open);
    let full = mine.read().len() >= REACTIONS_PER_PERSONA;
    let toggle = move |emoji: String| {
        let node = surface.node.clone();
        let on = mine.peek().contains(&emoji);
        if !on && mine.peek().len() >= REACTIONS_PER_PERSONA {
            notices.tell(t_args("post-react-limit", &[("limit", REACTIONS_PER_PERSONA.into())]));
            return;
        }
        act(
            notices,
            async move { if on { node.unreact(None, id, &emoji).await } else { react(&node, id, &emoji).await } },
        );
    };
    rsx! {
        div { class: "reactions", role: "group", aria_label: t("post-reactions"), "data-testid": "reactions",
            for (emoji , count) in reactions.read().iter() {
                button {
                    key: "{emoji}",
                    class: "chip",
                    aria_pressed: mine.read().contains(emoji),
                    aria_label: t_args("post-reaction", &[("emoji", emoji.as_str().into()), ("count", (*count).into())]),
                    "data-testid": "reaction",
                    onclick: {
                        let (toggle, emoji) = (toggle.clone(), emoji.clone());
                        move |_| toggle(emoji.clone())
                    },
                    span { class: "emoji", "{emoji}" }
                    span { class: "number", {number(*count)} }
                }
            }
            button {
                class: "chip chip-quiet",
                aria_label: t("post-react"),
                title: if open() { None } else { Some(t("post-react")) },
                aria_expanded: open(),
                "data-testid": "react",
                onclick: move |_| open.toggle(),
                Icon { shape: Shape::Smile }
            }
            if open() {
                div { class: "backdrop", onclick: move |_| open.set(false) }
                div { class: "emoji-choice", role: "group", aria_label: t("post-react"),
                    for emoji in CHOICE {
                        button {
                            key: "{emoji}",
                            class: "emoji-button",
                            aria_pressed: mine.read().iter().any(|known| known == emoji),
                            aria_label: t_args("post-react-with", &[("emoji", emoji.into())]),
                            disabled: full && !mine.read().iter().any(|known| known == emoji),
                            "data-testid": "react-with",
                            onclick: {
                                let toggle = toggle.clone();
                                move |_| {
                                    open.set(false);
                                    toggle(emoji.to_owned());
                                }
                            },
                            "{emoji}"
                        }
                    }
                    button {
                        class: "emoji-button",
                        aria_label: t("emoji-more"),
                        title: t("emoji-more"),
                        aria_haspopup: "dialog",
                        disabled: full,
                        "data-testid": "react-more",
                        onclick: move |_| {
                            open.set(false);
                            picking.set(true);
                        },
                        Icon { shape: Shape::Add }
                    }
                }
            }
            EmojiSheet { open: picking, on_choose: move |emoji: String| toggle(emoji) }
        }
    }
}

#[component]
pub(crate) fn EditBox(id: EntryId, text: String, on_close: EventHandler<()>) -> Element {
    let surface = use_context::<Surface>();
    let names = use_context::<Names>();
    let completion = use_completion(complete::About::Post(id));
    let before = text.clone();
    let mut now = use_signal(|| before);
    let mut failed = use_signal(|| None::<Failure>);
    let too_long = now.read().chars().count() > TEXT_CHARS;
    let save = move || {
        let node = surface.node.clone();
        spawn(async move {
            let new = now.peek().clone();
            match node.edit(None, id, &new).await {
                Ok(_) => on_close.call(()),
                Err(error) => failed.set(Some(Failure::of(&error))),
            }
        });
    };
    let save_by_key = save.clone();
    rsx! {
        div { class: "edit-box",
            div { class: "completing",
                textarea {
                    class: "field",
                    rows: "4",
                    aria_label: t("post-edit-label"),
                    initial_value: names.shown(&text),
                    aria_autocomplete: "list",
                    aria_controls: completion.list(),
                    aria_activedescendant: completion.active(),
                    dir: "auto",
                    "data-autofocus": "true",
                    "data-testid": "edit-text",
                    onmounted: crate::app::focus,
                    oninput: move |event: FormEvent| {
                        completion.typed(event.value());
                        now.set(names.kept(&event.value()));
                    },
                    onkeydown: move |event| {
                        typing(&event);
                        if sends(&event) {
                            save_by_key();
                        } else if event.key() == Key::Escape && !event.is_composing() {
                            event.stop_propagation();
                            on_close.call(());
                        }
                    },
                }
                Offers { completion }
            }
            if let Some(failure) = failed.read().as_ref() {
                p { class: "failure", role: "alert", "{failure}" }
            }
            p { class: "hint", {t("post-edit-hint")} }
            div { class: "dialog-buttons",
                button { class: "button button-quiet", onclick: move |_| on_close.call(()), {t("cancel")} }
                button { class: "button button-primary", "data-testid": "edit-save", disabled: too_long, onclick: move |_| save(), {t("save")} }
            }
        }
    }
}
