//! The one table of rules that need no policy: names, parameters, how each is made. The command line, C, Python, the
//! proof and the tests read it.

use super::{
    Abb, AbbMin, AdagradNorm, Adaptive, Adgd, Alternate, Armijo, Around, Bb1, Bb2, Bound, Cauchy,
    Cosine, DaiYuan, Decay, Fixed, Growing, Lin, LinearCauchy, Random, Rule, Sdc, Silver, Sweeps,
    Thrifty, Widening, Wsd,
};
use crate::Error;

/// Parameters that a rule has at most.
pub const PARAMETERS: usize = 5;

/// A parameter of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Parameter {
    /// As the formula calls it.
    pub name: &'static str,
    /// Value where the rule is named without parameters.
    pub default: f32,
}

/// A kind of rule. Its place in [`KINDS`] is its number in C.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// As it is written: `bound`.
    pub name: &'static str,
    /// One line of documentation.
    pub does: &'static str,
    /// Its parameters, in their order.
    pub parameters: &'static [Parameter],
    make: fn(&[f32]) -> Result<Rule<'static>, Error>,
}

impl Kind {
    /// The rule with these parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for another number of parameters, and of the rule's own `new`.
    pub fn make(&self, parameters: &[f32]) -> Result<Rule<'static>, Error> {
        (self.make)(parameters)
    }

    /// The rule with the first parameters given, as many as it takes, and defaults for the rest.
    ///
    /// # Errors
    ///
    /// The errors of the rule's own `new`.
    pub fn make_from(&self, first: &[f32]) -> Result<Rule<'static>, Error> {
        let mut parameters = self.defaults();
        parameters.iter_mut().zip(first).for_each(|(to, from)| *to = *from);
        self.make(parameters.get(..self.parameters.len()).unwrap_or_default())
    }

    /// Parameters where the rule is named without any.
    #[must_use]
    pub fn defaults(&self) -> [f32; PARAMETERS] {
        let mut defaults = [0.0; PARAMETERS];
        defaults.iter_mut().zip(self.parameters).for_each(|(x, it)| *x = it.default);
        defaults
    }
}

/// The kind of a name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

macro_rules! kinds {
    ($($name:literal ($($parameter:ident = $default:literal),*) $does:literal => $make:expr;)*) => {
        /// Every kind, in the order of C's numbers.
        pub const KINDS: &[Kind] = &[$(Kind {
            name: $name,
            does: $does,
            parameters: &[$(Parameter { name: stringify!($parameter), default: $default }),*],
            make: |parameters| match *parameters {
                [$($parameter),*] => $make,
                _ => Err(Error::Parameter { what: $name, needs: "another number of parameters" }),
            },
        }),*];
    };
}

