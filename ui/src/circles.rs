//! Circles and groups of the one who writes: a store of all, and the place where they are made, filled and ended.

use dioxus::prelude::*;
use kith_node::id::{CircleId, PersonaId};
use kith_node::limits::NAME_CHARS;
use kith_node::view::{CircleKind, CircleView, Colour};

use crate::audience::{CircleSign, readers, sign};
use crate::choice::Choices;
use crate::colour::{ColourChoice, colour_name};
use crate::ended::{EndedGroups, Endings};
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::invitations::Invitations;
use crate::line::{AddLine, adding};
use crate::me::Me;
use crate::members::{May, Members};
use crate::menu::Ask;
use crate::nav::BackButton;
use crate::notice::{Notices, act};
use crate::opener::Opener;
use crate::route::{Places, Route};
use crate::strings::{number, t, t_args};
use crate::surface::Surface;

/// All own circles, by name. One reader ([`Circles::load`]) fills it.
#[derive(Clone, Copy)]
pub(crate) struct Circles {
    /// `None` until the store was read.
    all: Signal<Option<Vec<CircleView>>>,
    failed: Signal<Option<Failure>>,
    pub(crate) endings: Endings,
    me: Me,
}

impl Circles {
    pub(crate) fn new(me: Me) -> Self {
        Self { all: Signal::new(None), failed: Signal::new(None), endings: Endings::new(), me }
    }

