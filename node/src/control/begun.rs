//! The post that is being written, for screens that write words alone: there is one on a device, and the app's window
//! goes on with the same.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::execute::own;
use crate::error::{Error, Result};
use crate::node::{Node, Writing};

/// What such a screen writes of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BegunArgs {
    pub persona: Option<String>,
    pub text: String,
    pub cw: Option<String>,
    /// Whole ids; `None`: not chosen yet.
    pub circles: Option<Vec<String>>,
    pub at_ms: Option<u64>,
    /// A whole id.
    pub quote: Option<String>,
}

pub(super) async fn show(node: &Node) -> Result<Value> {
    let writing = node.begun().await?.writing;
    let mentions = node.mentions_of(&writing.text).await?;
    let beside = !writing.all_files().is_empty() || writing.poll.is_some() || writing.card.is_some();
    Ok(json!({
        "empty": writing.is_empty(),
        "persona": writing.persona,
        "text": writing.text,
        "mentions": mentions,
        "cw": writing.cw,
        "circles": writing.audience,
        "at_ms": writing.at_ms,
        "quote": writing.quote,
        // More than words: only another screen shows all of it.
        "beside": beside || !writing.more.is_empty(),
    }))
}

/// Keeps the words in the place of those that were kept; `behind`: after them, so that none are lost. `seen`: the text that
/// who writes takes for the kept one; where another stands there by now, nothing is kept, and the answer says so.
pub(super) async fn keep(node: &Node, words: BegunArgs, behind: bool, seen: Option<String>) -> Result<Value> {
    let unread = |_| Error::BadInput("an id of the draft can't be read".to_owned());
    let BegunArgs { persona, text, cw, circles, at_ms, quote } = words;
    let audience = circles.map(|ids| ids.iter().map(|id| id.parse()).collect::<Result<_, _>>());
    let given = Writing {
        persona: own(node, persona).await?,
        text,
        cw,
        audience: audience.transpose().map_err(unread)?,
        at_ms,
        quote: quote.map(|id| id.parse()).transpose().map_err(unread)?,
        ..Writing::default()
    };
    let known = node.begun().await?.writing;
    if !behind && seen.is_some_and(|seen| seen != known.text) {
        return Ok(json!({ "kept": false }));
    }
    let kept = match behind {
        true => known.joined(given),
        false => Writing { files: known.files, card: known.card, poll: known.poll, more: known.more, ..given },
    };
    node.keep_begun(kept).await?;
    Ok(json!({ "kept": true }))
}
