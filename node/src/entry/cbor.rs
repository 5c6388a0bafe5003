//! The part of CBOR that bodies use, one way to write each value: shortest heads, definite lengths, maps whose keys
//! are rising unsigned integers (so none stands twice). A field that is zero or empty is left out.

use minicbor::{Decoder, Encoder};

use crate::entry::verify::EntryError;
use crate::limits;

/// A map under construction. Fields are put in rising order of their numbers.
#[derive(Debug, Default)]
pub(super) struct Fields {
    count: u64,
    bytes: Vec<u8>,
}

impl Fields {
    pub(super) fn number(&mut self, field: u64, value: u64) {
        if value != 0 {
            self.put(field, |out| emit(out, |e| e.u64(value).is_ok()));
        }
    }

    pub(super) fn bytes(&mut self, field: u64, value: &[u8]) {
        if !value.is_empty() {
            self.put(field, |out| emit(out, |e| e.bytes(value).is_ok()));
        }
    }

    pub(super) fn text(&mut self, field: u64, value: &str) {
        if !value.is_empty() {
            self.put(field, |out| emit(out, |e| e.str(value).is_ok()));
        }
    }

    pub(super) fn list<T>(&mut self, field: u64, values: &[T], mut each: impl FnMut(&mut Vec<u8>, &T)) {
        if !values.is_empty() {
            self.put(field, |out| {
                emit(out, |e| e.array(values.len() as u64).is_ok());
                for value in values {
                    each(out, value);
                }
            });
        }
    }

    pub(super) fn map(&mut self, field: u64, value: &Self) {
        self.put(field, |out| value.write(out));
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        emit(out, |e| e.map(self.count).is_ok());
        out.extend_from_slice(&self.bytes);
    }

    fn put(&mut self, field: u64, value: impl FnOnce(&mut Vec<u8>)) {
        self.count += 1;
        emit(&mut self.bytes, |e| e.u64(field).is_ok());
        value(&mut self.bytes);
    }
}

/// Writes one byte string as an item of a list.
pub(super) fn write_bytes(out: &mut Vec<u8>, value: &[u8]) {
    emit(out, |e| e.bytes(value).is_ok());
}

/// Writes one text as an item of a list.
pub(super) fn write_text(out: &mut Vec<u8>, value: &str) {
    emit(out, |e| e.str(value).is_ok());
}

/// Reads the fields of the map at the decoder. `each` answers whether it took the field's value; others are skipped.
pub(super) fn read_map<'b>(
    at: &mut Decoder<'b>,
    mut each: impl FnMut(u64, &mut Decoder<'b>) -> Result<bool, EntryError>,
) -> Result<(), EntryError> {
    let count = at.map()?.ok_or(EntryError::Malformed("a map without a length"))?;
    for _ in 0..count {
        let field = at.u64()?;
        if !each(field, at)? {
            at.skip()?;
        }
    }
    Ok(())
}

/// Reads a list of at most `limit` items.
pub(super) fn read_list<'b, T>(
    at: &mut Decoder<'b>,
    what: &'static str,
    limit: usize,
    mut each: impl FnMut(&mut Decoder<'b>) -> Result<T, EntryError>,
) -> Result<Vec<T>, EntryError> {
    let count = at.array()?.ok_or(EntryError::Malformed("a list without a length"))?;
    if count > limit as u64 {
        return Err(EntryError::TooLarge { what, limit });
    }
    (0..count).map(|_| each(at)).collect()
}

/// Reads `N` bytes.
pub(super) fn read_array<const N: usize>(at: &mut Decoder<'_>) -> Result<[u8; N], EntryError> {
    at.bytes()?.try_into().map_err(|_| EntryError::Malformed("a byte string of the wrong length"))
}

/// Reads a text of at most `limit` characters.
pub(super) fn read_chars(at: &mut Decoder<'_>, what: &'static str, limit: usize) -> Result<String, EntryError> {
    let text = at.str()?;
    if text.chars().nth(limit).is_some() {
        return Err(EntryError::TooLarge { what, limit });
    }
    Ok(text.to_owned())
}

/// Reads a text of at most `limit` bytes.
pub(super) fn read_short(at: &mut Decoder<'_>, what: &'static str, limit: usize) -> Result<String, EntryError> {
    let text = at.str()?;
    if text.len() > limit {
        return Err(EntryError::TooLarge { what, limit });
    }
    Ok(text.to_owned())
}

/// Checks that `bytes` are exactly one map in the one form that is allowed.
pub(super) fn check(mut bytes: &[u8]) -> Result<(), EntryError> {
    if bytes.first().is_some_and(|first| first >> 5 != MAP) {
        return Err(EntryError::Malformed("a body is a map"));
    }
    check_item(&mut bytes, 0)?;
    if bytes.is_empty() { Ok(()) } else { Err(EntryError::Trailing) }
}

const MAP: u8 = 5;

