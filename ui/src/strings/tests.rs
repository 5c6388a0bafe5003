#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
//! Holds the catalogue: every language has every text with the same variables and all plural forms, every text is used,
//! and no text stands outside of it.

#[path = "visible.rs"]
mod visible;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::*;
use crate::language::{LANGUAGES, within};

/// Of one message: its variables, and what its selectors choose among.
#[derive(Debug, Default, PartialEq, Eq)]
struct Shape {
    variables: BTreeSet<String>,
    forms: BTreeSet<String>,
}

/// Files below the folder, with their texts.
fn rust_files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            files.push((path, text));
        }
    }
    files
}

/// All that may ask for texts.
fn sources() -> Vec<(PathBuf, String)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = |path: &Path| {
        let folder = path.parent().is_some_and(|folder| folder.ends_with("strings"));
        folder || path.ends_with("strings.rs") || path.ends_with("tests.rs")
    };
    ["src", "../app/src", "../cli/src/web"]
        .iter()
        .flat_map(|folder| rust_files(&here.join(folder)))
        .filter(|(path, _)| !ours(path))
        .collect()
}

/// Keys in `t("…")` and `t_args("…"`, and every `"error-…"`/`"…-key"` constant passed on by name.
fn used() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for (_, source) in sources() {
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

/// All messages of a language, by key.
fn messages(language: Language) -> BTreeMap<String, Shape> {
    let mut messages: BTreeMap<String, Shape> = BTreeMap::new();
    for file in files(language) {
        let mut key = String::new();
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                key = line.split_once(" =").expect("a key and its text").0.to_owned();
                assert!(!messages.contains_key(&key), "{key} stands twice in {language:?}");
                messages.insert(key.clone(), Shape::default());
            }
            let Some(shape) = messages.get_mut(&key) else { continue };
            for (at, _) in line.match_indices('$') {
                let name = line[at + 1..].split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap();
                shape.variables.insert(name.to_owned());
            }
            if let Some((form, _)) =
                line.trim_start().trim_start_matches('*').strip_prefix('[').and_then(|l| l.split_once(']'))
            {
                shape.forms.insert(form.to_owned());
            }
        }
    }
    messages
}

#[test]
fn the_files_have_no_mistakes_and_no_key_twice() {
    for known in &LANGUAGES {
        let mut bundle: FluentBundle<FluentResource> = FluentBundle::new_concurrent(vec![known.tag.parse().unwrap()]);
        for file in files(known.language) {
            let head = file.lines().next().unwrap_or_default();
            let resource =
                FluentResource::try_new((*file).to_owned()).unwrap_or_else(|_| panic!("mistakes below {head}"));
            assert!(bundle.add_resource(resource).is_ok(), "a key stands twice: {head}");
        }
    }
}

#[test]
fn every_language_has_every_text_with_the_same_variables() {
    let english = messages(Language::English);
    assert!(english.len() > 900, "the files were read");
    for known in &LANGUAGES {
        let own = messages(known.language);
        let keys = |all: &BTreeMap<String, Shape>| all.keys().cloned().collect::<BTreeSet<_>>();
        let (missing, more) = (&keys(&english) - &keys(&own), &keys(&own) - &keys(&english));
        assert!(missing.is_empty() && more.is_empty(), "{}: missing {missing:?}, not in English {more:?}", known.tag);
        let other: Vec<_> = own.iter().filter(|(key, shape)| shape.variables != english[*key].variables).collect();
        assert!(other.is_empty(), "{}: other variables {other:?}", known.tag);
    }
}

