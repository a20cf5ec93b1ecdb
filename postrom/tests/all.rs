//! One test program: one link step, one shared harness.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub
)]

mod settings;
mod support;
mod texts;
mod verdicts;
