//! Everything that a stranger's bytes go through before the store: headers, bodies, runs, verification.
//!
//! The first byte chooses: 0 a header, 1 runs, 2 and above the body of kind (byte - 1).

#![no_main]

use kith_node::entry::{
    DeleteBody, DeviceCertBody, DeviceKeysBody, EditBody, Header, Kind, LogOpenBody, PersonaOpenBody, PolicyBody,
    PostBody, ProfileBody, Proof, ReactionBody, RepostBody, Run, Salt, SealedBody, verify, verify_batch,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        Some((0, bytes)) => header(bytes),
        Some((1, bytes)) => runs(bytes),
        Some((kind, bytes)) => body(Kind::from_number(u16::from(*kind - 1)), bytes),
        None => {}
    }
});

fn header(bytes: &[u8]) {
    if let Ok(header) = Header::parse(bytes) {
        assert_eq!(header.to_bytes(), bytes, "a header has one form");
        let _ = header.shape();
    }
}

fn runs(bytes: &[u8]) {
    let mut rest = bytes;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let before = rest;
        let Ok(run) = Run::decode(&mut rest) else { break };
        let taken = before.len() - rest.len();
        let mut again = Vec::new();
        run.encode(&mut again);
        assert_eq!(again, &before[..taken], "a run has one form");
        entries.extend(run.into_entries());
        if entries.len() > 64 {
            break;
        }
    }
    let plain: Vec<_> = entries.iter().map(|entry| entry.0.clone()).collect();
    let back: Vec<_> = Run::from_entries(&plain).into_iter().flat_map(Run::into_entries).collect();
    assert_eq!(back, entries, "entries come back from their runs");
    let single: Vec<_> = entries.iter().cloned().map(verify).collect();
    assert_eq!(verify_batch(entries), single, "one rule for single and batch");
}

/// What decodes is written and read again as the same.
macro_rules! round_trip {
    ($body:ty, $bytes:expr, $salt:expr) => {
        if let Ok(body) = <$body>::decode($bytes) {
            assert_eq!(<$body>::decode(&body.encode($salt)).as_ref(), Ok(&body));
        }
    };
}

fn body(kind: Kind, bytes: &[u8]) {
    let salt: Salt = [0; 16];
    match kind {
        Kind::LogOpen => round_trip!(LogOpenBody, bytes, salt),
        Kind::PersonaOpen => round_trip!(PersonaOpenBody, bytes, salt),
        Kind::DeviceCert => round_trip!(DeviceCertBody, bytes, salt),
        Kind::Profile => round_trip!(ProfileBody, bytes, salt),
        Kind::Post => round_trip!(PostBody, bytes, salt),
        Kind::Comment => {
            round_trip!(PostBody, bytes, salt);
            if let (Ok(body), Ok(Some(proof))) = (PostBody::decode(bytes), Proof::of(bytes)) {
                let again = body.encode_with_proof(salt, &proof);
                assert_eq!(PostBody::decode(&again).as_ref(), Ok(&body));
                assert_eq!(Proof::of(&again), Ok(Some(proof)));
            }
        }
        Kind::Repost => round_trip!(RepostBody, bytes, salt),
        Kind::Policy => round_trip!(PolicyBody, bytes, salt),
        Kind::Reaction => round_trip!(ReactionBody, bytes, salt),
        Kind::Edit => round_trip!(EditBody, bytes, salt),
        Kind::DeviceKeys => round_trip!(DeviceKeysBody, bytes, salt),
        Kind::Sealed => round_trip!(SealedBody, bytes, salt),
        Kind::Delete | Kind::Hide => round_trip!(DeleteBody, bytes, salt),
        _ => {}
    }
}
