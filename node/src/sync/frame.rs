//! Frames of a sync stream: one byte of type, then a CBOR array whose positions are the numbered fields
//! (docs/protocol.md, "Frames"). Fields after the known ones are skipped, so that a later version can add some;
//! bytes after the array are refused. Every count is checked against its limit before anything is allocated.

use minicbor::{Decoder, Encoder};

use crate::bucket::{Bucket, apart};
use crate::gate::{KeepAnswer, Receipt, Refusal, Report, Shown};
use crate::id::{DeviceKey, EntryId, PersonaId};
use crate::limits::{
    CARRY_AUTHORS, DROPPED_POSTS, FIND_BYTES, FRAME_BYTES, HEADER_IDS_FRAME, HEADER_RANGES_FRAME, KNOWN_FRAME,
    LARGEST_NUMBER, RECEIPTS_FRAME, REPORT_CHARS, SUBSCRIPTIONS_PER_PEER, TAKEN_BUCKETS, WANT_AUTHORS,
};
use crate::sync::digest::{AuthorHash, HeaderRange, HeaderSet, Mark, SetId, ShortId, ShortPrint};
use crate::sync::want::{WantItem, pack, unpack};
use crate::view::Reason;

/// The version of the protocol that this build speaks, lowest and highest.
pub(crate) const VERSIONS: (u16, u16) = (1, 1);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    Hello {
        min: u16,
        max: u16,
        features: u64,
        role: u8,
        /// The buckets whose mail the sender takes, rising and apart; left out where it takes all.
        takes: Vec<Bucket>,
    },
    Ask(Ask),
    /// The agreed set is equal on both sides; `proof`: so that only who knows it can say so.
    Same {
        nonce: u32,
        proof: [u8; 8],
    },
    /// The set is not remembered: ask again with hashes.
    Unknown {
        nonce: u32,
    },
    /// `known`: one bit an asked hash; `prints`: 4 bytes for each known author, in order; `proof`: that they are known.
    Differ {
        nonce: u32,
        known: Vec<u8>,
        prints: Vec<ShortPrint>,
        proof: [u8; 8],
    },
    Want(Want),
    Page(Page),
    /// Applied: send more.
    More {
        request: u32,
        credit: u8,
        page_kib: u16,
    },
    Headers(Headers),
    /// `stale`: authors that have more than fits a push; the receiver wants them.
    Push {
        stale: Vec<AuthorHash>,
        runs: Vec<u8>,
        way: Way,
    },
    /// So many pushes were applied since the last one.
    Taken {
        pushes: u32,
    },
    /// The request can't be served now.
    Failed {
        request: u32,
    },
    /// A frame of this type is not known here.
    Unsupported {
        kind: u8,
    },
    /// Takes these authors as an anchor: nobody else who was asked carries them.
    Carry {
        authors: Vec<PersonaId>,
    },
    /// New entries of these authors, one bit for each of the last question, come from others already: they need not
    /// be pushed, `News` is enough. What is said about posts still is pushed.
    Quiet {
        nonce: u32,
        quiet: Vec<u8>,
    },
    /// The newest entries of authors that were not pushed because the peer gets them from others: it pulls what did
    /// not come.
    News {
        items: Vec<(AuthorHash, ShortId)>,
    },
    /// Somebody looks for posts: `id` is drawn, and names the question on its way back.
    Find {
        id: u64,
        /// How many more nodes may pass it on.
        hops: u8,
        query: String,
    },
    /// Posts that answer `Find`, as runs.
    Found {
        id: u64,
        runs: Vec<u8>,
    },
    /// From one anchor to another: authors that it carries, so that the other knows them by the hashes of its peers.
    Known {
        authors: Vec<PersonaId>,
    },
    /// The sender holds these posts no longer, or did not take them.
    Dropped {
        posts: Vec<EntryId>,
    },
    /// The sender asks to be kept mail for; by a token, where the receiver needs one.
    Keep {
        shown: Option<Shown>,
    },
    /// Answers `Keep`.
    Keeps {
        answer: KeepAnswer,
    },
    /// The sender, a mailbox, holds mail that the receiver gave it.
    Receipts {
        receipts: Vec<Receipt>,
    },
    /// From now on the sender takes mail of these buckets, rising and apart.
    Takes {
        buckets: Vec<Bucket>,
    },
    /// The sender's user reports something to this anchor.
    Report {
        number: u64,
        report: Report,
    },
    /// Answers `Report`.
    Reported {
        number: u64,
        taken: bool,
    },
    /// A type that this build does not know.
    Other {
        kind: u8,
    },
}

