//! How does the O*NET database become a taxonomy? From its text files as they are downloaded.
//!
//! Occupations are roles, alternate and reported titles their aliases, task statements their responsibilities,
//! technologies skills, and the commodity groups of these dimensions. Numbers and keys come from O*NET's codes: a
//! later release changes only what changed.

use super::lints::{Lint, Severity};
use super::slugs::{Numbers, Slugs};
use super::{Alias, Kra, Role, Skill, Taxonomy};
use crate::error::{Error, Errors, Position, listed};
use rolestream_dataflows::records::{Dimension, RoleDimension, RoleSkill};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

const OCCUPATIONS: &str = "Occupation Data.txt";
const ALTERNATE: &str = "Alternate Titles.txt";
const REPORTED: &str = "Sample of Reported Titles.txt";
const TASKS: &str = "Task Statements.txt";
const TECHNOLOGIES: &str = "Technology Skills.txt";

/// Reads the five files of a folder.
pub fn import(folder: &Path) -> Result<Taxonomy, Errors> {
    let files = [OCCUPATIONS, ALTERNATE, REPORTED, TASKS, TECHNOLOGIES];
    if let Some(missing) = files.iter().find(|file| !folder.join(file).is_file()) {
        return Err(Error::new(format!("there is no \"{missing}\" in {}", folder.display()))
            .detail(format!("an O*NET database has {}", listed(files)))
            .hint("download the database in its text form and unpack it there")
            .into());
    }
    let mut import =
        Import { taxonomy: Taxonomy { name: "O*NET".to_owned(), ..Taxonomy::default() }, ..Import::default() };
    rows(folder, OCCUPATIONS, ["O*NET-SOC Code", "Title"], |[code, title], at| import.occupation(code, title, at))?;
    for (file, column) in [(ALTERNATE, "Alternate Title"), (REPORTED, "Reported Job Title")] {
        rows(folder, file, ["O*NET-SOC Code", column], |[code, title], at| import.title(code, title, at))?;
    }
    let columns = ["O*NET-SOC Code", "Task ID", "Task"];
    rows(folder, TASKS, columns, |[code, id, task], at| import.task(code, id, task, at))?;
    let columns = ["O*NET-SOC Code", "Example", "Commodity Title"];
    rows(folder, TECHNOLOGIES, columns, |[code, name, group], at| import.technology(code, name, group, at))?;
    import.settle_homes();
    Ok(import.taxonomy)
}

/// Calls `row` with the named columns of each line.
fn rows<const N: usize>(
    folder: &Path,
    name: &str,
    columns: [&str; N],
    mut row: impl FnMut([&str; N], Position) -> Result<(), Error>,
) -> Result<(), Error> {
    let path = folder.join(name);
    let file: Arc<str> = path.to_string_lossy().into();
    let unreadable = |error: std::io::Error| {
        Error::new(format!("cannot read {}", path.display()))
            .detail(error.to_string())
            .hint("check who may read the file, and that it is UTF-8 text as downloaded")
    };
    let mut reader = BufReader::with_capacity(1 << 16, File::open(&path).map_err(unreadable)?);
    let (mut line, mut number) = (String::new(), 0);
    let mut places: Option<[usize; N]> = None;
    while reader.read_line(&mut line).map_err(unreadable)? > 0 {
        number += 1;
        let at = || Position::new(file.clone(), number);
        let text = line.trim_end_matches(['\n', '\r']);
        match places {
            None => places = Some(header(text, &columns).map_err(|error| error.at(at()))?),
            Some(_) if text.is_empty() => {}
            Some(places) => {
                let cells: Vec<&str> = text.split('\t').map(str::trim).collect();
                if let Some(place) = places.iter().find(|place| **place >= cells.len()) {
                    return Err(Error::new("this line is cut short")
                        .detail(format!("it has {} columns and column {} is needed", cells.len(), place + 1))
                        .hint("download the file again")
                        .at(at()));
                }
                row(places.map(|place| cells[place]), at())?;
            }
        }
        line.clear();
    }
    Ok(())
}

fn header<const N: usize>(text: &str, columns: &[&str; N]) -> Result<[usize; N], Error> {
    let heads: Vec<&str> = text.trim_start_matches('\u{feff}').split('\t').map(str::trim).collect();
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        *place = heads.iter().position(|head| head == column).ok_or_else(|| {
            Error::new(format!("there is no column \"{column}\""))
                .detail(format!("the columns are {}", listed(&heads)))
                .hint("the file must be tab-separated with its header row, as downloaded")
        })?;
    }
    Ok(places)
}

