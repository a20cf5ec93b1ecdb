//! Acts that reach another process of the same user: its signals, its limits, its share of the processor.

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use libc::c_long;

use super::Act;
use super::acts::{call, done};

pub(crate) const ALL: &[(&str, Act)] = &[
    ("send a signal", |t| call(libc::SYS_kill, [t.other(), 0, 0, 0])),
    ("send a signal to a thread", |t| {
        call(libc::SYS_tkill, [t.other(), 0, 0, 0])
    }),
    ("send a signal to a thread of a process", |t| {
        call(libc::SYS_tgkill, [t.other(), t.other(), 0, 0])
    }),
    ("send a signal with a value", |t| {
        with_value(|value| [libc::SYS_rt_sigqueueinfo, t.other().into(), 0, value, 0])
    }),
    ("send a thread a signal with a value", |t| {
        with_value(|value| {
            [
                libc::SYS_rt_tgsigqueueinfo,
                t.other().into(),
                t.other().into(),
                0,
                value,
            ]
        })
    }),
    ("send a signal by a handle", |t| {
        // SAFETY: a number, and a handle that is not used further.
        #[allow(unsafe_code)]
        let handle = unsafe { libc::syscall(libc::SYS_pidfd_open, t.other(), 0) };
        done(handle)?;
        call(libc::SYS_pidfd_send_signal, [handle as i32, 0, 0, 0])
    }),
    ("have a signal sent by a file", |t| {
        let (socket, _other) = UnixStream::pair()?;
        call(libc::SYS_fcntl, [socket.as_raw_fd(), libc::F_SETOWN, t.other(), 0])
    }),
    ("have a signal sent by a socket", |t| {
        let (socket, _other) = UnixStream::pair()?;
        let other = t.other();
        // SAFETY: the kernel reads one number from this address.
        #[allow(unsafe_code)]
        done(unsafe { libc::syscall(libc::SYS_ioctl, socket.as_raw_fd(), 0x8901, &raw const other) })
    }),
    ("hold up whoever opens a file", |t| {
        let file = std::fs::File::create(t.in_room("alarms").with_extension("leased"))?;
        call(libc::SYS_fcntl, [file.as_raw_fd(), libc::F_SETLEASE, libc::F_WRLCK, 0])
    }),
    ("limit another process", |t| {
        let mut limit = [0u64; 2];
        // Only asked for: it is refused by the number alone.
        // SAFETY: the kernel writes two numbers to this address.
        #[allow(unsafe_code)]
        done(unsafe {
            libc::syscall(
                libc::SYS_prlimit64,
                t.other(),
                libc::RLIMIT_FSIZE,
                0 as c_long,
                limit.as_mut_ptr(),
            )
        })
    }),
    ("slow another process", |t| {
        call(libc::SYS_setpriority, [libc::PRIO_PROCESS as i32, t.other(), 19, 0])
    }),
    ("slow the disk of another process", |t| {
        // The class of those who come last.
        call(libc::SYS_ioprio_set, [1, t.other(), 3 << 13, 0])
    }),
    ("schedule another process", |t| {
        let no_priority = 0i32;
        // SAFETY: the kernel reads one number from this address.
        #[allow(unsafe_code)]
        done(unsafe {
            libc::syscall(
                libc::SYS_sched_setscheduler,
                t.other(),
                libc::SCHED_BATCH,
                &raw const no_priority,
            )
        })
    }),
    ("bind another process to a processor", |t| {
        let every = [u64::MAX; 16];
        // SAFETY: the kernel reads a set of the given size.
        #[allow(unsafe_code)]
        done(unsafe { libc::syscall(libc::SYS_sched_setaffinity, t.other(), 128, every.as_ptr()) })
    }),
    ("move the memory of another process", |t| {
        // No page of it: it is refused by the number alone.
        call(libc::SYS_move_pages, [t.other(), 0, 0, 0])
    }),
    ("become two processes", |_| child(libc::SYS_clone, 0)),
    ("enter a user namespace by a child", |_| {
        child(libc::SYS_clone, libc::CLONE_NEWUSER)
    }),
    ("become two processes by the newer call", |_| child(libc::SYS_clone3, 0)),
    ("share memory by a number", |_| {
        call(libc::SYS_shmget, [libc::IPC_PRIVATE, 4096, 0o600, 0])
    }),
];

/// With a value that only a process may send: signal 0, which none gets.
fn with_value(words: impl FnOnce(c_long) -> [c_long; 5]) -> io::Result<()> {
    let mut value = [0i32; 32];
    // Where it comes from (`si_code`): a queue.
    value[2] = libc::SI_QUEUE;
    let [number, a, b, c, d] = words(value.as_ptr() as c_long);
    // SAFETY: numbers, and the address of a block of the size that the kernel reads.
    #[allow(unsafe_code)]
    done(unsafe { libc::syscall(number, a, b, c, d) })
}

/// A child that ends at once.
fn child(number: c_long, flags: libc::c_int) -> io::Result<()> {
    // The block of `clone3` in its first shape: flags, three addresses, the signal at its end, three more.
    let block = [0u64, 0, 0, 0, libc::SIGCHLD as u64, 0, 0, 0];
    // SAFETY: the child has memory of its own and does nothing but end; the block lives as long as the call.
    #[allow(unsafe_code)]
    let child = unsafe {
        if number == libc::SYS_clone3 {
            libc::syscall(number, block.as_ptr(), 64)
        } else {
            libc::syscall(number, c_long::from(flags | libc::SIGCHLD), 0, 0, 0, 0)
        }
    };
    if child == 0 {
        // SAFETY: ends the child.
        #[allow(unsafe_code)]
        unsafe {
            libc::_exit(0)
        }
    }
    done(child)?;
    // SAFETY: waits for the child.
    #[allow(unsafe_code)]
    done(unsafe { libc::waitpid(child as i32, std::ptr::null_mut(), 0) }.into())
}
