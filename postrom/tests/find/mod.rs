//! Everything in is told out, and no input ends the run.

mod cases;
mod count;
mod hostile;
mod make;
mod shapes;
mod source;
mod speed;
mod told;
