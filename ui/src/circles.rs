//! Circles of the one who writes: a store of all, and the place where they are made, filled and ended.

use dioxus::prelude::*;
use kith_node::id::{CircleId, PersonaId};
use kith_node::limits::{NAME_CHARS, SEARCH_CHARS};
use kith_node::view::{CircleKind, CircleView, Colour, FollowView, ListMember};

use crate::audience::CircleSign;
use crate::avatar::Avatar;
use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::keyboard::typing;
use crate::line::{AddLine, adding};
use crate::me::Me;
use crate::menu::Ask;
use crate::nav::BackButton;
use crate::notice::{Notices, act};
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// Those who are followed and not in a circle, that are shown at a time: of more one types a name.
const CANDIDATES: usize = 20;

/// All own circles, by name. One reader ([`Circles::load`]) fills it.
#[derive(Clone, Copy)]
pub(crate) struct Circles {
    /// `None` until the store was read.
    all: Signal<Option<Vec<CircleView>>>,
    failed: Signal<Option<Failure>>,
    me: Me,
}

impl Circles {
    pub(crate) fn new(me: Me) -> Self {
        Self { all: Signal::new(None), failed: Signal::new(None), me }
    }

    pub(crate) async fn load(mut self, surface: &Surface) {
        match surface.node.circles(None).await {
            Ok(all) => {
                self.failed.set(None);
                if self.all.peek().as_ref() != Some(&all) {
                    self.all.set(Some(all));
                }
            }
            Err(error) => self.failed.set(Some(Failure::of(&error))),
        }
    }

    /// Of the persona that writes, with the groups that it is in. Reads and subscribes.
    pub(crate) fn mine(self) -> Vec<CircleView> {
        let me = self.me.id();
        let mine = |circle: &&CircleView| Some(circle.persona) == me && !circle.invited;
        self.all.read().iter().flatten().filter(mine).cloned().collect()
    }
}

/// What a group is besides a circle, in a word.
fn kind(kind: CircleKind) -> String {
    match kind {
        CircleKind::Circle => t("circles-kind-circle"),
        CircleKind::Group => t("circles-kind-group"),
    }
}

/// Circles among people: what there is, and the way to their place.
#[component]
pub(crate) fn CirclesCard() -> Element {
    let circles = use_context::<Circles>();
    let places = use_context::<Places>();
    let all = circles.mine();
    rsx! {
        section { class: "card", aria_label: t("circles-title"),
            div { class: "form-row",
                h2 { class: "grow", {t("circles-title")} }
                button { class: "button button-quiet", "data-testid": "circles-open", onclick: move |_| places.go(Route::Circles),
                    if all.is_empty() { {t("circles-new")} } else { {t("audience-edit")} }
                }
            }
            p { class: "muted", {t("circles-told")} }
            if !all.is_empty() {
                div { class: "form-row",
                    for circle in all {
                        span { key: "{circle.id}", class: "audience-tag", "data-colour": circle.colour.name(),
                            Icon { shape: Shape::Circle }
                            bdi { dir: "auto", "{circle.name}" }
                            span { class: "number", "{circle.members.len()}" }
                        }
                    }
                }
            }
        }
    }
}

#[component]
pub(crate) fn CirclesScreen() -> Element {
    let surface = use_context::<Surface>();
    let circles = use_context::<Circles>();
    let all = circles.mine();
    rsx! {
        header { class: "pane-header",
            BackButton {}
            h1 { {t("circles-title")} }
        }
        div { class: "scroll",
            div { class: "column",
                section { class: "card", aria_label: t("circles-new"),
                    h2 { {t("circles-new")} }
                    p { class: "muted", {t("circles-told")} }
                    AddLine {
                        label: t("circles-name"),
                        yes: t("circles-make"),
                        testid: "circle-name",
                        go: "circle-name-add",
                        limit: NAME_CHARS,
                        on_add: move |name: String| {
                            let node = surface.node.clone();
                            adding(async move { node.create_circle(None, &name).await })
                        },
                    }
                }
                if let Some(failure) = circles.failed.read().as_ref() {
                    p { class: "failure", role: "alert", "{failure}" }
                }
                if all.is_empty() && circles.all.read().is_some() {
                    p { class: "quiet-line", "data-testid": "circles-empty", {t("circles-empty")} }
                }
                for circle in all {
                    CircleCard { key: "{circle.id}", circle }
                }
            }
        }
    }
}

