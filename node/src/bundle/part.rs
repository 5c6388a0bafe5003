//! What a bundle holds, as it is written: parts one after the other, each `kind u8 · length u32 · that many bytes`, in
//! little-endian; a file's bytes follow its part. `docs/protocol.md` has each. Parts of a kind that is not known are passed
//! over, as are bytes behind what is known of a part: later versions may add both.

use std::io::{self, Read, Write};

use rusqlite::types::Value;
use zeroize::Zeroizing;

use super::{BundleError, tables, tables_of};
use crate::entry::{Entry, Run, Unverified, put_varint, take_varint};
use crate::gate::Archived;
use crate::id::{BlobHash, PersonaId};
use crate::limits::{
    BUNDLE_COLUMNS, BUNDLE_PART_BYTES, BUNDLE_PERSONAS, BUNDLE_ROWS, NAME_CHARS, PAGE_ENTRIES, SEALED_BLOB_BYTES,
};

/// Bytes before each part.
const HEAD: usize = 1 + 4;

/// What was to be written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Export {
    /// Who the personas are, their keys, and the user's lists and settings.
    Identity,
    /// What own personas posted in the open, with pictures. No key.
    Posts,
    /// Both, and all else that is here of own personas and of those whom they follow; conversations and circles too.
    #[default]
    All,
}

impl Export {
    fn number(self) -> u64 {
        match self {
            Self::Identity => 1,
            Self::Posts => 2,
            Self::All => 3,
        }
    }

    fn of(number: u64) -> Option<Self> {
        [Self::Identity, Self::Posts, Self::All].into_iter().find(|export| export.number() == number)
    }
}

/// The first part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct About {
    pub(super) what: Export,
    pub(super) made_s: u64,
    pub(super) personas: Vec<(PersonaId, String)>,
}

/// The keys of a persona.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) persona: PersonaId,
    pub(super) created_ms: u64,
    /// Not where the bundle comes from a device that does not hold it.
    pub(super) root: Option<Zeroizing<[u8; 32]>>,
    pub(super) phrase: Option<Zeroizing<[u8; 32]>>,
    /// Runs of its statements.
    pub(super) statements: Vec<u8>,
}

/// What a bundle holds of each, as its last part says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) entries: u64,
    pub(super) rows: u64,
    pub(super) files: u64,
    pub(super) file_bytes: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    About(About),
    Keys(Keys),
    /// Rows of the table of this number.
    Rows(u64, Vec<Vec<Value>>),
    /// Runs of entries.
    Entries(Vec<u8>),
    /// Its bytes follow.
    File {
        hash: BlobHash,
        size: u64,
    },
    End(Totals),
}

impl Part {
    const KINDS: std::ops::RangeInclusive<u8> = 1..=6;

