//! Between own personas: which of them writes where nothing else says so, and what waits for each.

use std::collections::HashMap;

use dioxus::prelude::*;
use kith_node::id::PersonaId;

use crate::apart::Apart;
use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::icon::{Icon, Shape};
use crate::layer::{Dialog, use_layer};
use crate::me::Me;
use crate::messages::Chats;
use crate::notice::Notices;
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};

/// Nothing where there is one persona.
#[component]
pub(crate) fn PersonaSwitch() -> Element {
    let me = use_context::<Me>();
    let chats = use_context::<Chats>();
    let mut open = use_signal(|| false);
    use_layer(open);
    let apart = use_context::<Apart>();
    let inside = apart.inside().is_some();
    let shown = me.several() || inside || !apart.separate().is_empty();
    let Some(writes) = me.id().and_then(|id| me.persona(id)).filter(|_| shown) else { return rsx! {} };
    let name = shown_name(&writes.name);
    // What waits for others than the one that is seen.
    let elsewhere = chats.unread().saturating_sub(chats.unread_of(writes.id));
    let label = t_args("switch-label", &[("name", name.clone().into()), ("count", elsewhere.into())]);
    rsx! {
        button {
            class: "persona-switch",
            aria_haspopup: "dialog",
            aria_expanded: open(),
            "data-testid": "persona-switch",
            "data-colour": writes.colour.name(),
            onclick: move |_| open.set(true),
            span { class: "avatar-ring", "data-colour": writes.colour.name(),
                Avatar { person: writes.id, name: name.clone(), picture: writes.picture }
            }
            span { class: "visually-hidden", "{label}" }
            bdi { class: "name grow", dir: "auto", "aria-hidden": "true", "{name}" }
            if inside {
                Icon { shape: Shape::Lock }
            }
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
    let (me, chats, apart) = (use_context::<Me>(), use_context::<Chats>(), use_context::<Apart>());
    let (places, notices) = (use_context::<Places>(), use_context::<Notices>());
    let pulse = use_context::<Pulse>();
    let waits = use_resource({
        let apart = apart.clone();
        move || {
            let (apart, _again) = (apart.clone(), (pulse.threads)());
            async move {
                let mut waits = HashMap::new();
                for persona in apart.personas() {
                    let threads = apart.node_of(persona.id).threads(Some(persona.id), false).await.unwrap_or_default();
                    let unread = threads.iter().filter(|thread| !thread.muted).map(|thread| thread.unread).sum();
                    waits.insert(persona.id, unread);
                }
                waits
            }
        }
    });
    let waits: HashMap<PersonaId, u64> = waits().unwrap_or_default();
    rsx! {
        Dialog { open, name: "personas", title: t("personas-title"), focus_inside: true,
            p { class: "hint", {t("switch-told")} }
            ul { class: "rows", "data-testid": "switch-personas",
                for persona in apart.personas() {
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
                                let (apart, persona) = (apart.clone(), persona.clone());
                                move |_| {
                                    open.set(false);
                                    apart.be(notices, &persona);
                                }
                            },
                            span { class: "avatar-ring", "data-colour": persona.colour.name(),
                                Avatar { person: persona.id, name: shown_name(&persona.name), picture: persona.picture }
                            }
                            bdi { class: "name grow", dir: "auto", {shown_name(&persona.name)} }
                            if chats.is_quiet(persona.id) {
                                span { class: "muted", title: t("personas-quiet"), Icon { shape: Shape::Mute } span { class: "visually-hidden", {t("personas-quiet")} } }
                            }
                            if persona.separate {
                                span { class: "muted mark-line", Icon { shape: Shape::Lock } {t("apart-mark")} }
                            }
                            Unread { count: waits.get(&persona.id).copied().unwrap_or_default() }
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
