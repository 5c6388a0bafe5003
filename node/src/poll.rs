//! Polls: a post asks, and whoever can read it may choose one of its options until it ends.
//!
//! A vote is a reaction whose emoji is the keycap of the option's place: it travels, is sealed, bounded, hidden and taken
//! back as reactions are, and a node that knows of no polls shows it as one. So nothing is secret about it: everybody who
//! reads the post can see who voted how. It counts where it claims a time before the end; a persona has one vote, the last
//! by (claimed time, id). No clock of a node has a say in what counts, and all that saw the same count the same.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::entry::{PollBody, PostBody};
use crate::error::{Error, Result};
use crate::id::{EntryId, PersonaId};
use crate::limits::{self, POLL_LEAST_S, POLL_MOST_S, POLL_OPTION_CHARS, POLL_OPTIONS, POLL_OPTIONS_LEAST};
use crate::mute::BLOCKED;
use crate::node::{Node, PollDraft};
use crate::opened;
use crate::resolve::known;
use crate::view::{ListMember, PollOption, PollView};

/// By which an option is voted for, in their order.
const KEYCAPS: [&str; POLL_OPTIONS] = ["1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣"];

/// The keycaps that name an option of a poll.
fn keycaps(poll: &PollBody) -> impl Iterator<Item = &'static str> {
    KEYCAPS.into_iter().take(poll.options.len())
}

/// How a post's poll stands, for all own personas or one. Its end is looked at as it is shown.
pub(crate) fn view(db: &Connection, post: EntryId, poll: PollBody, persona: Option<PersonaId>) -> Result<PollView> {
    let votes = votes(db, post, &poll, persona)?;
    let mut options: Vec<PollOption> =
        poll.options.iter().map(|text| PollOption { text: text.clone(), votes: 0, mine: false }).collect();
    for vote in votes.values() {
        if let Some(option) = options.get_mut(vote.option) {
            option.votes += 1;
            option.mine |= vote.own;
        }
    }
    let voters = u64::try_from(votes.len()).unwrap_or(u64::MAX);
    Ok(PollView { options, ends_ms: poll.ends.saturating_mul(1_000), ended: false, voters })
}

/// Votes are no reactions to whoever sees the poll.
pub(crate) fn strip(poll: &PollView, reactions: &mut BTreeMap<String, u64>, mine: &mut Vec<String>) {
    for keycap in KEYCAPS.into_iter().take(poll.options.len()) {
        reactions.remove(keycap);
        mine.retain(|emoji| emoji != keycap);
    }
}

/// The words of the option that an emoji votes for.
pub(crate) fn voted_for<'a>(poll: &'a PollBody, emoji: &str) -> Option<&'a str> {
    let place = keycaps(poll).position(|keycap| keycap == emoji)?;
    poll.options.get(place).map(String::as_str)
}

struct Vote {
    /// From 0.
    option: usize,
    own: bool,
}

/// The vote of each who has one, by the rows of their authors; those of blocked people do not count.
fn votes(db: &Connection, post: EntryId, poll: &PollBody, persona: Option<PersonaId>) -> Result<BTreeMap<i64, Vote>> {
    // A claimed time past i64 was stored as its bits.
    let mut statement = db.prepare_cached(&format!(
        "SELECT r.author_row, r.emoji, author.own FROM reaction AS r JOIN entry ON entry.row = r.entry_row
         JOIN author ON author.row = r.author_row LEFT JOIN opened ON opened.entry_row = r.entry_row
         WHERE r.target = ?1 AND r.shown = 1 AND coalesce(opened.time, entry.time) BETWEEN 0 AND ?2
           AND r.author_row NOT IN {BLOCKED}
           AND (?3 IS NULL OR entry.kind <> 17
             OR EXISTS (SELECT 1 FROM reader WHERE reader.entry_row = r.entry_row AND persona = ?3))
         ORDER BY coalesce(opened.time, entry.time), entry.id"
    ))?;
    let mut rows = statement.query(params![post, i64::try_from(poll.ends).unwrap_or(i64::MAX), persona])?;
    let mut votes = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let emoji: String = row.get(1)?;
        if let Some(option) = keycaps(poll).position(|keycap| keycap == emoji) {
            votes.insert(row.get(0)?, Vote { option, own: row.get(2)? });
        }
    }
    Ok(votes)
}

