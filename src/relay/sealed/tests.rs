use std::io;
use std::sync::Arc;

use konvolutt_letter::base64_lines;
use sha2::{Digest, Sha256};

use super::*;
use crate::store::{Envelope, Letter, Source};

struct Bytes(Vec<u8>);

impl Source for Bytes {
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let mut rest = self.0.get(usize::try_from(at).unwrap()..).unwrap_or_default();
        rest.read(into)
    }
}

fn looked_at(mail: &[u8], digest: [u8; 32]) -> Result<MailHead, Unsealed> {
    let envelope = Envelope {
        mailbox: String::new(),
        from: String::new(),
        to: String::new(),
        reference: String::new(),
        accepted: 0,
    };
    let letter = Letter::new(envelope, Arc::new(Bytes(mail.to_vec())), mail.len() as u64, digest);
    read(letter.mail())
}

/// What is said of a mail that was committed as it is.
fn verdict(mail: &[u8]) -> Result<MailHead, String> {
    looked_at(mail, Sha256::digest(mail).into()).map_err(|error| error.to_string())
}

fn head() -> MailHead {
    MailHead {
        from: "Sikkert skjema <skjema@authority.example>".into(),
        to: "postmottak@authority.example".into(),
        subject: "=?utf-8?B?TnkgaGVudmVuZGVsc2Ug?=\r\n =?utf-8?B?Mg==?=".into(),
        date: "Sun, 22 Nov 2026 01:42:00 +0100".into(),
        message_id: "<350b8b748a200046145d492edc66b1a4@authority.example>".into(),
        reference: "ZJ9-V75B-ZFG".into(),
        boundary: "=_ffa7c8a1ea65bec6a12144d47fa69d23".into(),
    }
}

fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[0xC0 | kind, 255][..], &length, body].concat()
}

fn key() -> Vec<u8> {
    packet(1, &[3; 94])
}

fn data(length: usize) -> Vec<u8> {
    packet(18, &vec![1; length])
}

