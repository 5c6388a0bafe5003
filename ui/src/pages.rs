//! A long list of posts beside the feed, read page by page: of one person, for example. Where somebody read is found again
//! when they come back to it.

use std::future::Future;
use std::pin::Pin;

use dioxus::prelude::*;
use kith_node::id::EntryId;
use kith_node::limits::FEED_PAGE;
use kith_node::view::PostView;

use crate::event::Pulse;
use crate::failure::Failure;
use crate::feed::{AHEAD, LONGEST, MORE, PAGE, REACH, merge, missing};
use crate::notice::spawn_in_app;
use crate::posts::Posts;
use crate::rows::{Long, Rows, Sight};

/// Lists that are found again where they were left.
const LEFT: usize = 12;

/// Reads posts that stand below one, the newest without one: at most so many.
pub(crate) type Read = Callback<(Option<EntryId>, usize), Reading>;
pub(crate) type Reading = Pin<Box<dyn Future<Output = kith_node::Result<Vec<PostView>>>>>;

/// Lists as they were left, the last one at the end.
#[derive(Clone, Copy)]
pub(crate) struct Left(CopyValue<Vec<(String, List)>>);

/// A list without its screen.
#[derive(Clone)]
struct List {
    ids: Vec<EntryId>,
    rows: Rows<EntryId>,
    ended: bool,
    sight: Option<(EntryId, f64)>,
}

impl Left {
    pub(crate) fn new() -> Self {
        Self(CopyValue::new(Vec::new()))
    }

    fn take(mut self, key: &str) -> Option<List> {
        let mut all = self.0.write();
        let at = all.iter().position(|(known, _)| known == key)?;
        Some(all.remove(at).1)
    }

    fn put(mut self, key: String, list: List) {
        let mut all = self.0.write();
        all.retain(|(known, _)| *known != key);
        if all.len() >= LEFT {
            all.remove(0);
        }
        all.push((key, list));
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Pages {
    pub(crate) ids: Signal<Vec<EntryId>>,
    pub(crate) rows: Long<EntryId>,
    pub(crate) ended: Signal<bool>,
    pub(crate) loaded: Signal<bool>,
    pub(crate) failed: Signal<Option<Failure>>,
    sight: CopyValue<Option<(EntryId, f64)>>,
    adding: CopyValue<bool>,
    looking: CopyValue<bool>,
}

/// A hook: the list that is remembered under `key`, if it is, read by `read`, and again when posts change.
pub(crate) fn use_pages(key: Option<String>, read: Read) -> Pages {
    let (posts, pulse, left) = (use_context::<Posts>(), use_context::<Pulse>(), use_context::<Left>());
    let pages = use_hook(|| Pages::new(key.as_deref().and_then(|key| left.take(key))));
    use_drop(move || {
        if let Some(key) = key {
            left.put(key, pages.list());
        }
    });
    use_effect(move || {
        let _again = (pulse.posts)();
        spawn(async move { pages.refresh(read, posts).await });
    });
    pages
}

impl Pages {
    fn new(list: Option<List>) -> Self {
        let loaded = list.is_some();
        let List { ids, rows, ended, sight } =
            list.unwrap_or_else(|| List { ids: Vec::new(), rows: Rows::new(), ended: false, sight: None });
        let rows = Long::with(rows);
        if let Some((row, offset)) = sight {
            rows.bring(&ids, row, offset);
        }
        Self {
            ids: Signal::new(ids),
            rows,
            ended: Signal::new(ended),
            loaded: Signal::new(loaded),
            failed: Signal::new(None),
            sight: CopyValue::new(sight),
            adding: CopyValue::new(false),
            looking: CopyValue::new(false),
        }
    }

    fn list(self) -> List {
        List {
            ids: self.ids.peek().clone(),
            rows: self.rows.rows(),
            ended: *self.ended.peek(),
            sight: *self.sight.read(),
        }
    }

    /// Takes in what the page tells of the rows.
    pub(crate) fn sees(mut self, read: Read, posts: Posts, sight: &Sight<EntryId>) {
        let (moved, below) = {
            let ids = self.ids.peek();
            (self.rows.hear(&ids, sight), ids.len().saturating_sub(self.rows.now(&ids).end))
        };
        // At the top there is nothing to find again.
        self.sight.set(sight.first.filter(|_| sight.top > 0.0).map(|first| (first, sight.offset)));
        spawn(async move {
            if below < AHEAD {
                self.more(read, posts).await;
            }
            if moved {
                self.look(read, posts).await;
            }
        });
    }

    /// Reads what is shown again. New posts stand above at once; who reads further down stays where they are.
    pub(crate) async fn refresh(mut self, read: Read, posts: Posts) {
        let drawn = self.rows.now(&self.ids.peek());
        let far = drawn.end > REACH;
        let limit = if far { PAGE } else { drawn.end.max(PAGE) };
        match read.call((None, limit)).await {
            Ok(page) => {
                posts.put(&page);
                let shown = self.ids.peek().clone();
                let (ids, _) = merge(&shown, &page, true, limit);
                if page.len() < limit || shown.is_empty() {
                    self.ended.set(page.len() < limit);
                }
                if ids != shown {
                    self.ids.set(ids);
                }
                if self.failed.peek().is_some() {
                    self.failed.set(None);
                }
            }
            Err(error) => self.failed.set(Some(Failure::of(&error))),
        }
        if !*self.loaded.peek() {
            self.loaded.set(true);
        }
        if far {
            self.look(read, posts).await;
        }
    }

    /// Adds the next page below.
    pub(crate) async fn more(mut self, read: Read, posts: Posts) {
        let last = self.ids.peek().last().copied();
        let Some(last) = last else { return };
        if *self.ended.peek() || *self.adding.read() || self.ids.peek().len() >= LONGEST {
            return;
        }
        self.adding.set(true);
        let answer = read.call((Some(last), MORE)).await;
        self.adding.set(false);
        match answer {
            Ok(page) if self.ids.peek().last() == Some(&last) => {
                posts.put(&page);
                self.ended.set(page.len() < MORE);
                self.ids.write().extend(page.iter().map(|post| post.id));
            }
            // The list is another one by now.
            Ok(_) => {}
            Err(error) => self.failed.set(Some(Failure::of(&error))),
        }
    }

    /// Reads the posts whose rows came into the page again.
    async fn look(mut self, read: Read, posts: Posts) {
        if *self.looking.read() {
            return;
        }
        self.looking.set(true);
        loop {
            let (drawn, rows, before) = {
                let ids = self.ids.peek();
                let drawn = self.rows.now(&ids);
                let before = drawn.start.checked_sub(1).and_then(|at| ids.get(at).copied());
                (drawn.clone(), ids.get(drawn).unwrap_or_default().to_vec(), before)
            };
            if rows.is_empty() || rows.len() > FEED_PAGE {
                break;
            }
            let Ok(page) = read.call((before, rows.len())).await else { break };
            posts.put(&page);
            let gone = missing(&rows, &page, rows.len());
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
}

/// Reads again after a failure.
pub(crate) fn again(pages: Pages, read: Read, posts: Posts) {
    spawn_in_app(async move { pages.refresh(read, posts).await });
}
