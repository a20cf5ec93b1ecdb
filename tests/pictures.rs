//! Pictures made smaller, and without the place where they were taken: offered, told plainly, never done by itself.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::support::citizen::{SEND, at_form, opened, reference, write_files};
use crate::support::{Browser, Scripts, World};

/// A picture as a camera writes it, drawn by the browser: full of noise, or of one colour.
fn jpeg(browser: &Browser, width: u32, height: u32, noise: bool) -> Vec<u8> {
    let drawn = browser.run(&format!(
        "const sheet = Object.assign(document.createElement('canvas'), {{width: {width}, height: {height}}}); \
         const pen = sheet.getContext('2d'), dots = pen.createImageData({width}, {height}); \
         for (let i = 0; i < dots.data.length; i++) dots.data[i] = i % 4 === 3 ? 255 : {noise} ? (i * 7919 + (i >> 8) * 31) % 256 : 90; \
         pen.putImageData(dots, 0, 0); return sheet.toDataURL('image/jpeg', .95).split(',')[1]"
    ));
    BASE64.decode(drawn.as_str().unwrap()).unwrap()
}

/// Exif (TIFF 6.0) as a telephone writes it, in one of the two orders of bytes: a list of tags that leads to the list of the
/// place, which holds a latitude or not.
fn exif(little: bool, latitude: bool) -> Vec<u8> {
    let two = |n: u16| if little { n.to_le_bytes() } else { n.to_be_bytes() };
    let four = |n: u32| if little { n.to_le_bytes() } else { n.to_be_bytes() };
    let list = |tags: &[(u16, u16, u32, u32)]| {
        let tag = |(tag, kind, count, value): &(u16, u16, u32, u32)| {
            [&two(*tag)[..], &two(*kind), &four(*count), &four(*value)].concat()
        };
        let tags_of = tags.iter().flat_map(tag).collect::<Vec<_>>();
        [&two(tags.len() as u16)[..], &tags_of, &four(0)].concat()
    };
    let version = (0, 1, 4, 0x0203_0000);
    let place: &[_] = if latitude {
        &[version, (2, 5, 3, 80)]
    } else {
        &[version]
    };
    let order = if little { b"II*\0" } else { b"MM\0*" };
    // Eight bytes before the first list, eighteen of its one tag.
    let mut tiff = [&order[..], &four(8), &list(&[(0x8825, 4, 1, 26)]), &list(place)].concat();
    tiff.resize(104, 0);
    tiff
}

/// The picture with this Exif in its first segment.
fn with(picture: &[u8], exif: &[u8]) -> Vec<u8> {
    let segment = [b"Exif\0\0", exif].concat();
    let length = (segment.len() as u16 + 2).to_be_bytes();
    [&picture[..2], b"\xff\xe1", &length, &segment, &picture[2..]].concat()
}

fn choose(browser: &Browser, device: &Path, files: &[(&str, &[u8])]) {
    browser.type_into("#vedlegg", &write_files(device, files));
}

/// Each file as its row shows it.
fn rows(browser: &Browser) -> Vec<String> {
    let rows = browser.run("return [...document.querySelectorAll('.files li')].map(row => row.textContent)");
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_str().unwrap().to_owned())
        .collect()
}

const TELLS: &str = "Biletet viser kvar det blei teke.";
const OFFER: &str = "Gjer mindre og ta bort staden";

/// Making one takes a while, in which its button is pressed again, or the picture is taken away.
#[test]
#[ignore = "needs chromium"]
fn a_picture_that_is_gone_meanwhile_replaces_no_other_file() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::On);
    let device = tempfile::tempdir().unwrap();
    let placed = with(&jpeg(&browser, 300, 200, false), &exif(true, true));
    choose(&browser, device.path(), &[("a.jpg", &placed), ("brev.txt", b"innhald")]);
    let names = || browser.run("return [...document.querySelector('#vedlegg').files].map(file => file.name)");
    world.until("what it tells", || rows(&browser)[0].contains(TELLS));
    let done = "setTimeout(done, 1000)";
    browser.run_until_done(&format!(
        "const button = document.querySelector('.files li button'); button.click(); button.click(); {done}"
    ));
    assert!(!rows(&browser)[0].contains(TELLS), "the control: it is made");
    assert_eq!(names(), json!(["a.jpg", "brev.txt"]));
    // Back to the original, and taken away while it is made again.
    browser.click(".files li:nth-child(1) button");
    browser.run_until_done(&format!(
        "const buttons = document.querySelectorAll('.files li:first-child button'); \
         buttons[0].click(); buttons[buttons.length - 1].click(); {done}"
    ));
    assert_eq!(names(), json!(["brev.txt"]));
}

