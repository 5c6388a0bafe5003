//! Languages: which there are, how each writes numbers and dates, and in which one a page or window speaks.
//!
//! Every page and window has its own: what its host found that its user prefers, until the user chooses one. Whoever draws
//! outside of a page says so with [`within`] or [`speaking`].

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::OnceLock;

use dioxus::core::Runtime;
use dioxus::prelude::*;

/// Entries of a list of preferred languages that are looked at.
const PREFERRED: usize = 32;

/// A language that Kith speaks. Where a text is missing in one, it is English.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    German,
    Arabic,
}

/// How a language is called and written.
pub(crate) struct Known {
    pub(crate) language: Language,
    /// For `lang`, and the setting's value.
    pub(crate) tag: &'static str,
    /// In itself.
    pub(crate) name: &'static str,
    /// For `dir`.
    pub(crate) direction: &'static str,
    /// Between groups of three digits.
    group: &'static str,
    /// A date: `y`, `m` and `d` stand for its parts.
    date: &'static str,
}

pub(crate) static LANGUAGES: [Known; 3] = [
    // One form for all who read English, and not that of one country.
    Known { language: Language::English, tag: "en", name: "English", direction: "ltr", group: ",", date: "y-m-d" },
    Known { language: Language::German, tag: "de", name: "Deutsch", direction: "ltr", group: ".", date: "d.m.y" },
    // As CLDR has it for Arabic without a country: Western digits, and marks that keep the parts of a date in order.
    Known {
        language: Language::Arabic,
        tag: "ar",
        name: "العربية",
        direction: "rtl",
        group: ",",
        date: "d\u{200f}/m\u{200f}/y",
    },
];

impl Language {
    pub(crate) fn known(self) -> &'static Known {
        let [english, german, arabic] = &LANGUAGES;
        match self {
            Self::English => english,
            Self::German => german,
            Self::Arabic => arabic,
        }
    }

    /// `en`, `de`, `ar`.
    pub fn tag(self) -> &'static str {
        self.known().tag
    }

    /// `ltr` or `rtl`.
    pub fn direction(self) -> &'static str {
        self.known().direction
    }

    /// Of a tag such as `de`, `de-AT` or `de_AT.UTF-8`.
    pub fn of(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_', '.', '@']).next().unwrap_or_default();
        LANGUAGES.iter().find(|known| known.tag.eq_ignore_ascii_case(primary)).map(|known| known.language)
    }

    /// The first of these tags that is known, most wanted first; English where none is.
    pub fn best<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        tags.into_iter().take(PREFERRED).find_map(Self::of).unwrap_or_default()
    }

    /// Of an `Accept-Language` header.
    pub fn accepted(header: &str) -> Self {
        let mut wanted: Vec<(&str, f32)> = header
            .split(',')
            .take(PREFERRED)
            .map(|range| {
                let mut parts = range.split(';');
                let tag = parts.next().unwrap_or_default().trim();
                let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.trim().parse().ok());
                (tag, weight.unwrap_or(1.0))
            })
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        // Stable: of equals the first.
        wanted.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Self::best(wanted.into_iter().map(|(tag, _)| tag))
    }

    /// A whole number, its digits in groups.
    pub(crate) fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let mut written = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                written.push_str(self.known().group);
            }
            written.push(digit);
        }
        written
    }

    pub(crate) fn date(self, year: u64, month: u64, day: u64) -> String {
        let mut written = String::new();
        for part in self.known().date.chars() {
            match part {
                'y' => written.push_str(&format!("{year:04}")),
                'm' => written.push_str(&format!("{month:02}")),
                'd' => written.push_str(&format!("{day:02}")),
                mark => written.push(mark),
            }
        }
        written
    }
}

/// What the host of a page or window found: an optional context for [`crate::App`].
#[derive(Clone, Copy, Debug)]
pub struct Preferred {
    /// What its user prefers.
    pub language: Language,
    /// What they chose instead, so that the page begins with it.
    pub chosen: Option<Language>,
}

