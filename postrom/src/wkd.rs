//! The folder in which an authority publishes its certificates: a Web Key Directory.
//!
//! Comes in: certificates. Goes out: `.well-known/openpgpkey` in the layouts of both methods, to be put below the root of a web
//! server. What always holds: no secret part and no name of another domain goes in; a file is replaced in one step.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use konvolutt_letter::WkdPlace;
use konvolutt_letter::private_file::create;
use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::serialize::SerializeInto;
use openpgp::types::HashAlgorithm;

/// An address whose certificates are published now.
#[derive(Debug, PartialEq, Eq)]
pub struct Published {
    /// The address.
    pub address: String,
    /// Its file in the layout of the direct method.
    pub file: PathBuf,
}

/// Why nothing is published.
#[derive(Debug)]
pub enum WkdError {
    /// No name in the certificates has an address of the domain.
    NoAddress,
    /// Their names are of several domains, and none was chosen.
    Domains(Vec<String>),
    /// The disk refuses.
    Write(PathBuf, io::Error),
}

/// Lays the folder out for one domain: the one that all names are of, unless one is chosen.
///
/// # Errors
/// As listed.
pub fn publish(certs: &[Cert], domain: Option<&str>, out: &Path) -> Result<Vec<Published>, WkdError> {
    let domain = match domain {
        Some(domain) => domain.to_ascii_lowercase(),
        None => the_domain(certs)?,
    };
    // Several certificates of one address lie in one file: the daily one and the one in the safe.
    let mut files: BTreeMap<String, (WkdPlace, Vec<u8>)> = BTreeMap::new();
    for cert in certs {
        let own = of_domain(cert, &domain);
        for address in addresses(&own) {
            let Some(place) = WkdPlace::of(&address, sha1) else {
                continue;
            };
            let bytes = own.export_to_vec();
            let bytes = bytes.map_err(|error| WkdError::Write(out.to_owned(), io::Error::other(error)))?;
            let (_, file) = files.entry(address).or_insert((place, Vec::new()));
            file.extend_from_slice(&bytes);
        }
    }
    if files.is_empty() {
        return Err(WkdError::NoAddress);
    }
    let mut published = Vec::new();
    for (address, (place, bytes)) in &files {
        let folders = [place.advanced_folder(), WkdPlace::direct_folder().to_owned()];
        for folder in folders.map(|folder| out.join(folder.trim_start_matches('/'))) {
            put(&folder.join("hu"), &place.hash, bytes, out)?;
            // No rule of ours; that the file is there tells a client that there is a directory.
            put(&folder, "policy", b"", out)?;
        }
        let file = out.join(place.direct().trim_start_matches('/'));
        let address = address.clone();
        published.push(Published { address, file });
    }
    Ok(published)
}

/// The addresses in the names that the certificate's own key has signed, in small letters.
fn addresses(cert: &Cert) -> Vec<String> {
    let ids = cert.userids().filter(|id| id.self_signatures().next().is_some());
    let mut all: Vec<String> = ids
        .filter_map(|id| id.userid().email().ok().flatten().map(str::to_ascii_lowercase))
        .collect();
    all.sort();
    all.dedup();
    all
}

fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

fn the_domain(certs: &[Cert]) -> Result<String, WkdError> {
    let mut domains: Vec<String> = certs
        .iter()
        .flat_map(addresses)
        .map(|address| domain_of(&address).to_owned())
        .collect();
    domains.sort();
    domains.dedup();
    match domains.len() {
        0 => Err(WkdError::NoAddress),
        1 => Ok(domains.swap_remove(0)),
        _ => Err(WkdError::Domains(domains)),
    }
}

/// The public part, with the names of the domain alone.
fn of_domain(cert: &Cert, domain: &str) -> Cert {
    let own = cert.clone().strip_secret_key_material();
    own.retain_userids(|id| {
        let email = id.userid().email().ok().flatten().map(str::to_ascii_lowercase);
        email.is_some_and(|email| domain_of(&email) == domain)
    })
}

/// In one step, and readable by a web server whatever this program's own files are.
fn put(folder: &Path, name: &str, bytes: &[u8], out: &Path) -> Result<(), WkdError> {
    let file = folder.join(name);
    let put = || {
        open_folder(folder, out)?;
        let new = folder.join(format!(".{name}.new"));
        let _ = fs::remove_file(&new);
        let mut writing = create(&new, 0o644)?;
        writing.write_all(bytes)?;
        writing.sync_all()?;
        fs::rename(&new, &file)
    };
    put().map_err(|error| WkdError::Write(file.clone(), error))
}

