//! Anchors: public nodes that the user chose to help this one. An anchor carries this node's personas, relays for it
//! where no direct path is, and stands in invites in place of the user's own node (the table: [`service`]).

use std::net::{Ipv4Addr, Ipv6Addr};

use rusqlite::{Connection, params};

use crate::error::{Error, Result};
use crate::id::NodeId;
use crate::limits;
use crate::net::Ticket;
use crate::node::Node;
use crate::service::{self, Service};
use crate::store::Durability;
use crate::view::AnchorView;

/// Where share pages of the anchors are, as far as the user told.
pub(crate) fn webs(db: &Connection) -> Result<Vec<(NodeId, String)>> {
    let mut statement =
        db.prepare_cached("SELECT node, web FROM service WHERE kind = 0 AND present = 1 AND web <> '' ORDER BY node")?;
    let webs = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(webs)
}

/// The address of a web page as it is kept: without what a link puts behind it. Over plain HTTP only on this machine.
fn checked_web(web: &str) -> Result<String> {
    let web = web.trim().trim_end_matches('/');
    let odd = |c: char| c.is_whitespace() || c.is_control() || "?#\"'<>@\\".contains(c);
    let (secure, rest) = match web.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, web.strip_prefix("http://").unwrap_or_default()),
    };
    let fits = leads_here(rest.split('/').next().unwrap_or_default()).is_some_and(|here| secure || here);
    if !fits || web.len() > limits::WEB_ADDR_BYTES || web.contains(odd) {
        let told = "the address of a web page is https://HOST, or http:// and an address of this machine";
        return Err(Error::BadInput(told.to_owned()));
    }
    Ok(web.to_owned())
}

/// Whether `host` or `host:port` is this machine; `None`: it is neither a name nor an address.
fn leads_here(authority: &str) -> Option<bool> {
    let (host, after) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => authority.split_at_checked(authority.find(':').unwrap_or(authority.len()))?,
    };
    match after.strip_prefix(':') {
        Some(port) if port.parse::<u16>().is_ok_and(|port| port != 0) => {}
        None if after.is_empty() => {}
        _ => return None,
    }
    if authority.starts_with('[') {
        return host.parse::<Ipv6Addr>().ok().map(|ip| ip.is_loopback());
    }
    if let Ok(ip) = host.parse::<Ipv4Addr>() {
        return Some(ip.is_loopback());
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    // A last part of digits alone is a broken address.
    let last = host.rsplit('.').next().unwrap_or_default();
    let name = host.len() <= 253 && host.split('.').all(label) && !last.bytes().all(|byte| byte.is_ascii_digit());
    name.then(|| host.eq_ignore_ascii_case("localhost"))
}

/// The anchors, each with where it is looked for, in a stable order.
pub(crate) fn tickets(db: &Connection) -> Result<Vec<Ticket>> {
    service::tickets(db, Service::Anchor)
}

impl Node {
    /// The anchors that the user chose.
    pub async fn anchors(&self) -> Result<Vec<AnchorView>> {
        let (tickets, webs) = self.inner().store.read(|db| Ok((tickets(db)?, webs(db)?))).await?;
        let peers = match self.inner().net() {
            Some(_) => self.peers().await?,
            None => Vec::new(),
        };
        let view = |ticket: Ticket| {
            let peer = peers.iter().find(|peer| peer.node == ticket.node);
            AnchorView {
                node: ticket.node,
                connected: peer.is_some(),
                path: peer.map(|peer| peer.path),
                addrs: ticket.addrs.iter().map(ToString::to_string).collect(),
                web: webs.iter().find(|(node, _)| *node == ticket.node).map(|(_, web)| web.clone()),
            }
        };
        Ok(tickets.into_iter().map(view).collect())
    }

    /// Makes a node an anchor of this one, or notes where it is now. It is dialled at once where the network runs, and
    /// asked to carry this node's personas, among authors that these follow. Answers which node it is.
    ///
    /// # Errors
    /// `BadInput` for what is no ticket, for this node's own one, and past [`limits::ANCHORS`].
    pub async fn add_anchor(&self, ticket: &str) -> Result<NodeId> {
        let ticket: Ticket = ticket.parse().map_err(|error| Error::BadInput(format!("{error}")))?;
        self.add_service(Service::Anchor, ticket, None).await
    }

    /// Tells where the web page of an anchor is, for share links; an empty text forgets it.
    ///
    /// # Errors
    /// `NotFound` for a node that is no anchor, `BadInput` for what is no address of a web page.
    pub async fn set_anchor_web(&self, node: NodeId, web: &str) -> Result<()> {
        let web = if web.trim().is_empty() { String::new() } else { checked_web(web)? };
        let write = self.inner().store.write(Durability::Full, move |tx| {
            let sql = "UPDATE service SET web = ?2 WHERE kind = 0 AND node = ?1 AND present = 1";
            let known = tx.execute(sql, params![node, web])?;
            if known == 0 { Err(Error::NotFound { what: "the anchor" }) } else { Ok(()) }
        });
        write.await
    }

