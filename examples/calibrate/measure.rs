//! What do the bodies of JDs and the names of roles say, where the right answer is known?

use crate::data::{Jd, Roles, sentences};
use rolestream::embed::{EmbedError, Embedder};
use rolestream_dataflows::fixed::Vector;

/// A JD's KRA ranking beside the role its title names.
pub(crate) struct Body {
    pub(crate) role: usize,
    /// The role with the greatest score.
    pub(crate) first: usize,
    /// The greatest score.
    pub(crate) k1: f64,
    /// The second greatest.
    pub(crate) k2: f64,
    /// The score of the title's role.
    pub(crate) own: f64,
    /// Its place, from 1.
    pub(crate) place: usize,
}

impl Body {
    pub(crate) fn right(&self) -> bool {
        self.place == 1
    }
}

/// A name or alias that was left out: the similarity of the nearest other one, its lead over the next role, and
/// whether it belongs to the same role.
pub(crate) struct Title {
    pub(crate) similarity: f64,
    pub(crate) lead: f64,
    pub(crate) right: bool,
}

/// The greatest KRA score of JDs whose title names no role.
pub(crate) fn foreign(jds: &[Jd], roles: &Roles, embedder: &dyn Embedder) -> Result<Vec<f64>, EmbedError> {
    let first = |jd: &Jd| {
        let scores = scores(roles, &embedder.embed(&sentences(&jd.text))?);
        Ok(scores.into_iter().flatten().max_by(f64::total_cmp))
    };
    jds.iter().map(first).filter_map(Result::transpose).collect()
}

pub(crate) fn bodies(jds: &[Jd], roles: &Roles, embedder: &dyn Embedder) -> Result<Vec<Body>, EmbedError> {
    let scored = jds.iter().map(|jd| Ok(body(jd, roles, &embedder.embed(&sentences(&jd.text))?)));
    scored.filter_map(Result::transpose).collect()
}

/// `None` for a JD without a sentence, and for one without a role.
fn body(jd: &Jd, roles: &Roles, sentences: &[Option<Vector>]) -> Option<Body> {
    let scores = scores(roles, sentences)?;
    let role = jd.role?;
    let own = scores[role];
    let mut ranking: Vec<(f64, usize)> = scores.into_iter().zip(0..).collect();
    ranking.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let place = 1 + ranking.iter().position(|(_, other)| *other == role)?;
    let k2 = ranking.get(1).map_or(0.0, |second| second.0);
    Some(Body { role, first: ranking[0].1, k1: ranking[0].0, k2, own, place })
}

/// SPEC §3's KRA score of every role.
fn scores(roles: &Roles, sentences: &[Option<Vector>]) -> Option<Vec<f64>> {
    let sentences: Vec<&Vector> = sentences.iter().flatten().collect();
    let score = |kras: &Vec<Vector>| {
        let similarity = |sentence: &Vector, kra: &Vector| f64::from(sentence.similarity(kra).0) / 1e6;
        let best = |sentence: &&Vector| kras.iter().map(|kra| similarity(sentence, kra)).fold(0.0, f64::max);
        let mut best: Vec<f64> = sentences.iter().map(best).collect();
        best.sort_by(|a, b| b.total_cmp(a));
        best.truncate(3);
        best.iter().sum::<f64>() / best.len() as f64
    };
    (!sentences.is_empty()).then(|| roles.kras.iter().map(score).collect())
}

/// Each name and alias twice: itself left out, then its whole role, as if the taxonomy did not have it. In the second
/// case every answer is wrong.
pub(crate) fn titles(roles: &Roles) -> Vec<Title> {
    let mut titles = Vec::new();
    for (left_out, (claims, vector)) in &roles.titles {
        for role_is_there in [true, false] {
            let mut nearest = vec![0.0; roles.slugs.len()];
            for (_, (others, other)) in roles.titles.iter().filter(|(title, _)| *title != left_out) {
                let similarity = f64::from(vector.similarity(other).0) / 1e6;
                for role in others.iter().filter(|role| role_is_there || !claims.contains(role)) {
                    nearest[*role] = similarity.max(nearest[*role]);
                }
            }
            let mut ranking: Vec<(f64, usize)> = nearest.into_iter().zip(0..).collect();
            ranking.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            if let [first, second, ..] = ranking[..] {
                titles.push(Title { similarity: first.0, lead: first.0 - second.0, right: claims.contains(&first.1) });
            }
        }
    }
    titles
}

/// Per role: how many JDs, how many of them the body gives to it, and which role it gives most of the others to.
pub(crate) fn print_roles(bodies: &[Body], roles: &Roles) {
    let share = |right: usize, of: usize| 100.0 * right as f64 / of.max(1) as f64;
    println!("\n{:<32} {:>5} {:>7}  most often taken for", "role", "JDs", "right");
    let mut shares = Vec::new();
    for (role, slug) in roles.slugs.iter().enumerate() {
        let of_role: Vec<&Body> = bodies.iter().filter(|body| body.role == role).collect();
        if of_role.is_empty() {
            continue;
        }
        let mut taken = vec![0; roles.slugs.len()];
        of_role.iter().filter(|body| !body.right()).for_each(|body| taken[body.first] += 1);
        let (other, times) = taken.iter().enumerate().max_by_key(|(_, times)| **times).unwrap_or((role, &0));
        let other = if *times > 0 { format!("{} ({times})", roles.slugs[other]) } else { String::new() };
        shares.push(share(of_role.iter().filter(|body| body.right()).count(), of_role.len()));
        println!("{slug:<32} {:>5} {:>6.0}%  {other}", of_role.len(), shares[shares.len() - 1]);
    }
    let within = |places: usize| share(bodies.iter().filter(|body| body.place <= places).count(), bodies.len());
    let reciprocal: f64 = bodies.iter().map(|body| 1.0 / body.place as f64).sum::<f64>() / bodies.len().max(1) as f64;
    println!(
        "{:<32} {:>5} {:>6.0}%  in the first three {:.0}%, in the first five {:.0}%, mean reciprocal rank {reciprocal:.3}, mean over roles {:.0}%",
        "all",
        bodies.len(),
        within(1),
        within(3),
        within(5),
        shares.iter().sum::<f64>() / shares.len().max(1) as f64,
    );
}
