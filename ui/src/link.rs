//! Linking another device: a code that one shows and the other takes, two digits, and how far it came. It goes on behind
//! other places, and ends with the window or when it is ended here.

use std::sync::Arc;

use dioxus::prelude::*;
use kith_node::id::PersonaId;
use kith_node::view::{History, LinkFailure, LinkView};
use kith_node::{LinkError, LinkGive, Linking, link_code_gives};

use crate::apart::Apart;
use crate::choice::{Choices, OneOf};
use crate::failure::Failure;
use crate::line::{AddLine, Adding};
use crate::me::Me;
use crate::nav::BackButton;
use crate::notice::{Notices, spawn_in_app};
use crate::post::shown_name;
use crate::qr::Qr;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::{Host, Surface};

/// Characters of a code, with room for what is pasted around it.
const CODE_CHARS: usize = 1_000;

const HISTORIES: [(History, &str, &str); 3] = [
    (History::Days30, "30d", "link-history-30d"),
    (History::All, "all", "link-history-all"),
    (History::None, "none", "link-history-none"),
];

/// The linking of this window, where there is one.
#[derive(Clone, Copy)]
pub(crate) struct Links {
    linking: Signal<Option<Arc<Linking>>>,
    view: Signal<Option<LinkView>>,
    failed: Signal<Option<Failure>>,
}

impl Links {
    pub(crate) fn new() -> Self {
        Self { linking: Signal::new(None), view: Signal::new(None), failed: Signal::new(None) }
    }

    /// Takes a code, or shows one. `give`: what the other device gets; `None`: it gives.
    /// `separate`: what is got stays apart from what is here.
    fn begin(mut self, surface: &Surface, code: Option<String>, give: Option<LinkGive>, separate: bool) {
        let node = surface.node.clone();
        self.end();
        spawn_in_app(async move {
            let begun = match code {
                Some(code) => node.take_link(&code, give).await,
                None if separate => node.ask_for_separate().await,
                None => node.show_link(give).await,
            };
            match begun {
                Ok(linking) => self.follow(Arc::new(linking)).await,
                Err(error) => self.failed.set(Some(Failure::of(&error))),
            }
        });
    }

    async fn follow(mut self, linking: Arc<Linking>) {
        let mut watch = linking.watch();
        self.linking.set(Some(Arc::clone(&linking)));
        let mine = Arc::downgrade(&linking);
        drop(linking);
        // Whoever ends it drops it.
        while mine.strong_count() > 0 {
            let now = watch.view();
            let (turn, over) = (now.turn, now.over);
            self.view.set(Some(now));
            if over || watch.after(turn).await.is_none() {
                return;
            }
        }
    }

    fn end(mut self) {
        self.linking.set(None);
        self.view.set(None);
        self.failed.set(None);
    }
}

/// Among the settings.
#[component]
pub(crate) fn LinkCard() -> Element {
    let places = use_context::<Places>();
    rsx! {
        section { class: "card", aria_label: t("link-card"),
            h2 { {t("link-card")} }
            p { class: "muted", {t("link-card-told")} }
            div { class: "form-row",
                button { class: "button button-quiet", "data-testid": "settings-link", onclick: move |_| places.go(Route::Link), {t("link-title")} }
            }
        }
    }
}

#[component]
pub(crate) fn LinkScreen() -> Element {
    rsx! {
        header { class: "pane-header",
            BackButton {}
            h1 { {t("link-title")} }
        }
        div { class: "scroll",
            div { class: "column", Linker { fresh: false } }
        }
    }
}

/// `fresh`: a device without a persona, which has nothing to give.
#[component]
pub(crate) fn Linker(fresh: bool) -> Element {
    let links = use_context::<Links>();
    let view = links.view.read().clone();
    rsx! {
        if let Some(failure) = links.failed.read().as_ref() {
            p { class: "failure", role: "alert", "data-testid": "link-failed", "{failure}" }
        }
        match view {
            None => rsx! { Choose { fresh } },
            Some(view) => rsx! { Progress { view } },
        }
    }
}

