//! Why was it decided so, in a sentence with the numbers in it? And which thresholds counted?

use super::names::Names;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::Settings;
use rolestream_dataflows::views::{Answer, Case, How, Rule, SkillRank};

/// The sentence. `title` is the JD's title as written.
pub fn reasoning(answer: &Answer, title: Option<&str>, names: &Names, settings: &Settings) -> String {
    Words { answer, title, names, settings }.sentence()
}

struct Words<'a> {
    answer: &'a Answer,
    title: Option<&'a str>,
    names: &'a Names,
    settings: &'a Settings,
}

impl Words<'_> {
    fn sentence(&self) -> String {
        let decision = &self.answer.decision;
        let role = decision.role.map(|role| self.names.role_name(role)).unwrap_or_default();
        let (k, s) = (decision.kra, decision.skill);
        let settings = self.settings;
        match decision.rule {
            Rule::Rejected => {
                format!("rejected: {}", decision.rejection.map_or("unknown reason", |reason| reason.name()))
            }
            Rule::Adjudicated => format!(
                "an adjudication of this content chose {role} ({}); by itself it would be case {}",
                confidence(decision.confidence),
                case(decision.case)
            ),
            Rule::TitleAgrees => format!("{}; KRA agrees ({k})", self.title_is()),
            Rule::TitleContradicted => {
                format!("{}, but KRA says {}; {}", self.title_is(), self.first_kra(), self.tie_break())
            }
            Rule::TitleAlone if self.strong() => {
                format!(
                    "{}; KRA is behind ({k}; first is {}) but not far enough to object",
                    self.title_is(),
                    self.first_kra()
                )
            }
            Rule::TitleAlone => format!("{}; {}", self.title_is(), self.weak_kra()),
            Rule::TitleAmbiguous => {
                let others: Vec<String> = self.others(decision.role, &self.answer.resolution.roles);
                format!("{}; KRA tells them apart: {role} ({k}) before {}", self.title_names(), others.join(", "))
            }
            Rule::TitleSplit => {
                format!("{} and KRA does not tell them apart; {}", self.title_names(), self.tie_break())
            }
            Rule::AllAgree => {
                format!("alias, KRA ({k}) and skills ({}) all name {role}", self.skills_of(decision.role))
            }
            Rule::AliasAgrees if decision.case == Case::C => {
                format!("an alias names {role} and KRA agrees ({k}); skills are tied ({})", self.first_skills())
            }
            Rule::AliasAgrees => {
                format!("an alias names {role} and KRA agrees ({k}); skills do not object ({})", self.first_skills())
            }
            Rule::AliasAndSkill => {
                let kra = if self.strong() {
                    format!("KRA is close ({k}; first is {})", self.first_kra())
                } else {
                    self.weak_kra()
                };
                format!("an alias and skills ({}) name {role}; {kra}", self.skills_of(decision.role))
            }
            Rule::AliasContradicted => {
                format!(
                    "an alias names {}, but KRA says {}; {}",
                    self.alias_role(self.k1()),
                    self.first_kra(),
                    self.tie_break()
                )
            }
            Rule::AliasAgainstSkill => format!(
                "an alias names {}, but skills say {} and {}; {}",
                self.alias_role(self.s1().map(|first| first.role)),
                self.first_skills(),
                self.weak_kra(),
                self.tie_break()
            ),
            Rule::AliasAlone => format!("only an alias names {role}; {}", self.weak_kra()),
            Rule::SkillOnly => {
                format!("only skills name {role} ({}); {}", self.skills_of(decision.role), self.weak_kra())
            }
            Rule::SkillContradicts => {
                format!("KRA says {}, but skills say {}; {}", self.first_kra(), self.first_skills(), self.tie_break())
            }
            Rule::KraTie => format!("KRA ties {} within {}; {}", self.cohort(), settings.kra_tie, self.tie_break()),
            Rule::KraClose => {
                format!("KRA says {role} ({k}), with {} within {}", self.second_kra(), self.margin().1)
            }
            Rule::BodyAgrees => {
                format!("KRA ({k}) and skills ({}) name {role}; no title or alias does", self.skills_of(decision.role))
            }
            Rule::BodyAlone => {
                let skills = if s > Micro::ZERO { format!("skills {s}") } else { "no skill of it matches".to_owned() };
                format!("KRA alone says {role} ({k}); {skills}")
            }
            Rule::NewRole => format!("{} is no known role and no alias hits; {}", self.titled(), self.weak_kra()),
            Rule::NoEvidence => format!("nothing names a role; {}", self.weak_kra()),
        }
    }

    fn titled(&self) -> String {
        self.title.map_or_else(|| "the title".to_owned(), |title| format!("title '{title}'"))
    }

    /// `title 'Backend Engineer' is Backend Developer (alias)`
    fn title_is(&self) -> String {
        let resolution = &self.answer.resolution;
        let how = match resolution.how {
            How::DisplayName => "its display name".to_owned(),
            How::Alias => "alias".to_owned(),
            How::Vector => format!("nearest title, {}", resolution.similarity),
            How::Ambiguous | How::None => "unresolved".to_owned(),
        };
        format!("{} is {} ({how})", self.titled(), self.names.role_names(&resolution.roles))
    }

    fn title_names(&self) -> String {
        format!("{} names {}", self.titled(), self.names.role_names(&self.answer.resolution.roles))
    }

    fn strong(&self) -> bool {
        self.answer.signals.kra.first().is_some_and(|first| first.score >= self.settings.kra_min)
    }

    fn k1(&self) -> Option<Id> {
        self.answer.signals.kra.first().map(|first| first.role)
    }

    fn s1(&self) -> Option<&SkillRank> {
        self.answer.signals.skill.as_ref()?.ranking.first()
    }

    fn first_kra(&self) -> String {
        self.ranked(0)
    }

    fn second_kra(&self) -> String {
        self.ranked(1)
    }

    fn ranked(&self, place: usize) -> String {
        let rank = self.answer.signals.kra.get(place);
        rank.map_or_else(
            || "nothing".to_owned(),
            |rank| format!("{} ({})", self.names.role_name(rank.role), rank.score),
        )
    }

    fn weak_kra(&self) -> String {
        match self.answer.signals.kra.first() {
            None => "no KRA matches".to_owned(),
            Some(first) if first.score >= self.settings.kra_min => format!("KRA says {}", self.first_kra()),
            Some(first) => format!(
                "KRA is weak (best {} {}, under {})",
                self.names.role_name(first.role),
                first.score,
                self.settings.kra_min
            ),
        }
    }

    /// `10 of 17, 0.5882`
    fn skills_of(&self, role: Option<Id>) -> String {
        let signal = self.answer.signals.skill.as_ref();
        let rank = signal.and_then(|skill| skill.ranking.iter().find(|rank| Some(rank.role) == role));
        match (signal, rank) {
            (Some(signal), Some(rank)) => format!("{} of {}, {}", rank.matched.len(), signal.total, rank.score),
            _ => self.answer.decision.skill.to_string(),
        }
    }

    fn first_skills(&self) -> String {
        match self.s1() {
            None => "none matches".to_owned(),
            Some(first) => {
                let second = self.answer.signals.skill.as_ref().and_then(|skill| skill.ranking.get(1));
                let next = second.map_or_else(String::new, |second| {
                    format!(", next {} {}", self.names.role_name(second.role), second.score)
                });
                format!("{} {}{next}", self.names.role_name(first.role), first.score)
            }
        }
    }

    /// The role of the two in the tie-break that is not `other`.
    fn alias_role(&self, other: Option<Id>) -> String {
        let cohort = &self.answer.decision.cohort;
        let alias = cohort.iter().find(|role| Some(**role) != other).or_else(|| self.answer.signals.alias.first());
        alias.map_or_else(|| "a role".to_owned(), |role| self.names.role_name(*role))
    }

    fn others(&self, chosen: Option<Id>, roles: &[Id]) -> Vec<String> {
        let kra = |role: Id| self.answer.signals.kra.iter().find(|rank| rank.role == role).map(|rank| rank.score);
        let named = |role: &Id| match kra(*role) {
            Some(score) => format!("{} ({score})", self.names.role_name(*role)),
            None => self.names.role_name(*role),
        };
        roles.iter().filter(|role| Some(**role) != chosen).map(named).collect()
    }

    fn cohort(&self) -> String {
        self.names.role_names(&self.answer.decision.cohort)
    }

    fn margin(&self) -> (&'static str, Micro) {
        margin(self.answer, self.settings)
    }

    fn tie_break(&self) -> String {
        let decision = &self.answer.decision;
        let role = decision.role.map(|role| self.names.role_name(role)).unwrap_or_default();
        match decision.tier {
            Some(1) => format!("KRA settles it: {role} ({}) leads by more than {}", decision.kra, self.margin().1),
            Some(2) => format!("the title settles it: it is the display name of {role}"),
            Some(_) => format!("skills settle it: {role} matches at least two more ({})", decision.skill),
            None => format!("nothing settles it between {}, so it waits for a person", self.cohort()),
        }
    }
}

