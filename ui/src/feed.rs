//! The store of the feed that is shown: posts over the local store, newest first, page after page as far as somebody
//! read. It never moves under a reader: what comes while they are further down is counted and waits behind a pill. Where
//! they read is remembered on this device, feed by feed, and found again after a restart. Of a long feed only the rows
//! near the screen stand in the page ([`crate::rows`]), and only their posts are in memory.

use std::collections::HashSet;
use std::time::Duration;

use dioxus::prelude::*;
use kith_node::id::{EntryId, PersonaId};
use kith_node::limits::FEED_PAGE;
use kith_node::view::PostView;
use kith_node::{FeedOf, FeedQuery};

use crate::failure::Failure;
use crate::notice::spawn_in_app;
use crate::posts::Posts;
use crate::rows::{Long, Sight};
use crate::surface::Surface;

/// Posts that are read at once.
pub(crate) const PAGE: usize = 50;
/// Posts that are read at once for somebody who scrolls on.
pub(crate) const MORE: usize = 100;
/// The next posts are read while so many are left below the screen.
pub(crate) const AHEAD: usize = 60;
/// How far down a place is looked for at the start.
pub(crate) const REACH: usize = 300;
/// Posts of one list; older ones start a new one.
pub(crate) const LONGEST: usize = 50_000;
/// A row begins at most so far from the upper edge, CSS pixels.
const OFFSET_PX: f64 = 100_000.0;
/// How long a reader rests before their place is remembered.
const REST: Duration = Duration::from_millis(500);

/// What the feed's place shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Tab {
    Of(FeedOf),
    /// The home feed of one of several own personas.
    Persona(PersonaId),
    Bookmarks,
}

impl Tab {
    pub(crate) const HOME: Self = Self::Of(FeedOf::Home);

