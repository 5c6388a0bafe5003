//! How a notification reads.

use ratatui::text::{Line, Span};

use super::super::data::Told;
use super::super::lay::{clean_line, cut, sentence, shown_line, visual, width};
use super::items::{ago, row};
use super::{accent, bold, dim, plain};

/// So many rows tell what happened.
const HAPPENED_ROWS: usize = 3;

/// `to`: the own persona whom it concerns, where that has to be told.
pub(super) fn notification(one: &Told, to: Option<&str>, cells: usize, now_ms: u64) -> Vec<Line<'static>> {
    let mut told = format!(" · {}", ago(one.created_ms, now_ms));
    if let Some(to) = to {
        told.push_str(&format!(" · to {}", shown_line(to, cells / 4)));
    }
    let told = cut(&told, cells / 2);
    let (mark, style) = if one.read { ("  ", plain()) } else { ("● ", bold()) };
    let rows = sentence(&one.happened, cells.saturating_sub(width(&told) + 2), HAPPENED_ROWS);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (at, happened) in rows.into_iter().enumerate() {
        let mark = Span::styled(if at == 0 { mark } else { "  " }, accent());
        let told = Span::styled(if at == 0 { told.clone() } else { String::new() }, dim());
        lines.push(Line::from(vec![mark, Span::styled(happened, style), told]));
    }
    let quoted = |text: &str| visual(&cut(&clean_line(text.trim()), cells.saturating_sub(2)));
    if !one.text.trim().is_empty() {
        lines.push(row(quoted(&one.text), cells, "  ", plain()));
    }
    if !one.about.trim().is_empty() {
        lines.push(row(quoted(&format!("on: {}", one.about.trim())), cells, "  ", dim()));
    }
    lines.push(Line::default());
    lines
}
