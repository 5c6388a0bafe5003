//! A list of items of different heights, with one chosen, and where it is scrolled to. What is read again does not move what
//! is seen.

use ratatui::text::Line;

use super::data::Listed;

/// Lines of each item, as they were drawn last, and for what: as long as that holds they are not made again.
#[derive(Debug, Clone)]
struct Drawn {
    stamp: Stamp,
    items: Vec<Vec<Line<'static>>>,
}

/// On what the lines of an item depend besides the item: cells, the minute, how much is unfolded.
pub(crate) type Stamp = (usize, u64, usize);

#[derive(Debug, Clone)]
pub(crate) struct Pane<T> {
    pub(crate) items: Vec<T>,
    pub(crate) selected: usize,
    /// First line that is shown.
    pub(crate) top: usize,
    /// It was read once.
    pub(crate) loaded: bool,
    /// Items that came above the first one that was seen.
    pub(crate) fresh: usize,
    /// The chosen one is to be brought into view.
    chase: bool,
    /// What stood at the top, and how much of it was above, before the items were read again.
    anchor: Option<(String, usize)>,
    starts: Vec<usize>,
    total: usize,
    view: usize,
    drawn: Option<Drawn>,
}

impl<T> Default for Pane<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            selected: 0,
            top: 0,
            loaded: false,
            fresh: 0,
            chase: false,
            anchor: None,
            starts: Vec::new(),
            total: 0,
            view: 0,
            drawn: None,
        }
    }
}

impl<T: Listed> Pane<T> {
    pub(crate) fn chosen(&self) -> Option<&T> {
        self.items.get(self.selected)
    }

    /// The same list, read again. `sticks`: new items above stay out of view, and are counted.
    pub(crate) fn replace(&mut self, items: Vec<T>, sticks: bool) {
        let place = |id: &str| items.iter().position(|item| item.id() == id);
        if sticks && self.loaded {
            let at = self.starts.partition_point(|start| *start <= self.top).saturating_sub(1);
            let anchored = self.items.get(at).map(|item| item.id().to_owned());
            let above = self.top.saturating_sub(self.starts.get(at).copied().unwrap_or_default());
            self.anchor = anchored.map(|id| (id, above));
            let first = self.items.first().and_then(|item| place(item.id()));
            self.fresh =
                if first.is_some_and(|first| first > 0) { self.fresh + first.unwrap_or_default() } else { self.fresh };
        }
        let chosen = self.chosen().and_then(|item| place(item.id()));
        self.selected = chosen.unwrap_or_else(|| self.selected.min(items.len().saturating_sub(1)));
        self.items = items;
        self.loaded = true;
        self.drawn = None;
    }

    /// More of the same list, behind what is here.
    pub(crate) fn extend(&mut self, items: Vec<T>) {
        self.items.extend(items);
        self.drawn = None;
    }

    /// An item was changed where it stands.
    pub(crate) fn touch(&mut self) {
        self.drawn = None;
    }

    /// Has every item drawn that was not yet, and what is in a view of so many lines: each line with its item's number.
    pub(crate) fn lines(
        &mut self,
        stamp: Stamp,
        view: usize,
        item: impl Fn(&T) -> Vec<Line<'static>>,
    ) -> Vec<(usize, Line<'static>)> {
        let drawn = match self.drawn.take().filter(|drawn| drawn.stamp == stamp) {
            Some(drawn) => drawn,
            None => Drawn { stamp, items: self.items.iter().map(item).collect() },
        };
        let heights: Vec<usize> = drawn.items.iter().map(Vec::len).collect();
        self.arrange(&heights, view);
        let first = self.starts.partition_point(|start| *start <= self.top).saturating_sub(1);
        let skipped = self.top.saturating_sub(self.start(first));
        let from = drawn.items.iter().enumerate().skip(first);
        let all = from.flat_map(|(at, lines)| lines.iter().map(move |line| (at, line)));
        let seen = all.skip(skipped).take(view).map(|(at, line)| (at, line.clone())).collect();
        self.drawn = Some(drawn);
        seen
    }

    /// Another list takes its place.
    pub(crate) fn reset(&mut self, items: Vec<T>) {
        *self = Self { items, loaded: true, ..Self::default() };
    }

    /// As [`Self::reset`], at its end.
    pub(crate) fn reset_to_last(&mut self, items: Vec<T>) {
        self.reset(items);
        self.last();
    }

    /// Goes to an item, where it is here.
    pub(crate) fn choose(&mut self, id: &str) {
        if let Some(at) = self.items.iter().position(|item| item.id() == id) {
            (self.selected, self.chase, self.anchor) = (at, true, None);
        }
    }

    pub(crate) fn is_last(&self) -> bool {
        self.selected + 1 >= self.items.len()
    }

    pub(crate) fn first(&mut self) {
        (self.selected, self.top, self.fresh, self.anchor) = (0, 0, 0, None);
    }