fn check_item(bytes: &mut &[u8], depth: usize) -> Result<(), EntryError> {
    if depth > limits::BODY_DEPTH {
        return Err(EntryError::TooLarge { what: "the nesting of a body", limit: limits::BODY_DEPTH });
    }
    let (major, value) = check_head(bytes)?;
    match major {
        0 | 1 | 7 => {}
        2 => {
            check_run(bytes, value)?;
        }
        3 => {
            let text = check_run(bytes, value)?;
            std::str::from_utf8(text).map_err(|_| EntryError::Malformed("a text is not UTF-8"))?;
        }
        4 => {
            for _ in 0..value {
                check_item(bytes, depth + 1)?;
            }
        }
        MAP => {
            let mut last = None;
            for _ in 0..value {
                let (0, key) = check_head(bytes)? else {
                    return Err(EntryError::Malformed("a field's number is not an unsigned integer"));
                };
                if last.is_some_and(|last| key <= last) {
                    return Err(EntryError::Malformed("fields are not in rising order, or one stands twice"));
                }
                last = Some(key);
                check_item(bytes, depth + 1)?;
            }
        }
        _ => check_item(bytes, depth + 1)?,
    }
    Ok(())
}

/// Major type and argument of the head at the front.
fn check_head(bytes: &mut &[u8]) -> Result<(u8, u64), EntryError> {
    let [first] = super::header::take(bytes)?;
    let (major, info) = (first >> 5, first & 31);
    let (value, least) = match info {
        0..=23 => (u64::from(info), 0),
        24 => (u64::from(u8::from_be_bytes(super::header::take(bytes)?)), 24),
        25 => (u64::from(u16::from_be_bytes(super::header::take(bytes)?)), 1 << 8),
        26 => (u64::from(u32::from_be_bytes(super::header::take(bytes)?)), 1 << 16),
        27 => (u64::from_be_bytes(super::header::take(bytes)?), 1 << 32),
        _ => return Err(EntryError::Malformed("a value without a length")),
    };
    // Major 7: 24 is a simple value (below 32 it has a shorter form), 25 to 27 are floats of a fixed width.
    let least = if major == 7 { if info == 24 { 32 } else { 0 } } else { least };
    if value < least {
        return Err(EntryError::Malformed("a number is not in its shortest form"));
    }
    Ok((major, value))
}

fn check_run<'b>(bytes: &mut &'b [u8], len: u64) -> Result<&'b [u8], EntryError> {
    let len = usize::try_from(len).map_err(|_| EntryError::Truncated)?;
    let (run, rest) = bytes.split_at_checked(len).ok_or(EntryError::Truncated)?;
    *bytes = rest;
    Ok(run)
}

/// Writing to a vector cannot fail; the answer only says which values were written.
fn emit(out: &mut Vec<u8>, write: impl FnOnce(&mut Encoder<&mut Vec<u8>>) -> bool) {
    let written = write(&mut Encoder::new(out));
    debug_assert!(written, "writing to a vector cannot fail");
}

impl From<minicbor::decode::Error> for EntryError {
    fn from(error: minicbor::decode::Error) -> Self {
        if error.is_end_of_input() { Self::Truncated } else { Self::Malformed("a field has the wrong type") }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_one_form() {
        let good: [&[u8]; 8] = [
            &[0xa0],
            &[0xa1, 0x00, 0x17],
            &[0xa1, 0x18, 0x18, 0x18, 0x18],
            &[0xa2, 0x00, 0x41, 0xff, 0x01, 0x61, 0x61],
            &[0xa1, 0x07, 0x82, 0xf5, 0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0xa1, 0x07, 0xc1, 0x00],
            &[0xa1, 0x07, 0xf8, 0x20],
            &[0xa1, 0x07, 0xa1, 0x01, 0x20],
        ];
        for bytes in good {
            assert_eq!(check(bytes), Ok(()), "{bytes:02x?}");
        }
        let bad: [&[u8]; 16] = [
            &[],
            &[0x80],
            &[0xa0, 0x00],
            &[0xa1, 0x00, 0x18, 0x17],
            &[0xa1, 0x18, 0x17, 0x00],
            &[0xa1, 0x00, 0x19, 0x00, 0xff],
            &[0xa1, 0x00, 0x1a, 0x00, 0x00, 0xff, 0xff],
            &[0xa1, 0x00, 0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[0xa2, 0x00, 0x01, 0x00, 0x01],
            &[0xa2, 0x01, 0x01, 0x00, 0x01],
            &[0xa1, 0x61, 0x61, 0x00],
            &[0xa1, 0x00, 0x58, 0x01, 0xff],
            &[0xa1, 0x00, 0x61, 0xff],
            &[0xbf, 0xff],
            &[0xa1, 0x00, 0xf8, 0x14],
            &[0xa1, 0x00],
        ];
        for bytes in bad {
            assert!(check(bytes).is_err(), "{bytes:02x?}");
        }
    }

    #[test]
    fn nesting_and_counts_are_bounded() {
        let mut deep = vec![0xa1, 0x00];
        deep.extend([0x81; 4_000]);
        deep.push(0);
        assert!(matches!(check(&deep), Err(EntryError::TooLarge { .. })));
        assert_eq!(check(&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Err(EntryError::Truncated));
        assert_eq!(check(&[0xa1, 0, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Err(EntryError::Truncated));
    }
}
