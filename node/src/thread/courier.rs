//! Between the outbox and the mail: messages are sealed, an entry a device, and what comes is recognised by its tag and
//! opened. Each step keeps the state of its session in the transaction that stores what it made or brought.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::cover::{self, Delivery};
use super::inbox::{self, Letter};
use super::{keys, mark, outbox, parcel, state, stranger, work};
use crate::crypto::{
    Ends, Envelope, EnvelopeError, Intro, Outside, PeerKeys, Purpose, Received, Say, Sent, Session, SessionError, Tag,
    Way, What, is_worked,
};
use crate::entry::{DeviceKeysBody, Entry, Header, MessageBody, SealedBody, Unverified, What as Said, sign};
use crate::error::{Error, Result};
use crate::gate::{Granted, Notes, Noticed, Recorded, Rostered};
use crate::host::Entropy;
use crate::id::{DeviceKey, EntryId, PersonaId};
use crate::keyring::Keyring;
use crate::limits::{self, ANSWER_MS, DAY_S, FLUSH_MESSAGES, MAIL_DAYS, SESSIONS_PER_DEVICE, TAGS_EXPECTED};
use crate::mail;
use crate::store::apart;
use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

/// What a step needs besides the database.
pub(crate) struct Desk<'a> {
    pub(crate) tx: &'a Transaction<'a>,
    pub(crate) keyring: &'a Keyring,
    pub(crate) entropy: &'a dyn Entropy,
    pub(crate) now_ms: i64,
    pub(crate) delivery: Delivery,
}

/// An own persona, and a device that it writes to.
#[derive(Clone, Copy)]
struct Pair {
    own_row: i64,
    own: PersonaId,
    peer_row: i64,
    peer: PersonaId,
    device: DeviceKey,
}

/// A row of the outbox.
struct Due {
    row: i64,
    pair: Pair,
    body: Zeroizing<Vec<u8>>,
    tries: u32,
    session_row: i64,
    number: u64,
    /// As in the outbox.
    automatic: i64,
}

/// A session as it stands in its table.
struct Kept {
    /// 0: not there yet.
    row: i64,
    pair: Pair,
    session: Session,
}

// --- sending ---

/// Seals what is due, as far as one transaction takes; the entries are signed and to be stored, each with whether nobody
/// chose its moment. `peers`: how many are connected.
pub(crate) fn flush(desk: &Desk<'_>, peers: usize) -> Result<Vec<(Unverified<Entry>, bool)>> {
    work::sweep(desk.tx, desk.now_ms)?;
    let mut entries: Vec<_> = parcel::flush(desk, peers)?.into_iter().map(|entry| (entry, false)).collect();
    desk.tx.prepare_cached("DELETE FROM outbox WHERE until_ms <= ?1")?.execute([desk.now_ms])?;
    let hides = cover::hides(desk.tx)?;
    for due in due(desk, if hides { OWN_ACTS } else { ALL }, FLUSH_MESSAGES)? {
        if let Made::Entry(entry) = sealed(desk, &due)? {
            entries.push((*entry, due.automatic > 0));
        }
    }
    if !hides {
        cover::ends(desk.tx)?;
    } else if cover::is_due(desk)? {
        let waiting = due(desk, AUTOMATIC, 1)?.pop();
        match waiting.map(|waiting| sealed(desk, &waiting)).transpose()? {
            Some(Made::Entry(entry)) => entries.push((*entry, true)),
            Some(Made::Unworked) => {}
            _ => entries.push((cover::piece(desk)?, true)),
        }
    }
    Ok(entries)
}

/// Of what the outbox holds, by `outbox.automatic`: what the user chose the moment of, the rest, and both.
const OWN_ACTS: (i64, i64) = (0, 0);
const AUTOMATIC: (i64, i64) = (1, outbox::ONCE);
const ALL: (i64, i64) = (0, outbox::ONCE);

