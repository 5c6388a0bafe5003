//! Which buckets of mail a node takes, and what two nodes have in common of them (DESIGN §5.3). The set follows from
//! what passes under whole buckets, from time and from the clients of a mailbox, never from a node's own messages.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::bucket::{Bucket, apart, in_common};
use crate::error::Result;
use crate::id::PersonaId;
use crate::limits::{CLIENT_BUCKET_DAYS, CLIENT_BUCKETS, DAY_S, STRAYS_AT_ONCE, TAKEN_BUCKETS};
use crate::sync::connection::Conn;
use crate::sync::engine::Engine;
use crate::sync::frame::Frame;
use crate::sync::message::{Carried, ConnId, Output, Pending};
use crate::sync::push::stray_targets;
use crate::sync::reads::{Pushed, Query};

/// The buckets whose mail is kept here, apart from each other.
pub(crate) fn taken(db: &Connection) -> Result<Vec<Bucket>> {
    let own: Option<(u8, u16)> = db
        .prepare_cached("SELECT taken, route FROM bucket")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((bits, route)) = own else { return Ok(vec![Bucket::EVERYTHING]) };
    let mut all = vec![Bucket::new(bits, route)];
    let mut statement = db.prepare_cached("SELECT bits, route FROM bucket_client LIMIT ?1")?;
    let limit = i64::try_from(TAKEN_BUCKETS - 1).unwrap_or(i64::MAX);
    for client in statement.query_map([limit], |row| Ok(Bucket::new(row.get(0)?, row.get(1)?)))? {
        all.push(client?);
    }
    Ok(apart(all))
}

/// Takes the bucket of a mailbox's client from now on, though it may sleep; one that is wider than what there is room
/// for is not.
pub(super) fn take_for_client(tx: &Transaction<'_>, bucket: Bucket, now_ms: u64) -> Result<()> {
    let today = (now_ms / 1_000 / DAY_S).cast_signed();
    tx.prepare_cached(
        "INSERT INTO bucket_client (bits, route, until_day)
         SELECT ?1, ?2, ?3 FROM bucket WHERE room <= ?1
            AND (SELECT count(*) FROM bucket_client WHERE (bits, route) <> (?1, ?2)) < ?4
         ON CONFLICT (bits, route) DO UPDATE SET until_day = excluded.until_day",
    )?
    .execute(params![
        bucket.bits(),
        bucket.span().0,
        today + CLIENT_BUCKET_DAYS.cast_signed(),
        i64::try_from(TAKEN_BUCKETS - 1).unwrap_or(i64::MAX)
    ])?;
    Ok(())
}

/// Lets go of the buckets of clients that did not come back; answers whether there were some.
pub(crate) fn forget_clients(tx: &Transaction<'_>, today: i64) -> Result<bool> {
    Ok(tx.prepare_cached("DELETE FROM bucket_client WHERE until_day < ?1")?.execute([today])? > 0)
}

impl Engine {
    /// The buckets that this node takes.
    pub(super) fn buckets(&self) -> Vec<Bucket> {
        let (first, last) = (Bucket::EVERYTHING.id(), Bucket::new(u8::MAX, u16::MAX).id());
        let ids = self.authors.iter().flat_map(|authors| authors.range(first..=last));
        ids.filter_map(|(id, _)| Bucket::from_id(id)).collect()
    }

    /// What is carried here and may be carried by the peer, in order: of mail what both take.
    pub(super) fn shared_with(&self, id: ConnId) -> Vec<PersonaId> {
        let people = self.carried().filter(|author| Bucket::from_id(author).is_none());
        let mut all: Vec<PersonaId> = people.copied().collect();
        if let Some(conn) = self.conns.get(&id) {
            all.extend(in_common(&self.buckets(), &conn.takes).into_iter().map(Bucket::id));
        }
        all.sort_unstable();
        all
    }

    /// Whether mail of this bucket stays here.
    pub(super) fn takes(&self, exact: Bucket) -> bool {
        self.buckets().iter().any(|bucket| bucket.contains(exact))
    }

    /// Tells peers which buckets are taken here, where they heard something else.
    pub(super) fn tell_buckets(&mut self) {
        let buckets = self.buckets();
        for (id, conn) in &mut self.conns {
            if conn.told_takes != buckets {
                conn.told_takes.clone_from(&buckets);
                let bytes = Frame::Takes { buckets: buckets.clone() }.encode();
                self.out.push(Output::Send { conn: *id, bytes });
            }
        }
    }

