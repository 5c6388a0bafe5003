//! Taking a device out: by a main device, or with the words where it could itself be used against the user.

use dioxus::prelude::*;
use kith_node::Node;
use kith_node::crypto::Phrase;
use kith_node::id::{DeviceId, PersonaId};
use kith_node::limits::PHRASE_CHARS;
use kith_node::view::DeviceView;

use crate::choice::Choices;
use crate::devices::{called, names};
use crate::line::{AddLine, adding};
use crate::me::Me;
use crate::menu::Ask;
use crate::notice::{Notices, act};
use crate::opener::Opener;
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// The button and what it opens. `all`: own devices.
#[component]
pub(crate) fn Revoke(device: ReadSignal<DeviceView>, all: Vec<DeviceView>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let me = use_context::<Me>();
    let (mut asking, mut by_words) = (use_signal(|| false), use_signal(|| false));
    let view = device.read();
    let (id, main) = (view.id, view.main);
    let args = [("device", called(&view).into())];
    // Else only the words can.
    let can = all.iter().any(|device| device.this && device.main);
    let yes = {
        let node = surface.node.clone();
        move |()| {
            let node = node.clone();
            act(notices, async move { revoke(&node, notices, me, id, None, &[]).await });
        }
    };
    rsx! {
        if can {
            button {
                class: "button button-quiet",
                aria_label: t_args("devices-revoke-of", &args),
                "data-testid": "device-revoke",
                onclick: move |_| asking.set(true),
                {t("devices-revoke")}
            }
        }
        Opener { open: by_words, testid: "device-by-words", of: t_args("devices-words-of", &args), {t("devices-words")} }
        if by_words() {
            ByWords { device: view.clone(), all: all.clone(), on_done: move |()| by_words.set(false) }
        }
        Ask {
            asking,
            title: t_args("devices-revoke-title", &args),
            does: t("devices-revoke-does"),
            yes: t("devices-revoke"),
            testid: "device-revoke-confirm",
            on_yes: yes,
            // Each for itself: none of it is said aside.
            div { p { {t("devices-revoke-keys")} } }
            div { p { {t("devices-revoke-reads")} } }
            if main {
                div { class: "warning", "data-testid": "device-revoke-main", span { {t("devices-revoke-main")} } }
            }
            p { class: "muted", {t("devices-revoke-again")} }
        }
    }
}

/// The words, and who stays.
#[component]
fn ByWords(device: DeviceView, all: Vec<DeviceView>, on_done: EventHandler<()>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let me = use_context::<Me>();
    let mut keep = use_signal(Vec::<DeviceId>::new);
    let id = device.id;
    let others: Vec<DeviceView> =
        all.into_iter().filter(|other| !other.this && !other.revoked && other.id != id).collect();
    let typed = move |words: String| {
        let (node, keep) = (surface.node.clone(), keep.peek().clone());
        adding(async move {
            let phrase = Phrase::parse(&words)?;
            revoke(&node, notices, me, id, Some(&phrase), &keep).await?;
            on_done.call(());
            Ok(())
        })
    };
    rsx! {
        div { class: "form wide", "data-testid": "device-words-form",
            p { {t("devices-words-told")} }
            p { {t("devices-revoke-reads")} }
            if !others.is_empty() {
                Choices { label: t("devices-words-keep"),
                    for other in others {
                        label { key: "{other.id}", class: "choice-option",
                            input {
                                r#type: "checkbox",
                                checked: keep.read().contains(&other.id),
                                "data-testid": "device-keep",
                                onchange: move |event| {
                                    let mut keep = keep.write();
                                    keep.retain(|known| *known != other.id);
                                    if event.checked() {
                                        keep.push(other.id);
                                    }
                                },
                            }
                            bdi { dir: "auto", {called(&other)} }
                        }
                    }
                }
                p { class: "hint", {t("devices-words-main")} }
            }
            AddLine {
                label: t("devices-words-typed"),
                yes: t("devices-words-go"),
                testid: "device-words",
                go: "device-words-go",
                limit: PHRASE_CHARS,
                code: true,
                focus: true,
                on_add: typed,
            }
        }
    }
}

/// Tells for which personas it still counts.
async fn revoke(
    node: &Node,
    notices: Notices,
    me: Me,
    device: DeviceId,
    phrase: Option<&Phrase>,
    keep: &[DeviceId],
) -> kith_node::Result<()> {
    let left: Vec<PersonaId> = node.revoke_device(device, phrase, keep).await?;
    match left.is_empty() {
        true => notices.tell(t("devices-done")),
        false => notices.tell(t_args("devices-left", &[("names", names(me, &left).into())])),
    }
    Ok(())
}
