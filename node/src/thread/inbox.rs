//! What messages change. They come in any order, some twice, and some before what they are about: every change is a
//! member of a set that merges, so the thread is the same in the end (invariant 12).

use rusqlite::{OptionalExtension, Transaction, params};

use super::{KIND_DIRECT, KIND_GROUP, KIND_SELF, direct, own, parcel, request};
use crate::author;
use crate::entry::{Member, MessageBody, What};
use crate::error::Result;
use crate::gate::Notes;
use crate::id::{MessageId, PersonaId, ThreadId};
use crate::limits;
use crate::media;
use crate::mute;
use crate::name::plain_name;

/// Numbers of `message_change.kind`.
pub(super) const EDIT: i64 = 2;
pub(super) const DELETE: i64 = 3;
pub(super) const REACT: i64 = 4;

/// Who wrote a message to whom. Both may be the own persona: notes, and what another own device sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Letter {
    pub own_row: i64,
    pub own: PersonaId,
    pub from_row: i64,
    pub from: PersonaId,
    pub now_ms: i64,
}

/// Takes in one message; answers its row where it is one that stands in the thread and was not there before.
pub(crate) fn take(tx: &Transaction<'_>, letter: Letter, body: &MessageBody, notes: &mut Notes) -> Result<Option<i64>> {
    if mute::is_blocked(tx, letter.from)? {
        return Ok(None);
    }
    match thread_of(tx, notes, letter, body)? {
        Some(thread) => {
            let row = take_in(tx, letter, thread, body, notes)?;
            request::bound(tx, notes)?;
            Ok(row)
        }
        None => Ok(None),
    }
}

/// As [`take`], for a thread that is known.
pub(super) fn take_in(
    tx: &Transaction<'_>,
    letter: Letter,
    thread: Thread,
    body: &MessageBody,
    notes: &mut Notes,
) -> Result<Option<i64>> {
    notes.threads_changed.insert(thread.id);
    match &body.what {
        What::Text { .. } => return text(tx, letter, &thread, body),
        What::Edit { of, counter, .. } => {
            let of = standing(tx, thread.row, *of, (letter.from_row, letter.from))?;
            change(tx, letter, &thread, of, EDIT, *counter, body)?;
        }
        What::Delete { of } => {
            let of = standing(tx, thread.row, *of, (letter.from_row, letter.from))?;
            change(tx, letter, &thread, of, DELETE, 1, body)?;
            erase(tx, notes, thread.row, of, letter.from_row)?;
        }
        What::React { to, counter, .. } => change(tx, letter, &thread, *to, REACT, *counter, body)?,
        What::Read { up_to_ms } => {
            let up_to_ms = i64::try_from(*up_to_ms).unwrap_or(i64::MAX).min(letter.now_ms);
            tx.prepare_cached(
                "UPDATE thread_member SET read_ms = max(read_ms, ?3) WHERE thread_row = ?1 AND author_row = ?2",
            )?
            .execute(params![thread.row, letter.from_row, up_to_ms])?;
        }
        What::Timer { keep_s, counter } => {
            keep(tx, thread.row, keep_s.cast_signed(), counter.cast_signed())?;
        }
        What::Members { title, items } => members(tx, letter, &thread, title, items)?,
        // Of no thread: it is taken before one is looked for.
        What::Grant(_) | What::Roster(_) | What::Follows { .. } | What::Records(_) => {}
    }
    Ok(None)
}