/// How pushed entries travel on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Way {
    /// To one peer first: who spreads them need not be where they come from.
    pub(crate) stem: bool,
    /// How many more nodes may take them in as a spare copy and pass them on: nobody asked for their author yet.
    pub(crate) hops: u8,
}

impl Way {
    const STEM: u8 = 0x80;

    fn flags(self) -> u8 {
        self.hops & !Self::STEM | if self.stem { Self::STEM } else { 0 }
    }

    fn from_flags(flags: u8) -> Self {
        Self { stem: flags & Self::STEM != 0, hops: flags & !Self::STEM }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) nonce: u32,
    /// The asker's week, modulo 256.
    pub(crate) week: u8,
    pub(crate) set: SetId,
    pub(crate) digest: [u8; 16],
    /// Left out where the peer should remember the set.
    pub(crate) hashes: Option<Vec<AuthorHash>>,
    /// For each hash, how many leases stand between the asker and who follows the author. Empty: none anywhere.
    pub(crate) depths: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Want {
    pub(crate) request: u32,
    /// The question that the places of authors are of.
    pub(crate) nonce: u32,
    /// Newest page first, then the rest from the start.
    pub(crate) newest: bool,
    pub(crate) credit: u8,
    pub(crate) page_kib: u16,
    pub(crate) items: Vec<WantItem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) request: u32,
    pub(crate) more: bool,
    /// Authors whose header entries differ: the asker sends `Headers`.
    pub(crate) differing: Vec<AuthorHash>,
    /// Answers `Headers`: which of its fingerprints, counted through the frame, are not ours. Left out where empty.
    pub(crate) ranges: Vec<u32>,
    pub(crate) runs: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Headers {
    pub(crate) request: u32,
    pub(crate) credit: u8,
    pub(crate) page_kib: u16,
    pub(crate) items: Vec<HeadersItem>,
}

/// The asker's header entries of one author's posts from `start` on, as ranges without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeadersItem {
    pub(crate) author: AuthorHash,
    pub(crate) start: Mark,
    pub(crate) ranges: Vec<HeaderRange>,
}

/// Why bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadFrame;

impl From<minicbor::decode::Error> for BadFrame {
    fn from(_: minicbor::decode::Error) -> Self {
        Self
    }
}

