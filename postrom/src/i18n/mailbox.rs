//! Sentences for a mailbox on a server that cannot be used: what happened, and what to do.

use konvolutt_letter::fill;

use super::{Each, Lang};
use crate::trouble::{Away, Cause};

/// The sentences. `{mailbox}` is its address.
pub struct MailboxTexts {
    /// No address.
    pub address: &'static str,
    /// Neither a password nor a token.
    pub nothing_to_log_in_with: &'static str,
    /// `{file}`, `{cause}`.
    pub secret_file: &'static str,
    /// `{file}`.
    pub authority_file: &'static str,
    /// Nobody to trust.
    pub no_authorities: &'static str,
    /// A name that nobody knows.
    pub unknown_host: &'static str,
    /// `{cause}`.
    pub unreachable: &'static str,
    /// Too slow.
    pub no_answer: &'static str,
    /// Certificate out of date.
    pub certificate_date: &'static str,
    /// Certificate from nobody.
    pub certificate_unknown: &'static str,
    /// Certificate for another name.
    pub certificate_name: &'static str,
    /// `{text}`.
    pub no_tls: &'static str,
    /// `{text}`.
    pub refused: &'static str,
    /// `{text}`.
    pub token_refused: &'static str,
    /// `{name}`, `{text}`.
    pub no_box: &'static str,
    /// The connection ended.
    pub ended: &'static str,
    /// `{text}`.
    pub unwilling: &'static str,
    /// No IMAP.
    pub not_understood: &'static str,
    /// A fault of this program.
    pub fault: &'static str,
    /// Without an end.
    pub too_much: &'static str,
    /// No marks.
    pub no_marks: &'static str,
    /// `{folder}`.
    pub no_moving: &'static str,
    /// `{folder}`, `{text}`.
    pub not_moved: &'static str,
    /// Stands in the place of words that a server did not say.
    pub silent: &'static str,
}

