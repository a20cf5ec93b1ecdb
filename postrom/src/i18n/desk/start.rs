//! What the desk says before its pages are there: at the terminal, and to whoever comes to its door and is not let in.

use std::net::SocketAddr;

use konvolutt_letter::fill;

use crate::desk::http::events::{Event, Refused};
use crate::i18n::{Each, Lang, inputs};
use crate::trouble::Cause;

/// The texts.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct DeskStartTexts {
    /// A link.
    pub come_in: &'static str,
    pub stranger: &'static str,
    pub other_name: &'static str,
    pub other_site: &'static str,
    pub method: &'static str,
    pub not_here: &'static str,
    pub too_large: &'static str,
    pub fault: &'static str,
    /// `{n}`.
    pub guessing: &'static str,
    pub stranger_came: &'static str,
    /// `{address}`.
    pub not_loopback: &'static str,
    /// `{address}`, `{why}`.
    pub not_bound: &'static str,
    /// `{why}`.
    pub not_started: &'static str,
    pub opens_browser: &'static str,
    pub no_browser: &'static str,
    pub paste: &'static str,
    pub ended: &'static str,
    pub not_set_up: &'static str,
}

/// In three languages.
pub static TEXTS: Each<DeskStartTexts> = Each {
    nb: DeskStartTexts {
        come_in: "Gå til postbordet",
        stranger: "Dette postbordet tilhører en annen bruker av maskinen. Start ditt eget med postrom desk.",
        other_name: "Postbordet svarer bare på sin egen adresse. Bruk den som programmet åpnet eller skrev ut.",
        other_site: "Et annet nettsted ba om dette, og postbordet svarer ikke andre nettsteder. Åpne adressen selv, i en egen fane.",
        method: "Postbordet kjenner ikke denne måten å spørre på.",
        not_here: "Her er det ikke noe. Adressen som programmet skriver ut, virker én gang. Bruk fanen som allerede er åpen, \
                   eller start postrom desk på nytt.",
        too_large: "Dette er mer enn postbordet tar imot på én gang. Åpne større filer med postrom open.",
        fault: "Programmet gjorde en feil, og det du ba om, er kanskje ikke gjort. Gå tilbake og prøv på nytt. Si fra til \
                driftsansvarlig hvis det skjer igjen.",
        guessing: "Noe på denne maskinen har prøvd {n} adresser på postbordet som ikke finnes. Ingen av dem slapp inn. Er det ikke deg, \
                   si fra til driftsansvarlig.",
        stranger_came: "En annen bruker av denne maskinen prøvde å åpne postbordet ditt, og slapp ikke inn. Er dette uventet, si fra \
                        til driftsansvarlig.",
        not_loopback: "Postbordet åpnes bare for denne maskinen, og {address} kan nås fra andre. Skriv --listen 127.0.0.1:0 eller \
                       [::1]:0.",
        not_bound: "Postbordet kan ikke åpnes på {address}: {why}. Velg en annen port med --listen, eller la systemet velge med \
                    127.0.0.1:0.",
        not_started: "Postbordet kunne ikke startes: {why}. Prøv på nytt, og si fra til driftsansvarlig hvis det ikke hjelper.",
        opens_browser: "Postbordet åpnes i nettleseren. Adressen over virker én gang, hvis den trengs. Ctrl-C avslutter.",
        no_browser: "Åpne adressen over i nettleseren. Den virker én gang. Ctrl-C avslutter.",
        paste: "Nettleseren lot seg ikke starte. Åpne adressen over i den selv. Den virker én gang.",
        ended: "Postbordet er lukket. Ingenting av det som ble vist, ligger igjen.",
        not_set_up: "Det er ikke sagt hvor posten ligger og hvilken nøkkel som åpner den. Postbordet spør om det.",
    },
    nn: DeskStartTexts {
        come_in: "Gå til postbordet",
        stranger: "Dette postbordet høyrer til ein annan brukar av maskina. Start ditt eige med postrom desk.",
        other_name: "Postbordet svarar berre på si eiga adresse. Bruk den som programmet opna eller skreiv ut.",
        other_site: "Ein annan nettstad bad om dette, og postbordet svarar ikkje andre nettstader. Opne adressa sjølv, i ei eiga fane.",
        method: "Postbordet kjenner ikkje denne måten å spørje på.",
        not_here: "Her er det ikkje noko. Adressa som programmet skriv ut, verkar éin gong. Bruk fana som alt er open, eller \
                   start postrom desk på nytt.",
        too_large: "Dette er meir enn postbordet tek imot på éin gong. Opne større filer med postrom open.",
        fault: "Programmet gjorde ein feil, og det du bad om, er kanskje ikkje gjort. Gå tilbake og prøv på nytt. Sei frå til \
                driftsansvarleg om det skjer igjen.",
        guessing: "Noko på denne maskina har prøvd {n} adresser på postbordet som ikkje finst. Ingen av dei slapp inn. Er det ikkje \
                   deg, sei frå til driftsansvarleg.",
        stranger_came: "Ein annan brukar av denne maskina prøvde å opne postbordet ditt, og slapp ikkje inn. Er dette uventa, sei \
                        frå til driftsansvarleg.",
        not_loopback: "Postbordet blir berre opna for denne maskina, og {address} kan nåast frå andre. Skriv --listen 127.0.0.1:0 eller \
                       [::1]:0.",
        not_bound: "Postbordet kan ikkje opnast på {address}: {why}. Vel ein annan port med --listen, eller lat systemet velje med \
                    127.0.0.1:0.",
        not_started: "Postbordet kunne ikkje startast: {why}. Prøv på nytt, og sei frå til driftsansvarleg om det ikkje hjelper.",
        opens_browser: "Postbordet blir opna i nettlesaren. Adressa over verkar éin gong, om ho trengst. Ctrl-C avsluttar.",
        no_browser: "Opne adressa over i nettlesaren. Ho verkar éin gong. Ctrl-C avsluttar.",
        paste: "Nettlesaren lét seg ikkje starte. Opne adressa over i han sjølv. Ho verkar éin gong.",
        ended: "Postbordet er lukka. Ingenting av det som vart vist, ligg att.",
        not_set_up: "Det er ikkje sagt kvar posten ligg og kva nøkkel som opnar han. Postbordet spør om det.",
    },
    en: DeskStartTexts {
        come_in: "Go to the desk",
        stranger: "This desk belongs to another user of the machine. Start your own with postrom desk.",
        other_name: "The desk answers to its own address only. Use the one that the program opened or printed.",
        other_site: "Another site asked for this, and the desk does not answer other sites. Open the address yourself, in a tab of its own.",
        method: "The desk does not know this way of asking.",
        not_here: "Nothing is here. The address that the program prints works once. Use the tab that is open already, or start \
                   postrom desk again.",
        too_large: "This is more than the desk takes at once. Open larger files with postrom open.",
        fault: "The program made a mistake, and what you asked for may not be done. Go back and try again. Tell whoever runs \
                the system if it happens again.",
        guessing: "Something on this machine has tried {n} addresses of the desk that do not exist. None of them let it in. If that is \
                   not you, tell whoever runs the system.",
        stranger_came: "Another user of this machine tried to open your desk, and was not let in. If you did not expect this, tell \
                        whoever runs the system.",
        not_loopback: "The desk opens for this machine only, and {address} can be reached from others. Write --listen 127.0.0.1:0 or \
                       [::1]:0.",
        not_bound: "The desk cannot be opened at {address}: {why}. Choose another port with --listen, or let the system choose with \
                    127.0.0.1:0.",
        not_started: "The desk could not be started: {why}. Try again, and tell whoever runs the system if that does not help.",
        opens_browser: "The desk opens in the browser. The address above works once, should you need it. Ctrl-C ends it.",
        no_browser: "Open the address above in the browser. It works once. Ctrl-C ends the desk.",
        paste: "The browser could not be started. Open the address above in it yourself. It works once.",
        ended: "The desk is closed. Nothing of what was shown stays behind.",
        not_set_up: "It is not said where the mail lies and which key opens it. The desk asks for that.",
    },
};

