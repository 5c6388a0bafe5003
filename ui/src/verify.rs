//! Comparing keys with somebody: words that both read out, or a code that one shows and the other pastes. The result
//! lasts and is told with its date and way.

use dioxus::prelude::*;
use kith_node::Verdict;
use kith_node::id::PersonaId;
use kith_node::view::{Safety, SafetyHow, SafetyView};

use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::line::AddLine;
use crate::me::Me;
use crate::messages::PersonFace;
use crate::nav::BackButton;
use crate::notice::{Notices, act};
use crate::post::shown_name;
use crate::qr::Qr;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

/// Characters of a code, with room for what is pasted around it.
const CODE_CHARS: usize = 256;

/// What is to be compared with somebody and how it stands; `None` until it was read, or where their key is not here.
fn use_safety(person: ReadSignal<PersonaId>) -> Resource<Result<SafetyView, Failure>> {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    use_resource(move || {
        let node = surface.node.clone();
        let (person, _again) = (person(), ((pulse.settings)(), (pulse.profiles)()));
        async move { node.safety(None, person).await.map_err(|error| Failure::of(&error)) }
    })
}

/// A sign and the word for it.
#[component]
pub(crate) fn SafetyMark(state: Safety) -> Element {
    let (shape, key, name) = match state {
        Safety::Unverified => return rsx! {},
        Safety::Verified => (Shape::Shield, "verified", "verified"),
        Safety::Changed => (Shape::Warning, "verified-changed", "changed"),
    };
    rsx! {
        span { class: "safety-mark", "data-state": name, "data-testid": "safety-mark",
            Icon { shape }
            {t(key)}
        }
    }
}

/// On somebody's page: how their key stands, and the way to compare it.
#[component]
pub(crate) fn VerifyLine(person: ReadSignal<PersonaId>) -> Element {
    let places = use_context::<Places>();
    let safety = use_safety(person);
    let safety = safety.read();
    let Some(Ok(view)) = safety.as_ref() else { return rsx! {} };
    let state = view.state;
    rsx! {
        div { class: "form-row verify-line",
            SafetyMark { state }
            button { class: "button button-quiet", "data-testid": "person-verify", onclick: move |_| places.go(Route::Verify(person())),
                Icon { shape: Shape::Shield }
                match state {
                    Safety::Unverified => t("verify"),
                    Safety::Verified => t("verify-show"),
                    Safety::Changed => t("verify-again"),
                }
            }
        }
    }
}

#[component]
pub(crate) fn VerifyScreen(id: ReadSignal<PersonaId>) -> Element {
    let safety = use_safety(id);
    let safety = safety.read();
    rsx! {
        header { class: "pane-header",
            BackButton {}
            h1 { {t("verify-title")} }
        }
        div { class: "scroll",
            div { class: "column",
                match safety.as_ref() {
                    Some(Ok(view)) if view.persona == id() => rsx! { Compare { key: "{view.persona}", view: view.clone() } },
                    Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                    _ => rsx! { p { class: "quiet-line", role: "status", {t("loading")} } },
                }
            }
        }
    }
}

