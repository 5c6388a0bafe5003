//! What lies above a screen: the composer, a line to type, a question, something to read.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};
use unicode_segmentation::UnicodeSegmentation;

use super::super::app::{App, Compose, Overlay, What};
use super::super::editor::Editor;
use super::super::lay::{clean, clean_line, cut, shown_line, shown_sentence, visual, width, wrapped};
use super::{accent, bold, dim, plain, put};
use crate::words::many_as;

/// Columns of a box at most: longer lines are hard to read.
const WIDEST: u16 = 90;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, app: &mut App) {
    match app.overlay.take() {
        Some(Overlay::Compose) => {
            if let Some(compose) = &app.compose {
                composer(frame, area, app, compose);
            }
            app.overlay = Some(Overlay::Compose);
        }
        Some(Overlay::Type { title, text, then }) => {
            let inside = boxed(frame, area, 3, title);
            let (rows, at) = edited(&text, usize::from(inside.width).saturating_sub(1));
            // One line alone: the part of it that holds the cursor.
            let row = rows.get(at.1).cloned().unwrap_or_default();
            put(frame, inside, &[Line::raw(row)]);
            cursor(frame, inside, (at.0, 0));
            app.overlay = Some(Overlay::Type { title, text, then });
        }
        Some(Overlay::Choose { title, rows, at }) => {
            let high = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(2);
            let inside = boxed(frame, area, high, title);
            let (cells, view) = (usize::from(inside.width).saturating_sub(2), usize::from(inside.height));
            let top = (at + 1).saturating_sub(view);
            let seen = rows.iter().enumerate().skip(top).take(view);
            let lines: Vec<Line<'_>> = seen
                .map(|(place, row)| {
                    let mark = Span::styled(if place == at { "▌ " } else { "  " }, accent());
                    let style = if place == at { bold() } else { plain() };
                    Line::from(vec![mark, Span::styled(shown_line(&row.label, cells), style)])
                })
                .collect();
            put(frame, inside, &lines);
            app.overlay = Some(Overlay::Choose { title, rows, at });
        }
        Some(Overlay::Confirm { question, request, done }) => {
            asked(frame, area, &question);
            app.overlay = Some(Overlay::Confirm { question, request, done });
        }
        Some(Overlay::Quit { question, keeps }) => {
            asked(frame, area, &question);
            app.overlay = Some(Overlay::Quit { question, keeps });
        }
        Some(Overlay::Read { title, text, top }) => {
            let inside = boxed(frame, area, area.height.saturating_sub(2), &title);
            let rows = wrapped(&text, usize::from(inside.width));
            let top = top.min(rows.len().saturating_sub(usize::from(inside.height)));
            let lines: Vec<Line<'_>> = rows.into_iter().skip(top).map(|row| Line::raw(row.text)).collect();
            put(frame, inside, &lines);
            app.overlay = Some(Overlay::Read { title, text, top });
        }
        None => {}
    }
}

/// A question that is answered by yes or no.
fn asked(frame: &mut Frame<'_>, area: Rect, question: &str) {
    let inside = boxed(frame, area, 5, "");
    let rows = wrapped(question, usize::from(inside.width));
    let mut lines: Vec<Line<'_>> = rows.into_iter().take(2).map(|row| Line::styled(row.text, bold())).collect();
    lines.push(Line::from(vec![
        Span::styled("y", accent()),
        Span::styled(" yes   ", dim()),
        Span::styled("n", accent()),
        Span::styled(" no", dim()),
    ]));
    put(frame, inside, &lines);
}

/// A box of so many lines with a title; answers what is inside of it.
fn boxed(frame: &mut Frame<'_>, area: Rect, height: u16, title: &str) -> Rect {
    let wide = area.width.saturating_sub(4).min(WIDEST);
    let high = height.min(area.height.saturating_sub(2));
    let (x, y) = (area.x + (area.width - wide) / 2, area.y + (area.height - high) / 2);
    let outside = Rect { x, y, width: wide, height: high };
    let title = shown_line(title, usize::from(wide).saturating_sub(6));
    let title = if title.is_empty() { String::new() } else { format!(" {title} ") };
    let block = Block::bordered().border_style(accent()).title(Span::styled(title, bold()));
    let inside = block.inner(outside);
    frame.render_widget(Clear, outside);
    frame.render_widget(block, outside);
    Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside }
}

