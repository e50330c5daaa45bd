//! How much are two texts written alike?
//!
//! Two ways, of which the better counts. By letters: 1 − edits / length, over letters, digits, `+` and `#` alone, so
//! that "Post-gres SQL" is near "PostgreSQL". By words: twice the words they share, of all their words, in whatever
//! order, so that "Lambda (AWS)" is "AWS Lambda". Edits are insertions, deletions, replacements and swaps of neighbours.

use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::text::normalise;
use xxhash_rust::xxh3::xxh3_64;

/// A text made ready to be compared with many.
#[derive(Clone, Debug)]
pub struct Spelling {
    letters: String,
    length: usize,
    /// Which letters occur, folded into 64 bits.
    mask: u64,
    /// Hashes of its words, ascending.
    words: Vec<u64>,
}

impl Spelling {
    /// Of a text as written.
    pub fn new(text: &str) -> Spelling {
        let key = normalise(text);
        let letter = |c: char| c.is_alphanumeric() || c == '+' || c == '#';
        let letters: String = key.chars().filter(|c| letter(*c)).collect();
        let mask = letters.chars().fold(0, |mask, c| mask | 1 << (u32::from(c) % 64));
        let words = key.split(|c: char| !letter(c)).filter(|word| !word.is_empty());
        let mut words: Vec<u64> = words.map(|word| xxh3_64(word.as_bytes())).collect();
        words.sort_unstable();
        Spelling { length: letters.chars().count(), letters, mask, words }
    }

    /// How alike they are, where that is `least` or more. Most pairs are told apart without counting edits.
    pub fn likeness(&self, other: &Spelling, least: Micro) -> Option<Micro> {
        let longer = self.length.max(other.length);
        if longer == 0 {
            return None;
        }
        let all = self.words.len() + other.words.len();
        let by_words = Micro::ratio(2 * shared(&self.words, &other.words), all.max(1) as u64);
        // An edit changes the length by one at most, and the mask in two places.
        let differ = (self.mask ^ other.mask).count_ones() as usize;
        let edits_at_least = self.length.abs_diff(other.length).max(differ.div_ceil(2));
        let floor = least.max(by_words);
        let by_letters = (Micro::ratio((longer - edits_at_least) as u64, longer as u64) >= floor).then(|| {
            let edits = strsim::osa_distance(&self.letters, &other.letters).min(longer);
            Micro::ratio((longer - edits) as u64, longer as u64)
        });
        by_letters.max(Some(by_words)).filter(|likeness| *likeness >= least)
    }
}

/// How alike two texts are written.
pub fn spelling(a: &str, b: &str) -> Micro {
    Spelling::new(a).likeness(&Spelling::new(b), Micro::ZERO).unwrap_or(Micro::ZERO)
}

/// Words that both ascending lists have.
fn shared(mut a: &[u64], mut b: &[u64]) -> u64 {
    let mut shared = 0;
    while let ([first, rest @ ..], [second, others @ ..]) = (a, b) {
        shared += u64::from(first == second);
        (a, b) = match first.cmp(second) {
            std::cmp::Ordering::Less => (rest, b),
            std::cmp::Ordering::Equal => (rest, others),
            std::cmp::Ordering::Greater => (a, others),
        };
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_differently_is_near_and_another_thing_is_far() {
        assert_eq!(spelling("Node.js", "nodejs"), Micro::ONE);
        assert_eq!(spelling("Lambda (AWS)", "AWS Lambda"), Micro::ONE);
        assert_eq!(spelling("Postgre SQL", "PostgreSQL"), Micro::ONE);
        assert_eq!(spelling("Kubernets", "Kubernetes"), Micro(900_000));
        assert_eq!(spelling("React", "React Native"), Micro(666_667), "one of two words, twice, of three");
        assert!(spelling("C", "C++") < Micro(500_000));
        assert!(spelling("Terraform", "Salesforce") < Micro(600_000));
        assert_eq!(spelling("…", "Go"), Micro::ZERO);
    }

    #[test]
    fn what_is_told_apart_early_would_have_been_told_apart_by_counting() {
        let texts = ["kafka", "kakfa", "apache kafka", "kotlin", "kubernetes", "c#", "f#", "java", "javascript", "go"];
        for a in texts {
            for b in texts {
                let (one, other) = (Spelling::new(a), Spelling::new(b));
                let least = Micro(600_000);
                let whole = spelling(a, b);
                assert_eq!(one.likeness(&other, least), (whole >= least).then_some(whole), "{a} {b}");
                assert_eq!(one.likeness(&other, least), other.likeness(&one, least), "{a} {b}");
            }
        }
    }
}
