//! The post room: `postrom --help`.

fn main() -> std::process::ExitCode {
    postrom::cli::main()
}
