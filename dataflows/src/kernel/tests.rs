//! Every instruction set of this machine against a naive function, bit for bit.

use super::*;
use crate::fixed::{DIMENSIONS, MAX_SQUARED_NORM, dot};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

type Components = [i8; DIMENSIONS];

/// The definition, from the plain vectors: dot product held between 0 and 1.0, of equal ones the first row.
fn naive(sentence: &Components, rows: &[Components]) -> Option<(i32, usize)> {
    let dots = rows.iter().map(|row| dot(sentence, row).clamp(0, UNIT_DOT));
    dots.enumerate().fold(None, |best: Option<(i32, usize)>, (index, dot)| match best {
        Some((greatest, _)) if greatest >= dot => best,
        _ => Some((dot, index)),
    })
}

/// A vector within the norm bound: near-normal components, or few and extreme ones, or a copy of an earlier one.
fn vector(rng: &mut ChaCha8Rng, earlier: &[Components]) -> Components {
    let mut components = [0; DIMENSIONS];
    match rng.random_range(0..8) {
        0 if !earlier.is_empty() => return earlier[rng.random_range(0..earlier.len())],
        1 => {}
        2 => {
            for _ in 0..11 {
                components[rng.random_range(0..DIMENSIONS)] = [-128, -127, 127][rng.random_range(0..3)];
            }
        }
        3 => components.fill(if rng.random() { 26 } else { -26 }),
        _ => components.fill_with(|| rng.random_range(-40..=40)),
    }
    assert!(dot(&components, &components) <= MAX_SQUARED_NORM);
    components
}

fn vectors(rng: &mut ChaCha8Rng, earlier: &[Components], count: usize) -> Vec<Components> {
    let mut made = earlier.to_vec();
    for _ in 0..count {
        made.push(vector(rng, &made));
    }
    made.split_off(earlier.len())
}

fn grouped(sentences: &[Components]) -> Vec<Group> {
    let in_group = |sixteen: &[Components]| {
        let mut group = Group::empty();
        sixteen.iter().enumerate().for_each(|(lane, s)| group.put(lane, s));
        group
    };
    sentences.chunks(LANES).map(in_group).collect()
}

fn check(sentences: &[Components], rows: &[Components]) {
    let (groups, held) = (grouped(sentences), Rows::new(rows));
    let expected: Vec<_> = sentences.iter().map(|sentence| naive(sentence, rows)).collect();
    for isa in Isa::available() {
        // Results must not depend on what was there.
        let mut best = vec![i32::MAX; sentences.len()];
        best_rows(isa, &groups, held.all(), &mut best);
        let mut wide = vec![i64::MAX; sentences.len()];
        best_rows_wide(isa, &groups, held.all(), &mut wide);
        for ((expected, best), wide) in expected.iter().zip(best).zip(wide) {
            assert_eq!((best != NONE).then(|| unpack(best)), *expected, "{isa:?}");
            assert_eq!((wide != i64::from(NONE)).then(|| unpack_wide(wide)), *expected, "{isa:?}, wide");
        }
    }
}

#[test]
fn every_instruction_set_agrees_with_the_definition() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for groups in 1..=9 {
        for rows in 0..=13 {
            let sentences = vectors(&mut rng, &[], groups * LANES);
            let rows = vectors(&mut rng, &sentences, rows);
            check(&sentences, &rows);
        }
    }
}

#[test]
fn many_groups_and_rows_agree_too() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let sentences = vectors(&mut rng, &[], 38 * LANES);
    let rows = vectors(&mut rng, &sentences, 25);
    check(&sentences, &rows);
}

#[test]
fn products_beyond_any_unit_vector_do_not_wrap() {
    for component in [-128, -127, 127] {
        for other in [-128, -127, 127] {
            check(&[[component; DIMENSIONS]; LANES], &[[0; DIMENSIONS], [other; DIMENSIONS]]);
        }
    }
}

