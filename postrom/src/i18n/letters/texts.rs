//! The texts about letters, in three languages.

use crate::i18n::{Count, Each};

/// The texts of this topic in one language.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the names say it
pub struct LetterTexts {
    pub verdicts: VerdictTexts,
    pub remarks: RemarkTexts,
    pub foot: FootTexts,
    /// First line of a test letter whose own words are in another language.
    pub test: &'static str,
    /// First lines of a letter whose server did not mark what was typed.
    pub unmarked: &'static str,
}

/// Verdicts as sentences and as words.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct VerdictTexts {
    pub genuine: &'static str,
    pub genuine_former: &'static str,
    pub not_checked: &'static str,
    pub after_your_clock: &'static str,
    pub unsigned: &'static str,
    pub signed_by_another: &'static str,
    pub signed_by: &'static str,
    pub key_not_valid: &'static str,
    pub not_for_you: &'static str,
    pub broken: &'static str,
    pub mail: &'static str,
    pub mail_signed_by: &'static str,
}

/// What looks wrong, or was put right.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct RemarkTexts {
    pub no_record: &'static str,
    pub test: &'static str,
    pub file_count: &'static str,
    pub file_changed: &'static str,
    pub own_notices: &'static str,
    pub mail: &'static str,
    pub header: &'static str,
    pub header_of_operator: &'static str,
    pub no_web_mark: &'static str,
}

/// Labels at the foot of `letter.txt`.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct FootTexts {
    pub form: &'static str,
    pub authority: &'static str,
    pub reference: &'static str,
    pub received: &'static str,
    pub verdict: &'static str,
    pub signed_by: &'static str,
    pub readers: &'static str,
    pub unknown_key: &'static str,
    pub files: &'static str,
    pub no_files: &'static str,
    pub bytes: Count,
}

