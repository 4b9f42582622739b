//! How much memory a piece of work will take, told before any of it is asked for.

use crate::error::{Error, Result};

/// The most that tinynmf allows one piece of work, in bytes: 4 GiB.
pub const LIMIT: u64 = 4 << 30;

/// Memory assumed of a machine that does not tell it: 8 GiB.
const UNTOLD: u64 = 8 << 30;

/// The memory of the machine in bytes, or of the container if that is less; 8 GiB where neither is told.
#[must_use]
pub fn of_machine() -> u64 {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let machine = read("/proc/meminfo").lines().find_map(|line| {
        let kibibytes = line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?;
        kibibytes.trim().parse::<u64>().ok()?.checked_mul(1024)
    });
    let container = read("/sys/fs/cgroup/memory.max").trim().parse().unwrap_or(u64::MAX);
    machine.unwrap_or(UNTOLD).min(container)
}

/// Refuses `work` whose `parts`, each the options that decide it and its bytes, come to more than [`LIMIT`]. The
/// estimates are of what grows with the options; the program itself takes some 20 MB.
///
/// # Errors
///
/// With the estimate, and the options that the largest part depends on.
pub fn allow(work: &str, parts: &[(&str, u64)]) -> Result<()> {
    let total = parts.iter().fold(0_u64, |sum, (_, bytes)| sum.saturating_add(*bytes));
    let Some((largest, _)) = parts.iter().max_by_key(|(_, bytes)| bytes) else { return Ok(()) };
    if total <= LIMIT {
        return Ok(());
    }
    let (total, limit) = (gibibytes(total), gibibytes(LIMIT));
    let problem = format!("it would take about {total} of memory, and {limit} is the limit");
    Err(Error::argument(work, problem, format!("lower {largest}")))
}

fn gibibytes(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}

/// The product of counts and of the bytes that each of them takes, as large as a number can be where it is larger.
#[must_use]
pub fn product<const N: usize>(counts: [usize; N]) -> u64 {
    counts.iter().fold(1, |product: u64, count| product.saturating_mul(*count as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_estimate_and_what_it_hangs_on() {
        allow("compare", &[("--seeds", LIMIT / 2), ("--rank", LIMIT / 2)]).unwrap();
        allow("nothing", &[]).unwrap();
        allow("compare", &[("--seeds", LIMIT / 2), ("--rank", LIMIT / 2 + 1)]).unwrap_err();
        let refusal = allow("compare", &[("--rank", 1), ("--seeds", 3 * LIMIT)]).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "compare: it would take about 12.0 GiB of memory, and 4.0 GiB is the limit; lower --seeds"
        );
        let all = allow("all", &[("a", u64::MAX), ("b", u64::MAX)]).unwrap_err().to_string();
        assert!(all.contains("GiB of memory"), "{all}");
        assert_eq!(product([usize::MAX, usize::MAX, 2]), u64::MAX);
    }
}
