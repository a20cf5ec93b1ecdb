//! Files that somebody has changed to do harm: each is looked at in time and within memory, or ends only itself.

#![allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::panic)] // tests, and samples that only others use

use std::process::Command;
use std::time::Duration;

use image::ImageFormat;

use super::facts::{Archive, Device, FileFacts, Place, Warning};
use super::{fence, judge, parent, preview};

#[path = "../../../tests/desk/samples.rs"]
mod samples;

const MUTATIONS: u32 = 5000;
const LONGEST: Duration = Duration::from_secs(2);

/// Chance that is the same each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 11).unwrap() % end.max(1)
    }

    fn mutated(&mut self, file: &[u8]) -> Vec<u8> {
        let mut bytes = file.to_vec();
        for _ in 0..=self.below(4) {
            // What rules the rest stands at the beginning.
            let within = if self.below(2) == 0 {
                bytes.len()
            } else {
                bytes.len().min(200)
            };
            let at = self.below(within);
            let end = (at + 1 + self.below(40)).min(bytes.len());
            match self.below(6) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                3 => bytes.iter_mut().skip(at).take(4).for_each(|byte| *byte = 0xFF),
                4 => bytes.iter_mut().skip(at).take(4).for_each(|byte| *byte = 0),
                _ => {
                    let byte = self.next() as u8;
                    bytes.iter_mut().skip(at).take(1).for_each(|old| *old = byte);
                }
            }
        }
        if self.below(2) == 0 && bytes.starts_with(b"\x89PNG") {
            samples::sum(&mut bytes);
        }
        bytes
    }
}

/// How long this thread has worked: what else the machine does is no fault of a file.
fn worked() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::from_secs(now.tv_sec.unsigned_abs()) + Duration::from_nanos(now.tv_nsec.unsigned_abs())
}

/// Whether a picture of it could be drawn.
fn look(name: &str, bytes: &[u8]) -> bool {
    let begun = worked();
    let facts = judge::look(name, bytes);
    let drawn = facts.content.is_some_and(|kind| preview::make(kind, bytes).is_ok());
    let took = worked() - begun;
    assert!(took < LONGEST, "{name}: {took:?}");
    drawn
}

/// Behind the fence, so that memory has its bound, in a process of its own for each sample.
#[test]
fn changed_files_neither_hang_nor_eat_memory() {
    let all = samples::all();
    if let Ok(number) = std::env::var("HOSTILE") {
        let (name, bytes) = &all[number.parse::<usize>().unwrap()];
        fence::enforce_for(600).unwrap();
        let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
        let drawn = (0..MUTATIONS).filter(|_| look(name, &chance.mutated(bytes))).count();
        // The control: pictures are not all so broken that nothing of a decoder is tried.
        let is_drawn = preview::make(judge::look(name, bytes).content.unwrap(), bytes).is_ok();
        assert!(!is_drawn || drawn > 50, "{name}: {drawn}");
        return;
    }
    let own = std::env::current_exe().unwrap();
    for pair in (0..all.len()).collect::<Vec<_>>().chunks(2) {
        let run = |number: &usize| {
            let mut command = Command::new(&own);
            command
                .args([
                    "--exact",
                    "desk::look::hostile::changed_files_neither_hang_nor_eat_memory",
                ])
                .args(["--nocapture", "--test-threads=1"])
                .env("HOSTILE", number.to_string())
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped());
            (*number, command.spawn().unwrap())
        };
        for (number, child) in pair.iter().map(run).collect::<Vec<_>>() {
            let ran = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
            assert!(
                ran.status.success() && said.contains("1 passed"),
                "{}: {said}",
                all[number].0
            );
        }
    }
}

/// What is built to be slow: much of what is looked for, and nothing of what would end the search.
#[test]
fn files_that_are_built_to_be_slow_are_not() {
    let much = |piece: &str| piece.repeat(20_000_000 / piece.len()).into_bytes();
    let pdf = |piece: &str| [b"%PDF-1.7\n".to_vec(), much(piece)].concat();
    let boxes = [b"\0\0\0\x18ftypisom\0\0\0\0isommp42".to_vec(), much("\u{A9}xyz+59.")].concat();
    let zips = [b"PK\x03\x04".to_vec(), much("PK\x01\x02")].concat();
    let begin = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    for (name, bytes) in [
        ("a.pdf", pdf("/OpenAction 9 0 R ")),
        ("b.pdf", pdf(">>\nstream\n")),
        ("c.pdf", pdf("/ObjStm >>stream\nendstream")),
        ("d.pdf", pdf(" ")),
        ("e.mp4", boxes),
        ("f.zip", zips),
        ("g.doc", [begin, much("\0\0\0\0")].concat()),
        ("h.xml", much("<a ")),
        ("i.eml", much("a: b\n")),
        ("j.rtf", much("{\\rtf")),
        ("k.jpg", [b"\xFF\xD8".to_vec(), much("\u{FF}")].concat()),
        ("l.txt", much("\n")),
    ] {
        let begun = worked();
        judge::look(name, &bytes);
        let took = worked() - begun;
        assert!(took < 5 * LONGEST, "{name}: {took:?}");
    }
}

/// A file that has made the process its own can say what it likes. What the name says is still seen, and nothing of it acts.
#[test]
fn what_a_taken_over_process_says_is_held_in() {
    let lies = FileFacts {
        looked_at: true,
        size: 1,
        ending: "<script>".into(),
        place: Some(Place { lat: 1e300, lon: 0.0 }),
        device: Some(Device {
            make: Some("x\u{202E}\n".repeat(1000)),
            ..Device::default()
        }),
        archive: Some(Archive {
            count: 1,
            names: vec!["a\u{1B}[2Jb".repeat(1000); 1000],
        }),
        ..FileFacts::default()
    };
    let facts = parent::trusted(lies, "bilde.jpg.exe.bin", &[0; 30]);
    assert_eq!((facts.size, facts.ending.as_str()), (30, "exe"));
    assert_eq!(facts.warnings, [Warning::Executable, Warning::DoubleEnding]);
    assert!(facts.place.is_none());
    let (device, archive) = (facts.device.unwrap(), facts.archive.unwrap());
    assert!(device.make.unwrap().len() <= 100 && archive.names.len() <= 50);
    assert!(
        archive
            .names
            .iter()
            .all(|name| name.len() <= 100 && !name.contains('\u{1B}'))
    );
}

#[test]
fn only_pixels_are_passed_on() {
    let png = samples::picture(ImageFormat::Png, 64, 48);
    let (drawn, width, height) = preview::make(super::FileKind::Png, &png).unwrap();
    assert!(parent::is_plain(&drawn, width, height));
    assert!(!parent::is_plain(&drawn, width + 1, height));
    let huge = [&drawn[..16], &40_000_u32.to_be_bytes(), &drawn[20..]].concat();
    assert!(!parent::is_plain(&huge, 40_000, height), "a browser would unfold it");
    let more = |at: usize, piece: &[u8]| [&drawn[..at], piece, &drawn[at..]].concat();
    let text = b"\0\0\0\x04tEXta\0bcXXXX";
    for bad in [
        more(33, text),
        more(drawn.len(), b"x"),
        more(drawn.len() - 12, text),
        drawn[..drawn.len() - 1].to_vec(),
        drawn[..40].to_vec(),
        drawn[8..].to_vec(),
        samples::jpeg(64, 48, 1),
        Vec::new(),
    ] {
        assert!(!parent::is_plain(&bad, width, height));
    }
}
