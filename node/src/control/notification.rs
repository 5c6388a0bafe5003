//! Requests about what happened, and what one is told of.

use serde_json::{Value, json};

use super::execute::{own, value};
use super::{QuietArgs, RuleArgs};
use crate::error::Result;
use crate::node::Node;
use crate::notify::NotificationsQuery;
use crate::view::RuleFor;

pub(super) async fn list(node: &Node, persona: Option<String>, query: NotificationsQuery) -> Result<Value> {
    let persona = own(node, persona).await?;
    value(node.notifications(NotificationsQuery { persona, ..query }).await?)
}

/// Answers how many lines were marked.
pub(super) async fn read(node: &Node, persona: Option<String>, id: Option<String>) -> Result<Value> {
    let persona = own(node, persona).await?;
    let read = match id {
        Some(id) => {
            node.read_notification(node.resolve_notification(&id).await?).await?;
            1
        }
        None => node.read_notifications(persona).await?,
    };
    Ok(json!({ "read": read }))
}

/// With a change, answers all of them as they are then.
pub(super) async fn rules(node: &Node, change: Option<RuleArgs>) -> Result<Value> {
    match change {
        Some(RuleArgs::Kind { kind, rule }) => node.set_notice_rule(RuleFor::Kind(kind), rule).await?,
        Some(RuleArgs::Person { persona, rule }) => {
            let persona = node.resolve_persona(&persona).await?;
            node.set_notice_rule(RuleFor::Person(persona), rule).await?;
        }
        Some(RuleArgs::Thread { thread, rule }) => {
            let thread = node.resolve_thread(&thread).await?;
            node.set_notice_rule(RuleFor::Thread(thread), rule).await?;
        }
        Some(RuleArgs::Quiet(QuietArgs { hours })) => node.set_quiet_hours(hours).await?,
        None => {}
    }
    value(node.notice_rules().await?)
}
