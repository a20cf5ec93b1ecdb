//! The post room: `postrom --help`.

/// What is freed is gone: keys, passphrases, and what citizens wrote, wherever a library copied it.
#[cfg(target_os = "linux")]
#[global_allocator]
static MEMORY: konvolutt_letter::harden::Wiping = konvolutt_letter::harden::Wiping;

fn main() -> std::process::ExitCode {
    postrom::cli::main()
}
