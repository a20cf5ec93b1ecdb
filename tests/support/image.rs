//! A disk of one's own: a file with a file system in it, which can be taken away and searched byte by byte, also for what
//! was deleted. Needs root.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::marker::Marker;
use super::world::run;

pub struct Image {
    dir: TempDir,
    mounted: bool,
}

impl Image {
    pub fn new(megabytes: u64) -> Self {
        let disk = Self {
            dir: tempfile::tempdir().unwrap(),
            mounted: true,
        };
        fs::create_dir(disk.place()).unwrap();
        fs::File::create(disk.image())
            .unwrap()
            .set_len(megabytes << 20)
            .unwrap();
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(disk.image()));
        run(Command::new("mount")
            .args(["-o", "loop"])
            .arg(disk.image())
            .arg(disk.place()));
        disk
    }

    fn image(&self) -> PathBuf {
        self.dir.path().join("image")
    }

    /// Where it is mounted.
    pub fn place(&self) -> PathBuf {
        self.dir.path().join("disk")
    }

    /// Fills it to the last block; gives the file that takes the room.
    pub fn fill(&self) -> PathBuf {
        let filler = self.place().join("filler");
        for size in [1 << 20, 4096] {
            let mut file = fs::OpenOptions::new().append(true).create(true).open(&filler).unwrap();
            while std::io::Write::write_all(&mut file, &vec![0; size]).is_ok() {}
        }
        filler
    }

    /// Takes it away and tells where it holds the marker.
    pub fn search(&mut self, marker: &[&Marker]) -> Vec<Vec<String>> {
        run(Command::new("umount").arg(self.place()));
        self.mounted = false;
        let bytes = fs::read(self.image()).unwrap();
        let found = |marker: &&Marker| {
            let places = marker.places_in(&bytes);
            places.map(|(form, at)| format!("{form} at {at}")).collect()
        };
        marker.iter().map(found).collect()
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        if self.mounted {
            let _ = Command::new("umount").arg("-l").arg(self.place()).status();
        }
    }
}
