//! The devices of the user as people see them (DESIGN §3): an installation has a random name that own devices alone know,
//! and signs for each persona with another key. Each tells the others who it is; whatever else the root certified is listed
//! too, so that nobody is there unseen.

mod standing;

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};

use crate::author::{self, Own};
use crate::device::{self, CAP_MAIN};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::host::Entropy;
use crate::id::{DeviceId, DeviceKey, PersonaId};
use crate::item::{self, Item, Set};
use crate::keyring::Keyring;
use crate::limits;
use crate::node::Node;
use crate::profile::checked_name;
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
        let mut devices = self.inner().store.read(all).await?;
        let copied = self.inner().twin.runs();
        devices.iter_mut().for_each(|device| device.copied = device.this && copied);
        Ok(devices)
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
    /// `NotFound` for an unknown device; `DeviceRevoked` where this one is out, as nobody would hear of it; `BadInput` for one
    /// that is out or has not told who it is yet, and for an empty or too long name.
    pub async fn rename_device(&self, id: DeviceId, name: &str) -> Result<()> {
        let name = checked_name(name)?;
        let all = self.devices().await?;
        if let Some(this) = all.iter().find(|device| device.this && device.revoked) {
            return Err(Error::DeviceRevoked(self.names_of(&this.personas).await?));
        }
        let view = all.iter().find(|device| device.id == id).ok_or(Error::NotFound { what: "the device" })?;
        if view.revoked {
            return Err(Error::BadInput("this device is revoked: it keeps the name that it had".to_owned()));
        }
        self.write_items(move |tx| {
            let Some((known, true)) = told(tx, id)? else {
                let told = "this device has not told who it is yet: rename it once it was connected with this one";
                return Err(Error::BadInput(told.to_owned()));
            };
            keep(tx, id, &Told { name, ..known }, true)
        })
        .await?;
        self.inner().events.send(Event::DevicesChanged);
        Ok(())
    }

    async fn names_of(&self, personas: &[PersonaId]) -> Result<String> {
        let all = self.personas_here().await?;
        let names = all.into_iter().filter(|persona| personas.contains(&persona.id)).map(|persona| persona.name);
        Ok(names.collect::<Vec<_>>().join(", "))
    }

    /// The device that has this id or name, or whose id begins so; also the id under which it was listed before it told who
    /// it is.
    ///
    /// # Errors
    /// `NotFound`, `Ambiguous` where several fit, or `BadInput` for too few digits.
    pub async fn resolve_device(&self, named: &str) -> Result<DeviceId> {
        let given = named.trim().to_lowercase();
        let named = given.clone();
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
        if fits.is_empty() && named.len() >= limits::ID_DIGITS {
            let before = self.inner().store.read(move |db| stood_for(db, &named)).await?;
            fits = all.iter().filter(|device| before.contains(&device.id)).collect();
        }
        match fits.as_slice() {
            [device] => Ok(device.id),
            [] => Err(Error::NotFound { what: "the device" }),
            _ => Err(Error::Ambiguous { given, what: "device" }),
        }
    }
}

pub(crate) fn all(db: &Connection) -> Result<Vec<DeviceView>> {
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
            let id = of(db, persona, &one)?;
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
                copied: false,
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

/// Devices that the user has seen in the list: ids, and what stands for keys that told nothing.
pub(crate) fn seen(db: &Connection) -> Result<BTreeSet<String>> {
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
pub(crate) fn of(db: &Connection, persona: PersonaId, device: &DeviceKey) -> Result<DeviceId> {
    let told = item::value(db, Set::DeviceKey, &key(persona, device))?.and_then(|id| id.parse().ok());
    Ok(told.unwrap_or_else(|| nameless(device)))
}

/// What stands for a device that did not tell who it is.
fn nameless(device: &DeviceKey) -> DeviceId {
    DeviceId::from_bytes(blake3::derive_key("kith 2026 device without a name v1", device.as_bytes()))
}

/// Devices that stood in the list under an id that begins so, before they told who they are.
fn stood_for(db: &Connection, named: &str) -> Result<BTreeSet<DeviceId>> {
    let mut found = BTreeSet::new();
    for Own { row, id: persona, .. } in author::own(db)? {
        for key in device::all(db, row)? {
            if nameless(&key).to_string().starts_with(named) {
                found.insert(of(db, persona, &key)?);
            }
        }
    }
    Ok(found)
}

fn key(persona: PersonaId, device: &DeviceKey) -> Vec<u8> {
    [*persona.as_bytes(), *device.as_bytes()].concat()
}

fn told(db: &Connection, id: DeviceId) -> Result<Option<(Told, bool)>> {
    let item = item::get(db, Set::Device, id.as_bytes())?;
    Ok(item.and_then(|item| Some((serde_json::from_str(&item.value).ok()?, item.present))))
}

/// The user took it out: own devices hear it from here too. It keeps what it was called.
pub(crate) fn goes(tx: &Transaction<'_>, id: DeviceId) -> Result<()> {
    told(tx, id)?.map_or(Ok(()), |(known, _)| keep(tx, id, &known, false))
}

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
            copied: false,
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
