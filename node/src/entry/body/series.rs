//! That a post is one of several which its author sent as one: a thread, as pages call it.

use minicbor::Decoder;

use super::{MISSING, number};
use crate::entry::EntryError;
use crate::entry::cbor::{self, Fields};
use crate::limits::SERIES_POSTS;

/// Drawn, and no id of an entry: all posts of a thread are signed in one step, and stay one when they are signed again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Series {
    /// The same in each of its posts. It means something among posts of one author alone.
    pub id: [u8; 16],
    /// From 0, which is the first.
    pub place: u8,
}

impl Series {
    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.bytes(0, &self.id);
        fields.number(1, u64::from(self.place));
        fields
    }

    pub(super) fn read(at: &mut Decoder<'_>) -> Result<Self, EntryError> {
        let (mut id, mut place) = (None, 0);
        cbor::read_map(at, |field, at| {
            match field {
                0 => id = Some(cbor::read_array(at)?),
                1 => place = number(at)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        match u8::try_from(place) {
            Ok(place) if usize::from(place) < SERIES_POSTS => Ok(Self { id: id.ok_or(MISSING)?, place }),
            _ => Err(EntryError::Malformed("a place that no thread has")),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::entry::PostBody;

    #[test]
    fn a_place_in_a_thread_survives_its_bytes_and_a_wrong_one_is_refused() {
        let at = |place| {
            let series = Some(Series { id: [7; 16], place });
            let body = PostBody { text: "Fog".into(), series, ..PostBody::default() }.encode([4; 16]);
            PostBody::decode(&body).map(|post| post.series.unwrap().place)
        };
        let last = u8::try_from(SERIES_POSTS).unwrap() - 1;
        assert_eq!((at(0), at(1), at(last)), (Ok(0), Ok(1), Ok(last)));
        assert!(at(last + 1).is_err() && at(u8::MAX).is_err());
    }
}
