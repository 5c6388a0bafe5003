//! From a file of the user's to a picture that can be shared. Pure: bytes in, bytes out. Slow (up to seconds for a
//! large picture): run it on a blocking thread.
//!
//! Everything beside the pixels is left behind: the picture is decoded and encoded anew, so no place, camera, name or
//! embedded preview survives, whatever field it hides in. Colours are converted to sRGB by the profile that the file
//! holds, which is what they are shown as once it is gone. Deliberately absent: animation (the first picture of one is
//! taken), CMYK profiles (the decoder gives such pictures as RGB already).

mod colour;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage};

use crate::limits;
use colour::to_srgb;

/// A picture ready to share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Re-encoded bytes without metadata: JPEG, or PNG where the picture is see-through or was drawn.
    pub bytes: Vec<u8>,
    pub mime: &'static str,
    pub width: u32,
    pub height: u32,
    pub blurhash: String,
    /// JPEG or PNG, longest side `limits::THUMB_PX`; `None` when the picture itself is that small.
    pub thumb: Option<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("the picture's file is too large: make it smaller and try again")]
    FileTooLarge,
    #[error("the picture is too large: {width} × {height} pixels; make it smaller and try again")]
    TooLarge { width: u32, height: u32 },
    #[error("this is not a picture that Kith can read; other files go with private messages and with posts to circles")]
    Unreadable,
}

/// Decodes within bounds, turns upright, strips metadata, re-encodes.
///
/// `file` is JPEG, PNG, WebP or GIF, told by its content; at most `limits::PICTURE_FILE_BYTES`, `PICTURE_SIDE_PX` a
/// side and `PICTURE_SOURCE_BYTES` decoded, all checked before anything is decoded. What comes out has at most
/// `PICTURE_SHARED_PX` a side, and so at most `PICTURE_DECODED_BYTES` decoded.
///
/// One picture of more than `PICTURE_DECODED_BYTES` is worked on at a time: the others wait for it.
pub fn prepare_picture(file: &[u8]) -> Result<Picture, PictureError> {
    if file.len() > limits::PICTURE_FILE_BYTES {
        return Err(PictureError::FileTooLarge);
    }
    // The decoders are others' and see hostile bytes: a panic of theirs is one more way to be unreadable.
    catch_unwind(AssertUnwindSafe(|| prepare(file))).unwrap_or(Err(PictureError::Unreadable))
}

/// Sides of a blurhash, in components.
const BLURHASH: (u32, u32) = (4, 3);
/// A blurhash holds 12 numbers: more pixels than these change nothing.
const BLURHASH_PX: u32 = 64;
/// At 85 a photo shows no artefacts at arm's length, for a third of the bytes of 95.
const SHARED_QUALITY: u8 = 85;
const THUMB_QUALITY: u8 = 80;

/// Held while a picture of more than `PICTURE_DECODED_BYTES` is in memory.
static LARGE: Mutex<()> = Mutex::new(());

fn prepare(file: &[u8]) -> Result<Picture, PictureError> {
    let Decoded { picture, format, orientation, profile, large } = decode(file)?;
    let coloured = picture.color().has_color();
    // Made small first, so that what follows needs little memory even for the largest.
    let picture = simplify(fit(picture, limits::PICTURE_SHARED_PX)?);
    drop(large);
    let mut picture = to_srgb(picture, profile.as_deref(), coloured);
    picture.apply_orientation(orientation);
    // Drawings and screenshots come as these: they are often smaller as PNG, and always sharper.
    let drawn = matches!(format, ImageFormat::Png | ImageFormat::Gif);
    let (bytes, mime) = encode(&picture, SHARED_QUALITY, drawn)?;
    let (width, height) = (picture.width(), picture.height());
    let thumb = if width.max(height) > limits::THUMB_PX {
        let thumb = picture.resize(limits::THUMB_PX, limits::THUMB_PX, FilterType::Triangle);
        Some(encode(&thumb, THUMB_QUALITY, drawn)?.0)
    } else {
        None
    };
    Ok(Picture { blurhash: blurhash(picture)?, bytes, mime, width, height, thumb })
}

/// The pixels as they lie in the file.
pub(super) struct Decoded {
    pub(super) picture: DynamicImage,
    format: ImageFormat,
    /// What turns it upright.
    pub(super) orientation: Orientation,
    /// ICC.
    profile: Option<Vec<u8>>,
    pub(super) large: Option<MutexGuard<'static, ()>>,
}