/// Sets how long messages of a thread stay, s. Anybody in it may say so: nobody uses up the numbers, and of two who say so
/// at once the one counts who keeps them for less long.
pub(super) fn keep(tx: &Transaction<'_>, thread_row: i64, keep_s: i64, counter: i64) -> Result<()> {
    tx.prepare_cached(
        "UPDATE thread SET keep_s = ?2, keep_counter = ?3
         WHERE row = ?1 AND ?3 BETWEEN 1 AND keep_counter + ?4
            AND (?3 > keep_counter OR ?3 = keep_counter AND ?2 > 0 AND (keep_s = 0 OR ?2 < keep_s))",
    )?
    .execute(params![thread_row, keep_s, counter, limits::COUNTER_STEP])?;
    Ok(())
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Thread {
    pub(super) row: i64,
    pub(super) id: ThreadId,
}

/// The thread that a message belongs to, made where it is missing; `None` where its sender has no place in it.
fn thread_of(tx: &Transaction<'_>, notes: &mut Notes, letter: Letter, body: &MessageBody) -> Result<Option<Thread>> {
    let Some(group) = body.group else {
        // Another own device says with whom; nobody else can.
        let other = body.with.filter(|with| letter.own_row == letter.from_row && *with != letter.own);
        let other = other.unwrap_or(letter.from);
        let kind = if other == letter.own { KIND_SELF } else { KIND_DIRECT };
        let thread = open(tx, notes, letter, direct(letter.own, other), kind)?;
        if other != letter.from {
            tx.prepare_cached("INSERT OR IGNORE INTO thread_member (thread_row, author_row) VALUES (?1, ?2)")?
                .execute([thread.row, author::private_row(tx, other)?])?;
        }
        return Ok(Some(thread));
    };
    let known: Option<(i64, bool)> = tx
        .prepare_cached(
            "SELECT thread.row, kind = ?4 AND EXISTS (SELECT 1 FROM thread_member
                WHERE thread_row = thread.row AND author_row = ?3 AND present = 1)
             FROM thread WHERE thread.author_row = ?1 AND id = ?2",
        )?
        .query_row(params![letter.own_row, group, letter.from_row, KIND_GROUP], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match known {
        Some((row, true)) => Ok(Some(Thread { row, id: group })),
        // Who left, or never was in it; and what names the conversation of two, whose id anybody can tell, as a group.
        Some((_, false)) => Ok(None),
        // Its members may come later, from somebody else.
        None if request::may_begin(tx, letter.own_row, letter.from_row)? => {
            open(tx, notes, letter, group, KIND_GROUP).map(Some)
        }
        None => Ok(None),
    }
}

/// Opens a thread. One that somebody began whom the persona does not follow is a request.
pub(super) fn open(tx: &Transaction<'_>, notes: &mut Notes, letter: Letter, id: ThreadId, kind: i64) -> Result<Thread> {
    let known: Option<i64> = tx
        .prepare_cached("SELECT row FROM thread WHERE author_row = ?1 AND id = ?2 AND kind = ?3")?
        .query_row(params![letter.own_row, id, kind], |row| row.get(0))
        .optional()?;
    if let Some(row) = known {
        return Ok(Thread { row, id });
    }
    // A group that somebody gave the id that two have together, before they wrote: it makes way.
    tx.prepare_cached("UPDATE thread SET id = randomblob(32) WHERE author_row = ?1 AND id = ?2 AND kind = ?3")?
        .execute(params![letter.own_row, id, KIND_GROUP])?;
    tx.prepare_cached(
        "INSERT INTO thread (id, author_row, kind, request)
         VALUES (?1, ?2, ?3, NOT (?2 = ?4 OR EXISTS
            (SELECT 1 FROM follow WHERE by_row = ?2 AND author_row = ?4 AND present = 1)))",
    )?
    .execute(params![id, letter.own_row, kind, letter.from_row])?;
    let row = tx.last_insert_rowid();
    for member in [letter.own_row, letter.from_row] {
        tx.prepare_cached("INSERT OR IGNORE INTO thread_member (thread_row, author_row) VALUES (?1, ?2)")?
            .execute([row, member])?;
    }
    own::settle(tx, notes, letter.own, id, letter.now_ms)?;
    Ok(Thread { row, id })
}

/// Under which id a message of somebody stands in a thread. They choose it, and others see it: where one of somebody else
/// has it already, the later one stands under an id that follows from its writer and that one. So nobody keeps another's
/// message out by sending its id ahead. What its writer said about it goes along.
pub(super) fn standing(
    tx: &Transaction<'_>,
    thread_row: i64,
    mut id: MessageId,
    (from_row, from): (i64, PersonaId),
) -> Result<MessageId> {
    loop {
        let taken: bool = tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM message WHERE thread_row = ?1 AND id = ?2 AND from_row <> ?3)",
            )?
            .query_row(params![thread_row, id, from_row], |row| row.get(0))?;
        if !taken {
            return Ok(id);
        }
        let mut hasher = blake3::Hasher::new_derive_key("kith 2026 message moved v1");
        hasher.update(from.as_bytes()).update(id.as_bytes());
        let moved = MessageId::from_bytes(*hasher.finalize().as_bytes());
        tx.prepare_cached(
            "UPDATE OR IGNORE message_change SET of = ?3
             WHERE thread_row = ?1 AND of = ?2 AND from_row = ?4 AND kind IN (?5, ?6)",
        )?
        .execute(params![thread_row, id, moved, from_row, EDIT, DELETE])?;
        id = moved;
    }
}

