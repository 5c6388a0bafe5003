//! What a node takes in for others, and gives of others' content, within an hour (DESIGN §5, roles): a spare copy must
//! not eat a phone's contract, nor a popular author a home line. Never stopped: what is own, and what this node's user
//! follows.

use crate::limits::{
    BUDGET_MS, GIVEN_PER_HOUR_ANCHOR, GIVEN_PER_HOUR_DESKTOP, GIVEN_PER_HOUR_PHONE, TAKEN_PER_HOUR_ANCHOR,
    TAKEN_PER_HOUR_DESKTOP, TAKEN_PER_HOUR_PHONE,
};
use crate::view::{BudgetView, Role};

#[derive(Debug)]
pub(super) struct Budget {
    spent: BudgetView,
    ends_ms: u64,
}

impl Budget {
    pub(super) fn new(role: Role) -> Self {
        let (take_limit, give_limit) = match role {
            Role::Phone => (TAKEN_PER_HOUR_PHONE, GIVEN_PER_HOUR_PHONE),
            Role::Desktop => (TAKEN_PER_HOUR_DESKTOP, GIVEN_PER_HOUR_DESKTOP),
            Role::Anchor => (TAKEN_PER_HOUR_ANCHOR, GIVEN_PER_HOUR_ANCHOR),
        };
        Self { spent: BudgetView { taken: 0, given: 0, take_limit, give_limit }, ends_ms: 0 }
    }

    /// To be called before the budget is looked at: a new hour begins with what moves first after the last one.
    pub(super) fn turn(&mut self, now_ms: u64) {
        if now_ms >= self.ends_ms {
            (self.spent.taken, self.spent.given) = (0, 0);
            self.ends_ms = now_ms + BUDGET_MS;
        }
    }

    pub(super) fn take(&mut self, bytes: u64) {
        self.spent.taken = self.spent.taken.saturating_add(bytes);
    }

    pub(super) fn give(&mut self, bytes: u64) {
        self.spent.given = self.spent.given.saturating_add(bytes);
    }

    pub(super) fn may_take(&self) -> bool {
        self.spent.may_take()
    }

    pub(super) fn may_give(&self) -> bool {
        self.spent.may_give()
    }

    /// When what was put off may go on; `None` where nothing is.
    pub(super) fn wake_ms(&self) -> Option<u64> {
        (!self.may_take() || !self.may_give()).then_some(self.ends_ms)
    }

    pub(super) fn view(&self) -> BudgetView {
        self.spent
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::id::{NodeId, PersonaId};
    use crate::sync::frame::{Frame, Want};
    use crate::sync::want::WantItem;
    use crate::sync::{Answer, Carried, Engine, Input, Now, Output, Query};

    const OWN: PersonaId = PersonaId::from_bytes([1; 32]);
    const OTHER: PersonaId = PersonaId::from_bytes([2; 32]);

    struct Alice(Engine, u64);

    impl Alice {
        /// A peer is connected that may ask for both authors.
        fn new() -> Self {
            let node = |n| NodeId::from_bytes([n; 32]);
            let mut alice = Self(Engine::new(node(1), Role::Desktop, [7; 32]), 0);
            alice.step(Input::Authors(vec![(OWN, Carried::Own), (OTHER, Carried::Followed)]));
            alice.step(Input::Connected { conn: 1, peer: node(2) });
            let (min, max) = crate::sync::frame::VERSIONS;
            alice.frame(&Frame::Hello {
                min,
                max,
                features: 0,
                role: 1,
                takes: vec![crate::bucket::Bucket::EVERYTHING],
            });
            let conn = alice.0.conns.get_mut(&1).unwrap();
            (conn.their_nonce, conn.their_order) = (Some(5), vec![Some(OWN), Some(OTHER)]);
            alice
        }

        fn step(&mut self, input: Input) -> Vec<Output> {
            self.0.step(Now { tick_ms: self.1, unix_s: 1 }, input)
        }

        fn frame(&mut self, frame: &Frame) -> Vec<Output> {
            self.step(Input::Frame { conn: 1, bytes: frame.encode() })
        }

        /// Asks for authors by their places. Answers how many are read for it, and the frames that are sent in the end.
        fn want(&mut self, request: u32, authors: &[u16], runs: &[u8]) -> (usize, Vec<Frame>) {
            let item = |place: &u16| WantItem { author: *place, statements: 0, headers: 0, have: Vec::new() };
            let items = authors.iter().map(item).collect();
            let want = Want { request, nonce: 5, newest: false, credit: 2, page_kib: 64, items };
            let mut out = self.frame(&Frame::Want(want));
            let read = out.iter().find_map(|output| match output {
                Output::Read { token, query: Query::Page { .. } } => Some(*token),
                _ => None,
            });
            if let Some(token) = read {
                let page = Answer::Page { runs: runs.to_vec(), differing: Vec::new(), cursor: None };
                out.extend(self.step(Input::Answered { token, answer: Some(page) }));
            }
            let sent = out.iter().filter_map(|output| match output {
                Output::Send { bytes, .. } => Frame::decode(bytes).ok(),
                _ => None,
            });
            (usize::from(read.is_some()), sent.collect())
        }
    }

    #[test]
    fn own_content_is_given_whatever_was_spent_and_the_rest_not_now() {
        let mut alice = Alice::new();
        let whole = |frames: &[Frame]| matches!(frames, [Frame::Page(page)] if !page.more);
        assert!(whole(&alice.want(1, &[0, 1], &[9; 10]).1));
        assert_eq!(alice.0.budget().given, 10);
        alice.step(Input::Moved { taken: 0, given: GIVEN_PER_HOUR_DESKTOP });
        assert!(!alice.0.budget().may_give());
        let (read, frames) = alice.want(2, &[1], &[9; 10]);
        assert!(read == 0 && frames == [Frame::Failed { request: 2 }], "{frames:?}");
        let before = alice.0.budget().given;
        assert!(whole(&alice.want(3, &[0], &[9; 10]).1), "own content");
        assert_eq!(alice.0.budget().given, before, "and it is not counted");
        // Both: own content, and then that this was not all. Nobody takes it for complete.
        let (_, frames) = alice.want(4, &[0, 1], &[9; 10]);
        assert!(
            matches!(frames.as_slice(), [Frame::Page(page), Frame::Failed { request: 4 }] if page.more),
            "{frames:?}"
        );
        let (_, frames) = alice.want(5, &[0, 1], &[]);
        assert!(frames == [Frame::Failed { request: 5 }], "{frames:?}");
        // The next hour.
        alice.1 = BUDGET_MS + 1;
        assert!(whole(&alice.want(6, &[1], &[9; 10]).1));
    }

    #[test]
    fn what_is_spent_comes_back_with_the_hour() {
        let mut budget = Budget::new(Role::Phone);
        budget.turn(5);
        budget.take(TAKEN_PER_HOUR_PHONE - 1);
        assert!(budget.may_take() && budget.wake_ms().is_none());
        budget.take(1);
        assert!(!budget.may_take() && budget.may_give());
        assert_eq!(budget.wake_ms(), Some(5 + BUDGET_MS));
        budget.turn(4 + BUDGET_MS);
        assert!(!budget.may_take());
        budget.turn(5 + BUDGET_MS);
        assert!(budget.may_take() && budget.wake_ms().is_none());
        budget.give(u64::MAX);
        budget.give(u64::MAX);
        assert!(!budget.may_give());
    }
}
