//! Sealed parts, and everything that they get wrapped in on their way.

use std::io::{Cursor, Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(crate) const BEGIN: &str = "-----BEGIN PGP MESSAGE-----";

/// The same numbers at each run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.next() as usize % n
    }
}

/// Packets that look sealed: a key, and data that nobody opens.
pub(crate) fn packets(number: u64, size: usize) -> Vec<u8> {
    let mut random = Random(number + 1);
    let mut bytes = vec![0xC1, 21, 3, 1, 2, 3, 4, 5, 6, 7, 8, 18];
    bytes.extend((0..11).map(|_| random.next() as u8));
    bytes.extend([0xD2, 255]);
    bytes.extend((size as u32 + 1).to_be_bytes());
    bytes.push(1);
    bytes.extend((0..size).map(|_| random.next() as u8));
    bytes
}

pub(crate) fn armor(packets: &[u8]) -> String {
    let text = STANDARD.encode(packets);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!("{BEGIN}\n\n{}\n=aBc1\n-----END PGP MESSAGE-----\n", lines.join("\n"))
}

/// As the form sends it.
pub(crate) fn letter(number: u64, reference: &str) -> String {
    let armor = armor(&packets(number, 60));
    format!(
        "From: form@relay.example\nTo: postmottak@authority.example\nSubject: Letter {number}\nX-Konvolutt-Reference: {reference}\nMIME-Version: 1.0\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"s{number}\"\n\n--s{number}\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--s{number}\nContent-Type: application/octet-stream\n\n{armor}\n--s{number}--\n"
    )
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    lines.join("\n") + "\n"
}

/// A part of a mail.
pub(crate) fn part(head: &str, body: &[u8]) -> Vec<u8> {
    [head.as_bytes(), b"\n\n", body].concat()
}

pub(crate) fn mail(subject: &str, boundary: &str, kind: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut out = format!(
        "From: kari@authority.example\nSubject: {subject}\nMIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=\"{boundary}\"\n\n"
    )
    .into_bytes();
    for part in parts {
        out.extend(format!("--{boundary}\n").into_bytes());
        out.extend(part);
        out.push(b'\n');
    }
    out.extend(format!("--{boundary}--\n").into_bytes());
    out
}

pub(crate) fn zip(files: &[(String, Vec<u8>)], stored: bool) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let method = if stored {
        zip::CompressionMethod::Stored
    } else {
        zip::CompressionMethod::Deflated
    };
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        writer.start_file(name.as_str(), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        builder.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzEncoder::new(bytes, flate2::Compression::fast())
        .read_to_end(&mut out)
        .unwrap();
    out
}

pub(crate) fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{FEFF}" } else { "" };
    let pairs = format!("{mark}{text}");
    pairs
        .encode_utf16()
        .flat_map(|pair| if little { pair.to_le_bytes() } else { pair.to_be_bytes() })
        .collect()
}

/// What Outlook saves.
pub(crate) fn msg(head: Option<&str>, text: Option<&str>, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    let mut put = |path: String, bytes: &[u8]| file.create_stream(path).unwrap().write_all(bytes).unwrap();
    put("/__properties_version1.0".to_owned(), &[0; 32]);
    if let Some(head) = head {
        put("/__substg1.0_007D001F".to_owned(), &utf16(head, true, false));
    }
    if let Some(text) = text {
        put("/__substg1.0_1000001F".to_owned(), &utf16(text, true, false));
        put(
            "/__substg1.0_10130102".to_owned(),
            format!("<html><pre>{text}</pre></html>").as_bytes(),
        );
    }
    for (number, (name, bytes)) in files.iter().enumerate() {
        let storage = format!("/__attach_version1.0_#{number:08X}");
        file.create_storage(&storage).unwrap();
        let mut put = |path: String, bytes: &[u8]| file.create_stream(path).unwrap().write_all(bytes).unwrap();
        put(format!("{storage}/__substg1.0_3707001F"), &utf16(name, true, false));
        put(format!("{storage}/__substg1.0_37010102"), bytes);
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// `winmail.dat`.
pub(crate) fn tnef(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let attribute = |level: u8, tag: u32, data: &[u8]| {
        let mut out = vec![level];
        out.extend(tag.to_le_bytes());
        out.extend((data.len() as u32).to_le_bytes());
        out.extend(data);
        out.extend(
            data.iter()
                .fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)))
                .to_le_bytes(),
        );
        out
    };
    let mut out = [0x223E_9F78_u32.to_le_bytes().as_slice(), &[1, 0]].concat();
    out.extend(attribute(1, 0x0008_9006, &[0, 0, 1, 0]));
    for (name, bytes) in files {
        out.extend(attribute(2, 0x0006_9002, &[0; 14]));
        out.extend(attribute(2, 0x0001_8010, format!("{name}\0").as_bytes()));
        out.extend(attribute(2, 0x0006_800F, bytes));
    }
    out
}

pub(crate) fn emlx(mail: &[u8]) -> Vec<u8> {
    let plist = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict/></plist>\n";
    [format!("{}\n", mail.len()).as_bytes(), mail, plist.as_bytes()].concat()
}

pub(crate) fn uuencode(name: &str, bytes: &[u8]) -> String {
    let sign = |six: u8| char::from(if six == 0 { b'`' } else { six + b' ' });
    let mut out = format!("begin 644 {name}\n");
    for line in bytes.chunks(45) {
        out.push(sign(line.len() as u8));
        for three in line.chunks(3) {
            let [a, b, c] = [0, 1, 2].map(|at| three.get(at).copied().unwrap_or(0));
            out.extend([a >> 2, a << 4 & 63 | b >> 4, b << 2 & 63 | c >> 6, c & 63].map(sign));
        }
        out.push('\n');
    }
    out + "`\nend\n"
}
