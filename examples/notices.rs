//! The notices of others' licences that belong to a program, for packages: `notices konvolutt|postrom TARGET` prints which
//! packages are in it, under which licence, and each licence's text as its authors ship it.
//!
//! Comes in: what `cargo tree` and `cargo metadata` say of the locked tree. Goes out: one text, the same on every machine.

#![allow(clippy::print_stdout)] // it is what this is for

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Names with which files begin that hold a licence or a notice.
const HOLD_A_LICENCE: [&str; 8] = [
    "license",
    "licence",
    "copying",
    "notice",
    "unlicense",
    "copyright",
    "patents",
    "ofl",
];

const HEAD: &str = "\
Notices of others' licences
===========================

This program is Konvolutt's, under the MIT licence or the Apache License 2.0, at your option. It contains the packages that
are listed here, each under its own licence; the texts follow below as their authors ship them, each once. It also contains
parts of Rust's standard library (https://www.rust-lang.org), under MIT or Apache-2.0.
";

const LGPL: &str = "\
The GNU Lesser General Public License
-------------------------------------

The packages above that name LGPL-2.0-or-later are libraries under the GNU Lesser General Public License, whose text is below. You
may change them and use them changed in this program, and you may look into this program to find faults in such a change. All that
is needed for that is published beside it: the source, with a Cargo.lock that names the exact version of every package, and how
it is built (docs/release.md). To build it with a changed library, name your copy in Cargo.toml under [patch.crates-io].
";

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [program, target] = words.as_slice() else {
        return Err(io::Error::other("say which program, and for which target"));
    };
    let mut packages = Vec::new();
    let names = tree(program, target)?;
    for package in known(target)?
        .into_iter()
        .filter(|package| names.contains(&package.id()))
    {
        packages.push(package);
    }
    if packages.len() != names.len() {
        let found: BTreeSet<_> = packages.iter().map(Package::id).collect();
        return Err(io::Error::other(format!(
            "nothing is known of {:?}",
            names.difference(&found).collect::<Vec<_>>()
        )));
    }
    packages.sort_by_key(Package::id);
    print!("{}", notices(program, target, &packages)?);
    Ok(())
}

struct Package {
    name: String,
    version: String,
    licence: String,
    from: String,
    folder: PathBuf,
}

impl Package {
    fn id(&self) -> (String, String) {
        (self.name.clone(), self.version.clone())
    }
}

fn cargo(words: &[&str]) -> io::Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(words).output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    String::from_utf8(output.stdout).map_err(io::Error::other)
}

/// Name and version of every package of others in a program, those that build it included: they write code into it.
fn tree(program: &str, target: &str) -> io::Result<BTreeSet<(String, String)>> {
    let mut words = vec![
        "tree",
        "--locked",
        "--prefix=none",
        "--edges=normal,build",
        "--format={p}",
    ];
    words.extend(["--target", target, "--package", program]);
    if program == "konvolutt" {
        words.extend(["--no-default-features", "--features=crypto-rust,postgres"]);
    }
    let text = cargo(&words)?;
    let lines = text.lines().map(|line| line.trim_end_matches(" (*)"));
    // Our own are followed by their folder.
    let foreign = lines.filter(|line| !line.is_empty() && !line.contains("(/"));
    Ok(foreign
        .filter_map(|line| {
            let (name, version) = line.split_once(' ')?;
            let version = version.split(' ').next()?;
            Some((name.to_owned(), version.trim_start_matches('v').to_owned()))
        })
        .collect())
}

/// Every package of the lock file that this target may need, or this machine to build for it.
fn known(target: &str) -> io::Result<Vec<Package>> {
    let words = [
        "metadata",
        "--locked",
        "--format-version=1",
        "--filter-platform",
        target,
        "--filter-platform",
        "host-tuple",
    ];
    let told: Value = serde_json::from_str(&cargo(&words)?)?;
    let packages = told["packages"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(packages
        .iter()
        .filter_map(|package| {
            let manifest = PathBuf::from(text(&package["manifest_path"])?);
            Some(Package {
                name: text(&package["name"])?,
                version: text(&package["version"])?,
                licence: text(&package["license"]).unwrap_or_else(|| "see its text".to_owned()),
                from: text(&package["repository"]).unwrap_or_default(),
                folder: manifest.parent()?.to_owned(),
            })
        })
        .collect())
}

fn notices(program: &str, target: &str, packages: &[Package]) -> io::Result<String> {
    let mut out = format!("{HEAD}\nProgram: {program}, for {target}\n\nPackages\n--------\n\n");
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages {
        let own = texts_below(&package.folder)?;
        let missing = if own.is_empty() {
            " (ships no text: the licence is known by its name)"
        } else {
            ""
        };
        line(
            &mut out,
            &format!(
                "{} {}: {}{missing} {}",
                package.name, package.version, package.licence, package.from
            ),
        );
        for (file, text) in own {
            let of = format!("{} {}: {file}", package.name, package.version);
            texts.entry(text).or_default().push(of);
        }
    }
    if program == "postrom" {
        let font = Path::new(env!("CARGO_MANIFEST_DIR")).join("postrom/fonts/OFL.txt");
        line(&mut out, "Noto Sans (fonts): OFL-1.1");
        texts
            .entry(std::fs::read_to_string(font)?)
            .or_default()
            .push("Noto Sans".to_owned());
    }
    let _ = write!(out, "\n{LGPL}\nTexts\n-----\n");
    let mut texts: Vec<_> = texts.into_iter().map(|(text, of)| (of, text)).collect();
    texts.sort();
    for (of, text) in texts {
        let _ = write!(
            out,
            "\n{}\nOf {}\n\n{}\n",
            "=".repeat(80),
            of.join("\nOf "),
            text.trim_end()
        );
    }
    Ok(out)
}

fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}

/// The files of a package that hold a licence, also those of code in C that it brings along.
fn texts_below(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                left.push(path);
            } else if holds_a_licence(&path) {
                let text = String::from_utf8_lossy(&std::fs::read(&path)?).replace("\r\n", "\n");
                let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                found.insert(name, text);
            }
        }
    }
    Ok(found)
}

fn holds_a_licence(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let source = ["rs", "c", "h", "go", "py", "sh"]
        .iter()
        .any(|ending| name.ends_with(&format!(".{ending}")));
    !source && HOLD_A_LICENCE.iter().any(|begin| name.starts_with(begin))
}
