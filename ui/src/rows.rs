//! Long lists: only the rows on the screen and some around them stand in the page. Above and below is empty space, as
//! high as the other rows were when they were last drawn, so that the scroll bar tells the truth.
//!
//! The page's script ([`crate::SCRIPT`], long lists) tells what is on the screen and how high rows are, and holds what is
//! read in its place while rows come and go. Here is which rows stand in the page.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::hash::Hash;
use std::ops::Range;
use std::str::FromStr;

use dioxus::prelude::*;

/// Rows that stand in the page above the screen, and below it.
const AROUND: usize = 20;
/// Where fewer than these are left on a side of the screen, others come.
const NEAR: usize = 8;
/// Rows before anything is known of the screen.
const FIRST: usize = 30;
/// Rows that are taken for being on one screen, whatever the page tells.
const SCREEN: usize = 60;
/// How high a row is while none was measured, CSS pixels.
const GUESS_PX: f64 = 200.0;
/// Where a row is brought that was not in the page, CSS pixels below the upper edge.
const BROUGHT_PX: f64 = 96.0;
/// No row is higher than this, CSS pixels.
const TALLEST_PX: f64 = 100_000.0;
/// Heights that are remembered beyond twice the rows of the list.
const SPARE: usize = 500;

/// What names a row, here and in the page.
pub(crate) trait Key: Copy + Eq + Hash + Display + FromStr + 'static {}

impl<K: Copy + Eq + Hash + Display + FromStr + 'static> Key for K {}

/// What the page tells of a list. All lengths are CSS pixels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sight<K> {
    /// How far the list begins above the upper edge; negative while it begins below that.
    pub(crate) top: f64,
    /// How high the screen is.
    pub(crate) view: f64,
    /// The first row on the screen, and the last.
    pub(crate) first: Option<K>,
    pub(crate) last: Option<K>,
    /// How far the first one begins below the upper edge; negative where that cuts it.
    pub(crate) offset: f64,
    /// The last wish (`data-at`) that the page had heard, and done or given up for a hand.
    pub(crate) done: u64,
    /// How high rows are that were not told before, or changed.
    heights: Vec<(K, f64)>,
}

impl<K: Key> Sight<K> {
    /// `TOP VIEW OFFSET FIRST LAST DONE`, and `;ROW HEIGHT` for each height.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        let mut head = parts.next()?.split(' ');
        let [top, view, offset] = [number(head.next()?)?, number(head.next()?)?, number(head.next()?)?];
        let (first, last) = (head.next()?.parse().ok(), head.next()?.parse().ok());
        let done = head.next()?.parse().ok()?;
        let heights = parts.filter_map(|part| {
            let (row, height) = part.split_once(' ')?;
            Some((row.parse().ok()?, number(height)?))
        });
        Some(Self { top, view, first, last, offset, done, heights: heights.collect() })
    }
}

