//! `postrom` without its wiping allocator: the control of the memory tests, which must find in it what they do not find in
//! the real one.

fn main() -> std::process::ExitCode {
    postrom::cli::main()
}
