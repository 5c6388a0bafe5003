//! Between own personas: which of them writes where nothing else says so, and what waits for each.

use dioxus::prelude::*;

use crate::avatar::Avatar;
use crate::icon::{Icon, Shape};
use crate::layer::{Dialog, use_layer};
use crate::me::Me;
use crate::messages::Chats;
use crate::notice::{Notices, act};
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// Nothing where there is one persona.
#[component]
pub(crate) fn PersonaSwitch() -> Element {
    let me = use_context::<Me>();
    let chats = use_context::<Chats>();
    let mut open = use_signal(|| false);
    use_layer(open);
    let Some(writes) = me.id().and_then(|id| me.persona(id)).filter(|_| me.several()) else { return rsx! {} };
    let name = shown_name(&writes.name);
    // What waits for others than the one that is seen.
    let elsewhere = chats.unread().saturating_sub(chats.unread_of(writes.id));
    let label = t_args("switch-label", &[("name", name.clone().into()), ("count", elsewhere.into())]);
    rsx! {
        button {
            class: "persona-switch",
            aria_label: label,
            aria_haspopup: "dialog",
            aria_expanded: open(),
            "data-testid": "persona-switch",
            "data-colour": writes.colour.name(),
            onclick: move |_| open.set(true),
            span { class: "avatar-ring", "data-colour": writes.colour.name(),
                Avatar { person: writes.id, name: name.clone(), picture: writes.picture }
            }
            bdi { class: "name grow", dir: "auto", "{name}" }
            if elsewhere > 0 {
                span { class: "badge number", "data-testid": "switch-unread", "aria-hidden": "true", {few(elsewhere)} }
            }
        }
        if open() {
            Sheet { open }
        }
    }
}

#[component]
fn Sheet(open: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let (me, chats) = (use_context::<Me>(), use_context::<Chats>());
    let (places, notices) = (use_context::<Places>(), use_context::<Notices>());
    rsx! {
        Dialog { open, name: "personas", title: t("personas-title"), focus_inside: true,
            p { class: "hint", {t("switch-told")} }
            ul { class: "rows", "data-testid": "switch-personas",
                for persona in me.personas() {
                    li { key: "{persona.id}",
                        button {
                            class: "row",
                            aria_pressed: Some(persona.id) == me.id(),
                            "data-autofocus": if Some(persona.id) == me.id() { Some("true") } else { None },
                            onmounted: move |event| {
                                if Some(persona.id) == me.id() {
                                    crate::app::focus(event);
                                }
                            },
                            "data-testid": "switch-persona",
                            onclick: {
                                let node = surface.node.clone();
                                move |_| {
                                    let node = node.clone();
                                    open.set(false);
                                    act(notices, async move { node.set_default_persona(persona.id).await });
                                }
                            },
                            span { class: "avatar-ring", "data-colour": persona.colour.name(),
                                Avatar { person: persona.id, name: shown_name(&persona.name), picture: persona.picture }
                            }
                            bdi { class: "name grow", dir: "auto", {shown_name(&persona.name)} }
                            if chats.is_quiet(persona.id) {
                                span { class: "muted", title: t("personas-quiet"), Icon { shape: Shape::Mute } span { class: "visually-hidden", {t("personas-quiet")} } }
                            }
                            Unread { count: chats.unread_of(persona.id) }
                            if Some(persona.id) == me.id() {
                                Icon { shape: Shape::Check }
                            }
                        }
                    }
                }
            }
            div { class: "dialog-buttons",
                button {
                    class: "button button-quiet",
                    "data-testid": "switch-manage",
                    onclick: move |_| {
                        open.set(false);
                        places.go(Route::Settings);
                    },
                    {t("switch-manage")}
                }
            }
        }
    }
}

/// Messages that wait, as a badge with words.
#[component]
pub(crate) fn Unread(count: u64) -> Element {
    rsx! {
        if count > 0 {
            span { class: "badge number", "data-testid": "persona-unread",
                span { "aria-hidden": "true", {few(count)} }
                span { class: "visually-hidden", {t_args("messages-unread", &[("count", count.into())])} }
            }
        }
    }
}

fn few(count: u64) -> String {
    if count > 99 { "99+".to_owned() } else { count.to_string() }
}
