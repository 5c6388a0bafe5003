//! Follows, per own persona: a mergeable set. At equal counters adds win. And invites, which they start from.

use minicbor::{Decoder, Encoder};
use rusqlite::{Transaction, params};

use crate::anchor;
use crate::author;
use crate::entry::Kind;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::PersonaId;
use crate::item::{self, Set};
use crate::limits;
use crate::mailbox;
use crate::name::plain_name;
use crate::net::{self, Ticket};
use crate::node::Node;
use crate::repost;
use crate::view::{FollowView, Followed, InviteView};

/// What stands with a follow of which they shall hear.
pub(crate) const TOLD: &str = "told";

/// The scheme of every link that Kith makes.
const INVITE: &str = "kith:invite/";

/// Of an own persona, and whom it follows.
pub(crate) fn key(by: PersonaId, persona: PersonaId) -> Vec<u8> {
    [*by.as_bytes(), *persona.as_bytes()].concat()
}

/// Sets a follow anew from its item; answers the rows of both.
pub(crate) fn settle(tx: &Transaction<'_>, by: PersonaId, persona: PersonaId, now_s: i64) -> Result<(i64, i64)> {
    let (by_row, row) = (author::row(tx, by)?, author::row(tx, persona)?);
    let value = item::value(tx, Set::Follow, &key(by, persona))?;
    tx.prepare_cached(
        "INSERT INTO follow (by_row, author_row, present, tell, since_s) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (by_row, author_row) DO UPDATE SET present = excluded.present, tell = excluded.tell,
            since_s = CASE WHEN follow.present = 0 THEN excluded.since_s ELSE follow.since_s END",
    )?
    .execute(params![by_row, row, value.is_some(), value.is_some_and(|value| value == TOLD), now_s])?;
    settle_carried(tx, row, now_s)?;
    Ok((by_row, row))
}

/// An own persona leaves this device: it follows nobody from here, and is somebody else.
pub(crate) fn leave(tx: &Transaction<'_>, own_row: i64, now_s: i64) -> Result<()> {
    let mut statement = tx.prepare_cached("DELETE FROM follow WHERE by_row = ?1 RETURNING author_row")?;
    let followed: Vec<i64> = statement.query_map([own_row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    followed.into_iter().chain([own_row]).try_for_each(|row| settle_carried(tx, row, now_s))
}

/// Sets anew whether an author is followed and carried, and with it what of theirs stands in the feed and which blobs
/// are wanted.
pub(crate) fn settle_carried(tx: &Transaction<'_>, author_row: i64, now_s: i64) -> Result<()> {
    tx.execute(
        "UPDATE author SET followed = own OR EXISTS (SELECT 1 FROM follow WHERE author_row = ?1 AND present = 1)
         WHERE row = ?1",
        [author_row],
    )?;
    tx.execute(
        "UPDATE author SET carried = followed OR EXISTS (SELECT 1 FROM carry WHERE author_row = ?1) WHERE row = ?1",
        [author_row],
    )?;
    tx.execute(
        "UPDATE post SET in_feed = place = 0 AND NOT deleted AND NOT closed AND ((SELECT followed FROM author WHERE row = ?1)
                OR EXISTS (SELECT 1 FROM opened_by JOIN circle ON circle.row = circle_row
                           WHERE opened_by.entry_row = post.entry_row AND circle.kind = 1))
            AND (SELECT body IS NOT NULL FROM entry WHERE row = entry_row)
         WHERE author_row = ?1",
        [author_row],
    )?;
    repost::settle_followed(tx, author_row)?;
    tx.execute(
        "UPDATE blob SET wanted = 1 WHERE stored = 0 AND wanted = 0 AND (SELECT followed FROM author WHERE row = ?1)
            AND hash IN (SELECT hash FROM log CROSS JOIN entry ON entry.log_row = log.row
                         CROSS JOIN blob_ref ON blob_ref.entry_row = entry.row
                         WHERE log.author_row = ?1 AND (entry.rank >= ?2 OR entry.kind = ?3))",
        params![author_row, now_s.saturating_sub(limits::PREFETCH_AGE_S), Kind::Profile.number()],
    )?;
    // What somebody else who is followed names stays wanted.
    tx.execute(
        "UPDATE blob SET wanted = 0 WHERE stored = 0 AND wanted = 1
            AND NOT (SELECT followed FROM author WHERE row = ?1)
            AND hash IN (SELECT hash FROM log CROSS JOIN entry ON entry.log_row = log.row
                         CROSS JOIN blob_ref ON blob_ref.entry_row = entry.row WHERE log.author_row = ?1)
            AND NOT EXISTS (SELECT 1 FROM blob_ref JOIN entry ON entry.row = blob_ref.entry_row
                            JOIN author ON author.row = entry.author_row
                            WHERE blob_ref.hash = blob.hash AND author.followed = 1)",
        [author_row],
    )?;
    Ok(())
}

/// What an invite says: who, and nodes that hold its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Invite {
    persona: PersonaId,
    name: String,
    nodes: Vec<Ticket>,
}

