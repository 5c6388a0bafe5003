//! How each kind of item reads, in lines of so many cells.

use kith_node::limits::POLL_OPTIONS;
use kith_node::view::per_cents;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::super::app::{Net, Said, conversation_name};
use super::super::data::{
    Attachment, Comment, Conversation, Found, Helper, Message, Person, Persona, Poll, Post, Quote,
};
use super::super::lay::{Row, clean_line, cut, named, shown_line, shown_sentence, visual, width, wrapped};
use super::{accent, bad, bold, dim, plain};
use crate::words::{bytes, date, many_as};

/// Lines of a post's text in the feed.
pub(super) const FEED_LINES: usize = 6;
/// Comments are not moved further in than so often.
const DEEPEST: usize = 8;
/// Reactions that are told one by one.
const REACTIONS: usize = 8;

/// How long ago, in as few cells as can be.
pub(in super::super) fn ago(ms: u64, now_ms: u64) -> String {
    let minutes = now_ms.saturating_sub(ms) / 60_000;
    match minutes {
        0 => "now".to_owned(),
        1..60 => format!("{minutes}m"),
        60..1_440 => format!("{}h", minutes / 60),
        1_440..20_160 => format!("{}d", minutes / 1_440),
        _ => date(ms),
    }
}

/// A row of somebody's text, at the side where its writing begins.
pub(super) fn row(row: Row, cells: usize, indent: &str, style: Style) -> Line<'static> {
    let pad = match row.right {
        true => cells.saturating_sub(width(indent) + width(&row.text)),
        false => 0,
    };
    Line::from(vec![Span::styled(indent.to_owned(), dim()), Span::raw(" ".repeat(pad)), Span::styled(row.text, style)])
}

/// Name and what is told beside it, the name cut first.
fn heading(name: &str, told: &str, cells: usize, indent: &str) -> Line<'static> {
    let room = cells.saturating_sub(width(indent));
    let told = cut(told, room.saturating_sub(4));
    let name = shown_line(named(name), room.saturating_sub(width(&told) + 1));
    Line::from(vec![
        Span::styled(indent.to_owned(), dim()),
        Span::styled(name, bold()),
        Span::styled(format!(" {told}"), dim()),
    ])
}

pub(super) fn texts(text: &str, cells: usize, indent: &str, most: Option<usize>) -> Vec<Line<'static>> {
    let room = cells.saturating_sub(width(indent));
    // No more than can be shown is looked at.
    let looked = most.map_or(usize::MAX, |most| (most + 1).saturating_mul(room.max(1)).saturating_mul(2));
    let shortened: String = text.trim_end().chars().take(looked).collect();
    let mut rows = wrapped(&shortened, room);
    let more = most.is_some_and(|most| rows.len() > most);
    if let Some(most) = most {
        rows.truncate(most);
    }
    let mut lines: Vec<Line<'static>> = rows.into_iter().map(|one| row(one, cells, indent, plain())).collect();
    if more {
        lines.push(Line::from(vec![Span::styled(indent.to_owned(), dim()), Span::styled("… Enter: all of it", dim())]));
    }
    lines
}

fn attached(file: &Attachment, cells: usize, indent: &str) -> Line<'static> {
    let kind = match (&file.name, file.mime.starts_with("image/")) {
        (Some(name), _) => clean_line(name),
        (None, true) => format!("picture {}×{}", file.width, file.height),
        (None, false) => "file".to_owned(),
    };
    let told = match file.alt.as_deref().filter(|alt| !alt.trim().is_empty()) {
        Some(alt) => format!("▣ {kind}: {}", clean_line(alt)),
        None if file.mime.starts_with("image/") => format!("▣ {kind}, not described"),
        None => format!("▣ {kind}"),
    };
    let told = shown_line(&told, cells.saturating_sub(width(indent)));
    Line::from(vec![Span::styled(indent.to_owned(), dim()), Span::styled(told, accent())])
}

