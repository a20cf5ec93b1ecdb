//! Pictures anew, through the process that draws them.

use std::io::Cursor;
use std::process::Command;
use std::time::{Duration, Instant};

use image::{ImageFormat, ImageReader, RgbImage};
use postrom::desk::look::{FileKind, NoPreview, Preview, Warning, look};
use postrom::desk::worker::Start;

use super::facts::looker;
use super::samples;

fn preview(name: &str, bytes: &[u8]) -> Result<Preview, NoPreview> {
    let looked = look(&looker(), name, bytes, true, &|| false);
    assert_eq!(looked.preview.is_none(), looked.no_preview.is_some());
    looked.preview.ok_or_else(|| looked.no_preview.unwrap())
}

fn pixels(preview: &Preview) -> RgbImage {
    let reader = ImageReader::with_format(Cursor::new(&preview.png), ImageFormat::Png);
    let picture = reader.decode().unwrap();
    assert_eq!((picture.width(), picture.height()), (preview.width, preview.height));
    picture.to_rgb8()
}

/// The strongest of the three colours.
fn colour(picture: &RgbImage, x: u32, y: u32) -> char {
    let [r, g, b] = picture.get_pixel(x, y).0;
    match () {
        () if r > 128 && g < 100 && b < 100 => 'r',
        () if g > 128 && r < 100 && b < 100 => 'g',
        () if b > 128 && r < 100 && g < 100 => 'b',
        () => '?',
    }
}

#[test]
fn a_picture_is_drawn_anew_and_small() {
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::Gif,
        ImageFormat::WebP,
        ImageFormat::Bmp,
    ] {
        // Its name is not asked.
        let drawn = preview("x.txt", &samples::picture(format, 120, 80)).unwrap();
        let picture = pixels(&drawn);
        assert_eq!((drawn.width, drawn.height), (120, 80), "{format:?}");
        let colours = [(10, 10), (110, 10), (60, 75)].map(|(x, y)| colour(&picture, x, y));
        assert_eq!(colours, ['r', 'b', 'g'], "{format:?}");
    }
    let large = preview("x.jpg", &samples::picture(ImageFormat::Jpeg, 4000, 3000)).unwrap();
    assert_eq!((large.width, large.height), (1600, 1200));
}

/// Held upright: what was the left side is up. And nothing of what the telephone wrote is left.
#[test]
fn a_picture_is_turned_as_it_was_taken_and_says_nothing_else() {
    let photo = samples::jpeg(120, 80, 6);
    let drawn = preview("x.jpg", &photo).unwrap();
    assert_eq!((drawn.width, drawn.height), (80, 120));
    let picture = pixels(&drawn);
    let colours = [(70, 10), (70, 110), (5, 60)].map(|(x, y)| colour(&picture, x, y));
    assert_eq!(colours, ['r', 'b', 'g']);
    let has = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has(&photo, "Modell 7") && has(&photo, "Exif"));
    let mut rest = &drawn.png[8..];
    let mut chunks = Vec::new();
    while let Some(length) = rest.first_chunk() {
        chunks.push(String::from_utf8_lossy(&rest[4..8]).into_owned());
        rest = &rest[12 + u32::from_be_bytes(*length) as usize..];
    }
    chunks.dedup();
    assert_eq!(chunks, ["IHDR", "IDAT", "IEND"]);
}

#[test]
fn what_is_no_picture_is_not_drawn() {
    for (name, bytes, why) in [
        ("a.svg", b"<svg/>".to_vec(), NoPreview::Kind),
        ("a.pdf", samples::pdf("", b""), NoPreview::Kind),
        ("a.heic", samples::heic(), NoPreview::Kind),
        ("a.tif", samples::exif(1), NoPreview::Kind),
        ("a.jpg", b"hei".to_vec(), NoPreview::Kind),
        ("a.jpg", vec![0; 40], NoPreview::Kind),
        ("a.jpg", b"\xFF\xD8\xFF\xE0".to_vec(), NoPreview::Damaged),
        ("a.png", b"\x89PNG\r\n\x1A\nxx".to_vec(), NoPreview::Damaged),
    ] {
        assert_eq!(preview(name, &bytes).err(), Some(why), "{name}");
    }
}

/// A head that promises more pixels than anybody has, and one that has them.
#[test]
fn a_picture_that_is_too_large_is_not_drawn() {
    let mut png = samples::picture(ImageFormat::Png, 8, 8);
    png[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    samples::sum(&mut png);
    assert_eq!(preview("a.png", &png).err(), Some(NoPreview::TooLarge));
    let begun = Instant::now();
    let bomb = samples::picture(ImageFormat::Gif, 7000, 6000);
    assert_eq!(preview("a.gif", &bomb).err(), Some(NoPreview::TooLarge));
    assert!(begun.elapsed() < Duration::from_secs(60));
    // The control: just within.
    let within = samples::picture(ImageFormat::Bmp, 7000, 5500);
    assert_eq!(preview("a.bmp", &within).unwrap().width, 1600);
}

/// Whatever becomes of the process, there is an answer, and it says so.
#[test]
fn a_process_that_ends_is_told_and_ends_nobody_else() {
    let jpeg = samples::jpeg(40, 30, 1);
    for (program, words) in [
        ("/bin/false", &[][..]),
        ("/bin/echo", &["hei"]),
        ("/nowhere/at/all", &[]),
    ] {
        let start: Start = Box::new(move || {
            let mut command = Command::new(program);
            command.args(words);
            command
        });
        let looked = look(&start, "bilde.jpg.exe.bin", &jpeg, true, &|| false);
        assert!(!looked.facts.looked_at, "{program}");
        assert_eq!(looked.facts.size, jpeg.len() as u64);
        assert_eq!(looked.facts.by_name, Some(FileKind::Exe));
        assert!(looked.facts.has(Warning::DoubleEnding) && looked.facts.content.is_none());
        assert_eq!(looked.no_preview, Some(NoPreview::Ended));
    }
}

fn sleeper() -> Start {
    Box::new(|| {
        let mut command = Command::new("/bin/sleep");
        command.arg("600");
        command
    })
}

/// How long a process that hangs is waited for. What it gets is more than fits into a pipe, so that whoever hands it over waits too.
fn waited_for_a_sleeper(stop: &dyn Fn() -> bool) -> Duration {
    let begun = Instant::now();
    let looked = look(&sleeper(), "x.txt", &vec![b'x'; 10_000_000], true, stop);
    assert!(!looked.facts.looked_at);
    begun.elapsed()
}

#[test]
#[ignore = "needs twenty seconds"]
fn a_process_that_hangs_is_killed() {
    let waited = waited_for_a_sleeper(&|| false);
    assert!(waited < Duration::from_secs(25), "{waited:?}");
}

/// The desk was locked: nobody wants to know any more.
#[test]
fn a_process_that_nobody_waits_for_ends_at_once() {
    let begun = Instant::now();
    let waited = waited_for_a_sleeper(&|| begun.elapsed() > Duration::from_millis(200));
    assert!(waited < Duration::from_secs(10), "{waited:?}");
}
