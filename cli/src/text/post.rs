//! Posts, alone and in lists.

use std::fmt::Write as _;

use kith_node::view::per_cents;
use serde_json::Value;

use super::scheduled::moment;
use super::{Text, attachment, circle};
use crate::words::{self, array, block, count, flag, line, list, many, many_as, name, quoted, short, text};

impl Text {
    pub(super) fn feed(
        &self,
        out: &mut String,
        value: &Value,
        limit: usize,
        list: Option<&str>,
        tag: Option<&str>,
    ) -> std::fmt::Result {
        let posts = words::list(value, "posts");
        if posts.is_empty() && flag(value, "muted") {
            return writeln!(out, "All that would stand here is muted or blocked. See what is: {} muted", self.kith);
        }
        match (list, tag) {
            (Some(list), _) if posts.is_empty() => {
                return writeln!(out, "Nothing by those in {} yet.", line(list));
            }
            (None, Some(tag)) if posts.is_empty() => {
                let tag = format!("#{}", line(tag.trim_start_matches('#')));
                writeln!(out, "No post with {tag} is on this device yet.")?;
                if flag(value, "followed") {
                    return writeln!(out, "You follow it: while your node runs, peers are asked once an hour.");
                }
                return writeln!(
                    out,
                    "Have peers asked for it once an hour with: {} follow {}",
                    self.kith,
                    quoted(&tag)
                );
            }
            _ => {}
        }
        if posts.is_empty() && flag(value, "fetching") {
            return writeln!(
                out,
                "Fetching from your other device: what is yours comes while both run ({} run).",
                self.kith
            );
        }
        if posts.is_empty() {
            writeln!(out, "Nothing here yet. Write something with: {} post TEXT", self.kith)?;
            return writeln!(out, "Follow somebody with: {} follow LINK", self.kith);
        }
        for (place, post) in posts.iter().enumerate() {
            if place > 0 {
                writeln!(out)?;
            }
            self.post(out, post, false)?;
        }
        if let Some(last) = posts.last().filter(|_| posts.len() >= limit) {
            write!(out, "\nOlder ones: {} feed", self.kith)?;
            for (name, value) in [("list", list), ("tag", tag)] {
                if let Some(value) = value {
                    write!(out, " --{name} {}", quoted(value))?;
                }
            }
            writeln!(out, " --before {}", short(text(last, "id")))?;
        }
        Ok(())
    }

    pub(super) fn found(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let (people, tags, posts) = (list(value, "people"), list(value, "tags"), list(value, "posts"));
        if people.is_empty() && tags.is_empty() && posts.is_empty() {
            return writeln!(out, "Nothing found here. Words match whole; #tag and from:NAME work too.");
        }
        for person in people {
            let state = match (flag(person, "own"), flag(person, "followed")) {
                (true, _) => "  (you)",
                (_, true) => "  (followed)",
                _ => "",
            };
            writeln!(out, "{}  {}{state}", short(text(person, "persona")), name(person, "name", "persona"))?;
        }
        for tag in tags {
            writeln!(out, "#{}  {}", line(text(tag, "tag")), many(count(tag, "posts"), "post"))?;
        }
        for (place, post) in posts.iter().enumerate() {
            if place > 0 || !people.is_empty() || !tags.is_empty() {
                writeln!(out)?;
            }
            self.post(out, post, false)?;
        }
        Ok(())
    }

    pub(super) fn bookmarks(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        let all = array(value);
        if all.is_empty() {
            return writeln!(out, "No bookmarks yet. Keep a post with: {} bookmark POST", self.kith);
        }
        for (place, kept) in all.iter().enumerate() {
            if place > 0 {
                writeln!(out)?;
            }
            let entry = |name| kept.get(name).filter(|entry| !entry.is_null());
            match (entry("post"), entry("comment")) {
                (Some(post), _) => self.post(out, post, false)?,
                (None, Some(comment)) => {
                    let author = name(comment, "author_name", "author");
                    let ago = self.ago(count(comment, "created_ms"));
                    writeln!(
                        out,
                        "{author} · {ago} · {} · under {}",
                        short(text(kept, "id")),
                        short(text(kept, "root"))
                    )?;
                    for paragraph in block(&words::said(comment)).lines() {
                        writeln!(out, "  {paragraph}")?;
                    }
                }
                (None, None) => writeln!(out, "{} · not on this device any more", short(text(kept, "id")))?,
            }
        }
        Ok(())
    }

