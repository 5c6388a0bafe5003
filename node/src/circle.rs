//! Circles (DESIGN §4, §6): named audiences of own personas. Who is in one is given the key of its epoch over a session;
//! posts are sealed with it and travel as the author's other entries do, to whoever carries the author. Removing somebody
//! begins a new epoch; so does adding somebody once a post was sealed, so that nobody reads what was written before.

mod archive;
mod change;
mod claim;
mod comment;
mod epoch;
mod group;
mod leave;
mod member;
mod own;
mod renewal;
mod seal;
mod stranger;
mod trial;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

pub(crate) use self::archive::ARCHIVED;
pub(crate) use self::comment::{admit_comment, open_comment, seal_comment};
pub(crate) use self::epoch::{device_came, due, lost, take};
pub(crate) use self::group::take_roster;
pub(crate) use self::leave::leave;
pub(crate) use self::own::{device_came as own_device_came, device_gone, key_of, note, settle};
pub(crate) use self::seal::{open, seal};
pub(crate) use self::trial::{Step, begin_all, is_left, next, open as open_with};
use crate::author;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::Notes;
use crate::host::Entropy;
use crate::id::{CircleId, PersonaId};
use crate::installation;
use crate::limits;
use crate::node::{Node, unpoisoned};
use crate::opened;
use crate::profile::checked_name;
use crate::store::Durability;
use crate::thread;
use crate::view::{CircleKind, CircleView, Colour, EndedGroup};

impl Node {
    /// Makes a circle of a persona, without members.
    ///
    /// # Errors
    /// `BadInput` for an empty or too long name, one that another circle of the persona has, or too many circles.
    pub async fn create_circle(&self, persona: Option<PersonaId>, name: &str) -> Result<CircleId> {
        self.make_circle(persona, name, 0).await
    }

