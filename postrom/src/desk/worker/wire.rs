//! The form of what goes through the pipes: the length of a head (4 bytes, big-endian), the length of a body (4 bytes), the
//! head as JSON, the body as it is.

use std::io::{self, Read, Write};

/// A reading of a letter with 16 MiB of text, twice, as JSON.
const LONGEST_HEAD: usize = 128 * 1024 * 1024;
/// The largest input that is handed over in memory.
const LONGEST_BODY: usize = 128 * 1024 * 1024;

/// One message, in one piece.
pub(in crate::desk) fn write(to: &mut impl Write, head: &impl serde::Serialize, body: &[u8]) -> io::Result<()> {
    let head = serde_json::to_vec(head)?;
    let mut start = Vec::with_capacity(8 + head.len());
    start.extend_from_slice(&length(head.len())?.to_be_bytes());
    start.extend_from_slice(&length(body.len())?.to_be_bytes());
    start.extend_from_slice(&head);
    to.write_all(&start)?;
    to.write_all(body)?;
    to.flush()
}

fn length(bytes: usize) -> io::Result<u32> {
    u32::try_from(bytes).map_err(|_| io::ErrorKind::FileTooLarge.into())
}

/// The next message; `None` at the end of the pipe. Nothing of it stays in a buffer.
pub(in crate::desk) fn read<T: serde::de::DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<(T, Vec<u8>)>> {
    let mut lengths = [0; 8];
    match from.read_exact(&mut lengths) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let [a, b, c, d, e, f, g, h] = lengths;
    let head = bytes(from, u32::from_be_bytes([a, b, c, d]), LONGEST_HEAD)?;
    let body = bytes(from, u32::from_be_bytes([e, f, g, h]), LONGEST_BODY)?;
    Ok(Some((serde_json::from_slice(&head)?, body)))
}

fn bytes(from: &mut impl Read, length: u32, most: usize) -> io::Result<Vec<u8>> {
    let length = length as usize;
    if length > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_as_they_were_sent() {
        let mut pipe = Vec::new();
        write(&mut pipe, &"one", b"").unwrap();
        write(&mut pipe, &"two", &[7; 300_000]).unwrap();
        let mut rest = &pipe[..];
        assert_eq!(read::<String>(&mut rest).unwrap(), Some(("one".into(), Vec::new())));
        assert_eq!(
            read::<String>(&mut rest).unwrap(),
            Some(("two".into(), vec![7; 300_000]))
        );
        assert_eq!(read::<String>(&mut rest).unwrap(), None);
    }

    #[test]
    fn a_cut_message_and_an_endless_one_are_told() {
        let mut pipe = Vec::new();
        write(&mut pipe, &"one", b"body").unwrap();
        assert!(read::<String>(&mut &pipe[..pipe.len() - 1]).is_err());
        assert!(read::<String>(&mut &[0xFF; 8][..]).is_err());
    }
}
