//! What was edited says so, and shows what it said before.

use dioxus::prelude::*;
use kith_node::id::EntryId;

use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::layer::{Dialog, use_layer};
use crate::markup::Markup;
use crate::strings::t;
use crate::surface::Surface;
use crate::time;

/// The sign of an edited post or comment, and the way to its versions.
#[component]
pub(crate) fn Edited(id: ReadSignal<EntryId>) -> Element {
    let mut open = use_signal(|| false);
    use_layer(open);
    rsx! {
        button {
            class: "when",
            title: t("post-edited-title"),
            aria_haspopup: "dialog",
            aria_expanded: open(),
            "data-testid": "edited",
            onclick: move |_| open.set(true),
            {t("post-edited")}
        }
        if open() {
            Versions { id, open }
        }
    }
}

#[component]
fn Versions(id: ReadSignal<EntryId>, open: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let versions = use_resource(move || {
        let (node, id, _again) = (surface.node.clone(), id(), (pulse.posts)());
        async move { node.versions(id).await.map_err(|error| Failure::of(&error)) }
    });
    let versions = versions.read();
    rsx! {
        Dialog { open, name: "versions", title: t("versions-title"),
            match versions.as_ref() {
                None => rsx! { p { class: "quiet-line", role: "status", {t("loading")} } },
                Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                Some(Ok(versions)) if versions.is_empty() => rsx! { p { {t("versions-gone")} } },
                Some(Ok(versions)) => rsx! {
                    ol { class: "versions", reversed: true,
                        for (at , version) in versions.iter().enumerate().rev() {
                            li { key: "{at}", class: "version", "data-testid": "version",
                                p { class: "muted",
                                    time { datetime: time::iso(version.edited_ms), {time::absolute(version.edited_ms)} }
                                    if at + 1 == versions.len() {
                                        " · "
                                        {t("versions-now")}
                                    }
                                }
                                if let Some(warning) = version.cw.as_ref() {
                                    p { class: "warning",
                                        Icon { shape: Shape::Warning }
                                        bdi { dir: "auto", "{warning}" }
                                    }
                                }
                                Markup { text: version.text.clone(), mentions: version.mentions.clone() }
                            }
                        }
                    }
                },
            }
        }
    }
}
