//! Lists of people that somebody publishes, as a post: who follows its author gets those in it suggested. Nobody is
//! followed by that alone, and a list is as old as its post: what its author changes in their own list later stays theirs.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::entry::{EditBody, ListedPerson, PostBody};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::Applying;
use crate::id::{EntryId, ListId, PersonaId};
use crate::item::{self, Set};
use crate::limits;
use crate::mention::{self, with_names};
use crate::mute::Hidden;
use crate::name::plain_name;
use crate::node::{Node, PostDraft};
use crate::resolve::known;
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
        statement.execute(params![applying.row, place, person.persona, plain_name(&person.name)])?;
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

/// Whom the post in `row` lists, in its order: how many, and the first of them.
pub(crate) fn people(db: &Connection, row: i64, limit: usize) -> Result<(u64, Vec<ListMember>)> {
    let count = db
        .prepare_cached("SELECT count(*) FROM listed WHERE entry_row = ?1")?
        .query_row([row], |row| row.get::<_, u64>(0))?;
    if count == 0 {
        return Ok((0, Vec::new()));
    }
    let mut statement = db.prepare_cached(
        "SELECT listed.persona, coalesce(nullif(author.name, ''), listed.name),
                coalesce(author.picture_thumb, author.picture), coalesce(author.followed, 0)
         FROM listed LEFT JOIN author ON author.id = listed.persona
         WHERE listed.entry_row = ?1 ORDER BY listed.place LIMIT ?2",
    )?;
    let people = statement.query_map(params![row, i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        Ok(ListMember { persona: row.get(0)?, name: row.get(1)?, picture: row.get(2)?, followed: row.get(3)? })
    })?;
    Ok((count, people.collect::<rusqlite::Result<_>>()?))
}

/// The posts by which an own list is published and that stand, with who wrote each; the last first.
pub(crate) fn standing(db: &Connection, list: ListId) -> Result<Vec<(EntryId, PersonaId)>> {
    let mut statement = db.prepare_cached(
        "SELECT post.rank, author.id FROM entry JOIN post ON post.entry_row = entry.row
         JOIN author ON author.row = post.author_row
         WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1 AND post.deleted = 0 AND author.own = 1",
    )?;
    let mut posts: Vec<(i64, EntryId, PersonaId)> = Vec::new();
    for (_, post) in noted(db, list)? {
        let found = statement.query_row([post], |row| Ok((row.get(0)?, post, row.get(1)?))).optional()?;
        posts.extend(found);
    }
    posts.sort_by_key(|(rank, ..)| std::cmp::Reverse(*rank));
    Ok(posts.into_iter().map(|(_, post, by)| (post, by)).collect())
}

/// What is noted as posts of a list and has come here, each with the key of the note.
fn noted(db: &Connection, list: ListId) -> Result<Vec<(Vec<u8>, EntryId)>> {
    let all = item::beginning(db, Set::PublishedList, list.as_bytes())?;
    // Signed again under another id, as an old copy does, it is the same one.
    let here = |key: Vec<u8>| {
        let post = known(db, EntryId::from_slice(key.get(32..)?)?).ok()?;
        Some((key, post))
    };
    Ok(all.into_iter().filter_map(|(key, _)| here(key)).collect())
}

/// No post is noted for the list any more.
pub(crate) fn forget(tx: &Transaction<'_>, list: ListId) -> Result<()> {
    for (key, _) in item::beginning(tx, Set::PublishedList, list.as_bytes())? {
        item::take(tx, Set::PublishedList, &key)?;
    }
    Ok(())
}

/// Posts that were deleted are noted no more; those that have not come here yet are.
fn tidy(tx: &Transaction<'_>, list: ListId) -> Result<()> {
    let standing = standing(tx, list)?;
    for (key, post) in noted(tx, list)? {
        if standing.iter().all(|(known, _)| *known != post) {
            item::take(tx, Set::PublishedList, &key)?;
        }
    }
    Ok(())
}

