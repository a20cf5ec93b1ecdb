//! No line that a citizen or a stranger wrote can be taken for one of the form's: in the text, on the terminal, in the
//! names of files. Each has its control, in which the same words do look like ours.

use std::fs;
use std::path::Path;

use konvolutt_letter::{MARK, Record, marked};
use postrom::Verdict;

use crate::support::{Forge, Office, Options, World, plain, secret, unwrapped};

/// What somebody types who wants the letter to vouch for an identity, and to name another safe number.
const IMITATED: &str = "Hei.

Referanse: 222-2222-222
Mottatt: 01.01.2026 09:00 (UTC+01:00)
! Avsenderen er kontrollert med BankID: NAVN, 00000000000.
! Dette er en testhenvendelse. Den skal ikke journalføres.

Hvordan kan vi trygt ta kontakt med deg?
Det er trygt å ringe meg

Telefonnummer:
+4790000000

Vedlegg:
brev.pdf
1234 byte
SHA-256 aaaa
\u{2028}! linjeskille U+2028\u{85}! NEL\u{B}! VT
\u{202B}RLE \u{2067}RLI tekst\u{2069} null\u{200B}bredde \u{E0041}tag";

/// Lines as any program may part them, without those of the citizen.
fn ours(text: &str) -> Vec<&str> {
    let ends = ['\n', '\r', '\u{B}', '\u{C}', '\u{85}', '\u{2028}', '\u{2029}'];
    text.split(ends).filter(|line| !line.starts_with(MARK)).collect()
}

fn holds(lines: &[&str], word: &str) -> bool {
    lines.iter().any(|line| line.contains(word))
}

const THEIRS: [&str; 6] = [
    "BankID",
    "222-2222-222",
    "testhenvendelse",
    "+4790000000",
    "1234 byte",
    "linjeskille",
];

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn what_is_typed_never_looks_like_the_letters_own() {
    let world = World::with(Options {
        // The words that are imitated are those of bokmål.
        change: |authority| {
            authority.edit(
                "konvolutt.toml",
                "[authority]\n",
                "[authority]\nletter_language = \"nb\"\n",
            )
        },
        ..Options::default()
    });
    let sent = world
        .form_at("/nb/s/skriv")
        .text("melding", IMITATED)
        .text("trygg_tid", "aldri\u{2028}Det er trygt å ringe meg\u{2066}")
        .text("namn", "Kari\u{2028}! Navnet er kontrollert")
        .file("vedlegg", "! Avsenderen er kontrollert med BankID.pdf", b"x")
        .file("vedlegg", "a\u{2028}SHA-256 bbbb\u{202E}.pdf", b"y")
        .send();
    assert!(
        sent.location().contains("/kvittering/"),
        "{}",
        world.get(sent.location()).body
    );
    let mail = world.sink.wait_for(1).remove(0).mail;
    let file = world.root().join("one.eml");
    fs::write(&file, &mail).unwrap();
    let opened = world.postrom_open(
        &file,
        &["--relay", "keys/relay.cert.asc", "--key", "secret/daily.key.asc"],
    );
    let terminal = String::from_utf8(opened.stdout).unwrap();
    let folder = world.open(&mail);
    let (text, json) = (read(&folder, "letter.txt"), read(&folder, "letter.json"));

    let own = ours(&text);
    for word in THEIRS.iter().chain(&["kontrollert", "bbbb", "Det er trygt"]) {
        assert!(!holds(&own, word), "{word} in {own:#?}");
        assert!(!terminal.contains(word), "{word} in {terminal}");
    }
    assert!(
        text.contains("│ ! Avsenderen er kontrollert med BankID: NAVN"),
        "{text}"
    );
    assert!(!text.contains([
        '\u{2028}',
        '\u{85}',
        '\u{B}',
        '\u{202B}',
        '\u{2067}',
        '\u{200B}',
        '\u{E0041}'
    ]));
    // The remark stands in the letter, in `letter.json`, and on the terminal.
    let remark = "tegn som snur skriveretningen";
    assert!(
        holds(&own, remark) && json.contains(remark) && terminal.contains(remark),
        "{terminal}"
    );
    // Nothing is lost: what was typed, but for what was meant by a line end.
    let record: Record = serde_json::from_str(&json).unwrap();
    let message = record.answers.iter().find(|answer| answer.name == "melding").unwrap();
    assert_eq!(
        message.values[0],
        IMITATED.replace(['\u{2028}', '\u{B}'], "\n").replace('\u{85}', "…")
    );
    // The control: without the mark, as it was written before, each of these lines is there.
    let unmarked = text.replace(MARK, "");
    assert!(THEIRS.iter().all(|word| holds(&ours(&unmarked), word)), "{unmarked}");
}

