//! What the user does not want to see: muted people, words and threads, and blocked people. View only: it never changes
//! what is kept, served or passed on (DESIGN §5.1.7), and nobody is told.
//!
//! - A mute may expire. Muted people and threads leave the feeds; words do so too, and, where the user says everywhere,
//!   leave threads, profiles and searches as well. Under a post, what a muted person wrote is folded away.
//! - Whose reposts are muted: what stands in the feeds by their reposts alone leaves them; what they write stays.
//! - A block has no end. What a blocked persona wrote is shown nowhere, and their comments and reactions do not count in
//!   what is shown here.
//!
//! Own posts, and bookmarks, are always shown.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::{BlobHash, EntryId, PersonaId, ThreadId};
use crate::item::{self, Set};
use crate::limits;
use crate::node::Node;
use crate::view::{
    CommentView, MutedConversation, MutedPerson, MutedThread, MutedView, MutedWord, PostView, QuoteState, QuoteView,
};

/// Rows of blocked personas.
pub(crate) const BLOCKED: &str =
    "(SELECT author.row FROM item JOIN author ON author.id = item.key WHERE item.set_no = 8 AND item.present = 1)";

/// What is kept with a muted word.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Word {
    /// As the user wrote it.
    text: String,
    #[serde(default)]
    everywhere: bool,
    /// 0: no end.
    #[serde(default)]
    until_ms: u64,
}

/// Where something is about to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Showing {
    /// The home feed: what stands there by a repost alone has no other reason to.
    Feed,
    /// The feed of a list or a hashtag.
    Shelf,
    /// A profile, a thread, a search: the user went there.
    Elsewhere,
}

/// What counts now, for one read.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    people: HashSet<PersonaId>,
    /// Whose reposts bring nothing.
    reposts: HashSet<PersonaId>,
    blocked: HashSet<PersonaId>,
    threads: HashSet<EntryId>,
    /// When it was read, ms.
    now_ms: u64,
    /// Folded words, each followed by a space; those of the feeds.
    words: Vec<String>,
    /// Those that count everywhere.
    words_everywhere: Vec<String>,
}

impl Hidden {
    pub(crate) fn read(db: &Connection, now_ms: u64) -> Result<Self> {
        let mut hidden = Self { now_ms, ..Self::default() };
        let counts = |value: &str| is_on(value.parse().unwrap_or_default(), now_ms);
        for (key, value) in item::all(db, Set::MutedPerson)? {
            hidden.people.extend(PersonaId::from_slice(&key).filter(|_| counts(&value)));
        }
        for (key, value) in item::all(db, Set::MutedReposts)? {
            hidden.reposts.extend(PersonaId::from_slice(&key).filter(|_| counts(&value)));
        }
        for (key, value) in item::all(db, Set::MutedThread)? {
            hidden.threads.extend(EntryId::from_slice(&key).filter(|_| counts(&value)));
        }
        for (key, _) in item::all(db, Set::Block)? {
            hidden.blocked.extend(PersonaId::from_slice(&key));
        }
        for (key, value) in item::all(db, Set::MutedWord)? {
            let (Ok(folded), word) = (String::from_utf8(key), read_word(&value)) else { continue };
            if is_on(word.until_ms, now_ms) {
                let words = if word.everywhere { &mut hidden.words_everywhere } else { &mut hidden.words };
                words.push(format!(" {folded} "));
            }
        }
        Ok(hidden)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.people.is_empty()
            && self.reposts.is_empty()
            && self.blocked.is_empty()
            && self.threads.is_empty()
            && self.words.is_empty()
            && self.words_everywhere.is_empty()
    }

