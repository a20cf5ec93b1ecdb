//! What others would say of us: MDN's observatory of the headers, testssl.sh of TLS. In a network of their own, at 443 and 80.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Authority, Options, World, inside, run, write_identity};

const NAME: &str = "skjema.example.no";

fn at_443(authority: &Authority) {
    write_identity(&authority.root, NAME);
    authority.edit(
        "konvolutt.toml",
        "address = \"127.0.0.1:0\"\n",
        &format!(
            "address = \"10.0.0.1:443\"\nnames = [\"{NAME}\"]\nredirect = \"10.0.0.1:80\"\n\
             [listen.tls]\ncertificate = \"tls/chain.pem\"\nkey = \"tls/key.pem\"\n"
        ),
    );
}

fn world() -> World {
    World::with(Options {
        change: at_443,
        ..Options::default()
    })
}

/// What `.ci/run` installs.
fn observatory() -> PathBuf {
    let scan = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/observatory/node_modules/@mdn/mdn-http-observatory");
    assert!(
        scan.is_dir(),
        "{} is missing: .ci/run says how to install it",
        scan.display()
    );
    // It would ask the net which sites browsers know in advance.
    fs::write(scan.join("conf/hsts-preload.json"), "{}").unwrap();
    scan
}

#[test]
#[ignore = "needs node with MDN's observatory, and root for a network namespace"]
fn the_observatory_gives_130() {
    if !inside("ratings::the_observatory_gives_130", 0) {
        return;
    }
    let world = world();
    let mut scan = Command::new("node");
    scan.arg(observatory().join("src/scan.js")).arg(NAME);
    scan.env("NODE_EXTRA_CA_CERTS", world.root().join("tls/chain.pem"));
    let report: serde_json::Value = serde_json::from_str(&run(&mut scan)).unwrap();
    let failed: Vec<_> = report["tests"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, test)| test["pass"] != true)
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(report["scan"]["score"], 130, "{report:#}");
    eprintln!(
        "the observatory says {} {}",
        report["scan"]["score"], report["scan"]["grade"]
    );
}

/// A certificate that a test made for itself, with nobody behind it: what testssl.sh says of that is not about us.
const OF_THE_CERTIFICATE: [&str; 3] = ["cert_chain_of_trust", "cert_revocation", "cert_crlDistributionPoints"];

#[test]
#[ignore = "needs testssl.sh, and root for a network namespace; takes a minute"]
fn testssl_finds_nothing_above_low() {
    if !inside("ratings::testssl_finds_nothing_above_low", 0) {
        return;
    }
    let world = world();
    let report = world.root().join("testssl.json");
    let mut testssl = Command::new("testssl");
    testssl.args(["--quiet", "--color", "0", "--warnings", "off", "--ip", "10.0.0.1"]);
    testssl.arg("--add-ca").arg(world.root().join("tls/chain.pem"));
    testssl
        .arg("--jsonfile")
        .arg(&report)
        .arg(format!("https://{NAME}:443/"));
    // Its exit code counts what it found.
    let output = testssl.output().unwrap();
    let text = fs::read_to_string(&report).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let findings: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let of = |severity: &[&str]| -> Vec<String> {
        let severe = findings
            .iter()
            .filter(|one| severity.contains(&one["severity"].as_str().unwrap()));
        let told = severe.map(|one| format!("{}: {} {}", one["severity"], one["id"], one["finding"]));
        told.collect()
    };
    let severe: Vec<_> = of(&["MEDIUM", "HIGH", "CRITICAL", "FATAL", "WARN"])
        .into_iter()
        .filter(|line| !OF_THE_CERTIFICATE.iter().any(|id| line.contains(id)))
        .collect();
    eprintln!("{} findings, of them LOW {:#?}", findings.len(), of(&["LOW"]));
    assert!(severe.is_empty(), "{severe:#?}");
    // The control: it did look, and knows what good is.
    assert!(of(&["OK"]).len() > 40, "{text}");
}
