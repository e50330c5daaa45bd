//! `rolestream dead-letters`: which messages were refused, why, and what becomes of them now?

use super::output::{Failure, Output, complain, remark};
use crate::config::Config;
use crate::dead_letters::{DeadLetter, Destination, Letters, file, retry, topic};
use crate::error::{Error, Errors, nearest};
use crate::report::tables::{FAINT, NAME, WARNING, cut, styled, table};
use clap::{Args, Subcommand};
use rdkafka::ClientConfig;
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;

/// How long brokers may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

const EXAMPLES: &str = "\
Examples:
  rolestream dead-letters list --reason not_json      one line each, newest last
  rolestream dead-letters show jd.raw/0/1204          one in full, as it came
  rolestream dead-letters retry jd.raw/0/1204         send it again
  rolestream dead-letters retry --all

A message is refused when it cannot be read as what its stream is about. Sending it again makes sense when the program
or its settings can read it by now. It goes to where it came from; what came from a file or standard input goes to a
folder of the store that `rolestream run` watches. A letter that was sent again is struck off.

Exit code: 0 when all was done, 1 when a letter is not there or could not be sent, 2 when the command could not begin.";

/// List, show or send again the messages that were refused
#[derive(Subcommand, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) enum Command {
    /// List them, newest last
    List(List),
    /// Show one in full, as it came
    Show {
        /// Its id, as `list` prints it
        id: String,
    },
    /// Send messages again to where they came from
    Retry(Retry),
}

/// Which are listed.
#[derive(Args, Debug)]
pub(super) struct List {
    /// Only those refused for this reason, such as not_json
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
    /// At most so many, the newest
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// Which are sent again.
#[derive(Args, Debug)]
#[group(required = true)]
pub(super) struct Retry {
    /// Their ids, as `list` prints them
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// All of them
    #[arg(long, conflicts_with_all = ["ids", "reason"])]
    all: bool,
    /// Those refused for this reason
    #[arg(long, value_name = "REASON", conflicts_with = "ids")]
    reason: Option<String>,
}

/// Where the letters are, and how to get there.
struct Place<'a> {
    destination: Destination,
    config: &'a Config,
}

impl Command {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let destination = Destination::parse(&config.dead_letters.to, &config.kafka.brokers, &config.store.path)?;
        let place = Place { destination, config };
        let letters = place.read()?;
        if letters.passed_over > 0 {
            remark(format!("{} lines are no dead letters and were passed over", letters.passed_over));
        }
        match self {
            Command::List(list) => list.run(&letters, out),
            Command::Show { id } => show(&letters, &id, out),
            Command::Retry(retry) => retry.run(&letters, &place, out),
        }
    }
}

impl Place<'_> {
    fn client(&self) -> Result<ClientConfig, Error> {
        crate::kafka::client(&self.config.kafka.brokers, &self.config.librdkafka, &[], &[])
    }

    fn read(&self) -> Result<Letters, Error> {
        match &self.destination {
            Destination::File { path } => file::read(path),
            Destination::Kafka { topic } => topic::read(&self.client()?, topic, PATIENCE),
        }
    }

    /// Strikes letters off.
    fn cross_out(&self, letters: &Letters, ids: &[String]) -> Result<(), Error> {
        match &self.destination {
            Destination::File { path } => file::cross_out(path, ids),
            Destination::Kafka { .. } if ids.is_empty() => Ok(()),
            Destination::Kafka { topic } => {
                let placed: Vec<_> = ids.iter().map(|id| (id.clone(), letters.partition(id))).collect();
                topic::cross_out(&self.client()?, topic, &placed)
            }
        }
    }

    /// Sends letters again; an answer for each.
    fn send_again(&self, letters: &[&DeadLetter]) -> Result<Vec<Result<(), Error>>, Error> {
        let mut results: Vec<Result<(), Error>> =
            letters.iter().map(|letter| retry::obstacle(letter).map_or(Ok(()), Err)).collect();
        let of = |kafka: bool, results: &[Result<(), Error>]| -> Vec<usize> {
            let all = letters.iter().zip(results).enumerate();
            let chosen =
                all.filter(|(_, (letter, result))| result.is_ok() && (&*letter.stream.source == "kafka") == kafka);
            chosen.map(|(place, _)| place).collect()
        };
        let from_kafka = of(true, &results);
        if !from_kafka.is_empty() {
            let chosen: Vec<&DeadLetter> = from_kafka.iter().map(|place| letters[*place]).collect();
            let sent = topic::send_again(&self.client()?, &chosen)?;
            from_kafka.into_iter().zip(sent).for_each(|(place, result)| results[place] = result);
        }
        let from_files: Vec<&DeadLetter> = of(false, &results).into_iter().map(|place| letters[place]).collect();
        if !from_files.is_empty() {
            retry::write(&self.config.store.path, &from_files, jiff::Timestamp::now().as_millisecond())?;
        }
        Ok(results)
    }
}

