//! Policy update in the field: whenever the power goes, the old or the new policy is there.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tinynmf_core::policy::{PolicyError, SCHEDULE, SHIPPED};
use tinynmf_core::{Data, Nmf, Rule, Settings};
use tinynmf_slots::{AnyPolicy, AsyncSlots, LayoutError, Slot, SlotError, Slots};
use tinynmf_tests::blobs::{repair, untrained};
use tinynmf_tests::flash::{Flash, TEARS};
use tinynmf_tests::slow_flash::Slow;

/// The blob that a boot finds, and its sequence number.
fn boot<const R: usize, const W: usize, const E: usize>(
    flash: &mut Flash<R, W, E>,
    layout: [u32; 2],
) -> Option<(Vec<u8>, u32)> {
    let mut buffer = [0; 4096];
    let mut slots = Slots::new(flash, layout[0], layout[1]).unwrap();
    let installed = slots.load(&mut buffer).unwrap()?;
    Some((installed.policy.blob().to_vec(), installed.place.sequence))
}

fn install<const R: usize, const W: usize, const E: usize>(
    flash: &mut Flash<R, W, E>,
    layout: [u32; 2],
    blob: &[u8],
) -> Result<(), SlotError> {
    let mut buffer = [0; 4096];
    Slots::new(flash, layout[0], layout[1]).unwrap().install(blob, &mut buffer).map(|_| ())
}

/// The same with a flash that others have the core from meanwhile; `None` where the future is dropped after `polls`.
fn install_slowly<const R: usize, const W: usize, const E: usize>(
    flash: &mut Flash<R, W, E>,
    layout: [u32; 2],
    blob: &[u8],
    polls: usize,
) -> Option<Result<(), SlotError>> {
    let mut buffer = [0; 4096];
    let mut slots = AsyncSlots::new(Slow(flash), layout[0], layout[1]).unwrap();
    let mut work = pin!(slots.install(blob, &mut buffer));
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).find_map(|_| match work.as_mut().poll(&mut context) {
        Poll::Ready(result) => Some(result.map(|_| ())),
        Poll::Pending => None,
    })
}

/// The same to its end.
fn install_in_turns<const R: usize, const W: usize, const E: usize>(
    flash: &mut Flash<R, W, E>,
    layout: [u32; 2],
    blob: &[u8],
) -> Result<(), SlotError> {
    install_slowly(flash, layout, blob, usize::MAX).unwrap()
}

/// Updates `old` to `new` with the power cut at every `stride`th byte that is erased or written; then once
/// more, with a second cut on the way.
fn survives<const R: usize, const W: usize, const E: usize>(
    [old, new]: [&[u8]; 2],
    layout: [u32; 2],
    stride: usize,
) {
    survives_with(install::<R, W, E>, [old, new], layout, stride);
}

/// The same for a kind of update.
fn survives_with<const R: usize, const W: usize, const E: usize>(
    install: impl Fn(&mut Flash<R, W, E>, [u32; 2], &[u8]) -> Result<(), SlotError>,
    [old, new]: [&[u8]; 2],
    layout: [u32; 2],
    stride: usize,
) {
    let mut before = Flash::<R, W, E>::new((layout[0] + 2 * layout[1]) as usize);
    // Both slots have been in use: the one to be erased holds an intact, older policy.
    for blob in [new, old] {
        install(&mut before, layout, blob).unwrap();
    }
    let mut after = before.clone();
    install(&mut after, layout, new).unwrap();
    let cost = after.done - before.done;
    assert!(
        cost > layout[1] as usize + new.len(),
        "every byte of erase and write is a place to cut"
    );

    let found = |flash: &mut Flash<R, W, E>, at: &str| {
        let (blob, sequence) = boot(flash, layout).unwrap_or_else(|| panic!("no policy, {at}"));
        match sequence {
            1 => assert!(blob == old, "not the old policy, {at}"),
            2 => assert!(blob == new, "not the new policy, {at}"),
            _ => panic!("sequence {sequence}, {at}"),
        }
        sequence
    };
    for tear in TEARS {
        for cut in (0..cost).step_by(stride) {
            let at = format!("cut at byte {cut} of {cost}, {tear:?}");
            let mut flash = before.clone();
            flash.cut_after(cut, tear);
            assert!(install(&mut flash, layout, new).is_err(), "{at}");
            flash.restore();
            // The head's last word may be torn and still be whole; what follows it is padding.
            let padding = 20_usize.next_multiple_of(R.max(W)) - 20;
            let sequence = found(&mut flash, &at);
            assert!(sequence == 1 || cut + W + padding >= cost, "{at}");

            flash.cut_after((cut * 7919) % cost, TEARS[cut % TEARS.len()]);
            install(&mut flash, layout, new).unwrap_err();
            flash.restore();
            let (again, _) = boot(&mut flash, layout).unwrap_or_else(|| panic!("no policy, {at}"));
            assert!(again == old || again == new, "{at}, and again");
            install(&mut flash, layout, new).unwrap();
            assert!(boot(&mut flash, layout).unwrap().0 == new, "{at}, and in the end");
        }
    }
}

