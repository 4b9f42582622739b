//! tinynmf as WebAssembly, without an operating system: `firmware/cargo wasm32-unknown-unknown build --release --package
//! tinynmf-web`. `identity.mjs` runs it under node.

#![no_std]

use core::fmt::{self, Write};

use tinynmf_core::Error;
use tinynmf_digits::{factorise, identity};

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Prints a line: UTF-8 text in this module's memory.
    fn print(text: *const u8, length: usize);
}

/// A line on its way to the host.
struct Line {
    text: [u8; 512],
    length: usize,
}

impl Write for Line {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let free = self.text.get_mut(self.length..).and_then(|free| free.get_mut(..part.len()));
        free.ok_or(fmt::Error)?.copy_from_slice(part.as_bytes());
        self.length += part.len();
        Ok(())
    }
}

/// Prints what a board prints; `false` if it does not fit a line.
fn say(what: fmt::Arguments<'_>) -> bool {
    let mut line = Line { text: [0; 512], length: 0 };
    let fits = line.write_fmt(what).is_ok();
    // SAFETY: the host reads the line's bytes, which are there until it returns.
    unsafe { print(line.text.as_ptr(), line.length) };
    fits
}

/// Every step rule on the problem that processors are compared by, a report a line; 0 once all are done.
#[unsafe(no_mangle)]
pub extern "C" fn identity() -> u32 {
    let reported = |k| -> Result<bool, Error> {
        let (order, settings) = identity::run(k)?;
        let report =
            factorise::<{ identity::IMAGES }, { identity::RANK }>(order, settings, |_, _, _| ())?;
        Ok(say(format_args!("report {report}")))
    };
    u32::from(!(0..identity::RUNS).all(|k| reported(k).unwrap_or(false)))
}

#[cfg(target_family = "wasm")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
