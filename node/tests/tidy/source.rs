//! Rust source with everything blanked that is not code, line for line, so that a search by text finds only code.

/// One file: its path from the root of the tree, and its code.
pub(crate) struct Source {
    pub(crate) path: String,
    code: String,
}

impl Source {
    /// Without comments, the insides of texts in quotes, and items under `#[cfg(test)]`.
    pub(crate) fn without_tests(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), code: blank_tests(&blank_words(text)) }
    }

    /// Without comments and the insides of texts in quotes.
    pub(crate) fn with_tests(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), code: blank_words(text) }
    }

    /// Lines, counted from 1, that hold `what`, not as the tail of a longer name.
    pub(crate) fn find(&self, what: &str) -> impl Iterator<Item = usize> {
        let lines = self.code.lines().enumerate();
        lines.filter(|(_, line)| holds(line, what)).map(|(number, _)| number + 1)
    }

    /// The line of the first item that is only there for tests, counted from 1.
    pub(crate) fn tests_from(&self) -> Option<usize> {
        test_marks(&self.code).first().map(|at| self.code[..*at].matches('\n').count() + 1)
    }

    /// Modules that are only there for tests and have a file of their own.
    pub(crate) fn test_modules(&self) -> impl Iterator<Item = String> {
        test_marks(&self.code).into_iter().filter_map(|at| {
            let rest = self.code[at..].split_once("]")?.1;
            let (head, _) = rest.split_once([';', '{'])?;
            let is_file = rest[head.len()..].starts_with(';');
            // Other attributes may stand between.
            let (_, name) = head.rsplit_once("mod ")?;
            (is_file && name.chars().all(is_word)).then(|| name.to_owned())
        })
    }

    /// What a crate's head shows under its own name: (name, the module that it comes from).
    pub(crate) fn shown_names(&self) -> impl Iterator<Item = (String, String)> {
        let mut found = Vec::new();
        for statement in self.code.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next()) {
            let Some((module, names)) = statement.split_once("::") else { continue };
            let names = names.split(|it| !is_word(it)).filter(|name| !name.is_empty());
            found.extend(names.map(|name| (name.to_owned(), module.trim().to_owned())));
        }
        found.into_iter()
    }

    /// Modules named right after `crate::`, with the line.
    pub(crate) fn crate_uses(&self) -> impl Iterator<Item = (String, usize)> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("crate::") {
            let (before, rest) = (&self.code[..at], &self.code[at + "crate::".len()..]);
            // `pub(in crate::…)` says who sees a thing, not what it uses; `mycrate::` is another's.
            if before.ends_with("in ") || before.ends_with(is_word) {
                continue;
            }
            let line = before.matches('\n').count() + 1;
            let names = if rest.starts_with('{') { first_names(rest) } else { vec![word(rest)] };
            found.extend(names.into_iter().map(|name| (name, line)));
        }
        found.into_iter()
    }
}

fn holds(line: &str, what: &str) -> bool {
    let starts_word = what.starts_with(is_word);
    line.match_indices(what).any(|(at, _)| !(starts_word && line[..at].ends_with(is_word)))
}

fn is_word(it: char) -> bool {
    it.is_alphanumeric() || it == '_'
}

fn word(text: &str) -> String {
    text.chars().take_while(|it| is_word(*it)).collect()
}

