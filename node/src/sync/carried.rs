//! What sync keeps of carrying: tables `carry` and `file_holder`.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::author;
use crate::bucket::Bucket;
use crate::error::Result;
use crate::id::{EntryId, NodeId, PersonaId};
use crate::limits::{FILE_HOLDERS, HOLDER_SEEN_MS, KNOWN_AUTHORS, LEASE_MS, REPLICAS, VISITS, VISITS_PHONE};
use crate::sync::bucket::{as_authors, take_for_client};
use crate::sync::message::{Carried, Direction, Leases};
use crate::view::Role;

/// The authors that this node carries, and why: what `Input::Authors` tells.
pub fn authors(db: &Connection) -> Result<Vec<(PersonaId, Carried)>> {
    let mut statement = db.prepare_cached(
        "SELECT a.id, a.own, a.followed, coalesce(c.replica, 0), coalesce(c.depth, 0),
            coalesce(c.own_ms, 0) > 0, coalesce(c.grouped, 0)
         FROM author AS a LEFT JOIN carry AS c ON c.author_row = a.row WHERE a.carried = 1 AND a.bucket = 0
         ORDER BY a.row",
    )?;
    let rows = statement.query_map([], |row| {
        let why = match (row.get(1)?, row.get(2)?, row.get(3)?, row.get(5)?) {
            (true, _, _, _) => Carried::Own,
            (_, true, _, _) => Carried::Followed,
            // Of a group here: as whom one follows.
            _ if row.get(6)? => Carried::Followed,
            (_, _, true, _) => Carried::Replica,
            (_, _, _, true) => Carried::Visited,
            _ => Carried::Leased(row.get(4)?),
        };
        Ok((row.get(0)?, why))
    })?;
    let mut all: Vec<(PersonaId, Carried)> = rows.collect::<rusqlite::Result<_>>()?;
    // Whoever else has such a name is nobody.
    all.retain(|(author, _)| Bucket::from_id(author).is_none());
    all.extend(as_authors(db)?);
    Ok(all)
}

/// Carries authors that are known here for peers (`Output::Lease`), and ends leases that have run out.
pub fn lease(db: &Transaction<'_>, leases: &Leases, now_ms: u64) -> Result<()> {
    let until_ms = now_ms.saturating_add(LEASE_MS).cast_signed();
    let room = room(db)? == Room::Plenty;
    if let Some((client, buckets)) = &leases.client {
        take_for_client(db, *client, buckets, now_ms)?;
    }
    for (author, depth) in &leases.authors {
        db.prepare_cached(
            "INSERT INTO carry (author_row, lease_ms, depth)
             SELECT row, ?2, ?3 FROM author JOIN usage ON usage.author_row = row WHERE id = ?1
                AND (EXISTS (SELECT 1 FROM carry WHERE author_row = row) OR ?4 AND paused_ms = 0)
             ON CONFLICT (author_row) DO UPDATE SET
                depth = CASE WHEN lease_ms = 0 THEN ?3 ELSE min(depth, ?3) END, lease_ms = max(lease_ms, ?2)",
        )?
        .execute(params![author, until_ms, depth, room])?;
        carry_taken_in(db, author)?;
    }
    let now_ms = now_ms.cast_signed();
    db.prepare_cached("UPDATE carry SET lease_ms = 0 WHERE lease_ms BETWEEN 1 AND ?1")?.execute([now_ms])?;
    db.prepare_cached("UPDATE carry SET own_ms = 0 WHERE own_ms BETWEEN 1 AND ?1")?.execute([now_ms])?;
    let_go(db)
}

/// Why an author is carried for this node's own user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sake {
    /// The user looked at it.
    Look,
    /// Somebody who is followed reposted or quoted it.
    Named,
}

