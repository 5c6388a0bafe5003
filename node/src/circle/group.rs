//! Groups: circles in which every member posts. The owner, who made it, and admins whom the owner names let people in and
//! take them out, and give keys; everybody else takes part after they joined. Members carry each other, so what one
//! posts comes to all.
//!
//! Who is in it is a mergeable set, as of a circle; what somebody says of it counts only as far as it is theirs to say
//! (see [`merge`]), so nobody needs to agree with anybody, and all end with the same set.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Acting, Circle, Desk, claim, known, stranger, trial};
use crate::author;
use crate::entry::{Grant, Member, Roster, What};
use crate::error::{Error, Result};
use crate::follow;
use crate::gate::Rostered;
use crate::id::{CircleId, PersonaId};
use crate::limits;
use crate::mute;
use crate::node::Node;
use crate::thread;

/// `circle.state`.
pub(super) const INVITED: i64 = 0;
pub(super) const JOINED: i64 = 1;
pub(super) const LEFT: i64 = 2;

/// `circle.ended`.
const TAKEN_OUT: i64 = 1;
const CLOSED: i64 = 2;

impl Node {
    /// Makes a group of a persona, without other members. They are let in with [`Node::add_to_circle`], by its owner or
    /// an admin, and are in it once they have joined.
    ///
    /// # Errors
    /// As [`Node::create_circle`].
    pub async fn create_group(&self, persona: Option<PersonaId>, name: &str) -> Result<CircleId> {
        self.make_circle(persona, name, 1).await
    }

    /// Takes part in a group that one was invited to: what its members post to it is read here, and they read what is
    /// posted to it here. From now on this node carries all of them, those too who come later. `by`: the own persona
    /// that does; `None`: the default one where it was invited, else another. Others of this node stay out. Who made the
    /// group is told.
    ///
    /// # Errors
    /// `NotFound` where nobody invited to such a group.
    pub async fn join_group(&self, by: Option<PersonaId>, group: CircleId) -> Result<()> {
        let acting = self.acting(by).await?;
        self.change_circle(group, move |desk| {
            let circle = of_acting(desk.tx, acting, group, |state| state == INVITED)?
                .ok_or(Error::NotFound { what: "an invitation to this group" })?;
            set_state(desk.tx, circle, JOINED)?;
            desk.tell_joined(circle)?;
            settle_carried(desk.tx, desk.now_ms)
        })
        .await?;
        self.authors_changed().await;
        self.inner().gate()?.open_circle(group).await.map(drop)
    }

