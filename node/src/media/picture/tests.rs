use std::sync::LazyLock;

use image::codecs::gif::GifEncoder;
use image::{Frame, ImageEncoder as _, Rgb, Rgba};
use moxcms::ColorProfile;
use proptest::prelude::*;

use super::*;

const RED: [u8; 3] = [230, 20, 20];
const GREEN: [u8; 3] = [20, 200, 20];
const BLUE: [u8; 3] = [20, 20, 230];
const WHITE: [u8; 3] = [250, 250, 250];

/// Red and green above, blue and white below: shows how it was turned.
fn quarters(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        Rgb(match (x < width / 2, y < height / 2) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => WHITE,
        })
    }))
}

/// Like a photo: neighbours differ, so PNG is larger than JPEG.
fn noise(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        let hash = blake3::hash(&[x.to_le_bytes(), y.to_le_bytes()].concat());
        Rgb([hash.as_bytes()[0], hash.as_bytes()[1], hash.as_bytes()[2]])
    }))
}

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// TIFF as cameras write it: orientation, maker, and a place.
fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let mut entry = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
        entry.extend_from_slice(&[count.to_le_bytes(), value.to_le_bytes()].concat());
        entry
    };
    // First directory at 8: 3 entries, ends at 8 + 2 + 36 + 4 = 50. Maker at 50, GPS directory at 66.
    tiff.extend_from_slice(&3_u16.to_le_bytes());
    tiff.extend_from_slice(&entry(0x010f, 2, 16, 50));
    tiff.extend_from_slice(&entry(0x0112, 3, 1, u32::from(orientation)));
    tiff.extend_from_slice(&entry(0x8825, 4, 1, 66));
    tiff.extend_from_slice(&[0; 4]);
    tiff.extend_from_slice(b"SecretCameraMkr\0");
    // GPS: latitude reference, latitude (3 rationals at 66 + 2 + 24 + 4 = 96).
    tiff.extend_from_slice(&2_u16.to_le_bytes());
    tiff.extend_from_slice(&entry(1, 2, 2, u32::from(b'N')));
    tiff.extend_from_slice(&entry(2, 5, 3, 96));
    tiff.extend_from_slice(&[0; 4]);
    for part in [52_u32, 1, 31, 1, 12, 1] {
        tiff.extend_from_slice(&part.to_le_bytes());
    }
    tiff
}

/// A JPEG with EXIF after its first marker.
fn photo(picture: &DynamicImage, orientation: u16) -> Vec<u8> {
    let jpeg = file(picture, ImageFormat::Jpeg);
    let segment = [b"Exif\0\0".as_slice(), &exif(orientation)].concat();
    let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &segment, &jpeg[2..]].concat()
}

