//! What may come into `postrom open`: never a panic, never a named folder for what is not authenticated, always a
//! sentence for the clerk.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use konvolutt::seal::generate_signing_key;
use postrom::Verdict;
use sequoia_openpgp as openpgp;

use openpgp::serialize::stream::{Encryptor, LiteralWriter, Message, Recipient};
use openpgp::serialize::{Marshal, SerializeInto};
use openpgp::types::Features;

use crate::support::{Forge, Office, document, secret};

/// A small generator of positions: the same in every run.
fn positions(count: usize, below: usize) -> impl Iterator<Item = usize> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    })
    .take(count)
}

/// Where the armored data begin and end: outside of them a mail server may change what it likes.
fn sealed_part(mail: &[u8]) -> std::ops::Range<usize> {
    let text = std::str::from_utf8(mail).unwrap();
    let begin = text.find("-----BEGIN PGP MESSAGE-----").unwrap() + 30;
    begin..text.find("-----END PGP MESSAGE-----").unwrap()
}

#[test]
fn a_turned_bit_never_opens() {
    let office = Office::new();
    let mail = office.mail("hemmeleg", &[("a.txt", b"x")]);
    let range = sealed_part(&mail);
    let whole = office.open(&mail).unwrap();
    let good = fs::read(whole.folder.join("letter.txt")).unwrap();
    let mut opened = 0;
    for at in positions(1000, range.len()) {
        let mut turned = mail.clone();
        turned[range.start + at] ^= 1 << (at % 7);
        match office.open(&turned) {
            Err(sentence) => assert!(sentence.ends_with('.') && sentence.len() > 40, "{sentence}"),
            // White space and line ends between the symbols, and a key for the other recipient, carry nothing.
            Ok(outcome) => {
                opened += 1;
                assert_eq!(outcome.status.verdict, Verdict::Genuine);
                assert_eq!(fs::read(outcome.folder.join("letter.txt")).unwrap(), good);
                assert!(outcome.repeat, "the same letter, to the byte");
            }
        }
    }
    assert!(opened < 200, "{opened} of 1000 turned bits did not matter");
    assert_eq!(office.folders(), 1, "nothing was left behind");
}

#[test]
fn a_letter_cut_anywhere_never_opens() {
    let office = Office::new();
    let mail = office.mail("hemmeleg", &[]);
    let range = sealed_part(&mail);
    for at in positions(1000, range.len()) {
        let cut = &mail[..range.start + at];
        assert!(office.open(cut).is_err(), "cut at {at} of {}", range.len());
    }
    assert_eq!(office.folders(), 0);
}

#[test]
fn only_the_relay_is_genuine() {
    let office = Office::new();
    let to = office.certificate("daily");
    let recovery = office.certificate("recovery");
    let relay = secret(&office.key("relay"));
    let year = Duration::from_secs(365 * 86_400);
    let (stranger, _) = generate_signing_key("Sikkert skjema", "skjema@authority.example", year).unwrap();
    let letter = document("falsk");
    let verdict = |signer| {
        let compress = false;
        let mail = Forge {
            to: &to,
            signer,
            compress,
        }
        .seal_bytes(&letter);
        office.open(&mail).unwrap().status.verdict
    };
    assert_eq!(verdict(Some((&relay, &to))), Verdict::Genuine);
    assert_eq!(verdict(None), Verdict::Unsigned);
    assert_eq!(verdict(Some((&stranger, &to))), Verdict::SignedByAnother);
    // A genuine letter to somebody else, sealed anew to this post room.
    assert_eq!(verdict(Some((&relay, &recovery))), Verdict::NotForYou);
}

