//! The people of the demo, their nodes, and what passes between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::params;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::TryRecvError;

use super::Earlier;
use super::paint::{Scene, paint};
use super::script::{Act, Audience, Beat, CARD, PEOPLE, Picture, Who};
use crate::clock::{Clock, ManualClock};
use crate::entry::{Card, Entry, Run, Unverified};
use crate::error::{Error, Result};
use crate::gate::{Committed, Origin};
use crate::id::{CircleId, EntryId, MessageId, NodeId, PersonaId, ThreadId};
use crate::limits::DAY_S;
use crate::net::Blobs;
use crate::node::{Attach, Node, PollDraft, PostDraft, ProfileEdit};
use crate::store::Durability;
use crate::sync::{self, Answer, Direction, Query};
use crate::thread::MessageDraft;

/// How much earlier than the first beat everybody was there, minutes.
const BEFORE_MINUTES: u64 = 2 * 24 * 60;
/// A minute, ms.
const MINUTE_MS: u64 = 60_000;
/// Rounds in which what follows from what came is passed on, and how far apart they are, ms. Answers come at once.
const ROUNDS: usize = 12;
const ROUND_MS: u64 = 50;
/// Side of a picture beside a name, px, and of others.
const FACE_PX: u32 = 192;
const PICTURE_PX: (u32, u32) = (800, 560);

/// Somebody, or the user.
struct Hand {
    node: Node,
    persona: PersonaId,
    /// As others know it. No network has it.
    id: NodeId,
    /// `None`: another hand of the same node tells of them.
    commits: Option<broadcast::Receiver<Committed>>,
}

/// Something that was said, as later beats name it.
#[derive(Clone, Copy)]
enum Said {
    Entry(EntryId),
    Message(ThreadId, MessageId),
}

/// All of them at one time.
pub(super) struct Stage {
    clock: Arc<ManualClock>,
    now_ms: u64,
    /// The user first, then [`PEOPLE`].
    hands: Vec<Hand>,
    said: BTreeMap<&'static str, Said>,
    circles: BTreeMap<(usize, &'static str), CircleId>,
    files: Blobs,
    /// Before which the user's own posts can't have been written, ms: the persona that was there is younger.
    own_from_ms: u64,
    /// Kept for its threads.
    _earlier: Earlier,
}

/// What a post holds beside words and pictures.
#[derive(Default)]
struct Beside {
    quote: Option<EntryId>,
    poll: Option<PollDraft>,
}

impl Stage {
    /// Everybody, with a persona each. `clock` goes from then on with the beats.
    pub(super) async fn new(node: &Node, clock: &Arc<ManualClock>, files: &Blobs) -> Result<Self> {
        let now_ms = clock.unix_ms();
        let first = super::script::BEATS.iter().map(|beat| u64::from(beat.minutes_ago)).max().unwrap_or_default();
        clock.set_ms(now_ms.saturating_sub((first + BEFORE_MINUTES) * MINUTE_MS));
        let earlier = node.earlier(clock)?;
        let own = node.inner().store.read(crate::author::own).await?;
        let own_from_ms = match own.first() {
            Some(own) => own.created_ms.cast_unsigned(),
            None => 0,
        };
        let mut hands = Vec::new();
        for (number, person) in PEOPLE.iter().enumerate() {
            let node = if person.own { earlier.0.clone() } else { Node::somebody(clock, files)? };
            let known = own.first().filter(|_| number == 0).map(|own| own.id);
            let commits = (number == 0 || !person.own).then(|| node.commits());
            // Nobody else has their logs: there is nothing to compare with.
            node.gate()?.release().await?;
            let persona = match known {
                Some(persona) => persona,
                None => node.create_persona(person.name).await?,
            };
            let id = NodeId::from_bytes(node.inner().random()?);
            hands.push(Hand { node, persona, id, commits });
        }
        let (said, circles, files) = (BTreeMap::new(), BTreeMap::new(), files.clone());
        let clock = Arc::clone(clock);
        let mut stage = Self { clock, now_ms, hands, said, circles, files, own_from_ms, _earlier: earlier };
        stage.introduce(own.is_empty()).await?;
        Ok(stage)
    }

