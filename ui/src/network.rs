//! The quiet line that says whether anybody is connected, and the sheet behind it: how, with whom, how far what others
//! wrote has come, and what has not left this device.

use dioxus::prelude::*;
use kith_node::FeedQuery;
use kith_node::id::NodeId;
use kith_node::view::{FollowView, PathKind, PeerView, Role, Size};

use crate::event::Pulse;
use crate::feed::PAGE;
use crate::layer::{Dialog, use_layer};
use crate::me::Me;
use crate::post::{Now, shown_name};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

/// People that the sheet names.
const NAMED: usize = 5;

/// Who is connected.
#[derive(Clone, Copy)]
pub(crate) struct Connection {
    state: Signal<State>,
    alive: Signal<bool>,
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    Starting,
    /// No network runs.
    Off,
    With(Vec<PeerView>),
}

impl Connection {
    pub(crate) fn new() -> Self {
        Self { state: Signal::new(State::Starting), alive: Signal::new(false) }
    }

    pub(crate) async fn load(mut self, surface: &Surface) {
        let state = surface.node.peers().await.map_or(State::Off, State::With);
        let alive = matches!(&state, State::With(peers) if !peers.is_empty());
        if *self.alive.peek() != alive {
            self.alive.set(alive);
        }
        if *self.state.peek() != state {
            self.state.set(state);
        }
    }

    /// To how many devices, in words; `None` while there is none. Subscribes.
    pub(crate) fn told(self) -> Option<String> {
        match &*self.state.read() {
            State::With(peers) if !peers.is_empty() => {
                Some(t_args("network-connected", &[("count", peers.len().into())]))
            }
            _ => None,
        }
    }

    /// Whether anybody is: else nothing can be up to date beyond what was confirmed last.
    pub(crate) fn alive(self) -> bool {
        (self.alive)()
    }
}

#[component]
pub(crate) fn NetworkLine() -> Element {
    let connection = use_context::<Connection>();
    let mut open = use_signal(|| false);
    use_layer(open);
    let (state, text, short) = line(&connection.state.read());
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
            // Shown by the page itself, where it has lost the node that would say it.
            span { class: "network-text network-lost", "data-testid": "network-lost", {t("network-lost")} }
            span { class: "network-short network-lost", "aria-hidden": "true", {t("network-lost-short")} }
        }
        if open() {
            Sheet { open }
        }
    }
}

/// A name for the style, the text, and a short one.
fn line(state: &State) -> (&'static str, String, String) {
    match state {
        State::Starting => ("alone", t("network-starting"), t("network-starting-short")),
        State::Off => ("off", t("network-off"), t("network-off")),
        State::With(peers) if peers.is_empty() => {
            ("alone", t("network-alone"), t_args("network-connected-short", &[("count", 0.into())]))
        }
        State::With(peers) => {
            let relayed = peers.iter().all(|peer| peer.path == PathKind::Relayed);
            let count = &[("count", peers.len().into())];
            let text = if relayed { t_args("network-by-relay", count) } else { t_args("network-connected", count) };
            ("connected", text, t_args("network-connected-short", count))
        }
    }
}

