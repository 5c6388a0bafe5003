//! What is said about a post to circles: a comment, a reaction, an edit or a deletion of one. It stands sealed in an
//! entry under a key that is used once, so that who carries it learns neither who wrote it nor for whom.

use ed25519_dalek::{Signer, SigningKey};
use minicbor::Decoder;
use zeroize::Zeroizing;

use super::{EditBody, MISSING, PostBody, check, number};
use crate::entry::cbor::{self, Fields};
use crate::entry::verify::{EntryError, is_signed};
use crate::entry::{Header, Kind};
use crate::id::{DeviceKey, EntryId, PersonaId};
use crate::limits;

const DOMAIN: &[u8] = b"kith 2026 sealed comment v1";

/// The content of a one-time entry about a post. Its device signs it once more inside: the key outside is nobody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub persona: PersonaId,
    pub device: DeviceKey,
    /// As in a first message: who reads it need not know the persona.
    pub statements: Vec<u8>,
    /// When it was written, s: outside stands the day alone.
    pub time: u64,
    /// A comment, a reaction, an edit or a deletion.
    pub kind: Kind,
    /// What it answers, reacts to, edits or deletes: the post, or the id of another entry about it.
    pub target: EntryId,
    /// As of an entry of this kind in the open.
    pub body: Zeroizing<Vec<u8>>,
    pub signature: [u8; 64],
}

impl Said {
    /// Signs it for the entry that gets this header; `device` is set to the public half of `key`.
    pub fn signed(mut self, key: &SigningKey, header: &Header) -> Self {
        self.device = DeviceKey::from(&key.verifying_key());
        self.signature = key.sign(&self.message(header)).to_bytes();
        self
    }

