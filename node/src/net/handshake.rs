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
use super::link::{self, Cause, Joined, Opening, RunId};
use super::meeting::{LINK, Meeting, Porch};
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

/// As [`dial`], to link; the connection is used for nothing else.
pub(super) async fn meet(endpoint: &Endpoint, ticket: Ticket, relays: Vec<Addr>) -> Option<Meeting> {
    let met = async {
        let addrs = ticket.addrs.into_iter().take(TICKET_ADDRS.saturating_sub(relays.len()));
        let addr = Ticket::new(ticket.node, addrs.chain(relays)).endpoint_addr()?;
        let connection = endpoint.connect(addr, ALPN).await.ok()?;
        let (mut send, recv) = connection.open_bi().await.ok()?;
        send.write_all(&[LINK]).await.ok()?;
        Meeting::new(connection, send, recv, None)
    };
    timeout(Duration::from_millis(DIAL_MS), met).await.ok().flatten()
}

/// Takes connections until the endpoint is closed. Those that are there to link go to the porch.
pub(super) async fn accept(
    endpoint: Endpoint,
    admission: Admission,
    own: RunId,
    inbox: mpsc::Sender<Msg>,
    porch: Arc<Porch>,
) {
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
        let (inbox, porch) = (inbox.clone(), Arc::clone(&porch));
        tasks.spawn("handshake", async move {
            let greeted = timeout(Duration::from_millis(HANDSHAKE_MS), greet(incoming, own)).await;
            let Ok(Some((connection, opening))) = greeted else { return };
            let (send, recv, run) = match opening {
                Opening::Sync(send, recv, run) => (send, recv, run),
                Opening::Link(send, recv) => {
                    if let Some(meeting) = Meeting::new(connection, send, recv, Some(seat)) {
                        porch.hand_over(meeting);
                    }
                    return;
                }
            };
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

async fn greet(incoming: Incoming, own: RunId) -> Option<(Connection, Opening)> {
    let connection = incoming.accept().ok()?.await.ok()?;
    match link::accept(&connection, own).await {
        Some(opening) => Some((connection, opening)),
        None => {
            connection.close(Cause::Protocol.code(), b"");
            None
        }
    }
}
