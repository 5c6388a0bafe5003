//! Holds the shape of the tree by text: who may use whom, what may stand where, how long a file gets.
//!
//! Each rule is a table and a test; a message says what to do. Comments, texts in quotes and test code are blanked
//! before the code rules look (`tidy/source.rs`), so that naming a thing is never mistaken for using it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test over the text of the tree"
)]

#[path = "tidy/source.rs"]
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use source::Source;

/// Our packages and which of ours each may depend on. All others: none.
const CRATE_ARROWS: &[(&str, &[&str])] = &[
    ("app", &["kith-ui", "kith-platform", "kith-node"]),
    ("cli", &["kith-ui", "kith-platform", "kith-node"]),
    ("ui", &["kith-node"]),
    ("platform", &["kith-node"]),
    ("node", &[]),
    ("xtask", &[]),
];

/// The modules of `node/src`, left to right: each may use those of its own row and of the rows below it.
const NODE_ROWS: &[(&str, &[&str])] = &[
    ("simulation", &["sim"]),
    ("boot", &["boot"]),
    ("control socket", &["control"]),
    ("apply", &["apply"]),
    ("features", FEATURES),
    ("handle", &["node"]),
    // The sync engine does no I/O; `net` is one of its drivers, `sim` the other.
    ("net", &["net"]),
    ("sync", &["sync"]),
    ("gate", &["gate"]),
    ("entry", &["entry"]),
    ("crypto", &["crypto", "keyring"]),
    ("store", &["store"]),
    (
        "foundations",
        &["author", "host", "lock", "task", "event", "view", "id", "limits", "clock", "error", "bucket", "name"],
    ),
];

/// The nouns. Foundations know none of them; `apply` and `boot` name them all.
const FEATURES: &[&str] = &[
    "anchor",
    "backup",
    "bookmark",
    "bundle",
    "card",
    "circle",
    "departure",
    "device",
    "draft",
    "feed",
    "follow",
    "follower",
    "header",
    "holder",
    "installation",
    "item",
    "link",
    "list",
    "mail",
    "mailbox",
    "media",
    "mention",
    "met",
    "mute",
    "near",
    "note",
    "notify",
    "persona",
    "opened",
    "poll",
    "post",
    "profile",
    "published",
    "quote",
    "record",
    "recovery",
    "report",
    "repost",
    "resolve",
    "restore",
    "revoke",
    "search",
    "service",
    "series",
    "setting",
    "share",
    "storage",
    "tag",
    "target",
    "thread",
    "verify",
    "visit",
];

/// Uses against the order that are meant so: (who, whom, why).
const MEANT: &[(&str, &str, &str)] = &[
    ("error", "*", "one error type gathers those of every layer"),
    ("lib", "*", "the crate's head names all modules"),
];

/// Code that may stand only in some places: (what, where it may, what to do instead).
const HOMES: &[(&str, &[&str], &str)] = &[
    ("iroh::", &["node/src/net"], "iroh is used only inside net/; go through its types"),
    ("iroh_blobs::", &["node/src/net", "node/src/media"], "blobs are fetched in net/ and kept in media/"),
    ("iroh_mdns_address_lookup::", &["node/src/net"], "iroh is used only inside net/"),
    ("unbounded_channel", &[], "every queue has a limit of its own in limits.rs"),
    ("unbounded(", &[], "every queue has a limit of its own in limits.rs"),
    ("asset!(", &[], "include_bytes! or include_str!: a plain cargo build must give a working program"),
    ("dangerous_inner_html", &[], "render elements; nothing from the network is ever HTML"),
    ("unsafe {", &["platform/src"], "only platform may hold unsafe code"),
];

/// What library code never does: (what, what to do instead).
const NEVER_IN_LIBRARIES: &[(&str, &str)] = &[
    (".unwrap()", "return an error that says the next step"),
    (".expect(", "return an error that says the next step"),
    ("panic!(", "return an error; a bug gets an error variant that says so"),
    ("todo!(", "write it, or leave the feature out"),
    ("unimplemented!(", "write it, or leave the feature out"),
    ("unreachable!()", "make the state impossible by type, or say in the macro why it cannot come"),
];
const LIBRARIES: &[&str] = &["node/src", "platform/src", "ui/src"];