impl Frame {
    const fn kind(&self) -> u8 {
        match self {
            Self::Hello { .. } => 0,
            Self::Ask(_) => 1,
            Self::Same { .. } => 2,
            Self::Unknown { .. } => 3,
            Self::Differ { .. } => 4,
            Self::Want(_) => 5,
            Self::Page(_) => 6,
            Self::More { .. } => 7,
            Self::Headers(_) => 8,
            Self::Push { .. } => 9,
            Self::Taken { .. } => 10,
            Self::Failed { .. } => 11,
            Self::Unsupported { .. } => 12,
            Self::Carry { .. } => 13,
            Self::Quiet { .. } => 14,
            Self::Dropped { .. } => 15,
            Self::Known { .. } => 16,
            Self::News { .. } => 17,
            Self::Find { .. } => 18,
            Self::Found { .. } => 19,
            Self::Keep { .. } => 20,
            Self::Keeps { .. } => 21,
            Self::Receipts { .. } => 22,
            Self::Takes { .. } => 23,
            Self::Report { .. } => 24,
            Self::Reported { .. } => 25,
            Self::Other { kind } => *kind,
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut e = Encoder::new(vec![self.kind()]);
        // A `Vec` takes every write.
        let _infallible = self.fields(&mut e);
        e.into_writer()
    }

    fn fields(&self, e: &mut Encoder<Vec<u8>>) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
        match self {
            Self::Hello { min, max, features, role, takes } => {
                let all = takes.as_slice() == [Bucket::EVERYTHING];
                e.array(4 + u64::from(!all))?.u16(*min)?.u16(*max)?.u64(*features)?.u8(*role)?;
                if !all {
                    put_buckets(e, takes)?;
                }
            }
            Self::Ask(ask) => {
                let fields = 4 + u64::from(ask.hashes.is_some());
                e.array(fields + u64::from(fields == 5 && !ask.depths.is_empty()))?;
                e.u32(ask.nonce)?.u8(ask.week)?.bytes(&ask.set.0)?.bytes(&ask.digest)?;
                if let Some(hashes) = &ask.hashes {
                    put_shorts(e, hashes.iter().map(|hash| hash.0))?;
                    if !ask.depths.is_empty() {
                        e.bytes(&ask.depths)?;
                    }
                }
            }
            Self::Same { nonce, proof } => {
                e.array(2)?.u32(*nonce)?.bytes(proof)?;
            }
            Self::Unknown { nonce } => {
                e.array(1)?.u32(*nonce)?;
            }
            Self::Differ { nonce, known, prints, proof } => {
                e.array(4)?.u32(*nonce)?.bytes(known)?.bytes(&prints.concat())?.bytes(proof)?;
            }
            Self::Want(want) => {
                e.array(6)?.u32(want.request)?.u32(want.nonce)?.bool(want.newest)?.u8(want.credit)?;
                e.u16(want.page_kib)?.bytes(&pack(&want.items))?;
            }
            Self::Page(page) => {
                e.array(if page.ranges.is_empty() { 4 } else { 5 })?.u32(page.request)?.bool(page.more)?;
                put_shorts(e, page.differing.iter().map(|hash| hash.0))?;
                e.bytes(&page.runs)?;
                if !page.ranges.is_empty() {
                    e.array(page.ranges.len() as u64)?;
                    for range in &page.ranges {
                        e.u32(*range)?;
                    }
                }
            }
            Self::More { request, credit, page_kib } => {
                e.array(3)?.u32(*request)?.u8(*credit)?.u16(*page_kib)?;
            }
            Self::Headers(headers) => {
                e.array(4)?.u32(headers.request)?.u8(headers.credit)?.u16(headers.page_kib)?;
                e.array(headers.items.len() as u64)?;
                for item in &headers.items {
                    e.array(4)?.u64(item.author.0)?.u64(item.start.time)?.bytes(&item.start.id)?;
                    e.array(item.ranges.len() as u64)?;
                    for range in &item.ranges {
                        e.array(3)?.u64(range.end.time)?.bytes(&range.end.id)?;
                        match &range.set {
                            HeaderSet::Print(print) => {
                                e.u64(*print)?;
                            }
                            HeaderSet::Ids(ids) => put_shorts(e, ids.iter().map(|id| id.0))?,
                        }
                    }
                }
            }
            Self::Push { stale, runs, way } => {
                e.array(if *way == Way::default() { 2 } else { 3 })?;
                put_shorts(e, stale.iter().map(|hash| hash.0))?;
                e.bytes(runs)?;
                if *way != Way::default() {
                    e.u8(way.flags())?;
                }
            }
            Self::Taken { pushes } => {
                e.array(1)?.u32(*pushes)?;
            }
            Self::Failed { request } => {
                e.array(1)?.u32(*request)?;
            }
            Self::Unsupported { kind } => {
                e.array(1)?.u8(*kind)?;
            }
            Self::Carry { authors } | Self::Known { authors } => {
                e.array(1)?.bytes(&authors.iter().flat_map(|id| id.to_bytes()).collect::<Vec<u8>>())?;
            }
            Self::Find { id, hops, query } => {
                e.array(3)?.u64(*id)?.u8(*hops)?.str(query)?;
            }
            Self::Found { id, runs } => {
                e.array(2)?.u64(*id)?.bytes(runs)?;
            }
            Self::News { items } => {
                e.array(2)?;
                put_shorts(e, items.iter().map(|(author, _)| author.0))?;
                put_shorts(e, items.iter().map(|(_, id)| id.0))?;
            }
            Self::Quiet { nonce, quiet } => {
                e.array(2)?.u32(*nonce)?.bytes(quiet)?;
            }
            Self::Dropped { posts } => {
                e.array(1)?.bytes(&posts.iter().flat_map(|id| id.to_bytes()).collect::<Vec<u8>>())?;
            }
            Self::Keep { shown: None } => {
                e.array(0)?;
            }
            Self::Keep { shown: Some(shown) } => {
                e.array(2)?.u16(shown.week)?.bytes(&shown.proof)?;
            }
            Self::Keeps { answer: KeepAnswer::Keeps(key) } => {
                e.array(2)?.u8(0)?.bytes(key.as_bytes())?;
            }
            Self::Keeps { answer: KeepAnswer::Refused(refusal) } => {
                e.array(1)?.u8(refusal.number())?;
            }
            Self::Receipts { receipts } => {
                let bytes = |receipt: &Receipt| [receipt.entry.as_bytes().as_slice(), &receipt.signature].concat();
                e.array(1)?.bytes(&receipts.iter().flat_map(bytes).collect::<Vec<u8>>())?;
            }
            Self::Takes { buckets } => {
                e.array(1)?;
                put_buckets(e, buckets)?;
            }
            Self::Report { number, report: Report { about, reason, text } } => {
                e.array(4)?.u64(*number)?.bytes(about.as_bytes())?.u8(reason.number())?.str(text)?;
            }
            Self::Reported { number, taken } => {
                e.array(2)?.u64(*number)?.bool(*taken)?;
            }
            Self::Other { .. } => {
                e.array(0)?;
            }
        }
        Ok(())
    }

