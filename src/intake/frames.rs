//! What stands around the pages, and the pages that say what cannot be done.

use axum::response::Response;

use super::{Intake, contents, render};
use crate::form::{Form, Phone};
use crate::i18n::Lang;
use crate::page::{Back, Foot, Frame, Wrong};

impl Intake {
    /// The frame of a page of this form, or of none.
    pub(super) fn frame(&self, lang: Lang, form: Option<&Form>) -> Frame {
        // Whoever lost the way may be in as much of a hurry as the others.
        let exit = form.or(self.pipeline.forms.first());
        Frame {
            t: lang.catalog(),
            authority: self.pipeline.office.authority.get(lang.code()).to_owned(),
            home: form.is_none().then(|| self.home(lang)),
            exit: exit.map_or_else(String::new, |form| format!("/ut/{}", form.slug)),
            style: "/stil.css",
            logo: self.branding.logo.as_ref().map(|_| "/merke"),
            content: contents::named(self.number, &self.node, '?'),
            phones: form.map_or_else(Vec::new, |form| form.help.phones.clone()),
            foot: self.foot(lang, form),
        }
    }

    fn foot(&self, lang: Lang, form: Option<&Form>) -> Foot {
        let imprint = &self.branding.imprint;
        let text = |text: &crate::form::Text| text.get(lang.code()).to_owned();
        Foot {
            address: text(&imprint.address),
            site: text(&imprint.site),
            privacy: form.map_or_else(String::new, |form| format!("/{}/personvern/{}", lang.code(), form.slug)),
            accessibility: text(&imprint.accessibility),
        }
    }

    /// Address of the list of forms in that language, or in its own where no form speaks that.
    fn home(&self, lang: Lang) -> String {
        if self.pipeline.forms.iter().any(|form| form.speaks(lang.code())) {
            format!("/{}/", lang.code())
        } else {
            "/".to_owned()
        }
    }

    /// A page that says what went wrong and whom to phone.
    pub(super) fn wrong(&self, status: u16, lang: Lang, form: Option<&Form>, text: &str) -> Response {
        let t = lang.catalog();
        let closed = text == t.closed_text;
        let back = match form {
            Some(form) => Back {
                href: format!("/{}/s/{}", lang.code(), form.slug),
                words: t.back_to_form,
            },
            None => Back {
                href: self.home(lang),
                words: t.front_page,
            },
        };
        let page = Wrong {
            frame: self.frame(lang, form),
            title: if closed { t.closed_title } else { t.wrong_title },
            text,
            form,
            phones: form.map_or_else(|| self.urgent(lang), |form| form.help.phones.clone()),
            // Behind a closed form there is only the same page again.
            back: (!closed).then_some(back),
        };
        render::html(status, &page)
    }

    /// Nothing is there: in the language of the address, with the numbers of the form that it names, if it names one.
    pub(super) fn nothing_there(&self, path: &str) -> Response {
        let lang = self.lang_of(path);
        let form = path.split('/').find_map(|part| self.pipeline.form(part));
        let own = form.filter(|form| !form.speaks(lang.code()));
        let lang = own.and_then(first_language).unwrap_or(lang);
        self.wrong(404, lang, form, lang.catalog().not_found)
    }

    /// The language of pages that belong to no form: the path's own, else the first form's first.
    pub(super) fn lang_of(&self, path: &str) -> Lang {
        let own = path.split('/').nth(1).and_then(Lang::from_code);
        let first = || self.pipeline.forms.first().and_then(first_language);
        own.or_else(first).unwrap_or(Lang::NB)
    }

    /// Whom the forms have a button for, each number once.
    pub(super) fn urgent(&self, lang: Lang) -> Vec<Phone> {
        let speaking = self.pipeline.forms.iter().filter(|form| form.speaks(lang.code()));
        let mut all: Vec<Phone> = Vec::new();
        for phone in speaking.flat_map(|form| form.help.buttons()) {
            if all.iter().all(|known| known.link() != phone.link()) {
                all.push(phone.clone());
            }
        }
        all
    }
}

fn first_language(form: &Form) -> Option<Lang> {
    Lang::from_code(form.languages.first()?)
}
