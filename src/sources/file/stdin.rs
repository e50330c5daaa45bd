//! What comes in on standard input? Lines, until it ends. How far it was read is told by its lines of this run only:
//! when the program begins again, so does it.

use super::lines::{Line, Lines};
use super::{Kind, Origin, unreadable};
use crate::error::Error;
use crate::sources::{Feed, Source, Stream};
use std::io::{self, BufReader, Read};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// Lines read ahead.
const AHEAD: usize = 64;

/// Standard input. Positions in the store are not asked for: nobody can go back in it, and what comes now is not what
/// came in another run.
pub struct StdinSource {
    kind: Kind,
    limit: u64,
    input: Box<dyn Read + Send>,
}

impl StdinSource {
    /// That of the process; a line may have so many bytes.
    pub fn new(kind: Kind, limit: u64) -> StdinSource {
        StdinSource::over(kind, limit, Box::new(io::stdin()))
    }

    /// Anything that is read as standard input is.
    pub fn over(kind: Kind, limit: u64, input: Box<dyn Read + Send>) -> StdinSource {
        StdinSource { kind, limit, input }
    }
}

impl Source for StdinSource {
    fn name(&self) -> String {
        "standard input".to_owned()
    }

    fn run(self: Box<Self>, feed: Feed) -> Result<(), Error> {
        let StdinSource { kind, limit, input } = *self;
        let stream = Stream { source: "stdin".into(), name: "stdin".into(), partition: 0 };
        let origin = Origin { kind, stream };
        let (queue, lines) = sync_channel(AHEAD);
        // Reading blocks, and cannot be interrupted: it is left alone when all else ends.
        let reader = std::thread::Builder::new().name("stdin".to_owned()).spawn(move || read(input, limit, &queue));
        reader.map_err(|error| unreadable("stdin", &error))?;
        loop {
            match lines.recv_timeout(Duration::from_millis(50)) {
                Ok(Ok(line)) => {
                    if !feed.send(origin.line(line, 0)) {
                        return Ok(());
                    }
                }
                Ok(Err(error)) => return Err(unreadable("stdin", &error)),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) if feed.stop.stopped() => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// Reads until the input ends or nobody listens.
fn read(input: Box<dyn Read + Send>, limit: u64, queue: &SyncSender<io::Result<Line>>) {
    let mut input = BufReader::new(input);
    let mut lines = Lines::new(0, 0, limit);
    loop {
        let next = lines.next(&mut input).transpose().or_else(|| lines.rest().map(Ok));
        let Some(next) = next else { return };
        let failed = next.is_err();
        if queue.send(next).is_err() || failed {
            return;
        }
    }
}
