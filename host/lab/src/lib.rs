#![forbid(unsafe_code)]
//! The experiments of tinynmf measure rules and policies, and show the results.
//!
//! A schedule is only as good as the runs that measured it. The lab plays rules side by side from the same starts. It gives
//! intervals, and tunes the rivals on other problems. It runs firmware in emulators, and writes tables, pictures and pages.
//! It makes most numbers of the README.
//!
//! ```
//! use tinynmf::core::{Policy, policy::SHIPPED};
//! use tinynmf::{digits, rule_name};
//! use tinynmf_lab::compare::{Plan, compare};
//!
//! let policy = Policy::from_bytes(SHIPPED).expect("the policy that ships is intact");
//! let rules = rule_name::parse_list("bound(0.95),learned", &policy)?;
//! let plan = Plan { rank: 4, seeds: 2, epochs: 30, batch: 1.0 };
//! let comparison = compare(&digits::first(40), &rules, plan, || ())?;
//! assert_eq!(comparison.runs.len(), 4); // two rules, two starts each
//! for run in &comparison.runs {
//!     println!("{} from start {}: gap 0.1 after {:?} epochs", run.rule, run.seed, run.epochs_to.tenth);
//! }
//! # Ok::<(), tinynmf::error::Error>(())
//! ```
//!
//! | for | see |
//! |---|---|
//! | rules side by side on one matrix | [`compare`](mod@compare) |
//! | a policy against tuned rivals on families of problems, with intervals | [`evaluate`](mod@evaluate) |
//! | the behaviour of a policy: ablations, schedules, long runs | [`study`] |
//! | the paper's figures | [`reproduce`](mod@reproduce) |
//! | firmware in emulators: bits, instructions, flash; the log of a board | [`device`], [`monitor`] |
//! | a policy's parts; a training's learning curve | [`inspect`], [`curve`] |
//! | a factorisation as a page: its parts, its worst rows | [`parts`] |
//! | multinomial logistic regression, for features that are few | [`logistic`] |
//! | pictures and pages | [`plot`], [`html`] |
//!
//! Read on in [`tinynmf`] for matrices and runs, and in [`tinynmf_train`] for policies and their training.

pub mod compare;
pub mod curve;
pub mod device;
pub mod evaluate;
pub mod filter;
pub mod html;
pub mod inspect;
pub mod logistic;
pub mod matrices;
pub mod monitor;
pub mod parts;
pub mod plot;
pub mod reproduce;
pub mod schedule;
pub mod study;
