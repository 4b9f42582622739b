//! The place of work: makes runs, keeps them in files, and takes up what is there already.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use rayon::prelude::*;
use tinynmf::descent::Workload;
use tinynmf::error::Result;
use tinynmf::output::{self, OutputFolder};
use tinynmf::seeds::Purpose;

use super::record::{Choice, Record};
use super::setup::Setup;

/// A run that is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// Name of its file.
    pub name: String,
    /// How α is chosen.
    pub choice: Choice,
    /// The instance of the problem.
    pub instance: (Purpose, u64),
    /// Seed of batches and random rules.
    pub seed: u64,
    /// The run ends when F falls below this; 0 for all epochs.
    pub end: f32,
}

/// An event in the lab, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// So many epochs were done.
    Done(u64),
    /// So many need not be done.
    Spared(u64),
}

/// Makes runs, or takes them from the files where it keeps them.
pub struct Lab<'a> {
    /// The problem's scale.
    pub setup: &'a Setup,
    folder: OutputFolder,
    instances: Mutex<BTreeMap<(u8, u64), Workload>>,
    each: &'a (dyn Fn(Event) + Sync),
}

impl<'a> Lab<'a> {
    /// A lab that keeps its runs in `folder` and tells `each` about its work, from many threads.
    #[must_use]
    pub fn new(setup: &'a Setup, folder: OutputFolder, each: &'a (dyn Fn(Event) + Sync)) -> Self {
        Self { setup, folder, instances: Mutex::default(), each }
    }

    /// The path of a file that outlasts the program.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.file(name)
    }

    /// Reports work.
    pub fn tell(&self, event: Event) {
        (self.each)(event);
    }

    /// An instance of the problem; those that were asked for before are shared.
    ///
    /// # Panics
    ///
    /// Never: no thread panics while it makes an instance.
    pub fn instance(&self, (purpose, index): (Purpose, u64)) -> Workload {
        let mut instances = self.instances.lock().expect("no thread has panicked");
        let key = (purpose as u8, index);
        instances.entry(key).or_insert_with(|| self.setup.instance(purpose, index)).clone()
    }

    /// The records of `orders`, in their order; made on all cores.
    ///
    /// # Errors
    ///
    /// A file that cannot be written, or that holds no record.
    pub fn runs(&self, orders: Vec<Order>) -> Result<Vec<Record>> {
        orders.into_par_iter().map(|order| self.run(order)).collect()
    }

    fn run(&self, Order { name, choice, instance, seed, end }: Order) -> Result<Record> {
        let (path, epochs) = (self.file(&format!("{name}.csv")), u64::from(self.setup.epochs));
        if path.exists() {
            self.tell(Event::Spared(epochs));
            return Record::read(&path);
        }
        let record = Record::play(self.setup, &self.instance(instance), choice, seed, end);
        output::write(&path, |file| record.write(file))?;
        self.tell(Event::Done(epochs));
        Ok(record)
    }
}