fn lines(message: &[u8]) -> String {
    let mut lines = Vec::new();
    base64_lines(message, 48, &mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

fn armored(message: &[u8], sum: &str) -> String {
    let lines = lines(message);
    format!("-----BEGIN PGP MESSAGE-----\r\n\r\n{lines}{sum}-----END PGP MESSAGE-----\r\n")
}

fn mail_of(armor: &str) -> String {
    [head().text(), armor.to_owned(), head().end()].concat()
}

fn of_packets(packets: &[Vec<u8>]) -> String {
    mail_of(&armored(&packets.concat(), ""))
}

fn genuine() -> String {
    of_packets(&[key(), key(), data(300)])
}

/// The control of everything below, in each way that a message can be cut into lines, blocks and parts.
/// Whatever domain the configuration takes.
#[test]
fn a_domain_may_be_written_in_any_language_or_in_brackets() {
    let of = |domain: &str| {
        let with = |text: String| text.replace("authority.example", domain);
        let head = MailHead {
            from: with(head().from),
            to: with(head().to),
            message_id: with(head().message_id),
            ..head()
        };
        let message = [key(), data(100)].concat();
        verdict([head.text(), armored(&message, ""), head.end()].concat().as_bytes())
    };
    for domain in ["bodø.no", "xn--bod-2na.no", "[192.0.2.1]", "[IPv6:2001:db8::1]"] {
        assert!(of(domain).is_ok(), "{domain}: {:?}", of(domain).err());
    }
    for domain in ["bodø.no,x", "a b", "a\u{202e}b", "a\u{1b}b"] {
        assert!(of(domain).is_err(), "{domain:?}");
    }
}

#[test]
fn what_the_form_writes_is_believed() {
    for length in (1..200).chain([12_000, 24_500, 24_570, 49_000, 49_152, 100_001]) {
        let message = [key(), data(length)].concat();
        for sum in ["", "=Ic8C\r\n"] {
            let found = verdict(mail_of(&armored(&message, sum)).as_bytes());
            assert_eq!(found, Ok(head()), "{length} {sum}");
        }
    }
    // In parts, as a writer does that does not know the length: 512 bytes, 1, and the rest.
    let parts = [&[0xC0 | 18, 224 | 9, 2][..], &[0; 511], &[224, 0], &[192, 8], &[0; 200]];
    assert_eq!(verdict(of_packets(&[key(), parts.concat()]).as_bytes()), Ok(head()));
    let old = MailHead {
        to: "frå-før@authority.example".replace(['å', 'ø'], "x"),
        ..head()
    };
    let moved = genuine().replace(&head().to, &old.to);
    assert_eq!(verdict(moved.as_bytes()), Ok(old), "of an earlier configuration");
}

/// A change of one text in the genuine mail. It must be there.
fn changed(from: &str, to: &str) -> String {
    let mail = genuine();
    assert!(mail.contains(from), "{from}");
    mail.replacen(from, to, 1)
}

fn all_refused(mails: &[(&str, String)]) {
    for (what, mail) in mails {
        assert!(verdict(mail.as_bytes()).is_err(), "{what}");
    }
    assert_eq!(verdict(genuine().as_bytes()), Ok(head()), "the control");
}

#[test]
fn a_head_that_the_form_does_not_write_is_refused() {
    let clear =
        "From: skjema@authority.example\r\nTo: attacker@evil.example\r\nSubject: exfiltrated\r\n\r\nMy husband …\r\n";
    all_refused(&[
        ("clear text", clear.to_owned()),
        ("nothing", String::new()),
        ("a head alone", head().text()),
        ("clear text in the frame", mail_of("My husband\r\n")),
        ("Bcc", changed("Date: ", "Bcc: a@evil.example\r\nDate: ")),
        ("Cc first", format!("Cc: a@evil.example\r\n{}", genuine())),
        ("a second To", changed("Subject: ", "To: a@evil.example\r\nSubject: ")),
        (
            "two addresses",
            changed("To: postmottak@", "To: a@evil.example,postmottak@"),
        ),
        (
            "Reply-To",
            changed("Auto-Submitted", "Reply-To: a@evil.example\r\nAuto-Submitted"),
        ),
        ("folded words", changed("\r\nTo: ", "\r\n My husband\r\nTo: ")),
        (
            "a folded field",
            changed("\r\nTo: ", "\r\n Bcc: a@evil.example\r\nTo: "),
        ),
        ("a folded tab", changed("\r\nTo: ", "\r\n\tBcc: a@evil.example\r\nTo: ")),
        ("a blank line that is none", changed("\r\nTo: ", "\r\n \r\nTo: ")),
        ("a bare line feed", changed("\r\nTo: ", "\nTo: ")),
        (
            "a field after a bare line feed",
            changed("Sikkert", "S\nBcc: a@evil.example"),
        ),
        (
            "a field after a bare return",
            changed("Sikkert", "S\rBcc: a@evil.example"),
        ),
        ("8 bits in From", changed("Sikkert", "Sikkårt")),
        ("a zero", changed("Sikkert", "Sik\0kert")),
        ("an overlong line", changed("Sikkert", &"x".repeat(1000))),
        (
            "a long head",
            changed("Sikkert", &"=?utf-8?B?QQ==?=\r\n =?utf-8?B?QQ==?=".repeat(400)),
        ),
        ("a date with seconds", changed("01:42:00", "01:42:17")),
        ("a date that says more", changed("+0100", "+0100 (My husband)")),
        ("words in Message-ID", changed("350b8b748a", "myhusband-")),
        ("words in the reference", changed("ZJ9-V75B-ZFG", "MYH-USBA-NDX")),
        ("a reference as no one writes it", changed("ZJ9-V75B-ZFG", "zj9v75bzfg")),
    ]);
}

#[test]
fn a_frame_that_the_form_does_not_write_is_refused() {
    all_refused(&[
        ("another type", changed("multipart/encrypted", "multipart/mixed")),
        ("another field order", changed("MIME-Version: 1.0\r\n", "")),
        ("a preamble", changed("and 3156).\r\n", "and 3156).\r\nMy husband\r\n")),
        (
            "words in the control part",
            changed("Version: 1\r\n", "Version: 1\r\nMy husband\r\n"),
        ),
        ("another encoding", changed("7bit", "8bit")),
        (
            "armor headers",
            changed("MESSAGE-----\r\n", "MESSAGE-----\r\nComment: My husband\r\n"),
        ),
        (
            "a signed message",
            changed("BEGIN PGP MESSAGE", "BEGIN PGP SIGNED MESSAGE"),
        ),
    ]);
}

#[test]
fn armor_that_the_form_does_not_write_is_refused() {
    all_refused(&[
        (
            "text before the armor",
            changed("-----BEGIN", "My husband\r\n-----BEGIN"),
        ),
        (
            "text after the armor",
            changed("END PGP MESSAGE-----\r\n", "END PGP MESSAGE-----\r\nMy husband\r\n"),
        ),
        (
            "an extra part",
            changed(
                "\r\n--=_ffa7c8a1ea65bec6a12144d47fa69d23--",
                "\r\n--=_ffa7c8a1ea65bec6a12144d47fa69d23\r\n\r\nMy husband\r\n--=_ffa7c8a1ea65bec6a12144d47fa69d23--",
            ),
        ),
        ("an epilogue", format!("{}My husband\r\n", genuine())),
        ("a mail that is cut", genuine()[..genuine().len() - 4].to_owned()),
        ("a short line", changed(&lines(&key())[..64], &lines(&key())[..60])),
        ("a bare line feed in the armor", changed("\r\n-----END", "\n-----END")),
        (
            "a blank in the armor",
            changed(&lines(&key())[..10], &format!("{} ", &lines(&key())[..9])),
        ),
        (
            "8 bits in the armor",
            changed(&lines(&key())[..10], &format!("{}å", &lines(&key())[..8])),
        ),
        (
            "an overlong line in the armor",
            genuine().replacen(&format!("{}\r\n", &lines(&key())[..64]), &lines(&key())[..64], 1),
        ),
        (
            "two checksums",
            mail_of(&armored(&[key(), data(30)].concat(), "=Ic8C\r\n=Ic8C\r\n")),
        ),
        (
            "a long checksum",
            mail_of(&armored(&[key(), data(30)].concat(), "=Ic8CIc8C\r\n")),
        ),
        (
            "two messages",
            mail_of(&armored(&[key(), data(30)].concat(), "").repeat(2)),
        ),
    ]);
}

/// What clear text could be wrapped in without a key.
#[test]
fn a_message_that_is_not_encrypted_is_refused() {
    let literal = packet(11, b"b\x00\x00\x00\x00\x00My husband");
    let (old_literal, old_key) = (
        &[&[0xAC, 10][..], b"b\x00\x00\x00\x00\x00My h"].concat(),
        [0x84, 2, 3, 0],
    );
    for (what, packets) in [
        ("clear text", vec![b"My husband".to_vec()]),
        ("nothing", vec![]),
        ("a literal packet", vec![literal.clone()]),
        ("one in the old format", vec![old_literal.clone()]),
        ("a literal packet behind a key", vec![key(), literal.clone()]),
        (
            "a literal packet behind the data",
            vec![key(), data(30), literal.clone()],
        ),
        (
            "a signed message",
            vec![packet(4, &[3; 12]), literal.clone(), packet(2, &[4; 60])],
        ),
        ("compressed data", vec![packet(8, &[1; 60])]),
        ("a key in the old format", vec![old_key.to_vec(), data(30)]),
        ("a password", vec![packet(3, &[4; 12]), data(30)]),
        ("a password beside a key", vec![key(), packet(3, &[4; 12]), data(30)]),
        ("data without integrity protection", vec![key(), packet(9, &[1; 60])]),
        ("data without a key", vec![data(30)]),
        ("a key alone", vec![key()]),
        ("data twice", vec![key(), data(30), data(30)]),
        ("a key behind the data", vec![key(), data(30), key()]),
        ("a marker", vec![packet(10, b"PGP"), key(), data(30)]),
        ("padding", vec![key(), data(30), packet(21, &[1; 60])]),
        ("a user attribute", vec![packet(17, b"My husband"), key(), data(30)]),
        ("an experiment", vec![packet(60, b"My husband"), key(), data(30)]),
        ("a key of another version", vec![packet(1, &[2; 94]), data(30)]),
        ("a key as long as a letter", vec![packet(1, &[3; 5000]), data(30)]),
        ("many keys", [vec![key(); 65], vec![data(30)]].concat()),
        (
            "a key in parts",
            vec![[&[0xC1, 224 | 9][..], &[3; 512], &[1, 3]].concat(), data(30)],
        ),
        ("data of another version", vec![key(), packet(18, &[3; 60])]),
        ("empty data", vec![key(), packet(18, &[])]),
        ("data that are cut", vec![key(), data(30)[..20].to_vec()]),
        (
            "data without a last part",
            vec![key(), [&[0xD2, 224 | 9][..], &[1; 512]].concat()],
        ),
        ("a header that is cut", vec![key(), data(30)[..4].to_vec()]),
    ] {
        assert!(verdict(of_packets(&packets).as_bytes()).is_err(), "{what}");
    }
    let most = [vec![key(); 64], vec![data(30)]].concat();
    assert_eq!(verdict(of_packets(&most).as_bytes()), Ok(head()), "the control");
}

/// A byte more, less or different, at every place: what is believed is still what the form writes, to the byte.
#[test]
fn nothing_is_believed_that_the_form_could_not_have_written() {
    let mail = genuine();
    let (mut believed, mut refused) = (0, 0);
    for at in 0..mail.len() {
        for new in [
            &b""[..],
            b"\n",
            b"\r\n",
            b"\r\n ",
            b"A",
            b"=",
            b" ",
            b"\x80",
            b":",
            b"\0",
        ] {
            for removed in [0, 1] {
                let mutant = [&mail.as_bytes()[..at], new, &mail.as_bytes()[at + removed..]].concat();
                match verdict(&mutant) {
                    Ok(head) => {
                        believed += 1;
                        assert_eq!(written_anew(&head, &mutant), mutant, "at {at}");
                    }
                    Err(_) => refused += 1,
                }
            }
        }
    }
    // Letters of names, of the subject, and of what is encrypted.
    assert!(believed > 500 && refused > 10 * mail.len(), "{believed} {refused}");
}

/// The mail that has this head and, as its message, what a reader of armor that forgives everything finds.
fn written_anew(head: &MailHead, mail: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    let mut reader = sequoia_openpgp::armor::Reader::from_bytes(&mail[head.text().len()..], None);
    reader.read_to_end(&mut message).unwrap();
    [head.text(), armored(&message, ""), head.end()].concat().into_bytes()
}

/// Whoever changes the file while it is looked at gets no word about it.
#[test]
fn nothing_is_said_of_a_mail_that_changed_meanwhile() {
    let told = looked_at(genuine().as_bytes(), [0; 32]);
    assert!(matches!(told, Err(Unsealed::Io(_))), "{told:?}");
}

/// A letter of 47 kB waits for less than half a millisecond, also in a build for tests: the network takes longer.
/// `cargo test --lib looking_is_fast -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "a measurement prints")]
fn looking_is_fast() {
    let mail = of_packets(&[key(), data(20_000_000)]).into_bytes();
    let best = |act: &dyn Fn()| {
        let times = (0..7).map(|_| {
            let begin = std::time::Instant::now();
            act();
            begin.elapsed()
        });
        times.min().unwrap().as_secs_f64()
    };
    let digest = || -> [u8; 32] { Sha256::digest(&mail).into() };
    let alone = best(&|| assert!(digest() != [0; 32]));
    let all = best(&|| assert!(looked_at(&mail, digest()).is_ok()));
    let size = mail.len() as f64 / 1e6;
    // One digest is this test's own, one the look's.
    let look = (all - 2.0 * alone) * 1e3 / size;
    eprintln!(
        "{size:.1} MB: digest {:.2} ms per MB, the look beside it {look:.2}",
        alone * 1e3 / size
    );
    assert!(look < 10.0, "{look} ms per MB");
}
