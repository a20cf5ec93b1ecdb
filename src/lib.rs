//! Konvolutt: a web form whose answers are sealed to a public authority's OpenPGP certificates at once and
//! relayed as encrypted mail.
//!
//! # The way of a letter
//!
//! ```text
//! browser ──HTTPS──▶ intake ─▶ draft ─▶ answer ─▶ letter ─▶ seal ─▶ store ══fsync══▶ receipt
//!                                                                    │
//!                                                                  relay ──SMTP──▶ mailbox ──▶ postrom
//! ```
//!
//! 1. [`intake`] reads the multipart stream under limits. Text stays in memory; a file goes into a [`draft`],
//!    nameless and under a key that lives only in its request.
//! 2. [`answer`] holds everything against the [`form`]: answers, or problems that go back with all that was
//!    typed, shown by [`page`] in a language of [`i18n`].
//! 3. [`konvolutt_letter`] writes the document, [`seal`] signs and encrypts it, streaming into the [`store`].
//! 4. The store makes it durable. Only then is there a receipt. [`submission`] is these steps in one place.
//! 5. [`relay`] delivers, for as long as it takes; [`alarms`] knows when something is wrong, [`notify`] tells the operator.
//! 6. `postrom`, a package of its own, is the other end: the post room's keys, and one folder per letter.
//!
//! There is no step at which plaintext is stored or sent. The modules are declared in the order of this way;
//! each imports only from those before it, which a test holds against the table in `ARCHITECTURE.md`.

mod stop;

pub mod explain;

pub mod sandbox;

pub mod diagnostic;

pub mod i18n;

pub mod form;

pub mod unix_time;

pub mod owner;

pub mod reload;

pub mod x509;

pub mod https;

pub mod seal;

pub mod scratch;

pub mod store;

pub mod draft;

pub mod mail_folder;

pub mod alarms;

pub mod answer;

pub mod submission;

pub mod readiness;

pub mod canary;

pub mod page;

pub mod door;

pub mod intake;

pub mod relay;

pub mod bounces;

pub mod host_checks;

pub mod notify;

pub mod refresh;

pub mod config;

pub mod cli;
