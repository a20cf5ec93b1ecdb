//! The program from outside, as a clerk, a machine that goes down, and somebody who wants to harm have it.

mod cases;
mod clerks;
pub mod desk;
mod ended;
mod full;
mod inputs;
mod inside;
mod kills;
mod known;
pub mod memory;
mod output;
pub mod process;
mod shared;
mod stops;
mod terminal;
pub mod tree;
mod watch;
mod whole;
