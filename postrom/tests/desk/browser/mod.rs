//! The desk in a real browser: what a clerk does and sees, and what is left of it. Every "nothing" has its control.

#[path = "../../../../tests/support/eyes.rs"]
#[allow(dead_code)] // they can do more than a desk needs
mod eyes;
#[path = "../../../../tests/support/marker.rs"]
#[allow(dead_code)]
mod marker;
#[path = "../../../../tests/support/webdriver.rs"]
#[allow(dead_code)]
mod webdriver;

mod clerk;
mod drops;
mod forenoon;
mod journey;
mod keyboard;
mod letters;
mod locks;
mod looks;
mod paper;
mod places;
mod post_room;
mod speed;
mod traces;
mod two;
