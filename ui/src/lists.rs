//! The user's own feeds: lists of people, and hashtags that they follow.

use dioxus::prelude::*;
use kith_node::FeedOf;
use kith_node::id::{ListId, PersonaId};
use kith_node::limits::{NAME_CHARS, TAG_CHARS};
use kith_node::view::{FollowView, ListMember, ListView};

use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::feed::{Feed, Tab};
use crate::icon::{Icon, Shape};
use crate::line::{AddLine, adding};
use crate::nav::BackButton;
use crate::notice::{Notices, act};
use crate::opener::Opener;
use crate::post::shown_name;
use crate::posts::Posts;
use crate::published::PublishList;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// Setting: `on` where posts with followed hashtags stand in the home feed.
const TAGS_AT_HOME: &str = "feed.tags_at_home";

#[component]
pub(crate) fn ListsScreen() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let node = surface.node.clone();
    let lists = use_resource(move || {
        let node = node.clone();
        let _again = ((pulse.follows)(), (pulse.posts)());
        async move { node.lists().await.map_err(|error| Failure::of(&error)) }
    });
    let lists = lists.read();
    rsx! {
        header { class: "pane-header",
            BackButton {}
            h1 { {t("lists-title")} }
        }
        div { class: "scroll",
            div { class: "column",
                NewList {}
                match lists.as_ref() {
                    None => rsx! {},
                    Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                    Some(Ok(lists)) if lists.is_empty() => rsx! {
                        p { class: "quiet-line", "data-testid": "lists-empty", {t("lists-empty")} }
                    },
                    Some(Ok(lists)) => rsx! {
                        for list in lists {
                            ListCard { key: "{list.id}", list: list.clone() }
                        }
                    },
                }
                TagsCard {}
            }
        }
    }
}

#[component]
fn NewList() -> Element {
    let surface = use_context::<Surface>();
    rsx! {
        section { class: "card", aria_label: t("lists-new"),
            h2 { {t("lists-new")} }
            p { class: "muted", {t("lists-told")} }
            AddLine {
                label: t("lists-name"),
                yes: t("lists-make"),
                testid: "list-name",
                go: "list-name-add",
                limit: NAME_CHARS,
                on_add: move |name: String| {
                    let node = surface.node.clone();
                    adding(async move { node.create_list(&name).await })
                },
            }
        }
    }
}

#[component]
fn ListCard(list: ReadSignal<ListView>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let notices = use_context::<Notices>();
    let (feed, posts, places) = (use_context::<Feed>(), use_context::<Posts>(), use_context::<Places>());
    let id = list.peek().id;
    let open = use_signal(|| list.peek().members == 0);
    let node = surface.node.clone();
    let people = use_resource(move || {
        let node = node.clone();
        let (_again, open) = ((pulse.follows)(), open());
        async move {
            if !open {
                return Ok::<_, Failure>((Vec::new(), Vec::new()));
            }
            let members = node.list_members(id).await.map_err(|error| Failure::of(&error))?;
            let follows = node.follows(None).await.map_err(|error| Failure::of(&error))?;
            Ok((members, follows))
        }
    });
    let view = list.read();
    let delete = {
        let surface = surface.clone();
        move |_| {
            let surface = surface.clone();
            if *feed.tab.peek() == Tab::Of(FeedOf::List(id)) {
                let surface = surface.clone();
                spawn(async move { feed.switch(&surface, posts, Tab::HOME).await });
            }
            act(notices, async move { surface.node.delete_list(id).await });
        }
    };
    let read = {
        let surface = surface.clone();
        move |_| {
            let surface = surface.clone();
            places.go(Route::Home);
            crate::notice::spawn_in_app(async move { feed.switch(&surface, posts, Tab::Of(FeedOf::List(id))).await });
        }
    };
    let people = people.read();
    rsx! {
        section { class: "card", aria_label: view.name.clone(), "data-testid": "list",
            div { class: "form-row",
                h2 { class: "grow", bdi { dir: "auto", "{view.name}" } }
                span { class: "muted", {t_args("lists-members", &[("count", view.members.into())])} }
            }
            div { class: "form-row",
                button { class: "button button-quiet", "data-testid": "list-read", onclick: read, {t("lists-read")} }
                Opener { open, testid: "list-open", if open() { {t("lists-hide-people")} } else { {t("lists-show-people")} } }
                button { class: "button button-quiet", "data-testid": "list-delete", onclick: delete, {t("lists-delete")} }
            }
            if view.members > 0 || view.published.is_some() {
                PublishList { list: id, name: view.name.clone(), published: view.published, nobody: view.members == 0 }
            }
            if open() {
                match people.as_ref() {
                    None => rsx! {},
                    Some(Err(failure)) => rsx! { p { class: "failure", role: "alert", "{failure}" } },
                    Some(Ok((members, follows))) => rsx! { Members { list: id, members: members.clone(), follows: follows.clone() } },
                }
            }
        }
    }
}

