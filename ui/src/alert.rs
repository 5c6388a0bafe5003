//! What the user must know of their devices before anything else: one is new, or this one is out.

use dioxus::prelude::*;

use crate::devices::{called, names};
use crate::event::Pulse;
use crate::icon::{Icon, Shape};
use crate::me::Me;
use crate::notice::{Notices, act};
use crate::post::Now;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

#[component]
pub(crate) fn DeviceAlerts() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let (me, now) = (use_context::<Me>(), use_context::<Now>());
    let (places, notices) = (use_context::<Places>(), use_context::<Notices>());
    let node = surface.node.clone();
    let devices = use_resource(move || {
        let node = node.clone();
        let _again = ((pulse.settings)(), (pulse.profiles)());
        async move { node.devices().await.unwrap_or_default() }
    });
    let devices = devices.read();
    let devices = devices.as_deref().unwrap_or_default();
    let out = devices.iter().find(|device| device.this && !device.out.is_empty());
    let copied = devices.iter().any(|device| device.copied);
    if out.is_none() && !copied && !devices.iter().any(|device| device.new) {
        return rsx! {};
    }
    rsx! {
        div { class: "alerts",
        if let Some(this) = out {
            div { class: "failure", role: "alert", "data-testid": "device-out",
                if this.revoked {
                    p { {t("devices-out-here")} }
                } else {
                    p { {t_args("devices-out-here-for", &[("names", names(me, &this.out).into())])} }
                }
                p { {t("devices-out-next")} }
            }
        }
        if copied {
            div { class: "failure", role: "alert", "data-testid": "device-copied",
                p { {t("devices-copied")} }
                p { {t("devices-copied-next")} }
            }
        }
        for device in devices.iter().filter(|device| device.new) {
            div { key: "{device.id}", class: "warning", role: "alert", "data-testid": "device-new",
                Icon { shape: Shape::Warning }
                span { class: "grow", title: time::absolute(device.linked_ms),
                    {t_args("devices-came", &[("device", called(device).into()), ("time", time::relative((now.0)(), device.linked_ms).into())])}
                }
                button { class: "button button-quiet", "data-testid": "device-new-look", onclick: move |_| places.go(Route::Devices), {t("devices-look")} }
                button {
                    class: "button button-quiet",
                    "data-testid": "device-new-mine",
                    onclick: {
                        let node = surface.node.clone();
                        move |_| {
                            let node = node.clone();
                            act(notices, async move { node.see_devices().await });
                        }
                    },
                    {t("devices-mine")}
                }
            }
        }
        }
    }
}
