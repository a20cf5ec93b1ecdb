//! How fast letters are found. Run with `--release -- --ignored --nocapture speed`.

use std::time::Instant;

use postrom::find::find;
use postrom::found::Found;
use postrom::source::sources;

use super::make::{armor, letter, packets};

#[test]
#[ignore = "a measurement"]
fn speed_of_a_thousand_letters() {
    let folder = tempfile::tempdir().unwrap();
    let text = letter(2, "x").replace(&armor(&packets(2, 60)), &armor(&packets(1, 88_000)));
    for number in 0..1_000 {
        std::fs::write(folder.path().join(format!("{number}.eml")), &text).unwrap();
    }
    for _ in 0..3 {
        let start = Instant::now();
        let mut found = 0;
        for input in sources(vec![folder.path().to_owned()], None) {
            find(&input.ok().unwrap(), &mut |one| {
                let Found::Sealed(sealed) = one else { panic!() };
                found += usize::from(sealed.data.sha256().unwrap()[0] < 255);
            });
        }
        println!("{found} letters, {} KB each: {:?}", text.len() / 1000, start.elapsed());
    }
}

#[test]
#[ignore = "a measurement"]
fn speed_of_a_large_mbox() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mbox");
    let text = letter(2, "x").replace(&armor(&packets(2, 60)), &armor(&packets(1, 880_000)));
    let mail = format!("From - Sat Nov 28 15:00:00 2026\n{text}\n");
    std::fs::write(&file, mail.repeat(300)).unwrap();
    let start = Instant::now();
    let mut found = 0;
    for input in sources(vec![file.clone()], None) {
        find(&input.ok().unwrap(), &mut |one| {
            found += usize::from(matches!(one, Found::Sealed(_)))
        });
    }
    println!(
        "{found} letters in {} MB: {:?}",
        mail.len() * 300 / 1_000_000,
        start.elapsed()
    );
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "a measurement: alone in its process, or the others count too"]
fn memory_of_a_large_letter() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.eml");
    let mut file = std::fs::File::create(&path).unwrap();
    let small = letter(2, "x");
    let (head, tail) = small.split_at(small.find("\n=aBc1").unwrap());
    file.write_all(head.as_bytes()).unwrap();
    let line = format!("\n{}", "QUJD".repeat(16));
    for _ in 0..800 {
        file.write_all(line.repeat(800).as_bytes()).unwrap();
    }
    file.write_all(tail.as_bytes()).unwrap();
    let mut size = 0;
    for input in sources(vec![path.clone()], None) {
        find(&input.ok().unwrap(), &mut |one| {
            let Found::Sealed(sealed) = one else { panic!() };
            sealed.data.sha256().unwrap();
            size = sealed.data.size_hint();
        });
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    println!("{} MB of packets, {peak}", size / 1_000_000);
}
