//! Whether this device is still one of an own persona's. Where it is not, what it holds stays readable, and a verb that
//! writes for that persona says so: else it would be taken in here, and by nobody else.

use std::sync::{Arc, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use crate::author::{self, Own};
use crate::device::{self, Standing};
use crate::error::{Error, Result};
use crate::id::{CircleId, DeviceKey, PersonaId};
use crate::keyring::Keyring;
use crate::node::Node;

/// Whether this device may write for an own persona.
///
/// # Errors
/// `DeviceRevoked` where the root took it out, another root does not name it, or it is beyond the places.
pub(crate) fn check(db: &Connection, keyring: &Keyring, persona: PersonaId) -> Result<()> {
    let Some(keys) = keyring.get(persona) else { return Ok(()) };
    let author: Option<(i64, String)> = db
        .prepare_cached("SELECT row, name FROM author WHERE id = ?1 AND own = 1")?
        .query_row([persona], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((row, name)) = author else { return Ok(()) };
    match device::standing(db, row, DeviceKey::from(&keys.device.verifying_key()))? {
        Standing::Certified => Ok(()),
        Standing::Revoked | Standing::Unknown => Err(Error::DeviceRevoked(name)),
    }
}

/// As [`check`], for the own persona that has a circle; where several have it, one of them is enough.
pub(crate) fn check_circle(db: &Connection, keyring: &Keyring, circle: CircleId) -> Result<()> {
    let mut statement = db.prepare_cached(
        "SELECT own.id FROM circle JOIN author AS own ON own.row = circle.own_row WHERE circle.id = ?1 ORDER BY circle.row",
    )?;
    let owners: Vec<PersonaId> =
        statement.query_map(params![circle], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut out = None;
    for owner in owners {
        match check(db, keyring, owner) {
            Err(error @ Error::DeviceRevoked(_)) => out = out.or(Some(error)),
            other => return other,
        }
    }
    out.map_or(Ok(()), Err)
}

impl Node {
    /// The named own persona, or the default one, for what is written.
    ///
    /// # Errors
    /// As [`Self::own_persona`]; `DeviceRevoked` where this device is none of its devices any more.
    pub(crate) async fn writing_persona(&self, persona: Option<PersonaId>) -> Result<PersonaId> {
        let persona = self.own_persona(persona).await?;
        let keyring = Arc::clone(&self.inner().keyring);
        self.inner()
            .store
            .read(move |db| check(db, &keyring.lock().unwrap_or_else(PoisonError::into_inner), persona))
            .await?;
        Ok(persona)
    }

    /// Own personas of which this device is none any more: nobody takes what it writes for them.
    pub async fn out_of(&self) -> Result<Vec<PersonaId>> {
        let keyring = Arc::clone(&self.inner().keyring);
        self.inner()
            .store
            .read(move |db| {
                let keyring = keyring.lock().unwrap_or_else(PoisonError::into_inner);
                let mut out = Vec::new();
                for Own { id: persona, .. } in author::own(db)? {
                    match check(db, &keyring, persona) {
                        Ok(()) => {}
                        Err(Error::DeviceRevoked(_)) => out.push(persona),
                        Err(error) => return Err(error),
                    }
                }
                Ok(out)
            })
            .await
    }

    /// One line for `doctor`; `DeviceRevoked` names the first persona that this device is out of.
    pub(crate) async fn standing_told(&self) -> Result<String> {
        if self.inner().twin.runs() {
            return Err(Error::ProfileCopied);
        }
        match self.out_of().await?.first() {
            Some(persona) => self.writing_persona(Some(*persona)).await.map(|_| String::new()),
            None => Ok("this device counts for each of your personas".to_owned()),
        }
    }
}
