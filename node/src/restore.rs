//! Being oneself again after every device was lost (DESIGN §3 "Recovery"): from the recovery phrase and any anchor. The
//! phrase finds a sealed backup among the mail of a bucket; who the personas are and what their devices wrote comes from
//! whoever carries them. Then the phrase puts another root in the place of the lost one, which certifies a fresh key of
//! this device, and no other device that is not named. So no author contradicts itself (invariant 13): nothing that signed
//! before signs again, and the logs of lost devices end where they are known to end.
//!
//! Where there is no backup, the phrase and the id of a persona still do that, with nothing but what is public.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::backup::Found;
use crate::bucket::Bucket;
use crate::bundle::{Backed, BackedPersona};
use crate::crypto::{BackupKeys, Phrase};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::Origin;
use crate::id::{DeviceId, NodeId, PersonaId};
use crate::installation;
use crate::keyring::OwnKeys;
use crate::limits::{
    DAY_S, RESTORE_LOOK_MS, RESTORE_MS, RESTORE_QUIET_MS, RESTORE_REACH_MS, RESTORE_STRAY_MS, RESTORE_WIDER_BITS,
    VISIT_MS,
};
use crate::node::Node;
use crate::revoke::Recalled;
use crate::service::{self, Service};
use crate::store::Durability;
use crate::view::{Missing, RestoredPersona, RestoredView};
use crate::{author, follow, mail, sync};

/// What is to be taken back, and where it is looked for.
#[derive(Debug, Clone, Default)]
pub struct Restore {
    /// Tickets of nodes that are asked; where something comes back they are anchors of this profile from then on. Those that
    /// it has are asked too.
    pub anchors: Vec<String>,
    /// Personas that no backup need name.
    pub personas: Vec<PersonaId>,
    pub others: Others,
}

/// What becomes of the other devices of who takes a phrase back.
#[derive(Debug, Clone, Default)]
pub enum Others {
    /// Those that the backup knows stay, all that are known where there is none: nothing that they wrote goes. Each is taken
    /// out by its user, once what it wrote came back.
    #[default]
    Stay,
    /// All are out at once but these, by the first digits of their ids, as `devices` lists them. What they wrote that
    /// neither the backup nor this node knows of goes everywhere.
    OutBut(Vec<String>),
}

impl Node {
    /// Takes back what the phrase recovers. The network has to run. It can be repeated; personas that are own ones here
    /// already are left as they are. Whoever drops the future ends it.
    ///
    /// # Errors
    /// `NotRunning`; `BadInput` where there is nobody to ask, and for a persona that has other words or is kept separate by
    /// another node of the profile; `NoBackup` where nothing was found; `NotFound` for a device to keep that the backup does
    /// not know; `Bundle(BackupTooNew)`.
    pub async fn restore(&self, phrase: &Phrase, asked: Restore) -> Result<RestoredView> {
        let net = self.inner().net().ok_or(Error::NotRunning)?;
        self.may_take(asked.personas.iter().copied())?;
        let read = |db: &rusqlite::Connection| Ok((service::tickets(db, Service::Anchor)?, own_ids(db)?));
        let (anchors, own) = self.inner().store.read(read).await?;
        let (node, words) = (self.clone(), phrase.clone());
        // Goes with this future, and then what looks ends too, on whichever runtime it does.
        let (_held, dropped) = oneshot::channel::<()>();
        let work = async move {
            let mut added = Vec::new();
            let looked = async {
                for ticket in &asked.anchors {
                    let anchor = node.add_anchor(ticket).await?;
                    if !anchors.iter().any(|known| known.node == anchor) {
                        added.push(anchor);
                    }
                }
                node.restore_from(&net, &words, asked).await
            };
            let restored = tokio::select! {
                _gone = dropped => Err(Error::Closed),
                done = looked => done,
            };
            if restored.is_err()
                && let Err(error) = node.unless_back(own, added).await
            {
                tracing::warn!(%error, "anchors of a restore that came to nothing could not be taken out");
            }
            restored
        };
        self.inner().on_runtime(work).await?
    }

    /// Takes these anchors out again: nothing stays of what came to nothing. Where any persona is an own one now that was not
    /// among `own`, they stay: they have what goes on coming.
    async fn unless_back(&self, own: Vec<PersonaId>, anchors: Vec<NodeId>) -> Result<()> {
        if self.inner().store.read(own_ids).await? == own {
            for anchor in anchors {
                self.remove_anchor(&anchor.to_string()).await?;
            }
        }
        Ok(())
    }

