//! The feed's screen: which feed, its posts, and what a newcomer can do first.

use dioxus::prelude::*;
use kith_node::FeedOf;
use kith_node::id::EntryId;
use kith_node::view::{BookmarkView, CommentView, ListView, SaidView};

use crate::alert::DeviceAlerts;
use crate::composer::{BeingSent, Composer, ScheduledPosts};
use crate::event::Pulse;
use crate::failure::Failure;
use crate::feed::{Feed, LONGEST, PAGE, Tab};
use crate::icon::{Icon, Shape};
use crate::me::Me;
use crate::nav::BellButton;
use crate::post::{BookmarkButton, PostCard, shown_name};
use crate::posts::Posts;
use crate::route::{Places, Route};
use crate::rows::{Ear, Long, Sight, Space};
use crate::skeleton::{PostSkeleton, Trouble};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::written::Said;

#[component]
pub(crate) fn FeedScreen() -> Element {
    let feed = use_context::<Feed>();
    let tab = feed.tab.read().clone();
    rsx! {
        header { class: "pane-header",
            h1 { class: "grow", {t("feed-title")} }
            BellButton {}
        }
        DeviceAlerts {}
        Tabs {}
        match tab {
            Tab::Of(of) => rsx! { Posted { of } },
            Tab::Persona(_) => rsx! { Posted { of: FeedOf::Home } },
            Tab::Bookmarks => rsx! { Bookmarks {} },
        }
    }
}

/// The user's feeds, as a row.
#[component]
fn Tabs() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let (feed, places) = (use_context::<Feed>(), use_context::<Places>());
    let node = surface.node.clone();
    let shelf = use_resource(move || {
        let node = node.clone();
        let _again = (pulse.follows)();
        async move { (node.lists().await.unwrap_or_default(), node.followed_tags().await.unwrap_or_default()) }
    });
    let shelf = shelf.read();
    let personas = use_context::<Me>().personas();
    let (lists, tags): (&[ListView], &[String]) = match shelf.as_ref() {
        Some((lists, tags)) => (lists, tags),
        None => (&[], &[]),
    };
    // A feed that is shown though it is on no shelf: a hashtag that somebody looks at.
    let passing = match &*feed.tab.read() {
        Tab::Of(FeedOf::Tag(tag)) if !tags.contains(tag) => Some(tag.clone()),
        _ => None,
    };
    rsx! {
        nav { class: "tabs", aria_label: t("tabs-label"), "data-testid": "tabs",
            TabButton { tab: Tab::HOME, label: t("tabs-home") }
            if personas.len() > 1 {
                for persona in personas.iter() {
                    TabButton { key: "{persona.id}", tab: Tab::Persona(persona.id), label: shown_name(&persona.name) }
                }
            }
            for list in lists {
                TabButton { key: "{list.id}", tab: Tab::Of(FeedOf::List(list.id)), label: list.name.clone() }
            }
            for tag in tags {
                TabButton { key: "{tag}", tab: Tab::Of(FeedOf::Tag(tag.clone())), label: format!("#{tag}") }
            }
            if let Some(tag) = passing {
                TabButton { tab: Tab::Of(FeedOf::Tag(tag.clone())), label: format!("#{tag}") }
            }
            TabButton { tab: Tab::Bookmarks, label: t("tabs-bookmarks") }
            button {
                class: "icon-button",
                aria_label: t("tabs-edit"),
                title: t("tabs-edit"),
                "data-testid": "tabs-edit",
                onclick: move |_| places.go(Route::Lists),
                Icon { shape: Shape::Add }
            }
        }
    }
}

#[component]
fn TabButton(tab: Tab, label: String) -> Element {
    let surface = use_context::<Surface>();
    let (feed, posts) = (use_context::<Feed>(), use_context::<Posts>());
    let here = *feed.tab.read() == tab;
    rsx! {
        button {
            class: "tab",
            aria_current: if here { Some("page") } else { None },
            "data-testid": "tab",
            onclick: move |_| {
                let (surface, tab) = (surface.clone(), tab.clone());
                spawn(async move { feed.switch(&surface, posts, tab).await });
            },
            bdi { dir: "auto", "{label}" }
        }
    }
}

