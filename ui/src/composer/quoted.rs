//! The post that the one being written is about.

use dioxus::prelude::*;
use kith_node::FeedOf;
use kith_node::id::EntryId;

use super::{Draft, Undoing};
use crate::failure::Failure;
use crate::feed::{Feed, Tab};
use crate::icon::{Icon, Shape};
use crate::keyboard::{COMPOSE, Keyboard};
use crate::notice::spawn_in_app;
use crate::posts::Posts;
use crate::quote::Quoted;
use crate::route::{Places, Route};
use crate::strings::t;
use crate::surface::Surface;

/// To the home feed's top: there alone is the field.
pub(super) async fn to_field(surface: &Surface, feed: Feed, posts: Posts, places: Places) {
    places.go(Route::Home);
    let home = matches!(&*feed.tab.peek(), Tab::Of(FeedOf::Home) | Tab::Persona(_));
    if !home {
        feed.switch(surface, posts, Tab::HOME).await;
    }
    if feed.is_older() {
        feed.to_newest(surface, posts).await;
    }
}

impl Draft {
    /// A post about this one is begun, or what was begun is about it from now on.
    pub(crate) fn begin_quote(mut self, id: EntryId, with: Undoing) {
        let Undoing { surface, feed, posts, notices, places, keyboard, .. } = with;
        spawn_in_app(async move {
            if let Err(error) = surface.node.check_quotable(id).await {
                return notices.fail(&Failure::of(&error));
            }
            self.quote.set(Some(id));
            to_field(&surface, feed, posts, places).await;
            keyboard.focus_on(COMPOSE);
        });
    }
}

#[component]
pub(super) fn QuoteField() -> Element {
    let mut draft = use_context::<Draft>();
    let keyboard = use_context::<Keyboard>();
    let Some(id) = (draft.quote)() else { return rsx! {} };
    rsx! {
        div { class: "quote-field", "data-testid": "composer-quote",
            // Drawn anew for another post: what was shown of a warned one is of that one alone.
            for id in [id] {
                Quoted { key: "{id}", id }
            }
            button {
                class: "icon-button",
                aria_label: t("quote-remove"),
                title: t("quote-remove"),
                "data-testid": "composer-quote-remove",
                onclick: move |_| {
                    draft.quote.set(None);
                    keyboard.focus_on(COMPOSE);
                },
                Icon { shape: Shape::Close }
            }
        }
    }
}
