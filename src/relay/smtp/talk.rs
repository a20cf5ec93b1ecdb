//! Commands out, replies in, one at a time, over whatever leads to the server.
//!
//! What always holds: a reply is read to its end and no further, so that what came too early is seen; and a server that does
//! not end its reply is not listened to for ever.

use std::fmt::Display;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::reply::{Refusal, Reply, Stage, printable};
use crate::explain::{self, Peer};

/// What a server may say before we speak again (RFC 5321 §4.5.3.1.5 has 512 bytes for a line).
const LONGEST_REPLY: usize = 128 * 1024;

/// What leads to a server.
pub(super) trait Way: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Way for S {}

/// A conversation.
pub(super) struct Talk<S = Box<dyn Way>> {
    way: S,
    /// For what is told when it breaks.
    peer: Arc<Peer>,
    /// What came, and was not read yet.
    heard: Vec<u8>,
}

impl<S: Way> Talk<S> {
    pub(super) fn new(way: S, peer: Arc<Peer>) -> Self {
        let heard = Vec::new();
        Self { way, peer, heard }
    }

    /// It is no more.
    pub(super) fn lost(&self, stage: Stage, error: &io::Error) -> Refusal {
        Refusal::explained(stage, explain::lost(&self.peer, error))
    }

    /// Says a line with its end, and reads what the server says to it.
    pub(super) async fn command(
        &mut self,
        stage: Stage,
        line: impl Display,
        within: Duration,
    ) -> Result<Reply, Refusal> {
        // What came unasked would be taken for the reply to this, and this one's for the next one's.
        if !self.heard.is_empty() {
            let why = "the mail server sent more than it was asked";
            return Err(Refusal::without_reply(stage, why));
        }
        let line = line.to_string();
        let exchange = async {
            let written = self.write(line.as_bytes()).await;
            written.map_err(|error| self.lost(stage, &error))?;
            self.reply(stage).await
        };
        timeout(within, exchange).await.map_err(|_| Refusal::late(stage))?
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.way.write_all(bytes).await?;
        self.way.flush().await
    }

    /// What the server says next, whenever that is.
    pub(super) async fn reply(&mut self, stage: Stage) -> Result<Reply, Refusal> {
        let (mut line, mut seen) = (0, 0);
        loop {
            while let Some(end) = memchr::memchr(b'\n', &self.heard[seen..]) {
                seen += end + 1;
                if !goes_on(&self.heard[line..seen]) {
                    let reply: Vec<u8> = self.heard.drain(..seen).collect();
                    return whole(stage, &reply);
                }
                line = seen;
            }
            seen = self.heard.len();
            if seen > LONGEST_REPLY {
                return Err(Refusal::without_reply(stage, "the mail server's reply does not end"));
            }
            let read = self.way.read_buf(&mut self.heard).await;
            let read = read.and_then(|count| {
                if count == 0 {
                    Err(io::ErrorKind::UnexpectedEof.into())
                } else {
                    Ok(())
                }
            });
            read.map_err(|error| self.lost(stage, &error))?;
        }
    }

    /// Before TLS: what came in advance would be believed later, and a man in the middle can put it there.
    pub(super) fn said_no_more(&self) -> Result<(), Refusal> {
        if self.heard.is_empty() {
            return Ok(());
        }
        let why = "the mail server sent more than one reply before TLS; nothing was sent";
        Err(Refusal::without_reply(Stage::Connect, why))
    }

    /// The way itself.
    pub(super) fn bare(self) -> S {
        self.way
    }
}

/// Every line of a reply but the last has a hyphen after its code (RFC 5321 §4.2.1).
fn goes_on(line: &[u8]) -> bool {
    line.len() > 3 && line[..3].iter().all(u8::is_ascii_digit) && line[3] == b'-'
}

