//! The card of a link below a post: what its author's device found there. Nothing here asks the page.

use dioxus::prelude::*;
use kith_node::view::CardView;

use crate::event::Pulse;
use crate::icon::{Icon, Shape};
use crate::surface::Surface;

/// It leads where the link leads, as links of a text do.
#[component]
pub(crate) fn LinkCard(card: ReadSignal<CardView>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let view = card.read();
    let picture = view.picture.as_ref().and_then(|picture| {
        let arrived = pulse.arrived.read();
        let thumb = picture.thumb.filter(|thumb| arrived.contains(thumb));
        let whole = (picture.here || arrived.contains(&picture.hash)).then_some(picture.hash);
        whole.or(thumb).map(|hash| surface.media(hash))
    });
    rsx! {
        a {
            class: "link-card",
            href: "{view.url}",
            target: "_blank",
            rel: "noopener noreferrer nofollow",
            "data-testid": "link-card",
            onclick: |event: MouseEvent| event.stop_propagation(),
            CardFace { host: view.host.clone(), title: view.title.clone(), description: view.description.clone(), picture }
        }
    }
}

/// What is seen of one. `picture`: where the page finds it.
#[component]
pub(crate) fn CardFace(host: String, title: String, description: String, picture: Option<String>) -> Element {
    rsx! {
        if let Some(picture) = picture {
            img { class: "link-card-picture", src: "{picture}", alt: "", loading: "lazy", decoding: "async" }
        }
        span { class: "link-card-text",
            if !title.is_empty() {
                span { class: "name", dir: "auto", "data-testid": "card-title", "{title}" }
            }
            if !description.is_empty() {
                span { class: "link-card-told", dir: "auto", "{description}" }
            }
            span { class: "link-card-host",
                Icon { shape: Shape::Globe }
                bdi { dir: "ltr", "data-testid": "card-host", "{host}" }
            }
        }
    }
}
