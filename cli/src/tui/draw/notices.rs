//! How a notification reads.

use ratatui::text::{Line, Span};

use super::super::data::Told;
use super::super::lay::{clean_line, cut, shown_line, shown_sentence, visual, width};
use super::items::{ago, row};
use super::{accent, bold, dim, plain};

/// `to`: the own persona whom it concerns, where that has to be told.
pub(super) fn notification(one: &Told, to: Option<&str>, cells: usize, now_ms: u64) -> Vec<Line<'static>> {
    let mut told = format!(" · {}", ago(one.created_ms, now_ms));
    if let Some(to) = to {
        told.push_str(&format!(" · to {}", shown_line(to, cells / 4)));
    }
    let told = cut(&told, cells / 2);
    let (mark, style) = if one.read { ("  ", plain()) } else { ("● ", bold()) };
    let happened = shown_sentence(&one.happened, cells.saturating_sub(width(&told) + 2));
    let mut lines =
        vec![Line::from(vec![Span::styled(mark, accent()), Span::styled(happened, style), Span::styled(told, dim())])];
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
