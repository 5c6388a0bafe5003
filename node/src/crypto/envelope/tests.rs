#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;
use crate::crypto::RouteSecret;
use crate::host::SystemEntropy;

const REF: [EntryId; 1] = [EntryId::from_bytes([3; 32])];

fn outside() -> Outside<'static> {
    Outside {
        purpose: Purpose::Message,
        author: PersonaId::from_bytes([1; 32]),
        device: DeviceKey::from_bytes([2; 32]),
        log: 5,
        seq: 6,
        day: 20_717,
        route: 0x1234_5678,
        expires_day: 20_747,
        refs: &REF,
    }
}

fn recipient(n: u8) -> (Tag, SlotKey) {
    let secret = RouteSecret::from_bytes([n; 32]);
    (secret.tag(0), secret.slot_key(0))
}

#[test]
fn the_bytes_follow_the_document() {
    let envelope = Envelope::seal(b"Hello", &[recipient(7)], &outside(), &SystemEntropy).unwrap();
    let mut associated = b"kith 2026 sealed v1\x01".to_vec();
    associated.extend([1; 32]);
    associated.extend([2; 32]);
    associated.extend([5, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0xed, 0x50, 0, 0, 0, 0, 0, 0]);
    associated.extend([0x78, 0x56, 0x34, 0x12, 0x0b, 0x51, 1]);
    associated.extend([3; 32]);
    let (tag, key) = recipient(7);
    let Slots::Session(slots) = &envelope.slots else { panic!() };
    let slot = slots.iter().find(|slot| slot[..16] == tag).unwrap();
    let mut content_key = slot[16..].to_vec();
    let unlock = |key: &[u8; 32], buffer: &mut Vec<u8>| {
        ChaCha20Poly1305::new(&(*key).into()).decrypt_in_place(&Nonce::from([0; 12]), &associated, buffer).unwrap();
    };
    unlock(&key, &mut content_key);
    let mut inner = envelope.ciphertext.clone();
    unlock(&content_key.try_into().unwrap(), &mut inner);
    let mut expected = vec![0; 32];
    expected.extend(b"\x05\0\0\0Hello");
    expected.resize(1_008, 0);
    assert_eq!(inner, expected);
}

#[test]
fn sizes_tell_only_a_class() {
    let lengths = [0, 1, 972, 973, 4_044, 4_045, 16_332, 16_333, LARGEST_CONTENT];
    let sizes = [0, 0, 0, 1, 1, 2, 2, 3, 3];
    for (length, class) in lengths.into_iter().zip(sizes) {
        let content = vec![5; length];
        let envelope = Envelope::seal(&content, &[recipient(7)], &outside(), &SystemEntropy).unwrap();
        assert_eq!(envelope.ciphertext.len(), BUCKETS[class], "{length} bytes");
        let (tag, key) = recipient(7);
        assert_eq!(*envelope.open_with_tag(&tag, &key, &outside()).unwrap(), content);
    }
    let too_large = vec![0; LARGEST_CONTENT + 1];
    let error = Envelope::seal(&too_large, &[recipient(7)], &outside(), &SystemEntropy);
    assert_eq!(error, Err(EnvelopeError::TooLarge));
    for (count, expected) in [(1_u16, 8), (8, 8), (9, 16), (300, 512), (512, 512)] {
        let to: Vec<_> = (0..count).map(|n| ([n.to_le_bytes()[0]; 16], recipient(1).1)).collect();
        let envelope = Envelope::seal(b"", &to, &outside(), &SystemEntropy).unwrap();
        assert_eq!(envelope.tags().count(), expected);
        assert!(envelope.slots.is_allowed());
    }
    for to in [vec![], vec![recipient(1); 513]] {
        assert_eq!(Envelope::seal(b"", &to, &outside(), &SystemEntropy), Err(EnvelopeError::Recipients));
    }
    let intro = IntroSecret::from_bytes([9; 32]).public();
    for (count, expected) in [(1, 1), (2, 2), (3, 4), (16, 16)] {
        let envelope = Envelope::seal_intro(b"", &vec![intro; count], &outside(), &SystemEntropy).unwrap();
        let Slots::Intro(slots) = &envelope.slots else { panic!() };
        assert_eq!(slots.len(), expected);
    }
    let error = Envelope::seal_intro(b"", &[intro; 17], &outside(), &SystemEntropy);
    assert_eq!(error, Err(EnvelopeError::Recipients));
}