    /// Reads one frame: all of `bytes`.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, BadFrame> {
        if bytes.len() > FRAME_BYTES {
            return Err(BadFrame);
        }
        let (&kind, body) = bytes.split_first().ok_or(BadFrame)?;
        let mut d = Decoder::new(body);
        let mut fields = Fields::open(&mut d, body.len())?;
        let frame = match kind {
            0 => {
                let (min, max) = (fields.next(&mut d)?.u16()?, fields.next(&mut d)?.u16()?);
                let (features, role) = (fields.next(&mut d)?.u64()?, fields.next(&mut d)?.u8()?);
                let takes = match fields.left > 0 {
                    true => buckets(fields.next(&mut d)?)?,
                    false => vec![Bucket::EVERYTHING],
                };
                Self::Hello { min, max, features, role, takes }
            }
            1 => Self::Ask(Ask {
                nonce: fields.next(&mut d)?.u32()?,
                week: fields.next(&mut d)?.u8()?,
                set: SetId(exact(fields.next(&mut d)?)?),
                digest: exact(fields.next(&mut d)?)?,
                hashes: if fields.left > 0 {
                    Some(shorts(fields.next(&mut d)?, SUBSCRIPTIONS_PER_PEER, AuthorHash)?)
                } else {
                    None
                },
                depths: if fields.left > 0 {
                    at_most(fields.next(&mut d)?, SUBSCRIPTIONS_PER_PEER)?
                } else {
                    Vec::new()
                },
            }),
            2 => Self::Same { nonce: fields.next(&mut d)?.u32()?, proof: exact(fields.next(&mut d)?)? },
            3 => Self::Unknown { nonce: fields.next(&mut d)?.u32()? },
            4 => {
                let nonce = fields.next(&mut d)?.u32()?;
                let known = fields.next(&mut d)?.bytes()?;
                let prints = fields.next(&mut d)?.bytes()?;
                let (prints, rest) = prints.as_chunks::<5>();
                let proof = exact(fields.next(&mut d)?)?;
                let fits = known.len() <= SUBSCRIPTIONS_PER_PEER / 8 && prints.len() <= SUBSCRIPTIONS_PER_PEER;
                if !fits || !rest.is_empty() {
                    return Err(BadFrame);
                }
                Self::Differ { nonce, known: known.to_vec(), prints: prints.to_vec(), proof }
            }
            5 => Self::Want(Want {
                request: fields.next(&mut d)?.u32()?,
                nonce: fields.next(&mut d)?.u32()?,
                newest: fields.next(&mut d)?.bool()?,
                credit: fields.next(&mut d)?.u8()?,
                page_kib: fields.next(&mut d)?.u16()?,
                items: unpack(fields.next(&mut d)?.bytes()?)?,
            }),
            6 => Self::Page(Page {
                request: fields.next(&mut d)?.u32()?,
                more: fields.next(&mut d)?.bool()?,
                differing: shorts(fields.next(&mut d)?, WANT_AUTHORS, AuthorHash)?,
                runs: fields.next(&mut d)?.bytes()?.to_vec(),
                ranges: if fields.left > 0 { numbers(fields.next(&mut d)?)? } else { Vec::new() },
            }),
            7 => Self::More {
                request: fields.next(&mut d)?.u32()?,
                credit: fields.next(&mut d)?.u8()?,
                page_kib: fields.next(&mut d)?.u16()?,
            },
            8 => Self::Headers(Headers {
                request: fields.next(&mut d)?.u32()?,
                credit: fields.next(&mut d)?.u8()?,
                page_kib: fields.next(&mut d)?.u16()?,
                items: headers_items(fields.next(&mut d)?)?,
            }),
            9 => Self::Push {
                stale: shorts(fields.next(&mut d)?, SUBSCRIPTIONS_PER_PEER, AuthorHash)?,
                runs: fields.next(&mut d)?.bytes()?.to_vec(),
                way: if fields.left > 0 { Way::from_flags(fields.next(&mut d)?.u8()?) } else { Way::default() },
            },
            10 => Self::Taken { pushes: fields.next(&mut d)?.u32()? },
            11 => Self::Failed { request: fields.next(&mut d)?.u32()? },
            12 => Self::Unsupported { kind: fields.next(&mut d)?.u8()? },
            13 => Self::Carry { authors: ids(fields.next(&mut d)?, CARRY_AUTHORS, PersonaId::from_bytes)? },
            14 => Self::Quiet {
                nonce: fields.next(&mut d)?.u32()?,
                quiet: at_most(fields.next(&mut d)?, SUBSCRIPTIONS_PER_PEER / 8)?,
            },
            15 => Self::Dropped { posts: ids(fields.next(&mut d)?, DROPPED_POSTS, EntryId::from_bytes)? },
            16 => Self::Known { authors: ids(fields.next(&mut d)?, KNOWN_FRAME, PersonaId::from_bytes)? },
            17 => {
                let authors = shorts(fields.next(&mut d)?, SUBSCRIPTIONS_PER_PEER, AuthorHash)?;
                let ids = shorts(fields.next(&mut d)?, SUBSCRIPTIONS_PER_PEER, ShortId)?;
                if authors.len() != ids.len() {
                    return Err(BadFrame);
                }
                Self::News { items: authors.into_iter().zip(ids).collect() }
            }
            18 => {
                let (id, hops) = (fields.next(&mut d)?.u64()?, fields.next(&mut d)?.u8()?);
                let query = fields.next(&mut d)?.str()?;
                if query.len() > FIND_BYTES {
                    return Err(BadFrame);
                }
                Self::Find { id, hops, query: query.to_owned() }
            }
            19 => Self::Found { id: fields.next(&mut d)?.u64()?, runs: fields.next(&mut d)?.bytes()?.to_vec() },
            20 => Self::Keep {
                shown: if fields.left > 0 {
                    let week = fields.next(&mut d)?.u16()?;
                    Some(Shown { week, proof: exact(fields.next(&mut d)?)? })
                } else {
                    None
                },
            },
            21 => Self::Keeps {
                answer: match fields.next(&mut d)?.u8()? {
                    0 => KeepAnswer::Keeps(DeviceKey::from_bytes(exact(fields.next(&mut d)?)?)),
                    refusal => KeepAnswer::Refused(Refusal::from_number(refusal)),
                },
            },
            22 => Self::Receipts { receipts: receipts(fields.next(&mut d)?)? },
            23 => Self::Takes { buckets: buckets(fields.next(&mut d)?)? },
            24 => {
                let number = fields.next(&mut d)?.u64()?;
                let about = EntryId::from_bytes(exact(fields.next(&mut d)?)?);
                let reason = Reason::from_number(fields.next(&mut d)?.u8()?);
                let text = fields.next(&mut d)?.str()?;
                if text.chars().count() > REPORT_CHARS {
                    return Err(BadFrame);
                }
                Self::Report { number, report: Report { about, reason, text: text.to_owned() } }
            }
            25 => Self::Reported { number: fields.next(&mut d)?.u64()?, taken: fields.next(&mut d)?.bool()? },
            kind => Self::Other { kind },
        };
        fields.close(&mut d)?;
        if d.position() != body.len() { Err(BadFrame) } else { Ok(frame) }
    }
}

