//! Pictures of the demo, drawn by code: the same seed gives the same pixels.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

use crate::error::{Error, Result};

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scene {
    /// Sea, a low sun, sails.
    Harbour,
    /// Hills behind hills.
    Hills,
    /// A moon, stars, a dark shore.
    Night,
    /// Flowers on green.
    Garden,
    /// A pattern as of tiles.
    Tiles,
    /// Beside a name.
    Face,
}

type Colour = [f32; 3];

/// A PNG of this scene. `seed` varies colours and places.
///
/// # Errors
/// When it can't be encoded.
pub(super) fn paint(scene: Scene, seed: u32, width: u32, height: u32) -> Result<Vec<u8>> {
    let aspect = width as f32 / height.max(1) as f32;
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let at = (x as f32 / width as f32 * aspect, y as f32 / height as f32);
        let colour = match scene {
            Scene::Harbour => harbour(at, aspect, seed),
            Scene::Hills => hills(at, seed),
            Scene::Night => night(at, aspect, seed),
            Scene::Garden => garden(at, seed),
            Scene::Tiles => tiles(at, seed),
            Scene::Face => face(at, seed),
        };
        Rgb(colour.map(|part| (part.clamp(0.0, 1.0) * 255.0) as u8))
    });
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).map_err(|_| Error::Bug("a drawn picture was not encoded"))?;
    Ok(png.into_inner())
}

/// 0..1, the same for the same numbers.
fn chance(seed: u32, one: u32, other: u32) -> f32 {
    let mut hash = seed.wrapping_mul(0x9e37_79b1) ^ one.wrapping_mul(0x85eb_ca6b) ^ other.wrapping_mul(0xc2b2_ae35);
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(0x2c1b_3c6d);
    hash ^= hash >> 12;
    hash = hash.wrapping_mul(0x297a_2d39);
    hash ^= hash >> 15;
    (hash & 0xffff) as f32 / 65_535.0
}

fn mix(one: Colour, other: Colour, part: f32) -> Colour {
    let part = part.clamp(0.0, 1.0);
    std::array::from_fn(|at| {
        let (one, other) = (one.get(at).copied().unwrap_or_default(), other.get(at).copied().unwrap_or_default());
        one + (other - one) * part
    })
}

/// A colour of this hue, 0..1.
fn hue(hue: f32, saturation: f32, light: f32) -> Colour {
    [0.0, 8.0, 4.0].map(|shift| {
        let place = (shift + hue.fract() * 12.0) % 12.0;
        light - saturation * light.min(1.0 - light) * (place - 3.0).min(9.0 - place).clamp(-1.0, 1.0)
    })
}

fn far((x, y): (f32, f32), (to_x, to_y): (f32, f32)) -> f32 {
    (x - to_x).hypot(y - to_y)
}

fn harbour(at: (f32, f32), aspect: f32, seed: u32) -> Colour {
    let warm = hue(0.03 + chance(seed, 1, 0) * 0.08, 0.8, 0.68);
    let (sky, sea) = (hue(0.58 + chance(seed, 2, 0) * 0.12, 0.45, 0.45), hue(0.56, 0.5, 0.24));
    let sun = (aspect * (0.3 + chance(seed, 3, 0) * 0.4), 0.5);
    let glow = (1.0 - far(at, sun) * 1.6).max(0.0);
    let mut colour = if at.1 < 0.56 {
        mix(sky, warm, at.1 * 1.4 + glow * 0.5)
    } else {
        let wave = ((at.1 - 0.5) * 160.0 / (0.2 + at.1) + (at.0 * 22.0).sin()).sin() * 0.06;
        let shine = (1.0 - (at.0 - sun.0).abs() * 4.0).max(0.0) * 0.5;
        mix(sea, warm, shine + wave + (0.7 - at.1).max(0.0))
    };
    if far(at, sun) < 0.07 && at.1 < 0.56 {
        colour = [1.0, 0.93, 0.78];
    }
    for boat in 0..3_u32 {
        let (x, size) = (aspect * (0.12 + 0.32 * boat as f32 + chance(seed, 9, boat) * 0.1), 0.07 + 0.05 * boat as f32);
        let foot = 0.6 + 0.05 * boat as f32;
        let up = (foot - at.1) / size;
        let sail = (0.0..2.2).contains(&up) && at.0 > x && at.0 < x + size * 0.5 * (2.2 - up);
        let hull = (-0.35..0.0).contains(&up) && (at.0 - x - size * 0.4).abs() < size * (0.75 + up * 0.6);
        if sail {
            colour = mix([0.96, 0.94, 0.9], warm, 0.25);
        } else if hull {
            colour = [0.16, 0.13, 0.15];
        }
    }
    colour
}

fn hills(at: (f32, f32), seed: u32) -> Colour {
    let base = 0.28 + chance(seed, 1, 1) * 0.2;
    let mut colour = mix(hue(base + 0.3, 0.4, 0.72), hue(base + 0.55, 0.6, 0.86), at.1 * 1.6);
    for row in 0..5_u32 {
        let depth = row as f32 / 5.0;
        let shift = chance(seed, row, 7) * 9.0;
        let ridge = 0.32
            + depth * 0.5
            + (at.0 * (2.2 + chance(seed, row, 8) * 2.0) + shift).sin() * 0.07
            + (at.0 * 9.0 + shift * 2.0).sin() * 0.015;
        if at.1 > ridge {
            colour = hue(base + depth * 0.06, 0.28 + depth * 0.2, 0.62 - depth * 0.42);
        }
    }
    colour
}