/// In each language.
pub static TEXTS: Each<MailboxTexts> = Each {
    nb: MailboxTexts {
        address: "«{mailbox}» er ikke adressen til en postkasse. Skriv imaps://BRUKER@SERVER/POSTKASSE, for eksempel imaps://postmottak@kommune.example@imap.kommune.example/INBOX.",
        nothing_to_log_in_with: "Postkassen {mailbox} er ikke lest, for det er ikke oppgitt noe å logge inn med. Legg passordet i en fil, og oppgi den som mail_password_file i innstillingene, eller oppgi mail_token_file. Passordet kan ikke skrives inn her.",
        secret_file: "Postkassen {mailbox} er ikke lest, for filen {file} med passordet eller tilgangskoden kunne ikke brukes: {cause}. Rett opp årsaken; da kommer posten av seg selv.",
        authority_file: "Postkassen {mailbox} er ikke lest, for {file} har ingen sertifikater som kan brukes. Oppgi en PEM-fil med sertifikatet til utstederen som mail_ca_file.",
        no_authorities: "Postkassen {mailbox} er ikke lest, for maskinen kjenner ingen sertifikatutstedere. Be driftsansvarlig om å installere dem, eller oppgi mail_ca_file.",
        unknown_host: "Ingen kjenner serveren til {mailbox}. Listen er som den var. Se etter om maskinen er på nett, og om navnet er riktig skrevet.",
        unreachable: "Serveren til {mailbox} kan ikke nås: {cause}. Listen er som den var, og det prøves igjen av seg selv. Varer det, så si fra til driftsansvarlig.",
        no_answer: "Serveren til {mailbox} svarer ikke. Listen er som den var, og det prøves igjen av seg selv. Varer det, så se etter om maskinen er på nett.",
        certificate_date: "Sertifikatet til serveren for {mailbox} er ikke gyldig i dag, og det ble ikke logget inn. Se etter om klokken på maskinen går riktig, eller si fra til driftsansvarlig.",
        certificate_unknown: "Sertifikatet til serveren for {mailbox} kommer fra noen som maskinen ikke stoler på, og det ble ikke logget inn. Noen kan lytte på linjen. Si fra til driftsansvarlig; er det et internt sertifikat, oppgis utstederen som mail_ca_file.",
        certificate_name: "Serveren for {mailbox} viste et sertifikat for et annet navn, og det ble ikke logget inn. Noen kan lytte på linjen. Se etter om navnet i adressen er riktig, og si fra til driftsansvarlig.",
        no_tls: "Det ble ingen kryptert forbindelse til {mailbox}, og det ble ikke logget inn: {text}. Se etter om porten er den for IMAP over TLS, vanligvis 993.",
        refused: "Serveren slipper ikke brukeren inn i {mailbox}. Den sier: {text}. Rett passordet i filen; da prøves det igjen med en gang.",
        token_refused: "Serveren godtar ikke tilgangskoden for {mailbox}. Den sier: {text}. Når koden er fornyet i filen, prøves det igjen med en gang.",
        no_box: "Serveren gir ikke ut postkassen «{name}» i {mailbox}. Den sier: {text}. Se etter om navnet er riktig skrevet, og om brukeren har tilgang til den.",
        ended: "Serveren brøt forbindelsen til {mailbox}. Den sier: {text}. Listen er som den var, og det prøves igjen av seg selv.",
        unwilling: "Serveren gjør ikke det som trengs for {mailbox}. Den sier: {text}. Listen er som den var, og det prøves igjen av seg selv; varer det, så si fra til driftsansvarlig.",
        not_understood: "Det som svarer for {mailbox}, er ingen server for IMAP. Ingenting er lest. Se etter om navnet og porten er riktige.",
        fault: "Det ble en feil i dette programmet da det leste {mailbox}, og postkassen leses ikke lenger. Listen er som den var, og det kommer ikke nye brev i den. Lås, og lås opp igjen; skjer det på nytt, så si fra til driftsansvarlig.",
        too_much: "Serveren for {mailbox} sendte mer enn noen postkasse har å si, og forbindelsen ble brutt. Listen er som den var. Si fra til driftsansvarlig.",
        no_marks: "Serveren for {mailbox} kan ikke holde merker slik at bare én tar et brev. Merkene føres i listen på denne maskinen i stedet; kolleger ser dem bare hvis de bruker den samme listen.",
        no_moving: "Serveren for {mailbox} kan ikke flytte e-post til «{folder}» på en trygg måte. E-posten blir liggende der den er. Ta bort move_opened_to, eller flytt den i et e-postprogram.",
        not_moved: "E-posten i {mailbox} ble ikke flyttet til «{folder}». Serveren sier: {text}. Den ligger der den lå. Se etter om mappen finnes og kan skrives til.",
        silent: "ingenting",
    },
    nn: MailboxTexts {
        address: "«{mailbox}» er ikkje adressa til ei postkasse. Skriv imaps://BRUKAR@SERVER/POSTKASSE, til dømes imaps://postmottak@kommune.example@imap.kommune.example/INBOX.",
        nothing_to_log_in_with: "Postkassa {mailbox} er ikkje lesen, for det er ikkje oppgitt noko å logge inn med. Legg passordet i ei fil, og oppgi ho som mail_password_file i innstillingane, eller oppgi mail_token_file. Passordet kan ikkje skrivast inn her.",
        secret_file: "Postkassa {mailbox} er ikkje lesen, for fila {file} med passordet eller tilgangskoden kunne ikkje brukast: {cause}. Rett opp årsaka; då kjem posten av seg sjølv.",
        authority_file: "Postkassa {mailbox} er ikkje lesen, for {file} har ingen sertifikat som kan brukast. Oppgi ei PEM-fil med sertifikatet til utferdaren som mail_ca_file.",
        no_authorities: "Postkassa {mailbox} er ikkje lesen, for maskina kjenner ingen sertifikatutferdarar. Be driftsansvarleg om å installere dei, eller oppgi mail_ca_file.",
        unknown_host: "Ingen kjenner serveren til {mailbox}. Lista er som ho var. Sjå etter om maskina er på nett, og om namnet er rett skrive.",
        unreachable: "Serveren til {mailbox} kan ikkje nåast: {cause}. Lista er som ho var, og det blir prøvd igjen av seg sjølv. Varer det, så sei frå til driftsansvarleg.",
        no_answer: "Serveren til {mailbox} svarer ikkje. Lista er som ho var, og det blir prøvd igjen av seg sjølv. Varer det, så sjå etter om maskina er på nett.",
        certificate_date: "Sertifikatet til serveren for {mailbox} er ikkje gyldig i dag, og det vart ikkje logga inn. Sjå etter om klokka på maskina går rett, eller sei frå til driftsansvarleg.",
        certificate_unknown: "Sertifikatet til serveren for {mailbox} kjem frå nokon som maskina ikkje stolar på, og det vart ikkje logga inn. Nokon kan lytte på linja. Sei frå til driftsansvarleg; er det eit internt sertifikat, blir utferdaren oppgitt som mail_ca_file.",
        certificate_name: "Serveren for {mailbox} viste eit sertifikat for eit anna namn, og det vart ikkje logga inn. Nokon kan lytte på linja. Sjå etter om namnet i adressa er rett, og sei frå til driftsansvarleg.",
        no_tls: "Det vart inga kryptert samband til {mailbox}, og det vart ikkje logga inn: {text}. Sjå etter om porten er den for IMAP over TLS, vanlegvis 993.",
        refused: "Serveren slepp ikkje brukaren inn i {mailbox}. Han seier: {text}. Rett passordet i fila; då blir det prøvd igjen med ein gong.",
        token_refused: "Serveren godtek ikkje tilgangskoden for {mailbox}. Han seier: {text}. Når koden er fornya i fila, blir det prøvd igjen med ein gong.",
        no_box: "Serveren gir ikkje ut postkassa «{name}» i {mailbox}. Han seier: {text}. Sjå etter om namnet er rett skrive, og om brukaren har tilgang til ho.",
        ended: "Serveren braut sambandet til {mailbox}. Han seier: {text}. Lista er som ho var, og det blir prøvd igjen av seg sjølv.",
        unwilling: "Serveren gjer ikkje det som trengst for {mailbox}. Han seier: {text}. Lista er som ho var, og det blir prøvd igjen av seg sjølv; varer det, så sei frå til driftsansvarleg.",
        not_understood: "Det som svarer for {mailbox}, er ingen server for IMAP. Ingenting er lese. Sjå etter om namnet og porten er rette.",
        fault: "Det vart ein feil i dette programmet då det las {mailbox}, og postkassa blir ikkje lesen lenger. Lista er som ho var, og det kjem ikkje nye brev i henne. Lås, og lås opp att; skjer det på nytt, så sei frå til driftsansvarleg.",
        too_much: "Serveren for {mailbox} sende meir enn noka postkasse har å seie, og sambandet vart brote. Lista er som ho var. Sei frå til driftsansvarleg.",
        no_marks: "Serveren for {mailbox} kan ikkje halde merke slik at berre éin tek eit brev. Merka blir førte i lista på denne maskina i staden; kollegaer ser dei berre om dei bruker den same lista.",
        no_moving: "Serveren for {mailbox} kan ikkje flytte e-post til «{folder}» på ein trygg måte. E-posten blir liggande der han er. Ta bort move_opened_to, eller flytt han i eit e-postprogram.",
        not_moved: "E-posten i {mailbox} vart ikkje flytta til «{folder}». Serveren seier: {text}. Han ligg der han låg. Sjå etter om mappa finst og kan skrivast til.",
        silent: "ingenting",
    },
    en: MailboxTexts {
        address: "“{mailbox}” is not the address of a mailbox. Write imaps://USER@SERVER/MAILBOX, as imaps://post@authority.example@imap.authority.example/INBOX.",
        nothing_to_log_in_with: "The mailbox {mailbox} was not read: there is nothing to log in with. Put the password into a file and name it as mail_password_file in the settings, or name a mail_token_file. The password cannot be typed here.",
        secret_file: "The mailbox {mailbox} was not read: the file {file} with the password or the access token cannot be used: {cause}. Mend the cause; then the mail comes by itself.",
        authority_file: "The mailbox {mailbox} was not read: {file} holds no certificate that can be used. Name a PEM file with the certificate of the authority as mail_ca_file.",
        no_authorities: "The mailbox {mailbox} was not read: this machine knows no certificate authority. Ask the operator to install them, or name a mail_ca_file.",
        unknown_host: "Nobody knows the server of {mailbox}. The list is as it was. Look whether this machine is online, and whether the name is spelled right.",
        unreachable: "The server of {mailbox} cannot be reached: {cause}. The list is as it was, and it is tried again by itself. When it lasts, tell the operator.",
        no_answer: "The server of {mailbox} does not answer. The list is as it was, and it is tried again by itself. When it lasts, look whether this machine is online.",
        certificate_date: "The certificate of the server of {mailbox} is not valid today, and nobody logged in. Look whether the clock of this machine is right, or tell the operator.",
        certificate_unknown: "The certificate of the server of {mailbox} comes from nobody whom this machine trusts, and nobody logged in. Somebody may be listening on the line. Tell the operator; when it is an internal certificate, its authority is named as mail_ca_file.",
        certificate_name: "The server of {mailbox} showed a certificate for another name, and nobody logged in. Somebody may be listening on the line. Look whether the name in the address is right, and tell the operator.",
        no_tls: "There was no encrypted connection to {mailbox}, and nobody logged in: {text}. Look whether the port is that of IMAP over TLS, usually 993.",
        refused: "The server does not let the user into {mailbox}. It says: {text}. Mend the password in the file; then it is tried again at once.",
        token_refused: "The server does not take the access token for {mailbox}. It says: {text}. When the token is renewed in the file, it is tried again at once.",
        no_box: "The server does not give out the mailbox “{name}” of {mailbox}. It says: {text}. Look whether the name is spelled right, and whether the user may read it.",
        ended: "The server ended the connection to {mailbox}. It says: {text}. The list is as it was, and it is tried again by itself.",
        unwilling: "The server does not do what is needed for {mailbox}. It says: {text}. The list is as it was, and it is tried again by itself; when it lasts, tell the operator.",
        not_understood: "What answers for {mailbox} is no IMAP server. Nothing was read. Look whether the name and the port are right.",
        fault: "This program made a fault when it read {mailbox}, and the mailbox is not read any more. The list is as it was, and no new letters come into it. Lock, and unlock again; when it happens once more, tell the operator.",
        too_much: "The server of {mailbox} sent more than any mailbox has to say, and the connection was ended. The list is as it was. Tell the operator.",
        no_marks: "The server of {mailbox} cannot keep marks so that only one clerk takes a letter. Marks are kept in the list on this machine instead; colleagues see them only when they use the same list.",
        no_moving: "The server of {mailbox} cannot move mail to “{folder}” safely. The mail stays where it is. Remove move_opened_to, or move it in a mail program.",
        not_moved: "The mail in {mailbox} was not moved to “{folder}”. The server says: {text}. It lies where it was. Look whether the folder is there and can be written to.",
        silent: "nothing",
    },
};

