//! What waits for a person, and how is it settled? The review loop ([`crate::review`]) on a service that runs.
//!
//! | file | the question it answers |
//! |---|---|
//! | `rows` | which rows wait now, and what do they say? |
//! | `shelf` | what do the runs behind a row say? |
//! | `nearest` | what may a row be the same as? |
//! | `proposing` | how would a row be accepted, going by its runs? |
//! | `acting` | how is it settled, and taken back? |
//! | `log` | who decided what, when and why? |

mod acting;
mod log;
mod nearest;
mod proposing;
mod rows;
mod shelf;

pub use acting::Settled;
pub use log::Told;
pub use proposing::Proposal;

use crate::error::Error;
use crate::report::Names;
use crate::review::{Reviews, texts};
use crate::store::Store;
use log::Log;
use nearest::Nearest;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::Tables;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What is kept between requests.
#[derive(Default)]
pub(crate) struct Reviewing {
    /// What people decided.
    pub(crate) log: Log,
    /// What was found to be like what.
    pub(crate) nearest: Nearest,
    known: Mutex<Option<Arc<Known>>>,
}

/// What the records say of rows. They change seldom: it is made once for each state of them.
pub(crate) struct Known {
    pub(crate) tables: Arc<Tables>,
    names: Names,
    reviews: Reviews,
    terms: HashMap<Id, String>,
}

impl Reviewing {
    /// With what a store holds.
    pub(crate) fn open(store: &Store) -> Result<Reviewing, Error> {
        Ok(Reviewing { log: Log::open(store)?, ..Reviewing::default() })
    }

    /// What these records say.
    fn known(&self, tables: Arc<Tables>) -> Arc<Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some(known) if Arc::ptr_eq(&known.tables, &tables) => known.clone(),
            _ => {
                let made = Arc::new(Known {
                    names: Names::of(tables.iter()),
                    reviews: Reviews::of(tables.iter()),
                    terms: texts::terms(tables.iter()),
                    tables,
                });
                *known = Some(made.clone());
                made
            }
        }
    }
}
