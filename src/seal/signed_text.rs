//! A short text that anybody can read, signed by the relay's key: the cleartext signatures of RFC 9580 §7, which every
//! OpenPGP program checks.

use std::io::Write;
use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::cert::Cert;
use openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use openpgp::cert::amalgamation::{ValidAmalgamation, ValidateAmalgamation};
use openpgp::crypto::KeyPair;
use openpgp::packet::key::PublicParts;
use openpgp::packet::{Packet, Signature};
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use openpgp::policy::{HashAlgoSecurity, Policy, StandardPolicy};
use openpgp::serialize::stream::{Message, Signer};
use openpgp::types::{HashAlgorithm, RevocationStatus, SignatureType};
use openpgp::{Fingerprint, KeyHandle};

const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";

/// The text with its signature. No line may begin with a blank or `>`: what a mail program puts there is taken away again.
pub(super) fn sign(key: KeyPair, text: &str) -> openpgp::Result<String> {
    let mut signed = Vec::new();
    let signer = Signer::new(Message::new(&mut signed), key)?.hash_algo(HashAlgorithm::SHA512)?;
    let mut signer = signer.cleartext().build()?;
    signer.write_all(text.as_bytes())?;
    signer.finalize()?;
    Ok(String::from_utf8(signed)?)
}

/// A text whose signature holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Signed {
    /// What was signed, and nothing of what stood around it.
    pub text: String,
    /// Whose signature it is.
    pub signer: Fingerprint,
    /// When it was made.
    pub at: Option<SystemTime>,
    /// A mail program had changed blanks or letters of it, and that could be undone.
    pub mended: bool,
}

/// Why a text is not taken for signed.
#[derive(Debug, PartialEq, Eq)]
pub enum Unsigned {
    /// It has no signature.
    Nothing,
    /// There are several signed texts in it.
    Several,
    /// The signature is cut, or cannot be read.
    Damaged,
    /// Signed by a key that is none of those it may be: what the signature calls it.
    Stranger(Vec<String>),
    /// Signed by one of them, but other words.
    Changed,
    /// The key may not have signed then.
    Unfit(String),
}

/// Finds the signed text in what somebody saved, photographed or pasted, and checks it against these certificates.
///
/// # Errors
/// Why it is not taken for signed.
pub fn check(bytes: &[u8], relays: &[Cert]) -> Result<Signed, Unsigned> {
    let (text, decoded) = decoded(bytes);
    let lines = block(&text)?;
    let relays = &merged(relays);
    match verify(&unquoted(&lines), relays) {
        Err(why @ (Unsigned::Changed | Unsigned::Damaged)) => {
            let mended: Vec<String> = lines.iter().map(|line| plain(line)).collect();
            let mended = verify(&mended, relays).map_err(|_| why)?;
            Ok(Signed { mended: true, ..mended })
        }
        Ok(signed) => Ok(Signed {
            mended: decoded,
            ..signed
        }),
        unsigned => unsigned,
    }
}

/// Of a certificate that stands there twice, what either knows: that it was renewed, or revoked.
fn merged(relays: &[Cert]) -> Vec<Cert> {
    let mut all: Vec<Cert> = Vec::new();
    for cert in relays.iter().cloned() {
        match all.iter_mut().find(|known| known.fingerprint() == cert.fingerprint()) {
            // It fails for another fingerprint only.
            Some(known) => *known = known.clone().merge_public(cert).unwrap_or_else(|_| known.clone()),
            None => all.push(cert),
        }
    }
    all
}

/// UTF-8, or else the letters of an older Windows; whether that had to be guessed.
fn decoded(bytes: &[u8]) -> (String, bool) {
    let text = std::str::from_utf8(bytes).map(str::to_owned);
    let guessed = text.is_err();
    let older = || {
        encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned()
    };
    let text = text.unwrap_or_else(|_| older());
    (text.trim_start_matches('\u{feff}').to_owned(), guessed)
}

