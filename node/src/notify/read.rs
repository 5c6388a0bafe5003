//! Notifications as they are shown: what went or is not to be told is left out, and what happened several times to one post
//! stands in one line.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    ANSWER, BACKUP, CIRCLE, COMMENT, DEVICE, EDIT, FOLLOWER, INVITATION, MENTION, MESSAGE, NotificationsQuery, QUOTE,
    REACTION, REPOST, device_of, kind_of, rule,
};
use crate::entry::{EditBody, MessageBody, PostBody, What};
use crate::error::Result;
use crate::id::{CircleId, EntryId, NotificationId, PersonaId, ThreadId};
use crate::installation;
use crate::limits::{COMMENT_DEPTH, MENTIONS_SOUGHT, NOTIFIED_CHARS, NOTIFIED_PEOPLE};
use crate::mention;
use crate::mute::{self, Hidden};
use crate::poll;
use crate::view::{DeviceView, NoticeRules, NotificationFrom, NotificationKind, NotificationView, NotifiedVote, Rule};

/// Which lines are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) persona: Option<PersonaId>,
    pub(super) limit: usize,
    pub(super) unread: bool,
    pub(super) mentions: bool,
    /// Only this one.
    pub(super) id: Option<NotificationId>,
}

impl From<NotificationsQuery> for Wanted {
    fn from(query: NotificationsQuery) -> Self {
        let NotificationsQuery { persona, limit, unread, mentions } = query;
        Self { persona, limit, unread, mentions, id: None }
    }
}

/// A row whose cause stands.
struct Row {
    own: PersonaId,
    own_row: i64,
    grouped: NotificationId,
    number: i64,
    from: NotificationFrom,
    entry_row: i64,
    target: [u8; 32],
    place: [u8; 32],
    time_ms: i64,
    read: bool,
    /// Of a conversation.
    talk: Option<Talk>,
}

/// A conversation with unread messages, or one where there were some.
struct Talk {
    title: String,
    request: bool,
    unread: u64,
    last: String,
    mentions: bool,
}

pub(super) fn lines(db: &Connection, wanted: Wanted, now_ms: u64) -> Result<Vec<NotificationView>> {
    let reading = Reading::new(db, now_ms)?;
    let mut views: Vec<NotificationView> = Vec::new();
    for line in reading.lines(wanted)?.into_iter().take(wanted.limit) {
        views.push(reading.view(line)?);
    }
    Ok(views)
}

pub(super) fn line(db: &Connection, id: NotificationId, now_ms: u64) -> Result<Option<NotificationView>> {
    let wanted = Wanted { persona: None, limit: 1, unread: false, mentions: false, id: Some(id) };
    Ok(lines(db, wanted, now_ms)?.pop())
}

pub(super) fn unread(db: &Connection, now_ms: u64) -> Result<Vec<(PersonaId, u64)>> {
    let wanted = Wanted { persona: None, limit: usize::MAX, unread: true, mentions: false, id: None };
    let mut counts: Vec<(PersonaId, u64)> = Vec::new();
    for line in Reading::new(db, now_ms)?.lines(wanted)? {
        match counts.iter_mut().find(|(own, _)| *own == line.first.own) {
            Some((_, count)) => *count += 1,
            None => counts.push((line.first.own, 1)),
        }
    }
    Ok(counts)
}

/// The newest row of a line, and what of it all others tell.
struct Line {
    first: Row,
    kind: NotificationKind,
    /// The last first, each once.
    from: Vec<NotificationFrom>,
    count: u64,
    read: bool,
}

struct Reading<'a> {
    db: &'a Connection,
    now_ms: u64,
    hidden: Hidden,
    rules: NoticeRules,
    /// Of the user's own, where one of them may be told of.
    devices: Vec<DeviceView>,
}

