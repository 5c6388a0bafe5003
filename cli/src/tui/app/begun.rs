//! The post that is being written: the node keeps it as it is typed, and the app's window goes on with the same. What else
//! is being written stays here alone, and is asked about before it is lost.

use kith_node::control::{BegunArgs, Request};
use kith_node::with_ids;
use serde_json::Value;

use super::deeds::shown;
use super::{App, Ask, Compose, Effect, Effects, Overlay, What};
use crate::tui::data::{Begun, read};
use crate::tui::editor::Editor;

/// What stands for a post of which only the id is known.
const CHOSEN: &str = "the post that you chose";

impl App {
    /// The post that is being written, on the screen or left.
    fn post(&self) -> Option<&Compose> {
        self.compose.iter().chain(&self.drafts).find(|compose| compose.what.is_post())
    }

    /// What the post that is being written quotes, wherever it was begun.
    pub(super) fn quoted(&self) -> Option<String> {
        match self.post().map(|post| &post.what) {
            Some(What::Quote { target, .. }) => Some(target.clone()),
            Some(_) => None,
            None => self.begun.as_ref().and_then(|begun| begun.quote.clone()),
        }
    }

    pub(super) fn stands_apart(&self) -> bool {
        self.post().is_some_and(|post| post.apart)
    }

    /// It was changed.
    pub(super) fn changed_draft(&mut self, out: &mut Effects) {
        let Some(compose) = self.compose.as_ref().filter(|compose| compose.what.is_post() && !compose.sending) else {
            return;
        };
        let apart = compose.apart;
        self.unkept = true;
        // What stands apart is put behind the other once it is left for good.
        if !apart {
            self.ask(Ask::Keep, out);
        }
    }

    /// As the node keeps it.
    pub(super) fn keep_request(&mut self) -> Request {
        let seen = Some(self.seen.0.clone());
        let Some(compose) = self.post() else {
            self.seen.1 = String::new();
            return Request::KeepBegun { words: BegunArgs::default(), behind: false, seen };
        };
        let quote = match &compose.what {
            What::Quote { target, .. } => Some(target.clone()),
            _ => None,
        };
        let words = BegunArgs {
            persona: self.me.clone(),
            text: with_ids(&compose.meant, compose.text.text()),
            cw: compose.cw.clone(),
            circles: Some(compose.audience.clone().into_iter().collect()),
            at_ms: compose.at_ms,
            quote,
        };
        let behind = compose.apart;
        self.seen.1.clone_from(&words.text);
        Request::KeepBegun { words, behind, seen }
    }

    /// The node told what it keeps.
    pub(super) fn take_begun(&mut self, value: Value) {
        let begun = read::<Begun>(value).filter(|begun| !begun.empty);
        let busy = self.unkept || self.compose.as_ref().is_some_and(|compose| compose.what.is_post());
        if busy {
            return;
        }
        // All that was written here is in it, but what stands apart.
        self.drafts.retain(|draft| !draft.what.is_post() || draft.apart);
        self.seen.0 = begun.as_ref().map(|begun| begun.text.clone()).unwrap_or_default();
        self.begun = begun;
    }

    /// It was kept, or could not be. `again`: it changed meanwhile.
    pub(super) fn kept(&mut self, answer: Option<&Value>, again: bool, out: &mut Effects) {
        let done = answer.is_some();
        if answer.is_some_and(|answer| answer.get("kept").and_then(Value::as_bool) == Some(false)) {
            // Somebody else wrote on it meanwhile, in the window or other screens: theirs stays, and this goes behind it.
            if let Some(post) = self.compose.iter_mut().chain(&mut self.drafts).find(|post| post.what.is_post()) {
                post.apart = true;
                self.say("The same draft was changed in the window. What you write here is kept behind that.", true);
            } else {
                self.unkept = false;
            }
            if std::mem::take(&mut self.leaving) {
                self.keep_and_quit(out);
            }
            return;
        }
        if done {
            self.seen.0.clone_from(&self.seen.1);
        }
        if done && !again {
            self.unkept = false;
            if self.leaving {
                out.push(Effect::Quit);
            }
        } else if !done && std::mem::take(&mut self.leaving) {
            self.overlay = Some(Overlay::Quit {
                question: "What you wrote could not be kept. Quit all the same, and lose it?".to_owned(),
                keeps: false,
            });
        }
    }

