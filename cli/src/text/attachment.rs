//! What goes with a post or message, as people read it in a terminal.

use std::fmt::Write as _;

use serde_json::Value;

use crate::words::{bytes, count, line, list, short, text};

/// A line for each attachment, behind `indent`.
pub(crate) fn attachments(out: &mut String, of: &Value, indent: &str, kith: &str) -> std::fmt::Result {
    for file in list(of, "attachments") {
        let alt = file.get("alt").and_then(Value::as_str).map(line);
        let what = match count(file, "width") {
            0 => format!("file {}, {}", line(text(file, "name")), bytes(count(file, "size"))),
            width => {
                let alt = alt.as_deref().unwrap_or("no description");
                format!("picture {width}×{}: {alt}", count(file, "height"))
            }
        };
        let place = match file.get("path").and_then(Value::as_str) {
            Some(path) => line(path),
            None => format!("{kith} get {} FILE", short(text(file, "hash"))),
        };
        writeln!(out, "{indent}[{what}] {place}")?;
    }
    Ok(())
}
