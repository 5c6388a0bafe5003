//! Helpers at the gate: who may leave mail at a mailbox, receipts, given and got, and what is reported to an anchor.

use super::EntryGate;
use crate::error::Result;
use crate::event::Event;
use crate::gate::{Asked, Told};
use crate::mailbox::{self, Client, Kept};
use crate::store::Durability;
use crate::{backup, report, storage, thread};

impl EntryGate {
    pub(super) async fn take_asked(&self, asked: Asked) -> Result<Told> {
        let now_ms = i64::try_from(self.clock.unix_ms()).unwrap_or(i64::MAX);
        let entropy = std::sync::Arc::clone(&self.entropy);
        match asked {
            Asked::Keep { client, mailbox, shown, open } => {
                let client = Client { node: client, mailbox, shown, open };
                let keep = move |tx: &rusqlite::Transaction<'_>| mailbox::keep(tx, &*entropy, client, now_ms);
                self.store.write(Durability::Full, keep).await.map(Told::Keep)
            }
            Asked::Receipts { client, open, ids } => {
                let role = self.role;
                let kept = self.store.read(move |db| mailbox::kept(db, client, open, &ids)).await?;
                if kept.is_empty() {
                    return Ok(Told::Noted);
                }
                // What is promised has reached the disk: this write is synced, and with it those before it.
                let promise = move |tx: &rusqlite::Transaction<'_>| {
                    let mut receipts = Vec::new();
                    for Kept { id, new } in kept {
                        let lot = match new {
                            Some(pledge) => match storage::may_promise(tx, role, client, pledge, now_ms / 1_000)? {
                                Some(lot) => Some((lot, pledge)),
                                None => continue,
                            },
                            None => None,
                        };
                        receipts.extend(mailbox::promise(tx, &*entropy, client, id, lot)?);
                    }
                    Ok(receipts)
                };
                self.store.write(Durability::Full, promise).await.map(Told::Receipts)
            }
            Asked::Answered { mailbox, answer } => {
                let note = move |tx: &rusqlite::Transaction<'_>| mailbox::answered(tx, mailbox, answer);
                if self.store.write(Durability::Normal, note).await? {
                    self.events.send(Event::NetworkChanged);
                }
                Ok(Told::Noted)
            }
            Asked::Report { by, number, report } => {
                let take = move |tx: &rusqlite::Transaction<'_>| report::take(tx, by, &report, now_ms);
                let taken = self.store.write(Durability::Full, take).await?;
                self.events.send(Event::NetworkChanged);
                Ok(Told::Reported { number, taken })
            }
            Asked::Reported { anchor, number, taken } => {
                let note = move |tx: &rusqlite::Transaction<'_>| report::answered(tx, anchor, number, taken);
                self.store.write(Durability::Full, note).await?;
                self.events.send(Event::NetworkChanged);
                Ok(Told::Noted)
            }
            Asked::Held { key, receipts } => {
                // Of mail that others wrote nothing is to be told: it is not even checked.
                let own = self.store.read(move |db| {
                    let mut own = backup::waiting_for_receipt(db, &receipts)?;
                    own.extend(thread::waiting_for_receipt(db, receipts)?);
                    Ok(own)
                });
                let own = own.await?;
                let signed: Vec<_> =
                    own.into_iter().filter(|receipt| mailbox::is_signed(&key, receipt)).map(|it| it.entry).collect();
                if !signed.is_empty() {
                    let note = move |tx: &rusqlite::Transaction<'_>| {
                        Ok((thread::held(tx, &signed)?, backup::held(tx, &signed)?))
                    };
                    let (threads, backed_up) = self.store.write(Durability::Full, note).await?;
                    for thread in threads {
                        self.events.send(Event::ThreadChanged(thread));
                    }
                    if backed_up {
                        self.events.send(Event::PersonasChanged);
                    }
                }
                Ok(Told::Noted)
            }
        }
    }
}
