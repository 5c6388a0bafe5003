//! Bytes sealed with a passphrase: Argon2id (RFC 9106), then XChaCha20-Poly1305 with the header as associated data.
//!
//! ```text
//! magic[8] "kithseal" · version u8 = 1 · kind u8 · memory u32 (KiB) · passes u32 · lanes u32     all little-endian
//! · salt[16] · nonce[24] · ciphertext with its tag[16] · checksum[16]
//! ```
//! The checksum is plain BLAKE3 over all before it. It protects nothing (the tag does that): it tells a damaged file
//! from a wrong passphrase, and costs no Argon2 run to do so.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize, Zeroizing};

use super::random::{NoRandomness, random_bytes};
use crate::limits;

/// What the bytes are: part of what is authenticated, so one kind can't be passed off as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealKind {
    /// A keystore in a file.
    Keystore,
    /// A bundle that a user exports.
    Bundle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the passphrase does not open this")]
    WrongPassphrase,
    /// Cut off, changed, of another kind, or asking for more memory or time than is allowed.
    #[error("the sealed bytes are damaged")]
    Corrupt,
    #[error("the sealed bytes were written by a newer version of Kith")]
    TooNew,
    #[error("there is not enough memory to open this")]
    OutOfMemory,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Seals `plain` under a fresh salt and nonce. Takes 64 MiB and some tenths of a second.
pub fn seal_with_passphrase(kind: SealKind, passphrase: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
    PassphraseKey::fresh(passphrase)?.seal(kind, plain)
}

/// Opens what [`seal_with_passphrase`] gave. The cost is what the header says, at most `limits::ARGON2_*`; nothing is
/// allocated before the header is checked.
pub fn open_with_passphrase(kind: SealKind, passphrase: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let sealed = SealedBytes::parse(kind, sealed)?;
    PassphraseKey::derive(passphrase, sealed.cost, sealed.salt)?.open(&sealed)
}

const MAGIC: &[u8; 8] = b"kithseal";
const VERSION: u8 = 1;
pub(super) const SALT: usize = 16;
const NONCE: usize = 24;
const TAG: usize = 16;
const CHECKSUM: usize = 16;
pub(super) const HEADER: usize = 8 + 1 + 1 + 4 + 4 + 4 + SALT + NONCE;

/// What one derivation costs. Stored in each file, so that it can be raised without breaking old ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl Cost {
    /// RFC 9106's second recommendation (64 MiB, 3 passes), with one lane as the crate computes lanes one by one; more
    /// than OWASP's 2025 minimum (46 MiB, 1 pass).
    pub(super) const WRITTEN: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

    pub(super) fn params(self) -> Result<Params, SealError> {
        let allowed = self.memory_kib <= limits::ARGON2_MEMORY_KIB
            && self.passes <= limits::ARGON2_PASSES
            && self.lanes <= limits::ARGON2_LANES;
        if !allowed {
            return Err(SealError::Corrupt);
        }
        Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).map_err(|_| SealError::Corrupt)
    }
}

/// Sealed bytes whose shape and checksum are right. Nothing is authenticated yet.
#[derive(Debug)]
pub(super) struct SealedBytes<'a> {
    header: &'a [u8; HEADER],
    pub(super) cost: Cost,
    pub(super) salt: [u8; SALT],
    nonce: [u8; NONCE],
    ciphertext: &'a [u8],
}

impl<'a> SealedBytes<'a> {
    pub(super) fn parse(kind: SealKind, sealed: &'a [u8]) -> Result<Self, SealError> {
        let (rest, version) =
            Option::zip(sealed.strip_prefix(MAGIC), sealed.get(MAGIC.len())).ok_or(SealError::Corrupt)?;
        let (body, checksum) = sealed.split_last_chunk::<CHECKSUM>().ok_or(SealError::Corrupt)?;
        if blake3::hash(body).as_bytes().first_chunk() != Some(checksum) {
            return Err(SealError::Corrupt);
        }
        if *version > VERSION {
            return Err(SealError::TooNew);
        }
        let (header, ciphertext) = body.split_first_chunk::<HEADER>().ok_or(SealError::Corrupt)?;
        let mut fields = Fields(rest);
        let [found_version, found_kind] = fields.take()?;
        let cost = Cost {
            memory_kib: u32::from_le_bytes(fields.take()?),
            passes: u32::from_le_bytes(fields.take()?),
            lanes: u32::from_le_bytes(fields.take()?),
        };
        let (salt, nonce) = (fields.take()?, fields.take()?);
        if found_version != VERSION || found_kind != kind_byte(kind) || ciphertext.len() < TAG {
            return Err(SealError::Corrupt);
        }
        cost.params()?;
        Ok(Self { header, cost, salt, nonce, ciphertext })
    }
}

