//! Words and numbers of answers, safe for a terminal.

use kith_node::view::{MentionView, Size};
use kith_node::with_names;
use serde_json::Value;

/// Digits of an id that are shown: enough to name it on input.
const SHORT: usize = 10;

pub(crate) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn count(value: &Value, field: &str) -> u64 {
    value.get(field).and_then(Value::as_u64).unwrap_or_default()
}

pub(crate) fn flag(value: &Value, field: &str) -> bool {
    value.get(field).and_then(Value::as_bool).unwrap_or_default()
}

pub(crate) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).map(array).unwrap_or_default()
}

pub(crate) fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What was said, with a name for each persona that it names.
pub(crate) fn said(value: &Value) -> String {
    with_names(text(value, "text"), &mentions(list(value, "mentions")))
}

/// Whom a text names.
pub(crate) fn mentions(all: &[Value]) -> Vec<MentionView> {
    let one =
        |it: &Value| Some(MentionView { persona: text(it, "persona").parse().ok()?, name: line(text(it, "name")) });
    all.iter().filter_map(one).collect()
}

/// Names in a text by which nobody was found, or several people: each stayed as it was written.
pub(crate) fn unclear(value: &Value) -> Vec<String> {
    let one = |told: &Value| {
        let people = list(told, "personas").iter();
        let ids: Vec<String> =
            people.map(|one| format!("@{} ({})", short(text(one, "persona")), name(one, "name", "persona"))).collect();
        let mention = line(text(told, "mention"));
        match ids.as_slice() {
            [] => format!("{mention} stayed as written: nobody whom you know is called so."),
            [one] => {
                format!("{mention} stayed as written: nobody is called just so. To mention this one, write: {one}")
            }
            all => format!(
                "{mention} stayed as written: several people may be meant. To mention one, write: {}",
                all.join(", ")
            ),
        }
    };
    list(value, "unclear").iter().map(one).collect()
}

/// A name, or who it is where none is known yet.
pub(crate) fn name(value: &Value, field: &str, id: &str) -> String {
    match text(value, field) {
        "" => format!("somebody ({})", short(text(value, id))),
        name => line(name),
    }
}

pub(crate) fn short(id: &str) -> String {
    id.chars().take(SHORT).collect()
}

pub(crate) fn many(count: u64, one: &str) -> String {
    many_as(count, one, &format!("{one}s"))
}

pub(crate) fn many_as(count: u64, one: &str, more: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {more}") }
}

pub(crate) fn bytes(count: u64) -> String {
    Size::of(count).to_string()
}

/// One line of others' text, safe for a terminal.
pub(crate) fn line(text: &str) -> String {
    block(text).replace('\n', " ")
}

/// Others' text, safe for a terminal: only line breaks are left of what controls one.
pub(crate) fn block(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\t', "    ");
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    text.chars().map(|c| if c != '\n' && (c.is_control() || turns(c)) { '\u{fffd}' } else { c }).collect()
}

/// A word for a shell.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return line(word);
    }
    format!("'{}'", line(word).replace('\'', r"'\''"))
}

/// The day of a time in UTC, as YYYY-MM-DD. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
pub(crate) fn date(ms: u64) -> String {
    let days = ms / 86_400_000 + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
