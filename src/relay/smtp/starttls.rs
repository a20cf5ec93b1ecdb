//! Greeting, EHLO and STARTTLS in plaintext. Nothing of a letter and no password is sent here.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::reply::{Refusal, Reply, Stage, printable};

/// A reply before TLS is one short line or a few.
const LONGEST_REPLY: usize = 64 * 1024;

/// Asks for TLS. What comes back is ready for the handshake.
pub(super) async fn ask(mut tcp: TcpStream, hello: &str) -> Result<TcpStream, Refusal> {
    expect(220, read_reply(&mut tcp).await?)?;
    let hello = format!("EHLO {hello}\r\n");
    tcp.write_all(hello.as_bytes()).await.map_err(Refusal::connecting)?;
    let offers = expect(250, read_reply(&mut tcp).await?)?;
    if !offers_tls(&offers) {
        return Err(broken("the mail server does not offer STARTTLS; nothing was sent"));
    }
    tcp.write_all(b"STARTTLS\r\n").await.map_err(Refusal::connecting)?;
    expect(220, read_reply(&mut tcp).await?)?;
    Ok(tcp)
}

fn offers_tls(offers: &Reply) -> bool {
    let mut words = offers.lines.iter().map(|line| line.trim());
    words.any(|word| word.eq_ignore_ascii_case("STARTTLS"))
}

/// One reply, all of its lines. More than that at once was injected in advance.
async fn read_reply(stream: &mut (impl AsyncRead + Unpin)) -> Result<Reply, Refusal> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.map_err(Refusal::connecting)? == 0 {
            return Err(broken("the mail server closed the connection"));
        }
        if bytes.len() > LONGEST_REPLY {
            return Err(broken("the mail server's reply does not end"));
        }
        let text = String::from_utf8_lossy(&bytes);
        let mut at = 0;
        for line in text.split_inclusive("\r\n") {
            at += line.len();
            if line.ends_with("\r\n") && is_last(line) {
                return whole(&text, at);
            }
        }
    }
}

/// A reply whose last line ends here.
fn whole(text: &str, end: usize) -> Result<Reply, Refusal> {
    if end < text.len() {
        return Err(broken(
            "the mail server sent more than one reply before TLS; nothing was sent",
        ));
    }
    Reply::read(text).ok_or_else(|| broken(&format!("the mail server said: {}", printable(text))))
}

/// The last line of a reply has a blank after its code, or nothing at all (RFC 5321 §4.2.1).
fn is_last(line: &str) -> bool {
    matches!(line.as_bytes().get(3), Some(b' ' | b'\r'))
}

fn expect(code: u16, reply: Reply) -> Result<Reply, Refusal> {
    if reply.code == code {
        Ok(reply)
    } else {
        Err(Refusal::new(Stage::Connect, &reply))
    }
}

fn broken(why: &str) -> Refusal {
    Refusal::without_reply(Stage::Connect, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Result<Reply, String> {
        let mut stream = bytes;
        read_reply(&mut stream).await.map_err(|refusal| refusal.text)
    }

    #[tokio::test]
    async fn a_reply_is_read_to_its_end_and_no_further() {
        let reply = read(b"250-script\r\n250-SIZE 1000\r\n250 STARTTLS\r\n").await.unwrap();
        assert!(offers_tls(&reply));
        let without = read(b"250-script STARTTLS\r\n250 XSTARTTLS\r\n").await.unwrap();
        assert!(!offers_tls(&without));
        for (bytes, why) in [
            (&b"220 go\r\n250 injected\r\n"[..], "more than one reply"),
            (b"220 go\r\n2", "more than one reply"),
            (b"220-go\r\n", "closed the connection"),
            (b"", "closed the connection"),
            (b"HTTP/1.1 400\r\nfoo bar\r\n", "the mail server said: HTTP"),
            (b"250-a\r\n220 b\r\n", "the mail server said: 250-a"),
        ] {
            let said = read(bytes).await.unwrap_err();
            assert!(said.contains(why), "{bytes:?} {said}");
        }
        let endless = b"220-more\r\n".repeat(LONGEST_REPLY / 8);
        assert!(read(&endless).await.unwrap_err().contains("does not end"));
    }

    #[test]
    fn another_code_is_a_refusal_with_the_servers_words() {
        let reply = Reply::read("554 5.7.1 not you\r\n").unwrap();
        assert_eq!(expect(220, reply).unwrap_err().text, "554 5.7.1 not you");
    }
}
