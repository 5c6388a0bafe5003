//! Which own persona says something about a post: the one that is named, or the one for whom the post is there.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::reaction;
use super::verb::{author_of, sealed_above};
use crate::author;
use crate::error::{Error, Result};
use crate::id::{EntryId, PersonaId};
use crate::limits::NAMED_WRITERS;
use crate::mute::BLOCKED;
use crate::node::Node;
use crate::opened;
use crate::resolve::known;

impl Node {
    /// Own personas that can say something about a post or comment, the one first that is meant where nobody says
    /// otherwise: of those that can read it, that wrote it or follow who did, the default one, else the oldest.
    ///
    /// # Errors
    /// `NotFound` when the post is not stored here, `NoPersona` where there is none.
    pub async fn speakers(&self, target: EntryId) -> Result<Vec<PersonaId>> {
        let default = self.own_persona(None).await?;
        let mut all = self.inner().store.read(move |db| can_speak(db, known(db, target)?)).await?;
        all.sort_by_key(|(persona, near)| (!near, *persona != default));
        Ok(all.into_iter().map(|(persona, _)| persona).collect())
    }

    /// The own persona that says something about `target`: the one named, else the default one; where that can't read a
    /// post to circles, the one that can.
    pub(super) async fn speaker(&self, persona: Option<PersonaId>, target: EntryId) -> Result<PersonaId> {
        let default = self.own_persona(persona).await?;
        if persona.is_some() {
            return Ok(default);
        }
        let readers = self
            .inner()
            .store
            .read(move |db| match sealed_above(db, known(db, target)?)? {
                Some(post) => opened::readers(db, post),
                None => Ok(Vec::new()),
            })
            .await?;
        Ok(if readers.contains(&default) { default } else { readers.first().copied().unwrap_or(default) })
    }

    /// Who wrote in the place of a post or comment and is shown there, the post's author among them. Nobody where it is not
    /// here.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn writers_at(&self, target: EntryId) -> Result<Vec<PersonaId>> {
        self.inner()
            .store
            .read(move |db| {
                let root = "SELECT root FROM comment JOIN entry ON entry.row = comment.entry_row
                            WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1";
                let root: Option<EntryId> =
                    db.prepare_cached(root)?.query_row([target], |row| row.get(0)).optional()?;
                let post = root.unwrap_or(target);
                let mut statement = db.prepare_cached(&format!(
                    "SELECT author.id FROM author WHERE row NOT IN {BLOCKED} AND row IN (
                         SELECT post.author_row FROM post JOIN entry ON entry.row = post.entry_row
                         WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1
                         UNION SELECT author_row FROM comment
                         WHERE root = ?1 AND deleted = 0 AND hidden = 0 AND refused = 0)
                     LIMIT ?2"
                ))?;
                let writers = statement.query_map(params![post, NAMED_WRITERS], |row| row.get(0))?;
                Ok(writers.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// The own persona that wrote this; `None` where it is nobody's here.
    pub(crate) async fn own_writer(&self, target: EntryId) -> Result<Option<PersonaId>> {
        let author = self.inner().store.read(move |db| author_of(db, known(db, target)?)).await?;
        Ok(self.inner().keyring().get(author).map(|_| author))
    }

    /// The own persona that reacted so.
    pub(super) async fn reacted(&self, target: EntryId, emoji: &str) -> Result<PersonaId> {
        let (default, emoji) = (self.own_persona(None).await?, emoji.to_owned());
        self.inner()
            .store
            .read(move |db| {
                let target = known(db, target)?;
                let mut all: Vec<PersonaId> = author::own(db)?.into_iter().map(|own| own.id).collect();
                all.sort_by_key(|persona| *persona != default);
                for persona in all {
                    if reaction::of_persona(db, persona, target, &emoji)?.is_some() {
                        return Ok(persona);
                    }
                }
                Err(Error::NotFound { what: "the reaction" })
            })
            .await
    }
}

/// Each with whether the post is there for it.
fn can_speak(db: &Connection, target: EntryId) -> Result<Vec<(PersonaId, bool)>> {
    if let Some(post) = sealed_above(db, target)? {
        return Ok(opened::readers(db, post)?.into_iter().map(|persona| (persona, true)).collect());
    }
    let author = author_of(db, target)?;
    let mut statement = db.prepare_cached(
        "SELECT own.id, own.id = ?1 OR EXISTS (SELECT 1 FROM follow JOIN author ON author.row = follow.author_row
                                               WHERE by_row = own.row AND author.id = ?1 AND present = 1)
         FROM author AS own WHERE own = 1 ORDER BY own.created_ms, own.row",
    )?;
    Ok(statement.query_map(params![author], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?)
}
