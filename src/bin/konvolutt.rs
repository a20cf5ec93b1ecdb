//! The server: `konvolutt --help`.

/// What is freed is gone: the plaintext of a letter, wherever a library copied it.
#[global_allocator]
static MEMORY: konvolutt::harden::Wiping = konvolutt::harden::Wiping;

fn main() -> std::process::ExitCode {
    konvolutt::cli::konvolutt::main()
}
