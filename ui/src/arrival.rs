//! A link that was opened elsewhere: it leads to its place, and does nothing by itself. An invite is shown first.

use std::sync::{Arc, Mutex, PoisonError};

use dioxus::prelude::*;
use kith_node::event::Event;
use kith_node::id::PersonaId;
use kith_node::{Target, target};

use crate::avatar::Avatar;
use crate::failure::Failure;
use crate::layer::{Dialog, use_layer};
use crate::notice::{Notices, act};
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// The link that a host was started with: an optional context. It is opened once.
#[derive(Clone, Debug, Default)]
pub struct FirstLink(Arc<Mutex<Option<String>>>);

impl FirstLink {
    pub fn new(link: Option<String>) -> Self {
        Self(Arc::new(Mutex::new(link)))
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// An invite that waits for an answer.
#[derive(Clone, PartialEq)]
struct Invited {
    link: String,
    persona: PersonaId,
    name: String,
}

/// Where links arrive.
#[derive(Clone, Copy)]
pub(crate) struct Arrival {
    invited: Signal<Option<Invited>>,
    open: Signal<bool>,
}

impl Arrival {
    pub(crate) fn new() -> Self {
        Self { invited: Signal::new(None), open: Signal::new(false) }
    }

    /// Goes where the link leads, or tells why it leads nowhere.
    fn go(mut self, link: &str, places: Places, notices: Notices) {
        match target(link) {
            Ok(Target::Post { post, .. }) => places.go(Route::Post(post)),
            Ok(Target::Person(persona)) => places.go(Route::Person(persona)),
            Ok(Target::Conversation(thread)) => places.go(Route::Chat(thread)),
            Ok(Target::Invite { link, persona, name }) => {
                self.invited.set(Some(Invited { link, persona, name }));
                self.open.set(true);
            }
            Err(error) => notices.fail(&Failure::of(&error)),
        }
    }
}

/// Opens the host's first link, and those that other starts hand over to the node.
pub(crate) async fn follow_links(
    home: Surface,
    first: Option<FirstLink>,
    arrival: Arrival,
    places: Places,
    notices: Notices,
) {
    let mut events = home.node.events();
    if let Some(link) = first.and_then(|first| first.take()) {
        arrival.go(&link, places, notices);
    }
    while let Some(event) = events.next().await {
        if let Event::Opened(link) = event
            && !link.is_empty()
        {
            arrival.go(&link, places, notices);
        }
    }
}

/// Asks before an invite is followed. Mounted once.
#[component]
pub(crate) fn Invitation() -> Element {
    let arrival = use_context::<Arrival>();
    let (surface, places, notices) = (use_context::<Surface>(), use_context::<Places>(), use_context::<Notices>());
    let mut open = arrival.open;
    use_layer(open);
    let Some(Invited { link, persona, name }) = arrival.invited.read().clone().filter(|_| open()) else {
        return rsx! {};
    };
    let name = shown_name(&name);
    let follow = {
        move |_| {
            let (node, link) = (surface.node.clone(), link.clone());
            open.set(false);
            places.go(Route::Person(persona));
            act(notices, async move { node.follow(None, &link).await });
        }
    };
    rsx! {
        Dialog { open, name: "invitation", title: t("arrival-invite"), focus_inside: true,
            div { class: "row",
                Avatar { person: persona, name: name.clone(), picture: None }
                span { class: "row-text",
                    bdi { class: "name", dir: "auto", "{name}" }
                }
            }
            p { {t_args("arrival-invite-says", &[("name", name.clone().into())])} }
            p { class: "hint", {t("arrival-invite-nothing")} }
            div { class: "actions",
                button { class: "button button-primary", "data-testid": "invitation-follow", onclick: follow, {t("follow")} }
                button {
                    class: "button button-quiet",
                    "data-testid": "invitation-later",
                    "data-autofocus": "true",
                    onmounted: crate::app::focus,
                    onclick: move |_| open.set(false),
                    {t("arrival-invite-later")}
                }
            }
        }
    }
}