/// Why somebody is not let in.
pub fn refused(why: Refused, lang: Lang) -> &'static str {
    let t = TEXTS.of(lang);
    match why {
        Refused::Stranger => t.stranger,
        Refused::OtherName => t.other_name,
        Refused::OtherSite => t.other_site,
        Refused::Method => t.method,
        Refused::NotHere => t.not_here,
        Refused::TooLarge => t.too_large,
        Refused::Fault => t.fault,
    }
}

/// What the clerk hears of at the terminal.
pub fn event(event: Event, lang: Lang) -> String {
    let t = TEXTS.of(lang);
    match event {
        Event::Guessing(n) => fill(t.guessing, &[("n", &n.to_string())]),
        Event::Stranger => t.stranger_came.into(),
    }
}

/// The address is no loopback address.
pub fn not_loopback(address: SocketAddr, lang: Lang) -> String {
    fill(TEXTS.of(lang).not_loopback, &[("address", &address.to_string())])
}

/// The address cannot be listened at.
pub fn not_bound(address: SocketAddr, cause: &Cause, lang: Lang) -> String {
    let why = inputs::cause(lang, cause);
    let places = [("address", &*address.to_string()), ("why", &why)];
    fill(TEXTS.of(lang).not_bound, &places)
}

/// The system does not give what is needed.
pub fn not_started(cause: &Cause, lang: Lang) -> String {
    fill(TEXTS.of(lang).not_started, &[("why", &inputs::cause(lang, cause))])
}
