//! Which role does a person choose for a JD that the rules leave undecided?

use super::Case;
use crate::error::{Error, listed};
use crate::review::actions::Accept;
use crate::review::content::Content;
use crate::review::overlay::Overlay;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Adjudication, Author};

impl Case<'_> {
    pub(super) fn choose(&self, overlay: &mut Overlay<'_>, details: &Accept) -> Result<String, Error> {
        let Some(run) = &self.row.run else {
            return Err(Error::new("its run is no longer known")
                .detail("the JD is not held any more, or was changed")
                .hint("list the queue again"));
        };
        let Some(slug) = &details.chosen_role else {
            let roles = self.row.possible_matches.iter().map(|one| &one.slug);
            return Err(Error::new("no role was chosen")
                .detail(format!("the nearest are {}", listed(roles)))
                .hint("give \"chosen_role\""));
        };
        let role = overlay.active_role(slug)?;
        let confidence = details.confidence.unwrap_or(1.0);
        let confidence =
            Micro::from_f64(confidence).filter(|confidence| *confidence <= Micro::ONE).ok_or_else(|| {
                Error::new("a confidence is between 0 and 1")
                    .detail(format!("it is {confidence}"))
                    .hint("leave it out where you are sure")
            })?;
        overlay.put(Content::Adjudication(Adjudication {
            jd: Id::jd(&run.jd),
            content: run.content.0,
            role: role.slug.clone(),
            confidence,
            reasoning: self.order.reason.clone(),
            author: Author::Person(self.who.to_owned()),
        }));
        Ok(format!("\"{}\" ({}) is {} ({})", self.row.title, run.jd, role.name, role.slug))
    }
}