#[test]
fn the_places_of_slots_say_nothing() {
    let place = || {
        let envelope = Envelope::seal(b"", &[recipient(7)], &outside(), &SystemEntropy).unwrap();
        envelope.tags().position(|tag| tag == recipient(7).0).unwrap()
    };
    let places: std::collections::BTreeSet<_> = (0..400).map(|_| place()).collect();
    assert_eq!(places.len(), limits::LEAST_SLOTS, "400 tries miss one of 8 places with a chance of 10^-22");
}

#[test]
fn whatever_is_changed_fails_closed() {
    let (tag, key) = recipient(7);
    let envelope = Envelope::seal(b"Hello", &[(tag, key.clone())], &outside(), &SystemEntropy).unwrap();
    let closed = |envelope: &Envelope, outside: &Outside<'_>| {
        assert_eq!(envelope.open_with_tag(&tag, &key, outside), Err(EnvelopeError::Altered));
    };
    each_field_changed(&mut |outside| closed(&envelope, outside));
    for at in 0..envelope.ciphertext.len() {
        let mut changed = envelope.clone();
        changed.ciphertext[at] ^= 0x40;
        closed(&changed, &outside());
    }
    for length in [0, 15, 1_023, 1_025, 4_096] {
        let mut changed = envelope.clone();
        changed.ciphertext.resize(length, 0);
        closed(&changed, &outside());
    }
    let Slots::Session(slots) = &envelope.slots else { panic!() };
    let own = slots.iter().position(|slot| slot.starts_with(&tag)).unwrap();
    for at in 0..SESSION_SLOT {
        let mut changed = slots.clone();
        changed[own][at] ^= 1;
        closed(&Envelope { slots: Slots::Session(changed), ..envelope.clone() }, &outside());
    }
    assert_eq!(envelope.open_with_tag(&tag, &recipient(8).1, &outside()), Err(EnvelopeError::Altered));
    let secrets = [IntroSecret::from_bytes([9; 32])];
    assert_eq!(envelope.open_intro(&secrets, &outside()), Err(EnvelopeError::Altered));
}

#[test]
fn whatever_is_changed_in_an_intro_fails_closed() {
    let secrets = [IntroSecret::from_bytes([8; 32]), IntroSecret::from_bytes([9; 32])];
    let envelope = Envelope::seal_intro(b"Hello", &[secrets[1].public()], &outside(), &SystemEntropy).unwrap();
    assert_eq!(envelope.open_intro(&secrets, &outside()).unwrap().as_slice(), b"Hello");
    assert_eq!(envelope.open_intro(&secrets[..1], &outside()), Err(EnvelopeError::Altered));
    let closed = |envelope: &Envelope, outside: &Outside<'_>| {
        assert_eq!(envelope.open_intro(&secrets, outside), Err(EnvelopeError::Altered));
    };
    each_field_changed(&mut |outside| closed(&envelope, outside));
    let Slots::Intro(slots) = &envelope.slots else { panic!() };
    for at in 0..INTRO_SLOT {
        let mut changed = slots.clone();
        changed[0][at] ^= 1;
        closed(&Envelope { slots: Slots::Intro(changed), ..envelope.clone() }, &outside());
    }
    for at in (0..envelope.ciphertext.len()).step_by(7) {
        let mut changed = envelope.clone();
        changed.ciphertext[at] ^= 1;
        closed(&changed, &outside());
    }
    let (tag, key) = recipient(7);
    assert_eq!(envelope.open_with_tag(&tag, &key, &outside()), Err(EnvelopeError::Altered));
}

