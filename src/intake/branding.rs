//! The authority's own look, and what its pages say of it. All else is the same for every authority.

use std::fmt;

use bytes::Bytes;
use konvolutt_letter::{hex, unhex};

use crate::form::Text;

const STYLE: &str = include_str!("../../templates/style.css");

/// What pages load of it, made once at the start.
#[derive(Debug, Clone)]
pub struct Branding {
    /// The stylesheet, with the authority's colours at its end.
    pub(super) style: Bytes,
    /// The picture beside the name.
    pub(super) logo: Option<Logo>,
    /// What stands at the foot.
    pub(super) imprint: Imprint,
}

/// By which people see whose pages these are, in each language; empty where the authority has not said it.
#[derive(Debug, Clone, Default)]
pub struct Imprint {
    /// Postal address.
    pub address: Text,
    /// Address of its own site.
    pub site: Text,
    /// Address of its accessibility statement.
    pub accessibility: Text,
}

/// A picture that cannot act.
#[derive(Debug, Clone)]
pub struct Logo {
    /// Media type.
    pub kind: &'static str,
    /// The file.
    pub bytes: Bytes,
}

impl Branding {
    /// A look with these colours of headings and buttons, light and dark, instead of the built-in ones.
    pub fn new((light, dark): (Option<Colour>, Option<Colour>), logo: Option<Logo>, imprint: Imprint) -> Self {
        let rule = |accent: Colour| format!(":root {{ --accent: {accent}; --on-accent: {} }}\n", accent.ink());
        let mut style = STYLE.to_owned();
        style.extend(light.map(rule));
        // Written again: a light accent alone would else stand after the dark scheme's own and win over it.
        let dark = dark.or(light.map(|_| Colour::DARK_ACCENT)).map(rule);
        style.extend(dark.map(|rule| format!("@media (prefers-color-scheme: dark) {{ {rule}}}\n")));
        Self {
            style: style.into(),
            logo,
            imprint,
        }
    }
}

/// A colour of the screen, `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

impl Colour {
    /// Behind everything in the light scheme: the softest ground, on which contrast is least.
    pub const LIGHT_GROUND: Self = Self([0xf1, 0xf4, 0xf8]);
    /// The same in the dark scheme.
    pub const DARK_GROUND: Self = Self([0x1c, 0x24, 0x2e]);
    const DARK_ACCENT: Self = Self([0xa9, 0xcc, 0xf7]);
    const WHITE: Self = Self([0xff; 3]);
    const INK: Self = Self([0x0b, 0x15, 0x22]);

    /// Reads `#rrggbb`.
    pub fn parse(text: &str) -> Option<Self> {
        unhex(text.strip_prefix('#')?.as_bytes()).map(Self)
    }

    /// Contrast between two colours (WCAG 2, from 1 to 21).
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// What reads best on this colour.
    fn ink(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::INK) {
            Self::WHITE
        } else {
            Self::INK
        }
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", hex(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Colours of the stylesheet, of one scheme.
    fn tokens(scheme: &str) -> Vec<(String, Colour)> {
        let parts: Vec<_> = STYLE.split(":root {").collect();
        let block = parts[if scheme == "dark" { 2 } else { 1 }].split('}').next().unwrap();
        let lines = block
            .lines()
            .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "));
        let long = |text: &str| match text.len() {
            4 => text
                .chars()
                .skip(1)
                .fold("#".to_owned(), |all, c| all + &format!("{c}{c}")),
            _ => text.to_owned(),
        };
        let read = |(name, value): (&str, &str)| {
            let value = value.split(';').next().unwrap();
            Some((name.to_owned(), Colour::parse(&long(value))?))
        };
        lines.filter_map(read).collect()
    }

    #[test]
    fn contrast_is_computed_as_wcag_has_it() {
        let colour = |text| Colour::parse(text).unwrap();
        assert!((colour("#000000").contrast(Colour::WHITE) - 21.0).abs() < 0.01);
        assert!((colour("#767676").contrast(Colour::WHITE) - 4.54).abs() < 0.01);
        assert!((colour("#00244e").contrast(Colour::WHITE) - 15.4).abs() < 0.1);
        assert_eq!(Colour::parse("#00244"), None);
        assert_eq!(Colour::parse("#00244g"), None);
    }

    #[test]
    fn what_stands_on_a_colour_can_be_read() {
        // The worst grey for both inks, and the ends.
        for text in ["#000000", "#ffffff", "#777777", "#ffd400", "#00244e", "#d40000"] {
            let colour = Colour::parse(text).unwrap();
            let (ink, other) = match colour.ink() {
                Colour::WHITE => (Colour::WHITE, Colour::INK),
                ink => (ink, Colour::WHITE),
            };
            assert!(colour.contrast(ink) >= colour.contrast(other), "{text}");
            assert!(colour.contrast(ink) >= 4.0, "{text}: {:.2}", colour.contrast(ink));
            assert_eq!(colour.to_string(), text);
        }
    }

    #[test]
    fn own_colours_come_last_in_both_schemes() {
        let style = |light: Option<&str>, dark: Option<&str>| {
            let colour = |text: &str| Colour::parse(text).unwrap();
            let branding = Branding::new((light.map(colour), dark.map(colour)), None, Imprint::default());
            String::from_utf8(branding.style.to_vec()).unwrap()[STYLE.len()..].to_owned()
        };
        assert_eq!(style(None, None), "");
        let light = style(Some("#00244e"), None);
        assert!(
            light.starts_with(":root { --accent: #00244e; --on-accent: #ffffff }"),
            "{light}"
        );
        assert!(
            light.contains("(prefers-color-scheme: dark) { :root { --accent: #a9ccf7;"),
            "{light}"
        );
        let dark = style(None, Some("#ffd400"));
        assert!(dark.starts_with("@media (prefers-color-scheme: dark)"), "{dark}");
        assert!(dark.contains("--accent: #ffd400; --on-accent: #0b1522"), "{dark}");
    }

    /// Text 4.5:1 and borders 3:1, on both grounds, in both schemes.
    #[test]
    fn every_token_can_be_read() {
        for scheme in ["light", "dark"] {
            let tokens = tokens(scheme);
            let token = |name: &str| tokens.iter().find(|(own, _)| own == name).unwrap().1;
            for ground in [token("paper"), token("soft")] {
                for name in ["ink", "quiet", "accent", "link", "bad", "good"] {
                    let contrast = token(name).contrast(ground);
                    assert!(contrast >= 4.5, "{scheme} {name}: {contrast:.2}");
                }
                for name in ["line", "ring", "leave"] {
                    let contrast = token(name).contrast(ground);
                    assert!(contrast >= 3.0, "{scheme} {name}: {contrast:.2}");
                }
            }
            for (ink, ground) in [("on-accent", "accent"), ("on-leave", "leave")] {
                assert!(token(ink).contrast(token(ground)) >= 4.5, "{scheme} {ink}");
            }
            let ground = if scheme == "dark" {
                Colour::DARK_GROUND
            } else {
                Colour::LIGHT_GROUND
            };
            assert_eq!(ground, token("soft"), "{scheme}");
        }
    }
}
