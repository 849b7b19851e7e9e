//! Medians, and ratios of paired times with their 95 % interval.

/// How often the pairs are drawn anew. More does not move the third digit.
const RESAMPLES: usize = 10_000;

/// The median of paired ratios, and the bounds between which it lies with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio {
    pub(crate) median: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Ratio {
    /// Of times to other times, each pair from one round: what slows the machine for a while slows both.
    pub(crate) fn of(times: &[f64], others: &[f64]) -> Self {
        let ratios: Vec<f64> = times.iter().zip(others).map(|(time, other)| time / other).collect();
        let (low, high) = interval(&ratios);
        Ratio { median: median(&ratios), low, high }
    }
}

/// The middle value, or the mean of the middle two. Not a number if there is none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values.to_vec());
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// The percentile bootstrap of the median: Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13.
fn interval(values: &[f64]) -> (f64, f64) {
    if values.is_empty() {
        return (f64::NAN, f64::NAN);
    }
    let mut draw = Draws(1);
    let medians = (0..RESAMPLES).map(|_| {
        let sample: Vec<f64> = values.iter().map(|_| values[draw.below(values.len())]).collect();
        median(&sample)
    });
    let medians = sorted(medians.collect());
    let tail = RESAMPLES / 40;
    (medians[tail], medians[RESAMPLES - 1 - tail])
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// SplitMix64, always from the same seed: a report of the same times is the same report.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % bound
    }
}

#[cfg(test)]
mod tests {
    use super::{Ratio, median};

    #[test]
    fn the_median_is_the_middle_value() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn equal_pairs_have_a_ratio_of_one_and_no_width() {
        let times = [10.0, 20.0, 5.0, 80.0, 11.0, 9.0, 30.0];
        assert_eq!(Ratio::of(&times, &times), Ratio { median: 1.0, low: 1.0, high: 1.0 });
    }

    #[test]
    fn ratios_are_of_pairs_and_not_of_medians() {
        // A machine that is slow in some rounds, for both alike.
        let raw = [10.0, 100.0, 10.0, 100.0, 10.0, 100.0, 10.0];
        let ours: Vec<f64> = raw.iter().map(|time| time * 1.1).collect();
        let ratio = Ratio::of(&ours, &raw);
        assert!((ratio.median - 1.1).abs() < 1e-9 && ratio.high - ratio.low < 1e-9, "{ratio:?}");
    }

    #[test]
    fn the_interval_holds_the_median_and_grows_with_the_scatter() {
        let others = [100.0; 9];
        let calm = Ratio::of(&[99.0, 101.0, 100.0, 100.0, 98.0, 102.0, 100.0, 101.0, 99.0], &others);
        let wild = Ratio::of(&[50.0, 150.0, 100.0, 100.0, 60.0, 140.0, 100.0, 130.0, 70.0], &others);
        for ratio in [calm, wild] {
            assert!(ratio.low <= ratio.median && ratio.median <= ratio.high, "{ratio:?}");
        }
        assert!(wild.high - wild.low > 4.0 * (calm.high - calm.low), "{calm:?} {wild:?}");
    }

    #[test]
    fn the_same_times_give_the_same_interval() {
        let (times, others) = ([3.0, 4.0, 5.0, 3.5, 4.5, 2.0, 6.0], [4.0; 7]);
        assert_eq!(Ratio::of(&times, &others), Ratio::of(&times, &others));
    }

    #[test]
    fn the_interval_of_seven_is_that_of_the_binomial_order_statistics() {
        // With seven values, draws whose median is the least or the greatest are rarer than 2.5 %: 0.1 and 0.7 are out.
        let ratio = Ratio::of(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], &[1.0; 7]);
        assert_eq!(ratio, Ratio { median: 0.4, low: 0.2, high: 0.6 });
    }
}
