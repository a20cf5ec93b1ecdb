//! The authority's logo and colours, and what the foot of its pages says.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::inspector::Inspector;
use super::overrides::Role;
use crate::diagnostic::{Diagnostic, Table};
use crate::form::Text;
use crate::i18n::Lang;
use crate::intake::{Branding, Colour, Imprint, Logo};

/// Readable text (WCAG 1.4.3): headings and buttons have this colour.
const CONTRAST: f64 = 4.5;
/// A logo is smaller; a larger one keeps people on slow connections waiting.
const LARGEST: u64 = 100 * 1024;

pub(super) struct AuthoritySection {
    pub(super) name: Name,
    pub(super) time_zone: String,
    pub(super) letter_language: Option<String>,
    /// Whether it belongs to the state; `None` where nobody said so.
    pub(super) state_body: Option<bool>,
    pub(super) logo: Option<PathBuf>,
    pub(super) accent: Option<String>,
    pub(super) accent_dark: Option<String>,
    pub(super) address: Option<Name>,
    pub(super) site: Option<Name>,
    pub(super) accessibility: Option<Name>,
}

impl AuthoritySection {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
        let read = Self {
            time_zone: table.string("time_zone").unwrap_or_else(|| "Europe/Oslo".to_owned()),
            letter_language: table.string("letter_language"),
            state_body: table.has("state_body").then(|| table.flag("state_body", true)),
            logo: table.path("logo"),
            accent: table.string("accent"),
            accent_dark: table.string("accent_dark"),
            address: Name::read_at(&mut table, "address"),
            site: Name::read_at(&mut table, "site"),
            accessibility: Name::read_at(&mut table, "accessibility"),
            name: Name::read(&mut table)?,
        };
        Some(read)
    }
}

/// A text, such as the name, that is the same in every language, or one for each.
pub(super) enum Name {
    Same(String),
    Each(Text),
}

impl Name {
    pub(super) fn read(table: &mut Table<'_>) -> Option<Self> {
        table.must_have("name");
        Self::read_at(table, "name")
    }

    fn read_at(table: &mut Table<'_>, key: &str) -> Option<Self> {
        if table.is_table(key) {
            let texts = table.texts(key)?;
            return Some(Self::Each(Text(texts.into_iter().collect())));
        }
        table.string(key).map(Self::Same)
    }

    /// In every language that is spoken, where it is the same in all.
    pub(super) fn text(&self) -> Text {
        match self {
            Name::Same(text) => Text::same(text, &Lang::spoken()),
            Name::Each(texts) => texts.clone(),
        }
    }

    /// For the operator, who reads every language.
    pub(super) fn any(&self) -> String {
        match self {
            Name::Same(name) => name.clone(),
            Name::Each(names) => names.0.values().next().cloned().unwrap_or_default(),
        }
    }
}

