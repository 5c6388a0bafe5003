//! What is told of circles.

use std::fmt::Write as _;

use kith_node::control::{CircleChange, GroupChange};
use serde_json::Value;

use super::Text;
use crate::words::{array, count, line, list, many_as, quoted, short, text};

/// Why nothing can be said in a group any more.
pub(super) fn ended(group: &Value) -> String {
    let name = line(text(group, "name"));
    let who = match text(group, "by_name") {
        "" => "Somebody".to_owned(),
        who => line(who),
    };
    match text(group, "how") {
        "left" => format!("You are no longer in {name}"),
        "closed" if group.get("by") == group.get("persona") => format!("You closed {name}"),
        "closed" => format!("{who} closed {name}"),
        _ => format!("{who} removed you from {name}"),
    }
}

impl Text {
    pub(super) fn followers(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let all = array(value);
        if all.is_empty() {
            return writeln!(out, "Nobody told you that they follow you. Who follows without telling is not known.");
        }
        for follower in all {
            let mutual = if follower.get("mutual").and_then(Value::as_bool) == Some(true) { "  mutual" } else { "" };
            let persona = short(text(follower, "persona"));
            writeln!(out, "{persona}  {}{mutual}", line(text(follower, "name")))?;
        }
        Ok(())
    }

    pub(super) fn circles(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let (all, ended) = (list(value, "circles"), list(value, "ended"));
        if all.is_empty() {
            writeln!(out, "No circles yet. Make one with: {} circle create NAME", self.kith)?;
        }
        for circle in all {
            let members = list(circle, "members").iter().filter_map(Value::as_str);
            let names = list(circle, "names").iter().filter_map(Value::as_str);
            let people: Vec<(&str, &str)> = members.zip(names).collect();
            let count = many_as(people.len() as u64, "person", "people");
            let name = line(text(circle, "name"));
            if circle.get("invited").and_then(Value::as_bool) == Some(true) {
                let join = format!("{} group join {}", self.kith, quoted(&name));
                writeln!(out, "{name} (group, {count}): you are invited. Join with: {join}")?;
                continue;
            }
            let group = if text(circle, "kind") == "group" { "group, " } else { "" };
            writeln!(out, "{name} ({group}{count})")?;
            for (member, name) in people {
                let name = if name.is_empty() { "somebody".to_owned() } else { line(name) };
                writeln!(out, "  {}  {name}", short(member))?;
            }
        }
        for group in ended {
            writeln!(out, "{}, {}.", self::ended(group), self.ago(count(group, "ended_ms")))?;
        }
        Ok(())
    }

    pub(super) fn group_changed(&self, out: &mut String, value: &Value, change: &GroupChange) -> std::fmt::Result {
        let group = line(text(value, "name"));
        match change {
            GroupChange::Create(people) if people.is_empty() => {
                let name = quoted(&group);
                writeln!(out, "Made {group}. Invite somebody with: {} group add {name} PERSONA", self.kith)
            }
            GroupChange::Create(_) => {
                writeln!(out, "Made {group}. Who you named is invited, and in it once they join.")
            }
            GroupChange::Add(_) => {
                writeln!(out, "Invited: they are in {group} once they join. All members see who is in it.")
            }
            GroupChange::Remove(_) => writeln!(
                out,
                "Removed from {group}. What was posted to it until now stays readable to them; what comes does not reach them."
            ),
            GroupChange::Admin { undo: false, .. } => {
                writeln!(out, "An admin of {group} now: they invite people and take them out.")
            }
            GroupChange::Admin { undo: true, .. } => writeln!(out, "A plain member of {group} again."),
            GroupChange::Join => writeln!(
                out,
                "You are in {group}. Post to it with: {} post TEXT --circle {}",
                self.kith,
                quoted(&group)
            ),
            GroupChange::Close => writeln!(
                out,
                "Closed {group}: everybody in it is told. What was posted to it stays readable to those who were in it."
            ),
            GroupChange::Leave => writeln!(
                out,
                "You left {group}. What you read stays here, and what you posted stays readable to its members."
            ),
        }
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
            CircleChange::Rename(_) => writeln!(out, "It is called {circle} now. Its members see that at its posts."),
            CircleChange::Colour(colour) => writeln!(out, "{circle} is {} now.", colour.name()),
            CircleChange::Delete => writeln!(
                out,
                "Deleted {circle}. Nobody is told. What you posted to it stays readable to those who were in it."
            ),
        }
    }
}