    fn kind(&self) -> u8 {
        match self {
            Self::About(_) => 1,
            Self::Keys(_) => 2,
            Self::Rows(..) => 3,
            Self::Entries(_) => 4,
            Self::File { .. } => 5,
            Self::End(_) => 6,
        }
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::new());
        match self {
            Self::About(About { what, made_s, personas }) => {
                put_varint(&mut out, what.number());
                put_varint(&mut out, *made_s);
                put_varint(&mut out, personas.len() as u64);
                for (persona, name) in personas {
                    out.extend_from_slice(persona.as_bytes());
                    put_bytes(&mut out, name.as_bytes());
                }
            }
            Self::Keys(Keys { persona, created_ms, root, phrase, statements }) => {
                out.extend_from_slice(persona.as_bytes());
                put_varint(&mut out, *created_ms);
                for secret in [root, phrase] {
                    put_bytes(&mut out, secret.as_ref().map_or(&[], |secret| secret.as_slice()));
                }
                put_bytes(&mut out, statements);
            }
            Self::Rows(table, rows) => {
                put_varint(&mut out, *table);
                put_varint(&mut out, rows.len() as u64);
                for row in rows {
                    put_varint(&mut out, row.len() as u64);
                    row.iter().for_each(|value| put_value(&mut out, value));
                }
            }
            Self::Entries(runs) => out.extend_from_slice(runs),
            Self::File { hash, size } => {
                out.extend_from_slice(hash.as_bytes());
                put_varint(&mut out, *size);
            }
            Self::End(Totals { entries, rows, files, file_bytes }) => {
                [entries, rows, files, file_bytes].into_iter().for_each(|number| put_varint(&mut out, *number));
            }
        }
        out
    }

    /// `None`: a part of a later version.
    fn decode(kind: u8, bytes: &[u8]) -> Result<Option<Self>, BundleError> {
        if !Self::KINDS.contains(&kind) {
            return Ok(None);
        }
        let at = &mut { bytes };
        Ok(Some(match kind {
            1 => {
                let what = Export::of(number(at)?).ok_or(BundleError::Damaged)?;
                let made_s = number(at)?;
                let count = count(at, BUNDLE_PERSONAS)?;
                let persona = |_| Ok::<_, BundleError>((PersonaId::from_bytes(take(at)?), name(bytes_of(at)?)?));
                Self::About(About { what, made_s, personas: (0..count).map(persona).collect::<Result<_, _>>()? })
            }
            2 => Self::Keys(Keys {
                persona: PersonaId::from_bytes(take(at)?),
                created_ms: number(at)?,
                root: secret(bytes_of(at)?)?,
                phrase: secret(bytes_of(at)?)?,
                statements: bytes_of(at)?.to_vec(),
            }),
            3 => {
                let table = number(at)?;
                let count = count(at, BUNDLE_ROWS)?;
                Self::Rows(table, (0..count).map(|_| row(at)).collect::<Result<_, _>>()?)
            }
            4 => Self::Entries(at.to_vec()),
            5 => {
                let (hash, size) = (BlobHash::from_bytes(take(at)?), number(at)?);
                if size > SEALED_BLOB_BYTES {
                    return Err(BundleError::Damaged);
                }
                Self::File { hash, size }
            }
            _ => {
                let [entries, rows, files, file_bytes] = [number(at)?, number(at)?, number(at)?, number(at)?];
                Self::End(Totals { entries, rows, files, file_bytes })
            }
        }))
    }
}

/// The entries of a part.
///
/// # Errors
/// `Damaged` for what [`Run::encode`] does not write, and for more than one transaction takes.
pub(super) fn entries_of(mut runs: &[u8]) -> Result<Vec<Unverified<Entry>>, BundleError> {
    let mut entries = Vec::new();
    while !runs.is_empty() {
        entries.extend(Run::decode(&mut runs).map_err(|_| BundleError::Damaged)?.into_entries());
        if entries.len() > PAGE_ENTRIES {
            return Err(BundleError::Damaged);
        }
    }
    Ok(entries)
}

/// Writes parts.
pub(super) struct PartWriter<W> {
    out: W,
    pub(super) totals: Totals,
    /// Of parts, not of files.
    pub(super) bytes: usize,
}

impl<W: Write> PartWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, totals: Totals::default(), bytes: 0 }
    }

    pub(super) fn put(&mut self, part: &Part) -> io::Result<()> {
        let bytes = part.encode();
        if bytes.len() > BUNDLE_PART_BYTES {
            return Err(io::Error::other("a part of a bundle is over its limit"));
        }
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.bytes += HEAD + bytes.len();
        self.out.write_all(&[part.kind()])?;
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(&bytes)
    }

    /// Puts a file: all of `size` bytes of it, or it is an error.
    pub(super) fn put_file(
        &mut self,
        hash: BlobHash,
        size: u64,
        file: &mut impl Read,
        moved: impl Fn(u64) -> bool,
    ) -> io::Result<()> {
        self.put(&Part::File { hash, size })?;
        copy(file, &mut self.out, size, moved)?;
        self.totals.files += 1;
        self.totals.file_bytes += size;
        Ok(())
    }

    /// The last part; what was written to, then.
    pub(super) fn end(mut self) -> io::Result<(W, Totals)> {
        self.put(&Part::End(self.totals))?;
        Ok((self.out, self.totals))
    }
}

/// Copies exactly so many bytes.
pub(super) fn copy(
    from: &mut impl Read,
    to: &mut impl Write,
    size: u64,
    moved: impl Fn(u64) -> bool,
) -> io::Result<()> {
    let mut buffer = vec![0; 256 * 1024];
    let mut left = size;
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let piece = buffer.get_mut(..most).unwrap_or_default();
        let read = from.read(piece)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        to.write_all(piece.get(..read).unwrap_or_default())?;
        left -= read as u64;
        if !moved(read as u64) {
            return Err(io::ErrorKind::Interrupted.into());
        }
    }
    Ok(())
}

