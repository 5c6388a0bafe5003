//! The screens, drawn from [`App`]: a line of sections, a list, a page beside or above it, a line of hints. Everything that
//! others wrote goes through `lay`.

mod items;
mod later;
mod notices;
mod overlay;

use std::collections::BTreeMap;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::app::{App, Notice, Section, View};
use super::data::Listed;
use super::keys::{Key, hints};
use super::lay::{cut, sentence, shown_line, width, wrapped};
use super::pane::Pane;

/// Below this nothing useful fits.
const LEAST: (u16, u16) = (40, 10);

/// So many rows tell what was done, or could not be.
const NOTICE_ROWS: usize = 3;

/// What the cursor marks.
const ACCENT: Color = Color::Cyan;

pub(super) fn plain() -> Style {
    Style::new()
}

pub(super) fn dim() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

pub(super) fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

pub(super) fn accent() -> Style {
    Style::new().fg(ACCENT)
}

pub(super) fn bad() -> Style {
    Style::new().fg(Color::Red).add_modifier(Modifier::BOLD)
}

/// Draws everything. Panes learn how high what they hold is.
pub(crate) fn draw(frame: &mut Frame<'_>, app: &mut App) {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let told = format!("Kith needs {} columns and {} lines", LEAST.0, LEAST.1);
        return put(frame, area, &[Line::from(cut(&told, usize::from(area.width)))]);
    }
    let body = Rect { y: area.y + 2, height: area.height - 3, ..area };
    header(frame, Rect { height: 1, ..area }, app);
    let rule = "─".repeat(usize::from(area.width));
    put(frame, Rect { y: area.y + 1, height: 1, ..area }, &[Line::styled(rule, dim())]);
    let two = match app.section {
        Section::Feed => app.detail || app.view != View::Later,
        section => section == Section::Messages,
    };
    if app.is_wide() && two {
        let left = Rect { width: area.width * 2 / 5, ..body };
        let right = Rect { x: left.right() + 1, width: area.width - left.width - 1, ..body };
        list(frame, left, app, !app.detail);
        for y in body.top()..body.bottom() {
            put(frame, Rect { x: left.right(), y, width: 1, height: 1 }, &[Line::styled("│", dim())]);
        }
        page(frame, right, app, app.detail);
    } else if app.detail {
        page(frame, body, app, true);
    } else {
        list(frame, body, app, true);
    }
    footer(frame, Rect { y: area.bottom() - 1, height: 1, ..area }, app);
    overlay::draw(frame, area, app);
    if let Some(notice) = &app.notice {
        told(frame, area, notice);
    }
}

fn header(frame: &mut Frame<'_>, area: Rect, app: &App) {
    // In 80 columns what is new is of more use than the name of the program.
    let wide = app.is_wide();
    let mut spans = if wide { vec![Span::styled(" Kith ", bold())] } else { Vec::new() };
    for (at, section) in Section::ALL.into_iter().enumerate() {
        let unread = match section {
            Section::Messages => app.unread(),
            Section::Notifications => app.net.status.unread,
            _ => 0,
        };
        let waiting = if section == Section::Messages { app.requests.items.len() } else { 0 };
        let mut told = format!(" {} {}", at + 1, if wide { section.title() } else { section.short_title() });
        if unread > 0 {
            told.push_str(&format!("({unread})"));
        } else if waiting > 0 {
            told.push('?');
        }
        told.push(' ');
        let style = if section == app.section { accent().add_modifier(Modifier::REVERSED) } else { plain() };
        spans.push(Span::styled(told, style));
    }
    let status = &app.net.status;
    let net = match (status.running, status.demo, status.peers) {
        (false, ..) => "not connected".to_owned(),
        (true, true, _) => "demo, offline".to_owned(),
        (true, false, 1) => "1 peer".to_owned(),
        (true, false, peers) => format!("{peers} peers"),
    };
    let used: usize = spans.iter().map(|span| width(&span.content)).sum();
    let room = usize::from(area.width).saturating_sub(used + 1);
    let name = app.writer().map(|persona| persona.name.as_str()).unwrap_or_default();
    let who = shown_line(name, room.saturating_sub(width(&net) + 3).min(24));
    let right = if who.is_empty() { net } else { format!("{who} · {net}") };
    let right = cut(&right, room);
    spans.push(Span::raw(" ".repeat(room.saturating_sub(width(&right)))));
    spans.push(Span::styled(right, dim()));
    put(frame, area, &[Line::from(spans)]);
}

/// What was done or could not be, at the bottom of everything.
fn told(frame: &mut Frame<'_>, area: Rect, notice: &Notice) {
    let style = if notice.bad { bad() } else { accent() };
    let cells = usize::from(area.width).saturating_sub(2);
    let rows = sentence(&notice.text, cells, NOTICE_ROWS);
    let high = u16::try_from(rows.len()).unwrap_or(1).min(area.height);
    let place = Rect { y: area.bottom() - high, height: high, ..area };
    frame.render_widget(Clear, place);
    let lines: Vec<Line<'_>> = rows.into_iter().map(|row| Line::styled(format!(" {row}"), style)).collect();
    put(frame, place, &lines);
}

