//! Lists of people that somebody publishes: as a card in their post, and as suggestions of whom to follow.

use std::collections::HashSet;

use dioxus::prelude::*;
use kith_node::Node;
use kith_node::id::{EntryId, ListId, PersonaId};
use kith_node::limits::TEXT_CHARS;
use kith_node::view::{ListMember, SuggestionView};

use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::line::{AddLine, Adding};
use crate::me::Me;
use crate::menu::Ask;
use crate::notice::{Notices, act};
use crate::opener::Opener;
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// Suggested at once.
const SUGGESTED: usize = 8;

/// Follows all of these, as the default persona.
async fn follow_all(node: Node, people: Vec<PersonaId>) -> kith_node::Result<()> {
    let mut first = Ok(());
    for person in people {
        // One who can't be keeps nobody else back.
        first = first.and(node.follow(None, &person.to_string()).await.map(drop));
    }
    first
}

/// Whom a post lists: some faces in a feed, everybody on the post's own page.
#[component]
pub(crate) fn PublishedList(post: EntryId, people: ReadSignal<Vec<ListMember>>, count: u64, full: bool) -> Element {
    if full {
        return rsx! { Everybody { people } };
    }
    let places = use_context::<Places>();
    let people = people.read();
    let mut known: Vec<&ListMember> = people.iter().filter(|person| !person.name.is_empty()).collect();
    // Faces that the reader knows by their picture stand first.
    known.sort_by_key(|person| person.picture.is_none());
    let names: Vec<_> = known.iter().take(3).map(|person| person.name.clone()).collect();
    rsx! {
        button { class: "card card-button people-card", "data-testid": "published", onclick: move |_| places.go(Route::Post(post)),
            strong { {t_args("published-people", &[("count", count.into())])} }
            span { class: "people-faces", "aria-hidden": "true",
                for person in known.iter() {
                    Avatar { key: "{person.persona}", person: person.persona, name: person.name.clone(), picture: person.picture }
                }
            }
            for (place , name) in names.into_iter().enumerate() {
                span { key: "{place}", bdi { dir: "auto", "{name}" } }
            }
        }
    }
}

#[component]
fn Everybody(people: ReadSignal<Vec<ListMember>>) -> Element {
    let surface = use_context::<Surface>();
    let (pulse, notices, me) = (use_context::<Pulse>(), use_context::<Notices>(), use_context::<Me>());
    let mut asking = use_signal(|| false);
    let node = surface.node.clone();
    // What is followed changes while one looks.
    let followed = use_resource(move || {
        let node = node.clone();
        let _again = (pulse.follows)();
        async move {
            let follows = node.follows(None).await.unwrap_or_default();
            follows.into_iter().map(|follow| follow.persona).collect::<HashSet<_>>()
        }
    });
    let followed = followed.read();
    let is_new = |person: PersonaId| {
        me.persona(person).is_none() && followed.as_ref().is_some_and(|followed| !followed.contains(&person))
    };
    let people = people.read();
    let new: Vec<_> = people.iter().map(|person| person.persona).filter(|person| is_new(*person)).collect();
    let count = new.len();
    rsx! {
        section { class: "card", aria_label: t_args("published-people", &[("count", people.len().into())]), "data-testid": "published",
            div { class: "form-row",
                h2 { class: "grow", {t_args("published-people", &[("count", people.len().into())])} }
                if count > 1 {
                    button { class: "button button-quiet", "data-testid": "published-follow-all", onclick: move |_| asking.set(true),
                        {t("published-follow-all")}
                    }
                }
            }
            ul { class: "rows",
                for person in people.iter() {
                    li { key: "{person.persona}", class: "row", "data-testid": "published-row",
                        Face { person: person.persona, name: person.name.clone(), picture: person.picture }
                        if is_new(person.persona) {
                            FollowThem { person: person.persona, name: person.name.clone() }
                        } else if followed.is_some() {
                            span { class: "flag", "data-testid": "published-followed",
                                if me.persona(person.persona).is_some() { {t("published-you")} } else { {t("published-followed")} }
                            }
                        }
                    }
                }
            }
            p { class: "hint", {t("published-told")} }
            Ask {
                asking,
                title: t_args("published-follow-all-title", &[("count", count.into())]),
                does: t("published-follow-all-does"),
                yes: t("published-follow-all"),
                testid: "published-follow-all-confirm",
                danger: false,
                on_yes: move |()| act(notices, follow_all(surface.node.clone(), new.clone())),
            }
        }
    }
}

/// Who it is; leads to their page.
#[component]
fn Face(person: PersonaId, name: String, picture: Option<kith_node::id::BlobHash>, children: Element) -> Element {
    let places = use_context::<Places>();
    let name = shown_name(&name);
    rsx! {
        button { class: "byline-person grow", onclick: move |_| places.go(Route::Person(person)),
            Avatar { person, name: name.clone(), picture }
            span { class: "row-text",
                bdi { class: "name", dir: "auto", "{name}" }
                {children}
            }
        }
    }
}