    /// `open`: what stands behind a content warning too.
    fn post(&self, out: &mut String, post: &Value, open: bool) -> std::fmt::Result {
        if flag(post, "blocked") {
            writeln!(out, "somebody you blocked · {}", short(text(post, "id")))?;
            let author = short(text(post, "author"));
            return writeln!(out, "  (not shown; see them again with: {} block {author} --undo)", self.kith);
        }
        let by: Vec<String> = list(post, "reposted_by").iter().map(|by| name(by, "name", "persona")).collect();
        if !by.is_empty() {
            writeln!(out, "reposted by {}", by.join(", "))?;
        }
        let author = name(post, "author_name", "author");
        write!(out, "{author} · {}", self.ago(count(post, "created_ms")))?;
        if let Some(circle) = post.get("circle").and_then(Value::as_str) {
            write!(out, " · to {}", line(circle))?;
        }
        for (field, word) in [
            ("edited", "edited"),
            ("waiting", "not sent yet"),
            ("clock_off", "their clock is off"),
            ("forked", "two versions of their log exist"),
        ] {
            if flag(post, field) {
                write!(out, " · {word}")?;
            }
        }
        writeln!(out, " · {}", short(text(post, "id")))?;
        if flag(post, "deleted") {
            return writeln!(out, "  (deleted)");
        }
        if let Some(cw) = post.get("cw").and_then(Value::as_str) {
            writeln!(out, "  [{}]", line(cw))?;
        }
        let shown = open || post.get("cw").and_then(Value::as_str).is_none();
        if !shown {
            writeln!(out, "  (kept back: {} show {})", self.kith, short(text(post, "id")))?;
        }
        for paragraph in block(&words::said(post)).lines().filter(|_| shown) {
            writeln!(out, "  {paragraph}")?;
        }
        if shown {
            attachment::attachments(out, post, "  ", &self.kith)?;
            if let Some(card) = post.get("card").filter(|card| !card.is_null()) {
                writeln!(out, "  > {}: {}", line(text(card, "host")), line(&card_text(card)))?;
            }
            self.listed(out, post, open)?;
            self.poll(out, post)?;
            self.quote(out, post)?;
        }
        let mut below: Vec<String> = reactions(post);
        if let Some(series) = post.get("series").filter(|series| !open && !series.is_null()) {
            let first = text(series, "first");
            let whole = if first.is_empty() { String::new() } else { format!(": {} show {}", self.kith, short(first)) };
            below.push(format!("thread of {}{whole}", many(count(series, "posts"), "post")));
        }
        match count(post, "comments") {
            0 => {}
            comments => below.push(many(comments, "comment")),
        }
        if !below.is_empty() {
            writeln!(out, "  {}", below.join("  "))?;
        }
        Ok(())
    }

    /// How a post's poll stands.
    fn poll(&self, out: &mut String, post: &Value) -> std::fmt::Result {
        let Some(poll) = post.get("poll").filter(|poll| !poll.is_null()) else { return Ok(()) };
        let options = list(poll, "options");
        let shares = per_cents(options.iter().map(|option| count(option, "votes")));
        for (place, (option, share)) in options.iter().zip(shares).enumerate() {
            let votes = count(option, "votes");
            let mine = if flag(option, "mine") { " · your vote" } else { "" };
            let said = line(text(option, "text"));
            writeln!(out, "  {}. {said} · {} ({share} %){mine}", place + 1, many(votes, "vote"))?;
        }
        let (voters, ends_ms) = (many_as(count(poll, "voters"), "person", "people"), count(poll, "ends_ms"));
        if flag(poll, "ended") {
            return writeln!(out, "  ({voters} voted; the poll has ended, {})", moment(ends_ms));
        }
        let mine = options.iter().any(|option| flag(option, "mine"));
        let (id, undo) = (short(text(post, "id")), if mine { ", or take it back with --undo" } else { "" });
        writeln!(out, "  ({voters} voted; open until {})", moment(ends_ms))?;
        writeln!(out, "  (vote, for all to see, with: {} vote {id} NUMBER{undo})", self.kith)
    }

