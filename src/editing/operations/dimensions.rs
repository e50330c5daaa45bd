//! How are dimensions made, renamed, merged and deleted, and given to roles and taken from them?

use super::lookup::{self, Named, each_once, find, find_active, free_name};
use crate::editing::records::{By, Overlay, Records};
use crate::error::Error;
use crate::taxonomy::json_lines::Line;
use crate::taxonomy::{Role, Skill};
use rolestream_dataflows::records::{Dimension, Key, RoleDimension, RoleSkill};

pub(super) fn create(to: &mut Overlay<'_>, name: &str, slug: Option<&str>) -> Result<(), Error> {
    let name = lookup::text(name, "name of the dimension")?;
    let slug = lookup::slug::<Dimension>(to, slug, &name)?;
    free_name(to, By::DimensionName, "dimension", &name, &slug)?;
    to.put(Line::Dimensions(Dimension { slug, name }));
    Ok(())
}

pub(super) fn change(to: &mut Overlay<'_>, slug: &str, name: &str) -> Result<(), Error> {
    let mut dimension: Dimension = find(to, slug)?;
    dimension.name = lookup::text(name, "name of the dimension")?;
    free_name(to, By::DimensionName, "dimension", &dimension.name, slug)?;
    to.put(Line::Dimensions(dimension));
    Ok(())
}

pub(super) fn delete(to: &mut Overlay<'_>, slug: &str, force: bool) -> Result<(), Error> {
    find::<Dimension>(to, slug)?;
    let (homes, roles) = (to.by(By::Home, slug), to.by(By::HasDimension, slug));
    let in_use = !homes.is_empty() || !roles.is_empty();
    if in_use && !force {
        return Err(Error::new(format!("dimension \"{slug}\" is in use"))
            .detail(format!("it is the home of {} skills, and {} roles have it", homes.len(), roles.len()))
            .hint("move them first, merge it into another dimension, or delete it with \"force\": true"));
    }
    unlink(to, slug, None)?;
    to.delete(Key::new("dimension", &[slug]));
    Ok(())
}

pub(super) fn merge(to: &mut Overlay<'_>, into: &str, slugs: &[String]) -> Result<(), Error> {
    find::<Dimension>(to, into)?;
    for slug in each_once(slugs, "dimension")? {
        if slug == into {
            return Err(Error::new(format!("dimension \"{slug}\" cannot be merged into itself"))
                .detail("it is named as the one that stays and among those that go")
                .hint("leave it out of \"dimensions\", or choose another to stay"));
        }
        find::<Dimension>(to, slug)?;
        unlink(to, slug, Some(into))?;
        to.delete(Key::new("dimension", &[slug]));
    }
    Ok(())
}

/// Gives the skills and roles of a dimension to another, or to none.
fn unlink(to: &mut Overlay<'_>, slug: &str, into: Option<&str>) -> Result<(), Error> {
    for skill in to.by(By::Home, slug) {
        let mut skill: Skill = find(to, &skill)?;
        skill.dimension = into.map(str::to_owned);
        to.put(Line::Skills(skill));
    }
    for key in to.by(By::HasDimension, slug) {
        let role = key.split('\n').next().unwrap_or_default().to_owned();
        to.delete(Key { kind: "role-dimension", key });
        if let Some(into) = into {
            to.put(Line::RoleDimensions(RoleDimension { role, dimension: into.to_owned() }));
        }
    }
    Ok(())
}

pub(super) fn add(to: &mut Overlay<'_>, role: &str, dimension: &str) -> Result<(), Error> {
    find_active::<Role>(to, role)?;
    find::<Dimension>(to, dimension)?;
    if to.get(&key(role, dimension)).is_some() {
        return Err(Error::new(format!("role \"{role}\" has dimension \"{dimension}\" already"))
            .detail("a role has a dimension once")
            .hint("leave the operation out"));
    }
    to.put(Line::RoleDimensions(RoleDimension { role: role.to_owned(), dimension: dimension.to_owned() }));
    Ok(())
}

pub(super) fn remove(to: &mut Overlay<'_>, role: &str, dimension: &str, with_skills: bool) -> Result<(), Error> {
    own(to, role, dimension)?;
    to.delete(key(role, dimension));
    if with_skills {
        for skill in at_home(to, role, dimension) {
            to.delete(Key::new("role-skill", &[role, &skill]));
        }
    }
    Ok(())
}

pub(super) fn move_to(to: &mut Overlay<'_>, role: &str, dimension: &str, other: &str) -> Result<(), Error> {
    own(to, role, dimension)?;
    find_active::<Role>(to, other)?;
    if role == other {
        return Err(Error::new(format!("role \"{role}\" has dimension \"{dimension}\" already"))
            .detail("it would move to where it is")
            .hint("name another role"));
    }
    for skill in at_home(to, role, dimension) {
        to.delete(Key::new("role-skill", &[role, &skill]));
        to.put(Line::RoleSkills(RoleSkill { role: other.to_owned(), skill }));
    }
    to.delete(key(role, dimension));
    to.put(Line::RoleDimensions(RoleDimension { role: other.to_owned(), dimension: dimension.to_owned() }));
    Ok(())
}

fn key(role: &str, dimension: &str) -> Key {
    Key::new("role-dimension", &[role, dimension])
}

fn own(to: &Overlay<'_>, role: &str, dimension: &str) -> Result<(), Error> {
    if to.get(&key(role, dimension)).is_some() {
        return Ok(());
    }
    find::<Role>(to, role)?;
    find::<Dimension>(to, dimension)?;
    Err(Error::new(format!("role \"{role}\" does not have dimension \"{dimension}\""))
        .detail("the operation names one that the role has; those of roles merged into it are theirs")
        .hint("name another role or dimension"))
}

/// The skills of a role whose home is this dimension.
fn at_home(to: &Overlay<'_>, role: &str, dimension: &str) -> Vec<String> {
    let listed = to
        .starting("role-skill", &format!("{role}\n"))
        .filter_map(|line| match line {
            Line::RoleSkills(listed) => Some(listed.skill),
            _ => None,
        })
        .collect::<Vec<_>>();
    let home = |slug: &String| {
        let skill = to.get(&Key::new(Skill::KIND, &[slug])).and_then(Skill::of);
        skill.and_then(|skill| skill.dimension).as_deref() == Some(dimension)
    };
    listed.into_iter().filter(home).collect()
}
