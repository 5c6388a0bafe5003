//! What a person types into a search: words, `"phrases"`, `#tags` and `from:NAME`, all of which have to match. There is
//! no wrong query: what means nothing is left out, and nothing of it reaches the database but as a quoted word.

use std::fmt::Write as _;

use crate::limits;
use crate::post::tag_name;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) words: Vec<Word>,
    /// Lower case, without their sign.
    pub(super) tags: Vec<String>,
    pub(super) from: Vec<String>,
}

/// A word, or several that stand one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// It may be the beginning of a word.
    pub(super) open: bool,
}

impl Query {
    /// Reads what was typed. `typing`: a last word that nothing follows may go on.
    pub(super) fn parse(text: &str, typing: bool) -> Self {
        let text: String = text.chars().take(limits::SEARCH_CHARS).collect();
        let mut query = Self::default();
        let mut rest = text.as_str();
        for _ in 0..limits::SEARCH_TERMS {
            rest = rest.trim_start();
            let Some(first) = rest.chars().next() else { break };
            if first == '"' {
                let (phrase, after) = quoted(rest);
                query.word(phrase, false);
                rest = after;
            } else if let Some(name) = rest.get(..5).filter(|start| start.eq_ignore_ascii_case("from:")) {
                let after = rest.get(name.len()..).unwrap_or_default();
                let (name, after) = if after.starts_with('"') { quoted(after) } else { plain(after) };
                if !name.trim().is_empty() {
                    query.from.push(name.trim().to_owned());
                }
                rest = after;
            } else {
                let (word, after) = plain(rest);
                let more = typing && after.is_empty();
                match word.strip_prefix('#').and_then(tag_name) {
                    // A tag that is being typed is looked for among the tags; posts are found by whole ones.
                    Some(tag) => query.tags.push(tag),
                    None => query.word(word, more),
                }
                rest = after;
            }
        }
        query
    }

    fn word(&mut self, text: &str, open: bool) {
        let text = spread(text);
        // Signs alone are no word: the index would find nothing by them.
        if text.contains(char::is_alphanumeric) {
            self.words.push(Word { text, open });
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.tags.is_empty() && self.from.is_empty()
    }

    /// The words as the index takes them; `None` where there are none. `open`: each may be the beginning of a word.
    pub(super) fn expression(&self, open: bool) -> Option<String> {
        let mut expression = String::new();
        for word in &self.words {
            if !expression.is_empty() {
                expression.push_str(" AND ");
            }
            let star = if open || word.open { "*" } else { "" };
            let _infallible = write!(expression, "\"{}\"{star}", word.text.replace('"', " "));
        }
        Some(expression).filter(|expression| !expression.is_empty())
    }
}

/// The inside of quotes at the start, and what follows; without a second quote, all.
fn quoted(text: &str) -> (&str, &str) {
    let inside = text.strip_prefix('"').unwrap_or(text);
    inside.split_once('"').unwrap_or((inside, ""))
}

/// Up to the next space or quote.
fn plain(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A text as it is indexed and looked for. Scripts that put no spaces between words are taken sign by sign, so that a
/// word in the middle is found; control characters end words.
pub(super) fn spread(text: &str) -> String {
    let mut spread = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            spread.push(' ');
        } else if is_unspaced(c) {
            spread.push(' ');
            spread.push(c);
            spread.push(' ');
        } else {
            spread.push(c);
        }
    }
    spread
}

/// Thai, Lao, Burmese, Khmer, kana, Chinese characters.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(query: &Query) -> Vec<&str> {
        query.words.iter().map(|word| word.text.as_str()).collect()
    }

    #[test]
    fn words_phrases_tags_and_names_are_told_apart() {
        let query = Query::parse("fog \"over the harbour\" #Größe_1 from:Alice from:\"Bob B.\" FROM:carol", false);
        assert_eq!(words(&query), ["fog", "over the harbour"]);
        assert_eq!(query.tags, ["größe_1"]);
        assert_eq!(query.from, ["Alice", "Bob B.", "carol"]);
        assert_eq!(query.expression(false).unwrap(), "\"fog\" AND \"over the harbour\"");
    }

    #[test]
    fn what_means_nothing_is_left_out() {
        for nothing in ["", "  ", "\"", "\"\"", "*", "()", "from:", "from:\"\"", "#", "- + ^ :", "\u{0}"] {
            let query = Query::parse(nothing, true);
            assert!(query.is_empty(), "{nothing:?}: {query:?}");
            assert_eq!(query.expression(true), None);
        }
        assert_eq!(words(&Query::parse("#1", false)), ["#1"], "a number is a word, not a tag");
        assert!(Query::parse(&"a ".repeat(1_000), false).words.len() <= limits::SEARCH_TERMS);
    }

    #[test]
    fn only_the_word_that_is_being_typed_is_open() {
        let open = |text, typing| Query::parse(text, typing).words.iter().map(|word| word.open).collect::<Vec<_>>();
        assert_eq!(open("one tw", true), [false, true]);
        assert_eq!(open("one tw ", true), [false, false]);
        assert_eq!(open("one \"tw", true), [false, false]);
        assert_eq!(open("one tw", false), [false, false]);
    }

    #[test]
    fn unspaced_scripts_are_taken_sign_by_sign() {
        assert_eq!(spread("a漢字b").split_whitespace().collect::<Vec<_>>(), ["a", "漢", "字", "b"]);
        assert_eq!(spread("größe"), "größe");
    }

    proptest! {
        /// Whatever is typed, the index takes it.
        #[test]
        fn no_query_is_a_mistake(text in "\\PC{0,40}|[a-z\"*#:() +\\-^{}]{0,40}|(NOT|AND|OR|NEAR\\(|from:|#|\"|\\u{0}){0,8}", typing: bool) {
            let db = rusqlite::Connection::open_in_memory().unwrap();
            db.execute_batch("CREATE VIRTUAL TABLE t USING fts5 (text, marks)").unwrap();
            let query = Query::parse(&text, typing);
            if let Some(expression) = query.expression(typing) {
                let found: Result<i64, _> = db.query_row(
                    "SELECT count(*) FROM t WHERE t MATCH ?1",
                    [format!("text : ({expression})")],
                    |row| row.get(0),
                );
                prop_assert_eq!(found.unwrap(), 0, "{}", expression);
            }
        }
    }
}