    /// The node is no anchor any more. What it carries already stays with it until it has no room.
    ///
    /// # Errors
    /// `NotFound` for a node that is none, `Ambiguous` for digits that fit more than one.
    pub async fn remove_anchor(&self, ticket_or_node: &str) -> Result<NodeId> {
        self.remove_service(Service::Anchor, ticket_or_node).await
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::*;
    use crate::clock::ManualClock;
    use crate::host::{MemoryKeystore, SystemEntropy};
    use crate::limits::ANCHORS;
    use crate::store::Store;

    fn now<T>(future: impl Future<Output = T>) -> T {
        future.now_or_never().unwrap()
    }

    fn alice() -> (Node, Store) {
        let store = Store::in_memory().unwrap();
        let (keystore, clock) = (Arc::new(MemoryKeystore::default()), Arc::new(ManualClock::at_ms(1)));
        (Node::simulated(false, store.clone(), keystore, clock, Arc::new(SystemEntropy)).unwrap(), store)
    }

    fn ticket(n: u8, addr: &str) -> Ticket {
        let secret = ed25519_dalek::SigningKey::from_bytes(&[n; 32]);
        Ticket::new(NodeId::from_bytes(secret.verifying_key().to_bytes()), addr.parse().ok())
    }

    /// What own devices would exchange of one anchor.
    fn item(store: &Store, node: NodeId) -> (bool, i64) {
        let sql = "SELECT present, counter FROM service WHERE kind = 0 AND node = ?1";
        now(store.read(move |db| Ok(db.query_row(sql, [node], |row| Ok((row.get(0)?, row.get(1)?)))?))).unwrap()
    }

    #[test]
    fn each_change_counts_once_and_no_row_is_lost() {
        let (alice, store) = alice();
        let (here, moved) = (ticket(1, "192.0.2.1:1"), ticket(1, "192.0.2.2:1"));
        assert_eq!(now(alice.add_anchor(&here.to_string())).unwrap(), here.node);
        now(alice.add_anchor(&here.to_string())).unwrap();
        assert_eq!(item(&store, here.node), (true, 1), "said again is no change");
        now(alice.add_anchor(&moved.to_string())).unwrap();
        let anchors = now(alice.anchors()).unwrap();
        assert_eq!((anchors.len(), anchors[0].addrs.as_slice()), (1, &["192.0.2.2:1".to_owned()][..]));
        assert!(!anchors[0].connected && anchors[0].path.is_none());
        assert_eq!(now(alice.remove_anchor(here.node.to_string().get(..8).unwrap())).unwrap(), here.node);
        assert_eq!(item(&store, here.node), (false, 3));
        assert!(now(alice.anchors()).unwrap().is_empty());
        assert!(matches!(now(alice.remove_anchor(&here.to_string())), Err(Error::NotFound { .. })));
        now(alice.add_anchor(&here.to_string())).unwrap();
        assert_eq!(item(&store, here.node), (true, 4));
        assert_eq!(now(alice.remove_anchor(&moved.to_string())).unwrap(), here.node);
    }

    #[test]
    fn what_cannot_be_dialled_never_takes_the_place_of_what_can() {
        let (alice, _) = alice();
        let good = ticket(1, "192.0.2.1:1");
        now(alice.add_anchor(&good.to_string())).unwrap();
        for addr in ["0.0.0.0:1", "[::]:1", "192.0.2.1:0", "255.255.255.255:1"] {
            let bad = Ticket { addrs: vec![addr.parse().unwrap()], ..good.clone() };
            assert!(matches!(now(alice.add_anchor(&bad.to_string())), Err(Error::BadInput(_))), "{addr}");
        }
        assert_eq!(now(alice.anchors()).unwrap()[0].addrs, ["192.0.2.1:1"]);
    }

    #[test]
    fn a_page_is_reached_over_tls_or_on_this_machine() {
        for good in
            ["https://a.example", "https://192.0.2.1:8443/x", "https://[2001:db8::1]", "https://m\u{fc}ller.example"]
        {
            assert_eq!(checked_web(good).unwrap(), good);
        }
        for good in ["http://127.0.0.1:7000", "http://localhost:1/", "http://[::1]:80"] {
            assert!(checked_web(good).is_ok(), "{good}");
        }
        let bad = [
            "http://a.example",
            "https://u:p@a.example",
            "https://",
            "https://a..b",
            "https://-a.example",
            "https://1.2.3",
            "https://a.example:0",
            "https://a.example:99999",
            "https://[::1",
            "https://a_b",
            "ftp://a.example",
            "https://a.example?x",
            "a.example",
        ];
        for bad in bad {
            assert!(checked_web(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_can_be_no_anchor_is_refused() {
        let (alice, _) = alice();
        let own = Ticket::new(alice.network_id().unwrap(), "192.0.2.1:1".parse().ok());
        let nowhere = Ticket::new(ticket(1, "192.0.2.1:1").node, []);
        for bad in [own.to_string(), nowhere.to_string(), "kith:invite/x".to_owned(), String::new()] {
            assert!(matches!(now(alice.add_anchor(&bad)), Err(Error::BadInput(_))), "{bad}");
        }
        for n in 0..ANCHORS {
            now(alice.add_anchor(&ticket(u8::try_from(n).unwrap() + 1, "192.0.2.1:1").to_string())).unwrap();
        }
        assert!(matches!(now(alice.add_anchor(&ticket(99, "192.0.2.1:1").to_string())), Err(Error::BadInput(_))));
        assert!(matches!(now(alice.remove_anchor("")), Err(Error::BadInput(_))));
        assert!(matches!(now(alice.remove_anchor("xyz")), Err(Error::BadInput(_))));
    }
}
