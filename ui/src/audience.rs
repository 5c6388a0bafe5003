//! Who can read a post: everybody, or circles of its author. Shown as a colour, a sign and words, never one alone.

use std::collections::HashSet;

use dioxus::prelude::*;
use kith_node::id::{CircleId, PersonaId};
use kith_node::limits::{POST_CIRCLES, SEARCH_CHARS};
use kith_node::view::{CircleKind, CircleView, Colour, PersonaView, PostView};

use crate::circles::{Circles, called};
use crate::composer::sends;
use crate::icon::{Icon, Shape};
use crate::keyboard::typing;
use crate::layer::{Dialog, use_layer};
use crate::me::Me;
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::strings::{t, t_args};

/// From so many circles on they are searched.
const SEARCHED: usize = 7;
/// Names that stand side by side; of more only the number is told.
const NAMED: usize = 2;

/// To whom a post goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Audience {
    Public,
    /// One at least.
    Circles(Vec<CircleId>),
}

impl Audience {
    /// As it rests in a setting.
    pub(crate) fn to_setting(of: Option<&Self>) -> String {
        match of {
            None => String::new(),
            Some(Self::Public) => "public".to_owned(),
            Some(Self::Circles(ids)) => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        }
    }

    /// `None` for what names nobody: then it is chosen anew.
    pub(crate) fn parse(setting: &str) -> Option<Self> {
        if setting == "public" {
            return Some(Self::Public);
        }
        let ids: Vec<CircleId> = setting.split_whitespace().map(|id| id.parse().ok()).collect::<Option<_>>()?;
        Some(Self::Circles(ids)).filter(|_| !setting.trim().is_empty())
    }

    /// Where these circles are none, everybody.
    pub(crate) fn of(circles: Vec<CircleId>) -> Self {
        if circles.is_empty() { Self::Public } else { Self::Circles(circles) }
    }

    pub(crate) fn circles(&self) -> Vec<CircleId> {
        match self {
            Self::Public => Vec::new(),
            Self::Circles(ids) => ids.clone(),
        }
    }

    /// With this circle put in or taken out; with the last one nothing is chosen.
    fn toggled(of: Option<&Self>, circle: CircleId) -> Option<Self> {
        let mut ids = of.map(Self::circles).unwrap_or_default();
        let before = ids.len();
        ids.retain(|id| *id != circle);
        if ids.len() == before && ids.len() < POST_CIRCLES {
            ids.push(circle);
        }
        Some(Self::Circles(ids)).filter(|audience| *audience != Self::Circles(Vec::new()))
    }
}

/// Each once, in the order of the personas; of a group that several of them are in, as `by` where that is one of them.
fn of_all(mut all: Vec<CircleView>, personas: &[PersonaView], by: Option<PersonaId>) -> Vec<CircleView> {
    let place = |circle: &CircleView| personas.iter().position(|persona| persona.id == circle.persona);
    all.sort_by_key(|circle| (Some(circle.persona) != by, place(circle)));
    let mut known = HashSet::new();
    all.retain(|circle| known.insert(circle.id));
    all.sort_by_key(place);
    all
}

/// With a circle put in or taken out. A post goes to circles of one persona: one of another takes the place of all.
fn chosen_with(of: Option<&Audience>, all: &[CircleView], circle: &CircleView) -> Option<Audience> {
    let others = of.map(Audience::circles).unwrap_or_default();
    let whose = |id: &CircleId| all.iter().find(|known| known.id == *id).map(|known| known.persona);
    if others.iter().all(|other| whose(other) == Some(circle.persona)) {
        Audience::toggled(of, circle.id)
    } else {
        Some(Audience::Circles(vec![circle.id]))
    }
}

/// Who can read what is posted to it, besides who posts.
pub(crate) fn readers(circle: &CircleView) -> impl Iterator<Item = PersonaId> + '_ {
    circle.members.iter().copied().filter(|member| *member != circle.persona)
}

/// What an audience comes to, with the circles as they are now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reach {
    Public,
    Circles {
        names: Vec<String>,
        colour: Colour,
        /// Of the first one, as the colour.
        kind: CircleKind,
        /// Each counted once, whatever circles they are in.
        people: usize,
    },
}

