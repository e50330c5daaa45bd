//! `rolestream taxonomy`: what is in a taxonomy, what looks wrong in it, how do two differ, and where do others come
//! from?

mod service;

use super::output::{Failure, Output, grouped, remark};
use super::session::load_taxonomy;
use crate::config::Config;
use crate::error::Error;
use crate::report::tables::{BAD, FAINT, GOOD, NAME, STRONG, WARNING, cut, heading, styled, table};
use crate::taxonomy::diff::Change;
use crate::taxonomy::{Severity, Taxonomy, diff, esco, onet};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  rolestream taxonomy lint my-taxonomy/                   a folder
  rolestream taxonomy diff my-taxonomy/ other/

Of a service that runs:
  rolestream taxonomy edit merge.toml                     a draft of a file of operations, and its preview
  rolestream taxonomy draft new \"fewer roles\"             or a draft, step by step; prints its number
  rolestream taxonomy draft add 17 merge.json
  rolestream taxonomy preview 17
  rolestream taxonomy publish 17 --why \"one job, two names\"
  rolestream taxonomy versions
  rolestream taxonomy diff 3 5 --server http://127.0.0.1:8080
  rolestream taxonomy rollback 3 --why \"it was two jobs\"
  rolestream taxonomy lints";

/// Check, show, compare and import taxonomies; edit that of a service
#[derive(Subcommand, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) enum Command {
    Lint(Lint),
    Show(Show),
    Diff(Diff),
    #[command(subcommand)]
    Import(Import),
    Edit(service::Edit),
    #[command(subcommand)]
    Draft(service::Draft),
    Preview(service::Preview),
    Publish(service::Publish),
    Versions(service::Versions),
    Rollback(service::Rollback),
    Lints(service::Lints),
}

/// Say what looks wrong in a taxonomy
#[derive(Args, Debug)]
#[command(
    after_help = "Exit code: 0 without errors, 1 with some (with --strict: with warnings, too), 2 when it cannot be read."
)]
pub(super) struct Lint {
    /// Its folder [default: the one in the program]
    folder: Option<PathBuf>,
    /// Fail on warnings, too
    #[arg(long)]
    strict: bool,
}

/// Show a taxonomy: its roles, or one of them
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  rolestream taxonomy show\n  rolestream taxonomy show --role data-engineer\n  rolestream taxonomy show my-taxonomy/ --json"
)]
pub(super) struct Show {
    /// Its folder [default: the one in the program]
    folder: Option<PathBuf>,
    /// A single role, by slug
    #[arg(long, value_name = "SLUG")]
    role: Option<String>,
}

/// Say how two taxonomies differ
#[derive(Args, Debug)]
pub(super) struct Diff {
    /// The folder of the one before
    before: PathBuf,
    /// The folder of the one after [default: the one in the program]
    after: Option<PathBuf>,
    /// Compare two versions of a service that runs, by their numbers [default for the one after: the last]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

/// Make a taxonomy of somebody else's tables
#[derive(Subcommand, Debug)]
#[command(
    after_help = "Example:\n  rolestream taxonomy import onet db_text/ --out onet/\n  rolestream classify jd.txt --taxonomy onet/"
)]
pub(super) enum Import {
    /// O*NET: its text files
    Onet(Tables),
    /// ESCO: its CSV files
    Esco(Tables),
}

#[derive(Args, Debug)]
pub(super) struct Tables {
    /// The folder that holds them
    folder: PathBuf,
    /// The folder the taxonomy is written to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Command {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        match self {
            Command::Lint(lint) => lint.run(config, out),
            Command::Show(show) => show.run(config, out),
            Command::Diff(diff) => diff.run(config, out),
            Command::Import(import) => import.run(out),
            Command::Edit(edit) => edit.run(config, out),
            Command::Draft(draft) => draft.run(config, out),
            Command::Preview(preview) => preview.run(config, out),
            Command::Publish(publish) => publish.run(config, out),
            Command::Versions(versions) => versions.run(config, out),
            Command::Rollback(rollback) => rollback.run(config, out),
            Command::Lints(lints) => lints.run(config, out),
        }
    }
}

