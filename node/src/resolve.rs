//! What users give for ids: shortened, or printed before the entry was signed again.

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Result};
use crate::id::{BlobHash, EntryId, HeldId, MessageId, NotificationId, PersonaId, ThreadId};
use crate::limits;
use crate::node::Node;

/// The id under which an entry is stored: itself, or what an old copy's entry became.
pub(crate) fn known(db: &Connection, id: EntryId) -> Result<EntryId> {
    let mut id = id;
    // An entry can be signed again more than once; the chain is as long as that happened.
    for _ in 0..limits::ALIAS_STEPS {
        let found: bool = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1)")?
            .query_row([id], |row| row.get(0))?;
        if found {
            return Ok(id);
        }
        match db
            .prepare_cached("SELECT new_id FROM alias WHERE old_id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?
        {
            Some(new) => id = new,
            None => break,
        }
    }
    Err(Error::NotFound { what: "the post" })
}

impl Node {
    /// Completes a unique prefix of an entry's id, also of one that was printed before the entry was signed again. A
    /// whole id is answered as it is.
    ///
    /// # Errors
    /// `NotFound`, `Ambiguous`, or `BadInput` when it is no hex number.
    pub async fn resolve_entry(&self, prefix: &str) -> Result<EntryId> {
        let prefix = match Prefix::parse(prefix)? {
            Named::Whole(id) => return Ok(id),
            Named::Prefix(prefix) => prefix,
        };
        self.inner()
            .store
            .read(move |db| {
                let mut statement = db.prepare_cached(
                    "SELECT id FROM entry
                     WHERE prefix BETWEEN substr(?1, 1, 8) AND substr(?2, 1, 8) AND id BETWEEN ?1 AND ?2
                     UNION ALL SELECT old_id FROM alias WHERE old_id BETWEEN ?1 AND ?2",
                )?;
                let mut rows = statement.query(params![prefix.low, prefix.high])?;
                let mut found = None;
                while let Some(row) = rows.next()? {
                    // An old id and the new one may both begin so: they name one entry.
                    let id = match known(db, row.get(0)?) {
                        Err(Error::NotFound { .. }) => continue,
                        id => id?,
                    };
                    if found.replace(id).is_some_and(|before| before != id) {
                        return Err(prefix.ambiguous("post or comment"));
                    }
                }
                prefix.fits(found.ok_or(Error::NotFound { what: "the post" })?)
            })
            .await
    }

    pub async fn resolve_persona(&self, prefix: &str) -> Result<PersonaId> {
        // Of whom a published list names, nothing else may be here.
        let people = "(SELECT id FROM author UNION SELECT persona FROM listed)";
        self.resolve(people, "id", ("the persona", "persona"), prefix).await
    }

    pub async fn resolve_thread(&self, prefix: &str) -> Result<ThreadId> {
        // Two own personas may share one.
        self.resolve("(SELECT DISTINCT id FROM thread)", "id", ("the conversation", "conversation"), prefix).await
    }

    pub async fn resolve_notification(&self, prefix: &str) -> Result<NotificationId> {
        // Several stand in one line, and own personas have lines of their own.
        let lines = "(SELECT DISTINCT grouped FROM notification)";
        self.resolve(lines, "grouped", ("the notification", "notification"), prefix).await
    }

    pub async fn resolve_held(&self, prefix: &str) -> Result<HeldId> {
        self.resolve("held_post", "id", ("the scheduled post", "scheduled post"), prefix).await
    }

    pub async fn resolve_blob(&self, prefix: &str) -> Result<BlobHash> {
        self.resolve("blob", "hash", ("the file", "file"), prefix).await
    }

    /// A message, and the conversation that it stands in.
    pub async fn resolve_message(&self, prefix: &str) -> Result<(ThreadId, MessageId)> {
        let prefix = match Prefix::parse::<MessageId>(prefix)? {
            Named::Whole(id) => {
                Prefix { text: id.to_string(), low: id.as_bytes().to_vec(), high: id.as_bytes().to_vec() }
            }
            Named::Prefix(prefix) => prefix,
        };
        self.inner()
            .store
            .read(move |db| {
                // Two own personas may share a conversation.
                let mut statement = db.prepare_cached(
                    "SELECT DISTINCT thread.id, message.id FROM thread CROSS JOIN message
                     ON message.thread_row = thread.row AND message.id BETWEEN ?1 AND ?2 LIMIT 2",
                )?;
                let mut found =
                    statement.query_map(params![prefix.low, prefix.high], |row| Ok((row.get(0)?, row.get(1)?)))?;
                match (found.next().transpose()?, found.next()) {
                    (Some(id), None) => prefix.fits(id),
                    (Some(_), Some(_)) => Err(prefix.ambiguous("message")),
                    (None, _) => Err(Error::NotFound { what: "the message" }),
                }
            })
            .await
    }

