//! A story that tests and the soak tell alike: two devices of one user edit what they share while they do not see each
//! other, and meet now and then.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::id::{CircleId, EntryId, PersonaId, ThreadId};
use crate::sim::node::NodeIndex;
use crate::sim::pipe::Dice;
use crate::sim::world::World;
use crate::thread::MessageDraft;
use crate::view::Colour;

const PEOPLE: usize = 13;
/// Of them, those who write to Alice.
const WRITERS: usize = 3;
/// Who is in circles: each change of one is some messages that are sealed.
const FRIENDS: usize = 4;
const POSTS: usize = 20;
const WORDS: u64 = 20;
const DRAFTS: u64 = 10;
const CIRCLES: usize = 5;
/// How long it may take until all is ready at the beginning, and until both are equal at the end; virtual ms.
const SETTLE_MS: u64 = 120_000;
/// How often that is looked at, virtual ms.
const LOOK_MS: u64 = 2_000;
/// Between edits they meet for up to so long, so that they are often torn apart before all was said; virtual ms.
const MEETING_MS: u64 = 8_000;

/// Something that a user sees in some list, or that has a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Follow(PersonaId),
    Muted(PersonaId),
    Blocked(PersonaId),
    Word(String),
    Tag(String),
    Draft(String),
    Bookmark(EntryId),
    Unread(ThreadId),
    Circle(CircleId),
    Name(CircleId),
    Colour(CircleId),
    Member(CircleId, PersonaId),
}

impl Key {
    fn circle(&self) -> Option<CircleId> {
        match self {
            Self::Circle(id) | Self::Name(id) | Self::Colour(id) | Self::Member(id, _) => Some(*id),
            _ => None,
        }
    }
}

/// What stands there, with what it says.
type Seen = BTreeMap<Key, String>;

/// Of a device: what it did last with each; `None`: it was taken away.
type Done = BTreeMap<Key, Option<String>>;

/// What the edits are about.
struct Cast {
    own: PersonaId,
    people: Vec<PersonaId>,
    posts: Vec<EntryId>,
    threads: Vec<ThreadId>,
}

/// So many edits on each of two devices: follows, mutes, blocks, words, hashtags, drafts, bookmarks, read marks, circles
/// and who is in them. They meet now and then, whoever dials, and not always for long enough. Answers how long the last
/// meeting took until both were equal, virtual ms. Where they are not, or something is missing that neither took away, or
/// is back, or says what neither wrote: that instead.
pub fn devices(seed: u64, edits: u64) -> Result<std::result::Result<u64, String>> {
    let (mut world, mut dice) = (World::new(seed), Dice(seed));
    world.messages = true;
    let [laptop, phone, other] = [world.node()?, world.node()?, world.node()?];
    let cast = settle(&mut world, [laptop, phone, other])?;
    let unread = |world: &World, node| Ok::<_, Error>(unread(world, node)?.len() == cast.threads.len());
    let ready = |world: &World| {
        Ok(unread(world, laptop)? && unread(world, phone)? && seen(world, laptop)? == seen(world, phone)?)
    };
    if !until(&mut world, ready)? {
        return Ok(Err(format!("seed {seed}: they are not ready")));
    }
    for node in [phone, other] {
        world.disconnect(laptop, node);
    }
    let start = seen(&world, laptop)?;
    let mut done = [Done::new(), Done::new()];
    for _ in 0..edits {
        for (side, (node, done)) in [laptop, phone].into_iter().zip(&mut done).enumerate() {
            edit(&mut world, &mut dice, &cast, (side, node), done)?;
        }
        if dice.below(edits) < 2 {
            meet(&mut world, &mut dice, [laptop, phone, other])?;
        }
    }
    if seen(&world, laptop)? == seen(&world, phone)? {
        return Ok(Err(format!("seed {seed}: they did not edit apart")));
    }
    let (one, two) = if dice.below(2) == 0 { (laptop, phone) } else { (phone, laptop) };
    world.connect(one, two);
    let begin_ms = world.now_ms();
    let equal = until(&mut world, |world| Ok(seen(world, laptop)? == seen(world, phone)?))?;
    let (end, theirs) = (seen(&world, laptop)?, seen(&world, phone)?);
    if !equal {
        let differ: Vec<_> = end.iter().filter(|(key, value)| theirs.get(key) != Some(value)).take(9).collect();
        let lacks: Vec<_> = theirs.iter().filter(|(key, value)| end.get(key) != Some(value)).take(9).collect();
        return Ok(Err(format!("seed {seed}: on the laptop {differ:?}, on the phone {lacks:?}")));
    }
    let wrong: Vec<_> = wrong(&start, &done, &end).into_iter().take(9).collect();
    if wrong.is_empty() { Ok(Ok(world.now_ms() - begin_ms)) } else { Ok(Err(format!("seed {seed}: {wrong:?}"))) }
}