kinds! {
    "fixed" (alpha = 0.01) "α itself, in units of V" => Ok(Fixed::new(alpha)?.into());
    "bound" (c = 0.95) "α is that share of 2/L" => Ok(Bound::new(c)?.into());
    "random" () "α is uniform under 2/L" => Ok(Random.into());
    "around" (p = 0.5) "α is uniform within that share around 2/L" => Ok(Around::new(p)?.into());
    "armijo" (c = 0.1, shrink = 0.5, max = 1.0) "line search: sufficient decrease, factor, first α"
        => Ok(Armijo::new(c, shrink, max)?.into());
    "lin" (sigma = 0.01, shrink = 0.5, max = 1.0) "Lin's line search: the same three"
        => Ok(Lin::new(sigma, shrink, max)?.into());
    "cauchy" () "the exact minimiser along the free gradient" => Ok(Cauchy.into());
    "bb1" () "Barzilai and Borwein's first α" => Ok(Bb1.into());
    "bb2" () "Barzilai and Borwein's second α" => Ok(Bb2.into());
    "abb" () "the two in turn" => Ok(Abb.into());
    "silver" () "the silver schedule" => Ok(Silver.into());
    "decay" (c = 0.95, half_life = 50.0) "share of 2/L, halved after so many epochs"
        => Ok(Decay::new(c, half_life)?.into());
    "cosine" (c = 0.95) "share of 2/L, down to 0 at the horizon" => Ok(Cosine::new(c)?.into());
    "hals" () "one sweep over the components, all of V" => Ok(Sweeps::HALS.into());
    "sweeps" (omega = 1.5, k = 2.0) "k sweeps of relaxation ω, all of V"
        => Ok(sweeps(omega, k)?.into());
    "growing" (share = 0.1, growth = 1.2, omega = 1.3, k = 2.0)
        "sweeps on samples of V that grow with the epochs"
        => Ok(Growing::new(share, growth, sweeps(omega, k)?)?.into());
    "adaptive" (share = 0.1, growth = 1.5, patience = 0.3, omega = 1.3, k = 3.0)
        "sweeps on samples of V that grow when they disagree"
        => Ok(Adaptive::new(share, growth, patience, sweeps(omega, k)?)?.into());
    "thrifty" (share = 0.1, growth = 1.5, patience = 0.3, omega = 1.3, worth = 0.8)
        "adaptive's samples; sweeps while the last was worth its price"
        => Ok(Thrifty::new(share, growth, patience, omega, worth)?.into());
    "alternate" (tau = 4.0, omega = 1.5) "ω Cauchy steps where that is above τ/L, after a short step; else 1/L"
        => Ok(Alternate::new(tau, omega)?.into());
    "dai_yuan" () "two Cauchy steps, two of Yuan's" => Ok(DaiYuan.into());
    "sdc" (h = 4.0, m = 2.0) "h Cauchy steps, then one of Yuan's m times"
        => Ok(Sdc::new(whole(h), whole(m))?.into());
    "abbmin" (tau = 0.8, m = 5.0) "the least of the last m bb2 where bb2/bb1 < τ, else bb1"
        => Ok(AbbMin::new(tau, whole(m))?.into());
    "adgd" () "adaptive gradient descent, from the last two α and the last curvature" => Ok(Adgd.into());
    "wsd" (c = 1.9, q = 0.2) "c/L, down to 0 over the last share q of the horizon"
        => Ok(Wsd::new(c, q)?.into());
    "linear_cauchy" (c = 1.0, q = 0.2) "c Cauchy steps, down to 0 over the last share q of the horizon"
        => Ok(LinearCauchy::new(c, q)?.into());
    "adagrad_norm" (c = 1.9) "c/L, shrinking as squared gradients add up"
        => Ok(AdagradNorm::new(c)?.into());
    "widening" (first = 2.0, growth = 1.3, omega = 1.2, worth = 0.7, beta = 0.5)
        "samples of so many indices a component, 2 at least, that widen by up to 4; rising sweeps of 0.4 to 1.9 while worth it; extrapolated"
        => Ok(Widening::new(first, growth, omega, worth, beta)?.into());
}

fn sweeps(relaxation: f32, count: f32) -> Result<Sweeps, Error> {
    Sweeps::new(relaxation, whole(count))
}

/// A whole number; 0, which every rule refuses, for what is none.
fn whole(count: f32) -> u32 {
    let whole = count as u32;
    if (whole as f32 - count).abs() > 0.0 { 0 } else { whole }
}

