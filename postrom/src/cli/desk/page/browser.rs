//! Starts the clerk's browser.
//!
//! What always holds: nobody else on the machine can use what it is started with. On Linux every user can read the words
//! that a program was started with, but the door lets no process of another user in; on Windows nobody else reads them;
//! elsewhere the browser is sent by a file that only this user can read.

use std::io;
use std::process::{Child, Command, Stdio};

/// A browser that was started. What it was sent by goes with it.
pub(super) struct Browser {
    #[cfg(not(any(target_os = "linux", windows)))]
    _sent_by: letter::Letter,
}

impl Browser {
    #[cfg(target_os = "linux")]
    pub(super) fn open(address: &str) -> io::Result<Self> {
        // Without a screen xdg-open looks for a browser that draws in the terminal.
        let has_screen = ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
        if !has_screen {
            return Err(io::ErrorKind::NotFound.into());
        }
        let ways: [&[&str]; 2] = [&["xdg-open"], &["gio", "open"]];
        let started = ways.iter().find_map(|words| start(words, address).ok());
        started.map(reap).ok_or(io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Self {})
    }

    #[cfg(windows)]
    pub(super) fn open(address: &str) -> io::Result<Self> {
        reap(start(&["rundll32", "url.dll,FileProtocolHandler"], address)?);
        Ok(Self {})
    }

    #[cfg(not(any(target_os = "linux", windows)))]
    pub(super) fn open(address: &str) -> io::Result<Self> {
        let letter = letter::Letter::write(address)?;
        let file = letter.file().display().to_string();
        let ways: [&[&str]; 2] = [&["open"], &["xdg-open"]];
        let started = ways.iter().find_map(|words| start(words, &file).ok());
        started
            .map(reap)
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Self { _sent_by: letter })
    }
}

fn start(words: &[&str], address: &str) -> io::Result<Child> {
    let (program, more) = words.split_first().ok_or(io::ErrorKind::NotFound)?;
    let mut command = Command::new(program);
    command.args(more).arg(address);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Ctrl-C ends the desk, not the clerk's browser.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()
}

/// It may end at once or be the browser itself.
fn reap(mut child: Child) {
    std::thread::spawn(move || child.wait());
}

/// A page that leads on, in a folder that only this user can enter.
#[cfg(not(any(target_os = "linux", windows)))]
mod letter {
    use std::io;
    use std::path::{Path, PathBuf};

    use konvolutt_letter::program::write_secret;
    use konvolutt_letter::{hex, private_file};

    pub(super) struct Letter {
        folder: PathBuf,
        file: PathBuf,
    }

    impl Letter {
        pub(super) fn write(address: &str) -> io::Result<Self> {
            let mut chance = [0u8; 8];
            getrandom::fill(&mut chance)?;
            let folder = std::env::temp_dir().join(format!("konvolutt-desk-{}", hex(chance)));
            private_file::create_folder(&folder)?;
            let letter = Self {
                file: folder.join("desk.html"),
                folder,
            };
            let page = format!(
                "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\
                 <meta http-equiv=\"refresh\" content=\"0;url={address}\"><title>Konvolutt</title>\n"
            );
            write_secret(&letter.file, page.as_bytes())?;
            Ok(letter)
        }

        pub(super) fn file(&self) -> &Path {
            &self.file
        }
    }

    impl Drop for Letter {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}
