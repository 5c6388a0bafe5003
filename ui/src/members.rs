//! Who is in a circle or group, and how they stand there; those who can be let in; and what can be done with each.

use dioxus::prelude::*;
use kith_node::id::{CircleId, PersonaId};
use kith_node::limits::SEARCH_CHARS;
use kith_node::view::{CircleKind, CircleRole, CircleView, FollowView, MemberView, Membership};

use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::keyboard::typing;
use crate::menu::{Ask, More};
use crate::notice::{Notices, act};
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// Those who are followed and not in a circle, that are shown at a time: of more one types a name.
const CANDIDATES: usize = 20;

/// What the persona may change of a circle or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct May {
    /// All of it: it made it.
    pub(crate) own: bool,
    /// Let people in and take them out.
    pub(crate) people: bool,
}

impl May {
    pub(crate) fn of(circle: &CircleView) -> Self {
        let own = circle.owner == circle.persona;
        Self { own, people: own || circle.admins.contains(&circle.persona) }
    }
}

/// Who is in it as this own persona knows it; again whenever that may have changed.
pub(crate) fn use_members(by: PersonaId, circle: CircleId) -> Resource<Result<Vec<MemberView>, Failure>> {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    use_resource(move || {
        let node = surface.node.clone();
        let _again = ((pulse.follows)(), (pulse.profiles)());
        async move { node.circle_members(Some(by), circle).await.map_err(|error| Failure::of(&error)) }
    })
}

/// Those in it, and, for who may let people in, those who are followed and not in it, by what is typed.
#[component]
pub(crate) fn Members(circle: ReadSignal<CircleView>) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let mut text = use_signal(String::new);
    let view = circle.read();
    let group = view.kind == CircleKind::Group;
    let may = May::of(&view);
    let members = use_members(view.persona, view.id);
    let follows = use_resource(move || {
        let node = surface.node.clone();
        let _again = ((pulse.follows)(), (pulse.profiles)());
        async move { node.follows(None).await.map_err(|error| Failure::of(&error)) }
    });
    let (members, follows) = (members.read(), follows.read());
    let (members, follows) = match (members.as_ref(), follows.as_ref()) {
        (Some(Err(failure)), _) | (_, Some(Err(failure))) => {
            return rsx! { p { class: "failure", role: "alert", "{failure}" } };
        }
        (Some(Ok(members)), Some(Ok(follows))) => (members, follows),
        _ => return rsx! {},
    };
    let outside = if may.people { outside(members, follows, &text.read()) } else { Vec::new() };
    let shown = outside.len().min(CANDIDATES);
    let (inside, gone): (Vec<_>, Vec<_>) = members.iter().cloned().partition(|member| member.state != Membership::Out);
    rsx! {
        if inside.is_empty() && follows.is_empty() {
            p { class: "quiet-line", {t("lists-nobody-followed")} }
        }
        if !inside.is_empty() {
            ul { class: "rows", aria_label: t("circles-members"), "data-testid": "circle-members",
                for member in inside {
                    Inside { key: "{member.persona}", circle, member }
                }
            }
        }
        if may.people && !follows.is_empty() {
            input {
                class: "field",
                r#type: "text",
                role: "searchbox",
                placeholder: if group { t("groups-add-search") } else { t("circles-add-search") },
                aria_label: if group { t("groups-add-search") } else { t("circles-add-search") },
                maxlength: SEARCH_CHARS as i64,
                autocomplete: "off",
                dir: "auto",
                "data-testid": "circle-search",
                onkeydown: move |event| typing(&event),
                oninput: move |event| text.set(event.value()),
            }
        }
        if shown > 0 {
            ul { class: "rows", aria_label: t("circles-others"), "data-testid": "circle-others",
                for person in outside.iter().take(CANDIDATES).cloned() {
                    Outside { key: "{person.persona}", circle, person }
                }
            }
        }
        if outside.len() > shown {
            p { class: "hint", {t_args("circles-more", &[("count", (outside.len() - shown).into())])} }
        }
        if may.people && !gone.is_empty() {
            h3 { class: "sheet-title", {t("groups-gone")} }
            ul { class: "rows", aria_label: t("groups-gone"), "data-testid": "circle-gone",
                for person in gone {
                    Outside { key: "{person.persona}", circle, person }
                }
            }
        }
    }
}

