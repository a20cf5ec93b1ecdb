//! What is asked, what counts as an answer, and what all answers come to.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use zeroize::Zeroizing;

use super::certificates::{self, Certificate};
use super::terminal::Terminal;
use super::tls::Tls;
use super::{Init, Security, whole};
use crate::relay::smtp::is_address;
use crate::seal::CertificateRole;

/// Everything that is written, judged.
pub(super) struct Plan {
    pub(super) dir: PathBuf,
    pub(super) names: Names,
    pub(super) host: String,
    pub(super) way: Way,
    pub(super) mailbox: String,
    pub(super) from: String,
    pub(super) certificates: Vec<Certificate>,
    pub(super) listen: String,
    pub(super) tls: Option<Tls>,
    pub(super) proxy: Option<IpAddr>,
    pub(super) health: String,
    pub(super) spool: PathBuf,
    pub(super) systemd: bool,
    /// Whether port 80 is ours too, for browsers that forgot the s of https. Of several authorities none has it.
    pub(super) redirects: bool,
}

/// The authority's name in each language of the form.
pub(super) struct Names {
    pub(super) nb: String,
    pub(super) nn: String,
    pub(super) en: String,
}

/// How letters leave.
pub(super) enum Way {
    Smtp(Smtp),
    Maildir(PathBuf),
}

pub(super) struct Smtp {
    pub(super) host: String,
    pub(super) security: Security,
    pub(super) login: Option<(String, Zeroizing<String>)>,
    /// Content of the file with its root certificates.
    pub(super) ca: Option<Vec<u8>>,
}

impl Init {
    /// The flags without which nothing can be written.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let needs = [
            (self.name.is_some(), "--name"),
            (self.host.is_some(), "--host"),
            (
                self.mail_host.is_some() || self.maildir.is_some(),
                "--mail-host or --maildir",
            ),
            (
                self.mail_user.is_none() || self.password_file.is_some(),
                "--password-file",
            ),
            (self.mailbox.is_some(), "--mailbox"),
            (!self.daily.is_empty(), "--daily"),
            (
                self.no_recovery || !self.recovery.is_empty(),
                "--recovery or --no-recovery",
            ),
            (!self.fingerprint.is_empty(), "--fingerprint for each certificate"),
        ];
        let missing = needs.into_iter().filter(|(given, _)| !given);
        missing.map(|(_, flag)| flag).collect()
    }

    /// The five questions, each without what a flag has answered.
    pub(super) fn ask(&mut self, terminal: &mut Terminal) -> anyhow::Result<()> {
        if self.name.is_none() {
            let name = terminal.ask("1. Name of the authority, in bokmål", None, name)?;
            let other = |language: &str| format!("   in {language}");
            self.name_nn = Some(terminal.ask(&other("nynorsk"), Some(&name), super::answers::name)?);
            self.name_en = Some(terminal.ask(&other("English"), Some(&name), super::answers::name)?);
            self.name = Some(name);
        }
        if self.host.is_none() {
            self.host = Some(terminal.ask("2. Host name of the form, as people write it", None, host)?);
        }
        if self.mail_host.is_none() && self.maildir.is_none() {
            self.ask_for_the_way(terminal)?;
        }
        if self.mailbox.is_none() {
            self.mailbox = Some(terminal.ask("4. Address of the post room's mailbox", None, address)?);
        }
        if self.daily.is_empty() {
            let question = "5. File with the post room's daily certificate (NAME.cert.asc)";
            self.daily.push(terminal.ask(question, None, file)?);
        }
        if self.recovery.is_empty() && !self.no_recovery {
            let question = "   and with the recovery certificate; `none` if there is none";
            let optional = |text: &str| if text == "none" { Ok(None) } else { file(text).map(Some) };
            self.recovery.extend(terminal.ask(question, None, optional)?);
        }
        Ok(())
    }

    fn ask_for_the_way(&mut self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let question = "3. Mail server, by the name in its certificate; or the whole path of a Maildir on this machine";
        let way: String = terminal.ask(question, None, |text| {
            if text.starts_with('/') {
                Ok(text.to_owned())
            } else {
                host(text)
            }
        })?;
        if way.starts_with('/') {
            self.maildir = Some(way.into());
            return Ok(());
        }
        self.mail_host = Some(way);
        let security = |text: &str| match text {
            "implicit" => Ok(Security::Implicit),
            "starttls" => Ok(Security::Starttls),
            _ => Err("write `implicit` (TLS at once, port 465) or `starttls` (port 587)".to_owned()),
        };
        self.mail_security = terminal.ask("   its security", Some(self.mail_security.word()), security)?;
        if self.mail_user.is_none() {
            let user = |text: &str| Ok((text != "none").then(|| text.to_owned()));
            self.mail_user = terminal.ask("   account there", Some("none"), user)?;
        }
        Ok(())
    }

    fn way(&self, terminal: Option<&mut Terminal>) -> anyhow::Result<Way> {
        let Some(host_name) = &self.mail_host else {
            let maildir = self.maildir.as_deref().context("no way for the letters is named")?;
            return Ok(Way::Maildir(whole(maildir)?));
        };
        let ca = self.mail_ca_file.as_deref().map(|path| {
            let read = fs::read(path);
            read.with_context(|| format!("{} cannot be read", path.display()))
        });
        let login = match (&self.mail_user, &self.password_file) {
            (None, _) => None,
            (Some(user), Some(file)) => Some((user.clone(), password_in(file)?)),
            (Some(user), None) => {
                let terminal = terminal.context("--password-file is missing")?;
                Some((user.clone(), terminal.secret("   its password (not shown)")?))
            }
        };
        if login.as_ref().is_some_and(|(_, password)| password.trim().is_empty()) {
            bail!("the password is empty");
        }
        Ok(Way::Smtp(Smtp {
            host: host(host_name).map_err(|why| anyhow!("--mail-host: {why}"))?,
            security: self.mail_security,
            login,
            ca: ca.transpose()?,
        }))
    }

    fn names(&self) -> anyhow::Result<Names> {
        let nb = self.name.as_deref().unwrap_or_default();
        let checked = |text: Option<&str>, flag: &str| {
            let read = name(text.unwrap_or(nb));
            read.map_err(|why| anyhow!("{flag}: {why}"))
        };
        Ok(Names {
            nb: checked(None, "--name")?,
            nn: checked(self.name_nn.as_deref(), "--name-nn")?,
            en: checked(self.name_en.as_deref(), "--name-en")?,
        })
    }

    /// An account that is an address is mostly the only one that may send as that address.
    fn sender(&self, mailbox: &str) -> String {
        let account = self.mail_user.clone().filter(|user| is_address(user));
        let domain = mailbox.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        account.unwrap_or_else(|| format!("sikkert-skjema@{domain}"))
    }

    /// Whether systemd hands sockets and secrets over.
    pub(super) fn has_systemd(&self) -> bool {
        self.systemd
            .unwrap_or_else(|| self.is_the_units_own() && super::instance::has_units())
    }

    /// Whether the configuration goes to where the units look.
    pub(super) fn is_the_units_own(&self) -> bool {
        let own = super::instance::default_folder(self.instance.as_deref());
        self.dir
            .as_deref()
            .is_none_or(|dir| whole(dir).is_ok_and(|dir| dir == own))
    }

    /// Where the program itself listens. With systemd, `--listen` is what its socket listens at.
    fn listens_at(&self, systemd: bool) -> String {
        match &self.listen {
            _ if systemd => "systemd:web".to_owned(),
            Some(listen) => listen.clone(),
            None if self.tls_certificate.is_some() => "0.0.0.0:443".to_owned(),
            None => "127.0.0.1:8080".to_owned(),
        }
    }
}