fn composer(frame: &mut Frame<'_>, area: Rect, app: &App, compose: &Compose) {
    let title = match &compose.what {
        What::Post => "New post".to_owned(),
        What::Quote { .. } => "Quote".to_owned(),
        What::Comment { to, .. } => format!("Comment: to {}", clean_line(to)),
        What::Edit { .. } => "Edit".to_owned(),
        What::Message { name, .. } => format!("Message: to {}", clean_line(name)),
    };
    let inside = boxed(frame, area, area.height.saturating_sub(2), &title);
    let cells = usize::from(inside.width);
    let who = match &compose.what {
        What::Post | What::Quote { .. } => match compose.audience.as_deref().map(|id| app.circle(id)) {
            None => "To everyone: anybody can read it, and pass it on.".to_owned(),
            Some(None) => "To a circle that is not there: Ctrl+T chooses another.".to_owned(),
            Some(Some(circle)) => {
                let count = many_as(circle.members.len() as u64, "person", "people");
                format!("To {} ({}, {count}): nobody else can read it.", clean_line(&circle.name), circle.kind)
            }
        },
        What::Comment { .. } => "Whoever can read the post reads this too.".to_owned(),
        What::Edit { .. } => "What it said before stays visible, unless it is a message.".to_owned(),
        What::Message { .. } => "Sealed: only who is in this conversation can read it.".to_owned(),
    };
    let by = app.writer().map(|persona| format!("By {}", clean_line(&persona.name))).unwrap_or_default();
    let mut head = vec![Line::styled(shown_line(&by, cells), dim()), Line::styled(shown_line(&who, cells), accent())];
    if let What::Quote { of, .. } = &compose.what {
        head.push(Line::styled(shown_sentence(&format!("❝ {of}"), cells), dim()));
    }
    if let Some(cw) = &compose.cw {
        head.push(Line::styled(shown_line(&format!("⚠ {cw}"), cells), accent().add_modifier(Modifier::BOLD)));
    }
    if let Some(at_ms) = compose.at_ms {
        let told = format!("Later: {}, if a node runs here then", (app.moment)(at_ms));
        head.push(Line::styled(cut(&told, cells), accent()));
    }
    head.push(Line::styled("─".repeat(cells), dim()));
    let high = u16::try_from(head.len()).unwrap_or(u16::MAX).min(inside.height);
    put(frame, Rect { height: high, ..inside }, &head);
    let field = Rect { y: inside.y + high, height: inside.height.saturating_sub(high), ..inside };
    let (rows, at) = edited(&compose.text, cells.saturating_sub(1));
    let top = (at.1 + 1).saturating_sub(usize::from(field.height));
    let style = if compose.sending { dim() } else { plain() };
    let lines: Vec<Line<'_>> = rows.iter().skip(top).map(|row| Line::styled(row.clone(), style)).collect();
    put(frame, field, &lines);
    if compose.sending {
        let told = cut("Sending…", cells);
        let last = Rect { y: field.bottom().saturating_sub(1), height: 1, ..field };
        put(frame, last, &[Line::styled(told, accent())]);
    } else {
        cursor(frame, field, (at.0, at.1 - top));
    }
}

fn cursor(frame: &mut Frame<'_>, area: Rect, (column, line): (usize, usize)) {
    let (column, line) = (u16::try_from(column).unwrap_or(u16::MAX), u16::try_from(line).unwrap_or(u16::MAX));
    if line < area.height && column <= area.width {
        frame.set_cursor_position(Position { x: area.x.saturating_add(column), y: area.y + line });
    }
}

/// A text as it is being written, in rows as they are seen, and where the cursor is: column and row. Nothing is left out, so
/// that every place in it can be reached. In a row from right to left the cursor goes leftwards.
fn edited(editor: &Editor, cells: usize) -> (Vec<String>, (usize, usize)) {
    let (before, _) = editor.halves();
    let mut rows = vec![String::new()];
    let (mut used, mut seen, mut at) = (0, 0, None);
    for grapheme in editor.text().graphemes(true) {
        if seen == before.len() {
            at = Some((rows.last().map_or(0, |row| width(row)), rows.len() - 1));
        }
        seen += grapheme.len();
        if grapheme == "\n" {
            rows.push(String::new());
            used = 0;
            continue;
        }
        let shown = clean(grapheme);
        let wide = width(&shown);
        if used + wide > cells.max(2) {
            // The last word goes on in the next row, where there is one that fits.
            let word = rows.last().and_then(|row| row.rfind(' ')).map(|space| space + 1);
            let moved = match (word, rows.last_mut()) {
                (Some(space), Some(row)) if grapheme != " " => row.split_off(space),
                _ => String::new(),
            };
            if let Some((column, line)) = at
                && line == rows.len() - 1
                && column > rows.last().map_or(0, |row| width(row))
            {
                at = Some((column - rows.last().map_or(0, |row| width(row)), line + 1));
            }
            used = width(&moved);
            rows.push(moved);
        }
        used += wide;
        if let Some(row) = rows.last_mut() {
            row.push_str(&shown);
        }
    }
    let (column, line) = at.unwrap_or_else(|| (rows.last().map_or(0, |row| width(row)), rows.len() - 1));
    let shown: Vec<_> = rows.iter().map(|row| visual(row)).collect();
    let right = shown.get(line).is_some_and(|row| row.right);
    let column = if right { rows.get(line).map_or(0, |row| width(row)).saturating_sub(column) } else { column };
    (shown.into_iter().map(|row| row.text).collect(), (column, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_where_the_next_letter_goes() {
        let rows = |text: &str, cells| edited(&Editor::with(text), cells);
        assert_eq!(rows("", 10), (vec![String::new()], (0, 0)));
        assert_eq!(rows("abc", 10), (vec!["abc".to_owned()], (3, 0)));
        assert_eq!(rows("abc\n", 10), (vec!["abc".to_owned(), String::new()], (0, 1)));
        assert_eq!(rows("one two three", 8), (vec!["one two ".to_owned(), "three".to_owned()], (5, 1)));
        assert_eq!(rows("猫猫猫", 4), (vec!["猫猫".to_owned(), "猫".to_owned()], (2, 1)));
        assert_eq!(rows("שלום", 8), (vec!["םולש".to_owned()], (0, 0)));
        let mut editor = Editor::with("one two three");
        for _ in 0..7 {
            editor.left();
        }
        assert_eq!(edited(&editor, 8).1, (6, 0));
    }
}
