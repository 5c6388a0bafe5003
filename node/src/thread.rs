//! Private threads (DESIGN §6): conversations of two, of a group, or with oneself. What is said is a message in the
//! archive of every device; it travels sealed, a copy a device (see [`outbox`]), and what comes takes the same path as
//! what is written here ([`inbox`]).

mod archive;
mod courier;
mod cover;
mod inbox;
mod keys;
mod leave;
mod mark;
mod opened;
mod outbox;
mod own;
mod parcel;
mod past;
mod read;
mod request;
mod state;
mod stranger;
mod work;

use std::sync::{Arc, PoisonError};

use rusqlite::{OptionalExtension, Transaction, params};

pub(crate) use self::archive::ARCHIVED;
pub(crate) use self::courier::{
    Desk, below, drawn, drawn_in, end_with, flush, forget_all, is_expected, take_intro, take_mail, try_intro,
};
pub use self::cover::Delivery;
pub(crate) use self::inbox::Letter;
pub(crate) use self::keys::{apply as apply_keys, renew_keys, renewed, statements};
pub(crate) use self::leave::leave;
pub(crate) use self::opened::is_first_time;
pub(crate) use self::outbox::{
    composed, device_came, devices, held, next_due, queue, queue_for, sent_as, undelivered, waiting_for_receipt,
    withdraw,
};
pub(crate) use self::own::settle;
pub(crate) use self::past::{past, take_past};
pub(crate) use self::read::expire;
pub(crate) use self::state::{forget_told, is_known, settle as settle_delivered};
pub(crate) use self::stranger::{forget_name, is_declined};
pub(crate) use self::work::{Unworked, Worked, unworked, worked};
use crate::entry::{Member, MessageBody, PostBody, What};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::Notes;
use crate::header::checked_emoji;
use crate::host::Entropy;
use crate::id::{MessageId, PersonaId, ThreadId};
use crate::installation;
use crate::keyring::Keyring;
use crate::limits;
use crate::media::Naming;
use crate::mention::mentions;
use crate::mute;
use crate::node::{Attach, Node};
use crate::profile::checked_text;
use crate::setting::{self, READ_RECEIPTS};
use crate::store::Durability;
use crate::verify;
use crate::view::{MessageState, MessageView, SentView, ThreadView};

/// `thread.kind`.
const KIND_DIRECT: i64 = 0;
const KIND_GROUP: i64 = 1;
const KIND_SELF: i64 = 2;

/// `thread.request`.
const REQUEST: i64 = 1;
const DECLINED: i64 = 2;

/// The thread of two personas, the same for both; of one with itself.
pub(crate) fn direct(one: PersonaId, other: PersonaId) -> ThreadId {
    let mut hasher = blake3::Hasher::new_derive_key("kith 2026 thread v1");
    hasher.update(one.min(other).as_bytes()).update(one.max(other).as_bytes());
    ThreadId::from_bytes(*hasher.finalize().as_bytes())
}

/// A message before it is sent.
#[derive(Debug, Clone, Default)]
pub struct MessageDraft {
    pub text: String,
    pub reply_to: Option<MessageId>,
    pub attachments: Vec<Attach>,
}

const EMPTY: &str = "a message needs text or a file";

fn checked_message(text: &str) -> Result<String> {
    let text = checked_text(text, limits::TEXT_CHARS, "the text")?;
    if text.len() > limits::MESSAGE_TEXT_BYTES {
        return Err(Error::BadInput(format!("the text takes more than {} bytes", limits::MESSAGE_TEXT_BYTES)));
    }
    Ok(text)
}

/// A thread of an own persona.
#[derive(Debug, Clone, Copy)]
struct Own {
    thread_row: i64,
    own_row: i64,
    own: PersonaId,
    kind: i64,
    keep_s: u64,
    group: Option<ThreadId>,
    /// Somebody asked, and was not answered yet.
    request: bool,
}

