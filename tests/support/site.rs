//! A page that is not ours: an everyday one to leave for, and a careless one that shows what a browser keeps.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use rustls::{ServerConnection, StreamOwned};

use super::sink::identity;

/// A web server with one page: a title, a form without any of our care, and a link. What is sent is answered
/// with a page at once.
pub struct Site {
    /// Address of the page.
    pub url: String,
}

impl Site {
    pub fn start(title: &str) -> Self {
        Self::serve("http", title, answer)
    }

    /// Behind TLS, since an exit must be.
    pub fn secure(title: &str) -> Self {
        let config = Arc::new(identity("localhost").1);
        Self::serve("https", title, move |stream, page| {
            let connection = ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
            answer(StreamOwned::new(connection, stream), page)
        })
    }

    fn serve<A>(scheme: &str, title: &str, answer: A) -> Self
    where
        A: Fn(std::net::TcpStream, &str) -> std::io::Result<()> + Clone + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{scheme}://localhost:{}/", listener.local_addr().unwrap().port());
        let page = format!(
            "<!doctype html><title>{title}</title><link rel=icon href=data:,>\
             <form method=post action=/sent enctype=multipart/form-data>\
             <input id=line name=line><input id=tick name=tick type=checkbox><textarea id=text name=text></textarea><button>x</button></form>\
             <a href=/other>other</a>"
        );
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (page, answer) = (page.clone(), answer.clone());
                // A browser opens connections that it then does not use.
                std::thread::spawn(move || answer(stream, &page));
            }
        });
        Self { url }
    }
}

fn answer(stream: impl Read + Write, page: &str) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut length, mut line) = (0, String::new());
    while stream.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    std::io::copy(&mut stream.by_ref().take(length), &mut std::io::sink())?;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n",
        page.len()
    );
    stream.get_mut().write_all((head + page).as_bytes())?;
    stream.get_mut().flush()
}
