//! Very many logs of one device: how many are kept, and which of them is open.

use super::*;
use crate::limits;

/// An entry that opens another log.
fn opened(alice: &mut Alice, number: u64, time: u64, prior_heads: Vec<EntryId>) -> Unverified<Entry> {
    alice.new_log(number);
    let body = LogOpenBody { scope: Scope::Posts, prior_heads }.encode([3; 16]);
    alice.entry(Kind::LogOpen, time, Vec::new(), body)
}

impl Bob {
    /// Numbers of others' logs that are open.
    fn open_logs(&self) -> Vec<i64> {
        let read = self.store.read(|db| {
            let mut statement = db.prepare("SELECT log FROM log WHERE own = 0 AND closed = 0 ORDER BY log")?;
            let logs = statement.query_map([], |row| row.get(0))?;
            Ok(logs.collect::<Result<_, _>>()?)
        });
        now(read).unwrap()
    }
}

#[test]
fn of_all_logs_of_a_device_that_are_kept_one_is_open_whatever_came_first() {
    let mut alice = Alice::new(1);
    let count = limits::LOGS_PER_DEVICE as u64;
    // In no order of time.
    let time = |n: u64| (n * 37) % count;
    let logs: Vec<_> = (0..count).map(|n| opened(&mut alice, n + 1, NOW_S - count + time(n), Vec::new())).collect();
    let newest = (0..count).max_by_key(|n| time(*n)).unwrap();
    let one_by_one = |bob: &Bob, logs: &mut dyn Iterator<Item = &Unverified<Entry>>| {
        for log in logs {
            assert_eq!(refusals(&bob.take([log.clone()])), []);
        }
    };
    let bobs: [Bob; 3] = std::array::from_fn(|_| Bob::following(&alice));
    bobs.iter().for_each(|bob| assert_eq!(refusals(&bob.take(alice.statements())), []));
    one_by_one(&bobs[0], &mut logs.iter());
    one_by_one(&bobs[1], &mut logs.iter().rev());
    assert_eq!(refusals(&bobs[2].take(logs.clone())), []);
    for bob in &bobs {
        assert_eq!(bob.open_logs(), [newest.cast_signed() + 1]);
        // One more is refused, and leaves nothing.
        let more = opened(&mut alice, count + 1, NOW_S, Vec::new());
        assert_eq!(refusals(&bob.take([more])), [EntryError::Full("logs")]);
        assert_eq!(bob.number::<u64>("SELECT count(*) FROM log WHERE own = 0"), count);
        assert_eq!(bob.open_logs(), [newest.cast_signed() + 1]);
        // In those that are kept everything goes on.
        alice.next = Place::after(&logs[usize::try_from(newest).unwrap()].0.header);
        assert_eq!(refusals(&bob.take([alice.post("goes on")])), []);
        assert_eq!(bob.feed(), ["goes on"]);
    }
}

#[test]
fn with_few_logs_a_late_head_closes_its_log_at_once_and_with_many_when_another_begins() {
    for (count, at_once) in [(limits::SETTLED_LOGS as u64, true), (limits::SETTLED_LOGS as u64 + 1, false)] {
        let mut alice = Alice::new(1);
        let bob = Bob::following(&alice);
        bob.take(alice.statements());
        // The newest of all, and a post in it that comes late.
        let last = opened(&mut alice, 1_000, NOW_S, Vec::new());
        let head = alice.post("late");
        let mut logs = vec![last, opened(&mut alice, 1, NOW_S - 1_000, vec![head.0.id()])];
        logs.extend((2..count).map(|n| opened(&mut alice, n, NOW_S - 1_000 + n, Vec::new())));
        assert_eq!((logs.len() as u64, refusals(&bob.take(logs))), (count, Vec::new()));
        assert_eq!(bob.open_logs(), [1_000]);
        assert_eq!(refusals(&bob.take([head])), []);
        let newest_left = count.cast_signed() - 1;
        assert_eq!(bob.open_logs(), [if at_once { newest_left } else { 1_000 }], "{count} logs");
        bob.take([opened(&mut alice, 500, NOW_S - 2_000, Vec::new())]);
        assert_eq!(bob.open_logs(), [newest_left], "{count} logs and one more");
    }
}
