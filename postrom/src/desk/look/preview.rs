//! A picture anew: decoded within bounds, turned as it was taken, made small, and written as pixels and nothing else.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, metadata::Orientation};
use serde::{Deserialize, Serialize};

use super::kinds::FileKind;

/// Width and height together; a telephone's camera has half of it.
const MOST_PIXELS: u64 = 40_000_000;
/// As long as a side is in which a decoder may believe.
const LONGEST_SIDE: u32 = 40_000;
/// What a decoder may ask for: such a picture with sixteen bits for each of four colours.
const MOST_MEMORY: u64 = 400 * 1024 * 1024;
/// The longer side of what is shown.
pub(super) const SHOWN: u32 = 1600;

/// Why there is no preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoPreview {
    /// Files of this kind are not drawn.
    Kind,
    /// It has too many pixels.
    TooLarge,
    /// It is damaged, cut short, or written in a way that is not known here.
    Damaged,
    /// This system does not let a process give its rights up.
    NotShutIn,
    /// The process that draws ended over it, or took too long.
    Ended,
}

/// The new PNG, its width and its height.
pub(super) fn make(kind: FileKind, bytes: &[u8]) -> Result<(Vec<u8>, u32, u32), NoPreview> {
    let format = match kind {
        FileKind::Jpeg => ImageFormat::Jpeg,
        FileKind::Png => ImageFormat::Png,
        FileKind::Gif => ImageFormat::Gif,
        FileKind::WebP => ImageFormat::WebP,
        FileKind::Bmp => ImageFormat::Bmp,
        _ => return Err(NoPreview::Kind),
    };
    let (picture, turned) = decoded(format, bytes)?;
    let picture = if picture.width().max(picture.height()) > SHOWN {
        picture.thumbnail(SHOWN, SHOWN)
    } else {
        picture
    };
    let mut picture = plain(picture);
    picture.apply_orientation(turned);
    let mut png = Vec::new();
    // Somebody waits for it, and it never leaves the machine.
    let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Sub);
    picture.write_with_encoder(encoder).map_err(|_| NoPreview::Damaged)?;
    Ok((png, picture.width(), picture.height()))
}

fn decoded(format: ImageFormat, bytes: &[u8]) -> Result<(DynamicImage, Orientation), NoPreview> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(why)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err(NoPreview::TooLarge);
    }
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(why)?;
    Ok((picture, turned))
}

/// Eight bits for each colour: a screen shows no more.
fn plain(picture: DynamicImage) -> DynamicImage {
    if picture.color().has_alpha() {
        picture.into_rgba8().into()
    } else {
        picture.into_rgb8().into()
    }
}

fn why(error: image::ImageError) -> NoPreview {
    match error {
        image::ImageError::Limits(_) => NoPreview::TooLarge,
        _ => NoPreview::Damaged,
    }
}
