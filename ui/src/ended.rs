//! Groups that the user is in no longer: who ended that is told wherever something could have been said.

use dioxus::prelude::*;
use kith_node::id::CircleId;
use kith_node::view::{CircleKind, EndedGroup, GroupEnd};

use crate::audience::CircleSign;
use crate::circles::{Circles, called};
use crate::icon::{Icon, Shape};
use crate::post::{Now, shown_name};
use crate::strings::{t, t_args};
use crate::surface::Surface;
use crate::time;

/// Those that others ended of late, the newest first. Filled with the circles.
#[derive(Clone, Copy)]
pub(crate) struct Endings(Signal<Vec<EndedGroup>>);

impl Endings {
    pub(crate) fn new() -> Self {
        Self(Signal::new(Vec::new()))
    }

    /// What can't be read stays as it was: whoever writes there is told all the same.
    pub(crate) async fn load(mut self, surface: &Surface) {
        if let Ok(all) = surface.node.ended_groups().await
            && *self.0.peek() != all
        {
            self.0.set(all);
        }
    }

    /// The first of these circles that ended. Reads and subscribes.
    pub(crate) fn among(self, circles: &[CircleId]) -> Option<EndedGroup> {
        self.0.read().iter().find(|ended| circles.contains(&ended.id)).cloned()
    }
}

/// What happened, as a sentence.
pub(crate) fn told(ended: &EndedGroup) -> String {
    let own = ended.by == ended.persona;
    let key = match ended.how {
        GroupEnd::Closed if own => "ended-closed-own",
        GroupEnd::Closed => "ended-closed",
        GroupEnd::Removed => "ended-removed",
        GroupEnd::Left => "ended-left",
    };
    t_args(key, &[("name", shown_name(&ended.by_name).into()), ("group", called(&ended.name).into())])
}

/// In the place of a field that could not send.
#[component]
pub(crate) fn EndedLine(ended: ReadSignal<EndedGroup>) -> Element {
    rsx! {
        p { class: "warning", role: "status", "data-testid": "group-ended",
            Icon { shape: Shape::Leave }
            span { bdi { dir: "auto", {told(&ended.read())} } " " {t("ended-told")} }
        }
    }
}

/// Those of late, among the circles.
#[component]
pub(crate) fn EndedGroups() -> Element {
    let circles = use_context::<Circles>();
    let now = use_context::<Now>();
    let all = circles.endings.0.read();
    if all.is_empty() {
        return rsx! {};
    }
    rsx! {
        section { aria_label: t("ended-title"), "data-testid": "ended-groups",
            h2 { class: "section-title", {t("ended-title")} }
            ul { class: "rows",
                for ended in all.iter().cloned() {
                    li { key: "{ended.persona}{ended.id}", class: "row", "data-testid": "ended-group",
                        CircleSign { colour: ended.colour, kind: CircleKind::Group }
                        span { class: "row-text grow",
                            bdi { class: "name", dir: "auto", {told(&ended)} }
                            if let Some(ended_ms) = ended.ended_ms {
                                span { class: "muted", title: time::absolute(ended_ms), {time::relative((now.0)(), ended_ms)} }
                            }
                        }
                    }
                }
            }
            p { class: "hint", {t("ended-stays")} }
        }
    }
}