    pub(crate) fn last(&mut self) {
        (self.selected, self.chase) = (self.items.len().saturating_sub(1), true);
        self.anchor = None;
    }

    /// To the next item; of one that is higher than the view, first through it.
    pub(crate) fn down(&mut self) {
        let end = self.end(self.selected);
        if end > self.top + self.view && self.view > 0 && end - self.start(self.selected) > self.view {
            self.top += 3.min(end - self.top - self.view);
        } else if !self.is_last() {
            (self.selected, self.chase) = (self.selected + 1, true);
        }
    }

    pub(crate) fn up(&mut self) {
        if self.start(self.selected) < self.top {
            self.top -= 3.min(self.top - self.start(self.selected));
        } else if self.selected > 0 {
            (self.selected, self.chase) = (self.selected - 1, true);
        }
        if self.selected == 0 && self.top == 0 {
            self.fresh = 0;
        }
    }

    pub(crate) fn page(&mut self, down: bool) {
        let step = self.view.saturating_sub(2).max(1);
        let last_top = self.total.saturating_sub(self.view);
        if down && self.top >= last_top {
            return self.last();
        }
        if !down && self.top == 0 {
            return self.first();
        }
        self.top = if down { (self.top + step).min(last_top) } else { self.top.saturating_sub(step) };
        // The first one that begins in view, else the one that fills it.
        let begins = self.starts.partition_point(|start| *start < self.top);
        let in_view = self.starts.get(begins).is_some_and(|start| *start < self.top + self.view);
        self.selected = if in_view { begins } else { begins.saturating_sub(1) };
    }

    /// To be called before drawing: how many lines each item takes, and how many are shown.
    pub(crate) fn arrange(&mut self, heights: &[usize], view: usize) {
        self.starts.clear();
        self.total = 0;
        for height in heights {
            self.starts.push(self.total);
            self.total += height;
        }
        self.view = view;
        if let Some((id, above)) = self.anchor.take()
            && let Some(at) = self.items.iter().position(|item| item.id() == id)
        {
            self.top = self.start(at) + above;
        }
        if std::mem::take(&mut self.chase) {
            let (start, end) = (self.start(self.selected), self.end(self.selected));
            if start < self.top {
                self.top = start;
            } else if end > self.top + view {
                self.top = start.min(end.saturating_sub(view));
            }
        }
        self.top = self.top.min(self.total.saturating_sub(view));
    }

    fn start(&self, at: usize) -> usize {
        self.starts.get(at).copied().unwrap_or_default()
    }

    fn end(&self, at: usize) -> usize {
        self.starts.get(at + 1).copied().unwrap_or(self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Item(&'static str);

    impl Listed for Item {
        fn id(&self) -> &str {
            self.0
        }
    }

    fn pane(ids: &[&'static str]) -> Pane<Item> {
        let mut pane = Pane::default();
        pane.replace(ids.iter().copied().map(Item).collect(), true);
        pane.arrange(&vec![4; ids.len()], 10);
        pane
    }

    #[test]
    fn what_comes_above_does_not_move_what_is_seen() {
        let mut pane = pane(&["c", "b", "a"]);
        pane.replace(["e", "d", "c", "b", "a"].map(Item).into(), true);
        pane.arrange(&[4; 5], 10);
        assert_eq!((pane.chosen().map(Listed::id), pane.top, pane.fresh), (Some("c"), 8, 2));
        pane.first();
        pane.arrange(&[4; 5], 10);
        assert_eq!((pane.chosen().map(Listed::id), pane.top, pane.fresh), (Some("e"), 0, 0));
    }

    #[test]
    fn the_chosen_one_is_in_view_and_a_high_one_is_gone_through() {
        let mut pane = pane(&["a", "b", "c", "d"]);
        pane.down();
        pane.down();
        pane.arrange(&[4, 4, 30, 4], 10);
        assert_eq!((pane.selected, pane.top), (2, 8));
        for _ in 0..7 {
            pane.down();
            pane.arrange(&[4, 4, 30, 4], 10);
        }
        assert_eq!((pane.selected, pane.top), (2, 28));
        pane.down();
        pane.arrange(&[4, 4, 30, 4], 10);
        assert_eq!((pane.selected, pane.top), (3, 32));
        pane.up();
        pane.arrange(&[4, 4, 30, 4], 10);
        assert_eq!(pane.selected, 2);
    }

    #[test]
    fn a_list_of_nothing_takes_every_key() {
        let mut pane: Pane<Item> = Pane::default();
        pane.arrange(&[], 10);
        for _ in 0..2 {
            pane.down();
            pane.up();
            pane.page(true);
            pane.page(false);
            pane.last();
            pane.first();
            pane.arrange(&[], 0);
        }
        assert!(pane.chosen().is_none());
    }
}
