//! Bodies: a 16-byte random salt, then numbered fields (minicbor, docs/protocol.md). Unknown fields are ignored and
//! never re-encoded; trailing bytes, fields that stand twice and longer forms of a number are refused.
//!
//! `encode` gives bytes for any value; what exceeds a limit is refused by `decode`, and so by the one gate that own
//! entries pass too. `Some` of an empty text is written like `None`.

mod audience;
mod card;
mod circle;
mod device_keys;
mod file_name;
mod message;
mod past;
mod poll;
mod records;
mod revocation;
mod said;
mod sealed;
mod series;

use minicbor::Decoder;

pub use audience::{Commenters, PolicyBody, Proof, RepostBody};
pub use card::Card;
pub use circle::{Enclosed, Grant, Roster};
pub use device_keys::DeviceKeysBody;
pub use file_name::file_name;
pub use message::{Member, MessageBody, What};
pub(crate) use past::{Past, PastMember, PastMessage, PastSaid, PastThread};
pub use poll::PollBody;
pub use records::{Record, Records};
pub use revocation::{DeviceRevokeBody, LogHead, RootRotateBody};
pub use said::Said;
pub use sealed::{SealedBlob, SealedBody};
pub use series::Series;

use crate::entry::cbor::{self, Fields};
use crate::entry::header::Kind;
use crate::entry::verify::EntryError;
use crate::id::{BlobHash, DeviceKey, EntryId, PersonaId};
use crate::limits;

/// Makes a body hash useless for guessing once the body is deleted.
pub type Salt = [u8; 16];

const PERSONA_CONTEXT: &str = "kith 2026 persona id v1";
const RECOVERY_CONTEXT: &str = "kith 2026 recovery hash v1";

/// What a log carries; subscribing to an author covers `Posts` and `Sealed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Posts,
    Engagement,
    Sealed,
    Hive([u8; 32]),
}

