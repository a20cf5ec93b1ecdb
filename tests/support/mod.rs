//! The scene of a test.
//!
//! A [`World`] is an authority of its own: keys, configuration, a running server on a port of its own, a mail
//! server inside the test. When it is dropped it searches every file that it owns for the marker that was
//! submitted: found anywhere but in the opened letters, the test fails.

mod authority;
pub mod citizen;
mod debs;
mod depot;
mod disk;
mod engines;
mod eyes;
mod fault;
mod forge;
mod gnome_web;
mod hook;
mod http;
mod image;
mod langs;
mod long_form;
mod machine;
mod marionette;
mod marker;
mod memory;
mod namespace;
mod office;
pub mod outline;
pub mod pages;
pub mod picture;
mod plain;
mod postfix;
#[cfg(feature = "postgres")]
pub mod postgres;
mod programs;
mod proxy;
mod receipts;
mod rootfs;
mod script;
mod sealed_mail;
mod shelf;
mod sink;
mod site;
mod sources;
mod tls;
mod traces;
mod webdriver;
mod webkit;
mod world;

pub use authority::{Authority, FORMS, MAILBOX, SENDER};
pub use debs::{debs, make};
pub use depot::{Depot, Running, put_letter};
pub use disk::Disk;
pub use eyes::{SHIFT, TAB};
pub use fault::Fault;
pub use forge::{Forge, document, secret};
pub use hook::{Hook, TOKEN};
pub use http::{AGENT, Answer, Form, VISITOR, connect, exchange};
pub use image::Image;
pub use langs::LANGS;
pub use long_form::steps_example;
pub use machine::Machine;
pub use marker::{Marker, hits};
pub use memory::{in_memory, resident};
pub use namespace::inside;
pub use office::Office;
pub use plain::plain;
pub use postfix::Postfix;
pub use programs::{KONVOLUTT, example, packaged_server, patient, postrom, postrom_path};
pub use proxy::{Proxy, SITE, shipped};
pub use receipts::{receipt_seal, reference_at, sealed};
pub use rootfs::Rootfs;
pub use script::{Act, At, Identity, Script};
pub use sealed_mail::{addresses, armor, packet, unwrapped};
pub use shelf::{Reply, Shelf};
pub use sink::SinkTls;
pub use site::Site;
pub use sources::{code, files_below};
pub use tls::{TlsStream, speak, tls_on, tls_stream, write_identity, write_identity_for};
pub use traces::traces;
pub use webdriver::{Browser, ENTER, Engine, Scripts, Wishes};
pub use world::{Options, Way, World, run, until};