/// The first name of each branch of `{a::X, b::{Y, Z}, c}`.
fn first_names(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut fresh = false;
    for (at, it) in group.char_indices() {
        match it {
            '{' => {
                depth += 1;
                fresh = depth == 1;
            }
            '}' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            ',' => fresh = depth == 1,
            _ if fresh && is_word(it) => {
                names.push(word(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

/// Blanks comments and the insides of strings and characters; every line break stays.
fn blank_words(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(b"//") {
            at + rest.iter().position(|it| *it == b'\n').unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            at + block_comment(rest)
        } else if let Some(hashes) = raw_string(bytes, at) {
            let close = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
            let inside = at + 2 + hashes;
            inside + find(&bytes[inside.min(bytes.len())..], &close) + close.len()
        } else if rest[0] == b'"' {
            at + quoted(rest, b'"')
        } else if rest[0] == b'\'' && is_char(rest) {
            at + quoted(rest, b'\'')
        } else {
            at += 1;
            continue;
        };
        let end = end.min(bytes.len());
        out[at..end].iter_mut().filter(|it| **it != b'\n').for_each(|it| *it = b' ');
        at = end;
    }
    String::from_utf8(out).expect("whole characters were blanked")
}

/// Length of a block comment; they nest.
fn block_comment(text: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The count of `#` when a raw string starts here.
fn raw_string(text: &[u8], at: usize) -> Option<usize> {
    if text[at] != b'r' || (at > 0 && is_word(char::from(text[at - 1])) && text[at - 1] != b'b') {
        return None;
    }
    let hashes = text[at + 1..].iter().take_while(|it| **it == b'#').count();
    (text.get(at + 1 + hashes) == Some(&b'"')).then_some(hashes)
}

/// Length of a text from its opening quote to its closing one, both included.
fn quoted(text: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != quote {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// A character, not a lifetime: an escape, or a closing quote after one character.
fn is_char(text: &[u8]) -> bool {
    if text.get(1) == Some(&b'\\') {
        return true;
    }
    let width = text[1..].iter().skip(1).take_while(|it| **it & 0xC0 == 0x80).count() + 1;
    text.get(1 + width) == Some(&b'\'')
}

fn find(text: &[u8], what: &[u8]) -> usize {
    text.windows(what.len()).position(|window| window == what).unwrap_or(text.len())
}

/// Where `#[cfg(test)]` and `#[cfg(all(test, …))]` stand; `any(test, …)` is there without tests too.
fn test_marks(code: &str) -> Vec<usize> {
    let mut marks: Vec<usize> =
        ["#[cfg(test)]", "#[cfg(all(test"].iter().flat_map(|mark| code.match_indices(mark)).map(|(at, _)| at).collect();
    marks.sort_unstable();
    marks
}

/// Blanks each item that is only there for tests: up to the end of its braces, or to its semicolon.
fn blank_tests(code: &str) -> String {
    let mut out = code.as_bytes().to_vec();
    for start in test_marks(code) {
        let mut depth = 0;
        let mut end = code.len();
        for (at, it) in code[start..].char_indices() {
            match it {
                '{' => depth += 1,
                '}' => depth -= 1,
                ';' if depth == 0 => {}
                _ => continue,
            }
            if depth == 0 {
                end = start + at + 1;
                break;
            }
        }
        out[start..end].iter_mut().filter(|it| **it != b'\n').for_each(|it| *it = b' ');
    }
    String::from_utf8(out).expect("whole characters were blanked")
}

#[test]
fn words_are_blanked_and_code_stays() {
    let text = "let a = \"x.unwrap() // \\\" panic!(\"; // todo!(\nlet b = 'c'; fn f<'a>(x: &'a str) { x.unwrap() }\n\
                /* panic!( /* in */ panic!( */ let q = r#\"asset!(\"\"#; let u = 'ü'; let e = '\\''; y.expect(1)";
    let source = Source::with_tests("a.rs", text);
    assert_eq!(source.find(".unwrap()").collect::<Vec<_>>(), [2]);
    assert_eq!(source.find(".expect(").collect::<Vec<_>>(), [3]);
    for word in ["panic!(", "todo!(", "asset!("] {
        assert_eq!(source.find(word).count(), 0, "{word}");
    }
}

#[test]
fn test_code_is_left_out() {
    let text = "fn a() { b.unwrap() }\n#[cfg(test)]\nmod tests;\nfn c() {}\n#[cfg(all(test, unix))]\nmod tests {\n  fn d() { e.unwrap() }\n}\nf.unwrap()";
    let source = Source::without_tests("a.rs", text);
    assert_eq!(source.find(".unwrap()").collect::<Vec<_>>(), [1, 9]);
    assert_eq!(source.find("fn c(").collect::<Vec<_>>(), [4]);
}

#[test]
fn uses_of_the_crate_are_found() {
    let text = "use crate::id::EntryId;\nuse crate::{net, store::{Row, Db}, post::*};\npub(in crate::sync) fn x() { crate::apply::y() }\nmycrate::z();";
    let found: Vec<_> = Source::with_tests("a.rs", text).crate_uses().collect();
    let names: Vec<_> = found.iter().map(|(name, line)| (name.as_str(), *line)).collect();
    assert_eq!(names, [("id", 1), ("net", 2), ("store", 2), ("post", 2), ("apply", 3)]);
}

#[test]
fn a_crates_head_is_read() {
    let text = "mod error;\npub use error::{Error, Result};\npub use node::Node;\n#[cfg(test)]\n#[allow(x)]\nmod tokens_test;\n#[cfg(test)]\nmod tests {}";
    let head = Source::with_tests("lib.rs", text);
    let names: Vec<_> = head.shown_names().collect();
    let expected = [("Error", "error"), ("Result", "error"), ("Node", "node")];
    assert_eq!(names, expected.map(|(name, module)| (name.to_owned(), module.to_owned())));
    assert_eq!(head.test_modules().collect::<Vec<_>>(), ["tokens_test"]);
}

#[test]
fn a_longer_name_is_another_name() {
    assert!(holds("use iroh::Endpoint;", "iroh::") && !holds("use my_iroh::Endpoint;", "iroh::"));
}
