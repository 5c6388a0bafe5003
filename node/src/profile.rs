//! Profiles: name, bio and picture of a persona. The newest by (counter, id) wins; clocks have no say.

use rusqlite::{OptionalExtension, params};

use crate::entry::{BlobRef, Kind, ProfileBody, Scope};
use crate::error::{Error, Result};
use crate::gate::{Applying, Draft};
use crate::id::{EntryId, PersonaId};
use crate::limits;
use crate::media::{self, Naming};
use crate::name::plain_name;
use crate::node::{Node, ProfileEdit};
use crate::view::ProfileView;

pub(crate) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    let Some(body) = &applying.entry.body else { return Ok(()) };
    let profile = ProfileBody::decode(body)?;
    let newest: Option<(i64, i64, Option<EntryId>)> = applying
        .tx
        .prepare_cached(
            "SELECT profile_row, profile_count, (SELECT id FROM entry WHERE row = profile_row) FROM author
             WHERE row = ?1",
        )?
        .query_row([applying.author_row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let counter = i64::try_from(profile.counter).unwrap_or(i64::MAX);
    if newest.is_some_and(|(_, count, id)| id.is_some_and(|id| (count, id) >= (counter, applying.id))) {
        return Ok(());
    }
    if let Some(picture) = &profile.picture {
        media::reference(applying, picture)?;
    }
    applying
        .tx
        .prepare_cached(
            "UPDATE author SET name = ?2, bio = ?3, picture = ?4, picture_thumb = ?5, profile_row = ?6, profile_count = ?7,
                listed = ?8
             WHERE row = ?1",
        )?
        .execute(params![
            applying.author_row,
            plain_name(&profile.name),
            profile.bio,
            profile.picture.as_ref().map(|picture| picture.hash),
            profile.picture.as_ref().and_then(|picture| picture.thumb),
            applying.row,
            counter,
            profile.listed
        ])?;
    applying.notes.profiles_changed.insert(applying.entry.header.author);
    match newest {
        // After the newer one named its own: a picture that stays keeps a reference throughout.
        Some((superseded, _, Some(_))) if superseded != applying.row => {
            media::release(applying.tx, applying.notes, superseded)
        }
        _ => Ok(()),
    }
}

impl Node {
    /// Changes name, bio or picture of an own persona (the default one when `None`), or whether it can be found by name.
    ///
    /// # Errors
    /// `BadInput` for an empty or too long name or bio, `NotFound` for an unknown persona or picture.
    pub async fn edit_profile(&self, persona: Option<PersonaId>, edit: ProfileEdit) -> Result<EntryId> {
        let persona = self.writing_persona(persona).await?;
        let current = self.current_profile(persona).await?;
        let name = match edit.name {
            Some(name) => checked_name(&name)?,
            None => current.name,
        };
        let bio = match edit.bio {
            Some(bio) => checked_text(&bio, limits::BIO_CHARS, "the bio")?,
            None => current.bio,
        };
        let mut naming = Naming::new(self);
        let picture = match edit.picture {
            Some(Some(hash)) => Some(naming.name(hash, false).await?.blob_ref(None)),
            Some(None) => None,
            None => current.picture,
        };
        let listed = edit.listed.unwrap_or(current.listed);
        let body = ProfileBody { name, bio, picture, counter: current.counter + 1, listed };
        let id = self.write_profile(persona, body).await?;
        naming.done();
        Ok(id)
    }

    pub(crate) async fn write_profile(&self, persona: PersonaId, body: ProfileBody) -> Result<EntryId> {
        let body = body.encode(self.inner().random()?);
        let draft = Draft { persona, scope: Scope::Posts, kind: Kind::Profile, refs: Vec::new(), body };
        self.author_one(draft).await
    }

    /// A profile that says nothing any more.
    pub(crate) async fn blank_profile(&self, persona: PersonaId) -> Result<EntryId> {
        let counter = self.current_profile(persona).await?.counter + 1;
        self.write_profile(persona, ProfileBody { counter, ..ProfileBody::default() }).await
    }

    async fn current_profile(&self, persona: PersonaId) -> Result<ProfileBody> {
        self.inner()
            .store
            .read(move |db| {
                let body: Option<Option<Vec<u8>>> = db
                    .prepare_cached(
                        "SELECT entry.body FROM author JOIN entry ON entry.row = author.profile_row WHERE author.id = ?1",
                    )?
                    .query_row([persona], |row| row.get(0))
                    .optional()?;
                match body.flatten() {
                    Some(body) => Ok(ProfileBody::decode(&body)?),
                    None => Ok(ProfileBody::default()),
                }
            })
            .await
    }

    /// # Errors
    /// `NotFound` when nothing was ever heard of this persona.
    pub async fn profile(&self, persona: PersonaId) -> Result<ProfileView> {
        let profile = self.profile_unvisited(persona).await?;
        self.visit_quietly(persona).await;
        Ok(profile)
    }

    /// As [`Self::profile`], for what is no look at it.
    pub(crate) async fn profile_unvisited(&self, persona: PersonaId) -> Result<ProfileView> {
        self.inner()
            .store
            .read(move |db| {
                let found = db
                    .prepare_cached(
                        "SELECT row, name, bio, picture, picture_thumb, own, synced_ms,
                                (SELECT count(*) FROM post WHERE post.author_row = author.row AND deleted = 0 AND closed = 0),
                                listed
                         FROM author WHERE id = ?1",
                    )?
                    .query_row([persona], |row| {
                        Ok((
                            row.get::<_, i64>(0)?,
                            ProfileView {
                                persona,
                                name: row.get(1)?,
                                bio: row.get(2)?,
                                picture: row.get(3)?,
                                picture_thumb: row.get(4)?,
                                own: row.get(5)?,
                                listed: row.get(8)?,
                                followed_by: Vec::new(),
                                follows: Vec::new(),
                                told: Vec::new(),
                                posts: row.get(7)?,
                                synced_ms: Some(row.get::<_, i64>(6)?.cast_unsigned()).filter(|ms| *ms > 0),
                            },
                        ))
                    })
                    .optional()?;
                let (row, mut view) = found.ok_or(Error::NotFound { what: "the persona" })?;
                let mut statement = db.prepare_cached(
                    "SELECT author.id, tell FROM follow JOIN author ON author.row = follow.by_row
                     WHERE follow.author_row = ?1 AND follow.present = 1 ORDER BY author.created_ms",
                )?;
                let follows: Vec<(PersonaId, bool)> =
                    statement.query_map([row], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
                view.followed_by = follows.iter().map(|(by, _)| *by).collect();
                view.told = follows.into_iter().filter(|(_, tell)| *tell).map(|(by, _)| by).collect();
                let mut statement = db.prepare_cached(
                    "SELECT own.id FROM follower JOIN author AS own ON own.row = own_row
                     WHERE author_row = ?1 AND present = 1 AND dropped = 0 ORDER BY own.created_ms",
                )?;
                view.follows = statement.query_map([row], |row| row.get(0))?.collect::<Result<_, _>>()?;
                Ok(view)
            })
            .await
    }
}

/// A name as it is kept: as it will be shown, not empty, and not cut.
pub(crate) fn checked_name(name: &str) -> Result<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = plain_name(&checked_text(&name, limits::NAME_CHARS, "the name")?);
    if name.is_empty() {
        return Err(Error::BadInput("a name can't be empty".to_owned()));
    }
    Ok(name)
}

/// Text without a length that others would refuse, and without control characters.
pub(crate) fn checked_text(text: &str, limit: usize, what: &'static str) -> Result<String> {
    let text = text.trim();
    let chars = text.chars().count();
    if chars > limit {
        return Err(Error::BadInput(format!("{what} has {chars} characters; at most {limit} are allowed")));
    }
    Ok(text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect())
}

impl crate::node::Staged {
    /// How an entry names it.
    pub(crate) fn blob_ref(&self, alt: Option<String>) -> BlobRef {
        BlobRef {
            hash: self.hash,
            key: self.key.as_ref().map(|key| *key.as_bytes()),
            size: self.size,
            mime: self.mime.clone(),
            width: self.width,
            height: self.height,
            blurhash: Some(self.blurhash.clone()).filter(|blurhash| !blurhash.is_empty()),
            alt,
            thumb: self.thumb,
            name: self.name.clone(),
        }
    }
}
