//! Holds the token table: all themes are complete, the two dark blocks agree, and every pair that carries meaning
//! has enough contrast (WCAG 2.2: 4.5:1 for text, 3:1 for parts of controls).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("tokens.css");
const STYLES: &str = include_str!("app.css");

const TEXT: [(&str, &str); 25] = [
    ("text", "bg"),
    ("text", "surface"),
    ("text", "raised"),
    ("text", "sunken"),
    ("muted", "bg"),
    ("muted", "surface"),
    ("muted", "sunken"),
    ("link", "bg"),
    ("link", "surface"),
    ("link", "accent-soft"),
    ("danger", "surface"),
    ("danger", "raised"),
    ("danger", "sunken"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-accent-soft", "accent-soft"),
    ("on-danger", "danger"),
    ("on-danger-soft", "danger-soft"),
    ("bg", "text"),
    ("on-face", "face-0"),
    ("on-face", "face-1"),
    ("on-face", "face-2"),
    ("on-face", "face-3"),
    ("on-face", "face-4"),
    ("on-face", "face-5"),
];
const PARTS: [(&str, &str); 8] = [
    ("border", "bg"),
    ("border", "surface"),
    ("border", "sunken"),
    ("focus", "bg"),
    ("focus", "surface"),
    ("accent-line", "surface"),
    ("accent-line", "accent-soft"),
    ("good", "surface"),
];

fn block(from: &str, to: &str) -> BTreeMap<String, String> {
    let start = TOKENS.find(from).unwrap() + from.len();
    let end = start + TOKENS[start..].find(to).unwrap();
    TOKENS[start..end]
        .split([';', '{', '}'])
        .filter_map(|line| line.trim().strip_prefix("--"))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

fn light() -> BTreeMap<String, String> {
    block(".kith {", "/* dark */")
}

fn dark() -> BTreeMap<String, String> {
    block("/* dark */", "/* end of dark */")
}

/// Dark, and what black has in its place.
fn black() -> BTreeMap<String, String> {
    let mut tokens = dark();
    tokens.extend(block("/* black:", "/* end of black */"));
    tokens
}

fn luminance(colour: &str) -> f64 {
    let hex = colour.strip_prefix('#').unwrap_or_else(|| panic!("{colour} is no #rrggbb"));
    let channel = |at: usize| {
        let v = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_theme_passes_the_contrast_test() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
    let mut low = Vec::new();
    for (theme, tokens) in [("light", light()), ("dark", dark()), ("black", black())] {
        for (pairs, least) in [(TEXT.as_slice(), 4.5), (PARTS.as_slice(), 3.0)] {
            for (front, back) in pairs {
                let ratio = contrast(&tokens[*front], &tokens[*back]);
                if ratio < least {
                    low.push(format!("{theme}: {front} on {back} {ratio:.2} < {least}"));
                }
            }
        }
    }
    assert!(low.is_empty(), "{low:#?}");
}

#[test]
fn the_dark_theme_changes_every_colour_and_stands_the_same_twice() {
    let (light, dark) = (light(), dark());
    let system = block("/* end of dark */", "/* end of system dark */");
    assert_eq!(dark, system);
    for (name, value) in &light {
        if value.starts_with('#') || value.starts_with("rgba") {
            assert!(dark.contains_key(name), "--{name} has no dark value");
        }
    }
    for name in dark.keys() {
        assert!(light.contains_key(name), "--{name} has no light value");
    }
}

#[test]
fn styles_use_tokens_that_exist() {
    let tokens = light();
    for (at, _) in STYLES.match_indices("var(--") {
        let name = STYLES[at + 6..].split([')', ',']).next().unwrap().trim();
        assert!(tokens.contains_key(name) || matches!(name, "depth" | "of"), "--{name} is no token");
    }
}

#[test]
fn black_is_black_and_changes_what_dark_has() {
    let (dark, own) = (dark(), block("/* black:", "/* end of black */"));
    assert_eq!((own["bg"].as_str(), own["surface"].as_str()), ("#000000", "#000000"));
    assert!(own.iter().all(|(name, value)| dark.get(name).is_some_and(|dark| dark != value)), "{own:?}");
}

#[test]
fn text_grows_from_85_to_200_hundredths_by_rem() {
    let scale = |size: &str| {
        let rule = format!(".kith[data-size=\"{size}\"] {{ --scale: ");
        let Some(start) = TOKENS.find(&rule) else { return 1.0 };
        TOKENS[start + rule.len()..].split(';').next().unwrap().parse::<f64>().unwrap()
    };
    let sizes = crate::settings::SIZES.map(|(size, _)| (size.parse::<f64>().unwrap(), scale(size)));
    assert!(sizes.iter().all(|(size, scale)| (size / 100.0 - scale).abs() < 0.001), "{sizes:?}");
    assert_eq!((sizes[0].0, sizes[sizes.len() - 1].0), (85.0, 200.0));
    let types: Vec<_> = light().into_iter().filter(|(name, _)| name.starts_with("type-")).collect();
    assert!(types.len() > 5 && types.iter().all(|(_, size)| size.contains("rem * var(--scale)")), "{types:?}");
}

#[test]
fn motion_can_be_switched_off_and_faces_have_grounds() {
    // By the system or by the user: the same rules.
    let start = STYLES.find("@media (prefers-reduced-motion: reduce) {\n").unwrap();
    let system: Vec<_> = STYLES[start..].lines().skip(1).take_while(|line| *line != "}").map(str::trim).collect();
    assert_eq!(system.len(), 2);
    for rule in system {
        assert!(STYLES.contains(&rule.replace(".kith", ".kith[data-motion=\"less\"]")), "{rule}");
    }
    let faces = light().keys().filter(|name| name.starts_with("face-")).count();
    assert_eq!(faces, usize::from(crate::avatar::FACES));
}
