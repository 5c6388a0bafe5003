//! Reports: an anchor of the user's is told of something that it should not show, and what became of that.

use dioxus::prelude::*;
use kith_node::id::{EntryId, NodeId, PersonaId};
use kith_node::limits::REPORT_CHARS;
use kith_node::view::{Reason, ReportState, ReportView};

use crate::choice::OneOf;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::keyboard::typing;
use crate::menu::Ask;
use crate::network;
use crate::notice::{Notices, act, spawn_in_app};
use crate::post::Now;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

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

/// Of this device: numbers of the refused reports that the user was told of.
const TOLD: &str = "reports.told";

/// Says when an anchor did not take a report, also of one that it answered while no screen was open. Mounted once.
#[component]
pub(crate) fn ReportAnswers() -> Element {
    let surface = use_context::<Surface>();
    let (pulse, notices) = (use_context::<Pulse>(), use_context::<Notices>());
    use_resource(move || {
        let node = surface.node.clone();
        let _again = (pulse.network)();
        async move {
            let Ok(reports) = node.reports().await else { return };
            let refused: Vec<String> = reports
                .iter()
                .filter(|report| report.state == ReportState::Refused)
                .map(|report| report.number.to_string())
                .collect();
            let told = node.remembered(TOLD).await.ok().flatten().unwrap_or_default();
            if refused.iter().all(|number| told.split(' ').any(|known| known == number)) {
                return;
            }
            notices.tell(t("report-refused"));
            let _told_again_else = node.remember(TOLD, &refused.join(" ")).await;
        }
    });
    rsx! {}
}

/// What the user reported, and what became of it; nothing where they reported nothing.
#[component]
pub(crate) fn Reports() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let reports = use_resource(move || {
        let node = surface.node.clone();
        let _again = ((pulse.network)(), (pulse.settings)());
        async move { node.reports().await.map_err(|error| Failure::of(&error)) }
    });
    let reports = reports.read();
    match reports.as_ref() {
        None => rsx! {},
        Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
        Some(Ok(reports)) if reports.is_empty() => rsx! {},
        Some(Ok(reports)) => rsx! {
            section { class: "card", aria_label: t("reports-title"), "data-testid": "reports",
                h2 { {t("reports-title")} }
                ul { class: "rows",
                    for report in reports.iter().cloned() {
                        Report { key: "{report.number}", report }
                    }
                }
            }
        },
    }
}

#[component]
fn Report(report: ReadSignal<ReportView>) -> Element {
    let surface = use_context::<Surface>();
    let (places, now, notices) = (use_context::<Places>(), use_context::<Now>(), use_context::<Notices>());
    let view = report.read();
    let about = view.about;
    // The bytes tell no difference: a post, a persona, or what stands under a post.
    let look = move |_| {
        let node = surface.node.clone();
        spawn_in_app(async move {
            let person = PersonaId::from_bytes(about.to_bytes());
            if node.show(about).await.is_ok() {
                places.go(Route::Post(about));
            } else if node.profile(person).await.is_ok() {
                places.go(Route::Person(person));
            } else {
                notices.tell(t("reports-gone"));
            }
        });
    };
    let reason = REASONS.iter().find(|(known, ..)| *known == view.reason).map_or("report-other", |(_, _, key)| *key);
    let (name, state) = match view.state {
        ReportState::Waiting => ("waiting", "reports-waiting"),
        ReportState::Taken => ("taken", "reports-taken"),
        ReportState::Refused => ("refused", "reports-refused"),
    };
    let anchor = network::short(view.anchor);
    rsx! {
        li { class: "row row-wrap", "data-testid": "report-row", "data-state": name,
            span { class: "row-text grow",
                span { {t(reason)} }
                span { class: "muted", {t_args(state, &[("anchor", anchor.into())])} }
                if !view.text.is_empty() {
                    bdi { class: "muted", dir: "auto", "{view.text}" }
                }
            }
            time { class: "muted", datetime: time::iso(view.made_ms), title: time::absolute(view.made_ms),
                {time::relative((now.0)(), view.made_ms)}
            }
            button { class: "button button-quiet", "data-testid": "report-look", onclick: look, {t("reports-look")} }
        }
    }
}
