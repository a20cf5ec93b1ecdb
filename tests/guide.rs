//! The guide, followed word by word in a fresh Debian that is booted: from the packages to the first letter that is opened,
//! with a real mail server between the two.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::support::{Machine, debs};

const OPERATE: &str = include_str!("../docs/operate.md");

/// What the guide has somebody do.
#[derive(Debug, PartialEq, Eq)]
enum Act {
    /// Lines that are typed as they stand.
    Type(String),
    /// A file that is opened and changed.
    Edit(String),
}

/// The blocks of a guide that are marked as part of the way, in their order.
fn acts(guide: &str) -> Vec<Act> {
    let blocks = guide.split("```sh\n").skip(1);
    let acts = blocks.filter_map(|block| {
        let (text, after) = block.split_once("```\n")?;
        let text = text.trim_end().to_owned();
        match after.lines().next()? {
            "<!-- step -->" => Some(Act::Type(text)),
            "<!-- edit -->" => Some(Act::Edit(text)),
            _ => None,
        }
    });
    acts.collect()
}

/// Commands that are typed, and files that are changed. A line that ends with a backslash goes on.
fn counted(acts: &[Act]) -> (usize, usize) {
    let mut count = (0, 0);
    for act in acts {
        match act {
            Act::Type(text) => count.0 += text.lines().filter(|line| !line.ends_with('\\')).count(),
            Act::Edit(_) => count.1 += 1,
        }
    }
    count
}

#[test]
fn the_way_to_a_running_form_is_short() {
    let (commands, edits) = counted(&acts(OPERATE));
    assert!(
        (4..=8).contains(&commands) && (1..=4).contains(&edits),
        "{commands} commands, {edits} edits"
    );
    let two = "```sh\na \\\n  b\nc\n```\n<!-- step -->\n```sh\nd\n```\n\n```sh\ne\n```\n<!-- edit -->\n";
    let read = acts(two);
    assert_eq!(read, [Act::Type("a \\\n  b\nc".into()), Act::Edit("e".into())]);
    assert_eq!(counted(&read), (2, 1));
}

/// What an operator has before the guide begins: names that lead here, a certificate for the form's, and a mail server.
fn prepare(root: &Path) {
    for deb in debs("1.2.3-1") {
        fs::copy(&deb, root.join("root").join(deb.file_name().unwrap())).unwrap();
    }
    let hosts = "127.0.0.1 localhost skjema.example.no post.example.no\n";
    fs::write(root.join("etc/hosts"), hosts).unwrap();
    certificates(root);
    fs::write(root.join("root/mail-password"), "eit-langt-passord\n").unwrap();
    mail_server(root);
}

