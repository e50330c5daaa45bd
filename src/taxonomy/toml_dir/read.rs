//! Which file of the folder holds what?

use super::{File, roles, rules, skills};
use crate::error::{Error, Errors};
use crate::taxonomy::lints::{Lint, Severity};
use crate::taxonomy::{Taxonomy, slugs};
use crate::toml_source::{Fields, Source};

/// Reads all files; every error of every file is reported.
pub(super) fn read(files: &[File<'_>]) -> Result<Taxonomy, Errors> {
    let mut taxonomy = Taxonomy::default();
    let mut errors = Vec::new();
    for file in files {
        let source = Source::new(&file.shown, &file.text);
        let parts: Vec<&str> = file.path.split('/').collect();
        let (reader, stem): (fn(&mut _, &_, &_, &str, &mut _), &str) = match parts[..] {
            ["taxonomy.toml"] => (whole, ""),
            ["alias_rules.toml"] => (rules::read, ""),
            ["skills", name] if name.ends_with(".toml") => (skills::read, stem(name)),
            ["roles", name] if name.ends_with(".toml") => (roles::read, stem(name)),
            _ => {
                taxonomy.remarks.push(stray(&source, &file.path));
                continue;
            }
        };
        let checked = match parts[0] {
            "skills" if stem != super::NO_DIMENSION => slugs::check(stem, "dimension", || source.whole()),
            "roles" => slugs::check(stem, "role", || source.whole()),
            _ => Ok(()),
        };
        match checked.and_then(|()| source.parse()) {
            Ok(table) => reader(&mut taxonomy, &source, &table, stem, &mut errors),
            Err(error) => errors.push(error),
        }
    }
    Errors(errors).into_result().map(|()| taxonomy)
}

fn stem(name: &str) -> &str {
    name.strip_suffix(".toml").unwrap_or(name)
}

/// `taxonomy.toml`
fn whole(
    taxonomy: &mut Taxonomy,
    source: &Source<'_>,
    table: &toml::de::DeTable<'_>,
    _stem: &str,
    errors: &mut Vec<Error>,
) {
    let what = "taxonomy.toml".to_owned();
    let mut fields = Fields::open(source, table, what, source.whole(), &["name", "calibration"], errors);
    taxonomy.name = fields.text("name").unwrap_or_default();
    if fields.table("calibration").is_some() {
        // Read once more: as a value, not as a spanned one. The text has been parsed before, so this cannot fail.
        let read = toml::from_str::<toml::Table>(source.text()).ok();
        let calibration = read.and_then(|mut t| t.remove("calibration"));
        if let Some(toml::Value::Table(calibration)) = calibration {
            taxonomy.calibration = calibration;
        }
    }
}

fn stray(source: &Source<'_>, path: &str) -> Lint {
    let message = Error::new(format!("{path} is not read"))
        .detail("a taxonomy's files are taxonomy.toml, alias_rules.toml, skills/<slug>.toml and roles/<slug>.toml")
        .hint("move or rename it; notes may stand in .md files")
        .at(source.whole());
    Lint { rule: "stray-file", severity: Severity::Warning, subjects: Vec::new(), message }
}

/// The message on a record that stands twice.
pub(crate) fn twice(what: &str, here: crate::error::Position, there: &crate::error::Position, hint: &str) -> Error {
    Error::new(format!("{what} stands twice")).detail(format!("it is in {here} and in {there}")).hint(hint).at(here)
}
