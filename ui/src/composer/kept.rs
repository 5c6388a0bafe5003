//! The draft between starts: all of it is kept a moment after it changed, and found again.

use std::time::Duration;

use dioxus::prelude::*;
use futures_util::FutureExt as _;
use kith_node::{Staged, Writing};

use super::{AUDIENCE, Attached, Draft};
use crate::audience::Audience;
use crate::icon::{Icon, Shape};
use crate::mention::Names;
use crate::notice::spawn_in_app;
use crate::strings::{t, t_args};
use crate::surface::Surface;

/// At most this much typing is lost when the program is killed.
const SAVE_AFTER: Duration = Duration::from_millis(250);

impl Draft {
    /// As the node keeps it. `None` while the page goes away.
    pub(super) fn writing(self) -> Option<Writing> {
        let attached = |file: &Attached| (file.staged.clone(), file.alt.clone());
        Some(Writing {
            persona: *self.by.try_peek().ok()?,
            text: self.text.try_peek().ok()?.clone(),
            cw: self.warning.try_peek().ok()?.clone(),
            audience: self.audience.try_peek().ok()?.as_ref().map(Audience::circles),
            files: self.pictures.try_peek().ok()?.iter().map(attached).collect(),
            card: self.card.try_peek().ok()?.clone(),
            at_ms: *self.at.try_peek().ok()?,
            quote: *self.quote.try_peek().ok()?,
            poll: self.poll.try_peek().ok()?.clone(),
            more: self.more.try_peek().ok()?.iter().map(|piece| piece.part()).collect::<Option<_>>()?,
        })
    }

    /// Puts what was kept into the fields.
    pub(super) fn fill(mut self, kept: &Writing) {
        let attached = |(staged, alt): &(Staged, String)| Attached { staged: staged.clone(), alt: alt.clone() };
        self.by.set(kept.persona);
        self.text.set(kept.text.clone());
        self.warning.set(kept.cw.clone());
        self.audience.set(kept.audience.clone().map(Audience::of));
        self.pictures.set(kept.files.iter().map(attached).collect());
        self.fill_more(&kept.more);
        self.card.set(kept.card.clone());
        self.at.set(kept.at_ms);
        self.quote.set(kept.quote);
        self.poll.set(kept.poll.clone());
        self.timing.set(kept.at_ms.is_some());
        self.kept.set(kept.clone());
        self.anyway.set(false);
        self.failed.set(None);
        self.generation += 1;
    }

    /// Brings back what was being written when the program ended.
    pub(crate) async fn restore(mut self, surface: &Surface, names: Names) {
        self.load_nudge(surface).await;
        let last = surface.node.setting(AUDIENCE).await.ok().flatten();
        let last = last.as_deref().and_then(Audience::parse);
        let Ok(begun) = surface.node.begun().await else { return };
        learn(names, surface, &begun.writing).await;
        let Some(typed) = self.writing() else { return };
        if begun.writing.is_empty() && begun.lost == 0 {
            if typed.audience.is_none() && last.is_some() {
                self.audience.set(last);
            }
            // Nothing was begun: there is nothing to keep before somebody writes.
            if let Some(now) = self.writing().filter(Writing::is_empty) {
                self.kept.set(now);
            }
        } else {
            let mut found = begun.writing;
            found.audience = found.audience.or(last.as_ref().map(Audience::circles));
            // What was typed before it came stands behind it.
            self.fill(&found.joined(typed));
            self.lost.set(begun.lost);
        }
        self.restored.set(true);
    }

    /// Whether what had been begun is in the fields. Reads and subscribes.
    pub(crate) fn restored(self) -> bool {
        *self.restored.read()
    }

