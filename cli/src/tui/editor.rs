//! A text that is being typed, and where the cursor is in it: by graphemes, so that no key leaves half of one.

use unicode_segmentation::UnicodeSegmentation;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Editor {
    text: String,
    /// In bytes, always between two graphemes.
    at: usize,
}

impl Editor {
    pub(crate) fn with(text: &str) -> Self {
        Self { text: text.to_owned(), at: text.len() }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Before and behind the cursor.
    pub(crate) fn halves(&self) -> (&str, &str) {
        self.text.split_at_checked(self.at).unwrap_or((&self.text, ""))
    }

    /// Control characters but line ends do not come in, whatever was pasted.
    pub(crate) fn insert(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
        let text: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        let (before, behind) = self.halves();
        let at = before.len() + text.len();
        self.text = [before, &text, behind].concat();
        self.at = at;
    }

    pub(crate) fn left(&mut self) {
        let last = self.halves().0.graphemes(true).next_back().map_or(0, str::len);
        self.at -= last;
    }

    pub(crate) fn right(&mut self) {
        let next = self.halves().1.graphemes(true).next().map_or(0, str::len);
        self.at += next;
    }

    pub(crate) fn backspace(&mut self) {
        let end = self.at;
        self.left();
        self.cut(end);
    }

    pub(crate) fn delete(&mut self) {
        let next = self.halves().1.graphemes(true).next().map_or(0, str::len);
        self.cut(self.at + next);
    }

    /// The word before the cursor.
    pub(crate) fn delete_word(&mut self) {
        let end = self.at;
        let before = self.halves().0;
        let kept = before.trim_end();
        self.at = kept.char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8());
        self.cut(end);
    }

    /// To the beginning, or the end, of the line.
    pub(crate) fn home(&mut self) {
        self.at = self.halves().0.rfind('\n').map_or(0, |at| at + 1);
    }

    pub(crate) fn end(&mut self) {
        let (before, behind) = self.halves();
        self.at = before.len() + behind.find('\n').unwrap_or(behind.len());
    }

    /// To the line above or below, at about the same place.
    pub(crate) fn vertical(&mut self, down: bool) {
        let column = {
            let before = self.halves().0;
            before.rsplit('\n').next().unwrap_or_default().graphemes(true).count()
        };
        if down {
            self.end();
            if self.halves().1.is_empty() {
                return;
            }
            self.at += 1;
        } else {
            self.home();
            if self.at == 0 {
                return;
            }
            self.at -= 1;
            self.home();
        }
        for _ in 0..column {
            if self.halves().1.starts_with('\n') || self.halves().1.is_empty() {
                break;
            }
            self.right();
        }
    }

    /// Takes out what stands between the cursor and `end`.
    fn cut(&mut self, end: usize) {
        let behind = self.text.get(end..).unwrap_or_default().to_owned();
        self.text.truncate(self.at);
        self.text.push_str(&behind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_take_whole_graphemes() {
        let mut editor = Editor::with("ae\u{301}👩‍👩‍👧");
        editor.backspace();
        assert_eq!(editor.text(), "ae\u{301}");
        editor.left();
        editor.insert("x");
        assert_eq!(editor.text(), "axe\u{301}");
        editor.delete();
        assert_eq!(editor.text(), "ax");
        editor.insert("\u{1b}[31m\r\nb\tc");
        assert_eq!(editor.text(), "ax[31m\nb    c");
    }

    #[test]
    fn the_cursor_goes_by_lines_and_words() {
        let mut editor = Editor::with("one two\nthree\nfour");
        editor.vertical(false);
        editor.insert("|");
        assert_eq!(editor.text(), "one two\nthre|e\nfour");
        editor.home();
        editor.vertical(false);
        editor.vertical(false);
        editor.insert(">");
        assert_eq!(editor.text(), ">one two\nthre|e\nfour");
        editor.end();
        editor.delete_word();
        assert_eq!(editor.text(), ">one \nthre|e\nfour");
        editor.vertical(true);
        editor.vertical(true);
        editor.vertical(true);
        editor.end();
        editor.delete_word();
        assert_eq!(editor.text(), ">one \nthre|e\n");
    }
}