impl Node {
    /// Writes to one persona, to several (a conversation of theirs: the one that these people have together, else a new one),
    /// or to the own persona (notes). Durable when it answers; it leaves as soon as a peer is there.
    ///
    /// # Errors
    /// `BadInput` for an empty or too long text, too many people, or somebody who is blocked; `NotFound` for a persona
    /// that nothing is known of.
    pub async fn dm(&self, persona: Option<PersonaId>, to: Vec<PersonaId>, draft: MessageDraft) -> Result<SentView> {
        let own = self.writing_persona(persona).await?;
        let mut to: Vec<PersonaId> = to.into_iter().collect();
        to.sort_unstable();
        to.dedup();
        if to.len() > 1 {
            to.retain(|persona| *persona != own);
        }
        let (body, kept) = self.message_of(&draft).await?;
        let (id, new_group) = (MessageId::from_bytes(self.inner().random()?), self.inner().random()?);
        let group_id = MessageId::from_bytes(self.inner().random()?);
        let (thread, accepted) = self
            .write_thread(move |writing| {
                let thread = match to.as_slice() {
                    [] => return Err(Error::BadInput("say whom to write to".to_owned())),
                    [one] => writing.direct(own, *one)?,
                    many => writing.group(own, many, ThreadId::from_bytes(new_group), group_id)?,
                };
                writing.text(thread, id, body, draft.reply_to)?;
                Ok((writing.id_of(thread)?, thread.request))
            })
            .await?;
        kept.done();
        Ok(SentView { thread, id, state: MessageState::Queued, accepted })
    }

    /// Writes into a thread. Writing into a request accepts it.
    ///
    /// # Errors
    /// As [`Self::dm`]; `NotFound` for a thread or a message to reply to that is not here.
    pub async fn send(&self, persona: Option<PersonaId>, thread: ThreadId, draft: MessageDraft) -> Result<SentView> {
        let (body, kept) = self.message_of(&draft).await?;
        let id = MessageId::from_bytes(self.inner().random()?);
        let accepted = self
            .write_thread(move |writing| {
                let own = writing.own(persona, thread)?;
                writing.text(own, id, body, draft.reply_to)?;
                Ok(own.request)
            })
            .await?;
        kept.done();
        Ok(SentView { thread, id, state: MessageState::Queued, accepted })
    }

    /// Replaces the text of an own message.
    ///
    /// # Errors
    /// `NotFound` where it is not an own message of this thread; `BadInput` as for a new one, or where it was deleted.
    pub async fn edit_message(&self, thread: ThreadId, of: MessageId, text: &str) -> Result<()> {
        let text = checked_message(text)?;
        let id = MessageId::from_bytes(self.inner().random()?);
        self.write_thread(move |writing| {
            let own = writing.own_message(thread, of)?;
            writing.stands(own, of)?;
            if text.is_empty() && !writing.has_attachments(own, of)? {
                return Err(Error::BadInput(EMPTY.to_owned()));
            }
            let counter = writing.next_counter(own, of, inbox::EDIT)?;
            let body = PostBody { mentions: mentions(&text), text, ..PostBody::default() };
            let of = writing.said_as(own, of)?;
            writing.say(own, id, What::Edit { of, body, counter }).map(drop)
        })
        .await
    }

    /// Takes an own message back, on every device. That it stood there stays, and what others kept they keep.
    ///
    /// # Errors
    /// `NotFound` where it is not an own message of this thread.
    pub async fn delete_message(&self, thread: ThreadId, of: MessageId) -> Result<()> {
        let id = MessageId::from_bytes(self.inner().random()?);
        self.write_thread(move |writing| {
            let own = writing.own_message(thread, of)?;
            let of = writing.said_as(own, of)?;
            writing.say(own, id, What::Delete { of }).map(drop)
        })
        .await
    }

    /// Reacts to a message; an empty emoji takes the reaction back.
    ///
    /// # Errors
    /// `NotFound` for a message that is not here, `BadInput` for what is no emoji, or a message that was deleted.
    pub async fn react_to_message(&self, thread: ThreadId, to: MessageId, emoji: &str) -> Result<()> {
        let emoji = match emoji.trim() {
            "" => String::new(),
            emoji => checked_emoji(emoji)?,
        };
        let id = MessageId::from_bytes(self.inner().random()?);
        self.write_thread(move |writing| {
            let own = writing.own(None, thread)?;
            writing.known_message(own, to)?;
            writing.stands(own, to)?;
            let counter = writing.next_counter(own, to, inbox::REACT)?;
            writing.say(own, id, What::React { to, emoji, counter }).map(drop)
        })
        .await
    }

