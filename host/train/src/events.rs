//! The learning curve as a TensorBoard event file, written as training goes on.
//!
//! A file is a row of TFRecords: length (u64), its checksum, an `Event` message, its checksum; all
//! little-endian, checksums are CRC-32C rotated and offset. Records are appended one iteration at a time,
//! so that TensorBoard can follow. What a killed run has left behind is cut back to the iterations that
//! its checkpoint knows, so that the curve of a resumed run is whole and has no point twice.
//!
//! | tag | what, of an iteration |
//! |---|---|
//! | `reward`, `discounted` | mean of the episodes' rewards' sum, plain and discounted |
//! | `deviation` | standard deviation of what explores |
//! | `kl`, `clipped`, `explained`, `policy_loss`, `value_loss`, `entropy` | of the update, as in `curve.csv`; PPO only |
//! | `learning_rate` | of the policy network |
//! | `validation/cost`, `validation/reward` | on problems held out, see [`validation`](crate::validation); mode schedule, every few iterations |
//! | `steps_per_second` | epochs of all its episodes, by its time with update |

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tinynmf::input;

use crc::{CRC_32_ISCSI, Crc};
use prost::Message;
use tinynmf::error::{Error, Result};

use super::progress::Progress;
use super::validation::Score;

/// TensorBoard takes every file with `tfevents` in its name.
pub const FILE_NAME: &str = "events.out.tfevents.tinynmf";

/// Content of a file's first record.
const VERSION: &str = "brain.Event:2";

/// An event file under way.
#[derive(Debug)]
pub struct Events {
    path: PathBuf,
    file: File,
}

impl Events {
    /// Begins the file at `path`, or takes it up again after the iterations of `curve`.
    ///
    /// It writes again the iterations that the file has lost, without their speed, which no other file knows.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn open(path: &Path, curve: &[Progress]) -> Result<Self> {
        Self::try_open(path, curve).map_err(|source| Error::write(path, source))
    }

    fn try_open(path: &Path, curve: &[Progress]) -> io::Result<Self> {
        let old = match std::fs::metadata(path) {
            Ok(it) if it.is_file() => input::read(path, input::EVENTS).unwrap_or_default(),
            _ => Vec::new(),
        };
        let (kept, length) = whole(&old, curve.len());
        let mut file = File::options().create(true).write(true).truncate(false).open(path)?;
        let mut missing = Vec::new();
        if kept == curve.len() && length > 0 {
            file.set_len(length as u64)?;
            file.seek(SeekFrom::End(0))?;
        } else {
            file.set_len(0)?;
            missing = record(&Event { file_version: Some(VERSION.to_owned()), ..Event::now(0) });
            for (iteration, progress) in curve.iter().enumerate() {
                missing.extend(record(&event(iteration, progress, None)));
            }
        }
        file.write_all(&missing)?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Appends one iteration, whose `epochs` of all episodes took `time`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn append(
        &mut self,
        iteration: usize,
        progress: &Progress,
        epochs: usize,
        time: Duration,
    ) -> Result<()> {
        let speed = epochs as f32 / time.as_secs_f32();
        let bytes = record(&event(iteration, progress, Some(speed)));
        self.file.write_all(&bytes).map_err(|source| Error::write(&self.path, source))
    }
}

/// How many iterations from the first one on, at most `limit`, a file holds undamaged; and their bytes.
fn whole(file: &[u8], limit: usize) -> (usize, usize) {
    let (mut iterations, mut length) = (0, 0);
    for (event, end) in records(file) {
        match event {
            Event { file_version: Some(_), .. } if length == 0 => {}
            Event { summary: Some(_), step, .. }
                if length > 0 && iterations < limit && usize::try_from(step) == Ok(iterations) =>
            {
                iterations += 1;
            }
            _ => break,
        }
        length = end;
    }
    (iterations, length)
}

/// A file's events and where each ends, up to the first damage.
fn records(file: &[u8]) -> impl Iterator<Item = (Event, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (length, rest) = file.get(at..)?.split_first_chunk::<8>()?;
        let (check, rest) = rest.split_first_chunk::<4>()?;
        let size = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (data, rest) = rest.split_at_checked(size)?;
        let sound = *check == checksum(length) && rest.starts_with(&checksum(data));
        at += 8 + 4 + size + 4;
        sound.then(|| Event::decode(data).ok().map(|event| (event, at)))?
    })
}

fn record(event: &Event) -> Vec<u8> {
    let data = event.encode_to_vec();
    let length = (data.len() as u64).to_le_bytes();
    [&length[..], &checksum(&length), &data, &checksum(&data)].concat()
}

