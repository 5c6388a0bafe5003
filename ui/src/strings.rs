//! What users read, from Fluent files: one folder for each language, one file for each area.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::language::{Language, language};

/// The files of every language.
macro_rules! files {
    ($($area:literal),* $(,)?) => {
        const ENGLISH: &[&str] = &[$(include_str!(concat!("../i18n/en/", $area, ".ftl"))),*];
        const GERMAN: &[&str] = &[$(include_str!(concat!("../i18n/de/", $area, ".ftl"))),*];
        const ARABIC: &[&str] = &[$(include_str!(concat!("../i18n/ar/", $area, ".ftl"))),*];
    };
}

files!(
    "arrival",
    "card",
    "circles",
    "common",
    "composer",
    "devices",
    "drafts",
    "emoji",
    "errors",
    "feed",
    "link",
    "messages",
    "near",
    "network",
    "notes",
    "notifications",
    "palette",
    "people",
    "persona",
    "polls",
    "post",
    "published",
    "quotes",
    "reading",
    "report",
    "scan",
    "series",
    "settings",
    "web",
    "writing",
);

static IN_ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::English));
static IN_GERMAN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::German));
static IN_ARABIC: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::Arabic));

/// The text of `key` in the [`language`] of what is drawn; in English where that has none, and the key itself when there
/// is none at all (tests hold that neither happens).
pub fn t(key: &str) -> String {
    format_message(key, None)
}

/// As [`t`], with values for the message's variables. Numbers choose plural forms.
pub fn t_args<'a>(key: &str, args: &[(&'static str, FluentValue<'a>)]) -> String {
    let language = language();
    let mut values = FluentArgs::with_capacity(args.len());
    for (name, value) in args {
        values.set(*name, if language == Language::Arabic { by_its_rest(value) } else { value.clone() });
    }
    format_message(key, Some(&values))
}

/// A whole number where it stands alone, as the language writes it.
pub fn number(number: impl TryInto<u64>) -> String {
    language().number(number.try_into().unwrap_or(u64::MAX))
}

/// Whether there is a message of that name.
pub(crate) fn known(key: &str) -> bool {
    IN_ENGLISH.has_message(key)
}

fn format_message(key: &str, args: Option<&FluentArgs<'_>>) -> String {
    text([of(language()), &IN_ENGLISH], key, args)
}

/// From the first that has it.
fn text(bundles: [&FluentBundle<FluentResource>; 2], key: &str, args: Option<&FluentArgs<'_>>) -> String {
    let mut found = bundles.into_iter().filter_map(|bundle| Some((bundle, bundle.get_message(key)?.value()?)));
    let Some((bundle, pattern)) = found.next() else {
        tracing::error!(key, "a text is missing");
        return key.to_owned();
    };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, args, &mut errors).into_owned();
    if !errors.is_empty() {
        tracing::error!(key, "a text has a variable without a value");
    }
    text
}

fn of(language: Language) -> &'static FluentBundle<FluentResource> {
    match language {
        Language::English => &IN_ENGLISH,
        Language::German => &IN_GERMAN,
        Language::Arabic => &IN_ARABIC,
    }
}

fn files(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => ENGLISH,
        Language::German => GERMAN,
        Language::Arabic => ARABIC,
    }
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![language.tag().parse().unwrap_or_default()]);
    match language {
        Language::English => bundle.set_formatter(Some(|value, _| in_digits(Language::English, value))),
        Language::German => bundle.set_formatter(Some(|value, _| in_digits(Language::German, value))),
        Language::Arabic => bundle.set_formatter(Some(|value, _| in_digits(Language::Arabic, value))),
    }
    for file in files(language) {
        let resource = FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(partial, errors)| {
            tracing::error!(errors = errors.len(), "the texts have mistakes");
            partial
        });
        if bundle.add_resource(resource).is_err() {
            tracing::error!("a text is there twice");
        }
    }
    bundle
}

/// Forms of Arabic go by the rest of a number by a hundred (CLDR: few is `n % 100 = 3..10`). `intl_pluralrules` 7.0.2 leaves
/// that out, so that 103 would be as 100 is: what is above a hundred chooses by its rest here, and carries what is written.
fn by_its_rest<'a>(value: &FluentValue<'a>) -> FluentValue<'a> {
    match value {
        FluentValue::Number(number) if number.value > 100.0 && number.value % 100.0 >= 3.0 => {
            let mut rest = number.clone();
            rest.value %= 100.0;
            rest.options.currency = Some(number.as_string().into_owned());
            FluentValue::Number(rest)
        }
        value => value.clone(),
    }
}

/// Whole numbers as the language writes them; all else as it is.
fn in_digits(language: Language, value: &FluentValue<'_>) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let written = number.options.currency.clone().unwrap_or_else(|| number.as_string().into_owned());
    written.parse().ok().map(|number| language.number(number))
}

#[cfg(test)]
mod tests;
