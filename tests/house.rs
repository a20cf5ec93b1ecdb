//! The house stays a house: rooms, directions, and what the packaged server must not hold.

mod circles;
mod sizes;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::files_below;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The source of each of the three packages.
fn packages_source() -> [PathBuf; 3] {
    ["src", "letter/src", "postrom/src"].map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
}

/// The room of a file: the first folder below `src`.
fn room(file: &Path) -> String {
    let below = file.strip_prefix(source()).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// Every module that a file names outside of comments, as `crate::module` or in a list after `crate::`.
fn named_rooms(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = code.collect::<Vec<_>>().join("\n");
    let places = code.match_indices("crate::");
    let paths = places.flat_map(|(at, _)| circles::tree(&code[at..]));
    paths.filter_map(|(path, _)| path.get(1).cloned()).collect()
}

/// What ARCHITECTURE.md says: `| room | it alone knows | may import | … |`.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let words = |cell: &str| -> BTreeSet<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        (words(cells[1]).into_iter().next().unwrap(), words(cells[3]))
    })
    .collect()
}

#[test]
fn imports_go_one_way_as_the_table_says() {
    let table = table();
    let mut seen = BTreeSet::new();
    for file in files_below(&source(), ".rs") {
        let own = room(&file);
        if ["lib", "main"].contains(&own.as_str()) {
            continue;
        }
        seen.insert(own.clone());
        let may = table
            .get(&own)
            .unwrap_or_else(|| panic!("the room {own} is not in the table"));
        for named in named_rooms(&fs::read_to_string(&file).unwrap()) {
            assert!(
                named == own || may.contains(&named),
                "{} imports {named}",
                file.display()
            );
        }
    }
    let in_table: BTreeSet<String> = table.keys().cloned().collect();
    assert_eq!(seen, in_table, "rooms and table differ");
}

/// A room may only import rooms that stand before it in the table: then there can be no cycle.
#[test]
fn the_table_has_no_cycle() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let order: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('`').nth(1).unwrap().to_owned())
        .collect();
    for (room, may) in table() {
        let own = order.iter().position(|name| *name == room).unwrap();
        for import in may {
            let place = order.iter().position(|name| *name == import);
            assert!(
                place.is_some_and(|place| place < own),
                "{room} may import {import}, which stands after it"
            );
        }
    }
}

/// `lib.rs` tells the way of a letter, so its modules stand in the order of the table.
#[test]
fn the_front_page_has_the_order_of_the_table() {
    let declared = fs::read_to_string(source().join("lib.rs")).unwrap();
    let declared = declared.lines().filter_map(|line| {
        let line = line.trim_start_matches("pub ");
        line.strip_prefix("mod ")
            .map(|rest| rest.trim_end_matches(';').to_owned())
    });
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let rows = rows.map(|line| line.split('`').nth(1).unwrap().to_owned());
    assert_eq!(declared.collect::<Vec<_>>(), rows.collect::<Vec<_>>());
}

#[test]
fn the_checks_themselves_can_find_something() {
    let found =
        named_rooms("use crate::seal::Sealer;\n// crate::open\nlet x = crate::store::files::FileStore::open();");
    assert_eq!(found, ["seal".to_owned(), "store".to_owned()].into());
}

#[test]
fn unsafe_stands_in_two_modules_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = packages_source().map(|source| files_below(&source, ".rs")).concat();
    let allowed = ["letter/src/harden", "src/sandbox"].map(|folder| root.join(folder));
    for file in files
        .iter()
        .filter(|file| !allowed.iter().any(|folder| file.starts_with(folder)))
    {
        let text = fs::read_to_string(file).unwrap();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//") && !line.contains("unsafe_code"));
        assert!(
            !code.into_iter().any(|line| line.contains("unsafe ")),
            "{}",
            file.display()
        );
    }
}

/// Whoever opens a file reads first what it is for. The names of tests say what they are.
#[test]
fn every_file_says_at_its_head_what_it_is() {
    let files = packages_source().map(|source| files_below(&source, ".rs")).concat();
    let own: Vec<_> = files.iter().filter(|file| !file.ends_with("tests.rs")).collect();
    let silent = |text: &str| !text.starts_with("//!");
    let found: Vec<_> = own
        .iter()
        .filter(|file| silent(&fs::read_to_string(file).unwrap()))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    assert!(own.len() > 300, "only {} files", own.len());
    assert!(silent("use std::fs;\n//! Too late.\n"));
}

