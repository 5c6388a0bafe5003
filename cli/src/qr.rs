//! A text as a QR code of half blocks, two rows of it on a line.

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code.
const QUIET: usize = 4;
/// Light on dark, whatever the terminal's own colours are.
const COLOURS: &str = "\u{1b}[97;40m";
const RESET: &str = "\u{1b}[0m";

/// `None` where the text is too long for a code. What is light is drawn, what is dark left out: `coloured` says so to a
/// terminal, without it a dark background is expected.
pub(crate) fn blocks(text: &str, coloured: bool) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (width, modules) = (code.width(), code.to_colors());
    let side = width + 2 * QUIET;
    let light = |row: usize, column: usize| {
        let (Some(row), Some(column)) = (row.checked_sub(QUIET), column.checked_sub(QUIET)) else { return true };
        column >= width || modules.get(row * width + column) != Some(&Color::Dark)
    };
    let mut drawn = String::new();
    for row in (0..side).step_by(2) {
        drawn.push_str(if coloured { COLOURS } else { "" });
        // Below the last row of an odd number nothing is drawn: it is no part of the code.
        let half = |column| (light(row, column), row + 1 < side && light(row + 1, column));
        drawn.extend((0..side).map(|column| match half(column) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }));
        drawn.push_str(if coloured { RESET } else { "" });
        drawn.push('\n');
    }
    Some(drawn)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use image::{GrayImage, ImageFormat, Luma};

    use super::*;

    /// As a camera would see it.
    fn seen(blocks: &str) -> Vec<u8> {
        let lines: Vec<Vec<char>> = blocks.lines().map(|line| line.chars().collect()).collect();
        let side = |count: usize| u32::try_from(count * 4).unwrap();
        let picture = GrayImage::from_fn(side(lines[0].len()), side(lines.len() * 2), |x, y| {
            let (column, row) = (usize::try_from(x / 4).unwrap(), usize::try_from(y / 4).unwrap());
            let upper = row.is_multiple_of(2);
            let light = match lines[row / 2][column] {
                '█' => true,
                '▀' => upper,
                '▄' => !upper,
                _ => false,
            };
            Luma([if light { 255 } else { 0 }])
        });
        let mut file = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut file, ImageFormat::Png).unwrap();
        file.into_inner()
    }

    #[test]
    fn what_is_drawn_is_read_again() {
        for text in ["kith:invite/abc", &format!("kith:invite/{}", "0123456789abcdef".repeat(20))] {
            let drawn = blocks(text, false).unwrap();
            assert_eq!(kith_node::media::read_code(&seen(&drawn)).unwrap(), text);
            let coloured = blocks(text, true).unwrap();
            assert_eq!(coloured.replace(COLOURS, "").replace(RESET, ""), drawn);
            assert!(coloured.lines().all(|line| line.starts_with(COLOURS) && line.ends_with(RESET)));
        }
        assert_eq!(blocks(&"x".repeat(4_000), false), None);
    }
}
