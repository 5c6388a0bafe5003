//! The card of a link in the text that is being written: made when its user wants it, and taken out again as easily.

use std::time::Duration;

use dioxus::prelude::*;
use kith_node::entry::Card;
use kith_node::id::BlobHash;
use kith_node::limits::ATTACHMENTS;
use kith_node::{Preview, link_host};

use super::{Attached, Draft};
use crate::card::CardFace;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::markup::first_link;
use crate::notice::spawn_in_app;
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// `on`: a page is asked without being told to.
pub(crate) const PREVIEWS: &str = "writing.previews";
/// How long a link stands before its page is asked unasked: it may still be typed.
const SETTLES: Duration = Duration::from_millis(1_500);

impl Draft {
    /// Whether this is the card's picture, which is shown there.
    pub(super) fn is_of_card(self, picture: BlobHash) -> bool {
        self.card.read().as_ref().is_some_and(|card| card.picture == Some(picture))
    }

    /// Takes a card with its picture, where there is still room for that.
    fn takes_card(mut self, surface: &Surface, preview: Preview) {
        let Preview { mut card, picture } = preview;
        let room = self.pictures.peek().len() < ATTACHMENTS;
        let wanted = self.card.peek().is_none() && self.text.peek().contains(&card.url);
        match picture {
            Some(staged) if wanted && room => {
                self.pictures.write().push(Attached { staged, alt: String::new() });
            }
            Some(staged) => {
                surface.node.discard_staged(staged.hash);
                card.picture = None;
            }
            None => {}
        }
        if wanted {
            self.card.set(Some(card));
        }
    }

    fn drops_card(mut self, surface: &Surface) {
        let picture = self.card.peek().as_ref().and_then(|card| card.picture);
        self.card.set(None);
        if let Some(picture) = picture {
            self.pictures.write().retain(|file| file.staged.hash != picture);
            surface.node.discard_staged(picture);
        }
    }
}

/// Below the text: the card, or the offer to make one.
#[component]
pub(super) fn CardOffer() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let draft = use_context::<Draft>();
    let mut busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<(String, Failure)>);
    // Links that were asked for, or whose card was taken out, are not asked again unasked.
    let mut tried = use_signal(Vec::<String>::new);
    let link = use_memo(move || first_link(&draft.text.read()));
    let node = surface.node.clone();
    let automatic = use_resource(move || {
        let node = node.clone();
        let _again = (pulse.settings)();
        async move { node.setting(PREVIEWS).await.ok().flatten().as_deref() == Some("on") }
    });
    let asks = surface.clone();
    let make = use_callback(move |link: String| {
        if *busy.peek() {
            return;
        }
        busy.set(true);
        failed.set(None);
        tried.write().push(link.clone());
        let surface = asks.clone();
        spawn_in_app(async move {
            let made = surface.node.preview(&link).await;
            if let Ok(mut busy) = busy.try_write() {
                *busy = false;
            }
            match made {
                Ok(preview) => draft.takes_card(&surface, preview),
                Err(error) => {
                    if let Ok(mut failed) = failed.try_write() {
                        *failed = Some((link, Failure::of(&error)));
                    }
                }
            }
        });
    });
    use_effect(move || {
        let wanted = *automatic.read() == Some(true) && draft.card.read().is_none();
        let Some(found) = link.read().clone().filter(|_| wanted) else { return };
        if tried.peek().contains(&found) {
            return;
        }
        spawn(async move {
            tokio::time::sleep(SETTLES).await;
            if link.peek().as_ref() == Some(&found) && draft.card.peek().is_none() && !tried.peek().contains(&found) {
                make.call(found);
            }
        });
    });
    let removes = surface.clone();
    if let Some(card) = draft.card.read().clone() {
        return rsx! {
            div { class: "card-draft", "data-testid": "composer-card",
                div { class: "link-card", StagedCard { card } }
                button {
                    class: "icon-button",
                    aria_label: t("card-remove"),
                    title: t("card-remove"),
                    "data-testid": "card-remove",
                    onclick: move |_| draft.drops_card(&removes),
                    Icon { shape: Shape::Close }
                }
            }
        };
    }
    let Some((link, host)) = link.read().clone().and_then(|link| link_host(&link).map(|host| (link, host))) else {
        return rsx! {};
    };
    let failure = failed.read().as_ref().filter(|(of, _)| *of == link).map(|(_, failure)| failure.clone());
    rsx! {
        div { class: "card-offer",
            button {
                class: "button button-quiet",
                disabled: busy(),
                "data-testid": "card-add",
                onclick: move |_| make.call(link.clone()),
                Icon { shape: Shape::Globe }
                if busy() { {t("card-busy")} } else { {t_args("card-add", &[("host", host.into())])} }
            }
            span { class: "hint", {t("card-told")} }
        }
        if let Some(failure) = failure {
            p { class: "failure", role: "alert", "data-testid": "card-failed", "{failure}" }
        }
    }
}

/// The card of a post that is not out yet.
#[component]
pub(super) fn StagedCard(card: Card) -> Element {
    let surface = use_context::<Surface>();
    rsx! {
        CardFace {
            host: link_host(&card.url).unwrap_or_default(),
            title: card.title,
            description: card.description,
            picture: card.picture.map(|hash| surface.media(hash)),
        }
    }
}