pub(super) fn decode(file: &[u8]) -> Result<Decoded, PictureError> {
    let format = image::guess_format(file).map_err(unreadable)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif) {
        return Err(PictureError::Unreadable);
    }
    let mut bounds = Limits::no_limits();
    bounds.max_alloc = Some(limits::PICTURE_SOURCE_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(bounds);
    // Reads the header only.
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    let decoded_bytes = decoder.total_bytes();
    if width.max(height) > limits::PICTURE_SIDE_PX || decoded_bytes > limits::PICTURE_SOURCE_BYTES {
        return Err(PictureError::TooLarge { width, height });
    }
    if width == 0 || height == 0 {
        return Err(PictureError::Unreadable);
    }
    // Metadata that can't be read turns nothing, and must not cost the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let large =
        (decoded_bytes > limits::PICTURE_DECODED_BYTES).then(|| LARGE.lock().unwrap_or_else(PoisonError::into_inner));
    let picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    Ok(Decoded { picture, format, orientation, profile, large })
}

/// 8 bits a channel, with alpha only where a pixel uses it.
fn simplify(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return DynamicImage::ImageRgb8(picture.into_rgb8());
    }
    let picture = picture.into_rgba8();
    if picture.pixels().all(|pixel| pixel.0.last() == Some(&u8::MAX)) {
        DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(picture).into_rgb8())
    } else {
        DynamicImage::ImageRgba8(picture)
    }
}

/// Pixels that are scaled at once: the scaling takes 16 bytes for each.
const STRIP_PX: u32 = 2 * 1024 * 1024;

/// At most `side_px` on the longest side, never scaled up. What was scaled has 8 bits a channel.
pub(super) fn fit(picture: DynamicImage, side_px: u32) -> Result<DynamicImage, PictureError> {
    let (width, height) = (picture.width(), picture.height());
    let longest = width.max(height);
    if longest <= side_px {
        return Ok(picture);
    }
    let scaled = |side: u32| {
        let rounded = (u64::from(side) * u64::from(side_px) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(rounded).unwrap_or(side_px).max(1)
    };
    let across = narrow(picture, scaled(width))?;
    Ok(narrow(across.rotate90(), scaled(height))?.rotate270())
}

/// Scales the width, a strip after the other: at once, a photo of 48 megapixels takes half a gigabyte.
fn narrow(picture: DynamicImage, new_width: u32) -> Result<DynamicImage, PictureError> {
    let (width, height, alpha) = (picture.width(), picture.height(), picture.color().has_alpha());
    let rows = (STRIP_PX / width.max(1)).max(1);
    let mut pixels = Vec::new();
    let mut top = 0;
    while top < height {
        let strip = picture.crop_imm(0, top, width, rows.min(height - top));
        let strip = strip.resize_exact(new_width, strip.height(), FilterType::CatmullRom);
        top += strip.height();
        pixels.append(&mut if alpha { strip.into_rgba8().into_raw() } else { strip.into_rgb8().into_raw() });
    }
    let whole = if alpha {
        RgbaImage::from_raw(new_width, height, pixels).map(DynamicImage::ImageRgba8)
    } else {
        RgbImage::from_raw(new_width, height, pixels).map(DynamicImage::ImageRgb8)
    };
    whole.ok_or(PictureError::Unreadable)
}

/// PNG where there is alpha, else JPEG; of a drawn one whichever is smaller.
fn encode(picture: &DynamicImage, quality: u8, drawn: bool) -> Result<(Vec<u8>, &'static str), PictureError> {
    let png = || {
        let mut bytes = Vec::new();
        picture.write_with_encoder(PngEncoder::new(&mut bytes)).map_err(unreadable)?;
        Ok((bytes, "image/png"))
    };
    if picture.color().has_alpha() {
        return png();
    }
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).map_err(unreadable)?;
    if drawn {
        let png = png()?;
        if png.0.len() <= bytes.len() {
            return Ok(png);
        }
    }
    Ok((bytes, "image/jpeg"))
}

fn blurhash(picture: DynamicImage) -> Result<String, PictureError> {
    let small = picture.width().max(picture.height()) <= BLURHASH_PX;
    let picture = if small { picture } else { picture.resize(BLURHASH_PX, BLURHASH_PX, FilterType::Triangle) };
    let mut small = picture.into_rgba8();
    // See-through parts stand on white: the hash knows no alpha, and their hidden colour is often black.
    for pixel in small.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0.map(u16::from);
        let on_white = |part: u16| u8::try_from((part * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        pixel.0 = [on_white(red), on_white(green), on_white(blue), u8::MAX];
    }
    blurhash::encode(BLURHASH.0, BLURHASH.1, small.width(), small.height(), small.as_raw()).map_err(unreadable)
}

fn unreadable<E>(_: E) -> PictureError {
    PictureError::Unreadable
}

#[cfg(test)]
mod tests;