impl Inspector<'_> {
    /// The relay shows nothing: for it nothing of this is read.
    pub(super) fn look(&mut self, raw: &AuthoritySection) -> Branding {
        if self.role == Role::Relay {
            return Branding::new((None, None), None, Imprint::default());
        }
        let light = self.accent("authority.accent", raw.accent.as_deref(), Colour::LIGHT_GROUND);
        let dark = self.accent("authority.accent_dark", raw.accent_dark.as_deref(), Colour::DARK_GROUND);
        let logo = raw.logo.as_ref().and_then(|path| {
            let path = self.path(path);
            match logo(&path) {
                Ok(logo) => Some(logo),
                Err(what) => {
                    let what = format!("The logo {} cannot be used: {what}.", path.display());
                    let remedy = "Give an SVG without scripts and links, or a PNG, of at most 100 KiB.";
                    self.broken("authority.logo", what, remedy);
                    None
                }
            }
        });
        Branding::new((light, dark), logo, self.imprint(raw))
    }

    /// Pages without it work, but nobody can tell from them whose they are; and the law asks for the statement.
    fn imprint(&mut self, raw: &AuthoritySection) -> Imprint {
        let written = |name: &Option<Name>| name.as_ref().map(Name::text).unwrap_or_default();
        let imprint = Imprint {
            address: written(&raw.address),
            site: written(&raw.site),
            accessibility: written(&raw.accessibility),
        };
        for (key, text, missing, remedy) in [
            (
                "address",
                &imprint.address,
                "The foot of the pages has no postal address",
                "Write `address = \"Postboks 1, 8002 Bodø\"` under [authority], or one for each language.",
            ),
            (
                "site",
                &imprint.site,
                "The foot of the pages has no link to the authority's own site, by which people see that a page is real",
                "Write `site = \"https://www.example.no/\"` under [authority].",
            ),
            (
                "accessibility",
                &imprint.accessibility,
                "The foot of the pages has no link to the accessibility statement, which a public site must have",
                "Make one at uustatus.no (docs/accessibility.md has a draft), and write `accessibility = \"https://…\"` under [authority].",
            ),
        ] {
            if *text == Text::default() {
                self.tell(
                    &format!("authority.{key}"),
                    Diagnostic::warning(format!("{missing}."), remedy),
                );
            } else if key != "address" {
                self.leads_to_a_site(key, text);
            }
        }
        imprint
    }

    fn leads_to_a_site(&mut self, key: &str, text: &Text) {
        let is_address = |link: &String| {
            link.len() > "https://".len()
                && link.starts_with("https://")
                && link.bytes().all(|byte| byte.is_ascii_graphic())
        };
        for link in text.0.values().filter(|link| !is_address(link)) {
            let what = format!("{link:?} is not a web address.");
            self.broken(
                &format!("authority.{key}"),
                what,
                "Write the full address, such as `https://www.example.no/`.",
            );
        }
    }

    fn accent(&mut self, key: &str, text: Option<&str>, ground: Colour) -> Option<Colour> {
        let text = text?;
        let Some(colour) = Colour::parse(text) else {
            self.broken(key, format!("{text:?} is not a colour."), "Write it as `#00244e`.");
            return None;
        };
        let contrast = colour.contrast(ground);
        if contrast < CONTRAST {
            let what = format!("{text} is hard to read on our ground: its contrast is {contrast:.1} to 1.");
            self.broken(key, what, "Choose a colour with 4.5 to 1 or more (WCAG 1.4.3).");
            return None;
        }
        self.tell(
            key,
            Diagnostic::good(format!("colour {text}, contrast {contrast:.1} to 1")),
        );
        Some(colour)
    }
}

/// Only kinds that we know, told by their first bytes and not by their name.
fn logo(path: &Path) -> Result<Logo, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    if read.map_err(|error| error.to_string())? as u64 > LARGEST {
        return Err("it is too large".to_owned());
    }
    let kind = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        "image/png"
    } else {
        quiet_svg(&String::from_utf8_lossy(&bytes))?;
        "image/svg+xml"
    };
    let bytes = bytes.into();
    Ok(Logo { kind, bytes })
}

/// As a picture on a page an SVG runs no script anyway, but its address can be opened by itself.
fn quiet_svg(text: &str) -> Result<(), String> {
    let text = text.to_ascii_lowercase();
    if !text.contains("<svg") {
        return Err("it is neither SVG nor PNG".to_owned());
    }
    let loud = [
        "<script",
        "<foreignobject",
        "<!entity",
        "javascript:",
        "href=\"http",
        " onload",
    ];
    match loud.into_iter().find(|word| text.contains(word)) {
        Some(word) => Err(format!("it holds `{}`", word.trim())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_cannot_act() {
        assert!(quiet_svg("<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0\"/></svg>").is_ok());
        for loud in [
            "<svg><script>x</script></svg>",
            "<svg onload=\"x\"/>",
            "<svg><use href=\"https://a.example/x\"/></svg>",
            "GIF89a",
        ] {
            assert!(quiet_svg(loud).is_err(), "{loud}");
        }
    }
}
