//! X.509: whether a certificate can be used, now and for how long: of the web site, of the mail server's authority, of the
//! relay as a client.
//!
//! Comes in: PEM files. Goes out: what they hold, with each fault in words. What always holds: rustls' own verifier is
//! asked, which is also what connections are judged by; nothing of ours reads a certificate, and no private key is in
//! an error.

mod authority;
mod certificate;
mod chain;
mod end;
mod identity;
mod pem;

pub use authority::{AuthorityFault, judge_authority};
pub use certificate::{Validity, names, validity};
pub use chain::{Way, system_roots, way};
pub use end::{WARNED_BEFORE, day, ending};
pub use identity::{Fault, Identity};
pub use pem::{Unusable, certificates, private_key};