/// Those in a list, and those who are followed and not in it.
#[component]
fn Members(list: ListId, members: Vec<ListMember>, follows: Vec<FollowView>) -> Element {
    let outside: Vec<(PersonaId, String)> = {
        let mut all: Vec<_> = follows
            .iter()
            .filter(|follow| members.iter().all(|member| member.persona != follow.persona))
            .map(|follow| (follow.persona, shown_name(follow.name.as_deref().unwrap_or_default())))
            .collect();
        all.dedup_by_key(|(persona, _)| *persona);
        all
    };
    rsx! {
        if members.is_empty() && outside.is_empty() {
            p { class: "quiet-line", {t("lists-nobody-followed")} }
        }
        ul { class: "rows",
            for member in members.iter().cloned() {
                Member { key: "{member.persona}", list, persona: member.persona, name: shown_name(&member.name), picture: member.picture, inside: true }
            }
            for (persona , name) in outside {
                Member { key: "{persona}", list, persona, name, picture: None, inside: false }
            }
        }
    }
}

#[component]
fn Member(
    list: ListId,
    persona: PersonaId,
    name: String,
    picture: Option<kith_node::id::BlobHash>,
    inside: bool,
) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    rsx! {
        li {
            label { class: "row",
                Avatar { person: persona, name: name.clone(), picture }
                span { class: "row-text grow", bdi { class: "name", dir: "auto", "{name}" } }
                span { class: "switch-row",
                    input {
                        r#type: "checkbox",
                        checked: inside,
                        "data-testid": "list-member",
                        onchange: move |event| {
                            let (node, put) = (surface.node.clone(), event.checked());
                            act(notices, async move {
                                if put { node.add_to_list(list, persona).await } else { node.remove_from_list(list, persona).await }
                            });
                        },
                    }
                }
            }
        }
    }
}

#[component]
fn TagsCard() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let notices = use_context::<Notices>();
    let (feed, posts) = (use_context::<Feed>(), use_context::<Posts>());
    let node = surface.node.clone();
    let state = use_resource(move || {
        let node = node.clone();
        let _again = ((pulse.follows)(), (pulse.settings)());
        async move {
            let at_home = node.setting(TAGS_AT_HOME).await.ok().flatten().as_deref() == Some("on");
            (node.followed_tags().await.unwrap_or_default(), at_home)
        }
    });
    let state = state.read();
    let (tags, at_home) = state.clone().unwrap_or_default();
    let add = {
        let surface = surface.clone();
        move |tag: String| {
            let node = surface.node.clone();
            adding(async move { node.follow_tag(&tag).await })
        }
    };
    rsx! {
        section { class: "card", aria_label: t("tags-title"),
            h2 { {t("tags-title")} }
            p { class: "muted", {t("tags-told")} }
            AddLine { label: t("tags-name"), yes: t("follow"), testid: "tag-name", go: "tag-name-add", limit: TAG_CHARS + 1, on_add: add }
            if !tags.is_empty() {
                ul { class: "rows",
                    for tag in tags {
                        TagRow { key: "{tag}", tag: tag.clone() }
                    }
                }
            }
            label { class: "switch-row",
                input {
                    r#type: "checkbox",
                    role: "switch",
                    checked: at_home,
                    "data-testid": "tags-at-home",
                    onchange: move |event| {
                        let value = if event.checked() { "on" } else { "off" };
                        let surface = surface.clone();
                        act(notices, async move {
                            surface.node.set_setting(TAGS_AT_HOME, value).await?;
                            if *feed.tab.peek() == Tab::HOME {
                                feed.to_newest(&surface, posts).await;
                            }
                            Ok(())
                        });
                    },
                }
                span { {t("tags-at-home")} }
            }
        }
    }
}

#[component]
fn TagRow(tag: ReadSignal<String>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let name = tag();
    rsx! {
        li { class: "row",
            span { class: "row-text grow", bdi { class: "name", dir: "auto", "#{name}" } }
            button {
                class: "icon-button",
                aria_label: t_args("tags-unfollow", &[("tag", name.as_str().into())]),
                "data-testid": "tag-unfollow",
                onclick: move |_| {
                    let (node, tag) = (surface.node.clone(), tag());
                    act(notices, async move { node.unfollow_tag(&tag).await });
                },
                Icon { shape: Shape::Close }
            }
        }
    }
}
