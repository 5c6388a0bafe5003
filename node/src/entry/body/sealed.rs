//! The body of a sealed entry, as everybody sees it. What is in it is for those who hold a key of a slot.

use minicbor::Decoder;

use super::{MISSING, Proof, Salt, bounded, finish, number, read};
use crate::crypto::{BUCKETS, Envelope, INTRO_SLOT, Outside, Purpose, SESSION_SLOT, Slots, is_sealed_size};
use crate::entry::cbor::{self, Fields};
use crate::entry::header::{Header, Shape};
use crate::entry::verify::EntryError;
use crate::id::{BlobHash, DeviceKey};
use crate::limits;

/// refs = [], or the sealed post that it comments on. In a log its route is 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedBody {
    /// Where it goes: recipients subscribe to its first bits.
    pub route: u32,
    /// That the writer of a comment holds a comment key. It stands outside, so that every node can check it.
    pub proof: Option<Proof>,
    /// Days since the epoch; nobody needs to keep it longer.
    pub expires_day: u16,
    pub envelope: Envelope,
    pub blobs: Vec<SealedBlob>,
    /// Proof of work, with intro slots only; 0 without.
    pub work: u64,
    /// Of a post: the key that proves that one may comment on it, for who can read it. It is drawn for this post alone.
    pub comment_key: Option<DeviceKey>,
}

/// A blob that goes with a sealed entry: of its content only those know who can open the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedBlob {
    /// Of the ciphertext.
    pub hash: BlobHash,
    /// Bytes of the ciphertext.
    pub padded_size: u64,
}

impl SealedBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.number(0, u64::from(self.route));
        if let Some(proof) = &self.proof {
            fields.bytes(1, &proof.signature);
        }
        fields.number(2, u64::from(self.expires_day));
        match &self.envelope.slots {
            Slots::Session(slots) => fields.bytes(3, slots.as_flattened()),
            Slots::Intro(slots) => fields.bytes(4, slots.as_flattened()),
        }
        fields.bytes(5, &self.envelope.ciphertext);
        fields.list(6, &self.blobs, |out, blob| blob.fields().write(out));
        fields.number(7, self.work);
        if let Some(proof) = &self.proof {
            fields.bytes(8, proof.key.as_bytes());
        }
        if let Some(key) = &self.comment_key {
            fields.bytes(9, key.as_bytes());
        }
        finish(salt, &fields)
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let (mut route, mut expires_day, mut work) = (0, 0, 0);
        let (mut signature, mut key, mut comment_key) = (None, None, None);
        let (mut session, mut intro, mut ciphertext) = (None, None, None);
        let mut blobs = Vec::new();
        read(body, |field, at| {
            match field {
                0 => route = at.u32()?,
                1 => signature = Some(cbor::read_array(at)?),
                2 => expires_day = at.u16()?,
                3 => session = Some(slots::<SESSION_SLOT>(at)?),
                4 => intro = Some(slots::<INTRO_SLOT>(at)?),
                5 => ciphertext = Some(at.bytes()?),
                6 => blobs = cbor::read_list(at, "the list of blobs", limits::SEALED_BLOBS, SealedBlob::read)?,
                7 => work = number(at)?,
                8 => key = Some(DeviceKey::from_bytes(cbor::read_array(at)?)),
                9 => comment_key = Some(DeviceKey::from_bytes(cbor::read_array(at)?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let slots = match (session, intro) {
            (Some(session), None) => Slots::Session(session),
            (None, Some(intro)) => Slots::Intro(intro),
            _ => return Err(EntryError::Malformed("not one kind of slots")),
        };
        if !slots.is_allowed() {
            return Err(EntryError::Malformed("the number of slots"));
        }
        if work != 0 && matches!(slots, Slots::Session(_)) {
            return Err(EntryError::Malformed("work without intro slots"));
        }
        let ciphertext = ciphertext.ok_or(MISSING)?;
        if !BUCKETS.contains(&ciphertext.len()) {
            return Err(EntryError::Malformed("the size of a ciphertext"));
        }
        let envelope = Envelope { slots, ciphertext: ciphertext.to_vec() };
        let proof = Proof::whole(signature, key)?;
        Ok(Self { route, proof, expires_day, envelope, blobs, work, comment_key })
    }

    /// What the envelope is bound to, in the entry with this header.
    pub fn outside<'a>(&self, header: &'a Header, purpose: Purpose) -> Outside<'a> {
        header.outside(purpose, self.route, self.expires_day)
    }

    /// What only the header shows: in a log it has no route, and a proof is about the post that it comments on.
    pub(in crate::entry) fn fits(&self, header: &Header, shape: Shape) -> Result<(), EntryError> {
        if shape == Shape::Log && self.route != 0 {
            return Err(EntryError::Malformed("a route in a log"));
        }
        if self.proof.is_some() && header.refs.is_empty() {
            return Err(EntryError::Malformed("a proof without a post"));
        }
        if self.comment_key.is_some() && (shape != Shape::Log || !header.refs.is_empty()) {
            return Err(EntryError::Malformed("a comment key outside of a post"));
        }
        Ok(())
    }
}

impl Header {
    /// What an envelope is sealed to that goes into an entry with this header: author and device are those that it is
    /// signed with, length and hash of the body do not matter.
    pub fn outside(&self, purpose: Purpose, route: u32, expires_day: u16) -> Outside<'_> {
        Outside {
            purpose,
            author: self.author,
            device: self.device,
            log: self.log,
            seq: self.seq,
            day: self.time / limits::DAY_S,
            route,
            expires_day,
            refs: &self.refs,
        }
    }
}

