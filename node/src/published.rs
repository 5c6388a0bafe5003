//! Lists of people that somebody publishes, as a post: who follows its author gets those in it suggested. Nobody is
//! followed by that alone, and a list is as old as its post: what its author changes in their own list later stays theirs.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use crate::entry::{EditBody, ListedPerson, PostBody};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::Applying;
use crate::id::{EntryId, ListId, PersonaId};
use crate::item::{self, Set};
use crate::limits;
use crate::mute::Hidden;
use crate::node::{Node, PostDraft};
use crate::view::{ListMember, SuggestedBy, SuggestionView};

/// Notes whom a public post lists; of one that was deleted nothing stays.
pub(crate) fn apply(applying: &Applying<'_>, people: &[ListedPerson]) -> Result<()> {
    if applying.deleted {
        return Ok(());
    }
    let mut statement = applying
        .tx
        .prepare_cached("INSERT OR REPLACE INTO listed (entry_row, place, persona, name) VALUES (?1, ?2, ?3, ?4)")?;
    for (place, person) in people.iter().enumerate() {
        statement.execute(params![applying.row, place, person.persona, person.name])?;
    }
    Ok(())
}

/// Whom a post shall list, each once.
///
/// # Errors
/// `BadInput` for too many, and for a post to circles.
pub(crate) fn checked(draft: &PostDraft) -> Result<Vec<ListedPerson>> {
    let mut known = BTreeSet::new();
    let people: Vec<_> = draft.people.iter().filter(|person| known.insert(person.persona)).cloned().collect();
    if people.len() > limits::PUBLISHED_PEOPLE {
        return Err(Error::BadInput(format!("a published list holds at most {} people", limits::PUBLISHED_PEOPLE)));
    }
    if !people.is_empty() && !draft.circles.is_empty() {
        return Err(Error::BadInput("a list of people is published for everybody or not at all".to_owned()));
    }
    Ok(people)
}

/// Whom the post in `row` lists, in its order.
pub(crate) fn people(db: &Connection, row: i64) -> Result<Vec<ListMember>> {
    let mut statement = db.prepare_cached(
        "SELECT listed.persona, coalesce(nullif(author.name, ''), listed.name),
                coalesce(author.picture_thumb, author.picture), coalesce(author.followed, 0)
         FROM listed LEFT JOIN author ON author.id = listed.persona WHERE listed.entry_row = ?1 ORDER BY listed.place",
    )?;
    let people = statement.query_map([row], |row| {
        Ok(ListMember { persona: row.get(0)?, name: row.get(1)?, picture: row.get(2)?, followed: row.get(3)? })
    })?;
    Ok(people.collect::<rusqlite::Result<_>>()?)
}

/// One place in a list of somebody who is followed.
struct Mention {
    persona: PersonaId,
    name: String,
    by: PersonaId,
    by_name: String,
    post: EntryId,
    body: Option<Vec<u8>>,
    edit: Option<Vec<u8>>,
}

