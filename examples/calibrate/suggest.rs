//! Which thresholds follow from what was measured, and by which rule?

use crate::measure::{Body, Title};
use rolestream::embed::Thresholds;

/// A threshold, how much of what it keeps is right, and which share of all that is right it keeps.
pub(crate) struct Point {
    pub(crate) threshold: f64,
    pub(crate) precision: f64,
    pub(crate) recall: f64,
    pub(crate) kept: usize,
    /// Of what is wrong, the share that is kept.
    pub(crate) wrong_kept: f64,
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

/// What the thresholds are read off.
pub(crate) struct Measured {
    pub(crate) labelled: Vec<Body>,
    pub(crate) foreign: Vec<Body>,
    /// Best matches of the labelled JDs' sentences.
    pub(crate) sentences: Vec<f64>,
    /// Names left out of the taxonomy.
    pub(crate) left_out: Vec<Title>,
    /// Titles of JDs near a name.
    pub(crate) near: Vec<Title>,
}

/// A foreign JD gets a role from its body, or from its skills, in one of so many cases.
const FOREIGN_SHARE: f64 = 0.05;
/// What decides alone is right this often; what leads no more than chance does is a tie.
const SURE: f64 = 0.80;
const UNSURE: f64 = 0.60;

pub(crate) fn suggest(measured: &Measured) -> Suggestion {
    let Measured { labelled, foreign, .. } = measured;
    let defaults = Thresholds::default();
    let own_or_foreign = |score: fn(&Body) -> f64| {
        labelled.iter().map(move |body| (score(body), true)).chain(foreign.iter().map(move |body| (score(body), false)))
    };
    let few_wrong = |points: &[Point]| points.iter().position(|p| p.wrong_kept <= FOREIGN_SHARE);
    let sure = |points: &[Point]| points.iter().position(|p| p.kept >= 20 && p.precision >= SURE);

    let kra_min = curve(
        "kra_min",
        "K1 at least",
        "the least that at most 5 % of foreign JDs reach",
        own_or_foreign(|body| body.k1),
        steps(0.20, 0.90, 0.01),
        few_wrong,
    );
    let strong = kra_min.suggested.unwrap_or(defaults.kra_min);
    let of_strong = || labelled.iter().filter(move |body| body.k1 >= strong);
    let kra_margin = curve(
        "kra_margin",
        "K1 - K2 more than",
        "the least at which the first role is right for 80 % of the strong JDs kept",
        of_strong().map(|body| (body.k1 - body.k2, body.right())),
        steps(0.0, 0.20, 0.01),
        sure,
    );
    let margin = kra_margin.suggested.unwrap_or(defaults.kra_margin);
    let several = of_strong().filter(|body| body.several_hits);
    let kra_margin_wide = curve(
        "kra_margin_wide",
        "K1 - K2 more than",
        "the same where terms hit several roles, at least kra_margin; else as much wider as among the defaults",
        several.map(|body| (body.k1 - body.k2, body.right())),
        steps(0.0, 0.20, 0.01),
        sure,
    );
    let wide = kra_margin_wide.suggested.unwrap_or(margin * defaults.kra_margin_wide / defaults.kra_margin);
    let kra_tie = tie(
        "kra_tie",
        "K1 - K2 at most",
        "the greatest at which, of strong JDs with the right role first or second, it is first for at most 60 %",
        of_strong().filter(|body| body.place <= 2).map(|body| (body.k1 - body.k2, body.right())),
        steps(0.0, 0.10, 0.005),
    );
    let skill_tie = tie(
        "skill_tie",
        "S1 - S2 at most",
        "the same of skills: with the right role first or second, it is first for at most 60 %",
        labelled
            .iter()
            .filter(|body| body.skill_place.is_some_and(|place| place <= 2))
            .map(|body| (body.s1 - body.s2, body.skill_right())),
        steps(0.0, 0.30, 0.01),
    );
    let tied = skill_tie.suggested.unwrap_or(defaults.skill_tie);
    let skill_witness = curve(
        "skill_witness",
        "S1 at least",
        "the least at which the first by skills, not tied, is right for 80 % of the labelled JDs kept",
        labelled.iter().filter(|body| body.s1 - body.s2 > tied).map(|body| (body.s1, body.skill_right())),
        steps(0.10, 0.90, 0.02),
        sure,
    );
    // What rule *skill-only* asks beside the score: at least two skills, no tie.
    let alone = move |body: &Body| if body.matched >= 2 && body.s1 - body.s2 > tied { body.s1 } else { 0.0 };
    let weak = |body: &&Body| body.k1 < strong;
    let skill_min = curve(
        "skill_min",
        "S1 at least",
        "the least by which at most 5 % of weak foreign JDs get a role",
        labelled
            .iter()
            .filter(weak)
            .map(|body| (alone(body), true))
            .chain(foreign.iter().filter(weak).map(|body| (alone(body), false))),
        steps(0.10, 0.90, 0.02),
        few_wrong,
    );
    let title_similarity = curve(
        "title_similarity",
        "similarity at least",
        "the least at which 80 % of the names kept find their role when left out; for half of all it is missing",
        clear(&measured.left_out, margin),
        steps(0.30, 0.98, 0.02),
        sure,
    );
    // Of JDs whose title is right, the body puts its role among the first three this often.
    let agreed = labelled.iter().filter(|body| body.place <= 3).count() as f64 / labelled.len().max(1) as f64;
    let title_of_jds = curve(
        "title_similarity of JDs",
        "similarity at least",
        "the least at which bodies agree with the nearest name (it is among their first three) 80 % as often as with \
         exact titles; the greater of the two readings counts",
        clear(&measured.near, margin),
        steps(0.50, 0.98, 0.02),
        |points| points.iter().position(|p| p.kept >= 20 && p.precision >= SURE * agreed),
    );
    let title = match (title_similarity.suggested, title_of_jds.suggested) {
        (Some(names), Some(jds)) => names.max(jds),
        (one, other) => one.or(other).unwrap_or(defaults.title_similarity),
    };
    let led = percentile(of_strong().map(|body| body.k1 - body.own).collect(), 0.95);
    let new_role = percentile(labelled.iter().map(|body| body.own).collect(), 0.05);
    let novel = percentile(measured.sentences.clone(), 0.20);
    let thresholds = Thresholds {
        kra_min: rounded(strong),
        kra_margin: rounded(margin),
        kra_margin_wide: rounded(wide.max(margin)),
        kra_tie: rounded(kra_tie.suggested.unwrap_or(defaults.kra_tie).min(margin)),
        skill_tie: rounded(tied),
        skill_witness: rounded(skill_witness.suggested.unwrap_or(defaults.skill_witness)),
        skill_min: rounded(skill_min.suggested.unwrap_or(defaults.skill_min)),
        title_gap: rounded(led),
        title_similarity: rounded(title),
        new_kra: rounded(new_role.min(novel)),
        ..defaults
    };
    let percentiles = vec![
        (
            "title_gap",
            "19 of 20 strong JDs score at most this much less for their title's role than for the first",
            led,
        ),
        ("new_kra of JDs", "19 of 20 JDs score at least this for their title's role", new_role),
        ("new_kra of sentences", "4 of 5 sentences match a KRA at least this well; the lesser reading counts", novel),
    ];
    let bins = |scores: &mut dyn Iterator<Item = f64>| {
        let mut bins = vec![0; 21];
        scores.for_each(|k1| bins[(k1 * 20.0) as usize] += 1);
        bins
    };
    let of_bodies = |right: bool| bins(&mut labelled.iter().filter(|b| b.right() == right).map(|b| b.k1));
    let histograms = [
        ("first role is the title's", of_bodies(true)),
        ("first role is another", of_bodies(false)),
        ("foreign title", bins(&mut foreign.iter().map(|body| body.k1))),
    ];
    let curves = vec![
        kra_min,
        kra_margin,
        kra_margin_wide,
        kra_tie,
        skill_tie,
        skill_witness,
        skill_min,
        title_similarity,
        title_of_jds,
    ];
    Suggestion { curves, histograms, percentiles, thresholds }
}

/// The titles that are clear of the next role.
fn clear(titles: &[Title], margin: f64) -> impl Iterator<Item = (f64, bool)> {
    titles.iter().filter(move |title| title.lead > margin).map(|title| (title.similarity, title.right))
}

/// The greatest lead at which it still is no better than chance, read from the other side: negated, "at least -x"
/// keeps the leads of at most x.
fn tie(
    name: &'static str,
    axis: &'static str,
    rule: &'static str,
    leads: impl Iterator<Item = (f64, bool)>,
    thresholds: impl Iterator<Item = f64>,
) -> Curve {
    let read_off = |points: &[Point]| points.iter().rposition(|p| p.kept >= 20 && p.precision <= UNSURE);
    let mut tie = curve(name, axis, rule, leads.map(|(lead, right)| (-lead, right)), thresholds.map(|x| -x), read_off);
    tie.points.iter_mut().for_each(|point| point.threshold = point.threshold.abs());
    tie.suggested = tie.suggested.map(f64::abs);
    tie
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
    read_off: impl Fn(&[Point]) -> Option<usize>,
) -> Curve {
    let samples: Vec<(f64, bool)> = samples.collect();
    let all_right = samples.iter().filter(|(_, right)| *right).count() as f64;
    let point = |threshold: f64| {
        let kept: Vec<_> = samples.iter().filter(|(value, _)| *value >= threshold - 1e-9).collect();
        let right = kept.iter().filter(|(_, right)| *right).count() as f64;
        let share = |part: f64, of: f64| if of > 0.0 { part / of } else { 0.0 };
        Point {
            threshold,
            precision: share(right, kept.len() as f64),
            recall: share(right, all_right),
            kept: kept.len(),
            wrong_kept: share(kept.len() as f64 - right, samples.len() as f64 - all_right),
        }
    };
    let points: Vec<Point> = thresholds.map(point).collect();
    let suggested = read_off(&points).and_then(|at| points.get(at)).map(|point| point.threshold);
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
        println!("{:>22} {:>7} {:>10} {:>7} {:>11}", curve.axis, "kept", "precision", "recall", "wrong kept");
        for point in &curve.points {
            let mark = if curve.suggested == Some(point.threshold) { "  <-" } else { "" };
            let Point { threshold, precision, recall, kept, wrong_kept } = point;
            println!("{threshold:>22.3} {kept:>7} {precision:>10.3} {recall:>7.3} {wrong_kept:>11.3}{mark}");
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
