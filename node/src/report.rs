//! Reports: a user tells an anchor of theirs that something should not be shown there. Whoever runs the anchor reads it,
//! and puts what it is about on the deny list, or does not. Nobody else learns of it: neither its author nor other peers.
//!
//! Deliberately absent: reports that travel on, counts that hide something by themselves, and an answer beyond "it came".

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::error::{Error, Result};
use crate::event::Event;
use crate::gate::Report;
use crate::id::{EntryId, NodeId};
use crate::limits;
use crate::node::Node;
use crate::service::{Service, tickets};
use crate::store::Durability;
use crate::view::{Reason, ReportCameView, ReportState, ReportView};

/// `report.state`.
const WAITS: i64 = 0;
const TAKEN: i64 = 1;
const REFUSED: i64 = 2;

/// An anchor answered one.
pub(crate) fn answered(tx: &Transaction<'_>, anchor: NodeId, number: u64, taken: bool) -> Result<()> {
    tx.prepare_cached("UPDATE report SET state = ?3 WHERE number = ?1 AND anchor = ?2")?.execute(params![
        number.cast_signed(),
        anchor,
        if taken { TAKEN } else { REFUSED }
    ])?;
    Ok(())
}

/// A node reports something to this anchor. Answers whether it is kept: nothing of what is sealed, of one thing the last
/// word of each node, and of one node no more than its limit. What it is about may come later. Where there is no room for all, the oldest of
/// whoever has the most gives way: many words of one node drive out no word of another.
pub(crate) fn take(tx: &Transaction<'_>, by: NodeId, report: &Report, now_ms: i64) -> Result<bool> {
    if about(tx, report.about)?.is_some_and(|(sealed, _)| sealed) {
        return Ok(false);
    }
    let known = tx
        .prepare_cached("SELECT 1 FROM report_came WHERE node = ?1 AND about = ?2")?
        .exists(params![by, report.about])?;
    if !known {
        let (all, of_it): (usize, usize) = tx
            .prepare_cached("SELECT count(*), count(CASE WHEN node = ?1 THEN 1 END) FROM report_came")?
            .query_row([by], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if of_it >= limits::REPORTS_CAME_OF_NODE {
            return Ok(false);
        }
        if all >= limits::REPORTS_CAME {
            tx.prepare_cached(
                "DELETE FROM report_came WHERE number = (SELECT min(number) FROM report_came WHERE node =
                    (SELECT node FROM report_came GROUP BY node ORDER BY count(*) DESC, min(number) LIMIT 1))",
            )?
            .execute([])?;
        }
    }
    tx.prepare_cached(
        "INSERT INTO report_came (node, about, reason, text, came_ms) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (node, about) DO UPDATE SET reason = ?3, text = ?4, came_ms = ?5",
    )?
    .execute(params![by, report.about, report.reason.number(), report.text, now_ms])?;
    Ok(true)
}

