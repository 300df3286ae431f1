//! Greedy decoding of connectionist temporal classification: the likeliest class of each time step,
//! repeats and blanks left out. Optionally only some classes are admitted.

/// Class 0 is the blank.
const BLANK: usize = 0;

/// One decoded symbol.
#[derive(Clone, Debug)]
pub(super) struct Symbol {
    /// The class.
    pub(super) class: usize,
    /// The time step at which it was likeliest.
    pub(super) step: usize,
    /// Its probability there.
    pub(super) probability: f32,
}

/// Decodes `steps` rows of `classes` probabilities. `admitted` lists the classes that may come out
/// besides the blank; `None` admits all.
pub(super) fn decode(
    probabilities: &[f32],
    classes: usize,
    admitted: Option<&[usize]>,
) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> = Vec::new();
    let mut previous = BLANK;
    for (step, row) in probabilities.chunks_exact(classes.max(1)).enumerate() {
        let (class, probability) = likeliest(row, admitted);
        if class != BLANK {
            match symbols.last_mut().filter(|_| class == previous) {
                Some(symbol) if symbol.probability < probability => {
                    *symbol = Symbol {
                        class,
                        step,
                        probability,
                    };
                }
                Some(_) => {}
                None => symbols.push(Symbol {
                    class,
                    step,
                    probability,
                }),
            }
        }
        previous = class;
    }
    symbols
}

fn likeliest(row: &[f32], admitted: Option<&[usize]>) -> (usize, f32) {
    let blank = (BLANK, row.first().copied().unwrap_or(0.0));
    let better =
        |best: (usize, f32), other: (usize, f32)| if other.1 > best.1 { other } else { best };
    match admitted {
        Some(classes) => classes
            .iter()
            .filter_map(|class| Some((*class, *row.get(*class)?)))
            .fold(blank, better),
        None => row.iter().copied().enumerate().skip(1).fold(blank, better),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(symbols: &[Symbol]) -> Vec<usize> {
        symbols.iter().map(|symbol| symbol.class).collect()
    }

    #[test]
    fn repeats_and_blanks_vanish() {
        let rows = [
            [0.1, 0.9, 0.0],
            [0.2, 0.8, 0.0],
            [0.9, 0.1, 0.0],
            [0.1, 0.7, 0.2],
            [0.0, 0.1, 0.9],
        ];
        let flat: Vec<f32> = rows.concat();
        let symbols = decode(&flat, 3, None);
        assert_eq!(classes(&symbols), [1, 1, 2]);
        assert_eq!(symbols[0].step, 0);
        // With class 1 left out, the last two steps are one symbol.
        assert_eq!(classes(&decode(&flat, 3, Some(&[2]))), [2]);
    }

    #[test]
    fn nothing_decodes_to_nothing() {
        assert!(decode(&[], 3, None).is_empty());
        assert!(decode(&[0.5], 0, None).len() <= 1);
    }
}
