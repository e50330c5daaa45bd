//! Does it work, and is it ready? What the service says of itself; the server gives it out.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the service does at the moment. Shared by those who do it and those who tell.
#[derive(Debug)]
pub struct Health(Mutex<State>);

/// A service's state at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// What it does, such as `loading JDs`.
    pub phase: String,
    /// How much of that is done.
    pub done: u64,
    /// Of how much, where that is known.
    pub of: Option<u64>,
    /// Whether it answers rightly by now.
    pub ready: bool,
    /// Why it cannot go on.
    pub failure: Option<String>,
}

impl Default for Health {
    fn default() -> Health {
        Health::new()
    }
}

impl Health {
    /// Of a service that starts.
    pub fn new() -> Health {
        Health(Mutex::new(State { phase: "starting".to_owned(), done: 0, of: None, ready: false, failure: None }))
    }

    /// It begins with something, and is not ready until that is done. Of how much, where that is known.
    pub fn begin(&self, phase: impl Into<String>, of: Option<u64>) {
        let mut state = self.lock();
        *state = State { phase: phase.into(), done: 0, of, ready: false, failure: state.failure.take() };
    }

    /// So much of what it does is done.
    pub fn advance(&self, done: u64) {
        self.lock().done = done;
    }

    /// It answers rightly from now on.
    pub fn ready(&self) {
        let mut state = self.lock();
        *state = State { phase: "running".to_owned(), done: 0, of: None, ready: true, failure: state.failure.take() };
    }

    /// It cannot go on, and why. The first reason stays: what follows is mostly of its making.
    pub fn fail(&self, reason: impl Into<String>) {
        let mut state = self.lock();
        state.ready = false;
        state.failure.get_or_insert_with(|| reason.into());
    }

    /// As it is now.
    pub fn state(&self) -> State {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether it answers, and rightly.
    pub fn is_ready(&self) -> bool {
        self.ready && self.failure.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_phase_begins_at_nothing_done() {
        let health = Health::new();
        health.begin("loading JDs", Some(100));
        health.advance(70);
        assert_eq!((health.state().done, health.state().of), (70, Some(100)));
        health.begin("catching up", None);
        assert_eq!((health.state().done, health.state().of), (0, None));
        assert!(!health.state().is_ready());
    }

    #[test]
    fn a_failure_stays_and_the_first_reason_with_it() {
        let health = Health::new();
        health.ready();
        assert!(health.state().is_ready());
        health.fail("the disk is full");
        health.fail("the worker is gone");
        health.ready();
        assert_eq!(health.state().failure.as_deref(), Some("the disk is full"));
        assert!(!health.state().is_ready());
    }
}
