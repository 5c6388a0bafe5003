//! A QR code in a picture, and the text that it holds. Nothing is done with that here: it stands in a field, or is
//! printed, until its user acts.
//!
//! The search works on what others may have drawn to make it long: the work that `rqrr` does is counted where it looks at
//! pixels, and a search that takes too much of it ends as one that found nothing.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use image::{DynamicImage, GenericImage, GenericImageView, GrayImage, Luma, Pixel as _, Rgba};
use rqrr::PreparedImage;

use super::PictureError;
use super::picture::{Decoded, decode, fit};
use crate::error::{Error, Result};
use crate::limits;
use crate::name::is_hidden;
use crate::node::Node;

/// The text of the one QR code in a picture, without characters that can't be seen. Slow: run it on a blocking thread.
///
/// `file` is JPEG, PNG, WebP or GIF within the bounds of [`super::prepare_picture`].
///
/// # Errors
/// `Picture` as there; `NoCode`; `SeveralCodes` where they hold different texts.
pub fn read_code(file: &[u8]) -> Result<String> {
    if file.len() > limits::PICTURE_FILE_BYTES {
        return Err(PictureError::FileTooLarge.into());
    }
    // As for other pictures: a panic of a decoder is one more way to be unreadable.
    let sheet = catch_unwind(AssertUnwindSafe(|| sheet(file))).unwrap_or(Err(PictureError::Unreadable))?;
    let mut found = find(sheet)?.into_iter();
    match (found.next(), found.next()) {
        (Some(text), None) => Ok(text),
        (Some(_), Some(_)) => Err(Error::SeveralCodes),
        (None, _) => Err(Error::NoCode),
    }
}

impl Node {
    /// As [`read_code`], off the caller's thread.
    ///
    /// # Errors
    /// As there.
    pub async fn read_code(&self, file: Vec<u8>) -> Result<String> {
        self.inner().off_thread(move || read_code(&file)).await?
    }
}

/// The picture upright and in grey, at most the last of `CODE_SIDES_PX` a side.
fn sheet(file: &[u8]) -> Result<GrayImage, PictureError> {
    let Decoded { picture, orientation, large, .. } = decode(file)?;
    let most = limits::CODE_SIDES_PX.last().copied().unwrap_or(1);
    let mut picture = fit(picture, most)?;
    drop(large);
    // Some are mirrored.
    picture.apply_orientation(orientation);
    if !picture.color().has_alpha() {
        return Ok(picture.into_luma8());
    }
    // A code is often drawn on nothing at all: then it stands on white.
    let mut coloured = picture.into_rgba8();
    for pixel in coloured.pixels_mut() {
        let mut paper = Rgba([u8::MAX; 4]);
        paper.blend(pixel);
        *pixel = paper;
    }
    Ok(DynamicImage::ImageRgba8(coloured).into_luma8())
}

/// The texts of the codes at the first size at which there are any; of what is drawn light on dark last.
fn find(sheet: GrayImage) -> Result<BTreeSet<String>> {
    let longest = sheet.width().max(sheet.height());
    let [first, ..] = limits::CODE_SIDES_PX;
    let sides = limits::CODE_SIDES_PX.into_iter().filter(|side| *side == first || *side < longest);
    let mut scaled = Vec::new();
    for side in sides.chain((longest > first).then_some(longest)) {
        let smaller = fit(DynamicImage::ImageLuma8(sheet.clone()), side)?.into_luma8();
        let found = texts(smaller.clone());
        if !found.is_empty() {
            return Ok(found);
        }
        scaled.push(smaller);
    }
    // Drawn with a pixel or two for each of its squares.
    if longest < first / 2 {
        let larger = DynamicImage::ImageLuma8(sheet);
        let (width, height) = (larger.width() * 2, larger.height() * 2);
        scaled.insert(0, larger.resize_exact(width, height, image::imageops::FilterType::Nearest).into_luma8());
        let found = scaled.first().cloned().map(texts).unwrap_or_default();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    for mut inverted in scaled.into_iter().take(2) {
        image::imageops::invert(&mut inverted);
        let found = texts(inverted);
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(BTreeSet::new())
}

/// What the codes hold that can be read.
fn texts(pixels: GrayImage) -> BTreeSet<String> {
    let work = Rc::new(Work::of(&pixels));
    let sheet = Sheet { pixels, work };
    let search = AssertUnwindSafe(|| {
        let mut prepared = PreparedImage::prepare(sheet);
        let codes = prepared.detect_grids();
        codes.iter().filter_map(|code| code.decode().ok()).map(|(_, text)| visible(&text)).collect::<BTreeSet<_>>()
    });
    let mut found = catch_unwind(search).unwrap_or_default();
    found.remove("");
    found
}

/// What of a text stands in a field for one line: nothing that breaks it, turns it or can't be seen.
fn visible(text: &str) -> String {
    let hidden =
        |c: char| c.is_control() || is_hidden(c) || matches!(c, '\u{200c}' | '\u{200d}' | '\u{2028}' | '\u{2029}');
    text.chars().filter(|c| !hidden(*c)).collect::<String>().trim().to_owned()
}

/// What a search took so far.
#[derive(Debug)]
struct Work {
    looks: Cell<u64>,
    most_looks: u64,
    corners: Cell<usize>,
    /// A corner is being painted.
    painting: Cell<bool>,
}

impl Work {
    fn of(pixels: &GrayImage) -> Self {
        Self {
            looks: Cell::new(0),
            most_looks: size(pixels) * limits::CODE_LOOKS,
            corners: Cell::new(0),
            painting: Cell::new(false),
        }
    }

    fn looks(&self, more: u64) {
        self.looks.set(self.looks.get() + more);
        if self.looks.get() > self.most_looks {
            // Not a panic: nothing is told of it on the way.
            resume_unwind(Box::new("the search takes too long"));
        }
    }

    /// `rqrr` gives a corner this colour while it measures it, then another.
    fn paints(&self, colour: u8) {
        const MEASURED: u8 = 4;
        let painting = colour == MEASURED;
        if painting && !self.painting.get() {
            self.corners.set(self.corners.get() + 1);
            if self.corners.get() > limits::CODE_CORNERS {
                resume_unwind(Box::new("this has too many corners"));
            }
        }
        self.painting.set(painting);
    }
}

fn size(pixels: &GrayImage) -> u64 {
    u64::from(pixels.width()) * u64::from(pixels.height())
}

/// A picture that counts how often it is looked at, with all its copies.
#[derive(Debug)]
struct Sheet {
    pixels: GrayImage,
    work: Rc<Work>,
}

impl Clone for Sheet {
    fn clone(&self) -> Self {
        self.work.looks(size(&self.pixels));
        Self { pixels: self.pixels.clone(), work: Rc::clone(&self.work) }
    }
}

impl GenericImageView for Sheet {
    type Pixel = Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        // Where `rqrr` walks outside of the picture it asks for no pixel, but each step asks where the picture ends.
        self.work.looks(1);
        self.pixels.dimensions()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        self.work.looks(1);
        *self.pixels.get_pixel(x, y)
    }
}

#[allow(deprecated)] // the trait asks for them
impl GenericImage for Sheet {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        self.pixels.get_pixel_mut(x, y)
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        let Luma([colour]) = pixel;
        self.work.paints(colour);
        self.pixels.put_pixel(x, y, pixel);
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.put_pixel(x, y, pixel);
    }
}

#[cfg(test)]
mod tests;
