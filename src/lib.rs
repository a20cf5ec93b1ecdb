//! Konvolutt (skeleton while the rooms are being built)
#![allow(missing_docs)]
pub mod finding;
pub mod form;
pub mod i18n;
pub mod answer;
pub mod page;
