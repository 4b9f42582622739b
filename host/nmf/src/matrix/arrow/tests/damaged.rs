//! Files that are damaged, hostile, or of a kind that is not read.

use arrow_ipc::reader::read_footer_length;
use arrow_ipc::writer::StreamWriter;
use arrow_ipc::{Block, root_as_footer, root_as_message};

use super::*;
use tinynmf_core::random::{Stream, generator, uniform};

/// `write_feather(table({"n": [3.0] * 40}), "zstd.feather", compression="zstd")`, with pyarrow 26.0.1.
const ZSTD: &[u8] = include_bytes!("zstd.feather");

#[test]
fn what_cannot_be_read_is_told() {
    let batch = RecordBatch::try_from_iter([("n", whole(&[3, 1]))]).unwrap();
    let mut stream = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    stream.write(&batch).unwrap();
    assert_eq!(
        refusal(&stream.into_inner().unwrap()),
        "v.arrow: this is an Arrow stream, not a file; save the table with pandas' to_feather"
    );
    let nothing = refusal(b"1,2");
    assert!(nothing.contains("it does not begin with ARROW1"), "{nothing}");
    assert!(refusal(&file(&[&[("n", whole(&[]))]])).contains("empty (0 x 1)"));
    assert_eq!(
        refusal(ZSTD),
        "v.arrow: its columns are compressed with zstd, which is not read; \
         save it with the compression lz4 or uncompressed"
    );
}

/// The bytes of a file, with `old` as `new` wherever it stands.
fn changed(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let places = (0..=bytes.len() - old.len()).filter(|at| bytes[*at..].starts_with(old));
    places.for_each(|at| changed[at..][..new.len()].copy_from_slice(new));
    assert_ne!(changed, bytes);
    changed
}

#[test]
fn what_a_small_file_claims_takes_no_memory() {
    let packed = file(&[&[("x", whole(&[3; 99]))]]);
    let magic_of_lz4 = [0x04, 0x22, 0x4d, 0x18];
    let prefix = |length: u64| [&length.to_le_bytes()[..], &magic_of_lz4].concat();
    let large = refusal(&changed(&packed, &prefix(4 * 99), &prefix(1 << 40)));
    assert!(large.contains("a column claims more than it can hold"), "{large}");

    let rows: ArrayRef = Arc::new(NullArray::new(1 << 25));
    let rows = refusal(&file(&[&[("none", rows)]]));
    assert!(rows.contains("bytes claim 33554432 rows"), "{rows}");

    let name = "a".repeat(1 << 15);
    let levels = DictionaryArray::<Int8Type>::new(vec![0; 600].into(), text(&[&name]));
    let names = file(&[&[("who", Arc::new(levels)), ("x", whole(&[3; 600]))]]);
    assert!(names.len() < 4_000, "{}", names.len());
    let names = refusal(&names);
    assert!(names.contains("its names are too long"), "{names}");
}

#[test]
fn a_problem_that_is_told_in_several_lines_becomes_one() {
    let (rest, end) = PANDAS.split_last_chunk().unwrap();
    let footer = rest.len() - read_footer_length(*end).unwrap();
    let mut bytes = PANDAS.to_vec();
    // Where the footer's table begins.
    bytes[footer..footer + 4].copy_from_slice(&(12_u32 << 16).to_le_bytes());
    assert_eq!(
        refusal(&bytes),
        "v.arrow: the table cannot be read (Range [786432, 786436) is out of bounds); \
         the file is damaged, so copy or save it again"
    );
}

#[test]
fn bytes_are_not_read_again_and_again() {
    let varied = whole(&(0..999).map(|at| at * at).collect::<Vec<_>>());
    let bytes = file(&[
        &[("x", varied), ("y", whole(&[3; 999]))],
        &[("x", whole(&[3])), ("y", whole(&[4]))],
    ]);
    let (rest, end) = bytes.split_last_chunk().unwrap();
    let footer = &rest[rest.len() - read_footer_length(*end).unwrap()..];
    let blocks = root_as_footer(footer).unwrap().recordBatches().unwrap();
    let messages = refusal(&changed(&bytes, &blocks.get(1).0, &blocks.get(0).0));
    assert!(messages.contains("its messages overlap"), "{messages}");

    // The length of a message's metadata and its mark take 8 bytes.
    let message = root_as_message(&bytes[blocks.get(0).offset() as usize + 8..]).unwrap();
    let buffers = message.header_as_record_batch().unwrap().buffers().unwrap();
    let columns = refusal(&changed(&bytes, &buffers.get(3).0, &buffers.get(1).0));
    assert!(columns.contains("its columns overlap"), "{columns}");
}

#[test]
fn a_message_has_no_less_than_no_bytes() {
    let bytes = file(&[&[("x", whole(&[3, 4]))]]);
    let (rest, end) = bytes.split_last_chunk().unwrap();
    let footer = &rest[rest.len() - read_footer_length(*end).unwrap()..];
    let block = root_as_footer(footer).unwrap().recordBatches().unwrap().get(0);
    for (metadata, body) in [(-8, 64), (64, -8)] {
        let negative = Block::new(block.offset(), metadata, body);
        let refusal = refusal(&changed(&bytes, &block.0, &negative.0));
        assert!(refusal.contains("a message lies outside of it"), "{refusal}");
    }
}

#[test]
fn files_that_end_anywhere_are_refused() {
    let packed = file(&[&[("x", whole(&[3; 99]))]]);
    for whole in [PANDAS, &packed] {
        for end in 0..whole.len() {
            let refusal = refusal(&whole[..end]);
            assert!(refusal.starts_with("v.arrow: "), "{refusal}");
        }
    }
}

#[test]
fn damaged_files_are_refused_or_read_but_never_panic() {
    let levels = (0..99).map(|_| Some("a name")).collect::<DictionaryArray<Int8Type>>();
    let packed = file(&[&[("who", Arc::new(levels)), ("x", whole(&[3; 99]))]]);
    let mut rng = generator(7, Stream::Noise);
    let mut draw = |below: usize| (uniform(&mut rng) * below as f32) as usize;
    let mut accepted = 0;
    for whole in [PANDAS, &packed] {
        for _ in 0..3_000 {
            let mut bytes = whole.to_vec();
            for _ in 0..=draw(4) {
                let at = draw(bytes.len());
                bytes[at] = draw(256) as u8;
            }
            if let Ok(input) = parse("v.arrow", &bytes, MISSING) {
                let Input::Dense(matrix) = input else { panic!("sparse") };
                assert!(matrix.entries().iter().all(|it| it.is_finite() && *it >= 0.0));
                accepted += 1;
            }
        }
    }
    assert!(accepted > 300, "{accepted}");
}
