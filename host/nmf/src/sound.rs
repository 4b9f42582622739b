//! Sounds: their spectrograms, and each part of a factorised spectrogram as a sound of its own.

use std::io::Cursor;
use std::path::Path;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use realfft::num_complex::Complex;
use realfft::{FftError, RealFftPlanner};

use crate::error::{Error, Result};
use crate::matrix::source;
use crate::text::shown;

/// The length of a window in seconds, before it is rounded up to a power of two samples.
const WINDOW: f64 = 0.03;

/// Windows that overlap at any time.
const OVERLAP: usize = 4;

/// Σ of the squared windows over a sample below which it is faded: at both ends, where one window begins or ends.
const FADED: f32 = 1e-3;

/// The mean of all channels.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    name: String,
    /// -1 to 1 where the file has whole numbers.
    samples: Vec<f32>,
    /// Samples in a second.
    rate: u32,
}

/// The windows of a sound: periodic Hann windows of N samples (the power of two from 30 ms up) that move by N/4.
#[derive(Debug, Clone)]
pub struct Windows {
    /// N.
    pub size: usize,
    /// N/4.
    pub step: usize,
    /// How many fit.
    pub count: usize,
    weights: Vec<f32>,
}

impl Sound {
    /// Reads a `.wav` file.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self> {
        Self::from_bytes(&shown(path), &source::bytes(path)?)
    }

    /// Reads the `bytes` of a `.wav` file called `name`.
    ///
    /// # Errors
    ///
    /// Bytes that are none.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self> {
        let (samples, rate) = samples(bytes).map_err(|error| {
            let problem = format!("the sound cannot be read ({error})");
            Error::format(name, problem, "save it again as PCM, .wav")
        })?;
        Ok(Self { name: name.to_owned(), samples, rate })
    }

    /// Samples in a second.
    #[must_use]
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// The windows that fit.
    ///
    /// # Errors
    ///
    /// A sound shorter than one.
    pub fn windows(&self) -> Result<Windows> {
        let size = ((f64::from(self.rate) * WINDOW) as usize).max(16).next_power_of_two();
        let (step, length) = (size / OVERLAP, self.samples.len());
        let Some(count) = length.checked_sub(size).map(|spare| spare / step + 1) else {
            let problem = format!("the sound has {length} samples, and one window has {size}");
            return Err(Error::format(&self.name, problem, "name a longer sound"));
        };
        let turn = std::f64::consts::TAU / size as f64;
        let weights = (0..size).map(|k| (0.5 - 0.5 * libm::cos(turn * k as f64)) as f32).collect();
        Ok(Windows { size, step, count, weights })
    }

    /// Shows `see` the spectrum of every window, N/2 + 1 frequencies from 0 to half the sampling rate.
    ///
    /// # Errors
    ///
    /// Those of [`Sound::windows`] and of `see`.
    pub fn spectra(&self, mut see: impl FnMut(usize, &[Complex<f32>]) -> Result<()>) -> Result<()> {
        let windows = self.windows()?;
        let transform = RealFftPlanner::<f32>::new().plan_fft_forward(windows.size);
        let mut input = transform.make_input_vec();
        let mut output = transform.make_output_vec();
        for time in 0..windows.count {
            let piece = &self.samples[time * windows.step..][..windows.size];
            for ((x, sample), weight) in input.iter_mut().zip(piece).zip(&windows.weights) {
                *x = sample * weight;
            }
            transform.process(&mut input, &mut output).map_err(|error| self.bug(&error))?;
            see(time, &output)?;
        }
        Ok(())
    }

    /// Sound of each of the r parts, for the W (frequencies × r) and H (r × windows) of the spectrogram, both by
    /// rows: part k gets the share W_ik H_kj / (WH)_ij of every frequency of every window, so that the parts add up to
    /// the sound.
    ///
    /// # Errors
    ///
    /// Factors of another shape, or a sound shorter than a window.
    pub fn parts(&self, w: &[f32], h: &[f32], rank: usize) -> Result<Vec<Vec<f32>>> {
        let windows = self.windows()?;
        let Windows { size, step, count, weights } = &windows;
        let frequencies = size / 2 + 1;
        if [w.len(), h.len()] != [frequencies * rank, rank * count] {
            let problem = format!("its spectrogram is {frequencies} x {count}, unlike the factors");
            return Err(Error::format(&self.name, problem, "give the factors of this sound"));
        }
        let transform = RealFftPlanner::<f32>::new().plan_fft_inverse(*size);
        let (mut spectrum, mut output) = (transform.make_input_vec(), transform.make_output_vec());
        let mut parts = vec![vec![0.0; self.samples.len()]; rank];
        self.spectra(|time, whole| {
            for (k, part) in parts.iter_mut().enumerate() {
                for ((part, whole), w) in spectrum.iter_mut().zip(whole).zip(w.chunks(rank)) {
                    let of = |k: usize| w[k] * h[k * count + time];
                    let all: f32 = (0..rank).map(of).sum();
                    let share = if all > 0.0 { of(k) / all } else { 1.0 / rank as f32 };
                    *part = whole * (share / *size as f32);
                }
                transform.process(&mut spectrum, &mut output).map_err(|error| self.bug(&error))?;
                let place = &mut part[time * step..][..*size];
                for ((sum, x), weight) in place.iter_mut().zip(&output).zip(weights) {
                    *sum += x * weight;
                }
            }
            Ok(())
        })?;
        let mut squares = vec![0.0_f32; self.samples.len()];
        for time in 0..*count {
            let place = &mut squares[time * step..][..*size];
            place.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight * weight);
        }
        for part in &mut parts {
            part.iter_mut().zip(&squares).for_each(|(x, square)| *x /= square.max(FADED));
        }
        Ok(parts)
    }

    /// The bytes of a `.wav` file of `samples` at this sound's rate, as floats on one channel.
    ///
    /// # Errors
    ///
    /// More samples than such a file can hold.
    pub fn wav(&self, samples: &[f32]) -> Result<Vec<u8>> {
        let spec = WavSpec {
            channels: 1,
            sample_rate: self.rate,
            bits_per_sample: 32,
            sample_format: SampleFormat::Float,
        };
        let mut file = Cursor::new(Vec::new());
        let written = WavWriter::new(&mut file, spec).and_then(|mut writer| {
            samples.iter().try_for_each(|sample| writer.write_sample(*sample))?;
            writer.finalize()
        });
        written.map_err(|error| {
            let problem = format!("a part of it cannot be written ({error})");
            Error::format(&self.name, problem, "name a shorter sound")
        })?;
        Ok(file.into_inner())
    }

    fn bug(&self, error: &FftError) -> Error {
        Error::format(&self.name, error.to_string(), "report this as a bug")
    }
}