/// Alice with a laptop and a phone; people who wrote to her, and what they posted.
fn settle(world: &mut World, [laptop, phone, other]: [NodeIndex; 3]) -> Result<Cast> {
    let own = world.persona(laptop, "Alice")?;
    let mut people: Vec<PersonaId> =
        (0..PEOPLE).map(|number| world.persona(other, &format!("Persona {number}"))).collect::<Result<_>>()?;
    world.link(laptop, phone, own, false)?;
    for node in [phone, other] {
        world.connect(laptop, node);
    }
    // What these wrote stands there whoever is muted.
    let writers = people.split_off(PEOPLE - WRITERS);
    let posts = writers.iter().cycle().take(POSTS);
    let posts = posts.map(|person| world.post(other, *person, "a post")).collect::<Result<_>>()?;
    for person in people.iter().chain(&writers) {
        world.follow(laptop, own, *person)?;
        world.follow(other, *person, own)?;
    }
    world.run_for(30_000)?;
    let mut threads = Vec::new();
    for person in &writers {
        let draft = MessageDraft { text: "hello".to_owned(), ..MessageDraft::default() };
        let by = *person;
        threads.push(world.verb(other, |handle| async move { handle.dm(Some(by), vec![own], draft).await })?);
    }
    // They have one name on both ends.
    let threads = threads.into_iter().map(|sent| sent.thread).collect();
    Ok(Cast { own, people, posts, threads })
}