fn whole(stage: Stage, bytes: &[u8]) -> Result<Reply, Refusal> {
    let text = String::from_utf8_lossy(bytes);
    Reply::read(&text).ok_or_else(|| {
        let why = format!("the mail server said what is no reply: {}", printable(&text));
        Refusal::without_reply(stage, &why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITHIN: Duration = Duration::from_secs(5);

    fn talk(way: tokio::io::DuplexStream) -> Talk<tokio::io::DuplexStream> {
        let peer = Peer {
            who: "the mail server",
            host: "mx.example".into(),
            port: 465,
            host_setting: "`host`",
            roots_setting: "`ca_file`",
            without_tls: "",
            without_identity: "",
        };
        Talk::new(way, Arc::new(peer))
    }

    /// What a server says, all at once; then it closes.
    async fn says(bytes: &[u8]) -> Talk<tokio::io::DuplexStream> {
        let (here, mut there) = tokio::io::duplex(1024 * 1024);
        there.write_all(bytes).await.unwrap();
        talk(here)
    }

    async fn read(bytes: &[u8]) -> Result<Reply, String> {
        let reply = says(bytes).await.reply(Stage::Connect).await;
        reply.map_err(|refusal| refusal.text)
    }

    #[tokio::test]
    async fn a_reply_is_read_to_its_end_and_no_further() {
        let reply = read(b"250-script\r\n250-SIZE 1000\r\n250 STARTTLS\r\n").await.unwrap();
        assert_eq!(reply.lines, ["script", "SIZE 1000", "STARTTLS"]);
        for (bytes, why) in [
            (&b"220-go\r\n"[..], "closed the connection"),
            (b"22", "closed the connection"),
            (b"", "closed the connection"),
            (b"HTTP/1.1 400\r\nfoo bar\r\n", "no reply: HTTP"),
            (b"250-a\r\n220 b\r\n", "no reply: 250-a"),
            (b"\r\n", "no reply"),
            (b"220 go\n", "no reply"),
        ] {
            let said = read(bytes).await.unwrap_err();
            assert!(said.contains(why), "{bytes:?} {said}");
        }
        let endless = b"220-more\r\n".repeat(LONGEST_REPLY / 8);
        assert!(read(&endless).await.unwrap_err().contains("does not end"));
        let endless = b"2".repeat(2 * LONGEST_REPLY);
        assert!(read(&endless).await.unwrap_err().contains("does not end"));
    }

    #[tokio::test]
    async fn replies_are_read_one_after_the_other() {
        let mut talk = says(b"220 one\r\n250-two\r\n250 and more\r\n").await;
        for wanted in ["220 one", "250 two and more"] {
            let reply = talk.reply(Stage::Connect).await.unwrap();
            assert_eq!(reply.to_string(), wanted);
        }
    }

    /// Each later reply would be taken for its neighbour's.
    #[tokio::test]
    async fn a_reply_that_nobody_asked_for_ends_the_conversation() {
        let mut talk = says(b"250 one\r\n554 5.6.0 and one too many\r\n").await;
        talk.reply(Stage::Mail).await.unwrap();
        let refusal = talk.command(Stage::Rcpt, "RCPT\r\n", WITHIN).await.unwrap_err();
        assert_eq!((refusal.stage, refusal.code), (Stage::Rcpt, None));
        assert!(refusal.text.contains("more than it was asked"), "{}", refusal.text);
    }

    #[tokio::test]
    async fn what_comes_before_tls_in_advance_is_seen() {
        for (said, early) in [
            (&b"220 go\r\n250 injected\r\n"[..], true),
            (b"220 go\r\n2", true),
            (b"220 go\r\n", false),
        ] {
            let mut talk = says(said).await;
            talk.reply(Stage::Connect).await.unwrap();
            let told = talk.said_no_more().map_err(|refusal| refusal.text);
            assert_eq!(told.is_err_and(|text| text.contains("more than one reply")), early);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_has_an_end() {
        let (here, _there) = tokio::io::duplex(1024);
        let refusal = talk(here).command(Stage::Mail, "MAIL\r\n", WITHIN).await.unwrap_err();
        assert_eq!((refusal.stage, refusal.code), (Stage::Mail, None));
        assert!(refusal.text.contains("did not answer in time"), "{}", refusal.text);
    }
}
