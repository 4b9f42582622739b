//! WAV sounds as spectrograms: how loud every frequency is at every time.

use super::options::ReadOptions;
use super::{Input, Matrix, checked};
use crate::error::{Error, Fault, Place, Result};
use crate::sound::Sound;

/// The magnitude spectrogram |STFT|, frequencies × times, of the mean of all channels.
///
/// The rows are the frequencies and the columns the windows of [`Sound::spectra`]. A magnitude is divided by the sum of the
/// window: a sine of amplitude a has a/2 in its row.
pub(super) fn parse(name: &str, bytes: &[u8], _: ReadOptions) -> Result<Input> {
    let sound = Sound::from_bytes(name, bytes)?;
    let windows = sound.windows()?;
    let (size, step, times) = (windows.size, windows.step, windows.count);
    let (frequencies, sum) = (size / 2 + 1, windows.sum());
    let mut entries = vec![0.0; frequencies * times];
    sound.spectra(|time, spectrum| {
        for (frequency, value) in spectrum.iter().enumerate() {
            let magnitude = checked(f64::from(value.norm() / sum));
            entries[frequency * times + time] = magnitude.map_err(|fault: Fault| {
                let place = Place::Row(frequency + 1, time + 1);
                Error::Entry { path: name.to_owned(), place, fault }
            })?;
        }
        Ok(())
    })?;
    let rate = f64::from(sound.rate());
    let hertz =
        (0..frequencies).map(|k| format!("{:.1} Hz", k as f64 * rate / size as f64)).collect();
    let middle = |k: usize| (k * step + size / 2) as f64 / rate;
    let seconds = (0..times).map(|k| format!("{:.4} s", middle(k))).collect();
    let matrix = Matrix::from_checked(name, frequencies, times, entries)?;
    let note = format!("spectrogram, frequencies by times, windows of {size} samples every {step}");
    Ok(Input::Dense(matrix.with_names(Some(hertz), Some(seconds)).with_notes([note])))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use hound::{SampleFormat, WavSpec, WavWriter};

    use super::*;

    /// A second of 1000 Hz on the left, silence on the right.
    fn sine(bits: u16, format: SampleFormat) -> Vec<u8> {
        let spec = WavSpec {
            channels: 2,
            sample_rate: 8000,
            bits_per_sample: bits,
            sample_format: format,
        };
        let mut file = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut file, spec).unwrap();
        for k in 0..8000 {
            let value = 0.5 * libm::sin(std::f64::consts::TAU * f64::from(k) / 8.0);
            for value in [value, 0.0] {
                match format {
                    SampleFormat::Float => writer.write_sample(value as f32).unwrap(),
                    SampleFormat::Int => {
                        let largest = f64::from(1_i32 << (bits - 1));
                        writer.write_sample((value * largest) as i32).unwrap();
                    }
                }
            }
        }
        writer.finalize().unwrap();
        file.into_inner()
    }

    #[test]
    fn a_sine_is_loud_in_its_own_row_only() {
        for (bits, format) in [
            (8, SampleFormat::Int),
            (16, SampleFormat::Int),
            (24, SampleFormat::Int),
            (32, SampleFormat::Float),
        ] {
            let Input::Dense(it) =
                parse("v.wav", &sine(bits, format), ReadOptions::default()).unwrap()
            else {
                panic!("sparse")
            };
            // Windows of 256 samples, 31.25 Hz apart: 1000 Hz is row 32; (8000 - 256)/64 + 1 fit.
            assert_eq!((it.rows(), it.cols()), (129, 122));
            assert_eq!(it.row_names().unwrap()[32], "1000.0 Hz");
            assert_eq!(it.column_names().unwrap()[..2], ["0.0160 s", "0.0240 s"]);
            let (entries, cols) = (it.entries(), it.cols());
            for time in 0..cols {
                let at = |row: usize| entries[row * cols + time];
                // Amplitude 0.5 on one of two channels: 0.25 in the mean, half of it in the row.
                assert!((at(32) - 0.125).abs() < 2e-3, "{bits}: {}", at(32));
                assert!((at(31) - 0.0625).abs() < 2e-3 && at(40) < 2e-3, "{bits}");
            }
        }
    }

    #[test]
    fn a_sound_beyond_all_numbers_is_refused_with_its_frequency_and_time() {
        let mut bytes = sine(32, SampleFormat::Float);
        // Sample 4000, of two channels with four bytes each, after all windows up to the 59th.
        let at = bytes.len() - 8 * 4000;
        bytes[at..at + 4].copy_from_slice(&1e30_f32.to_le_bytes());
        let refusal = parse("v.wav", &bytes, ReadOptions::default()).unwrap_err().to_string();
        assert!(refusal.contains("row 1, column 60 (counted from 1) is too large"), "{refusal}");
    }

    #[test]
    fn refuses_what_is_cut_off_or_too_short() {
        let whole = sine(16, SampleFormat::Int);
        for length in [0, 12, 30, 44, 101] {
            assert!(parse("v.wav", &whole[..length], ReadOptions::default()).is_err(), "{length}");
        }
    }
}
