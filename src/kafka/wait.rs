//! How is the answer to an administrator's request waited for? On this thread, without a runtime.

use crate::sources::Stop;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The answer; `None` when told to stop before it was there.
pub(crate) fn wait<F: Future>(answer: F, stop: &Stop) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut answer = std::pin::pin!(answer);
    loop {
        if let Poll::Ready(output) = answer.as_mut().poll(&mut context) {
            return Some(output);
        }
        if stop.stopped() {
            return None;
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
}
