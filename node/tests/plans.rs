//! No query that is written whole in the source reads a table row by row that grows with what people write: SQLite is
//! asked how it would answer each one. Those that are put together from parts are not known here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params_from_iter, types::Null};

/// Tables with a row for each thing that people write.
const LARGE: [&str; 12] = [
    "entry",
    "post",
    "comment",
    "reaction",
    "repost",
    "header_entry",
    "blob_ref",
    "message",
    "message_change",
    "mail",
    "opened",
    "sealed_comment",
];

/// Queries that read one of them as a whole, and why they may.
const MEANT: [(&str, &str); 6] = [
    ("FROM mail CROSS JOIN entry ON entry.row = mail.entry_row\n         WHERE entry.body IS NOT NULL", "a restore"),
    ("SELECT count(*) FROM entry", "what `status` tells, when a person asks"),
    ("SELECT ?1, row FROM message WHERE body <> x''", "a damaged index of words is made anew"),
    ("ORDER BY thread_row, of, from_row, c.kind", "an export: all that was said about messages"),
    ("OR order_ms > thread.read_ms)\n                 FROM message JOIN thread", "an export: all messages"),
    ("entry.body_hash, entry.seq, coalesce(entry.prev", "the beginning of queries of an export, which say of whom"),
];

/// Fewer than there are: so that this test can't fall silent.
const LEAST_QUERIES: usize = 250;

#[test]
fn no_query_reads_a_large_table_row_by_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let db = schema(&root.join("../migrations"));
    let (mut asked, mut wrong) = (0, Vec::new());
    let triggers = root.join("../migrations/V1__start.sql");
    let mut sources = vec![(triggers.clone(), in_triggers(&fs::read_to_string(triggers).unwrap()))];
    assert!(sources[0].1.len() > 20, "few statements in triggers");
    // All that the demo asks of is a new profile, which it filled itself.
    let demo = |file: &Path| file.components().any(|part| part.as_os_str().to_string_lossy().starts_with("demo"));
    for file in rust_files(&root.join("src")).into_iter().filter(|file| !demo(file)) {
        let text = fs::read_to_string(&file).unwrap();
        // What a unit test counts is a few rows.
        let program = text.split("\n#[cfg(test)]\n#[allow").next().unwrap_or_default();
        sources.push((file, literals(program)));
    }
    for (file, queries) in sources {
        for (line, query) in queries.into_iter().filter(|(_, query)| is_query(query)) {
            // Parts of a query, and those with places to fill in, are not known whole here.
            let Ok(mut statement) = db.prepare(&format!("EXPLAIN QUERY PLAN {query}")) else { continue };
            asked += 1;
            let nulls = vec![Null; statement.parameter_count()];
            let mut rows = statement.query(params_from_iter(nulls)).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let step: String = row.get(3).unwrap();
                let meant = MEANT.iter().any(|(part, _)| query.contains(part));
                if let Some(table) = scanned(&query, &step)
                    && !meant
                {
                    wrong.push(format!("{}:{line}: reads all of {table} ({step})", file.display()));
                }
            }
        }
    }
    assert!(asked >= LEAST_QUERIES, "only {asked} queries were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_scan_is_found_under_any_name() {
    let db = schema(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations"));
    let plan = |query: &str| -> Vec<String> {
        let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        let nulls = vec![Null; statement.parameter_count()];
        statement.query_map(params_from_iter(nulls), |row| row.get(3)).unwrap().map(Result::unwrap).collect()
    };
    let reads_all = |query: &str| plan(query).iter().any(|step| scanned(query, step).is_some());
    assert!(reads_all("SELECT row FROM entry WHERE id = ?1"));
    assert!(reads_all("SELECT e.row FROM entry AS e WHERE e.id = ?1"));
    assert!(reads_all("SELECT c.depth FROM comment c WHERE c.edit_row = ?1"));
    assert!(!reads_all("SELECT row FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1"));
    assert!(!reads_all("SELECT own.row FROM author AS own WHERE own.name = ?1"));
}

/// The large table that this step of a plan reads row by row, if it does. A partial index is a queue of its own.
fn scanned<'a>(query: &str, step: &str) -> Option<&'a str> {
    let name = step.strip_prefix("SCAN ")?.split(' ').next()?;
    if step.contains("INDEX") && ["_untried", "_feed", "_wanted", "_files"].iter().any(|part| step.contains(part)) {
        return None;
    }
    LARGE.into_iter().find(|table| {
        let named = [format!("{table} AS {name} "), format!("{table} {name} "), format!("{table} AS {name}\n")];
        name == *table || named.iter().any(|named| format!("{query} ").contains(named))
    })
}

fn schema(folder: &Path) -> Connection {
    let db = Connection::open_in_memory().unwrap();
    // A new row of a table that others refer to is planned with a look for rows that wait for it, which is skipped where
    // none can.
    db.pragma_update(None, "foreign_keys", false).unwrap();
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "sql"));
    files.sort();
    for file in files {
        db.execute_batch(&fs::read_to_string(file).unwrap()).unwrap();
    }
    db
}

/// Those that run outside of tests and simulations.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" && name != "sim" {
            found.extend(rust_files(&path));
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
    found
}

fn is_query(text: &str) -> bool {
    ["SELECT ", "UPDATE ", "DELETE ", "INSERT ", "WITH "].iter().any(|verb| text.trim_start().starts_with(verb))
}

/// What triggers do, with the line where each statement ends; the rows that they are about are parameters.
fn in_triggers(schema: &str) -> Vec<(usize, String)> {
    let (mut found, mut statement) = (Vec::new(), None);
    for (line, text) in schema.lines().enumerate() {
        let text = text.split("--").next().unwrap_or_default();
        let body = text.trim_end().ends_with("BEGIN");
        if text.trim() == "END;" {
            statement = None;
        } else if body {
            statement = Some(String::new());
        } else if let Some(statement) = &mut statement {
            statement.push_str(text);
            statement.push(' ');
            if text.trim_end().ends_with(';') {
                let names = statement.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_' && c != '.');
                let filled = names.map(|name| match name.strip_prefix("old.").or(name.strip_prefix("new.")) {
                    Some(rest) => format!("?1{}", rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')),
                    None => name.to_owned(),
                });
                found.push((line + 1, filled.collect::<String>().trim().trim_end_matches(';').to_owned()));
                statement.clear();
            }
        }
    }
    found
}

/// Texts in quotes, with the line where they begin.
fn literals(source: &str) -> Vec<(usize, String)> {
    let (mut found, mut line) = (Vec::new(), 1);
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => line += 1,
            '/' if chars.peek() == Some(&'/') => {
                chars.by_ref().find(|c| *c == '\n');
                line += 1;
            }
            // `'"'` is a character; `'a` names a lifetime.
            '\'' if chars.peek() == Some(&'"') => {
                chars.next();
            }
            '"' => {
                let (mut text, from) = (String::new(), line);
                while let Some(c) = chars.next().filter(|c| *c != '"') {
                    line += usize::from(c == '\n');
                    match c {
                        '\\' => text.extend(chars.next().filter(|next| *next == '"')),
                        c => text.push(c),
                    }
                }
                found.push((from, text));
            }
            _ => {}
        }
    }
    found
}
