//! What is posted, and the files that go with it.

use std::path::PathBuf;

use clap::{ArgMatches, Args};

use super::As;

/// What goes with a post or message.
#[derive(Debug, Args)]
pub(crate) struct Attached {
    /// A picture, or with a message or a post to a circle any file; up to 16
    #[arg(long, value_name = "FILE")]
    pub(crate) attach: Vec<PathBuf>,
    /// What the picture before it shows, for those who can't see it
    #[arg(long, value_name = "TEXT")]
    pub(crate) alt: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct PostArgs {
    pub(crate) text: String,
    /// Only for the members of this circle of yours; may be given again
    #[arg(long, value_name = "NAME")]
    pub(crate) circle: Vec<String>,
    #[command(flatten)]
    pub(crate) files: Attached,
    /// Content warning
    #[arg(long, value_name = "TEXT")]
    pub(crate) cw: Option<String>,
    /// Say it about this public post, which stands below as a card
    #[arg(long, value_name = "POST")]
    pub(crate) quote: Option<String>,
    /// Add a preview of this page: its server sees that this device asks for it; whoever reads the post asks nobody
    #[arg(long, value_name = "URL")]
    pub(crate) card: Option<String>,
    /// Ask with this answer, and with others given again; the text is the question
    #[arg(long, value_name = "ANSWER")]
    pub(crate) poll: Vec<String>,
    /// When the poll ends after it is posted: 30m, 12h, 3d
    #[arg(long, value_name = "TIME", default_value = "1d", requires = "poll", value_parser = super::scheduled::lasts_s)]
    pub(crate) poll_ends: u64,
    /// Post it then: 2026-12-24T18:00 by this machine's clock, or with a zone, 2026-12-24T18:00:00+01:00
    #[arg(long, value_name = "TIME", value_parser = super::scheduled::at_ms)]
    pub(crate) at: Option<u64>,
    /// A further post of a thread, and others given again; an --attach behind it goes with it, the rest holds for all
    #[arg(long, value_name = "TEXT")]
    pub(crate) then: Vec<String>,
    #[command(flatten)]
    pub(crate) by: As,
}

/// A file, and what describes it.
pub(crate) type Described = (PathBuf, Option<String>);

/// Which `--alt` belongs to which `--attach`: the one right before it. `Err` says what does not fit.
pub(crate) fn pair_alts(given: &Attached, matches: &ArgMatches) -> Result<Vec<Described>, String> {
    Ok(paired(given, matches)?.into_iter().map(|(_, file)| file).collect())
}

/// The files of each post of a thread, as [`pair_alts`]: of the first, and of each `--then`.
pub(crate) fn thread_files(post: &PostArgs, matches: &ArgMatches) -> Result<Vec<Vec<Described>>, String> {
    let mut posts = vec![Vec::new(); 1 + post.then.len()];
    let begins: Vec<usize> = matches.indices_of("then").into_iter().flatten().collect();
    for (place, file) in paired(&post.files, matches)? {
        let of = begins.iter().filter(|begin| **begin < place).count();
        posts.get_mut(of).into_iter().for_each(|files| files.push(file.clone()));
    }
    Ok(posts)
}

/// Files with where they stand on the line.
fn paired(given: &Attached, matches: &ArgMatches) -> Result<Vec<(usize, Described)>, String> {
    let places = |name| matches.indices_of(name).into_iter().flatten();
    let files = places("attach").zip(&given.attach).map(|(place, file)| (place, Err(file)));
    let alts = places("alt").zip(&given.alt).map(|(place, alt)| (place, Ok(alt)));
    let mut all: Vec<_> = files.chain(alts).collect();
    all.sort_by_key(|(place, _)| *place);
    let mut pairs: Vec<(usize, Described)> = Vec::new();
    for (place, word) in all {
        match (word, pairs.last_mut()) {
            (Err(file), _) => pairs.push((place, (file.clone(), None))),
            (Ok(alt), Some((_, (_, none @ None)))) => *none = Some(alt.clone()),
            (Ok(_), Some(_)) => return Err("a picture has one --alt; a second one followed".into()),
            (Ok(_), None) => return Err("--alt describes the --attach before it, and there is none".into()),
        }
    }
    Ok(pairs)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use clap::{CommandFactory as _, FromArgMatches as _};

    use super::*;
    use crate::args::{Cli, Command};

    #[test]
    fn a_file_goes_with_the_post_of_the_thread_that_stands_before_it() {
        let words = ["kith", "post", "1", "--attach", "a", "--then", "2", "--attach", "b", "--alt", "B", "--then", "3"];
        let matches = Cli::command().try_get_matches_from(words).unwrap();
        let Command::Post(post) = Cli::from_arg_matches(&matches).unwrap().command else { panic!() };
        assert_eq!((post.text.as_str(), post.then.as_slice()), ("1", ["2".to_owned(), "3".to_owned()].as_slice()));
        let found = thread_files(&post, matches.subcommand_matches("post").unwrap()).unwrap();
        let (a, b) = (("a".into(), None), ("b".into(), Some("B".to_owned())));
        assert_eq!(found, [vec![a], vec![b], vec![]]);
    }
}
