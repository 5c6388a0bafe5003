//! Posts, now and for later, as commands name them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::AttachFile;
use super::execute::{own, stage};
use super::named::Naming;
use crate::card::{Preview, link_host};
use crate::entry::Card;
use crate::error::Result;
use crate::id::{CircleId, EntryId, PersonaId};
use crate::limits::ATTACHMENTS;
use crate::node::{Attach, Node, PollDraft, PostDraft, PostPart, Staged, Waiting, Writing, WritingPart};
use crate::view::MentionView;

/// What a post holds beside words and files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Beside {
    /// The post that it quotes.
    pub quote: Option<String>,
    /// The link of which a preview is made.
    pub card: Option<String>,
    pub poll: Option<PollDraft>,
    /// Further posts: all of them are a thread.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Then>,
}

/// A further post of a thread; the warning of the first is that of all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Then {
    pub text: String,
    pub attach: Vec<AttachFile>,
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

    /// The card of a link, its picture with the other attachments where there is room.
    async fn previewed(&self, node: &Node, attachments: &mut Vec<Attach>) -> Result<Option<Card>> {
        let Some(link) = &self.card else { return Ok(None) };
        let Preview { mut card, picture } = node.preview(link).await?;
        if let Some(staged) = picture {
            if attachments.len() < ATTACHMENTS {
                attachments.push(Attach { staged: staged.hash, alt: None });
            } else {
                node.discard_staged(staged.hash);
                card.picture = None;
            }
        }
        Ok(Some(card))
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

/// Finds whom the posts of a thread name.
async fn naming(node: &Node, persona: Option<PersonaId>, text: &str, then: &[Then]) -> Result<Naming> {
    let by = node.own_persona(persona).await?;
    Naming::of(node, Some(by), [], [text].into_iter().chain(then.iter().map(|then| then.text.as_str()))).await
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
    let mut naming = naming(node, persona, &text, &beside.then).await?;
    let circles = resolved(node, persona, named).await?;
    let quote = beside.quoted(node).await?;
    let mut attachments = stage(node, attach, !circles.is_empty()).await?;
    let card = beside.previewed(node, &mut attachments).await?;
    let mut more = Vec::with_capacity(beside.then.len());
    for Then { text, attach } in beside.then {
        let attachments = stage(node, attach, !circles.is_empty()).await?;
        more.push(PostPart { text: naming.kept(&text), cw: cw.clone(), attachments });
    }
    let (text, poll, is_thread) = (naming.kept(&text), beside.poll, !more.is_empty());
    let draft = PostDraft { persona, text, cw, attachments, card, circles, quote, poll, more, ..PostDraft::default() };
    let ids = node.post_thread(draft).await?;
    let id = ids.first();
    naming.told(if is_thread { json!({ "id": id, "posts": ids }) } else { json!({ "id": id }) })
}

pub(super) async fn schedule(node: &Node, said: Said, at_ms: u64) -> Result<Value> {
    let Said { persona, text, cw, attach, circles: named, beside } = said;
    let persona = own(node, persona).await?;
    let mut naming = naming(node, persona, &text, &beside.then).await?;
    let circles = resolved(node, persona, named).await?;
    let quote = beside.quoted(node).await?;
    let mut attachments = stage(node, attach, !circles.is_empty()).await?;
    let card = beside.previewed(node, &mut attachments).await?;
    let files = described(node, attachments).await?;
    let mut more = Vec::with_capacity(beside.then.len());
    for Then { text, attach } in beside.then {
        let files = described(node, stage(node, attach, !circles.is_empty()).await?).await?;
        more.push(WritingPart { text: naming.kept(&text), cw: cw.clone(), files });
    }
    let (text, audience, poll) = (naming.kept(&text), Some(circles), beside.poll);
    let writing = Writing { persona, text, cw, audience, files, card, at_ms: Some(at_ms), quote, poll, more };
    naming.told(json!({ "id": node.schedule(writing).await?, "at_ms": at_ms }))
}

async fn described(node: &Node, attachments: Vec<Attach>) -> Result<Vec<(Staged, String)>> {
    let mut files = Vec::with_capacity(attachments.len());
    for attached in attachments {
        files.push((node.staged(attached.staged).await?, attached.alt.unwrap_or_default()));
    }
    Ok(files)
}

pub(super) async fn list(node: &Node) -> Result<Value> {
    let mut all = Vec::new();
    for waiting in node.scheduled().await? {
        let mentions = node.mentions_of(&waiting.writing.text).await?;
        all.push(view(&waiting, &mentions));
    }
    Ok(Value::Array(all))
}

fn view(waiting: &Waiting, mentions: &[MentionView]) -> Value {
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
        "mentions": mentions,
        "cw": writing.cw,
        "circles": writing.audience,
        "attachments": attachments.collect::<Vec<_>>(),
        "card": card,
        "quote": writing.quote,
        "poll": writing.poll,
        "posts": 1 + writing.more.len(),
        "refused": refused,
    })
}
