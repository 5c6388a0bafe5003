//! What changes of an own circle besides who is in it: its name, its colour, and that it ends.

use rusqlite::{Connection, params};

use super::epoch::current;
use super::{Circle, Desk, of_persona};
use crate::error::{Error, Result};
use crate::id::{CircleId, PersonaId};
use crate::node::Node;
use crate::profile::checked_name;
use crate::view::Colour;

impl Node {
    /// Gives an own circle another name. Its members are told: they see it at its posts.
    ///
    /// # Errors
    /// `NotFound` for an unknown circle; `BadInput` for an empty or too long name, or one that another circle of the
    /// persona has.
    pub async fn rename_circle(&self, circle: CircleId, name: &str) -> Result<()> {
        let name = checked_name(name)?;
        self.change_circle(circle, move |desk| {
            let own = desk.own(circle, 0)?;
            free_name(desk.tx, persona_of(desk.tx, own)?, Some(circle), &name)?;
            desk.tx
                .prepare_cached("UPDATE circle SET name = ?2 WHERE row = ?1 AND name <> ?2")?
                .execute(params![own.row, name])?;
            desk.tell_again(own)
        })
        .await
    }

    /// Gives an own circle, or a group that one is in, another colour. Nobody else sees it.
    ///
    /// # Errors
    /// `NotFound` for an unknown circle.
    pub async fn colour_circle(&self, circle: CircleId, colour: Colour) -> Result<()> {
        self.change_circle(circle, move |desk| {
            let changed = desk
                .tx
                .prepare_cached("UPDATE circle SET colour = ?2 WHERE id = ?1 AND gone = 0")?
                .execute(params![circle, colour.number()])?;
            if changed == 0 {
                return Err(Error::NotFound { what: "the circle" });
            }
            Ok(())
        })
        .await
    }

    /// Ends an own circle: nothing more can be posted to it. Nobody is told, and what was posted to it stays readable
    /// to those who were in it.
    ///
    /// # Errors
    /// `NotFound` for an unknown circle.
    pub async fn delete_circle(&self, circle: CircleId) -> Result<()> {
        self.change_circle(circle, move |desk| {
            let own = desk.own(circle, 0)?;
            let mut statement =
                desk.tx.prepare_cached("SELECT author_row FROM circle_member WHERE circle_row = ?1 AND present = 1")?;
            let members: Vec<i64> =
                statement.query_map([own.row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            for member in members {
                desk.change(own, member, false)?;
                desk.withdraw(own, member)?;
            }
            // Its row stays: posts that stand here are still called by its name.
            desk.tx.prepare_cached("UPDATE circle SET gone = 1 WHERE row = ?1")?.execute([own.row])?;
            Ok(())
        })
        .await
    }
}

impl Desk<'_> {
    /// Gives every device that has the present key the same once more: what it says beside it has changed.
    fn tell_again(&mut self, circle: Circle) -> Result<()> {
        let Some(epoch) = current(self.tx, circle.row)? else { return Ok(()) };
        let mut statement = self.tx.prepare_cached(
            "SELECT given.author_row, given.device FROM epoch_grant AS given
             JOIN circle_member AS member ON member.circle_row = ?1 AND member.author_row = given.author_row
             WHERE given.epoch_row = ?2 AND given.device <> x'' AND member.present = 1",
        )?;
        let given: Vec<(i64, [u8; 32])> = statement
            .query_map([circle.row, epoch.row], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let body = self.grant(circle, epoch.row)?;
        for (member, device) in given {
            self.give(circle.own_row, epoch.row, member, &device, &body)?;
        }
        Ok(())
    }
}

/// # Errors
/// `BadInput` for a name that another circle of the persona has.
pub(super) fn free_name(db: &Connection, persona: PersonaId, circle: Option<CircleId>, name: &str) -> Result<()> {
    let taken = of_persona(db, persona)?
        .iter()
        .any(|known| Some(known.id) != circle && known.name.to_lowercase() == name.to_lowercase());
    if taken { Err(Error::BadInput(format!("there is a circle {name} already"))) } else { Ok(()) }
}

fn persona_of(db: &Connection, circle: Circle) -> Result<PersonaId> {
    Ok(db.prepare_cached("SELECT id FROM author WHERE row = ?1")?.query_row([circle.own_row], |row| row.get(0))?)
}
