//! From the colours that a file's ICC profile means to sRGB, as which every screen shows a picture without a profile.

use image::{DynamicImage, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// A profile larger than this is not read, bytes: those of printers have up to 3 MiB, those of screens a few KiB.
const PROFILE_BYTES: usize = 4 * 1024 * 1024;

/// Takes 8 bits a channel; `coloured` says whether the file's own pixels had colours or only grey. Pixels stay as they
/// are without a profile, and with one that is broken, too large or meant for other channels (CMYK).
pub(super) fn to_srgb(picture: DynamicImage, profile: Option<&[u8]>, coloured: bool) -> DynamicImage {
    match profile.filter(|profile| profile.len() <= PROFILE_BYTES) {
        Some(profile) => converted(&picture, profile, coloured).unwrap_or(picture),
        None => picture,
    }
}

fn converted(picture: &DynamicImage, profile: &[u8], coloured: bool) -> Option<DynamicImage> {
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    let alpha = picture.color().has_alpha();
    let (from, pixels) = match (profile.color_space, coloured, alpha) {
        (DataColorSpace::Rgb, true, false) => (Layout::Rgb, picture.to_rgb8().into_raw()),
        (DataColorSpace::Rgb, true, true) => (Layout::Rgba, picture.to_rgba8().into_raw()),
        (DataColorSpace::Gray, false, false) => (Layout::Gray, picture.to_luma8().into_raw()),
        (DataColorSpace::Gray, false, true) => (Layout::GrayAlpha, picture.to_luma_alpha8().into_raw()),
        _ => return None,
    };
    let (to, channels) = if alpha { (Layout::Rgba, 4) } else { (Layout::Rgb, 3) };
    let (width, height) = (picture.width(), picture.height());
    let size = u64::from(width) * u64::from(height) * channels;
    let mut converted = vec![0; usize::try_from(size).ok()?];
    let transform =
        profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, TransformOptions::default()).ok()?;
    transform.transform(&pixels, &mut converted).ok()?;
    if alpha {
        RgbaImage::from_raw(width, height, converted).map(DynamicImage::ImageRgba8)
    } else {
        RgbImage::from_raw(width, height, converted).map(DynamicImage::ImageRgb8)
    }
}
