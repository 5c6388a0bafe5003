//! Threads of one author: posts that were sent as one. Feeds show the first, and its page all of them, one after the other.

use dioxus::prelude::*;
use kith_node::id::EntryId;
use kith_node::view::SeriesView;

use crate::icon::{Icon, Shape};
use crate::post::PostCard;
use crate::posts::Posts;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};

/// That there is more, and the way to it.
#[component]
pub(crate) fn SeriesLink(series: ReadSignal<SeriesView>) -> Element {
    let places = use_context::<Places>();
    let SeriesView { first, posts, .. } = series();
    let Some(first) = first else { return rsx! {} };
    let count = t_args("series-link", &[("count", posts.into())]);
    rsx! {
        button {
            class: "button button-quiet series-link",
            title: t("series-link-title"),
            "data-testid": "series-link",
            onclick: move |_| places.go(Route::Post(first)),
            Icon { shape: Shape::Unfold }
            span { "{count}" }
        }
    }
}

/// The other posts of a thread, below the first on its page.
#[component]
pub(crate) fn Rest(posts: Vec<EntryId>) -> Element {
    if posts.is_empty() {
        return rsx! {};
    }
    rsx! {
        section { class: "series", aria_label: t("series-rest"), "data-testid": "series",
            for id in posts {
                PostCard { key: "{id}", id }
            }
        }
    }
}

/// What becomes of a thread when one of its posts goes: `of_first` with the first, `of_later` with another, if anything.
#[component]
pub(crate) fn SeriesNote(
    id: EntryId,
    of_first: &'static str,
    #[props(!optional)] of_later: Option<&'static str>,
) -> Element {
    let posts = use_context::<Posts>();
    let Some(series) = posts.get(id).and_then(|post| post.series) else { return rsx! {} };
    let text = match (series.place, of_later) {
        (0, _) => t_args(of_first, &[("count", series.posts.into())]),
        (_, Some(text)) => t(text),
        (_, None) => return rsx! {},
    };
    rsx! {
        p { class: "warning", "data-testid": "series-note",
            Icon { shape: Shape::Warning }
            span { {text} }
        }
    }
}