    /// Whether a post is left out.
    pub(crate) fn hides_post(&self, db: &Connection, post: &PostView, at: Showing) -> Result<bool> {
        if post.own {
            return Ok(false);
        }
        let alts = post.attachments.iter().filter_map(|attachment| attachment.alt.as_deref());
        let card =
            post.card.iter().flat_map(|card| [card.title.as_str(), card.description.as_str(), card.url.as_str()]);
        let texts = [post.text.as_str()].into_iter().chain(post.cw.as_deref()).chain(alts).chain(card);
        if self.hides(post.id, post.author, at, texts) {
            return Ok(true);
        }
        // What stands there only because muted people carried it further.
        let by_them =
            !post.reposted_by.is_empty() && post.reposted_by.iter().all(|by| self.carries_nothing(by.persona));
        if at != Showing::Feed || !by_them {
            return Ok(false);
        }
        let followed: bool = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM author WHERE id = ?1 AND followed = 1)")?
            .query_row([post.author], |row| row.get(0))?;
        Ok(!followed)
    }

    /// Leaves a mere place of a post by somebody whom the user blocked; answers whether it is one.
    pub(crate) fn shut(&self, post: &mut PostView) -> bool {
        post.blocked = self.blocked.contains(&post.author);
        if post.blocked {
            post.text.clear();
            post.cw = None;
            post.attachments.clear();
            post.card = None;
            (post.people, post.people_count) = (Vec::new(), 0);
            post.author_name.clear();
            post.author_picture = None;
            (post.quote, post.poll, post.series) = (None, None, None);
            post.reactions.clear();
            post.mine.clear();
        }
        post.blocked
    }

    /// Whether a repost by somebody brings nothing into the feeds.
    fn carries_nothing(&self, who: PersonaId) -> bool {
        self.people.contains(&who) || self.blocked.contains(&who) || self.reposts.contains(&who)
    }

    /// Takes out of a post what blocked personas did there, and tells whether its thread is muted.
    pub(crate) fn dress_post(&self, db: &Connection, post: &mut PostView) -> Result<()> {
        post.thread_muted = self.threads.contains(&post.id);
        post.reposted_by.retain(|by| !self.carries_nothing(by.persona));
        if let Some(quote) = &mut post.quote {
            self.dress_quote(quote);
        }
        if let Some(poll) = &mut post.poll {
            poll.ended = self.now_ms > poll.ends_ms;
        }
        if self.blocked.is_empty() {
            return Ok(());
        }
        post.people.retain(|person| !self.blocked.contains(&person.persona));
        self.strip_reactions(db, post.id, &mut post.reactions)?;
        let comments: u64 = db
            .prepare_cached(&format!(
                "SELECT count(*) FROM comment WHERE root = ?1 AND deleted = 0 AND hidden = 0 AND refused = 0 AND depth <= ?2
                   AND author_row IN {BLOCKED}"
            ))?
            .query_row(params![post.id, limits::COMMENT_DEPTH], |row| row.get(0))?;
        post.comments = post.comments.saturating_sub(comments);
        Ok(())
    }

    /// Leaves of a quoted post who wrote it, where the user muted what would stand there.
    pub(crate) fn dress_quote(&self, quote: &mut QuoteView) {
        let Some(author) = quote.author.filter(|_| quote.state == QuoteState::Here && !quote.own) else { return };
        let texts = [quote.text.as_str()].into_iter().chain(quote.cw.as_deref());
        if self.hides(quote.id, author, Showing::Shelf, texts) {
            quote.state = QuoteState::Muted;
            quote.text.clear();
            quote.cw = None;
            quote.attachments = 0;
        }
    }

    /// Folds away what muted people wrote in a thread, and takes out what blocked ones did. One of those stands as a
    /// mere place where somebody else answered it.
    pub(crate) fn dress_thread(&self, db: &Connection, thread: Vec<CommentView>) -> Result<Vec<CommentView>> {
        let mut kept: Vec<CommentView> = Vec::with_capacity(thread.len());
        let mut answered = HashSet::new();
        // Children stand behind their parents.
        for mut comment in thread.into_iter().rev() {
            if self.blocked.contains(&comment.author) {
                if !answered.contains(&comment.id) {
                    continue;
                }
                comment.blocked = true;
                comment.text.clear();
                comment.author_name.clear();
                comment.author_picture = None;
                comment.reactions.clear();
                comment.mine.clear();
            } else {
                comment.muted = !comment.own && self.folds(comment.author, &comment.text);
                if !self.blocked.is_empty() {
                    self.strip_reactions(db, comment.id, &mut comment.reactions)?;
                }
            }
            answered.insert(comment.parent);
            kept.push(comment);
        }
        kept.reverse();
        Ok(kept)
    }

    /// Whether a text anywhere may hide what it stands in.
    pub(crate) fn has_words(&self) -> bool {
        !self.words_everywhere.is_empty()
    }

    /// Whether nothing is told of what somebody does, under this post or with this text.
    pub(crate) fn silences(&self, who: PersonaId, post: Option<EntryId>, text: &str) -> bool {
        self.blocked.contains(&who)
            || self.people.contains(&who)
            || post.is_some_and(|post| self.threads.contains(&post))
            || self.has_muted_word(Showing::Elsewhere, [text])
    }

    fn strip_reactions(&self, db: &Connection, target: EntryId, counts: &mut BTreeMap<String, u64>) -> Result<()> {
        if counts.is_empty() {
            return Ok(());
        }
        let mut statement = db.prepare_cached(&format!(
            "SELECT emoji, count(DISTINCT author_row) FROM reaction
             WHERE target = ?1 AND shown = 1 AND author_row IN {BLOCKED} GROUP BY emoji"
        ))?;
        let mut rows = statement.query([target])?;
        while let Some(row) = rows.next()? {
            let (emoji, theirs): (String, u64) = (row.get(0)?, row.get(1)?);
            if let Some(count) = counts.get_mut(&emoji) {
                *count = count.saturating_sub(theirs);
            }
        }
        counts.retain(|_, count| *count > 0);
        Ok(())
    }

    /// `texts`: the post's text, warning and descriptions.
    fn hides<'a>(
        &self,
        post: EntryId,
        author: PersonaId,
        at: Showing,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> bool {
        if self.blocked.contains(&author) {
            return true;
        }
        let feed = at != Showing::Elsewhere;
        if feed && (self.people.contains(&author) || self.threads.contains(&post)) {
            return true;
        }
        self.has_muted_word(at, texts)
    }

    /// Whether what somebody wrote below a post is folded away.
    fn folds(&self, author: PersonaId, text: &str) -> bool {
        self.people.contains(&author) || self.has_muted_word(Showing::Elsewhere, [text])
    }

    fn has_muted_word<'a>(&self, at: Showing, texts: impl IntoIterator<Item = &'a str>) -> bool {
        let feed = at != Showing::Elsewhere && !self.words.is_empty();
        if !feed && self.words_everywhere.is_empty() {
            return false;
        }
        texts.into_iter().any(|text| {
            let text = format!(" {} ", folded(text));
            let said = |word: &String| text.contains(word.as_str());
            self.words_everywhere.iter().any(said) || feed && self.words.iter().any(said)
        })
    }
}

