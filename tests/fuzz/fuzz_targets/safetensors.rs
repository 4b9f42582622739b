//! `hostile::safetensors` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = tinynmf_tests::hostile::safetensors(bytes);
});