/// Passes over bytes without looking at them, where it can.
pub(super) trait Skip: Read {
    fn skip(&mut self, bytes: u64) -> io::Result<()>;
}

impl Skip for crate::crypto::StreamReader {
    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        self.pass(bytes)
    }
}

impl Skip for &[u8] {
    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        copy(self, &mut io::sink(), bytes, |_| true)
    }
}

/// Reads parts, and sees to it that they stand as they should.
#[derive(Debug)]
pub(super) struct PartReader<R> {
    from: R,
    /// Bytes of a file that were not read yet.
    file: u64,
    /// What the first part says is in it.
    what: Option<Export>,
    /// Personas that it names, whose keys did not come yet.
    named: Vec<PersonaId>,
    ended: bool,
    seen: Totals,
}

impl<R: Skip> PartReader<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, file: 0, what: None, named: Vec::new(), ended: false, seen: Totals::default() }
    }

    /// The next part; `None` behind the last. What was left of a file is passed over.
    ///
    /// # Errors
    /// `Damaged` for anything else than a bundle holds, and what reading answers.
    pub(super) fn next(&mut self) -> Result<Option<Part>, BundleError> {
        if self.file > 0 {
            self.from.skip(std::mem::take(&mut self.file))?;
        }
        loop {
            if self.ended {
                return if self.from.read(&mut [0])? == 0 { Ok(None) } else { Err(BundleError::Damaged) };
            }
            let mut head = [0; HEAD];
            self.from.read_exact(&mut head)?;
            let [kind, length @ ..] = head;
            let length = u32::from_le_bytes(length) as usize;
            if length > BUNDLE_PART_BYTES {
                return Err(BundleError::Damaged);
            }
            let mut bytes = Zeroizing::new(Vec::new());
            self.from.by_ref().take(length as u64).read_to_end(&mut bytes)?;
            if bytes.len() != length {
                return Err(BundleError::Damaged);
            }
            let Some(part) = Part::decode(kind, &bytes)? else { continue };
            if !self.belongs(&part)? {
                return Err(BundleError::Damaged);
            }
            match &part {
                Part::Rows(_, rows) => self.seen.rows += rows.len() as u64,
                Part::Entries(runs) => self.seen.entries += entries_of(runs)?.len() as u64,
                Part::File { size, .. } => {
                    self.file = *size;
                    self.seen.files += 1;
                    self.seen.file_bytes = self.seen.file_bytes.saturating_add(*size);
                }
                Part::End(totals) if *totals == self.seen => self.ended = true,
                Part::End(_) => return Err(BundleError::Damaged),
                Part::About(_) | Part::Keys(_) => {}
            }
            return Ok(Some(part));
        }
    }

    /// Whether a part may stand here. A preview tells whose keys there are by what the first part names, and what kind of
    /// bundle it is: nothing comes that it did not tell of.
    fn belongs(&mut self, part: &Part) -> Result<bool, BundleError> {
        let Some(what) = self.what else {
            let Part::About(about) = part else { return Ok(false) };
            self.what = Some(about.what);
            self.named = about.personas.iter().map(|(id, _)| *id).collect();
            return Ok(true);
        };
        Ok(match part {
            Part::About(_) => false,
            Part::Keys(keys) => {
                let Some(at) = self.named.iter().position(|id| *id == keys.persona) else { return Ok(false) };
                self.named.swap_remove(at);
                what != Export::Posts
                    && entries_of(&keys.statements)?.iter().all(|Unverified(entry)| {
                        entry.header.kind.is_statement() && entry.header.author == keys.persona
                    })
            }
            // Tables of later versions are passed over.
            Part::Rows(table, _) => {
                let known = |known: &Archived| known.number == *table;
                tables_of(what).any(known) || !tables().any(known)
            }
            Part::Entries(_) | Part::File { .. } | Part::End(_) => true,
        })
    }

    /// What was read so far.
    pub(super) fn seen(&self) -> Totals {
        self.seen
    }
}

/// The bytes of the file whose part came last.
impl<R: Read> Read for PartReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.from.by_ref().take(self.file).read(out)?;
        self.file -= read as u64;
        Ok(read)
    }
}