fn reactions<'a>(all: impl Iterator<Item = (&'a String, &'a u64)>, mine: &[String]) -> String {
    let mut told = String::new();
    let (mut all, mut more): (Vec<(&String, &u64)>, u64) = (all.collect(), 0);
    all.sort_by(|one, other| other.1.cmp(one.1).then(one.0.cmp(other.0)));
    for (at, (emoji, count)) in all.into_iter().enumerate() {
        if at >= REACTIONS {
            more += count;
            continue;
        }
        let own = if mine.contains(emoji) { "*" } else { "" };
        told.push_str(&format!("{} {count}{own}  ", cut(&clean_line(emoji), 12)));
    }
    if more > 0 {
        told.push_str(&format!("+{more}  "));
    }
    told
}

/// The options of a poll, on a line each.
fn asked(poll: &Poll, cells: usize, now_ms: u64) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    let shares = per_cents(poll.options.iter().map(|option| option.votes));
    for (place, (option, share)) in poll.options.iter().zip(shares).take(POLL_OPTIONS).enumerate() {
        let mine = if option.mine { "*" } else { "" };
        let told = format!("{}. {}{mine} ({share} %) {}", place + 1, option.votes, clean_line(&option.text));
        lines.push(Line::styled(shown_sentence(&told, cells), accent()));
    }
    let voters = many_as(poll.voters, "person", "people");
    let told = match poll.ended || poll.ends_ms <= now_ms {
        true => format!("{voters} voted · the poll has ended"),
        false => format!("{voters} voted · {} left · p: vote", left(poll.ends_ms, now_ms)),
    };
    lines.push(Line::styled(shown_line(&told, cells), dim()));
    lines
}

/// Whom a published list names: their number, and each of them where it is opened.
fn listed(post: &Post, cells: usize, open: bool) -> Vec<Line<'static>> {
    if post.people.is_empty() {
        return Vec::new();
    }
    let told = format!("≡ A list of {}", many_as(post.people_count, "person", "people"));
    let mut lines = vec![Line::styled(shown_line(&told, cells), accent())];
    for person in post.people.iter().filter(|_| open) {
        let told = match (person.own, person.followed) {
            (true, _) => "· you",
            (_, true) => "· followed",
            _ => "",
        };
        lines.push(heading(&person.name, told, cells, "  "));
        lines.push(Line::styled(format!("  {}", cut(&person.persona, 17)), dim()));
    }
    lines
}

/// How long until then, in as few cells as can be.
fn left(ms: u64, now_ms: u64) -> String {
    let minutes = ms.saturating_sub(now_ms).div_ceil(60_000);
    match minutes {
        0..120 => format!("{minutes}m"),
        120..2_880 => format!("{}h", minutes / 60),
        _ => format!("{}d", minutes / 1_440),
    }
}

/// What a post quotes, on one line.
fn quoted(quote: &Quote, cells: usize) -> Line<'static> {
    let told = match (quote.state.as_str(), &quote.cw) {
        ("missing", _) => "a post that is not here yet".to_owned(),
        ("deleted", _) => "a post that was deleted".to_owned(),
        ("blocked", _) => "a post by somebody whom you blocked".to_owned(),
        ("muted", _) => "a post that you muted".to_owned(),
        (_, Some(cw)) => format!("{}: ⚠ {}", named(&quote.author_name), clean_line(cw)),
        (_, None) => format!("{}: {}", named(&quote.author_name), clean_line(&quote.text)),
    };
    Line::styled(shown_line(&format!("❝ {told}"), cells), accent())
}

