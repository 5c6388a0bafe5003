//! The quiet line that says whether anybody is connected, and the sheet behind it: how, with whom, and what is still on
//! its way.

use dioxus::prelude::*;
use kith_node::view::{FollowView, PathKind, PeerView, Role};

use crate::event::Pulse;
use crate::icon::{Icon, Shape};
use crate::layer::use_layer;
use crate::post::{Now, shown_name};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

/// People that the sheet names.
const NAMED: usize = 5;

#[component]
pub(crate) fn NetworkLine() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let mut open = use_signal(|| false);
    use_layer(open);
    let node = surface.node.clone();
    let peers = use_resource(move || {
        let node = node.clone();
        let _again = (pulse.network)();
        async move { node.peers().await.ok() }
    });
    let peers = peers.read();
    let (state, text, short) = match peers.as_ref() {
        Some(Some(peers)) if peers.is_empty() => ("alone", t("network-alone"), t("network-alone-short")),
        Some(Some(peers)) => (
            "connected",
            t_args("network-connected", &[("count", peers.len().into())]),
            t_args("network-connected-short", &[("count", peers.len().into())]),
        ),
        Some(None) => ("off", t("network-off"), t("network-off")),
        None => ("alone", t("network-starting"), t("network-starting-short")),
    };
    rsx! {
        button {
            class: "network",
            "data-state": state,
            "data-testid": "network",
            title: t("network-show"),
            aria_haspopup: "dialog",
            aria_expanded: open(),
            onclick: move |_| open.set(true),
            span { class: "network-dot", "aria-hidden": "true" }
            span { class: "network-text", role: "status", "{text}" }
            span { class: "network-short", "aria-hidden": "true", "{short}" }
        }
        if open() {
            Sheet { open, peers: peers.clone().flatten() }
        }
    }
}

#[component]
fn Sheet(open: Signal<bool>, peers: ReadSignal<Option<Vec<PeerView>>>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let node = surface.node.clone();
    let follows = use_resource(move || {
        let node = node.clone();
        let _again = ((pulse.follows)(), (pulse.posts)(), (pulse.network)());
        async move { node.follows(None).await.unwrap_or_default() }
    });
    let peers = peers.read();
    rsx! {
        div { class: "veil", onclick: move |_| open.set(false) }
        div { class: "dialog", role: "dialog", aria_modal: "true", aria_labelledby: "network-title", "data-testid": "network-sheet",
            div { class: "dialog-head",
                h2 { id: "network-title", {t("network-title")} }
                button {
                    class: "icon-button",
                    aria_label: t("close"),
                    title: t("close"),
                    "data-autofocus": "true",
                    onmounted: crate::app::focus,
                    onclick: move |_| open.set(false),
                    Icon { shape: Shape::Close }
                }
            }
            div { class: "sheet-part",
                for sentence in state(peers.as_deref()) {
                    p { key: "{sentence}", "data-testid": "network-state", "{sentence}" }
                }
            }
            if let Some(follows) = follows.read().as_ref() {
                UpToDate { follows: follows.clone() }
            }
            if let Some(peers) = peers.as_ref().filter(|peers| !peers.is_empty()) {
                section { class: "sheet-part", aria_label: t("network-devices"),
                    h3 { class: "sheet-title", {t("network-devices")} }
                    ul { class: "peers",
                        for peer in peers {
                            Peer { key: "{peer.node}", peer: peer.clone() }
                        }
                    }
                }
            }
        }
    }
}

/// How this device is connected, in sentences.
fn state(peers: Option<&[PeerView]>) -> Vec<String> {
    let Some(peers) = peers else { return vec![t("network-off-more")] };
    let count = |path| peers.iter().filter(|peer| peer.path == path).count();
    let told = [("network-direct", PathKind::Direct), ("network-relayed", PathKind::Relayed)];
    let mut sentences: Vec<String> = told
        .into_iter()
        .map(|(key, path)| (key, count(path)))
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| t_args(key, &[("count", count.into())]))
        .collect();
    match peers.len() {
        0 => sentences.push(t("network-alone-more")),
        all if sentences.is_empty() => sentences.push(t_args("network-connected", &[("count", all.into())])),
        _ => {}
    }
    sentences
}

