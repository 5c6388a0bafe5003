//! The recovery phrase (DESIGN §3): where it rests, which personas it puts another root in place for, and whether the user
//! has written it down. What its words are, and the keys that come from them, stands in `crypto/phrase.rs`.
//!
//! A profile has one, which its personas are made with. A persona that came from elsewhere has one of its own beside it.

use rusqlite::{Connection, OptionalExtension as _, Transaction};
use zeroize::Zeroizing;

use crate::crypto::{Phrase, recovery_key};
use crate::entry::{PersonaOpenBody, recovery_hash};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::host::{Keystore, KeystoreError};
use crate::id::{DeviceKey, PersonaId};
use crate::node::Node;
use crate::store::Durability;
use crate::{device, keyring, setting};

/// Setting of this device, with the persona behind it: its phrase was typed back.
const CHECKED: &str = "recovery.checked.";

impl Node {
    /// The 24 words that recover a persona (the default one when `None`), to show them to its user.
    ///
    /// # Errors
    /// `NoPhrase` where they are not on this device: a persona's words stay where it was made, and where a bundle with its
    /// keys was taken in.
    pub async fn recovery_phrase(&self, persona: Option<PersonaId>) -> Result<(PersonaId, Zeroizing<String>)> {
        let persona = self.own_persona(persona).await?;
        let phrase = self.own_phrase(persona).await?.ok_or(Error::NoPhrase)?;
        Ok((persona, Zeroizing::new(phrase.words().collect::<Vec<_>>().join(" "))))
    }

    /// The user typed the words back: from now on the persona counts as protected.
    ///
    /// # Errors
    /// `BadInput` where they are other words, `Advised` where they are no phrase.
    pub async fn check_phrase(&self, persona: Option<PersonaId>, typed: &str) -> Result<PersonaId> {
        let typed = Phrase::parse(typed)?;
        let persona = self.own_persona(persona).await?;
        self.check_words(&typed, persona).await?;
        self.note_checked(persona).await?;
        Ok(persona)
    }

    /// # Errors
    /// `BadInput` where they are not the words of this persona, `NotFound` where nothing of it is here.
    pub(crate) async fn check_words(&self, phrase: &Phrase, persona: PersonaId) -> Result<()> {
        match recovers(phrase, &self.opened(persona).await?) {
            true => Ok(()),
            false => Err(Error::BadInput("these are not the words of this persona".to_owned())),
        }
    }

    /// The user has the words of a persona: they were typed.
    pub(crate) async fn note_checked(&self, persona: PersonaId) -> Result<()> {
        let key = checked(persona);
        self.inner().store.write(Durability::Full, move |tx| setting::put_local(tx, &key, "1")).await?;
        self.inner().events.send(Event::PersonasChanged);
        Ok(())
    }

    /// The phrase of this profile: drawn at the first start, kept until it is shown.
    pub(crate) fn phrase(&self) -> Result<Phrase> {
        let inner = self.inner();
        let name = of_profile(&inner.tag);
        if let Some(phrase) = kept(&*inner.keystore, &name)? {
            return Ok(phrase);
        }
        let phrase = Phrase::from_entropy(&Zeroizing::new(inner.random()?));
        inner.keystore.set(&name, phrase.entropy().as_slice())?;
        Ok(phrase)
    }

    /// New personas of this profile are made with this phrase, where none was drawn yet: its user typed it here.
    pub(crate) fn adopt_phrase(&self, phrase: &Phrase) -> Result<()> {
        let inner = self.inner();
        let name = of_profile(&inner.tag);
        if inner.keystore.get(&name)?.is_none() {
            inner.keystore.set(&name, phrase.entropy().as_slice())?;
        }
        Ok(())
    }

    /// Keeps the words of an own persona that came from elsewhere: only where they are its words, and never as those of the
    /// profile, which new personas are made with.
    pub(crate) async fn keep_phrase(&self, persona: PersonaId, words: &[u8; 32]) -> Result<()> {
        if recovers(&Phrase::from_entropy(words), &self.opened(persona).await?) {
            let inner = self.inner();
            inner.keystore.set(&of_persona(&inner.tag, persona), words)?;
        }
        Ok(())
    }

    /// The words that are kept for a persona: its own, or those of the profile. `None`: none are here.
    pub(crate) fn phrase_of(&self, persona: PersonaId) -> Result<Option<Phrase>> {
        let inner = self.inner();
        match kept(&*inner.keystore, &of_persona(&inner.tag, persona))? {
            Some(own) => Ok(Some(own)),
            None => kept(&*inner.keystore, &of_profile(&inner.tag)),
        }
    }

    /// The words kept here, where they are the persona's: those of a profile need not be, as a persona that was linked was
    /// made elsewhere.
    pub(crate) async fn own_phrase(&self, persona: PersonaId) -> Result<Option<Phrase>> {
        let Some(phrase) = self.phrase_of(persona)? else { return Ok(None) };
        let open = self.opened(persona).await?;
        Ok(Some(phrase).filter(|phrase| recovers(phrase, &open)))
    }

    async fn opened(&self, persona: PersonaId) -> Result<PersonaOpenBody> {
        self.inner()
            .store
            .read(move |db| {
                let row: Option<i64> = db
                    .prepare_cached("SELECT row FROM author WHERE id = ?1")?
                    .query_row([persona], |row| row.get(0))
                    .optional()?;
                device::opening(db, row.ok_or(Error::NotFound { what: "the persona" })?)
            })
            .await
    }
}

/// An own persona leaves this device.
pub(crate) fn leave(tx: &Transaction<'_>, persona: PersonaId) -> Result<()> {
    setting::forget_local(tx, &checked(persona))
}

/// Whether another root by these words counts.
pub(crate) fn recovers(phrase: &Phrase, open: &PersonaOpenBody) -> bool {
    commitment(phrase, &open.nonce) == open.recovery_hash
}

/// What the opening of a persona with this nonce says of its words.
pub(crate) fn commitment(phrase: &Phrase, nonce: &[u8; 16]) -> [u8; 32] {
    recovery_hash(&DeviceKey::from_bytes(recovery_key(phrase, nonce).verifying_key().to_bytes()))
}

/// Whether the words of a persona were typed back.
pub(crate) fn was_checked(db: &Connection, persona: PersonaId) -> Result<bool> {
    Ok(setting::local(db, &checked(persona))?.is_some())
}

/// Where the words rest in the keystore. Those of a persona go with its keys (`keyring::Keyring::forget`).
fn of_profile(tag: &str) -> String {
    format!("{tag}/phrase")
}

fn of_persona(tag: &str, persona: PersonaId) -> String {
    keyring::name(tag, persona, "phrase")
}

fn kept(keystore: &dyn Keystore, name: &str) -> Result<Option<Phrase>> {
    let Some(entropy) = keystore.get(name)? else { return Ok(None) };
    let entropy = <[u8; 32]>::try_from(entropy.as_slice()).map_err(|_| Error::Keystore(KeystoreError::Corrupt))?;
    Ok(Some(Phrase::from_entropy(&Zeroizing::new(entropy))))
}

fn checked(persona: PersonaId) -> String {
    format!("{CHECKED}{persona}")
}
