//! Mailboxes (DESIGN §5.3): nodes that keep the whole bucket for who sleeps. Here stand both sides: the mailboxes that the
//! user chose for this node, and those that this node keeps mail for. What is asked and answered never names a
//! recipient: a client gives and takes the whole bucket, and a receipt signs the id of an entry, nothing else.
//!
//! A node answers for this under a service key of its own, which is neither a persona's nor its network key. It is
//! closed: who asks shows a token of its owner, which stands in the ticket that the owner gives out. An anchor is open.

use ed25519_dalek::{Signer, SigningKey};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use zeroize::Zeroizing;

use crate::entry::check_one;
use crate::error::{Error, Result};
use crate::gate::{KeepAnswer, MailPass, Receipt, Refusal, Shown};
use crate::host::Entropy;
use crate::id::{DeviceKey, EntryId, NodeId};
use crate::limits::{self, TOKEN_WEEKS, WEEK_S};
use crate::mail;
use crate::net::{MailboxTicket, Ticket};
use crate::node::Node;
use crate::service::{self, Service};
use crate::setting;
use crate::store::Durability;
use crate::view::{MailboxClientView, MailboxState, MailboxView, Role};

/// Of this device alone: what its service key and its tokens come from. It says nothing about any other key.
const SECRET: &str = "mailbox.secret";

type Secret = Zeroizing<[u8; 32]>;

/// Who asks to be kept mail for, and whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    pub(crate) node: NodeId,
    /// This node's network key, as the client knows it.
    pub(crate) mailbox: NodeId,
    pub(crate) shown: Option<Shown>,
    /// Without a token too.
    pub(crate) open: bool,
}

/// Answers who asks for mail to be kept. A client stays one; a token is needed once.
pub(crate) fn keep(tx: &Transaction<'_>, entropy: &dyn Entropy, client: Client, now_ms: i64) -> Result<KeepAnswer> {
    let secret = secret(tx, entropy)?;
    let keeps = KeepAnswer::Keeps(DeviceKey::from_bytes(service_key(&secret).verifying_key().to_bytes()));
    match standing(tx, client.node)? {
        Some(Standing::In) => return Ok(keeps),
        Some(Standing::Dismissed) => return Ok(KeepAnswer::Refused(Refusal::Closed)),
        None => {}
    }
    let refused = match client.shown {
        None => Refusal::Closed,
        Some(shown) => match check(&secret, &client, shown, week(now_ms)) {
            Some(refusal) => refusal,
            None if is_full(tx, shown.week)? => Refusal::Full,
            None => {
                tx.prepare_cached("INSERT INTO mailbox_client (node, week, since_ms) VALUES (?1, ?2, ?3)")?
                    .execute(params![client.node, shown.week, now_ms])?;
                return Ok(keeps);
            }
        },
    };
    Ok(if client.open { keeps } else { KeepAnswer::Refused(refused) })
}

/// Whether a token of this node let a node in.
pub(crate) fn is_client(db: &Connection, node: NodeId) -> Result<bool> {
    Ok(standing(db, node)? == Some(Standing::In))
}

/// A node that showed a token once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    In,
    Dismissed,
}

fn standing(db: &Connection, node: NodeId) -> Result<Option<Standing>> {
    let mut statement = db.prepare_cached("SELECT dismissed FROM mailbox_client WHERE node = ?1")?;
    let dismissed: Option<bool> = statement.query_row([node], |row| row.get(0)).optional()?;
    Ok(dismissed.map(|dismissed| if dismissed { Standing::Dismissed } else { Standing::In }))
}

/// An entry of mail that a client brought.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) id: EntryId,
    /// What is to be promised; `None`: it was promised before.
    pub(crate) new: Option<Pledge>,
}

/// So many bytes are to be kept until a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pledge {
    pub(crate) bytes: i64,
    pub(crate) expires_day: u16,
}

