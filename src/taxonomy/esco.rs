//! How does the ESCO classification become a taxonomy? From its tables as they are downloaded (CSV, English).
//!
//! Occupations are roles, their alternative labels aliases, the sentences of their descriptions responsibilities;
//! skills are skills, essential and optional relations what a role lists, and the group nearest above a skill its
//! home dimension. Keys come from the labels, which ESCO keeps unique; numbers from the concepts' addresses.

use super::slugs::{Numbers, Slugs};
use super::{Alias, Kra, Role, Skill, Taxonomy};
use crate::error::{Error, Errors, Position, listed};
use rolestream_dataflows::records::{Dimension, RoleDimension, RoleSkill};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

const OCCUPATIONS: &str = "occupations_en.csv";
const SKILLS: &str = "skills_en.csv";
const GROUPS: &str = "skillGroups_en.csv";
const BROADER: &str = "broaderRelationsSkillPillar.csv";
const RELATIONS: &str = "occupationSkillRelations.csv";

/// Reads the five tables of a folder.
pub fn import(folder: &Path) -> Result<Taxonomy, Errors> {
    let files = [OCCUPATIONS, SKILLS, GROUPS, BROADER, RELATIONS];
    if let Some(missing) = files.iter().find(|file| !folder.join(file).is_file()) {
        return Err(Error::new(format!("there is no \"{missing}\" in {}", folder.display()))
            .detail(format!("an ESCO classification has {}", listed(files)))
            .hint("download the classification in English as CSV and unpack it there")
            .into());
    }
    let mut import =
        Import { taxonomy: Taxonomy { name: "ESCO".to_owned(), ..Taxonomy::default() }, ..Import::default() };
    rows(folder, GROUPS, ["conceptUri", "preferredLabel"], |[uri, label], _| {
        import.group_names.insert(uri.to_owned(), label.to_owned());
    })?;
    rows(folder, BROADER, ["conceptUri", "broaderUri"], |[uri, broader], _| {
        import.broader.entry(uri.to_owned()).or_default().push(broader.to_owned());
    })?;
    let columns = ["conceptUri", "skillType", "preferredLabel", "altLabels", "hiddenLabels"];
    rows(folder, SKILLS, columns, |cells, at| import.skill(cells, at))?;
    let columns = ["conceptUri", "iscoGroup", "preferredLabel", "altLabels", "hiddenLabels", "description"];
    rows(folder, OCCUPATIONS, columns, |cells, at| import.occupation(cells, at))?;
    rows(folder, RELATIONS, ["occupationUri", "skillUri"], |[role, skill], at| import.relation(role, skill, at))?;
    Ok(import.taxonomy)
}

/// Calls `row` with the named columns of each record.
fn rows<const N: usize>(
    folder: &Path,
    name: &str,
    columns: [&str; N],
    mut row: impl FnMut([&str; N], Position),
) -> Result<(), Error> {
    let path = folder.join(name);
    let file: Arc<str> = path.to_string_lossy().into();
    let broken = |error: csv::Error| {
        let line = error.position().map_or(0, csv::Position::line);
        Error::new("this is not an ESCO table")
            .detail(error.to_string())
            .hint("the file must be comma-separated UTF-8 with its header row, as downloaded")
            .at(Position::new(file.clone(), line as u32))
    };
    let mut reader = csv::Reader::from_path(&path).map_err(broken)?;
    let heads = reader.headers().map_err(broken)?.clone();
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        // The first cell may begin with a byte order mark.
        let found = heads.iter().position(|head| head.trim_start_matches('\u{feff}') == column);
        *place = found.ok_or_else(|| {
            Error::new(format!("there is no column \"{column}\""))
                .detail(format!("the columns are {}", listed(&heads)))
                .hint("the file must be comma-separated with its header row, as downloaded")
                .at(Position::new(file.clone(), 1))
        })?;
    }
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(broken)? {
        let line = record.position().map_or(0, csv::Position::line) as u32;
        row(places.map(|place| record.get(place).unwrap_or_default().trim()), Position::new(file.clone(), line));
    }
    Ok(())
}

#[derive(Default)]
struct Import {
    taxonomy: Taxonomy,
    /// Labels of skill groups, and what stands above a skill or group, by address.
    group_names: HashMap<String, String>,
    broader: HashMap<String, Vec<String>>,
    /// Slugs by address.
    roles: HashMap<String, String>,
    skills: HashMap<String, String>,
    dimensions: HashMap<String, String>,
    role_slugs: Slugs,
    skill_slugs: Slugs,
    dimension_slugs: Slugs,
    role_numbers: Numbers,
    skill_numbers: Numbers,
}