#[derive(Default)]
struct Import {
    taxonomy: Taxonomy,
    /// Slugs of roles by occupation code.
    roles: HashMap<String, String>,
    role_slugs: Slugs,
    /// Slugs of skills by technology, of dimensions by commodity.
    skills: HashMap<String, String>,
    skill_slugs: Slugs,
    dimensions: HashMap<String, String>,
    dimension_slugs: Slugs,
    numbers: Numbers,
    /// How often a skill stands in a dimension.
    homes: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Import {
    fn occupation(&mut self, code: &str, title: &str, at: Position) -> Result<(), Error> {
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let number = digits.parse().ok().filter(|_| digits.len() == 8).ok_or_else(|| {
            Error::new(format!("\"{code}\" is no O*NET-SOC code"))
                .detail("a code looks like 15-1252.00")
                .hint("check that the file is O*NET's, unchanged")
                .at(at.clone())
        })?;
        let slug = self.role_slugs.give(title, &format!("role-{number}"));
        self.roles.insert(code.to_owned(), slug.clone());
        let archetype = major_group(code).to_owned();
        self.taxonomy.roles.put(Role { slug, name: title.to_owned(), number, archetype, ..Role::default() }, at);
        Ok(())
    }

    fn role(&self, code: &str, at: &Position) -> Result<String, Error> {
        self.roles.get(code).cloned().ok_or_else(|| {
            Error::new(format!("there is no occupation {code}"))
                .detail(format!("{OCCUPATIONS} does not have that code"))
                .hint("take all five files from one release")
                .at(at.clone())
        })
    }

    fn title(&mut self, code: &str, title: &str, at: Position) -> Result<(), Error> {
        let role = self.role(code, &at)?;
        for form in forms(title) {
            // The same title stands in both files and under several spellings: once is enough.
            let _ = self.taxonomy.aliases.add(Alias { role: role.clone(), text: form.to_owned() }, at.clone());
        }
        Ok(())
    }

    fn task(&mut self, code: &str, id: &str, task: &str, at: Position) -> Result<(), Error> {
        let role = self.role(code, &at)?;
        let kra = Kra { id: format!("{role}/{id}"), role, sentence: task.to_owned() };
        let id = kra.id.clone();
        let hint = "download the file again";
        self.taxonomy.kras.add(kra, at.clone()).map_err(|there| super::toml_dir::twice(&id, at, &there, hint))
    }

    fn technology(&mut self, code: &str, name: &str, group: &str, at: Position) -> Result<(), Error> {
        let role = self.role(code, &at)?;
        let dimension = match self.dimensions.get(group) {
            Some(slug) => slug.clone(),
            None => {
                let slug = self.dimension_slugs.give(group, "group");
                self.dimensions.insert(group.to_owned(), slug.clone());
                self.taxonomy.dimensions.put(Dimension { slug: slug.clone(), name: group.to_owned() }, at.clone());
                slug
            }
        };
        let skill = match self.skills.get(name) {
            Some(slug) => slug.clone(),
            None => {
                let slug = self.skill_slugs.give(name, "technology");
                self.skills.insert(name.to_owned(), slug.clone());
                let number = self.numbers.give(&slug);
                let skill = Skill {
                    slug: slug.clone(),
                    name: name.to_owned(),
                    number,
                    kind: "tool".into(),
                    ..Skill::default()
                };
                self.taxonomy.skills.put(skill, at.clone());
                slug
            }
        };
        *self.homes.entry(skill.clone()).or_default().entry(dimension.clone()).or_default() += 1;
        let _ = self.taxonomy.role_dimensions.add(RoleDimension { role: role.clone(), dimension }, at.clone());
        let _ = self.taxonomy.role_skills.add(RoleSkill { role, skill }, at);
        Ok(())
    }

    /// A skill's home is the group it stands in most often, of equals the first by slug.
    fn settle_homes(&mut self) {
        for (slug, groups) in std::mem::take(&mut self.homes) {
            let home =
                groups.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0))).map(|(slug, _)| slug.clone());
            let Some(entry) = self.taxonomy.skills.entry(&slug).cloned() else { continue };
            if groups.len() > 1 {
                let counts = groups.iter().map(|(group, count)| format!("{group} {count} times"));
                let message =
                    Error::new(format!("technology \"{}\" stands in {} groups", entry.record.name, groups.len()))
                        .detail(format!("it is in {}; its home is the most frequent", listed(counts)))
                        .hint("nothing needs to be done; another home can be given it by hand")
                        .at(entry.at.clone());
                self.taxonomy.remarks.push(Lint {
                    rule: "several-homes",
                    severity: Severity::Note,
                    subjects: Vec::new(),
                    message,
                });
            }
            self.taxonomy.skills.put(Skill { dimension: home, ..entry.record }, entry.at);
        }
    }
}

/// "CEO (Chief Executive Officer)" is two titles.
fn forms(title: &str) -> impl Iterator<Item = &str> {
    let (long, short) = match title.split_once('(') {
        Some((outer, inner)) => (outer, inner.strip_suffix(')').unwrap_or("")),
        None => (title, ""),
    };
    [long, short].into_iter().map(str::trim).filter(|form| !form.is_empty())
}

/// The major groups of the Standard Occupational Classification, by the first two digits of a code.
fn major_group(code: &str) -> &'static str {
    match code.get(..2).unwrap_or_default() {
        "11" => "Management",
        "13" => "Business and Financial Operations",
        "15" => "Computer and Mathematical",
        "17" => "Architecture and Engineering",
        "19" => "Life, Physical, and Social Science",
        "21" => "Community and Social Service",
        "23" => "Legal",
        "25" => "Educational Instruction and Library",
        "27" => "Arts, Design, Entertainment, Sports, and Media",
        "29" => "Healthcare Practitioners and Technical",
        "31" => "Healthcare Support",
        "33" => "Protective Service",
        "35" => "Food Preparation and Serving Related",
        "37" => "Building and Grounds Cleaning and Maintenance",
        "39" => "Personal Care and Service",
        "41" => "Sales and Related",
        "43" => "Office and Administrative Support",
        "45" => "Farming, Fishing, and Forestry",
        "47" => "Construction and Extraction",
        "49" => "Installation, Maintenance, and Repair",
        "51" => "Production",
        "53" => "Transportation and Material Moving",
        "55" => "Military Specific",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
