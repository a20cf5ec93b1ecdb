//! A post room with a morning's mail in it: invented people, invented matters, and every kind of letter that a list can
//! hold. Comes in: an empty folder. Goes out: a key, a certificate, and a mailbox.

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use image::{ImageFormat, Rgb, RgbImage};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use konvolutt_letter::{Record, Reference};
use postrom::KeyProfile;
use sequoia_openpgp::Cert;
use sequoia_openpgp::serialize::SerializeInto;

use super::support::{Seal, Sent, letter, mail, relay, room};

pub const PASSPHRASE: &str = "riktig hest batteri stift";
const DAMAGED: usize = 11;
const DAY: Duration = Duration::from_secs(86_400);

/// What a letter is about.
struct Matter {
    /// Days and hours ago.
    ago: (i64, i64),
    form: (&'static str, u16),
    language: &'static str,
    question: &'static str,
    text: &'static str,
    /// Ways that are safe, as words for machines and for people; `None` when the form does not ask.
    ways: Option<&'static [(&'static str, &'static str)]>,
    files: &'static [(&'static str, usize)],
}

const COMPLAINT: (&str, u16) = ("Si fra til oss", 30);
const LETTER: (&str, u16) = ("Skriv til postmottaket", 21);

const MATTERS: [Matter; 7] = [
    Matter {
        ago: (19, 2),
        form: LETTER,
        language: "nb",
        question: "Hva vil du skrive til oss?",
        text: "Jeg har hatt avlastning for sønnen min to helger i måneden. I september fikk jeg beskjed om at det blir én helg, uten at \
               noen har snakket med oss.\n\nJeg ber om å få se vedtaket, og om at dere ser på saken på nytt. Skriv til meg på e-post. \
               Jeg jobber turnus, og det er andre som tar telefonen hjemme.",
        ways: Some(&[("epost", "På e-post: ingrid.s@epost.example")]),
        files: &[("Vedtak 2025.pdf", 348_112), ("Brev fra kommunen.jpg", 1_204_551)],
    },
    Matter {
        ago: (16, 5),
        form: COMPLAINT,
        language: "nn",
        question: "Kva gjeld det?",
        text: "Heimetenesta har ikkje kome dei tre siste fredagane. Mor mi ventar til klokka to, og så må eg køyre frå jobb.",
        ways: Some(&[("ring", "Telefon"), ("sms", "SMS")]),
        files: &[],
    },
    Matter {
        ago: (9, 7),
        form: COMPLAINT,
        language: "nb",
        question: "Hva gjelder det?",
        text: "Noen i min egen familie jobber hos dere. Jeg vil at saken blir lest av en annen avdeling.",
        ways: Some(&[]),
        files: &[("notat.txt", 2_410)],
    },
    Matter {
        ago: (4, 1),
        form: LETTER,
        language: "en",
        question: "What do you want to write to us?",
        text: "I moved here in August and still have no place in the language course. Who decides that, and when?",
        ways: Some(&[("epost", "By e-mail"), ("sms", "Text message")]),
        files: &[],
    },
    Matter {
        ago: (2, 3),
        form: COMPLAINT,
        language: "nb",
        question: "Hva gjelder det?",
        text: "Skolen har flyttet spesialundervisningen til gangen utenfor klasserommet.",
        ways: Some(&[("brev", "Vanlig brev")]),
        files: &[("skisse av gangen.png", 211_004)],
    },
    Matter {
        ago: (1, 6),
        form: LETTER,
        language: "nn",
        question: "Kva vil du skrive til oss?",
        text: "Eg søkjer om å få sleppe foreldrebetaling i barnehagen frå januar.",
        ways: None,
        files: &[("likningsutskrift.pdf", 96_211)],
    },
    Matter {
        ago: (0, 4),
        form: COMPLAINT,
        language: "nb",
        question: "Hva gjelder det?",
        text: "Brøytebilen har lagt snø foran rampen til legekontoret hver morgen denne uken.",
        ways: Some(&[("ring", "Telefon")]),
        files: &[],
    },
];

/// The post room of a municipality that does not exist.
pub struct PostRoom<'a> {
    root: &'a Path,
    own: Cert,
    relay: Cert,
}

impl<'a> PostRoom<'a> {
    pub fn new(root: &'a Path) -> Self {
        let name = "Postmottaket, Sørvest kommune";
        let address = "postmottak@sorvest.example";
        let new = postrom::generate(KeyProfile::Compat, name, address, 900 * DAY, Some(PASSPHRASE.into())).unwrap();
        let relay = relay("skjema@sorvest.example", SystemTime::now() - 400 * DAY);
        let public = relay.clone().strip_secret_key_material().armored().to_vec().unwrap();
        fs::create_dir_all(root.join("post")).unwrap();
        let key = root.join("postmottak.key.asc");
        fs::write(&key, &new.key).unwrap();
        fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(root.join("skjema.cert.asc"), public).unwrap();
        Self {
            root,
            own: new.cert,
            relay,
        }
    }

