//! The post room: `postrom --help`.

fn main() -> std::process::ExitCode {
    konvolutt::cli::postrom::main()
}