    async fn restore_from(&self, net: &crate::net::Net, phrase: &Phrase, asked: Restore) -> Result<RestoredView> {
        let helpers = |kind| self.inner().store.read(move |db| service::tickets(db, kind));
        let tickets = [helpers(Service::Anchor).await?, helpers(Service::Mailbox).await?].concat();
        let nodes: BTreeSet<NodeId> = tickets.into_iter().map(|ticket| ticket.node).collect();
        if nodes.is_empty() {
            let told = "nobody is there to ask: name an anchor with --anchor TICKET";
            return Err(Error::BadInput(told.to_owned()));
        }
        let route = BackupKeys::of(phrase).route;
        let sought = self.seek(phrase, &asked.personas).await?;
        let mut brought = self.arrived(net, &nodes, &sought, route).await?;
        if self.backup_of(phrase).await?.is_none() && !brought.is_empty() {
            // What only passes through a node comes after its answer.
            tokio::time::sleep(Duration::from_millis(RESTORE_STRAY_MS)).await;
        }
        // What the backup says of whom to look for.
        let sought = self.seek(phrase, &asked.personas).await?;
        if !sought.is_empty() {
            brought = self.arrived(net, &nodes, &sought, route).await?;
        }
        self.take_back(phrase, &asked.personas, &asked.others).await.map_err(|error| match error {
            Error::NoBackup(_) => Error::NoBackup(asked_whom(&nodes, &brought)),
            error => error,
        })
    }

