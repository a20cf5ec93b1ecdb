//! The acts, each as small as it can be.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use konvolutt::config::Role;
use rustix::fs::XattrFlags;

use super::{Act, reach};

const FORBIDDEN: &str = "forbidden";
const NEEDED: &str = "needed";

type Named = (&'static str, &'static str, Act);

pub(crate) fn all(role: Role) -> Vec<Named> {
    let own = if role == Role::Web { WEB } else { RELAY };
    let forbidden = own.iter().chain(BOTH).map(|(name, act)| (FORBIDDEN, *name, *act));
    let needed = if role == Role::Web { WEB_NEEDS } else { RELAY_NEEDS };
    let forbidden = forbidden.chain(reach::ALL.iter().map(|(name, act)| (FORBIDDEN, *name, *act)));
    forbidden
        .chain(needed.iter().map(|(name, act)| (NEEDED, *name, *act)))
        .collect()
}

const WEB: &[(&str, Act)] = &[
    ("read a letter that waits", |t| read(&t.in_room("new"))),
    ("write over a letter that waits", |t| write(&t.in_room("new"))),
    ("cut a letter that waits", |t| truncate(&t.in_room("new"))),
    ("set the times of a letter that waits", |t| times(&t.in_room("new"))),
    ("remove a letter that waits", |t| fs::remove_file(t.in_room("new"))),
    ("take a letter out of the queue", |t| {
        fs::rename(t.in_room("new"), t.in_room("draft").with_extension("taken"))
    }),
    ("write a file into the queue", |t| {
        make(&t.in_room("new").with_extension("made"))
    }),
    ("list the queue", |t| {
        fs::read_dir(t.in_room("new").parent().unwrap()).map(drop)
    }),
    ("watch the queue", |t| {
        let queue = rustix::fs::inotify::init(rustix::fs::inotify::CreateFlags::CLOEXEC)?;
        let directory = t.in_room("new").parent().unwrap().to_owned();
        let events = rustix::fs::inotify::WatchFlags::CREATE;
        Ok(rustix::fs::inotify::add_watch(&queue, directory, events).map(drop)?)
    }),
    ("lock all moves", |t| lock(&t.scene.spool.join("moves.lock"))),
    ("lock the relay out", |t| lock(&t.scene.spool.join("relay.lock"))),
    ("lock a letter that waits", |t| lock(&t.in_room("new"))),
    ("read what became of a letter", |t| read(&t.in_room("state"))),
    ("read an alarm", |t| read(&t.in_room("alarms"))),
    ("mark a file that it makes", |t| {
        let file = File::create_new(t.in_room("state").with_extension("marked"))?;
        Ok(rustix::fs::fsetxattr(file, "user.x", b"x", XattrFlags::empty())?)
    }),
    ("read the mail password", |t| read(&t.beside("mail/password"))),
    ("connect by TCP", |t| TcpStream::connect(t.scene.tcp).map(drop)),
    ("connect to a Unix socket", |t| {
        UnixStream::connect(&t.scene.unix).map(drop)
    }),
    ("change the mode of a file", |t| {
        fs::set_permissions(t.in_room("draft"), fs::Permissions::from_mode(0o666))
    }),
];

const RELAY: &[(&str, Act)] = &[
    ("read a draft", |t| read(&t.in_room("draft"))),
    ("write a draft", |t| write(&t.in_room("draft"))),
    ("read a form", |t| read(&t.beside("forms/krisesenter.toml"))),
    ("read a certificate", |t| read(&t.beside("keys/daily.cert.asc"))),
    ("connect to another port", |t| TcpStream::connect(t.scene.tcp).map(drop)),
    ("change the mode of a letter by its name", |t| {
        fs::set_permissions(t.in_room("new"), fs::Permissions::from_mode(0o600))
    }),
];

