//! Which letters are there still? The last of each id, unless it was sent again since.

use super::letter::DeadLetter;
use serde_json::Value;
use std::collections::HashMap;

/// Letters by id, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Letters {
    /// One that is gone leaves its place empty.
    letters: Vec<Option<DeadLetter>>,
    places: HashMap<String, usize>,
    /// What was found among them that is no letter.
    pub passed_over: u64,
}

impl Letters {
    /// A further letter; one of its id gives way to it.
    pub(super) fn take(&mut self, value: &Value) {
        match DeadLetter::from_json(value) {
            Ok(letter) => {
                let id = letter.id();
                self.cross_out(&id);
                self.places.insert(id, self.letters.len());
                self.letters.push(Some(letter));
            }
            Err(_) => self.passed_over += 1,
        }
    }

    /// The letter of this id was sent again.
    pub(super) fn cross_out(&mut self, id: &str) {
        if let Some(place) = self.places.remove(id).and_then(|place| self.letters.get_mut(place)) {
            *place = None;
        }
    }

    /// The letter of an id.
    pub fn get(&self, id: &str) -> Option<&DeadLetter> {
        self.places.get(id).and_then(|place| self.letters.get(*place)).and_then(Option::as_ref)
    }

    /// All of them, newest last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &DeadLetter> {
        self.letters.iter().flatten()
    }
}