    /// What was begun, for a composer of a post.
    pub(super) fn resumed(&mut self, what: &What) -> Option<Compose> {
        if let Some(at) = self.drafts.iter().position(|draft| draft.what.is_post()) {
            let draft = self.drafts.remove(at);
            // One draft takes what is quoted, as in the window.
            let what = if let What::Quote { .. } = what { what.clone() } else { draft.what.clone() };
            return Some(Compose { what, ..draft });
        }
        let begun = self.begun.clone()?;
        let (text, meant) = shown(&begun.text, &begun.mentions);
        let by_other =
            begun.persona.is_some() && begun.persona.as_deref() != self.writer().map(|writer| writer.id.as_str());
        let audience = self.audience_begun(&begun).filter(|_| !begun.beside && !by_other);
        let Some(audience) = audience else {
            self.say("A post that was begun in the window waits there; what you write here is kept behind it.", false);
            return Some(Compose { apart: true, ..Compose::new(what.clone(), Editor::default()) });
        };
        let what = match (what, begun.quote) {
            (What::Post, Some(target)) => What::Quote { target, of: CHOSEN.to_owned() },
            (what, _) => what.clone(),
        };
        // From here on it is what stands on the screen, or was left.
        self.begun = None;
        let compose = Compose::new(what, Editor::with(&text));
        Some(Compose { meant, cw: begun.cw.filter(|cw| !cw.is_empty()), audience, at_ms: begun.at_ms, ..compose })
    }

    /// Who reads it, where these screens can say so. What was written for nobody in particular yet is not for everybody: the
    /// window asks.
    fn audience_begun(&self, begun: &Begun) -> Option<Option<String>> {
        let one = match begun.circles.as_deref() {
            None => return begun.text.trim().is_empty().then_some(None),
            Some([]) => return Some(None),
            Some([one]) => one,
            Some(_) => return None,
        };
        self.circle(one).map(|circle| Some(circle.id.clone()))
    }

    /// A post was sent, and is being written no more.
    pub(super) fn sent_post(&mut self, apart: bool, out: &mut Effects) {
        // Until that is kept it would come back as a draft.
        self.unkept = !apart;
        if !apart {
            self.begun = None;
            self.ask(Ask::Keep, out);
        } else if self.leaving {
            out.push(Effect::Quit);
        }
    }

    /// Ends the screens, unless something would be lost by it.
    pub(super) fn quit(&mut self, out: &mut Effects) {
        // Who asks twice means it.
        if self.leaving || matches!(self.overlay, Some(Overlay::Quit { .. })) {
            return out.push(Effect::Quit);
        }
        // What is on its way has an answer first.
        if self.compose.as_ref().is_some_and(|compose| compose.sending) {
            self.leaving = true;
            return;
        }
        let here = |compose: &&Compose| !compose.what.is_post() && !compose.sending && compose.is_worth();
        match self.compose.iter().chain(&self.drafts).filter(here).count() {
            0 => self.keep_and_quit(out),
            _ if self.compose.as_ref().is_some_and(|compose| here(&compose)) => self.ask_quit("What you are writing"),
            1 => self.ask_quit("A draft"),
            _ => self.ask_quit("Drafts"),
        }
    }

    fn ask_quit(&mut self, what: &str) {
        self.overlay =
            Some(Overlay::Quit { question: format!("{what} would be lost. Quit all the same?"), keeps: true });
    }

    pub(super) fn keep_and_quit(&mut self, out: &mut Effects) {
        if !self.unkept || self.post().is_some_and(|post| post.apart && !post.is_worth()) {
            return out.push(Effect::Quit);
        }
        self.leaving = true;
        self.ask(Ask::Keep, out);
    }
}

impl Compose {
    pub(super) fn new(what: What, text: Editor) -> Self {
        let (meant, cw, at_ms) = (Vec::new(), None, None);
        Self { what, text, meant, cw, audience: None, at_ms, sending: false, apart: false }
    }

    /// It would be missed.
    pub(super) fn is_worth(&self) -> bool {
        !self.text.is_blank() || self.cw.is_some()
    }
}