#[component]
fn Posted(of: ReadSignal<FeedOf>) -> Element {
    let surface = use_context::<Surface>();
    let posts = use_context::<Posts>();
    let feed = use_context::<Feed>();
    let newer = (feed.newer)();
    let older_window = feed.anchor.read().is_some();
    let count = feed.ids.read().len();
    let to_newest = {
        let surface = surface.clone();
        move |_| {
            let surface = surface.clone();
            spawn(async move { feed.to_newest(&surface, posts).await });
        }
    };
    let load_more = {
        let surface = surface.clone();
        use_callback(move |()| {
            let surface = surface.clone();
            spawn(async move { feed.more(&surface, posts).await });
        })
    };
    let next_window = {
        let surface = surface.clone();
        move |_| {
            let surface = surface.clone();
            let last = feed.ids.peek().last().copied();
            spawn(async move { feed.open(&surface, posts, last, true).await });
        }
    };
    let again = {
        let surface = surface.clone();
        use_callback(move |()| {
            let surface = surface.clone();
            spawn(async move { feed.to_newest(&surface, posts).await });
        })
    };
    let sees = use_callback(move |sight: Sight<EntryId>| feed.sees(&surface, posts, &sight));
    let line = (feed.line)();
    rsx! {
        if newer > 0 {
            button { class: "pill", "data-testid": "new-posts", onclick: to_newest.clone(),
                Icon { shape: Shape::Up }
                {t_args("feed-new", &[("count", newer.into())])}
            }
        }
        // A list of one, because keys count only in lists: a new key is a new element, scrolled to its top.
        for generation in [(feed.generation)()] {
            div {
                key: "{generation}",
                class: "scroll",
                "data-testid": "feed-scroll",
                "data-place": (feed.kept)().map(|id| id.to_string()),
                "data-seen": (feed.seen)().map(|id| id.to_string()),
                div { class: "column",
                    if older_window {
                        button { class: "button button-quiet wide", onclick: to_newest.clone(), {t("feed-back-to-newest")} }
                    } else if *of.read() == FeedOf::Home {
                        Composer {}
                    }
                    BeingSent {}
                    if !older_window && *of.read() == FeedOf::Home {
                        ScheduledPosts {}
                    }
                    if let Some(failure) = feed.failed.read().as_ref() {
                        Trouble { failure: failure.clone(), on_again: again }
                    }
                    if !(feed.loaded)() {
                        PostSkeleton {}
                        PostSkeleton {}
                        PostSkeleton {}
                    }
                    if let FeedOf::Tag(tag) = &*of.read() {
                        TagHead { tag: tag.clone() }
                    }
                    if (feed.loaded)() && count == 0 && feed.failed.read().is_none() {
                        match &*of.read() {
                            FeedOf::Home => rsx! { EmptyFeed {} },
                            FeedOf::List(_) => rsx! { EmptyList {} },
                            FeedOf::Tag(_) => rsx! { p { class: "quiet-line", "data-testid": "empty-tag", {t("empty-tag")} } },
                        }
                    }
                    PostRows {
                        rows: feed.rows,
                        ids: feed.ids,
                        label: t("feed-title"),
                        testid: "feed",
                        busy: !(feed.loaded)(),
                        ended: (feed.ended)(),
                        line,
                        on_sight: sees,
                    }
                    if count > 0 && !(feed.ended)() {
                        if count >= LONGEST {
                            button { class: "button button-quiet wide", onclick: next_window.clone(), {t("feed-older")} }
                        } else {
                            button { class: "button button-quiet wide", onclick: move |_| load_more.call(()), {t("feed-more")} }
                        }
                    } else if count > 0 {
                        p { class: "end", {t("feed-end")} }
                    }
                }
            }
        }
    }
}

