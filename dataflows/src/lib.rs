//! What Rolestream computes: changing collections in, maintained views out.
//!
//! No I/O, clock, randomness, async or float lives here.
//!
//! | look into | for |
//! |---|---|
//! | `records`, `views` | what goes in, what comes out |
//! | `graph` | what is computed from what |
//! | `taxonomy` | what merges and retirements leave of the taxonomy |
//! | `frame`, `kernel` | the retroactive ranking frame and its dot products |
//! | `decision` | the rule table |
//! | `baselines` … `counts` | one file a view |
//! | `oracle` | all of it again, from scratch and without cleverness |
//! | `driver`, `replay` | how a worker is fed and read |
//! | `preview` | what a draft of an edit would change |

mod baselines;
mod candidates;
mod centroids;
mod clusters;
mod collisions;
mod counts;
mod decision;
pub mod driver;
pub mod fixed;
mod frame;
mod graph;
pub mod id;
mod impact;
pub mod kernel;
pub mod oracle;
pub mod preview;
mod queues;
pub mod records;
pub mod replay;
mod reviews;
mod summary;
mod taxonomy;
pub mod text;
pub mod views;

pub use clusters::cluster;

use differential_dataflow::VecCollection;
use differential_dataflow::operators::arrange::TraceAgent;
use differential_dataflow::trace::implementations::ValSpine;

/// Epochs, shared by all inputs of all workers.
pub(crate) type Time = u64;
/// How often a row is there.
pub(crate) type Diff = isize;
/// A changing collection.
pub(crate) type Collection<'scope, D> = VecCollection<'scope, Time, D, Diff>;
/// A changing collection, indexed by key.
pub(crate) type Arranged<'scope, K, V> = differential_dataflow::operators::arrange::Arranged<'scope, Trace<K, V>>;
/// The index of an arranged collection.
pub(crate) type Trace<K, V> = TraceAgent<ValSpine<K, V, Time, Diff>>;
