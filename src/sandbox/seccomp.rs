//! seccomp: what Landlock does not know of. A filter over the numbers of system calls; what it refuses answers
//! "operation not permitted", so that a fault is told and not a dead process. Only a call by another processor's table
//! (32 bits) ends it: no program of ours can make one by mistake.

use std::collections::BTreeMap;
use std::io;

use libc::c_long;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, sock_filter,
};

use super::calls::{DEVICE_COMMANDS, FILE_COMMANDS, MODES, MODES_OF_OPEN, NAMESPACES, NEVER, WATCHES, older};

/// Which sockets may still be made. Those that listen are open by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sockets {
    None,
    /// TCP, to where Landlock allows, and Unix sockets.
    Streams,
    /// Also what asking for the address of a name needs: UDP, and a list of own addresses from the kernel.
    StreamsAndNames,
}

/// Which files still get another mode.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Modes {
    #[default]
    None,
    /// Files that are open.
    OfOpenFiles,
    /// Any of this user, by its name too.
    All,
}

/// What a process still calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calls {
    pub(super) sockets: Sockets,
    pub(super) modes: Modes,
    /// It waits for what happens in directories.
    pub(super) watches: bool,
}

/// Numbers from here on are another table of calls (x32, on the processors that have it; nothing on the others).
const FOREIGN_NUMBERS: u32 = 0x4000_0000;
/// The part of a socket's type that is the type.
const TYPE: u64 = 0xf;

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
    TargetArch::try_from(std::env::consts::ARCH).is_ok() && asked == 0
}

/// Filters this thread's system calls, and those of every thread that it starts from here on.
///
/// # Errors
/// For another processor than those that filters can be written for, or on a kernel without filters.
pub(super) fn enforce(own: Calls) -> io::Result<()> {
    let program = program(own).map_err(io::Error::other)?;
    seccompiler::apply_filter(&program).map_err(io::Error::other)
}

fn program(own: Calls) -> Result<BpfProgram, BackendError> {
    let processor = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(refused(own)?, SeccompAction::Allow, refuse(), processor)?;
    // The library compares numbers one by one and has one answer; a whole table of them, and another answer, come before.
    let mut program = without_foreign_numbers();
    program.append(&mut without_clone3());
    program.append(&mut filter.try_into()?);
    Ok(program)
}

fn refuse() -> SeccompAction {
    SeccompAction::Errno(libc::EPERM.unsigned_abs())
}

/// Three instructions: load the number; go on to the next but one if it is smaller; refuse. Where they end, the filter
/// begins.
fn without_foreign_numbers() -> BpfProgram {
    vec![
        instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0),
        instruction(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, FOREIGN_NUMBERS, 1),
        instruction(libc::BPF_RET | libc::BPF_K, refuse().into(), 0),
    ]
}

/// The flags of `clone3` lie in memory, where no filter can look. As on a kernel that does not have it, the C library
/// takes `clone` instead, whose flags are seen. The number is loaded already.
fn without_clone3() -> BpfProgram {
    let missing = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    vec![
        instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, CLONE3, 1),
        instruction(libc::BPF_RET | libc::BPF_K, missing.into(), 0),
    ]
}

/// The same for all processors.
const CLONE3: u32 = 435;

/// One that goes on to the next, or over `jf` of them when a comparison fails.
fn instruction(code: u32, k: u32, jf: u8) -> sock_filter {
    sock_filter {
        code: code as u16, // a sum of flags of less than sixteen bits
        jt: 0,
        jf,
        k,
    }
}