fn has(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// What a reader of the shared bytes sees.
fn seen(bytes: &[u8]) -> RgbaImage {
    image::load_from_memory(bytes).unwrap().into_rgba8()
}

fn close(pixel: &Rgba<u8>, colour: [u8; 3]) -> bool {
    pixel.0.iter().zip(colour).all(|(one, other)| one.abs_diff(other) < 40)
}

#[test]
fn a_photo_is_turned_upright_and_forgets_where_it_was_taken() {
    let given = photo(&quarters(1_600, 800), 6);
    let read = kamadak_exif(&given).expect("the test's own EXIF is right");
    assert!(read.contains("SecretCameraMkr") && read.contains("52 deg 31 min 12 sec"), "{read}");

    let picture = prepare_picture(&given).unwrap();
    assert_eq!((picture.width, picture.height, picture.mime), (800, 1_600, "image/jpeg"));
    let thumb = picture.thumb.as_deref().unwrap();
    for bytes in [picture.bytes.as_slice(), thumb] {
        assert_eq!(kamadak_exif(bytes), None);
        for needle in [b"Exif".as_slice(), b"SecretCamera", b"II*\0", b"http"] {
            assert!(!has(bytes, needle));
        }
        // Orientation 6 is turned a quarter clockwise: what was at the left bottom is at the left top.
        let seen = seen(bytes);
        let (right, bottom) = (seen.width() - 10, seen.height() - 10);
        assert!(close(seen.get_pixel(10, 10), BLUE) && close(seen.get_pixel(right, 10), RED));
        assert!(close(seen.get_pixel(10, bottom), WHITE) && close(seen.get_pixel(right, bottom), GREEN));
    }
    assert_eq!((seen(thumb).width(), seen(thumb).height()), (320, 640));
}

fn kamadak_exif(bytes: &[u8]) -> Option<String> {
    let exif = exif::Reader::new().read_from_container(&mut Cursor::new(bytes)).ok()?;
    Some(exif.fields().map(|field| field.display_value().with_unit(&exif).to_string()).collect::<Vec<_>>().join("; "))
}

#[test]
fn every_orientation_is_undone() {
    // Which quarter stands at the left top after each (TIFF 6.0, tag 274).
    let left_top = [(1, RED), (2, GREEN), (3, WHITE), (4, BLUE), (5, RED), (6, BLUE), (7, WHITE), (8, GREEN)];
    for (orientation, colour) in left_top {
        let picture = prepare_picture(&photo(&quarters(60, 40), orientation)).unwrap();
        let upright = if orientation < 5 { (60, 40) } else { (40, 60) };
        assert_eq!((picture.width, picture.height), upright);
        assert!(close(seen(&picture.bytes).get_pixel(4, 4), colour), "orientation {orientation}");
    }
    // One that no standard knows turns nothing.
    assert_eq!(prepare_picture(&photo(&quarters(60, 40), 77)).unwrap().width, 60);
}

#[test]
fn every_format_is_told_by_its_content() {
    let formats = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];
    for format in formats {
        let picture = prepare_picture(&file(&quarters(60, 40), format)).unwrap();
        assert_eq!((picture.width, picture.height), (60, 40), "{format:?}");
        assert_eq!(picture.thumb, None);
        assert!(close(seen(&picture.bytes).get_pixel(4, 4), RED), "{format:?}");
        let drawn = matches!(format, ImageFormat::Png | ImageFormat::Gif);
        assert_eq!(picture.mime, if drawn { "image/png" } else { "image/jpeg" }, "{format:?}");
        assert_eq!(image::guess_format(&picture.bytes).unwrap().to_mime_type(), picture.mime);
        assert_eq!(picture.blurhash.len(), 28);
    }
}

#[test]
fn a_photo_saved_as_png_becomes_a_jpeg() {
    let picture = prepare_picture(&file(&noise(200, 100), ImageFormat::Png)).unwrap();
    assert_eq!(picture.mime, "image/jpeg");
}

#[test]
fn see_through_stays_see_through_and_full_alpha_is_dropped() {
    let clear = RgbaImage::from_fn(900, 300, |x, _| Rgba([200, 0, 0, if x < 450 { 0 } else { 255 }]));
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let picture = prepare_picture(&file(&DynamicImage::ImageRgba8(clear.clone()), format)).unwrap();
        assert_eq!(picture.mime, "image/png");
        assert_eq!(seen(&picture.bytes).get_pixel(10, 10).0[3], 0);
        let thumb = seen(picture.thumb.as_deref().unwrap());
        assert_eq!((thumb.width(), thumb.height(), thumb.get_pixel(10, 10).0[3]), (640, 213, 0));
    }
    let full = DynamicImage::ImageRgba8(noise(64, 64).into_rgba8());
    assert_eq!(prepare_picture(&file(&full, ImageFormat::WebP)).unwrap().mime, "image/jpeg");
    let deep = DynamicImage::ImageRgba16(noise(64, 64).into_rgba16());
    assert_eq!(prepare_picture(&file(&deep, ImageFormat::Png)).unwrap().mime, "image/jpeg");
    let grey = DynamicImage::ImageLuma8(noise(64, 64).into_luma8());
    assert_eq!(prepare_picture(&file(&grey, ImageFormat::Jpeg)).unwrap().mime, "image/jpeg");
}

#[test]
fn an_animation_gives_its_first_picture() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for colour in [RED, GREEN, BLUE] {
        let [red, green, blue] = colour;
        encoder.encode_frame(Frame::new(RgbaImage::from_pixel(30, 20, Rgba([red, green, blue, 255])))).unwrap();
    }
    drop(encoder);
    let picture = prepare_picture(&bytes).unwrap();
    assert_eq!((picture.width, picture.height), (30, 20));
    assert!(seen(&picture.bytes).pixels().all(|pixel| close(pixel, RED)));
}

