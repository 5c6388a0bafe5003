//! Golden bytes of every kind of entry. They are made again from fixed seeds and compared with the file: a change of
//! one byte is a change of the protocol. `KITH_BLESS=1 cargo test -p kith-node --test vectors` writes the file anew;
//! that is right only for a kind that no release has written yet.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::atomic::{AtomicU64, Ordering};

use data_encoding::HEXLOWER;
use ed25519_dalek::{Signer, SigningKey};
use kith_node::crypto::{Envelope, IntroSecret, Purpose, RouteSecret, do_work, is_worked};
use kith_node::entry::{
    BlobRef, Body, Card, Commenters, DeleteBody, DeviceCertBody, DeviceKeysBody, EditBody, Entry, EntryError, Header,
    Kind, ListedPerson, LogOpenBody, PersonaOpenBody, Place, PolicyBody, PostBody, ProfileBody, Proof, ReactionBody,
    RepostBody, Run, Salt, Scope, SealedBlob, SealedBody, Series, Unverified, recovery_hash, sign, verify,
};
use kith_node::host::Entropy;
use kith_node::id::{BlobHash, DeviceKey, EntryId, PersonaId};
use minicbor::Encoder;
use serde_json::{Value, json};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/entries.json");
const TIME: u64 = 1_790_000_000;
const DAY: u32 = 20_717;
const EXPIRES_DAY: u16 = 20_747;
const SALT: Salt = *b"salt of a vector";

/// Alice with fixed keys, and the logs that she writes.
struct Alice {
    root: SigningKey,
    recovery: SigningKey,
    device: SigningKey,
    persona: PersonaOpenBody,
    made: Vec<(String, Entry)>,
}

impl Alice {
    fn new() -> Self {
        let (root, device) = (SigningKey::from_bytes(&[0x11; 32]), SigningKey::from_bytes(&[0x22; 32]));
        let recovery = SigningKey::from_bytes(&[0x33; 32]);
        let persona = PersonaOpenBody {
            root: key_of(&root),
            nonce: [0x44; 16],
            recovery_hash: recovery_hash(&key_of(&recovery)),
        };
        Self { root, recovery, device, persona, made: Vec::new() }
    }

    fn id(&self) -> PersonaId {
        self.persona.persona()
    }

    fn keep(&mut self, name: &str, entry: Unverified<Entry>) -> Header {
        let header = entry.0.header.clone();
        self.made.push((name.into(), entry.0));
        header
    }

    fn state(&mut self, name: &str, key: &SigningKey, kind: Kind, body: Vec<u8>) -> Header {
        let header = Header::statement(self.id(), key_of(key), kind, TIME);
        self.keep(name, sign(key, header, body))
    }

    fn open(&mut self, name: &str, log: u64, scope: Scope, prior_heads: Vec<EntryId>) -> Header {
        let header =
            Header::log_entry(Place::first(self.id(), key_of(&self.device), log), Kind::LogOpen, TIME, Vec::new());
        let body = LogOpenBody { scope, prior_heads }.encode(SALT);
        let entry = sign(&self.device, header, body);
        self.keep(name, entry)
    }

    fn write(&mut self, name: &str, last: &mut Header, kind: Kind, refs: Vec<EntryId>, body: Vec<u8>) {
        let time = if kind == Kind::Sealed { u64::from(DAY) * 86_400 } else { last.time + 60 };
        let entry = sign(&self.device, Header::log_entry(Place::after(last), kind, time, refs), body);
        *last = self.keep(name, entry);
    }
}

fn key_of(key: &SigningKey) -> DeviceKey {
    DeviceKey::from_bytes(key.verifying_key().to_bytes())
}

fn raw(write: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut body = SALT.to_vec();
    write(&mut Encoder::new(&mut body));
    body
}

fn blob() -> BlobRef {
    BlobRef {
        hash: BlobHash::from_bytes([0x55; 32]),
        key: None,
        size: 123_456,
        mime: "image/jpeg".into(),
        width: 1_024,
        height: 768,
        blurhash: Some("LEHV6nWB2yk8pyo0adR*.7kCMdnj".into()),
        alt: Some("Two cats on a roof".into()),
        thumb: Some(BlobHash::from_bytes([0x66; 32])),
        name: None,
    }
}

