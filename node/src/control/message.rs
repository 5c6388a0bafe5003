//! Requests about private conversations, and the two settings that concern them.

use serde_json::{Value, json};

use super::execute::{id, own, stage, value};
use super::named::{Naming, writer_in};
use super::{AttachFile, Setting};
use crate::error::{Error, Result};
use crate::id::{MessageId, ThreadId};
use crate::node::Node;
use crate::setting::{HIDE_ANSWERS, READ_RECEIPTS};
use crate::thread::MessageDraft;
use crate::view::ThreadView;

pub(super) async fn dm(
    node: &Node,
    persona: Option<String>,
    to: Vec<String>,
    text: String,
    attach: Vec<AttachFile>,
) -> Result<Value> {
    let persona = own(node, persona).await?;
    let mut people = Vec::new();
    for one in to {
        people.push(node.resolve_persona(&one).await?);
    }
    let by = node.own_persona(persona).await?;
    let mut naming = Naming::of(node, Some(by), people.iter().copied(), [text.as_str()]).await?;
    let attachments = stage(node, attach, true).await?;
    let draft = MessageDraft { text: naming.kept(&text), reply_to: None, attachments };
    naming.told(value(node.dm(persona, people, draft).await?)?)
}

/// Answers a message, in its conversation.
pub(super) async fn reply(
    node: &Node,
    persona: Option<String>,
    message: &str,
    text: String,
    attach: Vec<AttachFile>,
) -> Result<Value> {
    let persona = own(node, persona).await?;
    let (thread, to) = node.resolve_message(message).await?;
    let by = if text.contains('@') { persona.or(writer_in(node, thread).await?) } else { persona };
    let mut naming = Naming::of(node, by, [], [text.as_str()]).await?;
    let attachments = stage(node, attach, true).await?;
    let draft = MessageDraft { text: naming.kept(&text), reply_to: Some(to), attachments };
    naming.told(value(node.send(persona, thread, draft).await?)?)
}

pub(super) async fn thread(node: &Node, thread: &str, limit: usize) -> Result<Value> {
    let thread = node.resolve_thread(thread).await?;
    let messages = node.messages(thread, limit, None).await?;
    node.read_thread(thread).await?;
    value(messages)
}

/// One reaction of each stands: `undo` takes it back, where it is this one.
pub(super) async fn react(node: &Node, thread: ThreadId, to: MessageId, emoji: &str, undo: bool) -> Result<()> {
    if emoji.trim().is_empty() {
        return Err(Error::BadInput("a reaction is one emoji".to_owned()));
    }
    if !undo {
        return node.react_to_message(thread, to, emoji).await;
    }
    if node.message(thread, to).await?.own_reaction.as_deref() != Some(emoji.trim()) {
        return Err(Error::NotFound { what: "the reaction" });
    }
    node.react_to_message(thread, to, "").await
}

pub(super) async fn timer(node: &Node, thread: &str, keep_s: Option<u64>) -> Result<Value> {
    let thread = node.resolve_thread(thread).await?;
    if let Some(keep_s) = keep_s {
        node.keep_messages(thread, keep_s).await?;
    }
    let is_it = |view: &ThreadView| view.id == thread;
    let found = match node.threads(None, false).await?.into_iter().find(is_it) {
        Some(view) => Some(view),
        None => node.threads(None, true).await?.into_iter().find(is_it),
    };
    let view = found.ok_or(Error::NotFound { what: "the conversation" })?;
    Ok(json!({ "thread": thread, "keep_s": view.keep_s }))
}

/// All of them, or one.
pub(super) async fn settings(node: &Node, setting: Option<Setting>, on: Option<bool>) -> Result<Value> {
    let key = |setting| match setting {
        Setting::ReadReceipts => READ_RECEIPTS,
        Setting::HideAnswers => HIDE_ANSWERS,
    };
    if let (Some(setting), Some(on)) = (setting, on) {
        node.set_setting(key(setting), if on { "on" } else { "off" }).await?;
    }
    let mut all = Vec::new();
    for each in Setting::ALL.into_iter().filter(|each| setting.is_none_or(|setting| setting == *each)) {
        let on = node.setting(key(each)).await?.as_deref() == Some("on");
        all.push(json!({ "name": each.name(), "value": if on { "on" } else { "off" } }));
    }
    Ok(Value::Array(all))
}

/// Accepts or declines a request.
pub(super) async fn answer(node: &Node, thread: &str, accept: bool) -> Result<Value> {
    let thread = node.resolve_thread(thread).await?;
    if accept {
        node.accept_request(None, thread).await?
    } else {
        node.decline_request(None, thread).await?
    }
    id(thread)
}
