//! The file system under the spool: a receipt promises that a letter survives a power cut, and not each file system can.

use std::path::Path;

use super::inspector::Inspector;
use crate::diagnostic::Diagnostic;
use crate::form::Form;
use crate::store::files;

/// Numbers of statfs(2), with what the file system does to a letter.
const UNFIT: [(u64, &str); 7] = [
    (
        0x0102_1994,
        "in memory (tmpfs): letters that wait are lost when the machine stops",
    ),
    (
        0x8584_58F6,
        "in memory (ramfs): letters that wait are lost when the machine stops",
    ),
    (
        0x794C_7630,
        "in a container's own layer (overlay): letters that wait are lost with the container",
    ),
    (
        0x6969,
        "on a network disk (NFS): a receipt holds no longer than that server keeps its word",
    ),
    (
        0xFF53_4D42,
        "on a network disk (CIFS): a receipt holds no longer than that server keeps its word",
    ),
    (
        0xFE53_4D42,
        "on a network disk (SMB): a receipt holds no longer than that server keeps its word",
    ),
    (
        0x6573_5546,
        "on a file system of a program (FUSE), which may not keep what it says it has kept",
    ),
];

impl Inspector<'_> {
    /// Warns where letters, or their proofs, would not last as long as they should.
    pub(super) fn letters_last(&mut self, directory: &Path, forms: &[Form]) {
        self.spool_lasts(directory);
        self.receipts_last(directory, forms);
    }

    /// Warns where a receipt would promise too much.
    fn spool_lasts(&mut self, directory: &Path) {
        let there = directory.ancestors().find(|path| path.is_dir());
        if let Some(what) = there.and_then(magic).and_then(unfit) {
            let told = format!("The spool {} lies {what}.", directory.display());
            let remedy = "Give it a directory on a disk of this machine; in a container, a volume of its own.";
            self.tell("spool.directory", Diagnostic::warning(told, remedy));
        }
    }
}

impl Inspector<'_> {
    /// Warns where a page that is sent twice would get no signed receipt the second time.
    fn receipts_last(&mut self, directory: &Path, forms: &[Form]) {
        let signed = forms.iter().find(|form| form.receipt.signed);
        let there = directory.ancestors().find(|path| path.is_dir());
        let kept = there.and_then(files::keeps_proofs);
        if let (Some(form), Some(false)) = (signed, kept) {
            self.tell("spool.directory", without_attributes(directory, &form.slug));
        }
    }
}

fn without_attributes(directory: &Path, slug: &str) -> Diagnostic {
    let what = format!(
        "The file system of the spool {} keeps no attributes (xattr): when a page of `{slug}` is sent twice, its second receipt is not signed.",
        directory.display()
    );
    Diagnostic::warning(
        what,
        "Give the spool a directory on ext4, XFS or Btrfs, or leave `receipt.signed` out of the form.",
    )
}

/// Which file system it is. The number is unsigned, whatever the C library makes of it.
fn magic(directory: &Path) -> Option<u64> {
    let number = rustix::fs::statfs(directory).ok()?.f_type;
    u64::try_from(number & 0xFFFF_FFFF).ok()
}

fn unfit(magic: u64) -> Option<&'static str> {
    UNFIT.iter().find(|(number, _)| *number == magic).map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::super::inspector::tests::ask;
    use super::*;

    #[test]
    fn a_file_system_is_known_by_its_number() {
        // Every Linux has this one: PROC_SUPER_MAGIC.
        assert_eq!(magic(Path::new("/proc")), Some(0x9FA0));
        assert!(magic(Path::new("/proc/nowhere")).is_none());
        assert!(unfit(0x0102_1994).unwrap().contains("tmpfs") && unfit(0x794C_7630).unwrap().contains("overlay"));
        // ext4, XFS, Btrfs.
        for good in [0xEF53, 0x5846_5342, 0x9123_683E] {
            assert_eq!(unfit(good), None);
        }
    }

    #[test]
    fn a_spool_that_forgets_is_a_warning_and_no_more() {
        // In memory on every Linux that has it: POSIX shared memory.
        let shared = Path::new("/dev/shm");
        let in_memory = magic(shared).and_then(unfit).is_some();
        let (good, told) = ask("[spool]\ndirectory = \"x\"\n", |inspector| {
            inspector.spool_lasts(&shared.join("spool-that-is-not-there"));
            inspector.shape_is_good
        });
        assert!(good);
        assert_eq!(told.len(), usize::from(in_memory), "{told:?}");
        assert!(told.iter().all(|one| one.line == Some(2)), "{told:?}");
    }
}