/// A forger who has seen a reference cannot take the place of the letter, also when the forgery is opened first.
#[test]
fn a_forgery_does_not_get_the_letters_folder() {
    let office = Office::new();
    let mail = office.mail("ekte", &[]);
    let genuine = office.open(&mail).unwrap();
    let reference = genuine.status.reference.clone().unwrap();
    let record = fs::read_to_string(genuine.folder.join("letter.json")).unwrap();
    fs::remove_dir_all(&genuine.folder).unwrap();
    let to = office.certificate("daily");
    let forged = format!(
        "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nfalsk\r\n\
         --b\r\nContent-Type: application/json; name=\"letter.json\"\r\nContent-Disposition: attachment; filename=\"letter.json\"\r\n\r\n{record}\r\n--b--\r\n"
    );
    let forgery = Forge {
        to: &to,
        signer: None,
        compress: false,
    }
    .seal_bytes(forged.as_bytes());
    let false_one = office.open(&forgery).unwrap();
    assert!(
        false_one.folder.ends_with(format!("not-genuine {reference}")),
        "{:?}",
        false_one.folder
    );
    let again = office.open(&mail).unwrap();
    assert!(
        again.folder.ends_with(&reference) && !again.repeat,
        "{:?}",
        again.folder
    );
    // The same mail once more is the same letter; a letter with the same record and another text is not.
    assert!(office.open(&mail).unwrap().repeat);
    assert_eq!(office.folders(), 2);
}

#[test]
fn without_the_relay_certificate_nothing_is_genuine() {
    let office = Office::new();
    let mail = office.mail("hei", &[]);
    let input = postrom::Input {
        source: "test".into(),
        bytes: mail,
    };
    let outcome = postrom::unpack(&input, &office.keys, None, &office.root().join("opened")).unwrap();
    assert_eq!(outcome.status.verdict, Verdict::NotChecked);
}

#[test]
fn outer_fields_that_differ_are_told() {
    let office = Office::new();
    let mail = String::from_utf8(office.mail("hei", &[])).unwrap();
    assert!(office.open(mail.as_bytes()).unwrap().status.header_mismatch.is_empty());
    for (from, to, field, has_honest_reason) in [
        ("Subject: Ny", "Subject: Gammal", "subject", true),
        (
            "From: Sikkert skjema <skjema@",
            "From: Sikkert skjema <evil@",
            "from",
            true,
        ),
        (
            "Date: ",
            "Date: Mon, 01 Jan 2001 00:00:00 +0000\r\nX-Date: ",
            "date",
            false,
        ),
        ("To: postmottak@", "To: nokon@", "to", true),
    ] {
        assert!(mail.contains(from));
        let changed = mail.replacen(from, to, 1);
        let told = office.open(changed.as_bytes()).unwrap().status.header_mismatch;
        assert!(told.len() == 1 && told[0].starts_with(field), "{field}: {told:?}");
        assert_eq!(
            told[0].contains("the operator changed it"),
            has_honest_reason,
            "{told:?}"
        );
    }
}

/// Exchange makes `multipart/mixed` of it and puts an empty text first; some gateways encode the parts anew or
/// put a part of their own around it.
#[test]
fn a_mail_that_was_mangled_on_the_way_is_repaired() {
    let office = Office::new();
    let mail = String::from_utf8(office.mail("mishandla", &[("a.txt", b"x")])).unwrap();
    let range = sealed_part(mail.as_bytes());
    let armor = &mail[range.start - 30..range.end + 27];
    use base64::Engine;
    let encoded = base64::engine::general_purpose::STANDARD.encode(armor);
    let wrapped: String = encoded
        .as_bytes()
        .chunks(76)
        .map(|line| format!("{}\r\n", std::str::from_utf8(line).unwrap()))
        .collect();
    let head = "From: x@y.no\r\nMIME-Version: 1.0\r\n";
    let exchange = |encoding: &str, body: &str| {
        format!(
            "{head}Content-Type: multipart/mixed; boundary=\"e\"\r\n\r\n--e\r\nContent-Type: text/plain\r\n\r\n\r\n\
             --e\r\nContent-Type: application/pgp-encrypted; name=\"PGPMIME version identification\"\r\nContent-Transfer-Encoding: base64\r\n\r\nVmVyc2lvbjogMQ0K\r\n\
             --e\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n--e--\r\n"
        )
    };
    let inner = &mail[mail.find("Content-Type: multipart/encrypted").unwrap()..];
    let footer = format!(
        "{head}Content-Type: multipart/mixed; boundary=\"f\"\r\n\r\n--f\r\n{inner}\r\n--f\r\nContent-Type: text/plain\r\n\r\nThis mail was scanned.\r\n--f--\r\n"
    );
    for (name, mangled) in [
        ("exchange, 7bit", exchange("7bit", armor)),
        ("exchange, base64", exchange("base64", &wrapped)),
        ("a footer around it", footer),
    ] {
        let outcome = office
            .open(mangled.as_bytes())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(outcome.status.verdict, Verdict::Genuine, "{name}");
        assert!(
            outcome
                .status
                .remarks
                .iter()
                .any(|remark| remark.contains("was rebuilt on its way")),
            "{name}"
        );
    }
    // A bare file, armored and binary.
    assert!(office.open(armor.as_bytes()).is_ok());
    let mut binary = Vec::new();
    std::io::copy(
        &mut openpgp::armor::Reader::from_bytes(armor.as_bytes(), None),
        &mut binary,
    )
    .unwrap();
    assert!(office.open(&binary).is_ok());
}

