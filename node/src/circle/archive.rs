//! Circles in a bundle: their names and members, their keys, and who was given which. Those who were given a key stay
//! known, so that nobody who is taken out later can read on.

use rusqlite::types::Value;

use super::group;
use crate::gate::{Archived, nothing_follows};
use crate::limits::{COUNTER_STEP, MEMBER_COUNTER};

/// In the order in which they are taken in.
pub(crate) const ARCHIVED: [Archived; 4] = [
    Archived {
        number: 4,
        personas: &[1],
        columns: 8,
        added: 0,
        select: "SELECT own.id, owner.id, circle.id, kind, circle.name, state, colour, gone FROM circle
                 JOIN author AS own ON own.row = own_row AND own.own = 1
                 JOIN author AS owner ON owner.row = circle.author_row ORDER BY circle.row",
        take: |taking, row| {
            taking
                .execute(
                    "INSERT OR IGNORE INTO circle (own_row, author_row, id, kind, name, state, colour, gone)
                     SELECT own.row, owner.row, ?3, ?4, ?5, ?6, ?7, ?8
                     FROM author AS own JOIN author AS owner ON owner.id = ?2
                     WHERE own.id = ?1 AND own.own = 1 AND length(?3) = 32 AND ?4 IN (0, 1)",
                    row,
                )
                .map(drop)
        },
        settle: nothing_follows,
    },
    Archived {
        number: 5,
        personas: &[3],
        columns: 8,
        added: 0,
        select: "SELECT own.id, owner.id, circle.id, member.id, m.present, m.admin, m.joined, m.counter
                 FROM circle_member AS m JOIN circle ON circle.row = circle_row
                 JOIN author AS own ON own.row = own_row AND own.own = 1
                 JOIN author AS owner ON owner.row = circle.author_row JOIN author AS member ON member.row = m.author_row
                 ORDER BY circle_row, m.author_row",
        take: |taking, row| {
            taking
                .execute(
                    "INSERT INTO circle_member (circle_row, author_row, present, admin, joined, counter)
                     SELECT circle.row, member.row, ?5, ?6, ?7, max(0, min(?8, ?9))
                     FROM circle JOIN author AS own ON own.row = own_row AND own.id = ?1 AND own.own = 1
                     JOIN author AS owner ON owner.row = circle.author_row AND owner.id = ?2
                     JOIN author AS member ON member.id = ?4
                     WHERE circle.id = ?3
                     ON CONFLICT (circle_row, author_row) DO UPDATE SET present = excluded.present,
                        admin = excluded.admin, joined = excluded.joined, counter = excluded.counter
                     WHERE (excluded.counter, NOT excluded.present) > (counter, NOT present)",
                    &[row, &[Value::Integer(MEMBER_COUNTER)]].concat(),
                )
                .map(drop)
        },
        settle: |taking| {
            taking.notes.circles_changed = true;
            group::settle_carried(taking.tx, taking.now_ms)
        },
    },
    Archived {
        number: 6,
        personas: &[],
        columns: 8,
        added: 0,
        select: "SELECT own.id, owner.id, circle.id, epoch.id, counter, key, used, begun_ms
                 FROM epoch JOIN circle ON circle.row = circle_row
                 JOIN author AS own ON own.row = own_row AND own.own = 1
                 JOIN author AS owner ON owner.row = circle.author_row ORDER BY epoch.row",
        // A counter is no further above what is known than another member's may be: past the largest no key can begin.
        take: |taking, row| {
            let limits = [MEMBER_COUNTER, COUNTER_STEP].map(Value::Integer);
            taking
                .execute(
                    "INSERT INTO epoch (circle_row, id, counter, key, used, begun_ms)
                     SELECT circle.row, ?4, ?5, ?6, ?7, ?8
                     FROM circle JOIN author AS own ON own.row = own_row AND own.id = ?1 AND own.own = 1
                     JOIN author AS owner ON owner.row = circle.author_row AND owner.id = ?2
                     WHERE circle.id = ?3 AND length(?4) = 16 AND length(?6) = 32 AND ?5 BETWEEN 0 AND ?9
                        AND ?5 <= coalesce((SELECT max(counter) + ?10 FROM epoch WHERE circle_row = circle.row), ?9)
                     ON CONFLICT (circle_row, id) DO UPDATE SET used = max(used, excluded.used)",
                    &[row, &limits].concat(),
                )
                .map(drop)
        },
        settle: nothing_follows,
    },
    Archived {
        number: 7,
        personas: &[4],
        columns: 6,
        added: 0,
        select: "SELECT own.id, owner.id, circle.id, epoch.id, given.id, g.device
                 FROM epoch_grant AS g JOIN epoch ON epoch.row = epoch_row JOIN circle ON circle.row = circle_row
                 JOIN author AS own ON own.row = own_row AND own.own = 1
                 JOIN author AS owner ON owner.row = circle.author_row JOIN author AS given ON given.row = g.author_row
                 ORDER BY epoch_row, g.author_row, g.device",
        take: |taking, row| {
            taking
                .execute(
                    "INSERT OR IGNORE INTO epoch_grant (epoch_row, author_row, device)
                     SELECT epoch.row, given.row, ?6
                     FROM circle JOIN author AS own ON own.row = own_row AND own.id = ?1 AND own.own = 1
                     JOIN author AS owner ON owner.row = circle.author_row AND owner.id = ?2
                     JOIN epoch ON epoch.circle_row = circle.row AND epoch.id = ?4 JOIN author AS given ON given.id = ?5
                     WHERE circle.id = ?3",
                    row,
                )
                .map(drop)
        },
        settle: nothing_follows,
    },
];
