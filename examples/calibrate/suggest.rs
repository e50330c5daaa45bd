//! Which thresholds follow from what was measured, and by which rule?

use crate::measure::{Body, Title};
use rolestream::embed::Thresholds;

/// A threshold, the share it keeps and how much of what it keeps is right.
pub(crate) struct Point {
    pub(crate) threshold: f64,
    pub(crate) precision: f64,
    pub(crate) recall: f64,
    pub(crate) kept: usize,
}

/// A curve, the rule that reads the threshold off it, and what it read.
pub(crate) struct Curve {
    pub(crate) name: &'static str,
    pub(crate) axis: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) points: Vec<Point>,
    /// `None` where no point fulfils the rule: the default stays.
    pub(crate) suggested: Option<f64>,
}

/// All curves, the scores they are of, and the thresholds read off them.
pub(crate) struct Suggestion {
    pub(crate) curves: Vec<Curve>,
    /// K1 of three kinds of JDs, in bins of .05 from 0.
    pub(crate) histograms: [(&'static str, Vec<usize>); 3],
    /// Thresholds that are a percentile: name, rule, value.
    pub(crate) percentiles: Vec<(&'static str, &'static str, f64)>,
    pub(crate) thresholds: Thresholds,
}

pub(crate) fn suggest(bodies: &[Body], foreign: &[f64], titles: &[Title]) -> Suggestion {
    let kra_min = curve(
        "kra_min",
        "K1 at least",
        "the least at which 80 % of what is kept is no foreign JD, when half of all are",
        bodies.iter().map(|body| (body.k1, true)).chain(foreign.iter().map(|k1| (*k1, false))),
        steps(0.20, 0.90, 0.02),
        |points| points.iter().find(|p| p.kept >= 20 && p.precision >= 0.80),
    );
    let strong = kra_min.suggested.unwrap_or(Thresholds::default().kra_min);
    let leads = || bodies.iter().filter(move |body| body.k1 >= strong).map(|body| (body.k1 - body.k2, body.right()));
    let kra_margin = curve(
        "kra_margin",
        "K1 - K2 more than",
        "the least at which the first role is right for 80 % of the strong JDs kept",
        leads(),
        steps(0.0, 0.20, 0.01),
        |points| points.iter().find(|p| p.kept >= 20 && p.precision >= 0.80),
    );
    // Read from the other side: negated, "at least -x" keeps the leads of at most x.
    let ties = bodies.iter().filter(|body| body.k1 >= strong && body.place <= 2);
    let mut kra_tie = curve(
        "kra_tie",
        "K1 - K2 at most",
        "the greatest at which, of strong JDs with the right role first or second, it is first for at most 60 %",
        ties.map(|body| (body.k2 - body.k1, body.right())),
        steps(0.0, 0.10, 0.005).map(|x| -x),
        |points| points.iter().rev().find(|p| p.kept >= 20 && p.precision <= 0.60),
    );
    kra_tie.points.iter_mut().for_each(|point| point.threshold = point.threshold.abs());
    kra_tie.suggested = kra_tie.suggested.map(f64::abs);
    let margin = kra_margin.suggested.unwrap_or(Thresholds::default().kra_margin);
    let title_similarity = curve(
        "title_similarity",
        "similarity at least",
        "the least at which 80 % of the titles kept find their role; for half of all their role is missing",
        titles.iter().filter(|title| title.lead > margin).map(|title| (title.similarity, title.right)),
        steps(0.30, 0.98, 0.02),
        |points| points.iter().find(|p| p.kept >= 20 && p.precision >= 0.80),
    );
    let led = percentile(bodies.iter().map(|body| body.k1 - body.own).collect(), 0.95);
    let new_kra = percentile(bodies.iter().map(|body| body.own).collect(), 0.05);
    let defaults = Thresholds::default();
    let thresholds = Thresholds {
        kra_min: rounded(strong),
        kra_margin: rounded(margin),
        kra_margin_wide: rounded(margin * defaults.kra_margin_wide / defaults.kra_margin),
        kra_tie: rounded(kra_tie.suggested.unwrap_or(defaults.kra_tie).min(margin)),
        title_gap: rounded(led),
        title_similarity: rounded(title_similarity.suggested.unwrap_or(defaults.title_similarity)),
        new_kra: rounded(new_kra),
        ..defaults
    };
    let percentiles = vec![
        ("title_gap", "19 of 20 JDs score for the role of their title at most this much less than for the first", led),
        ("new_kra", "19 of 20 JDs score at least this for the role of their title", new_kra),
        ("kra_margin_wide", "as much wider than kra_margin as among the defaults", thresholds.kra_margin_wide),
    ];
    let bins = |scores: &mut dyn Iterator<Item = f64>| {
        let mut bins = vec![0; 21];
        scores.for_each(|k1| bins[(k1 * 20.0) as usize] += 1);
        bins
    };
    let of_bodies = |right: bool| bins(&mut bodies.iter().filter(|body| body.right() == right).map(|body| body.k1));
    let histograms = [
        ("first role is the title's", of_bodies(true)),
        ("first role is another", of_bodies(false)),
        ("foreign title", bins(&mut foreign.iter().copied())),
    ];
    Suggestion { curves: vec![kra_min, kra_margin, kra_tie, title_similarity], histograms, percentiles, thresholds }
}

fn steps(from: f64, to: f64, step: f64) -> impl Iterator<Item = f64> {
    (0..).map(move |n| from + f64::from(n) * step).take_while(move |x| *x <= to + 1e-9)
}

fn curve(
    name: &'static str,
    axis: &'static str,
    rule: &'static str,
    samples: impl Iterator<Item = (f64, bool)>,
    thresholds: impl Iterator<Item = f64>,
    read_off: impl Fn(&[Point]) -> Option<&Point>,
) -> Curve {
    let samples: Vec<(f64, bool)> = samples.collect();
    let point = |threshold: f64| {
        let kept: Vec<_> = samples.iter().filter(|(value, _)| *value >= threshold - 1e-9).collect();
        let right = kept.iter().filter(|(_, right)| *right).count() as f64;
        let precision = right / kept.len().max(1) as f64;
        Point { threshold, precision, recall: right / samples.len().max(1) as f64, kept: kept.len() }
    };
    let points: Vec<Point> = thresholds.map(point).collect();
    let suggested = read_off(&points).map(|point| point.threshold);
    Curve { name, axis, rule, points, suggested }
}

fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let index = (values.len() as f64 * share) as usize;
    values.get(index.min(values.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

/// To the half hundredth, which is as far as such a measurement goes.
fn rounded(value: f64) -> f64 {
    (value * 200.0).round() / 200.0
}

pub(crate) fn print(suggestion: &Suggestion) {
    println!("\nK1 in bins of .05");
    for (name, bins) in &suggestion.histograms {
        let bins: Vec<String> = bins.iter().map(|count| format!("{count:>4}")).collect();
        println!("{name:<28} {}", bins.concat());
    }
    for curve in &suggestion.curves {
        println!("\n{}: {}", curve.name, curve.rule);
        println!("{:>22} {:>7} {:>10} {:>7}", curve.axis, "kept", "precision", "recall");
        for point in &curve.points {
            let mark = if curve.suggested == Some(point.threshold) { "  <-" } else { "" };
            let Point { threshold, precision, recall, kept } = point;
            println!("{threshold:>22.3} {kept:>7} {precision:>10.3} {recall:>7.3}{mark}");
        }
        if curve.suggested.is_none() {
            println!("  no point fulfils the rule: the default stays");
        }
    }
    println!();
    for (name, rule, value) in &suggestion.percentiles {
        println!("{name} {value:.3}: {rule}");
    }
    let thresholds = suggestion.thresholds;
    println!("\nsuggested\n{}", toml::to_string(&thresholds).unwrap_or_default());
}
