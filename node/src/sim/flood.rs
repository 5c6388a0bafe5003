//! Somebody who fills the bucket, and what came of it.

use ed25519_dalek::SigningKey;

use crate::crypto::{Envelope, Outside, Purpose, RouteSecret, sealed_size};
use crate::entry::{Header, SealedBlob, SealedBody, sign};
use crate::error::{Error, Result};
use crate::gate::Origin;
use crate::host::{Entropy, SystemEntropy};
use crate::id::{BlobHash, DeviceKey};
use crate::limits::{DAY_S, MAIL_DAYS};
use crate::sim::node::NodeIndex;
use crate::sim::world::World;

/// Entries that are given to the node at once.
const AT_ONCE: usize = 32;

impl World {
    /// Has a node write so many entries of mail that are for nobody, each with a ciphertext of `bytes`: a size class.
    pub fn flood(&mut self, node: NodeIndex, count: usize, bytes: usize) -> Result<()> {
        self.pour_with(node, vec![1; count], 0, bytes, None)
    }

    /// The same, each of 1 KiB, and naming a file of `bytes` that nobody has.
    pub fn claim(&mut self, node: NodeIndex, count: usize, bytes: u64) -> Result<()> {
        self.pour_with(node, vec![1; count], 0, 1_024, Some(bytes))
    }

    /// Has a node write an entry of mail of so many days ago for each of these routes.
    pub(super) fn pour(&mut self, node: NodeIndex, routes: Vec<u32>, days_ago: u64, bytes: usize) -> Result<()> {
        self.pour_with(node, routes, days_ago, bytes, None)
    }

    fn pour_with(
        &mut self,
        node: NodeIndex,
        routes: Vec<u32>,
        days_ago: u64,
        bytes: usize,
        file: Option<u64>,
    ) -> Result<()> {
        let day = self.unix_ms() / 1_000 / DAY_S - days_ago;
        let expires_day = u16::try_from(day + MAIL_DAYS).map_err(|_| Error::Bug("a day after the last"))?;
        let day32 = u32::try_from(day).map_err(|_| Error::Bug("a day after the last"))?;
        for routes in routes.chunks(AT_ONCE) {
            let mut entries = Vec::new();
            for route in routes.iter().copied() {
                let (mut seed, mut salt) = ([0; 32], [0; 16]);
                SystemEntropy.fill(&mut seed)?;
                SystemEntropy.fill(&mut salt)?;
                let key = SigningKey::from_bytes(&seed);
                let device = DeviceKey::from(&key.verifying_key());
                let header = Header::one_time(device, day32, Vec::new());
                let purpose = Purpose::Message;
                let author = header.author;
                let outside = Outside { purpose, author, device, log: 0, seq: 0, day, route, expires_day, refs: &[] };
                let content = vec![0; bytes - bytes / 4];
                let nobody = RouteSecret::from_bytes(seed);
                let slots = [(nobody.tag(0), nobody.slot_key(0))];
                let envelope = Envelope::seal(&content, &slots, &outside, &SystemEntropy)
                    .map_err(|_| Error::Bug("a flood can't be sealed"))?;
                let body = SealedBody {
                    route,
                    proof: None,
                    expires_day,
                    envelope,
                    blobs: file
                        .map(|size| SealedBlob { hash: BlobHash::from_bytes(seed), padded_size: sealed_size(size) })
                        .into_iter()
                        .collect(),
                    work: 0,
                    comment_key: None,
                };
                entries.push(sign(&key, header, body.encode(salt)));
            }
            self.verb(node, |handle| async move { handle.gate()?.submit(Origin::Own, entries).await })?;
            self.run_for(50)?;
        }
        Ok(())
    }

    /// Bytes of files that mail names and that a node takes in: all, and what the one brought who brought the most.
    pub fn mail_files(&self, node: NodeIndex) -> Result<(u64, u64)> {
        self.at(node)?.read(|db| {
            let sql = "SELECT coalesce(sum(files), 0), coalesce(max(by_one), 0) FROM (SELECT sum(files) AS files,
                (source IS NOT NULL) * sum(files) AS by_one FROM mail GROUP BY source)";
            let of = |row: &rusqlite::Row<'_>| {
                Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned()))
            };
            Ok(db.query_row(sql, [], of)?)
        })
    }

    /// Bytes of mail on a node: all, and what the one brought who brought the most; as they are counted where they are
    /// stored, not as they were noted.
    pub fn mail_bytes(&self, node: NodeIndex) -> Result<(u64, u64)> {
        self.at(node)?.read(|db| {
            let of = |sql: &str| -> Result<u64> {
                Ok(db.query_row(sql, [], |row| row.get::<_, Option<i64>>(0))?.unwrap_or_default().cast_unsigned())
            };
            let size = "sum(300 + length(entry.body))";
            let join = "FROM mail JOIN entry ON entry.row = mail.entry_row";
            let noted = of("SELECT bytes FROM usage_class WHERE class = 1")?;
            let all = of(&format!("SELECT {size} {join}"))?;
            if noted != all {
                return Err(Error::Bug("mail is not counted as it is stored"));
            }
            let most = format!(
                "SELECT max(bytes) FROM (SELECT {size} AS bytes {join} WHERE source IS NOT NULL GROUP BY source)"
            );
            Ok((all, of(&most)?))
        })
    }
}
