//! The command: a program of the operator's, run without a shell.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::Notice;

/// A program and its arguments.
#[derive(Debug, Clone)]
pub struct Command {
    /// The program, and what stands after it.
    pub argv: Vec<String>,
    /// It is killed after this time.
    pub timeout: Duration,
}

impl Command {
    /// The program.
    pub fn program(&self) -> PathBuf {
        self.argv.first().map(PathBuf::from).unwrap_or_default()
    }

    /// Runs it with the notice as JSON on standard input, and its parts in the environment. Of our own environment it
    /// gets PATH and HOME alone: the rest can name secrets.
    pub(super) async fn run(&self, notice: &Notice) -> Result<(), String> {
        let mut command = tokio::process::Command::new(self.program());
        command.args(self.argv.get(1..).unwrap_or_default()).env_clear();
        for name in ["PATH", "HOME"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.envs(environment(notice));
        // A group of its own, so that what it starts is ended with it.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).process_group(0);
        let mut child = command
            .spawn()
            .map_err(|error| format!("the command cannot be run: {error}"))?;
        let group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
        let json = serde_json::to_vec(notice).unwrap_or_default();
        let stdin = child.stdin.take();
        let talk = async {
            if let Some(mut stdin) = stdin {
                // A program that does not read it has the environment.
                let _ = stdin.write_all(&json).await;
            }
            child.wait().await
        };
        let ended = timeout(self.timeout, talk).await;
        let ended = ended.map_err(|_| format!("the command was killed after {} s", self.timeout.as_secs()))?;
        group.ended();
        match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("the command failed: {status}")),
            Err(error) => Err(format!("the command was lost: {error}")),
        }
    }
}

/// Kills a group of processes unless told that it has ended.
struct Group(Option<Pid>);

impl Group {
    fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // It may just have ended by itself.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

fn environment(notice: &Notice) -> [(&'static str, String); 7] {
    let event = serde_json::to_value(notice.event).unwrap_or_default();
    [
        ("KONVOLUTT_SERVICE", notice.service.clone()),
        ("KONVOLUTT_EVENT", event.as_str().unwrap_or_default().to_owned()),
        ("KONVOLUTT_ALARM", notice.alarm.clone()),
        ("KONVOLUTT_ABOUT", notice.about.clone()),
        ("KONVOLUTT_SEVERITY", notice.severity.clone()),
        ("KONVOLUTT_TEXT", notice.text.clone()),
        ("KONVOLUTT_SINCE", notice.since.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Instant, SystemTime};

    async fn run(script: &str, seconds: u64) -> Result<(), String> {
        let argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        let timeout = Duration::from_secs(seconds);
        Command { argv, timeout }
            .run(&Notice::test("x", SystemTime::now()))
            .await
    }

    #[tokio::test]
    async fn a_failure_is_told_and_what_hangs_is_killed_with_all_that_it_started() {
        assert_eq!(run("cat > /dev/null", 60).await, Ok(()));
        assert_eq!(run("exit 0", 60).await, Ok(()));
        assert_eq!(
            run("exit 3", 60).await,
            Err("the command failed: exit status: 3".into())
        );
        let dir = tempfile::tempdir().unwrap();
        let alive = dir.path().join("alive");
        let begin = Instant::now();
        let script = format!("(sleep 3; echo > {}) & sleep 600", alive.display());
        assert_eq!(run(&script, 1).await, Err("the command was killed after 1 s".into()));
        assert!(begin.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert!(!tokio::fs::try_exists(&alive).await.unwrap());
    }

    #[tokio::test]
    async fn nothing_of_our_environment_is_passed_on() {
        let only =
            "test \"$(env | grep -v '^\\(PATH\\|HOME\\|PWD\\|SHLVL\\|_\\|OLDPWD\\)=' | grep -vc ^KONVOLUTT_)\" = 0";
        assert_eq!(run(only, 60).await, Ok(()));
        // A control: cargo's own variables are there to be passed on.
        assert!(std::env::vars().any(|(name, _)| name.starts_with("CARGO")));
        assert_eq!(
            run("test \"$KONVOLUTT_EVENT $KONVOLUTT_ALARM\" = 'test test'", 60).await,
            Ok(())
        );
    }
}
