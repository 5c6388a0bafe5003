//! A linking that a command asked for. The node keeps it between the command's requests; the next command's replaces it.

use std::time::Duration;

use tokio::time::timeout;

use super::GiveArgs;
use super::execute::own;
use crate::error::{Error, Result};
use crate::limits::LINK_POLL_MS;
use crate::link::{LinkGive, link_code_gives};
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
            let told =
                "this code asks for your personas: if your own device shows it, say which ones with --persona ID";
            return Err(Error::BadInput(told.to_owned()));
        }
    };
    Ok(keep(node, node.take_link(code, give).await?))
}

pub(super) async fn next(node: &Node, seen: u64) -> Result<LinkView> {
    let mut watch = unpoisoned(&node.inner().link.asked).as_ref().ok_or_else(none)?.watch();
    let next = timeout(Duration::from_millis(LINK_POLL_MS), watch.after(seen)).await;
    Ok(next.ok().flatten().unwrap_or_else(|| watch.view()))
}

pub(super) fn type_digits(node: &Node, digits: &str) -> Result<LinkView> {
    let asked = unpoisoned(&node.inner().link.asked);
    let linking = asked.as_ref().ok_or_else(none)?;
    linking.type_digits(digits)?;
    Ok(linking.watch().view())
}

/// What was given stays given, and messages go on coming.
pub(super) fn end(node: &Node) -> Option<LinkView> {
    let linking = unpoisoned(&node.inner().link.asked).take();
    linking.map(|linking| linking.watch().view())
}

fn keep(node: &Node, linking: Linking) -> LinkView {
    let view = linking.watch().view();
    *unpoisoned(&node.inner().link.asked) = Some(linking);
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
