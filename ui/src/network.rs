//! The quiet line that says whether anybody is connected.

use dioxus::prelude::*;

use crate::event::Pulse;
use crate::strings::{t, t_args};
use crate::surface::Surface;

#[component]
pub(crate) fn NetworkLine() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let peers = use_resource(move || {
        let node = surface.node.clone();
        let _again = (pulse.network)();
        async move { node.status().await.ok().filter(|status| status.running).map(|status| status.peers) }
    });
    let (state, text, short) = match *peers.read() {
        Some(Some(0)) => ("alone", t("network-alone"), t("network-alone-short")),
        Some(Some(count)) => (
            "connected",
            t_args("network-connected", &[("count", count.into())]),
            t_args("network-connected-short", &[("count", count.into())]),
        ),
        Some(None) => ("off", t("network-off"), t("network-off")),
        None => ("alone", t("network-starting"), t("network-starting-short")),
    };
    rsx! {
        p { class: "network", role: "status", "data-state": state, "data-testid": "network", title: "{text}",
            span { class: "network-dot", "aria-hidden": "true" }
            span { class: "network-text", "{text}" }
            span { class: "network-short", "aria-hidden": "true", "{short}" }
        }
    }
}
