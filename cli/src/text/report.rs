//! What was reported, and to this anchor.

use std::fmt::Write as _;

use serde_json::Value;

use crate::words::{array, line, short, text};

pub(super) fn listed(out: &mut String, value: &Value, kith: &str, ago: impl Fn(u64) -> String) -> std::fmt::Result {
    let none = Value::Null;
    let part = |name: &str| array(value.get(name).unwrap_or(&none)).to_vec();
    let (sent, came) = (part("sent"), part("came"));
    let ms = |report: &Value, name: &str| report.get(name).and_then(Value::as_u64).unwrap_or_default();
    if sent.is_empty() && came.is_empty() {
        return writeln!(
            out,
            "Nothing was reported. A report tells an anchor of yours what it should not show: {kith} report ID"
        );
    }
    for report in &sent {
        let state = match text(report, "state") {
            "waiting" => "waits until the anchor is reached",
            "taken" => "the anchor has it",
            _ => "the anchor did not take it",
        };
        let (about, anchor) = (short(text(report, "about")), short(text(report, "anchor")));
        let when = ago(ms(report, "made_ms"));
        writeln!(out, "{about} to the anchor {anchor}, {}, {when}: {state}", text(report, "reason"))?;
    }
    if !came.is_empty() {
        writeln!(out, "To this anchor:")?;
    }
    for report in &came {
        let about = short(text(report, "about"));
        let author = line(text(report, "author_name"));
        let by = if author.is_empty() { String::new() } else { format!(" by {author}") };
        let denied = if report.get("denied") == Some(&Value::Bool(true)) { " (on the deny list)" } else { "" };
        let when = ago(ms(report, "came_ms"));
        writeln!(out, "{}. {about}{by}, {}, {when}{denied}", ms(report, "number"), text(report, "reason"))?;
        let said = line(text(report, "text"));
        if !said.is_empty() {
            writeln!(out, "   {said}")?;
        }
    }
    if !came.is_empty() {
        writeln!(
            out,
            "Look at one: {kith} show ID. Keep it off: {kith} deny ID. Dealt with: {kith} report --settle NUMBER"
        )?;
    }
    Ok(())
}
