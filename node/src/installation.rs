//! The devices of the user as people see them (DESIGN §3): an installation has a random name that own devices alone know,
//! and signs for each persona with another key. Each tells the others who it is; whatever else the root certified is listed
//! too, so that nobody is there unseen.

mod standing;

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::author::{self, Own};
use crate::crypto::{Phrase, recovery_key};
use crate::device::{self, CAP_MAIN, PURPOSE_DEVICE};
use crate::entry::{
    DeviceCertBody, DeviceRevokeBody, Entry, Header, Kind, LogHead, PersonaOpenBody, RootRotateBody, Unverified, sign,
};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::Origin;
use crate::host::Entropy;
use crate::id::{DeviceId, DeviceKey, PersonaId};
use crate::item::{self, Item, Set};
use crate::keyring::{Keyring, OwnKeys};
use crate::limits;
use crate::node::Node;
use crate::profile::checked_name;
use crate::recovery::recovers;
use crate::setting;
use crate::view::DeviceView;

pub(crate) use self::standing::{check, check_circle};

/// Of this device alone: its random name, and which others the user has seen in the list.
const LOCAL_ID: &str = "installation.id";
const LOCAL_SEEN: &str = "installation.seen";

/// What an installation says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    name: String,
    main: bool,
    linked_ms: u64,
}

/// Says to own devices that this one signs for its personas, where that is new. In the transaction that makes a persona an
/// own one.
pub(crate) fn note(tx: &Transaction<'_>, entropy: &dyn Entropy, keyring: &Keyring, now_ms: i64) -> Result<()> {
    let id = drawn(tx, entropy)?;
    let mut main = false;
    for Own { id: persona, .. } in author::own(tx)? {
        let Some(keys) = keyring.get(persona) else { continue };
        main |= keys.root.is_some();
        put(tx, Set::DeviceKey, &key(persona, &public(&keys.device)), true, &id.to_string())?;
    }
    let known = told(tx, id)?.map(|(told, _)| told);
    let told = known.unwrap_or_else(|| Told {
        name: default_name(),
        main,
        linked_ms: u64::try_from(now_ms).unwrap_or_default(),
    });
    keep(tx, id, &Told { main, ..told }, true)
}

/// What a backup of the user's own says of whose these keys are, where nobody told of them here: lost devices say nothing
/// any more.
pub(crate) fn recall(tx: &Transaction<'_>, persona: PersonaId, devices: &[(DeviceKey, DeviceId)]) -> Result<()> {
    for (device, of) in devices {
        let key = key(persona, device);
        if this(tx)? != Some(*of) && item::get(tx, Set::DeviceKey, &key)?.is_none() {
            put(tx, Set::DeviceKey, &key, true, &of.to_string())?;
        }
    }
    Ok(())
}

/// The name and what people call this installation, for another device before the two share anything.
pub(crate) fn about(tx: &Transaction<'_>, entropy: &dyn Entropy) -> Result<(DeviceId, String)> {
    let id = drawn(tx, entropy)?;
    Ok((id, told(tx, id)?.map_or_else(default_name, |(told, _)| told.name)))
}

/// Devices that sign with these keys are news to nobody, also once they told who they are: this one certified them, or takes
/// a persona in beside them.
pub(crate) fn know_keys(tx: &Transaction<'_>, keys: &[DeviceKey]) -> Result<()> {
    let mut seen = seen(tx)?;
    seen.extend(keys.iter().map(|key| nameless(key).to_string()));
    put_seen(tx, seen)
}

fn put_seen(tx: &Transaction<'_>, seen: BTreeSet<String>) -> Result<()> {
    setting::put_local(tx, LOCAL_SEEN, &Vec::from_iter(seen).join(" "))
}

/// The random name of this installation, which is drawn once.
fn drawn(tx: &Transaction<'_>, entropy: &dyn Entropy) -> Result<DeviceId> {
    if let Some(id) = this(tx)? {
        return Ok(id);
    }
    let mut id = [0; 32];
    entropy.fill(&mut id)?;
    let id = DeviceId::from_bytes(id);
    setting::put_local(tx, LOCAL_ID, &id.to_string())?;
    Ok(id)
}