impl Node {
    /// Tells an anchor of this node's of a post, comment or persona. It goes there once both are connected. Answers the
    /// number of the report, and which anchor it is for. `to`: the first digits of one, where there are several.
    ///
    /// # Errors
    /// `BadInput` for what is sealed (no anchor can read it), for own things, for a text over [`limits::REPORT_CHARS`], without
    /// an anchor, and past [`limits::REPORTS_WAITING`]; `NotFound`, `Ambiguous`.
    pub async fn report(&self, about: &str, reason: Reason, text: &str, to: Option<&str>) -> Result<(u64, NodeId)> {
        self.refuse_demo().await?;
        if text.chars().count() > limits::REPORT_CHARS {
            return Err(Error::BadInput(format!("a report has at most {} characters", limits::REPORT_CHARS)));
        }
        let about = self.resolve_any(about).await?;
        let to = to.map(|digits| digits.trim().to_ascii_lowercase()).unwrap_or_default();
        let (text, now_ms) = (text.trim().to_owned(), self.inner().clock.unix_ms().cast_signed());
        let written = self.inner().store.write(Durability::Full, move |tx| {
            may_be_reported(tx, about)?;
            let anchors = tickets(tx, Service::Anchor)?;
            if anchors.is_empty() {
                let told = "a report goes to an anchor of yours, and there is none: nobody else decides what is shown. Mute or block instead";
                return Err(Error::BadInput(told.to_owned()));
            }
            let mut fitting = anchors.into_iter().map(|ticket| ticket.node).filter(|node| node.to_string().starts_with(&to));
            let anchor = fitting.next().ok_or(Error::NotFound { what: "the anchor" })?;
            if fitting.next().is_some() {
                return Err(Error::Ambiguous { given: to, what: "anchor" });
            }
            let waiting = "SELECT count(*) FROM report WHERE state = 0 AND anchor = ?1";
            if tx.query_row(waiting, [anchor], |row| row.get::<_, usize>(0))? >= limits::REPORTS_WAITING {
                return Err(Error::BadInput(format!(
                    "{} reports wait for this anchor already; it has not been reached",
                    limits::REPORTS_WAITING
                )));
            }
            tx.execute(
                "INSERT INTO report (anchor, about, reason, text, made_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![anchor, about, reason.number(), text, now_ms],
            )?;
            let number = tx.last_insert_rowid().cast_unsigned();
            // What was answered long ago is not kept for ever.
            tx.execute(
                "DELETE FROM report WHERE state <> 0 AND number NOT IN (SELECT number FROM report ORDER BY number DESC LIMIT ?1)",
                [limits::REPORTS_TOLD],
            )?;
            Ok((number, anchor))
        });
        let written = written.await?;
        self.services_changed().await?;
        Ok(written)
    }

    /// What this node's user reported, the newest first.
    pub async fn reports(&self) -> Result<Vec<ReportView>> {
        let read = self.inner().store.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT number, anchor, about, reason, text, made_ms, state,
                        anchor IN (SELECT node FROM service WHERE kind = 0 AND present = 1)
                 FROM report ORDER BY number DESC",
            )?;
            let all = statement.query_map([], |row| {
                let state = match (row.get(6)?, row.get(7)?) {
                    (WAITS, true) => ReportState::Waiting,
                    (TAKEN, _) => ReportState::Taken,
                    _ => ReportState::Refused,
                };
                Ok(ReportView {
                    number: row.get::<_, i64>(0)?.cast_unsigned(),
                    anchor: row.get(1)?,
                    about: row.get(2)?,
                    reason: Reason::from_number(row.get(3)?),
                    text: row.get(4)?,
                    made_ms: row.get::<_, i64>(5)?.cast_unsigned(),
                    state,
                })
            })?;
            Ok(all.collect::<rusqlite::Result<_>>()?)
        });
        read.await
    }

    /// What was reported to this anchor, the oldest first, and who wrote it where that is here.
    pub async fn reports_came(&self) -> Result<Vec<ReportCameView>> {
        let read = self.inner().store.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT c.number, c.node, c.about, c.reason, c.text, c.came_ms,
                        coalesce(writer.id, person.id), coalesce(writer.name, person.name),
                        EXISTS (SELECT 1 FROM deny WHERE deny.id IN (c.about, writer.id))
                 FROM report_came AS c
                 LEFT JOIN entry ON entry.prefix = substr(c.about, 1, 8) AND entry.id = c.about
                 LEFT JOIN author AS writer ON writer.row = entry.author_row
                 LEFT JOIN author AS person ON person.id = c.about
                 ORDER BY c.number",
            )?;
            let all = statement.query_map([], |row| {
                Ok(ReportCameView {
                    number: row.get::<_, i64>(0)?.cast_unsigned(),
                    by: row.get(1)?,
                    about: row.get(2)?,
                    reason: Reason::from_number(row.get(3)?),
                    text: row.get(4)?,
                    came_ms: row.get::<_, i64>(5)?.cast_unsigned(),
                    author: row.get(6)?,
                    author_name: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
                    denied: row.get(8)?,
                })
            })?;
            Ok(all.collect::<rusqlite::Result<_>>()?)
        });
        read.await
    }

    /// A report that came was dealt with: it goes.
    ///
    /// # Errors
    /// `NotFound` for a number that is none.
    pub async fn settle_report(&self, number: u64) -> Result<()> {
        let settle = move |tx: &Transaction<'_>| match tx
            .execute("DELETE FROM report_came WHERE number = ?1", [number.cast_signed()])?
        {
            0 => Err(Error::NotFound { what: "the report" }),
            _ => Ok(()),
        };
        self.inner().store.write(Durability::Full, settle).await?;
        self.inner().events.send(Event::NetworkChanged);
        Ok(())
    }
}

