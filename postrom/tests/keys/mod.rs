//! Keys as people have them.

mod certificates;
mod desk;
mod files;
#[cfg(unix)]
mod gnupg;
mod hostile;
mod passphrases;
#[cfg(target_os = "linux")]
mod prompt;
mod round_trip;
mod seen;
mod sentences;
mod trusted;
