//! A helper outside of the sandbox: a second process of this program, started before the first one entered its sandbox,
//! that runs the one command and nothing else.
//!
//! The relay gives up the right to run programs; a program that it ran would be sandboxed as it is, and could neither
//! read its own files nor open a connection. An attacker who takes the relay over can make the helper run the operator's
//! command with words of their own, and that is all.

use std::io;
use std::process::{Child, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::Mutex;

use super::{Command, Notice};

/// One line from either side is no longer than this.
const LONGEST: u64 = 64 * 1024;

/// The end of it that stays in the sandbox.
pub struct Helper {
    command: Command,
    pipes: Mutex<Pipes>,
}

enum Pipes {
    /// As they were made, before there was a runtime.
    Fresh(Child),
    Open(ChildStdin, BufReader<ChildStdout>),
    Lost,
}

impl Helper {
    /// Starts the second process: `program` with `words`, which must lead it to [`serve_helper`].
    ///
    /// # Errors
    /// What the kernel says.
    #[expect(clippy::disallowed_methods, reason = "before the runtime starts")]
    pub fn spawn(command: Command, mut program: std::process::Command) -> io::Result<Self> {
        use std::os::unix::process::CommandExt;
        // In a group of its own: a signal for the service is not for it. It ends when its pipe does.
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let pipes = Mutex::new(Pipes::Fresh(program.spawn()?));
        Ok(Self { command, pipes })
    }

    pub(super) fn whom(&self) -> String {
        self.command.argv.join(" ")
    }

    pub(super) async fn run(&self, notice: &Notice) -> Result<(), String> {
        let mut pipes = self.pipes.lock().await;
        let answer = exchange(&mut pipes, notice).await.map_err(|error| {
            *pipes = Pipes::Lost;
            format!("the process that runs the command is gone ({error}); restart the service")
        })?;
        match answer.as_str() {
            "ok" => Ok(()),
            why => Err(why.to_owned()),
        }
    }
}

async fn exchange(pipes: &mut Pipes, notice: &Notice) -> io::Result<String> {
    if let Pipes::Fresh(child) = pipes {
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (Some(stdin), Some(stdout)) = (stdin, stdout) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        *pipes = Pipes::Open(
            ChildStdin::from_std(stdin)?,
            BufReader::new(ChildStdout::from_std(stdout)?),
        );
    }
    let Pipes::Open(stdin, stdout) = pipes else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let mut line = serde_json::to_vec(notice).map_err(io::Error::other)?;
    line.push(b'\n');
    stdin.write_all(&line).await?;
    stdin.flush().await?;
    read_line(stdout)
        .await?
        .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// The second process: runs the command for each line that comes, until no more can come.
///
/// # Errors
/// When a pipe breaks.
pub async fn serve_helper(
    command: &Command,
    from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let mut from = BufReader::new(from);
    while let Some(line) = read_line(&mut from).await? {
        let done = match serde_json::from_str::<Notice>(&line) {
            Ok(notice) => command.run(&notice).await,
            Err(error) => Err(format!("no alarm: {error}")),
        };
        let answer = done.err().unwrap_or_else(|| "ok".into());
        to.write_all(format!("{}\n", answer.replace('\n', " ")).as_bytes())
            .await?;
        to.flush().await?;
    }
    Ok(())
}

async fn read_line(from: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<Option<String>> {
    let mut line = String::new();
    let read = from.take(LONGEST).read_line(&mut line).await?;
    Ok((read > 0).then(|| line.trim_end().to_owned()))
}
