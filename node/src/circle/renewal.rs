//! How far new keys came: after a device was taken out, or somebody, its user sees that the others get them.

use std::collections::{BTreeMap, BTreeSet};

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
    // Several own devices may have begun a key at once: each gives its own, and any of them counts.
    let mut statement = db.prepare_cached(
        "SELECT circle.row, epoch.id, given.author_row, given.device FROM circle
         JOIN epoch ON epoch.circle_row = circle.row
             AND epoch.counter = (SELECT max(counter) FROM epoch WHERE circle_row = circle.row)
         LEFT JOIN epoch_grant AS given ON given.epoch_row = epoch.row AND given.device <> x''
             AND given.author_row NOT IN (SELECT row FROM author WHERE own = 1)
         WHERE own_row = circle.author_row AND gone = 0",
    )?;
    let mut newest: BTreeMap<[u8; 16], i64> = BTreeMap::new();
    let mut given: BTreeSet<(i64, i64, Vec<u8>)> = BTreeSet::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let circle = row.get(0)?;
        newest.insert(row.get(1)?, circle);
        if let (Some(author), Some(device)) = (row.get(2)?, row.get(3)?) {
            given.insert((circle, author, device));
        }
    }
    let mut statement = db.prepare_cached(
        "SELECT peer_row, device, body FROM outbox JOIN author ON author.row = peer_row
         WHERE message_row IS NULL AND device IS NOT NULL AND body <> x'' AND own = 0",
    )?;
    let mut rows = statement.query([])?;
    let mut waiting: BTreeSet<(i64, i64, Vec<u8>)> = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let Ok(MessageBody { what: What::Grant(grant), .. }) = MessageBody::decode(&row.get::<_, Vec<u8>>(2)?) else {
            continue;
        };
        if let Some(circle) = newest.get(&grant.epoch) {
            waiting.insert((*circle, row.get(0)?, row.get(1)?));
        }
    }
    let (devices, waiting) = (given.len() as u64, waiting.len() as u64);
    Ok(RenewalView { devices: devices.max(waiting), waiting })
}
