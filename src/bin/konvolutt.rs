//! The server: `konvolutt --help`.

fn main() -> std::process::ExitCode {
    konvolutt::cli::konvolutt::main()
}