    /// Whom a published list names: their number, and each of them where it is opened.
    fn listed(&self, out: &mut String, post: &Value, open: bool) -> std::fmt::Result {
        let people = list(post, "people");
        if people.is_empty() {
            return Ok(());
        }
        writeln!(out, "  A list of {}", many_as(count(post, "people_count"), "person", "people"))?;
        for person in people.iter().filter(|_| open) {
            let followed = if flag(person, "followed") { "  (followed)" } else { "" };
            let (id, named) = (short(text(person, "persona")), name(person, "name", "persona"));
            writeln!(out, "    {id}  {named}{followed}")?;
        }
        Ok(())
    }

    /// What a post quotes, below it.
    fn quote(&self, out: &mut String, post: &Value) -> std::fmt::Result {
        let Some(quote) = post.get("quote").filter(|quote| !quote.is_null()) else { return Ok(()) };
        let id = short(text(quote, "id"));
        let gone = match text(quote, "state") {
            "missing" => "a post that is not here yet",
            "deleted" => "a post that was deleted",
            "blocked" => "a post by somebody you blocked",
            "muted" => "a post that you muted",
            _ => "",
        };
        if !gone.is_empty() {
            return writeln!(out, "  > {gone} · {id}");
        }
        let author = name(quote, "author_name", "author");
        writeln!(out, "  > {author} · {} · {id}", self.ago(count(quote, "created_ms")))?;
        if let Some(cw) = quote.get("cw").and_then(Value::as_str) {
            return writeln!(out, "  > [{}] (kept back: {} show {id})", line(cw), self.kith);
        }
        for paragraph in block(text(quote, "text")).lines() {
            writeln!(out, "  > {paragraph}")?;
        }
        match count(quote, "attachments") {
            0 => Ok(()),
            files => writeln!(out, "  > ({})", many(files, "file")),
        }
    }

    pub(super) fn page(&self, out: &mut String, value: &Value) -> std::fmt::Result {
        self.post(out, value, true)?;
        // The last one is what it says now.
        for (place, version) in list(value, "edits").iter().rev().skip(1).enumerate() {
            if place == 0 {
                writeln!(out, "\nIt said before:")?;
            }
            writeln!(out, "  {}", self.ago(count(version, "edited_ms")))?;
            for paragraph in block(&words::said(version)).lines() {
                writeln!(out, "    {paragraph}")?;
            }
        }
        for post in list(value, "more") {
            writeln!(out)?;
            self.post(out, post, true)?;
        }
        let mut depths = std::collections::HashMap::new();
        for comment in list(value, "thread") {
            // Parents come before children.
            let depth = depths.get(text(comment, "parent")).map_or(1, |above: &usize| above + 1);
            depths.insert(text(comment, "id"), depth);
            let indent = "  ".repeat(depth.min(12));
            writeln!(
                out,
                "\n{indent}{} · {} · {}",
                name(comment, "author_name", "author"),
                self.ago(count(comment, "created_ms")),
                short(text(comment, "id"))
            )?;
            if flag(comment, "deleted") {
                writeln!(out, "{indent}(deleted)")?;
                continue;
            }
            if flag(comment, "blocked") || flag(comment, "muted") {
                let why = if flag(comment, "blocked") { "blocked" } else { "muted" };
                writeln!(out, "{indent}({why})")?;
                continue;
            }
            for paragraph in block(&words::said(comment)).lines() {
                writeln!(out, "{indent}{paragraph}")?;
            }
            let reactions = reactions(comment);
            if !reactions.is_empty() {
                writeln!(out, "{indent}{}", reactions.join("  "))?;
            }
        }
        if flag(value, "deleted") || flag(value, "blocked") {
            return Ok(());
        }
        if let Some(ended) = value.get("ended").filter(|ended| !ended.is_null()) {
            return writeln!(out, "\n{}, so nobody would read a comment of yours.", circle::ended(ended));
        }
        match text(value, "commenters") {
            "nobody" => writeln!(out, "\nIts author lets nobody comment."),
            "keys" => writeln!(out, "\nIts author lets only some people comment."),
            _ => writeln!(out, "\nComment with: {} comment {} TEXT", self.kith, short(text(value, "id"))),
        }
    }
}

/// What the page behind a link says of itself.
fn card_text(card: &Value) -> String {
    let told = [text(card, "title"), text(card, "description")];
    told.into_iter().filter(|told| !told.is_empty()).collect::<Vec<_>>().join(" - ")
}

fn reactions(value: &Value) -> Vec<String> {
    let all = value.get("reactions").and_then(Value::as_object).into_iter().flatten();
    all.map(|(emoji, count)| format!("{} {}", line(emoji), count.as_u64().unwrap_or_default())).collect()
}
