//! The words with which a persona is taken back: a card of the settings. They stand on the screen only while they are asked
//! for.

use dioxus::prelude::*;
use kith_node::limits::PHRASE_CHARS;
use kith_node::view::{RecoveryNeed, RecoveryState, RecoveryView};

use crate::event::Pulse;
use crate::failure::Failure;
use crate::line::{AddLine, adding};
use crate::post::{Now, shown_name};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

#[component]
pub(crate) fn RecoveryCard() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let recovery = use_resource(move || {
        let node = surface.node.clone();
        let _again = (pulse.profiles)();
        async move { node.recovery().await.map_err(|error| Failure::of(&error)) }
    });
    let recovery = recovery.read();
    rsx! {
        section { class: "card", aria_label: t("recovery-title"), "data-testid": "recovery",
            h2 { {t("recovery-title")} }
            p { class: "muted", {t("recovery-told")} }
            match recovery.as_ref() {
                None => rsx! {},
                Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                Some(Ok(all)) => rsx! {
                    for of in all.iter().cloned() {
                        Words { key: "{of.persona}", of, alone: all.len() == 1 }
                    }
                },
            }
        }
    }
}

#[component]
fn Words(of: RecoveryView, alone: bool) -> Element {
    let surface = use_context::<Surface>();
    let now = use_context::<Now>();
    let mut shown = use_signal(Vec::<String>::new);
    let mut failed = use_signal(|| None::<Failure>);
    let persona = of.persona;
    let name = shown_name(&of.name);
    let state = match of.state {
        RecoveryState::Protected => {
            let age = time::relative((now.0)(), of.backup_ms.unwrap_or_default());
            t_args("recovery-protected", &[("age", age.into())])
        }
        RecoveryState::NeedsAttention => t(match of.need {
            None | Some(RecoveryNeed::Words) => "recovery-attention",
            Some(RecoveryNeed::Anchor) => "recovery-no-anchor",
            Some(RecoveryNeed::Backup) => "recovery-no-backup",
            Some(RecoveryNeed::Newer) => "recovery-old-backup",
            Some(RecoveryNeed::Smaller) => "recovery-large-backup",
        }),
        RecoveryState::Off => t("recovery-off"),
    };
    let hidden = shown.read().is_empty();
    let show = {
        let node = surface.node.clone();
        move |_| {
            if !shown.peek().is_empty() {
                return shown.set(Vec::new());
            }
            let node = node.clone();
            spawn(async move {
                match node.recovery_phrase(Some(persona)).await {
                    Ok((_, words)) => shown.set(words.split(' ').map(str::to_owned).collect()),
                    Err(error) => failed.set(Some(Failure::of(&error))),
                }
            });
        }
    };
    rsx! {
        div { class: "form-row",
            span { class: "grow", "data-testid": "recovery-state",
                if !alone {
                    bdi { class: "name", dir: "auto", "{name}" }
                    ": "
                }
                {state}
            }
            if of.state != RecoveryState::Off {
                button {
                    class: "button button-quiet",
                    aria_expanded: !hidden,
                    aria_label: if hidden { t_args("recovery-show-of", &[("name", name.clone().into())]) } else { t_args("recovery-hide-of", &[("name", name.clone().into())]) },
                    "data-testid": "recovery-show",
                    onclick: show,
                    if hidden { {t("recovery-show")} } else { {t("recovery-hide")} }
                }
            }
        }
        if let Some(failure) = failed.read().as_ref() {
            p { class: "failure", role: "alert", "{failure}" }
        }
        if !hidden {
            p { class: "warning", {t("recovery-secret")} }
            ol { class: "phrase", "data-testid": "recovery-words",
                for (at , word) in shown.read().iter().enumerate() {
                    li { key: "{at}", "{word}" }
                }
            }
        }
        if of.need == Some(RecoveryNeed::Words) {
            AddLine {
                label: t("recovery-typed"),
                yes: t("recovery-check"),
                testid: "recovery-typed",
                go: "recovery-check",
                limit: PHRASE_CHARS,
                code: true,
                on_add: move |typed: String| {
                    let node = surface.node.clone();
                    adding(async move { node.check_phrase(Some(persona), &typed).await })
                },
            }
        }
    }
}
