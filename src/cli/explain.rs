//! `rolestream explain`: why was this JD decided so? The rule, the thresholds, and the parts of every number.

use super::output::{Failure, Output};
use super::session::{Answered, Session};
use super::views::head;
use crate::admission::Documents;
use crate::config::Config;
use crate::error::Error;
use crate::report::explanation::{Explanation, Stage, explain};
use crate::report::tables::{BAD, FAINT, GOOD, NAME, cut, heading, styled, table};
use crate::report::{StepOne, step_one};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  rolestream explain backend.txt
  rolestream explain jds.jsonl --id sample-042        one JD of many
  rolestream explain backend.txt --json";

/// Say why a JD was decided as it was: rule, thresholds, and the parts of every number
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Explain {
    /// The JD: any input that `classify` takes
    #[arg(value_name = "FILE|-")]
    input: PathBuf,
    /// Of several JDs in it the one with this id [default: the first]
    #[arg(long)]
    id: Option<String>,
    /// A folder with another taxonomy than the one in the program
    #[arg(long, value_name = "FOLDER")]
    taxonomy: Option<PathBuf>,
    /// Roles whose numbers are taken apart
    #[arg(long, value_name = "N", default_value_t = 3)]
    top: usize,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    answer: &'a StepOne,
    explanation: &'a Explanation,
}

