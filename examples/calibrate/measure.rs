//! What do the bodies of JDs and the names of roles say, where the right answer is known?

use crate::data::{Jd, Roles};
use rolestream_dataflows::fixed::{dot, similarity_of_dot};
use rolestream_dataflows::id::Id;

/// What the signals of a JD say, its title set aside. Scores are 0 where a role is not ranked.
pub(crate) struct Body {
    /// The role its title names; none for a foreign JD.
    pub(crate) role: Option<usize>,
    /// The role with the greatest KRA score.
    pub(crate) first: usize,
    /// The greatest KRA score.
    pub(crate) k1: f64,
    /// The second greatest.
    pub(crate) k2: f64,
    /// The KRA score of the title's role.
    pub(crate) own: f64,
    /// Its place, from 1.
    pub(crate) place: usize,
    /// Terms hit more than one role.
    pub(crate) several_hits: bool,
    /// The skill ranking's first and second score.
    pub(crate) s1: f64,
    pub(crate) s2: f64,
    /// Skills that the first by skills matches.
    pub(crate) matched: usize,
    /// The place of the title's role by skills, from 1.
    pub(crate) skill_place: Option<usize>,
}

impl Body {
    /// The first by KRA score is the title's role.
    pub(crate) fn right(&self) -> bool {
        self.role.is_some() && self.place == 1
    }

    /// The first by skill score is the title's role.
    pub(crate) fn skill_right(&self) -> bool {
        self.skill_place == Some(1)
    }
}

pub(crate) fn bodies<'a>(jds: impl Iterator<Item = &'a Jd>, roles: &Roles) -> Vec<Body> {
    jds.filter_map(|jd| body(jd, roles)).collect()
}

fn body(jd: &Jd, roles: &Roles) -> Option<Body> {
    let signals = &jd.answer.signals;
    let own = jd.role.and_then(|role| roles.slugs.get(role)).map(|slug| Id::role(slug));
    let kra = |place: usize| signals.kra.get(place).map_or(0.0, |rank| rank.score.to_f64());
    let first = roles.number(signals.kra.first()?.role)?;
    let place = signals.kra.iter().position(|rank| Some(rank.role) == own);
    let skills = signals.skill.as_ref().map_or(&[][..], |skill| &skill.ranking);
    let skill = |place: usize| skills.get(place).map_or(0.0, |rank| rank.score.to_f64());
    Some(Body {
        role: jd.role,
        first,
        k1: kra(0),
        k2: kra(1),
        own: place.map_or(0.0, kra),
        place: place.map_or(usize::MAX, |place| place + 1),
        several_hits: signals.alias.len() > 1,
        s1: skill(0),
        s2: skill(1),
        matched: skills.first().map_or(0, |rank| rank.matched.len()),
        skill_place: skills.iter().position(|rank| Some(rank.role) == own).map(|place| place + 1),
    })
}

/// The best match over all KRAs of each sentence of these JDs.
pub(crate) fn sentences<'a>(jds: impl Iterator<Item = &'a Jd>, roles: &Roles) -> Vec<f64> {
    let features = jds.filter_map(|jd| jd.update.jd.as_ref()?.features.as_ref().ok());
    let best = |sentence: &[i8]| {
        let dots = roles.kras.iter().map(|kra| dot(kra.components(), sentence));
        similarity_of_dot(dots.max().unwrap_or(0)).to_f64()
    };
    features.flat_map(|features| features.vectors.iter().map(best).collect::<Vec<_>>()).collect()
}

/// A title and the nearest name that is not its own: how similar, its lead over the next role, and whether it belongs
/// to the right role.
pub(crate) struct Title {
    pub(crate) similarity: f64,
    pub(crate) lead: f64,
    pub(crate) right: bool,
}

/// Each name and alias twice: itself left out, then its whole role, as if the taxonomy did not have it. In the second
/// case every answer is wrong.
pub(crate) fn left_out(roles: &Roles) -> Vec<Title> {
    let mut titles = Vec::new();
    for (left_out, (claims, vector)) in &roles.titles {
        for role_is_there in [true, false] {
            let mut nearest = vec![0.0; roles.slugs.len()];
            for (_, (others, other)) in roles.titles.iter().filter(|(title, _)| *title != left_out) {
                let similarity = vector.similarity(other).to_f64();
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

/// Titles of JDs that are near a name: *right* means here that the role is among the body's first three.
pub(crate) fn near<'a>(jds: impl Iterator<Item = &'a Jd>, roles: &Roles) -> Vec<Title> {
    let title = |jd: &Jd| {
        let (similarity, lead, role) = jd.nearest?;
        let role = Id::role(roles.slugs.get(role)?);
        let right = jd.answer.signals.kra.iter().take(3).any(|rank| rank.role == role);
        Some(Title { similarity, lead, right })
    };
    jds.filter_map(title).collect()
}

/// Per role: how many JDs, how many of them the body gives to it, and which role it gives most of the others to.
pub(crate) fn print_roles(bodies: &[Body], roles: &Roles) {
    let share = |right: usize, of: usize| 100.0 * right as f64 / of.max(1) as f64;
    println!("\n{:<32} {:>5} {:>7} {:>10}  most often taken for", "role", "JDs", "by KRA", "by skills");
    let mut shares = Vec::new();
    for (role, slug) in roles.slugs.iter().enumerate() {
        let of_role: Vec<&Body> = bodies.iter().filter(|body| body.role == Some(role)).collect();
        if of_role.is_empty() {
            continue;
        }
        let mut taken = vec![0; roles.slugs.len()];
        of_role.iter().filter(|body| !body.right()).for_each(|body| taken[body.first] += 1);
        let (other, times) = taken.iter().enumerate().max_by_key(|(_, times)| **times).unwrap_or((role, &0));
        let other = if *times > 0 { format!("{} ({times})", roles.slugs[other]) } else { String::new() };
        let count = |right: fn(&Body) -> bool| of_role.iter().filter(|body| right(body)).count();
        let by_skills = share(count(Body::skill_right), of_role.len());
        shares.push(share(count(Body::right), of_role.len()));
        println!("{slug:<32} {:>5} {:>6.0}% {by_skills:>9.0}%  {other}", of_role.len(), shares[shares.len() - 1]);
    }
    let within = |places: usize| share(bodies.iter().filter(|body| body.place <= places).count(), bodies.len());
    println!(
        "{:<32} {:>5} {:>6.0}% {:>9.0}%  in the first three {:.0}%, in the first five {:.0}%, mean over roles {:.0}%",
        "all",
        bodies.len(),
        within(1),
        share(bodies.iter().filter(|body| body.skill_right()).count(), bodies.len()),
        within(3),
        within(5),
        shares.iter().sum::<f64>() / shares.len().max(1) as f64,
    );
}