/// The masked CRC-32C of TFRecord: plain ones of data that holds checksums itself would be weak.
fn checksum(data: &[u8]) -> [u8; 4] {
    const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
    CRC.checksum(data).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

fn event(iteration: usize, progress: &Progress, speed: Option<f32>) -> Event {
    let Progress { reward, discounted, log_deviation, update, validation, .. } = *progress;
    let deviation = libm::expf(log_deviation);
    let mut scalars = vec![
        ("reward", reward),
        ("discounted", discounted),
        ("deviation", deviation),
        ("learning_rate", update.rate),
    ];
    if update.passes > 0 {
        let (kl, clipped, explained) = (update.kl, update.clipped, update.explained);
        scalars.extend([("kl", kl), ("clipped", clipped), ("explained", explained)]);
        scalars.extend([
            ("policy_loss", update.policy_loss),
            ("value_loss", update.value_loss),
            ("entropy", update.entropy),
        ]);
    }
    if let Some(Score { cost, reward }) = validation {
        scalars.extend([("validation/cost", cost), ("validation/reward", reward)]);
    }
    scalars.extend(speed.map(|speed| ("steps_per_second", speed)));
    let scalar = |(tag, value): (&str, f32)| Scalar { tag: tag.to_owned(), value: Some(value) };
    let values = scalars.into_iter().map(scalar).collect();
    Event { summary: Some(Summary { values }), ..Event::now(iteration.cast_signed() as i64) }
}

/// `tensorflow.Event`, as far as scalars need it.
#[derive(Clone, PartialEq, Message)]
struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

impl Event {
    fn now(step: i64) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { wall_time: now.as_secs_f64(), step, ..Self::default() }
    }
}

/// `tensorflow.Summary`.
#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    values: Vec<Scalar>,
}

/// `tensorflow.Summary.Value` with a `simple_value`.
#[derive(Clone, PartialEq, Message)]
struct Scalar {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    value: Option<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve() -> Vec<Progress> {
        let progress = |i| Progress { reward: i as f32, ..Progress::default() };
        let mut curve: Vec<Progress> = (0..6).map(progress).collect();
        curve[3].update.passes = 4;
        curve[4].validation = Some(Score { cost: 3.5, reward: 29.0 });
        curve
    }

    fn write(events: &mut Events, curve: &[Progress], iterations: std::ops::Range<usize>) {
        let second = Duration::from_secs(1);
        for i in iterations {
            events.append(i, &curve[i], 500, second).unwrap();
        }
    }

    fn tags(file: &[u8], tag: &str) -> Vec<(i64, f32)> {
        let scalars = |event: Event| {
            let values = event.summary.unwrap_or_default().values.into_iter();
            values.map(move |scalar| (event.step, scalar.tag, scalar.value.unwrap()))
        };
        let all = records(file).flat_map(|(event, _)| scalars(event));
        all.filter(|(_, name, _)| name == tag).map(|(step, _, value)| (step, value)).collect()
    }

    #[test]
    fn checksums_are_those_of_tfrecord() {
        // The header of every record of 24 bytes, as TensorFlow writes it.
        assert_eq!(checksum(&24_u64.to_le_bytes()), [0xa3, 0x7f, 0x4b, 0x22]);
    }

    #[test]
    fn a_resumed_file_has_every_iteration_once() {
        let (folder, curve) = (tempfile::tempdir().unwrap(), curve());
        let path = folder.path().join(FILE_NAME);
        write(&mut Events::open(&path, &[]).unwrap(), &curve, 0..5);
        let mut torn = std::fs::read(&path).unwrap();
        torn.truncate(torn.len() - 3);
        std::fs::write(&path, torn).unwrap();
        // The checkpoint is two iterations behind the file.
        write(&mut Events::open(&path, &curve[..3]).unwrap(), &curve, 3..6);
        let file = std::fs::read(&path).unwrap();
        assert_eq!(whole(&file, 99), (6, file.len()));
        let rewards: Vec<_> = (0..6_u8).map(|i| (i.into(), i.into())).collect();
        assert_eq!(tags(&file, "reward"), rewards);
        assert_eq!(tags(&file, "deviation").len(), 6);
        for tag in ["kl", "policy_loss", "value_loss", "entropy"] {
            assert_eq!(
                tags(&file, tag),
                [(3, 0.0)],
                "{tag}: only where there was an update of PPO"
            );
        }
        assert_eq!(tags(&file, "validation/cost"), [(4, 3.5)]);
        assert_eq!(tags(&file, "validation/reward"), [(4, 29.0)]);
        assert_eq!(tags(&file, "learning_rate").len(), 6);
        assert!(tags(&file, "steps_per_second").iter().all(|(_, speed)| *speed > 499.0));
    }

    #[test]
    fn a_lost_file_is_written_anew_from_the_curve() {
        let (folder, curve) = (tempfile::tempdir().unwrap(), curve());
        let path = folder.path().join(FILE_NAME);
        for junk in [&b""[..], b"junk", &[0; 40], &[255; 40]] {
            std::fs::write(&path, junk).unwrap();
            write(&mut Events::open(&path, &curve[..4]).unwrap(), &curve, 4..6);
            let file = std::fs::read(&path).unwrap();
            assert_eq!(whole(&file, 99), (6, file.len()));
            assert_eq!(tags(&file, "steps_per_second").len(), 2);
        }
    }
}