/// Random bytes that are the same in every run: the n-th draw is BLAKE3 of n as 8 bytes, as long as is asked for.
#[derive(Debug, Default)]
struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        let n = self.0.fetch_add(1, Ordering::Relaxed);
        blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(bytes);
        Ok(())
    }
}

fn route_secret() -> RouteSecret {
    RouteSecret::from_bytes([0x71; 32])
}

fn intro_secret() -> IntroSecret {
    IntroSecret::from_bytes([0x72; 32])
}

/// "Hello." to who holds the secrets above.
fn sealed_body(header: &Header, purpose: Purpose, route: u32) -> SealedBody {
    let (outside, entropy) = (header.outside(purpose, route, EXPIRES_DAY), Counted::default());
    let envelope = match purpose {
        Purpose::Intro => Envelope::seal_intro(b"Hello.", &[intro_secret().public()], &outside, &entropy),
        _ => {
            let slots = [3, 4].map(|n| (route_secret().tag(n), route_secret().slot_key(n)));
            Envelope::seal(b"Hello.", &slots, &outside, &entropy)
        }
    };
    let envelope = envelope.unwrap();
    SealedBody { route, proof: None, expires_day: EXPIRES_DAY, envelope, blobs: Vec::new(), work: 0, comment_key: None }
}