impl Rule<'_> {
    /// Its name, as in [`KINDS`]; rules that ask a policy have one that is not there.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fixed(_) => "fixed",
            Self::Bound(_) => "bound",
            Self::Random(_) => "random",
            Self::Around(_) => "around",
            Self::Armijo(_) => "armijo",
            Self::Lin(_) => "lin",
            Self::Cauchy(_) => "cauchy",
            Self::Bb1(_) => "bb1",
            Self::Bb2(_) => "bb2",
            Self::Abb(_) => "abb",
            Self::Silver(_) => "silver",
            Self::Decay(_) => "decay",
            Self::Cosine(_) => "cosine",
            Self::Alternate(_) => "alternate",
            Self::DaiYuan(_) => "dai_yuan",
            Self::Sdc(_) => "sdc",
            Self::AbbMin(_) => "abbmin",
            Self::Adgd(_) => "adgd",
            Self::Wsd(_) => "wsd",
            Self::LinearCauchy(_) => "linear_cauchy",
            Self::AdagradNorm(_) => "adagrad_norm",
            Self::Sweeps(sweeps) if *sweeps == Sweeps::HALS => "hals",
            Self::Sweeps(_) => "sweeps",
            Self::Growing(_) => "growing",
            Self::Adaptive(_) => "adaptive",
            Self::Thrifty(_) => "thrifty",
            Self::Widening(_) => "widening",
            Self::Scheduled(_) => "schedule",
            Self::Learned(_) => "learned",
        }
    }

    /// Its parameters in the order of [`Kind::parameters`]; zeros behind them.
    #[must_use]
    pub fn parameters(&self) -> [f32; PARAMETERS] {
        let all = |x: &[f32]| {
            let mut parameters = [0.0; PARAMETERS];
            parameters.iter_mut().zip(x).for_each(|(to, from)| *to = *from);
            parameters
        };
        match self {
            Self::Fixed(rule) => all(&[rule.alpha()]),
            Self::Bound(rule) => all(&[rule.share()]),
            Self::Around(rule) => all(&[rule.spread()]),
            Self::Armijo(rule) => all(&rule.parameters()),
            Self::Lin(rule) => all(&rule.parameters()),
            Self::Decay(rule) => all(&rule.parameters()),
            Self::Cosine(rule) => all(&[rule.share()]),
            Self::Alternate(rule) => all(&rule.parameters()),
            Self::Sdc(rule) => all(&rule.parameters()),
            Self::AbbMin(rule) => all(&rule.parameters()),
            Self::Wsd(rule) => all(&rule.parameters()),
            Self::LinearCauchy(rule) => all(&rule.parameters()),
            Self::AdagradNorm(rule) => all(&[rule.factor()]),
            Self::Sweeps(rule) if *rule == Sweeps::HALS => all(&[]),
            Self::Sweeps(rule) => all(&rule.parameters()),
            Self::Growing(rule) => rule_parameters(&[rule.first(), rule.growth()], rule.sweeps()),
            Self::Adaptive(rule) => {
                rule_parameters(&[rule.first(), rule.growth(), rule.patience()], rule.sweeps())
            }
            Self::Thrifty(rule) => rule.parameters(),
            Self::Widening(rule) => rule.parameters(),
            Self::Random(_)
            | Self::Cauchy(_)
            | Self::Bb1(_)
            | Self::Bb2(_)
            | Self::Abb(_)
            | Self::Silver(_)
            | Self::DaiYuan(_)
            | Self::Adgd(_)
            | Self::Learned(_)
            | Self::Scheduled(_) => [0.0; PARAMETERS],
        }
    }
}

fn rule_parameters(own: &[f32], sweeps: Sweeps) -> [f32; PARAMETERS] {
    let (mut parameters, of_sweeps) = ([0.0; PARAMETERS], sweeps.parameters());
    let all = own.iter().chain(&of_sweeps);
    parameters.iter_mut().zip(all).for_each(|(to, from)| *to = *from);
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_made_of_its_defaults_and_tells_them() {
        for kind in KINDS {
            let count = kind.parameters.len();
            let rule = kind.make(&kind.defaults()[..count]).unwrap();
            assert_eq!((rule.name(), rule.parameters()), (kind.name, kind.defaults()));
            let wrong = [0.5; PARAMETERS + 1];
            assert!(kind.make(&wrong[..=count]).is_err(), "{}", kind.name);
            assert_eq!(super::kind(kind.name).unwrap().does, kind.does);
        }
        let growing = kind("growing").unwrap().make_from(&[0.2, 1.5]).unwrap();
        let bits = |x: [f32; PARAMETERS]| x.map(f32::to_bits);
        assert_eq!(bits(growing.parameters()), bits([0.2, 1.5, 1.3, 2.0, 0.0]));
        let widening = kind("widening").unwrap().make_from(&[]).unwrap();
        assert_eq!(bits(widening.parameters()), bits(Widening::DEFAULT.parameters()));
        assert!(kind("newton").is_none());
        for (name, parameters) in [
            ("sweeps", [1.5, 1.5]),
            ("sweeps", [1.5, f32::NAN]),
            ("sdc", [2.5, 1.0]),
            ("sdc", [2.0, -1.0]),
            ("abbmin", [0.5, f32::INFINITY]),
        ] {
            assert!(kind(name).unwrap().make(&parameters).is_err(), "{name} {parameters:?}");
        }
    }
}
