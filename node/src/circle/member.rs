//! Who is in a circle or group, and how they stand there.

use super::group::{LEFT, of_acting};
use super::{Circle, Desk};
use crate::error::{Error, Result};
use crate::id::{CircleId, PersonaId};
use crate::node::Node;
use crate::view::{CircleRole, MemberView, Membership};

impl Node {
    /// Who is in an own circle, or in a group that the own persona `by` is in or was invited to; `None`: the default one
    /// or else another that is. Whose it is stands first, then admins, then the others by name; of a group those who are no
    /// longer in it last.
    ///
    /// # Errors
    /// `NotFound` for an unknown circle.
    pub async fn circle_members(&self, by: Option<PersonaId>, circle: CircleId) -> Result<Vec<MemberView>> {
        let acting = self.acting(by).await?;
        self.inner()
            .store
            .read(move |db| {
                let Some(Circle { row, .. }) = of_acting(db, acting, circle, |state| state != LEFT)? else {
                    return Err(Error::NotFound { what: "the circle" });
                };
                // What is not known of others' groups counts as well: only the owner is told who joined, and gives keys.
                let mut statement = db.prepare_cached(
                    "WITH asked AS (SELECT row, author_row, kind FROM circle
                        WHERE row = ?1 AND (kind = 1 OR own_row = author_row)),
                     who AS (
                        SELECT author_row, 2 AS role, 1 AS present, 1 AS joined, 1 AS reached FROM asked WHERE kind = 1
                        UNION ALL
                        SELECT m.author_row, admin, present, joined OR kind = 0 OR owner.own = 0, owner.own = 0
                            OR EXISTS (SELECT 1 FROM reachable WHERE reachable.author_row = m.author_row)
                        FROM asked JOIN circle_member AS m ON m.circle_row = asked.row
                        JOIN author AS owner ON owner.row = asked.author_row
                        WHERE m.author_row <> asked.author_row AND (present = 1 OR kind = 1))
                     SELECT author.id, author.name, coalesce(author.picture_thumb, author.picture), author.own,
                            author.own OR EXISTS (SELECT 1 FROM follow
                                WHERE follow.author_row = author.row AND follow.present = 1),
                            role, present, joined, reached
                     FROM who JOIN author ON author.row = who.author_row
                     ORDER BY present DESC, role DESC, author.name COLLATE NOCASE, author.row",
                )?;
                let members = statement.query_map([row], |row| {
                    Ok(MemberView {
                        persona: row.get(0)?,
                        name: row.get(1)?,
                        picture: row.get(2)?,
                        own: row.get(3)?,
                        followed: row.get(4)?,
                        role: match row.get::<_, i64>(5)? {
                            2 => CircleRole::Owner,
                            1 => CircleRole::Admin,
                            _ => CircleRole::Member,
                        },
                        state: match (row.get(6)?, row.get(7)?, row.get(8)?) {
                            (false, ..) => Membership::Out,
                            (true, _, false) => Membership::Waiting,
                            (true, false, true) => Membership::Invited,
                            (true, true, true) => Membership::In,
                        },
                    })
                })?;
                Ok(members.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }
}

impl Desk<'_> {
    /// Tells who made a group that an own persona joined it.
    pub(super) fn tell_joined(&mut self, circle: Circle) -> Result<()> {
        let (persona, owner_row): (PersonaId, i64) = self
            .tx
            .prepare_cached(
                "SELECT own.id, circle.author_row FROM circle JOIN author AS own ON own.row = own_row WHERE circle.row = ?1",
            )?
            .query_row([circle.row], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.tell(circle, &[persona], &[owner_row])
    }
}