/// The poll of a post that can be read here.
pub(crate) fn of_post(db: &Connection, post: EntryId) -> Result<Option<PollBody>> {
    let found: Option<(i64, Option<Vec<u8>>, bool)> = db
        .prepare_cached(
            "SELECT entry.row, entry.body, entry.kind = 17 FROM entry JOIN post ON post.entry_row = entry.row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1 AND post.deleted = 0",
        )?
        .query_row([post], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let body = match found {
        Some((row, _, true)) => opened::body(db, row)?,
        Some((_, body, false)) => body,
        None => None,
    };
    Ok(match body {
        Some(body) => PostBody::decode(&body)?.poll,
        None => None,
    })
}

/// The shown reactions of a persona to a post that name other options than this one.
fn others(db: &Connection, post: EntryId, poll: &PollBody, by: PersonaId, keycap: &str) -> Result<Vec<EntryId>> {
    let mut statement = db.prepare_cached(
        "SELECT entry.id, reaction.emoji FROM reaction JOIN entry ON entry.row = reaction.entry_row
         JOIN author ON author.row = reaction.author_row
         WHERE reaction.target = ?1 AND author.id = ?2 AND reaction.shown = 1",
    )?;
    let mut rows = statement.query(params![post, by])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let emoji: String = row.get(1)?;
        if emoji != keycap && keycaps(poll).any(|known| known == emoji) {
            all.push(row.get(0)?);
        }
    }
    Ok(all)
}

/// Who voted for each option, the first [`limits::VOTERS_SHOWN`] of it by name.
fn voters(db: &Connection, post: EntryId, poll: &PollBody, persona: Option<PersonaId>) -> Result<Vec<Vec<ListMember>>> {
    let mut all: Vec<Vec<ListMember>> = poll.options.iter().map(|_| Vec::new()).collect();
    let mut statement = db.prepare_cached(
        "SELECT id, name, coalesce(picture_thumb, picture), followed OR own FROM author WHERE row = ?1",
    )?;
    for (row, vote) in votes(db, post, poll, persona)? {
        let who = statement.query_row([row], |row| {
            Ok(ListMember { persona: row.get(0)?, name: row.get(1)?, picture: row.get(2)?, followed: row.get(3)? })
        })?;
        if let Some(option) = all.get_mut(vote.option) {
            option.push(who);
        }
    }
    for option in &mut all {
        option.sort_by(|a, b| (!a.followed, &a.name, a.persona).cmp(&(!b.followed, &b.name, b.persona)));
        option.truncate(limits::VOTERS_SHOWN);
    }
    Ok(all)
}

impl Node {
    /// Who voted for each option of a post's poll, in their order: whom the user follows first, then by name, at most
    /// [`limits::VOTERS_SHOWN`] of each. `persona`: as this one sees it.
    ///
    /// # Errors
    /// `NotFound`; `BadInput` where the post has no poll.
    pub async fn voters(&self, persona: Option<PersonaId>, post: EntryId) -> Result<Vec<Vec<ListMember>>> {
        self.inner()
            .store
            .read(move |db| {
                let post = known(db, post)?;
                let poll = of_post(db, post)?.ok_or_else(no_poll)?;
                voters(db, post, &poll, persona)
            })
            .await
    }

    /// Votes for an option of a post's poll, from 1; another vote of the persona there is taken back. Answers the vote's id.
    ///
    /// # Errors
    /// As of [`Node::react`]; `BadInput` where the post has no poll or no such option, or the poll has ended.
    pub async fn vote(&self, persona: Option<PersonaId>, post: EntryId, option: usize) -> Result<EntryId> {
        let by = match persona {
            Some(_) => self.own_persona(persona).await?,
            None => self.speakers(post).await?.first().copied().ok_or(Error::NoPersona)?,
        };
        let now_s = self.inner().clock.unix_ms() / 1_000;
        let (post, keycap, others) = self
            .inner()
            .store
            .read(move |db| {
                let post = known(db, post)?;
                let poll = of_post(db, post)?;
                let poll = poll.ok_or_else(no_poll)?;
                let place = option.checked_sub(1).filter(|place| *place < poll.options.len());
                let keycap = place.and_then(|place| KEYCAPS.get(place).copied()).ok_or_else(|| {
                    Error::BadInput(format!("the options of this poll are 1 to {}", poll.options.len()))
                })?;
                if now_s > poll.ends {
                    return Err(Error::BadInput("this poll has ended: a vote would not count any more".to_owned()));
                }
                Ok((post, keycap, others(db, post, &poll, by, keycap)?))
            })
            .await?;
        for vote in others {
            self.delete(Some(by), vote).await?;
        }
        self.react(Some(by), post, keycap).await
    }