#[test]
fn a_large_picture_is_scaled_down() {
    let picture = prepare_picture(&file(&quarters(5_000, 250), ImageFormat::Jpeg)).unwrap();
    assert_eq!((picture.width, picture.height), (4_096, 205));
    assert_eq!(seen(&picture.bytes).dimensions(), (4_096, 205));
    let thumb = seen(picture.thumb.as_deref().unwrap());
    assert_eq!(thumb.dimensions(), (640, 32));
    let thread = prepare_picture(&file(&quarters(limits::PICTURE_SIDE_PX, 1), ImageFormat::Png)).unwrap();
    assert_eq!((thread.width, thread.height), (4_096, 1));
}

#[test]
fn a_photo_of_48_megapixels_is_shared_at_the_size_of_others() {
    let file = photo(&quarters(8_064, 6_048), 6);
    let picture = prepare_picture(&file).unwrap();
    assert_eq!((picture.width, picture.height), (3_072, 4_096));
    let seen = seen(&picture.bytes);
    assert_eq!(seen.dimensions(), (3_072, 4_096));
    assert!(u64::from(seen.width() * seen.height()) * 4 <= limits::PICTURE_DECODED_BYTES);
    // Turned a quarter clockwise, and as sharp in the middle as it was.
    for (at, colour) in [((8, 8), BLUE), ((3_064, 8), RED), ((8, 4_088), WHITE), ((3_064, 4_088), GREEN)] {
        assert!(close(seen.get_pixel(at.0, at.1), colour), "{at:?}");
    }
    for (at, colour) in [((1_530, 2_040), BLUE), ((1_541, 2_040), RED), ((1_530, 2_055), WHITE)] {
        assert!(close(seen.get_pixel(at.0, at.1), colour), "{at:?}");
    }
}

#[test]
fn scaling_in_strips_gives_what_scaling_at_once_gives() {
    // More rows and columns than one strip holds.
    let picture = noise(3_000, 1_500);
    let at_once = picture.resize_exact(1_000, 500, FilterType::CatmullRom).into_rgb8();
    let strips = fit(picture, 1_000).unwrap().into_rgb8();
    assert_eq!(strips.dimensions(), at_once.dimensions());
    let apart = strips.as_raw().iter().zip(at_once.as_raw()).map(|(one, other)| one.abs_diff(*other)).max();
    assert!(apart <= Some(2), "rounded once more, by {apart:?}");
}

/// The picture in a file with this profile.
fn with_profile(picture: &DynamicImage, profile: &ColorProfile, format: ImageFormat) -> Vec<u8> {
    let (mut bytes, profile) = (Vec::new(), profile.encode().unwrap());
    if format == ImageFormat::Png {
        let mut encoder = PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(profile).unwrap();
        picture.write_with_encoder(encoder).unwrap();
    } else {
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        encoder.set_icc_profile(profile).unwrap();
        picture.write_with_encoder(encoder).unwrap();
    }
    bytes
}

#[test]
fn colours_of_other_profiles_are_converted() {
    let plain = |colour: [u8; 3]| DynamicImage::ImageRgb8(RgbImage::from_pixel(40, 30, Rgb(colour)));
    let near = |pixel: &Rgba<u8>, colour: [u8; 3]| pixel.0.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 4);
    // sRGB (200, 100, 50) written as Display P3 and Adobe RGB: worked out from their primaries and curves.
    let written = [
        (ColorProfile::new_display_p3(), [187, 105, 62]),
        (ColorProfile::new_adobe_rgb(), [177, 100, 56]),
        (ColorProfile::new_srgb(), [200, 100, 50]),
    ];
    for (profile, colour) in written {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let picture = prepare_picture(&with_profile(&plain(colour), &profile, format)).unwrap();
            let seen = seen(&picture.bytes);
            assert!(near(seen.get_pixel(20, 15), [200, 100, 50]), "{format:?} {:?}", seen.get_pixel(20, 15));
            assert!(!has(&picture.bytes, b"ICC_PROFILE") && !has(&picture.bytes, b"iCCP"));
        }
    }
    // What is see-through stays so.
    let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(40, 30, Rgba([188, 105, 62, 100])));
    let file = with_profile(&clear, &ColorProfile::new_display_p3(), ImageFormat::Png);
    let picture = seen(&prepare_picture(&file).unwrap().bytes);
    assert!(near(picture.get_pixel(20, 15), [200, 100, 50]) && picture.get_pixel(20, 15).0[3] == 100);
    // Linear grey of a fifth looks like 124 on a screen.
    let grey = DynamicImage::ImageLuma8(image::GrayImage::from_pixel(40, 30, image::Luma([51])));
    let file = with_profile(&grey, &ColorProfile::new_gray_with_gamma(1.0), ImageFormat::Png);
    let picture = seen(&prepare_picture(&file).unwrap().bytes);
    assert!(near(picture.get_pixel(20, 15), [124, 124, 124]), "{:?}", picture.get_pixel(20, 15));
}

