//! Looks at what happened in a transaction, and writes down what of it is news to whom.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Transaction, params};

use super::{
    ANSWER, CIRCLE, COMMENT, DEVICE, EDIT, FOLLOWER, INVITATION, MENTION, MESSAGE, QUOTE, REACTION, REPOST, bound,
    mark, name,
};
use crate::entry::{EditBody, Kind, PostBody};
use crate::error::Result;
use crate::id::{CircleId, EntryId, NotificationId, PersonaId, ThreadId};
use crate::installation;
use crate::limits;
use crate::mute::{self, Hidden};

/// One notification before it stands.
struct New {
    own_row: i64,
    own: PersonaId,
    kind: i64,
    from_row: i64,
    from: PersonaId,
    entry_row: i64,
    target: [u8; 32],
    place: [u8; 32],
    time_ms: i64,
    /// It was there before the user could have heard of it.
    old: bool,
    /// Whose it is, beside who did it: part of its name.
    subject: Vec<u8>,
    /// Several with the same target stand in one line.
    together: bool,
}

/// What a stored entry says, as far as it may be news.
struct Said {
    id: EntryId,
    author_row: i64,
    author: PersonaId,
    own: bool,
    kind: Kind,
    refs: Vec<EntryId>,
    sealed: bool,
    /// When it was written, or first seen where that is earlier, s.
    at_s: i64,
    body: Option<Vec<u8>>,
}

/// One transaction's news.
pub(super) struct Telling<'a> {
    tx: &'a Transaction<'a>,
    own: BTreeMap<PersonaId, i64>,
    now_ms: i64,
    /// Read once, where it is asked for.
    hidden: Option<Hidden>,
    any: bool,
}

impl<'a> Telling<'a> {
    pub(super) fn new(tx: &'a Transaction<'a>, own: BTreeMap<PersonaId, i64>, now_ms: i64) -> Self {
        Self { tx, own, now_ms, hidden: None, any: false }
    }

    /// What the user is told changed.
    pub(super) fn any(&self) -> bool {
        self.any
    }

    /// An entry that was stored or opened.
    pub(super) fn entry(&mut self, row: i64) -> Result<()> {
        let Some(said) = self.said(row)? else { return Ok(()) };
        if said.own {
            // What was said about it before it came, from another own device.
            return match said.kind {
                Kind::Post | Kind::Comment => self.named_before(said.id),
                _ => Ok(()),
            };
        }
        match said.kind {
            Kind::Comment => self.comment(row, &said),
            Kind::Post => self.post(row, &said),
            Kind::Reaction => self.reaction(&said),
            Kind::Repost => self.repost(row, &said),
            Kind::Edit => self.edit(row, &said),
            _ => Ok(()),
        }
    }

    fn said(&self, row: i64) -> Result<Option<Said>> {
        let now_s = self.now_ms / 1_000;
        Ok(self
            .tx
            .prepare_cached(
                "SELECT e.id, a.row, a.id, a.own, e.kind, e.log_row = 0, e.refs, opened.time, min(e.time, e.rank), said.body,
                        s.kind, s.post, s.target
                 FROM entry AS e JOIN said ON said.row = e.row
                 LEFT JOIN sealed_comment AS s ON s.entry_row = e.row LEFT JOIN opened ON opened.entry_row = e.row
                 JOIN author AS a ON a.row = coalesce(s.author_row, e.author_row) WHERE e.row = ?1",
            )?
            .query_row([row], |found| {
                let refs: Vec<u8> = found.get(6)?;
                let mut refs: Vec<EntryId> = refs.chunks_exact(32).filter_map(EntryId::from_slice).collect();
                let kind = Kind::from_number(found.get(4)?);
                let sealed = kind == Kind::Sealed;
                let mut kind = kind.role(found.get(5)?, !refs.is_empty());
                if let Some(inside) = found.get::<_, Option<u16>>(10)? {
                    kind = Kind::from_number(inside);
                    let (post, target): (EntryId, EntryId) = (found.get(11)?, found.get(12)?);
                    refs = if kind == Kind::Comment { vec![post, target] } else { vec![target] };
                }
                let at_s = found.get::<_, Option<i64>>(7)?.map_or(found.get(8)?, |time| time.min(now_s));
                Ok(Said {
                    id: found.get(0)?,
                    author_row: found.get(1)?,
                    author: found.get(2)?,
                    own: found.get(3)?,
                    kind,
                    refs,
                    sealed,
                    at_s,
                    body: found.get(9)?,
                })
            })
            .optional()?)
    }