impl Reach {
    /// `None` where nothing is chosen, or a circle is gone: what is left of a choice is never what goes out.
    pub(crate) fn of(audience: Option<&Audience>, all: &[CircleView]) -> Option<Self> {
        let ids = match audience? {
            Audience::Public => return Some(Self::Public),
            Audience::Circles(ids) => ids,
        };
        let chosen: Vec<&CircleView> =
            ids.iter().map(|id| all.iter().find(|circle| circle.id == *id)).collect::<Option<_>>()?;
        let people: HashSet<PersonaId> = chosen.iter().flat_map(|circle| readers(circle)).collect();
        let names = chosen.iter().map(|circle| called(&circle.name)).collect();
        let first = chosen.first()?;
        Some(Self::Circles { names, colour: first.colour, kind: first.kind, people: people.len() })
    }

    /// Who reads it.
    pub(crate) fn to_whom(&self) -> String {
        match self.people() {
            None => self.who(),
            Some(people) => format!("{} · {people}", self.who()),
        }
    }

    fn who(&self) -> String {
        match self {
            Self::Public => t("audience-public"),
            Self::Circles { names, .. } if names.len() > NAMED => {
                t_args("audience-circles", &[("count", names.len().into())])
            }
            Self::Circles { names, .. } => names.join(", "),
        }
    }

    fn people(&self) -> Option<String> {
        match self {
            Self::Public => None,
            Self::Circles { people, .. } => Some(t_args("audience-people", &[("count", (*people).into())])),
        }
    }

    /// What the button says that sends.
    pub(crate) fn to_send(&self) -> String {
        match self.people() {
            None => t("composer-send-public"),
            Some(people) => t_args("composer-send-to", &[("who", self.who().into()), ("people", people.into())]),
        }
    }

    /// What is told afterwards.
    pub(crate) fn sent(&self) -> String {
        match self {
            Self::Public => t("composer-sent"),
            Self::Circles { .. } => t_args("composer-sent-to", &[("who", self.who().into())]),
        }
    }

    fn colour(&self) -> Option<&'static str> {
        match self {
            Self::Public => None,
            Self::Circles { colour, .. } => Some(colour.name()),
        }
    }
}

/// Says who reads what is being written, and leads to the choice.
#[component]
pub(crate) fn AudienceChip(reach: Option<Reach>, open: Signal<bool>, on_open: EventHandler<()>) -> Element {
    let words = reach.as_ref().map_or_else(|| t("audience-none"), Reach::who);
    let people = reach.as_ref().and_then(Reach::people);
    let shape = match &reach {
        Some(Reach::Circles { kind, .. }) => sign(*kind),
        Some(Reach::Public) => Shape::Globe,
        None => Shape::People,
    };
    rsx! {
        button {
            class: "audience-chip",
            "data-colour": reach.as_ref().and_then(Reach::colour),
            aria_haspopup: "dialog",
            aria_expanded: open(),
            title: t("audience-title"),
            "data-testid": "audience",
            onclick: move |_| on_open.call(()),
            Icon { shape }
            bdi { class: "name", dir: "auto", "{words}" }
            if let Some(people) = people {
                span { class: "audience-people", "{people}" }
            }
            Icon { shape: Shape::Unfold }
        }
    }
}

