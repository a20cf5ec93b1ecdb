//! One test program for all of `postrom`.

// A test ends by panicking; what it measured it may print.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod find;