    /// Entries that named an own one before it was here.
    fn named_before(&mut self, id: EntryId) -> Result<()> {
        let mut statement = self.tx.prepare_cached(
            "SELECT entry_row FROM comment WHERE root = ?1 UNION SELECT entry_row FROM comment WHERE parent = ?1
             UNION SELECT entry_row FROM reaction WHERE target = ?1 UNION SELECT entry_row FROM repost WHERE target = ?1
             UNION SELECT entry_row FROM quote WHERE target = ?1",
        )?;
        let rows: Vec<i64> = statement.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for row in rows {
            if let Some(said) = self.said(row)?
                && !said.own
            {
                self.entry(row)?;
            }
        }
        Ok(())
    }

    fn comment(&mut self, row: i64, said: &Said) -> Result<()> {
        let ([root, parent], Some(body)) = (said.refs.as_slice(), &said.body) else { return Ok(()) };
        let body = PostBody::decode(body)?;
        let mut told: BTreeMap<i64, i64> = BTreeMap::new();
        if let Some(own_row) = self.own_author(*root)? {
            told.insert(own_row, COMMENT);
        }
        for own_row in self.mentioned(&body, None)? {
            told.insert(own_row, MENTION);
        }
        if parent != root
            && let Some(own_row) = self.own_author(*parent)?
        {
            told.insert(own_row, ANSWER);
        }
        if told.is_empty() || self.is_hidden(said.author, Some(*root), &body.text)? {
            return Ok(());
        }
        // What stands under a post came with its author's others, where nobody here had to do with it before.
        let under = self.author_row(*root)?;
        for (own_row, kind) in told {
            self.about(own_row, kind, row, said, *root, under.filter(|_| kind == MENTION))?;
        }
        Ok(())
    }

    fn post(&mut self, row: i64, said: &Said) -> Result<()> {
        let Some(body) = &said.body else { return Ok(()) };
        let body = PostBody::decode(body)?;
        let mut told: BTreeMap<i64, i64> = BTreeMap::new();
        if let Some(quoted) = body.quote
            && let Some(own_row) = self.own_author(quoted)?
        {
            told.insert(own_row, QUOTE);
        }
        for own_row in self.mentioned(&body, said.sealed.then_some(row))? {
            told.entry(own_row).or_insert(MENTION);
        }
        if told.is_empty() || self.is_hidden(said.author, Some(said.id), &body.text)? {
            return Ok(());
        }
        for (own_row, kind) in told {
            self.about(own_row, kind, row, said, said.id, Some(said.author_row))?;
        }
        Ok(())
    }

    fn reaction(&mut self, said: &Said) -> Result<()> {
        let ([target], Some(_)) = (said.refs.as_slice(), &said.body) else { return Ok(()) };
        let Some(own_row) = self.own_author(*target)? else { return Ok(()) };
        let post = self.post_above(*target)?;
        if self.is_hidden(said.author, Some(post), "")? {
            return Ok(());
        }
        let Some(own) = self.own_id(own_row) else { return Ok(()) };
        self.tell(New {
            own_row,
            own,
            kind: REACTION,
            from_row: said.author_row,
            from: said.author,
            // Whichever of theirs stands.
            entry_row: 0,
            target: target.to_bytes(),
            place: post.to_bytes(),
            time_ms: said.at_s.saturating_mul(1_000),
            old: self.is_old(own_row, None, said.at_s)?,
            subject: target.to_bytes().to_vec(),
            together: true,
        })
    }