/// Decodes a frame; `false` when it reads but does not read back as it was written, which is a defect. For fuzzing.
pub fn fuzz_frame(bytes: &[u8]) -> bool {
    let Ok(frame) = Frame::decode(bytes) else { return true };
    if let Frame::Page(Page { runs, .. }) | Frame::Push { runs, .. } | Frame::Found { runs, .. } = &frame {
        let _may_be_bad = crate::sync::runs::decode(runs, &[]);
    }
    Frame::decode(&frame.encode()) == Ok(frame)
}

/// The fields of a frame: an array of known length.
struct Fields {
    left: u64,
}

impl Fields {
    fn open(d: &mut Decoder<'_>, bytes: usize) -> Result<Self, BadFrame> {
        match d.array()? {
            Some(left) if left <= bytes as u64 => Ok(Self { left }),
            _ => Err(BadFrame),
        }
    }

    fn next<'d, 'b>(&mut self, d: &'d mut Decoder<'b>) -> Result<&'d mut Decoder<'b>, BadFrame> {
        self.left = self.left.checked_sub(1).ok_or(BadFrame)?;
        Ok(d)
    }

    /// Skips what a later version added.
    fn close(self, d: &mut Decoder<'_>) -> Result<(), BadFrame> {
        for _ in 0..self.left {
            d.skip()?;
        }
        Ok(())
    }
}

