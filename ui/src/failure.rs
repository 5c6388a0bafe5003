//! What went wrong, in words that tell what happened and the next step.

use kith_node::Error;

use crate::strings::{known, t};

/// What went wrong and, where one helps, the next step: for screens outside of this crate.
pub fn explain(error: &Error) -> (String, Option<String>) {
    let Failure { text, hint } = Failure::of(error);
    (text, hint)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) text: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn of(error: &Error) -> Self {
        // What is next is said there for who sits at a terminal.
        if matches!(error, Error::Advised { .. } | Error::NoPhrase | Error::NotYours) {
            return Self::said(sentence(&error.to_string()));
        }
        // A text for the code where there is one; what the node says where only it knows the details.
        let told = matches!(error, Error::BadInput(_) | Error::Picture(_) | Error::NoBackup(_));
        let key = format!("error-{}", error.code().replace('_', "-"));
        let text = if told || !known(&key) { sentence(&error.to_string()) } else { t(&key) };
        Self { text, hint: next(&key, error.hint()) }
    }

    /// Of what the node tells outside of a verb's answer.
    pub(crate) fn told(code: &str, message: &str, hint: &str) -> Self {
        let key = format!("error-{}", code.replace('_', "-"));
        Self { text: if known(&key) { t(&key) } else { sentence(message) }, hint: next(&key, hint) }
    }

    pub(crate) fn said(text: String) -> Self {
        Self { text, hint: None }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)?;
        match &self.hint {
            Some(hint) => write!(f, " {hint}"),
            None => Ok(()),
        }
    }
}

/// The next step: ours, or what the node says for all who ask it.
fn next(key: &str, told: &str) -> Option<String> {
    let key = format!("{key}-hint");
    if known(&key) { Some(t(&key)) } else { Some(sentence(told)).filter(|told| !told.is_empty()) }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), chars.as_str())
}

#[cfg(test)]
mod tests {
    use kith_node::LinkError;

    use super::*;

    #[test]
    fn whatever_ends_a_linking_has_its_words_and_its_next_step() {
        for error in LinkError::ALL {
            let key = format!("error-{}", error.code().replace('_', "-"));
            assert!(known(&key) && known(&format!("{key}-hint")), "{key}");
        }
    }

    #[test]
    fn a_failure_says_what_happened_and_what_next() {
        let full = Failure::of(&Error::DiskFull);
        assert!(full.hint.is_some_and(|hint| hint.contains("space")));
        let plain = Failure::of(&Error::BadInput("this is no invite".into()));
        assert_eq!((plain.text.as_str(), plain.hint), ("This is no invite.", None));
        let words = Failure::of(&Error::NoPhrase);
        assert!(words.text.contains("not on this device") && words.hint.is_none(), "{words}");
        let node = Failure::of(&Error::ProfileExists);
        assert_eq!(node.hint.as_deref(), Some("Use it as it is, or choose another folder with --profile."));
        let out = Failure::of(&Error::DeviceRevoked("Alice".into()));
        assert!(out.text.contains("revoked") && out.hint.is_some_and(|hint| hint.contains("another device")));
        // Who was asked is part of it, and nobody is sent to a command that does what the window does.
        let none = Failure::of(&Error::NoBackup("; no answer came from abcd1234".into()));
        assert!(none.text.ends_with("no answer came from abcd1234."), "{none}");
        assert!(none.hint.is_some_and(|hint| !hint.contains("--anchor")));
    }
}