impl Explain {
    pub(super) fn run(self, mut config: Config, out: &mut Output) -> Result<ExitCode, Failure> {
        // The rules see every role; so does who wants to know why.
        let mut session = Session::open(&mut config, self.taxonomy.as_deref(), |settings, taxonomy| {
            settings.top = u32::try_from(taxonomy.roles.len()).unwrap_or(u32::MAX).max(1);
        })?;
        let answered = self.answered(&mut session)?;
        let row = session.row(&answered);
        let explanation = session.engine.with_tables(|tables| explain(row, tables));
        let step = step_one(row);
        if out.json {
            out.object(&Printed { answer: &step, explanation: &explanation })?;
        } else {
            head(out, &step)?;
            if !step.rejected {
                self.print(out, &step, &explanation)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn answered(&self, session: &mut Session) -> Result<Answered, Failure> {
        let mut seen = 0u64;
        for document in Documents::new(std::slice::from_ref(&self.input), session.limits) {
            let document = document?;
            seen += 1;
            if self.id.as_ref().is_none_or(|id| *id == document.id)
                && let Some(answered) = session.answer(vec![document])?.pop()
            {
                return Ok(answered);
            }
        }
        let error = Error::new("no JD to explain")
            .detail(match &self.id {
                Some(id) => format!("none of the {seen} JDs in {} has the id \"{id}\"", self.input.display()),
                None => format!("{} holds none", self.input.display()),
            })
            .hint("`rolestream classify` lists the ids");
        Err(error.into())
    }

    fn print(&self, out: &mut Output, step: &StepOne, explanation: &Explanation) -> Result<(), Failure> {
        out.line(heading("What the rules compared"))?;
        let thresholds = &step.stage4_decision.thresholds;
        let rows = explanation.comparisons.iter().map(|one| {
            let used = thresholds.contains_key(one.threshold_name);
            let threshold = format!("{} {:.4}", one.threshold_name, one.threshold);
            vec![
                one.word.to_owned(),
                format!("{} {:.4}", one.says, one.value),
                if used { styled(NAME, threshold) } else { styled(FAINT, threshold) },
                yes(one.holds),
            ]
        });
        let columns = [("word", false), ("number", false), ("threshold", false), ("holds", false)];
        out.line(table(&columns, rows, out.width))?;
        self.titles(out, step, explanation)?;
        self.responsibilities(out, step)?;
        skills(out, step, explanation)?;
        tie_break(out, explanation)
    }

    fn titles(&self, out: &mut Output, step: &StepOne, explanation: &Explanation) -> Result<(), Failure> {
        out.line(heading(&format!("Title: {}", step.title_resolution.how)))?;
        let rows = |stages: &[Stage]| -> Vec<Vec<String>> {
            let row = |stage: &Stage| {
                let roles = if stage.roles.is_empty() { styled(FAINT, "no role") } else { stage.roles.join(", ") };
                vec![stage.compared.to_owned(), format!("'{}'", stage.text), roles]
            };
            stages.iter().map(row).collect()
        };
        let columns = [("compared with", false), ("text", false), ("found", false)];
        if !explanation.title_stages.is_empty() {
            out.line(table(&columns, rows(&explanation.title_stages), out.width))?;
        }
        let nearest: Vec<String> = (explanation.nearest_titles.iter())
            .map(|near| format!("{} {:.4} by '{}'", near.role, near.similarity, near.title))
            .collect();
        if !nearest.is_empty() {
            out.line(format!(" {} {}", styled(FAINT, "nearest:"), nearest.join(" · ")))?;
        }
        out.line(heading("Alias signal: what the terms hit"))?;
        out.line(table(&[("term", false), ("text", false), ("hits", false)], rows(&explanation.terms), out.width))
    }

    fn responsibilities(&self, out: &mut Output, step: &StepOne) -> Result<(), Failure> {
        let chosen = step.stage4_decision.chosen_role.as_ref().map(|role| role.role_id);
        let ranking = step.stage3_signals.kra_match_roles.iter().enumerate();
        for (_, role) in ranking.filter(|(place, role)| *place < self.top || Some(role.role_id) == chosen) {
            let matches = role.kra_matches.as_deref().unwrap_or_default();
            let sum: Vec<String> = matches.iter().map(|pair| format!("{:.4}", pair.similarity)).collect();
            let title = format!(
                "KRA score of {}: ({}) / {} = {:.4}",
                role.display_name,
                sum.join(" + "),
                matches.len(),
                role.score.unwrap_or_default()
            );
            out.line(heading(&title))?;
            let rows = matches.iter().map(|pair| {
                vec![format!("{:.4}", pair.similarity), cut(&pair.sentence, 200), cut(&pair.kra_text, 200)]
            });
            let columns = [("similarity", true), ("the JD says", false), ("the role says", false)];
            out.line(table(&columns, rows, out.width))?;
        }
        Ok(())
    }
}

fn skills(out: &mut Output, step: &StepOne, explanation: &Explanation) -> Result<(), Failure> {
    let Some(role) = &explanation.skill_role else { return Ok(()) };
    let (hits, total) = (explanation.skills.iter().filter(|part| part.hit).count(), explanation.skills.len());
    let score = step.stage3_signals.skill_match_roles.iter().find(|other| other.display_name == *role);
    let score = score.and_then(|role| role.score).unwrap_or_default();
    out.line(heading(&format!("Skill score of {role}: {hits} / {total} = {score:.4}")))?;
    let rows = explanation.skills.iter().map(|part| {
        let style = if part.hit { GOOD } else { BAD };
        vec![styled(style, &part.skill), part.why.to_owned()]
    });
    out.line(table(&[("primary skill", false), ("", false)], rows, out.width))
}

fn tie_break(out: &mut Output, explanation: &Explanation) -> Result<(), Failure> {
    if explanation.tie_break.is_empty() {
        return Ok(());
    }
    out.line(heading("Tie-break"))?;
    let rows = explanation.tie_break.iter().map(|one| {
        vec![
            if one.chosen { styled(GOOD, &one.role) } else { one.role.clone() },
            format!("{:.4}", one.kra),
            format!("{} KRAs, {} skills{}", one.kras, one.skills, if one.thin { ": thin" } else { "" }),
            yes(one.is_title),
            one.matched.to_string(),
        ]
    });
    let columns = [
        ("role", false),
        ("tier 1: KRA", true),
        ("known by", false),
        ("tier 2: is the title", false),
        ("tier 3: skills", true),
    ];
    out.line(table(&columns, rows, out.width))
}

fn yes(holds: bool) -> String {
    if holds { styled(GOOD, "yes") } else { styled(FAINT, "no") }
}