#[test]
#[ignore = "needs chromium"]
fn a_picture_that_tells_its_place_can_stop_doing_so() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::On);
    let device = tempfile::tempdir().unwrap();
    let plain = jpeg(&browser, 300, 200, false);
    let placed = with(&plain, &exif(true, true));
    // With those two, a list of the place that holds none, a picture without, and another kind of file: all are looked at before
    // anything is said of one.
    choose(
        &browser,
        device.path(),
        &[
            ("a.jpg", &placed),
            ("b.jpeg", &with(&plain, &exif(false, true))),
            ("c.jpg", &with(&plain, &exif(true, false))),
            ("d.jpg", &plain),
            ("e.pdf", &placed),
        ],
    );
    world.until("what two tell", || {
        rows(&browser).iter().filter(|row| row.contains(TELLS)).count() == 2
    });
    let told: Vec<_> = rows(&browser)
        .iter()
        .map(|row| (row.contains(TELLS), row.contains(OFFER)))
        .collect();
    assert_eq!(
        told,
        [
            (true, true),
            (true, true),
            (false, false),
            (false, false),
            (false, false)
        ]
    );
    let lost = browser.text(".offer");
    assert!(
        lost.contains("skarpe") && lost.contains("når og kvar") && lost.contains("bevis"),
        "{lost}"
    );

    // Nothing happens by itself: what is not asked for goes as it is.
    browser.click(".files li:nth-child(1) button");
    world.until("it is made", || !rows(&browser)[0].contains(TELLS));
    assert!(rows(&browser)[0].contains("Få tilbake originalen"));
    browser.click(".files li:nth-child(1) button");
    world.until("it is back", || rows(&browser)[0].contains(TELLS));
    browser.click(".files li:nth-child(1) button");
    world.until("it is made again", || !rows(&browser)[0].contains(TELLS));
    browser.type_into("#melding", &world.marker.text);
    browser.follow(SEND);
    reference(&browser);
    let sent = |name: &str| fs::read(opened(&world).join("attachments").join(name)).unwrap();
    let made = sent("a.jpg");
    assert!(made.starts_with(b"\xff\xd8") && !contains(&made, b"Exif") && !contains(&made, b"II*\0"));
    assert_eq!(sent("b.jpeg"), with(&plain, &exif(false, true)), "the control");
    assert_eq!(sent("d.jpg"), plain);
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|part| part == wanted)
}

#[test]
#[ignore = "needs chromium"]
fn pictures_that_are_too_large_can_be_made_smaller_all_at_once() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::On);
    let device = tempfile::tempdir().unwrap();
    let large = jpeg(&browser, 2600, 1800, true);
    assert!(large.len() > 3_000_000, "{}", large.len());
    choose(
        &browser,
        device.path(),
        &[("a.jpg", &large), ("b.jpg", &[&large[..], b"x"].concat())],
    );
    world.until("the offer", || browser.is_there(".offer button"));
    assert!(rows(&browser).iter().all(|row| row.contains(OFFER)));
    browser.click(".offer button");
    world.until("all are made", || {
        browser.run("return document.querySelector('.offer').children.length") == 0
    });
    let sides = browser.run_until_done(
        "Promise.all([...document.getElementById('vedlegg').files].map(file => createImageBitmap(file))) \
            .then(all => done(all.map(image => [image.width, image.height])))",
    );
    assert_eq!(sides, json!([[2000, 1385], [2000, 1385]]));
    assert!(
        browser.text(".total").starts_with("Brukt "),
        "{}",
        browser.text(".total")
    );
    browser.type_into("#melding", &world.marker.text);
    browser.follow(SEND);
    reference(&browser);
}

/// Tor Browser gives noise out of a canvas: no picture is made of that.
#[test]
#[ignore = "needs chromium"]
fn a_canvas_that_is_not_true_makes_no_picture() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::On);
    let device = tempfile::tempdir().unwrap();
    let placed = with(&jpeg(&browser, 300, 200, false), &exif(true, true));
    choose(&browser, device.path(), &[("a.jpg", &placed)]);
    world.until("the offer", || rows(&browser)[0].contains(OFFER));
    browser.run(
        "const real = CanvasRenderingContext2D.prototype.getImageData; \
         CanvasRenderingContext2D.prototype.getImageData = function (...of) { \
            const image = real.apply(this, of); image.data.fill(255); return image; }",
    );
    browser.click(".files li button");
    world.until("it is told", || !rows(&browser)[0].contains(OFFER));
    let said =
        browser.run("return [...document.querySelectorAll('[role=status]')].map(said => said.textContent).join(' ')");
    assert!(
        said.as_str().unwrap().contains("«a.jpg» kan ikkje gjerast mindre her"),
        "{said}"
    );
    let same: Value = browser.run("return document.getElementById('vedlegg').files[0].size");
    assert_eq!(same, placed.len());
}