fn text(tx: &Transaction<'_>, letter: Letter, thread: &Thread, body: &MessageBody) -> Result<Option<i64>> {
    let id = standing(tx, thread.row, body.id, (letter.from_row, letter.from))?;
    let sent_ms = i64::try_from(body.sent_ms).unwrap_or(i64::MAX);
    // Behind none that its writer sent later: of a writer whose clock is ahead those stand where they came.
    let order_ms: i64 = tx
        .prepare_cached(
            "SELECT min(?4, coalesce(min(order_ms), ?4)) FROM message
             WHERE thread_row = ?1 AND from_row = ?2 AND sent_ms > ?3 AND order_ms < sent_ms",
        )?
        .query_row(params![thread.row, letter.from_row, sent_ms, sent_ms.min(letter.now_ms)], |row| row.get(0))?;
    let gone: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM message_change WHERE thread_row = ?1 AND of = ?2 AND from_row = ?3 AND kind = ?4)",
        )?
        .query_row(params![thread.row, id, letter.from_row, DELETE], |row| row.get(0))?;
    let kept = if gone { Vec::new() } else { body.encode([0; 16]) };
    if letter.from_row != letter.own_row && !request::has_room(tx, thread.row, kept.len())? {
        return Ok(None);
    }
    let added = tx
        .prepare_cached(
            "INSERT OR IGNORE INTO message (thread_row, id, from_row, sent_ms, order_ms, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![thread.row, id, letter.from_row, sent_ms, order_ms, kept])?;
    if added == 0 {
        return Ok(None);
    }
    let row = tx.last_insert_rowid();
    let request: bool = tx
        .prepare_cached("UPDATE thread SET last_ms = max(last_ms, ?2) WHERE row = ?1 RETURNING request <> 0")?
        .query_row([thread.row, order_ms], |found| found.get(0))?;
    let own = letter.from_row == letter.own_row;
    if let What::Text { body, .. } = &body.what
        && !gone
        && (own || !request)
    {
        media::hold(tx, row, &body.attachments)?;
    }
    if own {
        if request {
            hold_all(tx, thread.row)?;
        }
        tx.prepare_cached("UPDATE thread SET request = 0 WHERE row = ?1")?.execute([thread.row])?;
    }
    Ok(Some(row))
}

/// Keeps what is said about a message, also before that has come. Only who wrote a message edits or deletes it: what
/// others say of it finds no message of theirs.
fn change(
    tx: &Transaction<'_>,
    letter: Letter,
    thread: &Thread,
    of: MessageId,
    kind: i64,
    counter: u64,
    body: &MessageBody,
) -> Result<()> {
    let kept: i64 = tx
        .prepare_cached("SELECT count(*) FROM message_change WHERE thread_row = ?1 AND of = ?2")?
        .query_row(params![thread.row, of], |row| row.get(0))?;
    if kept >= i64::try_from(limits::MESSAGE_CHANGES).unwrap_or(i64::MAX) {
        return Ok(());
    }
    let here: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM message WHERE thread_row = ?1 AND id = ?2)")?
        .query_row(params![thread.row, of], |row| row.get(0))?;
    if !here && letter.from_row != letter.own_row && !request::has_room_ahead(tx, thread.row)? {
        return Ok(());
    }
    let bytes = body.encode([0; 16]);
    if letter.from_row != letter.own_row && !request::has_room(tx, thread.row, bytes.len())? {
        return Ok(());
    }
    keep_change(tx, thread.row, of, letter.from_row, kind, counter.cast_signed(), &bytes)
}

