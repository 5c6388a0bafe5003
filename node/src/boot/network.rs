//! What `doctor` finds of the network: one line a check, in words that say what to do.

use crate::error::{Error, Result};
use crate::net::Net;
use crate::node::Node;
use crate::view::{BudgetView, PathKind, Role};

/// A time that is claimed so far ahead of when it was seen is a clock that is off, s (DESIGN §4).
const CLOCK_OFF_S: i64 = 600;
/// Authors who have to be ahead before it is this device whose clock is off.
const AHEAD: u64 = 3;

/// Name, whether it is well, what was seen.
type Check = (String, bool, String);

impl Node {
    /// # Errors
    /// When the store can't be read.
    pub(super) async fn network_checks(&self) -> Result<Vec<Check>> {
        let mut checks = Vec::new();
        let mut check = |name: &str, ok: bool, text: String| checks.push((name.to_owned(), ok, text));
        match self.inner().net() {
            Some(net) => {
                let (ok, text) = self.connections(&net).await?;
                check("network", ok, text);
                let (ok, text) = self.relays(&net);
                check("relay", ok, text);
                let (ok, text) = self.reached().await?;
                check("anchors", ok, text);
                let budget = self.inner().on_runtime(async move { net.budget().await }).await?;
                if let Some(budget) = budget {
                    check("budget", true, spent(&budget));
                }
            }
            None => check("network", false, Error::NotRunning.to_string()),
        }
        let (ok, text) = self.clock_off().await?;
        check("clock", ok, text);
        Ok(checks)
    }

    async fn connections(&self, net: &Net) -> Result<(bool, String)> {
        let peers = self.peers().await?;
        let relayed = peers.iter().filter(|peer| peer.path == PathKind::Relayed).count();
        let addrs: Vec<String> = net.listen_addrs().iter().map(ToString::to_string).collect();
        let role = match self.role() {
            Role::Phone => "phone",
            Role::Desktop => "desktop",
            Role::Anchor => "anchor",
        };
        let paths = match (peers.len(), relayed) {
            (0, _) => String::new(),
            (all, relayed) => format!(" ({} direct, {relayed} over a relay)", all - relayed),
        };
        Ok((true, format!("{role}; listens on {}; connected to {}{paths}", addrs.join(", "), peers.len())))
    }

    fn relays(&self, net: &Net) -> (bool, String) {
        match (net.relay(), self.role()) {
            (Some(relay), Role::Anchor) => (true, format!("runs at {relay}")),
            (Some(relay), _) => (true, format!("reached through {relay} where no direct path is")),
            (None, Role::Anchor) if !net.is_offline() => (false, "none runs: its port can't be bound".to_owned()),
            (None, _) if net.is_offline() => (true, "none is used: the node runs with --offline".to_owned()),
            (None, _) => (true, "none is used: direct paths only".to_owned()),
        }
    }

    async fn reached(&self) -> Result<(bool, String)> {
        let anchors = self.anchors().await?;
        let reached = anchors.iter().filter(|anchor| anchor.connected).count();
        Ok(match (anchors.len(), reached) {
            (0, _) => (true, "none is set".to_owned()),
            (all, 0) => (false, format!("none of {all} is reached; check that it runs, or add its new address")),
            (all, reached) => (true, format!("{reached} of {all} reached")),
        })
    }

    /// A clock that is behind sees others write in the future.
    async fn clock_off(&self) -> Result<(bool, String)> {
        let now_s = i64::try_from(self.inner().clock.unix_s()).unwrap_or(i64::MAX);
        let (ahead, all): (u64, u64) = self
            .inner()
            .store
            .read(move |db| {
                Ok(db.query_row(
                    "SELECT count(DISTINCT CASE WHEN entry.time > post.rank + ?2 THEN post.author_row END),
                            count(DISTINCT post.author_row)
                     FROM post JOIN entry ON entry.row = post.entry_row JOIN author ON author.row = post.author_row
                     WHERE author.own = 0 AND post.in_feed = 1 AND post.rank > ?1 - 86400",
                    [now_s, CLOCK_OFF_S],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?)
            })
            .await?;
        let off = ahead >= AHEAD && ahead * 2 > all;
        let text = if off {
            format!("{ahead} of {all} people wrote today at times that have not come yet here: set this device's clock")
        } else {
            "agrees with what others write".to_owned()
        };
        Ok((!off, text))
    }
}

fn spent(budget: &BudgetView) -> String {
    let mib = |bytes: u64| bytes / 1_048_576;
    let BudgetView { taken, given, take_limit, give_limit } = budget;
    let (taken, given, take_limit, give_limit) = (mib(*taken), mib(*given), mib(*take_limit), mib(*give_limit));
    let rest = match (budget.may_take(), budget.may_give()) {
        (true, true) => "",
        _ => "; what is left waits for the next hour",
    };
    format!("this hour {taken} of {take_limit} MiB taken in for others, {given} of {give_limit} MiB given{rest}")
}