    /// Leaves a group, or declines to join it. Its members are told; what was read until now stays here. `by` as in
    /// [`Self::join_group`].
    ///
    /// # Errors
    /// `NotFound` for a group that no own persona is in, `BadInput` for its owner.
    pub async fn leave_group(&self, by: Option<PersonaId>, group: CircleId) -> Result<()> {
        let acting = self.acting(by).await?;
        self.change_circle(group, move |desk| {
            let circle = of_acting(desk.tx, acting, group, |state| state != LEFT)?
                .ok_or(Error::NotFound { what: "the group" })?;
            let (persona, owner): (PersonaId, bool) = desk
                .tx
                .prepare_cached(
                    "SELECT own.id, own.row = circle.author_row FROM circle JOIN author AS own ON own.row = own_row
                     WHERE circle.row = ?1",
                )?
                .query_row([circle.row], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if owner {
                return Err(Error::BadInput("who made a group can't leave it; close it instead".to_owned()));
            }
            desk.change(circle, circle.own_row, false)?;
            let to = everybody_else(desk.tx, circle)?;
            desk.tell(circle, &[persona], &to)?;
            set_state(desk.tx, circle, LEFT)?;
            settle_carried(desk.tx, desk.now_ms)
        })
        .await?;
        self.authors_changed().await;
        Ok(())
    }

    /// Ends an own group: everybody is taken out of it and told so. What was posted to it stays readable to those who
    /// were in it.
    ///
    /// # Errors
    /// `NotFound` for an unknown group of one's own.
    pub async fn close_group(&self, group: CircleId) -> Result<()> {
        self.change_circle(group, move |desk| {
            let circle = desk.own(group, 1)?;
            let mut statement = desk.tx.prepare_cached(
                "SELECT author_row, author.id FROM circle_member JOIN author ON author.row = author_row
                 WHERE circle_row = ?1 AND present = 1",
            )?;
            let members: Vec<(i64, PersonaId)> = statement
                .query_map([circle.row], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            for (row, persona) in members {
                desk.change(circle, row, false)?;
                desk.withdraw(circle, row)?;
                desk.tell_closed(circle, persona, row)?;
            }
            // Its row stays: posts that stand here are still called by its name.
            desk.tx
                .prepare_cached(
                    "UPDATE circle SET state = ?2, gone = 1, ended = ?3, ended_by = own_row, ended_ms = ?4 WHERE row = ?1",
                )?
                .execute([circle.row, LEFT, CLOSED, desk.now_ms])?;
            settle_carried(desk.tx, desk.now_ms)
        })
        .await?;
        self.authors_changed().await;
        Ok(())
    }

    /// Makes a member of an own group an admin, who lets people in and takes them out, or a plain member again.
    ///
    /// # Errors
    /// `NotFound` for an unknown group of one's own or somebody who is not in it, `BadInput` for too many admins.
    pub async fn set_group_admin(&self, group: CircleId, persona: PersonaId, admin: bool) -> Result<()> {
        self.change_circle(group, move |desk| {
            let circle = desk.own(group, 1)?;
            let row = known(desk.tx, persona)?;
            let (admins, is_one): (usize, Option<bool>) = desk
                .tx
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM circle_member WHERE circle_row = ?1 AND present = 1 AND admin = 1),
                            (SELECT admin FROM circle_member WHERE circle_row = ?1 AND author_row = ?2 AND present = 1)",
                )?
                .query_row([circle.row, row], |found| Ok((found.get(0)?, found.get(1)?)))?;
            if is_one.ok_or(Error::NotFound { what: "the member" })? == admin {
                return Ok(());
            }
            if admin && admins >= limits::GROUP_ADMINS {
                return Err(Error::BadInput(format!("a group has at most {} admins", limits::GROUP_ADMINS)));
            }
            desk.tx
                .prepare_cached(
                    "UPDATE circle_member SET admin = ?3, counter = counter + ?4 WHERE circle_row = ?1 AND author_row = ?2",
                )?
                .execute(params![circle.row, row, admin, limits::COUNTER_STEP + 1])?;
            // With the next key all hear of it.
            desk.renew(circle)
        })
        .await
    }
}

impl Desk<'_> {
    /// A circle whose members an own persona may change: its own one, or a group of which it is an admin.
    pub(super) fn managed(&self, acting: Acting, id: CircleId) -> Result<Circle> {
        for circle in all_of_acting(self.tx, acting, id, |state| state == JOINED)? {
            if let Some(circle) = manages(self.tx, circle.row)? {
                return Ok(circle);
            }
        }
        match of_acting(self.tx, acting, id, |state| state != LEFT)? {
            Some(_) => Err(Error::BadInput("who made this group, and its admins, decide who is in it".to_owned())),
            None => Err(Error::NotFound { what: "the circle" }),
        }
    }

    /// Tells some of a group's members what is known here of these personas in it.
    pub(super) fn tell(&mut self, circle: Circle, about: &[PersonaId], to: &[i64]) -> Result<()> {
        self.tell_of(circle, about, to, false)
    }

    /// Tells somebody who was in an own group that nobody is any more: that its owner is not says so.
    fn tell_closed(&mut self, circle: Circle, about: PersonaId, to: i64) -> Result<()> {
        self.tell_of(circle, &[about], &[to], true)
    }

    fn tell_of(&mut self, circle: Circle, about: &[PersonaId], to: &[i64], closed: bool) -> Result<()> {
        let (id, owner): (CircleId, PersonaId) = self
            .tx
            .prepare_cached(
                "SELECT circle.id, author.id FROM circle JOIN author ON author.row = circle.author_row WHERE circle.row = ?1",
            )?
            .query_row([circle.row], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut statement = self.tx.prepare_cached(
            "SELECT author.id, present, admin, counter FROM circle_member JOIN author ON author.row = author_row
             WHERE circle_row = ?1 AND author.id = ?2",
        )?;
        let mut members = Vec::new();
        for persona in about {
            members.extend(statement.query_row(params![circle.row, persona], member).optional()?);
        }
        members.extend(closed.then_some(Member { persona: owner, present: false, admin: false, counter: 0 }));
        let what = What::Roster(Roster { circle: id, owner, members });
        let body = thread::composed(self.entropy, None, self.now_ms.cast_unsigned(), what)?;
        for member in to {
            thread::queue(self.tx, circle.own_row, &[*member], None, &body, self.due_ms()?)?;
        }
        self.notes.queued |= !to.is_empty();
        Ok(())
    }
}

