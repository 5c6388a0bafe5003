//! Private conversations as people read them in a terminal.

use std::fmt::{Result, Write as _};

use serde_json::Value;

use crate::text::attachment::attachments;
use crate::words::{array, block, count, flag, line, list, many, said, short, text};

/// Of an answered message, so many characters are shown.
const QUOTED_CHARS: usize = 60;

pub(crate) fn threads(out: &mut String, value: &Value, requests: bool, kith: &str) -> Result {
    let all = array(value);
    if all.is_empty() && requests {
        return writeln!(out, "No requests.");
    }
    if all.is_empty() {
        return writeln!(out, "No conversations yet. Begin one with: {kith} dm PERSONA TEXT");
    }
    for thread in all {
        let unread = match count(thread, "unread") {
            0 => String::new(),
            unread => format!("  {}", many(unread, "unread message")),
        };
        let muted = if flag(thread, "muted") { "  muted" } else { "" };
        writeln!(out, "{}  {}{unread}{muted}", short(text(thread, "id")), with(thread))?;
        if let Some(last) = thread.get("last_text").and_then(Value::as_str).filter(|last| !last.is_empty()) {
            writeln!(out, "    {}", line(last))?;
        } else if count(thread, "last_files") > 0 {
            writeln!(out, "    [{}]", many(count(thread, "last_files"), "file"))?;
        }
    }
    if requests {
        writeln!(out, "Nothing is answered before you accept: {kith} requests accept ID, or decline ID")?;
    }
    Ok(())
}

/// The name of a group, or who else is in it.
fn with(thread: &Value) -> String {
    if let Some(title) = thread.get("title").and_then(Value::as_str) {
        return line(title);
    }
    let names = list(thread, "names").iter().zip(list(thread, "with")).map(|(name, persona)| {
        let name = name.as_str().unwrap_or_default();
        if name.is_empty() { short(persona.as_str().unwrap_or_default()) } else { line(name) }
    });
    let names: Vec<String> = names.collect();
    if names.is_empty() { "notes to yourself".to_owned() } else { names.join(", ") }
}

pub(crate) fn thread(out: &mut String, value: &Value, kith: &str, ago: impl Fn(u64) -> String) -> Result {
    let all = array(value);
    if all.is_empty() {
        return writeln!(out, "Nothing was written here yet.");
    }
    for message in all {
        let from = line(text(message, "from_name"));
        let from = if from.is_empty() { short(text(message, "from")) } else { from };
        let state = if flag(message, "own") { format!("  {}", line(text(message, "state"))) } else { String::new() };
        let edited = if flag(message, "edited") { "  edited" } else { "" };
        writeln!(out, "{}  {from}  {}{state}{edited}", short(text(message, "id")), ago(count(message, "created_ms")))?;
        if flag(message, "deleted") {
            writeln!(out, "    deleted")?;
        } else {
            if let Some(to) = message.get("reply_to").and_then(Value::as_str) {
                writeln!(out, "    > {}", answered(all, to))?;
            }
            if !text(message, "text").is_empty() {
                writeln!(out, "{}", block(&said(message)))?;
            }
            attachments(out, message, "    ", kith)?;
        }
        if let Some(reactions) = message.get("reactions").and_then(Value::as_object).filter(|all| !all.is_empty()) {
            let shown = reactions.iter().map(|(emoji, count)| format!("{} {count}", line(emoji)));
            writeln!(out, "    {}", shown.collect::<Vec<_>>().join("  "))?;
        }
    }
    Ok(())
}

/// What a message answers: its beginning, or its id where it is not among these.
fn answered(all: &[Value], to: &str) -> String {
    let Some(of) = all.iter().find(|message| text(message, "id") == to) else { return short(to) };
    let said = line(&said(of));
    let mut shown: String = said.chars().take(QUOTED_CHARS).collect();
    if shown.len() < said.len() {
        shown.push('…');
    }
    format!("{}: {shown}", name_of(of))
}

/// How long messages of a conversation stay.
pub(crate) fn timer(out: &mut String, value: &Value, set: bool) -> Result {
    let from_now = if set { " from now on" } else { "" };
    match count(value, "keep_s") {
        0 => writeln!(out, "Messages stay{from_now}."),
        s => writeln!(out, "Messages go {} after they were read{from_now}, on every device.", span(s)),
    }
}

fn span(s: u64) -> String {
    let units = [(604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (unit, name) = units.into_iter().find(|(unit, _)| s.is_multiple_of(*unit)).unwrap_or((1, "second"));
    many(s / unit, name)
}

/// What the user chose for messages.
pub(crate) fn settings(out: &mut String, value: &Value, set: bool, kith: &str) -> Result {
    for setting in array(value) {
        let told = match text(setting, "name") {
            "read-receipts" => "others hear how far you read",
            _ => "answers that you do not write yourself wait, and cover hides them",
        };
        writeln!(out, "{}  {}  ({told})", line(text(setting, "name")), line(text(setting, "value")))?;
    }
    if set { Ok(()) } else { writeln!(out, "Change one with: {kith} settings NAME on|off") }
}

/// Messages that a search found.
pub(crate) fn found(out: &mut String, value: &Value, ago: impl Fn(u64) -> String) -> Result {
    let all = array(value);
    if all.is_empty() {
        return writeln!(out, "No message has these words.");
    }
    for message in all {
        let from = if flag(message, "own") { "you".to_owned() } else { name_of(message) };
        let (thread, when) = (short(text(message, "thread")), ago(count(message, "created_ms")));
        writeln!(out, "{}  {from}  {when}  in {thread}", short(text(message, "id")))?;
        writeln!(out, "{}", block(text(message, "text")))?;
    }
    Ok(())
}

fn name_of(message: &Value) -> String {
    let name = line(text(message, "from_name"));
    if name.trim().is_empty() { short(text(message, "from")).to_owned() } else { name }
}

/// What two people compare.
pub(crate) fn safety(out: &mut String, value: &Value, kith: &str) -> Result {
    let words = |field: &str| list(value, field).iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let them = short(text(value, "persona"));
    match text(value, "state") {
        "verified" => writeln!(out, "You compared keys with {them}: they are the same.")?,
        "changed" => writeln!(
            out,
            "The key of {them} changed since you compared it. Messages to them wait: compare again, or go on without \
             with: {kith} verify {them} --accept"
        )?,
        _ => writeln!(out, "You have not compared keys with {them}.")?,
    }
    writeln!(out, "Your words:   {}", words("own_words"))?;
    writeln!(out, "Their words:  {}", words("words"))?;
    writeln!(
        out,
        "They see the same two lines, the other way round. When they read the second to you and it is the same:"
    )?;
    writeln!(out, "  {kith} verify {them} --done")
}
