//! Posts for later: the time of the one that is being written, and the list of those that wait for theirs. The node posts
//! them, whatever becomes of the page.

use dioxus::prelude::*;
use kith_node::id::HeldId;
use kith_node::limits::SCHEDULE_MOST_MS;
use kith_node::{Refused, Waiting};

use super::Draft;
use super::waiting::{Content, Undoing, told};
use crate::audience::{Audience, Reach};
use crate::event::Pulse;
use crate::failure::Failure;
use crate::icon::{Icon, Shape};
use crate::keyboard::{COMPOSE, typing};
use crate::me::Me;
use crate::mention::Names;
use crate::menu::Ask;
use crate::notice::{act, spawn_in_app};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

/// So many stand open; more are folded.
const OPEN: usize = 3;

impl Draft {
    /// What is wrong with the time that was chosen. Reads and subscribes.
    pub(super) fn untimely(self) -> Option<String> {
        let Some(at_ms) = *self.at.read() else {
            // One that is half filled in, or no time at all, must never mean now.
            return (self.timing)().then(|| t("schedule-none"));
        };
        let now_ms = time::now_ms();
        match at_ms {
            _ if at_ms <= now_ms => Some(t("schedule-past")),
            _ if at_ms - now_ms > SCHEDULE_MOST_MS => Some(t("schedule-far")),
            _ => None,
        }
    }

    /// A scheduled post comes back into the fields, whole.
    fn edit(mut self, id: HeldId, names: Names, with: Undoing) {
        let Undoing { surface, notices, keyboard, .. } = with;
        if self.is_begun() {
            return notices.tell(t("schedule-busy"));
        }
        spawn_in_app(async move {
            match surface.node.take_post_back(id).await {
                Ok(true) => {}
                Ok(false) => return notices.tell(t("drafts-out")),
                Err(error) => return notices.fail(&Failure::of(&error)),
            }
            match surface.node.begun().await {
                Ok(begun) => {
                    super::kept::learn(names, &surface, &begun.writing).await;
                    self.refocus.set(true);
                    self.fill(&begun.writing);
                    self.lost.set(begun.lost);
                    keyboard.focus_on(COMPOSE);
                }
                Err(error) => notices.fail(&Failure::of(&error)),
            }
        });
    }
}

/// Why it was not posted, and what one can do.
fn why(refused: &Refused) -> String {
    match refused.code.as_str() {
        "not_found" => t("schedule-gone"),
        "old_copy" => t("schedule-old-copy"),
        code => {
            let why = Failure::told(code, &refused.text, "").to_string();
            t_args("schedule-refused", &[("why", why.into())])
        }
    }
}

/// Opens the field for a time.
#[component]
pub(super) fn WhenButton() -> Element {
    let mut draft = use_context::<Draft>();
    rsx! {
        button {
            class: "button button-quiet",
            aria_expanded: (draft.timing)(),
            title: t("schedule-title"),
            "data-testid": "composer-schedule",
            onclick: move |_| {
                let open = !*draft.timing.peek();
                draft.timing.set(open);
                draft.untold.set(false);
                if !open {
                    draft.at.set(None);
                }
            },
            Icon { shape: Shape::Clock }
            span { {t("schedule-short")} }
        }
    }
}

/// When the post is to go out, by the clocks of who looks at the page. While it stands here, nothing goes without a time.
#[component]
pub(super) fn WhenField() -> Element {
    let mut draft = use_context::<Draft>();
    if !(draft.timing)() {
        return rsx! {};
    }
    let at = (draft.at)().map(|at_ms| at_ms.to_string()).unwrap_or_default();
    rsx! {
        div { class: "form-row composer-when",
            label { class: "field-label",
                span { {t("schedule-when")} }
                input {
                    class: "field",
                    r#type: "datetime-local",
                    "data-when": at,
                    "data-testid": "composer-at",
                    onkeydown: move |event| typing(&event),
                }
            }
            input {
                r#type: "hidden",
                "data-chosen": "true",
                "data-testid": "composer-at-ms",
                oninput: move |event| draft.at.set(event.value().parse().ok()),
            }
            span { class: "hint grow", {t("schedule-told")} }
        }
        if let Some(untimely) = draft.untimely().filter(|_| (draft.at)().is_some() || (draft.untold)()) {
            p { class: "warning", role: "alert", "data-testid": "composer-untimely",
                Icon { shape: Shape::Warning }
                span { {untimely} }
            }
        }
    }
}

