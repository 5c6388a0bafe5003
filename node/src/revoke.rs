//! Taking devices out of personas (DESIGN §3): by the root, where this device holds the one that counts, or with the recovery
//! phrase, which puts another root in its place.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;
use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::crypto::{Phrase, recovery_key};
use crate::device::{self, CAP_MAIN, PURPOSE_DEVICE};
use crate::entry::{
    DeviceCertBody, DeviceRevokeBody, Entry, Header, Kind, LogHead, PersonaOpenBody, RootRotateBody, Unverified, sign,
};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::Origin;
use crate::id::{DeviceId, DeviceKey, EntryId, PersonaId};
use crate::installation;
use crate::keyring::OwnKeys;
use crate::limits;
use crate::node::Node;
use crate::recovery::recovers;

/// What is next where this device holds no root.
const WITH_WORDS: &str =
    "kith devices tells which one is main; here, where the 24 words are typed: kith devices revoke ID --phrase";

/// What is next for who typed words of another persona.
const OTHER_WORDS: &str = "each persona has the words of the device on which it was made, which shows them: kith recovery \
                           phrase; a main device takes others out without words";

impl Node {
    /// Takes a device out of all own personas that it shares with this one: what it wrote until now, as far as it came here,
    /// stays; what it writes from now on nobody takes, and it is given nothing more. What it has it can go on reading.
    /// `phrase`: the recovery phrase, where this device holds no root, or somebody else may hold it: a new root takes its
    /// place, and this device stays and those of `keep`, no others. Answers the personas of which it could not be taken
    /// out here: this device holds no root of theirs, or the phrase is of others.
    ///
    /// # Errors
    /// `NotFound` for an unknown device, also in `keep`; `BadInput` for one that is out already and one that is to
    /// stay; `Advised` for this device, a phrase that is of none of its personas, or without one where this device holds
    /// no root.
    pub async fn revoke_device(
        &self,
        id: DeviceId,
        phrase: Option<&Phrase>,
        keep: &[DeviceId],
    ) -> Result<Vec<PersonaId>> {
        let inner = self.inner();
        let all = self.devices().await?;
        if keep.contains(&id) || phrase.is_none() && !keep.is_empty() {
            return Err(Error::BadInput("only with the phrase others are named, and those stay".to_owned()));
        }
        if keep.iter().any(|kept| !all.iter().any(|device| device.id == *kept)) {
            return Err(Error::NotFound { what: "the device" });
        }
        let mains = all.iter().filter(|device| device.main && !device.this && device.id != id);
        let mains = mains.map(|device| device.name.clone()).collect::<Vec<_>>().join(", ");
        let view = all.into_iter().find(|device| device.id == id).ok_or(Error::NotFound { what: "the device" })?;
        if view.this {
            let told = "a device can't revoke itself; do it on another one".to_owned();
            return Err(Error::Advised {
                told,
                next: "to take a persona off this device alone: kith persona delete ID",
            });
        }
        if view.revoked {
            return Err(Error::BadInput("this device is revoked already".to_owned()));
        }
        let (mut statements, mut roots, mut left, mut why) = (Vec::new(), Vec::new(), Vec::new(), None);
        for persona in BTreeSet::from_iter(view.personas) {
            let known = inner.store.read(move |db| Known::read(db, persona)).await?;
            let said = match phrase {
                Some(phrase) => self.rerooted(persona, &known, phrase, keep).await.map(|(keys, said)| {
                    roots.push((persona, keys));
                    said
                }),
                None => self.revoked(persona, &known, id),
            };
            match said {
                Ok(said) => statements.extend(said),
                // The others all the same.
                Err(error @ (Error::BadInput(_) | Error::Advised { .. })) => {
                    if known.devices.iter().any(|(device, of)| *of == id && !known.out.contains(device)) {
                        left.push(persona);
                    }
                    why = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(error) = why.filter(|_| statements.is_empty()) {
            return Err(match phrase {
                None if !mains.is_empty() => Error::Advised {
                    told: format!(
                        "only a main device can take others out: do it on {mains}, or here with your recovery phrase"
                    ),
                    next: WITH_WORDS,
                },
                _ => error,
            });
        }
        // Once all statements stand. Keys first: a crash in between is mended by another try with the phrase.
        for (persona, keys) in roots {
            inner.keyring().add(&*inner.keystore, &inner.tag, persona, keys)?;
        }
        let outcome = inner.gate()?.submit(Origin::Own, statements).await?;
        if let Some((_, error)) = outcome.refused.into_iter().next() {
            return Err(error.into());
        }
        let out = left.is_empty();
        if out {
            self.write_items(move |tx| installation::goes(tx, id)).await?;
        }
        inner.events.send(Event::DevicesChanged);
        inner.tell_queued();
        Ok(left)
    }

    /// The root of an own persona, where this device holds the one that counts.
    pub(crate) async fn root_of(&self, persona: PersonaId) -> Result<SigningKey> {
        let counts: Option<DeviceKey> = self
            .inner()
            .store
            .read(move |db| Ok(db.query_row("SELECT root FROM author WHERE id = ?1", [persona], |row| row.get(0))?))
            .await?;
        self.held_root(persona, counts)
    }

    fn held_root(&self, persona: PersonaId, counts: Option<DeviceKey>) -> Result<SigningKey> {
        let keyring = self.inner().keyring();
        let root = keyring.get(persona).and_then(|keys| keys.root.clone()).filter(|root| Some(public(root)) == counts);
        root.ok_or_else(|| {
            let told = "only a main device can do this: use one of those, or your recovery phrase".to_owned();
            Error::Advised { told, next: WITH_WORDS }
        })
    }

    /// Statements that revoke an installation's keys of a persona.
    fn revoked(&self, persona: PersonaId, known: &Known, id: DeviceId) -> Result<Vec<Unverified<Entry>>> {
        let root = self.held_root(persona, Some(known.root))?;
        let own = self.own_device(persona)?;
        let mut statements = Vec::new();
        let of_it = known.devices.iter().filter(|(device, of)| *of == id && *device != public(&own));
        for (device, _) in of_it.filter(|(device, _)| !known.out.contains(device)) {
            statements.extend(self.revocations(persona, &root, known, *device)?);
        }
        Ok(statements)
    }

    fn revocations(
        &self,
        persona: PersonaId,
        root: &SigningKey,
        known: &Known,
        device: DeviceKey,
    ) -> Result<Vec<Unverified<Entry>>> {
        let heads = known.heads.get(&device).cloned().unwrap_or_default();
        let mut parts: Vec<_> = heads.chunks(limits::REVOKED_HEADS).map(<[_]>::to_vec).collect();
        if parts.is_empty() {
            parts.push(Vec::new());
        }
        let say = |heads| {
            let body = DeviceRevokeBody { device, heads }.encode(self.inner().random()?);
            Ok(sign(root, self.statement(persona, root, Kind::DeviceRevoke), body))
        };
        parts.into_iter().map(say).collect()
    }

    fn own_device(&self, persona: PersonaId) -> Result<SigningKey> {
        let own = self.inner().keyring().get(persona).map(|keys| keys.device.clone());
        own.ok_or(Error::NotFound { what: "the persona" })
    }

    fn statement(&self, persona: PersonaId, by: &SigningKey, kind: Kind) -> Header {
        Header::statement(persona, public(by), kind, self.inner().clock.unix_s())
    }

    /// A new root for an own persona of this device, which is not kept yet, and all that it says of its devices.
    async fn rerooted(
        &self,
        persona: PersonaId,
        known: &Known,
        phrase: &Phrase,
        keep: &[DeviceId],
    ) -> Result<(OwnKeys, Vec<Unverified<Entry>>)> {
        let own = self.own_device(persona)?;
        let (root, statements) = self.rotated(persona, known, phrase, &own, keep).await?;
        Ok((OwnKeys { device: own, root: Some(root) }, statements))
    }

    /// A new root for a persona that this device takes back with a key of its own: what it says, and which devices are
    /// out by that. `recalled`: what a backup says of devices; what they wrote stays that stands there, or here. `keep`:
    /// devices that stay; `None`: those of the backup, without one all that count.
    ///
    /// # Errors
    /// `Advised` where the phrase is another persona's, `NotFound` where the persona's statements are not here.
    pub(crate) async fn new_root(
        &self,
        persona: PersonaId,
        phrase: &Phrase,
        own: &SigningKey,
        recalled: Recalled,
        keep: Option<&[DeviceId]>,
    ) -> Result<NewRoot> {
        let known = self.inner().store.read(move |db| Known::read(db, persona)).await?;
        let known = known.recalling(recalled);
        let is_named = |device| known.recalled.is_empty() || known.recalled.contains(device);
        let named = || known.devices.iter().filter(|(device, _)| is_named(device)).map(|(_, of)| *of).collect();
        let keep = keep.map_or_else(named, <[DeviceId]>::to_vec);
        let (root, statements) = self.rotated(persona, &known, phrase, own, &keep).await?;
        let counted = known.devices.iter().filter(|(device, _)| !known.out.contains(device)).map(|(_, of)| *of);
        let (stay, out) = counted.partition(|of| keep.contains(of));
        Ok(NewRoot { root, statements, out, stay })
    }

    /// The statement that puts a root in place of the one that counts. Above the highest counter there is none: where
    /// somebody who has the phrase too said that one, the higher id counts, and one is looked for, for some seconds.
    async fn outdoing(
        &self,
        persona: PersonaId,
        known: &Known,
        recovery: &SigningKey,
        root: DeviceKey,
    ) -> Result<Unverified<Entry>> {
        let counter = known.root_counter.saturating_add(1).min(limits::LARGEST_NUMBER);
        let above = known.root_change.filter(|_| counter == known.root_counter);
        let (header, rotate) = (self.statement(persona, recovery, Kind::RootRotate), RootRotateBody { root, counter });
        let salt = u128::from_le_bytes(self.inner().random()?);
        let look = move || {
            (0..limits::ROOT_TRIES).find_map(|tried| {
                let body = rotate.encode(salt.wrapping_add(u128::from(tried)).to_le_bytes());
                let header = header.clone().with_body(&body);
                above.is_none_or(|above| header.id() > above).then_some((header, body))
            })
        };
        let told = "somebody who has this recovery phrase put a root in place that this device could not outdo: try again, \
                    or go on with a new persona";
        let found = self.inner().off_thread(look).await?.ok_or_else(|| Error::BadInput(told.to_owned()))?;
        Ok(sign(recovery, found.0, found.1))
    }

    /// A new root for a persona, and all that it says of its devices: `own` stays, and those of `keep`.
    async fn rotated(
        &self,
        persona: PersonaId,
        known: &Known,
        phrase: &Phrase,
        own: &SigningKey,
        keep: &[DeviceId],
    ) -> Result<(SigningKey, Vec<Unverified<Entry>>)> {
        let inner = self.inner();
        let recovery = recovery_key(phrase, &known.open.nonce);
        if !recovers(phrase, &known.open) {
            let told = "this recovery phrase is of another persona".to_owned();
            return Err(Error::Advised { told, next: OTHER_WORDS });
        }
        let root = SigningKey::from_bytes(&Zeroizing::new(inner.random()?));
        let mut statements = vec![self.outdoing(persona, known, &recovery, public(&root)).await?];
        let this = public(own);
        let kept = known
            .devices
            .iter()
            .filter(|(device, of)| *device != this && keep.contains(of) && !known.out.contains(device));
        let stay: Vec<DeviceKey> =
            std::iter::once(this).chain(kept.map(|(device, _)| *device)).take(limits::DEVICES).collect();
        for device in &stay {
            // The others held another root, if any: they are given this one when the user makes them main again.
            let caps = if *device == this { CAP_MAIN } else { 0 };
            let cert = DeviceCertBody { device: *device, caps, purpose: PURPOSE_DEVICE, not_after: 0 };
            let header = self.statement(persona, &root, Kind::DeviceCert);
            statements.push(sign(&root, header, cert.encode(inner.random()?)));
        }
        // One without a certificate is out anyway: a revocation only keeps what it wrote. Those that the user saw go first,
        // here or when the backup was made, and half of the places stay free, however many devices a thief made.
        let mut out: Vec<_> = known.devices.iter().filter(|(device, _)| !stay.contains(device)).collect();
        out.sort_by_key(|(device, of)| !(known.recalled.contains(device) || known.seen.contains(&of.to_string())));
        for (device, _) in out {
            if known.heads.get(device).is_none_or(Vec::is_empty) {
                continue;
            }
            let revoked = self.revocations(persona, &root, known, *device)?;
            if statements.len() + revoked.len() <= limits::STATEMENTS / 2 {
                statements.extend(revoked);
            }
        }
        Ok((root, statements))
    }
}

/// What a backup says of a persona's devices.
#[derive(Debug, Default)]
pub(crate) struct Recalled {
    /// What they had written.
    pub(crate) heads: Vec<(DeviceKey, LogHead)>,
    /// Whose they are.
    pub(crate) devices: Vec<(DeviceKey, DeviceId)>,
}

/// What takes the place of a root that is lost.
pub(crate) struct NewRoot {
    pub(crate) root: SigningKey,
    pub(crate) statements: Vec<Unverified<Entry>>,
    /// Devices that are out by that.
    pub(crate) out: BTreeSet<DeviceId>,
    /// Devices of before that still count.
    pub(crate) stay: BTreeSet<DeviceId>,
}

/// What is known of an own persona's devices.
struct Known {
    root: DeviceKey,
    root_counter: u64,
    /// What put it in place.
    root_change: Option<EntryId>,
    open: PersonaOpenBody,
    /// All that were ever certified or wrote something, and whose they are.
    devices: Vec<(DeviceKey, DeviceId)>,
    /// Those that are out already.
    out: BTreeSet<DeviceKey>,
    heads: BTreeMap<DeviceKey, Vec<LogHead>>,
    /// Installations that the user has seen in the list.
    seen: BTreeSet<String>,
    /// Devices that a backup names.
    recalled: BTreeSet<DeviceKey>,
}

impl Known {
    fn read(db: &Connection, persona: PersonaId) -> Result<Self> {
        let (row, root, counter): (i64, Option<DeviceKey>, i64) = db
            .prepare_cached("SELECT row, root, root_counter FROM author WHERE id = ?1")?
            .query_row([persona], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let open = device::opening(db, row)?;
        let (mut devices, mut out, mut heads) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
        for one in device::all(db, row)? {
            devices.push((one, installation::of(db, persona, &one)?));
            heads.insert(one, device::heads(db, row, one)?);
            if device::is_revoked(db, row, one)? {
                out.insert(one);
            }
        }
        Ok(Self {
            root: root.ok_or(Error::NotFound { what: "the persona" })?,
            root_counter: counter.cast_unsigned(),
            root_change: device::root_change(db, row)?,
            open,
            devices,
            out,
            heads,
            seen: installation::seen(db)?,
            recalled: BTreeSet::new(),
        })
    }

    /// With what a backup says too: of each log what is longer, so that what anybody was told of stays.
    fn recalling(mut self, recalled: Recalled) -> Self {
        for (device, of) in recalled.devices {
            self.recalled.insert(device);
            match self.devices.iter_mut().find(|(known, _)| *known == device) {
                Some((_, known)) => *known = of,
                None => self.devices.push((device, of)),
            }
        }
        for (device, head) in recalled.heads {
            self.recalled.insert(device);
            let heads = self.heads.entry(device).or_default();
            match heads.iter_mut().find(|known| known.log == head.log) {
                Some(known) if known.seq >= head.seq => {}
                Some(known) => *known = head,
                None => heads.push(head),
            }
        }
        self
    }
}

fn public(key: &SigningKey) -> DeviceKey {
    DeviceKey::from(&key.verifying_key())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::host::MemoryKeystore;
    use crate::item::{self, Set};
    use crate::store::Durability;

    fn now<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
        work.now_or_never().unwrap()
    }

    #[test]
    fn no_root_is_replaced_where_another_persona_s_statements_fail() {
        let (alice, phone) = (Node::alone().unwrap(), Node::alone().unwrap());
        let mut personas = ["Alice", "Work"].map(|name| now(alice.create_persona(name)).unwrap());
        personas.sort();
        let mut linked = Vec::new();
        for persona in personas {
            let device = phone.draw_device().unwrap();
            linked.push([*persona.as_bytes(), *public(&device).as_bytes()].concat());
            let share = now(alice.certify_device(persona, public(&device), false)).unwrap();
            now(phone.adopt_persona(device, share, "")).unwrap();
        }
        let phones = now(phone.devices()).unwrap().first().unwrap().id;
        let told = alice.inner().store.write(Durability::Normal, move |tx| {
            linked.iter().try_for_each(|key| item::put(tx, Set::DeviceKey, key, &phones.to_string()).map(drop))
        });
        now(told).unwrap();
        // The keys of the second one are not here any more.
        let [first, second] = personas;
        alice.inner().keyring().forget(&MemoryKeystore::default(), "", second).unwrap();
        let root = || alice.inner().keyring().get(first).unwrap().root.as_ref().unwrap().to_bytes();
        let (before, phrase) = (root(), alice.phrase().unwrap());
        let failed = now(alice.revoke_device(phones, Some(&phrase), &[]));
        assert!(matches!(failed, Err(Error::NotFound { .. })));
        assert_eq!(root(), before);
        now(alice.root_of(first)).unwrap();
    }
}
