//! One test program: one link step, one shared harness.

// A test ends by panicking, and may say what it measured.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub
)]

mod built;
#[cfg(target_os = "linux")]
mod console;
#[cfg(all(feature = "desk", target_os = "linux"))]
mod desk;
mod find;
mod keys;
#[cfg(target_os = "linux")]
mod large;
#[cfg(target_os = "linux")]
mod program;
mod settings;
mod support;
mod texts;
mod verdicts;
mod windows;
