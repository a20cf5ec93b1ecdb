//! The server: `konvolutt --help`.

/// What is freed is gone: the plaintext of a letter, wherever a library copied it.
#[global_allocator]
static MEMORY: konvolutt_letter::harden::Wiping = konvolutt_letter::harden::Wiping;

fn main() -> std::process::ExitCode {
    konvolutt::cli::konvolutt::main()
}
