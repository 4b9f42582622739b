//! Whatever the bytes, a reader answers with a matrix or with one sentence: it never panics and never takes long.

use proptest::prelude::*;
use tinynmf::matrix::{Choice, Input, ReadOptions};
use tinynmf_tests::hostile::sound;
use tinynmf_tests::problem::config;

/// A name for every format.
const NAMES: [&str; 7] = ["v.npy", "v.npz", "v.mtx", "v.mat", "v.wav", "v.csv", "-"];

fn npy() -> Vec<u8> {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }\n";
    let body: Vec<u8> =
        [1f32, 2.0, 3.0, 4.0, 0.5, 6.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\0".as_slice(), &length, header.as_bytes(), &body].concat()
}

/// An archive with one stored file.
fn npz() -> Vec<u8> {
    let (name, content) = (b"v.npy", npy());
    let sum = crc32fast::hash(&content).to_le_bytes();
    let size = (content.len() as u32).to_le_bytes();
    let about =
        [&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..], &sum, &size, &size, &[5, 0, 0, 0]].concat();
    let local = [b"PK\x03\x04", &about[..], name, &content].concat();
    let central = [b"PK\x01\x02\x14\0", &about[..], &[0; 14][..2], &[0; 12], name].concat();
    let counts = [1, 0, 1, 0];
    let places =
        [(central.len() as u32).to_le_bytes(), (local.len() as u32).to_le_bytes()].concat();
    let end = [b"PK\x05\x06\0\0\0\0", &counts[..], &places, &[0, 0]].concat();
    [local, central, end].concat()
}

fn wav() -> Vec<u8> {
    let samples: Vec<u8> = (0..600_i16).flat_map(|k| (k * 50).to_le_bytes()).collect();
    let length = (samples.len() as u32).to_le_bytes();
    let format = [1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0];
    let whole = (samples.len() as u32 + 36).to_le_bytes();
    [b"RIFF", &whole[..], b"WAVEfmt \x10\0\0\0", &format, b"data", &length, &samples].concat()
}

fn mat() -> Vec<u8> {
    let mut bytes = b"MATLAB 5.0 MAT-file".to_vec();
    bytes.resize(124, b' ');
    bytes.extend([0, 1, b'I', b'M']);
    let body = [
        &[6, 0, 0, 0, 8, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0][..],
        &[5, 0, 0, 0, 8, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0],
        &[1, 0, 1, 0, b'v', 0, 0, 0],
        &[2, 0, 4, 0, 1, 2, 3, 4],
    ]
    .concat();
    bytes.extend([14, 0, 0, 0, body.len() as u8, 0, 0, 0]);
    bytes.extend(body);
    bytes
}

/// One good file of every kind.
fn good() -> Vec<(&'static str, Vec<u8>)> {
    let texts = [
        ",a,b\n0,42,31\n1,2,3\n2,32,45\n",
        "V1\tV2\n1\t42\t31\n2\t2\t3\n",
        "# c\n42,5;31,5\n2,5;3,5\n",
        "\"V1\" \"V2\"\n\"x y\" 42 31\n\"z\" 2 3\n",
        "\"1,042,000\",\"1,031\"\n7,8\n",
    ];
    let utf16: Vec<u8> = "\u{feff}a;b\n1;2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let sparse = "%%MatrixMarket matrix coordinate real general\n% c\n3 2 2\n1 1 7\n3 2 0.5\n";
    let array = "%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n";
    let mut files: Vec<(&str, Vec<u8>)> =
        texts.iter().map(|text| ("v.csv", text.as_bytes().to_vec())).collect();
    files.extend([
        ("v.csv", utf16),
        ("v.npy", npy()),
        ("v.npz", npz()),
        ("v.wav", wav()),
        ("v.mat", mat()),
    ]);
    files.extend([sparse, array].map(|text| ("v.mtx", text.as_bytes().to_vec())));
    files
}

/// Reads, and checks the promises of whatever comes out.
fn read(name: &str, bytes: &[u8], options: ReadOptions) {
    let _ = sound(name, Input::from_bytes(name, bytes, options));
}

fn options() -> impl Strategy<Value = ReadOptions> {
    let choice = || prop::sample::select(vec![Choice::Yes, Choice::No, Choice::Auto]);
    (choice(), choice(), any::<bool>()).prop_map(|(header, index, missing)| ReadOptions {
        header,
        index,
        missing,
    })
}

/// Something done to a good file: bytes changed, taken out or put in, and the end cut off.
fn mutated() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let change = (any::<prop::sample::Index>(), 0..4_u8, any::<u8>());
    let changes = prop::collection::vec(change, 1..8);
    (prop::sample::select(good()), changes).prop_map(|((name, mut bytes), changes)| {
        for (at, what, byte) in changes {
            let at = at.index(bytes.len().max(1));
            match what {
                _ if at >= bytes.len() => bytes.push(byte),
                0 => bytes[at] = byte,
                1 => bytes[at] ^= 1 << (byte % 8),
                2 => bytes.insert(at, byte),
                _ => drop(bytes.drain(at..(at + usize::from(byte % 16)).min(bytes.len()))),
            }
        }
        (name, bytes)
    })
}

#[test]
fn good_files_are_good() {
    for (name, bytes) in good() {
        let read = Input::from_bytes(name, &bytes, ReadOptions::default());
        assert!(read.is_ok(), "{name}: {}", read.unwrap_err());
    }
}

#[test]
fn good_files_cut_anywhere_never_panic() {
    for (name, bytes) in good() {
        for end in 0..bytes.len() {
            read(name, &bytes[..end], ReadOptions::default());
        }
    }
}

proptest! {
    #![proptest_config(config(10_000))]

    #[test]
    fn random_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        magic in prop::sample::select(vec![&b""[..], b"\x93NUMPY\x01\0", b"%%MatrixMarket matrix ", b"PK\x03\x04", b"RIFF"]),
        options in options(),
    ) {
        for name in NAMES {
            read(name, &[magic, &bytes].concat(), options);
        }
    }

    #[test]
    fn random_tables_never_panic(text in "[0-9a,;#\"\\t \\n.NA-]{0,80}", options in options()) {
        read("v.csv", text.as_bytes(), options);
    }

    #[test]
    fn mutated_files_never_panic((name, bytes) in mutated(), options in options()) {
        read(name, &bytes, options);
    }
}
