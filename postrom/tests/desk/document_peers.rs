//! A letter's document as other programs see it: poppler, qpdf, and PDFBox's validator of PDF/A-1b.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use postrom::Verdict;
use postrom::desk::archive::pdf::{letter_pdf, letter_pdf_by_the_oldest_rules};
use postrom::desk::reading::Reading;
use postrom::i18n::Lang;

use super::document::{SAMI, answer, anything, reading, usual};

/// What a program says; it must be content.
fn said(program: &str, arguments: &[&str], file: &Path) -> String {
    let done = Command::new(program).args(arguments).arg(file).output().unwrap();
    assert!(
        done.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    // Titles of parts are in an encoding of their own.
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// What poppler reads on the pages.
fn text(file: &Path) -> String {
    let done = Command::new("pdftotext").arg(file).arg("-").output().unwrap();
    assert!(done.status.success());
    String::from_utf8(done.stdout).unwrap()
}

/// The letters that are looked at: every kind of first page, and what is hard to set.
fn letters() -> Vec<(&'static str, Reading)> {
    let of = |verdict| {
        let mut reading = usual();
        reading.status.verdict = verdict;
        reading
    };
    let mut test = of(Verdict::Genuine);
    test.status.test = true;
    let mut mail = of(Verdict::Unsigned);
    mail.status.kind = postrom::status::Kind::Mail;
    let mut unknown = of(Verdict::Genuine);
    unknown.record = None;
    unknown.text = "Skjema: noko nytt\n│ Deira linje".into();
    let hard = [
        "Zalgo Z\u{31B}\u{335}\u{35C}\u{301}\u{302}\u{303} e\u{301}\u{323}",
        "Հայերեն العربية 字 😀",
        "हिन्दी क्षि",
        "f\u{200D}i ffi \u{1F1}\u{FB01}",
        "Ёжик Ϊ ẞ \u{2126} № ½",
        "\u{A0}\u{202F}\u{2003}x\u{2007}\u{AD}\u{2011}",
    ];
    vec![
        ("genuine", of(Verdict::Genuine)),
        ("test", test),
        ("not-checked", of(Verdict::NotChecked)),
        ("unsigned", of(Verdict::Unsigned)),
        ("broken", of(Verdict::Broken)),
        ("mail", mail),
        ("unknown", unknown),
        (
            "hard",
            reading(hard.iter().map(|hard| answer("Kva?", &[hard])).collect()),
        ),
        (
            "any",
            reading((0..300).map(|seed| answer("Kva?", &[&anything(seed)])).collect()),
        ),
        ("many", reading((0..400).map(|_| answer("Kva?", &["Svar"])).collect())),
    ]
}

/// Writes one, as the archive gets it.
fn written(folder: &Path, name: &str, reading: &Reading) -> PathBuf {
    let document = letter_pdf(reading, Lang::Nn).unwrap_or_else(|why| panic!("{name}: {why}"));
    let file = folder.join(format!("{name}.pdf"));
    fs::write(&file, document.bytes).unwrap();
    file
}

/// Where the pages can be looked at afterwards.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
#[ignore = "needs pdftotext"]
fn poppler_reads_every_answer_in_its_order() {
    let file = written(&folder("documents"), "order", &usual());
    let text = text(&file);
    let mut at = 0;
    for words in [
        "Sør-Varanger kommune · Si frå om noko som ikkje er som det skal · K7F-3K9Q-2MX",
        "28. november 2026 kl. 15.04",
        "Brevet kom gjennom skjemaet dykkar",
        "Trygg kontakt",
        "Er det trygt å ta kontakt med deg?",
        "Nei, ikkje ring. Skriv til e-postadressa.",
        "Kva gjeld det?",
        SAMI,
        "Fortel kva som skjedde",
        "Side 1 av 2",
        "999 88 777 (+4799988777)",
        "! Nummeret kan vere skrive feil.",
        "Noko meir?",
        "Ikkje svart på",
        "Vegen [U+1F600] og [U+5B57]?",
        "MERKE-SLUTT",
        "Vedlegg",
        "Bilete frå vegen.jpg",
        "Kan opnast av",
        "6C51 6BD3 AFDA",
        "Teikn som dette dokumentet ikkje kan vise: [U+5B57], [U+1F600].",
        "Side 2 av 2",
    ] {
        let found = text[at..].find(words);
        at += found.unwrap_or_else(|| panic!("{words} is not where it should be in:\n{text}"));
    }
}

/// What a letter says of itself stands neither at the head of our pages nor before the warning.
#[test]
#[ignore = "needs pdftotext"]
fn a_forged_letter_begins_with_the_warning() {
    let folder = folder("forged");
    for (verdict, short) in [
        (Verdict::Unsigned, "IKKJE signert av skjemaet"),
        (Verdict::Broken, "ENDRA etter at skjemaet signerte"),
        (Verdict::NotChecked, "Ikkje kontrollert"),
    ] {
        let mut reading = usual();
        reading.status.verdict = verdict;
        let text = text(&written(&folder, short, &reading));
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines[0], format!("{short} · K7F-3K9Q-2MX"));
        let sentence = postrom::i18n::letters::sentence(reading.status.kind, verdict, None, Lang::Nn);
        assert!(lines[1..].join(" ").starts_with(&sentence), "{text}");
        let heads = lines
            .iter()
            .filter(|line| line.contains("Sør-Varanger kommune ·"))
            .count();
        assert_eq!(heads, 0);
        assert!(lines.contains(&"Dette seier brevet om seg sjølv:") && lines.contains(&"Til: Sør-Varanger kommune"));
    }
}

#[test]
#[ignore = "needs pdfinfo"]
fn poppler_knows_what_is_what() {
    let folder = folder("documents");
    for (name, reading) in letters() {
        let file = written(&folder, name, &reading);
        let about = said("pdfinfo", &[], &file);
        let line = |label: &str| about.lines().find_map(|line| line.strip_prefix(label)).map(str::trim);
        assert_eq!(line("Tagged:"), Some("yes"), "{name}");
        assert_eq!(line("JavaScript:"), Some("no"));
        assert_eq!(line("Encrypted:"), Some("no"));
        assert!(line("Page size:").unwrap().ends_with("(A4)"));
        assert_eq!(line("Title:"), Some("K7F-3K9Q-2MX"));
        let form = said("pdfinfo", &["-meta"], &file);
        for mark in [
            "<pdfaid:part>2<",
            "<pdfaid:conformance>A<",
            "<pdfuaid:part>1<",
            "<xmp:CreateDate>2026-11-28T15:04:00+01:00<",
        ] {
            assert!(form.contains(mark), "{name}: {mark}");
        }
        assert!(!form.contains("Nei, ikkje ring") && !about.contains("Nei, ikkje ring"));
    }
    let parts = said("pdfinfo", &["-struct-text"], &folder.join("genuine.pdf"));
    let mut at = 0;
    for part in [
        "H1",
        "Table",
        "TH",
        "TD",
        "H2",
        "H3",
        "BlockQuote",
        "P (block)",
        "Table",
        "TH",
        "L (block)",
        "LBody",
    ] {
        let found = parts[at..].lines().position(|line| line.trim_start().starts_with(part));
        assert!(found.is_some(), "{part} after {}", &parts[..at]);
        at += parts[at..]
            .split_inclusive('\n')
            .take(found.unwrap() + 1)
            .map(str::len)
            .sum::<usize>();
    }
}

#[test]
#[ignore = "needs qpdf"]
fn qpdf_finds_no_fault_and_an_outline() {
    let folder = folder("checked");
    for (name, reading) in letters() {
        let file = written(&folder, name, &reading);
        let told = said("qpdf", &["--check"], &file);
        assert!(
            told.contains("No syntax or stream encoding errors found"),
            "{name}: {told}"
        );
    }
    let outline = said(
        "qpdf",
        &["--json=2", "--json-key=outlines"],
        &folder.join("genuine.pdf"),
    );
    for words in ["Si frå om noko", "Trygg kontakt", "Fortel kva som skjedde", "Merknader"] {
        assert!(outline.contains(words), "{words}: {outline}");
    }
    assert!(!outline.contains("Nei, ikkje ring"));
    // The control: one that was cut short.
    let whole = fs::read(folder.join("genuine.pdf")).unwrap();
    let cut = folder.join("cut.pdf");
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    assert!(
        !Command::new("qpdf")
            .arg("--check")
            .arg(&cut)
            .output()
            .unwrap()
            .status
            .success()
    );
}

/// The pages as PDF/A-1b, which PDFBox can judge; the control is the file that the archive gets, of which it must say no.
#[test]
#[ignore = "needs java, libpdfbox2-java"]
fn pdfbox_finds_that_the_pages_keep_the_rules() {
    let folder = folder("twins");
    let mut files = Vec::new();
    for (name, reading) in letters() {
        let twin = letter_pdf_by_the_oldest_rules(&reading, Lang::Nn).unwrap_or_else(|why| panic!("{name}: {why}"));
        let file = folder.join(format!("{name}-1b.pdf"));
        fs::write(&file, twin.bytes).unwrap();
        files.push(file);
    }
    files.push(written(&folder, "genuine", &usual()));
    let jars = [
        "preflight",
        "pdfbox2",
        "fontbox2",
        "xmpbox",
        "commons-logging",
        "jaxb-api",
        "javax.activation",
    ];
    let jars = jars.map(|jar| format!("/usr/share/java/{jar}.jar")).join(":");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/archive/Preflight.java");
    let done = Command::new("java")
        .args(["-cp", &jars])
        .arg(source)
        .args(&files)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&done.stdout);
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(told.len(), files.len(), "{}", String::from_utf8_lossy(&done.stderr));
    let (control, twins) = told.split_last().unwrap();
    for (file, told) in files.iter().zip(twins) {
        assert_eq!(*told, "valid", "{}", file.display());
    }
    assert!(control.starts_with("invalid") && control.contains("7.3"), "{control}");
}
