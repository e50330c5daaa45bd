//! Who asks, and what may they do? Bearer tokens with scopes, kept as hashes.
//!
//! | file | the question it answers |
//! |---|---|
//! | `scope` | what may a token be used for? |
//! | `secret` | how is a token made, and how is it kept from logs? |
//! | `tokens` | which tokens are there, and whose is this one? |
//! | `caller` | who asks this? |
//! | `guard` | may they ask it? |
//! | `origin` | does a page of another site ask? |
//! | `beginning` | how does the first token get to its holder? |
//! | `routes` | how are tokens made and taken back over HTTP? |
//! | `duration` | how long is `90d`? |
//!
//! Without a token, whoever asks is *anonymous*. They may do what `http.anonymous` says, and that only where the service
//! listens on this machine alone and nothing has passed the request on; elsewhere, nothing.

pub mod beginning;
mod caller;
mod duration;
mod guard;
pub mod origin;
pub mod routes;
mod scope;
mod secret;
#[cfg(test)]
mod tests;
mod tokens;

pub use beginning::{Begun, VARIABLE, begin, of_command_line};
pub use caller::{Caller, Principal, identify};
pub use duration::millis_of;
pub use guard::{Needed, Require, require};
pub use origin::Hosts;
pub use scope::{Scope, Scopes};
pub use secret::{Random, Secret, TokenHash, of_system};
pub use tokens::{Access, Clock, Kept, Refusal, State, TokenStore, TokenView};

/// What is told of what happened at the door, for the audit log.
pub trait Auditor: Send + Sync {
    /// Someone asked to change something and may not: `who` is a token's name, `anonymous`, or `unknown token`.
    fn refused(&self, who: &str, method: &str, path: &str, status: u16) {
        let _ = (who, method, path, status);
    }

    /// A token was made (`created`) or taken back (`revoked`), and that is kept.
    fn token_changed(&self, who: &str, change: &str, token: &TokenView) {
        let _ = (who, change, token);
    }
}

/// Nobody is told.
impl Auditor for () {}