#[component]
fn CircleCard(circle: ReadSignal<CircleView>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let (mut open, mut changing) = (use_signal(|| circle.peek().members.is_empty()), use_signal(|| false));
    let mut deleting = use_signal(|| false);
    let view = circle.read();
    let (id, name) = (view.id, view.name.clone());
    // A group's people are changed by its owner's and admins' own verbs.
    let own = view.kind == CircleKind::Circle;
    rsx! {
        section { class: "card", aria_label: name.clone(), "data-testid": "circle",
            div { class: "circle-head",
                CircleSign { colour: view.colour }
                div { class: "row-text grow",
                    h2 { bdi { dir: "auto", "{name}" } }
                    span { class: "muted", "data-testid": "circle-count",
                        {kind(view.kind)}
                        " · "
                        {t_args("audience-people", &[("count", view.members.len().into())])}
                    }
                }
            }
            div { class: "form-row",
                if own {
                    button {
                        class: "button button-quiet",
                        aria_expanded: open(),
                        "data-testid": "circle-open",
                        onclick: move |_| open.toggle(),
                        if open() { {t("lists-hide-people")} } else { {t("lists-show-people")} }
                    }
                }
                button {
                    class: "button button-quiet",
                    aria_expanded: changing(),
                    "data-testid": "circle-change",
                    onclick: move |_| changing.toggle(),
                    {t("circles-change")}
                }
                if own {
                    button { class: "button button-quiet", "data-testid": "circle-delete", onclick: move |_| deleting.set(true), {t("circles-delete")} }
                }
            }
            if changing() {
                ChangeCircle { circle }
            }
            if open() && own {
                Members { circle: id, name: name.clone() }
            }
        }
        Ask {
            asking: deleting,
            title: t_args("circles-delete-title", &[("circle", name.as_str().into())]),
            does: t("circles-delete-does"),
            yes: t("circles-delete"),
            testid: "circle-delete-confirm",
            on_yes: move |()| {
                let node = surface.node.clone();
                act(notices, async move { node.delete_circle(id).await });
            },
        }
    }
}

/// Name and colour.
#[component]
fn ChangeCircle(circle: ReadSignal<CircleView>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let view = circle.read();
    let id = view.id;
    let rename = {
        let surface = surface.clone();
        move |name: String| {
            let node = surface.node.clone();
            adding(async move { node.rename_circle(id, &name).await })
        }
    };
    rsx! {
        if view.kind == CircleKind::Circle {
            AddLine {
                label: t("circles-rename"),
                yes: t("save"),
                testid: "circle-rename",
                go: "circle-rename-go",
                limit: NAME_CHARS,
                on_add: rename,
            }
            p { class: "hint", {t("circles-rename-told")} }
        }
        fieldset { class: "choice",
            legend { {t("circles-colour")} }
            div { class: "choice-options",
                for colour in Colour::ALL {
                    label { key: "{colour.name()}", class: "choice-option",
                        input {
                            r#type: "radio",
                            name: "colour-{id}",
                            checked: view.colour == colour,
                            "data-testid": "colour-{colour.name()}",
                            onchange: {
                                let surface = surface.clone();
                                move |_| {
                                    let node = surface.node.clone();
                                    act(notices, async move { node.colour_circle(id, colour).await });
                                }
                            },
                        }
                        span { class: "swatch", "data-colour": colour.name(), "aria-hidden": "true" }
                        span { {colour_name(colour)} }
                    }
                }
            }
        }
    }
}

fn colour_name(colour: Colour) -> String {
    match colour {
        Colour::Orange => t("colour-orange"),
        Colour::Green => t("colour-green"),
        Colour::Teal => t("colour-teal"),
        Colour::Blue => t("colour-blue"),
        Colour::Purple => t("colour-purple"),
        Colour::Yellow => t("colour-yellow"),
    }
}

