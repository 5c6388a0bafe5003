#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use data_encoding::HEXLOWER;
use proptest::prelude::*;

use super::*;
use crate::crypto::{Envelope, Slots};
use crate::entry::{
    BlobRef, DeleteBody, DeviceRevokeBody, EditBody, ListedPerson, LogOpenBody, Place, PollBody, PostBody, ProfileBody,
    ReactionBody, Scope, recovery_hash,
};
use crate::id::PersonaId;

const SALT: Salt = [7; 16];

/// Alice: her root, her device, and a log that she opened.
struct Alice {
    root: SigningKey,
    device: SigningKey,
    persona: PersonaOpenBody,
    opened: Entry,
}

impl Alice {
    fn new() -> Self {
        let (root, device) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
        let recovery = key_of(&SigningKey::from_bytes(&[3; 32]));
        let persona = PersonaOpenBody { root: key_of(&root), nonce: [4; 16], recovery_hash: recovery_hash(&recovery) };
        let place = Place::first(persona.persona(), key_of(&device), 99);
        let header = Header::log_entry(place, Kind::LogOpen, 1_000, Vec::new());
        let body = LogOpenBody { scope: Scope::Posts, prior_heads: Vec::new() }.encode(SALT);
        let opened = sign(&device, header, body).0;
        Self { root, device, persona, opened }
    }

    fn write(&self, kind: Kind, refs: usize, body: Vec<u8>) -> Unverified<Entry> {
        let refs = vec![EntryId::from_bytes([5; 32]); refs];
        sign(&self.device, Header::log_entry(Place::after(&self.opened.header), kind, 2_000, refs), body)
    }

    fn state(&self, kind: Kind, body: Vec<u8>) -> Unverified<Entry> {
        sign(&self.root, Header::statement(self.persona.persona(), key_of(&self.root), kind, 1_000), body)
    }

    fn certify(&self, device: DeviceKey) -> Unverified<Entry> {
        let cert = DeviceCertBody { device, caps: 0, purpose: 0, not_after: 0 };
        self.state(Kind::DeviceCert, cert.encode(SALT))
    }

    fn post(&self, text: &str) -> Unverified<Entry> {
        self.write(Kind::Post, 0, PostBody { text: text.into(), ..PostBody::default() }.encode(SALT))
    }
}

fn key_of(key: &SigningKey) -> DeviceKey {
    DeviceKey::from(&key.verifying_key())
}

fn blob() -> BlobRef {
    BlobRef {
        hash: BlobHash::from_bytes([6; 32]),
        key: None,
        size: 10,
        mime: "image/png".into(),
        width: 3,
        height: 4,
        blurhash: Some("LEHV6nWB2yk8pyo0adR*.7kCMdnj".into()),
        alt: Some("a cat".into()),
        thumb: Some(BlobHash::from_bytes([7; 32])),
        name: None,
    }
}

/// Both ways to check, which have to agree.
fn verdict(entry: Unverified<Entry>) -> Result<(), EntryError> {
    let single = verify(entry.clone()).map(drop);
    let good = Alice::new().post("hello");
    let batch: Vec<_> = verify_batch(vec![good.clone(), entry, good]);
    assert!(batch[0].is_ok() && batch[2].is_ok());
    assert_eq!(batch[1].clone().map(drop), single);
    single
}

