//! Own devices: who writes as the user, what they are called, and how far new keys came once one was taken out.

use std::time::Duration;

use dioxus::prelude::*;
use kith_node::id::PersonaId;
use kith_node::limits::NAME_CHARS;
use kith_node::view::{DeviceView, RenewalView};

use crate::event::Pulse;
use crate::failure::Failure;
use crate::line::{AddLine, adding};
use crate::me::Me;
use crate::nav::BackButton;
use crate::opener::Opener;
use crate::post::{Now, shown_name};
use crate::revoke::Revoke;
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

/// How often is looked how far new keys came, while somebody looks.
const LOOK: Duration = Duration::from_secs(1);

#[component]
pub(crate) fn DevicesScreen() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let node = surface.node.clone();
    let devices = use_resource(move || {
        let node = node.clone();
        let _again = ((pulse.settings)(), (pulse.profiles)());
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
                    Some(Ok(all)) => rsx! { Listed { all: all.clone() } },
                }
            }
        }
    }
}

#[component]
fn Listed(all: Vec<DeviceView>) -> Element {
    let gone = all.iter().any(|device| !device.this && !device.out.is_empty());
    let (out, in_use): (Vec<DeviceView>, Vec<DeviceView>) = all.iter().cloned().partition(|device| device.revoked);
    rsx! {
        if gone {
            Renewing {}
        }
        for device in in_use {
            DeviceRow { key: "{device.id}", device, all: all.clone() }
        }
        if !out.is_empty() {
            h2 { class: "section-title", {t("devices-out")} }
            for device in out {
                DeviceRow { key: "{device.id}", device, all: all.clone() }
            }
        }
    }
}

/// How far the new keys of circles came.
#[component]
fn Renewing() -> Element {
    let surface = use_context::<Surface>();
    let mut looks = use_signal(|| 0_u64);
    let renewal = use_resource(move || {
        let node = surface.node.clone();
        let _again = looks();
        async move {
            node.renewal().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "how far new keys came could not be read");
                RenewalView::default()
            })
        }
    });
    use_future(move || async move {
        loop {
            tokio::time::sleep(LOOK).await;
            looks += 1;
        }
    });
    let RenewalView { devices, waiting } = renewal().unwrap_or_default();
    let done = devices.saturating_sub(waiting);
    let told = match (devices, waiting) {
        (0, _) => return rsx! {},
        (_, 0) => t("devices-renewed"),
        _ => t_args("devices-renewing", &[("done", done.into()), ("all", devices.into())]),
    };
    rsx! {
        div { class: "card", role: "status", "data-testid": "devices-renewing", "data-done": done, "data-all": devices,
            p { "{told}" }
            if waiting > 0 {
                progress { class: "meter", aria_label: t("devices-renewing-label"), max: "{devices}", value: "{done}" }
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

/// What a device is called, also before it told.
pub(crate) fn called(device: &DeviceView) -> String {
    if device.name.is_empty() { t("devices-unnamed") } else { device.name.clone() }
}

/// Own personas by name.
pub(crate) fn names(me: Me, of: &[PersonaId]) -> String {
    let all = me.personas();
    let named = all.iter().filter(|persona| of.contains(&persona.id)).map(|persona| shown_name(&persona.name));
    named.collect::<Vec<_>>().join(", ")
}

#[component]
fn DeviceRow(device: ReadSignal<DeviceView>, all: Vec<DeviceView>) -> Element {
    let surface = use_context::<Surface>();
    let me = use_context::<Me>();
    let now = use_context::<Now>();
    let mut renaming = use_signal(|| false);
    let view = device.read();
    let (id, name) = (view.id, called(&view));
    let args = [("device", name.as_str().into())];
    // Of one that another root says nothing of nobody knows since when it was there.
    let since = (view.linked_ms > 0).then(|| time::relative((now.0)(), view.linked_ms));
    let facts = [
        (view.this, "devices-this"),
        (view.main, "devices-main"),
        (view.revoked, "devices-revoked"),
        (view.new, "devices-is-new"),
    ];
    let told: Vec<String> = facts.into_iter().filter(|(is, _)| *is).map(|(_, key)| t(key)).collect();
    let several = me.personas().len() > 1;
    let of: Vec<PersonaId> = view.personas.iter().copied().filter(|persona| !view.out.contains(persona)).collect();
    let rename = move |name: String| {
        let node = surface.node.clone();
        adding(async move {
            node.rename_device(id, &name).await?;
            renaming.set(false);
            Ok(())
        })
    };
    rsx! {
        section { class: "card", aria_label: name.clone(), "data-testid": "device",
            h2 { "data-testid": "device-called", bdi { dir: "auto", "{name}" } }
            p { class: "muted", "data-testid": "device-facts",
                if let Some(since) = &since {
                    span { title: time::absolute(view.linked_ms), {t_args("devices-since", &[("time", since.as_str().into())])} }
                }
                for (at , fact) in told.iter().enumerate() {
                    if at > 0 || since.is_some() { " · " }
                    "{fact}"
                }
            }
            if several && !of.is_empty() {
                p { class: "muted", {t_args("devices-writes-as", &[("names", names(me, &of).into())])} }
            }
            if !view.revoked && !view.out.is_empty() {
                div { class: "warning", "data-testid": "device-partly",
                    {t_args("devices-partly", &[("names", names(me, &view.out).into())])}
                }
            }
            if !view.revoked {
                div { class: "form-row",
                    // One that has not told who it is can't be called otherwise.
                    if !view.name.is_empty() {
                        Opener { open: renaming, testid: "device-rename", of: t_args("devices-rename-of", &args), {t("devices-rename")} }
                    }
                    if !view.this {
                        Revoke { device: view.clone(), all }
                    }
                }
                if renaming() {
                    AddLine {
                        label: t("devices-name"),
                        yes: t("devices-rename"),
                        testid: "device-name",
                        go: "device-name-save",
                        limit: NAME_CHARS,
                        value: view.name.clone(),
                        focus: true,
                        on_add: rename,
                    }
                }
            }
        }
    }
}
