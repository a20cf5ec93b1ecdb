//! What holds for every letter, whatever is written in it.

use std::fs;

use konvolutt_letter::{MARK, hides_something, marked};
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

use crate::support::{Office, plain};

/// Anything that a letter may hold: no control characters but line ends and tabs, and nothing that turns text around.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[^\\p{Cc}\u{202D}\u{202E}]{0,40}",
        1 => Just("\r\n".to_owned()),
        1 => Just("\n.\n".to_owned()),
        1 => Just("\nFrom x\n--=_0\n--=_0--\n".to_owned()),
        1 => Just("\nContent-Type: text/html\n\n<b>".to_owned()),
        1 => Just("=3D=\n\t=20 ".to_owned()),
    ];
    prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

/// Anything at all, as a hostile client may send it.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => any::<String>(),
        1 => Just("a\"; filename=\"b.html\r\nContent-Type: text/html\r\n\r\n<b>".to_owned()),
        1 => Just("../../x/letter.json".to_owned()),
        1 => "[æøåŋđŧ😀«»]{1,200}\\.pdf",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_sealed_comes_out(
        text in text(),
        files in prop::collection::vec((name(), prop::collection::vec(any::<u8>(), 1..3000)), 0..4),
    ) {
        prop_assume!(!text.trim().is_empty());
        let office = office();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let mail = office.mail(&text, &files);

        // Strict lines, 7bit, nothing over the limit (RFC 5322 §2.1.1, §2.3).
        for line in mail.split_inclusive(|byte| *byte == b'\n') {
            prop_assert!(line.ends_with(b"\r\n") && line.len() <= 1000 && line.is_ascii());
            prop_assert!(!line[..line.len() - 2].contains(&b'\r'));
        }

        // The same tree for every content: text, files, record.
        let document = plain(&mail, &office.keys, &office.relay);
        prop_assert!(document.len() as u64 == konvolutt_letter::pad::padme(document.len() as u64));
        let message = MessageParser::default().parse(&document).unwrap();
        let kinds: Vec<bool> = message.parts[1..]
            .iter()
            .map(|part| part.content_disposition().is_some_and(|disposition| disposition.is_attachment()))
            .collect();
        let mut expected = vec![true; files.len() + 2];
        expected[0] = false;
        prop_assert_eq!(kinds, expected);

        // And what comes out is what went in.
        let outcome = office.open(&mail).unwrap();
        prop_assert!(outcome.status.remarks.is_empty() && outcome.status.header_mismatch.is_empty());
        prop_assert!(outcome.status.notices.len() == usize::from(hides_something(&text)));
        let record: serde_json::Value = serde_json::from_slice(&fs::read(outcome.folder.join("letter.json")).unwrap()).unwrap();
        let answers = record["answers"].as_array().unwrap();
        let message = answers.iter().find(|answer| answer["name"] == "melding").unwrap();
        let plain = text.replace("\r\n", "\n").replace(['\u{2028}', '\u{2029}'], "\n");
        prop_assert_eq!(message["values"][0].as_str().unwrap(), plain.trim_end());
        let letter = fs::read_to_string(outcome.folder.join("letter.txt")).unwrap();
        prop_assert!(letter.contains(&marked(plain.trim_end()).join("\n")));
        // The same read without our writer: no other line than those with the mark holds what was typed.
        let typed: Vec<&str> = letter.lines().filter_map(|line| line.strip_prefix(MARK)).collect();
        let words = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>();
        prop_assert!(words(&typed.concat()).contains(&words(&plain)));
        let mut came: Vec<Vec<u8>> = fs::read_dir(outcome.folder.join("attachments"))
            .unwrap()
            .map(|entry| fs::read(entry.unwrap().path()).unwrap())
            .collect();
        let mut sent: Vec<Vec<u8>> = files.iter().map(|(_, bytes)| bytes.to_vec()).collect();
        came.sort();
        sent.sort();
        prop_assert_eq!(came, sent);
    }
}

/// `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(150)
}

/// One office for all cases: its keys are dear to make.
fn office() -> &'static Office {
    static OFFICE: std::sync::OnceLock<Office> = std::sync::OnceLock::new();
    OFFICE.get_or_init(Office::new)
}
