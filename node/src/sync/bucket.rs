//! Which buckets of mail a node takes, and what two nodes have in common of them (DESIGN §5.3). The set follows from
//! what passes under whole buckets, from time and from the clients of a mailbox, never from a node's own messages.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::bucket::{Bucket, apart, in_common};
use crate::error::Result;
use crate::id::{NodeId, PersonaId};
use crate::limits::{
    ALLOWANCES, CLIENT_BUCKET_DAYS, CLIENT_BUCKETS, CLIENTS_BUCKETS, DAY_S, STRAYS_AT_ONCE, TAKEN_BUCKETS,
};
use crate::sync::connection::Conn;
use crate::sync::engine::Engine;
use crate::sync::frame::Frame;
use crate::sync::message::{Carried, ConnId, Leases, Output, Pending};
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
    let mut statement = db.prepare_cached("SELECT DISTINCT bits, route FROM bucket_client LIMIT ?1")?;
    let limit = i64::try_from(TAKEN_BUCKETS - 1).unwrap_or(i64::MAX);
    for client in statement.query_map([limit], |row| Ok(Bucket::new(row.get(0)?, row.get(1)?)))? {
        all.push(client?);
    }
    Ok(apart(all))
}

/// Takes the buckets of a mailbox's client from now on, though it may sleep, and none that it named before; one that is
/// wider than what there is room for is not. Where there are too many, who has most of them gives one up to who has fewer.
pub(super) fn take_for_client(tx: &Transaction<'_>, client: NodeId, buckets: &[Bucket], now_ms: u64) -> Result<()> {
    let room: Option<u8> = tx.prepare_cached("SELECT room FROM bucket")?.query_row([], |row| row.get(0)).optional()?;
    let Some(room) = room else { return Ok(()) };
    let until_day = (now_ms / 1_000 / DAY_S + CLIENT_BUCKET_DAYS).cast_signed();
    let named: Vec<Bucket> =
        buckets.iter().filter(|bucket| bucket.bits() >= room).take(CLIENT_BUCKETS).copied().collect();
    let mut statement = tx.prepare_cached("SELECT bits, route FROM bucket_client WHERE node = ?1")?;
    let former: Vec<Bucket> = statement
        .query_map([client], |row| Ok(Bucket::new(row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for gone in former.iter().filter(|bucket| !named.contains(bucket)) {
        give_up(tx, client, *gone)?;
    }
    for bucket in named {
        if !former.contains(&bucket) && !has_place(tx, client, bucket)? {
            tracing::debug!("a bucket of a client is not taken: there are too many");
            continue;
        }
        tx.prepare_cached(
            "INSERT INTO bucket_client (node, bits, route, until_day) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (node, bits, route) DO UPDATE SET until_day = excluded.until_day",
        )?
        .execute(params![client, bucket.bits(), bucket.span().0, until_day])?;
    }
    Ok(())
}

/// Whether one more bucket of a client can be taken. One that others have as well takes no place.
fn has_place(tx: &Transaction<'_>, client: NodeId, bucket: Bucket) -> Result<bool> {
    let (known, places, all, own): (bool, usize, usize, i64) = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM bucket_client WHERE bits = ?2 AND route = ?3),
                (SELECT count(*) FROM (SELECT DISTINCT bits, route FROM bucket_client)),
                (SELECT count(*) FROM bucket_client), (SELECT count(*) FROM bucket_client WHERE node = ?1)",
        )?
        .query_row(params![client, bucket.bits(), bucket.span().0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    if all >= CLIENTS_BUCKETS || known || places < TAKEN_BUCKETS - 1 {
        return Ok(all < CLIENTS_BUCKETS);
    }
    let most: Option<(NodeId, Bucket)> = tx
        .prepare_cached(
            "SELECT node, bits, route FROM bucket_client AS c
             WHERE (SELECT count(*) FROM bucket_client WHERE node = c.node) > ?1 + 1
                AND NOT EXISTS (SELECT 1 FROM bucket_client AS o
                                WHERE o.bits = c.bits AND o.route = c.route AND o.node <> c.node)
             ORDER BY (SELECT count(*) FROM bucket_client WHERE node = c.node) DESC, until_day LIMIT 1",
        )?
        .query_row([own], |row| Ok((row.get(0)?, Bucket::new(row.get(1)?, row.get(2)?))))
        .optional()?;
    let Some((node, bucket)) = most else { return Ok(false) };
    give_up(tx, node, bucket)?;
    Ok(true)
}

/// Takes one more bucket for this node itself until then, where mail is taken by parts. Answers whether it is new.
pub(crate) fn expect(tx: &Transaction<'_>, own: NodeId, bucket: Bucket, until_day: i64) -> Result<bool> {
    if taken(tx)?.iter().any(|known| known.contains(bucket)) {
        return Ok(false);
    }
    tx.prepare_cached("INSERT OR REPLACE INTO bucket_client (node, bits, route, until_day) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![own, bucket.bits(), bucket.span().0, until_day])?;
    Ok(true)
}

fn give_up(tx: &Transaction<'_>, client: NodeId, bucket: Bucket) -> Result<()> {
    tx.prepare_cached("DELETE FROM bucket_client WHERE node = ?1 AND bits = ?2 AND route = ?3")?.execute(params![
        client,
        bucket.bits(),
        bucket.span().0
    ])?;
    Ok(())
}

/// Lets go of the buckets of clients that did not come back; answers whether there were some.
pub(crate) fn forget_clients(tx: &Transaction<'_>, today: i64) -> Result<bool> {
    Ok(tx.prepare_cached("DELETE FROM bucket_client WHERE until_day < ?1")?.execute([today])? > 0)
}

/// Up to which row of the mail that only passes here each peer was given what it takes.
#[derive(Debug, Default)]
pub(super) struct Strays {
    rows: BTreeMap<NodeId, i64>,
}

impl Strays {
    fn after(&self, peer: NodeId) -> i64 {
        self.rows.get(&peer).copied().unwrap_or_default()
    }

    /// Of too many peers that who was given something longest ago is forgotten: it gets some of it twice.
    fn went(&mut self, peer: NodeId, row: i64) {
        self.rows.insert(peer, row);
        if self.rows.len() > ALLOWANCES
            && let Some(first) = self.rows.iter().min_by_key(|(_, row)| **row).map(|(peer, _)| *peer)
        {
            self.rows.remove(&first);
        }
    }
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
        conn.strays_to = None;
        self.strays.rows.remove(&conn.peer);
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
        let buckets = conn.takes.iter().take(CLIENT_BUCKETS).copied().collect();
        let client = Some((conn.peer, buckets));
        self.tell(Output::Lease { authors: Leases { client, ..Leases::default() } });
    }

    /// A peer asked: what is here of buckets that it takes, and that nobody here does, goes to it, once. How many others
    /// took it is not looked at: they may be there to keep it to themselves.
    pub(super) fn offer_strays(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| conn.unacked == 0) else { return };
        let peer = conn.peer;
        // What went to it has come.
        if let Some(row) = conn.strays_to.take() {
            self.strays.went(peer, row);
        }
        if !self.takes(Bucket::EVERYTHING) && self.budget.may_give() {
            let (after, takes) = (self.strays.after(peer), self.conns.get(&id).map(|conn| conn.takes.clone()));
            let query = Query::Strays { peer, takes: takes.unwrap_or_default(), after, limit: STRAYS_AT_ONCE };
            self.read(query, Pending::Strays(id));
        }
    }

    /// `to`: up to which row of what is here it was looked for them.
    pub(super) fn send_strays(&mut self, id: ConnId, strays: &[Pushed], to: i64) {
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.strays_to = Some(to);
        }
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
    use futures_util::FutureExt;

    use super::*;
    use crate::store::{Durability, Store};
    use crate::sync::frame::Frame;

    fn node(number: u16) -> NodeId {
        NodeId::from_bytes(*blake3::hash(&number.to_le_bytes()).as_bytes())
    }

    /// A client that names other buckets all the time has as many as any other, and keeps nobody out.
    #[test]
    fn a_client_fills_no_places_of_others() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            tx.execute("INSERT INTO bucket (one, route, bits, room, taken, first_day) VALUES (0, 0, 1, 1, 1, 0)", [])?;
            let of = |from: u16, count: u16| -> Vec<Bucket> {
                (from..from + count).map(|number| Bucket::new(12, 0x8000 | number << 4)).collect()
            };
            let has = |bucket: Bucket| -> Result<bool> { Ok(taken(tx)?.contains(&bucket)) };
            for round in 0..40 {
                take_for_client(tx, node(1), &of(round * 8, 8), 0)?;
            }
            assert_eq!(taken(tx)?.len(), 1 + CLIENT_BUCKETS);
            take_for_client(tx, node(2), &of(500, 1), 0)?;
            assert!(has(Bucket::new(12, 0x8000 | 500 << 4))?);
            // What it names no longer is not taken any more; what is wider than there is room for never is.
            take_for_client(tx, node(1), &[Bucket::EVERYTHING], 0)?;
            assert_eq!(taken(tx)?.len(), 2);
            // All places are taken: who has the most gives one up, until all have the same.
            for client in 0..20 {
                take_for_client(tx, node(100 + client), &of(client * 8, 8), 0)?;
            }
            assert_eq!(taken(tx)?.len(), TAKEN_BUCKETS);
            for client in 0..20 {
                let bucket = of(1_000 + client, 1);
                take_for_client(tx, node(200 + client), &bucket, 0)?;
                assert!(bucket.iter().all(|bucket| has(*bucket).unwrap()), "{client}");
            }
            assert_eq!(taken(tx)?.len(), TAKEN_BUCKETS);
            assert!(has(Bucket::new(12, 0x8000 | 500 << 4))?, "nobody lost the only one");
            Ok(())
        });
        done.now_or_never().unwrap().unwrap();
    }

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