/// Those that wait for their time, the next one first.
#[component]
pub(crate) fn ScheduledPosts() -> Element {
    let surface = use_context::<Surface>();
    let pulse = use_context::<Pulse>();
    let node = surface.node.clone();
    let all = use_resource(move || {
        let node = node.clone();
        let _again = ((pulse.settings)(), (pulse.follows)());
        async move { node.scheduled().await.unwrap_or_default() }
    });
    let all = all.read();
    let all = all.as_deref().unwrap_or_default();
    if all.is_empty() {
        return rsx! {};
    }
    let open = all.len() <= OPEN || all.iter().any(|waiting| waiting.refused.is_some());
    rsx! {
        section { class: "scheduled", aria_label: t("schedule-title"), "data-testid": "scheduled",
            details { open,
                summary { {t_args("schedule-count", &[("count", all.len().into())])} }
                ul {
                    for waiting in all.iter().cloned() {
                        ScheduledPost { key: "{waiting.id}", waiting }
                    }
                }
            }
        }
    }
}

#[component]
fn ScheduledPost(waiting: ReadSignal<Waiting>) -> Element {
    let draft = use_context::<Draft>();
    let (me, names) = (use_context::<Me>(), use_context::<Names>());
    let undoing = Undoing::here();
    let mut zone = use_signal(|| None::<i64>);
    let mut asking = use_signal(|| false);
    let Waiting { id, writing, due_ms, refused } = waiting();
    let reach = Reach::of(writing.audience.clone().map(Audience::of).as_ref(), &undoing.circles.every());
    let by = writing.persona.and_then(|by| me.persona(by)).filter(|_| me.several());
    let when = zone().map_or_else(|| time::absolute(due_ms), |zone| time::moment(due_ms, zone));
    let post_now = {
        let (undoing, writing) = (undoing.clone(), writing.clone());
        move |_| {
            let Undoing { surface, feed, posts, notices, circles, .. } = undoing.clone();
            let sent = told(&writing, circles);
            act(notices, async move {
                surface.node.post_now(id).await?;
                feed.to_newest(&surface, posts).await;
                notices.tell(sent);
                Ok(())
            });
        }
    };
    let edit = {
        let undoing = undoing.clone();
        move |_| draft.edit(id, names, undoing.clone())
    };
    rsx! {
        li { class: "post being-sent", "data-testid": "scheduled-post",
            input {
                r#type: "hidden",
                "data-zone": "true",
                "data-at": "{due_ms}",
                oninput: move |event| zone.set(event.value().parse().ok()),
            }
            p { class: "hint",
                time { datetime: time::iso(due_ms), title: time::absolute(due_ms), "data-testid": "scheduled-when",
                    bdi { "{when}" }
                }
                if let Some(reach) = reach {
                    " · "
                    bdi { dir: "auto", {reach.to_whom()} }
                }
                if let Some(by) = by {
                    " · "
                    bdi { dir: "auto", "{by.name}" }
                }
            }
            if let Some(refused) = refused {
                p { class: "warning", role: "alert", "data-testid": "scheduled-refused",
                    Icon { shape: Shape::Warning }
                    span { {why(&refused)} }
                }
            }
            Content { writing }
            div { class: "form-row",
                button { class: "button button-quiet", "data-testid": "scheduled-edit", onclick: edit,
                    Icon { shape: Shape::Edit }
                    span { {t("schedule-edit")} }
                }
                button { class: "button button-quiet", "data-testid": "scheduled-now", onclick: post_now,
                    Icon { shape: Shape::Send }
                    span { {t("schedule-now")} }
                }
                button { class: "button button-quiet", "data-testid": "scheduled-delete", onclick: move |_| asking.set(true),
                    Icon { shape: Shape::Trash }
                    span { {t("schedule-delete")} }
                }
            }
            Ask {
                asking,
                title: t("schedule-delete-title"),
                does: t("schedule-delete-does"),
                yes: t("schedule-delete"),
                testid: "scheduled-delete-confirm",
                on_yes: move |()| {
                    let node = undoing.surface.node.clone();
                    act(undoing.notices, async move { node.delete_scheduled(id).await });
                },
            }
        }
    }
}