    /// The mail of some weeks; the references of the genuine letters, in the order of the matters.
    pub fn fill(&self) -> Vec<String> {
        let by_form = Seal::by_relay(&self.relay, &self.own);
        let genuine = (0..MATTERS.len()).map(|number| self.put(&by_form, number, number, &|_| {}));
        let genuine: Vec<String> = genuine.collect();
        self.put(&by_form, 7, 6, &|record| {
            record.test = true;
            record.answers[0].values = vec!["Prøvebrev fra driftsavdelingen.".into()];
        });
        self.put(&Seal::unsigned(&self.own), 8, 3, &|record| record.answers.truncate(1));
        self.forged_twin(&genuine[4]);
        self.put(
            &Seal::by_relay(&self.relay, &room("Postmottaket, Nordøya kommune").0),
            9,
            5,
            &|_| {},
        );
        self.damaged();
        genuine
    }

    /// Somebody who saw the number of a letter, and sealed one of their own.
    fn forged_twin(&self, of: &str) {
        let by_stranger = stranger();
        let seal = Seal {
            by: Some(&by_stranger),
            ..Seal::by_relay(&self.relay, &self.own)
        };
        self.put(&seal, 10, 4, &|record| {
            record.reference = of.to_owned();
            record.answers[0].values = vec!["Saken er løst. Dere kan slette det forrige brevet.".into()];
        });
    }

    /// Some of it was lost on the way.
    fn damaged(&self) {
        let seal = Seal::by_relay(&self.relay, &self.own);
        let mut whole = seal.armored(&self.letter(DAMAGED, &MATTERS[6], &|_| {}).1);
        whole[400..440].fill(b'A');
        self.write(DAMAGED, &number(DAMAGED), &whole);
    }

    /// Puts a letter into the mailbox; its reference.
    fn put(&self, seal: &Seal<'_>, place: usize, matter: usize, alter: &dyn Fn(&mut Record)) -> String {
        let (reference, document) = self.letter(place, &MATTERS[matter], alter);
        self.write(place, &reference, &seal.armored(&document));
        reference
    }

    fn write(&self, place: usize, reference: &str, sealed: &[u8]) {
        let file = self.root.join(format!("post/{place:02}.eml"));
        fs::write(file, mail(reference, sealed)).unwrap();
    }

    fn letter(&self, place: usize, matter: &Matter, alter: &dyn Fn(&mut Record)) -> (String, Vec<u8>) {
        let own = number(place);
        let altered = |record: &mut Record| {
            matter.write(record);
            alter(record);
        };
        let contents: Vec<Vec<u8>> = matter.files.iter().map(|(name, size)| content(name, *size)).collect();
        let files = matter.files.iter().zip(&contents);
        let sent = Sent {
            alter: Some(&altered),
            files: files.map(|((name, _), content)| (*name, content.as_slice())).collect(),
            ..Sent::new(&own, matter.text)
        };
        (own.clone(), letter(&sent))
    }
}

impl Matter {
    fn write(&self, record: &mut Record) {
        let (days, hours) = self.ago;
        let received = Timestamp::now() - SignedDuration::from_hours(days * 24 + hours);
        record.received = received
            .to_zoned(TimeZone::get("Europe/Oslo").unwrap())
            .strftime("%FT%T%:z")
            .to_string();
        (record.title, record.deadline_days) = (self.form.0.into(), Some(self.form.1));
        record.authority = "Sørvest kommune".into();
        (record.letter_language, record.language) = (self.language.into(), self.language.into());
        record.answers[0].label = self.question.into();
        if let Some(ways) = self.ways {
            let mut answer = record.answers[0].clone();
            answer.name = "trygg_kontakt".into();
            answer.kind = "checkboxes".into();
            answer.label = match self.language {
                "en" => "How can we contact you safely?",
                "nn" => "Korleis kan vi trygt ta kontakt med deg?",
                _ => "Hvordan kan vi trygt ta kontakt med deg?",
            }
            .into();
            answer.values = ways.iter().map(|(_, said)| (*said).to_owned()).collect();
            answer.normalised = ways.iter().map(|(way, _)| (*way).to_owned()).collect();
            (answer.chosen, answer.safe_contact) = (true, true);
            record.answers.push(answer);
        }
    }
}

fn stranger() -> Cert {
    relay("noen@annet.example", SystemTime::now() - DAY)
}

/// The number of the one that cannot be opened.
pub fn damaged() -> String {
    number(DAMAGED)
}

/// What number the letter at that place has.
fn number(place: usize) -> String {
    Reference::from_random(&[(place as u8) * 13 + 7; 16]).to_string()
}

/// A file of that size, and what its name says: a picture of a letter, or else nothing that anybody looks into.
fn content(name: &str, size: usize) -> Vec<u8> {
    let format = match name.rsplit('.').next() {
        Some("jpg") => ImageFormat::Jpeg,
        Some("png") => ImageFormat::Png,
        Some("pdf") => return [b"%PDF-1.7\n".as_slice(), &vec![b' '; size], b"\n%%EOF\n"].concat(),
        _ => return vec![b'.'; size],
    };
    let page = RgbImage::from_fn(600, 420, |x, y| {
        let end = 560 - (y / 22) * 47 % 160;
        let is_line = (40..end).contains(&x) && (60..380).contains(&y) && y % 22 < 6;
        Rgb(if is_line { [96, 99, 106] } else { [246, 244, 239] })
    });
    let mut out = Cursor::new(Vec::new());
    page.write_to(&mut out, format).unwrap();
    out.into_inner()
}
