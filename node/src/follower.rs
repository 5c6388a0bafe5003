//! Who says that they follow an own persona. A follow is local and nobody hears of it, unless whoever follows chose to tell:
//! then the followed persona gets a notice, sealed as a message is. It alone means "follows you".

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Transaction, params};

use crate::entry::What;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::follow;
use crate::gate::{Archived, Notes, Noticed, nothing_follows};
use crate::host::Entropy;
use crate::id::PersonaId;
use crate::item::{self, Set};
use crate::limits;
use crate::mute;
use crate::node::Node;
use crate::store::Durability;
use crate::thread;
use crate::view::FollowerView;

/// Those who told it, in a bundle.
pub(crate) const ARCHIVED: Archived = Archived {
    number: 3,
    personas: &[1],
    columns: 6,
    added: 0,
    select: "SELECT own.id, author.id, present, counter, dropped, came_ms FROM follower
             JOIN author AS own ON own.row = own_row AND own.own = 1 JOIN author ON author.row = author_row
             ORDER BY own_row, author_row",
    take: |taking, row| {
        taking
            .execute(
                "INSERT INTO follower (own_row, author_row, present, counter, dropped, came_ms)
                 SELECT own.row, author.row, ?3, min(max(?4, 0), ?7), ?5, ?6 FROM author AS own JOIN author ON author.id = ?2
                 WHERE own.id = ?1 AND own.own = 1 AND
                    (SELECT count(*) FROM follower WHERE own_row = own.row) < 100000
                 ON CONFLICT (own_row, author_row) DO UPDATE SET present = excluded.present, counter = excluded.counter,
                    dropped = max(dropped, excluded.dropped)
                 WHERE excluded.counter > counter",
                &[row, &[Value::Integer(limits::MEMBER_COUNTER)]].concat(),
            )
            .map(drop)
    },
    settle: nothing_follows,
};

impl Node {
    /// Tells somebody whom an own persona follows that it does, or takes that back. It leaves as a message does, as soon
    /// as their device is known and a peer is there; unfollowing takes it back too.
    ///
    /// # Errors
    /// `NotFound` where the persona does not follow them.
    pub async fn tell_follow(&self, by: Option<PersonaId>, persona: PersonaId, tell: bool) -> Result<()> {
        let by = self.writing_persona(by).await?;
        let now_s = i64::try_from(self.inner().clock.unix_s()).unwrap_or(i64::MAX);
        self.write_items(move |tx| {
            let key = follow::key(by, persona);
            if !item::has(tx, Set::Follow, &key)? {
                return Err(Error::NotFound { what: "the follow" });
            }
            item::put(tx, Set::Follow, &key, if tell { follow::TOLD } else { "" })?;
            follow::settle(tx, by, persona, now_s).map(drop)
        })
        .await?;
        self.inner().tell_queued();
        self.inner().events.send(Event::FollowsChanged);
        Ok(())
    }

    /// Who told an own persona, or any of them, that they follow it, the last first; without those that were dropped.
    ///
    /// # Errors
    /// `NotFound` for an unknown own persona.
    pub async fn followers(&self, of: Option<PersonaId>) -> Result<Vec<FollowerView>> {
        let of = match of {
            Some(of) => Some(self.own_persona(Some(of)).await?),
            None => None,
        };
        self.inner()
            .store
            .read(move |db| {
                let mut statement = db.prepare_cached(
                    "SELECT author.id, author.name, coalesce(author.picture_thumb, author.picture), own.id,
                            EXISTS (SELECT 1 FROM follow WHERE by_row = own.row AND follow.author_row = author.row
                                    AND follow.present = 1)
                     FROM follower JOIN author ON author.row = follower.author_row JOIN author AS own ON own.row = own_row
                     WHERE follower.present = 1 AND dropped = 0 AND (?1 IS NULL OR own.id = ?1)
                     ORDER BY came_ms DESC, author.row",
                )?;
                let followers = statement
                    .query_map([of], |row| {
                        Ok(FollowerView {
                            persona: row.get(0)?,
                            name: Some(row.get(1)?).filter(|name: &String| !name.is_empty()),
                            picture: row.get(2)?,
                            of: row.get(3)?,
                            mutual: row.get(4)?,
                        })
                    })?
                    .collect::<rusqlite::Result<_>>()?;
                Ok(followers)
            })
            .await
    }