impl Desk<'_> {
    /// What others said of members of an own group its owner says as well, above all that they may have said to some alone:
    /// so in the end it holds for everybody. `by`: who said it, and needs not to be told.
    pub(super) fn confirm(&mut self, circle_row: i64, changed: &[PersonaId], by: i64) -> Result<()> {
        let Some(circle) = manages(self.tx, circle_row)?.filter(|_| !changed.is_empty()) else { return Ok(()) };
        let mut to = everybody_else(self.tx, circle)?;
        for persona in changed {
            let row: i64 = self
                .tx
                .prepare_cached(
                    "UPDATE circle_member SET counter = min(counter + ?3, ?4) WHERE circle_row = ?1
                        AND author_row = (SELECT row FROM author WHERE id = ?2) RETURNING author_row",
                )?
                .query_row(params![circle_row, persona, limits::COUNTER_STEP + 1, limits::MEMBER_COUNTER], |row| {
                    row.get(0)
                })?;
            if row != by && !to.contains(&row) {
                to.push(row);
            }
        }
        self.tell(circle, changed, &to)
    }
}

/// All that is known of a group's members, those who are in it first: as many as a message names.
pub(super) fn members(db: &Connection, circle_row: i64) -> Result<Vec<Member>> {
    let mut statement = db.prepare_cached(
        "SELECT author.id, present, admin, counter FROM circle_member JOIN author ON author.row = author_row
         WHERE circle_row = ?1 ORDER BY present DESC, counter DESC, author_row LIMIT ?2",
    )?;
    let members = statement.query_map(params![circle_row, limits::GRANT_MEMBERS], member)?;
    Ok(members.collect::<rusqlite::Result<_>>()?)
}

fn member(row: &rusqlite::Row<'_>) -> rusqlite::Result<Member> {
    let counter = row.get::<_, i64>(3)?.cast_unsigned();
    Ok(Member { persona: row.get(0)?, present: row.get(1)?, admin: row.get(2)?, counter })
}

/// The circle that a grant is about, and whether its writer may give keys of it. `None` where not.
pub(super) fn taken(tx: &Transaction<'_>, own_row: i64, from_row: i64, grant: &Grant) -> Result<Option<i64>> {
    let Some(owner) = grant.owner else { return super::epoch::circle_of(tx, own_row, from_row, grant) };
    if from_row == own_row {
        // Another own device, which was given it.
        return super::epoch::circle_of(tx, own_row, author::private_row(tx, owner)?, grant);
    }
    // Of others' groups only an admin gives keys, and only where the owner gave one before that says so.
    Ok(tx
        .prepare_cached(
            "SELECT circle.row FROM circle JOIN author AS owner ON owner.row = circle.author_row
             JOIN circle_member AS m ON m.circle_row = circle.row AND m.author_row = ?3
             WHERE owner.id = ?1 AND circle.id = ?2 AND circle.own_row = ?4 AND kind = 1 AND m.present = 1 AND m.admin = 1",
        )?
        .query_row(params![owner, grant.circle, from_row, own_row], |row| row.get(0))
        .optional()?)
}