/// Of these entries of a client those that are mail here. None where it is no client any more.
pub(crate) fn kept(db: &Connection, client: NodeId, open: bool, ids: &[EntryId]) -> Result<Vec<Kept>> {
    match standing(db, client)? {
        Some(Standing::In) => {}
        None if open => {}
        _ => return Ok(Vec::new()),
    }
    let mut statement = db.prepare_cached(
        "SELECT entry_row, promised, mail.bytes FROM mail JOIN entry ON entry.row = mail.entry_row
         WHERE prefix = substr(?1, 1, 8) AND entry.id = ?1",
    )?;
    let mut kept = Vec::new();
    for id in ids.iter().copied() {
        let found = statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let Some((row, promised, bytes)): Option<(i64, bool, i64)> = found else { continue };
        // As it was signed, also of what else would only pass here: an anchor knows no clients by name.
        let expires_day = || Ok::<_, Error>(mail::read(db, row)?.1.expires_day);
        let new = if promised { None } else { Some(Pledge { bytes, expires_day: expires_day()? }) };
        kept.push(Kept { id, new });
    }
    Ok(kept)
}

/// Promises a client to keep an entry of mail until it expires; `None` where it went meanwhile. `lot`: of which share, where
/// that was not promised before.
pub(crate) fn promise(
    tx: &Transaction<'_>,
    entropy: &dyn Entropy,
    client: NodeId,
    entry: EntryId,
    lot: Option<(i64, Pledge)>,
) -> Result<Option<Receipt>> {
    let found: Option<(i64, bool)> = tx
        .prepare_cached(
            "SELECT entry_row, promised FROM mail JOIN entry ON entry.row = mail.entry_row
             WHERE prefix = substr(?1, 1, 8) AND entry.id = ?1",
        )?
        .query_row([entry], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((row, promised)) = found else { return Ok(None) };
    // Who brings the same again and again costs no write.
    if let Some((lot, pledge)) = lot.filter(|_| !promised) {
        let sql = "UPDATE mail SET promised = 1, promised_to = ?2, expires_day = ?3, lot = ?4 WHERE entry_row = ?1";
        tx.prepare_cached(sql)?.execute(params![row, client, pledge.expires_day, lot])?;
    }
    let signature = service_key(&secret(tx, entropy)?).sign(&Receipt::message(entry)).to_bytes();
    Ok(Some(Receipt { entry, signature }))
}

/// Whether a mailbox with this service key signed that it holds an entry.
pub(crate) fn is_signed(key: &DeviceKey, receipt: &Receipt) -> bool {
    check_one(key, &Receipt::message(receipt.entry), &receipt.signature)
}

/// Notes what a node said that was asked to be a mailbox; answers whether that is news.
pub(crate) fn answered(tx: &Transaction<'_>, mailbox: NodeId, answer: KeepAnswer) -> Result<bool> {
    let number = match answer {
        KeepAnswer::Keeps(_) => 0,
        KeepAnswer::Refused(refusal) => refusal.number(),
    };
    let sql = "UPDATE service SET answer = ?2 WHERE kind = 1 AND node = ?1 AND present = 1 AND answer <> ?2";
    Ok(tx.prepare_cached(sql)?.execute(params![mailbox, number])? > 0)
}

/// Mailboxes that keep mail, as they said last: for invites where there is no anchor.
pub(crate) fn tickets(db: &Connection) -> Result<Vec<Ticket>> {
    let states = states(db)?;
    let keeps = |ticket: &Ticket| states.contains(&(ticket.node, 0));
    Ok(service::tickets(db, Service::Mailbox)?.into_iter().filter(keeps).collect())
}

fn states(db: &Connection) -> Result<Vec<(NodeId, i64)>> {
    let mut statement = db.prepare_cached("SELECT node, answer FROM service WHERE kind = 1 AND present = 1")?;
    Ok(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
}

/// A token as this week's tickets hold it.
pub(crate) fn pass(tx: &Transaction<'_>, entropy: &dyn Entropy, now_ms: i64) -> Result<MailPass> {
    Ok(pass_of(&secret(tx, entropy)?, week(now_ms)))
}

impl Node {
    /// The mailboxes that the user chose.
    pub async fn mailboxes(&self) -> Result<Vec<MailboxView>> {
        let read = self.inner().store.read(|db| Ok((service::tickets(db, Service::Mailbox)?, states(db)?)));
        let (tickets, states) = read.await?;
        let peers = match self.inner().net() {
            Some(_) => self.peers().await?,
            None => Vec::new(),
        };
        let view = |ticket: Ticket| {
            let peer = peers.iter().find(|peer| peer.node == ticket.node);
            let answer = states.iter().find(|(node, _)| *node == ticket.node).map(|(_, answer)| *answer);
            MailboxView {
                node: ticket.node,
                connected: peer.is_some(),
                path: peer.map(|peer| peer.path),
                addrs: ticket.addrs.iter().map(ToString::to_string).collect(),
                state: state(answer.unwrap_or(-1)),
            }
        };
        Ok(tickets.into_iter().map(view).collect())
    }

    /// Makes a node a mailbox of this one, or notes where it is now. It is dialled at once where the network runs, and
    /// asked; what it answers is told in [`Self::mailboxes`]. Answers which node it is.
    ///
    /// # Errors
    /// `BadInput` for what is no ticket, for one whose token is too old, for this node's own one, and past
    /// [`limits::MAILBOXES`].
    pub async fn add_mailbox(&self, ticket: &str) -> Result<NodeId> {
        let MailboxTicket { ticket, pass } = ticket.parse().map_err(|error| Error::BadInput(format!("{error}")))?;
        let now_ms = self.inner().clock.unix_ms().cast_signed();
        if pass.is_some_and(|pass| u64::from(pass.week) + TOKEN_WEEKS < u64::from(week(now_ms))) {
            let told = "this ticket is too old to be let in by: ask for a new one";
            return Err(Error::BadInput(told.to_owned()));
        }
        self.add_service(Service::Mailbox, ticket, pass).await
    }

    /// The node is no mailbox any more: it is not asked again. What it keeps already expires there.
    ///
    /// # Errors
    /// `NotFound` for a node that is none, `Ambiguous` for digits that fit more than one.
    pub async fn remove_mailbox(&self, ticket_or_node: &str) -> Result<NodeId> {
        self.remove_service(Service::Mailbox, ticket_or_node).await
    }

    /// Nodes that this one keeps mail for, as they showed a token of it; the one that came first before others.
    pub async fn mailbox_clients(&self) -> Result<Vec<MailboxClientView>> {
        let read = self.inner().store.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT node, since_ms, coalesce((SELECT bytes FROM mail_source WHERE node = mailbox_client.node), 0)
                 FROM mailbox_client WHERE dismissed = 0 ORDER BY since_ms, node",
            )?;
            let view = |row: &rusqlite::Row<'_>| {
                let (since_ms, bytes): (i64, i64) = (row.get(1)?, row.get(2)?);
                Ok(MailboxClientView {
                    node: row.get(0)?,
                    since_ms: since_ms.cast_unsigned(),
                    bytes: bytes.cast_unsigned(),
                })
            };
            Ok(statement.query_map([], view)?.collect::<rusqlite::Result<_>>()?)
        });
        read.await
    }

    /// Keeps no more mail for a node, by the first digits of it; no token lets it in again. What it has receipts for
    /// stays until it expires.
    ///
    /// # Errors
    /// `NotFound` for a node that is no client, `Ambiguous` for digits that fit more than one.
    pub async fn dismiss_client(&self, node: &str) -> Result<NodeId> {
        let prefix = node.trim().to_ascii_lowercase();
        let mut fitting = self.mailbox_clients().await?.into_iter().map(|client| client.node);
        let mut fitting = fitting.by_ref().filter(|node| !prefix.is_empty() && node.to_string().starts_with(&prefix));
        let node = fitting.next().ok_or(Error::NotFound { what: "the node that mail is kept for" })?;
        if fitting.next().is_some() {
            return Err(Error::Ambiguous { given: prefix, what: "client" });
        }
        let dismiss = move |tx: &Transaction<'_>| {
            tx.execute("UPDATE mailbox_client SET dismissed = 1 WHERE node = ?1", [node])?;
            tx.execute("DELETE FROM bucket_client WHERE node = ?1", [node])?;
            Ok(())
        };
        self.inner().store.write(Durability::Full, dismiss).await?;
        Ok(node)
    }

    /// This node's address with a token, by which whoever gets it may use this node as a mailbox; of an anchor, which is
    /// open, without one; of a phone, which is none, too. `None` where no network runs.
    pub async fn mailbox_ticket(&self) -> Result<Option<String>> {
        let Some(ticket) = self.inner().net().map(|net| net.ticket()) else { return Ok(None) };
        if self.role() != Role::Desktop {
            return Ok(Some(ticket.to_string()));
        }
        let now_ms = self.inner().clock.unix_ms().cast_signed();
        let known = self.inner().store.read(read_secret).await?;
        let pass = match known {
            Some(secret) => pass_of(&secret, week(now_ms)),
            None => {
                let entropy = std::sync::Arc::clone(&self.inner().entropy);
                self.inner().store.write(Durability::Full, move |tx| pass(tx, &*entropy, now_ms)).await?
            }
        };
        Ok(Some(MailboxTicket { ticket, pass: Some(pass) }.to_string()))
    }
}