    /// Whether its device signed it for the entry with this header. Whether the device is its persona's is shown by the
    /// statements.
    pub fn is_signed(&self, header: &Header) -> bool {
        is_signed(&self.device, &self.message(header), &self.signature)
    }

    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut fields = Fields::default();
        fields.bytes(0, self.persona.as_bytes());
        fields.bytes(1, self.device.as_bytes());
        fields.bytes(2, &self.statements);
        fields.number(3, self.time);
        fields.number(4, u64::from(self.kind.number()));
        fields.bytes(5, self.target.as_bytes());
        fields.bytes(6, &self.body);
        fields.bytes(7, &self.signature);
        let mut out = Zeroizing::new(Vec::with_capacity(self.statements.len() + self.body.len() + 256));
        fields.write(&mut out);
        out
    }

    /// Reads a content and its body. Signature and statements are for the reader to check.
    pub fn decode(content: &[u8]) -> Result<Self, EntryError> {
        cbor::check(content)?;
        let (mut persona, mut device, mut statements, mut time) = (None, None, Vec::new(), 0);
        let (mut kind, mut target, mut body, mut signature) = (0, None, None, None);
        cbor::read_map(&mut Decoder::new(content), |field, at| {
            match field {
                0 => persona = Some(PersonaId::from_bytes(cbor::read_array(at)?)),
                1 => device = Some(DeviceKey::from_bytes(cbor::read_array(at)?)),
                2 => statements = at.bytes()?.to_vec(),
                3 => time = number(at)?,
                4 => kind = at.u16()?,
                5 => target = Some(EntryId::from_bytes(cbor::read_array(at)?)),
                6 => body = Some(Zeroizing::new(at.bytes()?.to_vec())),
                7 => signature = Some(cbor::read_array(at)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        if statements.len() > limits::INTRO_STATEMENT_BYTES {
            let (what, limit) = ("the statements of a comment", limits::INTRO_STATEMENT_BYTES);
            return Err(EntryError::TooLarge { what, limit });
        }
        let kind = Kind::from_number(kind);
        if !matches!(kind, Kind::Comment | Kind::Reaction | Kind::Edit | Kind::Delete) {
            return Err(EntryError::Malformed("this is not said about a post"));
        }
        let body = body.ok_or(MISSING)?;
        check(kind, &body)?;
        // Who has a file that stands in here alone would show who reads it.
        let files = match kind {
            Kind::Comment => PostBody::decode(&body)?.attachments,
            Kind::Edit => EditBody::decode(&body)?.post.attachments,
            _ => Vec::new(),
        };
        if !files.is_empty() {
            return Err(EntryError::Malformed("what is said about a sealed post has no files"));
        }
        Ok(Self {
            persona: persona.ok_or(MISSING)?,
            device: device.ok_or(MISSING)?,
            statements,
            time,
            kind,
            target: target.ok_or(MISSING)?,
            body,
            signature: signature.ok_or(MISSING)?,
        })
    }

    /// Everything but the statements, which are signed themselves; and the entry in which it stands, so that nobody who
    /// reads it can put it into another one.
    fn message(&self, header: &Header) -> Vec<u8> {
        let mut message = DOMAIN.to_vec();
        message.extend_from_slice(header.author.as_bytes());
        message.extend_from_slice(header.refs.first().unwrap_or(&EntryId::ZERO).as_bytes());
        message.extend_from_slice(self.persona.as_bytes());
        message.extend_from_slice(&self.time.to_le_bytes());
        message.extend_from_slice(&self.kind.number().to_le_bytes());
        message.extend_from_slice(self.target.as_bytes());
        message.extend_from_slice(blake3::hash(&self.body).as_bytes());
        message
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::entry::{DeleteBody, PostBody, ReactionBody};

    fn header(seed: u8, post: u8) -> Header {
        Header::one_time(DeviceKey::from_bytes([seed; 32]), 20_717, vec![EntryId::from_bytes([post; 32])])
    }

    fn said(kind: Kind, body: Vec<u8>) -> Said {
        let said = Said {
            persona: PersonaId::from_bytes([1; 32]),
            device: DeviceKey::from_bytes([0; 32]),
            statements: vec![7; 40],
            time: 1_800_000_123,
            kind,
            target: EntryId::from_bytes([2; 32]),
            body: body.into(),
            signature: [0; 64],
        };
        said.signed(&SigningKey::from_bytes(&[3; 32]), &header(4, 5))
    }

    fn all() -> [Said; 3] {
        let text = PostBody { text: "hello".to_owned(), ..PostBody::default() };
        [
            said(Kind::Comment, text.encode([9; 16])),
            said(Kind::Reaction, ReactionBody { emoji: "👍".to_owned() }.encode([9; 16])),
            said(Kind::Delete, DeleteBody {}.encode([9; 16])),
        ]
    }

    #[test]
    fn what_is_said_comes_back_and_is_bound_to_its_entry() {
        for said in all() {
            let bytes = said.encode();
            assert_eq!(Said::decode(&bytes).unwrap(), said);
            assert!(said.is_signed(&header(4, 5)));
            assert!(!said.is_signed(&header(4, 6)), "about another post");
            assert!(!said.is_signed(&header(5, 5)), "under another key");
            for cut in 0..bytes.len() {
                assert!(Said::decode(&bytes[..cut]).is_err(), "cut at {cut}");
            }
            assert!(Said::decode(&[&bytes[..], &[0]].concat()).is_err(), "trailing");
        }
    }

    #[test]
    fn the_form_follows_the_document() {
        let [comment, ..] = all();
        let mut form = minicbor::Encoder::new(Vec::new());
        form.map(8).unwrap();
        form.u8(0).unwrap().bytes(&[1; 32]).unwrap();
        form.u8(1).unwrap().bytes(comment.device.as_bytes()).unwrap();
        form.u8(2).unwrap().bytes(&[7; 40]).unwrap();
        form.u8(3).unwrap().u64(1_800_000_123).unwrap();
        form.u8(4).unwrap().u8(10).unwrap();
        form.u8(5).unwrap().bytes(&[2; 32]).unwrap();
        form.u8(6).unwrap().bytes(&comment.body).unwrap();
        form.u8(7).unwrap().bytes(&comment.signature).unwrap();
        assert_eq!(comment.encode().as_slice(), form.into_writer());
        let hash = blake3::hash(&comment.body);
        let signed = [
            &b"kith 2026 sealed comment v1"[..],
            &[4; 32],
            &[5; 32],
            &[1; 32],
            &1_800_000_123_u64.to_le_bytes(),
            &10_u16.to_le_bytes(),
            &[2; 32],
            hash.as_bytes(),
        ];
        assert!(is_signed(&comment.device, &signed.concat(), &comment.signature));
    }

    #[test]
    fn no_field_can_be_changed() {
        let [comment, reaction, _] = all();
        let changes = [
            Said { persona: PersonaId::from_bytes([8; 32]), ..comment.clone() },
            Said { device: DeviceKey::from_bytes([8; 32]), ..comment.clone() },
            Said { time: comment.time + 1, ..comment.clone() },
            Said { kind: Kind::Edit, ..comment.clone() },
            Said { target: EntryId::from_bytes([8; 32]), ..comment.clone() },
            Said { body: reaction.body, ..comment },
        ];
        for changed in changes {
            assert!(!changed.is_signed(&header(4, 5)), "{changed:?}");
        }
    }

    #[test]
    fn other_kinds_and_other_bodies_are_refused() {
        let [comment, ..] = all();
        for kind in Kind::KNOWN {
            let read = Said::decode(&Said { kind, ..comment.clone() }.encode());
            // A comment's body is none of the others': an edit's is a map within a map, a reaction's a short text.
            assert_eq!(read.is_ok(), matches!(kind, Kind::Comment | Kind::Reaction | Kind::Delete), "{kind:?}");
        }
        assert!(Said::decode(&Said { body: vec![0; 4].into(), ..comment.clone() }.encode()).is_err());
        let statements = vec![0; limits::INTRO_STATEMENT_BYTES + 1];
        assert!(matches!(Said::decode(&Said { statements, ..comment }.encode()), Err(EntryError::TooLarge { .. })));
    }

    proptest! {
        #[test]
        fn any_bytes_decode_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(said) = Said::decode(&bytes) {
                prop_assert_eq!(Said::decode(&said.encode()).unwrap(), said);
            }
        }

        #[test]
        fn a_changed_byte_is_refused_or_breaks_the_signature(at in any::<proptest::sample::Index>(), xor in 1_u8..) {
            let [comment, ..] = all();
            let mut bytes = comment.encode().to_vec();
            let at = at.index(bytes.len());
            bytes[at] ^= xor;
            if let Ok(read) = Said::decode(&bytes) {
                prop_assert!(!read.is_signed(&header(4, 5)) || read.statements != comment.statements || read == comment);
            }
        }
    }
}
