//! Who writes, where there are several: by what it is about, unless the user says otherwise.

use dioxus::prelude::*;
use kith_node::Node;
use kith_node::id::{EntryId, PersonaId};

use crate::icon::{Icon, Shape};
use crate::layer::use_layer;
use crate::me::Me;
use crate::post::shown_name;
use crate::strings::t_args;

/// Says who writes and lets choose. `among`: who can; `None`: all. Nothing where there is one persona.
#[component]
pub(crate) fn PersonaChip(
    by: Option<PersonaId>,
    #[props(default)] among: Option<Vec<PersonaId>>,
    on_choose: EventHandler<PersonaId>,
) -> Element {
    let me = use_context::<Me>();
    let mut open = use_signal(|| false);
    use_layer(open);
    let personas = me.personas();
    let Some(writes) = personas.iter().find(|persona| Some(persona.id) == by).filter(|_| me.several()) else {
        return rsx! {};
    };
    let name = shown_name(&writes.name);
    let label = t_args("personas-chip", &[("name", name.clone().into())]);
    let can: Vec<_> =
        personas.iter().filter(|known| among.as_ref().is_none_or(|among| among.contains(&known.id))).cloned().collect();
    if can.len() < 2 {
        return rsx! {
            p { class: "hint persona-still", "data-testid": "persona-chip", "data-colour": writes.colour.name(), "{label}" }
        };
    }
    rsx! {
        div { class: "menu-place menu-place-start",
            button {
                class: "chip persona-chip",
                aria_label: "{label}",
                aria_haspopup: "menu",
                aria_expanded: open(),
                "data-testid": "persona-chip",
                "data-colour": writes.colour.name(),
                onclick: move |_| open.toggle(),
                span { class: "swatch", "data-colour": writes.colour.name(), "aria-hidden": "true" }
                bdi { dir: "auto", "{name}" }
                Icon { shape: Shape::Unfold }
            }
            if open() {
                div { class: "backdrop", onclick: move |_| open.set(false) }
                div { class: "menu", role: "menu", aria_label: "{label}",
                    for persona in can {
                        button {
                            key: "{persona.id}",
                            class: "menu-item",
                            role: "menuitemradio",
                            aria_checked: Some(persona.id) == by,
                            "data-testid": "persona-choice",
                            onclick: move |_| {
                                open.set(false);
                                on_choose.call(persona.id);
                            },
                            span { class: "swatch", "data-colour": persona.colour.name(), "aria-hidden": "true" }
                            bdi { class: "grow", dir: "auto", {shown_name(&persona.name)} }
                            if Some(persona.id) == by {
                                Icon { shape: Shape::Check }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Reacts as the persona for whom the post is there.
pub(crate) async fn react(node: &Node, to: EntryId, emoji: &str) -> kith_node::Result<EntryId> {
    let by = node.speakers(to).await?.first().copied();
    node.react(by, to, emoji).await
}

/// As whom somebody is written to: who follows them, the default one first; notes are of whom they are to.
pub(crate) async fn correspondent(node: &Node, to: &[PersonaId]) -> kith_node::Result<Option<PersonaId>> {
    let mut personas = node.personas().await?;
    personas.retain(|persona| node.is_compartment() || !persona.separate);
    if let [one] = to
        && personas.iter().any(|persona| persona.id == *one)
    {
        return Ok(Some(*one));
    }
    let follows = node.follows(None).await?;
    let mut known: Vec<_> = personas
        .iter()
        .filter(|persona| follows.iter().any(|follow| follow.by == persona.id && to.contains(&follow.persona)))
        .collect();
    known.sort_by_key(|persona| !persona.default);
    Ok(known.first().map(|persona| persona.id))
}
