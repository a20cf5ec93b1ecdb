//! Small values beside the letters, shared by all nodes.

use std::io;

use super::store::PostgresStore;
use crate::store::Notes;

const NOTE: &str = "select value from konvolutt.note where name = $1";
pub(super) const SET: &str =
    "insert into konvolutt.note (name, value) values ($1, $2) on conflict (name) do update set value = $2";

impl Notes for PostgresStore {
    fn node(&self) -> Option<&str> {
        Some(&self.shared.settings.node)
    }

    fn note(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let (pool, name) = (self.notes.clone(), name.to_owned());
        self.shared.engine.run(async move {
            let rows = pool.lend().await?.query(NOTE, &[&name]).await?;
            Ok(rows.first().map(|row| row.get(0)))
        })
    }

    fn set_note(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (pool, name, bytes) = (self.notes.clone(), name.to_owned(), bytes.to_owned());
        self.shared.engine.run(async move {
            let lent = pool.lend().await?;
            lent.execute(SET, &[&name, &bytes]).await.map(drop)
        })
    }
}
