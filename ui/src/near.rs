//! People near you: for ten minutes one is seen by everybody on this network who opened it too, and sees them. Following is
//! a step of its own, after a look at the other's screen.

use dioxus::prelude::*;
use kith_node::limits::NEAR_MS;
use kith_node::view::NearPerson;

use crate::apart::Apart;
use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::me::Me;
use crate::menu::Ask;
use crate::notice::{Notices, act, spawn_in_app};
use crate::post::{Now, shown_name};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

/// What it does, then who is there.
#[component]
pub(crate) fn NearCard() -> Element {
    let surface = use_context::<Surface>();
    let (pulse, me, now) = (use_context::<Pulse>(), use_context::<Me>(), use_context::<Now>());
    let notices = use_context::<Notices>();
    let apart = use_context::<Apart>();
    let mut opening = use_signal(|| false);
    let mut failed = use_signal(|| None::<Failure>);
    let near = use_resource({
        let surface = surface.clone();
        move || {
            let node = surface.node.clone();
            let _again = ((pulse.near)(), (pulse.follows)());
            async move { node.people_near().await.map_err(|error| Failure::of(&error)) }
        }
    });
    let minutes = NEAR_MS / 60_000;
    // This clock was read up to a minute ago.
    let left = |until_ms: u64| time::left((now.0)().max(until_ms.saturating_sub(NEAR_MS)), until_ms);
    let mine = me.profile().map(|profile| shown_name(&profile.name)).unwrap_or_default();
    let read = near.read();
    let view = match read.as_ref() {
        Some(Ok(view)) if view.open => Some(view),
        _ => None,
    };
    let other = view.and_then(|view| view.persona).filter(|persona| Some(*persona) != me.id());
    let seen_as = match other.and_then(|persona| me.persona(persona)) {
        Some(persona) => shown_name(&persona.name),
        None => mine.clone(),
    };
    let (opens, closes) = (surface.clone(), surface);
    let open = move |_| {
        let (node, home, persona) = (opens.node.clone(), apart.home().node.clone(), me.id());
        opening.set(true);
        failed.set(None);
        spawn_in_app(async move {
            home.close_near_beside(&node).await;
            let opened = node.open_near(persona).await;
            // The screen may be gone.
            if let Ok(mut opening) = opening.try_write() {
                *opening = false;
            }
            if let (Err(error), Ok(mut failed)) = (opened, failed.try_write()) {
                *failed = Some(Failure::of(&error));
            }
        });
    };
    rsx! {
        section { class: "card", aria_label: t("near-title"), "data-testid": "near",
            h2 { {t("near-title")} }
            match view {
                None => rsx! {
                    p { class: "muted", {t_args("near-how", &[("minutes", minutes.into())])} }
                    p { class: "hint", {t_args("near-told", &[("name", mine.as_str().into())])} }
                    if let Some(failure) = failed.read().as_ref() {
                        p { class: "failure", role: "alert", "data-testid": "near-failed", "{failure}" }
                    }
                    if let Some(Err(failure)) = read.as_ref() {
                        p { class: "failure", role: "alert", "{failure}" }
                    }
                    div { class: "form-row",
                        button {
                            class: "button button-primary",
                            disabled: opening(),
                            "data-testid": "near-open",
                            onclick: open,
                            {t_args("near-open", &[("minutes", minutes.into())])}
                        }
                    }
                },
                Some(view) => rsx! {
                    p { role: "status", "data-testid": "near-state",
                        {t_args("near-seen-as", &[("name", seen_as.as_str().into())])}
                        " "
                        {t_args("near-left", &[("time", left(view.until_ms.unwrap_or_default()).into())])}
                    }
                    if view.people.is_empty() {
                        p { class: "quiet-line", "data-testid": "near-empty", {t("near-empty")} }
                    } else {
                        p { class: "hint", {t("near-compare")} }
                        ul { class: "rows", "data-testid": "near-people",
                            for person in view.people.clone() {
                                NearRow { key: "{person.id}", person, mine: seen_as.clone() }
                            }
                        }
                    }
                    div { class: "form-row",
                        button {
                            class: "button button-quiet",
                            "data-testid": "near-close",
                            onclick: move |_| {
                                let node = closes.node.clone();
                                act(notices, async move {
                                    node.close_near().await;
                                    Ok(())
                                });
                            },
                            {t("near-close")}
                        }
                    }
                },
            }
        }
    }
}

#[component]
fn NearRow(person: ReadSignal<NearPerson>, mine: String) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let mut asking = use_signal(|| false);
    let view = person.read();
    let (id, code) = (view.id, view.code.clone());
    let name = shown_name(view.name.as_deref().unwrap_or_default());
    let args = [("name", name.as_str().into()), ("code", code.as_str().into()), ("mine", mine.as_str().into())];
    rsx! {
        li { class: "row near-row", "data-testid": "near-person",
            // Nothing is loaded of whom one does not follow: letters stand for them.
            Avatar { person: view.persona, name: name.clone(), picture: None }
            span { class: "row-text grow",
                bdi { class: "name", dir: "auto", "{name}" }
                span { class: "near-code", dir: "ltr", "data-testid": "near-code", "{code}" }
            }
            if view.followed {
                span { class: "flag", "data-testid": "near-followed", {t("near-followed")} }
            } else {
                button {
                    class: "button button-quiet",
                    aria_label: t_args("near-follow-label", &args),
                    "data-testid": "near-follow",
                    onclick: move |_| asking.set(true),
                    {t("follow")}
                }
            }
            Ask {
                asking,
                title: t_args("near-ask", &args),
                does: t_args("near-ask-does", &args),
                yes: t("follow"),
                testid: "near-follow-confirm",
                danger: false,
                on_yes: move |()| {
                    let node = surface.node.clone();
                    act(notices, async move {
                        let followed = node.follow_near(id).await?;
                        let name = followed.name.unwrap_or_else(|| t("person-unnamed"));
                        notices.tell(t_args("follow-done", &[("name", name.into())]));
                        Ok(())
                    });
                },
                p { class: "link-digits", dir: "ltr", "{code}" }
            }
        }
    }
}