impl Import {
    fn skill(&mut self, [uri, kind, name, alternative, hidden]: [&str; 5], at: Position) {
        let slug = self.skill_slugs.give(name, "skill");
        self.skills.insert(uri.to_owned(), slug.clone());
        let dimension = self.home(uri).map(|group| self.dimension(&group, &at));
        let mut seen = HashSet::from([name.to_lowercase()]);
        let labels = alternative.lines().chain(hidden.lines()).map(str::trim).filter(|label| !label.is_empty());
        let aliases = labels.filter(|label| seen.insert(label.to_lowercase())).map(str::to_owned).collect();
        let kind = if kind == "knowledge" { "concept" } else { "practice" }.to_owned();
        let number = self.skill_numbers.give(uri);
        let skill = Skill { slug, name: name.to_owned(), number, aliases, dimension, kind, ..Skill::default() };
        self.taxonomy.skills.put(skill, at);
    }

    /// The nearest group above a skill; of several equally near the first.
    fn home(&self, uri: &str) -> Option<String> {
        let mut level: Vec<&String> = self.broader.get(uri)?.iter().collect();
        // ESCO's hierarchy is a few levels deep; the bound keeps a broken one from going on for ever.
        for _ in 0..16 {
            if let Some(group) = level.iter().find(|uri| self.group_names.contains_key(**uri)) {
                return Some((*group).clone());
            }
            level = level.iter().filter_map(|uri| self.broader.get(*uri)).flatten().collect();
        }
        None
    }

    fn dimension(&mut self, group: &str, at: &Position) -> String {
        if let Some(slug) = self.dimensions.get(group) {
            return slug.clone();
        }
        let name = self.group_names.get(group).cloned().unwrap_or_default();
        let slug = self.dimension_slugs.give(&name, "group");
        self.dimensions.insert(group.to_owned(), slug.clone());
        self.taxonomy.dimensions.put(Dimension { slug: slug.clone(), name }, at.clone());
        slug
    }

    fn occupation(&mut self, cells: [&str; 6], at: Position) {
        let [uri, isco, name, alternative, hidden, description] = cells;
        let slug = self.role_slugs.give(name, "occupation");
        self.roles.insert(uri.to_owned(), slug.clone());
        for label in alternative.lines().chain(hidden.lines()).map(str::trim).filter(|label| !label.is_empty()) {
            // Labels that differ by case alone are one.
            let _ = self.taxonomy.aliases.add(Alias { role: slug.clone(), text: label.to_owned() }, at.clone());
        }
        for (n, sentence) in sentences(description).enumerate() {
            let id = format!("{slug}/{}", n + 1);
            let sentence = sentence.to_owned();
            self.taxonomy.kras.put(Kra { id, role: slug.clone(), sentence }, at.clone());
        }
        let (number, archetype) = (self.role_numbers.give(uri), major_group(isco).to_owned());
        self.taxonomy.roles.put(Role { slug, name: name.to_owned(), number, archetype, ..Role::default() }, at);
    }

    /// A relation to what is not in the other tables (another release) has no effect.
    fn relation(&mut self, role: &str, skill: &str, at: Position) {
        let (Some(role), Some(skill)) = (self.roles.get(role), self.skills.get(skill)) else { return };
        if let Some(dimension) = self.taxonomy.skills.get(skill).and_then(|skill| skill.dimension.clone()) {
            let _ = self.taxonomy.role_dimensions.add(RoleDimension { role: role.clone(), dimension }, at.clone());
        }
        // Essential and optional relations count alike.
        let _ = self.taxonomy.role_skills.add(RoleSkill { role: role.clone(), skill: skill.clone() }, at);
    }
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(". ").flat_map(str::lines).map(str::trim).filter(|sentence| sentence.len() >= 20)
}

/// The major groups of ISCO-08, by the first digit of a code.
fn major_group(code: &str) -> &'static str {
    match code.get(..1).unwrap_or_default() {
        "0" => "Armed Forces",
        "1" => "Managers",
        "2" => "Professionals",
        "3" => "Technicians and Associate Professionals",
        "4" => "Clerical Support Workers",
        "5" => "Service and Sales Workers",
        "6" => "Skilled Agricultural, Forestry and Fishery Workers",
        "7" => "Craft and Related Trades Workers",
        "8" => "Plant and Machine Operators and Assemblers",
        "9" => "Elementary Occupations",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
