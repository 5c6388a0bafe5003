//! The home feed: a window of posts over the local store, newest first. It never moves under a reader: what comes
//! while they are further down is counted and waits behind a pill.

use std::collections::HashSet;

use dioxus::prelude::*;
use kith_node::FeedQuery;
use kith_node::id::EntryId;
use kith_node::view::PostView;

use crate::composer::Composer;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::me::Me;
use crate::post::PostCard;
use crate::posts::Posts;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// Posts that are read at once.
pub(crate) const PAGE: usize = 50;
/// Posts in the page at once: older ones start a new window, so that the page stays light.
const WINDOW: usize = 300;

#[derive(Clone, Copy)]
pub(crate) struct Feed {
    ids: Signal<Vec<EntryId>>,
    /// The window shows posts older than this one; `None`: the newest.
    anchor: Signal<Option<EntryId>>,
    at_top: Signal<bool>,
    newer: Signal<usize>,
    ended: Signal<bool>,
    loaded: Signal<bool>,
    failed: Signal<Option<Failure>>,
    /// Grows when the list starts again from its top.
    generation: Signal<u64>,
}

impl Feed {
    pub(crate) fn new() -> Self {
        Self {
            ids: Signal::new(Vec::new()),
            anchor: Signal::new(None),
            at_top: Signal::new(true),
            newer: Signal::new(0),
            ended: Signal::new(false),
            loaded: Signal::new(false),
            failed: Signal::new(None),
            generation: Signal::new(0),
        }
    }

    /// Reads the newest posts and shows them from the top.
    pub(crate) async fn to_newest(mut self, surface: &Surface, posts: Posts) {
        // A reader at the top stays as they are; their composer keeps the keyboard.
        let already_there = *self.at_top.peek() && self.anchor.peek().is_none();
        self.open(surface, posts, None, !already_there).await;
        self.at_top.set(true);
    }

    /// The posts in the page, newest first. Does not subscribe.
    pub(crate) fn shown(self) -> Vec<EntryId> {
        self.ids.peek().clone()
    }

    /// Whether older posts than the newest are shown.
    pub(crate) fn is_older(self) -> bool {
        self.anchor.peek().is_some()
    }

    async fn open(mut self, surface: &Surface, posts: Posts, anchor: Option<EntryId>, from_top: bool) {
        let Some(page) = self.read(surface, anchor, PAGE).await else { return };
        posts.put(&page);
        self.anchor.set(anchor);
        self.ended.set(page.len() < PAGE);
        let ids: Vec<_> = page.iter().map(|post| post.id).collect();
        posts.prune(&ids.iter().copied().collect());
        self.ids.set(ids);
        self.newer.set(0);
        self.loaded.set(true);
        if from_top {
            self.generation += 1;
        }
    }

    /// Adds the next page below, up to the window's size.
    async fn more(mut self, surface: &Surface, posts: Posts) {
        let last = self.ids.peek().last().copied();
        let Some(last) = last else { return };
        if *self.ended.peek() || self.ids.peek().len() >= WINDOW {
            return;
        }
        let Some(page) = self.read(surface, Some(last), PAGE).await else { return };
        // Another page may have come meanwhile.
        if self.ids.peek().last() != Some(&last) {
            return;
        }
        posts.put(&page);
        self.ended.set(page.len() < PAGE);
        self.ids.write().extend(page.iter().map(|post| post.id));
    }

    /// Reads what is shown again. New posts appear at once for a reader at the top, else they are counted.
    pub(crate) async fn refresh(mut self, surface: &Surface, posts: Posts) {
        if !*self.loaded.peek() {
            return self.to_newest(surface, posts).await;
        }
        let anchor = *self.anchor.peek();
        let limit = (self.ids.peek().len() + PAGE).min(WINDOW + PAGE);
        let Some(read) = self.read(surface, anchor, limit).await else { return };
        posts.put(&read);
        let shown = self.ids.peek().clone();
        let (ids, newer) = merge(&shown, &read, anchor.is_none() && *self.at_top.peek(), limit);
        if ids != shown {
            self.ended.set(read.len() < limit && ids.len() >= read.len());
            self.ids.set(ids);
        }
        let newer = if anchor.is_some() { 0 } else { newer };
        if *self.newer.peek() != newer {
            self.newer.set(newer);
        }
    }

    async fn read(mut self, surface: &Surface, before: Option<EntryId>, limit: usize) -> Option<Vec<PostView>> {
        match surface.node.feed(FeedQuery { before, limit, ..FeedQuery::default() }).await {
            Ok(page) => {
                if self.failed.peek().is_some() {
                    self.failed.set(None);
                }
                Some(page)
            }
            Err(error) => {
                self.failed.set(Some(Failure::of(&error)));
                self.loaded.set(true);
                None
            }
        }
    }
}

/// What is shown after `read` came, and how many posts wait above it.
fn merge(shown: &[EntryId], read: &[PostView], follow: bool, limit: usize) -> (Vec<EntryId>, usize) {
    if follow || shown.is_empty() {
        return (read.iter().map(|post| post.id).collect(), 0);
    }
    let known: HashSet<_> = read.iter().map(|post| post.id).collect();
    // A post that is gone from a complete answer was deleted or unfollowed.
    let whole = read.len() < limit;
    let ids: Vec<_> = shown.iter().copied().filter(|id| known.contains(id) || !whole).collect();
    let first = ids.iter().find(|id| known.contains(id));
    let newer = first.and_then(|first| read.iter().position(|post| post.id == *first)).unwrap_or(read.len());
    (ids, newer)
}

