//! Where do the vectors of held JDs lie? In groups of sixteen lanes, a JD's together, holes used again.

use crate::fixed::Vector;
use crate::kernel::{Group, LANES};
use std::collections::BTreeMap;

/// Runs of lanes, one run a JD.
#[derive(Default)]
pub(crate) struct Lanes {
    groups: Vec<Group>,
    /// First lanes of holes, by length.
    holes: BTreeMap<u32, Vec<u32>>,
    /// Lanes in use or in holes.
    end: u32,
}

/// Consecutive lanes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Run {
    pub(crate) at: u32,
    pub(crate) len: u32,
}

impl Run {
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.at as usize..(self.at + self.len) as usize
    }
}

impl Lanes {
    /// Stores vectors, in the shortest hole that fits or at the end.
    pub(crate) fn store<'a>(&mut self, vectors: impl ExactSizeIterator<Item = &'a [i8]>) -> Run {
        let run = self.allocate(vectors.len() as u32);
        for (lane, vector) in run.range().zip(vectors) {
            while lane / LANES >= self.groups.len() {
                self.groups.push(Group::empty());
            }
            self.groups[lane / LANES].put(lane % LANES, vector);
        }
        run
    }

    fn allocate(&mut self, len: u32) -> Run {
        if len == 0 {
            return Run::default();
        }
        let Some((&hole, _)) = self.holes.range(len..).next() else {
            self.end += len;
            return Run { at: self.end - len, len };
        };
        let places = self.holes.get_mut(&hole).expect("just found");
        let at = places.pop().expect("no list of holes is empty");
        if places.is_empty() {
            self.holes.remove(&hole);
        }
        if hole > len {
            self.holes.entry(hole - len).or_default().push(at + len);
        }
        Run { at, len }
    }

    /// Gives lanes back. What they hold stays until they are used again; nobody reads it.
    pub(crate) fn free(&mut self, run: Run) {
        if run.len > 0 {
            self.holes.entry(run.len).or_default().push(run.at);
        }
    }

    /// What a run holds, vector by vector.
    pub(crate) fn vectors(&self, run: Run) -> impl Iterator<Item = Vector> + '_ {
        run.range().map(|lane| {
            let components = self.groups[lane / LANES].get(lane % LANES);
            Vector::new(&components).expect("only vectors are stored")
        })
    }

    /// All groups; a group may have lanes that belong to nobody.
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Copies a run behind the lanes already in `scratch`, which holds `used` of them; returns where it begins.
    pub(crate) fn gather(&self, run: Run, scratch: &mut Vec<Group>, used: &mut usize) -> usize {
        let at = *used;
        for lane in run.range() {
            if *used / LANES >= scratch.len() {
                scratch.push(Group::empty());
            }
            scratch[*used / LANES].copy(*used % LANES, &self.groups[lane / LANES], lane % LANES);
            *used += 1;
        }
        at
    }
}
