//! A post before it is signed: as it is being written, and as it waits for the user to think better of it.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use crate::entry::Card;
use crate::error::Result;
use crate::id::{CircleId, EntryId, HeldId, PersonaId};

use super::{Attach, PollDraft, PostDraft, PostPart, Staged};

/// A post as it is being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Writing {
    /// Who was chosen to write it.
    pub persona: Option<PersonaId>,
    pub text: String,
    /// `None`: there is no field for one.
    pub cw: Option<String>,
    /// To these circles; where it names none, to everybody. `None`: not chosen yet.
    pub audience: Option<Vec<CircleId>>,
    /// In their order, each with its description.
    pub files: Vec<(Staged, String)>,
    /// Of a link in it; its picture is one of the files.
    pub card: Option<Card>,
    /// When it is to go out, ms; `None`: once it is sent.
    pub at_ms: Option<u64>,
    /// The post that it is about.
    pub quote: Option<EntryId>,
    /// Its options as far as they are written.
    pub poll: Option<PollDraft>,
    /// Further posts of the thread that it is, in their order.
    pub more: Vec<WritingPart>,
}

/// A further post of a thread as it is being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WritingPart {
    pub text: String,
    /// `None`: there is no field for one.
    pub cw: Option<String>,
    /// In their order, each with its description.
    pub files: Vec<(Staged, String)>,
}

impl WritingPart {
    /// Nothing of it would be missed.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.files.is_empty() && !is_warned(self.cw.as_deref())
    }
}

fn is_warned(cw: Option<&str>) -> bool {
    cw.is_some_and(|cw| !cw.trim().is_empty())
}

impl Writing {
    /// Nothing of it would be missed.
    pub fn is_empty(&self) -> bool {
        let asks = self.poll.iter().flat_map(|poll| &poll.options).any(|option| !option.trim().is_empty());
        let said = !self.text.trim().is_empty() || !self.files.is_empty() || is_warned(self.cw.as_deref());
        !said && self.quote.is_none() && !asks && self.more.iter().all(WritingPart::is_empty)
    }

    /// Of all its posts.
    pub fn all_files(&self) -> Vec<(Staged, String)> {
        self.files.iter().chain(self.more.iter().flat_map(|part| &part.files)).cloned().collect()
    }

    /// With what was begun since behind it. Where that was for others, it is chosen anew who reads the whole.
    #[must_use]
    pub fn joined(mut self, since: Self) -> Self {
        if since.is_empty() {
            return self;
        }
        if self.is_empty() {
            return since;
        }
        if since.quote.is_some() || since.poll.is_some() {
            // What stands below the first post stays below its words: they go there too.
            let mut more = std::mem::take(&mut self.more);
            let mut since = since;
            more.append(&mut since.more);
            return Self { more, ..self.joined_words(since) };
        }
        self.joined_words(since)
    }

    fn joined_words(mut self, since: Self) -> Self {
        if self.is_empty() {
            return since;
        }
        self.audience = self.audience.filter(|audience| since.audience.as_ref() == Some(audience));
        self.persona = self.persona.or(since.persona);
        // What was for later is not posted now.
        self.at_ms = self.at_ms.or(since.at_ms);
        // One quote or poll stands below a post: that of the words in front.
        self.quote = self.quote.or(since.quote);
        self.poll = self.poll.or(since.poll);
        if !self.more.is_empty() || !since.more.is_empty() {
            // Where one of them is a thread, no post of it runs into another.
            let of_card = since.card.and_then(|card| card.picture);
            let files = since.files.into_iter().filter(|(file, _)| Some(file.hash) != of_card).collect();
            let first = WritingPart { text: since.text, cw: since.cw, files };
            self.more.extend([first].into_iter().filter(|first| !first.is_empty()).chain(since.more));
            return self;
        }
        if self.text.trim().is_empty() {
            self.text = since.text;
        } else if !since.text.trim().is_empty() {
            self.text = format!("{}\n\n{}", self.text.trim_end(), since.text);
        }
        self.cw = match (self.cw, since.cw) {
            (Some(first), Some(second)) if first != second && !first.is_empty() && !second.is_empty() => {
                Some(format!("{first}, {second}"))
            }
            (first, second) => first.filter(|first| !first.is_empty()).or(second),
        };
        self.files.extend(since.files);
        match (&self.card, since.card) {
            // One card is enough: the picture of the other would stand there as one of the post's.
            (Some(_), Some(other)) => self.files.retain(|(file, _)| other.picture != Some(file.hash)),
            (None, card) => self.card = card,
            (Some(_), None) => {}
        }
        self
    }

    pub(crate) fn to_post(&self) -> PostDraft {
        let poll = self.poll.as_ref().map(|poll| PollDraft {
            options: poll.options.iter().filter_map(|option| filled(option)).collect(),
            lasts_s: poll.lasts_s,
        });
        PostDraft {
            persona: self.persona,
            text: self.text.trim_end().to_owned(),
            cw: self.cw.as_deref().and_then(filled),
            attachments: attached(&self.files),
            card: self.card.clone(),
            circles: self.audience.clone().unwrap_or_default(),
            quote: self.quote,
            poll,
            // A field that was opened and left is none.
            more: self.more.iter().filter(|part| !part.is_empty()).map(WritingPart::to_post).collect(),
            ..PostDraft::default()
        }
    }
}

