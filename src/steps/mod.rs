//! What do the second and third step of the API answer, and how does a run live? (SPEC §7) Pure functions: whoever
//! calls them reads the inputs, keeps the results, and applies the edits.
//!
//! | file | the question it answers |
//! |---|---|
//! | `catalogue` | what do the records say, by slug, with merges followed? |
//! | `details` | what does the second step answer? |
//! | `mentions` | where does a JD mention its skills, and what stands in a line with what? |
//! | `proposal` | where would a skill belong that the library lacks? |
//! | `final_output` | what does the third step answer, and what is it asked? |
//! | `decided` | what did a person decide of each skill, and does it make sense? |
//! | `resolve` | which role does a run end with, and may it be made? |
//! | `persist` | what does the third step write: edits, verdicts, artifacts? |
//! | `propose` | what would a new role own, going by the runs that wait for it? |
//! | `central` | which sentences of many runs say what a role does? |
//! | `run` | which steps has a run done, and which may it do next? |
//! | `ledger` | what did models cost? |
//! | `run_id` | which JD and content does the id of a run name? |

pub mod catalogue;
mod central;
mod decided;
pub mod details;
pub mod final_output;
pub mod ledger;
mod mentions;
mod persist;
mod proposal;
pub mod propose;
mod resolve;
pub mod run;
pub mod run_id;
#[cfg(test)]
mod tests;

pub use catalogue::{Catalogue, RoleRef};
pub use details::{Settlement, StepTwo, details};
pub use final_output::{Asked, FinalRequest, Outcome, StepThree, final_output};
pub use ledger::{Costs, ModelCall, Totals};
pub use propose::{QueuedRun, RoleProposal, propose};
pub use run::{RunSteps, Status, Step, StepResult};
