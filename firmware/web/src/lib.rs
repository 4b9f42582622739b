//! tinynmf as WebAssembly, without an operating system, an allocator or glue: `firmware/web/build` makes a page of it,
//! and `identity.mjs` runs what boards run, under node.
//!
//! Whatever has a name or several numbers goes to the host as a line of JSON, through `line::say`. A function that
//! answers 0 has refused, and its last line is the reason.
//!
//! | to read | in |
//! |---|---|
//! | how lines reach the host | `line` |
//! | the problem that processors are compared by | `identity` |
//! | the rules, the sample, a factorisation half-step by half-step | `rules`, `sample`, `session` |
//! | where V and the factors lie | `room` |

#![no_std]

mod identity;
mod line;
mod room;
mod rules;
mod sample;
mod session;
mod shared;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