fn state(answer: i64) -> MailboxState {
    match u8::try_from(answer) {
        Err(_) => MailboxState::Unknown,
        Ok(0) => MailboxState::Keeps,
        Ok(number) => match Refusal::from_number(number) {
            Refusal::Closed => MailboxState::Closed,
            Refusal::WrongToken => MailboxState::WrongToken,
            Refusal::Expired => MailboxState::Expired,
            Refusal::Full => MailboxState::Full,
            Refusal::Other(_) => MailboxState::Refused,
        },
    }
}

fn read_secret(db: &Connection) -> Result<Option<Secret>> {
    let Some(kept) = setting::local(db, SECRET)?.map(Zeroizing::new) else { return Ok(None) };
    let bytes = data_encoding::HEXLOWER.decode(kept.as_bytes()).map(Zeroizing::new);
    let secret = bytes.ok().and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
    secret.map(|secret| Some(Zeroizing::new(secret))).ok_or(Error::Bug("the secret of the mailbox can't be read"))
}

/// Drawn at its first use.
fn secret(tx: &Transaction<'_>, entropy: &dyn Entropy) -> Result<Secret> {
    if let Some(secret) = read_secret(tx)? {
        return Ok(secret);
    }
    let mut secret = Zeroizing::new([0; 32]);
    entropy.fill(secret.as_mut_slice())?;
    setting::put_local(tx, SECRET, &Zeroizing::new(data_encoding::HEXLOWER.encode(secret.as_slice())))?;
    Ok(secret)
}

