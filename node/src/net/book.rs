//! The address book: table `peer`. Network keys and addresses only; nothing here says which personas live on a node.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::ticket::{Addr, Ticket};
use crate::error::Result;
use crate::id::NodeId;
use crate::limits::{ADDRESS_BOOK, REFERRALS, REFERRED, REFERRED_BY_ONE, STRANGERS_DIALLED, TICKET_ADDRS};

/// `peer.dial` of one that the user named (an invite, a ticket).
const NAMED: i64 = 1;
/// `peer.dial` of one that came in by itself: dialled too, forgotten first.
const CAME_IN: i64 = 2;
/// `peer.dial` of one that a peer told of, and that was not met yet.
const TOLD: i64 = 3;

/// Keeps a peer that an invite or ticket named; a started network dials it at each start. For verbs, inside their
/// transaction; [`super::Net::dial`] does it by itself.
pub fn remember(tx: &Transaction<'_>, ticket: &Ticket, now_ms: u64) -> Result<()> {
    put(tx, ticket, NAMED, now_ms)
}

/// Notes a live connection and the address it came over, which goes first.
pub(super) fn met(tx: &Transaction<'_>, ticket: &Ticket, now_ms: u64) -> Result<()> {
    put(tx, ticket, CAME_IN, now_ms)?;
    tx.execute("UPDATE peer SET failures = 0 WHERE node = ?1 AND failures <> 0", [ticket.node])?;
    Ok(())
}

/// Keeps nodes that a peer told of, unless they are known, or that peer or all peers told of enough. Who is told of
/// again counts for whoever told first.
pub(super) fn told(tx: &Transaction<'_>, introducer: NodeId, tickets: &[Ticket], now_ms: u64) -> Result<()> {
    let count = |sql: &str, by: &[&dyn rusqlite::ToSql]| -> Result<usize> {
        Ok(tx.prepare_cached(sql)?.query_row(by, |row| row.get(0))?)
    };
    for ticket in tickets {
        let by_one = count("SELECT count(*) FROM peer WHERE dial = ?1 AND via = ?2", &[&TOLD, &introducer])?;
        let by_all = count("SELECT count(*) FROM peer WHERE dial = ?1", &[&TOLD])?;
        if by_one >= REFERRED_BY_ONE || by_all >= REFERRED {
            break;
        }
        tx.prepare_cached("INSERT OR IGNORE INTO peer (node, addrs, dial, seen_ms, via) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![ticket.node, text(&ticket.addrs), TOLD, now_ms.cast_signed(), introducer])?;
    }
    Ok(())
}

/// Notes how often in a row a dial failed. `forgotten`: it is not dialled any more; one that was only told of goes.
pub(super) fn failed(tx: &Transaction<'_>, node: NodeId, failures: u32, forgotten: bool) -> Result<()> {
    tx.execute("UPDATE peer SET failures = ?2 WHERE node = ?1", params![node, failures])?;
    if forgotten {
        tx.execute("DELETE FROM peer WHERE node = ?1 AND dial = ?2", params![node, TOLD])?;
    }
    Ok(())
}

/// Peers to dial, the most promising first: those the user named, then the ones that came in lately. Where these are
/// few, those that peers told of too, each with the peer that did.
pub(super) fn dialled(db: &Connection) -> Result<Vec<(Ticket, Option<NodeId>)>> {
    let mut statement = db.prepare_cached(
        "SELECT node, addrs, dial, via FROM peer WHERE dial > 0 ORDER BY dial, failures, seen_ms DESC",
    )?;
    let mut rows = statement.query([])?;
    let (mut peers, mut strangers) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let told = match row.get::<_, i64>(2)? {
            CAME_IN => {
                strangers += 1;
                if strangers > STRANGERS_DIALLED {
                    continue;
                }
                None
            }
            TOLD if peers.len() >= REFERRALS => break,
            TOLD => row.get(3)?,
            _ => None,
        };
        peers.push((Ticket::new(row.get(0)?, addrs(&row.get::<_, String>(1)?)), told));
    }
    Ok(peers)
}

fn put(tx: &Transaction<'_>, ticket: &Ticket, dial: i64, now_ms: u64) -> Result<()> {
    let known: Option<(String, i64)> = tx
        .prepare_cached("SELECT addrs, dial FROM peer WHERE node = ?1")?
        .query_row([ticket.node], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
    if let Some((old, old_dial)) = known {
        let merged = Ticket::new(ticket.node, ticket.addrs.iter().cloned().chain(addrs(&old)));
        let dial = if old_dial == NAMED { NAMED } else { dial };
        tx.prepare_cached("UPDATE peer SET addrs = ?2, dial = ?3, seen_ms = max(seen_ms, ?4) WHERE node = ?1")?
            .execute(params![ticket.node, text(&merged.addrs), dial, now_ms])?;
        return Ok(());
    }
    tx.prepare_cached("INSERT INTO peer (node, addrs, dial, seen_ms) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        ticket.node,
        text(&ticket.addrs),
        dial,
        now_ms
    ])?;
    let limit = i64::try_from(ADDRESS_BOOK).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "DELETE FROM peer WHERE node IN (SELECT node FROM peer WHERE node <> ?2 ORDER BY dial DESC, seen_ms
         LIMIT max(0, (SELECT count(*) FROM peer) - ?1))",
    )?
    .execute(params![limit, ticket.node])?;
    Ok(())
}

