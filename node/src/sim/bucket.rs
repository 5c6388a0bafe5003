//! Buckets in the simulation: what nodes take, and mail that fills them.

use rusqlite::{OptionalExtension, params};

use crate::bucket::Bucket;
use crate::error::Result;
use crate::limits::{BUCKET_BITS, DAY_S};
use crate::sim::node::NodeIndex;
use crate::sim::world::World;
use crate::sync;

impl World {
    /// Gives a node a bucket of so many bits of this route, as if it had measured that long ago.
    pub fn set_bucket(&mut self, node: NodeIndex, route: u16, bits: u8) -> Result<()> {
        let today = (self.unix_ms() / 1_000 / DAY_S).cast_signed();
        self.at(node)?.write(move |tx| {
            tx.execute("DELETE FROM bucket_handed", [])?;
            tx.execute(
                "INSERT OR REPLACE INTO bucket (one, route, bits, room, taken, first_day, seen_day, changed_s)
                 VALUES (0, ?1, ?2, ?2, ?2, ?3 - 100, ?3, 0)",
                params![route, bits, today],
            )?;
            Ok(())
        })?;
        self.verb(node, |handle| async move {
            handle.inner().tell_routed();
            Ok(())
        })
    }

    /// Has a node look how much mail passes.
    pub fn measure(&mut self, node: NodeIndex) -> Result<()> {
        self.verb(node, |handle| async move { handle.measure_mail().await })
    }

    /// The 16 bits of a node's route, how many of them it hands out, and how many it takes mail by.
    pub fn bucket(&self, node: NodeIndex) -> Result<Option<(u16, u8, u8)>> {
        self.at(node)?.read(|db| {
            let row = db.query_row("SELECT route, bits, taken FROM bucket", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            });
            Ok(row.optional()?)
        })
    }

    /// All that a node takes: bits and route of each bucket.
    pub fn taken(&self, node: NodeIndex) -> Result<Vec<(u8, u16)>> {
        let taken = self.at(node)?.read(sync::taken)?;
        Ok(taken.into_iter().map(|bucket| (bucket.bits(), bucket.span().0)).collect())
    }

    /// How many entries of mail a node holds whose route begins with so many bits of this one, and how many of them it
    /// only passes on.
    pub fn mail_under(&self, node: NodeIndex, bits: u8, route: u16) -> Result<(usize, usize)> {
        let (first, last) = Bucket::new(bits, route).span();
        self.at(node)?.read(move |db| {
            let sql = "SELECT count(*), coalesce(sum(stray), 0) FROM mail WHERE route BETWEEN ?1 AND ?2";
            Ok(db.query_row(sql, [first, last], |row| Ok((row.get(0)?, row.get(1)?)))?)
        })
    }

    /// Has a node write so many entries of mail for nobody, as evenly over all routes as may be, of so many days ago.
    pub fn scatter(&mut self, node: NodeIndex, count: u16, days_ago: u64) -> Result<()> {
        let routes = (0..count).map(|number| u32::from(number.reverse_bits()) << BUCKET_BITS).collect();
        self.pour(node, routes, days_ago, 1_024)
    }

    /// The same under one route.
    pub fn pile(&mut self, node: NodeIndex, route: u16, count: usize, days_ago: u64) -> Result<()> {
        self.pour(node, vec![u32::from(route) << BUCKET_BITS; count], days_ago, 1_024)
    }
}
