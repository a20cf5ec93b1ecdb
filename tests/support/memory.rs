//! Looking into the memory of a running process, as somebody who has taken the machine over could.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use super::marker::Marker;

/// Where a process holds the marker, in whatever form. Needs root: the server lets nobody else look.
pub fn in_memory(pid: u32, marker: &Marker) -> Vec<String> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let memory = File::open(format!("/proc/{pid}/mem")).unwrap();
    let mut found = Vec::new();
    let mut seen = 0;
    for line in maps
        .lines()
        .filter(|line| line.split(' ').nth(1).unwrap().starts_with('r'))
    {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        // What the kernel itself maps there ([vvar]) cannot be read; what was unmapped since is gone.
        if memory.read_exact_at(&mut bytes, from).is_err() {
            continue;
        }
        seen += bytes.len();
        for (form, at) in marker.places_in(&bytes) {
            let around =
                String::from_utf8_lossy(&bytes[at.saturating_sub(60)..(at + 60).min(bytes.len())]).into_owned();
            found.push(format!("{form} at {:x} ({line}): {around:?}", from + at as u64));
        }
    }
    assert!(seen > 1_000_000, "nothing of the memory could be read");
    // Enough to see what it is.
    found.truncate(20);
    found
}

/// Bytes that a process holds in memory.
pub fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}
