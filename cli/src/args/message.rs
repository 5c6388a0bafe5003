//! What private conversations take.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use kith_node::control::Setting;
use kith_node::limits::KEEP_MESSAGES_S;

/// A time as `1d`; `off` is 0.
///
/// # Errors
/// What does not fit, in words.
pub(super) fn keep_s(text: &str) -> Result<u64, String> {
    if text == "off" {
        return Ok(0);
    }
    let told = || "give off, or a number with s, m, h, d or w, as 1d".to_owned();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (number, unit) = text.split_at_checked(digits.len()).ok_or_else(told)?;
    let unit: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return Err(told()),
    };
    let number: u64 = number.parse().map_err(|_| told())?;
    let keep_s = number.checked_mul(unit).filter(|keep_s| (1..=KEEP_MESSAGES_S).contains(keep_s));
    keep_s.ok_or_else(|| "messages stay for at least a second, and at most 52 weeks".to_owned())
}

pub(super) fn setting() -> impl TypedValueParser<Value = Setting> {
    PossibleValuesParser::new(Setting::ALL.map(Setting::name))
        .try_map(|name| Setting::parse(&name).ok_or("no such setting"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_with_a_unit() {
        for (text, s) in
            [("off", 0), ("30s", 30), ("5m", 300), ("1h", 3_600), ("2d", 172_800), ("52w", KEEP_MESSAGES_S)]
        {
            assert_eq!(keep_s(text), Ok(s), "{text}");
        }
        for wrong in ["", "0", "0s", "d", "1", "1y", "-1d", "1 d", "53w", "99999999999999999999w", "1ü"] {
            assert!(keep_s(wrong).is_err(), "{wrong}");
        }
    }
}
