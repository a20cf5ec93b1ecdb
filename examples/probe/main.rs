//! Tries what the sandbox must refuse, and what it must leave, from a worker of the runtime and from a blocking thread,
//! shut in as the server shuts itself in: `probe CONFIG web|relay free|shut|folder`. Prints one line per act and thread.
//! `probe CONFIG web forge FOLDER` links the files of a folder into the queue, shut in as the web side.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement prints, and stops when something is wrong

mod acts;
mod forge;
mod reach;

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use konvolutt::cli::sandbox;
use konvolutt::config::{Overrides, Role, inspect};
use konvolutt::sandbox::Access;
use konvolutt::store::files::FileStore;

/// What the acts are done to. All of it is there before the sandbox shuts.
pub(crate) struct Scene {
    root: PathBuf,
    spool: PathBuf,
    tcp: SocketAddr,
    udp: SocketAddr,
    unix: PathBuf,
    other: Child,
}

/// One try of one act: files of its own, since a letter can be removed only once.
pub(crate) struct Try<'a> {
    scene: &'a Scene,
    name: String,
}

impl Try<'_> {
    /// A file of this try in a room of the spool.
    pub(crate) fn in_room(&self, room: &str) -> PathBuf {
        self.scene.spool.join(room).join(&self.name)
    }

    pub(crate) fn beside(&self, file: &str) -> PathBuf {
        self.scene.root.join(file)
    }

    pub(crate) fn other(&self) -> i32 {
        self.scene.other.id().try_into().unwrap()
    }
}

pub(crate) type Act = fn(&Try<'_>) -> io::Result<()>;

fn root_of(config: &str) -> PathBuf {
    Path::new(config).parent().unwrap().to_owned()
}

const THREADS: [&str; 2] = ["worker", "blocking"];

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let role = if words[2] == "web" { Role::Web } else { Role::Relay };
    let overrides = Overrides {
        role,
        ..Overrides::default()
    };
    let config = inspect(Path::new(&words[1]), &overrides).config.unwrap();
    if words[3] == "forge" {
        return forge::link_all(&config, Path::new(&words[4]));
    }
    let root = root_of(&words[1]);
    let acts = acts::all(role);

    let spool = config.spool.directory.clone();
    drop(FileStore::open(&config.spool).unwrap());
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let unix = root.join(format!("{}.sock", std::process::id()));
    let _unix = UnixListener::bind(&unix).unwrap();
    let scene = Scene {
        tcp: tcp.local_addr().unwrap(),
        udp: udp.local_addr().unwrap(),
        // Ends with this program: nobody else holds the other end of its input.
        other: Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
        root,
        spool,
        unix,
    };
    let tries = acts.iter().enumerate().flat_map(|(i, (kind, name, act))| {
        THREADS.map(|thread| {
            (
                format!("{}-{i}-{thread}", std::process::id()),
                *kind,
                *name,
                *act,
                thread,
            )
        })
    });
    let tries: Vec<_> = tries.collect();
    for (file, ..) in &tries {
        for room in ["draft", "new", "state", "alarms"] {
            std::fs::write(scene.spool.join(room).join(file), b"sealed").unwrap();
        }
    }
    if words[3] != "free" {
        let mut sandbox = sandbox::needs(&config, role).unwrap();
        if words[3] == "folder" {
            // As it would be if the folder of a certificate beside everything else were opened whole.
            sandbox.allow(root_of(&words[1]), Access::Read);
        }
        sandbox::enforce(sandbox).unwrap();
    }
    let scene: &'static Scene = Box::leak(Box::new(scene));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    for (file, kind, name, act, thread) in tries {
        let work = move || act(&Try { scene, name: file });
        let done = runtime.block_on(async {
            match thread {
                "worker" => tokio::spawn(async move { work() }).await,
                _ => tokio::task::spawn_blocking(work).await,
            }
        });
        let told = match done.unwrap() {
            Ok(()) => "done".to_owned(),
            Err(error) => match error.raw_os_error() {
                // The newer call for a child is answered as a kernel does that has none.
                Some(libc::EACCES | libc::EPERM | libc::ENOSYS) => "refused".to_owned(),
                _ => format!("failed: {error}"),
            },
        };
        println!("{kind}\t{name}\t{thread}\t{told}");
    }
}
