//! What does the service answer to bytes that no decent client would send?

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer, as it came.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Sends the bytes, and reads until the service closes the connection: they are to ask for that.
pub(crate) fn send(url: &str, bytes: &[u8]) -> Raw {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(bytes).unwrap();
    let mut got = Vec::new();
    stream.read_to_end(&mut got).unwrap_or_else(|error| panic!("{error}, after {}", String::from_utf8_lossy(&got)));
    let end = got.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
    let head = String::from_utf8(got[..end].to_vec()).unwrap();
    let (first, rest) = head.split_once("\r\n").unwrap_or((&head, ""));
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Raw { status, headers: rest.split("\r\n").filter_map(header).collect(), body: got[end + 4..].to_vec() }
}

/// A request without a body.
pub(crate) fn ask(url: &str, method: &str, path: &str, token: Option<&str>) -> Raw {
    let host = url.trim_start_matches("http://");
    let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    send(url, format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{token}Connection: close\r\n\r\n").as_bytes())
}

impl Raw {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