/// Makes a folder and those above it that are missing, for everybody to read.
fn open_folder(folder: &Path, out: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent().filter(|_| folder != out) {
        open_folder(above, out)?;
    } else {
        fs::create_dir_all(folder)?;
        return everybody_reads(folder);
    }
    fs::create_dir(folder)?;
    everybody_reads(folder)
}

#[cfg(unix)]
fn everybody_reads(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

/// Windows has no modes: the folder has the permissions of the one that it lies in.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)]
fn everybody_reads(_: &Path) -> io::Result<()> {
    Ok(())
}

fn sha1(bytes: &[u8]) -> Option<[u8; 20]> {
    let mut hash = HashAlgorithm::SHA1.context().ok()?.for_digest();
    hash.update(bytes);
    let mut digest = [0; 20];
    hash.digest(&mut digest).ok()?;
    Some(digest)
}

#[cfg(test)]
mod tests {
    use openpgp::cert::{CertBuilder, CertParser};
    use openpgp::parse::Parse;

    use super::*;

    fn cert(names: &[&str]) -> Cert {
        let builder = names
            .iter()
            .fold(CertBuilder::new(), |builder, name| builder.add_userid(*name));
        builder.generate().unwrap().0
    }

    fn read(file: &Path) -> Vec<Cert> {
        CertParser::from_file(file).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn both_layouts_hold_the_public_part_with_the_names_of_the_domain() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("site");
        let daily = cert(&["Joe <Joe.Doe@Example.ORG>", "Joe <joe@home.example>"]);
        let safe = cert(&["Safe <joe.doe@example.org>"]);
        let published = publish(&[daily.clone(), safe.clone()], Some("Example.org"), &out).unwrap();
        let folder = out.join(".well-known/openpgpkey");
        let hash = "iy9q119eutrkn8s1mk4r39qejnbu3n5q";
        assert_eq!(
            published,
            [Published {
                address: "joe.doe@example.org".into(),
                file: folder.join("hu").join(hash)
            }]
        );
        for place in [folder.clone(), folder.join("example.org")] {
            let found = read(&place.join("hu").join(hash));
            let ours = [daily.fingerprint(), safe.fingerprint()];
            assert_eq!(found.iter().map(Cert::fingerprint).collect::<Vec<_>>(), ours);
            assert!(found.iter().all(|cert| !cert.is_tsk()));
            let names: Vec<_> = found[0].userids().map(|id| id.userid().to_string()).collect();
            assert_eq!(names, ["Joe <Joe.Doe@Example.ORG>"]);
            assert_eq!(fs::read(place.join("policy")).unwrap(), b"");
        }
        // The control: what came in had a secret part.
        assert!(daily.is_tsk());
    }

    #[test]
    fn a_newer_certificate_replaces_the_older() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["first", "second"] {
            let own = cert(&[&format!("{name} <post@x.example>")]);
            let published = publish(std::slice::from_ref(&own), None, dir.path()).unwrap();
            assert_eq!(read(&published[0].file), [own.strip_secret_key_material()]);
            let hu = fs::read_dir(published[0].file.parent().unwrap()).unwrap();
            assert_eq!(hu.count(), 1);
        }
    }

    #[test]
    fn one_of_several_domains_must_be_chosen() {
        let dir = tempfile::tempdir().unwrap();
        let both = [cert(&["a <a@x.example>"]), cert(&["b <b@y.example>"])];
        match publish(&both, None, dir.path()) {
            Err(WkdError::Domains(domains)) => assert_eq!(domains, ["x.example", "y.example"]),
            other => panic!("{other:?}"),
        }
        assert!(matches!(
            publish(&both, Some("z.example"), dir.path()),
            Err(WkdError::NoAddress)
        ));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_web_server_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let published = publish(&[cert(&["a <a@x.example>"])], None, &dir.path().join("new/site")).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&published[0].file), 0o644);
        let folders = published[0].file.ancestors().skip(1).take(4);
        folders.for_each(|folder| assert_eq!(mode(folder), 0o755, "{}", folder.display()));
    }
}
