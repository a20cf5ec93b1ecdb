//! A line that is typed and not shown.
//!
//! What always holds: the terminal shows what is typed again when the question is over, also after Ctrl-C, and after a
//! signal when its handler calls [`give_back`]. `rpassword` ends the program at Ctrl-C while the terminal is still silent,
//! and most people then close it; so it serves only where terminals are not Unix's.

#[cfg(unix)]
pub use unix::{Terminal, end_by_interrupt, give_back};

#[cfg(not(unix))]
pub use other::{Terminal, end_by_interrupt, give_back};

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, Read, Write};
    use std::sync::{Mutex, PoisonError};
    use std::time::Duration;

    use rustix::process::{Signal, getpid, kill_process};
    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

    const CTRL_C: u8 = 3;
    /// No passphrase is longer; a terminal gives no longer lines either.
    const LONGEST: usize = 4096;

    /// How the terminal was before it fell silent.
    static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

    /// The terminal of whoever started the program, whatever its standard streams are.
    pub struct Terminal(File);

    impl Terminal {
        /// Opens it.
        ///
        /// # Errors
        /// When the program was started without one.
        pub fn open() -> io::Result<Self> {
            File::options().read(true).write(true).open("/dev/tty").map(Self)
        }

        /// Asks, and takes the next line. Ctrl-C comes back as an error of the kind `Interrupted`.
        ///
        /// # Errors
        /// As said, or what the system says.
        pub fn secret_line(&mut self, question: &str) -> io::Result<Vec<u8>> {
            // Silent before it asks: nobody is faster than the question.
            let _loud_again = Silence::begin(&self.0)?;
            self.write_all(question.as_bytes())?;
            let line = self.line();
            // The line end that was typed is not shown either.
            self.write_all(b"\r\n")?;
            line
        }

        fn line(&mut self) -> io::Result<Vec<u8>> {
            let mut line = Vec::new();
            let mut one = [0];
            // Byte by byte: what follows the line is the next question's answer. Ctrl-D ends it too.
            while line.len() < LONGEST && self.0.read(&mut one)? == 1 && one[0] != b'\n' {
                if one[0] == CTRL_C {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                line.push(one[0]);
            }
            Ok(line)
        }
    }

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }

    struct Silence;

    impl Silence {
        fn begin(terminal: &File) -> io::Result<Self> {
            let before = tcgetattr(terminal)?;
            let mut silent = before.clone();
            // Ctrl-C ends the line instead of the program, which has to give the terminal back first.
            silent
                .local_modes
                .remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG);
            silent.local_modes.insert(LocalModes::ICANON);
            silent.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
            *lock() = Some((terminal.try_clone()?, before));
            tcsetattr(terminal, OptionalActions::Now, &silent)?;
            Ok(Self)
        }
    }

    impl Drop for Silence {
        fn drop(&mut self) {
            give_back();
        }
    }

    /// Makes the terminal show again what is typed, if it is silent. For whoever ends the program at a signal.
    pub fn give_back() {
        if let Some((terminal, before)) = lock().take() {
            // It is gone when this fails.
            let _ = tcsetattr(terminal, OptionalActions::Now, &before);
        }
    }

    fn lock() -> std::sync::MutexGuard<'static, Option<(File, Termios)>> {
        BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As if Ctrl-C had reached the program: a handler cleans up; without one it ends here.
    pub fn end_by_interrupt() -> ! {
        let _ = kill_process(getpid(), Signal::INT);
        // A handler's thread ends the program, if there is one.
        std::thread::park_timeout(Duration::from_secs(2));
        std::process::exit(130)
    }
}

#[cfg(not(unix))]
mod other {
    use std::io::{self, Write};

    /// The console.
    pub struct Terminal;

    impl Terminal {
        /// Opens it.
        ///
        /// # Errors
        /// When the program was started without one.
        pub fn open() -> io::Result<Self> {
            Ok(Self)
        }

        /// Asks, and takes the next line.
        ///
        /// # Errors
        /// What the system says.
        pub fn secret_line(&mut self, question: &str) -> io::Result<Vec<u8>> {
            self.write_all(question.as_bytes())?;
            rpassword::read_password().map(String::into_bytes)
        }
    }

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            io::stderr().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            io::stderr().flush()
        }
    }

    /// Shells of Windows set their console anew by themselves.
    pub fn give_back() {}

    /// Ends the program as Ctrl-C does.
    pub fn end_by_interrupt() -> ! {
        std::process::exit(130)
    }
}