/// `most`: lines of its text; all on its own page.
pub(super) fn post(post: &Post, cells: usize, now_ms: u64, most: Option<usize>, unfolded: bool) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(first) = post.reposted_by.first() {
        let more = post.reposted_by.len() - 1;
        let others = if more > 0 { format!(" and {more} more") } else { String::new() };
        let name = shown_line(named(&first.name), cells.saturating_sub(width(&others) + 12));
        lines.push(Line::styled(format!("↻ {name}{others} reposted"), dim()));
    }
    let mut told = format!("· {}", ago(post.created_ms, now_ms));
    for (flag, word) in [(post.edited, " · edited"), (post.waiting, " · waits to leave"), (post.bookmarked, " · ★")]
    {
        told.push_str(if flag { word } else { "" });
    }
    lines.push(heading(&post.author_name, &told, cells, ""));
    if post.sealed {
        let circle = post.circle.as_deref().unwrap_or("a circle");
        lines.push(Line::styled(shown_line(&format!("⊙ {circle}"), cells), accent()));
    }
    if post.deleted || post.blocked {
        let told = if post.blocked { "By somebody whom you blocked." } else { "Deleted." };
        lines.push(Line::styled(told, dim()));
        lines.push(Line::default());
        return lines;
    }
    let folded = match &post.cw {
        Some(cw) => {
            let told = format!("⚠ {}{}", clean_line(cw), if unfolded { "" } else { " · x: show" });
            lines.push(Line::styled(shown_line(&told, cells), accent().add_modifier(Modifier::BOLD)));
            !unfolded
        }
        None => false,
    };
    if !folded {
        if !post.text.trim().is_empty() {
            lines.extend(texts(&post.said(), cells, "", most));
        }
        lines.extend(post.attachments.iter().map(|file| attached(file, cells, "")));
        if let Some(card) = &post.card {
            let told = format!("↗ {}: {}", clean_line(&card.host), clean_line(&card.title));
            lines.push(Line::styled(shown_line(&told, cells), accent()));
        }
        lines.extend(post.poll.iter().flat_map(|poll| asked(poll, cells, now_ms)));
        lines.extend(post.quote.as_ref().map(|quote| quoted(quote, cells)));
        lines.extend(listed(post, cells, most.is_none()));
    }
    // On the page all of it stands below the first.
    if let Some(series) = post.series.as_ref().filter(|series| most.is_some() || series.place > 0) {
        let told = format!("≡ Thread · {}", many_as(series.posts, "post", "posts"));
        lines.push(Line::styled(shown_line(&told, cells), accent()));
    }
    let mut below = reactions(post.reactions.iter(), &post.mine);
    if post.comments > 0 {
        below.push_str(&many_as(post.comments, "comment", "comments"));
        below.push_str("  ");
    }
    if post.reposts > 0 {
        below.push_str(&format!("↻ {}{}  ", post.reposts, if post.reposted { "*" } else { "" }));
    }
    if most.is_none() && post.own {
        below.push_str(&format!("held by {}", many_as(post.held_by.unwrap_or_default().into(), "other", "others")));
    }
    if !below.trim().is_empty() {
        lines.push(Line::styled(cut(below.trim_end(), cells), dim()));
    }
    lines.push(Line::default());
    lines
}

/// `most`: lines of a post's text.
pub(super) fn found(found: &Found, cells: usize, now_ms: u64, most: usize, unfolded: bool) -> Vec<Line<'static>> {
    match found {
        Found::Post(one) => post(one, cells, now_ms, Some(most), unfolded),
        Found::Comment(one, _) => {
            let mut lines = vec![Line::styled(cut("↳ a comment", cells), dim())];
            lines.extend(comment(one, 0, cells, now_ms, unfolded));
            lines
        }
        Found::Person(one) => {
            let told = match (one.own, one.followed) {
                (true, _) => "· you",
                (_, true) => "· you follow them",
                _ => "· f: follow",
            };
            let mut lines = vec![heading(&one.name, told, cells, "")];
            if !one.bio.trim().is_empty() {
                lines.push(row(visual(&cut(&clean_line(one.bio.trim()), cells)), cells, "", plain()));
            }
            lines.extend([Line::styled(shown_line(&one.persona, cells.min(17)), dim()), Line::default()]);
            lines
        }
        Found::Tag(one) => {
            let told = format!("· {}", many_as(one.posts, "post", "posts"));
            vec![heading(&format!("#{}", one.tag), &told, cells, ""), Line::default()]
        }
        Found::Gone(id) => {
            let told = format!("{}: not here yet", cut(id, 17));
            vec![Line::styled(cut(&told, cells), dim()), Line::default()]
        }
    }
}

