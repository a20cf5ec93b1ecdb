//! Files as citizens send them, made by the libraries that make such files elsewhere. Shared with the tests within the crate.

use std::io::{Cursor, Write};

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Red at the left, blue at the right, green below.
pub fn picture(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let pixel = |x, y| match (x * 2 < width, y * 4 < height * 3) {
        (_, false) => [0, 200, 0],
        (true, _) => [220, 0, 0],
        (false, _) => [0, 0, 220],
    };
    let mut out = Cursor::new(Vec::new());
    let picture: DynamicImage = if format == ImageFormat::Gif {
        RgbaImage::from_fn(width, height, |x, y| {
            let [r, g, b] = pixel(x, y);
            Rgba([r, g, b, 255])
        })
        .into()
    } else {
        RgbImage::from_fn(width, height, |x, y| Rgb(pixel(x, y))).into()
    };
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// What a telephone writes beside a picture: Oslo, a make and a model, a time, and how it was held.
pub fn exif(orientation: u16) -> Vec<u8> {
    let field = |tag, value| Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    };
    let text = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
    let degrees = |parts: [(u32, u32); 3]| Value::Rational(parts.map(Rational::from).to_vec());
    let fields = [
        field(Tag::Make, text("Ola\u{7}Phone")),
        field(Tag::Model, text("Modell 7")),
        field(Tag::DateTimeOriginal, text("2026:11:28 14:03:22")),
        field(Tag::Orientation, Value::Short(vec![orientation])),
        field(Tag::GPSLatitude, degrees([(59, 1), (54, 1), (5004, 100)])),
        field(Tag::GPSLatitudeRef, text("N")),
        field(Tag::GPSLongitude, degrees([(10, 1), (45, 1), (792, 100)])),
        field(Tag::GPSLongitudeRef, text("E")),
    ];
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut out = Cursor::new(Vec::new());
    writer.write(&mut out, false).unwrap();
    out.into_inner()
}

/// A photo of a telephone.
pub fn jpeg(width: u32, height: u32, orientation: u16) -> Vec<u8> {
    let plain = picture(ImageFormat::Jpeg, width, height);
    let data = [b"Exif\0\0".as_slice(), &exif(orientation)].concat();
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], b"\xFF\xE1", &length, &data, &plain[2..]].concat()
}

/// Gives each piece of a PNG the checksum that fits, so that a reader goes on to what stands in it.
pub fn sum(png: &mut [u8]) {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 }
        })
    };
    let mut at = 8;
    while let Some(length) = png.get(at..).and_then(|rest| rest.first_chunk()) {
        let end = (u32::from_be_bytes(*length) as usize).saturating_add(at + 8);
        let Some(content) = png.get(at + 4..end) else { return };
        let sum = !content.iter().fold(!0, step);
        let Some(place) = png.get_mut(end..end + 4) else { return };
        place.copy_from_slice(&sum.to_be_bytes());
        at = end + 4;
    }
}

fn a_box(name: &str, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
    [&length, name.as_bytes(), body].concat()
}

/// The boxes of a photo without its pixels: nothing here decodes those.
pub fn heic() -> Vec<u8> {
    let data = [&6u32.to_be_bytes(), b"Exif\0\0".as_slice(), &exif(1)].concat();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let entry = a_box("infe", b"\x02\0\0\0\0\x01\0\0Exif\0");
    let items = a_box("iinf", &[b"\0\0\0\0\0\x01".as_slice(), &entry].concat());
    // Of version 1: offsets and lengths of four bytes, one item, in the box `idat`.
    let places = [
        b"\x01\0\0\0\x44\x00\0\x01\0\x01\0\x01\0\0\0\x01\0\0\0\0".as_slice(),
        &length,
    ]
    .concat();
    let meta = [
        b"\0\0\0\0".as_slice(),
        &items,
        &a_box("iloc", &places),
        &a_box("idat", &data),
    ]
    .concat();
    [a_box("ftyp", b"heic\0\0\0\0mif1heic"), a_box("meta", &meta)].concat()
}

