//! The post that another one quotes, as a card inside of it. What it quotes itself is not drawn: its own page shows that.

use dioxus::prelude::*;
use kith_node::id::EntryId;
use kith_node::view::{QuoteState, QuoteView};

use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::icon::{Icon, Shape};
use crate::markup::text_as_plain;
use crate::notice::spawn_in_app;
use crate::post::{Now, shown_name};
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

/// Why nothing of it stands there.
fn missing(state: QuoteState) -> Option<&'static str> {
    match state {
        QuoteState::Here => None,
        QuoteState::Missing => Some("quote-missing"),
        QuoteState::Deleted => Some("quote-deleted"),
        QuoteState::Blocked => Some("quote-blocked"),
        QuoteState::Muted => Some("quote-muted"),
    }
}

/// `by`: the post that quotes it, once there is one.
#[component]
pub(crate) fn QuoteCard(quote: ReadSignal<QuoteView>, #[props(!optional)] by: Option<EntryId>) -> Element {
    let surface = use_context::<Surface>();
    let places = use_context::<Places>();
    let now = use_context::<Now>();
    let mut revealed = use_signal(|| false);
    let view = quote.read();
    let id = view.id;
    let open = use_callback(move |()| {
        // Of one that has not come, its author is asked for.
        if let Some(by) = by {
            let node = surface.node.clone();
            spawn_in_app(async move {
                let _it_comes_or_not = node.visit_quoted(by).await;
            });
        }
        places.go(Route::Post(id));
    });
    if let Some(why) = missing(view.state) {
        let leads = matches!(view.state, QuoteState::Missing | QuoteState::Muted);
        return rsx! {
            div { class: "quotation quote-gone", "data-testid": "quote-gone", "data-quote": "{id}",
                if leads {
                    button { class: "quote-open", "data-testid": "quote-open", title: t("quote-open"), onclick: move |_| open.call(()),
                        Icon { shape: Shape::Quote }
                        span { {t(why)} }
                    }
                } else {
                    span { {t(why)} }
                }
            }
        };
    }
    let name = shown_name(&view.author_name);
    let hidden = view.cw.is_some() && !revealed();
    let text = text_as_plain(&view.text, &[]);
    rsx! {
        div {
            class: "quotation",
            role: "group",
            aria_label: t_args("quote-by", &[("name", name.as_str().into())]),
            "data-testid": "quote",
            "data-quote": "{id}",
            button { class: "quote-open", "data-testid": "quote-open", title: t("quote-open"), onclick: move |_| open.call(()),
                if let Some(author) = view.author {
                    Avatar { person: author, name: name.clone(), picture: view.author_picture }
                }
                bdi { class: "name", dir: "auto", "{name}" }
                time { class: "when", datetime: time::iso(view.created_ms), aria_label: time::absolute(view.created_ms),
                    {time::relative((now.0)(), view.created_ms)}
                }
            }
            if let Some(warning) = view.cw.as_ref() {
                div { class: "warning",
                    Icon { shape: Shape::Warning }
                    bdi { dir: "auto", "{warning}" }
                    button {
                        class: "button button-quiet",
                        aria_expanded: revealed(),
                        "data-testid": "quote-reveal",
                        onclick: move |_| revealed.toggle(),
                        if hidden { {t("post-show")} } else { {t("post-hide")} }
                    }
                }
            }
            if !hidden {
                if !text.is_empty() {
                    // The keyboard's way is the name above.
                    p { class: "quote-text", dir: "auto", "data-testid": "quote-text", onclick: move |_| open.call(()), "{text}" }
                }
                if view.attachments > 0 {
                    p { class: "hint", {t_args("quote-files", &[("count", view.attachments.into())])} }
                }
            }
        }
    }
}

/// The same, of a post that is not written yet.
#[component]
pub(crate) fn Quoted(id: ReadSignal<EntryId>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let read = use_resource(move || {
        let node = surface.node.clone();
        let (id, _again) = (id(), (pulse.posts)());
        async move { node.quoted(id).await.ok() }
    });
    let read = read.read();
    match read.as_ref() {
        Some(Some(quote)) => rsx! { QuoteCard { quote: quote.clone(), by: None } },
        _ => rsx! {},
    }
}