impl<'a> Reading<'a> {
    fn new(db: &'a Connection, now_ms: u64) -> Result<Self> {
        let any: bool = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM notification WHERE kind = ?1)")?
            .query_row([DEVICE], |row| row.get(0))?;
        Ok(Self {
            db,
            now_ms,
            hidden: Hidden::read(db, now_ms)?,
            rules: rule::read(db)?,
            devices: if any { installation::all(db)? } else { Vec::new() },
        })
    }

    /// The newest first.
    fn lines(&self, wanted: Wanted) -> Result<Vec<Line>> {
        let mut lines: Vec<Line> = Vec::new();
        let mut places: HashMap<(i64, NotificationId), usize> = HashMap::new();
        for row in self.rows(wanted)? {
            let Some(kind) = self.told(&row)? else { continue };
            if wanted.mentions && !kind.is_mention() {
                continue;
            }
            match places.get(&(row.own_row, row.grouped)).and_then(|at| lines.get_mut(*at)) {
                Some(line) => {
                    line.count += 1;
                    line.read &= row.read;
                    if !line.from.iter().any(|from| from.persona == row.from.persona) {
                        line.from.push(row.from);
                    }
                }
                None => {
                    places.insert((row.own_row, row.grouped), lines.len());
                    let (from, read) = (vec![row.from.clone()], row.read);
                    lines.push(Line { first: row, kind, from, count: 1, read });
                }
            }
        }
        lines.retain(|line| !(wanted.unread && line.read));
        Ok(lines)
    }

    fn rows(&self, wanted: Wanted) -> Result<Vec<Row>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT own.id, n.own_row, n.grouped, n.kind, author.id, author.name,
                    coalesce(author.picture_thumb, author.picture), n.entry_row, n.target, n.place, n.time_ms, n.read
             FROM notification AS n JOIN author AS own ON own.row = n.own_row AND own.own = 1
             JOIN author ON author.row = n.from_row
             WHERE (?1 IS NULL OR own.id = ?1) AND (?2 IS NULL OR n.grouped = ?2) AND CASE
                WHEN n.kind IN ({COMMENT}, {ANSWER}) THEN {COMMENT_STANDS} AND {PLACE_STANDS}
                WHEN n.kind IN ({MENTION}, {QUOTE}) THEN {COMMENT_STANDS} AND {PLACE_STANDS} OR {POST_STANDS}
                WHEN n.kind = {REACTION} THEN EXISTS (SELECT 1 FROM reaction AS r WHERE r.target = n.target
                    AND r.author_row = n.from_row AND r.shown = 1) AND {PLACE_STANDS} AND NOT {TARGET_DELETED}
                WHEN n.kind = {REPOST} THEN EXISTS (SELECT 1 FROM repost WHERE repost.entry_row = n.entry_row) AND {PLACE_STANDS}
                WHEN n.kind = {EDIT} THEN {PLACE_STANDS}
                WHEN n.kind = {FOLLOWER} THEN EXISTS (SELECT 1 FROM follower AS f WHERE f.own_row = n.own_row
                    AND f.author_row = n.from_row AND f.present = 1 AND f.dropped = 0)
                WHEN n.kind IN ({INVITATION}, {CIRCLE}) THEN EXISTS (SELECT 1 FROM circle AS c WHERE c.own_row = n.own_row
                    AND c.id = n.target AND c.author_row = n.from_row AND c.gone = 0 AND c.state < 2)
                ELSE 1 END
             ORDER BY n.time_ms DESC, n.row DESC",
            COMMENT_STANDS = format_args!(
                "EXISTS (SELECT 1 FROM comment AS c WHERE c.entry_row = n.entry_row
                    AND c.deleted = 0 AND c.hidden = 0 AND c.refused = 0 AND c.depth <= {COMMENT_DEPTH})"
            ),
        ))?;
        let rows = statement.query_map(params![wanted.persona, wanted.id], |row| {
            let number: i64 = row.get(3)?;
            Ok(Row {
                own: row.get(0)?,
                own_row: row.get(1)?,
                grouped: row.get(2)?,
                number,
                from: NotificationFrom { persona: row.get(4)?, name: row.get(5)?, picture: row.get(6)? },
                entry_row: row.get(7)?,
                target: row.get(8)?,
                place: row.get(9)?,
                time_ms: row.get(10)?,
                read: row.get(11)?,
                talk: None,
            })
        })?;
        let mut found = Vec::new();
        for row in rows {
            let mut row = row?;
            match row.number {
                MESSAGE => {
                    row.talk = self.talk(row.own_row, row.own, ThreadId::from_bytes(row.target))?;
                    let Some(talk) = &row.talk else { continue };
                    row.read = talk.unread == 0;
                }
                DEVICE => match self.devices.iter().find(|device| device.id == device_of(row.target)) {
                    Some(device) if !device.revoked && !device.this => row.read = !device.new,
                    _ => continue,
                },
                _ => {}
            }
            found.push(row);
        }
        Ok(found)
    }

    /// What it is told as; `None` where the user does not wish to hear of it.
    fn told(&self, row: &Row) -> Result<Option<NotificationKind>> {
        let Some(kind) = kind_of(row.number, row.talk.as_ref().is_some_and(|talk| talk.request)) else {
            return Ok(None);
        };
        if self.rules.off.contains(&kind) {
            return Ok(None);
        }
        if matches!(kind, NotificationKind::Device | NotificationKind::Backup) {
            return Ok(Some(kind));
        }
        let speaks = kind.is_mention() || row.talk.as_ref().is_some_and(|talk| talk.mentions);
        let mut rules = vec![self.rules.of_person(row.from.persona)];
        let mut post = None;
        if row.talk.is_some() {
            rules.push(self.rules.of_thread(ThreadId::from_bytes(row.target)));
        } else {
            post = Some(EntryId::from_bytes(row.place));
        }
        if rules.contains(&Rule::None) || rules.contains(&Rule::Mentions) && !speaks {
            return Ok(None);
        }
        // What they wrote is read only where a word may be muted.
        let text = match row.entry_row {
            entry if entry > 0 && self.hidden.has_words() => self.said(entry)?,
            _ => String::new(),
        };
        Ok(Some(kind).filter(|_| !self.hidden.silences(row.from.persona, post, &text)))
    }

    /// `None` where it is muted, or not here.
    fn talk(&self, own_row: i64, own: PersonaId, thread: ThreadId) -> Result<Option<Talk>> {
        if mute::is_quiet(self.db, thread, self.now_ms)? {
            return Ok(None);
        }
        let now_ms = i64::try_from(self.now_ms).unwrap_or(i64::MAX);
        let found: Option<(i64, String, i64)> = self
            .db
            .prepare_cached("SELECT row, title, request FROM thread WHERE id = ?1 AND author_row = ?2 AND request < 2")?
            .query_row(params![thread, own_row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((row, title, request)) = found else { return Ok(None) };
        // As conversations are counted (`thread/read.rs`).
        let unread: i64 = self
            .db
            .prepare_cached(
                "SELECT count(*) FROM message JOIN thread ON thread.row = thread_row
                 WHERE thread_row = ?1 AND from_row <> author_row AND (order_ms > read_ms OR late = 1)
                   AND body <> x'' AND (expires_ms = 0 OR expires_ms > ?2)",
            )?
            .query_row([row, now_ms], |found| found.get(0))?;
        let mut statement = self.db.prepare_cached(
            "SELECT body, order_ms > read_ms OR late = 1 FROM message JOIN thread ON thread.row = thread_row
             WHERE thread_row = ?1 AND from_row <> author_row AND body <> x'' AND (expires_ms = 0 OR expires_ms > ?2)
             ORDER BY order_ms DESC, sent_ms DESC, message.row DESC LIMIT ?3",
        )?;
        let mentions = if self.rules.threads.is_empty() && self.rules.people.is_empty() { 1 } else { MENTIONS_SOUGHT };
        let bodies: Vec<(Vec<u8>, bool)> = statement
            .query_map([row, now_ms, mentions], |found| Ok((found.get(0)?, found.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut talk =
            Talk { title, request: request > 0, unread: unread.cast_unsigned(), last: String::new(), mentions: false };
        for (at, (body, unread)) in bodies.iter().enumerate() {
            let What::Text { body, .. } = MessageBody::decode(body)?.what else { continue };
            talk.mentions |= *unread && body.mentions.contains(&own);
            if at == 0 {
                talk.last = cut(&mention::plain(self.db, &body)?);
            }
        }
        Ok(Some(talk))
    }

    fn view(&self, line: Line) -> Result<NotificationView> {
        let Line { first: row, kind, from, count, read } = line;
        let (place, target) = (EntryId::from_bytes(row.place), EntryId::from_bytes(row.target));
        let people = from.len() as u64;
        let mut view = NotificationView {
            id: row.grouped,
            kind,
            persona: row.own,
            from: from.into_iter().take(NOTIFIED_PEOPLE).collect(),
            people,
            count,
            post: None,
            comment: None,
            thread: None,
            circle: None,
            device: None,
            text: String::new(),
            about: String::new(),
            emoji: Vec::new(),
            votes: Vec::new(),
            created_ms: row.time_ms.cast_unsigned(),
            read,
        };
        match row.number {
            COMMENT | ANSWER | MENTION | QUOTE => {
                view.post = Some(place);
                let (id, parent) = self.comment(row.entry_row)?;
                view.comment = Some(id).filter(|id| *id != place);
                view.text = self.said(row.entry_row)?;
                if row.number != MENTION && row.number != QUOTE {
                    view.about = self.said_by_id(parent.unwrap_or(place))?;
                }
            }
            REACTION => {
                view.post = Some(place);
                view.comment = Some(target).filter(|target| *target != place);
                view.about = self.said_by_id(target)?;
                view.emoji = self.emoji(row.own_row, target)?;
                if let Some(poll) = poll::of_post(self.db, target)? {
                    let voted = |emoji: &String| {
                        let option = poll::voted_for(&poll, emoji)?.to_owned();
                        Some(NotifiedVote { emoji: emoji.clone(), option })
                    };
                    view.votes = view.emoji.iter().filter_map(voted).collect();
                }
            }
            REPOST => {
                view.post = Some(place);
                view.about = self.said_by_id(target)?;
            }
            EDIT => {
                view.post = Some(place);
                view.text = self.said_by_id(target)?;
            }
            MESSAGE => {
                view.thread = Some(ThreadId::from_bytes(row.target));
                if let Some(talk) = row.talk {
                    (view.text, view.about, view.count) = (talk.last, talk.title, talk.unread);
                }
            }
            INVITATION | CIRCLE => {
                let id = CircleId::from_bytes(row.target);
                view.circle = Some(id);
                let name = "SELECT name FROM circle WHERE id = ?1 AND own_row = ?2 ORDER BY row LIMIT 1";
                let name = self.db.prepare_cached(name)?.query_row(params![id, row.own_row], |row| row.get(0));
                view.about = name.optional()?.unwrap_or_default();
            }
            DEVICE => {
                view.device = Some(device_of(row.target));
                let device = self.devices.iter().find(|device| device.id == device_of(row.target));
                view.about = device.map(|device| device.name.clone()).unwrap_or_default();
                (view.from, view.people) = (Vec::new(), 0);
            }
            BACKUP => (view.from, view.people) = (Vec::new(), 0),
            _ => {}
        }
        Ok(view)
    }

    /// The id of a stored entry, and of the comment that it answers.
    fn comment(&self, entry_row: i64) -> Result<(EntryId, Option<EntryId>)> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT entry.id, comment.parent FROM entry LEFT JOIN comment ON comment.entry_row = entry.row
                 WHERE entry.row = ?1",
            )?
            .query_row([entry_row], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    fn said_by_id(&self, id: EntryId) -> Result<String> {
        let row: Option<i64> = self
            .db
            .prepare_cached("SELECT row FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        row.map_or_else(|| Ok(String::new()), |row| self.said(row))
    }

    /// What a post or comment says now, cut; behind a warning, the warning.
    fn said(&self, entry_row: i64) -> Result<String> {
        type Bodies = (Option<Vec<u8>>, Option<Vec<u8>>);
        let found: Option<Bodies> = self
            .db
            .prepare_cached(
                "SELECT said.body, edit.body FROM said LEFT JOIN post ON post.entry_row = said.row
                 LEFT JOIN comment ON comment.entry_row = said.row
                 LEFT JOIN said AS edit ON edit.row = coalesce(comment.edit_row, post.edit_row) WHERE said.row = ?1",
            )?
            .query_row([entry_row], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let post = match found {
            Some((_, Some(edit))) => EditBody::decode(&edit)?.post,
            Some((Some(body), None)) => PostBody::decode(&body)?,
            _ => return Ok(String::new()),
        };
        match post.content_warning {
            Some(warning) => Ok(cut(&warning)),
            None => Ok(cut(&mention::plain(self.db, &post)?)),
        }
    }

    /// With which others reacted, in the order of the emoji.
    fn emoji(&self, own_row: i64, target: EntryId) -> Result<Vec<String>> {
        let mut statement = self.db.prepare_cached(
            "SELECT DISTINCT emoji FROM reaction WHERE target = ?1 AND shown = 1 AND author_row <> ?2 ORDER BY emoji",
        )?;
        let found = statement.query_map(params![target, own_row], |row| row.get(0))?;
        Ok(found.collect::<rusqlite::Result<BTreeSet<String>>>()?.into_iter().collect())
    }
}

/// The post that a line leads to is here, and was not deleted.
const PLACE_STANDS: &str = "EXISTS (SELECT 1 FROM entry AS e JOIN post AS p ON p.entry_row = e.row
    WHERE e.prefix = substr(n.place, 1, 8) AND e.id = n.place AND p.deleted = 0 AND p.closed = 0)";
const POST_STANDS: &str =
    "EXISTS (SELECT 1 FROM post AS p WHERE p.entry_row = n.entry_row AND p.deleted = 0 AND p.closed = 0)";
/// Of a comment of one's own.
const TARGET_DELETED: &str = "EXISTS (SELECT 1 FROM entry AS e JOIN comment AS c ON c.entry_row = e.row
    WHERE e.prefix = substr(n.target, 1, 8) AND e.id = n.target AND c.deleted = 1)";

/// The beginning of a text, on one line.
fn cut(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut: String = words.chars().take(NOTIFIED_CHARS).collect();
    if cut.len() < words.len() {
        cut.push('…');
    }
    cut
}
