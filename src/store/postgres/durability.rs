//! Whether a commit on a connection would be where a receipt says: what the server tells of itself, and the verdict on it.
//!
//! `synchronous_standby_names` has the syntax of
//! <https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES>.

use std::io;

use tokio_postgres::Row;

use super::version::{VERSION, wrong};

/// One row, and everything that the verdict needs. Asked for on each new connection and after each commit.
///
/// With nothing, it tells what the standbys have of all that is on the server's own disk now; with a place, what they have up to
/// that. Only this is proof: of the settings, the process that says whether commits wait may not have heard yet.
pub(super) const ASK: &str = "select recovering, fsync, full_page_writes, synchronous_commit, standby_names, \
    standbys, hidden, lag, version, secret, closed, clock, timeline, place, reached from konvolutt.durability($1)";

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Durability {
    /// It takes no writes: it follows another, or its database is set to be read only.
    pub recovering: bool,
    /// `fsync`.
    pub fsync: String,
    /// `full_page_writes`.
    pub full_page_writes: String,
    /// `synchronous_commit`, as it holds for this connection.
    pub synchronous_commit: String,
    /// `synchronous_standby_names`.
    pub standby_names: String,
    /// Synchronous standbys that follow it now.
    pub standbys: i64,
    /// Standbys of which the schema's owner may not know how they follow.
    pub hidden: i64,
    /// Seconds by which the last of the standbys is behind.
    pub lag: f64,
    /// Version of our schema.
    pub version: i64,
    /// Fingerprint of the secret that names are made of.
    pub secret: String,
    /// Why no letters are to be taken or delivered here; empty when they are.
    pub closed: String,
    /// Its time, seconds since 1970.
    pub clock: f64,
    /// Its timeline: higher after each promotion.
    pub timeline: i64,
    /// A place in its log.
    pub place: i64,
    /// Synchronous standbys that have everything up to there on their disks.
    pub reached: i64,
}

impl Durability {
    /// Out of the row that [`ASK`] gives.
    pub(super) fn of(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            recovering: row.try_get(0)?,
            fsync: row.try_get(1)?,
            full_page_writes: row.try_get(2)?,
            synchronous_commit: row.try_get(3)?,
            standby_names: row.try_get(4)?,
            standbys: row.try_get(5)?,
            hidden: row.try_get(6)?,
            lag: row.try_get(7)?,
            version: row.try_get(8)?,
            secret: row.try_get(9)?,
            closed: row.try_get(10)?,
            clock: row.try_get(11)?,
            timeline: row.try_get(12)?,
            place: row.try_get(13)?,
            reached: row.try_get(14)?,
        })
    }

    /// Whether letters may be trusted to it, with so many standbys and this secret.
    ///
    /// # Errors
    /// The first thing that is not as it must be, with what helps.
    pub fn holds(&self, standbys: u32, secret: &str) -> Result<(), String> {
        if self.recovering {
            let text = "it is a read-only standby, or its database is read-only (`default_transaction_read_only`): no server \
                        that takes writes was found";
            return Err(text.to_owned());
        }
        self.is_ours(secret)?;
        for (name, value) in [("fsync", &self.fsync), ("full_page_writes", &self.full_page_writes)] {
            if value != "on" {
                return Err(format!(
                    "`{name}` is {value}: a power cut may take letters back; switch it on"
                ));
            }
        }
        self.waits(standbys)
    }

    /// Whether so many standbys have what was asked for.
    pub(super) fn is_reached(&self, standbys: u32) -> bool {
        self.reached >= i64::from(standbys)
    }

    fn is_ours(&self, secret: &str) -> Result<(), String> {
        if self.version != VERSION {
            return Err(wrong(self.version));
        }
        if !self.closed.is_empty() {
            return Err(self.closed.clone());
        }
        // The store that is made anew has none yet.
        if !self.secret.is_empty() && self.secret != secret {
            return Err(
                "the file `secret` in this node's spool is another than the one that its letters are named by: copy \
                        it from a node that has them"
                    .to_owned(),
            );
        }
        Ok(())
    }

    fn waits(&self, standbys: u32) -> Result<(), String> {
        let commit = self.synchronous_commit.as_str();
        let enough: &[&str] = match standbys {
            0 => &["local", "remote_write", "on", "remote_apply"],
            _ => &["on", "remote_apply"],
        };
        if !enough.contains(&commit) {
            return Err(format!(
                "`synchronous_commit` is {commit}: a commit does not wait for the disks; set it to on"
            ));
        }
        let named = waited_for(&self.standby_names);
        if named < standbys {
            return Err(format!(
                "a commit waits for {named} standbys, and `standbys` is {standbys}: set `synchronous_standby_names` (it is {:?})",
                self.standby_names
            ));
        }
        let follow = u32::try_from(self.standbys).unwrap_or(0);
        if follow < standbys && self.hidden > 0 {
            return Err(
                "its standbys cannot be seen: grant pg_monitor to the owner of the schema `konvolutt`".to_owned(),
            );
        }
        if follow < standbys {
            return Err(format!(
                "{follow} synchronous standbys follow, and `standbys` is {standbys}: look after them"
            ));
        }
        Ok(())
    }
}