fn text(addrs: &[Addr]) -> String {
    let list: Vec<String> = addrs.iter().map(Addr::to_string).collect();
    serde_json::Value::from(list).to_string()
}

fn addrs(text: &str) -> Vec<Addr> {
    let list: Vec<String> = serde_json::from_str(text).unwrap_or_default();
    list.iter().filter_map(|addr| addr.parse().ok()).take(TICKET_ADDRS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Durability, Store};

    fn ticket(n: u8, addr: &str) -> Ticket {
        let node = NodeId::from_bytes(*iroh::SecretKey::from_bytes(&[n; 32]).public().as_bytes());
        Ticket::new(node, [addr.parse().unwrap()])
    }

    #[tokio::test]
    async fn a_peer_that_came_in_is_dialled_after_those_the_user_named() {
        let store = Store::in_memory().unwrap();
        let peers = store
            .write(Durability::Normal, |tx| {
                met(tx, &ticket(1, "10.0.0.1:1"), 50)?;
                remember(tx, &ticket(2, "10.0.0.2:1"), 10)?;
                met(tx, &ticket(2, "10.0.0.3:1"), 60)?;
                dialled(tx)
            })
            .await
            .unwrap();
        let peers: Vec<Ticket> = peers.into_iter().map(|(peer, _)| peer).collect();
        assert_eq!(peers.iter().map(|peer| peer.node).collect::<Vec<_>>(), [2, 1].map(|n| ticket(n, "1.1.1.1:1").node));
        assert_eq!(peers[0].addrs, ["10.0.0.3:1", "10.0.0.2:1"].map(|addr| addr.parse().unwrap()));
    }

    #[tokio::test]
    async fn strangers_never_push_out_a_named_peer() {
        let store = Store::in_memory().unwrap();
        let named = ticket(1, "10.0.0.1:1");
        let left = store
            .write(Durability::Normal, move |tx| {
                remember(tx, &named, 1)?;
                for n in 0..u32::try_from(ADDRESS_BOOK).unwrap() + 20 {
                    let node = NodeId::from_bytes(*blake3::hash(&n.to_le_bytes()).as_bytes());
                    met(tx, &Ticket::new(node, []), u64::from(n) + 2)?;
                }
                let count: i64 = tx.query_row("SELECT count(*) FROM peer", [], |row| row.get(0))?;
                Ok((count, dialled(tx)?.first().map(|(peer, _)| peer.node) == Some(named.node)))
            })
            .await
            .unwrap();
        assert_eq!(left, (i64::try_from(ADDRESS_BOOK).unwrap(), true));
    }

    #[tokio::test]
    async fn a_peer_cannot_fill_the_book_with_what_it_tells() {
        let store = Store::in_memory().unwrap();
        let node = |n: u32| NodeId::from_bytes(*blake3::hash(&n.to_le_bytes()).as_bytes());
        let told_by = move |tx: &Transaction<'_>, introducer: u32, from: u32| {
            let tickets: Vec<Ticket> = (from..from + 50).map(|n| Ticket::new(node(n), [])).collect();
            told(tx, node(introducer), &tickets, 5)?;
            let count: usize = tx.query_row("SELECT count(*) FROM peer", [], |row| row.get(0))?;
            Ok::<_, crate::error::Error>(count)
        };
        store
            .write(Durability::Normal, move |tx| {
                assert_eq!(told_by(tx, 1, 1_000)?, REFERRED_BY_ONE);
                assert_eq!(told_by(tx, 1, 2_000)?, REFERRED_BY_ONE);
                assert_eq!(told_by(tx, 2, 3_000)?, 2 * REFERRED_BY_ONE);
                for introducer in 3..100 {
                    told_by(tx, introducer, introducer * 10_000)?;
                }
                assert_eq!(told_by(tx, 200, 9_000_000)?, REFERRED);
                // Few are known: some of those told of are dialled.
                let peers = dialled(tx)?;
                assert!(peers.len() == REFERRALS && peers.iter().all(|(_, via)| via.is_some()), "{peers:?}");
                // One that answers is met, and leaves its place to another.
                met(tx, &Ticket::new(node(1_000), ["192.0.2.1:1".parse().unwrap()]), 6)?;
                assert_eq!(dialled(tx)?.first().map(|(peer, via)| (peer.node, *via)), Some((node(1_000), None)));
                failed(tx, node(1_001), 4, true)?;
                failed(tx, node(1_000), 4, true)?;
                let left: usize = tx.query_row("SELECT count(*) FROM peer", [], |row| row.get(0))?;
                assert_eq!(left, REFERRED - 1);
                Ok(())
            })
            .await
            .unwrap();
    }
}
