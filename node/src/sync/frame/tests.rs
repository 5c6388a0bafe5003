use super::*;
use crate::sync::want::{HaveLog, HaveRange};
use proptest::prelude::*;

fn samples() -> Vec<Frame> {
    let ask = Ask { nonce: 7, week: 200, set: SetId([3; 8]), digest: [4; 16], hashes: None, depths: Vec::new() };
    let range = |start, end| HaveRange { start, end, check: u16::MAX };
    let have = HaveLog { log: 1, fork: Some(3), more: true, ranges: vec![range(0, 2), HaveRange::behind(3)] };
    let ranges = vec![
        HeaderRange { end: Mark { time: 5, id: [7; 8] }, set: HeaderSet::Print(9) },
        HeaderRange { end: Mark::END, set: HeaderSet::Ids(vec![ShortId(2)]) },
    ];
    let headers = HeadersItem { author: AuthorHash(1), start: Mark::START, ranges };
    let item = WantItem { author: 1, statements: 2, headers: 3, have: vec![have] };
    vec![
        Frame::Hello { min: 1, max: 1, features: 0, role: 1, takes: vec![Bucket::EVERYTHING] },
        Frame::Hello { min: 1, max: 1, features: 0, role: 1, takes: vec![Bucket::new(3, 0xe000)] },
        Frame::Takes { buckets: vec![Bucket::new(2, 0), Bucket::new(16, 0xc001)] },
        Frame::Ask(ask.clone()),
        Frame::Ask(Ask { hashes: Some(vec![AuthorHash(5), AuthorHash(6)]), depths: vec![0, 2], ..ask.clone() }),
        Frame::Ask(Ask { hashes: Some(vec![AuthorHash(5), AuthorHash(6)]), ..ask }),
        Frame::Same { nonce: 1, proof: [5; 8] },
        Frame::Unknown { nonce: 1 },
        Frame::Differ { nonce: 1, known: vec![0b11], prints: vec![[1; 5], [2; 5]], proof: [3; 8] },
        Frame::Want(Want { request: 9, nonce: 4, newest: true, credit: 2, page_kib: 64, items: vec![item] }),
        Frame::Page(Page {
            request: 9,
            more: true,
            differing: vec![AuthorHash(8)],
            runs: vec![1, 2, 3],
            ranges: Vec::new(),
        }),
        Frame::Page(Page { request: 9, more: false, differing: Vec::new(), runs: Vec::new(), ranges: vec![0, 300] }),
        Frame::More { request: 9, credit: 1, page_kib: 1_024 },
        Frame::Headers(Headers { request: 1, credit: 1, page_kib: 1, items: vec![headers] }),
        Frame::Push { stale: vec![AuthorHash(1)], runs: vec![9], way: Way::default() },
        Frame::Push { stale: Vec::new(), runs: vec![9], way: Way { stem: true, hops: 3 } },
        Frame::Taken { pushes: 3 },
        Frame::Failed { request: 4 },
        Frame::Unsupported { kind: 99 },
        Frame::Carry { authors: vec![PersonaId::from_bytes([7; 32])] },
        Frame::Known { authors: vec![PersonaId::from_bytes([7; 32])] },
        Frame::News { items: vec![(AuthorHash(3), ShortId(4)), (AuthorHash(1), ShortId(9))] },
        Frame::Find { id: u64::MAX, hops: 1, query: "#bread".to_owned() },
        Frame::Found { id: 7, runs: vec![1, 2] },
        Frame::Quiet { nonce: 4, quiet: vec![0b101] },
        Frame::Dropped { posts: vec![EntryId::from_bytes([8; 32])] },
        Frame::Keep { shown: None },
        Frame::Keep { shown: Some(Shown { week: 2_976, proof: [7; 16] }) },
        Frame::Keeps { answer: KeepAnswer::Keeps(DeviceKey::from_bytes([6; 32])) },
        Frame::Keeps { answer: KeepAnswer::Refused(Refusal::Expired) },
        Frame::Keeps { answer: KeepAnswer::Refused(Refusal::Other(200)) },
        Frame::Receipts { receipts: vec![Receipt { entry: EntryId::from_bytes([8; 32]), signature: [9; 64] }] },
        Frame::Report {
            number: 3,
            report: Report { about: EntryId::from_bytes([8; 32]), reason: Reason::Spam, text: "again".to_owned() },
        },
        Frame::Reported { number: 3, taken: true },
    ]
}

#[test]
fn every_frame_reads_back() {
    for frame in samples() {
        assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
    }
}

#[test]
fn cut_and_extended_frames_are_refused() {
    for frame in samples() {
        let bytes = frame.encode();
        for end in 0..bytes.len() {
            assert_eq!(Frame::decode(&bytes[..end]), Err(BadFrame), "{frame:?} cut at {end}");
        }
        assert_eq!(Frame::decode(&[bytes.as_slice(), &[0]].concat()), Err(BadFrame));
    }
}

#[test]
fn fields_of_a_later_version_are_skipped() {
    // `Taken { pushes: 3 }` with two more fields.
    assert_eq!(Frame::decode(&[10, 0x83, 3, 0x41, 7, 0xf6]), Ok(Frame::Taken { pushes: 3 }));
    assert_eq!(Frame::decode(&[77, 0x82, 1, 2]), Ok(Frame::Other { kind: 77 }));
}

#[test]
fn counts_above_their_limit_are_refused_before_allocating() {
    // A list of 2^60 numbers in a `Page`, and 2^60 fields.
    let mut page = vec![6, 0x85, 1, 0xf4, 0x40, 0x40, 0x9b];
    page.extend_from_slice(&(1_u64 << 60).to_be_bytes());
    assert_eq!(Frame::decode(&page), Err(BadFrame));
    assert_eq!(Frame::decode(&[3, 0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0, 1]), Err(BadFrame));
}

proptest! {
    #[test]
    fn any_bytes_decode_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        assert!(fuzz_frame(&bytes));
    }

    #[test]
    fn any_body_of_a_known_type(kind in 0_u8..23, mut bytes in proptest::collection::vec(any::<u8>(), 1..200)) {
        bytes[0] = kind;
        assert!(fuzz_frame(&bytes));
    }
}
