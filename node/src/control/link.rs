//! A linking that a command asked for. The node keeps it between the command's requests, as long as it asks again.

use std::time::Duration;

use tokio::time::timeout;

use super::GiveArgs;
use super::execute::own;
use crate::error::{Error, Result};
use crate::limits::{LINK_END_MS, LINK_LEFT_MS, LINK_POLL_MS};
use crate::link::{LinkError, LinkGive, link_code_gives};
use crate::node::{Linking, Node, unpoisoned};
use crate::view::LinkView;

pub(super) async fn show(node: &Node, give: Option<GiveArgs>, separate: bool) -> Result<LinkView> {
    let give = match give {
        Some(give) => Some(resolved(node, give).await?),
        None => None,
    };
    if separate && give.is_none() {
        return Ok(keep(node, node.ask_for_separate().await?));
    }
    Ok(keep(node, node.show_link(give).await?))
}

/// Nobody gives anything to whoever made a code without saying what.
pub(super) async fn take(node: &Node, code: &str, give: GiveArgs) -> Result<LinkView> {
    let give = match (link_code_gives(code)?, give.personas.is_empty()) {
        (true, _) => None,
        (false, false) => Some(resolved(node, give).await?),
        (false, true) => {
            let all = node
                .personas()
                .await?
                .into_iter()
                .map(|persona| format!("--persona {} ({})", persona.id, persona.name));
            let all = all.collect::<Vec<_>>().join(", ");
            let told = format!("this code asks for your personas: if your own device shows it, say which ones: {all}");
            return Err(Error::BadInput(told));
        }
    };
    Ok(keep(node, node.take_link(code, give).await?))
}

pub(super) async fn next(node: &Node, seen: u64) -> Result<LinkView> {
    let now_ms = node.inner().clock.unix_ms();
    let mut watch = {
        let mut asked = unpoisoned(&node.inner().link.asked);
        let (linking, looked_ms) = asked.as_mut().ok_or_else(none)?;
        *looked_ms = now_ms;
        linking.watch()
    };
    let next = timeout(Duration::from_millis(LINK_POLL_MS), watch.after(seen)).await;
    Ok(next.ok().flatten().unwrap_or_else(|| watch.view()))
}

pub(super) fn type_digits(node: &Node, digits: &str) -> Result<LinkView> {
    let asked = unpoisoned(&node.inner().link.asked);
    let (linking, _) = asked.as_ref().ok_or_else(none)?;
    linking.type_digits(digits)?;
    Ok(linking.watch().view())
}

/// What was given stays given, and messages go on coming. The other device hears of it before this comes back.
pub(super) async fn end(node: &Node) -> Option<LinkView> {
    let (linking, _) = unpoisoned(&node.inner().link.asked).take()?;
    let mut watch = linking.watch();
    drop(linking);
    let over = async {
        let mut now = watch.view();
        while !now.over {
            let Some(next) = watch.after(now.turn).await else { break };
            now = next;
        }
        now
    };
    timeout(Duration::from_millis(LINK_END_MS), over).await.ok()
}

/// A linking whose command is gone makes way.
///
/// # Errors
/// `Busy` where one is under way.
pub(super) fn make_room(node: &Node) -> Result<()> {
    let mut asked = unpoisoned(&node.inner().link.asked);
    let now_ms = node.inner().clock.unix_ms();
    let busy = asked.as_ref().is_some_and(|(linking, looked_ms)| {
        !linking.watch().view().over && now_ms.saturating_sub(*looked_ms) < LINK_LEFT_MS
    });
    if busy {
        return Err(LinkError::Busy.into());
    }
    *asked = None;
    Ok(())
}

fn keep(node: &Node, linking: Linking) -> LinkView {
    let view = linking.watch().view();
    *unpoisoned(&node.inner().link.asked) = Some((linking, node.inner().clock.unix_ms()));
    view
}

fn none() -> Error {
    Error::NotFound { what: "a linking that is under way" }
}

async fn resolved(node: &Node, give: GiveArgs) -> Result<LinkGive> {
    let mut personas = Vec::new();
    for persona in give.personas {
        personas.extend(own(node, Some(persona)).await?);
    }
    Ok(LinkGive { personas, main: give.main, history: give.history })
}
