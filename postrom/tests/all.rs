//! One test program: one link step, one shared harness.

// A test ends by panicking, and may say why on standard error.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub
)]
// A test ends by panicking; what it measured it may print.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod find;
mod keys;
mod settings;
mod support;
mod texts;
mod verdicts;