#[component]
fn Sheet(open: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let me = use_context::<Me>();
    let connection = use_context::<Connection>();
    let node = surface.node.clone();
    let known = use_resource(move || {
        let node = node.clone();
        let (me, _again) = (me.id(), ((pulse.follows)(), (pulse.posts)(), (pulse.network)()));
        async move {
            let mine = FeedQuery { author: me, limit: PAGE, ..FeedQuery::default() };
            let mine = if me.is_some() { node.feed(mine).await.unwrap_or_default() } else { Vec::new() };
            let alone = mine.iter().filter(|post| post.held_by == Some(0)).count();
            (node.follows(None).await.unwrap_or_default(), mine.len(), alone)
        }
    });
    let state = connection.state.read();
    let known = known.read();
    rsx! {
        Dialog { open, name: "network", title: t("network-title"),
            div { class: "sheet-part",
                for sentence in sentences(&state) {
                    p { key: "{sentence}", "data-testid": "network-state", "{sentence}" }
                }
            }
            if let Some((follows, mine, alone)) = known.as_ref() {
                if *mine > 0 {
                    section { class: "sheet-part", aria_label: t("network-mine"), "data-testid": "network-mine",
                        h3 { class: "sheet-title", {t("network-mine")} }
                        p { {t_args("network-mine-alone", &[("count", (*alone).into())])} }
                    }
                }
                UpToDate { follows: follows.clone() }
            }
            if let State::With(peers) = &*state {
                if !peers.is_empty() {
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
}

/// How this device is connected, in sentences.
fn sentences(state: &State) -> Vec<String> {
    let peers = match state {
        State::Starting => return vec![t("network-starting")],
        State::Off => return vec![t("network-off-more")],
        State::With(peers) if peers.is_empty() => return vec![t("network-alone-more"), t("network-alone-next")],
        State::With(peers) => peers,
    };
    let told = [
        ("network-direct", PathKind::Direct),
        ("network-relayed", PathKind::Relayed),
        ("network-unknown", PathKind::Unknown),
    ];
    told.into_iter()
        .map(|(key, path)| (key, peers.iter().filter(|peer| peer.path == path).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| t_args(key, &[("count", count.into())]))
        .collect()
}

/// How far what one follows has come.
#[component]
fn UpToDate(follows: Vec<FollowView>) -> Element {
    let now = use_context::<Now>();
    let connection = use_context::<Connection>();
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
        section { class: "sheet-part", aria_label: t("network-news"), "data-testid": "network-news",
            h3 { class: "sheet-title", {t("network-news")} }
            if !waiting.is_empty() {
                p { {t_args("network-waiting", &[("count", waiting.len().into()), ("all", people.len().into())])} }
                ul { class: "peers",
                    for (at , name) in waiting.iter().take(NAMED).enumerate() {
                        li { key: "{at}", bdi { dir: "auto", "{name}" } }
                    }
                }
                if waiting.len() > NAMED {
                    p { class: "muted", {t_args("network-more", &[("count", (waiting.len() - NAMED).into())])} }
                }
            }
            if let Some(oldest) = oldest {
                p { title: time::absolute(oldest), {time::as_of((now.0)(), oldest, connection.alive())} }
            }
            if !connection.alive() {
                p { class: "muted", {t("network-news-later")} }
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
    rsx! {
        li { class: "peer",
            span { "{what} " code { class: "id", {short(peer.node)} } }
            span { class: "muted",
                "{how} · "
                {t_args("network-traffic", &[("in", size(peer.bytes_in).into()), ("out", size(peer.bytes_out).into())])}
            }
        }
    }
}

/// A node, as people tell it from others.
pub(crate) fn short(node: NodeId) -> String {
    node.to_string().chars().take(8).collect()
}

/// Bytes in a unit that people read.
pub(crate) fn size(bytes: u64) -> String {
    let (key, count) = match Size::of(bytes) {
        Size::Bytes(count) => ("size-bytes", count),
        Size::Kib(count) => ("size-kib", count),
        Size::Mib(count) => ("size-mib", count),
        Size::Gib(count) => ("size-gib", count),
    };
    t_args(key, &[("count", count.into())])
}

#[cfg(test)]
mod tests {
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
        assert_eq!(sentences(&State::Off), [t("network-off-more")]);
        assert_eq!(sentences(&State::With(vec![])), [t("network-alone-more"), t("network-alone-next")]);
        let with =
            |paths: &[PathKind]| State::With((1..).zip(paths).map(|(number, path)| peer(number, *path)).collect());
        let told = sentences(&with(&[PathKind::Direct, PathKind::Relayed, PathKind::Direct]));
        assert!(told.len() == 2 && told.iter().any(|said| said.contains('2')), "{told:?}");
        assert_eq!(sentences(&with(&[PathKind::Unknown])).len(), 1);

        assert_eq!(line(&State::Starting).0, "alone");
        assert_eq!(line(&State::Off).0, "off");
        let (name, text, short) = line(&State::With(vec![]));
        assert!(name == "alone" && short.contains('0') && !text.contains("0"), "{text} {short}");
        assert!(line(&with(&[PathKind::Relayed])).1.contains("relay"));
        assert!(!line(&with(&[PathKind::Relayed, PathKind::Direct])).1.contains("relay"));
    }

    #[test]
    fn sizes_have_units() {
        let told = |bytes: u64, unit: &str| size(bytes).contains(unit) && size(bytes).contains(['2', '9']);
        assert!(told(999, "bytes") && told(1_025, "KiB") && told(2 << 20, "MiB") && told(2 << 30, "GiB"));
    }
}
