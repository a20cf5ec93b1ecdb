//! seccomp: what Landlock does not know of. A filter over the numbers of system calls; what it refuses answers
//! "operation not permitted", so that a fault is told and not a dead process.

use std::io;

use libc::{
    BPF_ABS, BPF_ALU, BPF_AND, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_JUMP, BPF_K, BPF_LD, BPF_RET, BPF_STMT, BPF_W, c_long,
    sock_filter,
};

/// Which sockets may still be made. Those that listen are open by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sockets {
    None,
    /// TCP, to where Landlock allows, and Unix sockets.
    Streams,
    /// Also what asking for the address of a name needs: UDP, and a list of own addresses from the kernel.
    StreamsAndNames,
}

/// What a process still calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calls {
    pub(super) sockets: Sockets,
    /// It gives its files other modes.
    pub(super) modes: bool,
}

/// Ways to run, look into or change another program, to get around the other rules, or to change the machine. Nothing
/// of ours needs any of them once it runs.
const NEVER: &[c_long] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_pidfd_send_signal,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_open_by_handle_at,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_personality,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_quotactl,
    libc::SYS_acct,
    libc::SYS_syslog,
    // Owners, times and attributes are no matter of Landlock, and the length of a file only since its version 3. Whoever
    // may link a letter could else empty it, or make it young, by its name.
    libc::SYS_truncate,
    libc::SYS_utimensat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    libc::SYS_bind,
    libc::SYS_listen,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_futimesat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
];

/// Refused too where no file gets another mode than it was made with. Landlock does not know of modes either.
const MODES: &[c_long] = &[
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    FCHMODAT2,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
];

/// Not every C library of ours has a name for it; the number is the same everywhere.
const FCHMODAT2: c_long = 452;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: Option<u32> = Some(0xC000_003E);
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: Option<u32> = Some(0xC000_00B7);
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const ARCHITECTURE: Option<u32> = None;

/// Numbers from here on are another table of calls (x32).
#[cfg(target_arch = "x86_64")]
const FOREIGN_NUMBERS: Option<u32> = Some(0x4000_0000);
#[cfg(not(target_arch = "x86_64"))]
const FOREIGN_NUMBERS: Option<u32> = None;

const REFUSE: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
/// Where the kernel shows the call's number, its architecture, and the low half of its arguments.
const NUMBER: u32 = 0;
const WHICH_ARCHITECTURE: u32 = 4;
const fn argument(index: u32) -> u32 {
    16 + 8 * index
}
/// The part of a socket's type that is the type.
const TYPE: u32 = 0xf;

/// Whether the kernel filters, and a filter can be written for this processor.
pub(super) fn is_there() -> bool {
    let action: u32 = libc::SECCOMP_RET_ERRNO;
    // SAFETY: a number that lives as long as the call.
    #[allow(unsafe_code)]
    let asked = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_GET_ACTION_AVAIL,
            0u32,
            &raw const action,
        )
    };
    ARCHITECTURE.is_some() && asked == 0
}