fn put_shorts(
    e: &mut Encoder<Vec<u8>>,
    shorts: impl Iterator<Item = u64>,
) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
    e.bytes(&shorts.flat_map(u64::to_le_bytes).collect::<Vec<u8>>())?;
    Ok(())
}

fn put_buckets(
    e: &mut Encoder<Vec<u8>>,
    buckets: &[Bucket],
) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
    e.bytes(&buckets.iter().flat_map(|bucket| bucket.to_bytes()).collect::<Vec<u8>>())?;
    Ok(())
}

/// At least one, and none twice.
fn buckets(d: &mut Decoder<'_>) -> Result<Vec<Bucket>, BadFrame> {
    let (chunks, rest) = d.bytes()?.as_chunks::<3>();
    if chunks.is_empty() || chunks.len() > TAKEN_BUCKETS || !rest.is_empty() {
        return Err(BadFrame);
    }
    let buckets: Option<Vec<Bucket>> = chunks.iter().map(|chunk| Bucket::from_bytes(*chunk)).collect();
    buckets.filter(|buckets| apart(buckets.clone()) == *buckets).ok_or(BadFrame)
}

fn exact<const N: usize>(d: &mut Decoder<'_>) -> Result<[u8; N], BadFrame> {
    d.bytes()?.try_into().map_err(|_| BadFrame)
}