impl<K: Key> Sight<K> {
    /// As the end of a list would tell it that is so high, CSS pixels: for lists that are read from their end.
    fn turned(self, height: f64) -> Self {
        let (first, last) = (self.last, self.first);
        Self { top: height - self.top - self.view, first, last, ..self }
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Which rows of a list stand in the page. The list itself is given with each call: it may have changed meanwhile.
#[derive(Debug, Clone)]
pub(crate) struct Rows<K> {
    /// The first row in the page; `None`: the list's first, whichever that is.
    first: Option<K>,
    /// Where that one stood when it was chosen.
    at: usize,
    count: usize,
    heights: HashMap<K, f64>,
    /// Of all heights.
    sum: f64,
    /// How often the page was asked to go somewhere.
    wishes: u64,
}

impl<K: Key> Rows<K> {
    pub(crate) fn new() -> Self {
        Self { first: None, at: 0, count: FIRST, heights: HashMap::new(), sum: 0.0, wishes: 0 }
    }

    /// Begins at the top again. Heights stay known.
    fn begin_again(&mut self) {
        (self.first, self.at, self.count) = (None, 0, FIRST);
    }

    /// The rows in the page, by their places in the list.
    pub(crate) fn range(&self, keys: &[K]) -> Range<usize> {
        let start = match self.first {
            None => 0,
            Some(first) if keys.get(self.at) == Some(&first) => self.at,
            Some(first) => keys.iter().position(|key| *key == first).unwrap_or(self.at),
        };
        let start = start.min(keys.len().saturating_sub(self.count));
        start..start.saturating_add(self.count).min(keys.len())
    }

    /// How high the empty space above these rows is, and the one below, CSS pixels.
    fn spaces(&self, keys: &[K], drawn: &Range<usize>) -> (f64, f64) {
        let height = |keys: Option<&[K]>| keys.unwrap_or_default().iter().map(|key| self.height(*key)).sum();
        (height(keys.get(..drawn.start)), height(keys.get(drawn.end..)))
    }

    /// As measured, else as rows are on average.
    fn height(&self, key: K) -> f64 {
        self.heights.get(&key).copied().unwrap_or_else(|| self.mean())
    }

    fn mean(&self) -> f64 {
        if self.heights.is_empty() { GUESS_PX } else { self.sum / self.heights.len() as f64 }
    }

    /// Takes in what the page tells; whether other rows stand in it now. What was told before the page came to where it
    /// was last asked to go moves nothing: the row that it is to show would go again.
    fn see(&mut self, keys: &[K], sight: &Sight<K>) -> bool {
        self.measure(keys, &sight.heights);
        if keys.is_empty() || sight.done < self.wishes {
            return false;
        }
        let now = self.range(keys);
        let seen = self.on_screen(keys, &now, sight);
        let above = now.start == 0 || seen.start >= now.start + NEAR;
        let below = now.end == keys.len() || seen.end + NEAR <= now.end;
        let slim = now.len() <= seen.len() + 2 * AROUND + NEAR;
        if above && below && slim && now.contains(&seen.start) {
            return false;
        }
        self.put(keys, seen.start.saturating_sub(AROUND)..(seen.end + AROUND).min(keys.len()));
        self.range(keys) != now
    }

    /// Puts the row at this place into the page; whether other rows stand in it now.
    fn reach(&mut self, keys: &[K], at: usize) -> bool {
        if at >= keys.len() || self.range(keys).contains(&at) {
            return false;
        }
        self.put(keys, at.saturating_sub(AROUND)..(at + AROUND + 1).min(keys.len()));
        true
    }

    fn put(&mut self, keys: &[K], range: Range<usize>) {
        self.at = range.start;
        self.count = range.len();
        self.first = keys.get(range.start).copied().filter(|_| range.start > 0);
    }

    /// Never empty, where the list is not.
    fn on_screen(&self, keys: &[K], now: &Range<usize>, sight: &Sight<K>) -> Range<usize> {
        let place = |key: K| {
            let near = keys.get(now.clone()).and_then(|near| near.iter().position(|known| *known == key));
            near.map(|at| at + now.start).or_else(|| keys.iter().position(|known| *known == key))
        };
        let (first, last) = (sight.first.and_then(place), sight.last.and_then(place));
        let (start, end) = match (first, last) {
            (Some(first), Some(last)) if first <= last => (first, last + 1),
            (Some(at), _) | (None, Some(at)) => (at, at + 1),
            // Empty space is on the screen: what would stand there?
            (None, None) => self.by_height(keys, sight),
        };
        start..end.min(start + SCREEN)
    }

    fn by_height(&self, keys: &[K], sight: &Sight<K>) -> (usize, usize) {
        let (mut start, mut bottom) = (None, 0.0);
        for (at, key) in keys.iter().enumerate() {
            if bottom >= sight.top + sight.view
                && let Some(start) = start
            {
                return (start, at);
            }
            bottom += self.height(*key);
            if start.is_none() && bottom > sight.top {
                start = Some(at);
            }
        }
        (start.unwrap_or(keys.len().saturating_sub(1)), keys.len())
    }

    fn measure(&mut self, keys: &[K], heights: &[(K, f64)]) {
        for (key, height) in heights {
            let height = height.clamp(0.0, TALLEST_PX);
            self.sum += height - self.heights.insert(*key, height).unwrap_or_default();
        }
        if self.heights.len() > keys.len().saturating_mul(2).saturating_add(SPARE) {
            let here: HashSet<K> = keys.iter().copied().collect();
            self.heights.retain(|key, _| here.contains(key));
            self.sum = self.heights.values().sum();
        }
    }
}

/// What of a list is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) range: Range<usize>,
    /// The empty space above the rows and below them, CSS pixels.
    pub(crate) above: f64,
    pub(crate) below: f64,
}

/// The rows of one list on a screen.
pub(crate) struct Long<K: 'static> {
    rows: CopyValue<Rows<K>>,
    /// Grows when other rows are to stand in the page.
    moved: Signal<u64>,
    /// For `data-at`: `N ROW OFFSET` of what is to be brought to its place below the upper edge; `-` for no row.
    asked: Signal<String>,
}

