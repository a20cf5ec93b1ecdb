//! The packages for Debian, made as for a release but from programs that were not optimised.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::programs::{packaged_server, patient, postrom_path};
use super::world::run;

/// `konvolutt_VERSION_ARCHITECTURE.deb` and the one of `postrom`, of the programs as they stand now.
pub fn debs(version: &str) -> [PathBuf; 2] {
    staged();
    make(&out(), &["deb"], &[("KONVOLUTT_DEB_VERSION", version)]);
    let architecture = run(Command::new("dpkg").arg("--print-architecture"));
    // The next version takes the place of this one, so each lies in a folder of its own.
    let kept = out().join("debs").join(version);
    fs::create_dir_all(&kept).unwrap();
    ["konvolutt", "postrom"].map(|program| {
        let name = format!("{program}_{version}_{}.deb", architecture.trim());
        let to = kept.join(&name);
        fs::copy(out().join("dist").join(name), &to).unwrap();
        to
    })
}

/// Runs parts of `packaging/build` into a folder; gives what it said on standard error.
pub fn make(out: &Path, parts: &[&str], environment: &[(&str, &str)]) -> String {
    let mut build = patient(&Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/build"));
    build.args(parts);
    build.env("KONVOLUTT_PROFILE", "dev").env("KONVOLUTT_OUT", out);
    build.envs(environment.iter().copied());
    let output = build.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{parts:?}: {said}");
    said
}

/// Never where a release lies.
fn out() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tested")
}

/// Lays what was built where the packages are made from, once: the part `binaries` would build all of it again.
fn staged() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        let stage = out().join("stage/release");
        fs::create_dir_all(&stage).unwrap();
        for program in [packaged_server().as_path(), postrom_path()] {
            let to = stage.join(program.file_name().unwrap());
            fs::copy(program, &to).unwrap();
            run(Command::new("strip").arg(to));
        }
        make(&out(), &["pages", "notices"], &[]);
    });
}
