//! Settings of what is told: kinds, people and conversations, and quiet hours.

use dioxus::prelude::*;
use kith_node::view::{NoticeRules, NotificationKind as K, QuietHours, Rule, RuleFor};

use crate::event::Pulse;
use crate::notice::{Notices, act};
use crate::post::shown_name;
use crate::strings::{t, t_args};
use crate::surface::{Host, Surface};

/// Kinds as they are chosen: some are told of together.
const KINDS: [(&str, &str, &[K]); 8] = [
    ("comments", "told-kind-comments", &[K::Comment, K::Answer]),
    ("mentions", "told-kind-mentions", &[K::Mention, K::Quote]),
    ("reactions", "told-kind-reactions", &[K::Reaction]),
    ("reposts", "told-kind-reposts", &[K::Repost]),
    ("edits", "told-kind-edits", &[K::Edit]),
    ("followers", "told-kind-followers", &[K::Follower]),
    ("messages", "told-kind-messages", &[K::Message, K::Request]),
    ("circles", "told-kind-circles", &[K::Invitation, K::Circle]),
];

/// Of this device alone: `off` where nothing is shown beside the window, and where names and texts are left out.
pub const OS_NOTICES: &str = "notices.os";
pub const OS_TEXTS: &str = "notices.texts";
/// `off` where closing the window ends the program, tray or not.
pub const IN_TRAY: &str = "window.tray";

/// What stands where nothing was chosen: from ten in the evening to seven.
const USUAL: QuietHours = QuietHours { from: 22 * 60, to: 7 * 60, offset: 0 };

#[component]
pub(crate) fn ToldCard() -> Element {
    let surface = use_context::<Surface>();
    let (pulse, notices) = (use_context::<Pulse>(), use_context::<Notices>());
    let node = surface.node.clone();
    let rules = use_resource(move || {
        let node = node.clone();
        let _again = (pulse.settings)();
        async move { node.notice_rules().await.unwrap_or_default() }
    });
    let rules = rules().unwrap_or_default();
    let node = surface.node.clone();
    let switch = move |kinds: &'static [K], on: bool| {
        let node = node.clone();
        act(notices, async move {
            for kind in kinds {
                node.set_notice_rule(RuleFor::Kind(*kind), if on { Rule::All } else { Rule::None }).await?;
            }
            Ok(())
        });
    };
    rsx! {
        section { class: "card", aria_label: t("told-title"), "data-testid": "told-card",
            h2 { {t("told-title")} }
            fieldset { class: "told-kinds",
                legend { {t("told-kinds")} }
                for (name , text , kinds) in KINDS {
                    label { key: "{name}", class: "switch-row",
                        input {
                            r#type: "checkbox",
                            checked: !kinds.iter().all(|kind| rules.off.contains(kind)),
                            "data-testid": "told-{name}",
                            onchange: {
                                let switch = switch.clone();
                                move |event| switch(kinds, event.checked())
                            },
                        }
                        span { {t(text)} }
                    }
                }
            }
            p { class: "hint", {t("told-always")} }
            Quiet { hours: rules.quiet }
            Exceptions { rules: rules.clone() }
            if try_use_context::<Host>().is_some() {
                Own { name: OS_NOTICES, text: t("told-os") }
                Own { name: OS_TEXTS, text: t("told-os-texts") }
            }
        }
    }
}

/// Hours in which nothing is shown outside of the page.
#[component]
fn Quiet(hours: ReadSignal<Option<QuietHours>>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let mut zone = use_signal(|| 0_i16);
    let chosen = hours();
    let shown = chosen.unwrap_or(USUAL);
    let node = surface.node.clone();
    let set = use_callback(move |hours: Option<QuietHours>| {
        let node = node.clone();
        act(notices, async move { node.set_quiet_hours(hours).await });
    });
    rsx! {
        input {
            r#type: "hidden",
            "data-zone": "true",
            oninput: move |event| {
                if let Ok(minutes) = event.value().parse() {
                    zone.set(minutes);
                }
            },
        }
        label { class: "switch-row",
            input {
                r#type: "checkbox",
                role: "switch",
                checked: chosen.is_some(),
                "data-testid": "told-quiet",
                onchange: move |event| set.call(event.checked().then_some(QuietHours { offset: zone(), ..shown })),
            }
            span { {t("told-quiet")} }
        }
        p { class: "hint", {t("told-quiet-told")} }
        if chosen.is_some() {
            div { class: "form-row",
                TimeField { label: t("told-quiet-from"), testid: "told-quiet-from", minutes: shown.from, on_change: move |from| {
                    set.call(Some(QuietHours { from, offset: zone(), ..shown }));
                } }
                TimeField { label: t("told-quiet-to"), testid: "told-quiet-to", minutes: shown.to, on_change: move |to| {
                    set.call(Some(QuietHours { to, offset: zone(), ..shown }));
                } }
            }
        }
    }
}