/// What blocks stands in `clippy.toml`; these modules run on the runtime's threads, and deny it.
#[test]
fn modules_on_the_runtime_deny_what_blocks() {
    for module in ["door", "intake", "relay", "notify"] {
        let head = fs::read_to_string(source().join(module).join("mod.rs")).unwrap();
        let denies = head.lines().any(|line| line == "#![deny(clippy::disallowed_methods)]");
        assert!(denies, "{module}");
    }
    let list = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("clippy.toml")).unwrap();
    for call in [
        "std::fs::File::open",
        "std::thread::sleep",
        "rustix::fs::statvfs",
        "Pipeline::submit",
    ] {
        assert!(list.contains(call), "{call}");
    }
}

/// Of OpenPGP or of TLS, in whatever file: only what git, cargo and the demo make is passed over.
#[test]
fn secret_keys_are_nowhere_in_the_project() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = files_below(root, "");
    all.retain(|file| !file.starts_with(root.join("demo")));
    // Practice keys, of nobody: mails as clerks' programs made them can be opened with no other.
    let practice = ["postrom/tests/cases/post-room", "postrom/tests/keys"].map(|folder| root.join(folder));
    for file in &all {
        let holds = holds_a_secret_key(&fs::read(file).unwrap());
        let may = practice.iter().any(|folder| file.starts_with(folder));
        assert!(!holds || may, "{}", file.display());
    }
    assert!(all.len() > 400, "only {} files", all.len());
    for kind in ["PGP PRIVATE KEY BLOCK", "PRIVATE KEY", "RSA PRIVATE KEY"] {
        assert!(holds_a_secret_key(format!("a\n-----BEGIN {kind}-----\nb").as_bytes()));
    }
}

fn holds_a_secret_key(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut heads = text.split("-----BEGIN ").skip(1);
    heads.any(|rest| {
        let kind = rest.split("-----").next().unwrap_or_default();
        kind.len() < 30 && kind.contains("PRIVATE KEY")
    })
}

/// Every package that a build needs, by name: what `cargo tree` says.
pub fn packages(arguments: &[&str]) -> BTreeSet<String> {
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.args([
        "tree",
        "--locked",
        "--prefix",
        "none",
        "--edges",
        "normal,build",
        "--format",
        "{p} {f}",
    ]);
    let text = crate::support::run(cargo.args(arguments));
    text.lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect()
}

const ONE_MACHINE: [&str; 3] = ["--package=konvolutt", "--no-default-features", "--features=crypto-rust"];
const ENGINE: [&str; 3] = ["--package=postrom", "--no-default-features", "--features=crypto-rust"];
pub const PACKAGED: [&str; 4] = [
    "--no-default-features",
    "--features",
    "crypto-rust,postgres",
    "--package=konvolutt",
];

/// Who can open a letter is a fact of the dependency graph.
#[test]
fn the_packaged_server_depends_on_nothing_that_opens_a_letter() {
    let opens = |all: &BTreeSet<String>| -> Vec<String> {
        let reader = |line: &&String| line.starts_with("konvolutt-letter ") && line.contains("read");
        let named = |line: &&String| ["postrom ", "mail-parser "].iter().any(|name| line.starts_with(name));
        all.iter().filter(|line| named(line) || reader(line)).cloned().collect()
    };
    // With the demo it does, so that the search can find something.
    assert_eq!(opens(&packages(&["--package=konvolutt"])).len(), 3);
    assert_eq!(opens(&packages(&PACKAGED)), Vec::<String>::new());
}

/// The clerk's program has nothing of the server's.
#[test]
fn the_post_room_depends_on_no_server() {
    let serves = |all: &BTreeSet<String>| -> Vec<String> {
        let server = ["konvolutt ", "tokio ", "hyper ", "axum ", "rustls "];
        let found = all
            .iter()
            .filter(|line| server.iter().any(|name| line.starts_with(name)));
        found.cloned().collect()
    };
    assert_eq!(serves(&packages(&PACKAGED)).len(), 5);
    assert_eq!(serves(&packages(&ENGINE)), Vec::<String>::new());
    // The page has a small door of its own, and none of the server's.
    let page = serves(&packages(&["--package=postrom"]));
    let names: Vec<_> = page
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["axum", "hyper", "rustls", "tokio"]);
}

