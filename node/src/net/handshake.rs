//! How a connection begins: dialling, and who comes in.

use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use iroh::Endpoint;
use iroh::endpoint::{Connection, Incoming, IncomingAddr};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::admission::{Admission, Verdict};
use super::driver::Msg;
use super::endpoint::ALPN;
use super::link::{self, Cause, Joined, RunId};
use super::ticket::{Addr, Ticket, addr_of};
use crate::id::NodeId;
use crate::limits::{HANDSHAKE_MS, TICKET_ADDRS};
use crate::task::Tasks;

/// Time for a dial, handshakes included, ms: iroh itself gives up after 10 s.
const DIAL_MS: u64 = 12_000;

/// How long a peer is looked for where its ticket says, before the relays of anchors are tried too, ms: three round
/// trips of a slow link.
const DIRECT_MS: u64 = 2_000;

/// Relays of the anchors.
pub(super) type Relays = Arc<Mutex<Vec<Addr>>>;

/// `None`: not reached. `relays`: what is tried where no direct path is. Not at once: a relay reads who looks for whom.
pub(super) async fn dial(endpoint: &Endpoint, ticket: Ticket, relays: &Relays, own: RunId) -> Option<Joined> {
    let dialled = async {
        let mut direct = pin!(connect(endpoint, ticket.clone(), own));
        let first = timeout(Duration::from_millis(DIRECT_MS), &mut direct).await;
        if let Ok(Some(joined)) = first {
            return Some(joined);
        }
        // At a start the anchors may have been told of meanwhile.
        let relays = relays.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if relays.is_empty() {
            return if first.is_err() { direct.await } else { None };
        }
        let addrs = ticket.addrs.into_iter().take(TICKET_ADDRS.saturating_sub(relays.len()));
        connect(endpoint, Ticket::new(ticket.node, addrs.chain(relays)), own).await
    };
    timeout(Duration::from_millis(DIAL_MS), dialled).await.ok().flatten()
}

/// Takes connections until the endpoint is closed.
pub(super) async fn accept(endpoint: Endpoint, admission: Admission, own: RunId, inbox: mpsc::Sender<Msg>) {
    let mut tasks = Tasks::default();
    while let Some(incoming) = endpoint.accept().await {
        let (observed, ip): (Option<Addr>, Option<IpAddr>) = match incoming.remote_addr() {
            IncomingAddr::Ip(addr) => (Some(Addr::Ip(addr)), Some(addr.ip())),
            IncomingAddr::Relay { url, .. } => (Some(Addr::Relay(url.to_string())), None),
            _ => (None, None),
        };
        let seat = match admission.knock(ip, incoming.remote_addr_validated()) {
            Verdict::Accept(seat) => seat,
            Verdict::Retry => {
                if let Err(error) = incoming.retry() {
                    error.into_incoming().refuse();
                }
                continue;
            }
            Verdict::Refuse => {
                incoming.refuse();
                continue;
            }
        };
        let inbox = inbox.clone();
        tasks.spawn("handshake", async move {
            let greeted = timeout(Duration::from_millis(HANDSHAKE_MS), greet(incoming, own)).await;
            let Ok(Some((connection, send, recv, run))) = greeted else { return };
            let peer = NodeId::from_bytes(*connection.remote_id().as_bytes());
            let joined = Joined { connection, peer, outgoing: false, run, send, recv, observed, seat: Some(seat) };
            let _driver_gone = inbox.send(Msg::Joined(Box::new(joined))).await;
        });
    }
}

async fn connect(endpoint: &Endpoint, ticket: Ticket, own: RunId) -> Option<Joined> {
    let addr = ticket.endpoint_addr()?;
    let connection = match endpoint.connect(addr, ALPN).await {
        Ok(connection) => connection,
        Err(error) => {
            tracing::debug!(%error, "a dial failed");
            return None;
        }
    };
    let (send, recv, run) = link::open(&connection, own).await?;
    let observed = connection.paths().iter().find(|path| path.is_ip()).and_then(|path| addr_of(path.remote_addr()));
    Some(Joined { connection, peer: ticket.node, outgoing: true, run, send, recv, observed, seat: None })
}

type Greeted = (Connection, iroh::endpoint::SendStream, iroh::endpoint::RecvStream, RunId);

async fn greet(incoming: Incoming, own: RunId) -> Option<Greeted> {
    let connection = incoming.accept().ok()?.await.ok()?;
    match link::accept(&connection, own).await {
        Some((send, recv, run)) => Some((connection, send, recv, run)),
        None => {
            connection.close(Cause::Protocol.code(), b"");
            None
        }
    }
}
