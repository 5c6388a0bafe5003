//! Finds what users would read outside of the catalogue: texts and labels that stand in the code of screens.

/// Attributes and properties that users read or hear.
const READ: [&str; 13] = [
    "aria_label",
    "aria-label",
    "aria_description",
    "aria_valuetext",
    "title",
    "placeholder",
    "alt",
    "label",
    "told",
    "text",
    "does",
    "yes",
    "hint",
];
/// Calls that show their text.
const SHOWN: [&str; 3] = ["tell", "said", "fail"];
/// The same in every language.
const NAMES: [&str; 1] = ["Kith"];

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

/// A bracket that is open.
struct Open {
    bracket: char,
    /// The outermost one of an `rsx!`.
    root: bool,
    /// Of which attribute the value stands here.
    attribute: Option<String>,
}

/// Texts in `source`, which is Rust, that are for users and not from the catalogue; tests at its end are left out.
pub(super) fn texts(source: &str) -> Vec<String> {
    let tokens = tokens(source.split("#[cfg(test)]").next().unwrap_or_default());
    let mut open: Vec<Open> = Vec::new();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let after = tokens.get(at + 1);
        match token {
            Token::Mark(bracket @ ('{' | '(' | '[')) => {
                let root = before == Some(&Token::Mark('!'))
                    && at.checked_sub(2).and_then(|at| tokens.get(at)) == Some(&Token::Word("rsx".into()));
                open.push(Open { bracket: *bracket, root, attribute: None });
            }
            Token::Mark('}' | ')' | ']') => drop(open.pop()),
            Token::Mark(',') => {
                if let Some(open) = open.last_mut() {
                    open.attribute = None;
                }
            }
            Token::Mark(':') if after != Some(&Token::Mark(':')) && before != Some(&Token::Mark(':')) => {
                if let (Some(open), Some(Token::Word(name) | Token::Text(name))) = (open.last_mut(), before) {
                    open.attribute.get_or_insert_with(|| name.clone());
                }
            }
            Token::Text(text) if after != Some(&Token::Mark(':')) && has_words(text) => {
                if is_read(&open, before) || is_shown(&tokens, at) {
                    found.push(text.clone());
                }
            }
            Token::Word(_) | Token::Text(_) | Token::Mark(_) => {}
        }
    }
    found
}

/// Whether a text here, behind `before`, is drawn: as a node of its own, or as an attribute that is read.
fn is_read(open: &[Open], before: Option<&Token>) -> bool {
    let Some(root) = open.iter().rposition(|open| open.root) else { return false };
    let inside = open.get(root..).unwrap_or_default();
    // What stands among a call's arguments is the call's.
    let nearest = inside.iter().rposition(|open| open.attribute.is_some()).unwrap_or(0);
    if inside.iter().skip(nearest + 1).any(|open| open.bracket != '{') {
        return false;
    }
    match inside.get(nearest).and_then(|open| open.attribute.as_deref()) {
        Some(attribute) => READ.contains(&attribute),
        None => matches!(before, Some(Token::Mark('{' | '}' | ',') | Token::Text(_))),
    }
}

fn is_shown(tokens: &[Token], at: usize) -> bool {
    let call = at.checked_sub(2).and_then(|at| tokens.get(at..at + 2));
    matches!(call, Some([Token::Word(name), Token::Mark('(')]) if SHOWN.contains(&name.as_str()))
}

/// Letters beside what is put in and what is a name.
fn has_words(text: &str) -> bool {
    let mut depth = 0_u32;
    let beside: String = text
        .chars()
        .filter(|c| {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect();
    !NAMES.contains(&beside.trim()) && beside.chars().any(char::is_alphabetic)
}

fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let at = |n: usize| chars.get(n).copied().unwrap_or('\0');
    let (mut n, mut tokens) = (0, Vec::new());
    while n < chars.len() {
        match at(n) {
            '/' if at(n + 1) == '/' => {
                while n < chars.len() && at(n) != '\n' {
                    n += 1;
                }
            }
            // A character, and not a lifetime.
            '\'' if at(n + 1) == '\\' || at(n + 2) == '\'' => {
                n += if at(n + 1) == '\\' { 3 } else { 2 };
                while n < chars.len() && at(n) != '\'' {
                    n += 1;
                }
                n += 1;
            }
            'r' if at(n + 1) == '"' || (at(n + 1) == '#' && at(n + 2) == '"') => {
                let end: &[char] = if at(n + 1) == '#' { &['"', '#'] } else { &['"'] };
                n += 1 + end.len();
                let start = n;
                while n < chars.len() && !chars.get(n..).unwrap_or_default().starts_with(end) {
                    n += 1;
                }
                tokens.push(Token::Text(chars.get(start..n).unwrap_or_default().iter().collect()));
                n += end.len();
            }
            '"' => {
                let mut text = String::new();
                n += 1;
                while n < chars.len() && at(n) != '"' {
                    if at(n) == '\\' {
                        n += 1;
                        // `\n` and its like are no letters.
                        if matches!(at(n), 'n' | 't' | 'r' | 'u') {
                            n += 1;
                            continue;
                        }
                    }
                    text.push(at(n));
                    n += 1;
                }
                n += 1;
                tokens.push(Token::Text(text));
            }
            c if c.is_alphanumeric() || c == '_' => {
                let start = n;
                while at(n).is_alphanumeric() || at(n) == '_' {
                    n += 1;
                }
                tokens.push(Token::Word(chars.get(start..n).unwrap_or_default().iter().collect()));
            }
            c => {
                if !c.is_whitespace() {
                    tokens.push(Token::Mark(c));
                }
                n += 1;
            }
        }
    }
    tokens
}

#[test]
fn texts_and_labels_are_found_and_all_else_is_not() {
    let source = r##"
        fn draw() -> Element {
            let said = "not drawn";
            notices.tell("Told");
            rsx! {
                // "in a comment"
                div { class: "a b", title: "Say it", "data-testid": "x-y",
                    "Hello {name}"
                    {t("from-the-catalogue")}
                    if 'x' == c { "More" } else if open.contains("word") { "{count}" }
                    for item in list { li { key: "{item}", "#{item}" } }
                    button {
                        aria_label: if on { "Yes" } else { t("no") },
                        onclick: move |_| { log("quiet", "text"); spawn(async move { act("more").await }); },
                        span { "Kith" }
                        match state { State::On => rsx! { "On" }, State::Off => rsx! { p { class: "off" } } }
                    }
                    Ask { title: t("title"), does: format!("{} {}", a, "b"), testid: "ask", placeholder: r#"Quoted "so""# }
                }
            }
        }
        #[cfg(test)]
        mod tests { fn draw() { rsx! { "Only in a test" } } }
    "##;
    let found = texts(source);
    assert_eq!(found, ["Told", "Say it", "Hello {name}", "More", "Yes", "On", "Quoted \"so\""]);
}
