//! `arkivmelding.xml` of Fiks Arkiv. Its value lists are codes; the order of elements is that of
//! `no.ks.fiks.arkiv.vN.arkivering.arkivmelding.opprett.xsd`, in which the two versions differ by their names alone as far as
//! a letter needs them. The archive gives its own ids: ours are keys of another system.

use super::entry::Entry;
use super::parts::{Part, Role};
use super::xml::Xml;

/// What tells a version from the other.
pub(super) struct Version(&'static str);

/// `arkivmelding/opprett/v1`.
pub(super) const V1: Version = Version("v1");
/// `arkivmelding/opprett/v2`.
pub(super) const V2: Version = Version("v2");

const BASE: &str = "https://ks-no.github.io/standarder/fiks-protokoll/fiks-arkiv";
const SYSTEM: &str = "Konvolutt";

pub(super) fn message(entry: &Entry, parts: &[Part], version: &Version) -> String {
    let version = version.0;
    let namespaces = format!(
        "xmlns=\"{BASE}/arkivmelding/opprett/{version}\" xmlns:m=\"{BASE}/metadatakatalog/{version}\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
    );
    Xml::document("arkivmelding", &namespaces, |xml| {
        xml.text("system", SYSTEM);
        xml.number("antallFiler", parts.len());
        xml.typed("registrering", "journalpost", |xml| {
            xml.within("skjerming", |xml| {
                code(xml, "tilgangsrestriksjon", &entry.access_code, "");
                xml.text("skjermingshjemmel", &entry.legal_basis);
            });
            for (part, number) in parts.iter().zip(1..) {
                xml.within("dokumentbeskrivelse", |xml| document(xml, entry, part, number));
            }
            journal(xml, entry, parts.len() - 1);
        });
    })
}

fn code(xml: &mut Xml, name: &'static str, code: &str, meaning: &str) {
    xml.within(name, |xml| {
        xml.text("m:kode", code);
        if !meaning.is_empty() {
            xml.text("m:beskrivelse", meaning);
        }
    });
}

fn key(xml: &mut Xml, key: &str) {
    xml.within("referanseEksternNoekkel", |xml| {
        xml.text("m:fagsystem", SYSTEM);
        xml.text("m:noekkel", key);
    });
}

/// Files of a citizen have no title of theirs: titles are public.
fn document(xml: &mut Xml, entry: &Entry, part: &Part, number: usize) {
    let is_letter = part.role == Role::Letter;
    code(xml, "dokumentstatus", "F", "Dokumentet er ferdigstilt");
    if is_letter {
        xml.text("tittel", &entry.title());
        code(xml, "tilknyttetRegistreringSom", "H", "Hoveddokument");
    } else {
        xml.text("tittel", &format!("Vedlegg {}", number - 1));
        code(xml, "tilknyttetRegistreringSom", "V", "Vedlegg");
    }
    xml.number("dokumentnummer", number);
    xml.within("dokumentobjekt", |xml| {
        xml.number("versjonsnummer", 1);
        if is_letter {
            code(xml, "variantformat", "A", "Arkivformat");
        } else {
            code(xml, "variantformat", "P", "Produksjonsformat");
        }
        xml.text("mimeType", &part.media_type);
        let shown = part.name.rsplit('/').next().unwrap_or(&part.name);
        xml.text("filnavn", shown);
        xml.text("referanseDokumentfil", &part.name);
        xml.text("sjekksum", &part.sha256);
        xml.text("sjekksumAlgoritme", "SHA-256");
        xml.number("filstoerrelse", part.size);
    });
    key(xml, &entry.guids.id(&format!("document {number}")));
}

fn journal(xml: &mut Xml, entry: &Entry, attachments: usize) {
    xml.text("tittel", &entry.title());
    xml.text("offentligTittel", &entry.public_title);
    xml.within("korrespondansepart", |xml| {
        code(xml, "korrespondanseparttype", "EA", "Avsender");
        xml.text("korrespondansepartNavn", &entry.sender);
        xml.text("erSkjermet", "true");
    });
    let own = entry.guids.id("journal");
    key(xml, entry.reference.as_deref().unwrap_or(&own));
    code(xml, "journalposttype", "I", "Inngående dokument");
    xml.text("mottattDato", &entry.received.time);
    if let Some(due) = entry.deadline_days.and_then(|days| entry.received.after(days)) {
        xml.number("forfallsdato", due);
    }
    xml.number("antallVedlegg", attachments);
}