#[test]
fn of_equal_rows_and_of_rows_at_one_the_first_wins() {
    let (mut long, mut longer) = ([26; DIMENSIONS], [26; DIMENSIONS]);
    long[..80].fill(27);
    longer[..100].fill(27);
    assert!(dot(&long, &long) > UNIT_DOT && dot(&long, &longer) > dot(&long, &long));
    let rows = [[1; DIMENSIONS], long, longer, long];
    check(&[long; LANES], &rows);
    let mut best = [0; LANES];
    best_rows(Isa::detect(), &grouped(&[long; LANES]), Rows::new(rows).all(), &mut best);
    assert_eq!(best.map(unpack), [(UNIT_DOT, 1); LANES]);
}

#[test]
fn no_rows_give_none_and_dissimilar_rows_give_the_first_at_zero() {
    check(&[[5; DIMENSIONS]; LANES], &[]);
    check(&[[5; DIMENSIONS]; LANES], &[[-3; DIMENSIONS], [0; DIMENSIONS]]);
    let mut best = [7; LANES];
    best_rows(Isa::detect(), &[Group::empty()], Rows::default().all(), &mut best);
    assert_eq!(best, [NONE; LANES]);
    best_rows(Isa::detect(), &[], Rows::default().all(), &mut []);
}

#[test]
fn the_last_row_number_fits_and_beyond_it_the_wide_form_counts_on() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let sentences = vectors(&mut rng, &[], LANES);
    // Mostly the same dissimilar row, the best ones at the edges of the chunks.
    let mut rows = vec![[1; DIMENSIONS]; 2 * MOST_ROWS + 3];
    for (lane, at) in
        [0, MOST_ROWS - 1, MOST_ROWS, MOST_ROWS + 1, 2 * MOST_ROWS - 1, 2 * MOST_ROWS + 2].iter().enumerate()
    {
        rows[*at] = sentences[lane];
    }
    check(&sentences, &rows[..MOST_ROWS]);
    let (groups, held) = (grouped(&sentences), Rows::new(&rows));
    let expected: Vec<_> = sentences.iter().map(|sentence| naive(sentence, &rows)).collect();
    for isa in Isa::available() {
        let mut wide = [0; LANES];
        best_rows_wide(isa, &groups, held.all(), &mut wide);
        assert_eq!(wide.map(|packed| Some(unpack_wide(packed))).to_vec(), expected, "{isa:?}");
    }
}

#[test]
#[should_panic(expected = "row numbers must fit")]
fn too_many_rows_are_refused_by_the_narrow_form() {
    let rows = Rows::new(vec![[0; DIMENSIONS]; MOST_ROWS + 1]);
    best_rows(Isa::Portable, &[], rows.all(), &mut []);
}

#[test]
fn ranges_count_their_rows_from_their_beginning() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let sentences = vectors(&mut rng, &[], LANES);
    let rows = vectors(&mut rng, &sentences, 30);
    let held = Rows::new(&rows);
    for range in [0..7, 7..8, 8..30, 30..30] {
        let mut best = [0; LANES];
        best_rows(Isa::detect(), &grouped(&sentences), held.range(range.clone()), &mut best);
        for (sentence, best) in sentences.iter().zip(best) {
            assert_eq!((best != NONE).then(|| unpack(best)), naive(sentence, &rows[range.clone()]));
        }
    }
}

#[test]
fn lanes_are_put_copied_cleared_and_read_back() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let sentences = vectors(&mut rng, &[], LANES);
    let [from] = &grouped(&sentences)[..] else { panic!("one group") };
    let mut to = Group::empty();
    assert_eq!((0..LANES).map(|lane| to.get(lane)).max(), Some([0; DIMENSIONS]));
    for (lane, sentence) in sentences.iter().enumerate() {
        assert_eq!(from.get(lane), *sentence);
        to.copy(LANES - 1 - lane, from, lane);
    }
    to.clear(3);
    for lane in 0..LANES {
        let expected = if lane == 3 { [0; DIMENSIONS] } else { sentences[LANES - 1 - lane] };
        assert_eq!(to.get(lane), expected);
    }
}
