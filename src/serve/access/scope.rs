//! What may a token be used for?
//!
//! | scope | what it allows | what it implies |
//! |---|---|---|
//! | read | everything that changes nothing | |
//! | submit | JDs in, their steps, their withdrawal | read |
//! | review | verdicts on queues and collisions; drafts of the taxonomy | read |
//! | publish | drafts become versions; rollback | review, read |
//! | admin | tokens, and all else | all |
//!
//! Who may publish any edit may settle a row of a queue, too. Who reviews need not be able to submit JDs: those come from
//! machines, whose tokens in turn should not reach the taxonomy.

use crate::error::{Error, listed, nearest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What a token may be used for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read everything
    Read,
    /// Submit and withdraw JDs, and take their steps
    Submit,
    /// Settle queues and collisions, and write drafts
    Review,
    /// Publish drafts and roll back
    Publish,
    /// Make and take back tokens, and all else
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Scope; 5] = [Scope::Read, Scope::Submit, Scope::Review, Scope::Publish, Scope::Admin];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Submit => "submit",
            Scope::Review => "review",
            Scope::Publish => "publish",
            Scope::Admin => "admin",
        }
    }

    /// Whether who has this one may do what that one allows.
    pub fn implies(self, needed: Scope) -> bool {
        match self {
            Scope::Admin => true,
            Scope::Publish => matches!(needed, Scope::Publish | Scope::Review | Scope::Read),
            Scope::Submit | Scope::Review | Scope::Read => needed == self || needed == Scope::Read,
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = Error;

    fn from_str(word: &str) -> Result<Scope, Error> {
        let names = Scope::ALL.map(Scope::name);
        Scope::ALL.into_iter().find(|scope| scope.name() == word).ok_or_else(|| {
            let error =
                Error::new(format!("there is no scope {word:?}")).detail(format!("there are {}", listed(names)));
            match nearest(word, names) {
                Some(meant) => error.hint(format!("did you mean {meant:?}?")),
                None => error,
            }
        })
    }
}

/// The scopes of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// None.
    pub fn none() -> Scopes {
        Scopes::default()
    }

    /// Whether they allow it.
    pub fn allow(&self, needed: Scope) -> bool {
        self.0.iter().any(|scope| scope.implies(needed))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, the least first.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    /// As words.
    pub fn names(&self) -> Vec<String> {
        self.iter().map(|scope| scope.name().to_owned()).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Scopes {
        Scopes(scopes.into_iter().collect())
    }
}