#[test]
fn every_kind_with_good_form_is_taken() {
    let alice = Alice::new();
    let post = PostBody {
        text: "hello".into(),
        content_warning: Some("cats".into()),
        lang: Some("en".into()),
        attachments: vec![blob()],
        mentions: vec![alice.persona.persona()],
        tags: vec!["cats".into()],
        quote: Some(EntryId::from_bytes([8; 32])),
        card: Some(crate::entry::Card {
            url: "https://example.org/".into(),
            title: "Fog".into(),
            description: String::new(),
            picture: Some(blob().hash),
        }),
        people: vec![ListedPerson { persona: PersonaId::from_bytes([4; 32]), name: "Bob".into() }],
        quoted: Some(alice.persona.persona()),
        poll: Some(PollBody { options: vec!["Tea".into(), "Coffee".into()], ends: 9 }),
        series: Some(crate::entry::Series { id: [6; 16], place: 1 }),
    };
    let profile =
        ProfileBody { name: "Alice".into(), bio: String::new(), picture: Some(blob()), counter: 1, listed: false };
    let good = [
        Unverified(alice.opened.clone()),
        alice.state(Kind::PersonaOpen, alice.persona.encode(SALT)),
        alice.certify(key_of(&alice.device)),
        alice.state(
            Kind::DeviceRevoke,
            DeviceRevokeBody { device: key_of(&alice.device), heads: Vec::new() }.encode(SALT),
        ),
        alice.write(Kind::Profile, 0, profile.encode(SALT)),
        alice.write(Kind::Post, 0, post.encode(SALT)),
        alice.write(Kind::Comment, 2, post.encode(SALT)),
        alice.write(Kind::Reaction, 1, ReactionBody { emoji: "👍".into() }.encode(SALT)),
        alice.write(Kind::Edit, 1, EditBody { post, counter: 3 }.encode(SALT)),
        alice.write(Kind::Delete, 8, DeleteBody {}.encode(SALT)),
        alice.write(Kind::Unknown(500), 3, vec![9; 4_096]),
    ];
    for entry in good {
        assert_eq!(verdict(entry.clone()), Ok(()), "{:?}", entry.0.header.kind);
    }
    let once = SigningKey::from_bytes(&[9; 32]);
    let envelope = Envelope { slots: Slots::Session(vec![[1; 64]; 8]), ciphertext: vec![1; 1_024] };
    let sealed =
        SealedBody { route: 1, proof: None, expires_day: 2, envelope, blobs: Vec::new(), work: 0, comment_key: None };
    let header = Header::one_time(key_of(&once), 20_000, Vec::new());
    assert_eq!(verdict(sign(&once, header.clone(), sealed.encode(SALT))), Ok(()));
    assert!(verdict(sign(&once, header, vec![1; 1_000])).is_err());
}

#[test]
fn a_body_may_be_absent_except_in_statements() {
    let alice = Alice::new();
    let mut post = alice.post("hello");
    post.0.body = None;
    assert_eq!(verdict(post), Ok(()));
    let mut cert = alice.certify(key_of(&alice.device));
    cert.0.body = None;
    assert_eq!(verdict(cert), Err(EntryError::BodyMissing));
}

#[test]
fn each_change_of_a_signed_entry_is_noticed() {
    let good = Alice::new().post("hello").0;
    let change = |change: fn(&mut Entry)| {
        let mut entry = good.clone();
        change(&mut entry);
        verdict(Unverified(entry))
    };
    assert_eq!(change(|entry| entry.header.time += 1), Err(EntryError::Signature));
    assert_eq!(change(|entry| entry.header.log += 1), Err(EntryError::Signature));
    assert_eq!(change(|entry| entry.header.kind = Kind::Alias), Err(EntryError::Signature));
    assert_eq!(change(|entry| entry.header.author = PersonaId::from_bytes([1; 32])), Err(EntryError::Signature));
    assert_eq!(change(|entry| entry.header.device = Alice::new().persona.root), Err(EntryError::Signature));
    assert_eq!(change(|entry| entry.signature[0] ^= 1), Err(EntryError::Signature));
    assert_eq!(change(|entry| entry.signature[63] ^= 0x80), Err(EntryError::Signature));
    assert_eq!(change(|entry| entry.body.as_mut().unwrap()[0] ^= 1), Err(EntryError::BodyHash));
    assert_eq!(change(|entry| entry.body.as_mut().unwrap().push(0)), Err(EntryError::BodyHash));
    assert_eq!(change(|entry| entry.header.prev = EntryId::ZERO), Err(EntryError::Shape));
    assert_eq!(change(|entry| entry.header.refs.push(EntryId::ZERO)), Err(EntryError::Refs));
    assert_eq!(change(|entry| entry.header.seq = u64::MAX), Err(EntryError::Malformed("a number past 2^63")));
}

