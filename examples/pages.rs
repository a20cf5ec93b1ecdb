//! Manual pages and completions of both programs, for packages: `pages DIR` writes `DIR/man`, `DIR/bash`, `DIR/zsh` and
//! `DIR/fish`. Built together with `postrom` (`-p konvolutt -p postrom`), so that the desk's commands are there.
//!
//! An example and no command of the programs: nobody who is served needs it, and the post room's program stays without the
//! packages that write them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use clap::Command;
use clap_complete::Shell;

/// What the packaged server is built without.
const NOT_PACKAGED: &str = "demo";

fn main() -> io::Result<()> {
    let dir = std::env::args_os().nth(1).map(PathBuf::from);
    let dir = dir.ok_or_else(|| io::Error::other("name the folder to write to"))?;
    let server = packaged(&konvolutt::cli::konvolutt::command());
    let post_room = postrom::cli::command(postrom::i18n::Lang::En);
    if post_room.find_subcommand("desk").is_none() {
        return Err(io::Error::other(
            "build this with -p konvolutt -p postrom: the desk is missing",
        ));
    }
    write(server, &dir)?;
    write(post_room, &dir)
}

/// The same command without what is not packaged; clap cannot take a subcommand away.
fn packaged(command: &Command) -> Command {
    let kept = command.get_subcommands().filter(|sub| sub.get_name() != NOT_PACKAGED);
    let bare = Command::new("konvolutt")
        .version(env!("CARGO_PKG_VERSION"))
        .arg_required_else_help(true)
        .subcommands(kept.cloned());
    match command.get_about() {
        Some(about) => bare.about(about.clone()),
        None => bare,
    }
}

fn write(command: Command, dir: &Path) -> io::Result<()> {
    let man = dir.join("man");
    fs::create_dir_all(&man)?;
    clap_mangen::generate_to(command.clone(), &man)?;
    let name = command.get_name().to_owned();
    for (shell, file) in [
        (Shell::Bash, format!("bash/{name}")),
        (Shell::Zsh, format!("zsh/_{name}")),
        (Shell::Fish, format!("fish/{name}.fish")),
    ] {
        let path = dir.join(file);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        clap_complete::generate(shell, &mut command.clone(), name.as_str(), &mut File::create(path)?);
    }
    Ok(())
}
