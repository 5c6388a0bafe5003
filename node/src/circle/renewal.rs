//! How far new keys came: after a device was taken out, or somebody, its user sees that the others get them.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::entry::{MessageBody, What};
use crate::error::Result;
use crate::node::Node;
use crate::view::RenewalView;

impl Node {
    /// To how many devices of others the newest keys of own circles and groups go, and how many have not answered yet.
    pub async fn renewal(&self) -> Result<RenewalView> {
        self.inner().store.read(read).await
    }
}

fn read(db: &Connection) -> Result<RenewalView> {
    let mut statement = db.prepare_cached(
        "SELECT epoch.id, (SELECT count(*) FROM epoch_grant AS given JOIN author ON author.row = given.author_row
                     WHERE given.epoch_row = epoch.row AND device <> x'' AND own = 0)
         FROM circle JOIN epoch ON epoch.row = (SELECT row FROM epoch WHERE circle_row = circle.row
                                                ORDER BY counter DESC, id LIMIT 1)
         WHERE own_row = author_row AND gone = 0",
    )?;
    let mut newest: BTreeSet<[u8; 16]> = BTreeSet::new();
    let mut view = RenewalView::default();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        newest.insert(row.get(0)?);
        view.devices += row.get::<_, u64>(1)?;
    }
    let mut statement = db.prepare_cached(
        "SELECT peer_row, device, body FROM outbox JOIN author ON author.row = peer_row
         WHERE message_row IS NULL AND device IS NOT NULL AND body <> x'' AND own = 0",
    )?;
    let mut rows = statement.query([])?;
    let mut waiting: BTreeSet<([u8; 16], i64, Vec<u8>)> = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let Ok(MessageBody { what: What::Grant(grant), .. }) = MessageBody::decode(&row.get::<_, Vec<u8>>(2)?) else {
            continue;
        };
        if newest.contains(&grant.epoch) {
            waiting.insert((grant.epoch, row.get(0)?, row.get(1)?));
        }
    }
    view.waiting = waiting.len() as u64;
    view.devices = view.devices.max(view.waiting);
    Ok(view)
}