/// A key that a passphrase gave, with what it takes to give it again. Wiped when dropped.
pub(super) struct PassphraseKey {
    key: Zeroizing<[u8; 32]>,
    cost: Cost,
    salt: [u8; SALT],
}

impl PassphraseKey {
    pub(super) fn fresh(passphrase: &str) -> Result<Self, SealError> {
        Self::derive(passphrase, Cost::WRITTEN, random_bytes()?)
    }

    pub(super) fn derive(passphrase: &str, cost: Cost, salt: [u8; SALT]) -> Result<Self, SealError> {
        let params = cost.params()?;
        // Our own memory instead of the crate's: it is asked for without aborting, and wiped afterwards.
        let mut memory = Memory(Vec::new());
        memory.0.try_reserve_exact(params.block_count()).map_err(|_| SealError::OutOfMemory)?;
        memory.0.resize(params.block_count(), Block::new());
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(passphrase.as_bytes(), &salt, key.as_mut_slice(), &mut memory.0)
            .map_err(|_| SealError::Corrupt)?;
        Ok(Self { key, cost, salt })
    }

    /// Whether this key is the one of those bytes, given that the passphrase is.
    pub(super) fn fits(&self, sealed: &SealedBytes<'_>) -> bool {
        self.cost == sealed.cost && self.salt == sealed.salt
    }

    /// The key of one stream: bound to its header, which holds a salt of its own.
    pub(super) fn stream_key(&self, header: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(b"kith 2026 sealed stream v1").update(header);
        Zeroizing::new(*hasher.finalize().as_bytes())
    }

    pub(super) fn made_of(&self) -> (Cost, [u8; SALT]) {
        (self.cost, self.salt)
    }

    /// Seals under a fresh nonce. The nonces of one key are random: 192 bits never meet by chance.
    pub(super) fn seal(&self, kind: SealKind, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce: [u8; NONCE] = random_bytes()?;
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&[VERSION, kind_byte(kind)]);
        header.extend_from_slice(&self.cost.memory_kib.to_le_bytes());
        header.extend_from_slice(&self.cost.passes.to_le_bytes());
        header.extend_from_slice(&self.cost.lanes.to_le_bytes());
        header.extend_from_slice(&self.salt);
        header.extend_from_slice(&nonce);

        // With its full capacity from the start: growing would leave plain bytes behind.
        let mut buffer = Zeroizing::new(Vec::with_capacity(plain.len().saturating_add(TAG)));
        buffer.extend_from_slice(plain);
        XChaCha20Poly1305::new(&(*self.key).into())
            .encrypt_in_place(&XNonce::from(nonce), &header, &mut *buffer)
            .map_err(|_| SealError::OutOfMemory)?;

        let mut sealed = header;
        sealed.extend_from_slice(&buffer);
        let checksum = blake3::hash(&sealed);
        sealed.extend(checksum.as_bytes().iter().take(CHECKSUM));
        Ok(sealed)
    }

    /// `WrongPassphrase` when the tag is not the one of this key.
    pub(super) fn open(&self, sealed: &SealedBytes<'_>) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut buffer = Zeroizing::new(sealed.ciphertext.to_vec());
        XChaCha20Poly1305::new(&(*self.key).into())
            .decrypt_in_place(&XNonce::from(sealed.nonce), sealed.header, &mut *buffer)
            .map_err(|_| SealError::WrongPassphrase)?;
        Ok(buffer)
    }
}

impl std::fmt::Debug for PassphraseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PassphraseKey(..)")
    }
}

/// Argon2's working memory, from which the key could be computed.
struct Memory(Vec<Block>);

impl Drop for Memory {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], SealError> {
        let (field, rest) = self.0.split_first_chunk().ok_or(SealError::Corrupt)?;
        self.0 = rest;
        Ok(*field)
    }
}

