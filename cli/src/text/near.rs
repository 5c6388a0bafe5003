//! People near you.

use std::fmt::Write as _;

use serde_json::Value;

use super::Text;
use crate::words::{flag, line, list, name, short, text};

impl Text {
    pub(super) fn near(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let kith = &self.kith;
        if !flag(value, "open") {
            writeln!(out, "Closed: nobody near you sees you here, and you see nobody.")?;
            return writeln!(out, "Be seen by those who open it too, for 10 minutes, with: {kith} near open");
        }
        let people = list(value, "people");
        if people.is_empty() {
            writeln!(out, "Open. Nobody else on this network has it open now.")?;
        }
        for person in people {
            let followed = if flag(person, "followed") { "  (followed)" } else { "" };
            let (code, who) = (line(text(person, "code")), name(person, "name", "persona"));
            writeln!(out, "{code}  {who}  {}{followed}", short(text(person, "id")))?;
        }
        if !people.is_empty() {
            writeln!(out, "Anybody may use any name. Who stands before you has the same six digits beside your name.")?;
            writeln!(out, "Follow them with: {kith} near follow DIGITS")?;
        }
        writeln!(out, "Look again: {kith} near. Close it: {kith} near close")
    }
}
