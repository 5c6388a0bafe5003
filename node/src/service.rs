//! Nodes that the user chose to help this one, anchors and mailboxes: one table, a mergeable set of each kind. At equal
//! counters removal wins: what such a node learns of its user it must not go on to learn by a draw.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::{Archived, MailPass, Report};
use crate::id::NodeId;
use crate::limits::{ANCHORS, MAILBOXES, MEMBER_COUNTER};
use crate::net::{Helpers, Ticket};
use crate::node::Node;
use crate::store::Durability;
use crate::view::Reason;

/// `service.kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Anchor = 0,
    Mailbox = 1,
}

impl Service {
    fn limit(self) -> usize {
        match self {
            Self::Anchor => ANCHORS,
            Self::Mailbox => MAILBOXES,
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Anchor => ("an anchor", "anchors"),
            Self::Mailbox => ("a mailbox", "mailboxes"),
        }
    }

    fn missing(self) -> Error {
        let what = match self {
            Self::Anchor => "the anchor",
            Self::Mailbox => "the mailbox",
        };
        Error::NotFound { what }
    }
}

/// Anchors and mailboxes in a bundle.
pub(crate) const ARCHIVED: Archived = Archived {
    number: 2,
    personas: &[],
    columns: 7,
    added: 0,
    select: "SELECT kind, node, addrs, web, pass, present, counter FROM service ORDER BY kind, node",
    take: |taking, row| {
        taking
            .execute(
                "INSERT INTO service (kind, node, addrs, web, pass, present, counter)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, min(max(?7, 0), ?8) WHERE ?1 IN (0, 1) AND length(?2) = 32
                 ON CONFLICT (kind, node) DO UPDATE SET addrs = excluded.addrs, web = excluded.web, pass = excluded.pass,
                    present = excluded.present, counter = excluded.counter, answer = -1
                 WHERE (excluded.counter, NOT excluded.present) > (counter, NOT present)",
                &[row, &[Value::Integer(MEMBER_COUNTER)]].concat(),
            )
            .map(drop)
    },
    // Those past the limit of their kind are as if they had been removed.
    settle: |taking| {
        for (service, limit) in [(Service::Anchor, ANCHORS), (Service::Mailbox, MAILBOXES)] {
            taking
                .tx
                .prepare_cached(
                    "UPDATE service SET present = 0, counter = counter + 1 WHERE kind = ?1 AND node IN
                        (SELECT node FROM service WHERE kind = ?1 AND present = 1
                         ORDER BY counter, node LIMIT -1 OFFSET ?2)",
                )?
                .execute(params![service as i64, limit])?;
        }
        Ok(())
    },
};

/// The chosen nodes of a kind, each with where it is looked for, in a stable order.
pub(crate) fn tickets(db: &Connection, service: Service) -> Result<Vec<Ticket>> {
    let mut statement =
        db.prepare_cached("SELECT node, addrs FROM service WHERE kind = ?1 AND present = 1 ORDER BY node")?;
    let mut rows = statement.query([service as i64])?;
    let mut tickets = Vec::new();
    while let Some(row) = rows.next()? {
        let addrs: Vec<String> = serde_json::from_str(&row.get::<_, String>(1)?).unwrap_or_default();
        tickets.push(Ticket::new(row.get(0)?, addrs.iter().filter_map(|addr| addr.parse().ok())));
    }
    Ok(tickets)
}

/// Whether the user chose a node, for whatever.
pub(crate) fn is_chosen(db: &Connection, node: NodeId) -> Result<bool> {
    let mut statement =
        db.prepare_cached("SELECT EXISTS (SELECT 1 FROM service WHERE kind IN (0, 1) AND node = ?1 AND present = 1)")?;
    Ok(statement.query_row([node], |row| row.get(0))?)
}

/// All that are chosen, for the network.
pub(crate) fn helpers(db: &Connection) -> Result<Helpers> {
    let pass = |ticket: Ticket| {
        let mut statement = db.prepare_cached("SELECT pass FROM service WHERE kind = 1 AND node = ?1")?;
        let pass: Option<Option<[u8; MailPass::BYTES]>> =
            statement.query_row([ticket.node], |row| row.get(0)).optional()?;
        Ok((ticket, pass.flatten().map(|bytes| MailPass::from_bytes(&bytes))))
    };
    let mailboxes = tickets(db, Service::Mailbox)?.into_iter().map(pass).collect::<Result<_>>()?;
    Ok(Helpers { anchors: tickets(db, Service::Anchor)?, mailboxes, reports: reports(db)? })
}

