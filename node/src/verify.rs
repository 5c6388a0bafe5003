//! Whether the user compared somebody's key with them. The result lasts, per pair of personas; it is never set by the
//! program. Where a key changes after it was compared, messages to them wait for the user's word.

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use crate::crypto::{fingerprint, safety_words};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::{DeviceKey, PersonaId};
use crate::item::{self, Set};
use crate::node::Node;
use crate::view::{Safety, SafetyHow, SafetyView};

/// How a code begins that somebody shows to be scanned or pasted.
const CODE: &str = "kith-verify:";

/// What is kept of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    /// Their fingerprint then, in hex.
    theirs: String,
    at_ms: u64,
    how: SafetyHow,
    /// The changed one with which the user goes on without having compared it.
    accepted: Option<String>,
}

/// What a user says of somebody's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The words were compared, and are the same.
    Same,
    /// These are the words that they read out.
    Words(String),
    /// This is what their device shows as a code.
    Code(String),
    /// Go on with the changed key without comparing.
    Accept,
    /// Nothing was compared.
    Undo,
}

impl Node {
    /// What to compare with somebody, and whether it was.
    ///
    /// # Errors
    /// `NotFound` where their key has not come yet; `BadInput` for the own persona.
    pub async fn safety(&self, own: Option<PersonaId>, other: PersonaId) -> Result<SafetyView> {
        let own = self.own_persona(own).await?;
        self.inner().store.read(move |db| view(db, own, other)).await
    }

    /// Keeps what the user says of somebody's key.
    ///
    /// # Errors
    /// As [`Self::safety`]; `BadInput` for words or a code that do not fit: nothing is changed then. `NotFound` where
    /// there is no change to accept.
    pub async fn verify(&self, own: Option<PersonaId>, other: PersonaId, verdict: Verdict) -> Result<SafetyView> {
        let own = self.writing_persona(own).await?;
        let at_ms = self.inner().clock.unix_ms();
        let shown = self
            .write_items(move |tx| {
                let (mine, theirs) = (print_of(tx, own)?, print_of(tx, other)?);
                let how = match &verdict {
                    Verdict::Same => SafetyHow::Words,
                    Verdict::Words(words) => {
                        let said: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
                        if said != safety_words(&theirs) {
                            return Err(Error::BadInput("these are not their words".to_owned()));
                        }
                        SafetyHow::Words
                    }
                    Verdict::Code(shown) => {
                        if shown.trim() != code(&theirs, &mine) {
                            return Err(Error::BadInput("this code does not fit the two of you".to_owned()));
                        }
                        SafetyHow::Code
                    }
                    Verdict::Accept => {
                        let known = record(tx, own, other)?.filter(|known| known.theirs != hex(&theirs));
                        let known = known.ok_or(Error::NotFound { what: "a changed key" })?;
                        keep(tx, own, other, &Record { accepted: Some(hex(&theirs)), ..known })?;
                        return view(tx, own, other);
                    }
                    Verdict::Undo => {
                        item::take(tx, Set::Verified, &key(own, other))?;
                        return view(tx, own, other);
                    }
                };
                keep(tx, own, other, &Record { theirs: hex(&theirs), at_ms, how, accepted: None })?;
                view(tx, own, other)
            })
            .await?;
        self.inner().events.send(Event::SettingsChanged);
        Ok(shown)
    }
}

/// How things stand with somebody's key, and whether messages to them wait.
pub(crate) fn state(db: &Connection, own: PersonaId, other: PersonaId) -> Result<(Safety, bool)> {
    let Some(record) = record(db, own, other)? else { return Ok((Safety::Unverified, false)) };
    let now = print_of(db, other).map(|print| hex(&print)).ok();
    if now.as_ref() == Some(&record.theirs) {
        return Ok((Safety::Verified, false));
    }
    Ok((Safety::Changed, record.accepted != now))
}

