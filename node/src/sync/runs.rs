//! Runs as pages and pushes carry them: one after the other, to the end. Where the asker told what it holds of a log, a
//! page names the log by its place in the request, and leaves out the `prev` that the asker has.

use crate::entry::{Body, Entry, Run, RunItem, Unverified, put_varint, take_varint};
use crate::id::{DeviceKey, EntryId, PersonaId};
use crate::limits::PAGE_ENTRIES;
use crate::sync::frame::BadFrame;

/// First byte of a run that names its log by its place in the request; [`Run`] begins with smaller ones.
const SHORT: u8 = 8;
/// Of such a run: the `prev` of its first entry is written.
const PREV: u8 = 1;

/// A log of a request, as the serving side names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Among the authors, and among the author's logs.
    pub(crate) item: usize,
    pub(crate) log: usize,
    /// Behind which entries the asker, as its checks of their ids show, holds what is held here.
    pub(crate) ends: Vec<u64>,
}

/// The same log, as the asking side knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub author: PersonaId,
    pub device: DeviceKey,
    pub log: u64,
    /// Where ranges end, and the id of the last entry of each.
    pub ends: Vec<(u64, EntryId)>,
}

impl Held {
    /// The id of the last entry of a range that ends there.
    pub(crate) fn before(&self, end: u64) -> Option<&EntryId> {
        self.ends.iter().find(|(at, _)| *at == end).map(|(_, id)| id)
    }
}

/// Appends a run of a log that the asker told of.
pub(crate) fn put_short(run: &Run, place: &Place, out: &mut Vec<u8>) {
    let follows = place.ends.contains(&run.first_seq);
    out.push(SHORT | if follows { 0 } else { PREV });
    put_varint(out, place.item as u64);
    put_varint(out, place.log as u64);
    put_varint(out, run.first_seq);
    if !follows {
        out.extend_from_slice(run.first_prev.as_bytes());
    }
    run.encode_items(out);
}

/// Reads runs that hold at most [`PAGE_ENTRIES`] entries in all. `held`: what was told of logs in the request.
pub(crate) fn decode(mut bytes: &[u8], held: &[Vec<Held>]) -> Result<Vec<Run>, BadFrame> {
    let mut runs = Vec::new();
    let mut entries = 0;
    while let Some(first) = bytes.first() {
        let run =
            if first & SHORT == 0 { Run::decode(&mut bytes).map_err(|_| BadFrame)? } else { short(&mut bytes, held)? };
        entries += run.items.len();
        if run.items.is_empty() || entries > PAGE_ENTRIES {
            return Err(BadFrame);
        }
        runs.push(run);
    }
    Ok(runs)
}

fn short(bytes: &mut &[u8], held: &[Vec<Held>]) -> Result<Run, BadFrame> {
    let (flags, rest) = bytes.split_first().ok_or(BadFrame)?;
    *bytes = rest;
    let mut number = || take_varint(bytes).map_err(|_| BadFrame);
    let (item, log, first_seq) = (number()?, number()?, number()?);
    let place = |number: u64| usize::try_from(number).map_err(|_| BadFrame);
    let held = held.get(place(item)?).and_then(|logs| logs.get(place(log).ok()?)).ok_or(BadFrame)?;
    let first_prev = match flags & !SHORT {
        0 => *held.before(first_seq).ok_or(BadFrame)?,
        PREV => {
            let (prev, rest) = bytes.split_first_chunk::<32>().ok_or(BadFrame)?;
            *bytes = rest;
            EntryId::from_bytes(*prev)
        }
        _ => return Err(BadFrame),
    };
    let items = Run::decode_items(bytes).map_err(|_| BadFrame)?;
    Ok(Run { author: held.author, device: held.device, log: held.log, first_seq, first_prev, items })
}

/// About what a run takes on the wire, bytes: signatures, what headers leave out, and bodies.
pub(super) fn len(run: &Run) -> u64 {
    let body = |item: &RunItem| match &item.body {
        Body::Present(body) => body.len() as u64,
        Body::Absent { .. } => 32,
    };
    run.items.iter().map(|item| 80 + 32 * item.refs.len() as u64 + body(item)).sum()
}

pub(crate) fn into_entries(runs: Vec<Run>) -> Vec<Unverified<Entry>> {
    runs.into_iter().flat_map(Run::into_entries).collect()
}