/// Merges what `from_row` says of the members of a circle. The owner, and the owner's other devices, say everything;
/// an admin says who is in it, but nothing of admins; a member says that it leaves. Of those two a counter counts up
/// to [`limits::COUNTER_STEP`] above what the owner said last: the owner's next word is above that, whoever raised what at
/// whom. What is further above waits until the owner is heard. Answers, in an own group, of whom others said something new.
pub(super) fn merge(tx: &Transaction<'_>, circle_row: i64, from_row: i64, items: &[Member]) -> Result<Vec<PersonaId>> {
    let (owner_row, own_row, admin): (i64, i64, bool) = tx
        .prepare_cached(
            "SELECT circle.author_row, own_row, coalesce((SELECT present AND admin FROM circle_member
                WHERE circle_row = ?1 AND author_row = ?2), 0) FROM circle WHERE row = ?1",
        )?
        .query_row([circle_row, from_row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let own = own_row == owner_row;
    let mut news = Vec::new();
    for item in items {
        let named: bool = tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM circle_member AS m JOIN author ON author.row = m.author_row
                                WHERE m.circle_row = ?1 AND author.id = ?2)",
            )?
            .query_row(params![circle_row, item.persona], |row| row.get(0))?;
        let owns = owner_row == from_row;
        let itself = is_row_of(tx, from_row, item.persona)?;
        // A member's word counts of itself alone.
        if !(owns || admin || itself) {
            continue;
        }
        if !named && !stranger::has_room(tx, circle_row)? {
            if !(owns && item.present) {
                continue;
            }
            // Whoever fills it with names keeps nobody out whom the owner lets in.
            tx.prepare_cached(
                "DELETE FROM circle_member WHERE (circle_row, author_row) = (SELECT circle_row, author_row FROM circle_member
                    WHERE circle_row = ?1 AND present = 0 ORDER BY counter, author_row LIMIT 1)",
            )?
            .execute([circle_row])?;
        }
        // No row is made for who is refused.
        let member: i64 = tx
            .prepare_cached("SELECT coalesce((SELECT row FROM author WHERE id = ?1), 0)")?
            .query_row([item.persona], |found| found.get(0))?;
        let is_admin: bool = tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM circle_member WHERE circle_row = ?1 AND author_row = ?2 AND admin = 1)",
            )?
            .query_row([circle_row, member], |row| row.get(0))?;
        let leaves = member == from_row && !item.present;
        if member == from_row && item.present {
            // Nobody but who takes part says so of themselves.
            tx.prepare_cached(
                "UPDATE circle_member SET joined = 1 WHERE circle_row = ?1 AND author_row = ?2 AND present = 1",
            )?
            .execute([circle_row, member])?;
        }
        if member == owner_row || !(owns || leaves || admin && !is_admin && !item.admin) {
            continue;
        }
        let counter = i64::try_from(item.counter).unwrap_or(i64::MAX).min(limits::MEMBER_COUNTER);
        let known: Option<(bool, i64, i64)> = tx
            .prepare_cached(
                "SELECT present, counter, owned FROM circle_member WHERE circle_row = ?1 AND author_row = ?2",
            )?
            .query_row([circle_row, member], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let (was, known, owned) = known.unwrap_or_default();
        // What an owner knows it says: with each key, and of each change.
        let top = if own { known } else { owned }.saturating_add(limits::COUNTER_STEP);
        if !owns && counter > top {
            // An owner waits for nobody's word.
            if !own {
                claim::keep(tx, circle_row, from_row, item.persona, item.present, counter)?;
            }
            continue;
        }
        // More than a grant names nobody has to carry, or to give keys to. Of an own circle the other copy knows best.
        let others: usize = tx
            .prepare_cached(
                "SELECT count(*) FROM circle_member AS m JOIN circle ON circle.row = circle_row AND own_row <> circle.author_row
                 WHERE circle_row = ?1 AND m.author_row <> ?2 AND present = 1",
            )?
            .query_row([circle_row, member], |row| row.get(0))?;
        if item.present && others >= limits::GRANT_MEMBERS {
            continue;
        }
        let member = author::private_row(tx, item.persona)?;
        put_member(tx, circle_row, member, (item.present, item.admin, counter))?;
        if owns && !own {
            tx.prepare_cached(
                "UPDATE circle_member SET owned = max(owned, ?3) WHERE circle_row = ?1 AND author_row = ?2",
            )?
            .execute([circle_row, member, counter])?;
            for (by, item) in claim::take(tx, circle_row, item.persona, counter.saturating_add(limits::COUNTER_STEP))? {
                merge(tx, circle_row, by, &[item])?;
            }
        }
        let is: bool = tx
            .prepare_cached("SELECT present FROM circle_member WHERE circle_row = ?1 AND author_row = ?2")?
            .query_row([circle_row, member], |row| row.get(0))?;
        if is && !was {
            // What they wrote may be here already.
            trial::begin(tx, circle_row, None, Some(member))?;
        }
        if own && !owns && is != was {
            news.push(item.persona);
        }
    }
    Ok(news)
}