impl Invite {
    fn link(&self) -> Result<String> {
        let mut encoder = Encoder::new(Vec::new());
        let encoded = (|| {
            encoder.array(3)?.bytes(self.persona.as_bytes())?.str(&self.name)?;
            encoder.array(self.nodes.len() as u64)?;
            for node in &self.nodes {
                encoder.bytes(&node.to_bytes())?;
            }
            Ok::<(), minicbor::encode::Error<std::convert::Infallible>>(())
        })();
        encoded.map_err(|_| Error::Bug("an invite could not be written"))?;
        Ok(format!("{INVITE}{}", net::as_text(&encoder.into_writer())))
    }

    fn parse(link: &str) -> Result<Self> {
        let bad = |_| {
            Error::BadInput(
                "this is neither an invite link nor the id of a profile, or a part of it is missing".to_owned(),
            )
        };
        let damaged = || Error::BadInput("this invite is damaged: copy it again, the whole of it".to_owned());
        if link.len() > limits::INVITE_CHARS {
            return Err(Error::BadInput("this invite is too long".to_owned()));
        }
        let bytes = match link.strip_prefix(INVITE) {
            Some(code) => net::from_text(code).ok_or_else(damaged)?,
            None => net::from_text(link).ok_or_else(|| bad(()))?,
        };
        let mut decoder = Decoder::new(&bytes);
        let mut read = || -> Result<Self, minicbor::decode::Error> {
            let wrong = || minicbor::decode::Error::message("not an invite");
            if decoder.array()?.is_none_or(|fields| fields < 3) {
                return Err(wrong());
            }
            let persona = PersonaId::from_slice(decoder.bytes()?).ok_or_else(wrong)?;
            let name = decoder.str()?.to_owned();
            let count = decoder.array()?.ok_or_else(wrong)?;
            let mut nodes = Vec::new();
            for _ in 0..count {
                // Kinds of address that this version does not know are left out.
                let node = Ticket::from_bytes(decoder.bytes()?);
                if nodes.len() < limits::INVITE_NODES {
                    nodes.extend(node);
                }
            }
            Ok(Self { persona, name, nodes })
        };
        read().map_err(|_| bad(()))
    }
}

/// The link of an invite's code.
pub(crate) fn invite_link(code: &str) -> String {
    format!("{INVITE}{code}")
}

/// Whom an invite is of, and what they call themselves there.
///
/// # Errors
/// `BadInput` for what is no invite, or a damaged one.
pub(crate) fn invited(link: &str) -> Result<(PersonaId, String)> {
    let Invite { persona, name, .. } = Invite::parse(link)?;
    Ok((persona, plain_name(&name)))
}

#[cfg(test)]
pub(crate) fn invite_of(persona: PersonaId, name: &str) -> Result<String> {
    Invite { persona, name: name.to_owned(), nodes: Vec::new() }.link()
}

