//! What a receipt means, for `check`: it is what the operator chose, and what a database proves.

use super::database;
use super::server::Server;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::explain::sentence;
use crate::store::postgres::Settings;

/// What is written, without asking anybody.
pub(super) fn written(config: &Config) -> Diagnostic {
    Diagnostic::good(match config.database.as_ref().map(|database| database.standbys) {
        None => "a receipt is given when a letter is on this machine's disk".to_owned(),
        Some(0) => {
            "a receipt is given when a letter is on one machine, the database's disk; a managed single instance is one disk"
                .to_owned()
        }
        Some(standbys) => format!(
            "a receipt is given when a letter is on {} machines, as far as the database proves it (`check --online` asks it)",
            standbys.saturating_add(1)
        ),
    })
}

/// What the servers say of it now. Blocks until each has answered, or will not.
pub(super) fn asked(settings: &Settings) -> Vec<Diagnostic> {
    match database::ask_each(settings) {
        Ok(servers) => judged(&servers, settings.standbys),
        Err(error) => vec![Diagnostic::problem(
            format!("The database could not be asked: {error}."),
            "Mend that, and run `check --online` as the service's user.",
        )],
    }
}

fn judged(servers: &[Server], standbys: u32) -> Vec<Diagnostic> {
    let is_proved = servers.iter().any(|server| server.is_good);
    let mut all: Vec<Diagnostic> = servers.iter().map(|server| of_server(server, is_proved)).collect();
    let machines = standbys.saturating_add(1);
    all.push(if is_proved {
        Diagnostic::good(match machines {
            1 => "the database proves it: a letter is on its disk before its receipt".to_owned(),
            _ => format!("the database proves it: a letter is on {machines} machines before its receipt"),
        })
    } else {
        let what = "No server of the database proves that it keeps letters: the form would be closed.";
        Diagnostic::problem(
            what,
            "Mend what is said of the servers above; `konvolutt store show` has all that they say.",
        )
    });
    all
}

/// A server that takes no letters while another does is no problem yet.
fn of_server(server: &Server, is_proved: bool) -> Diagnostic {
    let host = &server.host;
    match &server.why {
        None => Diagnostic::good(format!("the database on {host} takes letters")),
        Some(_) if server.follows => Diagnostic::good(format!("the database on {host} follows another")),
        Some(why) => {
            let what = format!(
                "The database on {host} cannot be trusted with letters: {}",
                sentence(why)
            );
            let remedy = "Look after that server, its settings and [store.postgres].";
            if is_proved {
                Diagnostic::warning(what, remedy)
            } else {
                Diagnostic::problem(what, remedy)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Severity;

    fn server(host: &str, why: Option<&str>, follows: bool) -> Server {
        Server {
            host: host.to_owned(),
            is_good: why.is_none(),
            follows,
            why: why.map(str::to_owned),
            facts: Vec::new(),
        }
    }

    fn severities(all: &[Diagnostic]) -> Vec<Severity> {
        all.iter().map(|one| one.severity).collect()
    }

    #[test]
    fn two_machines_are_promised_only_if_a_server_proves_them() {
        let standby = || server("db2", Some("it is a read-only standby"), true);
        let good = judged(&[server("db1", None, false), standby()], 1);
        assert_eq!(severities(&good), [Severity::Good; 3]);
        assert!(
            good[2].what.contains("on 2 machines before its receipt"),
            "{}",
            good[2].what
        );
        let why = "0 synchronous standbys follow, and `standbys` is 1: look after them";
        let bad = judged(&[server("db1", Some(why), false), standby()], 1);
        assert_eq!(severities(&bad), [Severity::Problem, Severity::Good, Severity::Problem]);
        assert!(bad[0].what.contains("db1") && bad[0].what.contains("0 synchronous standbys"));
        assert!(!bad.iter().any(|one| one.what.contains("2 machines")), "{bad:?}");
        assert!(bad[0].remedy.len() > 10 && bad[2].remedy.contains("store show"));
    }

    #[test]
    fn one_of_two_servers_that_is_away_is_a_warning_and_one_machine_is_called_one() {
        let away = server("db2", Some("nobody listens there"), false);
        let told = judged(&[server("db1", None, false), away], 0);
        assert_eq!(severities(&told), [Severity::Good, Severity::Warning, Severity::Good]);
        assert!(told[2].what.contains("on its disk"), "{}", told[2].what);
    }
}