impl Plan {
    /// Judges every answer, asks for the password, and lets a person confirm the certificates.
    pub(super) fn of(init: &Init, dir: PathBuf, mut terminal: Option<&mut Terminal>) -> anyhow::Result<Self> {
        let said = |text: &Option<String>, flag: &str, read: fn(&str) -> Result<String, String>| {
            read(text.as_deref().unwrap_or_default()).map_err(|why| anyhow!("{flag}: {why}"))
        };
        let (names, host) = (init.names()?, said(&init.host, "--host", host)?);
        let mailbox = said(&init.mailbox, "--mailbox", address)?;
        let from = init.from.clone().unwrap_or_else(|| init.sender(&mailbox));
        let from = said(&Some(from), "--from", address)?;
        let roles = [
            (CertificateRole::Daily, &init.daily),
            (CertificateRole::Recovery, &init.recovery),
        ];
        let files = roles
            .into_iter()
            .flat_map(|(role, files)| files.iter().map(move |file| (role, file)));
        let certificates = certificates::read(files)?;
        let way = init.way(terminal.as_deref_mut())?;
        certificates::confirm(&certificates, &init.fingerprint, terminal)?;
        let tls = Tls::of(init, &dir)?;
        let spool = init.spool.clone().unwrap_or_else(|| default_spool(&dir));
        let systemd = init.has_systemd();
        Ok(Self {
            spool: whole(&spool)?,
            listen: init.listens_at(systemd),
            health: init.health.to_string(),
            proxy: init.behind_proxy,
            redirects: tls.is_some() && systemd && init.instance.is_none(),
            tls,
            dir,
            names,
            host,
            way,
            mailbox,
            from,
            certificates,
            systemd,
        })
    }

    pub(super) fn configuration(&self) -> PathBuf {
        self.dir.join("konvolutt.toml")
    }
}

/// `/etc/konvolutt@NAME` has `/var/lib/konvolutt@NAME`, as its units do; what is tried in another folder stays in it.
fn default_spool(dir: &Path) -> PathBuf {
    match dir.strip_prefix("/etc") {
        Ok(name) => Path::new("/var/lib").join(name),
        Err(_) => dir.join("spool"),
    }
}

fn password_in(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let read = fs::read_to_string(file).map(Zeroizing::new);
    let text = read.with_context(|| format!("the password file {} cannot be read", file.display()))?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

fn name(text: &str) -> Result<String, String> {
    let fits = (1..=200).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.trim().to_owned())
        .ok_or_else(|| "a name has 1 to 200 characters, on one line".to_owned())
}

fn host(text: &str) -> Result<String, String> {
    let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let fits = !text.is_empty() && text.len() <= 253 && text.chars().all(sign);
    fits.then(|| text.to_ascii_lowercase())
        .ok_or_else(|| "write a host name alone, such as `skjema.example.no`".to_owned())
}

fn address(text: &str) -> Result<String, String> {
    let fits = is_address(text) && text.is_ascii();
    fits.then(|| text.to_owned())
        .ok_or_else(|| "write a mail address, such as `postmottak@example.no`".to_owned())
}

fn file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    path.is_file()
        .then_some(path)
        .ok_or_else(|| "there is no such file".to_owned())
}