/// Filters this thread's system calls, and those of every thread that it starts from here on.
///
/// # Errors
/// Without `no_new_privs`, or on a kernel without filters.
pub(super) fn enforce(own: Calls) -> io::Result<()> {
    let Some(architecture) = ARCHITECTURE else {
        return Err(io::ErrorKind::Unsupported.into());
    };
    let mut filter = filter(architecture, own);
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).map_err(io::Error::other)?,
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: a program and its length, both alive for the length of the call; the kernel checks the program.
    #[allow(unsafe_code)]
    let set = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            0u32,
            &raw const program,
        )
    };
    match set {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn filter(architecture: u32, own: Calls) -> Vec<sock_filter> {
    let mut out = vec![load(WHICH_ARCHITECTURE)];
    out.extend([skip_if(architecture, 1), end(REFUSE), load(NUMBER)]);
    if let Some(foreign) = FOREIGN_NUMBERS {
        out.extend([unless_from(foreign, 1), end(REFUSE)]);
    }
    let refused = |unless: bool, calls: &'static [c_long]| if unless { &[] } else { calls };
    let also = [
        refused(own.modes, MODES),
        refused(own.sockets != Sockets::None, &[libc::SYS_connect]),
    ];
    for call in NEVER.iter().chain(also.into_iter().flatten()) {
        out.extend([unless(*call, 1), end(REFUSE)]);
    }
    // Memory that others may not look into stays so.
    let dumpable = [
        load(argument(0)),
        unless(libc::PR_SET_DUMPABLE.into(), 1),
        end(REFUSE),
        end(ALLOW),
    ];
    on(&mut out, libc::SYS_prctl, &dumpable);
    on(&mut out, libc::SYS_socket, &allowed_sockets(own.sockets));
    on(
        &mut out,
        libc::SYS_socketpair,
        &only_of(&[(libc::AF_UNIX, libc::SOCK_STREAM)]),
    );
    out.push(end(ALLOW));
    out
}

const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;

fn allowed_sockets(sockets: Sockets) -> Vec<sock_filter> {
    let streams = [libc::AF_INET, libc::AF_INET6, libc::AF_UNIX].map(|family| (family, libc::SOCK_STREAM));
    let names = [
        (libc::AF_INET, libc::SOCK_DGRAM),
        (libc::AF_INET6, libc::SOCK_DGRAM),
        (libc::AF_NETLINK, libc::SOCK_RAW),
    ];
    match sockets {
        Sockets::None => only_of(&[]),
        Sockets::Streams => only_of(&streams),
        Sockets::StreamsAndNames => only_of(&[streams, names].concat()),
    }
}

/// Ends the program: allowed for these families and types, else refused.
fn only_of(allowed: &[(i32, i32)]) -> Vec<sock_filter> {
    let mut out = Vec::new();
    for (family, kind) in allowed {
        out.extend([load(argument(0)), unless((*family).into(), 4)]);
        out.extend([load(argument(1)), masked(TYPE), unless((*kind).into(), 1), end(ALLOW)]);
    }
    out.push(end(REFUSE));
    out
}

/// Goes through `body`, which must end the program, for one call only.
fn on(out: &mut Vec<sock_filter>, call: c_long, body: &[sock_filter]) {
    // A jump reaches 255 instructions; the longest body has 37.
    out.push(unless(call, u8::try_from(body.len()).unwrap_or(u8::MAX)));
    out.extend_from_slice(body);
}

fn load(offset: u32) -> sock_filter {
    statement(BPF_LD | BPF_W | BPF_ABS, offset)
}

fn masked(mask: u32) -> sock_filter {
    statement(BPF_ALU | BPF_AND | BPF_K, mask)
}

fn end(with: u32) -> sock_filter {
    statement(BPF_RET | BPF_K, with)
}

/// Skips the next instructions unless the value is this one.
fn unless(value: c_long, skip: u8) -> sock_filter {
    jump(BPF_JEQ, u32::try_from(value).unwrap_or(u32::MAX), 0, skip)
}

fn unless_from(value: u32, skip: u8) -> sock_filter {
    jump(BPF_JGE, value, 0, skip)
}

fn skip_if(value: u32, skip: u8) -> sock_filter {
    jump(BPF_JEQ, value, skip, 0)
}

fn statement(code: u32, k: u32) -> sock_filter {
    // SAFETY: builds a value; the library calls it unsafe for no reason of memory.
    #[allow(unsafe_code)]
    unsafe {
        BPF_STMT(code as u16, k)
    }
}

fn jump(compare: u32, k: u32, yes: u8, no: u8) -> sock_filter {
    // SAFETY: as above.
    #[allow(unsafe_code)]
    unsafe {
        BPF_JUMP((BPF_JMP | compare | BPF_K) as u16, k, yes, no)
    }
}
