//! As much of a browser as `demo --try` needs: gets the form, sends it filled in, follows to the receipt.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::intake::QUICKEST;
use konvolutt_letter::Reference;

const BOUNDARY: &str = "----demo-try";
const MESSAGE: &str = "Eg lurer på kva tilbod kommunen må ha. Dette er eit prøvebrev.";

/// Sends a sample with a file; returns the reference on the receipt.
pub(super) async fn send_sample(address: SocketAddr, path: &str) -> anyhow::Result<Reference> {
    let page = get(address, path).await?;
    let token = page
        .split("name=\"_token\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let token = token.context("the form has no token")?;
    // Who is quicker than people are is marked as a program, and rightly.
    println!("… filling the form in takes {} seconds", QUICKEST.as_secs());
    tokio::time::sleep(QUICKEST).await;
    let text = |name: &str, value: &str| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mut body = text("_token", token) + &text("melding", MESSAGE);
    body += &format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"vedlegg\"; filename=\"Prøve æøå.txt\"\r\n\
         Content-Type: text/plain\r\n\r\nEin liten fil.\n\r\n--{BOUNDARY}--\r\n"
    );
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let answer = exchange(address, &(head + &body)).await?;
    ensure!(
        answer.starts_with("HTTP/1.1 303 "),
        "the form was not taken: {}",
        answer.lines().next().unwrap_or_default()
    );
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    let location = location.context("no receipt was named")?.trim();
    let receipt = get(address, location).await?;
    // The address is sealed; the page says it, once for eyes and once for ears.
    let mut texts = receipt.split(['<', '>']);
    let reference = texts.find_map(Reference::parse);
    reference.with_context(|| format!("{location} is not a receipt; the sample no longer fits the form"))
}

async fn get(address: SocketAddr, path: &str) -> anyhow::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let answer = exchange(address, &request).await?;
    let status = answer.lines().next().unwrap_or_default();
    ensure!(status.contains(" 200 "), "{path} answered {status}");
    Ok(answer)
}

async fn exchange(address: SocketAddr, request: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
