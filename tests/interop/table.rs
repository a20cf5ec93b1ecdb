//! The table in `docs/interop.md`.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use konvolutt::seal::Program;

use super::desk::LIBRNP;
use crate::support::run;

pub const COMMAND: &str = "cargo test --test all interop -- --ignored";

/// One key and the programs that opened every letter sealed to it.
pub struct Row {
    pub key: &'static str,
    pub beside: &'static str,
    pub opened_by: Vec<Program>,
}

/// Writes the table, if it is another one than the one that is there.
pub fn save(rows: &[Row]) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/interop.md");
    let text = page(rows);
    if fs::read_to_string(&file).is_ok_and(|there| there == text) {
        return;
    }
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, text).unwrap();
    eprintln!("{} is another one now: commit it", file.display());
}

fn page(rows: &[Row]) -> String {
    let names: Vec<String> = Program::ALL.iter().map(ToString::to_string).collect();
    let mut table = format!("| key | sealed also to | {} |\n", names.join(" | "));
    table += &format!("|---|---|{}\n", "---|".repeat(names.len()));
    for row in rows {
        let mark = |program| if row.opened_by.contains(program) { "✓" } else { "–" };
        let marks: Vec<_> = Program::ALL.iter().map(mark).collect();
        writeln!(table, "| {} | {} | {} |", row.key, row.beside, marks.join(" | ")).unwrap();
    }
    let mut versions = String::new();
    for program in Program::ALL {
        writeln!(versions, "| {program} | {} | {} |", version(program), checked(program)).unwrap();
    }
    include_str!("page.md")
        .replace("{command}", COMMAND)
        .replace("{table}\n", &table)
        .replace("{versions}\n", &versions)
}

/// The first number that a program says of itself.
fn version(program: Program) -> String {
    match program {
        Program::GnuPg => word(Command::new("gpg").arg("--version"), 2),
        Program::Rnp => word(Command::new("rnp").arg("--version"), 1),
        Program::Mutt => word(Command::new("mutt").arg("-v"), 1),
        Program::Sq => word(Command::new("sq").arg("--version"), 1),
        Program::Thunderbird => thunderbird(),
        Program::RPgp => rpgp(),
        Program::Postrom => env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn word(command: &mut Command, place: usize) -> String {
    run(command)
        .split_whitespace()
        .nth(place)
        .unwrap_or_default()
        .to_owned()
}

fn thunderbird() -> String {
    let ini = fs::read_to_string(Path::new(LIBRNP).with_file_name("application.ini")).unwrap();
    let own = ini
        .lines()
        .find_map(|line| line.strip_prefix("Version="))
        .unwrap_or_default();
    let script = format!(
        "import ctypes\nrnp = ctypes.CDLL('{LIBRNP}')\nrnp.rnp_version_string.restype = ctypes.c_char_p\n\
         print(rnp.rnp_version_string().decode())"
    );
    format!(
        "{own}, librnp {}",
        run(Command::new("python3").args(["-c", &script])).trim()
    )
}

fn rpgp() -> String {
    let lock = include_str!("rpgp/Cargo.lock");
    let (_, after) = lock.split_once("name = \"pgp\"\nversion = \"").unwrap();
    after.split('"').next().unwrap_or_default().to_owned()
}

fn checked(program: Program) -> &'static str {
    match program {
        Program::GnuPg => "document byte for byte; integrity; signature by the relay's fingerprint",
        Program::Rnp | Program::Sq => "document byte for byte; signature by the relay's key ID",
        Program::Thunderbird => {
            "the library that it ships, by the calls that it makes: document byte for byte; signature by the relay's \
             fingerprint. Its window is not part of this test"
        }
        Program::Mutt => {
            "with GPGME, keys pressed by a script: the text on the screen, every file's name there, \"Good \
             signature\"; the letter saved decrypted, byte for byte but for the header and the line ends of an mbox"
        }
        Program::RPgp => "the library of Delta Chat: document byte for byte; signature by the relay's key",
        Program::Postrom => "text, `letter.json`, every file's name and bytes; verdict \"genuine\"; no remark",
    }
}