fn footer(frame: &mut Frame<'_>, area: Rect, app: &App) {
    let cells = usize::from(area.width);
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    let offered = |key: &Key| app.offers(key.deed);
    let mut keys = hints(app.place(), offered);
    // How to find out more is never left out.
    let help = keys.iter().position(|(_, word)| *word == "keys").map(|at| keys.remove(at));
    let kept = help.map_or(0, |(key, word)| width(key) + width(word) + 3);
    for (key, word) in keys.into_iter() {
        let wide = width(key) + width(word) + 3;
        if used + wide + kept > cells {
            continue;
        }
        spans.extend([Span::styled(key, accent()), Span::styled(format!(" {word}  "), dim())]);
        used += wide;
    }
    if let Some((key, word)) = help {
        spans.extend([Span::styled(key, accent()), Span::styled(format!(" {word}"), dim())]);
    }
    put(frame, area, &[Line::from(spans)]);
}

fn list(frame: &mut Frame<'_>, area: Rect, app: &mut App, focused: bool) {
    let now_ms = app.now_ms;
    let now = (now_ms / 60_000, app.unfolded.len());
    match app.section {
        Section::Feed if app.view == View::Later => {
            let empty = "Nothing waits for its time.\n\nWrite something with n, and say when with Ctrl+L.";
            let area = pill(frame, area, Some("Posts for later, while a node runs here · v: choose".to_owned()));
            let told = app.later.items.iter().map(|one| (one.id.clone(), app.audience_of(one)));
            let told: BTreeMap<String, String> = told.collect();
            // Names of circles come by themselves.
            let (now, moment) = ((now.0, app.circles.len()), app.moment);
            pane(frame, area, &mut app.later, focused, empty, now, |one, cells| {
                let to = told.get(&one.id).map(String::as_str).unwrap_or_default();
                later::waiting(one, &moment(one.at_ms), to, cells)
            });
        }
        Section::Feed => {
            let unfolded = app.unfolded.clone();
            let fresh = if app.view.is_found() { app.found.fresh } else { app.feed.fresh };
            let empty = match app.view {
                View::Home => "Nothing here yet.\n\nWrite your first post with n, or follow somebody: 3, then f.",
                View::Bookmarks => "No bookmarks.\n\nb bookmarks the chosen post or comment; nobody is told.",
                View::Search(_) => "Nothing found.\n\n/ searches for something else, Esc goes back to what you follow.",
                _ => "Nothing of it is here yet.\n\nv chooses something else to read.",
            };
            let chosen = (app.view != View::Home).then(|| format!("{} · v: choose", app.view.title()));
            let above = (fresh > 0).then(|| format!("↑ {fresh} new · g"));
            let told: Vec<String> = [above, chosen].into_iter().flatten().collect();
            let area = pill(frame, area, (!told.is_empty()).then(|| told.join(" · ")));
            if app.view.is_found() {
                return pane(frame, area, &mut app.found, focused, empty, now, |found, cells| {
                    items::found(found, cells, now_ms, items::FEED_LINES, unfolded.iter().any(|id| id == found.id()))
                });
            }
            pane(frame, area, &mut app.feed, focused, empty, now, |post, cells| {
                items::post(post, cells, now_ms, Some(items::FEED_LINES), unfolded.contains(&post.id))
            });
        }
        Section::Messages => {
            let (title, empty) = match app.in_requests {
                true => (
                    "Requests · r: conversations",
                    "No requests.\n\nSomebody whom you do not follow would stand here before you answer.",
                ),
                false => (
                    "Conversations · r: requests",
                    "No conversations yet.\n\nChoose somebody under 3 People and press m.",
                ),
            };
            let area = pill(frame, area, Some(title.to_owned()));
            let list = if app.in_requests { &mut app.requests } else { &mut app.conversations };
            pane(frame, area, list, focused, empty, now, |one, cells| items::conversation(one, cells, now_ms));
        }
        Section::People => {
            let (title, empty) = match app.in_followers {
                true => {
                    ("Who told you that they follow you · r: whom you follow", "Nobody told you that they follow you.")
                }
                false => (
                    "Whom you follow · r: who follows you",
                    "You follow nobody yet.\n\nPress f and paste an invite. i shows yours, for others.",
                ),
            };
            let area = pill(frame, area, Some(title.to_owned()));
            let followers = app.in_followers;
            let several = app.personas.items.len() > 1 && !followers;
            let personas = if several { app.personas.items.clone() } else { Vec::new() };
            let now = (now.0, personas.len());
            let list = if followers { &mut app.followers } else { &mut app.follows };
            pane(frame, area, list, focused, empty, now, |person, cells| {
                let of = personas.iter().find(|persona| persona.id == person.by && !persona.default);
                items::person(person, cells, followers, of.map(|of| of.name.as_str()))
            });
        }
        Section::Personas => {
            let me = app.me.clone();
            // Who acts is told too.
            let now = (
                now.0,
                me.as_ref().map_or(0, |me| 1 + app.personas.items.iter().take_while(|one| one.id != *me).count()),
            );
            let area = pill(frame, area, Some("Who you are · Space: act as it, again: as before".to_owned()));
            pane(frame, area, &mut app.personas, focused, "", now, |persona, cells| {
                items::persona(persona, cells, me.as_ref() == Some(&persona.id))
            });
        }
        Section::Notifications => {
            let (title, empty) = match app.only_unread {
                true => ("What you did not read · u: all", "Nothing new.\n\nu shows what you have read."),
                false => ("What happened · u: only what you did not read", "Nothing happened to you yet."),
            };
            let area = pill(frame, area, Some(title.to_owned()));
            let several = app.personas.items.len() > 1;
            let personas = if several { app.personas.items.clone() } else { Vec::new() };
            // Whom it concerns is told by name.
            let now = (now.0, personas.len());
            pane(frame, area, &mut app.notifications, focused, empty, now, |one, cells| {
                let to = personas.iter().find(|persona| persona.id == one.persona && !persona.default);
                notices::notification(one, to.map(|persona| persona.name.as_str()), cells, now_ms)
            });
        }
        Section::Network => {
            let lines = items::network(&app.net, usize::from(area.width).saturating_sub(2));
            let top = app.net_top.min(lines.len().saturating_sub(usize::from(area.height)));
            app.net_top = top;
            let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
            put(frame, area, lines.get(top..).unwrap_or_default());
        }
    }
}