/// What the members as they are now, as `by` has just told of them, mean for the own persona: it was taken out, or let in
/// again. `closed`: with everybody else.
pub(super) fn settle_own(desk: &Desk<'_>, circle_row: i64, by: i64, closed: bool) -> Result<()> {
    let tx = desk.tx;
    // Who was in it, or heard that it was taken out before it heard that it was closed.
    tx.prepare_cached(
        "UPDATE circle SET ended = ?2, ended_by = ?3, ended_ms = ?4
         WHERE row = ?1 AND kind = 1 AND author_row <> own_row AND (state = ?5 OR ended > 0 AND ended < ?2) AND EXISTS
            (SELECT 1 FROM circle_member WHERE circle_row = ?1 AND author_row = own_row AND present = 0)",
    )?
    .execute([circle_row, if closed { CLOSED } else { TAKEN_OUT }, by, desk.now_ms, JOINED])?;
    tx.prepare_cached(
        "UPDATE circle SET state = CASE (SELECT present FROM circle_member WHERE circle_row = ?1 AND author_row = own_row)
                WHEN 0 THEN ?3 WHEN 1 THEN CASE state WHEN ?3 THEN ?2 ELSE state END ELSE state END
         WHERE row = ?1 AND kind = 1 AND author_row <> own_row",
    )?
    .execute(params![circle_row, INVITED, LEFT])?;
    tx.prepare_cached("UPDATE circle SET ended = 0, ended_by = NULL WHERE row = ?1 AND state <> ?2 AND ended > 0")?
        .execute([circle_row, LEFT])?;
    Ok(())
}

/// Takes in what somebody says of the members of a group. Answers whether whom this node carries may have changed.
pub(crate) fn take_roster(desk: &mut Desk<'_>, rostered: &Rostered) -> Result<bool> {
    let Rostered { own_row, from_row, from, roster } = rostered;
    let tx = desk.tx;
    if mute::is_blocked(tx, *from)? {
        return Ok(false);
    }
    let row: Option<i64> = tx
        .prepare_cached(
            "SELECT circle.row FROM circle JOIN author ON author.row = circle.author_row
             WHERE author.id = ?1 AND circle.id = ?2 AND kind = 1 AND own_row = ?3",
        )?
        .query_row(params![roster.owner, roster.circle, own_row], |row| row.get(0))
        .optional()?;
    let Some(row) = row else { return Ok(false) };
    let news = merge(tx, row, *from_row, &roster.members)?;
    desk.confirm(row, &news, *from_row)?;
    // Its owner alone says that it is no more.
    let closed = *from == roster.owner && roster.members.iter().any(|item| item.persona == *from && !item.present);
    settle_own(desk, row, *from_row, closed)?;
    settle_carried(tx, desk.now_ms)?;
    if let Some(circle) = manages(tx, row)? {
        desk.settle(circle, false)?;
    }
    Ok(true)
}

/// Members of joined groups are carried, and nobody for a group that was left.
pub(super) fn settle_carried(tx: &Transaction<'_>, now_ms: i64) -> Result<()> {
    let wanted = "SELECT m.author_row FROM circle_member AS m JOIN circle ON circle.row = m.circle_row
            WHERE kind = 1 AND state = 1 AND m.present = 1
        UNION SELECT author_row FROM circle WHERE kind = 1 AND state = 1";
    let mut statement = tx.prepare_cached(&format!(
        "SELECT row, 1 FROM author WHERE own = 0 AND row IN ({wanted})
            AND NOT EXISTS (SELECT 1 FROM carry WHERE author_row = row AND grouped = 1)
         UNION ALL SELECT author_row, 0 FROM carry WHERE grouped = 1 AND author_row NOT IN ({wanted})"
    ))?;
    let changed: Vec<(i64, bool)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    for (row, grouped) in changed {
        tx.prepare_cached(
            "INSERT INTO carry (author_row, grouped) VALUES (?1, ?2)
             ON CONFLICT (author_row) DO UPDATE SET grouped = excluded.grouped",
        )?
        .execute(params![row, grouped])?;
        tx.prepare_cached(
            "DELETE FROM carry WHERE author_row = ?1 AND grouped = 0 AND replica = 0 AND lease_ms = 0 AND own_ms = 0",
        )?
        .execute([row])?;
        follow::settle_carried(tx, row, now_ms / 1_000)?;
    }
    Ok(())
}

