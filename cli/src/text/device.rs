//! Own devices.

use std::fmt::{Result, Write as _};

use serde_json::Value;

use crate::words::{array, count, date, flag, line, short, text};

pub(super) fn all(out: &mut String, value: &Value, kith: &str) -> Result {
    let all = array(value);
    for device in all {
        let state = match (flag(device, "revoked"), flag(device, "this"), flag(device, "new")) {
            (true, true, _) => ", this one, REVOKED: nobody takes what it writes",
            (true, ..) => ", revoked",
            (_, true, _) => ", this one",
            (.., true) => ", NEW: if it is not yours, revoke it",
            _ => "",
        };
        let main = if flag(device, "main") { ", main" } else { "" };
        // Of one that another root says nothing of nobody knows since when it was there.
        let since = match count(device, "linked_ms") {
            0 => String::new(),
            ms => format!(", since {}", date(ms)),
        };
        let name = match line(text(device, "name")) {
            name if name.is_empty() => "a new device (it has not told its name yet)".to_owned(),
            name => name.to_string(),
        };
        let id = short(text(device, "id"));
        writeln!(out, "{id}  {name}{main}{since}{state}")?;
        if !flag(device, "revoked") {
            for persona in array(device.get("out").unwrap_or(&Value::Null)).iter().filter_map(Value::as_str) {
                writeln!(out, "    revoked for {}", short(persona))?;
            }
        }
    }
    if all.iter().any(|device| flag(device, "copied")) {
        writeln!(
            out,
            "Another copy of this profile is in use at the same time: end Kith there, and start it here again."
        )?;
    }
    if all.iter().filter(|device| !flag(device, "revoked")).count() > 1 {
        writeln!(out, "Take one out with: {kith} devices revoke ID")?;
    }
    Ok(())
}

/// What `status` tells of personas that this device is out of.
pub(super) fn out(out: &mut String, value: &Value) -> Result {
    for persona in array(value.get("out_of").unwrap_or(&Value::Null)).iter().filter_map(Value::as_str) {
        writeln!(out, "This device was TAKEN OUT of {}: nobody takes what it writes there.", short(persona))?;
        writeln!(out, "What it holds stays readable. To write from here again, link a new profile of this device.")?;
    }
    Ok(())
}

pub(super) fn revoked(out: &mut String, value: &Value, direct: bool) -> Result {
    for persona in array(value.get("left").unwrap_or(&Value::Null)).iter().filter_map(Value::as_str) {
        writeln!(out, "NOT taken out of {}: do that on a main device of it, or with its phrase.", short(persona))?;
    }
    writeln!(out, "Revoked. Nobody takes what it writes from now on, and it is given nothing more.")?;
    writeln!(out, "What it has it can go on reading: your posts, messages and circles until now.")?;
    writeln!(
        out,
        "Where it was a main device and somebody else has it, they can undo this: do it with --phrase then."
    )?;
    if direct {
        writeln!(out, "Others hear of it once this node runs and is connected.")?;
    }
    Ok(())
}