    /// A peer takes other buckets than before.
    pub(super) fn peer_takes(&mut self, id: ConnId, buckets: Vec<Bucket>) {
        let now_ms = self.now.tick_ms;
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if !conn.allowance.may_notify(now_ms) {
            return self.close(id, "too many notices");
        }
        conn.takes = buckets;
        self.take_for(id);
        self.ask(id);
    }

    /// Takes what a mailbox's client takes, so that it is here when the client has slept.
    pub(super) fn take_for(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get(&id).filter(|conn| conn.keeping.client) else { return };
        if self.takes(Bucket::EVERYTHING) {
            return;
        }
        // Which of them is its own, and which those of its clients, is not told.
        let authors = conn.takes.iter().take(CLIENT_BUCKETS).map(|bucket| (bucket.id(), 0)).collect();
        self.tell(Output::Lease { authors });
    }

    /// A peer asked: what is here of buckets that it takes, and that nobody here does, goes to it.
    pub(super) fn offer_strays(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get(&id) else { return };
        if conn.unacked == 0 && !self.takes(Bucket::EVERYTHING) {
            let query = Query::Strays { peer: conn.peer, takes: conn.takes.clone(), limit: STRAYS_AT_ONCE };
            self.read(query, Pending::Strays(id));
        }
    }

    pub(super) fn send_strays(&mut self, id: ConnId, strays: &[Pushed]) {
        if !strays.is_empty() {
            self.push_to(id, &stray_targets(strays), &strays.iter().collect::<Vec<_>>(), false);
        }
    }

    /// Whether no connected peer has mail in common with this node: then nobody can show what is here of it.
    pub(super) fn compares_no_mail(&self) -> bool {
        let ours = self.buckets();
        self.conns.values().all(|conn| in_common(&ours, &conn.takes).is_empty())
    }
}

impl Conn {
    /// Whether what is written by this author, or travels under this exact bucket, goes to the peer.
    pub(super) fn wants(&self, author: &PersonaId) -> bool {
        match Bucket::from_id(author) {
            Some(exact) => self.takes_mail && self.takes.iter().any(|bucket| bucket.contains(exact)),
            None => self.subscribed.contains_key(author),
        }
    }

    /// Under which name the peer asked for it: mail by a bucket that holds it.
    pub(super) fn subscription(&self, author: &PersonaId) -> Option<PersonaId> {
        let Some(exact) = Bucket::from_id(author) else {
            return self.subscribed.contains_key(author).then_some(*author);
        };
        let asked = self.subscribed.range(Bucket::EVERYTHING.id()..=exact.id());
        asked.map(|(id, _)| *id).find(|id| Bucket::from_id(id).is_some_and(|bucket| bucket.contains(exact)))
    }

    /// Whether mail may leave by this peer whatever its bucket: one that takes a part alone and keeps nothing for
    /// others may not, and so where mail goes first says nothing of whom it is for.
    pub(super) fn passes_mail_on(&self, is_phone: bool) -> bool {
        self.takes_mail && (!is_phone || self.takes.first() == Some(&Bucket::EVERYTHING))
    }
}

/// The buckets that are taken, as authors that are carried.
pub(super) fn as_authors(db: &Connection) -> Result<Vec<(PersonaId, Carried)>> {
    Ok(taken(db)?.into_iter().map(|bucket| (bucket.id(), Carried::Bucket)).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::sync::frame::Frame;

    /// Golden bytes: what travels does not change by accident.
    #[test]
    fn buckets_travel_as_they_are_written_down() {
        let hello = |takes: Vec<Bucket>| Frame::Hello { min: 1, max: 1, features: 0, role: 1, takes }.encode();
        assert_eq!(hello(vec![Bucket::EVERYTHING]), [0, 0x84, 1, 1, 0, 1], "as before there were any");
        assert_eq!(hello(vec![Bucket::new(3, 0xffff)]), [0, 0x85, 1, 1, 0, 1, 0x43, 3, 0xe0, 0]);
        let buckets = vec![Bucket::new(2, 0x4000), Bucket::new(16, 0xabcd)];
        assert_eq!(Frame::Takes { buckets }.encode(), [23, 0x81, 0x46, 2, 0x40, 0, 16, 0xab, 0xcd]);
        let name = Bucket::new(16, 0xabcd).id();
        assert_eq!(name.as_bytes().last_chunk::<3>(), Some(&[16, 0xab, 0xcd]));
        assert_eq!(Bucket::new(5, 0xabcd).hand_out(u32::MAX), 0xafff_ffe5);
    }
}
