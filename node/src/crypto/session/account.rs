//! The secret keys by which a device is reached: one account for each persona and device.

use minicbor::bytes::ByteArray;
use vodozemac::olm::{Account as Olm, AccountPickle};
use zeroize::Zeroizing;

use super::{PeerKeys, SessionError, form};
use crate::crypto::hpke::IntroSecret;
use crate::crypto::random::NoRandomness;
use crate::host::Entropy;

/// An Olm identity for good; an intro key and a fallback key that are renewed every week, with the ones before.
pub struct Account {
    pub(super) olm: Olm,
    saved: Saved,
}

impl Account {
    /// New keys. Olm draws its own.
    pub fn new(entropy: &dyn Entropy) -> Result<Self, NoRandomness> {
        let mut account = Self { olm: Olm::new(), saved: Saved { intros: Vec::new(), counter: 0 } };
        account.renew(entropy)?;
        Ok(account)
    }

    /// Draws a new intro key and fallback key; those before the last are forgotten. Renewed weekly, each is kept for
    /// 14 days: what was written to one that others still know can be read for a week more.
    pub fn renew(&mut self, entropy: &dyn Entropy) -> Result<(), NoRandomness> {
        let intro = IntroSecret::draw(entropy)?;
        self.olm.generate_fallback_key();
        self.saved.intros.insert(0, Intro(intro));
        self.saved.intros.truncate(2);
        self.saved.counter += 1;
        Ok(())
    }

    /// The public halves of the newest keys.
    pub fn keys(&self) -> PeerKeys {
        // Keys are never marked as published in Olm: so it always tells the newest.
        let fallback = self.olm.fallback_key().into_values().next();
        PeerKeys { identity: self.identity(), fallback: fallback.map_or([0; 32], |key| key.to_bytes()) }
    }

    /// Who this device is in Olm.
    pub fn identity(&self) -> [u8; 32] {
        self.olm.curve25519_key().to_bytes()
    }

    /// How often the keys were renewed, from 1: the counter of `DeviceKeys`.
    pub fn counter(&self) -> u64 {
        self.saved.counter
    }

    /// The secrets that first messages may be sealed to, the newest first.
    pub fn intro_secrets(&self) -> Vec<IntroSecret> {
        self.saved.intros.iter().map(|intro| intro.0.clone()).collect()
    }

    /// The account as bytes, to rest in the encrypted database and nowhere else: never exported, shared or logged.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, SessionError> {
        form::save(&self.olm.pickle(), &self.saved)
    }

    /// What [`Self::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SessionError> {
        let (pickle, saved): (AccountPickle, Saved) = form::restore(bytes)?;
        Ok(Self { olm: Olm::from_pickle(pickle), saved })
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account(..)")
    }
}

#[derive(minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
struct Saved {
    #[n(0)]
    intros: Vec<Intro>,
    #[n(1)]
    counter: u64,
}

struct Intro(IntroSecret);

impl<C> minicbor::Encode<C> for Intro {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(self.0.as_bytes())?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Intro {
    fn decode(d: &mut minicbor::Decoder<'b>, c: &mut C) -> Result<Self, minicbor::decode::Error> {
        let bytes: ByteArray<32> = minicbor::Decode::decode(d, c)?;
        Ok(Self(IntroSecret::from_bytes(bytes.into())))
    }
}
