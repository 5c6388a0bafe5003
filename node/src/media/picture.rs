//! From a file of the user's to a picture that can be shared. Pure: bytes in, bytes out. Slow (up to seconds for a
//! large picture): run it on a blocking thread.
//!
//! Everything beside the pixels is left behind: the picture is decoded and encoded anew, so no place, camera, name or
//! embedded preview survives, whatever field it hides in. Deliberately absent: animation (the first picture of one is
//! taken), colour profiles (pixels are taken as sRGB).

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::limits;

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
    #[error("the file is too large")]
    FileTooLarge,
    #[error("the picture is too large: {width}×{height}")]
    TooLarge { width: u32, height: u32 },
    #[error("this is not a picture that Kith can read")]
    Unreadable,
}

/// Decodes within bounds, turns upright, strips metadata, re-encodes.
///
/// `file` is JPEG, PNG, WebP or GIF, told by its content; at most `limits::PICTURE_FILE_BYTES`, `PICTURE_SIDE_PX` a
/// side and `PICTURE_DECODED_BYTES` decoded, all checked before anything is decoded.
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

fn prepare(file: &[u8]) -> Result<Picture, PictureError> {
    let (picture, format) = decode(file)?;
    let picture = fit(simplify(picture), limits::PICTURE_SHARED_PX, FilterType::CatmullRom);
    // Drawings and screenshots come as these: they are often smaller as PNG, and always sharper.
    let drawn = matches!(format, ImageFormat::Png | ImageFormat::Gif);
    let (bytes, mime) = encode(&picture, SHARED_QUALITY, drawn)?;
    let (width, height) = (picture.width(), picture.height());
    let thumb = if width.max(height) > limits::THUMB_PX {
        let thumb = fit(picture.clone(), limits::THUMB_PX, FilterType::Triangle);
        Some(encode(&thumb, THUMB_QUALITY, drawn)?.0)
    } else {
        None
    };
    Ok(Picture { blurhash: blurhash(picture)?, bytes, mime, width, height, thumb })
}

/// The upright pixels.
fn decode(file: &[u8]) -> Result<(DynamicImage, ImageFormat), PictureError> {
    let format = image::guess_format(file).map_err(unreadable)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif) {
        return Err(PictureError::Unreadable);
    }
    let mut bounds = Limits::no_limits();
    bounds.max_alloc = Some(limits::PICTURE_DECODED_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(bounds);
    // Reads the header only.
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    let too_large =
        width.max(height) > limits::PICTURE_SIDE_PX || decoder.total_bytes() > limits::PICTURE_DECODED_BYTES;
    if too_large {
        return Err(PictureError::TooLarge { width, height });
    }
    if width == 0 || height == 0 {
        return Err(PictureError::Unreadable);
    }
    // Metadata that can't be read turns nothing, and must not cost the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    picture.apply_orientation(orientation);
    Ok((picture, format))
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

/// At most `side_px` on the longest side, never scaled up.
fn fit(picture: DynamicImage, side_px: u32, filter: FilterType) -> DynamicImage {
    if picture.width().max(picture.height()) <= side_px { picture } else { picture.resize(side_px, side_px, filter) }
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
    let mut small = fit(picture, BLURHASH_PX, FilterType::Triangle).into_rgba8();
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
