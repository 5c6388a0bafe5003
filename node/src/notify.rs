//! What happened to the user (DESIGN §8): comments, answers, reactions, mentions, reposts and quotes of what they wrote,
//! followers who told, messages and requests, invitations and circles, devices, edits of what they had to do with, and
//! backups that need them.
//!
//! - A row is derived at the end of the transaction that stores its cause, by a name that follows from the persona and the
//!   cause: whatever comes again, or before what it is about, makes no second one.
//! - What was deleted, hidden, refused, blocked or muted is left out as rows are read; what is muted or blocked as it comes
//!   leaves none at all. Own acts leave none.
//! - What was there before (the persona on this device, the follow that brought it, or a month ago) stands as read.
//! - How far it was read is one mergeable item a place ([`mark`]), as with conversations. Those of messages, and of devices,
//!   are read as these are.
//! - Rules and quiet hours are settings ([`rule`]): they travel with own devices, and in bundles. The rows do not: a restored
//!   profile starts with none.

mod mark;
mod read;
mod rule;
mod telling;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::author;
use crate::entry::{Entry, Kind, PostBody};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::{Happened, Notes};
use crate::id::{CircleId, DeviceId, EntryId, NotificationId, PersonaId};
use crate::limits;
use crate::node::Node;
use crate::store::Durability;
use crate::view::{NoticeRules, NotificationKind, NotificationView, QuietHours, Rule, RuleFor};

pub(crate) use self::mark::settle as settle_read;
use self::read::Wanted;
use self::telling::Telling;

/// `notification.kind`. The numbers never change.
const COMMENT: i64 = 1;
const ANSWER: i64 = 2;
const REACTION: i64 = 3;
const MENTION: i64 = 4;
const QUOTE: i64 = 5;
const REPOST: i64 = 6;
const FOLLOWER: i64 = 7;
const MESSAGE: i64 = 8;
const INVITATION: i64 = 9;
const CIRCLE: i64 = 10;
const DEVICE: i64 = 11;
const EDIT: i64 = 12;
const BACKUP: i64 = 13;

/// Which notifications are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct NotificationsQuery {
    /// Of one own persona; all on this node when `None`.
    pub persona: Option<PersonaId>,
    /// Lines, 1..=1,000.
    pub limit: usize,
    /// Only those that nobody read yet.
    pub unread: bool,
    /// Only what speaks to the user: mentions, answers and quotes.
    pub mentions: bool,
}

/// What the user looks at: its notifications are read with that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    Post(EntryId),
    Person(PersonaId),
    Circle(CircleId),
    /// The recovery of an own persona.
    Backup(PersonaId),
}

impl Looked {
    fn place(self) -> [u8; 32] {
        match self {
            Self::Post(id) => id.to_bytes(),
            Self::Person(id) => id.to_bytes(),
            Self::Circle(id) => id.to_bytes(),
            Self::Backup(id) => backup_place(id),
        }
    }
}

impl Node {
    /// What happened to own personas of this node, the newest first; of one post or conversation in one line.
    ///
    /// # Errors
    /// `NotFound` for an unknown own persona, `BadInput` for a limit out of bounds.
    pub async fn notifications(&self, query: NotificationsQuery) -> Result<Vec<NotificationView>> {
        if query.limit == 0 || query.limit > limits::FEED_PAGE {
            return Err(Error::BadInput(format!("a page has 1 to {} notifications", limits::FEED_PAGE)));
        }
        let persona = match query.persona {
            Some(persona) => Some(self.own_persona(Some(persona)).await?),
            None => None,
        };
        let wanted = Wanted { persona, ..Wanted::from(query) };
        let now_ms = self.inner().clock.unix_ms();
        self.inner().store.read(move |db| read::lines(db, wanted, now_ms)).await
    }

    /// How many lines nobody read yet, of each own persona of this node that has any.
    pub async fn unread_notifications(&self) -> Result<Vec<(PersonaId, u64)>> {
        let now_ms = self.inner().clock.unix_ms();
        self.inner().store.read(move |db| read::unread(db, now_ms)).await
    }

