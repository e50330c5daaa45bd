//! How is the taxonomy read and edited? `/taxonomy/…`
//!
//! | file | routes |
//! |---|---|
//! | `reading` | the records, now or as of a version; as a whole, in lists, one by one |
//! | `drafts` | edits that are gathered |
//! | `preview` | what would a draft change? |
//! | `publishing` | a draft becomes a version; rollback |
//! | `versions` | which versions are there, and how do two differ? |
//! | `lints` | what looks wrong? |

pub mod drafts;
pub mod lints;
pub mod preview;
pub mod publishing;
pub mod reading;
pub mod versions;

use crate::serve::access::Access;
use crate::serve::app::App;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(reading::routes(access))
        .merge(drafts::routes(access))
        .merge(preview::routes(access))
        .merge(publishing::routes(access))
        .merge(versions::routes(access))
        .merge(lints::routes(access))
}