/// Folders with our Rust code.
const CODE: &[&str] = &["app", "cli", "node", "platform", "ui", "xtask", "fuzz"];

/// A file is looked at again at this length, in lines, …
const LONG_LINES: usize = 500;
/// … and stopped at this one: split it by noun.
const TOO_LONG_LINES: usize = 800;

#[test]
fn crates_depend_one_way() {
    let mut wrong = Vec::new();
    for (folder, allowed) in CRATE_ARROWS {
        let path = format!("{folder}/Cargo.toml");
        let Some(text) = read(&path) else { continue };
        let own = package_name(&text);
        for name in dependencies(&text) {
            if name.starts_with("kith") && name != own && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{path}: {own} depends on {name}; it may depend on {allowed:?} of ours"));
            }
        }
    }
    none("Dependencies against the arrows (app, cli → ui, platform, node; ui, platform → node)", &wrong);
}

#[test]
fn the_terminal_program_pulls_in_no_window_library() {
    let mut wrong = Vec::new();
    for folder in ["cli", "ui", "platform", "node"] {
        let path = format!("{folder}/Cargo.toml");
        for (number, line) in read(&path).unwrap_or_default().lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default();
            if ["\"desktop\"", "\"launch\"", "dioxus-desktop", "wry", "gtk", "rfd"].iter().any(|it| line.contains(it)) {
                wrong.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    none("Window libraries belong to app/ alone", &wrong);
}

#[test]
fn modules_of_the_node_use_only_what_stands_right_of_them() {
    let mut wrong = BTreeSet::new();
    for (module, uses) in node_uses() {
        let Some(own) = row(&module) else {
            wrong.insert(format!("node/src/{module}.rs: unknown module; give it a place in NODE_ROWS of tidy.rs"));
            continue;
        };
        for (used, place) in uses {
            if let Some(theirs) = row(&used)
                && theirs < own
                && !is_meant(&module, &used)
            {
                let (from, to) = (NODE_ROWS[own].0, NODE_ROWS[theirs].0);
                wrong.insert(format!(
                    "{place}: {module} ({from}) uses {used} ({to}); turn it round: an event, a trait of the handle, \
                     or a line in apply.rs"
                ));
            }
        }
    }
    none("Modules of node/src that use what stands left of them", &wrong);
}

#[test]
fn features_of_the_node_use_each_other_one_way() {
    let uses = node_uses();
    let graph: BTreeMap<&str, BTreeSet<&str>> = uses
        .iter()
        .filter(|(module, _)| FEATURES.contains(&module.as_str()))
        .map(|(module, used)| {
            let used = used.iter().map(|(name, _)| name.as_str());
            (module.as_str(), used.filter(|name| *name != module && FEATURES.contains(name)).collect())
        })
        .collect();
    let circles: BTreeSet<String> = graph.keys().filter_map(|start| circle(&graph, start)).collect();
    none("Features that use each other in a circle; turn one use into an event or a line in apply.rs", &circles);
}

#[test]
fn code_stands_where_it_belongs() {
    let mut wrong = Vec::new();
    for source in code_files() {
        for (what, homes, instead) in HOMES {
            if homes.iter().any(|home| is_under(&source.path, home)) {
                continue;
            }
            wrong.extend(source.find(what).map(|line| format!("{}:{line}: {what} — {instead}", source.path)));
        }
    }
    none("Code outside the place where it may stand", &wrong);
}

#[test]
fn libraries_return_errors() {
    let mut wrong = Vec::new();
    for source in code_files().iter().filter(|it| LIBRARIES.iter().any(|home| is_under(&it.path, home))) {
        for (what, instead) in NEVER_IN_LIBRARIES {
            wrong.extend(source.find(what).map(|line| format!("{}:{line}: {what} — {instead}", source.path)));
        }
    }
    none("Library code that can end the program", &wrong);
}

#[test]
fn tests_wait_for_events_and_all_run() {
    let mut wrong = Vec::new();
    let tests = test_modules(&rust_files());
    for path in rust_files() {
        let source = Source::with_tests(&path, &read(&path).unwrap_or_default());
        let is_test_file = path.contains("/tests/") || tests.contains(&path);
        let tests_from = if is_test_file { 0 } else { source.tests_from().unwrap_or(usize::MAX) };
        let sleeps = source.find("sleep(").filter(|line| *line > tests_from);
        wrong.extend(sleeps.map(|line| format!("{path}:{line}: sleep — wait for an event with a deadline")));
        let ignored = source.find("#[ignore");
        wrong.extend(ignored.map(|line| format!("{path}:{line}: #[ignore] — mend the test or take it out")));
    }
    none("Tests that sleep, or that never run", &wrong);
}

#[test]
fn files_stay_short() {
    let mut long = Vec::new();
    let mut wrong = Vec::new();
    for path in rust_files() {
        let lines = read(&path).unwrap_or_default().lines().count();
        if lines > TOO_LONG_LINES {
            wrong.push(format!("{path}: {lines} lines"));
        } else if lines > LONG_LINES {
            long.push(format!("{path}: {lines} lines"));
        }
    }
    if !long.is_empty() {
        println!("Files past {LONG_LINES} lines, worth another look:\n  {}", long.join("\n  "));
    }
    none(&format!("Files past {TOO_LONG_LINES} lines: split them by noun"), &wrong);
}

#[test]
fn every_table_is_strict() {
    let mut wrong = Vec::new();
    for (file, text) in migrations() {
        let sql: String =
            text.lines().map(|line| line.split("--").next().unwrap_or_default().to_owned() + "\n").collect();
        for statement in sql.split(';') {
            let words = statement.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
            if words.starts_with("CREATE TABLE") && !words.rsplit(')').next().unwrap_or_default().contains("STRICT") {
                let name = words.split(['(', ' ']).nth(2).unwrap_or_default().to_lowercase();
                wrong.push(format!("migrations/{file}: table {name}"));
            }
        }
    }
    none("Tables that are not STRICT", &wrong);
}

#[test]
fn released_migrations_never_change() {
    let list = read("migrations/released.txt").expect("migrations/released.txt lists the released migrations");
    let found = migrations();
    let mut wrong = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let (hash, file) = line.split_once(' ').expect("a line is `HASH FILE`");
        match found.get(file.trim()) {
            None => wrong.push(format!("{file} is gone; bring it back")),
            Some(text) if blake3::hash(text.as_bytes()).to_hex().as_str() != hash => {
                wrong.push(format!("{file} was changed; put it back and write a new migration"));
            }
            Some(_) => {}
        }
    }
    for (file, text) in &found {
        if !list.contains(file) {
            println!("not released yet: {} {file}", blake3::hash(text.as_bytes()).to_hex());
        }
    }
    none("Released migrations that differ from what was shipped", &wrong);

    let mut versions: Vec<u32> = found
        .keys()
        .map(|file| {
            let number = file.strip_prefix('V').and_then(|rest| rest.split_once("__")).map(|(number, _)| number);
            number
                .and_then(|it| it.parse().ok())
                .unwrap_or_else(|| panic!("migrations/{file}: name it V<number>__<noun>.sql"))
        })
        .collect();
    versions.sort_unstable();
    let expected: Vec<u32> = (1..).take(versions.len()).collect();
    assert_eq!(versions, expected, "migrations count up from 1, each number once");
}

#[test]
fn no_file_names_the_machine_it_was_written_on() {
    let root = root();
    let home = std::env::var("HOME").unwrap_or_default();
    let mut names = vec![root.display().to_string()];
    // Whoever runs the tests has a home too; `/` alone would match everything.
    names.extend([home].iter().filter(|home| home.len() > 1).map(|home| format!("{}/", home.trim_end_matches('/'))));
    let mut wrong = Vec::new();
    for path in all_files() {
        let Some(text) = read(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            let hit = names.iter().find(|name| line.contains(name.as_str()));
            wrong.extend(hit.map(|name| format!("{path}:{}: {name}", number + 1)));
        }
    }
    none("Paths of one machine; use a path of the tree, or a general one such as ~/.local", &wrong);
}

#[test]
fn no_module_is_named_mod_or_after_a_drawer() {
    let drawers = ["mod.rs", "util.rs", "utils.rs", "helpers.rs", "common.rs", "misc.rs", "manager.rs"];
    let wrong: Vec<String> = rust_files()
        .into_iter()
        .filter(|path| drawers.contains(&path.rsplit('/').next().unwrap_or_default()))
        .collect();
    none("Files whose name says nothing: a file is a noun, and noun.rs stands beside noun/", &wrong);
}

/// Fails with the list, one a line, when there is anything on it.
fn none<'a>(title: &str, wrong: impl IntoIterator<Item = &'a String>) {
    let lines: Vec<_> = wrong.into_iter().map(String::as_str).collect();
    assert!(lines.is_empty(), "\n{title}:\n  {}\n", lines.join("\n  "));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("node/ lies in the tree").to_path_buf()
}

