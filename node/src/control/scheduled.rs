//! Posts, now and for later, as commands name them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::AttachFile;
use super::execute::{own, stage};
use crate::error::Result;
use crate::id::{CircleId, EntryId, PersonaId};
use crate::node::{Node, PollDraft, PostDraft, Waiting, Writing};

/// What a post holds beside words and files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Beside {
    /// The post that it quotes.
    pub quote: Option<String>,
    pub poll: Option<PollDraft>,
}

impl Beside {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    async fn quoted(&self, node: &Node) -> Result<Option<EntryId>> {
        let Some(quote) = &self.quote else { return Ok(None) };
        let quote = node.resolve_entry(quote).await?;
        // Before files are read for nothing.
        node.check_quotable(quote).await?;
        Ok(Some(quote))
    }
}

/// A post as a command line says it.
pub(super) struct Said {
    pub(super) persona: Option<String>,
    pub(super) text: String,
    pub(super) cw: Option<String>,
    pub(super) attach: Vec<AttachFile>,
    pub(super) circles: Vec<String>,
    pub(super) beside: Beside,
}

/// The circles of a persona that a command names.
async fn resolved(node: &Node, persona: Option<PersonaId>, named: Vec<String>) -> Result<Vec<CircleId>> {
    let mut circles = Vec::with_capacity(named.len());
    for circle in named {
        circles.push(node.resolve_circle(persona, &circle).await?);
    }
    Ok(circles)
}

pub(super) async fn post(node: &Node, said: Said) -> Result<Value> {
    let Said { persona, text, cw, attach, circles: named, beside } = said;
    let persona = own(node, persona).await?;
    let circles = resolved(node, persona, named).await?;
    let quote = beside.quoted(node).await?;
    let attachments = stage(node, attach, !circles.is_empty()).await?;
    let draft = PostDraft { persona, text, cw, attachments, circles, quote, poll: beside.poll, ..PostDraft::default() };
    Ok(json!({ "id": node.post(draft).await? }))
}

pub(super) async fn schedule(node: &Node, said: Said, at_ms: u64) -> Result<Value> {
    let Said { persona, text, cw, attach, circles: named, beside } = said;
    let persona = own(node, persona).await?;
    let circles = resolved(node, persona, named).await?;
    let quote = beside.quoted(node).await?;
    let mut files = Vec::new();
    for attached in stage(node, attach, !circles.is_empty()).await? {
        files.push((node.staged(attached.staged).await?, attached.alt.unwrap_or_default()));
    }
    let writing =
        Writing { persona, text, cw, audience: Some(circles), files, at_ms: Some(at_ms), quote, poll: beside.poll };
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
        "quote": writing.quote,
        "poll": writing.poll,
        "refused": refused,
    })
}