impl Node {
    /// A link that `follow` takes: the persona, and nodes that hold its entries: the anchors where there are some, else
    /// the mailboxes that answered, so that a link which is passed on leads nobody to the user's own device; else this
    /// node with the addresses that it listens on.
    ///
    /// # Errors
    /// `NotRunning` when no anchor is set, no mailbox has answered and the network is not started; `NotFound` for a persona that is not an own one.
    pub async fn invite(&self, persona: Option<PersonaId>) -> Result<InviteView> {
        self.make_invite(persona, false).await
    }

    /// As [`Node::invite`], with this node beside the anchors: who follows by it finds the way while the anchors are
    /// down, and whoever gets the link learns where this device is.
    ///
    /// # Errors
    /// `NotRunning` when the network is not started; `NotFound` for a persona that is not an own one.
    pub async fn invite_with_node(&self, persona: Option<PersonaId>) -> Result<InviteView> {
        self.make_invite(persona, true).await
    }

    /// A link that follows `persona`, whoever that is, by this node: for the share pages of an anchor. `None` where no
    /// network runs.
    pub async fn share_invite(&self, persona: PersonaId) -> Result<Option<String>> {
        let Some(net) = self.inner().net() else { return Ok(None) };
        let name = self.profile_unvisited(persona).await?.name;
        Invite { persona, name, nodes: vec![net.ticket()] }.link().map(Some)
    }

    async fn make_invite(&self, persona: Option<PersonaId>, own_node: bool) -> Result<InviteView> {
        self.refuse_demo().await?;
        let persona = self.own_persona(persona).await?;
        let mut nodes = self
            .inner()
            .store
            .read(|db| {
                let anchors = anchor::tickets(db)?;
                if anchors.is_empty() { mailbox::tickets(db) } else { Ok(anchors) }
            })
            .await?;
        nodes.truncate(limits::INVITE_NODES.saturating_sub(1));
        if nodes.is_empty() || own_node {
            nodes.push(self.inner().net().ok_or(Error::NotRunning)?.ticket());
        }
        let name = self.profile_unvisited(persona).await?.name;
        let invite = Invite { persona, name, nodes }.link()?;
        Ok(InviteView { invite, persona })
    }

    /// Follows a persona by an invite link or its id. Local; returns at once.
    ///
    /// # Errors
    /// `BadInput` for a damaged invite or an own persona, `NotFound` for an unknown own persona in `by`.
    pub async fn follow(&self, by: Option<PersonaId>, target: &str) -> Result<Followed> {
        let by = self.writing_persona(by).await?;
        let target = target.trim();
        let invite = match target.parse::<PersonaId>() {
            Ok(persona) => Invite { persona, name: String::new(), nodes: Vec::new() },
            Err(_) => Invite::parse(target)?,
        };
        let Invite { persona, name, nodes } = invite;
        if persona == by {
            return Err(Error::BadInput("this is you: give your invite to somebody else".to_owned()));
        }
        let name = plain_name(&name);
        let own_node = self.inner().net().map(|net| net.node_id());
        let nodes: Vec<Ticket> = nodes.into_iter().filter(|node| Some(node.node) != own_node).collect();
        let dialled = nodes.clone();
        self.change_follow(by, persona, true, move |tx, row, now_ms| {
            tx.execute(
                "UPDATE author SET name = ?2 WHERE row = ?1 AND profile_row = 0 AND ?2 <> ''",
                params![row, name],
            )?;
            for node in &nodes {
                net::remember(tx, node, now_ms)?;
            }
            Ok(())
        })
        .await?;
        if let Some(net) = self.inner().net() {
            for node in dialled {
                let net = net.clone();
                self.inner().on_runtime(async move { net.dial(&node).await }).await??;
            }
        }
        self.followed(persona).await
    }

    /// Stops following. What is stored stays until it is evicted.
    ///
    /// # Errors
    /// `NotFound` when `by` does not follow it.
    pub async fn unfollow(&self, by: Option<PersonaId>, persona: PersonaId) -> Result<Followed> {
        let by = self.writing_persona(by).await?;
        let follows = self.follows(Some(by)).await?.iter().any(|follow| follow.persona == persona);
        if !follows {
            return Err(Error::NotFound { what: "the follow" });
        }
        self.change_follow(by, persona, false, |_, _, _| Ok(())).await?;
        self.followed(persona).await
    }

