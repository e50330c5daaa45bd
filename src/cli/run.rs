//! `rolestream run`: the service. Reads sources as they come, keeps everything, and tells sinks what changes.

use super::output::{Failure, Output, bar, took};
use crate::config::Config;
use crate::dead_letters::retry;
use crate::error::{Error, Errors};
use crate::serve::server::Listener;
use crate::serve::{self, Answering};
use crate::service::{Ended, Service};
use crate::sources::file::{Spec, sources};
use crate::sources::kafka::{KafkaSource, Progress};
use crate::sources::{Source, Stop};
use crate::telemetry::logs;
use clap::Args;
use serde::Serialize;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const EXAMPLES: &str = "\
Examples:
  rolestream run                                         a store in this folder, the taxonomy in the program, HTTP
  rolestream run --source inbox/ --sink file:views/      a folder that is watched; changelogs as JSON lines
  rolestream run --source jds.jsonl --once               reads a file to its end, then ends
  zcat jds.jsonl.gz | rolestream run --source - --once
  rolestream run --brokers localhost:9092 --sink kafka   topics jd.raw, jd.parsed and taxonomy; changelogs as topics

Without any configuration it keeps its store in ./rolestream-store, begins it with the taxonomy in the program, and answers
at http.address, http://127.0.0.1:8080 unless set otherwise: /docs there says what can be asked. To add Kafka, name its
brokers, here with --brokers or as kafka.brokers in rolestream.toml.

Metrics, health and readiness are told at service.address, http://127.0.0.1:9464 unless set otherwise.
SIGTERM and SIGINT end it in order: what was taken in is kept and told; a second one ends it at once, and loses nothing.";

/// Run as a service: read JDs and edits as they come, keep all of it, and write what changes
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Run {
    /// Folder of the store [default: store.path]
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,
    /// Folder of the taxonomy to begin a new store with [default: the one in the program]
    #[arg(long, value_name = "FOLDER")]
    taxonomy: Option<PathBuf>,
    /// What to read: a file of JSON lines, a folder to watch, or - ; `parsed:` or `taxonomy:` before it says what it
    /// holds; may be repeated
    #[arg(long, value_name = "WHAT")]
    source: Vec<String>,
    /// Where changelogs of the views go: `kafka` or `file:FOLDER`; may be repeated
    #[arg(long, value_name = "WHERE")]
    sink: Vec<String>,
    /// Kafka's brokers
    #[arg(long, value_name = "HOST:PORT,…")]
    brokers: Option<String>,
    /// Where requests are answered; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT")]
    http: Option<String>,
    /// The operator's address; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
    /// End when every source has been read to its end
    #[arg(long)]
    once: bool,
}

/// What `--json` prints at the end.
#[derive(Serialize)]
struct Printed {
    /// Whether every sink has all of it.
    whole: bool,
    jds: usize,
    epoch: u64,
    taxonomy_version: u64,
    seconds: f64,
}

/// What `--json` prints when it answers.
#[derive(Serialize)]
struct Listening {
    listening: String,
    token_file: Option<PathBuf>,
}

/// How long requests under way may take once the service has ended.
const GRACE: Duration = Duration::from_secs(2);