/// For how many standbys a commit waits.
fn waited_for(names: &str) -> u32 {
    let names = names.trim();
    if names.is_empty() {
        return 0;
    }
    let words: Vec<&str> = names
        .split(|at: char| at.is_whitespace() || at == '(')
        .filter(|word| !word.is_empty())
        .collect();
    let number = |at: usize| words.get(at).and_then(|word| word.parse().ok());
    let keyword = words.first().map(|word| word.to_ascii_lowercase());
    match keyword.as_deref() {
        Some("first" | "any") if names.contains('(') => number(1).unwrap_or(1),
        _ if names.contains('(') => number(0).unwrap_or(1),
        // A plain list: its first.
        _ => 1,
    }
}

/// An answer that says that nothing can be trusted to it.
pub(super) fn refused(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Durability {
        Durability {
            fsync: "on".to_owned(),
            full_page_writes: "on".to_owned(),
            synchronous_commit: "on".to_owned(),
            standby_names: "FIRST 1 (db2)".to_owned(),
            standbys: 1,
            version: VERSION,
            secret: "ours".to_owned(),
            ..Durability::default()
        }
    }

    #[test]
    fn the_first_thing_that_is_wrong_is_said() {
        assert_eq!(good().holds(1, "ours"), Ok(()));
        assert_eq!(good().holds(0, "ours"), Ok(()));
        type Change = fn(&mut Durability);
        let cases: [(Change, &str); 11] = [
            (|of| of.recovering = true, "read-only standby"),
            (|of| of.fsync = "off".to_owned(), "`fsync` is off"),
            (|of| of.full_page_writes = "off".to_owned(), "`full_page_writes` is off"),
            (
                |of| of.synchronous_commit = "off".to_owned(),
                "`synchronous_commit` is off",
            ),
            (
                |of| of.synchronous_commit = "local".to_owned(),
                "`synchronous_commit` is local",
            ),
            (
                |of| of.synchronous_commit = "remote_write".to_owned(),
                "`synchronous_commit` is remote_write",
            ),
            (|of| of.standby_names.clear(), "waits for 0 standbys"),
            (|of| of.standbys = 0, "0 synchronous standbys follow"),
            (
                |of| (of.standbys, of.hidden) = (0, 1),
                "grant pg_monitor to the owner of the schema",
            ),
            (|of| of.version = VERSION + 1, "install the newer version"),
            (|of| of.version = 0, "run `konvolutt store migrate`"),
        ];
        for (change, told) in cases {
            let mut of = good();
            change(&mut of);
            let said = of.holds(1, "ours").unwrap_err();
            assert!(said.contains(told), "{said}");
        }
        assert!(good().holds(1, "another").unwrap_err().contains("`secret`"));
        assert!(good().holds(2, "ours").unwrap_err().contains("`standbys` is 2"));
    }

    #[test]
    fn one_machine_needs_no_standby_but_a_disk() {
        let alone = Durability {
            standby_names: String::new(),
            standbys: 0,
            synchronous_commit: "local".to_owned(),
            ..good()
        };
        assert_eq!(alone.holds(0, "ours"), Ok(()));
        let off = Durability {
            synchronous_commit: "off".to_owned(),
            ..alone
        };
        assert!(off.holds(0, "ours").is_err());
    }

    #[test]
    fn a_commit_waits_for_as_many_as_the_setting_says() {
        for (names, waits) in [
            ("", 0),
            ("  ", 0),
            ("db2", 1),
            ("*", 1),
            ("db2, db3", 1),
            ("1 (db2, db3)", 1),
            ("2(db2,db3)", 2),
            ("FIRST 2 (db2, db3)", 2),
            ("first 1 (db2)", 1),
            ("ANY 2 (a, b, c)", 2),
            ("any 1 (\"db-2\")", 1),
            // Patroni in strict mode, when no standby is there.
            ("first", 1),
        ] {
            assert_eq!(waited_for(names), waits, "{names:?}");
        }
    }
}
