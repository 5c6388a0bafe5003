//! The bar (narrow), rail (medium) or labelled list (wide) that leads to the main places.

use dioxus::prelude::*;

use crate::feed::{Feed, Tab};
use crate::icon::{Icon, Mark, Shape};
use crate::me::Me;
use crate::messages::Chats;
use crate::network::NetworkLine;
use crate::notifications::{News, few};
use crate::posts::Posts;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::switch::PersonaSwitch;

#[component]
pub(crate) fn Nav() -> Element {
    let me = use_context::<Me>();
    let unread = use_context::<Chats>().unread();
    let messages = t_args("messages-unread", &[("count", unread.into())]);
    let told = use_context::<News>().unread();
    let notifications = t_args("messages-unread", &[("count", told.into())]);
    rsx! {
        nav { class: "nav", aria_label: t("nav-label"),
            div { class: "nav-brand",
                Mark {}
                span { "Kith" }
            }
            div { class: "wide-only nav-who", PersonaSwitch {} }
            NavItem { to: Route::Home, shape: Shape::Home, label: t("nav-home"), testid: "nav-home" }
            NavItem { to: Route::Search, shape: Shape::Search, label: t("nav-search"), testid: "nav-search" }
            NavItem { to: Route::Messages, shape: Shape::Message, label: t("nav-messages"), testid: "nav-messages", count: unread, spoken: messages }
            NavItem { to: Route::Notifications, shape: Shape::Bell, label: t("nav-notifications"), testid: "nav-notifications", count: told, spoken: notifications, badge: "nav-notified", wide_only: true }
            NavItem { to: Route::People, shape: Shape::People, label: t("nav-people"), testid: "nav-people" }
            if let Some(id) = me.id() {
                NavItem { to: Route::Person(id), shape: Shape::Person, label: t("nav-profile"), testid: "nav-profile" }
            }
            NavItem { to: Route::Settings, shape: Shape::Settings, label: t("nav-settings"), testid: "nav-settings", wide_only: true }
            span { class: "grow" }
            NetworkLine {}
        }
    }
}

#[component]
fn NavItem(
    to: Route,
    shape: Shape,
    label: String,
    testid: String,
    /// What waits there, and how that is said.
    #[props(default)]
    count: u64,
    #[props(default)] spoken: String,
    #[props(default = "nav-unread")] badge: &'static str,
    /// Where there is little room, it is reached from the own profile.
    #[props(default)]
    wide_only: bool,
) -> Element {
    let surface = use_context::<Surface>();
    let (places, feed, posts) = (use_context::<Places>(), use_context::<Feed>(), use_context::<Posts>());
    let here =
        places.current() == to || (places.current() != to && places.list() == to && !is_person(places.current()));
    rsx! {
        button {
            class: if wide_only { "nav-item wide-only" } else { "nav-item" },
            aria_current: if here { Some("page") } else { None },
            "data-testid": testid,
            onclick: move |_| {
                // Who is at home already wants the home feed, whichever tab is open.
                if to == Route::Home && places.current() == Route::Home && *feed.tab.peek() != Tab::HOME {
                    let surface = surface.clone();
                    crate::notice::spawn_in_app(async move { feed.switch(&surface, posts, Tab::HOME).await });
                }
                places.go(to);
            },
            Icon { shape }
            span { "{label}" }
            if count > 0 {
                span { class: "visually-hidden", "{spoken}" }
                span { class: "badge number", "aria-hidden": "true", "data-testid": badge, {few(count)} }
            }
        }
    }
}

fn is_person(route: Route) -> bool {
    matches!(route, Route::Person(_))
}

/// Where there is no room for it among the places, it stands in the head of the first.
#[component]
pub(crate) fn BellButton() -> Element {
    let places = use_context::<Places>();
    let told = use_context::<News>().unread();
    let label =
        if told > 0 { t_args("nav-notifications-unread", &[("count", told.into())]) } else { t("nav-notifications") };
    rsx! {
        button {
            class: "icon-button bell narrow-only",
            aria_label: label,
            title: t("nav-notifications"),
            "data-testid": "home-notifications",
            onclick: move |_| places.go(Route::Notifications),
            Icon { shape: Shape::Bell }
            if told > 0 {
                span { class: "badge number", "aria-hidden": "true", "data-testid": "home-notified", {few(told)} }
            }
        }
    }
}

#[component]
pub(crate) fn BackButton() -> Element {
    let places = use_context::<Places>();
    rsx! {
        button {
            class: "icon-button back",
            aria_label: t("back"),
            title: t("back"),
            "data-testid": "back",
            onclick: move |_| {
                if places.can_go_back() {
                    places.back();
                } else {
                    places.go(Route::Home);
                }
            },
            Icon { shape: Shape::Back }
        }
    }
}
