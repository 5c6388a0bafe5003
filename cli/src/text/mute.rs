//! What is muted and blocked.

use std::fmt::Write as _;

use kith_node::control::Mute;
use serde_json::Value;

use super::Text;
use crate::words::{flag, line, list, many, name, short, text};

/// What a mute, a block, or the end of one means.
pub(super) const fn changed(what: &Mute, undo: bool) -> &'static str {
    match (what, undo) {
        (Mute::Block { .. }, false) => "Blocked: nothing of them is shown here any more. They are not told.",
        (Mute::Block { .. }, true) => "Not blocked any more.",
        (Mute::Reposts { .. }, false) => {
            "What they carry further leaves your feeds; what they write stays. Nobody is told."
        }
        (Mute::Conversation { .. }, false) => "Muted: what comes there is not counted as new. Nobody is told.",
        (_, false) => "Muted. Nobody is told.",
        (_, true) => "Not muted any more.",
    }
}

impl Text {
    pub(super) fn muted(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let before = out.len();
        let end = |item: &Value| match item.get("until_ms").and_then(Value::as_u64) {
            // To the nearest: a mute of a day is one of 24 hours, although a moment of it is over, or not begun.
            Some(ms) => {
                let hours = (ms.saturating_sub(self.now_ms).saturating_add(1_800_000) / 3_600_000).max(1);
                format!(", {} left", many(hours, "hour"))
            }
            None => String::new(),
        };
        for (field, word) in [("blocked", "blocked"), ("people", "muted"), ("reposts", "reposts muted")] {
            for person in list(value, field) {
                let persona = short(text(person, "persona"));
                writeln!(out, "{persona}  {}  {word}{}", name(person, "name", "persona"), end(person))?;
            }
        }
        for word in list(value, "words") {
            let scope = if flag(word, "everywhere") { "everywhere" } else { "in feeds" };
            writeln!(out, "word  {}  muted {scope}{}", line(text(word, "text")), end(word))?;
        }
        for thread in list(value, "threads") {
            writeln!(out, "thread  {}  muted{}", short(text(thread, "post")), end(thread))?;
        }
        for conversation in list(value, "conversations") {
            let names = list(conversation, "names").iter().filter_map(Value::as_str).filter(|name| !name.is_empty());
            let names: Vec<String> = names.map(line).collect();
            let with = match conversation.get("title").and_then(Value::as_str) {
                Some(title) => line(title),
                None if names.is_empty() => "notes to yourself, or somebody without a name yet".to_owned(),
                None => names.join(", "),
            };
            let thread = short(text(conversation, "thread"));
            writeln!(out, "{thread}  conversation with {with}  muted{}", end(conversation))?;
        }
        if out.len() == before { writeln!(out, "Nothing is muted or blocked.") } else { Ok(()) }
    }
}