#[test]
fn well_signed_entries_of_bad_form_are_refused() {
    let alice = Alice::new();
    let unknown = alice.write(Kind::Unknown(500), 0, vec![9; 4_097]);
    assert!(matches!(verdict(unknown), Err(EntryError::TooLarge { limit: 4_096, .. })));
    let hidden = alice.write(Kind::Unknown(Kind::Post.number()), 0, vec![9; 40]);
    assert!(matches!(verdict(hidden), Err(EntryError::Malformed(_))));
    assert_eq!(verdict(alice.write(Kind::DeviceKeys, 0, vec![9; 15])), Err(EntryError::Truncated));
    let large = alice.write(Kind::DeviceKeys, 0, vec![9; limits::BODY_BYTES + 1]);
    assert!(matches!(verdict(large), Err(EntryError::TooLarge { .. })));
    let long = alice.post(&"x".repeat(limits::TEXT_CHARS + 1));
    assert!(matches!(verdict(long), Err(EntryError::TooLarge { .. })));
    assert_eq!(verdict(alice.post(&"ж".repeat(limits::TEXT_CHARS))), Ok(()));
    let keyed = PostBody { attachments: vec![BlobRef { key: Some([1; 32]), ..blob() }], ..PostBody::default() };
    assert!(matches!(verdict(alice.write(Kind::Post, 0, keyed.encode(SALT))), Err(EntryError::Malformed(_))));
    for refs in [0, 1, 3] {
        assert_eq!(verdict(alice.write(Kind::Comment, refs, PostBody::default().encode(SALT))), Err(EntryError::Refs));
    }
    assert_eq!(verdict(alice.write(Kind::Delete, 0, DeleteBody {}.encode(SALT))), Err(EntryError::Refs));
    assert_eq!(verdict(alice.write(Kind::Delete, 9, DeleteBody {}.encode(SALT))), Err(EntryError::Refs));
    assert_eq!(verdict(alice.state(Kind::Post, PostBody::default().encode(SALT))), Err(EntryError::Shape));
    let once = SigningKey::from_bytes(&[9; 32]);
    let mut header = Header::one_time(key_of(&once), 20_000, Vec::new());
    header.time += 1;
    assert!(matches!(verdict(sign(&once, header, vec![1; 1_000])), Err(EntryError::Malformed(_))));
}

#[test]
fn a_persona_opens_only_under_its_own_id() {
    let alice = Alice::new();
    let other = PersonaOpenBody { nonce: [5; 16], ..alice.persona.clone() };
    assert_ne!(other.persona(), alice.persona.persona());
    assert_eq!(verdict(alice.state(Kind::PersonaOpen, other.encode(SALT))), Err(EntryError::PersonaMismatch));
    let header = Header::statement(alice.persona.persona(), key_of(&alice.device), Kind::PersonaOpen, 1_000);
    let by_device = sign(&alice.device, header, alice.persona.encode(SALT));
    assert_eq!(verdict(by_device), Err(EntryError::PersonaMismatch));
}

/// All encodings of the eight points of small order, the non-canonical ones too.
const SMALL: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
];

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
}

#[test]
fn small_order_keys_are_refused_though_the_equation_holds() {
    let alice = Alice::new();
    for key in SMALL {
        let key = DeviceKey::from_bytes(bytes(key));
        for point in SMALL {
            let mut entry = alice.post("hello").0;
            entry.header.device = key;
            entry.signature = [0; 64];
            entry.signature[..32].copy_from_slice(&bytes::<32>(point));
            let message = message(&entry.id());
            assert!(check_one(&key, &message, &entry.signature), "ZIP-215 takes {key} with {point}");
            assert!(check_all(&[(key, message, entry.signature)]), "batch takes {key} with {point}");
            assert_eq!(verdict(Unverified(entry)), Err(EntryError::WeakKey));
        }
        assert_eq!(verdict(alice.certify(key)), Err(EntryError::WeakKey));
    }
    let no_point = DeviceKey::from_bytes(bytes("0200000000000000000000000000000000000000000000000000000000000000"));
    assert!(matches!(verdict(alice.certify(no_point)), Err(EntryError::Malformed(_))));
}

