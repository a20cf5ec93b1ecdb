//! Hexadecimal digits, small letters.

/// Bytes as digits.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    base16ct::lower::encode_string(bytes.as_ref())
}

/// Digits as exactly so many bytes; `None` for anything else. Capitals are taken too.
pub fn unhex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let all = digits.len() == 2 * N && base16ct::mixed::decode(digits, &mut bytes).is_ok();
    all.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let bytes = [0x00, 0x0f, 0xf0, 0xab, 0xff];
        assert_eq!(hex(bytes), "000ff0abff");
        assert_eq!(unhex(b"000ff0abff"), Some(bytes));
        assert_eq!(unhex(b"000FF0aBFf"), Some(bytes));
        assert_eq!((hex([]), unhex::<0>(b"")), (String::new(), Some([])));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for digits in ["", "0", "000", "00000", "0x12", "+1+2", " 123", "12g4", "\u{f8}12"] {
            assert_eq!(unhex::<2>(digits.as_bytes()), None, "{digits:?}");
        }
    }
}