/// Who is followed and never was in it, each once, and has a name with these letters.
fn outside(members: &[MemberView], follows: &[FollowView], typed: &str) -> Vec<MemberView> {
    let typed = typed.trim().to_lowercase();
    let mut found: Vec<MemberView> = Vec::new();
    for follow in follows {
        let known = |all: &[MemberView]| all.iter().any(|member| member.persona == follow.persona);
        let name = follow.name.clone().unwrap_or_default();
        if !known(members) && !known(&found) && name.to_lowercase().contains(&typed) {
            found.push(MemberView {
                persona: follow.persona,
                name,
                picture: follow.picture,
                own: false,
                followed: true,
                role: CircleRole::Member,
                state: Membership::Out,
            });
        }
    }
    found
}

/// How somebody stands in it, in words; nothing where there is nothing to say.
pub(crate) fn standing(member: &MemberView) -> Option<String> {
    match (member.state, member.role) {
        (Membership::Waiting, _) => Some(t("groups-waiting")),
        (Membership::Invited, CircleRole::Admin) => Some(t("groups-invited-admin")),
        (Membership::Invited, _) => Some(t("groups-invited")),
        (_, CircleRole::Owner) => Some(t("groups-owner")),
        (_, CircleRole::Admin) => Some(t("groups-admin")),
        _ => None,
    }
}

#[component]
fn Inside(circle: ReadSignal<CircleView>, member: MemberView) -> Element {
    let surface = use_context::<Surface>();
    let (places, notices) = (use_context::<Places>(), use_context::<Notices>());
    let (mut open, mut removing) = (use_signal(|| false), use_signal(|| false));
    let view = circle.read();
    let (id, me, group, may) = (view.id, view.persona, view.kind == CircleKind::Group, May::of(&view));
    let persona = member.persona;
    let name = if member.own { t("message-you") } else { shown_name(&member.name) };
    let told = standing(&member);
    let admin = member.role == CircleRole::Admin;
    // Who made a group decides on its admins.
    let out = may.people && !member.own && member.role != CircleRole::Owner && (may.own || !admin);
    let node = surface.node.clone();
    let make_admin = move |_| {
        open.set(false);
        let node = node.clone();
        act(notices, async move { node.set_group_admin(id, persona, !admin).await });
    };
    let args = [("name", name.as_str().into()), ("circle", view.name.as_str().into())];
    rsx! {
        li { class: "row", "data-testid": "circle-member",
            if member.own {
                Avatar { person: persona, name: name.clone(), picture: member.picture }
                span { class: "row-text grow",
                    span { class: "name", "{name}" }
                    if let Some(told) = told {
                        span { class: "muted", "data-testid": "member-state", "{told}" }
                    }
                }
            } else {
                button { class: "byline-person grow", onclick: move |_| places.go(Route::Person(persona)),
                    Avatar { person: persona, name: name.clone(), picture: member.picture }
                    span { class: "row-text",
                        bdi { class: "name", dir: "auto", "{name}" }
                        if let Some(told) = told {
                            span { class: "muted", "data-testid": "member-state", "{told}" }
                        }
                    }
                }
            }
            if out && group && may.own {
                More { open, testid: "member-menu", label: t_args("groups-member-menu", &[("name", name.as_str().into())]),
                    button {
                        role: "menuitem",
                        "data-autofocus": "true",
                        "data-testid": "member-admin",
                        onmounted: crate::app::focus,
                        onclick: make_admin,
                        Icon { shape: Shape::Shield }
                        if admin { {t("groups-admin-undo")} } else { {t("groups-admin-make")} }
                    }
                    button {
                        role: "menuitem",
                        class: "danger",
                        "data-testid": "circle-remove",
                        onclick: move |_| {
                            open.set(false);
                            removing.set(true);
                        },
                        Icon { shape: Shape::Leave }
                        {t("circles-remove")}
                    }
                }
            } else if out {
                button {
                    class: "button button-quiet",
                    aria_label: t_args("circles-remove-label", &[("name", name.as_str().into())]),
                    "data-testid": "circle-remove",
                    onclick: move |_| removing.set(true),
                    {t("circles-remove")}
                }
            }
            Ask {
                asking: removing,
                title: t_args("circles-remove-title", &args),
                does: if group { t_args("groups-remove-does", &args) } else { t_args("circles-remove-does", &args) },
                yes: t("circles-remove"),
                testid: "circle-remove-confirm",
                on_yes: move |()| {
                    let node = surface.node.clone();
                    act(notices, async move { node.remove_from_circle(Some(me), id, persona).await });
                },
                p { if group { {t("groups-remove-more")} } else { {t("circles-remove-more")} } }
            }
        }
    }
}

