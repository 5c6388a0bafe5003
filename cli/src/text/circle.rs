//! What is told of circles.

use std::fmt::Write as _;

use kith_node::control::CircleChange;
use serde_json::Value;

use super::Text;
use crate::words::{array, line, many_as, quoted, short, text};

impl Text {
    pub(super) fn circles(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let all = array(value);
        if all.is_empty() {
            return writeln!(out, "No circles yet. Make one with: {} circle create NAME", self.kith);
        }
        for circle in all {
            let members: Vec<&str> =
                circle.get("members").map(array).unwrap_or_default().iter().filter_map(Value::as_str).collect();
            let count = many_as(members.len() as u64, "person", "people");
            writeln!(out, "{} ({count})", line(text(circle, "name")))?;
            for member in members {
                writeln!(out, "  {}", short(member))?;
            }
        }
        Ok(())
    }

    pub(super) fn circle_changed(&self, out: &mut String, value: &Value, change: &CircleChange) -> std::fmt::Result {
        let circle = line(text(value, "name"));
        match change {
            CircleChange::Create => {
                let name = quoted(&circle);
                writeln!(out, "Made {circle}. Let somebody in with: {} circle add {name} PERSONA", self.kith)
            }
            CircleChange::Add(_) => writeln!(
                out,
                "Added: they can read what you post to {circle} from now on. They see its name, and not who else is in it."
            ),
            CircleChange::Remove(_) => writeln!(
                out,
                "Removed from {circle}. What you posted to it until now stays readable to them; what comes does not reach them."
            ),
        }
    }
}
