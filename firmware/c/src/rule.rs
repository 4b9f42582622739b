//! How the step size is chosen.

use core::mem::MaybeUninit;

use tinynmf_core::rule::table::KINDS;
use tinynmf_core::{Rule as CoreRule, policy};

use crate::error::{Checked, Error, code};
use crate::memory::{check, numbers, put};
use crate::version::check_abi;

/// A step rule without a policy; a, b and c are its parameters, in tinynmf_rule_init. All that it has are finite, and within the
/// ranges below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum RuleKind {
    /// The same step size a at every half-step, a > 0.
    Fixed = 0,
    /// A share a of the certified bound 2/L, 0 < a < 1.
    Bound = 1,
    /// Uniform under the bound.
    Random = 2,
    /// Uniform within a share a around the bound, 0 < a < 1.
    Around = 3,
    /// Armijo's projected line search: sufficient decrease a, 0 < a < 1, factor b, 0 < b < 1, first step size c > 0.
    Armijo = 4,
    /// Lin's projected line search: sufficient decrease a, 0 < a < 1, factor b, 0 < b < 1, first step size c > 0.
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
    /// A share a of the bound, 0 < a < 1, that is halved after b epochs, b > 0.
    Decay = 11,
    /// A share a of the bound, 0 < a < 1, that falls to 0 at the horizon like a half cosine.
    Cosine = 12,
    /// One sweep over the components, all of V: HALS.
    Hals = 13,
    /// b sweeps of relaxation a, 0 < a < 2, 1 <= b <= 8, a whole number, all of V.
    Sweeps = 14,
    /// Sweeps on samples of V: a share a, 0 < a <= 1, that grows by the factor b in every epoch, 1 < b <= 16; two of
    /// relaxation c, 0 < c < 2.
    Growing = 15,
    /// Sweeps on samples of V: a share a, 0 < a <= 1, that grows by the factor b, 1 < b <= 16, when samples disagree by more
    /// than c times what a half-step gains, c >= 0; three of relaxation 1.3.
    Adaptive = 16,
    /// Samples as those of adaptive (a, b, c, in the same ranges); sweeps of relaxation 1.3 while the last was worth its
    /// price.
    Thrifty = 17,
    /// b times the exact minimiser, 0 < b < 2, where that is longer than a over L, a > 0, and the last step was not; else
    /// 1/L.
    Alternate = 18,
    /// Two exact minimisers along the free gradient, then two of Yuan's steps.
    DaiYuan = 19,
    /// a exact minimisers, then one of Yuan's steps b times; whole numbers, 1 <= a, b <= 64.
    Sdc = 20,
    /// The least of the last b second steps of Barzilai and Borwein where the second is below a times the first, else the
    /// first; 0 < a < 1, 1 <= b <= 10, a whole number. Serves one factorisation at a time.
    AbbMin = 21,
    /// Malitsky and Mishchenko's adaptive gradient descent.
    Adgd = 22,
    /// a over L, 0 < a < 2, which falls to 0 over the last share b of the horizon, 0 < b <= 1.
    Wsd = 23,
    /// a times the exact minimiser, 0 < a < 2, which falls to 0 over the last share b of the horizon, 0 < b <= 1.
    LinearCauchy = 24,
    /// a over L, a > 0, shrinking as squared gradients add up. Serves one factorisation at a time.
    AdagradNorm = 25,
    /// Sweeps on samples of V: a times the rank indices, a > 0, then b times as many each time, 1.02 <= b <= 4; relaxations
    /// from c on, 0.4 <= c <= 1.9, that rise by 0.1, while the last sweep was worth 0.7 times the half-step; on all of V then an
    /// extrapolation by 0.5.
    Widening = 26,
}

/// The numbers are places in core's table.
const _: () = {
    assert!(KINDS.len() == RuleKind::Widening as usize + 1);
    assert!(matches!(KINDS[RuleKind::Cosine as usize].name.as_bytes(), b"cosine"));
    assert!(matches!(KINDS[RuleKind::Thrifty as usize].name.as_bytes(), b"thrifty"));
    assert!(matches!(KINDS[RuleKind::Sdc as usize].name.as_bytes(), b"sdc"));
    assert!(matches!(KINDS[RuleKind::AdagradNorm as usize].name.as_bytes(), b"adagrad_norm"));
    assert!(matches!(KINDS[RuleKind::Widening as usize].name.as_bytes(), b"widening"));
};

/// Words of a rule.
pub const RULE_WORDS: usize = 56;

/// A step rule: memory that tinynmf_rule_init or tinynmf_rule_learned fills.
#[repr(C)]
pub struct Rule {
    words: [usize; RULE_WORDS],
}

/// Content of a rule's words.
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

/// Makes a rule of a tinynmf_rule_kind with its parameters; those that it does not have are ignored, and those beyond c have
/// their defaults.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_rule_init(
    abi: u32,
    rule: *mut Rule,
    kind: u32,
    a: f32,
    b: f32,
    c: f32,
) -> Error {
    // SAFETY: C's promise.
    code(
        check_abi(abi)
            .and_then(|()| made(kind, a, b, c))
            .and_then(|made| unsafe { fill(rule, made) }),
    )
}

fn made(kind: u32, a: f32, b: f32, c: f32) -> Checked<CoreRule<'static>> {
    let kind = KINDS.get(kind as usize).ok_or(Error::Type)?;
    Ok(kind.make_from(&[a, b, c])?)
}

/// Makes the rule that asks a policy, of step sizes or of schedules, which is checked and then read in place, from flash
/// or RAM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_rule_learned(
    abi: u32,
    rule: *mut Rule,
    policy: *const u8,
    bytes: usize,
) -> Error {
    // SAFETY: C's promise.
    let blob = check_abi(abi).and_then(|()| unsafe { numbers::<'static>(policy, bytes) });
    let asking = blob.and_then(|blob| Ok(CoreRule::asking(blob)?));
    // SAFETY: C's promise.
    code(asking.and_then(|asking| unsafe { fill(rule, asking) }))
}

/// The policy that ships with this library, and its size in bytes; linked in only if this is called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_shipped_policy(bytes: *mut usize) -> *const u8 {
    // SAFETY: C's promise. Null says that the caller knows the size.
    let _ = unsafe { put(bytes, policy::SHIPPED.len()) };
    policy::SHIPPED.as_ptr()
}

/// The policy of schedules that ships with this library, and its size in bytes; linked in only if this is called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynmf_schedule_policy(bytes: *mut usize) -> *const u8 {
    // SAFETY: C's promise. Null says that the caller knows the size.
    let _ = unsafe { put(bytes, policy::SCHEDULE.len()) };
    policy::SCHEDULE.as_ptr()
}
