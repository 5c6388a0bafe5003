#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use std::io::Cursor;
use std::time::{Duration, Instant};

use image::{GrayAlphaImage, ImageFormat, LumaA, RgbImage};
use qrcode::{Color, EcLevel, QrCode};

use super::*;

/// As long as an invite with three addresses, drawn as the app draws it.
fn invite() -> String {
    format!("kith:{}", "k7q2m5x4a1".repeat(42))
}

/// The squares of a code with four light ones around it.
struct Squares {
    side: usize,
    dark: Vec<bool>,
}

impl Squares {
    fn of(text: &str) -> Self {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        let (width, colours) = (code.width(), code.to_colors());
        let side = width + 8;
        let mut dark = vec![false; side * side];
        for (at, colour) in colours.iter().enumerate() {
            dark[(at / width + 4) * side + at % width + 4] = *colour == Color::Dark;
        }
        Self { side, dark }
    }

    /// At parts of the whole code, 0 to 1 in both directions; `None` outside.
    fn at(&self, x: f64, y: f64) -> Option<bool> {
        let place = |part: f64| (0.0..1.0).contains(&part).then_some((part * self.side as f64) as usize);
        Some(self.dark[place(y)? * self.side + place(x)?])
    }

    /// So many pixels for each.
    fn drawn(&self, px: u32) -> GrayImage {
        let side = self.side as u32 * px;
        GrayImage::from_fn(side, side, |x, y| {
            let dark = self.dark[(y / px) as usize * self.side + (x / px) as usize];
            Luma([if dark { 0 } else { 255 }])
        })
    }
}

/// Numbers without a pattern, the same each time.
struct Dice(u32);

impl Dice {
    fn throw(&mut self, below: i32) -> i32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((self.0 >> 8) as i32).rem_euclid(below)
    }
}

/// A photo of a code on a wall: turned, seen from the side, in uneven light, blurred and grainy, as JPEG.
fn photo(squares: &Squares, degrees: f64) -> Vec<u8> {
    const WIDTH: u32 = 1_600;
    const HEIGHT: u32 = 1_200;
    let (sin, cos) = degrees.to_radians().sin_cos();
    let mut dice = Dice(7);
    let seen = |x: f64, y: f64| {
        let (x, y) = ((x - 820.0) / 900.0, (y - 590.0) / 900.0);
        let (x, y) = (x * cos + y * sin, y * cos - x * sin);
        // Its far side is smaller.
        let away = 1.0 + 0.18 * x + 0.1 * y;
        squares.at(x / away + 0.5, y / away + 0.5)
    };
    let wall = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let mut light = 0.0;
        for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
            light += match seen(f64::from(x) + dx, f64::from(y) + dy) {
                Some(true) => 40.0,
                Some(false) => 215.0,
                None => 120.0 + f64::from((x / 40 + y / 25) % 3) * 20.0,
            } / 4.0;
        }
        let lamp = 0.7 + 0.3 * f64::from(x) / f64::from(WIDTH);
        let grain = f64::from(dice.throw(31) - 15);
        let value = (light * lamp + grain).clamp(0.0, 255.0) as u8;
        image::Rgb([value, value.saturating_sub(6), value.saturating_sub(14)])
    });
    file(&DynamicImage::ImageRgb8(image::imageops::blur(&wall, 0.9)), ImageFormat::Jpeg)
}

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn png(picture: GrayImage) -> Vec<u8> {
    file(&DynamicImage::ImageLuma8(picture), ImageFormat::Png)
}

#[test]
fn a_drawn_code_is_read_at_any_size() {
    let squares = Squares::of(&invite());
    for px in [1, 2, 3, 8, 30] {
        assert_eq!(read_code(&png(squares.drawn(px))).unwrap(), invite(), "{px}");
    }
    // A small one in a large picture.
    let mut wall = GrayImage::from_pixel(4_000, 3_000, Luma([200]));
    image::imageops::replace(&mut wall, &Squares::of("kith:small").drawn(4), 3_100, 2_200);
    assert_eq!(read_code(&png(wall)).unwrap(), "kith:small");
}

#[test]
fn a_photo_of_a_code_is_read_however_it_is_held() {
    let squares = Squares::of(&invite());
    for degrees in [0.0, 17.0, 90.0, 200.0] {
        assert_eq!(read_code(&photo(&squares, degrees)).unwrap(), invite(), "{degrees}");
    }
}

