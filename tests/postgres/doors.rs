//! The way to the database: TLS with a certificate that is checked, and three ways to prove who comes.

use std::fs;
use std::path::PathBuf;

use konvolutt::store::postgres::{Host, Login, Settings};
use konvolutt::store::{Committed, Store, StoreError};

use super::{commit, wait_for};
use crate::support::postgres::{Certificates, DATABASE, Server, USERS, Wishes, make_schema, open, settings};

const ACCESS: [&str; 2] = [
    "hostssl all konvolutt_relay all cert",
    "hostssl all all all scram-sha-256",
];

/// A server that lets nobody in without a proof, and what a node is told that has all of them.
struct Scene {
    server: Server,
    certificates: Certificates,
    dir: tempfile::TempDir,
    told: Settings,
}

fn scene(names: &[&str]) -> Scene {
    let (certificates, dir) = (Certificates::new(names), tempfile::tempdir().unwrap());
    let server = Server::start(&Wishes {
        access: &ACCESS,
        certificates: Some(&certificates),
        settings: &["password_encryption = 'scram-sha-256'"],
        ..Wishes::default()
    });
    server.sql("postgres", &format!("create database {DATABASE}"));
    let spool = dir.path().join("spool");
    make_schema(&settings(vec![server.socket()], DATABASE, &spool));
    let over_the_net = settings(vec![Host::Net("localhost".to_owned(), server.port)], DATABASE, &spool);
    let password = |user: &str| {
        server.sql(
            "postgres",
            &format!("alter role {user} password 'a password of a test'"),
        );
        let file = dir.path().join(format!("{user}.password"));
        fs::write(&file, "a password of a test\n").unwrap();
        Login {
            password_file: Some(file),
            ..Login::named(user)
        }
    };
    let told = Settings {
        ca: Some(certificates.write_authority(dir.path())),
        web: password(USERS[0]),
        relay: Login {
            identity: Some(certificates.write_user(dir.path(), USERS[1])),
            ..Login::named(USERS[1])
        },
        operator: password(USERS[2]),
        ..over_the_net
    };
    Scene {
        server,
        certificates,
        dir,
        told,
    }
}

fn refusal(store: &dyn Store) -> String {
    match commit(store, 5) {
        Err(StoreError::Unproven(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
#[ignore = "needs PostgreSQL"]
fn each_side_comes_over_tls_by_password_or_certificate() {
    let own = scene(&["localhost"]);
    let (server, told) = (&own.server, own.told.clone());
    let store = open(&told);
    assert_eq!(commit(&*store, 1).unwrap(), Committed::New);
    assert_eq!(store.waiting().unwrap().len(), 1);
    assert_eq!(store.list().unwrap().len(), 1);
    let plain = server.sql(
        "postgres",
        "select count(*) from pg_stat_ssl join pg_stat_activity using (pid) where usename like 'konvolutt%' and not ssl",
    );
    let ciphered = server.sql(
        "postgres",
        "select count(*) from pg_stat_ssl join pg_stat_activity using (pid) where usename like 'konvolutt%' and ssl",
    );
    assert_eq!((plain.as_str(), ciphered.as_str()), ("0", "3"));
}

#[test]
#[ignore = "needs PostgreSQL"]
fn a_server_with_a_wrong_certificate_gets_no_password() {
    let own = scene(&["db1.example"]);
    let (server, told, dir) = (&own.server, own.told.clone(), &own.dir);
    // Another name than it was asked for by.
    let why = refusal(&*open(&told));
    assert!(why.contains("name") || why.contains("certificate"), "{why}");
    // The right name of another authority.
    let other = Certificates::new(&["localhost"]);
    let elsewhere = dir.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let stranger = Settings {
        ca: Some(other.write_authority(&elsewhere)),
        ..told.clone()
    };
    let why = refusal(&*open(&stranger));
    assert!(why.contains("certificate"), "{why}");
    // By the system's certificates alone it is unknown too.
    assert!(refusal(&*open(&Settings { ca: None, ..told })).contains("certificate"));
    assert_eq!(server.sql(DATABASE, "select count(*) from konvolutt.letter"), "0");
}

/// What is in the middle may take TLS away: then nothing is said.
#[test]
#[ignore = "needs PostgreSQL"]
fn a_server_without_tls_gets_no_password() {
    let own = scene(&["localhost"]);
    let (server, told) = (&own.server, own.told.clone());
    server.set(&["ssl = off"]);
    server.write("pg_hba.conf", "local all all trust\nhost all all all password\n");
    server.set(&[]);
    let why = refusal(&*open(&told));
    assert!(why.to_lowercase().contains("tls"), "{why}");
    server.set(&["ssl = on"]);
    wait_for("a letter", 20, || commit(&*open(&told), 1).ok());
}

#[test]
#[ignore = "needs PostgreSQL"]
fn a_changed_password_is_taken_by_the_next_connection() {
    let own = scene(&["localhost"]);
    let (server, told) = (&own.server, own.told.clone());
    let store = open(&told);
    assert_eq!(commit(&*store, 1).unwrap(), Committed::New);
    server.sql("postgres", "alter role konvolutt_web password 'another password'");
    server.sql(
        "postgres",
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'konvolutt_web'",
    );
    let why = wait_for("a refusal", 20, || match commit(&*store, 2) {
        Err(StoreError::Unproven(why)) if why.contains("password") => Some(why),
        _ => None,
    });
    assert!(!why.contains("a password of a test"), "{why}");
    let file: PathBuf = told.web.password_file.unwrap();
    fs::write(file, "another password\n").unwrap();
    wait_for("a letter", 20, || commit(&*store, 2).ok());
}

/// A certificate of the same authority, for another user.
#[test]
#[ignore = "needs PostgreSQL"]
fn a_certificate_is_good_for_its_own_user_only() {
    let Scene {
        told,
        certificates,
        dir,
        server,
    } = scene(&["localhost"]);
    let wrong = Settings {
        relay: Login {
            identity: Some(certificates.write_user(dir.path(), "somebody")),
            ..told.relay.clone()
        },
        ..told.clone()
    };
    let error = open(&wrong).waiting().unwrap_err().to_string();
    assert!(error.contains("certificate authentication failed"), "{error}");
    // None at all.
    let bare = Settings {
        relay: Login::named(USERS[1]),
        ..told.clone()
    };
    assert!(open(&bare).waiting().is_err());
    assert_eq!(open(&told).waiting().unwrap(), [], "{}", server.log());
}
