//! An evaluation as one HTML file that needs nothing beside it.

use maud::{Markup, PreEscaped, html};

use super::Evaluation;
use super::contenders::Role;
use super::family::{Contender, FamilyResult};
use super::metric::{MAIN_TAU, Measure};
use super::rivals::Rival;
use super::statistics::Estimate;
use super::table::{number, short};
use crate::html::page;

impl Evaluation {
    /// The report.
    ///
    /// # Errors
    ///
    /// An error of the drawing library, which no input can cause.
    pub fn html(&self) -> Result<String, String> {
        let (profiles, gaps) = (self.profile_figure().svg()?, self.gap_figure().svg()?);
        let name = self.suite.name();
        let body = html! {
            h1 { "Step rules on the suite " i { (name) } }
            p { (self.introduction()) }
            h2 { "The learned rule" }
            div.wide { (self.learned()) }
            h2 { "How often each rule is close to the best" }
            p { "Over all instances; every classical rule tuned for its family." }
            (PreEscaped(profiles))
            div.wide { (self.rules()) }
            h2 { "How the gaps close" }
            (PreEscaped(gaps))
            h2 { "Family by family" }
            p { "★ the rule that was best on the tuning instances. Grey: the best fixed rate of each instance, "
                "which no user knows, and other algorithms." }
            @for family in &self.families { (section(family)) }
            h2 { "What was tuned" }
            (grids(&self.rivals))
        };
        Ok(page(&format!("tinynmf: evaluation, {name}"), &body))
    }

    fn introduction(&self) -> Markup {
        let Self { horizon, policy, policy_bytes, .. } = self;
        html! {
            "The int8 policy " code { (policy) } " (" (policy_bytes) " bytes) against classical step rules, " (horizon)
            " epochs from the same starts. The gap is (F − F" sub { "best" } ")/(F" sub { "0" } " − F" sub { "best" } "). "
            @match self.measure {
                Measure::Epochs => {
                    "Compared are the " b { "epochs until the gap is at most 10⁻²" } "; what takes longer than " (horizon)
                    " counts as " (horizon + 1) ". F" sub { "best" } " is the lowest loss of any step rule from that start; "
                    "the best fixed rate, HALS and NeNMF do not define it. "
                }
                Measure::Cost => {
                    "Compared are the " b { "multiply-adds until the gap is at most 10⁻²" } ": of products with V and of "
                    "grams, of steps, steps tried and decisions. What takes longer than " (horizon) " epochs counts as one "
                    "epoch more. F" sub { "best" } " is the lowest loss of any step rule from that start; the best fixed "
                    "rate, HALS and NeNMF do not define it. "
                }
                Measure::Gap => {
                    "Compared is the " b { "gap after the last epoch" } ", F being over all of V. F" sub { "best" }
                    " is the lowest loss of any step rule, and of a five times longer run with exact gradients. "
                }
            }
            "Parameters were chosen on other instances of the same family, for the same number. Brackets are 95 % "
            "bootstrap intervals. "
            @if self.measure != Measure::Cost { "Line searches pay nothing for their trials. " }
            (self.suite.names())
        }
    }

    fn learned(&self) -> Markup {
        html! {
            table {
                tr {
                    th { "family" } th { "instances" } th { "median" } th { "of bound(0.95)'s" } th { "of the best tuned rule's" }
                    th { "which is" } th { "median ratio to bound(0.95)" } th { "95th percentile" } th { "diverged" }
                }
                @for family in &self.families {
                    @let learned = &family.contenders[0];
                    tr {
                        td { (family.name) } td { (family.instances) }
                        td { (estimate(&learned.median(self.measure), number)) }
                        td { (estimate(&learned.to_reference.of_medians, short)) }
                        td { (estimate(&family.learned_to_best.of_medians, short)) }
                        td { (family.contenders[family.best].name) }
                        td { (estimate(&learned.to_reference.median, short)) }
                        td { (short(learned.to_reference.p95)) }
                        td { (learned.diverged) }
                    }
                }
            }
        }
    }

    fn rules(&self) -> Markup {
        html! {
            table {
                tr {
                    th { "rule" } th { "ratio to bound(0.95), IQM" } th { "95th percentile" } th { "the best rule" }
                    th { "within twice the best" } th { "diverged" }
                }
                @for rule in &self.overall {
                    tr class=(class(rule.role)) {
                        td { (rule.name) } td { (estimate(&rule.ratio, short)) } td { (short(rule.p95)) }
                        @if let Some(shares) = rule.within {
                            @for share in shares { td { (format!("{:.0} %", 100.0 * share)) } }
                        } @else { td {} td {} }
                        td { (rule.diverged) }
                    }
                }
            }
        }
    }
}

fn section(family: &FamilyResult) -> Markup {
    html! {
        h3 { (family.name) }
        p {
            small {
                (family.instances) " instances, tuned on " (family.tuning) " others."
                @if let Some(inner) = family.inner_iterations {
                    " NeNMF took " (format!("{inner:.0}")) " inner iterations an update, where a rule takes one step."
                }
            }
        }
        div.wide {
            table {
                tr {
                    th { "rule" } th { "epochs to 10⁻¹" } th { "10⁻²" } th { "10⁻³" } th { "multiply-adds to 10⁻²" } th { "last gap" } th { "IQM" }
                    th { "ratio to bound(0.95), IQM" } th { "95th" } th { "diverged" }
                }
                @for (place, it) in family.contenders.iter().enumerate() { (row(it, place == family.best)) }
            }
        }
    }
}

fn row(it: &Contender, best: bool) -> Markup {
    html! {
        tr class=(class(it.role)) .best[best] {
            td { (it.name) }
            @for epochs in &it.epochs { td { (estimate(epochs, number)) } }
            td { (estimate(&it.cost[MAIN_TAU], number)) }
            td { (estimate(&it.gap, number)) } td { (estimate(&it.iqm, number)) } td { (estimate(&it.to_reference.iqm, short)) }
            td { (short(it.to_reference.p95)) } td { (it.diverged) }
        }
    }
}

fn class(role: Role) -> &'static str {
    match role {
        Role::Learned => "learned",
        Role::Ceiling => "ceiling",
        Role::Algorithm => "algorithm",
        Role::Reference | Role::Rival => "rule",
    }
}

fn estimate(Estimate { value, low, high }: &Estimate, text: fn(f64) -> String) -> Markup {
    html! { (text(*value)) " " small { "[" (text(*low)) ", " (text(*high)) "]" } }
}

fn grids(rivals: &[Rival]) -> Markup {
    html! {
        p { "Every combination was tried:" }
        ul {
            @for rival in rivals.iter().filter(|rival| !rival.axes.is_empty()) {
                li {
                    b { (rival.kind) } ": "
                    @for (place, axis) in rival.axes.iter().enumerate() {
                        @if place > 0 { " × " }
                        "{" (axis.iter().map(f32::to_string).collect::<Vec<_>>().join(", ")) "}"
                    }
                }
            }
        }
    }
}
