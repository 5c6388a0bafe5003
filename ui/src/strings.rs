//! What users read, from Fluent files.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

const ENGLISH: &str = concat!(
    include_str!("../i18n/arrival.ftl"),
    "\n",
    include_str!("../i18n/en.ftl"),
    "\n",
    include_str!("../i18n/private.ftl"),
    "\n",
    include_str!("../i18n/devices.ftl"),
    "\n",
    include_str!("../i18n/link.ftl"),
    "\n",
    include_str!("../i18n/persona.ftl")
);

static BUNDLE: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(ENGLISH));

/// The text of `key`; the key itself when there is none (a test holds that this never happens).
pub fn t(key: &str) -> String {
    format_message(key, None)
}

/// As [`t`], with values for the message's variables. Numbers choose plural forms.
pub fn t_args<'a>(key: &str, args: &[(&'static str, FluentValue<'a>)]) -> String {
    let mut values = FluentArgs::with_capacity(args.len());
    for (name, value) in args {
        values.set(*name, value.clone());
    }
    format_message(key, Some(&values))
}

/// Whether there is a message of that name.
pub(crate) fn known(key: &str) -> bool {
    BUNDLE.has_message(key)
}

fn format_message(key: &str, args: Option<&FluentArgs<'_>>) -> String {
    let Some(pattern) = BUNDLE.get_message(key).and_then(|message| message.value()) else {
        tracing::error!(key, "a text is missing");
        return key.to_owned();
    };
    let mut errors = Vec::new();
    let text = BUNDLE.format_pattern(pattern, args, &mut errors).into_owned();
    if !errors.is_empty() {
        tracing::error!(key, "a text has a variable without a value");
    }
    text
}

fn bundle(source: &str) -> FluentBundle<FluentResource> {
    let language = "en".parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, errors)| {
        tracing::error!(errors = errors.len(), "the texts have mistakes");
        partial
    });
    if bundle.add_resource(resource).is_err() {
        tracing::error!("a text is there twice");
    }
    bundle
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn sources() -> Vec<String> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        ["src", "../app/src", "../cli/src/web"]
            .iter()
            .flat_map(|folder| std::fs::read_dir(here.join(folder)).unwrap())
            .map(|file| file.unwrap().path())
            .filter(|path| !path.ends_with("strings.rs"))
            .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    }

    /// Keys in `t("…")` and `t_args("…"`, and every `"error-…"`/`"…-key"` constant passed on by name.
    fn used() -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for source in sources() {
            for call in ["t(\"", "t_args(\"", "t_key: \""] {
                for (at, _) in source.match_indices(call) {
                    let before = source[..at].chars().next_back().unwrap_or(' ');
                    if call.starts_with("t(") && (before.is_alphanumeric() || before == '_' || before == '.') {
                        continue;
                    }
                    let key = source[at + call.len()..].split('"').next().unwrap();
                    if !key.is_empty() {
                        keys.insert(key.to_owned());
                    }
                }
            }
        }
        keys
    }

    #[test]
    fn the_file_has_no_mistakes_and_no_key_twice() {
        let resource = FluentResource::try_new(ENGLISH.to_owned()).expect("the files parse");
        let mut bundle: FluentBundle<FluentResource> = FluentBundle::new_concurrent(vec!["en".parse().unwrap()]);
        assert!(bundle.add_resource(resource).is_ok());
    }

    #[test]
    fn every_key_that_is_used_exists() {
        let missing: Vec<_> = used().into_iter().filter(|key| !known(key)).collect();
        assert!(missing.is_empty(), "missing: {missing:?}");
        assert!(used().len() > 50, "the search found the keys");
    }

    #[test]
    fn every_key_is_used() {
        let all: String = sources().concat();
        let unused: Vec<_> = ENGLISH
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" =").map(|(key, _)| key))
            .filter(|key| !key.starts_with("error-") && !all.contains(&format!("\"{key}\"")))
            .collect();
        assert!(unused.is_empty(), "unused: {unused:?}");
    }

    #[test]
    fn counts_choose_the_form() {
        assert_eq!(t_args("feed-new", &[("count", 1.into())]), "1 new post");
        assert!(t_args("feed-new", &[("count", 7.into())]).contains("new posts"));
    }
}