/// # Errors
/// `KeyChanged` where one of those was compared, has another key now, and the user has not said to go on.
pub(crate) fn check(db: &Connection, own: PersonaId, others: &[PersonaId]) -> Result<()> {
    for other in others {
        if state(db, own, *other)?.1 {
            return Err(Error::KeyChanged);
        }
    }
    Ok(())
}

fn view(db: &Connection, own: PersonaId, other: PersonaId) -> Result<SafetyView> {
    if own == other {
        return Err(Error::BadInput("there is nobody to compare with".to_owned()));
    }
    let (mine, theirs) = (print_of(db, own)?, print_of(db, other)?);
    let record = record(db, own, other)?;
    let (state, waits) = state(db, own, other)?;
    Ok(SafetyView {
        persona: other,
        own,
        words: safety_words(&theirs).into_iter().map(str::to_owned).collect(),
        own_words: safety_words(&mine).into_iter().map(str::to_owned).collect(),
        code: code(&mine, &theirs),
        state,
        waits,
        verified_ms: record.as_ref().map(|record| record.at_ms),
        how: record.map(|record| record.how),
    })
}

/// What the one shows whose fingerprint stands first.
fn code(shows: &[u8; 32], reads: &[u8; 32]) -> String {
    format!("{CODE}{}.{}", hex(shows), hex(reads))
}

fn print_of(db: &Connection, persona: PersonaId) -> Result<[u8; 32]> {
    let root: Option<DeviceKey> = db
        .prepare_cached(
            "SELECT coalesce(root, (SELECT root FROM met WHERE author_row = author.row LIMIT 1)) FROM author
             WHERE id = ?1 AND bucket = 0",
        )?
        .query_row([persona], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(fingerprint(persona, root.ok_or(Error::NotFound { what: "their key" })?))
}

fn record(db: &Connection, own: PersonaId, other: PersonaId) -> Result<Option<Record>> {
    let kept = item::value(db, Set::Verified, &key(own, other))?;
    Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()))
}

fn keep(tx: &rusqlite::Transaction<'_>, own: PersonaId, other: PersonaId, record: &Record) -> Result<()> {
    let value = serde_json::to_string(record).map_err(|_| Error::Bug("a comparison could not be written down"))?;
    item::put(tx, Set::Verified, &key(own, other), &value).map(drop)
}

fn key(own: PersonaId, other: PersonaId) -> Vec<u8> {
    [*own.as_bytes(), *other.as_bytes()].concat()
}

