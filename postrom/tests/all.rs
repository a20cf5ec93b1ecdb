//! The post room from the outside.

mod keys;
