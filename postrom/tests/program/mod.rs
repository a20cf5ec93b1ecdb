//! The program from outside, as a clerk, a machine that goes down, and somebody who wants to harm have it.

mod cases;
mod clerks;
mod desk;
mod ended;
mod full;
mod inputs;
mod inside;
mod kills;
mod known;
mod memory;
mod output;
mod process;
mod shared;
mod stops;
mod terminal;
mod tree;
mod watch;
mod whole;