fn confidence(confidence: Option<Micro>) -> String {
    confidence.map_or_else(|| "no confidence".to_owned(), |confidence| confidence.to_string())
}

/// The letter or word of a case.
pub fn case(case: Case) -> &'static str {
    match case {
        Case::A => "A",
        Case::B => "B",
        Case::C => "C",
        Case::D => "D",
        Case::E => "E",
        Case::F => "F",
        Case::New => "NEW",
        Case::R => "R",
    }
}

/// The name of a rule, as SPEC §4 writes it.
pub fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::Rejected => "rejected",
        Rule::Adjudicated => "adjudicated",
        Rule::TitleAgrees => "title-agrees",
        Rule::TitleContradicted => "title-contradicted",
        Rule::TitleAlone => "title-alone",
        Rule::TitleAmbiguous => "title-ambiguous",
        Rule::TitleSplit => "title-split",
        Rule::AllAgree => "all-agree",
        Rule::AliasAgrees => "alias-agrees",
        Rule::AliasAndSkill => "alias-and-skill",
        Rule::AliasContradicted => "alias-contradicted",
        Rule::AliasAgainstSkill => "alias-against-skill",
        Rule::AliasAlone => "alias-alone",
        Rule::SkillOnly => "skill-only",
        Rule::SkillContradicts => "skill-contradicts",
        Rule::KraTie => "kra-tie",
        Rule::KraClose => "kra-close",
        Rule::BodyAgrees => "body-agrees",
        Rule::BodyAlone => "body-alone",
        Rule::NewRole => "new-role",
        Rule::NoEvidence => "no-evidence",
    }
}

