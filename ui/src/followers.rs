//! Who told that they follow, and whom one tells. A follow alone is known to nobody: only a notice says it.

use dioxus::prelude::*;
use kith_node::view::{FollowerView, ProfileView};

use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::me::Me;
use crate::menu::Ask;
use crate::notice::{Notices, act};
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// Those who told the persona that writes, the last first.
#[component]
pub(crate) fn Followers() -> Element {
    let surface = use_context::<Surface>();
    let (pulse, me) = (use_context::<Pulse>(), use_context::<Me>());
    let followers = use_resource(move || {
        let node = surface.node.clone();
        let (me, _again) = (me.id(), ((pulse.follows)(), (pulse.profiles)()));
        async move { node.followers(me).await.map_err(|error| Failure::of(&error)) }
    });
    let followers = followers.read();
    rsx! {
        section { aria_label: t("followers-title"),
            h2 { class: "section-title", {t("followers-title")} }
            match followers.as_ref() {
                None => rsx! {},
                Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                Some(Ok(list)) if list.is_empty() => rsx! {
                    p { class: "quiet-line", "data-testid": "followers-empty", {t("followers-empty")} }
                },
                Some(Ok(list)) => rsx! {
                    ul { class: "rows", "data-testid": "followers",
                        for follower in list {
                            FollowerRow { key: "{follower.persona}", follower: follower.clone() }
                        }
                    }
                },
            }
        }
    }
}

#[component]
fn FollowerRow(follower: ReadSignal<FollowerView>) -> Element {
    let surface = use_context::<Surface>();
    let (places, notices) = (use_context::<Places>(), use_context::<Notices>());
    let mut dropping = use_signal(|| false);
    let view = follower.read();
    let (persona, of) = (view.persona, view.of);
    let name = shown_name(view.name.as_deref().unwrap_or_default());
    let args = [("name", name.as_str().into())];
    rsx! {
        li { class: "row", "data-testid": "follower-row",
            button { class: "byline-person grow", onclick: move |_| places.go(Route::Person(persona)),
                Avatar { person: persona, name: name.clone(), picture: view.picture }
                span { class: "row-text",
                    bdi { class: "name", dir: "auto", "{name}" }
                    if view.mutual {
                        span { class: "muted", "data-testid": "follower-mutual", {t("followers-mutual")} }
                    }
                }
            }
            button {
                class: "button button-quiet",
                aria_label: t_args("followers-drop-label", &args),
                "data-testid": "follower-drop",
                onclick: move |_| dropping.set(true),
                {t("followers-drop")}
            }
            Ask {
                asking: dropping,
                title: t_args("followers-drop-title", &args),
                does: t("followers-drop-does"),
                yes: t("followers-drop"),
                testid: "follower-drop-confirm",
                danger: false,
                on_yes: move |()| {
                    let node = surface.node.clone();
                    act(notices, async move { node.drop_follower(Some(of), persona).await });
                },
            }
        }
    }
}

/// A choice for who is about to follow: that whom they follow hears of it.
#[component]
pub(crate) fn TellSwitch(told: bool, on_change: EventHandler<bool>) -> Element {
    rsx! {
        label { class: "switch-row",
            input {
                r#type: "checkbox",
                role: "switch",
                checked: told,
                "data-testid": "follow-tell",
                onchange: move |event| on_change.call(event.checked()),
            }
            span { {t("follow-tell")} }
        }
    }
}

/// On somebody's profile: what their notice said.
#[component]
pub(crate) fn FollowsYou(profile: ReadSignal<ProfileView>) -> Element {
    let me = use_context::<Me>().id();
    let view = profile.read();
    if !me.is_some_and(|me| view.follows.contains(&me)) {
        return rsx! {};
    }
    let mutual = me.is_some_and(|me| view.followed_by.contains(&me));
    rsx! {
        p { class: "flag", "data-testid": "follows-you",
            Icon { shape: if mutual { Shape::People } else { Shape::Person } }
            if mutual { {t("followers-mutual")} } else { {t("follows-you")} }
        }
    }
}

/// Follows, and tells them where that is wished; or no longer.
#[component]
pub(crate) fn FollowButton(profile: ReadSignal<ProfileView>, tell: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let person = profile.read().persona;
    let followed = !profile.read().followed_by.is_empty();
    let toggle = move |_| {
        let (node, tell) = (surface.node.clone(), *tell.peek());
        act(notices, async move {
            if followed {
                return node.unfollow(None, person).await.map(drop);
            }
            node.follow(None, &person.to_string()).await?;
            node.tell_follow(None, person, tell).await
        });
    };
    rsx! {
        button {
            class: if followed { "button button-quiet" } else { "button button-primary" },
            aria_pressed: followed,
            "data-testid": "follow-toggle",
            onclick: toggle,
            if followed { {t("unfollow")} } else { {t("follow")} }
        }
    }
}

/// Whether they are told: before one follows a wish, from then on what the store says.
#[component]
pub(crate) fn TellPart(profile: ReadSignal<ProfileView>, tell: Signal<bool>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let me = use_context::<Me>().id();
    let view = profile.read();
    let person = view.persona;
    let followed = me.is_some_and(|me| view.followed_by.contains(&me));
    let told = if followed { me.is_some_and(|me| view.told.contains(&me)) } else { tell() };
    rsx! {
        TellSwitch {
            told,
            on_change: move |wish: bool| {
                tell.set(wish);
                if followed {
                    let node = surface.node.clone();
                    act(notices, async move { node.tell_follow(None, person, wish).await });
                }
            },
        }
    }
}