/// # Errors
/// `BadInput` for what no anchor could read, and for own things.
fn may_be_reported(db: &Connection, id: EntryId) -> Result<()> {
    match about(db, id)? {
        None => Err(Error::NotFound { what: "a post or person with this id" }),
        Some((_, true)) => Err(Error::BadInput("this is your own".to_owned())),
        Some((true, _)) => {
            let told = "an anchor cannot read what was written to a circle: report the person who wrote it";
            Err(Error::BadInput(told.to_owned()))
        }
        Some((false, false)) => Ok(()),
    }
}

/// Of a post, comment or author that is here: whether it is sealed, and whether it is an own one.
fn about(db: &Connection, id: EntryId) -> Result<Option<(bool, bool)>> {
    Ok(db
        .prepare_cached(
            "SELECT entry.kind = 17, author.own FROM entry JOIN author ON author.row = entry.author_row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1
             UNION ALL SELECT 0, own FROM author WHERE id = ?1 LIMIT 1",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::id::PersonaId;
    use crate::net::Ticket;
    use crate::sim::{NodeIndex, World};
    use crate::view::Role;

    struct Place {
        world: World,
        alice: NodeIndex,
        bob: (NodeIndex, PersonaId),
        helper: NodeIndex,
        post: EntryId,
    }

    /// Alice follows Bob, who posted; a node of that role is her anchor, and all are connected.
    fn place(seed: u64, role: Role) -> Place {
        let mut world = World::new(seed);
        let (alice, bob, helper) = (world.node().unwrap(), world.node().unwrap(), world.node_as(role).unwrap());
        let alices = world.persona(alice, "Alice").unwrap();
        let bobs = world.persona(bob, "Bob").unwrap();
        world.follow(alice, alices, bobs).unwrap();
        for (from, to) in [(alice, bob), (alice, helper), (bob, helper)] {
            world.connect(from, to);
        }
        let post = world.post(bob, bobs, "cheap watches").unwrap();
        world.run_for(5_000).unwrap();
        choose(&mut world, alice, helper);
        Place { world, alice, bob: (bob, bobs), helper, post }
    }

    fn choose(world: &mut World, node: NodeIndex, anchor: NodeIndex) {
        let ticket = Ticket::new(world.pass(anchor).unwrap().0, "192.0.2.1:1".parse().ok());
        let choose = move |tx: &Transaction<'_>| crate::service::choose(tx, Service::Anchor, &ticket, None);
        world.verb(node, |node| async move { node.inner().store.write(Durability::Full, choose).await }).unwrap();
        world.set_anchors(node, &[anchor]).unwrap();
    }

    fn report(world: &mut World, by: NodeIndex, about: EntryId, reason: Reason, text: &str) -> Result<(u64, NodeId)> {
        let text = text.to_owned();
        world.verb(by, |node| async move { node.report(&about.to_string(), reason, &text, None).await })
    }

    fn came(world: &World, node: NodeIndex) -> Vec<ReportCameView> {
        world.ask(node, |node| async move { node.reports_came().await }).unwrap()
    }

    fn state(world: &World, node: NodeIndex) -> ReportState {
        world.ask(node, |node| async move { node.reports().await }).unwrap()[0].state
    }

    #[test]
    fn a_report_waits_for_the_anchor_and_comes_once_to_nobody_else() {
        let Place { mut world, alice, bob, helper, post } = place(4_000, Role::Anchor);
        world.crash(helper);
        report(&mut world, alice, post, Reason::Spam, " look at this ").unwrap();
        world.run_for(5_000).unwrap();
        assert_eq!(state(&world, alice), ReportState::Waiting);
        // Nothing is lost with the node that waits.
        world.crash(alice);
        world.restart(alice).unwrap();
        world.restart(helper).unwrap();
        world.run_for(60_000).unwrap();
        assert_eq!(state(&world, alice), ReportState::Taken);
        let all = came(&world, helper);
        assert_eq!(all.len(), 1);
        let came_one = &all[0];
        assert_eq!((came_one.about, came_one.reason, came_one.text.as_str()), (post, Reason::Spam, "look at this"));
        assert_eq!((came_one.by, came_one.denied), (world.pass(alice).unwrap().0, false));
        assert!(came(&world, bob.0).is_empty() && came(&world, alice).is_empty());
        // Said again, it replaces what was said; the persona is another thing.
        report(&mut world, alice, post, Reason::Danger, "worse").unwrap();
        let person = EntryId::from_bytes(bob.1.to_bytes());
        report(&mut world, alice, person, Reason::Abuse, "").unwrap();
        world.run_for(5_000).unwrap();
        let all = came(&world, helper);
        assert_eq!(all.iter().map(|one| one.reason).collect::<Vec<_>>(), [Reason::Danger, Reason::Abuse]);
        // Whoever runs the anchor keeps it off, and is done with it.
        world.verb(helper, |node| async move { node.deny(&post.to_string()).await }).unwrap();
        assert_eq!(came(&world, helper).iter().map(|one| one.denied).collect::<Vec<_>>(), [true, false]);
        let number = all[0].number;
        world.verb(helper, |node| async move { node.settle_report(number).await }).unwrap();
        let again = world.verb(helper, |node| async move { node.settle_report(number).await });
        assert!(matches!(again, Err(Error::NotFound { .. })));
        assert_eq!(came(&world, helper).len(), 1);
        // Nothing is told anew after a restart.
        world.crash(alice);
        world.restart(alice).unwrap();
        world.run_for(30_000).unwrap();
        assert_eq!(came(&world, helper).len(), 1);
    }

    #[test]
    fn only_anchors_take_reports() {
        let Place { mut world, alice, helper, post, .. } = place(4_010, Role::Desktop);
        report(&mut world, alice, post, Reason::Spam, "").unwrap();
        world.run_for(5_000).unwrap();
        assert_eq!(state(&world, alice), ReportState::Refused);
        assert!(came(&world, helper).is_empty());
    }

    #[test]
    fn what_cannot_be_reported_says_why() {
        let Place { mut world, alice, bob, helper, post } = place(4_020, Role::Anchor);
        let bad = |result: Result<(u64, NodeId)>, why: &str| match result {
            Err(Error::BadInput(told)) => assert!(told.contains(why), "{told}"),
            other => panic!("{other:?}"),
        };
        bad(report(&mut world, bob.0, post, Reason::Other, ""), "your own");
        let own = world.ask(alice, |node| async move { node.personas().await }).unwrap()[0].id;
        let hers = world.post(alice, own, "hers").unwrap();
        world.run_for(3_000).unwrap();
        bad(report(&mut world, bob.0, hers, Reason::Other, ""), "there is none");
        let long = "x".repeat(limits::REPORT_CHARS + 1);
        bad(report(&mut world, alice, post, Reason::Other, &long), "characters");
        let nothing = report(&mut world, alice, EntryId::from_bytes([9; 32]), Reason::Other, "");
        assert!(matches!(nothing, Err(Error::NotFound { .. })), "{nothing:?}");
        let nobody = world.verb(alice, |node| async move {
            node.report(&post.to_string(), Reason::Other, "", Some("no digits")).await
        });
        assert!(matches!(nobody, Err(Error::NotFound { what: "the anchor" })), "{nobody:?}");
        // What is sealed no anchor can read.
        let seal = move |tx: &Transaction<'_>| Ok(tx.execute("UPDATE entry SET kind = 17 WHERE id = ?1", [post])?);
        world.verb(alice, |node| async move { node.inner().store.write(Durability::Normal, seal).await }).unwrap();
        bad(report(&mut world, alice, post, Reason::Other, ""), "written to a circle");
        // What waits has a bound.
        let post = EntryId::from_bytes(bob.1.to_bytes());
        world.crash(helper);
        world.run_for(1_000).unwrap();
        for _ in 0..limits::REPORTS_WAITING {
            report(&mut world, alice, post, Reason::Other, "").unwrap();
        }
        bad(report(&mut world, alice, post, Reason::Other, ""), "wait for this anchor");
        // No anchor any more: nothing waits for it.
        let node = world.pass(helper).unwrap().0.to_string();
        world.verb(alice, |alice| async move { alice.remove_anchor(&node).await }).unwrap();
        assert_eq!(state(&world, alice), ReportState::Refused);
    }

    #[test]
    fn no_node_fills_an_anchor_with_reports() {
        let store = crate::store::Store::in_memory().unwrap();
        fn run<T: Send + 'static>(
            store: &crate::store::Store,
            job: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
        ) -> T {
            futures_util::FutureExt::now_or_never(store.write(Durability::Full, job)).unwrap().unwrap()
        }
        let thing = |number: u8| EntryId::from_bytes([number; 32]);
        let node = |number: u16| {
            let mut seed = [0; 32];
            seed[..2].copy_from_slice(&number.to_le_bytes());
            NodeId::from_bytes(ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes())
        };
        let word = |by: u16, about: u8| {
            let report = Report { about: thing(about), reason: Reason::Spam, text: String::new() };
            let by = node(by);
            run(&store, move |tx| take(tx, by, &report, 1))
        };
        let most = u8::try_from(limits::REPORTS_CAME_OF_NODE).unwrap();
        assert!((0..most).all(|about| word(1, about)));
        assert!(!word(1, most), "its hundred are full");
        assert!(word(1, 0), "of what it reported it may say more");
        assert!(word(2, most), "another one has places of its own");
        // All places are taken by many that say much: who says little is heard all the same, and stays.
        let fill = move |tx: &Transaction<'_>| {
            tx.execute(
                "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1 - 101)
                 INSERT INTO report_came (node, about, reason, text, came_ms)
                 SELECT CAST(printf('%032d', i / 50) AS BLOB), CAST(printf('%032d', i) AS BLOB), 1, '', 1 FROM n",
                [limits::REPORTS_CAME],
            )?;
            Ok(tx.query_row("SELECT count(*) FROM report_came", [], |row| row.get::<_, usize>(0))?)
        };
        assert_eq!(run(&store, fill), limits::REPORTS_CAME);
        assert!(word(3, 0));
        let (of, all) = run(&store, move |tx| {
            let count = "SELECT count(CASE WHEN node = ?1 THEN 1 END), count(*) FROM report_came";
            Ok(tx.query_row(count, [node(1)], |row| Ok((row.get::<_, usize>(0)?, row.get::<_, usize>(1)?)))?)
        });
        assert_eq!((of, all), (limits::REPORTS_CAME_OF_NODE - 1, limits::REPORTS_CAME), "who said most gave way");
        assert!(word(2, 0) && word(4, 0));
    }
}