/// Posts of a long list: those near the screen stand in the page.
#[component]
pub(crate) fn PostRows(
    rows: Long<EntryId>,
    ids: ReadSignal<Vec<EntryId>>,
    label: String,
    testid: &'static str,
    #[props(default)] busy: bool,
    /// The list is whole: how long it is, is known.
    #[props(default)]
    ended: bool,
    /// The newest post that was read before those above it came.
    #[props(default)]
    line: Option<EntryId>,
    on_sight: Callback<Sight<EntryId>>,
) -> Element {
    let ids = ids.read();
    let drawn = rows.drawn(&ids);
    let of = if ended { ids.len() } else { 0 };
    // A feed has articles: one without any is none yet.
    let feed = !ids.is_empty();
    rsx! {
        div {
            class: "long",
            role: feed.then_some("feed"),
            aria_label: feed.then_some(label),
            "aria-busy": if busy { "true" } else { "false" },
            "data-rows": "true",
            "data-at": rows.asked(),
            "data-testid": testid,
            Ear {
                on_sight: move |told: String| {
                    if let Some(sight) = Sight::parse(&told) {
                        on_sight.call(sight);
                    }
                },
            }
            Space { px: drawn.above }
            for (at , id) in ids.iter().copied().enumerate().skip(drawn.range.start).take(drawn.range.len()) {
                div { key: "{id}", class: "place", role: "none", "data-row": "{id}",
                    if line == Some(id) && at > 0 {
                        // In a feed only articles have a role.
                        div { class: "unread-line", "data-testid": "unread-line", span { {t("feed-read-to-here")} } }
                    }
                    PostCard { id, place: at + 1, of }
                }
            }
            Space { px: drawn.below }
        }
    }
}

/// Follow or unfollow the hashtag that is shown.
#[component]
fn TagHead(tag: ReadSignal<String>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let notices = use_context::<crate::notice::Notices>();
    let node = surface.node.clone();
    let followed = use_resource(move || {
        let (node, tag, _again) = (node.clone(), tag(), (pulse.follows)());
        async move { node.followed_tags().await.is_ok_and(|tags| tags.contains(&tag)) }
    });
    let followed = followed() == Some(true);
    rsx! {
        div { class: "form-row",
            h2 { class: "grow", bdi { dir: "auto", "#{tag}" } }
            button {
                class: if followed { "button button-quiet" } else { "button button-primary" },
                aria_pressed: followed,
                "data-testid": "follow-tag",
                onclick: move |_| {
                    let (node, tag) = (surface.node.clone(), tag());
                    crate::notice::act(notices, async move {
                        if followed { node.unfollow_tag(&tag).await } else { node.follow_tag(&tag).await }
                    });
                },
                if followed { {t("unfollow")} } else { {t("follow")} }
            }
        }
    }
}

/// What was bookmarked, last first.
#[component]
fn Bookmarks() -> Element {
    let surface = use_context::<Surface>();
    let posts = use_context::<Posts>();
    let pulse = use_context::<Pulse>();
    let mut limit = use_signal(|| PAGE);
    let mut pages = use_resource(move || {
        let node = surface.node.clone();
        let (limit, _again) = (limit(), (pulse.posts)());
        async move {
            let page = node.bookmarks(limit, None).await.map_err(|error| Failure::of(&error))?;
            let found: Vec<_> = page.iter().filter_map(|view| view.post.clone()).collect();
            posts.put(&found);
            Ok::<_, Failure>(page)
        }
    });
    let page = pages.read();
    rsx! {
        div { class: "scroll", "data-testid": "bookmarks",
            div { class: "column",
                match page.as_ref() {
                    None => rsx! { PostSkeleton {} },
                    Some(Err(failure)) => rsx! { Trouble { failure: failure.clone(), on_again: move |()| pages.restart() } },
                    Some(Ok(page)) if page.is_empty() => rsx! {
                        p { class: "quiet-line", "data-testid": "empty-bookmarks", {t("empty-bookmarks")} }
                    },
                    Some(Ok(page)) => rsx! {
                        KeptRows { page: page.clone() }
                        if page.len() >= limit() {
                            button { class: "button button-quiet wide", onclick: move |_| limit += PAGE, {t("feed-more")} }
                        }
                    },
                }
            }
        }
    }
}

