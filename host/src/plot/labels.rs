//! Labels beside the ends of curves, moved apart where they would touch.

/// Heights for labels that want to be at `wanted`: at least `gap` apart, within `low..=high` if they fit, in the same
/// order, and as near to the wanted ones as least squares can bring them.
pub(super) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    // With the gaps taken out, labels may touch but not pass: runs that would pass share their mean.
    let mut runs: Vec<(f64, usize)> = Vec::new();
    for (k, &label) in order.iter().enumerate() {
        let mut run = (wanted[label] - k as f64 * gap, 1);
        while let Some(&(mean, count)) = runs.last() {
            if mean <= run.0 {
                break;
            }
            runs.pop();
            let total = count + run.1;
            run = ((mean * count as f64 + run.0 * run.1 as f64) / total as f64, total);
        }
        runs.push(run);
    }
    let room = (high - gap * wanted.len().saturating_sub(1) as f64).max(low);
    let flat = runs.into_iter().flat_map(|(mean, count)| std::iter::repeat_n(mean, count));
    let mut heights = vec![0.0; wanted.len()];
    for (k, (label, height)) in order.into_iter().zip(flat).enumerate() {
        heights[label] = height.clamp(low, room) + k as f64 * gap;
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_labels_with_room_where_they_are() {
        assert_eq!(spread(&[50.0, 10.0, 90.0], 20.0, 0.0, 100.0), [50.0, 10.0, 90.0]);
        assert!(spread(&[], 20.0, 0.0, 100.0).is_empty());
    }

    #[test]
    fn moves_touching_labels_apart_evenly() {
        assert_eq!(spread(&[50.0, 50.0], 20.0, 0.0, 100.0), [40.0, 60.0]);
        assert_eq!(spread(&[98.0, 99.0, 100.0], 20.0, 0.0, 100.0), [60.0, 80.0, 100.0]);
        assert_eq!(spread(&[1.0, 0.0], 20.0, 0.0, 100.0), [20.0, 0.0]);
    }

    #[test]
    fn keeps_the_gap_where_there_is_too_little_room() {
        assert_eq!(spread(&[0.0; 3], 20.0, 0.0, 30.0), [0.0, 20.0, 40.0]);
    }
}