/// Of several changes of one kind by one writer the highest counter stands. None is far above what is known: their next
/// one stands too.
pub(super) fn keep_change(
    tx: &Transaction<'_>,
    thread_row: i64,
    of: MessageId,
    from_row: i64,
    kind: i64,
    counter: i64,
    body: &[u8],
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO message_change (thread_row, of, from_row, kind, counter, body)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE ?5 BETWEEN 0 AND ?7 + coalesce((SELECT counter FROM message_change
            WHERE thread_row = ?1 AND of = ?2 AND from_row = ?3 AND kind = ?4), 0)
         ON CONFLICT (thread_row, of, from_row, kind) DO UPDATE SET counter = excluded.counter, body = excluded.body
         WHERE (excluded.counter, excluded.body) > (counter, body)",
    )?
    .execute(params![thread_row, of, from_row, kind, counter, body, limits::COUNTER_STEP])?;
    Ok(())
}

/// Files of a request are kept by nothing here and opened by nothing before it is accepted: from now on those of this
/// thread are.
pub(super) fn hold_all(tx: &Transaction<'_>, thread_row: i64) -> Result<()> {
    let mut statement = tx.prepare_cached("SELECT row, body FROM message WHERE thread_row = ?1 AND body <> x''")?;
    let messages: Vec<(i64, Vec<u8>)> =
        statement.query_map([thread_row], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    for (row, body) in messages {
        if let What::Text { body, .. } = MessageBody::decode(&body)?.what {
            media::hold(tx, row, &body.attachments)?;
        }
    }
    Ok(())
}

/// Removes the text of a message and of its edits, and what opens its files. That it stood there stays.
pub(super) fn erase(
    tx: &Transaction<'_>,
    notes: &mut Notes,
    thread_row: i64,
    of: MessageId,
    from_row: i64,
) -> Result<()> {
    let row: Option<i64> = tx
        .prepare_cached("SELECT row FROM message WHERE thread_row = ?1 AND id = ?2 AND from_row = ?3")?
        .query_row(params![thread_row, of, from_row], |found| found.get(0))
        .optional()?;
    if let Some(row) = row {
        let_go(tx, notes, row)?;
    }
    tx.prepare_cached("UPDATE message SET body = x'' WHERE thread_row = ?1 AND id = ?2 AND from_row = ?3")?
        .execute(params![thread_row, of, from_row])?;
    tx.prepare_cached(
        "UPDATE message_change SET body = x'' WHERE thread_row = ?1 AND of = ?2 AND from_row = ?3 AND kind = ?4",
    )?
    .execute(params![thread_row, of, from_row, EDIT])?;
    Ok(())
}

/// Nothing here opens the files of a message any more. Their sealed bytes go with their last reference, as everywhere.
pub(super) fn let_go(tx: &Transaction<'_>, notes: &mut Notes, message_row: i64) -> Result<()> {
    parcel::end(tx, message_row)?;
    media::release(tx, notes, -message_row)
}

/// Merges who is in a group. One adds others, and takes out nobody but oneself: of oneself one's own word goes before that
/// of others, who count up to [`limits::COUNTER_STEP`] above it. So whatever others raised at whom, who leaves is out.
fn members(tx: &Transaction<'_>, letter: Letter, thread: &Thread, title: &str, items: &[Member]) -> Result<()> {
    for item in items {
        if !item.present && item.persona != letter.from {
            continue;
        }
        let named: bool = tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM thread_member AS m JOIN author ON author.row = m.author_row
                                WHERE m.thread_row = ?1 AND author.id = ?2)",
            )?
            .query_row(params![thread.row, item.persona], |row| row.get(0))?;
        if !named && !request::has_names_left(tx, thread.row)? {
            continue;
        }
        // No row is made for who is refused.
        let row: i64 = tx
            .prepare_cached("SELECT coalesce((SELECT row FROM author WHERE id = ?1), 0)")?
            .query_row([item.persona], |found| found.get(0))?;
        let owned: i64 = tx
            .prepare_cached(
                "SELECT coalesce((SELECT owned FROM thread_member WHERE thread_row = ?1 AND author_row = ?2), 0)",
            )?
            .query_row([thread.row, row], |found| found.get(0))?;
        let owns = item.persona == letter.from;
        let counter = i64::try_from(item.counter).unwrap_or(i64::MAX);
        if !owns && counter > owned.saturating_add(limits::COUNTER_STEP) {
            tracing::debug!("who is in a conversation is refused: its counter is too far above what they said");
            continue;
        }
        let counter = counter.min(limits::MEMBER_COUNTER);
        let others: usize = tx
            .prepare_cached(
                "SELECT count(*) FROM thread_member WHERE thread_row = ?1 AND author_row <> ?2 AND present = 1",
            )?
            .query_row([thread.row, row], |found| found.get(0))?;
        if item.present && others >= limits::THREAD_DEVICES {
            continue;
        }
        let row = author::private_row(tx, item.persona)?;
        tx.prepare_cached(
            "INSERT INTO thread_member (thread_row, author_row, present, counter) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (thread_row, author_row) DO UPDATE SET present = excluded.present, counter = excluded.counter
             WHERE (excluded.counter, NOT excluded.present) > (counter, NOT present)",
        )?
        .execute(params![thread.row, row, item.present, counter])?;
        if owns {
            tx.prepare_cached(
                "UPDATE thread_member SET owned = max(owned, ?3) WHERE thread_row = ?1 AND author_row = ?2",
            )?
            .execute([thread.row, row, counter])?;
        }
    }
    if !title.is_empty() {
        tx.prepare_cached("UPDATE thread SET title = ?2 WHERE row = ?1 AND kind = ?3")?.execute(params![
            thread.row,
            plain_name(title),
            KIND_GROUP
        ])?;
    }
    Ok(())
}

