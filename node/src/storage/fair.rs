//! The share of mail (DESIGN §5.3): nobody fills it alone. Each peer has a limit; where the share is full, those who
//! brought the most give way to those who brought less, so that a flood costs whoever sends it and not others.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{MAIL, Used, quota};
use crate::entry::EntryError;
use crate::error::Result;
use crate::gate::Notes;
use crate::id::NodeId;
use crate::limits;
use crate::view::Role;
use crate::{mail, mailbox, service};

/// Whether there is room for so many bytes of mail that a peer brings; makes it where that is fair.
pub(crate) fn admit_mail(
    tx: &Transaction<'_>,
    notes: &mut Notes,
    role: Role,
    cost: i64,
    by: NodeId,
) -> Result<Option<EntryError>> {
    let share = quota(tx, role)? / limits::MAIL_PART;
    let brought: Option<i64> = tx
        .prepare_cached("SELECT bytes FROM mail_source WHERE node = ?1")?
        .query_row([by], |row| row.get(0))
        .optional()?;
    let brought = brought.unwrap_or_default().saturating_add(cost);
    // All mail may come by a mailbox of one's own.
    let chosen = service::is_chosen(tx, by)?;
    let limit = limits::MAIL_SOURCE_BYTES.min(share / limits::MAIL_SOURCE_PART);
    if !chosen && brought > limit {
        return Ok(Some(EntryError::MailFull));
    }
    let over = Used::read(tx)?.of(MAIL).saturating_add(cost) - share;
    if over <= 0 {
        return Ok(None);
    }
    let floor = if chosen || mailbox::is_client(tx, by)? { 0 } else { brought };
    // A mailbox may keep more than fits here: what it brings now may be for this node, what it brought was looked at.
    let made = mail::make_room(tx, notes, over, floor)? || chosen && mail::drop_oldest(tx, notes, over, by)?;
    Ok((!made).then_some(EntryError::MailFull))
}

/// Whether so many more bytes of mail may be promised to be kept.
pub(crate) fn may_promise(db: &Connection, role: Role, bytes: i64) -> Result<bool> {
    let share = quota(db, role)? / limits::MAIL_PART;
    let promised: i64 = db.prepare_cached("SELECT bytes FROM mail_promised")?.query_row([], |row| row.get(0))?;
    Ok(promised.saturating_add(bytes) <= share - share / limits::MAIL_FREE_PART)
}
