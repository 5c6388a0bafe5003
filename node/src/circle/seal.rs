//! Posts to circles: sealed when they get their place in the log, and opened where a key is known, own ones too: local
//! and remote take the same path. What was opened rests beside the entry.

use ed25519_dalek::SigningKey;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use zeroize::Zeroizing;

use super::epoch::{Epoch, newest};
use crate::crypto::{Envelope, EnvelopeError, EpochKey, Outside, Purpose, SlotKey, Tag};
use crate::entry::{BlobRef, EditBody, Enclosed, EntryError, Header, PostBody, SealedBlob, SealedBody};
use crate::error::{Error, Result};
use crate::gate::Applying;
use crate::host::Entropy;
use crate::id::{BlobHash, CircleId, DeviceKey, EntryId};
use crate::limits;
use crate::media;
use crate::opened;

/// Seals the body of an own entry that gets this header, for the members of these circles. `time`: when it was written,
/// s. Answers the body that stands outside.
pub(crate) fn seal(
    tx: &Transaction<'_>,
    entropy: &dyn Entropy,
    header: &Header,
    to: &[CircleId],
    time: u64,
    body: Vec<u8>,
) -> Result<Vec<u8>> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt)?;
    let outside = header.outside(Purpose::Post, 0, u16::MAX);
    let mut slots = Vec::new();
    for circle in to {
        let Epoch { row, key, .. } = latest(tx, header, *circle)?.ok_or(Error::NotFound { what: "the circle" })?;
        tx.prepare_cached("UPDATE epoch SET used = 1 WHERE row = ?1")?.execute([row])?;
        slots.push((key.tag(&outside, &salt), key.slot_key(&outside, &salt)));
    }
    let blobs = outside_blobs(tx, &attachments(header.refs.is_empty(), &body)?)?;
    // Who reads the post may comment on it; an edit changes nothing of that.
    let comment = if header.refs.is_empty() { Some(secret(entropy)?) } else { None };
    let comment_key = comment.as_ref().map(|key| DeviceKey::from(&SigningKey::from_bytes(key).verifying_key()));
    let content = Enclosed { time, body: Zeroizing::new(body), comment }.encode();
    let envelope = enclose(&content, &slots, &outside, entropy)?;
    let expires_day = u16::MAX;
    let sealed = SealedBody { route: 0, proof: None, expires_day, envelope, blobs, work: 0, comment_key };
    Ok(sealed.encode(salt))
}

/// Seals a content; errors are told as of a text.
pub(super) fn enclose(
    content: &[u8],
    slots: &[(Tag, SlotKey)],
    outside: &Outside<'_>,
    entropy: &dyn Entropy,
) -> Result<Envelope> {
    Envelope::seal(content, slots, outside, entropy).map_err(|error| match error {
        EnvelopeError::TooLarge => Error::BadInput("the text takes too much room to be sealed".to_owned()),
        EnvelopeError::NoRandomness(error) => error.into(),
        _ => Error::Bug("a text could not be sealed"),
    })
}

fn secret(entropy: &dyn Entropy) -> Result<Zeroizing<[u8; 32]>> {
    let mut secret = Zeroizing::new([0; 32]);
    entropy.fill(secret.as_mut_slice())?;
    Ok(secret)
}

/// What a post, or else an edit of one, has attached.
fn attachments(post: bool, body: &[u8]) -> Result<Vec<BlobRef>, EntryError> {
    Ok(if post { PostBody::decode(body)?.attachments } else { EditBody::decode(body)?.post.attachments })
}

/// How sealed files are named outside; they are stored here.
fn outside_blobs(tx: &Transaction<'_>, attachments: &[BlobRef]) -> Result<Vec<SealedBlob>> {
    let hashes = attachments.iter().flat_map(|blob| [Some(blob.hash), blob.thumb]).flatten();
    let size = |hash: BlobHash| {
        tx.prepare_cached("SELECT size FROM blob WHERE hash = ?1")?
            .query_row([hash], |row| row.get::<_, i64>(0))
            .optional()?
            .map(|size| SealedBlob { hash, padded_size: size.cast_unsigned() })
            .ok_or(Error::NotFound { what: "the file" })
    };
    hashes.map(size).collect()
}

/// Opens the sealed entry at hand, where a key here fits.
pub(crate) fn open(applying: &Applying<'_>) -> Result<()> {
    let (tx, author_row) = (applying.tx, applying.author_row);
    let keys = keys_of(tx, author_row)?;
    if keys.is_empty() || applying.entry.body.is_none() || !open_row(tx, applying.row, &keys)? {
        return Ok(());
    }
    open_edits(tx, applying.row)
}

/// Tries the keys of its author on edits of a post that was opened: they may have come before it.
pub(super) fn open_edits(tx: &Transaction<'_>, post_row: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT entry_row, edit.author_row FROM entry AS post
         JOIN edit ON edit.target = post.id AND edit.author_row = post.author_row WHERE post.row = ?1",
    )?;
    let edits: Vec<(i64, i64)> =
        statement.query_map([post_row], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let Some((_, author_row)) = edits.first() else { return Ok(()) };
    let keys = keys_of(tx, *author_row)?;
    edits.into_iter().try_for_each(|(row, _)| open_row(tx, row, &keys).map(drop))
}

