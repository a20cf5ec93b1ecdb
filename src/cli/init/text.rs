//! The texts that are written: the configuration, and the form that is fit for any authority.

use sequoia_openpgp::Fingerprint;

use super::answers::{Plan, Way};
use crate::seal::fingerprint_groups;

/// Of the shipped forms the one whose questions any post room asks. The others are about one field of work, with numbers that a
/// person must have phoned through: whoever wants them copies them.
const FORM: &str = include_str!("../../../config/forms/postmottak.toml");

/// What no flag asks for.
const IMPRINT: &str = r#"# At the foot of every page; `check` asks for them.
# address = "Postboks 1, 0001 Oslo"
# site = "https://www.example.no/"
# accessibility = "https://www.example.no/tilgjengelighet"
"#;

/// The configuration file.
pub(super) fn configuration(plan: &Plan, relay: &Fingerprint) -> String {
    let (names, secret) = (&plan.names, secret_folder(plan));
    let mut text = format!(
        r#"# Made by `konvolutt init`. After a change run `konvolutt check`. What is not said here has its default: the example
# configuration that comes with the program shows each setting with its reason. Paths count from this file's own folder.

[authority]
name = {{ nb = {nb}, nn = {nn}, en = {en} }}
time_zone = "Europe/Oslo"
{IMPRINT}
[listen]
address = {listen}
names = [{host}]
{listen_more}
[health]
address = {health}

[spool]
directory = {spool}

# The key with which the server signs each letter. The clerks have its certificate, keys/relay.cert.asc.
[signing]
key = "{secret}/relay.key.asc"
fingerprint = "{relay}"

[mail]
from_name = "Sikkert skjema"
from_address = {from}
subject = "Ny henvendelse"

{way}
[forms]
files = ["forms/post.toml"]

[[mailbox]]
name = "postmottak"
address = {mailbox}
"#,
        nb = quoted(&names.nb),
        nn = quoted(&names.nn),
        en = quoted(&names.en),
        listen = quoted(&plan.listen),
        host = quoted(&plan.host),
        listen_more = listen_more(plan),
        health = quoted(&plan.health),
        spool = quoted(&plan.spool.to_string_lossy()),
        relay = fingerprint_groups(relay),
        from = quoted(&plan.from),
        way = way(plan),
        mailbox = quoted(&plan.mailbox),
    );
    for (file, certificate) in certificate_files(plan) {
        text.push_str(&format!(
            "\n[[mailbox.certificate]]\nfile = \"keys/{file}\"\nfingerprint = \"{}\"\nrole = \"{}\"\n",
            fingerprint_groups(&certificate.fingerprint()),
            certificate.role.word()
        ));
    }
    text
}

/// `daily.cert.asc`, `daily-2.cert.asc`, …, with what goes into each.
pub(super) fn certificate_files(plan: &Plan) -> impl Iterator<Item = (String, &super::certificates::Certificate)> {
    let all = &plan.certificates;
    all.iter().enumerate().map(move |(i, certificate)| {
        let word = certificate.role.word();
        let before = all[..i].iter().filter(|other| other.role == certificate.role).count();
        let file = match before {
            0 => format!("{word}.cert.asc"),
            before => format!("{word}-{}.cert.asc", before + 1),
        };
        (file, certificate)
    })
}

/// The form, with the authority's own names where the shipped one has those of its example.
///
/// Its postal address is nowhere to be asked in five questions: where the example has one, the name stands alone.
pub(super) fn form(plan: &Plan) -> String {
    let names = &plan.names;
    let (nb, nn, en) = (within(&names.nb), within(&names.nn), within(&names.en));
    let both = if en == nb { nb.clone() } else { format!("{en} ({nb})") };
    // The longer ones first: they contain the shorter.
    let own = [
        (
            "The County Governor of Nordland (Statsforvalteren i Nordland), 8002 Bodø, Norway",
            both,
        ),
        ("Statsforvalteren i Nordland, 8002 Bodø, Norway", nb.clone()),
        ("Statsforvalteren i Nordland, 8002 Bodø", nb.clone()),
        ("Statsforvaltaren i Nordland, 8002 Bodø", nn.clone()),
        ("the County Governor of Nordland", en),
        ("Statsforvalteren i Nordland", nb),
        ("Statsforvaltaren i Nordland", nn),
        ("fmnopost@fylkesmannen.no", within(&plan.mailbox)),
    ];
    let form = own
        .iter()
        .fold(FORM.to_owned(), |form, (example, own)| form.replace(example, own));
    format!(
        "# Made by `konvolutt init`. Write your postal address where your name stands in `other_ways`, `controller` and `dpo`.\n{form}"
    )
}

/// Inside a text of the form that is in quotes already.
fn within(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// As a value of its own.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// systemd hands secrets over in a folder of its own.
fn secret_folder(plan: &Plan) -> &'static str {
    if plan.systemd {
        "$CREDENTIALS_DIRECTORY"
    } else {
        "secret"
    }
}

fn listen_more(plan: &Plan) -> String {
    if let Some(tls) = &plan.tls {
        let (chain, key) = (quoted(&tls.chain.to_string_lossy()), quoted(&tls.key.to_string_lossy()));
        // Where browsers that forgot the s of https come in, if that socket is started.
        let redirect = if plan.redirects {
            "redirect = \"systemd:redirect\"\n"
        } else {
            ""
        };
        return format!("{redirect}\n[listen.tls]\ncertificate = {chain}\nkey = {key}\n");
    }
    match plan.proxy {
        Some(proxy) if proxy.is_loopback() => format!("trusted_proxies = [\"{proxy}\"]\n"),
        Some(proxy) => format!("trusted_proxies = [\"{proxy}\"]\nbehind_proxy = true\n"),
        None => String::new(),
    }
}

fn way(plan: &Plan) -> String {
    let smtp = match &plan.way {
        Way::Maildir(directory) => {
            let directory = quoted(&directory.to_string_lossy());
            return format!("[mail.maildir]\ndirectory = {directory}\n");
        }
        Way::Smtp(smtp) => smtp,
    };
    let mut text = format!(
        "[mail.smtp]\nhost = {}\nsecurity = \"{}\"\n",
        quoted(&smtp.host),
        smtp.security.word()
    );
    if smtp.ca.is_some() {
        text.push_str("ca_file = \"mail-ca.pem\"\n");
    }
    if let Some((user, _)) = &smtp.login {
        let file = format!("{}/smtp-password", secret_folder(plan));
        text.push_str(&format!("user = {}\npassword_file = \"{file}\"\n", quoted(user)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_no_text_of_the_form() {
        for name in ["Etaten", "Etat \"A\"", "a\\b", "'''", "\"\"\""] {
            let single: toml::Table = format!("a = \"x {} y\"", within(name)).parse().unwrap();
            let multiple: toml::Table = format!("a = \"\"\"\nx {} y\"\"\"", within(name)).parse().unwrap();
            let alone: toml::Table = format!("a = {}", quoted(name)).parse().unwrap();
            assert_eq!(single["a"].as_str(), Some(&*format!("x {name} y")));
            assert_eq!(multiple["a"].as_str(), Some(&*format!("x {name} y")));
            assert_eq!(alone["a"].as_str(), Some(name));
        }
    }
}