/// Calls, each with the rules by which it is refused; without rules it always is.
fn refused(own: Calls) -> Result<BTreeMap<i64, Vec<SeccompRule>>, BackendError> {
    let always = |calls: &[c_long]| calls.iter().map(|call| (*call, Vec::new())).collect::<Vec<_>>();
    let mut all: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    all.extend(always(NEVER));
    all.extend(always(older::NEVER));
    if own.modes != Modes::All {
        all.extend(always(MODES));
        all.extend(always(older::MODES));
    }
    if own.modes == Modes::None {
        all.extend(always(MODES_OF_OPEN));
    }
    if !own.watches {
        all.extend(always(WATCHES));
        all.extend(always(older::WATCHES));
    }
    if own.sockets == Sockets::None {
        all.extend(always(&[libc::SYS_connect]));
    }
    // Memory that others may not look into stays so.
    let dumpable = argument(0, SeccompCmpOp::Eq, libc::PR_SET_DUMPABLE.unsigned_abs())?;
    all.insert(libc::SYS_prctl, vec![SeccompRule::new(vec![dumpable])?]);
    // Times are set to the minute, of a file that is open (`futimens` has no path). By a name it stays refused. A path is an
    // address, of which all 64 bits count.
    let named = SeccompCondition::new(1, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?;
    all.insert(libc::SYS_utimensat, vec![SeccompRule::new(vec![named])?]);
    all.insert(libc::SYS_clone, only_threads()?);
    all.insert(libc::SYS_tgkill, vec![not_one_of(0, &[own_id()])?]);
    all.insert(libc::SYS_prlimit64, vec![not_one_of(0, &[0, own_id()])?]);
    all.insert(
        libc::SYS_fcntl,
        one_of(1, FILE_COMMANDS.iter().map(|c| c.unsigned_abs()))?,
    );
    all.insert(libc::SYS_ioctl, one_of(1, DEVICE_COMMANDS.iter().copied())?);
    all.insert(libc::SYS_socket, all_but(allowed(own.sockets))?);
    all.insert(libc::SYS_socketpair, all_but(&[(libc::AF_UNIX, libc::SOCK_STREAM)])?);
    Ok(all)
}

/// The number of this process; it makes no other, so the filter cannot come to hold one with another number.
fn own_id() -> u32 {
    std::process::id()
}

/// Refuses `clone` without the flag of threads, and with any flag of a namespace.
fn only_threads() -> Result<Vec<SeccompRule>, BackendError> {
    let flags = |mask: i32, value: i32| {
        let (mask, value) = (u64::from(mask.unsigned_abs()), u64::from(value.unsigned_abs()));
        let masked = SeccompCmpOp::MaskedEq(mask);
        SeccompRule::new(vec![SeccompCondition::new(0, SeccompCmpArgLen::Dword, masked, value)?])
    };
    let of_namespaces = NAMESPACES.iter().map(|flag| flags(*flag, *flag));
    std::iter::once(flags(libc::CLONE_THREAD, 0))
        .chain(of_namespaces)
        .collect()
}

/// Refuses when an argument is none of these.
fn not_one_of(index: u8, values: &[u32]) -> Result<SeccompRule, BackendError> {
    let each = values.iter().map(|value| argument(index, SeccompCmpOp::Ne, *value));
    SeccompRule::new(each.collect::<Result<_, _>>()?)
}

/// Refuses when an argument is one of these.
fn one_of(index: u8, values: impl Iterator<Item = u32>) -> Result<Vec<SeccompRule>, BackendError> {
    let rule = |value| SeccompRule::new(vec![argument(index, SeccompCmpOp::Eq, value)?]);
    values.map(rule).collect()
}

/// Families and types of sockets.
fn allowed(sockets: Sockets) -> &'static [(i32, i32)] {
    const ALL: &[(i32, i32)] = &[
        (libc::AF_INET, libc::SOCK_STREAM),
        (libc::AF_INET6, libc::SOCK_STREAM),
        (libc::AF_UNIX, libc::SOCK_STREAM),
        (libc::AF_INET, libc::SOCK_DGRAM),
        (libc::AF_INET6, libc::SOCK_DGRAM),
        (libc::AF_NETLINK, libc::SOCK_RAW),
    ];
    match sockets {
        Sockets::None => &[],
        Sockets::Streams => &ALL[..3],
        Sockets::StreamsAndNames => ALL,
    }
}

/// Rules say what is refused, so for each type that there can be: every family but those allowed with it.
fn all_but(allowed: &[(i32, i32)]) -> Result<Vec<SeccompRule>, BackendError> {
    let of_type = |kind: u64| {
        let with_it = allowed.iter().filter(|(_, own)| u64::from(own.unsigned_abs()) == kind);
        let families = with_it.map(|(family, _)| argument(0, SeccompCmpOp::Ne, family.unsigned_abs()));
        let this_type = SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(TYPE), kind);
        SeccompRule::new(std::iter::once(this_type).chain(families).collect::<Result<_, _>>()?)
    };
    (0..=TYPE).map(of_type).collect()
}