/// The word for how a title was resolved.
pub fn how(how: How) -> &'static str {
    match how {
        How::DisplayName => "display_name",
        How::Alias => "alias",
        How::Vector => "vector",
        How::Ambiguous => "ambiguous",
        How::None => "none",
    }
}

/// The margin in force: the wide one where the terms hit more than one role.
pub fn margin(answer: &Answer, settings: &Settings) -> (&'static str, Micro) {
    match answer.signals.alias.len() {
        0 | 1 => ("kra_margin", settings.kra_margin),
        _ => ("kra_margin_wide", settings.kra_margin_wide),
    }
}

/// The thresholds that the deciding rule compared with, by name.
pub fn thresholds(answer: &Answer, settings: &Settings) -> Vec<(&'static str, Micro)> {
    let min = ("kra_min", settings.kra_min);
    let gap = ("title_gap", settings.title_gap);
    let margin = margin(answer, settings);
    let tie = ("skill_tie", settings.skill_tie);
    let witness = ("skill_witness", settings.skill_witness);
    let mut used = match answer.decision.rule {
        Rule::Rejected => vec![],
        Rule::Adjudicated => vec![("adjudication_min", settings.adjudication_min)],
        Rule::TitleAgrees | Rule::TitleContradicted | Rule::TitleAlone => vec![min, gap],
        Rule::TitleAmbiguous | Rule::TitleSplit => vec![min, margin, gap],
        Rule::AllAgree => vec![min, tie],
        Rule::AliasAgrees => vec![min, tie, witness],
        Rule::AliasAndSkill => vec![min, margin, tie, witness],
        Rule::AliasContradicted | Rule::AliasAlone | Rule::BodyAgrees | Rule::BodyAlone => vec![min],
        Rule::AliasAgainstSkill => vec![min, witness],
        Rule::SkillOnly => vec![min, ("skill_min", settings.skill_min), tie],
        Rule::SkillContradicts => vec![min, tie],
        Rule::KraTie => vec![min, ("kra_tie", settings.kra_tie), tie],
        Rule::KraClose => vec![min, margin],
        Rule::NewRole | Rule::NoEvidence => vec![min, ("skill_min", settings.skill_min)],
    };
    if !answer.decision.cohort.is_empty() && !used.contains(&margin) {
        used.push(margin);
    }
    if answer.resolution.how == How::Vector && answer.decision.rule != Rule::Rejected {
        used.push(("title_similarity", settings.title_similarity));
        if !used.iter().any(|(name, _)| *name == "kra_margin") {
            used.push(("kra_margin", settings.kra_margin));
        }
    }
    used
}
