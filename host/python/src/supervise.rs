//! Work without the interpreter's lock: a thread of its own works, the caller's thread waits for it and meanwhile
//! listens to Ctrl-C and calls back.
//!
//! Python hands signals to its main thread only, and graphical programs draw in one thread: so the caller's.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;

/// Between two looks at Python's signals.
const PAUSE: Duration = Duration::from_millis(50);

/// Something to tell the caller, and where the answer goes.
struct Call<E>(E, SyncSender<bool>);

/// The caller, as the work sees it; any of its threads may ask.
pub struct Caller<E> {
    stop: AtomicBool,
    /// Where calls go, if somebody listens.
    calls: Option<Sender<Message<E>>>,
}

enum Message<E> {
    Call(Call<E>),
    Done,
}

impl<E> Caller<E> {
    /// Whether the caller wants no more.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Tells the caller about `event` and waits for its answer: whether to go on.
    pub fn tell(&self, event: impl FnOnce() -> E) -> bool {
        if self.stopped() {
            return false;
        }
        let Some(calls) = &self.calls else { return true };
        let (reply, answer) = sync_channel(1);
        // A caller that is gone wants no more.
        calls.send(Message::Call(Call(event(), reply))).is_ok() && answer.recv().unwrap_or(false)
    }
}

/// The caller's answer to an event: whether to go on.
pub type Hear<'a, E> = dyn Fn(Python<'_>, E) -> PyResult<bool> + Sync + 'a;

/// Does `work` while the caller's thread listens; `hear`, if given, is called in that thread with everything that the
/// work tells, and answers whether to go on.
///
/// # Errors
///
/// The exception of a signal or of `hear`, once the work has ended.
pub fn supervise<E: Send, T: Send>(
    py: Python<'_>,
    hear: Option<&Hear<'_, E>>,
    work: impl FnOnce(&Caller<E>) -> T + Send,
) -> PyResult<T> {
    let (send, receive) = channel();
    let calls = hear.is_some().then(|| send.clone());
    let caller = Caller { stop: AtomicBool::new(false), calls };
    let (mut error, caller) = (None, &caller);
    let raised = &mut error;
    let result = py.detach(move || {
        thread::scope(|scope| {
            let worker = scope.spawn(move || {
                // Dropped even if the work panics: the caller's thread must not wait for ever.
                let _done = Done(send);
                work(caller)
            });
            loop {
                let heard = match receive.recv_timeout(PAUSE) {
                    Ok(Message::Done) | Err(RecvTimeoutError::Disconnected) => break,
                    Ok(Message::Call(call)) => Some(call),
                    Err(RecvTimeoutError::Timeout) => None,
                };
                let (event, reply) = heard.map_or((None, None), |Call(e, to)| (Some(e), Some(to)));
                let answer = Python::attach(|py| {
                    py.check_signals()?;
                    event.zip(hear).map_or(Ok(true), |(event, hear)| hear(py, event))
                });
                let go_on = answer.unwrap_or_else(|error| {
                    caller.stop.store(true, Ordering::Relaxed);
                    raised.get_or_insert(error);
                    false
                });
                // Nobody waits for an answer any more if the work has ended.
                reply.map(|reply| reply.send(go_on));
            }
            worker.join()
        })
    });
    match (result, error) {
        (_, Some(error)) => Err(error),
        (Ok(result), None) => Ok(result),
        (Err(panic), None) => resume_unwind(panic),
    }
}

/// Says that the work is done, when it is dropped.
struct Done<E>(Sender<Message<E>>);

impl<E> Drop for Done<E> {
    fn drop(&mut self) {
        // The caller's thread outlives the work.
        let _ = self.0.send(Message::Done);
    }
}