    /// Notes that a thread was read up to now. Nobody is told unless the setting [`READ_RECEIPTS`] is on; of a request
    /// nobody is told at all.
    ///
    /// # Errors
    /// `NotFound` for an unknown thread.
    pub async fn read_thread(&self, thread: ThreadId) -> Result<()> {
        self.write_thread(move |writing| {
            let own = writing.own(None, thread)?;
            writing.read(own)
        })
        .await
    }

    /// Sets how long messages are kept after they were read, s; 0: for good. It holds for what is written from now on,
    /// on every device.
    ///
    /// # Errors
    /// `NotFound` for an unknown thread, `BadInput` for more than `KEEP_MESSAGES_S`.
    pub async fn keep_messages(&self, thread: ThreadId, keep_s: u64) -> Result<()> {
        if keep_s > limits::KEEP_MESSAGES_S {
            return Err(Error::BadInput("messages that go stay at most 52 weeks".to_owned()));
        }
        let id = MessageId::from_bytes(self.inner().random()?);
        self.write_thread(move |writing| {
            let own = writing.own(None, thread)?;
            let counter: i64 = writing
                .tx
                .prepare_cached("SELECT keep_counter FROM thread WHERE row = ?1")?
                .query_row([own.thread_row], |row| row.get(0))?;
            let what = What::Timer { keep_s, counter: counter.cast_unsigned().saturating_add(1) };
            writing.say(own, id, what).map(drop)
        })
        .await
    }

    /// Leaves a conversation of several: nothing more comes from it. Another own persona that is in it stays.
    ///
    /// # Errors
    /// `NotFound` for an unknown thread, `BadInput` where it is no group.
    pub async fn leave_thread(&self, persona: Option<PersonaId>, thread: ThreadId) -> Result<()> {
        let id = MessageId::from_bytes(self.inner().random()?);
        self.write_thread(move |writing| {
            let own = writing.own(persona, thread)?;
            if own.kind != KIND_GROUP {
                return Err(Error::BadInput("only a conversation of several can be left".to_owned()));
            }
            let counter: i64 = writing
                .tx
                .prepare_cached("SELECT counter FROM thread_member WHERE thread_row = ?1 AND author_row = ?2")?
                .query_row([own.thread_row, own.own_row], |row| row.get(0))
                .optional()?
                .unwrap_or_default();
            // Above all that others may have said to some alone.
            let counter = counter.saturating_add(limits::COUNTER_STEP + 1).min(limits::MEMBER_COUNTER).cast_unsigned();
            let items = vec![Member { persona: own.own, present: false, admin: false, counter }];
            writing.say(own, id, What::Members { title: String::new(), items }).map(drop)
        })
        .await
    }

    /// Accepts a request to one own persona, the first that has it where none is named: its thread goes to the others,
    /// and its messages are answered for from now on.
    ///
    /// # Errors
    /// `NotFound` where it is no request.
    pub async fn accept_request(&self, persona: Option<PersonaId>, thread: ThreadId) -> Result<()> {
        self.settle_request(persona, thread, true).await
    }

    /// Declines a request: it is no longer shown, and nobody is told.
    ///
    /// # Errors
    /// `NotFound` where it is no request.
    pub async fn decline_request(&self, persona: Option<PersonaId>, thread: ThreadId) -> Result<()> {
        self.settle_request(persona, thread, false).await
    }

    async fn settle_request(&self, persona: Option<PersonaId>, thread: ThreadId, accepted: bool) -> Result<()> {
        self.write_thread(move |writing| {
            let Writing { tx, keyring, now_ms, notes, .. } = writing;
            let asked: Option<PersonaId> = tx
                .prepare_cached(
                    "SELECT author.id FROM thread JOIN author ON author.row = thread.author_row
                     WHERE thread.id = ?1 AND request = ?2 AND (?3 IS NULL OR author.id = ?3)
                     ORDER BY thread.row LIMIT 1",
                )?
                .query_row(params![thread, REQUEST, persona], |row| row.get(0))
                .optional()?;
            let own = asked.ok_or(Error::NotFound { what: "the request" })?;
            installation::check(tx, keyring, own)?;
            own::note_request(tx, own, thread, accepted)?;
            settle(tx, notes, own, thread, *now_ms)?;
            Ok(())
        })
        .await
    }

