//! Who may use the page: login tokens, sessions, and the `Host` and `Origin` of each request. Only hashes are kept,
//! in memory: a restart signs all browsers out.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use axum::http::{HeaderMap, header};
use data_encoding::HEXLOWER;
use kith_node::clock::Clock;

/// Life of a login token, ms.
pub(super) const LOGIN_MS: u64 = 10 * 60 * 1000;
/// Life of a session, ms.
const SESSION_MS: u64 = 30 * 24 * 60 * 60 * 1000;
/// Tokens that wait to be used; the oldest goes first.
const TOKENS: usize = 16;
/// Browsers that are signed in; the oldest session goes first.
const SESSIONS: usize = 32;

pub(super) struct Access {
    addr: SocketAddr,
    /// Cookies know no ports: nodes on one machine would overwrite each other's under one name.
    cookie: String,
    clock: Arc<dyn Clock>,
    granted: Mutex<Granted>,
}

#[derive(Default)]
struct Granted {
    tokens: Vec<Grant>,
    sessions: Vec<Grant>,
}

/// Comparing hashes takes the same time wherever they differ (`blake3::Hash` promises it).
struct Grant {
    hash: blake3::Hash,
    until_ms: u64,
}

impl Access {
    pub(super) fn new(addr: SocketAddr, clock: Arc<dyn Clock>) -> Self {
        Self { addr, cookie: format!("kith-{}", addr.port()), clock, granted: Mutex::default() }
    }

    /// A fresh login token of 128 random bits.
    pub(super) fn mint(&self) -> anyhow::Result<String> {
        let token = random::<16>()?;
        let now_ms = self.clock.unix_ms();
        self.granted().add_token(&token, now_ms);
        Ok(token)
    }

    /// Uses a token up and opens a session: the `Set-Cookie` value for it. `None`: not (or no longer) a token.
    pub(super) fn redeem(&self, token: &str) -> Option<String> {
        let now_ms = self.clock.unix_ms();
        let hash = blake3::hash(token.as_bytes());
        let mut granted = self.granted();
        granted.tokens.retain(|token| token.until_ms > now_ms);
        let before = granted.tokens.len();
        granted.tokens.retain(|token| token.hash != hash);
        if granted.tokens.len() == before {
            return None;
        }
        let session = random::<32>().ok()?;
        push(&mut granted.sessions, &session, now_ms.saturating_add(SESSION_MS), SESSIONS);
        let (name, max_age) = (&self.cookie, SESSION_MS / 1000);
        Some(format!("{name}={session}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict"))
    }

    pub(super) fn has_session(&self, headers: &HeaderMap) -> bool {
        let now_ms = self.clock.unix_ms();
        let mut granted = self.granted();
        granted.sessions.retain(|session| session.until_ms > now_ms);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.cookie)
            .map(|(_, session)| blake3::hash(session.as_bytes()))
            .any(|hash| granted.sessions.iter().any(|session| session.hash == hash))
    }

    /// The request names this server by an address or by `localhost`. A foreign name that was pointed here (DNS
    /// rebinding) is refused: served to all addresses, only literal ones are taken.
    pub(super) fn host_is_ours(&self, headers: &HeaderMap) -> bool {
        host(headers).is_some_and(|host| {
            if self.addr.port() == 80 && (host == "localhost" || host == self.addr.ip().to_string()) {
                return true; // browsers leave this port out
            }
            let local = self.addr.ip().is_loopback() || self.addr.ip().is_unspecified();
            if local && host == format!("localhost:{}", self.addr.port()) {
                return true;
            }
            host.parse::<SocketAddr>().is_ok_and(|named| {
                named == self.addr || (self.addr.ip().is_unspecified() && named.port() == self.addr.port())
            })
        })
    }

    /// The request was made by a page of ours. Browsers send `Origin` with every WebSocket and POST.
    pub(super) fn origin_is_ours(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next().and_then(|origin| origin.to_str().ok()), origins.next(), host(headers)) {
            (Some(origin), None, Some(host)) => origin.strip_prefix("http://") == Some(host),
            _ => false,
        }
    }

    fn granted(&self) -> MutexGuard<'_, Granted> {
        self.granted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Granted {
    fn add_token(&mut self, token: &str, now_ms: u64) {
        push(&mut self.tokens, token, now_ms.saturating_add(LOGIN_MS), TOKENS);
    }
}