impl<K: 'static> Clone for Long<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: 'static> Copy for Long<K> {}

impl<K: 'static> PartialEq for Long<K> {
    fn eq(&self, other: &Self) -> bool {
        self.moved == other.moved
    }
}

impl<K: Key> Long<K> {
    pub(crate) fn new() -> Self {
        Self::with(Rows::new())
    }

    /// As it was left; the page is a new one.
    pub(crate) fn with(mut rows: Rows<K>) -> Self {
        rows.wishes = 0;
        Self { rows: CopyValue::new(rows), moved: Signal::new(0), asked: Signal::new(String::new()) }
    }

    /// To be found again.
    pub(crate) fn rows(self) -> Rows<K> {
        self.rows.read().clone()
    }

    /// What to draw of these rows. Reads and subscribes.
    pub(crate) fn drawn(self, keys: &[K]) -> Drawn {
        let _again = (self.moved)();
        let rows = self.rows.read();
        let range = rows.range(keys);
        let (above, below) = rows.spaces(keys, &range);
        Drawn { range, above, below }
    }

    /// The rows in the page. Does not subscribe.
    pub(crate) fn now(self, keys: &[K]) -> Range<usize> {
        self.rows.read().range(keys)
    }

    /// For `data-at`. Reads and subscribes.
    pub(crate) fn asked(self) -> String {
        self.asked.read().clone()
    }

    /// Takes in what the page tells; whether other rows stand in it now.
    pub(crate) fn hear(mut self, keys: &[K], sight: &Sight<K>) -> bool {
        let moved = self.rows.write().see(keys, sight);
        if moved {
            self.moved += 1;
        }
        moved
    }

    /// As [`Self::hear`], for a list that is given from its end: the page's last row is the first.
    pub(crate) fn hear_from_end(self, keys: &[K], sight: Sight<K>) -> bool {
        let height = {
            let rows = self.rows.read();
            keys.iter().map(|key| rows.height(*key)).sum()
        };
        self.hear(keys, &sight.turned(height))
    }

    /// Begins at the top again.
    pub(crate) fn to_top(mut self) {
        self.rows.write().begin_again();
        self.wish("- 0");
        self.moved += 1;
    }

    /// Puts a row into the page, wherever in the list it stands, and where it was not there brings it to the screen;
    /// whether it is in the list.
    pub(crate) fn reach(self, keys: &[K], key: K) -> bool {
        let (known, moved) = self.put(keys, key);
        if moved {
            self.wish(&format!("{key} {BROUGHT_PX}"));
        }
        known
    }

    /// Brings a row to the screen, so far below its upper edge, CSS pixels.
    pub(crate) fn bring(self, keys: &[K], key: K, offset: f64) {
        let (known, _moved) = self.put(keys, key);
        if known {
            self.wish(&format!("{key} {offset}"));
        }
    }

