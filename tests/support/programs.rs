//! The programs that cargo does not build for this test by itself: the post room's, which is another package's, and
//! the examples.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The server's program, which cargo built for this test.
pub const KONVOLUTT: &str = env!("CARGO_BIN_EXE_konvolutt");

/// `postrom`, built as it stands now: one left from an earlier build would pass for today's.
pub fn postrom() -> Command {
    let mut command = Command::new(postrom_path());
    // English, wherever the tests run.
    command.env("LC_ALL", "C");
    command
}

/// Where it lies.
pub fn postrom_path() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built().join(format!("postrom{}", std::env::consts::EXE_SUFFIX)))
}

/// One of the programs in `examples/`.
pub fn example(name: &str) -> PathBuf {
    built()
        .join("examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Builds them before anything is measured: beside a build everything is slow.
pub(super) fn build() {
    built();
}

/// Builds them once per test program, and gives the folder that they lie in.
///
/// Both packages are named, and an example, so that cargo chooses the features of a test: its libraries are built
/// already then. `--package postrom` alone would build half of them again, with other features.
fn built() -> &'static Path {
    static FOLDER: OnceLock<&Path> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(KONVOLUTT).parent().unwrap();
        let profile = match folder.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            other => other,
        };
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["build", "--locked", "--quiet", "--profile", profile])
            .args(["--package", "konvolutt", "--package", "postrom"])
            .args(["--bin", "postrom", "--example", "probe", "--example", "unwiped"])
            .args(["--example", "notices", "--example", "pages"])
            .arg("--target-dir")
            .arg(folder.parent().unwrap());
        super::run(&mut cargo);
        folder
    })
}

/// The server as it is packaged, built the way that the operator's guide says but for optimisation.
pub fn packaged_server() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = root.join("target/server-alone");
    let mut build = patient(&root.join("packaging/cargo"));
    build.args(["build", "--quiet", "--bin", "konvolutt", "--no-default-features"]);
    build
        .args(["--features", "crypto-rust,postgres", "--target-dir"])
        .arg(&target);
    super::run(&mut build);
    target.join("debug/konvolutt")
}

/// What compiles has time; what other tests do beside it has patience of so many seconds.
pub fn patient(program: &Path) -> Command {
    let mut command = Command::new("nice");
    command.arg(program);
    command
}