impl WritingPart {
    fn to_post(&self) -> PostPart {
        PostPart {
            text: self.text.trim_end().to_owned(),
            cw: self.cw.as_deref().and_then(filled),
            attachments: attached(&self.files),
        }
    }
}

fn filled(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn attached(files: &[(Staged, String)]) -> Vec<Attach> {
    files.iter().map(|(staged, alt)| Attach { staged: staged.hash, alt: filled(alt) }).collect()
}

/// What was being written when it was looked at last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Begun {
    pub writing: Writing,
    /// Files that it named and that are gone from this device.
    pub lost: usize,
}

/// A post that waits for its time; until then nothing of it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// By which it is taken back.
    pub id: HeldId,
    pub writing: Writing,
    /// When it goes out.
    pub due_ms: u64,
    /// Why it did not when its time had come: then it waits for its user.
    pub refused: Option<Refused>,
}

/// Why a post could not be signed at its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// As [`crate::Error::code`], or `old_copy`.
    pub code: String,
    pub text: String,
}

/// What became of a post that waited for a moment. `Ok(None)`: it was taken back.
#[derive(Debug, Clone)]
pub struct Ended {
    pub id: HeldId,
    pub result: Arc<Result<Option<EntryId>>>,
}

/// The post that goes out in a moment, and what became of the one before.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    pub waiting: Option<Waiting>,
    pub ended: Option<Ended>,
}

/// Where posts wait for their time. They are rows of a table; this is what serves them.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// Held while a post is signed, so that nobody takes it back meanwhile.
    pub(crate) desk: tokio::sync::Mutex<Desk>,
    /// What waits is other than before, or time has passed that no timer counted.
    pub(crate) bell: tokio::sync::Notify,
    /// When the next one is due, ms; 0: none.
    pub(crate) next_ms: AtomicU64,
    /// Files of what waits: however many others are staged, these stay.
    pub(crate) files: Mutex<Vec<Staged>>,
}

#[derive(Debug, Default)]
pub(crate) struct Desk {
    pub(crate) ended: Option<Ended>,
    /// A task waits for the next one.
    pub(crate) driven: bool,
    /// The node was started: what is scheduled goes out too.
    pub(crate) serves: bool,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn said(text: &str) -> Writing {
        Writing { text: text.to_owned(), audience: Some(Vec::new()), ..Writing::default() }
    }

    #[test]
    fn what_was_begun_since_stands_behind_what_is_taken_back() {
        assert_eq!(said("first").joined(said("second")), said("first\n\nsecond"));
        assert_eq!(said("first").joined(said(" ")), said("first"));
        assert_eq!(said("").joined(said("second")), said("second"));
        let warned = |cw: &str| Writing { cw: Some(cw.to_owned()), ..said("said") };
        assert_eq!(warned("fog").joined(warned("rain")).cw.unwrap(), "fog, rain");
        assert_eq!(warned("").joined(warned("rain")).cw.unwrap(), "rain");
        assert_eq!(warned("fog").joined(said("more")).cw.unwrap(), "fog");
    }

    #[test]
    fn posts_of_a_thread_stay_posts_of_their_own() {
        let part = |text: &str| WritingPart { text: text.to_owned(), ..WritingPart::default() };
        let thread = |first: &str, second: &str| Writing { more: vec![part(second)], ..said(first) };
        let all = |joined: &Writing| {
            let more = joined.more.iter().map(|part| part.text.clone());
            [joined.text.clone()].into_iter().chain(more).collect::<Vec<_>>()
        };
        assert_eq!(all(&thread("1", "2").joined(said("3"))), ["1", "2", "3"]);
        assert_eq!(all(&said("1").joined(thread("2", "3"))), ["1", "2", "3"]);
        assert_eq!(all(&thread("1", "2").joined(thread("3", "4"))), ["1", "2", "3", "4"]);
        assert_eq!(all(&thread("1", "2").joined(said(" "))), ["1", "2"]);
        assert!(!thread("", "2").is_empty() && thread("", " ").is_empty());
        assert_eq!(
            Writing { more: vec![part(" "), part("3 ")], ..said("1") }.to_post().more.len(),
            1,
            "a blank one is none"
        );
    }

    #[test]
    fn what_was_for_later_is_not_posted_now() {
        let later = Writing { at_ms: Some(7), ..said("later") };
        assert_eq!(later.clone().joined(said("now")).at_ms, Some(7));
        assert_eq!(said("now").joined(later).at_ms, Some(7));
    }

    #[test]
    fn nobody_reads_what_was_meant_for_others() {
        let sealed = Writing { audience: Some(vec![CircleId::from_bytes([7; 32])]), ..said("for a few") };
        assert_eq!(said("for all").joined(sealed.clone()).audience, None, "it is asked again");
        assert_eq!(sealed.clone().joined(said("for all")).audience, None);
        assert_eq!(sealed.clone().joined(said("")).audience, sealed.audience, "nothing came to it");
    }
}