#[test]
fn what_is_no_sealed_letter_gets_a_sentence() {
    let office = Office::new();
    let to = office.certificate("daily");
    let forge = Forge {
        to: &to,
        signer: None,
        compress: false,
    };
    let nested = (0..50).fold(document("djupt"), |inner, depth| {
        let head = format!("Content-Type: multipart/mixed; boundary=\"n{depth}\"\r\n\r\n--n{depth}\r\n");
        [head.as_bytes(), &inner, format!("\r\n--n{depth}--\r\n").as_bytes()].concat()
    });
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("a plain mail", b"From: a@b.no\r\nSubject: hei\r\n\r\nhei\r\n".to_vec()),
        ("only a head of armor", b"-----BEGIN PGP MESSAGE-----\r\n\r\n".to_vec()),
        ("zeros", vec![0; 10_000]),
        ("ones", vec![0xff; 10_000]),
        ("signed, not sealed", signed_only(&office)),
        ("no integrity protection", without_mdc(&office)),
    ];
    for (name, bytes) in cases {
        let error = office.open(&bytes).err().unwrap_or_else(|| panic!("{name} was opened"));
        assert!(error.ends_with('.') && error.len() > 30, "{name}: {error}");
    }
    assert_eq!(office.folders(), 0);
    // Sealed, but not by a form: kept whole, and said so. Nothing of it is unfolded.
    for (name, content) in [("nested", nested), ("not MIME", b"hei".to_vec()), ("empty", Vec::new())] {
        let outcome = office
            .open(&forge.seal_bytes(&content))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(outcome.status.verdict, Verdict::Unsigned, "{name}");
        assert!(outcome.folder.starts_with(office.root().join("opened")));
    }
}

fn signed_only(office: &Office) -> Vec<u8> {
    let relay = secret(&office.key("relay"));
    let key = relay
        .primary_key()
        .key()
        .clone()
        .parts_into_secret()
        .unwrap()
        .into_keypair()
        .unwrap();
    let mut out = Vec::new();
    let message = openpgp::serialize::stream::Armorer::new(Message::new(&mut out))
        .build()
        .unwrap();
    let message = openpgp::serialize::stream::Signer::new(message, key)
        .unwrap()
        .build()
        .unwrap();
    let mut message = LiteralWriter::new(message).build().unwrap();
    message.write_all(&document("open for alle")).unwrap();
    message.finalize().unwrap();
    out
}

/// The packet of integrity-protected data becomes the old one without (RFC 4880 §5.7): the EFAIL downgrade.
fn without_mdc(office: &Office) -> Vec<u8> {
    let to = office.certificate("daily");
    let policy = openpgp::policy::StandardPolicy::new();
    let features = Features::empty().set_seipdv1();
    let keys = to.keys().with_policy(&policy, None).for_storage_encryption();
    let recipients = keys.map(|key| Recipient::new(features.clone(), key.key().key_handle(), key.key()));
    let mut out = Vec::new();
    let message = Encryptor::for_recipients(Message::new(&mut out), recipients)
        .build()
        .unwrap();
    let mut message = LiteralWriter::new(message).build().unwrap();
    message.write_all(&document("x")).unwrap();
    message.finalize().unwrap();
    use openpgp::parse::Parse;
    let pile = openpgp::PacketPile::from_bytes(&out).unwrap();
    let pkesk = pile.path_ref(&[0]).unwrap().to_vec().unwrap();
    // Everything after the first packet: tag 18 becomes tag 9, and its version byte goes.
    let rest = &out[pkesk.len()..];
    let body = &rest[rest.len() - 200.min(rest.len() - 3)..];
    let mut downgraded = pkesk;
    openpgp::packet::Unknown::new(openpgp::packet::Tag::SED, openpgp::anyhow::anyhow!("made by hand"))
        .serialize_with(body, &mut downgraded);
    downgraded
}