    /// The user looks at something: what was told of it is read, here and on other own devices.
    pub async fn look_at(&self, looked: Looked) -> Result<()> {
        let place = looked.place();
        let any = move |db: &Connection| {
            Ok(db
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM notification WHERE place = ?1 AND read = 0)")?
                .query_row([place], |row| row.get::<_, bool>(0))?)
        };
        // Most of what is looked at was told to nobody, and a write is durable.
        if self.inner().store.read(any).await? { self.mark(None, place).await } else { Ok(()) }
    }

    /// Marks one line as read. Of messages that is the whole conversation; of devices, the list of them.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    pub async fn read_notification(&self, id: NotificationId) -> Result<()> {
        let now_ms = self.inner().clock.unix_ms();
        let found = self.inner().store.read(move |db| read::line(db, id, now_ms)).await?;
        let found = found.ok_or(Error::NotFound { what: "the notification" })?;
        match (found.thread, found.device) {
            (Some(thread), _) => self.read_thread(thread).await?,
            (_, Some(_)) => self.see_devices().await?,
            _ => self.mark(Some(found.persona), id.to_bytes()).await?,
        }
        self.inner().events.send(Event::NotificationsChanged);
        Ok(())
    }

    /// Marks all as read, of one own persona or of all on this node; the conversations and devices that stand among them
    /// too. Answers how many lines that were.
    ///
    /// # Errors
    /// `NotFound` for an unknown own persona.
    pub async fn read_notifications(&self, persona: Option<PersonaId>) -> Result<usize> {
        let query = NotificationsQuery { persona, limit: limits::FEED_PAGE, unread: true, mentions: false };
        let unread = self.notifications(query).await?;
        for line in &unread {
            if let Some(thread) = line.thread {
                self.read_thread(thread).await?;
            }
        }
        if unread.iter().any(|line| line.device.is_some()) {
            self.see_devices().await?;
        }
        self.mark(persona, mark::ALL).await?;
        Ok(unread.len())
    }

    /// Marks a place as read for an own persona, or for all that have something unread there.
    async fn mark(&self, persona: Option<PersonaId>, scope: [u8; 32]) -> Result<()> {
        let now_ms = i64::try_from(self.inner().clock.unix_ms()).unwrap_or(i64::MAX);
        let changed = self
            .write_items(move |tx| {
                let mut changed = false;
                for own in author::own(tx)? {
                    if persona.is_none_or(|persona| persona == own.id) {
                        changed |= mark::look(tx, own.row, own.id, scope, now_ms)?;
                    }
                }
                Ok(changed)
            })
            .await?;
        if changed {
            self.inner().events.send(Event::NotificationsChanged);
        }
        Ok(())
    }

    /// What the user chose to be told of, and when not.
    pub async fn notice_rules(&self) -> Result<NoticeRules> {
        self.inner().store.read(rule::read).await
    }

    /// Chooses what is told of a kind, or of what comes from a person or in a conversation.
    ///
    /// # Errors
    /// `BadInput` for mentions alone of a kind, or where there are too many rules.
    pub async fn set_notice_rule(&self, of: RuleFor, rule: Rule) -> Result<()> {
        let (key, value) = rule::item(of, rule)?;
        self.set_setting(&key, value).await?;
        self.inner().events.send(Event::NotificationsChanged);
        Ok(())
    }

    /// Sets quiet hours, in which nothing is shown outside of Kith; `None`: there are none.
    ///
    /// # Errors
    /// `BadInput` for times that no day has.
    pub async fn set_quiet_hours(&self, hours: Option<QuietHours>) -> Result<()> {
        let value = rule::quiet_value(hours)?;
        self.set_setting(rule::QUIET, &value).await
    }

    /// Whether it is quiet now.
    pub async fn is_quiet_now(&self) -> Result<bool> {
        let now_ms = self.inner().clock.unix_ms();
        Ok(self.notice_rules().await?.quiet.is_some_and(|hours| rule::is_within(hours, now_ms)))
    }

    /// A backup of an own persona needs its user, and why; or no longer.
    pub(crate) async fn note_backup(&self, persona: PersonaId, need: Option<&'static str>) -> Result<()> {
        let now_ms = i64::try_from(self.inner().clock.unix_ms()).unwrap_or(i64::MAX);
        let noted = move |tx: &Transaction<'_>| backup(tx, persona, need, now_ms);
        if self.inner().store.write(Durability::Normal, noted).await? {
            self.inner().events.send(Event::NotificationsChanged);
        }
        Ok(())
    }
}

/// Whether an entry may be news to somebody: most posts say nothing of who reads them.
///
/// `own`: an own persona wrote it. What was said about it may have come before it, from another device.
pub(crate) fn may_concern(kind: Kind, entry: &Entry, own: bool) -> bool {
    match kind {
        Kind::Comment | Kind::Reaction | Kind::Repost | Kind::Edit => true,
        // What is sealed is looked at where it was opened.
        Kind::Post if own || entry.header.kind == Kind::Sealed => true,
        Kind::Post => {
            let body = entry.body.as_ref().and_then(|body| PostBody::decode(body).ok());
            body.is_some_and(|post| post.quote.is_some() || !post.mentions.is_empty())
        }
        _ => false,
    }
}

