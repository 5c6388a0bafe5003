//! Times as people read them.

use kith_node::clock::{Clock, SystemClock};
use kith_node::limits::REASK_MS;

use crate::language::language;
use crate::strings::{t, t_args};

pub(crate) fn now_ms() -> u64 {
    SystemClock.unix_ms()
}

/// "now", "5 min", "3 h", "2 d", then the date.
pub(crate) fn relative(now_ms: u64, then_ms: u64) -> String {
    let seconds = now_ms.saturating_sub(then_ms) / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if minutes == 0 => t("time-now"),
        () if hours == 0 => t_args("time-minutes", &[("count", minutes.into())]),
        () if days == 0 => t_args("time-hours", &[("count", hours.into())]),
        () if days < 7 => t_args("time-days", &[("count", days.into())]),
        () => date(then_ms),
    }
}

/// What is left until then: "5 min", "3 h", "2 d".
pub(crate) fn left(now_ms: u64, until_ms: u64) -> String {
    let minutes = until_ms.saturating_sub(now_ms).div_ceil(60_000);
    match minutes {
        0..60 => t_args("time-minutes", &[("count", minutes.into())]),
        // To the nearest: what was set for a day is not 25 hours because this clock was read a moment before.
        60..2_880 => t_args("time-hours", &[("count", ((minutes + 30) / 60).into())]),
        _ => t_args("time-days", &[("count", ((minutes + 720) / 1_440).into())]),
    }
}

/// Peers are asked anew at least this often, a tenth more and the time to answer: what was confirmed since then, by a
/// peer that stays connected and would have told of more, is current.
const CURRENT_MS: u64 = REASK_MS + REASK_MS / 10 + 60_000;

/// "Up to date as of 5 min ago". Without a time only while somebody is connected who would tell of what is new.
pub(crate) fn as_of(now_ms: u64, then_ms: u64, connected: bool) -> String {
    match now_ms.saturating_sub(then_ms) {
        0..=CURRENT_MS if connected => t("person-as-of-now"),
        0..60_000 => t("person-as-of-just-now"),
        60_000..604_800_000 => t_args("person-as-of", &[("age", relative(now_ms, then_ms).into())]),
        _ => t_args("person-as-of-date", &[("date", date(then_ms).into())]),
    }
}

/// `2026-11-21 13:45 UTC`: in the same zone everywhere, for titles and screen readers.
pub fn absolute(unix_ms: u64) -> String {
    let minutes = unix_ms / 60_000 % 1440;
    format!("{} {:02}:{:02} UTC", date(unix_ms), minutes / 60, minutes % 60)
}

/// `13:45` where clocks are so many minutes ahead of UTC.
pub(crate) fn clock(unix_ms: u64, zone: i64) -> String {
    let minutes = local(unix_ms, zone) / 60_000 % 1440;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The date and the time where clocks are so many minutes ahead of UTC.
pub(crate) fn moment(unix_ms: u64, zone: i64) -> String {
    format!("{} {}", date(local(unix_ms, zone)), clock(unix_ms, zone))
}

/// "Today", "Yesterday", then the date there.
pub(crate) fn day(now_ms: u64, then_ms: u64, zone: i64) -> String {
    let (today, then) = (day_number(now_ms, zone), day_number(then_ms, zone));
    match today.saturating_sub(then) {
        0 => t("time-today"),
        1 => t("time-yesterday"),
        _ => date(local(then_ms, zone)),
    }
}

/// Days since the epoch there.
pub(crate) fn day_number(unix_ms: u64, zone: i64) -> u64 {
    local(unix_ms, zone) / 86_400_000
}

fn local(unix_ms: u64, zone: i64) -> u64 {
    unix_ms.saturating_add_signed(zone.saturating_mul(60_000))
}

/// `2026-11-21T13:45:10Z`, for `datetime`.
pub fn iso(unix_ms: u64) -> String {
    let seconds = unix_ms / 1000 % 86_400;
    let (year, month, day) = civil(unix_ms);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// As the language writes it: `2026-11-21`, `21.11.2026`.
pub(crate) fn date(unix_ms: u64) -> String {
    let (year, month, day) = civil(unix_ms);
    language().date(year, month, day)
}

/// Year, month and day (H. Hinnant, "chrono-compatible low-level date algorithms").
fn civil(unix_ms: u64) -> (u64, u64, u64) {
    let days = unix_ms / 86_400_000 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right_around_leap_days() {
        assert_eq!(absolute(0), "1970-01-01 00:00 UTC");
        assert_eq!(absolute(951_782_400_000), "2000-02-29 00:00 UTC");
        assert_eq!(iso(1_795_268_712_000), "2026-11-21T13:45:12Z");
        assert_eq!(iso(1_709_251_199_000), "2024-02-29T23:59:59Z");
    }

    #[test]
    fn dates_follow_the_language_and_machines_read_the_same_in_all() {
        let written = |language| crate::language::within(language, || (absolute(0), iso(0), relative(300_000, 0)));
        let (shown, machine, age) = written(crate::Language::German);
        assert_eq!((shown.as_str(), machine.as_str()), ("01.01.1970 00:00 UTC", "1970-01-01T00:00:00Z"));
        assert_ne!(age, written(crate::Language::Arabic).2);
        assert_eq!(written(crate::Language::Arabic).1, machine);
    }

    #[test]
    fn days_end_where_clocks_say_so() {
        let evening = 1_795_303_800_000;
        assert_eq!(absolute(evening), "2026-11-21 23:30 UTC");
        assert_eq!((clock(evening, 0), clock(evening, 60)), ("23:30".into(), "00:30".into()));
        assert_eq!(clock(evening, -330), "18:00");
        assert_eq!(day(evening + 3_600_000, evening, 0), t("time-yesterday"));
        assert_eq!(day(evening + 3_600_000, evening, 60), t("time-today"));
        assert_eq!(day(evening + 3_600_000, evening, -60), t("time-today"));
        assert_eq!(day(evening + 9 * 86_400_000, evening, 60), "2026-11-22");
    }

    #[test]
    fn ages_grow_and_the_future_is_now() {
        let day = 86_400_000;
        assert_eq!(relative(100 * day, 200 * day), t("time-now"));
        assert!(relative(300_000, 0).contains('5'));
        assert!(relative(3 * day, 0).contains('3'));
        assert_eq!(relative(300 * day, 0), "1970-01-01");
        assert!(left(0, 90_000).contains('2') && left(0, 7_200_000).contains('2') && left(0, 30 * day).contains("30"));
        assert_eq!(left(0, day + 50_000), t_args("time-hours", &[("count", 24.into())]));
        assert_eq!(left(0, 7 * day + 50_000), t_args("time-days", &[("count", 7.into())]));
        assert!(as_of(1_200_000, 0, true).contains("20") && as_of(180_000, 0, false).ends_with("ago"));
        assert_ne!(as_of(10, 0, true), as_of(10, 0, false));
        assert_eq!(as_of(240_000, 0, true), t("person-as-of-now"), "connected, and asked every five minutes");
        assert!(!as_of(10, 0, true).contains("as of") && as_of(300 * day, 0, true).contains("1970-01-01"));
    }
}