#[component]
fn FollowThem(person: PersonaId, name: String) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let name = shown_name(&name);
    rsx! {
        button {
            class: "button button-quiet",
            aria_label: t_args("suggested-follow", &[("name", name.into())]),
            "data-testid": "suggested-follow",
            onclick: move |_| {
                let node = surface.node.clone();
                act(notices, async move { node.follow(None, &person.to_string()).await });
            },
            {t("follow")}
        }
    }
}

/// Whom lists of followed people name. Nothing where they name nobody new.
#[component]
pub(crate) fn Suggestions() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let node = surface.node.clone();
    let suggested = use_resource(move || {
        let node = node.clone();
        let _again = ((pulse.follows)(), (pulse.posts)());
        async move { node.suggestions(SUGGESTED).await.unwrap_or_default() }
    });
    let suggested = suggested.read();
    let Some(suggested) = suggested.as_ref().filter(|suggested| !suggested.is_empty()) else { return rsx! {} };
    rsx! {
        section { aria_label: t("suggested-title"), "data-testid": "suggested",
            h2 { class: "section-title", {t("suggested-title")} }
            ul { class: "rows",
                for suggestion in suggested {
                    Suggestion { key: "{suggestion.persona}", suggestion: suggestion.clone() }
                }
            }
        }
    }
}

#[component]
fn Suggestion(suggestion: ReadSignal<SuggestionView>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let view = suggestion.read();
    let person = view.persona;
    let args = [
        ("by", shown_name(&view.list.name).into()),
        ("title", view.list.text.as_str().into()),
        ("count", view.listed_by.into()),
    ];
    let dropped = t_args("suggested-drop-label", &[("name", shown_name(&view.name).into())]);
    rsx! {
        li { class: "row row-wrap", "data-testid": "suggested-row",
            Face { person, name: view.name.clone(), picture: view.picture,
                bdi { class: "muted", dir: "auto", {t_args("suggested-by", &args)} }
            }
            FollowThem { person, name: view.name.clone() }
            button {
                class: "button button-quiet",
                aria_label: dropped,
                "data-testid": "suggested-drop",
                onclick: move |_| {
                    let node = surface.node.clone();
                    act(notices, async move { node.pass_over(person, false).await });
                },
                {t("suggested-drop")}
            }
        }
    }
}

/// The ways to publish a list, to publish it anew and to withdraw it, in its card.
#[component]
pub(crate) fn PublishList(
    list: ListId,
    name: String,
    #[props(!optional)] published: Option<EntryId>,
    nobody: bool,
) -> Element {
    let surface = use_context::<Surface>();
    let places = use_context::<Places>();
    let notices = use_context::<Notices>();
    let open = use_signal(|| false);
    let mut withdrawing = use_signal(|| false);
    let node = surface.node.clone();
    let publish = move |text: String| -> Adding {
        let node = surface.node.clone();
        Box::pin(async move {
            let post = node.publish_list(list, None, Some(&text)).await.map_err(|error| Failure::of(&error))?;
            places.go(Route::Post(post));
            Ok(())
        })
    };
    rsx! {
        div { class: "form-row",
            if !nobody {
                Opener { open, testid: "list-publish",
                    if published.is_some() { {t("published-again")} } else { {t("published-publish")} }
                }
            }
            if let Some(post) = published {
                button { class: "button button-quiet", "data-testid": "list-published", onclick: move |_| places.go(Route::Post(post)),
                    {t("published-look")}
                }
                button { class: "button button-quiet", "data-testid": "list-withdraw", onclick: move |_| withdrawing.set(true),
                    {t("published-withdraw")}
                }
            }
        }
        Ask {
            asking: withdrawing,
            title: t("published-withdraw-title"),
            does: t("published-withdraw-does"),
            yes: t("published-withdraw"),
            testid: "list-withdraw-confirm",
            on_yes: move |()| {
                let node = node.clone();
                act(notices, async move {
                    node.withdraw_list(list).await?;
                    notices.tell(t("published-withdrawn"));
                    Ok(())
                });
            },
        }
        if open() && !nobody {
            p { class: "hint", {t("published-publish-told")} }
            if published.is_some() {
                p { class: "warning", "data-testid": "list-replaces",
                    Icon { shape: Shape::Warning }
                    span { {t("published-replaces")} }
                }
            }
            AddLine {
                label: t("published-publish-text"),
                yes: t("published-publish-go"),
                testid: "list-publish-text",
                go: "list-publish-go",
                limit: TEXT_CHARS,
                value: name,
                focus: true,
                on_add: publish,
            }
        }
    }
}
