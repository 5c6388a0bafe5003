//! The keys by which a device is reached for the first time.

use super::{MISSING, Salt, finish, number, read};
use crate::entry::cbor::{self, Fields};
use crate::entry::verify::EntryError;

/// Renewed every week; the secrets of the one before are kept for another week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceKeysBody {
    /// X25519: first messages are sealed to it.
    pub intro: [u8; 32],
    /// Curve25519: who the device is in Olm.
    pub identity: [u8; 32],
    /// Curve25519: stands for Olm's one-time keys.
    pub fallback: [u8; 32],
    /// Where first messages go.
    pub route: u32,
    /// One above the last; the higher (counter, id) wins.
    pub counter: u64,
}

impl DeviceKeysBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.bytes(0, &self.intro);
        fields.bytes(1, &self.identity);
        fields.bytes(2, &self.fallback);
        fields.number(3, u64::from(self.route));
        fields.number(4, self.counter);
        finish(salt, &fields)
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let (mut intro, mut identity, mut fallback) = (None, None, None);
        let (mut route, mut counter) = (0, 0);
        read(body, |field, at| {
            match field {
                0 => intro = Some(cbor::read_array(at)?),
                1 => identity = Some(cbor::read_array(at)?),
                2 => fallback = Some(cbor::read_array(at)?),
                3 => route = at.u32()?,
                4 => counter = number(at)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            intro: intro.ok_or(MISSING)?,
            identity: identity.ok_or(MISSING)?,
            fallback: fallback.ok_or(MISSING)?,
            route,
            counter,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_key_may_be_missing_or_of_another_length() {
        for left_out in 0..3 {
            let mut fields = Fields::default();
            (0..3).filter(|field| *field != left_out).for_each(|field| fields.bytes(field, &[1; 32]));
            assert_eq!(DeviceKeysBody::decode(&finish([0; 16], &fields)), Err(MISSING));
        }
        for long in 0..3 {
            let mut fields = Fields::default();
            (0..3).for_each(|field| fields.bytes(field, if field == long { &[1; 33] } else { &[1; 32] }));
            assert!(DeviceKeysBody::decode(&finish([0; 16], &fields)).is_err());
        }
    }

    proptest! {
        #[test]
        fn bytes_and_body_are_the_same_thing(keys in any::<[[u8; 32]; 3]>(), route in any::<u32>(),
                counter in 0..=i64::MAX.unsigned_abs()) {
            let [intro, identity, fallback] = keys;
            let body = DeviceKeysBody { intro, identity, fallback, route, counter };
            prop_assert_eq!(DeviceKeysBody::decode(&body.encode([9; 16])), Ok(body));
        }
    }
}
