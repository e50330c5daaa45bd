//! Do tokens count when they should, and only then? And does nothing tell them?

use super::beginning::{begin, of_command_line};
use super::*;
use crate::config::Anonymous;
use crate::error::Error;
use crate::store::{Store, StoredToken};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

/// A store that forgets nothing but what it is told to refuse.
#[derive(Default)]
pub(in crate::serve) struct Shelf {
    kept: Mutex<Vec<Kept>>,
    pub(in crate::serve) full: AtomicBool,
}

impl TokenStore for Shelf {
    fn tokens(&self) -> Result<Vec<Kept>, Error> {
        Ok(self.kept.lock().unwrap().clone())
    }

    fn write(&self, hash: &TokenHash, token: &StoredToken) -> Result<(), Error> {
        if self.full.load(Ordering::Relaxed) {
            return Err(Error::new("the store cannot be written"));
        }
        let mut kept = self.kept.lock().unwrap();
        kept.retain(|(other, _)| other != hash);
        kept.push((*hash, token.clone()));
        Ok(())
    }
}

const DAY: i64 = 86_400_000;

fn scopes(scopes: &[Scope]) -> Scopes {
    scopes.iter().copied().collect()
}

/// An access of which every token differs, with a clock to turn.
fn access(store: Arc<dyn TokenStore>) -> (Access, Arc<AtomicI64>) {
    let (time, drawn) = (Arc::new(AtomicI64::new(1_000)), AtomicU8::new(0));
    let now = time.clone();
    let access = Access::open(store).unwrap().clock(move || now.load(Ordering::Relaxed)).random(move |bytes| {
        bytes.fill(drawn.fetch_add(1, Ordering::Relaxed));
        Ok(())
    });
    (access, time)
}

#[test]
fn scopes_imply_what_the_table_says_and_nothing_else() {
    let implied = |scope: Scope| Scope::ALL.into_iter().filter(|needed| scope.implies(*needed)).collect::<Vec<_>>();
    assert_eq!(implied(Scope::Read), [Scope::Read]);
    assert_eq!(implied(Scope::Submit), [Scope::Read, Scope::Submit]);
    assert_eq!(implied(Scope::Review), [Scope::Read, Scope::Review]);
    assert_eq!(implied(Scope::Publish), [Scope::Read, Scope::Review, Scope::Publish]);
    assert_eq!(implied(Scope::Admin), Scope::ALL);
    assert!(!Scopes::none().allow(Scope::Read));
    assert_eq!("reviw".parse::<Scope>().unwrap_err().hint.as_deref(), Some("did you mean \"review\"?"));
}

#[test]
fn a_token_counts_until_it_expires_or_is_taken_back_and_a_restart_changes_nothing() {
    let store = Arc::new(Shelf::default());
    let (access, time) = access(store.clone());
    let (ingest, view) = access.create("ingest", scopes(&[Scope::Submit]), Some(90 * DAY), "anna").unwrap();
    let (review, _) = access.create("review", scopes(&[Scope::Review]), None, "anna").unwrap();
    assert_eq!((view.state, view.created_by.as_str()), (State::Active, "anna"));
    assert_eq!(view.expires_at.as_deref(), Some("1970-04-01T00:00:01Z"));
    let principal = access.authenticate(ingest.expose()).unwrap();
    assert_eq!((&*principal.name, principal.token), ("ingest", Some(ingest.hash())));
    assert!(principal.scopes.allow(Scope::Submit) && !principal.scopes.allow(Scope::Review));

    time.store(1_000 + 90 * DAY - 1, Ordering::Relaxed);
    assert!(access.authenticate(ingest.expose()).is_ok());
    time.store(1_000 + 90 * DAY, Ordering::Relaxed);
    let error = access.authenticate(ingest.expose()).unwrap_err().to_string();
    assert!(error.contains("expired at 1970-04-01"), "{error}");

    assert_eq!(access.revoke("review", "anna").unwrap().state, State::Revoked);
    let revoked_at = access.revoke("review", "bert").unwrap().revoked_at;
    assert!(access.authenticate(review.expose()).unwrap_err().to_string().contains("revoked"));
    let again = Access::open(store).unwrap().clock(|| 2_000 + 91 * DAY);
    assert!(again.authenticate(review.expose()).is_err() && again.authenticate(ingest.expose()).is_err());
    let states: Vec<_> = again.list().into_iter().map(|view| (view.name, view.state)).collect();
    assert_eq!(states, [("ingest".to_owned(), State::Expired), ("review".to_owned(), State::Revoked)]);
    assert_eq!(again.list()[1].revoked_at, revoked_at, "the first time counts");
}

