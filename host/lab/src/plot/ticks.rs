//! Where an axis has its marks, and what they say.

/// Marks on an axis with the text of each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ticks {
    pub at: Vec<f64>,
    pub text: Vec<String>,
}

impl Ticks {
    /// Round numbers between `low` and `high`, about `wanted` of them, and two at least.
    pub fn linear(low: f64, high: f64, wanted: usize) -> Self {
        let rough = (high - low) / wanted as f64;
        let power = 10f64.powf(rough.log10().floor());
        let steps = [10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1].map(|it| it * power);
        let enough = steps.iter().take_while(|step| **step >= rough).count().saturating_sub(1);
        // A single number leaves the scale unknown.
        let marks = |step: f64| (high / step).floor() - (low / step).ceil() + 1.0;
        let step = steps[enough..].iter().copied().find(|step| marks(*step) > 1.5);
        let step = step.unwrap_or(power);
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let first = (low / step).ceil() as i64;
        let last = (high / step).floor() as i64;
        let at: Vec<f64> = (first..=last).map(|k| k as f64 * step).collect();
        let text = at.iter().map(|&value| plain(value, decimals)).collect();
        Self { at, text }
    }

    /// Powers of ten between 10^`low` and 10^`high`, at most about `wanted`; positions are the exponents.
    ///
    /// Where fewer than two powers lie there, round numbers between them are marked.
    pub fn decades(low: f64, high: f64, wanted: usize) -> Self {
        let (first, last) = (low.ceil() as i64, high.floor() as i64);
        if last - first < 1 {
            return Self::within_decades(low, high);
        }
        let step = [1, 2, 3, 5, 10, 20, 50, 100]
            .into_iter()
            .find(|step| (last - first) / step <= wanted.cast_signed() as i64)
            .unwrap_or(200);
        let exponents = (first..=last).filter(|exponent| exponent % step == 0);
        let (at, text) = exponents.map(|it| (it as f64, power_of_ten(it))).unzip();
        Self { at, text }
    }

    fn within_decades(low: f64, high: f64) -> Self {
        let mut ticks = Self { at: Vec::new(), text: Vec::new() };
        for exponent in low.floor() as i32..=high.floor() as i32 {
            for digit in [1.0f64, 2.0, 3.0, 5.0] {
                let at = digit.log10() + f64::from(exponent);
                if (low..=high).contains(&at) {
                    ticks.at.push(at);
                    ticks.text.push(match exponent {
                        -3..=4 => plain(digit * 10f64.powi(exponent), (-exponent).max(0) as usize),
                        _ => format!("{digit}·{}", power_of_ten(exponent.into())),
                    });
                }
            }
        }
        if ticks.at.len() < 3 {
            ticks = Self::linear(10f64.powf(low), 10f64.powf(high), 4);
            ticks.at.iter_mut().for_each(|at| *at = at.log10());
        }
        ticks
    }
}

fn plain(value: f64, decimals: usize) -> String {
    // Minus zero is zero.
    format!("{:.decimals$}", value + 0.0).replace('-', "−")
}

fn power_of_ten(exponent: i64) -> String {
    match exponent {
        0 => "1".to_owned(),
        1 => "10".to_owned(),
        _ => format!("10{}", exponent.to_string().chars().map(superscript).collect::<String>()),
    }
}

fn superscript(digit: char) -> char {
    match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        // The others are neighbours in Unicode.
        _ => digit.to_digit(10).and_then(|it| char::from_u32(0x2070 + it)).unwrap_or(digit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_round() {
        assert_eq!(Ticks::linear(0.0, 200.0, 5).text, ["0", "50", "100", "150", "200"]);
        assert_eq!(Ticks::linear(0.68, 9.32, 3).text, ["2", "4", "6", "8"], "not 5 alone");
        assert_eq!(Ticks::linear(-0.31, 0.3, 4).text, ["−0.2", "0.0", "0.2"]);
    }

    #[test]
    fn logarithmic_ticks_are_powers_of_ten() {
        assert_eq!(Ticks::decades(-3.2, 0.4, 6).text, ["10⁻³", "10⁻²", "10⁻¹", "1"]);
        assert_eq!(Ticks::decades(-40.0, 2.0, 5).at, [-40.0, -30.0, -20.0, -10.0, 0.0]);
        assert_eq!(Ticks::decades(-0.4, 0.7, 5).text, ["0.5", "1", "2", "3", "5"]);
        assert_eq!(Ticks::decades(-0.12, 0.13, 5).text, ["0.8", "1.0", "1.2"]);
    }
}
