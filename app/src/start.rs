//! The first component: opens the profile and shows the screens, a question, or what went wrong.

use dioxus::prelude::*;
use kith_node::Node;
use kith_node::event::Event;
use kith_node::host::KeystoreKind;
use kith_platform::{set_starts_at_login, starts_at_login};
use kith_ui::{App, Host, Mark, Surface, Uploads, language, t};

use crate::open::{Begun, Opener, Running, Stop, opening};
use crate::{host, media, notify, tray};

#[derive(Clone)]
enum Phase {
    Opening,
    Stopped(Stop),
    Open(Node),
}

#[component]
#[allow(non_snake_case)]
pub(crate) fn Start() -> Element {
    let opener = use_context::<Opener>();
    let (running, begun) = (use_context::<Running>(), use_context::<Begun>());
    let mut phase = use_signal(|| Phase::Opening);
    let mut upgrade = use_signal(|| None);
    let open = use_callback(move |passphrase: Option<String>| {
        let (opener, running) = (opener.clone(), running.clone());
        phase.set(Phase::Opening);
        upgrade.set(None);
        let opening = begun.take().unwrap_or_else(|| opener.begin(passphrase));
        let mut told = opening.upgrades.clone();
        spawn(async move {
            while told.changed().await.is_ok() {
                upgrade.set(*told.borrow_and_update());
            }
        });
        spawn(async move {
            phase.set(match opening.node().await {
                Ok(node) => {
                    running.set(node.clone());
                    Phase::Open(node)
                }
                Err(stop) => {
                    tray::show();
                    Phase::Stopped(stop)
                }
            });
        });
    });
    use_hook(|| open.call(None));
    match phase() {
        Phase::Open(node) => rsx! { Screens { node: Handle(node) } },
        Phase::Opening => rsx! {
            Frame { p { role: "status", {opening(upgrade())} } }
        },
        Phase::Stopped(Stop::Ask { new, wrong }) => rsx! {
            Frame { Passphrase { new, wrong, on_given: move |text| open.call(Some(text)) } }
        },
        Phase::Stopped(Stop::Failed { text, hint }) => rsx! {
            Frame {
                h1 { {t("app-cannot-open")} }
                p { role: "alert", "data-testid": "open-failed", "{text}" }
                p { class: "hint", "{hint}" }
                button { class: "button button-primary", onclick: move |_| open.call(None), {t("app-try-again")} }
            }
        },
    }
}

#[component]
fn Frame(children: Element) -> Element {
    rsx! {
        div {
            class: "kith",
            lang: language().tag(),
            dir: language().direction(),
            "data-theme": "system",
            "data-size": "100",
            main { class: "welcome",
                div { class: "welcome-card",
                    Mark {}
                    {children}
                }
            }
        }
    }
}

/// A node as a property: the same one is always meant.
#[derive(Clone)]
struct Handle(Node);

impl PartialEq for Handle {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[component]
fn Screens(node: Handle) -> Element {
    let note = (node.0.keystore_kind() == KeystoreKind::File).then(|| t("settings-keys-file"));
    media::serve(node.0.clone());
    notify::use_notifier(node.0.clone());
    tray::use_tray(node.0.clone());
    // Links that another start hands over: the screens go where they lead, and the window shows itself.
    use_hook(|| node.0.set_window(true));
    let shown = node.0.clone();
    use_future(move || {
        let mut events = shown.events();
        async move {
            while let Some(event) = events.next().await {
                if matches!(event, Event::Opened(_)) {
                    tray::show();
                }
            }
        }
    });
    use_context_provider(|| Host {
        copy: host::copy,
        save: host::save,
        focus: host::focus,
        focus_on: host::focus_on,
        title: host::title,
        starts: starts_at_login,
        set_starts: set_starts_at_login,
        tray: tray::there,
        set_tray: tray::want,
    });
    use_context_provider(|| Surface {
        node: node.0.clone(),
        media_base: format!("/{}", media::NAME),
        uploads: Uploads::Picker,
        keystore_note: note,
    });
    rsx! { App {} }
}

#[component]
fn Passphrase(new: bool, wrong: bool, on_given: EventHandler<String>) -> Element {
    let mut text = use_signal(String::new);
    let give = use_callback(move |()| {
        let given = std::mem::take(&mut *text.write());
        if !given.is_empty() {
            on_given.call(given);
        }
    });
    rsx! {
        h1 { if new { {t("app-new-passphrase")} } else { {t("app-passphrase")} } }
        p { class: "welcome-lead", if new { {t("app-new-passphrase-why")} } else { {t("app-passphrase-why")} } }
        if wrong {
            p { class: "failure", role: "alert", {t("app-passphrase-wrong")} }
        }
        input {
            class: "field field-large",
            r#type: "password",
            aria_label: t("app-passphrase"),
            autocomplete: if new { "new-password" } else { "current-password" },
            autofocus: true,
            "data-autofocus": "true",
            "data-testid": "passphrase",
            onmounted: |_| host::focus(),
            oninput: move |event| text.set(event.value()),
            onkeydown: move |event| {
                if event.key() == Key::Enter && !event.is_composing() {
                    give.call(());
                }
            },
        }
        button {
            class: "button button-primary button-large",
            disabled: text.read().is_empty(),
            "data-testid": "passphrase-go",
            onclick: move |_| give.call(()),
            {t("app-passphrase-go")}
        }
    }
}
