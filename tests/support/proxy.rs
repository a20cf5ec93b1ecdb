//! nginx and Caddy with the files of `packaging/`, in a network namespace where 10.0.0.1 is the site's address.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::tls::tls_stream;

pub const SITE: &str = "skjema.example.no";
const ADDRESS: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 443));

/// A file of `packaging/`, with the test's own certificate.
pub fn shipped(file: &str, root: &Path) -> String {
    let packaging = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging");
    let text = fs::read_to_string(packaging.join(file)).unwrap();
    text.replace(
        "/etc/konvolutt/tls/fullchain.pem",
        &root.join("tls/chain.pem").display().to_string(),
    )
    .replace(
        "/etc/konvolutt/tls/key.pem",
        &root.join("tls/key.pem").display().to_string(),
    )
    .replace(
        "/etc/konvolutt/busy.html",
        &packaging.join("busy.html").display().to_string(),
    )
    .replace("root * /etc/konvolutt", &format!("root * {}", packaging.display()))
}

/// What the file says must stand in nginx.conf itself; a stock one has neither.
fn main_part(site: &str) -> String {
    let lines: Vec<_> = site.lines().filter_map(|line| line.strip_prefix("#main ")).collect();
    if lines.is_empty() {
        "events {}".to_owned()
    } else {
        lines.join("\n")
    }
}

/// One of them, with its own directory; ends with this.
pub struct Proxy {
    pub dir: PathBuf,
    process: Child,
    /// Whom its certificate is signed by (PEM).
    pub root: String,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Both end their workers at SIGTERM.
        let pid = rustix::process::Pid::from_child(&self.process);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.process.wait();
    }
}

impl Proxy {
    fn start(dir: &Path, command: &mut Command) -> Self {
        let log = fs::File::create(dir.join("printed.log")).unwrap();
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let process = command
            .current_dir(dir)
            .env("HOME", dir)
            .env("XDG_DATA_HOME", dir)
            .spawn()
            .unwrap();
        let root = String::new();
        let proxy = Self {
            dir: dir.to_owned(),
            process,
            root,
        };
        let end = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(ADDRESS).is_err() {
            assert!(Instant::now() < end, "the proxy did not start: {}", proxy.printed());
            std::thread::sleep(Duration::from_millis(50));
        }
        proxy
    }

    pub fn nginx(root: &Path, dir: &Path, site: &str) -> Self {
        fs::create_dir_all(dir).unwrap();
        fs::write(dir.join("site.conf"), site).unwrap();
        let temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {}/{kind}_temp;\n", dir.display()))
            .concat();
        let main = format!(
            "daemon off;\nuser root;\npid {0}/nginx.pid;\nerror_log {0}/error.log;\n{main}\nhttp {{\n{temp}\
             access_log {0}/access.log;\ninclude {0}/site.conf;\n}}\n",
            dir.display(),
            main = main_part(site),
        );
        fs::write(dir.join("nginx.conf"), main).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-p").arg(dir).arg("-c").arg(dir.join("nginx.conf"));
        let mut proxy = Self::start(dir, &mut command);
        proxy.root = fs::read_to_string(root.join("tls/chain.pem")).unwrap();
        proxy
    }

    /// Caddy gets its certificates from the net; here it makes its own. Nothing else of the file is changed.
    pub fn caddy(dir: &Path, site: &str) -> Self {
        fs::create_dir_all(dir).unwrap();
        fs::write(dir.join("Caddyfile"), site).unwrap();
        let adapted = Command::new("caddy")
            .args(["adapt", "--config"])
            .arg(dir.join("Caddyfile"))
            .output()
            .unwrap();
        assert!(adapted.status.success(), "{adapted:?}");
        let mut config: serde_json::Value = serde_json::from_slice(&adapted.stdout).unwrap();
        config["apps"]["tls"]["automation"]["policies"] = serde_json::json!([{"issuers": [{"module": "internal"}]}]);
        config["apps"]["pki"]["certificate_authorities"]["local"]["install_trust"] = false.into();
        config["admin"]["disabled"] = true.into();
        fs::write(dir.join("caddy.json"), config.to_string()).unwrap();
        let mut proxy = Self::start(dir, Command::new("caddy").args(["run", "--config", "caddy.json"]));
        let authority = dir.join("caddy/pki/authorities/local/root.crt");
        proxy.root = fs::read_to_string(authority).unwrap();
        proxy.wait_for_certificate();
        proxy
    }

    /// Caddy listens before it has made the site's certificate.
    fn wait_for_certificate(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        while let Err(error) = self.shakes_hands() {
            assert!(Instant::now() < end, "{error}: {}", self.printed());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn shakes_hands(&self) -> std::io::Result<()> {
        let mut stream = tls_stream(ADDRESS, SITE, &self.root, &[])?;
        stream.conn.complete_io(&mut stream.sock)?;
        Ok(())
    }

    fn printed(&self) -> String {
        fs::read_to_string(self.dir.join("printed.log")).unwrap_or_default()
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }
}