    pub(crate) async fn load(mut self, surface: &Surface) {
        self.endings.load(surface).await;
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

    /// Of all own personas, with the groups that they are in. Reads and subscribes.
    pub(crate) fn every(self) -> Vec<CircleView> {
        self.all.read().iter().flatten().filter(|circle| !circle.invited).cloned().collect()
    }

    /// Whose a circle is; of a group that several own personas are in, `first` where it is one of them. Reads and
    /// subscribes.
    pub(crate) fn whose(self, circle: CircleId, first: Option<PersonaId>) -> Option<PersonaId> {
        let all = self.all.read();
        let mut of =
            all.iter().flatten().filter(|known| known.id == circle && !known.invited).map(|known| known.persona);
        let found = of.clone().find(|persona| Some(*persona) == first);
        found.or_else(|| of.next())
    }

    /// Groups that own personas were invited to and have not answered. Reads and subscribes.
    pub(crate) fn invited(self) -> Vec<CircleView> {
        self.all.read().iter().flatten().filter(|circle| circle.invited).cloned().collect()
    }
}

/// What a circle or group is called, also before its name came: another own device tells it.
pub(crate) fn called(name: &str) -> String {
    if name.trim().is_empty() { t("circles-unnamed") } else { name.to_owned() }
}

/// Circles among people: what there is, and the way to their place.
#[component]
pub(crate) fn CirclesCard() -> Element {
    let circles = use_context::<Circles>();
    let places = use_context::<Places>();
    let (all, invited) = (circles.mine(), circles.invited().len());
    let empty = all.is_empty();
    rsx! {
        section { class: "card", aria_label: t("circles-title"),
            div { class: "form-row",
                h2 { class: "grow", {t("circles-title")} }
                button {
                    class: "button button-quiet",
                    aria_label: (!empty).then(|| t("audience-edit")),
                    "data-testid": "circles-open",
                    onclick: move |_| places.go(Route::Circles),
                    if empty { {t("circles-begin")} } else { {t("circles-edit")} }
                }
            }
            p { class: "muted", {t("circles-told")} }
            if invited > 0 {
                button { class: "warning", "data-testid": "circles-invited", onclick: move |_| places.go(Route::Circles),
                    Icon { shape: Shape::People }
                    span { {t_args("invitation-waits", &[("count", invited.into())])} }
                }
            }
            if !all.is_empty() {
                div { class: "form-row",
                    for circle in all {
                        span { key: "{circle.id}", class: "audience-tag", "data-colour": circle.colour.name(),
                            Icon { shape: sign(circle.kind) }
                            bdi { dir: "auto", {called(&circle.name)} }
                            span { class: "number", {number(readers(&circle).count())} }
                        }
                    }
                }
            }
        }
    }
}

#[component]
pub(crate) fn CirclesScreen() -> Element {
    let circles = use_context::<Circles>();
    let all = circles.mine();
    rsx! {
        header { class: "pane-header",
            BackButton {}
            h1 { {t("circles-title")} }
        }
        div { class: "scroll",
            div { class: "column",
                Invitations {}
                EndedGroups {}
                NewCircle {}
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

/// A name, who posts to it, and a colour.
#[component]
fn NewCircle() -> Element {
    let surface = use_context::<Surface>();
    let mut group = use_signal(|| false);
    let mut colour = use_signal(|| None::<Colour>);
    let make = move |name: String| {
        let (node, group, colour) = (surface.node.clone(), *group.peek(), *colour.peek());
        adding(async move {
            let id =
                if group { node.create_group(None, &name).await? } else { node.create_circle(None, &name).await? };
            match colour {
                Some(colour) => node.colour_circle(id, colour).await,
                None => Ok(()),
            }
        })
    };
    rsx! {
        section { class: "card", aria_label: t("circles-new"),
            h2 { {t("circles-new")} }
            Choices { label: t("circles-kind"),
                for (is_group , testid , text) in [(false, "kind-circle", "circles-kind-mine"), (true, "kind-group", "circles-kind-all")] {
                    label { key: "{testid}", class: "choice-option",
                        input {
                            r#type: "radio",
                            name: "circle-kind",
                            checked: group() == is_group,
                            "data-testid": testid,
                            onchange: move |_| group.set(is_group),
                        }
                        Icon { shape: sign(if is_group { CircleKind::Group } else { CircleKind::Circle }) }
                        span { {t(text)} }
                    }
                }
            }
            p { class: "muted", "data-testid": "circles-told", if group() { {t("groups-told")} } else { {t("circles-told")} } }
            AddLine {
                label: if group() { t("groups-name") } else { t("circles-name") },
                yes: if group() { t("groups-make") } else { t("circles-make") },
                testid: "circle-name",
                go: "circle-name-add",
                limit: NAME_CHARS,
                on_add: make,
                select {
                    class: "field field-select",
                    aria_label: t("circles-colour"),
                    "data-testid": "circle-new-colour",
                    onchange: move |event| colour.set(Colour::parse(&event.value())),
                    option { value: "", {t("colour-any")} }
                    for colour in Colour::ALL {
                        option { key: "{colour.name()}", value: colour.name(), {colour_name(colour)} }
                    }
                }
            }
        }
    }
}

#[component]
fn CircleCard(circle: ReadSignal<CircleView>) -> Element {
    let surface = use_context::<Surface>();
    let notices = use_context::<Notices>();
    let view = circle.read();
    let (id, me, name, group) = (view.id, view.persona, called(&view.name), view.kind == CircleKind::Group);
    let may = May::of(&view);
    // Who made a group is in it: alone at first.
    let alone = circle.peek().members.len() <= usize::from(group);
    let (open, changing, mut ending) = (use_signal(|| alone), use_signal(|| false), use_signal(|| false));
    let args = [("circle", name.as_str().into())];
    // What takes it away from the user: for others too, where it is a group of theirs.
    let (yes, title, does, testid) = match (group, may.own) {
        (false, _) => ("circles-delete", "circles-delete-title", "circles-delete-does", "circle-delete"),
        (true, true) => ("groups-close", "groups-close-title", "groups-close-does", "group-close"),
        (true, false) => ("leave-yes", "groups-leave-title", "groups-leave-does", "group-leave"),
    };
    let end = move |()| {
        let node = surface.node.clone();
        act(notices, async move {
            match (group, may.own) {
                (false, _) => node.delete_circle(id).await,
                (true, true) => node.close_group(id).await,
                (true, false) => node.leave_group(Some(me), id).await,
            }
        });
    };
    rsx! {
        section { class: "card", aria_label: name.clone(), "data-testid": "circle",
            div { class: "circle-head",
                CircleSign { colour: view.colour, kind: view.kind }
                div { class: "row-text grow",
                    h2 { bdi { dir: "auto", "{name}" } }
                    span { class: "muted", "data-testid": "circle-count",
                        if group { {t("circles-kind-group")} } else { {t("circles-kind-circle")} }
                        " · "
                        {t_args("audience-people", &[("count", readers(&view).count().into())])}
                    }
                }
            }
            div { class: "form-row",
                Opener { open, testid: "circle-open", if open() { {t("lists-hide-people")} } else { {t("lists-show-people")} } }
                Opener { open: changing, testid: "circle-change", if group { {t("circles-change-colour")} } else { {t("circles-change")} } }
                button { class: "button button-quiet", "data-testid": testid, onclick: move |_| ending.set(true), {t(yes)} }
            }
            if changing() {
                ChangeCircle { circle }
            }
            if open() {
                Members { circle }
            }
        }
        Ask {
            asking: ending,
            title: t_args(title, &args),
            does: t(does),
            yes: t(yes),
            testid: "circle-delete-confirm",
            on_yes: end,
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
        ColourChoice {
            label: t("circles-colour"),
            name: "{id}",
            chosen: view.colour,
            on_choose: move |colour| {
                let node = surface.node.clone();
                act(notices, async move { node.colour_circle(id, colour).await });
            },
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
        Choices { label: t("person-circles"),
            for circle in all {
                label { key: "{circle.id}", class: "choice-option",
                    input {
                        r#type: "checkbox",
                        checked: circle.members.contains(&person()),
                        "data-testid": "person-circle",
                        onchange: {
                            let (surface, id, me) = (surface.clone(), circle.id, circle.persona);
                            move |event: FormEvent| {
                                let (node, put) = (surface.node.clone(), event.checked());
                                act(notices, async move {
                                    if put {
                                        node.add_to_circle(Some(me), id, person()).await
                                    } else {
                                        node.remove_from_circle(Some(me), id, person()).await?;
                                        notices.tell(t("circles-removed"));
                                        Ok(())
                                    }
                                });
                            }
                        },
                    }
                    span { class: "swatch", "data-colour": circle.colour.name(), "aria-hidden": "true" }
                    bdi { dir: "auto", {called(&circle.name)} }
                }
            }
        }
    }
}
