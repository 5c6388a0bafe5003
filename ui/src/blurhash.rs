//! The colours behind a picture that is not here yet: the mean and a gradient of its blurhash, without a decoder for
//! the whole image (format: woltapp/blurhash, "Algorithm.md").

const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

/// A CSS `background` of the mean colour, lighter to darker along the first horizontal wave; `None` for a text that is no blurhash.
pub(crate) fn background(hash: &str) -> Option<String> {
    let size = number(hash.get(0..1)?)?;
    let (across, down) = (size % 9 + 1, size / 9 + 1);
    if hash.len() != usize::try_from(4 + 2 * across * down).ok()? {
        return None;
    }
    let mean = number(hash.get(2..6)?)?;
    let channels = [mean >> 16 & 255, mean >> 8 & 255, mean & 255].map(f64::from);
    let peak = f64::from(number(hash.get(1..2)?)? + 1) / 166.0;
    let wave = match hash.get(6..8) {
        Some(digits) if across > 1 => {
            let value = number(digits)?;
            [value / 361, value / 19 % 19, value % 19].map(|v| (f64::from(v) - 9.0) / 9.0).map(|v| v * v.abs() * peak)
        }
        _ => [0.0; 3],
    };
    let colour = |sign: f64| {
        let mut parts = channels.iter().zip(wave).map(|(channel, wave)| srgb(linear(*channel) + sign * wave));
        let mut next = || parts.next().unwrap_or(0);
        format!("rgb({},{},{})", next(), next(), next())
    };
    Some(format!("linear-gradient(100deg, {}, {})", colour(1.0), colour(-1.0)))
}

fn number(digits: &str) -> Option<u32> {
    digits.bytes().try_fold(0_u32, |sum, byte| {
        let digit = DIGITS.iter().position(|known| *known == byte)?;
        Some(sum * 83 + u32::try_from(digit).ok()?)
    })
}

fn linear(channel: f64) -> f64 {
    let v = channel / 255.0;
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

fn srgb(linear: f64) -> u8 {
    let v = linear.clamp(0.0, 1.0);
    let v = if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0..=255 by the clamp
    let byte = (v * 255.0 + 0.5) as u8;
    byte
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_mean_colour_is_read() {
        let background = background("LEHV6nWB2yk8pyo0adR*.7kCMdnj").unwrap_or_default();
        assert!(background.starts_with("linear-gradient(100deg, rgb("), "{background}");
        assert_eq!(super::background("00OZZyy"), None, "size digit and length disagree");
        assert_eq!(super::background(""), None);
    }

    proptest! {
        #[test]
        fn any_text_gives_a_colour_or_nothing(text in ".{0,40}") {
            if let Some(css) = background(&text) {
                prop_assert!(css.chars().all(|c| c.is_ascii_alphanumeric() || "(),- ".contains(c)));
            }
        }
    }
}