    /// Follows, and how each one shows itself. `all`: the user's persona too.
    async fn introduce(&mut self, all: bool) -> Result<()> {
        for (number, person) in PEOPLE.iter().enumerate() {
            for other in person.follows {
                let whom = self.persona(*other)?;
                let (node, by) = self.hand(Who(number))?;
                node.follow(Some(by), &whom.to_string()).await?;
            }
        }
        // Others carry one another, so that they can say something about each other's posts: as replicas do.
        let everybody: Vec<PersonaId> = self.hands.iter().map(|hand| hand.persona).collect();
        for hand in self.nodes().skip(1) {
            let everybody = everybody.clone();
            let adopt = hand.node.inner().store.write(Durability::Normal, move |tx| sync::adopt(tx, &everybody));
            adopt.await?;
        }
        self.pass_on_all().await?;
        for (number, person) in PEOPLE.iter().enumerate().filter(|(number, _)| all || *number > 0) {
            let (node, by) = self.hand(Who(number))?;
            let face = paint(Scene::Face, person.face, FACE_PX, FACE_PX)?;
            let picture = Some(Some(node.stage_picture(face).await?.hash));
            let edit = ProfileEdit { bio: Some(person.bio.to_owned()), picture, ..ProfileEdit::default() };
            node.edit_profile(Some(by), edit).await?;
        }
        // Keys for messages are published with the first flush.
        self.settle().await?;
        for (number, person) in PEOPLE.iter().enumerate() {
            for other in person.tells {
                let whom = self.persona(*other)?;
                let (node, by) = self.hand(Who(number))?;
                node.tell_follow(Some(by), whom, true).await?;
            }
        }
        self.settle().await
    }

    /// Answers the user's persona.
    pub(super) async fn play(&mut self, beats: &'static [Beat]) -> Result<PersonaId> {
        for beat in beats {
            let at_ms = self.now_ms.saturating_sub(u64::from(beat.minutes_ago) * MINUTE_MS);
            // What the last beat brought about took a moment.
            self.clock.set_ms(at_ms.max(self.clock.unix_ms()));
            self.act(beat).await?;
        }
        self.clock.set_ms(self.now_ms.max(self.clock.unix_ms()));
        self.settle().await?;
        self.bring_files().await?;
        self.tell_who_has_what().await?;
        self.persona(Who(0))
    }

    fn hand(&self, who: Who) -> Result<(Node, PersonaId)> {
        let hand = self.hands.get(who.0).ok_or(Error::Bug("nobody of this number is in the demo"))?;
        Ok((hand.node.clone(), hand.persona))
    }

    fn persona(&self, who: Who) -> Result<PersonaId> {
        Ok(self.hand(who)?.1)
    }

    fn said(&self, name: &str) -> Result<Said> {
        self.said.get(name).copied().ok_or(Error::Bug("a beat names what was not said yet"))
    }

    fn entry(&self, name: &str) -> Result<EntryId> {
        match self.said(name)? {
            Said::Entry(entry) => Ok(entry),
            Said::Message(..) => Err(Error::Bug("a beat takes a message for a post")),
        }
    }

    fn message(&self, name: &str) -> Result<(ThreadId, MessageId)> {
        match self.said(name)? {
            Said::Message(thread, message) => Ok((thread, message)),
            Said::Entry(_) => Err(Error::Bug("a beat takes a post for a message")),
        }
    }

    async fn act(&mut self, beat: &'static Beat) -> Result<()> {
        let (node, by) = self.hand(beat.who)?;
        let (by, name) = (Some(by), beat.name);
        match &beat.act {
            Act::Post { text, cw, pictures, audience } => {
                let post = self.write(beat.who, text, *cw, pictures, *audience, Beside::default()).await?;
                self.said.insert(name, Said::Entry(post));
            }
            Act::Quote { on, text } => {
                let beside = Beside { quote: Some(self.entry(on)?), poll: None };
                let post = self.write(beat.who, text, None, &[], Audience::All, beside).await?;
                self.said.insert(name, Said::Entry(post));
            }
            Act::Poll { text, options, days } => {
                let options = options.iter().map(|option| (*option).to_owned()).collect();
                let poll = Some(PollDraft { options, lasts_s: *days * DAY_S });
                let beside = Beside { quote: None, poll };
                let post = self.write(beat.who, text, None, &[], Audience::All, beside).await?;
                self.said.insert(name, Said::Entry(post));
            }
            Act::Vote { on, option, with } => {
                for who in [beat.who].iter().chain(*with) {
                    let (node, by) = self.hand(*who)?;
                    node.vote(Some(by), self.entry(on)?, *option).await?;
                }
            }
            Act::Comment { on, text } => {
                let comment = node.comment(by, self.entry(on)?, text).await?;
                self.said.insert(name, Said::Entry(comment));
            }
            Act::React { on, emoji, with } => {
                for who in [beat.who].iter().chain(*with) {
                    let (node, by) = self.hand(*who)?;
                    node.react(Some(by), self.entry(on)?, emoji).await?;
                }
            }
            Act::Repost { on } => {
                node.repost(by, self.entry(on)?).await?;
            }
            Act::Edit { on, text } => {
                node.edit(by, self.entry(on)?, text).await?;
            }
            Act::Message { to, text, answers, pictures } => {
                let mut people = Vec::new();
                for who in *to {
                    people.push(self.persona(*who)?);
                }
                let reply_to = match answers {
                    Some(answered) => Some(self.message(answered)?.1),
                    None => None,
                };
                let attachments = self.stage(&node, pictures).await?;
                let draft = MessageDraft { text: (*text).to_owned(), reply_to, attachments };
                let sent = match answers {
                    Some(answered) => node.send(by, self.message(answered)?.0, draft).await?,
                    None => node.dm(by, people, draft).await?,
                };
                self.said.insert(name, Said::Message(sent.thread, sent.id));
            }
            Act::ReactToMessage { to, emoji } => {
                let (thread, message) = self.message(to)?;
                node.react_to_message(thread, message, emoji).await?;
            }
            Act::Read { thread } => node.read_thread(self.message(thread)?.0).await?,
            Act::Circle { circle, members, group } => {
                let id = match group {
                    true => node.create_group(by, circle).await?,
                    false => node.create_circle(by, circle).await?,
                };
                for member in *members {
                    node.add_to_circle(by, id, self.persona(*member)?).await?;
                }
                self.circles.insert((beat.who.0, circle), id);
                self.settle().await?;
                for member in members.iter().filter(|_| *group) {
                    let (node, by) = self.hand(*member)?;
                    node.join_group(Some(by), id).await?;
                    self.circles.insert((member.0, circle), id);
                }
            }
            Act::List { list, members } => {
                let id = node.create_list(list).await?;
                for member in *members {
                    node.add_to_list(id, self.persona(*member)?).await?;
                }
            }
            Act::Bookmark { on } => node.bookmark(self.entry(on)?).await?,
            Act::FollowTag { tag } => {
                node.follow_tag(tag).await?;
            }
        }
        match beat.act {
            Act::Message { .. } | Act::ReactToMessage { .. } | Act::Read { .. } | Act::Circle { .. } => {
                self.settle().await
            }
            // Nothing of it goes over a session.
            _ => self.pass_on_all().await.map(drop),
        }
    }

