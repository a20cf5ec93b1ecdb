//! What the process that looks gives up before any byte of a file comes: files, sockets, programs, processes, memory without
//! a bound, time without a bound.
//!
//! The server's filters list what is refused (a form that stops is a harm); this one lists what is allowed, for the process
//! lives for one file and loses nothing when it ends. What is refused answers "operation not permitted".

use std::collections::BTreeMap;
use std::io;

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, Scope};
use libc::c_long;
use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// A picture of forty megapixels, twice, and the program itself.
const MEMORY: u64 = 1024 * 1024 * 1024;
/// Seconds of work. Who waits for the process is more patient than this.
const SECONDS: u64 = 10;

/// Memory, time, and what comes from one pipe and goes into two others: all that a look needs.
const ALWAYS: &[c_long] = &[
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_sigaltstack,
    libc::SYS_clock_gettime,
    libc::SYS_getrandom,
    libc::SYS_restart_syscall,
];

/// Gives everything up. There must be no other thread yet.
///
/// # Errors
/// When the kernel takes no filter: then nothing of a citizen's may be decoded here.
pub(super) fn enforce() -> io::Result<()> {
    enforce_for(SECONDS)
}

/// The same with so many seconds.
pub(super) fn enforce_for(seconds: u64) -> io::Result<()> {
    let program = program().map_err(io::Error::other)?;
    rustix::thread::set_no_new_privs(true)?;
    // Beside the filter, which refuses every path by itself: a kernel without Landlock is no reason to go without pictures.
    shut_files()?;
    for (resource, most) in [
        (Resource::As, MEMORY),
        (Resource::Cpu, seconds),
        (Resource::Nofile, 0),
        (Resource::Fsize, 0),
        (Resource::Nproc, 0),
        (Resource::Core, 0),
    ] {
        let most = Some(most);
        setrlimit(
            resource,
            Rlimit {
                current: most,
                maximum: most,
            },
        )?;
    }
    seccompiler::apply_filter(&program).map_err(io::Error::other)
}

/// No right to any file, port or foreign process, as far as this kernel knows of them.
fn shut_files() -> io::Result<()> {
    let newest = ABI::V6;
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(newest))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(newest)))
        .and_then(|rules| rules.scope(Scope::from_all(newest)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self);
    rules.map(drop).map_err(io::Error::other)
}

type Refused = seccompiler::BackendError;

fn program() -> Result<BpfProgram, Refused> {
    let mut allowed: BTreeMap<i64, Vec<SeccompRule>> = ALWAYS.iter().map(|call| (*call, Vec::new())).collect();
    allowed.insert(libc::SYS_read, vec![only(0, 0)?]);
    allowed.insert(libc::SYS_write, vec![only(0, 1)?, only(0, 2)?]);
    // Memory, and none that could be run.
    let not_run = |argument| {
        let mask = SeccompCmpOp::MaskedEq(u64::from(libc::PROT_EXEC.unsigned_abs()));
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, mask, 0)
    };
    let of_no_file = SeccompCondition::new(4, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, u64::from(u32::MAX))?;
    allowed.insert(libc::SYS_mmap, vec![SeccompRule::new(vec![not_run(2)?, of_no_file])?]);
    allowed.insert(libc::SYS_mprotect, vec![SeccompRule::new(vec![not_run(2)?])?]);
    let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let processor = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(allowed, refuse, SeccompAction::Allow, processor)?.try_into()
}

/// Allowed when this argument is this number.
fn only(argument: u8, number: u64) -> Result<SeccompRule, Refused> {
    let same = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, number)?;
    SeccompRule::new(vec![same])
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::unix::net::{UnixDatagram, UnixStream};
    use std::process::Command;

    use rustix::process::Pid;

    use super::*;

    /// What a decoder that was taken over would try, each with what came of it.
    fn tried(port: u16, own: Pid) -> Vec<(&'static str, io::Result<()>)> {
        let kill = || rustix::process::test_kill_process(own).map_err(io::Error::from);
        vec![
            ("read a file", File::open("/etc/hostname").map(drop)),
            ("list a folder", fs::read_dir("/").map(drop)),
            ("ask of a file", fs::metadata("/etc/hostname").map(drop)),
            ("write a file", tempfile::tempfile().map(drop)),
            ("reach a port", TcpStream::connect(("127.0.0.1", port)).map(drop)),
            ("listen", TcpListener::bind("127.0.0.1:0").map(drop)),
            ("send a packet", UdpSocket::bind("127.0.0.1:0").map(drop)),
            ("make a pair of sockets", UnixStream::pair().map(drop)),
            ("make a socket", UnixDatagram::unbound().map(drop)),
            ("start a program", Command::new("/bin/true").status().map(drop)),
            (
                "start a thread",
                std::thread::Builder::new()
                    .spawn(|| {})
                    .map(|thread| drop(thread.join())),
            ),
            ("look for a process", kill()),
        ]
    }

    /// What is given up is given up for the whole process: the test is run once more in one of its own. False in that one.
    fn is_run_apart(test: &str) -> bool {
        if std::env::var_os("FENCE").is_some() {
            return false;
        }
        let name = format!("desk::look::fence::tests::{test}");
        let ran = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name, "--nocapture", "--test-threads=1"])
            .env("FENCE", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success() && said.contains("1 passed"), "{said}");
        true
    }

    #[test]
    fn nothing_is_left_to_a_decoder() {
        if is_run_apart("nothing_is_left_to_a_decoder") {
            return;
        }
        let own = rustix::process::getpid();
        let listens = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listens.local_addr().unwrap().port();
        for (what, came) in tried(port, own) {
            assert!(came.is_ok(), "the control: {what}: {came:?}");
        }
        enforce().unwrap();
        let refused: Vec<_> = tried(port, own)
            .into_iter()
            .filter(|(_, came)| {
                came.as_ref()
                    .is_err_and(|error| error.raw_os_error() == Some(libc::EPERM))
            })
            .map(|(what, _)| what)
            .collect();
        // Memory is still to be had, and has an end.
        let mut some: Vec<u8> = Vec::new();
        let (enough, too_much) = (
            some.try_reserve_exact(300 << 20).is_ok(),
            Vec::<u8>::new().try_reserve_exact(2 << 30).is_err(),
        );
        assert_eq!(refused.len(), 12, "{refused:?}");
        assert!(enough && too_much);
    }

    /// Landlock alone: were a call forgotten in the filter, no file would be open to it.
    #[test]
    fn files_are_shut_twice() {
        if is_run_apart("files_are_shut_twice") {
            return;
        }
        let own = rustix::process::getpid();
        let listens = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listens.local_addr().unwrap().port();
        let came = || {
            tried(port, own)
                .into_iter()
                .take(5)
                .map(|(_, came)| came.err().and_then(|error| error.raw_os_error()))
                .collect::<Vec<_>>()
        };
        assert_eq!(came(), [None; 5]);
        rustix::thread::set_no_new_privs(true).unwrap();
        shut_files().unwrap();
        let shut = Some(libc::EACCES);
        // What a file is called and how large it is, Landlock does not hide: that is the filter's.
        assert_eq!(came(), [shut, shut, None, shut, shut]);
    }
}
