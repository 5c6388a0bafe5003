//! Who writes a first message: the statements that it brings, checked.

use crate::crypto::Intro;
use crate::entry::{
    DeviceCertBody, DeviceKeysBody, Entry, EntryError, Kind, PersonaOpenBody, RootRotateBody, Run, Verified,
    recovery_hash, verify_batch,
};
use crate::id::{DeviceKey, PersonaId};
use crate::limits;

/// Statements that say together: this device is certified by this persona's root, and these are its keys. What
/// the store knows besides (a revocation, another root) is looked at where they are applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introduction {
    /// The newest that the device signed, by (counter, id).
    pub keys: DeviceKeysBody,
    /// All of them, for the gate.
    pub entries: Vec<Verified<Entry>>,
}

impl Introduction {
    /// Reads and checks the statements of an intro: at most [`limits::INTRO_STATEMENTS`] entries, all by its persona and
    /// good, an opening, a certificate of the device by the root in it (or by the one that its recovery key put in its place), and keys that the device signed.
    ///
    /// # Errors
    /// [`EntryError::Uncertified`] where one of these is missing; the error of the first entry that is not good.
    pub fn of(intro: &Intro) -> Result<Self, EntryError> {
        let entries = Self::certified(intro.persona, intro.device, &intro.statements)?;
        let of_device = |entry: &&Entry| entry.header.kind == Kind::DeviceKeys && entry.header.device == intro.device;
        let keys = entries.iter().map(Verified::get).filter(of_device).filter_map(|entry| {
            let keys = DeviceKeysBody::decode(entry.body.as_deref()?).ok()?;
            Some((keys.counter, entry.id(), keys))
        });
        let newest = keys.max_by_key(|(counter, id, _)| (*counter, *id)).ok_or(EntryError::Uncertified)?;
        Ok(Self { keys: newest.2, entries })
    }

    /// As [`Self::of`], of a device that need not be written to: the statements for the gate.
    ///
    /// # Errors
    /// As there; keys may be missing.
    pub fn certified(
        persona: PersonaId,
        device: DeviceKey,
        statements: &[u8],
    ) -> Result<Vec<Verified<Entry>>, EntryError> {
        let mut rest = statements;
        let mut entries = Vec::new();
        while !rest.is_empty() {
            entries.extend(Run::decode(&mut rest)?.into_entries());
            if entries.len() > limits::INTRO_STATEMENTS {
                let limit = limits::INTRO_STATEMENTS;
                return Err(EntryError::TooLarge { what: "the statements of an intro", limit });
            }
        }
        if entries.iter().any(|entry| entry.0.header.author != persona) {
            return Err(EntryError::PersonaMismatch);
        }
        let entries = verify_batch(entries).into_iter().collect::<Result<Vec<_>, _>>()?;
        // An opening that was verified is of its author alone, and signed by the root.
        let of_kind = |kind| entries.iter().map(Verified::get).filter(move |entry: &&Entry| entry.header.kind == kind);
        let (root, _) = root_of(&entries).ok_or(EntryError::Uncertified)?;
        let certified = of_kind(Kind::DeviceCert).filter(|entry| entry.header.device == root).any(|entry| {
            let cert = entry.body.as_deref().map(DeviceCertBody::decode);
            matches!(cert, Some(Ok(cert)) if cert.device == device && cert.purpose == 0)
        });
        if certified { Ok(entries) } else { Err(EntryError::Uncertified) }
    }
}

