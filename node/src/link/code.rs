//! The code of a linking, for a QR, a link or to be typed: where the device is that shows it, and a secret of 128 bits.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::net::{self, Ticket};

const LINK: &str = "kith:link/";
const VERSION: u8 = 1;
/// The device that shows it gives personas; else it gets them.
const GIVES: u8 = 1;
/// What is given is kept separate, on both devices.
const SEPARATE: u8 = 2;

pub(super) struct Code {
    pub(super) gives: bool,
    pub(super) separate: bool,
    pub(super) secret: Zeroizing<[u8; 16]>,
    pub(super) ticket: Ticket,
}

/// Whether the device that shows this code gives personas: else whoever takes it does, and says which.
///
/// # Errors
/// `BadInput` for what is no such code.
pub fn link_code_gives(code: &str) -> Result<bool> {
    code.parse::<Code>().map(|code| code.gives)
}

/// Whether what is given by this code is a persona that is kept separate: it has a compartment of its own on both devices.
///
/// # Errors
/// `BadInput` for what is no such code.
pub fn link_code_is_separate(code: &str) -> Result<bool> {
    code.parse::<Code>().map(|code| code.separate)
}

impl fmt::Display for Code {
    /// Version, flags, secret, and the ticket of the device: base32 with a checksum.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes =
            Zeroizing::new(vec![VERSION, (u8::from(self.gives) * GIVES) | (u8::from(self.separate) * SEPARATE)]);
        bytes.extend(self.secret.iter());
        bytes.extend(self.ticket.to_bytes());
        write!(f, "{LINK}{}", net::as_text(&bytes))
    }
}

impl FromStr for Code {
    type Err = Error;

    /// Spaces and capitals do not count: it may be typed.
    fn from_str(text: &str) -> Result<Self> {
        let bad = |told: &str| Error::BadInput(told.to_owned());
        let text: String = text.split_whitespace().collect::<String>().to_ascii_lowercase();
        let text = text.strip_prefix(LINK).ok_or_else(|| bad("this is no code for linking a device"))?;
        let damaged = || bad("this code is damaged: copy it again, the whole of it");
        let bytes = Zeroizing::new(net::from_text(text).ok_or_else(damaged)?);
        let ([version, flags], rest) = bytes.split_first_chunk::<2>().ok_or_else(damaged)?;
        if *version != VERSION || *flags > GIVES | SEPARATE {
            return Err(bad("this code is from a newer version of Kith: update Kith on this device"));
        }
        let (secret, ticket) = rest.split_first_chunk::<16>().ok_or_else(damaged)?;
        let ticket = Ticket::from_bytes(ticket).map_err(|error| Error::BadInput(error.to_string()))?;
        let (gives, separate) = (flags & GIVES != 0, flags & SEPARATE != 0);
        Ok(Self { gives, separate, secret: Zeroizing::new(*secret), ticket })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::id::NodeId;

    #[test]
    fn a_code_survives_its_text_and_typing() {
        let node = NodeId::from_bytes(ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes());
        let ticket = Ticket::new(node, ["127.0.0.1:4000".parse().unwrap(), "[::1]:4001".parse().unwrap()]);
        for (gives, separate) in [(true, false), (false, false), (true, true), (false, true)] {
            let text = Code { gives, separate, secret: Zeroizing::new([9; 16]), ticket: ticket.clone() }.to_string();
            for typed in [text.clone(), text.to_uppercase(), format!(" {}\n", text.replace('a', "a "))] {
                let code: Code = typed.parse().unwrap();
                assert_eq!((code.gives, *code.secret, &code.ticket), (gives, [9; 16], &ticket));
                assert_eq!(link_code_gives(&typed).unwrap(), gives);
                assert_eq!(link_code_is_separate(&typed).unwrap(), separate);
            }
            for (place, old) in text.char_indices().skip(LINK.len()) {
                let mut typed = text.clone();
                typed.replace_range(place..=place, if old == 'a' { "b" } else { "a" });
                assert!(typed.parse::<Code>().is_err(), "changed at {place}");
            }
        }
        assert!("kith:invite/aa".parse::<Code>().is_err());
    }
}
