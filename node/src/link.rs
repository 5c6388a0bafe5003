//! Devices that share a persona (DESIGN §3): one that holds its root certifies the key of another, which takes the persona
//! in as its own. What they tell each other from then on is `record`'s and `thread`'s.
//!
//! How two devices come to that is in [`talk`]: over one connection, by a code that one shows and the other takes.

mod code;
#[cfg(test)]
mod cut;
mod frame;
mod history;
mod pair;
mod talk;

use std::sync::{Arc, PoisonError};

use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

use crate::author;
use crate::device::{CAP_MAIN, PURPOSE_DEVICE};
use crate::entry::{DeviceCertBody, Entry, Header, Introduction, Kind, Run, Unverified, sign};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::{Notes, Origin};
use crate::id::{DeviceKey, PersonaId};
use crate::keyring::OwnKeys;
use crate::name::plain_name;
use crate::node::Node;
use crate::store::Durability;
use crate::{device, installation, persona, record, thread};

pub use self::code::{link_code_gives, link_code_is_separate};
pub use self::frame::fuzz_link_frame;
pub(crate) use self::history::{keep_history, leave};
pub use self::pair::LinkGive;
pub(crate) use self::pair::keep_desk;
pub use self::talk::LinkError;

/// What a device is given of one persona.
#[derive(Clone)]
pub(crate) struct Share {
    pub(crate) persona: PersonaId,
    /// Runs of entries: who the persona is, and the certificate of the device.
    pub(crate) statements: Vec<u8>,
    /// For a device that is to be *main*.
    pub(crate) root: Option<Zeroizing<[u8; 32]>>,
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Share").field("persona", &self.persona).finish_non_exhaustive()
    }
}

impl Node {
    /// Whether this device was linked, and what another own one has of its personas is still on its way: nobody has confirmed
    /// what is here of one of them.
    pub async fn is_fetching(&self) -> Result<bool> {
        let waits = self.inner().store.read(|db| {
            let sql = "SELECT EXISTS (SELECT 1 FROM author WHERE own = 1 AND synced_ms = 0)";
            Ok(db.prepare_cached(sql)?.query_row([], |row| row.get::<_, bool>(0))?)
        });
        if !waits.await? {
            return Ok(false);
        }
        let devices = self.devices().await?;
        let since_ms = devices.iter().find(|device| device.this).map_or(0, |device| device.linked_ms);
        Ok(devices.iter().any(|device| !device.this && !device.revoked && device.linked_ms < since_ms))
    }

    /// A key for this device to sign with, before it is certified.
    ///
    /// # Errors
    /// Where the system has no randomness.
    pub(crate) fn draw_device(&self) -> Result<SigningKey> {
        Ok(SigningKey::from_bytes(&Zeroizing::new(self.inner().random()?)))
    }

    /// Certifies another device for an own persona; `main`: it gets the root, and can certify and revoke.
    ///
    /// # Errors
    /// `NotFound` where the persona is not an own one, `BadInput` where this device does not hold its root.
    pub(crate) async fn certify_device(&self, persona: PersonaId, device: DeviceKey, main: bool) -> Result<Share> {
        let persona = self.own_persona(Some(persona)).await?;
        let inner = self.inner();
        let key = self.root_of(persona).await?;
        let root = Zeroizing::new(key.to_bytes());
        let certificate = self.certificate(persona, &key, device, main)?;
        let mut statements = inner
            .store
            .read(move |db| {
                let row = db.query_row("SELECT row FROM author WHERE id = ?1", [persona], |row| row.get(0))?;
                thread::statements(db, row, device)
            })
            .await?;
        Run::from_entries(std::slice::from_ref(&certificate.0)).iter().for_each(|run| run.encode(&mut statements));
        // Before the other device has it: what it could show only later no revocation would cover.
        let outcome = inner.gate()?.submit(Origin::Own, vec![certificate]).await?;
        if let Some((_, error)) = outcome.refused.into_iter().next() {
            return Err(error.into());
        }
        inner.store.write(Durability::Full, move |tx| installation::know_keys(tx, &[device])).await?;
        Ok(Share { persona, statements, root: Some(root).filter(|_| main) })
    }