fn until(world: &mut World, done: impl Fn(&World) -> Result<bool>) -> Result<bool> {
    let end_ms = world.now_ms() + SETTLE_MS;
    // To look is the slow part: between looks time goes on for a while.
    while world.now_ms() < end_ms {
        world.run_for(LOOK_MS)?;
        if done(world)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Two that see each other for a moment, whoever dials; or one of Alice's and the people.
fn meet(world: &mut World, dice: &mut Dice, [laptop, phone, other]: [NodeIndex; 3]) -> Result<()> {
    let pairs = [(laptop, phone), (phone, laptop), (laptop, phone), (phone, laptop), (laptop, other)];
    let (one, two) = pick(dice, &pairs)?;
    world.connect(one, two);
    world.run_for(dice.below(MEETING_MS))?;
    world.disconnect(one, two);
    Ok(())
}

fn pick<T: Copy>(dice: &mut Dice, from: &[T]) -> Result<T> {
    let at = usize::try_from(dice.below(from.len() as u64)).unwrap_or_default();
    from.get(at).copied().ok_or(Error::Bug("nothing to choose from"))
}

/// One change of some list, drawn. What is refused, as there is nothing to take away, is none.
fn edit(
    world: &mut World,
    dice: &mut Dice,
    cast: &Cast,
    (side, node): (usize, NodeIndex),
    done: &mut Done,
) -> Result<()> {
    let (own, person, post) = (cast.own, pick(dice, &cast.people)?, pick(dice, &cast.posts)?);
    let word = format!("word{}", dice.below(WORDS));
    let there = || Some(String::new());
    let (key, now, result) = match dice.below(19) {
        0 | 1 => (Key::Follow(person), there(), world.follow(node, own, person)),
        2 => (Key::Follow(person), None, world.unfollow(node, own, person)),
        3 => (Key::Muted(person), there(), world.verb(node, |it| async move { it.mute(person, None).await })),
        4 => (Key::Muted(person), None, world.verb(node, |it| async move { it.unmute(person).await })),
        5 => (Key::Blocked(person), there(), world.verb(node, |it| async move { it.block(person).await })),
        6 => (Key::Blocked(person), None, world.verb(node, |it| async move { it.unblock(person).await })),
        7 | 8 => {
            let text = word.clone();
            (Key::Word(word), there(), world.verb(node, |it| async move { it.mute_word(&text, true, None).await }))
        }
        9 => {
            let text = word.clone();
            (Key::Word(word), None, world.verb(node, |it| async move { it.unmute_word(&text).await }))
        }
        10 => {
            let text = word.clone();
            (Key::Tag(word), there(), world.verb(node, |it| async move { it.follow_tag(&text).await.map(drop) }))
        }
        11 => {
            let text = word.clone();
            (Key::Tag(word), None, world.verb(node, |it| async move { it.unfollow_tag(&text).await.map(drop) }))
        }
        12 => (Key::Bookmark(post), there(), world.verb(node, |it| async move { it.bookmark(post).await })),
        13 => (Key::Bookmark(post), None, world.verb(node, |it| async move { it.unbookmark(post).await })),
        14 => {
            // Each reads one of its own, and one is read on neither.
            let Some(thread) = cast.threads.get(side).copied() else { return Ok(()) };
            (Key::Unread(thread), None, world.verb(node, |it| async move { it.read_thread(thread).await }))
        }
        15 => {
            let (key, text) = (format!("draft.{}", dice.below(DRAFTS)), format!("text {}", dice.roll()));
            let (name, written) = (key.clone(), text.clone());
            (Key::Draft(key), Some(text), world.verb(node, |it| async move { it.set_setting(&name, &written).await }))
        }
        _ => return edit_circle(world, dice, cast, node, done),
    };
    match result {
        Ok(()) => drop(done.insert(key, now)),
        Err(Error::NotFound { .. }) if now.is_none() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

fn edit_circle(world: &mut World, dice: &mut Dice, cast: &Cast, node: NodeIndex, done: &mut Done) -> Result<()> {
    let circles = world.ask(node, |it| async move { it.circles(None).await })?;
    let name = format!("circle {}", dice.roll());
    if circles.is_empty() || circles.len() < CIRCLES && dice.below(20) == 0 {
        let text = name.clone();
        let circle = world.verb(node, |it| async move { it.create_circle(None, &text).await })?;
        done.insert(Key::Circle(circle), Some(String::new()));
        done.insert(Key::Name(circle), Some(name));
        return Ok(());
    }
    let ids: Vec<CircleId> = circles.iter().map(|circle| circle.id).collect();
    let (circle, colour) = (pick(dice, &ids)?, pick(dice, &Colour::ALL)?);
    let person = pick(dice, cast.people.get(..FRIENDS).unwrap_or_default())?;
    let inside = circles.iter().any(|known| known.id == circle && known.members.contains(&person));
    match dice.below(12) {
        0..=4 if !inside => {
            world.verb(node, |it| async move { it.add_to_circle(None, circle, person).await })?;
            done.insert(Key::Member(circle, person), Some(String::new()));
        }
        5..=8 if inside => {
            world.verb(node, |it| async move { it.remove_from_circle(None, circle, person).await })?;
            done.insert(Key::Member(circle, person), None);
        }
        9 => {
            let text = name.clone();
            world.verb(node, |it| async move { it.rename_circle(circle, &text).await })?;
            // That it is there and what it is called are one thing.
            done.extend([(Key::Circle(circle), Some(String::new())), (Key::Name(circle), Some(name))]);
        }
        10 => {
            world.verb(node, |it| async move { it.colour_circle(circle, colour).await })?;
            done.insert(Key::Colour(circle), Some(colour.name().to_owned()));
        }
        11 if dice.below(5) == 0 => {
            world.verb(node, |it| async move { it.delete_circle(circle).await })?;
            let members = circles.iter().filter(|known| known.id == circle).flat_map(|known| &known.members);
            done.extend(members.map(|member| (Key::Member(circle, *member), None)));
            done.insert(Key::Circle(circle), None);
        }
        _ => {}
    }
    Ok(())
}

/// What stands in the end and should not, or should and does not. Of what both changed either may have been the last; of
/// what one changed it is what that one did, and of what neither did what there was.
fn wrong(start: &Seen, done: &[Done; 2], end: &Seen) -> Vec<(Key, Option<String>)> {
    let keys: BTreeSet<&Key> = done.iter().flat_map(BTreeMap::keys).chain(start.keys()).chain(end.keys()).collect();
    let is_wrong = |key: &&&Key| {
        let found = end.get(key);
        // Of a circle that ended nothing is left.
        if key.circle().is_some_and(|circle| **key != &Key::Circle(circle) && !end.contains_key(&Key::Circle(circle))) {
            return found.is_some();
        }
        let by: Vec<Option<&String>> = done.iter().filter_map(|done| done.get(key)).map(Option::as_ref).collect();
        match (by.is_empty(), key) {
            (false, _) => !by.contains(&found),
            // It was drawn with the circle.
            (true, Key::Colour(_)) if !start.contains_key(key) => false,
            (true, _) => start.get(key) != found,
        }
    };
    keys.iter().filter(is_wrong).map(|key| ((*key).clone(), end.get(key).cloned())).collect()
}

fn unread(world: &World, node: NodeIndex) -> Result<Seen> {
    let threads = world.ask(node, |it| async move { it.threads(None, false).await })?;
    let unread = threads.into_iter().filter(|thread| thread.unread > 0);
    Ok(unread.map(|thread| (Key::Unread(thread.id), thread.unread.to_string())).collect())
}

fn seen(world: &World, node: NodeIndex) -> Result<Seen> {
    let mut keys = Vec::new();
    let follows = world.ask(node, |it| async move { it.follows(None).await })?;
    keys.extend(follows.iter().map(|follow| Key::Follow(follow.persona)));
    let muted = world.ask(node, |it| async move { it.muted().await })?;
    keys.extend(muted.people.iter().map(|muted| Key::Muted(muted.persona)));
    keys.extend(muted.blocked.iter().map(|blocked| Key::Blocked(blocked.persona)));
    keys.extend(muted.words.into_iter().map(|word| Key::Word(word.text)));
    let tags = world.ask(node, |it| async move { it.followed_tags().await })?;
    keys.extend(tags.into_iter().map(Key::Tag));
    let bookmarks = world.ask(node, |it| async move { it.bookmarks(POSTS, None).await })?;
    keys.extend(bookmarks.iter().map(|bookmark| Key::Bookmark(bookmark.id)));
    let mut seen = unread(world, node)?;
    for circle in world.ask(node, |it| async move { it.circles(None).await })? {
        keys.push(Key::Circle(circle.id));
        keys.extend(circle.members.iter().map(|member| Key::Member(circle.id, *member)));
        seen.insert(Key::Name(circle.id), circle.name);
        seen.insert(Key::Colour(circle.id), circle.colour.name().to_owned());
    }
    seen.extend(keys.into_iter().map(|key| (key, String::new())));
    for number in 0..DRAFTS {
        let key = format!("draft.{number}");
        let name = key.clone();
        let draft = world.ask(node, |it| async move { it.setting(&name).await })?;
        seen.extend(draft.map(|text| (Key::Draft(key), text)));
    }
    Ok(seen)
}