fn night(at: (f32, f32), aspect: f32, seed: u32) -> Colour {
    let mut colour = mix([0.03, 0.04, 0.12], [0.16, 0.16, 0.34], at.1);
    let (column, line) = ((at.0 * 40.0) as u32, (at.1 * 40.0) as u32);
    let star = chance(seed, column, line);
    let place = ((column as f32 + 0.5) / 40.0, (line as f32 + 0.5) / 40.0);
    if star > 0.93 && far(at, place) < 0.004 * star {
        colour = [0.95, 0.95, 0.85];
    }
    let moon = (aspect * (0.2 + chance(seed, 4, 4) * 0.6), 0.28);
    colour = mix(colour, [0.6, 0.62, 0.8], (0.35 - far(at, moon)).max(0.0));
    if far(at, moon) < 0.1 {
        colour = mix([0.98, 0.96, 0.86], [0.8, 0.78, 0.7], far(at, (moon.0 + 0.03, moon.1 - 0.02)) * 6.0);
    }
    let shore = 0.78 + (at.0 * 3.0 + chance(seed, 5, 5) * 6.0).sin() * 0.05 + (at.0 * 31.0).sin() * 0.012;
    if at.1 > shore { [0.02, 0.03, 0.06] } else { colour }
}

fn garden(at: (f32, f32), seed: u32) -> Colour {
    let mut colour = mix(hue(0.31, 0.42, 0.36), hue(0.27, 0.5, 0.2), at.1 + (at.0 * 60.0).sin() * 0.05);
    for flower in 0..26_u32 {
        let place = (chance(seed, flower, 1) * 1.6, 0.08 + chance(seed, flower, 2) * 0.84);
        let size = 0.03 + chance(seed, flower, 3) * 0.05;
        let angle = (at.1 - place.1).atan2(at.0 - place.0);
        let petal = size * (0.7 + 0.3 * (angle * 5.0 + flower as f32).sin().abs());
        let away = far(at, place);
        if away < size * 0.28 {
            colour = [0.98, 0.82, 0.3];
        } else if away < petal {
            colour = mix(hue(chance(seed, flower, 4) * 0.35 + 0.75, 0.7, 0.62), [1.0, 1.0, 1.0], away / petal * 0.35);
        }
    }
    colour
}

fn tiles(at: (f32, f32), seed: u32) -> Colour {
    let (x, y) = (at.0 * 6.0, at.1 * 6.0);
    let (column, line) = (x as u32, y as u32);
    let turn = chance(seed, column, line) > 0.5;
    let (x, y) = (x.fract(), y.fract());
    let (one, other) = if turn {
        (far((x, y), (0.0, 0.0)), far((x, y), (1.0, 1.0)))
    } else {
        (far((x, y), (1.0, 0.0)), far((x, y), (0.0, 1.0)))
    };
    let base = 0.5 + chance(seed, 0, 0) * 0.4;
    let band = |away: f32| (away - 0.5).abs() < 0.14;
    if x < 0.02 || y < 0.02 {
        hue(base, 0.2, 0.75)
    } else if band(one) || band(other) {
        hue(base, 0.6, 0.4)
    } else {
        hue(base + 0.5, 0.35, 0.92)
    }
}

fn face(at: (f32, f32), seed: u32) -> Colour {
    let base = chance(seed, 0, 1);
    let back = mix(hue(base, 0.55, 0.66), hue(base + 0.12, 0.6, 0.48), (at.0 + at.1) * 0.5);
    let coat = hue(base + 0.45, 0.45, 0.34);
    let skin = mix([0.98, 0.86, 0.74], [0.45, 0.29, 0.2], chance(seed, 0, 2));
    let hair = mix([0.14, 0.1, 0.09], [0.78, 0.62, 0.4], chance(seed, 0, 3) * chance(seed, 0, 4));
    let head = far((at.0, (at.1 - 0.44) * 0.86 + 0.44), (0.5, 0.44));
    let crown = far(at, (0.5, 0.38 - chance(seed, 0, 5) * 0.03));
    if head < 0.19 && at.1 > 0.33 + (at.0 * 14.0 + base * 9.0).sin() * 0.02 {
        skin
    } else if crown < 0.235 + chance(seed, 0, 6) * 0.03 && at.1 < 0.46 + chance(seed, 0, 7) * 0.2 {
        hair
    } else if (at.0 - 0.5).abs() < 0.07 && (0.55..0.72).contains(&at.1) {
        mix(skin, [0.0, 0.0, 0.0], 0.12)
    } else if far((at.0 * 0.86 + 0.07, at.1), (0.5, 1.02)) < 0.34 {
        coat
    } else {
        back
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_picture_and_another_seed_another() {
        for scene in [Scene::Harbour, Scene::Hills, Scene::Night, Scene::Garden, Scene::Tiles, Scene::Face] {
            let drawn = paint(scene, 1, 64, 48).unwrap();
            assert_eq!(drawn, paint(scene, 1, 64, 48).unwrap(), "{scene:?}");
            assert_ne!(drawn, paint(scene, 2, 64, 48).unwrap(), "{scene:?}");
            let read = image::load_from_memory(&drawn).unwrap();
            assert_eq!((read.width(), read.height()), (64, 48));
        }
    }
}
