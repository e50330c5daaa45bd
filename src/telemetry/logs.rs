//! What is written while it runs? Lines on standard error, for people or for machines.

use crate::config::{Level, Log, LogFormat};
use std::io::{self, IsTerminal};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

/// From now on events are logged as the settings say. The first call of a process counts, later ones change nothing.
pub fn init(log: &Log) {
    // Colours are for eyes only, and not for those who said they want none (https://no-color.org).
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let colour = wanted && io::stderr().is_terminal();
    // An error says that another call came first.
    let _ = tracing::subscriber::set_global_default(subscriber(log, colour, io::stderr));
}

/// What writes events there.
fn subscriber<W>(log: &Log, colour: bool, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt().with_max_level(filter(log.level)).with_writer(writer);
    match log.format {
        LogFormat::Text => Box::new(lines.with_ansi(colour).finish()),
        // The event's own fields stand beside time, level and target, where tools look for them.
        LogFormat::Json => Box::new(lines.with_ansi(false).json().flatten_event(true).finish()),
    }
}

fn filter(level: Level) -> LevelFilter {
    match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What such settings write of a few events.
    fn written(level: Level, format: LogFormat, colour: bool) -> String {
        let paper = Paper::default();
        let writer = paper.clone();
        let subscriber = subscriber(&Log { level, format }, colour, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!("a cable is cut");
            tracing::info!(topic = "jd.raw", offset = 7, "a partition is read");
            tracing::debug!("a detail");
        });
        String::from_utf8(paper.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn the_level_says_what_is_left_out() {
        let lines = |level| written(level, LogFormat::Text, false).lines().count();
        assert_eq!([lines(Level::Error), lines(Level::Warn), lines(Level::Info)], [1, 1, 2]);
        assert_eq!([lines(Level::Debug), lines(Level::Trace)], [3, 3]);
    }

    #[test]
    fn json_is_an_object_a_line_with_the_fields_at_its_top() {
        let text = written(Level::Info, LogFormat::Json, true);
        let objects: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(objects.len(), 2);
        assert_eq!(objects[1]["level"], "INFO");
        assert_eq!(objects[1]["message"], "a partition is read");
        assert_eq!(objects[1]["offset"], 7);
        assert!(objects[1]["timestamp"].as_str().unwrap().ends_with('Z'), "{text}");
    }

    #[test]
    fn text_has_colours_only_where_they_are_wanted() {
        assert!(!written(Level::Info, LogFormat::Text, false).contains('\u{1b}'));
        assert!(written(Level::Info, LogFormat::Text, true).contains('\u{1b}'));
    }

    #[test]
    fn beginning_twice_is_no_error() {
        init(&Log::default());
        init(&Log { level: Level::Error, format: LogFormat::Json });
    }
}