/// The lines from the first to the last of the one signed text.
fn block(text: &str) -> Result<Vec<&str>, Unsigned> {
    let lines: Vec<&str> = text.lines().collect();
    let mut begins = (0..lines.len()).filter(|at| plain(lines[*at]) == BEGIN);
    let begin = begins.next().ok_or(Unsigned::Nothing)?;
    if begins.next().is_some() {
        return Err(Unsigned::Several);
    }
    let rest = &lines[begin..];
    let end = rest
        .iter()
        .position(|line| plain(line) == END)
        .ok_or(Unsigned::Damaged)?;
    Ok(rest[..=end].to_vec())
}

/// A line without what mail programs put before and into it.
fn plain(line: &str) -> String {
    let line = line.replace('\u{a0}', " ");
    line.trim_start_matches(['>', ' ', '\t']).trim_end().to_owned()
}

/// The lines without the marks of a quote that stand before the first of them. Blanks at their ends are not signed.
fn unquoted(lines: &[&str]) -> Vec<String> {
    let before = lines.first().and_then(|line| line.split_once(BEGIN));
    let quote = before.map_or("", |(quote, _)| quote);
    let quote = if quote.starts_with('>') { quote } else { "" };
    let own = |line: &&str| {
        let line = line.trim_end();
        let own = line.strip_prefix(quote).or_else(|| line.strip_prefix(quote.trim_end()));
        own.unwrap_or(line).to_owned()
    };
    lines.iter().map(own).collect()
}

/// By hand, since what the library has for it could decrypt as well, and no code of the server's can.
fn verify(block: &[String], relays: &[Cert]) -> Result<Signed, Unsigned> {
    let (lines, armor) = parts(block).ok_or(Unsigned::Damaged)?;
    let document = lines.join("\r\n");
    let signatures = signatures(&armor).map_err(|_| Unsigned::Damaged)?;
    let found = signatures
        .iter()
        .map(|signature| judge(signature, document.as_bytes(), relays));
    // One that holds counts, whatever stands beside it.
    let found = found.reduce(|one, other| if one.is_ok() { one } else { other });
    let (signer, at) = found.unwrap_or(Err(Unsigned::Damaged))?;
    Ok(Signed {
        text: lines.join("\n"),
        signer,
        at,
        mended: false,
    })
}

/// The lines that were signed, and the armored signature. Nothing when it is no cleartext signature (RFC 9580 §7.1): after the
/// first line names of hashes, an empty line, and lines of which none begins with a stroke but for those that were escaped.
fn parts(block: &[String]) -> Option<(Vec<&str>, String)> {
    let (head, rest) = block
        .get(1..)?
        .split_at(block.iter().skip(1).position(String::is_empty)?);
    let (body, armor) = rest.split_at(rest.iter().position(|line| line == SIGNATURE)?);
    if !head.iter().all(|line| names_hashes(line)) {
        return None;
    }
    // The first line is the empty one after the head.
    let signed = body.iter().skip(1).map(|line| unescaped(line));
    Some((signed.collect::<Option<_>>()?, armor.join("\n") + "\n"))
}

/// Nothing else: what stands here is not signed, and a reader would take it for a part of what is.
fn names_hashes(line: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
    let names = line.strip_prefix("Hash: ");
    names.is_some_and(|names| names.split(',').map(str::trim).all(is_name))
}

fn unescaped(line: &str) -> Option<&str> {
    match line.strip_prefix('-') {
        // Of an empty line that was escaped the blank stood at the end.
        Some("") => Some(""),
        Some(escaped) => escaped.strip_prefix(' '),
        None => Some(line),
    }
}

fn signatures(armor: &str) -> openpgp::Result<Vec<Signature>> {
    let mut found = Vec::new();
    let mut next = PacketParser::from_bytes(armor.as_bytes())?;
    while let PacketParserResult::Some(packets) = next {
        let (packet, rest) = packets.next()?;
        if let Packet::Signature(signature) = packet {
            found.push(signature);
        }
        next = rest;
    }
    Ok(found)
}

type Found = Result<(Fingerprint, Option<SystemTime>), Unsigned>;

