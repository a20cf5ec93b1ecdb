//! The desk: the engine below its pages, and the pages.

mod archive;
mod archive_faults;
mod archive_message;
mod browser;
mod copies;
mod document;
mod document_peers;
mod door;
mod door_ends;
mod door_inside;
mod door_others;
mod facts;
mod handover;
mod handover_large;
mod handover_mail;
mod imap;
mod lock;
mod office;
mod pages;
mod post;
mod preview;
mod rows;
mod samples;
mod setup;
mod start;
mod visit;