#[test]
fn where_english_counts_every_language_has_all_its_forms() {
    let forms =
        [(Language::German, &["one", "other"][..]), (Language::Arabic, &["one", "two", "few", "many", "other"][..])];
    let english = messages(Language::English);
    let counted: Vec<_> = english.iter().filter(|(_, shape)| shape.forms.contains("one")).collect();
    assert!(counted.len() > 40, "counted texts were found");
    for (language, forms) in forms {
        let own = messages(language);
        for (key, shape) in &counted {
            let has = &own[*key].forms;
            assert!(forms.iter().all(|form| has.contains(*form)), "{language:?} {key}: {has:?}");
            let none = |forms: &BTreeSet<String>| forms.contains("0");
            assert_eq!(none(has), none(&shape.forms), "{language:?} {key}: what is said of none");
            // "zero" is a form of Arabic, and of none of the others.
            let zero = language == Language::Arabic && !none(has);
            assert_eq!(has.contains("zero"), zero, "{language:?} {key}: {has:?}");
        }
    }
}

#[test]
fn every_key_that_is_used_exists() {
    let missing: Vec<_> = used().into_iter().filter(|key| !known(key)).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    assert!(used().len() > 50, "the search found the keys");
}

#[test]
fn every_key_is_used() {
    let all: String = sources().into_iter().map(|(_, text)| text).collect();
    let node: String = rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../node/src"))
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    // A text about an error goes by the code that the node gives it.
    let of_an_error = |key: &str| {
        let code = key.strip_prefix("error-")?;
        let code = code.strip_suffix("-hint").unwrap_or(code).replace('-', "_");
        Some(node.contains(&format!("\"{code}\"")))
    };
    let unused: Vec<_> = messages(Language::English)
        .into_keys()
        .filter(|key| !of_an_error(key).unwrap_or_else(|| all.contains(&format!("\"{key}\""))))
        .collect();
    assert!(unused.is_empty(), "unused: {unused:?}");
}

#[test]
fn no_text_stands_outside_of_the_catalogue() {
    let outside: Vec<_> = sources()
        .iter()
        .flat_map(|(path, text)| {
            visible::texts(text).into_iter().map(move |found| format!("{}: {found}", path.display()))
        })
        .collect();
    assert!(outside.is_empty(), "texts that can't be translated: {outside:#?}");
}

#[test]
fn counts_choose_the_form() {
    let posts = |count: u64| t_args("feed-new", &[("count", count.into())]);
    assert_eq!(posts(1), "1 new post");
    assert!(posts(7).contains("new posts") && posts(1_234).contains("1,234"));
    let german = |count| within(Language::German, || posts(count));
    assert_eq!(german(1), "1 neuer Beitrag");
    assert!(german(1_234).contains("1.234") && german(0).contains("neue Beiträge"));
    let arabic = |count| within(Language::Arabic, || posts(count));
    assert_eq!([arabic(0), arabic(1), arabic(2)], ["لا منشورات جديدة", "منشور جديد واحد", "منشوران جديدان"]);
    assert!([3, 10, 103].into_iter().all(|few| arabic(few).contains("منشورات جديدة")));
    assert!([11, 99, 1_111].into_iter().all(|many| arabic(many).contains("منشورًا جديدًا")));
    assert!([100, 101, 202, 1_000].into_iter().all(|other| arabic(other).ends_with("منشور جديد")));
    assert!(arabic(1_111).contains("1,111") && arabic(103).contains("103"));
}

#[test]
fn a_name_does_not_turn_the_sentence_around_it() {
    let label = |language| within(language, || t_args("mute-person", &[("name", "Alice".into())]));
    for known in &LANGUAGES {
        assert!(label(known.language).contains("\u{2068}Alice\u{2069}"), "{}", known.tag);
    }
    let written: String = label(Language::Arabic).chars().filter(|c| !matches!(c, '\u{2068}' | '\u{2069}')).collect();
    assert_eq!(written, "كتم Alice…");
}

#[test]
fn what_a_language_lacks_is_said_in_english() {
    let bundle = |text: &str| {
        let mut bundle = FluentBundle::new_concurrent(vec!["de".parse().unwrap()]);
        bundle.add_resource(FluentResource::try_new(text.to_owned()).unwrap()).unwrap();
        bundle
    };
    let (own, english) = (bundle("save = Speichern\n"), bundle("save = Save\nback = Back\n"));
    let said = |key| text([&own, &english], key, None);
    assert_eq!([said("save"), said("back"), said("nowhere")], ["Speichern", "Back", "nowhere"]);
}
