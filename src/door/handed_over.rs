//! Sockets that systemd opened and handed over (sd_listen_fds(3)).
//!
//! What always holds: each is taken by a setting, or the start ends with a sentence. The kernel accepts visitors at a socket
//! that nobody serves, and they would wait there for ever.

use std::io;
use std::os::fd::{OwnedFd, RawFd};

/// Numbers begin here.
const FIRST: RawFd = 3;

/// Sockets with their names, and whether a setting has taken them.
#[derive(Default)]
pub(super) struct HandedOver(Vec<Given>);

struct Given {
    name: String,
    socket: Option<OwnedFd>,
}

impl HandedOver {
    /// Everything that was handed to this process, kept from those that it starts.
    ///
    /// # Errors
    /// When what the environment promises is not there.
    pub(super) fn receive() -> io::Result<Self> {
        let variable = |name| std::env::var(name).unwrap_or_default();
        if variable("LISTEN_PID") != std::process::id().to_string() {
            return Ok(Self::default());
        }
        let count: RawFd = variable("LISTEN_FDS").parse().unwrap_or(0);
        let names = variable("LISTEN_FDNAMES");
        let mut names = names.split(':');
        let numbers = FIRST..FIRST.saturating_add(count);
        let given = numbers.map(|number| {
            let socket = crate::sandbox::take_over(number).map_err(|error| {
                let text = format!("socket {number} of systemd cannot be taken over: {error}");
                io::Error::new(error.kind(), text)
            })?;
            Ok(Given {
                name: names.next().unwrap_or_default().to_owned(),
                socket: Some(socket),
            })
        });
        Ok(Self(given.collect::<io::Result<_>>()?))
    }

    /// The sockets of a name, or all that are left with an empty one.
    ///
    /// # Errors
    /// There is none: with the unit that would open it.
    pub(super) fn take(&mut self, name: &str) -> io::Result<Vec<OwnedFd>> {
        let wanted = self.0.iter_mut().filter(|given| name.is_empty() || given.name == name);
        let taken: Vec<_> = wanted.filter_map(|given| given.socket.take()).collect();
        if taken.is_empty() {
            let unit = if name.is_empty() { "web" } else { name };
            let text = format!(
                "systemd has handed no such socket over. Start the unit that opens it (`systemctl start konvolutt-{unit}.socket`), and then this service again"
            );
            return Err(io::Error::new(io::ErrorKind::NotFound, text));
        }
        Ok(taken)
    }

    /// Sees that each was taken.
    ///
    /// # Errors
    /// Names those that were not, and the settings that would take them.
    pub(super) fn all_are_taken(&self) -> io::Result<()> {
        let left = self.0.iter().filter(|given| given.socket.is_some());
        let left: Vec<&str> = left.map(|given| given.name.as_str()).collect();
        let Some(first) = left.first() else {
            return Ok(());
        };
        let setting = if *first == "redirect" { "redirect" } else { "address" };
        let text = format!(
            "systemd has handed over the socket {}, and no setting takes it: visitors who come there would wait for ever. Write `{setting} = \"systemd:{first}\"` in [listen] of the configuration, or stop the .socket unit",
            left.join(", ")
        );
        Err(io::Error::new(io::ErrorKind::InvalidInput, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(names: &[&str]) -> HandedOver {
        let given = names.iter().map(|name| Given {
            name: (*name).to_owned(),
            socket: Some(tempfile::tempfile().unwrap().into()),
        });
        HandedOver(given.collect())
    }

    #[test]
    fn each_socket_is_taken_once_by_its_name() {
        let mut handed = given(&["web", "redirect", "web"]);
        assert_eq!(handed.take("web").unwrap().len(), 2);
        assert!(handed.take("web").is_err(), "taken already");
        let told = handed.take("onion").unwrap_err().to_string();
        assert!(told.contains("systemctl start konvolutt-onion.socket"), "{told}");
        let told = handed.all_are_taken().unwrap_err().to_string();
        assert!(told.contains("`redirect = \"systemd:redirect\"`"), "{told}");
        assert_eq!(handed.take("").unwrap().len(), 1);
        assert!(handed.all_are_taken().is_ok());
    }

    #[test]
    fn a_socket_that_no_setting_takes_is_named() {
        let told = given(&["web", "other"]).all_are_taken().unwrap_err().to_string();
        assert!(
            told.contains("web, other") && told.contains("`address = \"systemd:web\"`"),
            "{told}"
        );
    }
}