    /// Has the backup of a phrase come here, and what is public of the personas that it knows, and of these. The first half
    /// of [`Self::restore`], for who drives the network; to be called again once the mail has come. Answers whom it now
    /// looks for.
    pub async fn seek(&self, phrase: &Phrase, personas: &[PersonaId]) -> Result<Vec<PersonaId>> {
        let (inner, route, role) = (self.inner(), BackupKeys::of(phrase).route, self.role());
        let (own, now_ms) = (self.network_id()?, inner.clock.unix_ms());
        let expect = move |tx: &rusqlite::Transaction<'_>| {
            let bits = mail::as_long_as_own(tx, route)?.bits().saturating_sub(RESTORE_WIDER_BITS);
            let tomorrow = (now_ms / 1_000 / DAY_S + 1).cast_signed();
            sync::expect(tx, own, Bucket::new(bits, route), tomorrow)
        };
        if inner.store.write(Durability::Normal, expect).await? {
            inner.tell_routed();
        }
        let backed = self.backup_of(phrase).await?.map(|found| found.backed.personas).unwrap_or_default();
        self.may_take(backed.iter().map(|persona| persona.id).chain(personas.iter().copied()))?;
        let mut known: BTreeSet<PersonaId> =
            self.personas_here().await?.into_iter().map(|persona| persona.id).collect();
        // In the order in which they were made.
        let sought = backed.iter().map(|persona| persona.id).chain(personas.iter().copied());
        let sought: Vec<PersonaId> = sought.filter(|persona| known.insert(*persona)).collect();
        let (until_ms, visited) = (now_ms.saturating_add(VISIT_MS), sought.clone());
        let visit = move |tx: &rusqlite::Transaction<'_>| {
            let mut new = false;
            for persona in visited {
                let row = author::row(tx, persona)?;
                new |= sync::visit(tx, role, row, until_ms, sync::Sake::Look)?;
            }
            Ok(new)
        };
        let new = inner.store.write(Durability::Normal, visit).await?;
        // Of those who are carried now all is kept that says who they are.
        for BackedPersona { id, statements, .. } in backed {
            if sought.contains(&id) {
                inner.gate()?.submit(Origin::Bundle, crate::bundle::statements(&statements)?).await?;
            }
        }
        if new {
            self.authors_changed().await;
        }
        Ok(sought)
    }

    /// Makes own personas of those that the phrase recovers, from what has come: the second half of [`Self::restore`].
    ///
    /// # Errors
    /// As there.
    pub async fn take_back(&self, phrase: &Phrase, personas: &[PersonaId], others: &Others) -> Result<RestoredView> {
        let found = self.backup_of(phrase).await?;
        let here: BTreeSet<PersonaId> = self.personas_here().await?.into_iter().map(|persona| persona.id).collect();
        let (backed, made_ms, newer_cut) = match found {
            Some(Found { backed, made_ms, newer_cut }) => (Some(backed), Some(made_ms), newer_cut),
            None => (None, None, false),
        };
        let kept = match others {
            Others::Stay => None,
            Others::OutBut(keep) => Some(kept(backed.as_ref(), keep)?),
        };
        let now_ms = self.inner().clock.unix_ms();
        let mut wanted: Vec<(PersonaId, u64)> = Vec::new();
        let known = backed.iter().flat_map(|backed| &backed.personas).map(|persona| (persona.id, persona.created_ms));
        for (persona, made_ms) in known.chain(personas.iter().map(|persona| (*persona, now_ms))) {
            if !wanted.iter().any(|(id, _)| *id == persona) {
                wanted.push((persona, made_ms));
            }
        }
        if wanted.is_empty() {
            return Err(Error::NoBackup(String::new()));
        }
        self.may_take(wanted.iter().map(|(persona, _)| *persona))?;
        // Before anything is signed: of which it is the phrase, and what is here of them.
        for (persona, _) in &wanted {
            self.check_words(phrase, *persona).await.map_err(|error| match error {
                Error::NotFound { .. } => Error::NotFound { what: NOTHING_OF_IT },
                error => error,
            })?;
        }
        self.adopt_phrase(phrase)?;
        let (mut out, mut stay, mut ids) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for (persona, made_ms) in wanted {
            if !here.contains(&persona) {
                let recalled = backed.as_ref().map(|backed| recalled(backed, persona)).unwrap_or_default();
                let [gone, left] = self.take_one(phrase, (persona, made_ms), recalled, kept.as_deref()).await?;
                out.extend(gone);
                stay.extend(left);
            }
            self.keep_phrase(persona, &phrase.entropy()).await?;
            self.note_checked(persona).await?;
            ids.push(persona);
        }
        if let Some(backed) = backed {
            self.take_backed(backed).await?;
        }
        self.inner().events.send(Event::Reload);
        self.told(&ids, made_ms, newer_cut, [out.len(), stay.len()]).await
    }

    /// Answers which devices are out, and which of before still count.
    async fn take_one(
        &self,
        phrase: &Phrase,
        (persona, made_ms): (PersonaId, u64),
        recalled: Recalled,
        keep: Option<&[DeviceId]>,
    ) -> Result<[BTreeSet<DeviceId>; 2]> {
        let (device, devices) = (self.draw_device()?, recalled.devices.clone());
        let made = self.new_root(persona, phrase, &device, recalled, keep).await?;
        let keys = OwnKeys { device, root: Some(made.root) };
        let made_ms = i64::try_from(made_ms).unwrap_or(i64::MAX);
        self.own_persona_from(persona, keys, made.statements, made_ms).await?;
        // What came before it was an own one stands in the feed too.
        let now_s = i64::try_from(self.inner().clock.unix_s()).unwrap_or(i64::MAX);
        let settle = move |tx: &rusqlite::Transaction<'_>| {
            installation::recall(tx, persona, &devices)?;
            let row = author::row(tx, persona)?;
            follow::settle_carried(tx, row, now_s)
        };
        self.inner().store.write(Durability::Normal, settle).await?;
        Ok([made.out, made.stay])
    }

    async fn told(
        &self,
        ids: &[PersonaId],
        backup_ms: Option<u64>,
        newer_cut: bool,
        [out, stay]: [usize; 2],
    ) -> Result<RestoredView> {
        let all = self.personas().await?.into_iter().filter(|persona| ids.contains(&persona.id));
        let mut personas = Vec::new();
        for persona in all {
            let follows = self.follows(Some(persona.id)).await?.len() as u64;
            let circles = self.circles(Some(persona.id)).await?.len() as u64;
            personas.push(RestoredPersona { id: persona.id, name: persona.name, follows, circles });
        }
        let ids = ids.to_vec();
        let entries = self.inner().store.read(move |db| {
            let mut count = 0;
            for id in ids {
                let sql = "SELECT count(*) FROM entry JOIN author ON author.row = entry.author_row
                           WHERE author.id = ?1 AND entry.log_row > 0";
                count += db.prepare_cached(sql)?.query_row([id], |row| row.get::<_, i64>(0))?;
            }
            Ok(count.cast_unsigned())
        });
        let entries = entries.await?;
        let mut missing = Vec::new();
        missing.extend(backup_ms.is_none().then_some(Missing::Backup));
        missing.extend(newer_cut.then_some(Missing::NewerBackup));
        missing.extend((entries == 0).then_some(Missing::Posts));
        missing.push(Missing::Messages);
        Ok(RestoredView {
            entries,
            follows: personas.iter().map(|persona| persona.follows).sum(),
            circles: personas.iter().map(|persona| persona.circles).sum(),
            personas,
            lists: self.lists().await?.len() as u64,
            backup_ms,
            devices_out: out as u64,
            devices_stay: stay as u64,
            missing,
        })
    }

    /// Waits until these nodes brought what they have, as far as they can be reached and go on bringing something; answers
    /// which did.
    async fn arrived(
        &self,
        net: &crate::net::Net,
        nodes: &BTreeSet<NodeId>,
        authors: &[PersonaId],
        route: u16,
    ) -> Result<Vec<NodeId>> {
        let clock = &self.inner().clock;
        let (begun_ms, mut last) = (clock.unix_ms(), (0_i64, clock.unix_ms()));
        let bucket = Bucket::new(crate::limits::BUCKET_BITS, route);
        loop {
            let settled: Vec<NodeId> =
                net.settled(authors.to_vec(), bucket).await.into_iter().filter(|node| nodes.contains(node)).collect();
            if settled.len() == nodes.len() {
                return Ok(settled);
            }
            let newest = self.inner().store.read(|db| {
                Ok(db.query_row("SELECT coalesce(max(row), 0) FROM entry", [], |row| row.get::<_, i64>(0))?)
            });
            let (newest, now_ms) = (newest.await?, clock.unix_ms());
            if newest != last.0 {
                last = (newest, now_ms);
            }
            let waited_ms = now_ms.saturating_sub(begun_ms);
            if waited_ms >= RESTORE_REACH_MS {
                let peers = net.peers().await;
                let reached = peers.iter().filter(|peer| nodes.contains(&peer.node));
                let all = reached.map(|peer| peer.node).all(|node| settled.contains(&node));
                if all || now_ms.saturating_sub(last.1) >= RESTORE_QUIET_MS || waited_ms >= RESTORE_MS {
                    return Ok(settled);
                }
            }
            tokio::time::sleep(Duration::from_millis(RESTORE_LOOK_MS)).await;
        }
    }
}

