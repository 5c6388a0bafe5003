//! Who may begin a handshake: counts of handshakes and connections, in all and for each address prefix, so that a
//! flood costs this node little and an honest peer elsewhere nothing (attack list, row 12).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits::{CONNECTIONS, PENDING, PENDING_RETRY};
use crate::view::Role;

/// Connections at once.
pub(super) fn connections(role: Role) -> usize {
    match role {
        Role::Phone => CONNECTIONS / 4,
        Role::Desktop => CONNECTIONS,
        Role::Anchor => CONNECTIONS * 16,
    }
}

/// Connections that stay although they are idle.
pub(super) fn long_links(role: Role) -> usize {
    match role {
        Role::Phone => 4,
        Role::Desktop => 16,
        Role::Anchor => 128,
    }
}

/// What is done with a first packet.
#[derive(Debug)]
pub(super) enum Verdict {
    Accept(Seat),
    /// The address must show that it receives what is sent to it.
    Retry,
    Refuse,
}

#[derive(Debug, Clone)]
pub(super) struct Admission(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Handshakes and connections of one prefix.
    per_prefix: usize,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    pending: usize,
    prefixes: HashMap<Prefix, usize>,
}

/// /24 or /56; `None`: over a relay; those share one share, as a relay tells no addresses.
pub(super) type Prefix = Option<[u8; 7]>;

impl Admission {
    pub(super) fn new(role: Role) -> Self {
        // Half of what a desktop has: one network never takes all seats.
        let per_prefix = (connections(role) / 2).min(CONNECTIONS);
        Self(Arc::new(Shared { per_prefix, counts: Mutex::default() }))
    }

    /// `validated`: the address has shown that it receives what is sent to it.
    pub(super) fn knock(&self, from: Option<IpAddr>, validated: bool) -> Verdict {
        let prefix = from.map(prefix);
        let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let here = counts.prefixes.get(&prefix).copied().unwrap_or(0);
        if !validated && (counts.pending >= PENDING_RETRY || here * 2 >= self.0.per_prefix) {
            return Verdict::Retry;
        }
        if here >= self.0.per_prefix || counts.pending >= PENDING {
            return Verdict::Refuse;
        }
        counts.pending += 1;
        *counts.prefixes.entry(prefix).or_default() += 1;
        Verdict::Accept(Seat { admission: Arc::clone(&self.0), prefix, pending: true })
    }
}

/// A place that is counted until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    admission: Arc<Shared>,
    prefix: Prefix,
    pending: bool,
}

impl Seat {
    /// The handshake is over.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.pending) {
            let mut counts = self.admission.counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts.pending = counts.pending.saturating_sub(1);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.settle();
        let mut counts = self.admission.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.prefixes.get_mut(&self.prefix) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.prefixes.remove(&self.prefix);
            }
        }
    }
}

pub(super) fn prefix(ip: IpAddr) -> [u8; 7] {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            [0xff, 0xff, 0xff, 0xff, a, b, c]
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, e, f, g, ..] = ip.octets();
            [a, b, c, d, e, f, g]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn one_prefix_fills_its_share_and_no_more() {
        let admission = Admission::new(Role::Desktop);
        let mut seats = Vec::new();
        let mut refused = 0;
        for n in 0..200 {
            match admission.knock(ip(&format!("10.0.0.{n}")), true) {
                Verdict::Accept(mut seat) => {
                    seat.settle();
                    seats.push(seat);
                }
                _ => refused += 1,
            }
        }
        assert_eq!((seats.len(), refused), (CONNECTIONS / 2, 200 - CONNECTIONS / 2));
        assert!(matches!(admission.knock(ip("10.0.1.1"), true), Verdict::Accept(_)));
        seats.pop();
        assert!(matches!(admission.knock(ip("10.0.0.1"), true), Verdict::Accept(_)));
    }

    #[test]
    fn what_comes_over_relays_leaves_seats_for_those_who_come_themselves() {
        let admission = Admission::new(Role::Desktop);
        let mut seats = Vec::new();
        while let Verdict::Accept(mut seat) = admission.knock(None, true) {
            seat.settle();
            seats.push(seat);
        }
        assert_eq!(seats.len(), CONNECTIONS / 2);
        assert!(matches!(admission.knock(ip("10.0.0.1"), true), Verdict::Accept(_)));
        seats.pop();
        assert!(matches!(admission.knock(None, true), Verdict::Accept(_)));
    }

    #[test]
    fn many_handshakes_make_addresses_prove_themselves() {
        let admission = Admission::new(Role::Anchor);
        let seats: Vec<_> =
            (0..2_000).map(|n| admission.knock(ip(&format!("10.{}.{}.1", n / 250, n % 250)), false)).collect();
        let accepted = seats.iter().filter(|verdict| matches!(verdict, Verdict::Accept(_))).count();
        assert_eq!(accepted, PENDING_RETRY);
        let more: Vec<_> =
            (0..2_000).map(|n| admission.knock(ip(&format!("11.{}.{}.1", n / 250, n % 250)), true)).collect();
        let accepted = more.iter().filter(|verdict| matches!(verdict, Verdict::Accept(_))).count();
        assert_eq!(accepted, PENDING - PENDING_RETRY);
        drop((seats, more));
        assert!(matches!(admission.knock(ip("10.0.0.1"), false), Verdict::Accept(_)));
    }
}
