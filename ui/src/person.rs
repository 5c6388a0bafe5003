//! A profile: another's with follow and unfollow, the own with its name, bio and picture to edit.

use dioxus::prelude::*;
use kith_node::id::{EntryId, PersonaId};
use kith_node::limits::{BIO_CHARS, NAME_CHARS};
use kith_node::view::ProfileView;
use kith_node::{Looked, ProfileEdit, Staged};

use crate::avatar::Avatar;
use crate::choice::Choices;
use crate::circles::InCircles;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::followers::{FollowButton, FollowsYou, TellPart};
use crate::icon::{Icon, Shape};
use crate::keyboard::typing;
use crate::markup::Markup;
use crate::menu::{BlockQuestion, MuteQuestion, Muting};
use crate::messages::Chats;
use crate::nav::BackButton;
use crate::network::Connection;
use crate::note::NotePart;
use crate::notice::{Notices, act};
use crate::notifications::use_look;
use crate::picture::PictureInput;
use crate::post::{Now, shown_name};
use crate::report::ReportQuestion;
use crate::route::{Places, Route};
use crate::skeleton::{ProfileSkeleton, Trouble};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::switch::PersonaSwitch;
use crate::time;
use crate::verify::VerifyLine;
use crate::written::Written;

/// People who are named; the others are counted.
const NAMED: usize = 3;

#[component]
pub(crate) fn PersonScreen(id: ReadSignal<PersonaId>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    use_look(move || Some(Looked::Person(id())));
    let node = surface.node.clone();
    let mut profiles = use_resource(move || {
        let node = node.clone();
        let (id, _again) = (id(), ((pulse.profiles)(), (pulse.follows)(), (pulse.posts)()));
        async move { node.profile(id).await.map_err(|error| Failure::of(&error)) }
    });
    let profile = profiles.read();
    rsx! {
        header { class: "pane-header",
            BackButton {}
            h1 { {t("person-title")} }
        }
        for shown in [id()] {
            div { key: "{shown}", class: "scroll",
                div { class: "column",
                    match profile.as_ref() {
                        Some(Ok(profile)) if profile.persona == id() => rsx! {
                            ProfileHead { profile: profile.clone() }
                            Written { author: profile.persona, own: profile.own, waiting: !profile.own && profile.synced_ms.is_none() }
                        },
                        Some(Err(failure)) => rsx! { Trouble { failure: failure.clone(), on_again: move |()| profiles.restart() } },
                        _ => rsx! { ProfileSkeleton {} },
                    }
                }
            }
        }
    }
}

#[component]
fn ProfileHead(profile: ReadSignal<ProfileView>) -> Element {
    let mut editing = use_signal(|| false);
    let tell = use_signal(|| false);
    let places = use_context::<Places>();
    let view = profile.read();
    let name = shown_name(&view.name);
    rsx! {
        section { class: "profile", aria_label: name.clone(), "data-testid": "profile",
            if editing() {
                ProfileForm { profile: view.clone(), on_close: move |()| editing.set(false) }
            } else {
                Avatar { person: view.persona, name: name.clone(), picture: view.picture_thumb.or(view.picture), large: true }
                h2 { class: "profile-name", "data-testid": "profile-name", bdi { dir: "auto", "{name}" } }
                if !view.bio.is_empty() {
                    div { class: "profile-bio", Markup { text: view.bio.clone() } }
                }
                if view.own {
                    div { class: "narrow-only", PersonaSwitch {} }
                    p { class: "muted", {t_args("person-posts", &[("count", view.posts.into())])} }
                    div { class: "form-row",
                        button { class: "button button-quiet narrow-only", "data-testid": "profile-settings", onclick: move |_| places.go(Route::Settings),
                            Icon { shape: Shape::Settings }
                            {t("settings-title")}
                        }
                        button { class: "button button-quiet", "data-testid": "profile-edit", onclick: move |_| editing.set(true), {t("person-edit")} }
                    }
                } else {
                    FollowsYou { profile: view.clone() }
                    Freshness { synced_ms: view.synced_ms, posts: view.posts }
                    Near { person: view.persona }
                    div { class: "form-row",
                        FollowButton { profile: view.clone(), tell }
                        MessageButton { person: view.persona, name: name.clone() }
                        KeepOut { person: view.persona, name: name.clone() }
                    }
                    TellPart { profile: view.clone(), tell }
                    VerifyLine { person: view.persona }
                    InCircles { person: view.persona }
                    InLists { person: view.persona }
                    NotePart { person: view.persona }
                }
            }
        }
    }
}