impl Scope {
    /// 0 posts, 1 engagement, 2 sealed, 3 hive.
    pub const fn number(self) -> u8 {
        match self {
            Self::Posts => 0,
            Self::Engagement => 1,
            Self::Sealed => 2,
            Self::Hive(_) => 3,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogOpenBody {
    pub scope: Scope,
    /// Last heads of this device's earlier logs of the scope; both heads of a fork.
    pub prior_heads: Vec<EntryId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonaOpenBody {
    pub root: DeviceKey,
    pub nonce: [u8; 16],
    /// [`recovery_hash`] of the recovery key.
    pub recovery_hash: [u8; 32],
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCertBody {
    pub device: DeviceKey,
    /// Bit set; unknown bits are ignored.
    pub caps: u32,
    /// 0 device, 1 bridge, 2 service, 3 mls-leaf.
    pub purpose: u8,
    /// Seconds since the epoch; 0 = no end. Never decides validity of an entry.
    pub not_after: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileBody {
    pub name: String,
    pub bio: String,
    pub picture: Option<BlobRef>,
    /// One above the highest seen; the higher (counter, id) wins.
    pub counter: u64,
    /// It wishes to be found by its name.
    pub listed: bool,
}

/// Also the body of a comment, where the header's refs are [root, parent].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostBody {
    pub text: String,
    pub content_warning: Option<String>,
    /// BCP 47, e.g. `en`.
    pub lang: Option<String>,
    pub attachments: Vec<BlobRef>,
    pub mentions: Vec<PersonaId>,
    pub tags: Vec<String>,
    /// A post in the open. That of the post itself counts, whatever an edit says.
    pub quote: Option<EntryId>,
    /// Who wrote the quoted post, so that it can be found.
    pub quoted: Option<PersonaId>,
    /// That of the post itself counts, whatever an edit says.
    pub poll: Option<PollBody>,
    /// Of a link in it.
    pub card: Option<Card>,
    /// Whom its author puts forward: a list of people, made public.
    pub people: Vec<ListedPerson>,
    /// The thread that it is a post of. That of the post itself counts, whatever an edit says.
    pub series: Option<Series>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPerson {
    pub persona: PersonaId,
    /// As its author knows them: readers may not have heard of them yet.
    pub name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReactionBody {
    pub emoji: String,
}

/// refs = [target]; replaces the target's body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EditBody {
    pub post: PostBody,
    /// One above the highest seen for the target; the higher (counter, id) wins.
    pub counter: u64,
}

/// refs = targets; of a `Hide`: own post, hidden entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteBody {}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRef {
    /// Of the ciphertext when sealed.
    pub hash: BlobHash,
    /// Only inside sealed bodies.
    pub key: Option<[u8; 32]>,
    pub size: u64,
    pub mime: String,
    pub width: u32,
    pub height: u32,
    pub blurhash: Option<String>,
    pub alt: Option<String>,
    /// A thumbnail JPEG or PNG, a blob of its own.
    pub thumb: Option<BlobHash>,
    /// What the file was called; only inside sealed bodies, of what is no picture.
    pub name: Option<String>,
}

/// What a persona id commits to: a hash of the recovery key's public half.
pub fn recovery_hash(recovery: &DeviceKey) -> [u8; 32] {
    blake3::derive_key(RECOVERY_CONTEXT, recovery.as_bytes())
}

impl LogOpenBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.number(0, u64::from(self.scope.number()));
        if let Scope::Hive(hive) = &self.scope {
            fields.bytes(1, hive);
        }
        fields.list(2, &self.prior_heads, |out, head| cbor::write_bytes(out, head.as_bytes()));
        finish(salt, &fields)
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let (mut number, mut hive, mut prior_heads) = (0, None, Vec::new());
        read(body, |field, at| {
            match field {
                0 => number = at.u64()?,
                1 => hive = Some(cbor::read_array(at)?),
                2 => prior_heads = cbor::read_list(at, "the list of prior heads", limits::PRIOR_HEADS, entry_id)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let scope = match (number, hive) {
            (0, None) => Scope::Posts,
            (1, None) => Scope::Engagement,
            (2, None) => Scope::Sealed,
            (3, Some(hive)) => Scope::Hive(hive),
            _ => return Err(EntryError::Malformed("an unknown scope")),
        };
        Ok(Self { scope, prior_heads })
    }
}

impl PersonaOpenBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.bytes(0, self.root.as_bytes());
        fields.bytes(1, &self.nonce);
        fields.bytes(2, &self.recovery_hash);
        finish(salt, &fields)
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let (mut root, mut nonce, mut recovery_hash) = (None, None, None);
        read(body, |field, at| {
            match field {
                0 => root = Some(DeviceKey::from_bytes(cbor::read_array(at)?)),
                1 => nonce = Some(cbor::read_array(at)?),
                2 => recovery_hash = Some(cbor::read_array(at)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            root: root.ok_or(MISSING)?,
            nonce: nonce.ok_or(MISSING)?,
            recovery_hash: recovery_hash.ok_or(MISSING)?,
        })
    }

    /// The persona's id: derive_key(context, root ‖ nonce ‖ recovery hash).
    pub fn persona(&self) -> PersonaId {
        let mut hasher = blake3::Hasher::new_derive_key(PERSONA_CONTEXT);
        hasher.update(self.root.as_bytes()).update(&self.nonce).update(&self.recovery_hash);
        PersonaId::from_bytes(*hasher.finalize().as_bytes())
    }
}

impl DeviceCertBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.bytes(0, self.device.as_bytes());
        fields.number(1, u64::from(self.caps));
        fields.number(2, u64::from(self.purpose));
        fields.number(3, self.not_after);
        finish(salt, &fields)
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let (mut device, mut caps, mut purpose, mut not_after) = (None, 0, 0, 0);
        read(body, |field, at| {
            match field {
                0 => device = Some(DeviceKey::from_bytes(cbor::read_array(at)?)),
                1 => caps = at.u32()?,
                2 => purpose = at.u8()?,
                3 => not_after = number(at)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { device: device.ok_or(MISSING)?, caps, purpose, not_after })
    }
}

impl ProfileBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.text(0, &self.name);
        fields.text(1, &self.bio);
        if let Some(picture) = &self.picture {
            fields.map(2, &picture.fields());
        }
        fields.number(3, self.counter);
        fields.number(5, u64::from(self.listed));
        finish(salt, &fields)
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let mut profile = Self::default();
        read(body, |field, at| {
            match field {
                0 => profile.name = cbor::read_chars(at, "the name", limits::NAME_CHARS)?,
                1 => profile.bio = cbor::read_chars(at, "the bio", limits::BIO_CHARS)?,
                2 => profile.picture = Some(BlobRef::read(at)?),
                3 => profile.counter = number(at)?,
                // Later versions may have more to say than yes.
                5 => profile.listed = number(at)? != 0,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(profile)
    }
}

impl PostBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        finish(salt, &self.fields(None))
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let mut post = Self::default();
        read(body, |field, at| post.read_field(field, at))?;
        Ok(post)
    }

    fn fields(&self, proof: Option<&Proof>) -> Fields {
        let mut fields = Fields::default();
        fields.text(0, &self.text);
        if let Some(proof) = proof {
            fields.bytes(1, &proof.signature);
        }
        fields.text(2, self.content_warning.as_deref().unwrap_or_default());
        fields.text(3, self.lang.as_deref().unwrap_or_default());
        fields.list(4, &self.attachments, |out, blob| blob.fields().write(out));
        fields.list(5, &self.mentions, |out, persona| cbor::write_bytes(out, persona.as_bytes()));
        fields.list(6, &self.tags, |out, tag| cbor::write_text(out, tag));
        if let Some(quote) = &self.quote {
            fields.bytes(7, quote.as_bytes());
        }
        if let Some(proof) = proof {
            fields.bytes(8, proof.key.as_bytes());
        }
        if let Some(quoted) = &self.quoted {
            fields.bytes(9, quoted.as_bytes());
        }
        if let Some(poll) = &self.poll {
            fields.map(10, &poll.fields());
        }
        if let Some(card) = &self.card {
            fields.map(11, &card.fields());
        }
        fields.list(12, &self.people, |out, person| {
            let mut listed = Fields::default();
            listed.bytes(0, person.persona.as_bytes());
            listed.text(1, &person.name);
            listed.write(out);
        });
        if let Some(series) = &self.series {
            fields.map(13, &series.fields());
        }
        fields
    }

    fn read_field(&mut self, field: u64, at: &mut Decoder<'_>) -> Result<bool, EntryError> {
        match field {
            0 => self.text = cbor::read_chars(at, "the text", limits::TEXT_CHARS)?,
            2 => self.content_warning = some(cbor::read_chars(at, "the content warning", limits::CW_CHARS)?),
            3 => self.lang = some(cbor::read_short(at, "the language", limits::LANG_BYTES)?),
            4 => {
                self.attachments = cbor::read_list(at, "the list of attachments", limits::ATTACHMENTS, BlobRef::read)?;
            }
            5 => {
                self.mentions = cbor::read_list(at, "the list of mentions", limits::TAGS, |at| {
                    Ok(PersonaId::from_bytes(cbor::read_array(at)?))
                })?;
            }
            6 => {
                self.tags = cbor::read_list(at, "the list of tags", limits::TAGS, |at| {
                    cbor::read_chars(at, "a tag", limits::TAG_CHARS)
                })?;
            }
            7 => self.quote = Some(entry_id(at)?),
            9 => self.quoted = Some(PersonaId::from_bytes(cbor::read_array(at)?)),
            10 => self.poll = Some(PollBody::read(at)?),
            11 => self.card = Some(Card::read(at)?),
            12 => {
                self.people = cbor::read_list(at, "the list of people", limits::PUBLISHED_PEOPLE, ListedPerson::read)?;
            }
            13 => self.series = Some(Series::read(at)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl ListedPerson {
    fn read(at: &mut Decoder<'_>) -> Result<Self, EntryError> {
        let (mut persona, mut name) = (None, String::new());
        cbor::read_map(at, |field, at| {
            match field {
                0 => persona = Some(PersonaId::from_bytes(cbor::read_array(at)?)),
                1 => name = cbor::read_chars(at, "the name", limits::NAME_CHARS)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { persona: persona.ok_or(MISSING)?, name })
    }
}

impl ReactionBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.text(0, &self.emoji);
        finish(salt, &fields)
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let mut emoji = String::new();
        read(body, |field, at| {
            if field == 0 {
                emoji = cbor::read_short(at, "the reaction", limits::EMOJI_BYTES)?;
            }
            Ok(field == 0)
        })?;
        if emoji.is_empty() { Err(MISSING) } else { Ok(Self { emoji }) }
    }
}

impl EditBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.map(0, &self.post.fields(None));
        fields.number(1, self.counter);
        finish(salt, &fields)
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        let (mut post, mut counter) = (None, 0);
        read(body, |field, at| {
            match field {
                0 => {
                    let mut new = PostBody::default();
                    cbor::read_map(at, |field, at| new.read_field(field, at))?;
                    post = Some(new);
                }
                1 => counter = number(at)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { post: post.ok_or(MISSING)?, counter })
    }
}

impl DeleteBody {
    /// The salt followed by numbered fields.
    pub fn encode(&self, salt: Salt) -> Vec<u8> {
        finish(salt, &Fields::default())
    }

    /// Reads a body and checks every limit.
    pub fn decode(body: &[u8]) -> Result<Self, EntryError> {
        read(body, |_, _| Ok(false))?;
        Ok(Self {})
    }
}

impl BlobRef {
    fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.bytes(0, self.hash.as_bytes());
        if let Some(key) = &self.key {
            fields.bytes(1, key);
        }
        fields.number(2, self.size);
        fields.text(3, &self.mime);
        fields.number(4, u64::from(self.width));
        fields.number(5, u64::from(self.height));
        fields.text(6, self.blurhash.as_deref().unwrap_or_default());
        fields.text(7, self.alt.as_deref().unwrap_or_default());
        if let Some(thumb) = &self.thumb {
            fields.bytes(8, thumb.as_bytes());
        }
        fields.text(9, self.name.as_deref().unwrap_or_default());
        fields
    }

    fn read(at: &mut Decoder<'_>) -> Result<Self, EntryError> {
        let mut hash = None;
        let mut blob = Self {
            hash: BlobHash::ZERO,
            key: None,
            size: 0,
            mime: String::new(),
            width: 0,
            height: 0,
            blurhash: None,
            alt: None,
            thumb: None,
            name: None,
        };
        cbor::read_map(at, |field, at| {
            match field {
                0 => hash = Some(BlobHash::from_bytes(cbor::read_array(at)?)),
                1 => blob.key = Some(cbor::read_array(at)?),
                2 => blob.size = bounded(at, "the size of a blob", limits::BLOB_BYTES)?,
                3 => blob.mime = cbor::read_short(at, "the media type", limits::MIME_BYTES)?,
                4 => blob.width = side(at)?,
                5 => blob.height = side(at)?,
                6 => blob.blurhash = some(cbor::read_short(at, "the blurhash", limits::BLURHASH_BYTES)?),
                7 => blob.alt = some(cbor::read_chars(at, "the alt text", limits::ALT_CHARS)?),
                8 => blob.thumb = Some(BlobHash::from_bytes(cbor::read_array(at)?)),
                // Whoever wrote it may have meant something by it.
                9 => {
                    blob.name = file_name(cbor::read_short(at, "the name of a file", limits::FILE_NAME_BYTES)?.as_str())
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        blob.hash = hash.ok_or(MISSING)?;
        Ok(blob)
    }
}

/// Checks a body that stands in the open under `kind`. Kinds whose bodies this release does not read pass: they are
/// kept verbatim.
pub(super) fn check(kind: Kind, body: &[u8]) -> Result<(), EntryError> {
    match kind {
        Kind::LogOpen => LogOpenBody::decode(body).map(drop),
        Kind::PersonaOpen => PersonaOpenBody::decode(body).map(drop),
        Kind::DeviceCert => DeviceCertBody::decode(body).map(drop),
        Kind::DeviceRevoke => DeviceRevokeBody::decode(body).map(drop),
        Kind::RootRotate => RootRotateBody::decode(body).map(drop),
        Kind::Profile => without_keys(ProfileBody::decode(body)?.picture.as_slice()),
        Kind::Post | Kind::Comment => without_keys(&PostBody::decode(body)?.attachments),
        Kind::Repost => RepostBody::decode(body).map(drop),
        Kind::Policy => PolicyBody::decode(body).map(drop),
        Kind::Reaction => ReactionBody::decode(body).map(drop),
        Kind::Edit => without_keys(&EditBody::decode(body)?.post.attachments),
        Kind::Delete | Kind::Hide => DeleteBody::decode(body).map(drop),
        Kind::DeviceKeys => DeviceKeysBody::decode(body).map(drop),
        // `Sealed` is read where its header is at hand too.
        Kind::Alias | Kind::Sealed | Kind::Unknown(_) => Ok(()),
    }
}

const MISSING: EntryError = EntryError::Malformed("a field is missing");

fn without_keys(blobs: &[BlobRef]) -> Result<(), EntryError> {
    if blobs.iter().any(|blob| blob.key.is_some()) {
        return Err(EntryError::Malformed("the key of a blob stands in the open"));
    }
    Ok(())
}

fn finish(salt: Salt, fields: &Fields) -> Vec<u8> {
    let mut body = salt.to_vec();
    fields.write(&mut body);
    body
}

fn read<'b>(
    body: &'b [u8],
    each: impl FnMut(u64, &mut Decoder<'b>) -> Result<bool, EntryError>,
) -> Result<(), EntryError> {
    let (_salt, fields) = body.split_first_chunk::<{ size_of::<Salt>() }>().ok_or(EntryError::Truncated)?;
    cbor::check(fields)?;
    cbor::read_map(&mut Decoder::new(fields), each)
}

fn entry_id(at: &mut Decoder<'_>) -> Result<EntryId, EntryError> {
    Ok(EntryId::from_bytes(cbor::read_array(at)?))
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn number(at: &mut Decoder<'_>) -> Result<u64, EntryError> {
    Some(at.u64()?).filter(|value| *value <= limits::LARGEST_NUMBER).ok_or(EntryError::Malformed("a number past 2^63"))
}

fn bounded(at: &mut Decoder<'_>, what: &'static str, limit: u64) -> Result<u64, EntryError> {
    let limit_usize = usize::try_from(limit).unwrap_or(usize::MAX);
    Some(at.u64()?).filter(|value| *value <= limit).ok_or(EntryError::TooLarge { what, limit: limit_usize })
}

fn side(at: &mut Decoder<'_>) -> Result<u32, EntryError> {
    let pixels = bounded(at, "the side of a picture", u64::from(limits::PICTURE_SIDE_PX))?;
    u32::try_from(pixels).map_err(|_| EntryError::Malformed("the side of a picture"))
}
