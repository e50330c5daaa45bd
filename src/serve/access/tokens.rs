//! Which tokens are there, and whose is this one? All of them in memory, by hash; a change is in the store before it counts.

use super::scope::{Scope, Scopes};
use super::secret::{Random, Secret, TokenHash, of_system};
use super::{Auditor, Principal};
use crate::config::Anonymous;
use crate::error::Error;
use crate::store::{Store, StoredToken};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use utoipa::ToSchema;

/// Names that no token may have: the audit log uses them for those who have none.
const RESERVED: [&str; 4] = ["anonymous", "unknown token", "system", "rolestream"];
/// Longest name of a token, in characters.
const LONGEST_NAME: usize = 64;

/// A token as it is kept.
pub type Kept = (TokenHash, StoredToken);

/// Where tokens are kept.
pub trait TokenStore: Send + Sync {
    /// All of them.
    fn tokens(&self) -> Result<Vec<Kept>, Error>;
    /// Writes one, and makes it safe.
    fn write(&self, hash: &TokenHash, token: &StoredToken) -> Result<(), Error>;
}

impl TokenStore for Store {
    fn tokens(&self) -> Result<Vec<Kept>, Error> {
        Ok(Store::tokens(self)?.into_iter().map(|(hash, token)| (TokenHash(hash), token)).collect())
    }

    fn write(&self, hash: &TokenHash, token: &StoredToken) -> Result<(), Error> {
        let mut commit = self.commit();
        commit.put_token(&hash.0, token);
        commit.write()?;
        // A token taken back must not come to life with the next loss of power.
        self.sync().map(drop)
    }
}

/// Whether a token counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It does.
    Active,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

/// What is told of a token: all but the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// What it is called.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// Whether it counts.
    pub state: State,
    /// When it was made.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
    /// From when on it counts no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
}

/// Why a token was not made or taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What was asked makes no sense.
    Unfit(Error),
    /// The name is taken.
    Taken(Error),
    /// There is none of that name.
    Unknown(Error),
    /// It cannot be written.
    Unkept(Error),
}

impl Refusal {
    /// What is said of it.
    pub fn into_error(self) -> Error {
        match self {
            Refusal::Unfit(error) | Refusal::Taken(error) | Refusal::Unknown(error) | Refusal::Unkept(error) => error,
        }
    }
}

/// The time, in milliseconds since 1970.
pub type Clock = dyn Fn() -> i64 + Send + Sync;

/// Who may do what.
pub struct Access {
    tokens: RwLock<HashMap<TokenHash, StoredToken>>,
    store: Arc<dyn TokenStore>,
    anonymous: Scopes,
    pub(super) auditor: Arc<dyn Auditor>,
    now: Box<Clock>,
    random: Box<Random>,
    /// Held while a token is written, so that two of one name cannot be.
    writing: Mutex<()>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("tokens", &self.read().len()).finish_non_exhaustive()
    }
}

impl Access {
    /// Reads the tokens of a store.
    pub fn open(store: Arc<dyn TokenStore>) -> Result<Access, Error> {
        Ok(Access {
            tokens: RwLock::new(store.tokens()?.into_iter().collect()),
            store,
            anonymous: Scopes::none(),
            auditor: Arc::new(()),
            now: Box::new(|| jiff::Timestamp::now().as_millisecond()),
            random: Box::new(of_system),
            writing: Mutex::default(),
        })
    }

    /// What may be done without a token. It counts only where the service listens on this machine alone, which `loopback`
    /// says of its address.
    pub fn anonymous(mut self, anonymous: Anonymous, loopback: bool) -> Access {
        self.anonymous = match anonymous {
            _ if !loopback => Scopes::none(),
            Anonymous::None => Scopes::none(),
            Anonymous::Read => Scopes::from_iter([Scope::Read]),
            Anonymous::All => Scopes::from_iter([Scope::Admin]),
        };
        self
    }

    /// Who is told of what happens at the door.
    pub fn auditor(mut self, auditor: Arc<dyn Auditor>) -> Access {
        self.auditor = auditor;
        self
    }

    /// With another clock than the system's.
    pub fn clock(mut self, now: impl Fn() -> i64 + Send + Sync + 'static) -> Access {
        self.now = Box::new(now);
        self
    }

    /// With other randomness than the system's.
    pub fn random(mut self, random: impl Fn(&mut [u8]) -> Result<(), Error> + Send + Sync + 'static) -> Access {
        self.random = Box::new(random);
        self
    }

    /// Whether no token was ever made.
    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    /// Makes a token. It is given here and never again.
    pub fn create(
        &self,
        name: &str,
        scopes: Scopes,
        lives_millis: Option<i64>,
        by: &str,
    ) -> Result<(Secret, TokenView), Refusal> {
        check_name(name)?;
        if scopes.is_empty() {
            let error = Error::new("a token without a scope would be of no use");
            return Err(Refusal::Unfit(error.hint("name one of read, submit, review, publish, admin")));
        }
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = self.read().values().find(|token| token.name == name) {
            let error = Error::new(format!("there is a token {name:?} already"))
                .detail(format!(
                    "it is {}; the audit log tells by its name who did what",
                    state_name(self.state(token))
                ))
                .hint(format!("take another name, such as \"{name}-2\""));
            return Err(Refusal::Taken(error));
        }
        let secret = Secret::draw(&*self.random).map_err(Refusal::Unkept)?;
        let now = (self.now)();
        let token = StoredToken {
            name: name.to_owned(),
            scopes: scopes.names(),
            created_at: now,
            created_by: by.to_owned(),
            expires_at: lives_millis.map(|millis| now.saturating_add(millis)),
            revoked_at: None,
        };
        self.keep(secret.hash(), token.clone()).map_err(Refusal::Unkept)?;
        let view = self.view(&token);
        self.auditor.token_changed(by, "created", &view);
        Ok((secret, view))
    }

