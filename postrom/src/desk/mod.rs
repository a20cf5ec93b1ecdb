//! The desk: a page on the clerk's own machine that lists the letters, opens them, and hands them to the archive.
//!
//! ```text
//!             mailbox ──▶ worker ──▶ post ──▶ list, letter ──▶ pages ──▶ http ──▶ browser
//!  files, IMAP, drops     a process    what is in    what a       HTML      one small loop,
//!                         that opens   the mailbox   clerk sees             one clerk
//!                                        ▲
//!                              marks: who has which letter
//! ```
//!
//! What always holds: what is opened is in memory alone, of this process and of the one that opens, until a clerk saves
//! it; locking ends the one and empties the other; nothing is fetched from anywhere but the mailbox; the mailbox is read,
//! never changed, unless the clerk's settings say so.

pub mod archive;
pub mod copies;
pub mod files;
pub mod front;
pub mod handover;
pub mod http;
pub mod look;
pub mod mailbox;
pub mod marks;
pub mod pages;
pub mod plan;
pub mod post;
pub mod reading;
pub mod room;
pub mod session;
pub mod setup;
pub mod worker;