#[component]
fn Choose(fresh: bool) -> Element {
    let surface = use_context::<Surface>();
    let (links, me) = (use_context::<Links>(), use_context::<Me>());
    let mut left_out = use_signal(Vec::<PersonaId>::new);
    let mut main = use_signal(|| false);
    let mut history = use_signal(History::default);
    let personas = me.personas();
    let give = {
        let personas = personas.clone();
        move || LinkGive {
            personas: personas.iter().map(|persona| persona.id).filter(|id| !left_out.peek().contains(id)).collect(),
            main: *main.peek(),
            history: *history.peek(),
        }
    };
    let inside = use_context::<Apart>().inside().is_some();
    let mut separate = use_signal(|| false);
    let some = personas.iter().any(|persona| !left_out.read().contains(&persona.id));
    let take = {
        let (surface, give) = (surface.clone(), give.clone());
        move |code: String| -> Adding {
            match link_code_gives(&code) {
                Ok(gives) => {
                    links.begin(&surface, Some(code), (!gives).then(&give), false);
                    Box::pin(async { Ok(()) })
                }
                Err(error) => Box::pin(async move { Err(Failure::of(&error)) }),
            }
        }
    };
    let (offers, asks) = (surface.clone(), surface);
    rsx! {
        p { class: "hint", {t("link-warning")} }
        if !fresh {
            section { class: "card", aria_label: t("link-give"),
                h2 { {t("link-give")} }
                p { class: "muted", {t("link-give-told")} }
                if personas.len() > 1 {
                    Choices { label: t("link-personas"),
                        for persona in personas.clone() {
                            label { key: "{persona.id}", class: "choice-option",
                                input {
                                    r#type: "checkbox",
                                    checked: !left_out.read().contains(&persona.id),
                                    onchange: move |event| {
                                        let mut left_out = left_out.write();
                                        left_out.retain(|id| *id != persona.id);
                                        if !event.checked() {
                                            left_out.push(persona.id);
                                        }
                                    },
                                }
                                bdi { dir: "auto", {shown_name(&persona.name)} }
                            }
                        }
                    }
                }
                OneOf {
                    label: t("link-history"),
                    name: "link-history",
                    testid: "link-history",
                    options: HISTORIES.to_vec(),
                    chosen: history(),
                    on_choose: move |value| history.set(value),
                }
                label { class: "switch-row",
                    input {
                        r#type: "checkbox",
                        role: "switch",
                        checked: main(),
                        "data-testid": "link-main",
                        onchange: move |event| main.set(event.checked()),
                    }
                    span { {t("link-main")} }
                }
                p { class: "hint", {t("link-main-told")} }
                div { class: "form-row",
                    button {
                        class: "button button-primary",
                        disabled: !some,
                        "data-testid": "link-offer",
                        onclick: move |_| links.begin(&offers, None, Some(give()), false),
                        {t("link-offer")}
                    }
                }
            }
        }
        section { class: "card", aria_label: t("link-take"),
            h2 { {t("link-take")} }
            p { class: "muted", {t(if fresh { "link-take-fresh" } else { "link-take-told" })} }
            AddLine {
                label: t("link-code"),
                yes: t("link-take-go"),
                testid: "link-code-field",
                go: "link-take",
                limit: CODE_CHARS,
                code: true,
                scan: true,
                on_add: take,
            }
        }
        if !inside {
        section { class: "card", aria_label: t("link-get"),
            h2 { {t("link-get")} }
            p { class: "muted", {t("link-get-told")} }
            if !fresh {
                label { class: "switch-row",
                    input {
                        r#type: "checkbox",
                        role: "switch",
                        checked: separate(),
                        "data-testid": "link-separate",
                        onchange: move |event| separate.set(event.checked()),
                    }
                    span { {t("link-separate")} }
                }
            }
            div { class: "form-row",
                button {
                    class: "button button-quiet",
                    "data-testid": "link-ask",
                    onclick: move |_| links.begin(&asks, None, None, *separate.peek()),
                    {t("link-ask")}
                }
            }
        }
        }
    }
}