    async fn make_circle(&self, persona: Option<PersonaId>, name: &str, kind: i64) -> Result<CircleId> {
        let persona = self.writing_persona(persona).await?;
        let name = checked_name(name)?;
        let id = CircleId::from_bytes(self.inner().random()?);
        self.change_circle(id, move |desk| {
            let own_row = author::row(desk.tx, persona)?;
            let all = of_persona(desk.tx, persona)?;
            change::free_name(desk.tx, persona, None, &name)?;
            if all.len() >= limits::CIRCLES {
                return Err(Error::BadInput(format!("there can be {} circles", limits::CIRCLES)));
            }
            desk.tx
                .prepare_cached(
                    "INSERT INTO circle (author_row, own_row, id, kind, name, colour) VALUES (?1, ?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![own_row, id, kind, name, free_colour(desk.tx, own_row)?.number()])?;
            let row = desk.tx.last_insert_rowid();
            desk.settle(Circle { row, own_row }, false)
        })
        .await?;
        Ok(id)
    }

    /// Puts somebody into an own circle: their devices are given its key, those that come later too. They can read what
    /// is posted from now on. Into a group, also as an admin of it: they are invited, and in it once they join; what an
    /// admin does the owner's device passes on to who is new. `by`: the own persona that does it; `None`: the default one
    /// where it may, else another that may.
    ///
    /// # Errors
    /// `NotFound` for an unknown circle, or a persona of whom nothing is known here; `BadInput` for the circle's own
    /// persona, where it is full, or for who may not.
    pub async fn add_to_circle(&self, by: Option<PersonaId>, circle: CircleId, persona: PersonaId) -> Result<()> {
        let acting = self.acting(by).await?;
        self.change_circle(circle, move |desk| {
            let circle = desk.managed(acting, circle)?;
            let row = known(desk.tx, persona)?;
            if row == circle.own_row {
                return Err(Error::BadInput("you read your own posts anyway".to_owned()));
            }
            let (group, owner_row) = desk.kind(circle)?;
            if row == owner_row {
                return Err(Error::BadInput("this persona made the group".to_owned()));
            }
            let most = if group { limits::GRANT_MEMBERS } else { limits::CIRCLE_MEMBERS };
            let members: usize = desk
                .tx
                .prepare_cached("SELECT count(*) FROM circle_member WHERE circle_row = ?1 AND present = 1")?
                .query_row([circle.row], |found| found.get(0))?;
            if members >= most {
                return Err(Error::BadInput(format!(
                    "a {} has at most {most} members",
                    if group { "group" } else { "circle" }
                )));
            }
            match desk.change(circle, row, true)? {
                false => Ok(()),
                // The others hear of it with the next key.
                true if group => desk.renew(circle).and_then(|()| group::settle_carried(desk.tx, desk.now_ms)),
                true => desk.settle(circle, true),
            }
        })
        .await?;
        self.authors_changed().await;
        Ok(())
    }

    /// Takes somebody out of an own circle: a new key is given to the others. What was posted until now stays readable
    /// to who is taken out. Of a group, also as an admin, and they are told. `by` as in [`Self::add_to_circle`].
    ///
    /// # Errors
    /// `NotFound` for an unknown circle, or somebody who is not in it; `BadInput` for who may not.
    pub async fn remove_from_circle(&self, by: Option<PersonaId>, circle: CircleId, persona: PersonaId) -> Result<()> {
        let acting = self.acting(by).await?;
        self.change_circle(circle, move |desk| {
            let circle = desk.managed(acting, circle)?;
            let row = known(desk.tx, persona)?;
            let (group, owner_row) = desk.kind(circle)?;
            let admin: bool = desk
                .tx
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM circle_member WHERE circle_row = ?1 AND author_row = ?2 AND admin = 1)",
                )?
                .query_row([circle.row, row], |found| found.get(0))?;
            if admin && circle.own_row != owner_row {
                return Err(Error::BadInput("who made this group decides on its admins".to_owned()));
            }
            if !desk.change(circle, row, false)? {
                return Err(Error::NotFound { what: "the member" });
            }
            desk.withdraw(circle, row)?;
            if !group {
                return desk.settle(circle, false);
            }
            // Each is told by itself: what a key names beside it is cut.
            let mut to = group::everybody_else(desk.tx, circle)?;
            to.push(row);
            desk.tell(circle, &[persona], &to)?;
            group::settle_carried(desk.tx, desk.now_ms)?;
            desk.renew(circle)
        })
        .await?;
        self.authors_changed().await;
        Ok(())
    }

    /// Own circles, and groups that an own persona is in or was invited to, of all own personas or of one, by name.
    ///
    /// # Errors
    /// `NotFound` for an unknown own persona.
    pub async fn circles(&self, persona: Option<PersonaId>) -> Result<Vec<CircleView>> {
        let personas = match persona {
            Some(persona) => vec![self.own_persona(Some(persona)).await?],
            None => self.personas_here().await?.into_iter().map(|persona| persona.id).collect(),
        };
        self.inner()
            .store
            .read(move |db| {
                let mut all = Vec::new();
                for persona in personas {
                    all.extend(of_persona(db, persona)?);
                }
                all.sort_by_key(|circle| (circle.name.to_lowercase(), circle.id));
                Ok(all)
            })
            .await
    }

    /// The circle of a persona that has this name, or whose id begins so.
    ///
    /// # Errors
    /// `NotFound`, `GroupEnded` for a group that one is in no longer, or `Ambiguous` where several fit.
    pub async fn resolve_circle(&self, persona: Option<PersonaId>, named: &str) -> Result<CircleId> {
        self.resolve_audience(persona, named, false).await
    }

    /// As [`Self::resolve_circle`], of groups alone.
    ///
    /// # Errors
    /// As there.
    pub async fn resolve_group(&self, persona: Option<PersonaId>, named: &str) -> Result<CircleId> {
        self.resolve_audience(persona, named, true).await
    }

    async fn resolve_audience(&self, persona: Option<PersonaId>, named: &str, group: bool) -> Result<CircleId> {
        let persona = self.own_persona(persona).await?;
        let mut circles = self.circles(Some(persona)).await?;
        circles.retain(|circle| !group || circle.kind == CircleKind::Group);
        let name = named.trim().to_lowercase();
        let mut fits: Vec<_> = circles.iter().filter(|circle| circle.name.to_lowercase() == name).collect();
        if fits.is_empty() && !name.is_empty() {
            fits = circles.iter().filter(|circle| circle.id.to_string().starts_with(&name)).collect();
        }
        match fits.as_slice() {
            [circle] => Ok(circle.id),
            [] => {
                let ended = self.inner().store.read(move |db| ended(db, Some(persona))).await?;
                match ended.into_iter().find(|ended| ended.name.to_lowercase() == name) {
                    Some(ended) => Err(Error::GroupEnded(ended.told())),
                    None if group => Err(Error::NotFound { what: "a group of this name" }),
                    None => Err(Error::NotFound { what: "a circle or group of this name" }),
                }
            }
            _ => Err(Error::Ambiguous { given: name, what: if group { "group" } else { "circle" } }),
        }
    }

    /// Groups that others took own personas out of, or that they closed, of late: the newest first. Of all own personas.
    pub async fn ended_groups(&self) -> Result<Vec<EndedGroup>> {
        let since_ms = self.inner().clock.unix_ms().saturating_sub(limits::ENDED_GROUP_MS);
        let mut all = self.inner().store.read(|db| ended(db, None)).await?;
        all.retain(|group| group.by != group.persona && group.ended_ms.is_some_and(|ms| ms >= since_ms));
        Ok(all)
    }

    async fn acting(&self, by: Option<PersonaId>) -> Result<Acting> {
        Ok(Acting { persona: self.own_persona(by).await?, named: by.is_some() })
    }

    /// In one durable transaction. `of`: the circle, where it is there already.
    async fn change_circle(
        &self,
        of: CircleId,
        change: impl FnOnce(&mut Desk<'_>) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let inner = self.inner();
        let keyring = std::sync::Arc::clone(&inner.keyring);
        let (clock, entropy) = (std::sync::Arc::clone(&inner.clock), std::sync::Arc::clone(&inner.entropy));
        let queued = inner
            .store
            .write(Durability::Full, move |tx| {
                let now_ms = i64::try_from(clock.unix_ms()).unwrap_or(i64::MAX);
                installation::check_circle(tx, &unpoisoned(&keyring), of)?;
                let mut notes = Notes::default();
                change(&mut Desk { tx, entropy: &*entropy, now_ms, at_once: true, notes: &mut notes })?;
                Ok(note(tx)? | notes.queued)
            })
            .await?;
        inner.events.send(Event::FollowsChanged);
        if queued {
            inner.tell_queued();
        }
        Ok(())
    }
}

