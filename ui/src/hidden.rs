//! What the author of a post hid under it, and the way to show it again.

use dioxus::prelude::*;
use kith_node::id::EntryId;
use kith_node::view::HiddenView;

use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::notice::{Notices, act};
use crate::post::shown_name;
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// How much is hidden under an own post; nothing where nothing is.
#[component]
pub(crate) fn Hidden(post: ReadSignal<EntryId>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let mut open = use_signal(|| false);
    let hidden = use_resource(move || {
        let (node, post, _again) = (surface.node.clone(), post(), (pulse.posts)());
        async move { node.hidden(Some(post)).await.unwrap_or_default() }
    });
    let hidden = hidden.read();
    let Some(all) = hidden.as_ref().filter(|all| !all.is_empty()) else { return rsx! {} };
    rsx! {
        section { class: "sheet-part", aria_label: t("hidden-title"),
            div { class: "form-row",
                p { class: "muted", "data-testid": "hidden-count", {t_args("hidden-count", &[("count", all.len().into())])} }
                button {
                    class: "chip chip-quiet",
                    aria_expanded: open(),
                    "data-testid": "hidden-show",
                    onclick: move |_| open.toggle(),
                    if open() { {t("post-hide")} } else { {t("post-show")} }
                }
            }
            if open() {
                ul { class: "rows",
                    for one in all {
                        Row { key: "{one.id}", hidden: one.clone() }
                    }
                }
            }
        }
    }
}

#[component]
fn Row(hidden: ReadSignal<HiddenView>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let view = hidden.read();
    let (id, by, name) = (view.id, view.by, shown_name(&view.author_name));
    let said = match &view.emoji {
        Some(emoji) => t_args("hidden-reaction", &[("emoji", emoji.as_str().into())]),
        None if view.text.is_empty() => t("comment-deleted"),
        None => view.text.clone(),
    };
    rsx! {
        li { class: "row", "data-testid": "hidden-row",
            Avatar { person: view.author, name: name.clone(), picture: view.author_picture }
            span { class: "row-text grow",
                bdi { class: "name", dir: "auto", "{name}" }
                bdi { class: "muted", dir: "auto", "{said}" }
            }
            button {
                class: "button button-quiet",
                aria_label: t_args("hidden-undo-of", &[("name", name.as_str().into())]),
                "data-testid": "unhide",
                onclick: move |_| {
                    let node = surface.node.clone();
                    act(notices, async move {
                        node.unhide(Some(by), id).await?;
                        notices.tell(t("unmuted"));
                        Ok(())
                    });
                },
                {t("hidden-undo")}
            }
        }
    }
}