static SYSTEM: OnceLock<Language> = OnceLock::new();
static SPOKEN: GlobalSignal<Language> = Signal::global(first);
thread_local! {
    static WITHIN: Cell<Option<Language>> = const { Cell::new(None) };
}

/// The language of a program whose user sits before it: of its windows, and of what it says before there is one. Once.
pub fn set_system_language(language: Language) {
    let _the_first_counts = SYSTEM.set(language);
}

/// The language of what is drawn now. In a component it subscribes.
pub fn language() -> Language {
    if let Some(language) = WITHIN.get() {
        return language;
    }
    if Runtime::try_current().is_none() {
        return system();
    }
    SPOKEN.try_read().map_or_else(|_| system(), |language| *language)
}

/// Runs `draw` so that all its texts are in `language`.
pub fn within<T>(language: Language, draw: impl FnOnce() -> T) -> T {
    struct Before(Option<Language>);
    impl Drop for Before {
        fn drop(&mut self) {
            WITHIN.set(self.0);
        }
    }
    let _before = Before(WITHIN.replace(Some(language)));
    draw()
}

/// As [`within`], for all that is drawn while `doing` is worked on.
pub async fn speaking<F: Future>(language: Language, doing: F) -> F::Output {
    let mut doing = pin!(doing);
    poll_fn(|cx| within(language, || doing.as_mut().poll(cx))).await
}

/// This page or window speaks what its user chose, or else what they prefer.
pub(crate) fn speak(chosen: Option<Language>) {
    let language = chosen.unwrap_or_else(preferred);
    if *SPOKEN.peek() != language {
        *SPOKEN.write() = language;
    }
}

fn first() -> Language {
    try_consume_context::<Preferred>().and_then(|preferred| preferred.chosen).unwrap_or_else(preferred)
}

fn preferred() -> Language {
    try_consume_context::<Preferred>().map_or_else(system, |preferred| preferred.language)
}

fn system() -> Language {
    SYSTEM.get().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_wishes_gives_the_first_that_is_known() {
        assert_eq!(Language::accepted("de-AT,de;q=0.9,en;q=0.5"), Language::German);
        assert_eq!(Language::accepted("fr, en;q=0.3, ar;q=0.8"), Language::Arabic);
        assert_eq!(Language::accepted("de;q=0, ar-EG;q=0.1"), Language::Arabic);
        assert_eq!(Language::accepted("en-GB, de"), Language::English);
        for none in ["", "fr, it;q=0.2", "*", "de;q=nan", ";;,,;q=", "deutsch"] {
            assert_eq!(Language::accepted(none), Language::English, "{none}");
        }
        assert_eq!(Language::best(["C.UTF-8", "ar_EG.UTF-8", "de_DE"]), Language::Arabic);
    }

    #[test]
    fn each_language_stands_once_under_its_own_tag_and_writes_numbers_and_dates_its_way() {
        for known in &LANGUAGES {
            assert_eq!((Language::of(known.tag), known.language.known().tag), (Some(known.language), known.tag));
            assert!(matches!(known.direction, "ltr" | "rtl"));
        }
        let numbers = LANGUAGES.each_ref().map(|known| known.language.number(1_234_567));
        assert_eq!(numbers, ["1,234,567", "1.234.567", "1,234,567"]);
        assert_eq!([0, 12, 999, 1_000].map(|number| Language::German.number(number)), ["0", "12", "999", "1.000"]);
        let dates = LANGUAGES.each_ref().map(|known| known.language.date(2026, 3, 9));
        assert_eq!(dates, ["2026-03-09", "09.03.2026", "09\u{200f}/03\u{200f}/2026"]);
        assert_eq!(Language::Arabic.direction(), "rtl");
    }

    #[test]
    fn what_is_drawn_within_a_language_is_in_it_and_nothing_after() {
        let inside = within(Language::German, || (language(), within(Language::Arabic, language), language()));
        assert_eq!(inside, (Language::German, Language::Arabic, Language::German));
        assert_eq!(language(), Language::English);
    }
}
