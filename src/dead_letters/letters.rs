//! Which letters are there still? The last of each id, unless it was sent again since.

use super::letter::DeadLetter;
use serde_json::Value;
use std::collections::HashMap;

/// Letters by id, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Letters {
    /// One that is gone leaves its place empty.
    letters: Vec<Option<DeadLetter>>,
    /// Where each is, and the partition of the topic in which it stands.
    places: HashMap<String, (usize, i32)>,
    /// What was found among them that is no letter.
    pub passed_over: u64,
}

impl Letters {
    /// A further letter; one of its id gives way to it.
    pub(super) fn take(&mut self, value: &Value) {
        self.take_of(value, 0);
    }

    /// A further letter, of a partition of a topic.
    pub(super) fn take_of(&mut self, value: &Value, partition: i32) {
        match DeadLetter::from_json(value) {
            Ok(letter) => {
                let id = letter.id();
                self.cross_out(&id);
                self.places.insert(id, (self.letters.len(), partition));
                self.letters.push(Some(letter));
            }
            Err(_) => self.passed_over += 1,
        }
    }

    /// The letter of this id was sent again.
    pub(super) fn cross_out(&mut self, id: &str) {
        if let Some(place) = self.places.remove(id).and_then(|(place, _)| self.letters.get_mut(place)) {
            *place = None;
        }
    }

    /// The letter of an id.
    pub fn get(&self, id: &str) -> Option<&DeadLetter> {
        self.places.get(id).and_then(|(place, _)| self.letters.get(*place)).and_then(Option::as_ref)
    }

    /// All of them, newest last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &DeadLetter> {
        self.letters.iter().flatten()
    }

    /// The partition of the topic in which the letter of an id stands; 0 in a file.
    pub fn partition(&self, id: &str) -> i32 {
        self.places.get(id).map_or(0, |(_, partition)| *partition)
    }

    /// Puts them into the order in which they were refused: partitions are read side by side.
    pub(super) fn sort(&mut self) {
        self.letters.retain(Option::is_some);
        self.letters.sort_by_key(|letter| letter.as_ref().map(|letter| letter.at));
        for (place, letter) in self.letters.iter().enumerate() {
            if let Some(known) = letter.as_ref().and_then(|letter| self.places.get_mut(&letter.id())) {
                known.0 = place;
            }
        }
    }
}