const BOTH: &[(&str, Act)] = &[
    ("read the signing key", |t| read(&t.beside("secret/relay.key.asc"))),
    ("read the secret of the spool", |t| read(&t.scene.spool.join("secret"))),
    ("read the users of the machine", |_| read(Path::new("/etc/passwd"))),
    ("list a directory", |_| fs::read_dir("/etc").map(drop)),
    ("write the configuration", |t| write(&t.beside("konvolutt.toml"))),
    ("make a file elsewhere", |t| make(&std::env::temp_dir().join(&t.name))),
    ("make a directory in the spool", |t| {
        fs::create_dir(t.in_room("state").with_extension("d"))
    }),
    ("make a link that leads out", |t| {
        symlink("/etc", t.in_room("alarms").with_extension("l"))
    }),
    ("send by UDP", |t| {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.send_to(b"x", t.scene.udp).map(drop)
    }),
    ("make a raw socket", |_| {
        call(libc::SYS_socket, [libc::AF_PACKET, libc::SOCK_RAW, 0, 0])
    }),
    ("listen", |_| TcpListener::bind("127.0.0.1:0").map(drop)),
    ("run a program", |_| Command::new("/bin/true").status().map(drop)),
    ("follow another process", |t| {
        call(libc::SYS_ptrace, [libc::PTRACE_SEIZE as i32, t.other(), 0, 0])?;
        call(libc::SYS_ptrace, [libc::PTRACE_INTERRUPT as i32, t.other(), 0, 0])?;
        // SAFETY: waits for a child of this program.
        #[allow(unsafe_code)]
        unsafe {
            libc::waitpid(t.other(), std::ptr::null_mut(), 0);
        }
        call(libc::SYS_ptrace, [libc::PTRACE_DETACH as i32, t.other(), 0, 0])
    }),
    ("read the memory of another process", |t| {
        File::open(format!("/proc/{}/mem", t.other())).map(drop)
    }),
    ("read memory across processes", |t| {
        // Of no length: what counts is whether it may be asked.
        call(libc::SYS_process_vm_readv, [t.other(), 0, 0, 0])
    }),
    ("become readable by others", |_| {
        call(libc::SYS_prctl, [libc::PR_SET_DUMPABLE, 1, 0, 0])
    }),
    ("use io_uring", |_| {
        let mut asked = [0u8; 256];
        // SAFETY: a parameter block of more than its size, zeroed.
        #[allow(unsafe_code)]
        let ring = unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, asked.as_mut_ptr()) };
        done(ring)
    }),
    ("leave the namespaces", |_| {
        call(libc::SYS_unshare, [libc::CLONE_NEWNS, 0, 0, 0])
    }),
    ("load a BPF program's map", |_| {
        let mut map = [0u32; 32];
        map[..4].copy_from_slice(&[2, 4, 4, 1]);
        // SAFETY: the kernel reads a map's description (an array of one value of four bytes) of the given size.
        #[allow(unsafe_code)]
        let map = unsafe { libc::syscall(libc::SYS_bpf, 0, map.as_mut_ptr(), 128) };
        done(map)
    }),
    ("set the clock", |_| {
        let mut nothing = [0u8; 512];
        // Changes nothing: no field is asked to be set; but it is refused by the number alone.
        // SAFETY: a zeroed block of more than the size of the kernel's structure.
        #[allow(unsafe_code)]
        let state = unsafe { libc::syscall(libc::SYS_adjtimex, nothing.as_mut_ptr()) };
        done(state)
    }),
    ("give a file away", |t| {
        let file = t.in_room("alarms");
        // To whom it belongs already: it is refused by the number alone.
        let owner = t.scene.root.metadata()?.uid();
        chown(file, Some(owner), None)
    }),
    ("mark a file by its name", |t| {
        Ok(rustix::fs::setxattr(
            t.in_room("alarms"),
            "user.x",
            b"x",
            XattrFlags::empty(),
        )?)
    }),
];

const WEB_NEEDS: &[(&str, Act)] = &[
    ("link a letter into the queue", |t| {
        fs::hard_link(t.in_room("draft"), t.in_room("new").with_extension("sent"))
    }),
    ("write a draft and read it", |t| {
        write(&t.in_room("draft")).and_then(|()| read(&t.in_room("draft")))
    }),
    ("set the times of a file that it writes", |t| {
        let file = OpenOptions::new().write(true).open(t.in_room("draft"))?;
        file.set_modified(std::time::UNIX_EPOCH)
    }),
    ("mark a file that it writes", |t| {
        let file = OpenOptions::new().write(true).open(t.in_room("draft"))?;
        Ok(rustix::fs::fsetxattr(file, "user.x", b"x", XattrFlags::empty())?)
    }),
    ("drop an alarm and take it back", |t| {
        let alarm = t.in_room("alarms").with_extension("new");
        make(&alarm).and_then(|()| fs::remove_file(alarm))
    }),
    ("read a certificate", |t| read(&t.beside("keys/daily.cert.asc"))),
    ("start a thread", |_| start_a_thread()),
];

const RELAY_NEEDS: &[(&str, Act)] = &[
    ("read a letter that waits", |t| read(&t.in_room("new"))),
    ("move a letter", |t| {
        fs::rename(t.in_room("new"), t.in_room("state").with_extension("moved"))
    }),
    ("read the mail password", |t| read(&t.beside("mail/password"))),
    ("start a thread", |_| start_a_thread()),
];

fn start_a_thread() -> io::Result<()> {
    let thread = std::thread::Builder::new().spawn(|| ())?;
    thread.join().map_err(|_| io::ErrorKind::Other.into())
}

fn lock(path: &Path) -> io::Result<()> {
    let file = File::open(path)?;
    Ok(rustix::fs::flock(
        &file,
        rustix::fs::FlockOperation::NonBlockingLockExclusive,
    )?)
}

fn read(path: &Path) -> io::Result<()> {
    fs::read(path).map(drop)
}

fn write(path: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).open(path)?.write_all(b"\n")
}

fn make(path: &Path) -> io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)?
        .write_all(b"x")
}

fn truncate(path: &Path) -> io::Result<()> {
    let path = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
    // SAFETY: a path that lives as long as the call.
    #[allow(unsafe_code)]
    done(unsafe { libc::truncate(path.as_ptr(), 1) }.into())
}

/// To now.
fn times(path: &Path) -> io::Result<()> {
    let path = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
    // SAFETY: a path that lives as long as the call, and no times.
    #[allow(unsafe_code)]
    done(unsafe { libc::utimensat(libc::AT_FDCWD, path.as_ptr(), std::ptr::null(), 0) }.into())
}

/// As wide as the kernel reads it.
const NOTHING: libc::c_long = 0;

pub(crate) fn call(number: libc::c_long, words: [i32; 4]) -> io::Result<()> {
    let [a, b, c, d] = words.map(libc::c_long::from);
    // SAFETY: only calls that read numbers, or null for an address.
    #[allow(unsafe_code)]
    done(unsafe { libc::syscall(number, a, b, c, d, NOTHING, NOTHING) })
}

pub(crate) fn done(result: libc::c_long) -> io::Result<()> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