/// The text of a file of the tree; `None` where it is missing or no text.
fn read(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// All files of the tree that belong to the project, as paths from its root with `/`.
fn all_files() -> Vec<String> {
    let mut found = Vec::new();
    collect(&root(), "", &mut found);
    assert!(found.iter().any(|path| path == "Cargo.toml"), "no tree at {}", root().display());
    found
}

fn collect(root: &Path, under: &str, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(root.join(under)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if under.is_empty() { name.clone() } else { format!("{under}/{name}") };
        let kind = entry.file_type().expect("a file has a type");
        if kind.is_dir() && !["target", ".git", "corpus"].contains(&name.as_str()) {
            collect(root, &path, found);
        } else if kind.is_file() && name != ".git" && !name.ends_with(".log") {
            found.push(path);
        }
    }
    found.sort();
}

fn rust_files() -> Vec<String> {
    let ours = |path: &String| CODE.iter().any(|folder| is_under(path, folder)) && path.ends_with(".rs");
    all_files().into_iter().filter(ours).collect()
}

/// Code that ships: no tests, benches or examples, and each file without its test module.
fn code_files() -> Vec<Source> {
    let aside = ["/tests/", "/benches/", "/examples/", "/sim/", "fuzz/targets/"];
    let files = rust_files();
    let tests = test_modules(&files);
    files
        .into_iter()
        .filter(|path| !aside.iter().any(|it| path.contains(it)) && !tests.contains(path))
        .map(|path| Source::without_tests(&path, &read(&path).unwrap_or_default()))
        .collect()
}

/// Files that hold the tests of another: `#[cfg(test)] mod name;` in it.
fn test_modules(files: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in files {
        let source = Source::with_tests(path, &read(path).unwrap_or_default());
        // Children of `lib.rs` and `main.rs` stand beside them, those of `noun.rs` in `noun/`.
        let folder = path.strip_suffix("/lib.rs").or_else(|| path.strip_suffix("/main.rs"));
        let folder = folder.unwrap_or_else(|| path.trim_end_matches(".rs"));
        found.extend(source.test_modules().map(|name| format!("{folder}/{name}.rs")));
    }
    found
}

/// Whether the path lies in the folder, or is the module file that stands beside it.
fn is_under(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
}

fn migrations() -> BTreeMap<String, String> {
    let files = all_files().into_iter().filter_map(|path| path.strip_prefix("migrations/").map(str::to_owned));
    files
        .filter(|file| file.ends_with(".sql"))
        .map(|file| (file.clone(), read(&format!("migrations/{file}")).expect("a migration is text")))
        .collect()
}

fn package_name(manifest: &str) -> String {
    let line = manifest.lines().find_map(|line| line.strip_prefix("name = \""));
    line.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// Names in all dependency tables of a manifest.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines() {
        if let Some(table) = line.strip_prefix('[') {
            let table = table.trim_end_matches(']');
            inside = table.ends_with("dependencies");
            // `[dependencies.name]` holds one.
            names.extend(table.split_once("dependencies.").map(|(_, name)| name.to_owned()));
        } else if inside && let Some(name) = line.split(['=', '.', ' ']).next() {
            names.push(name.to_owned());
        }
    }
    names
}