#[test]
fn a_cut_at_any_byte_leaves_the_old_or_the_new_policy() {
    let [old, new] = [untrained(&[1], 1), untrained(&[2], 2)];
    // nRF52; RP2040; STM32L4; a flash with large words, slots of several sectors, not at the start.
    survives::<1, 4, 512>([&old, &new], [0, 512], 1);
    survives::<1, 1, 512>([&new, &old], [0, 512], 1);
    survives::<1, 8, 256>([&old, &new], [256, 512], 1);
    survives::<4, 32, 128>([&old, &new], [128, 384], 1);
    survives::<256, 16, 512>([&old, &new], [512, 1024], 1);
}

#[test]
fn the_shipped_policy_survives_a_cut_too() {
    let other = untrained(&[24, 24], 3);
    let stride = if cfg!(debug_assertions) { 61 } else { 1 };
    survives::<1, 4, 4096>([&other, SHIPPED], [4096, 4096], stride);
}

/// From one kind of policy to the other, and back.
#[test]
fn a_policy_of_schedules_survives_a_cut_too() {
    let steps = untrained(&[1], 1);
    survives::<1, 4, 512>([&steps, SCHEDULE], [0, 512], 1);
    survives_with::<256, 16, 512>(install_in_turns, [SCHEDULE, &steps], [512, 1024], 1);
}

/// A boot gets the rule that the blob is made for, and no bits of another.
#[test]
fn a_slot_holds_either_kind_of_policy() {
    let bits = |mut rule: Rule<'_>| {
        let readings: [u8; 12] = [9, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9];
        let mut nmf = Nmf::<4, 3, 2>::new(Settings { horizon: 5, ..Settings::default() }).unwrap();
        let mut run = nmf.run(Data::new(&readings, 4, 3, 1.0).unwrap()).unwrap();
        (0..5).for_each(|_| {
            run.epoch(&mut rule);
        });
        run.w().iter().map(|w| w.to_bits()).collect::<Vec<_>>()
    };
    let mut flash = Flash::<1, 4, 4096>::new(8192);
    let mut slots = Slots::new(&mut flash, 0, 4096).unwrap();
    let mut buffer = [0; 4096];
    for blob in [SCHEDULE, SHIPPED, SCHEDULE] {
        slots.install(blob, &mut buffer).unwrap();
        let policy = slots.load(&mut buffer).unwrap().unwrap().policy;
        assert_eq!(matches!(policy, AnyPolicy::Schedule(_)), blob == SCHEDULE);
        let checksum = u32::from_le_bytes(*blob.last_chunk().unwrap());
        assert_eq!((policy.blob(), policy.checksum()), (blob, checksum));
        assert_eq!(bits(policy.into_rule()), bits(Rule::asking(blob).unwrap()));
    }
    assert_ne!(bits(Rule::asking(SCHEDULE).unwrap()), bits(Rule::asking(SHIPPED).unwrap()));
}

#[test]
fn an_update_that_waits_survives_cuts() {
    let [old, new] = [untrained(&[1], 1), untrained(&[2], 2)];
    let stride = if cfg!(debug_assertions) { 61 } else { 1 };
    survives_with::<1, 4, 512>(install_in_turns, [&old, &new], [0, 512], stride);
    survives_with::<256, 16, 512>(install_in_turns, [&new, &old], [512, 1024], stride);
}

/// A task that is dropped at any wait leaves what a power cut leaves there.
#[test]
fn an_update_that_is_dropped_leaves_the_old_or_the_new_policy() {
    let [old, new] = [untrained(&[1], 1), untrained(&[2], 2)];
    let mut before = Flash::<1, 4, 512>::new(1024);
    for blob in [&new, &old] {
        install(&mut before, [0, 512], blob).unwrap();
    }
    let mut waits = 0;
    loop {
        let mut flash = before.clone();
        if let Some(result) = install_slowly(&mut flash, [0, 512], &new, waits) {
            result.unwrap();
            assert_eq!(boot(&mut flash, [0, 512]).unwrap(), (new.clone(), 2));
            break;
        }
        let (found, sequence) = boot(&mut flash, [0, 512]).unwrap();
        // The last waits are for the head to be read back.
        assert!((&found, sequence) == (&old, 1) || (&found, sequence) == (&new, 2), "{waits}");
        install(&mut flash, [0, 512], &new).unwrap();
        assert_eq!(boot(&mut flash, [0, 512]).unwrap().0, new, "{waits}");
        waits += 1;
    }
    assert!(waits > new.len() / 4, "every word is a place to stop: {waits}");
}