fn judge(signature: &Signature, document: &[u8], relays: &[Cert]) -> Found {
    // A letter's signature is of another type: nobody makes a receipt of one.
    let Some(at) = signature
        .signature_creation_time()
        .filter(|_| signature.typ() == SignatureType::Text)
    else {
        return Err(Unsigned::Damaged);
    };
    let named = signature.get_issuers();
    let is_named = |key: KeyHandle| named.iter().any(|handle| handle.aliases(&key));
    let keys = relays.iter().flat_map(Cert::keys);
    let Some(key) = keys.into_iter().find(|key| is_named(key.key().key_handle())) else {
        return Err(Unsigned::Stranger(named.iter().map(ToString::to_string).collect()));
    };
    // First of all: anybody can write whose signature it is, and of which day.
    let holds = signature.verify_message(key.key(), document);
    holds.map_err(|_| Unsigned::Changed)?;
    may_sign(&key, signature, at).map_err(|error| Unsigned::Unfit(error.to_string()))?;
    Ok((key.cert().fingerprint(), Some(at)))
}

/// Whether the key could sign then, and the signature is one that is trusted today.
fn may_sign(
    key: &ErasedKeyAmalgamation<'_, PublicParts>,
    signature: &Signature,
    at: SystemTime,
) -> openpgp::Result<()> {
    let policy = StandardPolicy::new();
    policy.signature(signature, HashAlgoSecurity::CollisionResistance)?;
    signature.signature_alive(None, None)?;
    let key = key.clone().with_policy(&policy, at)?;
    key.valid_cert().alive()?;
    key.alive()?;
    let revoked = |status: &RevocationStatus<'_>| matches!(status, RevocationStatus::Revoked(_));
    if revoked(&key.revocation_status()) || revoked(&key.valid_cert().revocation_status()) {
        return Err(openpgp::Error::InvalidKey("it is revoked".to_owned()).into());
    }
    if !key.for_signing() {
        return Err(openpgp::Error::InvalidKey("it is not for signing".to_owned()).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use openpgp::packet::signature::SignatureBuilder;
    use openpgp::serialize::Serialize;
    use openpgp::types::ReasonForRevocation;

    use super::super::signing_key::generate;
    use super::super::tests::DAY;
    use super::*;

    const TEXT: &str = "Meldinga kom fram. «Å»\n\nKonvolutt-Receipt: 1\n- A dash.\nFrom here.\n";

    fn key() -> (Cert, KeyPair) {
        let (cert, _) = generate("Relay", "relay@x.example", DAY).unwrap();
        let pair = cert.primary_key().key().clone().parts_into_secret().unwrap();
        let pair = pair.into_keypair().unwrap();
        (cert.strip_secret_key_material(), pair)
    }

    #[test]
    fn what_was_signed_comes_back_whatever_mail_did_to_it() {
        let (cert, pair) = key();
        let signed = sign(pair, TEXT).unwrap();
        let latin1: Vec<u8> = signed
            .chars()
            .map(|sign| u8::try_from(u32::from(sign)).unwrap())
            .collect();
        let quoted: String = signed.lines().map(|line| format!("> {line}\n")).collect();
        let indented: String = signed.lines().map(|line| format!("   {line}  \r\n")).collect();
        for (form, mended) in [
            (signed.clone().into_bytes(), false),
            (signed.replace('\n', "\r\n").into_bytes(), false),
            (signed.replace('\n', " \n").into_bytes(), false),
            (signed.trim_end().as_bytes().to_vec(), false),
            (format!("\u{feff}Hei!\n\n{signed}\nHelsing\nKari\n").into_bytes(), false),
            (quoted.into_bytes(), false),
            (format!("> {}", indented).into_bytes(), true),
            (signed.replace("kom fram", "kom\u{a0}fram").into_bytes(), true),
            (latin1, true),
        ] {
            let read = String::from_utf8_lossy(&form).into_owned();
            let found = check(&form, std::slice::from_ref(&cert)).unwrap_or_else(|why| panic!("{why:?}: {read}"));
            assert_eq!(found.text.trim_end(), TEXT.trim_end(), "{read}");
            assert_eq!((found.signer, found.mended), (cert.fingerprint(), mended), "{read}");
        }
    }

    /// The library's own verifier would see to these; here they are looked at by hand.
    #[test]
    fn a_key_that_may_not_sign_signs_nothing() {
        let (cert, pair) = key();
        let signed = sign(pair.clone(), TEXT).unwrap();
        let found = |text: &str, relays: &[Cert]| check(text.as_bytes(), relays);
        let mut signer = pair.clone();
        let revocation = cert
            .revoke(&mut signer, ReasonForRevocation::KeyCompromised, b"")
            .unwrap();
        let revoked = cert.clone().insert_packets(vec![Packet::from(revocation)]).unwrap().0;
        assert!(matches!(
            found(&signed, std::slice::from_ref(&revoked)),
            Err(Unsigned::Unfit(_))
        ));
        // An older copy beside it does not undo that.
        for relays in [[revoked.clone(), cert.clone()], [cert.clone(), revoked]] {
            assert!(matches!(found(&signed, &relays), Err(Unsigned::Unfit(_))));
        }
        // Of another type, in the frame of a signed text; and two signatures of which one holds.
        let own = std::slice::from_ref(&cert);
        let other = sign(pair, "Noko anna.\n").unwrap();
        let armor = |text: &str| text[text.find(SIGNATURE).unwrap()..].to_owned();
        let binary = SignatureBuilder::new(SignatureType::Binary)
            .sign_message(&mut signer, TEXT.trim_end().replace('\n', "\r\n"))
            .unwrap();
        let both = |packets: Vec<Packet>| {
            let mut bytes = Vec::new();
            let mut writer = openpgp::armor::Writer::new(&mut bytes, openpgp::armor::Kind::Signature).unwrap();
            packets.iter().for_each(|packet| packet.serialize(&mut writer).unwrap());
            writer.finalize().unwrap();
            signed.replace(&armor(&signed), &String::from_utf8(bytes).unwrap())
        };
        let packet = |text: &str| Packet::from(signatures(&armor(text)).unwrap().remove(0));
        assert_eq!(found(&both(vec![binary.into()]), own), Err(Unsigned::Damaged));
        assert_eq!(found(&both(vec![packet(&other)]), own), Err(Unsigned::Changed));
        assert!(found(&both(vec![packet(&other), packet(&signed)]), own).is_ok());
    }

    #[test]
    fn what_was_not_signed_says_why() {
        let ((cert, pair), (other, _)) = (key(), key());
        let signed = sign(pair, TEXT).unwrap();
        let why = |text: &str, relays: &[Cert]| check(text.as_bytes(), relays).unwrap_err();
        let own = std::slice::from_ref(&cert);
        assert!(check(signed.as_bytes(), own).is_ok(), "the control");
        for (text, expected) in [
            ("Hei".to_owned(), Unsigned::Nothing),
            (String::new(), Unsigned::Nothing),
            (format!("{signed}\n{signed}"), Unsigned::Several),
            (signed.replace(END, ""), Unsigned::Damaged),
            (
                signed.replacen("Hash: ", "Hash: Vedtaket er omgjort, ", 1),
                Unsigned::Damaged,
            ),
            (signed.replace("kom fram", "kom ikkje fram"), Unsigned::Changed),
            (signed.replace("Receipt: 1", "Receipt: 2"), Unsigned::Changed),
            (signed.replace("- - A dash", "- - A\ndash"), Unsigned::Changed),
        ] {
            assert_eq!(why(&text, own), expected, "{text}");
        }
        let stranger = why(&signed, std::slice::from_ref(&other));
        let Unsigned::Stranger(named) = stranger else {
            panic!("{stranger:?}")
        };
        assert!(named.contains(&cert.fingerprint().to_hex()), "{named:?}");
        assert!(matches!(why(&signed, &[]), Unsigned::Stranger(_)));
    }
}
