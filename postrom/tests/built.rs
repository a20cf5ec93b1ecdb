//! Programs that another command builds: one of last week must not pass for today's.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

fn newest(folder: &Path) -> SystemTime {
    let times = fs::read_dir(folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            newest(&path)
        } else {
            path.metadata().unwrap().modified().unwrap()
        }
    });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Fails when the program is not there, or older than what it is made of.
pub fn is_of_today(program: &Path, by: &str) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = ["src", "../letter/src"].map(|folder| newest(&own.join(folder)));
    let built = program.metadata().and_then(|about| about.modified()).ok();
    assert!(built >= source.into_iter().max(), "build it first: {by}");
}