    fn repost(&mut self, row: i64, said: &Said) -> Result<()> {
        let ([target], Some(_)) = (said.refs.as_slice(), &said.body) else { return Ok(()) };
        match self.own_author(*target)? {
            Some(own_row) if !self.is_hidden(said.author, Some(*target), "")? => {
                self.about(own_row, REPOST, row, said, *target, Some(said.author_row))
            }
            _ => Ok(()),
        }
    }

    /// Of a post or comment by somebody else: for own personas that it names now, and of a post for those that said
    /// something about it.
    fn edit(&mut self, row: i64, said: &Said) -> Result<()> {
        let ([target], Some(body)) = (said.refs.as_slice(), &said.body) else { return Ok(()) };
        let body = EditBody::decode(body)?.post;
        let named = self.named_by_edit(row, said, *target, &body)?;
        let mut statement = self.tx.prepare_cached(
            "SELECT DISTINCT own.row FROM entry AS e JOIN post ON post.entry_row = e.row AND post.author_row = ?2
             JOIN author AS own ON own.own = 1
             WHERE e.prefix = substr(?1, 1, 8) AND e.id = ?1
               AND (EXISTS (SELECT 1 FROM comment WHERE root = ?1 AND comment.author_row = own.row AND comment.deleted = 0)
                 OR EXISTS (SELECT 1 FROM reaction WHERE reaction.target = ?1 AND reaction.author_row = own.row AND shown = 1)
                 OR EXISTS (SELECT 1 FROM repost WHERE repost.target = ?1 AND repost.author_row = own.row))",
        )?;
        let mut concerned: Vec<i64> = statement
            .query_map(params![target, said.author_row], |found| found.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        concerned.retain(|own_row| !named.contains(own_row));
        if concerned.is_empty() || self.is_hidden(said.author, Some(*target), &body.text)? {
            return Ok(());
        }
        for own_row in concerned {
            self.about(own_row, EDIT, row, said, *target, None)?;
        }
        Ok(())
    }

    /// Own personas that the edit which stands names, and what it edits did not: it is told to them as if that said so from
    /// the start. Whoever has mentions switched off hears of no edit instead.
    fn named_by_edit(&mut self, edit: i64, said: &Said, target: EntryId, body: &PostBody) -> Result<Vec<i64>> {
        if body.mentions.is_empty() {
            return Ok(Vec::new());
        }
        let row: Option<i64> = self
            .tx
            .prepare_cached(
                "SELECT e.row FROM entry AS e LEFT JOIN post ON post.entry_row = e.row LEFT JOIN comment ON comment.entry_row = e.row
                 WHERE e.prefix = substr(?1, 1, 8) AND e.id = ?1 AND coalesce(comment.edit_row, post.edit_row) = ?2",
            )?
            .query_row(params![target, edit], |found| found.get(0))
            .optional()?;
        let Some(row) = row else { return Ok(Vec::new()) };
        let Some(edited) = self.said(row)?.filter(|edited| edited.author_row == said.author_row) else {
            return Ok(Vec::new());
        };
        let (place, by) = match (edited.kind, edited.refs.as_slice()) {
            (Kind::Post, _) => (edited.id, Some(edited.author_row)),
            (Kind::Comment, [root, _]) => (*root, self.author_row(*root)?),
            _ => return Ok(Vec::new()),
        };
        let before =
            edited.body.as_deref().map(PostBody::decode).transpose()?.map(|body| body.mentions).unwrap_or_default();
        let mut told = Vec::new();
        for own_row in self.mentioned(body, (edited.sealed && edited.kind == Kind::Post).then_some(row))? {
            let Some(own) = self.own_id(own_row).filter(|own| !before.contains(own)) else { continue };
            let id = name(own, COMMENT, &[edited.author.as_bytes(), edited.id.as_bytes().as_slice()].concat());
            if !self.stands(own_row, id)? {
                told.push(own_row);
            }
        }
        if told.is_empty() || self.is_hidden(said.author, Some(place), &body.text)? {
            return Ok(Vec::new());
        }
        let edited = Said { at_s: said.at_s, ..edited };
        for own_row in &told {
            self.about(*own_row, MENTION, row, &edited, place, by)?;
        }
        Ok(told)
    }

    pub(super) fn follower(&mut self, own_row: i64, row: i64) -> Result<()> {
        let found: Option<(PersonaId, i64)> = self
            .tx
            .prepare_cached(
                "SELECT author.id, came_ms FROM follower JOIN author ON author.row = follower.author_row
                 WHERE own_row = ?1 AND follower.author_row = ?2 AND present = 1 AND dropped = 0",
            )?
            .query_row([own_row, row], |found| Ok((found.get(0)?, found.get(1)?)))
            .optional()?;
        let (Some((from, came_ms)), Some(own)) = (found, self.own_id(own_row)) else { return Ok(()) };
        if self.is_hidden(from, None, "")? {
            return Ok(());
        }
        self.tell(New {
            own_row,
            own,
            kind: FOLLOWER,
            from_row: row,
            from,
            entry_row: 0,
            target: from.to_bytes(),
            place: from.to_bytes(),
            time_ms: came_ms,
            old: false,
            subject: Vec::new(),
            together: false,
        })
    }

    pub(super) fn circle(&mut self, row: i64) -> Result<()> {
        let found: Option<(i64, CircleId, i64, i64, PersonaId)> = self
            .tx
            .prepare_cached(
                "SELECT own_row, circle.id, kind, author_row, author.id FROM circle
                 JOIN author ON author.row = circle.author_row WHERE circle.row = ?1 AND author_row <> own_row AND gone = 0",
            )?
            .query_row([row], |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?, found.get(3)?, found.get(4)?)))
            .optional()?;
        let Some((own_row, circle, kind, from_row, from)) = found else { return Ok(()) };
        let Some(own) = self.own_id(own_row) else { return Ok(()) };
        if self.is_hidden(from, None, "")? {
            return Ok(());
        }
        self.tell(New {
            own_row,
            own,
            kind: if kind == 1 { INVITATION } else { CIRCLE },
            from_row,
            from,
            entry_row: 0,
            target: circle.to_bytes(),
            place: circle.to_bytes(),
            time_ms: self.now_ms,
            old: false,
            subject: circle.to_bytes().to_vec(),
            together: false,
        })
    }

    /// A conversation in which something changed: one line, at its last message that nobody read.
    pub(super) fn thread(&mut self, thread: ThreadId) -> Result<()> {
        let mut statement = self.tx.prepare_cached(
            "SELECT own.row, own.id, author.row, author.id, m.order_ms FROM thread
             JOIN author AS own ON own.row = thread.author_row AND own.own = 1
             JOIN message AS m ON m.row = (SELECT row FROM message WHERE thread_row = thread.row
                AND from_row <> thread.author_row AND body <> x'' AND (order_ms > thread.read_ms OR late = 1)
                ORDER BY order_ms DESC, sent_ms DESC, row DESC LIMIT 1)
             JOIN author ON author.row = m.from_row AND author.own = 0 WHERE thread.id = ?1 AND thread.request < 2",
        )?;
        let found: Vec<(i64, PersonaId, i64, PersonaId, i64)> = statement
            .query_map([thread], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let quiet = mute::is_quiet(self.tx, thread, self.now_ms.cast_unsigned())?;
        for (own_row, own, from_row, from, time_ms) in found {
            if quiet || self.is_hidden(from, None, "")? {
                continue;
            }
            let id = name(own, MESSAGE, thread.as_bytes());
            self.any |= self
                .tx
                .prepare_cached(
                    "INSERT INTO notification (own_row, name, grouped, kind, from_row, target, place, time_ms, read)
                     VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?5, ?6, 1)
                     ON CONFLICT (own_row, name) DO UPDATE SET from_row = excluded.from_row, time_ms = excluded.time_ms
                     WHERE excluded.time_ms > time_ms",
                )?
                .execute(params![own_row, id, MESSAGE, from_row, thread, time_ms])?
                > 0;
            bound(self.tx, own_row)?;
        }
        Ok(())
    }

    /// Own devices that the user has not seen in the list.
    pub(super) fn devices(&mut self) -> Result<()> {
        for device in installation::all(self.tx)?.into_iter().filter(|device| device.new) {
            let of = device.personas.iter().find_map(|persona| Some((*persona, *self.own.get(persona)?)));
            let Some((own, own_row)) = of else { continue };
            let time_ms = i64::try_from(device.linked_ms).unwrap_or(self.now_ms).min(self.now_ms);
            let id = name(own, DEVICE, device.id.as_bytes());
            self.any |= self
                .tx
                .prepare_cached(
                    "INSERT OR IGNORE INTO notification (own_row, name, grouped, kind, from_row, target, place, time_ms, read)
                     VALUES (?1, ?2, ?2, ?3, ?1, ?4, ?4, ?5, 1)",
                )?
                .execute(params![own_row, id, DEVICE, device.id, time_ms])?
                > 0;
            bound(self.tx, own_row)?;
        }
        Ok(())
    }

    /// A comment, post, repost or edit by somebody else. `place`: the post that it is, or is about; `by`: whose other entries
    /// it came with.
    fn about(&mut self, own_row: i64, kind: i64, row: i64, said: &Said, place: EntryId, by: Option<i64>) -> Result<()> {
        let Some(own) = self.own_id(own_row) else { return Ok(()) };
        let old = self.is_old(own_row, by, said.at_s)?;
        self.tell(New {
            own_row,
            own,
            kind,
            from_row: said.author_row,
            from: said.author,
            entry_row: row,
            target: place.to_bytes(),
            place: place.to_bytes(),
            time_ms: said.at_s.saturating_mul(1_000),
            old,
            subject: said.id.to_bytes().to_vec(),
            together: matches!(kind, REPOST | EDIT),
        })
    }

    fn tell(&mut self, new: New) -> Result<()> {
        // What an entry is to somebody may change as others come: it is named by the entry alone.
        let named = match new.kind {
            COMMENT | ANSWER | MENTION | QUOTE => COMMENT,
            kind => kind,
        };
        let id = name(new.own, named, &[new.from.as_bytes(), new.subject.as_slice()].concat());
        let grouped = if new.together { name(new.own, -new.kind, &new.target) } else { id };
        if self.stands(new.own_row, id)? {
            self.any |= self
                .tx
                .prepare_cached("UPDATE notification SET kind = ?3 WHERE own_row = ?1 AND name = ?2 AND kind <> ?3")?
                .execute(params![new.own_row, id, new.kind])?
                > 0;
            return Ok(());
        }
        self.tx
            .prepare_cached(
                "INSERT INTO notification
                    (own_row, name, grouped, kind, from_row, entry_row, target, place, time_ms, read)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                new.own_row,
                id,
                grouped,
                new.kind,
                new.from_row,
                new.entry_row,
                new.target,
                new.place,
                new.time_ms,
                new.old
            ])?;
        if !new.old {
            mark::came(self.tx, self.tx.last_insert_rowid(), new.own)?;
        }
        self.any = true;
        bound(self.tx, new.own_row)
    }

    fn stands(&self, own_row: i64, id: NotificationId) -> Result<bool> {
        Ok(self
            .tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM notification WHERE own_row = ?1 AND name = ?2)")?
            .query_row(params![own_row, id], |row| row.get(0))?)
    }

    fn own_id(&self, own_row: i64) -> Option<PersonaId> {
        self.own.iter().find(|(_, row)| **row == own_row).map(|(id, _)| *id)
    }

    /// The own persona that wrote a post or comment, where one did.
    fn own_author(&self, id: EntryId) -> Result<Option<i64>> {
        Ok(self
            .tx
            .prepare_cached(
                "SELECT own.row FROM entry AS e LEFT JOIN post ON post.entry_row = e.row
                 LEFT JOIN comment ON comment.entry_row = e.row
                 JOIN author AS own ON own.row = coalesce(comment.author_row, post.author_row) AND own.own = 1
                 WHERE e.prefix = substr(?1, 1, 8) AND e.id = ?1",
            )?
            .query_row([id], |row| row.get(0))
            .optional()?)
    }

    /// Who wrote a post, by row.
    fn author_row(&self, post: EntryId) -> Result<Option<i64>> {
        Ok(self
            .tx
            .prepare_cached(
                "SELECT post.author_row FROM entry AS e JOIN post ON post.entry_row = e.row
                 WHERE e.prefix = substr(?1, 1, 8) AND e.id = ?1",
            )?
            .query_row([post], |row| row.get(0))
            .optional()?)
    }

    /// The post above a comment; a post is its own.
    fn post_above(&self, id: EntryId) -> Result<EntryId> {
        let root = self
            .tx
            .prepare_cached(
                "SELECT comment.root FROM entry AS e JOIN comment ON comment.entry_row = e.row
                 WHERE e.prefix = substr(?1, 1, 8) AND e.id = ?1",
            )?
            .query_row([id], |row| row.get(0))
            .optional()?;
        Ok(root.unwrap_or(id))
    }

    /// Own personas that a text names; of a sealed one, by its row, those that can read it.
    fn mentioned(&self, body: &PostBody, sealed: Option<i64>) -> Result<Vec<i64>> {
        let mut named = Vec::new();
        for (id, row) in self.own.iter().filter(|(id, _)| body.mentions.contains(id)) {
            let reads = match sealed {
                None => true,
                Some(entry_row) => self
                    .tx
                    .prepare_cached("SELECT EXISTS (SELECT 1 FROM reader WHERE entry_row = ?1 AND persona = ?2)")?
                    .query_row(params![entry_row, id], |found| found.get(0))?,
            };
            if reads {
                named.push(*row);
            }
        }
        Ok(named)
    }

    fn is_hidden(&mut self, from: PersonaId, post: Option<EntryId>, text: &str) -> Result<bool> {
        let hidden = match self.hidden.take() {
            Some(hidden) => hidden,
            None => Hidden::read(self.tx, self.now_ms.cast_unsigned())?,
        };
        let silent = hidden.silences(from, post, text);
        self.hidden = Some(hidden);
        Ok(silent)
    }

    /// Whether something was written before the user could have heard of it: before this device wrote anything for the
    /// persona, before whose post it is was followed, or long ago.
    fn is_old(&self, own_row: i64, by_row: Option<i64>, at_s: i64) -> Result<bool> {
        if at_s < (self.now_ms / 1_000).saturating_sub(limits::NEWS_S) {
            return Ok(true);
        }
        let begun: Option<i64> = self
            .tx
            .prepare_cached(
                "SELECT min(entry.rank) FROM log JOIN entry ON entry.log_row = log.row AND entry.seq = 0
                 WHERE log.own = 1 AND log.author_row = ?1",
            )?
            .query_row([own_row], |row| row.get(0))?;
        let followed: Option<i64> = match by_row {
            Some(by_row) => self
                .tx
                .prepare_cached("SELECT min(since_s) FROM follow WHERE author_row = ?1 AND present = 1")?
                .query_row([by_row], |row| row.get(0))?,
            None => None,
        };
        Ok(begun.is_none_or(|begun| at_s < begun) || followed.is_some_and(|since| at_s < since))
    }
}
