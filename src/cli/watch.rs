//! `rolestream watch`: what changes in a view of a service, as it changes; and on from there when the connection breaks.

use super::output::{Failure, Output, remark};
use super::remote::{Client, Remote, Unheard, query};
use crate::config::Config;
use crate::report::tables::{BAD, FAINT, GOOD, NAME, styled};
use clap::Args;
use serde_json::{Value, json};
use std::io::BufRead;
use std::process::ExitCode;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  rolestream watch decisions                       what is said of JDs, as it changes
  rolestream watch undecided,new-roles             several views at once
  rolestream watch role-changes --role data-engineer
  rolestream watch decisions --json | jq .         an object an epoch; begins with what is there now

Views: decisions, centroids, day-centroids, skill-support, kra-support, collisions, undecided, new-roles, new-skills,
new-kras, novel-sentences, impact, skill-clusters, counts, baselines; and role-changes.
A line says + and a row as it is now, or - and a row that is gone. Interrupt it to end it.";

/// How long to wait before the service is asked again, first and at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(10)];

/// Watch views of a service: what changes, as it changes
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Watch {
    /// Names of views, with commas between them
    #[arg(value_name = "VIEW,…")]
    views: String,
    /// Go on after this epoch, where the service still knows what came since
    #[arg(long, value_name = "EPOCH")]
    after: Option<u64>,
    /// Only rows that name this role
    #[arg(long, value_name = "SLUG")]
    role: Option<String>,
    /// Print what is there already, too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    remote: Remote,
}

/// How a stream ended.
enum Left {
    /// The connection did, or the service.
    Ended,
    /// It said why it cannot go on with us.
    Dropped,
}

impl Watch {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let client = self.remote.client(config)?;
        let (mut after, mut heard) = (self.after, false);
        let [mut pause, longest] = PAUSES;
        loop {
            let before = after;
            match self.follow(&client, &mut after, out)? {
                Ok(Left::Dropped) => heard = true,
                Ok(Left::Ended) => {
                    heard = true;
                    remark(styled(FAINT, "the connection has ended; it is tried again"));
                }
                // What never answered will not answer by itself.
                Err(Unheard::Absent(error)) if heard => {
                    remark(styled(FAINT, format!("{}; it is tried again in {pause:?}", error.primary)));
                }
                Err(Unheard::Absent(error) | Unheard::Refused(error)) => return Err(error.into()),
            }
            if after != before {
                [pause, _] = PAUSES;
            }
            std::thread::sleep(pause);
            pause = (2 * pause).min(longest);
        }
    }

    /// One connection. What it says is printed as it comes, and `after` follows.
    fn follow(
        &self,
        client: &Client,
        after: &mut Option<u64>,
        out: &mut Output,
    ) -> Result<Result<Left, Unheard>, Failure> {
        let asked = [
            ("views", Some(self.views.clone())),
            ("role", self.role.clone()),
            ("after", after.map(|epoch| epoch.to_string())),
        ];
        let stream = match client.stream(&format!("/events{}", query(&asked))) {
            Ok(stream) => stream,
            Err(unheard) => return Ok(Err(unheard)),
        };
        let mut events = Events { stream, last: None };
        while let Some(event) = events.next() {
            let Ok(data) = serde_json::from_str::<Value>(&event.data) else { continue };
            self.print(&event.kind, data, out)?;
            *after = events.last.or(*after);
            if event.kind == "dropped" || event.kind == "failed" {
                return Ok(Ok(Left::Dropped));
            }
        }
        *after = events.last.or(*after);
        Ok(Ok(Left::Ended))
    }

    fn print(&self, kind: &str, mut data: Value, out: &mut Output) -> Result<(), Failure> {
        let rows = matches!(kind, "snapshot" | "change");
        if out.json {
            if let Value::Object(fields) = &mut data {
                fields.insert("event".to_owned(), json!(kind));
            }
            out.object(&data)?;
            return out.flush();
        }
        if !rows {
            let said: Vec<&str> = ["title", "detail", "hint"].iter().filter_map(|part| data[part].as_str()).collect();
            remark(styled(FAINT, said.join("; ")));
            return Ok(());
        }
        if kind == "change" || self.all {
            let several = self.views.contains(',');
            let views = data["views"].as_object().into_iter().flatten();
            for (view, of) in views {
                let view = if several { format!("{} ", styled(FAINT, view)) } else { String::new() };
                for key in of["removed"].as_array().into_iter().flatten() {
                    out.line(format!("{} {view}{}", styled(BAD, "−"), key.as_str().unwrap_or_default()))?;
                }
                for row in of["put"].as_array().into_iter().flatten() {
                    let key = styled(NAME, row["key"].as_str().unwrap_or_default());
                    out.line(format!("{} {view}{key} {}", styled(GOOD, "+"), in_short(&row["value"])))?;
                }
            }
        }
        if kind == "snapshot" && data["complete"] == true {
            remark(styled(FAINT, format!("as of epoch {}; what changes from then on follows", data["epoch"])));
        }
        out.flush()
    }
}

/// What a value says in a line: its plain fields, but those that name it.
fn in_short(value: &Value) -> String {
    let plain = |value: &Value| match value {
        Value::String(text) if text.chars().count() > 60 => {
            Some(format!("{}…", text.chars().take(59).collect::<String>()))
        }
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("yes".to_owned()),
        _ => None,
    };
    let fields = value.as_object().into_iter().flatten();
    let said = fields.filter(|(name, _)| !matches!(name.as_str(), "content" | "queue" | "received_at"));
    let said = said.filter_map(|(name, value)| match value {
        // Of what is said of a JD the role is what counts.
        Value::Object(_) => Some(format!("{name}={}", plain(&value["role"])?)),
        value => Some(format!("{name}={}", plain(value)?)),
    });
    said.collect::<Vec<_>>().join(" ")
}

/// An event of a stream.
#[derive(Debug, PartialEq)]
struct Event {
    kind: String,
    data: String,
}

/// Server-sent events as they come.
struct Events<S> {
    stream: S,
    /// The last id.
    last: Option<u64>,
}

impl<S: BufRead> Events<S> {
    /// The next event; `None`: the stream has ended, whether in order or not.
    fn next(&mut self) -> Option<Event> {
        let (mut kind, mut data, mut id) = (String::new(), Vec::new(), None);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end_matches(['\n', '\r']);
            if line.is_empty() {
                self.last = id.take().or(self.last);
                if data.is_empty() {
                    kind.clear();
                    continue;
                }
                return Some(Event { kind, data: data.join("\n") });
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => value.clone_into(&mut kind),
                "data" => data.push(value.to_owned()),
                "id" => id = value.parse().ok(),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_and_what_is_cut_off_is_none() {
        let text =
            ": hello\nretry: 5\n\nevent: change\nid: 7\ndata: {\ndata: }\n\n: alive\nid: 9\n\nevent: change\ndata: 1";
        let mut events = Events { stream: text.as_bytes(), last: None };
        assert_eq!(events.next(), Some(Event { kind: "change".to_owned(), data: "{\n}".to_owned() }));
        assert_eq!(events.last, Some(7));
        assert_eq!(events.next(), None);
        assert_eq!(events.last, Some(9), "a sign of life says how far it is, too");
    }

    #[test]
    fn a_value_is_told_in_a_line() {
        let value =
            json!({"role": "cook", "queued": false, "tier": null, "n": 3, "mean": [1, 2], "after": {"role": "a"}});
        assert_eq!(in_short(&value), "after=a n=3 role=cook");
    }
}
