//! One test program for all of `postrom`.

mod find;
