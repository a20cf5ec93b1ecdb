//! `postrom schema`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

/// Which schema.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Of which file.
    #[arg(value_enum)]
    what: What,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// `status.json`.
    Status,
    /// `letter.json`.
    Letter,
    /// `manifest.json`.
    Manifest,
}

pub(super) fn print(words: &Schema) -> ExitCode {
    let schema = match words.what {
        What::Status => crate::status::STATUS_SCHEMA,
        What::Letter => konvolutt_letter::JSON_SCHEMA,
        What::Manifest => include_str!("../desk/archive/manifest.schema.json"),
    };
    print!("{schema}");
    ExitCode::SUCCESS
}