fn service_key(secret: &Secret) -> SigningKey {
    let seed = Zeroizing::new(blake3::derive_key("kith 2026 mailbox service key v1", secret.as_slice()));
    SigningKey::from_bytes(&seed)
}

fn week(now_ms: i64) -> u16 {
    u16::try_from(now_ms.max(0).cast_unsigned() / 1_000 / WEEK_S).unwrap_or(u16::MAX)
}

fn pass_of(secret: &Secret, week: u16) -> MailPass {
    let mut hasher = blake3::Hasher::new_derive_key("kith 2026 mailbox token v1");
    hasher.update(secret.as_slice()).update(&week.to_le_bytes());
    let mut token = [0; 16];
    hasher.finalize_xof().fill(&mut token);
    MailPass { week, token }
}

/// What is wrong with a token, as it was shown.
fn check(secret: &Secret, client: &Client, shown: Shown, now: u16) -> Option<Refusal> {
    let right = pass_of(secret, shown.week).shown(client.node, client.mailbox);
    // Hashes compare in constant time.
    if blake3::hash(&right.proof) != blake3::hash(&shown.proof) {
        return Some(Refusal::WrongToken);
    }
    (u64::from(shown.week) + TOKEN_WEEKS < u64::from(now)).then_some(Refusal::Expired)
}