    /// Takes a token back; one that is back already stays as it is.
    pub fn revoke(&self, name: &str, by: &str) -> Result<TokenView, Refusal> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let found =
            self.read().iter().find(|(_, token)| token.name == name).map(|(hash, token)| (*hash, token.clone()));
        let Some((hash, mut token)) = found else {
            let names: Vec<String> = self.read().values().map(|token| token.name.clone()).collect();
            let error = Error::new(format!("there is no token {name:?}"));
            return Err(Refusal::Unknown(match crate::error::nearest(name, names.iter().map(String::as_str)) {
                Some(meant) => error.hint(format!("did you mean {meant:?}?")),
                None => error.hint("list them with `rolestream token list`"),
            }));
        };
        if token.revoked_at.is_none() {
            token.revoked_at = Some((self.now)());
            self.keep(hash, token.clone()).map_err(Refusal::Unkept)?;
            self.auditor.token_changed(by, "revoked", &self.view(&token));
        }
        Ok(self.view(&token))
    }

    /// All tokens, by name.
    pub fn list(&self) -> Vec<TokenView> {
        let mut views: Vec<TokenView> = self.read().values().map(|token| self.view(token)).collect();
        views.sort_by(|a, b| a.name.cmp(&b.name));
        views
    }

    /// Whose token it is; why it does not count otherwise. As much work whatever is presented: one hash, one look-up.
    pub fn authenticate(&self, presented: &str) -> Result<Principal, Error> {
        let refused = |detail: &str| {
            Error::new("the token does not count")
                .detail(detail.to_owned())
                .hint("ask whoever runs the service for another: `rolestream token create NAME --scope …`")
        };
        let secret =
            Secret::read(presented).ok_or_else(|| refused("it has not the form of a token, rst_ and 43 characters"))?;
        let hash = secret.hash();
        let tokens = self.read();
        let token = tokens.get(&hash).ok_or_else(|| refused("it is unknown here"))?;
        match self.state(token) {
            State::Active => {}
            // Who knows the token may know this of it.
            State::Expired => return Err(refused(&format!("{:?} expired at {}", token.name, time(token.expires_at)))),
            State::Revoked => {
                return Err(refused(&format!("{:?} was revoked at {}", token.name, time(token.revoked_at))));
            }
        }
        Ok(Principal { name: token.name.as_str().into(), scopes: scopes_of(token), token: Some(hash) })
    }

    /// Who asks without a token, where they may do anything.
    pub(super) fn nobody(&self) -> Option<Principal> {
        let scopes = self.anonymous.clone();
        (!scopes.is_empty()).then(|| Principal { name: "anonymous".into(), scopes, token: None })
    }

    /// In the store first: what cannot be kept does not count.
    fn keep(&self, hash: TokenHash, token: StoredToken) -> Result<(), Error> {
        self.store.write(&hash, &token)?;
        self.tokens.write().unwrap_or_else(PoisonError::into_inner).insert(hash, token);
        Ok(())
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<TokenHash, StoredToken>> {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self, token: &StoredToken) -> State {
        match (token.revoked_at, token.expires_at) {
            (Some(_), _) => State::Revoked,
            (None, Some(expires)) if expires <= (self.now)() => State::Expired,
            _ => State::Active,
        }
    }

    fn view(&self, token: &StoredToken) -> TokenView {
        TokenView {
            name: token.name.clone(),
            scopes: scopes_of(token).iter().collect(),
            state: self.state(token),
            created_at: time(Some(token.created_at)),
            created_by: token.created_by.clone(),
            expires_at: token.expires_at.map(|at| time(Some(at))),
            revoked_at: token.revoked_at.map(|at| time(Some(at))),
        }
    }
}

/// A scope that this program does not know allows nothing.
fn scopes_of(token: &StoredToken) -> Scopes {
    token.scopes.iter().filter_map(|word| word.parse().ok()).collect()
}

/// A word for messages.
pub(super) fn state_name(state: State) -> &'static str {
    match state {
        State::Active => "active",
        State::Expired => "expired",
        State::Revoked => "revoked",
    }
}

fn time(millis: Option<i64>) -> String {
    let time = millis.and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    time.map_or_else(|| "a time beyond the calendar".to_owned(), |time| time.to_string())
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let wrong = |detail: String| {
        let error = Error::new(format!("{name:?} cannot be the name of a token")).detail(detail);
        Refusal::Unfit(error.hint("take a name such as ingest-eu or anna@example.org"))
    };
    let sound = |c: char| c.is_ascii_alphanumeric() || "-_.@+".contains(c);
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(sound) {
        return Err(wrong(format!("it is of ASCII letters, digits and -_.@+, at most {LONGEST_NAME} of them")));
    }
    if RESERVED.contains(&&*name.to_ascii_lowercase()) {
        return Err(wrong("the audit log uses it for those who have no token".to_owned()));
    }
    Ok(())
}