impl Run {
    pub(super) fn run(self, mut config: Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let begun = Instant::now();
        self.lay(&mut config);
        logs::init(&config.log);
        let (stop, signals) = (Stop::default(), end_on_signals()?);
        signals.forward(stop.clone())?;
        // First of all, so that a new store is not begun in vain; who asks meanwhile waits. What is read to its end and
        // then ended is asked nothing.
        let listener = if self.once { None } else { Listener::bind(&config.http)? };
        let (sources, kafka) = open_sources(&config, listener.is_some())?;
        let bars = RefCell::new((String::new(), None));
        let told = stop.clone();
        let service = Service::open(config, &|phase, done, of| {
            if told.stopped() {
                // Nothing was taken in yet that would have to be kept.
                std::process::exit(0);
            }
            let (shown, progress) = &mut *bars.borrow_mut();
            if shown != phase {
                *shown = phase.to_owned();
                *progress = Some(bar(phase.to_owned(), of));
            }
            if let Some(progress) = progress {
                progress.set_position(done);
                if done >= of {
                    progress.finish_and_clear();
                }
            }
        })?;
        if !out.json {
            let (engine, jds) = (service.engine(), service.engine().jds());
            let address = service.address().map(|address| format!("; metrics at http://{address}/metrics"));
            out.line(format!(
                "{jds} JDs held in {}, taxonomy version {}, ready after {}{}",
                service.store().path().display(),
                engine.taxonomy_version(),
                took(begun.elapsed()),
                address.unwrap_or_default()
            ))?;
            out.flush()?;
        }
        let answering = listener.map(|listener| serve::open_at(&service, listener)).transpose()?;
        if let Some(answering) = &answering {
            self.tell(answering, out)?;
        }
        let ended = service.run(sources, kafka, self.once, &stop)?;
        if let Some(answering) = answering {
            answering.server.stop(GRACE);
        }
        let (jds, taxonomy_version) = (service.engine().jds(), service.engine().taxonomy_version());
        if out.json {
            let (epoch, seconds) = (service.engine().last_closed(), begun.elapsed().as_secs_f64());
            out.object(&Printed { whole: ended == Ended::Whole, jds, epoch, taxonomy_version, seconds })?;
        } else {
            let rest = if ended == Ended::Whole { "" } else { "; the sinks get the rest after the next start" };
            out.line(format!("{jds} JDs held, taxonomy version {taxonomy_version}{rest}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Where it answers, and with which token.
    fn tell(&self, answering: &Answering, out: &mut Output) -> Result<(), Failure> {
        let url = answering.server.url();
        if out.json {
            out.object(&Listening { listening: url, token_file: answering.begun.as_ref().map(|b| b.file.clone()) })?;
            return out.flush();
        }
        out.line(format!("answering at {url}, described at {url}/docs"))?;
        if let Some(begun) = &answering.begun {
            out.line(format!(
                "the first token, for everything; it is not shown again: {}\n  it lies in {} for commands on this machine",
                begun.secret.expose(),
                begun.file.display()
            ))?;
        }
        out.flush()?;
        Ok(())
    }

    /// Flags win over all else.
    fn lay(&self, config: &mut Config) {
        if let Some(store) = &self.store {
            config.store.path.clone_from(store);
        }
        if let Some(taxonomy) = &self.taxonomy {
            config.taxonomy.path.clone_from(taxonomy);
        }
        if !self.source.is_empty() {
            config.sources.read.clone_from(&self.source);
        }
        if !self.sink.is_empty() {
            config.sinks.write.clone_from(&self.sink);
        }
        if let Some(brokers) = &self.brokers {
            config.kafka.brokers.clone_from(brokers);
        }
        if let Some(http) = &self.http {
            config.http.address.clone_from(http);
        }
        if let Some(address) = &self.address {
            config.service.address.clone_from(address);
        }
    }
}

/// Sources, and what the one of Kafka tells of its progress.
type Opened = (Vec<Box<dyn Source>>, Option<Progress>);

/// The sources of the configuration.
fn open_sources(config: &Config, answers: bool) -> Result<Opened, Errors> {
    let mut specs = Spec::parse_all(&config.sources.read)?;
    // Where `dead-letters retry` puts what came from files.
    retry::make_folders(&config.store.path)?;
    specs.extend(retry::folders(&config.store.path));
    if !answers && config.sources.read.is_empty() && config.kafka.brokers.trim().is_empty() {
        tracing::warn!("nothing is read: name what to read with --source, or brokers with --brokers");
    }
    let mut all = sources(&specs, config.admission.max_text_bytes);
    if config.kafka.brokers.trim().is_empty() {
        return Ok((all, None));
    }
    let kafka = KafkaSource::new(&config.kafka, &config.librdkafka)?;
    let progress = kafka.progress();
    all.push(Box::new(kafka));
    Ok((all, Some(progress)))
}

struct Ending(Signals);

/// From now on the signals that end a process are kept for [`Ending::forward`].
fn end_on_signals() -> Result<Ending, Error> {
    Signals::new([SIGTERM, SIGINT])
        .map(Ending)
        .map_err(|error| Error::new("signals cannot be waited for").detail(error.to_string()))
}

impl Ending {
    /// The first one tells `stop`; the second ends the process.
    fn forward(mut self, stop: Stop) -> Result<(), Error> {
        let wait = move || {
            for signal in self.0.forever() {
                if stop.stopped() {
                    // What is kept is kept: this is no worse than a crash.
                    std::process::exit(128 + signal);
                }
                tracing::info!(signal, "ending in order; once more ends at once");
                stop.stop();
            }
        };
        let thread = std::thread::Builder::new().name("signals".to_owned()).spawn(wait);
        thread.map(drop).map_err(|error| Error::new("signals cannot be waited for").detail(error.to_string()))
    }
}