    /// What a root says of a device.
    pub(crate) fn certificate(
        &self,
        persona: PersonaId,
        root: &SigningKey,
        device: DeviceKey,
        main: bool,
    ) -> Result<Unverified<Entry>> {
        let inner = self.inner();
        let caps = if main { CAP_MAIN } else { 0 };
        let cert = DeviceCertBody { device, caps, purpose: PURPOSE_DEVICE, not_after: 0 };
        let signer = DeviceKey::from(&root.verifying_key());
        let header = Header::statement(persona, signer, Kind::DeviceCert, inner.clock.unix_s());
        Ok(sign(root, header, cert.encode(inner.random()?)))
    }

    /// Takes a persona in as an own one of this device, whose key was certified. `name`: what it is called until its profile
    /// is here.
    ///
    /// # Errors
    /// `Entry` where the statements do not say so, `BadInput` where it is an own one already.
    pub(crate) async fn adopt_persona(&self, device: SigningKey, share: Share, name: &str) -> Result<()> {
        let Share { persona, statements, root } = share;
        if self.inner().keyring().get(persona).is_some() {
            return Err(Error::BadInput("this persona is on this device already".to_owned()));
        }
        let key = DeviceKey::from(&device.verifying_key());
        let entries = Introduction::certified(persona, key, &statements)?;
        let entries = entries.into_iter().map(|entry| Unverified(entry.into_inner())).collect();
        let root = root.map(|root| SigningKey::from_bytes(&root));
        let now_ms = i64::try_from(self.inner().clock.unix_ms()).unwrap_or(i64::MAX);
        self.own_persona_from(persona, OwnKeys { device, root }, entries, now_ms).await?;
        let name = plain_name(name);
        let called = move |tx: &rusqlite::Transaction<'_>| {
            let unnamed = "UPDATE author SET name = ?2 WHERE id = ?1 AND profile_row = 0 AND name = ''";
            Ok(tx.execute(unnamed, rusqlite::params![persona, name]).map(drop)?)
        };
        self.inner().store.write(Durability::Normal, called).await?;
        self.inner().events.send(Event::PersonasChanged);
        Ok(())
    }

    /// A persona is an own one from now on: with these keys, and the statements that say so. `made_ms`: its place among the
    /// others.
    ///
    /// # Errors
    /// `Entry` where the statements are refused.
    pub(crate) async fn own_persona_from(
        &self,
        persona: PersonaId,
        keys: OwnKeys,
        statements: Vec<Unverified<Entry>>,
        made_ms: i64,
    ) -> Result<()> {
        let inner = self.inner();
        let device = keys.device.clone();
        // Keys first, as when a persona is made.
        inner.keyring().add(&*inner.keystore, &inner.tag, persona, keys)?;
        let outcome = inner.gate()?.submit(Origin::Own, statements).await?;
        if let Some((_, error)) = outcome.refused.into_iter().next() {
            return Err(error.into());
        }
        let (entropy, keyring) = (Arc::clone(&inner.entropy), Arc::clone(&inner.keyring));
        let now_ms = i64::try_from(inner.clock.unix_ms()).unwrap_or(i64::MAX);
        inner
            .store
            .write(Durability::Full, move |tx| {
                persona::own(tx, persona, made_ms)?;
                let keyring = keyring.lock().unwrap_or_else(PoisonError::into_inner);
                installation::note(tx, &*entropy, &keyring, now_ms)?;
                let row = author::row(tx, persona)?;
                installation::know_keys(tx, &device::all(tx, row)?)?;
                let mut notes = Notes::default();
                record::devices_came(tx, &mut notes, row, &OwnKeys { device, root: None })
            })
            .await?;
        inner.events.send(Event::PersonasChanged);
        inner.tell_queued();
        self.authors_changed().await;
        Ok(())
    }
}