#[test]
fn a_broken_profile_or_one_of_other_channels_changes_nothing() {
    let plain = DynamicImage::ImageRgb8(RgbImage::from_pixel(40, 30, Rgb([188, 105, 62])));
    let kept = |profile: &[u8]| {
        let shown = to_srgb(plain.clone(), Some(profile), true);
        shown.into_rgb8().get_pixel(5, 5).0 == [188, 105, 62]
    };
    let good = ColorProfile::new_display_p3().encode().unwrap();
    assert!(!kept(&good), "the test's own profile counts");
    for end in [0, 1, 127, 128, 200] {
        assert!(kept(&good[..end]), "cut at {end}");
    }
    assert!(kept(&ColorProfile::new_gray_with_gamma(1.0).encode().unwrap()));
    assert!(kept(&[good.as_slice(), &[0; 4 * 1024 * 1024]].concat()), "too large to be read");
}

/// A PNG that claims a size and has next to no data.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let mut png = file(&quarters(1, 1), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    assert!(matches!(prepare_picture(&claims(1, 1)), Ok(Picture { width: 1, height: 1, .. })), "the test's own PNG");
    let too_large = [(50_000, 50_000), (30_000, 30_000), (16_000, 16_000), (16_385, 1), (1, 16_385), (16_384, 16_384)];
    for (width, height) in too_large {
        // In less memory than it claims: an allocation of gigabytes would not come back as this error.
        assert_eq!(prepare_picture(&claims(width, height)), Err(PictureError::TooLarge { width, height }));
    }
    // Within the limits, but cut off: not a panic, not a picture.
    assert_eq!(prepare_picture(&claims(4_000, 4_000)), Err(PictureError::Unreadable));
    assert_eq!(prepare_picture(&claims(8_000, 8_000)), Err(PictureError::Unreadable));
    // The same for a GIF's and a JPEG's header.
    let mut gif = file(&quarters(1, 1), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    assert_eq!(prepare_picture(&gif), Err(PictureError::TooLarge { width: 65_535, height: 65_535 }));
    let mut jpeg = file(&quarters(8, 8), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|window| window == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    assert_eq!(prepare_picture(&jpeg), Err(PictureError::TooLarge { width: 65_535, height: 65_535 }));
}

#[test]
fn a_file_too_large_is_not_even_looked_at() {
    let file = vec![0; limits::PICTURE_FILE_BYTES + 1];
    assert_eq!(prepare_picture(&file), Err(PictureError::FileTooLarge));
}

#[test]
fn garbage_and_other_formats_are_unreadable() {
    let others: [&[u8]; 7] =
        [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"BM", b"II*\0", b"\x89PNG\r\n\x1a\n", b"GIF89a"];
    for other in others {
        assert_eq!(prepare_picture(other), Err(PictureError::Unreadable), "{other:?}");
    }
}

#[test]
fn a_truncated_file_never_panics() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let whole = file(&noise(24, 16), format);
        for end in 0..whole.len() {
            // Some decoders make do with a lost end; what they give has the claimed size all the same.
            if let Ok(picture) = prepare_picture(&whole[..end]) {
                assert_eq!((picture.width, picture.height), (24, 16), "{format:?} cut at {end}");
            }
        }
        assert_eq!(prepare_picture(&whole[..20]), Err(PictureError::Unreadable), "{format:?}");
    }
}

static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let formats = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];
    let mut samples = formats.map(|format| file(&noise(24, 16), format)).to_vec();
    samples.push(photo(&quarters(24, 16), 6));
    samples
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn changed_bytes_never_panic(
        sample in 0_usize..5,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = SAMPLES[sample].clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(picture) = prepare_picture(&bytes) {
            prop_assert!(picture.width.max(picture.height) <= limits::PICTURE_SHARED_PX);
            prop_assert!(!has(&picture.bytes, b"SecretCamera"));
        }
    }

    #[test]
    fn random_bytes_are_unreadable(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(prepare_picture(&bytes), Err(PictureError::Unreadable));
    }
}
