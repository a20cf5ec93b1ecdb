//! What a server repeats of a login: none of it gets into logs, alarms or onto the screen.
//!
//! Comes in: what a server said to AUTH, and the secret that it was told. Goes out: the same, or its code alone. What always
//! holds: no piece of the secret, plain or in base64, is told on. Everybody who may read the log could log in with it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use super::reply::{Refusal, Reply};

/// Characters in a row that tell a piece of a secret: some of a word of the server's own, and more of it is no chance.
const PIECE: usize = 8;
const LEFT_OUT: &str = "(its words repeat what was said at the login, and are left out)";

/// A reply without its words, where they are not its own.
pub(super) fn hide(reply: Reply, secret: &str) -> Reply {
    if !repeats(&reply.to_string(), secret) {
        return reply;
    }
    let words = match reply.enhanced {
        Some((class, subject, detail)) => format!("{class}.{subject}.{detail} {LEFT_OUT}"),
        None => LEFT_OUT.to_owned(),
    };
    Reply::new(reply.code, [words.as_str()])
}

/// The same for what was no reply.
pub(super) fn hide_in(refusal: Refusal, secret: &str) -> Refusal {
    if !repeats(&refusal.text, secret) {
        return refusal;
    }
    let text = format!("the mail server did not answer as it should {LEFT_OUT}");
    Refusal { text, ..refusal }
}

/// Whatever stands before the secret in what was said, and however the server breaks its lines.
fn repeats(text: &str, secret: &str) -> bool {
    let text = bare(text);
    let encoded = (0..3).map(|before| in_base64(before, secret));
    std::iter::once(Zeroizing::new(secret.to_owned()))
        .chain(encoded)
        .map(|form| bare(&form))
        .any(|form| {
            let letters: Zeroizing<Vec<char>> = Zeroizing::new(form.chars().collect());
            let piece = PIECE.min(letters.len());
            let mut pieces = letters.windows(piece.max(1));
            pieces.any(|piece| text.contains(&*Zeroizing::new(piece.iter().collect::<String>())))
        })
}

/// In one case and without blanks, which servers change.
fn bare(text: &str) -> Zeroizing<String> {
    let letters = text.chars().filter(|letter| !letter.is_whitespace());
    Zeroizing::new(letters.flat_map(char::to_lowercase).collect())
}

/// What base64 makes of the secret behind so many bytes (of each three), without the signs that its neighbours share.
fn in_base64(before: usize, secret: &str) -> Zeroizing<String> {
    let bytes = Zeroizing::new([&[0; 2][..before], secret.as_bytes()].concat());
    let encoded = Zeroizing::new(BASE64.encode(&*bytes));
    // Six bits a sign: of so many the first ones hold bits of what stands before, the last one of what follows.
    let (first, last) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
    Zeroizing::new(encoded[first.min(last)..last].to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::reply::Stage;
    use super::*;

    const SECRET: &str = "Løyndom-som-ingen-veit!";

    fn told(text: &str) -> String {
        hide(Reply::new(535, [text]), SECRET).to_string()
    }

    #[test]
    fn no_piece_of_what_was_said_is_told_on() {
        for before in ["\0relay\0", "\0relayy\0", "relay\0", "", "user=x\x01auth=Bearer "] {
            let said = BASE64.encode(format!("{before}{SECRET}\x01\x01"));
            let broken = format!("{}\t{}", &said[..said.len() / 2], &said[said.len() / 2..]);
            for words in [
                format!("5.7.8 bad line: AUTH PLAIN {said}"),
                format!("5.7.8 <{}> what?", said.to_lowercase()),
                format!("5.7.8 {broken}"),
                format!("5.7.8 {before}{SECRET}"),
                // Cut somewhere.
                format!("5.7.8 no: {}", &said[..said.len() - 8]),
            ] {
                assert_eq!(told(&words), format!("535 5.7.8 {LEFT_OUT}"), "{words}");
                let refusal = hide_in(Refusal::without_reply(Stage::Login, &words), SECRET);
                assert!(refusal.text.ends_with(LEFT_OUT), "{words}");
            }
        }
        assert_eq!(told(SECRET), format!("535 {LEFT_OUT}"));
        // A short one, whole.
        assert_eq!(hide(Reply::new(535, ["no abc!"]), "abc!").lines, [LEFT_OUT]);
    }

    #[test]
    fn a_servers_own_words_are_told() {
        for words in [
            "5.7.8 Error: authentication failed: UGFzc3dvcmQ6",
            "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
            "5.7.8 https://support.google.com/mail/?p=BadCredentials 4fb4d7f45d1cf-5c8825f8",
            "no such user: relay",
        ] {
            assert_eq!(told(words), format!("535 {words}"));
        }
    }
}