trait SerializeWith {
    fn serialize_with(self, body: &[u8], out: &mut Vec<u8>);
}

impl SerializeWith for openpgp::packet::Unknown {
    fn serialize_with(mut self, body: &[u8], out: &mut Vec<u8>) {
        self.set_body(body.to_vec());
        openpgp::Packet::from(self).serialize(out).unwrap();
    }
}

/// Zeros without end in little mail: stopped after what a form could send, with nothing left behind.
#[test]
fn a_bomb_is_stopped() {
    bomb(400);
}

/// The whole 10 GB. To the reader it is the same: it stops long before.
#[test]
#[ignore = "needs a minute to make the bomb"]
fn a_bomb_of_ten_gigabytes_is_stopped() {
    bomb(10 * 1024);
}

fn bomb(mebibytes: usize) {
    let office = Office::new();
    let to = office.certificate("daily");
    let forge = Forge {
        to: &to,
        signer: None,
        compress: true,
    };
    let zeros = vec![0u8; 1024 * 1024];
    let head = b"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Disposition: attachment; filename=\"null\"\r\n\r\n";
    let bomb = forge.seal(|out| {
        out.write_all(head).unwrap();
        for _ in 0..mebibytes {
            out.write_all(&zeros).unwrap();
        }
    });
    assert!(bomb.len() < mebibytes * 1024 * 1024 / 200, "no bomb");
    let begin = Instant::now();
    let error = office.open(&bomb).err().unwrap();
    assert!(error.contains("unfolds to far more"), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", begin.elapsed());
    assert_eq!(office.folders(), 0);
}

/// Whatever a clerk points at: one mail, a bare file, an mbox, a Maildir, a folder of all sorts, standard input.
#[test]
fn every_kind_of_input_is_read() {
    let office = Office::new();
    let mails: Vec<Vec<u8>> = ["ein", "to"].iter().map(|text| office.mail(text, &[])).collect();
    let root = office.root().join("in");
    for folder in ["maildir/new", "maildir/cur", "maildir/tmp", "folder/deeper"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    let armor = |mail: &[u8]| {
        let range = sealed_part(mail);
        mail[range.start - 30..range.end + 27].to_vec()
    };
    let binary = |mail: &[u8]| {
        let mut out = Vec::new();
        std::io::copy(&mut openpgp::armor::Reader::from_bytes(&armor(mail), None), &mut out).unwrap();
        out
    };
    let mbox: Vec<u8> = mails
        .iter()
        .flat_map(|mail| [b"From x\n".as_slice(), mail, b"\n"].concat())
        .collect();
    let write = |name: &str, bytes: &[u8]| fs::write(root.join(name), bytes).unwrap();
    write("one.eml", &mails[0]);
    write("one.asc", &armor(&mails[0]));
    write("one.pgp", &binary(&mails[0]));
    write("all.mbox", &mbox);
    write("maildir/new/1", &mails[0]);
    write("maildir/cur/2:2,S", &mails[1]);
    write("maildir/tmp/3", b"half a mail");
    write("folder/a.eml", &mails[0]);
    write("folder/deeper/b.asc", &armor(&mails[1]));
    for (input, letters) in [
        ("one.eml", 1),
        ("one.asc", 1),
        ("one.pgp", 1),
        ("all.mbox", 2),
        ("maildir", 2),
        ("folder", 2),
        ("-", 1),
    ] {
        let out = office.root().join("out").join(input);
        let mut command = crate::support::postrom();
        command
            .current_dir(&root)
            .args(["open", input, "--json", "--key"])
            .arg(office.key("daily"));
        command
            .args(["--relay"])
            .arg(office.root().join("keys/relay.cert.asc"))
            .arg("--out")
            .arg(&out);
        command.stdin(fs::File::open(root.join("one.eml")).unwrap());
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{input}: {told}");
        let told: Vec<serde_json::Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (summary, told) = told.split_last().unwrap();
        assert_eq!(summary["summary"]["new_letters"], letters, "{input}: {summary}");
        assert_eq!(
            told.iter().filter(|line| line["what"] == "letter").count(),
            letters,
            "{input}"
        );
        let folders = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path());
        assert_eq!(folders.filter(|path| path.is_dir()).count(), letters, "{input}");
    }
}