/// Those in a circle, and those who are followed and not in it, by what is typed.
#[component]
fn Members(circle: CircleId, name: String) -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let mut text = use_signal(String::new);
    let people = use_resource(move || {
        let node = surface.node.clone();
        let _again = ((pulse.follows)(), (pulse.profiles)());
        async move {
            let members = node.circle_members(circle).await.map_err(|error| Failure::of(&error))?;
            let follows = node.follows(None).await.map_err(|error| Failure::of(&error))?;
            Ok::<_, Failure>((members, follows))
        }
    });
    let people = people.read();
    let (members, follows) = match people.as_ref() {
        None => return rsx! {},
        Some(Err(failure)) => return rsx! { p { class: "failure", role: "alert", "{failure}" } },
        Some(Ok((members, follows))) => (members, follows),
    };
    let outside = outside(members, follows, &text.read());
    let shown = outside.len().min(CANDIDATES);
    let nobody = members.is_empty() && follows.is_empty();
    rsx! {
        if nobody {
            p { class: "quiet-line", {t("lists-nobody-followed")} }
        }
        if !members.is_empty() {
            ul { class: "rows", aria_label: t("circles-members"), "data-testid": "circle-members",
                for member in members.iter().cloned() {
                    Inside { key: "{member.persona}", circle, of: name.clone(), member }
                }
            }
        }
        if !follows.is_empty() {
            input {
                class: "field",
                r#type: "text",
                role: "searchbox",
                placeholder: t("circles-add-search"),
                aria_label: t("circles-add-search"),
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
    }
}

/// Who is followed and not in it, each once, and has a name with these letters.
fn outside(members: &[ListMember], follows: &[FollowView], typed: &str) -> Vec<ListMember> {
    let typed = typed.trim().to_lowercase();
    let mut found: Vec<ListMember> = Vec::new();
    for follow in follows {
        let known = |all: &[ListMember]| all.iter().any(|member| member.persona == follow.persona);
        let name = follow.name.clone().unwrap_or_default();
        if !known(members) && !known(&found) && name.to_lowercase().contains(&typed) {
            found.push(ListMember { persona: follow.persona, name, picture: follow.picture, followed: true });
        }
    }
    found
}

#[component]
fn Inside(circle: CircleId, of: String, member: ListMember) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let mut removing = use_signal(|| false);
    let (persona, name) = (member.persona, shown_name(&member.name));
    rsx! {
        li { class: "row", "data-testid": "circle-member",
            Avatar { person: persona, name: name.clone(), picture: member.picture }
            bdi { class: "name grow", dir: "auto", "{name}" }
            button {
                class: "button button-quiet",
                aria_label: t_args("circles-remove-label", &[("name", name.as_str().into())]),
                "data-testid": "circle-remove",
                onclick: move |_| removing.set(true),
                {t("circles-remove")}
            }
            Ask {
                asking: removing,
                title: t_args("circles-remove-title", &[("name", name.as_str().into()), ("circle", of.into())]),
                does: t_args("circles-remove-does", &[("name", name.as_str().into())]),
                yes: t("circles-remove"),
                testid: "circle-remove-confirm",
                on_yes: move |()| {
                    let node = surface.node.clone();
                    act(notices, async move { node.remove_from_circle(None, circle, persona).await });
                },
                p { {t("circles-remove-more")} }
            }
        }
    }
}

#[component]
fn Outside(circle: CircleId, person: ListMember) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let (persona, name) = (person.persona, shown_name(&person.name));
    rsx! {
        li { class: "row", "data-testid": "circle-other",
            Avatar { person: persona, name: name.clone(), picture: person.picture }
            bdi { class: "name grow", dir: "auto", "{name}" }
            button {
                class: "button button-quiet",
                aria_label: t_args("circles-add-label", &[("name", name.as_str().into())]),
                "data-testid": "circle-add",
                onclick: move |_| {
                    let node = surface.node.clone();
                    act(notices, async move { node.add_to_circle(None, circle, persona).await });
                },
                Icon { shape: Shape::Add }
                {t("circles-add")}
            }
        }
    }
}

/// In which of the own circles somebody stands.
#[component]
pub(crate) fn InCircles(person: ReadSignal<PersonaId>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let mut all = use_context::<Circles>().mine();
    all.retain(|circle| circle.kind == CircleKind::Circle);
    if all.is_empty() {
        return rsx! {};
    }
    rsx! {
        fieldset { class: "choice",
            legend { {t("person-circles")} }
            div { class: "choice-options",
                for circle in all {
                    label { key: "{circle.id}", class: "choice-option",
                        input {
                            r#type: "checkbox",
                            checked: circle.members.contains(&person()),
                            "data-testid": "person-circle",
                            onchange: {
                                let (surface, id) = (surface.clone(), circle.id);
                                move |event: FormEvent| {
                                    let (node, put) = (surface.node.clone(), event.checked());
                                    act(notices, async move {
                                        if put {
                                            node.add_to_circle(None, id, person()).await
                                        } else {
                                            node.remove_from_circle(None, id, person()).await?;
                                            notices.tell(t("circles-removed"));
                                            Ok(())
                                        }
                                    });
                                }
                            },
                        }
                        span { class: "swatch", "data-colour": circle.colour.name(), "aria-hidden": "true" }
                        bdi { dir: "auto", "{circle.name}" }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn who_can_be_let_in_is_followed_not_inside_and_found_by_name() {
        let persona = |number: u8| PersonaId::from_bytes([number; 32]);
        let follow = |number: u8, by: u8, name: &str| FollowView {
            persona: persona(number),
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            by: persona(by),
            picture: None,
            synced_ms: None,
            told: false,
            mutual: false,
        };
        let follows = [follow(1, 8, "Bob"), follow(2, 8, "Carol"), follow(2, 9, "Carol"), follow(3, 8, "")];
        let members = [ListMember { persona: persona(1), name: "Bob".into(), picture: None, followed: true }];
        let found = |typed: &str| -> Vec<PersonaId> {
            outside(&members, &follows, typed).iter().map(|member| member.persona).collect()
        };
        assert_eq!(found(""), [persona(2), persona(3)]);
        assert_eq!(found(" cAR"), [persona(2)]);
        assert!(found("bob").is_empty(), "he is in it");
    }
}
