//! How the step size is chosen.

use core::mem::MaybeUninit;

use tinynmf_core::rule::{
    Abb, Armijo, Around, Bb1, Bb2, Bound, Cauchy, Cosine, Decay, Fixed, Lin, Random, Silver,
};
use tinynmf_core::{Policy, Rule as CoreRule, policy};

use crate::error::{Checked, Error, code};
use crate::memory::{check, numbers, put};

/// A step rule without a policy; a, b and c are its parameters, in tinynmf_rule_init.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum RuleKind {
    /// The same step size a at every half-step.
    Fixed = 0,
    /// A share a of the certified bound 2/L, 0 < a < 1.
    Bound = 1,
    /// Uniform under the bound.
    Random = 2,
    /// Uniform within a share a around the bound, 0 < a < 1.
    Around = 3,
    /// Armijo's projected line search: sufficient decrease a, factor b, first step size c.
    Armijo = 4,
    /// Lin's projected line search: sufficient decrease a, factor b, first step size c.
    Lin = 5,
    /// The exact minimiser along the free gradient.
    Cauchy = 6,
    /// Barzilai and Borwein's first step.
    Bb1 = 7,
    /// Barzilai and Borwein's second step.
    Bb2 = 8,
    /// The two in turn.
    Abb = 9,
    /// The silver schedule.
    Silver = 10,
    /// A share a of the bound that is halved after b epochs.
    Decay = 11,
    /// A share a of the bound that falls to 0 at the horizon like a half cosine.
    Cosine = 12,
}

/// Words of a rule.
pub const RULE_WORDS: usize = 48;

/// A step rule: memory that tinynmf_rule_init or tinynmf_rule_learned fills.
#[repr(C)]
pub struct Rule {
    words: [usize; RULE_WORDS],
}

/// What a rule's words hold.
struct Content {
    mark: usize,
    rule: CoreRule<'static>,
}

const _: () = assert!(size_of::<Content>() <= size_of::<Rule>());
const _: () = assert!(align_of::<Content>() <= align_of::<Rule>());

/// Rules may be copied: their mark does not depend on their place.
const MARK: usize = 0x544e_4d52;

/// # Safety
///
/// Unless it is refused, `rule` points at a rule.
unsafe fn fill(rule: *mut Rule, content: CoreRule<'static>) -> Checked {
    check(rule)?;
    // Words that stay unused have a value, too: C may copy them.
    let empty = Rule { words: [0; RULE_WORDS] };
    let content = Content { mark: MARK, rule: content };
    // SAFETY: the content fits a rule and its alignment, as asserted above; the rest is the caller's promise.
    unsafe {
        put(rule, empty)?;
        put(rule.cast::<Content>(), content)
    }
}

/// The rule in C's memory.
///
/// # Safety
///
/// Unless it is refused, `rule` points at a rule that nobody else uses during `'a`.
pub(crate) unsafe fn open<'a>(rule: *mut Rule) -> Checked<&'a mut CoreRule<'static>> {
    check(rule)?;
    let content = rule.cast::<Content>();
    // SAFETY: whatever C's memory holds is a word.
    let mark = unsafe { (&raw const (*content).mark).cast::<MaybeUninit<usize>>().read() };
    // SAFETY: C's memory was written before it was handed over.
    if unsafe { mark.assume_init() } != MARK {
        return Err(Error::NotInitialised);
    }
    // SAFETY: what has the mark was filled by `fill`; the rest is the caller's promise.
    Ok(unsafe { &mut (*content).rule })
}

/// Makes a rule of a tinynmf_rule_kind with its parameters; those that it does not have are ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_rule_init(
    rule: *mut Rule,
    kind: u32,
    a: f32,
    b: f32,
    c: f32,
) -> Error {
    // SAFETY: C's promise.
    code(made(kind, a, b, c).and_then(|made| unsafe { fill(rule, made) }))
}

fn made(kind: u32, a: f32, b: f32, c: f32) -> Checked<CoreRule<'static>> {
    Ok(match kind {
        0 => Fixed::new(a)?.into(),
        1 => Bound::new(a)?.into(),
        2 => Random.into(),
        3 => Around::new(a)?.into(),
        4 => Armijo::new(a, b, c)?.into(),
        5 => Lin::new(a, b, c)?.into(),
        6 => Cauchy.into(),
        7 => Bb1.into(),
        8 => Bb2.into(),
        9 => Abb.into(),
        10 => Silver.into(),
        11 => Decay::new(a, b)?.into(),
        12 => Cosine::new(a)?.into(),
        _ => return Err(Error::Type),
    })
}

/// Makes the rule that asks a policy, which is checked and then read in place, from flash or RAM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_rule_learned(
    rule: *mut Rule,
    policy: *const u8,
    bytes: usize,
) -> Error {
    // SAFETY: C's promise.
    let policy =
        unsafe { numbers::<'static>(policy, bytes) }.and_then(|blob| Ok(Policy::from_bytes(blob)?));
    // SAFETY: C's promise.
    code(policy.and_then(|policy| unsafe { fill(rule, CoreRule::learned(policy)) }))
}

/// The policy that ships with this library, and its size in bytes; linked in only if this is called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_shipped_policy(bytes: *mut usize) -> *const u8 {
    // SAFETY: C's promise. Null says that the caller knows the size.
    let _ = unsafe { put(bytes, policy::SHIPPED.len()) };
    policy::SHIPPED.as_ptr()
}