/// Whether a persona deals with another one: it follows it, has a conversation with it that is no request, or is in a
/// circle with it.
pub(super) fn is_known(tx: &Transaction<'_>, own_row: i64, peer_row: i64, peer: PersonaId) -> Result<bool> {
    let deals: bool = tx
        .prepare_cached(
            "SELECT ?1 = ?2
                OR EXISTS (SELECT 1 FROM follow WHERE by_row = ?1 AND author_row = ?2 AND present = 1)
                OR EXISTS (SELECT 1 FROM thread_member AS m JOIN thread ON thread.row = m.thread_row
                           WHERE m.author_row = ?2 AND m.present = 1 AND thread.author_row = ?1 AND request = 0)
                OR EXISTS (SELECT 1 FROM circle_member AS m JOIN circle ON circle.row = m.circle_row
                           WHERE m.author_row = ?2 AND m.present = 1 AND circle.own_row = ?1 AND circle.state = 1)
                OR EXISTS (SELECT 1 FROM circle WHERE author_row = ?2 AND own_row = ?1 AND kind = 1 AND state = 1)",
        )?
        .query_row([own_row, peer_row], |row| row.get(0))?;
    Ok(deals && !mute::is_blocked(tx, peer)?)
}

/// Whether its sender is told that a message came: not from a request or from somebody who is not followed, and not for what only tells how far one read.
pub(super) fn is_answered(tx: &Transaction<'_>, letter: Letter, body: &MessageBody) -> Result<bool> {
    if matches!(body.what, What::Read { .. }) || mute::is_blocked(tx, letter.from)? {
        return Ok(false);
    }
    if letter.own_row == letter.from_row {
        return Ok(true);
    }
    if let What::Follows { .. } = body.what {
        return Ok(tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM follow WHERE by_row = ?1 AND author_row = ?2 AND present = 1)",
            )?
            .query_row([letter.own_row, letter.from_row], |row| row.get(0))?);
    }
    let circle = match &body.what {
        What::Grant(grant) => Some(grant.circle),
        What::Roster(roster) => Some(roster.circle),
        _ => None,
    };
    if let Some(circle) = circle {
        // Nor is anybody told whose group one did not join.
        return Ok(tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM follow WHERE by_row = ?1 AND author_row = ?2 AND present = 1)
                    OR EXISTS (SELECT 1 FROM circle WHERE id = ?3 AND own_row = ?1 AND kind = 1 AND state = 1)",
            )?
            .query_row(params![letter.own_row, letter.from_row, circle], |row| row.get(0))?);
    }
    let thread = body.group.unwrap_or_else(|| direct(letter.own, letter.from));
    Ok(tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM thread WHERE author_row = ?1 AND id = ?2 AND request = 0)")?
        .query_row(params![letter.own_row, thread], |row| row.get(0))?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::{Durability, Store};
    use futures_util::FutureExt;

    /// Somebody else in a conversation sets what all may set, as high as can be: it can still be set.
    #[test]
    fn nobody_uses_up_the_numbers_of_a_conversation() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let [own, mallory, carol] = [1, 2, 3].map(|number| PersonaId::from_bytes([number; 32]));
            let own_row = author::row(tx, own)?;
            let from_row = author::row(tx, mallory)?;
            let by = |from_row, from| Letter { own_row, own, from_row, from, now_ms: 1_000 };
            let group = ThreadId::from_bytes([7; 32]);
            let take = |letter: Letter, what| {
                let body = MessageBody {
                    id: MessageId::from_bytes([9; 32]),
                    group: Some(group),
                    with: None,
                    sent_ms: 1,
                    what,
                };
                take(tx, letter, &body, &mut Notes::default()).map(drop)
            };
            let members = |persona, present, counter| What::Members {
                title: String::new(),
                items: vec![Member { persona, present, admin: false, counter }],
            };
            take(by(from_row, mallory), members(own, true, 1))?;
            for counter in [limits::LARGEST_NUMBER, limits::COUNTER_STEP.cast_unsigned() + 2] {
                take(by(from_row, mallory), members(own, true, counter))?;
                take(by(from_row, mallory), What::Timer { keep_s: 1, counter })?;
            }
            take(by(own_row, own), What::Timer { keep_s: 60, counter: 1 })?;
            take(by(own_row, own), members(own, false, 2))?;
            let kept: i64 = tx.query_row("SELECT keep_s FROM thread", [], |row| row.get(0))?;
            let is_in = "SELECT present FROM thread_member WHERE author_row = ?1";
            let stays: bool = tx.query_row(is_in, [own_row], |row| row.get(0))?;
            // Whom a message names is known from it alone.
            take(by(from_row, mallory), members(carol, true, 1))?;
            let private: bool = tx.query_row("SELECT private FROM author WHERE id = ?1", [carol], |row| row.get(0))?;
            Ok((kept, stays, private))
        });
        assert_eq!(done.now_or_never().unwrap().unwrap(), (60, false, true));
    }

    /// Somebody counts another up, to some alone, by steps: who leaves is out for these too.
    #[test]
    fn who_leaves_a_conversation_is_out_whatever_others_counted() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let [own, mallory, carol] = [1, 2, 3].map(|number| PersonaId::from_bytes([number; 32]));
            let own_row = author::row(tx, own)?;
            let by = |from| {
                Ok::<_, crate::error::Error>(Letter {
                    own_row,
                    own,
                    from_row: author::row(tx, from)?,
                    from,
                    now_ms: 1_000,
                })
            };
            let group = Some(ThreadId::from_bytes([7; 32]));
            let say = |from, present, counter| {
                let items = vec![Member { persona: carol, present, admin: false, counter }];
                let what = What::Members { title: String::new(), items };
                let body = MessageBody { with: None, id: MessageId::from_bytes([9; 32]), group, sent_ms: 1, what };
                take(tx, by(from)?, &body, &mut Notes::default()).map(drop)
            };
            let is_in = || -> Result<bool> {
                let sql = "SELECT present FROM thread_member JOIN author ON row = author_row WHERE id = ?1";
                Ok(tx.query_row(sql, [carol], |row| row.get(0))?)
            };
            let step = limits::COUNTER_STEP.cast_unsigned();
            say(mallory, true, 1)?;
            for steps in 1..50 {
                say(mallory, true, steps * step)?;
            }
            assert!(is_in()?);
            // She heard nothing of these numbers.
            say(carol, false, 1 + step + 1)?;
            assert!(!is_in()?);
            // She can be asked in again, and leave again.
            say(mallory, true, 1 + step + 2)?;
            assert!(is_in()?);
            say(carol, false, 1 + step + 2 + step + 1)?;
            assert!(!is_in()?);
            Ok(())
        });
        done.now_or_never().unwrap().unwrap();
    }

    /// Mallory sees the id of what Bob writes, and is quicker with one of her own under it: both stand, and what Bob says
    /// about his is said about his.
    #[test]
    fn nobody_keeps_a_message_out_by_sending_its_id_ahead() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let [own, bob, mallory] = [1, 2, 3].map(|number| PersonaId::from_bytes([number; 32]));
            let own_row = author::row(tx, own)?;
            let group = ThreadId::from_bytes([7; 32]);
            let says = |from: PersonaId, id: MessageId, what| {
                let letter = Letter { own_row, own, from_row: author::row(tx, from)?, from, now_ms: 1_000 };
                let body = MessageBody { id, group: Some(group), with: None, sent_ms: 1, what };
                take(tx, letter, &body, &mut Notes::default())
            };
            let text = |text: &str| What::Text {
                body: crate::entry::PostBody { text: text.to_owned(), ..Default::default() },
                reply_to: None,
                keep_s: 0,
            };
            let id = |number: u8| MessageId::from_bytes([number; 32]);
            let item = Member { persona: mallory, present: true, admin: false, counter: 1 };
            says(bob, id(1), What::Members { title: String::new(), items: vec![item] })?;
            let thread_row = tx.query_row("SELECT row FROM thread", [], |row| row.get(0))?;
            let bob_row = author::row(tx, bob)?;
            // Of Bob's, what each is: 0 deleted, 1 as written, 2 edited.
            let of_bob = || -> Result<Vec<i64>> {
                let mut statement = tx.prepare(
                    "SELECT (body <> x'') + EXISTS (SELECT 1 FROM message_change AS c WHERE c.of = message.id
                        AND c.from_row = message.from_row AND c.kind = ?2 AND c.body <> x'')
                     FROM message WHERE from_row = ?1 ORDER BY row",
                )?;
                let found = statement.query_map([bob_row, EDIT], |row| row.get(0))?;
                Ok(found.collect::<rusqlite::Result<_>>()?)
            };
            let of_mallory = "SELECT count(*) FROM message WHERE from_row <> ?1 AND body <> x''";
            // She takes the place to which it would move as well.
            assert!(says(mallory, id(8), text("mine"))?.is_some());
            let moved = standing(tx, thread_row, id(8), (bob_row, bob))?;
            assert!(says(mallory, moved, text("mine too"))?.is_some());
            assert!(says(bob, id(8), text("Bob's"))?.is_some());
            assert!(says(bob, id(8), text("Bob's"))?.is_none(), "it comes again");
            assert_eq!(of_bob()?, [1]);
            let body = crate::entry::PostBody { text: "Bob's, edited".to_owned(), ..Default::default() };
            says(bob, id(2), What::Edit { of: id(8), body, counter: 1 })?;
            assert_eq!(of_bob()?, [2]);
            says(bob, id(3), What::Delete { of: id(8) })?;
            assert_eq!(of_bob()?, [0]);
            // What he deleted before hers came does not come back after it.
            says(bob, id(4), What::Delete { of: id(9) })?;
            assert!(says(mallory, id(9), text("mine"))?.is_some());
            assert!(says(bob, id(9), text("gone"))?.is_some());
            assert_eq!(of_bob()?, [0, 0]);
            assert_eq!(tx.query_row(of_mallory, [bob_row], |row| row.get::<_, i64>(0))?, 3);
            Ok(())
        });
        done.now_or_never().unwrap().unwrap();
    }

    /// The id of a conversation of two follows from both, so anybody can name it: as a group it is none, whichever came
    /// first, and nobody gets into it.
    #[test]
    fn a_group_is_never_the_conversation_of_two() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let [own, mallory, carol] = [1, 2, 3].map(|number| PersonaId::from_bytes([number; 32]));
            let [own_row, mallory_row, carol_row] = {
                let mut rows = [0; 3];
                for (row, persona) in rows.iter_mut().zip([own, mallory, carol]) {
                    *row = author::row(tx, persona)?;
                }
                rows
            };
            let by = |from_row, from| Letter { own_row, own, from_row, from, now_ms: 1_000 };
            let mut number = 0;
            let mut take = |letter: Letter, group, what| {
                number += 1;
                let body = MessageBody { id: MessageId::from_bytes([number; 32]), group, with: None, sent_ms: 1, what };
                take(tx, letter, &body, &mut Notes::default())
            };
            let text = |text: &str| What::Text {
                body: crate::entry::PostBody { text: text.to_owned(), ..Default::default() },
                reply_to: None,
                keep_s: 0,
            };
            let member = Member { persona: mallory, present: true, admin: false, counter: 1 };
            let joins = || What::Members { title: "Carol".to_owned(), items: vec![member] };
            let outcome = |tx: &Transaction<'_>, other_row: i64, id: ThreadId| -> Result<Vec<i64>> {
                let row = tx.query_row(
                    "SELECT row FROM thread WHERE author_row = ?1 AND id = ?2 AND kind <> ?3",
                    params![own_row, id, KIND_GROUP],
                    |row| row.get(0),
                )?;
                let mut to = super::super::outbox::recipients(tx, row, own_row)?;
                to.retain(|row| *row != other_row);
                Ok(to)
            };
            let mut reach = Vec::new();
            // Two have written already; then it is named as a group.
            let with_carol = direct(own, carol);
            assert!(take(by(carol_row, carol), None, text("hello"))?.is_some());
            assert!(take(by(mallory_row, mallory), Some(with_carol), text("send me money"))?.is_none());
            take(by(mallory_row, mallory), Some(with_carol), joins())?;
            take(by(mallory_row, mallory), Some(with_carol), What::Timer { keep_s: 1, counter: 9 })?;
            reach.extend(outcome(tx, carol_row, with_carol)?);
            // It is named as a group before anything is written: notes to oneself.
            let notes = direct(own, own);
            assert!(take(by(mallory_row, mallory), Some(notes), text("mine"))?.is_some(), "a group as others");
            take(by(mallory_row, mallory), Some(notes), joins())?;
            assert!(take(by(own_row, own), None, text("a note"))?.is_some());
            assert!(take(by(mallory_row, mallory), Some(notes), text("again"))?.is_none());
            reach.extend(outcome(tx, own_row, notes)?);
            let kept: i64 = tx.query_row("SELECT max(keep_s) FROM thread", [], |row| row.get(0))?;
            let here: i64 = tx.query_row("SELECT max(row) FROM message", [], |row| row.get(0))?;
            Ok((reach, kept, here))
        });
        assert_eq!(done.now_or_never().unwrap().unwrap(), (Vec::new(), 0, 3));
    }

    /// The clock of a writer is ahead by some seconds: what came late stands where it was written all the same.
    #[test]
    fn what_one_wrote_stands_in_the_order_of_writing() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let [own, other] = [1, 2].map(|number| PersonaId::from_bytes([number; 32]));
            let (own_row, from_row) = (author::row(tx, own)?, author::row(tx, other)?);
            for (now_ms, number) in [(1_000, 0), (1_000, 3), (1_001, 1), (1_002, 2), (1_002, 4)] {
                let letter = Letter { own_row, own, from_row, from: other, now_ms };
                let what = What::Text { body: crate::entry::PostBody::default(), reply_to: None, keep_s: 0 };
                let id = MessageId::from_bytes([number; 32]);
                let body = MessageBody { id, group: None, with: None, sent_ms: 5_000 + u64::from(number), what };
                assert!(take(tx, letter, &body, &mut Notes::default())?.is_some());
            }
            let in_order = "SELECT sent_ms - 5000 FROM message ORDER BY order_ms, sent_ms, row";
            let mut statement = tx.prepare(in_order)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<Vec<i64>>>()?)
        });
        assert_eq!(done.now_or_never().unwrap().unwrap(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn nobody_fills_a_conversation_with_people() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let [own, mallory] = [1, 2].map(|number| PersonaId::from_bytes([number; 32]));
            let (own_row, from_row) = (author::row(tx, own)?, author::row(tx, mallory)?);
            let letter = Letter { own_row, own, from_row, from: mallory, now_ms: 1_000 };
            for round in 10..14_u8 {
                let named =
                    |number: u8| PersonaId::from_bytes([[round; 16], [number; 16]].concat().try_into().unwrap());
                let item = |persona| Member { persona, present: true, admin: false, counter: 1 };
                let what = What::Members { title: String::new(), items: (0..64).map(named).map(item).collect() };
                let group = Some(ThreadId::from_bytes([7; 32]));
                let body = MessageBody { id: MessageId::from_bytes([round; 32]), group, with: None, sent_ms: 1, what };
                take(tx, letter, &body, &mut Notes::default())?;
            }
            Ok(tx.query_row("SELECT count(*) FROM thread_member", [], |row| row.get::<_, usize>(0))?)
        });
        assert_eq!(done.now_or_never().unwrap().unwrap(), limits::THREAD_DEVICES);
    }
}