fn mentioned(db: &Connection) -> Result<Vec<Mention>> {
    let mut statement = db.prepare_cached(
        "SELECT listed.persona, listed.name, by.id, by.name, entry.id, entry.body,
                (SELECT body FROM said WHERE said.row = post.edit_row)
         FROM listed JOIN post ON post.entry_row = listed.entry_row JOIN entry ON entry.row = post.entry_row
         JOIN author AS by ON by.row = post.author_row
         WHERE post.deleted = 0 AND by.followed = 1 AND by.own = 0
           AND NOT EXISTS (SELECT 1 FROM author AS known WHERE known.id = listed.persona AND known.followed = 1)
         ORDER BY post.rank DESC, post.entry_row DESC, listed.place LIMIT ?1",
    )?;
    let found = statement.query_map([limits::SUGGESTED_OF], |row| {
        Ok(Mention {
            persona: row.get(0)?,
            name: row.get(1)?,
            by: row.get(2)?,
            by_name: row.get(3)?,
            post: row.get(4)?,
            body: row.get(5)?,
            edit: row.get(6)?,
        })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Whom lists of followed people name: those first whom most of them name, then those of the newest list.
fn suggested(db: &Connection, now_ms: u64, limit: usize) -> Result<Vec<SuggestionView>> {
    let hidden = Hidden::read(db, now_ms)?;
    let mut all: Vec<(SuggestionView, BTreeSet<PersonaId>)> = Vec::new();
    let mut places: BTreeMap<PersonaId, usize> = BTreeMap::new();
    for Mention { persona, name, by, by_name, post, body, edit } in mentioned(db)? {
        let quiet = hidden.silences(by, None, "") || hidden.silences(persona, None, "");
        if quiet || item::has(db, Set::PassedOver, persona.as_bytes())? {
            continue;
        }
        let place = *places.entry(persona).or_insert(all.len());
        if let Some((_, named_by)) = all.get_mut(place) {
            named_by.insert(by);
            continue;
        }
        let first = SuggestedBy { persona: by, name: by_name, post, text: title(edit, body) };
        let (own_name, picture) = db
            .prepare_cached("SELECT name, coalesce(picture_thumb, picture) FROM author WHERE id = ?1")?
            .query_row([persona], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
            .optional()?
            .unwrap_or_default();
        let name = if own_name.is_empty() { name } else { own_name };
        all.push((SuggestionView { persona, name, picture, lists: 0, first }, BTreeSet::from([by])));
    }
    // It keeps the order of those that are equal.
    all.sort_by_key(|(_, named_by)| std::cmp::Reverse(named_by.len()));
    all.truncate(limit);
    Ok(all.into_iter().map(|(view, named_by)| SuggestionView { lists: named_by.len() as u64, ..view }).collect())
}

/// The first line of what a list's post says.
fn title(edit: Option<Vec<u8>>, body: Option<Vec<u8>>) -> String {
    let said = match (edit, body) {
        (Some(edit), _) => EditBody::decode(&edit).map(|edit| edit.post),
        (None, Some(body)) => PostBody::decode(&body),
        (None, None) => return String::new(),
    };
    let text = said.map(|post| post.text).unwrap_or_default();
    text.lines().next().unwrap_or_default().chars().take(limits::NAME_CHARS).collect()
}

impl Node {
    /// Publishes a list as it is now: a public post by `by`, the default persona where it is `None`, that names all in it.
    /// `text`: what stands over it; else the list's name.
    ///
    /// # Errors
    /// `NotFound` for an unknown list or persona; `BadInput` for an empty list, one over
    /// [`limits::PUBLISHED_PEOPLE`], or a text over its limit.
    pub async fn publish_list(&self, list: ListId, by: Option<PersonaId>, text: Option<&str>) -> Result<EntryId> {
        let members = self.list_members(list).await?;
        if members.is_empty() {
            return Err(Error::BadInput("nobody is in this list yet: put somebody into it first".to_owned()));
        }
        let name = self.lists().await?.into_iter().find(|known| known.id == list).map(|known| known.name);
        let text = text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let people = members
            .into_iter()
            .map(|member| ListedPerson {
                persona: member.persona,
                name: member.name.chars().take(limits::NAME_CHARS).collect(),
            })
            .collect();
        let text = text.or(name).ok_or(Error::NotFound { what: "the list" })?;
        self.post(PostDraft { persona: by, text, people, ..PostDraft::default() }).await
    }

    /// People whom published lists of those whom the user follows name, at most `limit`: none that is followed, own, muted,
    /// blocked or was passed over. Those of most lists first.
    pub async fn suggestions(&self, limit: usize) -> Result<Vec<SuggestionView>> {
        let now_ms = self.inner().clock.unix_ms();
        self.inner().store.read(move |db| suggested(db, now_ms, limit)).await
    }

    /// Somebody is suggested no more, on no device.
    pub async fn pass_over(&self, persona: PersonaId) -> Result<()> {
        self.write_items(move |tx| item::put(tx, Set::PassedOver, persona.as_bytes(), "")).await?;
        self.inner().events.send(Event::FollowsChanged);
        Ok(())
    }
}
