//! Mentions: whom a text names. In the text stands `@` and the persona's id, and the id stands in the body's `mentions`
//! too: what does not stand in both is none. What is shown is the name by which the reader knows the persona: no text
//! can call somebody by another one's name.

use rusqlite::{Connection, OptionalExtension};

use crate::entry::PostBody;
use crate::error::Result;
use crate::id::PersonaId;
use crate::limits;
use crate::node::Node;
use crate::view::MentionView;

/// Digits of an id in a mention.
const DIGITS: usize = 64;
/// Digits that stand for a name where none is known.
const SHORT: usize = 10;
/// Digits that tell apart those of one name, in a field.
const LABEL: usize = 4;

/// The persona that a text names at its very start, and what follows.
pub fn mention_at(text: &str) -> Option<(PersonaId, &str)> {
    let (id, after) = text.strip_prefix('@')?.split_at_checked(DIGITS)?;
    let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    id.parse().ok().filter(|_| ends).map(|id| (id, after))
}

/// Whether a mention can begin behind this: not inside a word, an address or a path.
pub fn mention_begins(before: Option<char>) -> bool {
    !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '/' | '\\' | '_' | '#'))
}

/// The text with a name for each persona that it names, as far as one is known: for lines without markup.
pub fn with_names(text: &str, mentions: &[MentionView]) -> String {
    put_names(text, |id| mentions.iter().find(|known| known.persona == id).map(|known| format!("@{}", known.shown())))
}

/// The text with what `put` says in the place of each mention; `None`: it stays as it is.
pub fn put_names(text: &str, mut put: impl FnMut(PersonaId) -> Option<String>) -> String {
    replaced(text, |rest| {
        let (id, after) = mention_at(rest)?;
        Some((put(id)?, after))
    })
}

/// What a field shows, as it is kept: behind the sign, each of these names stands for its persona.
pub fn with_ids(meant: &[(String, PersonaId)], shown: &str) -> String {
    replaced(shown, |rest| {
        // Of names that begin alike the longest.
        let named = |(label, id): &(String, PersonaId)| {
            let after = rest.strip_prefix('@')?.strip_prefix(label.as_str())?;
            let ends = !after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '·'));
            ends.then_some((*id, label.len(), after))
        };
        let (id, _, after) = meant.iter().filter_map(named).max_by_key(|(_, length, _)| *length)?;
        Some((format!("@{id}"), after))
    })
}

/// What stands behind the sign in a field, for a persona of this name: with digits of the id where another one of these
/// has it.
pub fn mention_label(meant: &[(String, PersonaId)], persona: PersonaId, name: &str) -> String {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if meant.iter().all(|(known, _)| *known != name) {
        return name;
    }
    let digits: String = persona.to_string().chars().take(LABEL).collect();
    format!("{name}·{digits}")
}

/// A text with other words for what `put` finds at the start of a rest; it is asked wherever a mention can begin.
pub(crate) fn replaced<'a>(text: &'a str, mut put: impl FnMut(&'a str) -> Option<(String, &'a str)>) -> String {
    if !text.contains('@') {
        return text.to_owned();
    }
    let (mut out, mut rest, mut before) = (String::with_capacity(text.len()), text, None);
    while let Some(first) = rest.chars().next() {
        let begins = first == '@' && mention_begins(before);
        if let Some((words, after)) = begins.then(|| put(rest)).flatten() {
            out.push_str(&words);
            (rest, before) = (after, Some('a'));
        } else {
            out.push(first);
            (rest, before) = (rest.get(first.len_utf8()..).unwrap_or_default(), Some(first));
        }
    }
    out
}

/// Whom a text names, each once, up to the limit: none inside a word or a link.
pub(crate) fn mentions(text: &str) -> Vec<PersonaId> {
    let mut found: Vec<PersonaId> = Vec::new();
    for word in text.split_whitespace() {
        let lower = word.to_ascii_lowercase();
        let plain = lower.find("http://").into_iter().chain(lower.find("https://")).min().unwrap_or(word.len());
        let word = word.get(..plain).unwrap_or_default();
        for (at, _) in word.match_indices('@') {
            let (before, rest) = word.split_at_checked(at).unwrap_or_default();
            if let Some((id, _)) = mention_at(rest).filter(|_| mention_begins(before.chars().next_back()))
                && !found.contains(&id)
                && found.len() < limits::TAGS
            {
                found.push(id);
            }
        }
    }
    found
}

/// Whom a body names, with the names that are known here.
pub(crate) fn view(db: &Connection, body: &PostBody) -> Result<Vec<MentionView>> {
    if body.mentions.is_empty() {
        return Ok(Vec::new());
    }
    mentions(&body.text).into_iter().filter(|id| body.mentions.contains(id)).map(|persona| one(db, persona)).collect()
}

fn one(db: &Connection, persona: PersonaId) -> Result<MentionView> {
    let mut statement = db.prepare_cached("SELECT name FROM author WHERE id = ?1")?;
    let name = statement.query_row([persona], |row| row.get(0)).optional()?.unwrap_or_default();
    Ok(MentionView { persona, name })
}

/// What a body says, with names for whom it names: for lines without markup.
pub(crate) fn plain(db: &Connection, body: &PostBody) -> Result<String> {
    Ok(with_names(&body.text, &view(db, body)?))
}

