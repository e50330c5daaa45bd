//! Do the place and the look of a name make it a skill? Points for each, and what must be there at least.

use super::elements::Element;
use super::tokens::Look;
use crate::jd::headings::Kind;

/// Where a possible name stands.
pub(super) struct Evidence {
    pub(super) known_in_run: usize,
    pub(super) run: usize,
    pub(super) led: bool,
    pub(super) known_in_unit: usize,
    pub(super) technical: usize,
    pub(super) kind: Kind,
}

impl Evidence {
    /// Whether the place and the look of a name together make it a skill.
    pub(super) fn suffices(&self, e: &Element, trailed: bool) -> bool {
        let mut points = match e.look {
            Look::Telling => 4,
            Look::Acronym => 2,
            _ if e.words > 1 => 1,
            _ => 0,
        };
        points += match self.known_in_run {
            0 => 0,
            1 => 4,
            _ => 6,
        };
        points += if self.led { 3 } else { 0 };
        points += if trailed { 2 } else { 0 };
        points += if self.known_in_unit > 0 { 1 } else { 0 };
        points += match self.technical {
            0..=2 => 0,
            3..=7 => 1,
            _ => 2,
        };
        points += if matches!(self.kind, Kind::Required | Kind::Preferred) { 1 } else { 0 };
        points += if self.run >= 3 { 1 } else { 0 };
        points -= if e.opens && e.look == Look::Capital { 3 } else { 0 };
        let placed = self.known_in_run > 0 || self.led || trailed;
        let technical = self.technical >= 3 || self.known_in_unit > 0;
        match e.look {
            Look::Telling => {
                points >= 6 && (placed || (self.known_in_unit > 0 && !e.opens && self.kind != Kind::AboutRole))
            }
            Look::Acronym => {
                placed && technical && points >= 7 && (!(e.plural || e.end - e.start <= 2) || self.known_in_run > 0)
            }
            _ => {
                let listed = match self.kind {
                    Kind::Required | Kind::Preferred => self.known_in_run >= 1,
                    _ => self.known_in_run >= 2,
                };
                let evident = listed || trailed || (self.led && self.known_in_unit > 0);
                evident && technical && self.known_in_unit + usize::from(self.led && trailed) > 0 && points >= 5
            }
        }
    }
}
