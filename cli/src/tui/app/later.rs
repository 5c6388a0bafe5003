//! Posts for later: those that wait, and when the one that is being written is posted.

use kith_node::control::Request;

use super::{App, Overlay, Then};
use crate::args::scheduled::at_ms;
use crate::tui::data::Waiting;
use crate::tui::editor::Editor;
use crate::tui::keys::Deed;
use crate::tui::lay::{clean_line, cut};
use crate::words::many;

const WHEN: &str = "Post it when? As 2026-12-24 18:00; empty: at once";

impl App {
    pub(super) fn with_waiting(&mut self, deed: Deed) {
        let Some(Waiting { id, posts, .. }) = self.later.chosen().cloned() else { return };
        let text = self.later.chosen().map(Waiting::said).unwrap_or_default();
        let mut said = format!("“{}”", cut(&clean_line(&text), 60));
        if posts > 1 {
            said.push_str(&format!(" and the {} of its thread", many(posts - 1, "other post")));
        }
        match deed {
            Deed::PostNow => self.confirm(format!("Post {said} now?"), Request::PostNow { id }, "Posted."),
            _ => {
                let question = format!("Drop {said}? Nothing of it was posted, and all of it is gone then.");
                self.confirm(question, Request::DeleteScheduled { id }, "Dropped.");
            }
        }
    }

    /// All of it; of a thread the first post, and how many there are.
    pub(super) fn read_waiting(&mut self) {
        let Some(one) = self.later.chosen() else { return };
        let mut parts = vec![self.audience_of(one)];
        parts.extend(one.cw.as_ref().map(|cw| format!("⚠ {cw}")));
        parts.push(one.said());
        let beside = one.beside();
        if !beside.is_empty() {
            parts.push(format!("({})", beside.join(", ")));
        }
        parts.extend(one.refused.as_ref().map(|refused| format!("Not posted: {}", refused.message)));
        let title = (self.moment)(one.at_ms);
        self.read_aloud(title, parts.join("\n\n"));
    }

    /// Who writes it, and for whom.
    pub(crate) fn audience_of(&self, one: &Waiting) -> String {
        let by = self.personas.items.iter().find(|persona| match &one.persona {
            Some(id) => persona.id == *id,
            None => persona.default,
        });
        let by = by.map(|persona| format!("by {}, ", clean_line(&persona.name))).unwrap_or_default();
        let circles = one.circles.as_deref().unwrap_or_default();
        let name = |id: &String| match self.circles.iter().find(|circle| circle.id == *id) {
            Some(circle) => clean_line(&circle.name),
            None => "a circle".to_owned(),
        };
        let names: Vec<String> = circles.iter().map(name).collect();
        let to = if names.is_empty() { "everyone".to_owned() } else { names.join(", ") };
        format!("{by}to {to}")
    }

    pub(super) fn ask_when(&mut self) {
        let Some(compose) = self.compose.as_ref().filter(|compose| compose.what.is_post()) else {
            return self.say("Only a post can wait for a time.", true);
        };
        let known = compose.at_ms.map(self.moment).unwrap_or_default();
        self.type_line(WHEN, Then::When, &known);
    }

    pub(super) fn set_when(&mut self, line: &str) {
        let at = if line.is_empty() { Ok(None) } else { at_ms(line).map(Some) };
        match (at, &mut self.compose) {
            (Ok(at), Some(compose)) => {
                compose.at_ms = at;
                self.overlay = Some(Overlay::Compose);
            }
            (Err(told), _) => {
                self.overlay = Some(Overlay::Type { title: WHEN, text: Editor::with(line), then: Then::When });
                self.say(told, true);
            }
            (Ok(_), None) => {}
        }
    }
}
