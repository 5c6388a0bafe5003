//! The share of mail (DESIGN §5.3), and that of the files which it names: nobody fills either alone. Each peer has a limit;
//! where a share is full, those who brought the most give way to those who brought less, so that a flood costs whoever
//! sends it and not others.

#[cfg(test)]
mod tests;

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{MAIL, Used, quota};
use crate::crypto::sealed_size;
use crate::entry::{EntryError, SealedBlob};
use crate::error::Result;
use crate::gate::Notes;
use crate::id::{EntryId, NodeId};
use crate::limits;
use crate::mailbox::Pledge;
use crate::view::Role;
use crate::{mail, mailbox, service};

/// Whether there is room for an entry of mail of so many bytes that a peer brings; makes it where that is fair.
pub(crate) fn admit_mail(
    tx: &Transaction<'_>,
    notes: &mut Notes,
    role: Role,
    (id, cost): (EntryId, i64),
    by: NodeId,
) -> Result<Option<EntryError>> {
    let share = quota(tx, role)? / limits::MAIL_PART;
    let before = brought(tx, by)?.0;
    let brought = before.saturating_add(cost);
    // All mail may come by a mailbox of one's own.
    let chosen = service::is_chosen(tx, by)?;
    if !chosen && brought > source_limit(share) {
        return Ok(Some(EntryError::MailFull));
    }
    let over = Used::read(tx)?.of(MAIL).saturating_add(cost) - share;
    if over <= 0 {
        return Ok(None);
    }
    let floor = if chosen || mailbox::is_client(tx, by)? { 0 } else { brought };
    let mut lacking = mail::make_room(tx, notes, over, floor)?;
    if lacking > 0 && chosen {
        // A mailbox may keep more than fits here: what it brings now may be for this node, what it brought was looked at.
        lacking = mail::drop_oldest(tx, notes, lacking, by, false)?;
    } else if lacking > 0 && !mail::was_dropped(tx, id)? {
        // Nobody brought more: what is new goes before what is old, of the same peer, or, where it has brought nothing
        // yet, of the one who brought the most.
        let whose = if before > 0 { Some(by) } else { mail::fullest(tx)? };
        if let Some(whose) = whose {
            lacking = mail::drop_oldest(tx, notes, lacking, whose, true)?;
        }
    }
    Ok((lacking > 0).then_some(EntryError::MailFull))
}

/// Whether files that an entry of mail names are taken in; makes room where that is fair. `by`: who brought the entry;
/// `None`: it is an own one, whose files are given to others in any case.
pub(crate) fn admit_files(
    tx: &Transaction<'_>,
    notes: &mut Notes,
    role: Role,
    blobs: &[SealedBlob],
    by: Option<NodeId>,
) -> Result<bool> {
    let cost = mail::files_bytes(blobs);
    let Some(by) = by else { return Ok(cost > 0) };
    let room = quota(tx, role)? / limits::MAIL_FILES_PART;
    let largest = sealed_size(limits::ATTACHED_FILE_BYTES as u64);
    if cost == 0 || cost > room || blobs.iter().any(|blob| blob.padded_size > largest) {
        return Ok(false);
    }
    let brought = brought(tx, by)?.1.saturating_add(cost);
    let chosen = service::is_chosen(tx, by)?;
    if !chosen && brought > room / limits::MAIL_FILES_SOURCE_PART {
        return Ok(false);
    }
    let taken: i64 = tx.prepare_cached("SELECT files FROM mail_sum")?.query_row([], |row| row.get(0))?;
    let over = taken.saturating_add(cost) - room;
    if over <= 0 {
        return Ok(true);
    }
    let floor = if chosen { 0 } else { brought };
    Ok(mail::make_file_room(tx, notes, over, floor)? || chosen && mail::drop_oldest_files(tx, notes, over, by)?)
}

/// Mail promised to who was let in by a token; to others; and to those for longer than messages stay (`mail.lot`).
const CLIENT: i64 = 0;
const OPEN: i64 = 1;
const LASTING: i64 = 2;

/// Of which share mail may be promised to a client to be kept; `None`: of none. There is one for all together, and of it parts
/// for what nobody had to be let in for, and to each its part, so that none uses it up: an eighth of the share is left to
/// clients at least.
pub(crate) fn may_promise(
    db: &Connection,
    role: Role,
    client: NodeId,
    Pledge { bytes, expires_day }: Pledge,
    now_s: i64,
) -> Result<Option<i64>> {
    let share = quota(db, role)? / limits::MAIL_PART;
    let (all, open, lasting): (i64, i64, i64) = db
        .prepare_cached("SELECT promised, open, lasting FROM mail_sum")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let to_it: Option<(i64, i64)> = db
        .prepare_cached("SELECT bytes, lasting FROM mail_promised WHERE node = ?1")?
        .query_row([client], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (to_it, lasting_to_it) = to_it.unwrap_or_default();
    let within = |promised: i64, limit: i64| promised.saturating_add(bytes) <= limit;
    let (lot, fits) = if mailbox::is_client(db, client)? {
        (CLIENT, within(to_it, source_limit(share)))
    } else if mail::lasts(expires_day, now_s) {
        let room = share / limits::MAIL_LASTING_PART;
        let each = limits::MAIL_LASTING_BYTES.min(room / limits::MAIL_SOURCE_PART);
        (LASTING, within(lasting, room) && within(lasting_to_it, each))
    } else {
        (OPEN, within(open, share / limits::MAIL_OPEN_PART) && within(to_it, source_limit(share)))
    };
    Ok((fits && within(all, share - share / limits::MAIL_FREE_PART)).then_some(lot))
}

/// What one peer may fill of a share of mail, and be promised of it, bytes.
fn source_limit(share: i64) -> i64 {
    limits::MAIL_SOURCE_BYTES.min(share / limits::MAIL_SOURCE_PART)
}

/// What is kept of what a peer brought, bytes: entries, and files that they name.
fn brought(db: &Connection, by: NodeId) -> Result<(i64, i64)> {
    let found = db
        .prepare_cached("SELECT bytes, files FROM mail_source WHERE node = ?1")?
        .query_row([by], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.unwrap_or_default())
}
