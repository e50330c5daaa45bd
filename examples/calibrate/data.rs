//! Which roles are there, and which JDs say by their title which role they are?

use flate2::read::GzDecoder;
use rolestream::embed::{EmbedError, Embedder};
use rolestream::taxonomy::Taxonomy;
use rolestream_dataflows::fixed::{Micro, Vector};
use rolestream_dataflows::records::Status;
use rolestream_dataflows::text::normalise;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// A taxonomy, as far as it is measured here.
pub(crate) struct Roles {
    /// Its name, as part of a file's name.
    pub(crate) name: String,
    pub(crate) slugs: Vec<String>,
    /// Names and aliases as keys, with the roles that claim them.
    pub(crate) titles: BTreeMap<String, (BTreeSet<usize>, Vector)>,
    /// Per role, the vectors of its KRAs.
    pub(crate) kras: Vec<Vec<Vector>>,
}

#[derive(Deserialize)]
pub(crate) struct Jd {
    pub(crate) title: String,
    pub(crate) text: String,
    /// The role its title names.
    #[serde(skip)]
    pub(crate) role: Option<usize>,
}

impl Roles {
    pub(crate) fn new(taxonomy: &Taxonomy, embedder: &dyn Embedder) -> Result<Roles, Box<dyn Error>> {
        let active: Vec<_> = taxonomy.roles.iter().filter(|role| role.status == Status::Active).collect();
        let slugs: Vec<String> = active.iter().map(|role| role.slug.clone()).collect();
        let number = |slug: &str| slugs.iter().position(|other| other == slug);
        let names = active.into_iter().map(|role| (&role.slug, &role.name));
        let titles = names.chain(taxonomy.aliases.iter().map(|alias| (&alias.role, &alias.text)));
        let titles: Vec<(usize, &str)> =
            titles.filter_map(|(role, title)| Some((number(role)?, title.as_str()))).collect();
        let kras = taxonomy.kras.iter().filter_map(|kra| Some((number(&kra.role)?, kra.sentence.as_str())));
        let kras: Vec<(usize, &str)> = kras.collect();

        let name = normalise(&taxonomy.name).replace(' ', "-");
        let mut roles = Roles { name, titles: BTreeMap::new(), kras: vec![Vec::new(); slugs.len()], slugs };
        for ((role, title), vector) in titles.iter().zip(embedded(&titles, embedder)?) {
            let Some(vector) = vector else { continue };
            roles.titles.entry(normalise(title)).or_insert((BTreeSet::new(), vector)).0.insert(*role);
        }
        for ((role, _), vector) in kras.iter().zip(embedded(&kras, embedder)?) {
            roles.kras[*role].extend(vector);
        }
        Ok(roles)
    }

    /// The only role whose name or alias a title is, as written or without the words for its level.
    fn of_title(&self, title: &str) -> Option<usize> {
        const LEVELS: [&str; 14] = [
            "senior",
            "sr",
            "junior",
            "jr",
            "lead",
            "principal",
            "staff",
            "associate",
            "i",
            "ii",
            "iii",
            "iv",
            "intern",
            "entry-level",
        ];
        let title = normalise(title);
        let words = title.split([' ', ',', '(', ')']).map(|word| word.trim_end_matches('.'));
        let plain: Vec<&str> = words.filter(|word| !word.is_empty() && !LEVELS.contains(word)).collect();
        let (claims, _) = self.titles.get(&title).or_else(|| self.titles.get(&plain.join(" ")))?;
        claims.first().copied().filter(|_| claims.len() == 1)
    }
}

fn embedded(texts: &[(usize, &str)], embedder: &dyn Embedder) -> Result<Vec<Option<Vector>>, EmbedError> {
    let texts: Vec<&str> = texts.iter().map(|(_, text)| *text).collect();
    embedder.embed(&texts)
}

/// JDs with a title that says what they are.
pub(crate) struct Jds {
    /// The title is one role's name or alias.
    pub(crate) labelled: Vec<Jd>,
    /// The title is like none in the taxonomy: probably no role of it is right. As many as there are labelled ones,
    /// or as there are.
    pub(crate) foreign: Vec<Jd>,
}

/// A title less similar than this to every name is foreign.
const FOREIGN: Micro = Micro(350_000);

/// Takes at most `most` JDs of a role, spread over the file.
pub(crate) fn read(path: &Path, roles: &Roles, most: usize, embedder: &dyn Embedder) -> Result<Jds, Box<dyn Error>> {
    let path = if path.is_dir() { path.join("jds/jds_dev.jsonl.gz") } else { path.to_owned() };
    let file = File::open(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let file: Box<dyn Read> =
        if path.extension().is_some_and(|e| e == "gz") { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
    let mut of_role: Vec<Vec<Jd>> = roles.slugs.iter().map(|_| Vec::new()).collect();
    let mut foreign = Vec::new();
    for line in BufReader::new(file).lines() {
        let Ok(jd) = serde_json::from_str::<Jd>(&line?) else { continue };
        if jd.text.len() < 400 {
            continue;
        }
        if let Some(role) = roles.of_title(&jd.title) {
            of_role[role].push(Jd { role: Some(role), ..jd });
        } else if let Some(title) = embedder.embed(&[&jd.title])?.remove(0) {
            let like = |(_, name): &(BTreeSet<usize>, Vector)| name.similarity(&title) >= FOREIGN;
            foreign.extend((!roles.titles.values().any(like)).then_some(jd));
        }
    }
    let labelled: Vec<Jd> = of_role.into_iter().flat_map(|jds| spread(jds, most)).collect();
    let foreign = spread(foreign, labelled.len()).collect();
    Ok(Jds { labelled, foreign })
}

/// At most `most` of them, evenly spread.
fn spread(jds: Vec<Jd>, most: usize) -> impl Iterator<Item = Jd> {
    let step = jds.len().div_ceil(most.max(1)).max(1);
    jds.into_iter().step_by(step)
}

/// The sentences of a JD, more simply than the engine's parser finds them: lines, cut where a sentence ends.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    let lines = text.lines().map(|line| line.trim().trim_start_matches(['-', '*', '•', '·', '–']).trim_start());
    let sentences = lines.flat_map(|line| line.split_inclusive(". ")).map(str::trim);
    sentences.filter(|sentence| sentence.chars().count() >= 20).take(60).collect()
}
