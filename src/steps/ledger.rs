//! What did models cost? One entry a call, in whole micro-dollars; totals of a step and of a run (SPEC §7, costs).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use utoipa::ToSchema;

/// US dollars in millionths; prints as `$0.0038`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct MicroDollars(pub u64);

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// It answered, and the answer was used.
    Used,
    /// It answered, and the answer was of no use: not of the form asked for, not sure enough.
    Discarded,
    /// It did not answer.
    Failed,
    /// It did not answer in time.
    TimedOut,
}

/// One call of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelCall {
    /// The model's name.
    pub model: String,
    /// What for.
    pub purpose: String,
    /// What it was asked.
    pub prompt: String,
    /// What it answered; empty where it did not.
    pub response: String,
    /// Tokens of the prompt.
    pub tokens_in: u64,
    /// Tokens of the answer.
    pub tokens_out: u64,
    /// What it cost, in millionths of a dollar.
    pub usd: MicroDollars,
    /// How long it took.
    pub millis: u64,
    /// How it ended.
    pub outcome: CallOutcome,
}

/// Several calls together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs, reason = "as in ModelCall, summed")]
pub struct Totals {
    pub calls: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
    pub usd: MicroDollars,
    pub millis: u64,
}

/// What a run cost, as it is printed: `$0.0000` where no model was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Costs {
    /// Of each step, in order.
    pub steps: Vec<StepCosts>,
    /// Of all together.
    pub total: Totals,
    /// That in dollars, with four decimals.
    pub total_usd: String,
}

/// What a step cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepCosts {
    /// The step's name.
    pub step: String,
    /// Its calls together.
    pub totals: Totals,
    /// Their price in dollars, with four decimals.
    pub usd: String,
}

impl Totals {
    /// Of these calls.
    pub fn of<'a>(calls: impl IntoIterator<Item = &'a ModelCall>) -> Totals {
        calls.into_iter().map(Totals::from).sum()
    }
}

impl From<&ModelCall> for Totals {
    fn from(call: &ModelCall) -> Totals {
        let ModelCall { tokens_in, tokens_out, usd, millis, .. } = *call;
        Totals { calls: 1, tokens_in, tokens_out, usd, millis }
    }
}

impl Add for Totals {
    type Output = Totals;
    fn add(self, other: Totals) -> Totals {
        Totals {
            calls: self.calls.saturating_add(other.calls),
            tokens_in: self.tokens_in.saturating_add(other.tokens_in),
            tokens_out: self.tokens_out.saturating_add(other.tokens_out),
            usd: MicroDollars(self.usd.0.saturating_add(other.usd.0)),
            millis: self.millis.saturating_add(other.millis),
        }
    }
}

impl Sum for Totals {
    fn sum<I: Iterator<Item = Totals>>(totals: I) -> Totals {
        totals.fold(Totals::default(), Totals::add)
    }
}

impl Costs {
    /// Of steps by name, in order.
    pub fn of<'a>(steps: impl IntoIterator<Item = (&'a str, Totals)>) -> Costs {
        let steps: Vec<StepCosts> = steps
            .into_iter()
            .map(|(step, totals)| StepCosts { step: step.to_owned(), totals, usd: totals.usd.to_string() })
            .collect();
        let total: Totals = steps.iter().map(|step| step.totals).sum();
        Costs { steps, total, total_usd: total.usd.to_string() }
    }
}

impl fmt::Display for MicroDollars {
    /// Four decimals, rounded half up.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ten_thousandths = self.0.saturating_add(50) / 100;
        write!(f, "${}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000)
    }
}

impl fmt::Display for Costs {
    /// `API 1: $0.0038 API 2: $0.0000 API 3: $0.0000 Total: $0.0038`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.steps.iter().enumerate() {
            write!(f, "API {}: {} ", n + 1, step.usd)?;
        }
        write!(f, "Total: {}", self.total_usd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(usd: u64) -> ModelCall {
        ModelCall {
            model: "m".to_owned(),
            purpose: "adjudicate".to_owned(),
            prompt: "which?".to_owned(),
            response: "this".to_owned(),
            tokens_in: 10,
            tokens_out: 2,
            usd: MicroDollars(usd),
            millis: 7,
            outcome: CallOutcome::Used,
        }
    }

    #[test]
    fn an_empty_ledger_prints_zeros_and_a_full_one_its_sums() {
        let none = Costs::of([("a", Totals::default()), ("b", Totals::default()), ("c", Totals::default())]);
        assert_eq!(none.to_string(), "API 1: $0.0000 API 2: $0.0000 API 3: $0.0000 Total: $0.0000");
        // Each is printed rounded, the total is rounded once.
        let some = Costs::of([("a", Totals::of(&[call(3_000), call(849)])), ("b", Totals::of(&[call(49)]))]);
        assert_eq!(some.to_string(), "API 1: $0.0038 API 2: $0.0000 Total: $0.0039");
        assert_eq!((some.total.calls, some.total.tokens_in, some.total.millis), (3, 30, 21));
        assert_eq!(MicroDollars(12_345_678).to_string(), "$12.3457");
    }
}
