//! Whom a text of a command names: `@Name`, `@"A name of several words"`, or `@` and the first digits of an id. What fits
//! exactly one whom the writer knows becomes the mention that is kept and sent; everything else stays as it was written,
//! and names by which nobody was found are told.
//!
//! Who counts as known was chosen by the user, or stands in the very place that is written to; where a name fits one whom
//! the user chose, others who stand there take nothing away. Whoever else gave themselves that name makes no mention. Own personas are none of them: who writes as one does not
//! tell of another.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::id::{PersonaId, ThreadId};
use crate::limits::{self, MENTION_DIGITS};
use crate::mention::replaced;
use crate::name::plain_name;
use crate::node::Node;
use crate::view::MentionView;

/// People of longer names who may be meant by a beginning.
const NEAR: usize = 3;

/// A name that several have, or nobody: no mention was made of it.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Unclear {
    /// As it was written.
    mention: String,
    /// Who has it; where nobody has, those whose names begin so, at most [`NEAR`].
    personas: Vec<MentionView>,
}

/// Finds whom texts name.
#[derive(Debug, Default)]
pub(super) struct Naming {
    /// Whom the user chose.
    known: Vec<MentionView>,
    /// Who else stands in the place that is written to.
    there: Vec<MentionView>,
    unclear: Vec<Unclear>,
}

impl Naming {
    /// `by`: who writes; `None`: any own persona. `about`: who else stands in the place that is written to. Nobody is
    /// looked up where the texts name nobody.
    pub(super) async fn of(
        node: &Node,
        by: Option<PersonaId>,
        about: impl IntoIterator<Item = PersonaId>,
        texts: impl IntoIterator<Item = &str>,
    ) -> Result<Self> {
        if !texts.into_iter().any(|text| text.contains('@')) {
            return Ok(Self::default());
        }
        let mut people: BTreeSet<PersonaId> = BTreeSet::new();
        people.extend(node.follows(by).await?.into_iter().map(|it| it.persona));
        people.extend(node.threads(by, false).await?.into_iter().flat_map(|it| it.with));
        // Whoever makes a group invites whom they like.
        let joined = node.circles(by).await?.into_iter().filter(|it| !it.invited);
        people.extend(joined.flat_map(|it| it.members));
        let mut there: BTreeSet<PersonaId> = about.into_iter().filter(|one| !people.contains(one)).collect();
        for own in node.personas().await? {
            people.remove(&own.id);
            there.remove(&own.id);
        }
        let (known, there) = (named(node, people).await?, named(node, there).await?);
        Ok(Self { known, there, unclear: Vec::new() })
    }

    /// The text as it is kept and sent.
    pub(super) fn kept(&mut self, text: &str) -> String {
        let mut kept = String::with_capacity(text.len());
        for (counts, part) in parts(text) {
            match counts {
                true => kept.push_str(&self.replaced(part)),
                false => kept.push_str(part),
            }
        }
        kept
    }

    /// The answer to a command, with what stayed as it was because several fit.
    pub(super) fn told(self, mut answer: Value) -> Result<Value> {
        if let Some(fields) = answer.as_object_mut().filter(|_| !self.unclear.is_empty()) {
            let told = serde_json::to_value(&self.unclear);
            fields
                .insert("unclear".to_owned(), told.map_err(|_| Error::Bug("an answer could not be written as JSON"))?);
        }
        Ok(answer)
    }

    fn replaced(&mut self, part: &str) -> String {
        let Self { known, there, unclear } = self;
        replaced(part, |rest| {
            let (people, after) = match found(known, rest).or_else(|| found(there, rest)) {
                Some((people, after)) if people.len() == 1 => {
                    return people.first().map(|one| (format!("@{}", one.persona), after));
                }
                Some(several) => several,
                None => (near(known, rest)?, after_name(rest)?),
            };
            let mention = rest.get(..rest.len() - after.len())?.to_owned();
            if unclear.len() < limits::TAGS && unclear.iter().all(|told| told.mention != mention) {
                unclear.push(Unclear { mention, personas: people.into_iter().cloned().collect() });
            }
            None
        })
    }
}

/// With names in which what can't be seen makes no difference.
async fn named(node: &Node, people: BTreeSet<PersonaId>) -> Result<Vec<MentionView>> {
    let mut known = node.named(people.into_iter().collect()).await?;
    for one in &mut known {
        one.name = plain_name(&one.name);
    }
    Ok(known)
}

/// The own persona that is in a conversation.
pub(super) async fn writer_in(node: &Node, thread: ThreadId) -> Result<Option<PersonaId>> {
    let (mut all, requests) = (node.threads(None, false).await?, node.threads(None, true).await?);
    all.extend(requests);
    Ok(all.into_iter().find(|it| it.id == thread).map(|it| it.persona))
}

/// Those who may be meant at the start of a rest, at least one, and what follows.
fn found<'k, 'a>(known: &'k [MentionView], rest: &'a str) -> Option<(Vec<&'k MentionView>, &'a str)> {
    let word = rest.strip_prefix('@')?;
    let (people, after) = quoted(known, word).or_else(|| by_id(known, word)).or_else(|| by_name(known, word))?;
    Some((people, after))
}