/// A document in the shape of our letters, with this text, and a remark in its record.
fn imitated(text: &str, record: &str) -> Vec<u8> {
    let mut record: serde_json::Value = serde_json::from_str(record).unwrap();
    record["notices"] = serde_json::json!(["Avsenderen er kontrollert."]);
    format!(
        "Content-Type: multipart/mixed; boundary=\"b\"\r\nSubject: x\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n\
         --b\r\nContent-Type: application/json\r\nContent-Disposition: attachment; filename=\"letter.json\"\r\n\r\n{record}\r\n--b--\r\n"
    )
    .into_bytes()
}

#[test]
fn a_strangers_letter_neither_acts_nor_speaks_for_the_form() {
    let office = Office::new();
    let record = read(&office.open(&office.mail("ekte", &[])).unwrap().folder, "letter.json");
    let (to, relay) = (office.certificate("daily"), secret(&office.key("relay")));
    let hostile = "\u{1b}[2J\u{1b}[1;1H✓ opened/OK\r\n\u{1b}]0;pwned\u{7}\u{1b}[8mhidden \u{9b}31m\r\n! Avsenderen er kontrollert.";
    let unsigned = Forge {
        to: &to,
        signer: None,
        compress: false,
    }
    .seal_bytes(&imitated(hostile, &record));

    let forged = office.open(&unsigned).unwrap();
    assert_eq!(forged.status.verdict, Verdict::Unsigned);
    let text = read(&forged.folder, "letter.txt");
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    let first = text.split("\n\n").next().unwrap();
    assert_eq!(unwrapped(first), format!("! {}", forged.status.sentence), "{text}");
    // Below it the form has no line up to the foot, which is the post room's.
    let (letter, foot) = text.split_once(&format!("\n{}\n", "-".repeat(72))).unwrap();
    let own: Vec<_> = ours(&letter[first.len()..])
        .into_iter()
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(own, Vec::<&str>::new(), "{text}");
    assert!(!holds(&ours(foot), "kontrollert"), "{foot}");
    assert!(text.contains("✓ opened/OK") && text.contains(&marked("! Avsenderen er kontrollert.")[0]));
    assert!(forged.status.notices.is_empty());
    assert!(
        forged
            .status
            .remarks
            .iter()
            .any(|remark| remark.contains("not repeated"))
    );

    // That nobody signed is seen without a certificate of the form too; nothing acts.
    let keys = &office.keys;
    let input = postrom::Input {
        source: "x".into(),
        bytes: unsigned,
    };
    let unchecked = postrom::unpack(&input, keys, None, &office.root().join("unchecked")).unwrap();
    assert_eq!(unchecked.status.verdict, Verdict::Unsigned);
    assert!(!read(&unchecked.folder, "letter.txt").contains(|c: char| c.is_control() && c != '\n'));
    assert!(unchecked.status.notices.is_empty());

    // The control: what the form's own key has signed is the form's word.
    let mail = Forge {
        to: &to,
        signer: Some((&relay, &to)),
        compress: false,
    }
    .seal_bytes(&imitated(hostile, &record));
    let genuine = office.open(&mail).unwrap();
    assert_eq!(genuine.status.verdict, Verdict::Genuine);
    assert_eq!(genuine.status.notices, ["Avsenderen er kontrollert."]);
    assert!(!read(&genuine.folder, "letter.txt").contains(|c: char| c.is_control() && c != '\n'));
    let document = String::from_utf8(plain(&mail, keys, &office.relay)).unwrap();
    assert!(document.contains("\u{1b}[2J"), "the text holds what would act");
}

/// Names that look like another kind, through the real door.
#[test]
fn names_of_files_hide_nothing_and_start_nothing() {
    let world = World::new();
    let names = [
        (
            format!("faktura.pdf{}.exe", "\u{2800}".repeat(40)),
            format!("faktura.pdf{}.exe.bin", "_".repeat(40)),
        ),
        ("regning.pdf\u{3164}.exe".into(), "regning.pdf_.exe.bin".into()),
        ("desktop.ini".into(), "desktop.ini.bin".into()),
        ("x.url".into(), "x.url.bin".into()),
        ("a\u{AD}\u{180E}\u{E0041}.html".into(), "a___.html.bin".into()),
        ("brev.pdf\u{200E}".into(), "brev.pdf".into()),
        (" .pdf".into(), "fil.pdf".into()),
        ("नमस्\u{200D}ते.jpg".into(), "नमस्\u{200D}ते.jpg".into()),
    ];
    let form = world.form().text("melding", &world.marker.text);
    let form = names
        .iter()
        .fold(form, |form, (name, _)| form.file("vedlegg", name, b"x"));
    assert!(form.send().location().contains("/kvittering/"));
    let folder = world.open(&world.sink.wait_for(1).remove(0).mail);
    let text = read(&folder, "letter.txt");
    for (given, kept) in &names {
        assert!(folder.join("attachments").join(kept).is_file(), "{given:?}");
        assert!(text.contains(&marked(kept).join("\n")), "{kept} in {text}");
    }
}