/// What happened to a mailbox, and what to do. What a server said comes out as it is: whoever shows it makes it harmless.
/// `cause` has the words for what the operating system said.
pub fn sentence(lang: Lang, mailbox: &str, why: &Away, cause: &dyn Fn(&Cause) -> String) -> String {
    let texts = TEXTS.of(lang);
    // What a server says ends with a full stop or not; the sentence around it does.
    let words = |text: &str| match text.trim().trim_end_matches('.') {
        "" => texts.silent.to_owned(),
        text => text.to_owned(),
    };
    let said = |sentence: &str, text: &str| fill(sentence, &[("mailbox", mailbox), ("text", &words(text))]);
    let plain = |sentence: &str| fill(sentence, &[("mailbox", mailbox)]);
    match why {
        Away::Address => plain(texts.address),
        Away::NothingToLogInWith => plain(texts.nothing_to_log_in_with),
        Away::SecretFile { file, cause: why } => {
            let cause = cause(why);
            fill(
                texts.secret_file,
                &[("mailbox", mailbox), ("file", file), ("cause", &cause)],
            )
        }
        Away::AuthorityFile { file } => fill(texts.authority_file, &[("mailbox", mailbox), ("file", file)]),
        Away::NoAuthorities => plain(texts.no_authorities),
        Away::UnknownHost => plain(texts.unknown_host),
        Away::Unreachable { cause: why } => fill(texts.unreachable, &[("mailbox", mailbox), ("cause", &cause(why))]),
        Away::NoAnswer => plain(texts.no_answer),
        Away::CertificateDate => plain(texts.certificate_date),
        Away::CertificateUnknown => plain(texts.certificate_unknown),
        Away::CertificateName => plain(texts.certificate_name),
        Away::NoTls { text } => said(texts.no_tls, text),
        Away::Refused { text } => said(texts.refused, text),
        Away::TokenRefused { text } => said(texts.token_refused, text),
        Away::NoBox { name, text } => fill(
            texts.no_box,
            &[("mailbox", mailbox), ("name", name), ("text", &words(text))],
        ),
        Away::Ended { text } => said(texts.ended, text),
        Away::Unwilling { text } => said(texts.unwilling, text),
        Away::NotUnderstood => plain(texts.not_understood),
        Away::Fault => plain(texts.fault),
        Away::TooMuch => plain(texts.too_much),
        Away::NoMarks => plain(texts.no_marks),
        Away::NoMoving { folder } => fill(texts.no_moving, &[("mailbox", mailbox), ("folder", folder)]),
        Away::NotMoved { folder, text } => fill(
            texts.not_moved,
            &[("mailbox", mailbox), ("folder", folder), ("text", &words(text))],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::inputs;

    fn all() -> Vec<Away> {
        let text = || "Computer says no.".to_owned();
        let (folder, file, cause) = (|| "Opna".to_owned(), || "/passord".to_owned(), || Cause::Denied);
        vec![
            Away::Address,
            Away::NothingToLogInWith,
            Away::SecretFile {
                file: file(),
                cause: cause(),
            },
            Away::AuthorityFile { file: file() },
            Away::NoAuthorities,
            Away::UnknownHost,
            Away::Unreachable { cause: cause() },
            Away::NoAnswer,
            Away::CertificateDate,
            Away::CertificateUnknown,
            Away::CertificateName,
            Away::NoTls { text: text() },
            Away::Refused { text: text() },
            Away::TokenRefused { text: text() },
            Away::NoBox {
                name: folder(),
                text: text(),
            },
            Away::Ended { text: String::new() },
            Away::Unwilling { text: text() },
            Away::NotUnderstood,
            Away::Fault,
            Away::TooMuch,
            Away::NoMarks,
            Away::NoMoving { folder: folder() },
            Away::NotMoved {
                folder: folder(),
                text: text(),
            },
        ]
    }

    #[test]
    fn each_sentence_is_whole_and_names_the_mailbox() {
        for lang in [Lang::Nb, Lang::Nn, Lang::En] {
            let mut sentences = std::collections::HashSet::new();
            for why in all() {
                let said = sentence(lang, "imaps://post@x.example/INBOX", &why, &|cause| {
                    inputs::cause(lang, cause)
                });
                assert!(said.contains("imaps://post@x.example/INBOX"), "{said}");
                assert!(
                    said.ends_with('.') && !said.contains(['{', '}']) && !said.contains(".."),
                    "{said}"
                );
                assert!(said.matches(['.', ';']).count() >= 3, "says what to do: {said}");
                let mut words = said.split(|c: char| !c.is_alphanumeric() && c != '_');
                let no_setting = words.find(|word| word.contains('_') && !crate::settings::NAMES.contains(word));
                assert_eq!(no_setting, None, "{said}");
                assert!(sentences.insert(said));
            }
        }
    }
}