    /// The option of a post's poll that is named, from 1: by its number, else as it reads, or as it alone begins, in any
    /// case.
    ///
    /// # Errors
    /// `NotFound` where the post is not here; `BadInput` where it has no poll, or none or several of its options fit: it says
    /// which there are.
    pub async fn poll_option(&self, post: EntryId, words: &str) -> Result<usize> {
        let poll = self.inner().store.read(move |db| of_post(db, known(db, post)?)).await?;
        let poll = poll.ok_or_else(no_poll)?;
        let words = words.trim();
        let told = |why: &str| {
            let all = poll.options.iter().enumerate();
            let all = all.map(|(place, option)| format!("{}. {}", place + 1, option.trim())).collect::<Vec<_>>();
            Err(Error::BadInput(format!("{why}. There are: {}", all.join(", "))))
        };
        let number = Some(words).filter(|words| words.bytes().all(|byte| byte.is_ascii_digit()));
        let number = number.and_then(|words| words.parse().ok());
        let number: Option<usize> = number.filter(|number| (1..=poll.options.len()).contains(number));
        let reads = poll.options.iter().position(|option| option.trim() == words).map(|place| place + 1);
        match (number, reads) {
            (Some(number), Some(other)) if number != other => {
                return told("that is the number of one option of this poll, and what another one says");
            }
            (Some(number), _) => return Ok(number),
            (None, Some(place)) => return Ok(place),
            (None, None) => {}
        }
        let words = words.to_lowercase();
        let options: Vec<String> = poll.options.iter().map(|option| option.trim().to_lowercase()).collect();
        let fit = |option: &String| !words.is_empty() && option.starts_with(&words);
        let same: Vec<usize> = (1..).zip(&options).filter(|(_, it)| **it == words).map(|(place, _)| place).collect();
        let begin: Vec<usize> = (1..).zip(&options).filter(|(_, it)| fit(it)).map(|(place, _)| place).collect();
        match (same.as_slice(), begin.as_slice()) {
            ([place], _) | ([], [place]) => Ok(*place),
            ([], []) => told("no option of this poll is that"),
            _ => told("more than one option of this poll begins so"),
        }
    }

    /// Takes a vote back. Answers the id of what does.
    ///
    /// # Errors
    /// As of [`Node::vote`]; `NotFound` where the persona has no vote there.
    pub async fn unvote(&self, persona: Option<PersonaId>, post: EntryId) -> Result<EntryId> {
        let voters = match persona {
            Some(_) => vec![self.own_persona(persona).await?],
            None => self.speakers(post).await?,
        };
        let now_s = self.inner().clock.unix_ms() / 1_000;
        let found = self
            .inner()
            .store
            .read(move |db| {
                let post = known(db, post)?;
                let poll = of_post(db, post)?.ok_or_else(no_poll)?;
                if now_s > poll.ends {
                    return Err(Error::BadInput("this poll has ended: its votes stay as they are".to_owned()));
                }
                for by in voters {
                    let votes = others(db, post, &poll, by, "")?;
                    if !votes.is_empty() {
                        return Ok((by, votes));
                    }
                }
                Err(Error::NotFound { what: "a vote of yours" })
            })
            .await?;
        let (by, votes) = found;
        let mut last = Err(Error::NotFound { what: "a vote of yours" });
        for vote in votes {
            last = Ok(self.delete(Some(by), vote).await?);
        }
        last
    }
}

fn no_poll() -> Error {
    Error::BadInput("there is no poll in this post".to_owned())
}

/// A poll as it stands in a post that is written now.
///
/// # Errors
/// `BadInput` where it is over a limit, says something twice or asks nothing.
pub(crate) fn checked(poll: &PollDraft, text: &str, now_s: u64) -> Result<PollBody> {
    let refused = |why: String| Err(Error::BadInput(why));
    let options: Vec<String> = poll.options.iter().map(|option| option.trim().to_owned()).collect();
    if text.is_empty() {
        return refused("a poll needs a question: write it as the text".to_owned());
    }
    if !(POLL_OPTIONS_LEAST..=POLL_OPTIONS).contains(&options.len()) {
        return refused(format!("a poll has {POLL_OPTIONS_LEAST} to {POLL_OPTIONS} options"));
    }
    for (at, option) in options.iter().enumerate() {
        if option.is_empty() {
            return refused("an option of the poll is empty: write something, or leave it out".to_owned());
        }
        if option.chars().count() > POLL_OPTION_CHARS {
            return refused(format!("an option of a poll has at most {POLL_OPTION_CHARS} characters"));
        }
        if options.iter().skip(at + 1).any(|other| other == option) {
            return refused("the poll says one option twice".to_owned());
        }
    }
    if !(POLL_LEAST_S..=POLL_MOST_S).contains(&poll.lasts_s) {
        return refused(format!("a poll lasts {} minutes to {} days", POLL_LEAST_S / 60, POLL_MOST_S / limits::DAY_S));
    }
    Ok(PollBody { options, ends: now_s.saturating_add(poll.lasts_s) })
}