pub(super) fn said(said: &Said, cells: usize, now_ms: u64, unfolded: bool) -> Vec<Line<'static>> {
    match said {
        Said::Post(one) => {
            let mut lines = post(one, cells, now_ms, None, unfolded);
            if let Some(last) = lines.last_mut() {
                *last = Line::styled("─".repeat(cells), dim());
            }
            lines
        }
        Said::Comment(one, depth) => comment(one, *depth, cells, now_ms, unfolded),
    }
}

fn comment(one: &Comment, depth: usize, cells: usize, now_ms: u64, unfolded: bool) -> Vec<Line<'static>> {
    let deep = depth.min(DEEPEST).min(cells / 8);
    let indent = "│ ".repeat(deep);
    let mut told = format!("· {}", ago(one.created_ms, now_ms));
    if depth > deep {
        told.push_str(&format!(" · {} deep", depth + 1));
    }
    if one.edited {
        told.push_str(" · edited");
    }
    let mut lines = vec![heading(&one.author_name, &told, cells, &indent)];
    let gone = match (one.blocked, one.deleted, one.muted && !unfolded) {
        (true, ..) => Some("By somebody whom you blocked."),
        (_, true, _) => Some("Deleted."),
        (.., true) => Some("Muted · x: show"),
        _ => None,
    };
    match gone {
        Some(gone) => {
            lines.push(Line::from(vec![Span::styled(indent.clone(), dim()), Span::styled(gone, dim())]));
        }
        None => lines.extend(texts(&one.said(), cells, &indent, None)),
    }
    let below = reactions(one.reactions.iter(), &one.mine);
    if !below.is_empty() && gone.is_none() {
        let below = cut(below.trim_end(), cells.saturating_sub(width(&indent)));
        lines.push(Line::from(vec![Span::styled(indent, dim()), Span::styled(below, dim())]));
    }
    lines.push(Line::default());
    lines
}

pub(super) fn conversation(one: &Conversation, cells: usize, now_ms: u64) -> Vec<Line<'static>> {
    let mut told = one.last_ms.map_or_else(String::new, |ms| format!("· {}", ago(ms, now_ms)));
    if one.unread > 0 {
        told.push_str(&format!(" · {} new", one.unread));
    }
    let mut first = heading(&conversation_name(one), &told, cells, "");
    if one.unread > 0 {
        first = first.patch_style(accent());
    }
    // Of a stranger's request nothing is shown before it is opened.
    let last = if one.request { "asks to write to you" } else { one.last_text.as_deref().unwrap_or_default() };
    let last = visual(&cut(&clean_line(last), cells));
    vec![first, row(last, cells, "", dim()), Line::default()]
}

pub(super) fn message(one: &Message, cells: usize, now_ms: u64) -> Vec<Line<'static>> {
    let mut told = format!("· {}", ago(one.created_ms, now_ms));
    if one.own {
        told.push_str(&format!(" · {}", clean_line(&one.state)));
    }
    if one.edited {
        told.push_str(" · edited");
    }
    let name = if one.own { "You" } else { &one.from_name };
    let mut lines = vec![heading(name, &told, cells, "")];
    if one.deleted {
        lines.push(Line::styled("Deleted, or its time is over.", dim()));
    } else {
        if !one.text.trim().is_empty() {
            lines.extend(texts(&one.said(), cells, "", None));
        }
        lines.extend(one.attachments.iter().map(|file| attached(file, cells, "")));
    }
    let mine: Vec<String> = one.own_reaction.iter().cloned().collect();
    let below = reactions(one.reactions.iter(), &mine);
    if !below.is_empty() {
        lines.push(Line::styled(cut(below.trim_end(), cells), dim()));
    }
    lines.push(Line::default());
    lines
}