/// Few packages are few to trust. The numbers stand in `docs/decisions/`.
#[test]
fn the_trees_stay_small() {
    let names = |all: BTreeSet<String>| -> BTreeSet<String> {
        all.iter()
            .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
            .collect()
    };
    let count = |arguments: &[&str]| names(packages(arguments)).len();
    let (server, with_files) = (count(&PACKAGED), count(&ONE_MACHINE));
    let (engine, post_room) = (count(&ENGINE), count(&["--package=postrom"]));
    eprintln!("{server} packages for the server, {with_files} of them for files alone");
    eprintln!("{engine} packages for opening, {post_room} for the post room with its desk");
    assert!(with_files <= 316, "{with_files}");
    // What talks to a database is the rest.
    assert!(server <= 345, "{server}");
    // Archives, Outlook's files and the system's signals and language are most of what it has and the server has not.
    assert!(engine <= 256, "{engine}");
    // Pictures, documents, the page and TLS to a mailbox are the desk's.
    assert!(post_room <= 356, "{post_room}");
}

/// The server as it is packaged can open nothing, even for somebody who has taken it over.
#[test]
#[ignore = "needs nm and a build of its own"]
fn the_packaged_server_holds_no_code_that_decrypts() {
    let symbols = |binary: &Path| {
        let mut nm = std::process::Command::new("nm");
        crate::support::run(nm.args(["--demangle"]).arg(binary))
    };
    let opens = |text: &str| -> Vec<String> {
        let forbidden = [
            "postrom::",
            "konvolutt_letter::read",
            "parse::stream::Decryptor",
            "PKESK3>::decrypt",
            "pkesk::v3::PKESK3::decrypt",
        ];
        let hits = text
            .lines()
            .filter(|line| forbidden.iter().any(|word| line.contains(word)));
        hits.take(5).map(str::to_owned).collect()
    };
    // The search can find something: the post room's program is full of it.
    assert!(!opens(&symbols(crate::support::postrom_path())).is_empty());

    let server = crate::support::packaged_server();
    assert_eq!(opens(&symbols(&server)), Vec::<String>::new());
    // And it is a server: it knows its commands, but for the demo.
    let mut help = std::process::Command::new(server);
    let help = crate::support::run(help.arg("--help"));
    assert!(help.contains("serve") && !help.contains("demo"), "{help}");
}

/// A fault's line in the log names a place of the source, and must not name who built it, and where.
#[test]
#[ignore = "needs a build of its own, the same as the one above"]
fn the_packaged_server_names_no_folder_of_its_builder() {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    let cargo = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).to_owned();
    let names = |binary: &Path, folder: &Path| {
        let (bytes, word) = (fs::read(binary).unwrap(), folder.as_os_str().as_encoded_bytes());
        memchr::memmem::find_iter(&bytes, word).count()
    };
    // The control: cargo alone leaves both in.
    let ordinary = Path::new(env!("CARGO_BIN_EXE_konvolutt"));
    let server = crate::support::packaged_server();
    for folder in [&cargo, &checkout] {
        assert!(names(ordinary, folder) > 0, "{}", folder.display());
        assert_eq!(names(&server, folder), 0, "{}", folder.display());
    }
}

/// The desk is the form's sister: what colours mean to a citizen they mean to a clerk. The style sheets are of two packages.
#[test]
fn the_desk_has_the_colours_of_the_form() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Light, then dark.
    let colours = |sheet: &str| -> Vec<(String, String)> {
        let text = std::fs::read_to_string(root.join(sheet)).unwrap();
        let (tokens, _) = text.split_once("/* The page */").unwrap();
        let lines = tokens
            .lines()
            .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "));
        lines.map(|(name, colour)| (name.into(), colour.into())).collect()
    };
    let form = colours("templates/style.css");
    let mut left = form.iter();
    let desk = colours("postrom/templates/desk/desk.css");
    assert!(desk.len() > 20);
    for colour in desk {
        assert!(left.any(|of_form| *of_form == colour), "{colour:?} is not the form's");
    }
}
