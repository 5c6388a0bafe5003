//! Own devices: who writes as the user, and taking one out.

use dioxus::prelude::*;
use kith_node::limits::NAME_CHARS;
use kith_node::view::DeviceView;

use crate::event::Pulse;
use crate::failure::Failure;
use crate::line::{AddLine, adding};
use crate::menu::Ask;
use crate::nav::BackButton;
use crate::notice::{Notices, act};
use crate::post::Now;
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

#[component]
pub(crate) fn DevicesScreen() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let node = surface.node.clone();
    let devices = use_resource(move || {
        let node = node.clone();
        let _again = (pulse.settings)();
        async move { node.devices().await.map_err(|error| Failure::of(&error)) }
    });
    // What is new is marked as long as the screen is open.
    use_drop(move || {
        let node = surface.node.clone();
        crate::notice::spawn_in_app(async move {
            if let Err(error) = node.see_devices().await {
                tracing::debug!(%error, "that the devices were seen could not be noted");
            }
        });
    });
    let devices = devices.read();
    rsx! {
        header { class: "pane-header",
            BackButton {}
            h1 { {t("devices-title")} }
        }
        div { class: "scroll",
            div { class: "column",
                p { class: "muted", {t("devices-told")} }
                match devices.as_ref() {
                    None => rsx! {},
                    Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                    Some(Ok(all)) => rsx! {
                        for device in all.iter().cloned() {
                            DeviceRow { key: "{device.id}", device }
                        }
                    },
                }
            }
        }
    }
}

/// A line in the settings, with how many devices the user has not seen yet.
#[component]
pub(crate) fn DevicesLine(on_open: Callback<()>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let new = use_resource(move || {
        let node = surface.node.clone();
        let _again = (pulse.settings)();
        async move { node.new_devices().await.unwrap_or_default() }
    });
    let new = new.read().unwrap_or_default();
    rsx! {
        if new > 0 {
            p { class: "failure", role: "alert", "data-testid": "devices-new", {t_args("devices-new", &[("count", new.into())])} }
        }
        div { class: "form-row",
            button { class: "button button-quiet", "data-testid": "settings-devices", onclick: move |_| on_open.call(()), {t("devices-title")} }
        }
    }
}

#[component]
fn DeviceRow(device: ReadSignal<DeviceView>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let now = use_context::<Now>();
    let (mut renaming, mut revoking) = (use_signal(|| false), use_signal(|| false));
    let view = device.read();
    let (id, name) = (view.id, view.name.clone());
    let args = [("device", name.as_str().into())];
    let since = time::relative((now.0)(), view.linked_ms);
    let facts = [
        (view.this, "devices-this"),
        (view.main, "devices-main"),
        (view.revoked, "devices-revoked"),
        (view.new, "devices-is-new"),
    ];
    let told: Vec<String> = facts.into_iter().filter(|(is, _)| *is).map(|(_, key)| t(key)).collect();
    let rename = {
        let surface = surface.clone();
        move |name: String| {
            let node = surface.node.clone();
            renaming.set(false);
            adding(async move { node.rename_device(id, &name).await })
        }
    };
    let revoke = move |()| {
        let node = surface.node.clone();
        act(notices, async move {
            if !node.revoke_device(id, None, &[]).await?.is_empty() {
                notices.tell(t("devices-left"));
            }
            Ok(())
        });
    };
    rsx! {
        section { class: "card", aria_label: name.clone(), "data-testid": "device",
            h2 { bdi { dir: "auto", "{name}" } }
            p { class: "muted", "data-testid": "device-facts",
                {t_args("devices-since", &[("time", since.into())])}
                for fact in told {
                    " · {fact}"
                }
            }
            if !view.revoked {
                div { class: "form-row",
                    button {
                        class: "button button-quiet",
                        aria_label: t_args("devices-rename-of", &args),
                        aria_expanded: renaming(),
                        "data-testid": "device-rename",
                        onclick: move |_| renaming.toggle(),
                        {t("devices-rename")}
                    }
                    if !view.this {
                        button {
                            class: "button button-quiet",
                            aria_label: t_args("devices-revoke-of", &args),
                            "data-testid": "device-revoke",
                            onclick: move |_| revoking.set(true),
                            {t("devices-revoke")}
                        }
                    }
                }
                if renaming() {
                    AddLine {
                        label: t("devices-name"),
                        yes: t("devices-rename"),
                        testid: "device-name",
                        go: "device-name-save",
                        limit: NAME_CHARS,
                        on_add: rename,
                    }
                }
            }
        }
        Ask {
            asking: revoking,
            title: t_args("devices-revoke-title", &args),
            does: t("devices-revoke-does"),
            yes: t("devices-revoke"),
            testid: "device-revoke-confirm",
            on_yes: revoke,
        }
    }
}