fn page(frame: &mut Frame<'_>, area: Rect, app: &mut App, focused: bool) {
    let now_ms = app.now_ms;
    let now = (now_ms / 60_000, app.unfolded.len());
    match app.section {
        Section::Messages => {
            let Some(open) = app.open.clone() else {
                return text(frame, area, "Enter opens the chosen conversation.");
            };
            let area = pill(frame, area, Some(super::app::conversation_name(&open)));
            let empty = if app.messages.loaded { "Nothing was written yet." } else { "Reading…" };
            pane(frame, area, &mut app.messages, focused, empty, now, |message, cells| {
                items::message(message, cells, now_ms)
            });
        }
        _ => {
            let unfolded = app.unfolded.clone();
            pane(frame, area, &mut app.page, focused, "", now, |said, cells| {
                items::said(said, cells, now_ms, unfolded.iter().any(|id| id == said.id()))
            });
        }
    }
}

/// A line at the top of an area; answers what is left below it.
fn pill(frame: &mut Frame<'_>, area: Rect, told: Option<String>) -> Rect {
    let Some(told) = told else { return area };
    let told = shown_line(&told, usize::from(area.width).saturating_sub(2));
    put(frame, Rect { height: 1, ..area }, &[Line::styled(format!(" {told}"), accent())]);
    Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
}

/// A pane's items, one below the other, with a mark beside the chosen one.
fn pane<T: Listed>(
    frame: &mut Frame<'_>,
    area: Rect,
    pane: &mut Pane<T>,
    focused: bool,
    empty: &str,
    now: (u64, usize),
    item: impl Fn(&T, usize) -> Vec<Line<'static>>,
) {
    let (cells, view) = (usize::from(area.width).saturating_sub(2), usize::from(area.height));
    if pane.items.is_empty() {
        pane.arrange(&[], view);
        return text(frame, area, if pane.loaded { empty } else { "Reading…" });
    }
    let stamp = (cells, now.0, now.1);
    let seen = pane.lines(stamp, view, |one| item(one, cells));
    let shown: Vec<Line<'static>> = seen
        .into_iter()
        .map(|(at, mut line)| {
            let gutter = match (at == pane.selected && !line.spans.is_empty(), focused) {
                (true, true) => Span::styled("▌ ", accent()),
                (true, false) => Span::styled("▏ ", dim()),
                // The line between two items belongs to neither.
                _ => Span::raw("  "),
            };
            line.spans.insert(0, gutter);
            line
        })
        .collect();
    put(frame, area, &shown);
}

/// A text of ours, in the middle of nothing.
fn text(frame: &mut Frame<'_>, area: Rect, told: &str) {
    let cells = usize::from(area.width).saturating_sub(4);
    let mut lines = vec![Line::default()];
    lines.extend(wrapped(told, cells).into_iter().map(|row| Line::styled(format!("  {}", row.text), dim())));
    put(frame, area, &lines);
}

/// Lines, cut off where the area ends.
pub(super) fn put(frame: &mut Frame<'_>, area: Rect, lines: &[Line<'_>]) {
    let buffer = frame.buffer_mut();
    let area = area.intersection(*buffer.area());
    for (line, y) in lines.iter().zip(area.top()..area.bottom()) {
        buffer.set_line(area.x, y, line, area.width);
    }
}
