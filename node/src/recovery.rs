//! The recovery phrase (DESIGN §3): which personas it puts another root in place for, and whether the user has written it
//! down.

use rusqlite::{OptionalExtension as _, Transaction};
use zeroize::Zeroizing;

use crate::crypto::{Phrase, recovery_key};
use crate::entry::{PersonaOpenBody, recovery_hash};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::host::KeystoreError;
use crate::id::{DeviceKey, PersonaId};
use crate::node::Node;
use crate::store::Durability;
use crate::view::{RecoveryState, RecoveryView};
use crate::{device, setting};

/// Setting of this device, with the persona behind it: its phrase was typed back.
const CHECKED: &str = "recovery.checked.";

impl Node {
    /// How each own persona stands, in the order of `personas`.
    ///
    /// # Errors
    /// `Keystore` where the keys can't be read.
    pub async fn recovery(&self) -> Result<Vec<RecoveryView>> {
        let mut all = self.recovery_here().await?;
        for node in self.compartments() {
            all.extend(node.recovery_here().await?);
        }
        Ok(all)
    }

    async fn recovery_here(&self) -> Result<Vec<RecoveryView>> {
        let mut all = Vec::new();
        for persona in self.personas_here().await? {
            let key = checked(persona.id);
            let was_checked = self.inner().store.read(move |db| setting::local(db, &key)).await?.is_some();
            let state = match (self.own_phrase(persona.id).await?, was_checked) {
                (None, _) => RecoveryState::Off,
                (Some(_), true) => RecoveryState::Protected,
                (Some(_), false) => RecoveryState::NeedsAttention,
            };
            all.push(RecoveryView { persona: persona.id, name: persona.name, state });
        }
        Ok(all)
    }

    /// The 24 words that recover a persona (the default one when `None`), to show them to its user.
    ///
    /// # Errors
    /// `NotFound` where they are not on this device: a persona's words stay where it was made, and where a bundle with its
    /// keys was taken in.
    pub async fn recovery_phrase(&self, persona: Option<PersonaId>) -> Result<(PersonaId, Zeroizing<String>)> {
        let persona = self.own_persona(persona).await?;
        let phrase =
            self.own_phrase(persona).await?.ok_or(Error::NotFound { what: "the recovery phrase on this device" })?;
        Ok((persona, Zeroizing::new(phrase.words().collect::<Vec<_>>().join(" "))))
    }

    /// The user typed the words back: from now on the persona counts as protected.
    ///
    /// # Errors
    /// `BadInput` where they are other words, or no phrase.
    pub async fn check_phrase(&self, persona: Option<PersonaId>, typed: &str) -> Result<PersonaId> {
        let typed = Phrase::parse(typed).map_err(|error| Error::BadInput(error.to_string()))?;
        let persona = self.own_persona(persona).await?;
        let open = self.opened(persona).await?;
        if !recovers(&typed, &open) {
            return Err(Error::BadInput("these are not the words of this persona".to_owned()));
        }
        let key = checked(persona);
        self.inner().store.write(Durability::Full, move |tx| setting::put_local(tx, &key, "1")).await?;
        self.inner().events.send(Event::PersonasChanged);
        Ok(persona)
    }

    /// Keeps the words of an own persona that came from elsewhere: only where they are its words, and never as those of the
    /// profile, which new personas are made with.
    pub(crate) async fn keep_phrase(&self, persona: PersonaId, words: &[u8; 32]) -> Result<()> {
        if recovers(&Phrase::from_entropy(words), &self.opened(persona).await?) {
            let inner = self.inner();
            inner.keystore.set(&format!("{}/persona/{persona}/phrase", inner.tag), words)?;
        }
        Ok(())
    }

    /// The words kept here, where they are the persona's: those of a profile need not be, as a persona that was linked was
    /// made elsewhere.
    async fn own_phrase(&self, persona: PersonaId) -> Result<Option<Phrase>> {
        let Some(kept) = self.phrase_of(persona)? else { return Ok(None) };
        let entropy = <[u8; 32]>::try_from(kept.as_slice()).map_err(|_| Error::Keystore(KeystoreError::Corrupt))?;
        let phrase = Phrase::from_entropy(&Zeroizing::new(entropy));
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
    let key = recovery_key(phrase, &open.nonce);
    recovery_hash(&DeviceKey::from_bytes(key.verifying_key().to_bytes())) == open.recovery_hash
}

fn checked(persona: PersonaId) -> String {
    format!("{CHECKED}{persona}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::*;
    use crate::clock::ManualClock;
    use crate::host::{MemoryKeystore, SystemEntropy};
    use crate::store::Store;

    #[test]
    fn a_persona_is_protected_once_its_own_words_were_typed_back() {
        let node = || {
            let clock = Arc::new(ManualClock::at_ms(1_800_000_000_000));
            let keys = Arc::new(MemoryKeystore::default());
            Node::simulated(false, Store::in_memory().unwrap(), keys, clock, Arc::new(SystemEntropy)).unwrap()
        };
        let (alice, bob) = (node(), node());
        let state = |node: &Node| node.recovery().now_or_never().unwrap().unwrap().first().unwrap().state;
        let persona = alice.create_persona("Alice").now_or_never().unwrap().unwrap();
        bob.create_persona("Bob").now_or_never().unwrap().unwrap();
        assert_eq!(state(&alice), RecoveryState::NeedsAttention);
        let (of, phrase) = alice.recovery_phrase(None).now_or_never().unwrap().unwrap();
        assert_eq!((of, phrase.split(' ').count()), (persona, 24));
        let (_, other) = bob.recovery_phrase(None).now_or_never().unwrap().unwrap();
        assert!(matches!(alice.check_phrase(None, &other).now_or_never().unwrap(), Err(Error::BadInput(_))));
        assert_eq!(state(&alice), RecoveryState::NeedsAttention);
        alice.check_phrase(None, &phrase).now_or_never().unwrap().unwrap();
        assert_eq!(state(&alice), RecoveryState::Protected);
    }
}