/// Carries an author that nobody here follows for this node's own user until then, where there is room at all; of too
/// many the one whose time ends first gives way, and what others name never takes more than half of the places. Answers
/// whether the author is carried from now on and was not before.
pub fn visit(db: &Transaction<'_>, role: Role, author_row: i64, until_ms: u64, sake: Sake) -> Result<bool> {
    let places = if role == Role::Phone { VISITS_PHONE } else { VISITS };
    db.prepare_cached(
        "INSERT INTO carry (author_row, own_ms, named)
         SELECT row, ?2, ?4 FROM author JOIN usage ON usage.author_row = row
         WHERE row = ?1 AND followed = 0 AND (carried = 1 OR ?3 AND paused_ms = 0)
         ON CONFLICT (author_row) DO UPDATE SET
            named = CASE WHEN own_ms = 0 THEN ?4 ELSE min(named, ?4) END, own_ms = max(own_ms, ?2)",
    )?
    .execute(params![author_row, until_ms.cast_signed(), room(db)? != Room::None, sake == Sake::Named])?;
    let new = db
        .prepare_cached(
            "UPDATE author SET carried = 1
             WHERE row = ?1 AND carried = 0 AND EXISTS (SELECT 1 FROM carry WHERE author_row = ?1)",
        )?
        .execute([author_row])?;
    let mut too_many = 0;
    for (among, places) in [("named = 1", places / 2), ("TRUE", places)] {
        too_many += db
            .prepare_cached(&format!(
                "UPDATE carry SET own_ms = 0 WHERE author_row IN
                 (SELECT author_row FROM carry WHERE own_ms > 0 AND {among}
                  ORDER BY own_ms DESC, author_row DESC LIMIT -1 OFFSET ?1)",
            ))?
            .execute([i64::try_from(places).unwrap_or(i64::MAX)])?;
    }
    if too_many > 0 {
        let_go(db)?;
    }
    Ok(new > 0)
}

/// Carries an author until then, whoever follows it: deletions that concern it are to leave.
pub fn carry_until(db: &Transaction<'_>, author_row: i64, until_ms: u64) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO carry (author_row, own_ms) VALUES (?1, ?2)
         ON CONFLICT (author_row) DO UPDATE SET named = 0, own_ms = max(own_ms, ?2)",
    )?
    .execute(params![author_row, until_ms.cast_signed()])?;
    db.prepare_cached("UPDATE author SET carried = 1 WHERE row = ?1")?.execute([author_row])?;
    Ok(())
}

/// Who is carried for nobody any more is not.
fn let_go(db: &Transaction<'_>) -> Result<()> {
    db.prepare_cached(
        "UPDATE author SET carried = followed
         WHERE row IN (SELECT author_row FROM carry WHERE replica = 0 AND lease_ms = 0 AND own_ms = 0 AND grouped = 0)",
    )?
    .execute([])?;
    db.prepare_cached("DELETE FROM carry WHERE replica = 0 AND lease_ms = 0 AND own_ms = 0 AND grouped = 0")?
        .execute([])?;
    Ok(())
}

/// Takes authors in as spare copies (`Output::Adopt`), known ones or not: as many as there is room for, and none that
/// was evicted a short while ago.
pub fn adopt(db: &Transaction<'_>, authors: &[PersonaId]) -> Result<()> {
    if room(db)? != Room::Plenty {
        return Ok(());
    }
    let mut replicas: usize =
        db.prepare_cached("SELECT count(*) FROM carry WHERE replica = 1")?.query_row([], |row| row.get(0))?;
    for author in authors {
        if replicas >= REPLICAS {
            // One of whom nothing ever came gives way: names alone must not fill the places.
            let gone = db
                .prepare_cached(
                    "SELECT author_row FROM carry JOIN usage USING (author_row)
                     WHERE replica = 1 AND lease_ms = 0 AND own_ms = 0 AND grouped = 0 AND entries = 0
                     ORDER BY author_row LIMIT 1",
                )?
                .query_row([], |row| row.get::<_, i64>(0))
                .optional()?;
            let Some(gone) = gone else { break };
            db.prepare_cached("DELETE FROM carry WHERE author_row = ?1")?.execute([gone])?;
            db.prepare_cached("UPDATE author SET carried = followed WHERE row = ?1")?.execute([gone])?;
            replicas -= 1;
        }
        author::row(db, *author)?;
        replicas += db
            .prepare_cached(
                "INSERT INTO carry (author_row, replica)
                 SELECT row, 1 FROM author JOIN usage ON usage.author_row = row
                 WHERE id = ?1 AND paused_ms = 0 AND bucket = 0
                 ON CONFLICT (author_row) DO UPDATE SET replica = 1 WHERE replica = 0",
            )?
            .execute([author])?;
        carry_taken_in(db, author)?;
    }
    Ok(())
}

fn carry_taken_in(db: &Transaction<'_>, author: &PersonaId) -> Result<()> {
    db.prepare_cached(
        "UPDATE author SET carried = 1
         WHERE id = ?1 AND carried = 0 AND EXISTS (SELECT 1 FROM carry WHERE author_row = author.row)",
    )?
    .execute([author])?;
    Ok(())
}

/// The room that is left on this device, as the keeper of the store noted it last (table `local`, `storage.room`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    Plenty,
    /// No new authors are carried for others.
    Little,
    /// Nothing is fetched before somebody asks for it.
    None,
}