    async fn write(
        &self,
        who: Who,
        text: &str,
        cw: Option<&'static str>,
        pictures: &'static [Picture],
        audience: Audience,
        beside: Beside,
    ) -> Result<EntryId> {
        let (node, by) = self.hand(who)?;
        let circles = match audience {
            Audience::All => Vec::new(),
            Audience::Circle(circle) => {
                let known = self.circles.get(&(who.0, circle)).copied();
                vec![known.ok_or(Error::Bug("a beat posts to a circle that was not made"))?]
            }
        };
        let attachments = self.stage(&node, pictures).await?;
        let cw = cw.map(str::to_owned);
        let card = text.contains(CARD.0).then(|| Card {
            url: CARD.0.to_owned(),
            title: CARD.1.to_owned(),
            description: CARD.2.to_owned(),
            picture: None,
        });
        let draft = PostDraft {
            persona: Some(by),
            text: text.to_owned(),
            cw,
            attachments,
            card,
            circles,
            quote: beside.quote,
            poll: beside.poll,
            ..PostDraft::default()
        };
        let at_ms = self.clock.unix_ms();
        if who == Who(0) && audience == Audience::All {
            self.clock.set_ms(at_ms.max(self.own_from_ms));
        }
        let written = node.post(draft).await;
        self.clock.set_ms(at_ms);
        written
    }

    async fn stage(&self, node: &Node, pictures: &'static [Picture]) -> Result<Vec<Attach>> {
        let mut attached = Vec::new();
        for Picture { scene, seed, alt } in pictures {
            let (width, height) = PICTURE_PX;
            let staged = node.stage_picture(paint(*scene, *seed, width, height)?).await?.hash;
            attached.push(Attach { staged, alt: Some((*alt).to_owned()).filter(|alt| !alt.is_empty()) });
        }
        Ok(attached)
    }

    // --- what passes between them ---

    /// One hand of each node.
    fn nodes(&self) -> impl Iterator<Item = &Hand> {
        self.hands.iter().filter(|hand| hand.commits.is_some())
    }

    /// Passes on what was said, and what follows from it, until all is quiet.
    async fn settle(&mut self) -> Result<()> {
        for _ in 0..ROUNDS {
            let mut later = false;
            let peers = self.hands.len().saturating_sub(1);
            for hand in self.nodes() {
                let next_ms = hand.node.gate()?.flush(peers).await?;
                later |= next_ms.is_some_and(|next_ms| next_ms <= ROUND_MS);
            }
            let passed = self.pass_on_all().await?;
            if !passed && !later {
                return Ok(());
            }
            self.clock.set_ms(self.clock.unix_ms().saturating_add(ROUND_MS));
        }
        Ok(())
    }

