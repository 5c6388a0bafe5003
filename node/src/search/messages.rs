//! Search over the archive of private messages. Its index is a table of its own, in the same encrypted database, that no
//! query of another node reaches.

use rusqlite::{Connection, params};

use super::authors;
use super::index::{author_mark, said};
use super::query::Query;
use crate::error::{Error, Result};
use crate::id::{MessageId, PersonaId, ThreadId};
use crate::limits;
use crate::mention;
use crate::mute;
use crate::node::{Node, SearchQuery};
use crate::view::MessageFound;

impl Node {
    /// Messages of all conversations whose words match, the newest first. Requests, blocked people and what has expired
    /// are left out; nothing is asked of anybody else.
    ///
    /// # Errors
    /// `BadInput` for a limit outside 1..=1,000, `NotFound` for a persona that is not an own one.
    pub async fn search_messages(&self, query: SearchQuery) -> Result<Vec<MessageFound>> {
        if !(1..=limits::FEED_PAGE).contains(&query.limit) {
            return Err(Error::BadInput(format!("the limit is a number from 1 to {}", limits::FEED_PAGE)));
        }
        let parsed = Query::parse(&query.text, query.typing);
        // A tag is a word here: messages are put under none.
        let words = parsed.expression(false).into_iter();
        let tags = parsed.tags.iter().map(|tag| format!("\"{tag}\""));
        let mut parts: Vec<String> = words.chain(tags).map(|words| format!("text : ({words})")).collect();
        if parts.is_empty() && parsed.from.is_empty() {
            return Ok(Vec::new());
        }
        let persona = match query.persona {
            Some(persona) => Some(self.own_persona(Some(persona)).await?),
            None => None,
        };
        self.catch_up().await;
        let now_ms = i64::try_from(self.inner().clock.unix_ms()).unwrap_or(i64::MAX);
        self.inner()
            .store
            .read(move |db| {
                if !parsed.from.is_empty() {
                    let from: Vec<String> =
                        authors(db, &parsed.from)?.iter().map(|row| format!("\"{}\"", author_mark(*row))).collect();
                    if from.is_empty() {
                        return Ok(Vec::new());
                    }
                    parts.push(format!("marks : ({})", from.join(" OR ")));
                }
                found(db, &parts.join(" AND "), persona, (query.skip, query.limit), now_ms)
            })
            .await
    }
}

/// `of`: whose conversations; `page`: how many to skip, and at most.
fn found(
    db: &Connection,
    expression: &str,
    of: Option<PersonaId>,
    (skip, limit): (usize, usize),
    now_ms: i64,
) -> Result<Vec<MessageFound>> {
    let mut statement = db.prepare_cached(
        "SELECT message.row, thread.row, thread.kind, thread.id, message.id, author.id, author.name,
                message.from_row = thread.author_row, message.sent_ms
         FROM search_message JOIN message ON message.row = search_message.rowid
         JOIN thread ON thread.row = message.thread_row JOIN author ON author.row = message.from_row
         WHERE search_message MATCH ?1 AND thread.request = 0 AND message.body <> x''
           AND (message.expires_ms = 0 OR message.expires_ms > ?2)
           AND (?4 IS NULL OR thread.author_row = (SELECT row FROM author WHERE id = ?4))
         ORDER BY message.order_ms DESC, message.sent_ms DESC, message.row DESC LIMIT ?3",
    )?;
    let mut rows = statement.query(params![expression, now_ms, limits::SEARCH_MATCHES, of])?;
    let mut all = Vec::new();
    let mut skipped = 0;
    while let Some(row) = rows.next()? {
        if all.len() >= limit {
            break;
        }
        let (message_row, thread_row, kind): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (thread, id): (ThreadId, MessageId) = (row.get(3)?, row.get(4)?);
        let from: PersonaId = row.get(5)?;
        if is_hidden(db, thread_row, kind, from)? {
            continue;
        }
        let Some(said) = said(db, message_row)? else { continue };
        if skipped < skip {
            skipped += 1;
            continue;
        }
        all.push(MessageFound {
            id,
            thread,
            from,
            from_name: row.get(6)?,
            own: row.get(7)?,
            text: mention::plain(db, &said)?,
            created_ms: row.get::<_, i64>(8)?.cast_unsigned(),
        });
    }
    Ok(all)
}