    /// Drops what somebody told: they are not shown as a follower any more, whatever they tell. They do not hear of it.
    ///
    /// # Errors
    /// `NotFound` where they told nothing.
    pub async fn drop_follower(&self, of: Option<PersonaId>, persona: PersonaId) -> Result<()> {
        self.inner()
            .store
            .write(Durability::Full, move |tx| {
                let found = tx
                    .prepare_cached(
                        "UPDATE follower SET dropped = 1 WHERE dropped = 0 AND present = 1
                            AND author_row = (SELECT row FROM author WHERE id = ?1)
                            AND (?2 IS NULL OR own_row = (SELECT row FROM author WHERE id = ?2))",
                    )?
                    .execute(params![persona, of])?;
                if found == 0 { Err(Error::NotFound { what: "the follower" }) } else { Ok(()) }
            })
            .await?;
        self.inner().events.send(Event::FollowsChanged);
        Ok(())
    }
}

/// Queues notices of follows that are to be told, or taken back.
pub(crate) fn tell_due(tx: &Transaction<'_>, entropy: &dyn Entropy, now_ms: i64, notes: &mut Notes) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT by_row, author_row, own.id, author.id, tell AND present FROM follow
         JOIN author AS own ON own.row = by_row JOIN author ON author.row = author_row WHERE (tell AND present) <> told",
    )?;
    let due: Vec<(i64, i64, PersonaId, PersonaId, bool)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (by_row, author_row, by, persona, present) in due {
        // The item's own: it goes up on whichever device the user changes his mind.
        let counter = item::get(tx, Set::Follow, &follow::key(by, persona))?.map_or(0, |item| item.counter);
        let what = What::Follows { present, counter: counter.cast_unsigned() };
        let body = thread::composed(entropy, None, now_ms.cast_unsigned(), what)?;
        thread::queue(tx, by_row, &[author_row], None, &body, now_ms)?;
        notes.queued = true;
        tx.prepare_cached("UPDATE follow SET told = ?3 WHERE by_row = ?1 AND author_row = ?2")?
            .execute(params![by_row, author_row, present])?;
    }
    Ok(())
}

/// Takes in what somebody tells; answers whether anything changed by it.
pub(crate) fn take(tx: &Transaction<'_>, noticed: &Noticed, now_ms: i64) -> Result<bool> {
    let Noticed { own_row, from_row, from, present, counter } = *noticed;
    if own_row == from_row || mute::is_blocked(tx, from)? {
        return Ok(false);
    }
    let known: Option<i64> = tx
        .prepare_cached("SELECT counter FROM follower WHERE own_row = ?1 AND author_row = ?2")?
        .query_row([own_row, from_row], |row| row.get(0))
        .optional()?;
    let all: usize = tx
        .prepare_cached("SELECT count(*) FROM follower WHERE own_row = ?1")?
        .query_row([own_row], |row| row.get(0))?;
    if known.is_none() && (all >= limits::FOLLOWERS || !present) {
        return Ok(false);
    }
    // At equal counters it was taken back.
    let changed = tx
        .prepare_cached(
            "INSERT INTO follower (own_row, author_row, present, counter, came_ms) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (own_row, author_row) DO UPDATE SET present = excluded.present, counter = excluded.counter
             WHERE (excluded.counter, NOT excluded.present) > (counter, NOT present)",
        )?
        .execute(params![own_row, from_row, present, i64::try_from(counter).unwrap_or(i64::MAX), now_ms])?;
    Ok(changed > 0)
}
