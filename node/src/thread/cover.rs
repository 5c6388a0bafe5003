//! Hiding when one answers, for who chose it ([`HIDE_ANSWERS`]): what nobody chose the moment of (answers, receipts, what
//! goes again) goes with the next message to that device, or in the place of a piece of *cover*: mail for nobody, at
//! random times that depend on no message. Without the setting nothing of this costs anything (docs/security.md).

use ed25519_dalek::SigningKey;
use rusqlite::{Connection, OptionalExtension, Transaction};
use zeroize::Zeroizing;

use super::courier::{Desk, drawn};
use crate::crypto::Envelope;
use crate::entry::{Entry, Header, SealedBody, Unverified, sign};
use crate::error::Result;
use crate::id::DeviceKey;
use crate::limits::{COVER_MS, DAY_S, MAIL_DAYS};
use crate::setting::{self, HIDE_ANSWERS};

/// What a node does so that its personas can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Nothing: nobody can write to it.
    Off,
    On,
    /// As `On`, and answers go at once. In simulations only: it shows what waits hide.
    AtOnce,
}

impl From<bool> for Delivery {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

/// Whether the user chose to hide when they answer.
pub(super) fn hides(db: &Connection) -> Result<bool> {
    Ok(setting::get(db, HIDE_ANSWERS)?.as_deref() == Some("on"))
}

/// Whether a piece of cover, or what waits for its place, is due; if so, the next one is drawn. A piece that came due
/// while nobody was connected goes with the next connection, once.
pub(super) fn is_due(desk: &Desk<'_>) -> Result<bool> {
    if !has_account(desk.tx)? {
        return Ok(false);
    }
    let at_ms: Option<i64> =
        desk.tx.prepare_cached("SELECT at_ms FROM cover")?.query_row([], |row| row.get(0)).optional()?;
    let due = at_ms.is_some_and(|at_ms| at_ms <= desk.now_ms);
    // A clock that was set back must not end it.
    if due || at_ms.is_none_or(|at_ms| at_ms > desk.now_ms.saturating_add(LONGEST_MS)) {
        let wait_ms = wait_ms(u64::from_le_bytes(drawn(desk.entropy)?));
        desk.tx
            .prepare_cached("INSERT INTO cover (row, at_ms) VALUES (1, ?1) ON CONFLICT (row) DO UPDATE SET at_ms = ?1")?
            .execute([desk.now_ms.saturating_add(wait_ms)])?;
    }
    Ok(due)
}

/// There is none to come.
pub(super) fn ends(tx: &Transaction<'_>) -> Result<()> {
    tx.prepare_cached("DELETE FROM cover")?.execute([])?;
    Ok(())
}

/// A piece of mail for nobody, of the smallest size: to everybody else it looks like any other.
pub(super) fn piece(desk: &Desk<'_>) -> Result<Unverified<Entry>> {
    let key = SigningKey::from_bytes(&Zeroizing::new(drawn(desk.entropy)?));
    let day = desk.now_ms.max(0).cast_unsigned() / 1_000 / DAY_S;
    let device = DeviceKey::from(&key.verifying_key());
    let header = Header::one_time(device, u32::try_from(day).unwrap_or(u32::MAX), Vec::new());
    let body = SealedBody {
        route: u32::from_le_bytes(drawn(desk.entropy)?),
        proof: None,
        expires_day: u16::try_from(day + MAIL_DAYS).unwrap_or(u16::MAX),
        envelope: Envelope::cover(desk.entropy)?,
        blobs: Vec::new(),
        comment_key: None,
        work: 0,
    };
    Ok(sign(&key, header, body.encode(drawn(desk.entropy)?)))
}

/// Longer waits are cut.
const LONGEST_MS: i64 = 8 * COVER_MS;

fn has_account(tx: &Transaction<'_>) -> Result<bool> {
    Ok(tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM account)")?.query_row([], |row| row.get(0))?)
}

/// Waits of this kind have no memory: when one ends tells nothing of what happened before, and nothing is shown by
/// beginning anew. `random`: any number.
fn wait_ms(random: u64) -> i64 {
    // In (0, 1], with all the bits that a double has.
    let uniform = ((random >> 11) + 1) as f64 / (1_u64 << 53) as f64;
    ((-uniform.ln() * COVER_MS as f64) as i64).clamp(1, LONGEST_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_as_long_as_asked_for_and_without_memory() {
        let mut dice = crate::sim::Dice(1);
        let waits: Vec<i64> = (0..20_000).map(|_| wait_ms(dice.roll())).collect();
        let mean = waits.iter().sum::<i64>() as f64 / 20_000.0 / COVER_MS as f64;
        assert!((0.97..1.03).contains(&mean), "{mean}");
        // Of those that took the mean already as many take another one as took the first.
        let longer = |ms: i64| waits.iter().filter(|wait| **wait > ms).count() as f64;
        let (first, second) = (longer(COVER_MS) / 20_000.0, longer(2 * COVER_MS) / longer(COVER_MS));
        assert!((first - second).abs() < 0.02, "{first} {second}");
        assert_eq!(wait_ms(u64::MAX), 1);
        assert_eq!(wait_ms(0), LONGEST_MS);
    }
}
