//! What a file is called that somebody else gave.

use crate::limits;

/// The last part of a path, without what would mean something to a system or to a reader of it; `None` where nothing is
/// left.
pub fn file_name(path: &str) -> Option<String> {
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    // What turns the direction of writing would hide the real end of a name.
    let turns = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown = |c: &char| !c.is_control() && !turns(c);
    let mut name: String = last.chars().filter(shown).collect();
    name = name.trim().trim_start_matches('.').to_owned();
    while name.len() > limits::FILE_NAME_BYTES {
        name.remove(0);
    }
    Some(name).filter(|name| !name.is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_lose_what_would_mean_something() {
        for (path, name) in [
            ("/tmp/a b.pdf", Some("a b.pdf")),
            ("C:\\x\\report.txt", Some("report.txt")),
            ("../../.ssh/authorized_keys", Some("authorized_keys")),
            (".bashrc", Some("bashrc")),
            ("\u{202e}.bashrc", Some("bashrc")),
            ("..", None),
            ("../..", None),
            ("a\u{202e}gpj.exe", Some("agpj.exe")),
            ("a\nb", Some("ab")),
            ("", None),
        ] {
            assert_eq!(file_name(path).as_deref(), name, "{path:?}");
        }
        let long = file_name(&format!("{}.pdf", "ä".repeat(200))).unwrap();
        assert!(long.len() <= limits::FILE_NAME_BYTES && long.ends_with(".pdf"));
    }
}