/// What follows a word that looks like a name and is none that is known: no id, and no address of another network.
fn after_name(rest: &str) -> Option<&str> {
    let word = rest.strip_prefix('@')?;
    if let Some((name, after)) = word.strip_prefix('"').and_then(|word| word.split_once('"')) {
        return (!name.trim().is_empty() && !name.contains('\n')).then_some(after);
    }
    let after = word.trim_start_matches(char::is_alphanumeric);
    let name = word.strip_suffix(after)?;
    let is_id = name.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')) && name.contains(|c: char| c.is_ascii_digit());
    (name.starts_with(char::is_alphabetic) && !is_id && ends(after)).then_some(after)
}

/// Those whose names begin with the one that stands here.
fn near<'k>(known: &'k [MentionView], rest: &str) -> Option<Vec<&'k MentionView>> {
    let name = rest.strip_suffix(after_name(rest)?)?.trim_matches(['@', '"']);
    Some(known.iter().filter(|one| behind(name, &one.name).is_some()).take(NEAR).collect())
}

/// A name in quotes: the whole of it.
fn quoted<'k, 'a>(known: &'k [MentionView], word: &'a str) -> Option<(Vec<&'k MentionView>, &'a str)> {
    let (name, after) = word.strip_prefix('"')?.split_once('"')?;
    let people = known.iter().filter(|one| behind(&one.name, name.trim()).is_some_and(|(rest, _)| rest.is_empty()));
    let people = exact_first(people.collect(), |one| one.name == name.trim());
    (!people.is_empty()).then_some((people, after))
}

/// First digits of an id, as they are shown.
fn by_id<'k, 'a>(known: &'k [MentionView], word: &'a str) -> Option<(Vec<&'k MentionView>, &'a str)> {
    let after = word.trim_start_matches(|c: char| matches!(c, '0'..='9' | 'a'..='f'));
    let digits = word.strip_suffix(after)?;
    if digits.len() < MENTION_DIGITS || !ends(after) {
        return None;
    }
    let people: Vec<_> = known.iter().filter(|one| one.persona.to_string().starts_with(digits)).collect();
    (!people.is_empty()).then_some((people, after))
}

/// Of names that begin alike the longest; of those that differ in case alone the one that is written so.
fn by_name<'k, 'a>(known: &'k [MentionView], word: &'a str) -> Option<(Vec<&'k MentionView>, &'a str)> {
    let mut best: Option<(Vec<&MentionView>, &str)> = None;
    for one in known {
        let Some((after, _)) = behind(&one.name, word).filter(|(after, _)| ends(after)) else { continue };
        match &mut best {
            Some((_, known)) if after.len() > known.len() => {}
            Some((people, known)) if after.len() == known.len() => people.push(one),
            _ => best = Some((vec![one], after)),
        }
    }
    let (people, after) = best?;
    Some((exact_first(people, |one| behind(&one.name, word).is_some_and(|(_, exact)| exact)), after))
}

fn exact_first(people: Vec<&MentionView>, exact: impl Fn(&MentionView) -> bool) -> Vec<&MentionView> {
    let same: Vec<&MentionView> = people.iter().copied().filter(|one| exact(one)).collect();
    if same.is_empty() { people } else { same }
}

/// What follows a name that stands here in any case, and whether its case is the same too.
fn behind<'a>(name: &str, text: &'a str) -> Option<(&'a str, bool)> {
    let (mut rest, mut exact) = (text.chars(), true);
    for letter in name.chars() {
        let there = rest.next()?;
        if !there.to_lowercase().eq(letter.to_lowercase()) {
            return None;
        }
        exact &= there == letter;
    }
    (!name.is_empty()).then_some((rest.as_str(), exact))
}

/// Whether a name ends before this: it is no longer word, and no address of another network.
fn ends(after: &str) -> bool {
    let mut next = after.chars();
    match next.next() {
        Some('.' | '-') => !next.next().is_some_and(char::is_alphanumeric),
        Some(c) => !c.is_alphanumeric() && !matches!(c, '_' | '@' | '·'),
        None => true,
    }
}

/// The parts of a text in their order, and whether somebody can be named there: not in links and not in `code`.
fn parts(text: &str) -> Vec<(bool, &str)> {
    let lower = text.to_ascii_lowercase();
    let (mut parts, mut from) = (Vec::new(), 0);
    while let Some((start, end)) = lower.get(from..).and_then(literal) {
        parts.push((true, text.get(from..from + start).unwrap_or_default()));
        parts.push((false, text.get(from + start..from + end).unwrap_or_default()));
        from += end;
    }
    parts.push((true, text.get(from..).unwrap_or_default()));
    parts
}