fn each_field_changed(check: &mut dyn FnMut(&Outside<'_>)) {
    let right = outside();
    let two = [REF[0], REF[0]];
    check(&Outside { purpose: Purpose::Comment, ..right });
    check(&Outside { author: PersonaId::from_bytes([9; 32]), ..right });
    check(&Outside { device: DeviceKey::from_bytes([9; 32]), ..right });
    check(&Outside { log: 0, ..right });
    check(&Outside { seq: 7, ..right });
    check(&Outside { day: right.day + 1, ..right });
    check(&Outside { route: right.route ^ 1, ..right });
    check(&Outside { expires_day: right.expires_day + 1, ..right });
    check(&Outside { refs: &[], ..right });
    check(&Outside { refs: &two, ..right });
    check(&Outside { refs: &[EntryId::from_bytes([4; 32])], ..right });
}

#[test]
fn a_copied_tag_does_not_keep_the_content_from_its_reader() {
    let (tag, key) = recipient(7);
    let mut envelope = Envelope::seal(b"Hello", &[(tag, key.clone())], &outside(), &SystemEntropy).unwrap();
    let Slots::Session(slots) = &mut envelope.slots else { panic!() };
    let own = slots.iter().position(|slot| slot.starts_with(&tag)).unwrap();
    for (at, slot) in slots.iter_mut().enumerate() {
        if at != own {
            slot[..16].copy_from_slice(&tag);
        }
    }
    assert_eq!(envelope.open_with_tag(&tag, &key, &outside()).unwrap().as_slice(), b"Hello");
}

#[test]
fn a_content_without_its_leading_zeros_is_refused() {
    let (tag, key) = recipient(7);
    let mut envelope = Envelope::seal(b"Hello", &[(tag, key.clone())], &outside(), &SystemEntropy).unwrap();
    let associated = outside().associated();
    let good = {
        let mut inner = vec![0; 1_008];
        inner[32..41].copy_from_slice(b"\x05\0\0\0Hello");
        inner
    };
    let content_key = [4; 32];
    let Slots::Session(slots) = &mut envelope.slots else { panic!() };
    let own = slots.iter_mut().find(|slot| slot.starts_with(&tag)).unwrap();
    let mut sealed = content_key.to_vec();
    close(&key, &associated, &mut sealed).unwrap();
    own[16..].copy_from_slice(&sealed);
    let mut opened = |change: &dyn Fn(&mut Vec<u8>)| {
        envelope.ciphertext = good.clone();
        change(&mut envelope.ciphertext);
        close(&content_key, &associated, &mut envelope.ciphertext).unwrap();
        envelope.open_with_tag(&tag, &key, &outside())
    };
    assert_eq!(opened(&|_| ()).unwrap().as_slice(), b"Hello");
    assert_eq!(opened(&|inner| inner[31] = 1), Err(EnvelopeError::Altered));
    assert_eq!(opened(&|inner| inner[1_007] = 1), Err(EnvelopeError::Altered));
    assert_eq!(opened(&|inner| inner[34] = 0xff), Err(EnvelopeError::Altered));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_sealed_is_opened_by_each_recipient(content in proptest::collection::vec(any::<u8>(), 0..6_000),
            count in 1_u8..20, log in any::<u64>(), route in any::<u32>()) {
        let outside = Outside { log, route, ..outside() };
        let to: Vec<_> = (0..count).map(recipient).collect();
        let envelope = Envelope::seal(&content, &to, &outside, &SystemEntropy).unwrap();
        prop_assert!(envelope.slots.is_allowed());
        for (tag, key) in &to {
            let opened = envelope.open_with_tag(tag, key, &outside).unwrap();
            prop_assert_eq!(opened.as_slice(), content.as_slice());
        }
        let (tag, key) = recipient(200);
        prop_assert_eq!(envelope.open_with_tag(&tag, &key, &outside), Err(EnvelopeError::Altered));
    }
}