/// The root of whom these are, and the counter of the statement that names it: the opening (0), or a change that the
/// recovery key signed.
pub(crate) fn root_of(entries: &[Verified<Entry>]) -> Option<(DeviceKey, u64)> {
    let of_kind = |kind| entries.iter().map(Verified::get).filter(move |entry: &&Entry| entry.header.kind == kind);
    let open = of_kind(Kind::PersonaOpen).next()?;
    let committed = PersonaOpenBody::decode(open.body.as_deref()?).ok()?.recovery_hash;
    let changes = of_kind(Kind::RootRotate).filter(|entry| recovery_hash(&entry.header.device) == committed);
    let newest = changes
        .filter_map(|entry| Some((RootRotateBody::decode(entry.body.as_deref()?).ok()?, entry.id())))
        .filter(|(change, _)| change.counter > 0)
        .max_by_key(|(change, id)| (change.counter, *id));
    Some(newest.map_or((open.header.device, 0), |(change, _)| (change.root, change.counter)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::entry::{Header, PersonaOpenBody, Place, ProfileBody, Unverified, sign};
    use crate::id::{DeviceKey, EntryId, PersonaId};

    struct Cast {
        root: SigningKey,
        device: SigningKey,
        persona: PersonaOpenBody,
    }

    fn key(key: &SigningKey) -> DeviceKey {
        DeviceKey::from(&key.verifying_key())
    }

    fn cast(seed: u8) -> Cast {
        let root = SigningKey::from_bytes(&[seed; 32]);
        let persona = PersonaOpenBody { root: key(&root), nonce: [seed; 16], recovery_hash: [seed; 32] };
        Cast { root, device: SigningKey::from_bytes(&[seed + 1; 32]), persona }
    }

    impl Cast {
        fn id(&self) -> PersonaId {
            self.persona.persona()
        }

        fn open(&self) -> Unverified<Entry> {
            let header = Header::statement(self.id(), key(&self.root), Kind::PersonaOpen, 1_000);
            sign(&self.root, header, self.persona.encode([0; 16]))
        }

        fn certify(&self, by: &SigningKey, device: &SigningKey, purpose: u8) -> Unverified<Entry> {
            let header = Header::statement(self.id(), key(by), Kind::DeviceCert, 1_000);
            let cert = DeviceCertBody { device: key(device), caps: 0, purpose, not_after: 0 };
            sign(by, header, cert.encode([0; 16]))
        }

        fn keys(&self, by: &SigningKey, counter: u64) -> Unverified<Entry> {
            let place = Place { seq: 3, prev: EntryId::from_bytes([7; 32]), ..Place::first(self.id(), key(by), 5) };
            let body = DeviceKeysBody { intro: [1; 32], identity: [2; 32], fallback: [3; 32], route: 4, counter };
            sign(by, Header::log_entry(place, Kind::DeviceKeys, 1_000, Vec::new()), body.encode([0; 16]))
        }

        fn intro(&self, entries: &[Unverified<Entry>]) -> Intro {
            let mut statements = Vec::new();
            for entry in entries {
                Run::from_entries(std::slice::from_ref(&entry.0)).iter().for_each(|run| run.encode(&mut statements));
            }
            Intro { persona: self.id(), device: key(&self.device), statements, message: Vec::new() }
        }

        fn whole(&self) -> Vec<Unverified<Entry>> {
            let certificate = self.certify(&self.root, &self.device, 0);
            vec![self.open(), certificate, self.keys(&self.device, 1), self.keys(&self.device, 2)]
        }
    }

    #[test]
    fn whole_statements_give_the_newest_keys() {
        let alice = cast(1);
        let place =
            Place { seq: 4, prev: EntryId::from_bytes([7; 32]), ..Place::first(alice.id(), key(&alice.device), 5) };
        let header = Header::log_entry(place, Kind::Profile, 1_000, Vec::new());
        let profile = ProfileBody { name: "Alice".into(), ..ProfileBody::default() };
        let mut entries = alice.whole();
        entries.push(sign(&alice.device, header, profile.encode([0; 16])));
        let introduction = Introduction::of(&alice.intro(&entries)).unwrap();
        assert_eq!((introduction.keys.counter, introduction.entries.len()), (2, 5));
    }

    #[test]
    fn what_is_missing_or_of_others_is_refused() {
        let (alice, mallory) = (cast(1), cast(11));
        let refused = |entries: &[Unverified<Entry>]| Introduction::of(&alice.intro(entries)).unwrap_err();
        let whole = alice.whole();
        assert_eq!(refused(&[]), EntryError::Uncertified);
        assert_eq!(refused(&whole[1..]), EntryError::Uncertified, "no opening");
        assert_eq!(refused(&[whole[0].clone(), whole[2].clone()]), EntryError::Uncertified, "no certificate");
        assert_eq!(refused(&whole[..2]), EntryError::Uncertified, "no keys");
        let certified = |intro: Intro| Introduction::certified(intro.persona, intro.device, &intro.statements);
        assert_eq!(certified(alice.intro(&whole[..2])).unwrap().len(), 2, "they are not needed to comment");
        assert!(certified(alice.intro(&whole[..1])).is_err() && certified(mallory.intro(&whole[..2])).is_err());
        let others = alice.keys(&mallory.device, 9);
        assert_eq!(refused(&[whole[0].clone(), whole[1].clone(), others]), EntryError::Uncertified);
        let own_certificate = alice.certify(&mallory.root, &alice.device, 0);
        assert_eq!(refused(&[whole[0].clone(), own_certificate, whole[2].clone()]), EntryError::Uncertified);
        let other_device = alice.certify(&alice.root, &mallory.device, 0);
        assert_eq!(refused(&[whole[0].clone(), other_device, whole[2].clone()]), EntryError::Uncertified);
        let bridge = alice.certify(&alice.root, &alice.device, 1);
        assert_eq!(refused(&[whole[0].clone(), bridge, whole[2].clone()]), EntryError::Uncertified);
        let mixed = [whole.clone(), mallory.whole()].concat();
        assert_eq!(refused(&mixed), EntryError::PersonaMismatch);
        let mut forged = whole.clone();
        forged[2].0.signature[0] ^= 1;
        assert_eq!(refused(&forged), EntryError::Signature);
        let crowded = vec![whole[1].clone(); limits::INTRO_STATEMENTS + 1];
        assert!(matches!(refused(&crowded), EntryError::TooLarge { .. }));
        let mut intro = alice.intro(&whole);
        intro.statements.push(0);
        assert!(Introduction::of(&intro).is_err());
    }
}
