//! What a post says of the page behind one of its links, as its author's node found it: readers ask no page.

use minicbor::Decoder;

use crate::entry::cbor::{self, Fields};
use crate::entry::verify::EntryError;
use crate::id::BlobHash;
use crate::limits;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    pub url: String,
    pub title: String,
    pub description: String,
    /// One of the post's attachments, which is shown here and not among them. One that it does not name is none.
    pub picture: Option<BlobHash>,
}

impl Card {
    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.text(0, &self.url);
        fields.text(1, &self.title);
        fields.text(2, &self.description);
        if let Some(picture) = &self.picture {
            fields.bytes(3, picture.as_bytes());
        }
        fields
    }

    pub(super) fn read(at: &mut Decoder<'_>) -> Result<Self, EntryError> {
        let mut card = Self::default();
        cbor::read_map(at, |field, at| {
            match field {
                0 => card.url = cbor::read_chars(at, "the link of a card", limits::CARD_URL_CHARS)?,
                1 => card.title = cbor::read_chars(at, "the title of a card", limits::CARD_TITLE_CHARS)?,
                2 => card.description = cbor::read_chars(at, "the text of a card", limits::CARD_TEXT_CHARS)?,
                3 => card.picture = Some(BlobHash::from_bytes(cbor::read_array(at)?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(card)
    }
}