    async fn change_follow(
        &self,
        by: PersonaId,
        persona: PersonaId,
        present: bool,
        with: impl FnOnce(&Transaction<'_>, i64, u64) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let now_ms = self.inner().clock.unix_ms();
        self.write_items(move |tx| {
            let row = author::row(tx, persona)?;
            if present {
                // What they were told of an earlier follow they are not told of this one.
                item::put(tx, Set::Follow, &key(by, persona), "")?;
            } else {
                item::take(tx, Set::Follow, &key(by, persona))?;
            }
            with(tx, row, now_ms)?;
            settle(tx, by, persona, i64::try_from(now_ms / 1_000).unwrap_or(i64::MAX)).map(drop)
        })
        .await?;
        self.inner().events.send(Event::FollowsChanged);
        // They may have been told of it.
        self.inner().tell_queued();
        self.authors_changed().await;
        Ok(())
    }

    async fn followed(&self, persona: PersonaId) -> Result<Followed> {
        let name = self.profile_unvisited(persona).await?.name;
        Ok(Followed { persona, name: Some(name).filter(|name| !name.is_empty()) })
    }

    /// Whom own personas follow, by name. All personas when `by` is `None`.
    pub async fn follows(&self, by: Option<PersonaId>) -> Result<Vec<FollowView>> {
        let by = match by {
            Some(by) => Some(self.own_persona(Some(by)).await?),
            None => None,
        };
        self.inner()
            .store
            .read(move |db| {
                let mut statement = db.prepare_cached(
                    "SELECT author.id, author.name, own.id, author.picture_thumb, author.picture, author.synced_ms,
                            follow.tell, EXISTS (SELECT 1 FROM follower AS back WHERE back.own_row = own.row
                                AND back.author_row = author.row AND back.present = 1 AND back.dropped = 0),
                            author.name = '' AND author.profile_row <> 0
                     FROM follow JOIN author ON author.row = follow.author_row JOIN author AS own ON own.row = follow.by_row
                     WHERE follow.present = 1 AND (?1 IS NULL OR own.id = ?1)
                     ORDER BY author.name COLLATE NOCASE, author.row, own.row",
                )?;
                let follows = statement
                    .query_map([by], |row| {
                        Ok(FollowView {
                            persona: row.get(0)?,
                            name: Some(row.get(1)?).filter(|name: &String| !name.is_empty()),
                            by: row.get(2)?,
                            picture: row.get::<_, Option<_>>(3)?.or(row.get(4)?),
                            synced_ms: Some(row.get::<_, i64>(5)?.cast_unsigned()).filter(|ms| *ms > 0),
                            told: row.get(6)?,
                            mutual: row.get(7)?,
                            left: row.get(8)?,
                        })
                    })?
                    .collect::<Result<_, _>>()?;
                Ok(follows)
            })
            .await
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_invite_reads_back_and_damage_is_told() {
        let invite = Invite { persona: PersonaId::from_bytes([7; 32]), name: "Alice".to_owned(), nodes: Vec::new() };
        let link = invite.link().unwrap();
        assert_eq!(Invite::parse(&link).unwrap(), invite);
        for cut in 0..link.len() {
            assert!(matches!(Invite::parse(link.get(..cut).unwrap()), Err(Error::BadInput(_))), "cut at {cut}");
        }
        assert_eq!(Invite::parse(link.strip_prefix(INVITE).unwrap()).unwrap(), invite);
        for (place, old) in link.char_indices().skip(INVITE.len()) {
            let mut changed = link.clone();
            changed.replace_range(place..=place, if old == 'a' { "b" } else { "a" });
            let told = Invite::parse(&changed).unwrap_err().to_string();
            assert!(told.contains("damaged"), "at {place}: {told}");
        }
    }
}
