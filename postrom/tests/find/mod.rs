//! Everything in is told out, and no input ends the run.

mod cases;
mod count;
mod hostile;
mod make;
#[cfg(target_os = "linux")]
mod memory;
mod shapes;
mod source;
mod speed;
mod told;