#[test]
fn a_first_update_that_is_cut_leaves_nothing_or_the_policy() {
    let blob = untrained(&[1], 1);
    let layout = [0, 512];
    for tear in TEARS {
        for cut in 0.. {
            let mut flash = Flash::<1, 4, 512>::new(1024);
            flash.cut_after(cut, tear);
            if install(&mut flash, layout, &blob).is_ok() {
                assert!(cut > 512 + blob.len());
                break;
            }
            flash.restore();
            assert!(boot(&mut flash, layout).is_none_or(|(found, _)| found == blob));
            install(&mut flash, layout, &blob).unwrap();
            assert_eq!(boot(&mut flash, layout).unwrap().0, blob);
        }
    }
}

#[test]
fn what_is_refused_erases_nothing() {
    let good = untrained(&[2], 2);
    let forged = |change: fn(&mut Vec<u8>)| {
        let mut blob = good.clone();
        change(&mut blob);
        repair(&mut blob);
        blob
    };
    let mut corrupt = good.clone();
    corrupt[40] ^= 4;
    let mut flash = Flash::<1, 4, 512>::new(1024);
    install(&mut flash, [0, 512], &good).unwrap();
    let before = flash.bytes.clone();
    let done = flash.done;
    let mut refusal = |blob: &[u8]| {
        let reason = install(&mut flash, [0, 512], blob).unwrap_err();
        assert_eq!((&flash.bytes, flash.done), (&before, done), "{reason}");
        reason
    };

    assert!(matches!(refusal(&corrupt), SlotError::Policy(PolicyError::Checksum { .. })));
    let truncated = refusal(&good[..good.len() - 1]);
    assert!(matches!(truncated, SlotError::Policy(PolicyError::Length { .. })), "{truncated}");
    assert_eq!(refusal(&[]), SlotError::Policy(PolicyError::Truncated { found: 0 }));
    assert_eq!(refusal(&forged(|b| b[0] = b'P')), SlotError::Policy(PolicyError::Magic));
    let future = refusal(&forged(|b| b[4] = 9));
    assert_eq!(future, SlotError::Policy(PolicyError::Version(9)));
    assert_eq!(future.to_string(), "policy format version 9 is not supported by this build");
    assert_eq!(refusal(&forged(|b| b[6] = 7)), SlotError::Policy(PolicyError::Observations(7)));
    assert_eq!(refusal(&forged(|b| b[12] = 4)), SlotError::Policy(PolicyError::Shape));
    let range = refusal(&forged(|b| b[16..20].copy_from_slice(&f32::NAN.to_le_bytes())));
    assert_eq!(range, SlotError::Policy(PolicyError::Range));
    let mut corrupt = SCHEDULE.to_vec();
    corrupt[40] ^= 4;
    assert!(matches!(refusal(&corrupt), SlotError::Policy(PolicyError::Checksum { .. })));
    corrupt[12] ^= 1;
    repair(&mut corrupt);
    assert_eq!(refusal(&corrupt), SlotError::Policy(PolicyError::Shape));
    let long = refusal(SHIPPED);
    assert_eq!(long, SlotError::TooLong { capacity: 492, found: SHIPPED.len() });
    assert!(long.to_string().contains("a slot takes 492"));

    // A buffer that cannot take the installed policy must not make it look like none.
    let mut slots = Slots::new(&mut flash, 0, 512).unwrap();
    let small = SlotError::Buffer { needed: good.len(), found: 100 };
    assert_eq!(slots.load(&mut [0; 100]).unwrap_err(), small);
    assert_eq!(slots.install(&good, &mut [0; 100]).unwrap_err(), small);
    assert_eq!(flash.done, done);
}

