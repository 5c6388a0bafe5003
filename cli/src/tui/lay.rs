//! Texts of others in cells of a terminal: cleaned, measured, wrapped, and turned into the order in which they are seen.
//!
//! A terminal that reorders bidirectional text does so line by line, across whatever stands beside it; so that is switched
//! off where it can be (`terminal.rs`), and every line is put into visual order here. What terminals do not agree about the
//! width of is made plain first: no screen may shift because of what somebody wrote.

use unicode_bidi::{BidiInfo, Level};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::words::block;

/// Characters of one grapheme that are shown: some people stack hundreds of marks.
const MARKS: usize = 6;

/// A line as it is shown: in visual order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) text: String,
    /// Its paragraph goes from right to left: it stands at the right edge.
    pub(crate) right: bool,
}

/// Cells that a text takes.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// What others wrote, without what could steer a terminal or what terminals draw in different widths.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for grapheme in block(text).graphemes(true) {
        if grapheme == "\n" {
            out.push('\n');
            continue;
        }
        // Of joined emoji the first one stands for all; how wide the whole is depends on the font.
        let joined = grapheme.contains('\u{200d}') && grapheme.chars().next().is_some_and(|c| c >= '\u{2190}');
        let shown: String = grapheme.chars().filter(|c| !is_unseen(*c)).take(if joined { 1 } else { MARKS }).collect();
        // What is wider than any letter is a letter with what was hung on it.
        let shown = if width(&shown) > 2 { shown.chars().take(1).collect() } else { shown };
        // A mark that stands on nothing takes a place of its own, so that it does not sit on a border.
        if width(&shown) == 0 && !shown.is_empty() {
            out.push('\u{fffd}');
        } else {
            out.push_str(&shown);
        }
    }
    out
}

/// Drawn as nothing, or changing the width of what it stands beside.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}')
}

/// The same on one line.
pub(crate) fn clean_line(text: &str) -> String {
    clean(text).replace('\n', " ")
}

/// Somebody by their name, where they have one.
pub(crate) fn named(name: &str) -> &str {
    if name.trim().is_empty() { "somebody" } else { name }
}

/// At most so many cells of a text, with a sign where something is left out.
pub(crate) fn cut(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let wide = width(grapheme);
        if used + wide + 1 > cells {
            break;
        }
        used += wide;
        out.push_str(grapheme);
    }
    if cells > 0 {
        out.push('…');
    }
    out
}

/// One cleaned line, cut to so many cells, in the order in which it is seen.
pub(crate) fn shown_line(text: &str, cells: usize) -> String {
    visual(&cut(&clean_line(text), cells)).text
}

/// A sentence of ours about what others wrote or are called: it goes from left to right, whatever its first word is.
pub(crate) fn shown_sentence(text: &str, cells: usize) -> String {
    ordered(&cut(&clean_line(text), cells), Some(Level::ltr())).text
}

/// The same in at most so many rows, with a sign in the last where something is left out.
pub(crate) fn sentence(text: &str, cells: usize, most: usize) -> Vec<String> {
    let mut rows = wrap(&clean_line(text), cells.max(2));
    if rows.len() > most {
        rows.truncate(most);
        if let Some(last) = rows.last_mut() {
            *last = cut(&format!("{last}…"), cells);
        }
    }
    rows.iter().map(|row| ordered(row, Some(Level::ltr())).text).collect()
}

/// Cleaned, wrapped between words where that is possible, in visual order.
pub(crate) fn wrapped(text: &str, cells: usize) -> Vec<Row> {
    clean(text).split('\n').flat_map(|paragraph| wrap(paragraph, cells.max(2))).map(|line| visual(&line)).collect()
}

/// Words, spaces, and whatever else a line may end behind: a sign that ends something stays with what it ends, and one that
/// begins something with what it begins.
fn units(paragraph: &str) -> Vec<&str> {
    let ends = |word: &str| word.chars().all(|sign| ".,;:!?…)]}»”’%،؛؟。、，！？：；）」』】".contains(sign));
    let begins = |word: &str| word.chars().all(|sign| "([{«“‘（「『【".contains(sign));
    let mut units = Vec::new();
    let (mut start, mut before) = (0, "");
    for (at, word) in paragraph.split_word_bound_indices() {
        let stays = !before.trim().is_empty() && !word.trim().is_empty() && (ends(word) || begins(before));
        if at > start && !stays {
            units.extend(paragraph.get(start..at));
            start = at;
        }
        before = word;
    }
    units.extend(paragraph.get(start..).filter(|rest| !rest.is_empty()));
    units
}

