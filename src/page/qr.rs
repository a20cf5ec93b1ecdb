//! A text as a QR code, drawn by one path of SVG: nothing is fetched for it, and no program draws it.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

/// Blank modules around it, without which no phone finds it (ISO/IEC 18004).
const QUIET: i32 = 4;

/// A drawn code.
pub struct Qr {
    /// Where the drawing begins, left and above.
    pub from: i32,
    /// Modules of a side, with the blank ones.
    pub side: i32,
    /// Each line of modules as strokes of their height.
    pub path: String,
}

impl Qr {
    /// Draws a text, with as few modules as it needs: on paper nothing is lost but by a crease, and the paper can be smoothed.
    /// `None` for more than the largest code holds.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
        Some(Self {
            from: -QUIET,
            side: code.size() + 2 * QUIET,
            path: path(&code),
        })
    }
}

fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut at = None;
        for (x, length) in runs(code, y) {
            // Writing into a string does not fail.
            let _ = match at {
                None => write!(path, "M{x} {y}.5h{length}"),
                Some(at) => write!(path, "m{} 0h{length}", x - at),
            };
            at = Some(x + length);
        }
    }
    path
}

/// Where dark modules begin in a line, and how many follow each other.
fn runs(code: &QrCode, y: i32) -> Vec<(i32, i32)> {
    let mut runs: Vec<(i32, i32)> = Vec::new();
    for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
        match runs.last_mut() {
            Some((begin, length)) if *begin + *length == x => *length += 1,
            _ => runs.push((x, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a camera would see, line by line, from the path alone.
    fn seen(qr: &Qr) -> Vec<Vec<bool>> {
        let size = usize::try_from(qr.side - 2 * QUIET).unwrap();
        let mut seen = vec![vec![false; size]; size];
        for line in qr.path.split('M').skip(1) {
            let (place, rest) = line.split_once(".5").unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let (mut x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            for stroke in rest.split('m') {
                let (gap, length) = stroke.split_once('h').unwrap();
                x += gap.strip_suffix(" 0").map_or(0, |gap| gap.parse().unwrap());
                let length: usize = length.parse().unwrap();
                seen[y][x..x + length].fill(true);
                x += length;
            }
        }
        seen
    }

    #[test]
    fn what_is_drawn_is_what_is_read() {
        let signed = format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nÆrleg «melding»\n{}\n",
            "wnUEARYKAB0".repeat(60)
        );
        for text in ["K7F-3K9Q-2MX", &signed] {
            let seen = seen(&Qr::of(text).unwrap());
            let grid = rqrr::SimpleGrid::from_func(seen.len(), |x, y| seen[y][x]);
            let mut read = Vec::new();
            rqrr::Grid::new(grid).decode_to(&mut read).unwrap();
            assert_eq!(String::from_utf8(read).unwrap(), *text);
        }
        assert!(Qr::of(&"x".repeat(3000)).is_none());
    }
}
