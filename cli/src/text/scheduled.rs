//! Posts that wait for their time.

use std::fmt::Write as _;

use chrono::{Local, TimeZone as _};
use serde_json::Value;

use super::Text;
use crate::words::{self, array, count, line, list, many, short, text};

impl Text {
    pub(super) fn for_later(&self, out: &mut String, value: &Value, direct: bool) -> std::fmt::Result {
        let (id, when) = (short(text(value, "id")), moment(count(value, "at_ms")));
        writeln!(out, "Scheduled for {when}, as {id}. It goes out from this device, while a node runs here.")?;
        if direct {
            writeln!(out, "No node runs now. Start one with: {} run", self.kith)?;
        }
        Ok(())
    }

    pub(super) fn scheduled(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let posts = array(value);
        if posts.is_empty() {
            return writeln!(
                out,
                "Nothing is scheduled. Write something for later with: {} post TEXT --at TIME",
                self.kith
            );
        }
        for post in posts {
            let id = short(text(post, "id"));
            let mut said = line(&words::said(post));
            if let Some(cw) = post.get("cw").and_then(Value::as_str) {
                said = format!("[{}] {said}", line(cw));
            }
            match count(post, "posts") {
                0 | 1 => {}
                posts => said = format!("{said} (thread of {})", many(posts, "post")),
            }
            match list(post, "attachments").len() {
                0 => {}
                files => said = format!("{said} ({})", many(files as u64, "file")),
            }
            writeln!(out, "{}  {id}  {said}", moment(count(post, "at_ms")))?;
            if let Some(refused) = post.get("refused").filter(|refused| !refused.is_null()) {
                let why = line(text(refused, "message"));
                writeln!(out, "    Not posted: {why}. Try it again with: {} scheduled now {id}", self.kith)?;
            }
        }
        Ok(())
    }
}

/// By this machine's clock.
pub(crate) fn moment(ms: u64) -> String {
    let time = i64::try_from(ms).ok().and_then(|ms| Local.timestamp_millis_opt(ms).earliest());
    time.map(|time| time.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}