/// One entry of each kind, and some of the forms that a kind has.
fn entries() -> Vec<(String, Entry)> {
    let mut alice = Alice::new();
    let (root, recovery) = (alice.root.clone(), alice.recovery.clone());
    let device = key_of(&alice.device);
    let open = alice.persona.encode(SALT);
    alice.state("persona_open", &root, Kind::PersonaOpen, open);
    let cert = DeviceCertBody { device, caps: 3, purpose: 0, not_after: 0 };
    alice.state("device_cert", &root, Kind::DeviceCert, cert.encode(SALT));
    let ending = DeviceCertBody { device: key_of(&recovery), caps: 0, purpose: 1, not_after: TIME + 1 };
    alice.state("device_cert_with_end", &root, Kind::DeviceCert, ending.encode(SALT));
    let revoke = raw(|e| {
        e.map(2).unwrap().u8(0).unwrap().bytes(device.as_bytes()).unwrap();
        e.u8(1).unwrap().array(1).unwrap();
        e.map(3).unwrap().u8(0).unwrap().u64(1).unwrap().u8(1).unwrap().u64(2).unwrap();
        e.u8(2).unwrap().bytes(&[0x77; 32]).unwrap();
    });
    alice.state("device_revoke", &root, Kind::DeviceRevoke, revoke);
    let rotate = raw(|e| {
        e.map(2).unwrap().u8(0).unwrap().bytes(device.as_bytes()).unwrap().u8(1).unwrap().u8(1).unwrap();
    });
    alice.state("root_rotate", &recovery, Kind::RootRotate, rotate);

    let mut posts = alice.open("log_open_posts", 0x0102_0304_0506_0708, Scope::Posts, Vec::new());
    let profile =
        ProfileBody { name: "Alice".into(), bio: "Cats.".into(), picture: Some(blob()), counter: 1, listed: false };
    alice.write("profile", &mut posts, Kind::Profile, Vec::new(), profile.encode(SALT));
    let keys = DeviceKeysBody {
        intro: intro_secret().public(),
        identity: [0x73; 32],
        fallback: [0x74; 32],
        route: 0x1234_9876,
        counter: 1,
    };
    alice.write("device_keys", &mut posts, Kind::DeviceKeys, Vec::new(), keys.encode(SALT));
    let alias = raw(|e| {
        e.map(3).unwrap().u8(0).unwrap().str("activitypub").unwrap();
        e.u8(1).unwrap().str("@alice@example.org").unwrap().u8(2).unwrap().u8(1).unwrap();
    });
    alice.write("alias", &mut posts, Kind::Alias, Vec::new(), alias);
    let text = PostBody { text: "Hello.".into(), ..PostBody::default() };
    alice.write("post", &mut posts, Kind::Post, Vec::new(), text.encode(SALT));
    let post = posts.id();
    let full = PostBody {
        text: "Всем привет 🐈 #cats".into(),
        content_warning: Some("cats".into()),
        lang: Some("ru".into()),
        attachments: vec![blob(), BlobRef { blurhash: None, alt: None, thumb: None, ..blob() }],
        mentions: vec![alice.id()],
        tags: vec!["cats".into()],
        quote: Some(post),
        ..PostBody::default()
    };
    alice.write("post_with_all_fields", &mut posts, Kind::Post, Vec::new(), full.encode(SALT));
    let mut later = text.encode(SALT);
    later[16] += 1;
    later.extend([0x18, 0x64, 0x82, 0xf5, 0xa1, 0x00, 0x20]);
    alice.write("post_with_unknown_field", &mut posts, Kind::Post, Vec::new(), later);
    let repost = RepostBody { author: PersonaId::from_bytes([0x99; 32]) };
    alice.write("repost", &mut posts, Kind::Repost, vec![post], repost.encode(SALT));
    let edit = EditBody { post: PostBody { text: "Hello!".into(), ..PostBody::default() }, counter: 1 };
    alice.write("edit", &mut posts, Kind::Edit, vec![post], edit.encode(SALT));
    let both = vec![post, EntryId::from_bytes([0xaa; 32])];
    alice.write("delete", &mut posts, Kind::Delete, both.clone(), DeleteBody {}.encode(SALT));
    alice.write("hide", &mut posts, Kind::Hide, both.clone(), DeleteBody {}.encode(SALT));
    let policy = |who, counter| PolicyBody { who, counter }.encode(SALT);
    let keys = Commenters::Keys(vec![DeviceKey::from_bytes([0xbb; 32])]);
    alice.write("policy", &mut posts, Kind::Policy, Vec::new(), policy(keys, 1));
    alice.write("unknown_kind", &mut posts, Kind::Unknown(0x7001), vec![post], vec![0xcc; 24]);
    alice.write("policy_of_a_post", &mut posts, Kind::Policy, vec![post], policy(Commenters::Nobody, 2));
    alice.write("policy_that_is_lifted", &mut posts, Kind::Policy, vec![post], policy(Commenters::Everyone, 3));

    let mut engagement = alice.open("log_open_engagement", 9, Scope::Engagement, vec![post]);
    let comment = PostBody { text: "Me too.".into(), ..PostBody::default() };
    alice.write("comment", &mut engagement, Kind::Comment, both, comment.encode(SALT));
    alice.write(
        "reaction",
        &mut engagement,
        Kind::Reaction,
        vec![post],
        ReactionBody { emoji: "👍".into() }.encode(SALT),
    );
    let key = SigningKey::from_bytes(&[0xb1; 32]);
    let mut place = Header::log_entry(Place::after(&engagement), Kind::Comment, TIME, vec![post, post]);
    place.device = device;
    let signature = key.sign(&Proof::message(&place)).to_bytes();
    let proven = comment.encode_with_proof(SALT, &Proof { signature, key: key_of(&key) });
    alice.write("comment_with_proof", &mut engagement, Kind::Comment, vec![post, post], proven);

    let mut circle = alice.open("log_open_sealed", 10, Scope::Sealed, Vec::new());
    let header = Header::log_entry(Place::after(&circle), Kind::Sealed, u64::from(DAY) * 86_400, Vec::new());
    let blobs = vec![SealedBlob { hash: BlobHash::from_bytes([0x55; 32]), padded_size: 127_008 }];
    let sealed = sealed_body(&header, Purpose::Post, 0);
    let sealed = SealedBody { blobs, ..sealed }.encode(SALT);
    alice.write("sealed_in_log", &mut circle, Kind::Sealed, Vec::new(), sealed);
    alice.open("log_open_hive", 11, Scope::Hive([0xff; 32]), Vec::new());
    let people = vec![
        ListedPerson { persona: PersonaId::from_bytes([0x99; 32]), name: "Bob".into() },
        ListedPerson { persona: alice.id(), name: String::new() },
    ];
    let list = PostBody { text: "Sailors".into(), people, ..PostBody::default() };
    alice.write("post_with_people", &mut posts, Kind::Post, Vec::new(), list.encode(SALT));
    let card = Card {
        url: "https://example.org/fog".into(),
        title: "Fog over the harbour".into(),
        description: "Two masts".into(),
        picture: Some(blob().hash),
    };
    let linked = PostBody {
        text: "https://example.org/fog".into(),
        attachments: vec![blob()],
        card: Some(card),
        ..PostBody::default()
    };
    alice.write("post_with_card", &mut posts, Kind::Post, Vec::new(), linked.encode(SALT));
    let series = Some(Series { id: [0x77; 16], place: 1 });
    let later = PostBody { text: "The second of them".into(), series, ..PostBody::default() };
    alice.write("post_of_a_thread", &mut posts, Kind::Post, Vec::new(), later.encode(SALT));

    let once = SigningKey::from_bytes(&[0x5a; 32]);
    let header = Header::one_time(key_of(&once), DAY, Vec::new());
    let sealed = sealed_body(&header, Purpose::Message, 0x1234_5678).encode(SALT);
    alice.keep("sealed_one_time", sign(&once, header.clone(), sealed));
    let mut intro = sealed_body(&header, Purpose::Intro, 0x1234_5678);
    intro.work = do_work(&intro_secret().public(), u64::from(DAY), &intro.envelope.ciphertext);
    alice.keep("sealed_intro", sign(&once, header, intro.encode(SALT)));
    let header = Header::one_time(key_of(&once), DAY, vec![circle.id()]);
    let signature = key.sign(&Proof::message(&header)).to_bytes();
    let comment = sealed_body(&header, Purpose::Comment, 0x1234_5678);
    let proof = Some(Proof { signature, key: key_of(&key) });
    alice.keep("sealed_comment", sign(&once, header, SealedBody { proof, ..comment }.encode(SALT)));
    alice.made
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn encoded(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    for run in Run::from_entries(entries) {
        run.encode(&mut out);
    }
    out
}

fn rendered(entries: &[(String, Entry)]) -> Value {
    let each = entries.iter().map(|(name, entry)| {
        json!({
            "name": name,
            "kind": entry.header.kind.number(),
            "header": hex(&entry.header_bytes()),
            "id": entry.id().to_string(),
            "signature": hex(&entry.signature),
            "body": hex(entry.body.as_deref().unwrap()),
            "run": hex(&encoded(std::slice::from_ref(entry))),
        })
    });
    let all: Vec<Entry> = entries.iter().map(|(_, entry)| entry.clone()).collect();
    let absent: Vec<Entry> = all.iter().map(|entry| Entry { body: None, ..entry.clone() }).collect();
    let (route, intro) = (route_secret(), intro_secret());
    let derived = [0, 1, 3, 4, u32::MAX]
        .map(|n| json!({ "n": n, "tag": hex(&route.tag(n)), "slot_key": hex(route.slot_key(n).as_slice()) }));
    json!({
        "route": { "secret": hex(route.as_bytes()), "derived": derived },
        "intro": { "secret": hex(intro.as_bytes()), "public": hex(&intro.public()) },
        "entries": each.collect::<Vec<_>>(),
        "runs_of_all": hex(&encoded(&all)),
        "runs_of_all_without_bodies": hex(&encoded(&absent)),
    })
}

fn file() -> Value {
    serde_json::from_slice(&std::fs::read(FILE).unwrap()).unwrap()
}

fn field(value: &Value, name: &str) -> Vec<u8> {
    HEXLOWER.decode(value[name].as_str().unwrap().as_bytes()).unwrap()
}

fn decoded(mut bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        entries.extend(Run::decode(&mut bytes).unwrap().into_entries().into_iter().map(|entry| entry.0));
    }
    entries
}