/// Whom keys of a circle, and what is said of it, go to: everybody in it but the own persona.
pub(super) fn everybody_else(tx: &Transaction<'_>, circle: Circle) -> Result<Vec<i64>> {
    let mut statement = tx.prepare_cached(
        "SELECT author_row FROM circle_member WHERE circle_row = ?1 AND present = 1 AND author_row <> ?2
         UNION SELECT author_row FROM circle WHERE row = ?1 AND author_row <> ?2 ORDER BY 1",
    )?;
    let rows = statement.query_map([circle.row, circle.own_row], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The circle where its own persona may change its members.
pub(super) fn manages(db: &Connection, circle_row: i64) -> Result<Option<Circle>> {
    Ok(db
        .prepare_cached(
            "SELECT circle.row, own_row FROM circle LEFT JOIN circle_member AS m
                ON m.circle_row = circle.row AND m.author_row = own_row
             WHERE circle.row = ?1 AND state = ?2 AND gone = 0
               AND (own_row = circle.author_row OR kind = 1 AND m.present = 1 AND m.admin = 1)",
        )?
        .query_row([circle_row, JOINED], |row| Ok(Circle { row: row.get(0)?, own_row: row.get(1)? }))
        .optional()?)
}

/// The circle as who acts knows it, where its state is as wanted.
pub(super) fn of_acting(
    db: &Connection,
    acting: Acting,
    id: CircleId,
    wanted: fn(i64) -> bool,
) -> Result<Option<Circle>> {
    Ok(all_of_acting(db, acting, id, wanted)?.into_iter().next())
}

fn all_of_acting(db: &Connection, acting: Acting, id: CircleId, wanted: fn(i64) -> bool) -> Result<Vec<Circle>> {
    let mut statement = db.prepare_cached(
        "SELECT circle.row, own_row, state FROM circle JOIN author AS own ON own.row = own_row
         WHERE circle.id = ?1 AND gone = 0 AND (own.id = ?2 OR NOT ?3) ORDER BY own.id = ?2 DESC, circle.row",
    )?;
    let found: Vec<(Circle, i64)> = statement
        .query_map(params![id, acting.persona, acting.named], |row| {
            Ok((Circle { row: row.get(0)?, own_row: row.get(1)? }, row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found.into_iter().filter(|(_, state)| wanted(*state)).map(|(circle, _)| circle).collect())
}

fn set_state(tx: &Transaction<'_>, circle: Circle, state: i64) -> Result<()> {
    tx.prepare_cached("UPDATE circle SET state = ?2 WHERE row = ?1")?.execute([circle.row, state])?;
    Ok(())
}

fn is_row_of(db: &Connection, row: i64, persona: PersonaId) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM author WHERE row = ?1 AND id = ?2)")?
        .query_row(params![row, persona], |found| found.get(0))?)
}

/// Says who is in a circle, and whether as an admin: the higher counter stands, at equal ones whoever takes out.
pub(super) fn put_member(
    tx: &Transaction<'_>,
    circle_row: i64,
    member_row: i64,
    (present, admin, counter): (bool, bool, i64),
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO circle_member (circle_row, author_row, present, admin, counter) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (circle_row, author_row) DO UPDATE
         SET present = excluded.present, admin = excluded.admin, counter = excluded.counter,
            joined = joined AND present AND excluded.present
         WHERE (excluded.counter, NOT excluded.present, excluded.admin) > (counter, NOT present, admin)",
    )?
    .execute(params![circle_row, member_row, present, admin && present, counter])?;
    Ok(())
}
