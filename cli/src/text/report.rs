//! What was reported, and to this anchor.

use std::fmt::Write as _;

use serde_json::Value;

use crate::words::{count, flag, line, list, short, text};

pub(super) fn listed(out: &mut String, value: &Value, kith: &str, ago: impl Fn(u64) -> String) -> std::fmt::Result {
    let (sent, came) = (list(value, "sent"), list(value, "came"));
    if sent.is_empty() && came.is_empty() {
        return writeln!(
            out,
            "Nothing was reported. A report tells an anchor of yours what it should not show: {kith} report ID"
        );
    }
    for report in sent {
        let state = match text(report, "state") {
            "waiting" => "waits until the anchor is reached",
            "taken" => "the anchor has it",
            _ => "the anchor did not take it",
        };
        let (about, anchor) = (short(text(report, "about")), short(text(report, "anchor")));
        let when = ago(count(report, "made_ms"));
        writeln!(out, "{about} to the anchor {anchor}, {}, {when}: {state}", text(report, "reason"))?;
    }
    if !came.is_empty() {
        writeln!(out, "To this anchor:")?;
    }
    for report in came {
        let about = short(text(report, "about"));
        let author = line(text(report, "author_name"));
        let by = match text(report, "author") == text(report, "about") {
            _ if author.is_empty() => String::new(),
            true => format!(" ({author})"),
            false => format!(" by {author}"),
        };
        let denied = if flag(report, "denied") { " (on the deny list)" } else { "" };
        let when = ago(count(report, "came_ms"));
        writeln!(out, "{}. {about}{by}, {}, {when}{denied}", count(report, "number"), text(report, "reason"))?;
        let said = line(text(report, "text"));
        if !said.is_empty() {
            writeln!(out, "   {said}")?;
        }
    }
    if !came.is_empty() {
        writeln!(
            out,
            "Look at a post: {kith} show ID. Keep it off: {kith} deny ID. Dealt with: {kith} report --settle NUMBER"
        )?;
    }
    Ok(())
}
