//! What is said about posts to circles: sealed under a key that is used once, with the keys that the post's circles have
//! now, and opened where one of them is known. That its writer can read the post is proven outside, by the post's comment
//! key: whoever carries the post checks it, and learns no more.

use ed25519_dalek::{Signer, SigningKey};
use rusqlite::{OptionalExtension, Transaction, params};
use zeroize::Zeroizing;

use super::epoch::newest;
use super::seal::{enclose, keys_that_opened};
use crate::crypto::{Purpose, Slots, Tag};
use crate::entry::{Header, Proof, Said, SealedBody, Unverified, sign};
use crate::error::{Error, Result};
use crate::gate::CommentDraft;
use crate::host::Entropy;
use crate::id::{BlobHash, DeviceKey, EntryId, PersonaId};
use crate::limits::DAY_S;
use crate::opened;

/// Seals what an own persona says about a post. `statements`: what introduces it; `now_s`: when it was written. The
/// entry is to be stored.
pub(crate) fn seal_comment(
    tx: &Transaction<'_>,
    entropy: &dyn Entropy,
    device: &SigningKey,
    statements: Vec<u8>,
    draft: CommentDraft,
    now_s: u64,
) -> Result<Unverified<crate::entry::Entry>> {
    let CommentDraft { persona, post, kind, target, body } = draft;
    let closed = || Error::NotFound { what: "the post" };
    let row: i64 = tx
        .prepare_cached("SELECT row FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1")?
        .query_row([post], |row| row.get(0))
        .optional()?
        .ok_or_else(closed)?;
    let comment = opened::comment_key(tx, row)?.ok_or_else(closed)?;
    let (mut secret, mut salt) = (Zeroizing::new([0; 32]), [0; 16]);
    entropy.fill(secret.as_mut_slice())?;
    entropy.fill(&mut salt)?;
    let once = SigningKey::from_bytes(&secret);
    let day = u32::try_from(now_s / DAY_S).map_err(|_| Error::Bug("a day past its limit"))?;
    let header = Header::one_time(DeviceKey::from(&once.verifying_key()), day, vec![post]);
    let outside = header.outside(Purpose::Comment, 0, u16::MAX);
    let mut slots = Vec::new();
    for (epoch_row, key) in newest_of(tx, row, persona)? {
        tx.prepare_cached("UPDATE epoch SET used = 1 WHERE row = ?1 AND used = 0")?.execute([epoch_row])?;
        slots.push((key.tag(&outside, &salt), key.slot_key(&outside, &salt)));
    }
    if slots.is_empty() {
        return Err(closed());
    }
    let device_key = DeviceKey::from(&device.verifying_key());
    let said = Said {
        persona,
        device: device_key,
        statements,
        time: now_s,
        kind,
        target,
        body: body.into(),
        signature: [0; 64],
    };
    let content = said.signed(device, &header).encode();
    let envelope = enclose(&content, &slots, &outside, entropy)?;
    let key = SigningKey::from_bytes(&comment);
    let signature = key.sign(&Proof::message(&header)).to_bytes();
    let proof = Some(Proof { signature, key: DeviceKey::from(&key.verifying_key()) });
    let expires_day = u16::MAX;
    let body = SealedBody { route: 0, proof, expires_day, envelope, blobs: Vec::new(), work: 0, comment_key: None };
    Ok(sign(&once, header, body.encode(salt)))
}

/// Why a sealed entry about a post is not kept, given the body of the post; `None` when it is. Nothing of it is for the
/// reader of the post alone to check.
pub(crate) fn admit_comment(post: &[u8], sealed: &SealedBody) -> Result<Option<crate::entry::EntryError>> {
    let key = SealedBody::decode(post)?.comment_key;
    let proven = sealed.proof.as_ref().is_some_and(|proof| Some(proof.key) == key);
    let formed = sealed.route == 0
        && sealed.expires_day == u16::MAX
        && sealed.blobs.is_empty()
        && matches!(sealed.envelope.slots, Slots::Session(_));
    Ok((!proven || !formed).then_some(crate::entry::EntryError::Target))
}

/// What a stored entry about a post says, where the post is open and a key here fits; `None` too where that was known
/// before. The circles that open it are noted. It was signed by the device that it names; whether that is its persona's is
/// not checked.
pub(crate) fn open_comment(db: &Transaction<'_>, row: i64) -> Result<Option<Said>> {
    let found = db
        .prepare_cached(
            "SELECT e.device, e.time, e.refs, e.body, post.row,
                    EXISTS (SELECT 1 FROM sealed_comment WHERE entry_row = e.row) FROM entry AS e
             JOIN entry AS post ON post.prefix = substr(e.refs, 1, 8) AND post.id = e.refs
             WHERE e.row = ?1 AND e.kind = 17 AND e.log_row = 0 AND e.body IS NOT NULL",
        )?
        .query_row([row], |found| {
            let place: (DeviceKey, i64, EntryId) = (found.get(0)?, found.get(1)?, found.get(2)?);
            Ok((place, found.get::<_, Vec<u8>>(3)?, found.get::<_, i64>(4)?, found.get::<_, bool>(5)?))
        })
        .optional()?;
    let Some(((device, time, post), body, post_row, known)) = found else { return Ok(None) };
    let (Ok(sealed), Some(salt)) = (SealedBody::decode(&body), body.first_chunk::<16>()) else { return Ok(None) };
    let day = u32::try_from(time.cast_unsigned() / DAY_S).unwrap_or(u32::MAX);
    let header = Header { body_hash: BlobHash::ZERO, ..Header::one_time(device, day, vec![post]) };
    let outside = sealed.outside(&header, Purpose::Comment);
    let tags: Vec<Tag> = sealed.envelope.tags().collect();
    let mut opened = None;
    for (circle_row, epoch_row, key) in keys_that_opened(db, post_row)? {
        let tag = key.tag(&outside, salt);
        if !tags.contains(&tag) {
            continue;
        }
        let Ok(content) = sealed.envelope.open_with_tag(&tag, &key.slot_key(&outside, salt), &outside) else {
            continue;
        };
        let Some(said) = Said::decode(&content).ok().filter(|said| said.is_signed(&header)) else { continue };
        db.prepare_cached("UPDATE epoch SET used = 1 WHERE row = ?1 AND used = 0")?.execute([epoch_row])?;
        opened::by(db, row, circle_row)?;
        // Of another day than it says outside: that one counts.
        let time = if said.time / DAY_S == outside.day { said.time } else { header.time };
        opened = Some(Said { time, ..said });
    }
    Ok(opened.filter(|_| !known))
}

/// The key that each circle of a post has now, as far as the persona knows it.
fn newest_of(tx: &Transaction<'_>, post_row: i64, persona: PersonaId) -> Result<Vec<(i64, crate::crypto::EpochKey)>> {
    let mut statement = tx.prepare_cached(
        "SELECT circle_row FROM opened_by JOIN circle ON circle.row = circle_row JOIN author ON author.row = own_row
         WHERE entry_row = ?1 AND author.id = ?2 ORDER BY circle_row",
    )?;
    let circles: Vec<i64> =
        statement.query_map(params![post_row, persona], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut keys = Vec::new();
    for circle_row in circles {
        keys.extend(newest(tx, circle_row)?.map(|epoch| (epoch.row, epoch.key)));
    }
    Ok(keys)
}
