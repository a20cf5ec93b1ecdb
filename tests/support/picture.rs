//! Pictures, as a browser takes them of pages.

use std::io::Read;

use flate2::read::ZlibDecoder;

/// A PNG of colours with eight bits each, as they are written most.
pub struct Picture {
    width: usize,
    /// Bytes of a pixel.
    depth: usize,
    pixels: Vec<u8>,
}

impl Picture {
    /// None when it is not whole yet, or of another kind.
    pub fn read(png: &[u8]) -> Option<Self> {
        let mut rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
        let (mut head, mut packed) = (Vec::new(), Vec::new());
        loop {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let (kind, after) = after.split_first_chunk::<4>()?;
            let length = u32::from_be_bytes(*length) as usize;
            let body = after.get(..length)?;
            match kind {
                b"IHDR" => head = body.to_vec(),
                b"IDAT" => packed.extend(body),
                b"IEND" => break,
                _ => (),
            }
            rest = after.get(length + 4..)?;
        }
        let (width, _) = head.split_first_chunk::<4>()?;
        let width = u32::from_be_bytes(*width) as usize;
        let depth = match head.get(8..)? {
            [8, 2, _, _, 0] => 3,
            [8, 6, _, _, 0] => 4,
            _ => return None,
        };
        let mut lines = Vec::new();
        ZlibDecoder::new(&packed[..]).read_to_end(&mut lines).ok()?;
        let pixels = unfiltered(&lines, width * depth, depth)?;
        Some(Self { width, depth, pixels })
    }

    /// Whether a block of one dark grey is in it that is at least so wide and high: no letter is, and no button is grey.
    pub fn has_dark_block(&self, width: usize, height: usize) -> bool {
        let is_dark = |pixel: &[u8]| {
            let (least, most) = (pixel[..3].iter().min().unwrap(), pixel[..3].iter().max().unwrap());
            *most < 64 && most - least < 12
        };
        // How many lines above each pixel's, this one too, are dark there.
        let mut above = vec![0; self.width];
        self.pixels.chunks(self.width * self.depth).any(|line| {
            let mut run = 0;
            line.chunks(self.depth).zip(&mut above).any(|(pixel, above)| {
                *above = if is_dark(pixel) { *above + 1 } else { 0 };
                run = if *above >= height { run + 1 } else { 0 };
                run >= width
            })
        })
    }
}

/// Each line begins with the way in which it was made smaller: by what stands left of a byte, above it, or both.
fn unfiltered(lines: &[u8], width: usize, depth: usize) -> Option<Vec<u8>> {
    let mut pixels: Vec<u8> = Vec::with_capacity(lines.len());
    let mut above = vec![0; width];
    for line in lines.chunks_exact(width + 1) {
        let (filter, bytes) = line.split_first()?;
        let mut own = Vec::with_capacity(width);
        for (at, byte) in bytes.iter().enumerate() {
            let (left, corner) = match at.checked_sub(depth) {
                Some(before) => (own[before], above[before]),
                None => (0, 0),
            };
            let guess = match filter {
                0 => 0,
                1 => left,
                2 => above[at],
                3 => u8::midpoint(left, above[at]),
                4 => nearest(left, above[at], corner),
                _ => return None,
            };
            own.push(byte.wrapping_add(guess));
        }
        pixels.extend(&own);
        above = own;
    }
    Some(pixels)
}

/// Paeth's guess: of the three the one that is nearest to left + above - corner.
fn nearest(left: u8, above: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(above) - i16::from(corner);
    let mut three = [left, above, corner];
    three.sort_by_key(|one| (guess - i16::from(*one)).abs());
    three[0]
}