/// Each module of `node/src` with the modules that it names, and where.
fn node_uses() -> BTreeMap<String, BTreeSet<(String, String)>> {
    let head = Source::without_tests("node/src/lib.rs", &read("node/src/lib.rs").unwrap_or_default());
    let shown: BTreeMap<String, String> = head.shown_names().collect();
    let mut uses: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for source in code_files().into_iter().chain(sim_files()) {
        let Some(inside) = source.path.strip_prefix("node/src/") else { continue };
        let module = inside.split(['/', '.']).next().unwrap_or_default().to_owned();
        let entry = uses.entry(module).or_default();
        entry.extend(source.crate_uses().map(|(used, line)| {
            // `crate::Node` is a use of the module that it comes from.
            let used = shown.get(&used).cloned().unwrap_or(used);
            (used, format!("{}:{line}", source.path))
        }));
    }
    uses
}

fn sim_files() -> Vec<Source> {
    let paths = rust_files().into_iter().filter(|path| is_under(path, "node/src/sim") && path.contains("/sim/"));
    paths.map(|path| Source::without_tests(&path, &read(&path).unwrap_or_default())).collect()
}

fn row(module: &str) -> Option<usize> {
    match module {
        "lib" => Some(0),
        _ => NODE_ROWS.iter().position(|(_, modules)| modules.contains(&module)),
    }
}

