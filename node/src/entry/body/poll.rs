//! A poll inside of a post.

use minicbor::Decoder;

use super::{MISSING, number};
use crate::entry::EntryError;
use crate::entry::cbor::{self, Fields};
use crate::limits::{POLL_OPTION_CHARS, POLL_OPTIONS, POLL_OPTIONS_LEAST};

/// The question is the post's text; a vote is a reaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PollBody {
    /// 2 to 8, each another one and none of them blank.
    pub options: Vec<String>,
    /// A vote that claims a later time does not count, s.
    pub ends: u64,
}

impl PollBody {
    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.list(0, &self.options, |out, option| cbor::write_text(out, option));
        fields.number(1, self.ends);
        fields
    }

    pub(super) fn read(at: &mut Decoder<'_>) -> Result<Self, EntryError> {
        let (mut options, mut ends) = (None, 0);
        cbor::read_map(at, |field, at| {
            match field {
                0 => {
                    options = Some(cbor::read_list(at, "the options of a poll", POLL_OPTIONS, |at| {
                        cbor::read_chars(at, "an option of a poll", POLL_OPTION_CHARS)
                    })?);
                }
                1 => ends = number(at)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let poll = Self { options: options.ok_or(MISSING)?, ends };
        if poll.options.len() < POLL_OPTIONS_LEAST {
            return Err(EntryError::Malformed("a poll with less than two options"));
        }
        if poll.options.iter().any(|option| option.trim().is_empty()) {
            return Err(EntryError::Malformed("a poll with an empty option"));
        }
        let twice = |(at, option): (usize, &String)| poll.options.iter().skip(at + 1).any(|other| other == option);
        if poll.options.iter().enumerate().any(twice) {
            return Err(EntryError::Malformed("a poll that says one option twice"));
        }
        Ok(poll)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::entry::PostBody;

    fn of(options: &[&str]) -> Result<Option<PollBody>, EntryError> {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let poll = Some(PollBody { options, ends: 9 });
        let body = PostBody { text: "Which?".into(), poll, ..PostBody::default() }.encode([4; 16]);
        PostBody::decode(&body).map(|post| post.poll)
    }

    #[test]
    fn a_poll_survives_its_bytes_and_a_wrong_one_is_refused() {
        assert_eq!(of(&["Tea", "Coffee"]).unwrap().unwrap().options, ["Tea", "Coffee"]);
        assert_eq!(of(&["1", "2", "3", "4", "5", "6", "7", "8"]).unwrap().unwrap().ends, 9);
        let long = "x".repeat(POLL_OPTION_CHARS + 1);
        for wrong in [
            &["Tea"][..],
            &[],
            &["1", "2", "3", "4", "5", "6", "7", "8", "9"],
            &["Tea", "Tea"],
            &["Tea", " "],
            &["Tea", &long],
        ] {
            assert!(of(wrong).is_err(), "{wrong:?}");
        }
    }
}