/// The choice. `go` is set where it was asked for by sending: its button sends.
#[component]
pub(crate) fn AudienceSheet(
    open: Signal<bool>,
    audience: ReadSignal<Option<Audience>>,
    /// What was chosen when it opened.
    before: Option<Audience>,
    /// Who writes.
    by: Option<PersonaId>,
    /// Pictures that would go along.
    pictures: usize,
    #[props(default)] go: bool,
    on_choose: EventHandler<Option<Audience>>,
    on_go: EventHandler<()>,
) -> Element {
    let circles = use_context::<Circles>();
    let places = use_context::<Places>();
    let mut text = use_signal(String::new);
    use_layer(open);
    if !open() {
        return rsx! {};
    }
    let me = use_context::<Me>();
    let all = of_all(circles.every(), &me.personas(), by);
    let chosen = audience();
    let reach = Reach::of(chosen.as_ref(), &all);
    let typed = text.read().trim().to_lowercase();
    let is_in = |id: CircleId| matches!(&chosen, Some(Audience::Circles(ids)) if ids.contains(&id));
    let wider = matches!((&before, &chosen), (Some(Audience::Circles(_)), Some(Audience::Public)));
    let done = reach.is_some();
    let empty = matches!(&reach, Some(Reach::Circles { people: 0, .. }));
    rsx! {
        Dialog { open, name: "audience", title: t("audience-title"), focus_inside: true,
            div {
                class: "audience",
                onkeydown: move |event| {
                    if sends(&event) && done {
                        open.set(false);
                        on_go.call(());
                    }
                },
                if all.len() >= SEARCHED {
                    input {
                        class: "field",
                        r#type: "text",
                        role: "searchbox",
                        placeholder: t("audience-search"),
                        aria_label: t("audience-search"),
                        maxlength: SEARCH_CHARS as i64,
                        autocomplete: "off",
                        dir: "auto",
                        "data-testid": "audience-search",
                        onkeydown: move |event| typing(&event),
                        oninput: move |event| text.set(event.value()),
                    }
                }
                ul { class: "rows", "data-testid": "audience-choice",
                    if typed.is_empty() {
                        li {
                            button {
                                class: "row",
                                aria_pressed: chosen == Some(Audience::Public),
                                "data-autofocus": "true",
                                onmounted: crate::app::focus,
                                "data-testid": "audience-public",
                                onclick: move |_| on_choose.call(Some(Audience::Public)),
                                span { class: "audience-sign", Icon { shape: Shape::Globe } }
                                span { class: "row-text grow",
                                    span { class: "name", {t("audience-public")} }
                                    span { class: "muted", {t("audience-public-told")} }
                                }
                                if chosen == Some(Audience::Public) {
                                    Icon { shape: Shape::Check }
                                }
                            }
                        }
                    }
                    for circle in all.iter().filter(|circle| circle.name.to_lowercase().contains(&typed)).cloned() {
                        li { key: "{circle.id}",
                            button {
                                class: "row",
                                aria_pressed: is_in(circle.id),
                                "data-testid": "audience-circle",
                                onclick: {
                                    let all = all.clone();
                                    move |_| {
                                        // What was chosen is not held while it changes.
                                        let next = chosen_with(audience.peek().as_ref(), &all, &circle);
                                        on_choose.call(next);
                                    }
                                },
                                CircleSign { colour: circle.colour, kind: circle.kind }
                                span { class: "row-text grow",
                                    bdi { class: "name", dir: "auto", {called(&circle.name)} }
                                    span { class: "muted",
                                        if let Some(persona) = me.persona(circle.persona).filter(|_| me.several()) {
                                            {t_args("personas-as", &[("name", shown_name(&persona.name).into())])}
                                            " · "
                                        }
                                        if circle.kind == CircleKind::Group {
                                            {t("audience-group")}
                                            " · "
                                        }
                                        {t_args("audience-people", &[("count", readers(&circle).count().into())])}
                                    }
                                }
                                if is_in(circle.id) {
                                    Icon { shape: Shape::Check }
                                }
                            }
                        }
                    }
                }
                if wider {
                    p { class: "warning", role: "status", "data-testid": "audience-wider",
                        Icon { shape: Shape::Warning }
                        span { {t_args("audience-wider", &[("pictures", pictures.into())])} }
                    }
                }
                p { class: "hint", role: "status", "data-testid": "audience-told",
                    match &reach {
                        None => t("audience-choose"),
                        Some(Reach::Public) => t("audience-public-more"),
                        Some(Reach::Circles { .. }) if empty => t("audience-nobody"),
                        Some(Reach::Circles { people, .. }) => t_args("audience-circle-more", &[("count", (*people).into())]),
                    }
                }
                div { class: "dialog-buttons",
                    button {
                        class: "button button-quiet",
                        "data-testid": "audience-circles",
                        onclick: move |_| {
                            open.set(false);
                            places.go(Route::Circles);
                        },
                        if all.is_empty() { {t("circles-new")} } else { {t("audience-edit")} }
                    }
                    button {
                        class: "button button-primary audience-go",
                        "data-testid": "audience-done",
                        disabled: !done,
                        onclick: move |_| {
                            open.set(false);
                            if go {
                                on_go.call(());
                            }
                        },
                        match reach.as_ref().filter(|_| go) {
                            Some(reach) => reach.to_send(),
                            None => t("audience-done"),
                        }
                    }
                }
            }
        }
    }
}

/// What stands for a circle, or for a group.
pub(crate) fn sign(kind: CircleKind) -> Shape {
    match kind {
        CircleKind::Circle => Shape::Circle,
        CircleKind::Group => Shape::People,
    }
}

/// A circle's sign in its colour.
#[component]
pub(crate) fn CircleSign(colour: Colour, kind: CircleKind) -> Element {
    rsx! {
        span { class: "audience-sign", "data-colour": colour.name(), Icon { shape: sign(kind) } }
    }
}

