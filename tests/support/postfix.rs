//! Postfix, as a program on the other side.

use std::fs;
use std::iter::from_fn;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use super::world::{run, until};

/// One after the other: what still wants to reach the one before must not reach this one.
static NEXT: AtomicU16 = AtomicU16::new(20_000);

/// A Postfix of our own: own directories, port and test certificate; delivers to a Maildir.
pub struct Postfix {
    pub port: u16,
    dir: PathBuf,
    config: PathBuf,
}

impl Postfix {
    /// With these settings besides, or instead: what comes last counts.
    pub fn start(root: &Path, more: &str) -> Self {
        // Below those that the kernel gives to who asks for any, and not where Dovecot looks for one.
        let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let port = from_fn(|| Some(NEXT.fetch_add(1, Ordering::Relaxed)))
            .find(free)
            .unwrap();
        let dir = root.join("postfix");
        let config = dir.join("etc");
        for folder in ["etc", "queue", "data", "mail"] {
            fs::create_dir_all(dir.join(folder)).unwrap();
        }
        let key = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        fs::write(root.join("mail-ca.pem"), key.cert.pem()).unwrap();
        fs::write(config.join("cert.pem"), key.cert.pem()).unwrap();
        fs::write(config.join("key.pem"), key.signing_key.serialize_pem()).unwrap();
        let path = dir.display();
        let owner = |folder: &str, user: &str| run(Command::new("chown").arg("-R").arg(user).arg(dir.join(folder)));
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {path}/queue\ndata_directory = {path}/data\nmail_owner = postfix\n\
             setgid_group = postdrop\nmyhostname = localhost\nmydestination =\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n\
             smtpd_tls_cert_file = {path}/etc/cert.pem\nsmtpd_tls_key_file = {path}/etc/key.pem\nsmtpd_tls_security_level = encrypt\n\
             virtual_mailbox_domains = authority.example\nvirtual_mailbox_base = {path}/mail\nvirtual_mailbox_maps = static:postmottak/\n\
             virtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\nvirtual_mailbox_limit = 0\nmessage_size_limit = 36700160\n\
             maillog_file = {path}/postfix.log\nmaillog_file_prefixes = {path}\nsmtputf8_enable = no\nalias_maps =\nlocal_recipient_maps =\n{more}"
        );
        fs::write(config.join("main.cf"), main).unwrap();
        let services = format!(
            "127.0.0.1:{port} inet n - n - - smtpd\npickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n\
             rewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\n\
             error unix - - n - - error\ndiscard unix - - n - - discard\nvirtual unix - n n - - virtual\nanvil unix - - n - 1 anvil\ntlsmgr unix - - n 1000? 1 tlsmgr\npostlog unix-dgram n - n - 1 postlogd\n\
             refused unix - n n - - pipe user=nobody argv=/bin/sh -c {{echo 5.2.1 the mailbox has moved; exit 67}}\n"
        );
        fs::write(config.join("master.cf"), services).unwrap();
        // The daemons drop root; the test's directory must let them through.
        fs::set_permissions(root, fs::Permissions::from_mode(0o755)).unwrap();
        owner("data", "postfix");
        owner("mail", "65534:65534");
        run(Command::new("postfix").arg("-c").arg(&config).arg("start"));
        Self { port, dir, config }
    }

    /// Reads its configuration and its maps again.
    pub fn reload(&self) {
        let times = || self.log().matches("reload -- version").count();
        let before = times();
        run(Command::new("postfix").arg("-c").arg(&self.config).arg("reload"));
        until("that Postfix reads its maps again", || times() > before);
    }

    /// What it wrote so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("postfix.log")).unwrap_or_default()
    }

    pub fn mails(&self) -> Vec<PathBuf> {
        let new = fs::read_dir(self.dir.join("mail/postmottak/new"));
        new.map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = Command::new("postfix").arg("-c").arg(&self.config).arg("stop").output();
    }
}
