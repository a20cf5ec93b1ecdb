//! A letter as a document for an archive: PDF/A-2a and PDF/UA-1 at once.
//!
//! Comes in: an opened letter. Goes out: a file that shows the same everywhere and for ever, and is read aloud in order. What
//! always holds: the same letter makes the same bytes; what was typed cannot look like ours; what cannot be shown is named;
//! nothing that a citizen wrote is the file's title.
//!
//! ```text
//! content, parts ──▶ flow ──▶ draw ──▶ bytes
//!   what and in       pages    krilla, outline, tags
//!   which order        │
//!                     wrap, tokens, font: lines of signs
//! ```

mod content;
mod date;
mod draw;
mod flow;
mod font;
mod frame;
mod outline;
mod parts;
mod sheet;
mod styles;
mod tokens;
mod tree;
mod wrap;

use self::content::Content;
use self::draw::{About, Rules, draw};
use self::flow::Flow;
use self::font::Fonts;
use self::sheet::Ink;
use self::wrap::Setter;
use crate::desk::reading::Reading;
use crate::i18n::Lang;
use crate::i18n::desk::document::TEXTS;
use crate::i18n::letters::code;
use crate::judged::Verdict;
use crate::status::Kind;

/// The licence of the fonts that are built in, and whose they are.
pub const FONT_LICENCE: &str = include_str!("../../../../fonts/OFL.txt");

/// A letter as a document. It has no `Debug`: it is what a citizen wrote.
pub struct Document {
    /// The file.
    pub bytes: Vec<u8>,
    /// Characters that it names instead of showing them, in the order of their numbers.
    pub missing: Vec<char>,
}

/// No document was made. It does not say what of the letter stood in the way: that would be the citizen's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// The fonts that are built in cannot be read.
    #[error("the built-in fonts cannot be read")]
    Fonts,
    /// The writer refused: something breaks a rule of PDF/A or PDF/UA.
    #[error("the letter cannot be written by the rules of PDF/A and PDF/UA")]
    Refused,
}

impl PdfError {
    /// For the clerk.
    pub const fn sentence(self, lang: Lang) -> &'static str {
        TEXTS.of(lang).refused
    }
}

/// The document of a letter, in the clerk's language. Of a mail that is no letter it says so, and no more.
///
/// # Errors
/// [`PdfError`]
pub fn letter_pdf(reading: &Reading, lang: Lang) -> Result<Document, PdfError> {
    document(reading, lang, Rules::Archive)
}

/// The same pages as PDF/A-1b, which a validator of Debian knows. For tests alone: it cannot be read aloud.
///
/// # Errors
/// [`PdfError`]
#[doc(hidden)]
pub fn letter_pdf_by_the_oldest_rules(reading: &Reading, lang: Lang) -> Result<Document, PdfError> {
    document(reading, lang, Rules::Oldest)
}

fn document(reading: &Reading, lang: Lang, rules: Rules) -> Result<Document, PdfError> {
    let fonts = Fonts::new().ok_or(PdfError::Fonts)?;
    let mut flow = Flow::new(Setter::new(fonts));
    Content::new(reading, lang).set(&mut flow);
    let Flow {
        mut setter,
        tree,
        sheets,
        marks,
        ..
    } = flow;
    let about = about(reading, lang);
    let bytes = draw(&sheets, &tree, &marks, &about, &mut setter, rules).ok_or(PdfError::Refused)?;
    let missing = setter.tokens.missing.into_iter().collect();
    Ok(Document { bytes, missing })
}

fn about(reading: &Reading, lang: Lang) -> About {
    let (status, texts) = (&reading.status, TEXTS.of(lang));
    let is_mail = status.kind == Kind::Mail;
    let foot = if is_mail {
        texts.verdicts.mail
    } else {
        texts.verdict(status.verdict)
    };
    // Whoever is not the form must not write at the head of our pages.
    let genuine = !is_mail && status.verdict == Verdict::Genuine;
    let said = |word: &Option<String>| word.clone().filter(|word| genuine && !word.is_empty());
    let reference = status.reference.clone();
    let ours = (!genuine).then(|| foot.to_owned());
    let head = [
        said(&status.authority),
        said(&status.form_title),
        ours,
        reference.clone(),
    ];
    let at = status.received.as_deref().and_then(date::received);
    let at = at.or_else(|| reading.date.as_deref().and_then(date::received));
    About {
        head: head.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        foot: foot.into(),
        foot_ink: match status.verdict {
            Verdict::Genuine if !is_mail => Ink::Good,
            verdict if verdict.is_forgery() && !is_mail => Ink::Bad,
            _ => Ink::Quiet,
        },
        page: texts.page,
        title: reference.unwrap_or_else(|| if is_mail { texts.mail } else { texts.letter }.into()),
        lang: code(lang),
        date: date::of_file(at.as_ref()),
        id: status.sha256.clone(),
    }
}