/// Message, key, signature of the published vectors of "Taming the many EdDSAs" (ePrint 2020/1244), and what the one
/// rule says: `None` a small-order key, else whether the signature counts.
const EDGE: [(&str, &str, &str, Option<bool>); 10] = [
    (
        "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        concat!(
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "0000000000000000000000000000000000000000000000000000000000000000"
        ),
        None,
    ),
    (
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        concat!(
            "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
            "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04"
        ),
        None,
    ),
    (
        "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        concat!(
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e"
        ),
        Some(true),
    ),
    (
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        concat!(
            "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f",
            "87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009"
        ),
        Some(true),
    ),
    (
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        concat!(
            "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512",
            "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09"
        ),
        Some(true),
    ),
    (
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        concat!(
            "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7",
            "e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405"
        ),
        Some(true),
    ),
    (
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
        concat!(
            "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e",
            "547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514"
        ),
        Some(false),
    ),
    (
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
        concat!(
            "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942",
            "7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22"
        ),
        Some(false),
    ),
    (
        "fdaebc429f4a735932a160da1301080c13280eea8bc280d1b392c6b9e6ba3a5a",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        concat!(
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "454d370c8d9fc323a41450f8d513eafeb5b0697390c1e505a0d4ddc71f566607"
        ),
        Some(false),
    ),
    (
        "84b698d39be126ff55fe45079e6c8bf64a0d7db6994560b4e96b7021eb39c1a1",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        concat!(
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "084d5b99c2a9463d9c8bd5026916996984eeec87ddf1d3be329006ace1b37b09"
        ),
        Some(true),
    ),
];

#[test]
fn one_rule_for_single_and_batch_at_the_edges() {
    let mut all = Vec::new();
    for (at, (text, key, signature, expected)) in EDGE.into_iter().enumerate() {
        let (text, key, signature) = (bytes::<32>(text), DeviceKey::from_bytes(bytes(key)), bytes::<64>(signature));
        let single = check_one(&key, &text, &signature);
        assert_eq!(check_all(&[(key, text, signature)]), single, "vector {at}");
        assert_eq!(check_key(&key).is_err(), expected.is_none(), "vector {at}");
        if let Some(expected) = expected {
            assert_eq!(single, expected, "vector {at}");
        }
        if expected == Some(true) {
            all.push((key, text, signature));
        }
    }
    assert!(check_all(&all));
}

#[test]
fn an_empty_batch_is_fine() {
    assert!(verify_batch(Vec::new()).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn batch_and_single_agree(faults in proptest::collection::vec((0_u8..10, any::<u8>()), 0..24)) {
        let alice = Alice::new();
        let entries: Vec<_> = faults.into_iter().map(|(fault, at)| {
            let mut entry = alice.post(&at.to_string()).0;
            match fault {
                0 => entry.signature[usize::from(at) % 64] ^= 1,
                1 => entry.header.time ^= 1,
                2 => entry.header.device = DeviceKey::from_bytes(bytes(SMALL[usize::from(at) % 14])),
                3 => entry.header.device = DeviceKey::from_bytes([at; 32]),
                4 => entry.body = None,
                5 => entry.body.as_mut().unwrap()[usize::from(at) % 16] ^= 1,
                _ => {}
            }
            Unverified(entry)
        }).collect();
        let single: Vec<_> = entries.iter().cloned().map(verify).collect();
        prop_assert_eq!(verify_batch(entries), single);
    }
}