    /// Gives everybody what the others wrote since. `false`: nothing.
    async fn pass_on_all(&mut self) -> Result<bool> {
        let mut any = false;
        for from in 0..self.hands.len() {
            let written = match self.hands.get_mut(from) {
                Some(hand) => hand.written()?,
                None => Vec::new(),
            };
            if !written.is_empty() {
                any = true;
                self.pass_on(from, written).await?;
            }
        }
        Ok(any)
    }

    /// As a push would carry it, byte for byte: who gets it verifies it.
    async fn pass_on(&self, from: usize, written: Vec<EntryId>) -> Result<()> {
        let Some(giver) = self.hands.get(from) else { return Ok(()) };
        let asked = written.clone();
        let answer = giver.node.inner().store.read(move |db| sync::answer(db, Query::Whole(asked))).await?;
        let Answer::Push(pushed) = answer else { return Err(Error::Bug("a push was answered otherwise")) };
        let mut bytes = Vec::new();
        for one in &pushed {
            bytes.extend_from_slice(&one.introduction.bytes);
            bytes.extend_from_slice(&one.run);
        }
        let conn = u64::try_from(from).unwrap_or_default();
        for hand in self.nodes().filter(|hand| hand.id != giver.id) {
            let origin = Origin::Peer(conn, giver.id);
            hand.node.gate()?.submit(origin, entries(&bytes)?).await?;
        }
        giver.node.gate()?.taken(written).await;
        Ok(())
    }

    /// Files that came with what was posted: each lies under the hash that its entry names.
    async fn bring_files(&self) -> Result<()> {
        let mut nodes = self.nodes();
        let Some(user) = nodes.next() else { return Ok(()) };
        let (store, blobs) = (&user.node.inner().store, user.node.inner().blobs()?);
        for hand in nodes {
            let known = hand.node.inner().store.read(|db| {
                let mut statement = db.prepare("SELECT hash, mime FROM blob WHERE stored = 1")?;
                let known = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
                Ok(known.collect::<rusqlite::Result<Vec<_>>>()?)
            });
            for (hash, mime) in known.await? {
                let lacks = store.read(move |db| {
                    let sql = "SELECT EXISTS (SELECT 1 FROM blob WHERE hash = ?1 AND stored = 0)";
                    Ok(db.query_row(sql, [hash], |row| row.get::<_, bool>(0))?)
                });
                if !lacks.await? {
                    continue;
                }
                let bytes = tokio::fs::read(self.files.path(hash, &mime)).await?;
                let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
                let (put, told) = (blobs.clone(), mime.clone());
                let came = user.node.inner().on_runtime(async move { put.put(bytes, &told).await }).await??;
                if came != hash {
                    return Err(Error::Bug("a picture of the demo is not what its post names"));
                }
                let note = store.write(Durability::Normal, move |tx| {
                    let sql = "UPDATE blob SET stored = 1, wanted = 0, size = ?2, mime = ?3 WHERE hash = ?1";
                    tx.execute(sql, params![hash, size, mime])?;
                    Ok(())
                });
                note.await?;
            }
        }
        Ok(())
    }

    /// What a connection notes: whose copy is whole, and who took what the user wrote.
    async fn tell_who_has_what(&self) -> Result<()> {
        let mut nodes = self.nodes();
        let Some(user) = nodes.next() else { return Ok(()) };
        let (people, peers): (Vec<PersonaId>, Vec<NodeId>) = nodes.map(|hand| (hand.persona, hand.id)).unzip();
        let now_ms = self.clock.unix_ms();
        let note = user.node.inner().store.write(Durability::Normal, move |tx| {
            sync::mark_synced(tx, &people, now_ms)?;
            let own: Vec<EntryId> = {
                let mut statement = tx.prepare(
                    "SELECT entry.id FROM post JOIN entry ON entry.row = post.entry_row
                     JOIN author ON author.row = post.author_row WHERE author.own = 1",
                )?;
                statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
            };
            for peer in peers {
                sync::holds(tx, peer, &own, Direction::Out, now_ms)?;
            }
            Ok(())
        });
        note.await
    }
}

impl Hand {
    /// What it wrote since it was asked last.
    fn written(&mut self) -> Result<Vec<EntryId>> {
        let mut written = Vec::new();
        let Some(commits) = &mut self.commits else { return Ok(written) };
        loop {
            match commits.try_recv() {
                Ok(committed) if committed.origin == Origin::Own => {
                    written.extend(committed.applied.iter().map(|applied| applied.id));
                }
                Ok(_) => {}
                Err(TryRecvError::Lagged(_)) => return Err(Error::Bug("the demo lost commits")),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Ok(written),
            }
        }
    }
}

fn entries(mut bytes: &[u8]) -> Result<Vec<Unverified<Entry>>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        entries.extend(Run::decode(&mut bytes)?.into_entries());
    }
    Ok(entries)
}
