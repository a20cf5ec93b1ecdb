//! One server for all tests that need nothing but a database: it starts with the first of them, and ends with the program.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::server::{Server, Wishes};
use super::{make_schema, settings};

const TEMPLATE: &str = "konvolutt_template";

/// The server; nothing about it may be changed.
pub fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| {
        let server = Server::start(&Wishes::default());
        server.sql("postgres", &format!("create database {TEMPLATE}"));
        server
    })
}

/// A database of the shared server with everything in it that a store needs, and no letter; its name.
pub fn fresh_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    static MADE: OnceLock<()> = OnceLock::new();
    let server = shared();
    MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(vec![server.socket()], TEMPLATE, dir.path());
        make_schema(&settings);
        // Each store has its own.
        server.sql(TEMPLATE, "delete from konvolutt.about where key = 'secret'");
    });
    let name = format!("konvolutt_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    server.sql("postgres", &format!("create database {name} template {TEMPLATE}"));
    name
}