/// How far what one follows has come.
#[component]
fn UpToDate(follows: Vec<FollowView>) -> Element {
    let now = use_context::<Now>();
    let mut people = follows;
    people.sort_by_key(|follow| follow.persona);
    people.dedup_by_key(|follow| follow.persona);
    if people.is_empty() {
        return rsx! {};
    }
    let waiting: Vec<String> = people
        .iter()
        .filter(|follow| follow.synced_ms.is_none())
        .map(|follow| shown_name(follow.name.as_deref().unwrap_or_default()))
        .collect();
    let oldest = people.iter().filter_map(|follow| follow.synced_ms).min();
    rsx! {
        section { class: "sheet-part", aria_label: t("network-news"),
            h3 { class: "sheet-title", {t("network-news")} }
            if waiting.is_empty() {
                p { {t_args("network-all-here", &[("count", people.len().into())])} }
            } else {
                p { {t_args("network-waiting", &[("count", waiting.len().into()), ("all", people.len().into())])} }
                ul { class: "peers",
                    for name in waiting.iter().take(NAMED) {
                        li { bdi { dir: "auto", "{name}" } }
                    }
                }
                if waiting.len() > NAMED {
                    p { class: "muted", {t_args("network-more", &[("count", (waiting.len() - NAMED).into())])} }
                }
            }
            if let Some(oldest) = oldest {
                p { class: "muted", title: time::absolute(oldest),
                    {t_args("network-oldest", &[("as-of", time::as_of((now.0)(), oldest).into())])}
                }
            }
        }
    }
}

#[component]
fn Peer(peer: PeerView) -> Element {
    let how = match peer.path {
        PathKind::Direct => t("network-peer-direct"),
        PathKind::Relayed => t("network-peer-relayed"),
        PathKind::Unknown => t("network-peer-unknown"),
    };
    let what = match peer.role {
        Role::Phone => t("network-phone"),
        Role::Desktop => t("network-desktop"),
        Role::Anchor => t("network-anchor"),
    };
    let short: String = peer.node.to_string().chars().take(8).collect();
    rsx! {
        li { class: "peer",
            span { "{what} " code { class: "id", "{short}" } }
            span { class: "muted",
                "{how} · "
                {t_args("network-traffic", &[("in", size(peer.bytes_in).into()), ("out", size(peer.bytes_out).into())])}
            }
        }
    }
}

/// Bytes in a unit that people read.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => t_args("size-bytes", &[("count", bytes.into())]),
        1_000..1_000_000 => t_args("size-kb", &[("count", bytes.div_ceil(1_000).into())]),
        1_000_000..10_000_000_000 => t_args("size-mb", &[("count", bytes.div_ceil(1_000_000).into())]),
        _ => t_args("size-gb", &[("count", bytes.div_ceil(1_000_000_000).into())]),
    }
}

#[cfg(test)]
mod tests {
    use kith_node::id::NodeId;

    use super::*;

    fn peer(number: u8, path: PathKind) -> PeerView {
        PeerView {
            node: NodeId::from_bytes([number; 32]),
            role: Role::Desktop,
            path,
            rtt_ms: 1.0,
            bytes_in: 0,
            bytes_out: 0,
        }
    }

    #[test]
    fn the_state_is_told_in_words() {
        assert_eq!(state(None), [t("network-off-more")]);
        assert_eq!(state(Some(&[])), [t("network-alone-more")]);
        let both = [peer(1, PathKind::Direct), peer(2, PathKind::Relayed), peer(3, PathKind::Direct)];
        let told = state(Some(&both));
        assert!(told.len() == 2 && told.iter().any(|said| said.contains('2')), "{told:?}");
        assert_eq!(state(Some(&[peer(1, PathKind::Unknown)])).len(), 1);
    }

    #[test]
    fn sizes_have_units() {
        assert!(size(999).contains("999") && size(1_001).contains('2') && size(3_000_000).contains('3'));
    }
}
