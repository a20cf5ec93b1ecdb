//! Languages and the program's own texts.
//!
//! One [`Catalog`] per language, a plain struct: a text that is missing in bokmål, nynorsk or English does not compile,
//! and one that is missing in a file of texts ([`load()`]) is lent by bokmål and told by `check`. A request carries its
//! language; nothing else says which one is spoken. Nothing asks *which* language it is: what differs stands in [`Language`].

mod en;

mod head;
mod lang;
mod language;
mod load;
mod nb;
mod nn;
mod numbers;
mod places;
mod plural;
mod plural_rule;

pub use konvolutt_letter::fill;
pub use lang::{FileTexts, Lang, lacking, speak};
pub use language::{Direction, Language};
pub use load::load;
pub use numbers::{number, size, size_up};
pub use plural::Plural;
pub use plural_rule::PluralRule;

/// The texts that are constants of the program, in the order in which their languages are offered. Bokmål is the model of
/// all others: a text that one lacks, or a place in it, is judged by bokmål.
static BUILT_IN: &[&Catalog] = &[&nb::CATALOG, &nn::CATALOG, &en::CATALOG];

impl Lang {
    /// Norwegian bokmål.
    pub const NB: Lang = nb::LANG;
    /// Norwegian nynorsk.
    pub const NN: Lang = nn::LANG;
    /// English.
    pub const EN: Lang = en::LANG;
}