    /// A post or comment, or a private message: commands take either.
    ///
    /// # Errors
    /// As [`Self::resolve_entry`]; `Ambiguous` too for a prefix that fits both.
    pub(crate) async fn resolve_said(&self, prefix: &str) -> Result<Said> {
        let message = match self.resolve_message(prefix).await {
            Ok((thread, message)) => Some(Said::Message(thread, message)),
            Err(Error::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        // A whole id of an entry is not looked up.
        let whole = prefix.trim().len() == 64;
        match (message, whole) {
            (Some(message), true) => Ok(message),
            (None, _) => self.resolve_entry(prefix).await.map(Said::Entry),
            (Some(message), false) => match self.resolve_entry(prefix).await {
                Err(Error::NotFound { .. }) => Ok(message),
                Ok(_) => Err(Error::Ambiguous { given: prefix.trim().to_lowercase(), what: "post or message" }),
                Err(error) => Err(error),
            },
        }
    }

    /// Whether this begins the id of an entry, message, conversation, scheduled post, file or device that is known here.
    pub(crate) async fn knows(&self, prefix: &str) -> Result<bool> {
        let (low, high) = match Prefix::parse::<EntryId>(prefix) {
            Ok(Named::Whole(id)) => (id.as_bytes().to_vec(), id.as_bytes().to_vec()),
            Ok(Named::Prefix(prefix)) => (prefix.low, prefix.high),
            // Devices go by their names too.
            Err(_) => return Ok(self.resolve_device(prefix).await.is_ok()),
        };
        let found = self
            .inner()
            .store
            .read(move |db| {
                Ok(db
                    .prepare_cached(
                        "SELECT EXISTS (SELECT 1 FROM entry WHERE prefix BETWEEN substr(?1, 1, 8) AND substr(?2, 1, 8)
                                        AND id BETWEEN ?1 AND ?2)
                             OR EXISTS (SELECT 1 FROM alias WHERE old_id BETWEEN ?1 AND ?2)
                             OR EXISTS (SELECT 1 FROM thread WHERE id BETWEEN ?1 AND ?2)
                             OR EXISTS (SELECT 1 FROM thread CROSS JOIN message
                                        ON message.thread_row = thread.row AND message.id BETWEEN ?1 AND ?2)
                             OR EXISTS (SELECT 1 FROM held_post WHERE id BETWEEN ?1 AND ?2)
                             OR EXISTS (SELECT 1 FROM blob WHERE hash BETWEEN ?1 AND ?2)
                             OR EXISTS (SELECT 1 FROM notification WHERE grouped BETWEEN ?1 AND ?2)",
                    )?
                    .query_row(params![low, high], |row| row.get(0))?)
            })
            .await?;
        Ok(found || self.resolve_device(prefix).await.is_ok())
    }

    /// `what`: as it is missed, and as there may be several.
    async fn resolve<T>(
        &self,
        table: &'static str,
        column: &'static str,
        (missed, what): (&'static str, &'static str),
        prefix: &str,
    ) -> Result<T>
    where
        T: std::str::FromStr + rusqlite::types::FromSql + Send + 'static,
    {
        let prefix = match Prefix::parse(prefix)? {
            Named::Whole(id) => return Ok(id),
            Named::Prefix(prefix) => prefix,
        };
        self.inner()
            .store
            .read(move |db| {
                let mut statement = db.prepare_cached(&format!(
                    "SELECT {column} FROM {table} WHERE {column} BETWEEN ?1 AND ?2 LIMIT 2"
                ))?;
                let mut found = statement.query_map(params![prefix.low, prefix.high], |row| row.get(0))?;
                match (found.next().transpose()?, found.next()) {
                    (Some(id), None) => prefix.fits(id),
                    (Some(_), Some(_)) => Err(prefix.ambiguous(what)),
                    (None, _) => Err(Error::NotFound { what: missed }),
                }
            })
            .await
    }
}

/// What a user named by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Entry(EntryId),
    Message(ThreadId, MessageId),
}

/// What a user gave for an id.
enum Named<T> {
    Whole(T),
    Prefix(Prefix),
}

/// The beginning of an id, and the lowest and highest that begin so.
struct Prefix {
    text: String,
    low: Vec<u8>,
    high: Vec<u8>,
}

impl Prefix {
    fn parse<T: std::str::FromStr>(text: &str) -> Result<Named<T>> {
        let text = text.trim().to_lowercase();
        if let Ok(whole) = text.parse() {
            return Ok(Named::Whole(whole));
        }
        if text.is_empty() || text.len() > 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(Error::BadInput(format!("{text} is not an id: ids have the digits 0-9 and a-f")));
        }
        let bounds = [format!("{text:0<64}"), format!("{text:f<64}")];
        let [low, high] = bounds.map(|hex| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap_or_default());
        Ok(Named::Prefix(Self { text, low, high }))
    }

    /// The one that begins so, where that is no slip.
    fn fits<T>(&self, found: T) -> Result<T> {
        if self.text.len() < limits::ID_DIGITS {
            let told = format!("{} is too short for an id: give {} digits or more", self.text, limits::ID_DIGITS);
            return Err(Error::BadInput(told));
        }
        Ok(found)
    }

    fn ambiguous(&self, what: &'static str) -> Error {
        Error::Ambiguous { given: self.text.clone(), what }
    }
}