/// That the user did not block whom they are about to answer.
///
/// # Errors
/// `BadInput` where they did.
pub(crate) fn check_not_blocked(db: &Connection, author: PersonaId) -> Result<()> {
    if item::has(db, Set::Block, author.as_bytes())? {
        return Err(Error::BadInput("you blocked who wrote this; unblock them first".to_owned()));
    }
    Ok(())
}

fn is_on(until_ms: u64, now_ms: u64) -> bool {
    until_ms == 0 || until_ms > now_ms
}

/// Whether a persona is blocked.
pub(crate) fn is_blocked(db: &Connection, persona: PersonaId) -> Result<bool> {
    item::has(db, Set::Block, persona.as_bytes())
}

/// Whether a private conversation is muted now.
pub(crate) fn is_quiet(db: &Connection, thread: ThreadId, now_ms: u64) -> Result<bool> {
    let until = item::value(db, Set::MutedConversation, thread.as_bytes())?;
    Ok(until.is_some_and(|until| is_on(until.parse().unwrap_or_default(), now_ms)))
}

fn read_word(value: &str) -> Word {
    serde_json::from_str(value).unwrap_or_default()
}

/// A text as its words in lower case with one space between them: so that whole words, and phrases of them, are found
/// whatever stands around. Lower case after upper case folds what lower case alone leaves apart (ß and ss, σ and ς).
fn folded(text: &str) -> String {
    let text = text.to_uppercase().to_lowercase().replace('ς', "σ");
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

impl Node {
    /// Mutes a persona, until `until_ms` or for good.
    ///
    /// # Errors
    /// `BadInput` for an own persona or where there are too many.
    pub async fn mute(&self, persona: PersonaId, until_ms: Option<u64>) -> Result<()> {
        self.not_own(persona).await?;
        self.set_hidden(Set::MutedPerson, persona.as_bytes().to_vec(), Some(until(until_ms))).await
    }

    pub async fn unmute(&self, persona: PersonaId) -> Result<()> {
        self.set_hidden(Set::MutedPerson, persona.as_bytes().to_vec(), None).await
    }

    /// Mutes the reposts of a persona, until `until_ms` or for good; what it writes itself stays.
    ///
    /// # Errors
    /// `BadInput` for an own persona or where there are too many.
    pub async fn mute_reposts(&self, persona: PersonaId, until_ms: Option<u64>) -> Result<()> {
        self.not_own(persona).await?;
        self.set_hidden(Set::MutedReposts, persona.as_bytes().to_vec(), Some(until(until_ms))).await
    }

    pub async fn unmute_reposts(&self, persona: PersonaId) -> Result<()> {
        self.set_hidden(Set::MutedReposts, persona.as_bytes().to_vec(), None).await
    }

    /// Whether the reposts of a persona are muted now.
    pub async fn are_reposts_muted(&self, persona: PersonaId) -> Result<bool> {
        let now_ms = self.inner().clock.unix_ms();
        let until = move |db: &Connection| item::value(db, Set::MutedReposts, persona.as_bytes());
        let until = self.inner().store.read(until).await?;
        Ok(until.is_some_and(|until| is_on(until.parse().unwrap_or_default(), now_ms)))
    }

    /// Mutes the thread of a post, until `until_ms` or for good: it leaves the feeds.
    pub async fn mute_thread(&self, post: EntryId, until_ms: Option<u64>) -> Result<()> {
        self.set_hidden(Set::MutedThread, post.as_bytes().to_vec(), Some(until(until_ms))).await
    }

    pub async fn unmute_thread(&self, post: EntryId) -> Result<()> {
        self.set_hidden(Set::MutedThread, post.as_bytes().to_vec(), None).await
    }

    /// Mutes a private conversation, until `until_ms` or for good: what comes there is not counted as new.
    pub async fn mute_conversation(&self, thread: ThreadId, until_ms: Option<u64>) -> Result<()> {
        self.set_hidden(Set::MutedConversation, thread.as_bytes().to_vec(), Some(until(until_ms))).await
    }

    pub async fn unmute_conversation(&self, thread: ThreadId) -> Result<()> {
        self.set_hidden(Set::MutedConversation, thread.as_bytes().to_vec(), None).await
    }

    /// Mutes a word or a phrase, whatever its case and what stands around it, in the feeds or everywhere.
    ///
    /// # Errors
    /// `BadInput` for a text without letters and digits, a too long one, or where there are too many.
    pub async fn mute_word(&self, text: &str, everywhere: bool, until_ms: Option<u64>) -> Result<()> {
        let text = text.trim().to_owned();
        let key = folded(&text);
        if key.is_empty() {
            return Err(Error::BadInput("a muted word has letters or digits".to_owned()));
        }
        if text.chars().count() > limits::MUTED_WORD_CHARS {
            return Err(Error::BadInput(format!("a muted word has at most {} characters", limits::MUTED_WORD_CHARS)));
        }
        let word = Word { text, everywhere, until_ms: until_ms.unwrap_or_default() };
        let value = serde_json::to_string(&word).map_err(|_| Error::Bug("a muted word could not be written"))?;
        self.set_hidden(Set::MutedWord, key.into_bytes(), Some(value)).await
    }

    pub async fn unmute_word(&self, text: &str) -> Result<()> {
        self.set_hidden(Set::MutedWord, folded(text).into_bytes(), None).await
    }

    /// Blocks a persona: nothing of it is shown here any more. It is never told.
    ///
    /// # Errors
    /// `BadInput` for an own persona or where there are too many.
    pub async fn block(&self, persona: PersonaId) -> Result<()> {
        self.not_own(persona).await?;
        self.set_hidden(Set::Block, persona.as_bytes().to_vec(), Some(String::new())).await
    }

    pub async fn unblock(&self, persona: PersonaId) -> Result<()> {
        self.set_hidden(Set::Block, persona.as_bytes().to_vec(), None).await
    }

    /// Whether a persona is muted, and whether it is blocked, now.
    pub async fn is_muted(&self, persona: PersonaId) -> Result<(bool, bool)> {
        let now_ms = self.inner().clock.unix_ms();
        self.inner()
            .store
            .read(move |db| {
                let until = item::value(db, Set::MutedPerson, persona.as_bytes())?;
                let muted = until.is_some_and(|until| is_on(until.parse().unwrap_or_default(), now_ms));
                Ok((muted, item::has(db, Set::Block, persona.as_bytes())?))
            })
            .await
    }

    /// All that is muted or blocked now; what expired is left out.
    pub async fn muted(&self) -> Result<MutedView> {
        let now_ms = self.inner().clock.unix_ms();
        self.inner().store.read(move |db| muted(db, now_ms)).await
    }

    async fn not_own(&self, persona: PersonaId) -> Result<()> {
        if self.personas().await?.iter().any(|own| own.id == persona) {
            return Err(Error::BadInput("this is a persona of yours".to_owned()));
        }
        Ok(())
    }

    async fn set_hidden(&self, set: Set, key: Vec<u8>, value: Option<String>) -> Result<()> {
        let changed = self
            .write_items(move |tx| match value {
                Some(value) => item::put(tx, set, &key, &value),
                None => item::take(tx, set, &key),
            })
            .await?;
        if changed {
            // It changes what every screen shows.
            self.inner().events.send(Event::Reload);
        }
        Ok(())
    }
}

fn until(until_ms: Option<u64>) -> String {
    until_ms.unwrap_or_default().to_string()
}

fn muted(db: &Connection, now_ms: u64) -> Result<MutedView> {
    let mut view = MutedView::default();
    let end = |until_ms: u64| Some(until_ms).filter(|until_ms| *until_ms > 0);
    let sets =
        [(Set::MutedPerson, &mut view.people), (Set::MutedReposts, &mut view.reposts), (Set::Block, &mut view.blocked)];
    for (set, people) in sets {
        for (key, value) in item::all(db, set)? {
            let until_ms = value.parse().unwrap_or_default();
            if let Some(persona) = PersonaId::from_slice(&key).filter(|_| is_on(until_ms, now_ms)) {
                let (name, picture) = face(db, persona)?;
                people.push(MutedPerson { persona, name, picture, until_ms: end(until_ms) });
            }
        }
        people.sort_by_key(|person| (person.name.to_lowercase(), person.persona));
    }
    for (_, value) in item::all(db, Set::MutedWord)? {
        let word = read_word(&value);
        if is_on(word.until_ms, now_ms) {
            view.words.push(MutedWord { text: word.text, everywhere: word.everywhere, until_ms: end(word.until_ms) });
        }
    }
    for (key, value) in item::all(db, Set::MutedThread)? {
        let until_ms = value.parse().unwrap_or_default();
        if let Some(post) = EntryId::from_slice(&key).filter(|_| is_on(until_ms, now_ms)) {
            view.threads.push(MutedThread { post, until_ms: end(until_ms) });
        }
    }
    for (key, value) in item::all(db, Set::MutedConversation)? {
        let until_ms = value.parse().unwrap_or_default();
        if let Some(thread) = ThreadId::from_slice(&key).filter(|_| is_on(until_ms, now_ms)) {
            let (title, names) = called(db, thread)?;
            view.conversations.push(MutedConversation { thread, title, names, until_ms: end(until_ms) });
        }
    }
    Ok(view)
}

/// The title of a private conversation, and the names of who else is in it.
fn called(db: &Connection, thread: ThreadId) -> Result<(Option<String>, Vec<String>)> {
    let title: Option<String> = db
        .prepare_cached("SELECT title FROM thread WHERE id = ?1 ORDER BY row LIMIT 1")?
        .query_row([thread], |row| row.get(0))
        .optional()?;
    let mut statement = db.prepare_cached(
        "SELECT author.name FROM thread JOIN thread_member AS m ON m.thread_row = thread.row
         JOIN author ON author.row = m.author_row
         WHERE thread.row = (SELECT min(row) FROM thread WHERE id = ?1) AND m.present = 1
            AND author.row <> thread.author_row ORDER BY author.row",
    )?;
    let names = statement.query_map([thread], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok((title.filter(|title| !title.is_empty()), names))
}

fn face(db: &Connection, persona: PersonaId) -> Result<(String, Option<BlobHash>)> {
    let known = db
        .prepare_cached("SELECT name, coalesce(picture_thumb, picture) FROM author WHERE id = ?1")?
        .query_row([persona], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(known.unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn hides(word: &str, text: &str) -> bool {
        let hidden = Hidden { words: vec![format!(" {} ", folded(word))], ..Hidden::default() };
        hidden.hides(EntryId::ZERO, PersonaId::ZERO, Showing::Feed, [text])
    }

    #[test]
    fn whole_words_are_found_whatever_their_case_and_neighbours() {
        for text in ["Football!", "no FOOTBALL today", "#football", "(football)", "x,football"] {
            assert!(hides("football", text), "{text}");
        }
        for text in ["footballer", "foot ball", "a football1", ""] {
            assert!(!hides("football", text), "{text}");
        }
        assert!(hides("straße", "STRASSE 7") && hides("ΟΔΟΣ", "η οδός".replace('ό', "ο").as_str()));
    }

    #[test]
    fn phrases_are_found_across_signs_and_lines() {
        assert!(hides("the end", "It is\nTHE  end."));
        assert!(!hides("the end", "the very end") && !hides("the end", "bathe end"));
    }

    #[test]
    fn words_of_the_feed_do_not_count_elsewhere() {
        let hidden = Hidden { words: vec![" spoiler ".to_owned()], ..Hidden::default() };
        assert!(!hidden.hides(EntryId::ZERO, PersonaId::ZERO, Showing::Elsewhere, ["a spoiler"]));
        let hidden = Hidden { words_everywhere: vec![" spoiler ".to_owned()], ..Hidden::default() };
        assert!(hidden.hides(EntryId::ZERO, PersonaId::ZERO, Showing::Elsewhere, ["a spoiler"]));
        assert!(hidden.folds(PersonaId::ZERO, "Spoiler: he did it"));
    }

    #[test]
    fn a_mute_ends_at_its_time() {
        assert!(is_on(0, 5) && is_on(6, 5) && !is_on(5, 5));
    }
}