    /// Whether the row is in the list, and whether other rows stand in the page now.
    fn put(mut self, keys: &[K], key: K) -> (bool, bool) {
        let Some(at) = keys.iter().position(|known| *known == key) else { return (false, false) };
        let moved = self.rows.write().reach(keys, at);
        if moved {
            self.moved += 1;
        }
        (true, moved)
    }

    fn wish(mut self, row: &str) {
        let number = {
            let mut rows = self.rows.write();
            rows.wishes += 1;
            rows.wishes
        };
        self.asked.set(format!("{number} {row}"));
    }
}

/// Hears what the page's script tells of the list around it.
#[component]
pub(crate) fn Ear(on_sight: Callback<String>) -> Element {
    rsx! {
        input { r#type: "hidden", "data-sight": "true", oninput: move |event| on_sight.call(event.value()) }
    }
}

/// Empty space in place of rows that are not in the page.
#[component]
pub(crate) fn Space(px: f64) -> Element {
    rsx! {
        div { class: "long-space", role: "none", height: "{px:.1}px" }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sight(first: Option<u32>, last: Option<u32>) -> Sight<u32> {
        Sight { top: 0.0, view: 800.0, first, last, offset: 0.0, done: 0, heights: vec![] }
    }

    #[test]
    fn what_the_page_tells_reads_back() {
        let told = Sight::<u32>::parse("1200.5 800 -3.25 7 12 3;7 180;8 90.5;x 5;9 NaN");
        let heights = vec![(7, 180.0), (8, 90.5)];
        assert_eq!(
            told,
            Some(Sight { top: 1_200.5, view: 800.0, first: Some(7), last: Some(12), offset: -3.25, done: 3, heights })
        );
        assert_eq!(Sight::<u32>::parse("0 800 0 - - 0").map(|sight| sight.first), Some(None));
        for bad in ["", "1 2", "a 800 0 1 2 0", "inf 800 0 1 2 0", "0 800 0 1 2", "0 800 0 1 2 x"] {
            assert_eq!(Sight::<u32>::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn rows_move_with_the_screen_and_only_where_they_must() {
        let keys: Vec<u32> = (0..10_000).collect();
        let mut rows = Rows::new();
        assert_eq!(rows.range(&keys), 0..FIRST);
        assert!(!rows.see(&keys, &sight(Some(3), Some(8))));
        assert!(rows.see(&keys, &sight(Some(20), Some(25))), "too little is left below");
        assert_eq!(rows.range(&keys), 0..26 + AROUND);
        assert!(!rows.see(&keys, &sight(Some(28), Some(33))));
        assert!(rows.see(&keys, &sight(Some(5_000), Some(5_003))));
        assert_eq!(rows.range(&keys), 5_000 - AROUND..5_004 + AROUND);
        assert!(!rows.see(&keys, &sight(Some(4_992), Some(4_995))));
        assert!(rows.reach(&keys, 9_999) && !rows.reach(&keys, 10_000));
        assert_eq!(rows.range(&keys).end, 10_000);
    }

    #[test]
    fn what_was_told_of_another_place_takes_no_row_away_that_was_asked_for() {
        let keys: Vec<u32> = (0..500).collect();
        let mut rows = Rows::new();
        rows.wishes = 1;
        assert!(rows.reach(&keys, 400));
        let late = Sight { heights: vec![(3, 70.0)], ..sight(Some(0), Some(5)) };
        assert!(!rows.see(&keys, &late) && rows.range(&keys).contains(&400));
        assert_eq!(rows.height(3), 70.0, "heights are true wherever they were told");
        assert!(!rows.see(&keys, &Sight { done: 1, ..sight(Some(398), Some(403)) }));
        assert!(rows.see(&keys, &Sight { done: 1, ..sight(Some(0), Some(5)) }), "a hand went back");
    }

    #[test]
    fn empty_space_on_the_screen_becomes_the_rows_that_belong_there() {
        let keys: Vec<u32> = (0..1_000).collect();
        let mut rows = Rows::new();
        rows.measure(&keys, &[(0, 100.0)]);
        assert!(rows.see(&keys, &Sight { top: 50_000.0, ..sight(None, None) }));
        assert!(rows.range(&keys).contains(&500));
        assert!(rows.see(&keys, &Sight { top: 1e9, ..sight(None, None) }));
        assert_eq!(rows.range(&keys).end, 1_000);
    }

    #[test]
    fn a_list_is_read_from_its_end() {
        let keys: Vec<u32> = (0..500).rev().collect();
        let mut rows = Rows::new();
        rows.measure(&keys, &[(499, 50.0)]);
        assert_eq!(rows.range(&keys), 0..FIRST, "the last ones");
        // The page tells 460 first and 465 below it.
        assert!(rows.see(&keys, &sight(Some(460), Some(465)).turned(25_000.0)));
        assert!(rows.range(&keys).contains(&34) && rows.range(&keys).contains(&39));
        // Empty space, 20,000 pixels above the end.
        let told = Sight { top: 4_200.0, ..sight(None, None) }.turned(25_000.0);
        assert_eq!(told.top, 20_000.0);
        assert!(rows.see(&keys, &told) && rows.range(&keys).contains(&400));
    }

    #[test]
    fn what_is_read_stays_in_the_page_when_rows_come_above() {
        let mut keys: Vec<u32> = (1_000..2_000).collect();
        let mut rows = Rows::new();
        rows.see(&keys, &sight(Some(1_500), Some(1_505)));
        let before = keys.get(rows.range(&keys)).unwrap_or_default().to_vec();
        keys.splice(0..0, 0..700);
        assert_eq!(keys.get(rows.range(&keys)).unwrap_or_default(), before);
        keys.truncate(100);
        assert_eq!(rows.range(&keys).end, 100, "a list that became shorter is shown to its end");
        assert_eq!(rows.range(&[]), 0..0);
    }

    proptest! {
        /// Whatever is told: the rows on the screen stand in the page, these are few, and all heights add up.
        #[test]
        fn the_page_holds_the_screen_and_not_much_more(
            length in 1_usize..3_000,
            steps in proptest::collection::vec((0_usize..3_000, 1_usize..40, any::<bool>(), 0_usize..200), 1..40),
            heights in proptest::collection::vec((0_u32..3_000, 1.0_f64..3_000.0), 0..200),
        ) {
            let mut keys: Vec<u32> = (0..3_000_u32).take(length).collect();
            let mut rows = Rows::new();
            rows.measure(&keys, &heights);
            for (at, count, by_key, gone) in steps {
                keys.retain(|key| (*key as usize) % 201 != gone || keys_left(*key));
                if keys.is_empty() {
                    break;
                }
                let at = at.min(keys.len() - 1);
                let end = (at + count).min(keys.len());
                let top: f64 = keys.iter().take(at).map(|key| rows.height(*key)).sum();
                let view: f64 = keys.iter().skip(at).take(end - at).map(|key| rows.height(*key)).sum();
                let keyed = |at: usize| keys.get(at).copied().filter(|_| by_key);
                let told = Sight { top: top + 0.5, view: view - 0.5, ..sight(keyed(at), keyed(end - 1)) };
                rows.see(&keys, &told);
                let range = rows.range(&keys);
                prop_assert!(range.contains(&at), "{at} in {range:?}");
                prop_assert!(range.contains(&(end - 1)), "{} in {range:?}", end - 1);
                prop_assert!(range.len() <= SCREEN + 2 * AROUND + NEAR);
                let (above, below) = rows.spaces(&keys, &range);
                let inside: f64 = keys.get(range).unwrap_or_default().iter().map(|key| rows.height(*key)).sum();
                let all: f64 = keys.iter().map(|key| rows.height(*key)).sum();
                prop_assert!((above + inside + below - all).abs() < 0.01);
            }
        }
    }

    /// Some rows are never taken away.
    fn keys_left(key: u32) -> bool {
        key.is_multiple_of(7)
    }
}