impl SealedBlob {
    fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.bytes(0, self.hash.as_bytes());
        fields.number(1, self.padded_size);
        fields
    }

    fn read(at: &mut Decoder<'_>) -> Result<Self, EntryError> {
        let (mut hash, mut padded_size) = (None, 0);
        cbor::read_map(at, |field, at| {
            match field {
                0 => hash = Some(BlobHash::from_bytes(cbor::read_array(at)?)),
                1 => {
                    padded_size = bounded(at, "the size of a sealed blob", limits::SEALED_BLOB_BYTES)?;
                    if !is_sealed_size(padded_size) {
                        return Err(EntryError::Malformed("the size of a sealed blob"));
                    }
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { hash: hash.ok_or(MISSING)?, padded_size })
    }
}

fn slots<const N: usize>(at: &mut Decoder<'_>) -> Result<Vec<[u8; N]>, EntryError> {
    let (slots, rest) = at.bytes()?.as_chunks::<N>();
    if rest.is_empty() { Ok(slots.to_vec()) } else { Err(EntryError::Malformed("the length of the slots")) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::{EnvelopeError, IntroSecret, RouteSecret, sealed_size};
    use crate::entry::{Entry, Kind, Place, Run, Unverified, sign, verify};
    use crate::host::SystemEntropy;
    use crate::id::{EntryId, PersonaId};

    /// A key, a header and a body that belong together, with the reader's ways to open it.
    struct Whole {
        key: SigningKey,
        header: Header,
        body: SealedBody,
        purpose: Purpose,
    }

    fn proof(header: &Header) -> Proof {
        let key = SigningKey::from_bytes(&[0x5c; 32]);
        let signature = key.sign(&Proof::message(header)).to_bytes();
        Proof { signature, key: DeviceKey::from(&key.verifying_key()) }
    }

    fn reader() -> (RouteSecret, IntroSecret) {
        (RouteSecret::from_bytes([7; 32]), IntroSecret::from_bytes([8; 32]))
    }

    fn wholes() -> [Whole; 3] {
        let key = SigningKey::from_bytes(&[0x5a; 32]);
        let device = DeviceKey::from(&key.verifying_key());
        let place = Place { seq: 3, prev: EntryId::from_bytes([9; 32]), ..Place::first(PersonaId::ZERO, device, 5) };
        let in_log = Header::log_entry(place, Kind::Sealed, 20_717 * limits::DAY_S, Vec::new());
        let once = Header::one_time(device, 20_717, vec![EntryId::from_bytes([3; 32])]);
        let intro = Header::one_time(device, 20_717, Vec::new());
        let (secret, public) = (reader().0, reader().1.public());
        [(in_log, Purpose::Post, 0), (once, Purpose::Comment, 7), (intro, Purpose::Intro, 7)].map(
            |(header, purpose, route)| {
                let outside = header.outside(purpose, route, 20_747);
                let envelope = match purpose {
                    Purpose::Intro => Envelope::seal_intro(b"Hello", &[public], &outside, &SystemEntropy),
                    _ => {
                        let slot = (secret.tag(0), secret.slot_key(0));
                        Envelope::seal(b"Hello", &[slot], &outside, &SystemEntropy)
                    }
                };
                let proof = (purpose == Purpose::Comment).then(|| proof(&header));
                let body = SealedBody { proof, envelope: envelope.unwrap(), ..body(session(8)) };
                Whole { key: key.clone(), header, body: SealedBody { route, ..body }, purpose }
            },
        )
    }

    /// What a reader makes of an entry that came.
    fn opened(entry: Entry, purpose: Purpose) -> Option<Vec<u8>> {
        let entry = verify(Unverified(entry)).ok()?.into_inner();
        let body = SealedBody::decode(&entry.body?).ok()?;
        let outside = body.outside(&entry.header, purpose);
        let (secret, intro) = reader();
        let content = match purpose {
            Purpose::Intro => body.envelope.open_intro(&[intro], &outside),
            _ => body.envelope.open_with_tag(&secret.tag(0), &secret.slot_key(0), &outside),
        };
        content.ok().map(|content| content.to_vec())
    }

    #[test]
    fn every_changed_byte_of_a_sealed_entry_fails_closed() {
        for Whole { key, header, body, purpose } in wholes() {
            let Unverified(entry) = sign(&key, header, body.encode([1; 16]));
            assert_eq!(opened(entry.clone(), purpose).as_deref(), Some(b"Hello".as_slice()), "{purpose:?}");
            let mut bytes = Vec::new();
            Run::from_entries(std::slice::from_ref(&entry)).iter().for_each(|run| run.encode(&mut bytes));
            for at in 0..bytes.len() {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << (at % 8);
                let Ok(run) = Run::decode(&mut changed.as_slice()) else { continue };
                for Unverified(entry) in run.into_entries() {
                    assert_eq!(opened(entry, purpose), None, "{purpose:?}, byte {at}");
                }
            }
        }
    }

    #[test]
    fn a_sealed_entry_signed_again_with_any_other_header_fails_closed() {
        let thief = SigningKey::from_bytes(&[0x5b; 32]);
        for Whole { key, header, body, purpose } in wholes() {
            let sealed = |key: &SigningKey, change: &dyn Fn(&mut Header, &mut SealedBody)| {
                let (mut header, mut body) = (header.clone(), body.clone());
                change(&mut header, &mut body);
                let Unverified(entry) = sign(key, header, body.encode([1; 16]));
                opened(entry, purpose)
            };
            assert!(sealed(&key, &|_, _| ()).is_some());
            let taken = DeviceKey::from(&thief.verifying_key());
            type Change<'a> = &'a dyn Fn(&mut Header, &mut SealedBody);
            let changes: [Change<'_>; 7] = [
                &|header, _| header.author = PersonaId::from_bytes(taken.to_bytes()),
                &|header, _| header.log = 6,
                &|header, _| header.seq += 1,
                &|header, _| header.time += limits::DAY_S,
                &|header, _| header.refs = vec![EntryId::from_bytes([4; 32])],
                &|_, body| body.route ^= 1,
                &|_, body| body.expires_day += 1,
            ];
            for (n, change) in changes.iter().enumerate() {
                assert_eq!(sealed(&key, change), None, "{purpose:?}, change {n}");
                assert_eq!(sealed(&thief, change), None, "{purpose:?}, change {n}");
            }
            // Under another one-time key, or another device's: the shape is right, the key is not.
            let stolen = sealed(&thief, &|header, body| {
                header.author = if header.log == 0 { PersonaId::from_bytes(taken.to_bytes()) } else { header.author };
                body.proof = None;
            });
            assert_eq!(stolen, None, "{purpose:?}");
        }
    }

    #[test]
    fn what_only_the_header_shows_is_checked() {
        let [in_log, once, _] = wholes();
        let verdict =
            |whole: &Whole| verify(sign(&whole.key, whole.header.clone(), whole.body.encode([1; 16]))).map(drop);
        assert_eq!(verdict(&in_log), Ok(()));
        let routed = Whole { body: SealedBody { route: 1, ..in_log.body.clone() }, ..in_log };
        assert_eq!(verdict(&routed), Err(EntryError::Malformed("a route in a log")));
        let bare = Whole { header: Header { refs: Vec::new(), ..once.header.clone() }, ..once };
        assert_eq!(verdict(&bare), Err(EntryError::Malformed("a proof without a post")));
        let [in_log, once, _] = wholes();
        for (whole, fits) in [(in_log, true), (once, false)] {
            let body = SealedBody { comment_key: Some(DeviceKey::from_bytes([3; 32])), ..whole.body.clone() };
            let edit = Header { refs: vec![EntryId::from_bytes([3; 32])], ..whole.header.clone() };
            let keyed = Whole { body, ..whole };
            assert_eq!(verdict(&keyed).is_ok(), fits);
            let edit = Whole { header: edit, ..keyed };
            assert_eq!(verdict(&edit), Err(EntryError::Malformed("a comment key outside of a post")));
        }
        let [_, mut once, _] = wholes();
        once.body.proof.as_mut().unwrap().signature[0] ^= 1;
        assert_eq!(verdict(&once), Err(EntryError::Signature));
    }

    #[test]
    fn purposes_are_kept_apart() {
        let [in_log, ..] = wholes();
        let outside = in_log.body.outside(&in_log.header, Purpose::Backup);
        let (secret, _) = reader();
        let opened = in_log.body.envelope.open_with_tag(&secret.tag(0), &secret.slot_key(0), &outside);
        assert_eq!(opened, Err(EnvelopeError::Altered));
    }

    fn body(slots: Slots) -> SealedBody {
        let envelope = Envelope { slots, ciphertext: vec![0xee; 1_024] };
        SealedBody {
            route: 7,
            proof: None,
            expires_day: 20_747,
            envelope,
            blobs: Vec::new(),
            work: 0,
            comment_key: None,
        }
    }

    fn session(count: usize) -> Slots {
        Slots::Session(vec![[0xdd; SESSION_SLOT]; count])
    }

    fn intro(count: usize) -> Slots {
        Slots::Intro(vec![[0xcc; INTRO_SLOT]; count])
    }

    fn refused(body: &SealedBody) -> bool {
        SealedBody::decode(&body.encode([0; 16])).is_err()
    }

    #[test]
    fn only_the_counts_and_sizes_of_the_document_are_taken() {
        for count in 0..=520_usize {
            let allowed = (8..=512).contains(&count) && count.is_power_of_two();
            assert_eq!(refused(&body(session(count))), !allowed, "{count} session slots");
        }
        for count in 0..=20_usize {
            let allowed = (1..=16).contains(&count) && count.is_power_of_two();
            assert_eq!(refused(&body(intro(count))), !allowed, "{count} intro slots");
        }
        for size in [0, 1, 1_023, 1_025, 2_048, 8_192, 32_768, 65_535] {
            let mut wrong = body(session(8));
            wrong.envelope.ciphertext.resize(size, 0);
            assert!(refused(&wrong), "{size} bytes");
        }
    }

    #[test]
    fn the_largest_body_is_within_its_limit() {
        let blob = SealedBlob { hash: BlobHash::from_bytes([9; 32]), padded_size: sealed_size(limits::BLOB_BYTES) };
        let mut largest = body(session(512));
        largest.envelope.ciphertext.resize(65_536, 0);
        largest.blobs = vec![blob; limits::SEALED_BLOBS];
        largest.proof = Some(Proof { signature: [1; 64], key: DeviceKey::from_bytes([2; 32]) });
        largest.comment_key = Some(DeviceKey::from_bytes([3; 32]));
        let bytes = largest.encode([0; 16]);
        assert!(bytes.len() <= limits::SEALED_BODY_BYTES, "{} bytes", bytes.len());
        assert_eq!(SealedBody::decode(&bytes), Ok(largest.clone()));
        largest.blobs.push(blob);
        assert!(refused(&largest));
    }

    #[test]
    fn what_is_missing_or_stands_twice_is_refused() {
        let mut work = body(session(8));
        work.work = 1;
        assert!(refused(&work), "work is for intros");
        let mut large = body(session(8));
        let classes = [0, 4_095, 64 * 1024 - 9, 64 * 1024, 1_000_000, limits::BLOB_BYTES].map(sealed_size);
        for size in classes.into_iter().chain([sealed_size(limits::BLOB_BYTES + limits::BLOB_BYTES / 8 + 1)]) {
            for (padded_size, fits) in [(size, size <= limits::SEALED_BLOB_BYTES), (size + 1, false), (size - 1, false)]
            {
                large.blobs = vec![SealedBlob { hash: BlobHash::ZERO, padded_size }];
                assert_eq!(refused(&large), !fits, "{padded_size} bytes");
            }
        }

        let raw = |fields: Fields| SealedBody::decode(&finish([0; 16], &fields));
        let mut both = Fields::default();
        both.bytes(3, &[1; 8 * SESSION_SLOT]);
        both.bytes(4, &[1; INTRO_SLOT]);
        both.bytes(5, &[1; 1_024]);
        assert!(raw(both).is_err());
        let mut none = Fields::default();
        none.bytes(5, &[1; 1_024]);
        assert!(raw(none).is_err());
        let mut without = Fields::default();
        without.bytes(3, &[1; 8 * SESSION_SLOT]);
        assert_eq!(raw(without), Err(MISSING));
        let mut uneven = Fields::default();
        uneven.bytes(3, &[1; 8 * SESSION_SLOT + 1]);
        uneven.bytes(5, &[1; 1_024]);
        assert!(raw(uneven).is_err());
        let mut half = Fields::default();
        half.bytes(1, &[1; 64]);
        half.bytes(3, &[1; 8 * SESSION_SLOT]);
        half.bytes(5, &[1; 1_024]);
        assert!(raw(half).is_err());
    }

    proptest! {
        #[test]
        fn bytes_and_body_are_the_same_thing(route in any::<u32>(), expires_day in any::<u16>(), class in 0_usize..4,
                count in 3_u32..10, is_intro in any::<bool>(), work in 0..=limits::LARGEST_NUMBER,
                proven in any::<bool>(), blobs in proptest::collection::vec(any::<[u8; 32]>(), 0..=32)) {
            let slots = if is_intro { intro(1 << (count / 2)) } else { session(1 << count) };
            let proof = proven.then(|| Proof { signature: [1; 64], key: DeviceKey::from_bytes([2; 32]) });
            let blobs = blobs
                .into_iter()
                .map(|hash| SealedBlob { hash: BlobHash::from_bytes(hash), padded_size: sealed_size(u64::from(route) / 16) })
                .collect();
            let envelope = Envelope { slots, ciphertext: vec![5; BUCKETS[class]] };
            let work = if is_intro { work } else { 0 };
            let comment_key = proven.then(|| DeviceKey::from_bytes([3; 32]));
            let body = SealedBody { route, proof, expires_day, envelope, blobs, work, comment_key };
            prop_assert_eq!(SealedBody::decode(&body.encode([9; 16])).unwrap(), body);
        }

        #[test]
        fn what_decodes_has_one_form(at in 16_usize..1_600, xor in 1_u8..) {
            let mut bytes = body(session(8)).encode([9; 16]);
            let at = at % bytes.len();
            bytes[at] ^= xor;
            if let Ok(body) = SealedBody::decode(&bytes) {
                let salt = *bytes.first_chunk().unwrap();
                // Fields of numbers that are unknown are ignored: then it is shorter.
                let again = body.encode(salt);
                prop_assert!(again == bytes || again.len() < bytes.len());
            }
        }
    }
}