/// Whether what is read here is written the same: for the fuzz target.
pub fn fuzz_bundle(bytes: &[u8]) -> bool {
    let mut parts = PartReader::new(bytes);
    while let Ok(Some(part)) = parts.next() {
        let again = part.encode();
        if Part::decode(part.kind(), &again).ok().flatten().as_ref() != Some(&part) {
            return false;
        }
    }
    true
}

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const TEXT: u8 = 2;
const BLOB: u8 = 3;

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Integer(number) => {
            out.push(INTEGER);
            // Small numbers of either sign are short.
            put_varint(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
        }
        Value::Text(text) => {
            out.push(TEXT);
            put_bytes(out, text.as_bytes());
        }
        Value::Blob(bytes) => {
            out.push(BLOB);
            put_bytes(out, bytes);
        }
        // No table has broken numbers.
        Value::Null | Value::Real(_) => out.push(NULL),
    }
}

fn row(at: &mut &[u8]) -> Result<Vec<Value>, BundleError> {
    let columns = count(at, BUNDLE_COLUMNS)?;
    (0..columns)
        .map(|_| {
            let [kind] = take(at)?;
            Ok(match kind {
                NULL => Value::Null,
                INTEGER => {
                    let number = number(at)?;
                    Value::Integer(((number >> 1) ^ (number & 1).wrapping_neg()).cast_signed())
                }
                TEXT => Value::Text(text(bytes_of(at)?)?),
                BLOB => Value::Blob(bytes_of(at)?.to_vec()),
                _ => return Err(BundleError::Damaged),
            })
        })
        .collect()
}

fn take<const N: usize>(at: &mut &[u8]) -> Result<[u8; N], BundleError> {
    let (taken, rest) = at.split_first_chunk().ok_or(BundleError::Damaged)?;
    *at = rest;
    Ok(*taken)
}

fn number(at: &mut &[u8]) -> Result<u64, BundleError> {
    take_varint(at).map_err(|_| BundleError::Damaged)
}

/// How many follow: never more than there are bytes left.
fn count(at: &mut &[u8], limit: usize) -> Result<usize, BundleError> {
    let count = usize::try_from(number(at)?).map_err(|_| BundleError::Damaged)?;
    if count > limit.min(at.len()) { Err(BundleError::Damaged) } else { Ok(count) }
}

fn bytes_of<'a>(at: &mut &'a [u8]) -> Result<&'a [u8], BundleError> {
    let length = usize::try_from(number(at)?).map_err(|_| BundleError::Damaged)?;
    let (bytes, rest) = at.split_at_checked(length).ok_or(BundleError::Damaged)?;
    *at = rest;
    Ok(bytes)
}

fn text(bytes: &[u8]) -> Result<String, BundleError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| BundleError::Damaged)
}

fn name(bytes: &[u8]) -> Result<String, BundleError> {
    text(bytes).map(|name| name.chars().take(NAME_CHARS).collect())
}