/// What may go now; of what is automatic, answers first.
fn due(desk: &Desk<'_>, (least, most): (i64, i64), limit: usize) -> Result<Vec<Due>> {
    let mut statement = desk.tx.prepare_cached(
        "SELECT outbox.row, own.row, own.id, peer.row, peer.id, device, body, tries, session_row, number, automatic
         FROM outbox
         JOIN author AS own ON own.row = outbox.author_row JOIN author AS peer ON peer.row = peer_row
         WHERE automatic BETWEEN ?2 AND ?3 AND due_ms <= ?1 AND device IS NOT NULL
            AND outbox.row NOT IN (SELECT row FROM behind_parcel)
         ORDER BY ?2 = 1 AND body <> x'', due_ms, outbox.row LIMIT ?4",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let due = statement
        .query_map([desk.now_ms, least, most, limit], |row| {
            Ok(Due {
                row: row.get(0)?,
                pair: pair(row)?,
                body: Zeroizing::new(row.get(6)?),
                tries: row.get(7)?,
                session_row: row.get(8)?,
                number: row.get::<_, i64>(9)?.cast_unsigned(),
                automatic: row.get(10)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(due)
}

/// What became of a message that is due.
enum Made {
    /// It goes.
    Entry(Box<Unverified<Entry>>),
    /// It goes once work was done for it.
    Unworked,
    /// No session may be begun with its device before then, ms.
    Later(i64),
    /// It can't be sealed now.
    Nothing,
}

fn sealed(desk: &Desk<'_>, due: &Due) -> Result<Made> {
    let made = apart(desk.tx, || seal(desk, due))?.unwrap_or_else(|error| {
        tracing::warn!(%error, "a message could not be sealed; it is tried again, and the others go on");
        Made::Nothing
    });
    match made {
        // It waits as if it had been lost.
        Made::Nothing => wait(desk, due, 0, 0, None)?,
        Made::Later(due_ms) => {
            desk.tx.prepare_cached("UPDATE outbox SET due_ms = ?2 WHERE row = ?1")?.execute([due.row, due_ms])?;
        }
        Made::Entry(_) | Made::Unworked => {}
    }
    Ok(made)
}

fn seal(desk: &Desk<'_>, due: &Due) -> Result<Made> {
    let Some(keys) = keys::published(desk.tx, due.pair.peer_row, due.pair.device.as_bytes())? else {
        return Ok(Made::Nothing);
    };
    let mut kept = match writable(desk, due, &keys)? {
        Writable::In(kept) => *kept,
        Writable::Later(due_ms) => return Ok(Made::Later(due_ms)),
        Writable::No => return Ok(Made::Nothing),
    };
    let said_before = due.number > 0 && due.session_row == kept.row && kept.row > 0;
    let what = match (due.body.is_empty(), said_before) {
        (true, false) => What::Nothing,
        (true, true) => What::Again(due.number, None),
        (false, true) => What::Again(due.number, Some(&due.body)),
        (false, false) => What::New(&due.body),
    };
    let ask: Vec<u64> = kept.session.missing().take(limits::ASKED_AGAIN).collect();
    let own = mail::route(desk.tx, desk.entropy, desk.now_ms.div_euclid(1_000))?;
    let say = Say { what, route: own, delivered: true, ask: &ask };
    let sent = match kept.session.send(&say, desk.entropy) {
        Ok(sent) => sent,
        Err(SessionError::NoRandomness(error)) => return Err(error.into()),
        Err(_) => return Ok(Made::Nothing),
    };
    let Some(enclosed) = enclose(desk, due, &kept, &keys, &sent)? else { return Ok(Made::Nothing) };
    save(desk.tx, &mut kept)?;
    let made = enclosed.made(desk, due, kept.row, sent.number)?;
    let id = if let Made::Entry(entry) = &made { Some(entry.0.id()) } else { None };
    if due.body.is_empty() || due.automatic == outbox::ONCE {
        desk.tx.prepare_cached("DELETE FROM outbox WHERE row = ?1")?.execute([due.row])?;
    } else {
        wait(desk, due, kept.row, sent.number, id)?;
        // What goes with it needs no answer of its own.
        desk.tx
            .prepare_cached(
                "DELETE FROM outbox WHERE author_row = ?1 AND peer_row = ?2 AND device = ?3 AND body = x'' AND number = 0",
            )?
            .execute(params![due.pair.own_row, due.pair.peer_row, due.pair.device])?;
    }
    Ok(made)
}

/// Notes under which number a message went, and when it goes again if nobody answers.
fn wait(desk: &Desk<'_>, due: &Due, session_row: i64, number: u64, entry: Option<EntryId>) -> Result<()> {
    let step = usize::try_from(due.tries).unwrap_or(usize::MAX);
    let waits: &[i64] = if cover::hides(desk.tx)? { &limits::AGAIN_HIDDEN_MS } else { &limits::AGAIN_MS };
    let wait_ms = waits.get(step).or(waits.last()).copied().unwrap_or(i64::MAX);
    let due_ms = desk.now_ms.saturating_add(wait_ms).saturating_add(below(desk.entropy, wait_ms / 4)?);
    desk.tx
        .prepare_cached(
            "UPDATE outbox SET due_ms = ?2, tries = tries + 1, automatic = max(automatic, 1), session_row = ?3,
                number = ?4, entry = coalesce(?5, entry) WHERE row = ?1",
        )?
        .execute(params![due.row, due_ms, session_row, number.cast_signed(), entry])?;
    Ok(())
}

enum Writable {
    In(Box<Kept>),
    /// When a new one may be begun, ms.
    Later(i64),
    No,
}

/// The session that is written to: the one of least precedence whose peer still is who it was, or a new one.
fn writable(desk: &Desk<'_>, due: &Due, keys: &DeviceKeysBody) -> Result<Writable> {
    let Some(account) = keys::account(desk.tx, due.pair.own_row)? else { return Ok(Writable::No) };
    let Some(own) = desk.keyring.get(due.pair.own) else { return Ok(Writable::No) };
    let mut all = of_device(desk.tx, due.pair.own_row, due.pair.peer_row, due.pair.device)?;
    all.retain(|kept| kept.session.identity_of_peer() == keys.identity && !kept.session.is_closed());
    if let Some(kept) = all.into_iter().min_by_key(|kept| kept.session.precedence()) {
        return Ok(Writable::In(Box::new(kept)));
    }
    let begun = match keys::begin(desk.tx, due.pair.own_row, due.pair.peer_row, due.pair.device, desk.now_ms)? {
        Ok(begun) => begun,
        Err(next_ms) => return Ok(Writable::Later(next_ms)),
    };
    let me = (due.pair.own, DeviceKey::from(&own.device.verifying_key()));
    let ends = Ends { me, peer: (due.pair.peer, due.pair.device) };
    let peer = PeerKeys { identity: keys.identity, fallback: keys.fallback };
    let session = match Session::begin(&account, &ends, &peer, begun, desk.entropy) {
        Ok(session) => session,
        Err(SessionError::NoRandomness(error)) => return Err(error.into()),
        Err(_) => return Ok(Writable::No),
    };
    Ok(Writable::In(Box::new(Kept { row: 0, pair: due.pair, session })))
}

/// What a session made, sealed under a key that is used once.
struct Enclosed {
    key: SigningKey,
    header: Header,
    body: SealedBody,
    /// Of a first message: the key for which work is to be done, and the day.
    unworked: Option<([u8; 32], u64)>,
}

impl Enclosed {
    fn made(self, desk: &Desk<'_>, due: &Due, session_row: i64, number: u64) -> Result<Made> {
        let Self { key, header, body, unworked } = self;
        let Some((intro, day)) = unworked else {
            return Ok(Made::Entry(Box::new(sign(&key, header, body.encode(drawn(desk.entropy)?)))));
        };
        let automatic = due.automatic > 0;
        let sealed = work::Sealed { session_row, number, automatic, day, intro, key: &key, body: &body };
        work::put(desk, due.row, &sealed)?;
        Ok(Made::Unworked)
    }
}

/// Seals what a session made.
fn enclose(desk: &Desk<'_>, due: &Due, kept: &Kept, keys: &DeviceKeysBody, sent: &Sent) -> Result<Option<Enclosed>> {
    let key = SigningKey::from_bytes(&Zeroizing::new(drawn(desk.entropy)?));
    let public = DeviceKey::from(&key.verifying_key());
    let day = desk.now_ms.max(0).cast_unsigned() / 1_000 / DAY_S;
    let (day32, expires_day) = (u32::try_from(day).unwrap_or(u32::MAX), u16::try_from(day + MAIL_DAYS));
    let header = Header::one_time(public, day32, Vec::new());
    // A device has one bucket for life, told by more of its bits or fewer: where more are known it is reached by all.
    let handed = match &sent.way {
        Way::Slot { route, .. } => [*route, keys.route],
        Way::Intro => [keys.route; 2],
    };
    let outside = Outside {
        purpose: Purpose::Message,
        author: header.author,
        device: public,
        log: 0,
        seq: 0,
        day,
        route: mail::toward(handed, desk.entropy)?,
        expires_day: expires_day.unwrap_or(u16::MAX),
        refs: &[],
    };
    let (envelope, unworked) = match &sent.way {
        Way::Slot { tag, key, .. } => {
            (Envelope::seal(&sent.message, &[(*tag, key.clone())], &outside, desk.entropy), None)
        }
        Way::Intro => {
            let Some(own) = desk.keyring.get(due.pair.own) else { return Ok(None) };
            let device = DeviceKey::from(&own.device.verifying_key());
            let Some(statements) = keys::introduction(desk.tx, kept.pair.own_row, device)? else { return Ok(None) };
            let intro = Intro { persona: due.pair.own, device, statements, message: sent.message.clone() };
            let outside = Outside { purpose: Purpose::Intro, ..outside };
            let envelope = Envelope::seal_intro(&intro.encode(), &[keys.intro], &outside, desk.entropy);
            (envelope, Some((keys.intro, day)))
        }
    };
    let envelope = match envelope {
        Ok(envelope) => envelope,
        Err(EnvelopeError::NoRandomness(error)) => return Err(error.into()),
        // Keys that can't be sealed to, say.
        Err(_) => return Ok(None),
    };
    let (route, expires_day) = (outside.route, outside.expires_day);
    let body = SealedBody { route, proof: None, expires_day, envelope, blobs: Vec::new(), work: 0, comment_key: None };
    Ok(Some(Enclosed { key, header, body, unworked }))
}

// --- receiving ---

/// Whether a session here expects an entry with one of these slots.
pub(crate) fn is_expected(db: &Connection, sealed: &SealedBody) -> Result<bool> {
    let mut statement = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM session_tag WHERE tag = ?1)")?;
    for tag in sealed.envelope.tags() {
        if statement.query_row([tag], |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Looks whether a sealed entry that was just stored is for a session of this device, and takes in what it says.
pub(crate) fn take_mail(desk: &Desk<'_>, entry: &Entry, sealed: &SealedBody, notes: &mut Notes) -> Result<()> {
    let tags: Vec<Tag> = sealed.envelope.tags().collect();
    for tag in tags {
        let session_row: Option<i64> = desk
            .tx
            .prepare_cached("SELECT session_row FROM session_tag WHERE tag = ?1")?
            .query_row([tag], |row| row.get(0))
            .optional()?;
        let Some(session_row) = session_row else { continue };
        if let Some(mut kept) = by_row(desk.tx, session_row)?
            && open(desk, &mut kept, tag, entry, sealed, notes)? == Opened::Yes
        {
            return open_earlier(desk, session_row, notes);
        }
    }
    Ok(())
}

/// With the window moved on, what came before its time may be opened now.
fn open_earlier(desk: &Desk<'_>, session_row: i64, notes: &mut Notes) -> Result<()> {
    // Each round opens one, so that the order is the session's own.
    for _ in 0..TAGS_EXPECTED {
        let Some(mut kept) = by_row(desk.tx, session_row)? else { return Ok(()) };
        let mut opened = false;
        for expected in kept.session.expected(TAGS_EXPECTED).into_iter().filter(|expected| !expected.used) {
            for row in mail_with(desk.tx, expected.tag)? {
                let (entry, sealed) = mail::read(desk.tx, row)?;
                match open(desk, &mut kept, expected.tag, &entry, &sealed, notes)? {
                    Opened::Yes => {
                        opened = true;
                        break;
                    }
                    Opened::No => {}
                    Opened::GivenUp => return Ok(()),
                }
            }
            if opened {
                break;
            }
        }
        if !opened {
            return Ok(());
        }
    }
    Ok(())
}

#[derive(PartialEq, Eq)]
enum Opened {
    Yes,
    /// It is none of the session's, or came too late.
    No,
    /// The session is no more.
    GivenUp,
}

/// Opens an entry by the slot with a tag.
fn open(
    desk: &Desk<'_>,
    kept: &mut Kept,
    tag: Tag,
    entry: &Entry,
    sealed: &SealedBody,
    notes: &mut Notes,
) -> Result<Opened> {
    let expected = kept.session.expected(TAGS_EXPECTED).into_iter().find(|expected| expected.tag == tag);
    let Some(mark) = expected.map(|expected| expected.mark) else { return Ok(Opened::No) };
    let Some(key) = kept.session.slot_key(mark) else { return Ok(Opened::No) };
    let outside = outside(entry, sealed, Purpose::Message);
    let Ok(message) = sealed.envelope.open_with_tag(&tag, &key, &outside) else { return Ok(Opened::No) };
    match kept.session.open(mark, &message) {
        Ok(received) => {
            save(desk.tx, kept)?;
            took(desk, kept, &received, notes)?;
            Ok(Opened::Yes)
        }
        // `Altered`: the slot opens, so the peer sealed it; with Olm's state elsewhere it will never open what comes.
        Err(SessionError::Reused | SessionError::Behind | SessionError::Altered) => {
            give_up(desk, kept, notes)?;
            Ok(Opened::GivenUp)
        }
        Err(_) => Ok(Opened::No),
    }
}

/// One of the two went on from an old copy: a new session begins with the next thing to say.
fn give_up(desk: &Desk<'_>, kept: &Kept, notes: &mut Notes) -> Result<()> {
    forget(desk.tx, kept.row)?;
    let Pair { own_row, peer_row, peer, device, .. } = kept.pair;
    // To somebody whose request was not accepted, or who is blocked, nothing goes by itself.
    if inbox::is_known(desk.tx, own_row, peer_row, peer)? {
        outbox::answer(desk.tx, own_row, peer_row, device.as_bytes(), Some(answer_due_ms(desk)?), desk.now_ms)?;
        notes.queued = true;
    }
    Ok(())
}

/// Tries whether a first message is for an own persona; answers what it says and for whom. Without effect. Slow where work
/// was done for a key of this device, which takes one of `tries`.
pub(crate) fn try_intro(
    db: &Connection,
    entry: &Entry,
    sealed: &SealedBody,
    tries: &mut usize,
) -> Result<Option<(i64, Intro)>> {
    let mut statement = db.prepare_cached("SELECT author_row FROM account")?;
    let own: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let outside = outside(entry, sealed, Purpose::Intro);
    for own_row in own {
        let Some(account) = keys::account(db, own_row)? else { continue };
        // Work is checked first: it is cheaper than to try.
        let secrets: Vec<_> = account
            .intro_secrets()
            .into_iter()
            .filter(|secret| is_worked(&secret.public(), outside.day, &sealed.envelope.ciphertext, sealed.work))
            .collect();
        if secrets.is_empty() {
            continue;
        }
        *tries = tries.saturating_sub(1);
        if let Ok(content) = sealed.envelope.open_intro(&secrets, &outside) {
            return Ok(Intro::decode(&content).ok().map(|intro| (own_row, intro)));
        }
    }
    Ok(None)
}

/// Takes in a first message. Its statements were checked, and noted, before.
pub(crate) fn take_intro(desk: &Desk<'_>, own_row: i64, intro: &Intro, notes: &mut Notes) -> Result<()> {
    let tx = desk.tx;
    let peer: Option<i64> = tx
        .prepare_cached("SELECT row FROM author WHERE id = ?1")?
        .query_row([intro.persona], |row| row.get(0))
        .optional()?;
    let Some(peer_row) = peer else { return Ok(()) };
    if crate::mute::is_blocked(tx, intro.persona)? {
        return Ok(());
    }
    let Some(keys) = keys::published(tx, peer_row, intro.device.as_bytes())? else { return Ok(()) };
    let own: PersonaId =
        tx.prepare_cached("SELECT id FROM author WHERE row = ?1")?.query_row([own_row], |row| row.get(0))?;
    let (Some(id), Some(own_keys)) = (Session::id_of(intro), desk.keyring.get(own)) else { return Ok(()) };
    let known: Option<i64> = tx
        .prepare_cached("SELECT row FROM session WHERE author_row = ?1 AND device = ?2 AND id = ?3")?
        .query_row(params![own_row, intro.device, id], |row| row.get(0))
        .optional()?;
    let (mut kept, received) = match known {
        Some(row) => {
            let Some(mut kept) = by_row(tx, row)? else { return Ok(()) };
            match kept.session.open_intro(intro) {
                Ok(received) => (kept, received),
                Err(SessionError::Reused | SessionError::Behind) => return give_up(desk, &kept, notes),
                Err(_) => return Ok(()),
            }
        }
        None => {
            let Some(mut account) = keys::account(tx, own_row)? else { return Ok(()) };
            let me = (own, DeviceKey::from(&own_keys.device.verifying_key()));
            let ends = Ends { me, peer: (intro.persona, intro.device) };
            let Ok((session, received)) = Session::accept(&mut account, &ends, &keys.identity, intro) else {
                return Ok(());
            };
            keys::save_account(tx, own_row, &account)?;
            let pair = Pair { own_row, own, peer_row, peer: intro.persona, device: intro.device };
            (Kept { row: 0, pair, session }, received)
        }
    };
    save(tx, &mut kept)?;
    if known.is_none() {
        stranger::bound(tx)?;
        keys::was_begun(tx, own_row, kept.pair.peer_row, kept.pair.device, kept.session.counter())?;
        let kept = &mut kept;
        close_where_lost(desk, kept)?;
        go_on_in_preferred(desk, kept.pair)?;
    }
    took(desk, &kept, &received, notes)?;
    open_earlier(desk, kept.row, notes)
}

/// Who begins a session has no other one. Where one of both sides is here that would be preferred to it, the other side goes
/// on from an old copy, or this message is an old one: no session of now is sure to be read there, and the next thing to
/// say begins one that both prefer.
fn close_where_lost(desk: &Desk<'_>, begun: &mut Kept) -> Result<()> {
    let mut all = of_device(desk.tx, begun.pair.own_row, begun.pair.peer_row, begun.pair.device)?;
    let (counter, identity) = (begun.session.counter(), begun.session.identity_of_peer());
    let is_preferred = |kept: &Kept| {
        kept.row != begun.row
            && kept.session.counter() >= counter
            && kept.session.is_answered()
            && !kept.session.is_closed()
            && kept.session.identity_of_peer() == identity
    };
    if all.iter().any(is_preferred) {
        for kept in &mut all {
            kept.session.close();
            save(desk.tx, kept)?;
        }
        begun.session.close();
    }
    Ok(())
}

/// Of two sessions that were begun one is written to: nobody acknowledges in the other, so what was sealed there goes
/// again in this one.
fn go_on_in_preferred(desk: &Desk<'_>, pair: Pair) -> Result<()> {
    let mut all = of_device(desk.tx, pair.own_row, pair.peer_row, pair.device)?;
    all.retain(|kept| !kept.session.is_closed());
    let preferred = all.into_iter().min_by_key(|kept| kept.session.precedence()).map_or(0, |kept| kept.row);
    desk.tx
        .prepare_cached(
            "UPDATE outbox SET due_ms = min(due_ms, ?5) WHERE author_row = ?1 AND peer_row = ?2 AND device = ?3
                AND session_row NOT IN (0, ?4)",
        )?
        .execute(params![pair.own_row, pair.peer_row, pair.device, preferred, desk.now_ms])?;
    Ok(())
}

/// What a message of a session means: what it acknowledges, asks for, and says.
fn took(desk: &Desk<'_>, kept: &Kept, received: &Received, notes: &mut Notes) -> Result<()> {
    let tx = desk.tx;
    if received.delivered {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO delivered (message_row, author_row) SELECT message_row, peer_row FROM outbox
             WHERE session_row = ?1 AND number BETWEEN 1 AND ?2 AND message_row IS NOT NULL",
        )?
        .execute(params![kept.row, received.acked.cast_signed()])?;
    }
    let mut statement = tx.prepare_cached(
        "DELETE FROM outbox WHERE session_row = ?1 AND number BETWEEN 1 AND ?2
         RETURNING message_row, (SELECT thread.id FROM message JOIN thread ON thread.row = message.thread_row
                    WHERE message.row = message_row)",
    )?;
    let told: Vec<(Option<i64>, Option<crate::id::ThreadId>)> = statement
        .query_map(params![kept.row, received.acked.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (message_row, thread) in told {
        notes.threads_changed.extend(thread);
        if let Some(message_row) = message_row.filter(|_| received.delivered) {
            state::note(tx, message_row)?;
        }
    }
    for number in &received.asked {
        again(desk, kept, *number)?;
        notes.queued = true;
    }
    let Some(content) = &received.content else { return Ok(()) };
    let Ok(body) = MessageBody::decode(content) else { return Ok(()) };
    let letter = Letter {
        own_row: kept.pair.own_row,
        own: kept.pair.own,
        from_row: kept.pair.peer_row,
        from: kept.pair.peer,
        now_ms: desk.now_ms,
    };
    match &body.what {
        // It comes again because nobody told its sender that it came.
        _ if !received.fresh => {}
        Said::Grant(grant) => {
            let (own_row, from_row, from, grant) = (letter.own_row, letter.from_row, letter.from, grant.clone());
            notes.grants.push(Granted { own_row, from_row, from, grant });
        }
        Said::Roster(roster) => {
            let (own_row, from_row, from, roster) = (letter.own_row, letter.from_row, letter.from, roster.clone());
            notes.rosters.push(Rostered { own_row, from_row, from, roster });
        }
        Said::Records(records) if letter.own_row == letter.from_row => {
            let (own_row, device) = (letter.own_row, kept.pair.device);
            notes.recorded.push(Recorded { own_row, device, records: records.clone() });
        }
        Said::Follows { present, counter } => {
            let Letter { own_row, from_row, from, .. } = letter;
            notes.noticed.push(Noticed { own_row, from_row, from, present: *present, counter: *counter });
        }
        _ => {
            let row = inbox::take(tx, letter, &body, notes)?;
            match row {
                Some(row) if letter.own_row == letter.from_row => state::copied(tx, row)?,
                Some(row) => mark::came(tx, row)?,
                None => {}
            }
        }
    }
    if inbox::is_answered(tx, letter, &body)? {
        let Pair { own_row, peer_row, device, .. } = kept.pair;
        outbox::answer(tx, own_row, peer_row, device.as_bytes(), Some(answer_due_ms(desk)?), desk.now_ms)?;
        notes.queued = true;
    }
    Ok(())
}

/// The peer asks for a message again: it goes now, or it is said that it is no longer there.
fn again(desk: &Desk<'_>, kept: &Kept, number: u64) -> Result<()> {
    let found = desk
        .tx
        .prepare_cached("UPDATE outbox SET due_ms = ?3 WHERE session_row = ?1 AND number = ?2")?
        .execute(params![kept.row, number.cast_signed(), desk.now_ms])?;
    if found == 0 {
        desk.tx
            .prepare_cached(
                "INSERT INTO outbox (author_row, peer_row, device, body, due_ms, automatic, until_ms, session_row, number)
                 VALUES (?1, ?2, ?3, x'', ?4, 1, ?5, ?6, ?7)",
            )?
            .execute(params![
                kept.pair.own_row,
                kept.pair.peer_row,
                kept.pair.device,
                desk.now_ms,
                desk.now_ms.saturating_add(limits::OUTBOX_MS),
                kept.row,
                number.cast_signed()
            ])?;
    }
    Ok(())
}

// --- the table of sessions ---

const SESSION: &str = "SELECT session.row, own.row, own.id, peer.row, peer.id, device, state FROM session
    JOIN author AS own ON own.row = session.author_row JOIN author AS peer ON peer.row = peer_row";

/// Columns 1 to 5 of a statement that begins as [`SESSION`] does.
fn pair(row: &rusqlite::Row<'_>) -> rusqlite::Result<Pair> {
    Ok(Pair { own_row: row.get(1)?, own: row.get(2)?, peer_row: row.get(3)?, peer: row.get(4)?, device: row.get(5)? })
}

fn state(row: &rusqlite::Row<'_>) -> rusqlite::Result<(i64, Pair, Zeroizing<Vec<u8>>)> {
    Ok((row.get(0)?, pair(row)?, Zeroizing::new(row.get(6)?)))
}

fn restored((row, pair, state): (i64, Pair, Zeroizing<Vec<u8>>)) -> Result<Kept> {
    Ok(Kept { row, pair, session: Session::from_bytes(&state)? })
}

fn by_row(db: &Connection, session_row: i64) -> Result<Option<Kept>> {
    let found =
        db.prepare_cached(&format!("{SESSION} WHERE session.row = ?1"))?.query_row([session_row], state).optional()?;
    found.map(restored).transpose()
}

fn of_device(db: &Connection, own_row: i64, peer_row: i64, device: DeviceKey) -> Result<Vec<Kept>> {
    let mut statement = db.prepare_cached(&format!(
        "{SESSION} WHERE session.author_row = ?1 AND peer_row = ?2 AND device = ?3 ORDER BY session.row"
    ))?;
    let found: Vec<_> =
        statement.query_map(params![own_row, peer_row, device], state)?.collect::<rusqlite::Result<_>>()?;
    found.into_iter().map(restored).collect()
}

/// Keeps the state of a session, and the tags that it expects now. Of too many with one device the oldest goes.
fn save(tx: &Transaction<'_>, kept: &mut Kept) -> Result<()> {
    let (id, state) = (kept.session.id(), kept.session.to_bytes()?);
    if kept.row == 0 {
        tx.prepare_cached("INSERT INTO session (author_row, peer_row, device, id, state) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![kept.pair.own_row, kept.pair.peer_row, kept.pair.device, id, state.as_slice()])?;
        kept.row = tx.last_insert_rowid();
        let mut statement = tx.prepare_cached(
            "SELECT row FROM session WHERE author_row = ?1 AND device = ?2 ORDER BY row DESC LIMIT -1 OFFSET ?3",
        )?;
        let limit = i64::try_from(SESSIONS_PER_DEVICE).unwrap_or(i64::MAX);
        let old: Vec<i64> = statement
            .query_map(params![kept.pair.own_row, kept.pair.device, limit], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        old.into_iter().try_for_each(|row| forget(tx, row))?;
    } else {
        tx.prepare_cached("UPDATE session SET state = ?2 WHERE row = ?1")?
            .execute(params![kept.row, state.as_slice()])?;
    }
    // Of dozens of tags a message changes one or two.
    let expected: BTreeSet<Tag> = kept.session.expected(TAGS_EXPECTED).iter().map(|expected| expected.tag).collect();
    let mut statement = tx.prepare_cached("SELECT tag FROM session_tag WHERE session_row = ?1")?;
    let known: BTreeSet<Tag> = statement.query_map([kept.row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut delete = tx.prepare_cached("DELETE FROM session_tag WHERE tag = ?1")?;
    for gone in known.difference(&expected) {
        delete.execute([gone])?;
    }
    let mut insert = tx.prepare_cached("INSERT OR REPLACE INTO session_tag (tag, session_row) VALUES (?1, ?2)")?;
    for new in expected.difference(&known) {
        insert.execute(params![new, kept.row])?;
    }
    Ok(())
}

/// Drops a session: what waits for an answer in it is sealed anew in another.
pub(super) fn forget(tx: &Transaction<'_>, session_row: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM session_tag WHERE session_row = ?1")?.execute([session_row])?;
    tx.prepare_cached("DELETE FROM session WHERE row = ?1")?.execute([session_row])?;
    tx.prepare_cached("DELETE FROM first_message WHERE session_row = ?1")?.execute([session_row])?;
    tx.prepare_cached("DELETE FROM outbox WHERE session_row = ?1 AND body = x''")?.execute([session_row])?;
    tx.prepare_cached("UPDATE outbox SET session_row = 0, number = 0, due_ms = 0 WHERE session_row = ?1")?
        .execute([session_row])?;
    Ok(())
}

/// A device counts no longer: nothing more is sealed for it, and nothing of it is opened. What waits for it alone waits for
/// the next device of its persona.
pub(crate) fn end_with(tx: &Transaction<'_>, peer_row: i64, device: DeviceKey) -> Result<()> {
    let mut statement = tx.prepare_cached("SELECT row FROM session WHERE peer_row = ?1 AND device = ?2")?;
    let sessions: Vec<i64> =
        statement.query_map(params![peer_row, device], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    sessions.into_iter().try_for_each(|row| forget(tx, row))?;
    tx.prepare_cached(
        "UPDATE outbox SET device = NULL WHERE peer_row = ?1 AND device = ?2 AND message_row IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM reachable WHERE author_row = ?1)",
    )?
    .execute(params![peer_row, device])?;
    tx.prepare_cached("DELETE FROM outbox WHERE peer_row = ?1 AND device = ?2")?.execute(params![peer_row, device])?;
    Ok(())
}

/// This profile is an old copy: no session of it is used again, and all that waits is sealed in new ones.
pub(crate) fn forget_all(tx: &Transaction<'_>) -> Result<()> {
    tx.execute_batch(
        "DELETE FROM session_tag; DELETE FROM session; DELETE FROM account;
         DELETE FROM first_message; DELETE FROM session_begun;
         DELETE FROM outbox WHERE body = x''; UPDATE outbox SET session_row = 0, number = 0, due_ms = 0;",
    )?;
    Ok(())
}

/// Stored mail with a slot of this tag: somebody may have copied it.
fn mail_with(db: &Connection, tag: Tag) -> Result<Vec<i64>> {
    let mut statement =
        db.prepare_cached("SELECT entry_row FROM mail_tag WHERE tag = ?1 ORDER BY entry_row LIMIT ?2")?;
    let rows = statement.query_map(params![tag, limits::TAG_COPIES], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn outside<'a>(entry: &'a Entry, sealed: &SealedBody, purpose: Purpose) -> Outside<'a> {
    let header = &entry.header;
    Outside {
        purpose,
        author: header.author,
        device: header.device,
        log: header.log,
        seq: header.seq,
        day: header.time / DAY_S,
        route: sealed.route,
        expires_day: sealed.expires_day,
        refs: &header.refs,
    }
}

pub(crate) fn drawn<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes)?;
    Ok(bytes)
}

fn answer_due_ms(desk: &Desk<'_>) -> Result<i64> {
    if desk.delivery == Delivery::AtOnce { Ok(desk.now_ms) } else { answer_ms(desk.entropy, desk.now_ms) }
}

/// When an answer goes: not at once, as that would tell an observer who answered whom.
pub(super) fn answer_ms(entropy: &dyn Entropy, now_ms: i64) -> Result<i64> {
    Ok(now_ms.saturating_add(drawn_in(entropy, ANSWER_MS)?))
}

/// A number of this range, a wait in ms for example.
pub(crate) fn drawn_in(entropy: &dyn Entropy, range: std::ops::Range<i64>) -> Result<i64> {
    Ok(range.start.saturating_add(below(entropy, range.end.saturating_sub(range.start))?))
}

/// A number from 0 up to `limit`.
pub(crate) fn below(entropy: &dyn Entropy, limit: i64) -> Result<i64> {
    let drawn = u64::from_le_bytes(drawn(entropy)?) >> 1;
    Ok(drawn.cast_signed() % limit.max(1))
}

impl From<SessionError> for Error {
    fn from(_: SessionError) -> Self {
        Self::Bug("the state of a session can't be read or written")
    }
}
