//! The calls that no role of ours needs once it runs, in lists of the same reason.

use libc::c_long;

/// Ways to run, look into or change another program, to get around the other rules, or to change the machine. Nothing
/// of ours needs any of them once it runs.
pub(super) const NEVER: &[c_long] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_send_signal,
    // Slower, on other processors, on a slower disk: whoever runs as the same user may ask it of any process.
    libc::SYS_setpriority,
    libc::SYS_ioprio_set,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setaffinity,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    libc::SYS_process_mrelease,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // What is shared by a number outlives the process, and no path rules it.
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_semget,
    libc::SYS_semctl,
    libc::SYS_msgget,
    libc::SYS_msgctl,
    libc::SYS_mq_open,
    libc::SYS_fanotify_init,
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
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    // An open file alone may get attributes: a letter before it has its name.
    libc::SYS_lsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    SETXATTRAT,
    REMOVEXATTRAT,
    FILE_SETATTR,
    libc::SYS_bind,
    libc::SYS_listen,
];

/// The same acts under newer names (Linux 6.13 and 6.17), of which the C library does not know yet. The numbers are the same
/// everywhere.
const SETXATTRAT: c_long = 463;
const REMOVEXATTRAT: c_long = 466;
const FILE_SETATTR: c_long = 469;

/// Refused too where no file gets another mode than it was made with. Landlock does not know of modes either: by a name any
/// file of this user could get one, of an open file only what Landlock lets be opened.
pub(super) const MODES: &[c_long] = &[libc::SYS_fchmodat, FCHMODAT2];
/// See [`MODES`].
pub(super) const MODES_OF_OPEN: &[c_long] = &[libc::SYS_fchmod];

/// Not every C library of ours has a name for it; the number is the same everywhere.
const FCHMODAT2: c_long = 452;

/// Refused too where nothing waits for events of directories. Landlock does not know of them: whoever may link into a
/// directory could else see each letter come and go, and use up what all processes of the user have of them.
pub(super) const WATCHES: &[c_long] = &[libc::SYS_inotify_init1, libc::SYS_inotify_add_watch];

/// A process of its own, or a namespace, is never needed: only threads are. A child would not be what was started, and a
/// user namespace has a kernel's worth of rights to try.
pub(super) const NAMESPACES: &[i32] = &[
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// Signals and leases by way of a file: SIGIO to whatever process, and a hold on every other who opens the file.
pub(super) const FILE_COMMANDS: &[i32] = &[libc::F_SETOWN, F_SETSIG, F_SETOWN_EX, libc::F_SETLEASE, libc::F_NOTIFY];
/// Not in every C library's list; the numbers are the kernel's (fcntl.h), the same for all processors of ours.
const F_SETSIG: i32 = 10;
const F_SETOWN_EX: i32 = 15;

/// The same through a socket, and what types into the terminal that the program was started from.
pub(super) const DEVICE_COMMANDS: &[u32] = &[FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX];
const FIOSETOWN: u32 = 0x8901;
const SIOCSPGRP: u32 = 0x8902;
const TIOCSTI: u32 = 0x5412;
const TIOCLINUX: u32 = 0x541C;

/// Older names of the same acts, which later processors were never given.
#[cfg(target_arch = "x86_64")]
pub(super) mod older {
    pub(in crate::sandbox) const NEVER: &[libc::c_long] = &[
        libc::SYS_utime,
        libc::SYS_utimes,
        libc::SYS_futimesat,
        libc::SYS_chown,
        libc::SYS_lchown,
        libc::SYS_ioperm,
        libc::SYS_iopl,
        libc::SYS_fork,
        libc::SYS_vfork,
    ];
    pub(in crate::sandbox) const MODES: &[libc::c_long] = &[libc::SYS_chmod];
    pub(in crate::sandbox) const WATCHES: &[libc::c_long] = &[libc::SYS_inotify_init];
}
#[cfg(not(target_arch = "x86_64"))]
pub(super) mod older {
    pub(in crate::sandbox) const NEVER: &[libc::c_long] = &[];
    pub(in crate::sandbox) const MODES: &[libc::c_long] = &[];
    pub(in crate::sandbox) const WATCHES: &[libc::c_long] = &[];
}
