//! People: the own invite as a link and a code, a field for the link of another, whom one follows, and who told that they
//! follow.

use dioxus::prelude::*;
use kith_node::limits::INVITE_CHARS;
use kith_node::view::FollowView;

use crate::avatar::Avatar;
use crate::circles::CirclesCard;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::followers::{Followers, TellSwitch};
use crate::icon::{Icon, Shape};
use crate::line::{AddLine, Adding};
use crate::near::NearCard;
use crate::network::Connection;
use crate::notice::Notices;
use crate::opener::Opener;
use crate::post::{Now, shown_name};
use crate::published::Suggestions;
use crate::qr::Qr;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::{Host, Surface};
use crate::time;

#[component]
pub(crate) fn PeopleScreen() -> Element {
    rsx! {
        header { class: "pane-header",
            h1 { {t("people-title")} }
        }
        div { class: "scroll",
            div { class: "column",
                FollowBox {}
                NearCard {}
                Suggestions {}
                CirclesCard {}
                Follows {}
                Followers {}
                Invite {}
            }
        }
    }
}

#[component]
fn FollowBox() -> Element {
    let surface = use_context::<Surface>();
    let places = use_context::<Places>();
    let notices = use_context::<Notices>();
    let mut tell = use_signal(|| false);
    let follow = move |target: String| -> Adding {
        let (node, wish) = (surface.node.clone(), *tell.peek());
        Box::pin(async move {
            let followed = node.follow(None, &target).await.map_err(|error| Failure::of(&error))?;
            if wish {
                node.tell_follow(None, followed.persona, true).await.map_err(|error| Failure::of(&error))?;
            }
            // It is chosen for each.
            if let Ok(mut tell) = tell.try_write() {
                *tell = false;
            }
            let name = followed.name.unwrap_or_else(|| t("person-unnamed"));
            notices.tell(t_args("follow-done", &[("name", name.into())]));
            places.go(Route::Person(followed.persona));
            Ok(())
        })
    };
    rsx! {
        section { class: "card", aria_label: t("follow-title"),
            h2 { {t("follow-title")} }
            p { class: "muted", {t("follow-how")} }
            AddLine {
                label: t("follow-placeholder"),
                yes: t("follow"),
                testid: "follow-input",
                go: "follow-go",
                limit: INVITE_CHARS,
                code: true,
                scan: true,
                on_add: follow,
            }
            TellSwitch { told: tell(), on_change: move |wish| tell.set(wish) }
            p { class: "hint", {t("follow-tell-told")} }
        }
    }
}

#[component]
fn Follows() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let follows = use_resource(move || {
        let node = surface.node.clone();
        // Their state moves with the posts that come, too.
        let _again = ((pulse.follows)(), (pulse.posts)(), (pulse.network)());
        async move { node.follows(None).await.map_err(|error| Failure::of(&error)) }
    });
    let follows = follows.read();
    rsx! {
        section { aria_label: t("follows-title"),
            h2 { class: "section-title", {t("follows-title")} }
            match follows.as_ref() {
                None => rsx! {},
                Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                Some(Ok(list)) if list.is_empty() => rsx! { p { class: "quiet-line", {t("follows-empty")} } },
                Some(Ok(list)) => rsx! {
                    ul { class: "rows", "data-testid": "follows",
                        for follow in list {
                            FollowRow { key: "{follow.persona}{follow.by}", follow: follow.clone() }
                        }
                    }
                },
            }
        }
    }
}

#[component]
fn FollowRow(follow: ReadSignal<FollowView>) -> Element {
    let places = use_context::<Places>();
    let (now, connection) = (use_context::<Now>(), use_context::<Connection>());
    let view = follow.read();
    let name = shown_name(view.name.as_deref().unwrap_or_default());
    let person = view.persona;
    rsx! {
        li {
            button { class: "row", "data-testid": "follow-row", onclick: move |_| places.go(Route::Person(person)),
                Avatar { person, name: name.clone(), picture: view.picture }
                span { class: "row-text",
                    span { class: "name-row",
                        bdi { class: "name", dir: "auto", "{name}" }
                        if view.mutual {
                            span { class: "flag", "data-testid": "follow-mutual", {t("followers-mutual-short")} }
                        }
                    }
                    match view.synced_ms {
                        _ if view.left => rsx! {
                            span { class: "muted", "data-testid": "follow-left", {t("follow-left")} }
                        },
                        Some(ms) => rsx! {
                            span { class: "muted", title: time::absolute(ms),
                                {time::as_of((now.0)(), ms, connection.alive())}
                            }
                        },
                        None => rsx! {
                            span { class: "muted", "data-testid": "waiting-for-device", {t("person-waiting")} }
                        },
                    }
                }
            }
        }
    }
}

#[component]
fn Invite() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let notices = use_context::<Notices>();
    let host = try_use_context::<Host>();
    let code = use_signal(|| false);
    let invite = use_resource(move || {
        let node = surface.node.clone();
        // Addresses move with the network.
        let _again = ((pulse.network)(), (pulse.profiles)());
        async move { node.invite(None).await.map_err(|error| Failure::of(&error)) }
    });
    let invite = invite.read();
    rsx! {
        section { class: "card", aria_label: t("invite-title"),
            h2 { {t("invite-title")} }
            p { class: "muted", {t("invite-how")} }
            match invite.as_ref() {
                None => rsx! { p { class: "quiet-line", role: "status", {t("loading")} } },
                Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                Some(Ok(invite)) => {
                    let link = invite.invite.clone();
                    rsx! {
                        textarea {
                            class: "field invite-link",
                            rows: "4",
                            readonly: true,
                            aria_label: t("invite-link"),
                            dir: "ltr",
                            spellcheck: "false",
                            "data-testid": "invite-link",
                            value: "{invite.invite}",
                        }
                        div { class: "form-row",
                            button {
                                class: "button button-primary",
                                "data-copy": "{invite.invite}",
                                "data-testid": "invite-copy",
                                onclick: move |_| {
                                    if let Some(host) = host {
                                        (host.copy)(&link);
                                    }
                                    notices.tell(t("invite-copied"));
                                },
                                Icon { shape: Shape::Copy }
                                {t("invite-copy")}
                            }
                            Opener { open: code, testid: "invite-code", if code() { {t("invite-hide-code")} } else { {t("invite-show-code")} } }
                        }
                        if code() {
                            Qr { text: invite.invite.clone(), label: t("invite-code") }
                        }
                        p { class: "hint", {t("invite-tells")} }
                    }
                }
            }
        }
    }
}