impl Windows {
    /// Σ of the window.
    #[must_use]
    pub fn sum(&self) -> f32 {
        self.weights.iter().sum()
    }
}

/// The mean of all channels, -1 to 1 where samples are whole numbers, and the samples in a second.
fn samples(bytes: &[u8]) -> Result<(Vec<f32>, u32), hound::Error> {
    let reader = WavReader::new(Cursor::new(bytes))?;
    let spec = reader.spec();
    let channels = usize::from(spec.channels.max(1));
    let all: Vec<f32> = match spec.sample_format {
        SampleFormat::Float => reader.into_samples::<f32>().collect::<Result<_, _>>()?,
        SampleFormat::Int => {
            let largest = libm::exp2f(f32::from(spec.bits_per_sample.max(1) - 1));
            let scaled = |sample: Result<i32, _>| sample.map(|sample| sample as f32 / largest);
            reader.into_samples::<i32>().map(scaled).collect::<Result<_, _>>()?
        }
    };
    let mean = |frame: &[f32]| frame.iter().sum::<f32>() / channels as f32;
    Ok((all.chunks_exact(channels).map(mean).collect(), spec.sample_rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 500 Hz and 1500 Hz, each the louder for half a second.
    fn chords() -> (Sound, [Vec<f32>; 2]) {
        let tone = |hertz: f64, from: usize| -> Vec<f32> {
            let at = |k: usize| libm::sin(std::f64::consts::TAU * hertz * k as f64 / 8000.0);
            let volume = |k: usize| if (from..from + 4000).contains(&k) { 0.5 } else { 0.05 };
            (0..8000).map(|k| volume(k) * at(k) as f32).collect()
        };
        let tones = [tone(500.0, 0), tone(1500.0, 4000)];
        let samples = tones[0].iter().zip(&tones[1]).map(|(a, b)| a + b).collect();
        (Sound { name: "v.wav".to_owned(), samples, rate: 8000 }, tones)
    }

    #[test]
    fn parts_are_the_tones_and_add_up_to_the_sound() {
        let (sound, tones) = chords();
        let windows = sound.windows().unwrap();
        // Part 0 below 1000 Hz, part 1 above, both at all times.
        let frequencies = windows.size / 2 + 1;
        let w: Vec<f32> =
            (0..frequencies).flat_map(|k| if k < 32 { [1.0, 0.0] } else { [0.0, 1.0] }).collect();
        let parts = sound.parts(&w, &vec![1.0; 2 * windows.count], 2).unwrap();
        // Not where the volumes change, which is heard at all frequencies.
        let inner = || (256..3700).chain(4300..7500);
        for (part, tone) in parts.iter().zip(&tones) {
            let wrong: f32 = inner().map(|k| (part[k] - tone[k]).abs()).fold(0.0, f32::max);
            assert!(wrong < 0.02, "{wrong}");
        }
        for k in inner() {
            assert!((parts[0][k] + parts[1][k] - sound.samples[k]).abs() < 1e-5);
        }
        assert!(sound.parts(&w, &[1.0; 2], 2).is_err());
    }

    #[test]
    fn what_is_written_is_read_again() {
        let (sound, _) = chords();
        let bytes = sound.wav(&sound.samples).unwrap();
        assert_eq!(Sound::from_bytes("v.wav", &bytes).unwrap(), sound);
    }
}
