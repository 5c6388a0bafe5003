//! Peers tell each other of anchors that they reached themselves: who has few links asks each peer once, on a stream of
//! its own (type 3, empty question; the answer is up to [`REFERRALS`] tickets, each after its length, u16). Nothing is
//! said of authors, of nodes that only came in, or of own devices; what is told is dialled, not believed.

use std::net::IpAddr;
use std::time::Duration;

use iroh::endpoint::{Connection, SendStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::driver::Msg;
use super::link::PEERS;
use super::ticket::{Addr, Ticket};
use crate::limits::{REFERRALS, REQUEST_DEADLINE_MS};
use crate::sync::ConnId;

/// An answer, bytes: the longest tickets fit.
const ANSWER_BYTES: usize = 16 * 1024;

/// Asks a peer, and hands what it says to the driver. A peer that knows nobody, or does not know the question, is fine.
pub(super) async fn ask(connection: &Connection, conn: ConnId, inbox: &mpsc::Sender<Msg>) {
    let answer = async {
        let (mut send, mut recv) = connection.open_bi().await.ok()?;
        send.write_all(&[PEERS]).await.ok()?;
        send.finish().ok()?;
        recv.read_to_end(ANSWER_BYTES).await.ok()
    };
    let answer = timeout(Duration::from_millis(REQUEST_DEADLINE_MS), answer).await.ok().flatten();
    let tickets = decode(&answer.unwrap_or_default());
    if !tickets.is_empty() {
        let _driver_gone = inbox.send(Msg::Told { conn, tickets }).await;
    }
}

/// Answers a peer that asked.
pub(super) async fn answer(mut send: SendStream, conn: ConnId, inbox: &mpsc::Sender<Msg>) {
    let (answer, answered) = oneshot::channel();
    if inbox.send(Msg::Refer { conn, answer }).await.is_err() {
        return;
    }
    let bytes = encode(&answered.await.unwrap_or_default());
    let sent = timeout(Duration::from_millis(REQUEST_DEADLINE_MS), send.write_all(&bytes)).await;
    if matches!(sent, Ok(Ok(()))) {
        let _closed = send.finish();
    }
}

/// What may be dialled of a told node: public addresses and relays; an address of a home network or of this machine
/// only where who told it is there too. So nobody makes this node knock at doors that they can't see.
pub(super) fn sound(ticket: Ticket, introducer: Option<IpAddr>) -> Option<Ticket> {
    let near = introducer.map(scope);
    let addrs = ticket.addrs.into_iter().filter(|addr| match addr {
        Addr::Relay(_) => near.is_none_or(|near| near > Scope::Machine),
        Addr::Ip(addr) => scope(addr.ip()) == Scope::Internet || Some(scope(addr.ip())) == near,
    });
    let ticket = Ticket::new(ticket.node, addrs);
    Some(ticket).filter(|ticket| ticket.addrs.iter().any(|addr| matches!(addr, Addr::Ip(_))))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Machine,
    Home,
    Internet,
}

fn scope(ip: IpAddr) -> Scope {
    match ip.to_canonical() {
        ip if ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() => Scope::Machine,
        IpAddr::V4(ip) if ip.is_private() || ip.is_link_local() || ip.is_broadcast() => Scope::Home,
        IpAddr::V6(ip) if ip.is_unique_local() || ip.is_unicast_link_local() => Scope::Home,
        _ => Scope::Internet,
    }
}

fn encode(tickets: &[Ticket]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for ticket in tickets.iter().take(REFERRALS) {
        let ticket = ticket.to_bytes();
        let Ok(len) = u16::try_from(ticket.len()) else { continue };
        bytes.extend(len.to_le_bytes());
        bytes.extend(ticket);
    }
    bytes
}

/// Kinds of tickets that this version does not know are left out.
fn decode(mut bytes: &[u8]) -> Vec<Ticket> {
    let mut tickets = Vec::new();
    for _ in 0..REFERRALS {
        let Some((len, rest)) = bytes.split_first_chunk::<2>() else { break };
        let Some((ticket, rest)) = rest.split_at_checked(usize::from(u16::from_le_bytes(*len))) else { break };
        bytes = rest;
        tickets.extend(Ticket::from_bytes(ticket));
    }
    tickets
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::NodeId;

    fn ticket(n: u8, addrs: &[&str]) -> Ticket {
        let node = NodeId::from_bytes(*iroh::SecretKey::from_bytes(&[n; 32]).public().as_bytes());
        Ticket::new(node, addrs.iter().map(|addr| addr.parse().unwrap()))
    }

    #[test]
    fn tickets_survive_the_way_and_there_are_never_more_than_agreed() {
        let told: Vec<Ticket> = (1..20).map(|n| ticket(n, &["192.0.2.1:4"])).collect();
        assert_eq!(decode(&encode(&told)), told[..REFERRALS]);
        let many: Vec<u8> = (1..20).flat_map(|n| encode(&[ticket(n, &[])])).collect();
        assert_eq!(decode(&many).len(), REFERRALS);
        let longest = format!("https://{}.example/", "r".repeat(180));
        let longest: Vec<Ticket> =
            (0..8_u8).map(|n| ticket(n + 1, &[longest.as_str(), "https://a.example/", "1.1.1.1:1"])).collect();
        assert!(encode(&longest).len() < ANSWER_BYTES);
    }

    #[test]
    fn nobody_sends_us_to_addresses_that_they_do_not_share() {
        let told = ticket(1, &["127.0.0.1:1", "10.0.0.7:1", "192.0.2.1:1", "https://relay.example/"]);
        let kept = |from: Option<&str>| {
            let sound = sound(told.clone(), from.map(|ip| ip.parse().unwrap()))?;
            Some(sound.addrs.iter().map(Addr::to_string).collect::<Vec<_>>())
        };
        let internet = ["192.0.2.1:1", "https://relay.example/"].map(str::to_owned).to_vec();
        assert_eq!(kept(Some("198.51.100.1")), Some(internet.clone()));
        assert_eq!(kept(None), Some(internet));
        assert_eq!(kept(Some("10.0.0.9")).unwrap().first().map(String::as_str), Some("10.0.0.7:1"));
        assert_eq!(kept(Some("127.0.0.1")).unwrap(), ["127.0.0.1:1", "192.0.2.1:1"]);
        assert_eq!(sound(ticket(1, &["127.0.0.1:1", "https://relay.example/"]), None), None);
    }

    proptest! {
        #[test]
        fn no_answer_breaks_the_parser(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(decode(&bytes).len() <= REFERRALS);
        }
    }
}