/// What tells a post to circles from a public one.
#[component]
pub(crate) fn SealedLine(post: ReadSignal<PostView>, full: bool) -> Element {
    let post = post.read();
    if !post.sealed {
        return rsx! {};
    }
    let name = post.circle.clone().unwrap_or_else(|| t("sealed-somebody"));
    let told = if post.own { t("sealed-own-told") } else { t("sealed-told") };
    rsx! {
        p { class: "sealed-line",
            span { class: "audience-tag", "data-colour": post.colour.map(Colour::name), title: told.clone(), "data-testid": "sealed",
                Icon { shape: sign(if post.group { CircleKind::Group } else { CircleKind::Circle }) }
                bdi { dir: "auto", {t_args("sealed-to", &[("circle", name.as_str().into())])} }
            }
            if full {
                span { class: "hint", "data-testid": "sealed-told", "{told}" }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn circle(number: u8, name: &str, members: &[u8]) -> CircleView {
        CircleView {
            id: CircleId::from_bytes([number; 32]),
            persona: PersonaId::from_bytes([9; 32]),
            name: name.to_owned(),
            kind: CircleKind::Circle,
            colour: Colour::of_number(usize::from(number)),
            members: members.iter().map(|number| PersonaId::from_bytes([*number; 32])).collect(),
            names: vec![String::new(); members.len()],
            epoch: 1,
            owner: PersonaId::from_bytes([9; 32]),
            admins: Vec::new(),
            invited: false,
        }
    }

    #[test]
    fn people_count_once_whatever_circles_they_are_in() {
        let all = [circle(1, "Family", &[1, 2]), circle(2, "Choir", &[2, 3])];
        let both = Audience::Circles(vec![all[1].id, all[0].id]);
        let reach = Reach::of(Some(&both), &all).unwrap();
        let Reach::Circles { people, colour, .. } = &reach else { panic!("{reach:?}") };
        assert_eq!((*people, *colour), (3, all[1].colour));
        assert!(reach.to_send().contains("Choir, Family") && reach.to_send().contains('3'), "{}", reach.to_send());
    }

    #[test]
    fn a_choice_whose_circle_is_gone_is_none_and_never_public() {
        let all = [circle(1, "Family", &[1])];
        let gone = Audience::Circles(vec![all[0].id, CircleId::from_bytes([7; 32])]);
        assert_eq!(Reach::of(Some(&gone), &all), None);
        assert_eq!(Reach::of(None, &all), None);
        let none = Audience::toggled(Some(&Audience::Circles(vec![all[0].id])), all[0].id);
        assert_eq!(none, None, "nothing is left: it is chosen anew");
        assert_eq!(Audience::toggled(Some(&Audience::Public), all[0].id), Some(Audience::Circles(vec![all[0].id])));
    }

    #[test]
    fn a_post_goes_to_circles_of_one_persona() {
        let (mine, choir) = (circle(1, "Family", &[1]), circle(2, "Choir", &[2]));
        let theirs = CircleView { persona: PersonaId::from_bytes([8; 32]), ..circle(3, "Work", &[3]) };
        let twice = CircleView { persona: theirs.persona, ..choir.clone() };
        let personas = [9, 8].map(|number| PersonaView {
            id: PersonaId::from_bytes([number; 32]),
            name: String::new(),
            default: false,
            picture: None,
            colour: Colour::Teal,
            separate: false,
            hidden: false,
        });
        let every = vec![theirs.clone(), twice, choir.clone(), mine.clone()];
        let as_first = of_all(every.clone(), &personas, Some(mine.persona));
        assert_eq!(as_first.iter().map(|circle| circle.id).collect::<Vec<_>>(), [choir.id, mine.id, theirs.id]);
        let as_second = of_all(every, &personas, Some(theirs.persona));
        assert_eq!(as_second.iter().filter(|circle| circle.persona == theirs.persona).count(), 2);
        let both = chosen_with(Some(&Audience::Circles(vec![mine.id])), &as_first, &choir);
        assert_eq!(both, Some(Audience::Circles(vec![mine.id, choir.id])));
        assert_eq!(chosen_with(both.as_ref(), &as_first, &theirs), Some(Audience::Circles(vec![theirs.id])));
    }

    #[test]
    fn a_choice_survives_its_setting() {
        let circles = Audience::Circles(vec![CircleId::from_bytes([7; 32]), CircleId::from_bytes([8; 32])]);
        for audience in [None, Some(Audience::Public), Some(circles)] {
            assert_eq!(Audience::parse(&Audience::to_setting(audience.as_ref())), audience);
        }
        for damaged in ["", " ", "Public", "everyone", "0707 x"] {
            assert_eq!(Audience::parse(damaged), None, "{damaged}");
        }
    }
}