/// The names that a post gives to those whom it lists.
pub(crate) fn names(db: &Connection, post: EntryId) -> Result<BTreeMap<PersonaId, String>> {
    let mut statement = db.prepare_cached(
        "SELECT listed.persona, listed.name FROM entry JOIN listed ON listed.entry_row = entry.row
         WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
    )?;
    let names = statement.query_map([post], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

/// A list of somebody who is followed.
struct Published {
    row: i64,
    post: EntryId,
    by: PersonaId,
    by_name: String,
}

/// The newest lists of those who are followed, at most [`limits::LISTS_OF_ONE`] of each.
fn newest_lists(db: &Connection) -> Result<Vec<Published>> {
    let mut statement = db.prepare_cached(
        "SELECT post.entry_row, entry.id, by.id, by.name FROM listed
         JOIN post ON post.entry_row = listed.entry_row JOIN entry ON entry.row = post.entry_row
         JOIN author AS by ON by.row = post.author_row
         WHERE listed.place = 0 AND post.deleted = 0 AND by.followed = 1 AND by.own = 0
         ORDER BY post.rank DESC, post.entry_row DESC",
    )?;
    let mut rows = statement.query([])?;
    let (mut lists, mut of_one) = (Vec::new(), BTreeMap::<PersonaId, usize>::new());
    while let Some(row) = rows.next()? {
        let list = Published { row: row.get(0)?, post: row.get(1)?, by: row.get(2)?, by_name: row.get(3)? };
        let count = of_one.entry(list.by).or_default();
        *count += 1;
        if *count <= limits::LISTS_OF_ONE {
            lists.push(list);
        }
        if lists.len() >= limits::SUGGESTING_LISTS {
            break;
        }
    }
    Ok(lists)
}

/// What stands over a list now.
fn said(db: &Connection, row: i64) -> Result<PostBody> {
    let (body, edit): (Option<Vec<u8>>, Option<Vec<u8>>) = db
        .prepare_cached(
            "SELECT entry.body, (SELECT body FROM said WHERE said.row = post.edit_row)
             FROM post JOIN entry ON entry.row = post.entry_row WHERE post.entry_row = ?1",
        )?
        .query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(match (edit, body) {
        (Some(edit), _) => EditBody::decode(&edit)?.post,
        (None, Some(body)) => PostBody::decode(&body)?,
        (None, None) => PostBody::default(),
    })
}

/// Whom a list suggests: nobody who is followed, muted, blocked or was passed over.
fn suggested_by(db: &Connection, list: i64, hidden: &Hidden) -> Result<Vec<(PersonaId, String)>> {
    let mut statement = db.prepare_cached(
        "SELECT persona, name FROM listed WHERE entry_row = ?1
           AND NOT EXISTS (SELECT 1 FROM author WHERE author.id = listed.persona AND author.followed = 1)
           AND NOT EXISTS (SELECT 1 FROM item WHERE set_no = ?2 AND key = listed.persona AND present = 1)
         ORDER BY place",
    )?;
    let found = statement.query_map(params![list, Set::PassedOver.number()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut people: Vec<(PersonaId, String)> = found.collect::<rusqlite::Result<_>>()?;
    people.retain(|(persona, _)| !hidden.silences(*persona, None, ""));
    Ok(people)
}

struct Candidate {
    view: SuggestionView,
    by: BTreeSet<PersonaId>,
    /// Its place among those whom the newest list's author brought in.
    turn: usize,
}

/// Whom lists of followed people name: those first whom most of them name, else by turns of who put them forward.
fn suggested(db: &Connection, now_ms: u64, limit: usize) -> Result<Vec<SuggestionView>> {
    let hidden = Hidden::read(db, now_ms)?;
    let mut all: Vec<Candidate> = Vec::new();
    let (mut places, mut turns) = (BTreeMap::<PersonaId, usize>::new(), BTreeMap::<PersonaId, usize>::new());
    for Published { row, post, by, by_name } in newest_lists(db)? {
        let said = said(db, row)?;
        let text = with_names(&said.text, &mention::view(db, &said)?);
        let warned = said.content_warning.as_deref();
        if hidden.silences(by, Some(post), &text) || warned.is_some_and(|cw| hidden.silences(by, None, cw)) {
            continue;
        }
        let title = plain_name(warned.unwrap_or(&text).lines().next().unwrap_or_default());
        for (persona, name) in suggested_by(db, row, &hidden)? {
            let place = *places.entry(persona).or_insert(all.len());
            if let Some(known) = all.get_mut(place) {
                known.by.insert(by);
                continue;
            }
            let turn = turns.entry(by).or_default();
            let list = SuggestedBy { persona: by, name: by_name.clone(), post, text: title.clone() };
            let view = SuggestionView { persona, name, picture: None, listed_by: 0, list };
            all.push(Candidate { view, by: BTreeSet::from([by]), turn: *turn });
            *turn += 1;
        }
    }
    // It keeps the order of those that are equal.
    all.sort_by_key(|candidate| (std::cmp::Reverse(candidate.by.len()), candidate.turn));
    all.truncate(limit);
    let mut known = db.prepare_cached("SELECT name, coalesce(picture_thumb, picture) FROM author WHERE id = ?1")?;
    let mut views = Vec::with_capacity(all.len());
    for Candidate { mut view, by, .. } in all {
        let own = known.query_row([view.persona], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))).optional()?;
        if let Some((name, picture)) = own {
            view.picture = picture;
            view.name = if name.is_empty() { view.name } else { name };
        }
        view.listed_by = by.len() as u64;
        views.push(view);
    }
    Ok(views)
}

impl Node {
    /// Publishes a list as it is now: a public post by `by`, the default persona where it is `None`, that names all in it.
    /// `text`: what stands over it; else the list's name. Where it was published before, that post is deleted once this one
    /// stands: what others said about it stays theirs, and is not put below other names.
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
            .map(|member| ListedPerson { persona: member.persona, name: plain_name(&member.name) })
            .collect();
        let text = text.or(name).ok_or(Error::NotFound { what: "the list" })?;
        let before = self.inner().store.read(move |db| standing(db, list)).await?;
        let post = self.post(PostDraft { persona: by, text, people, ..PostDraft::default() }).await?;
        // All of them are noted until the others are gone.
        let key = [list.to_bytes(), post.to_bytes()].concat();
        self.write_items(move |tx| item::put(tx, Set::PublishedList, &key, "")).await?;
        self.take_down(list, before).await?;
        Ok(post)
    }

    /// Deletes the post by which a list is published; the list stays. Answers that post.
    ///
    /// # Errors
    /// `NotFound` for an unknown list, and for one that is not published.
    pub async fn withdraw_list(&self, list: ListId) -> Result<EntryId> {
        let standing = self.inner().store.read(move |db| standing(db, list)).await?;
        let last = standing.first().map(|(post, _)| *post).ok_or(Error::NotFound { what: "the published list" })?;
        self.take_down(list, standing).await?;
        Ok(last)
    }

    /// Deletes what a list is published by, if anything.
    pub(crate) async fn unpublish(&self, list: ListId) -> Result<()> {
        let standing = self.inner().store.read(move |db| standing(db, list)).await?;
        if standing.is_empty() { Ok(()) } else { self.take_down(list, standing).await }
    }

    async fn take_down(&self, list: ListId, posts: Vec<(EntryId, PersonaId)>) -> Result<()> {
        for (post, by) in posts {
            self.delete(Some(by), post).await?;
        }
        self.write_items(move |tx| tidy(tx, list)).await?;
        self.inner().events.send(Event::FollowsChanged);
        Ok(())
    }

    /// People whom published lists of those whom the user follows name, at most `limit`: none that is followed, own, muted,
    /// blocked or was passed over. Those of most lists first.
    pub async fn suggestions(&self, limit: usize) -> Result<Vec<SuggestionView>> {
        let now_ms = self.inner().clock.unix_ms();
        self.inner().store.read(move |db| suggested(db, now_ms, limit)).await
    }

    /// Somebody is suggested no more, on no device, or may be again.
    pub async fn pass_over(&self, persona: PersonaId, undo: bool) -> Result<()> {
        self.write_items(move |tx| match undo {
            true => item::take(tx, Set::PassedOver, persona.as_bytes()),
            false => item::put(tx, Set::PassedOver, persona.as_bytes(), ""),
        })
        .await?;
        self.inner().events.send(Event::FollowsChanged);
        Ok(())
    }
}