/// Lines of one paragraph in the order of writing.
pub(crate) fn wrap(paragraph: &str, cells: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in units(paragraph) {
        let wide = width(word);
        if used + wide <= cells {
            line.push_str(word);
            used += wide;
            continue;
        }
        // A space at the end of a line is not needed.
        if word.trim().is_empty() {
            lines.push(std::mem::take(&mut line));
            used = 0;
            continue;
        }
        if wide <= cells {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            line.push_str(word);
            used = wide;
            continue;
        }
        // No line holds it: it is broken wherever it has to be.
        for grapheme in word.graphemes(true) {
            let wide = width(grapheme);
            if used + wide > cells {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push_str(grapheme);
            used += wide;
        }
    }
    lines.push(line);
    lines
}

/// A line in the order in which it is seen.
pub(crate) fn visual(line: &str) -> Row {
    ordered(line, None)
}

fn ordered(line: &str, base: Option<Level>) -> Row {
    if line.is_ascii() {
        return Row { text: line.to_owned(), right: false };
    }
    let info = BidiInfo::new(line, base);
    let Some(paragraph) = info.paragraphs.first() else {
        return Row { text: line.to_owned(), right: false };
    };
    let (levels, runs) = info.visual_runs(paragraph, paragraph.range.clone());
    let mut text = String::with_capacity(line.len());
    for run in runs {
        let piece = line.get(run.clone()).unwrap_or_default();
        if levels.get(run.start).is_some_and(Level::is_rtl) {
            text.extend(piece.graphemes(true).rev().map(mirrored));
        } else {
            text.push_str(piece);
        }
    }
    Row { text, right: paragraph.level.is_rtl() }
}

fn mirrored(grapheme: &str) -> &str {
    match grapheme {
        "(" => ")",
        ")" => "(",
        "[" => "]",
        "]" => "[",
        "{" => "}",
        "}" => "{",
        "<" => ">",
        ">" => "<",
        "«" => "»",
        "»" => "«",
        other => other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_gone() {
        for hostile in
            ["a\u{1b}[31mb", "a\u{9b}2Jb", "a\u{7}b", "a\u{202e}b", "a\rb", "a\u{0}b", "\u{1b}]52;c;aGk=\u{7}"]
        {
            let clean = clean(hostile);
            assert!(!clean.chars().any(|c| c.is_control() && c != '\n'), "{clean:?}");
            assert!(!clean.contains('\u{202e}'), "{clean:?}");
        }
    }

    #[test]
    fn marks_and_joined_emoji_take_the_width_that_is_counted() {
        let zalgo = format!("a{}b", "\u{301}".repeat(300));
        assert!(clean(&zalgo).chars().count() < 12);
        assert_eq!(width(&clean(&zalgo)), 2);
        assert_eq!(clean("👩‍👩‍👧!"), "👩!");
        assert_eq!(clean("❤️"), "❤");
        assert_eq!(clean("👍🏽"), "👍");
        assert_eq!(clean("\u{301}"), "\u{fffd}");
        assert_eq!(clean("\u{17000}\u{bc6}"), "\u{17000}");
    }

    #[test]
    fn lines_break_between_words_and_inside_of_none_that_fits() {
        assert_eq!(wrap("one two three", 8), ["one two ", "three"].map(str::trim_end));
        assert_eq!(wrap("incomprehensibility", 8), ["incompre", "hensibil", "ity"]);
        assert_eq!(wrap("猫が望遠鏡の箱", 5), ["猫が", "望遠", "鏡の", "箱"]);
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn what_ends_a_word_stays_behind_it() {
        assert_eq!(wrap("one two.", 7), ["one", "two."]);
        assert_eq!(wrap("one (two)", 8), ["one", "(two)"]);
        assert_eq!(wrap("one two?!", 8), ["one", "two?!"]);
        assert_eq!(wrap("one … two", 5), ["one …", "two"]);
        assert_eq!(wrap("一二三。四", 6), ["一二", "三。四"]);
        assert_eq!(wrap("...........", 4), ["....", "....", "..."], "what fits nowhere is broken all the same");
        for text in ["", " ", "a", ".", "( a )", "a.b,c;d"] {
            assert_eq!(units(text).concat(), text);
        }
    }

    #[test]
    fn a_line_from_right_to_left_is_turned_and_stands_at_the_right() {
        assert_eq!(visual("abc"), Row { text: "abc".into(), right: false });
        assert_eq!(visual("שלום"), Row { text: "םולש".into(), right: true });
        assert_eq!(visual("abc (שלום) 12"), Row { text: "abc (םולש) 12".into(), right: false });
        // Numbers keep their order, brackets face what they hold, marks stay on their letters.
        assert_eq!(visual("א (12) ב"), Row { text: "ב (12) א".into(), right: true });
        assert_eq!(visual("שָׁ"), Row { text: "שָׁ".into(), right: true });
    }

    #[test]
    fn a_sentence_of_ours_begins_at_the_left() {
        assert_eq!(shown_sentence("שלום wrote (שלום)", 40), "םולש wrote (םולש)");
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_it_may_be(text in "\\PC{0,200}", cells in 2_usize..60) {
            for row in wrapped(&text, cells) {
                prop_assert!(width(&row.text) <= cells, "{:?} takes {}", row.text, width(&row.text));
            }
            prop_assert!(width(&cut(&clean_line(&text), cells)) <= cells);
        }
    }
}
