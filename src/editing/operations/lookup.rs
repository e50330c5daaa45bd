//! Is there what an operation names, and is what it wants to make still free?

use crate::editing::records::{By, Overlay, Records};
use crate::error::{Error, Position, nearest};
use crate::taxonomy::json_lines::Line;
use crate::taxonomy::{Kra, Role, Skill, slugs};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Dimension, Key, Status};
use rolestream_dataflows::text::{normalise, slugify};

/// What has a slug and can be looked up by it.
pub(super) trait Named: Sized {
    /// Its kind of key, and what messages call it.
    const KIND: &'static str;
    fn of(line: Line) -> Option<Self>;
    fn slug(&self) -> &str;
}

/// A role or a skill: what can be merged and retired.
pub(super) trait Living: Named + Clone {
    const NUMBER: By;
    const MERGED_INTO: By;
    fn line(self) -> Line;
    fn status(&self) -> Status;
    fn replaced_by(&self) -> Option<&str>;
    fn turn(&mut self, status: Status, replaced_by: Option<String>);
    /// Refuses what its texts may not be while it is active.
    fn check_texts(&self, records: &Overlay<'_>) -> Result<(), Error>;
}

impl Named for Role {
    const KIND: &'static str = "role";
    fn of(line: Line) -> Option<Role> {
        if let Line::Roles(role) = line { Some(role) } else { None }
    }
    fn slug(&self) -> &str {
        &self.slug
    }
}

impl Living for Role {
    const NUMBER: By = By::RoleNumber;
    const MERGED_INTO: By = By::RoleMergedInto;
    fn line(self) -> Line {
        Line::Roles(self)
    }
    fn status(&self) -> Status {
        self.status
    }
    fn replaced_by(&self) -> Option<&str> {
        self.replaced_by.as_deref()
    }
    fn turn(&mut self, status: Status, replaced_by: Option<String>) {
        (self.status, self.replaced_by) = (status, replaced_by);
    }
    fn check_texts(&self, records: &Overlay<'_>) -> Result<(), Error> {
        free_name(records, By::RoleName, "role", &self.name, &self.slug)
    }
}

impl Named for Skill {
    const KIND: &'static str = "skill";
    fn of(line: Line) -> Option<Skill> {
        if let Line::Skills(skill) = line { Some(skill) } else { None }
    }
    fn slug(&self) -> &str {
        &self.slug
    }
}

impl Living for Skill {
    const NUMBER: By = By::SkillNumber;
    const MERGED_INTO: By = By::SkillMergedInto;
    fn line(self) -> Line {
        Line::Skills(self)
    }
    fn status(&self) -> Status {
        self.status
    }
    fn replaced_by(&self) -> Option<&str> {
        self.replaced_by.as_deref()
    }
    fn turn(&mut self, status: Status, replaced_by: Option<String>) {
        (self.status, self.replaced_by) = (status, replaced_by);
    }
    fn check_texts(&self, records: &Overlay<'_>) -> Result<(), Error> {
        self.aliases.iter().chain([&self.name]).try_for_each(|text| free_skill_text(records, text, &self.slug))
    }
}

impl Named for Dimension {
    const KIND: &'static str = "dimension";
    fn of(line: Line) -> Option<Dimension> {
        if let Line::Dimensions(dimension) = line { Some(dimension) } else { None }
    }
    fn slug(&self) -> &str {
        &self.slug
    }
}

impl Named for Kra {
    const KIND: &'static str = "kra";
    fn of(line: Line) -> Option<Kra> {
        if let Line::Kras(kra) = line { Some(kra) } else { None }
    }
    fn slug(&self) -> &str {
        &self.id
    }
}

/// What messages call a kind.
pub(super) fn called(kind: &str) -> &str {
    if kind == "kra" { "responsibility" } else { kind }
}

/// The record of a slug, or the message that there is none, with the one that was probably meant.
pub(super) fn find<R: Named>(records: &Overlay<'_>, slug: &str) -> Result<R, Error> {
    let found = records.get(&Key::new(R::KIND, &[slug])).and_then(R::of);
    found.ok_or_else(|| {
        let what = called(R::KIND);
        let known: Vec<R> = records.of_kind(R::KIND).filter_map(R::of).collect();
        let hint = match nearest(slug, known.iter().map(Named::slug)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("create the {what} first, or name another"),
        };
        let by = if R::KIND == "kra" { "id" } else { "slug" };
        Error::new(format!("there is no {what} \"{slug}\""))
            .detail(format!("a {what} is named by its {by}; the operation names one that does not exist"))
            .hint(hint)
    })
}

/// The record of a slug, which must be active.
pub(super) fn find_active<R: Living>(records: &Overlay<'_>, slug: &str) -> Result<R, Error> {
    let record: R = find(records, slug)?;
    let (found, hint) = match (record.status(), record.replaced_by()) {
        (Status::Active, _) => return Ok(record),
        (Status::Retired, _) => ("retired".to_owned(), "reactivate it first, or name another".to_owned()),
        (Status::Merged, None) => ("merged into nothing".to_owned(), "unmerge it first".to_owned()),
        (Status::Merged, Some(into)) => {
            (format!("merged into \"{into}\""), format!("name \"{into}\", or unmerge \"{slug}\" first"))
        }
    };
    Err(Error::new(format!("{} \"{slug}\" is not active", R::KIND))
        .detail(format!("it is {found}; the operation wants an active one"))
        .hint(hint))
}

/// A text that people read: trimmed, something left of it once normalised, nothing in it that does not print.
pub(super) fn text(given: &str, what: &str) -> Result<String, Error> {
    let trimmed = given.trim();
    let wrong = |primary: String, detail: &str, hint: &str| Err(Error::new(primary).detail(detail).hint(hint));
    if normalise(trimmed).is_empty() {
        let detail = format!("\"{given}\" has neither letters nor digits; nothing is left of it when it is compared");
        return wrong(format!("the {what} is empty"), &detail, "write a text with letters or digits");
    }
    if trimmed.chars().any(char::is_control) {
        let detail = "line breaks, tabs and other characters that do not print are in it";
        return wrong(format!("the {what} has characters that do not print"), detail, "write it on one line");
    }
    Ok(trimmed.to_owned())
}

/// The slug of something new: the one given, if it is free, else one made from the name.
pub(super) fn slug<R: Named>(records: &Overlay<'_>, given: Option<&str>, name: &str) -> Result<String, Error> {
    let kind = R::KIND;
    let taken = |slug: &str| records.get(&Key::new(kind, &[slug])).is_some();
    let next = |base: &str| {
        (2u32..).map(|n| format!("{base}-{n}")).find(|slug| !taken(slug)).unwrap_or_else(|| base.to_owned())
    };
    if let Some(slug) = given {
        slugs::check(slug, kind, Position::default).map_err(|error| Error { source: None, ..error })?;
        if taken(slug) {
            return Err(Error::new(format!("the slug \"{slug}\" is taken"))
                .detail(format!("there is a {kind} of that slug; a slug names one {kind} for ever, retired or not"))
                .hint(format!("take another, such as \"{}\", or leave the slug out", next(slug))));
        }
        return Ok(slug.to_owned());
    }
    let made = Some(slugify(name)).filter(|made| slugs::is_slug(made)).unwrap_or_else(|| kind.to_owned());
    Ok(if taken(&made) { next(&made) } else { made })
}

/// The number of something: the one given, if no other has it, else one derived from the slug.
pub(super) fn number<R: Living>(records: &Overlay<'_>, given: Option<u32>, slug: &str) -> Result<u32, Error> {
    let holder = |number: u32| records.by(R::NUMBER, &number.to_string()).into_iter().find(|other| other != slug);
    let kind = R::KIND;
    match given {
        None => {
            // As importers do: the same whatever else comes and goes, below 2^31, the next free where it is taken.
            let mut number = (Id::text(slug).0 >> 33) as u32;
            while number == 0 || holder(number).is_some() {
                number = (number + 1) & 0x7fff_ffff;
            }
            Ok(number)
        }
        Some(number) => match holder(number) {
            None => Ok(number),
            Some(other) => Err(Error::new(format!("the id {number} is taken"))
                .detail(format!("{kind} \"{other}\" has it; an id names one {kind}"))
                .hint("leave the id out, or take a free one")),
        },
    }
}

/// Refuses a name that another active role, or another dimension, has.
pub(super) fn free_name(records: &Overlay<'_>, by: By, kind: &str, name: &str, own: &str) -> Result<(), Error> {
    match records.by(by, &normalise(name)).into_iter().find(|other| other != own) {
        None => Ok(()),
        Some(other) => Err(Error::new(format!("the name \"{name}\" is taken"))
            .detail(format!("{kind} \"{other}\" has it; names are compared without case, width and outer punctuation"))
            .hint(format!("take another name, or merge the {kind}s"))),
    }
}

/// Refuses a text that names another skill, or one merged into another.
pub(super) fn free_skill_text(records: &Overlay<'_>, text: &str, own: &str) -> Result<(), Error> {
    let owner = |slug: &str| match records.get(&Key::new("skill", &[slug])).and_then(Skill::of) {
        Some(Skill { status: Status::Merged, replaced_by: Some(into), .. }) => into,
        _ => slug.to_owned(),
    };
    let mine = owner(own);
    match records.by(By::SkillText, &normalise(text)).into_iter().find(|other| other != own && owner(other) != mine) {
        None => Ok(()),
        Some(other) => Err(Error::new(format!("\"{text}\" names another skill"))
            .detail(format!("it is the name or an alias of skill \"{other}\"; a text names one skill"))
            .hint("move the alias from there, or merge the skills")),
    }
}

/// The slugs of a list, each once and at least one.
pub(super) fn each_once<'l>(list: &'l [String], what: &str) -> Result<&'l [String], Error> {
    let mut seen = std::collections::HashSet::new();
    if let Some(twice) = list.iter().find(|slug| !seen.insert(slug.as_str())) {
        return Err(Error::new(format!("{what} \"{twice}\" is named twice"))
            .detail("each can take part once")
            .hint("name it once"));
    }
    if list.is_empty() {
        return Err(Error::new(format!("no {what} is named"))
            .detail("the list is empty; the operation would change nothing")
            .hint(format!("name at least one {what}")));
    }
    Ok(list)
}
