//! What can be asked? Routes by what they are about; each says which scope it needs.
//!
//! | file | routes |
//! |---|---|
//! | `steps` | the three steps: `/skills/…` |
//! | `runs` | `/runs`, `/runs/{id}`, `/runs/{id}/explain` |
//! | `reviews` | the review loop: `/reviews`, `/reviews/{id}`, `/collisions/{id}` |
//! | `review_history` | what people decided, and its undoing: `/review-history` |
//! | `events` | what changes, as it changes: `/events/{view}` |
//! | `jds` | JDs in bulk: `/jds`, `/completion/{token}` |
//! | `roles` | `/roles`, `/roles/{slug}` with its `/neighbors` and `/members` |
//! | `map` | all roles in two dimensions: `/map` |
//! | `search` | what is like a text: `/search` |
//! | `collisions` | titles that several roles claim: `/collisions`, `/collisions/{id}` |
//! | `role_changes` | the log of role changes: `/role-changes` |
//! | `impact` | runs of which something else is said now than at ingest: `/impact` |
//! | `counts` | JDs counted: `/counts` |
//! | `taxonomy` | the taxonomy, its drafts and versions: `/taxonomy/…` |
//! | `audit` | who did what: `/audit` |

pub mod audit;
pub mod collisions;
pub mod counts;
pub mod events;
pub mod impact;
pub mod jds;
pub mod map;
pub mod review_history;
pub mod reviews;
pub mod role_changes;
pub mod roles;
pub mod runs;
pub mod search;
pub mod steps;
pub mod taxonomy;

use super::access::{self, Access};
use super::app::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

/// All routes.
pub fn all(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(steps::routes(access))
        .merge(runs::routes(access))
        .merge(jds::routes(access))
        .merge(roles::routes(access))
        .merge(map::routes(access))
        .merge(search::routes(access))
        .merge(collisions::routes(access))
        .merge(role_changes::routes(access))
        .merge(impact::routes(access))
        .merge(counts::routes(access))
        .merge(reviews::routes(access))
        .merge(review_history::routes(access))
        .merge(taxonomy::routes(access))
        .merge(audit::routes(access))
        .merge(events::routes(access))
        .merge(access::routes::routes(access))
}