/// `of`: the own persona whose it is, where others have the same.
pub(super) fn person(one: &Person, cells: usize, follower: bool, of: Option<&str>) -> Vec<Line<'static>> {
    let name = one.name.as_deref().unwrap_or_default();
    let mut told = String::from("·");
    told.push_str(match (one.mutual, follower, one.told) {
        (true, ..) => " you follow each other",
        (false, true, _) => " follows you",
        (false, false, true) => " knows that you follow",
        (false, false, false) => "",
    });
    if !follower && one.synced_ms.is_none() {
        told.push_str(" waiting for their device");
    }
    if let Some(of) = of {
        told.push_str(&format!(" as {}", shown_line(of, cells / 4)));
    }
    let told = if told == "·" { "" } else { &told };
    vec![heading(name, told, cells, ""), Line::styled(cut(&one.persona, 17), dim()), Line::default()]
}

pub(super) fn persona(one: &Persona, cells: usize, chosen: bool) -> Vec<Line<'static>> {
    let mut told = String::new();
    for (flag, word) in [(chosen, "acts now"), (one.default, "default"), (one.separate, "kept separate")] {
        if flag {
            told.push_str(if told.is_empty() { "· " } else { ", " });
            told.push_str(word);
        }
    }
    vec![heading(&one.name, &told, cells, ""), Line::styled(cut(&one.id, 17), dim()), Line::default()]
}

pub(super) fn network(net: &Net, cells: usize) -> Vec<Line<'static>> {
    let status = &net.status;
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut say = |text: String, style: Style| {
        lines.extend(wrapped(&text, cells).into_iter().map(|row| Line::styled(row.text, style)));
    };
    match (status.running, status.demo) {
        (false, _) => say("No network runs: what you write leaves once it does.".to_owned(), bad()),
        (true, true) => {
            say("A demo profile: it connects to nobody, and nothing of it leaves this machine.".to_owned(), accent())
        }
        (true, false) => {}
    }
    if let Some(node) = &status.node {
        say(format!("This node: {} ({})", cut(node, 17), status.role), plain());
    }
    if !status.listen.is_empty() {
        say(format!("Listens on {}", status.listen.join(", ")), plain());
    }
    if let Some(relay) = &status.relay {
        say(format!("Relay: {relay}"), plain());
    }
    say(format!("Entries here: {}", status.entries), plain());
    say(String::new(), plain());
    say(format!("Peers ({})", net.peers.len()), bold());
    for peer in &net.peers {
        let (came, went) = (bytes(peer.bytes_in), bytes(peer.bytes_out));
        let told = format!(
            "  {}  {}, {}, {:.0} ms, {came} in, {went} out",
            cut(&peer.node, 11),
            peer.role,
            peer.path,
            peer.rtt_ms
        );
        say(told, plain());
    }
    if net.peers.is_empty() {
        say("  Connected to nobody now.".to_owned(), dim());
    }
    for (title, helpers, none) in [
        ("Anchors", &net.anchors, "  None. One keeps your posts reachable while you are away: kith anchors add TICKET"),
        ("Mailboxes", &net.mailboxes, "  None. One keeps messages for you while you are away: kith mailbox add TICKET"),
    ] {
        say(String::new(), plain());
        say(format!("{title} ({})", helpers.len()), bold());
        for helper in helpers {
            say(helped(helper), plain());
        }
        if helpers.is_empty() {
            say(none.to_owned(), dim());
        }
    }
    lines
}

fn helped(helper: &Helper) -> String {
    let state = helper.state.as_deref().map(|state| format!(", {}", state.replace('_', " "))).unwrap_or_default();
    let connected = if helper.connected { "connected" } else { "not reached" };
    format!("  {}  {connected}{state}  {}", cut(&helper.node, 11), helper.addrs.join(", "))
}
