//! What the user chose to be told of, as settings: own devices share them.

use rusqlite::Connection;

use crate::error::{Error, Result};
use crate::id::{PersonaId, ThreadId};
use crate::item::{self, Set};
use crate::view::{NoticeRules, NotificationKind, PersonRule, QuietHours, Rule, RuleFor, ThreadRule};

pub(super) const QUIET: &str = "notify.quiet";
const KIND: &str = "notify.kind.";
const PERSON: &str = "notify.person.";
const THREAD: &str = "notify.thread.";

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// Clocks on earth are at most so many minutes ahead of UTC, or behind it.
const ZONES: std::ops::RangeInclusive<i16> = -14 * 60..=14 * 60;

/// The setting for a rule.
pub(super) fn item(of: RuleFor, rule: Rule) -> Result<(String, &'static str)> {
    Ok(match of {
        RuleFor::Kind(_) if rule == Rule::Mentions => {
            return Err(Error::BadInput("of a kind all is told, or nothing".to_owned()));
        }
        RuleFor::Kind(kind) => (format!("{KIND}{}", kind.name()), rule.name()),
        RuleFor::Person(id) => (format!("{PERSON}{id}"), rule.name()),
        RuleFor::Thread(id) => (format!("{THREAD}{id}"), rule.name()),
    })
}

pub(super) fn read(db: &Connection) -> Result<NoticeRules> {
    let mut rules = NoticeRules::default();
    for (key, value) in item::beginning(db, Set::Setting, b"notify.")? {
        let Ok(key) = String::from_utf8(key) else { continue };
        if key == QUIET {
            rules.quiet = quiet(&value);
            continue;
        }
        // What a later version knows stays as it is.
        let Some(rule) = Rule::parse(&value).filter(|rule| *rule != Rule::All) else { continue };
        if let Some(kind) = key.strip_prefix(KIND).and_then(NotificationKind::parse) {
            rules.off.push(kind);
        } else if let Some(id) = key.strip_prefix(PERSON).and_then(|id| id.parse::<PersonaId>().ok()) {
            rules.people.push(PersonRule { persona: id, rule });
        } else if let Some(id) = key.strip_prefix(THREAD).and_then(|id| id.parse::<ThreadId>().ok()) {
            rules.threads.push(ThreadRule { thread: id, rule });
        }
    }
    Ok(rules)
}

/// `FROM TO OFFSET`, minutes.
pub(super) fn quiet_value(hours: Option<QuietHours>) -> Result<String> {
    let Some(hours) = hours else { return Ok(String::new()) };
    if hours.from >= DAY || hours.to >= DAY || hours.from == hours.to || !ZONES.contains(&hours.offset) {
        return Err(Error::BadInput("quiet hours go from one time of the day to another".to_owned()));
    }
    Ok(format!("{} {} {}", hours.from, hours.to, hours.offset))
}

fn quiet(value: &str) -> Option<QuietHours> {
    let mut parts = value.split(' ');
    let (from, to) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let hours = QuietHours { from, to, offset: parts.next()?.parse().ok()? };
    quiet_value(Some(hours)).ok().map(|_| hours)
}

/// Whether a moment lies in them: from the first minute on, up to before the last one; over midnight too.
pub(super) fn is_within(hours: QuietHours, now_ms: u64) -> bool {
    let minutes = i64::try_from(now_ms / 60_000).unwrap_or_default() + i64::from(hours.offset);
    let now = u16::try_from(minutes.rem_euclid(i64::from(DAY))).unwrap_or_default();
    match hours.from < hours.to {
        true => (hours.from..hours.to).contains(&now),
        false => now >= hours.from || now < hours.to,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_go_over_midnight_and_follow_the_clock_on_the_wall() {
        let hours = QuietHours { from: 22 * 60, to: 7 * 60, offset: 0 };
        let at = |hour: u64, minute: u64| (hour * 60 + minute) * 60_000;
        for quiet in [at(22, 0), at(23, 59), at(0, 0), at(6, 59)] {
            assert!(is_within(hours, quiet), "{quiet}");
        }
        for loud in [at(7, 0), at(12, 0), at(21, 59)] {
            assert!(!is_within(hours, loud), "{loud}");
        }
        let east = QuietHours { offset: 60, ..hours };
        assert!(is_within(east, at(21, 30)) && !is_within(east, at(6, 30)));
        let west = QuietHours { offset: -120, ..hours };
        assert!(is_within(west, at(0, 30)) && is_within(west, at(8, 59)) && !is_within(west, at(23, 59)));
        let noon = QuietHours { from: 12 * 60, to: 13 * 60, offset: 0 };
        assert!(is_within(noon, at(12, 30)) && !is_within(noon, at(13, 0)) && !is_within(noon, at(0, 30)));
    }

    #[test]
    fn quiet_hours_round_trip_and_no_others_are_taken() {
        let hours = QuietHours { from: 1_320, to: 420, offset: -330 };
        assert_eq!(quiet(&quiet_value(Some(hours)).unwrap()), Some(hours));
        assert_eq!(quiet(&quiet_value(None).unwrap()), None);
        for bad in [(1_440, 0, 0), (5, 5, 0), (0, 1_440, 0), (0, 60, 841), (0, 60, -841)] {
            let hours = QuietHours { from: bad.0, to: bad.1, offset: bad.2 };
            assert!(quiet_value(Some(hours)).is_err(), "{bad:?}");
        }
        for bad in ["", "x", "1 2", "1320 420 9999", "70000 1 0"] {
            assert_eq!(quiet(bad), None, "{bad}");
        }
    }
}
