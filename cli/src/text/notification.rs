//! What is told of what happened.

use std::fmt::Write as _;

use serde_json::Value;

use super::Text;
use crate::words::{array, count, flag, line, list, many, short, text};

impl Text {
    pub(super) fn notifications(&self, out: &mut String, value: &Value, unread: bool) -> std::fmt::Result {
        let all = array(value);
        if all.is_empty() {
            let told = if unread { "Nothing new." } else { "Nothing happened to you yet." };
            return writeln!(out, "{told}");
        }
        for one in all {
            let new = if flag(one, "read") { " " } else { "*" };
            let (said, about) = (line(text(one, "text")), line(text(one, "about")));
            writeln!(
                out,
                "{new} {}  {}, {}",
                short(text(one, "id")),
                happened(one),
                self.ago(count(one, "created_ms"))
            )?;
            if !said.is_empty() {
                writeln!(out, "    {said}")?;
            }
            if !about.is_empty() {
                writeln!(out, "    on: {about}")?;
            }
            let place = ["thread", "comment", "post"].into_iter().find(|place| !text(one, place).is_empty());
            match place {
                Some("thread") => writeln!(out, "    {} thread {}", self.kith, short(text(one, "thread")))?,
                Some(_) => writeln!(out, "    {} show {}", self.kith, short(text(one, "post")))?,
                None => {}
            }
        }
        Ok(())
    }

    pub(super) fn notice_rules(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let off: Vec<String> = list(value, "off").iter().filter_map(Value::as_str).map(line).collect();
        if off.is_empty() {
            writeln!(
                out,
                "You are told of all kinds. Turn one off with: {} notifications rules kind KIND off",
                self.kith
            )?;
        } else {
            writeln!(out, "You are not told of: {}.", off.join(", "))?;
        }
        for (set, key, what) in [("people", "persona", "Of"), ("threads", "thread", "In conversation")] {
            for one in list(value, set) {
                let rule = match text(one, "rule") {
                    "mentions" => "mentions alone",
                    _ => "nothing",
                };
                writeln!(out, "{what} {}: {rule}.", short(text(one, key)))?;
            }
        }
        match value.get("quiet").filter(|quiet| !quiet.is_null()) {
            Some(quiet) => {
                let at = |key| {
                    let minutes = count(quiet, key);
                    format!("{:02}:{:02}", minutes / 60, minutes % 60)
                };
                let offset = quiet.get("offset").and_then(Value::as_i64).unwrap_or_default();
                writeln!(
                    out,
                    "Quiet from {} to {}, where clocks are {offset} minutes ahead of UTC.",
                    at("from"),
                    at("to")
                )
            }
            None => writeln!(out, "No quiet hours."),
        }
    }
}

/// A line without what was said.
pub(crate) fn happened(one: &Value) -> String {
    let who = list(one, "from").first().map(|from| line(text(from, "name"))).filter(|name| !name.is_empty());
    let mut who = who.unwrap_or_else(|| "somebody".to_owned());
    match count(one, "people") {
        0 | 1 => {}
        2 => who.push_str(" and 1 other"),
        people => {
            let _infallible = write!(who, " and {} others", people - 1);
        }
    }
    let emoji: Vec<String> = list(one, "emoji").iter().filter_map(Value::as_str).map(line).collect();
    match text(one, "kind") {
        "comment" => format!("{who} commented on your post"),
        "answer" => format!("{who} answered you"),
        "mention" => format!("{who} mentioned you"),
        "quote" => format!("{who} quoted you"),
        "reaction" => reacted(one, &who, &emoji),
        "repost" => format!("{who} reposted you"),
        "follower" => format!("{who} follows you"),
        "message" | "request" => {
            // The count is that of unread ones.
            let messages = match count(one, "count") {
                0 => "messages".to_owned(),
                count => many(count, "message"),
            };
            let asked = if text(one, "kind") == "request" { ", as a request" } else { "" };
            format!("{messages} from {who}{asked}")
        }
        "invitation" => format!("{who} made a group to which you are invited"),
        "circle" => format!("{who} put you into a circle"),
        "device" => "a device of yours is new".to_owned(),
        "edit" => format!("{who} edited a post that you took part in"),
        "backup" => "your backup needs you: see kith recovery".to_owned(),
        other => line(other),
    }
}

/// A vote is a reaction by which one chooses an option.
fn reacted(one: &Value, who: &str, emoji: &[String]) -> String {
    let votes = list(one, "votes");
    let options: Vec<String> = votes.iter().map(|vote| line(text(vote, "option"))).collect();
    let is_other = |emoji: &&String| !votes.iter().any(|vote| line(text(vote, "emoji")) == **emoji);
    let others: Vec<&str> = emoji.iter().filter(is_other).map(String::as_str).collect();
    match (options.is_empty(), others.is_empty()) {
        (true, _) => format!("{who} reacted {}", emoji.join(" ")),
        (false, true) => format!("{who} voted in your poll: {}", options.join(", ")),
        (false, false) => format!("{who} voted in your poll: {}; reacted {}", options.join(", "), others.join(" ")),
    }
}
