//! What a `Want` tells of the asker's copies, packed: it is told of every author that differs, so each byte counts.

use crate::entry::{put_varint, take_varint};
use crate::limits::{FRAME_LOGS, FRAME_RANGES, WANT_AUTHORS};
use crate::sync::frame::BadFrame;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantItem {
    /// Place in the question.
    pub(crate) author: u16,
    /// Fingerprints of the asker's identity statements and header entries, salted by the question.
    pub(crate) statements: u16,
    pub(crate) headers: u16,
    pub(crate) have: Vec<HaveLog>,
}

/// What the asker holds of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HaveLog {
    /// First 4 bytes of the log's short name.
    pub log: u32,
    /// Where it forks, if the asker has the proof.
    pub fork: Option<u64>,
    /// More is held above the last range than is told.
    pub more: bool,
    /// Held entries, rising.
    pub ranges: Vec<HaveRange>,
}

/// Sequence numbers from `start` up to, and without, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HaveRange {
    pub start: u64,
    pub end: u64,
    /// A fingerprint of the id of its last entry, salted by the question, so that two branches are noticed, and what
    /// follows needs no `prev`. 0 where everything behind a fork is claimed.
    pub check: u16,
}

impl HaveRange {
    /// Everything behind a fork, which is not asked for.
    pub(crate) const fn behind(fork: u64) -> Self {
        Self { start: fork, end: u64::MAX, check: 0 }
    }
}

/// Flags below the number of ranges of a log.
const FORK: u64 = 1;
const MORE: u64 = 2;

pub(super) fn pack(items: &[WantItem]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut next = 0_u16;
    for item in items {
        put_varint(&mut out, u64::from(item.author.wrapping_sub(next)));
        next = item.author.wrapping_add(1);
        out.extend_from_slice(&item.statements.to_le_bytes());
        out.extend_from_slice(&item.headers.to_le_bytes());
        put_varint(&mut out, item.have.len() as u64);
        for have in &item.have {
            out.extend_from_slice(&have.log.to_le_bytes());
            let flags = if have.fork.is_some() { FORK } else { 0 } | if have.more { MORE } else { 0 };
            put_varint(&mut out, (have.ranges.len() as u64) << 2 | flags);
            if let Some(fork) = have.fork {
                put_varint(&mut out, fork);
            }
            let mut at = 0;
            for range in &have.ranges {
                put_varint(&mut out, range.start.saturating_sub(at));
                put_varint(&mut out, range.end.saturating_sub(range.start));
                out.extend_from_slice(&range.check.to_le_bytes());
                at = range.end;
            }
        }
    }
    out
}

pub(super) fn unpack(mut bytes: &[u8]) -> Result<Vec<WantItem>, BadFrame> {
    let bytes = &mut bytes;
    let (mut logs_left, mut ranges_left) = (FRAME_LOGS, FRAME_RANGES);
    let (mut items, mut next) = (Vec::new(), 0_u16);
    while !bytes.is_empty() {
        if items.len() >= WANT_AUTHORS {
            return Err(BadFrame);
        }
        let step = u16::try_from(number(bytes)?).map_err(|_| BadFrame)?;
        let author = next.wrapping_add(step);
        next = author.wrapping_add(1);
        let (statements, headers) = (u16::from_le_bytes(take(bytes)?), u16::from_le_bytes(take(bytes)?));
        let logs = count(number(bytes)?, &mut logs_left)?;
        let mut have = Vec::new();
        for _ in 0..logs {
            have.push(log(bytes, &mut ranges_left)?);
        }
        items.push(WantItem { author, statements, headers, have });
    }
    Ok(items)
}

fn log(bytes: &mut &[u8], ranges_left: &mut usize) -> Result<HaveLog, BadFrame> {
    let log = u32::from_le_bytes(take(bytes)?);
    let head = number(bytes)?;
    let fork = if head & FORK == 0 { None } else { Some(number(bytes)?) };
    let mut ranges = Vec::new();
    let mut at = 0_u64;
    for _ in 0..count(head >> 2, ranges_left)? {
        let start = at.checked_add(number(bytes)?).ok_or(BadFrame)?;
        let end = start.checked_add(number(bytes)?).filter(|end| *end > start).ok_or(BadFrame)?;
        ranges.push(HaveRange { start, end, check: u16::from_le_bytes(take(bytes)?) });
        at = end;
    }
    Ok(HaveLog { log, fork, more: head & MORE != 0, ranges })
}

fn number(bytes: &mut &[u8]) -> Result<u64, BadFrame> {
    take_varint(bytes).map_err(|_| BadFrame)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], BadFrame> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(BadFrame)?;
    *bytes = rest;
    Ok(*taken)
}

/// Takes so many of what may still come in the frame.
fn count(number: u64, left: &mut usize) -> Result<usize, BadFrame> {
    let count = usize::try_from(number).map_err(|_| BadFrame)?;
    *left = left.checked_sub(count).ok_or(BadFrame)?;
    Ok(count)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn item(author: u16, ranges: &[(u64, u64)]) -> WantItem {
        let ranges = ranges.iter().map(|(start, end)| HaveRange { start: *start, end: *end, check: 7 }).collect();
        let have = vec![HaveLog { log: u32::MAX, fork: None, more: true, ranges }];
        WantItem { author, statements: 2, headers: 3, have }
    }

    #[test]
    fn what_is_told_reads_back_and_no_cut_does() {
        let mut forked = item(9, &[(0, 5), (7, 8)]);
        forked.have[0] = HaveLog { log: 1, fork: Some(9), more: false, ranges: vec![HaveRange::behind(9)] };
        // Places fall, too.
        let items = vec![item(8, &[(0, 1_000)]), forked, item(300, &[]), item(2, &[(3, 4), (4, 9)])];
        let bytes = pack(&items);
        assert_eq!(unpack(&bytes), Ok(items.clone()));
        let ends: Vec<usize> = (0..=items.len()).map(|count| pack(&items[..count]).len()).collect();
        for end in 0..bytes.len() {
            assert_eq!(unpack(&bytes[..end]).is_ok(), ends.contains(&end), "cut at {end}");
        }
    }

    #[test]
    fn the_usual_case_takes_few_bytes() {
        assert_eq!(pack(&[item(0, &[(0, 1_000)])]).len(), 16);
    }

    #[test]
    fn what_is_more_than_a_frame_may_tell_is_refused() {
        assert!(unpack(&pack(&vec![item(0, &[]); WANT_AUTHORS])).is_ok());
        assert_eq!(unpack(&pack(&vec![item(0, &[]); WANT_AUTHORS + 1])), Err(BadFrame));
        let ranges: Vec<(u64, u64)> = (0..FRAME_RANGES as u64).map(|at| (2 * at, 2 * at + 1)).collect();
        assert!(unpack(&pack(&[item(0, &ranges)])).is_ok());
        assert_eq!(unpack(&pack(&[item(0, &ranges), item(1, &[(0, 1)])])), Err(BadFrame));
        // An empty range, and one past all numbers.
        assert_eq!(unpack(&pack(&[item(0, &[(2, 2)])])), Err(BadFrame));
        let mut past = pack(&[item(0, &[(1, u64::MAX)])]);
        past.extend_from_slice(&pack(&[item(0, &[(0, 1)])]));
        assert!(unpack(&past).is_ok());
        assert_eq!(
            unpack(&[0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 8, 0, 5, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 1]),
            Err(BadFrame)
        );
        // A number of ranges that is never there.
        let mut many = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        put_varint(&mut many, u64::MAX);
        assert_eq!(unpack(&many), Err(BadFrame));
    }
}