#[test]
fn what_is_no_token_of_ours_is_refused() {
    let (access, _) = access(Arc::new(Shelf::default()));
    let (secret, _) = access.create("one", scopes(&[Scope::Admin]), None, "anna").unwrap();
    let token = secret.expose();
    let other = Secret::draw(&|bytes: &mut [u8]| {
        bytes.fill(200);
        Ok(())
    });
    let hash: String = secret.hash().0.iter().map(|byte| format!("{byte:02x}")).collect();
    let twice = format!("{token}{token}");
    for garbage in
        ["", "rst_", &token[4..], &token[..46], &token.to_uppercase(), &twice, &hash, other.unwrap().expose()]
    {
        assert!(access.authenticate(garbage).is_err(), "{garbage}");
    }
    assert_eq!(token.len(), 47);
    assert!(access.authenticate(token).is_ok());
}

#[test]
fn names_are_given_once_and_are_fit_for_the_audit_log() {
    let (access, _) = access(Arc::new(Shelf::default()));
    let create = |name: &str| access.create(name, scopes(&[Scope::Read]), None, "anna").map(drop);
    create("ingest").unwrap();
    access.revoke("ingest", "anna").unwrap();
    assert!(matches!(create("ingest"), Err(Refusal::Taken(_))), "the log would not tell them apart");
    for name in ["", "a b", "é", "a\nb", "Anonymous", "system", &"x".repeat(65)] {
        assert!(matches!(create(name), Err(Refusal::Unfit(_))), "{name}");
    }
    assert!(matches!(access.create("x", Scopes::none(), None, "anna"), Err(Refusal::Unfit(_))));
    match access.revoke("ingst", "anna") {
        Err(Refusal::Unknown(error)) => assert_eq!(error.hint.as_deref(), Some("did you mean \"ingest\"?")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_kept_does_not_count() {
    let store = Arc::new(Shelf::default());
    let (access, _) = access(store.clone());
    let (secret, _) = access.create("one", scopes(&[Scope::Read]), None, "anna").unwrap();
    store.full.store(true, Ordering::Relaxed);
    assert!(matches!(access.create("two", scopes(&[Scope::Read]), None, "anna"), Err(Refusal::Unkept(_))));
    assert!(matches!(access.revoke("one", "anna"), Err(Refusal::Unkept(_))));
    assert_eq!(access.list().len(), 1);
    assert!(access.authenticate(secret.expose()).is_ok(), "it would come back with a restart");
}

#[test]
fn only_this_machine_is_anonymous() {
    let nobody = |anonymous, loopback| {
        let access = Access::open(Arc::new(Shelf::default())).unwrap().anonymous(anonymous, loopback);
        access.nobody().map(|principal| Scope::ALL.map(|scope| principal.scopes.allow(scope)))
    };
    assert_eq!(nobody(Anonymous::Read, true), Some([true, false, false, false, false]));
    assert_eq!(nobody(Anonymous::All, true), Some([true; 5]));
    assert_eq!(nobody(Anonymous::None, true), None);
    assert_eq!(nobody(Anonymous::All, false), None);
}

#[test]
fn the_first_start_makes_one_token_and_leaves_it_for_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let store = Arc::new(Store::open(folder.path()).unwrap());
        Access::open(store).unwrap()
    };
    let begun = begin(&open(), folder.path()).unwrap().unwrap();
    let of = |server| of_command_line(None, server, folder.path()).unwrap();
    assert_eq!(of("http://localhost:8080"), Some(begun.secret.clone()));
    assert_eq!(of("http://example.org"), None, "it goes nowhere else");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&begun.file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let access = open();
    assert!(access.authenticate(begun.secret.expose()).unwrap().scopes.allow(Scope::Admin));
    access.revoke("admin", "anna").unwrap();
    assert!(begin(&access, folder.path()).unwrap().is_none(), "one that was taken back is not made again");
    drop(access);
    assert!(open().authenticate(begun.secret.expose()).is_err());
    let named = of_command_line(Some("rst_x"), "http://example.org", folder.path());
    assert!(named.unwrap_err().to_string().contains("ROLESTREAM_TOKEN"));
}

#[test]
fn a_token_is_not_printed_by_accident() {
    let (access, _) = access(Arc::new(Shelf::default()));
    let (secret, view) = access.create("one", scopes(&[Scope::Admin]), None, "anna").unwrap();
    let principal = access.authenticate(secret.expose()).unwrap();
    let made = routes::MadeToken { token: secret.expose().to_owned(), view };
    let printed = format!("{secret:?} {access:?} {principal:?} {made:?} {:?}", secret.hash());
    assert!(!printed.contains(secret.expose()) && !printed.contains(&secret.expose()[4..]), "{printed}");
    assert!(!printed.contains(&format!("{:?}", secret.hash().0)), "{printed}");
}