#[test]
fn slots_that_do_not_suit_the_flash_are_refused() {
    let refusal = |first, size| {
        Slots::new(Flash::<1, 4, 512>::new(2048), first, size).map(|_| ()).unwrap_err()
    };
    assert_eq!(refusal(100, 512), LayoutError::Sectors { sector: 512 });
    assert_eq!(refusal(0, 700), LayoutError::Sectors { sector: 512 });
    assert_eq!(refusal(0, 0), LayoutError::Empty);
    assert_eq!(refusal(1536, 512), LayoutError::Beyond { end: 2560, capacity: 2048 });
    assert_eq!(
        refusal(512, u32::MAX - 511),
        LayoutError::Beyond { end: 8_589_934_080, capacity: 2048 }
    );
}

#[test]
fn updates_alternate_and_the_newest_is_found_after_the_counter_has_wrapped() {
    let mut flash = Flash::<1, 4, 512>::new(1024);
    let mut buffer = [0; 512];
    let blobs = [0, 1, 2, 3].map(|seed| untrained(&[1], seed));
    for (k, blob) in blobs.iter().enumerate() {
        let mut slots = Slots::new(&mut flash, 0, 512).unwrap();
        assert_eq!(slots.capacity(), 492);
        let place = slots.install(blob, &mut buffer).unwrap();
        let slot = if k % 2 == 0 { Slot::A } else { Slot::B };
        assert_eq!((place.slot, place.sequence), (slot, k as u32));
        let installed = slots.load(&mut buffer).unwrap().unwrap();
        assert_eq!((installed.policy.blob(), installed.place), (&blob[..], place));
        // In place, as from mapped flash.
        let at = place.offset as usize;
        assert_eq!(flash.bytes[at..at + place.length as usize], blob[..]);
    }
    // Sequence numbers 2 and 3 become -1 and 0.
    for (start, sequence) in [(0, u32::MAX), (512, 0)] {
        let head = &mut flash.bytes[start..start + 20];
        head[4..8].copy_from_slice(&sequence.to_le_bytes());
        repair(head);
    }
    assert_eq!(boot(&mut flash, [0, 512]).unwrap(), (blobs[3].clone(), 0));
    install(&mut flash, [0, 512], &blobs[0]).unwrap();
    assert_eq!(boot(&mut flash, [0, 512]).unwrap(), (blobs[0].clone(), 1));
}

/// A build that is older than the newest policy falls back, and its own updates are still the newest.
#[test]
fn a_policy_of_another_build_is_passed_over() {
    let mut flash = Flash::<1, 4, 512>::new(1024);
    let blobs = [0, 1, 2].map(|seed| untrained(&[1], seed));
    install(&mut flash, [0, 512], &blobs[0]).unwrap();
    install(&mut flash, [0, 512], &blobs[1]).unwrap();
    let newest = &mut flash.bytes[512 + 20..512 + 20 + blobs[1].len()];
    newest[4] = 2;
    repair(newest);
    assert_eq!(boot(&mut flash, [0, 512]).unwrap(), (blobs[0].clone(), 0));
    install(&mut flash, [0, 512], &blobs[2]).unwrap();
    assert_eq!(boot(&mut flash, [0, 512]).unwrap(), (blobs[2].clone(), 1));
}

/// However far the sequence numbers are apart: the unreadable one is gone once it is written over.
#[test]
fn an_update_is_the_newest_whatever_number_an_unreadable_slot_has() {
    let blobs = [0, 1, 2].map(|seed| untrained(&[1], seed));
    for sequence in [1, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
        let mut flash = Flash::<1, 4, 512>::new(1024);
        install(&mut flash, [0, 512], &blobs[0]).unwrap();
        install(&mut flash, [0, 512], &blobs[1]).unwrap();
        let (head, blob) = flash.bytes[512..].split_at_mut(20);
        head[4..8].copy_from_slice(&sequence.to_le_bytes());
        repair(head);
        blob[9] ^= 1;
        assert_eq!(boot(&mut flash, [0, 512]).unwrap().0, blobs[0]);
        install(&mut flash, [0, 512], &blobs[2]).unwrap();
        assert_eq!(boot(&mut flash, [0, 512]).unwrap().0, blobs[2], "{sequence:#x}");
    }
}

#[test]
fn a_worn_out_slot_is_noticed_and_the_old_policy_stays() {
    let [old, new] = [untrained(&[1], 1), untrained(&[1], 2)];
    let mut flash = Flash::<1, 4, 512>::new(1024);
    install(&mut flash, [0, 512], &old).unwrap();
    for worn in [512 + 10, 512 + 20, 512 + 20 + 100] {
        flash.worn = Some(worn);
        assert_eq!(install(&mut flash, [0, 512], &new).unwrap_err(), SlotError::Verify);
        assert_eq!(boot(&mut flash, [0, 512]).unwrap(), (old.clone(), 0));
    }
}
