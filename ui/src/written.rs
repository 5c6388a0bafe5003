//! What somebody wrote, on their profile: posts, what they said under others', and pictures.

use std::collections::HashMap;

use dioxus::prelude::*;
use kith_node::FeedQuery;
use kith_node::id::{EntryId, PersonaId};
use kith_node::view::{AttachmentView, SaidView};

use crate::event::Pulse;
use crate::failure::Failure;
use crate::feed::PAGE;
use crate::home::PostRows;
use crate::icon::{Icon, Shape};
use crate::markup::Markup;
use crate::pages::{Pages, Read, again, use_pages};
use crate::picture::{Pictures, owner, pictures};
use crate::post::{BookmarkButton, Byline};
use crate::posts::Posts;
use crate::route::{Places, Route};
use crate::rows::Sight;
use crate::skeleton::{PostSkeleton, Trouble};
use crate::strings::t;
use crate::surface::Surface;

/// Comments of a profile in the page at once.
const COMMENTS: usize = 500;
/// Persons of whom it is remembered what was looked at.
const REMEMBERED: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Part {
    #[default]
    Posts,
    Comments,
    Pictures,
}

impl Part {
    /// Each, its text, which is its name in tests too.
    const ALL: [(Self, &'static str); 3] =
        [(Self::Posts, "part-posts"), (Self::Comments, "part-comments"), (Self::Pictures, "part-pictures")];
}

/// What of each person is looked at, while the page lives.
#[derive(Clone, Copy)]
pub(crate) struct Parts(Signal<HashMap<PersonaId, Part>>);

impl Parts {
    pub(crate) fn new() -> Self {
        Self(Signal::new(HashMap::new()))
    }

    /// Reads and subscribes.
    fn of(self, person: PersonaId) -> Part {
        self.0.read().get(&person).copied().unwrap_or_default()
    }

    fn choose(mut self, person: PersonaId, part: Part) {
        let mut all = self.0.write();
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(person, part);
    }
}

#[component]
pub(crate) fn Written(author: PersonaId, own: bool, waiting: bool) -> Element {
    let parts = use_context::<Parts>();
    let part = parts.of(author);
    rsx! {
        nav { class: "tabs part-tabs", aria_label: t("part-label"), "data-testid": "parts",
            for (one , text) in Part::ALL {
                button {
                    key: "{text}",
                    class: "tab",
                    aria_current: if one == part { Some("page") } else { None },
                    "data-testid": text,
                    onclick: move |_| parts.choose(author, one),
                    {t(text)}
                }
            }
        }
        match part {
            Part::Posts => rsx! { PostsBy { author, own, waiting } },
            Part::Comments => rsx! { CommentsBy { author, own } },
            Part::Pictures => rsx! { PicturesBy { author, own } },
        }
    }
}

/// How one person's posts are read.
fn use_read(author: PersonaId, pictures: bool) -> Read {
    let surface = use_context::<Surface>();
    use_callback(move |(before, limit): (Option<EntryId>, usize)| {
        let node = surface.node.clone();
        let query = FeedQuery { author: Some(author), pictures, before, limit, ..FeedQuery::default() };
        Box::pin(async move { node.feed(query).await }) as crate::pages::Reading
    })
}

/// What failed, with the way to try it again.
#[component]
fn Failed(pages: ReadSignal<Option<Failure>>, on_again: EventHandler<()>) -> Element {
    match pages.read().as_ref() {
        Some(failure) => rsx! { Trouble { failure: failure.clone(), on_again } },
        None => rsx! {},
    }
}

#[component]
fn PostsBy(author: PersonaId, own: bool, waiting: bool) -> Element {
    let posts = use_context::<Posts>();
    let places = use_context::<Places>();
    let read = use_read(author, false);
    let pages = use_pages(Some(format!("posts.{author}")), read);
    let sees = use_callback(move |sight: Sight<EntryId>| pages.sees(read, posts, &sight));
    let count = pages.ids.read().len();
    rsx! {
        Failed { pages: pages.failed, on_again: move |()| again(pages, read, posts) }
        if !(pages.loaded)() {
            PostSkeleton {}
            PostSkeleton {}
        } else if count == 0 && pages.failed.read().is_none() {
            section { class: "empty", "data-testid": "no-posts",
                p { class: "quiet-line", if waiting { {t("person-waiting-more")} } else if own { {t("part-no-own-posts")} } else { {t("person-no-posts")} } }
                if own {
                    button { class: "button button-primary", onclick: move |_| places.go(Route::Home), {t("part-write")} }
                }
            }
        }
        PostRows {
            rows: pages.rows,
            ids: pages.ids,
            label: t("person-posts-label"),
            testid: "person-posts",
            busy: !(pages.loaded)(),
            ended: (pages.ended)(),
            on_sight: sees,
        }
        Onwards { pages, read }
    }
}

/// The end of a list, or the way further down.
#[component]
fn Onwards(pages: Pages, read: Read) -> Element {
    let posts = use_context::<Posts>();
    let count = pages.ids.read().len();
    rsx! {
        if count > 0 {
            if (pages.ended)() {
                p { class: "end", {t("feed-end")} }
            } else {
                button { class: "button button-quiet wide", onclick: move |_| { spawn(async move { pages.more(read, posts).await }); }, {t("feed-more")} }
            }
        }
    }
}

/// Their pictures, beside each other.
#[component]
fn PicturesBy(author: PersonaId, own: bool) -> Element {
    let posts = use_context::<Posts>();
    let read = use_read(author, true);
    let pages = use_pages(None, read);
    let ids = pages.ids.read();
    let all: Vec<(EntryId, Vec<AttachmentView>)> = ids
        .iter()
        .filter_map(|id| posts.get(*id).filter(|post| post.cw.is_none()).map(|post| (*id, pictures(&post.attachments))))
        // The picture of a link's card is none of the post's.
        .filter(|(_, pictures)| !pictures.is_empty())
        .collect();
    rsx! {
        Failed { pages: pages.failed, on_again: move |()| again(pages, read, posts) }
        if !(pages.loaded)() {
            PostSkeleton {}
        } else if all.is_empty() && pages.failed.read().is_none() {
            p { class: "quiet-line", "data-testid": "no-pictures", if own { {t("part-no-own-pictures")} } else { {t("part-no-pictures")} } }
        }
        div { class: "gallery", "data-testid": "gallery",
            for (id , pictures) in all {
                Held { key: "{id}", id, pictures }
            }
        }
        Onwards { pages, read }
    }
}

/// The pictures of one post, which stays in memory meanwhile.
#[component]
fn Held(id: EntryId, pictures: ReadSignal<Vec<AttachmentView>>) -> Element {
    let posts = use_context::<Posts>();
    let places = use_context::<Places>();
    use_hook(|| posts.hold(id));
    use_drop(move || posts.release(id));
    rsx! {
        div { class: "gallery-post",
            Pictures { attachments: pictures, full: false, owner: format!("gallery-{}", owner(id, false)) }
            button { class: "chip chip-quiet", "data-testid": "gallery-open", onclick: move |_| places.go(Route::Post(id)), {t("part-open-post")} }
        }
    }
}

#[component]
fn CommentsBy(author: PersonaId, own: bool) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let mut limit = use_signal(|| PAGE);
    let mut said = use_resource(move || {
        let node = surface.node.clone();
        let (limit, _again) = (limit(), (pulse.posts)());
        async move { node.comments_of(author, limit, None).await.map_err(|error| Failure::of(&error)) }
    });
    let page = said.read();
    match page.as_ref() {
        None => rsx! { PostSkeleton {} },
        Some(Err(failure)) => rsx! { Trouble { failure: failure.clone(), on_again: move |()| said.restart() } },
        Some(Ok(all)) if all.is_empty() => rsx! {
            p { class: "quiet-line", "data-testid": "no-comments", if own { {t("part-no-own-comments")} } else { {t("part-no-comments")} } }
        },
        Some(Ok(all)) => rsx! {
            div { role: "feed", aria_label: t("part-comments"), "data-testid": "person-comments",
                for one in all.iter() {
                    Said { key: "{one.comment.id}", said: one.clone() }
                }
            }
            if all.len() >= limit() && limit() < COMMENTS {
                button { class: "button button-quiet wide", onclick: move |_| limit += PAGE, {t("feed-more")} }
            }
        },
    }
}

/// A comment outside of its thread, and the way there.
#[component]
pub(crate) fn Said(
    said: ReadSignal<SaidView>,
    /// It stands among bookmarks.
    #[props(default)]
    kept: bool,
) -> Element {
    let places = use_context::<Places>();
    let view = said.read();
    let (root, comment) = (view.root, &view.comment);
    let id = comment.id;
    rsx! {
        article { class: "post", aria_labelledby: "by-{id}", "data-testid": if kept { "kept-comment" } else { "person-comment" },
            div { class: "post-head",
                Byline {
                    id,
                    author: comment.author,
                    name: comment.author_name.clone(),
                    picture: comment.author_picture,
                    created_ms: comment.created_ms,
                    edited: comment.edited,
                }
                BookmarkButton { id, on: comment.bookmarked }
            }
            div { class: "post-text", Markup { text: comment.text.clone(), mentions: comment.mentions.clone() } }
            button { class: "button button-quiet", "data-testid": "kept-open", onclick: move |_| places.go(Route::Comment(root, id)),
                Icon { shape: Shape::Comment }
                {t("bookmark-open-thread")}
            }
        }
    }
}
