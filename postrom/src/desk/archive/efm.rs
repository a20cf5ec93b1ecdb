//! `arkivmelding.xml` of eFormidling (Noark 5). Its value lists are whole words, in bokmål; the order of elements is that of
//! `arkivmelding.xsd`.

use super::entry::Entry;
use super::parts::{Part, Role};
use super::xml::Xml;

const NAMESPACES: &str = "xmlns=\"http://www.arkivverket.no/standarder/noark5/arkivmelding\" \
    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
/// Who made the documents.
const SYSTEM: &str = "Konvolutt";
/// Who put them into the archive, and the part of it that they come into first. Not the clerk: the same letter gives the same
/// bytes, whoever hands it over.
const ROOM: &str = "Postmottak";

pub(super) fn message(entry: &Entry, parts: &[Part]) -> String {
    Xml::document("arkivmelding", NAMESPACES, |xml| {
        xml.text("system", SYSTEM);
        xml.text("meldingId", &entry.guids.id("message"));
        xml.text("tidspunkt", &entry.received.time);
        xml.number("antallFiler", parts.len());
        xml.typed("mappe", "saksmappe", |xml| case(xml, entry, parts));
    })
}

/// The schema takes an entry without a case, and eFormidling refuses it: it asks for one case with one entry. A case officer puts
/// the entry where it belongs.
fn case(xml: &mut Xml, entry: &Entry, parts: &[Part]) {
    let case = entry.guids.id("case");
    xml.text("systemID", &case);
    xml.text("tittel", &entry.title());
    xml.text("offentligTittel", &entry.public_title);
    made(xml, entry, SYSTEM);
    xml.text("referanseArkivdel", ROOM);
    xml.typed("basisregistrering", "journalpost", |xml| {
        xml.text("systemID", &entry.guids.id("journal"));
        made(xml, entry, SYSTEM);
        xml.text("arkivertDato", &entry.received.time);
        xml.text("arkivertAv", ROOM);
        xml.text("referanseForelderMappe", &case);
        shielding(xml, entry);
        for (part, number) in parts.iter().zip(1..) {
            xml.within("dokumentbeskrivelse", |xml| document(xml, entry, part, number));
        }
        journal(xml, entry, parts.len() - 1);
    });
    xml.number("saksdato", entry.received.day);
    xml.text("administrativEnhet", ROOM);
    xml.text("saksansvarlig", ROOM);
    xml.text("saksstatus", "Under behandling");
}

fn made(xml: &mut Xml, entry: &Entry, by: &str) {
    xml.text("opprettetDato", &entry.received.time);
    xml.text("opprettetAv", by);
}

fn shielding(xml: &mut Xml, entry: &Entry) {
    let restriction = match entry.access_code.as_str() {
        // The code of other lists is a word in this one.
        "UO" => "Unntatt offentlighet",
        other => other,
    };
    xml.within("skjerming", |xml| {
        xml.text("tilgangsrestriksjon", restriction);
        xml.text("skjermingshjemmel", &entry.legal_basis);
        // M502 of Noark 5: what is shielded in the journal is the name of the sender.
        xml.text("skjermingMetadata", "Skjerming navn avsender");
        xml.text("skjermingDokument", "Skjerming av hele dokumentet");
    });
}

/// Files of a citizen have no title of theirs: titles are public.
fn document(xml: &mut Xml, entry: &Entry, part: &Part, number: usize) {
    let is_letter = part.role == Role::Letter;
    let title = if is_letter {
        entry.title()
    } else {
        format!("Vedlegg {}", number - 1)
    };
    let role = format!("document {number}");
    xml.text("systemID", &entry.guids.id(&role));
    xml.text("dokumenttype", if is_letter { "Brev" } else { "Vedlegg" });
    xml.text("dokumentstatus", "Dokumentet er ferdigstilt");
    xml.text("tittel", &title);
    made(xml, entry, SYSTEM);
    let attached_as = if is_letter { "Hoveddokument" } else { "Vedlegg" };
    xml.text("tilknyttetRegistreringSom", attached_as);
    xml.number("dokumentnummer", number);
    xml.text("tilknyttetDato", &entry.received.time);
    xml.text("tilknyttetAv", SYSTEM);
    xml.within("dokumentobjekt", |xml| {
        xml.number("versjonsnummer", 1);
        xml.text(
            "variantformat",
            if is_letter { "Arkivformat" } else { "Produksjonsformat" },
        );
        made(xml, entry, SYSTEM);
        xml.text("referanseDokumentfil", &part.name);
    });
}

fn journal(xml: &mut Xml, entry: &Entry, attachments: usize) {
    xml.text("tittel", &entry.title());
    xml.text("offentligTittel", &entry.public_title);
    xml.text("journalposttype", "Inngående dokument");
    xml.text("journalstatus", "Journalført");
    xml.number("journaldato", entry.received.day);
    xml.text("mottattDato", &entry.received.time);
    if let Some(due) = entry.deadline_days.and_then(|days| entry.received.after(days)) {
        xml.number("forfallsdato", due);
    }
    xml.number("antallVedlegg", attachments);
    xml.within("korrespondansepart", |xml| {
        xml.text("korrespondanseparttype", "Avsender");
        xml.text("korrespondansepartNavn", &entry.sender);
    });
}