/// Where the next link or code begins and ends.
fn literal(text: &str) -> Option<(usize, usize)> {
    let begins = ["http://", "https://"].iter().filter_map(|scheme| text.find(scheme)).min();
    let link = begins.and_then(|at| {
        let link = text.get(at..)?;
        Some((at, at + link.find(char::is_whitespace).unwrap_or(link.len())))
    });
    let code = text.match_indices('`').find_map(|(at, _)| {
        let (inner, _) = text.get(at + 1..)?.split_once('`')?;
        // It ends with its paragraph: a mark alone there begins nothing.
        (!inner.contains("\n\n")).then_some((at, at + inner.len() + 2))
    });
    match (link, code) {
        (Some(link), Some(code)) => Some(link.min(code)),
        (link, code) => link.or(code),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn naming(people: &[(u8, &str)]) -> Naming {
        let one =
            |(id, name): &(u8, &str)| MentionView { persona: PersonaId::from_bytes([*id; 32]), name: plain_name(name) };
        Naming { known: people.iter().map(one).collect(), ..Naming::default() }
    }

    #[track_caller]
    fn becomes(naming: &mut Naming, text: &str, kept: &str) {
        let kept = kept.replace("<b0>", &PersonaId::from_bytes([0xb0; 32]).to_string());
        let kept = kept.replace("<b1>", &PersonaId::from_bytes([0xb1; 32]).to_string());
        assert_eq!(naming.kept(text), kept, "{text}");
    }

    #[test]
    fn a_name_of_one_who_is_known_is_a_mention() {
        let mut naming = naming(&[(0xb0, "Bob"), (0xb1, "Bob Miller"), (0xc0, "漢 字"), (0xc1, "")]);
        becomes(&mut naming, "Hey @Bob, @bob miller!", "Hey @<b0>, @<b1>!");
        becomes(&mut naming, "@\"Bob Miller\"s cat, (@BOB's) @Bob.", "@<b1>s cat, (@<b0>'s) @<b0>.");
        becomes(&mut naming, "@b1b1b1b1b1 @b0b0b0b0, @b0b0", "@<b1> @<b0>, @b0b0");
        for same in [
            "@Bobby",
            "x@Bob",
            "@@Bob",
            "@Alice",
            "@",
            "@\"",
            "@\"\"",
            "@\"Bob",
            "@Bob@example.org",
            "@bob.example.org",
            "@Bob-Miller",
            "@Bob_",
            "/@Bob",
            "https://example.org/ @x#@Bob",
            "see HTTPS://a.b/?q=@Bob",
            "`@Bob` `` @b0",
        ] {
            becomes(&mut naming, same, same);
        }
        becomes(&mut naming, "http://a.b/@Bob @Bob `@Bob` @Bob `@Bob", "http://a.b/@Bob @<b0> `@Bob` @<b0> `@<b0>");
        becomes(&mut naming, "a ` b\n\n`@Bob` @Bob", "a ` b\n\n`@Bob` @<b0>");
        // What looks like a name and is none is told; what looks like something else is not.
        let unclear: Vec<(&str, usize)> =
            naming.unclear.iter().map(|told| (told.mention.as_str(), told.personas.len())).collect();
        assert_eq!(unclear, [("@Bobby", 0), ("@Alice", 0), ("@x", 0)]);
        becomes(&mut naming, "@b and @\"Bob M\", @4 @漢", "@b and @\"Bob M\", @4 @漢");
        let near: Vec<(&str, usize)> =
            naming.unclear.iter().skip(3).map(|told| (told.mention.as_str(), told.personas.len())).collect();
        assert_eq!(near, [("@b", 2), ("@\"Bob M\"", 1), ("@漢", 1)]);
        let id = PersonaId::from_bytes([0xb0; 32]);
        becomes(&mut naming, &format!("@{id} stays"), "@<b0> stays");
    }

    #[test]
    fn who_stands_there_takes_no_name_from_who_was_chosen() {
        let (mut chosen, there) = (naming(&[(0xb0, "Bob")]), naming(&[(0xb1, "Bob"), (0xc0, "Carol")]));
        chosen.there = there.known;
        becomes(&mut chosen, "@Bob", "@<b0>");
        assert!(chosen.kept("@Carol").starts_with("@c0c0") && chosen.unclear.is_empty());
    }

    #[test]
    fn a_name_that_several_have_is_told_and_stays() {
        // What can't be seen makes no other name.
        let mut naming = naming(&[(0xb0, "Bob"), (0xb1, "\u{202e}Bo\u{200b}b"), (0xc0, "carol"), (0xc1, "Carol")]);
        becomes(&mut naming, "@Bob and @Bob, @bob", "@Bob and @Bob, @bob");
        becomes(&mut naming, "@b0b0b0b0b0", "@<b0>");
        let written: Vec<&str> = naming.unclear.iter().map(|told| told.mention.as_str()).collect();
        assert_eq!(written, ["@Bob", "@bob"]);
        // Case decides where it can.
        assert!(naming.kept("@Carol @carol").starts_with("@c1c1") && naming.kept("@carol").starts_with("@c0c0"));
        assert_eq!(naming.kept("@CAROL"), "@CAROL");
        let told = naming.told(serde_json::json!({ "id": 1 })).unwrap();
        assert_eq!(told.pointer("/unclear/0/personas/1/name"), Some(&Value::from("Bob")));
        assert_eq!(told.pointer("/unclear/2/mention"), Some(&Value::from("@CAROL")));
    }
}