/// A key that may open an author's entries: the rows of its circle and epoch, and itself.
pub(crate) type Key = (i64, i64, EpochKey);

/// Keys of the circles of an author, and of groups here that it is in, the latest first. Who is out still has old keys:
/// what comes from them is not opened.
fn keys_of(db: &Connection, author_row: i64) -> Result<Vec<Key>> {
    let mut statement = db.prepare_cached(
        "SELECT circle.row, epoch.row, epoch.key FROM epoch JOIN circle ON circle.row = epoch.circle_row
         WHERE state <> 0 AND (circle.author_row = ?1 OR kind = 1 AND EXISTS
            (SELECT 1 FROM circle_member AS m WHERE m.circle_row = circle.row AND m.author_row = ?1 AND m.present = 1))
         ORDER BY epoch.counter DESC, epoch.row",
    )?;
    let keys =
        statement.query_map([author_row], |row| Ok((row.get(0)?, row.get(1)?, EpochKey::from_bytes(row.get(2)?))))?;
    Ok(keys.collect::<rusqlite::Result<_>>()?)
}

/// Keys of the circles that opened a post, the latest first.
pub(super) fn keys_that_opened(db: &Connection, post_row: i64) -> Result<Vec<Key>> {
    let mut statement = db.prepare_cached(
        "SELECT epoch.circle_row, epoch.row, epoch.key FROM opened_by JOIN epoch USING (circle_row)
         WHERE opened_by.entry_row = ?1 ORDER BY epoch.counter DESC, epoch.row",
    )?;
    let keys =
        statement.query_map([post_row], |row| Ok((row.get(0)?, row.get(1)?, EpochKey::from_bytes(row.get(2)?))))?;
    Ok(keys.collect::<rusqlite::Result<_>>()?)
}

/// The key that a circle of the header's author, or a group that it is in, is sealed with now.
fn latest(tx: &Transaction<'_>, header: &Header, circle: CircleId) -> Result<Option<Epoch>> {
    let row: Option<i64> = tx
        .prepare_cached(
            "SELECT circle.row FROM circle JOIN author ON author.row = own_row
             WHERE author.id = ?1 AND circle.id = ?2 AND state = 1 AND gone = 0
               AND (kind = 1 OR own_row = circle.author_row)",
        )?
        .query_row(params![header.author, circle], |row| row.get(0))
        .optional()?;
    row.map_or(Ok(None), |row| newest(tx, row))
}

/// Tries keys on a stored entry. `true`: it says something now that it did not say before.
pub(super) fn open_row(tx: &Transaction<'_>, row: i64, keys: &[Key]) -> Result<bool> {
    let found = tx
        .prepare_cached(
            "SELECT author.id, log.device, log.log, entry.seq, entry.time, entry.refs, entry.body
             FROM entry JOIN log ON log.row = entry.log_row JOIN author ON author.row = entry.author_row
             WHERE entry.row = ?1 AND entry.kind = 17 AND entry.body IS NOT NULL",
        )?
        .query_row([row], |found| {
            let refs: Vec<u8> = found.get(5)?;
            let place = (found.get(0)?, found.get(1)?, found.get::<_, i64>(2)?, found.get::<_, i64>(3)?);
            Ok((place, found.get::<_, i64>(4)?.cast_unsigned(), refs, found.get::<_, Vec<u8>>(6)?))
        })
        .optional()?;
    let Some(((author, device, log, seq), time, refs, body)) = found else { return Ok(false) };
    let refs: Vec<EntryId> = refs.chunks_exact(32).filter_map(EntryId::from_slice).collect();
    // An edit is for who can read the post: not for who was added after it.
    if let Some(post) = refs.first()
        && !opened::is_open(tx, *post)?
    {
        return Ok(false);
    }
    let (Ok(sealed), Some(salt)) = (SealedBody::decode(&body), body.first_chunk::<16>()) else { return Ok(false) };
    let outside = Outside {
        purpose: Purpose::Post,
        author,
        device,
        log: log.cast_unsigned(),
        seq: seq.cast_unsigned(),
        day: time / limits::DAY_S,
        route: sealed.route,
        expires_day: sealed.expires_day,
        refs: &refs,
    };
    let tags: Vec<Tag> = sealed.envelope.tags().collect();
    let mut news = false;
    for (circle_row, epoch_row, key) in keys {
        let tag = key.tag(&outside, salt);
        if !tags.contains(&tag) {
            continue;
        }
        let Ok(content) = sealed.envelope.open_with_tag(&tag, &key.slot_key(&outside, salt), &outside) else {
            continue;
        };
        let Ok(enclosed) = Enclosed::decode(&content) else { continue };
        let Ok(attachments) = attachments(refs.is_empty(), &enclosed.body) else { continue };
        // Of another day than it says outside: that one counts.
        let written = if enclosed.time / limits::DAY_S == outside.day { enclosed.time } else { time };
        news |= opened::keep(tx, row, written, &enclosed.body, enclosed.comment.as_deref())?;
        opened::by(tx, row, *circle_row)?;
        media::keys(tx, row, &attachments)?;
        tx.prepare_cached("UPDATE epoch SET used = 1 WHERE row = ?1 AND used = 0")?.execute([*epoch_row])?;
    }
    Ok(news)
}