#[test]
fn golden_bytes_are_made_again_from_their_seeds() {
    let made = rendered(&entries());
    if std::env::var_os("KITH_BLESS").is_some() {
        std::fs::write(FILE, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let kept = file();
    let (made_entries, kept_entries) = (made["entries"].as_array().unwrap(), kept["entries"].as_array().unwrap());
    for (made, kept) in made_entries.iter().zip(kept_entries) {
        assert_eq!(made, kept, "{}", made["name"]);
    }
    assert_eq!(made, kept);
}

#[test]
fn every_known_kind_has_a_vector() {
    let file = file();
    for kind in Kind::KNOWN {
        let found = file["entries"].as_array().unwrap().iter().any(|entry| entry["kind"] == kind.number());
        assert!(found, "{kind:?}");
    }
}

#[test]
fn golden_bytes_are_read_and_verified() {
    for vector in file()["entries"].as_array().unwrap() {
        let name = &vector["name"];
        let header = Header::parse(&field(vector, "header")).unwrap();
        assert_eq!(header.id().to_string(), vector["id"].as_str().unwrap(), "{name}");
        let signature = field(vector, "signature").try_into().unwrap();
        let entry = Entry { header, signature, body: Some(field(vector, "body")) };
        assert_eq!(decoded(&field(vector, "run")), std::slice::from_ref(&entry), "{name}");
        let checked = verify(Unverified(entry.clone())).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(checked.into_inner(), entry);
    }
}

#[test]
fn unknown_kinds_and_fields_survive_a_round_trip() {
    let file = file();
    let all = decoded(&field(&file, "runs_of_all"));
    assert_eq!(encoded(&all), field(&file, "runs_of_all"));
    for (entry, vector) in all.iter().zip(file["entries"].as_array().unwrap()) {
        assert_eq!(hex(&entry.header_bytes()), vector["header"].as_str().unwrap());
        assert_eq!(hex(entry.body.as_deref().unwrap()), vector["body"].as_str().unwrap());
    }
    let unknown = all.iter().find(|entry| entry.header.kind == Kind::Unknown(0x7001)).unwrap();
    assert_eq!(unknown.body.as_deref(), Some([0xcc; 24].as_slice()));

    let vector = file["entries"].as_array().unwrap().iter().find(|entry| entry["name"] == "post_with_unknown_field");
    let body = field(vector.unwrap(), "body");
    assert_eq!(PostBody::decode(&body).unwrap().text, "Hello.");
}

#[test]
fn golden_sealed_entries_are_opened() {
    for (name, purpose) in [
        ("sealed_in_log", Purpose::Post),
        ("sealed_one_time", Purpose::Message),
        ("sealed_intro", Purpose::Intro),
        ("sealed_comment", Purpose::Comment),
    ] {
        let file = file();
        let vector = file["entries"].as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap();
        let header = Header::parse(&field(vector, "header")).unwrap();
        let body = SealedBody::decode(&field(vector, "body")).unwrap();
        let outside = body.outside(&header, purpose);
        let route = RouteSecret::from_bytes(field(&file["route"], "secret").try_into().unwrap());
        let intro = IntroSecret::from_bytes(field(&file["intro"], "secret").try_into().unwrap());
        if purpose == Purpose::Intro {
            let content = body.envelope.open_intro(std::slice::from_ref(&intro), &outside).unwrap();
            assert_eq!(content.as_slice(), b"Hello.");
            assert!(is_worked(&intro.public(), u64::from(DAY), &body.envelope.ciphertext, body.work));
            continue;
        }
        for n in [3, 4] {
            let content = body.envelope.open_with_tag(&route.tag(n), &route.slot_key(n), &outside).unwrap();
            assert_eq!(content.as_slice(), b"Hello.", "{name}");
        }
    }
}

#[test]
fn a_proof_holds_for_one_place_and_post_alone() {
    let all = entries();
    let comment = &all.iter().find(|(name, _)| name == "comment_with_proof").unwrap().1;
    let device = SigningKey::from_bytes(&[0x22; 32]);
    let signed = |header: Header| verify(sign(&device, header, comment.body.clone().unwrap())).map(drop);
    assert_eq!(signed(comment.header.clone()), Ok(()));
    let moved: [fn(&mut Header); 4] = [
        |header| header.seq += 1,
        |header| header.log += 1,
        |header| header.refs[0] = EntryId::from_bytes([1; 32]),
        |header| header.author = PersonaId::from_bytes([1; 32]),
    ];
    for change in moved {
        let mut header = comment.header.clone();
        change(&mut header);
        assert_eq!(signed(header), Err(EntryError::Signature));
    }
}

#[test]
fn the_ids_prove_runs_without_bodies() {
    let file = file();
    let bytes = field(&file, "runs_of_all_without_bodies");
    let all = decoded(&bytes);
    assert_eq!(encoded(&all), bytes);
    for (entry, vector) in all.iter().zip(file["entries"].as_array().unwrap()) {
        assert!(entry.body.is_none());
        assert_eq!(entry.id().to_string(), vector["id"].as_str().unwrap());
    }
    let mut rest = bytes.as_slice();
    let run = Run::decode(&mut rest).unwrap();
    assert!(matches!(run.items[0].body, Body::Absent { .. }));
}
