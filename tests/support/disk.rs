//! A disk of its own: a file with ext4 in it, whose power can be cut. Needs root.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::world::run;

/// EXT4_IOC_SHUTDOWN without flushing the journal: what a power cut leaves. Waits for a line, so that it happens at once.
const CUT: &str = "import fcntl, os, struct, sys
disk = os.open(sys.argv[1], os.O_RDONLY)
print('armed', flush=True)
sys.stdin.readline()
fcntl.ioctl(disk, 0x8004587D, struct.pack('I', 2))
print('cut', flush=True)
";

/// Made before the server starts, and unmounted before the world goes.
pub struct Disk {
    image: PathBuf,
    pub mount: PathBuf,
}

/// A cut about to happen.
pub struct Cut {
    helper: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Disk {
    /// Makes a disk below `root` and mounts it at `root/disk`.
    pub fn make(root: &Path, mebibytes: u64) {
        let disk = Self::at(root);
        std::fs::create_dir(&disk.mount).unwrap();
        let image = std::fs::File::create(&disk.image).unwrap();
        image.set_len(mebibytes << 20).unwrap();
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&disk.image));
        disk.mount();
        std::mem::forget(disk);
    }

    /// The one that was made there.
    pub fn at(root: &Path) -> Self {
        Self {
            image: root.join("disk.img"),
            mount: root.join("disk"),
        }
    }

    fn mount(&self) {
        run(Command::new("mount")
            .args(["-o", "loop"])
            .arg(&self.image)
            .arg(&self.mount));
    }

    /// What was written so far is durable.
    pub fn sync(&self) {
        run(Command::new("sync").arg("-f").arg(&self.mount));
    }

    pub fn arm(&self) -> Cut {
        let mut helper = Command::new("python3");
        helper.args(["-c", CUT]).arg(&self.mount);
        let mut helper = helper.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(helper.stdout.take().unwrap());
        hear(&mut said, "armed");
        Cut { helper, said }
    }

    /// As at the next boot.
    pub fn boot(&self) {
        run(Command::new("umount").arg(&self.mount));
        self.mount();
    }
}

impl Cut {
    pub fn now(mut self) {
        self.helper.stdin.take().unwrap().write_all(b"now\n").unwrap();
        hear(&mut self.said, "cut");
        assert!(self.helper.wait().unwrap().success());
    }
}

fn hear(said: &mut impl BufRead, wanted: &str) {
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), wanted);
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the server may still be there.
        let _ = Command::new("umount").arg("-l").arg(&self.mount).status();
    }
}