fn is_meant(module: &str, used: &str) -> bool {
    MEANT.iter().any(|(who, whom, _)| *who == module && (*whom == "*" || *whom == used))
}

/// A way from `start` back to itself, spelled from its first name so that each circle shows once.
fn circle(graph: &BTreeMap<&str, BTreeSet<&str>>, start: &str) -> Option<String> {
    let mut ways = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop() {
        for next in graph.get(way.last()?).into_iter().flatten() {
            if *next == start {
                let first = way.iter().enumerate().min_by_key(|(_, name)| **name).map_or(0, |(at, _)| at);
                let turned: Vec<_> = way.iter().cycle().skip(first).take(way.len() + 1).copied().collect();
                return Some(turned.join(" → "));
            }
            if seen.insert(*next) {
                ways.push([way.as_slice(), &[*next]].concat());
            }
        }
    }
    None
}

#[test]
fn a_circle_is_found_and_spelled_once() {
    let graph = BTreeMap::from([
        ("feed", BTreeSet::from(["post"])),
        ("post", BTreeSet::from(["media", "feed"])),
        ("media", BTreeSet::new()),
    ]);
    assert_eq!(circle(&graph, "feed"), circle(&graph, "post"));
    assert_eq!(circle(&graph, "post").as_deref(), Some("feed → post → feed"));
    assert_eq!(circle(&graph, "media"), None);
}

#[test]
fn manifests_are_read() {
    let text = "[package]\nname = \"kith-ui\"\n[dependencies]\nkith-node.workspace = true\nserde = \"1\"\n\
                [dev-dependencies]\nkith-platform = { path = \"x\" }\n[target.'cfg(unix)'.dependencies.kith]\n[lints]\nkith-app = true\n";
    assert_eq!(package_name(text), "kith-ui");
    let names: Vec<_> = dependencies(text).into_iter().filter(|name| name.starts_with("kith")).collect();
    assert_eq!(names, ["kith-node", "kith-platform", "kith"]);
}
