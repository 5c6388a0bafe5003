//! How a post reads that waits for its time.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::super::data::Waiting;
use super::super::lay::{clean_line, cut, shown_line, shown_sentence, width};
use super::items::{FEED_LINES, texts};
use super::{accent, bad, bold, dim};

/// `when` and `to` whom it goes.
pub(super) fn waiting(one: &Waiting, when: &str, to: &str, cells: usize) -> Vec<Line<'static>> {
    let when = cut(when, cells / 2);
    let to = shown_sentence(to, cells.saturating_sub(width(&when) + 3));
    let mut lines = vec![Line::from(vec![Span::styled(when, bold()), Span::styled(format!(" · {to}"), dim())])];
    if let Some(cw) = &one.cw {
        let told = shown_line(&format!("⚠ {}", clean_line(cw)), cells);
        lines.push(Line::styled(told, accent().add_modifier(Modifier::BOLD)));
    }
    if !one.text.trim().is_empty() {
        lines.extend(texts(&one.said(), cells, "", Some(FEED_LINES)));
    }
    let beside = one.beside();
    if !beside.is_empty() {
        lines.push(Line::styled(cut(&beside.join(", "), cells), accent()));
    }
    if let Some(refused) = &one.refused {
        let told = format!("Not posted: {}. s tries it again.", refused.message.trim_end_matches('.'));
        lines.push(Line::styled(shown_sentence(&told, cells), bad()));
    }
    lines.push(Line::default());
    lines
}