#[component]
fn KeptRows(page: ReadSignal<Vec<BookmarkView>>) -> Element {
    let rows = use_hook(Long::<EntryId>::new);
    let keys = use_memo(move || page.read().iter().map(|view| view.id).collect::<Vec<_>>());
    let drawn = rows.drawn(&keys.read());
    let page = page.read();
    rsx! {
        div { class: "long", role: "feed", aria_label: t("tabs-bookmarks"), "data-rows": "true", "data-at": rows.asked(),
            Ear {
                on_sight: move |told: String| {
                    if let Some(sight) = Sight::parse(&told) {
                        rows.hear(&keys.peek(), &sight);
                    }
                },
            }
            Space { px: drawn.above }
            for (at , view) in page.iter().enumerate().skip(drawn.range.start).take(drawn.range.len()) {
                div { key: "{view.id}", class: "place", role: "none", "data-row": "{view.id}",
                    Kept { view: view.clone(), place: at + 1 }
                }
            }
            Space { px: drawn.below }
        }
    }
}

#[component]
fn Kept(view: ReadSignal<BookmarkView>, place: usize) -> Element {
    let view = view.read();
    let id = view.id;
    match (&view.post, &view.comment, view.root) {
        (Some(post), ..) if !post.deleted => rsx! { PostCard { id: post.id, place } },
        (None, Some(comment), Some(root)) if !comment.deleted => rsx! {
            Said { said: SaidView { root, comment: CommentView { bookmarked: true, ..comment.clone() } }, kept: true }
        },
        _ => rsx! {
            article { class: "post post-gone", "data-testid": "kept-gone",
                div { class: "form-row",
                    p { class: "grow", {t("bookmark-gone")} }
                    BookmarkButton { id, on: true }
                }
            }
        },
    }
}

#[component]
fn EmptyList() -> Element {
    let places = use_context::<Places>();
    rsx! {
        section { class: "empty", "data-testid": "empty-list",
            h2 { {t("empty-list")} }
            p { class: "muted", {t("empty-list-more")} }
            button { class: "button button-primary", onclick: move |_| places.go(Route::Lists), {t("tabs-edit")} }
        }
    }
}

/// What a newcomer can do first.
#[component]
fn EmptyFeed() -> Element {
    let places = use_context::<Places>();
    let me = use_context::<Me>();
    let (surface, pulse) = (use_context::<Surface>(), use_context::<Pulse>());
    let fetching = use_resource(move || {
        let node = surface.node.clone();
        let _again = ((pulse.network)(), (pulse.profiles)());
        async move { node.is_fetching().await.unwrap_or_default() }
    });
    if fetching().unwrap_or_default() {
        return rsx! {
            section { class: "empty", role: "status", "data-testid": "feed-fetching",
                h2 { {t("feed-fetching")} }
                p { class: "muted", {t("feed-fetching-more")} }
            }
        };
    }
    rsx! {
        section { class: "empty", "data-testid": "empty-feed",
            h2 { {t("empty-title")} }
            ul { class: "cards",
                li {
                    button { class: "card card-button", onclick: move |_| places.go(Route::People),
                        strong { {t("empty-follow")} }
                        span { {t("empty-follow-more")} }
                    }
                }
                li {
                    button { class: "card card-button", onclick: move |_| places.go(Route::People),
                        strong { {t("empty-invite")} }
                        span { {t("empty-invite-more")} }
                    }
                }
                li {
                    button {
                        class: "card card-button",
                        onclick: move |_| {
                            if let Some(id) = me.id() {
                                places.go(Route::Person(id));
                            }
                        },
                        strong { {t("empty-profile")} }
                        span { {t("empty-profile-more")} }
                    }
                }
            }
        }
    }
}