impl Node {
    /// Own devices, this one first, then by when they were linked; revoked ones last.
    pub async fn devices(&self) -> Result<Vec<DeviceView>> {
        self.inner().store.read(all).await
    }

    /// How many own devices the user has not seen in the list yet.
    pub async fn new_devices(&self) -> Result<usize> {
        Ok(self.devices().await?.iter().filter(|device| device.new).count())
    }

    /// The user has seen the list as it is now.
    pub async fn see_devices(&self) -> Result<()> {
        let look = |tx: &Transaction<'_>| {
            let mut seen = BTreeSet::new();
            for view in all(tx)? {
                seen.insert(view.id.to_string());
            }
            for persona in author::own(tx)? {
                let keys = device::all(tx, persona.row)?;
                seen.extend(keys.iter().map(|key| nameless(key).to_string()));
            }
            put_seen(tx, seen)
        };
        self.inner().store.write(crate::store::Durability::Normal, look).await?;
        self.inner().events.send(Event::DevicesChanged);
        Ok(())
    }

    /// A device that was linked with this one just now is news to nobody.
    pub(crate) async fn know_device(&self, id: String) -> Result<()> {
        let noted = move |tx: &Transaction<'_>| {
            let mut seen = seen(tx)?;
            seen.insert(id);
            put_seen(tx, seen)
        };
        self.inner().store.write(crate::store::Durability::Full, noted).await?;
        self.inner().events.send(Event::DevicesChanged);
        Ok(())
    }

    /// What a linking showed of another device, until that one tells it itself: what was told before stands.
    pub(crate) async fn note_linked(
        &self,
        id: DeviceId,
        name: &str,
        (persona, device): (PersonaId, DeviceKey),
        main: bool,
    ) -> Result<()> {
        let name = checked_name(name).unwrap_or_default();
        let now_ms = self.inner().clock.unix_ms();
        self.write_items(move |tx| {
            // One that was there before was certified then.
            let row = tx.query_row("SELECT row FROM author WHERE id = ?1", [persona], |row| row.get(0))?;
            let certified_ms = device::certified(tx, row, device)?.at_s.saturating_mul(1_000);
            let linked_ms = if now_ms.saturating_sub(certified_ms) < limits::LINK_MS { now_ms } else { certified_ms };
            let key = key(persona, &device);
            if !may_claim(tx, persona, device, &key, &id.to_string())? {
                return Ok(());
            }
            if item::get(tx, Set::DeviceKey, &key)?.is_none() {
                put(tx, Set::DeviceKey, &key, true, &id.to_string())?;
            }
            match told(tx, id)? {
                Some(_) => Ok(()),
                None => keep(tx, id, &Told { name, main, linked_ms }, true),
            }
        })
        .await
    }

    /// Gives an own device another name, on all own devices.
    ///
    /// # Errors
    /// `NotFound` for an unknown device, or one that has not told who it is yet; `BadInput` for an empty or too long name.
    pub async fn rename_device(&self, id: DeviceId, name: &str) -> Result<()> {
        let name = checked_name(name)?;
        self.write_items(move |tx| {
            let Some((known, true)) = told(tx, id)? else { return Err(Error::NotFound { what: "the device" }) };
            keep(tx, id, &Told { name, ..known }, true)
        })
        .await?;
        self.inner().events.send(Event::DevicesChanged);
        Ok(())
    }

    /// Takes a device out of all own personas that it shares with this one: what it wrote until now, as far as it came here,
    /// stays; what it writes from now on nobody takes, and it is given nothing more. What it has it can go on reading.
    /// `phrase`: the recovery phrase, where this device holds no root, or somebody else may hold it: a new root takes its
    /// place, and this device stays and those of `keep`, no others. Answers the personas of which it could not be taken
    /// out here: this device holds no root of theirs, or the phrase is of others.
    ///
    /// # Errors
    /// `NotFound` for an unknown device, also in `keep`; `BadInput` for this one, one that is out already, one that is to
    /// stay, a phrase that is of none of its personas, or without a phrase where this device holds no root.
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
        let view = all.into_iter().find(|device| device.id == id).ok_or(Error::NotFound { what: "the device" })?;
        if view.this {
            return Err(Error::BadInput("a device can't revoke itself; do it on another one".to_owned()));
        }
        if view.revoked {
            return Err(Error::BadInput("this device is revoked already".to_owned()));
        }
        let (mut statements, mut left, mut why) = (Vec::new(), Vec::new(), None);
        for persona in BTreeSet::from_iter(view.personas) {
            let known = inner.store.read(move |db| Known::read(db, persona)).await?;
            let said = match phrase {
                Some(phrase) => self.rerooted(persona, &known, phrase, keep),
                None => self.revoked(persona, &known, id),
            };
            match said {
                Ok(said) => statements.extend(said),
                // The others all the same.
                Err(error @ Error::BadInput(_)) => {
                    if known.devices.iter().any(|(device, of)| *of == id && !known.out.contains(device)) {
                        left.push(persona);
                    }
                    why = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(error) = why.filter(|_| statements.is_empty()) {
            return Err(error);
        }
        let outcome = inner.gate()?.submit(Origin::Own, statements).await?;
        if let Some((_, error)) = outcome.refused.into_iter().next() {
            return Err(error.into());
        }
        let out = left.is_empty();
        self.write_items(move |tx| match told(tx, id)? {
            Some((known, _)) if out => self::keep(tx, id, &known, false),
            _ => Ok(()),
        })
        .await?;
        inner.events.send(Event::DevicesChanged);
        inner.tell_queued();
        Ok(left)
    }

    /// The device that has this id, or whose id or name begins so.
    ///
    /// # Errors
    /// `NotFound`, `Ambiguous` where several fit, or `BadInput` for too few digits.
    pub async fn resolve_device(&self, named: &str) -> Result<DeviceId> {
        let named = named.trim().to_lowercase();
        if named.is_empty() {
            return Err(Error::NotFound { what: "the device" });
        }
        let all = self.devices().await?;
        let mut fits: Vec<_> = all.iter().filter(|device| device.name.to_lowercase() == named).collect();
        if fits.is_empty() {
            fits = all.iter().filter(|device| device.id.to_string().starts_with(&named)).collect();
            if !fits.is_empty() && named.len() < limits::ID_DIGITS {
                let told = format!("{named} is too short for an id: give {} digits or more", limits::ID_DIGITS);
                return Err(Error::BadInput(told));
            }
        }
        match fits.as_slice() {
            [device] => Ok(device.id),
            [] => Err(Error::NotFound { what: "the device" }),
            _ => Err(Error::Ambiguous { given: named, what: "device" }),
        }
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
            Error::BadInput("only a main device can do this: use one of those, or your recovery phrase".to_owned())
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

    /// A new root for an own persona of this device, and all that it says of its devices.
    fn rerooted(
        &self,
        persona: PersonaId,
        known: &Known,
        phrase: &Phrase,
        keep: &[DeviceId],
    ) -> Result<Vec<Unverified<Entry>>> {
        let inner = self.inner();
        let own = self.own_device(persona)?;
        let (root, statements) = self.rotated(persona, known, phrase, &own, keep)?;
        // Keys first: a crash in between is mended by another try with the phrase.
        inner.keyring().add(&*inner.keystore, &inner.tag, persona, OwnKeys { device: own, root: Some(root) })?;
        Ok(statements)
    }

    /// A new root for a persona that this device takes back with a key of its own: what it says, and which devices are
    /// out by that. `recalled`: what a backup says of devices; what they wrote stays that stands there, or here. `keep`:
    /// devices that stay; `None`: those of the backup, without one all that count.
    ///
    /// # Errors
    /// `BadInput` where the phrase is another persona's, `NotFound` where the persona's statements are not here.
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
        let (root, statements) = self.rotated(persona, &known, phrase, own, &keep)?;
        let counted = known.devices.iter().filter(|(device, _)| !known.out.contains(device)).map(|(_, of)| *of);
        let (stay, out) = counted.partition(|of| keep.contains(of));
        Ok(NewRoot { root, statements, out, stay })
    }

    /// A new root for a persona, and all that it says of its devices: `own` stays, and those of `keep`.
    fn rotated(
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
            return Err(Error::BadInput("this recovery phrase is of another persona".to_owned()));
        }
        let root = SigningKey::from_bytes(&Zeroizing::new(inner.random()?));
        let rotate = RootRotateBody { root: public(&root), counter: known.root_counter.saturating_add(1) };
        let mut statements =
            vec![sign(&recovery, self.statement(persona, &recovery, Kind::RootRotate), rotate.encode(inner.random()?))];
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
            devices.push((one, installation_of(db, persona, &one)?));
            heads.insert(one, device::heads(db, row, one)?);
            if device::is_revoked(db, row, one)? {
                out.insert(one);
            }
        }
        Ok(Self {
            root: root.ok_or(Error::NotFound { what: "the persona" })?,
            root_counter: counter.cast_unsigned(),
            open,
            devices,
            out,
            heads,
            seen: seen(db)?,
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

fn all(db: &Connection) -> Result<Vec<DeviceView>> {
    let this = this(db)?;
    let seen = seen(db)?;
    let mut found: BTreeMap<DeviceId, DeviceView> = BTreeMap::new();
    for Own { row, id: persona, .. } in author::own(db)? {
        let mut devices = BTreeSet::from_iter(device::all(db, row)?);
        // This one too where another root says nothing of it, and it wrote nothing.
        for (key, of) in item::beginning(db, Set::DeviceKey, persona.as_bytes())? {
            let device = key.get(32..).and_then(DeviceKey::from_slice);
            devices.extend(device.filter(|_| this.is_some_and(|this| this.to_string() == of)));
        }
        for one in devices {
            let id = installation_of(db, persona, &one)?;
            let device::Certified { caps, at_s } = device::certified(db, row, one)?;
            let revoked = !device::counts(db, persona, one)?;
            let view = found.entry(id).or_insert_with(|| DeviceView {
                id,
                name: String::new(),
                this: Some(id) == this,
                main: false,
                linked_ms: at_s.saturating_mul(1_000),
                revoked: true,
                personas: Vec::new(),
                out: Vec::new(),
                new: true,
            });
            view.new &= !seen.contains(&nameless(&one).to_string());
            view.main |= caps & CAP_MAIN != 0 && !revoked;
            view.revoked &= revoked;
            if !revoked {
                view.out.retain(|known| *known != persona);
            } else if !view.personas.contains(&persona) {
                view.out.push(persona);
            }
            if !view.personas.contains(&persona) {
                view.personas.push(persona);
            }
        }
    }
    for (id, view) in &mut found {
        if let Some((told, _)) = told(db, *id)? {
            (view.name, view.linked_ms) = (told.name, told.linked_ms);
        }
    }
    let mut all: Vec<DeviceView> = found.into_values().collect();
    all.sort_by_key(|view| (view.linked_ms, view.id));
    tell_apart(&mut all);
    for view in &mut all {
        view.new &= !view.this && !view.revoked && !seen.contains(&view.id.to_string());
    }
    all.sort_by_key(|view| (view.revoked, !view.this, view.linked_ms, view.id));
    Ok(all)
}

/// Several that are called alike carry the first digits of their ids: whatever else comes or goes, no name that somebody
/// remembers goes over to another device, and it is the same on all.
fn tell_apart(all: &mut [DeviceView]) {
    let mut alike: BTreeMap<String, u32> = BTreeMap::new();
    for view in all.iter().filter(|view| !view.name.is_empty()) {
        *alike.entry(view.name.clone()).or_default() += 1;
    }
    for view in all.iter_mut().filter(|view| alike.get(&view.name).is_some_and(|count| *count > 1)) {
        let digits: String = view.id.to_string().chars().take(limits::ID_DIGITS).collect();
        view.name = format!("{} {digits}", view.name);
    }
}

fn seen(db: &Connection) -> Result<BTreeSet<String>> {
    Ok(setting::local(db, LOCAL_SEEN)?.unwrap_or_default().split(' ').map(str::to_owned).collect())
}

/// Whether a device may say that a key of a persona is an installation's: each speaks for its own key alone, not as this
/// installation, and not as one that signs with another key already.
pub(crate) fn may_claim(db: &Connection, persona: PersonaId, by: DeviceKey, item_key: &[u8], id: &str) -> Result<bool> {
    let claimed = key(persona, &by);
    if item_key != claimed || this(db)?.is_some_and(|this| this.to_string() == id) {
        return Ok(false);
    }
    for (other, of) in item::beginning(db, Set::DeviceKey, persona.as_bytes())? {
        let device = other.get(32..).and_then(DeviceKey::from_slice);
        if of == id && other != claimed && device.map_or(Ok(false), |device| device::counts(db, persona, device))? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn this(db: &Connection) -> Result<Option<DeviceId>> {
    Ok(setting::local(db, LOCAL_ID)?.and_then(|id| id.parse().ok()))
}

/// Whose a device key is; one that nobody told of stands for itself.
fn installation_of(db: &Connection, persona: PersonaId, device: &DeviceKey) -> Result<DeviceId> {
    let told = item::value(db, Set::DeviceKey, &key(persona, device))?.and_then(|id| id.parse().ok());
    Ok(told.unwrap_or_else(|| nameless(device)))
}

/// What stands for a device that did not tell who it is.
fn nameless(device: &DeviceKey) -> DeviceId {
    DeviceId::from_bytes(blake3::derive_key("kith 2026 device without a name v1", device.as_bytes()))
}

fn key(persona: PersonaId, device: &DeviceKey) -> Vec<u8> {
    [*persona.as_bytes(), *device.as_bytes()].concat()
}

fn told(db: &Connection, id: DeviceId) -> Result<Option<(Told, bool)>> {
    let item = item::get(db, Set::Device, id.as_bytes())?;
    Ok(item.and_then(|item| Some((serde_json::from_str(&item.value).ok()?, item.present))))
}

/// One that is out keeps what it was called.
fn keep(tx: &Transaction<'_>, id: DeviceId, told: &Told, present: bool) -> Result<()> {
    let value = serde_json::to_string(told).map_err(|_| Error::Bug("a device could not be written down"))?;
    put(tx, Set::Device, id.as_bytes(), present, &value)
}

fn put(tx: &Transaction<'_>, set: Set, key: &[u8], present: bool, value: &str) -> Result<()> {
    let known = item::get(tx, set, key)?;
    if known.as_ref().is_some_and(|known| known.present == present && known.value == value) {
        return Ok(());
    }
    let counter = known.map_or(0, |known| known.counter).saturating_add(1);
    item::merge(tx, set, key, &Item { present, counter, value: value.to_owned() }).map(drop)
}

/// Until the user says otherwise: what is called so in all languages.
fn default_name() -> String {
    match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "Mac",
        "windows" => "Windows",
        "android" => "Android",
        "ios" => "iPhone",
        other => other,
    }
    .to_owned()
}

fn public(key: &SigningKey) -> DeviceKey {
    DeviceKey::from(&key.verifying_key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_that_are_called_alike_carry_digits_of_their_ids() {
        let view = |number: u8, name: &str| DeviceView {
            id: DeviceId::from_bytes([number; 32]),
            name: name.to_owned(),
            this: false,
            main: false,
            linked_ms: number.into(),
            revoked: false,
            personas: Vec::new(),
            out: Vec::new(),
            new: false,
        };
        let named = |mut all: Vec<DeviceView>| {
            tell_apart(&mut all);
            all.into_iter().map(|view| view.name).collect::<Vec<_>>()
        };
        assert_eq!(named(vec![view(1, "Linux"), view(2, "Mac"), view(3, ""), view(4, "")]), ["Linux", "Mac", "", ""]);
        // In whatever order they came.
        let all = [view(1, "Linux"), view(2, ""), view(0x1f, "Linux"), view(4, "Mac")];
        assert_eq!(named(all.to_vec()), ["Linux 0101", "", "Linux 1f1f", "Mac"]);
        let turned = all.into_iter().rev().collect();
        assert_eq!(named(turned), ["Mac", "Linux 1f1f", "", "Linux 0101"]);
    }
}