/// Compares the low half of an argument: all that the kernel reads of those that are looked at here.
fn argument(index: u8, compare: SeccompCmpOp, value: u32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(index, SeccompCmpArgLen::Dword, compare, value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: u32 = libc::SECCOMP_RET_ALLOW;
    const REFUSED: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    const OWN: u32 = if cfg!(target_arch = "x86_64") {
        0xC000_003E
    } else {
        0xC000_00B7
    };

    const SOCKETS: [Sockets; 3] = [Sockets::None, Sockets::Streams, Sockets::StreamsAndNames];

    /// What the kernel would answer: the few instructions that filters are made of, over `struct seccomp_data`.
    fn answer(program: &[sock_filter], call: (u32, u32), arguments: [u64; 2]) -> u32 {
        let halves = arguments.map(|value| [value as u32, (value >> 32) as u32]);
        let (mut value, mut at) = (0u32, 0usize);
        loop {
            let now = &program[at];
            at += 1;
            let jump = |yes: bool| usize::from(if yes { now.jt } else { now.jf });
            match (u32::from(now.code), now.k) {
                (0x20, 0) => value = call.0,
                (0x20, 4) => value = call.1,
                (0x20, place @ 16..32) => value = halves[(place as usize - 16) / 8][(place as usize / 4) % 2],
                (0x54, mask) => value &= mask,
                (0x05, far) => at += far as usize,
                (0x15, k) => at += jump(value == k),
                (0x35, k) => at += jump(value >= k),
                (0x06, end) => return end,
                other => panic!("{other:?} at {at}"),
            }
        }
    }

    fn on(own: Calls, number: c_long, arguments: [u64; 2]) -> u32 {
        answer(&program(own).unwrap(), (number as u32, OWN), arguments)
    }

    /// With nothing beside sockets, or with all that there is.
    fn calls(sockets: Sockets, with_all: bool) -> Calls {
        Calls {
            sockets,
            modes: if with_all { Modes::All } else { Modes::None },
            watches: with_all,
        }
    }

    #[test]
    fn a_mode_is_given_as_far_as_it_was_asked_for() {
        for (modes, of_open, by_name) in [
            (Modes::None, REFUSED, REFUSED),
            (Modes::OfOpenFiles, ALLOWED, REFUSED),
            (Modes::All, ALLOWED, ALLOWED),
        ] {
            let own = Calls {
                modes,
                ..calls(Sockets::None, false)
            };
            for (numbers, expected) in [(MODES_OF_OPEN, of_open), (MODES, by_name), (older::MODES, by_name)] {
                for number in numbers {
                    assert_eq!(on(own, *number, [0, 0]), expected, "{modes:?} {number}");
                }
            }
        }
    }

    #[test]
    fn a_socket_is_of_an_allowed_family_and_type() {
        for sockets in SOCKETS {
            let own = calls(sockets, false);
            for (family, kind) in (0..46).flat_map(|family| (0..16).map(move |kind| (family, kind))) {
                let expected = |allowed: &[(i32, i32)]| {
                    let may = allowed.contains(&(family, kind));
                    if may { ALLOWED } else { REFUSED }
                };
                // Flags beside the type do not matter, nor does the high half, which the kernel does not read.
                for beside in [0, libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK] {
                    let arguments = [family as u64 | 1 << 32, (kind | beside) as u64];
                    assert_eq!(
                        on(own, libc::SYS_socket, arguments),
                        expected(allowed(sockets)),
                        "{sockets:?} {family} {kind}"
                    );
                    assert_eq!(
                        on(own, libc::SYS_socketpair, arguments),
                        expected(&[(libc::AF_UNIX, libc::SOCK_STREAM)])
                    );
                }
            }
        }
    }

    #[test]
    fn numbers_are_refused_by_what_the_process_needs() {
        for sockets in SOCKETS {
            for modes in [false, true] {
                let own = calls(sockets, modes);
                let is = |number, expected| assert_eq!(on(own, number, [0, 0]), expected, "{own:?} {number}");
                for number in NEVER.iter().chain(older::NEVER) {
                    is(*number, REFUSED);
                }
                let by_need = [MODES, MODES_OF_OPEN, older::MODES, WATCHES, older::WATCHES];
                for number in by_need.into_iter().flatten() {
                    is(*number, if modes { ALLOWED } else { REFUSED });
                }
                is(
                    libc::SYS_connect,
                    if sockets == Sockets::None { REFUSED } else { ALLOWED },
                );
                for number in [
                    libc::SYS_read,
                    libc::SYS_openat,
                    libc::SYS_linkat,
                    libc::SYS_flock,
                    451,
                    453,
                ] {
                    is(number, ALLOWED);
                }
            }
        }
    }

    /// Each reaches another process of the same user, or of any; on oneself it may be what the C library needs.
    #[test]
    fn other_processes_are_out_of_reach() {
        let own = calls(Sockets::None, false);
        let (me, other) = (u64::from(own_id()), u64::from(own_id()) + 1);
        for (number, arguments, expected) in [
            (libc::SYS_tgkill, [me, 7], ALLOWED),
            (libc::SYS_tgkill, [me | 1 << 32, 7], ALLOWED),
            (libc::SYS_tgkill, [other, 7], REFUSED),
            (libc::SYS_tgkill, [0, 7], REFUSED),
            (libc::SYS_prlimit64, [0, 7], ALLOWED),
            (libc::SYS_prlimit64, [me, 7], ALLOWED),
            (libc::SYS_prlimit64, [other, 7], REFUSED),
            (libc::SYS_fcntl, [3, libc::F_GETFL as u64], ALLOWED),
            (libc::SYS_fcntl, [3, libc::F_OFD_SETLK as u64], ALLOWED),
            (libc::SYS_ioctl, [3, libc::FIONBIO], ALLOWED),
            (libc::SYS_ioctl, [3, libc::TIOCSTI], REFUSED),
        ] {
            assert_eq!(on(own, number, arguments), expected, "{number} {arguments:?}");
        }
        for command in FILE_COMMANDS {
            assert_eq!(on(own, libc::SYS_fcntl, [3, *command as u64]), REFUSED, "{command}");
        }
        for command in DEVICE_COMMANDS {
            // The kernel reads a command as a number of 32 bits.
            let command = u64::from(*command) | 1 << 32;
            assert_eq!(on(own, libc::SYS_ioctl, [3, command]), REFUSED, "{command:#x}");
        }
    }

    /// What the C library asks for when it starts a thread; each flag of a namespace beside it; a child.
    #[test]
    fn only_threads_are_started() {
        let own = calls(Sockets::None, false);
        // pthread_create: VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, PARENT_SETTID, CHILD_CLEARTID.
        let thread = 0x3d_0f00;
        let clone = |flags: i32| on(own, libc::SYS_clone, [u64::from(flags.unsigned_abs()), 0]);
        assert_eq!(clone(thread), ALLOWED);
        assert_eq!(clone(libc::SIGCHLD), REFUSED);
        assert_eq!(clone(libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD), REFUSED);
        for flag in NAMESPACES {
            assert_eq!(clone(thread | flag), REFUSED, "{flag:#x}");
            assert_eq!(clone(libc::SIGCHLD | flag), REFUSED, "{flag:#x}");
        }
        let missing = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
        assert_eq!(on(own, CLONE3.into(), [0, 88]), missing);
    }

    #[test]
    fn memory_cannot_be_opened_to_others() {
        let own = calls(Sockets::None, false);
        assert_eq!(on(own, libc::SYS_prctl, [libc::PR_SET_DUMPABLE as u64, 1]), REFUSED);
        assert_eq!(on(own, libc::SYS_prctl, [libc::PR_SET_NAME as u64, 1]), ALLOWED);
    }

    #[test]
    fn times_are_set_of_an_open_file_alone() {
        for modes in [false, true] {
            let own = calls(Sockets::None, modes);
            assert_eq!(on(own, libc::SYS_utimensat, [3, 0]), ALLOWED);
            for path in [1, 1 << 32, 0x7fff_1234_5678, u64::MAX] {
                for directory in [3, libc::AT_FDCWD as u64] {
                    assert_eq!(on(own, libc::SYS_utimensat, [directory, path]), REFUSED, "{path:#x}");
                }
            }
        }
    }

    /// Neither the numbers of x32 nor the calls of a 32-bit program get round the list.
    #[test]
    fn other_tables_of_calls_are_no_way_round() {
        let program = program(calls(Sockets::None, false)).unwrap();
        for number in [FOREIGN_NUMBERS, FOREIGN_NUMBERS | 39, FOREIGN_NUMBERS | 520, u32::MAX] {
            assert_eq!(answer(&program, (number, OWN), [0, 0]), REFUSED, "{number:#x}");
        }
        for architecture in [0x4000_0003, 0x4000_0028] {
            assert_eq!(
                answer(&program, (39, architecture), [0, 0]),
                libc::SECCOMP_RET_KILL_PROCESS
            );
        }
    }

    /// The kernel takes the program, and answers as the tests above say.
    #[test]
    fn the_kernel_refuses_what_the_filter_says() {
        let tried = || {
            [(libc::SYS_socket, libc::AF_UNIX), (c_long::from(FOREIGN_NUMBERS), 0)].map(|(number, first)| {
                // SAFETY: a call that reads numbers, and one in a table that most kernels do not have.
                #[allow(unsafe_code)]
                let result = unsafe { libc::syscall(number, first, libc::SOCK_DGRAM, 0) };
                (result >= 0, io::Error::last_os_error().raw_os_error())
            })
        };
        let shut = std::thread::spawn(move || {
            let before = tried();
            assert!(before[0].0 && before[1].1 != Some(libc::EPERM), "{before:?}");
            enforce(calls(Sockets::Streams, false)).unwrap();
            tried()
        });
        assert_eq!(shut.join().unwrap(), [(false, Some(libc::EPERM)); 2]);
    }
}