    /// Under which its place is remembered.
    fn key(&self) -> Option<String> {
        match self {
            Self::Persona(persona) => Some(format!("feed.persona.{persona}")),
            Self::Of(FeedOf::Home) => Some("feed.home".to_owned()),
            Self::Of(FeedOf::List(list)) => Some(format!("feed.list.{list}")),
            Self::Of(FeedOf::Tag(tag)) => Some(format!("feed.tag.{tag}")),
            Self::Bookmarks => None,
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Feed {
    pub(crate) tab: Signal<Tab>,
    pub(crate) ids: Signal<Vec<EntryId>>,
    /// Which of them stand in the page.
    pub(crate) rows: Long<EntryId>,
    /// The list shows posts older than this one; `None`: the newest.
    pub(crate) anchor: Signal<Option<EntryId>>,
    pub(crate) at_top: Signal<bool>,
    pub(crate) newer: Signal<usize>,
    pub(crate) ended: Signal<bool>,
    pub(crate) loaded: Signal<bool>,
    pub(crate) failed: Signal<Option<Failure>>,
    /// Grows when the list starts again from its top.
    pub(crate) generation: Signal<u64>,
    /// The newest post that was read before those above it came.
    pub(crate) line: Signal<Option<EntryId>>,
    /// The first post on the screen now, and how far it begins below the upper edge.
    sight: CopyValue<Option<(EntryId, f64)>>,
    /// The newest post that was ever on the screen.
    pub(crate) seen: Signal<Option<EntryId>>,
    /// The place that was remembered last.
    pub(crate) kept: Signal<Option<EntryId>>,
    /// Grows with every step of the reader.
    steps: Signal<u64>,
    /// Something came while the feed was opened.
    stale: Signal<bool>,
    /// A page is being read, at the end; and the rows in the page are.
    adding: CopyValue<bool>,
    looking: CopyValue<bool>,
}

impl Feed {
    pub(crate) fn new() -> Self {
        Self {
            tab: Signal::new(Tab::HOME),
            ids: Signal::new(Vec::new()),
            rows: Long::new(),
            anchor: Signal::new(None),
            at_top: Signal::new(true),
            newer: Signal::new(0),
            ended: Signal::new(false),
            loaded: Signal::new(false),
            failed: Signal::new(None),
            generation: Signal::new(0),
            line: Signal::new(None),
            sight: CopyValue::new(None),
            seen: Signal::new(None),
            kept: Signal::new(None),
            steps: Signal::new(0),
            stale: Signal::new(false),
            adding: CopyValue::new(false),
            looking: CopyValue::new(false),
        }
    }

    /// Shows another feed where it was left; the one that is shown already, from its top.
    pub(crate) async fn switch(mut self, surface: &Surface, posts: Posts, tab: Tab) {
        if *self.tab.peek() == tab {
            return self.to_newest(surface, posts).await;
        }
        self.remember(surface).await;
        self.tab.set(tab);
        self.loaded.set(false);
        self.ids.set(Vec::new());
        self.rows.to_top();
        self.sight.set(None);
        self.seen.set(None);
        self.line.set(None);
        self.newer.set(0);
        self.anchor.set(None);
        self.at_top.set(true);
        self.generation += 1;
        self.restore(surface, posts).await;
    }

    /// Opens the feed where it was left on this device.
    pub(crate) async fn restore(mut self, surface: &Surface, posts: Posts) {
        let place = match self.tab.peek().key() {
            Some(key) => surface.node.remembered(&key).await.ok().flatten().map(|text| Place::parse(&text)),
            None => return self.loaded.set(true),
        };
        let place = place.unwrap_or_default();
        self.seen.set(place.seen);
        match place.top {
            None => {
                self.open(surface, posts, None, false).await;
                self.draw_line(place.seen);
            }
            Some(top) => self.open_at(surface, posts, &place, top).await,
        }
        if std::mem::take(&mut *self.stale.write()) {
            self.refresh(surface, posts).await;
        }
    }

    /// Reads the newest posts and shows them from the top.
    pub(crate) async fn to_newest(mut self, surface: &Surface, posts: Posts) {
        // A reader at the top stays as they are; their composer keeps the keyboard.
        let already_there = *self.at_top.peek() && self.anchor.peek().is_none();
        let read = if self.anchor.peek().is_none() { self.ids.peek().first().copied() } else { *self.seen.peek() };
        self.open(surface, posts, None, !already_there).await;
        self.at_top.set(true);
        if !already_there {
            self.draw_line(read);
        }
    }

    /// The newest post of the list. Does not subscribe.
    pub(crate) fn first(self) -> Option<EntryId> {
        self.ids.peek().first().copied()
    }

    /// The post beside `from`, one further up or down, put into the page; where `from` is not in the page, the first on the
    /// screen.
    pub(crate) fn beside(self, from: Option<EntryId>, by: isize) -> Option<EntryId> {
        let ids = self.ids.peek();
        let drawn = self.rows.now(&ids);
        let at = from.and_then(|from| ids.get(drawn.clone())?.iter().position(|id| *id == from));
        let next = match at {
            Some(at) => (drawn.start + at).saturating_add_signed(by).min(ids.len().saturating_sub(1)),
            None => {
                let first = (*self.sight.read()).map(|(first, _)| first);
                first.and_then(|first| ids.iter().position(|id| *id == first)).unwrap_or_default()
            }
        };
        let next = ids.get(next).copied()?;
        self.rows.reach(&ids, next).then_some(next)
    }

    /// Whether older posts than the newest are shown.
    pub(crate) fn is_older(self) -> bool {
        self.anchor.peek().is_some()
    }

    pub(crate) async fn open(mut self, surface: &Surface, posts: Posts, anchor: Option<EntryId>, from_top: bool) {
        let Some(page) = self.read(surface, anchor, PAGE).await else { return };
        posts.put(&page);
        self.anchor.set(anchor);
        self.show(page.iter().map(|post| post.id).collect(), page.len() < PAGE);
        self.newer.set(0);
        if from_top {
            self.generation += 1;
        }
    }

    /// Shows what the reader saw last, the post where they read at the top; what came above waits behind the pill.
    async fn open_at(mut self, surface: &Surface, posts: Posts, place: &Place, top: EntryId) {
        let Some(newest) = self.read(surface, None, REACH).await else { return };
        let at = |wanted: EntryId| newest.iter().position(|post| post.id == wanted);
        let (page, anchor, newer) = match (at(top), place.above) {
            (Some(at_top), _) => {
                let from = place.seen.and_then(at).map_or(at_top, |seen| seen.min(at_top));
                let to = (at_top + PAGE).min(newest.len());
                (newest.get(from..to).unwrap_or_default().to_vec(), None, from)
            }
            // Too much came: the window starts right there.
            (None, Some(above)) => {
                let Some(page) = self.read(surface, Some(above), PAGE).await else { return };
                (page, Some(above), 0)
            }
            (None, None) => return self.open(surface, posts, None, false).await,
        };
        posts.put(&page);
        let ended = page.last().map(|post| post.id) == newest.last().map(|post| post.id) && newest.len() < REACH;
        self.at_top.set(false);
        self.anchor.set(anchor);
        self.show(page.iter().map(|post| post.id).collect(), ended);
        self.newer.set(newer);
        self.rows.bring(&self.ids.peek(), top, f64::from(place.offset));
    }

    fn show(mut self, ids: Vec<EntryId>, ended: bool) {
        self.rows.to_top();
        self.ended.set(ended);
        self.ids.set(ids);
        self.loaded.set(true);
    }

    /// The line above what was read, where something stands above it.
    fn draw_line(mut self, read: Option<EntryId>) {
        let line = read.filter(|read| self.ids.peek().iter().position(|id| id == read).is_some_and(|at| at > 0));
        self.line.set(line);
    }

    /// Takes in what the page tells of the rows.
    pub(crate) fn sees(mut self, surface: &Surface, posts: Posts, sight: &Sight<EntryId>) {
        let (moved, below) = {
            let ids = self.ids.peek();
            let moved = self.rows.hear(&ids, sight);
            // In an older list what was seen last stands above.
            let at = |wanted: EntryId| ids.iter().position(|known| *known == wanted);
            let first = sight.first.and_then(at);
            let newer = match (self.seen.peek().and_then(at), first) {
                (Some(seen), Some(first)) => first < seen,
                (None, Some(_)) => self.anchor.peek().is_none(),
                _ => false,
            };
            if newer {
                self.seen.set(sight.first);
            }
            (moved, ids.len().saturating_sub(self.rows.now(&ids).end))
        };
        // Told before there were rows, it says nothing of them.
        let at_top = sight.top <= 0.0;
        if (sight.first.is_some() || !at_top) && *self.at_top.peek() != at_top {
            self.at_top.set(at_top);
        }
        self.sight.set(sight.first.map(|first| (first, sight.offset)));
        self.steps += 1;
        let (surface, step) = (surface.clone(), *self.steps.peek());
        spawn_in_app(async move {
            if below < AHEAD {
                self.more(&surface, posts).await;
            }
            if moved {
                self.look(&surface, posts).await;
            }
            tokio::time::sleep(REST).await;
            if *self.steps.peek() == step {
                self.remember(&surface).await;
            }
        });
    }

    async fn remember(mut self, surface: &Surface) {
        let place = {
            let (ids, sight) = (self.ids.peek(), *self.sight.read());
            let top = sight.and_then(|(first, _)| ids.iter().position(|id| *id == first));
            let at_top = *self.at_top.peek() && self.anchor.peek().is_none();
            match top.filter(|_| !at_top) {
                Some(top) => Place {
                    top: ids.get(top).copied(),
                    above: top.checked_sub(1).and_then(|above| ids.get(above).copied()).or(*self.anchor.peek()),
                    seen: *self.seen.peek(),
                    offset: sight.map_or(0, |(_, offset)| offset.clamp(-OFFSET_PX, OFFSET_PX) as i32),
                },
                None if at_top => Place { seen: *self.seen.peek(), ..Place::default() },
                // Nothing of the feed is on the screen.
                None => return,
            }
        };
        let key = self.tab.peek().key();
        if let Some(key) = key {
            let _at_worst_it_opens_at_the_top = surface.node.remember(&key, &place.text()).await;
            self.kept.set(place.top);
        }
    }

    /// Adds the next page below, up to the longest list.
    pub(crate) async fn more(mut self, surface: &Surface, posts: Posts) {
        let last = self.ids.peek().last().copied();
        let Some(last) = last else { return };
        if *self.ended.peek() || *self.adding.read() || self.ids.peek().len() >= LONGEST {
            return;
        }
        self.adding.set(true);
        let page = self.read(surface, Some(last), MORE).await;
        self.adding.set(false);
        let Some(page) = page else { return };
        // The list may be another one by now.
        if self.ids.peek().last() != Some(&last) {
            return;
        }
        posts.put(&page);
        self.ended.set(page.len() < MORE);
        self.ids.write().extend(page.iter().map(|post| post.id));
    }

    /// Reads the posts whose rows came into the page again: some were forgotten, and others may have changed or gone.
    async fn look(mut self, surface: &Surface, posts: Posts) {
        if *self.looking.read() {
            return;
        }
        self.looking.set(true);
        loop {
            let (drawn, rows, before) = {
                let ids = self.ids.peek();
                let drawn = self.rows.now(&ids);
                let above = drawn.start.checked_sub(1).and_then(|at| ids.get(at).copied());
                (drawn.clone(), ids.get(drawn).unwrap_or_default().to_vec(), above.or(*self.anchor.peek()))
            };
            // What waits above the list comes before its first.
            let waiting = if before.is_none() { *self.newer.peek() } else { 0 };
            let limit = rows.len() + waiting;
            if rows.is_empty() || limit > FEED_PAGE {
                break;
            }
            let Some(read) = self.read(surface, before, limit).await else { break };
            posts.put(&read);
            let gone = missing(&rows, &read, limit);
            if !gone.is_empty() {
                self.ids.write().retain(|id| !gone.contains(id));
            }
            // It scrolled on meanwhile.
            if self.rows.now(&self.ids.peek()) == drawn {
                break;
            }
        }
        self.looking.set(false);
    }

    /// Reads what is shown again. New posts appear at once for a reader at the top, else they are counted.
    pub(crate) async fn refresh(mut self, surface: &Surface, posts: Posts) {
        if !*self.loaded.peek() {
            // It is being opened; what it read may be older than what came.
            return self.stale.set(true);
        }
        let anchor = *self.anchor.peek();
        let drawn = self.rows.now(&self.ids.peek());
        // Down to the rows in the page, or where they are far down only what is new.
        let far = drawn.end > REACH;
        let least = if far { 0 } else { drawn.end.max(PAGE) };
        let limit = (least + *self.newer.peek() + PAGE).min(FEED_PAGE);
        let Some(read) = self.read(surface, anchor, limit).await else { return };
        posts.put(&read);
        let shown = self.ids.peek().clone();
        let (ids, newer) = merge(&shown, &read, anchor.is_none() && *self.at_top.peek(), limit);
        if ids != shown {
            self.ended.set(read.len() < limit && ids.len() >= read.len());
            self.ids.set(ids);
        }
        let newer = if anchor.is_some() { 0 } else { newer };
        if *self.newer.peek() != newer {
            self.newer.set(newer);
        }
        if far {
            self.look(surface, posts).await;
        }
    }

    async fn read(mut self, surface: &Surface, before: Option<EntryId>, limit: usize) -> Option<Vec<PostView>> {
        let tab = self.tab.peek().clone();
        let (of, persona) = match tab.clone() {
            Tab::Of(of) => (of, None),
            Tab::Persona(persona) => (FeedOf::Home, Some(persona)),
            Tab::Bookmarks => {
                self.loaded.set(true);
                return None;
            }
        };
        let answer = surface.node.feed(FeedQuery { before, limit, of, persona, ..FeedQuery::default() }).await;
        // Another feed was opened meanwhile.
        if *self.tab.peek() != tab {
            return None;
        }
        match answer {
            Ok(page) => {
                if self.failed.peek().is_some() {
                    self.failed.set(None);
                }
                Some(page)
            }
            Err(error) => {
                self.failed.set(Some(Failure::of(&error)));
                self.loaded.set(true);
                None
            }
        }
    }
}

/// Where somebody reads.
#[derive(Debug, Default, PartialEq, Eq)]
struct Place {
    /// The first post on the screen; `None`: they are at the top of the feed.
    top: Option<EntryId>,
    /// The one above it.
    above: Option<EntryId>,
    /// The newest one that was ever on the screen.
    seen: Option<EntryId>,
    /// How far the first one begins below the upper edge, CSS pixels.
    offset: i32,
}

impl Place {
    fn text(&self) -> String {
        let id = |id: Option<EntryId>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        [id(self.top), id(self.above), id(self.seen), self.offset.to_string()].join(" ")
    }

    fn parse(text: &str) -> Self {
        let mut words = text.split(' ');
        let mut id = || words.next().and_then(|id| id.parse().ok());
        let (top, above, seen) = (id(), id(), id());
        let offset = words.next().and_then(|offset| offset.parse().ok()).unwrap_or_default();
        Self { top, above, seen, offset }
    }
}

/// What is shown after `read` came, and how many posts wait above it.
pub(crate) fn merge(shown: &[EntryId], read: &[PostView], follow: bool, limit: usize) -> (Vec<EntryId>, usize) {
    let known: HashSet<_> = read.iter().map(|post| post.id).collect();
    if follow || shown.is_empty() {
        let reached = shown.iter().rposition(|id| known.contains(id)).filter(|_| read.len() >= limit);
        let further = reached.and_then(|reached| shown.get(reached + 1..)).unwrap_or_default();
        return (read.iter().map(|post| post.id).chain(further.iter().copied()).collect(), 0);
    }
    let gone = missing(shown, read, limit);
    let ids: Vec<_> = shown.iter().copied().filter(|id| !gone.contains(id)).collect();
    let first = ids.iter().find(|id| known.contains(id));
    let newer = first.and_then(|first| read.iter().position(|post| post.id == *first)).unwrap_or(read.len());
    (ids, newer)
}

/// What a complete answer does not hold, or one that reaches further down: it was deleted, muted or unfollowed.
pub(crate) fn missing(shown: &[EntryId], read: &[PostView], limit: usize) -> HashSet<EntryId> {
    let known: HashSet<_> = read.iter().map(|post| post.id).collect();
    let reached = if read.len() < limit { Some(shown.len()) } else { shown.iter().rposition(|id| known.contains(id)) };
    shown.iter().take(reached.unwrap_or_default()).filter(|id| !known.contains(id)).copied().collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use kith_node::id::PersonaId;

    use super::*;

    pub(crate) fn post(number: u8) -> PostView {
        PostView {
            id: EntryId::from_bytes([number; 32]),
            author: PersonaId::from_bytes([1; 32]),
            author_name: "Alice".into(),
            author_picture: None,
            created_ms: 0,
            text: format!("post {number}"),
            mentions: vec![],
            cw: None,
            attachments: vec![],
            card: None,
            people: vec![],
            people_count: 0,
            quote: None,
            poll: None,
            series: None,
            reactions: BTreeMap::new(),
            mine: vec![],
            comments: 0,
            edited: false,
            deleted: false,
            sealed: false,
            circle: None,
            group: false,
            colour: None,
            via: None,
            own: false,
            clock_off: false,
            forked: false,
            waiting: false,
            full: false,
            commenters: "everyone",
            reposts: 0,
            reposted: false,
            reposted_by: vec![],
            held_by: None,
            bookmarked: false,
            thread_muted: false,
            blocked: false,
        }
    }

    fn ids(numbers: &[u8]) -> Vec<EntryId> {
        numbers.iter().map(|number| EntryId::from_bytes([*number; 32])).collect()
    }

    fn read(numbers: &[u8]) -> Vec<PostView> {
        numbers.iter().map(|number| post(*number)).collect()
    }

    #[test]
    fn new_posts_wait_above_a_reader_and_appear_at_the_top() {
        let shown = ids(&[5, 4, 3]);
        let read = read(&[7, 6, 5, 4, 3]);
        assert_eq!(merge(&shown, &read, false, 50), (shown.clone(), 2));
        assert_eq!(merge(&shown, &read, true, 50), (ids(&[7, 6, 5, 4, 3]), 0));
        assert_eq!(merge(&ids(&[5, 4, 3, 2, 1]), &read, true, 5), (ids(&[7, 6, 5, 4, 3, 2, 1]), 0), "no further down");
    }

    #[test]
    fn a_deleted_post_leaves_the_list() {
        assert_eq!(merge(&ids(&[5, 4, 3]), &read(&[6, 4, 3]), false, 50), (ids(&[4, 3]), 1));
    }

    #[test]
    fn an_answer_that_does_not_reach_down_removes_nothing() {
        assert_eq!(merge(&ids(&[5, 4, 3]), &read(&[9, 8]), false, 2), (ids(&[5, 4, 3]), 2));
        assert_eq!(merge(&ids(&[5, 4, 3, 2]), &read(&[9, 5, 3]), false, 3), (ids(&[5, 3, 2]), 1), "4 was muted");
    }

    #[test]
    fn a_place_reads_back() {
        let [a, b, c] = [1, 2, 3].map(|number| Some(EntryId::from_bytes([number; 32])));
        for place in [
            Place { top: a, above: b, seen: c, offset: -17 },
            Place { top: a, above: None, seen: a, offset: 3 },
            Place { top: None, above: None, seen: c, offset: 0 },
            Place::default(),
        ] {
            assert_eq!(Place::parse(&place.text()), place);
        }
        assert_eq!(Place::parse("what another version wrote"), Place::default());
    }
}