    /// Threads of all own personas, or of one, the newest first; those that are requests apart.
    pub async fn threads(&self, persona: Option<PersonaId>, requests: bool) -> Result<Vec<ThreadView>> {
        let now_ms = self.now_ms();
        self.inner().store.read(move |db| read::threads(db, persona, requests, now_ms)).await
    }

    /// Messages of a thread, oldest first: the last `limit` (1..=1,000), or those before one.
    ///
    /// # Errors
    /// `NotFound` for an unknown thread.
    pub async fn messages(
        &self,
        thread: ThreadId,
        limit: usize,
        before: Option<MessageId>,
    ) -> Result<Vec<MessageView>> {
        let (now_ms, blobs) = (self.now_ms(), self.inner().blobs.clone());
        self.inner().store.read(move |db| read::messages(db, blobs.as_ref(), thread, limit, before, now_ms)).await
    }

    /// One message of a thread.
    ///
    /// # Errors
    /// `NotFound` for an unknown thread or message.
    pub async fn message(&self, thread: ThreadId, message: MessageId) -> Result<MessageView> {
        let (now_ms, blobs) = (self.now_ms(), self.inner().blobs.clone());
        self.inner().store.read(move |db| read::message(db, blobs.as_ref(), thread, message, now_ms)).await
    }

    fn now_ms(&self) -> i64 {
        i64::try_from(self.inner().clock.unix_ms()).unwrap_or(i64::MAX)
    }

    /// What a draft says, and the staged files that it keeps.
    async fn message_of(&self, draft: &MessageDraft) -> Result<(PostBody, Naming)> {
        let text = checked_message(&draft.text)?;
        if text.is_empty() && draft.attachments.is_empty() {
            return Err(Error::BadInput(EMPTY.to_owned()));
        }
        let (attachments, kept) = self.attachments(draft.attachments.clone(), true).await?;
        Ok((PostBody { mentions: mentions(&text), text, attachments, ..PostBody::default() }, kept))
    }

    /// Runs a change of threads in one durable transaction, and tells of it after the commit.
    async fn write_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = self.inner();
        let (clock, entropy) = (Arc::clone(&inner.clock), Arc::clone(&inner.entropy));
        let keyring = Arc::clone(&inner.keyring);
        let (done, notes) = inner
            .store
            .write(Durability::Full, move |tx| {
                let now_ms = i64::try_from(clock.unix_ms()).unwrap_or(i64::MAX);
                let keyring = keyring.lock().unwrap_or_else(PoisonError::into_inner);
                let mut writing =
                    Writing { tx, keyring: &keyring, now_ms, entropy: &*entropy, notes: Notes::default() };
                let done = work(&mut writing)?;
                Ok((done, writing.notes))
            })
            .await?;
        for thread in notes.threads_changed {
            inner.events.send(Event::ThreadChanged(thread));
        }
        if notes.queued {
            inner.tell_queued();
        }
        Ok(done)
    }
}

/// One change of threads, in its transaction.
struct Writing<'a> {
    tx: &'a Transaction<'a>,
    keyring: &'a Keyring,
    now_ms: i64,
    entropy: &'a dyn Entropy,
    notes: Notes,
}