/// Mute and block, and what takes them back.
#[component]
fn KeepOut(person: ReadSignal<PersonaId>, name: String) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let notices = use_context::<Notices>();
    let (mut muting, mut blocking, mut hiding) = (use_signal(|| false), use_signal(|| false), use_signal(|| false));
    let mut reporting = use_signal(|| false);
    let node = surface.node.clone();
    let state = use_resource(move || {
        let node = node.clone();
        let (person, _again) = (person(), (pulse.settings)());
        async move {
            let reposts = node.are_reposts_muted(person).await.unwrap_or_default();
            (node.is_muted(person).await.unwrap_or_default(), reposts)
        }
    });
    let ((muted, blocked), reposts) = state().unwrap_or_default();
    let node = surface.node.clone();
    let mute = move |_| {
        if muted {
            let node = node.clone();
            act(notices, async move { node.unmute(person()).await });
        } else {
            muting.set(true);
        }
    };
    let node = surface.node.clone();
    let hide = move |_| {
        if reposts {
            let node = node.clone();
            act(notices, async move { node.unmute_reposts(person()).await });
        } else {
            hiding.set(true);
        }
    };
    let node = surface.node.clone();
    let block = move |_| {
        if blocked {
            let node = node.clone();
            act(notices, async move { node.unblock(person()).await });
        } else {
            blocking.set(true);
        }
    };
    rsx! {
        button { class: "button button-quiet", aria_pressed: muted, "data-testid": "person-mute", onclick: mute,
            Icon { shape: Shape::Mute }
            if muted { {t("unmute")} } else { {t("mute-yes")} }
        }
        button { class: "button button-quiet", aria_pressed: reposts, "data-testid": "person-reposts", onclick: hide,
            Icon { shape: Shape::Repost }
            if reposts { {t("reposts-show")} } else { {t("reposts-hide")} }
        }
        button { class: "button button-quiet", aria_pressed: blocked, "data-testid": "person-block", onclick: block,
            Icon { shape: Shape::Block }
            if blocked { {t("unblock")} } else { {t("block-yes")} }
        }
        button { class: "button button-quiet", "data-testid": "person-report", onclick: move |_| reporting.set(true),
            Icon { shape: Shape::Warning }
            {t("report")}
        }
        if blocked {
            p { class: "hint wide", "data-testid": "person-blocked", {t("person-blocked")} }
        }
        MuteQuestion { what: Muting::Person { persona: person(), name: name.clone() }, asking: muting }
        MuteQuestion { what: Muting::Reposts { persona: person(), name: name.clone() }, asking: hiding }
        BlockQuestion { person: person(), name, asking: blocking }
        ReportQuestion { about: EntryId::from_bytes(person().to_bytes()), asking: reporting, blocking }
    }
}

/// In which of the user's lists they stand.
#[component]
fn InLists(person: ReadSignal<PersonaId>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let notices = use_context::<Notices>();
    let node = surface.node.clone();
    let lists = use_resource(move || {
        let node = node.clone();
        let (person, _again) = (person(), (pulse.follows)());
        async move { (node.lists().await.unwrap_or_default(), node.lists_with(person).await.unwrap_or_default()) }
    });
    let lists = lists.read();
    let Some((lists, with)) = lists.as_ref().filter(|(lists, _)| !lists.is_empty()) else { return rsx! {} };
    rsx! {
        Choices { label: t("person-lists"),
            for list in lists {
                label { key: "{list.id}", class: "choice-option",
                    input {
                        r#type: "checkbox",
                        checked: with.contains(&list.id),
                        "data-testid": "person-list",
                        onchange: {
                            let (surface, list) = (surface.clone(), list.id);
                            move |event: FormEvent| {
                                let (node, put) = (surface.node.clone(), event.checked());
                                act(notices, async move {
                                    if put { node.add_to_list(list, person()).await } else { node.remove_from_list(list, person()).await }
                                });
                            }
                        },
                    }
                    bdi { dir: "auto", "{list.name}" }
                }
            }
        }
    }
}

/// Whether and when their posts came.
#[component]
fn Freshness(synced_ms: Option<u64>, posts: u64) -> Element {
    let now = use_context::<Now>();
    let connection = use_context::<Connection>();
    let Some(synced_ms) = synced_ms else {
        if posts > 0 {
            // Nobody is asked for all that a stranger wrote: some came with reposts, searches or comments.
            return rsx! {
                p { class: "muted", "data-testid": "some-posts", {t_args("person-some-posts", &[("count", posts.into())])} }
            };
        }
        return rsx! {
            p { class: "flag", role: "status", "data-testid": "waiting-for-device", {t("person-waiting")} }
        };
    };
    rsx! {
        p { class: "muted", title: time::absolute(synced_ms),
            {t_args("person-posts", &[("count", posts.into())])}
            " · "
            {time::as_of((now.0)(), synced_ms, connection.alive())}
        }
    }
}

/// Those whom the user follows and who reposted or commented on what they wrote.
#[component]
fn Near(person: ReadSignal<PersonaId>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let places = use_context::<Places>();
    let near = use_resource(move || {
        let node = surface.node.clone();
        let (person, _again) = (person(), ((pulse.posts)(), (pulse.follows)()));
        async move { node.near(person).await.unwrap_or_default() }
    });
    let near = near.read();
    let Some(near) = near.as_ref().filter(|near| !near.is_empty()) else { return rsx! {} };
    let others = near.len().saturating_sub(NAMED);
    rsx! {
        div { class: "near", "data-testid": "person-near",
            span { class: "muted", {t("person-near")} }
            for who in near.iter().take(NAMED) {
                button { key: "{who.persona}", class: "chip", onclick: { let id = who.persona; move |_| places.go(Route::Person(id)) },
                    Avatar { person: who.persona, name: shown_name(&who.name), picture: who.picture }
                    bdi { dir: "auto", {shown_name(&who.name)} }
                }
            }
            if others > 0 {
                span { class: "muted", {t_args("person-near-others", &[("count", others.into())])} }
            }
        }
    }
}

