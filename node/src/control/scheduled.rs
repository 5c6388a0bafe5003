//! Posts for later, as commands name them.

use serde_json::{Value, json};

use super::AttachFile;
use super::execute::{own, stage};
use crate::error::Result;
use crate::node::{Node, Waiting, Writing};

/// A post for later, as a command line says it.
pub(super) struct Later {
    pub(super) persona: Option<String>,
    pub(super) text: String,
    pub(super) cw: Option<String>,
    pub(super) attach: Vec<AttachFile>,
    pub(super) circles: Vec<String>,
    pub(super) at_ms: u64,
}

pub(super) async fn schedule(node: &Node, said: Later) -> Result<Value> {
    let Later { persona, text, cw, attach, circles: named, at_ms } = said;
    let persona = own(node, persona).await?;
    let mut circles = Vec::new();
    for circle in named {
        circles.push(node.resolve_circle(persona, &circle).await?);
    }
    let mut files = Vec::new();
    for attached in stage(node, attach, !circles.is_empty()).await? {
        files.push((node.staged(attached.staged).await?, attached.alt.unwrap_or_default()));
    }
    let writing = Writing { persona, text, cw, audience: Some(circles), files, at_ms: Some(at_ms) };
    Ok(json!({ "id": node.schedule(writing).await?, "at_ms": at_ms }))
}

pub(super) async fn list(node: &Node) -> Result<Value> {
    Ok(node.scheduled().await?.iter().map(view).collect())
}

fn view(waiting: &Waiting) -> Value {
    let Waiting { id, writing, due_ms, refused } = waiting;
    let attachments = writing.files.iter().map(|(file, alt)| {
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
        "refused": refused,
    })
}