/// A film of a telephone, with a place as Android writes it.
pub fn mp4() -> Vec<u8> {
    let place = a_box("_xyz", b"\0\x16\x15\xc7+59.9139+010.7522/ \0\0\0");
    let mut place = place;
    place[4] = 0xA9;
    let moov = a_box("moov", &a_box("udta", &place));
    [a_box("ftyp", b"isom\0\0\0\0isommp42"), moov, a_box("mdat", &[7; 2000])].concat()
}

/// A zip with these files.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The same, as if each of its files had a password.
pub fn locked_zip() -> Vec<u8> {
    let mut bytes = zip(&[("brev.txt", b"hei")]);
    for (sign, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = bytes.windows(4).position(|window| window == sign).unwrap();
        bytes[at + flags] |= 1;
    }
    bytes
}

const RELATIONS: &str = r#"<Relationships><Relationship Id="1" Type="http://x/hyperlink" Target="http://x" TargetMode="External"/></Relationships>"#;
const TEMPLATE: &str = r#"<Relationships><Relationship Id="1" Type="http://x/attachedTemplate" Target="http://x/a.dotm" TargetMode="External"/></Relationships>"#;

/// A document of Word; `more` are parts beside the usual ones.
pub fn docx(more: &[(&str, &[u8])]) -> Vec<u8> {
    let usual: [(&str, &[u8]); 3] = [
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w:document/>"),
        ("word/_rels/document.xml.rels", RELATIONS.as_bytes()),
    ];
    zip(&[&usual[..], more].concat())
}

/// One with macros.
pub fn docm() -> Vec<u8> {
    docx(&[("word/vbaProject.bin", b"x")])
}

/// One that takes its template from elsewhere, and holds another file.
pub fn reaching_docx() -> Vec<u8> {
    docx(&[
        ("word/_rels/settings.xml.rels", TEMPLATE.as_bytes()),
        ("word/embeddings/oleObject1.bin", b"x"),
    ])
}

/// A compound file with these streams; names with a slash lie in a storage.
pub fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, bytes) in streams {
        let path = std::path::Path::new("/").join(name);
        file.create_storage_all(path.parent().unwrap()).unwrap();
        file.create_stream(&path).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// A document of Word before 2007, with macros.
pub fn doc() -> Vec<u8> {
    compound(&[("WordDocument", &[0; 900]), ("Macros/VBA/dir", b"x")])
}

/// A PDF of one page; `catalogue` stands in its catalogue, `objects` behind its own objects.
pub fn pdf(catalogue: &str, objects: &[u8]) -> Vec<u8> {
    let begin = format!(
        "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R {catalogue} >>\nendobj\n\
         2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
         3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>\nendobj\n"
    );
    [begin.as_bytes(), objects, b"\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"].concat()
}

/// An object with a stream that is packed as PDF packs them.
pub fn stream(number: u32, dictionary: &str, content: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(content).unwrap();
    let packed = packed.finish().unwrap();
    let head = format!(
        "{number} 0 obj\n<< {dictionary} /Filter /FlateDecode /Length {} >>\nstream\n",
        packed.len()
    );
    [head.as_bytes(), &packed, b"\nendstream\nendobj\n"].concat()
}

/// One of each kind that is looked into, by names that are true.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let hidden = stream(
        9,
        "/Type /ObjStm /N 1 /First 4",
        b"8 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>",
    );
    vec![
        ("bilde.jpg", jpeg(64, 48, 6)),
        ("bilde.png", picture(ImageFormat::Png, 64, 48)),
        ("bilde.gif", picture(ImageFormat::Gif, 64, 48)),
        ("bilde.webp", picture(ImageFormat::WebP, 64, 48)),
        ("bilde.bmp", picture(ImageFormat::Bmp, 64, 48)),
        ("bilde.tif", exif(1)),
        ("bilde.heic", heic()),
        ("film.mp4", mp4()),
        ("brev.docx", reaching_docx()),
        ("brev.doc", doc()),
        ("brev.pdf", pdf("/OpenAction 8 0 R", &hidden)),
        ("filer.zip", zip(&[("a/b.txt", b"hei"), ("c.exe", b"MZ")])),
        ("notat.txt", b"Hei.\n".to_vec()),
    ]
}
