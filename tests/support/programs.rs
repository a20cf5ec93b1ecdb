//! The program of the other package. Cargo tells a test only of the programs of its own package.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The server's program, which cargo built for this test.
pub const KONVOLUTT: &str = env!("CARGO_BIN_EXE_konvolutt");

/// `postrom`, built as it stands now: one left from an earlier build would pass for today's.
pub fn postrom() -> Command {
    Command::new(postrom_path())
}

/// Where it lies.
pub fn postrom_path() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(build)
}

fn build() -> PathBuf {
    let folder = Path::new(KONVOLUTT).parent().unwrap();
    let profile = match folder.file_name().unwrap().to_str().unwrap() {
        "debug" => "dev",
        other => other,
    };
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "build",
            "--locked",
            "--quiet",
            "--package",
            "postrom",
            "--profile",
            profile,
        ])
        .arg("--target-dir")
        .arg(folder.parent().unwrap());
    super::run(&mut cargo);
    folder.join(format!("postrom{}", std::env::consts::EXE_SUFFIX))
}
