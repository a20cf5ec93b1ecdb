//! One test program: one link step, one shared harness.

mod support;
mod verdicts;