    /// Takes in what was written elsewhere since, where nothing else is being written here.
    pub(crate) async fn refresh(self, surface: &Surface, names: Names) {
        self.load_nudge(surface).await;
        // What waits comes back by itself (`heed`).
        if !*self.restored.peek() || self.waiting.peek().is_some() {
            return;
        }
        let before = self.kept.peek().clone();
        let Ok(begun) = surface.node.begun().await else { return };
        let mut found = begun.writing;
        learn(names, surface, &found).await;
        let Some(now) = self.writing() else { return };
        // What was kept since is newer than what was read.
        let busy = *self.saving.peek() || *self.sending.peek() || now != before || *self.kept.peek() != before;
        // A text of another device comes without them.
        found.persona = found.persona.or(now.persona);
        found.audience = found.audience.or(now.audience);
        if !busy && self.waiting.peek().is_none() && differs(&before, &found) {
            self.fill(&found);
        }
    }

    /// All of it rests in the node. Reads and subscribes, with what the composer shows.
    pub(super) fn is_kept(self) -> bool {
        let (saving, kept) = (self.saving.read(), self.kept.read());
        !*saving && self.writing().as_ref() == Some(&*kept)
    }

    /// Keeps what changed, a moment later. Reads and subscribes.
    pub(super) fn watch(mut self, surface: &Surface) {
        let restored = self.restored();
        for piece in self.pieces() {
            drop((piece.text.read(), piece.warning.read(), piece.pictures.read()));
        }
        drop((self.by.read(), self.text.read(), self.warning.read(), self.audience.read(), self.pictures.read()));
        drop((self.at.read(), self.card.read(), self.quote.read(), self.poll.read()));
        if !restored || *self.saving.peek() || self.writing().as_ref() == Some(&*self.kept.peek()) {
            return;
        }
        self.saving.set(true);
        let node = surface.node.clone();
        spawn_in_app(async move {
            loop {
                tokio::time::sleep(SAVE_AFTER).await;
                let Some(now) = self.writing().filter(|now| *now != *self.kept.peek()) else { break };
                self.kept.set(now.clone());
                let _best_effort = node.keep_begun(now).await;
            }
            self.saving.set(false);
        });
    }

    /// Keeps what changed and was not kept yet: the page goes away. One poll hands it to the store.
    pub(crate) fn keep(self, surface: &Surface) {
        let restored = self.restored.try_peek().is_ok_and(|restored| *restored);
        let Some(now) = self.writing().filter(|_| restored) else { return };
        if self.kept.try_peek().is_ok_and(|kept| *kept != now) {
            let _best_effort = surface.node.keep_begun(now).now_or_never();
        }
    }
}

/// The names of whom its texts mention.
pub(super) async fn learn(names: Names, surface: &Surface, writing: &Writing) {
    names.learn(surface, &writing.text).await;
    for part in &writing.more {
        names.learn(surface, &part.text).await;
    }
}

/// Whether what is kept is something else than it was. Who writes and for whom is said anew for the next post, and alone is
/// no draft.
fn differs(known: &Writing, now: &Writing) -> bool {
    known != now && !(known.is_empty() && now.is_empty())
}

/// What of a draft could not be brought back.
#[component]
pub(super) fn Lost() -> Element {
    let mut draft = use_context::<Draft>();
    let count = (draft.lost)();
    if count == 0 {
        return rsx! {};
    }
    rsx! {
        div { class: "failure failure-row",
            p { class: "grow", role: "alert", "data-testid": "draft-lost", {t_args("drafts-lost", &[("count", count.into())])} }
            button {
                class: "icon-button",
                aria_label: t("close"),
                "data-testid": "draft-lost-close",
                onclick: move |_| draft.lost.set(0),
                Icon { shape: Shape::Close }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Writing {
        Writing { text: text.to_owned(), ..Writing::default() }
    }

    #[test]
    fn a_choice_of_readers_alone_is_no_draft() {
        let chosen = Writing { audience: Some(Vec::new()), ..Writing::default() };
        assert!(!differs(&chosen, &Writing::default()));
        assert!(differs(&chosen, &said("Fog")) && differs(&said("Fog"), &Writing::default()));
    }
}