/// Makes of the list of texts the struct, and the two ways to go through it.
macro_rules! catalog {
    ($(#[$about:meta])* pub struct Catalog { pub lang: Lang, $($(#[doc = $doc:literal])* pub $name:ident: $kind:ty,)* }) => {
        $(#[$about])*
        pub struct Catalog { pub lang: Lang, $($(#[doc = $doc])* pub $name: $kind,)* }

        impl Catalog {
            /// Every text with its name and what is to be known of it, in the order of the struct.
            pub fn each(&self, mut see: impl FnMut(&'static str, &'static [&'static str], Entry)) {
                $(see(stringify!($name), &[$($doc),*], self.$name.into());)*
            }

            fn out_of(lang: Lang, source: &mut load::Source<'_>) -> Self {
                Self { lang, $($name: load::Taken::take(source, stringify!($name), nb::CATALOG.$name),)* }
            }
        }
    };
}

/// What a catalog holds under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// One text.
    Text(&'static str),
    /// A text with a count in it.
    Plural(Plural),
}

impl From<&'static str> for Entry {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

impl From<Plural> for Entry {
    fn from(text: Plural) -> Self {
        Self::Plural(text)
    }
}

catalog! {
/// The program's own texts in one language.
///
/// Places in braces are filled by [`fill()`]. Sentences end with a full stop, labels and buttons do not.
#[derive(Debug)]
#[allow(missing_docs)] // the names say it; a doc line would only repeat the text
pub struct Catalog {
    pub lang: Lang,

    // Every page
    /// Skip link.
    pub skip: &'static str,
    /// The exit link, short: the reader is in a hurry.
    pub exit: &'static str,
    /// Hidden words read before the exit link: that it leaves this site at once.
    pub exit_hidden: &'static str,
    /// Accessible name of the language switch.
    pub languages: &'static str,

    // List of forms
    pub list_title: &'static str,
    pub list_intro: &'static str,

    // The form
    /// Mark of a field that must be answered.
    pub must_fill: &'static str,
    /// Mark of a field that may be left empty.
    pub optional: &'static str,
    /// Where fewer questions are marked as such: only those must be answered.
    pub only_must: &'static str,
    /// Where fewer questions may be left empty.
    pub all_but_optional: &'static str,
    /// `{n}` characters at most.
    pub max_chars: Plural,
    /// First entry of a drop-down.
    pub choose: &'static str,
    /// `{n}` files at most, `{size}` together.
    pub files_limit: Plural,
    /// Which `{types}` of files are taken.
    pub files_types: &'static str,
    /// All are.
    pub files_of_any_type: &'static str,
    /// Before sending: if something must be corrected, files have to be chosen again.
    pub files_again_before: &'static str,
    /// After a problem or a change of language, shown at the file field: files must be chosen again now.
    pub files_again_now: &'static str,
    /// Beside a box that only programs see, for whoever sees it all the same.
    pub leave_empty: &'static str,
    pub send: &'static str,
    /// The button that shows the answers before they can be sent.
    pub review: &'static str,
    /// Above the answers.
    pub review_heading: &'static str,
    /// Leads from an answer to its question.
    pub review_change: &'static str,
    /// In place of an answer.
    pub review_nothing: &'static str,
    /// The net or the server did not give the answers back.
    pub review_failed: &'static str,
    /// Above the heading of a step: this is the `{n}`th of `{all}`.
    pub step_of: &'static str,
    /// Leads to the step after this one.
    pub step_next: &'static str,
    /// Leads to the step before this one.
    pub step_back: &'static str,
    /// Beside the button: large files take time; pressing twice still makes one message.
    pub send_wait: &'static str,
    /// Opens the advice on safety.
    pub safety_link: &'static str,
    /// Before the questions, in a few points: what the exit does, what stays, what is `{kept}`, what nobody can
    /// hide.
    pub before_text: &'static str,
    /// What stands for `kept`: nothing of what is typed stays.
    pub kept_nothing: &'static str,
    /// The same, where the form lets browsers fill in e-mail address, telephone number and postal code.
    pub kept_by_browser: &'static str,
    /// Above the questions: what deletes all that was typed.
    pub lost_by_leaving: &'static str,
    /// The same of a form in steps, where going back loses nothing.
    pub lost_by_leaving_steps: &'static str,
    pub before_heading: &'static str,
    /// Opens what is said of encryption.
    pub encryption_link: &'static str,
    /// Short sentence beside the send button on what happens: sealed at once, only the post room can open.
    pub sealed_note: &'static str,
    /// `{date}` the facts were last checked.
    pub checked: &'static str,
    /// Heading over the telephone numbers.
    pub phones: &'static str,
    /// Link from the buttons at the top to all telephone numbers.
    pub more_phones: &'static str,
    /// Heading over the other ways in.
    pub other_ways: &'static str,
    /// The three boxes of a date.
    pub day: &'static str,
    pub month: &'static str,
    pub year: &'static str,

    // Problems
    /// Prefix of the page title and, hidden, of each problem: «Feil: » with the blank.
    pub error_prefix: &'static str,
    /// Heading of the list of `{n}` problems.
    pub problems: Plural,
    /// Below the heading: nothing was sent, what was typed is still here.
    pub problems_kept: &'static str,
    /// `{label}` must be written. Key word of the label first.
    pub fill_in: &'static str,
    /// `{label}` is a date that must be written.
    pub fill_in_date: &'static str,
    /// `{label}` must be chosen.
    pub choose_one: &'static str,
    /// `{label}` needs a file.
    pub choose_file: &'static str,
    /// `{label}` may have `{max}` characters and has `{n}`.
    pub too_long: &'static str,
    /// `{label}`: what to write: a whole e-mail address, such as `navn@eksempel.no`.
    pub bad_email: &'static str,
    /// `{label}`: the address has no ending, such as `.no`.
    pub bad_email_ending: &'static str,
    /// `{label}`: what to write: 8 digits; a foreign number begins with `+`.
    pub bad_phone: &'static str,
    /// `{label}`: what to write: all 11 digits.
    pub bad_national_id: &'static str,
    /// `{label}`: what to write: the 4 digits.
    pub bad_postal_code: &'static str,
    /// `{label}`: what to write: the reference as the receipt had it, like `K7F-3K9Q-2MX`. Most likely one sign is wrong.
    pub bad_reference: &'static str,
    /// `{label}` is a date without its `{part}`.
    pub date_part_missing: &'static str,
    /// The `{part}` of the date `{label}` is not a number from 1 to `{max}`.
    pub bad_date_part: &'static str,
    /// The year of the date `{label}` does not have four digits.
    pub bad_year: &'static str,
    /// `{date}` in `{label}` is not a day, such as 31.2.2026.
    pub bad_date: &'static str,
    /// `{label}`: choose one of those shown.
    pub bad_choice: &'static str,
    /// `{choice}` says that nothing else is meant, and `{answers}` were chosen beside it.
    pub not_together: &'static str,
    /// Sent although the form ends with `{choice}`; `{text}` is what the form says there.
    pub stopped: &'static str,
    /// `{label}` held a character that nobody sees; it was taken away.
    pub bad_character: &'static str,
    /// `{label}` came twice; look it over and send again. Never tells to reload: that loses what was typed.
    pub repeated: &'static str,
    /// The page sent something the form does not ask; look over and send again.
    pub unknown_field: &'static str,
    /// `{label}`, a section or a field, is filled in, though `{question}` was not answered with one of `{answers}`.
    pub not_asked: &'static str,
    /// Beside the box that confirms it, of a section.
    pub confirm: &'static str,
    /// The same of one field, `{label}`.
    pub confirm_field: &'static str,
    /// `{answers}` were chosen, and what belongs to them, `{label}`, is empty. Write it, or tick the box that the next text is beside.
    pub not_filled_in: &'static str,
    /// Beside the box that sends the message without `{label}`.
    pub confirm_without: &'static str,
    /// Marks around the `{text}` of a choice.
    pub quoted: &'static str,
    /// Between the last choices of a list: « eller ».
    pub alternatives: &'static str,
    /// Between things that are all meant: « og ».
    pub conjunction: &'static str,
    /// `{name}`: file is too large by itself; `{size}` is the limit for all together.
    pub file_too_large: &'static str,
    /// Files are `{sum}` together, more than `{size}`; the rest may go in a new message that names this one's reference.
    pub files_too_large: &'static str,
    /// More than `{n}` files.
    pub too_many_files: Plural,
    /// `{name}` is empty.
    pub file_empty: &'static str,
    /// `{name}` is none of the `{types}`.
    pub file_type: &'static str,
    /// `{name}` needs a password.
    pub file_locked: &'static str,

    // Receipt
    pub receipt_heading: &'static str,
    pub receipt_reference: &'static str,
    /// What happens next, in paragraphs parted by a blank line. `{answer}` is one of the three below.
    pub receipt_what_next: &'static str,
    /// A way to reach the sender was chosen, and its address given.
    pub receipt_answered: &'static str,
    /// None was.
    pub receipt_no_way: &'static str,
    /// The sender does not want to be contacted.
    pub receipt_unwanted: &'static str,
    /// Note the number if it is safe to keep it.
    pub receipt_keep: &'static str,
    pub receipt_leave: &'static str,
    /// At `{time}`.
    pub receipt_received: &'static str,
    /// With `{n}` files of together `{size}`.
    pub receipt_files: Plural,
    /// The button that prints; a browser can also save as a file.
    pub receipt_print: &'static str,
    /// Instead of the button, where no script runs.
    pub receipt_print_by_hand: &'static str,
    pub receipt_signed_heading: &'static str,
    /// What the signed text is for, in paragraphs.
    pub receipt_signed: &'static str,
    /// Saves the signed text as a file.
    pub receipt_signed_save: &'static str,
    /// Below the code on paper.
    pub receipt_signed_qr: &'static str,
    /// The words of `{authority}` in the signed text itself: nothing of who wrote, or about what. Latin letters and plain marks
    /// only, for mail changes others.
    pub receipt_signed_words: &'static str,
    /// A copy of what was sent, as long as it can be opened.
    pub copy_offer_heading: &'static str,
    pub copy_offer: &'static str,
    pub copy_open: &'static str,
    pub copy_heading: &'static str,
    /// It is shown this one time.
    pub copy_once: &'static str,
    pub copy_files: &'static str,
    pub copy_back: &'static str,
    /// It was opened before, or waited for too long.
    pub copy_gone_title: &'static str,
    pub copy_gone: &'static str,
    /// The same address, 15 minutes later. Neutral: somebody else may read it.
    pub receipt_over_title: &'static str,
    pub receipt_over: &'static str,

    // Closed, and what goes wrong
    pub closed_title: &'static str,
    pub closed_text: &'static str,
    /// Title of every page that says something went wrong.
    pub wrong_title: &'static str,
    pub not_found: &'static str,
    /// The letter was NOT received; phone or post instead.
    pub not_received: &'static str,
    /// Files came although none can be taken just now.
    pub no_attachments: &'static str,
    /// Beside the field for files.
    pub no_attachments_now: &'static str,
    /// After the page that says that nothing was received.
    pub text_is_here: &'static str,
    /// The upload ended early or was not understood; nothing was received. Stands above what did arrive.
    pub broken_upload: &'static str,
    /// Nothing at all arrived: some browsers lose a page on its way.
    pub empty_page: &'static str,
    pub too_large: &'static str,
    pub limited: &'static str,
    pub cross_site: &'static str,
    pub wrong_method: &'static str,
    /// What was typed could be kept for a minute only and is gone; write anew.
    pub gone: &'static str,
    /// Link from such a page to the form.
    pub back_to_form: &'static str,
    /// Link from a page that is not there to the list of forms.
    pub front_page: &'static str,

    // Foot of every page
    /// Link to the authority's own site.
    pub our_site: &'static str,
    /// Link to its accessibility statement.
    pub accessibility: &'static str,
    /// Beside a link that leaves what is written where it is.
    pub new_tab: &'static str,

    /// Link from the pages below to the form.
    pub safety_back: &'static str,

    // Safety page, and how the letter is sealed
    /// Neutral: stands in tab and history.
    pub safety_title: &'static str,
    pub safety_intro: &'static str,
    /// What stays behind on a device, and what to do about each: chapters, each begun by a heading after `# `.
    pub safety_text: &'static str,

    pub encryption_title: &'static str,
    pub encryption_intro: &'static str,
    /// What happens to the letter: five plain sentences, parted by blank lines.
    pub encryption_steps: &'static str,
    /// What a receipt stands for: the locked letter is on `{n}` machines by then.
    pub encryption_kept: Plural,
    pub encryption_recipients: &'static str,
    pub encryption_daily: &'static str,
    pub encryption_recovery: &'static str,
    pub encryption_fingerprint: &'static str,
    /// Opens the certificate as text.
    pub encryption_certificate: &'static str,
    /// Link that saves it.
    pub encryption_certificate_save: &'static str,
    pub encryption_check_heading: &'static str,
    /// How a fingerprint is compared.
    pub encryption_check: &'static str,
    pub encryption_limits_heading: &'static str,
    /// What the seal does not do.
    pub encryption_limits: &'static str,

    // Only where a script runs
    /// Beside what the exit does.
    pub live_shift: &'static str,
    /// Read aloud after each press of Shift.
    pub live_press1: &'static str,
    pub live_press2: &'static str,
    pub live_press3: &'static str,
    pub live_press_expired: &'static str,
    pub live_file_remove: &'static str,
    /// `{name}` was taken away.
    pub live_file_removed: &'static str,
    /// `{size}` used so far of `{limit}`.
    pub live_files_used: &'static str,
    /// `{name}` cannot be read from the device.
    pub live_file_unreadable: &'static str,
    /// Something is wrong with the files, and said there: nothing is sent yet.
    pub live_files_wrong: &'static str,
    /// The button that opens the device's own choice of files.
    pub live_choose: Plural,
    /// Near the limit: `{n}` characters are left.
    pub live_left: &'static str,
    /// `{n}` characters too many.
    pub live_over: &'static str,
    /// At a picture whose file holds the place where it was taken.
    pub live_picture_place: &'static str,
    /// Buttons: one picture, all of them, smaller and without time and place.
    pub live_picture_smaller: &'static str,
    pub live_pictures_smaller: &'static str,
    /// What is lost by it, evidence perhaps.
    pub live_picture_lost: &'static str,
    /// Button: the picture as it was.
    pub live_picture_original: &'static str,
    /// Read aloud: `{name}` is `{size}` now.
    pub live_picture_made: &'static str,
    /// Read aloud: this could not be done to `{name}`.
    pub live_picture_unmade: &'static str,
    /// Name of the bar.
    pub live_progress: &'static str,
    pub live_sending: &'static str,
    /// On the button, meanwhile.
    pub live_sending_button: &'static str,
    /// `{sent}` of `{all}`, in MB.
    pub live_amount: &'static str,
    /// Button: do not send after all.
    pub live_cancel: &'static str,
    /// After it: text and files are still here.
    pub live_cancelled: &'static str,
    /// The form in another language could not be fetched.
    pub live_unturned: &'static str,
    /// `{n}` per cent are sent.
    pub live_part: &'static str,
    /// All is sent; the answer is not there yet.
    pub live_wait: &'static str,
    /// The connection broke. Nobody knows whether the letter arrived; sent again unchanged it makes no second one.
    pub live_unsure: &'static str,

    // Privacy notice
    /// Neutral: stands in tab and history, and as a link to it.
    pub privacy_title: &'static str,
    /// What the program itself does and does not do.
    pub privacy_text: &'static str,
    pub privacy_controller: &'static str,
    pub privacy_dpo: &'static str,
    pub privacy_purpose: &'static str,
    pub privacy_legal_basis: &'static str,
    pub privacy_recipients: &'static str,
    pub privacy_storage: &'static str,
    pub privacy_voluntary: &'static str,
    pub privacy_rights: &'static str,
    pub privacy_complaint: &'static str,

    // Inside the letter
    pub letter_reference: &'static str,
    pub letter_received: &'static str,
    pub letter_language: &'static str,
    /// Before the title of the form.
    pub letter_form: &'static str,
    /// Before the name of the authority: whom the letter is to.
    pub letter_authority: &'static str,
    pub letter_files: &'static str,
    pub letter_no_files: &'static str,
    /// `{n}` bytes.
    pub letter_bytes: &'static str,
    pub letter_not_answered: &'static str,
    /// Stands in place of the answer to a safe-contact question where no way was chosen: silence is no permission.
    pub letter_contact_unanswered: &'static str,
    /// Stands where the safe-contact answers would, when the form does not ask.
    pub letter_contact_unknown: &'static str,
    /// After a national id whose check digits do not fit.
    pub letter_national_id_unsure: &'static str,
    /// After a national id with a day or a month that there is not.
    pub letter_national_id_no_day: &'static str,
    /// After a national id that Skatteetaten made for tests.
    pub letter_national_id_synthetic: &'static str,
    /// After a help number of one hospital, or a number of NAV's tests.
    pub letter_national_id_help: &'static str,
    /// After a number of the health services' shared series, which begins with 8 or 9.
    pub letter_national_id_shared_help: &'static str,
    /// After a number that NAV gave somebody who has no other.
    pub letter_national_id_nav: &'static str,
    /// After a number of the test series of NAV or Norsk helsenett.
    pub letter_national_id_test: &'static str,
    /// After an answer in a section or a field that was not asked for, and confirmed.
    pub letter_not_asked: &'static str,
    /// In place of an answer that belongs to a choice and was left out, and confirmed.
    pub letter_left_empty: &'static str,
    /// After an answer with characters that nobody sees: left out of the text, kept in `letter.json`.
    pub letter_hidden: &'static str,
    /// First line of a test letter.
    pub letter_test: &'static str,
    /// The page was sent faster than anybody reads, or a field that people do not see was filled in.
    pub letter_automatic: &'static str,
    /// The browser did not say how a text was encoded, or said it wrongly.
    pub letter_encoding: &'static str,
    /// `{name}`: a certificate that the letter could not be sealed to.
    pub letter_left_out: &'static str,
    /// `{name}`: a certificate that stops qualifying in `{days}` days; what the post room does.
    pub letter_expires: Plural,
}
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::places::{places, wrong_places};
    use super::*;

    type Seen = (&'static str, &'static [&'static str], Entry);

    fn texts(lang: Lang) -> Vec<Seen> {
        let mut texts = Vec::new();
        lang.catalog()
            .each(|name, about, entry| texts.push((name, about, entry)));
        texts
    }

    /// A text with the forms in which it may leave places out.
    fn forms(entry: Entry) -> (&'static str, Vec<&'static str>) {
        match entry {
            Entry::Text(text) => (text, Vec::new()),
            Entry::Plural(text) => (text.other, plural_rule::CATEGORIES.map(|form| text.form(form)).to_vec()),
        }
    }

    /// No text is empty, and each has the places of its name: no other ones, and all of them, but for a form of one count,
    /// which may say its number in words.
    #[test]
    fn every_language_has_the_same_places() {
        let all = texts(Lang::NB);
        assert!(all.len() > 100);
        for lang in Lang::built_in() {
            for ((name, _, model), (own_name, _, own)) in all.iter().zip(texts(lang)) {
                assert_eq!(*name, own_name);
                let ((model, _), (own, counts)) = (forms(*model), forms(own));
                assert_eq!(wrong_places(own, model, false), None, "{name} in {lang:?}");
                for form in counts.into_iter().chain([own]) {
                    assert_eq!(wrong_places(form, model, true), None, "{name} in {lang:?}");
                    assert!(!form.trim().is_empty(), "{name} in {lang:?} is empty");
                }
            }
        }
    }

    /// The line over a text in [`Catalog`] names the places that the program fills: what translators read is so.
    #[test]
    fn what_is_said_of_a_text_names_its_places() {
        for (name, about, entry) in texts(Lang::NB) {
            let said: BTreeSet<_> = about.iter().flat_map(|line| places(line).unwrap()).collect();
            assert_eq!(
                said,
                places(forms(entry).0).unwrap(),
                "the line over `{name}` in src/i18n/mod.rs"
            );
        }
    }

    /// A language that is not in the list is not compiled, or not read.
    #[test]
    fn every_file_of_texts_is_in_the_list() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/i18n");
        let list = fs::read_to_string(folder.join("mod.rs")).unwrap();
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if name != "mod" {
                assert!(
                    list.contains(&format!("mod {name};")),
                    "nothing compiles {}",
                    path.display()
                );
                let texts = fs::read_to_string(&path).unwrap().contains("static CATALOG");
                found.extend(texts.then_some(name));
            }
        }
        let listed: BTreeSet<_> = Lang::built_in().map(|lang| lang.code().to_owned()).collect();
        assert_eq!(
            found, listed,
            "files of texts in src/i18n, and BUILT_IN in src/i18n/mod.rs"
        );
        for lang in Lang::built_in() {
            assert_eq!(Lang::from_code(lang.code()), Some(lang));
            assert_eq!(lang.catalog().lang, lang, "two languages have one code");
        }
    }

    /// Every language brings what is to be known of it.
    #[test]
    fn every_language_says_how_it_is_written() {
        for lang in Lang::built_in() {
            let language = lang.language();
            assert!(!language.own_name.is_empty() && !language.plural.is_empty(), "{lang:?}");
            assert_eq!(places(language.date).unwrap(), language::DATE_PLACES.into(), "{lang:?}");
            assert!(language.decimal != language.group, "{lang:?}");
        }
        let own: BTreeSet<_> = Lang::built_in().map(Lang::own_name).collect();
        assert_eq!(own.len(), BUILT_IN.len(), "two languages have one name");
    }

    /// A file of texts has its head under these names.
    #[test]
    fn no_text_has_the_name_of_the_head() {
        assert!(
            texts(Lang::NB)
                .iter()
                .all(|(name, ..)| !["language", "head"].contains(name))
        );
    }
}
