//! What does it take for a role to be responsible for a sentence too?

use super::Case;
use crate::error::{Error, listed};
use crate::review::actions::Accept;
use crate::review::content::Content;
use crate::review::overlay::Overlay;
use crate::review::row::Queue;
use crate::taxonomy::json_lines::Line;
use crate::taxonomy::{Kra, Role};
use rolestream_dataflows::records::{Key, Verdict};
use rolestream_dataflows::text::normalise;

impl Case<'_> {
    pub(super) fn accept_sentences(&self, overlay: &mut Overlay<'_>, details: &Accept) -> Result<String, Error> {
        let role = self.role(overlay, details)?;
        let own = (self.row.queue == Queue::NovelSentences).then(|| vec![self.row.title.clone()]);
        let sentences = details.sentences.clone().or(own).unwrap_or_default();
        if sentences.is_empty() {
            return Err(Error::new("no sentence was chosen")
                .detail("the responsibilities of a JD are many sentences, and a KRA is one")
                .hint("give \"sentences\": those that the role is expected to do"));
        }
        let mut ids = Vec::with_capacity(sentences.len());
        for sentence in &sentences {
            let sentence = sentence.trim();
            let key = normalise(sentence);
            if key.is_empty() {
                return Err(Error::new("a KRA needs a sentence")
                    .detail(format!("\"{sentence}\" has no letter or digit"))
                    .hint("leave it out, or write it"));
            }
            if let Some(there) = overlay.kras_of(&role.slug).into_iter().find(|kra| normalise(&kra.sentence) == key) {
                return Err(Error::new(format!("{} has this KRA already", role.name))
                    .detail(format!("\"{}\" says \"{}\"", there.id, there.sentence))
                    .hint("merge into it, or choose another sentence"));
            }
            let id = overlay.new_kra_id(&role.slug);
            let kra = Kra { id: id.clone(), role: role.slug.clone(), sentence: sentence.to_owned() };
            overlay.put(Content::Taxonomy(Line::Kras(kra)));
            ids.push(id);
        }
        self.review(overlay, Verdict::Accepted);
        let what = if ids.len() == 1 { "a new KRA" } else { "new KRAs" };
        Ok(format!("{} has {what}: {}", role.name, listed(ids)))
    }

    /// Nothing but the review: a KRA has no other forms.
    pub(super) fn merge_sentence(&self, overlay: &mut Overlay<'_>, target: &str) -> Result<String, Error> {
        let kra = overlay.kra(target)?;
        let line = format!("\"{}\" says the same as {}: \"{}\"", self.row.title, kra.id, kra.sentence);
        self.review(overlay, Verdict::Merged(kra.id));
        Ok(line)
    }

    /// The role that gets the KRA: the one that was chosen, the one that the action is for, or the only one.
    fn role(&self, overlay: &Overlay<'_>, details: &Accept) -> Result<Role, Error> {
        let only = || match self.row.roles.as_slice() {
            [one] => Some(&one.slug),
            _ => None,
        };
        match details.chosen_role.as_ref().or(self.order.role.as_ref()).or_else(only) {
            Some(slug) => overlay.active_role(slug),
            None => Err(Error::new("it is not said which role gets it")
                .detail(format!("it was seen in {}", listed(self.row.roles.iter().map(|share| &share.slug))))
                .hint("give \"chosen_role\"")),
        }
    }
}

impl Overlay<'_> {
    /// An id for a new KRA of a role: its slug and the first number that is free.
    fn new_kra_id(&self, role: &str) -> String {
        let mut number = 1;
        loop {
            let id = format!("{role}/{number}");
            if self.get(&Key::new("kra", &[&id])).is_none() {
                return id;
            }
            number += 1;
        }
    }
}
