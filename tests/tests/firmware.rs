//! The Cortex-M4F image under QEMU does what the host does, bit by bit, and refuses bad input clearly.

use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use tinynmf_core::policy;
use tinynmf_lab::device::{DeviceError, Image, MPS2_AN386, Order, Outcome};

const LIMIT: Duration = Duration::from_mins(2);

static IMAGE: LazyLock<Image> =
    LazyLock::new(|| MPS2_AN386.build().unwrap_or_else(|error| panic!("{error}")));

fn agrees(order: Order<'_>) {
    let Outcome { report, log } = IMAGE.run(order, LIMIT).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((report.rows, report.columns, report.rank), (256, 64, 10));
    assert_eq!((report.epochs, report.seed), (100, 0));
    assert_eq!(report, report.recompute(order).unwrap());
    assert!(report.loss() > 0.0);
    let epochs = log.iter().filter(|line| line.starts_with("epoch ")).count();
    assert_eq!(epochs, 100, "a line every epoch:\n{}", log.join("\n"));
}

/// The log of an image that refuses `order`.
fn refusal(order: Order<'_>) -> String {
    match IMAGE.run(order, LIMIT) {
        Err(DeviceError::Stopped { status, log }) => {
            assert_eq!(status.code(), Some(1), "{log}");
            log
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn bound_has_the_hosts_bits() {
    agrees(Order::Bound);
}

#[test]
fn the_shipped_policy_has_the_hosts_bits() {
    agrees(Order::Shipped);
}

#[test]
fn a_policy_from_a_file_is_the_same_as_from_flash() {
    let [mut from_file, from_flash] = [Order::Policy(policy::SHIPPED), Order::Shipped]
        .map(|order| IMAGE.run(order, LIMIT).unwrap().report);
    assert_eq!(from_file, from_flash);
    from_file.w ^= 1;
    assert_ne!(from_file, from_flash, "reports that differ must compare so");
}

#[test]
fn a_corrupt_policy_is_refused_with_the_reason() {
    let mut corrupt = policy::SHIPPED.to_vec();
    let middle = corrupt.len() / 2;
    corrupt[middle] ^= 1;
    for (blob, reason) in [
        (&*corrupt, "the policy is corrupt: its CRC-32 is"),
        (&policy::SHIPPED[..middle], "truncated"),
        (b"not a policy, but long enough to hold one", "does not begin with TNMF"),
        (&[0; 8193], "more than 8192 bytes"),
    ] {
        let log = refusal(Order::Policy(blob));
        assert!(log.contains(reason), "{reason}: {log}");
    }
}

#[test]
fn a_missing_policy_file_fails_the_run() {
    let output = Command::new(MPS2_AN386.emulator)
        .args(["-machine", MPS2_AN386.machine, "-display", "none", "-semihosting-config"])
        .arg("enable=on,target=native,arg=image,arg=there-is-no-such-file")
        .arg("-kernel")
        .arg(IMAGE.elf())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_run_beyond_its_limit_is_stopped() {
    let stopped = IMAGE.run(Order::Bound, Duration::from_millis(1));
    assert!(matches!(stopped, Err(DeviceError::Timeout { .. })), "{stopped:?}");
}