fn at_most(d: &mut Decoder<'_>, limit: usize) -> Result<Vec<u8>, BadFrame> {
    let bytes = d.bytes()?;
    if bytes.len() > limit { Err(BadFrame) } else { Ok(bytes.to_vec()) }
}

/// At most `limit` ids of 32 bytes.
fn ids<T>(d: &mut Decoder<'_>, limit: usize, make: impl Fn([u8; 32]) -> T) -> Result<Vec<T>, BadFrame> {
    let (chunks, rest) = d.bytes()?.as_chunks::<32>();
    if chunks.len() > limit || !rest.is_empty() {
        return Err(BadFrame);
    }
    Ok(chunks.iter().map(|chunk| make(*chunk)).collect())
}

fn shorts<T>(d: &mut Decoder<'_>, limit: usize, make: impl Fn(u64) -> T) -> Result<Vec<T>, BadFrame> {
    let (chunks, rest) = d.bytes()?.as_chunks::<8>();
    if chunks.len() > limit || !rest.is_empty() {
        return Err(BadFrame);
    }
    Ok(chunks.iter().map(|chunk| make(u64::from_le_bytes(*chunk))).collect())
}

fn receipts(d: &mut Decoder<'_>) -> Result<Vec<Receipt>, BadFrame> {
    let (chunks, rest) = d.bytes()?.as_chunks::<96>();
    if chunks.len() > RECEIPTS_FRAME || !rest.is_empty() {
        return Err(BadFrame);
    }
    let receipt = |chunk: &[u8; 96]| {
        let (entry, signature) = chunk.split_first_chunk().ok_or(BadFrame)?;
        Ok(Receipt { entry: EntryId::from_bytes(*entry), signature: signature.try_into().map_err(|_| BadFrame)? })
    };
    chunks.iter().map(receipt).collect()
}

/// Length of an inner array, at most `limit`.
fn count(d: &mut Decoder<'_>, limit: usize) -> Result<usize, BadFrame> {
    let count = d.array()?.and_then(|count| usize::try_from(count).ok()).ok_or(BadFrame)?;
    if count > limit { Err(BadFrame) } else { Ok(count) }
}

fn headers_items(d: &mut Decoder<'_>) -> Result<Vec<HeadersItem>, BadFrame> {
    let (mut ranges_left, mut ids_left) = (HEADER_RANGES_FRAME, HEADER_IDS_FRAME);
    let mut items = Vec::new();
    for _ in 0..count(d, HEADER_RANGES_FRAME)? {
        let mut fields = Fields { left: count(d, 16)? as u64 };
        let author = AuthorHash(fields.next(d)?.u64()?);
        let start = Mark { time: fields.next(d)?.u64()?, id: exact(fields.next(d)?)? };
        let length = count(fields.next(d)?, ranges_left)?;
        ranges_left = ranges_left.saturating_sub(length);
        let mut ranges = Vec::new();
        let mut last = start;
        for _ in 0..length {
            let mut inner = Fields { left: count(d, 16)? as u64 };
            let end = Mark { time: inner.next(d)?.u64()?, id: exact(inner.next(d)?)? };
            let set = if inner.next(d)?.datatype()? == minicbor::data::Type::Bytes {
                let ids = shorts(d, ids_left, ShortId)?;
                ids_left = ids_left.saturating_sub(ids.len());
                HeaderSet::Ids(ids)
            } else {
                HeaderSet::Print(d.u64()?)
            };
            inner.close(d)?;
            if end <= last || end.time > LARGEST_NUMBER {
                return Err(BadFrame);
            }
            last = end;
            ranges.push(HeaderRange { end, set });
        }
        fields.close(d)?;
        items.push(HeadersItem { author, start, ranges });
    }
    Ok(items)
}

fn numbers(d: &mut Decoder<'_>) -> Result<Vec<u32>, BadFrame> {
    (0..count(d, HEADER_RANGES_FRAME)?).map(|_| Ok(d.u32()?)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests;