/// What was reported and waits, with the anchor that it is for: of one that is none any more nothing is told.
pub(crate) fn reports(db: &Connection) -> Result<Vec<(NodeId, u64, Report)>> {
    let mut statement = db.prepare_cached(
        "SELECT number, anchor, about, reason, text FROM report
         WHERE state = 0 AND anchor IN (SELECT node FROM service WHERE kind = 0 AND present = 1) ORDER BY number",
    )?;
    let all = statement.query_map([], |row| {
        let report = Report { about: row.get(2)?, reason: Reason::from_number(row.get(3)?), text: row.get(4)? };
        Ok((row.get(1)?, row.get::<_, i64>(0)?.cast_unsigned(), report))
    })?;
    Ok(all.collect::<rusqlite::Result<_>>()?)
}

/// Chooses a node, or notes where it is now.
///
/// # Errors
/// `BadInput` past the limit of the kind.
pub(crate) fn choose(tx: &Transaction<'_>, service: Service, ticket: &Ticket, pass: Option<MailPass>) -> Result<()> {
    let others = "SELECT count(*) FROM service WHERE kind = ?1 AND present = 1 AND node <> ?2";
    let (limit, (_, words)) = (service.limit(), service.words());
    if tx.query_row(others, params![service as i64, ticket.node], |row| row.get::<_, usize>(0))? >= limit {
        return Err(Error::BadInput(format!("there are {limit} {words} already; remove one first")));
    }
    let addrs: Vec<String> = ticket.addrs.iter().map(ToString::to_string).collect();
    let addrs = serde_json::Value::from(addrs).to_string();
    // It answers anew where it is asked by another token.
    tx.execute(
        "INSERT INTO service (kind, node, addrs, pass) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (kind, node) DO UPDATE
         SET present = 1, addrs = ?3, answer = CASE WHEN pass IS ?4 THEN answer ELSE -1 END, pass = ?4,
             counter = counter + 1
         WHERE present = 0 OR addrs <> ?3 OR pass IS NOT ?4",
        params![service as i64, ticket.node, addrs, pass.map(MailPass::to_bytes)],
    )?;
    Ok(())
}

impl Node {
    /// Makes a node a helper of this one. It is dialled at once where the network runs.
    ///
    /// # Errors
    /// `BadInput` for this node's own ticket, for one without addresses, and past the limit of the kind.
    pub(crate) async fn add_service(&self, service: Service, ticket: Ticket, pass: Option<MailPass>) -> Result<NodeId> {
        self.refuse_demo().await?;
        let node = ticket.node;
        if node == self.network_id()? {
            let (word, _) = service.words();
            return Err(Error::BadInput(format!("this is the address of this node; {word} is another one")));
        }
        if ticket.addrs.is_empty() {
            return Err(Error::BadInput("this address says only who the node is, not where: copy it again".to_owned()));
        }
        let chosen = self.inner().store.write(Durability::Full, move |tx| choose(tx, service, &ticket, pass));
        chosen.await?;
        self.services_changed().await?;
        Ok(node)
    }

    /// Takes a node out, by its ticket or by the first digits of it.
    ///
    /// # Errors
    /// `NotFound` for a node that is none, `Ambiguous` for digits that fit more than one.
    pub(crate) async fn remove_service(&self, service: Service, ticket_or_node: &str) -> Result<NodeId> {
        let text = ticket_or_node.trim();
        let named = text.parse::<Ticket>().map(|ticket| ticket.node.to_string());
        let prefix = named.unwrap_or_else(|_| text.to_ascii_lowercase());
        if prefix.is_empty() || prefix.len() > 64 || !prefix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::BadInput("give its ticket, or the first digits of its node".to_owned()));
        }
        let removed = self.inner().store.write(Durability::Full, move |tx| {
            let mut fitting = tickets(tx, service)?.into_iter().map(|ticket| ticket.node);
            let mut fitting = fitting.by_ref().filter(|node| node.to_string().starts_with(&prefix));
            let node = fitting.next().ok_or_else(|| service.missing())?;
            if fitting.next().is_some() {
                return Err(Error::Ambiguous { given: prefix, what: "node" });
            }
            // A token is of no use any more.
            // What was reported to it and waits goes to nobody.
            tx.execute(
                "UPDATE report SET state = 2 WHERE state = 0 AND anchor = ?1 AND ?2 = 0",
                params![node, service as i64],
            )?;
            tx.execute(
                "UPDATE service SET present = 0, counter = counter + 1, pass = NULL, answer = -1
                 WHERE kind = ?1 AND node = ?2",
                params![service as i64, node],
            )?;
            Ok(node)
        });
        let node = removed.await?;
        self.services_changed().await?;
        Ok(node)
    }

    /// Tells the running network which helpers there are.
    pub(crate) async fn services_changed(&self) -> Result<()> {
        let Some(net) = self.inner().net() else { return Ok(()) };
        let helpers = self.inner().store.read(helpers).await?;
        self.inner().on_runtime(async move { net.set_helpers(helpers).await }).await?;
        self.inner().events.send(Event::NetworkChanged);
        Ok(())
    }
}