/// Of an authority that the machine knows, as a public one is known everywhere.
fn certificates(root: &Path) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority
        .distinguished_name
        .push(DnType::CommonName, "An authority of this test");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = KeyPair::generate().unwrap();
    let certificate = authority.self_signed(&own).unwrap();
    let known = root.join("usr/local/share/ca-certificates");
    fs::create_dir_all(&known).unwrap();
    fs::write(known.join("test.crt"), certificate.pem()).unwrap();
    let issuer = Issuer::new(authority, own);
    for (name, folder, key_file) in [
        ("skjema.example.no", "root", "key.pem"),
        // As certbot lays down a renewed one.
        ("skjema.example.no", "root/renewed", "privkey.pem"),
        ("skjema.example.no", "root/again", "privkey.pem"),
        ("post.example.no", "etc/postfix", "key.pem"),
    ] {
        let key = KeyPair::generate().unwrap();
        let mut wanted = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let end = jiff::Zoned::now().date().saturating_add(jiff::Span::new().days(80));
        wanted.not_after =
            rcgen::date_time_ymd(end.year().into(), end.month().unsigned_abs(), end.day().unsigned_abs());
        let site = wanted.signed_by(&key, &issuer).unwrap();
        fs::create_dir_all(root.join(folder)).unwrap();
        fs::write(root.join(folder).join("fullchain.pem"), site.pem()).unwrap();
        let file = root.join(folder).join(key_file);
        fs::write(&file, key.serialize_pem()).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// A Postfix that takes mail at port 465 from whoever logs in as the form, for the post room's mailbox and nobody else, by
/// Dovecot's word.
fn mail_server(root: &Path) {
    fs::write(
        root.join("etc/postfix/main.cf"),
        "compatibility_level = 3.6\nmyhostname = post.example.no\nmydestination =\nlocal_recipient_maps =\nalias_maps =\n\
         smtpd_tls_cert_file = /etc/postfix/fullchain.pem\nsmtpd_tls_key_file = /etc/postfix/key.pem\n\
         virtual_mailbox_domains = example.no\nvirtual_mailbox_base = /var/mail\n\
         virtual_mailbox_maps = inline:{ { postmottak@example.no = postmottak/ } { sikkert-skjema@example.no = skjema/ } }\n\
         virtual_uid_maps = static:5000\nvirtual_gid_maps = static:5000\nvirtual_mailbox_limit = 0\nmessage_size_limit = 36700160\n\
         smtpd_sender_login_maps = inline:{ { sikkert-skjema@example.no = sikkert-skjema@example.no } }\n\
         smtpd_sasl_type = dovecot\nsmtpd_sasl_path = private/auth\nsmtputf8_enable = no\n",
    )
    .unwrap();
    let master = root.join("etc/postfix/master.cf");
    let services = fs::read_to_string(&master).unwrap();
    let smtps = "smtps inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n  -o smtpd_sasl_auth_enable=yes\n  \
                 -o smtpd_recipient_restrictions=reject_sender_login_mismatch,permit_sasl_authenticated,reject\n";
    fs::write(master, services + smtps).unwrap();
    fs::write(
        root.join("etc/dovecot/dovecot.conf"),
        "protocols =\nssl = no\nauth_mechanisms = plain login\nlog_path = /var/log/dovecot.log\n\
         passdb {\n  driver = static\n  args = user=sikkert-skjema@example.no password={PLAIN}eit-langt-passord\n}\n\
         userdb {\n  driver = static\n  args = uid=5000 gid=5000 home=/tmp\n}\n\
         service auth {\n  unix_listener /var/spool/postfix/private/auth {\n    mode = 0660\n    user = postfix\n    group = postfix\n  }\n}\n",
    )
    .unwrap();
    fs::create_dir_all(root.join("var/mail")).unwrap();
    fs::set_permissions(root.join("var/mail"), fs::Permissions::from_mode(0o777)).unwrap();
}

/// Types what a guide has, and changes what it has changed. A person at an editor is this function's last line.
fn follow(machine: &Machine, acts: &[Act], folder: &str) {
    for act in acts {
        match act {
            Act::Type(text) => {
                machine.does(&format!("set -e; cd {folder}; {text}"));
            }
            Act::Edit(text) => {
                let file = text.split_whitespace().last().unwrap();
                let today = jiff::Zoned::now().date();
                machine.does(&format!(
                    "grep -q '^# checked = ' {file} && sed -i 's/^# checked = .*/checked = \"{today}\"/' {file}"
                ));
            }
        }
    }
}

#[test]
#[ignore = "needs debootstrap, systemd-nspawn, cargo-deb"]
fn the_guides_lead_to_a_letter_that_is_opened() {
    let machine = Machine::boot_with(&["postfix", "dovecot-core", "ca-certificates"], prepare);
    machine.does("update-ca-certificates && systemctl restart dovecot postfix");
    // The clerk's part comes first: whose certificates the operator has.
    machine.does("cd /root && apt-get install -y ./postrom_*.deb && useradd --create-home clerk");
    let clerk = "cd ~clerk && runuser -u clerk --";
    for (name, role) in [("Postmottak", "daily"), ("Postmottak recovery", "recovery")] {
        machine.does("echo 'seks ord som ingen veit om' > ~clerk/passphrase");
        machine.does(&format!(
            "{clerk} postrom keygen --out keys --name '{name}' --email postmottak@example.no --passphrase-file passphrase"
        ));
        machine.does(&format!("cp ~clerk/keys/'{name}'.cert.asc /root/{role}.cert.asc"));
        // What the clerk reads out at the telephone.
        machine.does(&format!(
            "postrom show /root/{role}.cert.asc | tr -d ' ' | grep -oE '[0-9A-F]{{40}}' | head -1 > /root/{role}.fingerprint"
        ));
    }
    follow(&machine, &acts(OPERATE), "/root");
    assert!(serves(&machine, "/root/fullchain.pem"));
    let page = machine.does("curl -sS --max-time 20 https://skjema.example.no/");
    assert!(page.contains("Statsforvalteren i Nordland"), "{page}");
    machine.until("the mail", |machine| {
        // What `ls` says of a folder that is not there yet is a line as well.
        let count = "[ \"$(ls /var/mail/postmottak/new | wc -l)\" = 1 ]";
        machine.sh(count).status.success()
    });
    machine.does("cp /etc/konvolutt/keys/relay.cert.asc ~clerk/ && cp -r /var/mail/postmottak ~clerk/Maildir && chown -R clerk: ~clerk");
    let opened = machine.does(&format!(
        "{clerk} postrom open Maildir --key keys/Postmottak.key.asc --relay relay.cert.asc --passphrase-file passphrase --out letters"
    ));
    assert!(opened.contains("T "), "{opened}");
    let alarms = machine.says("konvolutt alarms list");
    assert!(alarms.contains("no alarm stands"), "{alarms}");
    a_renewed_certificate_is_served(&machine);
}

/// Whether visitors are shown the certificate of this file.
fn serves(machine: &Machine, file: &str) -> bool {
    let print = "openssl x509 -noout -fingerprint -sha256";
    let shown = format!("openssl s_client -connect skjema.example.no:443 </dev/null 2>/dev/null | {print}");
    machine.does(&shown) == machine.does(&format!("{print} -in {file}"))
}

/// By the script that the guide gives to certbot and acme.sh: while the form runs, and while it is stopped for certbot's own
/// listener at port 80.
fn a_renewed_certificate_is_served(machine: &Machine) {
    const HOOK: &str = "/usr/local/sbin/konvolutt-renewed";
    let (_, after) = OPERATE.split_once(&format!("`{HOOK}` puts")).unwrap();
    let (_, script) = after.split_once("```sh\n").unwrap();
    let (script, _) = script.split_once("```").unwrap();
    let hook = machine.root().join(HOOK.trim_start_matches('/'));
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, script).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    machine.does(&format!("RENEWED_LINEAGE=/root/renewed {HOOK}"));
    machine.until("the renewed certificate", |machine| {
        serves(machine, "/root/renewed/fullchain.pem")
    });
    let command = |hook: &str| {
        let (_, after) = OPERATE.split_once(&format!("--{hook}-hook \"")).unwrap();
        after.split_once('"').unwrap().0
    };
    machine.does(command("pre"));
    // Port 80 is free for somebody else. The sockets are stopped by jobs of their own, for which `systemctl stop` of the service
    // does not wait.
    let listens = "timeout 1 openssl s_server -accept 80 -nocert -www; [ $? = 124 ] && echo free";
    machine.until("a free port 80", |machine| machine.says(listens).contains("free"));
    machine.does(&format!("RENEWED_LINEAGE=/root/again {HOOK}"));
    machine.does(command("post"));
    machine.until("the certificate renewed once more", |machine| {
        serves(machine, "/root/again/fullchain.pem")
    });
    let alarms = machine.says("konvolutt alarms list");
    assert!(alarms.contains("no alarm stands"), "{alarms}");
}