/// What a blocked persona wrote is shown nowhere, nor what was written to it.
fn is_hidden(db: &Connection, thread_row: i64, kind: i64, from: PersonaId) -> Result<bool> {
    if mute::is_blocked(db, from)? {
        return Ok(true);
    }
    // Of two.
    if kind != 0 {
        return Ok(false);
    }
    let mut statement = db.prepare_cached(
        "SELECT author.id FROM thread_member JOIN author ON author.row = thread_member.author_row
         WHERE thread_row = ?1",
    )?;
    let members: Vec<PersonaId> =
        statement.query_map([thread_row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for member in members {
        if mute::is_blocked(db, member)? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::*;
    use crate::clock::ManualClock;
    use crate::host::{MemoryKeystore, SystemEntropy};
    use crate::store::{Durability, Store};
    use crate::thread::{self, MessageDraft};

    fn now<T>(future: impl Future<Output = T>) -> T {
        future.now_or_never().unwrap()
    }

    fn said(text: &str) -> MessageDraft {
        MessageDraft { text: text.to_owned(), ..MessageDraft::default() }
    }

    fn texts(node: &Node, text: &str) -> Vec<String> {
        let query = SearchQuery { text: text.to_owned(), limit: 10, ..SearchQuery::default() };
        now(node.search_messages(query)).unwrap().into_iter().map(|found| found.text).collect()
    }

    /// Whether a word stands in the index, whatever the tables beside it say.
    fn is_indexed(node: &Node, word: &'static str) -> bool {
        let count = node.inner().store.read(move |db| {
            Ok(db.query_row("SELECT count(*) FROM search_message WHERE search_message MATCH ?1", [word], |row| {
                row.get::<_, i64>(0)
            })?)
        });
        now(count).unwrap() > 0
    }

    #[test]
    fn the_archive_is_found_and_nothing_of_what_is_gone() {
        let (keystore, clock) = (Arc::new(MemoryKeystore::default()), Arc::new(ManualClock::at_ms(1_790_000_000_000)));
        let shared = Arc::clone(&clock);
        let node =
            Node::simulated(false, Store::in_memory().unwrap(), keystore, shared, Arc::new(SystemEntropy)).unwrap();
        let alice = now(node.create_persona("Alice")).unwrap();
        let bob = now(node.create_persona("Bob")).unwrap();
        let first = now(node.dm(Some(alice), vec![bob], said("The zeppelin lands at noon"))).unwrap();
        clock.set_ms(1_790_000_001_000);
        let note = now(node.dm(Some(alice), vec![alice], said("Ask about the zeppelin"))).unwrap();
        assert_eq!(texts(&node, "ZEPPELIN"), ["Ask about the zeppelin", "The zeppelin lands at noon"]);
        assert_eq!(texts(&node, "zeppelin from:alice noon"), ["The zeppelin lands at noon"]);
        assert!(texts(&node, "zeppelin from:bob").is_empty() && texts(&node, "from:bob").is_empty());
        // As among posts: by whom alone, and a tag is a word.
        assert_eq!(texts(&node, "from:alice").len(), 2);
        assert_eq!(texts(&node, "#noon"), ["The zeppelin lands at noon"]);
        assert!(texts(&node, "#noon about").is_empty() && texts(&node, " ").is_empty());
        // Nothing of it is found among posts, nor by others.
        let posts = SearchQuery { text: "zeppelin".to_owned(), limit: 10, ..SearchQuery::default() };
        assert!(now(node.search_posts(posts)).unwrap().is_empty());
        assert!(now(node.find("zeppelin", 10)).unwrap().is_empty());

        // An edit takes the old words out with its own commit.
        now(node.edit_message(first.thread, first.id, "The airship lands at one")).unwrap();
        assert!(!is_indexed(&node, "noon"));
        assert_eq!(texts(&node, "airship"), ["The airship lands at one"]);
        now(node.edit_message(first.thread, first.id, "The balloon lands at two")).unwrap();
        assert!(!is_indexed(&node, "airship"));
        assert_eq!(texts(&node, "balloon"), ["The balloon lands at two"]);

        now(node.delete_message(first.thread, first.id)).unwrap();
        assert!(!is_indexed(&node, "balloon") && !is_indexed(&node, "lands"));
        assert!(texts(&node, "balloon").is_empty());

        // What goes by its time is not found from then on, and leaves the index with its row.
        now(node.keep_messages(note.thread, 60)).unwrap();
        now(node.dm(Some(alice), vec![alice], said("A fleeting gondola"))).unwrap();
        assert_eq!(texts(&node, "gondola").len(), 1);
        now(node.read_thread(note.thread)).unwrap();
        clock.set_ms(1_790_000_062_000);
        assert!(texts(&node, "gondola").is_empty());
        let now_ms = 1_790_000_062_000;
        let expired = node.inner().store.write(Durability::Normal, move |tx| {
            let mut notes = crate::gate::Notes::default();
            thread::expire(tx, &mut notes, now_ms)?;
            Ok(notes.threads_changed)
        });
        assert!(now(expired).unwrap().contains(&note.thread));
        assert!(!is_indexed(&node, "gondola"));
        assert_eq!(texts(&node, "zeppelin"), ["Ask about the zeppelin"]);

        // The whole index can be made anew.
        now(node.inner().store.write(Durability::Normal, super::super::index::restart)).unwrap();
        assert_eq!(texts(&node, "zeppelin"), ["Ask about the zeppelin"]);
    }

    #[test]
    fn what_blocked_people_wrote_is_not_found() {
        let (keystore, clock) = (Arc::new(MemoryKeystore::default()), Arc::new(ManualClock::at_ms(1_790_000_000_000)));
        let node =
            Node::simulated(false, Store::in_memory().unwrap(), keystore, clock, Arc::new(SystemEntropy)).unwrap();
        let alice = now(node.create_persona("Alice")).unwrap();
        let stranger = PersonaId::from_bytes([7; 32]);
        let known = node.inner().store.write(Durability::Normal, move |tx| crate::author::row(tx, stranger));
        now(known).unwrap();
        now(node.dm(Some(alice), vec![stranger], said("a zeppelin"))).unwrap();
        assert_eq!(texts(&node, "zeppelin").len(), 1);
        now(node.block(stranger)).unwrap();
        assert!(texts(&node, "zeppelin").is_empty());
    }
}