impl Node {
    /// These personas, by the names by which they are known here.
    pub(crate) async fn named(&self, personas: Vec<PersonaId>) -> Result<Vec<MentionView>> {
        self.inner().store.read(move |db| personas.into_iter().map(|persona| one(db, persona)).collect()).await
    }

    /// Whom a text of one's own names that is not sent yet.
    pub(crate) async fn mentions_of(&self, text: &str) -> Result<Vec<MentionView>> {
        self.named(mentions(text)).await
    }
}

impl MentionView {
    /// The name, or the first digits of the id where none is known.
    pub fn shown(&self) -> String {
        if self.name.trim().is_empty() {
            return self.persona.to_string().chars().take(SHORT).collect();
        }
        self.name.clone()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::MessageDraft;
    use crate::clock::ManualClock;
    use crate::host::{MemoryKeystore, SystemEntropy};
    use crate::node::{PostDraft, ProfileEdit};
    use crate::store::Store;

    fn now<T>(work: impl Future<Output = T>) -> T {
        work.now_or_never().unwrap()
    }

    const ALICE: PersonaId = PersonaId::from_bytes([0xa1; 32]);
    const BOB: PersonaId = PersonaId::from_bytes([0xb0; 32]);

    #[test]
    fn whom_a_text_names_is_found_once_and_never_inside_a_word_or_link() {
        assert_eq!(mentions(&format!("(@{BOB}) and @{ALICE}, @{BOB}!")), [BOB, ALICE]);
        let none = format!("x@{BOB} @@{BOB} https://a.b/?@{BOB} /@{BOB} @{BOB}0 @{BOB}x @{} @", "B0".repeat(32));
        assert_eq!(mentions(&none), []);
        let many: String = (0..=255_u8).map(|n| format!("@{} ", PersonaId::from_bytes([n; 32]))).collect();
        assert_eq!(mentions(&many).len(), limits::TAGS);
    }

    #[test]
    fn whoever_is_named_is_carried_beside_the_text_and_shown_by_the_readers_name() {
        let (keystore, clock) = (Arc::new(MemoryKeystore::default()), Arc::new(ManualClock::at_ms(1_790_000_000_000)));
        let node =
            Node::simulated(false, Store::in_memory().unwrap(), keystore, clock, Arc::new(SystemEntropy)).unwrap();
        let (alice, bob) = (now(node.create_persona("Alice")).unwrap(), now(node.create_persona("Bob")).unwrap());
        let named = |id: PersonaId, name: &str| MentionView { persona: id, name: name.to_owned() };
        let text = format!("Fog, @{bob} and @{BOB}");
        let draft = PostDraft { persona: Some(alice), text: text.clone(), ..PostDraft::default() };
        let post = now(node.post(draft)).unwrap();
        let comment = now(node.comment(Some(bob), post, &format!("Yes @{alice}"))).unwrap();
        let page = now(node.show(post)).unwrap();
        assert_eq!((page.post.text.clone(), page.post.mentions), (text, vec![named(bob, "Bob"), named(BOB, "")]));
        assert_eq!(page.thread[0].mentions, [named(alice, "Alice")]);

        let name = ProfileEdit { name: Some("Carol".into()), ..ProfileEdit::default() };
        now(node.edit_profile(Some(alice), name)).unwrap();
        now(node.edit(Some(alice), post, "Fog")).unwrap();
        now(node.edit(Some(bob), comment, &format!("No @{alice}"))).unwrap();
        let page = now(node.show(post)).unwrap();
        assert!(page.post.mentions.is_empty());
        assert_eq!(page.thread[0].mentions, [named(alice, "Carol")]);
        assert_eq!(page.edits[0].mentions.len(), 2);

        let said = MessageDraft { text: format!("Hello @{bob}"), ..MessageDraft::default() };
        let sent = now(node.dm(Some(alice), vec![bob], said)).unwrap();
        let read = |text: &str| {
            let found = now(node.messages(sent.thread, 10, None)).unwrap();
            let found = found.into_iter().find(|found| found.id == sent.id).unwrap();
            assert_eq!(found.text, text);
            found.mentions
        };
        assert_eq!(read(&format!("Hello @{bob}")), [named(bob, "Bob")]);
        assert_eq!(now(node.threads(None, false)).unwrap()[0].last_text.as_deref(), Some("Hello @Bob"));
        now(node.edit_message(sent.thread, sent.id, "Hello")).unwrap();
        assert!(read("Hello").is_empty());

        // A text alone names nobody.
        let body = PostBody { text: format!("@{bob}"), ..PostBody::default() };
        let shown = node.inner().store.read(move |db| Ok((view(db, &body)?, plain(db, &body)?)));
        assert_eq!(now(shown).unwrap(), (vec![], format!("@{bob}")));
    }

    #[test]
    fn names_stand_for_those_who_are_named_and_for_no_others() {
        let known =
            [MentionView { persona: BOB, name: "Bob".into() }, MentionView { persona: ALICE, name: " ".into() }];
        let other = PersonaId::from_bytes([7; 32]);
        let text = format!("Hey @{BOB}: @{ALICE}? x@{BOB} @{other} ä@");
        let plain = format!("Hey @Bob: @a1a1a1a1a1? x@{BOB} @{other} ä@");
        assert_eq!(with_names(&text, &known), plain);
        assert_eq!(with_names(&text, &[]), text);
    }
}