#[component]
fn Outside(circle: ReadSignal<CircleView>, person: MemberView) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let view = circle.read();
    let (id, me, group) = (view.id, view.persona, view.kind == CircleKind::Group);
    let (persona, name): (PersonaId, _) = (person.persona, shown_name(&person.name));
    let label = if group { "groups-add-label" } else { "circles-add-label" };
    rsx! {
        li { class: "row", "data-testid": "circle-other",
            Avatar { person: persona, name: name.clone(), picture: person.picture }
            bdi { class: "name grow", dir: "auto", "{name}" }
            button {
                class: "button button-quiet",
                aria_label: t_args(label, &[("name", name.as_str().into())]),
                "data-testid": "circle-add",
                onclick: move |_| {
                    let node = surface.node.clone();
                    act(notices, async move { node.add_to_circle(Some(me), id, persona).await });
                },
                Icon { shape: Shape::Add }
                if group { {t("groups-add")} } else { {t("circles-add")} }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn persona(number: u8) -> PersonaId {
        PersonaId::from_bytes([number; 32])
    }

    fn member(number: u8, role: CircleRole, state: Membership) -> MemberView {
        MemberView {
            persona: persona(number),
            name: "Bob".into(),
            picture: None,
            own: false,
            followed: true,
            role,
            state,
        }
    }

    #[test]
    fn who_can_be_let_in_is_followed_not_inside_and_found_by_name() {
        let follow = |number: u8, by: u8, name: &str| FollowView {
            persona: persona(number),
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            by: persona(by),
            picture: None,
            synced_ms: None,
            told: false,
            mutual: false,
            left: false,
        };
        let follows = [follow(1, 8, "Bob"), follow(2, 8, "Carol"), follow(2, 9, "Carol"), follow(3, 8, "")];
        let members = [member(1, CircleRole::Member, Membership::In)];
        let found = |typed: &str| -> Vec<PersonaId> {
            outside(&members, &follows, typed).iter().map(|member| member.persona).collect()
        };
        assert_eq!(found(""), [persona(2), persona(3)]);
        assert_eq!(found(" cAR"), [persona(2)]);
        assert!(found("bob").is_empty(), "he is in it");
    }

    #[test]
    fn who_has_not_joined_yet_is_told_before_what_they_decide() {
        let told = |role, state| standing(&member(1, role, state));
        assert_eq!(told(CircleRole::Member, Membership::In), None);
        assert_eq!(told(CircleRole::Owner, Membership::In), Some(t("groups-owner")));
        assert_eq!(told(CircleRole::Admin, Membership::In), Some(t("groups-admin")));
        assert_eq!(told(CircleRole::Admin, Membership::Waiting), Some(t("groups-waiting")));
        assert_eq!(told(CircleRole::Member, Membership::Invited), Some(t("groups-invited")));
        assert_ne!(told(CircleRole::Admin, Membership::Invited), Some(t("groups-invited")));
    }
}