#[component]
fn TimeField(label: String, testid: &'static str, minutes: u16, on_change: EventHandler<u16>) -> Element {
    rsx! {
        label { class: "field-label",
            span { "{label}" }
            input {
                class: "field",
                r#type: "time",
                value: format!("{:02}:{:02}", minutes / 60, minutes % 60),
                "data-testid": testid,
                onchange: move |event| {
                    if let Some(minutes) = minutes_of(&event.value()) {
                        on_change.call(minutes);
                    }
                },
            }
        }
    }
}

fn minutes_of(time: &str) -> Option<u16> {
    let (hours, minutes) = time.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// A switch of this device alone, on until it is switched off.
#[component]
fn Own(name: &'static str, text: String, #[props(default)] on_set: Option<Callback<bool>>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let node = surface.node.clone();
    let mut on = use_signal(|| None::<bool>);
    use_future(move || {
        let node = node.clone();
        async move { on.set(Some(node.remembered(name).await.ok().flatten().as_deref() != Some("off"))) }
    });
    rsx! {
        label { class: "switch-row",
            input {
                r#type: "checkbox",
                role: "switch",
                checked: on() == Some(true),
                disabled: on().is_none(),
                "data-testid": name,
                onchange: move |event| {
                    let value = if event.checked() { "on" } else { "off" };
                    on.set(Some(event.checked()));
                    if let Some(on_set) = on_set {
                        on_set.call(event.checked());
                    }
                    let node = surface.node.clone();
                    act(notices, async move { node.remember(name, value).await });
                },
            }
            span { "{text}" }
        }
    }
}

/// Whether the program starts with the session: of a window alone.
#[component]
pub(crate) fn AtLogin() -> Element {
    let host = try_use_context::<Host>();
    let notices = use_context::<Notices>();
    let mut on = use_signal(|| host.is_some_and(|host| (host.starts)()));
    let Some(host) = host else { return rsx! {} };
    rsx! {
        label { class: "switch-row",
            input {
                r#type: "checkbox",
                role: "switch",
                checked: on(),
                "data-testid": "settings-at-login",
                onchange: move |event| {
                    if let Err(error) = (host.set_starts)(event.checked()) {
                        tracing::warn!(%error, "starting with the session could not be set");
                        notices.tell(t("settings-at-login-failed"));
                    }
                    on.set((host.starts)());
                },
            }
            span { {t("settings-at-login")} }
        }
    }
}

/// What closing the window does: of a window alone.
#[component]
pub(crate) fn InTray() -> Element {
    let Some(host) = try_use_context::<Host>() else { return rsx! {} };
    if (host.tray)() {
        rsx! { Own { name: IN_TRAY, text: t("settings-tray"), on_set: move |on| (host.set_tray)(on) } }
    } else {
        rsx! { p { class: "hint", "data-testid": "settings-no-tray", {t("settings-no-tray")} } }
    }
}

/// People and conversations of which less is told.
#[component]
fn Exceptions(rules: ReadSignal<NoticeRules>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let node = surface.node.clone();
    let named = use_resource(move || {
        let (node, rules) = (node.clone(), rules());
        async move {
            let mut named = Vec::new();
            for rule in rules.people {
                let name = node.profile(rule.persona).await.map(|profile| profile.name).unwrap_or_default();
                named.push((RuleFor::Person(rule.persona), shown_name(&name), rule.rule));
            }
            let threads = node.threads(None, false).await.unwrap_or_default();
            for rule in rules.threads {
                let known = threads.iter().find(|thread| thread.id == rule.thread);
                let name = known.map_or_else(|| t("told-conversation"), crate::messages::title);
                named.push((RuleFor::Thread(rule.thread), name, rule.rule));
            }
            named
        }
    });
    let named = named().unwrap_or_default();
    if named.is_empty() {
        return rsx! {};
    }
    rsx! {
        h3 { class: "section-title", {t("told-exceptions")} }
        ul { class: "rows", "data-testid": "told-exceptions",
            for (of , name , rule) in named {
                li { key: "{of:?}", class: "row",
                    span { class: "row-text grow",
                        bdi { class: "name", dir: "auto", "{name}" }
                        span { class: "muted",
                            if rule == Rule::Mentions { {t("told-rule-mentions")} } else { {t("told-rule-none")} }
                        }
                    }
                    button {
                        class: "button button-quiet",
                        aria_label: t_args("told-all-again-of", &[("name", name.as_str().into())]),
                        "data-testid": "told-all-again",
                        onclick: {
                            let surface = surface.clone();
                            move |_| {
                                let node = surface.node.clone();
                                act(notices, async move { node.set_notice_rule(of, Rule::All).await });
                            }
                        },
                        {t("told-all-again")}
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_fields_are_minutes() {
        assert_eq!((minutes_of("22:00"), minutes_of("07:30:00")), (Some(1_320), Some(450)));
        assert_eq!((minutes_of(""), minutes_of("24:00"), minutes_of("7")), (None, None, None));
    }
}