#[component]
pub(crate) fn FeedScreen() -> Element {
    let surface = use_context::<Surface>();
    let posts = use_context::<Posts>();
    let mut feed = use_context::<Feed>();
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
        move || {
            let surface = surface.clone();
            spawn(async move { feed.more(&surface, posts).await });
        }
    };
    let next_window = move |_| {
        let surface = surface.clone();
        let last = feed.ids.peek().last().copied();
        spawn(async move { feed.open(&surface, posts, last, true).await });
    };
    rsx! {
        header { class: "pane-header",
            h1 { {t("feed-title")} }
        }
        if newer > 0 {
            button { class: "pill", "data-testid": "new-posts", onclick: to_newest.clone(),
                Icon { shape: Shape::Up }
                {t_args("feed-new", &[("count", newer.into())])}
            }
        }
        // A list of one, because keys count only in lists: a new key is a new element, scrolled to its top.
        for generation in [(feed.generation)()] {
            div { key: "{generation}", class: "scroll", "data-testid": "feed-scroll",
                div { class: "column",
                    if older_window {
                        button { class: "button button-quiet wide", onclick: to_newest.clone(), {t("feed-back-to-newest")} }
                    } else {
                        Composer {}
                    }
                    // Says whether the reader is at the top.
                    div {
                        class: "sentinel",
                        "aria-hidden": "true",
                        onvisible: move |event| {
                            let at_top = event.is_intersecting().unwrap_or(true);
                            if *feed.at_top.peek() != at_top {
                                feed.at_top.set(at_top);
                            }
                        },
                    }
                    if let Some(failure) = feed.failed.read().as_ref() {
                        p { class: "failure", role: "alert", "{failure}" }
                    }
                    if (feed.loaded)() && count == 0 {
                        EmptyFeed {}
                    }
                    div { role: "feed", aria_label: t("feed-title"), "aria-busy": if (feed.loaded)() { "false" } else { "true" }, "data-testid": "feed",
                        for (at , id) in feed.ids.read().iter().copied().enumerate() {
                            PostCard { key: "{id}", id, place: at + 1, of: if (feed.ended)() { count } else { 0 } }
                        }
                    }
                    if count > 0 && !(feed.ended)() {
                        if count >= WINDOW {
                            button { class: "button button-quiet wide", onclick: next_window.clone(), {t("feed-older")} }
                        } else {
                            for shown in [count] {
                                div {
                                    key: "{shown}",
                                    class: "sentinel",
                                    "aria-hidden": "true",
                                    onvisible: {
                                        let load_more = load_more.clone();
                                        move |event: VisibleEvent| {
                                            if event.is_intersecting().unwrap_or(false) {
                                                load_more();
                                            }
                                        }
                                    },
                                }
                            }
                            button { class: "button button-quiet wide", onclick: { let load_more = load_more.clone(); move |_| load_more() }, {t("feed-more")} }
                        }
                    } else if count > 0 {
                        p { class: "end", {t("feed-end")} }
                    }
                }
            }
        }
    }
}

type VisibleEvent = Event<VisibleData>;

/// What a newcomer can do first.
#[component]
fn EmptyFeed() -> Element {
    let places = use_context::<Places>();
    let me = use_context::<Me>();
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

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use kith_node::id::PersonaId;

    use super::*;

    pub(crate) fn post(number: u8) -> PostView {
        PostView {
            id: EntryId::from_bytes([number; 32]),
            author: PersonaId::from_bytes([1; 32]),
            author_name: "Alice".into(),
            author_picture: None,
            created_ms: 0,
            text: format!("post {number}"),
            cw: None,
            attachments: vec![],
            reactions: BTreeMap::new(),
            mine: vec![],
            comments: 0,
            edited: false,
            deleted: false,
            sealed: false,
            circle: None,
            via: None,
            own: false,
            clock_off: false,
            forked: false,
            waiting: false,
            full: false,
            commenters: "everyone",
            reposts: 0,
            reposted: false,
            reposted_by: vec![],
            held_by: None,
        }
    }

    fn ids(numbers: &[u8]) -> Vec<EntryId> {
        numbers.iter().map(|number| EntryId::from_bytes([*number; 32])).collect()
    }

    fn read(numbers: &[u8]) -> Vec<PostView> {
        numbers.iter().map(|number| post(*number)).collect()
    }

    #[test]
    fn new_posts_wait_above_a_reader_and_appear_at_the_top() {
        let shown = ids(&[5, 4, 3]);
        let read = read(&[7, 6, 5, 4, 3]);
        assert_eq!(merge(&shown, &read, false, 50), (shown.clone(), 2));
        assert_eq!(merge(&shown, &read, true, 50), (ids(&[7, 6, 5, 4, 3]), 0));
    }

    #[test]
    fn a_deleted_post_leaves_the_list() {
        assert_eq!(merge(&ids(&[5, 4, 3]), &read(&[6, 4, 3]), false, 50), (ids(&[4, 3]), 1));
    }

    #[test]
    fn an_answer_that_does_not_reach_down_removes_nothing() {
        assert_eq!(merge(&ids(&[5, 4, 3]), &read(&[9, 8]), false, 2), (ids(&[5, 4, 3]), 2));
    }
}
