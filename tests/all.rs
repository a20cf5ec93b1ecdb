//! All integration tests as one program. Each test goes through the real door: it starts the built server,
//! sends what a browser sends, takes what a mail server or a mailbox gets, and opens that.

// A test ends by panicking, and may say why on standard error.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    unreachable_pub
)]

mod support;

#[path = "../postrom/tests/console.rs"]
mod console;

mod abuse;
mod accessible;
mod alarms;
mod ask;
mod bad_bodies;
mod bad_input;
mod bad_parts;
mod bad_values;
mod booted;
mod bounces;
mod broken_files;
mod browser;
mod canary;
mod certificates;
mod check;
mod closed;
mod commands;
mod conditions;
mod crash;
mod crowds;
mod database_config;
mod documents;
mod door;
mod double_send;
mod engines;
mod escalation;
mod example;
mod failures;
mod fair_shares;
mod faults;
mod first_look;
mod forged;
mod form_mistakes;
mod forms;
mod guide;
mod hostile;
mod house;
mod imitation;
mod in_flight;
mod init;
mod instances;
mod interop;
mod languages;
mod letter_language;
mod lmtp;
mod load;
mod locks;
mod log;
mod mailbox;
mod marker;
mod memory;
mod moment;
mod monitoring;
mod multipart;
mod nodes;
mod oauth2;
mod oci;
mod one_name;
mod packages;
mod page;
mod peers;
mod pictures;
#[cfg(feature = "postgres")]
mod postgres;
mod power;
mod probe;
mod properties;
mod proxies;
mod proxy_load;
mod queue;
mod quota;
mod ratings;
mod readiness;
mod receipts;
mod recovery;
mod refresh;
mod refusals;
mod relay;
mod reload;
mod review;
mod right_to_left;
mod same_page;
mod sandbox;
mod script;

mod steps;
mod stop;
mod store_contract;
mod store_files;
#[cfg(feature = "postgres")]
mod store_move;
mod units;
mod way_out;
mod ways_in;
mod whole_way;
mod wrong_place;