fn kind_byte(kind: SealKind) -> u8 {
    match kind {
        SealKind::Keystore => 1,
        SealKind::Bundle => 2,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The least that Argon2 takes, so that thousands of runs stay quick.
    const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    fn sealed(plain: &[u8]) -> Vec<u8> {
        PassphraseKey::derive("horse", CHEAP, [7; SALT]).unwrap().seal(SealKind::Bundle, plain).unwrap()
    }

    fn open(passphrase: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        open_with_passphrase(SealKind::Bundle, passphrase, sealed).map(|plain| plain.to_vec())
    }

    fn with_checksum(mut sealed: Vec<u8>) -> Vec<u8> {
        sealed.truncate(sealed.len() - CHECKSUM);
        let checksum = blake3::hash(&sealed);
        sealed.extend_from_slice(&checksum.as_bytes()[..CHECKSUM]);
        sealed
    }

    #[test]
    fn round_trip_at_the_real_cost() {
        let sealed = seal_with_passphrase(SealKind::Bundle, "horse", b"hello").unwrap();
        assert_eq!(open("horse", &sealed), Ok(b"hello".to_vec()));
        assert_eq!(open("Horse", &sealed), Err(SealError::WrongPassphrase));
        let parsed = SealedBytes::parse(SealKind::Bundle, &sealed).unwrap();
        assert_eq!(parsed.cost, Cost { memory_kib: 65_536, passes: 3, lanes: 1 });
        let again = seal_with_passphrase(SealKind::Bundle, "horse", b"hello").unwrap();
        assert_ne!(sealed[22..HEADER], again[22..HEADER], "salt and nonce are fresh");
    }

    #[test]
    fn kinds_are_not_interchangeable() {
        let as_keystore = open_with_passphrase(SealKind::Keystore, "horse", &sealed(b"x"));
        assert_eq!(as_keystore.unwrap_err(), SealError::Corrupt);
        let mut relabelled = sealed(b"x");
        relabelled[9] = kind_byte(SealKind::Keystore);
        let as_keystore = open_with_passphrase(SealKind::Keystore, "horse", &with_checksum(relabelled));
        assert_eq!(as_keystore.unwrap_err(), SealError::WrongPassphrase);
    }

    #[test]
    fn every_flipped_bit_is_damage() {
        let good = sealed(b"secret");
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                assert_eq!(open("horse", &bad), Err(SealError::Corrupt), "byte {at} bit {bit}");
            }
        }
    }

    #[test]
    fn every_flipped_bit_under_a_new_checksum_is_refused() {
        let good = sealed(b"secret");
        for at in 0..good.len() - CHECKSUM {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                // The cost is allowed to be what a hostile file says, within the limits: skip the slow ones.
                if (11..14).contains(&at) || (at == 10 && bit > 3) {
                    continue;
                }
                assert!(open("horse", &with_checksum(bad)).is_err(), "byte {at} bit {bit}");
            }
        }
    }

    #[test]
    fn every_cut_is_damage() {
        let good = sealed(b"secret");
        for end in 0..good.len() {
            assert_eq!(open("horse", &good[..end]), Err(SealError::Corrupt), "cut at {end}");
        }
        let longer = [good.as_slice(), b"x"].concat();
        assert_eq!(open("horse", &longer), Err(SealError::Corrupt));
    }

    #[test]
    fn a_hostile_cost_is_refused_before_it_is_paid() {
        let cases: [(usize, u32); 9] = [
            (10, u32::MAX),
            (10, 100 * 1024 * 1024),
            (10, limits::ARGON2_MEMORY_KIB + 1),
            (10, 0),
            (14, u32::MAX),
            (14, 0),
            (18, u32::MAX),
            (18, 0),
            (18, limits::ARGON2_LANES + 1),
        ];
        for (at, value) in cases {
            let mut bad = sealed(b"secret");
            bad[at..at + 4].copy_from_slice(&value.to_le_bytes());
            let bad = with_checksum(bad);
            assert_eq!(SealedBytes::parse(SealKind::Bundle, &bad).unwrap_err(), SealError::Corrupt, "{at}: {value}");
        }
    }

    #[test]
    fn a_newer_version_is_told_apart_from_damage() {
        let mut newer = sealed(b"secret");
        newer[8] = VERSION + 1;
        assert_eq!(open("horse", &with_checksum(newer)), Err(SealError::TooNew));
    }

    /// Made with other implementations (argon2-cffi, libsodium, Python's blake3): has to open for ever.
    #[test]
    fn version_1_keeps_opening() {
        let key = PassphraseKey::derive("horse", CHEAP, [7; SALT]).unwrap();
        let hex = data_encoding::HEXLOWER.encode(key.key.as_slice());
        assert_eq!(hex, "68a18ea27a815e92590e3bc2100830b3c4d33f7241626f909fdffbf258366f76");
        let sealed = concat!(
            "6b6974687365616c0102080000000100000001000000070707070707070707070707070707070909",
            "09090909090909090909090909090909090909090909c286d2ea91dc2a758286167b46a0b2823823",
            "ca2c5f4bd6ae988a2be12a959f835d1f52b783",
        );
        let sealed = data_encoding::HEXLOWER.decode(sealed.as_bytes()).unwrap();
        assert_eq!(open("horse", &sealed), Ok(b"hello".to_vec()));
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens(plain in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            prop_assert_eq!(open("horse", &sealed(&plain)), Ok(plain));
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(open("horse", &bytes), Err(SealError::Corrupt));
            let framed = [MAGIC.as_slice(), &[VERSION, 2], &bytes, &[0; CHECKSUM]].concat();
            // Whatever cost it names, only the shape is judged here: a valid one may be slow.
            let _ = SealedBytes::parse(SealKind::Bundle, &with_checksum(framed));
        }
    }
}
