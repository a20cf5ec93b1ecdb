//! The forms that are shipped, as somebody fills them in.

use std::net::SocketAddr;

use crate::support::Browser;

/// A form, and how a letter comes of it.
pub struct Form {
    pub slug: &'static str,
    /// The question that must be answered with a text.
    pub message: &'static str,
    /// What else must be answered.
    pub must: &'static [&'static str],
    /// Choices that make further questions appear.
    pub choices: &'static [&'static str],
    /// Free text, on all that can appear.
    pub texts: &'static [&'static str],
}

pub const FORMS: [Form; 3] = [
    Form {
        slug: "skriv",
        message: "melding",
        must: &[],
        choices: &["[name=tema][value=klage]"],
        texts: &["kommune", "namn", "trygg_tid"],
    },
    Form {
        slug: "si-fra",
        message: "klage",
        must: &["kommune"],
        choices: &[
            "[name=grunn][value=vedtak]",
            "[name=gjelder][value=annen]",
            "[value=brev]",
        ],
        texts: &["onske", "saksnummer", "annen_navn", "navn", "adresse"],
    },
    Form {
        slug: "post",
        message: "melding",
        must: &[],
        choices: &["[name=fra][value=virksomhet]", "[value=brev]"],
        texts: &["emne", "saksnummer", "navn", "pa_vegne_av", "adresse"],
    },
];

/// Ways in which an answer may come, each with an address that it needs.
const WAYS: [&str; 2] = ["[name=trygg_kontakt][value=ring]", "[name=trygg_kontakt][value=epost]"];

impl Form {
    /// Opens it, and ticks what makes further questions appear.
    pub fn open(&self, browser: &Browser, server: SocketAddr) {
        browser.go(&self.address(server));
        for choice in self.chosen() {
            browser.click(choice);
        }
    }

    pub fn address(&self, server: SocketAddr) -> String {
        format!("http://{server}/nn/s/{}", self.slug)
    }

    pub fn chosen(&self) -> impl Iterator<Item = &'static str> {
        self.choices.iter().copied().chain(WAYS)
    }

    /// Everything that it asks for in writing but for the message, with what is written there.
    pub fn written(&self, text: &str, number: &str) -> Vec<(&'static str, String)> {
        let free = self.must.iter().chain(self.texts);
        let mut all: Vec<_> = free.map(|name| (*name, text.to_owned())).collect();
        all.push(("epost", format!("{text}@a.example")));
        all.push(("telefon", format!("+{number}")));
        if self.texts.contains(&"adresse") {
            all.push(("postnummer", "8002".into()));
        }
        all
    }

    pub fn write(&self, browser: &Browser, text: &str, number: &str) {
        for (name, value) in self.written(text, number) {
            browser.type_into(&format!("#{name}"), &value);
        }
    }
}