#[test]
fn light_on_dark_and_on_nothing_is_read() {
    let squares = Squares::of("kith:night");
    let mut dark = squares.drawn(6);
    image::imageops::invert(&mut dark);
    assert_eq!(read_code(&png(dark)).unwrap(), "kith:night");
    let drawn = squares.drawn(6);
    let clear =
        GrayAlphaImage::from_fn(drawn.width(), drawn.height(), |x, y| LumaA([0, 255 - drawn.get_pixel(x, y).0[0]]));
    assert_eq!(read_code(&file(&DynamicImage::ImageLumaA8(clear), ImageFormat::Png)).unwrap(), "kith:night");
}

#[test]
fn several_codes_are_nobodys_choice_and_none_is_none() {
    let (one, other) = (Squares::of("kith:one").drawn(6), Squares::of("kith:other").drawn(6));
    let mut wall = GrayImage::from_pixel(900, 420, Luma([255]));
    image::imageops::replace(&mut wall, &one, 20, 20);
    image::imageops::replace(&mut wall, &other, 480, 30);
    assert_eq!(read_code(&png(wall.clone())).unwrap_err().code(), "several_codes");
    // The same twice is one.
    image::imageops::replace(&mut wall, &GrayImage::from_pixel(420, 420, Luma([255])), 470, 0);
    image::imageops::replace(&mut wall, &one, 480, 30);
    assert_eq!(read_code(&png(wall)).unwrap(), "kith:one");

    let mut dice = Dice(3);
    let noise = GrayImage::from_fn(1_200, 900, |_, _| Luma([dice.throw(256) as u8]));
    for empty in [noise, GrayImage::from_pixel(1, 1, Luma([0])), GrayImage::from_pixel(3_000, 2, Luma([255]))] {
        assert_eq!(read_code(&png(empty)).unwrap_err().code(), "no_code");
    }
    // What holds nothing that can be seen.
    assert_eq!(read_code(&png(Squares::of("\u{202e}\n").drawn(6))).unwrap_err().code(), "no_code");
}

#[test]
fn a_text_stands_on_one_line_and_hides_nothing() {
    let text = "kith:a\u{202e}b\nc\u{200b}d\u{0}";
    assert_eq!(read_code(&png(Squares::of(text).drawn(6))).unwrap(), "kith:abcd");
}

#[test]
fn what_is_no_picture_or_too_large_is_refused_before_it_is_decoded() {
    assert_eq!(read_code(b"kith:text").unwrap_err().code(), "picture");
    // A head that claims more than any bound.
    let mut bomb = png(GrayImage::from_pixel(8, 8, Luma([0])));
    bomb[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let check = crc(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&check.to_be_bytes());
    let start = Instant::now();
    assert!(matches!(read_code(&bomb), Err(Error::Picture(PictureError::TooLarge { width: 65_536, height: 65_536 }))));
    assert!(start.elapsed() < Duration::from_secs(2));
}

/// Of a PNG's chunk.
fn crc(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    }) ^ u32::MAX
}

#[test]
fn thousands_of_corners_end_the_search() {
    // Corners of codes wherever one fits: comparing all of them with each other would take minutes and gigabytes.
    let corner = |x: u32, y: u32| match (x % 9, y % 9) {
        (7 | 8, _) | (_, 7 | 8) => 255,
        (x, y) if x == 0 || y == 0 || x == 6 || y == 6 => 0,
        (x, y) if (2..5).contains(&x) && (2..5).contains(&y) => 0,
        _ => 255,
    };
    let wall = GrayImage::from_fn(990, 990, |x, y| Luma([corner(x, y)]));
    let work = Rc::new(Work::of(&wall));
    let sheet = Sheet { pixels: wall.clone(), work: Rc::clone(&work) };
    let search = AssertUnwindSafe(|| PreparedImage::prepare(sheet).detect_grids().len());
    assert!(catch_unwind(search).is_err(), "it was not stopped");
    assert_eq!(work.corners.get(), limits::CODE_CORNERS + 1);
    assert_eq!(read_code(&png(wall)).unwrap_err().code(), "no_code");
}
