//! Names of people, groups and devices as they are shown: they come from others and stand beside our own words, on one
//! line, so nothing in them may turn, hide or break what is around them.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::limits::{NAME_CHARS, NAME_MARKS};

/// A name on one line, of at most [`NAME_CHARS`] characters, without characters that can't be seen or turn the direction
/// of writing. Joiners stay where a script or an emoji needs them. What is left may be empty: then the name is as if it
/// had never come.
pub fn plain_name(name: &str) -> String {
    plain_line(name, NAME_CHARS)
}

/// Another text that stands beside our own words: on one line, as a name does, of at most so many characters.
pub(crate) fn plain_line(name: &str, limit: usize) -> String {
    let mut plain = String::new();
    let mut marks = 0;
    // Longer than any name, and short enough to look at.
    let mut chars = name.chars().take(64 * limit).peekable();
    while let Some(c) = chars.next() {
        let before = plain.chars().next_back();
        let kept = match c {
            _ if c.is_whitespace() || c.is_control() || is_blank(c) => {
                if before.is_some_and(|before| before != ' ') {
                    plain.push(' ');
                }
                false
            }
            '\u{200c}' | '\u{200d}' => {
                before.zip(chars.peek().copied()).is_some_and(|(before, after)| needs_joiner(c, before, after))
            }
            '\u{fe00}'..='\u{fe0f}' => before.is_some_and(|before| before != ' ' && !is_variation(before)),
            '\u{e0100}'..='\u{e01ef}' => before.is_some_and(is_ideograph),
            // The flags of parts of a country are spelt with these.
            '\u{e0020}'..='\u{e007f}' => before.is_some_and(|before| before == '\u{1f3f4}' || is_tag(before)),
            _ => !is_hidden(c),
        };
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if kept && marks <= NAME_MARKS {
            plain.push(c);
        }
    }
    bounded(&plain, limit)
}

/// The first characters, as far as whole signs fit.
fn bounded(name: &str, limit: usize) -> String {
    let mut bounded = String::new();
    let mut chars = 0;
    for sign in name.graphemes(true) {
        chars += sign.chars().count();
        if chars > limit {
            break;
        }
        bounded.push_str(sign);
    }
    // A joiner with nothing behind it joins nothing.
    bounded.trim_end_matches([' ', '\u{200c}', '\u{200d}']).to_owned()
}

/// Takes room and shows nothing.
fn is_blank(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// Shows nothing, or turns what is around it.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}'
    )
}

/// Whether a joiner between these two changes how they are written: letters of scripts that join, or parts of an emoji.
fn needs_joiner(joiner: char, before: char, after: char) -> bool {
    let joins = |c| {
        matches!(
            c,
            '\u{600}'..='\u{61b}' | '\u{61d}'..='\u{dff}' | '\u{f00}'..='\u{109f}' | '\u{1780}'..='\u{17b3}'
                | '\u{17b6}'..='\u{180a}' | '\u{1810}'..='\u{18af}' | '\u{a800}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}'
        )
    };
    let emoji = |c| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}');
    (joins(before) && joins(after)) || (joiner == '\u{200d}' && emoji(before) && emoji(after))
}

fn is_variation(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007f}')
}

/// Marks that are set above and below a letter, as many as anybody likes.
fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
            | '\u{64b}'..='\u{65f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_as_people_write_them_stay() {
        for name in [
            "Alice",
            "Zoë Ångström",
            "أليس",
            "עליזה",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "李小龍",
            "👩\u{200d}👩\u{200d}👧 Carol",
            "❤\u{fe0f}\u{200d}🔥",
            "🏳\u{fe0f}\u{200d}🌈",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "1\u{fe0f}\u{20e3}",
            "葛\u{e0100}城",
            "Nguyễn",
            "O'Neil-Smith <b>",
        ] {
            assert_eq!(plain_name(name), name);
        }
    }

    #[test]
    fn what_hides_or_turns_goes() {
        for (name, plain) in [
            ("Alice\u{202e}ecilA", "AliceecilA"),
            ("\u{2067}Bob\u{2069}", "Bob"),
            ("A\u{200b}l\u{2060}i\u{feff}ce\u{ad}", "Alice"),
            ("Al\u{200d}i\u{200c}ce\u{200d}", "Alice"),
            ("\u{200d}Bob", "Bob"),
            ("  Al\n\tice \u{2028} Liddell\u{0} ", "Al ice Liddell"),
            ("Carol\u{3164}\u{3164}\u{2800}", "Carol"),
            ("\u{3164}\u{200b}\u{202e}", ""),
            ("Bob\u{e0041}\u{e0042}", "Bob"),
            ("Bob\u{fe0f}\u{fe0f}\u{fe0f}", "Bob\u{fe0f}"),
            ("\u{e000}\u{f0000}Bob\u{10fffd}", "Bob"),
        ] {
            assert_eq!(plain_name(name), plain, "{name:?}");
        }
        let towers = plain_name(&format!("Z{}a", "\u{351}".repeat(500)));
        assert_eq!(towers, format!("Z{}a", "\u{351}".repeat(NAME_MARKS)));
    }

    #[test]
    fn a_long_name_ends_with_a_whole_sign() {
        assert_eq!(plain_name(&"a".repeat(20_000)), "a".repeat(NAME_CHARS));
        let family = "👩\u{200d}👩\u{200d}👧";
        let name = plain_name(&family.repeat(100));
        assert_eq!(name, family.repeat(NAME_CHARS / family.chars().count()));
        assert_eq!(plain_name(&"\u{200b}".repeat(1_000_000)), "");
    }

    proptest! {
        #[test]
        fn every_name_is_one_plain_line(name in "(.|[\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{2069}\u{fe0f}\u{e0000}-\u{e007f} \n]){0,200}") {
            let plain = plain_name(&name);
            prop_assert!(plain.chars().count() <= NAME_CHARS);
            prop_assert_eq!(plain.trim(), &plain);
            let hidden = |c: char| is_hidden(c) && !is_tag(c) && !is_variation(c);
            prop_assert!(!plain.chars().any(|c| c.is_control() || hidden(c)));
            prop_assert_eq!(plain_name(&plain), plain);
        }
    }
}