impl Writing<'_> {
    fn letter(&self, own_row: i64, own: PersonaId) -> Letter {
        Letter { own_row, own, from_row: own_row, from: own, now_ms: self.now_ms }
    }

    /// The thread with one persona.
    fn direct(&mut self, own: PersonaId, other: PersonaId) -> Result<Own> {
        let own_row = self.author(own)?;
        let other_row = self.author(other)?;
        if mute::is_blocked(self.tx, other)? {
            return Err(Error::BadInput("this persona is blocked; unblock it first".to_owned()));
        }
        let kind = if own == other { KIND_SELF } else { KIND_DIRECT };
        let letter = self.letter(own_row, own);
        let thread = inbox::open(self.tx, &mut self.notes, letter, direct(own, other), kind)?;
        self.tx
            .prepare_cached("INSERT OR IGNORE INTO thread_member (thread_row, author_row) VALUES (?1, ?2)")?
            .execute([thread.row, other_row])?;
        self.find(thread.row)
    }

    /// The group of exactly these people, else a new one.
    fn group(&mut self, own: PersonaId, others: &[PersonaId], new: ThreadId, id: MessageId) -> Result<Own> {
        let own_row = self.author(own)?;
        if others.len() >= limits::THREAD_DEVICES {
            return Err(Error::BadInput(format!("a conversation has at most {} people", limits::THREAD_DEVICES)));
        }
        let mut rows = vec![own_row];
        for other in others {
            rows.push(self.author(*other)?);
        }
        rows.sort_unstable();
        let mut statement = self.tx.prepare_cached(
            "SELECT thread.row, (SELECT group_concat(author_row) FROM (SELECT author_row FROM thread_member
                WHERE thread_row = thread.row AND present = 1 ORDER BY author_row))
             FROM thread WHERE author_row = ?1 AND kind = ?2 AND request = 0 ORDER BY last_ms DESC",
        )?;
        let wanted = rows.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        let mut found = statement.query(params![own_row, KIND_GROUP])?;
        while let Some(row) = found.next()? {
            if row.get::<_, Option<String>>(1)?.as_deref() == Some(wanted.as_str()) {
                return self.find(row.get(0)?);
            }
        }
        let letter = self.letter(own_row, own);
        let thread = inbox::open(self.tx, &mut self.notes, letter, new, KIND_GROUP)?;
        let everybody = others.iter().chain([&own]);
        let items =
            everybody.map(|persona| Member { persona: *persona, present: true, admin: false, counter: 1 }).collect();
        let own = self.find(thread.row)?;
        self.say(own, id, What::Members { title: String::new(), items })?;
        Ok(own)
    }

    fn author(&self, persona: PersonaId) -> Result<i64> {
        self.tx
            .prepare_cached("SELECT row FROM author WHERE id = ?1 AND bucket = 0")?
            .query_row([persona], |row| row.get(0))
            .optional()?
            .ok_or(Error::NotFound { what: "the persona" })
    }

    fn find(&self, thread_row: i64) -> Result<Own> {
        Ok(self
            .tx
            .prepare_cached(
                "SELECT thread.row, author.row, author.id, kind, keep_s, thread.id, request
                 FROM thread JOIN author ON author.row = thread.author_row WHERE thread.row = ?1",
            )?
            .query_row([thread_row], |row| {
                let kind = row.get(3)?;
                Ok(Own {
                    thread_row: row.get(0)?,
                    own_row: row.get(1)?,
                    own: row.get(2)?,
                    kind,
                    keep_s: row.get::<_, i64>(4)?.cast_unsigned(),
                    group: Some(row.get(5)?).filter(|_| kind == KIND_GROUP),
                    request: row.get::<_, i64>(6)? == REQUEST,
                })
            })?)
    }

    fn id_of(&self, thread: Own) -> Result<ThreadId> {
        Ok(self
            .tx
            .prepare_cached("SELECT id FROM thread WHERE row = ?1")?
            .query_row([thread.thread_row], |row| row.get(0))?)
    }

    /// A thread by its id: that of the named own persona, else of the only one that is in it.
    fn own(&self, persona: Option<PersonaId>, thread: ThreadId) -> Result<Own> {
        let row: Option<i64> = self
            .tx
            .prepare_cached(
                "SELECT thread.row FROM thread JOIN author ON author.row = thread.author_row
                 WHERE thread.id = ?1 AND (?2 IS NULL OR author.id = ?2) ORDER BY thread.row LIMIT 1",
            )?
            .query_row(params![thread, persona], |row| row.get(0))
            .optional()?;
        self.find(row.ok_or(Error::NotFound { what: "the thread" })?)
    }

    fn own_message(&self, thread: ThreadId, message: MessageId) -> Result<Own> {
        let row: Option<i64> = self
            .tx
            .prepare_cached(
                "SELECT thread.row FROM thread CROSS JOIN message ON message.thread_row = thread.row
                 WHERE thread.id = ?1 AND message.id = ?2 AND message.from_row = thread.author_row",
            )?
            .query_row(params![thread, message], |row| row.get(0))
            .optional()?;
        self.find(row.ok_or(Error::NotFound { what: "an own message of this id" })?)
    }

    fn known_message(&self, thread: Own, message: MessageId) -> Result<()> {
        let known: bool = self
            .tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM message WHERE thread_row = ?1 AND id = ?2)")?
            .query_row(params![thread.thread_row, message], |row| row.get(0))?;
        if known { Ok(()) } else { Err(Error::NotFound { what: "the message" }) }
    }

    /// The id by which everybody else knows an own message: here it may stand under another one.
    fn said_as(&self, thread: Own, message: MessageId) -> Result<MessageId> {
        let body: Vec<u8> = self
            .tx
            .prepare_cached("SELECT body FROM message WHERE thread_row = ?1 AND id = ?2")?
            .query_row(params![thread.thread_row, message], |row| row.get(0))?;
        if body.is_empty() { Ok(message) } else { Ok(MessageBody::decode(&body)?.id) }
    }

    /// Nothing more is said of a message that was deleted.
    fn stands(&self, thread: Own, message: MessageId) -> Result<()> {
        let stands: bool = self
            .tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM message WHERE thread_row = ?1 AND id = ?2 AND body <> x'')")?
            .query_row(params![thread.thread_row, message], |row| row.get(0))?;
        if stands { Ok(()) } else { Err(Error::BadInput("this message was deleted".to_owned())) }
    }

    fn others(&self, thread: Own) -> Result<Vec<PersonaId>> {
        let mut statement = self.tx.prepare_cached(
            "SELECT author.id FROM thread_member JOIN author ON author.row = thread_member.author_row
             WHERE thread_row = ?1 AND present = 1 AND author.row <> ?2",
        )?;
        let others = statement.query_map([thread.thread_row, thread.own_row], |row| row.get(0))?;
        Ok(others.collect::<rusqlite::Result<_>>()?)
    }

    fn next_counter(&self, thread: Own, of: MessageId, kind: i64) -> Result<u64> {
        let known: Option<i64> = self
            .tx
            .prepare_cached(
                "SELECT counter FROM message_change WHERE thread_row = ?1 AND of = ?2 AND from_row = ?3 AND kind = ?4",
            )?
            .query_row(params![thread.thread_row, of, thread.own_row, kind], |row| row.get(0))
            .optional()?;
        Ok(known.unwrap_or_default().cast_unsigned().saturating_add(1))
    }

    fn has_attachments(&self, thread: Own, message: MessageId) -> Result<bool> {
        Ok(self
            .tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM message JOIN blob_ref ON entry_row = -message.row
                    WHERE thread_row = ?1 AND id = ?2)",
            )?
            .query_row(params![thread.thread_row, message], |row| row.get(0))?)
    }

    fn text(&mut self, thread: Own, id: MessageId, body: PostBody, reply_to: Option<MessageId>) -> Result<()> {
        if let Some(reply_to) = reply_to {
            self.known_message(thread, reply_to)?;
        }
        verify::check(self.tx, thread.own, &self.others(thread)?)?;
        self.say(thread, id, What::Text { body, reply_to, keep_s: thread.keep_s })
    }

    /// Takes a message in here as it will be taken in elsewhere, and queues it for every device of everybody else.
    fn say(&mut self, thread: Own, id: MessageId, what: What) -> Result<()> {
        installation::check(self.tx, self.keyring, thread.own)?;
        let sent_ms = if matches!(what, What::Text { .. }) { self.sent_ms(thread)? } else { self.now_ms };
        let body = MessageBody { id, group: thread.group, sent_ms: sent_ms.cast_unsigned(), with: None, what };
        let letter = Letter { now_ms: sent_ms, ..self.letter(thread.own_row, thread.own) };
        let mut to = outbox::recipients(self.tx, thread.thread_row, thread.own_row)?;
        let message_row = if thread.kind == KIND_SELF || thread.group.is_some() {
            inbox::take(self.tx, letter, &body, &mut self.notes)?
        } else {
            self.take_direct(thread, letter, &body)?
        };
        // Who is added hears of it as well, and so does who was in it until now.
        to.extend(outbox::recipients(self.tx, thread.thread_row, thread.own_row)?);
        to.sort_unstable();
        to.dedup();
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt)?;
        let bytes = body.encode(salt);
        if bytes.len() > limits::MESSAGE_BYTES {
            return Err(Error::BadInput("the text and what describes the files take too much room".to_owned()));
        }
        queue(self.tx, thread.own_row, &to, message_row, &bytes, self.now_ms)?;
        let others = self.others(thread)?;
        let goes = own::copy(self.tx, self.entropy, thread, &others, &body, self.now_ms)? || !to.is_empty();
        if let (Some(row), What::Text { body, .. }) = (message_row, &body.what)
            && !body.attachments.is_empty()
            && goes
        {
            parcel::queue(self.tx, row, self.now_ms)?;
        }
        self.notes.queued |= goes;
        if message_row.is_some() {
            // Whoever writes has read what stands above.
            let id = self.id_of(thread)?;
            self.notes.queued |= mark::look(self.tx, thread, id, sent_ms)?;
        }
        Ok(())
    }

    /// When a message is sent: behind the own one before it, also within one millisecond, or where the clock was set back
    /// a little. Elsewhere they stand in this order, however they come.
    fn sent_ms(&self, thread: Own) -> Result<i64> {
        let last: Option<i64> = self
            .tx
            .prepare_cached(
                "SELECT max(sent_ms) FROM message
                 WHERE thread_row = ?1 AND order_ms BETWEEN ?3 AND ?4 AND from_row = ?2",
            )?
            .query_row(
                [thread.thread_row, thread.own_row, self.now_ms, self.now_ms.saturating_add(limits::CLOCK_BACK_MS)],
                |row| row.get(0),
            )?;
        Ok(last.map_or(self.now_ms, |last| last.saturating_add(1)))
    }

    /// An own message in a thread of two names nobody: its place is known here.
    fn take_direct(&mut self, thread: Own, letter: Letter, body: &MessageBody) -> Result<Option<i64>> {
        let id = self.id_of(thread)?;
        inbox::take_in(self.tx, letter, inbox::Thread { row: thread.thread_row, id }, body, &mut self.notes)
    }

    fn read(&mut self, thread: Own) -> Result<()> {
        let tx = self.tx;
        let newest: Option<i64> = tx
            .prepare_cached(
                "SELECT max(message.sent_ms) FROM message JOIN thread ON thread.row = thread_row
                 WHERE thread.row = ?1 AND order_ms > read_ms AND from_row <> thread.author_row AND request = 0",
            )?
            .query_row([thread.thread_row], |row| row.get(0))?;
        let id = self.id_of(thread)?;
        self.notes.queued |= mark::look(tx, thread, id, self.now_ms)?;
        if let Some(newest) = newest
            && setting::get(tx, READ_RECEIPTS)?.as_deref() == Some("on")
            && installation::check(tx, self.keyring, thread.own).is_ok()
        {
            self.tell_read(thread, newest.cast_unsigned())?;
        }
        read::begin_to_expire(tx, thread.thread_row, self.now_ms)?;
        self.notes.threads_changed.insert(id);
        Ok(())
    }

    /// Which message was read, and not when.
    fn tell_read(&mut self, thread: Own, up_to_ms: u64) -> Result<()> {
        let body = composed(self.entropy, thread.group, up_to_ms, What::Read { up_to_ms })?;
        let to = outbox::recipients(self.tx, thread.thread_row, thread.own_row)?;
        let due_ms = courier::answer_ms(self.entropy, self.now_ms)?;
        outbox::queue_receipt(self.tx, thread.own_row, &to, thread.group, &body, due_ms)?;
        self.notes.queued = true;
        Ok(())
    }
}
