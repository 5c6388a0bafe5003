//! What an exchange of two nodes costs, counted exactly: a reader that follows everybody at home lacks some posts.

use std::collections::BTreeSet;

use crate::entry::{Entry, Kind, PostBody, Run, Scope, Unverified};
use crate::error::{Error, Result};
use crate::gate::{Draft, Origin};
use crate::id::{EntryId, PersonaId};
use crate::sim::node::{NodeIndex, SimNode};
use crate::sim::pipe::Dice;
use crate::sim::world::World;
use crate::sync::{Answer, Query};

/// Posts that are written at once.
const BATCH: usize = 10_000;
/// Entries that are read, and given, at once.
const GIVEN: usize = 1_000;

/// Which of the posts the reader lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacks {
    Nothing,
    /// The newest hundredth of each author's posts.
    Newest,
    /// All posts of each hundredth author.
    Authors,
    /// A hundredth, drawn among all: mostly gaps in the middle of logs.
    Scattered,
}

/// What it took until both were equal, both directions together. Each frame has a length of 4 bytes before it, which is
/// not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Posts that were lacking.
    pub posts: usize,
    pub frames: usize,
    pub bytes: usize,
    /// Of `bytes`: bodies and signatures of the posts.
    pub entries: usize,
    /// Of the reader, in turn: questions, requests, requests about headers.
    pub questions: [usize; 3],
    /// Requests of the other side.
    pub reverse: usize,
}

/// Home writes `each` posts of about `chars` characters for each of `authors`; the reader, who agreed with it on the set
/// of authors before, is given all but what it lacks, and connects.
pub fn exchange(authors: usize, each: usize, chars: usize, lacks: Lacks) -> Result<Cost> {
    let mut world = World::new(1);
    let (home, reader) = (world.node()?, world.node()?);
    let by = world.persona(reader, "reader")?;
    let mut personas = Vec::new();
    for number in 0..authors {
        personas.push(world.persona(home, &format!("author {number}"))?);
    }
    let followed = personas.clone();
    world.verb(reader, |node| async move {
        for author in followed {
            node.follow(Some(by), &author.to_string()).await?;
        }
        Ok(())
    })?;
    world.connect(reader, home);
    world.run_for(20_000)?;
    world.disconnect(reader, home);
    world.run_for(1_000)?;
    write(&mut world, home, &personas, each, chars)?;
    let (posts, entries) = give(&mut world, home, reader, &personas, each, lacks)?;
    world.run_for(1_000)?;
    world.open_tap();
    world.connect(reader, home);
    world.run_for(20_000)?;
    let frames = world.close_tap();
    for author in &personas {
        if !world.equal(home, reader, *author)? {
            return Err(Error::Bug("the exchange left a difference"));
        }
    }
    let count = |from: NodeIndex, kind: u8| {
        frames.iter().filter(|frame| frame.from == from && frame.bytes.first() == Some(&kind)).count()
    };
    Ok(Cost {
        posts,
        frames: frames.len(),
        bytes: frames.iter().map(|frame| frame.bytes.len()).sum(),
        entries,
        questions: [count(reader, 1), count(reader, 5), count(reader, 8)],
        reverse: count(home, 5),
    })
}

fn write(world: &mut World, home: NodeIndex, personas: &[PersonaId], each: usize, chars: usize) -> Result<()> {
    let mut dice = Dice(2);
    let mut left: Vec<PersonaId> = (0..each).flat_map(|_| personas.iter().copied()).collect();
    while !left.is_empty() {
        let batch: Vec<Draft> = left
            .drain(..left.len().min(BATCH))
            .map(|persona| {
                let mut salt = [0; 16];
                salt.iter_mut().zip(dice.roll().to_le_bytes()).for_each(|(to, from)| *to = from);
                let text = "word ".repeat(chars.div_ceil(5));
                let body = PostBody { text, ..PostBody::default() }.encode(salt);
                Draft { persona, scope: Scope::Posts, kind: Kind::Post, refs: Vec::new(), body }
            })
            .collect();
        world.verb(home, |node| async move { node.gate()?.author(batch).await })?;
        world.run_for(1_000)?;
    }
    Ok(())
}

/// Answers how many posts were left out, and what their bodies and signatures take.
fn give(
    world: &mut World,
    home: NodeIndex,
    reader: NodeIndex,
    personas: &[PersonaId],
    each: usize,
    lacks: Lacks,
) -> Result<(usize, usize)> {
    let mut dice = Dice(3);
    let (mut posts, mut bytes) = (0, 0);
    for (number, author) in personas.iter().enumerate() {
        let ids = posts_of(world.at(home)?, *author)?;
        let newest = each - each.div_ceil(100);
        let lacking: BTreeSet<EntryId> = ids
            .iter()
            .enumerate()
            .filter(|(at, _)| match lacks {
                Lacks::Nothing => false,
                Lacks::Newest => *at >= newest,
                Lacks::Authors => number % 100 == 0,
                Lacks::Scattered => dice.roll().is_multiple_of(100),
            })
            .map(|(_, id)| *id)
            .collect();
        for ids in ids.chunks(GIVEN) {
            let mut given = Vec::new();
            for entry in entries(world.at(home)?, ids.to_vec())? {
                if lacking.contains(&entry.0.header.id()) {
                    posts += 1;
                    bytes += entry.0.body.as_ref().map_or(0, Vec::len) + 64;
                } else {
                    given.push(entry);
                }
            }
            world.verb(reader, |node| async move {
                node.gate()?.submit(Origin::Peer(0, crate::id::NodeId::from_bytes([0; 32])), given).await
            })?;
        }
    }
    Ok((posts, bytes))
}

/// Posts of an author, and the entry that opens their log, in the order of writing.
fn posts_of(node: &SimNode, author: PersonaId) -> Result<Vec<EntryId>> {
    node.read(move |db| {
        let mut statement = db.prepare_cached(
            "SELECT entry.id FROM entry JOIN author ON author.row = entry.author_row
             WHERE author.id = ?1 AND entry.kind = ?2 ORDER BY entry.row",
        )?;
        let ids = statement.query_map(rusqlite::params![author, Kind::Post.number()], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    })
}

fn entries(node: &SimNode, ids: Vec<EntryId>) -> Result<Vec<Unverified<Entry>>> {
    let Answer::Push(pushed) = node.answer(Query::Push(ids))? else {
        return Err(Error::Bug("another answer"));
    };
    let mut entries = Vec::new();
    for pushed in pushed {
        let mut run = pushed.run.as_slice();
        while !run.is_empty() {
            entries.extend(Run::decode(&mut run)?.into_entries());
        }
    }
    Ok(entries)
}