fn is_full(db: &Connection, week: u16) -> Result<bool> {
    let sql = "SELECT coalesce(sum(dismissed = 0), 0), coalesce(sum(week = ?1), 0) FROM mailbox_client";
    let (all, by_it): (i64, i64) = db.prepare_cached(sql)?.query_row([week], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(all >= limits::MAILBOX_CLIENTS || by_it >= limits::TOKEN_CLIENTS)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::*;
    use crate::clock::ManualClock;
    use crate::gate::{Asked, Told};
    use crate::host::{MemoryKeystore, SystemEntropy};
    use crate::store::Store;

    const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
    const NOW_MS: i64 = 3_000 * WEEK_MS;
    const MAILBOX: NodeId = NodeId::from_bytes([9; 32]);

    fn now<T>(future: impl Future<Output = T>) -> T {
        future.now_or_never().unwrap()
    }

    fn node(n: u8) -> NodeId {
        NodeId::from_bytes([n; 32])
    }

    fn write<T: Send + 'static>(store: &Store, job: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static) -> T {
        now(store.write(Durability::Full, job)).unwrap()
    }

    /// What a mailbox answers to this client at this time; `None`: it keeps.
    fn asked(store: &Store, n: u8, shown: Option<Shown>, open: bool, now_ms: i64) -> Option<Refusal> {
        let client = Client { node: node(n), mailbox: MAILBOX, shown, open };
        match write(store, move |tx| keep(tx, &SystemEntropy, client, now_ms)) {
            KeepAnswer::Keeps(_) => None,
            KeepAnswer::Refused(refusal) => Some(refusal),
        }
    }

    fn token(store: &Store, now_ms: i64) -> MailPass {
        write(store, move |tx| pass(tx, &SystemEntropy, now_ms))
    }

    #[test]
    fn it_is_closed_but_to_who_shows_a_token_of_it() {
        let store = Store::in_memory().unwrap();
        assert_eq!(asked(&store, 1, None, false, NOW_MS), Some(Refusal::Closed));
        let pass = token(&store, NOW_MS);
        assert_eq!(token(&store, NOW_MS), pass, "one a week");
        let shown = pass.shown(node(1), MAILBOX);
        assert_eq!(asked(&store, 2, Some(shown), false, NOW_MS), Some(Refusal::WrongToken), "seen with somebody else");
        let elsewhere = pass.shown(node(1), node(8));
        assert_eq!(asked(&store, 1, Some(elsewhere), false, NOW_MS), Some(Refusal::WrongToken), "shown elsewhere");
        let of_another = token(&Store::in_memory().unwrap(), NOW_MS).shown(node(1), MAILBOX);
        assert_eq!(asked(&store, 1, Some(of_another), false, NOW_MS), Some(Refusal::WrongToken));
        let later = Shown { week: shown.week + 1, ..shown };
        assert_eq!(asked(&store, 1, Some(later), false, NOW_MS), Some(Refusal::WrongToken), "its week is changed");
        assert_eq!(asked(&store, 1, None, false, NOW_MS), Some(Refusal::Closed), "none of that let it in");
        assert_eq!(asked(&store, 1, Some(shown), false, NOW_MS), None);
        assert_eq!(asked(&store, 1, None, false, NOW_MS), None, "once is enough");
    }

    #[test]
    fn an_old_token_lets_nobody_new_in() {
        let store = Store::in_memory().unwrap();
        let pass = token(&store, NOW_MS);
        let weeks = i64::try_from(TOKEN_WEEKS).unwrap();
        assert_eq!(asked(&store, 1, Some(pass.shown(node(1), MAILBOX)), false, NOW_MS + weeks * WEEK_MS), None);
        let late_ms = NOW_MS + (weeks + 1) * WEEK_MS;
        let shown = Some(pass.shown(node(2), MAILBOX));
        assert_eq!(asked(&store, 2, shown, false, late_ms), Some(Refusal::Expired));
        assert_eq!(asked(&store, 1, None, false, late_ms), None, "who is in stays in");
        assert_eq!(asked(&store, 2, shown, true, late_ms), None, "an anchor needs none");
        assert_eq!(asked(&store, 2, None, false, late_ms), Some(Refusal::Closed), "and notes nobody for that");
    }

    #[test]
    fn who_was_sent_away_comes_in_by_no_token() {
        let store = Store::in_memory().unwrap();
        let (keystore, clock) = (Arc::new(MemoryKeystore::default()), Arc::new(ManualClock::at_ms(1)));
        let owner = Node::simulated(false, store.clone(), keystore, clock, Arc::new(SystemEntropy)).unwrap();
        let shown = |n, now_ms| Some(token(&store, now_ms).shown(node(n), MAILBOX));
        assert_eq!(asked(&store, 1, shown(1, NOW_MS), false, NOW_MS), None);
        assert_eq!(asked(&store, 2, shown(2, NOW_MS), false, NOW_MS), None);
        let clients =
            || now(owner.mailbox_clients()).unwrap().into_iter().map(|client| client.node).collect::<Vec<_>>();
        assert_eq!(clients(), [node(1), node(2)]);
        assert_eq!(now(owner.dismiss_client("0101")).unwrap(), node(1));
        assert!(now(owner.dismiss_client("0101")).is_err() && now(owner.dismiss_client("")).is_err());
        assert_eq!(clients(), [node(2)]);
        let later_ms = NOW_MS + WEEK_MS;
        assert_eq!(asked(&store, 1, shown(1, later_ms), false, later_ms), Some(Refusal::Closed));
        assert_eq!(asked(&store, 1, None, true, later_ms), Some(Refusal::Closed), "an anchor's either");
        assert_eq!(asked(&store, 2, None, false, later_ms), None);
    }

    #[test]
    fn one_token_lets_in_so_many() {
        let store = Store::in_memory().unwrap();
        let pass = token(&store, NOW_MS);
        for n in 0..u8::try_from(limits::TOKEN_CLIENTS).unwrap() {
            assert_eq!(asked(&store, n, Some(pass.shown(node(n), MAILBOX)), false, NOW_MS), None);
        }
        let shown = |pass: MailPass| Some(pass.shown(node(200), MAILBOX));
        assert_eq!(asked(&store, 200, shown(pass), false, NOW_MS), Some(Refusal::Full));
        let next = token(&store, NOW_MS + WEEK_MS);
        assert_eq!(asked(&store, 200, shown(next), false, NOW_MS + WEEK_MS), None, "the next week's is another");
    }

    #[test]
    fn only_a_receipt_by_the_mailbox_s_key_and_for_an_entry_that_waits_counts() {
        let store = Store::in_memory().unwrap();
        let (keystore, clock) = (Arc::new(MemoryKeystore::default()), Arc::new(ManualClock::at_ms(1)));
        let alice = Node::simulated(false, store.clone(), keystore, clock, Arc::new(SystemEntropy)).unwrap();
        let entry = EntryId::from_bytes([5; 32]);
        write(&store, move |tx| {
            tx.execute("INSERT INTO author (id, own) VALUES (?1, 1), (?2, 0)", params![[1_u8; 32], [2_u8; 32]])?;
            tx.execute(
                "INSERT INTO outbox (author_row, peer_row, body, due_ms, until_ms, entry) VALUES (2, 3, x'01', 0, 9, ?1)",
                [entry],
            )?;
            Ok(())
        });
        let (right, other) = (SigningKey::from_bytes(&[3; 32]), SigningKey::from_bytes(&[4; 32]));
        let key = DeviceKey::from_bytes(right.verifying_key().to_bytes());
        let receipt =
            |by: &SigningKey, of: EntryId| Receipt { entry, signature: by.sign(&Receipt::message(of)).to_bytes() };
        let held = |receipts: Vec<Receipt>| {
            now(alice.gate().unwrap().helper(Asked::Held { key, receipts })).unwrap();
            let sql = "SELECT held FROM outbox";
            now(store.read(move |db| Ok(db.query_row(sql, [], |row| row.get::<_, bool>(0))?))).unwrap()
        };
        assert!(!held(vec![receipt(&other, entry), receipt(&right, EntryId::from_bytes([6; 32]))]));
        let of_others =
            Receipt { entry: EntryId::from_bytes([7; 32]), ..receipt(&right, EntryId::from_bytes([7; 32])) };
        assert!(!held(vec![of_others]));
        assert!(held(vec![receipt(&right, entry)]));
    }

    #[test]
    fn what_is_not_here_gets_no_receipt() {
        let store = Store::in_memory().unwrap();
        let (keystore, clock) = (Arc::new(MemoryKeystore::default()), Arc::new(ManualClock::at_ms(1)));
        let alice = Node::simulated(false, store, keystore, clock, Arc::new(SystemEntropy)).unwrap();
        let asked = Asked::Receipts { client: node(1), open: true, ids: vec![EntryId::from_bytes([5; 32])] };
        assert_eq!(now(alice.gate().unwrap().helper(asked)).unwrap(), Told::Noted);
    }
}
