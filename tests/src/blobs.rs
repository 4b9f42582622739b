//! Policy blobs that differ in size and content.

use tinynmf_core::observe::OBSERVATIONS;
use tinynmf_core::policy::checksum;
use tinynmf_core::random::{Stream, generator};
use tinynmf_train::FloatPolicy;
use tinynmf_train::network::Network;
use tinynmf_train::normaliser::Scale;
use tinynmf_train::quantise::quantise;

/// A policy that nobody trained, with the given hidden layers.
#[must_use]
pub fn untrained(hidden: &[usize], seed: u64) -> Vec<u8> {
    let mut rng = generator(seed, Stream::Start);
    let network = Network::orthogonal(OBSERVATIONS, hidden, 1.0, &mut rng);
    let scale = Scale([[0.0, 0.5]; OBSERVATIONS]);
    quantise(&FloatPolicy { network, scale, limits: [-4.0, 3.0] })
}

/// The blob with its checksum, the last four bytes, made right.
pub fn repair(blob: &mut [u8]) {
    if let Some((content, end)) = blob.split_last_chunk_mut::<4>() {
        *end = checksum(content).to_le_bytes();
    }
}
