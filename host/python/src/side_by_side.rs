//! Short work on many things, on all cores, the caller's thread included.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The results of `work` on every item, in order.
///
/// For work of microseconds, where a thread that sleeps wakes too late to be waited for: the caller's begins at once,
/// and who comes takes the next item.
pub fn side_by_side<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let count = items.len();
    let queue = Mutex::new(items.into_iter().enumerate());
    let found = Mutex::new(Vec::with_capacity(count));
    let help = || {
        let mut own = Vec::new();
        loop {
            let next = locked(&queue).next();
            let Some((place, item)) = next else { break };
            own.push((place, work(item)));
        }
        locked(&found).extend(own);
    };
    let helpers = rayon::current_num_threads().min(count).saturating_sub(1);
    rayon::in_place_scope(|scope| {
        for _ in 0..helpers {
            scope.spawn(|_| help());
        }
        help();
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_unstable_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, result)| result).collect()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
