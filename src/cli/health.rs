//! `rolestream health`: is a running service ready? For health checks of containers, which have no other client.

use super::output::{Failure, Output};
use crate::config::Config;
use crate::error::Error;
use clap::Args;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

/// What a service says of itself is short; of anything else no more than this is read.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Ask a running service whether it is ready
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  rolestream health --url http://127.0.0.1:9464/readyz

Exit code: 0 when it is ready, 1 when it is not or does not answer, 2 when there is nothing to ask.")]
pub(super) struct Health {
    /// What to ask [default: /readyz at the operator's address, service.address]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// How long an answer may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    timeout: u64,
}

impl Health {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let target = match &self.url {
            Some(url) => Target::of_url(url)?,
            None => Target::of_address(&config.service.address)?,
        };
        match target.ask(Duration::from_secs(self.timeout)) {
            Ok((status, body)) => {
                out.line(body.trim_end())?;
                Ok(if status == 200 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
            Err(error) => {
                let silence = Error::new(format!("the service does not answer at http://{}", target.host))
                    .detail(error.to_string())
                    .hint("see that `rolestream run` runs, and that its service.address is this one");
                super::complain(&silence.into());
                Ok(ExitCode::FAILURE)
            }
        }
    }
}

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    /// `HOST:PORT`.
    host: String,
    path: String,
}

impl Target {
    fn of_url(url: &str) -> Result<Target, Error> {
        let wrong = || {
            Error::new(format!("cannot ask {url:?}"))
                .detail("http://HOST:PORT/PATH is expected")
                .hint("such as http://127.0.0.1:9464/readyz")
        };
        let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, "readyz"));
        let sound = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
        if host.is_empty() || !sound(host) || !sound(path) {
            return Err(wrong());
        }
        // The port of HTTP, where none is named; in brackets the colons are those of an IPv6 address.
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let host = if has_port { host.to_owned() } else { format!("{host}:80") };
        Ok(Target { host, path: format!("/{path}") })
    }

    fn of_address(address: &str) -> Result<Target, Error> {
        let port = address.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok()).unwrap_or(0);
        if port == 0 {
            return Err(Error::new("there is no known address to ask")
                .detail(format!("service.address is {address:?}"))
                .hint("name what to ask with --url http://HOST:PORT/readyz"));
        }
        // What listens everywhere listens here, too.
        let here = [("0.0.0.0:", "127.0.0.1"), ("[::]:", "[::1]")];
        let everywhere = here.iter().find(|(prefix, _)| address.starts_with(prefix));
        let host = everywhere.map_or_else(|| address.to_owned(), |(_, host)| format!("{host}:{port}"));
        Ok(Target { host, path: "/readyz".to_owned() })
    }

    /// Status and body of the answer.
    fn ask(&self, timeout: Duration) -> io::Result<(u16, String)> {
        let mut last = io::Error::other("the name stands for no address");
        for address in self.host.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, timeout) {
                Ok(stream) => return self.speak(stream, timeout),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// HTTP 1.0, in which an answer ends with its connection: there is nothing else to understand.
    fn speak(&self, mut stream: TcpStream, timeout: Duration) -> io::Result<(u16, String)> {
        stream.set_read_timeout(Some(timeout))?;
        stream.set_write_timeout(Some(timeout))?;
        write!(stream, "GET {} HTTP/1.0\r\nHost: {}\r\nConnection: close\r\n\r\n", self.path, self.host)?;
        let mut answer = Vec::new();
        stream.take(LONGEST_ANSWER).read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::other("what answers there does not speak HTTP"))?;
        Ok((status, body.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(host: &str, path: &str) -> Target {
        Target { host: host.to_owned(), path: path.to_owned() }
    }

    #[test]
    fn urls_are_taken_apart() {
        assert_eq!(Target::of_url("http://a.b:81/healthz").unwrap(), target("a.b:81", "/healthz"));
        assert_eq!(Target::of_url("http://a.b").unwrap(), target("a.b:80", "/readyz"));
        assert_eq!(Target::of_url("http://[::1]:9464/readyz").unwrap(), target("[::1]:9464", "/readyz"));
        for url in ["https://a.b/", "a.b:81", "http://", "http:///readyz", "http://a b/", "http://a/\r\nX: y"] {
            assert!(Target::of_url(url).unwrap_err().hint.is_some(), "{url}");
        }
    }

    #[test]
    fn what_listens_everywhere_is_asked_here() {
        assert_eq!(Target::of_address("0.0.0.0:9464").unwrap(), target("127.0.0.1:9464", "/readyz"));
        assert_eq!(Target::of_address("[::]:9464").unwrap(), target("[::1]:9464", "/readyz"));
        assert_eq!(Target::of_address("10.0.0.7:1").unwrap(), target("10.0.0.7:1", "/readyz"));
        assert!(Target::of_address("").is_err());
        assert!(Target::of_address("127.0.0.1:0").is_err(), "nobody knows which port that became");
    }
}
