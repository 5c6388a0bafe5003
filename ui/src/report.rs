//! Reports: an anchor of the user's is told of something that it should not show.

use dioxus::prelude::*;
use kith_node::id::{EntryId, NodeId};
use kith_node::limits::REPORT_CHARS;
use kith_node::view::Reason;

use crate::choice::OneOf;
use crate::failure::Failure;
use crate::keyboard::typing;
use crate::menu::Ask;
use crate::notice::{Notices, act};
use crate::strings::{t, t_args};
use crate::surface::Surface;

const REASONS: [(Reason, &str, &str); 4] = [
    (Reason::Spam, "spam", "report-spam"),
    (Reason::Abuse, "abuse", "report-abuse"),
    (Reason::Danger, "danger", "report-danger"),
    (Reason::Other, "other", "report-other"),
];

/// Asks why, and reports. `about`: a post, comment or persona; `blocking`: the question whether to block who wrote it, for
/// who has no anchor that could be told.
#[component]
pub(crate) fn ReportQuestion(about: EntryId, asking: Signal<bool>, blocking: Signal<bool>) -> Element {
    // Anchors are read once somebody asks.
    if !asking() {
        return rsx! {};
    }
    rsx! { Asked { about, asking, blocking } }
}

#[component]
fn Asked(about: EntryId, asking: Signal<bool>, blocking: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let node = surface.node.clone();
    let anchors = use_resource(move || {
        let node = node.clone();
        async move { node.anchors().await.map(|all| all.into_iter().map(|anchor| anchor.node).collect::<Vec<_>>()) }
    });
    let mut reason = use_signal(|| Reason::Spam);
    let mut text = use_signal(String::new);
    let mut chosen = use_signal(|| None::<NodeId>);
    let anchors = anchors.read();
    let anchors = match anchors.as_ref() {
        Some(Ok(anchors)) => anchors,
        Some(Err(error)) => {
            return rsx! {
                Ask {
                    asking,
                    title: t("report-title"),
                    does: Failure::of(error).to_string(),
                    yes: t("report-block"),
                    testid: "report-nobody",
                    on_yes: move |()| blocking.set(true),
                }
            };
        }
        None => return rsx! {},
    };
    let Some(first) = anchors.first().copied() else {
        return rsx! {
            Ask {
                asking,
                title: t("report-title"),
                does: t("report-nobody"),
                yes: t("report-block"),
                testid: "report-nobody",
                on_yes: move |()| blocking.set(true),
            }
        };
    };
    let to = chosen().filter(|node| anchors.contains(node)).unwrap_or(first);
    let report = move |()| {
        let (node, reason, text) = (surface.node.clone(), *reason.peek(), text.peek().clone());
        act(notices, async move {
            node.report(&about.to_string(), reason, &text, Some(&to.to_string())).await?;
            notices.tell(t("report-done"));
            Ok(())
        });
    };
    let short = |node: &NodeId| node.to_string().chars().take(8).collect::<String>();
    rsx! {
        Ask {
            asking,
            title: t("report-title"),
            does: t_args("report-does", &[("anchor", short(&to).into())]),
            yes: t("report-yes"),
            testid: "report-confirm",
            danger: false,
            on_yes: report,
            OneOf {
                label: t("report-why"),
                name: "report-reason",
                testid: "report-reason",
                options: REASONS.to_vec(),
                chosen: Some(reason()),
                on_choose: move |why| reason.set(why),
            }
            label { class: "field",
                span { {t("report-text")} }
                textarea {
                    rows: 3,
                    maxlength: REPORT_CHARS as i64,
                    "data-testid": "report-text",
                    value: "{text}",
                    oninput: move |event| text.set(event.value()),
                    onkeydown: move |event| typing(&event),
                }
            }
            if anchors.len() > 1 {
                label { class: "field",
                    span { {t("report-to")} }
                    select {
                        "data-testid": "report-to",
                        onchange: move |event| chosen.set(event.value().parse().ok()),
                        for anchor in anchors.iter() {
                            option { key: "{anchor}", value: "{anchor}", selected: *anchor == to, {short(anchor)} }
                        }
                    }
                }
            }
        }
    }
}
