//! Answering a peer's requests: page by page, as far as it gives credit.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::PersonaId;
use crate::limits::{CREDIT_PER_REQUEST, FRAME_BYTES, PAGE_BYTES, REQUESTS_PER_PEER};
use crate::sync::connection::Serving;
use crate::sync::digest::{AuthorHash, Mark, Question, Span};
use crate::sync::engine::Engine;
use crate::sync::frame::{Frame, Headers, HeadersItem, Page, Want};
use crate::sync::message::{ConnId, Output, Pending};
use crate::sync::reads::{Cursor, Query, Wanted};
use crate::sync::want::WantItem;

impl Engine {
    pub(super) fn wanted(&mut self, id: ConnId, want: Want) {
        let own = self.own;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        if conn.their_nonce != Some(want.nonce) || conn.their_order.is_empty() {
            return self.send(id, &Frame::Failed { request: want.request });
        }
        let question = Question { asker: conn.peer, answerer: own, nonce: want.nonce };
        let mut named = BTreeSet::new();
        let items: Vec<Wanted> = want
            .items
            .into_iter()
            .enumerate()
            .filter_map(|(place, item)| {
                let author = *conn.their_order.get(usize::from(item.author))?;
                let author = author.filter(|author| named.insert(*author))?;
                let WantItem { statements, headers, have: logs, .. } = item;
                Some(Wanted::new(author, place, statements, headers, logs))
            })
            .collect();
        let shown: Vec<Wanted> = items.iter().filter(|item| conn.yielded.contains(&item.author)).cloned().collect();
        if !shown.is_empty() {
            self.read(Query::ShowsMore { question, items: shown }, Pending::ShowsMore(id));
        }
        // Own content is given whatever the hour's budget says.
        let asked = items.len();
        let items: Vec<Wanted> =
            items.into_iter().filter(|item| self.budget.may_give() || self.is_own(&item.author)).collect();
        let short = items.len() < asked;
        if short && items.is_empty() {
            return self.send(id, &Frame::Failed { request: want.request });
        }
        let others = items.iter().any(|item| !self.is_own(&item.author));
        let cursor = Some(Box::new(Cursor::logs(question, items, want.newest)));
        let (credit, page_kib) = (want.credit, want.page_kib);
        let serving = Serving { cursor, credit, page_kib, ranges: Vec::new(), others, short };
        if self.open(id, want.request, serving) {
            self.pump(id, want.request);
        }
    }

    /// The peer compares header entries. Ranges of an author that it can't name here are empty.
    pub(super) fn headers(&mut self, id: ConnId, headers: Headers) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let mut ends: BTreeMap<AuthorHash, Mark> = BTreeMap::new();
        let mut asked = Vec::new();
        for HeadersItem { author, start, ranges } in headers.items {
            let Some(end) = ranges.last().map(|range| range.end) else {
                continue;
            };
            if ends.insert(author, end).is_some_and(|end| start < end) {
                return self.close(id, "ranges that overlap");
            }
            let author = conn.their_authors.get(&author).copied().unwrap_or(PersonaId::ZERO);
            asked.push((author, Span { start, end }, ranges));
        }
        let others = asked.iter().any(|(author, ..)| !self.is_own(author));
        // Ranges are numbered over the whole question: it is answered whole, or not in this hour.
        if others && !self.budget.may_give() {
            return self.send(id, &Frame::Failed { request: headers.request });
        }
        let (credit, page_kib) = (headers.credit, headers.page_kib);
        let serving = Serving { cursor: None, credit, page_kib, ranges: Vec::new(), others, short: false };
        if self.open(id, headers.request, serving) {
            self.read(Query::CompareHeaders(asked), Pending::Compared { conn: id, request: headers.request });
        }
    }

    fn open(&mut self, id: ConnId, request: u32, serving: Serving) -> bool {
        let Some(conn) = self.conns.get_mut(&id) else {
            return false;
        };
        // Without credit it would lie here as long as the connection.
        if serving.credit == 0 || serving.credit > CREDIT_PER_REQUEST || conn.serving.contains_key(&request) {
            self.close(id, "a request that does not fit");
            return false;
        }
        if conn.serving.len() >= REQUESTS_PER_PEER {
            self.send(id, &Frame::Failed { request });
            return false;
        }
        conn.serving.insert(request, serving);
        true
    }

    pub(super) fn compared(&mut self, id: ConnId, request: u32, cursor: Box<Cursor>, differing: Vec<u32>) {
        if let Some(serving) = self.conns.get_mut(&id).and_then(|conn| conn.serving.get_mut(&request)) {
            serving.cursor = Some(cursor);
            serving.ranges = differing;
            self.pump(id, request);
        }
    }

    pub(super) fn more(&mut self, id: ConnId, request: u32, credit: u8, page_kib: u16) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        // The last page may have crossed it.
        let Some(serving) = conn.serving.get_mut(&request) else {
            return;
        };
        serving.credit = serving.credit.saturating_add(credit);
        serving.page_kib = page_kib;
        if serving.credit > CREDIT_PER_REQUEST {
            return self.close(id, "too much credit");
        }
        self.pump(id, request);
    }

    /// Reads the next page, if the peer takes one and none is being read.
    fn pump(&mut self, id: ConnId, request: u32) {
        let Some(serving) = self.conns.get_mut(&id).and_then(|conn| conn.serving.get_mut(&request)) else {
            return;
        };
        if serving.credit == 0 {
            return;
        }
        if let Some(cursor) = serving.cursor.take() {
            let bytes = usize::from(serving.page_kib).saturating_mul(1024).clamp(1, PAGE_BYTES);
            self.read(Query::Page { cursor, bytes }, Pending::Page { conn: id, request });
        }
    }

    pub(super) fn send_page(
        &mut self,
        id: ConnId,
        request: u32,
        runs: Vec<u8>,
        differing: &[PersonaId],
        cursor: Option<Box<Cursor>>,
    ) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let differing: Vec<AuthorHash> =
            differing.iter().filter_map(|author| conn.subscribed.get(author).copied()).collect();
        let served = conn.serving.get(&request).map(|serving| (serving.others, serving.short));
        let (others, short) = served.unwrap_or_default();
        let short = short && cursor.is_none();
        if others {
            self.budget.give(runs.len() as u64);
        }
        if short && runs.is_empty() {
            conn.serving.remove(&request);
            return self.send(id, &Frame::Failed { request });
        }
        let last = conn.serving.get_mut(&request).filter(|_| cursor.is_none());
        let ranges = last.map(|serving| std::mem::take(&mut serving.ranges)).unwrap_or_default();
        let page = Frame::Page(Page { request, more: cursor.is_some() || short, differing, runs, ranges }).encode();
        if page.len() > FRAME_BYTES {
            conn.serving.remove(&request);
            return self.send(id, &Frame::Failed { request });
        }
        let more = cursor.is_some();
        match conn.serving.get_mut(&request) {
            Some(serving) if more => {
                serving.credit = serving.credit.saturating_sub(1);
                serving.cursor = cursor;
            }
            _ => {
                conn.serving.remove(&request);
            }
        }
        self.tell(Output::Send { conn: id, bytes: page });
        if short {
            return self.send(id, &Frame::Failed { request });
        }
        self.pump(id, request);
    }
}
