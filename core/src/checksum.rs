//! A checksum of words, for state that is saved in RAM often: two 32-bit lanes that take turns, four instructions a word
//! on a Cortex-M4.
//!
//! A lane takes in a word w by s ← (rotl(s, 5) ⊕ w)·K with an odd K. Each step is a bijection of s for a given w, and of w
//! for a given s: so every change within one word is found, however large. Other changes, a mix of two saves say, or what
//! RAM holds after power-up, pass with a probability of about 2⁻³² where they lie in words of one lane alone, and 2⁻⁶⁴
//! otherwise. It is no defence against a forger. (FxHash of Firefox, in 32 bits, twice.)

/// 2³² over the golden ratio, odd.
const K: u32 = 0x9E37_79B1;

/// The two lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checksum {
    lanes: [u32; 2],
}

impl Checksum {
    /// Of nothing: not what words of zeros or ones leave.
    pub const fn new() -> Self {
        Self { lanes: [0x7E57_ED01, 0x0DDB_A115] }
    }

    /// Takes in one word.
    #[inline]
    pub fn word(&mut self, word: u32) {
        let [first, second] = self.lanes;
        self.lanes = [second, mix(first, word)];
    }

    /// Takes in floats, bit by bit.
    #[inline]
    pub fn floats(&mut self, x: &[f32]) {
        let (pairs, rest) = x.as_chunks::<2>();
        let [mut first, mut second] = self.lanes;
        for [a, b] in pairs {
            first = mix(first, a.to_bits());
            second = mix(second, b.to_bits());
        }
        self.lanes = [first, second];
        rest.iter().for_each(|x| self.word(x.to_bits()));
    }

    /// Takes in floats while it copies them.
    #[inline]
    pub fn copied(&mut self, to: &mut [f32], from: &[f32]) {
        let (from, from_rest) = from.as_chunks::<2>();
        let (to, to_rest) = to.as_chunks_mut::<2>();
        let [mut first, mut second] = self.lanes;
        for (to, from) in to.iter_mut().zip(from) {
            first = mix(first, from[0].to_bits());
            second = mix(second, from[1].to_bits());
            *to = *from;
        }
        self.lanes = [first, second];
        for (to, from) in to_rest.iter_mut().zip(from_rest) {
            self.word(from.to_bits());
            *to = *from;
        }
    }

    /// Both lanes.
    pub fn value(self) -> u64 {
        let [first, second] = self.lanes;
        u64::from(first) << 32 | u64::from(second)
    }
}

#[inline]
fn mix(lane: u32, word: u32) -> u32 {
    (lane.rotate_left(5) ^ word).wrapping_mul(K)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[u32]) -> u64 {
        let mut sum = Checksum::new();
        words.iter().for_each(|word| sum.word(*word));
        sum.value()
    }

    #[test]
    fn every_bit_of_every_word_counts() {
        let words: [u32; 40] = core::array::from_fn(|i| (i as u32).wrapping_mul(0x1234_5677));
        for i in 0..words.len() {
            for bit in 0..32 {
                let mut other = words;
                other[i] ^= 1 << bit;
                assert_ne!(of(&other), of(&words), "bit {bit} of word {i}");
            }
        }
        // Two signs, an even number of words apart: what sums of words do not see.
        let mut other = words;
        (other[3], other[9]) = (words[3] ^ 1 << 31, words[9] ^ 1 << 31);
        assert_ne!(of(&other), of(&words));
        assert_ne!(of(&words[..39]), of(&words));
        assert!(of(&[0; 8]) != 0 && of(&[u32::MAX; 8]) != u64::MAX);
    }

    #[test]
    fn words_and_floats_and_copies_have_one_sum() {
        let floats: [f32; 11] = core::array::from_fn(|i| i as f32 - 3.5);
        for (start, end) in [(0, 11), (0, 10), (1, 8)] {
            let x = &floats[start..end];
            let (mut one, mut two, mut three) = (Checksum::new(), Checksum::new(), Checksum::new());
            x.iter().for_each(|x| one.word(x.to_bits()));
            two.floats(x);
            let mut copy = [0.0; 11];
            three.copied(&mut copy[start..end], x);
            assert_eq!((two, three), (one, one));
            assert_eq!(copy[start..end], floats[start..end]);
        }
    }
}