#[component]
fn Compare(view: ReadSignal<SafetyView>) -> Element {
    let surface = use_context::<Surface>();
    let (me, notices, pulse) = (use_context::<Me>(), use_context::<Notices>(), use_context::<Pulse>());
    let mut differ = use_signal(|| false);
    let person = view.peek().persona;
    let node = surface.node.clone();
    let name = use_resource(move || {
        let node = node.clone();
        let _again = (pulse.profiles)();
        async move { node.profile(person).await.map(|profile| profile.name).unwrap_or_default() }
    });
    let name = shown_name(name.read().as_deref().unwrap_or_default());
    let mine = me.profile().map(|profile| profile.name).unwrap_or_default();
    let shown = view.read();
    let say = {
        let node = surface.node.clone();
        move |verdict: Verdict| {
            let node = node.clone();
            act(notices, async move { node.verify(None, person, verdict).await });
        }
    };
    let (same, undo) = (say.clone(), say);
    let paste = {
        let node = surface.node.clone();
        move |code: String| -> crate::line::Adding {
            let node = node.clone();
            crate::line::adding(async move { node.verify(None, person, Verdict::Code(code)).await })
        }
    };
    rsx! {
        if shown.state == Safety::Verified {
            section {
                class: "card verified",
                role: "status",
                "data-testid": "verified",
                onmounted: move |event| async move {
                    let _where_it_can = event.scroll_to(ScrollBehavior::Instant).await;
                },
                span { class: "verified-sign", Icon { shape: Shape::Shield } }
                div { class: "verified-faces",
                    PersonFace { person: shown.own, name: mine.clone() }
                    PersonFace { person, name: name.clone() }
                }
                h2 { {t_args("verified-title", &[("mine", mine.as_str().into()), ("name", name.as_str().into())])} }
                p { class: "muted", {verified_when(&shown)} }
                p { {t("verified-told")} }
                button { class: "button button-quiet", "data-testid": "verify-undo", onclick: move |_| undo(Verdict::Undo), {t("verify-undo")} }
            }
        } else {
            if shown.state == Safety::Changed {
                p { class: "failure", role: "alert", "data-testid": "verify-changed", {t_args("verify-changed", &[("name", name.as_str().into())])} }
            }
            p { {t_args("verify-how", &[("name", name.as_str().into())])} }
        }
        section { class: "card", aria_label: t("verify-words"), "data-testid": "verify-words",
            h2 { {t("verify-words")} }
            p { class: "muted", {t_args("verify-words-told", &[("name", name.as_str().into())])} }
            Words { label: t_args("verify-their-words", &[("name", name.as_str().into())]), words: shown.words.clone(), testid: "their-words" }
            Words { label: t("verify-own-words"), words: shown.own_words.clone(), testid: "own-words" }
            p { class: "hint", {t("verify-not-recovery")} }
            if shown.state != Safety::Verified {
                div { class: "form-row",
                    button { class: "button button-primary", "data-testid": "verify-same", onclick: move |_| same(Verdict::Same), {t("verify-same")} }
                    button { class: "button button-quiet", "data-testid": "verify-differ", onclick: move |_| differ.set(true), {t("verify-differ")} }
                }
            }
            if differ() {
                p { class: "failure", role: "alert", "data-testid": "verify-differ-told", {t_args("verify-differ-told", &[("name", name.as_str().into())])} }
            }
        }
        section { class: "card", aria_label: t("verify-code"),
            h2 { {t("verify-code")} }
            p { class: "muted", {t_args("verify-code-told", &[("name", name.as_str().into())])} }
            Qr { text: shown.code.clone(), label: t("verify-code") }
            button {
                class: "button button-quiet",
                "data-copy": "{shown.code}",
                "data-testid": "verify-copy",
                onclick: {
                    let code = shown.code.clone();
                    move |_| {
                        if let Some(host) = try_consume_context::<crate::surface::Host>() {
                            (host.copy)(&code);
                        }
                        notices.tell(t("verify-copied"));
                    }
                },
                Icon { shape: Shape::Copy }
                {t("verify-copy")}
            }
            if shown.state != Safety::Verified {
                AddLine {
                    label: t_args("verify-paste", &[("name", name.as_str().into())]),
                    yes: t("verify-check"),
                    testid: "verify-paste",
                    go: "verify-paste-go",
                    limit: CODE_CHARS,
                    code: true,
                    scan: true,
                    on_add: paste,
                }
            }
        }
    }
}

fn verified_when(view: &SafetyView) -> String {
    let when = time::absolute(view.verified_ms.unwrap_or_default());
    let key = match view.how {
        Some(SafetyHow::Code) => "verified-by-code",
        _ => "verified-by-words",
    };
    t_args(key, &[("when", when.into())])
}

#[component]
fn Words(label: String, words: Vec<String>, testid: &'static str) -> Element {
    rsx! {
        div { class: "safety",
            h3 { class: "sheet-title", bdi { dir: "auto", "{label}" } }
            ol { class: "safety-words", dir: "ltr", "data-testid": testid,
                for (at , word) in words.into_iter().enumerate() {
                    li { key: "{at}", "{word}" }
                }
            }
        }
    }
}

/// Stands in place of the field where somebody's key changed after it was compared: sending pauses, and there are two
/// ways on.
#[component]
pub(crate) fn KeyChanged(person: PersonaId, name: String) -> Element {
    let surface = use_context::<Surface>();
    let (places, notices) = (use_context::<Places>(), use_context::<Notices>());
    rsx! {
        section { class: "card request", role: "alert", aria_label: t("verified-changed"), "data-testid": "key-changed",
            p { strong { bdi { dir: "auto", {t_args("verify-changed", &[("name", name.as_str().into())])} } } }
            p { class: "muted", {t("verify-changed-told")} }
            div { class: "form-row",
                button { class: "button button-primary", "data-testid": "key-verify", onclick: move |_| places.go(Route::Verify(person)), {t("verify-again")} }
                button {
                    class: "button button-quiet",
                    "data-testid": "key-accept",
                    onclick: move |_| {
                        let node = surface.node.clone();
                        act(notices, async move { node.verify(None, person, Verdict::Accept).await });
                    },
                    {t("verify-accept")}
                }
            }
        }
    }
}
