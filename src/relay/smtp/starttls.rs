//! Greeting, EHLO and STARTTLS in plaintext. Nothing of a letter and no password is sent here.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Failure;
use super::refusal::printable;

/// A reply before TLS is one short line or a few.
const LONGEST_REPLY: usize = 64 * 1024;

/// Asks for TLS. What comes back is ready for the handshake.
pub(super) async fn ask(mut tcp: TcpStream, hello: &str) -> Result<TcpStream, Failure> {
    expect(&read_reply(&mut tcp).await?, "220")?;
    tcp.write_all(format!("EHLO {hello}\r\n").as_bytes()).await?;
    let offers = read_reply(&mut tcp).await?;
    expect(&offers, "250")?;
    let offered = offers.lines().any(|line| {
        line.get(4..)
            .is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS"))
    });
    if !offered {
        return Err("the mail server does not offer STARTTLS; nothing was sent".into());
    }
    tcp.write_all(b"STARTTLS\r\n").await?;
    expect(&read_reply(&mut tcp).await?, "220")?;
    Ok(tcp)
}

/// One reply, all of its lines. More than that at once is somebody putting words in advance.
async fn read_reply(tcp: &mut TcpStream) -> Result<String, Failure> {
    let mut reply = Vec::new();
    loop {
        if tcp.read_buf(&mut reply).await? == 0 {
            return Err("the mail server closed the connection".into());
        }
        if reply.len() > LONGEST_REPLY {
            return Err("the mail server's reply does not end".into());
        }
        let text = String::from_utf8_lossy(&reply);
        let end = text.split_inclusive("\r\n").scan(0, |at, line| {
            *at += line.len();
            Some((*at, line))
        });
        let last = end.filter(|(_, line)| line.ends_with("\r\n") && is_last(line));
        if let Some((end, _)) = last.last() {
            return if end == text.len() {
                Ok(text.into_owned())
            } else {
                Err("the mail server sent more than one reply before TLS; nothing was sent".into())
            };
        }
    }
}

/// The last line of a reply has a blank after its code, or nothing at all (RFC 5321 §4.2.1).
fn is_last(line: &str) -> bool {
    matches!(line.as_bytes().get(3), Some(b' ' | b'\r'))
}

fn expect(reply: &str, code: &str) -> Result<(), Failure> {
    let finals = reply.split_inclusive("\r\n").filter(|line| is_last(line));
    if reply.starts_with(code) && finals.count() == 1 {
        Ok(())
    } else {
        Err(format!("the mail server said: {}", printable(reply)).into())
    }
}