/// Every text of this topic.
pub static TEXTS: Each<LetterTexts> = Each {
    nb: LetterTexts {
        verdicts: VerdictTexts {
            genuine: "Brevet kom gjennom skjemaet deres, og ingen har endret det på veien.",
            genuine_former: "Brevet kom gjennom skjemaet deres, og ingen har endret det på veien. Det er signert med en \
                tidligere nøkkel til skjemaet.",
            not_checked: "Det er ikke kontrollert om brevet kom gjennom skjemaet deres. Åpne det på nytt med sertifikatet \
                til skjemaet (--relay).",
            after_your_clock: "Brevet er datert fram i tid etter klokken på denne maskinen. Kontroller at klokken går riktig, og åpne brevet på nytt.",
            unsigned: "Brevet er IKKE signert av skjemaet deres. Alle som har den offentlige nøkkelen deres, kan ha laget \
                det. Behandle det som vanlig e-post fra en ukjent avsender.",
            signed_by_another: "Brevet er signert av noen andre enn skjemaet deres. Behandle det som vanlig e-post fra en \
                ukjent avsender.",
            signed_by: "Brevet er signert av {name}, IKKE av skjemaet deres. Behandle det som vanlig e-post fra den \
                avsenderen.",
            key_not_valid: "Brevet er signert med en av skjemaets nøkler, men nøkkelen er trukket tilbake eller \
                gjaldt ikke da brevet ble signert. Spør driftsansvarlig før dere stoler på det.",
            not_for_you: "Skjemaet har signert dette brevet, men til en annen mottaker enn dere. Noen kan ha pakket det \
                om og sendt det videre. Spør driftsansvarlig før dere stoler på det.",
            broken: "Signaturen fra skjemaet stemmer ikke: Brevet er endret etter at det ble signert. Ta vare på e-posten, \
                og be driftsansvarlig om å sende brevet på nytt.",
            mail: "Dette er ikke et brev fra et skjema, men en e-post som noen har kryptert til postmottaket. Behandle den \
                som vanlig e-post.",
            mail_signed_by: "Dette er ikke et brev fra et skjema, men en e-post som noen har kryptert til postmottaket. \
                Den er signert av {name}. Behandle den som vanlig e-post.",
        },
        remarks: RemarkTexts {
            no_record: "letter.json mangler eller har en ukjent versjon. letter.txt og vedleggene er alt som finnes.",
            test: "Dette er et testbrev. Det kommer ikke fra en innbygger og skal ikke journalføres.",
            file_count: "Antall vedlegg stemmer ikke: Brevet oppgir {said}, men {came} kom fram. Be driftsansvarlig om å \
                sende brevet på nytt.",
            file_changed: "Filen «{name}» er ikke den som avsenderen sendte. Be driftsansvarlig om å sende brevet på nytt.",
            own_notices: "Brevet har egne merknader. De er ikke tatt med her, for bare i et ekte brev er det skjemaet \
                som har skrevet dem.",
            mail: "E-posten er lagret som den er, i document.eml.",
            header: "{field}: E-posten sier «{outer}», det krypterte brevet sier «{inner}».",
            header_of_operator: " Det gjør ingenting hvis driftsansvarlig endret dette mens brevet ventet. Hvis ikke: Si \
                fra til driftsansvarlig.",
            no_web_mark: "Windows er ikke fortalt at vedleggene kommer utenfra: disken kan ikke merke filer. Åpne dem med ekstra forsiktighet.",
        },
        foot: FootTexts {
            form: "Skjema",
            authority: "Mottaker",
            reference: "Referanse",
            received: "Mottatt",
            verdict: "Kontroll",
            signed_by: "Signert av",
            readers: "Kan åpnes av",
            unknown_key: "ukjent nøkkel {key}",
            files: "Filer i mappen attachments",
            no_files: "Ingen vedlegg",
            bytes: Count {
                one: "{n} byte",
                other: "{n} byte",
            },
        },
        test: "T Dette er et testbrev. Det kommer ikke fra en innbygger og skal ikke journalføres.",
        unmarked: "! Brevet kom fra en eldre utgave av skjemaet, som ikke skilte det avsenderen skrev, fra skjemaets egne \
            linjer. Derfor er alle linjene merket.",
    },
    nn: LetterTexts {
        verdicts: VerdictTexts {
            genuine: "Brevet kom gjennom skjemaet dykkar, og ingen har endra det på vegen.",
            genuine_former: "Brevet kom gjennom skjemaet dykkar, og ingen har endra det på vegen. Det er signert med ein \
                tidlegare nøkkel til skjemaet.",
            not_checked: "Det er ikkje kontrollert om brevet kom gjennom skjemaet dykkar. Opne det på nytt med \
                sertifikatet til skjemaet (--relay).",
            after_your_clock: "Brevet er datert fram i tid etter klokka på denne maskina. Kontroller at klokka går rett, og \
                opne brevet på nytt.",
            unsigned: "Brevet er IKKJE signert av skjemaet dykkar. Alle som har den offentlege nøkkelen dykkar, kan ha \
                laga det. Behandle det som vanleg e-post frå ein ukjend avsendar.",
            signed_by_another: "Brevet er signert av nokon andre enn skjemaet dykkar. Behandle det som vanleg e-post frå \
                ein ukjend avsendar.",
            signed_by: "Brevet er signert av {name}, IKKJE av skjemaet dykkar. Behandle det som vanleg e-post frå den \
                avsendaren.",
            key_not_valid: "Brevet er signert med ein av nøklane til skjemaet, men nøkkelen er trekt tilbake eller \
                gjaldt ikkje då brevet vart signert. Spør driftsansvarleg før de stolar på det.",
            not_for_you: "Skjemaet har signert dette brevet, men til ein annan mottakar enn dykk. Nokon kan ha pakka det \
                om og sendt det vidare. Spør driftsansvarleg før de stolar på det.",
            broken: "Signaturen frå skjemaet stemmer ikkje: Brevet er endra etter at det vart signert. Ta vare på \
                e-posten, og be driftsansvarleg om å sende brevet på nytt.",
            mail: "Dette er ikkje eit brev frå eit skjema, men ein e-post som nokon har kryptert til postmottaket. \
                Behandle han som vanleg e-post.",
            mail_signed_by: "Dette er ikkje eit brev frå eit skjema, men ein e-post som nokon har kryptert til \
                postmottaket. Han er signert av {name}. Behandle han som vanleg e-post.",
        },
        remarks: RemarkTexts {
            no_record: "letter.json manglar eller har ein ukjend versjon. letter.txt og vedlegga er alt som finst.",
            test: "Dette er eit testbrev. Det kjem ikkje frå ein innbyggjar og skal ikkje journalførast.",
            file_count: "Talet på vedlegg stemmer ikkje: Brevet oppgir {said}, men {came} kom fram. Be driftsansvarleg om \
                å sende brevet på nytt.",
            file_changed: "Fila «{name}» er ikkje den som avsendaren sende. Be driftsansvarleg om å sende brevet på nytt.",
            own_notices: "Brevet har eigne merknader. Dei er ikkje tekne med her, for berre i eit ekte brev er det \
                skjemaet som har skrive dei.",
            mail: "E-posten er lagra som han er, i document.eml.",
            header: "{field}: E-posten seier «{outer}», det krypterte brevet seier «{inner}».",
            header_of_operator: " Det gjer ingenting om driftsansvarleg endra dette medan brevet venta. Elles: Sei frå til \
                driftsansvarleg.",
            no_web_mark: "Windows har ikkje fått vite at vedlegga kjem utanfrå: disken kan ikkje merkje filer. Opne dei med ekstra varsemd.",
        },
        foot: FootTexts {
            form: "Skjema",
            authority: "Mottakar",
            reference: "Referanse",
            received: "Motteke",
            verdict: "Kontroll",
            signed_by: "Signert av",
            readers: "Kan opnast av",
            unknown_key: "ukjend nøkkel {key}",
            files: "Filer i mappa attachments",
            no_files: "Ingen vedlegg",
            bytes: Count {
                one: "{n} byte",
                other: "{n} byte",
            },
        },
        test: "T Dette er eit testbrev. Det kjem ikkje frå ein innbyggjar og skal ikkje journalførast.",
        unmarked: "! Brevet kom frå ei eldre utgåve av skjemaet, som ikkje skilde det avsendaren skreiv, frå linjene til \
            skjemaet. Difor er alle linjene merkte.",
    },
    en: LetterTexts {
        verdicts: VerdictTexts {
            genuine: "This letter came through your form and was not changed on the way.",
            genuine_former: "This letter came through your form and was not changed on the way. It is signed by a former \
                key of the form.",
            not_checked: "Whether this letter came through your form was not checked. Open it again with the form's \
                certificate (--relay).",
            after_your_clock: "This letter is dated after your clock. Look whether the clock of this machine is right, \
                then open the letter again.",
            unsigned: "This letter is NOT signed by your form. Anyone who has your public key can have made it. Treat it \
                as ordinary mail from an unknown sender.",
            signed_by_another: "This letter is signed by somebody else than your form. Treat it as ordinary mail from an \
                unknown sender.",
            signed_by: "This letter is signed by {name}, NOT by your form. Treat it as ordinary mail from that sender.",
            key_not_valid: "This letter is signed with a key of your form that was withdrawn, or that was not valid when \
                the letter was signed. Ask the operator before you rely on it.",
            not_for_you: "Your form signed this letter, but for somebody else than you. It may have been packed anew and \
                sent on. Ask the operator before you rely on it.",
            broken: "Your form's signature does not fit: the letter was changed after it was signed. Keep the mail, and \
                ask the operator to send the letter again.",
            mail: "This is not a letter from a form, but a mail that somebody sealed to your post room. Treat it as \
                ordinary mail.",
            mail_signed_by: "This is not a letter from a form, but a mail that somebody sealed to your post room. It is \
                signed by {name}. Treat it as ordinary mail.",
        },
        remarks: RemarkTexts {
            no_record: "letter.json is missing or of an unknown version; letter.txt and the attachments are all there is.",
            test: "This is a test letter, not from a citizen. It is not to be registered.",
            file_count: "The letter says that it has {said} files; {came} came. Ask the operator to send it again.",
            file_changed: "The file “{name}” is not the one that the citizen sent. Ask the operator to send the letter \
                again.",
            own_notices: "The letter brings remarks of its own. They are not repeated here: only a genuine letter's are \
                the form's.",
            mail: "The mail was saved as it is, as document.eml.",
            header: "{field}: the mail says “{outer}”, the sealed letter says “{inner}”.",
            header_of_operator: " No harm if the operator changed it while the letter waited; else tell the operator.",
            no_web_mark: "Windows was not told that the attachments come from outside: this disk cannot mark files. Open them with extra care.",
        },
        foot: FootTexts {
            form: "Form",
            authority: "Recipient",
            reference: "Reference",
            received: "Received",
            verdict: "Verdict",
            signed_by: "Signed by",
            readers: "Can be opened by",
            unknown_key: "unknown key {key}",
            files: "Files in the folder attachments",
            no_files: "No attachments",
            bytes: Count {
                one: "{n} byte",
                other: "{n} bytes",
            },
        },
        test: "T This is a test letter. It does not come from a citizen and is not to be registered.",
        unmarked: "! This letter came from an older version of the form, which did not tell what the sender wrote from \
            lines of its own. So every line is marked.",
    },
};
