//! Descriptors that came from outside.

/// What systemd handed over is given on to every program that is started, unless it is marked: neither a command of the
/// operator's nor what it starts shall listen in our place.
///
/// # Errors
/// When no descriptor has this number.
pub fn keep_from_children(number: std::os::fd::RawFd) -> std::io::Result<()> {
    // SAFETY: the number is only borrowed for one call, which says so itself when nothing is open there.
    #[allow(unsafe_code)]
    let fd = unsafe { std::os::fd::BorrowedFd::borrow_raw(number) };
    Ok(rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::CLOEXEC)?)
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;

    use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};

    #[test]
    fn a_descriptor_is_kept_from_children() {
        let file = tempfile::tempfile().unwrap();
        fcntl_setfd(&file, FdFlags::empty()).unwrap();
        super::keep_from_children(file.as_raw_fd()).unwrap();
        assert_eq!(fcntl_getfd(&file).unwrap(), FdFlags::CLOEXEC);
        assert!(super::keep_from_children(1_000_000).is_err());
    }
}