impl Lint {
    fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let (taxonomy, shown) = load_taxonomy(self.folder.as_deref(), config)?;
        let lints = taxonomy.lints();
        let mut counts = [0u64; 3];
        for lint in &lints {
            let (style, place) = match lint.severity {
                Severity::Error => (BAD, 0),
                Severity::Warning => (WARNING, 1),
                Severity::Note => (FAINT, 2),
            };
            counts[place] += 1;
            if out.json {
                out.object(lint)?;
            } else {
                let text = lint.to_string();
                let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
                out.line(styled(style, first))?;
                if !rest.is_empty() {
                    out.line(rest)?;
                }
            }
        }
        let [errors, warnings, notes] = counts.map(grouped);
        out.flush()?;
        remark(format!("{shown}: {errors} errors, {warnings} warnings, {notes} notes"));
        let bad = counts[0] > 0 || (self.strict && counts[1] > 0);
        Ok(if bad { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }
}

impl Show {
    fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let (taxonomy, shown) = load_taxonomy(self.folder.as_deref(), config)?;
        match &self.role {
            Some(slug) => role(&taxonomy, slug, out)?,
            None => roles(&taxonomy, &shown, out)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn roles(taxonomy: &Taxonomy, shown: &str, out: &mut Output) -> Result<(), Failure> {
    let count = |slug: &str, owners: &mut dyn Iterator<Item = &String>| owners.filter(|owner| *owner == slug).count();
    let mut rows: Vec<_> = taxonomy.roles.iter().collect();
    rows.sort_by_key(|role| role.number);
    let rows: Vec<_> = rows
        .into_iter()
        .map(|role| {
            let aliases = count(&role.slug, &mut taxonomy.aliases.iter().map(|alias| &alias.role));
            let kras = count(&role.slug, &mut taxonomy.kras.iter().map(|kra| &kra.role));
            let skills = count(&role.slug, &mut taxonomy.role_skills.iter().map(|skill| &skill.role));
            (role, aliases, kras, skills)
        })
        .collect();
    if out.json {
        for (role, aliases, kras, skills) in rows {
            out.object(&json!({"role": role, "aliases": aliases, "kras": kras, "skills": skills}))?;
        }
        return Ok(());
    }
    let rows = rows.into_iter().map(|(role, aliases, kras, skills)| {
        let number = |n: usize| grouped(n as u64);
        vec![
            role.number.to_string(),
            role.slug.clone(),
            role.name.clone(),
            role.archetype.clone(),
            number(aliases),
            number(kras),
            number(skills),
        ]
    });
    let columns = [
        ("id", true),
        ("slug", false),
        ("name", false),
        ("archetype", false),
        ("aliases", true),
        ("KRAs", true),
        ("skills", true),
    ];
    out.line(table(&columns, rows, out.width))?;
    out.line(format!(
        "\n{shown}: {} roles, {} aliases, {} KRAs, {} skills in {} dimensions",
        grouped(taxonomy.roles.len() as u64),
        grouped(taxonomy.aliases.len() as u64),
        grouped(taxonomy.kras.len() as u64),
        grouped(taxonomy.skills.len() as u64),
        grouped(taxonomy.dimensions.len() as u64),
    ))
}

fn role(taxonomy: &Taxonomy, slug: &str, out: &mut Output) -> Result<(), Failure> {
    let role = taxonomy.roles.get(slug).ok_or_else(|| {
        let known = taxonomy.roles.keys();
        let hint = match crate::error::nearest(slug, known) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "`rolestream taxonomy show` lists the roles".to_owned(),
        };
        Error::new(format!("no role \"{slug}\"")).detail("a role is named by its slug").hint(hint)
    })?;
    let aliases: Vec<&str> = taxonomy.aliases.iter().filter(|a| a.role == slug).map(|a| a.text.as_str()).collect();
    let kras: Vec<_> = taxonomy.kras.iter().filter(|kra| kra.role == slug).collect();
    let skills: Vec<_> = taxonomy.role_skills.iter().filter(|skill| skill.role == slug).collect();
    let skills: Vec<_> = skills.iter().map(|skill| (&skill.skill, taxonomy.skills.get(&skill.skill))).collect();
    if out.json {
        let skills: Vec<_> = skills.iter().map(|(slug, _)| slug).collect();
        return out.object(&json!({"role": role, "aliases": aliases, "kras": kras, "skills": skills}));
    }
    out.line(format!("{} {}", styled(STRONG, &role.name), styled(FAINT, format!("({slug}, id {})", role.number))))?;
    out.line(heading("Titles"))?;
    out.line(format!(" {}", aliases.join(", ")))?;
    out.line(heading("Responsibilities"))?;
    for kra in kras {
        out.line(format!(" {}  {}", styled(FAINT, &kra.id), kra.sentence))?;
    }
    out.line(heading("Skills"))?;
    let mut dimensions: Vec<(String, Vec<String>)> = Vec::new();
    for (slug, skill) in skills {
        let home = skill.and_then(|skill| skill.dimension.as_deref());
        let home =
            home.and_then(|home| taxonomy.dimensions.get(home)).map_or("–", |dimension| dimension.name.as_str());
        let name = skill.map_or_else(|| slug.clone(), |skill| skill.name.clone());
        match dimensions.iter_mut().find(|(dimension, _)| dimension == home) {
            Some((_, names)) => names.push(name),
            None => dimensions.push((home.to_owned(), vec![name])),
        }
    }
    let rows = dimensions.into_iter().map(|(dimension, names)| vec![dimension, names.join(", ")]);
    out.line(table(&[("dimension", false), ("skills", false)], rows, out.width))
}

impl Diff {
    fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        if let Some(server) = &self.server {
            return service::diff(server, &self.before, self.after.as_deref(), config, out);
        }
        let (before, _) = load_taxonomy(Some(&self.before), config)?;
        let (after, _) = load_taxonomy(self.after.as_deref(), config)?;
        let differences = diff(&before, &after);
        for difference in &differences {
            if out.json {
                out.object(difference)?;
                continue;
            }
            let key = difference.key.replace('\n', " · ");
            let (sign, style) = match difference.change {
                Change::Added(_) => ("+", GOOD),
                Change::Removed(_) => ("-", BAD),
                Change::Changed(_) => ("~", WARNING),
            };
            out.line(format!("{} {} {key}", styled(style, sign), styled(NAME, difference.collection)))?;
            if let Change::Changed(fields) = &difference.change {
                for field in fields {
                    let (before, after) = (cut(&field.before.to_string(), 50), cut(&field.after.to_string(), 50));
                    out.line(format!("    {}: {before} → {after}", field.field))?;
                }
            }
        }
        out.flush()?;
        remark(format!("{} differences", grouped(differences.len() as u64)));
        Ok(ExitCode::SUCCESS)
    }
}

impl Import {
    fn run(self, out: &mut Output) -> Result<ExitCode, Failure> {
        let (taxonomy, target) = match self {
            Import::Onet(tables) => (onet::import(&tables.folder)?, tables.out),
            Import::Esco(tables) => (esco::import(&tables.folder)?, tables.out),
        };
        taxonomy.save(&target)?;
        let shown = target.display().to_string();
        if out.json {
            out.object(&json!({
                "folder": shown, "roles": taxonomy.roles.len(), "aliases": taxonomy.aliases.len(),
                "kras": taxonomy.kras.len(), "skills": taxonomy.skills.len(),
            }))?;
        } else {
            roles_of(&taxonomy, &shown, out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn roles_of(taxonomy: &Taxonomy, shown: &str, out: &mut Output) -> Result<(), Failure> {
    out.line(format!(
        "{shown}: {} roles, {} aliases, {} KRAs, {} skills written",
        grouped(taxonomy.roles.len() as u64),
        grouped(taxonomy.aliases.len() as u64),
        grouped(taxonomy.kras.len() as u64),
        grouped(taxonomy.skills.len() as u64),
    ))
}