/// Tells of what happened in a transaction, at its end.
pub(crate) fn settle(tx: &Transaction<'_>, notes: &mut Notes, now_ms: i64) -> Result<()> {
    let happened = std::mem::take(&mut notes.happened);
    if happened.is_empty() && notes.threads_changed.is_empty() && !notes.devices_changed {
        return Ok(());
    }
    let own = author::own(tx)?;
    if own.is_empty() {
        return Ok(());
    }
    let mut telling = Telling::new(tx, own.iter().map(|own| (own.id, own.row)).collect(), now_ms);
    for one in happened {
        match one {
            Happened::Entry(row) => telling.entry(row)?,
            Happened::Follower(own_row, row) => telling.follower(own_row, row)?,
            Happened::Circle(row) => telling.circle(row)?,
        }
    }
    for thread in &notes.threads_changed {
        telling.thread(*thread)?;
    }
    if notes.devices_changed {
        telling.devices()?;
    }
    notes.notified |= telling.any();
    Ok(())
}

/// An own persona leaves this device.
pub(crate) fn leave(tx: &Transaction<'_>, own_row: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM notification WHERE own_row = ?1")?.execute([own_row])?;
    Ok(())
}

const CONTEXT: &str = "kith 2026 notification v1";

/// The name of what happened to a persona.
fn name(own: PersonaId, kind: i64, subject: &[u8]) -> NotificationId {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(own.as_bytes()).update(&kind.to_le_bytes()).update(subject);
    NotificationId::from_bytes(*hasher.finalize().as_bytes())
}

fn backup_place(persona: PersonaId) -> [u8; 32] {
    name(persona, BACKUP, &[]).to_bytes()
}

/// Sets anew whether a persona's backup needs its user; answers whether that is news.
fn backup(tx: &Transaction<'_>, persona: PersonaId, need: Option<&'static str>, now_ms: i64) -> Result<bool> {
    let row: Option<i64> = tx
        .prepare_cached("SELECT row FROM author WHERE id = ?1 AND own = 1")?
        .query_row([persona], |row| row.get(0))
        .optional()?;
    let Some(own_row) = row else { return Ok(false) };
    let id = need.map(|need| name(persona, BACKUP, need.as_bytes()));
    let gone = tx
        .prepare_cached("DELETE FROM notification WHERE own_row = ?1 AND kind = ?2 AND name IS NOT ?3")?
        .execute(params![own_row, BACKUP, id])?;
    let Some(id) = id else { return Ok(gone > 0) };
    let new = tx
        .prepare_cached(
            "INSERT OR IGNORE INTO notification (own_row, name, grouped, kind, from_row, target, place, time_ms)
             VALUES (?1, ?2, ?2, ?3, ?1, ?4, ?4, ?5)",
        )?
        .execute(params![own_row, id, BACKUP, backup_place(persona), now_ms])?;
    Ok(gone + new > 0)
}

/// Of an own persona only so many stay.
fn bound(tx: &Transaction<'_>, own_row: i64) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM notification WHERE row IN
            (SELECT row FROM notification WHERE own_row = ?1 ORDER BY read DESC, time_ms, row
             LIMIT max(0, (SELECT count(*) FROM notification WHERE own_row = ?1) - ?2))",
    )?
    .execute([own_row, limits::NOTIFICATIONS])?;
    Ok(())
}

/// Kinds as others name them.
fn kind_of(number: i64, request: bool) -> Option<NotificationKind> {
    use NotificationKind as K;
    Some(match number {
        COMMENT => K::Comment,
        ANSWER => K::Answer,
        REACTION => K::Reaction,
        MENTION => K::Mention,
        QUOTE => K::Quote,
        REPOST => K::Repost,
        FOLLOWER => K::Follower,
        MESSAGE if request => K::Request,
        MESSAGE => K::Message,
        INVITATION => K::Invitation,
        CIRCLE => K::Circle,
        DEVICE => K::Device,
        EDIT => K::Edit,
        BACKUP => K::Backup,
        _ => return None,
    })
}

/// A device as a notification's target names it.
fn device_of(target: [u8; 32]) -> DeviceId {
    DeviceId::from_bytes(target)
}