pub fn room(db: &Connection) -> Result<Room> {
    let noted: Option<String> = db
        .prepare_cached("SELECT value FROM local WHERE key = 'storage.room'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(match noted.as_deref() {
        Some("none") => Room::None,
        Some("little") => Room::Little,
        _ => Room::Plenty,
    })
}

/// Knows authors by name (`Output::Learn`), as many as peers' hashes are looked up among: names alone, of whom nothing
/// else is here, give way, the oldest first.
pub fn learn(db: &Transaction<'_>, authors: &[PersonaId]) -> Result<()> {
    for author in authors {
        author::row(db, *author)?;
    }
    let known: usize =
        db.query_row("SELECT count(*) FROM author WHERE carried = 0 AND private = 0", [], |row| row.get(0))?;
    let Some(over) = known.checked_sub(KNOWN_AUTHORS).filter(|over| *over > 0) else { return Ok(()) };
    let mut statement = db.prepare_cached(
        "SELECT row FROM author JOIN usage ON usage.author_row = row
         WHERE carried = 0 AND private = 0 AND own = 0 AND entries = 0 AND profile_row = 0
            AND NOT EXISTS (SELECT 1 FROM follow WHERE follow.author_row = author.row)
            AND NOT EXISTS (SELECT 1 FROM log WHERE log.author_row = author.row)
            AND NOT EXISTS (SELECT 1 FROM device_cert WHERE device_cert.author_row = author.row)
         ORDER BY row LIMIT ?1",
    )?;
    let rows: Vec<i64> = statement
        .query_map([i64::try_from(over).unwrap_or(i64::MAX)], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for row in rows {
        db.prepare_cached("DELETE FROM author_holder WHERE author_row = ?1")?.execute([row])?;
        unlearn(db, row)?;
    }
    Ok(())
}

/// Forgets an author of whom nothing in the open is here. Whom something private still names is known from that alone.
pub fn unlearn(db: &Transaction<'_>, row: i64) -> Result<()> {
    if !author::forget(db, row)? {
        db.prepare_cached("UPDATE author SET private = 1 WHERE row = ?1")?.execute([row])?;
    }
    Ok(())
}

/// Notes that a peer holds posts (`Output::Holds`); of each post the holders seen last are kept.
pub fn holds(db: &Transaction<'_>, peer: NodeId, posts: &[EntryId], direction: Direction, now_ms: u64) -> Result<()> {
    let direction = match direction {
        Direction::In => 1,
        Direction::Out => 2,
    };
    for post in posts {
        db.prepare_cached(
            "INSERT INTO file_holder (file, node, seen_ms, direction) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (file, node) DO UPDATE SET seen_ms = ?3, direction = direction | ?4",
        )?
        .execute(params![post, peer, now_ms.cast_signed(), direction])?;
        db.prepare_cached(
            "DELETE FROM file_holder WHERE file = ?1 AND node IN
             (SELECT node FROM file_holder WHERE file = ?1 ORDER BY seen_ms DESC LIMIT -1 OFFSET ?2)",
        )?
        .execute(params![post, i64::try_from(FILE_HOLDERS).unwrap_or(i64::MAX)])?;
    }
    Ok(())
}

/// Notes that a peer holds posts no longer (`Output::HoldsNot`).
pub fn holds_not(db: &Transaction<'_>, peer: NodeId, posts: &[EntryId]) -> Result<()> {
    let mut statement = db.prepare_cached("DELETE FROM file_holder WHERE file = ?1 AND node = ?2")?;
    // Its copy of the author is no longer whole.
    let mut whole = db.prepare_cached(
        "DELETE FROM author_holder WHERE node = ?2 AND author_row = (SELECT author_row FROM entry
         WHERE prefix = substr(?1, 1, 8) AND id = ?1)",
    )?;
    for post in posts {
        statement.execute(params![post, peer])?;
        whole.execute(params![post, peer])?;
    }
    Ok(())
}

/// Notes that a peer holds all posts of these authors that are here now (`Output::Held`).
pub fn mark_held(db: &Transaction<'_>, peer: NodeId, authors: &[PersonaId], now_ms: u64) -> Result<()> {
    let mut statement = db.prepare_cached(
        "INSERT INTO author_holder (author_row, node, seen_ms) SELECT row, ?2, ?3 FROM author WHERE id = ?1
         ON CONFLICT (author_row, node) DO UPDATE SET seen_ms = ?3",
    )?;
    for author in authors {
        statement.execute(params![author, peer, now_ms.cast_signed()])?;
    }
    db.prepare_cached("DELETE FROM author_holder WHERE seen_ms < ?1")?
        .execute([now_ms.saturating_sub(HOLDER_SEEN_MS).cast_signed()])?;
    Ok(())
}
