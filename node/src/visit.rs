//! Visits: the user looks at what somebody wrote whom nobody here follows. For a while edits, comments, reactions and
//! deletions come as if the author were followed.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::author;
use crate::error::Result;
use crate::id::{EntryId, PersonaId};
use crate::limits::VISIT_MS;
use crate::node::Node;
use crate::store::Durability;
use crate::sync::{self, Sake};

impl Node {
    /// What this persona wrote, and what is said about it, is fetched from peers and kept up to date for
    /// [`crate::limits::VISIT_MS`]; each visit renews that. Nothing changes for own personas and those that are followed
    /// or carried anyway, nor for one that was never heard of, or only in sealed content: whoever put a name there would
    /// see who asks for it.
    pub async fn visit(&self, persona: PersonaId) -> Result<()> {
        let (now_ms, role) = (self.inner().clock.unix_ms(), self.inner().config.role);
        let renewed_ms = now_ms.saturating_add(VISIT_MS / 2).cast_signed();
        let due: Option<i64> = self
            .inner()
            .store
            .read(move |db| {
                Ok(db
                    .prepare_cached(
                        "SELECT row FROM author LEFT JOIN carry ON carry.author_row = row
                         WHERE id = ?1 AND followed = 0 AND private = 0 AND coalesce(replica, 0) = 0
                            AND (coalesce(own_ms, 0) < ?2 OR named = 1)",
                    )?
                    .query_row(params![persona, renewed_ms], |row| row.get(0))
                    .optional()?)
            })
            .await?;
        let Some(row) = due else { return Ok(()) };
        let until_ms = now_ms.saturating_add(VISIT_MS);
        let visit = move |tx: &Transaction<'_>| sync::visit(tx, role, row, until_ms, Sake::Look);
        if self.inner().store.write(Durability::Normal, visit).await? {
            self.authors_changed().await;
        }
        Ok(())
    }

    /// Visits who wrote what this post quotes, because the user asks for it: also one that was never heard of. Of a post to
    /// a circle nobody is asked: whoever put a name there would see who asks for it.
    pub async fn visit_quoted(&self, by: EntryId) -> Result<()> {
        let post = self.show(by).await?.post;
        let Some(author) = post.quote.and_then(|quote| quote.author).filter(|_| !post.sealed) else { return Ok(()) };
        self.inner().store.write(Durability::Normal, move |tx| author::row(tx, author).map(drop)).await?;
        self.visit(author).await
    }

    /// Visits who wrote the post that this is, or is about, where that is known. What it is called by must not fail
    /// with it, on a full disk say.
    pub(crate) async fn visit_author(&self, entry: EntryId) {
        let author = self.inner().store.read(move |db| {
            Ok(db
                .prepare_cached(
                    "WITH named (id) AS (SELECT coalesce(
                         (SELECT about FROM entry AS e JOIN header_entry ON entry_row = e.row
                          WHERE e.prefix = substr(?1, 1, 8) AND e.id = ?1), ?1))
                     SELECT author.id FROM named
                     JOIN entry ON entry.prefix = substr(named.id, 1, 8) AND entry.id = named.id
                     JOIN author ON author.row = entry.author_row",
                )?
                .query_row([entry], |row| row.get(0))
                .optional()?)
        });
        if let Ok(Some(author)) = author.await {
            self.visit_quietly(author).await;
        }
    }

    pub(crate) async fn visit_quietly(&self, persona: PersonaId) {
        if let Err(error) = self.visit(persona).await {
            tracing::debug!(code = error.code(), "a visit was not noted");
        }
    }
}
