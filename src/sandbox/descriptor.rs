//! Descriptors that came from outside.

use std::os::fd::{BorrowedFd, OwnedFd, RawFd};

/// A copy of what was handed to this process under a number, to be used and closed as a value. The number itself stays
/// open, and is kept from every program that is started from here: neither a command of the operator's nor what it starts
/// shall listen in our place.
///
/// Two calls that every filter allows. (`pidfd_getfd`, which needs no promise to the compiler, is refused in many
/// containers.)
///
/// # Errors
/// When no descriptor has this number.
pub fn take_over(number: RawFd) -> std::io::Result<OwnedFd> {
    // SAFETY: the number is only borrowed for two calls, which say so themselves when nothing is open there.
    #[allow(unsafe_code)]
    let fd = unsafe { BorrowedFd::borrow_raw(number) };
    rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::CLOEXEC)?;
    Ok(rustix::io::fcntl_dupfd_cloexec(fd, number)?)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, Write};
    use std::os::fd::AsRawFd;

    use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};

    #[test]
    fn a_descriptor_is_copied_and_kept_from_children() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"the same").unwrap();
        file.rewind().unwrap();
        fcntl_setfd(&file, FdFlags::empty()).unwrap();
        let copy = super::take_over(file.as_raw_fd()).unwrap();
        for fd in [fcntl_getfd(&file), fcntl_getfd(&copy)] {
            assert_eq!(fd.unwrap(), FdFlags::CLOEXEC);
        }
        let mut text = String::new();
        std::fs::File::from(copy).read_to_string(&mut text).unwrap();
        assert_eq!(text, "the same");
        assert!(super::take_over(1_000_000).is_err());
    }
}
