//! PostgreSQL on the other side: servers of a test's own, alone or as a pair that replicates.

mod certificates;
mod nets;
mod pair;
mod patroni;
mod server;
mod shared;

use std::path::Path;
use std::sync::Arc;

use konvolutt::store::Store;
use konvolutt::store::files::{self, FileStore};
use konvolutt::store::postgres::{Host, Login, PostgresStore, Settings, migrate};

pub use certificates::Certificates;
pub use nets::{NODES, in_three_nets};
pub use pair::Pair;
pub use patroni::Patroni;
pub use server::{DATABASE, OWNER, Server, Wishes};
pub use shared::{fresh_database, shared};

/// The store there, as one process has it.
pub fn open(settings: &Settings) -> Arc<dyn Store> {
    Arc::new(PostgresStore::open(settings).unwrap())
}

/// Makes the schema and the users there, as the owner of the database.
pub fn make_schema(settings: &Settings) {
    // The node was started before, or its directory was made by hand.
    drop(open(settings));
    migrate(settings, &Login::named(OWNER)).unwrap();
}

/// The users of the three sides, as `migrate` makes them.
pub const USERS: [&str; 3] = ["konvolutt_web", "konvolutt_relay", "konvolutt_operator"];

/// What the node `a` is told of these servers, with its spool here; each side comes with its name alone. One machine is
/// enough for a receipt.
pub fn settings(hosts: Vec<Host>, database: &str, spool: &Path) -> Settings {
    let [web, relay, operator] = USERS.map(Login::named);
    Settings {
        hosts,
        database: database.to_owned(),
        ca: None,
        standbys: 0,
        node: "a".to_owned(),
        web,
        relay,
        operator,
        local: files::Settings::at(spool.to_owned()),
        most_bytes: 50 << 30,
    }
}

/// The same for another node, with a spool beside the first and the same secret.
pub fn other_node(first: &Settings, node: &str) -> Settings {
    let own = &first.local.directory;
    // It is made by whoever comes first.
    drop(open(first));
    let spool = own.with_file_name(format!("spool-{node}"));
    if !spool.exists() {
        drop(FileStore::open(&files::Settings::at(spool.clone())).unwrap());
        std::fs::copy(own.join("secret"), spool.join("secret")).unwrap();
    }
    Settings {
        node: node.to_owned(),
        local: files::Settings::at(spool),
        ..first.clone()
    }
}
