//! Lines of text on their way to the host.

use core::fmt::{self, Write};

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Prints a line: UTF-8 text in this module's memory.
    fn print(text: *const u8, length: usize);
}

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

/// Prints a line; `false` if it does not fit.
pub fn say(what: fmt::Arguments<'_>) -> bool {
    let mut line = Line { text: [0; 512], length: 0 };
    let fits = line.write_fmt(what).is_ok();
    // SAFETY: the host reads the line's bytes, which are there until it returns.
    unsafe { print(line.text.as_ptr(), line.length) };
    fits
}

/// 1; or 0, after saying what was wrong.
pub fn answer(result: Result<bool, impl fmt::Display>) -> u32 {
    match result {
        Ok(done) => u32::from(done),
        Err(reason) => {
            say(format_args!("{reason}"));
            0
        }
    }
}