/// Opens the conversation with them; the first message makes it.
#[component]
fn MessageButton(person: PersonaId, name: String) -> Element {
    let (chats, places) = (use_context::<Chats>(), use_context::<Places>());
    rsx! {
        button {
            class: "button button-quiet",
            "data-testid": "person-message",
            onclick: move |_| chats.write(places, Some((person, name.clone()))),
            Icon { shape: Shape::Message }
            {t("person-message")}
        }
    }
}

#[component]
pub(crate) fn ProfileForm(profile: ProfileView, on_close: EventHandler<()>) -> Element {
    let surface = use_context::<Surface>();
    let (old_name, old_bio) = (profile.name.clone(), profile.bio.clone());
    let mut name = use_signal(|| old_name);
    let mut bio = use_signal(|| old_bio);
    let mut listed = use_signal(|| profile.listed);
    let mut picture = use_signal(|| None::<Option<Staged>>);
    let mut failed = use_signal(|| None::<Failure>);
    let name_length = name.read().trim().chars().count();
    let blocked = name_length == 0 || name_length > NAME_CHARS || bio.read().chars().count() > BIO_CHARS;
    let shown = match picture.read().as_ref() {
        None => profile.picture_thumb.or(profile.picture),
        Some(chosen) => chosen.as_ref().map(|staged| staged.thumb.unwrap_or(staged.hash)),
    };
    let save = {
        let (node, profile) = (surface.node.clone(), profile.clone());
        move |_| {
            let changed = |new: &str, old: &str| Some(new.trim().to_owned()).filter(|new| new != old);
            let edit = ProfileEdit {
                name: changed(&name.peek(), &profile.name),
                bio: changed(&bio.peek(), &profile.bio),
                picture: picture.peek().as_ref().map(|chosen| chosen.as_ref().map(|staged| staged.hash)),
                listed: Some(*listed.peek()).filter(|now| *now != profile.listed),
            };
            let (node, persona) = (node.clone(), profile.persona);
            spawn(async move {
                match node.edit_profile(Some(persona), edit).await {
                    Ok(_) => on_close.call(()),
                    Err(error) => failed.set(Some(Failure::of(&error))),
                }
            });
        }
    };
    rsx! {
        div { class: "form",
            div { class: "form-row",
                Avatar { person: profile.persona, name: name.read().clone(), picture: shown, large: true }
                PictureInput {
                    label: t("profile-picture"),
                    testid: "profile-picture",
                    on_staged: move |answer: Result<Staged, Failure>| match answer {
                        Ok(staged) => {
                            failed.set(None);
                            picture.set(Some(Some(staged)));
                        }
                        Err(failure) => failed.set(Some(failure)),
                    },
                    {t("profile-picture-choose")}
                }
                if shown.is_some() {
                    button { class: "button button-quiet", onclick: move |_| picture.set(Some(None)), {t("profile-picture-remove")} }
                }
            }
            label { class: "form-field",
                span { {t("profile-name")} }
                input {
                    class: "field",
                    r#type: "text",
                    initial_value: profile.name.clone(),
                    dir: "auto",
                    autocomplete: "off",
                    "data-testid": "profile-name-input",
                    onkeydown: move |event| typing(&event),
                    oninput: move |event| name.set(event.value()),
                }
            }
            label { class: "form-field",
                span { {t("profile-bio")} }
                textarea {
                    class: "field",
                    rows: "4",
                    initial_value: profile.bio.clone(),
                    dir: "auto",
                    "data-testid": "profile-bio-input",
                    onkeydown: move |event| typing(&event),
                    oninput: move |event| bio.set(event.value()),
                }
            }
            label { class: "switch-row",
                input {
                    r#type: "checkbox",
                    role: "switch",
                    checked: listed(),
                    "data-testid": "profile-listed",
                    onchange: move |event| listed.set(event.checked()),
                }
                span { {t("profile-listed")} }
            }
            p { class: "hint", {t("profile-listed-told")} }
            p { class: "hint", {t("profile-public")} }
            if name_length > NAME_CHARS {
                p { class: "failure", role: "alert", {t_args("name-too-long", &[("limit", NAME_CHARS.into())])} }
            }
            if let Some(failure) = failed.read().as_ref() {
                p { class: "failure", role: "alert", "{failure}" }
            }
            div { class: "dialog-buttons",
                button { class: "button button-quiet", onclick: move |_| on_close.call(()), {t("cancel")} }
                button { class: "button button-primary", "data-testid": "profile-save", disabled: blocked, onclick: save, {t("save")} }
            }
        }
    }
}