fn hex(print: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(print)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::*;
    use crate::clock::ManualClock;
    use crate::host::{MemoryKeystore, SystemEntropy};
    use crate::store::Durability;
    use crate::store::Store;
    use crate::thread::MessageDraft;

    fn now<T>(future: impl Future<Output = T>) -> T {
        future.now_or_never().unwrap()
    }

    /// One node that holds both, as two devices would know them.
    fn two() -> (Node, PersonaId, PersonaId) {
        let (keystore, clock) = (Arc::new(MemoryKeystore::default()), Arc::new(ManualClock::at_ms(1_790_000_000_000)));
        let node =
            Node::simulated(false, Store::in_memory().unwrap(), keystore, clock, Arc::new(SystemEntropy)).unwrap();
        let alice = now(node.create_persona("Alice")).unwrap();
        let bob = now(node.create_persona("Bob")).unwrap();
        (node, alice, bob)
    }

    /// As if another root had taken the place of theirs.
    fn change_key(node: &Node, persona: PersonaId) {
        let write = node.inner().store.write(Durability::Normal, move |tx| {
            Ok(tx.execute("UPDATE author SET root = ?2 WHERE id = ?1", rusqlite::params![persona, [9_u8; 32]])?)
        });
        assert_eq!(now(write).unwrap(), 1);
    }

    fn write_to(node: &Node, from: PersonaId, to: PersonaId) -> Result<()> {
        let draft = MessageDraft { text: "hello".to_owned(), ..MessageDraft::default() };
        now(node.dm(Some(from), vec![to], draft)).map(drop)
    }

    #[test]
    fn both_see_the_same_words_and_each_reads_the_others_code() {
        let (node, alice, bob) = two();
        let hers = now(node.safety(Some(alice), bob)).unwrap();
        let his = now(node.safety(Some(bob), alice)).unwrap();
        assert_eq!((&hers.words, &hers.own_words), (&his.own_words, &his.words));
        assert_eq!((hers.words.len(), hers.state), (6, Safety::Unverified));
        assert_ne!(hers.words, hers.own_words);
        for wrong in [hers.code.clone(), his.code.replace("kith-verify:", ""), String::new(), his.code.to_uppercase()] {
            let refused = now(node.verify(Some(alice), bob, Verdict::Code(wrong)));
            assert!(matches!(refused, Err(Error::BadInput(_))), "{refused:?}");
        }
        let refused = now(node.verify(Some(alice), bob, Verdict::Words(hers.own_words.join(" "))));
        assert!(matches!(refused, Err(Error::BadInput(_))), "{refused:?}");
        assert_eq!(now(node.safety(Some(alice), bob)).unwrap().state, Safety::Unverified);

        let by_code = now(node.verify(Some(alice), bob, Verdict::Code(format!(" {}\n", his.code)))).unwrap();
        assert_eq!((by_code.state, by_code.how), (Safety::Verified, Some(SafetyHow::Code)));
        // It is what one of the two found; the other compares by themselves.
        assert_eq!(now(node.safety(Some(bob), alice)).unwrap().state, Safety::Unverified);
        let by_words = now(node.verify(Some(bob), alice, Verdict::Words(his.words.join("  ").to_uppercase()))).unwrap();
        assert_eq!((by_words.state, by_words.how), (Safety::Verified, Some(SafetyHow::Words)));
        assert_eq!(now(node.verify(Some(bob), alice, Verdict::Undo)).unwrap().state, Safety::Unverified);
        assert_eq!(now(node.safety(Some(alice), bob)).unwrap().state, Safety::Verified);
        let oneself = now(node.safety(Some(alice), alice));
        assert!(matches!(oneself, Err(Error::BadInput(_))), "{oneself:?}");
    }

    #[test]
    fn what_was_not_compared_stops_nothing() {
        let (node, alice, bob) = two();
        change_key(&node, bob);
        write_to(&node, alice, bob).unwrap();
        assert_eq!(now(node.safety(Some(alice), bob)).unwrap().state, Safety::Unverified);
        let nothing = now(node.verify(Some(alice), bob, Verdict::Accept));
        assert!(matches!(nothing, Err(Error::NotFound { .. })), "{nothing:?}");
    }

    #[test]
    fn after_a_change_messages_wait_until_the_user_compares_again_or_says_to_go_on() {
        let (node, alice, bob) = two();
        now(node.verify(Some(alice), bob, Verdict::Same)).unwrap();
        write_to(&node, alice, bob).unwrap();
        change_key(&node, bob);
        let view = now(node.safety(Some(alice), bob)).unwrap();
        assert_eq!((view.state, view.waits), (Safety::Changed, true));
        assert!(matches!(write_to(&node, alice, bob), Err(Error::KeyChanged)));
        let threads = now(node.threads(Some(alice), false)).unwrap();
        assert_eq!((threads[0].safety, threads[0].changed.as_slice()), (Safety::Changed, [bob].as_slice()));
        let sent = now(node.messages(threads[0].id, 10, None)).unwrap();
        assert_eq!(sent.len(), 1, "nothing was stored that did not leave");

        let view = now(node.verify(Some(alice), bob, Verdict::Accept)).unwrap();
        assert_eq!((view.state, view.waits), (Safety::Changed, false));
        write_to(&node, alice, bob).unwrap();
        let view = now(node.verify(Some(alice), bob, Verdict::Same)).unwrap();
        assert_eq!((view.state, view.waits), (Safety::Verified, false));
        assert_eq!(now(node.threads(Some(alice), false)).unwrap()[0].safety, Safety::Verified);
    }
}