/// The one `Host` of a request.
pub(super) fn host(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        _ => None,
    }
}

/// `N` random bytes as hex digits.
pub(super) fn random<const N: usize>() -> anyhow::Result<String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).context("the system gives no randomness")?;
    Ok(HEXLOWER.encode(&bytes))
}

fn push(grants: &mut Vec<Grant>, secret: &str, until_ms: u64, limit: usize) {
    if grants.len() >= limit {
        grants.remove(0);
    }
    grants.push(Grant { hash: blake3::hash(secret.as_bytes()), until_ms });
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use kith_node::clock::ManualClock;

    use super::*;

    fn access(addr: &str) -> (Access, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at_ms(1_000_000));
        (Access::new(addr.parse().unwrap(), clock.clone()), clock)
    }

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    fn cookie(set: &str) -> HeaderMap {
        headers(&[(header::COOKIE, &format!("theme=dark; {}", set.split(';').next().unwrap()))])
    }

    #[test]
    fn a_token_works_once_and_for_ten_minutes() {
        let (access, clock) = access("127.0.0.1:7000");
        let token = access.mint().unwrap();
        assert_eq!(token.len(), 32);
        assert_eq!(access.redeem("00"), None);
        let session = access.redeem(&token).unwrap();
        assert!(session.starts_with("kith-7000=") && session.ends_with("; HttpOnly; SameSite=Strict"), "{session}");
        assert!(access.has_session(&cookie(&session)));
        assert_eq!(access.redeem(&token), None);

        let late = access.mint().unwrap();
        clock.set_ms(1_000_000 + LOGIN_MS);
        assert_eq!(access.redeem(&late), None);
    }

    #[test]
    fn a_session_ends_after_thirty_days_and_the_oldest_makes_room() {
        let (access, clock) = access("127.0.0.1:7000");
        let sessions: Vec<String> = (0..=SESSIONS).map(|_| access.redeem(&access.mint().unwrap()).unwrap()).collect();
        assert!(!access.has_session(&cookie(&sessions[0])));
        assert!(access.has_session(&cookie(&sessions[1])));
        clock.set_ms(1_000_000 + SESSION_MS);
        assert!(!access.has_session(&cookie(&sessions[1])));
    }

    #[test]
    fn only_our_own_names_are_hosts() {
        let named = |addr: &str, host: &str| access(addr).0.host_is_ours(&headers(&[(header::HOST, host)]));
        for ours in ["127.0.0.1:7000", "localhost:7000"] {
            assert!(named("127.0.0.1:7000", ours), "{ours}");
        }
        for foreign in ["evil.example:7000", "127.0.0.1", "127.0.0.1:7001", "localhost", "192.168.0.5:7000", ""] {
            assert!(!named("127.0.0.1:7000", foreign), "{foreign}");
        }
        assert!(named("[::1]:7000", "[::1]:7000"));
        assert!(named("0.0.0.0:7000", "192.168.0.5:7000"));
        assert!(!named("0.0.0.0:7000", "evil.example:7000"));
        let twice = headers(&[(header::HOST, "127.0.0.1:7000"), (header::HOST, "evil.example")]);
        assert!(!access("127.0.0.1:7000").0.host_is_ours(&twice));
    }

    #[test]
    fn only_our_own_origin_acts() {
        let asked = |origin: &str| {
            let pairs = [(header::HOST, "127.0.0.1:7000"), (header::ORIGIN, origin)];
            access("127.0.0.1:7000").0.origin_is_ours(&headers(&pairs))
        };
        assert!(asked("http://127.0.0.1:7000"));
        for foreign in ["https://127.0.0.1:7000", "http://127.0.0.1:7001", "http://evil.example", "null"] {
            assert!(!asked(foreign), "{foreign}");
        }
        assert!(!access("127.0.0.1:7000").0.origin_is_ours(&headers(&[(header::HOST, "127.0.0.1:7000")])));
    }
}
