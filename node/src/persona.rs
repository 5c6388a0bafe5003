//! Own personas: making them, listing them, choosing the default.

mod colour;

use std::sync::{Arc, PoisonError};

use ed25519_dalek::SigningKey;
use rusqlite::{Connection, Transaction, params};
use zeroize::Zeroizing;

use crate::device::{CAP_MAIN, PURPOSE_DEVICE};
use crate::entry::{DeviceCertBody, Header, Kind, PersonaOpenBody, ProfileBody, sign};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::Origin;
use crate::id::{DeviceKey, PersonaId};
use crate::keyring::OwnKeys;
use crate::node::Node;
use crate::profile::checked_name;
use crate::store::Durability;
use crate::view::PersonaView;
use crate::{author, installation, recovery, setting};

/// Setting: id of the default persona.
const DEFAULT: &str = "persona.default";

impl Node {
    /// Own personas, oldest first; then those that are kept separate, but for hidden ones.
    pub async fn personas(&self) -> Result<Vec<PersonaView>> {
        let mut all = self.personas_here().await?;
        for open in self.open_compartments() {
            let apart = open.node.personas_here().await?.into_iter();
            all.extend(apart.map(|view| PersonaView { default: false, hidden: open.sealed, ..view }));
        }
        Ok(all)
    }

    /// Those of this node alone: no other may write, link or be given anything in their name.
    pub(crate) async fn personas_here(&self) -> Result<Vec<PersonaView>> {
        let separate = self.is_compartment();
        self.inner()
            .store
            .read(move |db| {
                let default = default_persona(db)?;
                let mut personas = Vec::new();
                for author::Own { id, name, picture, .. } in author::own(db)? {
                    let (default, colour) = (Some(id) == default, colour::of(db, id)?);
                    personas.push(PersonaView { id, name, default, picture, colour, separate, hidden: false });
                }
                Ok(personas)
            })
            .await
    }

    /// Makes a persona: root and device key, its opening statements, its profile. Works without a network. The first
    /// one is the default.
    ///
    /// # Errors
    /// `BadInput` for an empty or too long name, `Keystore` when the keys can't be kept.
    pub async fn create_persona(&self, name: &str) -> Result<PersonaId> {
        let name = checked_name(name)?;
        let inner = self.inner();
        if self.is_compartment() && inner.keyring().count() > 0 {
            return Err(Error::BadInput("a separate persona has its compartment for itself".to_owned()));
        }
        let phrase = self.phrase()?;
        let nonce = inner.random()?;
        let root = SigningKey::from_bytes(&Zeroizing::new(inner.random()?));
        let device = SigningKey::from_bytes(&Zeroizing::new(inner.random()?));
        let open = PersonaOpenBody { root: public(&root), nonce, recovery_hash: recovery::commitment(&phrase, &nonce) };
        let persona = open.persona();
        let cert = DeviceCertBody { device: public(&device), caps: CAP_MAIN, purpose: PURPOSE_DEVICE, not_after: 0 };
        let time = inner.clock.unix_s();
        let header = |kind| Header::statement(persona, public(&root), kind, time);
        let statements = vec![
            sign(&root, header(Kind::PersonaOpen), open.encode(inner.random()?)),
            sign(&root, header(Kind::DeviceCert), cert.encode(inner.random()?)),
        ];
        // Keys first: a crash in between leaves keys that nothing names, never a persona without keys.
        inner.keyring().add(&*inner.keystore, &inner.tag, persona, OwnKeys { device, root: Some(root) })?;
        let outcome = inner.gate()?.submit(Origin::Own, statements).await?;
        if let Some((_, error)) = outcome.refused.into_iter().next() {
            return Err(error.into());
        }
        self.write_profile(persona, ProfileBody { name, counter: 1, ..ProfileBody::default() }).await?;
        // Last: a start that was cut short leaves no half-made persona, only entries that nobody asks for.
        let now_ms = i64::try_from(inner.clock.unix_ms()).unwrap_or(i64::MAX);
        let (entropy, keyring) = (Arc::clone(&inner.entropy), Arc::clone(&inner.keyring));
        inner
            .store
            .write(Durability::Full, move |tx| {
                own(tx, persona, now_ms)?;
                let keyring = keyring.lock().unwrap_or_else(PoisonError::into_inner);
                installation::note(tx, &*entropy, &keyring, now_ms)
            })
            .await?;
        inner.events.send(Event::PersonasChanged);
        self.authors_changed().await;
        Ok(persona)
    }

    /// Chooses the persona that writes where none is named.
    ///
    /// # Errors
    /// `NotFound` when it is not an own one, `BadInput` where it is kept separate.
    pub async fn set_default_persona(&self, persona: PersonaId) -> Result<()> {
        if self.is_compartment() || self.compartment(persona).is_some() {
            let told = "a separate persona is never the default one: name it with each thing that you do with it";
            return Err(Error::BadInput(told.to_owned()));
        }
        let persona = self.own_persona(Some(persona)).await?;
        self.set_setting(DEFAULT, &persona.to_string()).await?;
        self.inner().events.send(Event::PersonasChanged);
        Ok(())
    }

    /// The named own persona, or the default one.
    ///
    /// # Errors
    /// `NotFound` when it is not an own one, `NoPersona` when there is none yet.
    pub(crate) async fn own_persona(&self, persona: Option<PersonaId>) -> Result<PersonaId> {
        self.inner()
            .store
            .read(move |db| {
                let wanted = match persona {
                    Some(persona) => Some(persona),
                    None => default_persona(db)?,
                };
                let wanted = wanted.ok_or(Error::NoPersona)?;
                let own: bool = db
                    .prepare_cached("SELECT EXISTS (SELECT 1 FROM author WHERE id = ?1 AND own = 1)")?
                    .query_row([wanted], |row| row.get(0))?;
                if own { Ok(wanted) } else { Err(Error::NotFound { what: "the persona" }) }
            })
            .await
    }
}

/// A persona is an own one from now on; the first is the default.
pub(crate) fn own(tx: &Transaction<'_>, persona: PersonaId, now_ms: i64) -> Result<()> {
    let row = author::row(tx, persona)?;
    tx.execute(
        "UPDATE author SET own = 1, followed = 1, carried = 1, created_ms = ?2 WHERE row = ?1",
        params![row, now_ms],
    )?;
    if default_persona(tx)?.is_none() {
        setting::put(tx, DEFAULT, &persona.to_string())?;
    }
    Ok(())
}

fn public(key: &SigningKey) -> DeviceKey {
    DeviceKey::from_bytes(key.verifying_key().to_bytes())
}

/// The chosen default, or the oldest own persona.
fn default_persona(db: &Connection) -> Result<Option<PersonaId>> {
    if let Some(chosen) = setting::get(db, DEFAULT)?.and_then(|text| text.parse::<PersonaId>().ok()) {
        // Another own device may have chosen one that is not here.
        let here: bool = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM author WHERE id = ?1 AND own = 1)")?
            .query_row([chosen], |row| row.get(0))?;
        if here {
            return Ok(Some(chosen));
        }
    }
    Ok(author::own(db)?.first().map(|oldest| oldest.id))
}
