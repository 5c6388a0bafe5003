//! Which part of a stored file a page asks for (RFC 9110, §14): players of sound and video read in parts, and Safari
//! plays nothing from a server that gives only wholes. For the hosts: window and web page serve the same parts.

use std::ops::Range;

/// What to answer to a request for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The whole file, status 200.
    Whole,
    /// These bytes, never empty, status 206 with `Content-Range` from [`Part::content_range`].
    Some(Range<u64>),
    /// Nothing of it lies in the file, status 416 with `Content-Range`.
    Outside,
}

impl Part {
    /// Takes the request's `Range` header and the file's size in bytes. What is no single range of bytes is answered
    /// with the whole, as the standard allows.
    pub fn asked(header: Option<&str>, size: u64) -> Self {
        let Some((first, last)) = header.and_then(single) else { return Self::Whole };
        let range = match (first, last) {
            (Some(first), Some(last)) if last < first => return Self::Whole,
            (Some(first), Some(last)) => first..last.saturating_add(1).min(size),
            (Some(first), None) => first..size,
            (None, Some(count)) => size.saturating_sub(count)..size,
            (None, None) => return Self::Whole,
        };
        if range.is_empty() { Self::Outside } else { Self::Some(range) }
    }

    /// The `Content-Range` header of the answer, if it has one.
    pub fn content_range(&self, size: u64) -> Option<String> {
        match self {
            Self::Whole => None,
            Self::Some(range) => Some(format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1))),
            Self::Outside => Some(format!("bytes */{size}")),
        }
    }
}

/// First and last of `bytes=FIRST-LAST`, either of which may be left out.
fn single(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, range) = header.trim().split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    let number = |text: &str| match text {
        "" => Some(None),
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => Some(Some(text.parse().unwrap_or(u64::MAX))),
        _ => None,
    };
    unit.eq_ignore_ascii_case("bytes").then_some(())?;
    Some((number(first)?, number(last)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_range_is_cut_to_the_file() {
        let asked = |header| Part::asked(Some(header), 1_000);
        assert_eq!(asked("bytes=0-0"), Part::Some(0..1));
        assert_eq!(asked("bytes=0-1"), Part::Some(0..2));
        assert_eq!(asked("Bytes=200-"), Part::Some(200..1_000));
        assert_eq!(asked("bytes=900-5000"), Part::Some(900..1_000));
        assert_eq!(asked("bytes=-10"), Part::Some(990..1_000));
        assert_eq!(asked("bytes=-5000"), Part::Some(0..1_000));
        assert_eq!(asked("bytes=0-99999999999999999999999"), Part::Some(0..1_000));
        assert_eq!(asked("bytes=990-").content_range(1_000).as_deref(), Some("bytes 990-999/1000"));
    }

    #[test]
    fn what_lies_outside_is_told_and_what_is_no_range_gives_the_whole() {
        for outside in ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(Part::asked(Some(outside), 1_000), Part::Outside, "{outside}");
        }
        assert_eq!(Part::Outside.content_range(1_000).as_deref(), Some("bytes */1000"));
        assert_eq!(Part::asked(Some("bytes=0-"), 0), Part::Outside, "an empty file has no part");
        for whole in
            ["", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "bytes=a-b", "bytes=+1-2", "items=0-1"]
        {
            assert_eq!(Part::asked(Some(whole), 1_000), Part::Whole, "{whole}");
        }
        assert_eq!(Part::asked(None, 1_000), Part::Whole);
        assert_eq!(Part::Whole.content_range(1_000), None);
    }
}
