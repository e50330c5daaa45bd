//! How is the taxonomy of a service edited from the command line? Drafts, previews, versions, rollback, lints.

use crate::cli::fields::{count, list, print, rows, text, time};
use crate::cli::output::{Failure, Output, grouped, remark};
use crate::cli::remote::{Client, NOTHING, Remote, query};
use crate::config::Config;
use crate::error::Error;
use crate::report::tables::{BAD, FAINT, GOOD, NAME, WARNING, cut, heading, styled, table};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs of a preview that are shown.
const SHOWN: usize = 20;

/// List the versions of a service's taxonomy, newest first
#[derive(Args, Debug)]
pub(in crate::cli) struct Versions {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

/// Gather edits in a service before they are published
#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Draft {
    /// Begin a draft, and print its number
    New(New),
    /// Add the operations of a file
    Add(Add),
    /// List the drafts, or show what one comes to
    Show(Show),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct New {
    /// What it is called
    title: String,
    /// Why
    #[arg(long, default_value_t)]
    why: String,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Add {
    /// The draft
    draft: u64,
    /// Operations as JSON (a list) or TOML ([[operations]])
    file: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Show {
    /// The draft [default: list all]
    draft: Option<u64>,
    #[command(flatten)]
    remote: Remote,
}

/// Say which past runs a draft would change
#[derive(Args, Debug)]
pub(in crate::cli) struct Preview {
    /// The draft
    draft: u64,
    #[command(flatten)]
    remote: Remote,
}

/// Make a version of a draft
#[derive(Args, Debug)]
pub(in crate::cli) struct Publish {
    /// The draft
    draft: u64,
    /// Why [default: what the draft says]
    #[arg(long)]
    why: Option<String>,
    /// Even where others changed what it touches since it was begun
    #[arg(long)]
    rebase: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Bring back all records of an earlier version, as a new one
#[derive(Args, Debug)]
pub(in crate::cli) struct Rollback {
    /// The version
    to: u64,
    /// Why
    #[arg(long, default_value_t)]
    why: String,
    #[command(flatten)]
    remote: Remote,
}

/// Say what looks wrong in the taxonomy of a service
#[derive(Args, Debug)]
pub(in crate::cli) struct Lints {
    /// As it would be with this draft
    #[arg(long, value_name = "NUMBER")]
    draft: Option<u64>,
    #[command(flatten)]
    remote: Remote,
}

/// Make a draft of a file of operations, preview it, and publish it where that is asked for
#[derive(Args, Debug)]
#[command(
    after_help = "Example of a file, merge.toml:\n  [[operations]]\n  op = \"merge_roles\"\n  into = \"data-engineer\"\n  roles = [\"etl-developer\"]\n\n  rolestream taxonomy edit merge.toml\n  rolestream taxonomy edit merge.toml --publish --why \"one job, two names\""
)]
pub(in crate::cli) struct Edit {
    /// Operations as JSON (a list) or TOML ([[operations]])
    file: PathBuf,
    /// Publish it; without this the draft stays
    #[arg(long)]
    publish: bool,
    /// Why
    #[arg(long, default_value_t)]
    why: String,
    #[command(flatten)]
    remote: Remote,
}

type Ran = Result<ExitCode, Failure>;

impl Versions {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Ran {
        let client = self.remote.client(config)?;
        let found = rows(&client, "/taxonomy/versions", &[], "versions", self.limit as usize)?;
        print(out, found, "nothing has changed since the service began", |out, versions| {
            let rows = versions.iter().map(|version| {
                let changed = version["changed"].as_object().into_iter().flatten();
                let changed: Vec<String> = changed.map(|(kind, n)| format!("{n} {kind}")).collect();
                let undoes = version["undoes"].as_u64().map(|to| format!("back to {to}")).unwrap_or_default();
                let why = [undoes, text(version, "why")].into_iter().filter(|part| !part.is_empty());
                vec![
                    text(version, "number"),
                    time(version, "at"),
                    styled(NAME, text(version, "author")),
                    changed.join(", "),
                    cut(&why.collect::<Vec<_>>().join(": "), 60),
                ]
            });
            let columns = [("version", true), ("made", false), ("by", false), ("records", false), ("why", false)];
            out.line(table(&columns, rows, out.width))
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Draft {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Ran {
        match self {
            Draft::New(new) => {
                let client = new.remote.client(config)?;
                let made: Value = client.post("/taxonomy/drafts", &json!({"title": new.title, "note": new.why}))?;
                match out.json {
                    true => out.object(&made)?,
                    false => out.line(text(&made, "id"))?,
                }
            }
            Draft::Add(add) => {
                let client = add.remote.client(config)?;
                let asked = json!({"operations": operations(&add.file)?});
                let draft: Value = client.post(&format!("/taxonomy/drafts/{}/operations", add.draft), &asked)?;
                match out.json {
                    true => out.object(&draft)?,
                    false => out.line(in_short(&draft))?,
                }
            }
            Draft::Show(Show { draft: None, remote }) => {
                let drafts: Value = remote.client(config)?.get("/taxonomy/drafts")?;
                print(out, (list(&drafts, "drafts").to_vec(), false), "there is no draft", |out, drafts| {
                    let rows = drafts.iter().map(|draft| {
                        let operations = text(draft, "operations");
                        let author = styled(NAME, text(draft, "author"));
                        vec![text(draft, "id"), text(draft, "title"), operations, author, time(draft, "updated_at")]
                    });
                    let columns =
                        [("draft", true), ("title", false), ("operations", true), ("by", false), ("changed", false)];
                    out.line(table(&columns, rows, out.width))
                })?;
            }
            Draft::Show(Show { draft: Some(id), remote }) => {
                let client = remote.client(config)?;
                let draft: Value = client.get(&format!("/taxonomy/drafts/{id}"))?;
                let changes: Value = client.get(&format!("/taxonomy/drafts/{id}/changes"))?;
                if out.json {
                    out.object(&json!({"draft": draft, "changes": changes}))?;
                    return Ok(ExitCode::SUCCESS);
                }
                out.line(in_short(&draft))?;
                for (n, operation) in list(&draft, "operations").iter().enumerate() {
                    out.line(format!(" {:>3}  {operation}", n + 1))?;
                }
                out.line(heading("Records"))?;
                differences(list(&changes, "changes"), out)?;
                for problem in list(&changes, "problems") {
                    out.line(styled(BAD, format!("{}: {}", text(problem, "at"), text(problem, "title"))))?;
                }
                for conflict in list(&changes, "conflicts") {
                    let versions: Vec<String> = list(conflict, "versions").iter().map(Value::to_string).collect();
                    let said = format!("{} was changed by version {}", text(conflict, "key"), versions.join(", "));
                    out.line(styled(WARNING, said))?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Preview {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Ran {
        let preview = preview(&self.remote.client(config)?, self.draft)?;
        shown(&preview, out)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Publish {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Ran {
        let client = self.remote.client(config)?;
        let mut asked = json!({"rebase": self.rebase});
        if let Some(why) = self.why {
            asked["why"] = why.into();
        }
        published(&client.post(&format!("/taxonomy/drafts/{}/publish", self.draft), &asked)?, out)
    }
}

impl Rollback {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Ran {
        let asked = json!({"to": self.to, "why": self.why});
        published(&self.remote.client(config)?.post("/taxonomy/rollback", &asked)?, out)
    }
}

impl Lints {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Ran {
        let asked = query(&[("draft", self.draft.map(|draft| draft.to_string()))]);
        let lints: Value = self.remote.client(config)?.get(&format!("/taxonomy/lints{asked}"))?;
        for lint in list(&lints, "lints") {
            if out.json {
                out.object(lint)?;
                continue;
            }
            let severity = text(lint, "severity");
            let style = match severity.as_str() {
                "error" => BAD,
                "warning" => WARNING,
                _ => FAINT,
            };
            let said = format!("{severity}[{}]: {}", text(lint, "code"), text(lint, "primary"));
            out.line(styled(style, said))?;
            out.line(format!("  {}\n  hint: {}", text(lint, "detail"), text(lint, "hint")))?;
        }
        out.flush()?;
        let of = |name| grouped(count(&lints, name));
        remark(format!("{} errors, {} warnings, {} notes", of("errors"), of("warnings"), of("notes")));
        Ok(if count(&lints, "errors") > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }
}

impl Edit {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Ran {
        let client = self.remote.client(config)?;
        let title = self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let asked = json!({"title": title, "note": self.why, "operations": operations(&self.file)?});
        let draft: Value = client.post("/taxonomy/drafts", &asked)?;
        let id = count(&draft, "id");
        shown(&preview(&client, id)?, out)?;
        if self.publish {
            return published(&client.post(&format!("/taxonomy/drafts/{id}/publish"), &json!({}))?, out);
        }
        out.flush()?;
        remark(format!("this is draft {id}; `rolestream taxonomy publish {id}` makes a version of it"));
        Ok(ExitCode::SUCCESS)
    }
}

/// How two versions of a service differ.
pub(super) fn diff(server: &str, from: &Path, to: Option<&Path>, config: &Config, out: &mut Output) -> Ran {
    let number = |path: &Path| {
        let text = path.display().to_string();
        text.parse::<u64>().map_err(|_| {
            Error::new(format!("\"{text}\" is no number of a version"))
                .detail("with --server, versions of the service are compared")
                .hint("`rolestream taxonomy versions` lists them; leave --server out to compare folders")
        })
    };
    let from = Some(number(from)?.to_string());
    let to = to.map(number).transpose()?.map(|to| to.to_string());
    let client = Client::new(server, &config.store.path)?;
    let diff: Value = client.get(&format!("/taxonomy/diff{}", query(&[("from", from), ("to", to)])))?;
    differences(list(&diff, "changes"), out)?;
    Ok(ExitCode::SUCCESS)
}

/// The operations of a file.
fn operations(file: &Path) -> Result<Value, Error> {
    let shown = file.display().to_string();
    let unfit = |detail: String| {
        Error::new(format!("cannot read operations from {shown}"))
            .detail(detail)
            .hint("write a list of JSON objects, or TOML tables under [[operations]], each with its \"op\"")
    };
    let text = std::fs::read_to_string(file).map_err(|error| unfit(error.to_string()))?;
    let read: Value = match file.extension().is_some_and(|ending| ending == "toml") {
        true => toml::from_str(&text).map_err(|error| unfit(error.message().to_owned()))?,
        false => serde_json::from_str(&text).map_err(|error| unfit(error.to_string()))?,
    };
    match read {
        Value::Array(_) => Ok(read),
        Value::Object(mut object) if object.contains_key("operations") => {
            Ok(object.remove("operations").unwrap_or_default())
        }
        Value::Object(object) if object.contains_key("op") => Ok(json!([object])),
        _ => Err(unfit("it holds no operations".to_owned())),
    }
}

fn preview(client: &Client, draft: u64) -> Result<Value, Error> {
    client.ask("POST", &format!("/taxonomy/drafts/{draft}/preview"), NOTHING)
}

/// What a preview says: the movements, and the first of the runs.
fn shown(preview: &Value, out: &mut Output) -> Result<(), Failure> {
    if out.json {
        return out.object(preview);
    }
    let role = |value: &Value| value.as_str().map_or_else(|| styled(FAINT, "no role"), str::to_owned);
    let movements = list(preview, "by_role")
        .iter()
        .map(|movement| vec![role(&movement["from"]), "→".to_owned(), role(&movement["to"]), text(movement, "runs")]);
    let (runs, records) = (count(preview, "total"), count(preview, "records"));
    out.line(format!("{} records would change; {} runs", grouped(records), grouped(runs)))?;
    if runs > 0 {
        out.line(table(&[("from", false), ("", false), ("to", false), ("runs", true)], movements, out.width))?;
        out.line("")?;
        let said = |decided: &Value| {
            let role = [text(decided, "role"), text(decided, "new_role_slug"), "–".to_owned()];
            let role = role.into_iter().find(|role| !role.is_empty()).unwrap_or_default();
            format!("{role} ({} {})", text(decided, "case"), text(decided, "rule"))
        };
        let rows = list(preview, "runs").iter().take(SHOWN).map(|run| {
            vec![cut(&text(run, "id"), 30), cut(&text(run, "title"), 40), said(&run["before"]), said(&run["after"])]
        });
        let columns = [("JD", false), ("title", false), ("now", false), ("then", false)];
        out.line(table(&columns, rows, out.width))?;
    }
    out.flush()?;
    let reading = &preview["reading"];
    if count(reading, "searched") > 0 {
        let of = |name| grouped(count(reading, name));
        remark(format!(
            "{} texts searched for names of skills that come or go, {} of them read again",
            of("searched"),
            of("read")
        ));
    }
    if reading["complete"] == false {
        remark("not all of these texts were read: more runs may change");
    }
    Ok(())
}

fn published(made: &Value, out: &mut Output) -> Ran {
    match out.json {
        true => out.object(made)?,
        false => {
            let (version, records) = (styled(NAME, text(made, "version")), grouped(count(made, "records")));
            out.line(format!("version {version}: {records} records changed"))?;
        }
    }
    out.flush()?;
    if made["rereading"] == true {
        remark("held texts are being read again, for names of skills came or went");
    }
    Ok(ExitCode::SUCCESS)
}

fn in_short(draft: &Value) -> String {
    let records = draft["records"].as_u64().map_or_else(|| "it has problems".to_owned(), |n| format!("{n} records"));
    format!(
        "draft {} \"{}\": {} operations, {records}",
        text(draft, "id"),
        text(draft, "title"),
        list(draft, "operations").len()
    )
}

/// Records before and after.
fn differences(changes: &[Value], out: &mut Output) -> Result<(), Failure> {
    for change in changes {
        if out.json {
            out.object(change)?;
            continue;
        }
        let (before, after) = (&change["before"], &change["after"]);
        let (sign, style) = match (before.is_null(), after.is_null()) {
            (true, _) => ("+", GOOD),
            (_, true) => ("-", BAD),
            _ => ("~", WARNING),
        };
        out.line(format!("{} {}", styled(style, sign), styled(NAME, text(change, "key"))))?;
        let (Some(was), Some(is)) = (before.as_object(), after.as_object()) else { continue };
        let mut fields: Vec<&String> = was.keys().chain(is.keys()).collect();
        fields.sort();
        fields.dedup();
        for field in fields.into_iter().filter(|field| before[field.as_str()] != after[field.as_str()]) {
            let side = |value: &Value| cut(&value[field.as_str()].to_string(), 50);
            out.line(format!("    {field}: {} → {}", side(before), side(after)))?;
        }
    }
    Ok(())
}