const NOTHING_OF_IT: &str = "anything of this persona, at the nodes that were asked,";

/// Which personas are own ones.
fn own_ids(db: &rusqlite::Connection) -> Result<Vec<PersonaId>> {
    Ok(author::own(db)?.into_iter().map(|own| own.id).collect())
}

/// Devices that stay, as the backup knows them.
fn kept(backed: Option<&Backed>, named: &[String]) -> Result<Vec<DeviceId>> {
    let known: BTreeSet<DeviceId> =
        backed.into_iter().flat_map(|backed| &backed.devices).map(|(_, _, device)| *device).collect();
    let mut kept = Vec::new();
    for named in named {
        let prefix = named.trim().to_lowercase();
        let mut fits = known.iter().filter(|id| !prefix.is_empty() && id.to_string().starts_with(&prefix));
        match (fits.next(), fits.next()) {
            (Some(one), None) => kept.push(*one),
            (None, _) => return Err(Error::NotFound { what: "the device that is to stay" }),
            (Some(_), Some(_)) => return Err(Error::Ambiguous { given: prefix, what: "device" }),
        }
    }
    Ok(kept)
}

/// What a backup says of one persona's devices.
fn recalled(backed: &Backed, persona: PersonaId) -> Recalled {
    let heads = backed.heads.iter().filter(|(of, ..)| *of == persona).map(|(_, device, head)| (*device, *head));
    let devices = backed.devices.iter().filter(|(of, ..)| *of == persona).map(|(_, device, id)| (*device, *id));
    Recalled { heads: heads.collect(), devices: devices.collect() }
}

/// Whom it was asked, for people.
fn asked_whom(nodes: &BTreeSet<NodeId>, brought: &[NodeId]) -> String {
    let list = |nodes: Vec<&NodeId>| {
        let short = |node: &&NodeId| node.to_string().chars().take(8).collect::<String>();
        nodes.iter().map(short).collect::<Vec<_>>().join(", ")
    };
    let (asked, lost): (Vec<&NodeId>, Vec<&NodeId>) = nodes.iter().partition(|node| brought.contains(node));
    match (asked.is_empty(), lost.is_empty()) {
        (false, true) => format!("; asked: {}", list(asked)),
        (false, false) => format!("; asked: {}; without an answer: {}", list(asked), list(lost)),
        (true, _) => format!("; no answer came from {}", list(lost)),
    }
}

#[cfg(test)]
mod tests;
