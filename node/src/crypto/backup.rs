//! What a sealed backup is left and found by. All of it comes from the recovery phrase, so the phrase alone finds it.
//!
//! A backup is mail: its author is drawn for it and used once, as that of any message, and its one slot is that of a post
//! to a circle whose key comes from the phrase. So whoever holds the phrase knows it among all mail of a bucket by its
//! tag, and nobody else can tie it to another one, or to the personas in it.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::epoch::EpochKey;
use super::phrase::Phrase;

/// What HKDF binds the parts to. Constants of the wire: they never change.
const KEY_INFO: &[u8] = b"kith 2026 backup key v1";
const ROUTE_INFO: &[u8] = b"kith 2026 backup route v1";
const NAME_INFO: &[u8] = b"kith 2026 backup name v1";

/// What belongs to the backups of one phrase: HKDF-SHA256 (RFC 5869) with its entropy as key, without a salt.
#[derive(Debug, Clone)]
pub struct BackupKeys {
    /// What tags and slot keys come from.
    pub key: EpochKey,
    /// Leading bits of the route: as many of them are used as a bucket has.
    pub route: u16,
    /// What this device calls the phrase in its own notes. It never leaves it.
    pub name: [u8; 16],
}

impl BackupKeys {
    pub fn of(phrase: &Phrase) -> Self {
        Self {
            key: EpochKey::from_bytes(*derived(phrase, KEY_INFO)),
            route: u16::from_be_bytes(*derived(phrase, ROUTE_INFO)),
            name: *derived(phrase, NAME_INFO),
        }
    }
}

fn derived<const N: usize>(phrase: &Phrase, info: &[u8]) -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    let hkdf = Hkdf::<Sha256>::new(None, phrase.entropy().as_slice());
    if hkdf.expand(info, bytes.as_mut_slice()).is_err() {
        unreachable!("HKDF-SHA256 gives up to 8,160 bytes");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with another implementation of HKDF (Python's hmac).
    #[test]
    fn the_keys_are_the_known_ones() {
        let keys = BackupKeys::of(&Phrase::from_entropy(&[0; 32]));
        let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        assert_eq!(hex(keys.key.as_bytes()), "51f5ce594ac046ebf8493e3cf813c5e425c9fc80aab7f81cec6beebe01a49e4f");
        assert_eq!(format!("{:04x}", keys.route), "f84f");
        assert_eq!(hex(&keys.name), "41d47045047552fe0cf5730e5ef3277e");
        assert_ne!(BackupKeys::of(&Phrase::from_entropy(&[1; 32])).name, keys.name);
    }
}