impl List {
    fn run(self, letters: &Letters, out: &mut Output) -> Result<ExitCode, Failure> {
        let chosen: Vec<&DeadLetter> = letters.iter().filter(|letter| is_for(letter, self.reason.as_deref())).collect();
        let shown = &chosen[chosen.len().saturating_sub(self.limit as usize)..];
        if out.json {
            for letter in shown {
                out.object(&letter.to_json())?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        if !shown.is_empty() {
            let columns = [("refused", false), ("id", false), ("kind", false), ("reason", false), ("detail", false)];
            let rows = shown.iter().map(|letter| {
                vec![
                    letter.time(),
                    styled(NAME, letter.id()),
                    letter.kind.name().to_owned(),
                    styled(WARNING, &letter.reason),
                    cut(&letter.detail, 100),
                ]
            });
            out.line(table(&columns, rows, out.width))?;
        }
        out.flush()?;
        remark(match (shown.len(), chosen.len()) {
            (_, 0) => "no dead letters".to_owned(),
            (shown, all) if shown < all => format!("{shown} of {all} dead letters, the newest; --limit shows more"),
            (_, 1) => "1 dead letter".to_owned(),
            (_, all) => format!("{all} dead letters"),
        });
        Ok(ExitCode::SUCCESS)
    }
}

fn is_for(letter: &DeadLetter, reason: Option<&str>) -> bool {
    reason.is_none_or(|reason| letter.reason == reason)
}

fn show(letters: &Letters, id: &str, out: &mut Output) -> Result<ExitCode, Failure> {
    let letter = match letters.get(id) {
        Some(letter) => letter,
        None => {
            complain(&Errors::from(unknown(letters, id)));
            return Ok(ExitCode::from(1));
        }
    };
    if out.json {
        out.object(&letter.to_json())?;
        return Ok(ExitCode::SUCCESS);
    }
    let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("{} {}", String::from_utf8_lossy(bytes), styled(FAINT, "(not UTF-8: --json has every byte)")),
    };
    out.line(format!("{}: {} ({})", styled(NAME, letter.id()), styled(WARNING, &letter.reason), letter.kind.name()))?;
    out.line(format!("  {}", letter.detail))?;
    if let Some(hint) = &letter.hint {
        out.line(format!("  hint: {hint}"))?;
    }
    out.line(format!("  refused at {}", letter.time()))?;
    for (name, bytes) in &letter.headers {
        out.line(format!("  header {name}: {}", text(bytes)))?;
    }
    if let Some(key) = &letter.key {
        out.line(format!("  key: {}", text(key)))?;
    }
    match &letter.value {
        Some(value) => out.line(format!("\n{}", text(value)))?,
        None => out.line(format!("\n{}", styled(FAINT, "no value")))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(letters: &Letters, id: &str) -> Error {
    let ids: Vec<String> = letters.iter().map(DeadLetter::id).collect();
    Error::new(format!("no dead letter \"{id}\""))
        .detail(format!("there are {}, and it is none of them; one that was sent again is struck off", ids.len()))
        .hint(match nearest(id, ids.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => "list them with `rolestream dead-letters list`".to_owned(),
        })
}

impl Retry {
    fn run(self, letters: &Letters, place: &Place<'_>, out: &mut Output) -> Result<ExitCode, Failure> {
        let mut errors = Vec::new();
        let chosen: Vec<&DeadLetter> = if self.ids.is_empty() {
            letters.iter().filter(|letter| is_for(letter, self.reason.as_deref())).collect()
        } else {
            errors.extend(self.ids.iter().filter(|id| letters.get(id).is_none()).map(|id| unknown(letters, id)));
            // In the order in which they came, each once.
            letters.iter().filter(|letter| self.ids.contains(&letter.id())).collect()
        };
        let mut sent = Vec::new();
        for (letter, result) in chosen.iter().zip(place.send_again(&chosen)?) {
            match result {
                Ok(()) => sent.push(letter.id()),
                Err(error) => errors.push(error),
            }
        }
        if out.json {
            for id in &sent {
                out.object(&json!({"id": id, "retried": true}))?;
            }
        }
        out.flush()?;
        // Sent is sent: should this fail, they may be sent twice, which changes nothing.
        if let Err(error) = place.cross_out(letters, &sent) {
            errors.push(error);
        }
        if !errors.is_empty() {
            complain(&Errors(errors.clone()));
        }
        remark(match sent.len() {
            1 => "1 message sent again".to_owned(),
            count => format!("{count} messages sent again"),
        });
        Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}
