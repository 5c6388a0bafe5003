//! Posts for later, and when that is.

use chrono::{DateTime, Local, NaiveDateTime, TimeZone as _};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Scheduled {
    /// Post one now
    Now { id: String },
    /// Delete one: nothing of it was posted
    Delete { id: String },
}

/// A time by this machine's clock, or with its zone; ms since the epoch.
pub(crate) fn at_ms(text: &str) -> Result<u64, String> {
    let told =
        "give a time as 2026-12-24T18:00, by this machine's clock, or with its zone, as 2026-12-24T18:00:00+01:00";
    let zoned = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z"));
    let ms = match zoned {
        Ok(time) => time.timestamp_millis(),
        Err(_) => {
            let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
            let there = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).ok_or(told)?;
            // An hour that comes twice, as summer ends: the first of them.
            let time = Local.from_local_datetime(&there).earliest();
            time.ok_or("the clocks of this machine leave that time out: give another one")?.timestamp_millis()
        }
    };
    u64::try_from(ms).map_err(|_| told.to_owned())
}

/// How long a poll lasts, s: a number of minutes, hours or days.
pub(super) fn lasts_s(text: &str) -> Result<u64, String> {
    let told = "give a time as 30m, 12h or 3d";
    let unit = match text.chars().next_back() {
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => return Err(told.to_owned()),
    };
    let count: u64 = text.get(..text.len() - 1).and_then(|count| count.parse().ok()).ok_or(told)?;
    Ok(count.saturating_mul(unit))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_lasts_minutes_hours_or_days() {
        assert_eq!((lasts_s("30m"), lasts_s("12h"), lasts_s("3d")), (Ok(1_800), Ok(43_200), Ok(259_200)));
        for wrong in ["", "m", "3", "3 d", "-1d", "3w", "1.5h", "3д"] {
            assert!(lasts_s(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_is_read_by_its_zone_or_by_this_machines_clock() {
        let six = 1_798_131_600_000;
        assert_eq!(at_ms("2026-12-24T18:00:00+01:00"), Ok(six));
        assert_eq!(at_ms("2026-12-24T18:00+01:00"), Ok(six));
        assert_eq!(at_ms("2026-12-24T17:00:00Z"), Ok(six));
        let here = Local.timestamp_millis_opt(i64::try_from(six).unwrap()).unwrap();
        for form in ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"] {
            assert_eq!(at_ms(&here.format(form).to_string()), Ok(six));
        }
        for wrong in ["", "tomorrow", "2026-12-24", "18:00", "2026-13-24T18:00", "1969-12-24T18:00:00Z"] {
            assert!(at_ms(wrong).unwrap_err().contains("2026-12-24T18:00"), "{wrong}");
        }
    }
}
