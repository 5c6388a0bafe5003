//! Sealing to a public key: HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and
//! ChaCha20-Poly1305, one message for each encapsulation. It says nothing about who sealed.

use std::convert::Infallible;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use super::random::{NoRandomness, drawn};
use crate::host::Entropy;

/// Bytes that go with a sealed message: the ephemeral public key.
pub(super) const ENCAPSULATED: usize = 32;

/// Why a message was not sealed or opened. It does not say more on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HpkeError {
    /// The key is one of the few that lead to the same secret for everybody.
    #[error("the public key can't be sealed to")]
    Key,
    #[error("not sealed to this key, or changed")]
    Altered,
}

/// The secret half of the X25519 key to which first messages are sealed. Wiped when dropped.
#[derive(Clone)]
pub struct IntroSecret(Zeroizing<[u8; 32]>);

impl IntroSecret {
    /// A new key, by RFC 9180's `DeriveKeyPair` of 32 random bytes.
    pub fn draw(entropy: &dyn Entropy) -> Result<Self, NoRandomness> {
        let (secret, _) = X25519HkdfSha256::derive_keypair(drawn::<32>(entropy)?.as_slice());
        Ok(Self(Zeroizing::new(secret.to_bytes().into())))
    }

    /// What [`Self::as_bytes`] gave.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The half that others seal to.
    pub fn public(&self) -> [u8; 32] {
        self.key().map_or([0; 32], |key| X25519HkdfSha256::sk_to_pk(&key).to_bytes().into())
    }

    /// Any 32 bytes are a secret of X25519: the error is one of lengths and can't come.
    fn key(&self) -> Result<<X25519HkdfSha256 as Kem>::PrivateKey, HpkeError> {
        Deserializable::from_bytes(self.0.as_slice()).map_err(|_| HpkeError::Key)
    }
}

impl std::fmt::Debug for IntroSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IntroSecret(..)")
    }
}

/// Seals `plain` to a public key. `random` are 32 fresh random bytes, of which the ephemeral key is derived. Gives the
/// encapsulated key, and the ciphertext with its tag of 16 bytes.
pub(super) fn seal(
    to: &[u8; 32],
    info: &[u8],
    associated: &[u8],
    plain: &[u8],
    random: &[u8; 32],
) -> Result<([u8; ENCAPSULATED], Vec<u8>), HpkeError> {
    let to = Deserializable::from_bytes(to).map_err(|_| HpkeError::Key)?;
    let mut once = Once { seed: random, given: false };
    let (key, sealed) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &to,
        info,
        plain,
        associated,
        &mut once,
    )
    .map_err(|_| HpkeError::Key)?;
    Ok((key.to_bytes().into(), sealed))
}

/// Opens what [`seal`] gave.
pub(super) fn open(
    secret: &IntroSecret,
    encapsulated: &[u8; ENCAPSULATED],
    info: &[u8],
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, HpkeError> {
    let encapsulated = Deserializable::from_bytes(encapsulated).map_err(|_| HpkeError::Altered)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret.key()?,
        &encapsulated,
        info,
        sealed,
        associated,
    )
    .map(Zeroizing::new)
    .map_err(|_| HpkeError::Altered)
}

/// Gives the random bytes that were drawn before, once: drawing may fail, and the crate's generators may not. It asks
/// for 32 bytes, once; should a later release ask for more, it gets a stream that follows from them.
struct Once<'a> {
    seed: &'a [u8; 32],
    given: bool,
}

impl TryRng for Once<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        if !self.given && out.len() == self.seed.len() {
            out.copy_from_slice(self.seed);
        } else {
            let mut stream = blake3::Hasher::new_keyed(self.seed).update(&[u8::from(self.given)]).finalize_xof();
            stream.fill(out);
        }
        self.given = true;
        Ok(())
    }
}

impl TryCryptoRng for Once<'_> {}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;
    use crate::host::SystemEntropy;

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        HEXLOWER.decode(text.as_bytes()).unwrap().try_into().unwrap()
    }

    // RFC 9180, A.2.1, encryption with sequence number 0.
    const INFO: &str = "4f6465206f6e2061204772656369616e2055726e";
    const IKM_E: &str = "909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b";
    const PK_EM: &str = "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a";
    const IKM_R: &str = "1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df";
    const SK_RM: &str = "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb";
    const PK_RM: &str = "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a";
    const AAD: &str = "436f756e742d30";
    const PLAIN: &str = "4265617574792069732074727574682c20747275746820626561757479";
    const SEALED: &str = "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28";

    #[derive(Debug)]
    struct Fixed([u8; 32]);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
            bytes.copy_from_slice(&self.0);
            Ok(())
        }
    }

    #[test]
    fn the_vector_of_the_rfc_is_sealed_and_opened() {
        let (info, aad) = (hex::<20>(INFO), hex::<7>(AAD));
        let (key, sealed) = seal(&hex(PK_RM), &info, &aad, &hex::<29>(PLAIN), &hex(IKM_E)).unwrap();
        assert_eq!(HEXLOWER.encode(&key), PK_EM);
        assert_eq!(HEXLOWER.encode(&sealed), SEALED);
        let secret = IntroSecret::from_bytes(hex(SK_RM));
        assert_eq!(HEXLOWER.encode(&secret.public()), PK_RM);
        assert_eq!(HEXLOWER.encode(&open(&secret, &key, &info, &aad, &sealed).unwrap()), PLAIN);
        let derived = IntroSecret::draw(&Fixed(hex(IKM_R))).unwrap();
        assert_eq!(HEXLOWER.encode(&derived.public()), PK_RM);
    }

    #[test]
    fn every_changed_byte_and_every_other_key_is_refused() {
        let secret = IntroSecret::draw(&SystemEntropy).unwrap();
        let (key, sealed) = seal(&secret.public(), b"info", b"aad", b"plain", &[7; 32]).unwrap();
        assert_eq!(open(&secret, &key, b"info", b"aad", &sealed).unwrap().as_slice(), b"plain");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open(&secret, &key, b"info", b"aad", &changed), Err(HpkeError::Altered));
        }
        for at in 0..key.len() {
            let mut changed = key;
            changed[at] ^= 1;
            assert_eq!(open(&secret, &changed, b"info", b"aad", &sealed), Err(HpkeError::Altered));
        }
        assert_eq!(open(&secret, &key, b"other", b"aad", &sealed), Err(HpkeError::Altered));
        assert_eq!(open(&secret, &key, b"info", b"other", &sealed), Err(HpkeError::Altered));
        let other = IntroSecret::draw(&SystemEntropy).unwrap();
        assert_eq!(open(&other, &key, b"info", b"aad", &sealed), Err(HpkeError::Altered));
    }

    #[test]
    fn a_key_that_gives_everybody_the_same_secret_is_refused() {
        let mut one = [0; 32];
        one[0] = 1;
        for weak in [[0; 32], one] {
            assert_eq!(seal(&weak, b"", b"", b"plain", &[7; 32]), Err(HpkeError::Key));
            let secret = IntroSecret::draw(&SystemEntropy).unwrap();
            assert_eq!(open(&secret, &weak, b"", b"", &[0; 21]), Err(HpkeError::Altered));
        }
    }
}