/// One change of circles, in its transaction.
pub(crate) struct Desk<'a> {
    pub(crate) tx: &'a Transaction<'a>,
    pub(crate) entropy: &'a dyn Entropy,
    pub(crate) now_ms: i64,
    /// The user does it. What follows from what came waits, each message as long as a lot says: at once, two personas of one
    /// node would show by it that they are.
    pub(crate) at_once: bool,
    pub(crate) notes: &'a mut Notes,
}

/// The own persona that a user acts as: the one that was named, or the first of those that may.
#[derive(Debug, Clone, Copy)]
struct Acting {
    persona: PersonaId,
    named: bool,
}

/// A circle as an own persona knows it: one whose it is, or of a group, a member.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circle {
    row: i64,
    own_row: i64,
}

impl Desk<'_> {
    /// An own circle of this kind.
    fn own(&self, id: CircleId, kind: i64) -> Result<Circle> {
        self.tx
            .prepare_cached(
                "SELECT row, own_row FROM circle
                 WHERE id = ?1 AND own_row = author_row AND kind = ?2 AND gone = 0",
            )?
            .query_row(params![id, kind], |row| Ok(Circle { row: row.get(0)?, own_row: row.get(1)? }))
            .optional()?
            .ok_or(Error::NotFound { what: if kind == 1 { "a group that you made" } else { "the circle" } })
    }

    /// Whether it is a group, and the row of whose it is.
    fn kind(&self, circle: Circle) -> Result<(bool, i64)> {
        Ok(self
            .tx
            .prepare_cached("SELECT kind = 1, author_row FROM circle WHERE row = ?1")?
            .query_row([circle.row], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// Sets whether somebody is in a circle; `false` where it was so before. Whose circle it is says it above all that others
    /// may have said; they have some numbers up to there.
    fn change(&self, circle: Circle, author_row: i64, present: bool) -> Result<bool> {
        let own = self.kind(circle)?.1 == circle.own_row;
        let known: Option<(bool, i64, i64)> = self
            .tx
            .prepare_cached(
                "SELECT present, counter, owned FROM circle_member WHERE circle_row = ?1 AND author_row = ?2",
            )?
            .query_row([circle.row, author_row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let (was, counter, owned) = known.unwrap_or_default();
        if was == present {
            return Ok(false);
        }
        let top = owned.saturating_add(limits::COUNTER_STEP);
        let counter = match own {
            true => counter.saturating_add(limits::COUNTER_STEP + 1).min(limits::MEMBER_COUNTER),
            false if present && counter >= top => {
                return Err(Error::BadInput("now only who made this group can let this persona in".to_owned()));
            }
            // At equal counters who is out is out.
            false => counter.saturating_add(1).min(top),
        };
        self.tx
            .prepare_cached(
                "INSERT INTO circle_member (circle_row, author_row, present, counter) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (circle_row, author_row) DO UPDATE
                 SET present = excluded.present, admin = 0, joined = 0, counter = excluded.counter",
            )?
            .execute(params![circle.row, author_row, present, counter])?;
        Ok(true)
    }

    /// Keys that wait to be sent to somebody who is no longer in the circle do not leave.
    fn withdraw(&self, circle: Circle, author_row: i64) -> Result<()> {
        let id: CircleId = self
            .tx
            .prepare_cached("SELECT id FROM circle WHERE row = ?1")?
            .query_row([circle.row], |row| row.get(0))?;
        thread::withdraw(self.tx, circle.own_row, author_row, |grant| grant.circle == id)
    }
}

impl Desk<'_> {
    /// When a message to somebody is due, ms.
    fn due_ms(&self) -> Result<i64> {
        if self.at_once {
            return Ok(self.now_ms);
        }
        let std::ops::Range { start, end } = limits::ANSWER_MS;
        Ok(self.now_ms.saturating_add(start).saturating_add(thread::below(self.entropy, end - start)?))
    }
}

fn known(db: &Connection, persona: PersonaId) -> Result<i64> {
    db.prepare_cached("SELECT row FROM author WHERE id = ?1 AND bucket = 0")?
        .query_row([persona], |row| row.get(0))
        .optional()?
        .ok_or(Error::NotFound { what: "the persona" })
}

/// The row of the circle that came last; 0: there is none.
pub(crate) fn newest(db: &Connection) -> Result<i64> {
    Ok(db.prepare_cached("SELECT coalesce(max(row), 0) FROM circle")?.query_row([], |row| row.get(0))?)
}

/// Rows of circles that came after that one.
pub(crate) fn since(db: &Connection, row: i64) -> Result<Vec<i64>> {
    let mut statement = db.prepare_cached("SELECT row FROM circle WHERE row > ?1 ORDER BY row")?;
    Ok(statement.query_map([row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// A colour that none of a persona's circles has; where all are taken, one that the fewest have.
fn free_colour(db: &Connection, own_row: i64) -> Result<Colour> {
    let mut statement = db.prepare_cached(
        "SELECT id, colour FROM circle WHERE own_row = ?1 AND gone = 0 AND state < 2 AND (author_row = own_row OR kind = 1)",
    )?;
    let taken = statement.query_map([own_row], |row| Ok(Colour::of(row.get(0)?, row.get(1)?)))?;
    let taken: Vec<Colour> = taken.collect::<rusqlite::Result<_>>()?;
    let often = |colour: &Colour| taken.iter().filter(|other| *other == colour).count();
    Ok(Colour::ALL.into_iter().min_by_key(often).unwrap_or(Colour::Orange))
}

/// Groups that own personas, or one of them, are in no longer: the newest first.
fn ended(db: &Connection, persona: Option<PersonaId>) -> Result<Vec<EndedGroup>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {} WHERE kind = 1 AND state = 2 AND own.own = 1 AND (?1 IS NULL OR own.id = ?1)
         ORDER BY ended_ms DESC, circle.row DESC",
        opened::ENDED
    ))?;
    Ok(statement.query_map([persona], opened::ended_group)?.collect::<rusqlite::Result<_>>()?)
}

fn of_persona(db: &Connection, persona: PersonaId) -> Result<Vec<CircleView>> {
    let mut statement = db.prepare_cached(
        "SELECT circle.row, circle.id, circle.kind, circle.name,
                coalesce((SELECT max(counter) FROM epoch WHERE circle_row = circle.row), 0), owner.id, state, colour,
                owner.name
         FROM circle JOIN author AS owner ON owner.row = circle.author_row JOIN author AS own ON own.row = own_row
         WHERE own.id = ?1 AND gone = 0 AND (owner.row = own.row OR kind = 1 AND state < 2)",
    )?;
    let mut members = db.prepare_cached(
        "SELECT author.id, admin, author.name FROM circle_member JOIN author ON author.row = circle_member.author_row
         WHERE circle_row = ?1 AND present = 1 ORDER BY author.name COLLATE NOCASE, author.row",
    )?;
    let mut rows = statement.query([persona])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = if row.get::<_, i64>(2)? == 1 { CircleKind::Group } else { CircleKind::Circle };
        let (id, name, epoch, owner) = (row.get(1)?, row.get(3)?, row.get(4)?, row.get(5)?);
        let found: Vec<(PersonaId, bool, String)> = members
            .query_map([row.get::<_, i64>(0)?], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let admins = found.iter().filter(|(_, admin, _)| *admin).map(|(member, ..)| *member).collect();
        let in_it = found.into_iter().map(|(member, _, name)| (member, name));
        // Who made a group is in it.
        let maker = (kind == CircleKind::Group).then_some((owner, row.get(8)?));
        let (members, names) = maker.into_iter().chain(in_it).unzip();
        let invited = row.get::<_, i64>(6)? == group::INVITED;
        let colour = Colour::of(id, row.get(7)?);
        all.push(CircleView { id, persona, name, kind, colour, members, names, epoch, owner, admins, invited });
    }
    Ok(all)
}