/// Where it stands, and what the user does next.
#[component]
fn Progress(view: ReadSignal<LinkView>) -> Element {
    let (links, notices) = (use_context::<Links>(), use_context::<Notices>());
    let places = use_context::<Places>();
    let view = view.read().clone();
    let name = view.name.as_deref().map(shown_name).unwrap_or_default();
    let named = |key: &str| t_args(key, &[("name", name.as_str().into())]);
    if let Some(failure) = &view.error {
        let told = failed(failure);
        return rsx! {
            section { class: "card", aria_label: t("link-title"),
                p { class: "failure", role: "alert", "data-testid": "link-failed", "{told}" }
                div { class: "form-row",
                    button { class: "button button-primary", "data-testid": "link-again", onclick: move |_| links.end(), {t("link-again")} }
                    // Of one that may have linked the list tells.
                    if failure.code == LinkError::Unsure.code() {
                        button { class: "button button-quiet", "data-testid": "link-devices", onclick: move |_| places.go(Route::Devices), {t("devices-title")} }
                    }
                }
            }
        };
    }
    let typed = move |digits: String| -> Adding {
        let linking = links.linking.peek().clone();
        crate::line::adding(async move {
            linking.as_ref().map_or(Err(kith_node::Error::Closed), |linking| linking.type_digits(&digits))
        })
    };
    let stage = match (&view.linked, view.ask, &view.check, &view.code) {
        (Some(_), ..) => "linked",
        (None, true, ..) => "ask",
        (None, false, Some(_), _) => "check",
        (None, false, None, Some(_)) if view.name.is_none() => "code",
        _ => "wait",
    };
    rsx! {
        section { class: "card", aria_label: t("link-title"), "data-testid": "link-progress", "data-stage": stage,
            if let (Some(code), "code") = (view.code.clone(), stage) {
                h2 { {t("link-show")} }
                p { class: "muted", {t("link-show-told")} }
                Qr { text: code.clone(), label: t("link-code") }
                p { class: "id link-code", dir: "ltr", "data-testid": "link-code", "{code}" }
                button {
                    class: "button button-quiet",
                    "data-copy": "{code}",
                    "data-testid": "link-copy",
                    onclick: move |_| {
                        if let Some(host) = try_consume_context::<Host>() {
                            (host.copy)(&code);
                        }
                        notices.tell(t("verify-copied"));
                    },
                    {t("link-copy")}
                }
            }
            if let (Some(check), "check") = (view.check.as_ref(), stage) {
                h2 { {t("link-check")} }
                p { class: "link-digits", dir: "ltr", role: "status", "data-testid": "link-digits", "{check}" }
                p { class: "muted", {t("link-check-told")} }
            }
            if stage == "ask" {
                h2 { {t("link-type")} }
                p { class: "muted", {t("link-type-told")} }
                AddLine {
                    label: t("link-digits"),
                    yes: t("link-digits-go"),
                    testid: "link-digits-field",
                    go: "link-digits-go",
                    limit: 2,
                    code: true,
                    on_add: typed,
                }
            }
            if stage == "wait" {
                p { role: "status", {t("link-waits")} }
            }
            if let Some(linked) = &view.linked {
                h2 { role: "status", "data-testid": "link-linked", {named("link-linked")} }
                p { {t_args("link-linked-told", &[("count", linked.personas.len().into())])} }
                match view.history {
                    Some(history) if history.all > 0 => rsx! {
                        p { role: "status", "data-testid": "link-history", "data-whole": history.whole,
                            {t_args("link-messages", &[("done", history.done.into()), ("all", history.all.into())])}
                        }
                        progress { class: "meter", aria_label: t("settings-messages"), max: "{history.all}", value: "{history.done}" }
                    },
                    None if view.over => rsx! { p { class: "hint", {t("link-history-later")} } },
                    _ => rsx! {},
                }
            }
            div { class: "form-row",
                if view.linked.is_some() {
                    button { class: "button button-primary", "data-testid": "link-done", onclick: move |_| links.end(), {t("link-done")} }
                } else {
                    button { class: "button button-quiet", "data-testid": "link-cancel", onclick: move |_| links.end(), {t("link-cancel")} }
                }
            }
        }
    }
}

fn failed(failure: &LinkFailure) -> Failure {
    Failure::told(&failure.code, &failure.message, &failure.hint)
}
