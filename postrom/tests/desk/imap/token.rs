//! Logging in with an access token.

use std::fs;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::super::office::{Office, until, until_read};
use super::certificate::Certificate;
use super::dovecot::Dovecot;
use super::script::Script;
use super::{open, plan, told};
use crate::program::desk::reference;
use crate::support::Sent;

/// As Exchange Online and Gmail do it: the reason of a refusal comes as a question.
fn exchange(line: &str, refused: &Mutex<bool>) -> Option<String> {
    let said = line.strip_prefix("AUTHENTICATE XOAUTH2 ")?;
    let said = String::from_utf8(BASE64.decode(said).unwrap()).unwrap();
    if said == "user=post\u{1}auth=Bearer ny\u{1}\u{1}" {
        return Some("TAG OK done\r\n".into());
    }
    assert_eq!(said, "user=post\u{1}auth=Bearer gammal\u{1}\u{1}");
    *refused.lock().unwrap() = true;
    let why = BASE64.encode("{\"status\":\"401\",\"schemes\":\"bearer\"}");
    // The empty line that answers it is no command, and ends this connection of the script.
    Some(format!("+ {why}\r\nTAG NO AUTHENTICATE failed.\r\n"))
}

/// A token that something else renews is used as soon as it is there.
#[test]
fn a_token_is_read_anew_and_its_refusal_told_in_words() {
    let office = Office::new();
    let mail = office.desk.mail(&Sent::new(&reference(1), "Brev."));
    let refused = Mutex::new(false);
    let script = Script::new(
        "SASL-IR AUTH=XOAUTH2 IDLE",
        vec![mail],
        Box::new(move |line| exchange(line, &refused)),
    );
    let mut plan = plan(&office, "kari", script.serve(&office));
    office.desk.put("token", "gammal\n");
    plan.login.token_file = Some(office.desk.path("token"));
    let (_room, open) = open(plan);
    let said = told(&open);
    assert!(said.contains("access token"), "{said}");
    assert!(
        said.contains("AUTHENTICATE failed. {\"status\":\"401\",\"schemes\":\"bearer\"}"),
        "{said}"
    );
    office.desk.put("token", "ny\n");
    until_read(&open, 1);
    until("it is not away any more", || open.session.progress().away.is_none());
}

/// HMAC (RFC 2104) for a key of one block.
fn hmac(key: &[u8; 64], text: &[u8]) -> Vec<u8> {
    let inner = Sha256::digest([&key.map(|byte| byte ^ 0x36)[..], text].concat());
    Sha256::digest([&key.map(|byte| byte ^ 0x5c)[..], &inner].concat()).to_vec()
}

/// A token that Dovecot checks by itself (RFC 7519, HS256).
fn token(key: &[u8; 64], until: i64) -> String {
    let now = jiff::Timestamp::now().as_second();
    let head = URL_SAFE_NO_PAD.encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    let claims = format!(
        "{{\"sub\":\"post\",\"email\":\"post\",\"iat\":{},\"exp\":{}}}",
        now - 900,
        now + until
    );
    let said = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
    let seal = URL_SAFE_NO_PAD.encode(hmac(key, said.as_bytes()));
    format!("{said}.{seal}")
}

#[test]
#[ignore = "needs dovecot"]
fn dovecot_takes_a_token() {
    let office = Office::new();
    let key = [0x4b; 64];
    let keys = office.desk.path("keys/default/HS256");
    fs::create_dir_all(&keys).unwrap();
    fs::write(keys.join("default"), BASE64.encode(key)).unwrap();
    let root = office.desk.root().display().to_string();
    let oauth2 = format!(
        "introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={root}/keys/\nusername_attribute = email\n"
    );
    office.desk.put("oauth2.conf", oauth2);
    let more = format!(
        "auth_mechanisms = xoauth2 plain\npassdb {{\n driver = oauth2\n mechanisms = xoauth2\n args = {root}/oauth2.conf\n}}\n"
    );
    let dovecot = Dovecot::with(&office, &Certificate::of("localhost", 2099), &more);
    dovecot.deliver("1.brev", office.desk.mail(&Sent::new(&reference(1), "Brev.")));
    let mut plan = plan(&office, "kari", dovecot.address("INBOX"));
    office.desk.put("token", token(&key, -600));
    plan.login.token_file = Some(office.desk.path("token"));
    let (_room, open) = open(plan);
    let said = told(&open);
    assert!(
        said.contains("access token") && said.contains("\"status\""),
        "{said}\n{}",
        dovecot.log()
    );
    office.desk.put("token", token(&key, 600));
    until_read(&open, 1);
}
