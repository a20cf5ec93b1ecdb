//! Base64 in lines: of the armor around a letter, and of the files within.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Appends bytes as base64, `per_line` of them to a line, each line ended by CRLF. What is longer than memory comes in
/// pieces of whole lines: `per_line` and each piece but the last are multiples of three.
///
/// # Errors
/// None that can happen: the room for each line is made before.
pub fn base64_lines(bytes: &[u8], per_line: usize, lines: &mut Vec<u8>) -> io::Result<()> {
    for line in bytes.chunks(per_line) {
        let start = lines.len();
        lines.resize(start + line.len().div_ceil(3) * 4, 0);
        BASE64
            .encode_slice(line, &mut lines[start..])
            .map_err(io::Error::other)?;
        lines.extend_from_slice(b"\r\n");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_every_length() {
        for (bytes, expected) in [
            ("", ""),
            ("a", "YQ==\r\n"),
            ("abcdef", "YWJjZGVm\r\n"),
            ("abcdefg", "YWJjZGVm\r\nZw==\r\n"),
            ("abcdefghijkl", "YWJjZGVm\r\nZ2hpamts\r\n"),
        ] {
            let mut lines = b"before|".to_vec();
            base64_lines(bytes.as_bytes(), 6, &mut lines).unwrap();
            assert_eq!(
                String::from_utf8(lines).unwrap(),
                format!("before|{expected}"),
                "{bytes:?}"
            );
        }
    }
}