fn secret(bytes: &[u8]) -> Result<Option<Zeroizing<[u8; 32]>>, BundleError> {
    match bytes {
        [] => Ok(None),
        bytes => bytes.try_into().map(|bytes| Some(Zeroizing::new(bytes))).map_err(|_| BundleError::Damaged),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts() -> Vec<Part> {
        let persona = PersonaId::from_bytes([1; 32]);
        vec![
            Part::About(About { what: Export::All, made_s: 5, personas: vec![(persona, "Alice".into())] }),
            Part::Keys(Keys {
                persona,
                created_ms: 7,
                root: Some(Zeroizing::new([2; 32])),
                phrase: None,
                statements: Vec::new(),
            }),
            Part::Rows(
                1,
                vec![
                    vec![Value::Integer(i64::MIN), Value::Null, Value::Text("ä".into()), Value::Blob(vec![1, 2])],
                    vec![],
                ],
            ),
        ]
    }

    fn written() -> Vec<u8> {
        let mut writer = PartWriter::new(Vec::new());
        for part in parts() {
            writer.put(&part).unwrap();
        }
        writer.totals.rows = 2;
        writer.put_file(BlobHash::from_bytes([3; 32]), 10, &mut [7; 10].as_slice(), |_| true).unwrap();
        writer.end().unwrap().0
    }

    fn read(bytes: &[u8]) -> Result<Vec<Part>, BundleError> {
        let mut reader = PartReader::new(bytes);
        let mut parts = Vec::new();
        while let Some(part) = reader.next()? {
            parts.push(part);
        }
        Ok(parts)
    }

    #[test]
    fn what_is_written_is_read_and_files_may_be_passed_over() {
        let bytes = written();
        let found = read(&bytes).unwrap();
        assert_eq!(found[..3], parts());
        assert_eq!(found[3], Part::File { hash: BlobHash::from_bytes([3; 32]), size: 10 });
        let mut reader = PartReader::new(bytes.as_slice());
        while !matches!(reader.next().unwrap(), Some(Part::File { .. })) {}
        let mut file = Vec::new();
        reader.read_to_end(&mut file).unwrap();
        assert_eq!(file, [7; 10]);
        assert!(matches!(reader.next(), Ok(Some(Part::End(_)))) && reader.next().unwrap().is_none());
    }

    #[test]
    fn what_is_cut_off_or_added_is_refused_and_what_is_new_is_passed_over() {
        let bytes = written();
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end]).is_err(), "cut at {end}");
        }
        assert!(read(&[&bytes[..], &[0]].concat()).is_err(), "a byte more");
        let about = HEAD + parts()[0].encode().len();
        let new = [200, 3, 0, 0, 0, 1, 2, 3];
        let with_new = [&bytes[..about], &new, &bytes[about..]].concat();
        assert_eq!(read(&with_new).unwrap(), read(&bytes).unwrap());
        assert!(read(&bytes[about..]).is_err(), "the first part is missing");
        assert!(read(&[&bytes[..about], &bytes[..]].concat()).is_err(), "it comes twice");
    }

    #[test]
    fn nothing_comes_that_the_first_part_does_not_tell_of() {
        let with = |what, parts: &[Part]| {
            let persona = PersonaId::from_bytes([1; 32]);
            let mut writer = PartWriter::new(Vec::new());
            writer.put(&Part::About(About { what, made_s: 5, personas: vec![(persona, "Alice".into())] })).unwrap();
            for part in parts {
                writer.put(part).unwrap();
            }
            read(&writer.end().unwrap().0).is_ok()
        };
        let keys = |number, statements| {
            let (persona, root) = (PersonaId::from_bytes([number; 32]), Some(Zeroizing::new([2; 32])));
            Part::Keys(Keys { persona, created_ms: 7, root, phrase: None, statements })
        };
        let alices = keys(1, Vec::new());
        assert!(
            with(Export::All, std::slice::from_ref(&alices)) && with(Export::Identity, std::slice::from_ref(&alices))
        );
        assert!(!with(Export::Posts, std::slice::from_ref(&alices)), "posts hold no key");
        assert!(!with(Export::All, &[alices.clone(), alices]), "the same persona twice");
        assert!(!with(Export::All, &[keys(3, Vec::new())]), "a persona that is not named");
        assert!(!with(Export::All, &[keys(1, vec![9; 100])]), "no statements");
        let rows = |number| [Part::Rows(number, Vec::new())];
        let messages = tables().last().unwrap().number;
        assert!(with(Export::All, &rows(messages)) && !with(Export::Identity, &rows(messages)));
        assert!(tables().all(|table| !with(Export::Posts, &rows(table.number))));
        assert!(with(Export::Posts, &rows(1_000)), "a table of a later version");
    }

    #[test]
    fn a_promise_of_much_reserves_nothing() {
        let huge = [3, 255, 255, 255, 255];
        assert!(read(&[&written()[..HEAD + parts()[0].encode().len()], &huge].concat()).is_err());
        let mut bytes = Vec::new();
        put_varint(&mut bytes, 1);
        put_varint(&mut bytes, u64::MAX);
        assert!(matches!(Part::decode(3, &bytes), Err(BundleError::Damaged)));
        let mut file = vec![3; 32];
        put_varint(&mut file, SEALED_BLOB_BYTES + 1);
        assert!(matches!(Part::decode(5, &file), Err(BundleError::Damaged)));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_refused_or_reads_back(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in 0..8_u8) {
            prop_assert!(fuzz_bundle(&bytes));
            if let Ok(Some(part)) = Part::decode(kind, &bytes) {
                prop_assert_eq!(Part::decode(kind, &part.encode()).unwrap(), Some(part));
            }
        }
    }
}
