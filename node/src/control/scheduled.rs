//! Posts for later, as commands name them.

use serde_json::{Value, json};

use super::AttachFile;
use super::execute::{own, preview, stage};
use crate::card::link_host;
use crate::error::Result;
use crate::node::{Node, Waiting, Writing};

/// A post for later, as a command line says it.
pub(super) struct Later {
    pub(super) persona: Option<String>,
    pub(super) text: String,
    pub(super) cw: Option<String>,
    pub(super) attach: Vec<AttachFile>,
    pub(super) card: Option<String>,
    pub(super) circles: Vec<String>,
    pub(super) at_ms: u64,
}

pub(super) async fn schedule(node: &Node, said: Later) -> Result<Value> {
    let Later { persona, text, cw, attach, card, circles: named, at_ms } = said;
    let persona = own(node, persona).await?;
    let mut circles = Vec::new();
    for circle in named {
        circles.push(node.resolve_circle(persona, &circle).await?);
    }
    let mut files = Vec::new();
    let mut attachments = stage(node, attach, !circles.is_empty()).await?;
    let card = preview(node, card, &mut attachments).await?;
    for attached in attachments {
        files.push((node.staged(attached.staged).await?, attached.alt.unwrap_or_default()));
    }
    let writing = Writing { persona, text, cw, audience: Some(circles), files, card, at_ms: Some(at_ms) };
    Ok(json!({ "id": node.schedule(writing).await?, "at_ms": at_ms }))
}

pub(super) async fn list(node: &Node) -> Result<Value> {
    Ok(node.scheduled().await?.iter().map(view).collect())
}

fn view(waiting: &Waiting) -> Value {
    let Waiting { id, writing, due_ms, refused } = waiting;
    let of_card = writing.card.as_ref().and_then(|card| card.picture);
    let files = writing.files.iter().filter(|(file, _)| Some(file.hash) != of_card);
    let card = writing.card.as_ref().map(|card| {
        json!({ "url": card.url, "host": link_host(&card.url), "title": card.title, "description": card.description })
    });
    let attachments = files.map(|(file, alt)| {
        let alt = Some(alt).filter(|alt| !alt.is_empty());
        json!({ "hash": file.hash, "mime": file.mime, "size": file.size, "width": file.width, "height": file.height, "alt": alt })
    });
    let refused = refused.as_ref().map(|refused| json!({ "code": refused.code, "message": refused.text }));
    json!({
        "id": id,
        "at_ms": due_ms,
        "persona": writing.persona,
        "text": writing.text,
        "cw": writing.cw,
        "circles": writing.audience,
        "attachments": attachments.collect::<Vec<_>>(),
        "card": card,
        "refused": refused,
    })
}
